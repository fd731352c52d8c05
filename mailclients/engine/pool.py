"""The pool: how many connections a client may have, who has them, and who comes next.

One lock, shared with the task queue, guards everything here. The policy is one function, `_plan`:
it looks at the line of waiters, the queued tasks and the slots, changes the bookkeeping, and
returns what has to be done outside the lock (close an idle connection, start a driver). A slot
counts from before its connection is opened until after it is closed, so that at no instant more
connections exist than slots. The pool knows connections by a few predicates and no protocol.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Final, Protocol

from mailclients.engine.deadlines import Deadline, now
from mailclients.engine.observer import Observer
from mailclients.engine.scheduling import IDLE_SECONDS, NEVER, backoff
from mailclients.engine.timers import Timer, call_later, weakly
from mailclients.errors import (
    AsposeInvalidOperationException,
    LimitReachedError,
    MailClientError,
    ObjectDisposedException,
    TimeoutException,
)
from mailclients.names import place_of_caller

log = logging.getLogger("mailclients.pool")

QUIET: Final = 60.0  # seconds without a refusal after which the limit grows by one
PARTING: Final = 2.0  # seconds to wait for the server to close its side

Action = Callable[[], object]


class SlotKind(Enum):
    """What a connection is for."""

    MAIN = "main"
    THREAD = "thread"
    INDEPENDENT = "independent"
    IMPLICIT = "implicit"
    MONITOR = "monitor"
    TASK = "task"


# Where there is one connection only: how an error names those who ask for another, and what they may do instead.
_WITHOUT_SECOND: Final = {
    SlotKind.IMPLICIT: (
        "a connection of this thread's own: ",
        "set connection_asgmt_mode = USE_MAIN_OR_DEFAULT to use the main connection",
    ),
    SlotKind.MONITOR: ("a monitor's own connection: ", "list the folder now and then instead"),
}


class SlotState(Enum):
    """Where a slot's connection is in its life."""

    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"


class Pooled(Protocol):
    """What the pool knows of a connection."""

    @property
    def broken(self) -> bool: ...
    @property
    def idle(self) -> bool: ...
    def part(self, deadline: Deadline) -> None: ...
    def close(self) -> None: ...


class Owner(Protocol):
    """Who has a place in the quota: a session. Called by the pool without its lock, but for `at_rest`.

    Attributes:
        slot: its place, set by the pool the moment it is granted, so that no interruption can lose it.
        at_rest: nothing would be disturbed if its connection were closed now.
    """

    slot: Slot | None

    @property
    def at_rest(self) -> bool: ...
    def give_up(self, slot: Slot, deadline: Deadline) -> bool:
        """Closes its connection and forgets its place, if it is still at rest; tells whether it did."""
        ...


class Slot:
    """A place in the quota and the connection that has it, if one does yet.

    Attributes:
        holder: who has it, for people. created: where it was asked for. busy: a driver is on it.
        owner: the session whose place it is, or None. ticket: the place in the line it was granted for.
        yield_to: a waiter's ticket; the driver takes no task with a later one and closes instead.
        places: how many more tasks its driver would take now.
    """

    __slots__ = (
        "busy",
        "connection",
        "created",
        "holder",
        "kind",
        "owner",
        "places",
        "since",
        "state",
        "ticket",
        "yield_to",
    )

    def __init__(self, kind: SlotKind, holder: str, created: str = "") -> None:
        self.kind = kind
        self.state = SlotState.OPENING
        self.connection: Pooled | None = None
        self.holder = holder
        self.created = created
        self.busy = False
        self.owner: Owner | None = None
        self.ticket = 0
        self.yield_to: int | None = None
        self.places = 0
        self.since = now()

    def __repr__(self) -> str:
        busy = " busy" if self.busy else ""
        return f"<Slot {self.kind.value} {self.state.value}{busy} for {self.holder}: {self.connection!r}>"


