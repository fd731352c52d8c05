"""Drivers: each carries the tasks of one connection, dozens at once on one thread.

A driver starts tasks, submits what they yield, and resumes them with the answers. It is what is submitted to the
executor: at most one a connection, and none without work. What it takes, and what becomes of a task that ends, the
queue decides, under its lock; everything else here is touched by the driver's own thread alone.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mailclients.engine import scheduling
from mailclients.engine.commands import Aside, Command, Pause, State, Waiter
from mailclients.engine.connection import Connection
from mailclients.engine.deadlines import Deadline
from mailclients.engine.pool import Slot
from mailclients.engine.sessions import Session
from mailclients.engine.tasks import Elsewhere, Line, Split, Task
from mailclients.engine.timers import call_later
from mailclients.errors import LimitReachedError, MailClientError

if TYPE_CHECKING:
    from mailclients.engine.task_queue import TaskQueue

log = logging.getLogger("mailclients.tasks")

ATTEMPTS: Final = 3  # times a command may be the one a connection breaks on
BREAKS: Final = 10  # connections an operation may lose in a row without getting anywhere

_this_thread = threading.local()


def drives(queue: TaskQueue) -> bool:
    """Whether the calling thread is one that drives this queue's tasks."""
    return getattr(_this_thread, "queue", None) is queue


class Lane:
    """The tasks of one session, in order, and the driver that is at them, if one is."""

    __slots__ = ("driver", "session", "tasks")

    def __init__(self, session: Session) -> None:
        self.session = session
        self.tasks = Line()
        self.driver: Driver | None = None


