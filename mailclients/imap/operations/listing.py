"""Bodies of the operations that list messages."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from mailclients.engine.commands import Command
from mailclients.engine.tasks import Body, Elsewhere
from mailclients.errors import AsposeNotSupportedException, ElementProcessingException, ImapException
from mailclients.imap.commands import SET_BYTES, ListFolders, Search, results_of
from mailclients.imap.criteria import UNDELETED
from mailclients.imap.folders import Numbering, Selection
from mailclients.imap.models import (
    ImapListFields,
    ImapMessageInfo,
    ImapMessageInfoCollection,
    ImapPageInfo,
    MessageSet,
    PageInfo,
    PageSettings,
)
from mailclients.imap.numbers import fetch_by_numbers, numbers_of_call
from mailclients.imap.operations.fetching import fetch_one
from mailclients.imap.operations.folders import delimiter_of, folder_info, is_below, pattern_of
from mailclients.imap.operations.parts import connections_for, first_error, spread
from mailclients.imap.protocol import NUMBER, FetchCommand, ImapCore, Select, folder_key
from mailclients.message import MailMessage
from mailclients.wire.imap_responses import ListResponse
from mailclients.wire.imap_strings import decode_mailbox, split_set

if TYPE_CHECKING:
    from mailclients.client import OperationContext
    from mailclients.imap.querying import Plan
    from mailclients.search import MailQuery


_T = TypeVar("_T")
_Steps: TypeAlias = Generator[Command | list[Command], Any, _T]

LISTED_AT_ONCE: Final = 5000  # messages whose answers are in memory beside what is made of them
SETS_AT_ONCE: Final = 8  # sets of up to SET_BYTES that are on the wire at once
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
    plan = _plan(query, core, "list_messages")
    selection = _folder(context, folder_name)
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
                (yield from _list_one(context, listing, target, messages, plan, left, modification_sequence))
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
                plan=plan,
                limit=left,
                modification_sequence=modification_sequence,
            )
            error = first_error((yield from spread(context, count, "list_messages", body)))
            if error is not None:
                raise error
    return found if plan is None or not plan.order else ImapMessageInfoCollection(plan.arranged(found))


def _plan(query: MailQuery | None, core: ImapCore, operation: str) -> Plan | None:
    """How to find what a query asks for, if there is one."""
    if query is None:
        return None
    from mailclients.imap.querying import plan_of_query  # only queries pay for what knows them

    return plan_of_query(query, core, operation)


def _found(selection: Selection, plan: Plan | None) -> _Steps[Sequence[int]]:
    """Unique ids in ascending order, of what is not flagged as deleted or else of what meets a query."""
    if plan is not None:
        return (yield from plan.uids(selection))
    uids: list[int] = yield Search(selection, UNDELETED)
    return uids


def _list_some(
    context: OperationContext,
    waiting: deque[Selection],
    found: dict[Selection, list[ImapMessageInfo]],
    listing: Listing,
    plan: Plan | None,
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
            found[target] = yield from _list_one(context, listing, target, None, plan, limit, modification_sequence)
        except BaseException:
            waiting.clear()  # the others need not go on
            raise


def _list_one(
    context: OperationContext,
    listing: Listing,
    selection: Selection,
    messages: MessageSet | None,
    plan: Plan | None,
    limit: int,
    modification_sequence: int,
) -> _Steps[list[ImapMessageInfo]]:
    if messages is not None and not messages.by_uid:
        numbers = yield from numbers_of_call(context, selection, messages)
        entries = yield from fetch_by_numbers(numbers, listing.items, listing.needs)
        known = as_known(context, selection)
        return [listing.info(known(number, items["UID"]), items, selection.name) for number, items in entries]
    portions: Iterable[list[bytes]]
    if messages is not None:
        texts = [text.encode("ascii") for text in messages.chunks(SET_BYTES)]
        portions = [texts[at : at + SETS_AT_ONCE] for at in range(0, len(texts), SETS_AT_ONCE)]
    elif plan is not None or limit or (yield from _is_large(context, selection)):
        uids = yield from _found(selection, plan)
        portions = _portions(uids[-limit:] if limit else uids)  # the newest
    else:
        portions = [[b"1:*"]]
    changed = b" (CHANGEDSINCE %d)" % modification_sequence if modification_sequence else b""
    whole = messages is None and plan is None and not limit and not modification_sequence
    infos = yield from _infos(context, listing, selection, portions, changed, anew=whole)
    if messages is not None:
        return [infos[uid] for uid in messages if uid in infos]
    return sorted((info for info in infos.values() if _is_listed(info, plan)), key=_by_number)


def _is_listed(info: ImapMessageInfo, plan: Plan | None) -> bool:
    """Whether a message is not flagged as deleted, or a query asks for these as well."""
    return not info.deleted or (plan is not None and plan.with_deleted)


def _is_large(context: OperationContext, selection: Selection) -> _Steps[bool]:
    """Whether the folder has more messages than are listed at once, as far as anybody knows without asking."""
    core: ImapCore = context.core
    if selection.pending and not selection.explicit:
        yield Select(selection)  # it has to be selected anyhow, and this tells how many there are
    if core.selected is selection and core.numbering is not None:
        return core.numbering.exists > LISTED_AT_ONCE
    return selection.info is not None and selection.info.total_message_count > LISTED_AT_ONCE


def _portions(uids: Sequence[int]) -> Iterator[list[bytes]]:
    """The UIDs in sets for commands, and these in lists of what is asked for at once."""
    for start in range(0, len(uids), LISTED_AT_ONCE):
        yield list(split_set(uids[start : start + LISTED_AT_ONCE], SET_BYTES))


def _infos(
    context: OperationContext,
    listing: Listing,
    selection: Selection,
    portions: Iterable[list[bytes]],
    changed: bytes = b"",
    *,
    anew: bool,
) -> _Steps[dict[int, ImapMessageInfo]]:
    """The messages of sets of UIDs, by UID, under the numbers that they have at the end of it.

    One portion after the other: what the server said of one is put away before the next is asked for.
    """
    infos: dict[int, ImapMessageInfo] = {}
    first: FetchCommand | None = None
    moved = False
    numbering: Numbering | None = None
    for texts in portions:
        fetches = [
            FetchCommand(listing.items + changed, listing.needs, selection, range_text=text, per_item=True)
            for text in texts
        ]
        for result in results_of((yield list[Command](fetches))):
            for number, items in result:
                infos[items["UID"]] = listing.info(number, items, selection.name)
        for fetch in fetches:
            first = first or fetch
            numbering = fetch.numbering
            moved = moved or numbering is not first.numbering
    if numbering is None or first is None:
        return infos
    if moved:
        # Another connection went on half way, and knows by number only what it has told itself.
        everything = FetchCommand(b"(UID)", frozenset(("UID",)), selection, range_text=b"1:*", per_item=True)
        yield everything
        numbering = everything.numbering or numbering
    if moved or first.moment != numbering.capture():
        infos = _renumbered(infos, numbering)  # some were expunged in the middle of it
    tell_numbers(context, selection, numbering, of_session=anew)
    if not anew:  # the caller may go by numbers of other messages, from an earlier listing
        known = as_known(context, selection)
        for uid, info in infos.items():
            info._sequence_number = known(info.sequence_number, uid)
    return infos


def _renumbered(infos: dict[int, ImapMessageInfo], numbering: Numbering) -> dict[int, ImapMessageInfo]:
    """What is still there, under the numbers that it has now."""
    numbers = numbering.numbers()
    if numbers is None:
        return infos
    for uid, info in infos.items():
        info._sequence_number = numbers.get(uid, 0)
    return {uid: info for uid, info in infos.items() if uid in numbers}


def in_own_session(context: OperationContext) -> None:
    """Sees to it that numbers are asked for in the session whose numbers the caller knows."""
    core: ImapCore = context.core
    if not core.owns_numbers:
        context.session = context.client._main
        raise Elsewhere(context.session)


def tell_numbers(context: OperationContext, selection: Selection, numbering: Numbering, *, of_session: bool) -> None:
    """The caller is about to be told numbers: sees to it that they mean the same in his session.

    A task connection has its own view of the folder. Where that is not the session's, because one of the two
    has been told of an expunge that the other has not, the session has to list the folder itself.
    """
    core: ImapCore = context.core
    if core.owns_numbers:
        if of_session:  # else the caller gets those that the session knows: see `as_known`
            selection.told(numbering, anew=core.numbering is numbering and core.selected is selection)
    elif selection is context.selection and not selection.agree(numbering):
        in_own_session(context)


def as_known(context: OperationContext, selection: Selection) -> Callable[[int, int], int]:
    """What turns a message's number on this connection, and its UID, into the number by which the session knows it.

    They differ after a connection was made again, when messages are gone, until the folder is listed anew.
    """
    core: ImapCore = context.core
    if not core.owns_numbers or selection.numbering is core.numbering:
        return same_number
    return partial(selection.number_for, here=core.numbering if core.selected is selection else None)


def same_number(number: int, uid: int) -> int:
    """The session knows messages by the numbers that they have on its connection."""
    return number


def _by_number(info: ImapMessageInfo) -> int:
    return info.sequence_number


def list_messages_by_page(
    context: OperationContext,
    *,
    page: PageInfo,
    settings: PageSettings | None = None,
    query: MailQuery | None = None,
    folder_name: str | None = None,
) -> Body:
    """One page of a folder's messages, the newest or the oldest first, without those flagged as deleted."""
    settings = settings or PageSettings()
    listing = Listing(context.core, ImapListFields.MAIN, ())
    plan = _plan(query, context.core, "list_messages_by_page")
    if plan is not None and plan.order:
        raise AsposeNotSupportedException(
            "list_messages_by_page: pages are in the order of the folder; list_messages takes queries with an order"
        )
    selection = _folder(context, settings.folder_name or folder_name)
    uids = list((yield from _found(selection, plan)))
    if not settings.ascending_sorting:
        uids.reverse()
    start = page.absolute_offset
    wanted = uids[start : start + page.items_per_page]
    infos = yield from _infos(context, listing, selection, _portions(wanted), anew=start == 0)
    items = ImapMessageInfoCollection(infos[uid] for uid in wanted if uid in infos and _is_listed(infos[uid], plan))
    missing = [uid for uid in wanted if uid not in infos]
    if missing:
        errors = yield from _undescribed(selection, wanted, missing)
        if errors and not settings.ignore_exceptions:
            raise errors[0].inner_exception
        items.exceptions.extend(errors)
    told = PageInfo(len(uids), page.items_per_page, page.page_offset, start, start + page.items_per_page >= len(uids))
    return ImapPageInfo(items, told)


