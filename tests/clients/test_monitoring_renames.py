"""M2 where a watched folder gets another name from its own client: the monitor goes on, and tells no nonsense.

The server tells those who have a moved folder selected that its messages are gone, as Dovecot 2.3 does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mailclients import AsposeInvalidOperationException, ImapClient, ImapException
from mailclients.imap import monitoring
from tests.clients.imap_cases import BEGUN, run
from tests.clients.monitoring_cases import Watcher, cut, monitor_connections
from tests.clients.test_monitoring import NO_IDLE, client_of, idler
from tests.support.autoimap import DEFAULT_CAPABILITIES, AutoImapServer
from tests.support.commands import Command
from tests.support.scripted import PATIENCE, Conn
from tests.support.waiting import until


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost connection is opened again at once."""
    monkeypatch.setattr(monitoring, "backoff", lambda level, jitter: 0.0)


@pytest.fixture(params=[DEFAULT_CAPABILITIES, NO_IDLE], ids=["IDLE", "NOOP"])
def server(request: pytest.FixtureRequest) -> Iterator[AutoImapServer]:
    with AutoImapServer({"INBOX": 1, "Work": 3, "Work/Done": 2, "Workshop": 1}, capabilities=request.param) as server:
        yield server


@pytest.fixture(autouse=True)
def moves(server: AutoImapServer) -> Iterator[threading.Event]:
    """RENAME works while this is set."""
    go_on = threading.Event()
    go_on.set()
    server.on("RENAME", moving(server, go_on))
    yield go_on
    go_on.set()


@pytest.fixture
def client(server: AutoImapServer) -> Iterator[ImapClient]:
    with client_of(server) as client:
        yield client


def moving(server: AutoImapServer, go_on: threading.Event) -> Callable[[Conn, Command], bool]:
    """RENAME: those who have the folder selected lose sight of its messages before it is answered."""

    def hook(conn: Conn, cmd: Command) -> bool:
        assert go_on.wait(PATIENCE)
        old, new = cmd.text(0), cmd.text(1)
        if new == "Taken":
            conn.reply(cmd, "NO [ALREADYEXISTS] there is one of that name")
            return True
        with server.store:
            affected = [name for name in server.folders if name == old or name.startswith(old + "/")]
            boxes = {new + name[len(old) :]: server.folders.pop(name) for name in affected}
        for other in list(server.connections):
            session = server.session(other)
            with other.undisturbed(), server.store:
                if session.folder in boxes.values() and session.idling and other.open:
                    other.send(*("* 1 EXPUNGE\r\n" for _ in session.view))
        server.folders.update(boxes)
        conn.reply(cmd, "OK renamed")
        return True

    return hook


def examined(server: AutoImapServer) -> list[str]:
    return [cmd.text() for cmd in server.commands if cmd.name == "EXAMINE"]


def settled(server: AutoImapServer, folder: str) -> None:
    """Waits until the monitor has looked at the folder by this name."""
    until(lambda: examined(server)[-1:] == [folder], f"EXAMINE {folder}")


@BEGUN
def test_M2_a_monitor_goes_on_under_the_new_name(server: AutoImapServer, client: ImapClient, begun: bool) -> None:
    client.monitoring_poll_interval = 10_000_000
    seen = Watcher()
    client.start_monitoring(seen, seen.failed, "Work")
    client.monitoring_poll_interval = 5  # from the next pause on: the rename ends the one that it is in
    run(client, begun, "rename_folder", "Work", "Office")
    settled(server, "Office")
    server.deliver("Office")
    cut(client)  # what is missed while there is no connection is found under the new name, too
    seen.wait_for_new("4")
    assert seen.events[0].folder_name == "Office"
    assert seen.events[0].new_messages[0].parent_folder == "Office"
    assert seen.deleted == []
    assert seen.errors == []
    assert examined(server) == ["Work", "Office", "Office"]
    with pytest.raises(AsposeInvalidOperationException, match="monitored already"):
        client.start_monitoring(seen, seen.failed, "Office")
    client.stop_monitoring("Work")
    assert len(monitor_connections(client)) == 1
    client.stop_monitoring("Office")
    until(lambda: not monitor_connections(client))


