"""What callers hand to methods besides plain values: connections, holders, streams, providers of tokens.

Types alone, which own nothing but the value of an `Out`: no lock, any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, runtime_checkable

from mailclients.names import NamesChecked

if TYPE_CHECKING:
    from types import TracebackType
    from typing import TypeAlias

    from typing_extensions import Self

    from mailclients.dotnet import AsyncCallback
    from mailclients.handles import IAsyncResultExt

__all__ = ["IConnection", "ITokenProvider", "Out", "SupportsWrite"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class _Collection(Protocol[T_co]):
    """What lists, tuples, sets, ranges and views share and str and bytes do not: they ask any object in."""

    def __contains__(self, item: object, /) -> bool: ...

    def __iter__(self) -> Iterator[T_co]: ...


if TYPE_CHECKING:
    IdCollection: TypeAlias = _Collection[T] | Iterator[T]
    """Several ids: any collection or iterator of them, but never a str, which is one id."""

    Callback: TypeAlias = Callable[[IAsyncResultExt[T]], object] | AsyncCallback[IAsyncResultExt[T]] | None
    """Told when an operation is complete: any callable that takes the handle."""


class Out(NamesChecked, Generic[T]):
    """Receives what .NET hands back through an ``out`` parameter.

    Pass an empty one; when the call is back, `value` holds what it stored::

        found = Out[ImapFolderInfo]()
        if client.exist_folder("Archive", found):
            print(found.value)

    Attributes:
        value: what was stored, or None when there is nothing to store.
    """

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: T | None = None

    def __repr__(self) -> str:
        return f"Out({self.value!r})"


@runtime_checkable
class IConnection(Protocol):
    """A connection as callers hold it (.NET: ``IConnection``); `create_connection` makes them."""

    @property
    def connection_id(self) -> int:
        """Number of the connection, unique within its client."""
        ...

    @property
    def is_disposed(self) -> bool:
        """Whether it was given back."""
        ...

    def dispose(self) -> None:
        """Gives the connection back. Calling it again does nothing."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> bool | None: ...


class ITokenProvider(Protocol):
    """Gives access tokens (.NET: ``ITokenProvider``)."""

    def get_access_token(self, ignore_existing_token: bool = False, /) -> Any:
        """A token: an object with the attribute `token`, or the token itself as a str.

        Args:
            ignore_existing_token: whether to ask for a new one even if the last is still valid.
        """
        ...


class SupportsWrite(Protocol):
    """A binary stream as far as it is needed: a file opened with ``"wb"``, ``io.BytesIO``, ..."""

    def write(self, data: bytes, /) -> object: ...
