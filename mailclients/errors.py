"""Every error the library raises, in one tree under `MailClientError`.

Each class answers two questions for whoever catches it: who is to blame (`blame`) and whether
the same call may simply be made again (`retryable`). Documented .NET exception types keep their
names; classes of our own end in ``Error``. Where Python has a built-in that fits, the class is
that built-in too, so ``except ValueError`` and ``except TimeoutError`` work as one would guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import CancelledError
from enum import Enum
from typing import ClassVar, NamedTuple

__all__ = [
    "ArgumentTypeError",
    "AsposeArgumentException",
    "AsposeArgumentNullException",
    "AsposeArgumentOutOfRangeException",
    "AsposeBadServerResponceException",
    "AsposeException",
    "AsposeInvalidOperationException",
    "AsposeNotSupportedException",
    "AuthenticationError",
    "BackupError",
    "Blame",
    "ConnectionLostError",
    "DeletionsLostError",
    "ElementProcessingException",
    "FolderChangedError",
    "ImapException",
    "LimitReachedError",
    "MailClientError",
    "MailException",
    "MessageError",
    "MessageNotFoundError",
    "NetworkException",
    "NumbersChangedError",
    "ObjectDisposedException",
    "OperationCanceledException",
    "OutcomeUnknownError",
    "PartlyDone",
    "Pop3Exception",
    "RemoteProtocolError",
    "SecurityError",
    "ServerRefusedError",
    "TimeoutException",
    "UnknownMemberError",
    "escape",
]


class Blame(Enum):
    """Who has to change something before the failed call can succeed."""

    CALLER = "caller"
    REMOTE = "remote"
    NETWORK = "network"
    CONTENT = "content"


class PartlyDone(NamedTuple):
    """How far an operation over several messages had come when it failed.

    Sets of messages as IMAP writes them (``"1:3,7"``), empty for none; unique ids, or the sequence numbers that
    were given where no unique id is known. Of a restoring that was cancelled: of the folder it was at, the unique ids
    that the backup knows, and nothing of what was not touched.

    Attributes:
        done: finished.
        unknown: begun; the error's text says what is known of them.
        not_done: not touched.
    """

    done: str
    unknown: str
    not_done: str


class MailClientError(Exception):
    """Base class of every error raised by this library.

    Attributes:
        partly_done: how far an operation over several messages had come, or None where that says nothing.
    """

    blame: ClassVar[Blame] = Blame.REMOTE
    retryable: ClassVar[bool] = False
    partly_done: PartlyDone | None = None


class AsposeException(MailClientError):
    """Base class of the documented .NET exception types (.NET: ``AsposeException``)."""


class AsposeArgumentException(AsposeException, ValueError):
    """An argument has a value that cannot be used; nothing was sent."""

    blame = Blame.CALLER


class ArgumentTypeError(AsposeArgumentException, TypeError):
    """An argument has the wrong type, or no documented overload takes these arguments."""


class AsposeArgumentNullException(ArgumentTypeError):
    """An argument that is needed was ``None``."""


class AsposeArgumentOutOfRangeException(AsposeArgumentException):
    """A number lies outside the range that is allowed."""


class UnknownMemberError(MailClientError, AttributeError):
    """There is no attribute of this name; the text says which was probably meant."""

    blame = Blame.CALLER


class AsposeInvalidOperationException(AsposeException, RuntimeError):
    """The object is not in a state in which this call makes sense."""

    blame = Blame.CALLER


class ObjectDisposedException(AsposeInvalidOperationException):
    """The client or connection was disposed."""


class OperationCanceledException(AsposeException, CancelledError):
    """The operation was cancelled with ``cancel_async_operation`` or by ``dispose``."""

    blame = Blame.CALLER


class AsposeNotSupportedException(AsposeException, NotImplementedError):
    """The server, or this library, does not offer what was asked for."""


class TimeoutException(AsposeException, TimeoutError):
    """The operation ran out of its time."""

    blame = Blame.NETWORK
    retryable = True


class AsposeBadServerResponceException(AsposeException):
    """The server broke the protocol (.NET spells it this way)."""


class RemoteProtocolError(AsposeBadServerResponceException):
    """The server sent what the protocol does not allow, or more than the limits allow."""


class ServerRefusedError(AsposeException):
    """The server understood the command and refused it.

    Attributes:
        status: the status word or reply code (``"NO"``, ``"BAD"``, ``"BYE"``, ``"-ERR"``, ``"550"``).
        code: the response code without brackets (``"TRYCREATE"``), or None.
        server_text: what the server said, escaped for printing.
    """

    def __init__(self, message: str = "", *, status: str = "", code: str | None = None, server_text: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.server_text = server_text


class ImapException(ServerRefusedError):
    """An IMAP server answered NO, BAD or BYE (.NET: ``ImapException``)."""


class Pop3Exception(ServerRefusedError):
    """A POP3 server answered -ERR (.NET: ``Pop3Exception``)."""


class LimitReachedError(ServerRefusedError):
    """The server allows no further connection, or not yet.

    Attributes:
        lasting: it admits one session at a time, so that trying again beside an open one is of no use.
        postponed: it wants a pause between two sign-ins, however many connections there are.
    """

    retryable = True
    lasting: bool = False
    postponed: bool = False


class AuthenticationError(ServerRefusedError, PermissionError):
    """The server refused the credentials."""

    blame = Blame.CALLER


class FolderChangedError(ImapException):
    """The folder is not the one it was: its UIDVALIDITY or the session's numbering changed."""


