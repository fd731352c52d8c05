"""What the generated SmtpClient stands on: settings, opening connections, and the events of sending.

The life of connections and tasks is `CredentialsByHostClient`'s, what every protocol's sign-in shares `SigningIn`'s;
here is how SMTP greets, secures and signs in. Entered by any thread; it has no lock of its own.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from mailclients.client import OperationContext
from mailclients.dotnet import EventSlot
from mailclients.engine import scheduling
from mailclients.engine.connection import Connection
from mailclients.engine.deadlines import Deadline
from mailclients.engine.pool import Slot
from mailclients.engine.sessions import Session
from mailclients.engine.tasks import Task
from mailclients.engine.transport import Transport
from mailclients.errors import (
    ArgumentTypeError,
    AsposeInvalidOperationException,
    AsposeNotSupportedException,
    AuthenticationError,
    SecurityError,
)
from mailclients.handles import AsyncOperation
from mailclients.options import SecurityOptions
from mailclients.settings import bool_setting, text_setting
from mailclients.signatures import one_form
from mailclients.signing_in import AccessToken, SigningIn, known_mechanisms
from mailclients.smtp import operations
from mailclients.smtp.models import (
    FailedMailMessageEventArgs,
    MailMessageEventArgs,
    SmtpDeliveryMethod,
    SmtpException,
    SmtpKnownAuthenticationType,
)
from mailclients.smtp.operations import Sending
from mailclients.smtp.parameters import Outgoing
from mailclients.smtp.protocol import (
    Authenticate,
    Ehlo,
    Greeting,
    SignInRefused,
    SmtpCore,
    StartTls,
    limit_reached,
    not_so_many,
)
from mailclients.smtp.queue_sender import Pace, QueueSender
from mailclients.smtp.signatures import OPERATIONS
from mailclients.wire.sasl import SaslMechanism
from mailclients.wire.smtp import hello_argument

if TYPE_CHECKING:
    from mailclients.signatures import Bound, Operation

__all__ = ["SmtpClientBase"]

log = logging.getLogger("mailclients.smtp")

MECHANISMS: Final = known_mechanisms(SmtpKnownAuthenticationType)
ALL_MECHANISMS: Final = SmtpKnownAuthenticationType(sum({*MECHANISMS.values()}))


class SmtpClientBase(SigningIn):
    """Runs the operations that the generated class hands to it."""

    _default_port: ClassVar[int] = 25
    _implicit_port: ClassVar[int] = 465
    _bodies = operations.BODIES
    _operations = OPERATIONS

    succeeded_sending: EventSlot[MailMessageEventArgs] = EventSlot()
    """Raised for each message that the server has taken for all its recipients (.NET: ``SucceededSending``)."""

    failed_sending: EventSlot[FailedMailMessageEventArgs] = EventSlot()
    """Raised for each message that was not sent, or not to everybody (.NET: ``FailedSending``)."""

    def __init__(self) -> None:
        self._hello_message = ""
        self._allowed = ALL_MECHANISMS
        self._require_tls = False
        super().__init__()
        self._delivery_method = SmtpDeliveryMethod.NETWORK
        self._pickup_folder = ""
        self._queue_folder = ""
        self._queue_pace = Pace()
        self._queue_senders: set[QueueSender] = set()

    def _configure(self, **settings: Any) -> None:
        """Takes the constructor's arguments, each absent when it was left out."""
        SmtpClientBase.__init__(self)
        super()._configure(**settings)

    # -- settings ------------------------------------------------------------

    @property
    def hello_message(self) -> str:
        """The name to say hello with: a domain or an address in brackets (.NET: ``HelloMessage``).

        Empty, as at first, for the address of this end of the connection.
        """
        return self._hello_message

    @hello_message.setter
    def hello_message(self, value: str) -> None:
        if text_setting(value, "hello_message"):
            hello_argument(value)
        self._hello_message = value

    @property
    def require_tls(self) -> bool:
        """Whether messages are sent with REQUIRETLS (RFC 8689): no server may pass them on without TLS, and one that
        cannot returns them. False by default. What is begun takes it as it is then.

        A server that does not offer that, or a connection without TLS, is a `SecurityError`, and nothing is sent.
        """
        return self._require_tls

    @require_tls.setter
    def require_tls(self, value: bool) -> None:
        self._require_tls = bool_setting(value, "require_tls")

    @property
    def allowed_authentication(self) -> SmtpKnownAuthenticationType:
        """The ways to sign in that may be used; at first all that are known here (.NET: ``AllowedAuthentication``)."""
        return self._allowed

    @allowed_authentication.setter
    def allowed_authentication(self, value: SmtpKnownAuthenticationType) -> None:
        if not isinstance(value, SmtpKnownAuthenticationType):
            raise ArgumentTypeError(
                f"allowed_authentication must be a SmtpKnownAuthenticationType, not {type(value).__name__}"
            )
        unknown = value & ~ALL_MECHANISMS
        if unknown and not value & ALL_MECHANISMS:
            raise AsposeNotSupportedException(f"allowed_authentication: {unknown!r} is not known here")
        self._allowed = value
        self._credentials_changed()

    @property
    def supported_authentication(self) -> SmtpKnownAuthenticationType:
        """The ways to sign in that the server offers and that are known here (.NET: ``SupportedAuthentication``).

        Connects if that has not been done.
        """
        self._check_alive()
        core = cast("SmtpCore", self._context_session(None).ensure(Deadline(self._timeout)).core)
        found = SmtpKnownAuthenticationType.NONE
        for name in _offered(core):
            found |= MECHANISMS.get(name, SmtpKnownAuthenticationType.NONE)
        return found

    @property
    def delivery_method(self) -> SmtpDeliveryMethod:
        """Where `send` and `forward` bring messages: to the server, as at first, or into `pickup_directory_location`,
        from where a service of this machine takes them (.NET: ``DeliveryMethod``)."""
        return self._delivery_method

    @delivery_method.setter
    def delivery_method(self, value: SmtpDeliveryMethod) -> None:
        if not isinstance(value, SmtpDeliveryMethod):
            raise ArgumentTypeError(f"delivery_method must be a SmtpDeliveryMethod, not {type(value).__name__}")
        if value is SmtpDeliveryMethod.PICKUP_DIRECTORY_FROM_IIS:
            raise AsposeNotSupportedException(
                "delivery_method: the folder of IIS cannot be asked for; assign SPECIFIED_PICKUP_DIRECTORY, and the"
                " folder's path to pickup_directory_location"
            )
        self._delivery_method = value

    @property
    def pickup_directory_location(self) -> str:
        """Path of the folder that a pickup service looks at; it has to exist (.NET: ``PickupDirectoryLocation``)."""
        return self._pickup_folder

    @pickup_directory_location.setter
    def pickup_directory_location(self, value: str | os.PathLike[str]) -> None:
        self._pickup_folder = _folder_setting(value, "pickup_directory_location")

    @property
    def smtp_queue_location(self) -> str:
        """Path of the folder that is the disk queue; made when it is needed (.NET: ``SmtpQueueLocation``)."""
        return self._queue_folder

    @smtp_queue_location.setter
    def smtp_queue_location(self, value: str | os.PathLike[str]) -> None:
        self._queue_folder = _folder_setting(value, "smtp_queue_location")

    @property
    def use_default_credentials(self) -> bool:
        """Always False: there are no credentials of the system's to sign in with (.NET: ``UseDefaultCredentials``)."""
        return False

    @use_default_credentials.setter
    def use_default_credentials(self, value: bool) -> None:
        _only_false(value, "use_default_credentials")

    @property
    def use_tnef(self) -> bool:
        """Always False: messages are sent as MIME (.NET: ``UseTnef``)."""
        return False

    @use_tnef.setter
    def use_tnef(self, value: bool) -> None:
        _only_false(value, "use_tnef")

    @one_form
    def get_capabilities(self) -> list[str]:
        """What the server offers in its answer to EHLO, each keyword with its parameters
        (.NET: ``GetCapabilities``)."""
        self._check_alive()
        core = cast("SmtpCore", self._context_session(None).ensure(Deadline(self._timeout)).core)
        return sorted(f"{keyword} {parameters}".rstrip() for keyword, parameters in core.keywords.items())

    def _window(self) -> int:
        return min(super()._window(), scheduling.IN_TURN)  # each message takes a round trip of its own

    # -- opening a connection ------------------------------------------------------------

    @property
    def _has_credentials(self) -> bool:
        return self._use_authentication and (bool(self._username) or self._uses_token)

    def _establish(
        self, slot: Slot, transport: Transport, deadline: Deadline, refreshed: AccessToken | None
    ) -> Connection:
        clear = not self._begins_with_tls()
        connection, _ = self._greet(transport, Greeting(), deadline, clear=clear)
        # Where TLS is a must there is no way without EHLO.
        must = clear and not self._security & SecurityOptions.NONE
        self._say_hello(connection, transport, deadline, must=must)
        if clear:
            core = cast("SmtpCore", connection.core)
            if self._starts_tls(partial(core.has, "STARTTLS")):
                connection = self._secured(connection, StartTls(), transport, deadline)
                self._say_hello(connection, transport, deadline, must=False)
            else:
                if self._has_credentials:
                    self._check_clear(transport)
                core.end_clear_phase()
        if self._has_credentials:
            self._sign_in(connection, deadline, refreshed)
        return connection

    def _new_core(self, *, clear: bool) -> SmtpCore:
        return SmtpCore(self._pipelining, clear=clear)

    def _say_hello(self, connection: Connection, transport: Transport, deadline: Deadline, *, must: bool) -> None:
        name = hello_argument(self._hello_message or _literal(transport.local_address()))
        try:
            self._ask(connection, Ehlo(name), deadline)
        except SmtpException as error:
            if must:
                raise SecurityError(f"the server knows no EHLO, and so no TLS: {error}") from error
            log.info("the server knows no EHLO: %s", error)
            self._ask(connection, Ehlo(name, "HELO"), deadline)

    def _authenticate(self, connection: Connection, deadline: Deadline, refreshed: AccessToken | None) -> None:
        offered = self._allowed_of(_offered(cast("SmtpCore", connection.core)))
        if self._uses_token:
            if not offered & {"XOAUTH2", "OAUTHBEARER"}:
                raise AsposeNotSupportedException(self._no_way("an access token", connection))
            self._authenticate_by_token(connection, deadline, refreshed)
            return
        mechanism = self._password_mechanism(offered, encrypted=connection.encrypted) if offered else None
        if mechanism is None:
            raise AsposeNotSupportedException(self._no_way("a password", connection))
        self._authenticate_by(connection, mechanism, deadline)

    def _allowed_of(self, offered: set[str]) -> set[str]:
        return {name for name in offered if MECHANISMS.get(name, SmtpKnownAuthenticationType.NONE) & self._allowed}

    def _no_way(self, what: str, connection: Connection) -> str:
        found = ", ".join(sorted(_offered(cast("SmtpCore", connection.core)))) or "nothing"
        return f"there is no way to sign in with {what}: the server offers {found}, and allowed_authentication decides"

    def _authenticate_with_token(self, connection: Connection, deadline: Deadline, token: AccessToken) -> None:
        offered = self._allowed_of(_offered(cast("SmtpCore", connection.core)))
        mechanism = self._token_mechanism(token, bearer="OAUTHBEARER" in offered)
        self._authenticate_by(connection, mechanism, deadline)

    def _authenticate_by(self, connection: Connection, mechanism: SaslMechanism, deadline: Deadline) -> None:
        try:
            self._ask(connection, Authenticate(mechanism), deadline)
        except SignInRefused as refused:
            reply = refused.reply
            if reply.code < 500 and (reply.code != 432 or not_so_many(reply)):
                raise limit_reached(reply) from None  # not now, which says nothing about the credentials
            status = f" (status {mechanism.error_status})" if mechanism.error_status else ""
            raise AuthenticationError(
                f"{self._host} refused the sign-in of {self._username!r}{status}: {reply.words}",
                status=str(reply.code),
                code=reply.enhanced or None,
                server_text=reply.text,
            ) from None

    # -- operations ------------------------------------------------------------

    def _new_memory(self) -> None:
        """A session of SMTP has nothing to remember."""

    def _is_session_operation(self, operation: str) -> bool:
        return operation in operations.SESSION_OPERATIONS

    def _local_work(self, operation: str, bound: Bound) -> Callable[[], Any] | None:
        if operation == "send_to_queue":
            folder = _needed(self._queue_folder, "smtp_queue_location")
            at, must = self._queue_pace.clock(), self._require_tls
            return partial(operations.put_in_queue, folder, at, require_tls=must, **bound.arguments)
        if self._delivery_method is SmtpDeliveryMethod.NETWORK or operation not in ("send", "forward"):
            return None
        folder = _needed(self._pickup_folder, "pickup_directory_location")
        if self._require_tls:
            raise SecurityError("require_tls: a pickup service cannot be asked for it; send by the network")
        return partial(operations.drop, self, folder, **bound.arguments)

    def _prepare(self, operation: Operation, bound: Bound, context: OperationContext, *, begun: bool) -> None:
        arguments = bound.arguments
        message: Outgoing | None = arguments.get("message")
        messages: tuple[Outgoing, ...] = arguments.get("messages", ())
        contents = [one.content for one in ([message] if message is not None else messages)]
        contents = [arguments["content"]] if "content" in arguments else contents
        context.memo = Sending(contents, require_tls=self._require_tls)

    def _is_done_already(self, operation: str, context: OperationContext) -> bool:
        return operation == "send" and not context.memo.waiting

    def _call_ended(self, operation: str, context: OperationContext, error: BaseException | None) -> None:
        if error is not None and context.memo is not None:
            context.memo.settle(self, context.memo.lost or error)  # what could not even begin

    def _queue_task(self, task: Task, context: OperationContext, session: Session | None) -> None:
        task.handle.add_waiter(partial(self._task_ended, task.handle, context.memo))
        super()._queue_task(task, context, session)

    def _begin_beside(self, handle: AsyncOperation[Any]) -> bool:
        if handle.operation != "send_queue":
            return False
        sender = QueueSender(
            self,
            handle,
            _needed(self._queue_folder, "smtp_queue_location"),
            self._queue_pace,
            partial(OperationContext, self, None),
        )
        sender.prepare()
        with self._dispose_lock:
            self._check_alive()
            self._queue_senders = {other for other in self._queue_senders if other.thread.is_alive()}
            handle.task = sender
            sender.start()
            self._queue_senders.add(sender)
        return True

    def _waiting_for(self, handle: AsyncOperation[Any]) -> None:
        super()._waiting_for(handle)
        sender = handle.task
        if isinstance(sender, QueueSender) and self._given_executor is not None:
            sender.hurry()

    def _end_monitors(self) -> None:
        with self._dispose_lock:
            senders = tuple(self._queue_senders)
        for sender in senders:
            sender.stop()

    def _join_monitors(self, deadline: Deadline) -> None:
        for sender in tuple(self._queue_senders):
            sender.join(deadline)

    def _abandon(self) -> None:
        for sender in tuple(self._queue_senders):
            sender.stop()
        super()._abandon()

    def _abandon_in_child(self) -> None:
        super()._abandon_in_child()
        for sender in tuple(self._queue_senders):
            sender.abandon_in_child()

    def _task_ended(self, handle: AsyncOperation[Any], sending: Sending) -> None:
        error = handle.error_info
        wanted = self.failed_sending or self.succeeded_sending
        if error is not None and not handle.is_canceled and sending.waiting and wanted:
            self._callbacks.put(
                partial(self._run_callback, lambda _: sending.settle(self, sending.lost or error)), handle
            )


def _offered(core: SmtpCore) -> set[str]:
    return set(core.keywords.get("AUTH", "").upper().split())


def _literal(address: str) -> str:
    """An address as EHLO has it (RFC 5321 section 4.1.3)."""
    address = address.partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address or '127.0.0.1'}]"


def _folder_setting(value: object, name: str) -> str:
    path: object = os.fspath(cast("os.PathLike[str]", value)) if isinstance(value, os.PathLike) else value
    return text_setting(path, name)


def _needed(folder: str, name: str) -> str:
    if not folder:
        raise AsposeInvalidOperationException(f"{name} is not set; assign the path of a folder to it")
    return folder


def _only_false(value: object, name: str) -> None:
    if bool_setting(value, name):
        raise AsposeNotSupportedException(f"{name} is not supported here")
