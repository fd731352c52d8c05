"""T10 for operations over many messages: they stop between messages, and tell what was done."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    ImapClient,
    ImapMessageFlags,
    ItemCallbackArgs,
    MailMessage,
    OperationCanceledException,
    OutcomeUnknownError,
    PartlyDone,
    PersonalStorage,
    PipeliningMode,
    RestoreSettings,
    SmtpException,
)
from mailclients.imap.backup import target_for
from mailclients.imap.backup.items import Record
from mailclients.imap.operations import appending, changing, copying, restoring
from mailclients.smtp import operations as smtp_operations
from tests.support.autoimap import DEFAULT_CAPABILITIES, AutoImapServer, make_message
from tests.support.autosmtp import Session, SmtpServer, smtp_client
from tests.support.clients import client_of, in_thread
from tests.support.scripted import PATIENCE, Command, Conn
from tests.support.waiting import until

MESSAGES = [make_message(number) for number in range(1, 31)]
UIDS = [4_000_000_001, 4_000_000_003, 4_000_000_005]  # of which two fit into 21 bytes, as two ranges
FIRST, SECOND = f"{UIDS[0]},{UIDS[1]}", f"{UIDS[2]}"
ALL = [1, 2, 3]


def filled(capabilities: str = DEFAULT_CAPABILITIES) -> AutoImapServer:
    """Three messages whose unique ids need two commands."""
    server = AutoImapServer({"INBOX": 0, "Archive": 0}, capabilities=capabilities)
    for uid in UIDS:
        server.folders["INBOX"].uid_next = uid
        server.folders["INBOX"].add(make_message(uid % 100))
    return server


@pytest.fixture
def server() -> Iterator[AutoImapServer]:
    with filled() as server:
        yield server


@pytest.fixture
def client(server: AutoImapServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImapClient]:
    for room in (changing, copying):
        monkeypatch.setattr(room, "SET_BYTES", 21)
    with client_of(server) as client:
        client.select_folder("INBOX")
        yield client


def sent(server: AutoImapServer, *names: str) -> list[str]:
    """What was sent under these names."""
    return [f"{cmd.name} {cmd.text()}" for cmd in server.commands if cmd.name in names]


def stopped(client: ImapClient, handle: Any, end: str) -> OperationCanceledException:
    """The error of an operation that was told to stop."""
    assert handle.async_wait_handle.wait_one(int(PATIENCE * 1000))
    assert handle.is_canceled
    assert handle.future.cancelled()
    with pytest.raises(OperationCanceledException) as caught:
        getattr(client, end)(handle)
    return caught.value


def test_T10_copying_stops_between_two_commands(server: AutoImapServer, client: ImapClient) -> None:
    gate, told = server.hold("UID COPY"), list[Any]()
    handle = client.begin_copy_messages(ALL, "Archive", False, told.append)
    gate.wait_for()
    client.cancel_async_operation(handle)
    assert not handle.is_completed
    gate.open()
    error = stopped(client, handle, "end_copy_messages")
    assert error.partly_done == PartlyDone(FIRST, "", SECOND)
    assert f"copied to 'Archive': {FIRST}; not copied to 'Archive': {SECOND}" in str(error)
    assert len(sent(server, "UID COPY")) == 1
    client.dispose()
    assert told == [handle]


@pytest.mark.parametrize("moving", [False, True])
def test_T10_what_is_cancelled_before_its_expunge_tells_what_was_done(
    moving: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        filled(DEFAULT_CAPABILITIES.replace(" MOVE", "").replace(" UIDPLUS", "")) as server,
        client_of(server) as client,
    ):
        client.select_folder("INBOX")
        gate = server.hold("UID STORE" if moving else "UID COPY")
        begin = client.begin_move_messages if moving else client.begin_copy_messages
        handle = begin(ALL, "Archive", True)
        gate.wait_for()
        client.cancel_async_operation(handle)
        gate.open()
        error = stopped(client, handle, "end_move_messages" if moving else "end_copy_messages")
        assert error.partly_done == PartlyDone(f"{FIRST},{SECOND}", "", "")
        assert not sent(server, "EXPUNGE")


def test_C9_what_changed_something_and_loses_its_connection_during_dispose_tells_what_was_done(
    server: AutoImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "SET_BYTES", 21)
    with client_of(server, 1) as client:
        client.select_folder("INBOX")
        gate = server.hold("UID COPY")
        handle: Any = in_thread(lambda: client.begin_copy_messages(ALL, "Archive"))
        gate.wait_for()
        connection = client._main.connection
        assert connection is not None
        with client.exclusive():  # the second command has to wait behind this
            gate.open()
            task = handle.task
            assert task is not None
            until(lambda: task.changed and connection.load == 1)
            disposing = threading.Thread(target=client.dispose)
            disposing.start()
            until(lambda: client._tasks._disposed)
            for conn in list(server.connections):
                conn.close()
            disposing.join(PATIENCE)
            assert not disposing.is_alive()
        error = stopped(client, handle, "end_copy_messages")
        assert error.partly_done == PartlyDone(FIRST, "", SECOND)
        assert len(sent(server, "UID COPY")) == 1


def test_T10_a_change_that_was_the_last_one_completes(server: AutoImapServer, client: ImapClient) -> None:
    gate = server.hold("UID COPY")
    handle = client.begin_copy_message(str(UIDS[0]), "Archive")
    gate.wait_for()
    client.cancel_async_operation(handle)
    gate.open()
    assert client.end_copy_message(handle) == "1"
    assert not handle.is_canceled


@pytest.mark.parametrize("capabilities", [DEFAULT_CAPABILITIES.replace(" MOVE", "")])
def test_T10_a_move_that_copies_leaves_no_message_in_both_folders(
    capabilities: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "SET_BYTES", 21)
    with filled(capabilities) as server, client_of(server) as client:
        client.select_folder("INBOX")
        gate = server.hold("UID COPY")
        handle = client.begin_move_messages(ALL, "Archive")
        gate.wait_for()
        client.cancel_async_operation(handle)
        gate.open()
        error = stopped(client, handle, "end_move_messages")
        assert error.partly_done == PartlyDone(FIRST, "", SECOND)
        with server.store:
            assert list(server.folders["INBOX"].messages) == UIDS[2:]
            assert len(server.folders["Archive"].messages) == 2


def test_T10_commands_that_waited_to_be_sent_are_taken_back(server: AutoImapServer, client: ImapClient) -> None:
    client.use_pipelining.client_mode = PipeliningMode.DISABLED
    gate = server.hold("UID STORE")
    handle = client.begin_add_message_flags(ALL, ImapMessageFlags.FLAGGED)
    gate.wait_for()
    client.cancel_async_operation(handle)
    gate.open()
    assert stopped(client, handle, "end_add_message_flags").partly_done == PartlyDone(FIRST, "", SECOND)
    assert len(sent(server, "UID STORE")) == 1


def test_T10_a_deletion_is_not_committed_after_it_was_cancelled(server: AutoImapServer, client: ImapClient) -> None:
    gate = server.hold("UID STORE")
    handle = client.begin_delete_messages(str(UIDS[0]), str(UIDS[1]), True)
    gate.wait_for()
    client.cancel_async_operation(handle)
    gate.open()
    assert f"not removed: {UIDS[0]}:{UIDS[1]}" in str(stopped(client, handle, "end_delete_messages"))
    assert sent(server, "UID EXPUNGE", "EXPUNGE") == []


def test_T10_what_auto_commit_owes_is_noted_all_the_same(server: AutoImapServer, client: ImapClient) -> None:
    client.auto_commit = True
    gate = server.hold("UID STORE")
    handle = client.begin_delete_messages(str(UIDS[0]), str(UIDS[1]))
    gate.wait_for()
    client.cancel_async_operation(handle)
    gate.open()
    client.end_delete_messages(handle)
    client.select_folder("Archive")
    with server.store:
        assert list(server.folders["INBOX"].messages) == UIDS[2:]


def test_T10_Q5_a_change_that_was_cancelled_is_not_sent_again_on_another_connection(
    server: AutoImapServer, client: ImapClient
) -> None:
    gate = server.hold("UID STORE")
    client.use_pipelining.client_mode = PipeliningMode.DISABLED
    handle = client.begin_add_message_flags(ALL, ImapMessageFlags.FLAGGED)
    (held,) = gate.wait_for()
    client.cancel_async_operation(handle)
    held.conn.close()
    assert handle.async_wait_handle.wait_one(int(PATIENCE * 1000))
    error = handle.error_info
    assert isinstance(error, OutcomeUnknownError)
    assert error.partly_done == PartlyDone("", FIRST, SECOND)
    assert len(sent(server, "UID STORE")) == 1


@pytest.mark.parametrize("multi", [False, True])
def test_T10_appending_stops_and_its_result_tells_of_each_message(multi: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appending, "AT_ONCE_COMMANDS", 2)
    monkeypatch.setattr(appending, "GROUP_MESSAGES", 3)
    given = [MailMessage.from_bytes(content) for content in MESSAGES]
    capabilities = DEFAULT_CAPABILITIES + (" MULTIAPPEND" if multi else "")
    with AutoImapServer({"INBOX": 0}, capabilities=capabilities) as server, client_of(server) as client:
        client.use_pipelining.client_mode = PipeliningMode.DISABLED
        gate = server.hold("APPEND")
        handle = client.begin_append_messages(given)
        gate.wait_for()
        client.cancel_async_operation(handle)
        gate.open()
        result = client.end_append_messages(handle)
        count = 3 if multi else 1
        assert list(result.succeeded) == given[:count]
        assert result.not_handled == given[count:]
        assert not result.failed
        assert len(sent(server, "APPEND")) == 1


# -- restoring ------------------------------------------------------------


@pytest.fixture
def backup(tmp_path: Path) -> PersonalStorage:
    """Thirty messages whose unique ids are 101 and so on."""
    target = target_for(str(tmp_path / "backup.zip"), None)
    try:
        target.open()
        target.folder(("Archive",), 1)
        for uid, content in enumerate(MESSAGES, 101):
            target.add(Record(("Archive",), 1, uid, (), None, len(content)), io.BytesIO(content))
        target.finish()
    finally:
        target.close()
    return PersonalStorage.from_file(str(tmp_path / "backup.zip"))


def contents(server: AutoImapServer) -> list[bytes]:
    with server.store:
        return [stored.body for stored in server.folders["Archive"].messages.values()]


def settings(**values: Any) -> RestoreSettings:
    made = RestoreSettings()
    for name, value in values.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize("pipelined", [False, True])
def test_T10_restoring_stops_and_can_be_gone_on_with(
    server: AutoImapServer,
    client: ImapClient,
    backup: PersonalStorage,
    pipelined: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(restoring, "BATCH", 4)
    if not pipelined:
        client.use_pipelining.client_mode = PipeliningMode.DISABLED
    progress: list[int] = []
    gate = server.hold("APPEND")
    handle = client.begin_restore(backup, settings(progress=lambda told: progress.append(told.messages_done)))
    gate.wait_for(4 if pipelined else 1)
    client.cancel_async_operation(handle)
    assert not handle.is_completed
    gate.open()
    error = stopped(client, handle, "end_restore")
    count = 4 if pipelined else 1
    assert error.partly_done == PartlyDone("101:104" if pipelined else "101", "", "")
    assert f"messages restored: {count}" in str(error)
    assert "Archive" in str(error)
    assert contents(server) == MESSAGES[:count]
    assert progress[-1] == count
    client.restore(backup, settings(skip_duplicates=True))
    assert contents(server) == MESSAGES


def test_T10_restoring_stops_in_the_middle_of_its_callback_s_work(
    server: AutoImapServer, client: ImapClient, backup: PersonalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "BATCH", 4)
    reached, go_on, seen = threading.Event(), threading.Event(), list[object]()

    def told(item: ItemCallbackArgs) -> None:
        if isinstance(item.this, MailMessage):
            seen.append(item.this)
            if len(seen) == 6:
                reached.set()
                go_on.wait(PATIENCE)

    handle = client.begin_restore(backup, settings(before_item_callback=told))
    assert reached.wait(PATIENCE)
    client.cancel_async_operation(handle)
    assert not handle.is_completed
    go_on.set()
    assert stopped(client, handle, "end_restore").partly_done == PartlyDone("101:104", "", "")
    assert len(seen) == 6
    assert contents(server) == MESSAGES[:4]


def test_T10_a_pause_between_attempts_ends_with_the_operation(
    server: AutoImapServer, client: ImapClient, backup: PersonalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "BATCH", 1)
    refused = threading.Event()

    def refuse(conn: Conn, cmd: Command) -> bool:
        if len(contents(server)) != 2:
            return False
        conn.reply(cmd, "NO [UNAVAILABLE] later")
        refused.set()
        return True

    server.on("APPEND", refuse)
    handle = client.begin_restore(backup, settings(timeout_between_attempts=int(PATIENCE * 3000)))
    assert refused.wait(PATIENCE)
    client.cancel_async_operation(handle)
    assert stopped(client, handle, "end_restore").partly_done == PartlyDone("101:102", "", "")


# -- SMTP ------------------------------------------------------------


def test_T10_sending_several_messages_stops_between_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_operations, "AT_ONCE", 2)
    given = [MailMessage("ann@example.com", "bob@example.org", f"message {number}", "x") for number in range(6)]
    with SmtpServer() as server, smtp_client(server) as client:
        whole, release = threading.Event(), threading.Event()

        def late(session: Session, rest: str) -> str | None:
            whole.set()
            release.wait(PATIENCE)
            return None

        failed: list[object] = []
        sent: list[object] = []
        client.failed_sending += lambda sender, event: failed.append(event.message)
        client.succeeded_sending += lambda sender, event: sent.append(event.message)
        server.on["END"] = late
        handle = client.begin_send(given)
        assert whole.wait(PATIENCE)
        client.cancel_async_operation(handle)
        assert not handle.is_completed
        release.set()
        assert handle.async_wait_handle.wait_one(int(PATIENCE * 1000))
        assert handle.is_canceled
        error = handle.error_info
        assert isinstance(error, OperationCanceledException)
        assert isinstance(error.__cause__, SmtpException)
        details = error.__cause__.operation_details
        count = len(server.accepted)
        assert 1 <= count <= 2
        assert details is not None
        assert [*details.succeeded] == given[:count]
        assert [*details.not_handled] == given[count:]
        assert not details.failed
        assert failed == []
        assert sent == given[:count]  # and told of before the operation completed
