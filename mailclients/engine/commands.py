"""Commands, and what a connection needs of a protocol to carry them. No thread, no I/O.

A `Command` is one exchange with the server. A protocol subclasses it with what to send and how to
read the answers; the engine only looks at the traits kept here: what the command excludes while it
is unanswered, whether it may be repeated, whose it is. A `ProtocolCore` turns commands into bytes
and bytes into finished commands; every call on it is made under the lock of its connection.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

from mailclients.engine.deadlines import FOREVER, now
from mailclients.errors import (
    ConnectionLostError,
    LimitReachedError,
    MailClientError,
    OutcomeUnknownError,
    RemoteProtocolError,
    SecurityError,
)

if TYPE_CHECKING:
    from mailclients.engine.deadlines import Deadline


class State(IntEnum):
    """Where a command is on its way."""

    NEW = 0
    QUEUED = 1
    SENT = 2
    DONE = 3


class GoAhead:
    """In a command's segments: what follows waits until the server asks for it."""

    __slots__ = ()


GO_AHEAD: Final = GoAhead()
NOT_YET: Final = 1 << 62  # the offset of an end that has not been produced

Segment = bytes | bytearray | memoryview | GoAhead


class Waiter:
    """One thread that waits for commands on a connection; all fields are the connection's.

    Attributes:
        ready: finished commands nobody has looked at yet.
        deadline: the end of the operation all its commands belong to; None when every command
            keeps a clock of its own (drivers, which carry many operations at once).
        due: without a deadline: no command of this waiter runs out of time before this moment.
    """

    __slots__ = ("deadline", "due", "latch", "poked", "ready", "signalled")

    def __init__(self, deadline: Deadline | None = None) -> None:
        self.ready: deque[Command] = deque()
        self.deadline = deadline
        self.due = FOREVER
        self.latch = threading.Lock()
        self.latch.acquire()
        self.signalled = False
        self.poked = False


class Command:
    """One protocol exchange.

    Attributes:
        name: what a person calls it (``UID FETCH``); free of secrets.
        idempotent: repeating it does no harm, so it may be sent again on another connection.
        behaviour, excludes: bit masks of the protocol; two commands may be unanswered together
            only if neither excludes what the other does.
        barrier: shares the wire with nothing.
        keys: what its answers are recognised by; two commands never await the same key.
        cost: how many bytes the answer is expected to have.
        per_item: progress restarts the operation's clock (operations over many messages).
        wakes: progress ends its waiter's wait instead; it restarts no clock.
        owner: the thread on whose behalf it runs, for exclusive blocks.
        finishing: it ends what an earlier command of its operation has begun, so it is sent even if that was cancelled.
        cut_short: it has no effect before its last byte, so its end may be kept back once nobody wants it; the
            connection goes with it.
    """

    cut_short: ClassVar[bool] = False

    __slots__ = (
        "abandoned",
        "barrier",
        "behaviour",
        "broken",
        "cost",
        "deadline",
        "end_offset",
        "error",
        "excludes",
        "finishing",
        "idempotent",
        "keys",
        "name",
        "owner",
        "per_item",
        "result",
        "silent",
        "state",
        "token",
        "waiter",
        "wakes",
        "was_oldest",
    )

    def __init__(
        self,
        name: str,
        *,
        idempotent: bool,
        behaviour: int = 0,
        excludes: int = 0,
        barrier: bool = False,
        keys: Iterable[Hashable] = (),
        cost: int = 256,
        per_item: bool = False,
    ) -> None:
        self.name = name
        self.idempotent = idempotent
        self.behaviour: int = behaviour
        self.excludes = excludes
        self.barrier = barrier
        self.keys: Iterable[Hashable] = keys
        self.cost = cost
        self.per_item = per_item
        self.wakes = False
        self.finishing = False
        self.owner: object = None
        self.silent = False  # sent for the sake of the command behind it: nobody waits for this one
        self.token: Any = None  # who gets the answer among a driver's operations
        self.reset()

    def reset(self) -> None:
        """Makes the command fit to be sent (again)."""
        self.state = State.NEW
        self.result: Any = None
        self.error: BaseException | None = None
        self.broken: MailClientError | None = None
        self.abandoned = False
        self.was_oldest = False  # the connection broke while this was the one to be answered next
        self.end_offset = 0
        self.waiter: Waiter | None = None
        self.deadline: Deadline | None = None

    def joins(self, other: Command) -> bool:
        """Whether the other one, which is behind it in the queue, may go on the same line.

        Both are answered by what they name. Each stays a command of its own: in the window, for its deadline, and for
        whoever withdraws or abandons it.
        """
        return False

    def take_along(self, others: Sequence[Command]) -> None:
        """The others, which it joins, are sent by the next `ProtocolCore.send` of this one.

        One that cannot be answered so is handed back in `finished` with the state QUEUED, to be sent again alone.
        """

    def finish(self, result: Any = None) -> None:
        """Called by the protocol: the answer is complete."""
        self.result = result
        self.state = State.DONE

    def fail(self, error: BaseException) -> None:
        """Called by the protocol: the server refused, or its answer is no use."""
        self.error = error
        self.state = State.DONE

    def disowned(self) -> None:
        """Nobody waits for the answer any more: what comes from now on must reach nobody.

        The segments of one that is `cut_short` raise a `ConnectionLostError` from now on, in the place of what is left.
        """

    def lost(self, reason: MailClientError, *, sent: bool) -> None:
        """The connection is gone. What may be done about it is decided by `may_repeat`."""
        self.state = State.DONE
        self.broken = reason
        if sent and not self.idempotent:
            unknown = OutcomeUnknownError(
                f"the outcome of {self.name} is unknown: it was sent, and the connection ended before the"
                f" answer ({reason}). Look before trying again."
            )
            unknown.__cause__ = reason
            self.error = unknown
        elif isinstance(reason, (ConnectionLostError, LimitReachedError)):
            self.error = reason
        else:
            # Who broke the protocol is to blame, not the network.
            kind = type(reason) if isinstance(reason, (RemoteProtocolError, SecurityError)) else ConnectionLostError
            lost = kind(f"{self.name} was not answered: {reason}")
            lost.__cause__ = reason
            self.error = lost

    @property
    def may_repeat(self) -> bool:
        """Whether sending the command again, on a fresh connection, is safe."""
        return self.broken is not None and not isinstance(self.error, OutcomeUnknownError)

    def log_line(self) -> str:
        """The command for the log, with anything secret left out."""
        return self.name

    def __repr__(self) -> str:
        error = f" {type(self.error).__name__}" if self.error is not None else ""
        return f"<{type(self).__name__} {self.name} {self.state.name.lower()}{error}>"


