"""The body that appends many messages, in groups where the server takes several in one command.

An `Upload` is one call's messages and what has become of each; the bodies that share it take groups from it, each
on a connection of its own. Its lock guards which message is the next; each outcome is entered by who took it.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mailclients.engine.commands import Command, State
from mailclients.engine.tasks import Body
from mailclients.errors import MailClientError, OperationCanceledException, OutcomeUnknownError, ServerRefusedError
from mailclients.imap.commands import Append, NewMessage
from mailclients.imap.models import AppendMessagesFromMessageObjectResult
from mailclients.imap.operations.changing import folder_of
from mailclients.imap.operations.parts import connections_for, first_error, spread
from mailclients.imap.parameters import sendable
from mailclients.imap.protocol import ImapCore

if TYPE_CHECKING:
    from mailclients.client import OperationContext
    from mailclients.message import MailMessage

GROUP_BYTES: Final = 1024 * 1024  # of one APPEND with several messages, unless a single one is larger
GROUP_MESSAGES: Final = 64
AT_ONCE_BYTES: Final = 4 * 1024 * 1024  # handed over at once, so that memory stays small
AT_ONCE_COMMANDS: Final = 32
LEAST_APART: Final = 8  # messages that are worth a connection of their own
# Refusals that mean the folder, or the account, and so every message.
_FOR_ALL: Final = frozenset(("TRYCREATE", "NONEXISTENT", "NOPERM", "READ-ONLY"))

_Group = list[tuple[int, bytes]]


class Upload:
    """Messages on their way to a folder.

    Attributes:
        folder: where to. outcomes: of each message: its new unique id, its error, or None while it has none.
        stop: why no further message is taken, or None.
    """

    def __init__(self, folder: str, messages: Sequence[MailMessage]) -> None:
        self.folder = folder
        self.messages = messages
        self.outcomes: list[str | Exception | None] = [None] * len(messages)
        self.stop: Exception | None = None
        self._lock = threading.Lock()
        self._next = 0
        self._held: tuple[int, bytes] | None = None  # taken for a group that had no room for it
        self.singly = False  # a group was refused for want of room: what follows may fit one by one

    def take(self, several: bool) -> _Group:
        """The next messages for one command, with their places; none when there are no more."""
        group: _Group = []
        size = 0
        with self._lock:
            while self.stop is None and (self._held is not None or self._next < len(self.messages)):
                place, content = self._held or (self._next, None)
                if self._held is None:
                    self._next += 1
                    content = self._content(place)
                    if content is None:
                        continue
                assert content is not None
                # An empty literal takes the whole command back (RFC 3502 section 6.3.11): such a message goes alone.
                alone = not (several and content) or self.singly
                if group and (alone or size + len(content) > GROUP_BYTES):
                    self._held = (place, content)
                    break
                self._held = None
                group.append((place, content))
                size += len(content)
                if alone or len(group) >= GROUP_MESSAGES:
                    break
        return group

    def _content(self, place: int) -> bytes | None:
        try:
            return sendable(self.messages[place].as_bytes())
        except MailClientError as error:
            self.outcomes[place] = error
            return None

    def result(self) -> AppendMessagesFromMessageObjectResult:
        """What the call gives.

        Raises:
            MailClientError: nothing is known to have been added, and the reason concerns every message.
        """
        if self.stop is not None and all(map(_says_nothing, self.outcomes)):
            raise self.stop
        result = AppendMessagesFromMessageObjectResult()
        for message, outcome in zip(self.messages, self.outcomes, strict=True):
            if outcome is None:
                result.not_handled.append(message)
            elif isinstance(outcome, str):
                result.succeeded[message] = outcome
            else:
                result.failed[message] = outcome
        return result


def _says_nothing(outcome: str | Exception | None) -> bool:
    """Whether an outcome is that of all messages: the folder was refused, or nothing could be sent."""
    if isinstance(outcome, ServerRefusedError):
        return outcome.code in _FOR_ALL
    return outcome is None


def append_messages(
    context: OperationContext, *, messages: tuple[MailMessage, ...], folder_name: str | None = None
) -> Body:
    """APPEND of many messages; what became of each is the result, and no error of a single one is raised."""
    upload = Upload(folder_of(context, folder_name), messages)
    count = connections_for(context, len(messages) // LEAST_APART)
    if count == 1:
        yield from _uploading(context, upload)
    else:
        body = partial(_uploading, upload=upload)
        try:
            outcomes = yield from spread(context, count, "append_messages", body, changes=True)
        except BaseException:
            # Perhaps a Ctrl-C. What has been sent is answered, and nothing more is sent behind the caller's back.
            upload.stop = upload.stop or OperationCanceledException("append_messages was interrupted")
            raise
        error = first_error(outcomes)
        if isinstance(error, Exception) and all(outcome is None for outcome in upload.outcomes):
            raise error
        upload.stop = upload.stop or (error if isinstance(error, Exception) else None)
    return upload.result()


def _uploading(context: OperationContext, upload: Upload) -> Generator[Command | list[Command], Any, None]:
    """Sends groups until there are no more; where a group is refused, its messages one by one."""
    core: ImapCore = context.core
    several = core.has("MULTIAPPEND")
    again: list[_Group] = []
    while True:
        groups, again = again, []
        size = sum(len(content) for group in groups for _, content in group)
        while size < AT_ONCE_BYTES and len(groups) < AT_ONCE_COMMANDS:
            group = upload.take(several)
            if not group:
                break
            groups.append(group)
            size += sum(len(content) for _, content in group)
        if not groups or upload.stop is not None:
            return
        commands = [Append(upload.folder, *(NewMessage(content) for _, content in group)) for group in groups]
        try:
            yield list[Command](commands)
        except MailClientError as error:  # no connection to go on with
            upload.stop = error
        for group, command in zip(groups, commands, strict=True):
            again += _taken_down(upload, group, command)


def _taken_down(upload: Upload, group: _Group, command: Append) -> list[_Group]:
    """Notes what became of a group; gives what is to be tried again, message by message."""
    error = command.error
    if command.state is not State.DONE or (error is None and command.result is None):
        return []  # not sent: not handled
    if error is None:
        for (place, _), uid in zip(group, command.result, strict=True):
            upload.outcomes[place] = uid
        return []
    if isinstance(error, OperationCanceledException):
        upload.stop = upload.stop or error
        return []  # the operation was cancelled before it was sent
    if isinstance(error, ServerRefusedError):
        if error.code in _FOR_ALL:
            upload.stop = upload.stop or error
        elif len(group) > 1:
            # RFC 3502 section 6.3.11: none of them was added.
            upload.singly = upload.singly or error.code in ("OVERQUOTA", "LIMIT", "TOOBIG")
            return [[entry] for entry in group]
    elif not isinstance(error, OutcomeUnknownError):
        upload.stop = upload.stop or (error if isinstance(error, Exception) else None)
        if command.may_repeat:
            return []  # it was not sent
    if isinstance(error, Exception):
        for place, _ in group:
            upload.outcomes[place] = error
    return []
