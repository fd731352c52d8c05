"""The IMAP response parser: bytes in, responses out, no I/O.

Owns the receive buffer and the framing: where a line ends, where a literal begins, what the
limits allow. What a complete response means is `imap_decode`'s work. No lock: the connection
that owns the parser calls it under its own lock, one thread at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Final, NoReturn, Protocol

from mailclients.errors import MailClientError, RemoteProtocolError, SecurityError
from mailclients.wire.buffer import DEFAULT_LIMITS, ImapLimits, ReceiveBuffer
from mailclients.wire.imap_decode import body_fetch, decode, listing, plain_ok, simple_fetch, takes_literals
from mailclients.wire.imap_lexer import Literals, StreamedLiteral, excerpt
from mailclients.wire.imap_responses import Part, Response

__all__ = ["ImapLimits", "LiteralRouter", "LiteralSink", "ResponseParser", "StreamedLiteral"]

# Literals up to this size wait in the receive buffer until they are complete and are copied out
# once. Longer ones move to a growing BytesIO as they arrive, whose getvalue() copies nothing.
_SMALL: Final = 64 * 1024
_NONE: Final = -1
# Of a long response, a literal router is shown this many bytes of its beginning and of its end.
_SHOWN: Final = 4096


class LiteralSink(Protocol):
    """Receives a literal's bytes as they arrive; the view is valid during the call only."""

    def write(self, data: memoryview, /) -> object: ...


LiteralRouter = Callable[[bytes, int], "LiteralSink | None"]


def _is_fetch(line: bytes) -> bool:
    words = line.split(b" ", 3)
    return len(words) > 2 and words[0] == b"*" and words[2].upper() == b"FETCH"


