"""The .NET shapes that programs carry over: wait handles, the thread pool, events with ``+=``.

Owns the state of all wait handles of the process, guarded by one re-entrant lock (`_guard`) that is
held for a few instructions and never while waiting or while foreign code runs; one lock for all makes
``wait_all`` take everything or nothing without ordering locks. `ThreadPool` has a lock of its own, and
so has each `Event`. Any thread may enter any of it at any time; a signal handler or a finalizer that
sets an event while its own thread is inside is served by that thread on its way out.
"""

from __future__ import annotations

import logging
import os
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from enum import IntEnum
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, cast, overload

from typing_extensions import Self, TypeVar

from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
    AsposeInvalidOperationException,
    ObjectDisposedException,
)
from mailclients.names import HintedABCMeta, HintedEnumMeta, NamesHinted

__all__ = [
    "AsyncCallback",
    "AutoResetEvent",
    "ClassValue",
    "CompletionEvent",
    "Event",
    "EventArgs",
    "EventHandler",
    "EventResetMode",
    "EventSlot",
    "EventWaitHandle",
    "IDisposable",
    "ManualResetEvent",
    "ThreadPool",
    "Timeout",
    "WaitCallback",
    "WaitHandle",
    "to_seconds",
]

_log = logging.getLogger("mailclients.dotnet")

Timeout = int | timedelta
"""A time as .NET developers pass it: whole milliseconds, -1 for ever, or a `timedelta`."""

_HandleT_contra = TypeVar("_HandleT_contra", contravariant=True, default=Any)
_ValueT = TypeVar("_ValueT")
_ArgsT = TypeVar("_ArgsT", default="EventArgs")
_HandlerT = TypeVar("_HandlerT", bound=Callable[..., object])


def to_seconds(timeout: Timeout, name: str = "timeout") -> float | None:
    """Turn a time as it is passed to the documented methods into seconds.

    Args:
        timeout: whole milliseconds, -1 for ever; or a `timedelta`, minus one millisecond for ever.
        name: the parameter's name, for the error message.

    Returns:
        Seconds, or None for no limit.

    Raises:
        AsposeArgumentNullException: the timeout is None.
        ArgumentTypeError: it is neither an int (bool does not count) nor a timedelta.
        AsposeArgumentOutOfRangeException: it is below -1 millisecond, or between -1 and 0.
    """
    if timeout is None:
        raise AsposeArgumentNullException(f"{name} is None: pass milliseconds, or -1 to wait for ever")
    if isinstance(timeout, timedelta):
        if timeout == timedelta(milliseconds=-1):
            return None
        seconds = timeout.total_seconds()
    elif isinstance(timeout, bool) or not isinstance(timeout, int):
        raise ArgumentTypeError(f"{name} must be an int of milliseconds or a timedelta, not {type(timeout).__name__}")
    elif timeout == -1:
        return None
    else:
        try:
            seconds = timeout / 1000
        except OverflowError as exc:
            raise AsposeArgumentOutOfRangeException(
                f"{name} is out of range: a number of {timeout.bit_length()} bits"
            ) from exc
    if seconds < 0:
        raise AsposeArgumentOutOfRangeException(
            f"{name} is {timeout!r}: pass 0 or more milliseconds, or -1 to wait for ever"
        )
    return seconds


