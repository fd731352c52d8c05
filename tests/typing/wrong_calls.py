"""Calls that no documented overload takes: both type checkers must refuse every marked line. Never run.

Each marked line is one call. A checker that stopped refusing one would report its mark as unused.
"""

from __future__ import annotations

from mailclients.handles import IAsyncResult, IAsyncResultExt
from mailclients.imap.client import ImapClient
from mailclients.imap.models import ImapFolderInfo, ImapMessageFlags
from mailclients.message import MailMessage
from mailclients.search import MailQuery
from mailclients.signatures import IConnection, Out


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
