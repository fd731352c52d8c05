"""The public POP3 client: every documented overload, for callers and type checkers.

GENERATED from mailclients.pop3.signatures by ``python run.py generate``; do not edit. The methods only hand their
arguments on: what they do is written in the operations module beside this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from mailclients.pop3.base import Pop3ClientBase
from mailclients.pop3.signatures import CONSTRUCTOR, OPERATIONS
from mailclients.signatures import one_form

if TYPE_CHECKING:
    import os
    import ssl
    from collections.abc import Callable
    from concurrent.futures import Executor
    from datetime import timedelta

    from mailclients.arguments import Callback, IConnection, IdCollection, ITokenProvider, SupportsWrite
    from mailclients.handles import IAsyncResult, IAsyncResultExt
    from mailclients.message import HeaderCollection, MailMessage
    from mailclients.options import SecurityOptions
    from mailclients.pop3.models import Pop3ListFields, Pop3MailboxInfo, Pop3MessageInfo, Pop3MessageInfoCollection
    from mailclients.search import MailQuery

__all__ = ["Pop3Client"]

_LOGIN = OPERATIONS["login"]
_LOGOUT = OPERATIONS["logout"]
_NOOP = OPERATIONS["noop"]
_VALIDATE_CREDENTIALS = OPERATIONS["validate_credentials"]
_GET_MESSAGE_COUNT = OPERATIONS["get_message_count"]
_GET_MAILBOX_SIZE = OPERATIONS["get_mailbox_size"]
_GET_MAILBOX_INFO = OPERATIONS["get_mailbox_info"]
_GET_MESSAGE_UNIQUE_ID = OPERATIONS["get_message_unique_id"]
_GET_MESSAGE_SIZE = OPERATIONS["get_message_size"]
_GET_MESSAGE_HEADERS = OPERATIONS["get_message_headers"]
_GET_MESSAGE_INFO = OPERATIONS["get_message_info"]
_LIST_MESSAGES = OPERATIONS["list_messages"]
_LOAD_MESSAGE_INFO_LIST = OPERATIONS["load_message_info_list"]
_FETCH_MESSAGE = OPERATIONS["fetch_message"]
_FETCH_MESSAGES = OPERATIONS["fetch_messages"]
_SAVE_MESSAGE = OPERATIONS["save_message"]
_DELETE_MESSAGE = OPERATIONS["delete_message"]
_DELETE_MESSAGES = OPERATIONS["delete_messages"]
_UNDELETE_MESSAGES = OPERATIONS["undelete_messages"]
_COMMIT_DELETES = OPERATIONS["commit_deletes"]


class Pop3Client(Pop3ClientBase):
    """A client for one POP3 account. Nothing is connected before the first operation.

    .NET: ``Pop3Client``.

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
        auth_info: str,
        use_o_auth: bool,
        security_options: SecurityOptions,
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
        security_options: SecurityOptions,
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
        security_options: SecurityOptions = ...,
        *,
        executor: Executor | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """A client for one POP3 account. Nothing is connected before the first operation.

        .NET: ``Pop3Client``.

        Forms:
            Pop3Client()
            Pop3Client(host: str[, security_options: SecurityOptions])
            Pop3Client(host: str, port: int[, security_options: SecurityOptions])
            Pop3Client(host: str, username: str, password: str[, security_options: SecurityOptions])
            Pop3Client(host: str, port: int, username: str, password: str[, security_options: SecurityOptions])
            Pop3Client(host: str, port: int, username: str, auth_info: str, use_o_auth: bool, security_options:
                SecurityOptions)
            Pop3Client(host: str, port: int, username: str, token_provider: ITokenProvider, security_options:
                SecurityOptions)
            Pop3Client(host: str, port: int, username: str, password: str, user_certificate_validation_callback:
                Callable[..., bool][, security_options: SecurityOptions])

        Args:
            host: name or address of the server.
            security_options: how the connection is protected.
            port: port of the server, 1 to 65535.
            username: name to sign in with.
            password: password to sign in with.
            auth_info: an OAuth 2.0 access token when `use_o_auth` is true, else the password.
            use_o_auth: whether `auth_info` is an access token.
            token_provider: asked for an access token at every sign-in.
            user_certificate_validation_callback: decides whether the server's certificate is accepted.
            executor: thread executor that runs begun operations; the client's own when None.
            ssl_context: TLS settings, used as they are; a verifying default when None.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
        """
        self._configure(**CONSTRUCTOR.bind(args, kwargs).arguments)

    @one_form
    def login(self) -> None:
        """Connects and signs in. Every operation does so by itself when it is needed; after a refused sign-in this
        tries again.

        .NET: ``Pop3Client.Login``.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            AuthenticationError: the server does not accept the credentials.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._call(_LOGIN, (), {})

    @one_form
    def begin_login(self, callback: Callback[None] = None, state: object = None) -> IAsyncResultExt[None]:
        """Begins `login` and returns at once; `end_login` gives the result.

        .NET: ``Pop3Client.BeginLogin``.

        Args:
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        result: IAsyncResultExt[None] = self._begin(_LOGIN, (callback, state), {})
        return result

    @one_form
    def end_login(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_login` began and gives its result or raises its error, the same each time
        it is called.

        .NET: ``Pop3Client.EndLogin``.

        Args:
            async_result: what `begin_login` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            AuthenticationError: the server does not accept the credentials.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_LOGIN, async_result)

    @one_form
    def logout(self) -> None:
        """Ends the session; what was marked for deletion and not committed stays. The next operation signs in.

        .NET: ``Pop3Client.Logout``.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._call(_LOGOUT, (), {})

    @one_form
    def begin_logout(self, callback: Callback[None] = None, state: object = None) -> IAsyncResultExt[None]:
        """Begins `logout` and returns at once; `end_logout` gives the result.

        .NET: ``Pop3Client.BeginLogout``.

        Args:
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        result: IAsyncResultExt[None] = self._begin(_LOGOUT, (callback, state), {})
        return result

    @one_form
    def end_logout(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_logout` began and gives its result or raises its error, the same each
        time it is called.

        .NET: ``Pop3Client.EndLogout``.

        Args:
            async_result: what `begin_logout` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_LOGOUT, async_result)

    @overload
    def noop(self, connection: IConnection) -> None: ...
    @overload
    def noop(self) -> None: ...
    def noop(self, *args: Any, **kwargs: Any) -> Any:
        """Asks the server for nothing, which shows that the connection works (RFC 1939 section 5).

        .NET: ``Pop3Client.Noop``.

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

        .NET: ``Pop3Client.BeginNoop``.

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

        .NET: ``Pop3Client.EndNoop``.

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

        .NET: ``Pop3Client.ValidateCredentials``.

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

        .NET: ``Pop3Client.BeginValidateCredentials``.

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

        .NET: ``Pop3Client.EndValidateCredentials``.

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

    @overload
    def get_message_count(self, connection: IConnection, close_transaction: bool = False) -> int: ...
    @overload
    def get_message_count(self, close_transaction: bool = False) -> int: ...
    def get_message_count(self, *args: Any, **kwargs: Any) -> Any:
        """Tells how many messages there are, those marked for deletion left out (STAT, RFC 1939 section 5).

        .NET: ``Pop3Client.GetMessageCount``.

        Forms:
            get_message_count([connection,] [, close_transaction: bool])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            close_transaction: whether the session ends afterwards, with QUIT, which makes its deletions; the next
                operation sees what has arrived since.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_GET_MESSAGE_COUNT, args, kwargs)

    @overload
    def begin_get_message_count(
        self, connection: IConnection, callback: Callback[int] = None, state: object = None
    ) -> IAsyncResultExt[int]: ...
    @overload
    def begin_get_message_count(
        self, connection: IConnection, close_transaction: bool, callback: Callback[int] = None, state: object = None
    ) -> IAsyncResultExt[int]: ...
    @overload
    def begin_get_message_count(self, callback: Callback[int] = None, state: object = None) -> IAsyncResultExt[int]: ...
    @overload
    def begin_get_message_count(
        self, close_transaction: bool, callback: Callback[int] = None, state: object = None
    ) -> IAsyncResultExt[int]: ...
    def begin_get_message_count(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `get_message_count` and returns at once; `end_get_message_count` gives the result.

        .NET: ``Pop3Client.BeginGetMessageCount``.

        Args:
            and: the arguments of `get_message_count` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_GET_MESSAGE_COUNT, args, kwargs)

    @one_form
    def end_get_message_count(self, async_result: IAsyncResult) -> int:
        """Waits for the operation that `begin_get_message_count` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``Pop3Client.EndGetMessageCount``.

        Args:
            async_result: what `begin_get_message_count` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: int = self._end(_GET_MESSAGE_COUNT, async_result)
        return result

    @overload
    def get_mailbox_size(self, connection: IConnection) -> int: ...
    @overload
    def get_mailbox_size(self) -> int: ...
    def get_mailbox_size(self, *args: Any, **kwargs: Any) -> Any:
        """Tells how many bytes the messages have together (STAT, RFC 1939 section 5).

        .NET: ``Pop3Client.GetMailboxSize``.

        Forms:
            get_mailbox_size([connection])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_GET_MAILBOX_SIZE, args, kwargs)

    @overload
    def begin_get_mailbox_size(
        self, connection: IConnection, callback: Callback[int] = None, state: object = None
    ) -> IAsyncResultExt[int]: ...
    @overload
    def begin_get_mailbox_size(self, callback: Callback[int] = None, state: object = None) -> IAsyncResultExt[int]: ...
    def begin_get_mailbox_size(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `get_mailbox_size` and returns at once; `end_get_mailbox_size` gives the result.

        .NET: ``Pop3Client.BeginGetMailboxSize``.

        Args:
            and: the arguments of `get_mailbox_size` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_GET_MAILBOX_SIZE, args, kwargs)

    @one_form
    def end_get_mailbox_size(self, async_result: IAsyncResult) -> int:
        """Waits for the operation that `begin_get_mailbox_size` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``Pop3Client.EndGetMailboxSize``.

        Args:
            async_result: what `begin_get_mailbox_size` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: int = self._end(_GET_MAILBOX_SIZE, async_result)
        return result

    @overload
    def get_mailbox_info(self, connection: IConnection, close_transaction: bool = False) -> Pop3MailboxInfo: ...
    @overload
    def get_mailbox_info(self, close_transaction: bool = False) -> Pop3MailboxInfo: ...
    def get_mailbox_info(self, *args: Any, **kwargs: Any) -> Any:
        """Tells how many messages there are and their size (STAT, RFC 1939 section 5).

        .NET: ``Pop3Client.GetMailboxInfo``.

        Forms:
            get_mailbox_info([connection,] [, close_transaction: bool])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            close_transaction: whether the session ends afterwards, with QUIT, which makes its deletions; the next
                operation sees what has arrived since.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_GET_MAILBOX_INFO, args, kwargs)

    @overload
    def begin_get_mailbox_info(
        self, connection: IConnection, callback: Callback[Pop3MailboxInfo] = None, state: object = None
    ) -> IAsyncResultExt[Pop3MailboxInfo]: ...
    @overload
    def begin_get_mailbox_info(
        self,
        connection: IConnection,
        close_transaction: bool,
        callback: Callback[Pop3MailboxInfo] = None,
        state: object = None,
    ) -> IAsyncResultExt[Pop3MailboxInfo]: ...
    @overload
    def begin_get_mailbox_info(
        self, callback: Callback[Pop3MailboxInfo] = None, state: object = None
    ) -> IAsyncResultExt[Pop3MailboxInfo]: ...
    @overload
    def begin_get_mailbox_info(
        self, close_transaction: bool, callback: Callback[Pop3MailboxInfo] = None, state: object = None
    ) -> IAsyncResultExt[Pop3MailboxInfo]: ...
    def begin_get_mailbox_info(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `get_mailbox_info` and returns at once; `end_get_mailbox_info` gives the result.

        .NET: ``Pop3Client.BeginGetMailboxInfo``.

        Args:
            and: the arguments of `get_mailbox_info` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_GET_MAILBOX_INFO, args, kwargs)

    @one_form
    def end_get_mailbox_info(self, async_result: IAsyncResult) -> Pop3MailboxInfo:
        """Waits for the operation that `begin_get_mailbox_info` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``Pop3Client.EndGetMailboxInfo``.

        Args:
            async_result: what `begin_get_mailbox_info` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: Pop3MailboxInfo = self._end(_GET_MAILBOX_INFO, async_result)
        return result

    @overload
    def get_message_unique_id(self, connection: IConnection, sequence_number: int) -> str: ...
    @overload
    def get_message_unique_id(self, sequence_number: int) -> str: ...
    def get_message_unique_id(self, *args: Any, **kwargs: Any) -> Any:
        """Tells the unique id of a message (UIDL, RFC 1939 section 7).

        .NET: ``Pop3Client.GetMessageUniqueId``.

        Forms:
            get_message_unique_id([connection,] sequence_number: int)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            sequence_number: number of the message in its session.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            MessageNotFoundError: there is no such message.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_GET_MESSAGE_UNIQUE_ID, args, kwargs)

    @overload
    def begin_get_message_unique_id(
        self, connection: IConnection, sequence_number: int, callback: Callback[str] = None, state: object = None
    ) -> IAsyncResultExt[str]: ...
    @overload
    def begin_get_message_unique_id(
        self, sequence_number: int, callback: Callback[str] = None, state: object = None
    ) -> IAsyncResultExt[str]: ...
    def begin_get_message_unique_id(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `get_message_unique_id` and returns at once; `end_get_message_unique_id` gives the result.

        .NET: ``Pop3Client.BeginGetMessageUniqueId``.

        Args:
            and: the arguments of `get_message_unique_id` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_GET_MESSAGE_UNIQUE_ID, args, kwargs)

    @one_form
    def end_get_message_unique_id(self, async_result: IAsyncResult) -> str:
        """Waits for the operation that `begin_get_message_unique_id` began and gives its result or raises its error,
        the same each time it is called.

        .NET: ``Pop3Client.EndGetMessageUniqueId``.

        Args:
            async_result: what `begin_get_message_unique_id` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            MessageNotFoundError: there is no such message.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: str = self._end(_GET_MESSAGE_UNIQUE_ID, async_result)
        return result

    @overload
    def get_message_size(self, connection: IConnection, unique_id: str) -> int: ...
    @overload
    def get_message_size(self, unique_id: str) -> int: ...
    @overload
    def get_message_size(self, connection: IConnection, sequence_number: int) -> int: ...
    @overload
    def get_message_size(self, sequence_number: int) -> int: ...
    def get_message_size(self, *args: Any, **kwargs: Any) -> Any:
        """Tells the size of a message in bytes (LIST, RFC 1939 section 5).

        .NET: ``Pop3Client.GetMessageSize``.

        Forms:
            get_message_size([connection,] unique_id: str)
            get_message_size([connection,] sequence_number: int)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            unique_id: unique id of the message (UIDL).
            sequence_number: number of the message in its session.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            MessageNotFoundError: there is no such message.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_GET_MESSAGE_SIZE, args, kwargs)

    @overload
    def begin_get_message_size(
        self, connection: IConnection, unique_id: str, callback: Callback[int] = None, state: object = None
    ) -> IAsyncResultExt[int]: ...
    @overload
    def begin_get_message_size(
        self, unique_id: str, callback: Callback[int] = None, state: object = None
    ) -> IAsyncResultExt[int]: ...
    @overload
    def begin_get_message_size(
        self, connection: IConnection, sequence_number: int, callback: Callback[int] = None, state: object = None
    ) -> IAsyncResultExt[int]: ...
    @overload
    def begin_get_message_size(
        self, sequence_number: int, callback: Callback[int] = None, state: object = None
    ) -> IAsyncResultExt[int]: ...
    def begin_get_message_size(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `get_message_size` and returns at once; `end_get_message_size` gives the result.

        .NET: ``Pop3Client.BeginGetMessageSize``.

        Args:
            and: the arguments of `get_message_size` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_GET_MESSAGE_SIZE, args, kwargs)

    @one_form
    def end_get_message_size(self, async_result: IAsyncResult) -> int:
        """Waits for the operation that `begin_get_message_size` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``Pop3Client.EndGetMessageSize``.

        Args:
            async_result: what `begin_get_message_size` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            MessageNotFoundError: there is no such message.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: int = self._end(_GET_MESSAGE_SIZE, async_result)
        return result

    @overload
    def get_message_headers(self, connection: IConnection, unique_id: str) -> HeaderCollection: ...
    @overload
    def get_message_headers(self, unique_id: str) -> HeaderCollection: ...
    @overload
    def get_message_headers(self, connection: IConnection, sequence_number: int) -> HeaderCollection: ...
    @overload
    def get_message_headers(self, sequence_number: int) -> HeaderCollection: ...
    def get_message_headers(self, *args: Any, **kwargs: Any) -> Any:
        """Fetches the header of a message and nothing of its body (TOP, RFC 1939 section 7).

        .NET: ``Pop3Client.GetMessageHeaders``.

        Forms:
            get_message_headers([connection,] unique_id: str)
            get_message_headers([connection,] sequence_number: int)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            unique_id: unique id of the message (UIDL).
            sequence_number: number of the message in its session.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            MessageNotFoundError: there is no such message.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_GET_MESSAGE_HEADERS, args, kwargs)

    @overload
    def begin_get_message_headers(
        self, connection: IConnection, unique_id: str, callback: Callback[HeaderCollection] = None, state: object = None
    ) -> IAsyncResultExt[HeaderCollection]: ...
    @overload
    def begin_get_message_headers(
        self, unique_id: str, callback: Callback[HeaderCollection] = None, state: object = None
    ) -> IAsyncResultExt[HeaderCollection]: ...
    @overload
    def begin_get_message_headers(
        self,
        connection: IConnection,
        sequence_number: int,
        callback: Callback[HeaderCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[HeaderCollection]: ...
    @overload
    def begin_get_message_headers(
        self, sequence_number: int, callback: Callback[HeaderCollection] = None, state: object = None
    ) -> IAsyncResultExt[HeaderCollection]: ...
    def begin_get_message_headers(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `get_message_headers` and returns at once; `end_get_message_headers` gives the result.

        .NET: ``Pop3Client.BeginGetMessageHeaders``.

        Args:
            and: the arguments of `get_message_headers` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_GET_MESSAGE_HEADERS, args, kwargs)

    @one_form
    def end_get_message_headers(self, async_result: IAsyncResult) -> HeaderCollection:
        """Waits for the operation that `begin_get_message_headers` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``Pop3Client.EndGetMessageHeaders``.

        Args:
            async_result: what `begin_get_message_headers` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            MessageNotFoundError: there is no such message.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: HeaderCollection = self._end(_GET_MESSAGE_HEADERS, async_result)
        return result

    @overload
    def get_message_info(
        self, connection: IConnection, unique_id: str, fields: Pop3ListFields = ...
    ) -> Pop3MessageInfo: ...
    @overload
    def get_message_info(self, unique_id: str, fields: Pop3ListFields = ...) -> Pop3MessageInfo: ...
    @overload
    def get_message_info(
        self, connection: IConnection, sequence_number: int, fields: Pop3ListFields = ...
    ) -> Pop3MessageInfo: ...
    @overload
    def get_message_info(self, sequence_number: int, fields: Pop3ListFields = ...) -> Pop3MessageInfo: ...
    def get_message_info(self, *args: Any, **kwargs: Any) -> Any:
        """Describes one message as a listing does.

        .NET: ``Pop3Client.GetMessageInfo``.

        Forms:
            get_message_info([connection,] unique_id: str[, fields: Pop3ListFields])
            get_message_info([connection,] sequence_number: int[, fields: Pop3ListFields])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            unique_id: unique id of the message (UIDL).
            fields: MAIN also asks for the header of each message; ID_ONLY for number, unique id and size alone.
            sequence_number: number of the message in its session.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            MessageNotFoundError: there is no such message.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_GET_MESSAGE_INFO, args, kwargs)

    @overload
    def begin_get_message_info(
        self, connection: IConnection, unique_id: str, callback: Callback[Pop3MessageInfo] = None, state: object = None
    ) -> IAsyncResultExt[Pop3MessageInfo]: ...
    @overload
    def begin_get_message_info(
        self,
        connection: IConnection,
        unique_id: str,
        fields: Pop3ListFields,
        callback: Callback[Pop3MessageInfo] = None,
        state: object = None,
    ) -> IAsyncResultExt[Pop3MessageInfo]: ...
    @overload
    def begin_get_message_info(
        self, unique_id: str, callback: Callback[Pop3MessageInfo] = None, state: object = None
    ) -> IAsyncResultExt[Pop3MessageInfo]: ...
    @overload
    def begin_get_message_info(
        self, unique_id: str, fields: Pop3ListFields, callback: Callback[Pop3MessageInfo] = None, state: object = None
    ) -> IAsyncResultExt[Pop3MessageInfo]: ...
    @overload
    def begin_get_message_info(
        self,
        connection: IConnection,
        sequence_number: int,
        callback: Callback[Pop3MessageInfo] = None,
        state: object = None,
    ) -> IAsyncResultExt[Pop3MessageInfo]: ...
    @overload
    def begin_get_message_info(
        self,
        connection: IConnection,
        sequence_number: int,
        fields: Pop3ListFields,
        callback: Callback[Pop3MessageInfo] = None,
        state: object = None,
    ) -> IAsyncResultExt[Pop3MessageInfo]: ...
    @overload
    def begin_get_message_info(
        self, sequence_number: int, callback: Callback[Pop3MessageInfo] = None, state: object = None
    ) -> IAsyncResultExt[Pop3MessageInfo]: ...
    @overload
    def begin_get_message_info(
        self,
        sequence_number: int,
        fields: Pop3ListFields,
        callback: Callback[Pop3MessageInfo] = None,
        state: object = None,
    ) -> IAsyncResultExt[Pop3MessageInfo]: ...
    def begin_get_message_info(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `get_message_info` and returns at once; `end_get_message_info` gives the result.

        .NET: ``Pop3Client.BeginGetMessageInfo``.

        Args:
            and: the arguments of `get_message_info` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_GET_MESSAGE_INFO, args, kwargs)

    @one_form
    def end_get_message_info(self, async_result: IAsyncResult) -> Pop3MessageInfo:
        """Waits for the operation that `begin_get_message_info` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``Pop3Client.EndGetMessageInfo``.

        Args:
            async_result: what `begin_get_message_info` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            MessageNotFoundError: there is no such message.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: Pop3MessageInfo = self._end(_GET_MESSAGE_INFO, async_result)
        return result

    @overload
    def list_messages(self, connection: IConnection) -> Pop3MessageInfoCollection: ...
    @overload
    def list_messages(self) -> Pop3MessageInfoCollection: ...
    @overload
    def list_messages(self, connection: IConnection, close_transaction: bool) -> Pop3MessageInfoCollection: ...
    @overload
    def list_messages(self, close_transaction: bool) -> Pop3MessageInfoCollection: ...
    @overload
    def list_messages(self, connection: IConnection, query: MailQuery) -> Pop3MessageInfoCollection: ...
    @overload
    def list_messages(self, query: MailQuery) -> Pop3MessageInfoCollection: ...
    @overload
    def list_messages(self, connection: IConnection, fields: Pop3ListFields) -> Pop3MessageInfoCollection: ...
    @overload
    def list_messages(self, fields: Pop3ListFields) -> Pop3MessageInfoCollection: ...
    @overload
    def list_messages(
        self, connection: IConnection, fields: Pop3ListFields, close_transaction: bool, query: MailQuery
    ) -> Pop3MessageInfoCollection: ...
    @overload
    def list_messages(
        self, fields: Pop3ListFields, close_transaction: bool, query: MailQuery
    ) -> Pop3MessageInfoCollection: ...
    @overload
    def list_messages(self, connection: IConnection, unique_id_lst: IdCollection[str]) -> Pop3MessageInfoCollection: ...
    @overload
    def list_messages(self, unique_id_lst: IdCollection[str]) -> Pop3MessageInfoCollection: ...
    @overload
    def list_messages(
        self, connection: IConnection, sequence_number_lst: IdCollection[int]
    ) -> Pop3MessageInfoCollection: ...
    @overload
    def list_messages(self, sequence_number_lst: IdCollection[int]) -> Pop3MessageInfoCollection: ...
    def list_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Lists messages with their sizes, and their headers unless `fields` is ID_ONLY. A query is evaluated here, on
        the headers, so it costs one command for each message; what needs bodies takes ``query.with_client_filter()``.
        Unique ids that are gone are left out.

        .NET: ``Pop3Client.ListMessages``.

        Forms:
            list_messages([connection])
            list_messages([connection,] close_transaction: bool)
            list_messages([connection,] query: MailQuery)
            list_messages([connection,] fields: Pop3ListFields)
            list_messages([connection,] fields: Pop3ListFields, close_transaction: bool, query: MailQuery)
            list_messages([connection,] unique_id_lst: Collection[str])
            list_messages([connection,] sequence_number_lst: Collection[int])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            close_transaction: whether the session ends afterwards, with QUIT, which makes its deletions; the next
                operation sees what has arrived since.
            query: criteria the messages have to meet.
            fields: MAIN also asks for the header of each message; ID_ONLY for number, unique id and size alone.
            unique_id_lst: unique ids of the messages.
            sequence_number_lst: numbers of the messages in their session.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            AsposeNotSupportedException: it asks for flags, or for bodies and does not allow to load them.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_LIST_MESSAGES, args, kwargs)

    @overload
    def begin_list_messages(
        self, connection: IConnection, callback: Callback[Pop3MessageInfoCollection] = None, state: object = None
    ) -> IAsyncResultExt[Pop3MessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self, callback: Callback[Pop3MessageInfoCollection] = None, state: object = None
    ) -> IAsyncResultExt[Pop3MessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        connection: IConnection,
        close_transaction: bool,
        callback: Callback[Pop3MessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[Pop3MessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self, close_transaction: bool, callback: Callback[Pop3MessageInfoCollection] = None, state: object = None
    ) -> IAsyncResultExt[Pop3MessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        connection: IConnection,
        query: MailQuery,
        callback: Callback[Pop3MessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[Pop3MessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self, query: MailQuery, callback: Callback[Pop3MessageInfoCollection] = None, state: object = None
    ) -> IAsyncResultExt[Pop3MessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        connection: IConnection,
        fields: Pop3ListFields,
        callback: Callback[Pop3MessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[Pop3MessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self, fields: Pop3ListFields, callback: Callback[Pop3MessageInfoCollection] = None, state: object = None
    ) -> IAsyncResultExt[Pop3MessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        connection: IConnection,
        fields: Pop3ListFields,
        close_transaction: bool,
        query: MailQuery,
        callback: Callback[Pop3MessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[Pop3MessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        fields: Pop3ListFields,
        close_transaction: bool,
        query: MailQuery,
        callback: Callback[Pop3MessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[Pop3MessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        connection: IConnection,
        unique_id_lst: IdCollection[str],
        callback: Callback[Pop3MessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[Pop3MessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        unique_id_lst: IdCollection[str],
        callback: Callback[Pop3MessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[Pop3MessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        connection: IConnection,
        sequence_number_lst: IdCollection[int],
        callback: Callback[Pop3MessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[Pop3MessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        sequence_number_lst: IdCollection[int],
        callback: Callback[Pop3MessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[Pop3MessageInfoCollection]: ...
    def begin_list_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `list_messages` and returns at once; `end_list_messages` gives the result.

        .NET: ``Pop3Client.BeginListMessages``.

        Args:
            and: the arguments of `list_messages` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_LIST_MESSAGES, args, kwargs)

    @one_form
    def end_list_messages(self, async_result: IAsyncResult) -> Pop3MessageInfoCollection:
        """Waits for the operation that `begin_list_messages` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``Pop3Client.EndListMessages``.

        Args:
            async_result: what `begin_list_messages` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            AsposeNotSupportedException: it asks for flags, or for bodies and does not allow to load them.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: Pop3MessageInfoCollection = self._end(_LIST_MESSAGES, async_result)
        return result

    @overload
    def load_message_info_list(
        self, connection: IConnection, sequence_number_list: IdCollection[int]
    ) -> Pop3MessageInfoCollection: ...
    @overload
    def load_message_info_list(self, sequence_number_list: IdCollection[int]) -> Pop3MessageInfoCollection: ...
    @overload
    def load_message_info_list(
        self, connection: IConnection, message_info_list: IdCollection[Pop3MessageInfo]
    ) -> Pop3MessageInfoCollection: ...
    @overload
    def load_message_info_list(self, message_info_list: IdCollection[Pop3MessageInfo]) -> Pop3MessageInfoCollection: ...
    def load_message_info_list(self, *args: Any, **kwargs: Any) -> Any:
        """Describes messages that are known by number or from a listing, with their headers. Those that are gone are
        left out.

        .NET: ``Pop3Client.LoadMessageInfoList``.

        Forms:
            load_message_info_list([connection,] sequence_number_list: Collection[int])
            load_message_info_list([connection,] message_info_list: Collection[Pop3MessageInfo])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            sequence_number_list: numbers of the messages in their session.
            message_info_list: the messages as a listing gave them; their unique ids count.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_LOAD_MESSAGE_INFO_LIST, args, kwargs)

    @overload
    def begin_load_message_info_list(
        self,
        connection: IConnection,
        sequence_number_list: IdCollection[int],
        callback: Callback[Pop3MessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[Pop3MessageInfoCollection]: ...
    @overload
    def begin_load_message_info_list(
        self,
        sequence_number_list: IdCollection[int],
        callback: Callback[Pop3MessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[Pop3MessageInfoCollection]: ...
    @overload
    def begin_load_message_info_list(
        self,
        connection: IConnection,
        message_info_list: IdCollection[Pop3MessageInfo],
        callback: Callback[Pop3MessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[Pop3MessageInfoCollection]: ...
    @overload
    def begin_load_message_info_list(
        self,
        message_info_list: IdCollection[Pop3MessageInfo],
        callback: Callback[Pop3MessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[Pop3MessageInfoCollection]: ...
    def begin_load_message_info_list(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `load_message_info_list` and returns at once; `end_load_message_info_list` gives the result.

        .NET: ``Pop3Client.BeginLoadMessageInfoList``.

        Args:
            and: the arguments of `load_message_info_list` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_LOAD_MESSAGE_INFO_LIST, args, kwargs)

    @one_form
    def end_load_message_info_list(self, async_result: IAsyncResult) -> Pop3MessageInfoCollection:
        """Waits for the operation that `begin_load_message_info_list` began and gives its result or raises its error,
        the same each time it is called.

        .NET: ``Pop3Client.EndLoadMessageInfoList``.

        Args:
            async_result: what `begin_load_message_info_list` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: Pop3MessageInfoCollection = self._end(_LOAD_MESSAGE_INFO_LIST, async_result)
        return result

    @overload
    def fetch_message(self, connection: IConnection, unique_id: str) -> MailMessage: ...
    @overload
    def fetch_message(self, unique_id: str) -> MailMessage: ...
    @overload
    def fetch_message(self, connection: IConnection, sequence_number: int) -> MailMessage: ...
    @overload
    def fetch_message(self, sequence_number: int) -> MailMessage: ...
    def fetch_message(self, *args: Any, **kwargs: Any) -> Any:
        """Fetches one message (RETR, RFC 1939 section 5).

        .NET: ``Pop3Client.FetchMessage``.

        Forms:
            fetch_message([connection,] unique_id: str)
            fetch_message([connection,] sequence_number: int)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            unique_id: unique id of the message (UIDL).
            sequence_number: number of the message in its session.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            MessageNotFoundError: there is no such message.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_FETCH_MESSAGE, args, kwargs)

    @overload
    def begin_fetch_message(
        self, connection: IConnection, unique_id: str, callback: Callback[MailMessage] = None, state: object = None
    ) -> IAsyncResultExt[MailMessage]: ...
    @overload
    def begin_fetch_message(
        self, unique_id: str, callback: Callback[MailMessage] = None, state: object = None
    ) -> IAsyncResultExt[MailMessage]: ...
    @overload
    def begin_fetch_message(
        self,
        connection: IConnection,
        sequence_number: int,
        callback: Callback[MailMessage] = None,
        state: object = None,
    ) -> IAsyncResultExt[MailMessage]: ...
    @overload
    def begin_fetch_message(
        self, sequence_number: int, callback: Callback[MailMessage] = None, state: object = None
    ) -> IAsyncResultExt[MailMessage]: ...
    def begin_fetch_message(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `fetch_message` and returns at once; `end_fetch_message` gives the result.

        .NET: ``Pop3Client.BeginFetchMessage``.

        Args:
            and: the arguments of `fetch_message` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_FETCH_MESSAGE, args, kwargs)

    @one_form
    def end_fetch_message(self, async_result: IAsyncResult) -> MailMessage:
        """Waits for the operation that `begin_fetch_message` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``Pop3Client.EndFetchMessage``.

        Args:
            async_result: what `begin_fetch_message` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            MessageNotFoundError: there is no such message.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: MailMessage = self._end(_FETCH_MESSAGE, async_result)
        return result

    @overload
    def fetch_messages(self, connection: IConnection, sequence_numbers: IdCollection[int]) -> list[MailMessage]: ...
    @overload
    def fetch_messages(self, sequence_numbers: IdCollection[int]) -> list[MailMessage]: ...
    @overload
    def fetch_messages(self, connection: IConnection, uids: IdCollection[str]) -> list[MailMessage]: ...
    @overload
    def fetch_messages(self, uids: IdCollection[str]) -> list[MailMessage]: ...
    def fetch_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Fetches several messages, in the order in which they are named; unique ids that are gone are left out.

        .NET: ``Pop3Client.FetchMessages``.

        Forms:
            fetch_messages([connection,] sequence_numbers: Collection[int])
            fetch_messages([connection,] uids: Collection[str])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            sequence_numbers: numbers of the messages in their session.
            uids: unique ids of the messages.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            MessageNotFoundError: there is no such message.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_FETCH_MESSAGES, args, kwargs)

    @overload
    def begin_fetch_messages(
        self,
        connection: IConnection,
        sequence_numbers: IdCollection[int],
        callback: Callback[list[MailMessage]] = None,
        state: object = None,
    ) -> IAsyncResultExt[list[MailMessage]]: ...
    @overload
    def begin_fetch_messages(
        self, sequence_numbers: IdCollection[int], callback: Callback[list[MailMessage]] = None, state: object = None
    ) -> IAsyncResultExt[list[MailMessage]]: ...
    @overload
    def begin_fetch_messages(
        self,
        connection: IConnection,
        uids: IdCollection[str],
        callback: Callback[list[MailMessage]] = None,
        state: object = None,
    ) -> IAsyncResultExt[list[MailMessage]]: ...
    @overload
    def begin_fetch_messages(
        self, uids: IdCollection[str], callback: Callback[list[MailMessage]] = None, state: object = None
    ) -> IAsyncResultExt[list[MailMessage]]: ...
    def begin_fetch_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `fetch_messages` and returns at once; `end_fetch_messages` gives the result.

        .NET: ``Pop3Client.BeginFetchMessages``.

        Args:
            and: the arguments of `fetch_messages` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_FETCH_MESSAGES, args, kwargs)

    @one_form
    def end_fetch_messages(self, async_result: IAsyncResult) -> list[MailMessage]:
        """Waits for the operation that `begin_fetch_messages` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``Pop3Client.EndFetchMessages``.

        Args:
            async_result: what `begin_fetch_messages` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            MessageNotFoundError: there is no such message.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: list[MailMessage] = self._end(_FETCH_MESSAGES, async_result)
        return result

    @overload
    def save_message(self, connection: IConnection, unique_id: str, output_stream: SupportsWrite) -> None: ...
    @overload
    def save_message(self, unique_id: str, output_stream: SupportsWrite) -> None: ...
    @overload
    def save_message(self, connection: IConnection, unique_id: str, file_name: str | os.PathLike[str]) -> None: ...
    @overload
    def save_message(self, unique_id: str, file_name: str | os.PathLike[str]) -> None: ...
    @overload
    def save_message(self, connection: IConnection, sequence_number: int, output_stream: SupportsWrite) -> None: ...
    @overload
    def save_message(self, sequence_number: int, output_stream: SupportsWrite) -> None: ...
    @overload
    def save_message(
        self, connection: IConnection, sequence_number: int, file_name: str | os.PathLike[str]
    ) -> None: ...
    @overload
    def save_message(self, sequence_number: int, file_name: str | os.PathLike[str]) -> None: ...
    def save_message(self, *args: Any, **kwargs: Any) -> Any:
        """Fetches one message into a file or stream, byte for byte as the server sends it; memory stays small. A file
        has the message or is left alone; a stream is written once the whole message is here.

        .NET: ``Pop3Client.SaveMessage``.

        Forms:
            save_message([connection,] unique_id: str, output_stream: SupportsWrite)
            save_message([connection,] unique_id: str, file_name: str | os.PathLike[str])
            save_message([connection,] sequence_number: int, output_stream: SupportsWrite)
            save_message([connection,] sequence_number: int, file_name: str | os.PathLike[str])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            unique_id: unique id of the message (UIDL).
            output_stream: binary stream that receives the message.
            file_name: path of the file.
            sequence_number: number of the message in its session.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            MessageNotFoundError: there is no such message.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            Pop3Exception: the server refuses.
            OSError: the file, or a temporary one, cannot be written.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_SAVE_MESSAGE, args, kwargs)

    @overload
    def begin_save_message(
        self,
        connection: IConnection,
        unique_id: str,
        output_stream: SupportsWrite,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_save_message(
        self, unique_id: str, output_stream: SupportsWrite, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_save_message(
        self,
        connection: IConnection,
        unique_id: str,
        file_name: str | os.PathLike[str],
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_save_message(
        self, unique_id: str, file_name: str | os.PathLike[str], callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_save_message(
        self,
        connection: IConnection,
        sequence_number: int,
        output_stream: SupportsWrite,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_save_message(
        self, sequence_number: int, output_stream: SupportsWrite, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_save_message(
        self,
        connection: IConnection,
        sequence_number: int,
        file_name: str | os.PathLike[str],
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_save_message(
        self,
        sequence_number: int,
        file_name: str | os.PathLike[str],
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    def begin_save_message(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `save_message` and returns at once; `end_save_message` gives the result.

        .NET: ``Pop3Client.BeginSaveMessage``.

        Args:
            and: the arguments of `save_message` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_SAVE_MESSAGE, args, kwargs)

    @one_form
    def end_save_message(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_save_message` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``Pop3Client.EndSaveMessage``.

        Args:
            async_result: what `begin_save_message` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            MessageNotFoundError: there is no such message.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            Pop3Exception: the server refuses.
            OSError: the file, or a temporary one, cannot be written.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_SAVE_MESSAGE, async_result)

    @overload
    def delete_message(self, connection: IConnection, unique_id: str) -> None: ...
    @overload
    def delete_message(self, unique_id: str) -> None: ...
    @overload
    def delete_message(self, connection: IConnection, sequence_number: int) -> None: ...
    @overload
    def delete_message(self, sequence_number: int) -> None: ...
    def delete_message(self, *args: Any, **kwargs: Any) -> Any:
        """Marks one message for deletion in its session (DELE, RFC 1939 section 5); `commit_deletes` makes it.

        .NET: ``Pop3Client.DeleteMessage``.

        Forms:
            delete_message([connection,] unique_id: str)
            delete_message([connection,] sequence_number: int)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            unique_id: unique id of the message (UIDL).
            sequence_number: number of the message in its session.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            MessageNotFoundError: there is no such message.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            DeletionsLostError: the session with the deletions was lost before its QUIT: none of them was made.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_DELETE_MESSAGE, args, kwargs)

    @overload
    def begin_delete_message(
        self, connection: IConnection, unique_id: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_message(
        self, unique_id: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_message(
        self, connection: IConnection, sequence_number: int, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_message(
        self, sequence_number: int, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    def begin_delete_message(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `delete_message` and returns at once; `end_delete_message` gives the result.

        .NET: ``Pop3Client.BeginDeleteMessage``.

        Args:
            and: the arguments of `delete_message` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_DELETE_MESSAGE, args, kwargs)

    @one_form
    def end_delete_message(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_delete_message` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``Pop3Client.EndDeleteMessage``.

        Args:
            async_result: what `begin_delete_message` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            MessageNotFoundError: there is no such message.
            NumbersChangedError: the number belongs to a session that is gone, and is not proven to mean the same.
            DeletionsLostError: the session with the deletions was lost before its QUIT: none of them was made.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_DELETE_MESSAGE, async_result)

    @overload
    def delete_messages(self, connection: IConnection) -> None: ...
    @overload
    def delete_messages(self) -> None: ...
    def delete_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Marks all messages of the session for deletion; `commit_deletes` makes it.

        .NET: ``Pop3Client.DeleteMessages``.

        Forms:
            delete_messages([connection])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            DeletionsLostError: the session with the deletions was lost before its QUIT: none of them was made.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_DELETE_MESSAGES, args, kwargs)

    @overload
    def begin_delete_messages(
        self, connection: IConnection, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(self, callback: Callback[None] = None, state: object = None) -> IAsyncResultExt[None]: ...
    def begin_delete_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `delete_messages` and returns at once; `end_delete_messages` gives the result.

        .NET: ``Pop3Client.BeginDeleteMessages``.

        Args:
            and: the arguments of `delete_messages` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_DELETE_MESSAGES, args, kwargs)

    @one_form
    def end_delete_messages(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_delete_messages` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``Pop3Client.EndDeleteMessages``.

        Args:
            async_result: what `begin_delete_messages` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            DeletionsLostError: the session with the deletions was lost before its QUIT: none of them was made.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_DELETE_MESSAGES, async_result)

    @overload
    def undelete_messages(self, connection: IConnection) -> None: ...
    @overload
    def undelete_messages(self) -> None: ...
    def undelete_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Takes all marks of deletion back (RSET, RFC 1939 section 5).

        .NET: ``Pop3Client.UndeleteMessages``.

        Forms:
            undelete_messages([connection])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_UNDELETE_MESSAGES, args, kwargs)

    @overload
    def begin_undelete_messages(
        self, connection: IConnection, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_undelete_messages(
        self, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    def begin_undelete_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `undelete_messages` and returns at once; `end_undelete_messages` gives the result.

        .NET: ``Pop3Client.BeginUndeleteMessages``.

        Args:
            and: the arguments of `undelete_messages` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_UNDELETE_MESSAGES, args, kwargs)

    @one_form
    def end_undelete_messages(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_undelete_messages` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``Pop3Client.EndUndeleteMessages``.

        Args:
            async_result: what `begin_undelete_messages` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            Pop3Exception: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_UNDELETE_MESSAGES, async_result)

    @overload
    def commit_deletes(self, sleep: int | timedelta) -> None: ...
    @overload
    def commit_deletes(self, connection: IConnection) -> None: ...
    @overload
    def commit_deletes(self) -> None: ...
    def commit_deletes(self, *args: Any, **kwargs: Any) -> Any:
        """Makes the deletions of the session: ends it with QUIT (RFC 1939 section 6) and signs in again. Message
        numbers are other ones afterwards.

        .NET: ``Pop3Client.CommitDeletes``.

        Forms:
            commit_deletes(sleep: int | timedelta)
            commit_deletes([connection])

        Args:
            sleep: time to wait after the commit, in milliseconds; -1 for none.
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            DeletionsLostError: the session with the deletions was lost before its QUIT: none of them was made.
            Pop3Exception: the server refuses.
            OutcomeUnknownError: the connection is lost before the answer.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_COMMIT_DELETES, args, kwargs)

    @overload
    def begin_commit_deletes(
        self, sleep: int | timedelta, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_commit_deletes(
        self, connection: IConnection, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_commit_deletes(self, callback: Callback[None] = None, state: object = None) -> IAsyncResultExt[None]: ...
    def begin_commit_deletes(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `commit_deletes` and returns at once; `end_commit_deletes` gives the result.

        .NET: ``Pop3Client.BeginCommitDeletes``.

        Args:
            and: the arguments of `commit_deletes` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_COMMIT_DELETES, args, kwargs)

    @one_form
    def end_commit_deletes(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_commit_deletes` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``Pop3Client.EndCommitDeletes``.

        Args:
            async_result: what `begin_commit_deletes` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            DeletionsLostError: the session with the deletions was lost before its QUIT: none of them was made.
            Pop3Exception: the server refuses.
            OutcomeUnknownError: the connection is lost before the answer.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_COMMIT_DELETES, async_result)
