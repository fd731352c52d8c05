"""The bodies of ImapClient's operations: the single source of what they do.

A body is a generator. It yields a command, or a list of commands that may be pipelined, and receives
the answer: the result of a single command (or its error, thrown in), or the list back, each command
with `result` or `error`. It does no I/O with the server itself and knows no thread: a plain call
drives it on the caller's thread, a driver runs dozens of them on one task connection. Arguments are
normalised by the binder (see `signatures`); what the call meant by "the folder" is taken down in the
context at the moment of the call.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from mailclients.engine.commands import Command, Pause
from mailclients.errors import (
    AsposeArgumentException,
    AsposeInvalidOperationException,
    AsposeNotSupportedException,
    ImapException,
    MailClientError,
    MessageError,
    OutcomeUnknownError,
)
from mailclients.imap.commands import (
    Append,
    Deselect,
    Expunge,
    FolderCommand,
    ListFolders,
    Search,
    Simple,
    Status,
    Store,
    results_of,
)
from mailclients.imap.folders import Selection
from mailclients.imap.models import (
    ImapFolderInfo,
    ImapFolderInfoCollection,
    ImapListFields,
    ImapMessageFlags,
    ImapMessageInfo,
    ImapMessageInfoCollection,
    ListFoldersOptions,
    ListFoldersReturnOptions,
    MessageSet,
)
from mailclients.imap.numbers import NUMBERS_AT_ONCE, fetch_by_numbers, numbers_of_call
from mailclients.imap.protocol import (
    NUMBER,
    FetchCommand,
    ImapCore,
    LiteralSink,
    Logout,
    Select,
    content_of,
    folder_key,
)
from mailclients.message import MailMessage
from mailclients.wire.imap_responses import BodyPart, ListResponse, body_part
from mailclients.wire.imap_strings import (
    Literal,
    decode_mailbox,
    encode_flags,
    encode_mailbox,
    split_set,
)

if TYPE_CHECKING:
    from mailclients.client import OperationContext
    from mailclients.search import MailQuery

Body = Generator["Command | list[Command]", Any, Any]

SET_BYTES: Final = 6000  # of one command's message set; servers take at least 8,000 bytes a line
FETCH_CHUNK: Final = 32  # messages that fetch_messages asks for in one command

# What begun calls of these do is about the session itself: they run on the main connection.
SESSION_OPERATIONS: Final = frozenset(
    ("select_folder", "unselect_folder", "login", "logout", "noop", "validate_credentials", "commit_deletes")
)
# These need no folder to be selected.
FOLDERLESS: Final = frozenset(
    (
        "select_folder", "unselect_folder", "login", "logout", "noop", "validate_credentials",
        "list_folders", "get_folder_info", "exist_folder", "create_folder", "delete_folder", "append_message",
    )
)  # fmt: skip


def _nothing() -> Body:
    return
    yield  # makes it a generator


# -- the session ------------------------------------------------------------


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
    selection: Selection = context.selection
    try:
        if context.client.auto_commit and leaving is not None:
            yield from commit_pending(context)
        return (yield Select(selection))
    except BaseException as error:
        if selection.pending:
            selection.failed(
                error
                if isinstance(error, MailClientError)
                else ImapException(f"selecting the folder {folder_name!r} was given up")
            )
        raise


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
    elif core.has("UNSELECT") or core.has("IMAP4REV2"):
        yield Deselect("UNSELECT", selection)
    else:
        # RFC 3691: without UNSELECT, a CLOSE after EXAMINE leaves the folder and removes nothing.
        examined = Selection(selection.name, True)
        yield Select(examined)
        yield Deselect("CLOSE", examined)


# -- folders ------------------------------------------------------------


def _folder_info(listed: ListResponse, core: ImapCore) -> ImapFolderInfo:
    return ImapFolderInfo(
        name=decode_mailbox(listed.mailbox, core.utf8),
        raw_name=listed.mailbox,
        delimiter=listed.delimiter,
        attributes=listed.attributes,
    )


def _status_items(core: ImapCore) -> bytes:
    items = b"MESSAGES UIDNEXT UIDVALIDITY UNSEEN"
    if core.has("IMAP4REV1") or not core.has("IMAP4REV2"):
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
        delimiter = yield from _delimiter()
        prefix = parent_folder + delimiter if delimiter else parent_folder
    pattern = _pattern(prefix, "%", core)
    found: list[ListResponse] = yield _list_command(core, pattern, options, return_options)
    infos = [_folder_info(listed, core) for listed in found]
    infos = [info for info in infos if folder_key(info.name) != folder_key(parent_folder)]
    infos = [info for info in infos if _is_below(info.name, prefix)]
    if load_full_info:
        infos = yield from _load(infos, core)
    return ImapFolderInfoCollection(infos)


def _is_below(name: str, prefix: str) -> bool:
    """Whether a listed name begins with the prefix: a wildcard character in a folder's name matches others."""
    return not ("%" in prefix or "*" in prefix) or name.startswith(prefix)


