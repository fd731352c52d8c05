"""IMAP's command syntax (RFC 3501, section 9): a scanner over one whole command, and what is written back.

Pure functions and values; no lock, any thread. A command reaches the scanner complete, its literals in
place, so that nothing here waits or does I/O.
"""

from __future__ import annotations

import base64
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Final

from mailclients.testing.contents import SYSTEM_FLAGS
from mailclients.testing.mime import Wire

__all__ = [
    "Scanner",
    "SequenceSet",
    "SyntaxFault",
    "astring",
    "decode_name",
    "encode_name",
    "format_date_time",
    "write",
]

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_ATOM = re.compile(rb'[^(){ %*"\\\]\x00-\x20\x7f-\xff]+')
_ASTRING = re.compile(rb'[^(){ %*"\\\x00-\x20\x7f-\xff]+')
_LIST_MAILBOX = re.compile(rb'[^(){ "\\\x00-\x20\x7f-\xff]+')
_FLAG = re.compile(rb'\\?[^(){ %*"\\\]\x00-\x20\x7f-\xff]+')
_LITERAL = re.compile(rb"\{(\d{1,10})\+?\}\r\n")
_QUOTED = re.compile(rb'"((?:[^"\\\r\n\x00]|\\["\\])*)"')
_SEQUENCE_SET = re.compile(rb"(?:\d{1,10}|\*)(?::(?:\d{1,10}|\*))?(?:,(?:\d{1,10}|\*)(?::(?:\d{1,10}|\*))?)*")
_DATE = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{4})\Z")
_DATE_TIME = re.compile(r" ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)\Z")


class SyntaxFault(Exception):
    """The command cannot be read; it is answered with BAD."""


class SequenceSet:
    """A sequence-set: numbers and ranges, never expanded (``1:4294967295`` costs two integers)."""

    def __init__(self, text: bytes) -> None:
        self._ranges: list[tuple[int | None, int | None]] = []
        for part in text.split(b","):
            low, colon, high = part.partition(b":")
            first = self._number(low)
            self._ranges.append((first, self._number(high) if colon else first))

    @staticmethod
    def _number(text: bytes) -> int | None:
        if text == b"*":
            return None
        number = int(text)
        if not 1 <= number <= 0xFFFFFFFF:
            raise SyntaxFault("a message number must be 1 to 4294967295")
        return number

    def bounds(self, largest: int) -> list[tuple[int, int]]:
        """The ranges in ascending order each, with ``*`` put for the largest number in use."""
        pairs = [(largest if a is None else a, largest if b is None else b) for a, b in self._ranges]
        return [(min(pair), max(pair)) for pair in pairs]

    def pick(self, numbers: Sequence[int]) -> list[int]:
        """Which places of `numbers` (ascending) the set names, ascending and without repeats."""
        if not numbers:
            return []
        places: set[int] = set()
        for low, high in self.bounds(numbers[-1]):
            places.update(range(bisect_left(numbers, low), bisect_right(numbers, high)))
        return sorted(places)

    def __contains__(self, pair: tuple[int, int]) -> bool:
        number, largest = pair
        return any(low <= number <= high for low, high in self.bounds(largest))


