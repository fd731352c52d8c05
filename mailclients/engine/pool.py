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
import traceback
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any, Final, Protocol
from weakref import WeakMethod

from mailclients.engine.deadlines import Deadline, now
from mailclients.engine.observer import Observer
from mailclients.engine.scheduling import IDLE_SECONDS, OPENING_AT_ONCE, backoff
from mailclients.engine.timers import Timer, call_later
from mailclients.errors import (
    AsposeInvalidOperationException,
    LimitReachedError,
    ObjectDisposedException,
    TimeoutException,
)

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
    TASK = "task"


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


class Slot:
    """A place in the quota and the connection that has it, if one does yet.

    Attributes:
        holder: who has it, for people. created: where it was asked for. busy: a driver is on it.
        evicted: what to call when the place is taken back (implicit connections), or None.
        yield_to: a waiter's ticket; the driver takes no task with a later one and closes instead.
        places: how many more tasks its driver would take now.
    """

    __slots__ = (
        "busy",
        "connection",
        "created",
        "evicted",
        "holder",
        "kind",
        "places",
        "since",
        "state",
        "yield_to",
    )

    def __init__(self, kind: SlotKind, holder: str, created: str = "") -> None:
        self.kind = kind
        self.state = SlotState.OPENING
        self.connection: Pooled | None = None
        self.holder = holder
        self.created = created
        self.busy = False
        self.evicted: Callable[[], object] | None = None
        self.yield_to: int | None = None
        self.places = 0
        self.since = now()

    def __repr__(self) -> str:
        busy = " busy" if self.busy else ""
        return f"<Slot {self.kind.value} {self.state.value}{busy} for {self.holder}: {self.connection!r}>"


class Demand(Protocol):
    """What the policy asks the task queue; called with the lock held."""

    def next_ticket(self) -> int | None:
        """The ticket of the oldest task that is ready for any task connection, or None."""
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


