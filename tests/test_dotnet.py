"""The .NET shapes: wait handles, thread pool, delegates and events (rule N1)."""

from __future__ import annotations

import logging
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from mailclients import dotnet
from mailclients.dotnet import (
    AsyncCallback,
    AutoResetEvent,
    CompletionEvent,
    Event,
    EventArgs,
    EventResetMode,
    EventSlot,
    EventWaitHandle,
    IDisposable,
    ManualResetEvent,
    ThreadPool,
    WaitHandle,
    to_seconds,
)
from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
    AsposeInvalidOperationException,
    ObjectDisposedException,
)

LONG = 20_000  # milliseconds that no passing test waits for


class Arrivals(dict[Any, None]):
    """The waiters of a handle; tells when one has come."""

    def __init__(self) -> None:
        super().__init__()
        self.came = threading.Semaphore(0)

    def __setitem__(self, key: Any, value: None) -> None:
        super().__setitem__(key, value)
        self.came.release()


def watch(handle: WaitHandle) -> threading.Semaphore:
    arrivals = Arrivals()
    handle._waiters = arrivals
    return arrivals.came


@pytest.fixture
def start() -> Iterator[Callable[..., queue.Queue[Any]]]:
    """Run a function in a thread; its result or error comes out of the queue."""
    threads: list[threading.Thread] = []

    def begin(function: Callable[..., Any], *args: Any) -> queue.Queue[Any]:
        out: queue.Queue[Any] = queue.Queue()

        def run() -> None:
            try:
                out.put(function(*args))
            except Exception as exc:  # noqa: BLE001 - handed to the test
                out.put(exc)

        thread = threading.Thread(target=run, daemon=True)
        threads.append(thread)
        thread.start()
        return out

    yield begin
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture
def pool() -> Iterator[dotnet._WorkerPool]:
    made = dotnet._WorkerPool(maximum=64, idle_seconds=30)
    yield made
    assert made.retire(10)


# --- times --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [
        (0, 0.0),
        (1500, 1.5),
        (-1, None),
        (timedelta(seconds=2), 2.0),
        (timedelta(milliseconds=-1), None),
        (timedelta(0), 0.0),
        (timedelta.max, timedelta.max.total_seconds()),
    ],
)
def test_N1_times_are_milliseconds_or_timedelta(timeout: int | timedelta, seconds: float | None) -> None:
    assert to_seconds(timeout) == seconds


@pytest.mark.parametrize(
    ("timeout", "error"),
    [
        (True, ArgumentTypeError),
        (1.5, ArgumentTypeError),
        ("1", ArgumentTypeError),
        (None, AsposeArgumentNullException),
        (-2, AsposeArgumentOutOfRangeException),
        (timedelta(seconds=-1), AsposeArgumentOutOfRangeException),
        (timedelta(microseconds=-1), AsposeArgumentOutOfRangeException),
        (10**400, AsposeArgumentOutOfRangeException),
    ],
)
def test_N1_other_times_are_refused_by_name(timeout: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="patience"):
        to_seconds(timeout, "patience")
    with pytest.raises(error):
        ManualResetEvent(True).wait_one(timeout)


def test_a_time_beyond_what_the_system_can_wait_is_taken(start: Callable[..., queue.Queue[Any]]) -> None:
    event = AutoResetEvent(False)
    came = watch(event)
    out = start(event.wait_one, 10**15)
    assert came.acquire(timeout=30)
    event.set()
    assert out.get(timeout=30) is True


# --- wait handles -------------------------------------------------------------------------------


def test_N1_auto_reset_event_lets_one_waiter_through_each_set(start: Callable[..., queue.Queue[Any]]) -> None:
    event = AutoResetEvent(False)
    came = watch(event)
    passed: queue.Queue[int] = queue.Queue()

    def wait(number: int) -> bool:
        done = event.wait_one(LONG)
        passed.put(number)
        return done

    outs = []
    for number in range(5):  # one after the other, so that their order is known
        outs.append(start(wait, number))
        assert came.acquire(timeout=30)
    for expected in range(5):
        assert event.set() is True
        assert passed.get(timeout=30) == expected  # first come, first served
        assert passed.empty()
        assert not event.wait_one(0)
    assert all(out.get(timeout=30) is True for out in outs)


