"""The task queue: all begun work of one client, and which driver takes what.

The lock is the pool's. Tasks that may run on any task connection wait in one line, oldest first; tasks that
belong to a session (the main connection, a thread's, an independent one) wait in that session's lane. Entered
by every thread: those that begin and cancel, drivers, and callback threads with work aside.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any

from mailclients.engine import scheduling
from mailclients.engine.commands import Aside, Command, Pause, State
from mailclients.engine.connection import Connection
from mailclients.engine.deadlines import Deadline, now
from mailclients.engine.drivers import Driver, Lane, drives
from mailclients.engine.observer import Observer
from mailclients.engine.pool import Action, Pool, Slot, SlotKind, SlotState, run
from mailclients.engine.sessions import Opener, Session
from mailclients.engine.tasks import Line, Split, Task, sends_nothing_new
from mailclients.errors import ConnectionLostError, OperationCanceledException

log = logging.getLogger("mailclients.tasks")

_this_thread = threading.local()


class TaskQueue:
    """All begun work of one client."""

    def __init__(
        self,
        pool: Pool,
        lock: threading.Lock,
        opener: Opener,
        main: Session,
        executor: Callable[[], Executor],
        spare: Callable[[], Executor | None],
        timeout: Callable[[], float | None],
        window: Callable[[], int],
        observer: Observer | None = None,
    ) -> None:
        self.pool = pool
        self._lock = lock
        self.opener = opener
        self._executor = executor
        self._spare = spare  # threads that are always to be had, where `executor` may have none left; or None
        self.timeout = timeout
        self._window = window
        self.observer = observer
        self._tickets = itertools.count(1)
        self._ready = Line()
        self._main = Lane(main)
        self._lanes: dict[Session, Lane] = {main: self._main}
        self._main_serves = False
        self._drivers: set[Driver] = set()
        self._urgent: list[Task] = []
        self._aside: dict[Aside, Task] = {}  # at work of their own, on callback threads
        self._splits: set[Split] = set()
        self._done = threading.Condition(lock)
        self._disposed = False
        pool.serve(self)

    # -- entering ------------------------------------------------------------

    def ticket(self) -> int:
        """The next place in the line of tasks and waiters."""
        return next(self._tickets)

    @property
    def queued(self) -> int:
        """Tasks that have not started."""
        return len(self._ready) + sum(len(lane.tasks) for lane in tuple(self._lanes.values()))

    @property
    def running(self) -> int:
        """Tasks that have started."""
        return sum(len(driver.active) for driver in tuple(self._drivers)) + len(self._aside)

    def put(self, task: Task, session: Session | None = None) -> None:
        """Queues a task: for the session's lane, or for any task connection."""
        if self.observer is not None:
            self.observer("task_queued", task)
        with self._lock:
            if task.handle.is_completed:  # cancelled before its turn to wait had come
                return
            if self._disposed:
                actions: list[Action] = [lambda: task.handle.cancel("the client was disposed")]
            elif session is not None:
                task.session = session
                actions = self._put_in_lane(task, session)
            else:
                actions = self._put_in_ready(task)
        run(actions)

    def put_parts(self, split: Split, tasks: Sequence[Task]) -> None:
        """Queues the parts of an operation, all at once, unless that was cancelled meanwhile."""
        if self.observer is not None:
            for task in tasks:
                self.observer("task_queued", task)
        parent = split.parent
        with self._lock:
            gone = self._disposed or (parent is not None and (parent.stopping or parent.handle.is_completed))
            actions: list[Action] = []
            if not gone:
                for task in tasks:
                    # Read here: an exclusive block may have been lent to their operation a moment ago.
                    task.owner = task.owner if parent is None else parent.owner
                split.tasks = tuple(tasks)
                self._splits.add(split)
                for task in tasks:
                    self._ready.put(task)
                self._notice_large()
                actions = self.pool._plan()
                for _ in tasks:
                    actions += self._wake_one()
        if gone:
            for task in tasks:
                task.handle.cancel("its operation was cancelled, or the client disposed")
        run(actions)
        if parent is None or parent.urgent:
            # The thread of a plain call may be the last one of the executor, and waits from now on.
            for task in tasks:
                self.hurry(task, holding=True)

    def parts_ended(self, split: Split) -> None:
        """Nobody waits for the parts any more."""
        with self._lock:
            self._splits.discard(split)
            if split.parent is not None and split.changes:
                # In the same step: whoever cancels the operation finds its parts, or that it has changed something.
                split.parent.changed = not all(task.handle.is_canceled for task in split.tasks)

    def _split_of(self, task: Task | None) -> Split | None:
        """The parts of a task's operation, while it is in parts."""
        return next((split for split in tuple(self._splits) if split.parent is task), None) if task else None

    def _parts_of(self, task: Task | None) -> tuple[Task, ...]:
        split = self._split_of(task)
        return split.tasks if split is not None else ()

    def _put_in_ready(self, task: Task) -> list[Action]:
        self._ready.put(task)
        self._notice_large()
        actions = [] if len(self._ready) <= self.pool.enough and not self._main_serves else self.pool._plan()
        return actions + self._wake_one()

    def _put_on_what_is_left(self, task: Task) -> list[Action]:
        """Under the lock: `dispose` gives a running task time to end, and no connection is opened any more."""
        self._ready.put(task)
        actions = self._wake_one()
        idle = (s for s in self.pool._slots if s.kind is SlotKind.TASK and s.state is SlotState.OPEN and not s.busy)
        if not actions and (slot := next(idle, None)) is not None:
            actions = [self.start_driver(slot)]
        elif not actions and self._main.session.connection is not None:
            self._main_serves = True
            actions = [self._attend(self._main)]
        return actions

    def _put_in_lane(self, task: Task, session: Session) -> list[Action]:
        lane = self._lanes.get(session)
        if lane is None:
            lane = self._lanes[session] = Lane(session)
        lane.tasks.put(task)
        return [self._attend(lane)]

    def _attend(self, lane: Lane) -> Action:
        if lane.driver is None:
            lane.driver = Driver(self, lane=lane)
            self._drivers.add(lane.driver)
        if not lane.driver.submitted:
            return partial(self._submit, lane.driver)
        return lane.driver.poke

    def _notice_large(self) -> None:
        """Connections on which a large transfer has begun have no places for tasks that would wait behind it."""
        for driver in self._drivers:
            if driver.hungry and driver.slot is not None and driver.behind_large:
                driver.hungry = False
                driver.slot.places = 0
                self.pool.enough = 0

    def _wake_one(self) -> list[Action]:
        ticket = self.next_ticket()
        for driver in self._drivers:
            if driver.hungry and ticket is not None and self._serves(driver, ticket):
                driver.hungry = False
                return [driver.poke]
        return []

    def _serves(self, driver: Driver, ticket: int) -> bool:
        """Under the lock: whether the driver takes tasks of no session, as old as this one."""
        slot = driver.slot
        if slot is None:
            return driver.lane is self._main and self._main_serves
        return slot.yield_to is None or ticket <= slot.yield_to

    # -- what the pool's policy asks ------------------------------------------------------------

    def waiting(self) -> int:
        return len(self._ready)

    def next_ticket(self) -> int | None:
        first = self._ready.first()
        return first.ticket if first is not None else None

    def enough(self, places: int, opening: int) -> int:
        return scheduling.enough(places, opening, self._window(), self.pool.setup)

    def wants_connection(self, places: int, opening: int) -> bool:
        if len(self._ready) > self.enough(places, opening):
            return True
        if opening >= scheduling.opening_at_once(self.pool.setup):
            return False
        return any(self._wants_apart(split) for split in self._splits)

    def _wants_apart(self, split: Split) -> bool:
        """Under the lock: whether parts of an operation wait for which there is no connection but their siblings'."""
        drivers = [driver for driver in self._drivers if driver.slot is not None]
        waiting = sum(
            task.running is None and not task.handle.is_completed and not any(task in d.active for d in drivers)
            for task in split.tasks
        )
        return waiting > sum(not d.active or (d.hungry and not d.carries(split)) for d in drivers)

    def start_driver(self, slot: Slot) -> Action:
        slot.busy = True
        slot.places = self._window()  # what it will take, until it says so itself
        driver = Driver(self, slot=slot)
        self._drivers.add(driver)
        return partial(self._submit, driver)

    def use_main(self, allowed: bool) -> Action | None:
        self._main_serves = allowed
        if allowed and self.next_ticket() is not None:
            return self._attend(self._main)
        return None

    # -- drivers ------------------------------------------------------------

    def _submit(self, driver: Driver) -> None:
        """Hands the driver to the executor; may be called more than once, as an interrupted thread may not have."""
        with self._lock:
            if driver.submitted:
                return
            driver.submitted = True
            urgent = self._is_urgent(driver)
        try:
            executor = (self._spare() if urgent else None) or self._executor()
            driver.future = future = executor.submit(driver.run)
        except Exception as error:  # noqa: BLE001 - an executor of somebody else's may refuse with anything
            driver.refused(error)
            return
        except BaseException:
            # Interrupted, perhaps after the executor has taken it: a driver that is submitted twice runs once.
            driver.submitted = False
            threading.Thread(target=self._submit, args=(driver,), name="mailclients-planning", daemon=True).start()
            raise
        future.add_done_callback(driver.dropped)
        if not urgent and self._urgent:
            with self._lock:
                urgent = self._is_urgent(driver)
            if urgent:
                self._run_beside(driver)

    def _is_urgent(self, driver: Driver) -> bool:
        self._urgent = [task for task in self._urgent if not task.handle.is_completed]
        return any(self._may_take(driver, task) for task in self._urgent)

    def _run_beside(self, driver: Driver) -> None:
        """Takes a driver that was not started yet away from the executor and gives it a thread of its own."""
        future = driver.future
        try:
            spare = self._spare()
            if spare is None or driver.started or future is None:
                return
            driver.moved = True
            if future.cancel():
                driver.future = spare.submit(driver.run)
        except Exception as error:  # noqa: BLE001 - as for any executor
            driver.refused(error)
        except BaseException:
            # Interrupted, perhaps when no executor had it any more: `starts` lets one of several threads in.
            threading.Thread(target=driver.run, name="mailclients-beside", daemon=True).start()
            raise

    def _may_take(self, driver: Driver, task: Task) -> bool:
        """Under the lock: whether this driver may be the one that the task waits for."""
        if task.session is not None:
            return driver.lane is not None and driver.lane.session is task.session
        # The main session serves a task even where it does not carry it: with the unique ids of its sequence
        # numbers, with the select that it was begun after, or when the task has to begin anew there.
        return driver.slot is not None or driver.lane is self._main

    def starts(self, driver: Driver) -> bool:
        """A thread of the executor has come to the driver; False if another one is there already."""
        with self._lock:
            if driver.started or driver not in self._drivers:
                return False
            driver.started = True
            return True

    def hurry(self, task: Task | None, *, holding: bool) -> None:
        """A thread is about to wait for a task.

        Args:
            holding: it has a connection or an exclusive block meanwhile. All threads of the executor may be
                waiting for just that, so drivers that have not been started get a thread beside them.
        """
        for part in self._parts_of(task):
            self.hurry(part, holding=holding)
        with self._lock:
            forgotten = [driver for driver in self._drivers if not driver.submitted]
            unstarted: list[Driver] = []
            if holding and task is not None and not task.handle.is_completed:
                if not task.urgent:
                    task.urgent = True
                    self._urgent = [other for other in self._urgent if not other.handle.is_completed]
                    self._urgent.append(task)
                unstarted = [d for d in self._drivers if not d.started and self._may_take(d, task)]
        for driver in forgotten:  # whoever was to submit it was interrupted, or is about to
            self._submit(driver)
        for driver in unstarted:
            self._run_beside(driver)

    def _of_holder(self, driver: Driver) -> list[Task]:
        """Under the lock: tasks of the thread that has the driver's connection to itself.

        They are taken whether there is room or not: what fills the window may be others' work, which
        waits for the end of the exclusive block, which waits for these.
        """
        lane = driver.lane
        holder = lane.session.holder if lane is not None else None
        if lane is None or holder is None:
            return []
        found: list[Task] = []
        for line in (lane.tasks, self._ready) if lane is self._main and self._main_serves else (lane.tasks,):
            own = [task for task in line if task.owner is holder and not task.handle.is_completed]
            if own:
                line.keep(task for task in line if task not in own)
                found += own
        return sorted(found)

    def take(self, driver: Driver, taken: Sequence[Task]) -> Task | None:
        """Under the lock: the next task for this driver, or None; `taken` are those it is about to have."""
        lane, slot = driver.lane, driver.slot
        best = lane.tasks.first() if lane is not None else None
        serves = slot is not None or (lane is self._main and self._main_serves)
        ticket = self.next_ticket() if serves else None
        if ticket is not None and (best is None or ticket < best.ticket):
            if slot is not None and slot.yield_to is not None and ticket > slot.yield_to:
                return None
            if slot is not None and driver.behind_large and self._elsewhere(driver, ticket):
                return None
            if slot is not None and self._better_apart(driver, self._ready[0].split, taken):
                return None
            return self._ready.popleft()
        if best is not None and lane is not None:
            return lane.tasks.popleft()
        return None

    def _elsewhere(self, driver: Driver, ticket: int) -> bool:
        """Under the lock: whether a task has a better place to go to than behind this driver's large transfer."""
        others = (d for d in self._drivers if d is not driver and d.hungry)
        return not self.pool.exhausted() or any(self._serves(d, ticket) for d in others)

    def _better_apart(self, driver: Driver, split: Split | None, taken: Sequence[Task]) -> bool:
        """Under the lock: whether a part of an operation should not join another part on this connection."""
        if split is None or not (driver.carries(split) or any(task.split is split for task in taken)):
            return False
        others = [d for d in self._drivers if d is not driver and d.slot is not None]
        free = any(not d.active or (d.hungry and not d.carries(split)) for d in others)
        return free or not self.pool.exhausted()

    def put_back(self, driver: Driver) -> None:
        """The tasks of a driver that lost its connection wait again, at their old places."""
        orphans: list[Task] = []
        actions: list[Action] = []
        with self._lock:
            # In one step: whoever cancels a task finds it with its driver or in the queue.
            tasks = sorted(driver.active)
            driver.active.clear()
            driver.hungry = False  # it would be told of tasks that it does not take any more
            for task in tasks:
                lane = self._lanes.get(task.session) if task.session is not None else None
                lost = self._disposed or (lane is None and task.session is not None)
                if lost or task.handle.is_completed:
                    orphans.append(task)
                else:
                    (self._ready if lane is None else lane.tasks).put(task)
                    if lane is None:
                        actions += self._wake_one()
        self.drop(orphans, driver)
        run(actions)

    def drop(self, tasks: Iterable[Task], driver: Driver | None = None) -> None:
        """Ends tasks that have lost their connection, or what they waited for, and find no other."""
        for task in tasks:
            if task.running is None or not task.commands or not task.has_changed() or task.handle.is_completed:
                task.handle.cancel("the client or its connection was disposed before it ended")
                task.abandon()
            elif (aside := task.stop_here()) is not None:
                self.step_aside(driver, task, aside)

    def make_way(self, driver: Driver) -> None:
        """Tasks whose commands wait unsent behind a large transfer go elsewhere, if they can."""
        connection = driver.connection
        with self._lock:
            if connection is None:
                return
            moved: list[Task] = []
            for task in sorted(driver.active):
                unanswered = len(task.commands) == 1 and not task.handle.is_completed
                elsewhere = unanswered and self._elsewhere(driver, task.ticket)
                if elsewhere and connection.withdraw(task.commands[0]):
                    task.commands[0].lost(ConnectionLostError("a large transfer was ahead of it"), sent=False)
                    task.commands[0].abandoned = False
                    moved.append(task)
            driver.active.difference_update(moved)
            for task in moved:
                self._ready.put(task)
            self._notice_large()
            actions = [*self.pool._plan(), *self._wake_one()] if moved else []
        run(actions)

    def _leave(self, driver: Driver) -> None:
        """Under the lock: the driver takes nothing more; once, as its slot may have another one soon."""
        if driver not in self._drivers:
            return
        self._drivers.discard(driver)
        lane = driver.lane
        if lane is not None and lane.driver is driver:
            lane.driver = None
            if lane.session.disposed and not lane.tasks:
                self._lanes.pop(lane.session, None)  # whoever disposed it could not wait for this
        if driver.slot is not None:
            driver.slot.busy = False
            driver.slot.places = 0
            driver.slot.since = now()
        self._done.notify_all()

    def end(self, driver: Driver) -> None:
        """A driver is through: its place is free if its connection is gone, and somebody may want it."""
        slot, connection = driver.slot, driver.connection
        gone = slot is not None and (slot.connection is None or slot.connection.broken)
        with self._lock:
            self._leave(driver)
            actions: list[Action] = []
            lane = driver.lane
            if lane is not None and lane.tasks and lane.driver is None and not self._disposed:
                actions.append(self._attend(lane))
            if not gone:
                actions += self.pool._plan()
        if gone and slot is not None:
            if connection is not None:
                connection.close()
            self.pool.release(slot)
        run(actions)

    def move(self, driver: Driver, task: Task, session: Session) -> None:
        """The task begins anew in this session."""
        with self._lock:
            driver.active.discard(task)
            task.commands = []
            task.running = None
            actions: list[Action] = []
            if self._disposed and session.connection is not None and not task.handle.is_completed:
                task.session = session  # it is running, and may use the time that `dispose` leaves it
                actions = self._put_in_lane(task, session)
        if actions:
            run(actions)
        else:
            self.put(task, session)

    def may_go_on(self, task: Task, commands: list[Command]) -> bool:
        """Notes what the task is about to send, unless it was cancelled meanwhile."""
        with self._lock:
            if task.handle.is_completed or (task.stopping and not sends_nothing_new(commands)):
                return False
            task.commands = commands
            return True

    def again(self, task: Task) -> list[Command] | None:
        """What a task whose connection broke sends once more; None if it was cancelled meanwhile."""
        with self._lock:
            if task.handle.is_completed:
                return None
            if task.stopping:
                task.keep_back()
            commands = [command for command in task.commands if command.may_repeat or self._is_pausing(command)]
            for command in commands:
                command.reset()
            return commands

    @staticmethod
    def _is_pausing(command: Command) -> bool:
        return isinstance(command, Pause) and command.state is not State.DONE

    def admit(self, driver: Driver) -> list[Task] | None:
        """Hands tasks to a driver with room; None when there is nothing left for it and it ends.

        Deciding to end and leaving is one step under the lock, so no task can slip in between.
        """
        with self._lock:
            tasks: list[Task] = []
            carries = self._capacity(driver)
            room = carries - len(driver.active)
            waits = not scheduling.worth_asking(room, carries)
            while room > 0 and not waits:
                task = self.take(driver, tasks)
                if task is None:
                    break
                tasks.append(task)
                room -= 1
            tasks += self._of_holder(driver)
            driver.hungry = room > 0 and not waits and not driver.behind_large
            if driver.slot is not None:
                self.pool.has_places(driver.slot, room if driver.hungry else 0)
                if room > 0 and not driver.hungry:
                    self.pool.enough = 0
            if tasks or driver.active:
                driver.active.update(tasks)
                return tasks
            self._leave(driver)
            return None

    def _capacity(self, driver: Driver) -> int:
        """Under the lock: how many tasks the driver's connection carries at once."""
        if driver.slot is not None:
            tasks = len(self._ready) + sum(len(d.active) for d in self._drivers if d.slot is not None)
            connections = self.pool.task_connections()
        else:
            tasks = len(driver.active) + (len(driver.lane.tasks) if driver.lane is not None else 0)
            connections = 1
        connection = driver.connection
        if connection is None or not connection.at_pace:
            tasks = 0
        mean = connection.mean_size if connection is not None else 0.0
        return scheduling.capacity(self._window(), tasks, connections, mean)

    def fail_lost_blocks(self, driver: Driver) -> None:
        """Nothing of an exclusive block that has lost its connection is worth opening another."""
        lane = driver.lane
        if lane is None or lane.session.holder is None:
            return
        session = lane.session
        lost: list[tuple[Task, ConnectionLostError]] = []
        with self._lock:
            for task in sorted(lane.tasks):
                error = session.lost_block(task.owner, session.connection)
                if error is not None:
                    lost.append((task, error))
                    lane.tasks.remove(task)
        for task, error in lost:
            task.handle.fail(error)
            task.abandon()

    def is_needed(self, driver: Driver) -> bool:
        """Whether there is work for which it is worth opening a connection; else the driver has left."""
        with self._lock:
            lane = driver.lane
            queues: list[Line] = [lane.tasks] if lane is not None else []
            if lane is None or (lane is self._main and self._main_serves):
                queues.append(self._ready)
            if any(not task.handle.is_completed for tasks in queues for task in tasks):
                return True
            self._leave(driver)
            return False

    def fail_waiting(self, driver: Driver, error: BaseException) -> None:
        """Everything that waited for this driver's connection ends with the error."""
        with self._lock:
            tasks: list[Task] = []
            if driver.lane is not None:
                tasks += driver.lane.tasks
                driver.lane.tasks.clear()
            if driver.slot is not None or (driver.lane is self._main and self._main_serves):
                tasks += self._ready
                self._ready.clear()
        for task in sorted(tasks):
            aside = task.give_up(error)
            if aside is not None:
                self.step_aside(driver, task, aside)

    def others_at_work(self, driver: Driver) -> bool:
        """Whether other task connections are there to serve the queue."""
        with self._lock:
            return any(d is not driver and d.slot is not None and d.connection is not None for d in self._drivers)

    # -- work aside ------------------------------------------------------------

    def step_aside(self, driver: Driver | None, task: Task, aside: Aside) -> None:
        """Takes a task from its driver for the time of its own work, which is done on a callback thread."""
        handle = task.handle
        with self._lock:
            if driver is not None:
                driver.active.discard(task)
            going = not handle.is_completed
            if going:
                task.commands = []
                self._aside[aside] = task
        if not going:
            task.abandon()
            return
        aside.wanted = lambda: not (handle.is_completed or task.stopping)
        if isinstance(aside, Split):
            aside.parent = task
        handle.owner._run_aside(self._work_aside, aside)

    def _work_aside(self, first: Aside) -> None:
        """On a callback thread: does a task's own work, then ends the task or queues it with what it does next."""
        aside, task = first, self._aside[first]
        _this_thread.aside = task
        try:
            while not task.handle.is_completed:
                aside.run(task.deadline)
                step = task.advance(aside.result, aside.error)
                if not isinstance(step, Aside):
                    self._return(first, task, step)
                    return
                step.wanted = aside.wanted
                if isinstance(step, Split):
                    step.parent = task
                aside = step
            task.abandon()
        except StopIteration as stop:
            self.finish(task, stop.value)
        except OperationCanceledException as cancelled:
            # It was told to stop; or its parts were cancelled, by whoever cancelled it or disposed the client.
            task.handle.cancel(error=cancelled if task.stopping else None)
            log.debug("%s: %s", task.handle.operation, cancelled)
            task.abandon()
        except BaseException as failure:  # noqa: BLE001 - whatever a body raises is the operation's error
            self.finish(task, error=failure)
            task.abandon()
        finally:
            _this_thread.aside = None
            with self._lock:
                self._aside.pop(first, None)
                self._done.notify_all()

    def _return(self, aside: Aside, task: Task, step: Command | Sequence[Command]) -> None:
        """Queues a task that goes on after work aside, at its old place."""
        task.single = isinstance(step, Command)
        with self._lock:
            task.commands = [step] if isinstance(step, Command) else list(step)
            for command in task.commands:
                command.lost(ConnectionLostError("it has no connection yet"), sent=False)
            del self._aside[aside]
            lane = self._lanes.get(task.session) if task.session is not None else None
            actions: list[Action] = []
            orphan = (lane is None and task.session is not None) or task.handle.is_completed
            if not orphan and lane is not None:
                actions = self._put_in_lane(task, lane.session)
            elif not orphan:
                actions = self._put_in_ready(task) if not self._disposed else self._put_on_what_is_left(task)
        if orphan:
            self.drop((task,))
        run(actions)

    def finish(self, task: Task, value: Any = None, error: BaseException | None = None) -> None:
        """A task has ended."""
        task.commands = []
        if error is None:
            task.handle.complete(value)
        elif task.stopping and isinstance(error, OperationCanceledException):
            task.handle.cancel(error=error)
        else:
            task.handle.fail(error)
        if self.observer is not None:
            self.observer("task_done", task)

    # -- cancelling and the end ------------------------------------------------------------

    def cancel(self, task: Task, why: str = "the operation was cancelled") -> bool:
        """Cancels a task if that is still possible; True if it ended as cancelled.

        A task that has not started never runs. One that only reads is cancelled at once. What has been sent and
        changes something completes, unless its end can be kept back; then its task stops, if it has more to send.
        """
        handle = task.handle
        reads: list[Command] = []
        split: Split | None = None
        cancelled = False
        steps: list[Action] = []
        try:
            while True:
                with self._lock:
                    if handle.is_completed:
                        return handle.is_canceled
                    came = self._split_of(task)
                    if came is None or came is split or not came.changes:
                        connection = task.context.connection
                        if task.running is not None and connection is not None:
                            reads = [c for c in task.commands if c.idempotent]
                            changes = [c for c in task.commands if not c.idempotent]
                            answered = any(c.state is State.DONE and not c.may_repeat for c in changes)
                            pending = [c for c in changes if c.state is not State.DONE]
                            if task.changed or answered or len(pending) > 1:
                                return self._stop(task, connection, pending)
                            if not all(connection.withdraw(c) or connection.cut(c) for c in pending):
                                return self._stop(task, connection, ())
                        steps = [handle.tell]
                        if came is not None:
                            steps.append(came.cancel)
                        if connection is not None:
                            steps += [partial(connection.forget, command) for command in reads]
                        driver = next((d for d in self._drivers if task in d.active), None)
                        if driver is not None:
                            steps.append(driver.poke)
                        elif task in self._aside.values():
                            self._done.notify_all()  # its callback thread has the body, and sees that nobody wants it
                        else:
                            steps.append(task.abandon)
                        # Inside the lock: the driver looks at the handle under it before it submits anything more.
                        cancelled = handle.try_cancel(why)
                        break
                split = came
                if not split.cancel():  # outside the lock; meanwhile more may have happened
                    with self._lock:
                        task.stopping = True
                    return False
            if cancelled:
                run(steps)
        except BaseException:
            if handle.is_canceled:  # interrupted when it had ended, and perhaps nobody knew yet
                run(steps)
            raise
        return handle.is_canceled

    def _stop(self, task: Task, connection: Connection, pending: Sequence[Command]) -> bool:
        """Under the lock: the task has changed something. It sends nothing more; what it has sent completes."""
        task.stopping = True
        for command in reversed(pending):
            if not command.finishing and connection.withdraw(command):
                command.fail(task.stopped())
        driver = next((d for d in self._drivers if task in d.active), None)
        if driver is not None:
            driver.poke()
        return False

    def lend(self, task: Task, owner: object) -> None:
        """A thread inside an exclusive block waits for a task of somebody else: it runs in the block."""
        for part in self._parts_of(task):
            self.lend(part, owner)
        with self._lock:
            task.owner = owner
            for command in task.commands:
                command.owner = owner
            connection = task.context.connection
            lane = self._lanes.get(task.session) if task.session is not None else self._main
            driver = lane.driver if lane is not None else None
        if connection is not None:
            connection.nudge()
        if driver is not None:
            driver.poke()

    def ahead(self, session: Session, ticket: int) -> list[Task]:
        """The session's tasks that were begun before a ticket and have not ended."""
        with self._lock:
            lane = self._lanes.get(session)
            if lane is None:
                return []
            active = lane.driver.active if lane.driver is not None else ()
            aside = [task for task in self._aside.values() if task.session is session and not task.handle.is_completed]
            return sorted(task for task in (*lane.tasks, *active, *aside) if task.ticket <= ticket)

    def forget_lane(self, session: Session) -> list[Task]:
        """The session is being disposed: its tasks that have not started."""
        with self._lock:
            lane = self._lanes.get(session)
            if lane is None:
                return []
            tasks = list(lane.tasks)
            lane.tasks.clear()
            if lane.driver is None:
                del self._lanes[session]
            return tasks

    def drained(self, session: Session, deadline: Deadline) -> bool:
        """Waits until no task of the session's lane is running."""
        for task in self.ahead(session, next(self._tickets)):
            # The thread has the connection meanwhile, and may be the executor's last one.
            self.hurry(task, holding=True)
        with self._lock:
            lane = self._lanes.get(session)
            while lane is not None and (lane.driver is not None or self._any_aside(session)):
                if not self._done.wait(deadline.remaining()):
                    return False
            self._lanes.pop(session, None)
            return True

    def _any_aside(self, session: Session | None = None) -> bool:
        """Under the lock: whether a task, of this session if one is given, is at work of its own on another thread.

        Of work aside that was cancelled nobody knows when it will end.
        """
        mine = getattr(_this_thread, "aside", None)
        return any(
            task is not mine and not task.handle.is_completed and (session is None or task.session is session)
            for task in self._aside.values()
        )

    def stop(self) -> list[Task]:
        """Takes no more work; returns the tasks that have not started, for the client to cancel."""
        with self._lock:
            self._disposed = True
            for driver in [driver for driver in self._drivers if not driver.started]:
                self._leave(driver)  # nothing is left for it, and its executor may never come to it
            tasks = list(self._ready)
            self._ready.clear()
            for lane in self._lanes.values():
                tasks += lane.tasks
                lane.tasks.clear()
            return sorted(tasks)

    def wait_until_idle(self, deadline: Deadline) -> bool:
        """Waits until nothing is at work but the caller's own thread; False when the time is over first."""
        with self._lock:
            while not self._is_idle():
                if not self._done.wait(deadline.remaining()):
                    return self._is_idle()
            return True

    def _is_idle(self) -> bool:
        """Under the lock."""
        return not self._any_aside() and len(self._drivers) <= self.driving()

    def driving(self) -> bool:
        """Whether the calling thread is one that drives tasks (an event handler of the user runs on it)."""
        return drives(self)

    def started(self) -> list[Task]:
        """The tasks that are running now."""
        with self._lock:
            return sorted([*self._aside.values(), *(task for driver in self._drivers for task in driver.active)])
