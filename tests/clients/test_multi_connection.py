"""One operation on several connections: bounded, in order, cancelled as a whole, and never stuck."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mailclients import (
    ArgumentTypeError,
    AsposeArgumentOutOfRangeException,
    ImapClient,
    ImapException,
    MailMessage,
    MultiConnectionMode,
    OutcomeUnknownError,
    PipeliningMode,
    SecurityOptions,
)
from mailclients.handles import AsyncOperation
from mailclients.imap import operations
from mailclients.imap.commands import Simple
from mailclients.imap.operations import appending, fetching
from mailclients.imap.operations.listing import in_own_session
from tests.clients.hostile import HostileServer, answering, client_of, nothing_secret_is_logged
from tests.clients.imap_cases import BEGUN, run
from tests.support.autoimap import make_message
from tests.support.clients import in_thread
from tests.support.scripted import PATIENCE, Command, Conn
from tests.support.waiting import until

__all__ = ["nothing_secret_is_logged"]

COUNT = 60
FOLDERS = {"INBOX": COUNT, **{f"INBOX/{number}": number for number in range(1, 13)}}


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer(clear_is_meant=True, folders=FOLDERS) as server:
        yield server


@pytest.fixture
def client(server: HostileServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImapClient]:
    monkeypatch.setattr(fetching, "FETCH_CHUNK", 3)
    monkeypatch.setattr(appending, "LEAST_APART", 2)
    monkeypatch.setattr(appending, "GROUP_MESSAGES", 2)
    monkeypatch.setattr(appending, "AT_ONCE_COMMANDS", 2)
    with client_of(server, SecurityOptions.NONE) as client:
        client.use_multi_connection = MultiConnectionMode.ENABLE
        yield client


def on(server: HostileServer, name: str) -> dict[int, int]:
    """How many commands of a kind each connection has had."""
    counts = {conn.index: sum(cmd.name == name for cmd in conn.commands) for conn in server.connections}
    return {index: count for index, count in counts.items() if count}


def meeting(server: HostileServer, name: str, parties: int) -> None:
    """Nobody's command of this kind is answered before so many connections have sent one."""
    barrier = threading.Barrier(parties)
    met = set[int]()

    def hook(conn: Conn, cmd: Command) -> None:
        if conn.index not in met and len(met) < parties:
            met.add(conn.index)
            barrier.wait(20)

    server.on(name, hook)


def cutting(conn: Conn, cmd: Command) -> bool:
    """A hook that ends the connection in place of an answer."""
    conn.close()
    return True


UIDS = [str(number) for number in (*range(COUNT, 0, -2), *range(1, COUNT, 2))]


@BEGUN
def test_T14_fetch_messages_goes_over_so_many_connections_and_keeps_the_order(
    server: HostileServer, client: ImapClient, begun: bool
) -> None:
    client.connections_quantity = 4
    meeting(server, "UID FETCH", 4)  # it would never be answered if there were fewer
    found = run(client, begun, "fetch_messages", [*UIDS, "999", UIDS[0]])
    assert [message.as_bytes() for message in found] == [make_message(int(uid)) for uid in (*UIDS, UIDS[0])]
    assert len(on(server, "UID FETCH")) == 4
    found = run(client, begun, "fetch_messages", range(1, COUNT + 1))
    assert [message.as_bytes() for message in found] == [make_message(number) for number in range(1, COUNT + 1)]


@BEGUN
def test_T14_list_messages_recursively_goes_over_several_connections(
    server: HostileServer, client: ImapClient, begun: bool
) -> None:
    client.connections_quantity = 3
    many = run(client, begun, "list_messages", "INBOX", True)
    spread_over = len(set(on(server, "EXAMINE") | on(server, "SELECT")))
    client.use_multi_connection = MultiConnectionMode.DISABLE
    one = run(client, begun, "list_messages", "INBOX", True)

    def told(infos: Any) -> list[tuple[str, str, int]]:
        return [(info.parent_folder, info.unique_id, info.sequence_number) for info in infos]

    assert told(many) == told(one)
    assert len(one) == sum(FOLDERS.values())
    assert 3 <= spread_over <= 4  # the call's own folder is listed in its own session


@BEGUN
def test_T14_append_messages_goes_over_several(server: HostileServer, client: ImapClient, begun: bool) -> None:
    client.connections_quantity = 3
    meeting(server, "APPEND", 3)
    given = [MailMessage.from_bytes(make_message(number)) for number in range(1, 31)]
    result = run(client, begun, "append_messages", "INBOX/1", given)
    assert list(result.succeeded) == given
    stored = server.folders["INBOX/1"].messages
    for message, uid in result.succeeded.items():
        assert stored[int(uid)].body == message.as_bytes()
    assert len(on(server, "APPEND")) == 3


