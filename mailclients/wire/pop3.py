"""POP3 without I/O (RFC 1939, RFC 2449): answers out of bytes, and what stands in them.

`Pop3Reader` keeps the unread bytes of one connection; its owner says after each status line whether a text follows,
because the protocol itself does not. One thread at a time. The functions below it are pure; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from mailclients.errors import RemoteProtocolError, SecurityError, escape
from mailclients.wire.buffer import ReceiveBuffer

__all__ = [
    "DEFAULT_POP3_LIMITS",
    "Continuation",
    "Pop3Limits",
    "Pop3Reader",
    "Status",
    "capabilities_of",
    "drop_listing",
    "number_and_size",
    "number_and_uid",
    "octets_announced",
    "parse_answer",
    "sizes_of",
    "timestamp_of",
    "uids_of",
]

_END: Final = b"\r\n.\r\n"
_DOT: Final = 0x2E


@dataclass(frozen=True)
class Pop3Limits:
    """What a server may send before it counts as broken or hostile. Sizes in bytes."""

    # A status line or a challenge; RFC 2449 section 4 has 512, tokens in challenges are longer.
    line: int = 32 * 1024
    # The text of LIST, UIDL and CAPA: a million messages with long unique ids.
    listing: int = 128 * 1024 * 1024
    # A message that is kept in memory; and one that goes to a file.
    message: int = 1024 * 1024 * 1024
    streamed: int = 64 * 1024 * 1024 * 1024


DEFAULT_POP3_LIMITS: Final = Pop3Limits()


class Status(NamedTuple):
    """A status line: whether it is ``+OK``, the response code in upper case or None, and the text behind it."""

    ok: bool
    code: str | None
    text: str


class Continuation(NamedTuple):
    """A ``+`` line: the server waits for the next part of a sign-in. data: as it stands, base64."""

    data: bytes


class Pop3Reader:
    """Lines and texts out of the bytes that arrive.

    Args:
        limits: how much a server may send.
        clear_phase_budget: bytes that may come before TLS, or None for no such phase.
    """

    __slots__ = ("_budget", "_buffer", "_fresh", "_limits")

    def __init__(self, limits: Pop3Limits = DEFAULT_POP3_LIMITS, *, clear_phase_budget: int | None = None) -> None:
        self._buffer = ReceiveBuffer()
        self._limits = limits
        self._budget = clear_phase_budget
        self._fresh = True  # at the first line of a text

    @property
    def limits(self) -> Pop3Limits:
        return self._limits

    @property
    def buffered(self) -> int:
        """Bytes that have arrived and not been taken."""
        return len(self._buffer)

    def end_clear_phase(self) -> None:
        """The connection stays in the clear for good: its bytes are not counted any more."""
        self._budget = None

    def get_write_buffer(self, hint: int = 0) -> memoryview:
        """Free space to receive into, valid until the next call of any method."""
        return self._buffer.get_write_buffer(hint)

    def bytes_written(self, count: int) -> None:
        """Say that `count` bytes were received into the view of `get_write_buffer`.

        Raises:
            SecurityError: more came before TLS than has a place there.
        """
        self._buffer.bytes_written(count)
        if self._budget is not None:
            self._budget -= count
            if self._budget < 0:
                raise SecurityError("the server sends and sends before TLS; nothing of it is believed")

    def feed(self, data: bytes) -> None:
        """Append a copy of `data`, for those who have it in hand."""
        self._buffer.feed(data)

    def line(self) -> bytes | None:
        """The next line without its CRLF; None if it is not all there.

        Raises:
            RemoteProtocolError: it is longer than the limit, or ends otherwise than with CRLF.
        """
        buffer = self._buffer
        at = buffer.data.find(b"\n", max(buffer.scanned, buffer.start), buffer.end)
        buffer.scanned = buffer.end
        length = (buffer.end if at < 0 else at) - buffer.start
        if length > self._limits.line:
            raise RemoteProtocolError(f"the server sent a line of more than {self._limits.line} bytes")
        if at < 0:
            return None
        line = bytes(buffer.view[buffer.start : at])
        buffer.start = buffer.scanned = at + 1
        self._fresh = True
        if not line.endswith(b"\r"):
            raise RemoteProtocolError(f"the server ended a line without CR: {escape(line[:80])}")
        return line[:-1]

    def text(self, take: Callable[[bytes], object]) -> bool:
        """Hands on what there is of a text, without its dots (RFC 1939 section 3); whether its end has come.

        Args:
            take: is given the pieces in order. Only CRLF ends a line: a lone CR or LF is content.
        """
        buffer = self._buffer
        start, end = buffer.start, buffer.end
        if self._fresh:
            if start == end:
                return False
            if buffer.data[start] == _DOT:
                if buffer.data[start : start + 3] == b".\r\n":
                    self._consume(start + 3)
                    return True
                if _END[2:].startswith(bytes(buffer.view[start : min(end, start + 3)])):
                    return False  # perhaps the end, of which a part is still to come
                start += 1
            self._fresh = False
        at = buffer.data.find(_END, start, end)
        stop = at + 2 if at >= 0 else end - _kept(buffer.data, start, end)
        if stop > start:
            piece = bytes(buffer.view[start:stop])
            if b"\r\n." in piece:
                piece = piece.replace(b"\r\n.", b"\r\n")
            take(piece)
        if at >= 0:
            self._consume(at + len(_END))
            return True
        self._consume(max(stop, start))
        return False

    def _consume(self, start: int) -> None:
        self._buffer.start = self._buffer.scanned = start


def _kept(data: bytearray, start: int, end: int) -> int:
    """How many bytes at the end may belong to the mark of the text's end, or to a stuffed dot."""
    for count in range(min(len(_END) - 1, end - start), 0, -1):
        if data[end - count : end] == _END[:count]:
            return count
    return 0


