"""Pop3Client's settings about its connections: UTF8, proxies, the log file, no sign-in; and a new session by itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    AsposeInvalidOperationException,
    HttpProxy,
    MailClientError,
    Pop3Client,
    Pop3Exception,
    SecurityError,
    SecurityOptions,
    SocksProxy,
)
from tests.support import proxies
from tests.support.autopop3 import CAPABILITIES, AutoPop3Server, View
from tests.support.certs import Certificates
from tests.support.proxies import PassingProxy
from tests.support.scripted import PATIENCE, Command, Conn

UTF8 = (*CAPABILITIES, "UTF8 USER", "LANG")


def client_of(server: AutoPop3Server, **settings: Any) -> Pop3Client:
    client = Pop3Client(server.host, server.port, "user", "secret")
    client.timeout = int(PATIENCE * 1000)
    for name, value in settings.items():
        setattr(client, name, value)
    return client


def answer(text: str) -> Any:
    def hook(conn: Conn, cmd: Command) -> bool:
        conn.send(text)
        return True

    return hook


# -- UTF8 (RFC 6856) ------------------------------------------------------------------------------------------


def test_UTF8_is_enabled_before_the_sign_in_of_every_session_and_LANG_left_alone() -> None:
    with AutoPop3Server(["Subject: \u00e4\r\n\r\n".encode()], capabilities=UTF8) as server, client_of(server) as client:
        assert client.list_messages()[0].subject == "\u00e4"
        client.commit_deletes()
        names = [line.partition(" ")[0] for line in server.sent()]
        assert names.count("UTF8") == server.sign_ins == 2
        assert names[:3] == ["CAPA", "UTF8", "AUTH"]
        assert "LANG" not in names


def test_UTF8_is_enabled_under_TLS_and_not_before(certificates: Certificates) -> None:
    with AutoPop3Server(capabilities=("STLS", *UTF8), tls=certificates.good.server_context()) as server:
        with client_of(server, ca_file=str(certificates.ca)) as client:
            client.noop()
        assert server.sent()[:5][:4] == ["CAPA", "STLS", "CAPA", "UTF8"]


@pytest.mark.parametrize("capabilities", [CAPABILITIES, None])
def test_UTF8_is_not_asked_of_servers_that_do_not_offer_it(capabilities: Any) -> None:
    with AutoPop3Server(capabilities=capabilities) as server, client_of(server) as client:
        client.noop()
        assert "UTF8" not in server.sent()


def test_a_server_that_offers_UTF8_and_refuses_it_is_used_without_it() -> None:
    with AutoPop3Server(2, capabilities=UTF8) as server, client_of(server) as client:
        server.on("UTF8", answer("-ERR [SYS/PERM] no\r\n"))
        assert client.get_message_count() == 2


# -- a new session by itself ----------------------------------------------------------------------------------


@pytest.mark.parametrize("sleep", [-1, 0])
def test_T6_a_begun_commit_signs_in_again_at_once(sleep: int) -> None:
    with AutoPop3Server(3) as server, client_of(server) as client:
        client.delete_message(1)
        client.end_commit_deletes(client.begin_commit_deletes(sleep))
        server.wait_for(lambda: server.sign_ins == 2, what="the new session")
        assert len(server.drop) == 2
        assert [info.unique_id for info in client.list_messages()] == ["u2", "u3"]
        assert server.sign_ins == 2


def test_T6_a_commit_is_done_although_the_new_session_is_refused() -> None:
    with AutoPop3Server(3) as server, client_of(server) as client:
        client.delete_message(1)
        server.password = "another"
        client.end_commit_deletes(client.begin_commit_deletes())
        assert len(server.drop) == 2
        with pytest.raises(MailClientError, match="refused the sign-in"):
            client.noop()


def test_T6_a_commit_that_is_refused_signs_in_for_the_next_operation_only() -> None:
    with AutoPop3Server(3) as server, client_of(server) as client:
        client.delete_message(1)
        remove = server.on("QUIT", answer("-ERR some deleted messages not removed\r\n"))
        with pytest.raises(Pop3Exception):
            client.end_commit_deletes(client.begin_commit_deletes())
        remove()
        assert server.sign_ins == 1
        assert client.get_message_count() == 3


def test_T6_a_server_that_wants_pauses_is_left_alone_after_a_begun_commit() -> None:
    with AutoPop3Server(3, capabilities=(*CAPABILITIES, "LOGIN-DELAY 900")) as server, client_of(server) as client:
        client.delete_message(1)
        client.end_commit_deletes(client.begin_commit_deletes())
        client.dispose()
        assert server.sign_ins == 1


# -- settings -------------------------------------------------------------------------------------------------


def test_use_authentication_false_signs_nobody_in() -> None:
    with AutoPop3Server(3, capabilities=UTF8) as server, client_of(server, use_authentication=False) as client:

        def signed_in_already(conn: Conn, cmd: Command) -> bool:
            conn.data = View(server.drop)
            return False

        server.on("STAT", signed_in_already)
        assert client.get_message_count() == 3
        with pytest.raises(AsposeInvalidOperationException, match="use_authentication"):
            client.validate_credentials()
        assert not {line.partition(" ")[0] for line in server.sent()} & {"USER", "PASS", "AUTH", "APOP", "UTF8"}
        client.use_authentication = True
        assert client.validate_credentials()
        assert server.sent("AUTH")


PROXIES: dict[str, tuple[Any, Any]] = {
    "socks5": (proxies.socks5("me", "hush"), lambda port: SocksProxy("localhost", port, "me", "hush")),
    "socks4": (proxies.socks4a, lambda port: SocksProxy("127.0.0.1", port, "me")),
    "http": (proxies.http(), lambda port: HttpProxy("127.0.0.1", port)),
}


@pytest.mark.parametrize("kind", PROXIES)
def test_messages_come_through_a_proxy(kind: str, certificates: Certificates) -> None:
    conversation, made = PROXIES[kind]
    with (
        AutoPop3Server(3, tls=certificates.good.server_context(), implicit_tls=True) as server,
        PassingProxy(conversation) as proxy,
        client_of(server, host="localhost", proxy=made(proxy.port), ca_file=str(certificates.ca)) as client,
    ):
        client.security_options = SecurityOptions.SSL_IMPLICIT
        assert client.fetch_message("u2").subject == "Message 2"
        assert client.end_fetch_message(client.begin_fetch_message("u3")).subject == "Message 3"
        assert set(proxy.asked) == {("localhost", server.port)}


def test_behind_a_proxy_nothing_is_this_machine() -> None:
    with (
        AutoPop3Server(3) as server,
        PassingProxy(proxies.http()) as proxy,
        client_of(server, proxy=HttpProxy("127.0.0.1", proxy.port)) as client,
    ):
        with pytest.raises(SecurityError, match="offers no TLS"):
            client.noop()
        assert not server.sent("AUTH")


def test_enable_logger_writes_commands_and_answers_and_no_secret(tmp_path: Path) -> None:
    log_file = tmp_path / "mail.log"
    with AutoPop3Server(1) as server, client_of(server) as client:
        client.log_file_name, client.enable_logger = str(log_file), True
        client.fetch_message(1)
        with pytest.raises(MailClientError):
            client.fetch_message(7)
    text = log_file.read_text("utf-8")
    for line in ("> CAPA", "> AUTH PLAIN ***", "> RETR 1", "< +OK", "> RETR 7", "< -ERR no such message"):
        assert line in text, line
    assert not re.search("secret|AHVzZXI|Message 1|line of", text)
