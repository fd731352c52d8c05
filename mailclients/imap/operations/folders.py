"""Bodies of the operations on folders, and what others need to know of folders' names."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any, cast

from mailclients.engine.commands import Command
from mailclients.engine.tasks import Body
from mailclients.errors import AsposeNotSupportedException
from mailclients.imap.commands import FolderCommand, ListFolders, Rename, Status, results_of
from mailclients.imap.folders import Selection
from mailclients.imap.models import (
    ImapFolderInfo,
    ImapFolderInfoCollection,
    ImapMailboxInfo,
    ListFoldersOptions,
    ListFoldersReturnOptions,
)
from mailclients.imap.protocol import ImapCore, folder_key
from mailclients.wire.imap_responses import ListResponse
from mailclients.wire.imap_strings import Literal, decode_mailbox, encode_mailbox

if TYPE_CHECKING:
    from mailclients.client import OperationContext


def folder_info(listed: ListResponse, core: ImapCore) -> ImapFolderInfo:
    """What LIST tells of a folder."""
    return ImapFolderInfo(
        name=decode_mailbox(listed.mailbox, core.utf8),
        raw_name=listed.mailbox,
        delimiter=listed.delimiter,
        attributes=listed.attributes,
    )


def _status_items(core: ImapCore, *, size: bool = False) -> bytes:
    items = b"MESSAGES UIDNEXT UIDVALIDITY UNSEEN"
    if not core.rev2:
        items += b" RECENT"
    if core.has("CONDSTORE"):
        items += b" HIGHESTMODSEQ"
    if core.has("OBJECTID"):
        items += b" MAILBOXID"
    if size and core.has("STATUS=SIZE"):
        items += b" SIZE"
    return b"(" + items + b")"


def _with_status(info: ImapFolderInfo, items: dict[str, Any]) -> ImapFolderInfo:
    def count(name: str) -> int:
        value = items.get(name)
        return value if isinstance(value, int) else 0

    identifier = items.get("MAILBOXID")
    if isinstance(identifier, tuple) and identifier:
        identifier = cast("tuple[object, ...]", identifier)[0]
    return info.updated(
        total_message_count=count("MESSAGES"),
        new_message_count=count("UNSEEN"),
        recent_message_count=count("RECENT"),
        uid_next=count("UIDNEXT"),
        validity_id=count("UIDVALIDITY"),
        highest_mod_sequence=count("HIGHESTMODSEQ"),
        size=count("SIZE"),
        mailbox_id=identifier.decode("ascii", "replace") if isinstance(identifier, bytes) else "",
    )


def list_folders(
    context: OperationContext,
    *,
    parent_folder: str = "",
    load_full_info: bool = False,
    options: ListFoldersOptions = ListFoldersOptions.NONE,
    return_options: ListFoldersReturnOptions = ListFoldersReturnOptions.NONE,
) -> Body:
    """LIST of one level (RFC 9051 section 6.3.9), with LIST-EXTENDED (RFC 5258) where the server has it."""
    core: ImapCore = context.core
    prefix = ""
    if parent_folder:
        delimiter = yield from delimiter_of(context)
        prefix = parent_folder + delimiter if delimiter else parent_folder
    pattern = pattern_of(prefix, "%", core)
    items = _status_items(core) if load_full_info else b""
    command = _list_command(core, pattern, options, return_options, items)
    found: list[ListResponse] = yield command
    infos = [folder_info(listed, core) for listed in found]
    infos = [info for info in infos if folder_key(info.name) != folder_key(parent_folder)]
    infos = [info for info in infos if is_below(info.name, prefix)]
    if load_full_info:
        infos = yield from _load(infos, items, command.statuses)
    return ImapFolderInfoCollection(infos)


def is_below(name: str, prefix: str) -> bool:
    """Whether a listed name begins with the prefix: a wildcard character in a folder's name matches others."""
    return not ("%" in prefix or "*" in prefix) or name.startswith(prefix)


