"""Speed-ups change no result: windows of all sizes, lines that several tasks share, servers of all tempers."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from mailclients import (
    ConnectionLostError,
    MessageNotFoundError,
    OperationCanceledException,
    PipeliningMode,
)
from mailclients.engine import connection as connection_module
from mailclients.engine import scheduling
from tests.support.autoimap import AutoImapServer, make_message
from tests.support.clients import client_of
from tests.support.commands import Command
from tests.support.scripted import Conn

MESSAGES = 300
LARGEST = scheduling.WINDOW


def uids_of(cmd: Command) -> list[int]:
    spans = [span.partition(":") for span in cmd.text().split(",")]
    return [uid for first, _, last in spans for uid in range(int(first), int(last or first) + 1)]


def told(uids: Sequence[int]) -> bytes:
    """Messages as the server sends them."""
    bodies = [(uid, make_message(uid)) for uid in uids]
    return b"".join(b"* %d FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (uid, uid, len(body), body) for uid, body in bodies)


class OddServer(AutoImapServer):
    """Answers what has arrived in the oddest legal order: all messages before all results, both shuffled, and
    between them flags that nobody asked for."""

    def __init__(self, **options: Any) -> None:
        super().__init__({"INBOX": MESSAGES}, side_by_side=50, **options)
        self.random = random.Random(5)

    def answer_together(self, cmds: Sequence[Command]) -> None:
        conn = cmds[0].conn
        with conn.undisturbed():
            told, results = list[bytes](), list[bytes]()
            for cmd in cmds:
                answer = self.carry_out(conn, cmd)
                assert answer is not None
                told += answer.untagged
                results.append(cmd.tag.encode() + b" " + answer.status + b"\r\n")
            for _ in range(3):
                number = self.random.randint(1, MESSAGES)
                told.append(b"* %d FETCH (UID %d FLAGS (\\Answered))\r\n" % (number, number))
            self.random.shuffle(told)
            self.random.shuffle(results)
            conn.send(*told, *results)


def shared(server: AutoImapServer) -> list[Command]:
    """The lines that several tasks shared."""
    return [cmd for cmd in server.commands if cmd.name == "UID FETCH" and not cmd.text().isdigit()]


@pytest.mark.parametrize("limit", [1, 2, 4])
@pytest.mark.parametrize("window", [1, 2, 16, LARGEST])
def test_Q3_windows_of_all_sizes_give_the_same_results(
    window: int, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if window < LARGEST:
        monkeypatch.setattr(scheduling, "WINDOW", window)
        monkeypatch.setattr(scheduling, "DEEPEST", window)
        monkeypatch.setattr(connection_module, "WINDOW", window)
    with OddServer() as server, client_of(server, limit) as client:
        if window == 1:
            client.use_pipelining.client_mode = PipeliningMode.DISABLED
        client.select_folder("INBOX", True)
        handles = {uid: client.begin_fetch_message(str(uid)) for uid in range(1, MESSAGES + 1)}
        gone = client.begin_fetch_message(str(MESSAGES + 7))
        twice = client.begin_fetch_message("9")
        for uid, handle in handles.items():
            assert client.end_fetch_message(handle).as_bytes() == make_message(uid)
        assert client.end_fetch_message(twice).as_bytes() == make_message(9)
        with pytest.raises(MessageNotFoundError):
            client.end_fetch_message(gone)
        if window < scheduling.WORTH_JOINING:
            assert not shared(server)
        elif limit < 3:  # with more connections there is perhaps too little for each
            assert shared(server)


def test_Q2_a_line_is_shared_only_behind_a_window_that_was_answered() -> None:
    with AutoImapServer({"INBOX": MESSAGES}) as server, client_of(server, 2) as client:
        client.select_folder("INBOX", True)
        handles = [client.begin_fetch_message(str(uid)) for uid in range(1, MESSAGES + 1)]
        for handle in handles:
            client.end_fetch_message(handle)
        lines = [cmd.text() for cmd in server.commands if cmd.name == "UID FETCH"]
        assert lines[: scheduling.WINDOW] == [str(uid) for uid in range(1, scheduling.WINDOW + 1)]
        assert len(lines) < MESSAGES / 2


def test_Q3_what_a_shared_line_is_refused_is_asked_for_again_alone() -> None:
    refused: list[str] = []

    def refuse_sets(conn: Conn, cmd: Command) -> bool:
        if cmd.text().isdigit():
            return False
        refused.append(cmd.text())
        conn.send(cmd.tag, " NO [SERVERBUG] Not this one\r\n")
        return True

    with AutoImapServer({"INBOX": MESSAGES}) as server, client_of(server, 2) as client:
        server.on("UID FETCH", refuse_sets)
        client.select_folder("INBOX", True)
        handles = [client.begin_fetch_message(str(uid)) for uid in range(1, MESSAGES + 1)]
        assert [client.end_fetch_message(h).as_bytes() for h in handles] == [
            make_message(uid) for uid in range(1, MESSAGES + 1)
        ]
        assert 1 <= len(refused) < MESSAGES / scheduling.WORTH_JOINING


def test_Q5_a_message_that_always_breaks_its_shared_line_fails_alone() -> None:
    poison = 150
    broken = 0
    lock = threading.Lock()

    def break_at_poison(conn: Conn, cmd: Command) -> bool:
        nonlocal broken
        uids = uids_of(cmd)
        if poison not in uids:
            return False
        with lock:
            broken += 1
        conn.send_and_close(told(uids[: uids.index(poison) + 1])[:-50])
        return True

    with AutoImapServer({"INBOX": MESSAGES}) as server, client_of(server, 2) as client:
        server.on("UID FETCH", break_at_poison)
        client.select_folder("INBOX", True)
        handles = {uid: client.begin_fetch_message(str(uid)) for uid in range(1, MESSAGES + 1)}
        for uid, handle in handles.items():
            if uid == poison:
                with pytest.raises(ConnectionLostError):
                    client.end_fetch_message(handle)
            else:
                assert client.end_fetch_message(handle).as_bytes() == make_message(uid)
    assert 1 <= broken <= 3


def test_T10_one_of_a_shared_line_is_cancelled_and_its_neighbours_go_on() -> None:
    with AutoImapServer({"INBOX": MESSAGES}) as server, client_of(server, 2) as client:
        client.select_folder("INBOX", True)
        held = threading.Event()
        go_on = threading.Event()

        def wait_before_sets(conn: Conn, cmd: Command) -> bool:
            if not cmd.text().isdigit() and not held.is_set():
                held.first = cmd.text()  # type: ignore[attr-defined]
                held.set()
                go_on.wait()
            return False

        server.on("UID FETCH", wait_before_sets)
        handles = {uid: client.begin_fetch_message(str(uid)) for uid in range(1, MESSAGES + 1)}
        try:
            assert held.wait(30)
            first = int(held.first.partition(":")[0])  # type: ignore[attr-defined]
            client.cancel_async_operation(handles[first + 1])
            assert handles[first + 1].is_canceled
        finally:
            go_on.set()
        for uid, handle in handles.items():
            if uid == first + 1:
                with pytest.raises(OperationCanceledException):
                    client.end_fetch_message(handle)
            else:
                assert client.end_fetch_message(handle).as_bytes() == make_message(uid)
        assert client.pool.get_stats()["closed_total"] == 0  # its answer was thrown away, not its connection


def test_T13_a_message_that_is_gone_fails_alone_on_a_shared_line() -> None:
    with AutoImapServer({"INBOX": MESSAGES}) as server, client_of(server, 2) as client:
        server.expunge("INBOX", 200, 201)
        client.select_folder("INBOX", True)
        handles = {uid: client.begin_fetch_message(str(uid)) for uid in range(1, MESSAGES + 1)}
        for uid, handle in handles.items():
            if uid in (200, 201):
                with pytest.raises(MessageNotFoundError, match=str(uid)):
                    client.end_fetch_message(handle)
            else:
                assert client.end_fetch_message(handle).as_bytes() == make_message(uid)
        assert shared(server)


def test_Q3_messages_of_a_shared_line_are_there_before_its_end_but_for_the_last() -> None:
    lines: list[Command] = []

    def without_end(conn: Conn, cmd: Command) -> bool:
        if cmd.text().isdigit() or lines:
            return False
        lines.append(cmd)
        conn.send(told(uids_of(cmd)))
        return True

    with AutoImapServer({"INBOX": MESSAGES}) as server, client_of(server, 2) as client:
        server.on("UID FETCH", without_end)
        client.select_folder("INBOX", True)
        handles = {uid: client.begin_fetch_message(str(uid)) for uid in range(1, MESSAGES + 1)}
        server.wait_for(lambda: bool(lines), what="a shared line")
        *others, last = uids_of(lines[0])
        for uid in others:
            assert client.end_fetch_message(handles[uid]).as_bytes() == make_message(uid)
        assert not handles[last].is_completed  # until the line has ended the server may announce what it likes
        lines[0].conn.send(lines[0].tag, " OK done\r\n")
        for uid, handle in handles.items():
            assert client.end_fetch_message(handle).as_bytes() == make_message(uid)
