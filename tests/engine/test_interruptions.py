"""Ctrl-C at the worst of moments (rule Q7): whoever is interrupted leaves nobody waiting and nothing behind.

Each test makes one step of the engine do its work and then raise what Ctrl-C raises, in the thread that took the step.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pytest

from mailclients import MailMessage
from mailclients.engine.callbacks import CallbackThreads
from mailclients.engine.pool import Pool
from mailclients.engine.sessions import Session, SignInGate
from mailclients.engine.task_queue import TaskQueue
from mailclients.engine.transport import Transport
from mailclients.errors import OperationCanceledException
from mailclients.handles import AsyncOperation
from tests.support.autoimap import AutoImapServer, make_message
from tests.support.autosmtp import Session as SmtpSession
from tests.support.autosmtp import SmtpServer, smtp_client
from tests.support.clients import client_of
from tests.support.scripted import PATIENCE
from tests.support.waiting import until


@contextmanager
def interrupted(
    owner: type[Any], name: str, *, before: bool = False, when: Callable[..., bool] = lambda *_: True
) -> Iterator[None]:
    """The first time this thread has called a method, or is about to, it is interrupted."""
    me, whole, done = threading.current_thread(), getattr(owner, name), threading.Event()

    @wraps(whole)
    def step(*args: Any, **kwargs: Any) -> Any:
        hit = threading.current_thread() is me and not done.is_set() and when(*args)
        if hit:
            done.set()
        if hit and before:
            raise KeyboardInterrupt
        result = whole(*args, **kwargs)
        if hit:
            raise KeyboardInterrupt
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, step)
        with pytest.raises(KeyboardInterrupt):
            yield
        assert done.is_set()


@pytest.mark.parametrize("at", ["_settle", "try_cancel", "tell"])
def test_Q7_T10_a_cancelled_operation_is_told_of_although_its_canceller_is_interrupted(at: str) -> None:
    called = threading.Event()
    with AutoImapServer({"INBOX": 2}) as server, client_of(server) as client, ThreadPoolExecutor(1) as threads:
        client.select_folder("INBOX")
        gate = server.hold("UID FETCH")
        handle = client.begin_fetch_message("1", lambda _: called.set())
        assert isinstance(handle, AsyncOperation)
        gate.wait_for()
        waiting = threads.submit(handle.wait, int(PATIENCE * 1000))
        until(lambda: len(handle._waiters or ()) == 1, "one who waits")
        with interrupted(AsyncOperation, at, before=at == "tell"):
            client.cancel_async_operation(handle)
        assert waiting.result(PATIENCE)
        assert called.wait(PATIENCE)
        with pytest.raises(OperationCanceledException):
            client.end_fetch_message(handle)
        until(lambda: not client._tasks.running, "the end of its task")  # its driver was told, too
        gate.open()
        assert client.fetch_message("2").as_bytes() == make_message(2)


def test_Q7_T8_what_completes_in_an_interrupted_thread_is_told_of() -> None:
    called = threading.Event()
    with AutoImapServer({"INBOX": 2}) as server, client_of(server) as client, ThreadPoolExecutor(1) as threads:
        client.noop()
        gate = server.hold("NOOP")
        handle = client.begin_noop(lambda _: called.set())
        assert isinstance(handle, AsyncOperation)
        gate.wait_for()
        waiting = threads.submit(handle.wait, int(PATIENCE * 1000))
        until(lambda: len(handle._waiters or ()) == 1, "one who waits")
        with interrupted(AsyncOperation, "_settle"):
            handle.fail(ValueError("whatever"))
        assert waiting.result(PATIENCE)
        assert called.wait(PATIENCE)
        gate.open()


@pytest.mark.parametrize("before", [True, False])
def test_Q7_T8_a_callback_runs_once_although_whoever_queues_it_is_interrupted(before: bool) -> None:
    called = list[Any]()
    with AutoImapServer({"INBOX": 2}) as server, client_of(server) as client:
        client.noop()
        gate = server.hold("NOOP")
        handle = client.begin_noop(called.append)
        gate.wait_for()
        with interrupted(CallbackThreads, "put", before=before):
            client.cancel_async_operation(handle)
        until(lambda: bool(called), "its callback")
        gate.open()
        client.dispose()
        assert called == [handle]


def test_Q7_what_was_decided_is_done_although_whoever_decided_it_is_interrupted() -> None:
    called = threading.Event()
    with AutoImapServer({"INBOX": 2}) as server, client_of(server, 3) as client:
        client.select_folder("INBOX")
        with interrupted(TaskQueue, "use_main"):  # when a driver is to be started
            client.begin_fetch_message("1")
        client.begin_fetch_message("2", lambda _: called.set())
        assert called.wait(PATIENCE)  # nobody waits for it in a way that would look after the driver


@pytest.mark.parametrize("at", ["_plan", "_stand_in_line", "_grant"])
def test_Q7_C4_an_interrupted_wait_for_a_connection_leaves_its_place_to_others(at: str) -> None:
    with AutoImapServer({"INBOX": 2}) as server, client_of(server, 2) as client:
        client.noop()
        with interrupted(Pool, at):
            client.create_connection(False)
        assert client.pool.waiting == 0
        client.create_connection(False, timeout=int(PATIENCE * 1000)).dispose()
        assert client.pool.size == 1


def test_Q7_an_interrupted_opening_keeps_nobody_waiting() -> None:
    with AutoImapServer({"INBOX": 2}) as server, client_of(server, 2) as client, ThreadPoolExecutor(1) as threads:
        with interrupted(Session, "_open"):
            client.noop()
        threads.submit(client.noop).result(PATIENCE)


def test_Q7_an_interrupted_disposal_of_a_connection_gives_its_place_back() -> None:
    with AutoImapServer({"INBOX": 2}) as server, client_of(server, 2) as client:
        client.noop()
        own = client.create_connection(False)
        with interrupted(Pool, "retire", before=True):
            own.dispose()
        client.create_connection(False, timeout=int(PATIENCE * 1000)).dispose()


def test_Q5_Q7_what_an_interrupted_thread_has_sent_for_another_is_not_sent_again() -> None:
    def message(number: int) -> MailMessage:
        return MailMessage("a@example.org", "b@example.org", f"Message {number}", "text")

    go_on = threading.Event()

    def end(session: SmtpSession, rest: str) -> str | None:
        # The answer to the first message and those to the envelope of the second come in one piece.
        if session.index or session.taken:
            return None
        assert go_on.wait(PATIENCE)
        lines = ""
        while "DATA" not in lines:
            line = session.line()
            lines += line + "\n"
            session.recipients = ["b@example.org"]
        session.taken += 1
        session.send(b"250 first\r\n250 ok\r\n250 ok\r\n354 go on\r\n")
        server.take(session, session.dotted())
        session.send("250 second")
        raise AssertionError("it is taken, and the connection lost" if session.line() else "")

    with SmtpServer() as server, smtp_client(server) as client, ThreadPoolExecutor(1) as threads:
        client.noop()
        connection = client._main.connection
        assert connection is not None
        server.on["END"] = end

        def second() -> None:
            until(lambda: connection.load == 1)
            sending = threads.submit(client.send, message(2))
            until(lambda: connection.load == 2)
            go_on.set()
            errors.append(sending.exception(2 * PATIENCE))

        errors: list[BaseException | None] = []
        helper = threading.Thread(target=second)
        helper.start()
        with interrupted(Transport, "write", when=lambda _, data: b"Message 2" in bytes(data)):
            client.send(message(1))
        helper.join(2 * PATIENCE)
        assert [b"Message 2" in each.content for each in server.accepted].count(True) == 1
        assert type(errors[0]).__name__ == "DeliveryUnknownError"
        server.errors.clear()


@pytest.mark.parametrize("at", ["enter", "leave"])
def test_Q7_L2_an_interrupted_sign_in_lets_the_next_one_try(at: str) -> None:
    with AutoImapServer({"INBOX": 2}) as server, client_of(server, 2) as client, ThreadPoolExecutor(1) as threads:
        with interrupted(SignInGate, at, before=at == "leave"):
            client.noop()
        threads.submit(client.noop).result(PATIENCE)


@pytest.mark.parametrize("at", ["hold", "release_hold"])
def test_Q7_Q4_an_interrupted_block_is_not_left_behind(at: str) -> None:
    with AutoImapServer({"INBOX": 2}) as server, client_of(server, 2) as client, ThreadPoolExecutor(1) as threads:
        client.noop()
        with interrupted(Session, at), client.exclusive():
            pass
        threads.submit(client.noop).result(PATIENCE)
        with client.exclusive(), client.exclusive():
            client.noop()
        threads.submit(client.noop).result(PATIENCE)