class Scanner:
    """Reads one command from left to right; whatever does not fit raises `SyntaxFault`."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def done(self) -> bool:
        return self._at >= len(self._data)

    def peek(self, size: int = 1) -> bytes:
        return self._data[self._at : self._at + size]

    def take(self, text: bytes) -> bool:
        """Step over `text`, in any case of its letters, if it stands here."""
        if self.peek(len(text)).upper() != text.upper():
            return False
        self._at += len(text)
        return True

    def expect(self, text: bytes) -> None:
        if not self.take(text):
            raise SyntaxFault(f"{text.decode('ascii')!r} expected at position {self._at + 1}")

    def space(self) -> None:
        if not self.take(b" "):
            raise SyntaxFault("an argument is missing" if self.done else "a space is missing")

    def end(self) -> None:
        if not self.done:
            raise SyntaxFault("there is more than the command takes")

    def match(self, pattern: re.Pattern[bytes], what: str) -> re.Match[bytes]:
        found = pattern.match(self._data, self._at)
        if found is None:
            raise SyntaxFault(f"{what} expected at position {self._at + 1}")
        self._at = found.end()
        return found

    def atom(self) -> bytes:
        return self.match(_ATOM, "an atom")[0]

    def number(self) -> int:
        return int(self.match(re.compile(rb"\d{1,10}"), "a number")[0])

    def string(self) -> bytes:
        if self.peek() == b"{":
            return self.literal()
        text = self.match(_QUOTED, "a string")[1]
        return re.sub(rb"\\(.)", rb"\1", text)

    def literal(self) -> bytes:
        size = int(self.match(_LITERAL, "a literal")[1])
        start, self._at = self._at, self._at + size
        if self._at > len(self._data):
            raise SyntaxFault("a literal is shorter than announced")
        return self._data[start : self._at]

    def astring(self) -> bytes:
        if self.peek() in (b"{", b'"'):
            return self.string()
        return self.match(_ASTRING, "an argument")[0]

    def folder(self) -> str:
        return decode_name(self.astring())

    def list_pattern(self) -> str:
        if self.peek() in (b"{", b'"'):
            return decode_name(self.string())
        return decode_name(self.match(_LIST_MAILBOX, "a folder name or pattern")[0])

    def sequence_set(self) -> SequenceSet:
        return SequenceSet(self.match(_SEQUENCE_SET, "a set of message numbers")[0])

    def flag(self) -> str:
        text = self.match(_FLAG, "a flag")[0].decode("ascii")
        if text[0] != "\\":
            return text
        for system in SYSTEM_FLAGS:
            if system.lower() == text.lower():
                return system
        raise SyntaxFault(f"{text} cannot be stored")

    def flags(self) -> list[str]:
        """A parenthesised flag list, or flags side by side."""
        if not self.take(b"("):
            flags = [self.flag()]
            while self.take(b" "):
                flags.append(self.flag())
            return flags
        listed: list[str] = []
        while not self.take(b")"):
            if listed:
                self.space()
            listed.append(self.flag())
        return listed

    def date(self) -> date:
        text = (self.string() if self.peek() == b'"' else self.atom()).decode("ascii", "replace")
        found = _DATE.match(text)
        if found is None:
            raise SyntaxFault("a date such as 1-Feb-2024 expected")
        try:
            return date(int(found[3]), _month(found[2]), int(found[1]))
        except ValueError:
            raise SyntaxFault("there is no such date") from None

    def date_time(self) -> datetime:
        found = _DATE_TIME.match(self.string().decode("ascii", "replace"))
        if found is None:
            raise SyntaxFault("a date-time such as 01-Feb-2024 12:00:00 +0000 expected")
        offset = timedelta(hours=int(found[8]), minutes=int(found[9]))
        try:
            return datetime(
                int(found[3]),
                _month(found[2]),
                int(found[1]),
                int(found[4]),
                int(found[5]),
                int(found[6]),
                tzinfo=timezone(-offset if found[7] == "-" else offset),
            )
        except ValueError:
            raise SyntaxFault("there is no such date-time") from None


def _month(name: str) -> int:
    return MONTHS.index(name.title()) + 1


def format_date_time(value: datetime) -> bytes:
    """A date-time as INTERNALDATE has it, quotes included; month names do not follow the locale."""
    offset = value.strftime("%z")[:5] or "+0000"
    text = f'"{value.day:02d}-{MONTHS[value.month - 1]}-{value.year:04d} {value:%H:%M:%S} {offset}"'
    return text.encode("ascii")


def encode_name(name: str) -> bytes:
    """A folder name in modified UTF-7 (RFC 3501, 5.1.3)."""
    pieces: list[bytes] = []
    for run in re.findall(r"[ -%'-~]+|&+|[^ -~]+", name):
        if run[0] == "&":
            pieces.append(b"&-" * len(run))
        elif " " <= run[0] <= "~":
            pieces.append(run.encode("ascii"))
        else:
            code = base64.b64encode(run.encode("utf-16-be")).rstrip(b"=").replace(b"/", b",")
            pieces.append(b"&" + code + b"-")
    return b"".join(pieces)


def decode_name(name: bytes) -> str:
    """The folder name that modified UTF-7 stands for; anything not canonical is refused."""

    def shifted(match: re.Match[bytes]) -> str:
        code = match[1]
        if not code:
            return "&"
        padded = code.replace(b",", b"/") + b"=" * (-len(code) % 4)
        return base64.b64decode(padded, validate=True).decode("utf-16-be")

    try:
        pieces = re.split(rb"&([A-Za-z0-9+,]*)-", name)
        plain = [piece.decode("ascii") for piece in pieces[::2]]
        codes = [shifted(match) for match in re.finditer(rb"&([A-Za-z0-9+,]*)-", name)]
    except ValueError:
        raise SyntaxFault("the folder name is not in modified UTF-7") from None
    text = "".join(a + b for a, b in zip(plain, [*codes, ""], strict=True))
    if encode_name(text) != name or any(c in "\r\n\0" for c in text):
        raise SyntaxFault("the folder name is not in modified UTF-7")
    return text


def astring(text: bytes) -> bytes:
    """`text` as an atom, else as a string."""
    return text if _ASTRING.fullmatch(text) and text.upper() != b"NIL" else write(text)


def write(value: Wire) -> bytes:
    """A value as it goes on the wire. A list that begins with an empty atom writes its first
    member's items side by side, as the body parts of a multipart stand."""
    if value is None:
        return b"NIL"
    if isinstance(value, int):
        return b"%d" % value
    if isinstance(value, str):
        return value.encode("ascii")
    if isinstance(value, bytes):
        if re.fullmatch(rb"[\x20-\x7e\t]*", value) and len(value) <= 1000:
            return b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
        return b"{%d}\r\n%b" % (len(value), value)
    if value[:1] == [""] and len(value) > 1 and isinstance(value[1], list):
        inside = b"".join(write(each) for each in value[1])
        return b"(" + b" ".join([inside, *(write(each) for each in value[2:])]) + b")"
    if value and all(isinstance(each, list) for each in value):
        return b"(" + b"".join(write(each) for each in value) + b")"  # an address list
    return b"(" + b" ".join(write(each) for each in value) + b")"
