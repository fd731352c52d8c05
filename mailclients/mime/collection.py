"""The list type of the documented library, which address lists, attachments and message infos are made of.

A collection belongs to its callers. Reading it needs no lock; threads that change one agree on its
`sync_root`, which is made at its first use under a lock of this module.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import ClassVar, Final, Generic, TypeVar, cast, overload

from mailclients.errors import ArgumentTypeError, AsposeArgumentOutOfRangeException
from mailclients.names import NamesHinted

__all__ = ["Collection"]

_T = TypeVar("_T")
_sync_roots: Final = threading.Lock()  # held while a collection gets its lock


class Collection(NamesHinted, Generic[_T]):
    """A list with the members of .NET's ``Collection<T>``: `count` is a number, `remove` gives a bool.

    Args:
        items: what it holds at first.

    Raises:
        ArgumentTypeError: an item is not of the kind that a subclass holds.
    """

    __slots__ = ("__weakref__", "_items", "_sync_root")

    _kind: ClassVar[type | None] = None  # of the items, where a wrong one would be found out much later only

    def __init__(self, items: Iterable[_T] = ()) -> None:
        self._items: list[_T] = self._checked(items)
        self._sync_root: object = None

    @property
    def count(self) -> int:
        """How many items there are."""
        return len(self._items)

    @property
    def sync_root(self) -> object:
        """An object to hold while several threads change the collection; a re-entrant lock."""
        if self._sync_root is None:
            made = threading.RLock()
            with _sync_roots:
                if self._sync_root is None:
                    self._sync_root = made
        return self._sync_root

    def _checked(self, items: Iterable[_T]) -> list[_T]:
        found = list(items)
        if self._kind is not None:
            for item in found:
                if not isinstance(item, self._kind):
                    raise ArgumentTypeError(
                        f"{type(self).__name__} takes {self._kind.__name__}, not {type(item).__name__}"
                    )
        return found

    def add(self, item: _T) -> None:
        """Append an item."""
        self._items += self._checked((item,))

    append = add

    def add_range(self, items: Iterable[_T]) -> None:
        """Append items."""
        self._items += self._checked(items)

    extend = add_range

    def insert(self, index: int, item: _T) -> None:
        """Put an item before the one at `index`."""
        self._items[index:index] = self._checked((item,))

    def remove(self, item: _T) -> bool:
        """Remove the first equal item; False if there is none."""
        try:
            self._items.remove(item)
        except ValueError:
            return False
        return True

    def remove_at(self, index: int) -> None:
        """Remove the item at `index`.

        Raises:
            AsposeArgumentOutOfRangeException: there is none.
        """
        if not 0 <= index < len(self._items):
            raise AsposeArgumentOutOfRangeException(f"index {index} of {len(self._items)} items")
        del self._items[index]

    def clear(self) -> None:
        """Remove all items."""
        self._items.clear()

    def contains(self, item: object) -> bool:
        """Tell whether an equal item is there."""
        return item in self._items

    def index_of(self, item: _T) -> int:
        """Give the position of the first equal item, or -1."""
        try:
            return self._items.index(item)
        except ValueError:
            return -1

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[_T]:
        return iter(self._items)

    def __reversed__(self) -> Iterator[_T]:
        return reversed(self._items)

    def __contains__(self, item: object) -> bool:
        return item in self._items

    @overload
    def __getitem__(self, index: int) -> _T: ...
    @overload
    def __getitem__(self, index: slice) -> list[_T]: ...
    def __getitem__(self, index: int | slice) -> _T | list[_T]:
        return self._items[index]

    def __setitem__(self, index: int, item: _T) -> None:
        (self._items[index],) = self._checked((item,))

    def __delitem__(self, index: int) -> None:
        del self._items[index]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Collection):
            return self._items == list(cast("Collection[object]", other))
        if isinstance(other, list):
            return self._items == other
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"<{type(self).__name__} count={len(self._items)}>"
