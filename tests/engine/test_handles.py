"""T7 to T9 and N3: handles, their futures and awaiters, alone and as a client gives them."""

from __future__ import annotations

import asyncio
import gc
import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from concurrent.futures import TimeoutError as FutureTimeoutError  # the built-in one since Python 3.11
from concurrent.futures import wait as wait_for_futures
from typing import Any

import pytest

from mailclients.dotnet import WaitHandle
from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AuthenticationError,
    ImapException,
    MailClientError,
    MessageNotFoundError,
    OperationCanceledException,
    TimeoutException,
)
from mailclients.handles import AsyncOperation, HandleOwner, IAsyncResult, IAsyncResultExt, fresh
from tests.support.autoimap import AutoImapServer, make_message
from tests.support.clients import client_of
from tests.support.scripted import PATIENCE, ScriptedServer


class Owner(HandleOwner):
    """A client without anything behind it: callbacks and functions run at once, on the calling thread."""

    def __init__(self) -> None:
        self.completed: list[AsyncOperation[Any]] = []
        self.waited: list[AsyncOperation[Any]] = []

    def _handle_completed(self, handle: AsyncOperation[Any]) -> None:
        self.completed.append(handle)
        if handle.callback is not None:
            handle.callback(handle)

    def _cancel_handle(self, handle: AsyncOperation[Any]) -> bool:
        return handle.cancel()

    def _end_of(self, handle: AsyncOperation[Any]) -> Any:
        return handle.result()

    def _run_aside(self, function: Callable[[Any], object], argument: Any) -> None:
        function(argument)

    def _waiting_for(self, handle: AsyncOperation[Any]) -> None:
        self.waited.append(handle)


def handle_of(callback: Callable[[Any], object] | None = None, state: object = None) -> AsyncOperation[Any]:
    return AsyncOperation(Owner(), "fetch_message", callback, state)


# -- T8: completing ------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["complete", "fail", "cancel"])
def test_T8_a_handle_completes_exactly_once(how: str) -> None:
    calls: list[Any] = []
    handle = handle_of(calls.append)
    actions: dict[str, Callable[[], bool]] = {
        "complete": lambda: handle.complete(1),
        "fail": lambda: handle.fail(ValueError("x")),
        "cancel": handle.cancel,
    }
    assert actions[how]() is True
    for action in actions.values():
        assert action() is False
    assert calls == [handle]
    assert handle.is_completed
    assert handle.is_canceled == (how == "cancel")
    assert (handle.error_info is None) == (how == "complete")


def test_T8_of_racing_threads_one_completes_it() -> None:
    for _ in range(200):
        calls: list[Any] = []
        handle = handle_of(calls.append)
        barrier = threading.Barrier(4)

        def race(index: int, handle: AsyncOperation[Any] = handle, barrier: threading.Barrier = barrier) -> bool:
            barrier.wait()
            return (handle.complete, handle.cancel, lambda v: handle.fail(OSError()))[index % 3](index)  # type: ignore[arg-type]

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(race, range(4))) == 1
        assert calls == [handle]


def test_T8_result_then_is_completed_then_wait_handle_then_callback() -> None:
    seen: list[tuple[Any, ...]] = []
    handle = handle_of(lambda h: seen.append(("callback", h.is_completed, event.wait_one(0), h.future.result(0))))
    handle.add_waiter(lambda: seen.append(("waiter", handle.is_completed, event.wait_one(0), handle.result())))
    event = handle.async_wait_handle  # made last, set first
    handle.complete(7)
    assert seen == [("waiter", True, True, 7), ("callback", True, True, 7)]


def test_T8_a_waiter_that_fails_harms_no_other(caplog: pytest.LogCaptureFixture) -> None:
    handle = handle_of()
    told: list[int] = []
    handle.add_waiter(lambda: 1 / 0)
    handle.add_waiter(lambda: told.append(1))
    handle.complete(None)
    assert told == [1]
    assert "a waiter of fetch_message failed" in caplog.text


# -- T9: members ------------------------------------------------------------------------


