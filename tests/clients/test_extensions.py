"""What is switched on after signing in: compression, UTF-8, IMAP4rev2, what the caller enabled (rows E20, F4).

Servers are scripted; the same against Dovecot is in `tests/servers/test_dovecot_client.py`.
"""

from __future__ import annotations

import queue
import random
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mailclients import (
    ArgumentTypeError,
    FolderChangedError,
    ImapClient,
    ImapMessageFlags,
    ListFoldersOptions,
    ListFoldersReturnOptions,
    MailMessage,
    MailQuery,
    MessageNotFoundError,
    OutcomeUnknownError,
    RemoteProtocolError,
    SecurityOptions,
    SortConditions,
    ThreadSearchConditions,
    XGMThreadSearchConditions,
)
from mailclients.engine import sessions
from tests.clients.hostile import HostileServer, answering, client_of, nothing_secret_is_logged
from tests.clients.imap_cases import run
from tests.support.autoimap import DEFAULT_CAPABILITIES, AutoImapServer, make_message
from tests.support.certs import Certificates
from tests.support.commands import Literal, NonSyncLiteral, Quoted
from tests.support.scripted import Command, Conn

__all__ = ["nothing_secret_is_logged"]

PLAIN = SecurityOptions.NONE
BEGUN = pytest.mark.parametrize("begun", [False, True], ids=["plain", "begun"])
DEFLATE = f"{DEFAULT_CAPABILITIES} COMPRESS=DEFLATE"
REV2 = "IMAP4rev2 AUTH=PLAIN"
UTF8 = f"{DEFAULT_CAPABILITIES} UTF8=ACCEPT"
QRESYNC = f"{DEFAULT_CAPABILITIES} CONDSTORE QRESYNC"


def server_with(capabilities: str, folders: Any = None, **options: Any) -> HostileServer:
    return HostileServer(clear_is_meant=True, capabilities=capabilities, folders=folders or {"INBOX": 5}, **options)


def compressing(server: AutoImapServer, **options: Any) -> ImapClient:
    client = client_of(server, options.pop("security", PLAIN), **options)
    client.compression = True
    return client


def names_of(server: AutoImapServer, connection: int = 0) -> list[str]:
    return [cmd.name for cmd in server.commands if cmd.connection == connection]


# -- COMPRESS ------------------------------------------------------------


def test_compression_is_off_unless_it_is_switched_on() -> None:
    with server_with(DEFLATE) as server, client_of(server, PLAIN) as client:
        assert client.compression is False
        client.noop()
        with pytest.raises(ArgumentTypeError):
            client.compression = 1  # type: ignore[assignment]
        assert names_of(server) == ["AUTHENTICATE", "NOOP"]


@pytest.mark.parametrize("how", ["not offered", "refused"])
def test_without_compression_the_client_goes_on(how: str) -> None:
    with server_with(DEFAULT_CAPABILITIES if how == "not offered" else DEFLATE) as server:
        server.on("COMPRESS", answering("NO [COMPRESSIONACTIVE] TLS does it"))
        with compressing(server) as client:
            assert client.fetch_message("2").as_bytes() == make_message(2)
            assert ("COMPRESS" in names_of(server)) == (how == "refused")
            assert not server.connections[0].compressed


@pytest.mark.parametrize("security", [PLAIN, SecurityOptions.SSL_EXPLICIT], ids=["clear", "TLS"])
@pytest.mark.parametrize("split", [None, 1, 1000])
def test_H_B9_all_goes_through_the_compressed_stream(
    certificates: Certificates, security: SecurityOptions, split: int | None
) -> None:
    size = 3_000 if split == 1 else 300_000  # a piece is a TLS record of its own
    large = b"Subject: large\r\n\r\n" + random.Random(1).randbytes(size).hex().encode() + b"\r\n"
    with (
        HostileServer(certificates, clear_is_meant=security is PLAIN, capabilities=DEFLATE, split=split) as server,
        compressing(server, security=security, certificates=certificates) as client,
    ):
        assert client.append_message("INBOX", MailMessage.from_bytes(large))
        assert client.fetch_message("4").as_bytes() == large
        handles = [client.begin_fetch_message(str(uid)) for uid in (1, 2, 3) for _ in range(10)]
        assert [client.end_fetch_message(h).as_bytes() for h in handles] == [
            make_message(uid) for uid in (1, 2, 3) for _ in range(10)
        ]
        first = server.connections[0]
        assert all(conn.compressed for conn in server.connections)
        assert sum(first.wire_bytes) < len(large) * 1.5 + 2_000  # it went up and came down, with some lines
        clear = [] if security is PLAIN else server.clear_commands()
        assert set(clear) <= {"CAPABILITY", "STARTTLS"}
        before = names_of(server)
        assert before.index("COMPRESS") == before.index("AUTHENTICATE") + 1
    assert names_of(server)[-1] == "LOGOUT"  # said, and understood, through the stream


