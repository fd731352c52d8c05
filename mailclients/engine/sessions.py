"""Sessions: what a connection is to its user, kept beyond the life of one socket.

A `Session` has a place in the pool and, most of the time, an open connection. When the connection
is gone it opens another in the same place at the next use, signed in again; what the protocol
remembers of the session (the selected folder) is `memory`, which the protocol brings back by
itself. Each session's condition guards its opening: one thread opens, others wait for it.
`SignInGate` keeps a refused sign-in from becoming a storm.
"""

from __future__ import annotations

import itertools
import threading
from typing import Any, Protocol

from mailclients.engine.connection import Connection
from mailclients.engine.deadlines import Deadline, now
from mailclients.engine.pool import Pool, Slot, SlotKind
from mailclients.errors import (
    AuthenticationError,
    ConnectionLostError,
    LimitReachedError,
    ObjectDisposedException,
    TimeoutException,
)

RECENT = 1.0  # seconds after its last use in which an idle connection is taken to be alive


class Opener(Protocol):
    """Opens connections for sessions: connects, secures and signs in."""

    def _open_connection(self, slot: Slot, deadline: Deadline) -> Connection:
        """Returns a connection that is ready for commands; registers it with the pool's slot."""
        ...


_numbers = itertools.count(1)


class _Block:
    """An exclusive block: the connection it began on, and how often its owner has entered it."""

    __slots__ = ("connection", "depth")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.depth = 1