def _pattern(name: str, wildcard: str, core: ImapCore) -> bytes | Literal:
    encoded = encode_mailbox(name, core.utf8) if name else b'""'
    raw = encoded.data if isinstance(encoded, Literal) else encoded
    if raw.startswith(b'"'):
        return raw[:-1] + wildcard.encode("ascii") + b'"'
    return b'"' + raw + wildcard.encode("ascii") + b'"' if raw.isascii() else Literal(raw + wildcard.encode("ascii"))


def _delimiter() -> Generator[Command | list[Command], Any, str]:
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
        if not chosen:
            raise AsposeArgumentException("list_folders: RECURSIVE_MATCH needs SUBSCRIBED or REMOTE beside it")
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
    listed: list[ListResponse] = yield ListFolders("LIST", (b'""', _pattern(name, "", core)))
    for entry in listed:
        info = _folder_info(entry, core)
        if folder_key(info.name) == folder_key(name) and not info.non_existent:
            return info
    return None


def get_folder_info(context: OperationContext, *, folder_name: str) -> Body:
    """What LIST and STATUS tell of a folder (RFC 9051 section 6.3.11)."""
    core: ImapCore = context.core
    listing = ListFolders("LIST", (b'""', _pattern(folder_name, "", core)))
    status = Status(folder_name, _status_items(core))
    commands: list[Command] = [listing, status]
    listed, items = results_of((yield commands))
    info = next(
        (i for i in (_folder_info(e, core) for e in listed) if folder_key(i.name) == folder_key(folder_name)),
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


# -- listing ------------------------------------------------------------

_MAIN_ITEMS: Final = b"(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)"
# Extra fields that are items of FETCH where the server has the extension; all others are header fields.
_EXTRA_ITEMS: Final = {
    "EMAILID": "OBJECTID",  # RFC 8474
    "PREVIEW": "PREVIEW",  # RFC 8970
    "SAVEDATE": "SAVEDATE",  # RFC 8514
    "THREADID": "OBJECTID",
    "X-GM-LABELS": "X-GM-EXT-1",  # Gmail
    "X-GM-MSGID": "X-GM-EXT-1",
    "X-GM-THRID": "X-GM-EXT-1",
}
_MAIN_NEEDS: Final = frozenset(("UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"))


class Listing:
    """What is asked of each message of a listing, and how the answer becomes an `ImapMessageInfo`."""

    def __init__(self, core: ImapCore, fields: ImapListFields, extra: Sequence[str]) -> None:
        id_only = fields is ImapListFields.ID_ONLY
        items = b"UID FLAGS" if id_only else _MAIN_ITEMS[1:-1]
        if core.has("CONDSTORE"):
            items += b" MODSEQ"
        self._extra_items = [name for name in extra if core.has(_EXTRA_ITEMS.get(name.upper(), " "))]
        self._headers = [name for name in extra if name not in self._extra_items]
        for name in self._extra_items:
            items += b" " + name.upper().encode("ascii")
        if self._headers:
            names = " ".join(name.upper() for name in self._headers)
            items += b" BODY.PEEK[HEADER.FIELDS (" + names.encode("ascii") + b")]"
        self.items = b"(" + items + b")"
        self.needs = frozenset(("UID", "FLAGS")) if id_only else _MAIN_NEEDS

    def info(self, number: int, items: dict[str, Any], folder: str) -> ImapMessageInfo:
        """The message as the caller gets it."""
        extra = {name: _text_of(items[name.upper()]) for name in self._extra_items if name.upper() in items}
        if self._headers:
            header = next((v for k, v in items.items() if k.startswith("BODY[HEADER.FIELDS") and v is not None), b"")
            headers = MailMessage.from_bytes(header + b"\r\n").headers
            extra.update((name, headers[name] or "") for name in self._headers if name in headers)
        return ImapMessageInfo(
            number,
            items["UID"],
            items.get("FLAGS", ()),
            items.get("RFC822.SIZE", 0),
            items.get("INTERNALDATE"),
            items.get("ENVELOPE"),
            items.get("MODSEQ", 0),
            folder,
            extra or None,
        )


def _text_of(value: Any) -> str:
    """An extra item as text: a number's digits, a string, or a list's members with spaces between them."""
    if isinstance(value, tuple):
        return " ".join(map(_text_of, value))  # pyright: ignore[reportUnknownArgumentType]  # members of any type
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else "" if value is None else str(value)


def list_messages(
    context: OperationContext,
    *,
    folder_name: str | None = None,
    messages: MessageSet | None = None,
    query: MailQuery | None = None,
    max_number_of_messages: int = 0,
    modification_sequence: int = 0,
    retrieve_recursively: bool = False,
    fields_list: ImapListFields = ImapListFields.MAIN,
    message_extra_fields: Sequence[str] = (),
) -> Body:
    """The messages of a folder in ascending order, without those flagged as deleted."""
    core: ImapCore = context.core
    listing = Listing(core, fields_list, message_extra_fields)
    if modification_sequence and not core.has("CONDSTORE"):
        raise AsposeNotSupportedException(
            "list_messages: modification_sequence needs a server with CONDSTORE (RFC 7162)"
        )
    selection: Selection = context.selection
    if folder_name is not None and folder_key(folder_name) != folder_key(selection.name):
        selection = Selection(folder_name, True)
    found = ImapMessageInfoCollection()
    targets = [selection]
    if retrieve_recursively:
        delimiter = yield from _delimiter()
        prefix = selection.name + delimiter
        listed: list[ListResponse] = []
        if delimiter:
            listed = yield ListFolders("LIST", (b'""', _pattern(prefix, "*", core)))
        infos = (_folder_info(entry, core) for entry in listed)
        below = (i for i in infos if i.selectable and i.name != selection.name and _is_below(i.name, prefix))
        targets += [Selection(i.name, True) for i in below]
    for target in targets:
        left = max_number_of_messages - len(found) if max_number_of_messages else 0
        infos_found = yield from _list_one(context, listing, target, messages, query, left, modification_sequence)
        found.add_range(infos_found)
        if max_number_of_messages and len(found) >= max_number_of_messages:
            break
    return found


def _list_one(
    context: OperationContext,
    listing: Listing,
    selection: Selection,
    messages: MessageSet | None,
    query: MailQuery | None,
    limit: int,
    modification_sequence: int,
) -> Generator[Command | list[Command], Any, list[ImapMessageInfo]]:
    changed = b" (CHANGEDSINCE %d)" % modification_sequence if modification_sequence else b""

    def fetch(text: bytes, *, by_uid: bool = True) -> FetchCommand:
        return FetchCommand(
            listing.items + changed, listing.needs, selection, range_text=text, by_uid=by_uid, per_item=True
        )

    entries: list[tuple[int, dict[str, Any]]] = []
    if messages is not None:
        if not messages.by_uid:
            numbers = yield from numbers_of_call(context, selection, messages)
            entries = yield from fetch_by_numbers(numbers, listing.items, listing.needs)
            return [listing.info(number, items, selection.name) for number, items in entries]
        commands: list[Command] = [fetch(text.encode("ascii")) for text in messages.chunks(SET_BYTES)]
        for result in results_of((yield commands)):
            entries += result
        infos = {items["UID"]: listing.info(number, items, selection.name) for number, items in entries}
        return [infos[uid] for uid in messages if uid in infos]
    if query is not None or limit:
        criteria = _criteria(query)
        uids: list[int] = yield Search(selection, criteria)
        if limit:
            uids = uids[-limit:]  # the newest
        commands = [fetch(text) for text in split_set(uids, SET_BYTES)] if uids else []
        for result in results_of((yield commands)):
            entries += result
    else:
        entries = yield fetch(b"1:*")
    core: ImapCore = context.core
    if context.session is not None and core.selected is selection and core.owns_numbers:
        selection.numbering = core.numbering  # the caller has just been told what the numbers mean now
    entries.sort(key=_by_number)
    return [
        listing.info(number, items, selection.name)
        for number, items in entries
        if "\\Deleted" not in items.get("FLAGS", ())
    ]


def _by_number(entry: tuple[int, dict[str, Any]]) -> int:
    return entry[0]


def _criteria(query: MailQuery | None) -> list[bytes | Literal]:
    if query is None:
        return [b"UNDELETED"]
    text = query.criteria
    if text.isascii():
        return [b"UNDELETED (" + text.encode("ascii") + b")"]
    return [b"CHARSET UTF-8 UNDELETED", *_literals(text)]


def _literals(criteria: str) -> Iterator[bytes | Literal]:
    """Criteria with text beyond ASCII: its quoted strings become literals (RFC 9051 section 6.4.4)."""
    position = 0
    for match in re.finditer(r'"((?:[^"\\]|\\.)*)"', criteria):
        text = match[1]
        if text.isascii():
            continue
        before = criteria[position : match.start()].strip()
        if before:
            yield before.encode("ascii")
        yield Literal(re.sub(r"\\(.)", r"\1", text).encode("utf-8"))
        position = match.end()
    rest = criteria[position:].strip()
    if rest:
        if not rest.isascii():
            raise AsposeArgumentException('query: text beyond ASCII has to stand in quotes ("...")')
        yield rest.encode("ascii")


def list_message(context: OperationContext, *, messages: MessageSet, message_extra_fields: Sequence[str] = ()) -> Body:
    """One message as a listing gives it."""
    listing = Listing(context.core, ImapListFields.MAIN, message_extra_fields)
    items = yield from _fetch_one(context, messages, listing.items, listing.needs)
    return listing.info(items[NUMBER], items, context.selection.name)


# -- fetching ------------------------------------------------------------


def _fetch_one(
    context: OperationContext,
    messages: MessageSet,
    items: bytes,
    needs: frozenset[str],
    *,
    marks_seen: bool = False,
    sink: LiteralSink | None = None,
) -> Generator[Command | list[Command], Any, dict[str, Any]]:
    """FETCH of one message; its items."""
    selection: Selection = context.selection
    if messages.by_uid:
        command = FetchCommand(
            items, needs, selection, uids=messages.ids, marks_seen=marks_seen, single=True, sink=sink
        )
    else:
        numbers = yield from numbers_of_call(context, selection, messages)
        command = FetchCommand(
            items, needs, selection, numbers=numbers, by_uid=False, marks_seen=marks_seen, single=True, sink=sink
        )
    found: dict[str, Any] = yield command
    return found


_BODY: Final = b"(UID BODY[])"
_BODY_PEEK: Final = b"(UID BODY.PEEK[])"
_BODY_NEEDS: Final = frozenset(("BODY[]",))


def fetch_message(context: OperationContext, *, messages: MessageSet, ignore_attachment: bool = False) -> Body:
    """One message, whole or without its attachments; marks it as read unless the folder is read-only."""
    if ignore_attachment:
        return _fetch_without_attachments(context, messages)
    return _fetch_whole(context, messages)


def _fetch_whole(context: OperationContext, messages: MessageSet) -> Body:
    peek = context.selection.read_only
    items = yield from _fetch_one(context, messages, _BODY_PEEK if peek else _BODY, _BODY_NEEDS, marks_seen=not peek)
    return MailMessage.from_bytes(content_of(items))


def _fetch_without_attachments(context: OperationContext, messages: MessageSet) -> Body:
    """Asks for the structure, then for every part that is no attachment, and puts these together."""
    needs = frozenset(("UID", "BODYSTRUCTURE"))
    items = yield from _fetch_one(context, messages, b"(UID BODYSTRUCTURE)", needs)
    structure = body_part(items["BODYSTRUCTURE"])
    uid = MessageSet(True, (items["UID"],))
    kept = _kept(structure) if structure is not None else []
    if structure is None or structure.type != "multipart" or not any(_is_attachment(p) for p in structure.walk()):
        return (yield from _fetch_whole(context, uid))
    sections = ["HEADER"]
    for part in kept:
        sections += [f"{part.section}.MIME"] if part.type == "multipart" else [f"{part.section}.MIME", part.section]
    asked = " ".join(f"BODY.PEEK[{section}]" for section in sections)
    wanted = frozenset(("UID", *(f"BODY[{section}]" for section in sections)))
    content = yield from _fetch_one(context, uid, f"(UID {asked})".encode("ascii"), wanted)
    selection: Selection = context.selection
    if not selection.read_only:
        number = items["UID"]
        yield Store(b"+FLAGS", b"(\\Seen)", selection, set_text=b"%d" % number, subject=number)
    return MailMessage.from_bytes(content_of(content, "BODY[HEADER]") + _reassemble(structure, content))


def _is_attachment(part: BodyPart) -> bool:
    return part.type != "multipart" and part.disposition == "attachment"


def _kept(structure: BodyPart) -> list[BodyPart]:
    """The parts below the top that are no attachments; an enclosed message is one part."""
    kept: list[BodyPart] = []
    waiting = list(reversed(structure.children))
    while waiting:
        part = waiting.pop()
        if not _is_attachment(part):
            kept.append(part)
            if part.type == "multipart":
                waiting.extend(reversed(part.children))
    return kept


def _reassemble(structure: BodyPart, content: dict[str, Any]) -> bytes:
    """The body of a multipart, made of the parts that were fetched."""
    pieces: list[bytes] = []
    waiting: list[BodyPart | bytes] = [structure]
    while waiting:
        part = waiting.pop()
        if isinstance(part, bytes):
            pieces.append(part)
        elif part.type != "multipart":
            pieces.append(content_of(content, f"BODY[{part.section}]"))
        else:
            boundary = b"--" + part.parameters.get("boundary", b"")
            waiting.append(boundary + b"--\r\n")
            for child in reversed([child for child in part.children if not _is_attachment(child)]):
                mime = content_of(content, f"BODY[{child.section}.MIME]")
                waiting += [b"\r\n", child, boundary + b"\r\n" + mime]
    return b"".join(pieces)


def fetch_messages(context: OperationContext, *, messages: MessageSet) -> Body:
    """Several messages in the order asked for, in a few pipelined commands; missing ones are left out."""
    selection: Selection = context.selection
    if not messages:
        return []
    peek = selection.read_only
    items = _BODY_PEEK if peek else _BODY
    if not messages.by_uid:
        numbers = yield from numbers_of_call(context, selection, messages)
        entries = yield from fetch_by_numbers(numbers, items, _BODY_NEEDS, marks_seen=not peek, per_item=True)
        return [MailMessage.from_bytes(content_of(content)) for _, content in entries]
    asked = list(dict.fromkeys(messages))
    commands: list[Command] = [
        FetchCommand(
            items,
            _BODY_NEEDS,
            selection,
            uids=asked[start : start + FETCH_CHUNK],
            marks_seen=not peek,
            cost=16 * 1024 * FETCH_CHUNK,
            per_item=True,
        )
        for start in range(0, len(asked), FETCH_CHUNK)
    ]
    found = {content["UID"]: content_of(content) for result in results_of((yield commands)) for _, content in result}
    return [MailMessage.from_bytes(found[uid]) for uid in messages if uid in found]


def save_message(
    context: OperationContext, *, messages: MessageSet, file_name: str | None = None, stream: Any = None
) -> Body:
    """One message to a file or stream, as it comes in: memory stays small whatever its size."""
    peek = context.selection.read_only
    items, marks = (_BODY_PEEK if peek else _BODY), not peek
    if file_name is None:
        sink = LiteralSink(partial(_write_to, stream))
        yield from _fetch_into(sink, context, messages, items, marks_seen=marks)
        return
    # Beside its final place and renamed at the end: no half a message is ever found under its name.
    folder = os.path.dirname(os.path.abspath(file_name))
    try:
        handle, temporary = tempfile.mkstemp(prefix=".mailclients-", suffix=".tmp", dir=folder)
    except OSError as error:
        error.filename = file_name  # the name that the caller knows
        raise
    try:
        with open(handle, "wb") as target:
            sink = RewindingSink(target)
            yield from _fetch_into(sink, context, messages, items, marks_seen=marks)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, file_name)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _fetch_into(
    sink: LiteralSink, context: OperationContext, messages: MessageSet, items: bytes, *, marks_seen: bool
) -> Generator[Command | list[Command], Any, None]:
    found = yield from _fetch_one(context, messages, items, _BODY_NEEDS, marks_seen=marks_seen, sink=sink)
    content = found["BODY[]"]
    if isinstance(content, bytes):  # short ones may come as a quoted string, which is not streamed
        sink.write(memoryview(content))
        if sink.error is not None:
            raise sink.error


