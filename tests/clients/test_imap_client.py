"""ImapClient against scripted servers: signing in, securing, and what needs a server that does odd things."""

from __future__ import annotations

import io
import threading
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    AsposeArgumentException,
    AuthenticationError,
    FolderChangedError,
    ImapClient,
    ImapMessageFlags,
    MailClientError,
    MailQuery,
    MessageNotFoundError,
    OperationCanceledException,
    SecurityError,
    SecurityOptions,
)
from mailclients.imap.folders import Numbering
from tests.clients.imap_cases import ids, run
from tests.support.autoimap import DEFAULT_CAPABILITIES, AutoImapServer, make_message
from tests.support.certs import Certificates

BEGUN = pytest.mark.parametrize("begun", [False, True], ids=["plain", "begun"])


def client_of(server: AutoImapServer, security: SecurityOptions = SecurityOptions.NONE) -> ImapClient:
    """A client of the user that AutoImapServer knows."""
    return ImapClient("127.0.0.1", server.port, "user", "secret", security)


def without(*capabilities: str) -> str:
    """The usual capabilities but these."""
    return " ".join(word for word in DEFAULT_CAPABILITIES.split() if word not in capabilities)


# -- signing in ------------------------------------------------------------


@pytest.mark.parametrize("initial", [True, False], ids=["SASL-IR", "no SASL-IR"])
@pytest.mark.parametrize(
    ("capabilities", "used"),
    [
        ("AUTH=PLAIN", "AUTHENTICATE PLAIN"),
        ("", "LOGIN"),
        ("AUTH=XOAUTH2", "AUTHENTICATE XOAUTH2"),
        ("AUTH=OAUTHBEARER AUTH=XOAUTH2", "AUTHENTICATE OAUTHBEARER"),
    ],
)
def test_ways_to_sign_in(capabilities: str, used: str, initial: bool) -> None:
    offered = f"IMAP4rev1 {'SASL-IR ' if initial else ''}{capabilities}"
    with AutoImapServer(users={"user": "secret"}, capabilities=offered) as server, client_of(server) as client:
        if "OAUTH" in used:
            client.password = "not used"
            client.access_token = "secret"
        client.noop()
        assert server.sign_ins == 1
        sent = next(cmd for cmd in server.commands if cmd.name in ("LOGIN", "AUTHENTICATE"))
        assert " ".join([sent.name, *([sent.text(0)] if sent.name == "AUTHENTICATE" else [])]) == used


@pytest.mark.parametrize("secret", ['with "quotes" \\', "spaces and (parens)", "ümläut €", "%*]{5}"])
@pytest.mark.parametrize("capabilities", ["IMAP4rev1 AUTH=PLAIN SASL-IR", "IMAP4rev1 LITERAL+", "IMAP4rev1"])
def test_passwords_of_all_kinds(secret: str, capabilities: str) -> None:
    with AutoImapServer(users={"user": secret}, capabilities=capabilities) as server, client_of(server) as client:
        client.password = secret
        assert client.validate_credentials()
        client.password = secret + "x"
        assert not client.validate_credentials()
        with pytest.raises(AuthenticationError) as caught:
            client.noop()
        assert secret not in str(caught.value)


def test_auto_on_loopback_needs_no_tls_and_uses_it_where_offered(certificates: Certificates) -> None:
    with AutoImapServer() as server, client_of(server, SecurityOptions.AUTO) as client:
        client.noop()
    with AutoImapServer(tls=certificates.good.server_context()) as server:
        with client_of(server, SecurityOptions.AUTO) as client:
            with pytest.raises(SecurityError):
                client.noop()
            assert server.sign_ins == 0
        with client_of(server, SecurityOptions.AUTO) as client:
            client.ca_file = str(certificates.ca)
            client.noop()
            assert server.connections[-1].phase == "tls"


def test_starttls_that_is_not_offered_is_refused() -> None:
    with AutoImapServer() as server, client_of(server, SecurityOptions.SSL_EXPLICIT) as client:
        with pytest.raises(SecurityError):
            client.noop()
        assert server.sign_ins == 0


