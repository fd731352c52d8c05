"""Servers that say no: rules L1 to L3 and the hostile cases D6 to D8."""

from __future__ import annotations

import logging
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from mailclients import (
    AsposeInvalidOperationException,
    AuthenticationError,
    ImapClient,
    LimitReachedError,
    MailClientError,
    TimeoutException,
)
from tests.support.autoimap import AutoImapServer
from tests.support.clients import client_of, in_thread
from tests.support.scripted import PATIENCE, Command, Conn
from tests.support.waiting import Watch, with_time_enough

T = TypeVar("T")


# -- L1 ----------------------------------------------------------------------------------------

REFUSALS = {
    "unavailable": "NO [UNAVAILABLE] try again later",
    "limit": "NO [LIMIT] that is enough",
    "in use": "NO [IN-USE] somebody else is here",
    "dovecot": "NO Maximum number of connections from user+IP exceeded (mail_max_userip_connections=2)",
    "gmail": "NO Too many simultaneous connections. (Failure)",
    "courier": "NO Maximum connection limit reached for 127.0.0.1",
    "cyrus": "NO Too many connections from user",
}


@pytest.mark.parametrize("at_greeting", [False, True], ids=["at sign-in", "at greeting"])
@pytest.mark.parametrize("said", REFUSALS.values(), ids=list(REFUSALS))
def test_L1_D6_ten_tasks_with_a_server_that_allows_two(said: str, at_greeting: bool) -> None:
    with (
        AutoImapServer({"INBOX": 10}, max_connections=2, limit_answer=said, limit_at_greeting=at_greeting) as server,
        client_of(server) as client,
    ):
        client.use_pipelining.client_mode = type(client.use_pipelining.client_mode).DISABLED  # one task a connection
        client.noop()
        refusals = Watch(client)
        gate = server.hold("UID FETCH")
        handles = [client.begin_fetch_message(str(uid)) for uid in range(1, 11)]
        gate.wait_for(1)
        refusals.wait_for("limit_lowered")
        gate.open()
        assert [client.end_fetch_message(h).subject for h in handles] == [f"Message {n}" for n in range(1, 11)]
        if at_greeting:
            # This server counts those that it is just turning away: three at once may all be refused.
            assert client.pool.effective_limit in (1, 2)
        else:
            refusals.wait_for("connection_opened")
            assert client.pool.effective_limit == 2
        assert client.max_connections_per_server == 10
        assert client.pool.get_stats()["refused_total"] >= 1
        assert server.failed_sign_ins == 0
        client.noop()


def test_L1_with_one_connection_tasks_use_main_and_create_connection_fails() -> None:
    with AutoImapServer({"INBOX": 3}, max_connections=1) as server, client_of(server) as client:
        client.select_folder("INBOX")
        assert len(client.end_list_messages(client.begin_list_messages())) == 3
        assert client.pool.effective_limit == 1
        before = len(server.connections)

        def ask() -> None:
            for default in (True, False):
                with pytest.raises(LimitReachedError, match="the server allows this client one connection only"):
                    client.create_connection(default)

        in_thread(ask)
        assert client.end_fetch_message(client.begin_fetch_message("2")).subject == "Message 2"
        assert len(server.connections) == before
        assert {cmd.name for cmd in server.connections[0].commands} >= {"UID FETCH"}


def test_L1_the_connection_that_is_refused_says_so() -> None:
    with AutoImapServer(max_connections=1) as server, client_of(server) as client:
        client.noop()

        def ask() -> None:
            with pytest.raises(LimitReachedError) as caught:
                client.create_connection()
            assert not isinstance(caught.value, AuthenticationError)
            assert caught.value.retryable

        in_thread(ask)
        assert client.validate_credentials()
        assert client.pool.size == 1


def test_L1_use_default_falls_back_to_main() -> None:
    from mailclients import ConnectionAsgmtType

    with AutoImapServer(max_connections=1) as server, client_of(server) as client:
        client.connection_asgmt_mode = ConnectionAsgmtType.USE_DEFAULT
        client.noop()

        def work() -> None:
            with pytest.raises(LimitReachedError):
                client.noop()
            client.noop()

        in_thread(work)


