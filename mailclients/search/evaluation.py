"""Queries tried on messages here, where no server does it.

What is alike is decided as IMAP servers do: case by the rules of RFC 5051, dates by the day in the zone in which they
are written, addresses by their mailboxes, bodies by their text parts. Pure functions over values: no lock, any thread;
trees are of bounded depth, and time goes with the size of the message.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from enum import Enum
from functools import lru_cache
from typing import Final, TypeAlias, TypeVar

from mailclients.errors import AsposeNotSupportedException, MessageError
from mailclients.mime.addresses import MailAddress, parse_addresses
from mailclients.mime.charsets import decode_text
from mailclients.mime.dates import parse_mail_date
from mailclients.mime.encoded_words import decode_header_text
from mailclients.mime.headers import HeaderCollection
from mailclients.mime.message_infos import MessageInfoBase
from mailclients.mime.parts import leaf_parts
from mailclients.search.grammar import Order
from mailclients.search.imap_keys import read_criteria
from mailclients.search.tree import (
    ADDRESSES,
    HEADER,
    And,
    DateTest,
    FlagTest,
    How,
    IdTest,
    ModSeqTest,
    Node,
    Not,
    Or,
    Raw,
    ServerTest,
    SizeTest,
    TextTest,
    id_ranges,
    leaves,
)

__all__ = ["Candidate", "Fact", "Test", "compiled", "facts_of", "folded", "ordered", "with_criteria_read"]

MAX_MESSAGES_INSIDE: Final = 10  # attached messages within attached messages whose text is looked at


class Fact(Enum):
    """What has to be known of a message to tell whether it meets a test."""

    HEADER = "header fields"
    CONTENT = "contents"
    FLAGS = "flags"
    SIZE = "its size"
    RECEIVED = "the date of receipt"
    IDENTITY = "its unique id or number"
    MODSEQ = "its modification sequence"
    SERVER = "what only a server knows"


_NO_HEADER: Final = HeaderCollection()


@dataclass(slots=True)
class Candidate:
    """A message as evaluation sees it; what no test asks for may be left out."""

    header: HeaderCollection = _NO_HEADER
    content: bytes = b""
    flags: Iterable[str] = ()  # as IMAP writes them
    size: int = 0
    received: datetime | None = None  # in the zone in which the server tells it
    unique_id: str = ""  # digits in IMAP, any text in POP3
    number: int = 0
    modification_sequence: int = 0


Test: TypeAlias = Callable[[Candidate], bool]


def with_criteria_read(node: Node) -> Node:
    """The tree with search criteria replaced by what they mean.

    Raises:
        AsposeArgumentException: they cannot be read.
    """
    if isinstance(node, Raw):
        return read_criteria(node.criteria)
    if isinstance(node, Not):
        return Not(with_criteria_read(node.part))
    if isinstance(node, (And, Or)):
        return type(node)(tuple(map(with_criteria_read, node.parts)))
    return node


def _fact_of(test: Node) -> Fact:
    if isinstance(test, TextTest):
        return Fact.CONTENT if test.field in ("Body", "Text") else Fact.HEADER
    if isinstance(test, DateTest):
        return Fact.HEADER if test.field == "SentDate" else Fact.RECEIVED
    return _FACTS[type(test)]


_FACTS: Final[Mapping[type, Fact]] = {
    FlagTest: Fact.FLAGS,
    SizeTest: Fact.SIZE,
    IdTest: Fact.IDENTITY,
    ModSeqTest: Fact.MODSEQ,
    ServerTest: Fact.SERVER,
}


def facts_of(node: Node) -> frozenset[Fact]:
    """What has to be known of messages to evaluate a tree whose criteria were read."""
    return frozenset(map(_fact_of, leaves(node)))


def compiled(node: Node, unknown: Mapping[Fact, str]) -> Test:
    """What tells whether a message meets a tree whose criteria were read.

    Args:
        node: the tree.
        unknown: the facts that are not to be had, each with the reason to put into the error.

    Raises:
        AsposeNotSupportedException: one of them is needed, or a largest unique id or number (``*``).
    """
    for test in leaves(node):
        fact = _fact_of(test)
        if fact in unknown or fact is Fact.SERVER:
            reason = unknown.get(fact, "and a client cannot tell that")
            raise AsposeNotSupportedException(f"query: {_name_of(test)} asks for {fact.value}, {reason}")
        if isinstance(test, IdTest) and "*" in test.members:
            raise AsposeNotSupportedException(f"query: {test.members!r} asks for the largest there is: name it")
    return _compiled(node)


def _name_of(test: Node) -> str:
    if isinstance(test, (TextTest, DateTest)):
        return test.field
    if isinstance(test, FlagTest):
        return test.flag
    return test.key if isinstance(test, ServerTest) else type(test).__name__.removesuffix("Test")


def _compiled(node: Node) -> Test:
    if isinstance(node, Not):
        denied = _compiled(node.part)
        return lambda message: not denied(message)
    if isinstance(node, And):
        needed = [_compiled(part) for part in node.parts]
        return lambda message: all(test(message) for test in needed)
    if isinstance(node, Or):
        choices = [_compiled(part) for part in node.parts]
        return lambda message: any(test(message) for test in choices)
    if isinstance(node, TextTest):
        return _text_test(node)
    if isinstance(node, DateTest):
        return _date_test(node)
    if isinstance(node, SizeTest):
        size, compare = node.size, _SIGNS[node.sign]
        return lambda message: compare(message.size, size)
    if isinstance(node, FlagTest):
        flag = node.flag.lower()
        return lambda message: any(each.lower() == flag for each in message.flags)
    if isinstance(node, ModSeqTest):
        value = node.value
        return lambda message: message.modification_sequence >= value
    assert isinstance(node, IdTest)
    return _id_test(node)


_T = TypeVar("_T", int, date)


def _signs() -> Mapping[str, Callable[[_T, _T], bool]]:
    return {
        "<": lambda one, other: one < other,
        "<=": lambda one, other: one <= other,
        "=": lambda one, other: one == other,
        ">=": lambda one, other: one >= other,
        ">": lambda one, other: one > other,
    }


_SIGNS: Final[Mapping[str, Callable[[int, int], bool]]] = _signs()
_DATE_SIGNS: Final[Mapping[str, Callable[[date, date], bool]]] = _signs()


def _id_test(test: IdTest) -> Test:
    ranges = [(min(ends), max(ends)) for ends in id_ranges(test.members) or ()]
    if not test.by_uid:
        return lambda message: any(low <= message.number <= high for low, high in ranges)
    names = {test.members, *test.members.split(",")}

    def has_id(message: Candidate) -> bool:
        uid = message.unique_id
        if uid in names:
            return True
        return uid.isascii() and uid.isdigit() and any(low <= int(uid) <= high for low, high in ranges)

    return has_id


# Dates


def _date_test(test: DateTest) -> Test:
    sent, wanted, compare = test.field == "SentDate", test.moment, _DATE_SIGNS[test.sign]
    to_the_second = isinstance(wanted, datetime)

    def is_then(message: Candidate) -> bool:
        found = (sent_date_of(message.header) if sent else message.received) or _UNDATED
        # The day where it was written, whatever its zone (RFC 9051 section 6.4.4).
        return compare(found.replace(microsecond=0) if to_the_second else found.date(), wanted)

    return is_then


# What cannot be told counts as long ago, as Dovecot has it.
_UNDATED: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)


def sent_date_of(header: HeaderCollection) -> datetime | None:
    """The date that the sender gave."""
    return parse_mail_date(header.get_raw("Date"))


# Texts


@lru_cache(maxsize=4096)
def _titled(character: str) -> str:
    title = character.title()
    return title if len(title) == 1 else character  # one character becomes one (RFC 5051 section 2)


def folded(text: str) -> str:
    """The text without differences of case, as IMAP servers compare texts (RFC 5051)."""
    if text.isascii():
        return text.upper()
    return unicodedata.normalize("NFKD", "".join(map(_titled, text)))


def _text_test(test: TextTest) -> Test:
    values = _VALUES.get(test.field) or _values_of_field(test.field)
    if test.how is How.ABSENT:
        if test.field in ("Body", "Text"):
            return lambda message: not any(value.strip() for value in values(message))
        return lambda message: not any(True for _ in values(message))
    fold: Callable[[str], str] = str if test.match_case else folded
    wanted = fold(test.text)
    if test.how is How.CONTAINS:
        return lambda message: any(wanted in fold(value) for value in values(message))
    if test.field in ADDRESSES:
        name, text = test.field, test.text.strip()
        meant = parse_addresses(text) if text.endswith(">") else ()
        mailbox = fold(_in_full(meant[0]) if len(meant) == 1 and meant[0].display_name else text)
        return lambda message: any(mailbox == fold(each) for each in _names_in(message.header, name))
    wanted = fold(test.text.strip())
    return lambda message: any(wanted == fold(value.strip()) for value in values(message))


_Values: TypeAlias = Callable[[Candidate], Iterable[str]]


def _raw_values(header: HeaderCollection, name: str) -> Iterator[bytes | str]:
    wanted = name.lower()
    return (value for key, value in header._fields if key.lower() == wanted)


def _values_of_field(field: str) -> _Values:
    name = field.removeprefix(HEADER)
    if name.capitalize() in ADDRESSES:
        return _values_of_addresses(name)
    return lambda message: [_header_text(value) for value in _raw_values(message.header, name)]


def _header_text(value: bytes | str) -> str:
    return decode_header_text(value) or ""


def _values_of_addresses(name: str) -> _Values:
    """The names and the addresses of the field, however it was written: no text is found across two of them."""

    def values(message: Candidate) -> Iterator[str]:
        for raw in _raw_values(message.header, name):
            mailboxes = parse_addresses(raw)
            if not mailboxes:
                yield _header_text(raw)
            for each in mailboxes:
                yield each.display_name
                yield f"<{each.address}>"

    return values


def _names_in(header: HeaderCollection, name: str) -> Iterator[str]:
    for raw in _raw_values(header, name):
        for each in parse_addresses(raw):
            yield each.address
            if each.display_name:
                yield each.display_name
                yield _in_full(each)


def _in_full(mailbox: MailAddress) -> str:
    """Name and address, however they were quoted."""
    return f"{mailbox.display_name} <{mailbox.address}>"


def _bodies(message: Candidate) -> Iterator[str]:
    return _texts_in(message.content, with_headers=False)


def _everything(message: Candidate) -> Iterator[str]:
    return _texts_in(message.content, with_headers=True)


def _texts_in(content: bytes, *, with_headers: bool) -> Iterator[str]:
    """The texts of a message's parts, attached messages included, and their header fields."""
    if with_headers:
        yield from _fields_in(HeaderCollection.parse(content))
    waiting = [(content, 0)]
    while waiting:
        data, depth = waiting.pop()
        try:
            parts = leaf_parts(data)
        except MessageError:  # built to exhaust whoever reads it: as it stands
            yield decode_text(data)
            continue
        for part in parts:
            if with_headers and len(parts) > 1:
                yield from _fields_in(part.headers)
            kind = part.content_type.media_type
            if kind == "message/rfc822" and depth < MAX_MESSAGES_INSIDE:
                inner = part.content()
                if with_headers:
                    yield from _fields_in(HeaderCollection.parse(inner))
                waiting.append((inner, depth + 1))
            elif kind.startswith(("text/", "message/")):
                yield part.text()


