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

    def open_connection(self, slot: Slot, deadline: Deadline, *, force: bool = False) -> Connection:
        """Returns a connection that is ready for commands; registers it with the pool's slot.

        Args:
            force: sign in even though these credentials were refused before.
        """
        ...


_numbers = itertools.count(1)


class Session:
    """One documented connection: the main one, a thread's, an independent one, or one for tasks.

    Attributes:
        number: the documented ``connection_id``. memory: the protocol's own state of the session.
        owner_thread: ident-independent token of the thread that made it, or None.
    """

    def __init__(self, kind: SlotKind, opener: Opener, pool: Pool, slot: Slot | None = None) -> None:
        self.number = next(_numbers)
        self.kind = kind
        self.slot = slot
        self.memory: Any = None
        self.owner_thread: object = None
        self.disposed = False
        self._opener = opener
        self._pool = pool
        self._connection: Connection | None = None
        self._changed = threading.Condition()
        self._opening = False
        self._holder: object = None
        self._hold_depth = 0
        self._held: Connection | None = None

    @property
    def connection(self) -> Connection | None:
        """The open connection, or None."""
        connection = self._connection
        return connection if connection is not None and not connection.broken else None

    def ensure(self, deadline: Deadline, owner: object = None, *, force: bool = False) -> Connection:
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
            and self._holder is None
            and (not connection.idle or now() - connection.last_used < RECENT or connection.alive())
        ):
            connection.last_used = now()
            return connection
        with self._changed:
            while True:
                if self.disposed:
                    raise ObjectDisposedException(f"{self!r} was disposed")
                connection = self._connection
                if self._holder is not None and self._holder is owner:
                    self._check_held(connection)
                if connection is not None and not connection.broken:
                    return connection
                if not self._opening:
                    self._opening = True
                    break
                if not self._changed.wait(deadline.remaining()):
                    raise TimeoutException(
                        f"no connection within {deadline.milliseconds()} ms: another thread is still opening it"
                    )
        opened: Connection | None = None
        try:
            made = opened = self._open(deadline, force=force)
        finally:
            with self._changed:
                self._opening = False
                if opened is not None:
                    self._connection = opened
                self._changed.notify_all()
        if self._is_disposed():
            made.close()
            raise ObjectDisposedException(f"{self!r} was disposed")
        return made

    def _check_held(self, connection: Connection | None) -> None:
        held = self._held
        if held is not None and (held.broken or held is not connection):
            raise ConnectionLostError(
                f"the connection was lost inside an exclusive block; the block has to begin again: {held.error}"
            ) from held.error

    def _open(self, deadline: Deadline, *, force: bool) -> Connection:
        refused: LimitReachedError | None = None
        while True:
            if self.slot is None:
                self.slot = self._acquire(deadline, refused)
                if self.kind is SlotKind.IMPLICIT:
                    self.slot.evicted = self.taken_back
            else:
                self._pool.reopening(self.slot)
            self._pause(deadline, refused)
            try:
                return self._opener.open_connection(self.slot, deadline, force=force)
            except LimitReachedError as error:
                refused = error
                if self.kind is SlotKind.MAIN and self._pool.may_open_main():
                    self._pool.refused(self.slot)
                    continue
                # Back in line: the server has to let go of another connection first.
                slot, self.slot = self.slot, None
                self._pool.refused(slot)
                self._pool.release(slot)
            except BaseException:
                if self.kind is not SlotKind.TASK:
                    slot, self.slot = self.slot, None
                    self._pool.release(slot)
                raise

    def _acquire(self, deadline: Deadline, refused: LimitReachedError | None) -> Slot:
        try:
            return self._pool.acquire(self.kind, -1, deadline)
        except TimeoutException as late:
            raise (refused or late) from late

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

    def taken_back(self) -> None:
        """The pool gives this idle session's place to somebody; the next use gets another."""
        with self._changed:
            self.slot = None
            self._connection = None

    # -- exclusive ------------------------------------------------------------

    def hold(self, owner: object, deadline: Deadline) -> None:
        """Enters an exclusive block: no other owner's command on this connection until `release`."""
        if self._holder is owner:
            self._hold_depth += 1
            return
        while True:
            connection = self.ensure(deadline, owner)
            try:
                connection.hold(owner, deadline)
                break
            except ConnectionLostError:
                if deadline.expired():
                    raise
        with self._changed:
            self._holder, self._held, self._hold_depth = owner, connection, 1

    def release_hold(self, owner: object) -> None:
        """Leaves an exclusive block."""
        with self._changed:
            if self._holder is not owner:
                return
            self._hold_depth -= 1
            if self._hold_depth:
                return
            connection, self._held, self._holder = self._held, None, None
        if connection is not None:
            connection.release_hold(owner)

    def held_by(self, owner: object) -> bool:
        """Whether `owner` is in an exclusive block on this session."""
        return self._holder is not None and self._holder is owner

    # -- the end ------------------------------------------------------------

    def dispose(self, deadline: Deadline | None = None, *, polite: bool = True) -> None:
        """Closes the connection and gives its place back."""
        with self._changed:
            if self.disposed:
                return
            self.disposed = True
            self._changed.notify_all()
            slot, self.slot = self.slot, None
        connection = self._connection
        if connection is not None and not (polite and connection.idle):
            connection.close()
        if slot is not None:
            self._pool.retire(slot, deadline)

    def _is_disposed(self) -> bool:
        return self.disposed

    def __repr__(self) -> str:
        state = "disposed" if self.disposed else repr(self._connection) if self._connection else "not open"
        return f"<{type(self).__name__} {self.number} {self.kind.value} {state}>"


class SignInGate:
    """Lets one thread try credentials that are not known to be good; everybody else waits for it.

    After a refusal, later attempts with the same credentials fail at once with the same error
    until the credentials change or somebody asks for a new attempt by name (`force`).
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._version: object = None
        self._good = False
        self._trying = False
        self._refusal: AuthenticationError | None = None

    def forget(self) -> None:
        """The credentials have changed."""
        with self._changed:
            self._good = False
            self._refusal = None

    def enter(self, deadline: Deadline, *, force: bool) -> bool:
        """Waits for the right to try; True when the caller is the one everybody waits for.

        Raises:
            AuthenticationError: the credentials were refused before.
        """
        with self._changed:
            while True:
                if self._refusal is not None and not force:
                    raise AuthenticationError(
                        f"{self._refusal} (not tried again until the credentials change or login is called)",
                        status=self._refusal.status,
                        code=self._refusal.code,
                        server_text=self._refusal.server_text,
                    ) from self._refusal
                if self._good:
                    return False
                if not self._trying:
                    self._trying = True
                    return True
                if not self._changed.wait(deadline.remaining()):
                    raise TimeoutException(
                        f"not signed in within {deadline.milliseconds()} ms: another thread is still trying"
                    )

    def leave(self, *, first: bool, good: bool = False, refusal: AuthenticationError | None = None) -> None:
        """Ends an attempt that `enter` let in."""
        with self._changed:
            if first:
                self._trying = False
            if good:
                self._good, self._refusal = True, None
            elif refusal is not None:
                self._good, self._refusal = False, refusal
            self._changed.notify_all()