class Driver:
    """Carries the tasks of one connection; runs on the executor, one thread for all of them.

    Attributes:
        active: tasks that have started and not ended. hungry: it would take more tasks.
        submitted, started: how far it is. future: the executor's. moved: it waits for another executor now.
    """

    __slots__ = (
        "_outbox",
        "_queue",
        "_served",
        "_waiter",
        "active",
        "connection",
        "future",
        "hungry",
        "lane",
        "moved",
        "slot",
        "started",
        "submitted",
    )

    def __init__(self, queue: TaskQueue, *, lane: Lane | None = None, slot: Slot | None = None) -> None:
        self._queue = queue
        self._waiter = Waiter()
        self._served = False  # whether anything was answered on the connection
        self._outbox: list[Command] = []
        self.lane = lane
        self.slot = slot
        self.active: set[Task] = set()
        self.connection: Connection | None = None
        self.hungry = False
        self.submitted = False
        self.started = False
        self.moved = False
        self.future: Future[None] | None = None

    def carries(self, split: Split) -> bool:
        """Whether a part of an operation is among its tasks."""
        return any(task.split is split for task in self.active)

    @property
    def behind_large(self) -> bool:
        """Whether a task that comes now would wait behind a large transfer."""
        connection = self.connection
        return bool(self.active) and connection is not None and connection.large

    def poke(self) -> None:
        """There is something new to look at."""
        connection = self.connection
        if connection is not None:
            connection.poke(self._waiter)

    def dropped(self, future: Future[None]) -> None:
        """The executor gave the driver up before it ran."""
        if future.cancelled() and not self.moved:
            self.refused(MailClientError("the executor cancelled the work that was submitted to it"))

    def refused(self, error: BaseException) -> None:
        """The executor takes no work: what waited for this driver ends with the error."""
        self._queue.fail_waiting(self, error)
        self._end()

    def run(self) -> None:
        """Runs until there is no task left for this connection."""
        if not self._queue.starts(self):
            return
        _this_thread.queue = self._queue
        try:
            while self._drive():
                pass
        except BaseException as error:
            log.exception("a driver failed")
            self._queue.fail_waiting(self, error)
            for task in tuple(self.active):
                task.handle.fail(error)
                task.abandon()
            self.active.clear()
            if self.connection is not None:
                self.connection.close()
            self._end()
        finally:
            _this_thread.queue = None

    # -- the loop ------------------------------------------------------------

    def _drive(self) -> bool:
        """Works on one connection until it is gone or there is no work; True to go on with another."""
        self._queue.fail_lost_blocks(self)
        if not self._queue.is_needed(self):
            self._end()
            return False
        try:
            connection = self._connect()
        except BaseException as error:  # noqa: BLE001 - reported to everything that waited
            self._no_connection(error)
            return False
        if connection is None:
            self._end()
            return False
        self.connection = connection
        self._served = False
        waiter = self._waiter
        while not connection.broken:
            tasks = self._queue.admit(self)
            if tasks is None:
                self._end()
                return False
            for task in tasks:
                self._start(task)
            self._post(connection)
            if self.slot is not None and len(self.active) > 1:
                if connection.large:
                    self._queue.make_way(self)
                else:
                    connection.tell_large = waiter
            if self.active:
                connection.wait(waiter)
                self._collect(connection)
        return self._connection_lost()

    def _connect(self) -> Connection | None:
        queue, slot = self._queue, self.slot
        deadline = Deadline(queue.timeout())
        if slot is None:
            assert self.lane is not None
            return self.lane.session.ensure(deadline)
        connection = slot.connection
        if isinstance(connection, Connection):
            return connection if connection.alive() else None
        return queue.opener._open_connection(slot, deadline)

    def _no_connection(self, error: BaseException) -> None:
        queue, slot = self._queue, self.slot
        if slot is not None and isinstance(error, LimitReachedError):
            queue.pool.refused(slot, error)
        elif slot is not None and getattr(error, "retryable", False) and queue.others_at_work(self):
            log.warning("a task connection could not be opened, others go on: %s", error)
            queue.pool.delay(1.0)
        else:
            queue.fail_waiting(self, error)
        self._end()

    def _connection_lost(self) -> bool:
        """Sends what may be sent elsewhere back to the queue."""
        connection = self.connection
        assert connection is not None
        self._collect(connection)
        limit = connection.error
        if self.slot is not None and isinstance(limit, LimitReachedError):  # said in the middle of a session
            self._queue.pool.refused(self.slot, limit)
        self._queue.put_back(self)
        if self.slot is None:
            return True
        self._end()
        return False

    def _end(self) -> None:
        self._queue.end(self)

    # -- one task ------------------------------------------------------------

    def _start(self, task: Task) -> None:
        if self._queue.observer is not None:
            self._queue.observer("task_started", task)
        task.context.connection = self.connection
        if self.lane is not None:
            lost = self.lane.session.lost_block(task.owner, self.connection)
            if lost is not None:
                self._finish(task, error=lost)
                task.abandon()
                return
        if task.running is not None:  # its connection broke: only what was not answered is sent again
            commands = self._queue.again(task)
            if commands is None:
                self.active.discard(task)
                task.abandon()
            elif commands:
                self._submit(task, commands)
            else:
                self._answered(task)
            return
        try:
            task.running = task.body(task.context)
        except BaseException as error:  # noqa: BLE001 - whatever a body raises is the operation's error
            self._finish(task, error=error)
            return
        self._resume(task, None)

    def _resume(self, task: Task, value: Any, error: BaseException | None = None) -> None:
        while True:
            try:
                step = task.advance(value, error)
                commands = [step] if isinstance(step, Command) else list(step)
            except StopIteration as stop:
                self._finish(task, stop.value)
                return
            except Elsewhere as elsewhere:
                self._queue.move(self, task, elsewhere.session)
                return
            except BaseException as failure:  # noqa: BLE001 - whatever a body raises is the operation's error
                self._finish(task, error=failure)
                task.abandon()
                return
            for command in task.commands:
                if not command.idempotent:
                    task.changed = True
            if isinstance(step, Aside):
                self._queue.step_aside(self, task, step)
                return
            task.single = isinstance(step, Command)
            task.left = len(commands)
            value, error = commands, None
            if commands:
                if self._queue.may_go_on(task, commands):
                    self._submit(task, commands)
                    return
                if task.handle.is_completed:
                    break
                value, error = None, task.stopped()  # as it was a moment ago
        self.active.discard(task)
        task.abandon()

    def _submit(self, task: Task, commands: list[Command]) -> None:
        task.waiting = len(commands)
        for command in commands:
            command.token = task
            command.owner = task.owner
            command.deadline = task.deadline
        self._outbox += commands

    def _post(self, connection: Connection) -> None:
        while self._outbox:
            commands, self._outbox = self._outbox, []
            pauses = [command for command in commands if isinstance(command, Pause)]
            for pause in pauses:
                pause.waiter = self._waiter
                call_later(pause.remaining(), partial(connection.resume, pause))
                commands.remove(pause)
            connection.window = scheduling.deepest(self._queue._window())  # `admit` has counted the tasks
            connection.submit(commands, self._waiter)

    def _collect(self, connection: Connection) -> None:
        """Resumes the tasks whose answers are in, and forgets those that were cancelled."""
        ready = self._waiter.ready
        while ready:
            while ready:
                command = ready.popleft()
                task: Task = command.token
                if task not in self.active or command not in task.commands:
                    continue
                if not self._served:
                    self._served = not command.may_repeat
                task.waiting -= 1
                if task.waiting == 0:
                    self._answered(task)
            self._post(connection)  # a broken connection hands them straight back
        for task in tuple(self.active):
            if task.handle.is_canceled:
                self.active.discard(task)
                task.abandon()
            elif task.stopping and task.waiting:
                task.keep_back()
                if all(command.state is State.DONE for command in task.commands):
                    task.waiting = 0  # what was taken back unsent is never answered
                    self._answered(task)

    def _answered(self, task: Task) -> None:
        if task.stopping:
            task.keep_back()
        broken = [command for command in task.commands if command.broken is not None and command.may_repeat]
        if broken:
            if len(broken) < task.left:
                task.breaks = 0
            task.left = len(broken)
            # A connection that others were served on, and that ended before this one's turn, is none of its tries.
            task.breaks += not self._served or any(command.end_offset for command in broken)
            task.attempts += any(command.was_oldest for command in broken)
            if task.attempts < ATTEMPTS and task.breaks < BREAKS and not task.deadline.expired():
                return  # stays in `active`; `_connection_lost` sends it back to the queue
        if not task.single:
            self._resume(task, task.commands)
            return
        command = task.commands[0]
        self._resume(task, command.result, command.error)

    def _finish(self, task: Task, value: Any = None, error: BaseException | None = None) -> None:
        self.active.discard(task)
        self._queue.finish(task, value, error)
