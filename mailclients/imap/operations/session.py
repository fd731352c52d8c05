"""Bodies of the operations about the session itself: signing in and out, and the folder that is selected."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from mailclients.engine.tasks import Body
from mailclients.errors import AsposeInvalidOperationException, OutcomeUnknownError
from mailclients.imap.commands import Deselect, Simple
from mailclients.imap.folders import Selection
from mailclients.imap.operations.changing import commit_pending
from mailclients.imap.protocol import ImapCore, Logout, Select

if TYPE_CHECKING:
    from mailclients.client import OperationContext


def _nothing() -> Body:
    return
    yield  # makes it a generator


def login(context: OperationContext) -> Body:
    """The connection is open and signed in before a body starts."""
    return _nothing()


def validate_credentials(context: OperationContext) -> Body:
    """As `login`: whoever gets this far is signed in."""
    yield Simple("NOOP")
    return True


def noop(context: OperationContext) -> Body:
    """NOOP (RFC 9051 section 6.1.2)."""
    yield Simple("NOOP")


def logout(context: OperationContext) -> Body:
    """LOGOUT; the next operation signs in again."""
    assert context.session is not None
    yield from commit_pending(context)
    with contextlib.suppress(OutcomeUnknownError):
        yield Logout()
    connection = context.connection
    if connection is not None:
        connection.close(AsposeInvalidOperationException("the connection was logged out"))
    context.session.memory.leave(context.selection, context.owner)


def select_folder(context: OperationContext, *, folder_name: str, leaving: Selection | None) -> Body:
    """SELECT or EXAMINE (RFC 9051 section 6.3.2); gives the folder's info."""
    if context.client.auto_commit and leaving is not None:
        yield from commit_pending(context)
    return (yield Select(context.selection))


def unselect_folder(context: OperationContext, *, do_not_expunge: bool = False) -> Body:
    """CLOSE, which expunges, or UNSELECT, which does not (RFC 9051 sections 6.4.1 and 6.4.2)."""
    assert context.session is not None
    selection = context.selection
    context.session.memory.leave(selection, context.owner)
    core: ImapCore = context.core
    if not isinstance(selection, Selection) or selection.pending or selection.error is not None:
        return
    if not do_not_expunge:
        yield from commit_pending(context)
    if not do_not_expunge and not selection.read_only:
        yield Deselect("CLOSE", selection)  # selects it first where another folder is selected on the wire
    elif core.selected is not selection:
        return  # another folder is selected on the wire, for somebody's listing: nothing to leave
    elif core.has("UNSELECT"):
        yield Deselect("UNSELECT", selection)
    else:
        # RFC 3691: without UNSELECT, a CLOSE after EXAMINE leaves the folder and removes nothing.
        examined = Selection(selection.name, True)
        yield Select(examined)
        yield Deselect("CLOSE", examined)