def pattern_of(name: str, wildcard: str, core: ImapCore) -> bytes | Literal:
    """A name and a wildcard behind it, as LIST takes them; "" for the name alone."""
    encoded = encode_mailbox(name, core.utf8) if name else b'""'
    raw = encoded.data if isinstance(encoded, Literal) else encoded
    if raw.startswith(b'"'):
        return raw[:-1] + wildcard.encode("ascii") + b'"'
    return b'"' + raw + wildcard.encode("ascii") + b'"' if raw.isascii() else Literal(raw + wildcard.encode("ascii"))


def delimiter_of(context: OperationContext) -> Generator[Command | list[Command], Any, str]:
    """The delimiter of the personal folders, empty where names have no levels: what the client was told, else what
    LIST of nothing tells (RFC 9051 section 6.3.9), asked once on each connection."""
    chosen: str | None = context.client._chosen_delimiter
    if chosen is not None:
        return chosen
    core: ImapCore = context.core
    if core.delimiter is None:
        listed: list[ListResponse] = yield ListFolders("LIST", (b'""', b'""'))
        core.delimiter = (listed[0].delimiter or "") if listed else "/"
    return core.delimiter


def _returns(
    core: ImapCore, return_options: ListFoldersReturnOptions = ListFoldersReturnOptions.NONE, items: bytes = b""
) -> tuple[bytes, ...]:
    """The part of LIST that says what is told of each folder: all that costs nothing, where the server has it."""
    words: list[bytes] = []
    if return_options & ListFoldersReturnOptions.SUBSCRIBED:
        words.append(b"SUBSCRIBED")
    if core.has("CHILDREN") or return_options & ListFoldersReturnOptions.CHILDREN:
        words.append(b"CHILDREN")
    if core.has("SPECIAL-USE"):
        words.append(b"SPECIAL-USE")
    if items:
        words.append(b"STATUS " + items)
    return (b"RETURN (" + b" ".join(words) + b")",) if words and core.has("LIST-EXTENDED") else ()


def _list_command(
    core: ImapCore,
    pattern: bytes | Literal,
    options: ListFoldersOptions,
    return_options: ListFoldersReturnOptions,
    items: bytes,
) -> ListFolders:
    if not core.has("LIST-EXTENDED"):
        if core.has("CHILDREN"):
            return_options &= ~ListFoldersReturnOptions.CHILDREN  # which LIST then always tells (RFC 3348)
        if not options and not return_options:
            return ListFolders("LIST", (b'""', pattern))
        if options == ListFoldersOptions.SUBSCRIBED and not return_options:
            return ListFolders("LSUB", (b'""', pattern))
        raise AsposeNotSupportedException("list_folders: these options need a server with LIST-EXTENDED (RFC 5258)")
    words = [(ListFoldersOptions.SUBSCRIBED, b"SUBSCRIBED"), (ListFoldersOptions.REMOTE, b"REMOTE")]
    chosen = [word for option, word in words if options & option]
    if options & ListFoldersOptions.RECURSIVE_MATCH:
        chosen.append(b"RECURSIVEMATCH")
    parts: list[bytes | Literal] = [b"(" + b" ".join(chosen) + b")"] if chosen else []
    if not core.has("LIST-STATUS"):
        items = b""
    return ListFolders("LIST", [*parts, b'""', pattern, *_returns(core, return_options, items)], items=items)


def _load(
    infos: list[ImapFolderInfo], items: bytes, told: Mapping[str, dict[str, Any]]
) -> Generator[Command | list[Command], Any, list[ImapFolderInfo]]:
    """Adds the counts of each folder that can be selected; what was not told is asked for side by side."""
    counts = {info.name: told[folder_key(info.name)] for info in infos if folder_key(info.name) in told}
    asked = [info for info in infos if info.selectable and info.name not in counts]
    commands: list[Command] = [Status(info.name, items) for info in asked]
    answered: list[Command] = (yield commands) if commands else []
    # A folder that went away meanwhile, or may not be looked into, stays without counts.
    counts.update((i.name, command.result) for i, command in zip(asked, answered, strict=True) if command.error is None)
    return [_with_status(info, counts[info.name]) if info.name in counts else info for info in infos]


def _named(core: ImapCore, name: str) -> ListFolders:
    """LIST of one folder."""
    return ListFolders("LIST", (b'""', pattern_of(name, "", core), *_returns(core)))


