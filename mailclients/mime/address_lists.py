"""Address lists (RFC 5322 section 3.4), scanned once from left to right, whatever is in them.

A function of its arguments alone: no state, no lock, any thread.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from mailclients.mime.quoted_strings import quote, read_quoted_string

__all__ = ["Mailbox", "read_address_list"]

MAX_DOMAIN_LITERAL: Final = 300  # characters between brackets; an IPv6 address has about 45
MAX_UNCLOSED_ANGLE: Final = 1000  # characters read after a "<" without its ">"

_LEXEME: Final = re.compile(r'[^\s"(),:;<>\[\\]+|\s+|["(),:;<>\[\\]')
_COMMENT_MARK: Final = re.compile(r"\\.|[()]", re.DOTALL)
_AROUND_DOTS: Final = re.compile(r" ?([@.]) ?")


class Mailbox(NamedTuple):
    """One mailbox of a list; the name may still have encoded words."""

    address: str
    name: str
    text: str  # all of it as it stood in the list


class _Word(NamedTuple):
    text: str
    quoted: bool


def read_address_list(text: str, *, complete: bool = True) -> list[Mailbox]:
    """Read the mailboxes of a list: groups are flattened, comments read as names. Never raises; linear.

    Args:
        text: an unfolded value, or what a program was given.
        complete: False for a text that was cut; its last mailbox, which may be half a one, is left out.
    """
    return _Reader(text).read(complete)


class _Reader:
    """Goes once over a text, never back."""

    __slots__ = ("angle", "comments", "found", "no_angle_end", "position", "start", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.found: list[Mailbox] = []
        self.no_angle_end = False
        self._begin()

    def _begin(self) -> None:
        self.start = self.position
        self.words: list[_Word] = []
        self.comments: list[str] = []
        self.angle: str | None = None

    def read(self, complete: bool) -> list[Mailbox]:
        text, end = self.text, len(self.text)
        while self.position < end:
            match = _LEXEME.match(text, self.position)
            assert match is not None  # the alternatives cover every character
            self.position = match.end()
            lexeme = match.group()
            first = lexeme[0]
            if first == "(":
                self._comment()
            elif first == '"':
                content, self.position = read_quoted_string(text, self.position)
                self.words.append(_Word(content, True))
            elif first == "<":
                self._angle_address()
            elif first in ",;":
                self._finish(self.position - 1)
            elif first == ":":
                self._colon()
            elif first == "[":
                self._domain_literal()
            elif first == "\\":
                self.words.append(_Word(text[self.position : self.position + 1], False))
                self.position += 1
            elif first not in ")>":  # closing marks without an opening one say nothing
                self.words.append(_Word(lexeme, False))
        if complete:
            self._finish(end)
        return self.found

    def _comment(self) -> None:
        """Pass a comment; nesting is counted, not recursed into."""
        text, position, depth = self.text, self.position, 1
        begin = position
        while depth:
            match = _COMMENT_MARK.search(text, position)
            if match is None:
                position = len(text)
                break
            position = match.end()
            mark = match.group()
            if mark == "(":
                depth += 1
            elif mark == ")":
                depth -= 1
        self.comments.append(text[begin : position - (0 if depth else 1)])
        self.position = position

    def _angle_address(self) -> None:
        text, begin = self.text, self.position
        close = -1 if self.no_angle_end else text.find(">", begin)
        if close >= 0:
            stop, self.position = close, close + 1
        else:
            self.no_angle_end = True  # so that many of them cost one search
            limit = min(begin + MAX_UNCLOSED_ANGLE, len(text))
            comma = text.find(",", begin, limit)
            stop = self.position = comma if comma >= 0 else limit
        inner = text[begin:stop].strip()
        if inner.startswith("@") and ":" in inner:  # an obsolete route
            inner = inner.partition(":")[2]
        if self.angle is None:
            self.angle = inner

    def _colon(self) -> None:
        """The end of a group's name, unless it stands inside what looks like an address."""
        if any("@" in word.text for word in self.words[-3:] if not word.quoted):
            self.words.append(_Word(":", False))
        else:
            self._begin()

    def _domain_literal(self) -> None:
        close = self.text.find("]", self.position, self.position + MAX_DOMAIN_LITERAL)
        stop = close + 1 if close >= 0 else self.position
        self.words.append(_Word("[" + self.text[self.position : stop], False))
        self.position = stop

    def _finish(self, end: int) -> None:
        if self.angle is not None:
            address = self.angle
            name = " ".join("".join(word.text for word in self.words).split())
        else:
            address = self._bare_address()
            name = " ".join(comment.strip() for comment in self.comments) if address else ""
        if address or name:
            self.found.append(Mailbox(address, name, self.text[self.start : end].strip()))
        self._begin()

    def _bare_address(self) -> str:
        if any(word.quoted for word in self.words):
            return "".join(quote(word.text) if word.quoted else word.text.strip() for word in self.words)
        # Spaces count for nothing around dots and the at sign; elsewhere they stay, and no address is made
        # of words that were none.
        address = " ".join("".join(word.text for word in self.words).split())
        return _AROUND_DOTS.sub(r"\1", address)
