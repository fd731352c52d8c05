"""The command queue as users meet it: an IMAP client, many threads, and servers of many manners (Q1 to Q7)."""

from __future__ import annotations

import io
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mailclients import (
    ConnectionLostError,
    FolderChangedError,
    ImapClient,
    ImapException,
    MailMessage,
    MailQuery,
    NetworkException,
    OutcomeUnknownError,
    PipeliningMode,
    TimeoutException,
)
from mailclients.imap.protocol import ImapCore
from tests.support.autoimap import AutoImapServer, make_message
from tests.support.clients import client_of
from tests.support.scripted import PATIENCE, Command, Conn, ScriptedServer, fetch_line
from tests.support.waiting import Watch


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


# -- Q1 ------------------------------------------------------------


def test_Q1_the_server_sees_commands_in_the_order_in_which_they_entered(threads: ThreadPoolExecutor) -> None:
    with AutoImapServer({"INBOX": 3}) as server, client_of(server, limit=1) as client:
        client.select_folder("INBOX")
        watch = Watch(client)
        start = threading.Barrier(6)

        def work(number: int) -> None:
            start.wait(PATIENCE)
            for step in range(5):
                client.exist_folder(f"f{number}-{step}")

        for done in [threads.submit(work, number) for number in range(6)]:
            done.result(PATIENCE)
        entered = [subject.parts[-1] for event, subject in watch.events if event == "command_queued"]
        arrived = [cmd.text(1).encode() for cmd in server.commands if cmd.name == "LIST"]
        assert [part.strip(b'"') for part in entered] == arrived
        assert len(arrived) == 30


# -- Q2 ------------------------------------------------------------


