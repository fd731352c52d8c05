"""A connection of the engine over a pair of sockets, with a line protocol small enough to see through.

`Wire` owns a `Connection` and the other end of its socket, which the test drives: what it reads is what
left the queue, what it writes are the answers. No thread of its own; the threads that wait in the
connection are made by `Wire.start` and joined by `Wire.close`.
"""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any

import pytest

from mailclients.engine import connection as connection_module
from mailclients.engine import deadlines
from mailclients.engine.commands import GO_AHEAD, Command, Segment, Waiter
from mailclients.engine.connection import Connection
from mailclients.engine.deadlines import Deadline
from mailclients.engine.transport import Transport
from mailclients.errors import ImapException, MailClientError, RemoteProtocolError
from tests.support.clock import FakeClock
from tests.support.scripted import PATIENCE


class LineCommand(Command):
    """A line; with `literal`, the server is asked before that is sent, unless it is told not to wait."""

    __slots__ = ("after", "disowned_times", "literal", "tag", "waits")

    def __init__(
        self,
        name: str,
        *,
        idempotent: bool = True,
        literal: bytes | None = None,
        waits: bool = True,
        after: Callable[[], LineCommand | None] | None = None,
        **traits: Any,
    ) -> None:
        super().__init__(name, idempotent=idempotent, **traits)
        self.literal = literal
        self.waits = waits
        self.after = after
        self.tag = ""
        self.disowned_times = 0

    def disowned(self) -> None:
        self.disowned_times += 1


class LineCore:
    """Answers are ``tag OK text``, ``tag NO text``, ``* tag bytes...`` (progress), ``+`` and ``BYE text``."""

    def __init__(self) -> None:
        self.finished: list[Command] = []
        self.progressed: list[Command] = []
        self.replies: list[bytes] = []
        self.go_ahead = False
        self.goodbye: str | None = None
        self.transferred = 0
        self.incoming = 0
        self.by_tag: dict[str, LineCommand] = {}
        self.refuse_to_send: MailClientError | None = None
        self._tags = itertools.count(1)
        self._room = bytearray(4096)
        self._pending = b""

    def prerequisite(self, command: Command) -> Command | None:
        return command.after() if isinstance(command, LineCommand) and command.after is not None else None

    def send(self, command: Command) -> bytes | Iterable[Segment]:
        assert isinstance(command, LineCommand)
        if self.refuse_to_send is not None:
            raise self.refuse_to_send
        command.tag = f"t{next(self._tags)}"
        self.by_tag[command.tag] = command
        if command.literal is None:
            return f"{command.tag} {command.name}\r\n".encode()
        return self._segments(command, command.literal)

    def _segments(self, command: LineCommand, literal: bytes) -> Iterator[Segment]:
        yield f"{command.tag} {command.name} {len(literal)}\r\n".encode()
        if command.waits:
            yield GO_AHEAD
        yield literal
        yield b"\r\n"

    def buffer(self) -> memoryview:
        return memoryview(self._room)

    def received(self, count: int) -> None:
        *lines, self._pending = (self._pending + bytes(self._room[:count])).split(b"\r\n")
        if self._pending.startswith(b"* "):  # a long line under way is a transfer
            self.transferred += count
        for line in lines:
            self._line(line.decode())

    def _line(self, line: str) -> None:
        tag, _, rest = line.partition(" ")
        if tag == "+":
            self.go_ahead = True
        elif tag == "BYE":
            self.goodbye = rest
        elif tag == "*":
            self.transferred += len(rest)
            command = self.by_tag.get(rest.partition(" ")[0])
            if command is not None and command.per_item:
                self.progressed.append(command)
        elif tag in self.by_tag:
            command = self.by_tag.pop(tag)
            status, _, text = rest.partition(" ")
            if status == "OK":
                command.finish(text)
            else:
                command.fail(ImapException(text, status=status))
            self.finished.append(command)
        else:
            raise RemoteProtocolError(f"unknown tag {tag!r}")

    def farewell(self) -> bytes:
        return b"t0 LOGOUT\r\n"


class WatchedTransport(Transport):
    """Tells when somebody has gone to wait."""

    __slots__ = ("entered", "inside", "on_wait")

    def __init__(self, sock: socket.socket, peer: tuple[str, int]) -> None:
        super().__init__(sock, peer)
        self.entered = threading.Semaphore(0)
        self.inside = 0
        self.on_wait: Callable[[], object] | None = None

    def wait(self, *, write: bool, timeout: float | None) -> bool:
        assert self.inside == 0, "two threads wait on one transport"
        assert not self.closed, "waiting on a closed transport"
        self.inside += 1
        try:
            self.entered.release()
            if self.on_wait is not None:
                self.on_wait()
            return super().wait(write=write, timeout=timeout)
        finally:
            self.inside -= 1

    def close(self) -> None:
        assert self.inside == 0, "the descriptors were closed under a waiting thread"
        super().close()