class Demand(Protocol):
    """What the policy asks the task queue; called with the lock held."""

    def ticket(self) -> int:
        """The next place in the line of tasks and waiters."""
        ...

    def waiting(self) -> int:
        """How many tasks are ready for any task connection."""
        ...

    def next_ticket(self) -> int | None:
        """The ticket of the oldest task that is ready for any task connection, or None."""
        ...

    def enough(self, places: int, opening: int) -> int:
        """How many tasks may be ready before one more connection is worth opening."""
        ...

    def wants_connection(self, places: int, opening: int) -> bool:
        """Whether tasks are worth one more connection."""
        ...

    def start_driver(self, slot: Slot) -> Action:
        """Puts a driver on a task slot; the action submits it."""
        ...

    def use_main(self, allowed: bool) -> Action | None:
        """Tells whether ready tasks may run on the main connection because there is no other."""
        ...


class Waiter:
    """A thread in the line; guarded by the pool's lock."""

    __slots__ = ("created", "gone", "holder", "kind", "latch", "owner", "slot", "ticket")

    def __init__(self, kind: SlotKind, ticket: int, holder: str, created: str, owner: Owner | None) -> None:
        self.kind = kind
        self.ticket = ticket
        self.holder = holder
        self.created = created
        self.owner = owner
        self.latch = threading.Lock()
        self.latch.acquire()
        self.slot: Slot | None = None
        self.gone: BaseException | None = None


