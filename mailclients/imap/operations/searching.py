"""Bodies of the operations that have the server put messages in order: sorted, or by who answers whom (RFC 5256)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mailclients.engine.commands import Command
from mailclients.engine.tasks import Body
from mailclients.errors import AsposeNotSupportedException, FolderChangedError, escape
from mailclients.imap.commands import SET_BYTES, Search, Sort, Thread, results_of
from mailclients.imap.criteria import Criteria, criteria_of_conditions
from mailclients.imap.folders import Selection
from mailclients.imap.models import (
    BaseSearchConditions,
    MessageThreadResult,
    SortConditions,
    SortingKey,
    ThreadSearchConditions,
    XGMThreadSearchConditions,
)
from mailclients.imap.operations.listing import as_known, in_own_session, same_number
from mailclients.imap.protocol import FetchCommand, ImapCore
from mailclients.wire.imap_strings import split_set

if TYPE_CHECKING:
    from mailclients.client import OperationContext

# In the order in which they count where several are combined.
_KEYS: Final = {
    SortingKey.ARRIVAL: b"ARRIVAL",
    SortingKey.CC: b"CC",
    SortingKey.DATE: b"DATE",
    SortingKey.FROM: b"FROM",
    SortingKey.SIZE: b"SIZE",
    SortingKey.SUBJECT: b"SUBJECT",
    SortingKey.TO: b"TO",
}
_BEST_ALGORITHMS: Final = ("REFERENCES", "REFS", "ORDEREDSUBJECT")
_TRIES: Final = 3  # of a command whose numbers changed while it was answered
_Maker = Callable[[int], MessageThreadResult]


def sort_message_threads(context: OperationContext, *, conditions: SortConditions) -> Body:
    """The messages that meet the conditions, in the server's order."""
    core: ImapCore = context.core
    if not core.has("SORT"):
        raise AsposeNotSupportedException("sort_message_threads: needs a server with SORT (RFC 5256)")
    keys, criteria, by_uid = _sort_keys(conditions), criteria_of_conditions(conditions), conditions.use_u_id
    found, make = yield from _ask(context, by_uid, partial(Sort, keys, criteria))
    return [make(number) for number in found]


def _sort_keys(conditions: SortConditions) -> bytes:
    descending = conditions.reverse_by
    # Keys that nobody asked for do not come before those that somebody did.
    ascending = conditions.sort_by if "sort_by" in vars(conditions) or not descending else SortingKey(0)
    words = [
        b"REVERSE " + word if key in descending else word
        for key, word in _KEYS.items()
        if key in ascending or key in descending
    ]
    return b"(" + b" ".join(words or [b"ARRIVAL"]) + b")"


def get_message_threads(context: OperationContext, *, conditions: BaseSearchConditions) -> Body:
    """The messages that meet the conditions, each with its answers below it."""
    core: ImapCore = context.core
    criteria, by_uid = criteria_of_conditions(conditions), conditions.use_u_id
    if isinstance(conditions, XGMThreadSearchConditions):
        if not core.has("X-GM-EXT-1"):
            raise AsposeNotSupportedException(
                "get_message_threads: XGMThreadSearchConditions need a server with X-GM-EXT-1 (Gmail)"
            )
        return (yield from _conversations(context, criteria, by_uid))
    asked = conditions.algorithm if isinstance(conditions, ThreadSearchConditions) else None
    algorithm = _algorithm(core, asked).encode("ascii")
    found, make = yield from _ask(context, by_uid, partial(Thread, algorithm, criteria))
    return _threads(found, make)


def _algorithm(core: ImapCore, asked: str | None) -> str:
    offered = sorted(name.removeprefix("THREAD=") for name in core.capabilities if name.startswith("THREAD="))
    if not offered:
        raise AsposeNotSupportedException("get_message_threads: needs a server with THREAD (RFC 5256)")
    if asked is None:
        return next((name for name in _BEST_ALGORITHMS if name in offered), offered[0])
    if asked.upper() not in offered:
        raise AsposeNotSupportedException(
            f"get_message_threads: needs a server with THREAD={escape(asked[:40])} (RFC 5256);"
            f" this one offers {escape(', '.join(offered))}"
        )
    return asked.upper()