class IDisposable(ABC):
    """Something that is given back with `dispose`, or by leaving a ``with`` block (.NET: ``IDisposable``)."""

    __slots__ = ()

    @abstractmethod
    def dispose(self) -> None:
        """Give back what the object holds; a second call does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.dispose()


class ClassValue(Generic[_ValueT]):
    """A documented static property: a new value each time, so that changing one changes no other."""

    def __init__(self, make: Callable[[], _ValueT], doc: str) -> None:
        self._make = make
        self.__doc__ = doc

    def __get__(self, instance: object, owner: type) -> _ValueT:
        return self._make()

    def __set__(self, instance: object, value: _ValueT) -> None:
        raise AttributeError("this is a default that cannot be set; make an object of your own")


# --- wait handles -------------------------------------------------------------------------------


class _Guard:
    """The lock over all wait handles, with what was set while its owner was interrupted inside.

    A finalizer or signal handler may run between any two instructions, in the thread that holds the
    lock. Its `set` is queued in `pending` and done before the outer frame lets go.
    """

    __slots__ = ("_depth", "_lock", "generation", "pending")

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self.pending: deque[EventWaitHandle] = deque()
        self.generation = 0

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1

    def __exit__(self, *exc_info: object) -> None:
        try:
            if self._depth == 1:
                while self.pending:
                    self.pending.popleft()._signal()
        finally:
            self._depth -= 1
            self._lock.release()

    def renew(self) -> None:
        """Start again in a forked child: the threads that held or waited for anything are not there."""
        self._lock = threading.RLock()
        self._depth = 0
        self.pending.clear()
        self.generation += 1


_guard = _Guard()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_guard.renew)

_CLOSED: Final = -1


class _Waiter:
    """One thread that waits for one, any or all of some handles."""

    __slots__ = ("generation", "handles", "outcome", "wake", "want_all")

    def __init__(self, handles: tuple[WaitHandle, ...], want_all: bool) -> None:
        self.handles = handles
        self.want_all = want_all
        self.outcome: int | None = None  # the index taken (0 for all), or _CLOSED
        self.generation = _guard.generation
        self.wake = threading.Lock()
        self.wake.acquire()

    def attempt(self) -> bool:
        """Take what is wanted if it is there. Called with the guard held; wakes the thread once."""
        if self.outcome is not None or self.generation != _guard.generation:
            return False
        if any(handle._closed for handle in self.handles):
            self._finish(_CLOSED)
            return True
        if self.want_all:
            if not all(handle._is_signaled() for handle in self.handles):
                return False
            for handle in self.handles:
                handle._take()
            self._finish(0)
            return True
        for index, handle in enumerate(self.handles):
            if handle._is_signaled():
                handle._take()
                self._finish(index)
                return True
        return False

    def give_back(self) -> None:
        """Undo a successful attempt whose thread was interrupted before it could use it."""
        if self.outcome is None or self.outcome == _CLOSED:
            return
        for handle in self.handles if self.want_all else (self.handles[self.outcome],):
            handle._put_back()

    def _finish(self, outcome: int) -> None:
        self.outcome = outcome
        self.wake.release()


class WaitHandle(NamesHinted, IDisposable, metaclass=HintedABCMeta):
    """Something threads can wait for (.NET: ``System.Threading.WaitHandle``).

    Waiting never polls. Timeouts are whole milliseconds, -1 for ever, or a `timedelta`. A wait that
    ends in KeyboardInterrupt takes nothing.
    """

    __slots__ = ("__weakref__", "_closed", "_waiters")

    WAIT_TIMEOUT: Final = 258
    """What `wait_any` returns when nothing was signalled in time."""

    def __init__(self) -> None:
        self._closed = False
        self._waiters: dict[_Waiter, None] = {}  # in the order in which they came

    def _is_signaled(self) -> bool:
        raise NotImplementedError

    def _take(self) -> None:
        """Note that one waiter was let through. Called with the guard held."""

    def _put_back(self) -> None:
        """Undo `_take`. Called with the guard held."""

    def _about_to_wait(self) -> None:
        """The calling thread is about to wait for it. Called without the guard."""

    def wait_one(self, timeout: Timeout = -1) -> bool:
        """Wait until the handle is signalled (.NET: ``WaitHandle.WaitOne``).

        Args:
            timeout: milliseconds, -1 for ever, or a `timedelta`; 0 only looks.

        Returns:
            True if it was signalled, False if the time ran out.

        Raises:
            ArgumentTypeError, AsposeArgumentOutOfRangeException: the timeout is unusable.
            ObjectDisposedException: the handle was closed, before or during the wait.
        """
        return _wait((self,), False, to_seconds(timeout)) is not None

    @staticmethod
    def wait_any(handles: Iterable[WaitHandle], timeout: Timeout = -1) -> int:
        """Wait until one of the handles is signalled (.NET: ``WaitHandle.WaitAny``).

        Args:
            handles: at least one handle. Only the one whose index is returned is taken from.
            timeout: milliseconds, -1 for ever, or a `timedelta`.

        Returns:
            The index of the first signalled handle, or `WAIT_TIMEOUT`.

        Raises:
            ArgumentTypeError, AsposeArgumentException: handles or timeout are unusable.
            ObjectDisposedException: one of the handles was closed.
        """
        index = _wait(_checked(handles), False, to_seconds(timeout))
        return WaitHandle.WAIT_TIMEOUT if index is None else index

    @staticmethod
    def wait_all(handles: Iterable[WaitHandle], timeout: Timeout = -1) -> bool:
        """Wait until all of the handles are signalled at once (.NET: ``WaitHandle.WaitAll``).

        Args:
            handles: at least one handle, none twice. Either all are taken from or none.
            timeout: milliseconds, -1 for ever, or a `timedelta`.

        Returns:
            True if all were signalled, False if the time ran out.

        Raises:
            ArgumentTypeError, AsposeArgumentException: handles or timeout are unusable.
            ObjectDisposedException: one of the handles was closed.
        """
        checked = _checked(handles)
        if len(set(checked)) != len(checked):
            raise AsposeArgumentException("wait_all: the same handle is given twice; pass each once")
        return _wait(checked, True, to_seconds(timeout)) is not None

    def close(self) -> None:
        """Close the handle (.NET: ``WaitHandle.Close``); threads that wait for it get the disposed error."""
        with _guard:
            self._closed = True
            for waiter in tuple(self._waiters):
                waiter.attempt()

    def dispose(self) -> None:
        """Do what `close` does."""
        self.close()


def _checked(handles: Iterable[WaitHandle]) -> tuple[WaitHandle, ...]:
    """The handles as a tuple, or an argument error that says which one is wrong."""
    if handles is None:
        raise AsposeArgumentNullException("handles is None: pass wait handles")
    try:
        found = tuple(handles)
    except TypeError as exc:
        raise ArgumentTypeError(f"handles must be wait handles, not {type(handles).__name__}") from exc
    if not found:
        raise AsposeArgumentException("handles is empty: pass at least one wait handle")
    for index, handle in enumerate(found):
        if not isinstance(handle, WaitHandle):
            raise ArgumentTypeError(
                f"handles[{index}] must be a WaitHandle, not {type(handle).__name__}"
                + ("; pass its async_wait_handle" if hasattr(handle, "async_wait_handle") else "")
            )
    return found


def _wait(handles: tuple[WaitHandle, ...], want_all: bool, seconds: float | None) -> int | None:
    """Wait; the index taken (0 for all), or None when the time ran out."""
    waiter = _Waiter(handles, want_all)
    try:
        with _guard:
            if not waiter.attempt():
                if seconds == 0:
                    return None
                for handle in handles:
                    handle._waiters[waiter] = None
        if waiter.outcome is None:
            for handle in handles:
                handle._about_to_wait()
            waiter.wake.acquire(timeout=-1 if seconds is None else min(seconds, threading.TIMEOUT_MAX))
        with _guard:  # a set may have come after the time ran out and before this: then it counts
            outcome = waiter.outcome
            for handle in handles:
                handle._waiters.pop(waiter, None)
    except BaseException:
        with _guard:
            for handle in handles:
                handle._waiters.pop(waiter, None)
            waiter.give_back()
        raise
    if outcome == _CLOSED:
        raise ObjectDisposedException("the wait handle was closed")
    return outcome


class EventResetMode(IntEnum, metaclass=HintedEnumMeta):
    """What happens when a waiter passes an event (.NET: ``System.Threading.EventResetMode``)."""

    AUTO_RESET = 0
    MANUAL_RESET = 1


class EventWaitHandle(WaitHandle):
    """An event that is set and reset by hand or by the waiter it lets through (.NET: ``EventWaitHandle``).

    Args:
        initial_state: whether it is signalled from the start.
        mode: `EventResetMode.AUTO_RESET` lets one waiter through a set, `MANUAL_RESET` all.
    """

    __slots__ = ("_auto", "_signaled")

    def __init__(self, initial_state: bool, mode: EventResetMode) -> None:
        super().__init__()
        if initial_state is None:
            raise AsposeArgumentNullException(
                f"{type(self).__name__}(initial_state: bool) needs its state: True if it is set from the start"
            )
        if not isinstance(initial_state, bool):
            raise ArgumentTypeError(f"initial_state must be a bool, not {type(initial_state).__name__}")
        self._signaled = initial_state
        self._auto = EventResetMode(mode) is EventResetMode.AUTO_RESET

    def set(self) -> bool:
        """Signal the event (.NET: ``EventWaitHandle.Set``).

        Raises:
            ObjectDisposedException: it was closed.
        """
        if self._closed:
            raise ObjectDisposedException("the wait handle was closed")
        _guard.pending.append(self)
        with _guard:  # leaving it serves what is pending
            pass
        return True

    def reset(self) -> bool:
        """Take the signal back (.NET: ``EventWaitHandle.Reset``).

        Raises:
            ObjectDisposedException: it was closed.
        """
        if self._closed:
            raise ObjectDisposedException("the wait handle was closed")
        with _guard:
            self._signaled = False
        return True

    def _signal(self) -> None:
        self._signaled = True
        for waiter in tuple(self._waiters):
            if waiter.attempt():
                self._waiters.pop(waiter, None)
                if not self._signaled:
                    return

    def _is_signaled(self) -> bool:
        return self._signaled

    def _take(self) -> None:
        if self._auto:
            self._signaled = False

    def _put_back(self) -> None:
        if self._auto:
            self._signal()

    def __repr__(self) -> str:
        state = "closed" if self._closed else "set" if self._signaled else "unset"
        return f"<{type(self).__name__} {state} waiting={len(self._waiters)}>"


class AutoResetEvent(EventWaitHandle):
    """An event that lets exactly one waiter through each set (.NET: ``AutoResetEvent``)."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __init__(self, initial_state: bool) -> None: ...

    else:  # leaving the state out shall say what is missing

        def __init__(self, initial_state=None):
            super().__init__(initial_state, EventResetMode.AUTO_RESET)


