"""What the IMAP methods take and return, one module for each family.

Plain values that know nothing of the wire and may be imported from here, whatever module they are in.
"""

from __future__ import annotations

from mailclients.imap.models.backup import (
    BackupOptions,
    BackupProgress,
    BackupSettings,
    BeforeItemCallback,
    ItemCallbackArgs,
    PersonalStorage,
    RestoreOptions,
    RestoreSettings,
    RestoreSettingsAsync,
)
from mailclients.imap.models.enums import (
    CompressionType,
    ImapCommandResult,
    ImapKnownAuthenticationType,
    ImapListFields,
    ImapNamespaceType,
    ImapSpecialFolderTypes,
    ImapStatusCode,
    ListFoldersOptions,
    ListFoldersReturnOptions,
    SortingKey,
)
from mailclients.imap.models.flags import (
    ImapMessageFlags,
)
from mailclients.imap.models.folders import (
    ImapFolderInfo,
    ImapFolderInfoCollection,
    ImapMailboxInfo,
)
from mailclients.imap.models.messages import (
    ImapMessageInfo,
    ImapMessageInfoCollection,
    MessageInfoBase,
    parse_internal_date,
)
from mailclients.imap.models.monitoring import (
    IImapMonitoringState,
    ImapMonitoringErrorEventArgs,
    ImapMonitoringErrorEventHandler,
    ImapMonitoringEventArgs,
    ImapMonitoringEventHandler,
    ImapMonitoringState,
)
from mailclients.imap.models.paging import (
    ImapPageInfo,
    PageInfo,
    PageSettings,
    PageSettingsAsync,
)
from mailclients.imap.models.results import (
    AppendMessagesFromFileResult,
    AppendMessagesFromMessageObjectResult,
    AppendMessagesResult,
    ImapAttachmentInfo,
    ImapAttachmentInfoCollection,
)
from mailclients.imap.models.searching import (
    BaseSearchConditions,
    MessageThreadResult,
    SortConditions,
    ThreadSearchConditions,
    XGMThreadSearchConditions,
)
from mailclients.imap.models.server import (
    ImapIdentificationInfo,
    ImapNamespace,
    ImapQuota,
    ImapQuotaRoot,
)
from mailclients.imap.models.sets import (
    MessageSet,
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
    "ImapCommandResult",
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
    "MessageInfoBase",
    "MessageSet",
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
    "parse_internal_date",
]