@BEGUN
@pytest.mark.parametrize("quantity", [1, None])
def test_T14_off_or_with_one_it_is_one_connection(
    server: HostileServer, client: ImapClient, begun: bool, quantity: int | None
) -> None:
    if quantity is None:
        client.use_multi_connection = MultiConnectionMode.DISABLE
    else:
        client.connections_quantity = quantity
    assert len(run(client, begun, "fetch_messages", UIDS)) == COUNT
    assert len(run(client, begun, "list_messages", "INBOX", True)) == sum(FOLDERS.values())
    assert len(server.connections) == 1


@BEGUN
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_T4_C1_the_limit_holds_and_nothing_waits_for_ever(
    server: HostileServer, client: ImapClient, begun: bool, limit: int
) -> None:
    client.max_connections_per_server = limit
    given = [MailMessage.from_bytes(make_message(number)) for number in range(1, 21)]
    for mode in (PipeliningMode.AUTO, PipeliningMode.DISABLED):
        client.use_pipelining.client_mode = mode
        assert len(run(client, begun, "fetch_messages", UIDS)) == COUNT
        assert len(run(client, begun, "append_messages", "INBOX/1", given).succeeded) == 20
        client.list_messages("INBOX", True)
    assert client.pool.peak <= limit


@BEGUN
def test_T11_with_the_whole_quota_held_it_runs_on_the_main_connection(
    server: HostileServer, client: ImapClient, begun: bool
) -> None:
    client.max_connections_per_server = 4
    held = [client.create_connection(False) for _ in range(3)]
    client.connections_quantity = 3
    assert len(run(client, begun, "fetch_messages", UIDS)) == COUNT
    with client.exclusive():
        assert len(run(client, begun, "fetch_messages", UIDS)) == COUNT
    handle = client.begin_fetch_messages(UIDS)
    with client.exclusive():  # the block is lent to the parts of what it waits for
        assert len(client.end_fetch_messages(handle)) == COUNT
    assert len(on(server, "UID FETCH")) == 1
    assert all(not connection.is_disposed for connection in held)


def test_T4_a_named_connection_is_stayed_on(server: HostileServer, client: ImapClient) -> None:
    connection = client.create_connection(False)
    for begun in (False, True):
        assert len(run(client, begun, "fetch_messages", connection, UIDS)) == COUNT
    assert len(on(server, "UID FETCH")) == 1


@BEGUN
def test_T14_the_error_of_a_part_is_that_of_the_call(server: HostileServer, client: ImapClient, begun: bool) -> None:
    client.connections_quantity = 3

    def hook(conn: Conn, cmd: Command) -> bool:
        return "INBOX/7" in cmd.text() and answering("NO [NOPERM] not this one")(conn, cmd)

    server.on("EXAMINE", hook)
    with pytest.raises(ImapException, match="INBOX/7") as caught:
        run(client, begun, "list_messages", "INBOX", True)
    assert caught.value.code == "NOPERM"
    assert len(run(client, begun, "fetch_messages", UIDS)) == COUNT


@BEGUN
def test_T14_a_lost_connection_costs_reads_nothing(server: HostileServer, client: ImapClient, begun: bool) -> None:
    client.connections_quantity = 3
    server.on("UID FETCH", cutting, times=2)
    assert len(run(client, begun, "fetch_messages", UIDS)) == COUNT


@BEGUN
def test_T14_a_lost_connection_leaves_only_its_own_messages_unknown(
    server: HostileServer, client: ImapClient, begun: bool
) -> None:
    client.connections_quantity = 3
    server.on("APPEND", cutting, times=1)
    given = [MailMessage.from_bytes(make_message(number)) for number in range(1, 31)]
    result = run(client, begun, "append_messages", "INBOX/1", given)
    assert 1 <= len(result.failed) <= 4
    assert all(isinstance(error, OutcomeUnknownError) for error in result.failed.values())
    assert len(result.succeeded) + len(result.failed) + len(result.not_handled) == 30
    stored = {stored.body for stored in server.folders["INBOX/1"].messages.values()}
    assert {message.as_bytes() for message in result.succeeded} <= stored
    assert not {message.as_bytes() for message in result.not_handled} & stored


