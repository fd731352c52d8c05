"""save_message and the caller's own stream: what its `write` may do, what it gets, and how it ends."""

from __future__ import annotations

import errno
import io
import logging
import threading
import tracemalloc
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    ConnectionAsgmtType,
    ImapClient,
    MailClientError,
    OperationCanceledException,
    PipeliningMode,
    SecurityOptions,
)
from mailclients.engine.commands import Aside
from mailclients.engine.deadlines import Deadline
from mailclients.imap import operations
from mailclients.saving import COPIED_AT_ONCE
from tests.clients.imap_cases import run
from tests.support.autoimap import AutoImapServer, make_message
from tests.support.waiting import until

BEGUN = pytest.mark.parametrize("begun", [False, True], ids=["plain", "begun"])
PATIENCE = 20.0
BODY = make_message(1, 300_000)


def client_of(server: AutoImapServer, limit: int = 10) -> ImapClient:
    client = ImapClient("127.0.0.1", server.port, "user", "secret", SecurityOptions.NONE)
    client.timeout = 20_000
    client.max_connections_per_server = limit
    return client


class Sink(io.BytesIO):
    """A stream that does something of its own at its first write."""

    def __init__(self, first: Callable[[], object]) -> None:
        super().__init__()
        self.first: Callable[[], object] | None = first

    def write(self, data: Any, /) -> int:
        first, self.first = self.first, None
        if first is not None:
            first()
        return super().write(data)


@BEGUN
@pytest.mark.parametrize("limit", [1, 2, 10])
def test_T11_write_may_call_the_client(limit: int, begun: bool) -> None:
    with AutoImapServer({"INBOX": [BODY, make_message(2)]}) as server, client_of(server, limit) as client:
        client.select_folder("INBOX")

        def call() -> None:
            client.noop()
            assert client.fetch_message("2").as_bytes() == make_message(2)
            assert client.end_fetch_message(client.begin_fetch_message("2")).as_bytes() == make_message(2)
            again = io.BytesIO()
            client.end_save_message(client.begin_save_message("1", again))
            assert again.getvalue() == BODY

        stream = Sink(call)
        run(client, begun, "save_message", "1", stream)
        assert stream.getvalue() == BODY


def test_T11_more_writes_than_places_may_wait_for_what_they_begin() -> None:
    bodies = [make_message(number, 1000) for number in range(1, 9)]
    with AutoImapServer({"INBOX": bodies}) as server, client_of(server, 1) as client:
        client.use_pipelining.client_mode = PipeliningMode.DISABLED  # one place
        client.select_folder("INBOX")
        everybody = threading.Barrier(len(bodies))

        def meet() -> None:
            everybody.wait(PATIENCE)  # each holds on until all are being written
            client.end_noop(client.begin_noop())

        streams = [Sink(meet) for _ in bodies]
        handles = [client.begin_save_message(str(uid), stream) for uid, stream in enumerate(streams, 1)]
        for handle in handles:
            client.end_save_message(handle)
        assert [stream.getvalue() for stream in streams] == bodies


def test_T2_a_write_that_blocks_holds_nobody_up() -> None:
    with AutoImapServer({"INBOX": [BODY, make_message(2)]}) as server, client_of(server, 1) as client:
        client.select_folder("INBOX")
        reached, go_on = threading.Event(), threading.Event()

        def block() -> None:
            reached.set()
            assert go_on.wait(PATIENCE)

        stream = Sink(block)
        saving = client.begin_save_message("1", stream)
        assert reached.wait(PATIENCE)
        assert client.end_fetch_message(client.begin_fetch_message("2")).as_bytes() == make_message(2)
        assert client.fetch_message("2").as_bytes() == make_message(2)
        assert not saving.is_completed
        assert "work of its own" in repr(saving)
        go_on.set()
        client.end_save_message(saving)
        assert stream.getvalue() == BODY


