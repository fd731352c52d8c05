"""T3 and the insides of the task queue: executors, drivers, and the races between them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mailclients import ImapClient
from mailclients.engine.commands import Command
from mailclients.engine.connection import Connection
from mailclients.engine.drivers import Driver
from mailclients.engine.task_queue import TaskQueue
from mailclients.errors import (
    ArgumentTypeError,
    MailClientError,
    ObjectDisposedException,
    OperationCanceledException,
)
from mailclients.imap import operations
from mailclients.imap.models import ImapMessageFlags
from tests.support.autoimap import AutoImapServer, make_message
from tests.support.clients import client_of
from tests.support.commands import Command as Received
from tests.support.scripted import PATIENCE, Conn
from tests.support.waiting import until


class ByHand(Executor):
    """Runs nothing until told to; keeps what was submitted."""

    def __init__(self) -> None:
        self.submitted: list[tuple[Future[Any], Callable[[], Any]]] = []
        self.refusal: BaseException | None = None
        self.total = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self.refusal is not None:
            raise self.refusal
        self.total += 1
        future: Future[Any] = Future()
        self.submitted.append((future, lambda: fn(*args, **kwargs)))
        return future

    def run_all(self) -> None:
        """On the calling thread, what is there and what comes of it."""
        while self.submitted:
            future, work = self.submitted.pop(0)
            if future.set_running_or_notify_cancel():
                future.set_result(work())


# -- T3: the executor ------------------------------------------------------------------------


def test_T3_no_worker_thread_before_the_first_begin() -> None:
    with AutoImapServer({"INBOX": 1}) as server, client_of(server) as client:
        client.fetch_message("1")
        assert [client.executor] == [None]
        assert not [thread for thread in threading.enumerate() if "-tasks" in thread.name]
        client.end_noop(client.begin_noop())
        assert client.executor is not None
        assert [thread for thread in threading.enumerate() if "-tasks" in thread.name]


def test_T3_drivers_are_submitted_one_a_connection_never_one_a_task() -> None:
    executor = ByHand()
    with AutoImapServer({"INBOX": 1}) as server:
        client = client_of(server, executor=executor)
        handles = [client.begin_fetch_message("1") for _ in range(200)]
        assert 1 <= executor.total <= 3
        client.begin_noop()
        assert executor.total <= 4
        executor.run_all()
        for handle in handles:
            assert client.end_fetch_message(handle).as_bytes() == make_message(1)
        client.dispose()


def test_T3_a_driver_that_comes_too_late_opens_no_connection() -> None:
    executor = ByHand()
    with AutoImapServer({"INBOX": 1}) as server:
        client = client_of(server, executor=executor)
        handles = [client.begin_fetch_message("1") for _ in range(200)]
        assert executor.total > 1
        executor.run_all()
        assert all(handle.is_completed for handle in handles)
        assert len(server.connections) == 1
        assert client.pool.size == 1
        client.dispose()


def test_T3_an_executor_with_one_worker_does_everything() -> None:
    with (
        ThreadPoolExecutor(1) as executor,
        AutoImapServer({"INBOX": 40}) as server,
        client_of(server, 5, executor=executor) as client,
    ):
        client.select_folder("INBOX")
        handles = [client.begin_fetch_message(str(uid)) for uid in range(1, 41)]
        noop, numbered = client.begin_noop(), client.begin_fetch_message(40)
        assert [client.end_fetch_message(h).as_bytes() for h in handles] == [make_message(n) for n in range(1, 41)]
        client.end_noop(noop)
        assert client.end_fetch_message(numbered).as_bytes() == make_message(40)

        def work() -> bytes:
            with client.create_connection():
                client.select_folder("INBOX")
                return client.end_fetch_message(client.begin_fetch_message("3")).as_bytes()

        with ThreadPoolExecutor(1) as users:
            assert users.submit(work).result(PATIENCE) == make_message(3)
        assert client.executor is executor
    assert executor._shutdown  # by its owner: the client leaves it alone


def test_C9_dispose_does_not_wait_for_an_executor_that_never_runs_anything(caplog: pytest.LogCaptureFixture) -> None:
    executor = ByHand()
    with AutoImapServer({"INBOX": 1}) as server:
        client = client_of(server, executor=executor)
        handles = [client.begin_fetch_message("1"), client.begin_noop()]
        client.dispose()
        assert all(handle.is_canceled for handle in handles)
        assert client.pool.size == 0
        executor.run_all()  # too late: there is nothing it may touch
        assert server.connections == []
    assert not caplog.records


@pytest.mark.parametrize("wait", ["end", "wait_one", "future"])
def test_T11_one_worker_that_waits_for_an_exclusive_block_does_not_hold_up_what_the_block_waits_for(wait: str) -> None:
    with (
        ThreadPoolExecutor(1) as executor,
        AutoImapServer({"INBOX": 4}) as server,
        client_of(server, 5, executor=executor) as client,
    ):
        client.select_folder("INBOX")
        own = client.create_connection(False)
        with client.exclusive():
            with ThreadPoolExecutor(1) as others:
                blocked = others.submit(client.begin_noop).result(PATIENCE)  # takes the only worker
            until(lambda: client._tasks.running == 1)
            handle = client.begin_fetch_message(own, "3")
            if wait == "wait_one":
                assert handle.async_wait_handle.wait_one(20_000)
            elif wait == "future":
                assert handle.future.result(PATIENCE).as_bytes() == make_message(3)
            assert client.end_fetch_message(handle).as_bytes() == make_message(3)
            assert not blocked.is_completed
        client.end_noop(blocked)
        own.dispose()


@pytest.mark.parametrize("taken", [False, True], ids=["before the executor has it", "when the executor has it"])
def test_T3_a_begin_that_is_interrupted_while_it_submits_leaves_nothing_stuck(taken: bool) -> None:
    class Interrupted(ThreadPoolExecutor):
        calls = 0

        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            self.calls += 1
            if self.calls == 1 and not taken:
                raise KeyboardInterrupt
            future = super().submit(fn, *args, **kwargs)
            if self.calls == 1:
                raise KeyboardInterrupt
            return future

    called: list[Any] = []
    with (
        Interrupted(3) as executor,
        AutoImapServer({"INBOX": 2}) as server,
        client_of(server, 5, executor=executor) as client,
    ):
        with pytest.raises(KeyboardInterrupt):
            client.begin_noop(called.append)
        for _ in range(3):
            client.end_noop(client.begin_noop())
        assert client.end_fetch_message(client.begin_fetch_message("2")).as_bytes() == make_message(2)
    assert taken or called == []  # once the executor has it, it may have run before the interruption


def test_T4_a_begun_select_that_is_interrupted_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    with AutoImapServer({"INBOX": 2, "Other": 3}) as server, client_of(server) as client:
        client.select_folder("Other")

        def interrupted(task: Any, session: Any = None) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(client._tasks, "put", interrupted)
            with pytest.raises(KeyboardInterrupt):
                client.begin_select_folder("INBOX")
            with pytest.raises(KeyboardInterrupt):
                client.begin_fetch_message(1)  # its number waits to be resolved by a task that never came
        assert len(client.end_list_messages(client.begin_list_messages())) == 3
        assert client.end_fetch_message(client.begin_fetch_message(3)).as_bytes() == make_message(3)
        assert client.current_folder is not None
        assert client.current_folder.name == "Other"


def test_T4_a_select_that_is_interrupted_leaves_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    with AutoImapServer({"INBOX": 2, "Other": 3}) as server, client_of(server) as client:
        client.noop()

        def interrupted(*_: Any) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(client, "_run", interrupted)
            with pytest.raises(KeyboardInterrupt):
                client.select_folder("Other")
        assert len(client.end_list_messages(client.begin_list_messages())) == 2  # as after any select that failed
        assert len(client.list_messages()) == 2


def test_T3_a_users_executor_survives_the_client() -> None:
    with ThreadPoolExecutor(2) as executor, AutoImapServer({"INBOX": 1}) as server:
        with client_of(server, executor=executor) as client:
            client.end_noop(client.begin_noop())
        assert executor.submit(lambda: 5).result(PATIENCE) == 5


def test_T3_an_executor_that_was_shut_down_completes_the_handles_with_its_error() -> None:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    with AutoImapServer({"INBOX": 1}) as server, client_of(server, executor=executor) as client:
        told = threading.Event()
        fetch = client.begin_fetch_message("1", lambda _: told.set())
        noop = client.begin_noop()
        for end, handle in ((client.end_fetch_message, fetch), (client.end_noop, noop)):
            with pytest.raises(RuntimeError, match="after shutdown") as caught:
                end(handle)
            assert not isinstance(caught.value, MailClientError)
        assert told.wait(PATIENCE)
        assert client.fetch_message("1").as_bytes() == make_message(1)
        client.executor = None
        client.end_noop(client.begin_noop())
        assert client.end_fetch_message(client.begin_fetch_message("1")).as_bytes() == make_message(1)


def test_T3_an_executor_that_refuses_in_its_own_way_completes_the_handles() -> None:
    class Refused(Exception):
        pass

    executor = ByHand()
    executor.refusal = Refused("not today")
    with AutoImapServer({"INBOX": 1}) as server, client_of(server, executor=executor) as client:
        handle = client.begin_fetch_message("1")
        with pytest.raises(Refused, match="not today"):
            client.end_fetch_message(handle)
        assert client.pool.size == 0


def test_T3_cancelled_submissions_complete_the_handles() -> None:
    executor = ByHand()
    with AutoImapServer({"INBOX": 1}) as server, client_of(server, executor=executor) as client:
        fetch, noop = client.begin_fetch_message("1"), client.begin_noop()
        for future, _ in executor.submitted:
            assert future.cancel()
        for end, handle in ((client.end_fetch_message, fetch), (client.end_noop, noop)):
            with pytest.raises(MailClientError, match="executor cancelled"):
                end(handle)
        assert client.pool.size == 0
        executor.submitted.clear()
        fetch = client.begin_fetch_message("1")
        executor.run_all()
        assert client.end_fetch_message(fetch).as_bytes() == make_message(1)


class InterpreterPoolExecutor(ThreadPoolExecutor):
    """By its name, where this Python has none."""


def test_T3_executors_of_other_processes_and_interpreters_are_refused() -> None:
    with ProcessPoolExecutor(1) as processes, InterpreterPoolExecutor(1) as interpreters:
        pools: list[Executor] = [processes, interpreters]
        if sys.version_info >= (3, 14):
            from concurrent.futures import InterpreterPoolExecutor as Real

            pools.append(Real(1))
        for pool in pools:
            with pytest.raises(ArgumentTypeError, match=type(pool).__name__):
                ImapClient("localhost", 143, "user", "secret", executor=pool)
        with pytest.raises(ArgumentTypeError, match="str"):
            ImapClient("localhost", 143, "user", "secret", executor="threads")  # type: ignore[call-overload]
        if sys.version_info >= (3, 14):
            pools[-1].shutdown()


# -- bodies that go wrong ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["before", "between", "garbage", "not a generator"])
def test_T7_a_bug_in_a_body_is_that_operations_error_and_no_others(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    closed = threading.Event()

    def body(context: Any, **arguments: Any) -> Generator[Any, Any, Any]:
        try:
            if kind == "before":
                raise ZeroDivisionError("a bug")
            yield from operations.noop(context)
            if kind == "between":
                raise ZeroDivisionError("a bug")
            yield 5
        finally:
            closed.set()

    def no_generator(context: Any, **arguments: Any) -> Any:
        closed.set()
        return 5

    with AutoImapServer({"INBOX": 3}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        gate = server.hold("UID FETCH")
        neighbour = client.begin_fetch_message("1")
        gate.wait_for()
        monkeypatch.setitem(operations.BODIES, "exist_folder", no_generator if kind == "not a generator" else body)
        handle = client.begin_exist_folder("x")
        with pytest.raises((ZeroDivisionError, TypeError, AttributeError)):
            client.end_exist_folder(handle)
        assert closed.is_set()
        gate.open()
        assert client.end_fetch_message(neighbour).as_bytes() == make_message(1)
        assert len(server.connections) == 2


def test_bodies_are_closed_when_their_task_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    real = operations.BODIES["fetch_message"]

    def body(context: Any, **arguments: Any) -> Generator[Any, Any, Any]:
        try:
            return (yield from real(context, **arguments))
        except GeneratorExit:
            closed.append("closed")
            raise

    monkeypatch.setitem(operations.BODIES, "fetch_message", body)
    with AutoImapServer({"INBOX": 3}) as server:
        client = client_of(server)
        client.select_folder("INBOX")
        gate = server.hold("UID FETCH")
        handles = [client.begin_fetch_message(uid) for uid in "123"]
        gate.wait_for(3)
        client.cancel_async_operation(handles[0])
        client.dispose(timeout=1)
        assert [handle.is_canceled for handle in handles] == [True] * 3
        assert closed == ["closed"] * 3


def test_T10_a_task_between_two_connections_is_cancelled_and_closed(tmp_path: Path) -> None:
    executor = ByHand()
    with AutoImapServer({"INBOX": 2}) as server:
        client = client_of(server, executor=executor)

        def drop(conn: Conn, cmd: Received) -> bool:
            conn.close()
            return True

        server.on("UID FETCH", drop, times=1)
        handle = client.begin_save_message("1", str(tmp_path / "mail.eml"))
        (_, work) = executor.submitted.pop(0)
        work()  # the connection is lost: the task waits for another driver
        assert not handle.is_completed
        assert list(tmp_path.iterdir()) != []
        client.cancel_async_operation(handle)
        assert list(tmp_path.iterdir()) == []
        executor.run_all()
        with pytest.raises(OperationCanceledException):
            client.end_save_message(handle)
        client.dispose()


def test_C9_tasks_that_lose_their_connection_during_dispose_end() -> None:
    with AutoImapServer({"INBOX": 3}) as server:
        client = client_of(server)
        client.select_folder("INBOX")
        gate = server.hold("UID FETCH")
        handles = [client.begin_fetch_message(uid) for uid in "123"]
        (held, *_) = gate.wait_for(3)
        stopped = threading.Event()
        stop = TaskQueue.stop

        def watched(queue: TaskQueue) -> Any:
            left = stop(queue)
            stopped.set()
            return left

        client._tasks.stop = watched.__get__(client._tasks)  # type: ignore[method-assign]
        disposing = threading.Thread(target=client.dispose)
        disposing.start()
        assert stopped.wait(PATIENCE)
        held.conn.close()
        disposing.join(PATIENCE)
        assert not disposing.is_alive()
        for handle in handles:
            assert handle.is_completed
            assert isinstance(handle.error_info, MailClientError)


# -- races ------------------------------------------------------------------------


def test_T2_begins_from_many_threads_lose_no_task() -> None:
    """Tasks come one at a time, so that drivers leave and come back all the time."""
    with AutoImapServer({"INBOX": 3}) as server, client_of(server, 4) as client, ThreadPoolExecutor(4) as pool:
        client.select_folder("INBOX")

        def work(seed: int) -> int:
            for turn in range(60):
                uid = (seed + turn) % 3 + 1
                if turn % 3 == 2:
                    client.end_noop(client.begin_noop())
                else:
                    assert client.end_fetch_message(client.begin_fetch_message(str(uid))).as_bytes() == make_message(
                        uid
                    )
            return seed

        assert list(pool.map(work, range(4), timeout=PATIENCE * 3)) == [0, 1, 2, 3]
        assert server.peak_connections <= 4


def test_T3_never_two_drivers_on_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    busy: dict[int, threading.Thread] = {}
    doubled: list[int] = []
    guard = threading.Lock()
    wait = Connection.wait
    drive = Driver._drive
    mine = threading.local()

    def watched_drive(driver: Driver) -> bool:
        mine.driver = driver
        return drive(driver)

    def watched_wait(connection: Connection, waiter: Any) -> None:
        driver = getattr(mine, "driver", None)
        if driver is None or driver.slot is None or connection is not driver.connection:
            return wait(connection, waiter)
        with guard:
            if busy.setdefault(connection.number, threading.current_thread()) is not threading.current_thread():
                doubled.append(connection.number)
        try:
            return wait(connection, waiter)
        finally:
            with guard:
                busy.pop(connection.number, None)

    monkeypatch.setattr(Driver, "_drive", watched_drive)
    monkeypatch.setattr(Connection, "wait", watched_wait)
    with AutoImapServer({"INBOX": 3}) as server, client_of(server, 3) as client, ThreadPoolExecutor(4) as pool:
        client.select_folder("INBOX")
        for _ in pool.map(lambda uid: client.end_fetch_message(client.begin_fetch_message(uid)), "123" * 40):
            pass
        assert not doubled


def test_T10_an_answered_change_completes_even_before_anybody_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's OK is in, the driver has not resumed the operation yet: the change has been made."""
    with AutoImapServer({"INBOX": 1}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        collect = Driver._collect
        cancelled: list[bool] = []

        def watched(driver: Driver, connection: Connection) -> None:
            ready: list[Command] = list(driver._waiter.ready)
            for command in ready:
                if command.name == "UID STORE":
                    client.cancel_async_operation(command.token.handle)
                    cancelled.append(command.token.handle.is_canceled)
            collect(driver, connection)

        monkeypatch.setattr(Driver, "_collect", watched)
        client.end_add_message_flags(client.begin_add_message_flags("1", ImapMessageFlags.FLAGGED))
        assert cancelled == [False]


def test_T3_a_driver_that_fails_ends_its_tasks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with AutoImapServer({"INBOX": 2}) as server, client_of(server) as client:

        def broken(driver: Driver, connection: Connection) -> None:
            raise MemoryError("none left")

        with monkeypatch.context() as patch:
            patch.setattr(Driver, "_collect", broken)
            handles = [client.begin_fetch_message(uid) for uid in "12"]
            for handle in handles:
                with pytest.raises(MemoryError):
                    client.end_fetch_message(handle)
        assert "a driver failed" in caplog.text
        assert client.end_fetch_message(client.begin_fetch_message("2")).as_bytes() == make_message(2)


def test_a_session_that_was_disposed_takes_no_task() -> None:
    with AutoImapServer({"INBOX": 1}) as server, client_of(server) as client:
        connection = client.create_connection(False)
        handle = client.begin_noop(connection)
        connection.dispose()  # what was begun on it runs to its end
        client.end_noop(handle)
        with pytest.raises(ObjectDisposedException):
            client.begin_noop(connection)
