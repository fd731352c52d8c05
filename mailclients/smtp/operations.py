"""The bodies of SmtpClient's operations: the single source of what they do.

A body is a generator that yields commands, or work of the caller's own (`Aside`), and knows no thread: a plain call
drives it on the caller's thread, a driver runs many on one connection. Handlers of events are called in an `Aside`, so
whatever they do holds up no connection, and before the operation completes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

from mailclients.engine.commands import Aside, Command, State
from mailclients.engine.tasks import Body
from mailclients.errors import (
    AsposeInvalidOperationException,
    LimitReachedError,
    MailClientError,
    NetworkException,
    OperationCanceledException,
    TimeoutException,
)
from mailclients.smtp import pickup
from mailclients.smtp.commands import Noop, SendMessage, refused_recipients
from mailclients.smtp.models import (
    FailedMailMessageEventArgs,
    MailMessageEventArgs,
    SendMessagesResult,
    SmtpException,
)
from mailclients.smtp.parameters import Content, Outgoing
from mailclients.smtp.queue import DiskQueue
from mailclients.smtp.queue_sender import wake
from mailclients.wire.smtp import Envelope, EnvelopeAddress

if TYPE_CHECKING:
    from mailclients.client import OperationContext

__all__ = ["BODIES", "SESSION_OPERATIONS", "Sending"]

AT_ONCE: Final = 16  # messages of one call that are queued together, so that one's envelope rides behind another's end


class Sending:
    """The messages of one call, and which of them have been told of.

    Attributes:
        waiting: those whose fate no handler knows yet, in order. commands: of the first of them, on their way.
        require_tls: whether they are sent with REQUIRETLS. lost: why there was no connection to be had any more.
    """

    __slots__ = ("commands", "lost", "require_tls", "waiting")

    def __init__(self, contents: Sequence[Content], *, require_tls: bool = False) -> None:
        self.waiting = list(contents)
        self.require_tls = require_tls
        self.lost: MailClientError | None = None
        self.commands: Sequence[Command] = ()

    def settle(self, client: Any, otherwise: BaseException | None = None) -> None:
        """Tells the handlers what became of the messages on their way.

        Args:
            otherwise: the error of what was not answered; when it is given, all that is left is told of.
        """
        commands, self.commands = self.commands, ()
        count = len(commands) if otherwise is None else len(self.waiting)
        left, self.waiting = self.waiting[:count], self.waiting[count:]
        for content, command in zip_longest(left, commands):
            error = otherwise if command is None else outcome(command, otherwise)
            if error is None:
                client.succeeded_sending.fire(client, MailMessageEventArgs(content.source))
            elif isinstance(error, Exception) and not isinstance(error, OperationCanceledException):
                client.failed_sending.fire(client, FailedMailMessageEventArgs(content.source, error))


def outcome(command: Command, otherwise: BaseException | None) -> BaseException | None:
    """Why a message was not sent to everybody, or None.

    Args:
        otherwise: the error where the command was not answered.
    """
    unanswered = command.state is not State.DONE or command.abandoned or command.may_repeat
    if otherwise is not None and unanswered:
        return otherwise
    if command.error is not None:
        return command.error
    delivery = command.result
    return refused_recipients(delivery.refused, delivery.accepted) if delivery.refused else None


def noop(context: OperationContext) -> Body:
    """NOOP (RFC 5321 section 4.1.1.9)."""
    yield Noop()


def validate_credentials(context: OperationContext) -> Body:
    """Whoever gets this far is signed in, if there was anything to sign in with."""
    if not context.client._has_credentials:
        raise AsposeInvalidOperationException("there is nothing to validate; assign client.username and password first")
    yield Noop()
    return True


def send(context: OperationContext, *, message: Outgoing | None = None, messages: tuple[Outgoing, ...] = ()) -> Body:
    """One message, whose error is the operation's, or several, of which all are tried."""
    if message is not None:
        (error,) = yield from _deliver(context, [message])
        if error is not None:
            raise error
        return
    errors: list[BaseException | None] = []
    while len(errors) < len(messages):
        try:
            errors += yield from _deliver(context, messages[len(errors) : len(errors) + AT_ONCE])
        except OperationCanceledException as cancelled:
            errors.append(cancelled)
        if isinstance(errors[-1], OperationCanceledException):
            _cancelled(messages, errors)
        if context.memo.lost is not None or isinstance(
            errors[-1], (NetworkException, TimeoutException, LimitReachedError)
        ):
            break  # nothing gets through: what is left would fail for the same reason
    if any(errors):
        raise _not_all(messages, errors)