def _ask(
    context: OperationContext, by_uid: bool, command: Callable[..., Sort | Thread]
) -> Generator[Command | list[Command], Any, tuple[list[Any], _Maker]]:
    """What the server told, and what makes a message of each number in it. Numbers are the session's, and of now.

    On a connection that was made again after messages were expunged, others have the numbers by which the session
    knows them: it is asked by unique id then, and 0 stands for a message of which the session has not been told.
    """
    selection: Selection = context.selection
    if by_uid:
        return (yield from _arranged(selection, command, by_uid=True)), _by_uid
    in_own_session(context)
    found = yield from _arranged(selection, command, by_uid=False)
    as_known(context, selection)(0, 0)  # a session that was told of no message goes by this connection's numbers now
    if as_known(context, selection) is same_number:
        return found, _by_number
    found = yield from _arranged(selection, command, by_uid=True)
    core: ImapCore = context.core
    here = core.numbering.numbers() if core.numbering is not None else None
    known = as_known(context, selection)
    return found, lambda uid: _by_number(known((here or {}).get(uid, 0), uid) if uid else 0)


def _arranged(
    selection: Selection, command: Callable[..., Sort | Thread], *, by_uid: bool
) -> Generator[Command | list[Command], Any, list[Any]]:
    for _ in range(_TRIES):
        found, steady = yield command(selection, by_uid=by_uid)
        if steady:
            break
    else:
        raise FolderChangedError(
            f"messages of {selection.name!r} went away in each of {_TRIES} searches; try again, or set use_u_id"
        )
    told: list[Any] = found
    return told


def _by_uid(uid: int) -> MessageThreadResult:
    return MessageThreadResult(unique_id=str(uid) if uid else "", use_u_id=True)


def _by_number(number: int) -> MessageThreadResult:
    return MessageThreadResult(sequence_number=number)


def _threads(threads: Iterable[Any], make: _Maker) -> list[MessageThreadResult]:
    """Trees of lists in which each number is the parent of what follows (RFC 5256 section 4).

    A list that begins with lists is of answers to a message that is not there. Without recursion: a server may
    nest them as deep as it likes.
    """
    roots: list[MessageThreadResult] = []
    waiting: list[tuple[list[MessageThreadResult], tuple[Any, ...]]] = [(roots, each) for each in threads]
    waiting.reverse()
    while waiting:
        place, thread = waiting.pop()
        if len(thread) > 1 and isinstance(thread[0], tuple):
            missing = make(0)
            place.append(missing)
            place = missing.child_messages
        branches: list[tuple[list[MessageThreadResult], tuple[Any, ...]]] = []
        for each in thread:
            if isinstance(each, tuple):
                branches.append((place, each))  # pyright: ignore[reportUnknownArgumentType]  # of the same shape
                continue
            message = make(each)
            place.append(message)
            place = message.child_messages
        waiting.extend(reversed(branches))
    return roots


def _conversations(
    context: OperationContext, criteria: Criteria, by_uid: bool
) -> Generator[Command | list[Command], Any, list[MessageThreadResult]]:
    """Gmail's conversations: the oldest message of each with the others below it, in the order of the oldest."""
    selection: Selection = context.selection
    if not by_uid:
        in_own_session(context)
    uids: list[int] = yield Search(selection, criteria)
    needs = frozenset(("UID", "X-GM-THRID"))
    fetches = [
        FetchCommand(b"(UID X-GM-THRID)", needs, selection, range_text=text, per_item=True)
        for text in split_set(uids, SET_BYTES)
    ]
    if not fetches:
        return []
    results = results_of((yield list[Command](fetches)))
    told = {items["UID"]: items["X-GM-THRID"] for result in results for _, items in result}
    core: ImapCore = context.core
    numbering = core.numbering
    known = as_known(context, selection)
    here = {} if by_uid or numbering is None else numbering.numbers() or {}
    numbers = {uid: known(number, uid) for uid, number in here.items() if uid in told}
    found: dict[int, MessageThreadResult] = {}
    for uid in uids:
        if uid not in told or not (by_uid or uid in numbers):
            continue  # it went away meanwhile
        conversation = told[uid]
        message = MessageThreadResult(
            unique_id=str(uid) if by_uid else "",
            sequence_number=0 if by_uid else numbers[uid],
            use_u_id=by_uid,
            conversation_id=str(conversation),
        )
        oldest = found.setdefault(conversation, message)
        if oldest is not message:
            oldest.child_messages.append(message)
    return list(found.values())
