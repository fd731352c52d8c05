"""Monitoring with servers that do what servers do, on bad days too: rules M1 to M7."""

from __future__ import annotations

import gc
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentOutOfRangeException,
    AsposeInvalidOperationException,
    AuthenticationError,
    FolderChangedError,
    ImapClient,
    ImapException,
    ImapMonitoringErrorEventArgs,
    ImapMonitoringEventArgs,
    ImapMonitoringState,
    LimitReachedError,
    NetworkException,
    ObjectDisposedException,
    OperationCanceledException,
    SecurityError,
    TimeoutException,
)
from mailclients.engine.pool import SlotKind
from mailclients.imap import monitoring
from tests.clients.monitoring_cases import Watcher, cut, monitor_connections
from tests.support.autoimap import DEFAULT_CAPABILITIES, AutoImapServer
from tests.support.commands import Command as Received
from tests.support.scripted import PATIENCE, Conn
from tests.support.waiting import SeenWarnings, until

ROOT = Path(__file__).parents[2]
NO_IDLE = DEFAULT_CAPABILITIES.replace(" IDLE", "")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost connection is opened again at once."""
    monkeypatch.setattr(monitoring, "backoff", lambda level, jitter: 0.0)


@pytest.fixture
def server() -> Iterator[AutoImapServer]:
    with AutoImapServer({"INBOX": 3, "Other": 2}) as started:
        yield started


@pytest.fixture
def client(server: AutoImapServer) -> Iterator[ImapClient]:
    with client_of(server) as made:
        yield made


def client_of(server: AutoImapServer, **settings: Any) -> ImapClient:
    client = ImapClient(server.host, server.port, "user", "secret")
    client.timeout = 20_000
    for name, value in settings.items():
        setattr(client, name, value)
    return client


def own_threads(client: ImapClient) -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith(f"mailclients-{client._number}-")]


def idler(server: AutoImapServer) -> Conn:
    """The connection that idles, once there is one."""
    found: list[Conn] = []

    def idles() -> bool:
        found[:] = [conn for conn in server.connections if conn.open and server.session(conn).idling]
        return bool(found)

    until(idles, "a connection in IDLE")
    return found[0]


def names(conn: Conn) -> list[str]:
    return [cmd.name for cmd in conn.commands]


def answer(status: str, *untagged: str) -> Callable[[Conn, Received], bool]:
    """A hook that answers a command in place of the server."""

    def hook(conn: Conn, cmd: Received) -> bool:
        conn.reply(cmd, status, untagged)
        return True

    return hook


def hang_up(conn: Conn, cmd: Received) -> bool:
    """A hook that closes the connection."""
    conn.close()
    return True


def interrupt(*arguments: Any) -> Any:
    """In place of a method: Ctrl-C comes while it runs."""
    raise KeyboardInterrupt


def silence(conn: Conn, cmd: Received) -> bool:
    """A hook that never answers."""
    return True


# -- M1: a connection of its own ----------------------------------------------------------------------


def test_M1_it_has_a_place_in_the_quota(server: AutoImapServer, client: ImapClient) -> None:
    client.max_connections_per_server = 2
    seen = Watcher()
    client.start_monitoring(seen)
    (slot,) = client.pool.slots
    assert slot.kind is SlotKind.MONITOR
    assert client.pool.holders == ["monitor (open): MainThread"]
    assert client.list_messages().count == 3  # on the main connection
    assert client.end_fetch_message(client.begin_fetch_message("1")).subject == "Message 1"
    assert client.pool.size == server.open_connections == 2
    with pytest.raises(TimeoutException, match="2 of 2 are taken"):
        client.create_connection(False, timeout=20)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.create_connection, False)
        until(lambda: client.pool.waiting)
        client.stop_monitoring()
        waiting.result(PATIENCE).dispose()


def test_M1_it_waits_in_line_for_its_place(server: AutoImapServer, client: ImapClient) -> None:
    client.max_connections_per_server = 2
    own = client.create_connection(False)
    seen = Watcher()
    client.timeout = 50
    with pytest.raises(TimeoutException, match="no connection became free"):
        client.start_monitoring(seen)
    client.timeout = 20_000
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.start_monitoring, seen)
        until(lambda: client.pool.waiting)
        own.dispose()
        waiting.result(PATIENCE)
    server.deliver()
    seen.wait_for_new("4")


def test_M1_with_a_limit_of_one_it_is_refused(server: AutoImapServer, client: ImapClient) -> None:
    client.max_connections_per_server = 1
    with pytest.raises(AsposeInvalidOperationException, match=r"max_connections_per_server is 1.*allow more"):
        client.start_monitoring(Watcher())
    assert server.connections == []


def test_M1_L1_a_server_that_allows_one_connection_refuses_it() -> None:
    with AutoImapServer(max_connections=1) as server, client_of(server) as client:
        client.noop()
        with pytest.raises(LimitReachedError, match="allows this client one connection only"):
            client.start_monitoring(Watcher())
        client.noop()


def test_M1_T11_an_executor_with_one_worker_is_left_alone(server: AutoImapServer) -> None:
    with ThreadPoolExecutor(1) as executor, client_of(server, executor=executor) as client:
        seen = Watcher()
        client.start_monitoring(seen)
        client.start_monitoring(seen, seen.failed, "Other")
        assert executor.submit(lambda: 7).result(PATIENCE) == 7
        assert client.end_fetch_message(client.begin_fetch_message("1")).subject == "Message 1"


# -- M2: from the return of the call on -------------------------------------------------------------------


def test_M2_it_examines_and_reads_nothing(server: AutoImapServer, client: ImapClient) -> None:
    seen = Watcher()
    client.start_monitoring(seen)
    server.deliver()
    seen.wait_for_new("4")
    conn = idler(server)
    assert "SELECT" not in names(conn)
    assert b"BODY" not in conn.received
    assert not any("\\Seen" in stored.flags for stored in server.folders["INBOX"].messages.values())
    assert seen.events[0].new_messages[0].subject == "Message 4"


def test_M2_errors_of_the_beginning_are_raised_and_leave_nothing(server: AutoImapServer, client: ImapClient) -> None:
    seen = Watcher()
    with pytest.raises(ImapException, match="'No such folder'"):
        client.start_monitoring(seen, seen.failed, "No such folder")
    server.on("UID SEARCH", answer("NO not now"), times=1)
    with pytest.raises(ImapException, match="not now"):
        client.start_monitoring(seen)
    client.password = "wrong"
    with pytest.raises(AuthenticationError):
        client.start_monitoring(seen)
    assert client.pool.size == 0
    client.password = "secret"
    client.start_monitoring(seen)
    assert seen.errors == []


def test_M2_no_thread_to_be_had(server: AutoImapServer, client: ImapClient, monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if "-monitor-" in thread.name:
            raise RuntimeError("can't start new thread")
        start(thread)

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="new thread"):
            client.start_monitoring(Watcher())
    assert client.pool.size == 0
    client.start_monitoring(Watcher())


def test_M2_an_interrupted_beginning_leaves_nothing(
    server: AutoImapServer, client: ImapClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("_attach", "_begin_with", "_enabled"):
        with monkeypatch.context() as patched:
            patched.setattr(monitoring.Monitor, place, interrupt)
            with pytest.raises(KeyboardInterrupt):
                client.start_monitoring(Watcher())
        assert client.pool.size == 0
    client.start_monitoring(Watcher())


def test_M2_answers_that_come_byte_by_byte() -> None:
    with AutoImapServer({"INBOX": 2}, split=1) as server, client_of(server) as client:
        seen = Watcher()
        client.start_monitoring(seen, seen.failed)
        server.deliver()
        seen.wait_for_new("3")
        server.expunge("INBOX", 1, 2)
        seen.wait_for_deleted("1", "2")
        assert seen.errors == []


def test_M2_one_monitor_for_each_folder(server: AutoImapServer, client: ImapClient) -> None:
    client.start_monitoring(Watcher())
    with pytest.raises(AsposeInvalidOperationException, match="'INBOX' is monitored already"):
        client.start_monitoring(Watcher(), lambda sender, error: None, "INBOX")
    assert client.pool.size == 1
    client.stop_monitoring("inbox")
    client.start_monitoring(Watcher())


def test_M2_flags_are_no_news(server: AutoImapServer, client: ImapClient) -> None:
    seen = Watcher()
    client.start_monitoring(seen)
    idler(server)
    client.add_message_flags("2", "\\Flagged")
    server.tell_idlers()
    server.deliver()
    seen.wait_for_new("4")
    assert len(seen.events) == 1


def test_M2_a_message_that_cannot_be_fetched_is_told_by_its_id(server: AutoImapServer, client: ImapClient) -> None:
    def broken(conn: Conn, cmd: Received) -> bool:
        if cmd.text() in ("5", "4:*", "4:6"):
            conn.reply(cmd, "NO [SERVERBUG] message 5 is broken")
            return True
        return False

    server.on("UID FETCH", broken)
    seen = Watcher()
    client.start_monitoring(seen)
    with server.store:
        for _ in range(3):
            server.deliver()
    seen.wait_for(lambda: len(seen.new) == 3)
    infos = {info.unique_id: info for event in seen.events for info in event.new_messages}
    assert sorted(infos) == ["4", "5", "6"]
    assert (infos["5"].subject, infos["6"].subject) == ("", "Message 6")


def test_M2_an_empty_folder(client: ImapClient) -> None:
    with AutoImapServer() as server, client_of(server) as client:
        seen = Watcher()
        client.start_monitoring(seen)
        server.deliver()
        seen.wait_for_new("1")
        server.expunge("INBOX", 1)
        seen.wait_for_deleted("1")


def test_M2_fewer_messages_without_an_expunge(server: AutoImapServer, client: ImapClient) -> None:
    seen = Watcher()
    client.start_monitoring(seen)
    conn = idler(server)
    with server.store:
        server.folders["INBOX"].remove(1)
        session = server.session(conn)
        session.view.remove(1)
        session.version = server.folders["INBOX"].version
    conn.send("* 2 EXISTS\r\n")
    seen.wait_for_deleted("1")


def test_M2_vanished_while_idle(server: AutoImapServer, client: ImapClient) -> None:
    seen = Watcher()
    client.start_monitoring(seen)
    conn = idler(server)
    with server.store:
        for uid in (1, 3):
            server.folders["INBOX"].remove(uid)
            server.session(conn).view.remove(uid)
        server.session(conn).version = server.folders["INBOX"].version
    conn.send("* VANISHED 1,3,900:4000000000\r\n")
    seen.wait_for_deleted("1", "3")


# -- M3: IDLE, and NOOP in its place --------------------------------------------------------------------------


def test_M3_idle_is_renewed(server: AutoImapServer, client: ImapClient) -> None:
    client.idle_renewal_period = 1
    seen = Watcher()
    client.start_monitoring(seen)
    server.wait_for_commands(5, "IDLE")
    server.deliver()
    seen.wait_for_new("4")
    assert len(server.connections) == 1


def test_M3_a_renewal_is_due_before_29_minutes() -> None:
    with ImapClient("localhost", 1, "user", "secret") as client:
        assert client.idle_renewal_period == 540_000
        assert client.monitoring_poll_interval == 60_000
        assert client.monitoring_attempts == 10
        client.idle_renewal_period = timedelta(minutes=29)
        client.monitoring_poll_interval = timedelta(seconds=5)
        client.monitoring_attempts = -1
        assert (client.idle_renewal_period, client.monitoring_poll_interval) == (1_740_000, 5000)
        for name, values in {
            "idle_renewal_period": (0, -1, 1_740_001),
            "monitoring_poll_interval": (0, -1),
            "monitoring_attempts": (-2,),
        }.items():
            for value in values:
                with pytest.raises(AsposeArgumentOutOfRangeException):
                    setattr(client, name, value)
        with pytest.raises(ArgumentTypeError):
            client.monitoring_attempts = True


def test_M3_without_idle_it_asks_with_noop() -> None:
    with AutoImapServer({"INBOX": 1}, capabilities=NO_IDLE) as server:
        with client_of(server, monitoring_poll_interval=1) as client:
            seen = Watcher()
            client.start_monitoring(seen)
            server.wait_for_commands(3, "NOOP")
            server.deliver()
            seen.wait_for_new("2")
            server.expunge("INBOX", 1)
            seen.wait_for_deleted("1")
            client.stop_monitoring()  # at rest, or in the middle of a command
            server.wait_for(lambda: server.open_connections == 0)
        assert "IDLE" not in names(server.connections[0])
        assert names(server.connections[0])[-1] == "LOGOUT"


@pytest.mark.parametrize("said", ["NO not now", "BAD what?", "OK that was it"])
def test_M3_where_idle_is_refused_or_ended_it_asks_with_noop(server: AutoImapServer, said: str) -> None:
    server.on("IDLE", answer(said))
    with client_of(server, monitoring_poll_interval=1) as client:
        seen = Watcher()
        client.start_monitoring(seen)
        server.wait_for_commands(3, "NOOP")
        server.deliver()
        seen.wait_for_new("4")
    assert names(server.connections[0]).count("IDLE") == 1
    assert len(server.connections) == 1


def test_M3_a_server_that_does_not_take_up_idle_loses_the_connection(server: AutoImapServer) -> None:
    with client_of(server) as client:

        def hurry(conn: Conn, cmd: Received) -> bool:
            client.timeout = 20  # for the next command, IDLE
            return False

        def ignore(conn: Conn, cmd: Received) -> bool:
            client.timeout = 20_000
            return True

        server.on("UID SEARCH", hurry, times=1)
        server.on("IDLE", ignore, times=1)
        seen = Watcher()
        client.start_monitoring(seen, seen.failed)
        server.wait_for(2)
        server.deliver()
        seen.wait_for_new("4")
        assert seen.errors == []
    assert server.connections[0].ended == "peer"


def test_M3_a_server_that_ignores_done_loses_the_connection(server: AutoImapServer) -> None:
    with client_of(server, idle_renewal_period=1) as client:

        def deaf(conn: Conn, cmd: Received) -> bool:
            client.timeout = 20
            conn.send("+ idling\r\n")
            assert conn.read_line() == b"DONE"
            client.timeout = 20_000
            conn.send("* 4 EXISTS\r\n* OK still here\r\n+ really\r\n")
            return True

        server.on("IDLE", deaf, times=1)
        seen = Watcher()
        client.start_monitoring(seen, seen.failed)
        server.wait_for(2)
        server.deliver()
        seen.wait_for_new("4")
        assert seen.errors == []


def test_M3_done_waits_until_the_server_has_agreed(server: AutoImapServer) -> None:
    held = threading.Event()

    def late(conn: Conn, cmd: Received) -> bool:
        conn.send("* 2 EXPUNGE\r\n")
        assert held.wait(PATIENCE)
        assert not conn.buffered  # nothing was said before the go-ahead
        conn.send("+ idling\r\n")
        assert conn.read_line() == b"DONE"
        conn.reply(cmd)
        return True

    server.on("IDLE", late, times=1)
    with client_of(server, idle_renewal_period=1) as client:
        seen = Watcher()
        client.start_monitoring(seen)
        (connection,) = monitor_connections(client)
        until(lambda: connection.core.numbering.exists == 2)  # type: ignore[attr-defined]
        held.set()
        seen.wait_for_deleted("2")


def test_M3_nothing_is_sent_beside_idle(server: AutoImapServer, client: ImapClient) -> None:
    client.start_monitoring(Watcher())
    conn = idler(server)
    client.list_messages()
    client.fetch_message("1")
    assert names(conn)[-1] == "IDLE"
    assert conn.received.rstrip().endswith(b"IDLE")


# -- M4: callbacks ------------------------------------------------------------------------------------------


def test_M4_in_order_and_one_at_a_time(server: AutoImapServer, client: ImapClient) -> None:
    seen, inside, most = Watcher(), list[int](), list[int]()

    def callback(sender: Any, event: ImapMonitoringEventArgs) -> None:
        inside.append(1)
        most.append(len(inside))
        client.list_messages("Other")  # takes a while, and may call the client
        seen(sender, event)
        inside.pop()

    client.start_monitoring(callback)
    for _ in range(12):
        server.deliver()
    seen.wait_for_new(*map(str, range(4, 16)))
    assert set(most) == {1}


def test_M4_a_callback_that_fails_is_logged_and_the_next_one_comes(
    server: AutoImapServer, client: ImapClient, caplog: pytest.LogCaptureFixture
) -> None:
    seen = Watcher()

    def failing(sender: Any, event: ImapMonitoringEventArgs) -> None:
        seen(sender, event)
        raise ValueError("a mistake of the program's")

    client.start_monitoring(failing, seen.failed)
    server.deliver()
    seen.wait_for_new("4")
    server.deliver()
    seen.wait_for_new("4", "5")
    assert seen.errors == []
    until(lambda: caplog.text.count("a callback failed: test_M4_a_callback_that_fails") == 2)


def test_M4_a_callback_that_does_not_return_holds_up_its_folder_alone(
    server: AutoImapServer, client: ImapClient
) -> None:
    leave, entered, seen = threading.Event(), threading.Event(), Watcher()

    def stuck(sender: Any, event: ImapMonitoringEventArgs) -> None:
        entered.set()
        leave.wait(PATIENCE)
        seen(sender, event)

    other = Watcher()
    client.start_monitoring(stuck)
    client.start_monitoring(other, other.failed, "Other")
    try:
        server.deliver()
        assert entered.wait(PATIENCE)
        server.deliver()
        server.deliver("Other")
        other.wait_for_new("3")
        assert client.end_fetch_message(client.begin_fetch_message("1")).subject == "Message 1"
    finally:
        leave.set()
    seen.wait_for_new("4", "5")


def test_M4_behind_a_callback_that_does_not_return_events_become_one(
    server: AutoImapServer, client: ImapClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitoring, "MOST_IN_LINE", 2)
    leave, entered = threading.Event(), threading.Event()
    events: list[tuple[list[str], list[str]]] = []

    def stuck(sender: Any, event: ImapMonitoringEventArgs) -> None:
        entered.set()
        leave.wait(PATIENCE)
        events.append(([i.unique_id for i in event.new_messages], [i.unique_id for i in event.deleted_messages]))

    client.start_monitoring(stuck)
    (monitor,) = client._monitors._living
    try:
        server.deliver()  # 4: with the callback
        assert entered.wait(PATIENCE)
        for uid in (5, 6, 7, 8):
            server.deliver()
            until(lambda uid=uid: uid in monitor._known, "another message")  # type: ignore[misc]
        for uid in (1, 7):  # one that was there before, and one of which nobody has been told yet
            server.expunge("INBOX", uid)
            until(lambda uid=uid: uid not in monitor._known, "its end")  # type: ignore[misc]
        assert len(monitor._line) == 2
    finally:
        leave.set()
    until(lambda: len(events) == 3)
    assert events == [(["4"], []), (["5"], []), (["6", "8"], ["1"])]


# -- M5: a lost connection -------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["bye", "cut", "reset", "nonsense", "deselected"])
def test_M5_it_is_made_again_and_nothing_is_missed(server: AutoImapServer, client: ImapClient, how: str) -> None:
    seen = Watcher()
    client.start_monitoring(seen, seen.failed)
    conn = idler(server)
    gate = server.hold("EXAMINE")
    match how:
        case "bye":
            conn.send("* BYE going down\r\n")
            conn.close()
        case "cut":
            conn.close()
        case "reset":
            conn.reset()
        case "nonsense":
            conn.send("* 99 EXPUNGE\r\n")
        case _:
            cut(client)
    gate.wait_for(1)
    server.expunge("INBOX", 2)
    server.deliver()
    server.deliver()
    gate.open()
    seen.wait_for_new("4", "5")
    seen.wait_for_deleted("2")
    idler(server)
    server.deliver()
    seen.wait_for_new("4", "5", "6")
    assert seen.errors == []
    assert client.pool.size == 1


def test_M5_where_nothing_was_missed_nothing_is_asked(server: AutoImapServer, client: ImapClient) -> None:
    seen = Watcher()
    client.start_monitoring(seen)
    cut(client)
    server.wait_for(2)
    idler(server)
    assert names(server.connections[1])[-2:] == ["EXAMINE", "IDLE"]
    assert seen.events == []


def test_M5_the_callback_is_told_when_no_attempt_succeeds(server: AutoImapServer, client: ImapClient) -> None:
    client.monitoring_attempts = 3
    seen = Watcher()
    client.start_monitoring(seen, seen.failed)
    server.deliver()
    seen.wait_for_new("4")
    conn = idler(server)
    server.on("EXAMINE", answer("NO [UNAVAILABLE] later"))
    conn.close()
    event = seen.wait_for_error()
    assert isinstance(event.error, ImapException)
    assert event.error.code == "UNAVAILABLE"
    assert len(server.connections) == 4
    state = event.monitoring_state
    assert isinstance(state, ImapMonitoringState)
    assert (state.folder_name, state.uid_validity, state.uid_next, state.uids) == ("Inbox", 1000, 5, (1, 2, 3, 4))
    until(lambda: client.pool.size == 0)
    client.stop_monitoring()  # nobody watches any more, which is no error


def test_M5_a_server_that_is_gone_is_tried_so_often(client: ImapClient) -> None:
    server = AutoImapServer({"INBOX": 1})
    with client_of(server, monitoring_attempts=2) as client:
        seen = Watcher()
        client.start_monitoring(seen, seen.failed)
        idler(server)
        server.close()
        assert isinstance(seen.wait_for_error().error, NetworkException)


def test_M5_endless_attempts(server: AutoImapServer, client: ImapClient) -> None:
    client.monitoring_attempts = -1
    seen = Watcher()
    client.start_monitoring(seen, seen.failed)
    conn = idler(server)
    remove = server.on("EXAMINE", answer("NO [UNAVAILABLE] later"))
    conn.close()
    server.wait_for(25)
    remove()
    idler(server)
    server.deliver()
    seen.wait_for_new("4")
    assert seen.errors == []


@pytest.mark.parametrize("how", ["folder", "password", "security", "limit"])
def test_M5_what_does_not_pass_ends_it_at_once(server: AutoImapServer, client: ImapClient, how: str) -> None:
    seen = Watcher()
    client.start_monitoring(seen, seen.failed)
    conn = idler(server)
    expected: type[Exception] = ImapException
    if how == "folder":
        server.on("EXAMINE", answer("NO [NONEXISTENT] it was deleted"))
    elif how == "password":
        expected = AuthenticationError
        client.password = "wrong"
    elif how == "limit":
        expected = AsposeInvalidOperationException
        server.on("AUTHENTICATE", hang_up, times=1)  # and with the connection goes its place
        client.max_connections_per_server = 1
    else:
        expected = SecurityError
        server.greeting = "* PREAUTH signed in, as somebody\r\n"
    conn.close()
    assert isinstance(seen.wait_for_error().error, expected)
    assert len(server.connections) == 2
    assert seen.events == []


def test_M5_without_an_error_callback_the_end_is_logged(
    server: AutoImapServer, client: ImapClient, caplog: pytest.LogCaptureFixture
) -> None:
    client.start_monitoring(Watcher())
    conn = idler(server)
    client.password = "wrong"
    conn.close()
    until(lambda: client._monitors.folders == [])
    until(lambda: any(r.levelno == logging.ERROR and "has ended" in r.message for r in caplog.records))


def test_M5_a_server_that_drops_every_idle_connection_gets_longer_pauses(
    server: AutoImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels: list[int] = []

    def pause(level: int, jitter: float) -> float:
        levels.append(level)
        return 0.0

    monkeypatch.setattr(monitoring, "backoff", pause)

    remove = server.on("IDLE", hang_up)
    with client_of(server) as client:
        seen = Watcher()
        client.start_monitoring(seen, seen.failed)
        until(lambda: len(levels) >= 14)
        assert levels[:14] == list(range(1, 15))
        remove()
        idler(server)
        monkeypatch.setattr(monitoring, "STEADY", 0.0)
        levels.clear()
        cut(client)
        until(lambda: levels == [1])
        idler(server)
        assert seen.errors == []


# -- M6: another folder by the same name, and going on later ----------------------------------------------------


def test_M6_another_uidvalidity_ends_it_with_a_state_of_the_new_folder(
    server: AutoImapServer, client: ImapClient
) -> None:
    seen, again = Watcher(), Watcher()
    client.start_monitoring(seen, seen.failed)
    conn = idler(server)
    server.replace_folder("INBOX", 2)
    conn.close()
    event = seen.wait_for_error()
    assert isinstance(event.error, FolderChangedError)
    assert "UIDVALIDITY was 1000" in str(event.error)
    state = event.monitoring_state
    assert isinstance(state, ImapMonitoringState)
    assert state.uid_validity == server.folders["INBOX"].uid_validity
    assert state.uids == (1, 2)
    client.resume_monitoring(again, again.failed, state)
    server.deliver()
    again.wait_for_new("3")
    assert seen.events == []


def test_M6_resuming_in_a_folder_that_is_another_one_is_an_error(server: AutoImapServer, client: ImapClient) -> None:
    seen = Watcher()
    old = ImapMonitoringState(folder_name="INBOX", uid_validity=7, uid_next=9, uids=(1, 2))
    with pytest.raises(FolderChangedError, match="UIDVALIDITY was 7"):
        client.resume_monitoring(seen, seen.failed, old)
    assert client.pool.size == 0
    client.start_monitoring(seen)


def test_M6_a_state_that_is_not_ours(server: AutoImapServer, client: ImapClient) -> None:
    class Foreign:
        folder_name = "INBOX"

    with pytest.raises(AsposeArgumentException, match="one that an error callback was given, not a Foreign"):
        client.resume_monitoring(Watcher(), Watcher().failed, Foreign())
    assert server.connections == []


def test_M6_a_state_that_knows_nothing_yet_begins_anew(server: AutoImapServer, client: ImapClient) -> None:
    seen = Watcher()
    client.resume_monitoring(seen, seen.failed, ImapMonitoringState(folder_name="Other"))
    server.deliver("Other")
    seen.wait_for_new("3")


def test_M6_resuming_from_the_error_callback(server: AutoImapServer, client: ImapClient) -> None:
    client.monitoring_attempts = 0
    seen = Watcher()

    def failed(sender: Any, event: ImapMonitoringErrorEventArgs) -> None:
        server.deliver()
        sender.resume_monitoring(seen, failed, event.monitoring_state)
        seen.failed(sender, event)

    def seen_errors(count: int) -> bool:
        return len(seen.errors) == count

    client.start_monitoring(seen, failed)
    for number in range(1, 4):
        idler(server).close()
        until(partial(seen_errors, number))
        seen.wait_for_new(*map(str, range(4, 4 + number)))


QRESYNC = DEFAULT_CAPABILITIES + " QRESYNC"


def with_qresync(*vanished: str) -> tuple[AutoImapServer, Callable[[Conn, Received], bool]]:
    """A server that says it has QRESYNC, and a hook for its EXAMINE, with what has vanished."""
    server = AutoImapServer({"INBOX": 3}, capabilities=QRESYNC)

    def examine(conn: Conn, cmd: Received) -> bool:
        box = server.folders["INBOX"]
        server.do_examine(conn, server.session(conn), cmd)
        earlier = vanished if len(cmd.args) > 1 else ()
        codes = (f"OK [UIDVALIDITY {box.uid_validity}]", f"OK [UIDNEXT {box.uid_next}]", "OK [HIGHESTMODSEQ 77]")
        conn.reply(cmd, "OK [READ-ONLY] done", (f"{len(box.messages)} EXISTS", *codes, *earlier))
        return True

    server.on("EXAMINE", examine)
    return server, examine


@pytest.mark.parametrize(
    ("vanished", "searched"),
    [
        (("VANISHED (EARLIER) 2:3,9",), False),
        (("VANISHED (EARLIER) 3", "VANISHED (EARLIER) 2"), False),
        (("VANISHED (EARLIER) 3",), False),  # what has arrived stands where the other one was
        (("VANISHED (EARLIER) 1:3",), True),
        ((), True),
    ],
    ids=["in one", "in two", "not all", "too many", "none"],
)
def test_M5_M6_qresync_is_asked_and_not_believed_blindly(vanished: tuple[str, ...], searched: bool) -> None:
    server, _ = with_qresync(*vanished)
    with server, client_of(server) as client:
        seen = Watcher()
        client.start_monitoring(seen, seen.failed)
        first = idler(server)
        gate = server.hold("AUTHENTICATE", blocking=True)
        first.close()
        gate.wait_for(1)
        server.expunge("INBOX", 2, 3)
        server.deliver()
        gate.open()
        seen.wait_for_new("4")
        assert seen.deleted == ["2", "3"]
        assert len(seen.events) == 1
        assert b"(QRESYNC (1000 77))" in server.connections[1].received
        assert b"QRESYNC (" not in first.received
        assert ("UID SEARCH" in names(server.connections[1])) == searched
        assert seen.errors == []


def test_M5_an_endless_list_of_what_vanished_costs_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitoring, "MOST_VANISHED", 10)
    server, _ = with_qresync(*(f"VANISHED (EARLIER) {number}" for number in range(1, 40, 2)))
    with server, client_of(server, monitoring_attempts=1) as client:
        seen = Watcher()
        client.start_monitoring(seen, seen.failed)
        idler(server).close()
        assert "more than 10 ranges" in str(seen.wait_for_error().error)


# -- M7: the end ---------------------------------------------------------------------------------------------


def test_M7_stopped_from_inside_a_callback(server: AutoImapServer, client: ImapClient) -> None:
    seen = Watcher()

    def once(sender: Any, event: ImapMonitoringEventArgs) -> None:
        server.deliver()
        sender.stop_monitoring("Inbox")
        seen(sender, event)

    client.start_monitoring(once)
    server.deliver()
    seen.wait_for_new("4")
    server.wait_for(lambda: server.open_connections == 0)
    assert names(server.connections[0])[-1] in ("LOGOUT", "IDLE", "UID FETCH")
    until(lambda: client.pool.size == 0)
    assert seen.new == ["4"]


def test_M7_stopping_says_goodbye(server: AutoImapServer, client: ImapClient) -> None:
    client.start_monitoring(Watcher())
    conn = idler(server)
    client.stop_monitoring()
    server.wait_for(lambda: server.open_connections == 0)
    assert names(conn)[-2:] == ["IDLE", "LOGOUT"]
    assert b"\r\nDONE\r\n" in conn.received
    client.stop_monitoring()
    client.stop_monitoring("Nobody watches this")


def test_M7_stopped_while_the_server_is_slow_to_end_idle(
    server: AutoImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitoring, "PARTING", 0.01)
    told = threading.Event()

    def deaf(conn: Conn, cmd: Received) -> bool:
        conn.send("+ idling\r\n")
        assert conn.read_line() == b"DONE"
        told.set()
        return True

    server.on("IDLE", deaf)
    with client_of(server, idle_renewal_period=1, timeout=-1) as client:
        client.start_monitoring(Watcher())
        assert told.wait(PATIENCE)
        client.stop_monitoring()
        until(lambda: client.pool.size == 0)
        assert len(server.connections) == 1


def test_M7_no_callback_begins_after_the_stop(server: AutoImapServer, client: ImapClient) -> None:
    entered, leave, seen = threading.Event(), threading.Event(), Watcher()

    def slow(sender: Any, event: ImapMonitoringEventArgs) -> None:
        entered.set()
        assert leave.wait(PATIENCE)
        seen(sender, event)

    client.start_monitoring(slow)
    server.deliver()
    assert entered.wait(PATIENCE)
    (monitor,) = client._monitors._living
    server.deliver()
    until(lambda: monitor._line)
    client.stop_monitoring()
    leave.set()
    until(lambda: not monitor._telling)
    assert seen.new == ["4"]


def test_M7_stopped_while_it_waits_to_connect_again(
    server: AutoImapServer, client: ImapClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused = threading.Event()

    def pause(level: int, jitter: float) -> float:
        paused.set()
        return 1000.0

    monkeypatch.setattr(monitoring, "backoff", pause)
    client.start_monitoring(Watcher())
    idler(server).close()
    assert paused.wait(PATIENCE)
    client.stop_monitoring()
    until(lambda: client.pool.size == 0)
    assert len(server.connections) == 1


@pytest.mark.parametrize("what", ["EXAMINE", "UID SEARCH", "AUTHENTICATE"])
def test_M7_stopped_while_it_begins(
    server: AutoImapServer, client: ImapClient, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(monitoring, "PARTING", 0.01)
    server.on(what, silence)
    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(client.start_monitoring, Watcher())
        server.wait_for_commands(1, what)
        if what == "AUTHENTICATE":  # the connection is nobody's yet
            client.timeout = 100
            client.stop_monitoring()
            client.dispose(0)
            with pytest.raises(ObjectDisposedException):
                starting.result(PATIENCE)
            return
        until(lambda: monitor_connections(client)[0].load == 1)
        client.stop_monitoring()
        with pytest.raises(OperationCanceledException, match="stopped before it had begun"):
            starting.result(PATIENCE)
    assert client.pool.size == 0


@pytest.mark.parametrize("answered", [True, False], ids=["and it is answered", "and it is not"])
def test_M7_stopped_in_the_middle_of_a_command(
    server: AutoImapServer, client: ImapClient, monkeypatch: pytest.MonkeyPatch, answered: bool
) -> None:
    monkeypatch.setattr(monitoring, "PARTING", 1000.0 if answered else 0.01)
    seen = Watcher()
    client.start_monitoring(seen, seen.failed)
    gate = server.hold("UID FETCH")
    server.deliver()
    gate.wait_for(1)
    client.stop_monitoring()
    if answered:
        gate.open()
    server.wait_for(lambda: server.open_connections == 0)
    until(lambda: client.pool.size == 0)
    assert (names(server.connections[0])[-1] == "LOGOUT") == answered
    assert seen.events == []
    assert seen.errors == []


@pytest.mark.parametrize("where", ["idle", "noop", "command", "pause", "connecting"])
def test_M7_C9_dispose_waits_for_no_server(server: AutoImapServer, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    client = client_of(server)
    seen, paused = Watcher(), threading.Event()

    def deaf(conn: Conn, cmd: Received) -> bool:
        conn.send("+ idling\r\n")
        return True

    def pause(level: int, jitter: float) -> float:
        paused.set()
        return 1000.0 if where == "pause" else 0.0

    monkeypatch.setattr(monitoring, "backoff", pause)
    if where == "idle":
        server.on("IDLE", deaf)
    elif where == "noop":
        server.on("IDLE", answer("NO"))
    client.start_monitoring(seen, seen.failed)
    if where in ("idle", "noop"):
        server.wait_for_commands(1, "IDLE")
    elif where == "command":
        server.on("UID FETCH", silence)
        server.deliver()
        server.wait_for_commands(1, "UID FETCH")
    else:
        conn = idler(server)
        server.on("AUTHENTICATE", silence)
        conn.close()
        if where == "pause":
            assert paused.wait(PATIENCE)
        else:
            server.wait_for_commands(2, "AUTHENTICATE")
    client.dispose(0)
    assert own_threads(client) == []
    assert client.pool.size == 0
    assert seen.events == []
    assert seen.errors == []
    with pytest.raises(ObjectDisposedException):
        client.start_monitoring(seen)
    with pytest.raises(ObjectDisposedException):
        client.stop_monitoring()


def test_M7_C9_dispose_from_inside_a_callback(server: AutoImapServer) -> None:
    client = client_of(server)
    seen = Watcher()

    def last(sender: Any, event: ImapMonitoringEventArgs) -> None:
        sender.dispose()
        seen(sender, event)

    client.start_monitoring(last)
    server.deliver()
    seen.wait_for_new("4")
    assert client.pool.size == 0
    client.dispose()


def test_M7_I7_a_client_that_was_forgotten(server: AutoImapServer) -> None:
    seen = Watcher()
    client = client_of(server)
    client.start_monitoring(seen, seen.failed)
    number = client._number
    idler(server)
    with SeenWarnings() as warned:
        del client
        gc.collect()
        warned.wait_for(ResourceWarning, "never disposed")
    server.wait_for(lambda: server.open_connections == 0)
    until(lambda: not [t for t in threading.enumerate() if t.name.startswith(f"mailclients-{number}-monitor")])
    assert seen.errors == []


FORGETTING = """
import sys
from mailclients import ImapClient
client = ImapClient("127.0.0.1", int(sys.argv[1]), "user", "secret")
client.start_monitoring(lambda sender, event: None)
print("watching", flush=True)
"""

FORKING = """
import os, sys, warnings
from mailclients import AsposeInvalidOperationException, ImapClient
warnings.simplefilter("ignore", DeprecationWarning)
client = ImapClient("127.0.0.1", int(sys.argv[1]), "user", "secret")
seen = []
import threading
told = threading.Event()
def callback(sender, event):
    seen.append(event)
    told.set()
