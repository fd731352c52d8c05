"""Bodies of the operations about the session itself: signing in and out, and how much there is."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from mailclients.engine.commands import Command
from mailclients.engine.tasks import Body
from mailclients.errors import OutcomeUnknownError, Pop3Exception
from mailclients.pop3.commands import Quit, Reset, Stat
from mailclients.pop3.models import Pop3MailboxInfo
from mailclients.pop3.protocol import DropMemory, Pop3Command, Pop3Core

if TYPE_CHECKING:
    from mailclients.client import OperationContext


def memory_of(context: OperationContext) -> DropMemory:
    """What the session remembers of its maildrop."""
    session = context.session if context.session is not None else context.client._main
    memory: DropMemory = session.memory
    return memory


def login(context: OperationContext) -> Body:
    """The connection is open and signed in before a body starts."""
    yield []


def validate_credentials(context: OperationContext) -> Body:
    """As `login`: whoever gets this far is signed in."""
    yield Pop3Command("NOOP")
    return True


def noop(context: OperationContext) -> Body:
    """NOOP (RFC 1939 section 5)."""
    yield Pop3Command("NOOP")


def close_session(context: OperationContext) -> Generator[Command | list[Command], Any, None]:
    """QUIT; what was marked for deletion is deleted, and the next operation signs in."""
    try:
        yield Quit(memory_of(context))
    except Pop3Exception:
        _session_ended(context)  # the server ends the session all the same
        raise
    _session_ended(context)


def _session_ended(context: OperationContext) -> None:
    memory = memory_of(context)
    with memory.lock:
        memory.numbered = None


def logout(context: OperationContext) -> Body:
    """RSET where something is marked for deletion, and QUIT: nothing is deleted that was not committed."""
    memory = memory_of(context)
    if memory.pending:
        yield Reset(memory)
    with contextlib.suppress(OutcomeUnknownError):
        yield from close_session(context)


def _stat(context: OperationContext, close_transaction: bool) -> Generator[Command | list[Command], Any, Any]:
    found: tuple[int, int] = yield Stat()
    core: Pop3Core = context.core
    if close_transaction:
        yield from close_session(context)
    else:
        memory_of(context).told_some(core.drop)
    return found


def get_message_count(context: OperationContext, *, close_transaction: bool = False) -> Body:
    """STAT; the number of messages."""
    return (yield from _stat(context, close_transaction))[0]


def get_mailbox_size(context: OperationContext) -> Body:
    """STAT; the bytes."""
    return (yield from _stat(context, False))[1]


def get_mailbox_info(context: OperationContext, *, close_transaction: bool = False) -> Body:
    """STAT; both."""
    return Pop3MailboxInfo(*(yield from _stat(context, close_transaction)))
