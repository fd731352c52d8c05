"""The public SMTP client: every documented overload, for callers and type checkers.

GENERATED from mailclients.smtp.signatures by ``python run.py generate``; do not edit. The methods only hand their
arguments on: what they do is written in the operations module beside this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from mailclients.signatures import one_form
from mailclients.smtp.base import SmtpClientBase
from mailclients.smtp.signatures import CONSTRUCTOR, OPERATIONS

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from concurrent.futures import Executor

    from mailclients.arguments import Callback, IConnection, IdCollection, ITokenProvider
    from mailclients.handles import IAsyncResult, IAsyncResultExt
    from mailclients.message import MailAddressCollection, MailMessage
    from mailclients.mime.files import SupportsReadBytes
    from mailclients.options import SecurityOptions

__all__ = ["SmtpClient"]

_SEND = OPERATIONS["send"]
_FORWARD = OPERATIONS["forward"]
_SEND_TO_QUEUE = OPERATIONS["send_to_queue"]
_SEND_QUEUE = OPERATIONS["send_queue"]
_NOOP = OPERATIONS["noop"]
_VALIDATE_CREDENTIALS = OPERATIONS["validate_credentials"]


class SmtpClient(SmtpClientBase):
    """A client that sends messages through one server. Nothing is connected before the first operation.

    .NET: ``SmtpClient``.

    Any thread may call any method at any time.
    """

    @overload
    def __init__(self, *, executor: Executor | None = None, ssl_context: ssl.SSLContext | None = None) -> None: ...
    @overload
    def __init__(
        self,
        host: str,
        security_options: SecurityOptions = ...,
        *,
        executor: Executor | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        host: str,
        port: int,
        security_options: SecurityOptions = ...,
        *,
        executor: Executor | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        host: str,
        username: str,
        password: str,
        security_options: SecurityOptions = ...,
        *,
        executor: Executor | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        host: str,
        username: str,
        token_provider: ITokenProvider,
        security_options: SecurityOptions = ...,
        *,
        executor: Executor | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        host: str,
        username: str,
        auth_info: str,
        use_o_auth: bool,
        security_options: SecurityOptions = ...,
        *,
        executor: Executor | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        host: str,
        port: int,
        username: str,
        password: str,
        security_options: SecurityOptions = ...,
        *,
        executor: Executor | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        host: str,
        port: int,
        username: str,
        token_provider: ITokenProvider,
        security_options: SecurityOptions = ...,
        *,
        executor: Executor | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        host: str,
        port: int,
        username: str,
        auth_info: str,
        use_o_auth: bool,
        security_options: SecurityOptions = ...,
        *,
        executor: Executor | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        host: str,
        port: int,
        username: str,
        password: str,
        user_certificate_validation_callback: Callable[..., bool],
        *,
        executor: Executor | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """A client that sends messages through one server. Nothing is connected before the first operation.

        .NET: ``SmtpClient``.

        Forms:
            SmtpClient()
            SmtpClient(host: str[, security_options: SecurityOptions])
            SmtpClient(host: str, port: int[, security_options: SecurityOptions])
            SmtpClient(host: str, username: str, password: str[, security_options: SecurityOptions])
            SmtpClient(host: str, username: str, token_provider: ITokenProvider[, security_options: SecurityOptions])
            SmtpClient(host: str, username: str, auth_info: str, use_o_auth: bool[, security_options: SecurityOptions])
            SmtpClient(host: str, port: int, username: str, password: str[, security_options: SecurityOptions])
            SmtpClient(host: str, port: int, username: str, token_provider: ITokenProvider[, security_options:
                SecurityOptions])
            SmtpClient(host: str, port: int, username: str, auth_info: str, use_o_auth: bool[, security_options:
                SecurityOptions])
            SmtpClient(host: str, port: int, username: str, password: str, user_certificate_validation_callback:
                Callable[..., bool])

        Args:
            host: name or address of the server.
            security_options: how the connection is protected.
            port: port of the server, 1 to 65535.
            username: name to sign in with.
            password: password to sign in with.
            token_provider: asked for an access token at every sign-in.
            auth_info: an OAuth 2.0 access token when `use_o_auth` is true, else the password.
            use_o_auth: whether `auth_info` is an access token.
            user_certificate_validation_callback: decides whether the server's certificate is accepted.
            executor: thread executor that runs begun operations; the client's own when None.
            ssl_context: TLS settings, used as they are; a verifying default when None.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
        """
        self._configure(**CONSTRUCTOR.bind(args, kwargs).arguments)

    @overload
    def send(self, connection: IConnection, message: MailMessage) -> None: ...
    @overload
    def send(self, message: MailMessage) -> None: ...
    @overload
    def send(self, connection: IConnection, messages: IdCollection[MailMessage]) -> None: ...
    @overload
    def send(self, messages: IdCollection[MailMessage]) -> None: ...
    @overload
    def send(self, connection: IConnection, *messages: MailMessage) -> None: ...
    @overload
    def send(self, *messages: MailMessage) -> None: ...
    @overload
    def send(self, connection: IConnection, from_address: str, recipients: str, subject: str, body: str) -> None: ...
    @overload
    def send(self, from_address: str, recipients: str, subject: str, body: str) -> None: ...
    def send(self, *args: Any, **kwargs: Any) -> Any:
        """Sends a message, or several in order. Of several all are tried; when some were not sent to everybody, the
        error's `operation_details` tells what became of each. What is sent is the message as it is at the call, without
        Bcc. The message's `delivery_notification_options` go to a server that offers DSN (RFC 3461); another one gets
        the message alone.

        .NET: ``SmtpClient.Send``.

        Forms:
            send([connection,] message: MailMessage)
            send([connection,] messages: Collection[MailMessage])
            send([connection,] *messages: MailMessage)
            send([connection,] from_address: str, recipients: str, subject: str, body: str)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            message: the message; its header names sender and recipients.
            messages: the messages.
            from_address: address of the author.
            recipients: addresses, separated by commas or semicolons.
            subject: the subject.
            body: the text.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            SmtpException: the server refuses the message.
            SmtpFailedRecipientException: the server refuses a recipient; `delivered_to` names those for whom it took
                the message.
            DeliveryUnknownError: the connection ended between the last byte of the message and the answer; it may have
                been delivered.
            AsposeNotSupportedException: the server does not offer what the message cannot be sent without.
            SecurityError: TLS, or REQUIRETLS where `require_tls` is set, cannot be had.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_SEND, args, kwargs)

    @overload
    def begin_send(
        self, connection: IConnection, message: MailMessage, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_send(
        self, message: MailMessage, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_send(
        self,
        connection: IConnection,
        messages: IdCollection[MailMessage],
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_send(
        self, messages: IdCollection[MailMessage], callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_send(
        self, connection: IConnection, *messages: MailMessage, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_send(
        self, *messages: MailMessage, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_send(
        self,
        connection: IConnection,
        from_address: str,
        recipients: str,
        subject: str,
        body: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_send(
        self,
        from_address: str,
        recipients: str,
        subject: str,
        body: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    def begin_send(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `send` and returns at once; `end_send` gives the result.

        .NET: ``SmtpClient.BeginSend``.

        Args:
            and: the arguments of `send` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_SEND, args, kwargs)

    @one_form
    def end_send(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_send` began and gives its result or raises its error, the same each time
        it is called.

        .NET: ``SmtpClient.EndSend``.

        Args:
            async_result: what `begin_send` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            SmtpException: the server refuses the message.
            SmtpFailedRecipientException: the server refuses a recipient; `delivered_to` names those for whom it took
                the message.
            DeliveryUnknownError: the connection ended between the last byte of the message and the answer; it may have
                been delivered.
            AsposeNotSupportedException: the server does not offer what the message cannot be sent without.
            SecurityError: TLS, or REQUIRETLS where `require_tls` is set, cannot be had.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_SEND, async_result)

    @overload
    def forward(self, connection: IConnection, sender: str, recipient: str, message: MailMessage) -> None: ...
    @overload
    def forward(self, sender: str, recipient: str, message: MailMessage) -> None: ...
    @overload
    def forward(
        self, connection: IConnection, sender: str, recipients: MailAddressCollection, message: MailMessage
    ) -> None: ...
    @overload
    def forward(self, sender: str, recipients: MailAddressCollection, message: MailMessage) -> None: ...
    @overload
    def forward(
        self, connection: IConnection, sender: str, recipients: MailAddressCollection, message_stream: SupportsReadBytes
    ) -> None: ...
    @overload
    def forward(self, sender: str, recipients: MailAddressCollection, message_stream: SupportsReadBytes) -> None: ...
    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Sends a message as it is to other recipients: the envelope is what is given here, whatever the header says.

        .NET: ``SmtpClient.Forward``.

        Forms:
            forward([connection,] sender: str, recipient: str, message: MailMessage)
            forward([connection,] sender: str, recipients: MailAddressCollection, message: MailMessage)
            forward([connection,] sender: str, recipients: MailAddressCollection, message_stream: SupportsReadBytes)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            sender: address that the server is told, for reports of failed delivery; may be empty: no reports.
            recipient: address, or addresses separated by commas.
            message: the message, sent as it is.
            recipients: whom to send it to, whatever its header says.
            message_stream: gives the message, which is sent as it is; read to its end at the call.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            SmtpException: the server refuses the message.
            SmtpFailedRecipientException: the server refuses a recipient; `delivered_to` names those for whom it took
                the message.
            DeliveryUnknownError: the connection ended between the last byte of the message and the answer; it may have
                been delivered.
            AsposeNotSupportedException: the server does not offer what the message cannot be sent without.
            SecurityError: TLS, or REQUIRETLS where `require_tls` is set, cannot be had.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_FORWARD, args, kwargs)

    @overload
    def begin_forward(
        self,
        connection: IConnection,
        sender: str,
        recipient: str,
        message: MailMessage,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_forward(
        self, sender: str, recipient: str, message: MailMessage, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_forward(
        self,
        connection: IConnection,
        sender: str,
        recipients: MailAddressCollection,
        message: MailMessage,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_forward(
        self,
        sender: str,
        recipients: MailAddressCollection,
        message: MailMessage,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_forward(
        self,
        connection: IConnection,
        sender: str,
        recipients: MailAddressCollection,
        message_stream: SupportsReadBytes,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_forward(
        self,
        sender: str,
        recipients: MailAddressCollection,
        message_stream: SupportsReadBytes,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    def begin_forward(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `forward` and returns at once; `end_forward` gives the result.

        .NET: ``SmtpClient.BeginForward``.

        Args:
            and: the arguments of `forward` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_FORWARD, args, kwargs)

    @one_form
    def end_forward(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_forward` began and gives its result or raises its error, the same each
        time it is called.

        .NET: ``SmtpClient.EndForward``.

        Args:
            async_result: what `begin_forward` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            SmtpException: the server refuses the message.
            SmtpFailedRecipientException: the server refuses a recipient; `delivered_to` names those for whom it took
                the message.
            DeliveryUnknownError: the connection ended between the last byte of the message and the answer; it may have
                been delivered.
            AsposeNotSupportedException: the server does not offer what the message cannot be sent without.
            SecurityError: TLS, or REQUIRETLS where `require_tls` is set, cannot be had.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_FORWARD, async_result)

    @one_form
    def send_to_queue(self, messages: IdCollection[MailMessage]) -> None:
        """Writes messages, each with its envelope, to the folder `smtp_queue_location`; `begin_send_queue`, of this
        client or of another process, sends them. When it returns they outlive a crash.

        .NET: ``SmtpClient.SendToQueue``.

        Args:
            messages: the messages.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            AsposeInvalidOperationException: `smtp_queue_location` is not set.
            OSError: the folder cannot be written; nothing was put there.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._call(_SEND_TO_QUEUE, (messages,), {})

    @one_form
    def begin_send_queue(self, callback: Callback[None] = None, state: object = None) -> IAsyncResultExt[None]:
        """Begins `send_queue` and returns at once; `end_begin_send_queue` gives the result.

        .NET: ``SmtpClient.BeginSendQueue``.

        Args:
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        result: IAsyncResultExt[None] = self._begin(_SEND_QUEUE, (callback, state), {})
        return result

    @one_form
    def end_begin_send_queue(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_send_queue` began and gives its result or raises its error, the same each
        time it is called.

        .NET: ``SmtpClient.EndBeginSendQueue``.

        Args:
            async_result: what `begin_send_queue` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            AsposeInvalidOperationException: `smtp_queue_location` is not set.
            OSError: the folder cannot be used.
            AuthenticationError: the server refuses the sign-in; the messages stay in the queue.
            SecurityError: TLS cannot be had; the messages stay in the queue.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_SEND_QUEUE, async_result)

    @overload
    def noop(self, connection: IConnection) -> None: ...
    @overload
    def noop(self) -> None: ...
    def noop(self, *args: Any, **kwargs: Any) -> Any:
        """Asks the server for nothing, which shows that the connection works (RFC 5321 section 4.1.1.9).

        .NET: ``SmtpClient.Noop``.

        Forms:
            noop([connection])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_NOOP, args, kwargs)

    @overload
    def begin_noop(
        self, connection: IConnection, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_noop(self, callback: Callback[None] = None, state: object = None) -> IAsyncResultExt[None]: ...
    def begin_noop(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `noop` and returns at once; `end_noop` gives the result.

        .NET: ``SmtpClient.BeginNoop``.

        Args:
            and: the arguments of `noop` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_NOOP, args, kwargs)

    @one_form
    def end_noop(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_noop` began and gives its result or raises its error, the same each time
        it is called.

        .NET: ``SmtpClient.EndNoop``.

        Args:
            async_result: what `begin_noop` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_NOOP, async_result)

    @overload
    def validate_credentials(self, connection: IConnection) -> bool: ...
    @overload
    def validate_credentials(self) -> bool: ...
    def validate_credentials(self, *args: Any, **kwargs: Any) -> Any:
        """Signs in to see whether the server accepts the credentials: True or False.

        .NET: ``SmtpClient.ValidateCredentials``.

        Forms:
            validate_credentials([connection])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_VALIDATE_CREDENTIALS, args, kwargs)

    @overload
    def begin_validate_credentials(
        self, connection: IConnection, callback: Callback[bool] = None, state: object = None
    ) -> IAsyncResultExt[bool]: ...
    @overload
    def begin_validate_credentials(
        self, callback: Callback[bool] = None, state: object = None
    ) -> IAsyncResultExt[bool]: ...
    def begin_validate_credentials(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `validate_credentials` and returns at once; `end_validate_credentials` gives the result.

        .NET: ``SmtpClient.BeginValidateCredentials``.

        Args:
            and: the arguments of `validate_credentials` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_VALIDATE_CREDENTIALS, args, kwargs)

    @one_form
    def end_validate_credentials(self, async_result: IAsyncResult) -> bool:
        """Waits for the operation that `begin_validate_credentials` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``SmtpClient.EndValidateCredentials``.

        Args:
            async_result: what `begin_validate_credentials` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: bool = self._end(_VALIDATE_CREDENTIALS, async_result)
        return result