def _write_to(stream: Any, data: memoryview) -> None:
    """Writes all of it: raw streams may take a part only, and others may keep what they are given."""
    rest = bytes(data)
    while rest:
        taken = stream.write(rest)
        if not isinstance(taken, int) or taken >= len(rest):
            return
        if taken <= 0:
            raise OSError("the stream takes no more bytes")
        rest = rest[taken:]


class RewindingSink(LiteralSink):
    """A sink over a file of our own, which can begin again when the connection was lost half way."""

    __slots__ = ("_target",)

    def __init__(self, target: Any) -> None:
        super().__init__(target.write)
        self._target = target

    def rewind(self) -> bool:
        """Throws away what was written; True if the command may be sent again."""
        self._target.seek(0)
        self._target.truncate()
        self.written = 0
        return True


def _umask() -> int:
    # There is no way to ask for it without setting it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


# -- changing ------------------------------------------------------------


def append_message(
    context: OperationContext,
    *,
    folder_name: str | None = None,
    message: MailMessage | None = None,
    file_name: str | None = None,
) -> Body:
    """APPEND (RFC 9051 section 6.3.12); gives the new unique id where the server tells it."""
    folder = folder_name
    if folder is None:
        selection: Selection | None = context.selection
        usable = selection is not None and selection.error is None
        folder = cast("str", selection.name if selection is not None and usable else context.client.default_folder)
    if message is not None:
        content = message.as_bytes()
    else:
        assert file_name is not None
        with open(file_name, "rb") as source:
            content = source.read()
    return (yield Append(folder, _normalised(content)))