def test_T9_members_before_and_after() -> None:
    state = object()
    handle = handle_of(state=state)
    assert isinstance(handle, IAsyncResult)
    assert isinstance(handle, IAsyncResultExt)
    assert (handle.is_completed, handle.completed_synchronously, handle.is_canceled) == (False, False, False)
    assert [handle.error_info] == [None]
    assert handle.async_state is state
    assert handle.async_wait_handle is handle.async_wait_handle
    assert handle.async_wait_handle.wait_one(0) is False
    assert handle.future is handle.future
    assert "pending" in repr(handle)
    handle.fail(ValueError("no"))
    assert handle.completed_synchronously is False
    assert isinstance(handle.error_info, ValueError)
    assert handle.async_wait_handle.wait_one(0) is True
    assert handle_of().async_wait_handle is not handle.async_wait_handle
    assert "failed" in repr(handle)
    assert "ValueError" in repr(handle)


def test_T9_the_wait_handle_stays_set_and_works_with_others() -> None:
    first, second = handle_of(), handle_of()
    both = [first.async_wait_handle, second.async_wait_handle]
    assert WaitHandle.wait_any(both, 0) == WaitHandle.WAIT_TIMEOUT
    second.complete(None)
    assert WaitHandle.wait_any(both) == 1
    assert WaitHandle.wait_any(both) == 1
    both[1].close()
    assert both[1].wait_one(0)
    first.complete(None)
    assert WaitHandle.wait_all(both)


def test_T9_waiting_tells_the_client_whichever_way() -> None:
    handle = handle_of()
    owner = handle.owner
    assert isinstance(owner, Owner)
    assert handle.wait(1) is False
    handle.async_wait_handle.wait_one(1)
    WaitHandle.wait_any([handle.async_wait_handle], 1)
    with pytest.raises(FutureTimeoutError):
        handle.future.exception(0.001)
    assert len(owner.waited) >= 4
    with pytest.raises(TimeoutException, match="still running after 1 ms"):
        handle.result(1)
    owner.waited.clear()
    handle.complete(1)
    assert handle.async_wait_handle.wait_one()
    assert owner.waited == []


def test_T9_a_wait_leaves_nothing_behind() -> None:
    handle = handle_of()
    for _ in range(100):
        handle.wait(0)
    assert not handle._waiters


# -- T9: the future ------------------------------------------------------------------------


def test_T9_future_follows_every_end() -> None:
    done, failed, cancelled = handle_of(), handle_of(), handle_of()
    futures = [handle.future for handle in (done, failed, cancelled)]
    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(lambda: set(as_completed(futures, PATIENCE)))
        done.complete(5)
        failed.fail(ValueError("no"))
        cancelled.cancel()
        assert ended.result(PATIENCE) == set(futures)
    assert futures[0].result() == 5
    assert futures[0].exception() is None
    assert isinstance(futures[1].exception(), ValueError)
    assert futures[2].cancelled()
    with pytest.raises(CancelledError):
        futures[2].result()
    assert wait_for_futures(futures).not_done == set()
    assert done.future.result() == 5  # asked for again, after the end


def test_T9_cancelling_the_future_cancels_the_operation() -> None:
    handle = handle_of()
    assert handle.future.cancel() is True
    assert handle.is_canceled
    assert handle.future.cancelled()
    assert handle.future.cancel() is True
    finished = handle_of()
    finished.complete(1)
    assert finished.future.cancel() is False
    assert finished.future.result() == 1


def test_T11_done_callbacks_of_futures_may_block() -> None:
    with AutoImapServer({"INBOX": 3}) as server, client_of(server) as client:
        threads: list[str] = []
        results: list[bytes] = []
        done = threading.Event()

        def then(future: Any) -> None:
            threads.append(threading.current_thread().name)
            future.result(0)
            results.append(client.end_fetch_message(client.begin_fetch_message("2")).as_bytes())
            done.set()

        gate = server.hold("UID FETCH")
        client.begin_fetch_message("1").future.add_done_callback(then)
        gate.open()
        assert done.wait(PATIENCE)
        assert results == [make_message(2)]
        assert "callback" in threads[0]