def test_T10_cancelling_the_operation_cancels_its_parts(server: HostileServer, client: ImapClient) -> None:
    client.connections_quantity = 3
    with_gate = server.hold("UID FETCH")
    handle = client.begin_fetch_messages(UIDS)
    with_gate.wait_for(3)
    client.cancel_async_operation(handle)
    assert handle.is_canceled
    with_gate.open()
    assert client.end_fetch_message(client.begin_fetch_message("1")).as_bytes() == make_message(1)
    asked = sum(on(server, "UID FETCH").values())
    assert asked <= 3 * fetching.COMMANDS_AT_ONCE + 1


def test_T10_what_has_begun_to_append_completes_and_tells(server: HostileServer, client: ImapClient) -> None:
    client.connections_quantity = 2
    gate = server.hold("APPEND")
    given = [MailMessage.from_bytes(make_message(number)) for number in range(1, 31)]
    handle = client.begin_append_messages("INBOX/1", given)
    gate.wait_for(2)
    client.cancel_async_operation(handle)
    assert not handle.is_canceled
    gate.open()
    result = client.end_append_messages(handle)
    assert not handle.is_canceled, "its result tells of each message"
    sent = sum(on(server, "APPEND").values())
    assert 2 <= sent <= 2 * appending.AT_ONCE_COMMANDS, "nothing more was sent"
    assert len(result.succeeded) == len(server.folders["INBOX/1"].messages) - 1 == sent
    assert not result.failed
    assert result.not_handled == [message for message in given if message not in result.succeeded]


def test_C9_dispose_ends_an_operation_with_its_parts(server: HostileServer, client: ImapClient) -> None:
    client.connections_quantity = 2
    gate = server.hold("UID FETCH")
    handle = client.begin_fetch_messages(UIDS)
    gate.wait_for(2)
    client.dispose(50)
    assert handle.is_canceled


def stopping(client: ImapClient) -> threading.Event:
    """Set when `dispose()` takes no more work, and waits for what is running."""
    stopped = threading.Event()
    stop = client._tasks.stop

    def watched() -> Any:
        left = stop()
        stopped.set()
        return left

    client._tasks.stop = watched  # type: ignore[method-assign]
    return stopped


def disposing(client: ImapClient) -> threading.Thread:
    """Disposes the client on another thread."""
    thread = threading.Thread(target=client.dispose)
    thread.start()
    return thread


