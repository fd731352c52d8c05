"""Passwords, tokens and what is sent of them: never in a log, an error, a repr or a traceback. Rows J4 to J6."""

from __future__ import annotations

import copy
import errno
import gc
import logging
import traceback
from collections.abc import Callable, Iterator

import pytest

from mailclients import (
    AsposeInvalidOperationException,
    AuthenticationError,
    ImapClient,
    MailClientError,
    NetworkException,
    SecurityOptions,
    TimeoutException,
)
from mailclients.engine.commands import Command as EngineCommand
from mailclients.engine.connection import Connection
from mailclients.engine.transport import Transport
from mailclients.imap.protocol import Authenticate, ImapCore, Login
from mailclients.wire.sasl import SaslMechanism
from tests.clients.hostile import (
    PASSWORD,
    TOKEN,
    HostileServer,
    answering,
    client_of,
    nothing_secret_is_logged,
    secrets_in,
)
from tests.support.certs import Certificates
from tests.support.scripted import Command, Conn

__all__ = ["nothing_secret_is_logged"]

WAYS = {
    "LOGIN": "IMAP4rev1",
    "PLAIN": "IMAP4rev1 AUTH=PLAIN SASL-IR",
    "PLAIN in two steps": "IMAP4rev1 AUTH=PLAIN",
    "XOAUTH2": "IMAP4rev1 AUTH=XOAUTH2 SASL-IR",
    "OAUTHBEARER": "IMAP4rev1 AUTH=OAUTHBEARER",
}


@pytest.fixture(params=WAYS, ids=str)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(way: str) -> Iterator[HostileServer]:
    secret = TOKEN if "AUTH2" in way or "BEARER" in way else PASSWORD
    with HostileServer(clear_is_meant=True, users={"user": secret}, capabilities=WAYS[way]) as server:
        yield server


@pytest.fixture
def client(server: HostileServer, way: str) -> Iterator[ImapClient]:
    with client_of(server, SecurityOptions.NONE) as client:
        if "AUTH2" in way or "BEARER" in way:
            client.access_token = TOKEN
        yield client


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what caused it, and what was being handled, shown or not."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__]


def shown(error: BaseException) -> str:
    """Everything that tools print of an error, local variables of all frames included."""
    words: list[str] = []
    for one in chain(error):
        report = traceback.TracebackException.from_exception(one, capture_locals=True)
        words += ["".join(report.format()), str(one), repr(one), repr(one.args), repr(vars(one))]
    return "\n".join(words)


def fails(call: Callable[[], object], kind: type[BaseException] = MailClientError) -> BaseException:
    with pytest.raises(kind) as caught:
        call()
    return caught.value


