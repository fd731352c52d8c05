"""A connection: one transport, one protocol core, one command queue that any thread may use.

Everything here is guarded by the connection's lock but the waiting itself. No thread exists merely
to read: whoever waits for an answer takes the role of the *pump*, reads for everybody, and passes
the role on when its own answer is in. Reads and writes never block and are made under the lock, so
one thread at a time touches the TLS object. Other waiting threads sleep on a latch of their own.

Life of a command: `submit` puts it in the queue; `_advance` sends it as soon as the window and the
traits of the unanswered commands allow; the protocol core finishes it; its waiter finds it in
`ready`. When the connection breaks, every command is handed back with `broken` set, and whoever
waits decides, by `Command.may_repeat`, whether to send it elsewhere.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from mailclients.engine.commands import NOT_YET, Command, GoAhead, Hold, ProtocolCore, Segment, State, Waiter
from mailclients.engine.deadlines import FOREVER, Deadline, RateMeter, now
from mailclients.engine.observer import Observer
from mailclients.engine.scheduling import LARGE, TOGETHER, WINDOW, WORTH_JOINING
from mailclients.engine.transport import Transport
from mailclients.errors import (
    ConnectionLostError,
    MailClientError,
    ObjectDisposedException,
    OutcomeUnknownError,
    RemoteProtocolError,
    TimeoutException,
    escape,
)
from mailclients.journal import Journal, note
from mailclients.options import MINIMUM_TRANSFER_RATE

log = logging.getLogger("mailclients.connection")

HIGH_WATER: Final = 256 * 1024  # bytes waiting to be written at which no more are produced
JOIN_BELOW: Final = 64 * 1024  # smaller pieces are joined into one write
READ_BUDGET: Final = 4 * 1024 * 1024  # bytes read before other threads get a chance at the lock
READ_SECONDS: Final = 0.1  # the same as a time: small answers cost more than their bytes
UPLOAD: Final = 1024  # bytes taken at once from which on sending is a transfer, and not a command line
RATE_WINDOW: Final = 5.0  # seconds over which a transfer has to keep its rate
ABANDON_BELOW: Final = 1024 * 1024  # answers that nobody wants are read if they are smaller

_numbers = itertools.count(1)


class _Outgoing(bytes):
    """Bytes on their way out; hidden from tracebacks that show local variables: they may be a password."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"

    __str__ = __repr__


