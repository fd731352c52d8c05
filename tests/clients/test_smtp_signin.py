"""SmtpClient signing in: each mechanism as lines of AUTH, servers that say not now or no, proxies, and the log file."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    AsposeInvalidOperationException,
    AsposeNotSupportedException,
    AuthenticationError,
    HttpProxy,
    LimitReachedError,
    MailClientError,
    MailMessage,
    RemoteProtocolError,
    SecurityError,
    SecurityOptions,
    SmtpKnownAuthenticationType,
    SocksProxy,
)
from tests.support import proxies
from tests.support.autosmtp import Session, SmtpServer, smtp_client
from tests.support.certs import Certificates
from tests.support.proxies import PassingProxy
from tests.support.scripted import PATIENCE

SALT, ITERATIONS = b"salt of sixteen.", 4096
PASSWORD = "secret"


def encoded(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def message(number: int = 1) -> MailMessage:
    return MailMessage("ann@example.com", "bob@example.org", f"message {number}", "text")


def ask(session: Session, challenge: str | bytes = "") -> str:
    """Sends a challenge; the answer, decoded."""
    session.send(f"334 {encoded(challenge)}")
    return base64.b64decode(session.line()).decode()


def server_of(mechanism: str) -> SmtpServer:
    return SmtpServer(keywords=["PIPELINING", f"AUTH {mechanism}"])


def plain(session: Session, initial: str) -> bool:
    return initial == "\0user\0secret"


def login(session: Session, initial: str) -> bool:
    assert initial == ""
    return (ask(session, "Username:"), ask(session, "Password:")) == ("user", PASSWORD)


def cram(session: Session, initial: str) -> bool:
    assert initial == ""
    return ask(session, "<1@mx>") == "user " + hmac.new(PASSWORD.encode(), b"<1@mx>", "md5").hexdigest()


def bearer(session: Session, initial: str) -> bool:
    return "auth=Bearer t0ken\1\1" in initial


def scram(session: Session, initial: str, *, lie: bool = False) -> bool:
    """SCRAM-SHA-256 as the server does it (RFC 5802 section 3)."""
    bare = initial.removeprefix("n,,")
    nonce = bare.partition("r=")[2] + "more"
    first = f"r={nonce},s={encoded(SALT)},i={ITERATIONS}"
    final = ask(session, first)
    without_proof, _, proof = final.rpartition(",p=")
    salted = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), SALT, ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    said = f"{bare},{first},{without_proof}".encode()
    wanted = hmac.digest(hashlib.sha256(client_key).digest(), said, "sha256")
    if bytes(a ^ b for a, b in zip(wanted, base64.b64decode(proof), strict=True)) != client_key:
        return False
    signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), said, "sha256")
    assert ask(session, f"v={encoded(signature[::-1] if lie else signature)}") == ""
    return True


Check = Callable[[Session, str], bool]
WAYS: dict[str, Check] = {
    "PLAIN": plain,
    "LOGIN": login,
    "CRAM-MD5": cram,
    "SCRAM-SHA-256": scram,
    "XOAUTH2": bearer,
    "OAUTHBEARER": bearer,
}


def checked(server: SmtpServer, check: Check) -> None:
    """Lets the check answer AUTH, whether or not the first message rides with the command."""

    def auth(session: Session, rest: str) -> str:
        mechanism, _, initial = rest.partition(" ")
        if not initial and mechanism not in ("LOGIN", "CRAM-MD5"):
            session.send("334 ")
            initial = session.line()
        first = "" if initial in ("", "=") else base64.b64decode(initial).decode()
        return "235 2.7.0 welcome" if check(session, first) else "535 5.7.8 wrong"

    server.on["AUTH"] = auth


# --- mechanisms --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_every_mechanism_signs_in_and_tells_no_secret(way: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "mailclients")
    with server_of(way) as server, smtp_client(server) as client:
        checked(server, WAYS[way])
        if WAYS[way] is bearer:
            client.access_token = "t0ken"
        client.send(message())
        assert len(server.accepted) == 1
        assert next(line for line in server.sessions[0].lines if line.startswith("AUTH")).split()[1] == way
    assert not re.search(f"{PASSWORD}|{encoded(PASSWORD)}|t0ken|AHVzZXI", caplog.text)
    assert f"AUTH {way} ***" in caplog.text


@pytest.mark.parametrize("length", [300, 400, 2500])
def test_a_first_message_that_a_command_has_no_room_for_answers_the_first_challenge(length: int) -> None:
    token = "t" * length
    with server_of("XOAUTH2") as server, smtp_client(server, access_token=token) as client:
        checked(server, lambda session, initial: initial.endswith(f"Bearer {token}\1\1"))
        client.noop()
        command = next(line for line in server.sessions[0].lines if line.startswith("AUTH"))
        assert len(command) + 2 <= 512  # RFC 5321 section 4.5.3.1.4
        assert (command == "AUTH XOAUTH2") == (length > 330)


def test_a_challenge_may_be_as_long_as_the_standard_has_it() -> None:
    def long(session: Session, initial: str) -> bool:
        challenge = b"<" + b"x" * (12288 // 4 * 3 - 2) + b">"
        assert len(encoded(challenge)) == 12288
        return ask(session, challenge) == "user " + hmac.new(PASSWORD.encode(), challenge, "md5").hexdigest()

    with server_of("CRAM-MD5") as server, smtp_client(server) as client:
        checked(server, long)
        client.noop()


def test_a_challenge_that_happens_to_contain_the_password_is_answered_as_it_came() -> None:
    with server_of("CRAM-MD5") as server, smtp_client(server, password=encoded("<1@mx>")[2:6]) as client:
        word = client.password
        server.on["AUTH"] = lambda session, rest: (
            "235 ok"
            if ask(session, "<1@mx>") == "user " + hmac.new(word.encode(), b"<1@mx>", "md5").hexdigest()
            else "535 no"
        )
        client.noop()


@pytest.mark.parametrize("challenge", ["334 not base64!", "334-YQ==\r\n334 YQ==", "334 " + "A" * 12292, "334 YQ=="])
def test_H_D3_an_exchange_that_makes_no_sense_is_cancelled(challenge: str) -> None:
    with server_of("PLAIN") as server, smtp_client(server) as client:
        said: list[str] = []

        def senseless(session: Session, rest: str) -> str:
            session.send(challenge)
            said.append(session.line())
            return "501 5.7.0 cancelled"

        server.on["AUTH"] = senseless
        with pytest.raises(RemoteProtocolError):
            client.noop()
        assert said == ["*"] or len(challenge) > 12290
        assert "AUTH" not in server.sessions[0].verbs[2:]


def test_H_D3_challenges_without_end_are_cancelled() -> None:
    with server_of("XOAUTH2") as server, smtp_client(server, access_token="t0ken") as client:
        answers: list[str] = []

        def endless(session: Session, rest: str) -> str:
            while True:
                session.send("334 YQ==")
                answers.append(session.line())

        server.on["AUTH"] = endless
        with pytest.raises(RemoteProtocolError):
            client.noop()
        assert answers[-1] == "*"
        assert len(answers) < 20


def test_H_D2_a_server_that_does_not_know_the_password_is_not_believed() -> None:
    with server_of("SCRAM-SHA-256") as server, smtp_client(server) as client:
        checked(server, lambda session, initial: scram(session, initial, lie=True))
        with pytest.raises((SecurityError, RemoteProtocolError)):
            client.noop()
        server.on["AUTH"] = lambda session, rest: "235 2.7.0 welcome"  # without having shown anything
        with pytest.raises(SecurityError, match="without showing"):
            client.noop()
        assert "MAIL" not in server.verbs


def test_H_D4_the_status_of_a_refused_token_is_told_and_the_token_is_not() -> None:
    with server_of("XOAUTH2") as server, smtp_client(server, access_token="t0ken") as client:
        report = json.dumps({"status": "401", "schemes": "bearer", "token": "t0ken"})
        server.on["AUTH"] = lambda session, rest: "535 5.7.8 no t0ken" if ask(session, report) == "" else "501"
        with pytest.raises(AuthenticationError, match="status 401") as caught:
            client.noop()
        assert "t0ken" not in str(caught.value) + caught.value.server_text


def test_D1_only_what_is_allowed_is_used_and_nothing_weaker_is_tried() -> None:
    with server_of("PLAIN LOGIN") as server, smtp_client(server) as client:
        client.allowed_authentication = SmtpKnownAuthenticationType.SCRAM_SHA_256
        with pytest.raises(AsposeNotSupportedException):
            client.noop()
        client.allowed_authentication |= SmtpKnownAuthenticationType.PLAIN
        server.on["AUTH"] = lambda session, rest: "535 5.7.8 no"
        with pytest.raises(AuthenticationError):
            client.noop()
        assert server.verbs.count("AUTH") == 1


# --- not now, and no ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    ["454 4.7.0 temporary authentication failure", "432 4.3.2 concurrent connections limit", "421 4.7.0 too many"],
)
def test_L1_an_AUTH_that_is_put_off_is_tried_again_and_is_no_wrong_password(reply: str) -> None:
    with SmtpServer() as server, smtp_client(server) as client:
        server.on["AUTH"] = lambda session, rest: reply if session.index == 0 else None
        client.end_send(client.begin_send(message()))
        client.send(message(2))
        assert len(server.accepted) == 2
        assert client.pool.get_stats()["refused_total"] == 1


def test_L1_an_AUTH_that_is_put_off_for_ever_is_a_limit_and_the_server_is_not_stormed() -> None:
    with SmtpServer() as server, smtp_client(server, timeout=300) as client:
        server.on["AUTH"] = lambda session, rest: "454 4.7.0 temporary authentication failure"
        with pytest.raises(LimitReachedError) as caught:
            client.noop()
        assert (caught.value.status, caught.value.code) == ("454", "4.7.0")
        assert server.verbs.count("AUTH") <= 3


def test_a_432_that_wants_another_password_is_a_refusal() -> None:
    with SmtpServer() as server, smtp_client(server) as client:
        server.on["AUTH"] = lambda session, rest: "432 4.7.12 a password transition is needed"
        with pytest.raises(AuthenticationError) as caught:
            client.noop()
        assert (caught.value.status, caught.value.code) == ("432", "4.7.12")


def test_L2_a_wrong_password_is_asked_for_once_whoever_waits() -> None:
    with SmtpServer() as server, smtp_client(server, password="wrong") as client:
        release = threading.Event()

        def late(session: Session, rest: str) -> str | None:
            release.wait(PATIENCE)
            return None

        server.on["AUTH"] = late
        handles = [client.begin_send(message(number)) for number in range(20)]
        forwarded = client.begin_forward("a@b.example", "c@d.example", message())
        server.wait_for(lambda: "AUTH" in server.verbs)
        release.set()
        for handle in handles:
            with pytest.raises(AuthenticationError, match="535"):
                client.end_send(handle)
        with pytest.raises(AuthenticationError):
            client.end_forward(forwarded)
        with pytest.raises(AuthenticationError):
            client.send(message())
        assert server.verbs.count("AUTH") == 1
        assert not client.validate_credentials()  # asked by name: once more
        assert server.verbs.count("AUTH") == 2
        client.password = PASSWORD
        client.send(message())
        assert len(server.accepted) == 1


def test_L3_a_provider_is_asked_for_a_fresh_token_once() -> None:
    class Provider:
        def __init__(self) -> None:
            self.asked: list[bool] = []

        def get_access_token(self, ignore_existing_token: bool = False) -> str:
            self.asked.append(ignore_existing_token)
            return "fresh" if ignore_existing_token else "stale"

    with server_of("XOAUTH2") as server, smtp_client(server) as client:
        provider = client.token_provider = Provider()
        checked(server, lambda session, initial: "Bearer fresh" in initial)
        client.noop()
        assert provider.asked == [False, True]


# --- settings ----------------------------------------------------------------------------------------------


def test_use_authentication_false_signs_nobody_in() -> None:
    with SmtpServer() as server, smtp_client(server, use_authentication=False) as client:
        client.send(message())
        assert "AUTH" not in server.verbs
        with pytest.raises(AsposeInvalidOperationException, match="use_authentication"):
            client.validate_credentials()
        client.use_authentication = True
        assert client.validate_credentials()
        assert "AUTH" in server.verbs


PROXIES: dict[str, tuple[Any, Any]] = {
    "socks5": (proxies.socks5("me", "hush"), lambda port: SocksProxy("localhost", port, "me", "hush")),
    "http": (proxies.http(), lambda port: HttpProxy("127.0.0.1", port)),
}


@pytest.mark.parametrize("kind", PROXIES)
def test_messages_go_through_a_proxy(kind: str, certificates: Certificates) -> None:
    conversation, made = PROXIES[kind]
    with (
        SmtpServer(tls=certificates.good.server_context()) as server,
        PassingProxy(conversation) as proxy,
        smtp_client(server, proxy=made(proxy.port), ca_file=str(certificates.ca)) as client,
    ):
        client.host = "localhost"
        client.security_options = SecurityOptions.SSL_EXPLICIT
        client.send(message(1))
        client.end_send(client.begin_send(message(2)))
        assert len(server.accepted) == 2
        assert set(proxy.asked) == {("localhost", server.port)}


def test_behind_a_proxy_nothing_is_this_machine() -> None:
    with SmtpServer() as server, PassingProxy(proxies.socks5()) as proxy:
        with smtp_client(server, security_options=SecurityOptions.AUTO) as client:
            client.proxy = SocksProxy("127.0.0.1", proxy.port)
            with pytest.raises(SecurityError, match="offers no TLS"):
                client.noop()
        assert "AUTH" not in server.verbs


def test_enable_logger_writes_commands_and_replies_and_no_secret(tmp_path: Path) -> None:
    log_file = tmp_path / "mail.log"
    with SmtpServer(refused={"bad@example.org": "550 5.1.1 nobody"}) as server, smtp_client(server) as client:
        client.log_file_name, client.enable_logger = str(log_file), True
        client.send(MailMessage("ann@example.com", "bob@example.org", "a subject", "the content"))
        with pytest.raises(MailClientError):
            client.send(MailMessage("ann@example.com", "bad@example.org", "a subject", "the content"))
    text = log_file.read_text("utf-8")
    for line in ("> EHLO", "< 250", "> AUTH PLAIN ***", "< 235 2.7.0 welcome", "> MAIL", "< 354", "< 550 5.1.1 nobody"):
        assert line in text, line
    assert not re.search(f"{PASSWORD}|AHVzZXI|the content|a subject", text)
