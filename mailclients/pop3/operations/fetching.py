"""Bodies of the operations that bring messages or parts of them: into memory, to a file, to a stream."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from mailclients.engine.commands import Command
from mailclients.engine.tasks import Body, Elsewhere
from mailclients.errors import MessageNotFoundError
from mailclients.message import HeaderCollection, MailMessage
from mailclients.pop3.commands import Header, MessageSize, MessageUid, OfMessage, Retrieve
from mailclients.pop3.models import MessageNames
from mailclients.pop3.protocol import ListUids, Pop3Core, Target
from mailclients.saving import FileSink, save

if TYPE_CHECKING:
    from mailclients.client import OperationContext


def targets_of(context: OperationContext, messages: MessageNames) -> list[Target]:
    """The messages of a call, with what its numbers meant at the call."""
    return [Target(name, context.numbers) for name in messages]


def target_of(context: OperationContext, messages: MessageNames) -> Target:
    """The message of a call about one."""
    return targets_of(context, messages)[0]


def elsewhere(context: OperationContext) -> None:
    """A message that this task connection does not know may have come since it was opened: the session is asked.

    Raises:
        Elsewhere: the operation begins again there. Nothing is raised when this is the session already.
    """
    if context.session is None:
        context.session = context.client._main
        raise Elsewhere(context.session)


def _one(context: OperationContext, command: OfMessage) -> Generator[Command | list[Command], Any, Any]:
    try:
        return (yield command)
    except MessageNotFoundError:
        elsewhere(context)
        raise


def by_top(context: OperationContext) -> bool:
    """Whether headers can be had without bodies: also where the server does not tell what it has."""
    core: Pop3Core = context.core
    return core.capabilities is None or core.has("TOP")


def fetch_message(context: OperationContext, *, messages: MessageNames) -> Body:
    """RETR of one message."""
    content: bytes = yield from _one(context, Retrieve(target_of(context, messages)))
    return MailMessage.from_bytes(content)


def fetch_messages(context: OperationContext, *, messages: MessageNames) -> Body:
    """RETR of each, pipelined; unique ids that are gone are left out."""
    yield from know_all(context, messages)
    commands: list[Command] = [Retrieve(target, per_item=True) for target in targets_of(context, messages)]
    if commands:
        yield commands
    found: list[MailMessage] = []
    for command in commands:
        if command.error is None:
            found.append(MailMessage.from_bytes(command.result))
        elif messages.uids is None or not isinstance(command.error, MessageNotFoundError):
            raise command.error
    return found


def know_all(context: OperationContext, messages: MessageNames) -> Generator[Command | list[Command], Any, None]:
    """On a task connection: sees to it that it knows all the messages, else the session is the place for them."""
    if context.session is not None or messages.uids is None:
        return
    core: Pop3Core = context.core
    if core.drop.uids is None:
        yield ListUids()
        core = context.core
    if any(uid not in core.drop.numbers for uid in messages.uids):
        elsewhere(context)


def save_message(
    context: OperationContext, *, messages: MessageNames, file_name: str | None = None, stream: Any = None
) -> Body:
    """RETR of one message into a file or stream: memory stays small whatever its size."""
    yield from save(partial(_fetch_into, context, target_of(context, messages)), file_name, stream)


def _fetch_into(
    context: OperationContext, target: Target, file: IO[bytes]
) -> Generator[Command | list[Command], Any, None]:
    yield from _one(context, Retrieve(target, sink=FileSink(file)))


def get_message_headers(context: OperationContext, *, messages: MessageNames) -> Body:
    """TOP of one message."""
    command = Header(target_of(context, messages), by_top=by_top(context))
    block: bytes = yield from _one(context, command)
    return HeaderCollection.parse(block)


def get_message_size(context: OperationContext, *, messages: MessageNames) -> Body:
    """LIST of one message."""
    return (yield from _one(context, MessageSize(target_of(context, messages))))


def get_message_unique_id(context: OperationContext, *, messages: MessageNames) -> Body:
    """UIDL of one message."""
    return (yield from _one(context, MessageUid(target_of(context, messages))))