@pytest.mark.parametrize("operation", ["append_messages", "fetch_messages", "list_messages"])
@BEGUN
def test_C9_what_runs_and_is_about_to_be_in_parts_ends_during_dispose(
    server: HostileServer, client: ImapClient, begun: bool, operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments: dict[str, tuple[Any, ...]] = {
        "append_messages": ("INBOX/1", given(20)),
        "fetch_messages": (UIDS,),
        "list_messages": ("INBOX", True),
    }
    stopped, reached = stopping(client), threading.Event()
    put_parts = client._tasks.put_parts

    def put(split: Any, parts: Any) -> None:
        reached.set()
        assert stopped.wait(PATIENCE)
        put_parts(split, parts)

    monkeypatch.setattr(client._tasks, "put_parts", put)
    with ThreadPoolExecutor(1) as threads:
        job = threads.submit(run, client, begun, operation, *arguments[operation])
        assert reached.wait(PATIENCE)
        thread = disposing(client)
        result = job.result(PATIENCE)
        thread.join(PATIENCE)
    assert not thread.is_alive()
    count = {"append_messages": 20, "fetch_messages": COUNT, "list_messages": sum(FOLDERS.values())}[operation]
    assert len(getattr(result, "succeeded", result)) == count


@BEGUN
def test_C9_parts_that_wait_for_a_connection_leave_their_work_to_the_others(
    server: HostileServer, client: ImapClient, begun: bool
) -> None:
    client.connections_quantity = 4
    client.noop()
    stopped = stopping(client)
    fetching = server.hold("UID FETCH")
    signing_in = server.hold("AUTHENTICATE", blocking=True)
    with ThreadPoolExecutor(1) as threads:
        job = threads.submit(run, client, begun, "fetch_messages", UIDS)
        signing_in.release(signing_in.wait_for(1)[0])
        fetching.wait_for(1)  # the others have no connection yet, and will not get one
        signing_in.wait_for(2)
        thread = disposing(client)
        assert stopped.wait(PATIENCE)
        fetching.open()
        signing_in.open()
        assert [message.as_bytes() for message in job.result(PATIENCE)] == [make_message(int(uid)) for uid in UIDS]
        thread.join(PATIENCE)
    assert len(on(server, "UID FETCH")) == 1


def test_C9_a_running_task_that_has_to_go_to_the_session_s_connection_ends_during_dispose(
    server: HostileServer, client: ImapClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.select_folder("INBOX")
    list_messages = operations.BODIES["list_messages"]

    def body(context: Any, **arguments: Any) -> Any:
        if context.session is None:
            yield Simple("NOOP")
            in_own_session(context)
        return (yield from list_messages(context, **arguments))

    monkeypatch.setitem(operations.BODIES, "list_messages", body)
    stopped, gate = stopping(client), server.hold("NOOP")
    handle = client.begin_list_messages()
    gate.wait_for()
    thread = disposing(client)
    assert stopped.wait(PATIENCE)
    gate.open()
    assert client.end_list_messages(handle).count == COUNT
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_settings_are_checked(client: ImapClient) -> None:
    client.use_multi_connection = MultiConnectionMode.DISABLE
    client.max_connections_per_server = 5
    assert client.connections_quantity == 5
    client.connections_quantity = 3
    with pytest.raises(AsposeArgumentOutOfRangeException, match="max_connections_per_server"):
        client.connections_quantity = 6
    for wrong in (0, -1):
        with pytest.raises(AsposeArgumentOutOfRangeException):
            client.connections_quantity = wrong
    for bad in ("2", True, None, 2.0):
        with pytest.raises(ArgumentTypeError):
            client.connections_quantity = bad  # type: ignore[assignment]
        with pytest.raises(ArgumentTypeError):
            client.use_multi_connection = bad  # type: ignore[assignment]
    assert client.connections_quantity == 3
    client.max_connections_per_server = 2
    assert client.connections_quantity == 2
    assert client.use_multi_connection is MultiConnectionMode.DISABLE


@pytest.mark.parametrize("pipelined", [True, False])
@pytest.mark.parametrize("threads", [None, 1, 2])
def test_T11_many_operations_in_parts_end_whatever_is_scarce(
    server: HostileServer, client: ImapClient, pipelined: bool, threads: int | None
) -> None:
    client.max_connections_per_server = 3
    if not pipelined:
        client.use_pipelining.client_mode = PipeliningMode.DISABLED
    given = [MailMessage.from_bytes(make_message(number)) for number in range(1, 11)]
    executor = ThreadPoolExecutor(threads) if threads is not None else None
    client.executor = executor
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with client.create_connection():
                handle = client.begin_fetch_messages(UIDS)  # its own connection carries it
                assert len(client.end_fetch_messages(handle)) == COUNT
            assert len(client.fetch_messages(UIDS)) == COUNT
        except BaseException as error:  # noqa: BLE001 - for the test's own thread
            failures.append(error)

    workers = [threading.Thread(target=work) for _ in range(4)]
    fetches = [client.begin_fetch_messages(UIDS) for _ in range(6)]
    appends = [client.begin_append_messages("INBOX/2", given) for _ in range(3)]
    for worker in workers:
        worker.start()
    lists = [client.begin_list_messages("INBOX", True) for _ in range(3)]
    assert [len(client.end_fetch_messages(handle)) for handle in fetches] == [COUNT] * 6
    assert [len(client.end_append_messages(handle).succeeded) for handle in appends] == [10] * 3
    assert all(len(client.end_list_messages(handle)) >= sum(FOLDERS.values()) for handle in lists)
    for worker in workers:
        worker.join()
    assert failures == []
    assert client.pool.peak <= 3
    client.dispose()
    if executor is not None:
        executor.shutdown()


def test_Q7_an_interrupt_while_the_parts_are_waited_for_cancels_them(
    server: HostileServer, client: ImapClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.select_folder("INBOX")
    gate = server.hold("UID FETCH")
    parts: list[AsyncOperation[Any]] = []

    def wait(handle: AsyncOperation[Any], timeout: Any = None) -> bool:
        parts.append(handle)
        gate.wait_for(1)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(AsyncOperation, "wait", wait)
        with pytest.raises(KeyboardInterrupt):
            client.fetch_messages(UIDS)
    assert len(parts) == 1
    assert parts[0].is_canceled
    gate.open()
    assert len(client.fetch_messages(UIDS)) == COUNT


@BEGUN
def test_T14_the_server_s_limit_is_kept_to(begun: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "FETCH_CHUNK", 3)
    with (
        HostileServer(clear_is_meant=True, folders=FOLDERS, max_connections=2) as server,
        client_of(server, SecurityOptions.NONE) as client,
    ):
        client.use_multi_connection = MultiConnectionMode.ENABLE
        for _ in range(3):
            found = run(client, begun, "fetch_messages", UIDS)
            assert [message.as_bytes() for message in found] == [make_message(int(uid)) for uid in UIDS]


# -- what happens while an operation is about to be in parts, or just was ----------------------------


def given(count: int) -> list[MailMessage]:
    return [MailMessage.from_bytes(make_message(number)) for number in range(1, count + 1)]


@pytest.mark.parametrize("operation", ["append_messages", "fetch_messages", "list_messages"])
def test_T11_a_plain_call_in_the_executor_s_only_thread_gets_its_parts_done(
    server: HostileServer, client: ImapClient, operation: str
) -> None:
    arguments: dict[str, tuple[Any, ...]] = {
        "append_messages": ("INBOX/1", given(20)),
        "fetch_messages": (UIDS,),
        "list_messages": ("INBOX", True),
    }
    client.timeout = 5000
    with ThreadPoolExecutor(1) as executor:
        client.executor = executor
        job = executor.submit(getattr(client, operation), *arguments[operation])
        try:
            assert job.result(20) is not None
        finally:
            client.dispose(0)  # else the test would hang where this fails


def test_Q7_an_interrupted_append_sends_nothing_more_behind_the_caller_s_back(
    server: HostileServer, client: ImapClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.connections_quantity = 2
    gate = server.hold("APPEND")

    def wait(handle: AsyncOperation[Any], timeout: Any = None) -> bool:
        gate.wait_for(4)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(AsyncOperation, "wait", wait)
        with pytest.raises(KeyboardInterrupt):
            client.append_messages("INBOX/1", given(40))
    gate.open()
    until(lambda: client._tasks.running == 0, "the end of what was sent")
    assert sum(on(server, "APPEND").values()) <= 4


@pytest.mark.parametrize("moment", ["before its parts", "with its parts", "after its parts"])
def test_T10_an_append_that_has_changed_something_is_not_cancelled(
    server: HostileServer, client: ImapClient, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.connections_quantity = 2
    queue = client._tasks
    split_of, put_parts, parts_ended = queue._split_of, queue.put_parts, queue.parts_ended
    reached, go_on, sent = threading.Event(), threading.Event(), threading.Event()
    canceller = threading.current_thread()

    def hold(at: str) -> None:
        if at == moment:
            reached.set()
            assert go_on.wait(PATIENCE)

    def put(split: Any, parts: Any) -> None:
        hold("before its parts")
        put_parts(split, parts)
        hold("with its parts")

    def ended(split: Any) -> None:
        parts_ended(split)
        hold("after its parts")

    def looked(task: Any) -> Any:
        found = split_of(task)
        between = threading.current_thread() is canceller and moment == "before its parts" and not go_on.is_set()
        if between and not queue._lock.locked():  # inside the lock nobody can come in between
            go_on.set()
            assert sent.wait(PATIENCE)
        return found

    server.on("APPEND", lambda conn, cmd: sent.set())
    monkeypatch.setattr(queue, "put_parts", put)
    monkeypatch.setattr(queue, "parts_ended", ended)
    monkeypatch.setattr(queue, "_split_of", looked)
    handle = client.begin_append_messages("INBOX/1", given(20))
    assert reached.wait(PATIENCE)
    if moment == "with its parts":
        assert sent.wait(PATIENCE)
    client.cancel_async_operation(handle)
    go_on.set()
    if handle.is_canceled:
        assert moment == "before its parts"
        assert len(server.folders["INBOX/1"].messages) == 1
    else:
        result = client.end_append_messages(handle)
        assert sent.is_set()
        assert len(result.succeeded) + len(result.not_handled) == 20
        assert moment == "with its parts" or len(result.succeeded) == 20 or moment == "before its parts"
        assert len(server.folders["INBOX/1"].messages) == 1 + len(result.succeeded)


def test_T11_a_block_is_lent_to_parts_that_come_a_moment_later(
    server: HostileServer, client: ImapClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.max_connections_per_server = 4
    client.select_folder("INBOX")
    for _ in range(3):
        client.create_connection(False)
    client.connections_quantity = 3
    queue = client._tasks
    put_parts, lend = queue.put_parts, queue.lend
    about_to, lent = threading.Event(), threading.Event()

    def put(split: Any, parts: Any) -> None:
        about_to.set()
        assert lent.wait(PATIENCE)
        put_parts(split, parts)

    def lending(task: Any, owner: object) -> None:
        lend(task, owner)
        lent.set()

    monkeypatch.setattr(queue, "put_parts", put)
    monkeypatch.setattr(queue, "lend", lending)
    handle = in_thread(lambda: client.begin_fetch_messages(UIDS))
    assert about_to.wait(PATIENCE)
    with client.exclusive():
        assert handle.async_wait_handle.wait_one(10_000), "its parts wait for the end of the block"
    assert len(client.end_fetch_messages(handle)) == COUNT
