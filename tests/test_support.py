"""The harness itself: what other tests rely on, seen from outside through sockets and imaplib."""

from __future__ import annotations

import base64
import contextlib
import imaplib
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from tests.support.autoimap import AutoImapServer, make_message
from tests.support.certs import Certificates
from tests.support.clock import FakeClock
from tests.support.commands import Atom, Command, Literal, MalformedCommand, NonSyncLiteral, Quoted
from tests.support.leaks import STAYING_THREADS, Snapshot
from tests.support.scripted import Conn, ScriptedServer, fetch_line
from tests.support.waiting import until


class Raw:
    """A plain socket that reads lines, for what imaplib cannot send."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), 30)
        self.stream = self.sock.makefile("rb")

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def line(self) -> bytes:
        return self.stream.readline()

    def until(self, tag: bytes) -> list[bytes]:
        lines = [self.line()]
        while lines[-1] and not lines[-1].startswith(tag + b" "):
            lines.append(self.line())
        return lines

    def close(self) -> None:
        self.stream.close()
        self.sock.close()

    def wrap(self, context: ssl.SSLContext) -> None:
        self.stream.close()
        self.sock = context.wrap_socket(self.sock, server_hostname="localhost")
        self.stream = self.sock.makefile("rb")


@contextlib.contextmanager
def raw(server: ScriptedServer, *, greeted: bool = True) -> Iterator[Raw]:
    with contextlib.closing(Raw(server.port)) as client:
        if greeted:
            assert client.line().startswith(b"* OK")
        yield client


def end_has_arrived(sock: socket.socket) -> bool:
    """Whether the other side's system knows that this side has ended the connection."""
    return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != 4  # FIN_WAIT1: not acknowledged yet


@contextlib.contextmanager
def signed_in(server: AutoImapServer, folder: str | None = "INBOX") -> Iterator[Any]:
    client = imaplib.IMAP4("127.0.0.1", server.port)
    try:
        client.login("user", "secret")
        if folder is not None:
            client.select(folder)
        yield client
    finally:
        with contextlib.suppress(OSError):  # signed out already
            client.shutdown()


# -- what a command decodes to -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "name", "args", "kinds"),
    [
        (b"a LOGIN u p\r\n", "LOGIN", ["u", "p"], [Atom, Atom]),
        (b'a login "u \\"\\\\" ""\r\n', "LOGIN", ['u "\\', ""], [Quoted, Quoted]),
        (b"a LOGIN {1+}\r\nu {3+}\r\n\r\n(\r\n", "LOGIN", ["u", "\r\n("], [NonSyncLiteral, NonSyncLiteral]),
        (b"a uid fetch 1:* (UID BODY.PEEK[HEADER.FIELDS (From To)]<0.9>)\r\n", "UID FETCH",
         ["1:*", ["UID", "BODY.PEEK[HEADER.FIELDS (From To)]<0.9>"]], [Atom, list]),
        (b"a LIST \"\" [Gmail]/%\r\n", "LIST", ["", "[Gmail]/%"], [Quoted, Atom]),
        (b"a STORE 1 +FLAGS.SILENT (\\Seen)\r\n", "STORE", ["1", "+FLAGS.SILENT", ["\\Seen"]],
         [Atom, Atom, list]),
        (b"a X (a (b \"c\") ()) NIL \"NIL\"\r\n", "X", [["a", ["b", "c"], []], "NIL", "NIL"],
         [list, Atom, Quoted]),
        (b"a SELECT \"\xff\xfe\t\"\r\n", "SELECT", ["\udcff\udcfe\t"], [Quoted]),
    ],
)  # fmt: skip
def test_commands_are_decoded(sent: bytes, name: str, args: list[Any], kinds: list[type]) -> None:
    with ScriptedServer() as server, raw(server) as client:
        client.send(sent)
        cmd = server.accept().expect()
        assert (cmd.tag, cmd.name, cmd.args, cmd.raw) == ("a", name, args, sent)
        assert [type(arg) for arg in cmd.args] == kinds


