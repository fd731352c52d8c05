"""SEARCH (RFC 3501, 6.4.4): a query read into one predicate over the messages of a session.

Pure functions; no lock, any thread.
"""

from __future__ import annotations

import email.errors
import email.header
import email.utils
import quopri
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, TypeAlias

from mailclients.testing.imap_syntax import Scanner, SyntaxFault
from mailclients.testing.mime import Entity
from mailclients.testing.store import StoredMessage

__all__ = ["CHARSETS", "Candidate", "Predicate", "parse_search"]

CHARSETS: Final = (b"UTF-8", b"US-ASCII")
MAX_DEPTH: Final = 50


@dataclass(frozen=True)
class Candidate:
    """A message as one session sees it while it searches."""

    message: StoredMessage
    number: int
    largest_number: int
    largest_uid: int
    recent: bool


Predicate: TypeAlias = Callable[[Candidate], bool]


def parse_search(scanner: Scanner) -> Predicate:
    """Read search keys up to the end of the command.

    Raises:
        SyntaxFault: a key is unknown or lacks its argument.
    """
    found = _all_of(scanner, 0)
    scanner.end()
    return found


def _all_of(scanner: Scanner, depth: int) -> Predicate:
    keys = [_key(scanner, depth)]
    while scanner.take(b" "):
        keys.append(_key(scanner, depth))
    return lambda candidate: all(key(candidate) for key in keys)


def _key(scanner: Scanner, depth: int) -> Predicate:
    if depth > MAX_DEPTH:
        raise SyntaxFault("the search keys are nested too deeply")
    if scanner.take(b"("):
        inner = _all_of(scanner, depth + 1)
        scanner.expect(b")")
        return inner
    if scanner.peek() in b"0123456789*":
        numbers = scanner.sequence_set()
        return lambda c: (c.number, c.largest_number) in numbers
    name = scanner.atom().decode("ascii").upper()
    if name in _FLAGS:
        flag, wanted = _FLAGS[name]
        return lambda c: c.message.has_flag(flag) is wanted
    if name in _PLAIN:
        return _PLAIN[name]
    scanner.space()
    if name == "NOT":
        negated = _key(scanner, depth + 1)
        return lambda c: not negated(c)
    if name == "OR":
        one = _key(scanner, depth + 1)
        scanner.space()
        other = _key(scanner, depth + 1)
        return lambda c: one(c) or other(c)
    if name == "UID":
        uids = scanner.sequence_set()
        return lambda c: (c.message.uid, c.largest_uid) in uids
    if name in ("KEYWORD", "UNKEYWORD"):
        keyword, present = scanner.atom().decode("ascii"), name == "KEYWORD"
        return lambda c: c.message.has_flag(keyword) is present
    if name in ("LARGER", "SMALLER"):
        size, sign = scanner.number(), 1 if name == "LARGER" else -1
        return lambda c: sign * (len(c.message.content) - size) > 0
    if name in _DATES:
        return _DATES[name](scanner.date())
    if name == "HEADER":
        field = scanner.astring()
        scanner.space()
        return _header(field, _text(scanner))
    if name in ("BCC", "CC", "FROM", "SUBJECT", "TO"):
        return _header(name.encode("ascii"), _text(scanner))
    if name in ("BODY", "TEXT"):
        text, everything = _text(scanner), name == "TEXT"
        return lambda c: text in _searchable(c.message.entity, everything)
    raise SyntaxFault(f"{name} is not a search key")


_UNDATED: Final = date(1970, 1, 1)
_FLAGS: Final = {
    "ANSWERED": ("\\Answered", True),
    "DELETED": ("\\Deleted", True),
    "DRAFT": ("\\Draft", True),
    "FLAGGED": ("\\Flagged", True),
    "SEEN": ("\\Seen", True),
    "UNANSWERED": ("\\Answered", False),
    "UNDELETED": ("\\Deleted", False),
    "UNDRAFT": ("\\Draft", False),
    "UNFLAGGED": ("\\Flagged", False),
    "UNSEEN": ("\\Seen", False),
}

_PLAIN: Final[dict[str, Predicate]] = {
    "ALL": lambda c: True,
    "NEW": lambda c: c.recent and not c.message.has_flag("\\Seen"),
    "OLD": lambda c: not c.recent,
    "RECENT": lambda c: c.recent,
}

_DATES: Final[dict[str, Callable[[date], Predicate]]] = {
    "BEFORE": lambda day: lambda c: c.message.internal_date.date() < day,
    "ON": lambda day: lambda c: c.message.internal_date.date() == day,
    "SINCE": lambda day: lambda c: c.message.internal_date.date() >= day,
    "SENTBEFORE": lambda day: lambda c: _sent(c.message) < day,
    "SENTON": lambda day: lambda c: _sent(c.message) == day,
    "SENTSINCE": lambda day: lambda c: _sent(c.message) >= day,
}


def _text(scanner: Scanner) -> str:
    try:
        return scanner.astring().decode("utf-8").casefold()
    except UnicodeDecodeError:
        raise SyntaxFault("a search text is not in UTF-8") from None


def _header(name: bytes, text: str) -> Predicate:
    wanted = name.lower()

    def found(c: Candidate) -> bool:
        values = [raw.partition(b":")[2] for key, raw in c.message.entity.fields if key.lower() == wanted]
        return any(text in _decoded(value).casefold() for value in values)

    return found


def _sent(message: StoredMessage) -> date:
    """The day of the Date field; where there is none that can be read, the day that Dovecot takes for it."""
    value = message.entity.value(b"date")
    if value is None:
        return _UNDATED
    try:
        return email.utils.parsedate_to_datetime(value.decode("ascii", "replace")).date()
    except (TypeError, ValueError, IndexError, OverflowError):
        return _UNDATED


def _decoded(value: bytes) -> str:
    """Header text with its encoded words read; what cannot be read is searched as it stands."""
    plain = re.sub(r"\r?\n", "", value.decode("utf-8", "replace"))
    try:
        return str(email.header.make_header(email.header.decode_header(plain)))
    except (LookupError, ValueError, email.errors.HeaderParseError):
        return plain


@lru_cache(maxsize=512)
def _searchable(entity: Entity, everything: bool) -> str:
    pieces: list[str] = []
    for part in entity.walk():
        if everything:
            pieces += [_decoded(raw) for _, raw in part.fields]
        if not part.children and part.main_type == b"text":
            pieces.append(_body_text(part))
    return "\n".join(pieces).casefold()


def _body_text(part: Entity) -> str:
    encoding = (part.value(b"content-transfer-encoding") or b"").lower()
    body = part.body
    try:
        if encoding == b"base64":
            body = b64decode(body)
        elif encoding == b"quoted-printable":
            body = quopri.decodestring(body)
        charset = dict(part.parameters).get(b"charset", b"utf-8").decode("ascii", "replace")
        return body.decode(charset, "replace")
    except (LookupError, ValueError):
        return part.body.decode("latin-1")