class ResponseParser:
    """Reads what an IMAP server sends (RFC 3501, RFC 9051 and the extensions in common use).

        parser.feed(data)
        while (response := parser.next_response()) is not None:
            ...

    Every byte is copied and looked at a bounded number of times, however the input is split.
    Memory follows what has arrived, never what was announced.

    Args:
        limits: what the server may send before it counts as broken.
        clear_phase_budget: bytes that may be fed in all, or None for no budget: for the phase
            before TLS, where whoever is on the line is not yet known. Use a new parser behind TLS.

    Attributes:
        limits: as given.
        literal_router: None, or a callable asked for each literal in an untagged FETCH with the
            text of the response so far, up to the announcement (earlier literals left out; of
            more than 8,192 bytes the first and last 4,096), and the literal's size. It returns a
            `LiteralSink` that takes the bytes as they arrive, or None to keep the literal in
            memory. If a sink raises, the error passes through and the parser is unusable.
        response_count: complete responses so far.

    Every method raises `RemoteProtocolError` (or `SecurityError` over the clear-phase budget)
    once the server has broken the protocol or a limit, and again at every call after that.
    """

    __slots__ = (
        "_budget",
        "_buffer",
        "_failure",
        "_fed",
        "_gathered",
        "_left",
        "_lines",
        "_literal_total",
        "_literals",
        "_parts",
        "_sink",
        "_size",
        "_streamed_total",
        "_text_size",
        "limits",
        "literal_router",
        "response_count",
    )

    def __init__(self, limits: ImapLimits = DEFAULT_LIMITS, *, clear_phase_budget: int | None = None) -> None:
        self.limits = limits
        self.literal_router: LiteralRouter | None = None
        self.response_count = 0
        self._budget = clear_phase_budget
        self._buffer = ReceiveBuffer()
        self._failure: tuple[type[MailClientError], str] | None = None
        self._fed = 0
        # The response being read: its lines, its literals, both together in order.
        self._lines: list[bytes] = []
        self._literals: Literals = []
        self._parts: list[Part] = []
        self._text_size = 0
        self._literal_total = 0
        self._streamed_total = 0
        # The literal being read: size and bytes still missing, or _NONE; where it goes.
        self._size = _NONE
        self._left = _NONE
        self._gathered: BytesIO | None = None
        self._sink: LiteralSink | None = None

    # --- what others ask -------------------------------------------------------------------

    @property
    def mid_response(self) -> bool:
        """Whether a response has begun and is not complete."""
        return bool(self._lines) or len(self._buffer) > 0

    @property
    def mid_literal(self) -> bool:
        """Whether a literal was announced and is not complete."""
        return self._size != _NONE

    @property
    def literal_missing(self) -> int:
        """Bytes that the literal being read still lacks; 0 outside of a literal."""
        if self._size == _NONE:
            return 0
        return max(self._left - len(self._buffer), 0)

    @property
    def mid_message(self) -> bool:
        """Whether a literal of an untagged FETCH is being read."""
        return self._size != _NONE and _is_fetch(self._lines[0])

    @property
    def received(self) -> int:
        """Bytes fed so far."""
        return self._fed

    @property
    def buffered(self) -> int:
        """Bytes received and not yet part of a response; before STARTTLS there must be none."""
        return len(self._buffer) + self._text_size

    @property
    def memory(self) -> int:
        """Bytes held for buffering, complete literals of the present response included."""
        gathered = self._gathered.tell() if self._gathered is not None else 0
        return self._buffer.capacity + self._text_size + self._literal_total + gathered

    def __repr__(self) -> str:
        state = "failed" if self._failure else "in a literal" if self.mid_literal else "ready"
        return f"<ResponseParser {state}, {self.response_count} responses, {self.buffered} bytes buffered>"

    # --- input -----------------------------------------------------------------------------

    def get_write_buffer(self, hint: int = 0) -> memoryview:
        """Memory to receive into, valid until the next call of any method.

        Args:
            hint: bytes that would be welcome; see `literal_missing`.
        """
        if self._failure is not None:
            self._raise_again()
        return self._buffer.get_write_buffer(hint)

    def bytes_written(self, count: int) -> None:
        """Say that `count` bytes were received into the view of `get_write_buffer`."""
        if self._failure is not None:
            self._raise_again()
        self._buffer.bytes_written(count)
        self._count(count)

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Take bytes received from the server; they are copied."""
        if self._failure is not None:
            self._raise_again()
        self._count(len(data))
        self._buffer.feed(data)

    def _count(self, count: int) -> None:
        self._fed += count
        if self._budget is not None and self._fed > self._budget:
            self._fail(
                f"the server sent more than {self._budget} bytes before the connection was secured",
                SecurityError,
            )

    def end_clear_phase(self) -> None:
        """Lift the budget: the connection goes on in the clear because its user wants it so."""
        self._budget = None

    # --- output ----------------------------------------------------------------------------

    def next_response(self) -> Response | None:
        """The next complete response, or None until more bytes arrive.

        Raises:
            RemoteProtocolError: the server broke the protocol or a limit.
        """
        if self._failure is not None:
            self._raise_again()
        buffer = self._buffer
        while True:
            if self._size != _NONE and not self._take_literal():
                return None
            found = buffer.data.find(b"\n", buffer.scanned, buffer.end)
            if found < 0:
                buffer.scanned = buffer.end
                if self._text_size + len(buffer) > self.limits.line:
                    self._too_long()
                return None
            stop = found + 1
            line = buffer.view[buffer.start : stop].tobytes()
            buffer.start = buffer.scanned = stop
            if line.find(b"\r") != len(line) - 2 or len(line) == 1:
                self._fail(f"the server sent CR or LF alone in {excerpt(line)}")
            if self._text_size + len(line) > self.limits.line:
                self._too_long()
            if line.endswith(b"}\r\n"):
                if not self._lines and self.literal_router is None:
                    response = self._message(line)
                    if response is not None:
                        self.response_count += 1
                        return response
                if self._begin_literal(line):
                    continue
            self.response_count += 1
            if self._lines:
                return self._complete(line)
            parts = (line,)
            return plain_ok(line, parts) or listing(line, parts) or self._decode(line, [], parts)

    def _message(self, line: bytes) -> Response | None:
        """The hot path: an answer with one message, all of it here already; else None."""
        match = body_fetch(line)
        if match is None:
            return None
        buffer = self._buffer
        size = int(match[5])
        start = buffer.start
        stop = start + size
        if (
            stop + 3 > buffer.end
            or size > self.limits.literal
            or self._budget is not None
            or not buffer.data.startswith(b")\r\n", stop)
        ):
            return None
        literal = buffer.view[start:stop].tobytes()
        response = simple_fetch(match, literal, (line, literal, b")\r\n"))
        if response is not None:
            buffer.start = buffer.scanned = stop + 3
        return response

    def _complete(self, line: bytes) -> Response:
        """Put the response together whose last line this is."""
        self._lines.append(line)
        self._parts.append(line)
        lines, literals, parts = self._lines, self._literals, tuple(self._parts)
        self._lines = []
        self._literals = []
        self._parts = []
        self._text_size = self._literal_total = self._streamed_total = 0
        if line == b")\r\n" and len(parts) == 3:
            literal = literals[0]
            match = body_fetch(lines[0])
            if match is not None and isinstance(literal, bytes):
                response = simple_fetch(match, literal, parts)
                if response is not None:
                    return response
        literals.reverse()
        return self._decode(b"".join(lines), literals, parts)

    def _decode(self, text: bytes, literals: Literals, parts: tuple[Part, ...]) -> Response:
        try:
            return decode(text, literals, parts, self.limits)
        except RemoteProtocolError as error:
            self.response_count -= 1
            self._failure = RemoteProtocolError, str(error)
            raise

    # --- literals --------------------------------------------------------------------------

    def _begin_literal(self, line: bytes) -> bool:
        """Whether `line` ends in the announcement of a literal; if so, get ready for it."""
        brace = line.rfind(b"{")
        digits = line[brace + 1 : -3]
        if brace < 1 or not digits.isdigit():
            return False  # no announcement; where a value belongs, the decoder refuses it
        before = line[brace - 1]
        if before == 0x7E:  # ~ of a literal8
            before = line[brace - 2]
        if before not in b" ([":
            return False
        if not self._lines and not takes_literals(line):
            return False
        limits = self.limits
        if len(digits) > 20:
            self._fail(f"the server announced a literal with a length of {len(digits)} digits")
        size = int(digits)
        if len(self._literals) >= limits.literals:
            self._fail(f"the server sent more than {limits.literals} literals in one answer")
        if self._budget is not None and self._fed - len(self._buffer) + size > self._budget:
            self._fail(
                f"the server announced {size} bytes before the connection was secured;"
                f" at most {self._budget} are accepted",
                SecurityError,
            )
        self._lines.append(line)
        self._parts.append(line)
        self._text_size += len(line)
        sink = self._route(size)
        if sink is None:
            if self._literal_total + size > limits.literal:
                self._fail(f"the server announced a literal of {size} bytes; at most {limits.literal} are accepted")
            if size > _SMALL:
                self._gathered = BytesIO()
        else:
            if self._streamed_total + size > limits.streamed_literal:
                self._fail(
                    f"the server announced a literal of {size} bytes; at most {limits.streamed_literal} are streamed"
                )
            self._sink = sink
        self._size = self._left = size
        return True

    def _route(self, size: int) -> LiteralSink | None:
        router = self.literal_router
        if router is None:
            return None
        if not _is_fetch(self._lines[0]):
            return None
        if self._text_size <= 2 * _SHOWN:
            return router(b"".join(self._lines), size)
        # The whole of it for each of many literals would cost quadratic time.
        return router(self._lines[0][:_SHOWN] + self._lines[-1][-_SHOWN:], size)

    def _take_literal(self) -> bool:
        """Move what has arrived of the literal to where it belongs; whether it is complete."""
        buffer = self._buffer
        start = buffer.start
        if self._gathered is None and self._sink is None:
            stop = start + self._size
            if stop > buffer.end:
                return False
            value: Part = buffer.view[start:stop].tobytes()
            self._literal_total += self._size
            buffer.start = stop
        else:
            stop = min(buffer.end, start + self._left)
            if stop > start:
                piece = buffer.view[start:stop]
                if self._sink is not None:
                    self._to_sink(self._sink, piece)
                elif self._gathered is not None:
                    self._gathered.write(piece)
                buffer.start = stop
                self._left -= stop - start
            buffer.scanned = buffer.start
            if self._left:
                return False
            if self._gathered is not None:
                value = self._gathered.getvalue()
                self._literal_total += self._size
            else:
                value = StreamedLiteral(self._size)
                self._streamed_total += self._size
        buffer.scanned = buffer.start
        self._parts.append(value)
        self._literals.append(value)
        self._gathered = None
        self._sink = None
        self._size = self._left = _NONE
        return True

    def _to_sink(self, sink: LiteralSink, piece: memoryview) -> None:
        try:
            sink.write(piece)
        except BaseException:
            self._failure = RemoteProtocolError, "a literal could not be stored; its answer is incomplete"
            raise

    # --- failing ---------------------------------------------------------------------------

    def _too_long(self) -> NoReturn:
        self._fail(f"the server sent an answer with more than {self.limits.line} bytes of text")

    def _fail(self, message: str, kind: type[MailClientError] = RemoteProtocolError) -> NoReturn:
        self._failure = kind, message
        raise kind(message)

    def _raise_again(self) -> NoReturn:
        assert self._failure is not None
        kind, message = self._failure
        raise kind(message)
