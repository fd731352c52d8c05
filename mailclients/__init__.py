"""Threaded mail clients with begin/end pairs, in the shape of a documented .NET library. The public names.

Owns the table of public names and nothing else; it has no lock, and any thread may enter it. A name is
loaded from its module when it is first asked for (PEP 562): `import mailclients` costs next to nothing, and
a program pays for what it uses. Type checkers read the imports under TYPE_CHECKING instead; a test keeps
these, the table and `__all__` in step.
"""

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from mailclients.dotnet import (
        AsyncCallback,
        AutoResetEvent,
        Event,
        EventArgs,
        EventHandler,
        EventResetMode,
        EventWaitHandle,
        IDisposable,
        ManualResetEvent,
        ThreadPool,
        WaitHandle,
    )
    from mailclients.errors import (
        ArgumentTypeError,
        AsposeArgumentException,
        AsposeArgumentNullException,
        AsposeArgumentOutOfRangeException,
        AsposeBadServerResponceException,
        AsposeException,
        AsposeInvalidOperationException,
        AsposeNotSupportedException,
        AuthenticationError,
        Blame,
        ConnectionLostError,
        ElementProcessingException,
        FolderChangedError,
        ImapException,
        LimitReachedError,
        MailClientError,
        MailException,
        MessageError,
        MessageNotFoundError,
        NetworkException,
        ObjectDisposedException,
        OperationCanceledException,
        OutcomeUnknownError,
        RemoteProtocolError,
        SecurityError,
        ServerRefusedError,
        TimeoutException,
    )
    from mailclients.handles import IAsyncResult, IAsyncResultExt
    from mailclients.imap.client import ImapClient
    from mailclients.imap.models import (
        CompressionType,
        ImapCommandResult,
        ImapFolderInfo,
        ImapFolderInfoCollection,
        ImapKnownAuthenticationType,
        ImapListFields,
        ImapMessageFlags,
        ImapMessageInfo,
        ImapMessageInfoCollection,
        ImapNamespaceType,
        ImapSpecialFolderTypes,
        ImapStatusCode,
        ListFoldersOptions,
        ListFoldersReturnOptions,
        SortingKey,
    )
    from mailclients.message import (
        HeaderCollection,
        MailAddress,
        MailAddressCollection,
        MessageInfoBase,
        ParticipationStatus,
    )
    from mailclients.options import (
        ConnectionAsgmtType,
        ConnectionState,
        EncryptionProtocols,
        MultiConnectionMode,
        PipeliningMode,
        PipeliningStatus,
        SecurityOptions,
    )
    from mailclients.search import MailQuery
    from mailclients.signatures import IConnection, ITokenProvider, Out

__all__ = [
    "ArgumentTypeError",
    "AsposeArgumentException",
    "AsposeArgumentNullException",
    "AsposeArgumentOutOfRangeException",
    "AsposeBadServerResponceException",
    "AsposeException",
    "AsposeInvalidOperationException",
    "AsposeNotSupportedException",
    "AsyncCallback",
    "AuthenticationError",
    "AutoResetEvent",
    "Blame",
    "CompressionType",
    "ConnectionAsgmtType",
    "ConnectionLostError",
    "ConnectionState",
    "ElementProcessingException",
    "EncryptionProtocols",
    "Event",
    "EventArgs",
    "EventHandler",
    "EventResetMode",
    "EventWaitHandle",
    "FolderChangedError",
    "HeaderCollection",
    "IAsyncResult",
    "IAsyncResultExt",
    "IConnection",
    "IDisposable",
    "ITokenProvider",
    "ImapClient",
    "ImapCommandResult",
    "ImapException",
    "ImapFolderInfo",
    "ImapFolderInfoCollection",
    "ImapKnownAuthenticationType",
    "ImapListFields",
    "ImapMessageFlags",
    "ImapMessageInfo",
    "ImapMessageInfoCollection",
    "ImapNamespaceType",
    "ImapSpecialFolderTypes",
    "ImapStatusCode",
    "LimitReachedError",
    "ListFoldersOptions",
    "ListFoldersReturnOptions",
    "MailAddress",
    "MailAddressCollection",
    "MailClientError",
    "MailException",
    "MailQuery",
    "ManualResetEvent",
    "MessageError",
    "MessageInfoBase",
    "MessageNotFoundError",
    "MultiConnectionMode",
    "NetworkException",
    "ObjectDisposedException",
    "OperationCanceledException",
    "Out",
    "OutcomeUnknownError",
    "ParticipationStatus",
    "PipeliningMode",
    "PipeliningStatus",
    "RemoteProtocolError",
    "SecurityError",
    "SecurityOptions",
    "ServerRefusedError",
    "SortingKey",
    "ThreadPool",
    "TimeoutException",
    "WaitHandle",
    "__version__",
]

_NAMES = {
    "dotnet": (
        "AsyncCallback",
        "AutoResetEvent",
        "Event",
        "EventArgs",
        "EventHandler",
        "EventResetMode",
        "EventWaitHandle",
        "IDisposable",
        "ManualResetEvent",
        "ThreadPool",
        "WaitHandle",
    ),
    "errors": (
        "ArgumentTypeError",
        "AsposeArgumentException",
        "AsposeArgumentNullException",
        "AsposeArgumentOutOfRangeException",
        "AsposeBadServerResponceException",
        "AsposeException",
        "AsposeInvalidOperationException",
        "AsposeNotSupportedException",
        "AuthenticationError",
        "Blame",
        "ConnectionLostError",
        "ElementProcessingException",
        "FolderChangedError",
        "ImapException",
        "LimitReachedError",
        "MailClientError",
        "MailException",
        "MessageError",
        "MessageNotFoundError",
        "NetworkException",
        "ObjectDisposedException",
        "OperationCanceledException",
        "OutcomeUnknownError",
        "RemoteProtocolError",
        "SecurityError",
        "ServerRefusedError",
        "TimeoutException",
    ),
    "handles": ("IAsyncResult", "IAsyncResultExt"),
    "imap.client": ("ImapClient",),
    "imap.models": (
        "CompressionType",
        "ImapCommandResult",
        "ImapFolderInfo",
        "ImapFolderInfoCollection",
        "ImapKnownAuthenticationType",
        "ImapListFields",
        "ImapMessageFlags",
        "ImapMessageInfo",
        "ImapMessageInfoCollection",
        "ImapNamespaceType",
        "ImapSpecialFolderTypes",
        "ImapStatusCode",
        "ListFoldersOptions",
        "ListFoldersReturnOptions",
        "SortingKey",
    ),
    "message": (
        "HeaderCollection",
        "MailAddress",
        "MailAddressCollection",
        "MessageInfoBase",
        "ParticipationStatus",
    ),
    "options": (
        "ConnectionAsgmtType",
        "ConnectionState",
        "EncryptionProtocols",
        "MultiConnectionMode",
        "PipeliningMode",
        "PipeliningStatus",
        "SecurityOptions",
    ),
    "search": ("MailQuery",),
    "signatures": ("IConnection", "ITokenProvider", "Out"),
}
_HOMES = {name: f"mailclients.{module}" for module, names in _NAMES.items() for name in names}

if not TYPE_CHECKING:  # a type checker shall go on to report names that do not exist

    def __getattr__(name):
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(home), name)
        globals()[name] = value
        return value

    def __dir__():
        return sorted({*globals(), *__all__})
