"""Threads, callbacks and connections that die at the wrong moment. Rows I that no other file has."""

from __future__ import annotations

import ast
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import mailclients
from mailclients import ImapClient, OperationCanceledException
from tests.clients.hostile import HostileServer, client, nothing_secret_is_logged
from tests.support.autoimap import make_message

__all__ = ["client", "nothing_secret_is_logged"]  # the fixtures

COUNT = 50


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer(clear_is_meant=True, folders={"INBOX": COUNT, "Archive": 2}, side_by_side=4) as server:
        yield server


def test_H_I1_fifty_threads_share_one_connection(server: HostileServer, client: ImapClient) -> None:
    client.max_connections_per_server = 1
    client.select_folder("INBOX")
    barrier = threading.Barrier(COUNT)

    def work(uid: int) -> list[Any]:
        barrier.wait()
        found: list[Any] = [client.fetch_message(str(uid)).as_bytes()]
        folder = ("INBOX", "Archive")[uid % 2]
        found.append(client.get_folder_info(folder).total_message_count)
        client.noop()
        found.append(client.end_fetch_message(client.begin_fetch_message(str(COUNT + 1 - uid))).as_bytes())
        found.append(client.list_message(str(uid)).subject)
        found.append(client.exist_folder(folder))
        return found

    with ThreadPoolExecutor(COUNT) as threads:
        results = list(threads.map(work, range(1, COUNT + 1)))
    for uid, found in enumerate(results, 1):
        count = (COUNT, 2)[uid % 2]
        expected = [make_message(uid), count, make_message(COUNT + 1 - uid), f"Message {uid}", True]
        assert found == expected
    assert len(server.connections) == 1


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt, BaseException])
def test_H_I2_whatever_a_callback_raises_harms_nothing(
    client: ImapClient, error: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    called = threading.Semaphore(0)

    def callback(handle: object) -> None:
        called.release()
        raise error("from a callback")

    handles = [client.begin_fetch_message(str(uid), callback) for uid in range(1, 21)]
    for uid, handle in enumerate(handles, 1):
        assert client.end_fetch_message(handle).as_bytes() == make_message(uid)
        assert called.acquire(timeout=30)
    assert client.fetch_message("1").as_bytes() == make_message(1)
    client.dispose()
    assert sum("a callback failed" in record.getMessage() for record in caplog.records) == 20


def test_H_I2_callbacks_that_do_not_return_hold_up_no_other(client: ImapClient) -> None:
    release, started, ran = threading.Event(), threading.Semaphore(0), threading.Semaphore(0)

    def blocked(handle: object) -> None:
        started.release()
        release.wait()

    for uid in range(1, 7):
        client.begin_fetch_message(str(uid), blocked)
    for _ in range(6):
        assert started.acquire(timeout=30)
    for uid in range(1, 7):
        client.begin_fetch_message(str(uid), lambda handle: ran.release())
    for _ in range(6):
        assert ran.acquire(timeout=30)
    release.set()


@pytest.mark.parametrize("limit", [1, 2, 10])
def test_H_I3_a_callback_may_call_anything(client: ImapClient, limit: int) -> None:
    client.max_connections_per_server = limit
    done = threading.Semaphore(0)
    found: list[bytes] = []
    pending = [client.begin_fetch_message(str(uid)) for uid in range(20, 30)]

    def callback(handle: Any) -> None:
        found.append(client.end_fetch_message(handle).as_bytes())
        found.append(client.fetch_message("2").as_bytes())
        found.append(client.end_fetch_message(client.begin_fetch_message("3")).as_bytes())
        found.extend(client.end_fetch_message(one).as_bytes() for one in pending)
        client.cancel_async_operation(handle)
        done.release()

    client.begin_fetch_message("1", callback)
    assert done.acquire(timeout=20), "a callback waits for ever"
    assert found == [make_message(uid) for uid in (1, 2, 3, *range(20, 30))]


def test_H_I4_a_handle_is_ended_by_many_threads_alike(server: HostileServer, client: ImapClient) -> None:
    client.select_folder("INBOX")
    gate = server.hold("UID FETCH")
    handle = client.begin_fetch_message("1")
    with ThreadPoolExecutor(8) as threads:
        futures = [threads.submit(client.end_fetch_message, handle) for _ in range(8)]
        gate.wait_for(1)
        gate.open()
        results = {id(future.result(timeout=30)) for future in futures}
    assert results == {id(client.end_fetch_message(handle))}


@pytest.mark.parametrize("when", ["queued", "sent", "finished"])
def test_H_I5_cancelling_gives_one_outcome(server: HostileServer, client: ImapClient, when: str) -> None:
    client.max_connections_per_server = 1
    client.select_folder("INBOX")
    gate = server.hold("UID FETCH", blocking=True)
    told: list[object] = []
    called = threading.Semaphore(0)

    def callback(handle: Any) -> None:
        told.append(handle)
        called.release()

    first = client.begin_fetch_message("1")
    gate.wait_for(1)
    uid = "2"
    handle = client.begin_fetch_message(uid, callback) if when != "sent" else None
    if handle is None:
        handle = first
    if when == "finished":
        gate.open()
        client.end_fetch_message(handle)
    client.cancel_async_operation(handle)
    client.cancel_async_operation(handle)
    if when == "finished":
        assert not handle.is_canceled
        assert client.end_fetch_message(handle).as_bytes() == make_message(2)
    else:
        assert handle.is_canceled
        for _ in range(2):
            with pytest.raises(OperationCanceledException):
                client.end_fetch_message(handle)
    gate.open()
    if handle is not first:
        assert client.end_fetch_message(first).as_bytes() == make_message(1)
        assert called.acquire(timeout=30)
        assert told == [handle]
    assert client.fetch_message("3").as_bytes() == make_message(3)
    assert len(server.connections) == 1


def test_H_I5_cancelling_races_with_completion(client: ImapClient) -> None:
    client.select_folder("INBOX")
    for _ in range(3):
        handles = [client.begin_fetch_message(str(uid)) for uid in range(1, COUNT + 1)]
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(client.cancel_async_operation, reversed(handles)))
        for uid, handle in enumerate(handles, 1):
            handle.async_wait_handle.wait_one()
            if handle.is_canceled:
                with pytest.raises(OperationCanceledException):
                    client.end_fetch_message(handle)
            else:
                assert client.end_fetch_message(handle).as_bytes() == make_message(uid)
    assert client.end_fetch_message(client.begin_fetch_message("7")).as_bytes() == make_message(7)


