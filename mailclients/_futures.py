"""The `concurrent.futures.Future` of a handle, made only when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mailclients.handles import AsyncOperation


class OperationFuture(Future[Any]):
    """Follows a handle; its `cancel` is the client's ``cancel_async_operation``."""

    def __init__(self, handle: AsyncOperation[Any]) -> None:
        super().__init__()
        self._handle = handle

    def cancel(self) -> bool:
        if not self._handle.is_completed:
            self._handle.owner._cancel_handle(self._handle)
        return self._handle.is_canceled

    def follow(self) -> None:
        """Takes over how the handle ended."""
        handle = self._handle
        if handle.is_canceled:
            super().cancel()
            self.set_running_or_notify_cancel()
            return
        try:
            result = handle.owner._end_of(handle)
        except BaseException as error:  # noqa: BLE001 - whatever the operation ended with
            self.set_exception(error)
        else:
            self.set_result(result)

    def add_done_callback(self, fn: Callable[[Future[Any]], object]) -> None:
        """As the base class does, but on a callback thread: the completing thread drives a connection."""
        if self.done():
            super().add_done_callback(fn)
        else:
            super().add_done_callback(partial(self._handle.owner._run_aside, fn))

    def result(self, timeout: float | None = None) -> Any:
        if not self.done():
            self._handle.owner._waiting_for(self._handle)
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        if not self.done():
            self._handle.owner._waiting_for(self._handle)
        return super().exception(timeout)
