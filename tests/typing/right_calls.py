"""Documented calls: both type checkers must accept every line and agree about the types. Never run."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from typing_extensions import assert_type

from mailclients.arguments import IConnection, Out
from mailclients.dotnet import AsyncCallback
from mailclients.handles import IAsyncResult, IAsyncResultExt
from mailclients.imap.client import ImapClient
from mailclients.imap.models import (
    AppendMessagesResult,
    BackupOptions,
    BackupSettings,
    CompressionType,
    IImapMonitoringState,
    ImapAttachmentInfo,
    ImapAttachmentInfoCollection,
    ImapFolderInfo,
    ImapFolderInfoCollection,
    ImapIdentificationInfo,
    ImapKnownAuthenticationType,
    ImapListFields,
    ImapMessageFlags,
    ImapMessageInfo,
    ImapMessageInfoCollection,
    ImapMonitoringErrorEventArgs,
    ImapMonitoringEventArgs,
    ImapNamespace,
    ImapPageInfo,
    ImapQuota,
    ImapQuotaRoot,
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
from mailclients.message import (
    Attachment,
    DeliveryNotificationOptions,
    HeaderCollection,
    MailAddressCollection,
    MailMessage,
)
from mailclients.options import SecurityOptions
from mailclients.pop3.client import Pop3Client
from mailclients.pop3.models import (
    Pop3KnownAuthenticationType,
    Pop3ListFields,
    Pop3MailboxInfo,
    Pop3MessageInfo,
    Pop3MessageInfoCollection,
)
from mailclients.search import MailQuery
from mailclients.smtp.client import SmtpClient
from mailclients.smtp.models import (
    MailMessageCollection,
    SendMessagesResult,
    SmtpDeliveryMethod,
    SmtpException,
    SmtpKnownAuthenticationType,
    SmtpStatusCode,
)


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
    client.begin_list_messages("INBOX", query, 5)
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


def server(client: ImapClient, connection: IConnection) -> None:
    assert_type(client.introduce_client(), ImapIdentificationInfo)
    info = ImapIdentificationInfo()
    info.name = "program"
    assert_type(info.version, "str | None")
    assert_type(ImapIdentificationInfo.default_value, ImapIdentificationInfo)
    client.introduce_client(connection, info)
    assert_type(client.begin_introduce_client(client_identification_info=info), IAsyncResultExt[ImapIdentificationInfo])
    assert_type(client.client_capabilities("CONDSTORE", "QRESYNC"), list[str])
    client.client_capabilities(connection, ["CONDSTORE"])
    client.begin_client_capabilities("CONDSTORE", callback=on_fetched, state=1)
    assert_type(client.get_namespaces(), list[ImapNamespace])
    assert_type(client.get_quota(connection, ""), list[ImapQuota])
    assert_type(client.get_quota_root("INBOX"), list[ImapQuotaRoot])
    assert_type(client.begin_set_quota("", "STORAGE", 512, on_fetched), IAsyncResultExt[list[ImapQuota]])
    client.rename_folder("old", new_folder_name="new")
    client.move_folder(connection, "", "deep/er")
    assert_type(client.begin_subscribe_folder("a"), IAsyncResultExt[None])
    client.unsubscribe_folder(folder_name="a", connection=connection)
    client.request_checkpoint()


def pages(client: ImapClient, connection: IConnection, query: MailQuery) -> None:
    settings = PageSettingsAsync()
    settings.folder_name = "INBOX"
    settings.connection = connection
    settings.ascending_sorting = True
    settings.callback = on_fetched
    page = client.list_messages_by_page(10, settings)
    assert_type(page, ImapPageInfo)
    assert_type(page.items, ImapMessageInfoCollection)
    assert_type(page.last_page, bool)
    client.list_messages_by_page(page.next_page, PageSettings())
    client.list_messages_by_page(10, 2, PageSettings())
    client.list_messages_by_page(query, PageInfo(10, 2), PageSettings())
    client.list_messages_by_page("INBOX", query, 10)
    client.list_messages_by_page("INBOX", query, page.next_page)
    client.begin_list_messages_by_page(items_per_page=10, settings=settings, state=1)
    PageInfo(100, 10, 2, False)
    PageInfo(100, 10, 2, 20, last_page=False)


def threads(client: ImapClient, connection: IConnection) -> None:
    order = SortConditions()
    order.sort_by = SortingKey.DATE | SortingKey.SUBJECT
    order.use_u_id = True
    found = client.sort_message_threads(connection, order)
    assert_type(found, list[MessageThreadResult])
    conditions = ThreadSearchConditions()
    conditions.algorithm = "REFERENCES"
    assert_type(client.get_message_threads(conditions)[0].child_messages, list[MessageThreadResult])
    client.begin_get_message_threads(connection, XGMThreadSearchConditions(), on_fetched, 1)


def attachments(client: ImapClient, connection: IConnection) -> None:
    found = client.list_attachments(5)
    assert_type(found, ImapAttachmentInfoCollection)
    assert_type(found[0], ImapAttachmentInfo)
    assert_type(client.fetch_attachment(connection, 5, found[0].name), Attachment)
    assert_type(client.begin_list_attachments(5, on_fetched, 1), IAsyncResultExt[ImapAttachmentInfoCollection])


def moving(client: ImapClient, connection: IConnection, infos: ImapMessageInfoCollection, message: MailMessage) -> None:
    assert_type(client.copy_message("5", "Archive"), str)
    assert_type(client.copy_messages([1, 2], "Archive", True), None)
    client.copy_messages(connection, infos, "Archive")
    client.copy_messages("1", "9", "Archive")
    assert_type(client.move_message(5, "Archive", True), str)
    assert_type(client.begin_move_messages(connection, {"1"}, "Archive", True, on_fetched), IAsyncResultExt[None])
    client.move_messages(start_sequence=1, end_sequence=9, folder_name="Archive")
    client.delete_messages(["1"])
    client.delete_messages(1, 9, 7)
    client.delete_messages("1", "9", 7, True)
    client.delete_messages(infos, commit_now=True)
    client.undelete_message("5", 7)
    result = client.append_messages("Sent", [message])
    assert_type(result, AppendMessagesResult[MailMessage])
    assert_type(result.succeeded, dict[MailMessage, str])
    client.begin_append_messages(connection, iter([message]), on_fetched)


def server_properties(client: ImapClient) -> None:
    assert_type(client.move_supported, bool)
    client.move_supported = False
    assert_type(client.mailbox_info.draft_messages, ImapFolderInfo | None)
    assert_type(client.thread_algorithms, list[str])
    assert_type(client.server_supported_compression, CompressionType)
    client.allowed_authentication = ImapKnownAuthenticationType.PLAIN | ImapKnownAuthenticationType.OAUTH2
    assert_type(client.supported_authentication, ImapKnownAuthenticationType)
    client.client_identification_info.name = "program"
    assert_type(client.server_identification_info, ImapIdentificationInfo | None)
    assert_type(client.delimiter, str)
    client.current_folder = client.get_folder_info("INBOX")
    client.current_folder = None


def on_change(sender: object, e: ImapMonitoringEventArgs) -> None: ...


def on_error(sender: object, e: ImapMonitoringErrorEventArgs) -> None: ...


def monitoring(client: ImapClient, state: IImapMonitoringState) -> None:
    assert_type(client.start_monitoring(on_change), None)
    client.start_monitoring(on_change, on_error, "INBOX")
    client.start_monitoring(on_change, error_callback=on_error)
    client.start_monitoring(lambda sender, e: print(e.new_messages), on_error)
    client.resume_monitoring(on_change, on_error, state)
    client.stop_monitoring()
    client.stop_monitoring("INBOX")


def backups(client: ImapClient, connection: IConnection, folders: ImapFolderInfoCollection) -> None:
    client.backup(folders, "mail.zip", BackupOptions.RECURSIVE)
    client.backup(connection, list(folders), io.BytesIO(), BackupSettings(True, True, 3, 1000))
    assert_type(client.begin_backup(folders, Path("mail"), BackupSettings.default, on_fetched), IAsyncResultExt[None])
    settings = RestoreSettingsAsync()
    settings.before_item_callback = lambda item: print(item.this)
    settings.recursive = True
    settings.skip_duplicates = True
    settings.progress = lambda told: print(told.folder_name, told.messages_done)
    client.restore(PersonalStorage.from_file("mail.zip"), settings)
    client.restore(Path("mail.zip"), RestoreOptions.RECURSIVE)
    client.begin_restore("mail.zip", RestoreSettings(), on_fetched, 1)


def pop3(client: Pop3Client, connection: IConnection, infos: Pop3MessageInfoCollection) -> None:
    assert_type(client.fetch_message("u1"), MailMessage)
    assert_type(client.fetch_message(connection, 1), MailMessage)
    handle = client.begin_fetch_message(1, on_fetched, "state")
    assert_type(handle, IAsyncResultExt[MailMessage])
    assert_type(client.end_fetch_message(handle), MailMessage)
    assert_type(handle.future.result(), MailMessage)
    client.begin_fetch_message("u1", on_fetched_message)
    client.begin_fetch_message(unique_id="u1", callback=AsyncCallback(on_fetched), state=7)
    client.begin_fetch_message(connection, 1, None, 7)
    assert_type(client.fetch_messages(["u1"]), list[MailMessage])
    assert_type(client.begin_fetch_messages(range(1, 9)), IAsyncResultExt[list[MailMessage]])
    client.fetch_messages(connection, {"u1": 0}.keys())
    assert_type(client.list_messages(Pop3ListFields.ID_ONLY, False, MailQuery("ALL")), Pop3MessageInfoCollection)
    assert_type(client.begin_list_messages(MailQuery("ALL")), IAsyncResultExt[Pop3MessageInfoCollection])
    client.list_messages(str(number) for number in range(1, 9))
    assert_type(client.load_message_info_list(infos), Pop3MessageInfoCollection)
    assert_type(infos.get_message("u1"), Pop3MessageInfo | None)
    assert_type(client.get_message_headers(1), HeaderCollection)
    assert_type(client.get_message_info("u1", Pop3ListFields.MAIN), Pop3MessageInfo)
    assert_type(client.get_message_count(close_transaction=True), int)
    assert_type(client.end_get_mailbox_size(client.begin_get_mailbox_size(connection, on_fetched, 1)), int)
    assert_type(client.get_message_unique_id(1), str)
    assert_type(client.get_mailbox_info(connection), Pop3MailboxInfo)
    client.save_message(1, Path("one.eml"))
    client.save_message("u1", output_stream=io.BytesIO())
    client.commit_deletes(sleep=timedelta(seconds=1))
    client.end_commit_deletes(client.begin_commit_deletes(connection))
    assert_type(client.begin_login(on_fetched, 1), IAsyncResultExt[None])
    client.allowed_authentication = Pop3KnownAuthenticationType.APOP | Pop3KnownAuthenticationType.PLAIN
    Pop3Client("host", 995, "user", "token", True, SecurityOptions.SSL_IMPLICIT)
    Pop3Client("host", 995, "user", "word", lambda *_: True, executor=None)


def on_sent(result: IAsyncResultExt[None]) -> None: ...


def smtp(client: SmtpClient, connection: IConnection, message: MailMessage, stream: BytesIO) -> None:
    client.send(message)
    client.send(connection, message)
    client.send([message])
    client.send(iter([message]))
    client.send(MailMessageCollection([message]))
    client.send(message, message)
    client.send(connection, message, message)
    client.send("a@b.example", "c@d.example", "subject", "text")
    assert_type(client.send(from_address="a@b.example", recipients="c@d.example", subject="s", body="t"), None)
    client.forward(connection, "a@b.example", MailAddressCollection("c@d.example"), stream)
    client.forward(sender="a@b.example", recipient="c@d.example", message=message)
    assert_type(client.begin_send(message, lambda handle: handle.error_info, "state"), IAsyncResultExt[None])
    client.begin_send(message, on_sent)
    client.begin_send([message], None, 7)
    client.begin_send(message, message, callback=on_sent, state=7)
    assert_type(client.end_send(client.begin_send(connection, [message])), None)
    assert_type(client.end_validate_credentials(client.begin_validate_credentials()), bool)
    client.require_tls = True
    assert_type(message.delivery_notification_options, DeliveryNotificationOptions)
    message.delivery_notification_options = DeliveryNotificationOptions.ON_SUCCESS | DeliveryNotificationOptions.DELAY
    client.send_to_queue(each for each in [message])
    assert_type(client.begin_send_queue(lambda handle: handle.is_canceled, "state"), IAsyncResultExt[None])
    client.end_begin_send_queue(client.begin_send_queue())
    client.delivery_method = SmtpDeliveryMethod.SPECIFIED_PICKUP_DIRECTORY
    client.smtp_queue_location = Path("queue")
    assert_type(client.smtp_queue_location, str)
    client.failed_sending += lambda sender, args: args.operation_error
    client.succeeded_sending += lambda sender, args: args.message
    client.allowed_authentication = SmtpKnownAuthenticationType.PLAIN
    assert_type(client.supported_authentication, SmtpKnownAuthenticationType)
    client.end_forward(client.begin_forward("", "c@d.example", message))
    SmtpClient("host", "user", "token", True)
    SmtpClient("host", 587, "user", "word", SecurityOptions.SSL_EXPLICIT)


def what_was_sent(error: SmtpException) -> None:
    assert_type(error.status_code, SmtpStatusCode)
    details = error.operation_details
    if details is not None:
        assert_type(details, SendMessagesResult)
        assert_type(details.succeeded, list[MailMessage])
        assert_type(details.failed, dict[MailMessage, Exception])