# -- saving ------------------------------------------------------------


@BEGUN
def test_a_body_in_quotes_is_saved_too(begun: bool, tmp_path: Path) -> None:
    with AutoImapServer(folders={"INBOX": 3}) as server, client_of(server) as client:

        def quoted(conn: Any, cmd: Any) -> bool:
            conn.reply(cmd, "OK done", ['* 2 FETCH (UID 2 BODY[] "short")'])
            return True

        client.select_folder("INBOX")
        server.on("UID FETCH", quoted)
        stream, path = io.BytesIO(), tmp_path / "saved.eml"
        run(client, begun, "save_message", "2", stream)
        run(client, begun, "save_message", "2", str(path))
        assert stream.getvalue() == path.read_bytes() == b"short"


@BEGUN
def test_saving_begins_again_when_the_connection_is_lost(begun: bool, tmp_path: Path) -> None:
    body = make_message(1, 300_000)
    with AutoImapServer(folders={"INBOX": [body]}) as server, client_of(server) as client:

        def cut(conn: Any, cmd: Any) -> bool:
            conn.send(b"* 1 FETCH (UID 1 BODY[] {%d}\r\n" % len(body) + body[:100_000])
            conn.flush()
            conn.close()
            return True

        client.select_folder("INBOX", True)
        server.on("UID FETCH", cut, times=1)
        path = tmp_path / "saved.eml"
        run(client, begun, "save_message", "1", str(path))
        assert path.read_bytes() == body
        server.on("UID FETCH", cut, times=1)
        stream = io.BytesIO()
        run(client, begun, "save_message", "1", stream)
        assert stream.getvalue() == body


# -- listing ------------------------------------------------------------


@BEGUN
def test_extra_fields_are_fetch_items_where_the_server_knows_them(begun: bool) -> None:
    capabilities = f"{DEFAULT_CAPABILITIES} X-GM-EXT-1"
    with AutoImapServer(folders={"INBOX": 1}, capabilities=capabilities) as server, client_of(server) as client:
        asked: list[Any] = []

        def gmail(conn: Any, cmd: Any) -> bool:
            asked.extend(map(str, cmd.args[1]))
            head = b"Subject: hello\r\n\r\n"
            conn.send(
                b'* 1 FETCH (UID 1 FLAGS () INTERNALDATE "01-Jan-2024 00:00:00 +0000" RFC822.SIZE 5'
                b" ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"
                b' X-GM-MSGID 1278455344230334865 X-GM-LABELS (\\Inbox "Muy Importante" Entw&APw-rfe)'
                b" BODY[HEADER.FIELDS (SUBJECT)] {%d}\r\n%s)\r\n" % (len(head), head)
            )
            conn.reply(cmd)
            return True

        client.select_folder("INBOX")
        server.on("UID FETCH", gmail)
        (info,) = run(client, begun, "list_messages", ["X-GM-MSGID", "x-gm-labels", "Subject"])
        assert info.extra_parameters == {
            "X-GM-MSGID": "1278455344230334865",
            "x-gm-labels": "\\Inbox Muy Importante Entwürfe",
            "Subject": "hello",
        }
        assert "X-GM-MSGID" in asked
        assert "X-GM-LABELS" in asked


@pytest.mark.parametrize("name", ["", "two words", "Subject)]", "x\r\ny", "naïve", "a:b", 'a"b', "a{5}", "a]"])
def test_T1_names_that_no_field_has_are_refused_at_once(name: str) -> None:
    client = ImapClient("127.0.0.1", 1, "user", "secret", SecurityOptions.NONE)
    with client, pytest.raises(AsposeArgumentException, match="message_extra_fields"):
        client.begin_list_messages(message_extra_fields=[name])