@BEGUN
def test_M2_news_come_over_the_same_connection(server: AutoImapServer, client: ImapClient, begun: bool) -> None:
    client.monitoring_poll_interval = 5
    seen = Watcher()
    client.start_monitoring(seen, seen.failed, "Work/Done")
    run(client, begun, "move_folder", "", "Work/Done")
    settled(server, "Done")
    run(client, begun, "rename_folder", "Done", "Over")
    settled(server, "Over")
    server.deliver("Over")
    seen.wait_for_new("3")
    server.expunge("Over", 1)
    seen.wait_for_deleted("1")
    assert {event.folder_name for event in seen.events} == {"Over"}
    assert len(server.connections) == 2


def test_M2_a_folder_below_follows_and_one_beside_does_not(server: AutoImapServer, client: ImapClient) -> None:
    client.monitoring_poll_interval = 5
    below, beside = Watcher(), Watcher()
    client.start_monitoring(below, below.failed, "Work/Done")
    client.start_monitoring(beside, beside.failed, "Workshop")
    client.rename_folder("Work", "Office")
    settled(server, "Office/Done")
    server.deliver("Office/Done")
    server.deliver("Workshop")
    below.wait_for_new("3")
    beside.wait_for_new("2")
    assert (below.events[0].folder_name, beside.events[0].folder_name) == ("Office/Done", "Workshop")
    assert examined(server).count("Workshop") == 1


def test_M2_a_refused_rename_changes_nothing(server: AutoImapServer, client: ImapClient) -> None:
    client.monitoring_poll_interval = 5
    seen = Watcher()
    client.start_monitoring(seen, seen.failed, "Work")
    with pytest.raises(ImapException, match="one of that name"):
        client.rename_folder("Work", "Taken")
    until(lambda: examined(server) == ["Work", "Work"])
    server.deliver("Work")
    seen.wait_for_new("4")
    assert seen.events[0].folder_name == "Work"


def test_M7_a_monitor_that_waits_for_a_rename_can_be_stopped(
    server: AutoImapServer, client: ImapClient, moves: threading.Event
) -> None:
    client.monitoring_poll_interval = 5
    moves.clear()
    seen: Any = Watcher()
    client.start_monitoring(seen, seen.failed, "Work")
    if "IDLE" in server.capabilities:
        idler(server)
    handle = client.begin_rename_folder("Work", "Office")
    server.wait_for(lambda: any(cmd.name == "RENAME" for cmd in server.commands), what="RENAME")
    server.expunge("Work", 1)  # its thread has something to look at, and must not
    client.stop_monitoring("Work")
    until(lambda: not monitor_connections(client))
    moves.set()
    client.end_rename_folder(handle)
    assert seen.events == []


def test_M2_a_rename_in_the_middle_of_a_look_takes_no_message_for_deleted(
    server: AutoImapServer, client: ImapClient, moves: threading.Event
) -> None:
    client.monitoring_poll_interval = 5
    seen = Watcher()
    client.start_monitoring(seen, seen.failed, "Work")
    gate = server.hold("UID FETCH")
    server.deliver("Work")
    (asked,) = gate.wait_for()
    moves.clear()
    handle = client.begin_rename_folder("Work", "Office")
    until(lambda: "RENAME" in [cmd.name for cmd in server.commands], "RENAME")
    with asked.conn.undisturbed():
        asked.conn.send(*["* 1 EXPUNGE\r\n"] * 4)
    gate.refuse(asked, "OK there are none")
    gate.open()
    moves.set()
    client.end_rename_folder(handle)
    seen.wait_for_new("4")
    assert seen.deleted == []
    assert seen.errors == []