class MessageNotFoundError(ImapException, Pop3Exception, LookupError):
    """The message that was asked for is not in the folder or maildrop (any more)."""


class NumbersChangedError(Pop3Exception):
    """A message number of a POP3 session that is gone, in a session where it means something else or nothing."""


class NetworkException(MailClientError, ConnectionError):
    """The connection could not be made or did not hold (.NET: ``NetworkException``)."""

    blame = Blame.NETWORK
    retryable = True


class ConnectionLostError(NetworkException):
    """The connection ended before the answer was complete; nothing was changed."""


class DeletionsLostError(ConnectionLostError):
    """A POP3 session ended before its deletions were committed: none of them was made."""

    retryable = False


class OutcomeUnknownError(NetworkException):
    """The connection ended after a command that changes something was sent.

    It may or may not have taken effect; look before trying again.
    """

    retryable = False


class BackupError(AsposeException):
    """Some items could not be backed up or restored; all others were.

    Attributes:
        failures: for each of the first thousand, what it is and its error.
    """

    def __init__(self, message: str = "", failures: Sequence[tuple[str, Exception]] = ()) -> None:
        super().__init__(message)
        self.failures = tuple(failures)


class SecurityError(MailClientError):
    """A promise of security could not be kept. Never retried, never downgraded."""


class MailException(MailClientError):
    """A message cannot be read or built (.NET: ``MailException``)."""

    blame = Blame.CONTENT


class MessageError(MailException, ValueError):
    """A part of a message cannot be read; the bytes received are still there."""


class ElementProcessingException(AsposeException):
    """One element of several could not be handled (.NET: ``ElementProcessingException``).

    Attributes:
        element_index: its position in what was asked for, from 0.
        inner_exception: what went wrong; also the `__cause__`.
    """

    def __init__(self, element_index: int, inner_exception: BaseException) -> None:
        super().__init__(f"element {element_index}: {inner_exception}")
        self.element_index = element_index
        self.inner_exception = inner_exception
        self.__cause__ = inner_exception

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.element_index, self.inner_exception)


def escape(text: str | bytes) -> str:
    """Server text made safe for logs and messages: control characters shown as escapes."""
    if isinstance(text, (bytes, bytearray)):
        text = bytes(text).decode("utf-8", "replace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