def _undescribed(
    selection: Selection, wanted: Sequence[int], missing: Sequence[int]
) -> _Steps[list[ElementProcessingException]]:
    """The messages that are there and were not described; the others went away meanwhile."""
    there: set[int] = set()
    for text in split_set(missing, SET_BYTES):
        there.update((yield Search(selection, (b"UID " + text,))))
    places = {uid: place for place, uid in enumerate(wanted)}
    return [
        ElementProcessingException(
            places[uid], ImapException(f"the server did not describe the message with unique id {uid}")
        )
        for uid in missing
        if uid in there
    ]


def _folder(context: OperationContext, name: str | None) -> Selection:
    """The folder that a call names, or the current one."""
    selection: Selection = context.selection
    if name is not None and folder_key(name) != folder_key(selection.name):
        return Selection(name, True)
    return selection


def list_message(context: OperationContext, *, messages: MessageSet, message_extra_fields: Sequence[str] = ()) -> Body:
    """One message as a listing gives it."""
    listing = Listing(context.core, ImapListFields.MAIN, message_extra_fields)
    items = yield from fetch_one(context, messages, listing.items, listing.needs)
    core: ImapCore = context.core
    if core.numbering is not None:
        tell_numbers(context, context.selection, core.numbering, of_session=False)
    number = as_known(context, context.selection)(items[NUMBER], items["UID"])
    return listing.info(number, items, context.selection.name)
