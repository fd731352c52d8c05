"""Signing in to servers that refuse, lie, or ask strange questions. Rows D."""

from __future__ import annotations

import base64
import threading

import pytest

from mailclients import (
    AsposeArgumentException,
    AsposeInvalidOperationException,
    AsposeNotSupportedException,
    AuthenticationError,
    ImapClient,
    LimitReachedError,
    MailClientError,
    RemoteProtocolError,
    SecurityOptions,
    TimeoutException,
)
from tests.clients.hostile import PASSWORD, TOKEN, HostileServer, client_of, nothing_secret_is_logged, secrets_in
from tests.support.certs import Certificates
from tests.support.scripted import Command, Conn
from tests.support.waiting import with_time_enough

__all__ = ["nothing_secret_is_logged"]

BEARER = "IMAP4rev1 SASL-IR AUTH=OAUTHBEARER AUTH=XOAUTH2"


def told(error: BaseException | None) -> str:
    """Everything an error says, whatever it was raised from included."""
    words: list[str] = []
    while error is not None:
        words += [str(error), repr(error), repr(error.args), repr(vars(error))]
        error = error.__cause__ or error.__context__
    return " ".join(words)


class Provider:
    """Gives tokens, or does what the test wants in their place."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[bool] = []

    def get_access_token(self, ignore_existing_token: bool = False, /) -> object:
        self.asked.append(ignore_existing_token)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer


def test_H_D1_a_token_is_never_replaced_by_a_password(certificates: Certificates) -> None:
    with (
        HostileServer(certificates, capabilities="IMAP4rev1 AUTH=PLAIN AUTH=LOGIN") as server,
        client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client,
    ):
        client.access_token = TOKEN
        with pytest.raises(AsposeNotSupportedException, match="AUTH=LOGIN, AUTH=PLAIN"):
            client.noop()
        assert not [cmd for cmd in server.commands if cmd.name in ("LOGIN", "AUTHENTICATE")]


def test_H_D1_login_is_not_used_where_it_is_disabled(certificates: Certificates) -> None:
    with (
        HostileServer(certificates, capabilities="IMAP4rev1 LOGINDISABLED AUTH=GSSAPI") as server,
        client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client,
    ):
        with pytest.raises(AsposeNotSupportedException, match="AUTH=GSSAPI"):
            client.noop()
        assert not [cmd for cmd in server.commands if cmd.name in ("LOGIN", "AUTHENTICATE")]


@pytest.mark.parametrize("capabilities", ["IMAP4rev1 AUTH=PLAIN", "IMAP4rev1 SASL-IR AUTH=PLAIN"])
@pytest.mark.parametrize("challenge", ["!!! no base64 !!!", "QUJD", base64.b64encode(b"x" * 40_000).decode(), "=", "Q"])
def test_H_D3_challenges_that_make_no_sense(certificates: Certificates, capabilities: str, challenge: str) -> None:
    lines: list[bytes] = []

    def ask(conn: Conn, cmd: Command) -> bool:
        if len(cmd.args) == 1:
            conn.challenge()
        lines.append(conn.challenge(challenge))
        conn.reply(cmd, "BAD cancelled")
        return True

    with HostileServer(certificates, capabilities=capabilities) as server:
        server.on("AUTHENTICATE", ask, times=1)
        with client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client:
            with pytest.raises(RemoteProtocolError) as caught:
                client.noop()
            assert lines == [b"*"]
            assert server.connections[0].wait_closed() == "peer"
            assert not secrets_in(told(caught.value))
            client.noop()  # on a fresh connection: nothing was held against the credentials


@pytest.mark.parametrize("honours_the_star", [True, False])
def test_H_D3_challenges_for_ever(certificates: Certificates, honours_the_star: bool) -> None:
    count = 0

    def ask(conn: Conn, cmd: Command) -> bool:
        nonlocal count
        while count < 100:
            count += 1
            if conn.challenge(base64.b64encode(b"more")) == b"*" and honours_the_star:
                break
        conn.reply(cmd, "NO")
        return True

    with HostileServer(certificates, users={"user": TOKEN}, capabilities=BEARER) as server:
        server.on("AUTHENTICATE", ask, times=1)
        with client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client:
            client.access_token = TOKEN
            with pytest.raises(RemoteProtocolError, match="more than 2 challenges"):
                client.noop()
            server.connections[0].wait_closed()
            assert count <= 4
            client.noop()


def test_H_D3_a_success_after_the_exchange_was_cancelled_counts_for_nothing(certificates: Certificates) -> None:
    def ask(conn: Conn, cmd: Command) -> bool:
        assert conn.challenge("???") == b"*"
        conn.reply(cmd, "OK welcome all the same")
        return True

    with HostileServer(certificates) as server:
        server.on("AUTHENTICATE", ask, times=1)
        with (
            client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client,
            pytest.raises(RemoteProtocolError, match="not base64"),
        ):
            client.noop()


@pytest.mark.parametrize(("mechanism", "answer"), [("XOAUTH2", b""), ("OAUTHBEARER", b"AQ==")])
def test_H_D4_error_challenges(certificates: Certificates, mechanism: str, answer: bytes) -> None:
    capabilities = f"IMAP4rev1 SASL-IR AUTH={mechanism}"
    with HostileServer(certificates, users={"user": "another"}, capabilities=capabilities) as server:
        with client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client:
            client.access_token = TOKEN
            with pytest.raises(AuthenticationError, match="status 401") as caught:
                client.noop()
            assert not secrets_in(told(caught.value))
        lines = [line for line in bytes(server.connections[0].received).split(b"\r\n") if line.count(b" ") == 0]
        assert answer in lines


@pytest.mark.parametrize("capabilities", ["IMAP4rev1 SASL-IR AUTH=PLAIN", "IMAP4rev1", BEARER])
def test_H_D4_J4_a_server_that_repeats_the_credentials(
    certificates: Certificates, capabilities: str, caplog: pytest.LogCaptureFixture
) -> None:
    def echo(conn: Conn, cmd: Command) -> bool:
        line = cmd.raw.decode().strip().replace('"', "")
        secret = TOKEN if capabilities == BEARER else PASSWORD
        conn.reply(cmd, f"NO [X-SAID {line}] cannot parse {line} with {secret}", [f"BAD what is {line} {secret}"])
        return True

    with HostileServer(certificates, capabilities=capabilities) as server:
        server.on("*", lambda conn, cmd: cmd.name in ("LOGIN", "AUTHENTICATE") and echo(conn, cmd))
        with client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client:
            if capabilities == BEARER:
                client.access_token = TOKEN
            with pytest.raises(AuthenticationError, match=r"cannot parse .* \*\*\*") as caught:
                client.noop()
            assert not secrets_in(told(caught.value))
    assert any("cannot parse" in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("bad", ["a\rb", "a\nb", "a\0b", "a\x01b", "a\ud800b"])
def test_H_D5_tokens_that_would_end_their_field(certificates: Certificates, bad: str) -> None:
    with (
        HostileServer(certificates, users={"user": TOKEN}, capabilities=BEARER) as server,
        client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client,
    ):
        provider = Provider(f"{TOKEN}{bad}", f"{TOKEN}{bad}", TOKEN)
        client.token_provider = provider
        for _ in range(2):
            with pytest.raises(AsposeArgumentException) as caught:
                client.noop()
            assert isinstance(caught.value, ValueError)
            assert not secrets_in(told(caught.value))
        assert not [cmd for cmd in server.commands if cmd.name == "AUTHENTICATE"]
        client.noop()


LIMITS = [
    "NO too many connections",
    "NO [UNAVAILABLE] later",
    "NO [INUSE] busy",
    "NO [LIMIT] enough",
    "NO Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)",
]


@pytest.mark.parametrize("answer", LIMITS)
def test_H_D6_too_many_connections_are_no_wrong_password(certificates: Certificates, answer: str) -> None:
    refusals = 0

    def refuse(conn: Conn, cmd: Command) -> bool:
        nonlocal refusals
        if conn.index == 0:
            return False
        refusals += 1
        conn.reply(cmd, answer)
        return True

    with HostileServer(certificates) as server:
        server.on("AUTHENTICATE", refuse)
        with client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client:
            client.select_folder("INBOX")
            handles = [client.begin_fetch_message(str(uid)) for uid in (1, 2, 3)]
            assert [client.end_fetch_message(handle).subject for handle in handles] == [
                f"Message {uid}" for uid in (1, 2, 3)
            ]
            assert refusals >= 1
            assert client.pool.effective_limit == 1
            with pytest.raises(LimitReachedError):
                client.create_connection(create_as_default_connection=False)


def test_H_D7_one_wrong_password_is_tried_once_for_all_who_wait(certificates: Certificates) -> None:
    with HostileServer(certificates, users={"user": "another password"}) as server:
        gate = server.hold("AUTHENTICATE")
        with client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client:
            errors: list[MailClientError] = []

            def work() -> None:
                try:
                    client.noop()
                except MailClientError as error:
                    errors.append(error)

            handles = [client.begin_fetch_message("1") for _ in range(10)]
            threads = [threading.Thread(target=work) for _ in range(5)]
            for thread in threads:
                thread.start()
            gate.wait_for(1)
            gate.open()
            for thread in threads:
                thread.join()
            for handle in handles:
                with pytest.raises(AuthenticationError):
                    client.end_fetch_message(handle)
            assert [type(error) for error in errors] == [AuthenticationError] * 5
            assert server.failed_sign_ins == 1
            with pytest.raises(AuthenticationError, match="not tried again"):
                client.noop()
            assert server.failed_sign_ins == 1
            client.password = PASSWORD
            with pytest.raises(AuthenticationError):
                client.noop()
            assert server.failed_sign_ins == 2


def test_H_D8_a_provider_that_raises(certificates: Certificates) -> None:
    with (
        HostileServer(certificates, users={"user": TOKEN}, capabilities=BEARER) as server,
        client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client,
    ):
        problem = LookupError(f"the vault is closed for {TOKEN}")
        provider = client.token_provider = Provider(problem, problem, TOKEN)
        with pytest.raises(AsposeInvalidOperationException, match="token provider raised LookupError") as caught:
            client.noop()
        assert caught.value.__cause__ is problem
        with pytest.raises(MailClientError, match="LookupError"):
            client.end_noop(client.begin_noop())
        client.noop()
        assert provider.asked == [False, False, False]


@pytest.mark.parametrize("answer", [None, 5, "", object()])
def test_H_D8_a_provider_that_gives_no_token(certificates: Certificates, answer: object) -> None:
    with (
        HostileServer(certificates, capabilities=BEARER) as server,
        client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client,
    ):
        client.token_provider = Provider(answer)
        with pytest.raises(AsposeInvalidOperationException, match="gave no access token"):
            client.noop()


def test_H_D8_a_provider_that_blocks(certificates: Certificates) -> None:
    asked, release = threading.Event(), threading.Event()

    def wait() -> str:
        asked.set()
        release.wait()
        return TOKEN

    with (
        HostileServer(certificates, users={"user": TOKEN}, capabilities=BEARER) as server,
        client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client,
    ):

        def run_out(milliseconds: int) -> str:
            client.timeout = milliseconds
            with pytest.raises(TimeoutException) as caught:
                client.noop()
            return str(caught.value)

        client.token_provider = Provider(wait)
        try:
            assert "token provider" in with_time_enough(run_out, asked.is_set)
        finally:
            release.set()
        client.timeout = 20_000
        client.noop()


def test_L3_a_refused_token_is_asked_for_anew_once(certificates: Certificates) -> None:
    with (
        HostileServer(certificates, users={"user": TOKEN}, capabilities=BEARER) as server,
        ImapClient("127.0.0.1", server.port, "user", PASSWORD, SecurityOptions.SSL_EXPLICIT) as client,
    ):
        client.ca_file = str(certificates.ca)
        provider = client.token_provider = Provider("stale", TOKEN)
        client.noop()
        assert provider.asked == [False, True]