@pytest.mark.parametrize("capabilities", [DEFAULT_CAPABILITIES, without("LITERAL+")], ids=["LITERAL+", "synchronizing"])
@BEGUN
def test_queries_beyond_ascii_are_literals(capabilities: str, begun: bool) -> None:
    with AutoImapServer(folders={"INBOX": 0}, capabilities=capabilities) as server, client_of(server) as client:
        for text in ("Viele Grüße", "nothing"):
            server.deliver(body=f"Subject: hello\r\n\r\n{text}\r\n".encode())
        assert ids(run(client, begun, "list_messages", MailQuery('BODY "Grüße"'))) == ["1"]
        assert ids(run(client, begun, "list_messages", MailQuery('SUBJECT hello (NOT BODY "Grüße")'))) == ["2"]
        assert all(b" )" not in cmd.raw for cmd in server.commands)


@BEGUN
def test_logout_of_nobody_signs_nobody_in(begun: bool) -> None:
    with AutoImapServer(users={"user": "other"}) as server, client_of(server) as client:
        run(client, begun, "logout")
        assert server.connections == []
        with pytest.raises(AuthenticationError):
            client.login()
        run(client, begun, "logout")  # as in a `finally`, where it must not hide the refusal
        assert server.failed_sign_ins == 1


# -- sequence numbers ------------------------------------------------------------