def test_bytes_of_a_value_are_exact() -> None:
    body = bytes(range(256))
    with ScriptedServer() as server, raw(server) as client:
        client.send(b"a APPEND x {256+}\r\n" + body + b"\r\n")
        cmd = server.accept().expect("APPEND")
        assert cmd.args[1].data == body
        assert cmd.raw.endswith(body + b"\r\n")


@pytest.mark.parametrize(
    "sent",
    [
        b"a\r\n",
        b"a X (b\r\n",
        b"a X b)\r\n",
        b'a X "b\r\n',
        b'a X "b\\c"\r\n',
        b"a X b\rc\r\n",
        b"a b\nc d\r\n",
    ],
)
def test_malformed_commands_fail_the_test(sent: bytes) -> None:
    server = ScriptedServer()
    with raw(server) as client:
        client.send(sent)
        assert client.line().startswith(b"* BAD")
    with pytest.raises(MalformedCommand):
        server.close()


def test_malformed_commands_may_be_expected() -> None:
    with ScriptedServer() as server, raw(server) as client:
        server.expect_malformed = True
        client.send(b"a X (b\r\n")
        assert client.line().startswith(b"* BAD")
        assert server.malformed_lines == [b"a X (b\r\n"]


def test_lines_for_other_protocols() -> None:
    with ScriptedServer(tagged=False, greeting="+OK\r\n") as server, raw(server, greeted=False) as client:
        assert client.line() == b"+OK\r\n"
        client.send(b"user a b\r\nQUIT\r\n")
        first, second = server.accept().expect_many(2)
        assert (first.name, first.args, second.name, second.args) == ("USER", ["a b"], "QUIT", [])


# -- literals ------------------------------------------------------------------------------------------


def test_synchronizing_literal_is_invited() -> None:
    with ScriptedServer() as server, raw(server) as client:
        client.send(b"a APPEND INBOX {3}\r\n")
        assert client.line().startswith(b"+ ")
        client.send(b"abc\r\n")
        cmd = server.accept().expect("APPEND")
        assert cmd.args == ["INBOX", "abc"]
        assert type(cmd.args[1]) is Literal


def test_synchronizing_literal_is_refused_when_scripted() -> None:
    with ScriptedServer(lambda conn, cmd: conn.reply(cmd)) as server, raw(server) as client:
        server.literal_policy = lambda conn, so_far, size: "NO [TOOBIG] too big" if size > 3 else None
        client.send(b"a APPEND INBOX {4}\r\n")
        assert client.line() == b"a NO [TOOBIG] too big\r\n"
        client.send(b"b NOOP\r\n")
        assert client.line() == b"b OK done\r\n"
        refused, noop = server.accept().expect_many(2)
        assert (refused.name, refused.refused, noop.refused) == ("APPEND", True, False)


# -- driving a connection ------------------------------------------------------------------------------


def test_script_on_its_own_thread_talks_to_imaplib() -> None:
    def script(conn: Conn) -> None:
        conn.reply(conn.expect("CAPABILITY"), untagged=["CAPABILITY IMAP4rev1"])
        login = conn.expect("LOGIN")
        assert login.args == ["user", "pass word"]
        conn.reply(login, "NO [AUTHENTICATIONFAILED] no")

    with ScriptedServer(script=script, split=1) as server:
        client = imaplib.IMAP4("127.0.0.1", server.port)
        with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
            client.login("user", "pass word")
        client.shutdown()
        assert server.accept().wait_closed() == "peer"


def test_failing_script_fails_the_test() -> None:
    server = ScriptedServer(script=lambda conn: conn.expect("LOGIN"))
    with raw(server) as client:
        client.send(b"a NOOP\r\n")
        with pytest.raises(AssertionError, match="server thread failed"):
            server.wait_for_commands(2)
    with pytest.raises(AssertionError, match="expected LOGIN"):
        server.close()


