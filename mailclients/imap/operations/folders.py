"""Bodies of the operations on folders, and what others need to know of folders' names."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from mailclients.engine.commands import Command
from mailclients.engine.tasks import Body
from mailclients.errors import AsposeNotSupportedException
from mailclients.imap.commands import FolderCommand, ListFolders, Status, results_of
from mailclients.imap.models import (
    ImapFolderInfo,
    ImapFolderInfoCollection,
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


def _status_items(core: ImapCore) -> bytes:
    items = b"MESSAGES UIDNEXT UIDVALIDITY UNSEEN"
    if not core.rev2:
        items += b" RECENT"
    if core.has("CONDSTORE"):
        items += b" HIGHESTMODSEQ"
    return b"(" + items + b")"


def _with_status(info: ImapFolderInfo, items: dict[str, Any]) -> ImapFolderInfo:
    return info.updated(
        total_message_count=items.get("MESSAGES") or 0,
        new_message_count=items.get("UNSEEN") or 0,
        recent_message_count=items.get("RECENT") or 0,
        uid_next=items.get("UIDNEXT") or 0,
        validity_id=items.get("UIDVALIDITY") or 0,
        highest_mod_sequence=items.get("HIGHESTMODSEQ") or 0,
    )


def list_folders(
    context: OperationContext,
    *,
    parent_folder: str = "",
    load_full_info: bool = False,
    options: ListFoldersOptions = ListFoldersOptions.NONE,
    return_options: ListFoldersReturnOptions = ListFoldersReturnOptions.NONE,
) -> Body:
    """LIST of one level (RFC 9051 section 6.3.9), with LIST-EXTENDED (RFC 5258) where it is asked for."""
    core: ImapCore = context.core
    prefix = ""
    if parent_folder:
        delimiter = yield from delimiter_of()
        prefix = parent_folder + delimiter if delimiter else parent_folder
    pattern = pattern_of(prefix, "%", core)
    found: list[ListResponse] = yield _list_command(core, pattern, options, return_options)
    infos = [folder_info(listed, core) for listed in found]
    infos = [info for info in infos if folder_key(info.name) != folder_key(parent_folder)]
    infos = [info for info in infos if is_below(info.name, prefix)]
    if load_full_info:
        infos = yield from _load(infos, core)
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


def delimiter_of() -> Generator[Command | list[Command], Any, str]:
    """The delimiter of the personal folders: what LIST of nothing tells (RFC 9051 section 6.3.9)."""
    listed: list[ListResponse] = yield ListFolders("LIST", (b'""', b'""'))
    return (listed[0].delimiter or "") if listed else "/"


def _list_command(
    core: ImapCore,
    pattern: bytes | Literal,
    options: ListFoldersOptions,
    return_options: ListFoldersReturnOptions,
) -> ListFolders:
    if not options and not return_options:
        return ListFolders("LIST", (b'""', pattern))
    if not core.has("LIST-EXTENDED") and not core.has("IMAP4REV2"):
        if options == ListFoldersOptions.SUBSCRIBED and not return_options:
            return ListFolders("LSUB", (b'""', pattern))
        raise AsposeNotSupportedException("list_folders: these options need a server with LIST-EXTENDED (RFC 5258)")
    words = [(ListFoldersOptions.SUBSCRIBED, b"SUBSCRIBED"), (ListFoldersOptions.REMOTE, b"REMOTE")]
    chosen = [word for option, word in words if options & option]
    if options & ListFoldersOptions.RECURSIVE_MATCH:
        chosen.append(b"RECURSIVEMATCH")
    wanted = [
        word
        for option, word in (
            (ListFoldersReturnOptions.SUBSCRIBED, b"SUBSCRIBED"),
            (ListFoldersReturnOptions.CHILDREN, b"CHILDREN"),
        )
        if return_options & option
    ]
    parts: list[bytes | Literal] = [b"(" + b" ".join(chosen) + b")"] if chosen else []
    parts += [b'""', pattern]
    if wanted:
        parts.append(b"RETURN (" + b" ".join(wanted) + b")")
    return ListFolders("LIST", parts)


def _load(infos: list[ImapFolderInfo], core: ImapCore) -> Generator[Command | list[Command], Any, list[ImapFolderInfo]]:
    """Adds the counts of each folder that can be selected, asked for side by side."""
    items = _status_items(core)
    asked = [info for info in infos if info.selectable]
    commands: list[Command] = [Status(info.name, items) for info in asked]
    answered: list[Command] = (yield commands) if commands else []
    # A folder that went away meanwhile, or may not be looked into, stays without counts.
    counts = {info.name: command.result for info, command in zip(asked, answered, strict=True) if command.error is None}
    return [_with_status(info, counts[info.name]) if info.name in counts else info for info in infos]


def _find(context: OperationContext, name: str) -> Generator[Command | list[Command], Any, ImapFolderInfo | None]:
    core: ImapCore = context.core
    listed: list[ListResponse] = yield ListFolders("LIST", (b'""', pattern_of(name, "", core)))
    for entry in listed:
        info = folder_info(entry, core)
        if folder_key(info.name) == folder_key(name) and not info.non_existent:
            return info
    return None


def get_folder_info(context: OperationContext, *, folder_name: str) -> Body:
    """What LIST and STATUS tell of a folder (RFC 9051 section 6.3.11)."""
    core: ImapCore = context.core
    listing = ListFolders("LIST", (b'""', pattern_of(folder_name, "", core)))
    status = Status(folder_name, _status_items(core))
    commands: list[Command] = [listing, status]
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
    items = yield Status(folder_name, _status_items(context.core))
    return _with_status(info, items)


def create_folder(context: OperationContext, *, folder_name: str) -> Body:
    """CREATE (RFC 9051 section 6.3.4)."""
    yield FolderCommand("CREATE", folder_name)


def delete_folder(context: OperationContext, *, folder_name: str) -> Body:
    """DELETE (RFC 9051 section 6.3.5)."""
    yield FolderCommand("DELETE", folder_name)
