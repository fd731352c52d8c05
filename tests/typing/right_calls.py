"""Documented calls: both type checkers must accept every line and agree about the types. Never run."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from typing_extensions import assert_type

from mailclients.dotnet import AsyncCallback
from mailclients.handles import IAsyncResult, IAsyncResultExt
from mailclients.imap.client import ImapClient
from mailclients.imap.models import (
    ImapFolderInfo,
    ImapFolderInfoCollection,
    ImapListFields,
    ImapMessageFlags,
    ImapMessageInfo,
    ImapMessageInfoCollection,
    ListFoldersOptions,
    ListFoldersReturnOptions,
)
from mailclients.message import MailMessage
from mailclients.options import SecurityOptions
from mailclients.search import MailQuery
from mailclients.signatures import IConnection, Out


def constructors(executor: ThreadPoolExecutor) -> None:
    ImapClient()
    ImapClient("host")
    ImapClient("host", SecurityOptions.AUTO)
    ImapClient("host", 993, SecurityOptions.SSL_IMPLICIT)
    ImapClient("host", "user", "word")
    ImapClient("host", 993, "user", "word", SecurityOptions.SSL_IMPLICIT)
    ImapClient("host", 993, "user", "token", True, SecurityOptions.SSL_IMPLICIT)
    ImapClient("host", username="user", auth_info="token", use_o_auth=True)
    ImapClient("host", 993, "user", "word", lambda *_: True)
    ImapClient("host", "user", "word", executor=executor)


def on_fetched(result: IAsyncResult) -> None: ...


def on_fetched_message(result: IAsyncResultExt[MailMessage]) -> int:
    return 1


def fetching(client: ImapClient, connection: IConnection) -> None:
    assert_type(client.fetch_message("5"), MailMessage)
    assert_type(client.fetch_message(5), MailMessage)
    assert_type(client.fetch_message(connection, 5, True), MailMessage)
    assert_type(client.fetch_message(unique_id="5", connection=connection), MailMessage)
    assert_type(client.fetch_message(sequence_number=5, ignore_attachment=True), MailMessage)
    handle = client.begin_fetch_message("5", on_fetched, "state")
    assert_type(handle, IAsyncResultExt[MailMessage])
    assert_type(client.end_fetch_message(handle), MailMessage)
    assert_type(handle.future.result(), MailMessage)
    client.begin_fetch_message("5", on_fetched_message)
    client.begin_fetch_message("5", AsyncCallback(on_fetched))
    client.begin_fetch_message("5", lambda result: print(result.is_completed))
    client.begin_fetch_message(connection, 5, True, on_fetched, None)
    client.begin_fetch_message("5", None, 7)
    client.begin_fetch_message("5", state=7)
    client.begin_fetch_message(unique_id="5", callback=on_fetched, state=7)


def sets(client: ImapClient, connection: IConnection, infos: ImapMessageInfoCollection) -> None:
    assert_type(client.fetch_messages(["1", "2"]), list[MailMessage])
    assert_type(client.begin_fetch_messages(range(1, 9)), IAsyncResultExt[list[MailMessage]])
    client.fetch_messages({"1", "2"})
    client.fetch_messages(str(number) for number in range(1, 9))
    client.fetch_messages(connection, (1, 2))
    client.add_message_flags(infos, ImapMessageFlags.is_read)
    client.add_message_flags(infos, "$Forwarded", 7)
    client.add_message_flags("1", "9", ImapMessageFlags.is_read | "x", modification_sequence=7)
    client.remove_message_flags(connection, 1, 9, ImapMessageFlags.is_read)
    client.change_message_flags(uid_set=iter(["1"]), flags=ImapMessageFlags.is_read)
    client.begin_add_message_flags("1", ImapMessageFlags.is_read, on_fetched, 1)
    client.begin_add_message_flags("1", ImapMessageFlags.is_read, 7, on_fetched, 1)
    assert_type(client.add_message_flags(1, ImapMessageFlags.is_read), None)


def folders(client: ImapClient, connection: IConnection) -> None:
    assert_type(client.select_folder("INBOX", None), None)
    selected = client.begin_select_folder(connection, "INBOX", True, on_fetched, 1)
    assert_type(selected, IAsyncResultExt[ImapFolderInfo])
    assert_type(client.end_select_folder(selected), ImapFolderInfo)
    found = Out[ImapFolderInfo]()
    assert_type(client.exist_folder("INBOX"), bool)
    assert_type(client.exist_folder(connection, "INBOX", found), bool)
    assert_type(found.value, "ImapFolderInfo | None")
    begun = client.begin_exist_folder("INBOX")
    assert_type(begun, IAsyncResultExt[bool])
    assert_type(client.end_exist_folder(begun), bool)
    assert_type(client.end_exist_folder(begun, found), bool)
    assert_type(client.list_folders(), ImapFolderInfoCollection)
    client.list_folders(True)
    client.list_folders("parent", True, ListFoldersOptions.REMOTE, ListFoldersReturnOptions.CHILDREN)
    client.list_folders(load_full_info=True)
    client.unselect_folder(do_not_expunge=True)
    assert_type(client.get_folder_info("INBOX"), ImapFolderInfo)
    assert_type(client.validate_credentials(), bool)
    assert_type(client.begin_noop(), IAsyncResultExt[None])


def listing(client: ImapClient, connection: IConnection, query: MailQuery) -> None:
    assert_type(client.list_messages(), ImapMessageInfoCollection)
    client.list_messages(5)
    client.list_messages(modification_sequence=5)
    client.list_messages(True)
    client.list_messages(connection, modification_sequence=5)
    client.list_messages("INBOX", query, 5)
    client.list_messages("INBOX", ["1"])
    client.list_messages("INBOX", [1])
    client.list_messages("INBOX", ImapListFields.MAIN, 5)
    client.list_messages("INBOX", True, ["X-GM-MSGID"])
    client.list_messages(connection, "INBOX", 5, True, ["X-GM-MSGID"])
    client.list_messages(query=query, max_number_of_messages=5)
    client.begin_list_messages("INBOX", query)
    client.begin_list_messages(None, 5)
    assert_type(client.begin_list_messages(5, on_fetched), IAsyncResultExt[ImapMessageInfoCollection])
    assert_type(client.list_message("5", ["X-GM-MSGID"]), ImapMessageInfo)


def storing(client: ImapClient, message: MailMessage) -> None:
    client.save_message("5", "5.eml")
    client.save_message(5, Path("5.eml"))
    client.save_message(unique_id="5", result_stream=io.BytesIO())
    with Path("5.eml").open("wb") as stream:
        client.begin_save_message("5", stream, on_fetched, 1)
    assert_type(client.append_message(message), str)
    assert_type(client.begin_append_message("Sent", message), IAsyncResultExt[str])
    client.append_message("Sent", Path("5.eml"))
    client.delete_message("5", True)
    client.delete_message("5", 7, True)
    client.delete_message(5, 7)
    client.commit_deletes()
    client.commit_deletes(500)
    client.commit_deletes(timedelta(seconds=1))
    client.commit_deletes(["1", "2"])
    client.commit_deletes("1", "9")
