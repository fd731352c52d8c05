"""What the generated ImapClient stands on. The engine's side of the client is written here by hand."""

from __future__ import annotations

from typing import Any

from mailclients.handles import IAsyncResult
from mailclients.signatures import Operation, Out

__all__ = ["ImapClientBase"]


class ImapClientBase:
    """Runs the operations that the generated class hands to it."""

    def _configure(self, **settings: Any) -> None:
        """Takes the constructor's arguments, each absent when it was left out."""
        raise NotImplementedError

    def _call(self, operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Runs an operation and returns ``operation.finish_call(result, bound)``."""
        raise NotImplementedError

    def _begin(self, operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Begins an operation and returns its handle."""
        raise NotImplementedError

    def _end(self, operation: Operation, async_result: IAsyncResult, out: Out[Any] | None = None) -> Any:
        """Waits for a begun operation and returns ``operation.finish_end(result, out)``."""
        raise NotImplementedError
