"""Search criteria evaluated here, on what a listing has of a message, since a POP3 server does not search.

The criteria are those of RFC 9051 section 6.4.4, as far as headers and sizes tell; what needs flags or bodies is
refused before anything is fetched. Pure functions over values: no lock, any thread.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Final

from mailclients.errors import AsposeArgumentException, AsposeNotSupportedException
from mailclients.mime.dates import parse_mail_date
from mailclients.mime.encoded_words import decode_header_text
from mailclients.pop3.models import Pop3MessageInfo
from mailclients.search import MailQuery

__all__ = ["Test", "compiled"]

Test = Callable[[Pop3MessageInfo], bool]

_TOKEN: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|([()])|([^\s()"]+)|(\s+)')
_DATE: Final = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{4})")
_MONTHS: Final = "janfebmaraprmayjunjulaugsepoctnovdec"
_DEEPEST: Final = 100  # parentheses, NOT and OR inside each other

_HEADERS: Final = {"FROM": "From", "TO": "To", "CC": "Cc", "BCC": "Bcc", "SUBJECT": "Subject"}
_FLAGS: Final = frozenset(
    (
        *("ANSWERED", "DELETED", "DRAFT", "FLAGGED", "NEW", "OLD", "RECENT", "SEEN", "UNANSWERED", "UNDELETED"),
        *("UNDRAFT", "UNFLAGGED", "UNSEEN", "KEYWORD", "UNKEYWORD", "MODSEQ"),
    )
)
_CONTENT: Final = frozenset(("BODY", "TEXT"))


def compiled(query: MailQuery) -> Test:
    """What tells whether a message meets the criteria.

    Raises:
        AsposeNotSupportedException: they ask for flags, contents or other things that headers do not tell.
        AsposeArgumentException: they cannot be read.
    """
    parser = _Parser(_tokens(query.criteria))
    test = parser.all_of(0)
    if parser.ahead is not None:
        raise AsposeArgumentException(f"query: {parser.ahead[1]!r} has no place in {query.criteria!r}")
    return test


def _tokens(criteria: str) -> Iterator[tuple[bool, str]]:
    """Words, each with whether it was quoted."""
    for match in _TOKEN.finditer(criteria):
        if match[1] is not None:
            yield True, re.sub(r"\\(.)", r"\1", match[1])
        elif match[4] is None:
            yield False, match[2] or match[3]


class _Parser:
    """Reads criteria from left to right, with one word of look-ahead."""

    def __init__(self, tokens: Iterator[tuple[bool, str]]) -> None:
        self._tokens = tokens
        self.ahead = next(tokens, None)

    def _next(self, after: str) -> tuple[bool, str]:
        token = self.ahead
        if token is None:
            raise AsposeArgumentException(f"query: something is missing after {after}")
        self.ahead = next(self._tokens, None)
        return token

    def all_of(self, depth: int) -> Test:
        """Criteria side by side: all have to be met."""
        tests: list[Test] = []
        while self.ahead is not None and self.ahead != (False, ")"):
            tests.append(self._one(depth))
        return lambda info: all(test(info) for test in tests)

    def _one(self, depth: int) -> Test:
        if depth > _DEEPEST:
            raise AsposeArgumentException(f"query: more than {_DEEPEST} levels")
        quoted, word = self._next("the beginning")
        key = word.upper()
        if quoted:
            raise AsposeArgumentException(f"query: the text {word!r} stands where a criterion should")
        if key == "(":
            inner = self.all_of(depth + 1)
            self._next("an open parenthesis")
            return inner
        if key == "ALL":
            return lambda info: True
        if key == "NOT":
            denied = self._one(depth + 1)
            return lambda info: not denied(info)
        if key == "OR":
            first, second = self._one(depth + 1), self._one(depth + 1)
            return lambda info: first(info) or second(info)
        return self._criterion(key)

    def _criterion(self, key: str) -> Test:
        if key in _HEADERS:
            return _contains(_HEADERS[key], self._next(key)[1])
        if key == "HEADER":
            name = self._next(key)[1]
            return _contains(name, self._next(key)[1])
        if key in ("LARGER", "SMALLER"):
            size = self._number(key)
            return (lambda info: info.size > size) if key == "LARGER" else (lambda info: info.size < size)
        if key in ("SENTBEFORE", "SENTON", "SENTSINCE"):
            return _dated(key[4:], self._date(key), lambda info: info.date)
        if key in ("BEFORE", "ON", "SINCE"):
            return _dated(key, self._date(key), _received)
        if key == "UID":
            uid = self._next(key)[1]
            return lambda info: info.unique_id == uid
        if key in _FLAGS:
            raise AsposeNotSupportedException(f"query: {key} asks for flags, and POP3 has none")
        if key in _CONTENT:
            raise AsposeNotSupportedException(
                f"query: {key} asks for contents, and a listing has headers only: fetch the messages"
            )
        raise AsposeNotSupportedException(f"query: {key} is not known, or nothing that POP3 tells of messages")

    def _number(self, key: str) -> int:
        text = self._next(key)[1]
        if not re.fullmatch(r"[0-9]{1,18}", text):
            raise AsposeArgumentException(f"query: {key} needs a number of bytes, not {text!r}")
        return int(text)

    def _date(self, key: str) -> date:
        text = self._next(key)[1]
        match = _DATE.fullmatch(text)
        place = _MONTHS.find(match[2].lower()) if match is not None else -1
        if match is not None and place % 3 == 0:
            with contextlib.suppress(ValueError):  # the 30th of February is no date either
                return date(int(match[3]), place // 3 + 1, int(match[1]))
        raise AsposeArgumentException(f"query: {key} needs a date such as 10-Feb-2009, not {text!r}")


def _contains(name: str, text: str) -> Test:
    wanted = text.casefold()

    def test(info: Pop3MessageInfo) -> bool:
        values = map(decode_header_text, info.headers.get_values(name))
        return any(wanted in value.casefold() for value in values if value is not None)

    return test


def _dated(key: str, day: date, date_of: Callable[[Pop3MessageInfo], datetime | None]) -> Test:
    def test(info: Pop3MessageInfo) -> bool:
        found = date_of(info)
        if found is None:
            return False
        sent = found.date()  # the day where it was written, without its zone (RFC 9051 section 6.4.4)
        return sent < day if key == "BEFORE" else sent >= day if key == "SINCE" else sent == day

    return test


def _received(info: Pop3MessageInfo) -> datetime | None:
    """When the last server took the message, by the trace at the top of it; else the date of the sender."""
    for value in info.headers.get_values("Received")[:1]:
        found = parse_mail_date(value.rpartition(";")[2].strip())
        if found is not None:
            return found
    return info.date