def test_failing_handler_fails_the_test() -> None:
    def handler(conn: Conn, cmd: Command) -> None:
        raise RuntimeError("no such thing")

    server = ScriptedServer(handler)
    with raw(server) as client:
        client.send(b"a NOOP\r\n")
        assert client.line() == b""
        assert server.accept().wait_closed() == "error"
    with pytest.raises(RuntimeError, match="no such thing"):
        server.close()


def test_waiting_fails_with_what_was_seen() -> None:
    with ScriptedServer() as server, raw(server) as client:
        client.send(b"a NOOP\r\n")
        server.wait_for_commands(1, "NOOP")
        with pytest.raises(AssertionError, match="a NOOP"):
            server.wait_for_commands(2, timeout=0)


def test_answers_side_by_side() -> None:
    with ScriptedServer() as server, raw(server) as client:
        client.send(b"".join(b"t%d UID FETCH %d BODY.PEEK[]\r\n" % (n, n) for n in range(1, 5)))
        conn = server.accept()
        cmds = conn.expect_many(4, "UID FETCH")
        conn.reply_together([(cmd, [fetch_line(int(cmd.text()), int(cmd.text()), b"x")]) for cmd in reversed(cmds)])
        lines = client.until(b"t1")
        tagged = [line[:2] for line in lines if line.startswith(b"t")]
        assert tagged == [b"t4", b"t3", b"t2", b"t1"]
        assert lines[0] == b"* 4 FETCH (UID 4 BODY[] {1}\r\n"
        assert all(line.startswith(b"t") for line in lines[-4:])


def test_challenge_from_the_test_and_from_a_handler() -> None:
    got: list[bytes] = []

    def handler(conn: Conn, cmd: Command) -> None:
        got.append(conn.challenge("one"))
        conn.reply(cmd)

    with ScriptedServer(handler) as server, raw(server) as client:
        client.send(b"a AUTHENTICATE PLAIN\r\n")
        assert client.line() == b"+ one\r\n"
        client.send(b"first\r\n")
        assert client.line() == b"a OK done\r\n"
    assert got == [b"first"]
    with ScriptedServer() as server, raw(server) as client, ThreadPoolExecutor(1) as pool:
        client.send(b"a AUTHENTICATE PLAIN\r\n")
        conn = server.accept()
        cmd = conn.expect("AUTHENTICATE")
        answer = pool.submit(conn.challenge, "two")
        assert client.line() == b"+ two\r\n"
        client.send(b"second\r\n")
        assert answer.result(30) == b"second"
        conn.reply(cmd)
        assert client.line() == b"a OK done\r\n"
        assert len(conn.commands) == 1


def test_drip_sends_what_the_test_says() -> None:
    with ScriptedServer(greeting=None) as server, raw(server, greeted=False) as client:
        drip = server.accept().drip("* OK slow\r\n")
        assert drip.step() is True
        assert client.sock.recv(100) == b"*"
        drip.step(3)
        assert client.sock.recv(100) == b" OK"
        drip.rest()
        assert client.line() == b" slow\r\n"
        assert drip.remaining == 0


def test_cut_within_a_literal_and_reset() -> None:
    with ScriptedServer() as server:
        with raw(server) as client:
            conn = server.accept()
            conn.send_and_close("* 1 FETCH (BODY[] {100}\r\nhalf")
            assert client.stream.read() == b"* 1 FETCH (BODY[] {100}\r\nhalf"
            assert conn.wait_closed() == "closed"
            assert not conn.open
        with raw(server) as client:
            conn = server.accept()
            conn.reset()
            with pytest.raises(ConnectionResetError):
                client.sock.recv(1)
            assert conn.wait_closed() == "reset"
            with pytest.raises(ConnectionError):
                conn.send("* OK too late\r\n")


def test_reading_can_be_paused() -> None:
    with ScriptedServer(lambda conn, cmd: conn.pause_reading()) as server, raw(server) as client:
        client.send(b"a NOOP\r\n")
        conn = server.accept()
        conn.expect("NOOP")
        client.send(b"b NOOP\r\n")
        with pytest.raises(AssertionError, match="no sign"):
            conn.expect("NOOP", timeout=0)
        conn.resume_reading()
        assert conn.expect("NOOP").tag == "b"


