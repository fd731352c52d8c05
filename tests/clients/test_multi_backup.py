"""T14 for backups: fetched over several connections, stored as over one; whatever fails, what is stored is in order."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    BackupError,
    BackupOptions,
    BackupProgress,
    BackupSettings,
    ConnectionLostError,
    ImapClient,
    ImapFolderInfo,
    ImapFolderInfoCollection,
    MultiConnectionMode,
    OperationCanceledException,
    RestoreSettings,
    SecurityOptions,
)
from mailclients.imap.backup import open_source
from mailclients.imap.operations import archiving
from tests.clients.hostile import HostileServer, client_of, nothing_secret_is_logged
from tests.clients.imap_cases import BEGUN, run
from tests.support.autoimap import make_message
from tests.support.scripted import PATIENCE, Command, Conn
from tests.support.waiting import until

__all__ = ["nothing_secret_is_logged"]

LARGE = make_message(41, 400_000)
INBOX = [*(make_message(number, 200 + number) for number in range(1, 41)), LARGE, make_message(42)]
FOLDERS: dict[str, Any] = {"INBOX": INBOX, "INBOX/One": 9, "INBOX/One/Deep": 5, "INBOX/Empty": 0}
ROOT = ImapFolderInfoCollection(ImapFolderInfo(name="INBOX", delimiter="/"))
FORMATS = pytest.mark.parametrize("name", ["backup.zip", "backup.mbox", "backup"])
COUNT = 4  # connections
ROUND = COUNT * archiving.LOADS_EACH * 3  # messages that are fetched before they are stored


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer(clear_is_meant=True, folders=FOLDERS) as server:
        yield server


@pytest.fixture
def client(server: HostileServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImapClient]:
    monkeypatch.setattr(archiving, "BATCH", 3)
    with client_of(server, SecurityOptions.NONE) as client:
        client.use_multi_connection = MultiConnectionMode.ENABLE
        client.connections_quantity = COUNT
        yield client


def bodies_asked(cmd: Command) -> bool:
    return b"BODY.PEEK[]" in cmd.raw


def fetching(server: HostileServer) -> set[int]:
    """The connections that messages were asked for on."""
    return {conn.index for conn in server.connections if any(map(bodies_asked, conn.commands))}


def stored(path: Path) -> list[tuple[tuple[str, ...], int, bytes]]:
    """All of a backup, in its order."""
    found: list[tuple[tuple[str, ...], int, bytes]] = []
    with open_source(str(path), None) as source:
        for levels in source.folders():
            for item in source.items(levels):
                out = io.BytesIO()
                item.copy_to(out)
                found.append((levels, item.record.uid, out.getvalue()))
    return found


def quick(**values: Any) -> BackupSettings:
    settings = BackupSettings()
    settings.timeout_between_attempts = 0
    for name, value in values.items():
        setattr(settings, name, value)
    return settings


def reports(progress: list[BackupProgress]) -> list[tuple[Any, ...]]:
    return [tuple(getattr(each, name) for name in BackupProgress.__slots__) for each in progress]


@BEGUN
@FORMATS
def test_T14_a_backup_over_several_connections_is_the_same_and_in_the_same_order(
    server: HostileServer, client: ImapClient, begun: bool, name: str, tmp_path: Path
) -> None:
    meeting = threading.Barrier(COUNT)
    met: set[int] = set()

    def wait(conn: Conn, cmd: Command) -> None:
        if bodies_asked(cmd) and conn.index not in met and len(met) < COUNT:
            met.add(conn.index)
            meeting.wait(PATIENCE)  # nobody is answered before so many have asked

    server.on("UID FETCH", wait)
    many: list[BackupProgress] = []
    one: list[BackupProgress] = []
    recursive = {"execute_recursively": True}
    run(client, begun, "backup", ROOT, tmp_path / name, quick(progress=many.append, **recursive))
    assert len(fetching(server)) == COUNT
    client.use_multi_connection = MultiConnectionMode.DISABLE
    (tmp_path / "alone").mkdir()
    run(client, begun, "backup", ROOT, tmp_path / "alone" / name, quick(progress=one.append, **recursive))
    assert stored(tmp_path / name) == stored(tmp_path / "alone" / name)
    assert [content for levels, _, content in stored(tmp_path / name) if levels == ("INBOX",)] == INBOX
    assert reports(many) == reports(one)


@BEGUN
def test_T14_what_is_fetched_and_not_stored_is_bounded(
    server: HostileServer, client: ImapClient, begun: bool, tmp_path: Path
) -> None:
    ahead: list[int] = []

    def told(progress: BackupProgress) -> None:
        asked = [cmd for cmd in server.commands if bodies_asked(cmd)]
        ahead.append(3 * len(asked) - progress.messages_done)

    run(client, begun, "backup", ROOT, tmp_path / "b.zip", quick(progress=told))
    assert len(stored(tmp_path / "b.zip")) == len(INBOX)
    assert 3 < max(ahead) <= ROUND


@BEGUN
def test_T14_an_item_that_cannot_be_had_keeps_no_other_back(
    server: HostileServer, client: ImapClient, begun: bool, tmp_path: Path
) -> None:
    def refuse(conn: Conn, cmd: Command) -> bool:
        named = cmd.raw.split()[3].decode()
        if not bodies_asked(cmd) or named not in ("8", "7:9", "20", "19:21"):
            return False
        conn.reply(cmd, "NO [SERVERBUG] that one is broken")
        return True

    server.on("UID FETCH", refuse)
    with pytest.raises(BackupError) as caught:
        run(client, begun, "backup", ROOT, tmp_path / "b.zip", quick(number_of_attempts_to_rrepeat=2))
    assert [what for what, _ in caught.value.failures] == ["message 8 of 'INBOX'", "message 20 of 'INBOX'"]
    assert [uid for _, uid, _ in stored(tmp_path / "b.zip")] == [
        uid for uid in range(1, len(INBOX) + 1) if uid not in (8, 20)
    ]


@BEGUN
@FORMATS
def test_T14_an_interrupted_backup_goes_on_over_several_connections(
    server: HostileServer, client: ImapClient, begun: bool, name: str, tmp_path: Path
) -> None:
    def cut(conn: Conn, cmd: Command) -> bool:
        if not bodies_asked(cmd) or not cmd.raw.split()[3].startswith(b"31:"):
            return False
        conn.close()
        return True

    remove = server.on("UID FETCH", cut)
    with pytest.raises(ConnectionLostError):
        run(client, begun, "backup", ROOT, tmp_path / name, quick(restore_connection=False))
    uids = [uid for _, uid, _ in stored(tmp_path / name)]
    assert uids == list(range(1, len(uids) + 1)), "what is behind the gap is not stored before it"
    assert ROUND <= len(uids) < 31
    remove()
    server.commands.clear()
    run(client, begun, "backup", ROOT, tmp_path / name, quick())
    assert [content for _, _, content in stored(tmp_path / name)] == INBOX
    first = min(int(cmd.raw.split()[3].split(b":")[0]) for cmd in server.commands if bodies_asked(cmd))
    assert first == len(uids) + 1


def test_T10_T14_a_cancelled_backup_ends_with_its_parts_and_goes_on_later(
    server: HostileServer, client: ImapClient, tmp_path: Path
) -> None:
    gate = server.hold("UID FETCH")

    def let_sizes_through() -> list[Command]:
        held = gate.wait_for()
        gate.release(*(cmd for cmd in held if not bodies_asked(cmd)))
        return [cmd for cmd in held if bodies_asked(cmd)]

    handle = client.begin_backup(ROOT, str(tmp_path / "b.zip"), BackupOptions.NONE)
    until(lambda: len(let_sizes_through()) >= COUNT, "a message asked for on each connection")
    client.cancel_async_operation(handle)
    with pytest.raises(OperationCanceledException):
        client.end_backup(handle)
    gate.open()
    until(lambda: client._tasks.running == 0, "the end of its parts")
    client.backup(ROOT, tmp_path / "b.zip", BackupOptions.NONE)
    assert [content for _, _, content in stored(tmp_path / "b.zip")] == INBOX


def test_T11_a_plain_backup_in_the_executor_s_only_thread_gets_its_parts_done(
    server: HostileServer, client: ImapClient, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(1) as executor:
        client.executor = executor
        try:
            executor.submit(client.backup, ROOT, tmp_path / "b", BackupOptions.RECURSIVE).result(PATIENCE)
        finally:
            client.dispose(0)
    assert len(stored(tmp_path / "b")) == len(INBOX) + 14


def test_T14_a_restoring_stays_on_one_connection_and_keeps_the_order(
    server: HostileServer, client: ImapClient, tmp_path: Path
) -> None:
    client.backup(ROOT, tmp_path / "b.zip", BackupOptions.NONE)
    with HostileServer(clear_is_meant=True, folders={"INBOX": 0}) as other:
        with client_of(other, SecurityOptions.NONE) as restoring:
            restoring.use_multi_connection = MultiConnectionMode.ENABLE
            restoring.restore(tmp_path / "b.zip", RestoreSettings())
        assert [one.body for one in other.folders["INBOX"].messages.values()] == INBOX
        assert len(other.connections) == 1
