"""A value for every documented parameter of ImapClient's operations, and what the body is told for it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from mailclients.arguments import Out
from mailclients.imap.models import (
    BackupOptions,
    BackupSettings,
    ImapFolderInfo,
    ImapFolderInfoCollection,
    ImapIdentificationInfo,
    ImapListFields,
    ImapMessageFlags,
    ImapMessageInfo,
    ImapMonitoringState,
    ListFoldersOptions,
    ListFoldersReturnOptions,
    MessageSet,
    PageInfo,
    PageSettings,
    PersonalStorage,
    RestoreSettings,
    SortConditions,
    ThreadSearchConditions,
)
from mailclients.search import MailQuery
from mailclients.tokens import TokenType
from tests.support.examples import CONNECTED, MESSAGE, STREAM, Told

QUERY = MailQuery("UNSEEN")
INFOS = [ImapMessageInfo(sequence_number=1, unique_id=7), ImapMessageInfo(sequence_number=2, unique_id="9")]
UIDS = {"uid_set", "uids", "unique_id_lst"}


def by_uid(*ids: int) -> MessageSet:
    return MessageSet(by_uid=True, ids=ids)


def by_number(*ids: int) -> MessageSet:
    return MessageSet(by_uid=False, ids=ids)


def handled(_sender: object, _args: object) -> None:
    raise AssertionError("binding arguments calls no handler")


FOLDERS = ImapFolderInfoCollection(ImapFolderInfo(name="INBOX"), ImapFolderInfo(name="Archive"))
STORAGE = PersonalStorage.from_file("mail.zip")
STATE = ImapMonitoringState(folder_name="INBOX")

# By name, where the name tells more than the type.
_NAMED: dict[str, tuple[Any, Told]] = {
    "start_uid": ("5", {}),
    "end_uid": ("8", {"messages": MessageSet(by_uid=True, ranges=(5, 8))}),
    "start_sequence": (2, {}),
    "end_sequence": (2, {"messages": MessageSet(by_uid=False, ranges=(2, 2))}),
    "items_per_page": (25, {"page": PageInfo(25)}),
    "page_offset": (3, {"page": PageInfo(25, 3)}),
    "page_info": (PageInfo(10, 2), {"page": PageInfo(10, 2)}),
    "resource_name": ("STORAGE", {"resource_name": "STORAGE"}),
    "folders": (FOLDERS, {"folders": tuple(FOLDERS)}),
    "result_stream": (STREAM, {"stream": STREAM}),
    "folder_info": (Out[ImapFolderInfo](), {"want_folder_info": True}),
}
_TYPED: dict[str, Any] = {
    "bool": True,
    "bool?": True,
    "int": 42,
    "long": 2**40,
    "string": "some text",
    "object": "anything",
    "DateTime": datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
    "Stream": STREAM,
    "BackupOptions": BackupOptions.RECURSIVE,
    "BackupSettings": BackupSettings(BackupOptions.RECURSIVE),
    "BaseSearchConditions": ThreadSearchConditions(),
    "IImapMonitoringState": STATE,
    "ImapIdentificationInfo": ImapIdentificationInfo.default_value,
    "ImapListFields": ImapListFields.ID_ONLY,
    "ImapMessageFlags": ImapMessageFlags.FLAGGED,
    "ImapMessageInfo[]": INFOS,
    "ImapMonitoringErrorEventHandler": handled,
    "ImapMonitoringEventHandler": handled,
    "ListFoldersOptions": ListFoldersOptions.SUBSCRIBED | ListFoldersOptions.REMOTE,
    "ListFoldersReturnOptions": ListFoldersReturnOptions.CHILDREN,
    "MailQuery": QUERY,
    "PageSettings": PageSettings(),
    "PersonalStorage": STORAGE,
    "RestoreSettings": RestoreSettings(),
    "SortConditions": SortConditions(),
    "TokenType": TokenType.REFRESH_TOKEN,
}
# Of these the body is given copies.
COPIED = (PageInfo, PageSettings, BackupSettings, RestoreSettings, SortConditions, ThreadSearchConditions)
# Operations whose folder is the one that messages go to.
INTO = ("copy_message", "copy_messages", "move_message", "move_messages")


def example(name: str, type_: str, operation: str = "") -> tuple[Any, Told]:
    """A value for a documented parameter, and what the body is told for it."""
    if type_ == "IConnection":
        return CONNECTED, {}
    if name in _NAMED:
        return _NAMED[name]
    if name == "unique_id":
        return "4294967295", {"messages": by_uid(4294967295)}
    if name == "sequence_number":
        return 3, {"messages": by_number(3)}
    if name == "folder_name" and operation in INTO:
        return "some text", {"destination": "some text"}
    if type_ == "IEnumerable<ImapMessageInfo>":
        return INFOS, {"messages": by_uid(7, 9)}
    if type_ == "MailMessage":
        return MESSAGE, {"content": MESSAGE.as_bytes()}
    if type_ == "IEnumerable<MailMessage>":
        return [MESSAGE], {"messages": (MESSAGE,)}
    if type_ == "IEnumerable<int>":
        return (4, 2, 2), {"messages": by_number(4, 2, 2)}
    if type_ == "IEnumerable<string>" and name in UIDS:
        return ["12", "3"], {"messages": by_uid(12, 3)}
    if type_ == "IEnumerable<string>":
        return ["X-GM-MSGID", "X-GM-LABELS"], {name: ("X-GM-MSGID", "X-GM-LABELS")}
    if type_ == "params string[]":
        return ["CONDSTORE", "QRESYNC"], {name: ("CONDSTORE", "QRESYNC")}
    return _TYPED[type_], {name: _TYPED[type_]}