def test_H_I8_main_and_extra_connections_die_apart(server: HostileServer, client: ImapClient) -> None:
    client.select_folder("INBOX")
    extra = client.create_connection(create_as_default_connection=False)
    client.select_folder(extra, "Archive")
    main, other = server.connections
    main.close()
    assert client.fetch_message(extra, "2").as_bytes() == make_message(2)
    assert other.ended is None
    assert client.fetch_message("40").as_bytes() == make_message(40)
    other.reset()
    assert client.fetch_message("41").as_bytes() == make_message(41)
    assert client.fetch_message(extra, "1").as_bytes() == make_message(1)
    assert len(server.connections) == 4
    assert len([cmd for cmd in server.commands if cmd.name == "SELECT"]) == 4


def test_H_I9_a_server_that_drops_every_idle_connection(server: HostileServer, client: ImapClient) -> None:
    client.max_connections_per_server = 4
    client.select_folder("INBOX")
    for _ in range(3):
        before = len(server.connections)
        handles = [client.begin_fetch_message(str(uid)) for uid in range(1, COUNT + 1)]
        for uid, handle in enumerate(handles, 1):
            assert client.end_fetch_message(handle).as_bytes() == make_message(uid)
        assert client.fetch_message("1").as_bytes() == make_message(1)
        assert len(server.connections) - before <= 8, "a storm of connections"
        for conn in server.connections:
            conn.close()
    assert server.failed_sign_ins == 0


def test_H_I12_only_monotonic_time_is_used() -> None:
    root = Path(mailclients.__file__).parent
    wall: list[str] = []
    for path in [*root.glob("*.py"), *root.glob("engine/*.py"), *root.glob("imap/*.py"), *root.glob("wire/*.py")]:
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
        wall += [
            f"{path.name}:{node.lineno}" for node in attributes if ast.unparse(node) in ("time.time", "time.time_ns")
        ]
    # A message's Date is the one thing that the wall clock is for.
    assert [place for place in wall if not place.startswith("message.py")] == []
