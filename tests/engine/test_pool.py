"""The pool's policy with fake connections and a fake task queue: C1, C3, C4, C7, L1 and the hostile case I10.

`Bench` plays the task queue and the threads; its clock and timers move by hand. The random test at the end
looks at every state it comes through: never more connections than allowed, nobody forgotten, no place lost.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailclients.engine import pool as pool_module
from mailclients.engine import scheduling
from mailclients.engine.deadlines import Deadline
from mailclients.engine.pool import Action, Pool, Slot, SlotKind, SlotState, Waiter, run
from mailclients.errors import (
    AsposeInvalidOperationException,
    LimitReachedError,
    ObjectDisposedException,
    TimeoutException,
)


class FakeConnection:
    """A connection as far as the pool looks at it."""

    def __init__(self) -> None:
        self.broken = False
        self.idle = True

    def part(self, deadline: Deadline) -> None:
        self.close()

    def close(self) -> None:
        self.broken = True


class FakeSession:
    """Who has an implicit connection; `resting` says whether it may be closed."""

    def __init__(self) -> None:
        self.slot: Slot | None = None
        self.resting = False

    @property
    def at_rest(self) -> bool:
        return self.resting

    def give_up(self, slot: Slot, deadline: Deadline) -> bool:
        if not self.resting:
            return False
        self.slot = None
        return True


class FakeTimer:
    def __init__(self, at: float, function: Callable[[], object]) -> None:
        self.at = at
        self.function: Callable[[], object] | None = function

    def cancel(self) -> None:
        self.function = None


class Bench:
    """A pool, its tasks and its holders. A driver carries up to `window` tasks at once."""

    def __init__(self, limit: int, window: int = 4) -> None:
        self.time = 1000.0
        self.timers: list[FakeTimer] = []
        self.window = window
        self.lock = threading.Lock()
        self.events: list[tuple[str, Any]] = []
        self.pool = Pool(limit, self.lock, self._observe)
        self.pool.serve(self)
        self.tickets = 0
        self.ready: list[int] = []
        self.carried: dict[Slot, list[int]] = {}
        self.served: list[int] = []
        self.main_serves = False
        self.waiters: list[Waiter] = []
        self.sessions: dict[Slot, FakeSession] = {}

    def _observe(self, event: str, subject: Any) -> None:
        self.events.append((event, subject))
        if event == "connection_opening":
            assert self.pool.size <= self.pool.effective_limit, "more connections than allowed"
            others = sum(slot.kind is not SlotKind.MAIN for slot in self.pool._slots)
            assert others <= max(0, self.pool.limit - 1), "the main connection's place was given away"
        if event == "waiter_served" and subject.kind is not SlotKind.MAIN:
            earlier = [w for w in self.pool._line if w.kind is not SlotKind.MAIN and w.ticket < subject.ticket]
            assert not earlier, "somebody who came later was served first"

    # -- what the pool asks ------------------------------------------------------------

    def ticket(self) -> int:
        self.tickets += 1
        return self.tickets

    def waiting(self) -> int:
        return len(self.ready)

    def next_ticket(self) -> int | None:
        return self.ready[0] if self.ready else None

    def enough(self, places: int, opening: int) -> int:
        return scheduling.enough(places, opening, self.window, self.pool.setup)

    def wants_connection(self, places: int, opening: int) -> bool:
        return len(self.ready) > self.enough(places, opening)

    def start_driver(self, slot: Slot) -> Action:
        assert not slot.busy, "two drivers on one connection"
        assert slot.state in (SlotState.OPENING, SlotState.OPEN)
        slot.busy = True
        slot.places = self.window

        def submit() -> None:
            assert slot not in self.carried
            self.carried[slot] = []

        return submit

    def use_main(self, allowed: bool) -> Action | None:
        self.main_serves = allowed
        return None

    # -- what happens ------------------------------------------------------------

    def begin(self, count: int = 1) -> None:
        for _ in range(count):
            with self.lock:
                self.ready.append(self.ticket())
                actions = [] if len(self.ready) <= self.pool.enough and not self.main_serves else self.pool._plan()
            run(actions)
        for slot in list(self.carried):  # a driver with room is woken by every task
            if slot.state is SlotState.OPEN and 0 < len(self.carried[slot]) < self.window:
                self.admit(slot)
        self.settle()

    def ask(self, kind: SlotKind = SlotKind.THREAD) -> Waiter | None:
        """A thread asks for a connection; None when it is refused at once."""
        session = FakeSession()
        try:
            waiter = self.pool.waiter(kind, None, session)
            actions = self.pool.line_up(waiter)
        except (LimitReachedError, AsposeInvalidOperationException):
            return None
        self.waiters.append(waiter)
        run(actions)
        self.settle()
        return waiter

    def give_up_waiting(self, waiter: Waiter) -> None:
        self.pool.decline(waiter)
        self.settle()

    def open(self, slot: Slot) -> None:
        """The connection of a slot comes up."""
        self.pool.opened(slot, FakeConnection())
        if slot in self.carried:
            self.admit(slot)
        self.settle()

    def refuse(self, slot: Slot) -> None:
        """The server refuses it for its limits: a driver ends, a session goes back to the end of its line."""
        self.pool.refused(slot, LimitReachedError("no more"))
        self.carried.pop(slot, None)
        slot.busy = False
        self.pool.release(slot)
        self.settle()

    def admit(self, slot: Slot) -> None:
        """A driver takes tasks, and ends when there are none for it."""
        with self.lock:
            mine = self.carried[slot]
            while self.ready and len(mine) < self.window:
                if slot.yield_to is not None and self.ready[0] > slot.yield_to:
                    break
                mine.append(self.ready.pop(0))
            self.pool.has_places(slot, self.window - len(mine))
            if mine:
                return
            del self.carried[slot]
            slot.busy = False
            slot.places = 0
            slot.since = self.time
            actions = self.pool._plan()
        run(actions)

    def finish(self, slot: Slot) -> None:
        """A driver's tasks are answered; it looks for more."""
        self.served += self.carried[slot]
        self.carried[slot].clear()
        self.admit(slot)
        self.settle()

    def main_works(self) -> None:
        if self.main_serves:
            self.served += self.ready
            self.ready.clear()

    def return_(self, slot: Slot) -> None:
        """A holder gives its connection back."""
        self.pool.retire(slot)
        self.settle()

    def pass_time(self, seconds: float) -> None:
        self.time += seconds
        for timer in list(self.timers):
            if timer.at <= self.time:
                self.timers.remove(timer)
                function, timer.function = timer.function, None
                if function is not None:
                    function()
        self.settle()

    def settle(self) -> None:
        """Connections that are being closed for somebody are closed."""
        while self.pool._closers:
            self.pool.wait_for_closers(Deadline(5.0))

    # -- what must hold ------------------------------------------------------------

    @property
    def slots(self) -> list[Slot]:
        return list(self.pool.slots)

    def of(self, kind: SlotKind) -> list[Slot]:
        return [slot for slot in self.slots if slot.kind is kind]

    def held(self) -> list[Slot]:
        return [slot for slot in self.slots if slot.kind is not SlotKind.TASK]

    def check(self) -> None:
        """Nobody is forgotten: whoever waits, somebody or some timer is there to serve him."""
        pool = self.pool
        paused = pool._not_before > self.time
        standing = [w for w in pool._line if w.kind is not SlotKind.MAIN]
        tasks = self.of(SlotKind.TASK)
        idle = [s for s in tasks if s.state is SlotState.OPEN and not s.busy]
        assert all(slot in self.carried for slot in tasks if slot.busy), "a place is lost"
        assert all(slot.busy for slot in tasks if slot.state is SlotState.OPENING), "a place is lost"
        assert len({id(slot) for slot in self.slots}) == pool.size
        if paused and (pool._line or len(self.ready) > pool.enough):  # else a slot's change tells
            assert pool._retry is not None, "nobody looks again after the pause"
        if standing and not paused:
            assert pool._room() <= 0, "a waiter stands although there is room"
        if len(standing) > max(0, pool._room()):  # the others have room, and wait for the end of a pause
            assert not idle, "a waiter stands beside an idle task connection"
            resting = [s for s in self.of(SlotKind.IMPLICIT) if s.state is SlotState.OPEN]
            assert not any(s.owner is not None and s.owner.at_rest for s in resting)
        if not paused:
            yielding = [s for s in tasks if s.yield_to is not None]
            willing = [s for s in tasks if s.state is SlotState.OPEN]
            assert len(yielding) == min(len(pool._needs()), len(willing)), "busy connections have to yield"
        if self.ready and not paused:
            assert any(s.busy for s in tasks) or self.main_serves or standing, "tasks are forgotten"
        if pool._line and pool._line[0].kind is SlotKind.MAIN and not paused:
            assert pool.size >= pool.effective_limit, "the main connection stands although there is room"

    def drain(self) -> None:
        """Everything that is under way ends, again and again: in the end nobody waits any more."""
        for _ in range(400):
            self.check()
            if not self.ready and not self.pool._line and not self.carried:
                return
            for slot in self.slots:
                if slot.state is SlotState.OPENING:
                    self.open(slot)
                elif slot in self.carried:
                    self.finish(slot)
                elif slot.kind not in (SlotKind.MAIN, SlotKind.TASK) and slot in self.pool.slots:
                    self.return_(slot)
            self.main_works()
            self.pass_time(1.0)
        raise AssertionError(f"never done: {self.pool!r} {self.slots} line={self.pool._line} ready={self.ready}")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Bench]]:
    """Makes benches whose time the pool sees."""
    with contextlib.ExitStack() as stack:

        def make(limit: int, window: int = 4) -> Bench:
            bench = Bench(limit, window)
            stack.enter_context(clock_of(bench))
            return bench

        yield make