class Pool:
    """The quota of one client. Public readers: the counters, `holders`, `get_stats`, `repr`."""

    def __init__(self, limit: int, lock: threading.Lock, observer: Observer | None = None) -> None:
        self._lock = lock
        self._limit = limit
        self._effective: int | None = None
        self._slots: list[Slot] = []
        self._line: list[Waiter] = []
        self._demand: Demand | None = None
        self._disposed = False
        self._not_before = 0.0
        self._refusals = 0
        self._late_refusals = False  # connections were opened and then refused: that one opens says nothing
        self._grow: Timer | None = None
        self._grows = True  # whether the server may come to allow more than it does now
        self._retry: Timer | None = None
        self._idle_timer: Timer | None = None
        self._closers: set[threading.Thread] = set()
        self._decided: list[Action] = []  # by a thread that was interrupted while it went on to decide
        self.enough = 0  # so many tasks may be ready before the policy has to look again
        self.setup = 0.0  # seconds that opening the latest connection took; 0 while unknown
        self.observer = observer
        self.opened_total = 0
        self.closed_total = 0
        self.refused_total = 0
        self.peak = 0

    def serve(self, demand: Demand) -> None:
        """Connects the task queue; once."""
        self._demand = demand

    # -- numbers for people ------------------------------------------------------------

    @property
    def limit(self) -> int:
        """How many connections the client may have (.NET: ``MaxConnectionsPerServer``)."""
        return self._limit

    @property
    def effective_limit(self) -> int:
        """How many the server seems to allow now; at most `limit`."""
        return self._limit if self._effective is None else min(self._effective, self._limit)

    @property
    def size(self) -> int:
        """How many connections exist, those being opened or closed included."""
        return len(self._slots)

    @property
    def idle(self) -> int:
        """How many open connections have nothing to do."""
        slots = tuple(self._slots)
        return sum(s.state is SlotState.OPEN and s.connection is not None and s.connection.idle for s in slots)

    @property
    def waiting(self) -> int:
        """How many threads wait for a connection."""
        return len(self._line)

    @property
    def holders(self) -> list[str]:
        """Who has the connections, one line each."""
        return [
            f"{s.kind.value} ({s.state.value}): {s.holder}{s.created and ', from ' + s.created}" for s in self.slots
        ]

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots as they are now."""
        with self._lock:
            return tuple(self._slots)

    def get_stats(self) -> dict[str, int]:
        """Flat counters, good for a log line."""
        with self._lock:
            states = [slot.state for slot in self._slots]
            return {
                "limit": self._limit,
                "effective_limit": self.effective_limit,
                "size": len(states),
                "opening": states.count(SlotState.OPENING),
                "open": states.count(SlotState.OPEN),
                "closing": states.count(SlotState.CLOSING),
                "busy": sum(slot.busy for slot in self._slots),
                "waiting": len(self._line),
                "peak": self.peak,
                "opened_total": self.opened_total,
                "closed_total": self.closed_total,
                "refused_total": self.refused_total,
            }

    def __repr__(self) -> str:
        return "<Pool " + " ".join(f"{name}={value}" for name, value in self.get_stats().items()) + ">"

    # -- waiting for a connection ------------------------------------------------------------

    def acquire(self, kind: SlotKind, ticket: int | None, deadline: Deadline, owner: Owner | None = None) -> Slot:
        """Waits for a place in the quota and takes it; the caller opens the connection.

        Args:
            ticket: the place in the line, or None for the end of it.
            owner: has the slot from the moment it is granted.

        Raises:
            TimeoutException: none became free in time; names who has them.
            LimitReachedError: the server allows this client one connection only.
            ObjectDisposedException: the client was disposed meanwhile.
        """
        waiter = self.waiter(kind, ticket, owner)
        try:
            run(self.line_up(waiter))
            left = deadline.remaining()
            waiter.latch.acquire(timeout=-1 if left is None else min(left, threading.TIMEOUT_MAX))
            with self._lock:
                actions = []
                if waiter in self._line:
                    self._line.remove(waiter)
                    actions = self._plan()
            run(actions)
            if waiter.slot is not None:
                return waiter.slot
        except BaseException:
            self.decline(waiter)
            raise
        if waiter.gone is not None:
            raise waiter.gone
        raise TimeoutException(
            f"no connection became free within {deadline.milliseconds()} ms; {self.size} of"
            f" {self.effective_limit} are taken: " + "; ".join(self.holders) + self._kept_place()
        )

    def _kept_place(self) -> str:
        """Why a place that looks free is not: for the text of an error."""
        with self._lock:
            main = any(slot.kind is SlotKind.MAIN for slot in self._slots)
        return "" if main or self.effective_limit < 2 else "; one is kept for the main connection"

    def waiter(self, kind: SlotKind, ticket: int | None, owner: Owner | None) -> Waiter:
        """Somebody for `line_up`; whoever is interrupted from then on hands it to `decline`."""
        created = place_of_caller() if kind not in (SlotKind.MAIN, SlotKind.MONITOR) else ""
        if ticket is None:
            ticket = self._demand.ticket() if self._demand is not None else 0
        return Waiter(kind, ticket, threading.current_thread().name, created, owner)

    def line_up(self, waiter: Waiter) -> list[Action]:
        """The first half of `acquire`: the waiter's latch is released when it has a slot or is turned away."""
        with self._lock:
            self._check_open()
            if (refusal := self._alone(waiter.kind)) is not None:
                raise refusal
            self._stand_in_line(waiter)
            if self.observer is not None:
                self.observer("waiter_queued", waiter)
            return self._plan()

    def _stand_in_line(self, waiter: Waiter) -> None:
        """By ticket; the main connection is reserved and never stands behind others."""
        place = 0
        if waiter.kind is not SlotKind.MAIN:
            place = sum(w.kind is SlotKind.MAIN or w.ticket <= waiter.ticket for w in self._line)
        self._line.insert(place, waiter)

    def decline(self, waiter: Waiter) -> None:
        """The waiter's thread was interrupted: what it may have been given goes to the next one."""
        with self._lock:
            if waiter in self._line:
                self._line.remove(waiter)
            if waiter.slot is not None and waiter.slot in self._slots:
                self._slots.remove(waiter.slot)
                if waiter.owner is not None:
                    waiter.owner.slot = None
                if self.observer is not None:
                    self.observer("connection_closed", waiter.slot)
            actions = self._plan()
        run(actions)

    def _check_open(self) -> None:
        if self._disposed:
            raise ObjectDisposedException("the client was disposed")

    def _alone(self, kind: SlotKind) -> MailClientError | None:
        """Under the lock: why there can be no connection beside the main one now, or None."""
        if kind is SlotKind.MAIN:
            return None
        what, hint = _WITHOUT_SECOND.get(kind, ("create_connection: ", "call the methods without a connection"))
        if self._limit == 1:
            return AsposeInvalidOperationException(
                f"{what}max_connections_per_server is 1, so every thread shares the main connection;"
                f" {hint}, or allow more connections"
            )
        if self._effective == 1:
            return LimitReachedError(
                f"{what}the server allows this client one connection only (it refused another);"
                f" {hint}, or try again later"
            )
        return None

    # -- life of a slot ------------------------------------------------------------

    def opened(self, slot: Slot, connection: Pooled) -> None:
        """The slot's connection is signed in and usable.

        Raises:
            ObjectDisposedException: the client is being disposed, and has no use for one more.
        """
        with self._lock:
            self._check_open()
            slot.connection = connection
            slot.state = SlotState.OPEN
            self.setup = now() - slot.since
            self.opened_total += 1
            if not self._late_refusals:
                self._refusals = 0
            if self._effective is not None:
                # Several were on their way when the limit was lowered: the server allows what is open.
                self._effective = max(self._effective, sum(s.state is SlotState.OPEN for s in self._slots))
            if self.observer is not None:
                self.observer("connection_opened", slot)
            actions = self._plan()
        run(actions)

    def release(self, slot: Slot) -> None:
        """The slot's connection is closed, or was never opened: the place is free."""
        with self._lock:
            if slot not in self._slots:
                return
            self._slots.remove(slot)
            if slot.state is not SlotState.OPENING:
                self.closed_total += 1
            if self.observer is not None:
                self.observer("connection_closed", slot)
            actions = self._plan()
        run(actions)

    def retire(self, slot: Slot, deadline: Deadline | None = None) -> None:
        """Says goodbye on the slot's connection, closes it and frees the place."""
        with self._lock:
            if slot.state is SlotState.CLOSING or slot not in self._slots:
                return
            slot.state = SlotState.CLOSING
        self._close(slot, deadline)

    def _close(self, slot: Slot, deadline: Deadline | None = None) -> None:
        try:
            if slot.connection is not None:
                slot.connection.part(deadline or Deadline(PARTING))
        finally:
            self.release(slot)

    def _close_aside(self, slot: Slot) -> None:
        """Closes a connection for somebody else's sake, on a thread that lives as long as that takes.

        Whoever made the policy look (a begin method, a waiter with a deadline of its own, the timer
        thread) must not have to wait for the server.
        """
        closer = threading.Thread(target=self._close_for_others, args=(slot,), name="mailclients-closing", daemon=True)
        with self._lock:
            if slot.state is not SlotState.CLOSING:
                return  # whoever decided that was interrupted before it counted
            self._closers.add(closer)
        try:
            closer.start()
        except RuntimeError as error:
            log.warning("a connection is closed without a goodbye: %s", error)
            with self._lock:
                self._closers.discard(closer)
            if slot.connection is not None:
                slot.connection.close()
            self.release(slot)

    def _close_for_others(self, slot: Slot) -> None:
        try:
            owner = slot.owner
            if owner is None:
                self._close(slot)
                return
            gone = True
            try:
                gone = owner.give_up(slot, Deadline(PARTING))
            finally:
                if gone:
                    connection = slot.connection
                    if connection is not None and not connection.broken:
                        self._close(slot)  # its owner has left it to whoever closes the slot
                    else:
                        self.release(slot)
            if not gone:  # it has just been used: `rested` will tell when it may go
                with self._lock:
                    if slot.state is SlotState.CLOSING:
                        slot.state = SlotState.OPEN
        finally:
            with self._lock:
                self._closers.discard(threading.current_thread())

    def rested(self) -> None:
        """An implicit connection came to rest: somebody may be waiting for its place."""
        if self._line or (self._demand is not None and self._demand.waiting()):
            self.replan()

    def reopening(self, slot: Slot) -> None:
        """The slot's connection is gone and its owner opens another in the same place."""
        with self._lock:
            self.closed_total += slot.state is SlotState.OPEN
            slot.state = SlotState.OPENING
            slot.since = now()
            slot.connection = None

    def refused(self, slot: Slot, error: LimitReachedError) -> None:
        """The server refused this slot's connection for its limits, at once or later: work with fewer for a while.

        One that only wants a pause between two sign-ins is given it, and lowers no limit. One that admits a single
        session is believed where one of this client's is open: that number is not tried to be raised again.
        """
        with self._lock:
            self.refused_total += 1
            self._refusals += 1
            self._late_refusals = self._late_refusals or slot.state is SlotState.OPEN
            self._not_before = now() + backoff(self._refusals, random.random())
            if slot.kind is SlotKind.TASK and slot.state is SlotState.OPEN:
                slot.state = SlotState.CLOSING  # its driver is about to: none of the others has to go for it
            if error.postponed:
                log.warning("the server wants a pause before the next sign-in: %s", error)
            else:
                self._lower(slot, lasting=error.lasting)
            actions = self._plan() if slot in self._slots else []
        run(actions)

    def _lower(self, refused: Slot, *, lasting: bool) -> None:
        """Under the lock: the server allows what is there now."""
        # It counts a connection until it has noticed that it is being closed.
        there = sum(s.state in (SlotState.OPEN, SlotState.CLOSING) for s in self._slots if s is not refused)
        self._effective = max(1, there)
        log.warning("the server refused a connection for its limits; going on with %d", self._effective)
        if self.observer is not None:
            self.observer("limit_lowered", self)
        if lasting and there:
            self._grows = False
        self._arm_growth()

    def delay(self, seconds: float) -> None:
        """The server wants no new sign-in for a while; lowers no limit."""
        with self._lock:
            self._not_before = max(self._not_before, now() + seconds)

    def task_connections(self) -> int:
        """Under the lock: how many task connections there are, and could still be opened."""
        return sum(s.kind is SlotKind.TASK for s in self._slots) + max(0, self._room())

    def exhausted(self) -> bool:
        """Under the lock: whether no further connection may be opened for tasks now."""
        others = sum(s.kind is not SlotKind.MAIN for s in self._slots)
        return others >= self._others_allowed() or self._not_before > now()

    def pause_before_opening(self) -> float:
        """Seconds to wait before the next connection may be opened."""
        return max(0.0, self._not_before - now())

    def may_open_main(self) -> bool:
        """Whether the server's limit, as known, has room for the main connection."""
        return self._effective is None or len(self._slots) <= self._effective

    def resize(self, limit: int) -> None:
        """Changes the limit; connections above it are closed as they become idle."""
        with self._lock:
            self._limit = limit
            actions = self._plan()
        run(actions)

    def replan(self) -> None:
        """Looks again what there is to do."""
        with self._lock:
            actions = self._plan()
        run(actions)

    def dispose(self) -> list[Slot]:
        """Turns away all waiters and those who come; returns the slots for the client to close."""
        with self._lock:
            self._disposed = True
            for waiter in self._line:
                waiter.gone = ObjectDisposedException("the client was disposed while a thread waited for a connection")
                waiter.latch.release()
            self._line.clear()
            for timer in (self._grow, self._retry, self._idle_timer):
                if timer is not None:
                    timer.cancel()
            return list(self._slots)

    def forget_after_fork(self) -> threading.Lock:
        """In a forked child: a new lock, as whoever held the old one is not there to give it back."""
        self._lock = threading.Lock()
        self._disposed = True
        return self._lock

    def wait_for_closers(self, deadline: Deadline) -> None:
        """After `dispose`: waits until no connection is being closed any more."""
        with self._lock:
            closers = tuple(self._closers)
        for closer in closers:
            closer.join(deadline.remaining())

    # -- policy ------------------------------------------------------------

    def _others_allowed(self) -> int:
        """How many connections there may be beside the main one."""
        if self._effective is None:
            return self._limit - 1
        if self._effective == 1:
            return 0
        main = any(s.kind is SlotKind.MAIN for s in self._slots) or any(w.kind is SlotKind.MAIN for w in self._line)
        return min(self._limit - 1, self._effective - main)

    def _plan(self) -> list[Action]:
        """The policy: under the lock, decides what happens next; returns what to do outside of it."""
        try:
            self._decide(self._decided)
            actions, self._decided = self._decided, []
        except BaseException:  # a Ctrl-C: another thread does what was decided, and goes on
            threading.Thread(target=self.replan, name="mailclients-planning", daemon=True).start()
            raise
        return actions

    def _decide(self, actions: list[Action]) -> None:
        """Each thing to do is noted before it counts as decided."""
        demand = self._demand
        if self._disposed or demand is None:
            return
        paused = self._not_before > now()
        self._turn_away()
        task_slots = [s for s in self._slots if s.kind is SlotKind.TASK]
        for slot in task_slots:
            slot.yield_to = None

        # 1. The main connection has a place reserved for it.
        main = next((w for w in self._line if w.kind is SlotKind.MAIN), None)
        if main is not None and len(self._slots) < self.effective_limit and not (paused and self._slots):
            self._grant(main)

        # 2. Idle task connections go to whoever has waited longest: tasks, or a waiter for whom one is closed.
        needs = self._needs()
        waiting = demand.waiting()
        for slot in task_slots:
            if slot.state is not SlotState.OPEN or slot.busy:
                continue
            ticket = demand.next_ticket() if waiting > 0 else None
            if needs and (ticket is None or needs[0] < ticket):
                del needs[0]
                actions.append(partial(self._close_aside, slot))
                slot.state = SlotState.CLOSING
            elif ticket is not None:
                waiting -= 1
                actions.append(demand.start_driver(slot))

        # 3. The line: waiters and tasks, first come, first served, as far as there is room.
        while not paused and self._room() > 0:
            waiter = next((w for w in self._line if w.kind is not SlotKind.MAIN), None)
            ticket = demand.next_ticket() if self._tasks_want_another(demand) else None
            if waiter is not None and (ticket is None or waiter.ticket < ticket):
                self._grant(waiter)
            elif ticket is not None:
                slot = Slot(SlotKind.TASK, "tasks")
                self._add(slot)
                actions.append(demand.start_driver(slot))
            else:
                break

        # 4. For those who found no room idle implicit connections are closed, and busy task connections
        #    stop taking tasks that came later; they come round to step 2 when they have ended.
        needs = self._needs()
        for_tasks = self._room() <= 0 and not self._closing() and self._tasks_want_another(demand)
        for slot in self._slots:
            if slot.kind is not SlotKind.IMPLICIT or slot.state is not SlotState.OPEN or not (needs or for_tasks):
                continue
            if slot.owner is not None and slot.owner.at_rest:
                if needs:
                    del needs[0]
                for_tasks = False
                actions.append(partial(self._close_aside, slot))
                slot.state = SlotState.CLOSING
        for slot in task_slots:
            if needs and slot.state is SlotState.OPEN:
                slot.yield_to = needs.pop(0)

        # 5. With the whole quota in other hands, tasks run on the main connection; so they do on one that is open
        #    while a pause keeps them from having any of their own.
        others = [s for s in self._slots if s.kind is not SlotKind.MAIN]
        held = sum(s.kind is not SlotKind.TASK and s.state is not SlotState.CLOSING for s in others)
        main_open = any(s.kind is SlotKind.MAIN and s.state is SlotState.OPEN for s in self._slots)
        none = paused and main_open and not any(s.kind is SlotKind.TASK for s in others)
        action = demand.use_main(held >= self._others_allowed() or none)
        if action is not None:
            actions.append(action)

        if paused and (self._line or demand.next_ticket() is not None) and self._retry is None:
            self._retry = call_later(max(0.0, self._not_before - now()), weakly(self._try_again))
        idle = any(not s.busy and s.state is SlotState.OPEN for s in task_slots)
        if self._idle_timer is None and idle:
            self._idle_timer = call_later(IDLE_SECONDS / 2, weakly(self._close_idle))
        # Until a slot changes, a few more tasks change nothing: the begin methods may skip the policy.
        full = self._room() <= 0 and not any(s.kind is SlotKind.IMPLICIT and s.state is SlotState.OPEN for s in others)
        if idle or (paused and self._retry is None):
            self.enough = 0
        else:
            self.enough = NEVER if paused or full else demand.enough(*self._places())

    def has_places(self, slot: Slot, places: int) -> None:
        """Under the lock: so many more tasks a slot's driver would take now; what it took is no place for others."""
        self.enough -= max(0, slot.places - places)
        slot.places = places

    def _room(self) -> int:
        """How many connections beside the main one may still be opened; negative when there are too many."""
        return self._others_allowed() - sum(s.kind is not SlotKind.MAIN for s in self._slots)

    def _closing(self) -> int:
        return sum(s.state is SlotState.CLOSING for s in self._slots)

    def _needs(self) -> list[int]:
        """For each connection that has to be closed for somebody, beyond those that are closing: his ticket.

        0 is before everybody: the limit was lowered, or the main connection wants its place. Those that
        are being opened are left out until it is known whether the server takes them.
        """
        room = self._room()
        opening = sum(s.state is SlotState.OPENING and s.kind is not SlotKind.MAIN for s in self._slots)
        standing = [w.ticket for w in self._line if w.kind is not SlotKind.MAIN]
        return ([0] * (-room - opening) + standing[max(0, room) :])[self._closing() :]

    def _tasks_want_another(self, demand: Demand) -> bool:
        return demand.wants_connection(*self._places())

    def _places(self) -> tuple[int, int]:
        """How many more tasks the open task connections would take, and how many such are being opened."""
        tasks = [s for s in self._slots if s.kind is SlotKind.TASK]
        opening = sum(s.state is SlotState.OPENING for s in tasks)
        return sum(s.places for s in tasks if s.state is SlotState.OPEN), opening

    def _turn_away(self) -> None:
        """Waiters who cannot be served while there may be one connection only are told so."""
        for waiter in tuple(self._line):
            refusal = self._alone(waiter.kind)
            if refusal is not None:
                self._line.remove(waiter)
                waiter.gone = refusal
                waiter.latch.release()

    def _add(self, slot: Slot) -> None:
        self._slots.append(slot)
        self.peak = max(self.peak, len(self._slots))
        if self.observer is not None:
            self.observer("connection_opening", slot)

    def _grant(self, waiter: Waiter) -> None:
        self._line.remove(waiter)
        waiter.slot = slot = Slot(waiter.kind, waiter.holder, waiter.created)
        slot.ticket = waiter.ticket
        slot.owner = waiter.owner
        if waiter.owner is not None:
            waiter.owner.slot = slot
        self._add(slot)
        if self.observer is not None:
            self.observer("waiter_served", waiter)
        waiter.latch.release()

    # -- timers ------------------------------------------------------------

    def _arm_growth(self) -> None:
        if self._grow is not None:
            self._grow.cancel()
        if self._grows:
            self._grow = call_later(QUIET, weakly(self._raise_limit))

    def _raise_limit(self) -> None:
        with self._lock:
            if self._effective is None:
                return
            self._effective += 1
            self._refusals, self._late_refusals = 0, False
            if self._effective >= self._limit:
                self._effective = None
            else:
                self._arm_growth()
            if self.observer is not None:
                self.observer("limit_raised", self)
            actions = self._plan()
        run(actions)

    def _try_again(self) -> None:
        with self._lock:
            self._retry = None
            actions = self._plan()
        run(actions)

    def _close_idle(self) -> None:
        """On the timer thread: closes without waiting; the server's side follows on its own."""
        with self._lock:
            self._idle_timer = None
            idle = [
                s
                for s in self._slots
                if s.kind is SlotKind.TASK
                and s.state is SlotState.OPEN
                and not s.busy
                and now() - s.since >= IDLE_SECONDS
            ]
            for slot in idle:
                slot.state = SlotState.CLOSING
        for slot in idle:
            if slot.connection is not None:
                slot.connection.close()
            self.release(slot)
        if not idle:
            self.replan()


def run(actions: list[Action]) -> None:
    """Does what the policy decided, outside the lock; all of it, even if this thread is interrupted."""
    begun = 0
    try:
        for action in actions:
            begun += 1
            action()
    except BaseException:
        rest = actions[begun:]
        if rest:
            threading.Thread(target=run, args=(rest,), name="mailclients-planning", daemon=True).start()
        raise
