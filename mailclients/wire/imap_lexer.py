"""Tokens of IMAP responses: compiled patterns, and lists read without recursion.

A response reaches this module as its text with every literal cut out: the announcement
``{n}`` CRLF stays in the text as the place of the literal, the values come in a separate list in
the same order. A CRLF can appear nowhere else but at the end, so the two cannot be confused.
Pure functions; any thread.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias, Union

from mailclients.errors import RemoteProtocolError, escape
from mailclients.wire.buffer import ImapLimits

__all__ = [
    "QUOTED",
    "Literals",
    "StreamedLiteral",
    "Value",
    "excerpt",
    "read_value",
    "read_values",
    "take_literal",
    "unquote",
]


class StreamedLiteral:
    """Stands where a literal was that went to a sink.

    Attributes:
        size: its length in bytes.
    """

    __slots__ = ("size",)

    def __init__(self, size: int) -> None:
        self.size = size

    def __repr__(self) -> str:
        return f"StreamedLiteral({self.size})"


Value: TypeAlias = Union[bytes, StreamedLiteral, "tuple[Value, ...]", None]
Literals: TypeAlias = "list[bytes | StreamedLiteral]"

# Inside quotes: no NUL, CR or LF, and a backslash only before a quote or a backslash. Eight-bit
# bytes are taken as they come (UTF-8 after ENABLE, and IMAP4rev2). Written so that there is one
# way to match: a mismatch is found in linear time. The pattern matcher keeps some hundred bytes for
# each repetition of a group; their number is bounded, here to more escapes than honest text has.
QUOTED: Final = rb'"[^"\\\r\n\x00]*(?:\\["\\][^"\\\r\n\x00]*){0,4096}"'
# Spaces only separate tokens; how many there are carries no meaning. One group for each kind of
# token, so that the number of the group tells the kind.
_TOKEN: Final = re.compile(
    rb' *(?:"([^"\\\r\n\x00]*)"'
    rb'|((?!~\{)[^\x00-\x20\x7f(){"]+)'
    rb"|(\()"
    rb"|(\))"
    rb"|(" + QUOTED + rb")"
    rb"|(~?\{[0-9]+\}\r\n)"
    rb"|(\r\n)"
    rb"|([\s\S]))"
)
_ESCAPED: Final = re.compile(rb'\\(["\\])')

_STRING, _WORD, _OPEN, _CLOSE, _ESCAPED_STRING, _PLACE, _END = 1, 2, 3, 4, 5, 6, 7


def excerpt(text: bytes, position: int = 0) -> str:
    """A short, printable piece of what the server sent, for error messages."""
    piece = escape(text[position : position + 60].rstrip(b"\r\n"))
    return f'"{piece}…"' if len(text) - position > 62 else f'"{piece}"'


def unquote(token: bytes) -> bytes:
    """The content of a quoted string, given with its quotes."""
    content = token[1:-1]
    return _ESCAPED.sub(rb"\1", content) if b"\\" in content else content


def take_literal(literals: Literals) -> bytes | StreamedLiteral:
    """The next literal of a response whose text announces one here."""
    if not literals:
        raise RemoteProtocolError("the server announced a literal in the middle of a word")
    return literals.pop()


def read_values(text: bytes, position: int, literals: Literals, limits: ImapLimits) -> tuple[Value, ...]:
    """All values from `position` to the end of the response.

    Strings and atoms become bytes, NIL becomes None, lists become tuples. `literals` holds the
    values of the literals from here on; what is used is removed from its *end*, so it is given
    in reverse order.

    Raises:
        RemoteProtocolError: not well formed, too deep or too many tokens.
    """
    values, end = _read(text, position, literals, limits, whole=True)
    if end != len(text):
        raise RemoteProtocolError(f"the server's answer ends early at {excerpt(text, end)}")
    return values


def read_value(text: bytes, position: int, literals: Literals, limits: ImapLimits) -> tuple[Value, int]:
    """The one value at `position` and the position behind it; see `read_values`."""
    values, end = _read(text, position, literals, limits, whole=False)
    return values[0], end


def _read(
    text: bytes, position: int, literals: Literals, limits: ImapLimits, *, whole: bool
) -> tuple[tuple[Value, ...], int]:
    stack: list[list[Value]] = []
    current: list[Value] = []
    left = limits.items
    for match in _TOKEN.finditer(text, position):
        kind = match.lastindex
        if kind == _STRING:
            current.append(match[1])
        elif kind == _WORD:
            word = match[2]
            current.append(None if len(word) == 3 and word.upper() == b"NIL" else word)
        elif kind == _OPEN:
            if len(stack) >= limits.depth:
                raise RemoteProtocolError(f"the server sent lists nested deeper than {limits.depth} levels")
            stack.append(current)
            current = []
        elif kind == _CLOSE:
            if not stack:
                break
            closed = tuple(current)
            current = stack.pop()
            current.append(closed)
        elif kind == _ESCAPED_STRING:
            current.append(unquote(match[5]))
        elif kind == _PLACE:
            current.append(take_literal(literals))
        elif kind == _END and whole and not stack:
            return tuple(current), match.end()
        else:
            break
        left -= 1
        if left < 0:
            raise RemoteProtocolError(f"the server sent more than {limits.items} items in one answer")
        if not (whole or stack):
            return tuple(current), match.end()
    else:
        raise RemoteProtocolError(f"the server's answer ends early: {excerpt(text)}")
    raise RemoteProtocolError(
        f"the server's answer {excerpt(text)} breaks the IMAP syntax at {excerpt(text, match.start())}"
    )