def test_N1_sets_of_an_auto_reset_event_do_not_add_up() -> None:
    event = AutoResetEvent(False)
    event.set()
    event.set()
    assert event.wait_one(0)
    assert not event.wait_one(0)
    assert AutoResetEvent(True).wait_one(0)


def test_N1_manual_reset_event_lets_everybody_through_until_reset(
    start: Callable[..., queue.Queue[Any]],
) -> None:
    event = ManualResetEvent(False)
    came = watch(event)
    outs = [start(event.wait_one) for _ in range(4)]
    for _ in outs:
        assert came.acquire(timeout=30)
    event.set()
    assert all(out.get(timeout=30) is True for out in outs)
    assert event.wait_one(0)
    assert event.reset() is True
    assert not event.wait_one(0)


def test_N1_wait_any_gives_the_lowest_index_and_takes_only_that_one() -> None:
    first, second, third = AutoResetEvent(False), AutoResetEvent(True), AutoResetEvent(True)
    handles = [first, second, third]
    assert WaitHandle.wait_any(handles) == 1
    assert not second.wait_one(0)
    assert third.wait_one(0)
    assert WaitHandle.wait_any(handles, 0) == WaitHandle.WAIT_TIMEOUT == 258
    assert WaitHandle.wait_any(iter([first]), timedelta(milliseconds=1)) == 258


def test_N1_wait_any_wakes_for_a_later_set(start: Callable[..., queue.Queue[Any]]) -> None:
    handles = [AutoResetEvent(False), ManualResetEvent(False), AutoResetEvent(False)]
    came = watch(handles[2])  # entered last
    out = start(WaitHandle.wait_any, handles, LONG)
    assert came.acquire(timeout=30)
    handles[1].set()
    assert out.get(timeout=30) == 1
    assert all(not handle._waiters for handle in handles)


def test_N1_wait_all_takes_all_or_none(start: Callable[..., queue.Queue[Any]]) -> None:
    first, second = AutoResetEvent(True), AutoResetEvent(False)
    assert WaitHandle.wait_all([first, second], 1) is False
    assert first.wait_one(0), "nothing may be taken by a wait that failed"
    first.set()
    came = watch(second)
    out = start(WaitHandle.wait_all, [first, second], LONG)
    assert came.acquire(timeout=30)
    assert first.wait_one(0), "a wait for all holds nothing while it waits"
    second.set()
    assert second.wait_one(0)
    first.set()
    second.set()
    assert out.get(timeout=30) is True
    assert not first.wait_one(0)
    assert not second.wait_one(0)


@pytest.mark.parametrize("wait", [WaitHandle.wait_any, WaitHandle.wait_all])
def test_N1_handles_are_checked(wait: Callable[..., object]) -> None:
    with pytest.raises(AsposeArgumentNullException):
        wait(None)
    with pytest.raises(AsposeArgumentException, match="empty"):
        wait([])
    with pytest.raises(ArgumentTypeError, match=r"handles\[1\]"):
        wait([ManualResetEvent(True), "x"])
    with pytest.raises(ArgumentTypeError, match="int"):
        wait(3)


def test_N1_waiting_for_a_begun_operation_itself_says_what_to_pass() -> None:
    class Begun:
        async_wait_handle = ManualResetEvent(False)

    for wait in (WaitHandle.wait_any, WaitHandle.wait_all):
        with pytest.raises(ArgumentTypeError, match="must be a WaitHandle, not Begun; pass its async_wait_handle"):
            wait([Begun()], 0)  # type: ignore[list-item]
        with pytest.raises(ArgumentTypeError, match=r"not int$"):
            wait([1], 0)  # type: ignore[list-item]