def test_L1_refused_thread_connection_waits_for_a_place() -> None:
    with AutoImapServer(max_connections=3) as server, client_of(server) as client:
        client.noop()
        one, other = client.create_connection(False), client.create_connection(False)
        refusals = Watch(client)
        with ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(lambda: client.create_connection().connection_id)
            refusals.wait_for("limit_lowered")
            refusals.wait_for("waiter_queued", 2)
            assert client.pool.effective_limit == 3
            assert not waiting.done()
            one.dispose()
            assert waiting.result(PATIENCE) not in (one.connection_id, other.connection_id)


def test_L1_main_connection_waits_until_the_server_has_room() -> None:
    with AutoImapServer(max_connections=1) as server, client_of(server) as client:
        with client_of(server) as neighbour:
            neighbour.noop()
            refusals = Watch(client)
            with ThreadPoolExecutor(1) as threads:
                waiting = threads.submit(client.noop)
                refusals.wait_for("limit_lowered", 2)
                assert not waiting.done()
                neighbour.dispose()
                waiting.result(PATIENCE)
        assert client.pool.effective_limit == 1


def test_L1_out_of_time_it_is_the_limit_and_not_the_password() -> None:
    with AutoImapServer(max_connections=1) as server, client_of(server) as neighbour, client_of(server) as client:
        neighbour.noop()
        refusals = Watch(client)

        def run_out(milliseconds: int) -> MailClientError:
            client.timeout = milliseconds
            with pytest.raises(MailClientError) as caught:
                client.noop()
            return caught.value

        error = with_time_enough(run_out, lambda: refusals.seen("limit_lowered"))
        assert isinstance(error, LimitReachedError)
        assert "Maximum number of connections" in str(error)
        assert error.retryable
        assert error.code == "UNAVAILABLE"
        neighbour.dispose()
        client.timeout = 30_000
        client.noop()


def test_L1_out_of_time_in_a_later_attempt_it_is_the_limit_all_the_same() -> None:
    def refuse(conn: Conn, cmd: Command) -> bool:
        conn.reply(cmd, REFUSALS["limit"])
        return True

    with AutoImapServer() as server, client_of(server) as client:
        gate = server.hold("AUTHENTICATE")

        def run_out(milliseconds: int) -> MailClientError:
            client.timeout = milliseconds
            server.on("AUTHENTICATE", refuse, times=1)
            with pytest.raises(MailClientError) as caught:
                client.noop()
            return caught.value

        error = with_time_enough(run_out, lambda: gate.commands)
        assert isinstance(error, LimitReachedError)


def test_L1_grows_after_a_quiet_minute(caplog: pytest.LogCaptureFixture) -> None:
    with AutoImapServer({"INBOX": 1}, max_connections=2) as server, client_of(server) as client:
        client.noop()
        with client.create_connection(False), caplog.at_level(logging.WARNING, "mailclients.pool"):
            refusals = Watch(client)

            def run_out(milliseconds: int) -> MailClientError:
                with pytest.raises(MailClientError) as caught:
                    client.create_connection(False, timeout=milliseconds)
                return caught.value

            assert isinstance(with_time_enough(run_out, lambda: refusals.seen("limit_lowered")), LimitReachedError)
            assert "refused a connection for its limits; going on with 2" in caplog.text
            assert client.pool.effective_limit == 2
            assert client._pool._grow is not None
            assert client._pool._grow.pending
            server.max_connections = None
            client._pool._grow.fire()  # the minute is over
            assert client.pool.effective_limit == 3
            assert client._pool._grow.pending
            assert refusals.seen("limit_raised")
            client.create_connection(False).dispose()


# -- L2 ----------------------------------------------------------------------------------------


def test_L2_D7_refused_once_for_ten_tasks() -> None:
    with AutoImapServer({"INBOX": 1}) as server, client_of(server, password="wrong") as client:
        gate = server.hold("AUTHENTICATE")
        handles = [client.begin_fetch_message("1") for _ in range(10)]
        gate.wait_for(1)
        gate.open()
        for handle in handles:
            with pytest.raises(AuthenticationError, match="refused the sign-in of 'user'") as caught:
                client.end_fetch_message(handle)
            assert isinstance(caught.value, PermissionError)
            assert caught.value.code == "AUTHENTICATIONFAILED"
            assert "wrong" not in str(caught.value)
        assert server.failed_sign_ins == 1