def test_refusing_connections_and_listening_again() -> None:
    with ScriptedServer() as server:
        server.stop_accepting()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port), 5)
        server.resume_accepting()
        with raw(server):
            server.wait_for(1)


def test_peak_of_open_connections() -> None:
    with ScriptedServer() as server:
        for number in range(5):
            with raw(server):  # greeted, so it has been counted
                assert server.open_connections == 1
            server.connections[number].wait_closed()
        assert server.peak_connections == 1
        with raw(server), raw(server), raw(server):
            assert server.open_connections == 3
        assert server.peak_connections == 3


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="the system does not tell the state of a connection")
def test_connections_that_ended_before_the_server_looked_are_not_open() -> None:
    with ScriptedServer(greeting=None, at_most=0) as server:
        with server.changed:  # the server counts what waits for it only after this
            for _ in range(5):
                with raw(server, greeted=False) as client:
                    client.sock.shutdown(socket.SHUT_WR)
                    until(partial(end_has_arrived, client.sock), "the end at the server's side")
        server.wait_for(5)
        assert server.peak_connections == 0


def test_more_connections_than_allowed_are_an_error() -> None:
    def exceed() -> None:
        with ScriptedServer(at_most=2) as server, raw(server), raw(server):
            server.check()
            with raw(server):
                assert server.peak_connections == 3

    with pytest.raises(AssertionError, match="3 connections open at once"):
        exceed()


def test_closing_ends_every_thread_and_wakes_every_waiter() -> None:
    before = Snapshot()
    server = ScriptedServer(script=lambda conn: conn.expect("NEVER"))
    clients = [Raw(server.port) for _ in range(3)]
    server.wait_for(3)
    server.close()
    for client in clients:
        assert client.stream.read().startswith(b"* OK")
        client.close()
    assert before.report() is None


# -- TLS -----------------------------------------------------------------------------------------------


def test_implicit_tls(certificates: Certificates) -> None:
    context = certificates.good.server_context()
    with AutoImapServer(tls=context, implicit_tls=True) as server:
        client = imaplib.IMAP4_SSL("127.0.0.1", server.port, ssl_context=certificates.client_context())
        client.login("user", "secret")
        client.shutdown()
        conn = server.accept()
        assert conn.phase == "tls"
        assert conn.clear_bytes == b""
        assert b"secret" in conn.received


@pytest.mark.parametrize("split", [None, 1])
def test_starttls_keeps_the_clear_phase(certificates: Certificates, split: int | None) -> None:
    with AutoImapServer(tls=certificates.good.server_context(), split=split, require_tls=True) as server:
        client = imaplib.IMAP4("localhost", server.port)
        assert "LOGINDISABLED" in client.capabilities
        client.starttls(certificates.client_context())
        assert "AUTH=PLAIN" in client.capabilities
        assert "STARTTLS" not in client.capabilities
        client.login("user", "secret")
        client.shutdown()
        conn = server.accept()
        assert b"STARTTLS" in conn.clear_bytes
        assert b"secret" not in conn.clear_bytes
        assert [cmd.phase for cmd in conn.commands if cmd.name in ("STARTTLS", "LOGIN")] == ["clear", "tls"]


def test_starttls_from_the_test_thread_with_injection(certificates: Certificates) -> None:
    with ScriptedServer(tls=certificates.good.server_context()) as server, raw(server) as client:
        client.send(b"a STARTTLS\r\nb LOGIN u p\r\n")
        conn = server.accept()
        cmd, early = conn.expect_many(2)
        conn.reply_starttls(cmd, inject='* LIST () "/" evil\r\n')
        assert client.line() == b"a OK begin TLS now\r\n"
        assert client.line() == b'* LIST () "/" evil\r\n'
        client.wrap(certificates.client_context())
        conn.wait_secure()
        client.send(b"c NOOP\r\n")
        noop = conn.expect("NOOP")
        conn.reply(noop)
        assert client.line() == b"c OK done\r\n"
        assert (early.phase, noop.phase) == ("clear", "tls")
        assert conn.clear_bytes == b"a STARTTLS\r\nb LOGIN u p\r\n"


