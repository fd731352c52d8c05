"""IMAP search criteria (RFC 9051 section 6.4.4) as text: what may be sent, and what it means as a tree.

Functions of their arguments alone: no state, no lock, any thread. Servers are sent what the user wrote; the tree is
for whoever evaluates it here, and tells which extensions it needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from mailclients.errors import AsposeArgumentException
from mailclients.search.dates import read_date
from mailclients.search.tree import (
    EVERYTHING,
    FLAGS,
    HEADER,
    MAX_DEPTH,
    DateTest,
    FlagTest,
    How,
    IdTest,
    ModSeqTest,
    Node,
    ServerTest,
    SizeTest,
    TextTest,
    all_of,
    any_of,
    checked_text,
    negated,
)

__all__ = ["QUOTED", "checked_criteria", "read_criteria"]

_LITERAL_ANNOUNCEMENT: Final = re.compile(r"\{[0-9]+\+?\}\Z")
# The text of a quoted string (RFC 9051 section 9, quoted); criteria hold no line ends.
QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_TOKEN: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|([()])|([^\s()"]+)|(\s+)')
_SEQUENCE: Final = re.compile(r"[0-9*][0-9:*,]*")

_TEXTS: Final = {
    "FROM": "From",
    "TO": "To",
    "CC": "Cc",
    "BCC": "Bcc",
    "SUBJECT": "Subject",
    "BODY": "Body",
    "TEXT": "Text",
}
_DATES: Final = {
    f"{prefix}{key}": (field, sign)
    for prefix, field in (("", "InternalDate"), ("SENT", "SentDate"))
    for key, sign in (("BEFORE", "<"), ("ON", "="), ("SINCE", ">="))
}
_FLAGS: Final = {name.upper(): flag for name, flag in FLAGS.items()}
# Keys that only a server can answer, with what stands behind them: how many words, and their capability.
_EXTENSIONS: Final = {
    "EMAILID": (1, "OBJECTID"),  # RFC 8474
    "FUZZY": (0, "SEARCH=FUZZY"),  # RFC 6203; a key follows
    "OLDER": (1, "WITHIN"),  # RFC 5032
    "SAVEDBEFORE": (1, "SAVEDATE"),  # RFC 8514
    "SAVEDON": (1, "SAVEDATE"),
    "SAVEDSINCE": (1, "SAVEDATE"),
    "THREADID": (1, "OBJECTID"),
    "X-GM-LABELS": (1, "X-GM-EXT-1"),  # Gmail
    "X-GM-MSGID": (1, "X-GM-EXT-1"),
    "X-GM-RAW": (1, "X-GM-EXT-1"),
    "X-GM-THRID": (1, "X-GM-EXT-1"),
    "YOUNGER": (1, "WITHIN"),
}


def checked_criteria(criteria: str) -> str:
    """The criteria, if they can stand in a command line.

    Raises:
        ArgumentTypeError: they are no str.
        AsposeArgumentException: they cannot; the error says why.
    """
    checked_text(criteria, "criteria")
    if not criteria or criteria.isspace():
        raise AsposeArgumentException("MailQuery(): criteria must not be empty; ALL finds every message")
    if _LITERAL_ANNOUNCEMENT.search(criteria.rstrip()):
        raise AsposeArgumentException(
            "MailQuery(): criteria must not end like the announcement of a literal; quote the text"
        )
    fault = _fault(criteria)
    if fault:
        raise AsposeArgumentException(f"MailQuery(): criteria {fault}")
    return criteria


def _fault(criteria: str) -> str:
    """What makes the criteria no command line, to stand behind their name; empty if nothing does."""
    outside = QUOTED.sub(" ", criteria)
    if '"' in outside:
        return f"have a quote without its partner: {criteria[:200]!r}"
    if not outside.isascii():
        return 'have text beyond ASCII outside quotes; it has to stand in quotes ("...")'
    if not outside.isprintable():
        return "have a control character outside quotes"
    depth = 0
    for character in outside:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            break
    return f"have a parenthesis without its partner: {criteria[:200]!r}" if depth else ""


def read_criteria(criteria: str) -> Node:
    """The tree of search criteria.

    Raises:
        AsposeArgumentException: they have a key that is not known, or cannot be read.
    """
    parser = _Parser(_tokens(criteria))
    node = parser.all_of(0)
    if parser.ahead is not None:
        raise AsposeArgumentException(f"query: {parser.ahead[1][:40]!r} has no place in {criteria[:200]!r}")
    return node


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

    def all_of(self, depth: int) -> Node:
        """Criteria side by side: all have to be met."""
        found: list[Node] = []
        while self.ahead is not None and self.ahead != (False, ")"):
            found.append(self._one(depth))
        return all_of(found)

    def _one(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise AsposeArgumentException(f"query: more than {MAX_DEPTH} levels")
        quoted, word = self._next("the beginning")
        key = word.upper()
        if quoted:
            raise AsposeArgumentException(f"query: the text {word[:40]!r} stands where a criterion should")
        if key == "(":
            inner = self.all_of(depth + 1)
            self._next("an open parenthesis")
            return inner
        if key == "NOT":
            return negated(self._one(depth + 1))
        if key == "OR":
            first = self._one(depth + 1)
            return any_of((first, self._one(depth + 1)))
        if key == "FUZZY":
            self._one(depth + 1)
            return ServerTest(key, _EXTENSIONS[key][1])
        return self._criterion(key)

    def _criterion(self, key: str) -> Node:
        if key == "ALL":
            return EVERYTHING
        if key in _TEXTS:
            return TextTest(_TEXTS[key], How.CONTAINS, self._next(key)[1])
        if key == "HEADER":
            name = self._next(key)[1]
            return TextTest(HEADER + name, How.CONTAINS, self._next(key)[1])
        if key in ("LARGER", "SMALLER"):
            return SizeTest(">" if key == "LARGER" else "<", self._number(key))
        if key in _DATES:
            return DateTest(*_DATES[key], self._date(key))
        if key == "UID":
            return IdTest(self._next(key)[1])
        if key == "MODSEQ":
            if self.ahead is not None and self.ahead[0]:  # the name and the kind of an entry
                self._next(key)
                self._next(key)
            return ModSeqTest(self._number(key))
        return self._flags(key)

    def _flags(self, key: str) -> Node:
        if key in _FLAGS:
            return FlagTest(_FLAGS[key])
        if key.startswith("UN") and key[2:] in _FLAGS and key != "UNRECENT":
            return negated(FlagTest(_FLAGS[key[2:]]))
        if key in ("KEYWORD", "UNKEYWORD"):
            flag = FlagTest(self._next(key)[1])
            return flag if key == "KEYWORD" else negated(flag)
        if key == "OLD":
            return negated(FlagTest(FLAGS["Recent"]))
        if key == "NEW":
            return all_of((FlagTest(FLAGS["Recent"]), negated(FlagTest(FLAGS["Seen"]))))
        if key in _EXTENSIONS:
            words, capability = _EXTENSIONS[key]
            for _ in range(words):
                self._next(key)
            return ServerTest(key, capability)
        if _SEQUENCE.fullmatch(key):
            return IdTest(key, by_uid=False)
        raise AsposeArgumentException(f"query: {key[:40]} is not known")

    def _number(self, key: str) -> int:
        text = self._next(key)[1]
        if not re.fullmatch(r"[0-9]{1,18}", text):
            raise AsposeArgumentException(f"query: {key} needs a number, not {text[:40]!r}")
        return int(text)

    def _date(self, key: str) -> date:
        text = self._next(key)[1]
        day = read_date(text)
        if day is None or isinstance(day, datetime):
            raise AsposeArgumentException(f"query: {key} needs a date such as 10-Feb-2009, not {text[:40]!r}")
        return day
