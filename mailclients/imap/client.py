"""The public IMAP client: every documented overload, for callers and type checkers.

GENERATED from mailclients.imap.signatures by ``python run.py generate``; do not edit. The methods only hand their
arguments on: what they do is written in the operations module beside this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from mailclients.imap.base import ImapClientBase
from mailclients.imap.signatures import CONSTRUCTOR, OPERATIONS
from mailclients.signatures import one_form

if TYPE_CHECKING:
    import os
    import ssl
    from collections.abc import Callable
    from concurrent.futures import Executor
    from datetime import timedelta

    from mailclients.arguments import Callback, IConnection, IdCollection, ITokenProvider, Out, SupportsWrite
    from mailclients.handles import IAsyncResult, IAsyncResultExt
    from mailclients.imap.models import (
        AppendMessagesResult,
        BackupOptions,
        BackupSettings,
        BaseSearchConditions,
        IImapMonitoringState,
        ImapAttachmentInfoCollection,
        ImapFolderInfo,
        ImapFolderInfoCollection,
        ImapIdentificationInfo,
        ImapListFields,
        ImapMessageFlags,
        ImapMessageInfo,
        ImapMessageInfoCollection,
        ImapMonitoringErrorEventHandler,
        ImapMonitoringEventHandler,
        ImapNamespace,
        ImapPageInfo,
        ImapQuota,
        ImapQuotaRoot,
        ListFoldersOptions,
        ListFoldersReturnOptions,
        MessageThreadResult,
        PageInfo,
        PageSettings,
        PersonalStorage,
        RestoreOptions,
        RestoreSettings,
        SortConditions,
    )
    from mailclients.message import Attachment, MailMessage
    from mailclients.options import SecurityOptions
    from mailclients.search import MailQuery

__all__ = ["ImapClient"]

_LOGIN = OPERATIONS["login"]
_LOGOUT = OPERATIONS["logout"]
_NOOP = OPERATIONS["noop"]
_VALIDATE_CREDENTIALS = OPERATIONS["validate_credentials"]
_SELECT_FOLDER = OPERATIONS["select_folder"]
_UNSELECT_FOLDER = OPERATIONS["unselect_folder"]
_LIST_FOLDERS = OPERATIONS["list_folders"]
_GET_FOLDER_INFO = OPERATIONS["get_folder_info"]
_EXIST_FOLDER = OPERATIONS["exist_folder"]
_CREATE_FOLDER = OPERATIONS["create_folder"]
_DELETE_FOLDER = OPERATIONS["delete_folder"]
_LIST_MESSAGES = OPERATIONS["list_messages"]
_LIST_MESSAGE = OPERATIONS["list_message"]
_FETCH_MESSAGE = OPERATIONS["fetch_message"]
_FETCH_MESSAGES = OPERATIONS["fetch_messages"]
_SAVE_MESSAGE = OPERATIONS["save_message"]
_APPEND_MESSAGE = OPERATIONS["append_message"]
_ADD_MESSAGE_FLAGS = OPERATIONS["add_message_flags"]
_REMOVE_MESSAGE_FLAGS = OPERATIONS["remove_message_flags"]
_CHANGE_MESSAGE_FLAGS = OPERATIONS["change_message_flags"]
_DELETE_MESSAGE = OPERATIONS["delete_message"]
_COMMIT_DELETES = OPERATIONS["commit_deletes"]
_INTRODUCE_CLIENT = OPERATIONS["introduce_client"]
_CLIENT_CAPABILITIES = OPERATIONS["client_capabilities"]
_REQUEST_CHECKPOINT = OPERATIONS["request_checkpoint"]
_GET_NAMESPACES = OPERATIONS["get_namespaces"]
_RENAME_FOLDER = OPERATIONS["rename_folder"]
_MOVE_FOLDER = OPERATIONS["move_folder"]
_SUBSCRIBE_FOLDER = OPERATIONS["subscribe_folder"]
_UNSUBSCRIBE_FOLDER = OPERATIONS["unsubscribe_folder"]
_GET_QUOTA = OPERATIONS["get_quota"]
_GET_QUOTA_ROOT = OPERATIONS["get_quota_root"]
_SET_QUOTA = OPERATIONS["set_quota"]
_LIST_MESSAGES_BY_PAGE = OPERATIONS["list_messages_by_page"]
_GET_MESSAGE_THREADS = OPERATIONS["get_message_threads"]
_SORT_MESSAGE_THREADS = OPERATIONS["sort_message_threads"]
_LIST_ATTACHMENTS = OPERATIONS["list_attachments"]
_FETCH_ATTACHMENT = OPERATIONS["fetch_attachment"]
_APPEND_MESSAGES = OPERATIONS["append_messages"]
_COPY_MESSAGE = OPERATIONS["copy_message"]
_COPY_MESSAGES = OPERATIONS["copy_messages"]
_MOVE_MESSAGE = OPERATIONS["move_message"]
_MOVE_MESSAGES = OPERATIONS["move_messages"]
_DELETE_MESSAGES = OPERATIONS["delete_messages"]
_UNDELETE_MESSAGE = OPERATIONS["undelete_message"]
_BACKUP = OPERATIONS["backup"]
_RESTORE = OPERATIONS["restore"]
_START_MONITORING = OPERATIONS["start_monitoring"]
_RESUME_MONITORING = OPERATIONS["resume_monitoring"]
_STOP_MONITORING = OPERATIONS["stop_monitoring"]


class ImapClient(ImapClientBase):
    """A client for one IMAP account. Nothing is connected before the first operation.

    .NET: ``ImapClient``.

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
        security_options: SecurityOptions = ...,
        *,
        executor: Executor | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """A client for one IMAP account. Nothing is connected before the first operation.

        .NET: ``ImapClient``.

        Forms:
            ImapClient()
            ImapClient(host: str[, security_options: SecurityOptions])
            ImapClient(host: str, port: int[, security_options: SecurityOptions])
            ImapClient(host: str, username: str, password: str[, security_options: SecurityOptions])
            ImapClient(host: str, username: str, token_provider: ITokenProvider[, security_options: SecurityOptions])
            ImapClient(host: str, username: str, auth_info: str, use_o_auth: bool[, security_options: SecurityOptions])
            ImapClient(host: str, port: int, username: str, password: str[, security_options: SecurityOptions])
            ImapClient(host: str, port: int, username: str, token_provider: ITokenProvider[, security_options:
                SecurityOptions])
            ImapClient(host: str, port: int, username: str, auth_info: str, use_o_auth: bool[, security_options:
                SecurityOptions])
            ImapClient(host: str, port: int, username: str, password: str, user_certificate_validation_callback:
                Callable[..., bool][, security_options: SecurityOptions])

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
    def login(self, connection: IConnection) -> None: ...
    @overload
    def login(self) -> None: ...
    def login(self, *args: Any, **kwargs: Any) -> Any:
        """Connects and signs in. Every operation does so by itself when it is needed; after a refused sign-in this
        tries again.

        .NET: ``ImapClient.Login``.

        Forms:
            login([connection])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            AuthenticationError: the server does not accept the credentials.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_LOGIN, args, kwargs)

    @overload
    def begin_login(
        self, connection: IConnection, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_login(self, callback: Callback[None] = None, state: object = None) -> IAsyncResultExt[None]: ...
    def begin_login(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `login` and returns at once; `end_login` gives the result.

        .NET: ``ImapClient.BeginLogin``.

        Args:
            and: the arguments of `login` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_LOGIN, args, kwargs)

    @one_form
    def end_login(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_login` began and gives its result or raises its error, the same each time
        it is called.

        .NET: ``ImapClient.EndLogin``.

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

    @overload
    def logout(self, connection: IConnection) -> None: ...
    @overload
    def logout(self) -> None: ...
    def logout(self, *args: Any, **kwargs: Any) -> Any:
        """Signs out and closes the connection (RFC 9051 section 6.1.3). The next operation opens it.

        .NET: ``ImapClient.Logout``.

        Forms:
            logout([connection])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_LOGOUT, args, kwargs)

    @overload
    def begin_logout(
        self, connection: IConnection, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_logout(self, callback: Callback[None] = None, state: object = None) -> IAsyncResultExt[None]: ...
    def begin_logout(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `logout` and returns at once; `end_logout` gives the result.

        .NET: ``ImapClient.BeginLogout``.

        Args:
            and: the arguments of `logout` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_LOGOUT, args, kwargs)

    @one_form
    def end_logout(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_logout` began and gives its result or raises its error, the same each
        time it is called.

        .NET: ``ImapClient.EndLogout``.

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
        """Asks the server for nothing, which shows that the connection works (RFC 9051 section 6.1.2).

        .NET: ``ImapClient.Noop``.

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

        .NET: ``ImapClient.BeginNoop``.

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

        .NET: ``ImapClient.EndNoop``.

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

        .NET: ``ImapClient.ValidateCredentials``.

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

        .NET: ``ImapClient.BeginValidateCredentials``.

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

        .NET: ``ImapClient.EndValidateCredentials``.

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
    def select_folder(self, connection: IConnection, folder_name: str, read_only: bool | None = ...) -> None: ...
    @overload
    def select_folder(self, folder_name: str, read_only: bool | None = ...) -> None: ...
    def select_folder(self, *args: Any, **kwargs: Any) -> Any:
        """Makes a folder the current one of the connection (SELECT or EXAMINE, RFC 9051 section 6.3.2).

        .NET: ``ImapClient.SelectFolder``.

        Forms:
            select_folder([connection,] folder_name: str[, read_only: bool | None])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            folder_name: full name of the folder.
            read_only: whether the folder is opened for reading only; None follows the client's `read_only`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_SELECT_FOLDER, args, kwargs)

    @overload
    def begin_select_folder(
        self, connection: IConnection, folder_name: str, callback: Callback[ImapFolderInfo] = None, state: object = None
    ) -> IAsyncResultExt[ImapFolderInfo]: ...
    @overload
    def begin_select_folder(
        self,
        connection: IConnection,
        folder_name: str,
        read_only: bool | None,
        callback: Callback[ImapFolderInfo] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapFolderInfo]: ...
    @overload
    def begin_select_folder(
        self, folder_name: str, callback: Callback[ImapFolderInfo] = None, state: object = None
    ) -> IAsyncResultExt[ImapFolderInfo]: ...
    @overload
    def begin_select_folder(
        self, folder_name: str, read_only: bool | None, callback: Callback[ImapFolderInfo] = None, state: object = None
    ) -> IAsyncResultExt[ImapFolderInfo]: ...
    def begin_select_folder(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `select_folder` and returns at once; `end_select_folder` gives the result.

        .NET: ``ImapClient.BeginSelectFolder``.

        Args:
            and: the arguments of `select_folder` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_SELECT_FOLDER, args, kwargs)

    @one_form
    def end_select_folder(self, async_result: IAsyncResult) -> ImapFolderInfo:
        """Waits for the operation that `begin_select_folder` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``ImapClient.EndSelectFolder``.

        Args:
            async_result: what `begin_select_folder` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: ImapFolderInfo = self._end(_SELECT_FOLDER, async_result)
        return result

    @overload
    def unselect_folder(self, connection: IConnection, do_not_expunge: bool = False) -> None: ...
    @overload
    def unselect_folder(self, do_not_expunge: bool = False) -> None: ...
    def unselect_folder(self, *args: Any, **kwargs: Any) -> Any:
        """Leaves the current folder. Messages marked as deleted are expunged unless `do_not_expunge` is true (CLOSE or
        UNSELECT, RFC 9051 sections 6.4.1 and 6.4.2).

        .NET: ``ImapClient.UnselectFolder``.

        Forms:
            unselect_folder([connection,] [, do_not_expunge: bool])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            do_not_expunge: whether deleted messages stay in the folder.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_UNSELECT_FOLDER, args, kwargs)

    @overload
    def begin_unselect_folder(
        self, connection: IConnection, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_unselect_folder(
        self, connection: IConnection, do_not_expunge: bool, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_unselect_folder(self, callback: Callback[None] = None, state: object = None) -> IAsyncResultExt[None]: ...
    @overload
    def begin_unselect_folder(
        self, do_not_expunge: bool, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    def begin_unselect_folder(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `unselect_folder` and returns at once; `end_unselect_folder` gives the result.

        .NET: ``ImapClient.BeginUnselectFolder``.

        Args:
            and: the arguments of `unselect_folder` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_UNSELECT_FOLDER, args, kwargs)

    @one_form
    def end_unselect_folder(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_unselect_folder` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``ImapClient.EndUnselectFolder``.

        Args:
            async_result: what `begin_unselect_folder` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_UNSELECT_FOLDER, async_result)

    @overload
    def list_folders(self, connection: IConnection) -> ImapFolderInfoCollection: ...
    @overload
    def list_folders(self) -> ImapFolderInfoCollection: ...
    @overload
    def list_folders(self, connection: IConnection, load_full_info: bool) -> ImapFolderInfoCollection: ...
    @overload
    def list_folders(self, load_full_info: bool) -> ImapFolderInfoCollection: ...
    @overload
    def list_folders(
        self, connection: IConnection, parent_folder: str, load_full_info: bool = False
    ) -> ImapFolderInfoCollection: ...
    @overload
    def list_folders(self, parent_folder: str, load_full_info: bool = False) -> ImapFolderInfoCollection: ...
    @overload
    def list_folders(
        self,
        connection: IConnection,
        parent_folder: str,
        load_full_info: bool,
        options: ListFoldersOptions,
        return_options: ListFoldersReturnOptions,
    ) -> ImapFolderInfoCollection: ...
    @overload
    def list_folders(
        self,
        parent_folder: str,
        load_full_info: bool,
        options: ListFoldersOptions,
        return_options: ListFoldersReturnOptions,
    ) -> ImapFolderInfoCollection: ...
    def list_folders(self, *args: Any, **kwargs: Any) -> Any:
        """Lists folders (LIST, RFC 9051 section 6.3.9).

        .NET: ``ImapClient.ListFolders``.

        Forms:
            list_folders([connection])
            list_folders([connection,] load_full_info: bool)
            list_folders([connection,] parent_folder: str[, load_full_info: bool])
            list_folders([connection,] parent_folder: str, load_full_info: bool, options: ListFoldersOptions,
                return_options: ListFoldersReturnOptions)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            load_full_info: whether message counts are told, too, which is slower.
            parent_folder: folder whose children are listed; empty for the root.
            options: which folders are listed (RFC 5258).
            return_options: what is told about them (RFC 5258).

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_LIST_FOLDERS, args, kwargs)

    @overload
    def begin_list_folders(
        self, connection: IConnection, callback: Callback[ImapFolderInfoCollection] = None, state: object = None
    ) -> IAsyncResultExt[ImapFolderInfoCollection]: ...
    @overload
    def begin_list_folders(
        self, callback: Callback[ImapFolderInfoCollection] = None, state: object = None
    ) -> IAsyncResultExt[ImapFolderInfoCollection]: ...
    @overload
    def begin_list_folders(
        self,
        connection: IConnection,
        load_full_info: bool,
        callback: Callback[ImapFolderInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapFolderInfoCollection]: ...
    @overload
    def begin_list_folders(
        self, load_full_info: bool, callback: Callback[ImapFolderInfoCollection] = None, state: object = None
    ) -> IAsyncResultExt[ImapFolderInfoCollection]: ...
    @overload
    def begin_list_folders(
        self,
        connection: IConnection,
        parent_folder: str,
        callback: Callback[ImapFolderInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapFolderInfoCollection]: ...
    @overload
    def begin_list_folders(
        self,
        connection: IConnection,
        parent_folder: str,
        load_full_info: bool,
        callback: Callback[ImapFolderInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapFolderInfoCollection]: ...
    @overload
    def begin_list_folders(
        self, parent_folder: str, callback: Callback[ImapFolderInfoCollection] = None, state: object = None
    ) -> IAsyncResultExt[ImapFolderInfoCollection]: ...
    @overload
    def begin_list_folders(
        self,
        parent_folder: str,
        load_full_info: bool,
        callback: Callback[ImapFolderInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapFolderInfoCollection]: ...
    @overload
    def begin_list_folders(
        self,
        connection: IConnection,
        parent_folder: str,
        load_full_info: bool,
        options: ListFoldersOptions,
        return_options: ListFoldersReturnOptions,
        callback: Callback[ImapFolderInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapFolderInfoCollection]: ...
    @overload
    def begin_list_folders(
        self,
        parent_folder: str,
        load_full_info: bool,
        options: ListFoldersOptions,
        return_options: ListFoldersReturnOptions,
        callback: Callback[ImapFolderInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapFolderInfoCollection]: ...
    def begin_list_folders(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `list_folders` and returns at once; `end_list_folders` gives the result.

        .NET: ``ImapClient.BeginListFolders``.

        Args:
            and: the arguments of `list_folders` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_LIST_FOLDERS, args, kwargs)

    @one_form
    def end_list_folders(self, async_result: IAsyncResult) -> ImapFolderInfoCollection:
        """Waits for the operation that `begin_list_folders` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``ImapClient.EndListFolders``.

        Args:
            async_result: what `begin_list_folders` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: ImapFolderInfoCollection = self._end(_LIST_FOLDERS, async_result)
        return result

    @overload
    def get_folder_info(self, connection: IConnection, folder_name: str) -> ImapFolderInfo: ...
    @overload
    def get_folder_info(self, folder_name: str) -> ImapFolderInfo: ...
    def get_folder_info(self, *args: Any, **kwargs: Any) -> Any:
        """Describes a folder without selecting it (STATUS, RFC 9051 section 6.3.11).

        .NET: ``ImapClient.GetFolderInfo``.

        Forms:
            get_folder_info([connection,] folder_name: str)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            folder_name: full name of the folder.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_GET_FOLDER_INFO, args, kwargs)

    @overload
    def begin_get_folder_info(
        self, connection: IConnection, folder_name: str, callback: Callback[ImapFolderInfo] = None, state: object = None
    ) -> IAsyncResultExt[ImapFolderInfo]: ...
    @overload
    def begin_get_folder_info(
        self, folder_name: str, callback: Callback[ImapFolderInfo] = None, state: object = None
    ) -> IAsyncResultExt[ImapFolderInfo]: ...
    def begin_get_folder_info(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `get_folder_info` and returns at once; `end_get_folder_info` gives the result.

        .NET: ``ImapClient.BeginGetFolderInfo``.

        Args:
            and: the arguments of `get_folder_info` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_GET_FOLDER_INFO, args, kwargs)

    @one_form
    def end_get_folder_info(self, async_result: IAsyncResult) -> ImapFolderInfo:
        """Waits for the operation that `begin_get_folder_info` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``ImapClient.EndGetFolderInfo``.

        Args:
            async_result: what `begin_get_folder_info` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: ImapFolderInfo = self._end(_GET_FOLDER_INFO, async_result)
        return result

    @overload
    def exist_folder(
        self, connection: IConnection, folder_name: str, folder_info: Out[ImapFolderInfo] = ...
    ) -> bool: ...
    @overload
    def exist_folder(self, folder_name: str, folder_info: Out[ImapFolderInfo] = ...) -> bool: ...
    def exist_folder(self, *args: Any, **kwargs: Any) -> Any:
        """Tells whether a folder exists.

        .NET: ``ImapClient.ExistFolder``.

        Forms:
            exist_folder([connection,] folder_name: str[, folder_info: Out[ImapFolderInfo]])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            folder_name: full name of the folder.
            folder_info: an empty `Out`; receives the folder's description, or None when it does not exist.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_EXIST_FOLDER, args, kwargs)

    @overload
    def begin_exist_folder(
        self, connection: IConnection, folder_name: str, callback: Callback[bool] = None, state: object = None
    ) -> IAsyncResultExt[bool]: ...
    @overload
    def begin_exist_folder(
        self, folder_name: str, callback: Callback[bool] = None, state: object = None
    ) -> IAsyncResultExt[bool]: ...
    def begin_exist_folder(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `exist_folder` and returns at once; `end_exist_folder` gives the result.

        .NET: ``ImapClient.BeginExistFolder``.

        Args:
            and: the arguments of `exist_folder` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_EXIST_FOLDER, args, kwargs)

    @one_form
    def end_exist_folder(self, async_result: IAsyncResult, folder_info: Out[ImapFolderInfo] | None = None) -> bool:
        """Waits for the operation that `begin_exist_folder` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``ImapClient.EndExistFolder``.

        Args:
            async_result: what `begin_exist_folder` returned.
            folder_info: an empty `Out`; receives the folder's description, or None when it does not exist.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: bool = self._end(_EXIST_FOLDER, async_result, folder_info)
        return result

    @overload
    def create_folder(self, connection: IConnection, folder_name: str) -> None: ...
    @overload
    def create_folder(self, folder_name: str) -> None: ...
    def create_folder(self, *args: Any, **kwargs: Any) -> Any:
        """Creates a folder (RFC 9051 section 6.3.4).

        .NET: ``ImapClient.CreateFolder``.

        Forms:
            create_folder([connection,] folder_name: str)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            folder_name: full name of the folder.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_CREATE_FOLDER, args, kwargs)

    @overload
    def begin_create_folder(
        self, connection: IConnection, folder_name: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_create_folder(
        self, folder_name: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    def begin_create_folder(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `create_folder` and returns at once; `end_create_folder` gives the result.

        .NET: ``ImapClient.BeginCreateFolder``.

        Args:
            and: the arguments of `create_folder` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_CREATE_FOLDER, args, kwargs)

    @one_form
    def end_create_folder(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_create_folder` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``ImapClient.EndCreateFolder``.

        Args:
            async_result: what `begin_create_folder` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_CREATE_FOLDER, async_result)

    @overload
    def delete_folder(self, connection: IConnection, folder_name: str) -> None: ...
    @overload
    def delete_folder(self, folder_name: str) -> None: ...
    def delete_folder(self, *args: Any, **kwargs: Any) -> Any:
        """Deletes a folder and the messages in it (RFC 9051 section 6.3.5).

        .NET: ``ImapClient.DeleteFolder``.

        Forms:
            delete_folder([connection,] folder_name: str)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            folder_name: full name of the folder.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_DELETE_FOLDER, args, kwargs)

    @overload
    def begin_delete_folder(
        self, connection: IConnection, folder_name: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_folder(
        self, folder_name: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    def begin_delete_folder(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `delete_folder` and returns at once; `end_delete_folder` gives the result.

        .NET: ``ImapClient.BeginDeleteFolder``.

        Args:
            and: the arguments of `delete_folder` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_DELETE_FOLDER, args, kwargs)

    @one_form
    def end_delete_folder(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_delete_folder` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``ImapClient.EndDeleteFolder``.

        Args:
            async_result: what `begin_delete_folder` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_DELETE_FOLDER, async_result)

    @overload
    def list_messages(self, connection: IConnection) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(self) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(self, connection: IConnection, retrieve_recursively: bool) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(self, retrieve_recursively: bool) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(self, connection: IConnection, max_number_of_messages: int) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(self, max_number_of_messages: int) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(self, connection: IConnection, *, modification_sequence: int) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(self, *, modification_sequence: int) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(self, message_extra_fields: IdCollection[str]) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(
        self, connection: IConnection, query: MailQuery, max_number_of_messages: int = ...
    ) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(self, query: MailQuery, max_number_of_messages: int = ...) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(self, connection: IConnection, folder_name: str) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(self, folder_name: str) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(
        self, connection: IConnection, folder_name: str, retrieve_recursively: bool
    ) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(self, folder_name: str, retrieve_recursively: bool) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(
        self, folder_name: str, retrieve_recursively: bool, message_extra_fields: IdCollection[str]
    ) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(
        self,
        connection: IConnection,
        folder_name: str,
        modification_sequence: int,
        retrieve_recursively: bool,
        message_extra_fields: IdCollection[str],
    ) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(
        self, connection: IConnection, folder_name: str, query: MailQuery, max_number_of_messages: int
    ) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(
        self, folder_name: str, query: MailQuery, max_number_of_messages: int
    ) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(
        self, connection: IConnection, folder_name: str, fields_list: ImapListFields, max_number_of_messages: int
    ) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(
        self, folder_name: str, fields_list: ImapListFields, max_number_of_messages: int
    ) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(
        self, connection: IConnection, folder_name: str, unique_id_lst: IdCollection[str]
    ) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(self, folder_name: str, unique_id_lst: IdCollection[str]) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(
        self, connection: IConnection, folder_name: str, sequence_number_lst: IdCollection[int]
    ) -> ImapMessageInfoCollection: ...
    @overload
    def list_messages(self, folder_name: str, sequence_number_lst: IdCollection[int]) -> ImapMessageInfoCollection: ...
    def list_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Lists messages: envelope, flags, size and dates, not their contents. Messages marked as deleted are left out
        unless a query asks for them; with an order the listing is in that order. A bare int is
        `max_number_of_messages`; give `modification_sequence` by name.

        .NET: ``ImapClient.ListMessages``.

        Forms:
            list_messages([connection])
            list_messages([connection,] retrieve_recursively: bool)
            list_messages([connection,] max_number_of_messages: int)
            list_messages([connection,] modification_sequence=int)
            list_messages(message_extra_fields: Collection[str])
            list_messages([connection,] query: MailQuery[, max_number_of_messages: int])
            list_messages([connection,] folder_name: str)
            list_messages([connection,] folder_name: str, retrieve_recursively: bool)
            list_messages(folder_name: str, retrieve_recursively: bool, message_extra_fields: Collection[str])
            list_messages(connection: IConnection, folder_name: str, modification_sequence: int, retrieve_recursively:
                bool, message_extra_fields: Collection[str])
            list_messages([connection,] folder_name: str, query: MailQuery, max_number_of_messages: int)
            list_messages([connection,] folder_name: str, fields_list: ImapListFields, max_number_of_messages: int)
            list_messages([connection,] folder_name: str, unique_id_lst: Collection[str])
            list_messages([connection,] folder_name: str, sequence_number_lst: Collection[int])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            retrieve_recursively: whether subfolders are listed, too.
            max_number_of_messages: most messages to list, the newest; 0 for all.
            modification_sequence: modification sequence (RFC 7162), 0 to 2**63 - 1.
            message_extra_fields: names of header fields, or of FETCH items that extensions define, such as X-GM-MSGID;
                what they hold is in `extra_parameters`.
            query: criteria the messages have to meet.
            folder_name: full name of the folder.
            fields_list: how much is told about each message.
            unique_id_lst: unique ids of the messages.
            sequence_number_lst: sequence numbers of the messages.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            AsposeNotSupportedException: no server, or not this one, can search for what the query asks.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_LIST_MESSAGES, args, kwargs)

    @overload
    def begin_list_messages(
        self, connection: IConnection, callback: Callback[ImapMessageInfoCollection] = None, state: object = None
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self, callback: Callback[ImapMessageInfoCollection] = None, state: object = None
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        connection: IConnection,
        retrieve_recursively: bool,
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self, retrieve_recursively: bool, callback: Callback[ImapMessageInfoCollection] = None, state: object = None
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        connection: IConnection,
        max_number_of_messages: int,
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self, max_number_of_messages: int, callback: Callback[ImapMessageInfoCollection] = None, state: object = None
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        connection: IConnection,
        *,
        modification_sequence: int,
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self, *, modification_sequence: int, callback: Callback[ImapMessageInfoCollection] = None, state: object = None
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        message_extra_fields: IdCollection[str],
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        connection: IConnection,
        query: MailQuery,
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        connection: IConnection,
        query: MailQuery,
        max_number_of_messages: int,
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self, query: MailQuery, callback: Callback[ImapMessageInfoCollection] = None, state: object = None
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        query: MailQuery,
        max_number_of_messages: int,
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        connection: IConnection,
        folder_name: str,
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self, folder_name: str, callback: Callback[ImapMessageInfoCollection] = None, state: object = None
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        connection: IConnection,
        folder_name: str,
        retrieve_recursively: bool,
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        folder_name: str,
        retrieve_recursively: bool,
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        folder_name: str,
        retrieve_recursively: bool,
        message_extra_fields: IdCollection[str],
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        connection: IConnection,
        folder_name: str,
        modification_sequence: int,
        retrieve_recursively: bool,
        message_extra_fields: IdCollection[str],
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        connection: IConnection,
        folder_name: str,
        query: MailQuery,
        max_number_of_messages: int,
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        folder_name: str,
        query: MailQuery,
        max_number_of_messages: int,
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        connection: IConnection,
        folder_name: str,
        fields_list: ImapListFields,
        max_number_of_messages: int,
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        folder_name: str,
        fields_list: ImapListFields,
        max_number_of_messages: int,
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        connection: IConnection,
        folder_name: str,
        unique_id_lst: IdCollection[str],
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        folder_name: str,
        unique_id_lst: IdCollection[str],
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        connection: IConnection,
        folder_name: str,
        sequence_number_lst: IdCollection[int],
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    @overload
    def begin_list_messages(
        self,
        folder_name: str,
        sequence_number_lst: IdCollection[int],
        callback: Callback[ImapMessageInfoCollection] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfoCollection]: ...
    def begin_list_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `list_messages` and returns at once; `end_list_messages` gives the result.

        .NET: ``ImapClient.BeginListMessages``.

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
    def end_list_messages(self, async_result: IAsyncResult) -> ImapMessageInfoCollection:
        """Waits for the operation that `begin_list_messages` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``ImapClient.EndListMessages``.

        Args:
            async_result: what `begin_list_messages` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            AsposeNotSupportedException: no server, or not this one, can search for what the query asks.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: ImapMessageInfoCollection = self._end(_LIST_MESSAGES, async_result)
        return result

    @overload
    def list_message(
        self, connection: IConnection, sequence_number: int, message_extra_fields: IdCollection[str] = ...
    ) -> ImapMessageInfo: ...
    @overload
    def list_message(self, sequence_number: int, message_extra_fields: IdCollection[str] = ...) -> ImapMessageInfo: ...
    @overload
    def list_message(
        self, connection: IConnection, unique_id: str, message_extra_fields: IdCollection[str] = ...
    ) -> ImapMessageInfo: ...
    @overload
    def list_message(self, unique_id: str, message_extra_fields: IdCollection[str] = ...) -> ImapMessageInfo: ...
    def list_message(self, *args: Any, **kwargs: Any) -> Any:
        """Describes one message: envelope, flags, size and dates, not its contents.

        .NET: ``ImapClient.ListMessage``.

        Forms:
            list_message([connection,] sequence_number: int[, message_extra_fields: Collection[str]])
            list_message([connection,] unique_id: str[, message_extra_fields: Collection[str]])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            sequence_number: number of the message in its folder.
            message_extra_fields: names of header fields, or of FETCH items that extensions define, such as X-GM-MSGID;
                what they hold is in `extra_parameters`.
            unique_id: unique id of the message: digits.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            MessageNotFoundError: there is no such message.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_LIST_MESSAGE, args, kwargs)

    @overload
    def begin_list_message(
        self,
        connection: IConnection,
        sequence_number: int,
        callback: Callback[ImapMessageInfo] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfo]: ...
    @overload
    def begin_list_message(
        self,
        connection: IConnection,
        sequence_number: int,
        message_extra_fields: IdCollection[str],
        callback: Callback[ImapMessageInfo] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfo]: ...
    @overload
    def begin_list_message(
        self, sequence_number: int, callback: Callback[ImapMessageInfo] = None, state: object = None
    ) -> IAsyncResultExt[ImapMessageInfo]: ...
    @overload
    def begin_list_message(
        self,
        sequence_number: int,
        message_extra_fields: IdCollection[str],
        callback: Callback[ImapMessageInfo] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfo]: ...
    @overload
    def begin_list_message(
        self, connection: IConnection, unique_id: str, callback: Callback[ImapMessageInfo] = None, state: object = None
    ) -> IAsyncResultExt[ImapMessageInfo]: ...
    @overload
    def begin_list_message(
        self,
        connection: IConnection,
        unique_id: str,
        message_extra_fields: IdCollection[str],
        callback: Callback[ImapMessageInfo] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfo]: ...
    @overload
    def begin_list_message(
        self, unique_id: str, callback: Callback[ImapMessageInfo] = None, state: object = None
    ) -> IAsyncResultExt[ImapMessageInfo]: ...
    @overload
    def begin_list_message(
        self,
        unique_id: str,
        message_extra_fields: IdCollection[str],
        callback: Callback[ImapMessageInfo] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapMessageInfo]: ...
    def begin_list_message(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `list_message` and returns at once; `end_list_message` gives the result.

        .NET: ``ImapClient.BeginListMessage``.

        Args:
            and: the arguments of `list_message` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_LIST_MESSAGE, args, kwargs)

    @one_form
    def end_list_message(self, async_result: IAsyncResult) -> ImapMessageInfo:
        """Waits for the operation that `begin_list_message` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``ImapClient.EndListMessage``.

        Args:
            async_result: what `begin_list_message` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            MessageNotFoundError: there is no such message.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: ImapMessageInfo = self._end(_LIST_MESSAGE, async_result)
        return result

    @overload
    def fetch_message(
        self, connection: IConnection, sequence_number: int, ignore_attachment: bool = False
    ) -> MailMessage: ...
    @overload
    def fetch_message(self, sequence_number: int, ignore_attachment: bool = False) -> MailMessage: ...
    @overload
    def fetch_message(self, connection: IConnection, unique_id: str) -> MailMessage: ...
    @overload
    def fetch_message(self, unique_id: str) -> MailMessage: ...
    def fetch_message(self, *args: Any, **kwargs: Any) -> Any:
        """Fetches one message. This marks it as read unless the folder is selected read-only.

        .NET: ``ImapClient.FetchMessage``.

        Forms:
            fetch_message([connection,] sequence_number: int[, ignore_attachment: bool])
            fetch_message([connection,] unique_id: str)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            sequence_number: number of the message in its folder.
            ignore_attachment: whether attachments are left out of the transfer.
            unique_id: unique id of the message: digits.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            MessageNotFoundError: there is no such message.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_FETCH_MESSAGE, args, kwargs)

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
        self,
        connection: IConnection,
        sequence_number: int,
        ignore_attachment: bool,
        callback: Callback[MailMessage] = None,
        state: object = None,
    ) -> IAsyncResultExt[MailMessage]: ...
    @overload
    def begin_fetch_message(
        self, sequence_number: int, callback: Callback[MailMessage] = None, state: object = None
    ) -> IAsyncResultExt[MailMessage]: ...
    @overload
    def begin_fetch_message(
        self,
        sequence_number: int,
        ignore_attachment: bool,
        callback: Callback[MailMessage] = None,
        state: object = None,
    ) -> IAsyncResultExt[MailMessage]: ...
    @overload
    def begin_fetch_message(
        self, connection: IConnection, unique_id: str, callback: Callback[MailMessage] = None, state: object = None
    ) -> IAsyncResultExt[MailMessage]: ...
    @overload
    def begin_fetch_message(
        self, unique_id: str, callback: Callback[MailMessage] = None, state: object = None
    ) -> IAsyncResultExt[MailMessage]: ...
    def begin_fetch_message(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `fetch_message` and returns at once; `end_fetch_message` gives the result.

        .NET: ``ImapClient.BeginFetchMessage``.

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

        .NET: ``ImapClient.EndFetchMessage``.

        Args:
            async_result: what `begin_fetch_message` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            MessageNotFoundError: there is no such message.
            ImapException: the server refuses.
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
        """Fetches several messages, in the order in which they are named; unique ids that are gone are left out. This
        marks them as read unless the folder is selected read-only.

        .NET: ``ImapClient.FetchMessages``.

        Forms:
            fetch_messages([connection,] sequence_numbers: Collection[int])
            fetch_messages([connection,] uids: Collection[str])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            sequence_numbers: sequence numbers of the messages.
            uids: unique ids of the messages.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            MessageNotFoundError: there is no such message.
            ImapException: the server refuses.
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

        .NET: ``ImapClient.BeginFetchMessages``.

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

        .NET: ``ImapClient.EndFetchMessages``.

        Args:
            async_result: what `begin_fetch_messages` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            MessageNotFoundError: there is no such message.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: list[MailMessage] = self._end(_FETCH_MESSAGES, async_result)
        return result

    @overload
    def save_message(self, connection: IConnection, sequence_number: int, result_stream: SupportsWrite) -> None: ...
    @overload
    def save_message(self, sequence_number: int, result_stream: SupportsWrite) -> None: ...
    @overload
    def save_message(self, connection: IConnection, unique_id: str, result_stream: SupportsWrite) -> None: ...
    @overload
    def save_message(self, unique_id: str, result_stream: SupportsWrite) -> None: ...
    @overload
    def save_message(self, connection: IConnection, unique_id: str, file_name: str | os.PathLike[str]) -> None: ...
    @overload
    def save_message(self, unique_id: str, file_name: str | os.PathLike[str]) -> None: ...
    @overload
    def save_message(
        self, connection: IConnection, sequence_number: int, file_name: str | os.PathLike[str]
    ) -> None: ...
    @overload
    def save_message(self, sequence_number: int, file_name: str | os.PathLike[str]) -> None: ...
    def save_message(self, *args: Any, **kwargs: Any) -> Any:
        """Fetches one message into a file or stream, byte for byte as the server sends it; memory stays small. A file
        has the message or is left alone; a stream is written once the whole message is here.

        .NET: ``ImapClient.SaveMessage``.

        Forms:
            save_message([connection,] sequence_number: int, result_stream: SupportsWrite)
            save_message([connection,] unique_id: str, result_stream: SupportsWrite)
            save_message([connection,] unique_id: str, file_name: str | os.PathLike[str])
            save_message([connection,] sequence_number: int, file_name: str | os.PathLike[str])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            sequence_number: number of the message in its folder.
            result_stream: binary stream that receives the message.
            unique_id: unique id of the message: digits.
            file_name: path of the file.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            MessageNotFoundError: there is no such message.
            ImapException: the server refuses.
            OSError: the file, or a temporary one, cannot be written.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_SAVE_MESSAGE, args, kwargs)

    @overload
    def begin_save_message(
        self,
        connection: IConnection,
        sequence_number: int,
        result_stream: SupportsWrite,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_save_message(
        self, sequence_number: int, result_stream: SupportsWrite, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_save_message(
        self,
        connection: IConnection,
        unique_id: str,
        result_stream: SupportsWrite,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_save_message(
        self, unique_id: str, result_stream: SupportsWrite, callback: Callback[None] = None, state: object = None
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

        .NET: ``ImapClient.BeginSaveMessage``.

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

        .NET: ``ImapClient.EndSaveMessage``.

        Args:
            async_result: what `begin_save_message` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            MessageNotFoundError: there is no such message.
            ImapException: the server refuses.
            OSError: the file, or a temporary one, cannot be written.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_SAVE_MESSAGE, async_result)

    @overload
    def append_message(self, connection: IConnection, message: MailMessage) -> str: ...
    @overload
    def append_message(self, message: MailMessage) -> str: ...
    @overload
    def append_message(self, connection: IConnection, folder_name: str, message: MailMessage) -> str: ...
    @overload
    def append_message(self, folder_name: str, message: MailMessage) -> str: ...
    @overload
    def append_message(self, connection: IConnection, file_name: str | os.PathLike[str]) -> str: ...
    @overload
    def append_message(self, file_name: str | os.PathLike[str]) -> str: ...
    @overload
    def append_message(self, connection: IConnection, folder_name: str, file_name: str | os.PathLike[str]) -> str: ...
    @overload
    def append_message(self, folder_name: str, file_name: str | os.PathLike[str]) -> str: ...
    def append_message(self, *args: Any, **kwargs: Any) -> Any:
        """Adds a message to a folder, the current one by default, and returns its unique id, empty where the server
        does not tell it (APPEND, RFC 9051 section 6.3.12). A message is taken as it is at the call; a file is read when
        the operation runs.

        .NET: ``ImapClient.AppendMessage``.

        Forms:
            append_message([connection,] message: MailMessage)
            append_message([connection,] folder_name: str, message: MailMessage)
            append_message([connection,] file_name: str | os.PathLike[str])
            append_message([connection,] folder_name: str, file_name: str | os.PathLike[str])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            message: the message.
            folder_name: full name of the folder.
            file_name: path of the file.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            MessageError: the message contains NUL or cannot be built.
            OSError: the file cannot be read.
            OutcomeUnknownError: the connection is lost before the answer.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_APPEND_MESSAGE, args, kwargs)

    @overload
    def begin_append_message(
        self, connection: IConnection, message: MailMessage, callback: Callback[str] = None, state: object = None
    ) -> IAsyncResultExt[str]: ...
    @overload
    def begin_append_message(
        self, message: MailMessage, callback: Callback[str] = None, state: object = None
    ) -> IAsyncResultExt[str]: ...
    @overload
    def begin_append_message(
        self,
        connection: IConnection,
        folder_name: str,
        message: MailMessage,
        callback: Callback[str] = None,
        state: object = None,
    ) -> IAsyncResultExt[str]: ...
    @overload
    def begin_append_message(
        self, folder_name: str, message: MailMessage, callback: Callback[str] = None, state: object = None
    ) -> IAsyncResultExt[str]: ...
    @overload
    def begin_append_message(
        self,
        connection: IConnection,
        file_name: str | os.PathLike[str],
        callback: Callback[str] = None,
        state: object = None,
    ) -> IAsyncResultExt[str]: ...
    @overload
    def begin_append_message(
        self, file_name: str | os.PathLike[str], callback: Callback[str] = None, state: object = None
    ) -> IAsyncResultExt[str]: ...
    @overload
    def begin_append_message(
        self,
        connection: IConnection,
        folder_name: str,
        file_name: str | os.PathLike[str],
        callback: Callback[str] = None,
        state: object = None,
    ) -> IAsyncResultExt[str]: ...
    @overload
    def begin_append_message(
        self, folder_name: str, file_name: str | os.PathLike[str], callback: Callback[str] = None, state: object = None
    ) -> IAsyncResultExt[str]: ...
    def begin_append_message(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `append_message` and returns at once; `end_append_message` gives the result.

        .NET: ``ImapClient.BeginAppendMessage``.

        Args:
            and: the arguments of `append_message` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_APPEND_MESSAGE, args, kwargs)

    @one_form
    def end_append_message(self, async_result: IAsyncResult) -> str:
        """Waits for the operation that `begin_append_message` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``ImapClient.EndAppendMessage``.

        Args:
            async_result: what `begin_append_message` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            MessageError: the message contains NUL or cannot be built.
            OSError: the file cannot be read.
            OutcomeUnknownError: the connection is lost before the answer.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: str = self._end(_APPEND_MESSAGE, async_result)
        return result

    @overload
    def add_message_flags(
        self,
        connection: IConnection,
        sequence_number: int,
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    @overload
    def add_message_flags(
        self, sequence_number: int, flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def add_message_flags(
        self, connection: IConnection, unique_id: str, flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def add_message_flags(
        self, unique_id: str, flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def add_message_flags(
        self,
        connection: IConnection,
        start_uid: str,
        end_uid: str,
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    @overload
    def add_message_flags(
        self, start_uid: str, end_uid: str, flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def add_message_flags(
        self,
        connection: IConnection,
        start_sequence: int,
        end_sequence: int,
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    @overload
    def add_message_flags(
        self, start_sequence: int, end_sequence: int, flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def add_message_flags(
        self,
        connection: IConnection,
        uid_set: IdCollection[str],
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    @overload
    def add_message_flags(
        self, uid_set: IdCollection[str], flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def add_message_flags(
        self,
        connection: IConnection,
        sequence_set: IdCollection[int],
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    @overload
    def add_message_flags(
        self, sequence_set: IdCollection[int], flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def add_message_flags(
        self,
        connection: IConnection,
        message_info_set: IdCollection[ImapMessageInfo],
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    @overload
    def add_message_flags(
        self,
        message_info_set: IdCollection[ImapMessageInfo],
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    def add_message_flags(self, *args: Any, **kwargs: Any) -> Any:
        """Adds flags to messages (RFC 9051 section 6.4.6). With `modification_sequence` a message changed since then is
        left as it is (UNCHANGEDSINCE, RFC 7162).

        .NET: ``ImapClient.AddMessageFlags``.

        Forms:
            add_message_flags([connection,] sequence_number: int, flags: ImapMessageFlags | str[, modification_sequence:
                int])
            add_message_flags([connection,] unique_id: str, flags: ImapMessageFlags | str[, modification_sequence: int])
            add_message_flags([connection,] start_uid: str, end_uid: str, flags: ImapMessageFlags | str[,
                modification_sequence: int])
            add_message_flags([connection,] start_sequence: int, end_sequence: int, flags: ImapMessageFlags | str[,
                modification_sequence: int])
            add_message_flags([connection,] uid_set: Collection[str], flags: ImapMessageFlags | str[,
                modification_sequence: int])
            add_message_flags([connection,] sequence_set: Collection[int], flags: ImapMessageFlags | str[,
                modification_sequence: int])
            add_message_flags([connection,] message_info_set: Collection[ImapMessageInfo], flags: ImapMessageFlags |
                str[, modification_sequence: int])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            sequence_number: number of the message in its folder.
            flags: the flags; a str is one flag or keyword.
            modification_sequence: modification sequence (RFC 7162), 0 to 2**63 - 1.
            unique_id: unique id of the message: digits.
            start_uid: first unique id of a range.
            end_uid: last unique id of a range, not below the first.
            start_sequence: first sequence number of a range.
            end_sequence: last sequence number of a range, not below the first.
            uid_set: unique ids of the messages.
            sequence_set: sequence numbers of the messages.
            message_info_set: the messages as a listing gave them.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is selected read-only.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_ADD_MESSAGE_FLAGS, args, kwargs)

    @overload
    def begin_add_message_flags(
        self,
        connection: IConnection,
        sequence_number: int,
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        connection: IConnection,
        sequence_number: int,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self, sequence_number: int, flags: ImapMessageFlags | str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        sequence_number: int,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        connection: IConnection,
        unique_id: str,
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        connection: IConnection,
        unique_id: str,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self, unique_id: str, flags: ImapMessageFlags | str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        unique_id: str,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        connection: IConnection,
        start_uid: str,
        end_uid: str,
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        connection: IConnection,
        start_uid: str,
        end_uid: str,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        start_uid: str,
        end_uid: str,
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        start_uid: str,
        end_uid: str,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        connection: IConnection,
        start_sequence: int,
        end_sequence: int,
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        connection: IConnection,
        start_sequence: int,
        end_sequence: int,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        start_sequence: int,
        end_sequence: int,
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        start_sequence: int,
        end_sequence: int,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        connection: IConnection,
        uid_set: IdCollection[str],
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        connection: IConnection,
        uid_set: IdCollection[str],
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        uid_set: IdCollection[str],
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        uid_set: IdCollection[str],
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        connection: IConnection,
        sequence_set: IdCollection[int],
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        connection: IConnection,
        sequence_set: IdCollection[int],
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        sequence_set: IdCollection[int],
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        sequence_set: IdCollection[int],
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        connection: IConnection,
        message_info_set: IdCollection[ImapMessageInfo],
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        connection: IConnection,
        message_info_set: IdCollection[ImapMessageInfo],
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        message_info_set: IdCollection[ImapMessageInfo],
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_add_message_flags(
        self,
        message_info_set: IdCollection[ImapMessageInfo],
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    def begin_add_message_flags(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `add_message_flags` and returns at once; `end_add_message_flags` gives the result.

        .NET: ``ImapClient.BeginAddMessageFlags``.

        Args:
            and: the arguments of `add_message_flags` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_ADD_MESSAGE_FLAGS, args, kwargs)

    @one_form
    def end_add_message_flags(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_add_message_flags` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``ImapClient.EndAddMessageFlags``.

        Args:
            async_result: what `begin_add_message_flags` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is selected read-only.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_ADD_MESSAGE_FLAGS, async_result)

    @overload
    def remove_message_flags(
        self,
        connection: IConnection,
        sequence_number: int,
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    @overload
    def remove_message_flags(
        self, sequence_number: int, flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def remove_message_flags(
        self, connection: IConnection, unique_id: str, flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def remove_message_flags(
        self, unique_id: str, flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def remove_message_flags(
        self,
        connection: IConnection,
        start_uid: str,
        end_uid: str,
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    @overload
    def remove_message_flags(
        self, start_uid: str, end_uid: str, flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def remove_message_flags(
        self,
        connection: IConnection,
        start_sequence: int,
        end_sequence: int,
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    @overload
    def remove_message_flags(
        self, start_sequence: int, end_sequence: int, flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def remove_message_flags(
        self,
        connection: IConnection,
        uid_set: IdCollection[str],
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    @overload
    def remove_message_flags(
        self, uid_set: IdCollection[str], flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def remove_message_flags(
        self,
        connection: IConnection,
        sequence_set: IdCollection[int],
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    @overload
    def remove_message_flags(
        self, sequence_set: IdCollection[int], flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def remove_message_flags(
        self,
        connection: IConnection,
        message_info_set: IdCollection[ImapMessageInfo],
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    @overload
    def remove_message_flags(
        self,
        message_info_set: IdCollection[ImapMessageInfo],
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    def remove_message_flags(self, *args: Any, **kwargs: Any) -> Any:
        """Takes flags from messages (RFC 9051 section 6.4.6). With `modification_sequence` a message changed since then
        is left as it is (UNCHANGEDSINCE, RFC 7162).

        .NET: ``ImapClient.RemoveMessageFlags``.

        Forms:
            remove_message_flags([connection,] sequence_number: int, flags: ImapMessageFlags | str[,
                modification_sequence: int])
            remove_message_flags([connection,] unique_id: str, flags: ImapMessageFlags | str[, modification_sequence:
                int])
            remove_message_flags([connection,] start_uid: str, end_uid: str, flags: ImapMessageFlags | str[,
                modification_sequence: int])
            remove_message_flags([connection,] start_sequence: int, end_sequence: int, flags: ImapMessageFlags | str[,
                modification_sequence: int])
            remove_message_flags([connection,] uid_set: Collection[str], flags: ImapMessageFlags | str[,
                modification_sequence: int])
            remove_message_flags([connection,] sequence_set: Collection[int], flags: ImapMessageFlags | str[,
                modification_sequence: int])
            remove_message_flags([connection,] message_info_set: Collection[ImapMessageInfo], flags: ImapMessageFlags |
                str[, modification_sequence: int])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            sequence_number: number of the message in its folder.
            flags: the flags; a str is one flag or keyword.
            modification_sequence: modification sequence (RFC 7162), 0 to 2**63 - 1.
            unique_id: unique id of the message: digits.
            start_uid: first unique id of a range.
            end_uid: last unique id of a range, not below the first.
            start_sequence: first sequence number of a range.
            end_sequence: last sequence number of a range, not below the first.
            uid_set: unique ids of the messages.
            sequence_set: sequence numbers of the messages.
            message_info_set: the messages as a listing gave them.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is selected read-only.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_REMOVE_MESSAGE_FLAGS, args, kwargs)

    @overload
    def begin_remove_message_flags(
        self,
        connection: IConnection,
        sequence_number: int,
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        connection: IConnection,
        sequence_number: int,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self, sequence_number: int, flags: ImapMessageFlags | str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        sequence_number: int,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        connection: IConnection,
        unique_id: str,
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        connection: IConnection,
        unique_id: str,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self, unique_id: str, flags: ImapMessageFlags | str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        unique_id: str,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        connection: IConnection,
        start_uid: str,
        end_uid: str,
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        connection: IConnection,
        start_uid: str,
        end_uid: str,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        start_uid: str,
        end_uid: str,
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        start_uid: str,
        end_uid: str,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        connection: IConnection,
        start_sequence: int,
        end_sequence: int,
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        connection: IConnection,
        start_sequence: int,
        end_sequence: int,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        start_sequence: int,
        end_sequence: int,
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        start_sequence: int,
        end_sequence: int,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        connection: IConnection,
        uid_set: IdCollection[str],
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        connection: IConnection,
        uid_set: IdCollection[str],
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        uid_set: IdCollection[str],
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        uid_set: IdCollection[str],
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        connection: IConnection,
        sequence_set: IdCollection[int],
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        connection: IConnection,
        sequence_set: IdCollection[int],
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        sequence_set: IdCollection[int],
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        sequence_set: IdCollection[int],
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        connection: IConnection,
        message_info_set: IdCollection[ImapMessageInfo],
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        connection: IConnection,
        message_info_set: IdCollection[ImapMessageInfo],
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        message_info_set: IdCollection[ImapMessageInfo],
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_remove_message_flags(
        self,
        message_info_set: IdCollection[ImapMessageInfo],
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    def begin_remove_message_flags(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `remove_message_flags` and returns at once; `end_remove_message_flags` gives the result.

        .NET: ``ImapClient.BeginRemoveMessageFlags``.

        Args:
            and: the arguments of `remove_message_flags` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_REMOVE_MESSAGE_FLAGS, args, kwargs)

    @one_form
    def end_remove_message_flags(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_remove_message_flags` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``ImapClient.EndRemoveMessageFlags``.

        Args:
            async_result: what `begin_remove_message_flags` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is selected read-only.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_REMOVE_MESSAGE_FLAGS, async_result)

    @overload
    def change_message_flags(
        self,
        connection: IConnection,
        sequence_number: int,
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    @overload
    def change_message_flags(
        self, sequence_number: int, flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def change_message_flags(
        self, connection: IConnection, unique_id: str, flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def change_message_flags(
        self, unique_id: str, flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def change_message_flags(
        self,
        connection: IConnection,
        start_uid: str,
        end_uid: str,
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    @overload
    def change_message_flags(
        self, start_uid: str, end_uid: str, flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def change_message_flags(
        self,
        connection: IConnection,
        start_sequence: int,
        end_sequence: int,
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    @overload
    def change_message_flags(
        self, start_sequence: int, end_sequence: int, flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def change_message_flags(
        self,
        connection: IConnection,
        uid_set: IdCollection[str],
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    @overload
    def change_message_flags(
        self, uid_set: IdCollection[str], flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def change_message_flags(
        self,
        connection: IConnection,
        sequence_set: IdCollection[int],
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    @overload
    def change_message_flags(
        self, sequence_set: IdCollection[int], flags: ImapMessageFlags | str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def change_message_flags(
        self,
        connection: IConnection,
        message_info_set: IdCollection[ImapMessageInfo],
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    @overload
    def change_message_flags(
        self,
        message_info_set: IdCollection[ImapMessageInfo],
        flags: ImapMessageFlags | str,
        modification_sequence: int = ...,
    ) -> None: ...
    def change_message_flags(self, *args: Any, **kwargs: Any) -> Any:
        """Replaces the flags of messages (RFC 9051 section 6.4.6). With `modification_sequence` a message changed since
        then is left as it is (UNCHANGEDSINCE, RFC 7162).

        .NET: ``ImapClient.ChangeMessageFlags``.

        Forms:
            change_message_flags([connection,] sequence_number: int, flags: ImapMessageFlags | str[,
                modification_sequence: int])
            change_message_flags([connection,] unique_id: str, flags: ImapMessageFlags | str[, modification_sequence:
                int])
            change_message_flags([connection,] start_uid: str, end_uid: str, flags: ImapMessageFlags | str[,
                modification_sequence: int])
            change_message_flags([connection,] start_sequence: int, end_sequence: int, flags: ImapMessageFlags | str[,
                modification_sequence: int])
            change_message_flags([connection,] uid_set: Collection[str], flags: ImapMessageFlags | str[,
                modification_sequence: int])
            change_message_flags([connection,] sequence_set: Collection[int], flags: ImapMessageFlags | str[,
                modification_sequence: int])
            change_message_flags([connection,] message_info_set: Collection[ImapMessageInfo], flags: ImapMessageFlags |
                str[, modification_sequence: int])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            sequence_number: number of the message in its folder.
            flags: the flags; a str is one flag or keyword.
            modification_sequence: modification sequence (RFC 7162), 0 to 2**63 - 1.
            unique_id: unique id of the message: digits.
            start_uid: first unique id of a range.
            end_uid: last unique id of a range, not below the first.
            start_sequence: first sequence number of a range.
            end_sequence: last sequence number of a range, not below the first.
            uid_set: unique ids of the messages.
            sequence_set: sequence numbers of the messages.
            message_info_set: the messages as a listing gave them.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is selected read-only.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_CHANGE_MESSAGE_FLAGS, args, kwargs)

    @overload
    def begin_change_message_flags(
        self,
        connection: IConnection,
        sequence_number: int,
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        connection: IConnection,
        sequence_number: int,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self, sequence_number: int, flags: ImapMessageFlags | str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        sequence_number: int,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        connection: IConnection,
        unique_id: str,
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        connection: IConnection,
        unique_id: str,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self, unique_id: str, flags: ImapMessageFlags | str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        unique_id: str,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        connection: IConnection,
        start_uid: str,
        end_uid: str,
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        connection: IConnection,
        start_uid: str,
        end_uid: str,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        start_uid: str,
        end_uid: str,
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        start_uid: str,
        end_uid: str,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        connection: IConnection,
        start_sequence: int,
        end_sequence: int,
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        connection: IConnection,
        start_sequence: int,
        end_sequence: int,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        start_sequence: int,
        end_sequence: int,
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        start_sequence: int,
        end_sequence: int,
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        connection: IConnection,
        uid_set: IdCollection[str],
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        connection: IConnection,
        uid_set: IdCollection[str],
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        uid_set: IdCollection[str],
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        uid_set: IdCollection[str],
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        connection: IConnection,
        sequence_set: IdCollection[int],
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        connection: IConnection,
        sequence_set: IdCollection[int],
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        sequence_set: IdCollection[int],
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        sequence_set: IdCollection[int],
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        connection: IConnection,
        message_info_set: IdCollection[ImapMessageInfo],
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        connection: IConnection,
        message_info_set: IdCollection[ImapMessageInfo],
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        message_info_set: IdCollection[ImapMessageInfo],
        flags: ImapMessageFlags | str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_change_message_flags(
        self,
        message_info_set: IdCollection[ImapMessageInfo],
        flags: ImapMessageFlags | str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    def begin_change_message_flags(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `change_message_flags` and returns at once; `end_change_message_flags` gives the result.

        .NET: ``ImapClient.BeginChangeMessageFlags``.

        Args:
            and: the arguments of `change_message_flags` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_CHANGE_MESSAGE_FLAGS, args, kwargs)

    @one_form
    def end_change_message_flags(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_change_message_flags` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``ImapClient.EndChangeMessageFlags``.

        Args:
            async_result: what `begin_change_message_flags` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is selected read-only.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_CHANGE_MESSAGE_FLAGS, async_result)

    @overload
    def delete_message(
        self, connection: IConnection, sequence_number: int, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def delete_message(self, sequence_number: int, modification_sequence: int = ...) -> None: ...
    @overload
    def delete_message(self, connection: IConnection, unique_id: str, modification_sequence: int = ...) -> None: ...
    @overload
    def delete_message(self, unique_id: str, modification_sequence: int = ...) -> None: ...
    @overload
    def delete_message(self, connection: IConnection, unique_id: str, commit_now: bool) -> None: ...
    @overload
    def delete_message(self, unique_id: str, commit_now: bool) -> None: ...
    @overload
    def delete_message(
        self, connection: IConnection, unique_id: str, modification_sequence: int, commit_now: bool
    ) -> None: ...
    @overload
    def delete_message(self, unique_id: str, modification_sequence: int, commit_now: bool) -> None: ...
    def delete_message(self, *args: Any, **kwargs: Any) -> Any:
        """Marks one message as deleted. It goes with the next commit, at once with `commit_now`.

        .NET: ``ImapClient.DeleteMessage``.

        Forms:
            delete_message([connection,] sequence_number: int[, modification_sequence: int])
            delete_message([connection,] unique_id: str[, modification_sequence: int])
            delete_message([connection,] unique_id: str, commit_now: bool)
            delete_message([connection,] unique_id: str, modification_sequence: int, commit_now: bool)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            sequence_number: number of the message in its folder.
            modification_sequence: modification sequence (RFC 7162), 0 to 2**63 - 1.
            unique_id: unique id of the message: digits.
            commit_now: whether the message is expunged at once.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is selected read-only.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_DELETE_MESSAGE, args, kwargs)

    @overload
    def begin_delete_message(
        self, connection: IConnection, sequence_number: int, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_message(
        self,
        connection: IConnection,
        sequence_number: int,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_message(
        self, sequence_number: int, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_message(
        self, sequence_number: int, modification_sequence: int, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_message(
        self, connection: IConnection, unique_id: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_message(
        self,
        connection: IConnection,
        unique_id: str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_message(
        self, unique_id: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_message(
        self, unique_id: str, modification_sequence: int, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_message(
        self,
        connection: IConnection,
        unique_id: str,
        commit_now: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_message(
        self, unique_id: str, commit_now: bool, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_message(
        self,
        connection: IConnection,
        unique_id: str,
        modification_sequence: int,
        commit_now: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_message(
        self,
        unique_id: str,
        modification_sequence: int,
        commit_now: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    def begin_delete_message(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `delete_message` and returns at once; `end_delete_message` gives the result.

        .NET: ``ImapClient.BeginDeleteMessage``.

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

        .NET: ``ImapClient.EndDeleteMessage``.

        Args:
            async_result: what `begin_delete_message` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is selected read-only.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_DELETE_MESSAGE, async_result)

    @overload
    def commit_deletes(self, connection: IConnection) -> None: ...
    @overload
    def commit_deletes(self) -> None: ...
    @overload
    def commit_deletes(self, connection: IConnection, sleep: int | timedelta) -> None: ...
    @overload
    def commit_deletes(self, sleep: int | timedelta) -> None: ...
    @overload
    def commit_deletes(self, connection: IConnection, unique_id: str) -> None: ...
    @overload
    def commit_deletes(self, unique_id: str) -> None: ...
    @overload
    def commit_deletes(self, connection: IConnection, start_uid: str, end_uid: str) -> None: ...
    @overload
    def commit_deletes(self, start_uid: str, end_uid: str) -> None: ...
    @overload
    def commit_deletes(self, connection: IConnection, uid_set: IdCollection[str]) -> None: ...
    @overload
    def commit_deletes(self, uid_set: IdCollection[str]) -> None: ...
    def commit_deletes(self, *args: Any, **kwargs: Any) -> Any:
        """Removes messages marked as deleted: all of the folder, or only those named (EXPUNGE or UID EXPUNGE, RFC 9051
        sections 6.4.3 and 6.4.9).

        .NET: ``ImapClient.CommitDeletes``.

        Forms:
            commit_deletes([connection])
            commit_deletes([connection,] sleep: int | timedelta)
            commit_deletes([connection,] unique_id: str)
            commit_deletes([connection,] start_uid: str, end_uid: str)
            commit_deletes([connection,] uid_set: Collection[str])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            sleep: time to wait after the commit, in milliseconds; -1 for none.
            unique_id: unique id of the message: digits.
            start_uid: first unique id of a range.
            end_uid: last unique id of a range, not below the first.
            uid_set: unique ids of the messages.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is selected read-only.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_COMMIT_DELETES, args, kwargs)

    @overload
    def begin_commit_deletes(
        self, connection: IConnection, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_commit_deletes(self, callback: Callback[None] = None, state: object = None) -> IAsyncResultExt[None]: ...
    @overload
    def begin_commit_deletes(
        self, connection: IConnection, sleep: int | timedelta, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_commit_deletes(
        self, sleep: int | timedelta, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_commit_deletes(
        self, connection: IConnection, unique_id: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_commit_deletes(
        self, unique_id: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_commit_deletes(
        self,
        connection: IConnection,
        start_uid: str,
        end_uid: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_commit_deletes(
        self, start_uid: str, end_uid: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_commit_deletes(
        self, connection: IConnection, uid_set: IdCollection[str], callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_commit_deletes(
        self, uid_set: IdCollection[str], callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    def begin_commit_deletes(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `commit_deletes` and returns at once; `end_commit_deletes` gives the result.

        .NET: ``ImapClient.BeginCommitDeletes``.

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

        .NET: ``ImapClient.EndCommitDeletes``.

        Args:
            async_result: what `begin_commit_deletes` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is selected read-only.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_COMMIT_DELETES, async_result)

    @overload
    def introduce_client(
        self, connection: IConnection, client_identification_info: ImapIdentificationInfo = ...
    ) -> ImapIdentificationInfo: ...
    @overload
    def introduce_client(self, client_identification_info: ImapIdentificationInfo = ...) -> ImapIdentificationInfo: ...
    def introduce_client(self, *args: Any, **kwargs: Any) -> Any:
        """Tells the server which program this is, and gives what the server says of itself (ID, RFC 2971).

        .NET: ``ImapClient.IntroduceClient``.

        Forms:
            introduce_client([connection,] [, client_identification_info: ImapIdentificationInfo])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            client_identification_info: what is said about this program; the client's `client_identification_info` when
                left out.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            AsposeNotSupportedException: the server does not have the extension.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_INTRODUCE_CLIENT, args, kwargs)

    @overload
    def begin_introduce_client(
        self, connection: IConnection, callback: Callback[ImapIdentificationInfo] = None, state: object = None
    ) -> IAsyncResultExt[ImapIdentificationInfo]: ...
    @overload
    def begin_introduce_client(
        self,
        connection: IConnection,
        client_identification_info: ImapIdentificationInfo,
        callback: Callback[ImapIdentificationInfo] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapIdentificationInfo]: ...
    @overload
    def begin_introduce_client(
        self, callback: Callback[ImapIdentificationInfo] = None, state: object = None
    ) -> IAsyncResultExt[ImapIdentificationInfo]: ...
    @overload
    def begin_introduce_client(
        self,
        client_identification_info: ImapIdentificationInfo,
        callback: Callback[ImapIdentificationInfo] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapIdentificationInfo]: ...
    def begin_introduce_client(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `introduce_client` and returns at once; `end_introduce_client` gives the result.

        .NET: ``ImapClient.BeginIntroduceClient``.

        Args:
            and: the arguments of `introduce_client` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_INTRODUCE_CLIENT, args, kwargs)

    @one_form
    def end_introduce_client(self, async_result: IAsyncResult) -> ImapIdentificationInfo:
        """Waits for the operation that `begin_introduce_client` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``ImapClient.EndIntroduceClient``.

        Args:
            async_result: what `begin_introduce_client` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            AsposeNotSupportedException: the server does not have the extension.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: ImapIdentificationInfo = self._end(_INTRODUCE_CLIENT, async_result)
        return result

    @overload
    def client_capabilities(self, connection: IConnection, *capability_names: str) -> list[str]: ...
    @overload
    def client_capabilities(self, *capability_names: str) -> list[str]: ...
    @overload
    def client_capabilities(self, connection: IConnection, capability_names: IdCollection[str]) -> list[str]: ...
    @overload
    def client_capabilities(self, capability_names: IdCollection[str]) -> list[str]: ...
    def client_capabilities(self, *args: Any, **kwargs: Any) -> Any:
        """Enables extensions of the server for the connection, and gives those that it has enabled (ENABLE, RFC 9051
        section 6.3.1). Names come one by one or as a collection.

        .NET: ``ImapClient.ClientCapabilities``.

        Forms:
            client_capabilities([connection,] *capability_names: str)
            client_capabilities([connection,] capability_names: Collection[str])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            capability_names: names of the extensions.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            AsposeNotSupportedException: the server does not have the extension.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_CLIENT_CAPABILITIES, args, kwargs)

    @overload
    def begin_client_capabilities(
        self,
        connection: IConnection,
        *capability_names: str,
        callback: Callback[list[str]] = None,
        state: object = None,
    ) -> IAsyncResultExt[list[str]]: ...
    @overload
    def begin_client_capabilities(
        self, *capability_names: str, callback: Callback[list[str]] = None, state: object = None
    ) -> IAsyncResultExt[list[str]]: ...
    @overload
    def begin_client_capabilities(
        self,
        connection: IConnection,
        capability_names: IdCollection[str],
        callback: Callback[list[str]] = None,
        state: object = None,
    ) -> IAsyncResultExt[list[str]]: ...
    @overload
    def begin_client_capabilities(
        self, capability_names: IdCollection[str], callback: Callback[list[str]] = None, state: object = None
    ) -> IAsyncResultExt[list[str]]: ...
    def begin_client_capabilities(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `client_capabilities` and returns at once; `end_client_capabilities` gives the result.

        .NET: ``ImapClient.BeginClientCapabilities``.

        Args:
            and: the arguments of `client_capabilities` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_CLIENT_CAPABILITIES, args, kwargs)

    @one_form
    def end_client_capabilities(self, async_result: IAsyncResult) -> list[str]:
        """Waits for the operation that `begin_client_capabilities` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``ImapClient.EndClientCapabilities``.

        Args:
            async_result: what `begin_client_capabilities` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            AsposeNotSupportedException: the server does not have the extension.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: list[str] = self._end(_CLIENT_CAPABILITIES, async_result)
        return result

    @overload
    def request_checkpoint(self, connection: IConnection) -> None: ...
    @overload
    def request_checkpoint(self) -> None: ...
    def request_checkpoint(self, *args: Any, **kwargs: Any) -> Any:
        """Asks the server to put its house in order (CHECK, RFC 3501 section 6.4.1).

        .NET: ``ImapClient.RequestCheckpoint``.

        Forms:
            request_checkpoint([connection])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_REQUEST_CHECKPOINT, args, kwargs)

    @overload
    def begin_request_checkpoint(
        self, connection: IConnection, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_request_checkpoint(
        self, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    def begin_request_checkpoint(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `request_checkpoint` and returns at once; `end_request_checkpoint` gives the result.

        .NET: ``ImapClient.BeginRequestCheckpoint``.

        Args:
            and: the arguments of `request_checkpoint` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_REQUEST_CHECKPOINT, args, kwargs)

    @one_form
    def end_request_checkpoint(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_request_checkpoint` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``ImapClient.EndRequestCheckpoint``.

        Args:
            async_result: what `begin_request_checkpoint` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_REQUEST_CHECKPOINT, async_result)

    @overload
    def get_namespaces(self, connection: IConnection) -> list[ImapNamespace]: ...
    @overload
    def get_namespaces(self) -> list[ImapNamespace]: ...
    def get_namespaces(self, *args: Any, **kwargs: Any) -> Any:
        """Tells where folders are: those of the user, of others, and shared ones (NAMESPACE, RFC 9051 section 6.3.10).

        .NET: ``ImapClient.GetNamespaces``.

        Forms:
            get_namespaces([connection])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            AsposeNotSupportedException: the server does not have the extension.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_GET_NAMESPACES, args, kwargs)

    @overload
    def begin_get_namespaces(
        self, connection: IConnection, callback: Callback[list[ImapNamespace]] = None, state: object = None
    ) -> IAsyncResultExt[list[ImapNamespace]]: ...
    @overload
    def begin_get_namespaces(
        self, callback: Callback[list[ImapNamespace]] = None, state: object = None
    ) -> IAsyncResultExt[list[ImapNamespace]]: ...
    def begin_get_namespaces(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `get_namespaces` and returns at once; `end_get_namespaces` gives the result.

        .NET: ``ImapClient.BeginGetNamespaces``.

        Args:
            and: the arguments of `get_namespaces` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_GET_NAMESPACES, args, kwargs)

    @one_form
    def end_get_namespaces(self, async_result: IAsyncResult) -> list[ImapNamespace]:
        """Waits for the operation that `begin_get_namespaces` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``ImapClient.EndGetNamespaces``.

        Args:
            async_result: what `begin_get_namespaces` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            AsposeNotSupportedException: the server does not have the extension.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: list[ImapNamespace] = self._end(_GET_NAMESPACES, async_result)
        return result

    @overload
    def rename_folder(self, connection: IConnection, folder_name: str, new_folder_name: str) -> None: ...
    @overload
    def rename_folder(self, folder_name: str, new_folder_name: str) -> None: ...
    def rename_folder(self, *args: Any, **kwargs: Any) -> Any:
        """Gives a folder another name (RENAME, RFC 9051 section 6.3.6).

        .NET: ``ImapClient.RenameFolder``.

        Forms:
            rename_folder([connection,] folder_name: str, new_folder_name: str)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            folder_name: full name of the folder.
            new_folder_name: full name that the folder gets.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            OutcomeUnknownError: the connection is lost before the answer.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_RENAME_FOLDER, args, kwargs)

    @overload
    def begin_rename_folder(
        self,
        connection: IConnection,
        folder_name: str,
        new_folder_name: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_rename_folder(
        self, folder_name: str, new_folder_name: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    def begin_rename_folder(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `rename_folder` and returns at once; `end_rename_folder` gives the result.

        .NET: ``ImapClient.BeginRenameFolder``.

        Args:
            and: the arguments of `rename_folder` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_RENAME_FOLDER, args, kwargs)

    @one_form
    def end_rename_folder(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_rename_folder` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``ImapClient.EndRenameFolder``.

        Args:
            async_result: what `begin_rename_folder` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            OutcomeUnknownError: the connection is lost before the answer.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_RENAME_FOLDER, async_result)

    @overload
    def move_folder(self, connection: IConnection, new_parent_folder: str, folder_name: str) -> None: ...
    @overload
    def move_folder(self, new_parent_folder: str, folder_name: str) -> None: ...
    def move_folder(self, *args: Any, **kwargs: Any) -> Any:
        """Puts a folder into another one (RENAME, RFC 9051 section 6.3.6).

        .NET: ``ImapClient.MoveFolder``.

        Forms:
            move_folder([connection,] new_parent_folder: str, folder_name: str)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            new_parent_folder: folder that the folder is put into; empty for the top level.
            folder_name: full name of the folder.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            OutcomeUnknownError: the connection is lost before the answer.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_MOVE_FOLDER, args, kwargs)

    @overload
    def begin_move_folder(
        self,
        connection: IConnection,
        new_parent_folder: str,
        folder_name: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_folder(
        self, new_parent_folder: str, folder_name: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    def begin_move_folder(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `move_folder` and returns at once; `end_move_folder` gives the result.

        .NET: ``ImapClient.BeginMoveFolder``.

        Args:
            and: the arguments of `move_folder` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_MOVE_FOLDER, args, kwargs)

    @one_form
    def end_move_folder(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_move_folder` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``ImapClient.EndMoveFolder``.

        Args:
            async_result: what `begin_move_folder` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            OutcomeUnknownError: the connection is lost before the answer.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_MOVE_FOLDER, async_result)

    @overload
    def subscribe_folder(self, connection: IConnection, folder_name: str) -> None: ...
    @overload
    def subscribe_folder(self, folder_name: str) -> None: ...
    def subscribe_folder(self, *args: Any, **kwargs: Any) -> Any:
        """Adds a folder to the subscribed ones (RFC 9051 section 6.3.7).

        .NET: ``ImapClient.SubscribeFolder``.

        Forms:
            subscribe_folder([connection,] folder_name: str)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            folder_name: full name of the folder.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_SUBSCRIBE_FOLDER, args, kwargs)

    @overload
    def begin_subscribe_folder(
        self, connection: IConnection, folder_name: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_subscribe_folder(
        self, folder_name: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    def begin_subscribe_folder(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `subscribe_folder` and returns at once; `end_subscribe_folder` gives the result.

        .NET: ``ImapClient.BeginSubscribeFolder``.

        Args:
            and: the arguments of `subscribe_folder` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_SUBSCRIBE_FOLDER, args, kwargs)

    @one_form
    def end_subscribe_folder(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_subscribe_folder` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``ImapClient.EndSubscribeFolder``.

        Args:
            async_result: what `begin_subscribe_folder` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_SUBSCRIBE_FOLDER, async_result)

    @overload
    def unsubscribe_folder(self, connection: IConnection, folder_name: str) -> None: ...
    @overload
    def unsubscribe_folder(self, folder_name: str) -> None: ...
    def unsubscribe_folder(self, *args: Any, **kwargs: Any) -> Any:
        """Takes a folder from the subscribed ones (RFC 9051 section 6.3.8).

        .NET: ``ImapClient.UnsubscribeFolder``.

        Forms:
            unsubscribe_folder([connection,] folder_name: str)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            folder_name: full name of the folder.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_UNSUBSCRIBE_FOLDER, args, kwargs)

    @overload
    def begin_unsubscribe_folder(
        self, connection: IConnection, folder_name: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_unsubscribe_folder(
        self, folder_name: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    def begin_unsubscribe_folder(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `unsubscribe_folder` and returns at once; `end_unsubscribe_folder` gives the result.

        .NET: ``ImapClient.BeginUnsubscribeFolder``.

        Args:
            and: the arguments of `unsubscribe_folder` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_UNSUBSCRIBE_FOLDER, args, kwargs)

    @one_form
    def end_unsubscribe_folder(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_unsubscribe_folder` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``ImapClient.EndUnsubscribeFolder``.

        Args:
            async_result: what `begin_unsubscribe_folder` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_UNSUBSCRIBE_FOLDER, async_result)

    @overload
    def get_quota(self, connection: IConnection, quota_root_name: str) -> list[ImapQuota]: ...
    @overload
    def get_quota(self, quota_root_name: str) -> list[ImapQuota]: ...
    def get_quota(self, *args: Any, **kwargs: Any) -> Any:
        """Tells what is used and allowed under a quota root (GETQUOTA, RFC 9208 section 4.1.1).

        .NET: ``ImapClient.GetQuota``.

        Forms:
            get_quota([connection,] quota_root_name: str)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            quota_root_name: the quota root; may be empty.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            AsposeNotSupportedException: the server does not have the extension.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_GET_QUOTA, args, kwargs)

    @overload
    def begin_get_quota(
        self,
        connection: IConnection,
        quota_root_name: str,
        callback: Callback[list[ImapQuota]] = None,
        state: object = None,
    ) -> IAsyncResultExt[list[ImapQuota]]: ...
    @overload
    def begin_get_quota(
        self, quota_root_name: str, callback: Callback[list[ImapQuota]] = None, state: object = None
    ) -> IAsyncResultExt[list[ImapQuota]]: ...
    def begin_get_quota(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `get_quota` and returns at once; `end_get_quota` gives the result.

        .NET: ``ImapClient.BeginGetQuota``.

        Args:
            and: the arguments of `get_quota` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_GET_QUOTA, args, kwargs)

    @one_form
    def end_get_quota(self, async_result: IAsyncResult) -> list[ImapQuota]:
        """Waits for the operation that `begin_get_quota` began and gives its result or raises its error, the same each
        time it is called.

        .NET: ``ImapClient.EndGetQuota``.

        Args:
            async_result: what `begin_get_quota` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            AsposeNotSupportedException: the server does not have the extension.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: list[ImapQuota] = self._end(_GET_QUOTA, async_result)
        return result

    @overload
    def get_quota_root(self, connection: IConnection, mailbox_name: str) -> list[ImapQuotaRoot]: ...
    @overload
    def get_quota_root(self, mailbox_name: str) -> list[ImapQuotaRoot]: ...
    def get_quota_root(self, *args: Any, **kwargs: Any) -> Any:
        """Tells which quota roots limit a folder, and their quotas (GETQUOTAROOT, RFC 9208 section 4.1.2).

        .NET: ``ImapClient.GetQuotaRoot``.

        Forms:
            get_quota_root([connection,] mailbox_name: str)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            mailbox_name: full name of the folder.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            AsposeNotSupportedException: the server does not have the extension.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_GET_QUOTA_ROOT, args, kwargs)

    @overload
    def begin_get_quota_root(
        self,
        connection: IConnection,
        mailbox_name: str,
        callback: Callback[list[ImapQuotaRoot]] = None,
        state: object = None,
    ) -> IAsyncResultExt[list[ImapQuotaRoot]]: ...
    @overload
    def begin_get_quota_root(
        self, mailbox_name: str, callback: Callback[list[ImapQuotaRoot]] = None, state: object = None
    ) -> IAsyncResultExt[list[ImapQuotaRoot]]: ...
    def begin_get_quota_root(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `get_quota_root` and returns at once; `end_get_quota_root` gives the result.

        .NET: ``ImapClient.BeginGetQuotaRoot``.

        Args:
            and: the arguments of `get_quota_root` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_GET_QUOTA_ROOT, args, kwargs)

    @one_form
    def end_get_quota_root(self, async_result: IAsyncResult) -> list[ImapQuotaRoot]:
        """Waits for the operation that `begin_get_quota_root` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``ImapClient.EndGetQuotaRoot``.

        Args:
            async_result: what `begin_get_quota_root` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            AsposeNotSupportedException: the server does not have the extension.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: list[ImapQuotaRoot] = self._end(_GET_QUOTA_ROOT, async_result)
        return result

    @overload
    def set_quota(
        self, connection: IConnection, quota_root_name: str, resource_name: str, resource_limit: int
    ) -> list[ImapQuota]: ...
    @overload
    def set_quota(self, quota_root_name: str, resource_name: str, resource_limit: int) -> list[ImapQuota]: ...
    def set_quota(self, *args: Any, **kwargs: Any) -> Any:
        """Sets the limit of one resource and gives the quotas of the root (SETQUOTA, RFC 9208 section 4.1.3). Limits of
        its other resources are dropped: the command sets all limits of a root.

        .NET: ``ImapClient.SetQuota``.

        Forms:
            set_quota([connection,] quota_root_name: str, resource_name: str, resource_limit: int)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            quota_root_name: the quota root; may be empty.
            resource_name: what is limited, such as STORAGE or MESSAGE.
            resource_limit: the limit; STORAGE counts units of 1,024 bytes.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            AsposeNotSupportedException: the server does not have the extension.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_SET_QUOTA, args, kwargs)

    @overload
    def begin_set_quota(
        self,
        connection: IConnection,
        quota_root_name: str,
        resource_name: str,
        resource_limit: int,
        callback: Callback[list[ImapQuota]] = None,
        state: object = None,
    ) -> IAsyncResultExt[list[ImapQuota]]: ...
    @overload
    def begin_set_quota(
        self,
        quota_root_name: str,
        resource_name: str,
        resource_limit: int,
        callback: Callback[list[ImapQuota]] = None,
        state: object = None,
    ) -> IAsyncResultExt[list[ImapQuota]]: ...
    def begin_set_quota(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `set_quota` and returns at once; `end_set_quota` gives the result.

        .NET: ``ImapClient.BeginSetQuota``.

        Args:
            and: the arguments of `set_quota` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_SET_QUOTA, args, kwargs)

    @one_form
    def end_set_quota(self, async_result: IAsyncResult) -> list[ImapQuota]:
        """Waits for the operation that `begin_set_quota` began and gives its result or raises its error, the same each
        time it is called.

        .NET: ``ImapClient.EndSetQuota``.

        Args:
            async_result: what `begin_set_quota` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            AsposeNotSupportedException: the server does not have the extension.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: list[ImapQuota] = self._end(_SET_QUOTA, async_result)
        return result

    @overload
    def list_messages_by_page(self, items_per_page: int, settings: PageSettings) -> ImapPageInfo: ...
    @overload
    def list_messages_by_page(self, items_per_page: int, page_offset: int, settings: PageSettings) -> ImapPageInfo: ...
    @overload
    def list_messages_by_page(self, page_info: PageInfo, settings: PageSettings) -> ImapPageInfo: ...
    @overload
    def list_messages_by_page(self, query: MailQuery, page_info: PageInfo, settings: PageSettings) -> ImapPageInfo: ...
    @overload
    def list_messages_by_page(self, folder_name: str, query: MailQuery, items_per_page: int) -> ImapPageInfo: ...
    @overload
    def list_messages_by_page(self, folder_name: str, query: MailQuery, page_info: PageInfo) -> ImapPageInfo: ...
    def list_messages_by_page(self, *args: Any, **kwargs: Any) -> Any:
        """Lists one page of the messages that meet the criteria: envelope, flags, size and dates, not their contents.

        .NET: ``ImapClient.ListMessagesByPage``.

        Forms:
            list_messages_by_page(items_per_page: int, settings: PageSettings)
            list_messages_by_page(items_per_page: int, page_offset: int, settings: PageSettings)
            list_messages_by_page(page_info: PageInfo, settings: PageSettings)
            list_messages_by_page(query: MailQuery, page_info: PageInfo, settings: PageSettings)
            list_messages_by_page(folder_name: str, query: MailQuery, items_per_page: int)
            list_messages_by_page(folder_name: str, query: MailQuery, page_info: PageInfo)

        Args:
            items_per_page: messages on a page, at least 1.
            settings: folder, connection and order; a begun call takes callback and state from `PageSettingsAsync`.
            page_offset: number of the page, from 0.
            page_info: which page: a new one, or `next_page`.
            query: criteria the messages have to meet.
            folder_name: full name of the folder.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            AsposeNotSupportedException: no server, or not this one, can search for what the query asks.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_LIST_MESSAGES_BY_PAGE, args, kwargs)

    @overload
    def begin_list_messages_by_page(
        self, items_per_page: int, settings: PageSettings, callback: Callback[ImapPageInfo] = None, state: object = None
    ) -> IAsyncResultExt[ImapPageInfo]: ...
    @overload
    def begin_list_messages_by_page(
        self,
        items_per_page: int,
        page_offset: int,
        settings: PageSettings,
        callback: Callback[ImapPageInfo] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapPageInfo]: ...
    @overload
    def begin_list_messages_by_page(
        self, page_info: PageInfo, settings: PageSettings, callback: Callback[ImapPageInfo] = None, state: object = None
    ) -> IAsyncResultExt[ImapPageInfo]: ...
    @overload
    def begin_list_messages_by_page(
        self,
        query: MailQuery,
        page_info: PageInfo,
        settings: PageSettings,
        callback: Callback[ImapPageInfo] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapPageInfo]: ...
    @overload
    def begin_list_messages_by_page(
        self,
        folder_name: str,
        query: MailQuery,
        items_per_page: int,
        callback: Callback[ImapPageInfo] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapPageInfo]: ...
    @overload
    def begin_list_messages_by_page(
        self,
        folder_name: str,
        query: MailQuery,
        page_info: PageInfo,
        callback: Callback[ImapPageInfo] = None,
        state: object = None,
    ) -> IAsyncResultExt[ImapPageInfo]: ...
    def begin_list_messages_by_page(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `list_messages_by_page` and returns at once; `end_list_messages_by_page` gives the result.

        .NET: ``ImapClient.BeginListMessagesByPage``.

        Args:
            and: the arguments of `list_messages_by_page` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_LIST_MESSAGES_BY_PAGE, args, kwargs)

    @one_form
    def end_list_messages_by_page(self, async_result: IAsyncResult) -> ImapPageInfo:
        """Waits for the operation that `begin_list_messages_by_page` began and gives its result or raises its error,
        the same each time it is called.

        .NET: ``ImapClient.EndListMessagesByPage``.

        Args:
            async_result: what `begin_list_messages_by_page` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            AsposeNotSupportedException: no server, or not this one, can search for what the query asks.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: ImapPageInfo = self._end(_LIST_MESSAGES_BY_PAGE, async_result)
        return result

    @overload
    def get_message_threads(
        self, connection: IConnection, conditions: BaseSearchConditions
    ) -> list[MessageThreadResult]: ...
    @overload
    def get_message_threads(self, conditions: BaseSearchConditions) -> list[MessageThreadResult]: ...
    def get_message_threads(self, *args: Any, **kwargs: Any) -> Any:
        """Finds messages, and which answers which (THREAD, RFC 5256; conversations of Gmail).

        .NET: ``ImapClient.GetMessageThreads``.

        Forms:
            get_message_threads([connection,] conditions: BaseSearchConditions)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            conditions: which messages, and how.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            AsposeNotSupportedException: the server does not have the extension.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_GET_MESSAGE_THREADS, args, kwargs)

    @overload
    def begin_get_message_threads(
        self,
        connection: IConnection,
        conditions: BaseSearchConditions,
        callback: Callback[list[MessageThreadResult]] = None,
        state: object = None,
    ) -> IAsyncResultExt[list[MessageThreadResult]]: ...
    @overload
    def begin_get_message_threads(
        self,
        conditions: BaseSearchConditions,
        callback: Callback[list[MessageThreadResult]] = None,
        state: object = None,
    ) -> IAsyncResultExt[list[MessageThreadResult]]: ...
    def begin_get_message_threads(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `get_message_threads` and returns at once; `end_get_message_threads` gives the result.

        .NET: ``ImapClient.BeginGetMessageThreads``.

        Args:
            and: the arguments of `get_message_threads` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_GET_MESSAGE_THREADS, args, kwargs)

    @one_form
    def end_get_message_threads(self, async_result: IAsyncResult) -> list[MessageThreadResult]:
        """Waits for the operation that `begin_get_message_threads` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``ImapClient.EndGetMessageThreads``.

        Args:
            async_result: what `begin_get_message_threads` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            AsposeNotSupportedException: the server does not have the extension.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: list[MessageThreadResult] = self._end(_GET_MESSAGE_THREADS, async_result)
        return result

    @overload
    def sort_message_threads(
        self, connection: IConnection, conditions: SortConditions
    ) -> list[MessageThreadResult]: ...
    @overload
    def sort_message_threads(self, conditions: SortConditions) -> list[MessageThreadResult]: ...
    def sort_message_threads(self, *args: Any, **kwargs: Any) -> Any:
        """Finds messages in an order that the server makes (SORT, RFC 5256).

        .NET: ``ImapClient.SortMessageThreads``.

        Forms:
            sort_message_threads([connection,] conditions: SortConditions)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            conditions: which messages, and in which order.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            AsposeNotSupportedException: the server does not have the extension.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_SORT_MESSAGE_THREADS, args, kwargs)

    @overload
    def begin_sort_message_threads(
        self,
        connection: IConnection,
        conditions: SortConditions,
        callback: Callback[list[MessageThreadResult]] = None,
        state: object = None,
    ) -> IAsyncResultExt[list[MessageThreadResult]]: ...
    @overload
    def begin_sort_message_threads(
        self, conditions: SortConditions, callback: Callback[list[MessageThreadResult]] = None, state: object = None
    ) -> IAsyncResultExt[list[MessageThreadResult]]: ...
    def begin_sort_message_threads(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `sort_message_threads` and returns at once; `end_sort_message_threads` gives the result.

        .NET: ``ImapClient.BeginSortMessageThreads``.

        Args:
            and: the arguments of `sort_message_threads` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_SORT_MESSAGE_THREADS, args, kwargs)

    @one_form
    def end_sort_message_threads(self, async_result: IAsyncResult) -> list[MessageThreadResult]:
        """Waits for the operation that `begin_sort_message_threads` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``ImapClient.EndSortMessageThreads``.

        Args:
            async_result: what `begin_sort_message_threads` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            AsposeNotSupportedException: the server does not have the extension.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: list[MessageThreadResult] = self._end(_SORT_MESSAGE_THREADS, async_result)
        return result

    @one_form
    def list_attachments(self, sequence_number: int) -> ImapAttachmentInfoCollection:
        """Tells which attachments a message has, without fetching them.

        .NET: ``ImapClient.ListAttachments``.

        Args:
            sequence_number: number of the message in its folder.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            MessageNotFoundError: there is no such message.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: ImapAttachmentInfoCollection = self._call(_LIST_ATTACHMENTS, (sequence_number,), {})
        return result

    @one_form
    def begin_list_attachments(
        self, sequence_number: int, callback: Callback[ImapAttachmentInfoCollection] = None, state: object = None
    ) -> IAsyncResultExt[ImapAttachmentInfoCollection]:
        """Begins `list_attachments` and returns at once; `end_list_attachments` gives the result.

        .NET: ``ImapClient.BeginListAttachments``.

        Args:
            sequence_number: number of the message in its folder.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        result: IAsyncResultExt[ImapAttachmentInfoCollection] = self._begin(
            _LIST_ATTACHMENTS, (sequence_number, callback, state), {}
        )
        return result

    @one_form
    def end_list_attachments(self, async_result: IAsyncResult) -> ImapAttachmentInfoCollection:
        """Waits for the operation that `begin_list_attachments` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``ImapClient.EndListAttachments``.

        Args:
            async_result: what `begin_list_attachments` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            MessageNotFoundError: there is no such message.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: ImapAttachmentInfoCollection = self._end(_LIST_ATTACHMENTS, async_result)
        return result

    @overload
    def fetch_attachment(self, connection: IConnection, sequence_number: int, attachment_name: str) -> Attachment: ...
    @overload
    def fetch_attachment(self, sequence_number: int, attachment_name: str) -> Attachment: ...
    def fetch_attachment(self, *args: Any, **kwargs: Any) -> Any:
        """Fetches one attachment of a message, and nothing else of it.

        .NET: ``ImapClient.FetchAttachment``.

        Forms:
            fetch_attachment([connection,] sequence_number: int, attachment_name: str)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            sequence_number: number of the message in its folder.
            attachment_name: name of the attachment, as `list_attachments` gives it.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            MessageNotFoundError: there is no such message.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_FETCH_ATTACHMENT, args, kwargs)

    @overload
    def begin_fetch_attachment(
        self,
        connection: IConnection,
        sequence_number: int,
        attachment_name: str,
        callback: Callback[Attachment] = None,
        state: object = None,
    ) -> IAsyncResultExt[Attachment]: ...
    @overload
    def begin_fetch_attachment(
        self, sequence_number: int, attachment_name: str, callback: Callback[Attachment] = None, state: object = None
    ) -> IAsyncResultExt[Attachment]: ...
    def begin_fetch_attachment(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `fetch_attachment` and returns at once; `end_fetch_attachment` gives the result.

        .NET: ``ImapClient.BeginFetchAttachment``.

        Args:
            and: the arguments of `fetch_attachment` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_FETCH_ATTACHMENT, args, kwargs)

    @one_form
    def end_fetch_attachment(self, async_result: IAsyncResult) -> Attachment:
        """Waits for the operation that `begin_fetch_attachment` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``ImapClient.EndFetchAttachment``.

        Args:
            async_result: what `begin_fetch_attachment` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            MessageNotFoundError: there is no such message.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: Attachment = self._end(_FETCH_ATTACHMENT, async_result)
        return result

    @overload
    def append_messages(
        self, connection: IConnection, messages: IdCollection[MailMessage]
    ) -> AppendMessagesResult[MailMessage]: ...
    @overload
    def append_messages(self, messages: IdCollection[MailMessage]) -> AppendMessagesResult[MailMessage]: ...
    @overload
    def append_messages(
        self, connection: IConnection, folder_name: str, messages: IdCollection[MailMessage]
    ) -> AppendMessagesResult[MailMessage]: ...
    @overload
    def append_messages(
        self, folder_name: str, messages: IdCollection[MailMessage]
    ) -> AppendMessagesResult[MailMessage]: ...
    def append_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Adds messages to a folder, the current one by default, several in one command where the server takes that
        (MULTIAPPEND, RFC 3502). What became of each is in the result; an error is raised only when it concerns all of
        them and none was added.

        .NET: ``ImapClient.AppendMessages``.

        Forms:
            append_messages([connection,] messages: Collection[MailMessage])
            append_messages([connection,] folder_name: str, messages: Collection[MailMessage])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            messages: the messages.
            folder_name: full name of the folder.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_APPEND_MESSAGES, args, kwargs)

    @overload
    def begin_append_messages(
        self,
        connection: IConnection,
        messages: IdCollection[MailMessage],
        callback: Callback[AppendMessagesResult[MailMessage]] = None,
        state: object = None,
    ) -> IAsyncResultExt[AppendMessagesResult[MailMessage]]: ...
    @overload
    def begin_append_messages(
        self,
        messages: IdCollection[MailMessage],
        callback: Callback[AppendMessagesResult[MailMessage]] = None,
        state: object = None,
    ) -> IAsyncResultExt[AppendMessagesResult[MailMessage]]: ...
    @overload
    def begin_append_messages(
        self,
        connection: IConnection,
        folder_name: str,
        messages: IdCollection[MailMessage],
        callback: Callback[AppendMessagesResult[MailMessage]] = None,
        state: object = None,
    ) -> IAsyncResultExt[AppendMessagesResult[MailMessage]]: ...
    @overload
    def begin_append_messages(
        self,
        folder_name: str,
        messages: IdCollection[MailMessage],
        callback: Callback[AppendMessagesResult[MailMessage]] = None,
        state: object = None,
    ) -> IAsyncResultExt[AppendMessagesResult[MailMessage]]: ...
    def begin_append_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `append_messages` and returns at once; `end_append_messages` gives the result.

        .NET: ``ImapClient.BeginAppendMessages``.

        Args:
            and: the arguments of `append_messages` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_APPEND_MESSAGES, args, kwargs)

    @one_form
    def end_append_messages(self, async_result: IAsyncResult) -> AppendMessagesResult[MailMessage]:
        """Waits for the operation that `begin_append_messages` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``ImapClient.EndAppendMessages``.

        Args:
            async_result: what `begin_append_messages` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: AppendMessagesResult[MailMessage] = self._end(_APPEND_MESSAGES, async_result)
        return result

    @overload
    def copy_message(self, connection: IConnection, sequence_number: int, folder_name: str) -> str: ...
    @overload
    def copy_message(self, sequence_number: int, folder_name: str) -> str: ...
    @overload
    def copy_message(self, connection: IConnection, unique_id: str, folder_name: str) -> str: ...
    @overload
    def copy_message(self, unique_id: str, folder_name: str) -> str: ...
    def copy_message(self, *args: Any, **kwargs: Any) -> Any:
        """Copies one message to another folder and returns the copy's unique id, empty where the server does not tell
        it (COPY, RFC 9051 section 6.4.7).

        .NET: ``ImapClient.CopyMessage``.

        Forms:
            copy_message([connection,] sequence_number: int, folder_name: str)
            copy_message([connection,] unique_id: str, folder_name: str)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            sequence_number: number of the message in its folder.
            folder_name: full name of the folder that receives them.
            unique_id: unique id of the message: digits.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            MessageNotFoundError: there is no such message.
            ImapException: the server refuses.
            OutcomeUnknownError: the connection is lost before the answer.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_COPY_MESSAGE, args, kwargs)

    @overload
    def begin_copy_message(
        self,
        connection: IConnection,
        sequence_number: int,
        folder_name: str,
        callback: Callback[str] = None,
        state: object = None,
    ) -> IAsyncResultExt[str]: ...
    @overload
    def begin_copy_message(
        self, sequence_number: int, folder_name: str, callback: Callback[str] = None, state: object = None
    ) -> IAsyncResultExt[str]: ...
    @overload
    def begin_copy_message(
        self,
        connection: IConnection,
        unique_id: str,
        folder_name: str,
        callback: Callback[str] = None,
        state: object = None,
    ) -> IAsyncResultExt[str]: ...
    @overload
    def begin_copy_message(
        self, unique_id: str, folder_name: str, callback: Callback[str] = None, state: object = None
    ) -> IAsyncResultExt[str]: ...
    def begin_copy_message(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `copy_message` and returns at once; `end_copy_message` gives the result.

        .NET: ``ImapClient.BeginCopyMessage``.

        Args:
            and: the arguments of `copy_message` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_COPY_MESSAGE, args, kwargs)

    @one_form
    def end_copy_message(self, async_result: IAsyncResult) -> str:
        """Waits for the operation that `begin_copy_message` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``ImapClient.EndCopyMessage``.

        Args:
            async_result: what `begin_copy_message` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            MessageNotFoundError: there is no such message.
            ImapException: the server refuses.
            OutcomeUnknownError: the connection is lost before the answer.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: str = self._end(_COPY_MESSAGE, async_result)
        return result

    @overload
    def copy_messages(
        self, connection: IConnection, start_sequence: int, end_sequence: int, folder_name: str
    ) -> None: ...
    @overload
    def copy_messages(self, start_sequence: int, end_sequence: int, folder_name: str) -> None: ...
    @overload
    def copy_messages(self, connection: IConnection, start_uid: str, end_uid: str, folder_name: str) -> None: ...
    @overload
    def copy_messages(self, start_uid: str, end_uid: str, folder_name: str) -> None: ...
    @overload
    def copy_messages(self, connection: IConnection, sequence_set: IdCollection[int], folder_name: str) -> None: ...
    @overload
    def copy_messages(self, sequence_set: IdCollection[int], folder_name: str) -> None: ...
    @overload
    def copy_messages(self, sequence_set: IdCollection[int], folder_name: str, commit_deletions: bool) -> None: ...
    @overload
    def copy_messages(self, connection: IConnection, uid_set: IdCollection[str], folder_name: str) -> None: ...
    @overload
    def copy_messages(self, uid_set: IdCollection[str], folder_name: str) -> None: ...
    @overload
    def copy_messages(
        self, connection: IConnection, message_info_set: IdCollection[ImapMessageInfo], folder_name: str
    ) -> None: ...
    @overload
    def copy_messages(self, message_info_set: IdCollection[ImapMessageInfo], folder_name: str) -> None: ...
    def copy_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Copies messages to another folder (COPY, RFC 9051 section 6.4.7). `commit_deletions` then expunges all that
        is marked as deleted in the current one. The error of a part says in `partly_done` how far it came.

        .NET: ``ImapClient.CopyMessages``.

        Forms:
            copy_messages([connection,] start_sequence: int, end_sequence: int, folder_name: str)
            copy_messages([connection,] start_uid: str, end_uid: str, folder_name: str)
            copy_messages([connection,] sequence_set: Collection[int], folder_name: str)
            copy_messages(sequence_set: Collection[int], folder_name: str, commit_deletions: bool)
            copy_messages([connection,] uid_set: Collection[str], folder_name: str)
            copy_messages([connection,] message_info_set: Collection[ImapMessageInfo], folder_name: str)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            start_sequence: first sequence number of a range.
            end_sequence: last sequence number of a range, not below the first.
            folder_name: full name of the folder that receives them.
            start_uid: first unique id of a range.
            end_uid: last unique id of a range, not below the first.
            sequence_set: sequence numbers of the messages.
            commit_deletions: whether messages marked as deleted are expunged at once.
            uid_set: unique ids of the messages.
            message_info_set: the messages as a listing gave them.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            OutcomeUnknownError: the connection is lost before the answer.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_COPY_MESSAGES, args, kwargs)

    @overload
    def begin_copy_messages(
        self,
        connection: IConnection,
        start_sequence: int,
        end_sequence: int,
        folder_name: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_copy_messages(
        self,
        start_sequence: int,
        end_sequence: int,
        folder_name: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_copy_messages(
        self,
        connection: IConnection,
        start_uid: str,
        end_uid: str,
        folder_name: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_copy_messages(
        self, start_uid: str, end_uid: str, folder_name: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_copy_messages(
        self,
        connection: IConnection,
        sequence_set: IdCollection[int],
        folder_name: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_copy_messages(
        self, sequence_set: IdCollection[int], folder_name: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_copy_messages(
        self,
        sequence_set: IdCollection[int],
        folder_name: str,
        commit_deletions: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_copy_messages(
        self,
        connection: IConnection,
        uid_set: IdCollection[str],
        folder_name: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_copy_messages(
        self, uid_set: IdCollection[str], folder_name: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_copy_messages(
        self,
        connection: IConnection,
        message_info_set: IdCollection[ImapMessageInfo],
        folder_name: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_copy_messages(
        self,
        message_info_set: IdCollection[ImapMessageInfo],
        folder_name: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    def begin_copy_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `copy_messages` and returns at once; `end_copy_messages` gives the result.

        .NET: ``ImapClient.BeginCopyMessages``.

        Args:
            and: the arguments of `copy_messages` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_COPY_MESSAGES, args, kwargs)

    @one_form
    def end_copy_messages(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_copy_messages` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``ImapClient.EndCopyMessages``.

        Args:
            async_result: what `begin_copy_messages` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            OutcomeUnknownError: the connection is lost before the answer.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_COPY_MESSAGES, async_result)

    @overload
    def move_message(
        self, connection: IConnection, sequence_number: int, folder_name: str, commit_deletions: bool = False
    ) -> str: ...
    @overload
    def move_message(self, sequence_number: int, folder_name: str, commit_deletions: bool = False) -> str: ...
    @overload
    def move_message(
        self, connection: IConnection, unique_id: str, folder_name: str, commit_deletions: bool = False
    ) -> str: ...
    @overload
    def move_message(self, unique_id: str, folder_name: str, commit_deletions: bool = False) -> str: ...
    def move_message(self, *args: Any, **kwargs: Any) -> Any:
        """Moves one message to another folder and returns its unique id there, empty where the server does not tell it
        (MOVE, RFC 9051 section 6.4.8). Where the server cannot move, the message is copied, then marked as deleted and
        removed by its unique id (UIDPLUS, RFC 4315); without that it stays marked, unless `commit_deletions` has all
        that is marked in the folder expunged.

        .NET: ``ImapClient.MoveMessage``.

        Forms:
            move_message([connection,] sequence_number: int, folder_name: str[, commit_deletions: bool])
            move_message([connection,] unique_id: str, folder_name: str[, commit_deletions: bool])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            sequence_number: number of the message in its folder.
            folder_name: full name of the folder that receives them.
            commit_deletions: whether messages marked as deleted are expunged at once.
            unique_id: unique id of the message: digits.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            MessageNotFoundError: there is no such message.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is selected read-only.
            OutcomeUnknownError: the connection is lost before the answer.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_MOVE_MESSAGE, args, kwargs)

    @overload
    def begin_move_message(
        self,
        connection: IConnection,
        sequence_number: int,
        folder_name: str,
        callback: Callback[str] = None,
        state: object = None,
    ) -> IAsyncResultExt[str]: ...
    @overload
    def begin_move_message(
        self,
        connection: IConnection,
        sequence_number: int,
        folder_name: str,
        commit_deletions: bool,
        callback: Callback[str] = None,
        state: object = None,
    ) -> IAsyncResultExt[str]: ...
    @overload
    def begin_move_message(
        self, sequence_number: int, folder_name: str, callback: Callback[str] = None, state: object = None
    ) -> IAsyncResultExt[str]: ...
    @overload
    def begin_move_message(
        self,
        sequence_number: int,
        folder_name: str,
        commit_deletions: bool,
        callback: Callback[str] = None,
        state: object = None,
    ) -> IAsyncResultExt[str]: ...
    @overload
    def begin_move_message(
        self,
        connection: IConnection,
        unique_id: str,
        folder_name: str,
        callback: Callback[str] = None,
        state: object = None,
    ) -> IAsyncResultExt[str]: ...
    @overload
    def begin_move_message(
        self,
        connection: IConnection,
        unique_id: str,
        folder_name: str,
        commit_deletions: bool,
        callback: Callback[str] = None,
        state: object = None,
    ) -> IAsyncResultExt[str]: ...
    @overload
    def begin_move_message(
        self, unique_id: str, folder_name: str, callback: Callback[str] = None, state: object = None
    ) -> IAsyncResultExt[str]: ...
    @overload
    def begin_move_message(
        self,
        unique_id: str,
        folder_name: str,
        commit_deletions: bool,
        callback: Callback[str] = None,
        state: object = None,
    ) -> IAsyncResultExt[str]: ...
    def begin_move_message(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `move_message` and returns at once; `end_move_message` gives the result.

        .NET: ``ImapClient.BeginMoveMessage``.

        Args:
            and: the arguments of `move_message` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_MOVE_MESSAGE, args, kwargs)

    @one_form
    def end_move_message(self, async_result: IAsyncResult) -> str:
        """Waits for the operation that `begin_move_message` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``ImapClient.EndMoveMessage``.

        Args:
            async_result: what `begin_move_message` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            MessageNotFoundError: there is no such message.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is selected read-only.
            OutcomeUnknownError: the connection is lost before the answer.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        result: str = self._end(_MOVE_MESSAGE, async_result)
        return result

    @overload
    def move_messages(
        self, connection: IConnection, uid_set: IdCollection[str], folder_name: str, commit_deletions: bool = False
    ) -> None: ...
    @overload
    def move_messages(self, uid_set: IdCollection[str], folder_name: str, commit_deletions: bool = False) -> None: ...
    @overload
    def move_messages(
        self,
        connection: IConnection,
        message_info_set: IdCollection[ImapMessageInfo],
        folder_name: str,
        commit_deletions: bool = False,
    ) -> None: ...
    @overload
    def move_messages(
        self, message_info_set: IdCollection[ImapMessageInfo], folder_name: str, commit_deletions: bool = False
    ) -> None: ...
    @overload
    def move_messages(
        self,
        connection: IConnection,
        start_sequence: int,
        end_sequence: int,
        folder_name: str,
        commit_deletions: bool = False,
    ) -> None: ...
    @overload
    def move_messages(
        self, start_sequence: int, end_sequence: int, folder_name: str, commit_deletions: bool = False
    ) -> None: ...
    @overload
    def move_messages(
        self, connection: IConnection, sequence_set: IdCollection[int], folder_name: str, commit_deletions: bool = False
    ) -> None: ...
    @overload
    def move_messages(
        self, sequence_set: IdCollection[int], folder_name: str, commit_deletions: bool = False
    ) -> None: ...
    @overload
    def move_messages(
        self, connection: IConnection, start_uid: str, end_uid: str, folder_name: str, commit_deletions: bool = False
    ) -> None: ...
    @overload
    def move_messages(self, start_uid: str, end_uid: str, folder_name: str, commit_deletions: bool = False) -> None: ...
    def move_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Moves messages to another folder (MOVE, RFC 9051 section 6.4.8). Where the server cannot move, they are
        copied, then marked as deleted and removed by their unique ids (UIDPLUS, RFC 4315); without that they stay
        marked, unless `commit_deletions` has all that is marked in the folder expunged. The error of a part says in
        `partly_done` how far it came.

        .NET: ``ImapClient.MoveMessages``.

        Forms:
            move_messages([connection,] uid_set: Collection[str], folder_name: str[, commit_deletions: bool])
            move_messages([connection,] message_info_set: Collection[ImapMessageInfo], folder_name: str[,
                commit_deletions: bool])
            move_messages([connection,] start_sequence: int, end_sequence: int, folder_name: str[, commit_deletions:
                bool])
            move_messages([connection,] sequence_set: Collection[int], folder_name: str[, commit_deletions: bool])
            move_messages([connection,] start_uid: str, end_uid: str, folder_name: str[, commit_deletions: bool])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            uid_set: unique ids of the messages.
            folder_name: full name of the folder that receives them.
            commit_deletions: whether messages marked as deleted are expunged at once.
            message_info_set: the messages as a listing gave them.
            start_sequence: first sequence number of a range.
            end_sequence: last sequence number of a range, not below the first.
            sequence_set: sequence numbers of the messages.
            start_uid: first unique id of a range.
            end_uid: last unique id of a range, not below the first.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is selected read-only.
            OutcomeUnknownError: the connection is lost before the answer.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_MOVE_MESSAGES, args, kwargs)

    @overload
    def begin_move_messages(
        self,
        connection: IConnection,
        uid_set: IdCollection[str],
        folder_name: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_messages(
        self,
        connection: IConnection,
        uid_set: IdCollection[str],
        folder_name: str,
        commit_deletions: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_messages(
        self, uid_set: IdCollection[str], folder_name: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_messages(
        self,
        uid_set: IdCollection[str],
        folder_name: str,
        commit_deletions: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_messages(
        self,
        connection: IConnection,
        message_info_set: IdCollection[ImapMessageInfo],
        folder_name: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_messages(
        self,
        connection: IConnection,
        message_info_set: IdCollection[ImapMessageInfo],
        folder_name: str,
        commit_deletions: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_messages(
        self,
        message_info_set: IdCollection[ImapMessageInfo],
        folder_name: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_messages(
        self,
        message_info_set: IdCollection[ImapMessageInfo],
        folder_name: str,
        commit_deletions: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_messages(
        self,
        connection: IConnection,
        start_sequence: int,
        end_sequence: int,
        folder_name: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_messages(
        self,
        connection: IConnection,
        start_sequence: int,
        end_sequence: int,
        folder_name: str,
        commit_deletions: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_messages(
        self,
        start_sequence: int,
        end_sequence: int,
        folder_name: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_messages(
        self,
        start_sequence: int,
        end_sequence: int,
        folder_name: str,
        commit_deletions: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_messages(
        self,
        connection: IConnection,
        sequence_set: IdCollection[int],
        folder_name: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_messages(
        self,
        connection: IConnection,
        sequence_set: IdCollection[int],
        folder_name: str,
        commit_deletions: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_messages(
        self, sequence_set: IdCollection[int], folder_name: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_messages(
        self,
        sequence_set: IdCollection[int],
        folder_name: str,
        commit_deletions: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_messages(
        self,
        connection: IConnection,
        start_uid: str,
        end_uid: str,
        folder_name: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_messages(
        self,
        connection: IConnection,
        start_uid: str,
        end_uid: str,
        folder_name: str,
        commit_deletions: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_messages(
        self, start_uid: str, end_uid: str, folder_name: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_move_messages(
        self,
        start_uid: str,
        end_uid: str,
        folder_name: str,
        commit_deletions: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    def begin_move_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `move_messages` and returns at once; `end_move_messages` gives the result.

        .NET: ``ImapClient.BeginMoveMessages``.

        Args:
            and: the arguments of `move_messages` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_MOVE_MESSAGES, args, kwargs)

    @one_form
    def end_move_messages(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_move_messages` began and gives its result or raises its error, the same
        each time it is called.

        .NET: ``ImapClient.EndMoveMessages``.

        Args:
            async_result: what `begin_move_messages` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is selected read-only.
            OutcomeUnknownError: the connection is lost before the answer.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_MOVE_MESSAGES, async_result)

    @overload
    def delete_messages(
        self, connection: IConnection, sequence_set: IdCollection[int], modification_sequence: int = ...
    ) -> None: ...
    @overload
    def delete_messages(self, sequence_set: IdCollection[int], modification_sequence: int = ...) -> None: ...
    @overload
    def delete_messages(
        self, connection: IConnection, start_sequence: int, end_sequence: int, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def delete_messages(self, start_sequence: int, end_sequence: int, modification_sequence: int = ...) -> None: ...
    @overload
    def delete_messages(
        self, connection: IConnection, uid_set: IdCollection[str], modification_sequence: int = ...
    ) -> None: ...
    @overload
    def delete_messages(self, uid_set: IdCollection[str], modification_sequence: int = ...) -> None: ...
    @overload
    def delete_messages(self, connection: IConnection, uid_set: IdCollection[str], commit_now: bool) -> None: ...
    @overload
    def delete_messages(self, uid_set: IdCollection[str], commit_now: bool) -> None: ...
    @overload
    def delete_messages(
        self, connection: IConnection, uid_set: IdCollection[str], modification_sequence: int, commit_now: bool
    ) -> None: ...
    @overload
    def delete_messages(self, uid_set: IdCollection[str], modification_sequence: int, commit_now: bool) -> None: ...
    @overload
    def delete_messages(
        self, connection: IConnection, start_uid: str, end_uid: str, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def delete_messages(self, start_uid: str, end_uid: str, modification_sequence: int = ...) -> None: ...
    @overload
    def delete_messages(self, connection: IConnection, start_uid: str, end_uid: str, commit_now: bool) -> None: ...
    @overload
    def delete_messages(self, start_uid: str, end_uid: str, commit_now: bool) -> None: ...
    @overload
    def delete_messages(
        self, connection: IConnection, start_uid: str, end_uid: str, modification_sequence: int, commit_now: bool
    ) -> None: ...
    @overload
    def delete_messages(self, start_uid: str, end_uid: str, modification_sequence: int, commit_now: bool) -> None: ...
    @overload
    def delete_messages(
        self, connection: IConnection, message_info_set: IdCollection[ImapMessageInfo], modification_sequence: int = ...
    ) -> None: ...
    @overload
    def delete_messages(
        self, message_info_set: IdCollection[ImapMessageInfo], modification_sequence: int = ...
    ) -> None: ...
    @overload
    def delete_messages(
        self, connection: IConnection, message_info_set: IdCollection[ImapMessageInfo], commit_now: bool
    ) -> None: ...
    @overload
    def delete_messages(self, message_info_set: IdCollection[ImapMessageInfo], commit_now: bool) -> None: ...
    @overload
    def delete_messages(
        self,
        connection: IConnection,
        message_info_set: IdCollection[ImapMessageInfo],
        modification_sequence: int,
        commit_now: bool,
    ) -> None: ...
    @overload
    def delete_messages(
        self, message_info_set: IdCollection[ImapMessageInfo], modification_sequence: int, commit_now: bool
    ) -> None: ...
    def delete_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Marks messages as deleted. They go with the next commit, at once with `commit_now`.

        .NET: ``ImapClient.DeleteMessages``.

        Forms:
            delete_messages([connection,] sequence_set: Collection[int][, modification_sequence: int])
            delete_messages([connection,] start_sequence: int, end_sequence: int[, modification_sequence: int])
            delete_messages([connection,] uid_set: Collection[str][, modification_sequence: int])
            delete_messages([connection,] uid_set: Collection[str], commit_now: bool)
            delete_messages([connection,] uid_set: Collection[str], modification_sequence: int, commit_now: bool)
            delete_messages([connection,] start_uid: str, end_uid: str[, modification_sequence: int])
            delete_messages([connection,] start_uid: str, end_uid: str, commit_now: bool)
            delete_messages([connection,] start_uid: str, end_uid: str, modification_sequence: int, commit_now: bool)
            delete_messages([connection,] message_info_set: Collection[ImapMessageInfo][, modification_sequence: int])
            delete_messages([connection,] message_info_set: Collection[ImapMessageInfo], commit_now: bool)
            delete_messages([connection,] message_info_set: Collection[ImapMessageInfo], modification_sequence: int,
                commit_now: bool)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            sequence_set: sequence numbers of the messages.
            modification_sequence: modification sequence (RFC 7162), 0 to 2**63 - 1.
            start_sequence: first sequence number of a range.
            end_sequence: last sequence number of a range, not below the first.
            uid_set: unique ids of the messages.
            commit_now: whether the message is expunged at once.
            start_uid: first unique id of a range.
            end_uid: last unique id of a range, not below the first.
            message_info_set: the messages as a listing gave them.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is selected read-only.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_DELETE_MESSAGES, args, kwargs)

    @overload
    def begin_delete_messages(
        self,
        connection: IConnection,
        sequence_set: IdCollection[int],
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        connection: IConnection,
        sequence_set: IdCollection[int],
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self, sequence_set: IdCollection[int], callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        sequence_set: IdCollection[int],
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        connection: IConnection,
        start_sequence: int,
        end_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        connection: IConnection,
        start_sequence: int,
        end_sequence: int,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self, start_sequence: int, end_sequence: int, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        start_sequence: int,
        end_sequence: int,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self, connection: IConnection, uid_set: IdCollection[str], callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        connection: IConnection,
        uid_set: IdCollection[str],
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self, uid_set: IdCollection[str], callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        uid_set: IdCollection[str],
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        connection: IConnection,
        uid_set: IdCollection[str],
        commit_now: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self, uid_set: IdCollection[str], commit_now: bool, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        connection: IConnection,
        uid_set: IdCollection[str],
        modification_sequence: int,
        commit_now: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        uid_set: IdCollection[str],
        modification_sequence: int,
        commit_now: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        connection: IConnection,
        start_uid: str,
        end_uid: str,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        connection: IConnection,
        start_uid: str,
        end_uid: str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self, start_uid: str, end_uid: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        start_uid: str,
        end_uid: str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        connection: IConnection,
        start_uid: str,
        end_uid: str,
        commit_now: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self, start_uid: str, end_uid: str, commit_now: bool, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        connection: IConnection,
        start_uid: str,
        end_uid: str,
        modification_sequence: int,
        commit_now: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        start_uid: str,
        end_uid: str,
        modification_sequence: int,
        commit_now: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        connection: IConnection,
        message_info_set: IdCollection[ImapMessageInfo],
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        connection: IConnection,
        message_info_set: IdCollection[ImapMessageInfo],
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self, message_info_set: IdCollection[ImapMessageInfo], callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        message_info_set: IdCollection[ImapMessageInfo],
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        connection: IConnection,
        message_info_set: IdCollection[ImapMessageInfo],
        commit_now: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        message_info_set: IdCollection[ImapMessageInfo],
        commit_now: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        connection: IConnection,
        message_info_set: IdCollection[ImapMessageInfo],
        modification_sequence: int,
        commit_now: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_delete_messages(
        self,
        message_info_set: IdCollection[ImapMessageInfo],
        modification_sequence: int,
        commit_now: bool,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    def begin_delete_messages(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `delete_messages` and returns at once; `end_delete_messages` gives the result.

        .NET: ``ImapClient.BeginDeleteMessages``.

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

        .NET: ``ImapClient.EndDeleteMessages``.

        Args:
            async_result: what `begin_delete_messages` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is selected read-only.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_DELETE_MESSAGES, async_result)

    @overload
    def undelete_message(
        self, connection: IConnection, sequence_number: int, modification_sequence: int = ...
    ) -> None: ...
    @overload
    def undelete_message(self, sequence_number: int, modification_sequence: int = ...) -> None: ...
    @overload
    def undelete_message(self, connection: IConnection, unique_id: str, modification_sequence: int = ...) -> None: ...
    @overload
    def undelete_message(self, unique_id: str, modification_sequence: int = ...) -> None: ...
    def undelete_message(self, *args: Any, **kwargs: Any) -> Any:
        """Takes the mark of deletion from one message that was not expunged yet.

        .NET: ``ImapClient.UndeleteMessage``.

        Forms:
            undelete_message([connection,] sequence_number: int[, modification_sequence: int])
            undelete_message([connection,] unique_id: str[, modification_sequence: int])

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            sequence_number: number of the message in its folder.
            modification_sequence: modification sequence (RFC 7162), 0 to 2**63 - 1.
            unique_id: unique id of the message: digits.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is selected read-only.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_UNDELETE_MESSAGE, args, kwargs)

    @overload
    def begin_undelete_message(
        self, connection: IConnection, sequence_number: int, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_undelete_message(
        self,
        connection: IConnection,
        sequence_number: int,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_undelete_message(
        self, sequence_number: int, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_undelete_message(
        self, sequence_number: int, modification_sequence: int, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_undelete_message(
        self, connection: IConnection, unique_id: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_undelete_message(
        self,
        connection: IConnection,
        unique_id: str,
        modification_sequence: int,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_undelete_message(
        self, unique_id: str, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_undelete_message(
        self, unique_id: str, modification_sequence: int, callback: Callback[None] = None, state: object = None
    ) -> IAsyncResultExt[None]: ...
    def begin_undelete_message(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `undelete_message` and returns at once; `end_undelete_message` gives the result.

        .NET: ``ImapClient.BeginUndeleteMessage``.

        Args:
            and: the arguments of `undelete_message` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_UNDELETE_MESSAGE, args, kwargs)

    @one_form
    def end_undelete_message(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_undelete_message` began and gives its result or raises its error, the
        same each time it is called.

        .NET: ``ImapClient.EndUndeleteMessage``.

        Args:
            async_result: what `begin_undelete_message` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is selected read-only.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_UNDELETE_MESSAGE, async_result)

    @overload
    def backup(
        self,
        connection: IConnection,
        folders: IdCollection[ImapFolderInfo],
        file_name: str | os.PathLike[str],
        options: BackupSettings | BackupOptions,
    ) -> None: ...
    @overload
    def backup(
        self,
        folders: IdCollection[ImapFolderInfo],
        file_name: str | os.PathLike[str],
        options: BackupSettings | BackupOptions,
    ) -> None: ...
    @overload
    def backup(
        self,
        connection: IConnection,
        folders: IdCollection[ImapFolderInfo],
        stream: SupportsWrite,
        options: BackupSettings | BackupOptions,
    ) -> None: ...
    @overload
    def backup(
        self, folders: IdCollection[ImapFolderInfo], stream: SupportsWrite, options: BackupSettings | BackupOptions
    ) -> None: ...
    def backup(self, *args: Any, **kwargs: Any) -> Any:
        """Writes folders with their messages, flags and dates to a zip archive, a file in mbox format or a folder with
        Maildirs.

        .NET: ``ImapClient.Backup``.

        Forms:
            backup([connection,] folders: Collection[ImapFolderInfo], file_name: str | os.PathLike[str], options:
                BackupSettings | BackupOptions)
            backup([connection,] folders: Collection[ImapFolderInfo], stream: SupportsWrite, options: BackupSettings |
                BackupOptions)

        Args:
            connection: the connection to use, made by `create_connection`; without it the calling thread's own or the
                main one.
            folders: the folders to back up.
            file_name: a zip archive (.zip), a file in mbox format (.mbox), or a folder that will be a Maildir; a backup
                that is there is gone on with.
            options: how the backup is made.
            stream: binary stream that receives the backup as a zip archive.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            OSError: a file cannot be read or written.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_BACKUP, args, kwargs)

    @overload
    def begin_backup(
        self,
        connection: IConnection,
        folders: IdCollection[ImapFolderInfo],
        file_name: str | os.PathLike[str],
        options: BackupSettings | BackupOptions,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_backup(
        self,
        folders: IdCollection[ImapFolderInfo],
        file_name: str | os.PathLike[str],
        options: BackupSettings | BackupOptions,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_backup(
        self,
        connection: IConnection,
        folders: IdCollection[ImapFolderInfo],
        stream: SupportsWrite,
        options: BackupSettings | BackupOptions,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    @overload
    def begin_backup(
        self,
        folders: IdCollection[ImapFolderInfo],
        stream: SupportsWrite,
        options: BackupSettings | BackupOptions,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]: ...
    def begin_backup(self, *args: Any, **kwargs: Any) -> Any:
        """Begins `backup` and returns at once; `end_backup` gives the result.

        .NET: ``ImapClient.BeginBackup``.

        Args:
            and: the arguments of `backup` come first.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        return self._begin(_BACKUP, args, kwargs)

    @one_form
    def end_backup(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_backup` began and gives its result or raises its error, the same each
        time it is called.

        .NET: ``ImapClient.EndBackup``.

        Args:
            async_result: what `begin_backup` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            OSError: a file cannot be read or written.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_BACKUP, async_result)

    @one_form
    def restore(
        self, pst: PersonalStorage | str | os.PathLike[str], settings: RestoreSettings | RestoreOptions
    ) -> None:
        """Brings a backup back to the account.

        .NET: ``ImapClient.Restore``.

        Args:
            pst: where the backup is.
            settings: how the backup is brought back; a begun call takes callback and state from `RestoreSettingsAsync`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            OSError: a file cannot be read or written.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._call(_RESTORE, (pst, settings), {})

    @one_form
    def begin_restore(
        self,
        pst: PersonalStorage | str | os.PathLike[str],
        settings: RestoreSettings | RestoreOptions,
        callback: Callback[None] = None,
        state: object = None,
    ) -> IAsyncResultExt[None]:
        """Begins `restore` and returns at once; `end_restore` gives the result.

        .NET: ``ImapClient.BeginRestore``.

        Args:
            pst: where the backup is.
            settings: how the backup is brought back; a begun call takes callback and state from `RestoreSettingsAsync`.
            callback: called once with the handle when the operation is complete, or None.
            state: any object; the handle's `async_state`.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
        """
        result: IAsyncResultExt[None] = self._begin(_RESTORE, (pst, settings, callback, state), {})
        return result

    @one_form
    def end_restore(self, async_result: IAsyncResult) -> None:
        """Waits for the operation that `begin_restore` began and gives its result or raises its error, the same each
        time it is called.

        .NET: ``ImapClient.EndRestore``.

        Args:
            async_result: what `begin_restore` returned.

        Raises:
            AsposeArgumentException: the handle is of another client or another operation.
            OperationCanceledException: the operation was cancelled.
            ImapException: the server refuses.
            OSError: a file cannot be read or written.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._end(_RESTORE, async_result)

    @overload
    def start_monitoring(self, callback: ImapMonitoringEventHandler) -> None: ...
    @overload
    def start_monitoring(
        self,
        callback: ImapMonitoringEventHandler,
        error_callback: ImapMonitoringErrorEventHandler,
        folder_name: str = ...,
    ) -> None: ...
    def start_monitoring(self, *args: Any, **kwargs: Any) -> Any:
        """Watches a folder on a connection of its own and tells when messages come and go, by IDLE (RFC 9051 section
        6.3.13) or, where the server has none, by asking now and then. Returns when whatever comes or goes from now on
        will be told.

        .NET: ``ImapClient.StartMonitoring``.

        Forms:
            start_monitoring(callback: ImapMonitoringEventHandler)
            start_monitoring(callback: ImapMonitoringEventHandler, error_callback: ImapMonitoringErrorEventHandler[,
                folder_name: str])

        Args:
            callback: called when messages came or went.
            error_callback: called when it has failed.
            folder_name: full name of the folder.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is watched already, or the client may have one connection only.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_START_MONITORING, args, kwargs)

    @one_form
    def resume_monitoring(
        self,
        callback: ImapMonitoringEventHandler,
        error_callback: ImapMonitoringErrorEventHandler,
        monitoring_state: IImapMonitoringState,
    ) -> None:
        """Goes on watching a folder after a failure, and tells first what has changed meanwhile.

        .NET: ``ImapClient.ResumeMonitoring``.

        Args:
            callback: called when messages came or went.
            error_callback: called when it has failed.
            monitoring_state: what the error callback was given.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ImapException: the server refuses.
            AsposeInvalidOperationException: the folder is watched already, or the client may have one connection only.
            FolderChangedError: the folder is not the one that the state tells of: its UIDVALIDITY is another.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        self._call(_RESUME_MONITORING, (callback, error_callback, monitoring_state), {})

    @overload
    def stop_monitoring(self) -> None: ...
    @overload
    def stop_monitoring(self, folder_name: str) -> None: ...
    def stop_monitoring(self, *args: Any, **kwargs: Any) -> Any:
        """Ends the watching of a folder, or of all of them. Waits for nothing, so a callback may call it; what nobody
        watches is no error.

        .NET: ``ImapClient.StopMonitoring``.

        Forms:
            stop_monitoring([folder_name: str])

        Args:
            folder_name: full name of the folder.

        Raises:
            AsposeArgumentException: the arguments fit no form, or a value cannot be used.
            ObjectDisposedException: the client was disposed.
            NetworkException: the connection cannot be made or is lost.
            TimeoutException: the operation takes longer than the client's `timeout`.
        """
        return self._call(_STOP_MONITORING, args, kwargs)
