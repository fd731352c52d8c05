"""What a scripted server received, decoded: commands, their arguments, and the splitting of lines into
values.

Owns no state and no lock; connection threads call `parse_command`. Decoding is lenient about spelling
(an atom, a quoted string and a literal of the same text compare equal) and strict about structure, so
that a test can assert on what arrived rather than on how it was quoted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from .scripted import Conn

__all__ = [
    "Atom",
    "Command",
    "Literal",
    "MalformedCommand",
    "Quoted",
    "Value",
    "parse_command",
    "parse_values",
]


V = TypeVar("V", bound="Value")


class MalformedCommand(ValueError):
    """A client sent a line that is no command."""


class Value(str):
    """A decoded argument: compares as text; `data` gives its exact bytes."""

    __slots__ = ()

    @property
    def data(self) -> bytes:
        """The bytes of the argument, without quotes or literal header."""
        return self.encode("utf-8", "surrogateescape")

    @classmethod
    def of(cls: type[V], data: bytes) -> V:
        """A value of this kind over `data`; bytes that are no UTF-8 survive."""
        return cls(data.decode("utf-8", "surrogateescape"))


class Atom(Value):
    """Sent bare."""

    __slots__ = ()


class Quoted(Value):
    """Sent between double quotes."""

    __slots__ = ()


class Literal(Value):
    """Sent as a synchronizing literal, or a non-synchronizing one (see `NonSyncLiteral`)."""

    __slots__ = ()


class NonSyncLiteral(Literal):
    """Sent as ``{n+}``."""

    __slots__ = ()


@dataclass(eq=False)
class Command:
    """One command as a connection received it.

    `args` holds `Value` objects and, for parenthesised lists, Python lists of them. `raw` is every byte
    of the command, literals and final CRLF included. `phase` is ``"clear"`` or ``"tls"``. `refused`
    tells that a literal was refused and that the command is incomplete therefore.
    """

    tag: str
    name: str
    args: list[Any]
    raw: bytes
    conn: Conn = field(repr=False)
    phase: str = "clear"
    refused: bool = False
    serial: int = -1  # place among all commands of the server

    @property
    def connection(self) -> int:
        """Index of the connection in the server's `connections`."""
        return self.conn.index

    def text(self, index: int = 0) -> str:
        """The argument at `index` as plain text; lists are refused."""
        value = self.args[index]
        assert isinstance(value, str), f"argument {index} of {self.raw!r} is a list"
        return str(value)


def _split_text(text: bytes, out: list[Any], stack: list[list[Any]]) -> list[Any]:
    """Append the values of a stretch without literals to `out`; returns the list that is open at its end."""
    at, end = 0, len(text)
    while at < end:
        byte = text[at]
        if byte == 0x20:
            at += 1
        elif byte == 0x28:
            inner: list[Any] = []
            out.append(inner)
            stack.append(out)
            out = inner
            at += 1
        elif byte == 0x29:
            if not stack:
                raise MalformedCommand(f"unbalanced ')' in {text[:200]!r}")
            out = stack.pop()
            at += 1
        elif byte == 0x22:
            at += 1
            chunk = bytearray()
            while at < end and text[at] != 0x22:
                if text[at] == 0x5C:
                    at += 1
                    if at >= end or text[at] not in b'"\\':
                        raise MalformedCommand(f"bad escape in quoted string: {text[:200]!r}")
                chunk.append(text[at])
                at += 1
            if at >= end:
                raise MalformedCommand(f"quoted string without end: {text[:200]!r}")
            out.append(Quoted.of(bytes(chunk)))
            at += 1
            if at < end and text[at] not in b" )":
                raise MalformedCommand(f"text follows a quoted string directly: {text[:200]!r}")
        else:
            start = at
            while at < end and text[at] not in b' ()"':
                if text[at] == 0x5B:  # a section may hold spaces and parentheses: BODY[HEADER.FIELDS (From To)]
                    close = text.find(b"]", at)
                    at = close if close >= 0 else at
                at += 1
            out.append(Atom.of(text[start:at]))
    return out


def parse_values(parts: list[bytes | Literal]) -> list[Any]:
    """Values of a command that arrived as stretches of text with literals between them.

    Raises:
        MalformedCommand: for unbalanced parentheses or broken quoted strings.
    """
    if len(parts) == 1 and isinstance(parts[0], bytes) and not any(c in parts[0] for c in b'("[)'):
        return [Atom.of(word) for word in parts[0].split(b" ") if word]
    top: list[Any] = []
    out, stack = top, list[list[Any]]()
    for part in parts:
        if isinstance(part, bytes):
            out = _split_text(part, out, stack)
        else:
            out.append(part)
    if stack:
        raise MalformedCommand(f"unbalanced '(' in {parts[0]!r}")
    return top


def parse_command(parts: list[bytes | Literal], raw: bytes, conn: Conn, *, phase: str, refused: bool) -> Command:
    """A tagged IMAP command from its stretches of text and its literals."""
    if any(isinstance(part, bytes) and (b"\r" in part or b"\n" in part or b"\0" in part) for part in parts):
        raise MalformedCommand(f"bare CR, LF or NUL in {raw[:200]!r}")
    if refused:  # what was to follow is missing, so parentheses may be open
        words = parts[0].split(b" ") if isinstance(parts[0], bytes) else []
        values: list[Any] = [Atom.of(word) for word in words if word]
    else:
        values = parse_values(parts)
    if len(values) < 2 or not isinstance(values[0], Atom) or not isinstance(values[1], Atom):
        raise MalformedCommand(f"no tag and name in {raw[:200]!r}")
    name, rest = values[1].upper(), 2
    if name == "UID" and len(values) > 2 and isinstance(values[2], Atom):
        name, rest = f"UID {values[2].upper()}", 3
    return Command(str(values[0]), name, values[rest:], raw, conn, phase=phase, refused=refused)