def test_L2_D7_refused_once_for_ten_threads() -> None:
    with AutoImapServer() as server, client_of(server, password="wrong") as client:
        gate = server.hold("AUTHENTICATE")
        refused = []

        def work() -> None:
            try:
                client.create_connection(False).dispose()
            except AuthenticationError as error:
                refused.append(error)

        with ThreadPoolExecutor(10) as threads:
            jobs = [threads.submit(work) for _ in range(10)]
            gate.wait_for(1)
            server.wait_for(lambda: len(server.connections) == 9)  # the limit, less main
            gate.open()
            for job in jobs:
                job.result(PATIENCE)
        assert len(refused) == 10
        assert server.failed_sign_ins == 1
        assert client.pool.size == 0


def test_L2_later_work_fails_fast_without_troubling_the_server() -> None:
    with AutoImapServer() as server, client_of(server, password="wrong") as client:
        with pytest.raises(AuthenticationError):
            client.noop()
        connections = len(server.connections)
        for _ in range(3):
            with pytest.raises(AuthenticationError, match="not tried again until the credentials change or login"):
                client.noop()
            with pytest.raises(AuthenticationError):
                client.end_fetch_message(client.begin_fetch_message("1"))
        assert server.failed_sign_ins == 1
        assert len(server.connections) == connections


@pytest.mark.parametrize("setting", ["password", "username", "access_token"])
def test_L2_changed_credentials_are_tried(setting: str) -> None:
    users = {"user": "right", "other": "wrong"}
    with AutoImapServer(users=users) as server, client_of(server, password="wrong") as client:
        with pytest.raises(AuthenticationError):
            client.noop()
        setattr(client, setting, {"password": "right", "username": "other", "access_token": "right"}[setting])
        client.noop()
        assert (server.failed_sign_ins, server.sign_ins) == (1, 1)


def test_L2_asking_by_name_tries_again() -> None:
    with AutoImapServer(users={}) as server, client_of(server) as client:
        for count, ask in enumerate((client.login, client.login), 1):
            with pytest.raises(AuthenticationError):
                ask()
            assert server.failed_sign_ins == count
        assert client.validate_credentials() is False
        assert client.end_validate_credentials(client.begin_validate_credentials()) is False
        assert server.failed_sign_ins == 4
        assert server.users is not None
        server.users["user"] = "secret"  # type: ignore[index]
        with pytest.raises(AuthenticationError):
            client.noop()
        assert client.validate_credentials() is True
        client.noop()
        assert (server.failed_sign_ins, server.sign_ins) == (4, 1)


def test_L2_refusal_of_the_old_password_does_not_stick_to_the_new_one() -> None:
    with AutoImapServer() as server, client_of(server, password="wrong") as client:
        gate = server.hold("AUTHENTICATE")
        with ThreadPoolExecutor(1) as threads:
            late = threads.submit(client.noop)
            gate.wait_for(1)
            client.password = "secret"
            gate.open()
            with pytest.raises(AuthenticationError):
                late.result(PATIENCE)
        client.noop()
        assert (server.failed_sign_ins, server.sign_ins) == (1, 1)


# -- L3 ----------------------------------------------------------------------------------------