@contextlib.contextmanager
def clock_of(bench: Bench) -> Iterator[None]:
    """The pool takes its time and its timers from the bench."""

    def later(seconds: float, function: Callable[[], object]) -> FakeTimer:
        timer = FakeTimer(bench.time + seconds, function)
        bench.timers.append(timer)
        return timer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool_module, "now", lambda: bench.time)
        patch.setattr(pool_module, "call_later", later)
        yield


Make = Callable[..., Bench]


def granted(waiter: Waiter | None) -> Slot:
    assert waiter is not None
    assert waiter.slot is not None
    return waiter.slot


# -- the line -----------------------------------------------------------------------------


def test_C1_C3_main_and_limit_less_one_others(made: Make) -> None:
    bench = made(3)
    got = [bench.ask() for _ in range(4)]
    assert [w is not None and w.slot is not None for w in got] == [True, True, False, False]
    assert granted(bench.ask(SlotKind.MAIN)).kind is SlotKind.MAIN
    assert bench.pool.size == 3
    assert bench.pool.peak == 3


def test_C4_first_come_first_served(made: Make) -> None:
    bench = made(2)
    first, second, third = (bench.ask() for _ in range(3))
    bench.open(granted(first))
    bench.return_(granted(first))
    granted(second)
    assert third is not None
    assert third.slot is None
    bench.return_(granted(second))
    granted(third)


