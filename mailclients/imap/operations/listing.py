"""Bodies of the operations that list messages."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mailclients.engine.commands import Command
from mailclients.engine.tasks import Body, Elsewhere
from mailclients.errors import AsposeNotSupportedException
from mailclients.imap.commands import SET_BYTES, ListFolders, Search, results_of
from mailclients.imap.folders import Numbering, Selection
from mailclients.imap.models import ImapListFields, ImapMessageInfo, ImapMessageInfoCollection, MessageSet
from mailclients.imap.numbers import fetch_by_numbers, numbers_of_call
from mailclients.imap.operations.fetching import fetch_one
from mailclients.imap.operations.folders import delimiter_of, folder_info, is_below, pattern_of
from mailclients.imap.operations.parts import connections_for, first_error, spread
from mailclients.imap.protocol import NUMBER, FetchCommand, ImapCore, folder_key
from mailclients.message import MailMessage
from mailclients.search import QUOTED, MailQuery
from mailclients.wire.imap_responses import ListResponse
from mailclients.wire.imap_strings import Literal, decode_mailbox, split_set

if TYPE_CHECKING:
    from mailclients.client import OperationContext


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
        self._labels = partial(decode_mailbox, utf8=core.utf8)  # Gmail's labels are its folders, named alike

    def info(self, number: int, items: dict[str, Any], folder: str) -> ImapMessageInfo:
        """The message as the caller gets it."""
        told = ((name, items[name.upper()]) for name in self._extra_items if name.upper() in items)
        extra = {
            name: _text_of(value, self._labels if name.upper() == "X-GM-LABELS" else _utf8) for name, value in told
        }
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


def _utf8(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _text_of(value: Any, decode: Callable[[bytes], str]) -> str:
    """An extra item as text: a number's digits, a string, or a list's members with spaces between them."""
    if isinstance(value, tuple):
        members: tuple[Any, ...] = value  # pyright: ignore[reportUnknownVariableType]
        return " ".join(_text_of(member, decode) for member in members)
    return decode(value) if isinstance(value, bytes) else "" if value is None else str(value)


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
        delimiter = yield from delimiter_of(context)
        prefix = selection.name + delimiter
        listed: list[ListResponse] = []
        if delimiter:
            listed = yield ListFolders("LIST", (b'""', pattern_of(prefix, "*", core)))
        infos = (folder_info(entry, core) for entry in listed)
        below = (i for i in infos if i.selectable and i.name != selection.name and is_below(i.name, prefix))
        targets += [Selection(i.name, True) for i in below]
    count = connections_for(context, len(targets) - 1) if messages is None else 1
    ahead: dict[Selection, list[ImapMessageInfo]] = {}
    for target in targets:
        left = max_number_of_messages - len(found) if max_number_of_messages else 0
        if target in ahead:
            found.add_range(ahead[target][-left:])
        else:
            found.add_range(
                (yield from _list_one(context, listing, target, messages, query, left, modification_sequence))
            )
        if max_number_of_messages and len(found) >= max_number_of_messages:
            break
        if count > 1 and not ahead:
            # The call's own folder was listed in its own session, whose numbers it tells; all others at once.
            left = max_number_of_messages - len(found) if max_number_of_messages else 0
            body = partial(
                _list_some,
                waiting=deque(targets[1:]),
                found=ahead,
                listing=listing,
                query=query,
                limit=left,
                modification_sequence=modification_sequence,
            )
            error = first_error((yield from spread(context, count, "list_messages", body)))
            if error is not None:
                raise error
    return found


def _list_some(
    context: OperationContext,
    waiting: deque[Selection],
    found: dict[Selection, list[ImapMessageInfo]],
    listing: Listing,
    query: MailQuery | None,
    limit: int,
    modification_sequence: int,
) -> Body:
    """Lists folders that several connections share, one at a time."""
    while waiting:
        try:
            target = waiting.popleft()
        except IndexError:  # another connection has taken the last one
            return
        try:
            found[target] = yield from _list_one(context, listing, target, None, query, limit, modification_sequence)
        except BaseException:
            waiting.clear()  # the others need not go on
            raise


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

    if messages is not None and not messages.by_uid:
        numbers = yield from numbers_of_call(context, selection, messages)
        entries = yield from fetch_by_numbers(numbers, listing.items, listing.needs)
        known = _as_known(context, selection)
        return [listing.info(known(number, items["UID"]), items, selection.name) for number, items in entries]
    if messages is not None:
        fetches = [fetch(text.encode("ascii")) for text in messages.chunks(SET_BYTES)]
    elif query is not None or limit:
        uids: list[int] = yield _search(selection, query)
        if limit:
            uids = uids[-limit:]  # the newest
        fetches = [fetch(text) for text in split_set(uids, SET_BYTES)] if uids else []
    else:
        fetches = [fetch(b"1:*")]
    if not fetches:
        return []
    entries = [entry for result in results_of((yield list[Command](fetches))) for entry in result]
    numbering = fetches[-1].numbering
    if numbering is not None:
        if any(each.numbering is not numbering for each in fetches) or fetches[0].moment != numbering.capture():
            entries = _renumbered(entries, numbering)  # some were expunged in the middle of it
        _tell_numbers(context, selection, numbering, of_session=messages is None)
    if messages is not None:
        known = _as_known(context, selection)
        infos = {
            items["UID"]: listing.info(known(number, items["UID"]), items, selection.name) for number, items in entries
        }
        return [infos[uid] for uid in messages if uid in infos]
    entries.sort(key=_by_number)
    return [
        listing.info(number, items, selection.name)
        for number, items in entries
        if "\\Deleted" not in items.get("FLAGS", ())
    ]


def _renumbered(entries: list[tuple[int, dict[str, Any]]], numbering: Numbering) -> list[tuple[int, dict[str, Any]]]:
    """What is still there, under the numbers that it has now."""
    numbers = numbering.numbers()
    if numbers is None:
        return entries
    return [(numbers[items["UID"]], items) for _, items in entries if items["UID"] in numbers]


def _tell_numbers(context: OperationContext, selection: Selection, numbering: Numbering, *, of_session: bool) -> None:
    """The caller is about to be told numbers: sees to it that they mean the same in his session.

    A task connection has its own view of the folder. Where that is not the session's, because one of the two
    has been told of an expunge that the other has not, the session has to list the folder itself.
    """
    core: ImapCore = context.core
    if core.owns_numbers:
        if of_session:  # else the caller gets those that the session knows: see `_as_known`
            selection.told(numbering, anew=core.numbering is numbering and core.selected is selection)
    elif selection is context.selection and not selection.agree(numbering):
        context.session = context.client._main
        raise Elsewhere(context.session)


def _as_known(context: OperationContext, selection: Selection) -> Callable[[int, int], int]:
    """What turns a message's number on this connection, and its UID, into the number by which the session knows it.

    They differ after a connection was made again, when messages are gone, until the folder is listed anew.
    """
    core: ImapCore = context.core
    if not core.owns_numbers or selection.numbering is core.numbering:
        return _same
    return partial(selection.number_for, here=core.numbering if core.selected is selection else None)


def _same(number: int, uid: int) -> int:
    return number


def _by_number(entry: tuple[int, dict[str, Any]]) -> int:
    return entry[0]


def _search(selection: Selection, query: MailQuery | None) -> Search:
    if query is None:
        return Search(selection, [b"UNDELETED"])
    text = query.criteria
    if text.isascii():
        return Search(selection, [b"UNDELETED (" + text.encode("ascii") + b")"])
    return Search(selection, [b"UNDELETED", *_literals(text)], b"UTF-8")


def _literals(criteria: str) -> Iterator[bytes | Literal]:
    """Criteria with text beyond ASCII: its quoted strings become literals (RFC 9051 section 6.4.4)."""
    position = 0
    for match in QUOTED.finditer(criteria):
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
        yield rest.encode("ascii")


def list_message(context: OperationContext, *, messages: MessageSet, message_extra_fields: Sequence[str] = ()) -> Body:
    """One message as a listing gives it."""
    listing = Listing(context.core, ImapListFields.MAIN, message_extra_fields)
    items = yield from fetch_one(context, messages, listing.items, listing.needs)
    core: ImapCore = context.core
    if core.numbering is not None:
        _tell_numbers(context, context.selection, core.numbering, of_session=False)
    number = _as_known(context, context.selection)(items[NUMBER], items["UID"])
    return listing.info(number, items, context.selection.name)
