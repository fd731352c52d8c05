"""Connections through proxies: of a client, and of whoever uses a proxy by itself."""

from __future__ import annotations

import re
import socket
import traceback
from typing import Any

import pytest

from mailclients import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeInvalidOperationException,
    HttpAuthenticationMethods,
    HttpProxy,
    ImapClient,
    NetworkException,
    Proxy,
    SecurityError,
    SecurityOptions,
    SocksAuthenticationMethods,
    SocksProxy,
    SocksVersion,
    TimeoutException,
)
from tests.support import proxies
from tests.support.autoimap import AutoImapServer
from tests.support.certs import Certificates
from tests.support.clients import client_of
from tests.support.proxies import PassingProxy
from tests.support.scripted import ScriptedServer

BASIC = "Basic bWU6aHVzaA=="  # me:hush
WAYS: dict[str, tuple[Any, Any]] = {
    "socks5": (proxies.socks5(), lambda port: SocksProxy("127.0.0.1", port)),
    "socks5 password": (proxies.socks5("me", "hush"), lambda port: SocksProxy("localhost", port, "me", "hush")),
    "socks4": (proxies.socks4a, lambda port: SocksProxy("127.0.0.1", port, "me")),
    "http": (proxies.http(), lambda port: HttpProxy("127.0.0.1", port)),
    "http password": (proxies.http(BASIC), lambda port: HttpProxy("127.0.0.1", port, "me", "hush")),
}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("way", WAYS)
def test_operations_work_through_a_proxy(way: str, host: str) -> None:
    conversation, made = WAYS[way]
    with (
        AutoImapServer({"INBOX": 3}) as server,
        PassingProxy(conversation) as proxy,
        client_of(server, host=host, proxy=made(proxy.port), security_options=SecurityOptions.NONE) as client,
    ):
        assert len(client.list_messages("INBOX")) == 3
        handles = [client.begin_fetch_message(str(number)) for number in (1, 2, 3)]
        assert [bool(client.end_fetch_message(handle).subject) for handle in handles] == [True] * 3
        assert set(proxy.asked) == {(host, server.port)}


def test_tls_goes_through_a_proxy_and_is_verified_by_the_servers_name(certificates: Certificates) -> None:
    with (
        AutoImapServer(tls=certificates.good.server_context(), implicit_tls=True) as server,
        PassingProxy(proxies.socks5()) as proxy,
        client_of(
            server,
            host="localhost",
            ca_file=str(certificates.ca),
            proxy=SocksProxy("127.0.0.1", proxy.port),
            security_options=SecurityOptions.SSL_IMPLICIT,
        ) as client,
    ):
        client.noop()
        assert proxy.asked == [("localhost", server.port)]


def test_a_loopback_proxy_is_no_reason_to_send_a_password_in_the_clear() -> None:
    with (
        AutoImapServer() as server,
        PassingProxy(proxies.socks5()) as proxy,
        client_of(server, proxy=SocksProxy("127.0.0.1", proxy.port)) as client,
    ):
        with pytest.raises(SecurityError, match="offers no TLS"):
            client.noop()
        assert not [cmd for cmd in server.commands if cmd.name in ("LOGIN", "AUTHENTICATE")]


@pytest.mark.parametrize(
    ("conversation", "used", "text"),
    [
        (proxies.socks5("me", "hush"), lambda port: SocksProxy("127.0.0.1", port, "me", "wrong"), "refused the user"),
        (proxies.socks5("me", "hush"), lambda port: SocksProxy("127.0.0.1", port), "without username"),
        (proxies.http(BASIC), lambda port: HttpProxy("127.0.0.1", port, "me", "wrong"), "refused the username"),
        (proxies.http(BASIC), lambda port: HttpProxy("127.0.0.1", port), "wants a username"),
        (lambda sock, read: sock.sendall(b"\5"), lambda port: SocksProxy("127.0.0.1", port), "closed it before"),
        (lambda sock, read: sock.sendall(b"* OK"), lambda port: HttpProxy("127.0.0.1", port), "closed it before"),
    ],
)
def test_a_proxy_that_refuses_is_a_network_error_without_secrets(conversation: Any, used: Any, text: str) -> None:
    with (
        AutoImapServer() as server,
        PassingProxy(conversation) as proxy,
        client_of(server, proxy=used(proxy.port)) as client,
    ):
        with pytest.raises(NetworkException, match=text) as caught:
            client.noop()
        report = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        assert not re.search("wrong|d3Jvbmc", "".join(report.format()).replace(__file__, ""))  # nor in base64
        assert not server.connections


