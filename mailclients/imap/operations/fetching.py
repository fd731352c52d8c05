"""Bodies of the operations that bring messages: into memory, to a file, to a stream."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Generator
from functools import partial
from typing import IO, TYPE_CHECKING, Any, Final

from mailclients.engine.commands import Command
from mailclients.engine.tasks import Body
from mailclients.imap.commands import Store, results_of
from mailclients.imap.folders import Selection
from mailclients.imap.models import MessageSet
from mailclients.imap.numbers import fetch_by_numbers, numbers_of_call
from mailclients.imap.operations.parts import connections_for, first_error, spread, with_uids
from mailclients.imap.protocol import FetchCommand, LiteralSink, content_of
from mailclients.message import MailMessage
from mailclients.saving import save
from mailclients.wire.imap_responses import BodyPart, body_part

if TYPE_CHECKING:
    from mailclients.client import OperationContext

FETCH_CHUNK: Final = 32  # messages that fetch_messages asks for in one command
COMMANDS_AT_ONCE: Final = 2  # of these that one of several connections takes


def fetch_one(
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
    selection: Selection = context.selection
    peek = selection.read_only
    items = _BODY_PEEK if peek else _BODY
    if messages.by_uid:
        found = yield FetchCommand(items, _BODY_NEEDS, selection, uids=messages.ids, marks_seen=not peek, single=True)
    else:
        found = yield from fetch_one(context, messages, items, _BODY_NEEDS, marks_seen=not peek)
    return MailMessage.from_bytes(content_of(found))


def _fetch_without_attachments(context: OperationContext, messages: MessageSet) -> Body:
    """Asks for the structure, then for every part that is no attachment, and puts these together."""
    needs = frozenset(("UID", "BODYSTRUCTURE"))
    items = yield from fetch_one(context, messages, b"(UID BODYSTRUCTURE)", needs)
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
    content = yield from fetch_one(context, uid, f"(UID {asked})".encode("ascii"), wanted)
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
    pieces = -(-len(messages) // FETCH_CHUNK)
    count = connections_for(context, pieces) if pieces > 1 else 1
    if count > 1:
        messages = yield from with_uids(context, selection, messages)  # other connections number as they see them
    if not messages.by_uid:
        numbers = yield from numbers_of_call(context, selection, messages)
        entries = yield from fetch_by_numbers(numbers, items, _BODY_NEEDS, marks_seen=not peek, per_item=True)
        return [MailMessage.from_bytes(content_of(content)) for _, content in entries]
    asked = list(dict.fromkeys(messages))
    commands = [
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
    if count == 1:
        yield list[Command](commands)
    else:
        body = partial(_fetch_some, waiting=deque[Command](commands))
        error = first_error((yield from spread(context, count, "fetch_messages", body)))
        if error is not None:
            raise error
    found = {content["UID"]: content_of(content) for result in results_of(commands) for _, content in result}
    return [MailMessage.from_bytes(found[uid]) for uid in messages if uid in found]


def _fetch_some(context: OperationContext, waiting: deque[Command]) -> Body:
    """Carries out commands that several connections share, a few at a time."""
    while waiting:
        taken: list[Command] = []
        with contextlib.suppress(IndexError):  # another connection may have taken the last one
            while len(taken) < COMMANDS_AT_ONCE:
                taken.append(waiting.popleft())
        try:
            yield taken
            results_of(taken)
        except BaseException:
            waiting.clear()  # the others need not go on
            raise


def save_message(
    context: OperationContext, *, messages: MessageSet, file_name: str | None = None, stream: Any = None
) -> Body:
    """One message to a file or stream: memory stays small whatever its size."""
    yield from save(partial(_fetch_into, context, messages), file_name, stream)


def _fetch_into(
    context: OperationContext, messages: MessageSet, file: IO[bytes]
) -> Generator[Command | list[Command], Any, None]:
    peek = context.selection.read_only
    items = _BODY_PEEK if peek else _BODY
    found = yield from fetch_one(context, messages, items, _BODY_NEEDS, marks_seen=not peek, sink=LiteralSink(file))
    content = found["BODY[]"]
    if isinstance(content, bytes):  # short ones may come as a quoted string, which is not streamed
        file.write(content)
