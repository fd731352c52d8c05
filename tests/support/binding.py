"""Clients that bind the arguments of a call and go no further, to see what a public method makes of them."""

from __future__ import annotations

from typing import Any

from mailclients.client import CredentialsByHostClient
from mailclients.signatures import Operation


class Binding(CredentialsByHostClient):
    """Put before a public class among the bases of a test's client; `bound` is what the last call came to."""

    def _configure(self, **settings: Any) -> None:
        self.bound: Any = None

    def _call(self, operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self.bound = operation.bind(args, kwargs)

    def _begin(self, operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self.bound = operation.bind_begin(args, kwargs)