def test_Q2_calls_of_several_threads_share_the_wire(threads: ThreadPoolExecutor) -> None:
    with AutoImapServer({"INBOX": 5}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        gate = server.hold("UID FETCH")
        calls = [threads.submit(client.fetch_message, str(uid)) for uid in range(1, 6)]
        held = gate.wait_for(5)  # all five are unanswered together
        assert {cmd.connection for cmd in held} == {0}
        gate.release_all(reverse=True)
        for uid, call in enumerate(calls, 1):
            assert call.result(PATIENCE).subject == f"Message {uid}"


@pytest.mark.parametrize("begun", [False, True])
def test_Q2_disabled_pipelining_sends_one_at_a_time(begun: bool, threads: ThreadPoolExecutor) -> None:
    with AutoImapServer({"INBOX": 5}) as server, client_of(server, limit=1) as client:
        client.select_folder("INBOX")
        watch = Watch(client)
        client.use_pipelining.client_mode = PipeliningMode.DISABLED  # the connection is open already
        gate = server.hold("UID FETCH")
        if begun:
            handles = [client.begin_fetch_message(str(uid)) for uid in range(1, 5)]
            calls = [threads.submit(client.end_fetch_message, handle) for handle in handles]
        else:
            calls = [threads.submit(client.fetch_message, str(uid)) for uid in range(1, 5)]
            watch.wait_for("command_queued", 4, name="UID FETCH")
        for count in range(1, 5):
            (held,) = gate.wait_for(1)
            assert len(watch.seen("command_sent", "UID FETCH")) == count
            gate.release(held)
        assert [call.result(PATIENCE).subject for call in calls] == [f"Message {uid}" for uid in range(1, 5)]


def test_Q2_sequence_numbers_never_share_the_wire_with_what_may_announce_an_expunge(
    threads: ThreadPoolExecutor,
) -> None:
    with AutoImapServer({"INBOX": 5}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        watch = Watch(client)
        gate = server.hold("FETCH")
        by_number = threads.submit(client.fetch_message, 2)
        (fetch,) = gate.wait_for(1)
        noops = [threads.submit(client.noop) for _ in range(3)]
        watch.wait_for("command_queued", 3, name="NOOP")
        assert not watch.seen("command_sent", "NOOP")
        gate.release(fetch)
        assert by_number.result(PATIENCE).subject == "Message 2"
        for noop in noops:
            noop.result(PATIENCE)
        # And the other way round: a number is not sent while something that may expunge is unanswered.
        gate.open()
        noop_gate = server.hold("NOOP")
        noop = threads.submit(client.noop)
        noop_gate.wait_for(1)
        before = len(watch.seen("command_sent", "FETCH"))
        by_number = threads.submit(client.fetch_message, 3)
        watch.wait_for("command_queued", before + 1, name="FETCH")
        assert len(watch.seen("command_sent", "FETCH")) == before
        server.expunge("INBOX", 1)  # told with the NOOP: number 3 is now number 2
        noop_gate.open()
        noop.result(PATIENCE)
        assert by_number.result(PATIENCE).subject == "Message 3"
        assert server.commands[-1].text(0) == "2"


def test_Q2_select_waits_for_what_is_unanswered_and_what_depends_on_it_waits_for_select(
    threads: ThreadPoolExecutor,
) -> None:
    with AutoImapServer({"INBOX": 2, "Other": 2}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        watch = Watch(client)
        gate = server.hold("UID FETCH")
        fetch = threads.submit(client.fetch_message, "1")
        gate.wait_for(1)
        select = threads.submit(client.select_folder, "Other")
        watch.wait_for("command_queued", name="SELECT")
        status = threads.submit(client.noop)
        watch.wait_for("command_queued", name="NOOP")
        assert not watch.seen("command_sent", "SELECT")
        assert not watch.seen("command_sent", "NOOP")
        gate.open()
        assert fetch.result(PATIENCE).subject == "Message 1"
        select.result(PATIENCE)
        status.result(PATIENCE)
        assert [cmd.name for cmd in server.commands][-3:] == ["UID FETCH", "SELECT", "NOOP"]


def test_Q2_a_synchronizing_literal_is_a_barrier(threads: ThreadPoolExecutor) -> None:
    plain = "IMAP4rev1 UIDPLUS AUTH=PLAIN SASL-IR"
    with AutoImapServer({"INBOX": 2}, capabilities=plain) as server, client_of(server) as client:
        client.select_folder("INBOX")
        watch = Watch(client)
        asked, go_on = threading.Event(), threading.Event()

        def policy(conn: Conn, so_far: bytes, size: int) -> None:
            asked.set()
            assert go_on.wait(PATIENCE)

        server.literal_policy = policy
        append = threads.submit(client.append_message, "INBOX", MailMessage.load(make_message(9)))
        assert asked.wait(PATIENCE)
        noop = threads.submit(client.noop)
        watch.wait_for("command_queued", name="NOOP")
        assert not watch.seen("command_sent", "NOOP")
        go_on.set()
        append.result(PATIENCE)
        noop.result(PATIENCE)


def test_Q2_a_refused_literal_leaves_the_connection_in_step() -> None:
    with AutoImapServer({"INBOX": 1}, capabilities="IMAP4rev1 AUTH=PLAIN") as server, client_of(server) as client:
        server.literal_policy = lambda conn, so_far, size: "NO [TOOBIG] no"
        with pytest.raises(ImapException, match="TOOBIG"):
            client.append_message("INBOX", MailMessage.load(make_message(9)))
        client.noop()
        assert len(server.connections) == 1


# -- Q3 ------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 10])
def test_Q3_four_untagged_answers_come_first_then_the_four_results(limit: int, threads: ThreadPoolExecutor) -> None:
    """As Dovecot 2.3 answers; begun fetches and plain calls of several threads are mixed."""
    with AutoImapServer({"INBOX": 24}) as server, client_of(server, limit=limit) as client:
        client.select_folder("INBOX")
        gate = server.hold("UID FETCH")
        begun = {uid: client.begin_fetch_message(str(uid)) for uid in range(1, 13)}
        calls = {uid: threads.submit(client.fetch_message, str(uid)) for uid in range(13, 25)}
        held = gate.wait_for(24)
        for index in sorted({cmd.connection for cmd in held}):
            mine = [cmd for cmd in held if cmd.connection == index]
            for start in range(0, len(mine), 4):
                # The untagged answers come in reverse of the order of the results.
                group = mine[start : start + 4]
                gate.release_together(*reversed(group))
        for uid, handle in begun.items():
            assert client.end_fetch_message(handle).subject == f"Message {uid}"
        for uid, call in calls.items():
            assert call.result(PATIENCE).subject == f"Message {uid}"


def test_Q3_answers_that_come_in_another_order_than_the_results_reach_the_right_callers(
    threads: ThreadPoolExecutor,
) -> None:
    with AutoImapServer({"INBOX": 4}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        gate = server.hold("UID FETCH")
        calls = {uid: threads.submit(client.fetch_message, str(uid)) for uid in range(1, 5)}
        held = {cmd.text(0): cmd for cmd in gate.wait_for(4)}
        conn = held["1"].conn
        for uid in ("3", "1", "4", "2"):
            conn.send(fetch_line(int(uid), int(uid), make_message(int(uid))))
        for uid in ("4", "2", "3", "1"):
            gate.drop(held[uid])
            conn.reply(held[uid])
        for number, call in calls.items():
            assert call.result(PATIENCE).subject == f"Message {number}"


def test_Q3_the_same_message_asked_for_twice_is_answered_to_both(threads: ThreadPoolExecutor) -> None:
    with AutoImapServer({"INBOX": 3}, side_by_side=4) as server, client_of(server, limit=1) as client:
        client.select_folder("INBOX")
        gate = server.hold("UID FETCH")
        calls = [threads.submit(client.fetch_message, "2") for _ in range(4)]
        begun = [client.begin_fetch_message("2") for _ in range(4)]
        gate.wait_for(1)
        with server.changed:
            assert len(gate.commands) == 1  # the second one waits, or shares
        gate.open()
        for call in calls:
            assert call.result(PATIENCE).subject == "Message 2"
        for handle in begun:
            assert client.end_fetch_message(handle).subject == "Message 2"


@pytest.mark.parametrize("name", ["UID SEARCH", "LIST"])
def test_Q3_answers_that_do_not_say_whose_they_are_never_meet(name: str, threads: ThreadPoolExecutor) -> None:
    with AutoImapServer({"INBOX": 3, "A": 0, "B": 0}) as server, client_of(server, limit=1) as client:
        client.select_folder("INBOX")
        watch = Watch(client)
        gate = server.hold(name)
        if name == "LIST":
            calls: list[Callable[[], object]] = [lambda: client.exist_folder("A"), lambda: client.exist_folder("C")]
        else:
            queries = [MailQuery("UID 1"), MailQuery("UID 2:3")]
            calls = [lambda: len(client.list_messages(queries[0])), lambda: len(client.list_messages(queries[1]))]
        first = threads.submit(calls[0])
        gate.wait_for(1)
        second = threads.submit(calls[1])
        watch.wait_for("command_queued", 2, name=name)
        assert len(watch.seen("command_sent", name)) == 1
        gate.open()
        answers = [first.result(PATIENCE), second.result(PATIENCE)]
        if name == "LIST":
            assert answers == [True, False]
        else:
            assert answers == [1, 2]


def test_Q3_status_answers_are_told_apart_by_their_folder(threads: ThreadPoolExecutor) -> None:
    with AutoImapServer({"INBOX": 1, "A": 2, "B": 3}) as server, client_of(server, limit=1) as client:
        client.noop()
        gate = server.hold("STATUS")
        calls = {name: threads.submit(client.get_folder_info, name) for name in ("A", "B")}
        held = gate.wait_for(2)  # on the wire together
        gate.release_together(*reversed(held))
        for name, count in (("A", 2), ("B", 3)):
            info = calls[name].result(PATIENCE)
            assert (info.name, info.total_message_count) == (name, count)


# -- Q4 ------------------------------------------------------------


def test_Q4_no_other_threads_command_comes_in_between(threads: ThreadPoolExecutor) -> None:
    with AutoImapServer({"INBOX": 5}) as server, client_of(server, limit=1) as client:
        client.select_folder("INBOX")
        stop = threading.Event()

        def disturb() -> None:
            while not stop.is_set():
                client.noop()

        others = [threads.submit(disturb) for _ in range(3)]
        for round_ in range(10):
            with client.exclusive():
                for step in range(3):
                    client.exist_folder(f"mine-{round_}-{step}")
        stop.set()
        for other in others:
            other.result(PATIENCE)
        names = [cmd.text(1) if cmd.name == "LIST" else cmd.name for cmd in server.commands]
        for round_ in range(10):
            at = names.index(f"mine-{round_}-0")
            assert names[at : at + 3] == [f"mine-{round_}-{step}" for step in range(3)]


def test_Q4_what_is_begun_and_waited_for_inside_runs_inside(threads: ThreadPoolExecutor) -> None:
    with AutoImapServer({"INBOX": 5}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        with client.exclusive():
            other = threads.submit(client.noop)
            handles = [client.begin_fetch_message(str(uid)) for uid in range(1, 4)]
            assert [client.end_fetch_message(handle).subject for handle in handles] == [
                f"Message {uid}" for uid in range(1, 4)
            ]
            assert not other.done()
            with client.exclusive():  # it can be entered again
                client.exist_folder("x")
            assert not other.done()
        other.result(PATIENCE)
        assert {cmd.connection for cmd in server.commands} == {0}
        assert server.commands[-1].name == "NOOP"


@pytest.mark.parametrize("limit", [1, 10])
def test_Q4_the_block_is_lent_to_work_of_others_that_it_waits_for(limit: int, threads: ThreadPoolExecutor) -> None:
    with AutoImapServer({"INBOX": 5}) as server, client_of(server, limit=limit) as client:
        client.select_folder("INBOX")
        go = threading.Event()

        def begin() -> Any:
            assert go.wait(PATIENCE)
            return client.begin_noop(), client.begin_fetch_message("2")

        begun = threads.submit(begin)
        with client.exclusive():
            go.set()
            noop, fetch = begun.result(PATIENCE)
            client.end_noop(noop)
            assert client.end_fetch_message(fetch).subject == "Message 2"


def test_Q4_a_lost_connection_is_reported_inside_the_block_and_nothing_is_repeated() -> None:
    with AutoImapServer({"INBOX": 5}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        with client.exclusive():
            client.noop()
            server.connections[0].reset()
            for _ in range(2):
                with pytest.raises(ConnectionLostError):
                    client.noop()
            assert len(server.connections) == 1
        client.noop()
        assert len(server.connections) == 2


def test_Q4_a_block_that_lost_its_connection_stays_lost_though_another_thread_has_a_new_one(
    threads: ThreadPoolExecutor,
) -> None:
    with AutoImapServer({"INBOX": 5}) as server, client_of(server) as client:
        client.select_folder("INBOX")

        def other_block() -> None:
            with client.exclusive():
                client.exist_folder("other")

        with client.exclusive():
            server.connections[0].reset()
            threads.submit(other_block).result(PATIENCE)
            with pytest.raises(ConnectionLostError):
                client.exist_folder("mine")
            blocked = threads.submit(other_block)
            blocked.result(PATIENCE)
        client.noop()
        assert "mine" not in [cmd.text(1) for cmd in server.commands if cmd.name == "LIST"]


def test_Q4_two_threads_take_turns_in_blocks(threads: ThreadPoolExecutor) -> None:
    with AutoImapServer({"INBOX": 1}) as server, client_of(server) as client:
        client.noop()
        inside = 0
        most = 0

        def work() -> None:
            nonlocal inside, most
            for _ in range(10):
                with client.exclusive():
                    inside += 1
                    most = max(most, inside)
                    client.noop()
                    inside -= 1

        for done in [threads.submit(work) for _ in range(4)]:
            done.result(PATIENCE)
        assert most == 1


@pytest.mark.parametrize("way", ["select_folder", "unselect_folder"])
def test_Q4_another_threads_select_does_not_change_the_folder_of_a_block(way: str, threads: ThreadPoolExecutor) -> None:
    with AutoImapServer({"INBOX": 3, "Archive": 5, "Other": 1}) as server, client_of(server) as client:
        client.select_folder("Archive")
        leave = (lambda: client.select_folder("Other")) if way == "select_folder" else client.unselect_folder
        watch = Watch(client)
        with client.exclusive():
            other: Any = threads.submit(leave)
            watch.wait_for("command_queued", name="SELECT" if way == "select_folder" else "CLOSE")
            assert len(client.list_messages()) == 5
            assert len(client.end_list_messages(client.begin_list_messages())) == 5
            client.select_folder("INBOX")
            assert len(client.list_messages()) == 3
            assert client.current_folder is not None
            assert client.current_folder.name == "INBOX"
            assert not other.done()
        other.result(PATIENCE)
        assert len(client.list_messages()) == (1 if way == "select_folder" else 3)


def test_Q4_a_select_inside_a_block_holds_after_it() -> None:
    with AutoImapServer({"INBOX": 3, "Archive": 5}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        with client.exclusive(), client.exclusive():
            client.select_folder("Archive")
        assert len(client.list_messages()) == 5
        with client.exclusive():
            client.unselect_folder()
        assert client.current_folder is None


def test_Q7_a_command_that_is_interrupted_while_it_is_being_sent_reaches_whoever_asked(
    threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with AutoImapServer({"INBOX": 3, "Archive": 5}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        gate = server.hold("NOOP")
        whole, interrupted = ImapCore.send, threading.Event()

        def send(core: ImapCore, command: Any) -> Any:
            if command.name == "SELECT" and not interrupted.is_set():
                interrupted.set()
                raise KeyboardInterrupt
            return whole(core, command)

        monkeypatch.setattr(ImapCore, "send", send)
        watch = Watch(client)
        pumping = threads.submit(client.noop)
        gate.wait_for(1)
        unsent = threads.submit(client.select_folder, "Archive")
        watch.wait_for("command_queued", name="SELECT")  # behind the NOOP, which it may not share the wire with
        gate.open()
        assert isinstance(pumping.exception(PATIENCE), KeyboardInterrupt)
        unsent.result(PATIENCE)
        assert len(client.list_messages()) == 5


# -- Q5 ------------------------------------------------------------


def saying(text: str) -> Callable[[Conn, Command], bool]:
    def hook(conn: Conn, cmd: Command) -> bool:
        conn.send(text)
        return True

    return hook


def refusing(status: str) -> Callable[[Conn, Command], bool]:
    def hook(conn: Conn, cmd: Command) -> bool:
        conn.reply(cmd, status)
        return True

    return hook


def cut(conn: Conn, cmd: Command) -> bool:
    conn.reset()
    return True


def test_Q5_reading_goes_on_elsewhere() -> None:
    with AutoImapServer({"INBOX": 3}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        server.on("UID FETCH", cut, times=2)
        assert client.fetch_message("2").subject == "Message 2"
        assert len(server.connections) == 3


@pytest.mark.parametrize("name", ["NOOP", "SELECT"])
def test_Q5_attempts_are_bounded(name: str) -> None:
    with AutoImapServer({"INBOX": 3}) as server, client_of(server) as client:
        if name == "NOOP":
            server.on("NOOP", cut)
            with pytest.raises(NetworkException):
                client.noop()
        else:
            client.select_folder("INBOX")
            server.on("SELECT", cut)
            server.connections[0].reset()
            with pytest.raises(NetworkException):
                client.fetch_message("1")
        assert len(server.connections) <= 4
        server.on(name, lambda conn, cmd: False)


def test_Q5_attempts_of_begun_work_are_bounded() -> None:
    with AutoImapServer({"INBOX": 3}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        server.on("UID FETCH", cut)
        handles = [client.begin_fetch_message(str(uid)) for uid in range(1, 4)]
        for handle in handles:
            with pytest.raises(NetworkException):
                client.end_fetch_message(handle)
        assert len(server.connections) <= 1 + 3 * len(handles)


def change(client: ImapClient, name: str) -> None:
    if name == "APPEND":
        client.append_message("INBOX", MailMessage.load(make_message(7)))
    elif name == "UID STORE":
        client.delete_message("1")
    else:
        client.commit_deletes()


@pytest.mark.parametrize("name", ["APPEND", "UID STORE", "EXPUNGE"])
def test_Q5_a_change_that_was_sent_has_an_unknown_outcome_and_is_not_repeated(name: str) -> None:
    with AutoImapServer({"INBOX": 3}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        server.on(name, cut)
        with pytest.raises(OutcomeUnknownError, match="unknown"):
            change(client, name)
        client.noop()
        assert [cmd.name for cmd in server.commands].count(name) == 1
        assert len(server.connections) == 2


def test_Q5_a_change_that_was_not_sent_goes_elsewhere(threads: ThreadPoolExecutor) -> None:
    with AutoImapServer({"INBOX": 3}, capabilities="IMAP4rev1 AUTH=PLAIN") as server, client_of(server) as client:
        client.select_folder("INBOX")
        hits = []

        def policy(conn: Conn, so_far: bytes, size: int) -> None:
            hits.append(size)
            if len(hits) == 1:
                conn.reset()

        server.literal_policy = policy
        client.append_message("INBOX", MailMessage.load(make_message(7)))
        assert len(server.folders["INBOX"].messages) == 4
        assert len(hits) == 2


def test_Q5_neighbours_of_a_cut_command_are_served_on_the_next_connection(threads: ThreadPoolExecutor) -> None:
    with AutoImapServer({"INBOX": 8}) as server, client_of(server, limit=1) as client:
        client.select_folder("INBOX")
        gate = server.hold("UID FETCH")
        calls = {uid: threads.submit(client.fetch_message, str(uid)) for uid in range(1, 5)}
        begun = {uid: client.begin_fetch_message(str(uid)) for uid in range(5, 9)}
        held = gate.wait_for(8)
        held[0].conn.reset()
        with server.changed:
            gate.is_open = True
            gate.commands.clear()
        for uid, call in calls.items():
            assert call.result(PATIENCE).subject == f"Message {uid}"
        for uid, handle in begun.items():
            assert client.end_fetch_message(handle).subject == f"Message {uid}"
        assert len(server.connections) == 2


def test_Q5_a_protocol_error_costs_one_connection() -> None:
    with AutoImapServer({"INBOX": 3}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        server.on("NOOP", saying("nonsense OK never asked\r\n"), times=1)
        client.noop()
        assert client.fetch_message("1").subject == "Message 1"
        assert len(server.connections) == 2


@pytest.mark.parametrize("refusal", ["NO [NONEXISTENT] gone", None])
def test_Q5_a_folder_that_is_gone_or_another_after_the_reconnect_is_reported_at_once(refusal: str | None) -> None:
    with AutoImapServer({"INBOX": 3, "Box": 3}) as server, client_of(server) as client:
        client.select_folder("Box")
        if refusal is None:
            server.replace_folder("Box", 3)
        else:
            server.on("SELECT", refusing(refusal))
        server.connections[0].reset()
        with pytest.raises(FolderChangedError if refusal is None else ImapException):
            client.fetch_message("1")
        assert [cmd.name for cmd in server.connections[1].commands].count("SELECT") == 1
        # Begun work learns it, too, and the connection is as good as before.
        handle = client.begin_fetch_message("1")
        with pytest.raises(FolderChangedError if refusal is None else ImapException):
            client.end_fetch_message(handle)
        client.noop()


# -- Q6 ------------------------------------------------------------


def test_Q6_the_clock_of_a_call_covers_connecting_and_signing_in() -> None:
    with ScriptedServer(greeting="* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n") as server:
        with client_of(server, timeout=150) as client, pytest.raises(TimeoutException):
            client.noop()
        with client_of(server) as client:
            client.greeting_timeout = 100
            server.greeting = None
            with pytest.raises(TimeoutException, match="no greeting within 100 ms"):
                client.noop()


def test_Q6_the_oldest_closes_the_connection_and_the_next_call_has_another() -> None:
    with AutoImapServer({"INBOX": 3}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        gate = server.hold("NOOP")
        client.timeout = 150
        with pytest.raises(TimeoutException):
            client.noop()
        with server.changed:
            gate.is_open = True
            gate.commands.clear()
        server.connections[0].wait_closed()
        client.timeout = 30_000
        client.noop()
        assert len(server.connections) == 2


def test_Q6_a_call_behind_a_slow_one_fails_alone(threads: ThreadPoolExecutor) -> None:
    with AutoImapServer({"INBOX": 3}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        gate = server.hold("UID FETCH")
        slow = threads.submit(client.fetch_message, "1")
        gate.wait_for(1)
        client.timeout = 100
        with pytest.raises(TimeoutException):
            client.fetch_message("2")
        client.timeout = 30_000
        gate.release_all()  # the late answer, too: it is thrown away
        assert slow.result(PATIENCE).subject == "Message 1"
        gate.open()
        assert client.fetch_message("3").subject == "Message 3"
        assert len(server.connections) == 1


def test_Q6_a_late_answer_does_not_go_on_into_the_callers_stream(threads: ThreadPoolExecutor) -> None:
    with AutoImapServer({"INBOX": 3}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        fetches, noops = server.hold("UID FETCH"), server.hold("NOOP")
        slow = threads.submit(client.noop)
        noops.wait_for(1)
        stream = io.BytesIO()
        client.timeout = 100
        with pytest.raises(TimeoutException):
            client.save_message("2", stream)
        client.timeout = 30_000
        fetches.open()
        noops.open()
        slow.result(PATIENCE)
        client.noop()
        assert stream.getvalue() == b""
        assert len(server.connections) == 1


# -- Q7 ------------------------------------------------------------


def test_Q7_a_keyboard_interrupt_costs_the_interrupted_call_only(threads: ThreadPoolExecutor) -> None:
    raised = threading.Event()

    def handler(*_: object) -> None:
        if not raised.is_set():
            raised.set()
            raise KeyboardInterrupt

    with AutoImapServer({"INBOX": 5}) as server, client_of(server, limit=1) as client:
        client.select_folder("INBOX")
        gate = server.hold("UID FETCH")

        def interrupt() -> list[Any]:
            gate.wait_for(1)
            calls = [threads.submit(client.fetch_message, str(uid)) for uid in range(2, 6)]
            gate.wait_for(5)
            while not raised.wait(0.02):
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            return calls

        before = signal.signal(signal.SIGINT, handler)
        try:
            interrupting = threads.submit(interrupt)
            with pytest.raises(KeyboardInterrupt):
                client.fetch_message("1")
        finally:
            raised.set()
            signal.signal(signal.SIGINT, before)
        gate.open()
        for uid, call in enumerate(interrupting.result(PATIENCE), 2):
            assert call.result(PATIENCE).subject == f"Message {uid}"
        assert client.fetch_message("1").subject == "Message 1"
        assert len(server.connections) <= 2