class Provider:
    """Hands out tokens; `asked` are the arguments it was called with."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)
        self.asked: list[bool] = []

    def get_access_token(self, ignore_existing_token: bool = False, /) -> Any:
        self.asked.append(ignore_existing_token)
        return self.tokens[min(len(self.asked), len(self.tokens)) - 1]


@pytest.mark.parametrize("mechanisms", ["AUTH=XOAUTH2", "AUTH=OAUTHBEARER", "AUTH=XOAUTH2 AUTH=OAUTHBEARER"])
def test_L3_token_as_a_string(mechanisms: str) -> None:
    words = f"IMAP4rev1 SASL-IR {mechanisms}"
    with AutoImapServer(users={"user": "t0ken"}, capabilities=words) as server:
        with ImapClient(server.host, server.port, "user", "t0ken", True) as client:
            client.noop()
        assert server.commands[0].text(0) == mechanisms.rsplit("=", maxsplit=1)[-1]


def test_L3_provider_is_asked_at_every_sign_in() -> None:
    provider = Provider("secret")
    with AutoImapServer() as server, client_of(server, token_provider=provider) as client:
        client.noop()
        client.create_connection(False).dispose()
        assert provider.asked == [False, False]


def test_L3_provider_is_asked_once_more_after_a_refusal() -> None:
    provider = Provider("old", "secret")
    with AutoImapServer() as server, client_of(server, token_provider=provider) as client:
        client.noop()
        assert provider.asked == [False, True]
        assert (server.failed_sign_ins, server.sign_ins) == (1, 1)
        assert len(server.connections) == 1


def test_L3_a_server_that_hangs_up_after_refusing_a_token_gets_the_refreshed_one_on_a_new_connection() -> None:
    def refuse(conn: Conn, cmd: Command) -> bool:
        conn.send_and_close(f"{cmd.tag} NO [AUTHENTICATIONFAILED] expired\r\n")
        return True

    provider = Provider("old", "secret")
    with AutoImapServer() as server, client_of(server, token_provider=provider) as client:
        server.on("AUTHENTICATE", refuse, times=1)
        client.noop()
        assert provider.asked == [False, True]
        assert len(server.connections) == 2
        server.on("AUTHENTICATE", refuse)
        client.logout()
        with pytest.raises(AuthenticationError, match="expired"):
            client.noop()
        assert provider.asked == [False, True, False, True]


def test_L3_refused_twice_is_refused() -> None:
    provider = Provider("old", "older")
    with AutoImapServer() as server, client_of(server, token_provider=provider) as client:
        with pytest.raises(AuthenticationError, match=r"\(status 401\)") as caught:
            client.noop()
        assert "old" not in str(caught.value)
        with pytest.raises(AuthenticationError):
            client.noop()
        assert provider.asked == [False, True]


@pytest.mark.parametrize("error", [ValueError("no account t0psecret"), SystemExit(3), MailClientError("of its own")])
def test_D8_provider_that_raises_is_the_cause(error: BaseException) -> None:
    class Failing:
        failing = True

        def get_access_token(self, ignore_existing_token: bool = False, /) -> Any:
            if self.failing:
                raise error
            return "secret"

    provider = Failing()
    with AutoImapServer({"INBOX": 1}) as server, client_of(server, token_provider=provider) as client:
        with pytest.raises(AsposeInvalidOperationException, match="the token provider raised") as caught:
            client.noop()
        assert caught.value.__cause__ is error
        assert "t0psecret" not in str(caught.value)
        with pytest.raises(AsposeInvalidOperationException):
            client.end_fetch_message(client.begin_fetch_message("1"))
        provider.failing = False  # nothing was refused: it is asked again
        client.noop()
        assert server.failed_sign_ins == 0


def test_D8_provider_that_blocks_does_not_outlast_the_deadline() -> None:
    asked, answer = threading.Event(), threading.Event()

    class Blocking:
        def get_access_token(self, ignore_existing_token: bool = False, /) -> Any:
            asked.set()
            assert answer.wait(PATIENCE)
            return "secret"

    with AutoImapServer() as server, client_of(server, token_provider=Blocking()) as client:

        def run_out(milliseconds: int) -> str:
            client.timeout = milliseconds
            with pytest.raises(TimeoutException) as caught:
                client.noop()
            return str(caught.value)

        said = with_time_enough(run_out, asked.is_set)
        assert f"token provider did not end within {client.timeout} ms" in said
        answer.set()
        client.timeout = 30_000
        client.noop()


@pytest.mark.parametrize("given", [None, "", 3])
def test_L3_provider_without_a_token(given: object) -> None:
    class Empty:
        def get_access_token(self, ignore_existing_token: bool = False, /) -> Any:
            return given

    with AutoImapServer() as server, client_of(server, token_provider=Empty()) as client:
        with pytest.raises(AsposeInvalidOperationException, match="the token provider gave no access token"):
            client.noop()
        assert server.sign_ins == server.failed_sign_ins == 0


def test_L1_not_an_ordinary_goodbye() -> None:
    """A server that ends the connection for another reason is not one that has too many."""
    with AutoImapServer(greeting="* BYE system shutdown\r\n") as server, client_of(server) as client:
        with pytest.raises(MailClientError) as caught:
            client.noop()
        assert not isinstance(caught.value, (LimitReachedError, AuthenticationError))
        assert client.pool.effective_limit == 10


def test_refused_tcp_connection_is_no_limit() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with ImapClient("127.0.0.1", unused.getsockname()[1], "user", "secret") as client:
            with pytest.raises(ConnectionError, match=r"no connection to 127\.0\.0\.1"):
                client.noop()
            assert client.pool.size == 0
            assert client.pool.effective_limit == 10