def test_C4_waiters_and_tasks_stand_in_one_line(made: Make) -> None:
    bench = made(2, window=1)
    holder = bench.ask()
    bench.begin(1)  # ticket 2
    late = bench.ask()  # ticket 3
    bench.begin(1)  # ticket 4
    bench.main_serves = False
    bench.return_(granted(holder))
    (task_slot,) = bench.of(SlotKind.TASK)  # the task came first
    assert late is not None
    assert late.slot is None
    bench.open(task_slot)
    assert bench.carried[task_slot] == [2]
    bench.finish(task_slot)  # the waiter came before the second task
    assert granted(late).state is SlotState.OPENING
    assert task_slot not in bench.slots
    assert bench.ready == [4]


def test_C4_idle_task_connection_is_closed_for_a_waiter(made: Make) -> None:
    bench = made(2)
    bench.begin()
    (slot,) = bench.of(SlotKind.TASK)
    bench.open(slot)
    bench.finish(slot)
    assert slot.state is SlotState.OPEN
    assert not slot.busy
    granted(bench.ask())
    assert isinstance(slot.connection, FakeConnection)
    assert slot.connection.broken


def test_C4_busy_task_connection_yields_and_is_not_started_again(made: Make) -> None:
    """A stream of later tasks must not starve the waiter, nor make the driver start over and over."""
    bench = made(2)
    bench.begin()
    (slot,) = bench.of(SlotKind.TASK)
    bench.open(slot)
    waiter = bench.ask()
    bench.begin(3)
    assert waiter is not None
    assert slot.yield_to == waiter.ticket
    submitted = bench.carried.copy()
    bench.finish(slot)
    granted(waiter)
    assert bench.carried == {}
    assert submitted
    bench.check()