def _fields_in(header: HeaderCollection) -> Iterator[str]:
    for name, value in header._fields:
        yield f"{name}: {_header_text(value)}"


_VALUES: Final[Mapping[str, _Values]] = {
    # Of the subject alone, white space is one space (as Dovecot has it).
    "Subject": lambda message: [" ".join(_header_text(v).split()) for v in _raw_values(message.header, "Subject")],
    "Body": _bodies,
    "Text": _everything,
    **{name: _values_of_addresses(name) for name in ADDRESSES},
}


# What is wanted of what was found

_Found = TypeVar("_Found")


def ends_of(found: Sequence[_Found], ends: int) -> Sequence[_Found]:
    """The first of what was found (1), the last (2), both (3, one that is both only once) or everything (0)."""
    if not ends or len(found) < 2:
        return found
    return [*(found[:1] if ends & 1 else ()), *(found[-1:] if ends & 2 else ())]


_Info = TypeVar("_Info", bound=MessageInfoBase)


def ordered(infos: Sequence[_Info], order: Order, received: Callable[[_Info], datetime | None]) -> list[_Info]:
    """The messages in the order that a query asks for; those without a value come before the others.

    Args:
        infos: what a listing tells of them.
        order: fields, each with whether it ascends.
        received: when a message was received.
    """
    keys: Mapping[str, Callable[[_Info], object]] = {
        "Subject": lambda info: folded(info.subject),
        "From": lambda info: folded(str(info.from_address or "")),
        "To": lambda info: folded(info.to.to_string()),
        "Cc": lambda info: folded(info.cc.to_string()),
        "Bcc": lambda info: folded(info.bcc.to_string()),
        "InternalDate": lambda info: received(info) or _UNDATED,
        "SentDate": lambda info: info.date or _UNDATED,
        "MessageSize": lambda info: info.size,
    }
    found = list(infos)
    for name, ascending in reversed(order):
        found.sort(key=keys[name], reverse=not ascending)  # type: ignore[arg-type]  # each field's keys compare
    return found
