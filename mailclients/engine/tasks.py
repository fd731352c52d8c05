"""What is queued: begun operations on their way, the parts an operation falls into, and the line they wait in.

A task is a generator that yields commands. There is no lock here: what several threads know of a task (whether it
is to stop, whose it is, its commands) the queue changes under its own. The body runs on the thread of the driver
that carries it, on a callback thread for work aside, and on whichever thread gives it up.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from mailclients.engine.commands import Aside, Command, Pause, State
from mailclients.engine.connection import Connection
from mailclients.engine.deadlines import Deadline
from mailclients.engine.sessions import Session
from mailclients.errors import OperationCanceledException
from mailclients.handles import AsyncOperation, HandleOwner

if TYPE_CHECKING:
    from mailclients.engine.task_queue import TaskQueue

log = logging.getLogger("mailclients.tasks")

NOT_BEGUN: Final = object()  # what became of a part that never started

Body = Generator["Command | list[Command]", Any, Any]


class Elsewhere(Exception):
    """Raised by the body of a task: it starts again in this session, on the session's own connection."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session


class Context(Protocol):
    """What an operation's body sees of the world; the driver sets the connection before each start."""

    connection: Connection | None


class Task:
    """One begun operation on its way.

    Attributes:
        handle: completed when the operation ends. ticket: its place in the client's one line.
        body: makes the generator, on the driver's thread. context: given to the body.
        owner: token of the thread that began it. cost: bytes its answer is expected to have.
        urgent: somebody waits for it who has what others may be waiting for.
        stopping: it was cancelled when it had changed something: it sends nothing more. Set under the lock.
        split: the operation it is a part of, whose parts are better apart; or None.
    """

    __slots__ = (
        "attempts",
        "body",
        "breaks",
        "changed",
        "commands",
        "context",
        "cost",
        "deadline",
        "handle",
        "left",
        "owner",
        "running",
        "session",
        "single",
        "split",
        "stopping",
        "ticket",
        "urgent",
        "waiting",
    )

    def __init__(
        self,
        handle: AsyncOperation[Any],
        ticket: int,
        body: Callable[[Any], Body],
        context: Context,
        deadline: Deadline,
        owner: object,
        cost: int = 0,
    ) -> None:
        self.handle = handle
        self.ticket = ticket
        self.body = body
        self.context = context
        self.deadline = deadline
        self.owner = owner
        self.cost = cost
        self.running: Body | None = None
        self.commands: list[Command] = []
        self.single = True
        self.waiting = 0
        self.attempts = 0
        self.breaks = 0
        self.left = 0  # commands of this step that were not answered when the last connection was lost
        self.changed = False
        self.session: Session | None = None
        self.urgent = False
        self.stopping = False
        self.split: Split | None = None
        handle.task = self

    def __lt__(self, other: Task) -> bool:
        return self.ticket < other.ticket

    def advance(self, value: Any, error: BaseException | None = None) -> Command | Sequence[Command]:
        """The body's next step. In place of an answer to what it is not to send any more, it is told to stop."""
        running = self.running
        assert running is not None
        step = running.send(value) if error is None else running.throw(error)
        while self.stopping:
            if isinstance(step, Pause):
                step = running.send(None)
            elif sends_nothing_new(step):
                break
            else:
                step = running.throw(self.stopped())
        return step

    def stopped(self) -> OperationCanceledException:
        """What the body is told when it is to stop."""
        return OperationCanceledException(f"{self.handle.operation}: the operation was cancelled")

    def keep_back(self) -> None:
        """What was not sent is not going to be: it ends as cancelled, and with it what waits for its time."""
        for command in self.commands:
            if isinstance(command, Pause) and command.state is not State.DONE:
                command.finish()
            elif command.may_repeat and not command.finishing:
                command.broken = None
                command.fail(self.stopped())

    def abandon(self) -> None:
        """Lets the body clean up after itself when it is not going to be resumed. Not while a driver has it."""
        running = self.running
        if running is None:
            return
        try:
            running.close()
        except Exception:
            log.exception("%s did not end well when it was given up", self.handle.operation)

    def give_up(self, error: BaseException) -> Aside | None:
        """Ends it with an error, unless its body makes a result of what it knows. Not while a driver has it.

        Returns work of its own that the body has to do first, for which it needs no connection.
        """
        running = self.running
        if running is not None:
            try:
                step = running.throw(error)
                if isinstance(step, Aside):
                    self.changed = self.changed or any(not c.idempotent and not c.may_repeat for c in self.commands)
                    return step
                running.close()  # it has more to send, and nothing to send it on
            except StopIteration as stop:
                self.handle.complete(stop.value)
                return None
            except BaseException as failure:  # noqa: BLE001 - whatever a body raises is the operation's error
                error = failure
        if self.stopping and isinstance(error, OperationCanceledException):
            self.handle.cancel(error=error)
        else:
            self.handle.fail(error)
        return None

    def has_changed(self) -> bool:
        """Whether something it sent has, or may have, taken effect."""
        return self.changed or any(
            command.state is State.DONE and not command.idempotent and not command.may_repeat
            for command in self.commands
        )

    def stop_here(self) -> Aside | None:
        """Ends it as stopped: it has nothing to go on with, and its body tells what was done. As `give_up`."""
        self.stopping = True
        self.keep_back()
        try:
            command = self.commands[0]
            step = self.advance(command.result, command.error) if self.single else self.advance(self.commands)
        except StopIteration as stop:
            self.handle.complete(stop.value)
        except OperationCanceledException as cancelled:
            self.handle.cancel(error=cancelled)
        except BaseException as failure:  # noqa: BLE001 - whatever a body raises is the operation's error
            self.handle.fail(failure)
        else:
            return step if isinstance(step, Aside) else self.give_up(self.stopped())
        return None

    def describe(self) -> str:
        """For people: where the work behind a handle is."""
        if self.running is None:
            return f"queued ticket={self.ticket}"
        doing = ", ".join(repr(command) for command in self.commands[:2]) or "work of its own"
        return f"running ticket={self.ticket} on {self.context.connection!r}: {doing}"


