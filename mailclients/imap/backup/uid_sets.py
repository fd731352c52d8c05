"""Which messages a store has: unique ids as runs, a few bytes each however many there are.

An object belongs to the operation that made it; no lock.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator

__all__ = ["UidSet"]


class UidSet:
    """A set of unique ids that is cheap when they come in ascending order, as they do."""

    __slots__ = ("_count", "_first", "_last")

    def __init__(self) -> None:
        self._first = array("I")
        self._last = array("I")
        self._count = 0

    def add(self, uid: int) -> bool:
        """Takes an id in; False if it was there."""
        place = bisect_right(self._first, uid)
        if place and uid <= self._last[place - 1]:
            return False
        self._count += 1
        joins_before = place > 0 and self._last[place - 1] == uid - 1
        joins_after = place < len(self._first) and self._first[place] == uid + 1
        if joins_before and joins_after:
            self._last[place - 1] = self._last[place]
            del self._first[place], self._last[place]
        elif joins_before:
            self._last[place - 1] = uid
        elif joins_after:
            self._first[place] = uid
        else:
            self._first.insert(place, uid)
            self._last.insert(place, uid)
        return True

    def runs(self) -> Iterator[tuple[int, int]]:
        """The first and the last id of each run, in ascending order."""
        return zip(self._first, self._last, strict=True)

    def __contains__(self, uid: int) -> bool:
        place = bisect_right(self._first, uid)
        return place > 0 and uid <= self._last[place - 1]

    def __len__(self) -> int:
        return self._count

    def __repr__(self) -> str:
        return f"<UidSet of {self._count} in {len(self._first)} runs>"
