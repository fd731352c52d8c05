"""T8: the threads on which users' callbacks run, alone and under a client; and the timer thread."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from mailclients.engine import callbacks, timers
from mailclients.engine.callbacks import AT_ONCE, CallbackThreads
from mailclients.engine.deadlines import Deadline
from mailclients.engine.drivers import Driver
from tests.support.autoimap import AutoImapServer, make_message
from tests.support.clients import client_of
from tests.support.clock import FakeClock
from tests.support.scripted import PATIENCE


@pytest.fixture
def threads() -> Iterator[CallbackThreads]:
    made = CallbackThreads("test")
    yield made
    made.close(Deadline(PATIENCE))


# -- the threads ------------------------------------------------------------------------


def test_T8_no_thread_before_the_first_callback_and_none_after_close() -> None:
    threads = CallbackThreads("test")
    assert threads.thread_count == 0
    seen: list[Any] = []
    threads.put(seen.append, 1)
    threads.close(Deadline(PATIENCE))
    assert seen == [1]
    assert threads.thread_count == 0


def test_T8_each_runs_once_in_order(threads: CallbackThreads) -> None:
    seen: list[int] = []
    done = threading.Event()
    for number in range(1000):
        threads.put(seen.append, number)
    threads.put(lambda _: done.set(), None)
    assert done.wait(PATIENCE)
    threads.close(Deadline(PATIENCE))
    assert sorted(seen) == list(range(1000))
    assert threads.thread_count == 0


def test_T8_callbacks_that_wait_for_each_other_all_get_a_thread(threads: CallbackThreads) -> None:
    count = AT_ONCE * 3
    together = threading.Barrier(count + 1)
    for _ in range(count):
        threads.put(lambda _: together.wait(PATIENCE), None)
    together.wait(PATIENCE)


@pytest.mark.parametrize("kind", [ValueError, SystemExit, KeyboardInterrupt])
def test_T8_whatever_a_callback_raises_is_logged_and_harms_nothing(
    threads: CallbackThreads, kind: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    done = threading.Event()

    def bad(_: Any) -> None:
        raise kind("said in a callback")

    for _ in range(AT_ONCE + 1):
        threads.put(bad, None)
    threads.put(lambda _: done.set(), None)
    assert done.wait(PATIENCE)
    assert "a callback failed" in caplog.text
    assert "said in a callback" in caplog.text


def test_O1_the_log_names_the_callback_and_not_what_runs_it(
    threads: CallbackThreads, caplog: pytest.LogCaptureFixture
) -> None:
    def run(callback: Any, argument: Any) -> None:
        callback(argument)

    def of_the_caller(_: Any) -> None:
        raise ValueError("said in a callback")

    threads.put(partial(run, partial(of_the_caller)), None)
    threads.put(partial(of_the_caller), None)
    threads.close(Deadline(PATIENCE))
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == 2
    assert all(message.endswith("of_the_caller") for message in messages)


def test_T8_close_waits_for_callbacks_but_not_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    threads = CallbackThreads("test")
    leave, inside = threading.Event(), threading.Event()

    def stuck(_: Any) -> None:
        inside.set()
        leave.wait(PATIENCE)

    threads.put(stuck, None)
    assert inside.wait(PATIENCE)
    threads.close(Deadline(0.01))
    assert "abandoned" in caplog.text
    leave.set()


def test_T8_close_from_a_callback_does_not_wait_for_itself(threads: CallbackThreads) -> None:
    closed = threading.Event()

    def close(_: Any) -> None:
        assert threads.contains_current_thread()
        threads.close(Deadline(PATIENCE))
        closed.set()

    threads.put(close, None)
    assert closed.wait(PATIENCE)
    assert not threads.contains_current_thread()


def test_T8_a_thread_that_cannot_be_started_is_tried_again(
    threads: CallbackThreads, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    timers.call_later(0, lambda: None)  # its thread is there
    start, refusals = threading.Thread.start, [1]

    def refuse(thread: threading.Thread) -> None:
        if thread.name.startswith("test-callback") and refusals:
            refusals.pop()
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    done = threading.Event()
    threads.put(lambda _: done.set(), None)  # whoever completes a handle does not fail for it
    assert done.wait(PATIENCE)
    assert "no further callback thread" in caplog.text


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_timers_start_again_after_their_thread_could_not_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    clockwork = timers._Clockwork()
    monkeypatch.setattr(timers, "_clockwork", clockwork)
    start, refusals, started = threading.Thread.start, [1], list[threading.Thread]()

    def refuse(thread: threading.Thread) -> None:
        if refusals:
            refusals.pop()
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    done = threading.Event()
    with pytest.raises(RuntimeError):
        timers.call_later(0, done.set)
    timers.call_later(0, lambda: None)
    assert done.wait(PATIENCE)
    timers.call_later(0, sys.exit)  # a thread of this kind stays for the life of the process, but for this
    started[0].join(PATIENCE)
    assert not started[0].is_alive()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_timers_fire_in_order_once_and_not_when_cancelled(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(timers, "_clockwork", timers._Clockwork())
    monkeypatch.setattr(timers, "now", clock)
    seen: list[str] = []
    done, entered, thread = threading.Event(), threading.Event(), list[threading.Thread]()

    def hold_up() -> None:
        thread.append(threading.current_thread())
        entered.wait(PATIENCE)

    timers.call_later(0.0, hold_up)  # until all of them are known
    timers.call_later(0.03, done.set)
    timers.call_later(0.02, lambda: seen.append("second"))
    timers.call_later(0.01, lambda: seen.append("first"))
    timers.call_later(0.0, lambda: 1 / 0)
    timers.call_later(0.005, lambda: seen.append("never")).cancel()
    entered.set()
    assert done.wait(PATIENCE)
    assert seen == ["first", "second"]
    assert "a timer's function failed" in caplog.text
    timers.call_later(0.0, sys.exit)  # a thread of this kind stays for the life of the process, but for this
    thread[0].join(PATIENCE)
    assert not thread[0].is_alive()


# -- under a client ------------------------------------------------------------------------


def test_T8_the_callback_runs_once_after_completion_on_a_callback_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    drivers: set[threading.Thread] = set()
    drive = Driver._drive

    def watched(driver: Driver) -> bool:
        drivers.add(threading.current_thread())
        return drive(driver)

    monkeypatch.setattr(Driver, "_drive", watched)
    with AutoImapServer({"INBOX": 20}) as server:
        client = client_of(server)
        seen: list[tuple[Any, ...]] = []
        state = object()

        def callback(handle: Any) -> None:
            event = handle.async_wait_handle.wait_one(0)
            seen.append((handle, handle.is_completed, event, handle.async_state is state, threading.current_thread()))

        handles = [client.begin_fetch_message(str(uid), callback, state) for uid in range(1, 21)]
        for handle in handles:
            client.end_fetch_message(handle)
        client.dispose()
        assert {id(entry[0]) for entry in seen} == {id(handle) for handle in handles}
        assert len(seen) == 20
        assert all(entry[1:4] == (True, True, True) for entry in seen)
        assert not drivers & {entry[4] for entry in seen}
        assert drivers


def test_T8_errors_and_cancellations_call_back_too() -> None:
    with AutoImapServer({"INBOX": 1}) as server:
        client = client_of(server)
        seen: list[Any] = []
        failing = client.begin_fetch_message("9", seen.append)
        failing.async_wait_handle.wait_one(10_000)
        gate = server.hold("UID FETCH")
        cancelled = client.begin_fetch_message("1", seen.append)
        gate.wait_for()
        client.cancel_async_operation(cancelled)
        gate.open()
        client.dispose()
        assert seen == [failing, cancelled]
        assert failing.error_info is not None
        assert cancelled.is_canceled


def test_T8_the_callback_may_call_anything() -> None:
    with AutoImapServer({"INBOX": 3}, at_most=3) as server, client_of(server, 3) as client:
        done, failures = threading.Event(), list[BaseException]()

        def callback(handle: Any) -> None:
            try:
                assert client.end_fetch_message(handle).as_bytes() == make_message(1)
                client.noop()
                assert len(client.list_messages()) == 3
                with client.create_connection():
                    client.select_folder("INBOX")
                    inner = client.begin_fetch_message("2")
                    assert client.end_fetch_message(inner).as_bytes() == make_message(2)
                with client.exclusive():
                    assert client.fetch_message("3").as_bytes() == make_message(3)
            except BaseException as error:  # noqa: BLE001 - looked at below
                failures.append(error)
            finally:
                done.set()

        client.begin_fetch_message("1", callback)
        assert done.wait(PATIENCE)
        assert not failures


def test_T8_dispose_in_a_callback_ends_the_client() -> None:
    with AutoImapServer({"INBOX": 3}) as server:
        client = client_of(server)
        disposed = threading.Event()

        def callback(handle: Any) -> None:
            client.dispose()
            disposed.set()

        client.begin_fetch_message("1", callback)
        assert disposed.wait(PATIENCE)
        server.wait_for(lambda: server.open_connections == 0, what="no connection")
        client.dispose()


def test_T8_a_connection_that_a_callback_forgot_is_taken_back() -> None:
    with AutoImapServer({"INBOX": 2}, at_most=2) as server, client_of(server, 2) as client:
        events: list[str] = []
        done = threading.Event()

        def watch(event: str, subject: Any) -> None:
            if event == "callback_done":
                done.set()

        client._observer = watch
        made: list[Any] = []
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            handle = client.begin_fetch_message("1", lambda _: made.append(client.create_connection()))
            client.end_fetch_message(handle)
            assert done.wait(PATIENCE)
        assert made[0].is_disposed
        assert any(issubclass(w.category, ResourceWarning) and __file__ in str(w.message) for w in warned)
        assert not events
        # The place is free again: another thread gets it.
        took = threading.Event()

        def work() -> None:
            with client.create_connection():
                took.set()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert took.is_set()


def test_T8_system_exit_in_a_callback_leaves_the_client_working(caplog: pytest.LogCaptureFixture) -> None:
    with AutoImapServer({"INBOX": 2}) as server, client_of(server) as client:
        done = threading.Event()

        def leave(_: Any) -> None:
            raise SystemExit(3)

        client.end_fetch_message(client.begin_fetch_message("1", leave))
        client.begin_fetch_message("2", lambda _: done.set())
        assert done.wait(PATIENCE)
        assert callbacks.log.name in {record.name for record in caplog.records}
