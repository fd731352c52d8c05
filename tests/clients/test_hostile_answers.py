"""Servers that answer wrongly, too much, too slowly or never. Rows E, and J2 at the client."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    AsposeInvalidOperationException,
    ConnectionLostError,
    FolderChangedError,
    ImapClient,
    ImapException,
    MessageNotFoundError,
    RemoteProtocolError,
    SecurityOptions,
    TimeoutException,
)
from mailclients.imap import protocol
from mailclients.wire.buffer import DEFAULT_LIMITS
from tests.clients.hostile import HostileServer, answering, client, client_of, nothing_secret_is_logged, server
from tests.support.autoimap import make_message
from tests.support.scripted import Command, Conn, fetch_line

__all__ = ["client", "nothing_secret_is_logged", "server"]  # the fixtures

Hook = Callable[[Conn, Command], Any]


def usable(client: ImapClient) -> None:
    """The client works, now that the server behaves, and on a connection that does."""
    assert client.fetch_message("2").as_bytes() == make_message(2)
    assert client.end_fetch_message(client.begin_fetch_message("3")).as_bytes() == make_message(3)


def saying(*lines: str | bytes, first: str = "") -> Hook:
    """A hook that sends these bytes as they stand, before the result of the command or behind its `first`."""

    def hook(conn: Conn, cmd: Command) -> bool:
        if first:
            conn.send(f"{cmd.tag} {first}\r\n", *lines)
        else:
            conn.send(*lines, f"{cmd.tag} OK done\r\n")
        return True

    return hook


def cutting(data: str) -> Hook:
    """A hook that sends this and ends the connection."""

    def hook(conn: Conn, cmd: Command) -> bool:
        conn.send_and_close(data)
        return True

    return hook


def flooding(make: Callable[[int], bytes]) -> Hook:
    """A hook that sends what `make` gives for 0, 1, 2, ... until the connection is gone."""

    def hook(conn: Conn, cmd: Command) -> bool:
        numbers = itertools.count()
        while True:  # ends with the error that tells that the client has closed the connection
            conn.send(b"".join(make(next(numbers)) for _ in range(500)))

    return hook


# -- what poisons a connection ------------------------------------------------------------

POISON = {
    "E7 bare LF": b"* OK one\n* OK two\r\n",
    "E7 bare CR": b"* OK one\rtwo\r\n",
    "E7 NUL in a string": b'* LIST () "/" "a\0b"\r\n',
    "E10 a number above EXISTS": b"* 77 FETCH (FLAGS ())\r\n",
    "E10 a number above EXISTS is expunged": b"* 77 EXPUNGE\r\n",
    "E10 number 0": b"* 0 EXPUNGE\r\n",
    "E10 a UID beyond 32 bits": b"* 1 FETCH (UID 4294967296)\r\n",
    "E19 a continuation that nobody waits for": b"+ go on\r\n",
    "E20 an extension that was not asked for": b"* ENABLED UTF8=ACCEPT\r\n",
    "E21 the tag of another connection": b"ZZZ9999 OK done\r\n",
    "E1 nesting": b"* LIST " + b"(" * 10_000 + b"\r\n",
    "E2 a literal that cannot be": b'* LIST () "/" {99999999999}\r\n',
    "PREAUTH again": b"* PREAUTH hello\r\n",
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_H_E7_E10_E19_E20_E21_a_broken_connection_is_never_used_again(
    server: HostileServer, client: ImapClient, poison: bytes
) -> None:
    client.select_folder("INBOX")
    remove = server.on("UID FETCH", saying(poison))
    with pytest.raises(RemoteProtocolError) as caught:
        client.fetch_message("1")
    assert caught.value.blame.value == "remote"
    remove()
    for conn in server.connections:
        assert conn.wait_closed() == "peer"
        assert conn.commands[-1].name == "UID FETCH"
        assert bytes(conn.received).endswith(conn.commands[-1].raw), "something was sent in reply"
    usable(client)


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_H_E21_tasks_go_elsewhere_when_one_connection_is_poisoned(
    server: HostileServer, client: ImapClient, poison: bytes
) -> None:
    client.select_folder("INBOX")
    server.on("UID FETCH", saying(poison), times=1)
    handles = {uid: client.begin_fetch_message(str(uid)) for uid in (1, 2, 3, 4, 5)}
    for uid, handle in handles.items():
        assert client.end_fetch_message(handle).as_bytes() == make_message(uid)
    server.wait_for(lambda: sum(conn.ended is not None for conn in server.connections) == 1)


def test_H_E21_a_tag_in_lower_case(server: HostileServer, client: ImapClient) -> None:
    client.login()

    def lower(conn: Conn, cmd: Command) -> bool:
        conn.send(f"{cmd.tag.lower()} OK done\r\n")
        return True

    remove = server.on("NOOP", lower)
    with pytest.raises(RemoteProtocolError, match="not sent"):
        client.noop()
    remove()
    usable(client)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (b"not \x1b[31mtoday\x07", "not \\x1b[31mtoday\\x07"),
        (b"nicht m\xf6glich", "nicht m\ufffdglich"),
        ("nicht möglich".encode(), "nicht möglich"),
        ("\u202egnp.exe".encode(), "\\u202egnp.exe"),
    ],
)
def test_H_E7_J5_server_text_is_printable(
    server: HostileServer, client: ImapClient, text: bytes, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(conn: Conn, cmd: Command) -> bool:
        conn.send(cmd.tag, " NO [X-\x02] ".replace("\x02", "Y"), text, "\r\n")
        return True

    server.on("NOOP", refuse)
    with pytest.raises(ImapException) as caught:
        client.noop()
    assert caught.value.server_text == shown
    assert shown in str(caught.value)
    assert all(record.getMessage().isprintable() for record in caplog.records)


# -- literals ------------------------------------------------------------


def test_H_E3_a_literal_over_the_limit_leaves_no_file(
    server: HostileServer, client: ImapClient, tmp_path: Path
) -> None:
    client._limits = replace(DEFAULT_LIMITS, streamed_literal=1000, literal=1000)
    remove = server.on("UID FETCH", saying(fetch_line(1, 1, b"x" * 1001)))
    with pytest.raises(RemoteProtocolError, match="1001 bytes"):
        client.save_message("1", tmp_path / "message.eml")
    with pytest.raises(RemoteProtocolError, match="1001 bytes"):
        client.fetch_message("1")
    assert list(tmp_path.iterdir()) == []
    remove()
    client.save_message("1", tmp_path / "message.eml")
    assert (tmp_path / "message.eml").read_bytes() == make_message(1)
    assert [path.name for path in tmp_path.iterdir()] == ["message.eml"]
    usable(client)


def test_H_E4_a_literal_that_never_ends_is_cut_off_by_the_deadline(
    server: HostileServer, client: ImapClient, tmp_path: Path
) -> None:
    client.select_folder("INBOX")
    client.timeout = 400

    def stall(conn: Conn, cmd: Command) -> bool:
        conn.send("* 1 FETCH (UID 1 BODY[] {5000}\r\nSubject: half a mess")
        return True

    remove = server.on("UID FETCH", stall)
    for call in (
        lambda: client.fetch_message("1"),
        lambda: client.save_message("1", tmp_path / "x"),
        lambda: client.end_fetch_message(client.begin_fetch_message("1")),
    ):
        with pytest.raises(TimeoutException):
            call()
    assert list(tmp_path.iterdir()) == []
    remove()
    client.timeout = 20_000
    usable(client)


@pytest.mark.parametrize("name", ["fetch", "save"])
def test_H_E4_a_connection_that_ends_inside_a_literal(
    server: HostileServer, client: ImapClient, tmp_path: Path, name: str
) -> None:
    client.select_folder("INBOX")
    remove = server.on("UID FETCH", cutting("* 1 FETCH (UID 1 BODY[] {5000}\r\nhalf"))
    with pytest.raises(ConnectionLostError):
        client.fetch_message("1") if name == "fetch" else client.save_message("1", tmp_path / "x")
    assert list(tmp_path.iterdir()) == []
    remove()
    usable(client)


# -- budgets ------------------------------------------------------------


def test_H_E6_messages_without_end(server: HostileServer, client: ImapClient) -> None:
    client.select_folder("INBOX")

    def one_more(number: int) -> bytes:
        uid = 1000 + number
        return (
            b'* 1 FETCH (UID %d FLAGS () INTERNALDATE "01-Jan-2024 00:00:00 +0000" RFC822.SIZE 1 ENVELOPE NIL)\r\n'
            % uid
        )

    remove = server.on("UID FETCH", flooding(one_more))
    with pytest.raises(RemoteProtocolError, match="told of"):
        client.list_messages()
    remove()
    usable(client)


Line = Callable[[int], bytes]
Call = Callable[[ImapClient], object]
ENDLESS: list[tuple[str, str, Line, Call]] = [
    ("LIST", "commands.MOST_LISTED", lambda n: b'* LIST () "/" "f%d"\r\n' % n, lambda c: c.list_folders()),
    ("UID SEARCH", "commands.MOST_FOUND", lambda n: b"* SEARCH %d\r\n" % (n + 1), lambda c: c.list_messages(3)),
    (
        "STATUS",
        "commands.MOST_ITEMS",
        lambda n: b"* STATUS INBOX (X%d 1)\r\n" % n,
        lambda c: c.get_folder_info("INBOX"),
    ),
    ("SELECT", "protocol.MOST_CODES", lambda n: b"* OK [X%d 1] x\r\n" % n, lambda c: c.select_folder("Archive")),
    ("UID FETCH", "protocol.UNASKED_BYTES", lambda n: fetch_line(2, 2, b"x" * 999), lambda c: c.fetch_message("1")),
]


@pytest.mark.parametrize(("command", "limit", "line", "call"), ENDLESS)
def test_H_E6_answers_without_end(
    server: HostileServer,
    client: ImapClient,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    limit: str,
    line: Line,
    call: Call,
) -> None:
    monkeypatch.setattr(f"mailclients.imap.{limit}", 2_000)
    client.select_folder("INBOX")
    remove = server.on(command, flooding(line))
    with pytest.raises(RemoteProtocolError, match="more than 2000"):
        call(client)
    remove()
    client.select_folder("INBOX")
    usable(client)


def test_H_E6_items_beside_those_that_were_asked_for_are_not_kept(
    server: HostileServer, client: ImapClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.select_folder("INBOX")
    kept: list[int] = []
    original = protocol.FetchCommand.take

    def take(self: protocol.FetchCommand, number: int, uid: int | None, items: dict[str, Any]) -> bool:
        result = original(self, number, uid, items)
        kept.extend(len(found) for _, found in self._found.values())
        return result

    monkeypatch.setattr(protocol.FetchCommand, "take", take)
    more = b"".join(b"* 1 FETCH (UID 1 X-%d 1 BODY[%d] {3}\r\nabc)\r\n" % (n, n) for n in range(1, 500))
    body = make_message(1)
    server.on("UID FETCH", saying(fetch_line(1, 1, body), more), times=1)
    assert client.fetch_message("1").as_bytes() == body
    assert max(kept) <= 40


@pytest.mark.parametrize(
    "line",
    [
        b"* 5 EXISTS\r\n",
        b"* OK still working on it\r\n",
        b"* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n",
        b"* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n",
    ],
)
@pytest.mark.parametrize("call", ["noop", "fetch"])
def test_H_E18_what_nobody_asked_for_extends_no_deadline(
    server: HostileServer, client: ImapClient, line: bytes, call: str
) -> None:
    client.select_folder("INBOX")
    client.timeout = 500
    remove = server.on("NOOP" if call == "noop" else "UID FETCH", flooding(lambda n: line))
    with pytest.raises(TimeoutException):  # the flood itself never ends
        client.noop() if call == "noop" else client.fetch_message("1")
    remove()
    client.timeout = 20_000
    usable(client)


def test_H_E18_a_flood_between_commands(server: HostileServer, client: ImapClient) -> None:
    client.select_folder("INBOX")
    conn = server.connections[0]
    for _ in range(200):
        conn.send(b"* 5 EXISTS\r\n* 5 RECENT\r\n* OK hm\r\n" * 20)
    client.noop()
    assert len(server.connections) == 1
    core: Any = client._main.connection.core  # type: ignore[union-attr]
    assert core.parser.memory < 2 * 1024 * 1024
    usable(client)


# -- fetching what was not asked for ------------------------------------------------------------


def test_H_E9_unasked_missing_and_surplus(server: HostileServer, client: ImapClient) -> None:
    client.select_folder("INBOX")
    body = make_message(1)
    asked, other = fetch_line(1, 1, body), fetch_line(2, 2, b"not asked for")
    server.on("UID FETCH", saying(other, asked, b"* 3 FETCH (FLAGS (\\Seen))\r\n"), times=1)
    assert client.fetch_message("1").as_bytes() == body

    for answer in (b"", other, b"* 1 FETCH (UID 1 FLAGS ())\r\n", b"* 1 FETCH (BODY[] NIL)\r\n"):
        server.on("UID FETCH", saying(answer), times=1)
        with pytest.raises(MessageNotFoundError, match="unique id 1 "):
            client.fetch_message("1")

    remove = server.on("UID FETCH", saying(asked, asked))
    with pytest.raises(RemoteProtocolError, match="message 1 twice"):
        client.fetch_message("1")
    remove()
    usable(client)


@pytest.mark.parametrize("to_file", [True, False])
@pytest.mark.parametrize(
    "answer",
    [
        fetch_line(2, 2, b"other") + fetch_line(1, 1, b"mine"),
        fetch_line(1, 1, b"mine") + fetch_line(2, 2, b"other"),
        fetch_line(2, 2, b"other"),
        fetch_line(1, 1, b"mine") * 2,
        b"* 1 FETCH (UID 1 BODY[] {4}\r\nmine BODY[] {4}\r\nmine)\r\n",
        b"* 1 FETCH (UID 1 BODY[1] {5}\r\nother BODY[] {4}\r\nmine)\r\n",
        b"* 1 FETCH (BODY[] {5}\r\nother)\r\n" + fetch_line(1, 1, b"mine"),
    ],
)
def test_H_E9_a_file_gets_the_one_message_that_was_asked_for(
    server: HostileServer, client: ImapClient, tmp_path: Path, answer: bytes, to_file: bool
) -> None:
    client.select_folder("INBOX")
    remove = server.on("UID FETCH", saying(answer))
    path = tmp_path / "message.eml"
    with open(tmp_path / "stream", "wb") as stream, pytest.raises(RemoteProtocolError):
        client.save_message("1", path if to_file else stream)
    assert not path.exists()
    remove()
    client.save_message("1", path)
    assert path.read_bytes() == make_message(1)
    usable(client)


@pytest.mark.parametrize(("value", "content"), [(b'"in quotes"', b"in quotes"), (b"NIL", b""), (b"{0}\r\n", b"")])
def test_H_E9_a_body_need_not_be_a_literal(
    server: HostileServer, client: ImapClient, tmp_path: Path, value: bytes, content: bytes
) -> None:
    client.select_folder("INBOX")
    server.on("UID FETCH", saying(b"* 1 FETCH (UID 1 BODY[] " + value + b")\r\n"), times=2)
    client.save_message("1", tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == content
    assert client.fetch_message("1").as_bytes() == content


def test_H_E10_E11_numbers_that_would_take_all_memory(server: HostileServer, client: ImapClient) -> None:
    client.select_folder("INBOX")
    server.on("NOOP", saying(b"* 4294967295 EXISTS\r\n* 4294967295 FETCH (UID 4294967295 FLAGS ())\r\n"), times=1)
    client.noop()
    server.on("NOOP", saying(b"* VANISHED 1:4294967295\r\n"), times=1)
    client.noop()
    remove = server.on("UID SEARCH", saying(b"* ESEARCH UID ALL 1:4294967295\r\n"))
    with pytest.raises(RemoteProtocolError):
        client.list_messages(10)
    remove()
    client.select_folder("INBOX")
    usable(client)


# -- the folder changes ------------------------------------------------------------


@pytest.mark.parametrize("begun", [False, True])
def test_H_E12_another_uidvalidity_on_reselect(server: HostileServer, client: ImapClient, begun: bool) -> None:
    client.select_folder("INBOX")
    server.replace_folder("INBOX", 5)
    server.connections[0].close()
    with pytest.raises(FolderChangedError, match="UIDVALIDITY"):
        client.fetch_message("1")
    for _ in range(2):
        with pytest.raises(FolderChangedError, match="UIDVALIDITY"):
            client.end_delete_message(client.begin_delete_message("1")) if begun else client.delete_message("1")
    assert not [cmd for cmd in server.commands if cmd.name == "UID STORE"]
    client.select_folder("INBOX")
    client.delete_message("1")
    usable(client)


@pytest.mark.parametrize("begun", [False, True])
def test_H_E12_a_folder_that_is_gone_on_reselect(server: HostileServer, client: ImapClient, begun: bool) -> None:
    client.select_folder("Archive")
    del server.folders["Archive"]
    server.connections[0].close()
    with pytest.raises(ImapException, match="NONEXISTENT"):
        client.end_fetch_message(client.begin_fetch_message("1")) if begun else client.fetch_message("1")
    assert sum(cmd.name == "SELECT" for cmd in server.commands) <= 3
    client.select_folder("INBOX")
    usable(client)


@pytest.mark.parametrize("last", [True, False])
def test_H_E15_read_only_although_writing_was_asked_for(server: HostileServer, client: ImapClient, last: bool) -> None:
    server.folders["INBOX"].read_only = True
    client.select_folder("INBOX")
    calls: list[Callable[[], object]] = [
        lambda: client.add_message_flags("1", "\\Seen"),
        lambda: client.delete_message("1"),
        lambda: client.end_add_message_flags(client.begin_add_message_flags("1", "\\Seen")),
    ]
    for call in calls:
        with pytest.raises(AsposeInvalidOperationException, match="read-only"):
            call()
    assert not [cmd for cmd in server.commands if "STORE" in cmd.name]
    usable(client)


# -- BYE ------------------------------------------------------------


@pytest.mark.parametrize("after", ["silence", "end", "flood"])
def test_H_E14_bye_in_the_middle_of_a_command(server: HostileServer, client: ImapClient, after: str) -> None:
    def bye(conn: Conn, cmd: Command) -> bool:
        conn.send("* BYE going down for \x1b[2Jrepairs\r\n")
        if after == "end":
            conn.close()
        elif after == "flood":
            flooding(lambda n: b"* BYE still going down\r\n")(conn, cmd)
        return True

    client.select_folder("INBOX")
    client.timeout = -1  # nothing but believing the server's goodbye ends the call
    remove = server.on("UID FETCH", bye)
    with pytest.raises(ConnectionLostError, match=r"going down for \\x1b\[2Jrepairs"):
        client.fetch_message("1")
    remove()
    usable(client)


def test_H_E14_what_was_answered_before_bye_is_answered(server: HostileServer, client: ImapClient) -> None:
    def bye(conn: Conn, cmd: Command) -> bool:
        conn.send(f"{cmd.tag} OK [APPENDUID 1 99] stored\r\n* BYE that was all\r\n")
        return True

    server.on("APPEND", bye, times=1)
    message = client.fetch_message("1")
    assert client.append_message("INBOX", message) == "99"
    assert server.connections[0].wait_closed() == "peer"
    usable(client)


def test_H_E14_bye_belongs_to_logout(server: HostileServer, client: ImapClient) -> None:
    client.login()
    client.logout()
    usable(client)


# -- splitting ------------------------------------------------------------


def scenario(client: ImapClient) -> list[Any]:
    client.select_folder("INBOX")
    listed = client.list_messages()
    found: list[Any] = [(info.unique_id, info.subject, info.size) for info in listed]
    found += [client.fetch_message(info.unique_id).as_bytes() for info in listed]
    found += [folder.name for folder in client.list_folders()]
    found += [client.get_folder_info("INBOX").total_message_count]
    client.add_message_flags("1", "\\Flagged")
    handles = [client.begin_fetch_message(str(uid)) for uid in (5, 4, 3, 2, 1)]
    found += [client.end_fetch_message(handle).as_bytes() for handle in handles]
    with pytest.raises(MessageNotFoundError) as caught:
        client.fetch_message("77")
    found.append(str(caught.value))
    return found


def test_H_E22_results_do_not_depend_on_how_answers_are_split() -> None:
    results: list[list[Any]] = []
    for split in (None, 1, 7):
        with (
            HostileServer(clear_is_meant=True, folders={"INBOX": 5}, split=split) as server,
            client_of(server, SecurityOptions.NONE) as client,
        ):
            results.append(scenario(client))
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("split", [None, 1])
def test_H_E22_an_answer_counts_whether_or_not_the_fault_behind_it_came_in_the_same_read(split: int | None) -> None:
    with (
        HostileServer(clear_is_meant=True, split=split) as server,
        client_of(server, SecurityOptions.NONE) as client,
    ):
        server.on("CREATE", saying(")(\r\n", first="OK created"), times=1)
        client.create_folder("New")
        server.connections[0].wait_closed() if split is None else client.noop()
        client.noop()
        assert len(server.connections) == 2


# -- one bad message ------------------------------------------------------------


def test_H_J1_J2_messages_that_break_parsers_are_fetched_all_the_same() -> None:
    bad = [
        b"To: " + b"(" * 5000 + b"\r\n\r\nx\r\n",
        b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\r\n\r\nx\r\n",
        b"Content-Type: text/plain; charset=zlib\r\n\r\nx\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n" * 5000,
        b"\r\n",
        b"\xff\xfe: \x00\x01\r\n\r\n",
    ]
    with (
        HostileServer(clear_is_meant=True, folders={"INBOX": [make_message(1), *bad, make_message(8)]}) as server,
        client_of(server, SecurityOptions.NONE) as client,
    ):
        handles = [client.begin_fetch_message(str(uid)) for uid in range(1, 9)]
        messages = [client.end_fetch_message(handle) for handle in handles]
        assert [message.as_bytes() for message in messages] == [make_message(1), *bad, make_message(8)]
        begun = time.thread_time()  # of work: a busy machine adds none
        for message in messages:
            _ = (message.subject, list(message.to), message.body, len(message.attachments))
        assert time.thread_time() - begun < 10
        assert [message.subject for message in (messages[0], messages[-1])] == ["Message 1", "Message 8"]


def test_H_J2_one_message_that_cannot_be_sent_spoils_no_other(server: HostileServer, client: ImapClient) -> None:
    client.select_folder("INBOX")
    broken = answering("NO it is broken")
    server.on("UID FETCH", lambda conn, cmd: cmd.text() == "3" and broken(conn, cmd))
    handles = {uid: client.begin_fetch_message(str(uid)) for uid in range(1, 6)}
    for uid, handle in handles.items():
        if uid == 3:
            with pytest.raises(ImapException, match="it is broken"):
                client.end_fetch_message(handle)
        else:
            assert client.end_fetch_message(handle).as_bytes() == make_message(uid)
