"""Bodies of the operations that list messages. They run in the session whose numbers they tell."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from mailclients.engine.commands import Command
from mailclients.engine.tasks import Body
from mailclients.errors import MessageNotFoundError, Pop3Exception, RemoteProtocolError
from mailclients.pop3.commands import Header, ListSizes, MessageSize, MessageUid, OfMessage, Retrieve, results_of
from mailclients.pop3.models import MessageNames, Pop3ListFields, Pop3MessageInfo, Pop3MessageInfoCollection
from mailclients.pop3.operations.fetching import by_top, targets_of
from mailclients.pop3.operations.session import close_session, memory_of
from mailclients.pop3.protocol import ListUids, Maildrop, Meant, Pop3Core, Target

if TYPE_CHECKING:
    from mailclients.client import OperationContext
    from mailclients.search import MailQuery

LOADED_AT_ONCE: Final = 16  # whole messages that a query looks at

Steps = Generator["Command | list[Command]", Any, Any]


def list_messages(
    context: OperationContext,
    *,
    messages: MessageNames | None = None,
    fields: Pop3ListFields = Pop3ListFields.MAIN,
    close_transaction: bool = False,
    query: MailQuery | None = None,
) -> Body:
    """LIST and UIDL of the whole maildrop, and the header of each message where that was asked for."""
    if query is not None:
        found = yield from _meeting(context, query, fields)
    elif messages is not None:
        found = yield from _named(context, messages, Pop3ListFields.MAIN)
    else:
        _, found = yield from _all(context, fields)
    if close_transaction:
        yield from close_session(context)
    return Pop3MessageInfoCollection(found)


def _meeting(context: OperationContext, query: MailQuery, fields: Pop3ListFields) -> Steps:
    """The messages that meet a query: it looks at headers, whatever the listing is to tell."""
    from mailclients.pop3.querying import plan_of_query  # only queries pay for what knows them

    plan = plan_of_query(query)
    drop, listed = yield from _all(context, Pop3ListFields.MAIN)
    found: list[Pop3MessageInfo] = [info for info in listed if plan.by_listing(info)]
    if plan.by_content is not None:
        found = yield from _loaded(context, drop, found, plan.by_content)
    found = plan.arranged(found)
    if fields is Pop3ListFields.ID_ONLY:
        found = [Pop3MessageInfo(info.sequence_number, info.unique_id, info.size) for info in found]
    return found


def _loaded(
    context: OperationContext,
    drop: Maildrop,
    infos: Sequence[Pop3MessageInfo],
    test: Callable[[Pop3MessageInfo, bytes], bool],
) -> Steps:
    """Those messages whose contents meet a test; of the contents a few are in memory at once."""
    meant = Meant(memory_of(context), drop)
    found: list[Pop3MessageInfo] = []
    for start in range(0, len(infos), LOADED_AT_ONCE):
        some = infos[start : start + LOADED_AT_ONCE]
        commands = [Retrieve(Target(info.sequence_number, meant), per_item=True) for info in some]
        yield list[Command](commands)
        for info, command in zip(some, commands, strict=True):
            if command.error is None:
                if test(info, command.result):
                    found.append(info)
            elif not isinstance(command.error, MessageNotFoundError):  # marked for deletion meanwhile
                raise command.error
    return found


def load_message_info_list(context: OperationContext, *, messages: MessageNames) -> Body:
    """The messages named, with their headers."""
    return Pop3MessageInfoCollection((yield from _named(context, messages, Pop3ListFields.MAIN)))


def get_message_info(
    context: OperationContext, *, messages: MessageNames, fields: Pop3ListFields = Pop3ListFields.MAIN
) -> Body:
    """One message, as a listing describes it."""
    commands = _about(context, targets_of(context, messages)[0], fields)
    answered: list[Command] = yield list[Command](commands)
    return _info(answered, messages)


def _about(context: OperationContext, target: Target, fields: Pop3ListFields) -> list[OfMessage]:
    """The commands whose answers describe one message: size, unique id, header."""
    commands: list[OfMessage] = [MessageSize(target)]
    if not isinstance(target.name, str):
        commands.append(MessageUid(target))
    if fields is Pop3ListFields.MAIN:
        commands.append(Header(target, by_top=by_top(context)))
    return commands


def _info(commands: Iterable[Command], messages: MessageNames) -> Pop3MessageInfo:
    number, size, uid, header = 0, 0, "", None
    for command in commands:
        if isinstance(command, MessageUid) and _is_without_ids(command.error):
            continue
        if command.error is not None:
            raise command.error
        assert isinstance(command, OfMessage)
        number = command.number
        if isinstance(command, MessageSize):
            size = command.result
        elif isinstance(command, MessageUid):
            uid = command.result
        else:
            header = command.result
    if messages.uids is not None:
        uid = messages.uids[0]
    return Pop3MessageInfo(number, uid, size, header)


def _is_without_ids(error: BaseException | None) -> bool:
    """Whether the server answered UIDL with -ERR: it is an optional command."""
    return isinstance(error, Pop3Exception)


def _named(context: OperationContext, messages: MessageNames, fields: Pop3ListFields) -> Steps:
    """The messages named, in their order; those that are gone are left out."""
    batches = [_about(context, target, fields) for target in targets_of(context, messages)]
    commands: list[Command] = [command for batch in batches for command in batch]
    if commands:
        yield commands
    found: list[Pop3MessageInfo] = []
    for name, batch in zip(messages, batches, strict=True):
        single = MessageNames(uids=(name,)) if isinstance(name, str) else MessageNames(numbers=(name,))
        try:
            found.append(_info(batch, single))
        except MessageNotFoundError:
            continue
    core: Pop3Core = context.core
    memory_of(context).told_some(core.drop)
    return found


def _all(context: OperationContext, fields: Pop3ListFields) -> Steps:
    """The maildrop, and all of its messages."""
    drop, listed, known = yield from _numbered(context)
    headers: dict[int, bytes] = {}
    if fields is Pop3ListFields.MAIN and listed:
        yield from _headers(context, drop, listed, headers)
        listed = {number: size for number, size in listed.items() if number in headers}
    memory_of(context).told(drop)
    return drop, [
        Pop3MessageInfo(number, known.get(number, ""), size, headers.get(number))
        for number, size in sorted(listed.items())
    ]


def _numbered(context: OperationContext) -> Steps:
    """Sizes and unique ids by number, and the maildrop to which the numbers belong."""
    while True:
        core: Pop3Core = context.core
        sizes, uids = ListSizes(), ListUids()
        commands: list[Command] = [sizes]
        if core.capabilities is None or core.has("UIDL"):
            commands.append(uids)
        yield commands
        if uids.error is not None and not _is_without_ids(uids.error):
            raise uids.error
        results_of([sizes])
        assert sizes.drop is not None
        known: dict[int, str] | None = uids.result
        if known is None:
            return sizes.drop, sizes.result, {}
        if uids.drop is sizes.drop:  # else the connection was lost between the two
            _check(sizes.result, known, sizes.drop)
            return sizes.drop, sizes.result, known


def _headers(context: OperationContext, drop: Maildrop, listed: Iterable[int], headers: dict[int, bytes]) -> Steps:
    """The header of each message; of those that were marked for deletion meanwhile there is none."""
    meant = Meant(memory_of(context), drop)
    top = by_top(context)
    asked = {number: Header(Target(number, meant), by_top=top) for number in sorted(listed)}
    yield list[Command](asked.values())
    for number, command in asked.items():
        if command.error is None:
            headers[number] = command.result
        elif not isinstance(command.error, MessageNotFoundError):
            raise command.error


def _check(sizes: dict[int, int], uids: dict[int, str], drop: Maildrop) -> None:
    """LIST and UIDL have to speak of the same messages, but for those that were marked for deletion in between."""
    odd = (sizes.keys() ^ uids.keys()) - drop.deleted
    if odd:
        raise RemoteProtocolError(f"the server's LIST and UIDL do not agree about message {min(odd)}")
