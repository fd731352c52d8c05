"""A scripted server on loopback, for tests of threads, pipelining, TLS boundaries and broken lines.

`ScriptedServer` owns a listening socket, one thread that accepts and one reader thread for each
connection (`Conn`); with `script` one more thread a connection runs the script. Everything a test waits
for is told through one condition, `server.changed`, which guards the lists of connections and commands;
each `Conn` has a lock for its socket's life (`_state`), one for the order of what it sends (`_sending`)
and one for its TLS object (`_crypto`), taken in the order sending, crypto, state, changed. Any thread may
call any method of a `Conn`.

Nothing here sleeps: the server acts when bytes arrive or when the test says so. Whatever a script or
handler raises is kept in `server.errors` and raised by `close()`, so a failing assertion on a server
thread fails the test.
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, TypeVar

from .commands import (
    Atom,
    Command,
    Literal,
    MalformedCommand,
    NonSyncLiteral,
    Quoted,
    Value,
    parse_command,
)

__all__ = [
    "Atom",
    "Command",
    "Conn",
    "ConnectionEnded",
    "Drip",
    "Literal",
    "MalformedCommand",
    "NonSyncLiteral",
    "Quoted",
    "ScriptedServer",
    "Value",
    "fetch_line",
]

PATIENCE = 30.0  # seconds a test waits for what should happen at once, on a busy machine
_LITERAL = re.compile(rb"(~?)\{(\d+)(\+?)\}\r\n\Z")
_RECEIVE = 1 << 18

Text = str | bytes
Handler = Callable[["Conn", Command], Any]
S = TypeVar("S", bound="ScriptedServer")
LiteralPolicy = Callable[["Conn", bytes, int], Text | None]


def as_bytes(text: Text) -> bytes:
    """`text` as it goes over the wire."""
    return text.encode() if isinstance(text, str) else bytes(text)


def as_line(text: Text) -> bytes:
    """`text` with CRLF at its end."""
    line = as_bytes(text)
    return line if line.endswith(b"\r\n") else line + b"\r\n"


def as_untagged(text: Text) -> bytes:
    """`text` as an untagged line; the leading ``* `` may be left out."""
    line = as_line(text)
    return line if line.startswith(b"*") else b"* " + line


def fetch_line(number: int, uid: int, body: bytes | None = None, *, items: Text = "", section: str = "BODY[]") -> bytes:
    """An untagged FETCH answer with UID, `items` as they stand, and `body` as a literal of `section`."""
    head = b"* %d FETCH (UID %d" % (number, uid)
    if items:
        head += b" " + as_bytes(items)
    if body is not None:
        head += b" %s {%d}\r\n" % (section.encode(), len(body)) + body
    return head + b")\r\n"


class ConnectionEnded(ConnectionError):
    """The connection is gone, by either side."""


class Drip:
    """Bytes that leave only as the test says."""

    def __init__(self, conn: Conn, data: bytes) -> None:
        self._conn, self._data, self._at = conn, data, 0

    @property
    def remaining(self) -> int:
        """Bytes not sent yet."""
        return len(self._data) - self._at

    def step(self, count: int = 1) -> bool:
        """Send the next `count` bytes; tells whether more remain."""
        piece = self._data[self._at : self._at + count]
        self._at += len(piece)
        if piece:
            self._conn.send(piece)
        return self.remaining > 0

    def rest(self) -> None:
        """Send all that remains."""
        self.step(self.remaining)


class Conn:
    """One accepted connection.

    Attributes:
        index: its place in `server.connections`.
        commands: every command received so far, decoded.
        lines: raw lines received in answer to a `+` challenge.
        received: every byte received, after decryption.
        clear_bytes: every byte received outside TLS.
        phase: ``"clear"`` or ``"tls"``.
        split: when set, everything sent goes out in pieces of that many bytes.
        data: free for the handler (the automatic server keeps its session there).
        ended: how it ended: None while open, ``"peer"``, ``"closed"``, ``"reset"``, ``"error"``.
        tls_error: what went wrong in the handshake or the TLS layer, if anything.
        leftover: bytes that had arrived in the clear behind the command that began TLS.
        wire_bytes: how many bytes this side has sent and received since compression began.
    """

    def __init__(self, server: ScriptedServer, sock: socket.socket, index: int) -> None:
        self.server, self.index = server, index
        self.commands: list[Command] = []
        self.lines: list[bytes] = []
        self.received = bytearray()
        self.clear_bytes = bytearray()
        self.split: int | None = server.split
        self.data: Any = None
        self.ended: str | None = None
        self.tls_error: Exception | None = None
        self.leftover = b""
        self.wire_bytes = [0, 0]
        self._deflate: Any = None
        self._inflate: Any = None
        self._sock = sock
        self._state = threading.RLock()
        self._sending = threading.RLock()
        self._crypto = threading.RLock()
        self._inside = 0  # threads inside a system call on the socket
        self._closing: str | None = None
        self._closed = threading.Event()
        self._may_read = threading.Event()
        self._may_read.set()
        self._buffer = bytearray()
        self._at = 0
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._secure = threading.Event()
        self._raw_wanted = 0
        self._taken = 0
        self._taken_lines = 0
        self._corked: list[bytes] | None = None
        self._corked_size = 0
        self._reader = threading.Thread(target=self._run, name=f"scripted-conn-{index}", daemon=True)

    def __repr__(self) -> str:
        return f"<Conn {self.index} {self.phase} {self.ended or 'open'} commands={len(self.commands)}>"

    # -- state -------------------------------------------------------------------------------------

    @property
    def phase(self) -> str:
        """Whether TLS is up: ``"clear"`` or ``"tls"``."""
        return "tls" if self._secure.is_set() else "clear"

    @property
    def compressed(self) -> bool:
        """Whether both sides compress."""
        return self._deflate is not None

    @property
    def open(self) -> bool:
        """Whether neither side has closed it, as far as the system knows."""
        if self.ended is not None or self._closing or self._closed.is_set():
            return False
        info = getattr(socket, "TCP_INFO", None)
        if info is None:
            return True
        try:  # on Linux the first byte is the TCP state, 1 is ESTABLISHED; the reader may lag behind
            return self._sock.getsockopt(socket.IPPROTO_TCP, info, 1)[0] == 1
        except OSError:  # closed meanwhile
            return False

    def peer_port(self) -> int:
        """The client's port (the connection must be open)."""
        return int(self._sock.getpeername()[1])

    # -- sending -----------------------------------------------------------------------------------

    def send(self, *data: Text) -> None:
        """Send bytes as they stand, whole or in pieces of `split` bytes. Raises ConnectionError when it
        is closed."""
        blob = b"".join(map(as_bytes, data))
        if self._tls is not None and not self._secure.is_set():
            self._await_secure()
        with self._sending:
            if self._corked is not None:
                self._corked.append(blob)
                self._corked_size += len(blob)
                if self._corked_size < _RECEIVE and threading.current_thread() is self._reader:
                    return
                self._flush()
                return
            self._transmit(blob)

    def untagged(self, *lines: Text) -> None:
        """Send untagged lines; the leading ``* `` may be left out."""
        self.send(*(as_untagged(line) for line in lines))

    def reply(self, cmd: Command | str, status: Text = "OK done", untagged: Iterable[Text] = ()) -> None:
        """Send the untagged lines and the tagged result of a command in one write."""
        tag = cmd.tag if isinstance(cmd, Command) else cmd
        self.send(*(as_untagged(line) for line in untagged), tag + " ", as_line(status))

    def reply_together(self, answers: Sequence[tuple[Command, Iterable[Text]]], status: Text = "OK done") -> None:
        """Answer several commands side by side: first the untagged lines of all, then all tagged results."""
        blob = [as_untagged(line) for _, lines in answers for line in lines]
        blob += [cmd.tag.encode() + b" " + as_line(status) for cmd, _ in answers]
        self.send(*blob)

    def challenge(self, text: Text = "", timeout: float = PATIENCE) -> bytes:
        """Send ``+ text`` and return the client's next line as it stands, without CRLF."""
        if threading.current_thread() is self._reader:
            self.send("+ ", as_line(text))
            return self._read_line()[:-2]
        with self.server.changed:
            self._raw_wanted += 1
        self.send("+ ", as_line(text))
        return self.expect_line(timeout)

    def drip(self, data: Text) -> Drip:
        """An object that sends `data` piece by piece, as the test says."""
        return Drip(self, as_bytes(data))

    def start_deflate(self, *, clear: Text = b"") -> None:
        """Compress from now on (RFC 4978). `clear` goes out first, not compressed: the tagged OK, and whatever a
        test wants to inject behind it."""
        with self._sending, self._crypto:
            self._flush()
            self._transmit(as_bytes(clear))
            assert self._at == len(self._buffer), "the client sent something before it knew that compression begins"
            self._deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)

    def send_raw(self, *data: Text) -> None:
        """Send bytes below the compression, which has begun."""
        with self._sending:
            deflate, self._deflate = self._deflate, None
            self._transmit(b"".join(map(as_bytes, data)))
            self._deflate = deflate

    def _transmit(self, blob: bytes) -> None:
        if self._deflate is not None:
            blob = self._deflate.compress(blob) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
            self.wire_bytes[0] += len(blob)
        step = self.split or len(blob) or 1
        for start in range(0, len(blob), step):
            piece = blob[start : start + step]
            if self._tls is not None:
                with self._crypto:
                    self._tls.write(piece)
                    piece = self._outgoing.read()
            self._to_socket(piece)

    def _to_socket(self, data: bytes) -> None:
        with self._in_system_call():
            self._sock.sendall(data)

    @contextlib.contextmanager
    def corked(self) -> Iterator[None]:
        """Collect what this connection's reader thread sends inside the block into few writes."""
        with self._sending:
            self._corked, self._corked_size = [], 0
        try:
            yield
        finally:
            with self._sending:
                self._flush()
                self._corked = None

    def _flush(self) -> None:
        if self._corked:
            blob = b"".join(self._corked)
            self._corked, self._corked_size = [], 0
            self._transmit(blob)

    @contextlib.contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Nobody else sends on this connection inside the block."""
        with self._sending:
            yield

    def flush(self) -> None:
        """Send what a `corked` block has collected so far."""
        with self._sending:
            self._flush()

    # -- ending ------------------------------------------------------------------------------------

    def close(self, *, notify: bool = True) -> None:
        """End the connection with FIN. Under TLS a close_notify goes first unless `notify` is false (a
        cut line)."""
        if self._corked and not self._closed.is_set():
            with contextlib.suppress(OSError):
                self.flush()
        if notify and self._secure.is_set() and not self._closed.is_set():
            with contextlib.suppress(OSError, ssl.SSLError), self._sending, self._crypto:
                assert self._tls is not None
                with contextlib.suppress(ssl.SSLError):
                    self._tls.unwrap()
                self._to_socket(self._outgoing.read())
        self._end("closed")

    def reset(self) -> None:
        """End the connection with RST."""
        self._end("reset")

    def send_and_close(self, data: Text, *, notify: bool = False) -> None:
        """Send `data`, say half a literal, and cut the line."""
        self.send(data)
        self.close(notify=notify)

    def _end(self, how: str) -> None:
        with self._state:
            if self._closed.is_set():
                return
            self._closing = self._closing or how
            if self._inside == 0:
                self._close_socket()
            else:  # a thread is inside recv or send: wake it, it closes on its way out
                with contextlib.suppress(OSError):
                    self._sock.shutdown(socket.SHUT_RD if how == "reset" else socket.SHUT_RDWR)
        self._may_read.set()
        if threading.current_thread() is not self._reader:
            self._closed.wait(PATIENCE)

    def _close_if_due(self) -> None:
        if self._closing is not None and self._inside == 0:
            self._close_socket()

    def _close_socket(self) -> None:
        """Close the descriptor; the state lock is held and no thread is inside a call on it."""
        if self._closed.is_set():
            return
        with contextlib.suppress(OSError):
            if self._closing == "reset":
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                self._sock.shutdown(socket.SHUT_WR)
                self._sock.setblocking(False)  # unread bytes would turn the FIN into a RST
                while self._sock.recv(_RECEIVE):
                    pass
        self._sock.close()
        self._closed.set()
        with self.server.changed:
            self.ended = self.ended or self._closing or "closed"
            self.server.changed.notify_all()

    @contextlib.contextmanager
    def _in_system_call(self) -> Iterator[None]:
        with self._state:
            if self._closing or self._closed.is_set():
                raise ConnectionEnded(f"{self!r} is closed")
            self._inside += 1
        try:
            yield
        finally:
            with self._state:
                self._inside -= 1
                self._close_if_due()

    # -- TLS ---------------------------------------------------------------------------------------

    def start_tls(self, context: ssl.SSLContext | None = None, *, clear: Text = b"") -> None:
        """Switch to TLS. `clear` goes out first, in the clear, with nothing in between: the tagged OK,
        and whatever a test wants to inject behind it."""
        context = context or self.server.tls
        assert context is not None, "no TLS context given"
        with self._sending, self._crypto:
            self._flush()
            if clear:
                self._to_socket(as_bytes(clear))
            self.leftover = bytes(self._buffer[self._at :])
            self._buffer, self._at = bytearray(), 0
            self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def reply_starttls(self, cmd: Command, *, inject: Text = b"", context: ssl.SSLContext | None = None) -> None:
        """Answer STARTTLS with OK, then switch. `inject` follows the OK in the same write, still in the
        clear."""
        self.start_tls(context, clear=cmd.tag.encode() + b" OK begin TLS now\r\n" + as_bytes(inject))

    def wait_secure(self, timeout: float = PATIENCE) -> None:
        """Wait until the handshake has succeeded; fails when the connection ends before."""
        self.server.wait_for(lambda: self._secure.is_set() or self.ended is not None, timeout)
        assert self._secure.is_set(), f"{self!r} ended before TLS was up: {self.tls_error!r}"

    def _await_secure(self) -> None:
        if threading.current_thread() is not self._reader:
            self.wait_secure()
            return
        while not self._secure.is_set():
            self._fill()

    def _decrypt(self, data: bytes) -> bytes:
        """Feed the TLS object; returns plain bytes. The handshake goes on as its bytes arrive."""
        out = bytearray()
        with self._crypto:
            assert self._tls is not None
            self._incoming.write(data)
            if not self._secure.is_set():
                try:
                    self._tls.do_handshake()
                except ssl.SSLWantReadError:
                    self._to_socket(self._outgoing.read())
                    return b""
                except ssl.SSLError as error:
                    self.tls_error = error
                    with contextlib.suppress(OSError):
                        self._to_socket(self._outgoing.read())  # the alert
                    raise ConnectionEnded(f"handshake failed: {error}") from error
                self._to_socket(self._outgoing.read())
                self._secure.set()
                with self.server.changed:
                    self.server.changed.notify_all()
            try:
                while chunk := self._tls.read(_RECEIVE):
                    out += chunk
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLZeroReturnError:
                if not out:
                    raise ConnectionEnded("close_notify") from None
            except ssl.SSLError as error:
                self.tls_error = error
                raise ConnectionEnded(f"TLS failed: {error}") from error
        return bytes(out)

    # -- reading -----------------------------------------------------------------------------------

    def pause_reading(self) -> None:
        """Take no more bytes from the system until `resume_reading` (a read under way still ends)."""
        self._may_read.clear()

    def resume_reading(self) -> None:
        """Read again."""
        self._may_read.set()

    def _fill(self) -> None:
        if self._corked:
            self.flush()  # the client may wait for these answers before it sends more
        self._may_read.wait()
        with self._in_system_call():
            data = self._sock.recv(_RECEIVE)
        if not data:
            raise ConnectionEnded("end of file")
        with self._crypto:
            secured = self._tls is not None
            if secured:
                data = self._decrypt(data)
            else:
                self.clear_bytes += data
            if self._inflate is not None:
                self.wire_bytes[1] += len(data)
                data = self._inflate.decompress(data)
            self.received += data
            if self._at:
                del self._buffer[: self._at]
                self._at = 0
            self._buffer += data

    def _read_line(self) -> bytes:
        seen = 0
        while True:
            found = self._buffer.find(b"\n", self._at + seen)
            if found >= 0:
                line = bytes(self._buffer[self._at : found + 1])
                self._at = found + 1
                return line
            seen = len(self._buffer) - self._at
            self._fill()

    def _read_exactly(self, size: int) -> bytes:
        while len(self._buffer) - self._at < size:
            self._fill()
        data = bytes(self._buffer[self._at : self._at + size])
        self._at += size
        return data

    @property
    def buffered(self) -> bool:
        """Whether a complete line has arrived that was not taken yet (for the reader thread)."""
        return self._buffer.find(b"\n", self._at) >= 0

    def read_line(self) -> bytes:
        """The next line as it stands, without CRLF. For handlers, on the reader thread only."""
        assert threading.current_thread() is self._reader, "read_line() belongs to handlers; use expect_line()"
        return self._read_line()[:-2]

    def read_exactly(self, size: int) -> bytes:
        """The next `size` bytes. For handlers, on the reader thread only."""
        assert threading.current_thread() is self._reader, "read_exactly() belongs to handlers"
        return self._read_exactly(size)

    def _next_command(self) -> Command | None:
        """One command, or None for a raw line (delivered to `lines`) and for a malformed one (kept as an
        error)."""
        phase = self.phase
        line = self._read_line()
        phase = self.phase if phase == "clear" else phase
        with self.server.changed:
            if self._raw_wanted:
                self._raw_wanted -= 1
                self.lines.append(line.removesuffix(b"\r\n"))
                self.server.changed.notify_all()
                return None
        if not self.server.tagged:
            word, _, rest = line.removesuffix(b"\n").removesuffix(b"\r").partition(b" ")
            return Command("", Atom.of(word).upper(), [Atom.of(rest)] if rest else [], line, self, phase=phase)
        raw, parts, refused = [line], list[bytes | Literal](), False
        while (match := _LITERAL.search(line)) is not None:
            parts.append(line[: match.start()])
            size, sync = int(match[2]), not match[3]
            if sync:
                refusal = self.server.literals(self, b"".join(raw), size)
                if refusal is not None:
                    self.send(raw[0].split(b" ", 1)[0], " ", as_line(refusal))
                    refused = True
                    break
                self.send("+ send it\r\n")
            data = self._read_exactly(size)
            parts.append((Literal if sync else NonSyncLiteral).of(data))
            line = self._read_line()
            raw += [data, line]
        else:
            parts.append(line.removesuffix(b"\r\n"))
        try:
            return parse_command(parts, b"".join(raw), self, phase=phase, refused=refused)
        except MalformedCommand as error:
            self.server.malformed(self, b"".join(raw), error)
            return None

    def _run(self) -> None:
        ended = "peer"
        try:
            if self.server.implicit_tls:
                self.start_tls()
                self._await_secure()
            self.server.greet(self)
            while True:
                cmd = self._next_command()
                if cmd is not None:
                    self._record(cmd)
                    if not cmd.refused:
                        self.server.dispatch(self, cmd)
        except OSError:
            pass  # the client is gone, or the test closed the connection; `ended` tells
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test shall see it
            ended = "error"
            self.server.fail(error)
        finally:
            self._end(ended)
            self.server.closed(self)

    def _record(self, cmd: Command) -> None:
        server = self.server
        with server.changed:
            cmd.serial = len(server.commands)
            self.commands.append(cmd)
            server.commands.append(cmd)
            server.changed.notify_all()

    # -- what a test waits for ---------------------------------------------------------------------

    def expect(self, name: str | None = None, timeout: float = PATIENCE) -> Command:
        """The next command that no `expect` has returned yet; fails unless it is called `name` ("UID
        FETCH", ...)."""
        return self.expect_many(1, name, timeout)[0]

    def expect_many(self, count: int, name: str | None = None, timeout: float = PATIENCE) -> list[Command]:
        """The next `count` commands, all called `name` when that is given."""
        with self.server.changed:
            self.server.wait_for(
                lambda: len(self.commands) >= self._taken + count or self.ended is not None,
                timeout,
                what=f"{count} x {name or 'any command'} on {self!r}",
            )
            cmds = self.commands[self._taken : self._taken + count]
            assert len(cmds) == count, f"{self!r} ended while {name or 'a command'} was expected"
            for cmd in cmds:
                assert name is None or cmd.name == name.upper(), f"expected {name}, got {cmd.raw[:200]!r}"
            self._taken += count
            return cmds

    def expect_line(self, timeout: float = PATIENCE) -> bytes:
        """The next raw line sent in answer to a challenge, without CRLF."""
        with self.server.changed:
            self.server.wait_for(
                lambda: len(self.lines) > self._taken_lines or self.ended is not None,
                timeout,
                what="a raw line",
            )
            assert len(self.lines) > self._taken_lines, f"{self!r} ended while a line was expected"
            self._taken_lines += 1
            return self.lines[self._taken_lines - 1]

    def wait_closed(self, timeout: float = PATIENCE) -> str:
        """Wait for the end of the connection; returns how it ended (see `ended`)."""
        with self.server.changed:
            self.server.changed.wait_for(lambda: self.ended is not None, timeout)
            assert self.ended is not None, f"{self!r} does not end\n{self.server.transcript()}"
            return self.ended


class ScriptedServer:
    """A server on a loopback port that does what it is told.

    Parameters:
        handler: called as ``handler(conn, cmd)`` on the connection's reader thread for every command.
        script: called as ``script(conn)`` on a thread of its own for every connection, after
            the greeting. Without handler and script the test drives:
            ``conn = server.accept(); cmd = conn.expect("LOGIN"); conn.reply(cmd)``.
        greeting: sent at once; None sends nothing; a callable is called with the connection, on its
            reader thread.
        tls: context for implicit TLS (with `implicit_tls`) and STARTTLS.
        split: send everything in pieces of that many bytes.
        tagged: parse IMAP commands (tags, literals); False gives lines (POP3, SMTP), named by their
            first word.
        at_most: more connections open at once are an error that `close()` raises.

    Use it as a context manager; leaving it closes everything, joins every thread and raises what went
    wrong on them.
    """

    def __init__(
        self,
        handler: Handler | None = None,
        *,
        script: Callable[[Conn], Any] | None = None,
        greeting: Text | Callable[[Conn], Any] | None = "* OK ready\r\n",
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        split: int | None = None,
        tagged: bool = True,
        at_most: int | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.handler, self.script, self.greeting = handler, script, greeting
        self.tls, self.implicit_tls, self.split, self.tagged = tls, implicit_tls, split, tagged
        self.at_most = at_most
        self.host = host
        self.changed = threading.Condition(threading.RLock())
        self.connections: list[Conn] = []
        self.commands: list[Command] = []
        self.errors: list[BaseException] = []
        self.peak_connections = 0
        self.literal_policy: LiteralPolicy | None = None
        self.expect_malformed = False
        self.malformed_lines: list[bytes] = []
        self._accepted = 0
        self._scripts: list[threading.Thread] = []
        self._stopping = False
        self._listener: socket.socket | None = None
        self._wake_read, self._wake_write = socket.socketpair()
        self._acceptor: threading.Thread | None = None
        self.port = 0
        self.resume_accepting()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.host}:{self.port} connections={self.connections!r}>"

    def __enter__(self: S) -> S:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._close()
        if error is None or isinstance(error, OSError):
            self.check()

    # -- accepting ---------------------------------------------------------------------------------

    def resume_accepting(self) -> None:
        """Listen (again, on the same port)."""
        assert self._listener is None
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.host, self.port))
        listener.listen(128)
        self.port = int(listener.getsockname()[1])
        self._listener = listener
        self._acceptor = threading.Thread(
            target=self._accept, args=(listener,), name=f"scripted-accept-{self.port}", daemon=True
        )
        self._acceptor.start()

    def stop_accepting(self) -> None:
        """Refuse new connections; the open ones stay."""
        if self._listener is None:
            return
        self._wake_write.send(b"x")
        assert self._acceptor is not None
        self._acceptor.join(PATIENCE)
        self._wake_read.recv(1)
        self._listener.close()
        self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        while True:
            ready, _, _ = select.select([listener, self._wake_read], [], [])
            if self._wake_read in ready:
                return
            sock, _ = listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.changed:
                conn = Conn(self, sock, len(self.connections))
                self.connections.append(conn)
                now = self.open_connections
                self.peak_connections = max(self.peak_connections, now)
                if self.at_most is not None and now > self.at_most:
                    self.errors.append(
                        AssertionError(f"{now} connections open at once, at most {self.at_most} allowed")
                    )
                self.changed.notify_all()
            conn._reader.start()

    @property
    def open_connections(self) -> int:
        """Connections that neither side has closed at this moment."""
        with self.changed:
            return sum(conn.open for conn in self.connections if conn.ended is None)

    # -- what subclasses and options decide --------------------------------------------------------

    def greet(self, conn: Conn) -> None:
        """Send the greeting and start the script; on the reader thread."""
        if callable(self.greeting):
            self.greeting(conn)
        elif self.greeting is not None:
            conn.send(self.greeting)
        if self.script is not None:
            thread = threading.Thread(
                target=self._run_script, args=(conn,), name=f"scripted-script-{conn.index}", daemon=True
            )
            with self.changed:
                self._scripts.append(thread)
            thread.start()

    def _run_script(self, conn: Conn) -> None:
        assert self.script is not None
        try:
            self.script(conn)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test shall see it
            if not self._stopping:  # waiting in expect() when the test ends is no failure
                self.fail(error)

    def dispatch(self, conn: Conn, cmd: Command) -> None:
        """Handle a command; on the reader thread."""
        if self.handler is not None:
            self.handler(conn, cmd)

    def literals(self, conn: Conn, so_far: bytes, size: int) -> Text | None:
        """Decide on a synchronizing literal: None sends the `+`, text is sent as the command's tagged
        result."""
        return self.literal_policy(conn, so_far, size) if self.literal_policy is not None else None

    def malformed(self, conn: Conn, raw: bytes, error: MalformedCommand) -> None:
        """A line that is no command: kept, answered with BAD, and an error unless `expect_malformed` is
        set."""
        with self.changed:
            self.malformed_lines.append(raw)
        if not self.expect_malformed:
            self.fail(error)
        conn.send("* BAD ", str(error).encode("ascii", "backslashreplace"), "\r\n")

    def closed(self, conn: Conn) -> None:
        """A connection has ended; on the reader thread."""

    def fail(self, error: BaseException) -> None:
        """Keep an error of a server thread for `check`."""
        with self.changed:
            self.errors.append(error)
            self.changed.notify_all()

    # -- what a test waits for ---------------------------------------------------------------------

    def wait_for(
        self, condition: Callable[[], Any] | int, timeout: float = PATIENCE, what: str = "the condition"
    ) -> None:
        """Wait until `condition()` is true (it runs under `changed`) or, given a number, until so many
        connections were accepted in all. Fails with the server's state after `timeout` seconds, or at once
        with a server thread's error."""
        if isinstance(condition, int):
            count = condition
            condition, what = (lambda: len(self.connections) >= count), f"{count} connections"
        end = time.monotonic() + timeout
        with self.changed:
            while not condition():
                if self.errors:
                    cause = self.errors[-1]
                    raise AssertionError(f"server thread failed while waiting for {what}") from cause
                if not self.changed.wait(max(0.0, end - time.monotonic())) and time.monotonic() >= end:
                    if condition():
                        return
                    raise AssertionError(f"no sign of {what} after {timeout} s\n{self.transcript()}")

    def wait_for_commands(self, count: int, name: str | None = None, timeout: float = PATIENCE) -> list[Command]:
        """Wait until `count` commands (called `name`) have arrived on all connections together, and
        return them."""

        def arrived() -> list[Command]:
            return [cmd for cmd in self.commands if name is None or cmd.name == name.upper()]

        self.wait_for(lambda: len(arrived()) >= count, timeout, what=f"{count} x {name or 'any command'}")
        with self.changed:
            return arrived()

    def accept(self, timeout: float = PATIENCE) -> Conn:
        """The next connection that no `accept` has returned yet."""
        with self.changed:
            wanted = self._accepted + 1
            self.wait_for(wanted, timeout)
            self._accepted = wanted
            return self.connections[wanted - 1]

    def transcript(self, last: int = 40) -> str:
        """The last commands of all connections, for failure messages."""
        with self.changed:
            lines = [repr(self)]
            lines += [f"  [{cmd.connection}] {cmd.raw[:120]!r}" for cmd in self.commands[-last:]]
            lines += [f"  error: {error!r}" for error in self.errors]
            return "\n".join(lines)

    # -- ending ------------------------------------------------------------------------------------

    def check(self) -> None:
        """Raise the first error of a server thread, if there is one."""
        if self.errors:
            raise self.errors[0]

    def close(self) -> None:
        """End everything, join every thread, and raise what went wrong on them."""
        self._close()
        self.check()

    def _close(self) -> None:
        with self.changed:
            if self._stopping:
                return
            self._stopping = True
            self.changed.notify_all()
        self.stop_accepting()
        for conn in list(self.connections):
            conn.resume_reading()
            conn._end("closed")
        own = threading.current_thread()
        for thread in [*(conn._reader for conn in self.connections), *self._scripts]:
            if thread is not own:
                thread.join(PATIENCE)
                if thread.is_alive():
                    self.errors.append(AssertionError(f"{thread.name} does not end"))
        self._wake_read.close()
        self._wake_write.close()
