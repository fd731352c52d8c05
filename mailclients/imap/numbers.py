"""Sequence numbers on their way to a server, and those of begun operations on their way to unique ids.

A `Number` says what a call meant; here it is sent as it is at that moment. Another connection numbers
messages as it sees them, so a begun operation, which may run on any, has its numbers turned into unique ids
first, in the main session that they belong to: `NumberResolver` does that for many tasks in one command.
It is entered by any thread that begins an operation, and by the driver of the main connection; its lock
guards what waits.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from functools import partial
from typing import Any, Final, cast

from mailclients.client import CredentialsByHostClient, OperationContext
from mailclients.engine.commands import Command
from mailclients.engine.deadlines import Deadline
from mailclients.engine.tasks import Body, Task
from mailclients.errors import MailClientError, MessageNotFoundError
from mailclients.handles import AsyncOperation
from mailclients.imap.commands import Simple, results_of
from mailclients.imap.folders import Number, NumberBatch, Selection
from mailclients.imap.models import MessageSet
from mailclients.imap.protocol import FetchCommand, ImapCore

NUMBERS_AT_ONCE: Final = 500  # in one command: ten digits and a comma each, and servers take at least 8,000 bytes
RESOLVING: Final = "resolve sequence numbers"


def numbers_of_call(
    context: OperationContext, selection: Selection, messages: MessageSet
) -> Generator[Command | list[Command], Any, Number]:
    """The sequence numbers of a call."""
    numbers: Number = context.numbers or Number(selection, messages.numbers)
    yield from catch_up(context.core, numbers)
    return numbers


def catch_up(core: ImapCore, numbers: Number) -> Generator[Command | list[Command], Any, None]:
    """Asks the server for news first when a number is beyond what this session has been told of."""
    known = core.numbering.exists if core.selected is numbers.selection and core.numbering is not None else -1
    if numbers.highest > known and (known >= 0 or isinstance(numbers.numbers, range)):
        yield Simple("NOOP", selection=numbers.selection)
        if core.selected is numbers.selection:
            numbers.check(core)


def fetch_by_numbers(
    numbers: Number,
    items: bytes,
    needs: frozenset[str],
    *,
    marks_seen: bool = False,
    per_item: bool = False,
) -> Generator[Command | list[Command], Any, list[tuple[int, dict[str, Any]]]]:
    """FETCH by sequence numbers; the answers in the order of the numbers given."""
    commands = [
        FetchCommand(
            items,
            needs,
            numbers.selection,
            numbers=part,
            by_uid=False,
            marks_seen=marks_seen,
            cost=16 * 1024 * len(part.numbers) if per_item else 16 * 1024,
            per_item=per_item,
        )
        for part in numbers.parts(NUMBERS_AT_ONCE)
    ]
    if not commands:
        return []
    entries: list[tuple[int, dict[str, Any]]] = []
    for command, result in zip(commands, results_of((yield list[Command](commands))), strict=True):
        found = dict(result)
        entries += ((today, found[today]) for today in command.named or () if today in found)
    return entries


class NumberResolver:
    """Turns the numbers of begun operations into unique ids; one for each client."""

    __slots__ = ("_lock", "_queued", "_waiting")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[Task, Number]] = []
        self._queued: AsyncOperation[Any] | None = None  # a resolving task that has not taken `_waiting` yet

    def put(self, client: CredentialsByHostClient, task: Task, number: Number) -> None:
        """Queues the task once its numbers are known, or fails it."""
        handle: AsyncOperation[Any] = AsyncOperation(client, RESOLVING, None, None)
        handle.add_waiter(partial(self._ended, handle))
        try:
            with self._lock:
                self._waiting.append((task, number))
                if self._queued is not None:
                    return
                self._queued = handle
            context = OperationContext(client, client._main)
            deadline = Deadline(client._timeout, started=False)
            resolving = Task(handle, task.ticket, self._resolve, context, deadline, task.owner)
            client._tasks.put(resolving, client._main)
        except BaseException:  # interrupted: others may have come to rely on it
            handle.cancel("it was interrupted")
            raise

    def _take(self) -> list[tuple[Task, Number]]:
        """Under the lock: everything that waits."""
        taken, self._waiting = self._waiting, []
        self._queued = None
        return taken

    def _ended(self, handle: AsyncOperation[Any]) -> None:
        """A resolving task has completed, perhaps without having run."""
        with self._lock:
            if self._queued is not handle:
                return  # its body has taken what was waiting
            taken = self._take()
        for task, _ in taken:
            if handle.is_canceled:
                task.handle.cancel("what it waited for was cancelled")
            else:
                task.handle.fail(handle.error_info or MailClientError("its sequence number could not be resolved"))

    def _resolve(self, context: OperationContext) -> Body:
        """The body: one FETCH for each selection."""
        with self._lock:
            waiting = self._take()
        by_selection: dict[Selection, list[tuple[Task, Number]]] = {}
        for task, number in waiting:
            if not task.handle.is_completed:
                by_selection.setdefault(number.selection, []).append((task, number))
        try:
            for entries in by_selection.values():
                yield from self._resolve_group(context, entries)
        except BaseException as error:
            for task, _ in waiting:
                if _context_of(task).numbers is None:
                    continue
                if isinstance(error, Exception):
                    self._go_on(task, error)
                else:
                    task.handle.cancel("resolving its sequence number was given up")
            raise

    def _resolve_group(
        self, context: OperationContext, entries: list[tuple[Task, Number]]
    ) -> Generator[Command | list[Command], Any, None]:
        asked: list[tuple[Task, Number, list[Number]]] = []
        batches: list[list[Number]] = []
        size = NUMBERS_AT_ONCE
        for task, number in entries:
            try:
                yield from catch_up(context.core, number)
            except MailClientError as error:
                self._go_on(task, error)
                continue
            parts = number.parts(NUMBERS_AT_ONCE)
            asked.append((task, number, parts))
            for part in parts:
                size += len(part.numbers)
                if size > NUMBERS_AT_ONCE:
                    batches.append([])
                    size = len(part.numbers)
                batches[-1].append(part)
        commands: list[Command] = []
        for batch in batches:
            together = NumberBatch(batch)
            commands.append(
                FetchCommand(b"(UID)", frozenset(("UID",)), together.selection, numbers=together, by_uid=False)
            )
        answered: list[Command] = (yield commands) if commands else []
        found: dict[Number, list[int] | BaseException] = {}
        for batch, command in zip(batches, answered, strict=True):
            assert isinstance(command, FetchCommand)
            uids = {number: items["UID"] for number, items in command.result} if command.error is None else {}
            for part in batch:
                why = part.error or command.error
                found[part] = why if why is not None else [uids.get(number, 0) for number in part.named]
        for task, number, parts in asked:
            outcomes = [found[part] for part in parts]
            failure = next((outcome for outcome in outcomes if isinstance(outcome, BaseException)), None)
            known = [uid for outcome in outcomes if not isinstance(outcome, BaseException) for uid in outcome]
            if failure is None and not all(known):
                gone = number.numbers[known.index(0)]
                failure = MessageNotFoundError(f"there is no message number {gone} in {number.selection.name!r}")
            self._go_on(task, known if failure is None else failure)

    @staticmethod
    def _go_on(task: Task, outcome: Sequence[int] | BaseException) -> None:
        """A task's numbers are unique ids now, or cannot become any."""
        if isinstance(outcome, BaseException):
            task.handle.fail(outcome)
            return
        context = _context_of(task)
        context.numbers = None
        body = task.body
        arguments = {**body.args[1], "messages": MessageSet(True, tuple(outcome))}  # type: ignore[attr-defined]
        task.body = partial(body.func, body.args[0], arguments)  # type: ignore[attr-defined]
        context.client._tasks.put(task)


def _context_of(task: Task) -> OperationContext:
    return cast("OperationContext", task.context)  # as the client made it