def test_many_threads_share_a_compressed_connection() -> None:
    with server_with(DEFLATE, {"INBOX": 50}) as server, compressing(server) as client, ThreadPoolExecutor(8) as pool:

        def work(uid: int) -> bool:
            client.add_message_flags(str(uid), ImapMessageFlags.FLAGGED)
            return bool(client.fetch_message(str(uid)).as_bytes() == make_message(uid))

        assert all(pool.map(work, range(1, 51)))
        assert len(server.connections) == 1


def test_an_upload_waits_for_a_server_that_reads_slowly() -> None:
    body = b"Subject: up\r\n\r\n" + random.Random(2).randbytes(4_000_000).hex().encode() + b"\r\n"
    with server_with(DEFLATE) as server, compressing(server) as client:
        client.noop()
        conn = server.connections[0]
        conn.pause_reading()
        handle = client.begin_append_message("INBOX", MailMessage.from_bytes(body))
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(client.noop)
            conn.resume_reading()
            waiting.result(20)
        client.end_append_message(handle)
        assert server.folders["INBOX"].messages[6].body == body


def test_a_monitor_hears_through_the_compressed_stream() -> None:
    heard: queue.Queue[list[str]] = queue.Queue()
    with server_with(DEFLATE) as server, compressing(server) as client:
        client.start_monitoring(lambda _, e: heard.put([info.unique_id for info in e.new_messages]))
        assert server.connections[0].compressed
        server.deliver("INBOX")
        assert heard.get(timeout=20) == ["6"]
        client.stop_monitoring()


@pytest.mark.parametrize("where", ["the same read", "the next read"])
def test_H_B2_E20_bytes_before_the_compressed_stream_are_refused(where: str) -> None:
    def inject(conn: Conn, cmd: Command) -> bool:
        if where == "the same read":
            conn.send(cmd.tag, " OK go\r\n* 99 EXISTS\r\n")
        else:
            conn.send("* OK [CAPABILITY IMAP4rev1]", " x\r\n", cmd.tag, " OK go\r\n*")
        return True

    with server_with(DEFLATE) as server, compressing(server) as client:
        server.on("COMPRESS", inject)
        with pytest.raises(RemoteProtocolError, match="COMPRESS"):
            client.noop()
        assert server.connections[0].wait_closed() == "peer"
        assert "NOOP" not in names_of(server)


def test_H_E20_a_broken_stream_costs_its_connection_only() -> None:
    def broken(conn: Conn, cmd: Command) -> bool:
        conn.send_raw(b"\x07 this is no block of any kind\r\n")
        return True

    with server_with(DEFLATE) as server, compressing(server) as client:
        client.select_folder("INBOX")
        server.on("UID STORE", broken, times=1)
        with pytest.raises(OutcomeUnknownError, match="not compressed"):
            client.add_message_flags("1", ImapMessageFlags.FLAGGED)
        assert server.connections[0].wait_closed() == "peer"
        assert client.fetch_message("2").as_bytes() == make_message(2)
        assert len(server.connections) == 2


