"""SMTP as bytes (RFC 5321): replies, what EHLO offers, envelope addresses, and messages on their way out.

Nothing here does I/O and nothing has a lock: a connection's protocol core owns a `ReplyParser` and calls it under
the connection's lock; a `DotStuffer` belongs to the one message that it writes. Everything else is a function of its
arguments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from mailclients.errors import AsposeArgumentException, MessageError, RemoteProtocolError, escape
from mailclients.wire.buffer import ReceiveBuffer

__all__ = [
    "CHUNK",
    "DotStuffer",
    "Envelope",
    "EnvelopeAddress",
    "Reply",
    "ReplyParser",
    "envelope_address",
    "envelope_id",
    "has_long_lines",
    "hello_argument",
    "normalized",
    "original_recipient",
    "parse_keywords",
    "size_limit",
    "stuffed",
    "xtext",
]

# What a server may send before it counts as broken or hostile. RFC 5321 section 4.5.3.1.5 has 512 bytes for a line;
# keywords of EHLO and texts with addresses in them are longer with some servers, and RFC 4954 section 4 has 12288
# for a challenge, with "334 " before it and CRLF behind.
MAX_LINE: Final = 12288 + 6
MAX_LINES: Final = 512  # of one reply; an EHLO of everything that is registered has some sixty
MAX_ADDRESS: Final = 500  # bytes; RFC 5321 section 4.5.3.1.3 has 256, and addresses that carry addresses are longer
MAX_ENVELOPE_ID: Final = 100  # characters before their escaping (RFC 3461 section 4.4)
MAX_TEXT_LINE: Final = 998  # bytes of a line without its end (RFC 5322 section 2.1.1)
CHUNK: Final = 64 * 1024  # bytes of a message that are made ready at once

_ENHANCED: Final = re.compile(rb"([245])\.([0-9]{1,3})\.([0-9]{1,3})(?=[ \t]|\Z)")


class Reply(NamedTuple):
    """One reply of the server (RFC 5321 section 4.2), its last line included.

    Attributes:
        code: 200 to 599. lines: the texts, as they came. enhanced: the status code of RFC 2034 ("5.1.1"), or "".
    """

    code: int
    lines: tuple[bytes, ...]
    enhanced: str = ""

    @property
    def positive(self) -> bool:
        """Whether the command was accepted (2yz), or more is awaited (3yz)."""
        return self.code < 400

    @property
    def text(self) -> str:
        """The texts as one line that is safe to print, without the enhanced codes at their beginnings."""
        found = (_ENHANCED.sub(b"", line, count=1).strip() if self.enhanced else line for line in self.lines)
        return escape(b" ".join(found))

    @property
    def words(self) -> str:
        """Code, enhanced code and text, as people read them."""
        return " ".join(part for part in (str(self.code), self.enhanced, self.text) if part)


class ReplyParser:
    """Bytes in, replies out. After an error every further call raises it again."""

    __slots__ = ("_buffer", "_code", "_error", "_lines")

    def __init__(self) -> None:
        self._buffer = ReceiveBuffer()
        self._code = 0
        self._lines: list[bytes] = []
        self._error: RemoteProtocolError | None = None

    @property
    def buffered(self) -> bool:
        """Whether something came that no reply has been made of."""
        return bool(len(self._buffer)) or bool(self._lines)

    def get_write_buffer(self) -> memoryview:
        """Where the next bytes go."""
        return self._buffer.get_write_buffer()

    def bytes_written(self, count: int) -> None:
        """Say that so many bytes were put there."""
        self._buffer.bytes_written(count)

    def feed(self, data: bytes) -> None:
        """Take a copy of some bytes."""
        self._buffer.feed(data)

    def next_reply(self) -> Reply | None:
        """The next reply that is complete, or None.

        Raises:
            RemoteProtocolError: what came is no reply, or is too long for one.
        """
        if self._error is not None:
            raise self._error
        try:
            while (line := self._next_line()) is not None:
                reply = self._take(line)
                if reply is not None:
                    return reply
        except RemoteProtocolError as error:
            self._error = error
            raise
        return None

    def _next_line(self) -> bytes | None:
        buffer = self._buffer
        end = buffer.data.find(b"\n", max(buffer.scanned, buffer.start), buffer.end)
        if end < 0:
            buffer.scanned = buffer.end
            if len(buffer) > MAX_LINE:
                raise RemoteProtocolError(f"the server sent a line of more than {MAX_LINE} bytes")
            return None
        line = bytes(buffer.view[buffer.start : end + 1])
        buffer.start = buffer.scanned = end + 1
        if len(line) > MAX_LINE:
            raise RemoteProtocolError(f"the server sent a line of more than {MAX_LINE} bytes")
        if not line.endswith(b"\r\n"):
            raise RemoteProtocolError("the server sent a line that does not end with CRLF")
        return line[:-2]

    def _take(self, line: bytes) -> Reply | None:
        number, mark, text = line[:3], line[3:4], line[4:]
        if not (len(number) == 3 and number.isdigit() and number[:1] in b"2345" and mark in (b"", b" ", b"-")):
            raise RemoteProtocolError(f"the server sent what is no reply of SMTP: {escape(line[:80])!r}")
        code = int(number)
        if self._lines and code != self._code:
            raise RemoteProtocolError(f"the server began a reply with {self._code} and went on with {code}")
        self._code = code
        self._lines.append(text)
        if len(self._lines) > MAX_LINES:
            raise RemoteProtocolError(f"the server sent a reply of more than {MAX_LINES} lines")
        if mark == b"-":
            return None
        lines, self._lines = tuple(self._lines), []
        found = _ENHANCED.match(lines[0])
        enhanced = found[0].decode("ascii") if found is not None and found[1] == number[:1] else ""
        return Reply(code, lines, enhanced)


def parse_keywords(lines: Sequence[bytes]) -> dict[str, str]:
    """What the server offers, upper-case keyword to parameters, of the lines of an answer to EHLO.

    The first line is the server's name. ``AUTH=`` is an old spelling of ``AUTH``; both may be there. A line that is no
    keyword is left out.
    """
    found: dict[str, str] = {}
    for line in lines[1:]:
        keyword, _, parameters = (
            escape(line).strip().replace("=", " ", 1 if line[:5].upper() == b"AUTH=" else 0).partition(" ")
        )
        keyword = keyword.upper()
        if not re.fullmatch(r"[A-Z0-9][A-Z0-9-]*", keyword):
            continue
        if keyword == "AUTH" and keyword in found:
            parameters = f"{found[keyword]} {parameters}"
        found[keyword] = parameters.strip()
    return found


def size_limit(keywords: Mapping[str, str]) -> int | None:
    """The largest message the server takes, in bytes; None where it does not say (RFC 1870 section 4)."""
    text = keywords.get("SIZE", "").partition(" ")[0]
    if not (text.isascii() and text.isdigit()) or len(text) > 20:
        return None
    return int(text) or None


# -- addresses ------------------------------------------------------------


class EnvelopeAddress(NamedTuple):
    """An address as MAIL and RCPT carry it.

    Attributes:
        text: as it was given. ascii: as it is written without SMTPUTF8, or None if it cannot be.
    """

    text: str
    ascii: bytes | None

    def encoded(self, *, utf8: bool) -> bytes:
        """The bytes between the angle brackets."""
        return self.text.encode("utf-8") if utf8 or self.ascii is None else self.ascii


_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]+"
_LOCAL: Final = re.compile(rf'(?:{_ATOM}(?:\.{_ATOM})*|"(?:[ !#-\[\]-~\x80-\U0010ffff]|\\[ -~])*")')
_LABEL: Final = r"[A-Za-z0-9_\x80-\U0010ffff](?:[A-Za-z0-9_\x80-\U0010ffff-]*[A-Za-z0-9_\x80-\U0010ffff])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LITERAL: Final = re.compile(r"\[[0-9A-Za-z.:-]+\]")


def envelope_address(text: str, what: str) -> EnvelopeAddress:
    """An address for MAIL or RCPT, checked (RFC 5321 section 4.1.2, RFC 6531).

    A local part that is neither atoms nor quoted is no address: nothing is made of it that was not meant.

    Args:
        text: ``local@domain``, without angle brackets. what: its name for errors.

    Raises:
        AsposeArgumentException: it is no address that SMTP can carry.
    """
    local, at, domain = text.rpartition("@")
    if not at and text.lower() == "postmaster":  # the one name that every server knows without a domain
        return EnvelopeAddress(text, text.encode("ascii"))
    if not (_LOCAL.fullmatch(local) and (_DOMAIN.fullmatch(domain) or _LITERAL.fullmatch(domain))):
        raise AsposeArgumentException(f"{what}: {escape(text)!r} is no address of the form name@domain")
    if any("\x80" <= c < "\xa0" or "\ud800" <= c <= "\udfff" or c in "\u2028\u2029" for c in text):
        raise AsposeArgumentException(f"{what}: {escape(text)!r} contains a character that no address has")
    if len(text.encode("utf-8")) > MAX_ADDRESS:
        raise AsposeArgumentException(f"{what} has more than {MAX_ADDRESS} bytes, which no server takes")
    if text.isascii():
        return EnvelopeAddress(text, text.encode("ascii"))
    if not local.isascii():
        return EnvelopeAddress(text, None)
    try:
        return EnvelopeAddress(text, local.encode("ascii") + b"@" + domain.encode("idna"))
    except UnicodeError:
        return EnvelopeAddress(text, None)


NOTIFY: Final = frozenset(("NEVER", "SUCCESS", "FAILURE", "DELAY"))


class Envelope(NamedTuple):
    """Whom a message is from and for, as the server is told (RFC 5321 section 3.3).

    Attributes:
        sender: None for the empty reverse path.
        recipients: at least one.
        notify: when the sender wants to be told what became of the message: ``("NEVER",)``, or some of the others in
            `NOTIFY` (RFC 3461 section 4.1); empty to leave it to the servers.
    """

    sender: EnvelopeAddress | None
    recipients: tuple[EnvelopeAddress, ...]
    notify: tuple[str, ...] = ()


def hello_argument(name: str) -> bytes:
    """The name for EHLO: a domain or an address literal (RFC 5321 section 4.1.1.1).

    Raises:
        AsposeArgumentException: it is neither.
    """
    if not name.isascii() or len(name) > 255 or not (_DOMAIN.fullmatch(name) or _LITERAL.fullmatch(name)):
        raise AsposeArgumentException(
            f"the name to say hello with must be a domain or an address in brackets, not {escape(name)!r}"
        )
    return name.encode("ascii")


def xtext(text: str) -> bytes:
    """Text as a parameter of MAIL and RCPT carries it (RFC 3461 section 4).

    Raises:
        AsposeArgumentException: it is not printable ASCII.
    """
    if not text.isascii() or not text.isprintable():
        raise AsposeArgumentException("a parameter of the envelope must be printable ASCII")
    plain = (c if c not in "+= " else f"+{ord(c):02X}" for c in text)
    return "".join(plain).encode("ascii")


def original_recipient(address: EnvelopeAddress) -> bytes:
    """A recipient as reports shall name it (ORCPT, RFC 3461 section 4.2; beyond ASCII RFC 6533 section 3)."""
    if address.text.isascii():
        return b"rfc822;" + xtext(address.text)
    shown = (c if "!" <= c <= "~" and c not in "+=\\" else f"\\x{{{ord(c):02X}}}" for c in address.text)
    return b"utf-8;" + "".join(shown).encode("ascii")


def envelope_id(message_id: str) -> bytes:
    """The Message-ID as reports shall give it back (ENVID, RFC 3461 section 4.4); empty where it cannot be carried."""
    name = message_id.removeprefix("<").removesuffix(">")
    return xtext(name) if name.isascii() and name.isprintable() and len(name) <= MAX_ENVELOPE_ID else b""


# -- messages ------------------------------------------------------------

_LONE_LINE_END: Final = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_LONG_LINE: Final = re.compile(rb"[^\r\n]{%d}" % (MAX_TEXT_LINE + 1))


def normalized(content: bytes) -> bytes:
    """The message with CRLF for each line end, and one at its end unless it is empty.

    A lone CR or LF never reaches a server: some take it for a line end and others do not, which is how a second
    message is hidden inside a first.
    """
    content = _with_crlf(content)
    return content if not content or content.endswith(b"\r\n") else content + b"\r\n"


def _with_crlf(text: bytes) -> bytes:
    """The text with CRLF in place of lone CR and LF. Most has none, which counting tells sooner than a pattern."""
    pairs = text.count(b"\r\n")
    if text.count(b"\n") == pairs == text.count(b"\r"):
        return text
    return _LONE_LINE_END.sub(b"\r\n", text)


def has_long_lines(content: bytes) -> bool:
    """Whether a line is longer than the standard has it."""
    return _LONG_LINE.search(content) is not None


class DotStuffer:
    """Makes of a message's pieces, however it is cut, what follows DATA (RFC 5321 section 4.5.2).

    Every line end becomes CRLF, a dot that begins a line is doubled, and the end is one ``CRLF . CRLF``.
    """

    __slots__ = ("_begins_line", "_carriage_return")

    def __init__(self) -> None:
        self._begins_line = True
        self._carriage_return = False  # the last piece ended with CR; whether LF follows is not known yet

    def feed(self, piece: bytes) -> bytes:
        """The next piece, as it is sent.

        Raises:
            MessageError: it contains NUL, which DATA does not carry.
        """
        if b"\0" in piece:
            raise MessageError("the message contains NUL, which DATA cannot carry; encode that part as base64")
        if self._carriage_return:
            piece = b"\r" + piece
        self._carriage_return = piece.endswith(b"\r")
        if self._carriage_return:
            piece = piece[:-1]
        if not piece:
            return b""
        piece = _with_crlf(piece)
        dotted = piece.replace(b"\r\n.", b"\r\n..")
        if self._begins_line and piece.startswith(b"."):
            dotted = b"." + dotted
        self._begins_line = piece.endswith(b"\r\n")
        return dotted

    def end(self) -> bytes:
        """The end of the message: what is missing of its last line, and the final dot."""
        ended = self._begins_line and not self._carriage_return
        return b".\r\n" if ended else b"\r\n.\r\n"


def stuffed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A whole message as it is sent after DATA, piece by piece; the last piece ends with the final dot."""
    stuffer = DotStuffer()
    for piece in pieces:
        sent = stuffer.feed(piece)
        if sent:
            yield sent
    yield stuffer.end()
