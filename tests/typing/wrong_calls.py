"""Calls that no documented overload takes: both type checkers must refuse every marked line. Never run.

Each marked line is one call. A checker that stopped refusing one would report its mark as unused.
"""

from __future__ import annotations

from mailclients.handles import IAsyncResult, IAsyncResultExt
from mailclients.imap.client import ImapClient
from mailclients.imap.models import (
    ImapFolderInfo,
    ImapMessageFlags,
    ImapMonitoringEventArgs,
    PageInfo,
    PageSettings,
    RestoreSettings,
    SortConditions,
    ThreadSearchConditions,
)
from mailclients.message import MailMessage
from mailclients.pop3.client import Pop3Client
from mailclients.search import MailQuery
from mailclients.signatures import IConnection, Out
from mailclients.smtp.client import SmtpClient


def on_folder(result: IAsyncResultExt[ImapFolderInfo]) -> None: ...


def two_arguments(result: IAsyncResult, more: int) -> None: ...


def wrong(client: ImapClient, connection: IConnection, query: MailQuery) -> None:
    ImapClient(993)  # type: ignore[call-overload]
    ImapClient("host", "user")  # type: ignore[call-overload]
    ImapClient("host", "user", "word", 993)  # type: ignore[call-overload]
    ImapClient("host", executor=4)  # type: ignore[call-overload]
    client.fetch_message()  # type: ignore[call-overload]
    client.fetch_message(None)  # type: ignore[call-overload]
    client.fetch_message(5.0)  # type: ignore[call-overload]
    client.fetch_message("5", True)  # type: ignore[call-overload]
    client.fetch_message(uid="5")  # type: ignore[call-overload]
    client.fetch_message("5", connection)  # type: ignore[call-overload]
    client.fetch_messages("123")  # type: ignore[call-overload]
    client.fetch_messages(b"123")  # type: ignore[call-overload]
    client.fetch_messages([1.5])  # type: ignore[list-item]
    client.fetch_messages(uids=[1])  # type: ignore[list-item]
    client.add_message_flags("5")  # type: ignore[call-overload]
    client.add_message_flags("5", 9, ImapMessageFlags.is_read)  # type: ignore[call-overload]
    client.add_message_flags("5", 1)  # type: ignore[call-overload]
    client.list_messages("INBOX", 5)  # type: ignore[call-overload]
    client.list_messages("INBOX", query)  # type: ignore[call-overload]
    client.list_messages(["X"], True)  # type: ignore[call-overload]
    client.select_folder(None)  # type: ignore[call-overload]
    client.exist_folder("INBOX", Out[str]())  # type: ignore[arg-type]
    client.begin_exist_folder("INBOX", Out[ImapFolderInfo]())  # type: ignore[call-overload]
    client.append_message(5)  # type: ignore[call-overload]
    client.save_message("5")  # type: ignore[call-overload]
    client.commit_deletes(5, 7)  # type: ignore[call-overload]
    client.begin_list_messages("INBOX", query)  # type: ignore[call-overload]
    client.begin_fetch_message("5", 7)  # type: ignore[call-overload]
    client.begin_fetch_message("5", on_folder)  # type: ignore[arg-type]
    client.begin_fetch_message("5", two_arguments)  # type: ignore[arg-type]
    client.begin_fetch_message("5", None, 1, 2)  # type: ignore[call-overload]
    client.end_fetch_message("5")  # type: ignore[arg-type]
    folder: ImapFolderInfo = client.end_fetch_message(client.begin_fetch_message(5))  # type: ignore[assignment]
    handle: IAsyncResultExt[MailMessage] = client.begin_noop()  # type: ignore[assignment]
    print(folder, handle)
    client.Host = "host"  # type: ignore[attr-defined]
    client.BeginFetchMessage("5")  # type: ignore[attr-defined]


def one_argument(e: ImapMonitoringEventArgs) -> None: ...


def wrong_in_what_came_later(client: ImapClient, connection: IConnection, message: MailMessage) -> None:
    client.introduce_client("program")  # type: ignore[call-overload]
    client.client_capabilities(5)  # type: ignore[call-overload]
    client.rename_folder("old")  # type: ignore[call-overload]
    client.set_quota("", "STORAGE", "512")  # type: ignore[call-overload]
    client.get_quota_root(connection)  # type: ignore[call-overload]
    client.list_messages_by_page(10)  # type: ignore[call-overload]
    client.list_messages_by_page(PageInfo(10), RestoreSettings())  # type: ignore[call-overload]
    client.list_messages_by_page(connection, 10, PageSettings())  # type: ignore[call-overload]
    client.sort_message_threads(ThreadSearchConditions())  # type: ignore[call-overload]
    client.list_attachments("5")  # type: ignore[arg-type]
    client.fetch_attachment("5", "a.png")  # type: ignore[call-overload]
    client.append_messages(message)  # type: ignore[call-overload]
    client.begin_append_messages(["a.eml"])  # type: ignore[list-item]
    client.copy_message("5")  # type: ignore[call-overload]
    client.copy_messages(connection, [1], "Archive", True)  # type: ignore[call-overload]
    client.move_messages("123", "Archive")  # type: ignore[call-overload]
    client.delete_messages("123")  # type: ignore[call-overload]
    client.undelete_message("5", True, True)  # type: ignore[call-overload]
    client.start_monitoring(one_argument)  # type: ignore[arg-type]
    client.stop_monitoring(connection)  # type: ignore[call-overload]
    client.begin_restore("a.zip", PageSettings())  # type: ignore[arg-type]
    PageInfo()  # type: ignore[call-overload]
    settings = PageSettings()
    settings.folder_name = 5  # type: ignore[assignment]
    conditions = SortConditions()
    conditions.sort_by = "DATE"  # type: ignore[assignment]


def wrong_server_properties(client: ImapClient) -> None:
    client.move_supported = "yes"  # type: ignore[assignment]
    client.delimiter = None  # type: ignore[assignment]
    client.mailbox_info = None  # type: ignore[misc, assignment]
    client.allowed_authentication = 8  # type: ignore[assignment]
    client.current_folder = "INBOX"  # type: ignore[assignment]


def pop3(client: Pop3Client, connection: IConnection) -> None:
    client.fetch_message()  # type: ignore[call-overload]
    client.fetch_message("u1", "u2")  # type: ignore[call-overload]
    client.fetch_messages("u1")  # type: ignore[call-overload]
    client.delete_messages(1)  # type: ignore[call-overload]
    client.list_messages(MailQuery("ALL"), True)  # type: ignore[call-overload]
    client.get_message_unique_id("u1")  # type: ignore[call-overload]
    client.commit_deletes(connection, 5)  # type: ignore[call-overload]
    client.login(connection)  # type: ignore[call-arg]
    client.save_message(1, b"one.eml")  # type: ignore[call-overload]
    Pop3Client("host", "user")  # type: ignore[call-overload]


def smtp(client: SmtpClient, connection: IConnection, message: MailMessage) -> None:
    client.send("a@b.example", message)  # type: ignore[call-overload]
    client.send(b"message")  # type: ignore[call-overload]
    client.send([b"message"])  # type: ignore[list-item]
    client.forward("a@b.example", message)  # type: ignore[call-overload]
    client.allowed_authentication = 8  # type: ignore[assignment]
    client.supported_authentication = client.allowed_authentication  # type: ignore[misc]
    client.send_to_queue(message)  # type: ignore[arg-type]
    client.begin_send_queue(connection)  # type: ignore[arg-type]
    client.delivery_method = 1  # type: ignore[assignment]
    SmtpClient("host", "user")  # type: ignore[call-overload]
