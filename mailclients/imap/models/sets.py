"""Which messages a call is about, normalised. Immutable; any thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mailclients.errors import AsposeArgumentException, AsposeArgumentOutOfRangeException

__all__ = [
    "MessageSet",
]


class MessageSet:
    """Which messages a call is about: ids in the order given, or one range. Not to be changed.

    Attributes:
        by_uid: whether the numbers are unique ids; else they are sequence numbers.
        ids: the numbers, duplicates kept; None for a range.
        ranges: first and last number of a range, both included; None for ids.
    """

    __slots__ = ("by_uid", "ids", "ranges")

    def __init__(self, by_uid: bool, ids: tuple[int, ...] | None = None, ranges: tuple[int, int] | None = None) -> None:
        if (ids is None) == (ranges is None):
            raise AsposeArgumentException("a MessageSet has either ids or a range")
        if ranges is not None and not 0 < ranges[0] <= ranges[1]:
            raise AsposeArgumentOutOfRangeException(f"a range goes upwards from 1, not {ranges}")
        self.by_uid = by_uid
        self.ids = ids
        self.ranges = ranges

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MessageSet):
            return NotImplemented
        return (self.by_uid, self.ids, self.ranges) == (other.by_uid, other.ids, other.ranges)

    def __hash__(self) -> int:
        return hash((self.by_uid, self.ids, self.ranges))

    def __repr__(self) -> str:
        kind = "uid" if self.by_uid else "sequence"
        return f"<MessageSet {kind} {self.compact() if len(self) < 20 else f'of {len(self)}'}>"

    @property
    def is_range(self) -> bool:
        """Whether this is a range."""
        return self.ranges is not None

    @property
    def single(self) -> int | None:
        """The number, if there is exactly one."""
        if self.ids is not None:
            return self.ids[0] if len(self.ids) == 1 else None
        first, last = self._range()
        return first if first == last else None

    @property
    def numbers(self) -> Sequence[int]:
        """The numbers in the order given; of a range without counting it out."""
        if self.ids is not None:
            return self.ids
        first, last = self._range()
        return range(first, last + 1)

    def compact(self) -> str:
        """Give the set as IMAP writes it, sorted and joined: ``"1:3,7"``; empty for no ids."""
        return ",".join(self._pieces())

    def chunks(self, max_bytes: int) -> Iterator[str]:
        """Give the set in several texts (RFC 9051 section 9, sequence-set).

        Args:
            max_bytes: how long a text may be; at least 21, which any single piece fits in.

        Raises:
            AsposeArgumentOutOfRangeException: `max_bytes` is below 21.
        """
        if max_bytes < 21:
            raise AsposeArgumentOutOfRangeException(f"max_bytes is {max_bytes}: pass 21 or more")
        return self._chunks(max_bytes)

    def _chunks(self, max_bytes: int) -> Iterator[str]:
        pieces: list[str] = []
        length = 0
        for piece in self._pieces():
            if pieces and length + 1 + len(piece) > max_bytes:
                yield ",".join(pieces)
                pieces, length = [], 0
            length += len(piece) + (1 if pieces else 0)
            pieces.append(piece)
        if pieces:
            yield ",".join(pieces)

    def _pieces(self) -> Iterator[str]:
        if self.ids is None:
            first, last = self._range()
            yield _piece(first, last)
            return
        first = last = 0
        for number in sorted(set(self.ids)):
            if first and number == last + 1:
                last = number
                continue
            if first:
                yield _piece(first, last)
            first = last = number
        if first:
            yield _piece(first, last)

    def _range(self) -> tuple[int, int]:
        assert self.ranges is not None  # __post_init__: ids or a range
        return self.ranges

    def __len__(self) -> int:
        if self.ids is not None:
            return len(self.ids)
        first, last = self._range()
        return last - first + 1

    def __bool__(self) -> bool:
        return self.ids is None or bool(self.ids)

    def __iter__(self) -> Iterator[int]:
        if self.ids is not None:
            return iter(self.ids)
        first, last = self._range()
        return iter(range(first, last + 1))

    def __contains__(self, number: object) -> bool:
        if self.ids is not None:
            return number in self.ids
        first, last = self._range()
        return isinstance(number, int) and first <= number <= last


def _piece(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}:{last}"
