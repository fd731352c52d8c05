"""Moments at which threads get into each other's way: whatever the order, nothing waits for ever or hits another.

Each test brings about one interleaving, by a server that keeps an answer back, by an executor whose only thread
is taken, or by a step of the engine that is made to happen, or to be interrupted, at a certain moment.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    BackupProgress,
    BackupSettings,
    ImapClient,
    ImapFolderInfo,
    ImapFolderInfoCollection,
    ImapMessageFlags,
    ImapMessageInfoCollection,
    ObjectDisposedException,
    PageSettings,
    PipeliningMode,
)
from mailclients.engine import drivers, scheduling
from mailclients.engine.commands import Command
from mailclients.engine.drivers import Driver
from mailclients.engine.task_queue import TaskQueue
from mailclients.engine.tasks import Task
from mailclients.errors import MessageNotFoundError, OperationCanceledException
from mailclients.handles import AsyncOperation
from mailclients.imap.folders import Numbering
from tests.support.autoimap import AutoImapServer, make_message
from tests.support.clients import client_of
from tests.support.scripted import PATIENCE
from tests.support.waiting import until

# -- a command queue whose oldest command nobody waits for ---------------------------------------


@pytest.mark.parametrize("how", ["cancelled", "interrupted"])
def test_Q6_a_select_that_was_sent_for_a_withdrawn_command_still_runs_out_of_time(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with AutoImapServer({"INBOX": 2}) as server, client_of(server, 1, timeout=400) as client:
        client.noop()
        gate = server.hold("SELECT")
        if how == "cancelled":
            handle = client.begin_fetch_message("1")
            gate.wait_for()
            client.cancel_async_operation(handle)
        else:
            connection = client._main.connection
            assert connection is not None

            def interrupted(waiter: Any) -> None:
                gate.wait_for()
                raise KeyboardInterrupt

            with monkeypatch.context() as patch:
                patch.setattr(connection, "wait", interrupted)
                with pytest.raises(KeyboardInterrupt):
                    client.fetch_message("1")
        client.timeout = int(PATIENCE * 1000)
        for held in gate.wait_for():
            gate.drop(held)  # it is never answered
        client.noop()
        assert len(server.connections) == 2  # the first one was closed when its oldest command ran out of time
        gate.open()
        assert client.fetch_message("1").as_bytes() == make_message(1)


# -- an executor whose only thread waits -----------------------------------------------------------


@pytest.mark.parametrize("waits_for", ["its unique id", "a select"])
def test_T11_the_only_worker_waits_for_what_first_needs_the_main_session(waits_for: str) -> None:
    with (
        ThreadPoolExecutor(1) as executor,
        AutoImapServer({"INBOX": 4, "Other": 4}) as server,
        client_of(server, 5, executor=executor) as client,
    ):
        client.select_folder("INBOX")
        connected, begun = threading.Event(), threading.Event()
        handles: list[Any] = []

        def work() -> bytes:
            with client.create_connection():
                connected.set()
                assert begun.wait(PATIENCE)
                assert handles[0].async_wait_handle.wait_one(int(PATIENCE * 1000)), "nobody worked on it"
                return client.end_fetch_message(handles[0]).as_bytes()

        job = executor.submit(work)
        assert connected.wait(PATIENCE)
        if waits_for == "a select":
            client.begin_select_folder("Other")
            handles.append(client.begin_fetch_message("3"))
        else:
            handles.append(client.begin_fetch_message(3))
        begun.set()
        assert job.result(2 * PATIENCE) == make_message(3)


def test_T11_disposing_a_connection_in_the_only_worker_lets_what_was_begun_on_it_end() -> None:
    with (
        ThreadPoolExecutor(1) as executor,
        AutoImapServer({"INBOX": 4}) as server,
        client_of(server, 5, executor=executor, timeout=3000) as client,
    ):

        def work() -> Any:
            with client.create_connection():
                client.select_folder("INBOX")
                return client.begin_fetch_message("3")

        handle = executor.submit(work).result(PATIENCE)
        assert client.end_fetch_message(handle).as_bytes() == make_message(3)


def test_Q7_whoever_is_interrupted_while_he_hurries_a_driver_leaves_nothing_stuck() -> None:
    class Interrupted(ThreadPoolExecutor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            raise KeyboardInterrupt

    free = threading.Event()
    with (
        ThreadPoolExecutor(1) as executor,
        Interrupted(1) as interrupted,
        AutoImapServer({"INBOX": 2}) as server,
        client_of(server, 5, executor=executor) as client,
    ):
        own = client.create_connection(False)
        executor.submit(free.wait, PATIENCE)
        handle = client.begin_noop(own)
        spare: Callable[[], Executor | None] = client._tasks._spare
        client._tasks._spare = lambda: interrupted
        with pytest.raises(KeyboardInterrupt):
            client.end_noop(handle)
        client._tasks._spare = spare
        free.set()
        until(lambda: handle.is_completed, "the end of the work")  # whoever waits already hurries nothing any more
        client.end_noop(handle)
        own.dispose()


def test_T9_waiting_again_and_again_keeps_no_result_alive() -> None:
    with (
        ThreadPoolExecutor(2) as executor,
        AutoImapServer({"INBOX": 2}) as server,
        client_of(server, 5, executor=executor) as client,
    ):
        own = client.create_connection(False)
        gate = server.hold("NOOP")
        held = client.begin_noop(own)  # its driver stays
        for _ in range(5):
            assert not held.async_wait_handle.wait_one(1)
        assert len(client._tasks._urgent) == 1
        gate.open()
        client.end_noop(held)
        own.dispose()


def test_C6_nothing_is_kept_of_a_connection_that_was_disposed_while_a_task_was_at_work_on_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with AutoImapServer({"INBOX": 2}) as server, client_of(server, 5) as client:
        own = client.create_connection(False)
        gate = server.hold("NOOP")
        handle = client.begin_noop(own)
        gate.wait_for()
        client.timeout = 50  # so long it waits for the task
        disposed, put_back = threading.Event(), client._tasks.put_back

        def late(driver: Driver) -> None:
            assert disposed.wait(PATIENCE)
            put_back(driver)

        monkeypatch.setattr(client._tasks, "put_back", late)
        own.dispose()
        disposed.set()
        assert handle.async_wait_handle.wait_one(int(PATIENCE * 1000))
        until(lambda: not client._tasks._drivers, "the end of its driver")
        assert list(client._tasks._lanes) == [client._main]


# -- wake-ups ------------------------------------------------------------------------------------------


def test_T2_a_task_wakes_a_driver_that_may_take_it() -> None:
    with AutoImapServer({"INBOX": 3}) as server, client_of(server, 20) as client:
        client.select_folder("INBOX")
        gate = server.hold("*")
        first = client.begin_fetch_message("1")
        gate.wait_for()
        gate.open()
        client.end_fetch_message(first)
        connections = [client.create_connection(False) for _ in range(8)]
        gate = server.hold("*")
        handles: list[tuple[Callable[[Any], Any], Any]] = [(client.end_noop, client.begin_noop(c)) for c in connections]
        handles.append((client.end_fetch_message, client.begin_fetch_message("2")))
        gate.wait_for(9)
        until(lambda: sum(driver.hungry for driver in client._tasks._drivers) == 9, "nine drivers with room")
        handles.append((client.end_fetch_message, client.begin_fetch_message("3")))
        gate.wait_for(10)  # it shares the task connection, and waits for no answer there
        gate.open()
        for end, handle in handles:
            end(handle)
        for connection in connections:
            connection.dispose()


def test_Q7_who_is_interrupted_while_he_cancels_leaves_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with AutoImapServer({"INBOX": 2}) as server, client_of(server) as client:
        gate = server.hold("NOOP")
        handle = client.begin_noop()
        assert isinstance(handle, AsyncOperation)
        gate.wait_for()
        calls = count()
        call = AsyncOperation._call

        def interrupted(self: AsyncOperation[Any], waiter: Callable[[], object]) -> None:
            if next(calls) == 0:
                raise KeyboardInterrupt
            call(self, waiter)

        with ThreadPoolExecutor(2) as threads:
            waiting = [
                threads.submit(handle.async_wait_handle.wait_one, int(PATIENCE * 1000)),
                threads.submit(handle.wait),
            ]
            until(lambda: len(handle._waiters or ()) == 2, "two who wait")
            with monkeypatch.context() as patch:
                patch.setattr(AsyncOperation, "_call", interrupted)
                with pytest.raises(KeyboardInterrupt):
                    client.cancel_async_operation(handle)
            assert [each.result(PATIENCE) for each in waiting] == [True, True]
        gate.open()


def test_Q5_a_pause_is_not_cut_short_by_the_loss_of_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    ends: list[Callable[[], object]] = []
    with AutoImapServer({"INBOX": 2}) as server, client_of(server, 1) as client:
        client.select_folder("INBOX")
        monkeypatch.setattr(drivers, "call_later", lambda seconds, end: ends.append(end))
        handle = client.begin_commit_deletes(sleep=5000)
        until(lambda: len(ends) == 1, "the beginning of the pause")
        gate = server.hold("NOOP")
        noop = client.begin_noop()
        (held,) = gate.wait_for()
        gate.drop(held)
        held.conn.close()
        gate.open()
        client.end_noop(noop)
        until(lambda: len(ends) == 2, "the rest of the pause")
        ends[0]()
        assert not handle.is_completed
        ends[1]()
        client.end_commit_deletes(handle)
        assert [command.name for command in server.commands].count("EXPUNGE") == 1


# -- who was first -----------------------------------------------------------------------------------


class ByHand(Executor):
    """Runs nothing until told to."""

    def __init__(self) -> None:
        self.work: list[Callable[[], Any]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.work.append(partial(fn, *args, **kwargs))
        return Future()

    def run_all(self) -> None:
        while self.work:
            self.work.pop()()


@pytest.mark.parametrize("what", ["number", "select"])
def test_T11_a_block_lends_itself_to_what_came_later_into_the_line_and_is_waited_for_all_the_same(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor = ByHand()
    with (
        AutoImapServer({"INBOX": 4, "Other": 4}) as server,
        client_of(server, 5, executor=executor) as client,
        ThreadPoolExecutor(1) as threads,
    ):
        client.select_folder("INBOX")
        me, ticket = threading.current_thread(), client._tasks.ticket
        entered, go_on = threading.Event(), threading.Event()
        others: list[Any] = []

        def late() -> int:
            # The other one has entered his select already, and has no place in the line yet.
            if threading.current_thread() is not me:
                entered.set()
                assert go_on.wait(PATIENCE)
            return ticket()

        def overtaken() -> int:
            mine = ticket()
            if threading.current_thread() is me and not others:
                others.append(None)
                others[0] = threads.submit(client.begin_fetch_message, 2).result(PATIENCE)
            return mine

        with monkeypatch.context() as patch:
            if what == "select":
                patch.setattr(client._tasks, "ticket", late)
                begun = threads.submit(client.begin_select_folder, "Other")
                assert entered.wait(PATIENCE)
                handle = client.begin_fetch_message("3")
                go_on.set()
                others.append(begun.result(PATIENCE))
            else:
                patch.setattr(client._tasks, "ticket", overtaken)
                handle = client.begin_fetch_message(3)
        with client.exclusive():
            assert handle.async_wait_handle.wait_one(10_000), "what it waits for waits for the end of the block"
        assert client.end_fetch_message(handle).as_bytes() == make_message(3)
        executor.run_all()
        assert others[0].async_wait_handle.wait_one(int(PATIENCE * 1000))


# -- work aside ----------------------------------------------------------------------------------------


class Progress:
    """Keeps a backup in work of its own until told."""

    def __init__(self) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()

    def __call__(self, told: BackupProgress) -> None:
        self.reached.set()
        assert self.go_on.wait(PATIENCE)


def begin_backup(client: ImapClient, path: Path, *connection: Any) -> tuple[Any, Progress]:
    settings = BackupSettings()
    settings.progress = progress = Progress()
    inbox = ImapFolderInfoCollection(ImapFolderInfo(name="INBOX"))
    begin: Any = client.begin_backup
    handle = begin(*connection, inbox, path, settings)
    assert progress.reached.wait(PATIENCE)
    return handle, progress


@pytest.mark.parametrize("only_worker", [False, True])
def test_C6_what_was_begun_on_a_connection_ends_before_it_is_disposed_though_it_is_at_work_aside(
    only_worker: bool, tmp_path: Path
) -> None:
    with (
        ThreadPoolExecutor(1) as executor,
        AutoImapServer({"INBOX": 4}) as server,
        client_of(server, 5, executor=executor if only_worker else None) as client,
    ):
        own = client.create_connection(False)
        handle, progress = begin_backup(client, tmp_path / "backup.zip", own)
        until(lambda: not client._tasks._drivers, "the end of its driver")
        wait = client._tasks._done.wait

        def waiting(timeout: float | None = None) -> bool:
            progress.go_on.set()
            return wait(timeout)

        client._tasks._done.wait = waiting  # type: ignore[method-assign]
        try:
            if only_worker:
                executor.submit(own.dispose).result(PATIENCE)
            else:
                own.dispose()
        finally:
            progress.go_on.set()
        client.end_backup(handle)


@pytest.mark.parametrize("where", ["a task connection", "the main connection", "its own connection"])
def test_C9_dispose_lets_what_is_at_work_aside_go_on_to_its_end(where: str, tmp_path: Path) -> None:
    with AutoImapServer({"INBOX": 4}) as server:
        client = client_of(server, 5 if where != "the main connection" else 1)
        own = (client.create_connection(False),) if where == "its own connection" else ()
        handle, progress = begin_backup(client, tmp_path / "backup.zip", *own)
        with ThreadPoolExecutor(1) as threads:
            disposing = threads.submit(client.dispose)
            until(lambda: client._tasks._disposed)
            progress.go_on.set()
            disposing.result(2 * PATIENCE)
        client.end_backup(handle)
        assert client.pool.size == 0


def test_C9_what_comes_back_from_work_aside_and_finds_no_connection_ends_as_cancelled(tmp_path: Path) -> None:
    with AutoImapServer({"INBOX": 4}) as server:
        client = client_of(server, 5)
        handle, progress = begin_backup(client, tmp_path / "backup.zip")
        with ThreadPoolExecutor(1) as threads:
            disposing = threads.submit(client.dispose)
            until(lambda: client._tasks._disposed)
            for conn in list(server.connections):
                conn.close()
            connections: list[Any] = [slot.connection for slot in client.pool.slots]
            until(lambda: not any(connection.alive() for connection in connections))
            progress.go_on.set()
            disposing.result(2 * PATIENCE)
        assert handle.is_completed
        with pytest.raises((OperationCanceledException, ObjectDisposedException)):
            client.end_backup(handle)


# -- sequence numbers ----------------------------------------------------------------------------------


def test_T11_a_block_lets_in_the_plain_select_that_is_waited_for_in_it() -> None:
    with (
        AutoImapServer({"INBOX": 2, "Other": 5}) as server,
        client_of(server) as client,
        ThreadPoolExecutor(2) as threads,
    ):
        client.select_folder("INBOX")
        with client.exclusive():
            selecting = threads.submit(client.select_folder, "Other")
            connection = client._main.connection
            assert connection is not None
            until(lambda: connection.load == 1)  # behind the block
            handle = threads.submit(client.begin_fetch_message, "4").result(PATIENCE)
            assert client.end_fetch_message(handle).as_bytes() == make_message(4)
            selecting.result(PATIENCE)
            later = threads.submit(client.noop)
            until(lambda: connection.load == 1)  # the block is closed again
            assert client.current_folder is not None
            assert client.current_folder.name == "INBOX"
            assert client.fetch_message("2").as_bytes() == make_message(2)
            assert not later.done()
        later.result(PATIENCE)
        assert client.current_folder is not None
        assert client.current_folder.name == "Other"


def test_T5_a_number_told_after_the_folder_changed_unseen_hits_no_other_message() -> None:
    with AutoImapServer({"INBOX": 5, "Other": 1}) as server, client_of(server, 3) as client:
        client.select_folder("INBOX")
        assert [message.sequence_number for message in client.list_messages()] == [1, 2, 3, 4, 5]
        client.list_messages("Other")
        server.expunge("INBOX", 1)
        told = client.list_message("5")  # number four to the server now
        assert (told.sequence_number, told.unique_id) == (5, "5")  # as whoever has the listing knows it
        for number in (4, 5):
            assert client.fetch_message(number).as_bytes() == make_message(number)
            assert client.end_fetch_message(client.begin_fetch_message(number)).as_bytes() == make_message(number)
        with pytest.raises(MessageNotFoundError):
            client.fetch_message(1)
        assert client.fetch_message("5").as_bytes() == make_message(5)
        assert [message.unique_id for message in client.list_messages()] == ["2", "3", "4", "5"]
        assert client.fetch_message(4).as_bytes() == make_message(5)
        assert client.end_fetch_message(client.begin_fetch_message(4)).as_bytes() == make_message(5)


@pytest.mark.parametrize("begun", [False, True], ids=["plain", "begun"])
def test_T5_a_later_page_leaves_the_numbers_of_the_earlier_ones_alone(begun: bool) -> None:
    def page_of(client: ImapClient, number: int) -> ImapMessageInfoCollection:
        settings = PageSettings()
        settings.ascending_sorting = True
        if begun:
            return client.end_list_messages_by_page(client.begin_list_messages_by_page(3, number, settings)).items
        return client.list_messages_by_page(3, number, settings).items

    with AutoImapServer({"INBOX": 6, "Other": 1}) as server, client_of(server, 3) as client:
        client.select_folder("INBOX")
        first = page_of(client, 0)
        client.list_messages("Other")
        server.expunge("INBOX", 1)
        second = page_of(client, 1)
        assert [info.unique_id for info in second] == ["5", "6"]
        for info in [*list(first)[1:], *second]:
            if info.sequence_number:  # else the session has not been told of the message, and 0 is refused
                assert client.fetch_message(info.sequence_number).as_bytes() == make_message(int(info.unique_id))
        assert list(first)[1].sequence_number == 2
        assert [info.sequence_number for info in page_of(client, 0)] == [1, 2, 3]  # a new beginning
        assert client.fetch_message(1).as_bytes() == make_message(2)


def test_T5_numbers_are_looked_up_at_one_moment() -> None:
    class Uids(list[int]):
        """In the middle of a look-up another thread is told of an expunge."""

        told: threading.Thread | None = None

        def __len__(self) -> int:
            length = super().__len__()
            if self.told is None and threading.current_thread() is me:
                self.told = threading.Thread(target=numbering.expunged, args=(1,))
                self.told.start()
                self.told.join(0.2)  # it has to wait for the end of the look-up, so this cannot be told by an event
            return length

    me = threading.current_thread()
    numbering = Numbering(3, 4)
    uids = numbering.uids = Uids([1, 2, 3])
    assert numbering.uids_of((2, 3)) == (2, 3)
    assert uids.told is not None
    uids.told.join(PATIENCE)
    assert numbering.uids_of((1, 2)) == (2, 3)
    assert numbering.uids_of((3,)) is None


def test_C9_operations_whose_numbers_are_not_resolved_end_as_cancelled_by_dispose() -> None:
    with AutoImapServer({"INBOX": 5}) as server:
        client = client_of(server, 3)
        client.select_folder("INBOX")
        gate = server.hold("FETCH")
        handles = [client.begin_fetch_message(1)]
        gate.wait_for()
        handles.append(client.begin_fetch_message(2))
        client.dispose(50)
        assert [handle.is_canceled for handle in handles] == [True, True]
        for handle in handles:
            with pytest.raises(OperationCanceledException):
                client.end_fetch_message(handle)


# -- cancelled between being made and being sent ------------------------------------------------------------


def test_T10_a_change_that_is_cancelled_on_its_way_to_the_queue_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with AutoImapServer({"INBOX": 2}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        whole = TaskQueue.may_go_on

        def may_go_on(queue: TaskQueue, task: Task, commands: list[Command]) -> bool:
            allowed = whole(queue, task, commands)
            if commands[0].name == "UID STORE":
                client.cancel_async_operation(task.handle)  # as another thread might at this moment
            return allowed

        with monkeypatch.context() as patch:
            patch.setattr(TaskQueue, "may_go_on", may_go_on)
            handle = client.begin_add_message_flags("1", ImapMessageFlags.FLAGGED)
            assert handle.async_wait_handle.wait_one(int(PATIENCE * 1000))
        assert handle.is_canceled
        assert client.end_fetch_message(client.begin_fetch_message("2")).as_bytes() == make_message(2)
    assert "UID STORE" not in [cmd.name for cmd in server.commands]


def test_T10_what_is_cancelled_before_it_is_sent_again_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with AutoImapServer({"INBOX": 2}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        whole = TaskQueue.admit

        def admit(queue: TaskQueue, driver: Driver) -> list[Task] | None:
            admitted = whole(queue, driver)
            for task in admitted or ():
                if task.running is not None:  # its connection broke, and it is about to be sent once more
                    client.cancel_async_operation(task.handle)
            return admitted

        monkeypatch.setattr(TaskQueue, "admit", admit)
        gate = server.hold("UID FETCH")
        handle = client.begin_fetch_message("1")
        for held in gate.wait_for():
            gate.drop(held)
            held.conn.close()
        assert handle.async_wait_handle.wait_one(int(PATIENCE * 1000))
        assert handle.is_canceled
        gate.open()
        assert client.end_fetch_message(client.begin_fetch_message("2")).as_bytes() == make_message(2)
    assert [cmd.text() for cmd in server.commands if cmd.name == "UID FETCH"] == ["1", "2"]


@pytest.mark.parametrize("pipelining", [True, False])
def test_T2_what_comes_behind_a_connection_that_has_enough_gets_another(pipelining: bool) -> None:
    """Begun one by one, when the connection that is there has just taken all it takes, and answers nothing."""
    with AutoImapServer({"INBOX": 80}) as server, client_of(server, 3) as client:
        if not pipelining:
            client.use_pipelining.client_mode = PipeliningMode.DISABLED
        client.select_folder("INBOX")
        gate = server.hold("UID FETCH")
        first = scheduling.WINDOW if pipelining else 1
        handles = [client.begin_fetch_message(str(uid)) for uid in range(1, first + 1)]
        gate.wait_for(first)
        until(lambda: client._tasks.queued == 0)
        handles.append(client.begin_fetch_message(str(first + 1)))
        until(lambda: len(server.connections) == 3)
        gate.open()
        for uid, handle in enumerate(handles, 1):
            assert client.end_fetch_message(handle).as_bytes() == make_message(uid)


def test_T2_what_comes_back_from_a_lost_connection_wakes_one_that_has_room() -> None:
    """The other connection has one slow answer to wait for, and no room is left for a third."""
    first, more = scheduling.WINDOW, 6
    with AutoImapServer({"INBOX": 80}) as server, client_of(server, 3) as client:
        client.select_folder("INBOX")
        gate = server.hold("UID FETCH")
        handles = [client.begin_fetch_message(str(uid)) for uid in range(1, first + 1)]
        held = gate.wait_for(first)
        handles += [client.begin_fetch_message(str(uid)) for uid in range(first + 1, first + more + 1)]
        (lost,) = {cmd.conn for cmd in gate.wait_for(first + more)} - {held[0].conn}
        gate.release(*held[1:])
        until(lambda: all(handle.is_completed for handle in handles[1:first]))
        for cmd in gate.wait_for(1 + more):
            if cmd.conn is lost:
                gate.drop(cmd)
        lost.close()
        again = [cmd for cmd in gate.wait_for(1 + more) if cmd is not held[0]]
        gate.release(*again)
        for handle in handles[1:]:
            client.end_fetch_message(handle)
        assert not handles[0].is_completed
        gate.open()
        client.end_fetch_message(handles[0])