@BEGUN
def test_T5_numbers_follow_what_the_session_is_told(begun: bool) -> None:
    with AutoImapServer(folders={"INBOX": 6, "Other": 1}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        server.expunge("INBOX", 2)
        client.noop()
        assert run(client, begun, "fetch_message", 2).as_bytes() == make_message(3)
        client.list_messages("Other")
        server.deliver("INBOX", make_message(7))
        assert run(client, begun, "fetch_message", 2).as_bytes() == make_message(3)
        assert run(client, begun, "fetch_message", 6).as_bytes() == make_message(7)


@BEGUN
def test_T5_numbers_are_an_error_when_the_folder_changed_behind_another_one(begun: bool) -> None:
    with AutoImapServer(folders={"INBOX": 6, "Other": 1}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        client.list_messages("Other")
        server.expunge("INBOX", 2)
        server.deliver("INBOX", make_message(7))
        with pytest.raises(FolderChangedError):
            run(client, begun, "fetch_message", 2)
        client.list_messages()
        assert run(client, begun, "fetch_message", 2).as_bytes() == make_message(3)


def test_T5_a_begun_listing_leaves_the_numbers_of_the_session_alone() -> None:
    with AutoImapServer(folders={"INBOX": 6}) as server, client_of(server) as client:
        client.select_folder("INBOX")
        server.deliver("INBOX", make_message(7))  # the main connection does not know of it yet
        handle = client.begin_list_messages("INBOX", [6, 1])
        assert ids(client.end_list_messages(handle)) == ["6", "1"]
        server.expunge("INBOX", 1)
        client.noop()
        assert client.fetch_message(1).as_bytes() == make_message(2)


@BEGUN
def test_ranges_of_billions_cost_nothing(begun: bool) -> None:
    with AutoImapServer(folders={"INBOX": 3}) as server, client_of(server) as client:
        client.login()
        tracemalloc.start()
        try:
            with pytest.raises(MessageNotFoundError):
                run(client, begun, "add_message_flags", 1, 4_000_000_000, ImapMessageFlags.flagged)
            run(client, begun, "add_message_flags", "1", "4000000000", ImapMessageFlags.flagged)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 4 * 1024 * 1024
        assert all("\\Flagged" in stored.flags for stored in server.folders["INBOX"].messages.values())


def test_numbering_forgets_expunges_only_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailclients.imap.folders._LOG_LIMIT", 10)
    numbering = Numbering(100, 101)
    moment = numbering.capture()
    for _ in range(20):
        numbering.expunged(1)
    assert numbering.now(50, moment) == 30
    later = numbering.capture()
    numbering.expunged(1)
    with pytest.raises(FolderChangedError, match="list the folder again"):
        numbering.now(50, moment)
    assert numbering.now(50, later) == 49


@pytest.mark.parametrize(
    ("exists", "uid_next", "goes_on"),
    [(5, 11, True), (7, 13, True), (5, 12, False), (6, 13, False), (4, 11, False), (4, 10, False), (5, 0, False)],
)
def test_numbering_goes_on_only_where_nothing_can_be_gone(exists: int, uid_next: int, goes_on: bool) -> None:
    assert Numbering(5, 11).goes_on(exists, uid_next) is goes_on
    arrived = Numbering(4, 10)
    arrived.arrived(5)
    assert arrived.goes_on(exists, uid_next) is goes_on
    assert not Numbering(5, 0).goes_on(exists, uid_next)


# -- begun after a select ------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2])
@pytest.mark.parametrize("how", ["cancelled", "refused", "answered"])
def test_T4_what_waits_for_a_begun_select_ends_with_it(how: str, limit: int) -> None:
    with AutoImapServer(folders={"INBOX": 1, "Box": [make_message(50)]}) as server, client_of(server) as client:
        client.max_connections_per_server = limit
        client.login()
        gate = server.hold("SELECT")
        select = client.begin_select_folder("Box")
        fetches = [client.begin_fetch_message("1") for _ in range(5)]
        (held,) = gate.wait_for()
        if how == "cancelled":
            client.cancel_async_operation(select)
            gate.open()
            with pytest.raises(OperationCanceledException):
                client.end_select_folder(select)
        elif how == "refused":
            gate.refuse(held, "NO [NONEXISTENT] gone")
            gate.open()
            with pytest.raises(MailClientError, match="gone"):
                client.end_select_folder(select)
        else:
            gate.open()
            assert client.end_select_folder(select).name == "Box"
        for fetch in fetches:
            if how == "answered":
                assert client.end_fetch_message(fetch).as_bytes() == make_message(50)
            else:
                with pytest.raises(MailClientError, match=r"Box|select"):
                    client.end_fetch_message(fetch)


def test_C9_what_waits_for_a_select_ends_at_dispose() -> None:
    with AutoImapServer(folders={"INBOX": 1, "Box": 1}) as server:
        client = client_of(server)
        client.login()
        gate = server.hold("NOOP", blocking=True)
        errors: list[Exception] = []

        def ask() -> None:
            try:
                client.noop()
            except MailClientError as error:
                errors.append(error)

        noop = threading.Thread(target=ask)
        noop.start()
        gate.wait_for()
        select, fetch = client.begin_select_folder("Box"), client.begin_fetch_message("1")
        client.dispose(100)
        for end, handle in ((client.end_select_folder, select), (client.end_fetch_message, fetch)):
            with pytest.raises(MailClientError):
                end(handle)
        gate.open()
        noop.join()
        assert errors


# -- servers with less ------------------------------------------------------------


@BEGUN
def test_unselect_without_the_extension_removes_nothing(begun: bool) -> None:
    with AutoImapServer(folders={"INBOX": 3}, capabilities=without("UNSELECT")) as server, client_of(server) as client:
        client.select_folder("INBOX")
        client.delete_message("2")
        run(client, begun, "unselect_folder", True)
        assert list(server.folders["INBOX"].messages) == [1, 2, 3]
        assert client.current_folder is None


@BEGUN
def test_without_uidplus_append_gives_no_id_and_commits_are_whole(begun: bool) -> None:
    with AutoImapServer(folders={"INBOX": 3}, capabilities=without("UIDPLUS")) as server, client_of(server) as client:

        def taken(conn: Any, cmd: Any) -> bool:
            conn.reply(cmd)
            return True

        server.on("APPEND", taken)
        message = client.fetch_message("1")
        assert run(client, begun, "append_message", message) == ""
        with pytest.raises(MailClientError, match="UIDPLUS"):
            run(client, begun, "commit_deletes", "2")
        client.delete_message("3")
        run(client, begun, "delete_message", "2", True)
        assert list(server.folders["INBOX"].messages) == [1]
