"""What the SMTP client takes, gives and raises: enums, events' arguments, results and errors.

Values only: no lock. An object belongs to whoever has it; enums never change.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum, IntFlag

from mailclients.dotnet import EventArgs, IDisposable
from mailclients.errors import ArgumentTypeError, OutcomeUnknownError, ServerRefusedError
from mailclients.message import MailMessage
from mailclients.mime.collection import Collection
from mailclients.names import HintedABCMeta, HintedEnumMeta, NamesChecked

__all__ = [
    "DeliveryUnknownError",
    "FailedMailMessageEventArgs",
    "IMailTransferAgent",
    "MailMessageCollection",
    "MailMessageEventArgs",
    "SendMessagesResult",
    "SmtpDeliveryMethod",
    "SmtpException",
    "SmtpFailedRecipientException",
    "SmtpFailedRecipientsException",
    "SmtpKnownAuthenticationType",
    "SmtpStatusCode",
]


class SmtpDeliveryMethod(IntEnum, metaclass=HintedEnumMeta):
    """Where messages go that are sent (.NET: ``SmtpDeliveryMethod``)."""

    NETWORK = 0
    SPECIFIED_PICKUP_DIRECTORY = 1
    PICKUP_DIRECTORY_FROM_IIS = 2


class SmtpKnownAuthenticationType(IntFlag, metaclass=HintedEnumMeta):
    """Ways to sign in (.NET: ``SmtpKnownAuthenticationType``).

    The SHA mechanisms without channel binding have a second name, spelled like those with it.
    """

    NONE = 0
    LOGIN = 1
    OAUTH2 = 2
    NTLM = 4
    PLAIN = 8
    GSSAPI = 16
    CRAM_MD5 = 32
    EXTERNAL = 64
    KERBEROS_V4 = 128
    ANONYMOUS = 256
    DIGEST_MD5 = 512
    GSSSPNEGO = 1024
    OTP_MD4 = 2048
    OTP_MD5 = 4096
    OTP_SHA1 = 8192
    SKEY = 16384
    PASS_DSS_SHA_3_DES_1 = 32768
    SCRAM_SHA1 = 65536
    SCRAM_SHA_1_PLUS = 131072
    SCRAM_SHA224 = 262144
    SCRAM_SHA_224_PLUS = 524288
    SCRAM_SHA256 = 1048576
    SCRAM_SHA_256_PLUS = 2097152
    SCRAM_SHA384 = 4194304
    SCRAM_SHA_384_PLUS = 8388608
    SCRAM_SHA512 = 16777216
    SCRAM_SHA_512_PLUS = 33554432
    SCRAM_SHA_1 = 65536
    SCRAM_SHA_224 = 262144
    SCRAM_SHA_256 = 1048576
    SCRAM_SHA_384 = 4194304
    SCRAM_SHA_512 = 16777216


class SmtpStatusCode(IntEnum, metaclass=HintedEnumMeta):
    """Reply codes (.NET: ``SmtpStatusCode``; RFC 5321 section 4.2.3, RFC 4954 section 6)."""

    NOT_DEFINED = 0
    GENERAL_FAILURE = -1
    SYSTEM_STATUS = 211
    HELP_MESSAGE = 214
    SERVICE_READY = 220
    SERVICE_CLOSING_TRANSMISSION_CHANNEL = 221
    AUTHENTICATION_SUCCEEDED = 235
    OK = 250
    USER_NOT_LOCAL_WILL_FORWARD = 251
    CANNOT_VERIFY_USER_WILL_ATTEMPT_DELIVERY = 252
    BASE_64_RESPONSE = 334
    START_MAIL_INPUT = 354
    SERVICE_NOT_AVAILABLE = 421
    PASSWORD_TRANSITION_NEEDED = 432
    MAILBOX_BUSY = 450
    LOCAL_ERROR_IN_PROCESSING = 451
    INSUFFICIENT_STORAGE = 452
    CLIENT_NOT_PERMITTED = 454
    COMMAND_UNRECOGNIZED = 500
    SYNTAX_ERROR = 501
    COMMAND_NOT_IMPLEMENTED = 502
    COMMAND_NOT_PERMITTED = 503
    UNRECOGNIZED_AUTHENTICATION_TYPE = 504
    AUTHENTICATION_REQUIRED = 530
    AUTHENTICATION_MECHANISM_IS_TO_WEAK = 534
    CREDENTIALS_INVALID = 535
    ENCRYPTION_REQUIRED_REQUESTED_MECHANISM = 538
    MAILBOX_UNAVAILABLE = 550
    USER_NOT_LOCAL_TRY_ALTERNATE_PATH = 551
    EXCEEDED_STORAGE_ALLOCATION = 552
    MAILBOX_NAME_NOT_ALLOWED = 553
    TRANSACTION_FAILED = 554


def status_code_of(code: int) -> SmtpStatusCode:
    """The member for a reply code; `NOT_DEFINED` for one that has none."""
    try:
        return SmtpStatusCode(code)
    except ValueError:
        return SmtpStatusCode.NOT_DEFINED


class SmtpException(ServerRefusedError):
    """A message was not sent, or not to everybody (.NET: ``SmtpException``).

    Attributes:
        status_code: the reply code. status: the same as text, also where the documented enum has no member for it.
        code: the enhanced status code (RFC 3463), such as ``"5.1.1"``, or None.
        operation_details: when several messages were to be sent: what became of each; else None.
    """

    def __init__(
        self,
        message: str = "",
        *,
        status_code: SmtpStatusCode = SmtpStatusCode.GENERAL_FAILURE,
        status: str = "",
        code: str | None = None,
        server_text: str = "",
        operation_details: SendMessagesResult | None = None,
    ) -> None:
        super().__init__(message, status=status, code=code, server_text=server_text)
        self.status_code = status_code
        self.operation_details = operation_details


class SmtpFailedRecipientException(SmtpException):
    """The server refused a recipient (.NET: ``SmtpFailedRecipientException``).

    Attributes:
        failed_recipient: the address.
        delivered_to: the addresses for which the message was taken nevertheless.
    """

    def __init__(
        self,
        message: str = "",
        failed_recipient: str = "",
        *,
        status_code: SmtpStatusCode = SmtpStatusCode.GENERAL_FAILURE,
        status: str = "",
        code: str | None = None,
        server_text: str = "",
        delivered_to: Sequence[str] = (),
    ) -> None:
        super().__init__(message, status_code=status_code, status=status, code=code, server_text=server_text)
        self.failed_recipient = failed_recipient
        self.delivered_to = tuple(delivered_to)


class SmtpFailedRecipientsException(SmtpFailedRecipientException):
    """The server refused several recipients (.NET: ``SmtpFailedRecipientsException``).

    Attributes:
        inner_exceptions: one for each of them, with the server's words.
    """

    def __init__(
        self,
        message: str = "",
        inner_exceptions: Sequence[SmtpFailedRecipientException] = (),
        *,
        delivered_to: Sequence[str] = (),
    ) -> None:
        first = inner_exceptions[0] if inner_exceptions else SmtpFailedRecipientException()
        super().__init__(
            message,
            first.failed_recipient,
            status_code=first.status_code,
            status=first.status,
            code=first.code,
            server_text=first.server_text,
            delivered_to=delivered_to,
        )
        self.inner_exceptions = list(inner_exceptions)


class DeliveryUnknownError(OutcomeUnknownError):
    """The connection ended after a message was sent and before the server said whether it has taken it.

    It may have been delivered: it is not sent again.

    Attributes:
        message_id: the Message-ID to look for, with its angle brackets; empty if the message has none.
    """

    def __init__(self, message: str = "", message_id: str = "") -> None:
        super().__init__(message)
        self.message_id = message_id


class SendMessagesResult(NamesChecked):
    """What became of several messages (.NET: ``SendMessagesResult``).

    Args:
        succeeded: those that the server has taken, for all recipients.
        failed: the error of each other one that was tried.
        not_handled: those that were not tried.
    """

    __slots__ = ("_failed", "_not_handled", "_succeeded")

    def __init__(
        self,
        succeeded: Iterable[MailMessage] = (),
        failed: Mapping[MailMessage, Exception] | None = None,
        not_handled: Iterable[MailMessage] = (),
    ) -> None:
        self._succeeded = list(succeeded)
        self._failed = dict(failed or {})
        self._not_handled = list(not_handled)

    @property
    def succeeded(self) -> list[MailMessage]:
        """The messages that the server has taken, for all recipients (.NET: ``Succeeded``)."""
        return self._succeeded

    @property
    def failed(self) -> dict[MailMessage, Exception]:
        """The error of each other message that was tried (.NET: ``Failed``)."""
        return self._failed

    @property
    def not_handled(self) -> list[MailMessage]:
        """The messages that were not tried (.NET: ``NotHandled``)."""
        return self._not_handled

    def __repr__(self) -> str:
        counts = f"succeeded={len(self.succeeded)} failed={len(self.failed)} not_handled={len(self.not_handled)}"
        return f"<SendMessagesResult {counts}>"


class MailMessageEventArgs(EventArgs):
    """Tells of a message (.NET: ``MailMessageEventArgs``).

    Args:
        message: the message.
    """

    __slots__ = ("_message",)

    def __init__(self, message: MailMessage) -> None:
        super().__init__()
        self._message = message

    @property
    def message(self) -> MailMessage:
        """The message (.NET: ``Message``)."""
        return self._message


class FailedMailMessageEventArgs(MailMessageEventArgs):
    """Tells of a message that was not sent, or not to everybody (.NET: ``FailedMailMessageEventArgs``).

    Args:
        message: the message.
        ex: why; an `SmtpException` has the server's words.
    """

    __slots__ = ("_operation_error",)

    def __init__(self, message: MailMessage, ex: Exception) -> None:
        super().__init__(message)
        self._operation_error = ex

    @property
    def operation_error(self) -> Exception:
        """Why it was not sent; an `SmtpException` has the server's words (.NET: ``OperationError``)."""
        return self._operation_error


class MailMessageCollection(Collection[MailMessage]):
    """Messages in order (.NET: ``MailMessageCollection``).

    Raises:
        ArgumentTypeError: something in it is no message.
    """

    __slots__ = ()

    def __init__(self, messages: Iterable[MailMessage] = ()) -> None:
        super().__init__()
        self.add_range(messages)

    def add(self, item: MailMessage) -> None:
        """Append a message."""
        self._items.append(_message(item))

    append = add

    def add_range(self, items: Iterable[MailMessage]) -> None:
        """Append messages, all or none."""
        self._items.extend([_message(item) for item in items])

    extend = add_range


def _message(item: object) -> MailMessage:
    if not isinstance(item, MailMessage):
        raise ArgumentTypeError(f"a MailMessageCollection holds messages, not {type(item).__name__}")
    return item


class IMailTransferAgent(IDisposable, metaclass=HintedABCMeta):
    """Whatever sends messages (.NET: ``IMailTransferAgent``)."""

    @abstractmethod
    def send(self, message: MailMessage) -> None:
        """Sends a message."""