class Pause(Command):
    """Not sent: its operation goes on after so many seconds, whatever becomes of its connection meanwhile."""

    __slots__ = ("_until", "seconds")

    def __init__(self, seconds: float) -> None:
        super().__init__("pause", idempotent=True)
        self.seconds = seconds
        self._until = FOREVER

    def remaining(self) -> float:
        """Seconds from now on; the first call begins the pause."""
        self._until = min(self._until, now() + self.seconds)
        return max(0.0, self._until - now())


class Aside(Command):
    """Not sent: work of the caller's own, such as writing to its stream, which may take any time and call the client.

    A body yields it by itself, never in a list. It holds no connection and no place in a window: a plain call
    does it on the caller's thread, a task on a callback thread. The operation's clock stands still meanwhile.

    Attributes:
        work: called with this command; its result, or error, is the answer.
        wanted: whether anybody still waits; work that has several steps looks at it between them.
    """

    __slots__ = ("wanted", "work")

    def __init__(self, work: Callable[[Aside], Any]) -> None:
        super().__init__("aside", idempotent=True)
        self.work = work
        self.wanted: Callable[[], bool] = lambda: True

    def run(self, deadline: Deadline) -> None:
        """Does the work."""
        begun = now()
        try:
            self.finish(self.work(self))
        except BaseException as error:  # noqa: BLE001 - whatever it is, it goes to the body that asked for the work
            self.fail(error)
        deadline.at += now() - begun


class Hold(Command):
    """Enters the queue like a command and, when it is its turn, closes the queue to other owners."""

    __slots__ = ()

    def __init__(self, owner: object) -> None:
        super().__init__("exclusive", idempotent=True)
        self.owner = owner


def injected(command: str) -> SecurityError:
    """The error for bytes between the answer to a command that begins TLS (STARTTLS, STLS) and the handshake."""
    return SecurityError(f"the server sent something between its answer to {command} and the handshake")


class ProtocolCore(Protocol):
    """A protocol without I/O, as a connection sees it.

    Attributes:
        finished: commands whose answers are complete; the connection empties the list.
        progressed: commands flagged `per_item` or `wakes` that got something, or their end.
        replies: bytes to send at once (answers to challenges).
        go_ahead: set when the server asked for what follows a `GO_AHEAD`; the connection clears it.
        goodbye: what the server said when it announced that it closes the connection, or None.
        transferred: bytes of awaited answers so far; only grows. Unasked bytes do not count.
        incoming: size of the transfer that is coming in right now, 0 when there is none.
    """

    finished: list[Command]
    progressed: list[Command]
    replies: list[bytes]
    go_ahead: bool
    goodbye: str | None
    transferred: int
    incoming: int

    def prerequisite(self, command: Command) -> Command | None:
        """A command that has to be answered before this one may be sent, or None.

        Raises:
            MailClientError: the command cannot be sent any more; it fails with this error.
        """
        ...

    def send(self, command: Command) -> bytes | Iterable[Segment]:
        """Starts a command: what to send for it. Errors are as for `prerequisite`."""
        ...

    def buffer(self) -> memoryview:
        """Where to read the next bytes into."""
        ...

    def received(self, count: int) -> None:
        """Takes `count` bytes that were read into the buffer.

        Raises:
            MailClientError: the server broke the protocol; the connection is closed.
        """
        ...

    def farewell(self) -> bytes:
        """What to send before closing, best effort."""
        ...
