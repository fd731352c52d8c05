"""Bodies of the operations that change folders' contents: appending, flags, deleting and its commit."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, cast

from mailclients.engine.commands import Command, Pause
from mailclients.engine.tasks import Body
from mailclients.errors import AsposeNotSupportedException, ImapException
from mailclients.imap.commands import SET_BYTES, Append, Expunge, Store, results_of
from mailclients.imap.folders import Selection
from mailclients.imap.models import ImapMessageFlags, MessageSet
from mailclients.imap.numbers import NUMBERS_AT_ONCE, numbers_of_call
from mailclients.imap.parameters import sendable
from mailclients.imap.protocol import ImapCore, folder_key
from mailclients.wire.imap_strings import encode_flags

if TYPE_CHECKING:
    from mailclients.client import OperationContext


def append_message(
    context: OperationContext,
    *,
    folder_name: str | None = None,
    content: bytes | None = None,
    file_name: str | None = None,
) -> Body:
    """APPEND (RFC 9051 section 6.3.12); gives the new unique id where the server tells it."""
    folder = folder_name
    if folder is None:
        selection: Selection | None = context.selection
        usable = selection is not None and selection.error is None
        folder = cast("str", selection.name if selection is not None and usable else context.client.default_folder)
    if content is None:
        assert file_name is not None
        with open(file_name, "rb") as source:
            content = sendable(source.read())
    return (yield Append(folder, content))


def flag_change(action: bytes) -> Callable[..., Body]:
    """The body that adds, removes or replaces flags."""

    def body(
        context: OperationContext,
        *,
        messages: MessageSet,
        flags: ImapMessageFlags,
        modification_sequence: int | None = None,
    ) -> Body:
        return _store(context, action, messages, flags, modification_sequence)

    return body


def _store(
    context: OperationContext,
    action: bytes,
    messages: MessageSet,
    flags: ImapMessageFlags,
    modification_sequence: int | None,
) -> Body:
    """STORE (RFC 9051 section 6.4.6, UNCHANGEDSINCE of RFC 7162)."""
    selection: Selection = context.selection
    core: ImapCore = context.core
    if modification_sequence is not None and not core.has("CONDSTORE"):
        raise AsposeNotSupportedException("modification_sequence needs a server with CONDSTORE (RFC 7162)")
    if not messages:
        return
    names = encode_flags(flag for flag in flags.to_imap() if flag.lower() != "\\recent")
    commands: list[Command]
    if messages.by_uid:
        single = messages.single
        commands = [
            Store(
                action,
                names,
                selection,
                set_text=text.encode("ascii"),
                subject=single,
                unchanged_since=modification_sequence,
            )
            for text in messages.chunks(SET_BYTES)
        ]
    else:
        numbers = yield from numbers_of_call(context, selection, messages)
        parts = numbers.parts(NUMBERS_AT_ONCE)
        commands = [
            Store(action, names, selection, numbers=part, unchanged_since=modification_sequence, by_uid=False)
            for part in parts
        ]
    modified = [str(result.to_text()) for result in results_of((yield commands)) if result]
    if modified:
        raise ImapException(
            f"messages {','.join(modified)} were changed by somebody else since modification sequence"
            f" {modification_sequence}; their flags were left alone",
            status="OK",
            code="MODIFIED",
        )


def delete_message(
    context: OperationContext,
    *,
    messages: MessageSet,
    modification_sequence: int | None = None,
    commit_now: bool = False,
) -> Body:
    """Flags a message as deleted; it is removed when the deletion is committed."""
    selection: Selection = context.selection
    yield from _store(context, b"+FLAGS", messages, ImapMessageFlags.DELETED, modification_sequence)
    if commit_now:
        yield from _expunge(context, selection, messages if messages.by_uid else None)
    elif context.client.auto_commit:
        session = context.session if context.session is not None else context.client._main
        memory = session.memory
        with memory.lock:
            entry = memory.deleted.setdefault(folder_key(selection.name), (selection, set()))
            entry[1].update(messages if messages.by_uid else (0,))  # 0: one whose unique id is not known


def _expunge(
    context: OperationContext, selection: Selection, messages: MessageSet | None
) -> Generator[Command | list[Command], Any, None]:
    core: ImapCore = context.core
    if messages is None or not core.has("UIDPLUS"):
        yield Expunge(selection)
        return
    commands: list[Command] = [Expunge(selection, text.encode("ascii")) for text in messages.chunks(SET_BYTES)]
    results_of((yield commands))


def commit_deletes(context: OperationContext, *, messages: MessageSet | None = None, sleep: int = -1) -> Body:
    """EXPUNGE, or UID EXPUNGE (RFC 4315) of the messages named."""
    core: ImapCore = context.core
    selection: Selection = context.selection
    if messages is not None:
        if not core.has("UIDPLUS"):
            raise AsposeNotSupportedException(
                "commit_deletes: naming messages needs a server with UIDPLUS (RFC 4315); without names every message"
                " flagged as deleted is removed"
            )
        if not messages:
            return
    yield from _expunge(context, selection, messages)
    if context.session is not None:
        memory = context.session.memory
        with memory.lock:
            memory.deleted.pop(folder_key(selection.name), None)
    if sleep > 0:
        yield Pause(sleep / 1000)


def commit_pending(context: OperationContext) -> Body:
    """Makes the deletions that `auto_commit` still owes."""
    session = context.session
    assert session is not None
    memory = session.memory
    with memory.lock:
        owed, memory.deleted = memory.deleted, {}
    for selection, uids in owed.values():
        yield from _expunge(context, selection, None if 0 in uids else MessageSet(True, tuple(uids)))
