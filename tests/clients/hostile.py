"""What the tests of hostile servers share: a server with secrets, clients for it, and checks that hold always.

`HostileServer` is an `AutoImapServer` that knows one user and offers STARTTLS; tests replace single answers by
hooks. Leaving it checks the standing promise: whatever happened, nothing secret went over the wire in the clear.
The fixture `nothing_secret_is_logged` checks the logs of the test that uses it, at every level.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

import pytest

from mailclients import ImapClient, SecurityOptions, signing_in
from mailclients.engine.transport import Transport
from tests.support.autoimap import AutoImapServer
from tests.support.certs import Certificates
from tests.support.scripted import Command, Conn

__all__ = [
    "PASSWORD",
    "SECRETS",
    "TOKEN",
    "HostileServer",
    "answering",
    "client",
    "client_of",
    "far",
    "nothing_secret_is_logged",
    "secrets_in",
    "server",
]

PASSWORD = "correct-horse-7"
TOKEN = "ya29.token-of-nobody"
SIGN_INS = ("LOGIN", "AUTHENTICATE")


def _forms() -> tuple[bytes, ...]:
    """The secrets as they may appear: as they stand, and in base64 whatever stands before them."""
    found: list[bytes] = []
    for secret in (PASSWORD.encode(), TOKEN.encode()):
        found.append(secret)
        for shift in range(3):
            coded = base64.b64encode(b"x" * shift + secret)
            found.append(coded[4 if shift else 0 : -4])
    return tuple(found)


SECRETS = _forms()


def secrets_in(text: str | bytes | bytearray) -> list[bytes]:
    """The forms of a secret that occur in `text`."""
    raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else bytes(text)
    return [form for form in SECRETS if form in raw]


def answering(status: str, *untagged: str) -> Callable[[Conn, Command], bool]:
    """A hook that answers a command with this result."""

    def hook(conn: Conn, cmd: Command) -> bool:
        conn.reply(cmd, status, untagged)
        return True

    return hook


class HostileServer(AutoImapServer):
    """An IMAP server with one user and three messages; `clear_is_meant` allows secrets in the clear."""

    def __init__(
        self,
        certificates: Certificates | None = None,
        *,
        clear_is_meant: bool = False,
        greeting: Any = "* OK ready\r\n",
        **options: Any,
    ) -> None:
        self.clear_is_meant = clear_is_meant
        if certificates is not None:
            options.setdefault("tls", certificates.good.server_context())
        options.setdefault("folders", {"INBOX": 3})
        options.setdefault("users", {"user": PASSWORD})
        super().__init__(greeting=greeting, **options)

    def first(self, act: Callable[[Conn], object]) -> None:
        """The first connection is greeted by `act`, all others as usual."""
        usual = self.greeting
        capabilities = self.capability_text

        def greet(conn: Conn) -> None:
            if conn.index == 0:
                act(conn)
            else:
                conn.send(f"* OK [CAPABILITY {capabilities(conn)}] ready\r\n")

        assert not callable(usual)
        self.greeting = greet

    def clear_commands(self, connection: int = 0) -> list[str]:
        """Names of the commands that a connection received in the clear."""
        return [cmd.name for cmd in self.connections[connection].commands if cmd.phase == "clear"]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if self.clear_is_meant or error is not None:
            return
        for conn in self.connections:
            assert not secrets_in(conn.clear_bytes), f"a secret went out in the clear: {bytes(conn.clear_bytes)!r}"
            assert not [cmd for cmd in conn.commands if cmd.phase == "clear" and cmd.name in SIGN_INS]


def client_of(
    server: AutoImapServer,
    security: SecurityOptions,
    certificates: Certificates | None = None,
    *,
    timeout: int = 20_000,
) -> ImapClient:
    """A client for `server`; it trusts the authority of `certificates`."""
    client = ImapClient("127.0.0.1", server.port, "user", PASSWORD, security)
    if certificates is not None:
        client.ca_file = str(certificates.ca)
    client.timeout = timeout
    return client


@pytest.fixture
def server() -> Iterator[HostileServer]:
    """A server in the clear, with folders of 5 and 2 messages; a file that needs another has its own fixture."""
    with HostileServer(clear_is_meant=True, folders={"INBOX": 5, "Archive": 2}) as server:
        yield server


@pytest.fixture
def client(server: HostileServer) -> Iterator[ImapClient]:
    """A client of `server`."""
    with client_of(server, SecurityOptions.NONE) as client:
        yield client


def _nowhere_near(transport: Transport) -> bool:
    return False


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client takes the server for one on another machine."""
    monkeypatch.setattr(signing_in, "_is_loopback", _nowhere_near)


@pytest.fixture(autouse=True)
def nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """At no level, in no message, argument or traceback."""
    caplog.set_level(logging.DEBUG, logger="mailclients")
    yield
    formatter = logging.Formatter()
    for record in caplog.get_records("call"):
        text = f"{formatter.format(record)} {record.args!r}"
        assert not secrets_in(text), f"a secret was logged: {text}"
        assert not {"\r", "\x1b"}.intersection(record.getMessage()), "server text was logged raw"
