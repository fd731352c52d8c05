"""What a query says, as a tree: tests of single fields, joined by And, Or and Not.

Immutable values that know neither a notation nor a protocol; any thread. Trees are at most `MAX_DEPTH` deep, which
everything that walks them relies on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from enum import Enum
from typing import Final, TypeAlias

from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
)

__all__ = [
    "ADDRESSES",
    "EVERYTHING",
    "FLAGS",
    "HEADER",
    "KEYWORD",
    "MAX_DEPTH",
    "MAX_MODSEQ",
    "MAX_NUMBER",
    "NOTHING",
    "And",
    "DateTest",
    "FlagTest",
    "How",
    "IdTest",
    "ModSeqTest",
    "Node",
    "Not",
    "Or",
    "Raw",
    "ServerTest",
    "SizeTest",
    "TextTest",
    "all_of",
    "any_of",
    "checked_header_name",
    "checked_moment",
    "checked_text",
    "compacted",
    "id_ranges",
    "leaves",
    "negated",
]

MAX_DEPTH: Final = 100  # And, Or and Not inside each other; people write three
MAX_NUMBER: Final = 0xFFFFFFFF  # of sizes and unique ids (RFC 9051 section 9, number)
MAX_MODSEQ: Final = 2**63 - 1  # RFC 7162 section 7, mod-sequence-value

# Fields of text whose values are lists of addresses.
ADDRESSES: Final = frozenset(("From", "To", "Cc", "Bcc"))
HEADER: Final = "Header:"  # before the name of any other header field
KEYWORD: Final = "Keyword:"  # before a flag that is no system flag
# The system flags by the names that expressions have for them.
FLAGS: Final = {
    "Answered": "\\Answered",
    "Deleted": "\\Deleted",
    "Draft": "\\Draft",
    "Flagged": "\\Flagged",
    "Recent": "\\Recent",
    "Seen": "\\Seen",
}

_HEADER_NAME: Final = re.compile(r"[!-9;-~]{1,200}")
_SET: Final = re.compile(r"(?:[1-9][0-9]{0,9}|\*)(?::(?:[1-9][0-9]{0,9}|\*))?")


class How(Enum):
    """How a text is compared. ABSENT: the message has no such field, or an empty body."""

    CONTAINS = "contains"
    EQUALS = "equals"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class TextTest:
    """What a text holds; `field` is Subject, From, To, Cc, Bcc, Body, Text or a header's name behind `HEADER`."""

    field: str
    how: How
    text: str = ""
    match_case: bool = False


@dataclass(frozen=True, slots=True)
class DateTest:
    """When a message came (InternalDate) or was sent (SentDate): a whole day, or a moment to the second."""

    field: str
    sign: str  # one of < <= = >= >
    moment: date  # a datetime is a moment, and aware


@dataclass(frozen=True, slots=True)
class SizeTest:
    """The size of a message in bytes."""

    sign: str
    size: int


@dataclass(frozen=True, slots=True)
class FlagTest:
    """A flag as IMAP writes it, which has to be set."""

    flag: str


@dataclass(frozen=True, slots=True)
class IdTest:
    """Which messages, as IMAP writes sets (``1:3,7``): by unique id or, from search criteria only, by number.

    A unique id of POP3 is a text of its own; it stands here as it is.
    """

    members: str
    by_uid: bool = True


@dataclass(frozen=True, slots=True)
class ModSeqTest:
    """The least modification sequence (RFC 7162 section 3.1.5)."""

    value: int


@dataclass(frozen=True, slots=True)
class ServerTest:
    """A search key of an extension, which no client can answer; `needs` is its capability."""

    key: str
    needs: str


@dataclass(frozen=True, slots=True)
class Raw:
    """IMAP search criteria as the user wrote them."""

    criteria: str


@dataclass(frozen=True, slots=True)
class Not:
    """What the part is not."""

    part: Node
    depth: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", _depth((self.part,)))


@dataclass(frozen=True, slots=True)
class And:
    """What meets all of the parts; of none, everything."""

    parts: tuple[Node, ...]
    depth: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", _depth(self.parts))


@dataclass(frozen=True, slots=True)
class Or:
    """What meets one of the parts."""

    parts: tuple[Node, ...]
    depth: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", _depth(self.parts))


Node: TypeAlias = TextTest | DateTest | SizeTest | FlagTest | IdTest | ModSeqTest | ServerTest | Raw | Not | And | Or


def _depth(parts: Iterable[Node]) -> int:
    depth = 1 + max((part.depth for part in parts if isinstance(part, (Not, And, Or))), default=0)
    if depth > MAX_DEPTH:
        raise AsposeArgumentException(f"query: more than {MAX_DEPTH} levels of and, or and not inside each other")
    return depth