# -- what stands in answers ------------------------------------------------------------


# RFC 2449 section 8: a code in brackets, with levels below it behind slashes.
_STATUS: Final = re.compile(rb"(\+OK|-ERR)(?:[ \t]+(.*))?", re.IGNORECASE | re.DOTALL)
_CODE: Final = re.compile(r"\[([A-Za-z0-9][A-Za-z0-9/_-]{0,63})\][ \t]*")
# RFC 1939 section 7: as a Message-ID is written; one without "@" is none, and might be made for an attack on MD5.
_TIMESTAMP: Final = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")
_NUMBER: Final = re.compile(rb"[0-9]{1,10}")
_SIZE: Final = re.compile(rb"[0-9]{1,19}")
# RFC 1939 section 7 allows 70 characters; some servers make them of file names.
_UID: Final = re.compile(rb"[!-~]{1,250}")
_OCTETS: Final = re.compile(r"\(?([0-9]{1,18})(?: (?:octets|bytes)\b|\)|$)", re.IGNORECASE)


def parse_answer(line: bytes) -> Status | Continuation:
    """A line of the server that begins an answer.

    Raises:
        RemoteProtocolError: it is neither a status nor a continuation.
    """
    match = _STATUS.fullmatch(line)
    if match is not None:
        text = (match[2] or b"").decode("utf-8", "replace")
        code = _CODE.match(text)
        return Status(match[1][:1] == b"+", code[1].upper() if code else None, text[code.end() :] if code else text)
    if line == b"+" or line.startswith(b"+ "):
        return Continuation(line[2:])
    raise RemoteProtocolError(f"the server sent a line that begins no answer: {escape(line[:80])}")


def timestamp_of(greeting: str) -> str | None:
    """What APOP makes its digest of, or None if the greeting has no such thing."""
    match = _TIMESTAMP.search(greeting)
    return match[0] if match is not None else None


def octets_announced(text: str) -> int | None:
    """The size that servers like to tell in the status line of RETR, or None."""
    match = _OCTETS.match(text.strip())
    return int(match[1]) if match is not None else None


def capabilities_of(text: bytes) -> dict[str, tuple[str, ...]]:
    """CAPA (RFC 2449 section 5): names in upper case, with their parameters."""
    found: dict[str, tuple[str, ...]] = {}
    for line in text.split(b"\r\n"):
        words = line.decode("utf-8", "replace").split()
        if words:
            found[words[0].upper()] = tuple(words[1:])
    return found


def _fields(line: bytes) -> list[bytes]:
    return line.split(None, 2)[:2]


def _number(field: bytes, line: bytes) -> int:
    number = int(field) if _NUMBER.fullmatch(field) else 0
    if not 0 < number < 2**31:
        raise RemoteProtocolError(f"the server gave no message number: {escape(line[:80])}")
    return number


def number_and_size(line: bytes) -> tuple[int, int]:
    """A line of LIST: message number and size in bytes."""
    fields = _fields(line)
    if len(fields) < 2 or not _SIZE.fullmatch(fields[1]):
        raise RemoteProtocolError(f"the server gave no message number and size: {escape(line[:80])}")
    return _number(fields[0], line), int(fields[1])


def number_and_uid(line: bytes) -> tuple[int, str]:
    """A line of UIDL: message number and unique id."""
    fields = _fields(line)
    if len(fields) < 2 or not _UID.fullmatch(fields[1]):
        raise RemoteProtocolError(f"the server gave no message number and unique id: {escape(line[:80])}")
    return _number(fields[0], line), fields[1].decode("ascii")


def drop_listing(text: str) -> tuple[int, int]:
    """What STAT says: how many messages there are, and their bytes."""
    fields = text.encode("utf-8").split()[:2]
    if len(fields) < 2 or not _NUMBER.fullmatch(fields[0]) or not _SIZE.fullmatch(fields[1]):
        raise RemoteProtocolError(f"the server did not say how many messages there are: {escape(text[:80])}")
    return int(fields[0]), int(fields[1])


def _lines(text: bytes) -> list[bytes]:
    return [line for line in text.split(b"\r\n") if line]


def sizes_of(text: bytes) -> dict[int, int]:
    """LIST: sizes by message number.

    Raises:
        RemoteProtocolError: a line is no such thing, or a number comes twice; the error names the line.
    """
    found: dict[int, int] = {}
    for line in _lines(text):
        number, size = number_and_size(line)
        if number in found:
            raise RemoteProtocolError(f"the server listed a message twice: {escape(line[:80])}")
        found[number] = size
    return found


def uids_of(text: bytes) -> dict[int, str]:
    """UIDL: unique ids by message number. Raises as `sizes_of` does, and for an id that two messages have."""
    found: dict[int, str] = {}
    seen: set[str] = set()
    for line in _lines(text):
        number, uid = number_and_uid(line)
        if number in found or uid in seen:
            raise RemoteProtocolError(f"the server gave a number or a unique id twice: {escape(line[:80])}")
        found[number] = uid
        seen.add(uid)
    return found