class Session:
    """One documented connection: the main one, a thread's, an independent one, or one for tasks.

    Attributes:
        number: the documented ``connection_id``. memory: the protocol's own state of the session.
        owner_thread: ident-independent token of the thread that made it, or None.
        slot: its place in the quota, or None; given by the pool. ticket: its place in the pool's line.
        created: where in the user's code it was made, for people.
    """

    def __init__(self, kind: SlotKind, opener: Opener, pool: Pool, ticket: int | None = None) -> None:
        self.number = next(_numbers)
        self.kind = kind
        self.slot: Slot | None = None
        self.ticket = ticket
        self.created = ""
        self.memory: Any = None
        self.owner_thread: object = None
        self.disposed = False
        self._opener = opener
        self._pool = pool
        self._connection: Connection | None = None
        self._limit: LimitReachedError | None = None
        self._changed = threading.Condition()
        self._opening = False
        self._was_open = False
        # Exclusive blocks, the last one on the open connection; those before have lost theirs and do not know yet.
        self._blocks: dict[object, _Block] = {}

    @property
    def connection(self) -> Connection | None:
        """The open connection, or None."""
        connection = self._connection
        return connection if connection is not None and not connection.broken else None

    @property
    def was_open(self) -> bool:
        """Whether it ever had a connection, and so a state that another session has not."""
        return self._was_open

    def ensure(self, deadline: Deadline, owner: object = None) -> Connection:
        """Returns the open connection, opening one if there is none.

        Raises:
            ConnectionLostError: the connection is gone and an exclusive block is under way.
            ObjectDisposedException, TimeoutException, NetworkException, SecurityError,
            AuthenticationError, LimitReachedError: it cannot be opened.
        """
        connection = self._connection
        if (
            connection is not None
            and not connection.broken
            and not self.disposed
            and not self._blocks
            and (not connection.idle or now() - connection.last_used < RECENT or connection.alive())
        ):
            connection.last_used = now()
            return connection
        opening = False
        opened: Connection | None = None
        try:
            with self._changed:
                while True:
                    if self.disposed:
                        raise ObjectDisposedException(f"{self!r} was disposed")
                    connection = self._connection
                    lost = self.lost_block(owner, connection)
                    if lost is not None:
                        raise lost
                    if connection is not None and not connection.broken:
                        return connection
                    if not self._opening:
                        opening = self._opening = True
                        break
                    if not self._changed.wait(deadline.remaining()):
                        raise TimeoutException(
                            f"no connection within {deadline.milliseconds()} ms: another thread is still opening it"
                        )
            opened = self._open(deadline)
            self._opening_ended(opened)
        except BaseException:
            # Whatever came, be it between two steps of this thread: nobody must wait for it for ever.
            if opening:
                slot = self.slot
                if slot is not None and isinstance(slot.connection, Connection):
                    opened = slot.connection
                self._opening_ended(opened)
            raise
        if self._is_disposed():
            raise ObjectDisposedException(f"{self!r} was disposed")
        return opened

    def _opening_ended(self, opened: Connection | None) -> None:
        """May be called again by a thread that was interrupted in it."""
        with self._changed:
            slot: Slot | None = None
            self._opening = False
            if opened is not None:
                self._connection = opened
                self._was_open = True
            disposed = self._is_disposed()
            if disposed:  # `dispose` has left the place to this thread, which was still using it
                slot, self.slot = self.slot, None
            self._changed.notify_all()
        if disposed:
            if opened is not None:
                opened.close()
            if slot is not None:
                self._pool.release(slot)

    def lost_block(self, owner: object, connection: Connection | None) -> ConnectionLostError | None:
        """The error for what goes on in an exclusive block with another connection than it began with, or None."""
        block = self._blocks.get(owner)
        if block is None or not (block.connection.broken or block.connection is not connection):
            return None
        cause = block.connection.error
        lost = ConnectionLostError(
            f"the connection was lost inside an exclusive block; the block has to begin again: {cause}"
        )
        lost.__cause__ = cause
        return lost

    def _open(self, deadline: Deadline) -> Connection:
        refused: LimitReachedError | None = None
        lost = self._connection.error if self._connection is not None else None
        try:
            if isinstance(lost, LimitReachedError):  # said in the middle of a session
                refused = lost
                if self.slot is not None and lost is not self._limit:
                    self._limit = lost  # it counts once, however often this is tried
                    self._pool.refused(self.slot, lost)
            while True:
                slot = self.slot
                if slot is None:
                    slot = self._acquire(deadline, refused)
                else:
                    self._pool.reopening(slot)
                self._pause(deadline, refused)
                try:
                    return self._opener._open_connection(slot, deadline)
                except TimeoutException as late:
                    if refused is None:
                        raise
                    raise refused from late  # why there was no time left
                except LimitReachedError as error:
                    refused = error
                    self._pool.refused(slot, error)
                    if self.kind is not SlotKind.MAIN or not self._pool.may_open_main():
                        # Back in line: the server has to let go of another connection first.
                        self._give_back()
        except BaseException:
            self._give_back()
            raise

    def _give_back(self) -> None:
        with self._changed:
            slot, self.slot = self.slot, None
        if slot is not None:
            self.ticket = slot.ticket  # whoever has to come back keeps his place in the line
            self._pool.release(slot)

    def _acquire(self, deadline: Deadline, refused: LimitReachedError | None) -> Slot:
        try:
            slot = self._pool.acquire(self.kind, self.ticket, deadline, self)
        except TimeoutException as late:
            if refused is None:
                raise
            raise refused from late
        self.ticket = None
        self.created = slot.created
        return slot

    def _pause(self, deadline: Deadline, refused: LimitReachedError | None) -> None:
        """Waits out the back-off after a refusal."""
        until = now() + self._pool.pause_before_opening()
        with self._changed:
            while (left := until - now()) > 0:
                if self.disposed:
                    raise ObjectDisposedException(f"{self!r} was disposed")
                if deadline.expired():
                    raise refused or TimeoutException(
                        f"no connection within {deadline.milliseconds()} ms: the server refuses them for its limits"
                    )
                rest = deadline.remaining()
                self._changed.wait(left if rest is None else min(left, rest))

    @property
    def at_rest(self) -> bool:
        """Whether nobody would be disturbed if the connection were closed now (it opens again)."""
        connection = self._connection
        return (
            connection is not None and connection.idle and not connection.held and not self._opening
        ) and not self._blocks

    def give_up(self, slot: Slot, deadline: Deadline) -> bool:
        """The pool needs the place of this implicit session; the next use gets another one.

        False when the session has been used meanwhile, and keeps it.
        """
        with self._changed:
            if self.slot is not slot:
                return True
            connection = self._connection
            if self._opening or connection is None or self._blocks or not connection.leave_if_idle():
                return False
            self.slot = None
            self._connection = None
        connection.part(deadline)
        return True

    # -- exclusive ------------------------------------------------------------

    def hold(self, owner: object, deadline: Deadline) -> None:
        """Enters an exclusive block: no other owner's command on this connection until `release`."""
        block = self._blocks.get(owner)
        if block is not None:
            block.depth += 1
            return
        while True:
            connection = self.ensure(deadline, owner)
            try:
                connection.hold(owner, deadline)
                with self._changed:
                    self._blocks[owner] = _Block(connection)
                return
            except ConnectionLostError:
                if deadline.expired():
                    raise
            except BaseException:
                # Interrupted, perhaps just after its turn came.
                connection.release_hold(owner)
                with self._changed:
                    self._blocks.pop(owner, None)
                raise

    def release_hold(self, owner: object) -> None:
        """Leaves an exclusive block."""
        with self._changed:
            block = self._blocks.get(owner)
            if block is None:
                return
            if block.depth > 1:
                block.depth -= 1
                return
            # In this order: whoever is interrupted in between may come again.
            block.connection.release_hold(owner)
            del self._blocks[owner]

    def depth_of(self, owner: object) -> int:
        """How many exclusive blocks of `owner` are inside each other on this session."""
        block = self._blocks.get(owner)
        return block.depth if block is not None else 0

    @property
    def holder(self) -> object:
        """The owner of the exclusive block under way, or None."""
        return next(reversed(tuple(self._blocks)), None)

    def held_by(self, owner: object) -> bool:
        """Whether `owner` is in an exclusive block on this session."""
        return owner in self._blocks

    # -- the end ------------------------------------------------------------

    def _is_disposed(self) -> bool:
        return self.disposed

    def dispose(self, deadline: Deadline | None = None, *, polite: bool = True) -> None:
        """Closes the connection and gives its place back."""
        with self._changed:
            if self.disposed:
                return
            slot: Slot | None = None
            if not self._opening:  # else the place is in use until whoever opens the connection has noticed
                slot, self.slot = self.slot, None
            self.disposed = True
            self._changed.notify_all()
        connection = self._connection
        try:
            if connection is not None and not (polite and connection.idle):
                connection.close()
            if slot is not None:
                self._pool.retire(slot, deadline)
        except BaseException:  # perhaps a Ctrl-C before it was closed: nobody comes to it any more
            if connection is not None:
                connection.close()
            if slot is not None:
                self._pool.release(slot)
            raise

    def __repr__(self) -> str:
        state = "disposed" if self.disposed else repr(self._connection) if self._connection else "not open"
        return f"<{type(self).__name__} {self.number} {self.kind.value} {state}>"