def test_T3_the_stream_is_written_on_the_caller_s_thread_or_on_a_callback_thread() -> None:
    with AutoImapServer({"INBOX": [BODY]}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        where: list[str] = []
        for begun in (False, True):
            run(client, begun, "save_message", "1", Sink(lambda: where.append(threading.current_thread().name)))
        assert where[0] == threading.current_thread().name
        assert "-callback-" in where[1]


def test_T8_a_connection_that_write_makes_and_forgets_is_taken_back() -> None:
    with AutoImapServer({"INBOX": [BODY]}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        client.connection_asgmt_mode = ConnectionAsgmtType.USE_DEFAULT
        client.end_save_message(client.begin_save_message("1", Sink(client.noop)))
        assert len(server.connections) == 3
        server.wait_for(lambda: server.open_connections == 2)  # the main connection and the task connection


@BEGUN
@pytest.mark.parametrize("at", [0, 100_000, len(BODY)])
def test_Q5_a_connection_that_breaks_in_the_message_gives_the_stream_nothing_twice(at: int, begun: bool) -> None:
    with AutoImapServer({"INBOX": [BODY]}) as server, client_of(server) as client:

        def cut(conn: Any, cmd: Any) -> bool:
            conn.send(b"* 1 FETCH (UID 1 BODY[] {%d}\r\n" % len(BODY) + BODY[:at])
            conn.flush()
            conn.close()
            return True

        client.select_folder("INBOX", True)
        server.on("UID FETCH", cut, times=2)
        stream = io.BytesIO()
        run(client, begun, "save_message", "1", stream)
        assert stream.getvalue() == BODY


@BEGUN
def test_a_message_that_never_comes_whole_leaves_the_stream_alone(begun: bool) -> None:
    with AutoImapServer({"INBOX": [BODY]}) as server, client_of(server) as client:

        def cut(conn: Any, cmd: Any) -> bool:
            conn.send(b"* 1 FETCH (UID 1 BODY[] {%d}\r\n" % len(BODY) + BODY[:100_000])
            conn.flush()
            conn.close()
            return True

        client.select_folder("INBOX", True)
        server.on("UID FETCH", cut)
        stream = io.BytesIO()
        with pytest.raises(MailClientError):
            run(client, begun, "save_message", "1", stream)
        assert stream.getvalue() == b""


@BEGUN
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "no room"), ZeroDivisionError("mine")], ids=["OSError", "own"])
def test_what_the_stream_raises_is_raised(error: Exception, begun: bool) -> None:
    with AutoImapServer({"INBOX": [BODY]}) as server, client_of(server) as client:
        client.select_folder("INBOX")

        def fail() -> None:
            raise error

        with pytest.raises(type(error), match=r"no room|mine") as caught:
            run(client, begun, "save_message", "1", Sink(fail))
        assert begun or caught.value is error
        client.noop()
        assert len(server.connections) == 1 + begun  # it cost no connection


