"""Header fields: finding them in bytes (RFC 5322 section 2.2) and keeping them in order, `HeaderCollection`.

A collection belongs to its callers: there is no lock, and changing one in several threads at once needs
one of theirs. Values stay as they were received; what is asked for is unfolded or decoded then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, overload

from mailclients.errors import AsposeArgumentException, AsposeArgumentOutOfRangeException
from mailclients.mime.encoded_words import decode_header_text
from mailclients.mime.line_ends import refuse_line_breaks, unfold
from mailclients.names import NamesHinted

__all__ = ["HeaderCollection", "unfolded_lines"]

MAX_LABEL: Final = 400  # bytes before the colon, white space included

_FIELD_NAME: Final = re.compile(r"[!-9;-~]{1,200}")
_NAME_BYTES: Final = bytes(c for c in range(33, 127) if c != 58)


def unfolded_lines(block: bytes, begin: int, end: int) -> tuple[list[tuple[int, int, int]], int]:
    """Where the lines of a header lie, each with the lines folded below it, up to the empty line.

    Returns:
        For each where it starts, where its text stops and where the next one starts; and where the body begins.
    """
    lines: list[tuple[int, int, int]] = []
    start, text_stop, position = begin, begin, begin
    while position < end:
        line_end = block.find(b"\n", position, end)
        stop, following = (end, end) if line_end < 0 else (line_end, line_end + 1)
        if stop > position and block[stop - 1] == 13:
            stop -= 1
        if stop == position or block[position] not in b" \t":
            if position > start:
                lines.append((start, text_stop, position))
            start = position
            if stop == position:
                return lines, following
        text_stop, position = stop, following
    if position > start:
        lines.append((start, text_stop, position))
    return lines, position


class HeaderCollection(NamesHinted):
    """Header fields in their order, with duplicates, found by name in any case (.NET: ``HeaderCollection``).

    `get` and the indexers give the value unfolded but still encoded; `get_decoded_value` decodes it.
    Iterating gives the name of every field.

    Args:
        col: fields to begin with.
    """

    __slots__ = ("__weakref__", "_changed", "_fields")

    def __init__(self, col: HeaderCollection | None = None) -> None:
        # name, value as received (without the line end); str values were set by the program
        self._fields: list[tuple[str, bytes | str]] = [] if col is None else list(col._fields)
        self._changed = False

    @classmethod
    def parse(cls, block: bytes) -> HeaderCollection:
        """Read a header block (RFC 5322 section 2.2); lines that are no field are passed over."""
        return cls._received(block, 0, len(block))[0]

    @classmethod
    def _received(cls, block: bytes, begin: int, end: int) -> tuple[HeaderCollection, int]:
        """Read the fields from `begin` on, at most up to `end`; also where the body begins."""
        self = cls()
        lines, body = unfolded_lines(block, begin, end)
        for start, stop, _ in lines:
            colon = block.find(b":", start, min(stop, start + MAX_LABEL))
            label = block[start:colon].rstrip(b" \t") if colon >= 0 else b""
            if label and not label.translate(None, _NAME_BYTES):
                self._fields.append((label.decode("ascii"), block[colon + 1 : stop]))
        return self, body

    @property
    def count(self) -> int:
        """How many fields there are, duplicates counted."""
        return len(self._fields)

    @property
    def keys(self) -> list[str]:
        """The name of every field in order."""
        return [name for name, _ in self._fields]

    @property
    def all_keys(self) -> list[str]:
        """Each name once, in the order of first appearance."""
        seen: dict[str, str] = {}
        for name, _ in self._fields:
            seen.setdefault(name.lower(), name)
        return list(seen.values())

    @property
    def is_read_only(self) -> bool:
        """False: fields can be changed."""
        return False

    def has_keys(self) -> bool:
        """Tell whether there is any field."""
        return bool(self._fields)

    def items(self) -> list[tuple[str, str]]:
        """Give name and value of every field."""
        return [(name, _one_line(value)) for name, value in self._fields]

    def get(self, name: str | int) -> str | None:
        """Give a value, unfolded but not decoded.

        Args:
            name: the field's name (the first one counts) or its position.

        Returns:
            The value, or None if no field has that name.

        Raises:
            AsposeArgumentOutOfRangeException: there is no such position.
        """
        if isinstance(name, int):
            return _one_line(self._at(name)[1])
        value = self.get_raw(name)
        return None if value is None else _one_line(value)

    def get_raw(self, name: str) -> bytes | str | None:
        """Give the first value of that name exactly as it was received (bytes) or set (str), or None."""
        wanted = name.lower()
        for key, value in self._fields:
            if key.lower() == wanted:
                return value
        return None

    def get_decoded_value(self, name: str) -> str | None:
        """Give the first value of that name with encoded words decoded (RFC 2047), or None."""
        value = self.get_raw(name)
        return value if isinstance(value, str) else decode_header_text(value)

    def get_key(self, index: int) -> str:
        """Give the name of the field at a position."""
        return self._at(index)[0]

    def get_values(self, name: str) -> list[str]:
        """Give all values of that name, unfolded but not decoded."""
        wanted = name.lower()
        return [_one_line(value) for key, value in self._fields if key.lower() == wanted]

    @overload
    def add(self, name: str, value: str) -> None: ...
    @overload
    def add(self, name: str | HeaderCollection) -> None: ...
    def add(self, name: str | HeaderCollection, value: str | None = None) -> None:
        """Append a field, ``add(name, value)`` or ``add("Name: value")``, or all fields of a collection.

        Raises:
            AsposeArgumentException: the name is no field name, or the value has CR, LF or NUL.
        """
        if isinstance(name, HeaderCollection):
            self._fields.extend(name._fields)
        else:
            if value is None:
                name, colon, value = refuse_line_breaks(name, "item").partition(":")
                if not colon:
                    raise AsposeArgumentException('a header field is added as (name, value) or "Name: value"')
                value = value.strip()
            self._fields.append((_field_name(name), refuse_line_breaks(value, "value")))
        self._changed = True

    def insert(self, name: str, value: str) -> None:
        """Put a field before all others."""
        self._fields.insert(0, (_field_name(name), refuse_line_breaks(value, "value")))
        self._changed = True

    def set(self, name: str, value: str) -> None:
        """Give the first field of that name this value and drop the others; append it if there is none."""
        wanted = _field_name(name).lower()
        entry = (name, refuse_line_breaks(value, "value"))
        fields: list[tuple[str, bytes | str]] = []
        placed = False
        for key, old in self._fields:
            if key.lower() != wanted:
                fields.append((key, old))
            elif not placed:
                fields.append(entry)
                placed = True
        if not placed:
            fields.append(entry)
        self._fields = fields
        self._changed = True

    def remove(self, item: str) -> bool:
        """Remove all fields of that name; False if there is none."""
        wanted = item.lower()
        return self._remove_where(lambda name: name == wanted)

    def _remove_where(self, unwanted: Callable[[str], bool]) -> bool:
        """Remove all fields whose lower-case name is unwanted, in one pass; False if there is none."""
        kept = [field for field in self._fields if not unwanted(field[0].lower())]
        removed = len(kept) != len(self._fields)
        self._fields = kept
        self._changed = self._changed or removed
        return removed

    def clear(self) -> None:
        """Remove all fields."""
        self._changed = self._changed or bool(self._fields)
        self._fields = []

    def contains(self, item: object) -> bool:
        """Tell whether a field has that name."""
        return isinstance(item, str) and self.get_raw(item) is not None

    def _at(self, index: int) -> tuple[str, bytes | str]:
        if not 0 <= index < len(self._fields):
            raise AsposeArgumentOutOfRangeException(f"index {index} of {len(self._fields)} header fields")
        return self._fields[index]

    def __getitem__(self, name: str | int) -> str | None:
        return self.get(name)

    def __setitem__(self, name: str, value: str) -> None:
        self.set(name, value)

    def __contains__(self, item: object) -> bool:
        return self.contains(item)

    def __len__(self) -> int:
        return len(self._fields)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys)

    def __repr__(self) -> str:
        return f"<HeaderCollection count={len(self._fields)}>"


def _one_line(value: bytes | str) -> str:
    return value if isinstance(value, str) else unfold(value).strip()


def _field_name(name: str) -> str:
    if not _FIELD_NAME.fullmatch(refuse_line_breaks(name, "name")):
        raise AsposeArgumentException("name is no header field name: printable ASCII without colon or space")
    return name