def test_a_proxy_that_is_not_there_is_a_network_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
    with ImapClient("127.0.0.1", 143, "anna", "secret") as client:
        client.proxy = HttpProxy("127.0.0.1", port)
        with pytest.raises(NetworkException, match="the proxy cannot be reached"):
            client.noop()


def test_Q6_a_proxy_that_says_nothing_ends_with_the_time_of_the_operation() -> None:
    with ScriptedServer(greeting=None) as silent, ImapClient("127.0.0.1", 143, "anna", "secret") as client:
        client.timeout = 200
        client.proxy = SocksProxy(silent.host, silent.port)
        with pytest.raises(TimeoutException, match=r"proxy .* did not end within 200 ms"):
            client.noop()


def test_a_proxy_gives_a_stream_by_itself() -> None:
    with AutoImapServer() as server, PassingProxy(proxies.http()) as passing:
        with HttpProxy("127.0.0.1", passing.port) as proxy, proxy.get_stream("localhost", server.port) as stream:
            assert stream.recv(4) == b"* OK"
        with SocksProxy("127.0.0.1", server.port) as wrong, pytest.raises(NetworkException, match="no SOCKS 5 proxy"):
            wrong.get_stream("localhost", server.port)


def test_a_proxy_is_made_in_its_documented_forms() -> None:
    for proxy, version, user in (
        (SocksProxy("p", 1), 5, ""),
        (SocksProxy("p", 1, SocksVersion.SOCKS_V4), 4, ""),
        (SocksProxy("p", 1, "me"), 4, "me"),
        (SocksProxy("p", 1, user_id="me"), 4, "me"),
        (SocksProxy("p", 1, "me", "hush"), 5, "me"),
        (SocksProxy("p", 1, username="me", password="hush"), 5, "me"),
    ):
        assert (proxy.version, proxy.username) == (version, user)
        assert "hush" not in repr(proxy)
    http = HttpProxy("::1", 8080)
    assert (http.credentials, http.get_proxy("imap://a"), http.is_bypassed("a")) == (None, "http://[::1]:8080/", False)
    http.credentials = ("me", "hush")
    assert (http.username, http.password) == ("me", "hush")


def test_what_no_proxy_can_be_is_refused() -> None:
    proxy: Any = SocksProxy("p", 1)
    http: Any = HttpProxy("p", 1)
    for make in (
        lambda: SocksProxy("", 1),
        lambda: SocksProxy("p", 0),
        lambda: HttpProxy("p", 1, "a\r\nb"),
        lambda: SocksProxy("p", 1, SocksVersion.SOCKS_V5, "hush"),
        lambda: SocksProxy("p", 1, password="hush"),
        lambda: SocksProxy("p", True),
        lambda: setattr(proxy, "version", 5),
        lambda: setattr(proxy, "supported_authentication_methods", 0),
        lambda: setattr(http, "supported_authentication_methods", HttpAuthenticationMethods(0)),
        lambda: setattr(http, "credentials", "me"),
        lambda: setattr(ImapClient(), "proxy", "http://p:1"),
    ):
        with pytest.raises(AsposeArgumentException):
            make()
    proxy.supported_authentication_methods = SocksAuthenticationMethods.PLAIN_TEXT
    http.supported_authentication_methods = HttpAuthenticationMethods.BASIC
    for each in (proxy, http):
        with pytest.raises(AsposeInvalidOperationException, match="has no username"):
            each.conversation("a", 1)


def test_a_client_takes_the_proxies_it_can_speak_with() -> None:
    class Own(Proxy):
        def conversation(self, address: str, port: int) -> Any:
            raise NotImplementedError

    with ImapClient() as client:
        with pytest.raises(ArgumentTypeError, match="an HttpProxy, a SocksProxy or None, not Own"):
            client.proxy = Own("p", 1)
        client.proxy = None
        assert client.proxy is None