def test_N1_wait_all_refuses_a_handle_twice() -> None:
    event = ManualResetEvent(True)
    with pytest.raises(AsposeArgumentException, match="twice"):
        WaitHandle.wait_all([event, event])
    assert WaitHandle.wait_any([event, event]) == 0


def test_N1_no_set_is_lost_or_doubled_between_many_threads(start: Callable[..., queue.Queue[Any]]) -> None:
    events = [AutoResetEvent(False) for _ in range(3)]
    rounds = 200
    free = threading.Semaphore(0)

    def take() -> int:
        taken = 0
        while WaitHandle.wait_any([*events, ended], LONG) != 3:
            taken += 1
            free.release()
        return taken

    ended = ManualResetEvent(False)
    outs = [start(take) for _ in range(4)]
    for number in range(rounds):
        events[number % 3].set()
        assert free.acquire(timeout=30)
    ended.set()
    assert sum(out.get(timeout=30) for out in outs) == rounds


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs POSIX signals")
def test_N1_keyboard_interrupt_ends_a_wait_and_takes_nothing(start: Callable[..., queue.Queue[Any]]) -> None:
    event = AutoResetEvent(False)
    came = watch(event)
    main = threading.get_ident()
    over = threading.Event()

    def interrupted(number: int, frame: object) -> None:
        if not over.is_set():
            over.set()
            raise KeyboardInterrupt

    def interrupt() -> None:
        assert came.acquire(timeout=30)
        # A signal that comes just before the system call does not end it: once more, until it has.
        while not over.wait(0.02):
            signal.pthread_kill(main, signal.SIGINT)

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        start(interrupt)
        with pytest.raises(KeyboardInterrupt):
            event.wait_one(LONG)
    finally:
        over.set()
        signal.signal(signal.SIGINT, before)
    assert not event._waiters
    event.set()
    assert event.wait_one(0)


def test_N1_what_an_interrupted_waiter_took_goes_to_the_next() -> None:
    event = AutoResetEvent(False)
    interrupted, following = dotnet._Waiter((event,), False), dotnet._Waiter((event,), False)
    event._waiters = {interrupted: None, following: None}
    event.set()
    assert (interrupted.outcome, following.outcome) == (0, None)
    with dotnet._guard:
        interrupted.give_back()
    assert following.outcome == 0
    assert not event.wait_one(0)


@pytest.mark.skipif(not hasattr(signal, "raise_signal") or os.name == "nt", reason="needs POSIX signals")
def test_N1_a_signal_handler_may_set_an_event_while_its_thread_is_inside() -> None:
    event = ManualResetEvent(False)
    seen: list[bool] = []

    def handler(number: int, frame: object) -> None:
        seen.append(event.set())

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        with dotnet._guard:
            signal.raise_signal(signal.SIGUSR1)
            assert seen == [True]
            assert not event._signaled  # served on the way out
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert event.wait_one(0)


def test_N1_closing_wakes_those_who_wait(start: Callable[..., queue.Queue[Any]]) -> None:
    event, other = AutoResetEvent(False), AutoResetEvent(False)
    came = watch(other)
    out = start(WaitHandle.wait_any, [event, other], LONG)
    assert came.acquire(timeout=30)
    event.dispose()
    event.close()
    assert isinstance(out.get(timeout=30), ObjectDisposedException)
    for call in (event.set, event.reset, event.wait_one):
        with pytest.raises(ObjectDisposedException):
            call()
    with ManualResetEvent(True) as inner:
        assert inner.wait_one(0)
    assert "closed" in repr(inner)


def test_N1_the_wait_handle_of_an_operation_stays_set() -> None:
    done = CompletionEvent()
    assert not done.wait_one(0)
    done.set()
    assert done.reset() is False
    done.close()
    assert done.wait_one(0)
    assert done.set()
    assert WaitHandle.wait_all([done, CompletionEvent(True)], 0)


