"""T1 to T5, T10, T11 and T13 as a user meets them: begun operations against a server that works.

Servers hold answers back by gates; nothing here sleeps to let something happen.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for_futures
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mailclients import ImapClient
from mailclients.dotnet import WaitHandle
from mailclients.errors import (
    AsposeArgumentException,
    AsposeInvalidOperationException,
    ConnectionLostError,
    FolderChangedError,
    ImapException,
    MailClientError,
    MessageNotFoundError,
    NetworkException,
    ObjectDisposedException,
    OperationCanceledException,
)
from mailclients.imap.models import ImapMessageFlags
from mailclients.imap.protocol import ImapCore
from mailclients.message import MailMessage
from mailclients.options import PipeliningMode
from tests.support.autoimap import AutoImapServer, make_message
from tests.support.clients import client_of, in_thread
from tests.support.commands import Command
from tests.support.scripted import PATIENCE, Conn, ScriptedServer

LARGE = 600_000


def kept(handle: Any) -> Any:
    """Waits without calling anything of the client's."""
    assert handle.async_wait_handle.wait_one(int(PATIENCE * 1000)), handle
    return handle


def names(server: AutoImapServer, connection: int) -> list[str]:
    """What arrived on a connection after the sign-in."""
    setup = ("CAPABILITY", "AUTHENTICATE", "LOGIN", "ENABLE", "ID", "NAMESPACE")
    return [cmd.name for cmd in server.commands if cmd.connection == connection and cmd.name not in setup]


class Stalling:
    """A server's large message of which only the first part comes until `finish` is called."""

    def __init__(self, server: AutoImapServer, uid: str = "1", size: int = LARGE, first: int = 1000) -> None:
        self.body = make_message(1, size)
        self.waiting: list[tuple[Conn, Command]] = []
        self.first = first
        self.server = server
        self.uid = uid
        server.on("UID FETCH", self._hook)

    def _hook(self, conn: Conn, cmd: Command) -> bool:
        if cmd.text() != self.uid:
            return False
        conn.send(f"* 1 FETCH (UID {self.uid} BODY[] {{{len(self.body)}}}\r\n".encode() + self.body[: self.first])
        with self.server.changed:
            self.waiting.append((conn, cmd))
            self.server.changed.notify_all()
        return True

    def wait(self) -> Conn:
        self.server.wait_for(lambda: self.waiting, what="the large message to be under way")
        return self.waiting[0][0]

    def finish(self) -> None:
        for conn, cmd in self.waiting:
            conn.send(self.body[self.first :] + b")\r\n" + f"{cmd.tag} OK done\r\n".encode())


# -- T1: begin ------------------------------------------------------------------------------------


def test_T1_begin_returns_at_once_unconnected_with_thousands_queued() -> None:
    with ScriptedServer(greeting=None) as server:  # never greets: nothing can be done
        client = client_of(server)
        handles = [client.begin_fetch_message(str(uid)) for uid in range(1, 3001)]
        assert not any(handle.is_completed for handle in handles)
        assert "queued=3000" in repr(client)
        client.dispose(timeout=1)
        assert all(handle.is_canceled for handle in handles)
        with pytest.raises(OperationCanceledException):
            client.end_fetch_message(handles[0])


def test_T1_wrong_arguments_raise_at_begin() -> None:
    with ScriptedServer() as server, client_of(server) as client:
        for call in (
            lambda: client.begin_fetch_message("not a uid"),
            lambda: client.begin_fetch_message(0),
            lambda: client.begin_select_folder("a\r\nb"),
            lambda: client.begin_fetch_message("1", "not callable", None),  # type: ignore[call-overload]
        ):
            with pytest.raises(AsposeArgumentException):
                call()
        assert server.connections == []


def test_T1_what_goes_wrong_later_is_reported_by_end() -> None:
    with ScriptedServer() as server:
        server.stop_accepting()
        with client_of(server) as client:
            handle = client.begin_fetch_message("1")
            with pytest.raises(NetworkException):
                client.end_fetch_message(handle)
            assert isinstance(handle.error_info, NetworkException)
            select = client.begin_select_folder("INBOX")
            with pytest.raises(NetworkException):
                client.end_select_folder(select)
            server.resume_accepting()


def test_T1_a_disposed_client_begins_nothing() -> None:
    with AutoImapServer() as server:
        client = client_of(server)
        client.dispose()
        with pytest.raises(ObjectDisposedException):
            client.begin_noop()