def test_lowered_limit_closes_task_connections_as_they_become_idle(made: Make) -> None:
    bench = made(4, window=1)
    bench.begin(6)
    slots = bench.of(SlotKind.TASK)
    assert len(slots) == 3
    for slot in slots:
        bench.open(slot)
    bench.pool.resize(2)
    assert [slot.yield_to for slot in slots].count(0) == 2
    for slot in slots:
        bench.finish(slot)
    assert len(bench.of(SlotKind.TASK)) == 1
    bench.drain()


def test_limit_of_one_turns_waiters_away(made: Make) -> None:
    bench = made(2)
    bench.ask()
    waiter = bench.ask()
    bench.pool.resize(1)
    assert waiter is not None
    assert isinstance(waiter.gone, AsposeInvalidOperationException)
    assert "max_connections_per_server is 1" in str(waiter.gone)
    assert bench.ask() is None
    assert bench.main_serves


def test_I10_interrupted_waiter_passes_its_place_on(made: Make) -> None:
    bench = made(2)
    holder, first, second = (bench.ask() for _ in range(3))
    assert first is not None
    bench.return_(granted(holder))
    granted(first)
    bench.give_up_waiting(first)  # interrupted at the moment it was served
    granted(second)
    assert first.owner is not None
    assert first.owner.slot is None
    bench.check()


def test_I10_acquire_that_is_interrupted_loses_nothing(made: Make) -> None:
    """KeyboardInterrupt in every place where a thread may be while it acquires."""
    bench = made(2)

    class Latch:
        def acquire(self, timeout: float = -1) -> bool:
            raise KeyboardInterrupt

        def release(self) -> None: ...

    plain = Waiter.__init__

    def with_latch(self: Waiter, *args: Any) -> None:
        plain(self, *args)
        self.latch = Latch()  # type: ignore[assignment]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Waiter, "__init__", with_latch)
        with pytest.raises(KeyboardInterrupt):
            bench.pool.acquire(SlotKind.THREAD, None, Deadline(5.0))
    assert bench.pool.size == 0
    assert not bench.pool._line


def test_actions_go_on_when_their_thread_is_interrupted() -> None:
    done = threading.Event()

    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run([interrupted, done.set])
    assert done.wait(5.0)


def test_C4_timeout_names_the_holders() -> None:
    pool = Pool(2, threading.Lock())
    bench = Bench(2)
    pool.serve(bench)
    pool.acquire(SlotKind.THREAD, None, Deadline(5.0))
    with pytest.raises(TimeoutException, match=r"within 1 ms; 1 of 2 are taken: thread \(opening\): .*test_pool\.py"):
        pool.acquire(SlotKind.THREAD, None, Deadline(0.001))
    assert not pool._line


def test_C9_dispose_wakes_every_waiter(made: Make) -> None:
    bench = made(2)
    bench.ask()
    waiters = [bench.ask() for _ in range(3)]
    bench.pool.dispose()
    assert all(w is not None and isinstance(w.gone, ObjectDisposedException) for w in waiters)
    with pytest.raises(ObjectDisposedException):
        bench.pool.acquire(SlotKind.THREAD, None, Deadline(5.0))


# -- tasks ------------------------------------------------------------------------------------


def test_one_task_after_another_needs_one_connection(made: Make) -> None:
    bench = made(10)
    for _ in range(5):
        bench.begin()
        for slot in bench.of(SlotKind.TASK):
            if slot.state is SlotState.OPENING:
                bench.open(slot)
        for slot in list(bench.carried):
            bench.finish(slot)
    assert len(bench.of(SlotKind.TASK)) == 1