def test_H_J4_the_log_tells_what_was_sent_and_answered_without_secrets(
    server: HostileServer, client: ImapClient, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    client.select_folder("INBOX")
    client.fetch_message("1")
    server.on("NOOP", answering("NO [X-BUSY] not now"), times=1)
    fails(client.noop)
    lines = [record.getMessage() for record in caplog.records if record.name == "mailclients.connection"]
    text = "\n".join(lines)
    word = "LOGIN ***" if way == "LOGIN" else f"AUTHENTICATE {way.split(maxsplit=1)[0]} ***"
    assert f" {word}" in text
    for expected in (
        "> ",
        "< * OK ",
        " SELECT INBOX",
        "UID FETCH 1 ",
        "OK [READ-WRITE] Selected",
        "NO [X-BUSY] not now",
    ):
        assert expected in text, text
    number = lines[-1].split()[1]
    assert all(f"connection {number} " in line for line in lines), "one connection was used"
    assert not secrets_in(text)


def test_H_J4_other_levels_say_nothing_of_the_wire(
    server: HostileServer, client: ImapClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="mailclients")
    client.fetch_message("1")
    assert [record for record in caplog.records if record.name.startswith("mailclients")] == []


def test_H_J4_a_refused_sign_in_shows_no_secret(server: HostileServer, client: ImapClient) -> None:
    client.username = "nobody"
    error = fails(client.noop, AuthenticationError)
    again = fails(client.noop, AuthenticationError)
    handle = client.begin_noop()
    ended = fails(lambda: client.end_noop(handle), AuthenticationError)
    assert handle.error_info is not None
    for one in (error, again, ended, handle.error_info, copy.copy(error)):
        assert not secrets_in(shown(one))


@pytest.mark.parametrize("how", ["cut", "reset", "silence", "write fails", "junk"])
def test_H_J6_tracebacks_with_local_variables_show_no_secret(
    server: HostileServer, client: ImapClient, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    def act(conn: Conn, cmd: Command) -> bool:
        if how == "cut":
            conn.close()
        elif how == "reset":
            conn.reset()
        elif how == "junk":
            conn.send(")(\r\n")
        return True

    for name in ("LOGIN", "AUTHENTICATE"):
        server.on(name, act)
    if how == "write fails":
        write = Transport.write

        def failing(self: Transport, data: bytes) -> int:
            if b"LOGIN" in bytes(data) or b"AUTHENTICATE" in bytes(data):
                raise OSError(errno.EPIPE, "broken pipe")
            return write(self, data)

        monkeypatch.setattr(Transport, "write", failing)
    if how == "silence":
        client.timeout = 1000
    kinds: dict[str, type[BaseException]] = {"silence": TimeoutException, "junk": MailClientError}
    error = fails(client.noop, kinds.get(how, NetworkException))
    assert not secrets_in(shown(error))
    handle = client.begin_noop()
    assert not secrets_in(shown(fails(lambda: client.end_noop(handle))))


def test_H_J6_a_provider_of_bad_tokens_shows_no_secret() -> None:
    class Provider:
        def get_access_token(self, ignore_existing_token: bool = False, /) -> str:
            return f"{TOKEN}\r\n"

    with (
        HostileServer(clear_is_meant=True, capabilities="IMAP4rev1 AUTH=XOAUTH2") as server,
        client_of(server, SecurityOptions.NONE) as client,
    ):
        client.token_provider = Provider()
        assert not secrets_in(shown(fails(client.noop, ValueError)))


def test_H_J6_no_object_of_ours_shows_a_secret(server: HostileServer, client: ImapClient) -> None:
    client.fetch_message("1")
    handle = client.begin_fetch_message("1")
    client.end_fetch_message(handle)
    connection = client._main.connection
    assert connection is not None
    with client.create_connection(create_as_default_connection=False) as public:
        words = [
            repr(client),
            str(client),
            repr(client.pool),
            repr(client.pool.get_stats()),
            repr(handle),
            repr(public),
        ]
        words += [repr(connection), repr(connection.core), repr(client._main), repr(client.current_connection)]
        words += client.pool.holders
    ours = (Connection, ImapCore, EngineCommand, SaslMechanism, Transport, ImapClient)
    words += [f"{one!r} {one}" for one in gc.get_objects() if issubclass(type(one), ours)]
    assert "user@127.0.0.1" in words[0]
    assert not secrets_in("\n".join(words))


def test_H_J6_commands_that_sign_in_show_no_secret() -> None:
    class Mechanism(SaslMechanism):
        name = "X-TEST"

        def initial(self) -> bytes:
            return PASSWORD.encode()

        def _secret(self) -> str:
            return PASSWORD

    for command in (Login("user", PASSWORD), Authenticate(Mechanism())):
        command.sent = (PASSWORD.encode(),)
        assert not secrets_in(f"{command!r} {command} {command.name} {command.log_line()}")
        assert command.log_line().endswith("***")
        assert command.hide(f"what is {PASSWORD}?") == "what is ***?"


def test_H_J4_certificates_that_are_refused_show_no_secret(certificates: Certificates) -> None:
    with (
        HostileServer(certificates, tls=certificates.self_signed.server_context()) as server,
        client_of(server, SecurityOptions.SSL_EXPLICIT, certificates) as client,
    ):
        assert not secrets_in(shown(fails(client.noop)))


def test_H_J4_settings_that_are_refused_show_no_secret() -> None:
    with ImapClient() as client:
        for name in ("password", "access_token", "username", "host"):
            for bad in (f"{PASSWORD}\r", f"{PASSWORD}\ud800"):
                error = fails(lambda name=name, bad=bad: setattr(client, name, bad), ValueError)  # type: ignore[misc]
                assert not secrets_in("".join(f"{one} {one!r}" for one in chain(error)))
        fails(lambda: ImapClient("h", "u", f"{PASSWORD}\n", SecurityOptions.AUTO), ValueError)
        fails(client.noop, AsposeInvalidOperationException)
