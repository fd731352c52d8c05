"""Calls that no documented overload takes: both type checkers must refuse every marked line. Never run.

Each marked line is one call. A checker that stopped refusing one would report its mark as unused.
"""

from __future__ import annotations

from mailclients.arguments import IConnection, Out
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
from mailclients.pop3.models import Pop3ListFields
from mailclients.search import MailQuery
from mailclients.smtp.client import SmtpClient
from mailclients.smtp.models import FailedMailMessageEventArgs, SendMessagesResult


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


def on_message(result: IAsyncResultExt[MailMessage]) -> None: ...


def pop3(client: Pop3Client, connection: IConnection, query: MailQuery) -> None:
    client.fetch_message()  # type: ignore[call-overload]
    client.fetch_message(None)  # type: ignore[call-overload]
    client.fetch_message(5.0)  # type: ignore[call-overload]
    client.fetch_message(b"u1")  # type: ignore[call-overload]
    client.fetch_message("u1", "u2")  # type: ignore[call-overload]
    client.fetch_message("u1", True)  # type: ignore[call-overload]
    client.fetch_message(uid="u1")  # type: ignore[call-overload]
    client.fetch_message("u1", connection)  # type: ignore[call-overload]
    client.fetch_messages("u1")  # type: ignore[call-overload]
    client.fetch_messages([1.5])  # type: ignore[list-item]
    client.fetch_messages(uids=[1])  # type: ignore[list-item]
    client.delete_messages(1)  # type: ignore[call-overload]
    client.delete_message(["u1"])  # type: ignore[call-overload]
    client.list_messages(query, True)  # type: ignore[call-overload]
    client.list_messages("u1")  # type: ignore[call-overload]
    client.list_messages(query, Pop3ListFields.MAIN)  # type: ignore[call-overload]
    client.list_messages(Pop3ListFields.MAIN, query)  # type: ignore[call-overload]
    client.load_message_info_list(["u1"])  # type: ignore[list-item]
    client.get_message_unique_id("u1")  # type: ignore[call-overload]
    client.get_message_info(1, True)  # type: ignore[call-overload]
    client.get_message_count(5)  # type: ignore[call-overload]
    client.commit_deletes(connection, 5)  # type: ignore[call-overload]
    client.commit_deletes("5")  # type: ignore[call-overload]
    client.undelete_messages(["u1"])  # type: ignore[call-overload]
    client.login(connection)  # type: ignore[call-arg]
    client.begin_login(5)  # type: ignore[arg-type]
    client.save_message(1)  # type: ignore[call-overload]
    client.save_message(1, b"one.eml")  # type: ignore[call-overload]
    client.begin_fetch_message("u1", 7)  # type: ignore[call-overload]
    client.begin_fetch_message("u1", on_folder)  # type: ignore[arg-type]
    client.begin_fetch_message("u1", two_arguments)  # type: ignore[arg-type]
    client.begin_fetch_message("u1", None, 1, 2)  # type: ignore[call-overload]
    client.end_fetch_message("u1")  # type: ignore[arg-type]
    client.end_fetch_message()  # type: ignore[call-arg]
    size: str = client.end_get_message_size(client.begin_get_message_size(1))  # type: ignore[assignment]
    handle: IAsyncResultExt[int] = client.begin_noop()  # type: ignore[assignment]
    print(size, handle)
    client.default_port = 995  # type: ignore[misc]
    client.allowed_authentication = 8  # type: ignore[assignment]
    client.FetchMessage("u1")  # type: ignore[attr-defined]
    Pop3Client(995)  # type: ignore[call-overload]
    Pop3Client("host", "user")  # type: ignore[call-overload]
    Pop3Client("host", 995, "user", "token", True)  # type: ignore[call-overload]


def smtp(client: SmtpClient, connection: IConnection, message: MailMessage) -> None:
    client.send("a@b.example", message)  # type: ignore[call-overload]
    client.send("a@b.example", "c@d.example", "subject")  # type: ignore[call-overload]
    client.send(b"message")  # type: ignore[call-overload]
    client.send([b"message"])  # type: ignore[list-item]
    client.send(None)  # type: ignore[call-overload]
    client.send(message, connection)  # type: ignore[call-overload]
    client.send([message], message)  # type: ignore[call-overload]
    client.send(from_address="a@b.example", message=message)  # type: ignore[call-overload]
    client.forward("a@b.example", message)  # type: ignore[call-overload]
    client.forward("a@b.example", ["c@d.example"], message)  # type: ignore[call-overload]
    client.forward("a@b.example", "c@d.example", b"message")  # type: ignore[call-overload]
    client.begin_send(message, 7)  # type: ignore[call-overload]
    client.begin_send(message, two_arguments)  # type: ignore[arg-type]
    client.begin_send([message], on_message)  # type: ignore[arg-type]
    client.begin_forward("", "c@d.example")  # type: ignore[call-overload]
    client.end_send("handle")  # type: ignore[arg-type]
    client.end_send()  # type: ignore[call-arg]
    sent: IAsyncResultExt[bool] = client.begin_send(message)  # type: ignore[assignment]
    print(sent)
    client.noop(5)  # type: ignore[call-overload]
    client.allowed_authentication = 8  # type: ignore[assignment]
    client.require_tls = "yes"  # type: ignore[assignment]
    message.delivery_notification_options = 3  # type: ignore[assignment]
    client.supported_authentication = client.allowed_authentication  # type: ignore[misc]
    client.succeeded_sending += two_arguments  # type: ignore[arg-type]
    client.send_to_queue(message)  # type: ignore[arg-type]
    client.begin_send_queue(connection)  # type: ignore[arg-type]
    client.delivery_method = 1  # type: ignore[assignment]
    SmtpClient("host", "user")  # type: ignore[call-overload]
    SmtpClient(25)  # type: ignore[call-overload]


def what_was_sent(result: SendMessagesResult, args: FailedMailMessageEventArgs) -> None:
    result.succeeded = []  # type: ignore[misc]
    args.operation_error = ValueError()  # type: ignore[misc]