def test_event_wait_handle_has_both_modes() -> None:
    auto = EventWaitHandle(True, EventResetMode.AUTO_RESET)
    manual = EventWaitHandle(True, EventResetMode.MANUAL_RESET)
    assert [auto.wait_one(0), auto.wait_one(0)] == [True, False]
    assert [manual.wait_one(0), manual.wait_one(0)] == [True, True]
    wrong: Any = 1
    with pytest.raises(ArgumentTypeError):
        AutoResetEvent(wrong)
    assert repr(manual) == "<EventWaitHandle set waiting=0>"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_after_a_fork_a_waiter_of_the_parent_takes_no_set(start: Callable[..., queue.Queue[Any]]) -> None:
    event = AutoResetEvent(False)
    came = watch(event)
    out = start(event.wait_one, LONG)
    assert came.acquire(timeout=30)
    child = os.fork()
    if child == 0:
        try:
            event.set()
            os._exit(0 if event.wait_one(0) else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    event.set()
    assert out.get(timeout=30) is True


# --- thread pool --------------------------------------------------------------------------------


def test_N1_a_work_item_gets_its_state_on_another_thread() -> None:
    seen: queue.Queue[tuple[object, int]] = queue.Queue()
    state = object()
    try:
        assert ThreadPool.queue_user_work_item(lambda s: seen.put((s, threading.get_ident())), state) is True
        got, thread = seen.get(timeout=30)
        assert got is state
        assert thread != threading.get_ident()
        assert ThreadPool.queue_user_work_item(lambda s: seen.put((s, 0)))
        assert seen.get(timeout=30) == (None, 0)
    finally:
        assert dotnet._pool.retire(10)
    wrong: Any = None
    with pytest.raises(AsposeArgumentNullException):
        ThreadPool.queue_user_work_item(wrong)
    wrong = 3
    with pytest.raises(ArgumentTypeError):
        ThreadPool.queue_user_work_item(wrong)


def test_N1_work_items_that_wait_for_each_other_all_run(pool: dotnet._WorkerPool) -> None:
    together = threading.Barrier(41)
    for _ in range(40):
        pool.submit(lambda _: together.wait(30), None)
    together.wait(30)  # breaks unless all forty run at once


def test_N1_an_idle_worker_is_used_again_and_keeps_nothing_alive(pool: dotnet._WorkerPool) -> None:
    seen: queue.Queue[str] = queue.Queue()
    for _ in range(20):
        pool.submit(lambda _: seen.put(threading.current_thread().name), None)
        seen.get(timeout=30)
    assert len(pool._workers) <= 2
    assert all(worker.daemon for worker in pool._workers)


def test_N1_beyond_the_limit_work_waits_and_is_done(pool: dotnet._WorkerPool) -> None:
    pool._maximum = 2
    gate, done = threading.Event(), threading.Semaphore(0)
    inside = threading.Barrier(3)

    def hold(_: object) -> None:
        inside.wait(30)
        gate.wait(30)

    for _ in range(2):
        pool.submit(hold, None)
    inside.wait(30)
    for _ in range(5):
        pool.submit(lambda _: done.release(), None)
    assert len(pool._workers) == 2
    assert not done.acquire(blocking=False)
    gate.set()
    assert all(done.acquire(timeout=30) for _ in range(5))


@pytest.mark.parametrize("error", [ValueError("boom"), SystemExit(3), KeyboardInterrupt()])
def test_N1_an_exception_in_a_work_item_is_logged_and_harms_nothing(
    pool: dotnet._WorkerPool, error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    pool._maximum = 1
    seen: queue.Queue[int] = queue.Queue()

    def fail(_: object) -> None:
        raise error

    pool.submit(fail, None)
    pool.submit(lambda _: seen.put(threading.get_ident()), None)
    seen.get(timeout=30)
    records = [record for record in caplog.records if record.name == "mailclients.dotnet"]
    assert len(records) == 1
    assert "fail" in records[0].getMessage()
    assert records[0].levelno == logging.ERROR


def test_a_thread_that_cannot_start_leaves_no_trace(pool: dotnet._WorkerPool, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            pool.submit(print, "never")
    assert not pool._workers
    assert not pool._items


# --- delegates and events -----------------------------------------------------------------------


class ConnectArgs(EventArgs):
    def __init__(self, host: str) -> None:
        self.host = host


class Client:
    on_connect = EventSlot[ConnectArgs]()


def test_N1_events_take_plus_equals_and_minus_equals() -> None:
    client, other = Client(), Client()
    seen: list[str] = []

    def first(sender: object, args: ConnectArgs) -> None:
        assert sender is client
        seen.append("first " + args.host)

    def second(sender: object, args: ConnectArgs) -> None:
        seen.append("second " + args.host)

    client.on_connect += first
    client.on_connect += second
    client.on_connect(client, ConnectArgs("a"))
    client.on_connect -= first
    client.on_connect -= first  # not there: ignored
    client.on_connect(client, ConnectArgs("b"))
    assert seen == ["first a", "second a", "second b"]
    assert client.on_connect
    assert not other.on_connect
    assert list(client.on_connect) == [second]
    with pytest.raises(AsposeInvalidOperationException, match=r"\+="):
        client.on_connect = Event()
    assert isinstance(Client.on_connect, EventSlot)
    assert repr(client.on_connect) == "<Event on_connect handlers=1>"


def test_N1_a_bound_method_is_removed_and_the_last_of_equal_handlers_first() -> None:
    class Handler:
        def call(self, sender: object, args: EventArgs) -> None: ...

    handler, event = Handler(), Event[EventArgs]()

    def between(sender: object, args: EventArgs) -> None: ...

    event += handler.call
    event += between
    event += handler.call
    event -= handler.call
    assert list(event) == [handler.call, between]
    wrong: Any = 5
    with pytest.raises(ArgumentTypeError):
        event += wrong


def test_N1_an_event_changed_while_it_is_raised_keeps_its_round() -> None:
    event, seen = Event[EventArgs](), []

    def once(sender: object, args: EventArgs) -> None:
        nonlocal event
        event -= once
        event += later
        seen.append("once")

    def later(sender: object, args: EventArgs) -> None:
        seen.append("later")

    event += once
    event(None, EventArgs.EMPTY)
    assert seen == ["once"]
    event(None, EventArgs.EMPTY)
    assert seen == ["once", "later"]


def test_N1_handlers_added_in_many_threads_are_all_there(start: Callable[..., queue.Queue[Any]]) -> None:
    client = Client()
    begin = threading.Barrier(8)

    def add() -> None:
        begin.wait(30)
        for _ in range(50):
            client.on_connect += lambda sender, args: None

    for out in [start(add) for _ in range(8)]:
        assert out.get(timeout=30) is None
    assert len(client.on_connect) == 400


def test_N1_raising_passes_errors_on_and_firing_logs_them(caplog: pytest.LogCaptureFixture) -> None:
    event, seen = Event[EventArgs]("on_test"), []

    def bad(sender: object, args: EventArgs) -> None:
        raise SystemExit(1)

    event += bad
    event += lambda sender, args: seen.append(args)
    with pytest.raises(SystemExit):
        event(None, EventArgs.EMPTY)
    assert seen == []
    event.fire(None, EventArgs.EMPTY)
    assert seen == [EventArgs.EMPTY]
    assert "on_test" in caplog.text


def test_N1_async_callback_wraps_any_callable() -> None:
    seen: list[int] = []
    callback = AsyncCallback(seen.append)
    callback(7)
    assert seen == [7]
    assert callback == AsyncCallback(seen.append)
    assert callback != seen.append
    assert len({callback, AsyncCallback(seen.append)}) == 1
    assert "append" in repr(callback)
    wrong: Any = None
    with pytest.raises(AsposeArgumentNullException):
        AsyncCallback(wrong)


def test_disposable_is_a_context_manager() -> None:
    class Thing(IDisposable):
        disposed = False

        def dispose(self) -> None:
            self.disposed = True

    with Thing() as thing:
        assert not thing.disposed
    assert thing.disposed