class SignInAttempt:
    """A try with certain credentials, filled in by the gate.

    Attributes:
        first: everybody waits for its outcome. version: of the credentials, -1 before it was let in.
    """

    __slots__ = ("first", "version")

    def __init__(self) -> None:
        self.first = False
        self.version = -1


class SignInGate:
    """Lets one thread try credentials that are not known to be good; everybody else waits for it.

    After a refusal, later attempts with the same credentials fail at once with the same error
    until the credentials change or somebody asks for a new attempt by name (`forget`).
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._version = 0
        self._good = False
        self._trying = False
        self._refusal: AuthenticationError | None = None

    def forget(self) -> None:
        """The credentials have changed, or somebody asks for another attempt by name."""
        with self._changed:
            self._version += 1
            self._good = False
            self._refusal = None

    def check(self) -> None:
        """Spares the server a connection on which there would be no sign-in.

        Raises:
            AuthenticationError: the credentials were refused before.
        """
        with self._changed:
            self._check()

    def _check(self) -> None:
        if self._refusal is not None:
            raise AuthenticationError(
                f"{self._refusal} (not tried again until the credentials change or login is called)",
                status=self._refusal.status,
                code=self._refusal.code,
                server_text=self._refusal.server_text,
            ) from self._refusal

    def enter(self, attempt: SignInAttempt, deadline: Deadline) -> None:
        """Waits for the right to try. Whatever comes from here on, the attempt is handed to `leave`.

        Raises:
            AuthenticationError: the credentials were refused before.
        """
        with self._changed:
            while True:
                self._check()
                if self._good or not self._trying:
                    attempt.version = self._version
                    if not self._good:
                        attempt.first = self._trying = True
                    return
                if not self._changed.wait(deadline.remaining()):
                    raise TimeoutException(
                        f"not signed in within {deadline.milliseconds()} ms: another thread is still trying"
                    )

    def leave(self, attempt: SignInAttempt, *, good: bool = False, refusal: AuthenticationError | None = None) -> None:
        """Ends an attempt, once or, by a thread that was interrupted, again."""
        with self._changed:
            if attempt.first:
                attempt.first = self._trying = False
            if attempt.version != self._version:
                pass  # it says nothing about the credentials of now
            elif good:
                self._good, self._refusal = True, None
            elif refusal is not None:
                self._good, self._refusal = False, refusal
            self._changed.notify_all()