class ManualResetEvent(EventWaitHandle):
    """An event that lets everybody through until it is reset (.NET: ``ManualResetEvent``)."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __init__(self, initial_state: bool) -> None: ...

    else:  # leaving the state out shall say what is missing

        def __init__(self, initial_state=None):
            super().__init__(initial_state, EventResetMode.MANUAL_RESET)


class CompletionEvent(ManualResetEvent):
    """The wait handle of an operation: once set it stays set, whatever its holder calls on it.

    `reset` is ignored and returns False; `close` is ignored too, since programs close the handle
    they waited for while others may still look at it.
    """

    __slots__ = ()

    def __init__(self, initial_state: bool = False) -> None:
        super().__init__(initial_state)

    def reset(self) -> bool:
        """Do nothing: what is finished stays finished.

        Returns:
            False.
        """
        return False

    def close(self) -> None:
        """Do nothing; the handle costs nothing once nobody refers to it."""


# --- delegates and events -----------------------------------------------------------------------


class AsyncCallback(Generic[_HandleT_contra]):
    """What is called when an operation is done (.NET: ``System.AsyncCallback``).

    Every callable that takes the handle will do; wrapping one is optional.

    Args:
        callback: takes the operation's handle.
    """

    __slots__ = ("_callback",)

    def __init__(self, callback: Callable[[_HandleT_contra], object]) -> None:
        self._callback = _callable(callback, "callback")

    def __call__(self, async_result: _HandleT_contra) -> None:
        self._callback(async_result)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AsyncCallback):
            return NotImplemented
        mine: object = self._callback
        theirs: object = cast("Any", other)._callback
        return mine == theirs

    def __hash__(self) -> int:
        return hash(self._callback)

    def __repr__(self) -> str:
        return f"AsyncCallback({_name_of(self._callback)})"


class EventArgs(NamesHinted):
    """What an event tells its handlers (.NET: ``System.EventArgs``)."""

    EMPTY: ClassVar[EventArgs]


EventArgs.EMPTY = EventArgs()

EventHandler = Callable[[Any, _ArgsT], object]
"""A handler of an event: takes the sender and the arguments (.NET: ``EventHandler<TEventArgs>``)."""


class HandlerList(Generic[_HandlerT]):
    """Handlers that are added with ``+=`` and taken away with ``-=``, in the order in which they were added.

    The list changes as a whole, so a handler added or removed during a call counts from the next one. The same
    handler may be added several times; ``-=`` takes the last one away and ignores one that is not there, as in .NET.

    Args:
        name: the event's name, for `repr` and the log.
    """

    __slots__ = ("_handlers", "_lock", "_name")

    def __init__(self, name: str = "event") -> None:
        self._name = name
        self._lock = threading.Lock()
        self._handlers: tuple[_HandlerT, ...] = ()

    def __iadd__(self, handler: _HandlerT) -> Self:
        _callable(handler, "handler")
        with self._lock:
            self._handlers = (*self._handlers, handler)
        return self

    def __isub__(self, handler: _HandlerT) -> Self:
        with self._lock:
            kept = list(self._handlers)
            for index in range(len(kept) - 1, -1, -1):
                if kept[index] == handler:  # equality, not identity: bound methods are made anew each time
                    del kept[index]
                    break
            self._handlers = tuple(kept)
        return self

    def __bool__(self) -> bool:
        return bool(self._handlers)

    def __len__(self) -> int:
        return len(self._handlers)

    def __iter__(self) -> Iterator[_HandlerT]:
        return iter(self._handlers)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name} handlers={len(self._handlers)}>"


class Event(HandlerList[Callable[[Any, _ArgsT], object]], Generic[_ArgsT]):
    """An event whose handlers are told who raises it and what happened (.NET: ``event``):
    ``client.on_connect += handler``."""

    __slots__ = ()

    def __call__(self, sender: Any, args: _ArgsT) -> None:
        """Call the handlers in this thread; what one raises ends the round, as in .NET.

        Args:
            sender: who raises the event.
            args: what it tells.
        """
        for handler in self._handlers:
            handler(sender, args)

    def fire(self, sender: Any, args: _ArgsT) -> None:
        """Call the handlers in this thread; what one raises, SystemExit too, is logged and harms nothing.

        Args:
            sender: who raises the event.
            args: what it tells.
        """
        for handler in self._handlers:
            _call_logged("a handler of " + self._name, handler, sender, args)


class EventSlot(Generic[_ArgsT]):
    """An event as a member of a class: ``on_connect = EventSlot[ConnectArgs]()``.

    Each instance gets its `Event` when it is first asked for. Assigning is allowed only as the second
    half of ``+=`` and ``-=``.
    """

    __slots__ = ("_name",)

    def __init__(self) -> None:
        self._name = "event"

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Event[_ArgsT]: ...
    def __get__(self, instance: object | None, owner: type) -> Self | Event[_ArgsT]:
        if instance is None:
            return self
        own = vars(instance)
        event = own.get(self._name)
        if event is None:
            event = own.setdefault(self._name, Event[_ArgsT](self._name))  # one winner among threads
        return cast("Event[_ArgsT]", event)

    def __set__(self, instance: object, value: Event[_ArgsT]) -> None:
        if value is not self.__get__(instance, type(instance)):
            raise AsposeInvalidOperationException(
                f"{self._name} cannot be replaced: add a handler with += and remove it with -="
            )


# --- thread pool --------------------------------------------------------------------------------

WaitCallback = Callable[[Any], object]
"""A work item of the thread pool: takes the state (.NET: ``System.Threading.WaitCallback``)."""


class _WorkerPool:
    """Daemon threads that are made when work waits and end when there is none for a while."""

    __slots__ = ("_idle", "_idle_seconds", "_items", "_lock", "_maximum", "_serial", "_wakeup", "_workers")

    def __init__(self, maximum: int, idle_seconds: float) -> None:
        self._maximum = maximum
        self._idle_seconds = idle_seconds
        self._serial = 0
        self._workers: set[threading.Thread] = set()
        self._items: deque[tuple[WaitCallback, object]] = deque()
        self.renew()

    def renew(self) -> None:
        """Begin empty; in a forked child the workers are gone and their work belongs to the parent."""
        self._lock = threading.Lock()
        self._wakeup = threading.Condition(self._lock)
        self._workers.clear()
        self._items.clear()
        self._idle = 0

    def submit(self, callback: WaitCallback, state: object) -> None:
        """Queue a work item; starts a worker unless an idle one will take it."""
        with self._lock:
            self._items.append((callback, state))
            if self._idle >= len(self._items):
                self._wakeup.notify()
                return
            if len(self._workers) >= self._maximum:
                return
            self._serial += 1
            worker = threading.Thread(target=self._work, name=f"mailclients-pool-{self._serial}", daemon=True)
            self._workers.add(worker)
            try:
                worker.start()
            except BaseException:
                self._workers.discard(worker)
                if self._workers:
                    _log.warning("no further pool thread can be started; %d go on", len(self._workers))
                    return
                self._items.pop()
                raise

    def retire(self, timeout: float | None = None) -> bool:
        """Let the idle workers end now; True if none is left after `timeout` seconds."""
        with self._lock:
            workers = tuple(self._workers)
            kept, self._idle_seconds = self._idle_seconds, 0.0
            self._wakeup.notify_all()
        for worker in workers:
            worker.join(timeout)
        with self._lock:
            self._idle_seconds = kept
            return not self._workers

    def _work(self) -> None:
        me = threading.current_thread()
        while True:
            with self._lock:
                while not self._items:
                    if self._idle_seconds <= 0 or not self._await_item():
                        self._workers.discard(me)
                        return
                callback, state = self._items.popleft()
            _call_logged("a work item of the thread pool", callback, state)
            del callback, state  # an idle worker keeps nothing alive

    def _await_item(self) -> bool:
        self._idle += 1
        try:
            return self._wakeup.wait(self._idle_seconds) or bool(self._items)
        finally:
            self._idle -= 1


_pool = _WorkerPool(maximum=1000, idle_seconds=10.0)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.renew)


class ThreadPool(NamesHinted):
    """The process-wide pool of background threads (.NET: ``System.Threading.ThreadPool``).

    Its threads are daemons made on demand, up to 1000 at a time, and end after ten seconds without work.
    """

    @staticmethod
    def queue_user_work_item(callback: WaitCallback, state: object = None) -> bool:
        """Run ``callback(state)`` on a thread of the pool (.NET: ``ThreadPool.QueueUserWorkItem``).

        Args:
            callback: takes the state. What it raises is logged and harms nothing.
            state: handed to the callback as it is.

        Returns:
            True: the item is queued.

        Raises:
            ArgumentTypeError: the callback cannot be called.
            RuntimeError: the system gives no thread at all.
        """
        _pool.submit(_callable(callback, "callback"), state)
        return True


_CallableT = TypeVar("_CallableT", bound=Callable[..., object])


def _callable(value: _CallableT, name: str) -> _CallableT:
    if value is None:
        raise AsposeArgumentNullException(f"{name} is None: pass something that can be called")
    if not callable(value):
        raise ArgumentTypeError(f"{name} must be callable, not {type(value).__name__}")
    return value


def _call_logged(what: str, function: Callable[..., object], *args: object) -> None:
    """Call foreign code; nothing it raises gets out, SystemExit and KeyboardInterrupt included."""
    try:
        function(*args)
    except BaseException:  # noqa: BLE001 - a thread of ours must outlive what it calls
        _log.exception("%s failed: %s", what, _name_of(function))


def _name_of(function: object) -> str:
    """A callable's name for the log; never its repr, which may show bound secrets."""
    return str(getattr(function, "__qualname__", type(function).__name__))