client.start_monitoring(callback)
child = os.fork()
if child == 0:
    code = 1
    try:
        for call in (client.stop_monitoring, lambda: client.start_monitoring(callback, callback, "Other")):
            try:
                call()
            except AsposeInvalidOperationException as error:
                assert "forked" in str(error)
            else:
                raise AssertionError("no error")
        client.dispose()
        del client
        import gc
        gc.collect()
        with ImapClient("127.0.0.1", int(sys.argv[1]), "user", "secret") as fresh:
            fresh.start_monitoring(callback)
        code = 0
    finally:
        os._exit(code)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0, status
with ImapClient("127.0.0.1", int(sys.argv[1]), "user", "secret") as other:
    other.append_message("INBOX", __import__("mailclients").MailMessage.from_bytes(b"Subject: x\\r\\n\\r\\ny\\r\\n"))
assert told.wait(20)
client.dispose()
"""


def run_script(script: str, port: int) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"}
    done = subprocess.run(
        [sys.executable, "-c", script, str(port)],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_M7_C9_the_end_of_the_interpreter(server: AutoImapServer) -> None:
    errors = run_script(FORGETTING, server.port)
    assert "ResourceWarning" in errors
    assert "Traceback" not in errors
    server.wait_for(lambda: server.open_connections == 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_M7_C10_a_forked_child_has_no_part_in_it(server: AutoImapServer) -> None:
    def announce(conn: Conn, cmd: Received) -> bool:
        server.answer(conn, cmd)
        server.tell_idlers()
        return True

    server.on("APPEND", announce)
    errors = run_script(FORKING, server.port)
    assert "Error" not in errors, errors
    assert names(server.connections[0]).count("EXAMINE") == 1
    assert not server.malformed_lines
