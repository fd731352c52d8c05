"""Servers, or whoever pretends to be one, before, at and after the boundary of TLS. Rows A, B and C."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from mailclients import (
    ConnectionLostError,
    ImapClient,
    ImapException,
    LimitReachedError,
    MailClientError,
    NetworkException,
    RemoteProtocolError,
    SecurityError,
    SecurityOptions,
    TimeoutException,
)
from mailclients.engine.connection import Connection
from mailclients.engine.deadlines import Deadline
from mailclients.engine.transport import Transport
from mailclients.imap.base import ImapClientBase
from mailclients.imap.protocol import CLEAR_PHASE_BUDGET, ImapCore
from mailclients.wire.buffer import DEFAULT_LIMITS
from tests.clients.hostile import HostileServer, answering, client_of, far, nothing_secret_is_logged
from tests.support.autoimap import AutoImapServer
from tests.support.certs import Certificate, Certificates
from tests.support.scripted import Command, Conn

__all__ = ["far", "nothing_secret_is_logged"]

EXPLICIT = [SecurityOptions.SSL_EXPLICIT, SecurityOptions.SSL_AUTO, SecurityOptions.AUTO]
Answer = Callable[[Conn, Command], Any]


def usable(client: ImapClient) -> None:
    """The client works, now that the server behaves."""
    client.login()
    assert client.fetch_message("1").subject == "Message 1"
    connection = client._main.connection
    assert connection is not None
    assert connection.encrypted


def refused(
    client: ImapClient, kind: type[MailClientError] | tuple[type[MailClientError], ...] = SecurityError
) -> MailClientError:
    """The operation fails, once, and is not tried again by itself."""
    with pytest.raises(kind) as caught:
        client.noop()
    return caught.value


# -- A: before TLS ------------------------------------------------------------


@pytest.mark.usefixtures("far")
@pytest.mark.parametrize("security", EXPLICIT, ids=str)
def test_H_A1_starttls_not_offered(certificates: Certificates, security: SecurityOptions) -> None:
    with HostileServer(certificates) as server:
        server.first(lambda conn: conn.send("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n"))
        server.on("STARTTLS", answering("BAD unknown command"), times=1)
        with client_of(server, security, certificates) as client:
            refused(client)
            # Sent all the same where TLS is demanded: the list may have been tampered with.
            asked = [] if security is SecurityOptions.AUTO else ["STARTTLS"]
            assert server.clear_commands() == asked
            assert len(server.connections) == 1
            server._hooks.clear()
            usable(client)


@pytest.mark.usefixtures("far")
@pytest.mark.parametrize("security", EXPLICIT, ids=str)
@pytest.mark.parametrize("status", ["NO not today", "BAD what?", "-ERR no", "454 not now", "502 unknown"])
def test_H_A2_starttls_refused(certificates: Certificates, security: SecurityOptions, status: str) -> None:
    with HostileServer(certificates) as server:
        server.on("STARTTLS", answering(status), times=1)
        with client_of(server, security, certificates) as client:
            refused(client)
            assert server.clear_commands() == ["STARTTLS"]
            usable(client)


@pytest.mark.parametrize("answer", ["+ go on\r\n", "354 send it\r\n", "{tag} YES\r\n", "{tag}\r\n", "220 ready\r\n"])
def test_H_A3_starttls_answered_by_something_else(certificates: Certificates, answer: str) -> None:
    def hook(conn: Conn, cmd: Command) -> bool:
        conn.send(answer.format(tag=cmd.tag))
        return True

    with HostileServer(certificates) as server:
        server.on("STARTTLS", hook, times=1)
        with client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client:
            refused(client)
            assert server.clear_commands() == ["STARTTLS"]
            assert server.connections[0].wait_closed() == "peer"
            usable(client)


@pytest.mark.usefixtures("far")
@pytest.mark.parametrize("security", EXPLICIT, ids=str)
@pytest.mark.parametrize("capabilities", [None, "IMAP2", "", "IMAP4rev1 LOGINDISABLED"])
def test_H_A4_no_capabilities_or_old_ones(
    certificates: Certificates, security: SecurityOptions, capabilities: str | None
) -> None:
    def hook(conn: Conn, cmd: Command) -> bool:
        if capabilities is None:
            conn.reply(cmd, "BAD unknown command")
        else:
            conn.reply(cmd, "OK done", [f"CAPABILITY {capabilities}".rstrip()])
        return True

    with HostileServer(certificates) as server:
        server.first(lambda conn: conn.send("* OK ready\r\n"))
        server.on("CAPABILITY", hook, times=1)
        server.on("STARTTLS", answering("NO"), times=1)
        with client_of(server, security, certificates) as client:
            refused(client)
            server._hooks.clear()
            usable(client)


@pytest.mark.usefixtures("far")
@pytest.mark.parametrize("allowed", [False, True])
@pytest.mark.parametrize("security", [*EXPLICIT, SecurityOptions.NONE], ids=str)
def test_H_A5_preauth_in_the_clear(certificates: Certificates, security: SecurityOptions, allowed: bool) -> None:
    with HostileServer(certificates, clear_is_meant=security is SecurityOptions.NONE) as server:
        server.first(lambda conn: conn.send("* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome user\r\n"))
        with client_of(server, security, certificates) as client:
            client.allow_preauth = allowed
            refused(client)
            assert server.connections[0].wait_closed() == "peer"
            assert server.connections[0].received == b""
            if security is not SecurityOptions.NONE:
                usable(client)


def test_H_A5_preauth_in_the_clear_on_loopback_is_for_those_who_allow_it(certificates: Certificates) -> None:
    def preauth(conn: Conn) -> None:
        server.session(conn).user = "user"
        conn.send("* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome user\r\n")

    with (
        HostileServer(certificates, greeting=preauth) as server,
        client_of(server, SecurityOptions.AUTO, certificates) as client,
    ):
        refused(client)
        assert server.connections[0].wait_closed() == "peer"
        assert server.connections[0].received == b""
        client.allow_preauth = True
        assert client.fetch_message("1").subject == "Message 1"
        # Signed in already: STARTTLS has no place there (RFC 9051 section 6.2.1), nor has a password.
        assert {"STARTTLS", "LOGIN", "AUTHENTICATE"}.isdisjoint(server.clear_commands(1))


@pytest.mark.parametrize("allowed", [False, True])
def test_H_A6_preauth_under_tls_is_for_those_who_allow_it(certificates: Certificates, allowed: bool) -> None:
    def preauth(conn: Conn) -> None:
        server.session(conn).user = "user"
        conn.send("* PREAUTH [CAPABILITY IMAP4rev1 AUTH=PLAIN] welcome user\r\n")

    with (
        HostileServer(certificates, implicit_tls=True, greeting=preauth) as server,
        client_of(server, SecurityOptions.SSL_IMPLICIT, certificates) as client,
    ):
        client.allow_preauth = allowed
        if not allowed:
            assert "allow_preauth" in str(refused(client))
            assert server.commands == []
            return
        usable(client)
        assert {"LOGIN", "AUTHENTICATE"}.isdisjoint(cmd.name for cmd in server.commands)


@pytest.mark.parametrize("security", [SecurityOptions.SSL_EXPLICIT, SecurityOptions.NONE], ids=str)
@pytest.mark.parametrize(
    "greeting",
    [
        "what?\r\n",
        "A1 OK ready\r\n",
        "* NO not now\r\n",
        "* BAD not now\r\n",
        "\r\n",
        "junk\r\nmore junk\r\n* OK ready\r\n",
        "220 mail ESMTP ready\r\n",
        "+OK POP3 ready\r\n",
        "* 3 EXISTS\r\n* OK ready\r\n",
        "HTTP/1.1 400 Bad Request\r\n",
    ],
)
def test_H_A7_greetings_that_are_none(certificates: Certificates, security: SecurityOptions, greeting: str) -> None:
    with HostileServer(certificates, clear_is_meant=True) as server:
        server.first(lambda conn: conn.send(greeting))
        with client_of(server, security, certificates) as client:
            refused(client, RemoteProtocolError)
            assert server.connections[0].wait_closed() == "peer"
            assert server.connections[0].received == b""
            client.login()


def test_H_A8_bye_greetings(certificates: Certificates) -> None:
    with HostileServer(certificates) as server:
        server.first(lambda conn: conn.send("* BYE closed for\x1b[2J repairs\r\n"))
        with client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client:
            error = refused(client, ImapException)
            assert isinstance(error, ImapException)
            assert (error.status, error.server_text) == ("BYE", "closed for\\x1b[2J repairs")
            assert not isinstance(error, LimitReachedError)
            assert client.pool.pause_before_opening() > 0  # the next one does not knock at once
            assert server.connections[0].received == b""
            usable(client)


def test_H_A8_bye_greetings_for_limits_wait_for_a_place(certificates: Certificates) -> None:
    with HostileServer(certificates) as server:
        server.first(lambda conn: conn.send("* BYE [UNAVAILABLE] too many connections\r\n"))
        with client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client:
            usable(client)  # the pool waits and tries again: the caller sees nothing of it
            assert len(server.connections) == 2


@pytest.mark.usefixtures("far")
@pytest.mark.parametrize("security", EXPLICIT, ids=str)
@pytest.mark.parametrize("words", ["LOGINDISABLED", "AUTH=PLAIN AUTH=LOGIN SASL-IR", "AUTH=PLAIN LOGINDISABLED"])
def test_H_A9_no_credentials_in_the_clear_whatever_is_offered(
    certificates: Certificates, security: SecurityOptions, words: str
) -> None:
    with HostileServer(certificates) as server:
        server.first(lambda conn: conn.send(f"* OK [CAPABILITY IMAP4rev1 {words}] ready\r\n"))
        server.on("STARTTLS", answering("NO"), times=1)
        with client_of(server, security, certificates) as client:
            refused(client)
            assert set(server.clear_commands()) <= {"STARTTLS"}
            server._hooks.clear()
            usable(client)


def test_H_A10_a_server_in_the_clear_on_a_tls_port(certificates: Certificates) -> None:
    with HostileServer(certificates) as server:
        server.expect_malformed = True
        with client_of(server, SecurityOptions.SSL_IMPLICIT, certificates) as client:
            assert "begins in the clear" in str(refused(client))


def test_H_A10_a_tls_server_on_a_port_that_begins_in_the_clear(certificates: Certificates) -> None:
    with (
        HostileServer(certificates, implicit_tls=True) as server,
        client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client,
    ):
        client.greeting_timeout = 300
        error = refused(client, TimeoutException)
        assert "SSL_IMPLICIT" in str(error)


def test_H_A11_referrals_are_told_and_never_followed(certificates: Certificates) -> None:
    with HostileServer(certificates) as other, HostileServer(certificates) as server:
        url = f"imap://user@127.0.0.1:{other.port}/"
        server.first(lambda conn: conn.send(f"* BYE [REFERRAL {url}] try there\r\n"))
        with client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client:
            error = refused(client, ImapException)
            assert isinstance(error, ImapException)
            assert (error.code, error.server_text) == ("REFERRAL", f"{url} try there")
            for name in ("AUTHENTICATE", "SELECT"):
                answer = f"NO [REFERRAL {url}] try there"
                server.on(name, answering(answer), times=1)
                with pytest.raises(MailClientError, match=re.escape("127.0.0.1")) as caught:
                    client.select_folder("INBOX")
                assert getattr(caught.value, "code", None) == "REFERRAL"
                client.login()
            usable(client)
        assert other.connections == []


def test_H_A12_texts_in_the_clear_are_escaped_and_marked(certificates: Certificates) -> None:
    def hook(conn: Conn, cmd: Command) -> bool:
        conn.reply(cmd, "NO [ALERT] call \x1b[31m0900-666 \x07now", ["OK [ALERT] your password has expired"])
        return True

    with HostileServer(certificates) as server:
        server.on("STARTTLS", hook, times=1)
        with client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client:
            text = str(refused(client))
            assert "in the clear: NO call \\x1b[31m0900-666 \\x07now" in text
            assert "expired" not in text


def test_H_A13_a_greeting_that_never_ends(certificates: Certificates) -> None:
    over, ended = threading.Event(), threading.Event()

    def drip(conn: Conn) -> None:
        rest = conn.drip("* OK " + "x" * 10_000)  # which lasts far longer than any test
        with contextlib.suppress(OSError):
            while rest.step() and not over.wait(0.01):
                pass
        if not rest.remaining:
            ended.set()

    with HostileServer(certificates) as server:
        server.first(drip)
        with client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client:
            client.greeting_timeout = 300
            assert "no greeting within 300 ms" in str(refused(client, TimeoutException))
            assert not ended.is_set()
            over.set()
            client.greeting_timeout = 20_000
            usable(client)


# -- B: at the boundary ------------------------------------------------------------


@pytest.mark.parametrize(
    "inject",
    [
        "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
        "* OK",
        "\r",
        "x",
        "junk\n",
        '* LIST () "/" {5}\r\n',
        "+ go on\r\n",
        "* BYE gone\r\n",
        "{tag} OK again\r\n",
    ],
)
def test_H_B1_bytes_behind_the_answer_to_starttls(certificates: Certificates, inject: str) -> None:
    def hook(conn: Conn, cmd: Command) -> bool:
        conn.reply_starttls(cmd, inject=inject.replace("{tag}", cmd.tag))
        return True

    with HostileServer(certificates) as server:
        server.on("STARTTLS", hook, times=1)
        with client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client:
            refused(client)
            conn = server.connections[0]
            conn.wait_closed()
            assert conn.phase == "clear"
            assert conn.received.endswith(b"STARTTLS\r\n"), "a handshake was begun"
            usable(client)


CLEAR_WORDS = [
    '* LIST () "/" "Trojan"\r\n',
    '* STATUS "INBOX" (MESSAGES 99)\r\n',
    "* SEARCH 1 2 3\r\n",
    "* FLAGS (\\Evil)\r\n",
    "* 99 EXISTS\r\n",
    "* 1 EXPUNGE\r\n",
    "* 1 FETCH (UID 1 BODY[] {4}\r\nevil)\r\n",
    "* CAPABILITY IMAP4rev1 LITERAL+ X-EVIL\r\n" * 3,
    "* OK [UIDVALIDITY 666] x\r\n",
    "* OK [ALERT] give me your password\r\n",
]


@pytest.mark.parametrize("where", ["greeting", "answer"])
@pytest.mark.parametrize("words", [*CLEAR_WORDS, "".join(CLEAR_WORDS)])
def test_H_B2_B3_nothing_said_in_the_clear_survives(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch, words: str, where: str
) -> None:
    secured: list[ImapCore] = []
    original = ImapClientBase._start_tls

    def start_tls(self: ImapClientBase, connection: Connection, transport: Transport, deadline: Deadline) -> Connection:
        result = original(self, connection, transport, deadline)
        assert result.core is not connection.core
        assert isinstance(result.core, ImapCore)
        secured.append(result.core)
        assert state(result.core) == state(ImapCore(DEFAULT_LIMITS))
        return result

    def state(core: ImapCore) -> dict[str, Any]:
        # What differs between any two, is asked anew, or is the client's.
        own = ("parser", "_prefix", "_tags", "number", "capabilities", "journal")
        return {name: value for name, value in vars(core).items() if name not in own}

    def hook(conn: Conn, cmd: Command) -> bool:
        conn.send(words)
        return False

    monkeypatch.setattr(ImapClientBase, "_start_tls", start_tls)
    with HostileServer(certificates) as server:
        if where == "greeting":
            server.first(lambda conn: conn.send("* OK [CAPABILITY IMAP4rev1 STARTTLS X-EVIL] ready\r\n" + words))
        else:
            server.on("STARTTLS", hook, times=1)
        with client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client:
            usable(client)
            assert next(cmd.name for cmd in server.commands if cmd.phase == "tls") == "CAPABILITY"
            assert "X-EVIL" not in client.get_capabilities()
            assert [folder.name for folder in client.list_folders()] == ["INBOX"]
        assert len(secured) == 1


@pytest.mark.parametrize("early", ["A1 OK begin TLS\r\n", "AAA1 OK begin TLS\r\n"])
def test_H_B5_a_tag_that_was_never_issued(certificates: Certificates, early: str) -> None:
    with HostileServer(certificates) as server:
        server.first(lambda conn: conn.send("* OK ready\r\n" + early))
        with client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client:
            error = refused(client, (RemoteProtocolError, SecurityError))
            assert isinstance(error, RemoteProtocolError) or isinstance(error.__cause__, RemoteProtocolError)
            usable(client)


def test_H_B5_the_answer_to_another_command_is_none(certificates: Certificates) -> None:
    def hook(conn: Conn, cmd: Command) -> bool:
        conn.send(f"{cmd.tag.lower()} OK begin TLS\r\n")  # tags are case-sensitive
        return True

    with HostileServer(certificates) as server:
        server.on("STARTTLS", hook, times=1)
        with client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client:
            assert isinstance(refused(client).__cause__, RemoteProtocolError)
            assert server.clear_commands() == ["STARTTLS"]


@pytest.mark.parametrize("name", ["AUTHENTICATE", "NOOP"])
def test_H_B6_two_results_of_one_command(certificates: Certificates, name: str) -> None:
    def twice(conn: Conn, cmd: Command) -> bool:
        server.session(conn).user = "user"
        conn.send(f"{cmd.tag} OK done\r\n" * 2)
        return True

    with HostileServer(certificates) as server:
        server.on(name, twice, times=1)
        with client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client:
            if name == "NOOP":
                client.noop()  # answered, and the connection is not used again
            else:
                refused(client, RemoteProtocolError)
            assert server.connections[0].wait_closed() == "peer"
            usable(client)
            assert len(server.connections) == 2


def test_H_B7_a_handshake_that_fails(certificates: Certificates) -> None:
    def hook(conn: Conn, cmd: Command) -> bool:
        conn.reply(cmd, "OK begin TLS now")
        conn.read_line()  # of the client's first message of the handshake
        conn.send("\x16\x03\x01junk, and more of it\r\n")
        return True

    with HostileServer(certificates) as server:
        server.expect_malformed = True
        server.on("STARTTLS", hook, times=1)
        with client_of(server, SecurityOptions.AUTO, certificates, timeout=3000) as client:
            refused(client, (SecurityError, TimeoutException))
            assert len(server.connections) == 1
            client.timeout = 20_000
            usable(client)


@pytest.mark.parametrize("implicit", [True, False])
def test_H_B7_a_handshake_that_stalls(certificates: Certificates, implicit: bool) -> None:
    def stall(conn: Conn, cmd: Command) -> bool:
        conn.reply(cmd, "OK begin TLS now")
        conn.pause_reading()
        return True

    def silent(conn: Conn) -> None:
        conn.pause_reading()

    with HostileServer(certificates) as server:
        server.on("STARTTLS", stall, times=1)
        if implicit:
            server.greeting = silent
        server.expect_malformed = True
        security = SecurityOptions.SSL_IMPLICIT if implicit else SecurityOptions.AUTO
        with client_of(server, security, certificates, timeout=400) as client:
            refused(client, TimeoutException)
            server.wait_for(1)
            assert len(server.connections) == 1


@pytest.mark.parametrize(
    "flood",
    [
        '* LIST () "/" {99999999}\r\n',
        "* OK " + "x" * CLEAR_PHASE_BUDGET,
        "* OK still there\r\n" * (CLEAR_PHASE_BUDGET // 10),
    ],
)
def test_H_B8_the_clear_phase_has_a_small_budget(certificates: Certificates, flood: str) -> None:
    def hook(conn: Conn, cmd: Command) -> bool:
        conn.send(flood)
        return False

    with HostileServer(certificates) as server:
        server.on("STARTTLS", hook, times=1)
        with client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client:
            refused(client)
            usable(client)


def test_H_B9_nothing_is_sent_until_tls_is_up(certificates: Certificates) -> None:
    with HostileServer(certificates) as server:
        gate = server.hold("STARTTLS")
        with client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client:
            client.max_connections_per_server = 1
            threads = [threading.Thread(target=client.noop) for _ in range(4)]
            for thread in threads:
                thread.start()
            handles = [client.begin_noop() for _ in range(4)]
            gate.wait_for(1)
            assert server.clear_commands() == ["STARTTLS"]
            gate.open()
            for thread in threads:
                thread.join()
            for handle in handles:
                client.end_noop(handle)
            assert server.clear_commands() == ["STARTTLS"]
            assert sum(cmd.name == "NOOP" for cmd in server.commands) == 8


# -- C: TLS ------------------------------------------------------------


@pytest.mark.parametrize("implicit", [True, False])
@pytest.mark.parametrize("which", ["expired", "wrong_host", "no_address", "self_signed", "stranger"])
def test_H_C1_certificates_that_are_not_good(certificates: Certificates, which: str, implicit: bool) -> None:
    bad: Certificate = getattr(certificates, which)
    with HostileServer(certificates, tls=bad.server_context(), implicit_tls=implicit) as server:
        security = SecurityOptions.SSL_IMPLICIT if implicit else SecurityOptions.AUTO
        with client_of(server, security, certificates) as client:
            assert "certificate" in str(refused(client))
            assert len(server.connections) == 1
            server.tls = certificates.good.server_context()
            usable(client)


@pytest.mark.parametrize("implicit", [True, False])
def test_H_C2_each_connection_is_verified_on_its_own(certificates: Certificates, implicit: bool) -> None:
    with HostileServer(certificates, implicit_tls=implicit) as server:
        security = SecurityOptions.SSL_IMPLICIT if implicit else SecurityOptions.SSL_EXPLICIT
        with client_of(server, security, certificates) as client:
            client.select_folder("INBOX")
            server.tls = certificates.self_signed.server_context()
            with pytest.raises(SecurityError):
                client.end_fetch_message(client.begin_fetch_message("1"))
            with pytest.raises(SecurityError):
                client.create_connection(create_as_default_connection=False)
            usable(client)  # on the main connection, which was verified
            server.tls = certificates.good.server_context()
            assert client.end_fetch_message(client.begin_fetch_message("2")).subject == "Message 2"


def test_H_C3_old_versions_of_tls_are_refused(certificates: Certificates) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is the point
        old = certificates.good.server_context(
            minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1
        )
    old.set_ciphers("ALL:@SECLEVEL=0")
    with (
        HostileServer(certificates, tls=old, implicit_tls=True) as server,
        client_of(server, SecurityOptions.SSL_IMPLICIT, certificates) as client,
    ):
        refused(client)
        assert client._tls_context().minimum_version >= ssl.TLSVersion.TLSv1_2
        server.tls = certificates.good.server_context()
        usable(client)


@pytest.mark.parametrize("notify", [True, False])
def test_H_C4_cut_inside_a_literal(certificates: Certificates, notify: bool) -> None:
    def cut(conn: Conn, cmd: Command) -> bool:
        conn.send_and_close("* 1 FETCH (UID 1 BODY[] {200}\r\nSubject: half", notify=notify)
        return True

    with (
        HostileServer(certificates, implicit_tls=True) as server,
        client_of(server, SecurityOptions.SSL_IMPLICIT, certificates) as client,
    ):
        client.select_folder("INBOX")
        remove = server.on("UID FETCH", cut)
        with pytest.raises(ConnectionLostError):
            client.fetch_message("1")
        with pytest.raises(NetworkException):
            client.end_fetch_message(client.begin_fetch_message("1"))
        remove()
        usable(client)


def test_H_C5_a_context_of_the_users_own_is_used_as_it_is(certificates: Certificates) -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        HostileServer(certificates, tls=certificates.self_signed.server_context(), implicit_tls=True) as server,
        client_of(server, SecurityOptions.SSL_IMPLICIT) as client,
    ):
        assert "NOT verified" not in repr(client)
        client.ssl_context = context
        assert "certificates NOT verified" in repr(client)
        usable(client)


def test_a_password_goes_out_in_the_clear_to_loopback_or_where_that_is_meant() -> None:
    for security in (SecurityOptions.AUTO, SecurityOptions.NONE):
        with HostileServer(clear_is_meant=True) as server, client_of(server, security) as client:
            client.login()
    assert socket.gethostbyname("localhost").startswith("127.")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_wants_a_certificate_of_the_client_says_so(
    certificates: Certificates, version: ssl.TLSVersion
) -> None:
    """With TLS 1.3 the refusal comes when the handshake has succeeded for the client."""
    context = certificates.good.server_context()
    context.minimum_version = context.maximum_version = version
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(certificates.ca)
    with (
        AutoImapServer({"INBOX": 1}, implicit_tls=True, tls=context) as server,
        client_of(server, SecurityOptions.SSL_IMPLICIT, certificates) as client,
    ):
        with pytest.raises(SecurityError) as caught:
            client.noop()
        if version is ssl.TLSVersion.TLSv1_3:
            assert "refuses the client's certificate" in str(caught.value)