@pytest.mark.parametrize("kind", ["expired", "wrong_host", "no_address", "self_signed", "stranger"])
def test_bad_certificates_are_refused_by_a_verifying_client(certificates: Certificates, kind: str) -> None:
    context = getattr(certificates, kind).server_context()
    with ScriptedServer(tls=context, implicit_tls=True) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            imaplib.IMAP4_SSL("127.0.0.1", server.port, ssl_context=certificates.client_context())
        conn = server.accept()
        conn.wait_closed()
        assert conn.received == b""


def test_close_notify_or_a_cut_line(certificates: Certificates) -> None:
    with ScriptedServer(tls=certificates.good.server_context(), implicit_tls=True) as server:
        for notify in (True, False):
            client = Raw(server.port)
            client.wrap(certificates.client_context())
            assert client.line() == b"* OK ready\r\n"
            server.accept().close(notify=notify)
            client.sock.suppress_ragged_eofs = False  # type: ignore[attr-defined]
            if notify:
                assert client.sock.recv(1) == b""
            else:
                with pytest.raises(ssl.SSLEOFError):
                    client.sock.recv(1)
            client.close()


# -- the automatic server ------------------------------------------------------------------------------


def test_automatic_server_works_for_imaplib() -> None:
    with AutoImapServer({"INBOX": 5, "Work": 2}) as server, signed_in(server) as client:
        _, data = client.uid("FETCH", "2", "(BODY.PEEK[])")
        assert data[0][1] == make_message(2)
        assert client.append("Work", "(\\Seen)", None, b"Subject: x\r\n\r\nhey\r\n")[1][0].startswith(
            b"[APPENDUID 1001 3]"
        )
        assert client.status("Work", "(MESSAGES UIDNEXT)")[1] == [b'"Work" (MESSAGES 3 UIDNEXT 4)']
        client.store("1:2", "+FLAGS", "\\Deleted")
        assert client.uid("EXPUNGE", "2")[0] == "OK"
        assert client.expunge() == ("OK", [b"2", b"1"])
        assert client.uid("SEARCH", "SUBJECT", '"Message 4"')[1] == [b"4"]
        assert client.search(None, "NOT", "UID", "4")[1] == [b"1 3"]
        client.uid("SEARCH", "RETURN", "(COUNT MAX)", "ALL")
        assert client.response("ESEARCH")[1][0].endswith(b"UID MAX 5 COUNT 3")
        assert client.create("New")[0] == "OK"
        assert client.delete("New")[0] == "OK"
        assert client.select("New")[0] == "NO"
        assert client.list('""', "%")[1] == [
            b'(\\HasNoChildren) "/" "INBOX"',
            b'(\\HasNoChildren) "/" "Work"',
        ]
        assert client.logout()[0] == "BYE"


def test_fetching_marks_as_read_unless_examined() -> None:
    with AutoImapServer({"INBOX": 2}) as server, signed_in(server) as client:
        assert b"\\Seen" in client.fetch("1", "(BODY[])")[1][1]
        client.select("INBOX", readonly=True)
        client.fetch("2", "(BODY[])")
        assert client.fetch("1:2", "(FLAGS)")[1] == [b"1 (FLAGS (\\Seen))", b"2 (FLAGS ())"]