def forward(
    context: OperationContext,
    *,
    sender: EnvelopeAddress | None,
    recipients: tuple[EnvelopeAddress, ...],
    content: Content,
) -> Body:
    """One message with an envelope of its own."""
    (error,) = yield from _deliver(context, [Outgoing(Envelope(sender, recipients, content.notify), content)])
    if error is not None:
        raise error


def put_in_queue(folder: str, at: float, *, messages: tuple[Outgoing, ...], require_tls: bool) -> None:
    """Messages for `begin_send_queue`, which is told of them where it runs in this process.

    Args:
        at: the time, in seconds since the epoch. require_tls: send them with REQUIRETLS.
    """
    items = ((one.envelope, one.content.data, one.content.message_id) for one in messages)
    if DiskQueue(folder).put(items, at, require_tls=require_tls):
        wake(folder)


def drop(client: Any, folder: str, **arguments: Any) -> None:
    """`send` and `forward` into a pickup folder: as to a server, with an answer at once."""
    if "content" in arguments:
        envelope = Envelope(arguments["sender"], arguments["recipients"])
        messages: Sequence[Outgoing] = [Outgoing(envelope, arguments["content"])]
    else:
        messages = [arguments["message"]] if "message" in arguments else arguments["messages"]
    errors = [_drop_one(client, folder, one) for one in messages]
    if any(errors):
        raise _not_all(messages, errors) if "messages" in arguments else cast("OSError", errors[0])


def _drop_one(client: Any, folder: str, one: Outgoing) -> OSError | None:
    try:
        pickup.drop(folder, one.envelope, one.content.data, time.time())
    except OSError as error:
        client.failed_sending.fire(client, FailedMailMessageEventArgs(one.content.source, error))
        return error
    client.succeeded_sending.fire(client, MailMessageEventArgs(one.content.source))
    return None


def _deliver(
    context: OperationContext, group: Sequence[Outgoing]
) -> Generator[Command | list[Command], Any, list[BaseException | None]]:
    """Sends messages in order; the error of each, or None."""
    sending: Sending = context.memo
    client = context.client
    commands: list[Command] = [
        SendMessage(
            one.envelope, one.content.data, one.content.message_id, require_tls=sending.require_tls, per_item=True
        )
        for one in group
    ]
    sending.commands = commands
    try:
        yield commands
    except OperationCanceledException:
        raise
    except MailClientError as error:
        sending.lost = error  # there is no connection to be had for those that are not answered
    errors = [outcome(command, sending.lost) for command in commands]
    if client.succeeded_sending or client.failed_sending:
        yield Aside(lambda aside: sending.settle(client, sending.lost))
    else:
        sending.commands = ()  # first: an interruption must not find commands of messages that are not there
        del sending.waiting[: len(group)]
    return errors


def _cancelled(messages: Sequence[Outgoing], errors: Sequence[BaseException | None]) -> NoReturn:
    """The operation was cancelled when some of the messages had been sent; the error's cause tells of each."""
    cancelled = next(error for error in errors if isinstance(error, OperationCanceledException))
    raise cancelled from _not_all(messages, errors[: errors.index(cancelled)], cancelled)


def _not_all(
    messages: Sequence[Outgoing], errors: Sequence[BaseException | None], why: Exception | None = None
) -> SmtpException:
    sources = [one.content.source for one in messages]
    tried = list(zip(sources, errors, strict=False))
    failed = {source: error for source, error in tried if isinstance(error, Exception)}
    first = next(iter(failed.values())) if why is None else why
    details = SendMessagesResult(
        succeeded=[source for source, error in tried if error is None],
        failed=failed,
        not_handled=sources[len(errors) :],
    )
    problem = SmtpException(
        f"{len(messages) - len(details.succeeded)} of {len(messages)} messages were not sent to everybody; the first"
        f" error: {first}",
        operation_details=details,
    )
    if isinstance(first, SmtpException):
        problem.status_code, problem.status = first.status_code, first.status
        problem.code, problem.server_text = first.code, first.server_text
    problem.__cause__ = first
    return problem


BODIES: Final[dict[str, Callable[..., Body]]] = {
    "send": send,
    "forward": forward,
    "noop": noop,
    "validate_credentials": validate_credentials,
}
SESSION_OPERATIONS: Final = frozenset(("noop", "validate_credentials"))
