"""Servers that lie about copies, refuse in the middle, or go away between a copy and its deletion.

The one promise: a message is never gone from both folders, and the error says what is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from mailclients import (
    FolderChangedError,
    ImapClient,
    ImapException,
    MailClientError,
    MailMessage,
    MessageError,
    MessageNotFoundError,
    NetworkException,
    OutcomeUnknownError,
    PartlyDone,
    RemoteProtocolError,
    SecurityOptions,
)
from mailclients.imap.operations import appending, copying
from tests.clients.hostile import HostileServer, answering, client_of, nothing_secret_is_logged
from tests.clients.imap_cases import BEGUN, run
from tests.support.autoimap import DEFAULT_CAPABILITIES, make_message
from tests.support.scripted import Command, Conn

__all__ = ["nothing_secret_is_logged"]

Hook = Callable[[Conn, Command], Any]
NO_MOVE = DEFAULT_CAPABILITIES.replace(" MOVE", "")
BARE = NO_MOVE.replace(" UIDPLUS", "")


def server_with(capabilities: str, count: int = 6) -> HostileServer:
    return HostileServer(clear_is_meant=True, folders={"INBOX": count, "Archive": 0}, capabilities=capabilities)


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with server_with(NO_MOVE) as server:
        yield server


@pytest.fixture
def client(server: HostileServer) -> Iterator[ImapClient]:
    with client_of(server, SecurityOptions.NONE) as client:
        yield client


def here(server: HostileServer, folder: str = "INBOX") -> dict[int, set[str]]:
    """What is in a folder: unique ids and flags."""
    with server.store:
        return {uid: set(stored.flags) for uid, stored in server.folders[folder].messages.items()}


def bodies(server: HostileServer, folder: str = "INBOX") -> list[bytes]:
    with server.store:
        return [stored.body for stored in server.folders[folder].messages.values()]


def sent(server: HostileServer) -> list[str]:
    """The commands about messages that the server received, in order."""
    kinds = ("UID COPY", "UID MOVE", "UID STORE", "UID EXPUNGE", "EXPUNGE", "APPEND")
    return [cmd.name for conn in server.connections for cmd in conn.commands if cmd.name in kinds]


def copying_then(server: HostileServer, text: str) -> Hook:
    """A hook that copies, and then says this in its OK."""

    def hook(conn: Conn, cmd: Command) -> bool:
        with conn.undisturbed():
            server.carry_out(conn, cmd)
            conn.send(f"{cmd.tag} OK {text}\r\n")
        return True

    return hook


def cutting(conn: Conn, cmd: Command) -> bool:
    """A hook that ends the connection in place of an answer."""
    conn.close()
    return True


# -- moving without MOVE ------------------------------------------------------------


@BEGUN
def test_T15_without_move_the_copy_comes_first_and_only_the_moved_are_expunged(
    server: HostileServer, client: ImapClient, begun: bool
) -> None:
    with server.store:
        server.folders["INBOX"].set_flags(server.folders["INBOX"].messages[6], {"\\Deleted"})  # somebody else's
    assert run(client, begun, "move_message", "2", "Archive") == "1"
    run(client, begun, "move_messages", ["3", "5"], "Archive", True)
    assert sent(server) == ["UID COPY", "UID STORE", "UID EXPUNGE"] * 2
    assert here(server) == {1: set(), 4: set(), 6: {"\\Deleted"}}
    assert bodies(server, "Archive") == [make_message(2), make_message(3), make_message(5)]


@BEGUN
def test_T15_without_uidplus_nothing_is_expunged_unless_the_caller_commits(begun: bool) -> None:
    with server_with(BARE) as server, client_of(server, SecurityOptions.NONE) as client:
        run(client, begun, "move_messages", ["1", "2"], "Archive")
        assert here(server) == {1: {"\\Deleted"}, 2: {"\\Deleted"}, 3: set(), 4: set(), 5: set(), 6: set()}
        assert "EXPUNGE" not in sent(server)
        run(client, begun, "move_messages", ["3", "4"], "Archive", True)
        assert set(here(server)) == {5, 6}
        assert sent(server).count("EXPUNGE") == 1
        assert bodies(server, "Archive") == [make_message(number) for number in (1, 2, 3, 4)]


@BEGUN
def test_T15_what_arrives_while_a_range_is_moved_stays(begun: bool) -> None:
    with server_with(BARE) as server, client_of(server, SecurityOptions.NONE) as client:

        def deliver(conn: Conn, cmd: Command) -> None:
            server.deliver("INBOX", b"Subject: new\r\n\r\nnew\r\n")

        server.on("UID STORE", deliver)
        run(client, begun, "move_messages", "5", "4294967295", "Archive", True)
        assert bodies(server, "Archive") == [make_message(5), make_message(6)]
        assert b"Subject: new\r\n\r\nnew\r\n" in bodies(server)


LIES = {
    "too few copies": "[COPYUID 77 2:3 9] done",
    "too many copies": "[COPYUID 77 2:3 9:4294967295] done",
    "other messages": "[COPYUID 77 4:5 9:10] done",
    "more messages than asked": "[COPYUID 77 1:4294967295 1:4294967295] done",
}


@BEGUN
@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_T15_after_a_copyuid_that_cannot_be_true_nothing_is_deleted(
    server: HostileServer, client: ImapClient, begun: bool, lie: str
) -> None:
    server.on("UID COPY", copying_then(server, lie), times=1)
    with pytest.raises(RemoteProtocolError, match="the copies are there") as caught:
        run(client, begun, "move_messages", ["2", "3"], "Archive")
    assert caught.value.partly_done == PartlyDone("", "2:3", "")
    assert here(server) == {number: set() for number in range(1, 7)}
    assert sent(server) == ["UID COPY"]
    run(client, begun, "move_messages", ["2", "3"], "Archive")
    assert set(here(server)) == {1, 4, 5, 6}


@BEGUN
def test_T15_only_what_was_copied_is_deleted(server: HostileServer, client: ImapClient, begun: bool) -> None:
    server.on("UID COPY", copying_then(server, "[COPYUID 77 3 9] one of them was gone"), times=1)
    run(client, begun, "move_messages", ["2", "3"], "Archive")
    assert set(here(server)) == {1, 2, 4, 5, 6}


@BEGUN
def test_T15_a_destination_that_is_replaced_in_the_middle_stops_the_move(
    server: HostileServer, client: ImapClient, begun: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_by_one(ids: Iterable[int], max_bytes: int) -> Iterator[bytes]:
        return (b"%d" % number for number in ids)

    monkeypatch.setattr(copying, "split_set", one_by_one)
    validities = iter(("77", "78"))

    def hook(conn: Conn, cmd: Command) -> bool:
        return bool(copying_then(server, f"[COPYUID {next(validities)} {cmd.text()} 9] ok")(conn, cmd))

    server.on("UID COPY", hook)
    with pytest.raises(FolderChangedError, match="replaced") as caught:
        run(client, begun, "move_messages", ["1", "3", "5"], "Archive")
    assert caught.value.partly_done == PartlyDone("1", "3", "5")
    assert set(here(server)) == {2, 3, 4, 5, 6}


@BEGUN
@pytest.mark.parametrize("name", ["copy_message", "move_message"])
def test_a_new_unique_id_that_cannot_be_true_is_not_told(
    server: HostileServer, client: ImapClient, begun: bool, name: str
) -> None:
    if name == "copy_message":
        for lie in LIES.values():
            server.on("UID COPY", copying_then(server, lie), times=1)
            assert run(client, begun, name, "2", "Archive") == ""
    server.on("UID COPY", copying_then(server, "no code"), times=1)
    assert run(client, begun, name, "2", "Archive") == ""
    server.on("UID COPY", answering("OK nothing copied"), times=1)
    with pytest.raises(MessageNotFoundError):
        run(client, begun, name, "99", "Archive")


@BEGUN
@pytest.mark.parametrize("how", ["refused", "cut before", "cut after"])
def test_T15_a_connection_that_is_lost_between_copy_and_deletion(
    server: HostileServer, client: ImapClient, begun: bool, how: str
) -> None:
    if how == "refused":
        server.on("UID STORE", answering("NO [SERVERBUG] not now"), times=1)
    elif how == "cut before":
        server.on("UID STORE", cutting, times=1)
    else:

        def store_and_cut(conn: Conn, cmd: Command) -> bool:
            server.carry_out(conn, cmd)
            conn.close()
            return True

        server.on("UID STORE", store_and_cut, times=1)
    kind = ImapException if how == "refused" else OutcomeUnknownError
    with pytest.raises(kind, match="the copies are there") as caught:
        run(client, begun, "move_messages", ["2", "3"], "Archive")
    assert caught.value.partly_done == PartlyDone("", "2:3", "")
    assert ("not known" in str(caught.value)) == (how != "refused")
    assert len(here(server)) == 6
    assert bodies(server, "Archive") == [make_message(2), make_message(3)]
    assert "UID EXPUNGE" not in sent(server)
    client.noop()


def test_T15_in_an_exclusive_block_a_connection_lost_after_the_copy(server: HostileServer, client: ImapClient) -> None:
    def copy_and_cut(conn: Conn, cmd: Command) -> bool:
        copying_then(server, "[COPYUID 77 2 1] done")(conn, cmd)
        conn.close()
        return True

    server.on("UID COPY", copy_and_cut, times=1)
    client.select_folder("INBOX")
    with client.exclusive(), pytest.raises(NetworkException, match="the copies are there") as caught:
        client.move_messages(["2"], "Archive")
    assert caught.value.partly_done == PartlyDone("", "2", "")
    assert here(server) == {number: set() for number in range(1, 7)}


@BEGUN
@pytest.mark.parametrize("name", ["copy_messages", "move_messages"])
@pytest.mark.parametrize("answer", ["NO [OVERQUOTA] too much", "NO [TRYCREATE] where?", "BAD no"])
def test_H_F7_a_refusal_in_the_middle_says_what_is_done(
    server: HostileServer, client: ImapClient, begun: bool, name: str, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "SET_BYTES", 23)
    with server.store:
        for number in range(7, 2000):
            server.folders["INBOX"].add(make_message(number))
    uids = [str(number) for number in range(1001, 1021, 2)]  # four in a command
    remaining = [1]

    def hook(conn: Conn, cmd: Command) -> bool:
        if remaining[0]:
            remaining[0] -= 1
            return False
        return bool(answering(answer)(conn, cmd))

    server.on("UID COPY", hook)
    with pytest.raises(ImapException) as caught:
        run(client, begun, name, uids, "Archive")
    report = caught.value.partly_done
    assert report == PartlyDone("1001,1003,1005,1007", "", "1009,1011,1013,1015,1017,1019")
    assert report is not None
    assert report.done in str(caught.value)
    assert report.not_done in str(caught.value)
    assert bodies(server, "Archive") == [make_message(number) for number in (1001, 1003, 1005, 1007)]
    assert {1009, 1011, 1019} <= set(here(server))
    assert (1001 in here(server)) == (name == "copy_messages")


@BEGUN
def test_T15_a_move_that_fails_half_way_says_what_the_server_had_moved(begun: bool) -> None:
    with server_with(DEFAULT_CAPABILITIES) as server, client_of(server, SecurityOptions.NONE) as client:
        server.on("UID MOVE", answering("NO half of it", "OK [COPYUID 77 2 9] moved", "2 EXPUNGE"), times=1)
        with pytest.raises(ImapException, match="had moved 2 of these") as caught:
            run(client, begun, "move_messages", ["2", "3"], "Archive")
        assert caught.value.partly_done == PartlyDone("", "2:3", "")


@BEGUN
def test_H_F7_ten_thousand_messages_go_in_few_commands(begun: bool) -> None:
    with server_with(NO_MOVE, 10_000) as server, client_of(server, SecurityOptions.NONE) as client:
        odd = [str(number) for number in range(9_999, 0, -2)]
        run(client, begun, "copy_messages", odd, "Archive")
        run(client, begun, "move_messages", "2", "10000", "Archive")
        lines = [cmd for conn in server.connections for cmd in conn.commands if cmd.name in ("UID COPY", "UID STORE")]
        assert all(len(cmd.text()) <= 6000 for cmd in lines)
        assert len(lines) < 12
        assert set(here(server)) == {1}
        subjects = [body.split(b"Subject: ")[1].split(b"\r\n")[0] for body in bodies(server, "Archive")]
        expected = [*range(1, 10_001, 2), *range(2, 10_001)]
        assert subjects == [b"Message %d" % number for number in expected]


# -- appending ------------------------------------------------------------


def given(count: int) -> list[MailMessage]:
    return [MailMessage.from_bytes(make_message(number)) for number in range(1, count + 1)]


class MultiServer(HostileServer):
    """Takes several messages in one APPEND, all or none."""

    def do_append(self, conn: Conn, session: Any, cmd: Command) -> Any:
        literals = [arg for arg in cmd.args[1:] if hasattr(arg, "data")]
        if len(literals) == 1:
            return super().do_append(conn, session, cmd)
        box = self._box(cmd.text())
        uids = [box.add(literal.data).uid for literal in literals]
        answer = super().do_noop(conn, session, cmd)
        answer.status = b"OK [APPENDUID %d %d:%d] done" % (box.uid_validity, uids[0], uids[-1])
        return answer


@pytest.fixture
def multi() -> Iterator[MultiServer]:
    with MultiServer(
        clear_is_meant=True,
        folders={"INBOX": 0},
        capabilities=DEFAULT_CAPABILITIES + " MULTIAPPEND",
    ) as server:
        yield server


def several(cmd: Command) -> int:
    """How many messages an APPEND brings."""
    return sum(hasattr(arg, "data") for arg in cmd.args[1:])


@BEGUN
def test_messages_go_together_and_a_refused_group_goes_one_by_one(multi: MultiServer, begun: bool) -> None:
    with client_of(multi, SecurityOptions.NONE) as client:
        messages = given(5)
        result = run(client, begun, "append_messages", "INBOX", messages)
        assert list(result.succeeded.values()) == ["1", "2", "3", "4", "5"]
        assert sent(multi) == ["APPEND"]

        def refuse(conn: Conn, cmd: Command) -> bool:
            bad = several(cmd) > 1 or cmd.args[-1].data == make_message(3)
            return bad and bool(answering("NO [OVERQUOTA] not this")(conn, cmd))

        multi.on("APPEND", refuse)
        result = run(client, begun, "append_messages", "INBOX", messages)
        assert list(result.succeeded.items()) == [
            (message, str(uid)) for message, uid in zip((*messages[:2], *messages[3:]), range(6, 10), strict=True)
        ]
        assert list(result.failed) == [messages[2]]
        assert result.failed[messages[2]].code == "OVERQUOTA"
        assert result.not_handled == []
        assert bodies(multi) == [make_message(number) for number in (1, 2, 3, 4, 5, 1, 2, 4, 5)]


@BEGUN
@pytest.mark.parametrize("code", ["[APPENDUID 7 3:4]", "[APPENDUID 7 1:4294967295]", "[APPENDUID x]", ""])
def test_an_appenduid_that_cannot_be_true_gives_no_unique_ids(multi: MultiServer, begun: bool, code: str) -> None:
    multi.on("APPEND", answering(f"OK {code} done".replace("  ", " ")))
    with client_of(multi, SecurityOptions.NONE) as client:
        result = run(client, begun, "append_messages", "INBOX", given(3))
        assert list(result.succeeded.values()) == ["", "", ""]


@BEGUN
def test_a_group_whose_literal_is_refused_leaves_the_connection_in_step(begun: bool) -> None:
    capabilities = DEFAULT_CAPABILITIES.replace("LITERAL+ ", "") + " MULTIAPPEND"
    with (
        MultiServer(clear_is_meant=True, folders={"INBOX": 0}, capabilities=capabilities) as server,
        client_of(server, SecurityOptions.NONE) as client,
    ):
        messages = [*given(2), MailMessage.from_bytes(b"Subject: bad\r\n\r\na\0b\r\n")]
        result = run(client, begun, "append_messages", "INBOX", messages)
        assert len(result.succeeded) == 2
        assert isinstance(result.failed[messages[2]], MessageError)
        assert bodies(server) == [make_message(1), make_message(2)]
        client.noop()
        assert len(server.connections) <= 2


@BEGUN
def test_a_connection_lost_while_appending_is_told_of_per_message(
    multi: MultiServer, begun: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appending, "GROUP_MESSAGES", 2)
    monkeypatch.setattr(appending, "AT_ONCE_COMMANDS", 1)
    count = iter(range(100))
    multi.on("APPEND", lambda conn, cmd: next(count) == 1 and cutting(conn, cmd))
    with client_of(multi, SecurityOptions.NONE) as client:
        messages = given(6)
        result = run(client, begun, "append_messages", "INBOX", messages)
        assert list(result.succeeded) == [*messages[:2], *messages[4:]]
        assert list(result.failed) == messages[2:4]
        assert all(isinstance(error, OutcomeUnknownError) for error in result.failed.values())
        assert bodies(multi) == [make_message(number) for number in (1, 2, 5, 6)]


@BEGUN
def test_what_was_added_is_told_when_the_server_is_gone(
    multi: MultiServer, begun: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appending, "GROUP_MESSAGES", 2)
    monkeypatch.setattr(appending, "AT_ONCE_COMMANDS", 1)

    def last(conn: Conn, cmd: Command) -> None:
        multi.greeting = "* BYE gone for good\r\n"
        multi.on("APPEND", cutting)

    multi.on("APPEND", last, times=1)
    with client_of(multi, SecurityOptions.NONE, timeout=3000) as client:
        messages = given(6)
        client.noop()
        result = run(client, begun, "append_messages", "INBOX", messages)
        assert list(result.succeeded) == messages[:2]
        assert list(result.failed) == messages[2:4]
        assert result.not_handled == messages[4:]


@BEGUN
def test_a_folder_that_takes_nothing_is_the_error_of_the_call(multi: MultiServer, begun: bool) -> None:
    multi.on("APPEND", answering("NO [NOPERM] read only"))
    with client_of(multi, SecurityOptions.NONE) as client, pytest.raises(MailClientError) as caught:
        run(client, begun, "append_messages", "INBOX", given(200))
    assert getattr(caught.value, "code", None) == "NOPERM"
    assert len(sent(multi)) <= appending.AT_ONCE_COMMANDS
