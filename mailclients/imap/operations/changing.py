"""Bodies of the operations that change folders' contents: appending, flags, deleting and its commit."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import TYPE_CHECKING, Any, cast

from mailclients.engine.commands import Command, Pause
from mailclients.engine.tasks import Body
from mailclients.errors import AsposeNotSupportedException, ImapException, OperationCanceledException
from mailclients.imap.commands import SET_BYTES, Append, Expunge, NewMessage, Search, Store
from mailclients.imap.folders import Selection
from mailclients.imap.models import ImapMessageFlags, MessageSet
from mailclients.imap.numbers import NUMBERS_AT_ONCE, numbers_of_call
from mailclients.imap.operations.parts import partly, untouched
from mailclients.imap.parameters import sendable
from mailclients.imap.protocol import ImapCore, folder_key
from mailclients.wire.imap_strings import encode_flags, format_set

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
    folder = folder_of(context, folder_name)
    if content is None:
        assert file_name is not None
        with open(file_name, "rb") as source:
            content = sendable(source.read())
    uids: list[str] = yield Append(folder, NewMessage(content))
    return uids[0]


def folder_of(context: OperationContext, folder_name: str | None) -> str:
    """The folder named, else the current one, else the default one."""
    if folder_name is not None:
        return folder_name
    selection: Selection | None = context.selection
    usable = selection is not None and selection.error is None
    return cast("str", selection.name if selection is not None and usable else context.client.default_folder)


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
    commands: list[tuple[bytes, Store]] = []
    if messages.by_uid:
        for chunk in messages.chunks(SET_BYTES):
            text = chunk.encode("ascii")
            command = Store(
                action,
                names,
                selection,
                set_text=text,
                subject=messages.single,
                unchanged_since=modification_sequence,
            )
            commands.append((text, command))
    else:
        numbers = yield from numbers_of_call(context, selection, messages)
        for part in numbers.parts(NUMBERS_AT_ONCE):
            command = Store(action, names, selection, numbers=part, unchanged_since=modification_sequence, by_uid=False)
            commands.append((format_set(part.numbers), command))
    if not commands:
        return
    answered: list[Command] = yield [command for _, command in commands]
    modified = [command.result.to_text() for command in answered if command.result]
    partly("changed", [text for text, _ in commands], answered)
    if modified:
        raise ImapException(
            f"messages {','.join(modified)} were changed by somebody else since modification sequence"
            f" {modification_sequence}; their flags were left alone",
            status="OK",
            code="MODIFIED",
        )


def delete_messages(
    context: OperationContext,
    *,
    messages: MessageSet,
    modification_sequence: int | None = None,
    commit_now: bool = False,
) -> Body:
    """Flags messages as deleted; they are removed when the deletion is committed."""
    selection: Selection = context.selection
    yield from _store(context, b"+FLAGS", messages, ImapMessageFlags.DELETED, modification_sequence)
    if commit_now:
        yield from _expunge(context, selection, messages if messages.by_uid else None)
    elif context.client.auto_commit and messages:
        uids: Iterable[int] | None = messages if messages.by_uid else None
        if messages.by_uid and messages.ranges is not None:
            # Of a range that may be of any length, those that there are.
            deleted = Search(selection, (b"DELETED UID " + messages.compact().encode("ascii"),))
            deleted.finishing = True
            uids = yield deleted
        owe_expunge(context, selection, uids)


def undelete_message(context: OperationContext, *, messages: MessageSet, modification_sequence: int = 0) -> Body:
    """Takes the flag of deletion away again; 0 stands for no condition."""
    selection: Selection = context.selection
    yield from _store(context, b"-FLAGS", messages, ImapMessageFlags.DELETED, modification_sequence or None)
    if messages.by_uid:
        memory = _memory(context)
        with memory.lock:
            entry = memory.deleted.get(folder_key(selection.name))
            if entry is not None:
                entry[1].difference_update(messages)
                if not entry[1]:
                    del memory.deleted[folder_key(selection.name)]


def _memory(context: OperationContext) -> Any:
    session = context.session if context.session is not None else context.client._main
    return session.memory


def owe_expunge(context: OperationContext, selection: Selection, uids: Iterable[int] | None) -> None:
    """With `auto_commit`: these are to be removed when the folder is left; None when their unique ids are not known."""
    if not context.client.auto_commit:
        return
    memory = _memory(context)
    with memory.lock:
        entry = memory.deleted.setdefault(folder_key(selection.name), (selection, set()))
        entry[1].update((0,) if uids is None else uids)  # 0: one whose unique id is not known


def can_name_expunged(context: OperationContext) -> bool:
    """Whether messages can be removed by name, and none but these (UID EXPUNGE, RFC 4315)."""
    core: ImapCore = context.core
    return core.has("UIDPLUS")


def _expunge(
    context: OperationContext, selection: Selection, messages: MessageSet | None
) -> Generator[Command | list[Command], Any, None]:
    if messages is None or not can_name_expunged(context):
        yield Expunge(selection)
        return
    texts = [text.encode("ascii") for text in messages.chunks(SET_BYTES)]
    try:
        answered: list[Command] = yield [Expunge(selection, text) for text in texts]
    except OperationCanceledException as error:
        raise untouched(error, "removed", texts) from error
    partly("removed", texts, answered)


def commit_deletes(context: OperationContext, *, messages: MessageSet | None = None, sleep: int = -1) -> Body:
    """EXPUNGE, or UID EXPUNGE (RFC 4315) of the messages named."""
    selection: Selection = context.selection
    if messages is not None:
        if not can_name_expunged(context):
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