def test_one_task_wakes_one_idle_connection(made: Make) -> None:
    bench = made(10, window=1)
    bench.begin(3)
    for slot in bench.of(SlotKind.TASK):
        bench.open(slot)
    for slot in list(bench.carried):
        bench.finish(slot)
    assert len(bench.of(SlotKind.TASK)) == 3
    assert not bench.carried
    bench.begin()
    assert len(bench.carried) == 1


def test_idle_task_connections_are_closed_after_a_while(made: Make) -> None:
    bench = made(3)
    bench.begin()
    (slot,) = bench.of(SlotKind.TASK)
    bench.open(slot)
    bench.finish(slot)
    bench.pass_time(scheduling.IDLE_SECONDS / 2)
    assert bench.slots == [slot]
    bench.pass_time(scheduling.IDLE_SECONDS / 2)
    bench.pass_time(scheduling.IDLE_SECONDS / 2)
    assert bench.slots == []


def test_T11_tasks_run_on_main_when_others_hold_the_quota(made: Make) -> None:
    bench = made(3)
    for _ in range(2):
        bench.open(granted(bench.ask()))
    bench.begin()
    assert bench.main_serves
    bench.main_works()
    bench.return_(bench.held()[0])
    assert not bench.main_serves


# -- implicit connections (C7) -----------------------------------------------------------------


def implicit(bench: Bench) -> tuple[Slot, FakeSession]:
    slot = granted(bench.ask(SlotKind.IMPLICIT))
    bench.open(slot)
    session = slot.owner
    assert isinstance(session, FakeSession)
    return slot, session


def test_C7_idle_implicit_connection_is_taken_back_for_a_waiter(made: Make) -> None:
    bench = made(2)
    slot, session = implicit(bench)
    session.resting = True
    granted(bench.ask())
    assert slot not in bench.slots
    assert session.slot is None


def test_C7_busy_implicit_connection_is_taken_back_once_it_rests(made: Make) -> None:
    bench = made(2)
    slot, session = implicit(bench)
    waiter = bench.ask()
    assert waiter is not None
    assert waiter.slot is None
    session.resting = True
    bench.pool.rested()
    bench.settle()
    granted(waiter)
    assert slot not in bench.slots


def test_C7_implicit_connection_that_is_used_again_keeps_its_place(made: Make) -> None:
    bench = made(2)
    slot, _session = implicit(bench)

    class Used(FakeSession):
        at_rest = True  # as it looked when the pool decided

    used = Used()
    slot.owner = used
    waiter = bench.ask()
    assert waiter is not None
    assert waiter.slot is None
    assert slot in bench.slots
    assert slot.state is SlotState.OPEN
    used.resting = True
    bench.pool.rested()
    bench.settle()
    granted(waiter)


def test_C7_idle_implicit_connection_is_taken_back_for_tasks(made: Make) -> None:
    bench = made(2)
    slot, session = implicit(bench)
    session.resting = True
    bench.begin()
    (task,) = bench.of(SlotKind.TASK)
    assert slot not in bench.slots
    assert task.busy


def test_C7_an_implicit_connection_goes_to_tasks_that_come_when_the_quota_is_used_up(made: Make) -> None:
    bench = made(3, 1)
    slot, session = implicit(bench)
    bench.begin()
    bench.open(bench.of(SlotKind.TASK)[0])
    session.resting = True
    bench.begin()  # the other one is busy with the first
    assert slot not in bench.slots
    assert len(bench.of(SlotKind.TASK)) == 2


@pytest.mark.parametrize("window", [1, 4])
def test_T2_a_connection_that_has_taken_all_it_takes_is_no_place_for_those_that_come(window: int, made: Make) -> None:
    bench = made(4, window)
    bench.begin(window)
    (slot,) = bench.of(SlotKind.TASK)
    bench.open(slot)
    assert len(bench.carried[slot]) == window
    bench.begin()
    assert len(bench.of(SlotKind.TASK)) == 2


def test_T11_tasks_run_on_main_while_implicit_connections_are_busy(made: Make) -> None:
    bench = made(2)
    implicit(bench)
    bench.begin()
    assert bench.main_serves