class Connection:
    """One signed-in (or signing-in) session with a server.

    Attributes:
        number: tells connections apart in logs. core: the protocol. window: how many commands may
        be unanswered at once. window_bytes: at how many awaited bytes no further one is sent.
        journal: where the client writes down what goes over the wire, beside the log.
        tell_large: woken, once, when a large transfer begins to come in.
    """

    def __init__(
        self,
        transport: Transport,
        core: ProtocolCore,
        *,
        window: int = 64,
        window_bytes: int = 8 * 1024 * 1024,
        observer: Observer | None = None,
        journal: Journal | None = None,
    ) -> None:
        self.number = next(_numbers)
        self.core = core
        self.window = window
        self.window_bytes = window_bytes
        self.observer = observer
        self.journal = journal
        self.last_used = now()
        self.tell_large: Waiter | None = None
        self._transport = transport
        self._lock = threading.Lock()
        self._queue: deque[Command] = deque()
        self._in_flight: dict[Command, None] = {}
        self._cost = 0
        self._large = 0
        self._masks: dict[tuple[int, int], int] = {}
        self._behaviour = 0
        self._excludes = 0
        self._keys: set[Any] = set()
        self._barrier = False
        self._holder: object = None
        self._hold_depth = 0
        self._guests: set[object] = set()  # owners for whom the holder's block is open
        self._sending: Iterator[Segment] | None = None
        self._sending_command: Command | None = None
        self._starting: Command | None = None  # out of the queue, and not yet among the unanswered
        self._paused = False
        self._out: deque[bytes | memoryview] = deque()
        self._tail = bytearray()
        self._out_bytes = 0
        self._queued_offset = 0  # bytes ever produced
        self._flushed_offset = 0  # bytes ever handed to the system
        self._handed_offset = 0  # the same, with those that may just have been
        self._pump: Waiter | None = None
        self._pump_waiting = False
        self._more = False
        self._sleepers: list[Waiter] = []
        self._rate = RateMeter(MINIMUM_TRANSFER_RATE, RATE_WINDOW)
        self._transferred: int = 0
        self._answers = 0
        self._in_a_row = 0  # answers since the server last refused a line that commands shared
        self._error: MailClientError | None = None
        self._prerequisite: tuple[Command, Command] | None = None
        self._gone = threading.Event()
        self._parting = False
        self._said_goodbye = False

    # -- predicates: what the pool may ask ------------------------------------------------------------

    @property
    def broken(self) -> bool:
        """Whether the connection is closed, for whatever reason."""
        return self._error is not None

    @property
    def error(self) -> MailClientError | None:
        """Why the connection is closed, or None."""
        return self._error

    @property
    def idle(self) -> bool:
        """Whether no command is queued or unanswered."""
        return not self._queue and not self._in_flight

    @property
    def held(self) -> bool:
        """Whether an exclusive block is under way."""
        return self._holder is not None

    @property
    def load(self) -> int:
        """How many commands are queued or unanswered."""
        return len(self._queue) + len(self._in_flight)

    @property
    def large(self) -> bool:
        """Whether a transfer is under way, or announced, that others should not wait behind."""
        return self.core.incoming > LARGE or self._large > 0

    @property
    def at_pace(self) -> bool:
        """Whether it has answered a whole window one by one: it may be asked for more at once."""
        return self._in_a_row >= WINDOW

    @property
    def mean_size(self) -> float:
        """How many bytes an answer had so far."""
        return self._transferred / (self._answers or 1)

    @property
    def encrypted(self) -> bool:
        return self._transport.encrypted

    @property
    def transport(self) -> Transport:
        """For the code that opens the connection, before anybody else knows it."""
        return self._transport

    @property
    def logs(self) -> bool:
        """Whether what goes over the wire is written down anywhere."""
        return log.isEnabledFor(logging.DEBUG) or (self.journal is not None and self.journal.on)

    # -- entering ------------------------------------------------------------

    def submit(self, commands: Sequence[Command], waiter: Waiter) -> None:
        """Puts commands at the end of the queue, in order; they are sent when their turn comes.

        Args:
            waiter: will find each of them in `ready`, finished, failed or broken.
        """
        with self._lock:
            for command in commands:
                if command.abandoned:
                    continue  # withdrawn on its way here
                command.waiter = waiter
                if waiter.deadline is not None:
                    command.deadline = waiter.deadline
                elif command.deadline is not None:
                    waiter.due = min(waiter.due, command.deadline.at)
                command.state = State.QUEUED
                if self.observer is not None:
                    self.observer("command_queued", command)
                self._queue.append(command)
            if self._error is not None:
                self._fail_all(self._error)
                return
            self._advance_now()

    def execute(self, commands: Sequence[Command], deadline: Deadline, owner: object = None) -> None:
        """Sends commands and waits until each is finished, failed or broken.

        An interrupted wait leaves its commands behind: those unsent are withdrawn, the answers of
        the others are thrown away.
        """
        waiter = Waiter(deadline)
        for command in commands:
            command.owner = owner
        try:
            self.submit(commands, waiter)
            left = len(commands)
            while left:
                self.wait(waiter)
                left -= len(waiter.ready)
                waiter.ready.clear()
        except BaseException:
            self.forsake(commands)
            raise

    # -- waiting ------------------------------------------------------------

    def wait(self, waiter: Waiter) -> None:
        """Waits until something is in `waiter.ready` or somebody poked the waiter.

        Deadlines are kept here: a command whose time is over is put in `ready` with its error.
        """
        try:
            while True:
                with self._lock:
                    if waiter.signalled:
                        waiter.latch.acquire(blocking=False)
                        waiter.signalled = False
                    timeout = None
                    if not waiter.ready and not waiter.poked:
                        timeout = self._expire(waiter)
                    if waiter.ready or waiter.poked or self._error is not None:
                        waiter.poked = False
                        self._step_down(waiter)
                        return
                    write = bool(self._out_bytes)
                    pumping = self._pump is None or self._pump is waiter
                    look_first = pumping and not self._more
                    if pumping:
                        self._pump = waiter
                        self._pump_waiting = look_first
                    else:
                        self._sleepers.append(waiter)
                if not pumping:
                    woken = waiter.latch.acquire(timeout=-1 if timeout is None else timeout)
                    with self._lock:
                        if woken:
                            waiter.signalled = False
                        if waiter in self._sleepers:
                            self._sleepers.remove(waiter)
                    continue
                if look_first:
                    self._transport.wait(write=write, timeout=timeout)
                with self._lock:
                    self._pump_waiting = False
                    if self.broken:
                        self._close_transport()
                    else:
                        self._guarded(self._read)
        except BaseException:
            # An interrupted thread passes its duties on.
            with self._lock:
                self._pump_waiting = self._pump_waiting and self._pump is not waiter
                if waiter in self._sleepers:
                    self._sleepers.remove(waiter)
                self._step_down(waiter)
                if self._error is not None and not self._pump_waiting:
                    self._close_transport()
            raise

    def poke(self, waiter: Waiter) -> None:
        """Ends the waiter's `wait`, now or the next time."""
        with self._lock:
            waiter.poked = True
            self._signal(waiter)

    def interject(self, step: Callable[[], object]) -> None:
        """Says something in the middle of a command: `step`, called under the lock, puts it into the core's replies."""
        with self._lock:
            if self._error is None:
                self._guarded(step)
            if self._error is None:
                self._guarded(self._settle)
            self._advance_now()

    def resume(self, command: Command) -> None:
        """Hands a command that was never sent back to its waiter (the end of a pause)."""
        with self._lock:
            if self._error is None:  # else its operation goes on, and pauses, on another connection
                self._deliver(command)

    def _signal(self, waiter: Waiter) -> None:
        if self._pump is waiter:
            if self._pump_waiting:
                self._transport.wake()
        elif not waiter.signalled:
            waiter.signalled = True
            waiter.latch.release()

    def _step_down(self, waiter: Waiter) -> None:
        if self._pump is waiter:
            self._pump = None
        if self._pump is None and self._sleepers:
            self._signal(self._sleepers[0])

    # -- the pump ------------------------------------------------------------

    def _guarded(self, step: Any) -> None:
        """Runs a step that touches the wire; whatever goes wrong in it costs this connection only."""
        try:
            step()
        except MailClientError as error:
            self._break(error)
        except OSError as error:
            lost = ConnectionLostError(f"connection {self.number} to {self._peer()} broke: {error}")
            lost.__cause__ = error
            self._break(lost)
        except BaseException as error:
            # Interrupted in the middle of a line: nobody can tell any more what was sent or read.
            self._flushed_offset = self._handed_offset
            lost = ConnectionLostError(f"connection {self.number} was given up: {type(error).__name__} in its thread")
            lost.__cause__ = error
            self._break(lost)
            raise

    def _read(self) -> None:
        core, transport = self.core, self._transport
        budget, until = READ_BUDGET, now() + READ_SECONDS
        self._more = False
        while True:
            buffer = core.buffer()
            count = transport.read_into(buffer)
            if count is None:
                break
            if count == 0:
                said = f' after saying "{escape(core.goodbye)}"' if core.goodbye else ""
                raise ConnectionLostError(f"{self._peer()} closed connection {self.number}{said}")
            try:
                core.received(count)
            except MailClientError:
                self._settle()  # what was answered before the fault is answered, in however many reads it came
                raise
            self._settle()
            if self.tell_large is not None and core.incoming > LARGE:
                waiter, self.tell_large = self.tell_large, None
                waiter.poked = True
                self._signal(waiter)
            budget -= count
            if budget <= 0 or now() >= until:
                self._more = True
                break
            if count < len(buffer) and not transport.encrypted:
                break
        self._advance()

    def _settle(self) -> None:
        """Deals with what the protocol core made of the bytes."""
        core = self.core
        at = 0.0
        if core.transferred != self._transferred:
            at = now()
            self._rate.add(core.transferred - self._transferred, at)
            self._transferred = core.transferred
        if core.progressed:
            at = at or now()
            for command in core.progressed:
                if command.wakes:
                    if command.waiter is not None:
                        command.waiter.poked = True
                        self._signal(command.waiter)
                elif command.deadline is not None:
                    command.deadline.restart(at)
            core.progressed.clear()
        if core.replies:
            for reply in core.replies:
                self._produce(reply)
            core.replies.clear()
        if core.go_ahead:
            core.go_ahead = False
            self._paused = False
        if core.finished:
            self._answers += len(core.finished)
            again = [command for command in core.finished if command.state is State.QUEUED]
            self._in_a_row = 0 if again else self._in_a_row + len(core.finished)
            for command in core.finished:
                self._leave(command)
            core.finished.clear()
            if again:
                self._queue.extendleft(reversed([command for command in again if command.state is State.QUEUED]))
            if self._in_flight:
                self._oldest_changed(at)

    def _leave(self, command: Command) -> None:
        """An answer is complete: out of the window, and to whoever waits."""
        del self._in_flight[command]
        self._cost -= command.cost
        self._large -= command.cost > LARGE
        self._barrier = self._barrier and not command.barrier
        self._keys.difference_update(command.keys)
        mask = (command.behaviour, command.excludes)
        if self._masks[mask] > 1:
            self._masks[mask] -= 1
        else:
            del self._masks[mask]
            self._behaviour = self._excludes = 0
            for behaviour, excludes in self._masks:
                self._behaviour |= behaviour
                self._excludes |= excludes
        if command is self._sending_command and self._paused:
            # Refused before its literal was asked for: the literal must not be sent.
            self._sending = self._sending_command = None
            self._paused = False
        if command.state is not State.QUEUED or command.abandoned:
            self._deliver(command)

    def _deliver(self, command: Command) -> None:
        command.state = State.DONE
        if self.observer is not None:
            self.observer("command_done", command)
        if command.silent:
            self._prerequisite_done(command)
            return
        waiter = command.waiter
        if waiter is not None and not command.abandoned:
            waiter.ready.append(command)
            self._signal(waiter)

    def _prerequisite_done(self, first: Command) -> None:
        """What could not be prepared fails with its preparation: asking again would give the same again."""
        if self._prerequisite is None or self._prerequisite[0] is not first:
            return
        command, self._prerequisite = self._prerequisite[1], None
        if first.error is not None and first.broken is None and command in self._queue:
            self._queue.remove(command)
            command.fail(first.error)
            self._deliver(command)

    def _oldest_changed(self, at: float = 0.0) -> None:
        """The clock of a task runs from the moment its command is the oldest on the connection."""
        for oldest in self._in_flight:
            deadline = oldest.deadline
            if deadline is not None and not deadline.started:
                deadline.start(at or now())
                # Whoever keeps this deadline may be asleep already, without an end in sight.
                waiter = self._pump if oldest.abandoned else oldest.waiter
                if waiter is not None:
                    waiter.due = min(waiter.due, deadline.at)
                    self._signal(waiter)
            break

    # -- sending ------------------------------------------------------------

    def _advance_now(self) -> None:
        """`_advance` for those who are not the pump: it may have to wait for room to write now."""
        if self._error is None:
            self._guarded(self._advance)
            if self._pump_waiting and (self._out_bytes or self._transport.unsent):
                self._transport.wake()

    def _advance(self) -> None:
        """Sends what may be sent: the rest of a half-sent command, then the queue in order."""
        while True:
            if self._sending is not None and not self._produce_more():
                break
            if not self._queue or self._out_bytes >= HIGH_WATER:
                break
            command = self._next_command()
            if command is None:
                break
            self._start(command)
            self._starting = None
        self._flush()

    def _next_command(self) -> Command | None:
        """Takes the next command out of the queue if it may share the wire with the unanswered ones."""
        queue = self._queue
        while queue:
            position = 0
            if self._holder is not None:
                insiders = {self._holder, *self._guests}
                owners = (place for place, queued in enumerate(queue) if queued.owner in insiders)
                position = next(owners, -1)
                if position < 0:
                    return None
            command = queue[position]
            if self._in_flight and (
                self._barrier
                or command.barrier
                or len(self._in_flight) >= self.window
                or self._cost + command.cost > self.window_bytes
                or self._behaviour & command.excludes
                or self._excludes & command.behaviour
                or not self._keys.isdisjoint(command.keys)
            ):
                return None
            try:
                first = self.core.prerequisite(command)
            except MailClientError as error:
                del queue[position]
                command.fail(error)
                self._deliver(command)
                continue
            if first is not None:
                if self._in_flight:
                    return None
                first.owner, first.waiter, first.deadline = command.owner, command.waiter, command.deadline
                first.silent = True
                self._prerequisite = (first, command)
                return first
            if command.barrier and self._in_flight:
                return None  # a barrier since the protocol looked at it: it has a synchronizing literal
            self._starting = command
            del queue[position]
            return command
        return None

    def _start(self, command: Command) -> None:
        if isinstance(command, Hold):
            self._holder = command.owner
            self._hold_depth += 1
            self._deliver(command)
            return
        others = self._companions(command) if self._queue else ()
        if others:
            command.take_along(others)
        try:
            segments = self.core.send(command)
        except MailClientError as error:
            command.fail(error)
            self._deliver(command)
            return
        first = not self._in_flight
        self._enter(command)
        if self.logs:
            note(log, self.journal, "connection %d > %s", self.number, command.log_line())
        for other in others:
            self._enter(other)
            self._queue.popleft()
            other.end_offset = self._queued_offset + len(segments) if isinstance(segments, bytes) else NOT_YET
        if isinstance(segments, bytes):
            self._tail += segments
            self._out_bytes += len(segments)
            self._queued_offset += len(segments)
            command.end_offset = self._queued_offset
        else:
            self._sending = iter(segments)
            self._sending_command = command
            self._produce_more()
        if first:
            self._oldest_changed()

    def _enter(self, command: Command) -> None:
        """The command is on the wire from now on."""
        command.state = State.SENT
        self._in_flight[command] = None
        self._cost += command.cost
        self._large += command.cost > LARGE
        self._barrier = command.barrier
        self._keys.update(command.keys)
        mask = (command.behaviour, command.excludes)
        self._masks[mask] = self._masks.get(mask, 0) + 1
        self._behaviour |= command.behaviour
        self._excludes |= command.excludes
        command.end_offset = NOT_YET
        if self.observer is not None:
            self.observer("command_sent", command)

    def _companions(self, first: Command) -> list[Command]:
        """Commands at the head of the queue that go on the same line as `first`, which has just been taken from it."""
        queue, found = self._queue, list[Command]()
        if len(queue) < WORTH_JOINING or not self.at_pace or self._holder is not None or not first.joins(queue[0]):
            return found
        room = min(self.window - len(self._in_flight), TOGETHER) - 1
        cost = self._cost + first.cost
        keys = self._keys.union(first.keys)
        for other in queue:
            cost += other.cost
            if len(found) >= room or cost > self.window_bytes or not keys.isdisjoint(other.keys):
                break
            if not first.joins(other) or not self._may_go_now(other):
                break
            keys.update(other.keys)
            found.append(other)
        return found if len(found) >= WORTH_JOINING else []

    def _may_go_now(self, command: Command) -> bool:
        try:
            return self.core.prerequisite(command) is None
        except MailClientError:
            return False  # it is told so when it is its turn

    def _produce_more(self) -> bool:
        """Produces bytes of the half-sent command; True when it is wholly produced."""
        if self._sending is None:
            return True
        if self._paused:
            return False
        for segment in self._sending:
            if isinstance(segment, GoAhead):
                self._paused = True
                return False
            self._produce(segment)
            if self._out_bytes >= HIGH_WATER:
                return False
        if self._sending_command is not None:
            self._sending_command.end_offset = self._queued_offset
        self._sending = self._sending_command = None
        return True

    def _produce(self, data: bytes | bytearray | memoryview) -> None:
        size = len(data)
        self._out_bytes += size
        self._queued_offset += size
        if size < JOIN_BELOW:
            self._tail += data
            return
        if self._tail:
            self._out.append(_Outgoing(self._tail))
            self._tail.clear()
        view = memoryview(data)
        self._out.extend(view[start : start + JOIN_BELOW] for start in range(0, size, JOIN_BELOW))

    def _flush(self) -> None:
        """Hands bytes to the system until it takes no more; refills from the half-sent command."""
        self._transport.flush()  # what it took earlier, even if nothing comes behind it
        while self._out_bytes:
            if not self._out:
                self._out.append(_Outgoing(self._tail))
                self._tail.clear()
            chunk = self._out[0]
            if self._sending is not None and self._out_bytes == len(chunk):
                self._produce_more()  # the end of a command is known before its last byte leaves
            self._handed_offset = self._flushed_offset + len(chunk)
            sent = self._transport.write(chunk)
            self._flushed_offset += sent
            self._handed_offset = self._flushed_offset
            if sent == 0:
                return
            self._out_bytes -= sent
            if sent == len(chunk):
                self._out.popleft()
            else:
                self._out[0] = memoryview(chunk)[sent:]
            if sent >= UPLOAD:
                self._rate.add(sent, now())  # a long upload is a transfer too
            if self._sending is not None and self._out_bytes < HIGH_WATER // 2:
                self._produce_more()

    # -- deadlines, cancelling ------------------------------------------------------------

    def _expire(self, waiter: Waiter) -> float | None:
        """Ends what is out of time among the waiter's commands; seconds until the next one is."""
        oldest = next(iter(self._in_flight), None)
        due = oldest.deadline if oldest is not None and (oldest.waiter is waiter or oldest.abandoned) else None
        at = waiter.due if waiter.deadline is None else waiter.deadline.at
        if due is not None:
            at = min(at, due.at)
        if at == FOREVER:
            return None
        current = now()
        if current < at:
            return at - current
        if oldest is not None and due is not None and current >= due.at:
            if self._rate.keeps_up(current, due.at - due.seconds):
                # Still coming in at a fair rate: look again in a moment.
                due.at = current + min(RATE_WINDOW, due.seconds)
                return self._expire(waiter)
            self._break(
                TimeoutException(
                    f"connection {self.number} to {self._peer()}: {oldest.name} was not answered within"
                    f" {due.milliseconds()} ms; the connection is closed"
                ),
                culprit=oldest,
            )
            return None
        waiter.due = FOREVER
        for command in [c for c in (*self._in_flight, *self._queue) if c.waiter is waiter and not c.abandoned]:
            deadline = command.deadline
            if deadline is None:
                continue
            if current < deadline.at:
                waiter.due = min(waiter.due, deadline.at)
            elif command.state is State.QUEUED:
                self._queue.remove(command)
                command.fail(
                    TimeoutException(
                        f"{command.name} was not sent within {deadline.milliseconds()} ms: others came"
                        f" first on connection {self.number}"
                    )
                )
                self._deliver(command)
            elif command is not oldest and not command.silent:
                self._fail_late(command, deadline)
        self._advance_now()
        return None if waiter.ready or waiter.deadline is not None else self._expire(waiter)

    def _fail_late(self, command: Command, deadline: Deadline) -> None:
        """A sent command that is not the oldest ran out of time: it fails alone."""
        late = TimeoutException(
            f"{command.name} was not answered within {deadline.milliseconds()} ms; its answer will be thrown away"
        )
        waiter = command.waiter
        self._disown(command)
        command.error = late
        if not command.idempotent and not self._may_cut(command):
            command.error = OutcomeUnknownError(
                f"the outcome of {command.name} is unknown: it was sent and not answered in time"
            )
            command.error.__cause__ = late
        if waiter is not None:
            waiter.ready.append(command)

    def _disown(self, command: Command) -> None:
        """Leaves a sent command on the wire with nobody waiting, on a clock of its own."""
        command.abandoned = True
        command.disowned()
        if command.deadline is not None:
            command.deadline = Deadline(command.deadline.seconds, started=False)
        self._oldest_changed()

    def _may_cut(self, command: Command) -> bool:
        """Whether the end of a command that is being sent can be kept back."""
        sending = command.state is State.SENT and command.end_offset > self._flushed_offset
        return command.cut_short and sending

    def cut(self, command: Command) -> bool:
        """Sees to it that a command never has its end, if that can still be; it has no effect then.

        The connection is closed, at once or, when commands ahead are unanswered, as soon as it is this one's turn.
        """
        with self._lock:
            if not self._may_cut(command):
                return False
            self._disown(command)
            if next(iter(self._in_flight)) is command:
                self._break(ConnectionLostError(f"connection {self.number} was closed to cancel {command.name}"))
            return True

    def withdraw(self, command: Command) -> bool:
        """Takes a command out of the queue, or keeps it from entering; False if it has been sent already."""
        with self._lock:
            if command.state is State.NEW:
                command.abandoned = True
                command.state = State.DONE
                return True
            if command.state is not State.QUEUED or command not in self._queue:
                return False
            self._queue.remove(command)
            command.abandoned = True
            command.state = State.DONE
            if self._prerequisite is not None and self._prerequisite[1] is command:
                # What was sent for its sake is the oldest one, and whoever kept its time may be gone.
                self._disown(self._prerequisite[0])
                self._prerequisite = None
            self._advance_now()  # what it stood in the way of
            return True

    def abandon(self, command: Command) -> bool:
        """Lets a sent command go on with nobody waiting; True if its connection had to be closed.

        Its answer is read and thrown away, unless that would be more than 1 MiB.
        """
        with self._lock:
            if command.state is not State.SENT:
                return False
            self._disown(command)
            alone = len(self._in_flight) == 1
            if max(command.cost, self.core.incoming if alone else 0) <= ABANDON_BELOW:
                return False
            self._break(ConnectionLostError(f"connection {self.number} was closed to cancel a large {command.name}"))
            return True

    def forget(self, command: Command) -> None:
        """Takes a command that only reads out of the queue, or throws its answer away."""
        if not self.withdraw(command):
            self.abandon(command)

    def forsake(self, commands: Iterable[Command]) -> None:
        """Forgets commands whose thread is being interrupted."""
        for command in commands:
            if not self.withdraw(command) and not self.cut(command):
                self.abandon(command)

    # -- exclusive ------------------------------------------------------------

    def hold(self, owner: object, deadline: Deadline) -> None:
        """Waits for its turn in the queue, then closes it to all owners but this one."""
        with self._lock:
            if self._holder is owner:
                self._hold_depth += 1
                return
        hold = Hold(owner)
        try:
            self.execute([hold], deadline, owner)
        except BaseException:
            self.release_hold(owner)  # it may have been granted in the moment of the interruption
            raise
        if hold.error is not None:
            raise hold.error

    def release_hold(self, owner: object) -> None:
        """Opens the queue again."""
        with self._lock:
            if self._holder is not owner:
                return
            if self._hold_depth > 1:
                self._hold_depth -= 1
                return
            try:
                self._guests.clear()
                self._hold_depth = 0
                self._holder = None
            finally:
                self._advance_now()

    def admit(self, guest: object) -> None:
        """Lets another owner's commands into the exclusive block under way, until `dismiss` or the block's end."""
        with self._lock:
            if self._holder is not None:
                self._guests.add(guest)
                self._advance_now()

    def dismiss(self, guest: object) -> None:
        """Takes back what `admit` allowed."""
        with self._lock:
            self._guests.discard(guest)

    def nudge(self) -> None:
        """Looks again whether something in the queue may be sent."""
        with self._lock:
            self._advance_now()

    # -- the end ------------------------------------------------------------

    def alive(self) -> bool:
        """Looks, without waiting, whether an idle connection is still there."""
        with self._lock:
            if self._error is None and self._pump is None and self._transport.readable():
                self._guarded(self._read)
            if self._error is None and self.core.goodbye is not None:
                self._break(ConnectionLostError(f'the server said goodbye: "{escape(self.core.goodbye)}"'))
            return self._error is None

    def close(self, reason: MailClientError | None = None) -> None:
        """Closes the connection now; whatever waits on it gets the reason."""
        with self._lock:
            if self._error is not None and self._pump_waiting:
                self._transport.interrupt()  # somebody says goodbye on it: enough of that
            elif self._said_goodbye:
                self._close_transport()  # whoever said it was kept from waiting for the answer
            self._break(reason or ObjectDisposedException(f"connection {self.number} was disposed"))

    def part(self, deadline: Deadline) -> None:
        """Says goodbye, waits until the server has closed its side, and closes.

        A server counts a connection until it has noticed the end, so a place in the quota is free
        only then. A connection that is in use is closed without goodbye; commands that come from now
        on are handed back as on a broken one.
        """
        if not self.take_leave():
            with self._lock:
                self._break(ObjectDisposedException(f"connection {self.number} was disposed"))
            # Woken, whoever waits on it closes it; a thread that was never there has closed it above.
            self._gone.wait(deadline.remaining())
            return
        with self._lock:
            if self._transport.closed:  # by somebody else, who wanted no more of it
                return
            self._pump_waiting = True  # it is this thread that waits and closes the descriptors
        try:
            scratch = memoryview(bytearray(16 * 1024))
            while not deadline.expired():
                self._transport.wait(write=False, timeout=deadline.remaining())
                while (count := self._transport.read_into(scratch)) is not None and count > 0:
                    pass
                if self._transport.interrupted or count == 0:
                    break
        except (OSError, RemoteProtocolError) as error:
            note(log, self.journal, "connection %d ended while saying goodbye: %s", self.number, error)
        finally:
            with self._lock:
                self._pump_waiting = False
                self._close_transport()

    def take_leave(self) -> bool:
        """Says goodbye and waits for nothing, so that many connections may end in one round trip; `part` does the rest.

        False, and nothing is said, where the connection is in use.
        """
        if not self.leave_if_idle(held=True):
            return False
        with self._lock:
            if not self._said_goodbye:
                self._said_goodbye = True
                self._pump_waiting = False  # nobody waits yet: whoever wants no more of it closes it
                try:
                    self._transport.write(self.core.farewell())
                except (OSError, RemoteProtocolError) as error:
                    note(log, self.journal, "connection %d ended while saying goodbye: %s", self.number, error)
        return True

    def leave_if_idle(self, *, held: bool = False) -> bool:
        """The first half of `part`: if nothing is on the connection, it counts as broken from now on.

        Args:
            held: do it in the middle of somebody's exclusive block, too.
        """
        with self._lock:
            if self._parting:
                return True
            sending = self._out_bytes or self._transport.unsent
            busy = not self.idle or sending or self._pump is not None or (self.held and not held)
            if self._error is not None or busy:
                return False
            self._parting = self._pump_waiting = True  # it is this thread that will wait and close the descriptors
            self._lose(ObjectDisposedException(f"connection {self.number} was disposed"))
            return True

    def abandon_in_child(self) -> None:
        """After a fork: closes the descriptors, writes nothing, takes no lock of the parent."""
        self._error = ObjectDisposedException("this connection belongs to the parent process")
        self._transport.abandon()

    def _break(self, reason: MailClientError, culprit: Command | None = None) -> None:
        if self._error is not None:
            return
        if self._pump_waiting:
            self._transport.interrupt()  # the pump is inside `wait`: it closes when it comes out
        else:
            self._close_transport()
        self._lose(reason, culprit)

    def _close_transport(self) -> None:
        self._transport.close()
        self._gone.set()

    def _lose(self, reason: MailClientError, culprit: Command | None = None) -> None:
        """From now on the connection counts as broken; hands everything on it back."""
        self._error = reason
        if self.observer is not None:
            self.observer("connection_broken", self)
        if not isinstance(reason, ObjectDisposedException):
            why = escape(str(reason))
            log.info("connection %d is closed: %s", self.number, why)
            if self.journal is not None:
                self.journal.write(f"connection {self.number} is closed: {why}")
        self._sending = self._sending_command = None
        self._out.clear()
        self._tail.clear()
        self._out_bytes = 0
        self._fail_all(reason, culprit)

    def _fail_all(self, reason: MailClientError, culprit: Command | None = None) -> None:
        prepared = self._prerequisite[1] if self._prerequisite is not None else None
        self._prerequisite = None
        late = culprit.deadline if culprit is not None else None
        starting, self._starting = self._starting, None
        commands = dict.fromkeys((*self._in_flight, *self._queue))
        if starting is not None and starting.state is State.QUEUED:
            commands[starting] = None  # interrupted while it was being sent, of which not a byte has left
        for position, command in enumerate(commands):
            if command.state is State.DONE:
                self._deliver(command)  # answered, and interrupted on the way to whoever asked
                continue
            command.was_oldest = command is prepared or (position == 0 and command.state is State.SENT)
            sent = command.state is State.SENT and command.end_offset <= self._flushed_offset
            command.lost(reason, sent=sent)
            of_culprit = command is culprit or (late is not None and command.deadline is late)
            if of_culprit and not isinstance(command.error, OutcomeUnknownError):
                command.error = reason
                command.broken = None  # its operation had its time: no second try
            self._deliver(command)
        self._in_flight.clear()
        self._queue.clear()
        self._keys.clear()
        self._masks.clear()
        self._behaviour = self._excludes = self._cost = self._large = 0
        self._barrier = False
        for waiter in self._sleepers:
            self._signal(waiter)

    def _peer(self) -> str:
        return f"{self._transport.peer[0]}:{self._transport.peer[1]}"

    def __repr__(self) -> str:
        state = "closed" if self._error is not None else "idle" if self.idle else "busy"
        first = next(iter(self._in_flight), None)
        oldest = f" oldest={first.name!r}" if first is not None else ""
        held = " held" if self._holder is not None else ""
        return (
            f"<Connection {self.number} {self._peer()} {state}{' tls' if self.encrypted else ''}{held}"
            f" queued={len(self._queue)} in_flight={len(self._in_flight)}{oldest}>"
        )
