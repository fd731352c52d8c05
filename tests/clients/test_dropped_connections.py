"""Servers that drop connections in the middle of literals: every handle ends, in the right message or in an error."""

from __future__ import annotations

import itertools
import threading

import pytest

from mailclients import (
    ConnectionLostError,
    MailClientError,
    NetworkException,
    OutcomeUnknownError,
)
from tests.support.autoimap import AutoImapServer, make_message
from tests.support.clients import client_of
from tests.support.scripted import Command, Conn

MESSAGES = 120


def half_a_literal(conn: Conn, cmd: Command) -> bool:
    uid = int(str(cmd.args[0]))
    body = make_message(uid)
    start = b"* %d FETCH (UID %d BODY[] {%d}\r\n" % (uid, uid, len(body))
    conn.send_and_close(start + body[: len(body) // 2])
    return True


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_Q5_every_handle_ends_when_connections_drop_in_the_middle_of_literals(limit: int) -> None:
    with AutoImapServer(folders={"INBOX": MESSAGES}) as server:
        drops = 0
        lock = threading.Lock()
        counter = itertools.count(1)

        def drop_every_thirtieth(conn: Conn, cmd: Command) -> bool:
            nonlocal drops
            with lock:
                if next(counter) % 30 or drops >= 12:
                    return False
                drops += 1
            return half_a_literal(conn, cmd)

        server.on("UID FETCH", drop_every_thirtieth)
        with client_of(server) as client:
            client.max_connections_per_server = limit
            client.select_folder("INBOX")
            handles = [client.begin_fetch_message(str(uid)) for uid in range(1, MESSAGES + 1)]
            right = 0
            for uid, handle in enumerate(handles, 1):
                try:
                    message = client.end_fetch_message(handle)
                except ConnectionLostError:
                    continue
                assert message.as_bytes() == make_message(uid)
                right += 1
            assert drops > 0
            # Each break counts against one command only, the one that was being answered.
            assert right >= MESSAGES - drops
        assert server.peak_connections <= limit


def test_Q5_a_message_that_always_breaks_the_connection_fails_alone() -> None:
    with AutoImapServer(folders={"INBOX": 40}) as server:
        tried = []

        def poison(conn: Conn, cmd: Command) -> bool:
            if str(cmd.args[0]) != "7":
                return False
            tried.append(conn)
            return half_a_literal(conn, cmd)

        server.on("UID FETCH", poison)
        with client_of(server) as client:
            client.max_connections_per_server = 2
            client.select_folder("INBOX")
            handles = {uid: client.begin_fetch_message(str(uid)) for uid in range(1, 41)}
            for uid, handle in handles.items():
                if uid == 7:
                    with pytest.raises(ConnectionLostError):
                        client.end_fetch_message(handle)
                else:
                    assert client.end_fetch_message(handle).as_bytes() == make_message(uid)
        assert 1 <= len(tried) <= 3


def test_Q5_a_plain_fetch_is_repeated_on_a_fresh_connection() -> None:
    with AutoImapServer(folders={"INBOX": 3}) as server:
        server.on("UID FETCH", half_a_literal, times=1)
        with client_of(server) as client:
            client.select_folder("INBOX")
            assert client.fetch_message("2").as_bytes() == make_message(2)
            assert client.current_folder is not None
            assert client.current_folder.name == "INBOX"
        assert len(server.connections) == 2


def test_Q5_a_store_whose_answer_is_lost_has_an_unknown_outcome() -> None:
    with AutoImapServer(folders={"INBOX": 3}) as server:

        def vanish(conn: Conn, cmd: Command) -> bool:
            conn.close()
            return True

        server.on("UID STORE", vanish)
        with client_of(server) as client:
            client.select_folder("INBOX")
            with pytest.raises(OutcomeUnknownError) as caught:
                client.delete_message("2")
            assert isinstance(caught.value, NetworkException)
            assert not caught.value.retryable
            handle = client.begin_delete_message("3")
            with pytest.raises(OutcomeUnknownError):
                client.end_delete_message(handle)
            assert client.fetch_message("1").as_bytes() == make_message(1)
        assert len([cmd for cmd in server.commands if cmd.name == "UID STORE"]) == 2


def test_Q5_a_server_that_goes_away_for_good_ends_every_handle_with_an_error() -> None:
    with AutoImapServer(folders={"INBOX": 30}) as server, client_of(server) as client:
        client.max_connections_per_server = 3
        client.select_folder("INBOX")
        answer_again = server.on("UID FETCH", lambda conn, cmd: True)
        handles = [client.begin_fetch_message(str(uid)) for uid in range(1, 31)]
        server.wait_for_commands(1, "UID FETCH")
        server.stop_accepting()
        for conn in server.connections:
            conn.close()
        for handle in handles:
            with pytest.raises(MailClientError):
                client.end_fetch_message(handle)
        server.resume_accepting()
        answer_again()
        assert client.end_fetch_message(client.begin_fetch_message("5")).as_bytes() == make_message(5)
