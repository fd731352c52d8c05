"""Operations over many messages, part by part: what each command names, and what is known when one fails.

A part is what fits into one command. Parts go one after the other, so that the first that fails is the only one
of which anything is unclear. Values of one operation; only who drives its body enters them.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, Final

from mailclients.client import OperationContext
from mailclients.engine.commands import Command
from mailclients.engine.tasks import NOT_BEGUN, Body, Split
from mailclients.errors import (
    MailClientError,
    MessageNotFoundError,
    OperationCanceledException,
    OutcomeUnknownError,
    PartlyDone,
)
from mailclients.imap.models import MessageSet
from mailclients.imap.numbers import fetch_by_numbers, numbers_of_call
from mailclients.options import MultiConnectionMode

if TYPE_CHECKING:
    from mailclients.imap.folders import Selection

_SHOWN: Final = 300  # characters of a set in an error's text; `partly_done` has all of it


class Parts:
    """The parts of an operation, and how far it has come.

    Attributes:
        known: what is known of the part at work, beside that it failed. uncertain: the same for when the outcome of
        its last command is unknown.
    """

    def __init__(self, what: str, texts: Sequence[bytes]) -> None:
        """Begins.

        Args:
            what: of a message that is done, such as ``"copied"``.
            texts: the sets of messages, one for each part.
        """
        self._what = what
        self._texts = texts
        self._done: list[bytes] = []
        self.known = ""
        self.uncertain = ""

    @contextlib.contextmanager
    def part(self, text: bytes) -> Generator[None, None, None]:
        """Around the commands of one part: an error in it is raised again with what it means for all of them."""
        self.known = self.uncertain = ""
        try:
            yield
        except MailClientError as error:
            unknown = isinstance(error, OutcomeUnknownError)
            known = self.uncertain or self.known if unknown else self.known
            if len(self._texts) == 1 and not known:
                raise
            raise self._report(error, text, known, unclear=unknown or bool(known)) from error
        self._done.append(text)

    @contextlib.contextmanager
    def afterwards(self) -> Generator[None, None, None]:
        """Around what is left to do when all parts are done: an error in it says that they are."""
        try:
            yield
        except MailClientError as error:
            raise _told(error, self._what, self._done, (), (), "") from error

    def _report(self, error: MailClientError, text: bytes, known: str, *, unclear: bool) -> MailClientError:
        rest = list(self._texts[len(self._done) + unclear :])
        return _told(error, self._what, self._done, [text] * unclear, rest, known)


def partly(what: str, texts: Sequence[bytes], commands: Sequence[Command]) -> None:
    """Raises the error of the first command that failed, with what became of all of them.

    A command that was not sent, because the operation was cancelled meanwhile, has failed with that.
    """
    error = next((command.error for command in commands if command.error is not None), None)
    if error is None:
        return
    if len(commands) == 1 or not isinstance(error, MailClientError):
        raise error
    groups: tuple[list[bytes], list[bytes], list[bytes]] = ([], [], [])
    for text, command in zip(texts, commands, strict=True):
        groups[0 if command.error is None else 1 if isinstance(command.error, OutcomeUnknownError) else 2].append(text)
    raise _told(error, what, *groups, "") from error


def untouched(error: OperationCanceledException, what: str, texts: Sequence[bytes]) -> MailClientError:
    """The error of an operation that was cancelled before any of these parts was sent."""
    return _told(error, what, (), (), texts, "")


def _told(
    error: MailClientError,
    what: str,
    done: Sequence[bytes],
    unknown: Sequence[bytes],
    not_done: Sequence[bytes],
    known: str,
) -> MailClientError:
    """The same error with a report in its text and in `partly_done`."""
    report = PartlyDone(*(b",".join(found).decode("ascii") for found in (done, unknown, not_done)))
    words = [str(error).rstrip(".")]
    if report.done:
        words.append(f"{what}: {_short(report.done)}")
    if report.unknown:
        words.append(known or f"not known: {_short(report.unknown)}")
    if report.not_done:
        words.append(f"not {what}: {_short(report.not_done)}")
    told = copy.copy(error)
    told.args = ("; ".join(words), *error.args[1:])
    told.partly_done = report
    return told


def _short(text: str) -> str:
    if len(text) <= _SHOWN:
        return text or "none"
    return f"{text[:_SHOWN].rpartition(',')[0]},... ({text.count(',') + 1} ranges)"


def with_uids(
    context: OperationContext, selection: Selection, messages: MessageSet
) -> Generator[Command | list[Command], Any, MessageSet]:
    """The same messages by unique id, which means the same one whatever happens in the folder meanwhile."""
    if messages.by_uid:
        return messages
    numbers = yield from numbers_of_call(context, selection, messages)
    entries = yield from fetch_by_numbers(numbers, b"(UID)", frozenset(("UID",)))
    if len(entries) < len(numbers.numbers):
        raise MessageNotFoundError(f"one of the messages is not in {selection.name!r} any more")
    return MessageSet(True, tuple(items["UID"] for _, items in entries))


def connections_for(context: OperationContext, pieces: int) -> int:
    """How many connections an operation of so many pieces goes over; 1 where it stays on its own.

    It stays where the caller has named a connection, or has one, or has the main one for itself, and where there
    is only one connection beside the main one to be had.
    """
    client = context.client
    session = context.session
    if client.use_multi_connection is not MultiConnectionMode.ENABLE:
        return 1
    if session is not None and (session is not client._main or session.held_by(context.owner)):
        return 1
    allowed: int = min(client.connections_quantity, client.pool.effective_limit - 1)
    return max(1, min(pieces, allowed))


def spread(
    context: OperationContext, count: int, operation: str, body: Callable[[Any], Body], *, changes: bool = False
) -> Generator[Command | list[Command], Any, list[Any]]:
    """Runs `count` bodies side by side, on task connections; gives what became of each: a result or an error.

    They share what there is to do, so that one alone can do all of it.
    """
    client = context.client
    parts = [(OperationContext(client, None), body) for _ in range(count)]
    for part, _ in parts:
        part.selection, part.owner = context.selection, context.owner
    outcomes: list[Any] = yield Split(client._tasks, client, operation, context.owner, parts, changes=changes)
    begun = [outcome for outcome in outcomes if outcome is not NOT_BEGUN]
    if len(begun) < count and first_error(begun) is None:
        begun.append((yield from body(context)))  # what is left, on the connection that there is
    return begun


def first_error(outcomes: Sequence[Any]) -> BaseException | None:
    """The error of the first part that failed for a reason of its own."""
    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    own = (error for error in errors if not isinstance(error, OperationCanceledException))
    return next(own, errors[0] if errors else None)
