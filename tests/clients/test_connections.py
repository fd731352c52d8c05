"""Connections as their users see them, against a scripted server: rules C1 to C8."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest

from mailclients import (
    AsposeArgumentOutOfRangeException,
    AsposeInvalidOperationException,
    ConnectionAsgmtType,
    ConnectionLostError,
    FolderChangedError,
    ImapClient,
    ObjectDisposedException,
    TimeoutException,
)
from mailclients.engine import sessions
from mailclients.engine.pool import Pooled, Slot
from mailclients.engine.timers import Timer
from tests.support.autoimap import AutoImapServer
from tests.support.clients import client_of, in_thread
from tests.support.commands import Command
from tests.support.scripted import PATIENCE, Conn
from tests.support.waiting import SeenWarnings, Watch

T = TypeVar("T")


# -- C1 to C3: how many ------------------------------------------------------------------------


def test_C1_ten_by_default_and_at_least_one() -> None:
    with ImapClient("localhost", 1, "user", "secret") as client:
        assert client.max_connections_per_server == 10
        for wrong in (0, -1):
            with pytest.raises(AsposeArgumentOutOfRangeException, match="max_connections_per_server must be 1"):
                client.max_connections_per_server = wrong
        for mistyped in (True, 2.0, "3", None):
            with pytest.raises(TypeError, match="max_connections_per_server must be an int"):
                client.max_connections_per_server = mistyped  # type: ignore[assignment]


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_C1_never_more_open_than_allowed(limit: int) -> None:
    """Threads that come and go, tasks and the main connection, all at once."""
    with AutoImapServer({"INBOX": 5}, at_most=limit) as server, client_of(server, limit) as client:

        def work(number: int) -> None:
            for _ in range(3):
                if limit > 1:
                    with client.create_connection():
                        assert len(client.list_messages()) == 5
                handle = client.begin_fetch_message(str(number % 5 + 1))
                client.noop()
                assert client.end_fetch_message(handle).subject == f"Message {number % 5 + 1}"

        with ThreadPoolExecutor(12) as threads:
            for done in [threads.submit(work, number) for number in range(12)]:
                done.result(PATIENCE * 3)
        assert server.peak_connections <= limit
        assert client.pool.peak <= limit
        assert limit < 3 or server.peak_connections > 1


def test_C2_one_connection_serves_threads_and_tasks() -> None:
    with AutoImapServer({"INBOX": 3}, at_most=1) as server, client_of(server, 1) as client:
        handles = [client.begin_fetch_message(str(uid)) for uid in (1, 2, 3)]
        assert len(in_thread(client.list_messages)) == 3
        assert [client.end_fetch_message(h).subject for h in handles] == ["Message 1", "Message 2", "Message 3"]
        assert len(server.connections) == 1


def test_C3_opened_on_demand_and_main_survives() -> None:
    with AutoImapServer({"INBOX": 1}) as server, client_of(server, 3) as client:
        assert not server.connections
        client.noop()
        assert server.open_connections == 1
        main = client.current_connection

        def borrow() -> int:
            with client.create_connection() as own:
                client.noop()
                assert client.current_connection is own
                return server.open_connections

        assert in_thread(borrow) == 2
        assert server.open_connections == 1
        assert client.current_connection is main
        with pytest.raises(AsposeInvalidOperationException, match="main connection lives as long as the client"):
            main.dispose()


# -- C4: waiting for one -----------------------------------------------------------------------


def test_C4_waits_until_one_is_given_back_first_come_first_served() -> None:
    with AutoImapServer() as server, client_of(server, 2) as client:
        watcher = Watch(client)
        order: list[str] = []
        leave = {name: threading.Event() for name in ("first", "second", "third")}

        def work(name: str) -> None:
            with client.create_connection():
                order.append(name)
                assert leave[name].wait(PATIENCE)

        threads = []
        for number, name in enumerate(leave, 1):
            thread = threading.Thread(target=work, args=(name,))
            thread.start()
            threads.append(thread)
            watcher.wait_for("waiter_queued", number)
        assert client.pool.waiting == 2
        for name, thread in zip(leave, threads, strict=True):
            leave[name].set()
            thread.join(PATIENCE)
        assert order == ["first", "second", "third"]


@pytest.mark.parametrize("timeout", [50, timedelta(milliseconds=50)])
def test_C4_timeout_ends_the_wait(timeout: int | timedelta) -> None:
    with AutoImapServer() as server, client_of(server, 2) as client:
        independent = client.create_connection(False)

        def wait() -> None:
            taken = r"1 of 2 are taken: independent \(open\).*; one is kept for the main connection"
            with pytest.raises(TimeoutException, match=rf"within 50 ms; {taken}$"):
                client.create_connection(timeout=timeout)

        in_thread(wait)
        independent.dispose()
        in_thread(lambda: client.create_connection().dispose())
        assert client.pool.waiting == 0


def test_C4_idle_task_connection_makes_room() -> None:
    with AutoImapServer({"INBOX": 1}, at_most=2) as server, client_of(server, 2) as client:
        client.noop()
        client.end_fetch_message(client.begin_fetch_message("1"))
        assert server.open_connections == 2
        in_thread(lambda: client.create_connection().dispose())
        assert len(server.connections) == 3


def test_C4_it_becomes_the_threads_connection_for_begun_work_too() -> None:
    with AutoImapServer({"INBOX": 1, "Work": 2}) as server, client_of(server) as client:
        client.select_folder("INBOX")

        def work() -> None:
            with client.create_connection() as own:
                assert client.current_connection is own
                client.select_folder("Work")
                assert len(client.list_messages()) == 2
                handle = client.begin_list_messages()
                assert len(client.end_list_messages(handle)) == 2
            assert own.is_disposed
            assert len(client.list_messages()) == 1

        in_thread(work)
        own = server.connections[1]
        assert [cmd.name for cmd in own.commands].count("SELECT") == 1
        assert len(server.connections) == 2


# -- C5: refusals ------------------------------------------------------------------------------


def test_C5_refused_in_the_creators_thread() -> None:
    with AutoImapServer() as server, client_of(server) as client:
        with pytest.raises(AsposeInvalidOperationException) as caught:
            client.create_connection()
        assert "the thread that created the client works with the main connection" in str(caught.value)
        assert "create_as_default_connection=False" in str(caught.value)
        with client.create_connection(create_as_default_connection=False) as independent:
            client.noop(independent)
        assert len(server.connections) == 1


@pytest.mark.parametrize("default", [True, False])
def test_C5_refused_with_a_limit_of_one(default: bool) -> None:
    with AutoImapServer() as server, client_of(server, 1) as client:

        def ask() -> None:
            with pytest.raises(AsposeInvalidOperationException, match="max_connections_per_server is 1"):
                client.create_connection(default)

        in_thread(ask)
        assert not server.connections


def test_C5_refused_in_a_thread_that_has_one() -> None:
    with AutoImapServer() as server, client_of(server) as client:

        def ask() -> None:
            with client.create_connection() as own:
                with pytest.raises(AsposeInvalidOperationException) as caught:
                    client.create_connection()
                assert f"already has connection {own.connection_id} (made at {__file__}:" in str(caught.value)
                assert "dispose it first" in str(caught.value)
                client.create_connection(False).dispose()
            client.create_connection().dispose()

        in_thread(ask)


def test_C5_refused_with_use_main() -> None:
    with AutoImapServer() as server, client_of(server) as client:
        client.connection_asgmt_mode = ConnectionAsgmtType.USE_MAIN

        def ask() -> None:
            with pytest.raises(
                AsposeInvalidOperationException, match="with connection_asgmt_mode USE_MAIN every thread"
            ):
                client.create_connection()
            client.create_connection(False).dispose()

        in_thread(ask)
        assert len(server.connections) == 1


def test_C5_argument_must_be_a_bool() -> None:
    with AutoImapServer() as server, client_of(server) as client, pytest.raises(TypeError, match="must be a bool"):
        client.create_connection(1)  # type: ignore[arg-type]


# -- C6: whose it is ---------------------------------------------------------------------------


def test_C6_disposing_in_another_thread_is_refused_and_it_stays_usable() -> None:
    with AutoImapServer() as server, client_of(server) as client:

        def work() -> None:
            with client.create_connection() as own:

                def steal() -> None:
                    with pytest.raises(
                        AsposeInvalidOperationException, match=r"another thread \(<thread .*dispose it there"
                    ):
                        own.dispose()

                in_thread(steal)
                assert not own.is_disposed
                client.noop(own)

        in_thread(work)
        assert len(server.connections) == 1


def test_C6_connection_of_a_dead_thread_is_taken_back() -> None:
    with AutoImapServer(at_most=2) as server, client_of(server, 2) as client:
        watcher = Watch(client)
        idents: list[int | None] = []

        def forget() -> None:
            idents.append(threading.get_ident())
            client.create_connection()

        with SeenWarnings() as warned:
            thread = threading.Thread(target=forget, name="forgetful")
            thread.start()
            thread.join(PATIENCE)
            del thread
            gc.collect()
            watcher.wait_for("connection_closed")
            # The system gives the ident of the dead thread to the next one: it may have a connection all the same.
            heir = threading.Thread(target=forget, name="forgetful")
            heir.start()
            heir.join(PATIENCE)
            del heir
            gc.collect()
            watcher.wait_for("connection_closed", 2)
            warned.wait_for(ResourceWarning, rf"thread forgetful ended .* it made at {__file__}:\d+", 2)
        assert client.pool.waiting == 0
        in_thread(lambda: client.create_connection().dispose())


def test_C6_waiter_gets_the_connection_of_a_dead_thread() -> None:
    with AutoImapServer(at_most=2) as server, client_of(server, 2) as client:
        watcher = Watch(client)
        may_die = threading.Event()

        def forget() -> None:
            client.create_connection()
            assert may_die.wait(PATIENCE)

        forgetful = threading.Thread(target=forget)
        waiting = threading.Thread(target=lambda: client.create_connection().dispose())
        with SeenWarnings() as warned:
            forgetful.start()
            watcher.wait_for("connection_opened")
            waiting.start()
            watcher.wait_for("waiter_queued", 2)
            may_die.set()
            forgetful.join(PATIENCE)
            del forgetful
            gc.collect()
            waiting.join(PATIENCE)
            warned.wait_for(ResourceWarning, "without disposing")
        assert not waiting.is_alive()
        assert len(watcher.seen("waiter_served")) == 2


def test_C6_pool_thread_is_told_where_the_forgotten_one_was_made() -> None:
    with AutoImapServer() as server, client_of(server) as client, ThreadPoolExecutor(1) as threads:
        forgotten = threads.submit(client.create_connection).result(PATIENCE)

        def again() -> None:
            with pytest.raises(AsposeInvalidOperationException, match=r"\(made at .*:\d+\); dispose it first"):
                client.create_connection()
            forgotten.dispose()
            client.create_connection().dispose()

        threads.submit(again).result(PATIENCE)


def test_C6_disposed_connection_is_refused() -> None:
    with AutoImapServer() as server, client_of(server) as client:
        independent = client.create_connection(False)
        independent.dispose()
        independent.dispose()
        with pytest.raises(ObjectDisposedException, match=f"connection {independent.connection_id} was disposed"):
            client.noop(independent)


def test_C6_failed_commit_at_dispose_gives_the_place_back() -> None:
    """A connection whose last words fail is disposed all the same."""
    with AutoImapServer({"INBOX": 2}, at_most=2) as server, client_of(server, 2, auto_commit=True) as client:

        def refuse(conn: Conn, cmd: Command) -> bool:
            conn.reply(cmd, "NO not today")
            return True

        server.on("UID EXPUNGE", refuse)
        server.on("EXPUNGE", refuse)

        def work() -> None:
            own = client.create_connection()
            client.delete_message("1")
            with pytest.raises(Exception, match="not today"):
                own.dispose()
            assert own.is_disposed
            client.create_connection().dispose()

        in_thread(work)


# -- C7: the three modes -----------------------------------------------------------------------


def test_C7_main_or_default_is_the_default() -> None:
    with AutoImapServer() as server, client_of(server) as client:
        assert client.connection_asgmt_mode is ConnectionAsgmtType.USE_MAIN_OR_DEFAULT
        main = client.current_connection
        assert in_thread(lambda: client.current_connection) is main
        with pytest.raises(TypeError, match="must be a ConnectionAsgmtType"):
            client.connection_asgmt_mode = 1  # type: ignore[assignment]


def test_C7_use_main_ignores_the_threads_connection() -> None:
    with AutoImapServer() as server, client_of(server) as client:
        main = client.current_connection

        def work() -> None:
            with client.create_connection():
                client.connection_asgmt_mode = ConnectionAsgmtType.USE_MAIN
                assert client.current_connection is main
                client.noop()

        in_thread(work)
        assert [cmd.name for cmd in server.connections[1].commands].count("NOOP") == 1


def test_C7_use_default_gives_every_thread_its_own() -> None:
    with AutoImapServer() as server, client_of(server) as client:
        main = client.current_connection
        client.connection_asgmt_mode = ConnectionAsgmtType.USE_DEFAULT
        client.noop()
        together = threading.Barrier(3)

        def work() -> int:
            client.noop()
            together.wait(PATIENCE)
            client.noop()
            return client.current_connection.connection_id

        with ThreadPoolExecutor(3) as threads:
            numbers = {f.result(PATIENCE) for f in [threads.submit(work) for _ in range(3)]}
        assert len(numbers) == 3
        assert client.current_connection is main  # the creator's thread
        assert client.current_connection.connection_id not in numbers
        assert len(server.connections) == 4


def test_C7_a_thread_with_an_implicit_connection_may_make_one_of_its_own_instead() -> None:
    with AutoImapServer() as server, client_of(server) as client:
        client.connection_asgmt_mode = ConnectionAsgmtType.USE_DEFAULT

        def work() -> None:
            client.noop()
            with client.create_connection() as own:
                client.noop()
                assert client.current_connection is own
                assert client.pool.size == 1

        in_thread(work)


def test_C7_idle_implicit_connections_make_room_silently() -> None:
    """More threads than places: each gets its turn, and its folder follows it."""
    folders = {f"F{n}": n + 1 for n in range(4)}
    with AutoImapServer(folders, at_most=2) as server, client_of(server, 2) as client:
        client.connection_asgmt_mode = ConnectionAsgmtType.USE_DEFAULT
        together = threading.Barrier(4)

        def work(number: int) -> list[int]:
            client.select_folder(f"F{number}")
            together.wait(PATIENCE)
            return [len(client.list_messages()) for _ in range(3)]

        with ThreadPoolExecutor(4) as threads:
            found = [f.result(PATIENCE * 2) for f in [threads.submit(work, n) for n in range(4)]]
        assert found == [[n + 1] * 3 for n in range(4)]
        assert server.peak_connections <= 2


def test_C7_implicit_connections_make_room_for_tasks_and_waiters() -> None:
    with AutoImapServer({"INBOX": 1}, at_most=2) as server, client_of(server, 2) as client:
        client.connection_asgmt_mode = ConnectionAsgmtType.USE_DEFAULT
        with ThreadPoolExecutor(1) as threads:
            threads.submit(client.noop).result(PATIENCE)
            assert client.end_fetch_message(client.begin_fetch_message("1")).subject == "Message 1"
            threads.submit(client.noop).result(PATIENCE)
            client.create_connection(False).dispose()
            threads.submit(client.noop).result(PATIENCE)


def test_C7_implicit_connection_is_not_taken_out_of_an_exclusive_block() -> None:
    with AutoImapServer({"INBOX": 1}, at_most=2) as server, client_of(server, 2) as client:
        client.connection_asgmt_mode = ConnectionAsgmtType.USE_DEFAULT
        watcher = Watch(client)
        inside, leave = threading.Event(), threading.Event()

        def block() -> None:
            with client.exclusive():
                client.noop()
                inside.set()
                assert leave.wait(PATIENCE)
                client.noop()

        with ThreadPoolExecutor(2) as threads:
            blocked = threads.submit(block)
            assert inside.wait(PATIENCE)
            waiting = threads.submit(lambda: client.create_connection().dispose())
            watcher.wait_for("waiter_queued", 2)
            assert not waiting.done()
            leave.set()
            blocked.result(PATIENCE)
            waiting.result(PATIENCE)


# -- C8: the main connection is kept working ---------------------------------------------------


def test_C8_noop_after_a_rest() -> None:
    with AutoImapServer() as server, client_of(server) as client:
        assert client.connection_checkup_period == 300_000
        client.noop()
        client.connection_checkup_period = 30
        server.wait_for_commands(3, "NOOP")
        assert len(server.connections) == 1
        names = [t.name for t in threading.enumerate() if "timer" in t.name]
        assert names == ["mailclients-timer"]
        for wrong in (0, -1):
            with pytest.raises(AsposeArgumentOutOfRangeException):
                client.connection_checkup_period = wrong


def test_C8_no_checkup_while_something_is_going_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with AutoImapServer({"INBOX": 1}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        gate = server.hold("NOOP")
        handle = client.begin_noop()
        gate.wait_for(1)
        looks: list[float] = []
        monkeypatch.setattr("mailclients.client.call_later", lambda seconds, function: looks.append(seconds))
        client._main.connection.last_used -= 1000  # type: ignore[union-attr]
        client._keepalive.fire()  # type: ignore[union-attr]
        assert looks == [300.0]
        assert len(gate.commands) == 1
        client._keepalive = None
        gate.open()
        client.end_noop(handle)


def test_C8_one_timer_thread_for_all_clients() -> None:
    with AutoImapServer() as server, client_of(server) as one, client_of(server) as other:
        for client in (one, other):
            client.noop()
            client.connection_checkup_period = 30
        server.wait_for_commands(6, "NOOP")
        assert [t.name for t in threading.enumerate()].count("mailclients-timer") == 1


@pytest.mark.parametrize("how", ["close", "reset"])
def test_C8_dropped_main_connection_is_opened_again_with_its_folder(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "RECENT", 0.0)
    with AutoImapServer({"Work": 3}) as server, client_of(server) as client:
        client.select_folder("Work", True)
        getattr(server.connections[0], how)()
        server.connections[0].wait_closed()
        assert len(client.list_messages()) == 3
        assert len(server.connections) == 2
        names = [cmd.name for cmd in server.connections[1].commands]
        assert names[0] == "AUTHENTICATE"
        assert "EXAMINE" in names
        assert "SELECT" not in names
        assert client.current_folder is not None
        assert client.current_folder.name == "Work"


def test_C8_dropped_while_idle_is_noticed_by_the_checkup() -> None:
    with AutoImapServer() as server, client_of(server) as client:
        client.noop()
        server.connections[0].close()
        client.connection_checkup_period = 30
        server.wait_for(lambda: len(server.connections) == 2 and server.signed_in == 1)


def test_C8_changed_uidvalidity_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "RECENT", 0.0)
    with AutoImapServer({"Work": 3}) as server, client_of(server) as client:
        client.select_folder("Work")
        server.connections[0].close()
        server.connections[0].wait_closed()
        server.replace_folder("Work", 2)
        for _ in range(2):
            with pytest.raises(FolderChangedError, match="Work"):
                client.fetch_message("1")
        client.select_folder("Work")
        assert client.fetch_message("1").subject == "Message 1"


def test_C8_no_silent_reconnect_in_an_exclusive_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "RECENT", 0.0)
    with AutoImapServer({"INBOX": 2}) as server, client_of(server) as client:
        with client.exclusive():
            client.noop()
            server.connections[0].close()
            server.connections[0].wait_closed()
            for _ in range(2):
                with pytest.raises(ConnectionLostError):
                    client.noop()
            with pytest.raises(ConnectionLostError):
                client.end_noop(client.begin_noop())
            assert len(server.connections) == 1
        client.noop()
        assert len(server.connections) == 2


def test_thread_connection_is_opened_again_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "RECENT", 0.0)
    with AutoImapServer({"Work": 3}, at_most=2) as server, client_of(server, 2) as client:

        def work() -> None:
            with client.create_connection() as own:
                client.select_folder("Work")
                server.connections[0].close()
                server.connections[0].wait_closed()
                assert len(client.list_messages()) == 3
                assert client.current_connection is own

        in_thread(work)


def test_repr_of_connections_and_client_help() -> None:
    with AutoImapServer() as server, client_of(server, 3) as client:
        client.noop()
        with client.create_connection(False) as own:
            assert repr(own).startswith(f"<ClientConnection <Session {own.connection_id} independent <Connection ")
            assert f"127.0.0.1:{server.port} idle" in repr(own)
            assert f"user@127.0.0.1:{server.port}" in repr(client)
            assert "main open connections=2/3" in repr(client)
            assert "secret" not in repr(client)
        assert repr(own) == f"<ClientConnection <Session {own.connection_id} independent disposed>>"


def test_C8_one_checkup_at_a_time_whoever_arms_it_and_when(monkeypatch: pytest.MonkeyPatch) -> None:
    armed: list[Timer] = []
    with AutoImapServer({"INBOX": 1}) as server, client_of(server) as client:
        client.noop()
        begin = client._begin_noop_quietly

        def begin_noop() -> None:  # another thread's operation ends while the timer thread is at it
            client._arm_keepalive()
            begin()

        def later(seconds: float, function: Callable[[], object]) -> Timer:
            if client._keepalive is None:  # two threads come to it at once
                threads.append(threading.Thread(target=client._arm_keepalive))
                threads[-1].start()
                threads[-1].join(0.1)
            armed.append(Timer(function))
            return armed[-1]

        threads: list[threading.Thread] = []
        monkeypatch.setattr(client, "_begin_noop_quietly", begin_noop)
        monkeypatch.setattr("mailclients.client.call_later", later)
        client.connection_checkup_period = 1000
        for thread in threads:
            thread.join()
        for _ in range(3):
            (timer,) = [timer for timer in armed if timer.pending]
            client._main.connection.last_used -= 1000  # type: ignore[union-attr]
            timer.fire()
        assert sum(timer.pending for timer in armed) == 1


def test_C9_a_connection_that_comes_up_when_the_client_is_gone_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    with AutoImapServer({"INBOX": 1}) as server:
        client = client_of(server)
        client.noop()
        opened = client._pool.opened

        def late(slot: Slot, connection: Pooled) -> None:
            in_thread(client.dispose)
            opened(slot, connection)

        monkeypatch.setattr(client._pool, "opened", late)
        with pytest.raises(ObjectDisposedException):
            in_thread(lambda: client.create_connection(False))
        server.wait_for(lambda: all(not conn.open for conn in server.connections))
        assert client.pool.size == 0