@BEGUN
def test_a_stream_that_takes_no_more_is_an_error(begun: bool) -> None:
    class Full:
        def write(self, data: bytes) -> int:
            return 0

    with AutoImapServer({"INBOX": [BODY]}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        with pytest.raises(OSError, match="takes no more"):
            run(client, begun, "save_message", "1", Full())


@BEGUN
def test_a_stream_that_takes_a_little_at_a_time_gets_everything(begun: bool) -> None:
    class Slow(io.BytesIO):
        def write(self, data: Any, /) -> int:
            return super().write(data[:1000])

    with AutoImapServer({"INBOX": [BODY]}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        stream = Slow()
        run(client, begun, "save_message", "1", stream)
        assert stream.getvalue() == BODY


@BEGUN
@pytest.mark.parametrize("to_file", [False, True], ids=["stream", "file"])
def test_a_full_disk_is_named_and_costs_no_connection(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, to_file: bool, begun: bool
) -> None:
    def full(sink: Any, data: memoryview) -> None:
        sink._keep(raise_full)
        sink.written += len(data)

    def raise_full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("mailclients.imap.protocol.LiteralSink.write", full)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    with AutoImapServer({"INBOX": [BODY]}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        stream, path = io.BytesIO(), tmp_path / "saved.eml"
        with pytest.raises(OSError, match=r"No space left on device.*(saved\.eml|temporary)") as caught:
            run(client, begun, "save_message", "1", str(path) if to_file else stream)
        assert caught.value.errno == errno.ENOSPC
        assert stream.getvalue() == b""
        client.noop()
        assert len(server.connections) == 1 + begun
    assert list(tmp_path.iterdir()) == []


@BEGUN
@pytest.mark.parametrize("target", ["file", "stream"])
def test_saving_100_mb_takes_little_memory(tmp_path: Path, target: str, begun: bool) -> None:
    size, piece = 100 * 1024 * 1024, b"0123456789abcdef" * 65536
    path = tmp_path / "large.eml"

    def large(conn: Any, cmd: Any) -> bool:
        conn.send(b"* 1 FETCH (UID 1 BODY[] {%d}\r\n" % size)
        for _ in range(size // len(piece)):
            conn.send(piece)
            conn.flush()
        conn.send(b")\r\n")
        conn.reply(cmd)
        return True

    with AutoImapServer({"INBOX": 1}) as server, client_of(server) as client, path.open("wb") as stream:
        client.timeout = 60_000
        client.select_folder("INBOX", True)
        client.end_noop(client.begin_noop())
        server.on("UID FETCH", large)
        tracemalloc.start()
        try:
            run(client, begun, "save_message", "1", str(path) if target == "file" else stream)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert path.stat().st_size == size
    assert peak < 12 * 1024 * 1024  # the server's one piece and a few buffers


# -- the end ------------------------------------------------------------


def test_T10_cancelling_a_save_ends_it_while_its_stream_blocks() -> None:
    with AutoImapServer({"INBOX": [BODY]}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        reached, go_on, told = threading.Event(), threading.Event(), threading.Event()

        def block() -> None:
            reached.set()
            assert go_on.wait(PATIENCE)

        stream = Sink(block)
        saving = client.begin_save_message("1", stream, lambda handle: told.set())
        assert reached.wait(PATIENCE)
        client.cancel_async_operation(saving)
        assert saving.is_canceled
        assert told.wait(PATIENCE)
        with pytest.raises(OperationCanceledException):
            client.end_save_message(saving)
        go_on.set()
        client.dispose()  # waits for the stream's thread
        assert stream.getvalue() == BODY[:COPIED_AT_ONCE]  # what it was being given, and no more


def test_C9_dispose_waits_for_a_stream() -> None:
    with AutoImapServer({"INBOX": [BODY]}) as server, ThreadPoolExecutor(1) as threads:
        client = client_of(server)
        client.select_folder("INBOX")
        reached, go_on = threading.Event(), threading.Event()

        def block() -> None:
            reached.set()
            assert go_on.wait(PATIENCE)

        stream = Sink(block)
        saving = client.begin_save_message("1", stream)
        assert reached.wait(PATIENCE)
        disposing = threads.submit(client.dispose)
        until(lambda: client._disposed)
        assert not disposing.done()
        go_on.set()
        disposing.result(PATIENCE)
        client.end_save_message(saving)
        assert stream.getvalue() == BODY


def test_C9_a_stream_that_never_returns_is_abandoned_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with AutoImapServer({"INBOX": [BODY]}) as server, caplog.at_level(logging.WARNING, "mailclients"):
        client = client_of(server)
        client.select_folder("INBOX")
        reached, go_on = threading.Event(), threading.Event()
        thread: list[threading.Thread] = []

        def block() -> None:
            thread.append(threading.current_thread())
            reached.set()
            assert go_on.wait(PATIENCE)

        saving = client.begin_save_message("1", Sink(block))
        assert reached.wait(PATIENCE)
        client.dispose(timeout=50)
        assert saving.is_canceled
        assert "1 callback(s) did not return and are abandoned" in caplog.text
        assert "work that does not end" not in caplog.text
        server.wait_for(lambda: server.open_connections == 0)
        go_on.set()
        thread[0].join(PATIENCE)
        assert not thread[0].is_alive()


@BEGUN
def test_C9_write_may_dispose_the_client(begun: bool) -> None:
    with AutoImapServer({"INBOX": [BODY]}) as server:
        client = client_of(server)
        client.select_folder("INBOX")
        stream = Sink(client.dispose)
        if begun:
            saving = client.begin_save_message("1", stream)
            assert saving.async_wait_handle.wait_one(20_000)
            client.end_save_message(saving)
        else:
            client.save_message("1", stream)
        assert stream.getvalue() == BODY
        server.wait_for(lambda: server.open_connections == 0)


# -- work aside, in the middle of an operation ------------------------------------------------------------


@BEGUN
@pytest.mark.parametrize("limit", [1, 10])
def test_work_aside_may_stand_between_commands(monkeypatch: pytest.MonkeyPatch, limit: int, begun: bool) -> None:
    seen: list[Any] = []

    def fail(aside: Aside) -> None:
        raise ZeroDivisionError("mine")

    def body(context: Any, **arguments: Any) -> Generator[Any, Any, Any]:
        yield from operations.noop(context)
        seen.append((yield Aside(lambda aside: context.client.noop() or 1)))
        seen.append((yield Aside(lambda aside: 2)))
        yield from operations.noop(context)
        try:
            yield Aside(fail)
        except ZeroDivisionError as error:
            seen.append(str(error))
        yield []
        return "done"

    monkeypatch.setitem(operations.BODIES, "exist_folder", body)
    with AutoImapServer({"INBOX": 1}) as server, client_of(server, limit) as client:
        found = client.end_exist_folder(client.begin_exist_folder("x")) if begun else client.exist_folder("x")
        assert found
        assert seen == [1, 2, "mine"]
        assert [cmd.name for cmd in server.commands if cmd.name == "NOOP"] == ["NOOP"] * 3


def test_the_clock_of_an_operation_stands_still_during_work_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([10.0, 1010.0])
    monkeypatch.setattr("mailclients.engine.commands.now", lambda: next(times))
    deadline = Deadline(5.0)
    before = deadline.at
    Aside(lambda aside: None).run(deadline)
    assert deadline.at == before + 1000.0
