"""Bodies of the operations that mark messages for deletion, take the marks back, and commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailclients.engine.commands import Command, Pause
from mailclients.engine.tasks import Body
from mailclients.pop3.commands import Delete, ListSizes, Reset, results_of
from mailclients.pop3.models import MessageNames
from mailclients.pop3.operations.fetching import target_of
from mailclients.pop3.operations.session import close_session, memory_of
from mailclients.pop3.protocol import Meant, Pop3Core, Target

if TYPE_CHECKING:
    from mailclients.client import OperationContext


def delete_message(context: OperationContext, *, messages: MessageNames) -> Body:
    """DELE: the message goes when the deletion is committed."""
    yield Delete(target_of(context, messages), memory_of(context))


def delete_messages(context: OperationContext) -> Body:
    """DELE of all that LIST tells of, pipelined."""
    memory = memory_of(context)
    listed: dict[int, int] = yield ListSizes()
    core: Pop3Core = context.core
    meant = Meant(memory, core.drop)
    commands: list[Command] = [Delete(Target(number, meant), memory) for number in sorted(listed)]
    if commands:
        results_of((yield commands))


def undelete_messages(context: OperationContext) -> Body:
    """RSET (RFC 1939 section 5)."""
    yield Reset(memory_of(context))


def commit_deletes(context: OperationContext, *, sleep: int = -1) -> Body:
    """QUIT; the session begins anew."""
    yield from close_session(context)
    if sleep > 0:
        yield Pause(sleep / 1000)