def _find(context: OperationContext, name: str) -> Generator[Command | list[Command], Any, ImapFolderInfo | None]:
    core: ImapCore = context.core
    listed: list[ListResponse] = yield _named(core, name)
    for entry in listed:
        info = folder_info(entry, core)
        if folder_key(info.name) == folder_key(name) and not info.non_existent:
            return info
    return None


def get_folder_info(context: OperationContext, *, folder_name: str) -> Body:
    """What LIST and STATUS tell of a folder (RFC 9051 section 6.3.11)."""
    core: ImapCore = context.core
    commands: list[Command] = [_named(core, folder_name), Status(folder_name, _status_items(core, size=True))]
    listed, items = results_of((yield commands))
    info = next(
        (i for i in (folder_info(e, core) for e in listed) if folder_key(i.name) == folder_key(folder_name)),
        ImapFolderInfo(name=folder_name),
    )
    return _with_status(info, items)


def exist_folder(context: OperationContext, *, folder_name: str, want_folder_info: bool = False) -> Body:
    """Whether LIST knows the folder; gives its info, or None."""
    info = yield from _find(context, folder_name)
    if info is None or not want_folder_info or not info.selectable:
        return info
    items = yield Status(folder_name, _status_items(context.core, size=True))
    return _with_status(info, items)


def mailbox_info(context: OperationContext) -> Body:
    """The folders that have a purpose (RFC 6154): LIST that selects them where the server can, else of all folders."""
    core: ImapCore = context.core
    if core.has("SPECIAL-USE") and core.has("LIST-EXTENDED"):
        special = ListFolders("LIST", (b"(SPECIAL-USE)", b'""', b'"*"', *_returns(core)))
        commands: list[Command] = [_named(core, ImapFolderInfo.IN_BOX), special]
        answers: list[list[ListResponse]] = results_of((yield commands))
    else:
        answers = [(yield ListFolders("LIST", (b'""', b'"*"')))]
    return ImapMailboxInfo(folder_info(entry, core) for listed in answers for entry in listed)


def create_folder(context: OperationContext, *, folder_name: str) -> Body:
    """CREATE (RFC 9051 section 6.3.4)."""
    yield FolderCommand("CREATE", folder_name)


def delete_folder(context: OperationContext, *, folder_name: str) -> Body:
    """DELETE (RFC 9051 section 6.3.5)."""
    yield FolderCommand("DELETE", folder_name)


def rename_folder(context: OperationContext, *, folder_name: str, new_folder_name: str) -> Body:
    """RENAME (RFC 9051 section 6.3.6). Whoever has the folder selected, or one below it, goes on under the new name.

    INBOX is another matter: its messages move, and it stays.
    """
    client = context.client
    if folder_key(folder_name) == "INBOX":
        yield Rename(folder_name, new_folder_name, (), "")
        return
    delimiter = yield from delimiter_of(context)
    with client._monitors.renaming(folder_name, new_folder_name, delimiter):
        followers: set[Selection] = client._selections()
        yield Rename(folder_name, new_folder_name, followers, delimiter)
        client._folder_renamed(folder_name, new_folder_name, delimiter, followers)


def move_folder(context: OperationContext, *, new_parent_folder: str, folder_name: str) -> Body:
    """RENAME of a folder to the same last name below another one, or at the top level."""
    delimiter = yield from delimiter_of(context)
    if not delimiter:
        raise AsposeNotSupportedException("move_folder: the server's folders have no levels")
    parent, name = new_parent_folder.removesuffix(delimiter), folder_name.removesuffix(delimiter)
    last = name.rpartition(delimiter)[2]
    yield from rename_folder(
        context, folder_name=name, new_folder_name=f"{parent}{delimiter}{last}" if parent else last
    )


def subscribe_folder(context: OperationContext, *, folder_name: str) -> Body:
    """SUBSCRIBE (RFC 9051 section 6.3.7)."""
    yield FolderCommand("SUBSCRIBE", folder_name, idempotent=True)


def unsubscribe_folder(context: OperationContext, *, folder_name: str) -> Body:
    """UNSUBSCRIBE (RFC 9051 section 6.3.8)."""
    yield FolderCommand("UNSUBSCRIBE", folder_name, idempotent=True)