_LONE: Final = re.compile(rb"\r(?!\n)|(?<!\r)\n")


def _normalised(content: bytes) -> bytes:
    """Line ends as the protocol wants them; a NUL cannot be sent (RFC 9051 section 9, CHAR8)."""
    if b"\0" in content:
        raise MessageError("the message contains NUL bytes, which IMAP cannot carry; encode that part as base64")
    return _LONE.sub(b"\r\n", content)


def _flag_change(action: bytes) -> Callable[..., Body]:
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
    if messages is None or not (core.has("UIDPLUS") or core.has("IMAP4REV2")):
        yield Expunge(selection)
        return
    commands: list[Command] = [Expunge(selection, text.encode("ascii")) for text in messages.chunks(SET_BYTES)]
    results_of((yield commands))


def commit_deletes(context: OperationContext, *, messages: MessageSet | None = None, sleep: int = -1) -> Body:
    """EXPUNGE, or UID EXPUNGE (RFC 4315) of the messages named."""
    core: ImapCore = context.core
    selection: Selection = context.selection
    if messages is not None:
        if not core.has("UIDPLUS") and not core.has("IMAP4REV2"):
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


BODIES: Final[dict[str, Callable[..., Body]]] = {
    "login": login,
    "logout": logout,
    "noop": noop,
    "validate_credentials": validate_credentials,
    "select_folder": select_folder,
    "unselect_folder": unselect_folder,
    "list_folders": list_folders,
    "get_folder_info": get_folder_info,
    "exist_folder": exist_folder,
    "create_folder": create_folder,
    "delete_folder": delete_folder,
    "list_messages": list_messages,
    "list_message": list_message,
    "fetch_message": fetch_message,
    "fetch_messages": fetch_messages,
    "save_message": save_message,
    "append_message": append_message,
    "add_message_flags": _flag_change(b"+FLAGS"),
    "remove_message_flags": _flag_change(b"-FLAGS"),
    "change_message_flags": _flag_change(b"FLAGS"),
    "delete_message": delete_message,
    "commit_deletes": commit_deletes,
}