# -- T2: which connection, when ----------------------------------------------------------------------


def test_T2_tasks_start_in_order_and_share_a_connection() -> None:
    with AutoImapServer({"INBOX": 30}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        gate = server.hold("UID FETCH")
        handles = [client.begin_fetch_message(str(uid)) for uid in range(1, 31)]
        held = gate.wait_for(30)
        assert [cmd.text() for cmd in held] == [str(uid) for uid in range(1, 31)]
        assert {cmd.connection for cmd in held} == {1}  # one beside main carries them all
        gate.release_all(reverse=True)
        assert [client.end_fetch_message(handle).as_bytes() for handle in handles] == [
            make_message(n) for n in range(1, 31)
        ]
        gate.open()
        # The idle one serves what comes next.
        client.end_fetch_message(client.begin_fetch_message("7"))
        assert len(server.connections) == 2


def test_T2_many_tasks_open_more_connections() -> None:
    with AutoImapServer({"INBOX": 1}) as server, client_of(server, 4) as client:
        gate = server.hold("STATUS")
        handles = [client.begin_get_folder_info("INBOX") for _ in range(500)]
        server.wait_for(lambda: len({cmd.connection for cmd in gate.commands}) == 3, what="three task connections")
        gate.open()
        for handle in handles:
            client.end_get_folder_info(handle)
        assert server.peak_connections <= 4


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set when a client has read that something large is coming."""
    event = threading.Event()
    received = ImapCore.received

    def watched(core: ImapCore, count: int) -> None:
        received(core, count)
        if core.incoming > 256 * 1024:
            event.set()

    monkeypatch.setattr(ImapCore, "received", watched)
    return event


def test_T2_a_driver_with_a_large_transfer_leaves_tasks_to_the_connection_being_opened(
    announced: threading.Event,
) -> None:
    with AutoImapServer({"INBOX": 4}) as server, client_of(server) as client:
        client.select_folder("INBOX", True)
        large = Stalling(server)
        server.on("UID FETCH", lambda conn, cmd: cmd.text() == "2")  # never answered: it would come amidst the other
        first, neighbour = client.begin_fetch_message("1"), client.begin_fetch_message("2")
        busy = large.wait()
        assert announced.wait(PATIENCE)
        gate = server.hold("AUTHENTICATE", blocking=True)
        task = client.begin_fetch_message("4")
        gate.wait_for()  # the other connection is on its way
        client.cancel_async_operation(neighbour)  # makes the driver look whether there is work
        looked = threading.Event()
        client._tasks.observer = lambda event, subject: looked.set() if event == "task_started" else None
        assert not looked.wait(0.2)  # nothing is to happen: a wait that runs out cannot fail wrongly
        gate.open()
        assert client.end_fetch_message(task).as_bytes() == make_message(4)
        assert not first.is_completed
        assert "4" not in [cmd.text() for cmd in server.commands if cmd.name == "UID FETCH" and cmd.conn is busy]
        large.finish()
        client.end_fetch_message(first)


def test_T2_no_task_waits_behind_a_large_transfer(announced: threading.Event) -> None:
    with AutoImapServer({"INBOX": 10}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        large = Stalling(server)
        first = client.begin_fetch_message("1")
        busy = large.wait()
        assert announced.wait(PATIENCE)
        others = [client.begin_fetch_message(str(uid)) for uid in range(2, 11)]
        for number, handle in enumerate(others, 2):
            assert client.end_fetch_message(handle).as_bytes() == make_message(number)
        assert not first.is_completed
        assert all(cmd.conn is not busy for cmd in server.commands if cmd.name == "UID FETCH" and cmd.text() != "1")
        large.finish()
        assert client.end_fetch_message(first).as_bytes() == large.body


def test_T2_what_waits_unsent_behind_a_large_transfer_moves_away(tmp_path: Path) -> None:
    with AutoImapServer({"INBOX": 5}) as server, client_of(server) as client:
        client.select_folder("INBOX", True)
        large = Stalling(server, first=0)
        # Two streamed messages never share the wire: the others are queued on the connection, unsent.
        first = client.begin_save_message("1", str(tmp_path / "1"))
        others = [client.begin_save_message(str(uid), str(tmp_path / str(uid))) for uid in (2, 3)]
        large.wait()
        for handle in others:
            client.end_save_message(handle)
        assert not first.is_completed
        large.finish()
        client.end_save_message(first)
        assert (tmp_path / "1").read_bytes() == large.body
        assert (tmp_path / "3").read_bytes() == make_message(3)


def test_T2_an_upload_of_known_size_is_a_large_transfer() -> None:
    with AutoImapServer({"INBOX": 2}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        gate = server.hold("APPEND")
        upload = client.begin_append_message("INBOX", _mail(make_message(9, LARGE)))
        (held,) = gate.wait_for()
        assert client.end_fetch_message(client.begin_fetch_message("2")).as_bytes() == make_message(2)
        assert server.wait_for_commands(1, "UID FETCH")[0].conn is not held.conn
        gate.open()
        client.end_append_message(upload)


def test_T2_where_no_other_may_be_opened_tasks_follow_a_large_transfer() -> None:
    with AutoImapServer({"INBOX": 5}) as server, client_of(server, 2) as client:
        client.select_folder("INBOX")
        large = Stalling(server)
        first = client.begin_fetch_message("1")
        large.wait()
        others = [client.begin_fetch_message(str(uid)) for uid in (2, 3)]
        large.finish()
        assert client.end_fetch_message(first).as_bytes() == large.body
        assert [client.end_fetch_message(h).as_bytes() for h in others] == [make_message(2), make_message(3)]
        assert server.peak_connections <= 2


def test_T2_without_pipelining_a_connection_carries_one_task() -> None:
    with AutoImapServer({"INBOX": 9}) as server, client_of(server, 4) as client:
        client.use_pipelining.client_mode = PipeliningMode.DISABLED
        client.select_folder("INBOX")
        gate = server.hold("UID FETCH")
        handles = [client.begin_fetch_message(str(uid)) for uid in range(1, 10)]
        server.wait_for(lambda: len(gate.commands) >= 3, what="three held fetches")
        held = gate.wait_for(3)
        assert len(held) == 3
        assert len({cmd.connection for cmd in held}) == 3
        gate.open()
        assert [client.end_fetch_message(h).as_bytes() for h in handles] == [make_message(n) for n in range(1, 10)]


# -- T4: where a task runs ------------------------------------------------------------------------


def test_T4_session_operations_run_on_main_and_others_on_task_connections() -> None:
    with AutoImapServer({"INBOX": 2, "Box": 3}) as server, client_of(server) as client:
        client.noop()
        select = client.begin_select_folder("Box", True)
        fetch = client.begin_fetch_message("3")
        noop = client.begin_noop()
        client.end_select_folder(select)
        assert client.end_fetch_message(fetch).as_bytes() == make_message(3)
        client.end_noop(noop)
        assert names(server, 0)[-2:] == ["EXAMINE", "NOOP"]
        assert "UID FETCH" not in names(server, 0)
        (task,) = {cmd.connection for cmd in server.commands if cmd.name == "UID FETCH"}
        # Name and read-only flag of the last select entered.
        assert names(server, task)[0] == "EXAMINE"


def test_T4_tasks_keep_the_folder_of_their_begin() -> None:
    with AutoImapServer({"INBOX": [make_message(1)], "Box": [make_message(50)]}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        logins = server.hold("UID FETCH")
        first = client.begin_fetch_message("1")
        client.select_folder("Box")
        second = client.begin_fetch_message("1")
        logins.open()
        assert client.end_fetch_message(first).as_bytes() == make_message(1)
        assert client.end_fetch_message(second).as_bytes() == make_message(50)


def test_T4_a_changed_uidvalidity_is_reported_by_the_task() -> None:
    with AutoImapServer({"Box": 3}) as server, client_of(server) as client:
        client.select_folder("Box")
        server.replace_folder("Box", 3)
        with pytest.raises(FolderChangedError):
            client.end_fetch_message(client.begin_fetch_message("1"))


@pytest.mark.parametrize("limit", [1, 5])
def test_T4_a_task_waits_for_a_begun_select_and_fails_with_it(limit: int) -> None:
    with AutoImapServer({"INBOX": 3}) as server, client_of(server, limit) as client:
        client.login()
        gate = server.hold("SELECT")
        select = client.begin_select_folder("gone")
        fetch = client.begin_fetch_message("1")
        delete = client.begin_delete_message("2")
        (held,) = gate.wait_for()
        assert not fetch.is_completed
        gate.refuse(held, "NO [NONEXISTENT] no such folder")
        gate.open()
        with pytest.raises(ImapException, match="no such folder"):
            client.end_select_folder(select)
        for end, handle in ((client.end_fetch_message, fetch), (client.end_delete_message, delete)):
            with pytest.raises(ImapException, match="no such folder"):
                end(handle)
        # Whether it was begun before or after the refusal makes no difference: nothing goes to INBOX instead.
        with pytest.raises(ImapException, match="no such folder"):
            client.end_delete_message(client.begin_delete_message("2"))
        assert not server.folders["INBOX"].messages[2].flags
        client.select_folder("INBOX")
        client.end_fetch_message(client.begin_fetch_message("1"))


def test_T4_a_select_that_could_not_be_sent_fails_what_waits_for_it() -> None:
    with ScriptedServer() as server:
        server.stop_accepting()
        with client_of(server) as client:
            select = client.begin_select_folder("Box")
            fetch = client.begin_fetch_message("1")
            for end, handle in ((client.end_select_folder, select), (client.end_fetch_message, fetch)):
                with pytest.raises(MailClientError):
                    end(handle)
            server.resume_accepting()


def test_T4_a_cancelled_select_leaves_the_folder_that_was() -> None:
    with AutoImapServer({"INBOX": 1, "Box": 1}) as server, client_of(server) as client:
        client.select_folder("Box")
        gate = server.hold("SELECT")
        select = client.begin_select_folder("INBOX")
        waiting = client.begin_fetch_message("1")
        gate.wait_for()
        client.cancel_async_operation(select)
        gate.open()
        with pytest.raises(MailClientError, match="INBOX"):
            client.end_fetch_message(waiting)
        assert client.current_folder is not None
        assert client.current_folder.name == "Box"


def test_T4_a_select_of_another_thread_does_not_fail_on_the_way_when_it_succeeds() -> None:
    with AutoImapServer({"INBOX": 1, "Box": [make_message(50)]}) as server, client_of(server) as client:
        client.login()
        gate = server.hold("SELECT")
        with ThreadPoolExecutor(1) as pool:
            plain = pool.submit(client.select_folder, "Box")
            gate.wait_for()
            fetch = client.begin_fetch_message("1")
            gate.open()
            plain.result(PATIENCE)
            assert client.end_fetch_message(fetch).as_bytes() == make_message(50)


def test_T4_main_serves_when_others_hold_the_quota_and_reselects_afterwards() -> None:
    boxes = {"INBOX": [make_message(1)], "Box": [make_message(50)]}
    with AutoImapServer(boxes, at_most=2) as server, client_of(server, 2) as client:
        client.select_folder("INBOX")
        ready, leave = threading.Event(), threading.Event()

        def hold() -> None:
            with client.create_connection():
                ready.set()
                assert leave.wait(PATIENCE)

        with ThreadPoolExecutor(1) as pool:
            holder = pool.submit(hold)
            assert ready.wait(PATIENCE)
            in_inbox = client.begin_fetch_message("1")
            client.end_fetch_message(in_inbox)
            gate = server.hold("NOOP", blocking=True)
            blocked = client.begin_noop()
            gate.wait_for()
            in_inbox = client.begin_fetch_message("1")
            select = client.begin_select_folder("Box")
            later = client.begin_list_messages()
            gate.open()
            client.end_noop(blocked)
            assert client.end_fetch_message(in_inbox).as_bytes() == make_message(1)
            client.end_select_folder(select)
            assert len(client.end_list_messages(later)) == 1
            # The session's own folder is selected again when the session needs it.
            assert client.fetch_message("1").as_bytes() == make_message(50)
            leave.set()
            holder.result(PATIENCE)
        assert {cmd.connection for cmd in server.commands if cmd.name == "UID FETCH"} == {0}


def test_T4_begun_on_a_thread_or_independent_connection_runs_there() -> None:
    with AutoImapServer({"INBOX": 3, "Box": [make_message(50)]}) as server, client_of(server) as client:
        client.login()

        def work() -> None:
            with client.create_connection():
                client.select_folder("Box")
                assert client.end_fetch_message(client.begin_fetch_message("1")).as_bytes() == make_message(50)

        in_thread(work)
        assert {cmd.connection for cmd in server.commands if cmd.name == "UID FETCH"} == {1}
        with client.create_connection(False) as own:
            client.select_folder(own, "Box")
            assert client.end_fetch_message(client.begin_fetch_message(own, "1")).as_bytes() == make_message(50)
        assert {cmd.connection for cmd in server.commands if cmd.name == "UID FETCH"} == {1, 2}


# -- T5: sequence numbers ------------------------------------------------------------------------


@contextmanager
def main_is_busy(server: AutoImapServer, client: ImapClient) -> Generator[Command, None, None]:
    """A NOOP on the main connection, held while the block runs, and answered after it."""
    gate = server.hold("NOOP", blocking=True)
    noop = client.begin_noop()
    (held,) = gate.wait_for()
    yield held
    gate.open()
    client.end_noop(noop)


def test_T5_a_number_whose_uid_is_known_means_that_message() -> None:
    with AutoImapServer({"INBOX": 5}) as server, client_of(server) as client:
        client.list_messages()
        gate = server.hold("UID FETCH")
        handle = client.begin_fetch_message(4)
        (held,) = gate.wait_for()
        assert held.text() == "4"
        server.expunge("INBOX", 1, 2)
        gate.open()
        assert client.end_fetch_message(handle).as_bytes() == make_message(4)


def test_T5_unknown_numbers_are_resolved_in_one_command() -> None:
    all_begun = threading.Event()
    with (
        ThreadPoolExecutor(1) as executor,
        AutoImapServer({"INBOX": 20}) as server,
        client_of(server, executor=executor) as client,
    ):
        client.select_folder("INBOX")
        executor.submit(all_begun.wait, PATIENCE)  # nothing is worked on before
        handles = [client.begin_fetch_message(number) for number in range(1, 21)]
        all_begun.set()
        assert [client.end_fetch_message(h).as_bytes() for h in handles] == [make_message(n) for n in range(1, 21)]
        assert [cmd.connection for cmd in server.commands if cmd.name == "FETCH"] == [0]


def test_T5_later_expunges_shift_a_number_and_its_own_fails_it() -> None:
    with AutoImapServer({"INBOX": 6}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        with main_is_busy(server, client):
            stays, gone = client.begin_fetch_message(5), client.begin_fetch_message(2)
            server.expunge("INBOX", 1, 2)
        # The NOOP's answer tells of the expunges.
        assert client.end_fetch_message(stays).as_bytes() == make_message(5)
        with pytest.raises(MessageNotFoundError):
            client.end_fetch_message(gone)


def test_T5_one_wrong_number_does_not_fail_the_others() -> None:
    with AutoImapServer({"INBOX": 3}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        with main_is_busy(server, client):
            handles = [client.begin_fetch_message(number) for number in (1, 99, 3)]
        assert client.end_fetch_message(handles[0]).as_bytes() == make_message(1)
        with pytest.raises(MessageNotFoundError, match="99"):
            client.end_fetch_message(handles[1])
        assert client.end_fetch_message(handles[2]).as_bytes() == make_message(3)


def test_T5_a_session_that_is_gone_is_an_error() -> None:
    with AutoImapServer({"INBOX": 6}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        with main_is_busy(server, client) as held:
            handle = client.begin_fetch_message(5)
            server.expunge("INBOX", 1)
            server.deliver("INBOX")
            held.conn.close()
        with pytest.raises(FolderChangedError):
            client.end_fetch_message(handle)


@pytest.mark.parametrize("begun", [False, True], ids=["plain", "begun"])
@pytest.mark.parametrize("select", [True, False], ids=["selected", "nothing selected"])
def test_T5_numbers_that_a_begun_listing_told_mean_these_messages(select: bool, begun: bool) -> None:
    with AutoImapServer({"INBOX": 6}) as server, client_of(server) as client:
        client.noop()
        if select:
            client.select_folder("INBOX")
        server.expunge("INBOX", 2, 3)  # of which the main connection, if it has selected, has not been told
        infos = client.end_list_messages(client.begin_list_messages())
        assert [info.unique_id for info in infos] == ["1", "4", "5", "6"]
        if not select:
            server.expunge("INBOX", 1)
        for info in list(infos)[1:]:
            number = info.sequence_number
            if begun:
                message = client.end_fetch_message(client.begin_fetch_message(number))
            else:
                message = client.fetch_message(number)
            assert message.as_bytes() == make_message(int(info.unique_id))


def test_T5_a_begun_listing_that_agrees_with_the_session_costs_it_nothing() -> None:
    with AutoImapServer({"INBOX": 6}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        server.deliver("INBOX", make_message(7))
        infos = client.end_list_messages(client.begin_list_messages())
        assert len(infos) == 7
        assert client.end_fetch_message(client.begin_fetch_message(3)).as_bytes() == make_message(3)
        assert client.fetch_message(2).as_bytes() == make_message(2)
        on_main = [cmd.name for cmd in server.commands if cmd.connection == 0]
        assert on_main == ["AUTHENTICATE", "SELECT", "UID FETCH"]  # the last one by the unique id that is known now
        assert client.fetch_message(7).as_bytes() == make_message(7)
        info = client.end_list_message(client.begin_list_message("5"))
        assert (info.sequence_number, info.unique_id) == (5, "5")


@pytest.mark.parametrize("begun", [False, True], ids=["plain", "begun"])
def test_T5_a_listing_in_the_middle_of_which_a_message_goes_tells_the_numbers_of_its_end(begun: bool) -> None:
    def tell_early(conn: Conn, cmd: Command) -> bool:
        conn.send(b"* 3 FETCH (UID 3 FLAGS ())\r\n", b"* 2 FETCH (UID 2 FLAGS ())\r\n")
        server.expunge("INBOX", 2)
        return False

    with AutoImapServer({"INBOX": 6}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        server.on("UID FETCH", tell_early, times=1)
        infos = client.end_list_messages(client.begin_list_messages()) if begun else client.list_messages()
        assert [info.unique_id for info in infos] == ["1", "3", "4", "5", "6"]
        assert [info.sequence_number for info in infos] == [1, 2, 3, 4, 5]
        for info in infos:
            assert client.fetch_message(info.sequence_number).as_bytes() == make_message(int(info.unique_id))


# -- T10: cancelling ------------------------------------------------------------------------


def test_T10_a_queued_task_never_runs() -> None:
    with AutoImapServer({"INBOX": 3}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        gate = server.hold("AUTHENTICATE", blocking=True)
        told = threading.Event()
        handle = client.begin_fetch_message("1", lambda h: told.set())
        other = client.begin_fetch_message("2")
        gate.wait_for()
        client.cancel_async_operation(handle)
        assert handle.is_canceled
        assert told.wait(PATIENCE)
        gate.open()
        client.end_fetch_message(other)
        with pytest.raises(OperationCanceledException):
            client.end_fetch_message(handle)
        assert [cmd.text() for cmd in server.commands if cmd.name == "UID FETCH"] == ["2"]


def test_T10_a_read_that_was_sent_ends_at_once_and_its_neighbours_live() -> None:
    with AutoImapServer({"INBOX": 3}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        gate = server.hold("UID FETCH")
        handles = [client.begin_fetch_message(str(uid)) for uid in (1, 2, 3)]
        gate.wait_for(3)
        client.cancel_async_operation(handles[1])
        assert handles[1].is_canceled
        with pytest.raises(OperationCanceledException):
            client.end_fetch_message(handles[1])
        gate.open()
        assert client.end_fetch_message(handles[0]).as_bytes() == make_message(1)
        assert client.end_fetch_message(handles[2]).as_bytes() == make_message(3)
        assert client.end_fetch_message(client.begin_fetch_message("2")).as_bytes() == make_message(2)
        assert len(server.connections) == 2


def test_T10_a_change_that_was_sent_completes() -> None:
    with AutoImapServer({"INBOX": 3}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        gate = server.hold("UID STORE")
        handle = client.begin_add_message_flags("2", ImapMessageFlags.FLAGGED)
        gate.wait_for()
        client.cancel_async_operation(handle)
        assert not handle.is_completed
        gate.open()
        client.end_add_message_flags(handle)
        assert "\\Flagged" in server.folders["INBOX"].messages[2].flags
        client.cancel_async_operation(handle)  # finished: nothing happens
        assert not handle.is_canceled


def test_T10_a_change_that_was_not_sent_never_is() -> None:
    with AutoImapServer({"INBOX": 3}) as server, client_of(server, 1) as client:
        client.select_folder("INBOX")
        gate = server.hold("UID EXPUNGE")
        delete = client.begin_delete_message("1", True)
        gate.wait_for()
        change = client.begin_change_message_flags("2", ImapMessageFlags.FLAGGED)
        marker = client.begin_noop()
        client.cancel_async_operation(change)
        assert change.is_canceled
        gate.open()
        client.end_delete_message(delete)
        client.end_noop(marker)
        assert not server.folders["INBOX"].messages[2].flags


def test_T10_a_cancelled_save_leaves_no_file(tmp_path: Path) -> None:
    with AutoImapServer({"INBOX": 2}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        large = Stalling(server)
        handle = client.begin_save_message("1", str(tmp_path / "mail.eml"))
        large.wait()
        client.cancel_async_operation(handle)
        with pytest.raises(OperationCanceledException):
            client.end_save_message(handle)
        large.finish()
        assert client.end_fetch_message(client.begin_fetch_message("2")).as_bytes() == make_message(2)
        client.dispose()
        assert list(tmp_path.iterdir()) == []


def test_T10_racing_cancels_end_each_handle_once() -> None:
    with AutoImapServer({"INBOX": 4}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        told: list[Any] = []
        for _ in range(30):
            handles = [client.begin_fetch_message(str(uid), told.append) for uid in (1, 2, 3, 4)]
            barrier = threading.Barrier(3)

            def cancel(barrier: threading.Barrier = barrier, handles: list[Any] = handles) -> None:
                barrier.wait()
                for handle in handles[1:3]:
                    client.cancel_async_operation(handle)

            threads = [threading.Thread(target=cancel) for _ in range(2)]
            for thread in threads:
                thread.start()
            barrier.wait()
            for uid, handle in enumerate(handles, 1):
                kept(handle)
                if handle.is_canceled:
                    assert uid in (2, 3)
                else:
                    assert client.end_fetch_message(handle).as_bytes() == make_message(uid)
            for thread in threads:
                thread.join()
        client.dispose()
        assert len(told) == 120
        assert len(set(map(id, told))) == 120


# -- T11: no deadlock ------------------------------------------------------------------------


def _ways_to_wait(client: ImapClient) -> list[Callable[[Any], Any]]:
    async def awaiting(handle: Any) -> Any:
        return await handle

    return [
        client.end_fetch_message,
        lambda handle: kept(handle) and handle.future.result(0),
        lambda handle: handle.future.result(PATIENCE),
        lambda handle: wait_for_futures([handle.future], PATIENCE).done.pop().result(0),
        lambda handle: asyncio.run(awaiting(handle)),
        lambda handle: WaitHandle.wait_any([handle.async_wait_handle], 10_000) == 0 and handle.future.result(0),
    ]


@pytest.mark.parametrize("way", range(6))
def test_T11_the_holder_of_the_last_connection_may_wait(way: int) -> None:
    with AutoImapServer({"INBOX": 3}, at_most=2) as server, client_of(server, 2) as client:
        client.select_folder("INBOX")
        before = client.begin_fetch_message

        def work() -> None:
            with client.create_connection():
                handle = pending[0] if pending else before("1")
                assert _ways_to_wait(client)[way](handle).as_bytes() == make_message(1)

        pending: list[Any] = []
        in_thread(work)
        gate = server.hold("NOOP", blocking=True)
        noop = client.begin_noop()
        gate.wait_for()
        pending.append(before("1"))  # begun in the main context, waited for by the thread that holds the quota
        gate.open()
        in_thread(work)
        client.end_noop(noop)


@pytest.mark.parametrize("way", range(6))
@pytest.mark.parametrize("limit", [1, 3])
def test_T11_inside_an_exclusive_block_what_is_waited_for_gets_done(way: int, limit: int) -> None:
    with AutoImapServer({"INBOX": 3, "Box": [make_message(1)]}) as server, client_of(server, limit) as client:
        client.select_folder("Box")
        entered, begun = threading.Event(), threading.Event()
        handles: list[Any] = []

        def block() -> None:
            with client.exclusive():
                entered.set()
                assert begun.wait(PATIENCE)
                assert _ways_to_wait(client)[way](handles[0]).as_bytes() == make_message(1)
                assert _ways_to_wait(client)[way](client.begin_fetch_message("1")).as_bytes() == make_message(1)

        with ThreadPoolExecutor(1) as pool:
            blocked = pool.submit(block)
            assert entered.wait(PATIENCE)
            # Of another thread, behind a select of another thread that the block keeps waiting, more than a window.
            noops = [client.begin_noop() for _ in range(70)]
            select = client.begin_select_folder("Box")
            handles.append(client.begin_fetch_message("1"))
            begun.set()
            blocked.result(PATIENCE)
        client.end_select_folder(select)
        for noop in noops:
            client.end_noop(noop)


def test_T11_inside_an_exclusive_block_numbers_of_another_thread_are_resolved() -> None:
    with AutoImapServer({"INBOX": 3}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        entered, begun = threading.Event(), threading.Event()
        handles: list[Any] = []

        def block() -> None:
            with client.exclusive():
                entered.set()
                assert begun.wait(PATIENCE)
                assert client.end_fetch_message(handles[0]).as_bytes() == make_message(2)

        with ThreadPoolExecutor(1) as pool:
            blocked = pool.submit(block)
            assert entered.wait(PATIENCE)
            handles.append(client.begin_fetch_message(2))
            begun.set()
            blocked.result(PATIENCE)


def test_T11_callbacks_may_wait_for_each_other_with_a_full_pool() -> None:
    with AutoImapServer({"INBOX": 3}, at_most=2) as server, client_of(server, 2) as client:
        client.select_folder("INBOX")
        done = threading.Semaphore(0)
        failures: list[BaseException] = []

        def callback(handle: Any) -> None:
            try:
                client.end_fetch_message(handle)
                depth = handle.async_state
                if depth:
                    client.end_fetch_message(client.begin_fetch_message("2", callback, depth - 1))
            except BaseException as error:  # noqa: BLE001 - looked at below
                failures.append(error)
            finally:
                done.release()

        for _ in range(10):
            client.begin_fetch_message("1", callback, 2)
        for _ in range(30):
            assert done.acquire(timeout=PATIENCE)
        assert not failures


def test_T11_a_lost_block_ends_what_was_begun_in_it() -> None:
    with AutoImapServer({"INBOX": 3}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        gate = server.hold("UID FETCH")
        with client.exclusive():
            handle = client.begin_fetch_message("1")
            (held,) = gate.wait_for()
            held.conn.close()
            gate.drop(held)
            with pytest.raises(ConnectionLostError):
                client.end_fetch_message(handle)
            with pytest.raises(ConnectionLostError):
                client.end_fetch_message(client.begin_fetch_message("1"))
        gate.open()
        assert client.end_fetch_message(client.begin_fetch_message("1")).as_bytes() == make_message(1)


# -- T12, T13 ------------------------------------------------------------------------


def test_T12_any_thread_ends_what_any_other_began() -> None:
    with AutoImapServer({"INBOX": 16}) as server, client_of(server, 3) as client, ThreadPoolExecutor(8) as pool:
        begun = list(pool.map(lambda uid: client.begin_fetch_message(str(uid)), range(1, 17)))
        ended = list(pool.map(lambda h: client.end_fetch_message(h).as_bytes(), begun))
        assert ended == [make_message(n) for n in range(1, 17)]
        assert ended == list(pool.map(lambda h: client.end_fetch_message(h).as_bytes(), begun))


@pytest.mark.parametrize("limit", [1, 4])
def test_T13_the_default_folder_is_selected_where_none_is(limit: int) -> None:
    boxes = {"INBOX": [make_message(1)], "Box": [make_message(50)]}
    with AutoImapServer(boxes) as server:
        with client_of(server, limit) as client:
            assert client.end_fetch_message(client.begin_fetch_message("1")).as_bytes() == make_message(1)
            assert client.fetch_message("1").as_bytes() == make_message(1)
        with client_of(server, limit, default_folder="Box") as client:
            assert client.end_fetch_message(client.begin_fetch_message("1")).as_bytes() == make_message(50)
            assert client.fetch_message(1).as_bytes() == make_message(50)


@pytest.mark.parametrize("limit", [1, 4])
def test_T13_fetching_marks_as_read_unless_read_only(limit: int) -> None:
    with AutoImapServer({"INBOX": 4}) as server:

        def seen(uid: int) -> bool:
            return "\\Seen" in server.folders["INBOX"].messages[uid].flags

        with client_of(server, limit) as client:
            client.end_fetch_message(client.begin_fetch_message("1"))
            assert seen(1)
            client.select_folder("INBOX", True)
            client.end_fetch_message(client.begin_fetch_message("2"))
            with pytest.raises(AsposeInvalidOperationException, match="read-only"):
                client.end_delete_message(client.begin_delete_message("2"))
            client.select_folder("INBOX")
            client.end_fetch_message(client.begin_fetch_message("3"))
            assert (seen(2), seen(3)) == (False, True)
        with client_of(server, limit, read_only=True) as client:
            client.end_fetch_message(client.begin_fetch_message("4"))
            client.fetch_message("4")
            assert not seen(4)
            client.select_folder("INBOX", False)  # the call decides
            client.end_fetch_message(client.begin_fetch_message("4"))
            assert seen(4)


# -- helpers ------------------------------------------------------------------------


def _mail(content: bytes) -> MailMessage:
    return MailMessage.from_bytes(content)