# -- T9: awaiting ------------------------------------------------------------------------


def test_T9_awaiting_in_any_loop_any_number_of_times() -> None:
    handle = handle_of()

    async def twice() -> list[Any]:
        async def one() -> Any:
            return await handle

        waiting = [asyncio.ensure_future(one()) for _ in range(3)]
        await asyncio.sleep(0)
        threading.Thread(target=handle.complete, args=("done",)).start()
        return list(await asyncio.gather(*waiting))

    assert asyncio.run(twice()) == ["done"] * 3

    async def again() -> Any:
        return await handle

    assert asyncio.run(again()) == "done"
    assert asyncio.run(again()) == "done"


def test_T9_loops_in_several_threads_await_one_handle() -> None:
    handle = handle_of()
    waiting = threading.Barrier(4)

    async def one() -> Any:
        waiting.wait(PATIENCE)
        return await handle

    with ThreadPoolExecutor(3) as pool:
        results = [pool.submit(lambda: asyncio.run(one())) for _ in range(3)]
        waiting.wait(PATIENCE)
        handle.complete(3)
        assert [result.result(PATIENCE) for result in results] == [3, 3, 3]


def test_T9_cancelling_the_awaiter_leaves_the_operation() -> None:
    handle = handle_of()

    async def give_up() -> None:
        async def one() -> Any:
            return await handle

        task = asyncio.ensure_future(one())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(give_up())
    assert not handle.is_completed
    assert not handle._waiters
    handle.complete(1)
    assert handle.result() == 1


def test_T9_awaiting_a_cancelled_or_failed_operation_raises() -> None:
    cancelled, failed = handle_of(), handle_of()
    cancelled.cancel()
    failed.fail(ValueError("no"))

    async def one(handle: AsyncOperation[Any]) -> Any:
        return await handle

    with pytest.raises(OperationCanceledException):
        asyncio.run(one(cancelled))
    with pytest.raises(ValueError, match="no"):
        asyncio.run(one(failed))


def test_T9_future_and_await_give_what_end_gives() -> None:
    with AutoImapServer({"INBOX": 1}, users={"user": "other"}) as server, client_of(server) as client:
        handle = client.begin_validate_credentials()
        assert client.end_validate_credentials(handle) is False
        assert handle.future.result(PATIENCE) is False

        async def one() -> Any:
            return await handle

        assert asyncio.run(one()) is False
        client.password = "other"
        exists = client.begin_exist_folder("INBOX")
        assert client.end_exist_folder(exists) is True
        assert exists.future.result(PATIENCE) is True
        assert client.begin_exist_folder("nowhere").future.result(PATIENCE) is False


# -- T9: size ------------------------------------------------------------------------


def test_T9_a_queued_handle_costs_about_a_kilobyte() -> None:
    count = 6000
    with ScriptedServer(greeting=None) as server:
        client = client_of(server)
        first = [client.begin_fetch_message(str(uid)) for uid in range(1, 400)]  # whatever is made once
        server.wait_for(3)
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        handles = [client.begin_fetch_message("1") for _ in range(count)]
        each = (tracemalloc.get_traced_memory()[0] - before) / count
        tracemalloc.stop()
        client.dispose(timeout=1)
        assert all(handle.is_canceled for handle in (*first, *handles))
        assert each < 1300, f"{each:.0f} bytes"


def test_T9_a_held_handle_keeps_its_result_and_a_dropped_one_does_not() -> None:
    with AutoImapServer({"INBOX": 1}) as server, client_of(server) as client:
        import weakref

        handle = client.begin_fetch_message("1")
        message = weakref.ref(client.end_fetch_message(handle))
        gc.collect()
        assert message() is not None
        del handle
        client.end_noop(client.begin_noop())
        gc.collect()
        assert message() is None


# -- T7, N3: end ------------------------------------------------------------------------


