"""Bodies of the operations that copy and move messages.

A message is never taken away before the server has said that its copy is there, and nothing but what was copied
is taken away: everything goes by unique id, and what is marked as deleted by others stays.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from mailclients.engine.commands import Command
from mailclients.engine.tasks import Body
from mailclients.errors import (
    AsposeInvalidOperationException,
    FolderChangedError,
    MessageNotFoundError,
    RemoteProtocolError,
    escape,
)
from mailclients.imap.commands import SET_BYTES, Copied, Copy, Expunge, Search, Store
from mailclients.imap.folders import Selection
from mailclients.imap.models import MessageSet
from mailclients.imap.operations.changing import can_name_expunged, owe_expunge
from mailclients.imap.operations.fetching import fetch_one
from mailclients.imap.operations.parts import Parts, with_uids
from mailclients.imap.protocol import ImapCore
from mailclients.wire.imap_sets import NumberSet
from mailclients.wire.imap_strings import encode_flags, split_set

if TYPE_CHECKING:
    from mailclients.client import OperationContext

_Steps = Generator["Command | list[Command]", Any, None]


def copy_message(context: OperationContext, *, messages: MessageSet, destination: str) -> Body:
    """COPY of one message; gives the copy's unique id where the server tells it."""
    selection: Selection = context.selection
    wanted = yield from with_uids(context, selection, messages)
    uid = _only(wanted)
    told: Copied | None = yield Copy("UID COPY", selection, b"%d" % uid, destination)
    if told is None:
        # RFC 9051 section 6.4.9: a unique id that is gone is no error, and nothing is copied.
        yield from fetch_one(context, wanted, b"(UID)", frozenset(("UID",)))
    return _new_uid(told, uid)


def copy_messages(
    context: OperationContext, *, messages: MessageSet, destination: str, commit_deletions: bool = False
) -> Body:
    """COPY, in parts; with `commit_deletions` what is marked as deleted in this folder is removed afterwards."""
    selection: Selection = context.selection
    if not messages:
        return
    wanted = yield from with_uids(context, selection, messages)
    texts = [text.encode("ascii") for text in wanted.chunks(SET_BYTES)]
    parts = Parts(f"copied to {escape(destination)!r}", texts)
    for text in texts:
        with parts.part(text):
            yield Copy("UID COPY", selection, text, destination)
    if commit_deletions:
        with parts.afterwards():
            yield Expunge(selection)


def move_message(
    context: OperationContext, *, messages: MessageSet, destination: str, commit_deletions: bool = False
) -> Body:
    """MOVE of one message, or a copy and a deletion; gives its new unique id where the server tells it."""
    selection: Selection = context.selection
    wanted = yield from with_uids(context, selection, messages)
    uid = _only(wanted)
    if not _moves(context):
        told = yield from _copy_and_delete(context, wanted, destination, commit_deletions=commit_deletions)
        return _new_uid(told, uid)
    command = Copy("UID MOVE", selection, b"%d" % uid, destination)
    yield command
    if command.told is None and not command.left and can_name_expunged(context):
        raise MessageNotFoundError(f"there is no message with unique id {uid} in {selection.name!r} (any more)")
    return _new_uid(command.told, uid)


def move_messages(
    context: OperationContext, *, messages: MessageSet, destination: str, commit_deletions: bool = False
) -> Body:
    """MOVE, or copies and deletions, in parts."""
    selection: Selection = context.selection
    if not messages:
        return
    wanted = yield from with_uids(context, selection, messages)
    if not _moves(context):
        yield from _copy_and_delete(context, wanted, destination, commit_deletions=commit_deletions)
        return
    texts = [text.encode("ascii") for text in wanted.chunks(SET_BYTES)]
    parts = Parts(f"moved to {escape(destination)!r}", texts)
    for text in texts:
        command = Copy("UID MOVE", selection, text, destination)
        with parts.part(text):
            try:
                yield command
            finally:
                if command.told is not None:
                    # RFC 6851 section 3.3: a MOVE that fails may have moved some of the messages.
                    parts.known = f"the server had moved {command.told.sources.to_text()} of these"


