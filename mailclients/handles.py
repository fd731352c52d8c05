"""Handles of begun operations: `IAsyncResult`, `IAsyncResultExt` and the one type behind them.

A handle completes exactly once. What guards it is one lock for the whole module, held for a few
instructions at a time, so that a queued handle needs neither a lock nor an event of its own: the
wait handle, the future and waiting threads come into being when they are asked for. Handles are
completed by the engine's threads and read by any thread.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import os
import threading
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, cast

from typing_extensions import TypeVar

from mailclients.dotnet import CompletionEvent, WaitHandle, to_seconds
from mailclients.errors import MailClientError, OperationCanceledException, TimeoutException
from mailclients.names import HintedABCMeta, NamesHinted

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["AsyncOperation", "HandleOwner", "IAsyncResult", "IAsyncResultExt"]

log = logging.getLogger("mailclients.handles")

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True, default=Any)


class IAsyncResult(NamesHinted, metaclass=HintedABCMeta):
    """A begun operation (.NET: ``System.IAsyncResult``)."""

    __slots__ = ()

    @property
    @abstractmethod
    def is_completed(self) -> bool:
        """Whether the operation has ended: with a result, an error, or cancelled."""

    @property
    @abstractmethod
    def completed_synchronously(self) -> bool:
        """Always False: begun work runs on the client's own threads."""

    @property
    @abstractmethod
    def async_state(self) -> Any:
        """The `state` given to the begin method."""

    @property
    @abstractmethod
    def async_wait_handle(self) -> WaitHandle:
        """A wait handle that is set when the operation has ended and stays set."""