class _Waiter:
    __slots__ = ("created", "gone", "holder", "kind", "latch", "slot", "ticket")

    def __init__(self, kind: SlotKind, ticket: int, holder: str, created: str) -> None:
        self.kind = kind
        self.ticket = ticket
        self.holder = holder
        self.created = created
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
        self._line: list[_Waiter] = []
        self._demand: Demand | None = None
        self._disposed = False
        self._not_before = 0.0
        self._refusals = 0
        self._grow: Timer | None = None
        self._retry: Timer | None = None
        self._idle_timer: Timer | None = None
        self.settled = False
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

    def acquire(self, kind: SlotKind, ticket: int, deadline: Deadline) -> Slot:
        """Waits for a place in the quota and takes it; the caller opens the connection.

        Raises:
            TimeoutException: none became free in time; names who has them.
            LimitReachedError: the server allows this client one connection only.
            ObjectDisposedException: the client was disposed meanwhile.
        """
        waiter = _Waiter(kind, ticket, threading.current_thread().name, _caller() if kind is not SlotKind.MAIN else "")
        with self._lock:
            self._check_open()
            if kind is not SlotKind.MAIN:
                self._check_alone()
                self._line.append(waiter)
            else:
                # The main connection is reserved: it never stands behind others.
                self._line.insert(0, waiter)
            if self.observer is not None:
                self.observer("waiter_queued", waiter)
            actions = self._plan()
        try:
            run(actions)
            left = deadline.remaining()
            waiter.latch.acquire(timeout=-1 if left is None else left)
        except BaseException:
            self._decline(waiter)
            raise
        with self._lock:
            if waiter.slot is None and waiter in self._line:
                self._line.remove(waiter)
                actions = self._plan()
            else:
                actions = []
        run(actions)
        if waiter.slot is not None:
            return waiter.slot
        if waiter.gone is not None:
            raise waiter.gone
        raise TimeoutException(
            f"no connection became free within {deadline.milliseconds()} ms; all {self.effective_limit} are taken: "
            + "; ".join(self.holders)
        )

    def _decline(self, waiter: _Waiter) -> None:
        """The waiter's thread was interrupted: what it may have been given goes to the next one."""
        with self._lock:
            if waiter in self._line:
                self._line.remove(waiter)
            if waiter.slot is not None:
                self._slots.remove(waiter.slot)
            actions = self._plan()
        run(actions)

    def _check_open(self) -> None:
        if self._disposed:
            raise ObjectDisposedException("the client was disposed")

    def _check_alone(self) -> None:
        if self._limit == 1:
            raise AsposeInvalidOperationException(
                "create_connection: max_connections_per_server is 1, so every thread shares the main connection;"
                " call the methods without a connection, or allow more connections"
            )
        if self._effective == 1:
            raise LimitReachedError(
                "create_connection: the server allows this client one connection only (it refused another);"
                " call the methods without a connection, or try again later"
            )

    # -- life of a slot ------------------------------------------------------------

    def opened(self, slot: Slot, connection: Pooled) -> None:
        """The slot's connection is signed in and usable."""
        with self._lock:
            slot.connection = connection
            slot.state = SlotState.OPEN
            self.opened_total += 1
            self._refusals = 0
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

    def reopening(self, slot: Slot) -> None:
        """The slot's connection is gone and its owner opens another in the same place."""
        with self._lock:
            slot.state = SlotState.OPENING
            slot.connection = None

    def refused(self, slot: Slot) -> None:
        """The server refused this slot's connection for its limits: work with fewer for a while."""
        with self._lock:
            others = sum(s.state is SlotState.OPEN for s in self._slots if s is not slot)
            self.refused_total += 1
            self._refusals += 1
            self._effective = max(1, others)
            self._not_before = now() + backoff(self._refusals, random.random())
            log.warning("the server refused a connection for its limits; going on with %d", self._effective)
            if self.observer is not None:
                self.observer("limit_lowered", self)
            self._arm_growth()
            actions = self._plan() if slot in self._slots else []
        run(actions)

    def delay(self, seconds: float) -> None:
        """The server wants no new sign-in for a while; lowers no limit."""
        with self._lock:
            self._not_before = max(self._not_before, now() + seconds)

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
        actions: list[Action] = []
        demand = self._demand
        if self._disposed or demand is None:
            return actions
        paused = self._not_before > now()
        task_slots = [s for s in self._slots if s.kind is SlotKind.TASK]
        for slot in task_slots:
            slot.yield_to = None

        # 1. Idle task connections serve first.
        for slot in task_slots:
            if demand.next_ticket() is None:
                break
            if slot.state is SlotState.OPEN and not slot.busy:
                actions.append(demand.start_driver(slot))

        # 2. The line: waiters and tasks, first come, first served, as far as there is room.
        main = next((w for w in self._line if w.kind is SlotKind.MAIN), None)
        if main is not None and len(self._slots) < self.effective_limit and not (paused and self._slots):
            self._grant(main)
        while True:
            allowed = self._others_allowed()
            others = [s for s in self._slots if s.kind is not SlotKind.MAIN]
            if len(others) >= allowed or paused:
                break
            waiter = next((w for w in self._line if w.kind is not SlotKind.MAIN), None)
            opening = sum(s.state is SlotState.OPENING for s in others if s.kind is SlotKind.TASK)
            places = sum(s.places for s in others if s.kind is SlotKind.TASK and s.state is SlotState.OPEN)
            ticket = demand.next_ticket() if demand.wants_connection(places, opening) else None
            if waiter is not None and (ticket is None or waiter.ticket < ticket):
                self._grant(waiter)
            elif ticket is not None:
                slot = Slot(SlotKind.TASK, "tasks")
                self._add(slot)
                actions.append(demand.start_driver(slot))
            else:
                break

        # 3. Waiters that found no room: idle task connections are closed for them, and busy ones
        #    stop taking tasks that came later.
        others = [s for s in self._slots if s.kind is not SlotKind.MAIN]
        room = self._others_allowed() - len(others)
        standing = sum(w.kind is not SlotKind.MAIN for w in self._line)
        missing = max(0, standing - room) if room <= 0 else 0
        if self._line and self._line[0].kind is SlotKind.MAIN and len(self._slots) >= self.effective_limit:
            missing += 1
        missing -= sum(s.state is SlotState.CLOSING for s in self._slots)
        if missing > 0:
            first = self._line[0].ticket if self._line and self._line[0].kind is not SlotKind.MAIN else 0
            implicit = [s for s in self._slots if s.kind is SlotKind.IMPLICIT and s.connection is not None]
            resting = [s for s in implicit if s.connection is not None and s.connection.idle]
            for slot in sorted((*task_slots, *resting), key=lambda s: s.busy):
                if missing <= 0:
                    break
                if slot.state is not SlotState.OPEN:
                    continue
                missing -= 1
                if slot.busy:
                    slot.yield_to = first
                else:
                    slot.state = SlotState.CLOSING
                    if slot.evicted is not None:
                        actions.append(slot.evicted)
                    actions.append(partial(self._close, slot))

        # 4. With the whole quota in other hands, tasks run on the main connection.
        held = sum(s.kind in (SlotKind.THREAD, SlotKind.INDEPENDENT) for s in self._slots)
        action = demand.use_main(held >= self._others_allowed())
        if action is not None:
            actions.append(action)

        if paused and (self._line or demand.next_ticket() is not None) and self._retry is None:
            self._retry = call_later(max(0.0, self._not_before - now()), _weakly(self._try_again))
        idle = any(not s.busy and s.state is SlotState.OPEN for s in task_slots)
        if self._idle_timer is None and idle:
            self._idle_timer = call_later(IDLE_SECONDS / 2, _weakly(self._close_idle))
        # Until a slot changes, one more task changes nothing: the begin methods may skip the policy.
        opening = sum(s.kind is SlotKind.TASK and s.state is SlotState.OPENING for s in others)
        self.settled = not idle and (len(others) >= self._others_allowed() or opening >= OPENING_AT_ONCE)
        return actions

    def _add(self, slot: Slot) -> None:
        self._slots.append(slot)
        self.peak = max(self.peak, len(self._slots))
        if self.observer is not None:
            self.observer("connection_opening", slot)

    def _grant(self, waiter: _Waiter) -> None:
        self._line.remove(waiter)
        waiter.slot = Slot(waiter.kind, waiter.holder, waiter.created)
        self._add(waiter.slot)
        if self.observer is not None:
            self.observer("waiter_served", waiter)
        waiter.latch.release()

    # -- timers ------------------------------------------------------------

    def _arm_growth(self) -> None:
        if self._grow is not None:
            self._grow.cancel()
        self._grow = call_later(QUIET, _weakly(self._raise_limit))

    def _raise_limit(self) -> None:
        with self._lock:
            if self._effective is None:
                return
            self._effective += 1
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
    """Does what the policy decided, outside the lock."""
    for action in actions:
        action()


def _weakly(method: Callable[[], None]) -> Callable[[], None]:
    """A timer must not keep a forgotten client alive."""
    reference: WeakMethod[Any] = WeakMethod(method)

    def call() -> None:
        target = reference()
        if target is not None:
            target()

    return call


def _caller() -> str:
    """Where in the user's code a connection is being asked for."""
    for frame in reversed(traceback.extract_stack(limit=16)):
        if "mailclients" not in frame.filename.replace("\\", "/").split("/"):
            return f"{frame.filename}:{frame.lineno}"
    return ""
