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
# way to match: a mismatch is found in linear time.
QUOTED: Final = rb'"[^"\\\r\n\x00]*(?:\\["\\][^"\\\r\n\x00]*)*"'
_ATOM: Final = rb'[^\x00-\x20\x7f(){"]+'
_LITERAL: Final = rb"~?\{[0-9]+\}\r\n"
# Spaces only separate tokens; how many there are carries no meaning.
_TOKEN: Final = re.compile(
    b" *(" + b"|".join((rb"\(", rb"\)", QUOTED, _LITERAL, _ATOM, rb"\r\n", rb"[\s\S]")) + b")"
)
_ESCAPED: Final = re.compile(rb'\\(["\\])')

_OPEN: Final = 0x28
_CLOSE: Final = 0x29
_QUOTE: Final = 0x22
_BRACE: Final = 0x7B
_TILDE: Final = 0x7E
_CR: Final = 0x0D


def excerpt(text: bytes, position: int = 0) -> str:
    """A short, printable piece of what the server sent, for error messages."""
    piece = escape(text[position : position + 60].rstrip(b"\r\n"))
    return f'"{piece}…"' if len(text) - position > 62 else f'"{piece}"'


def unquote(token: bytes) -> bytes:
    """The content of a quoted string, given with its quotes."""
    content = token[1:-1]
    return _ESCAPED.sub(rb"\1", content) if b"\\" in content else content


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
        token = match[1]
        first = token[0]
        if first == _QUOTE and len(token) > 1:
            current.append(unquote(token))
        elif first == _OPEN:
            if len(stack) >= limits.depth:
                raise RemoteProtocolError(f"the server sent lists nested deeper than {limits.depth} levels")
            stack.append(current)
            current = []
        elif first == _CLOSE:
            if not stack:
                break
            closed = tuple(current)
            current = stack.pop()
            current.append(closed)
        elif token[-1] == 0x0A and first in (_BRACE, _TILDE):
            current.append(literals.pop())
        elif first == _CR:
            if stack or not whole or len(token) != 2:
                break
            return tuple(current), match.end()
        elif first <= 0x20 or first in b'{"\x7f':
            break
        elif len(token) == 3 and token.upper() == b"NIL":
            current.append(None)
        else:
            current.append(token)
        left -= 1
        if left < 0:
            raise RemoteProtocolError(f"the server sent more than {limits.items} items in one answer")
        if not (whole or stack):
            return tuple(current), match.end()
    else:
        raise RemoteProtocolError(f"the server's answer ends early: {excerpt(text)}")
    raise RemoteProtocolError(
        f"the server's answer {excerpt(text)} breaks the IMAP syntax at {excerpt(text, match.start(1))}"
    )