class Call:
    """One `Connection.execute` on a thread of its own."""

    def __init__(self, wire: Wire, commands: Sequence[Command], deadline: Deadline, owner: object) -> None:
        self.commands = commands
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(wire, deadline, owner), name=commands[0].name)
        self._thread.start()

    def _run(self, wire: Wire, deadline: Deadline, owner: object) -> None:
        try:
            wire.connection.execute(self.commands, deadline, owner)
        except BaseException as error:  # noqa: BLE001 - for the test to look at
            self.error = error

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def join(self) -> Call:
        """Waits for its end; what it raised is raised here."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), f"{self.commands!r} is not over"
        if self.error is not None:
            raise self.error
        return self


class Wire:
    """A connection and the other end of it."""

    def __init__(self, *, buffers: int | None = None, **options: Any) -> None:
        ours, theirs = socket.socketpair()
        if buffers is not None:
            for sock in (ours, theirs):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffers)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffers)
        theirs.settimeout(PATIENCE)
        self.peer = theirs
        self.transport = WatchedTransport(ours, ("wire", 1))
        self.core = LineCore()
        self.connection = Connection(self.transport, self.core, observer=self._observe, **options)
        self.events: list[tuple[str, Any]] = []
        self.changed = threading.Condition()
        self._calls: list[Call] = []
        self._read = b""

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()
        for call in self._calls:
            call._thread.join(PATIENCE)
        self.transport.close()
        self.peer.close()

    def _observe(self, event: str, subject: Any, /) -> None:
        with self.changed:
            self.events.append((event, subject))
            self.changed.notify_all()

    def wait_event(self, event: str, subject: Any) -> None:
        """Waits until the engine told of this."""
        with self.changed:
            assert self.changed.wait_for(lambda: (event, subject) in self.events, PATIENCE), f"no {event} {subject!r}"
        with self.connection._lock:
            pass  # the step that told it is over, too

    # -- the threads' side -------------------------------------------------------------------------

    def start(self, *commands: Command, seconds: float | None = PATIENCE, owner: object = None) -> Call:
        """Executes commands on a thread; returns when they are in the queue."""
        call = Call(self, commands, Deadline(seconds), owner)
        self._calls.append(call)
        for command in commands:
            self.wait_event("command_queued", command)
        return call

    def pumped(self) -> None:
        """Waits until a thread has gone to wait on the transport."""
        assert self.transport.entered.acquire(timeout=PATIENCE)

    def settle(self, waiter: Waiter, command: Command) -> None:
        """Waits until a command of a driver's waiter is done."""
        while command not in waiter.ready:
            self.connection.wait(waiter)

    # -- the server's side -------------------------------------------------------------------------

    def line(self) -> str:
        """The next line that left the queue."""
        while b"\r\n" not in self._read:
            data = self.peer.recv(65536)
            assert data, "the connection was closed"
            self._read += data
        line, _, self._read = self._read.partition(b"\r\n")
        return line.decode()

    def lines(self, count: int) -> list[str]:
        """The names of the next `count` commands, without tags."""
        return [self.line().partition(" ")[2] for _ in range(count)]

    def silent(self) -> bool:
        """Whether nothing more has left the queue (everything is sent under the lock that submits it)."""
        if b"\r\n" in self._read:
            return False
        self.peer.setblocking(False)
        try:
            self._read += self.peer.recv(65536)
        except BlockingIOError:
            pass
        finally:
            self.peer.settimeout(PATIENCE)
        return not self._read

    def exactly(self, count: int) -> bytes:
        """The next `count` bytes."""
        while len(self._read) < count:
            data = self.peer.recv(65536)
            assert data, "the connection was closed"
            self._read += data
        piece, self._read = self._read[:count], self._read[count:]
        return piece

    def say(self, *lines: str) -> None:
        """Sends lines."""
        self.peer.sendall("".join(line + "\r\n" for line in lines).encode())

    def ok(self, *commands: Command) -> None:
        """Answers commands, each with its own name."""
        self.say(*(f"{command.tag} OK {command.name}" for command in commands))  # type: ignore[attr-defined]


class EngineClock(FakeClock):
    """The engine's clock, moved by the test; every step makes the threads of a wire look at it."""

    def watch(self, wire: Wire) -> None:
        """Wakes whoever waits on the wire at every step."""

        def look() -> None:
            connection = wire.connection
            with connection._lock:
                for waiter in connection._sleepers:
                    connection._signal(waiter)
                if connection._pump_waiting:
                    wire.transport.wake()

        self.on_advance(look)


@pytest.fixture
def engine_clock(monkeypatch: pytest.MonkeyPatch) -> EngineClock:
    """Time in deadlines and connections stands still but for `advance`."""
    clock = EngineClock()
    monkeypatch.setattr(deadlines, "now", clock)
    monkeypatch.setattr(connection_module, "now", clock)
    return clock