# -- the server's limit (L1) -------------------------------------------------------------------


def test_L1_effective_limit_is_what_is_open(made: Make) -> None:
    bench = made(10)
    for kind in (SlotKind.MAIN, SlotKind.THREAD, SlotKind.THREAD):
        bench.open(granted(bench.ask(kind)))
    bench.refuse(granted(bench.ask()))
    assert bench.pool.effective_limit == 3
    assert bench.pool.limit == 10
    assert bench.pool.get_stats()["refused_total"] == 1


def test_L1_a_connection_that_is_refused_later_costs_no_other(made: Make) -> None:
    bench = made(4, 1)
    bench.open(granted(bench.ask(SlotKind.MAIN)))
    bench.begin(2)
    refused, other = bench.of(SlotKind.TASK)
    bench.open(refused)
    bench.open(other)
    bench.finish(other)
    bench.refuse(refused)
    assert bench.of(SlotKind.TASK) == [other]
    assert other.state is SlotState.OPEN


def test_L1_what_came_up_beside_the_refused_one_counts(made: Make) -> None:
    bench = made(10)
    bench.open(granted(bench.ask(SlotKind.MAIN)))
    one, other = granted(bench.ask()), granted(bench.ask())
    bench.refuse(other)
    assert bench.pool.effective_limit == 1
    bench.open(one)
    assert bench.pool.effective_limit == 2


def test_L1_grows_by_one_a_quiet_minute(made: Make) -> None:
    bench = made(4)
    bench.open(granted(bench.ask(SlotKind.MAIN)))
    bench.refuse(granted(bench.ask()))
    seen = []
    for _ in range(4):
        bench.pass_time(59.0)
        before = bench.pool.effective_limit
        bench.pass_time(1.0)
        seen.append((before, bench.pool.effective_limit))
    assert seen == [(1, 2), (2, 3), (3, 4), (4, 4)]


def test_L1_refusal_begins_the_quiet_minute_anew(made: Make) -> None:
    bench = made(4)
    bench.open(granted(bench.ask(SlotKind.MAIN)))
    bench.refuse(granted(bench.ask()))
    bench.pass_time(60.0)
    bench.refuse(granted(bench.ask()))
    bench.pass_time(59.0)
    assert bench.pool.effective_limit == 1
    bench.pass_time(1.0)
    assert bench.pool.effective_limit == 2


