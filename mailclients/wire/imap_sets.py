"""Sets of message numbers as a server sends them: kept as ranges, in the order given.

Immutable once made; any thread may read them.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from operator import sub
from typing import Final

from mailclients.errors import RemoteProtocolError, escape
from mailclients.wire.buffer import DEFAULT_LIMITS

__all__ = ["MAX_NUMBER", "NumberSet"]

MAX_NUMBER: Final = 4294967295  # RFC 9051 section 9, nz-number: 32 bits
_CHUNK: Final = 64 * 1024
_NUMBERS: Final = re.compile(rb"[0-9 ]*\Z")
_RANGE: Final = re.compile(rb"([0-9]{1,10})(?::([0-9]{1,10}))?\Z")
_LONG: Final = re.compile(rb"[0-9]{11}")


class NumberSet:
    """Numbers from 1 to 4294967295 as runs, in the order in which the server named them.

    A million numbers in a row cost as much as one; ``1:4294967295`` is never expanded.
    Iterating is refused beyond a limit (see `iterate`), so that no answer of a few bytes can
    keep a program busy for hours; `ranges`, ``in`` and ``len`` always work.
    """

    __slots__ = ("_firsts", "_lasts", "_length", "_merged")

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        firsts: array[int] = array("I")
        lasts: array[int] = array("I")
        for first, last in ranges:
            if not 1 <= first <= last <= MAX_NUMBER:
                raise RemoteProtocolError(
                    f"the server named the message numbers {first}:{last}, outside 1 to {MAX_NUMBER}"
                )
            if lasts and lasts[-1] == first - 1:
                lasts[-1] = last
            else:
                firsts.append(first)
                lasts.append(last)
        self._set(firsts, lasts)

    def _set(self, firsts: array[int], lasts: array[int]) -> None:
        self._firsts = firsts
        self._lasts = lasts
        self._length = sum(lasts) - sum(firsts) + len(firsts)
        self._merged: tuple[array[int], array[int]] | None = None

    @classmethod
    def from_text(cls, text: bytes | str) -> NumberSet:
        """Read a sequence set such as ``1:3,7`` (RFC 9051 section 9, without ``*``).

        Raises:
            RemoteProtocolError: it is not one, or a number lies outside 1 to 4294967295.
        """
        raw = text.encode("ascii", "replace") if isinstance(text, str) else text
        return cls(_read_ranges(raw))

    @classmethod
    def from_numbers(cls, text: bytes) -> NumberSet:
        """Read numbers separated by spaces, as in SEARCH and SORT; the order is kept.

        Raises:
            RemoteProtocolError: something else is among them, or a number is out of range.
        """
        firsts: array[int] = array("I")
        lasts: array[int] = array("I")
        first = last = 0
        start, size = 0, len(text)
        # In pieces, so that a long answer does not become millions of objects at once.
        while start < size:
            stop = text.find(b" ", start + _CHUNK)
            chunk = text[start : stop if stop >= 0 else size]
            start += len(chunk)
            if _NUMBERS.match(chunk) is None or _LONG.search(chunk) is not None:
                raise RemoteProtocolError("the server sent something else among message numbers")
            numbers = list(map(int, chunk.split()))
            if numbers and (min(numbers) < 1 or max(numbers) > MAX_NUMBER):
                raise RemoteProtocolError(
                    f"the server sent a message number outside 1 to {MAX_NUMBER} in a list of numbers"
                )
            # Without neighbours, as after most searches, there is nothing to put together.
            if 1 not in map(sub, numbers[1:], numbers) and numbers and numbers[0] != last + 1:
                if last:
                    firsts.append(first)
                    lasts.append(last)
                firsts.extend(numbers[:-1])
                lasts.extend(numbers[:-1])
                first = last = numbers[-1]
                continue
            for number in numbers:
                if number == last + 1 and last:
                    last = number
                else:
                    if last:
                        firsts.append(first)
                        lasts.append(last)
                    first = last = number
        if last:
            firsts.append(first)
            lasts.append(last)
        result = cls.__new__(cls)
        result._set(firsts, lasts)
        return result

    @property
    def ranges(self) -> Iterator[tuple[int, int]]:
        """The runs as (first, last), both included, in the order given."""
        return zip(self._firsts, self._lasts, strict=True)

    def __len__(self) -> int:
        return self._length

    def __bool__(self) -> bool:
        return self._length > 0

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int) or not self._firsts:
            return False
        firsts, lasts = self._merged or self._merge()
        index = bisect_right(firsts, number) - 1
        return index >= 0 and number <= lasts[index]

    def _merge(self) -> tuple[array[int], array[int]]:
        firsts: array[int] = array("I")
        lasts: array[int] = array("I")
        for first, last in sorted(self.ranges):
            if lasts and first <= lasts[-1] + 1:
                lasts[-1] = max(lasts[-1], last)
            else:
                firsts.append(first)
                lasts.append(last)
        self._merged = firsts, lasts
        return self._merged

    def __iter__(self) -> Iterator[int]:
        return self.iterate()

    def iterate(self, limit: int = DEFAULT_LIMITS.expansion) -> Iterator[int]:
        """All numbers one by one, in the order given.

        Args:
            limit: how many there may be.

        Raises:
            RemoteProtocolError: there are more; raised at once, before the first number.
        """
        if self._length > limit:
            raise RemoteProtocolError(
                f"the server named a set of {self._length} messages; at most {limit} are expanded"
            )
        return (n for first, last in self.ranges for n in range(first, last + 1))

    def to_text(self) -> str:
        """The set in protocol form, ``1:3,7``."""
        return ",".join(str(a) if a == b else f"{a}:{b}" for a, b in self.ranges)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NumberSet):
            return NotImplemented
        return self._firsts == other._firsts and self._lasts == other._lasts

    def __hash__(self) -> int:
        return hash((self._firsts.tobytes(), self._lasts.tobytes()))

    def __repr__(self) -> str:
        if len(self._firsts) > 8:
            return f"<NumberSet of {self._length} in {len(self._firsts)} ranges>"
        return f"NumberSet.from_text({self.to_text()!r})"


def _read_ranges(text: bytes) -> Iterator[tuple[int, int]]:
    if not text:
        raise RemoteProtocolError("the server sent an empty set of message numbers")
    start, size = 0, len(text)
    while start <= size:
        stop = text.find(b",", start + _CHUNK)
        chunk = text[start : stop if stop >= 0 else size]
        start += len(chunk) + 1
        for item in chunk.split(b","):
            match = _RANGE.match(item)
            if match is None:
                raise RemoteProtocolError(
                    f'the server sent "{escape(item[:40])}" where a set of message numbers belongs'
                )
            low, high = match.groups()
            first = int(low)
            last = first if high is None else int(high)
            yield (first, last) if first <= last else (last, first)