def sends_nothing_new(step: Command | Sequence[Command]) -> bool:
    """Whether a step begins nothing on the server: it is work aside, or only ends what was sent."""
    if isinstance(step, Aside):
        return not isinstance(step, Split)
    return all(command.finishing for command in ([step] if isinstance(step, Command) else step))


class Split(Aside):
    """An operation's parts, each a task that may run on any task connection. Result: what became of each part.

    A body yields it by itself. The parts go to connections of their own as far as there are any, else they share
    one; who waits for them holds no connection and no place in a window. A part's outcome is its result, or the
    error it ended with, or `NOT_BEGUN`: the client is being disposed, and opens no connection for it any more.

    Attributes:
        tasks: the parts. changes: they change something, so that a part that has begun is not cancelled.
        parent: the task whose parts these are, or None for a plain call.
    """

    __slots__ = ("_contexts", "_operation", "_owner", "_owner_token", "_queue", "changes", "parent", "tasks")

    def __init__(
        self,
        queue: TaskQueue,
        owner: HandleOwner,
        operation: str,
        token: object,
        parts: Sequence[tuple[Context, Callable[[Any], Body]]],
        *,
        changes: bool = False,
    ) -> None:
        super().__init__(self._carry_out)
        self.name = "split"
        self._queue = queue
        self._owner = owner
        self._operation = f"part of {operation}"
        self._owner_token = token
        self._contexts = parts
        self.changes = changes
        self.parent: Task | None = None
        self.tasks: tuple[Task, ...] = ()

    def _carry_out(self, aside: Aside) -> list[Any]:
        """On the caller's thread, or for a task on a callback thread."""
        queue, parent = self._queue, self.parent
        ticket = queue.ticket() if parent is None else parent.ticket  # the parts keep their operation's place
        token = self._owner_token if parent is None else parent.owner
        made: list[Task] = []
        for context, body in self._contexts:
            handle: AsyncOperation[Any] = AsyncOperation(self._owner, self._operation, None, None)
            deadline = Deadline(queue.timeout(), started=False)
            made.append(Task(handle, ticket, body, context, deadline, token))
            made[-1].split = self
        try:
            queue.put_parts(self, made)
            for task in made:
                task.handle.wait()
        except BaseException:  # perhaps a Ctrl-C
            self.cancel()
            raise
        finally:
            queue.parts_ended(self)
        return [_outcome(task) for task in made]

    def cancel(self) -> bool:
        """Cancels the parts; False if one has changed something, or is about to."""
        outcomes = [self._queue.cancel(task) for task in self.tasks]
        return all(outcomes)


def _outcome(task: Task) -> Any:
    error = task.handle.error_info
    if error is None:
        return task.handle.result()
    return NOT_BEGUN if task.running is None and task.handle.is_canceled else error


class Line(deque[Task]):
    """Tasks that wait, oldest first. Nearly all come at the end; those that come back are older than what waits."""

    def put(self, task: Task) -> None:
        """Adds a task at its place."""
        if not self or self[-1].ticket <= task.ticket:
            self.append(task)
            return
        place = next(place for place, other in enumerate(self) if other.ticket > task.ticket)
        self.insert(place, task)

    def first(self) -> Task | None:
        """The oldest task that is still wanted; those before it are dropped."""
        while self and self[0].handle.is_completed:
            self.popleft()
        return self[0] if self else None

    def keep(self, tasks: Iterable[Task]) -> None:
        """Keeps these, which are in order, and nothing else."""
        kept = list(tasks)
        self.clear()
        self.extend(kept)