def test_L1_pauses_grow_where_connections_open_and_are_refused_later(
    made: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.random", lambda: 0.0)
    bench = made(4)
    slot = granted(bench.ask(SlotKind.MAIN))
    pauses: list[float] = []
    for _ in range(3):
        bench.open(slot)
        bench.pool.refused(slot, LimitReachedError("no more"))
        pauses.append(bench.pool.pause_before_opening())
        bench.pass_time(10.0)
        bench.pool.reopening(slot)
    assert pauses == [0.125, 0.25, 0.5]
    bench.open(slot)
    bench.pass_time(60.0)
    bench.pool.refused(slot, LimitReachedError("no more"))
    assert bench.pool.pause_before_opening() == 0.125


def test_L1_backs_off_with_jitter(made: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: dict[float, list[float]] = {}
    for jitter in (0.0, 0.999):
        bench = made(4)
        monkeypatch.setattr("random.random", lambda jitter=jitter: jitter)
        bench.open(granted(bench.ask(SlotKind.MAIN)))
        pauses[jitter] = []
        for _ in range(9):
            slot = Slot(SlotKind.THREAD, "somebody")
            bench.pool.refused(slot, LimitReachedError("no more"))
            pauses[jitter].append(bench.pool.pause_before_opening())
    assert pauses[0.0][:3] == [0.125, 0.25, 0.5]
    assert pauses[0.0][-1] == 15.0
    assert all(0 < low < high <= 45.0 for low, high in zip(pauses[0.0], pauses[0.999], strict=True))


def test_L1_nobody_opens_during_the_pause_and_work_goes_on_after_it(made: Make) -> None:
    bench = made(6)
    for kind in (SlotKind.MAIN, SlotKind.THREAD, SlotKind.THREAD):
        bench.open(granted(bench.ask(kind)))
    bench.refuse(granted(bench.ask()))
    bench.return_(bench.of(SlotKind.THREAD)[0])
    waiter = bench.ask()
    assert waiter is not None
    assert waiter.slot is None
    assert bench.pool.pause_before_opening() > 0
    bench.check()
    bench.pass_time(bench.pool.pause_before_opening())
    granted(waiter)


def test_L1_delay_lowers_nothing(made: Make) -> None:
    bench = made(6)
    bench.open(granted(bench.ask(SlotKind.MAIN)))
    bench.pool.delay(5.0)
    waiter = bench.ask()
    assert waiter is not None
    assert waiter.slot is None
    assert bench.pool.effective_limit == 6
    bench.pass_time(5.0)
    granted(waiter)


def test_L1_a_pause_between_sign_ins_lowers_nothing_and_tasks_use_main_meanwhile(made: Make) -> None:
    bench = made(6)
    bench.open(granted(bench.ask(SlotKind.MAIN)))
    bench.begin()
    (slot,) = bench.of(SlotKind.TASK)
    error = LimitReachedError("not yet")
    error.postponed = True
    bench.pool.refused(slot, error)
    bench.carried.pop(slot)
    slot.busy = False
    bench.pool.release(slot)
    assert bench.pool.effective_limit == 6
    assert bench.main_serves
    bench.check()
    bench.pass_time(bench.pool.pause_before_opening())
    (again,) = bench.of(SlotKind.TASK)
    bench.open(again)
    assert bench.carried[again]


def test_L1_waiters_are_told_when_the_server_allows_one_only(made: Make) -> None:
    bench = made(2)
    bench.open(granted(bench.ask(SlotKind.MAIN)))
    refused = granted(bench.ask())
    waiter = bench.ask()
    bench.refuse(refused)
    assert waiter is not None
    assert isinstance(waiter.gone, LimitReachedError)
    assert "create_connection: the server allows this client one connection only" in str(waiter.gone)
    assert bench.ask() is None
    bench.begin()
    assert bench.main_serves
    assert not bench.of(SlotKind.TASK)


def test_L1_open_connections_are_not_closed_for_those_that_are_about_to_be_refused(made: Make) -> None:
    bench = made(10, window=1)
    bench.open(granted(bench.ask(SlotKind.MAIN)))
    bench.begin(4)
    first, *others = bench.of(SlotKind.TASK)
    bench.open(first)
    bench.refuse(others[0])
    assert first.yield_to is None
    for slot in others[1:]:
        bench.refuse(slot)
    assert bench.pool.effective_limit == 2
    assert first in bench.slots


def test_L1_a_connection_that_is_being_closed_counts(made: Make) -> None:
    bench = made(10)
    bench.open(granted(bench.ask(SlotKind.MAIN)))
    thread = granted(bench.ask())
    bench.open(thread)
    refused = granted(bench.ask())
    thread.state = SlotState.CLOSING  # its goodbye is on the way
    bench.refuse(refused)
    assert bench.pool.effective_limit == 2


def test_L1_main_gets_its_place_back_at_a_lowered_limit(made: Make) -> None:
    """The main connection comes late, to a server that is full with task connections."""
    bench = made(4, window=1)
    bench.begin(4)
    for slot in bench.of(SlotKind.TASK):
        bench.open(slot)
    main = bench.ask(SlotKind.MAIN)
    bench.refuse(granted(main))
    main = bench.ask(SlotKind.MAIN)
    assert bench.pool.effective_limit == 3
    assert main is not None
    assert main.slot is None
    yielding = [slot for slot in bench.of(SlotKind.TASK) if slot.yield_to == 0]
    assert len(yielding) == 1  # one is enough
    bench.finish(yielding[0])
    bench.pass_time(1.0)
    granted(main)


# -- for people --------------------------------------------------------------------------------


def test_repr_and_holders_tell_who_has_what(made: Make) -> None:
    bench = made(3)
    bench.open(granted(bench.ask()))
    bench.begin()
    text = repr(bench.pool)
    assert text.startswith("<Pool limit=3 effective_limit=3 size=2 opening=1 open=1")
    thread, task = bench.pool.holders
    assert thread.startswith("thread (open): MainThread, from ")
    assert "test_pool.py:" in thread
    assert task == "task (opening): tasks"
    assert repr(bench.slots[1]) == "<Slot task opening busy for tasks: None>"
    stats = bench.pool.get_stats()
    assert stats["opened_total"] == 1
    assert stats["peak"] == 2
    assert stats["waiting"] == bench.pool.waiting == 0
    assert bench.pool.idle == 1


# -- everything at once --------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                "begin", "begin", "many", "ask", "ask", "independent", "implicit", "main", "leave", "open", "open",
                "refuse", "finish", "finish", "return", "rest", "use", "resize", "time", "long", "main works", "fail",
            )
        ),
        st.integers(0, 7),
    ),
    max_size=60,
)  # fmt: skip