@pytest.mark.parametrize(
    ("mechanism", "text"),
    [
        ("PLAIN", b"\0user\0secret"),
        ("XOAUTH2", b"user=user\x01auth=Bearer secret\x01\x01"),
        ("OAUTHBEARER", b"n,a=user,\x01auth=Bearer secret\x01\x01"),
    ],
)
def test_authenticate(mechanism: str, text: bytes) -> None:
    with AutoImapServer(users={"user": "secret"}) as server:
        client = imaplib.IMAP4("127.0.0.1", server.port)
        with pytest.raises(imaplib.IMAP4.error):
            client.authenticate(mechanism, lambda _: text.replace(b"secret", b"wrong") if not _ else b"")
        client.authenticate(mechanism, lambda _: text)
        client.shutdown()
        assert (server.sign_ins, server.failed_sign_ins) == (1, 1)


def test_initial_response() -> None:
    with AutoImapServer() as server, raw(server) as client:
        client.send(b"a AUTHENTICATE PLAIN " + base64.b64encode(b"\0user\0secret") + b"\r\n")
        assert client.line().startswith(b"a OK")


def test_expunge_is_told_to_others_at_legal_moments() -> None:
    with AutoImapServer({"INBOX": 4}) as server, signed_in(server) as client:
        server.expunge("INBOX", 2)
        server.deliver()
        status, data = client.fetch("2:3", "(UID)")
        assert (status, data[0][:15]) == ("NO", b"[EXPUNGEISSUED]")
        assert client.response("FETCH")[1] == [b"3 (UID 3)"]
        assert client.response("EXPUNGE")[1] == [None]  # sequence numbers still mean what they meant
        client.noop()
        assert client.response("EXPUNGE")[1] == [b"2"]
        assert client.fetch("1:*", "(UID)")[1] == [b"1 (UID 1)", b"2 (UID 3)", b"3 (UID 4)", b"4 (UID 5)"]


def test_idle_is_told_at_once() -> None:
    with AutoImapServer({"INBOX": 1}) as server, raw(server) as client:
        client.send(b"a LOGIN u secret\r\nb SELECT INBOX\r\nc IDLE\r\n")
        client.until(b"b")
        assert client.line() == b"+ idling\r\n"
        server.deliver()
        assert client.line() == b"* 2 EXISTS\r\n"
        server.expunge("INBOX", 1)
        assert client.line() == b"* 1 EXPUNGE\r\n"
        client.send(b"DONE\r\n")
        assert client.line() == b"c OK done\r\n"


def test_hooks_override_and_end() -> None:
    seen: list[str] = []

    def refuse(conn: Conn, cmd: Command) -> bool:
        conn.reply(cmd, "NO not now")
        return True

    with AutoImapServer({"INBOX": 2}) as server, signed_in(server) as client:
        remove = server.on("*", lambda conn, cmd: seen.append(cmd.name))
        server.on("UID FETCH", refuse, times=1)
        assert client.uid("FETCH", "1", "(UID)")[0] == "NO"
        assert client.uid("FETCH", "1", "(UID)")[0] == "OK"
        remove()
        client.noop()
        assert seen == ["UID FETCH"]  # the newest hook comes first, and the first command ended with it


def test_gate_holds_and_releases_in_any_order() -> None:
    with AutoImapServer({"INBOX": 4}) as server, raw(server) as client:
        gate = server.hold("UID FETCH")
        client.send(b"a LOGIN u secret\r\nb SELECT INBOX\r\n")
        client.until(b"b")
        client.send(b"".join(b"t%d UID FETCH %d (UID)\r\n" % (n, n) for n in range(1, 7)) + b"n NOOP\r\n")
        assert client.line() == b"n OK done\r\n"  # what is not held overtakes
        cmds = gate.wait_for(6)
        gate.release(cmds[2])
        assert client.until(b"t3") == [b"* 3 FETCH (UID 3)\r\n", b"t3 OK done\r\n"]
        gate.release_together(cmds[1], cmds[0])
        assert [line[:2] for line in client.until(b"t1")] == [b"* ", b"* ", b"t2", b"t1"]
        gate.refuse(cmds[3], "NO no")
        assert client.line() == b"t4 NO no\r\n"
        gate.drop(cmds[4])
        gate.open()
        assert client.line() == b"t6 OK done\r\n"
        assert gate.commands == []