def test_T7_ending_twice_from_two_threads_gives_the_same() -> None:
    with AutoImapServer({"INBOX": 2}) as server, client_of(server) as client:
        handle = client.begin_fetch_message("2")
        with ThreadPoolExecutor(4) as pool:
            messages = list(pool.map(client.end_fetch_message, [handle] * 4))
        assert all(message is messages[0] for message in messages)


def test_T7_a_fresh_exception_each_time_with_the_original_as_its_cause() -> None:
    with AutoImapServer({"INBOX": 2}) as server, client_of(server) as client:
        handle = client.begin_fetch_message("99")
        errors: list[BaseException] = []
        for _ in range(2):
            with pytest.raises(MessageNotFoundError, match="99") as caught:
                client.end_fetch_message(handle)
            errors.append(caught.value)
        assert errors[0] is not errors[1]
        assert errors[0].__cause__ is errors[1].__cause__ is handle.error_info
        assert str(errors[0]) == str(errors[1]) == str(handle.error_info)


def test_N3_end_raises_what_the_plain_call_raises() -> None:
    with AutoImapServer({"INBOX": 2}) as server, client_of(server) as client:
        pairs: list[tuple[Callable[[], Any], Callable[[], Any]]] = [
            (lambda: client.fetch_message("99"), lambda: client.end_fetch_message(client.begin_fetch_message("99"))),
            (lambda: client.fetch_message(99), lambda: client.end_fetch_message(client.begin_fetch_message(99))),
            (
                lambda: client.create_folder("INBOX"),
                lambda: client.end_create_folder(client.begin_create_folder("INBOX")),
            ),
            (
                lambda: client.select_folder("none"),
                lambda: client.end_select_folder(client.begin_select_folder("none")),
            ),
        ]
        for plain, begun in pairs:
            with pytest.raises(MailClientError) as expected:
                plain()
            with pytest.raises(MailClientError) as caught:
                begun()
            assert type(caught.value) is type(expected.value)
            assert str(caught.value) == str(expected.value)
            assert vars(caught.value) == vars(expected.value)
            client.select_folder("INBOX")


def test_N3_a_refused_sign_in_keeps_its_type_and_answer() -> None:
    with AutoImapServer(users={"user": "other"}) as server, client_of(server) as client:
        with pytest.raises(AuthenticationError) as caught:
            client.end_noop(client.begin_noop())
        assert isinstance(caught.value, PermissionError)
        assert caught.value.status == "NO"


def test_T7_foreign_handles_and_other_operations_are_refused_by_name() -> None:
    with AutoImapServer({"INBOX": 1}) as server, client_of(server) as client, client_of(server) as other:
        handle = client.begin_noop()
        with pytest.raises(AsposeArgumentException, match=r"begin_fetch_message.*begin_noop"):
            client.end_fetch_message(handle)
        with pytest.raises(AsposeArgumentException, match=r"end_noop.*begin_noop.*another client") as caught:
            other.end_noop(handle)
        assert repr(client)[:14] in str(caught.value)
        assert repr(other)[:14] in str(caught.value)
        with pytest.raises(AsposeArgumentException, match="another client"):
            other.cancel_async_operation(handle)
        with pytest.raises(AsposeArgumentNullException):
            client.end_noop(None)  # type: ignore[arg-type]
        with pytest.raises(ArgumentTypeError, match="not object"):
            client.end_noop(object())  # type: ignore[arg-type]
        client.end_noop(handle)  # none the worse for it


class _Awkward(Exception):
    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


class _Refuses(Exception):
    def __copy__(self) -> _Refuses:
        raise RuntimeError("no copies")


def test_T7_errors_that_cannot_be_copied_are_told_all_the_same() -> None:
    for error in (_Awkward("a", "b"), _Refuses("ab")):
        twin = fresh(error)
        assert twin is not error
        assert "ab" in str(twin)
    refused = ImapException("no", status="NO", code="X", server_text="t")
    twin = fresh(refused)
    assert type(twin) is ImapException
    assert vars(twin) == vars(refused)
