"""The private Dovecot itself: it signs in, fills folders, speaks TLS and keeps its limit."""

from __future__ import annotations

import imaplib
import os
import poplib
import ssl
from pathlib import Path

import pytest

from tests.servers import dovecot as module
from tests.servers.conftest import required, servers_required
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.process import ServerUnavailable
from tests.support.autoimap import make_message
from tests.support.certs import Certificates


def test_fill_returns_uids_in_order(dovecot: Dovecot, user: str) -> None:
    bodies = [make_message(number, 300) for number in range(1, 251)]
    assert dovecot.fill(user, "INBOX", bodies) == list(range(1, 251))
    assert dovecot.fill(user, 'Work/2024 "a"', bodies[:2]) == [1, 2]
    assert dovecot.count(user) == 250
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port) as client:
        client.login(user, PASSWORD)
        client.select("INBOX", readonly=True)
        _, data = client.uid("FETCH", "250", "(BODY.PEEK[])")
        assert isinstance(data[0], tuple)
        assert data[0][1] == bodies[-1]


def test_special_folders_and_separator(dovecot: Dovecot, user: str) -> None:
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port) as client:
        client.login(user, PASSWORD)
        _, lines = client.list()
        listed = b"\n".join(line for line in lines if isinstance(line, bytes))
    for name in (b"Drafts", b"Junk", b"Sent", b"Trash"):
        assert b'\\%s) "/" %s' % (name, name) in listed


def test_implicit_tls_and_starttls(dovecot: Dovecot, user: str, certificates: Certificates) -> None:
    context = certificates.client_context()
    with imaplib.IMAP4_SSL(dovecot.host, dovecot.imaps_port, ssl_context=context) as client:
        assert client.login(user, PASSWORD)[0] == "OK"
    with imaplib.IMAP4("localhost", dovecot.imap_port) as client:
        client.starttls(context)
        assert client.login(user, PASSWORD)[0] == "OK"
    with pytest.raises(ssl.SSLCertVerificationError):
        imaplib.IMAP4_SSL(dovecot.host, dovecot.imaps_port, ssl_context=ssl.create_default_context())


def test_pop3_in_the_clear_and_under_tls(dovecot: Dovecot, user: str, certificates: Certificates) -> None:
    dovecot.fill(user, "INBOX", [make_message(1)])
    plain = poplib.POP3(dovecot.host, dovecot.pop3_port)
    secured = poplib.POP3_SSL(dovecot.host, dovecot.pop3s_port, context=certificates.client_context())
    for client in (plain, secured):
        client.user(user)
        client.pass_(PASSWORD)
        assert client.stat()[0] == 1
        client.quit()


def test_limit_of_connections(limited_dovecot: Dovecot) -> None:
    user = limited_dovecot.new_user()
    clients = [imaplib.IMAP4(limited_dovecot.host, limited_dovecot.imap_port) for _ in range(4)]
    try:
        for client in clients[:3]:
            client.login(user, PASSWORD)
        with pytest.raises(imaplib.IMAP4.error, match="Maximum number of connections"):
            clients[3].login(user, PASSWORD)
    finally:
        for client in clients:
            client.shutdown()


def test_stop_leaves_nothing(certificates: Certificates) -> None:
    try:
        server = Dovecot(certificates.good.certificate, certificates.good.key)
    except ServerUnavailable as error:
        if servers_required():
            raise
        pytest.skip(str(error))
    assert server._process is not None
    directory, process = server.directory, server._process
    server.stop()
    assert process.returncode == 0
    assert not directory.exists()


def test_failed_start_shows_the_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "dovecot"
    program.write_text("#!/bin/sh\necho no such setting: colour\nexit 89\n")
    program.chmod(0o755)
    monkeypatch.setattr(module, "find_dovecot", lambda: os.fspath(program))
    with pytest.raises(ServerUnavailable, match="no such setting: colour"):
        Dovecot()


@pytest.mark.parametrize(
    ("variable", "value", "outcome"),
    [
        ("MAILCLIENTS_REQUIRE_SERVERS", "1", pytest.fail.Exception),
        ("CI", "true", pytest.fail.Exception),
        ("CI", "false", pytest.skip.Exception),
        ("CI", "", pytest.skip.Exception),
    ],
)
def test_missing_server_skips_or_fails(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, outcome: type[BaseException]
) -> None:
    def start() -> None:
        raise ServerUnavailable("not here")

    for name in ("MAILCLIENTS_REQUIRE_SERVERS", "CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, value)
    with pytest.raises(outcome, match="not here"):
        required(start)


def test_missing_program_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_dovecot", lambda: None)
    with pytest.raises(ServerUnavailable, match="not installed"):
        Dovecot()