def test_blocking_gate_stops_its_connection_only() -> None:
    with AutoImapServer({"INBOX": 1}) as server, raw(server) as held, raw(server) as other:
        gate = server.hold("LOGIN", blocking=True)
        held.send(b"a LOGIN u secret\r\nb NOOP\r\n")
        gate.wait_for(1)
        other.send(b"a NOOP\r\n")
        assert other.line() == b"a OK done\r\n"
        assert len(server.connections[0].commands) == 1
        gate.open()
        assert [held.line()[:4], held.line()[:4]] == [b"a OK", b"b OK"]


def test_limit_of_connections_at_sign_in_and_at_the_greeting() -> None:
    with AutoImapServer(max_connections=1) as server, signed_in(server, None):
        client = imaplib.IMAP4("127.0.0.1", server.port)
        with pytest.raises(imaplib.IMAP4.error, match="UNAVAILABLE"):
            client.login("user", "secret")
        client.shutdown()
        assert server.signed_in == 1
    with AutoImapServer(max_connections=1, limit_at_greeting=True) as server, raw(server):
        second = Raw(server.port)
        assert second.line().startswith(b"* BYE [UNAVAILABLE]")
        assert second.line() == b""
        second.close()


@pytest.mark.parametrize("side_by_side", [1, 4])
def test_thousands_of_pipelined_commands(side_by_side: int) -> None:
    count = 3000
    with AutoImapServer({"INBOX": count}, side_by_side=side_by_side) as server, raw(server) as client:
        client.send(b"a LOGIN u secret\r\nb EXAMINE INBOX\r\n")
        client.until(b"b")
        asked = b"".join(b"t%d UID FETCH %d (BODY.PEEK[])\r\n" % (n, n) for n in range(1, count + 1))
        sender = threading.Thread(target=client.send, args=(asked,))
        sender.start()
        lines = client.until(b"t%d" % count)
        sender.join()
        assert sum(line.startswith(b"* ") and b"FETCH (UID" in line for line in lines) == count
        assert [line.split()[0] for line in lines if line.startswith(b"t")] == [b"t%d" % n for n in range(1, count + 1)]


def test_many_connections_share_the_mailboxes() -> None:
    def work(number: int) -> int:
        with signed_in(server) as client:
            both.wait()
            for _ in range(20):
                assert client.append("INBOX", None, None, make_message(number))[0] == "OK"
            return number

    with AutoImapServer(at_most=8) as server:
        both = threading.Barrier(8, timeout=30)
        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(work, range(8))) == list(range(8))
        assert list(server.folders["INBOX"].messages) == list(range(1, 161))
        assert server.peak_connections == 8


# -- leaks and the clock -------------------------------------------------------------------------------


@pytest.mark.may_leak
def test_leaked_thread_socket_and_file_are_named() -> None:
    before = Snapshot()
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, name="left-over", daemon=True)
    staying = threading.Thread(target=stop.wait, name=STAYING_THREADS[0], daemon=True)
    thread.start()
    staying.start()
    pair = socket.socketpair()
    try:
        assert before.leaked_threads(patience=0) == [thread]
        if os.path.isdir("/proc/self/fd"):
            assert len(before.leaked_descriptors()) == 2
            assert all("socket:" in item for item in before.leaked_descriptors())
    finally:
        stop.set()
        for sock in pair:
            sock.close()
        staying.join()
    assert before.report() is None


def test_clock_moves_by_hand_only() -> None:
    clock = FakeClock(5.0)
    told: list[float] = []
    clock.on_advance(lambda: told.append(clock()))
    assert clock.monotonic() == clock() == 5.0
    with ThreadPoolExecutor(1) as pool:
        waiter = pool.submit(clock.wait_until, 7.0)
        clock.advance(1.5)
        clock.advance(0.5)
        assert waiter.result(30) is True
    assert told == [6.5, 7.0]
    assert clock.wait_until(8.0, real_timeout=0) is False
    with pytest.raises(ValueError, match="backward"):
        clock.advance(-1)