def _only(wanted: MessageSet) -> int:
    assert wanted.single is not None  # by the shapes of the call
    return wanted.single


def _moves(context: OperationContext) -> bool:
    core: ImapCore = context.core
    return core.has("MOVE")


def _new_uid(told: Copied | None, uid: int) -> str:
    """The copy's unique id, if what the server told can be true."""
    if told is None or len(told.sources) != 1 or len(told.copies) != 1 or uid not in told.sources:
        return ""
    return str(next(iter(told.copies)))


def _copy_and_delete(
    context: OperationContext, wanted: MessageSet, destination: str, *, commit_deletions: bool
) -> Generator[Command | list[Command], Any, Copied | None]:
    """What MOVE does, for servers without it (RFC 6851 section 3.3); each part is copied before it is deleted."""
    selection: Selection = context.selection
    existing: list[int] = []
    for asked in wanted.chunks(SET_BYTES):
        # Messages that come into a range after it was copied must not be deleted with it.
        existing += yield Search(selection, (b"UID " + asked.encode("ascii"),))
    if wanted.single is not None and not existing:
        raise MessageNotFoundError(
            f"there is no message with unique id {wanted.single} in {selection.name!r} (any more)"
        )
    if selection.read_only:
        raise AsposeInvalidOperationException(
            f"move: the folder {selection.name!r} is selected read-only; select it for writing first"
        )
    texts = list(split_set(existing, SET_BYTES))
    parts = Parts(f"moved to {escape(destination)!r}", texts)
    told: Copied | None = None
    validity = 0
    for text in texts:
        with parts.part(text):
            told = yield Copy("UID COPY", selection, text, destination)
            parts.known = "the copies are there, and nothing of these was deleted here"
            doomed = _copied(told, text)
            if told is not None:
                if validity not in (0, told.uid_validity):
                    raise FolderChangedError(
                        f"the folder {destination!r} was replaced while messages were moved to it: its UIDVALIDITY"
                        f" was {validity} and is {told.uid_validity}"
                    )
                validity = told.uid_validity
            yield from _delete(context, parts, doomed)
    if commit_deletions and not can_name_expunged(context):
        with parts.afterwards():
            yield Expunge(selection)
    return told


def _copied(told: Copied | None, asked: bytes) -> list[bytes]:
    """Which of the messages are known to have been copied.

    Raises:
        RemoteProtocolError: what the server told of it cannot be true; nothing may be deleted then.
    """
    if told is None:
        return [asked]  # RFC 9051 section 6.4.7: all or nothing, and it was OK
    those = NumberSet.from_text(asked)
    if not len(told.copies) == len(told.sources) <= len(those) or not all(uid in those for uid in told.sources):
        raise RemoteProtocolError(
            f"the server told of {len(told.sources)} messages and {len(told.copies)} copies after a COPY of"
            f" {len(those)} messages, or of others than it was asked for"
        )
    return list(split_set(sorted(told.sources), SET_BYTES))


def _delete(context: OperationContext, parts: Parts, doomed: list[bytes]) -> _Steps:
    """Marks what was copied as deleted, and removes it where it can be named."""
    selection: Selection = context.selection
    for text in doomed:
        parts.uncertain = "the copies are there; whether these are marked as deleted here is not known"
        mark = Store(b"+FLAGS", encode_flags(("\\Deleted",)), selection, set_text=text)
        mark.finishing = True  # a move that is cancelled leaves no message in both folders
        yield mark
        parts.known = "the copies are there, and these are marked as deleted here"
        parts.uncertain = parts.known + "; whether they were removed is not known"
        if can_name_expunged(context):
            remove = Expunge(selection, text)
            remove.finishing = True
            yield remove
        else:
            owe_expunge(context, selection, NumberSet.from_text(text))