EVERYTHING: Final = And(())
NOTHING: Final = Not(EVERYTHING)


def all_of(parts: Iterable[Node]) -> Node:
    """The parts joined by and, in one level; a single one as it is."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,)))
    return flat[0] if len(flat) == 1 else And(flat)


def any_of(parts: Iterable[Node]) -> Node:
    """The parts joined by or, in one level; a single one as it is."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,)))
    return flat[0] if len(flat) == 1 else Or(flat)


def negated(node: Node) -> Node:
    """The opposite; of an opposite what it was."""
    return node.part if isinstance(node, Not) else Not(node)


def leaves(node: Node) -> Iterator[Node]:
    """The tests in a tree."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Not):
            waiting.append(each.part)
        elif isinstance(each, (And, Or)):
            waiting.extend(each.parts)
        else:
            yield each


def id_ranges(members: str) -> list[tuple[int, int]] | None:
    """The first and last number of each piece of a set, 0 for the largest there is; None if it is no set."""
    ranges: list[tuple[int, int]] = []
    for piece in members.split(","):
        if not _SET.fullmatch(piece):
            return None
        first, _, last = piece.partition(":")
        low, high = (0 if end == "*" else int(end) for end in (first, last or first))
        if max(low, high) > MAX_NUMBER:
            return None
        ranges.append((low, high))
    return ranges


def compacted(sets: Iterable[str]) -> str:
    """Sets as one, sorted and joined; ranges that end at the largest unique id stay as they are."""
    numbers: list[tuple[int, int]] = []
    open_ended: dict[str, None] = {}
    for text in sets:
        for low, high in id_ranges(text) or ():
            if low and high:
                numbers.append((min(low, high), max(low, high)))
            else:
                end = low or high
                open_ended[f"{end}:*" if end else "*"] = None
    joined: list[tuple[int, int]] = []
    for low, high in sorted(numbers):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(high, joined[-1][1])
        else:
            joined.append((low, high))
    return ",".join([*(str(low) if low == high else f"{low}:{high}" for low, high in joined), *open_ended])


# What callers give


def checked_text(value: str, what: str) -> str:
    """The value, if a search can carry it.

    Raises:
        AsposeArgumentNullException: it is None.
        ArgumentTypeError: it is no str.
        AsposeArgumentException: it has CR, LF, NUL or half of a surrogate pair.
    """
    if value is None:
        raise AsposeArgumentNullException(f"{what} is None: pass a str")
    if not isinstance(value, str):
        raise ArgumentTypeError(f"{what} must be a str, not {type(value).__name__}")
    if "\r" in value or "\n" in value or "\0" in value:
        raise AsposeArgumentException(f"{what} must not contain CR, LF or NUL")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise AsposeArgumentException(f"{what} contains a lone surrogate, which no encoding can carry")
    return value


def checked_header_name(value: str, what: str) -> str:
    """The value, if it is the name of a header field.

    Raises:
        ArgumentTypeError: it is no str.
        AsposeArgumentException: it cannot be such a name (RFC 5322 section 2.2).
    """
    if not _HEADER_NAME.fullmatch(checked_text(value, what)):
        raise AsposeArgumentException(f"{what} is no header field name: printable ASCII without colon or space")
    return value


def checked_moment(value: date, what: str, *, whole_day: bool) -> date:
    """A day, or an aware datetime to the second; naive ones are local time, and days begin at midnight.

    Raises:
        AsposeArgumentNullException: it is None.
        ArgumentTypeError: it is neither a date nor a datetime.
        AsposeArgumentOutOfRangeException: it lies outside of the local calendar.
    """
    if value is None:
        raise AsposeArgumentNullException(f"{what} is None: pass a date or a datetime")
    if not isinstance(value, date):
        raise ArgumentTypeError(f"{what} must be a date or a datetime, not {type(value).__name__}")
    if whole_day:
        moment: date = date(value.year, value.month, value.day)
    else:
        if not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day)
        try:
            offset = value.utcoffset()
            aware = value.astimezone() if offset is None else value
            offset = aware.utcoffset() or timedelta()
            if offset.seconds % 60 or offset.microseconds:  # zones are written in minutes
                aware, offset = aware.astimezone(timezone.utc), timedelta()
        except (OverflowError, OSError, ValueError) as error:
            raise AsposeArgumentOutOfRangeException(f"{what} lies outside of the local calendar") from error
        moment = aware.replace(microsecond=0, fold=0, tzinfo=timezone(offset))
    return moment