@pytest.mark.parametrize("what", ["a line", "a literal", "untagged answers"])
def test_H_E20_a_bomb_costs_its_connection_and_no_memory(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailclients.imap.protocol.UNASKED_BYTES", 1024 * 1024)

    def bomb(conn: Conn, cmd: Command) -> bool:
        block = bytes(16 * 1024 * 1024).replace(b"\0", b"A")
        if what == "a line":
            conn.send(b"* OK ")
        elif what == "a literal":
            conn.send(b"* 1 FETCH (BODY[] {2000000000}\r\n")
        else:
            block = b"* 2 FETCH (UID 2 BODY[] {60000}\r\n%s)\r\n" % (b"A" * 60000) * 256
        for _ in range(40):
            conn.send(block)  # ends with the error that tells that the client has closed the connection
        return True

    with server_with(DEFLATE) as server, compressing(server) as client:
        client.select_folder("INBOX")
        server.on("UID STORE", bomb, times=1)
        tracemalloc.start()
        try:
            with pytest.raises(OutcomeUnknownError, match=r"more than|at most"):
                client.add_message_flags("1", ImapMessageFlags.FLAGGED)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert server.connections[0].wait_closed() == "peer"
        # What the scripted server builds is counted too: a block and what zlib makes of it.
        assert peak < 120 * 1024 * 1024
        assert client.fetch_message("2").as_bytes() == make_message(2)


def test_the_end_of_the_compressed_stream_is_the_end_of_the_connection() -> None:
    def finish(conn: Conn, cmd: Command) -> bool:
        conn.send_raw(conn._deflate.flush(4))  # Z_FINISH: nothing follows
        return True

    with server_with(DEFLATE) as server, compressing(server) as client:
        client.select_folder("INBOX")
        server.on("UID STORE", finish, times=1)
        with pytest.raises(OutcomeUnknownError, match="closed connection"):
            client.add_message_flags("1", ImapMessageFlags.FLAGGED)
        assert client.fetch_message("2").as_bytes() == make_message(2)


# -- ENABLE ------------------------------------------------------------


def test_nothing_is_enabled_where_there_is_nothing_to_enable() -> None:
    with server_with(DEFAULT_CAPABILITIES) as server, client_of(server, PLAIN) as client:
        client.noop()
        assert names_of(server) == ["AUTHENTICATE", "NOOP"]


def test_what_the_caller_enabled_is_enabled_on_connections_that_are_opened_later() -> None:
    with server_with(f"{DEFAULT_CAPABILITIES} CONDSTORE X-NEW") as server, client_of(server, PLAIN) as client:
        client._enabled_by_caller = ("x-new", "CONDSTORE", "X-ABSENT", "X-NEW")
        client.noop()
        client.end_list_messages(client.begin_list_messages())
        enabled = [(cmd.connection, [str(arg) for arg in cmd.args]) for cmd in server.commands if cmd.name == "ENABLE"]
        assert enabled == [(0, ["X-NEW", "CONDSTORE"]), (1, ["X-NEW", "CONDSTORE"])]
        core: Any = client._main.connection.core  # type: ignore[union-attr]
        assert core.enabled == {"X-NEW", "CONDSTORE"}


@pytest.mark.parametrize("status", ["NO not now", "BAD what is that"])
def test_a_server_that_enables_nothing_is_used_without(status: str) -> None:
    with server_with(UTF8, {"INBOX": 2, "Entw&APw-rfe": 1}) as server, client_of(server, PLAIN) as client:
        server.on("ENABLE", answering(status))
        assert client.exist_folder("Entwürfe")
        client.select_folder("Entwürfe")
        assert client.fetch_message("1").as_bytes() == make_message(1)


def test_H_E20_only_what_was_asked_for_may_be_enabled() -> None:
    with server_with(UTF8) as server, client_of(server, PLAIN) as client:
        server.on("ENABLE", answering("OK done", "ENABLED UTF8=ACCEPT QRESYNC"))
        with pytest.raises(RemoteProtocolError, match="QRESYNC"):
            client.noop()
        assert server.connections[0].wait_closed() == "peer"


# -- UTF-8 ------------------------------------------------------------


@pytest.fixture(params=[UTF8, f"{DEFAULT_CAPABILITIES} UTF8=ONLY", REV2], ids=["UTF8=ACCEPT", "UTF8=ONLY", "rev2"])
def utf8_server(request: pytest.FixtureRequest) -> Iterator[HostileServer]:
    """Folders have their names in UTF-8, and no others."""
    folders = {"INBOX": 2, "Entwürfe": 3, "Entwürfe/台北": 1, "A & B": 0, 'say "ß"': 1}
    with server_with(request.param, folders) as server:

        def grant(conn: Conn, cmd: Command) -> bool:
            server.session(conn).enabled.update(str(arg) for arg in cmd.args)
            conn.reply(cmd, "OK done", ["ENABLED " + " ".join(map(str, cmd.args))])
            return True

        server.on("ENABLE", grant)
        yield server


@BEGUN
def test_folder_names_are_utf8_where_the_server_takes_that(utf8_server: HostileServer, begun: bool) -> None:
    with client_of(utf8_server, PLAIN) as client:
        listed = {info.name for info in run(client, begun, "list_folders")}
        assert listed == {"INBOX", "Entwürfe", "A & B", 'say "ß"'}
        assert [info.name for info in run(client, begun, "list_folders", "Entwürfe")] == ["Entwürfe/台北"]
        for name, count in (("Entwürfe", 3), ("Entwürfe/台北", 1), ("A & B", 0), ('say "ß"', 1)):
            run(client, begun, "select_folder", name)
            assert client.current_folder is not None
            assert client.current_folder.total_message_count == count
            assert run(client, begun, "get_folder_info", name).total_message_count == count
            assert run(client, begun, "exist_folder", name)
        run(client, begun, "create_folder", "Größe")
        assert "Größe" in utf8_server.folders
        run(client, begun, "append_message", "Größe", MailMessage.from_bytes(make_message(7)))
        run(client, begun, "delete_folder", "Größe")
        assert "Größe" not in utf8_server.folders
        sent = b"".join(cmd.raw for cmd in utf8_server.commands)
        assert '"Entwürfe/台北"'.encode() in sent
        assert b"&" not in sent.replace(b'"A & B"', b"")


def test_H_F4_search_names_no_charset_where_all_is_utf8(utf8_server: HostileServer) -> None:
    with client_of(utf8_server, PLAIN) as client:
        utf8_server.deliver(body="Subject: x\r\n\r\nViele Grüße\r\n".encode())
        (found,) = client.list_messages(MailQuery('TEXT "Viele Grüße"'))
        assert found.unique_id == "3"
        cmd = next(cmd for cmd in utf8_server.commands if cmd.name == "UID SEARCH")
        assert b"CHARSET" not in cmd.raw


@BEGUN
def test_messages_with_headers_in_utf8_are_appended_as_they_are(utf8_server: HostileServer, begun: bool) -> None:
    body = "From: Jürgen <jürgen@example.org>\r\nSubject: Grüße\r\n\r\nhallo\r\n".encode()
    with client_of(utf8_server, PLAIN) as client:
        run(client, begun, "append_message", "INBOX", MailMessage.from_bytes(body))
        assert utf8_server.folders["INBOX"].messages[3].body == body
        fetched = run(client, begun, "fetch_message", "3")
        assert fetched.as_bytes() == body
        assert fetched.subject == "Grüße"


# -- IMAP4rev2 ------------------------------------------------------------


@BEGUN
def test_a_server_of_imap4rev2_alone(begun: bool) -> None:
    with server_with(REV2, {"INBOX": 6, "Work": 2, "Work/Old": 1}) as server, client_of(server, PLAIN) as client:
        run(client, begun, "select_folder", "INBOX")
        info = client.current_folder
        assert info is not None
        assert (info.total_message_count, info.uid_next, info.recent_message_count) == (6, 7, 0)
        assert len(run(client, begun, "list_messages")) == 6
        assert [i.unique_id for i in run(client, begun, "list_messages", MailQuery("UNSEEN"))] == list("123456")
        assert [i.unique_id for i in run(client, begun, "list_messages", 2)] == ["5", "6"]
        assert [i.unique_id for i in run(client, begun, "list_messages", MailQuery("FLAGGED"))] == []
        assert run(client, begun, "fetch_message", 3).as_bytes() == make_message(3)
        assert len(run(client, begun, "fetch_messages", ["1", "2"])) == 2
        run(client, begun, "add_message_flags", "2", ImapMessageFlags.FLAGGED)
        run(client, begun, "delete_message", "1")
        run(client, begun, "commit_deletes", ["1"])
        assert list(server.folders["INBOX"].messages) == [2, 3, 4, 5, 6]
        assert run(client, begun, "append_message", "Work", MailMessage.from_bytes(make_message(9))) == "3"
        assert {i.name for i in run(client, begun, "list_folders", load_full_info=True)} == {"INBOX", "Work"}
        assert run(client, begun, "get_folder_info", "Work").total_message_count == 3
        if not begun:
            nothing = ListFoldersReturnOptions.NONE
            client.list_folders("", False, ListFoldersOptions.SUBSCRIBED, nothing)
        run(client, begun, "create_folder", "New")
        run(client, begun, "delete_folder", "New")
        run(client, begun, "unselect_folder", True)
        run(client, begun, "noop")
        raw = [cmd.raw for cmd in server.commands]
        assert not [line for line in raw if b"RECENT" in line or b"LSUB" in line or b"CHARSET" in line]
        assert all(b"RETURN (ALL)" in cmd.raw for cmd in server.commands if cmd.name == "UID SEARCH")
        assert "UID EXPUNGE" in [cmd.name for cmd in server.commands]
        assert "UNSELECT" in [cmd.name for cmd in server.commands]
        sign_in = server.commands[0]
        assert sign_in.name == "AUTHENTICATE"
        assert len(sign_in.args) == 2  # the initial response, as SASL-IR is part of it
        assert "ENABLE" not in [cmd.name for cmd in server.commands]


def test_a_server_of_both_speaks_imap4rev1_until_the_caller_enables_the_other() -> None:
    both = f"IMAP4rev2 {DEFAULT_CAPABILITIES}".replace(" UIDPLUS", "")
    with server_with(both, {"INBOX": 2, "Gr&APYA3w-e": 1}) as server, client_of(server, PLAIN) as client:
        assert client.get_folder_info("Größe").total_message_count == 1
        status = next(cmd for cmd in server.commands if cmd.name == "STATUS")
        assert b"RECENT" in status.raw
        core: Any = client._main.connection.core  # type: ignore[union-attr]
        assert not core.has("UIDPLUS")
    with server_with(both, {"INBOX": 2, "Größe": 1}) as server, client_of(server, PLAIN) as client:
        client._enabled_by_caller = ("IMAP4rev2",)
        assert client.get_folder_info("Größe").total_message_count == 1
        status = next(cmd for cmd in server.commands if cmd.name == "STATUS")
        assert b"RECENT" not in status.raw
        core = client._main.connection.core  # type: ignore[union-attr]
        assert core.has("UIDPLUS")


# -- searching ------------------------------------------------------------


def test_Q3_an_answer_to_another_search_is_not_taken() -> None:
    def misleading(conn: Conn, cmd: Command) -> bool:
        conn.send('* ESEARCH (TAG "ZZ1") UID ALL 1:5\r\n')
        return False

    with server_with(DEFAULT_CAPABILITIES) as server, client_of(server, PLAIN) as client:
        server.on("UID SEARCH", misleading)
        assert [info.unique_id for info in client.list_messages(MailQuery("UID 2"))] == ["2"]


@pytest.mark.parametrize("answer", ["SEARCH 2 4", "ESEARCH UID ALL 2,4", 'ESEARCH (TAG "%s") UID COUNT 2 ALL 4,2'])
def test_a_search_takes_either_kind_of_answer(answer: str) -> None:
    def say(conn: Conn, cmd: Command) -> bool:
        conn.reply(cmd, "OK done", [answer % cmd.tag if "%" in answer else answer])
        return True

    with server_with(DEFAULT_CAPABILITIES) as server, client_of(server, PLAIN) as client:
        server.on("UID SEARCH", say)
        assert [info.unique_id for info in client.list_messages(MailQuery("ALL"))] == ["2", "4"]


# -- literals ------------------------------------------------------------


@pytest.mark.parametrize(
    ("capabilities", "size", "waits"),
    [
        ("IMAP4rev1 AUTH=PLAIN", 10, True),
        ("IMAP4rev1 AUTH=PLAIN LITERAL-", 4096, False),
        ("IMAP4rev1 AUTH=PLAIN LITERAL-", 4097, True),
        (REV2, 4096, False),
        (REV2, 4097, True),
        ("IMAP4rev2 IMAP4rev1 AUTH=PLAIN", 10, True),
        ("IMAP4rev1 AUTH=PLAIN LITERAL+", 100_000, False),
    ],
)
def test_H_F5_a_literal_waits_for_the_server_unless_it_takes_that_size(
    capabilities: str, size: int, waits: bool
) -> None:
    body = b"Subject: x\r\n\r\n".ljust(size - 2, b"x") + b"\r\n"
    with server_with(capabilities) as server, client_of(server, PLAIN) as client:
        client.append_message("INBOX", MailMessage.from_bytes(body))
        literal = next(cmd for cmd in server.commands if cmd.name == "APPEND").args[-1]
        assert literal.data == body
        assert type(literal) is (Literal if waits else NonSyncLiteral)


def test_names_are_quoted_beside_utf8_and_never_literals() -> None:
    with server_with(REV2, {"INBOX": 0, "Größe": 0}) as server, client_of(server, PLAIN) as client:
        client.select_folder("Größe")
        select = next(cmd for cmd in server.commands if cmd.name == "SELECT")
        assert isinstance(select.args[0], Quoted)


# -- VANISHED, where the caller has enabled QRESYNC ------------------------------------------------------------


@pytest.fixture
def resyncing() -> Iterator[tuple[HostileServer, ImapClient]]:
    with server_with(QRESYNC, {"INBOX": 9}) as server, client_of(server, PLAIN) as client:
        client._enabled_by_caller = ("QRESYNC",)
        client.select_folder("INBOX")
        yield server, client


def test_T5_vanished_messages_move_numbers_like_expunged_ones(resyncing: tuple[HostileServer, ImapClient]) -> None:
    server, client = resyncing
    client.list_messages()
    server.expunge("INBOX", 2, 3, 7)
    client.noop()
    assert [client.fetch_message(n).as_bytes() for n in range(1, 7)] == [make_message(n) for n in (1, 4, 5, 6, 8, 9)]
    with pytest.raises(MessageNotFoundError):
        client.fetch_message(7)
    server.deliver("INBOX", make_message(10))
    client.noop()
    assert client.fetch_message(7).as_bytes() == make_message(10)


def test_T5_numbers_that_nobody_can_tell_after_messages_vanished_are_refused(
    resyncing: tuple[HostileServer, ImapClient],
) -> None:
    server, client = resyncing
    server.expunge("INBOX", 2)
    client.noop()  # told of a unique id, while none is known
    with pytest.raises(FolderChangedError, match="list the folder again"):
        client.fetch_message(5)
    assert [info.unique_id for info in client.list_messages()] == ["1", "3", "4", "5", "6", "7", "8", "9"]
    assert client.fetch_message(5).as_bytes() == make_message(6)


def test_T5_numbers_whose_messages_are_known_survive_what_vanished_among_the_others(
    resyncing: tuple[HostileServer, ImapClient],
) -> None:
    server, client = resyncing
    assert [i.sequence_number for i in client.list_messages(3)] == [7, 8, 9]
    server.expunge("INBOX", 2)  # nobody knows which number that had
    client.noop()
    assert client.fetch_message(8).as_bytes() == make_message(8)
    with pytest.raises(FolderChangedError):
        client.fetch_message(5)


@pytest.mark.parametrize("line", ["VANISHED 1:4294967295", "VANISHED 1:10"])
def test_H_E11_more_messages_vanish_than_there_are(resyncing: tuple[HostileServer, ImapClient], line: str) -> None:
    server, client = resyncing
    server.on("UID STORE", answering("OK done", line), times=1)
    with pytest.raises(OutcomeUnknownError, match="vanished"):
        client.add_message_flags("1", ImapMessageFlags.FLAGGED)
    assert client.fetch_message("2").as_bytes() == make_message(2)


def test_H_E10_messages_vanish_while_numbers_are_on_the_wire(resyncing: tuple[HostileServer, ImapClient]) -> None:
    server, client = resyncing
    server.on("FETCH", answering("OK done", "VANISHED 1"))
    with pytest.raises(RemoteProtocolError, match="sequence numbers"):
        client.fetch_message(5)


# -- numbers of a session whose connection is made again ------------------------------------------------------------


def lose(server: AutoImapServer) -> None:
    """The main connection is lost; what happens now happens before there is another one."""
    server.connections[0].close()
    server.connections[0].wait_closed()


@pytest.fixture
def dropping(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[HostileServer, ImapClient]]:
    monkeypatch.setattr(sessions, "RECENT", 0.0)
    with server_with(DEFAULT_CAPABILITIES, {"INBOX": 9}) as server, client_of(server, PLAIN) as client:
        client.select_folder("INBOX")
        yield server, client


@BEGUN
def test_T5_numbers_go_on_where_it_is_known_what_was_missed(
    dropping: tuple[HostileServer, ImapClient], begun: bool
) -> None:
    server, client = dropping
    assert [i.sequence_number for i in client.list_messages(3)] == [7, 8, 9]
    lose(server)
    server.expunge("INBOX", 8)
    server.deliver("INBOX")
    # Of 1 to 6 no unique id is known; but all that are below 7 are still there.
    assert run(client, begun, "fetch_message", 3).as_bytes() == make_message(3)
    assert run(client, begun, "fetch_message", 9).as_bytes() == make_message(9)
    with pytest.raises(MessageNotFoundError):
        run(client, begun, "fetch_message", 8)
    fetched = [m.as_bytes() for m in run(client, begun, "fetch_messages", [2, 7, 9])]
    assert fetched == [make_message(2), make_message(7), make_message(9)]
    searches = [cmd for cmd in server.commands if cmd.name == "UID SEARCH" and cmd.connection > 0]
    assert len(searches) == 1  # what was found out is remembered
    run(client, begun, "add_message_flags", 5, ImapMessageFlags.FLAGGED)
    assert "\\Flagged" in server.folders["INBOX"].messages[5].flags


@BEGUN
def test_T5_numbers_that_nobody_can_tell_any_more_are_refused(
    dropping: tuple[HostileServer, ImapClient], begun: bool
) -> None:
    server, client = dropping
    client.list_messages(3)
    lose(server)
    server.expunge("INBOX", 2, 8)
    assert run(client, begun, "fetch_message", 9).as_bytes() == make_message(9)
    for number in (1, 2, 6):
        with pytest.raises(FolderChangedError, match="list the folder again"):
            run(client, begun, "fetch_message", number)
    run(client, begun, "list_messages")
    assert run(client, begun, "fetch_message", 2).as_bytes() == make_message(3)


@pytest.mark.parametrize("status", ["NO not now", "OK nothing found"])
def test_T5_a_server_that_does_not_tell_what_was_missed(
    dropping: tuple[HostileServer, ImapClient], status: str
) -> None:
    server, client = dropping
    client.list_messages(3)
    lose(server)
    server.expunge("INBOX", 8)
    server.on("UID SEARCH", answering(status, "SEARCH"))
    with pytest.raises(FolderChangedError):
        client.fetch_message(3)
    assert client.fetch_message(9).as_bytes() == make_message(9)  # its unique id was known all the time
    assert client.fetch_message("3").as_bytes() == make_message(3)
    assert sum(cmd.name == "UID SEARCH" for cmd in server.connections[1].commands) == (1 if "NO" in status else 3)


def test_T5_something_arrives_while_it_is_asked_what_was_missed(dropping: tuple[HostileServer, ImapClient]) -> None:
    server, client = dropping
    client.list_messages(3)
    lose(server)
    server.expunge("INBOX", 8)

    def meanwhile(conn: Conn, cmd: Command) -> bool:
        conn.reply(cmd, "OK done", ["ESEARCH UID ALL 1:7,9", "9 EXISTS"])
        server.session(conn).view.append(server.folders["INBOX"].add(make_message(10)).uid)
        return True

    server.on("UID SEARCH", meanwhile, times=1)
    assert client.fetch_message(3).as_bytes() == make_message(3)


@BEGUN
def test_T5_a_number_that_is_told_after_the_connection_was_made_again_is_the_sessions(
    dropping: tuple[HostileServer, ImapClient], begun: bool
) -> None:
    server, client = dropping
    client.list_messages()
    lose(server)
    server.expunge("INBOX", 2)
    server.deliver("INBOX", make_message(10))
    info = run(client, begun, "list_message", 5)
    assert (info.sequence_number, info.unique_id) == (5, "5")
    assert client.fetch_message(info.sequence_number).as_bytes() == make_message(5)
    told = run(client, begun, "list_messages", "INBOX", ["4", "9", "10"])
    assert [i.unique_id for i in told] == ["4", "9", "10"]
    if not begun:
        assert [i.sequence_number for i in told] == [4, 9, 0]  # the session has not been told of the last one
    for each in list(told)[:2]:
        assert client.fetch_message(each.sequence_number).as_bytes() == make_message(int(each.unique_id))


ARRANGED: list[tuple[str, Any, dict[str, str]]] = [
    ("sort_message_threads", SortConditions, {"SORT": "SORT 9 3 4", "UID SORT": "SORT 10 4 5"}),
    ("get_message_threads", ThreadSearchConditions, {"THREAD": "THREAD (9)(3)(4)", "UID THREAD": "THREAD (10)(4)(5)"}),
    ("get_message_threads", XGMThreadSearchConditions, {}),
]


@BEGUN
@pytest.mark.parametrize(("operation", "kind", "answers"), ARRANGED)
@pytest.mark.parametrize("listed", [True, False], ids=["numbers were told", "none was told"])
def test_T5_sorting_and_threads_leave_the_numbers_of_earlier_listings_as_they_are(
    dropping: tuple[HostileServer, ImapClient],
    begun: bool,
    operation: str,
    kind: Any,
    answers: dict[str, str],
    listed: bool,
) -> None:
    server, client = dropping
    if listed:
        client.list_messages()
    lose(server)
    server.expunge("INBOX", 2)
    server.deliver("INBOX", make_message(10))
    server.capabilities += " SORT THREAD=REFERENCES X-GM-EXT-1"
    for name, answer in answers.items():
        server.on(name, answering("OK done", answer))
    if not answers:
        server.on("UID SEARCH", answering("OK done", "SEARCH 4 5 10"))
        told = [f"{number} FETCH (UID {uid} X-GM-THRID {uid})" for number, uid in ((3, 4), (4, 5), (9, 10))]
        server.on("UID FETCH", answering("OK done", *told), times=1)
    conditions = kind()
    if kind is XGMThreadSearchConditions:
        conditions.conversation_id = "1"
    found = sorted(each.sequence_number for each in run(client, begun, operation, conditions))
    assert found == ([0, 4, 5] if listed else [3, 4, 9])  # the session has not been told of the one that came
    server.on("UID FETCH", lambda conn, cmd: False)
    for number in found[1:2] if listed else found:
        expected = number if listed or number == 1 else number + 1
        assert client.fetch_message(number).as_bytes() == make_message(expected)


def test_T5_messages_vanish_and_arrive_while_it_is_asked_what_was_missed(
    resyncing: tuple[HostileServer, ImapClient],
) -> None:
    server, client = resyncing
    client.list_messages(3)
    server.expunge("INBOX", 2)
    client.noop()

    def meanwhile(conn: Conn, cmd: Command) -> bool:
        # As many as were found are there again, but others.
        server.folders["INBOX"].remove(3)
        server.folders["INBOX"].add(make_message(10))
        session = server.session(conn)
        session.view = list(server.folders["INBOX"].messages)
        conn.reply(cmd, "OK done", ["ESEARCH UID ALL 1,3:9", "VANISHED 3", "8 EXISTS"])
        return True

    server.on("UID SEARCH", meanwhile, times=1)
    with pytest.raises(FolderChangedError):
        client.fetch_message(3)
    assert client.fetch_message(9).as_bytes() == make_message(9)
    assert sum(cmd.name == "UID SEARCH" for cmd in server.commands) >= 3


def test_T5_a_folder_of_which_nothing_was_told_is_known_by_the_later_connection(
    dropping: tuple[HostileServer, ImapClient],
) -> None:
    server, client = dropping
    lose(server)
    server.expunge("INBOX", 2)
    info = client.list_message("5")
    assert (info.sequence_number, info.unique_id) == (4, "5")
    assert client.fetch_message(4).as_bytes() == make_message(5)