def step(bench: Bench, what: str, number: int) -> None:
    """Plays one event, if it can happen now."""

    def pick(slots: list[Slot]) -> list[Slot]:
        return [slots[number % len(slots)]] if slots else []

    opening = [s for s in bench.slots if s.state is SlotState.OPENING]
    sessions = [s.owner for s in bench.of(SlotKind.IMPLICIT) if isinstance(s.owner, FakeSession)]
    if what == "begin":
        bench.begin()
    elif what == "many":
        bench.begin(number)
    elif what in ("ask", "independent", "implicit"):
        bench.ask({"ask": SlotKind.THREAD}.get(what) or SlotKind(what))
    elif what == "main":
        if not bench.of(SlotKind.MAIN) and not any(w.kind is SlotKind.MAIN for w in bench.pool._line):
            bench.ask(SlotKind.MAIN)
    elif what == "leave":
        standing = [w for w in bench.waiters if w in bench.pool._line]
        if standing:
            bench.give_up_waiting(standing[number % len(standing)])
    elif what == "open":
        for slot in pick(opening):
            bench.open(slot)
    elif what == "refuse":
        for slot in pick(opening):
            bench.refuse(slot)
    elif what == "fail":
        for slot in pick(opening):
            bench.carried.pop(slot, None)
            slot.busy = False
            bench.pool.release(slot)
            bench.settle()
    elif what == "finish":
        for slot in pick([s for s in bench.carried if s.state is SlotState.OPEN]):
            bench.finish(slot)
    elif what == "return":
        for slot in pick([s for s in bench.held() if s.state is SlotState.OPEN and s.kind is not SlotKind.MAIN]):
            bench.return_(slot)
    elif what in ("rest", "use") and sessions:
        sessions[number % len(sessions)].resting = what == "rest"
        bench.pool.rested()
        bench.settle()
    elif what == "resize":
        bench.pool.resize(number + 1)
        bench.settle()
    elif what in ("time", "long"):
        bench.pass_time(0.4 * number if what == "time" else 31.0)
    elif what == "main works":
        bench.main_works()


@settings(max_examples=120, deadline=None)
@given(limit=st.integers(1, 5), window=st.sampled_from((1, 3)), steps=STEPS)
def test_C1_C4_random_events_never_exceed_the_limit_and_forget_nobody(
    limit: int, window: int, steps: list[tuple[str, int]]
) -> None:
    bench = Bench(limit, window)
    with clock_of(bench):
        for what, number in steps:
            step(bench, what, number)
            bench.check()
        bench.drain()
        assert sorted(bench.served) == sorted(set(bench.served)), "a task was served twice"


def test_L1_the_pauses_begin_anew_once_a_connection_has_come_up(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[int] = []

    def backoff(attempt: int, jitter: float) -> float:
        attempts.append(attempt)
        return 0.0

    monkeypatch.setattr("mailclients.engine.pool.backoff", backoff)
    pool = Pool(5, threading.Lock())
    slot = Slot(SlotKind.THREAD, "a test")
    pool.refused(slot, LimitReachedError("no more"))
    pool.refused(slot, LimitReachedError("no more"))
    pool.opened(slot, FakeConnection())
    pool.refused(Slot(SlotKind.THREAD, "another"), LimitReachedError("no more"))
    pool.dispose()
    assert attempts == [1, 2, 1]