class IAsyncResultExt(IAsyncResult, Generic[T_co]):
    """What the begin methods return (.NET: ``IAsyncResultExt``).

    Beyond .NET a handle has a `future` and can be awaited in any asyncio loop.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def error_info(self) -> BaseException | None:
        """The error the operation ended with, or None."""

    @property
    @abstractmethod
    def is_canceled(self) -> bool:
        """Whether the operation was cancelled."""

    @property
    @abstractmethod
    def future(self) -> Future[T_co]:
        """A `concurrent.futures.Future` that follows the operation; cancelling it cancels the operation.

        Of a cancelled operation it raises `concurrent.futures.CancelledError`, as futures do; the end method and
        ``await`` raise `OperationCanceledException`, which is one.
        """

    @abstractmethod
    def __await__(self) -> Generator[Any, Any, T_co]:
        """Waits without blocking the loop and gives what the end method gives, or raises what it raises."""
        ...


class HandleOwner(ABC):
    """What a handle needs of the client that made it."""

    @abstractmethod
    def _handle_completed(self, handle: AsyncOperation[Any]) -> None:
        """Runs the callback of a handle that has just completed, on a callback thread."""

    @abstractmethod
    def _cancel_handle(self, handle: AsyncOperation[Any]) -> bool:
        """Cancels the operation if it still can be; tells whether it ended as cancelled."""

    @abstractmethod
    def _end_of(self, handle: AsyncOperation[Any]) -> Any:
        """What the end method gives for a handle that has completed, or raises."""

    @abstractmethod
    def _run_aside(self, function: Callable[[Any], object], argument: Any) -> None:
        """Runs ``function(argument)`` on a callback thread."""

    @abstractmethod
    def _waiting_for(self, handle: AsyncOperation[Any]) -> None:
        """The calling thread is about to wait for the handle."""


_PENDING, _DONE, _FAILED, _CANCELLED = range(4)
_STATUS = ("pending", "completed", "failed", "canceled")

# Re-entrant: the garbage collector may run somebody's `__del__` in the middle, which may end other operations.
_lock = threading.RLock()


class _Completion(CompletionEvent):
    """The wait handle of a handle."""

    __slots__ = ("_handle",)

    def __init__(self, handle: AsyncOperation[Any]) -> None:
        super().__init__()
        self._handle = weakref.ref(handle)  # the handle has this one

    def _about_to_wait(self) -> None:
        handle = self._handle()
        if handle is not None and not handle.is_completed:
            handle.owner._waiting_for(handle)


class AsyncOperation(IAsyncResultExt[T]):
    """The one handle type; made by the client, completed by the engine.

    Attributes:
        operation: the name of the begun method without ``begin_`` (``"fetch_message"``).
        owner: the client. callback: what to call once after completion, or None.
        task: the work behind the handle, the engine's or another's; None once it has completed.
    """

    __slots__ = (
        "__weakref__",
        "_extras",
        "_state",
        "_status",
        "_value",
        "_waiters",
        "callback",
        "operation",
        "owner",
        "task",
    )

    def __init__(
        self, owner: HandleOwner, operation: str, callback: Callable[[Any], object] | None, state: object
    ) -> None:
        self.owner = owner
        self.operation = operation
        self.callback = callback
        self.task: Any = None
        self._state = state
        self._status = _PENDING
        self._value: Any = None
        self._waiters: list[Callable[[], object]] | None = None
        self._extras: dict[str, Any] | None = None

    # -- reading ------------------------------------------------------------------------------

    @property
    def is_completed(self) -> bool:
        return self._status != _PENDING

    @property
    def completed_synchronously(self) -> bool:
        return False

    @property
    def async_state(self) -> Any:
        return self._state

    @property
    def error_info(self) -> BaseException | None:
        return cast("BaseException", self._value) if self._status in (_FAILED, _CANCELLED) else None

    @property
    def is_canceled(self) -> bool:
        return self._status == _CANCELLED

    @property
    def async_wait_handle(self) -> WaitHandle:
        extras = self._extras
        if extras is not None and (event := extras.get("event")) is not None:
            return cast("WaitHandle", event)
        made = _Completion(self)
        with _lock:
            event = self._remember("event", made)
            pending = self._status == _PENDING and event is made
            if pending:
                # First in line: the wait handle is set before anybody else is told.
                self._waiters = [made.set, *(self._waiters or ())]
        if not pending and event is made:
            made.set()
        return cast("WaitHandle", event)

    @property
    def future(self) -> Future[T]:
        extras = self._extras
        if extras is not None and (known := extras.get("future")) is not None:
            return cast("Future[T]", known)
        from mailclients._futures import OperationFuture  # asked for by few: not loaded for all

        if self._status == _PENDING:
            self.owner._waiting_for(self)
        made = OperationFuture(self)
        with _lock:
            known = self._remember("future", made)
        if known is made:
            self.add_waiter(made.follow)
        return cast("Future[T]", known)

    def _remember(self, key: str, value: object) -> object:
        if self._extras is None:
            self._extras = {}
        return self._extras.setdefault(key, value)

    # -- waiting ------------------------------------------------------------------------------

    def add_waiter(self, function: Callable[[], object]) -> None:
        """Calls `function` when the operation has completed; at once if it has."""
        with _lock:
            if self._status == _PENDING:
                if self._waiters is None:
                    self._waiters = []
                self._waiters.append(function)
                return
        function()

    def remove_waiter(self, function: Callable[[], object]) -> None:
        """Forgets a waiter that no longer waits."""
        with _lock:
            if self._waiters is not None and function in self._waiters:
                self._waiters.remove(function)

    def wait(self, timeout: int | timedelta | None = None) -> bool:
        """Waits for completion, at most `timeout` milliseconds (None or -1: for ever)."""
        if self._status != _PENDING:
            return True
        self.owner._waiting_for(self)
        seconds = None if timeout is None else to_seconds(timeout)
        latch = threading.Lock()
        latch.acquire()
        release = latch.release
        self.add_waiter(release)
        try:
            if latch.acquire(timeout=-1 if seconds is None else min(seconds, threading.TIMEOUT_MAX)):
                return True
        finally:
            self.remove_waiter(release)
        return self._status != _PENDING

    def result(self, timeout: int | timedelta | None = None) -> T:
        """Waits and returns the result, or raises the error; the same again each time.

        Raises:
            TimeoutException: `timeout` milliseconds were over first; the operation goes on.
        """
        if self._status == _PENDING and not self.wait(timeout):
            raise TimeoutException(f"{self.operation} is still running after {timeout} ms")
        if self._status == _DONE:
            return cast("T", self._value)
        raise fresh(self._value) from self._value

    def __await__(self) -> Generator[Any, Any, T]:
        if self._status == _PENDING:
            import asyncio  # only who awaits has paid for it already

            loop = asyncio.get_running_loop()
            arrived = loop.create_future()

            def arrive() -> None:
                if not arrived.done():
                    arrived.set_result(None)

            def tell() -> None:
                # A loop that was closed has nobody left who waits.
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(arrive)

            self.owner._waiting_for(self)
            self.add_waiter(tell)
            try:
                yield from arrived
            finally:
                self.remove_waiter(tell)
        return cast("T", self.owner._end_of(self))

    # -- completing: the engine's side ----------------------------------------------------------

    def complete(self, value: T) -> bool:
        """Ends the operation with a result. False if it had ended already."""
        return self._finish(_DONE, value)

    def fail(self, error: BaseException) -> bool:
        """Ends the operation with an error. False if it had ended already."""
        return self._finish(_FAILED, error)

    def cancel(
        self, why: str = "the operation was cancelled", *, error: OperationCanceledException | None = None
    ) -> bool:
        """Ends the operation as cancelled, with an error of its own if one is given. False if it had ended already."""
        return self._finish(_CANCELLED, error or OperationCanceledException(f"{self.operation}: {why}"))

    def try_cancel(self, why: str = "the operation was cancelled") -> bool:
        """Like `cancel`, but nobody is told until `tell` is called; safe under a lock of the engine."""
        return self._settle(_CANCELLED, OperationCanceledException(f"{self.operation}: {why}"))

    def _finish(self, status: int, value: Any) -> bool:
        try:
            settled = self._settle(status, value)
            if settled:
                self.tell()
        except BaseException:
            if self._status == status and self._value is value:
                self.tell()  # this thread was interrupted when the operation had ended, and perhaps nobody knew yet
            raise
        return settled

    def _settle(self, status: int, value: Any) -> bool:
        with _lock:
            if self._status != _PENDING:
                return False
            self._value = value
            self._status = status
            self.task = None
            return True

    def tell(self) -> None:
        """Tells whoever waits, then has the callback run; by whoever settled the handle."""
        with _lock:
            waiters = tuple(self._waiters or ())
        told = 0
        try:
            for waiter in waiters:
                self._call(waiter)
                told += 1
        except BaseException:
            # This thread was interrupted, those that wait were not; one of them may be told twice.
            for waiter in waiters[told:]:
                self._call(waiter)
            raise
        finally:
            self._waiters = None
            self.owner._handle_completed(self)

    def take_callback(self) -> Callable[[Any], object] | None:
        """The callback, for the one who asks first."""
        with _lock:
            callback, self.callback = self.callback, None
        return callback

    def _call(self, waiter: Callable[[], object]) -> None:
        try:
            waiter()
        except Exception:
            log.exception("a waiter of %s failed", self.operation)

    def __repr__(self) -> str:
        task = self.task
        doing = f" {task.describe()}" if self._status == _PENDING and task is not None else ""
        error = f" {type(self._value).__name__}" if self._status == _FAILED else ""
        return f"<{type(self).__name__} {self.operation} {_STATUS[self._status]}{error}{doing}>"


class LocalWork:
    """The work behind a handle where it needs no connection; a callback thread does it."""

    __slots__ = ("_handle", "_work")

    def __init__(self, handle: AsyncOperation[Any], work: Callable[[], Any]) -> None:
        self._handle = handle
        self._work: Callable[[], Any] | None = work
        handle.task = self

    def _take(self) -> Callable[[], Any] | None:
        """The work, for the first who asks: whoever does it, or whoever cancels it."""
        with _lock:
            work, self._work = self._work, None
            return work

    def run(self, _: object) -> None:
        """Does the work unless it was cancelled."""
        work = self._take()
        if work is None:
            return
        try:
            value = work()
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the operation's error
            self._handle.fail(error)
        else:
            self._handle.complete(value)

    def cancel(self) -> bool:
        """Cancels what has not begun; True if it ended as cancelled."""
        if self._take() is not None:
            self._handle.cancel()
        return self._handle.is_canceled

    def describe(self) -> str:
        """For people: how far it is."""
        return "queued" if self._work is not None else "running"


def fresh(error: BaseException) -> BaseException:
    """A new exception like `error`, so that raising it twice mixes up no traceback."""
    try:
        twin = copy.copy(error)
    except Exception:  # noqa: BLE001 - an exception of somebody else's that cannot be copied
        twin = error
    if type(twin) is not type(error) or twin is error:
        return MailClientError(f"{type(error).__name__}: {error}")
    twin.__traceback__ = None
    return twin


def _forget_after_fork() -> None:
    global _lock
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
