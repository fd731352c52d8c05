"""Clients that bind the arguments of a call and go no further, to see what a public method makes of them."""

from __future__ import annotations

from typing import Any

from mailclients.client import CredentialsByHostClient
from mailclients.signatures import Operation


class Binding(CredentialsByHostClient):
    """Put before a public class among the bases of a test's client."""

    _bound: Any = None

    def what_comes_of(self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What a call of a public method comes to."""
        self._bound = None
        getattr(self, method)(*args, **kwargs)
        return self._bound

    def _configure(self, **settings: Any) -> None:
        """Nothing is ever connected."""

    def _call(self, operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._bound = operation.bind(args, kwargs)

    def _begin(self, operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._bound = operation.bind_begin(args, kwargs)
