"""IMAP: the public client, its models, and the operations behind it.

Owns the table of the names of this protocol and nothing else; it has no lock, and any thread may enter it. As in
`mailclients` itself a name is loaded from its module when it is first asked for (PEP 562), so that a module of this
package brings in what it needs and no more.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailclients.errors import ImapException
    from mailclients.imap.client import ImapClient
    from mailclients.imap.models import (
        AppendMessagesFromFileResult,
        AppendMessagesFromMessageObjectResult,
        AppendMessagesResult,
        BackupOptions,
        BackupProgress,
        BackupSettings,
        BaseSearchConditions,
        BeforeItemCallback,
        CompressionType,
        IImapMonitoringState,
        ImapAttachmentInfo,
        ImapAttachmentInfoCollection,
        ImapCommandResult,
        ImapFolderInfo,
        ImapFolderInfoCollection,
        ImapIdentificationInfo,
        ImapKnownAuthenticationType,
        ImapListFields,
        ImapMailboxInfo,
        ImapMessageFlags,
        ImapMessageInfo,
        ImapMessageInfoCollection,
        ImapMonitoringErrorEventArgs,
        ImapMonitoringErrorEventHandler,
        ImapMonitoringEventArgs,
        ImapMonitoringEventHandler,
        ImapMonitoringState,
        ImapNamespace,
        ImapNamespaceType,
        ImapPageInfo,
        ImapQuota,
        ImapQuotaRoot,
        ImapSpecialFolderTypes,
        ImapStatusCode,
        ItemCallbackArgs,
        ListFoldersOptions,
        ListFoldersReturnOptions,
        MessageThreadResult,
        PageInfo,
        PageSettings,
        PageSettingsAsync,
        PersonalStorage,
        RestoreOptions,
        RestoreSettings,
        RestoreSettingsAsync,
        SortConditions,
        SortingKey,
        ThreadSearchConditions,
        XGMThreadSearchConditions,
    )

__all__ = [
    "AppendMessagesFromFileResult",
    "AppendMessagesFromMessageObjectResult",
    "AppendMessagesResult",
    "BackupOptions",
    "BackupProgress",
    "BackupSettings",
    "BaseSearchConditions",
    "BeforeItemCallback",
    "CompressionType",
    "IImapMonitoringState",
    "ImapAttachmentInfo",
    "ImapAttachmentInfoCollection",
    "ImapClient",
    "ImapCommandResult",
    "ImapException",
    "ImapFolderInfo",
    "ImapFolderInfoCollection",
    "ImapIdentificationInfo",
    "ImapKnownAuthenticationType",
    "ImapListFields",
    "ImapMailboxInfo",
    "ImapMessageFlags",
    "ImapMessageInfo",
    "ImapMessageInfoCollection",
    "ImapMonitoringErrorEventArgs",
    "ImapMonitoringErrorEventHandler",
    "ImapMonitoringEventArgs",
    "ImapMonitoringEventHandler",
    "ImapMonitoringState",
    "ImapNamespace",
    "ImapNamespaceType",
    "ImapPageInfo",
    "ImapQuota",
    "ImapQuotaRoot",
    "ImapSpecialFolderTypes",
    "ImapStatusCode",
    "ItemCallbackArgs",
    "ListFoldersOptions",
    "ListFoldersReturnOptions",
    "MessageThreadResult",
    "PageInfo",
    "PageSettings",
    "PageSettingsAsync",
    "PersonalStorage",
    "RestoreOptions",
    "RestoreSettings",
    "RestoreSettingsAsync",
    "SortConditions",
    "SortingKey",
    "ThreadSearchConditions",
    "XGMThreadSearchConditions",
]

if not TYPE_CHECKING:  # a type checker shall go on to report names that do not exist

    def __getattr__(name):
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        home = {"ImapClient": "mailclients.imap.client", "ImapException": "mailclients.errors"}
        value = getattr(import_module(home.get(name, "mailclients.imap.models")), name)
        globals()[name] = value
        return value

    def __dir__():
        return sorted({*globals(), *__all__})
