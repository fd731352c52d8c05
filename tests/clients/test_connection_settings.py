"""Settings about the connection itself: local addresses, certificates, versions of TLS, sign-in, and the log file."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeInvalidOperationException,
    AsposeNotSupportedException,
    EncryptionProtocols,
    ImapClient,
    MailClientError,
    NetworkException,
    PipeliningMode,
    PipeliningStatus,
    SecurityError,
    SecurityOptions,
)
from mailclients import journal as journals
from mailclients.testing.certificates import Authority
from tests.support.autoimap import AutoImapServer
from tests.support.certs import Certificates
from tests.support.clients import client_of
from tests.support.scripted import Conn, ScriptedServer

UNUSED = "192.0.2.1"  # of nobody (RFC 5737)


@pytest.fixture
def server() -> Iterator[AutoImapServer]:
    with AutoImapServer({"INBOX": 1}) as server:
        yield server


@pytest.fixture
def client(server: AutoImapServer) -> Iterator[ImapClient]:
    with client_of(server) as client:
        yield client


# -- local addresses ------------------------------------------------------------


def test_bind_ip_end_point_chooses_the_local_address(server: AutoImapServer, client: ImapClient) -> None:
    asked: list[tuple[str, int]] = []

    def other(remote: tuple[str, int]) -> tuple[str, int]:
        asked.append(remote)
        return ("127.0.0.2", 0)

    client.bind_ip_end_point += other
    client.bind_ip_end_point += lambda _: None
    client.noop()
    assert asked == [(server.host, server.port)]
    assert server.connections[0]._sock.getpeername()[0] == "127.0.0.2"
    client.bind_ip_end_point -= other
    client.create_connection(create_as_default_connection=False)
    client.noop(client.create_connection(create_as_default_connection=False))
    assert server.connections[-1]._sock.getpeername()[0] == "127.0.0.1"
    assert len(asked) == 1


def test_bind_ip_end_point_with_an_address_of_others_is_a_network_error(client: ImapClient) -> None:
    client.bind_ip_end_point += lambda _: (UNUSED, 0)
    with pytest.raises(NetworkException, match="no connection to"):
        client.noop()


@pytest.mark.parametrize("answer", ["127.0.0.1", ("127.0.0.1", -1), ("127.0.0.1", True), (127, 0), 5, ("a", 1, 2)])
def test_bind_ip_end_point_needs_an_address_and_a_port(server: AutoImapServer, client: Any, answer: object) -> None:
    client.bind_ip_end_point += lambda _: answer
    with pytest.raises(ArgumentTypeError, match="an address and a port"):
        client.noop()
    assert not server.commands


def test_what_a_handler_of_bind_ip_end_point_raises_ends_the_attempt(client: ImapClient) -> None:
    def broken(_: tuple[str, int]) -> None:
        raise LookupError("no address today")

    client.bind_ip_end_point += broken
    with pytest.raises(LookupError, match="no address today"):
        client.noop()
    client.bind_ip_end_point -= broken
    client.noop()


# -- client certificates ------------------------------------------------------------


class Own:
    """Certificates of a client in files, of one authority."""

    def __init__(self, directory: Path) -> None:
        authority = Authority("authority of clients")
        issued = authority.issue(["anna"], client=True)
        self.ca, self.certificate, self.key = (directory / name for name in ("clients.ca", "anna.crt", "anna.key"))
        self.both = directory / "anna.pem"
        self.ca.write_bytes(authority.certificate)
        self.certificate.write_bytes(issued.certificate)
        self.key.write_bytes(issued.private_key)
        self.both.write_bytes(issued.certificate + issued.private_key)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Own:
    return Own(tmp_path_factory.mktemp("own"))


def tls_server(context: ssl.SSLContext) -> AutoImapServer:
    return AutoImapServer({"INBOX": 1}, tls=context, implicit_tls=True)


def tls_client(server: ScriptedServer, certificates: Certificates) -> ImapClient:
    return client_of(server, security_options=SecurityOptions.SSL_IMPLICIT, ca_file=str(certificates.ca))


@pytest.mark.parametrize("in_one_file", [True, False])
def test_client_certificates_are_shown_to_the_server(certificates: Certificates, own: Own, in_one_file: bool) -> None:
    context = certificates.good.server_context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(own.ca)
    with tls_server(context) as server, tls_client(server, certificates) as client:
        client.client_certificates.add(own.both if in_one_file else (own.certificate, str(own.key)))
        client.noop()
        assert [cmd.name for cmd in server.commands][-1] == "NOOP"


def test_without_a_client_certificate_a_server_that_needs_one_is_not_reached(
    certificates: Certificates, own: Own
) -> None:
    context = certificates.good.server_context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(own.ca)
    with tls_server(context) as server, tls_client(server, certificates) as client:
        with pytest.raises(MailClientError):
            client.noop()
        assert not server.commands


def test_a_client_certificate_is_looked_at_when_it_is_added(
    own: Own, certificates: Certificates, tmp_path: Path
) -> None:
    pkcs = tmp_path / "anna.p12"
    pkcs.write_bytes(b"\x30\x82 no PEM")
    with ImapClient() as client:
        mine: Any = client.client_certificates
        for value, text in (
            (str(tmp_path / "none.pem"), "there is no file"),
            (own.certificate, "private key in it, too"),
            ((own.certificate, certificates.good.key), "belongs to another certificate"),
            (pkcs, "openssl pkcs12"),
        ):
            with pytest.raises(AsposeArgumentException, match=text):
                mine.add(value)
        wrong: list[Any] = [5, None, (), (own.certificate, own.key, 5), (1, 2), b"x", (own.key,) * 4]
        for each in wrong:
            with pytest.raises(ArgumentTypeError):
                mine.add(each)
        with pytest.raises(AsposeArgumentException):
            mine.add_range([own.both, own.certificate])
        assert len(mine) == 0
        assert mine.add(own.both) == 0
        mine.append(own.both)
        assert list(mine) == [str(own.both)] * 2
        mine.clear()
        assert not list(mine)


def test_the_password_of_a_key_opens_it_and_is_shown_nowhere(own: Own, tmp_path: Path) -> None:
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    key = serialization.load_pem_private_key(own.key.read_bytes(), None)
    locked = tmp_path / "locked.key"
    locked.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"hush-hush"),
        )
    )
    with ImapClient() as client:
        client.client_certificates.add((own.certificate, locked, "hush-hush"))
        assert "hush" not in repr(client.client_certificates)
        for wrong in ((own.certificate, locked), (own.certificate, locked, "wrong-one")):
            with pytest.raises(AsposeArgumentException) as caught:  # and nobody is asked at a terminal
                client.client_certificates.add(wrong)
            assert "wrong-one" not in str(caught.value)


def test_a_certificate_that_is_gone_is_an_error_before_anything_is_sent(
    certificates: Certificates, own: Own, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.pem"
    copy.write_bytes(own.both.read_bytes())
    with (
        tls_server(certificates.good.server_context()) as server,
        tls_client(server, certificates) as client,
    ):
        client.client_certificates.add(copy)
        copy.unlink()
        with pytest.raises(AsposeInvalidOperationException, match="cannot be used any more"):
            client.noop()
        assert not server.commands


# -- versions of TLS ------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "spoken"),
    [
        (EncryptionProtocols.TLS_12, ssl.TLSVersion.TLSv1_2),
        (EncryptionProtocols.TLS_13, ssl.TLSVersion.TLSv1_3),
        (EncryptionProtocols.TLS_12 | EncryptionProtocols.TLS_13, ssl.TLSVersion.TLSv1_2),
        (EncryptionProtocols.NOT_SPECIFIED, ssl.TLSVersion.TLSv1_2),
    ],
)
def test_supported_encryption_is_what_is_spoken(
    certificates: Certificates, chosen: EncryptionProtocols, spoken: ssl.TLSVersion
) -> None:
    context = certificates.good.server_context(minimum_version=spoken, maximum_version=spoken)
    with tls_server(context) as server, tls_client(server, certificates) as client:
        client.supported_encryption = chosen
        assert client.supported_encryption == chosen
        client.noop()


@pytest.mark.parametrize(
    ("chosen", "spoken"),
    [
        (EncryptionProtocols.TLS_12, ssl.TLSVersion.TLSv1_3),
        (EncryptionProtocols.TLS_13, ssl.TLSVersion.TLSv1_2),
    ],
)
def test_other_versions_than_supported_encryption_are_not_spoken(
    certificates: Certificates, chosen: EncryptionProtocols, spoken: ssl.TLSVersion
) -> None:
    context = certificates.good.server_context(minimum_version=spoken, maximum_version=spoken)
    with tls_server(context) as server, tls_client(server, certificates) as client:
        client.supported_encryption = chosen
        with pytest.raises(SecurityError, match="TLS handshake"):
            client.noop()


@pytest.mark.parametrize("name", ["TLS", "TLS_11"])
def test_old_versions_need_the_unsafe_method(name: str) -> None:
    with ImapClient() as client:
        with pytest.raises(AsposeNotSupportedException, match="set_supported_encryption_unsafe takes it"):
            client.supported_encryption = EncryptionProtocols[name]
        assert client.supported_encryption == EncryptionProtocols.NOT_SPECIFIED


@pytest.mark.skipif(not ssl.HAS_TLSv1_1, reason="the TLS library has no TLS 1.1")
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_an_old_version_is_spoken_when_it_was_asked_for(certificates: Certificates) -> None:
    context = certificates.good.server_context(
        minimum_version=ssl.TLSVersion.TLSv1_1, maximum_version=ssl.TLSVersion.TLSv1_1
    )
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with tls_server(context) as server, tls_client(server, certificates) as client:
        with pytest.raises(SecurityError):
            client.noop()
        client.set_supported_encryption_unsafe(EncryptionProtocols.TLS_11 | EncryptionProtocols.TLS_12)
        client.noop()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_versions_that_cannot_be_had_are_refused() -> None:
    with ImapClient() as client:
        anything: Any = client
        with pytest.raises(AsposeNotSupportedException, match="SSL_2 is not in this Python's TLS"):
            client.set_supported_encryption_unsafe(EncryptionProtocols.SSL_2 | EncryptionProtocols.TLS_12)
        with pytest.raises(AsposeArgumentException, match="between two"):
            client.set_supported_encryption_unsafe(EncryptionProtocols.TLS_11 | EncryptionProtocols.TLS_13)
        with pytest.raises(AsposeArgumentException, match="nobody knows"):
            client.supported_encryption = EncryptionProtocols(1 << 20)
        with pytest.raises(AsposeArgumentException, match="a part of TLS_12"):
            client.supported_encryption = EncryptionProtocols(1024)
        for wrong in (3072, "TLS_12", None):
            with pytest.raises(ArgumentTypeError):
                anything.supported_encryption = wrong
            with pytest.raises(ArgumentTypeError):
                client.set_supported_encryption_unsafe(wrong)  # type: ignore[arg-type]


def test_settings_that_an_ssl_context_would_leave_without_effect_are_an_error(
    server: AutoImapServer, client: ImapClient, own: Own
) -> None:
    client.ssl_context = ssl.create_default_context()
    client.supported_encryption = EncryptionProtocols.TLS_13
    with pytest.raises(AsposeInvalidOperationException, match="ssl_context is used as it is"):
        client.noop()
    client.supported_encryption = EncryptionProtocols.NOT_SPECIFIED
    client.client_certificates.add(own.both)
    with pytest.raises(AsposeInvalidOperationException, match="ssl_context is used as it is"):
        client.noop()
    client.client_certificates.clear()
    client.noop()
    assert len(server.connections) == 1


# -- pipelining and sign-in ------------------------------------------------------------


def test_use_pipelining_can_be_assigned(client: Any) -> None:
    status = PipeliningStatus()
    status.client_mode = PipeliningMode.DISABLED
    client.use_pipelining = status
    assert client.use_pipelining is status
    assert client._window() == 1
    client.use_pipelining = PipeliningMode.ENABLED  # converted, as in .NET
    assert client._window() > 1
    client.use_pipelining = False
    assert client._window() == 1
    for wrong in (2, None, "DISABLED"):
        with pytest.raises(ArgumentTypeError, match="must be a PipeliningStatus"):
            client.use_pipelining = wrong


def open_to_all(conn: Conn, cmd: Any) -> None:
    conn.reply(cmd, untagged=["CAPABILITY IMAP4rev1"] if cmd.name == "CAPABILITY" else [])


def test_use_authentication_false_signs_nobody_in() -> None:
    with (
        ScriptedServer(open_to_all) as server,
        ImapClient(server.host, server.port, security_options=SecurityOptions.NONE) as client,
    ):
        client.use_authentication = False
        client.noop()
        assert [cmd.name for cmd in server.commands if cmd.name != "CAPABILITY"] == ["NOOP"]
        for validate in (client.validate_credentials, client.begin_validate_credentials):
            with pytest.raises(AsposeInvalidOperationException, match="nothing to validate"):
                validate()


def test_use_authentication_false_takes_a_signed_in_connection_only_where_that_is_allowed() -> None:
    with (
        ScriptedServer(open_to_all, greeting="* PREAUTH ready\r\n") as server,
        ImapClient(server.host, server.port, security_options=SecurityOptions.NONE) as client,
    ):
        client.use_authentication = False
        with pytest.raises(SecurityError, match="signed in already"):
            client.noop()
        client.allow_preauth = True
        client.noop()


def test_use_default_credentials_is_not_offered() -> None:
    with ImapClient() as client:
        client.use_default_credentials = False
        with pytest.raises(AsposeNotSupportedException, match="set username and password, or access_token"):
            client.use_default_credentials = True
        assert not client.use_default_credentials


@pytest.mark.parametrize(
    "name", ["use_authentication", "use_default_credentials", "enable_logger", "use_date_in_log_file_name"]
)
def test_a_switch_is_a_bool(name: str) -> None:
    with ImapClient() as client, pytest.raises(ArgumentTypeError, match=f"{name} must be a bool, not int"):
        setattr(client, name, 1)


# -- the log file ------------------------------------------------------------


def lines_of(path: Path) -> list[str]:
    """What was logged, without times and threads."""
    lines = path.read_text("utf-8").splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \[", line) for line in lines)
    return [line.partition("] connection ")[2].partition(" ")[2] for line in lines]


def test_H_J4_the_log_file_has_what_went_over_the_wire_of_this_client_without_secrets(
    server: AutoImapServer, client: ImapClient, tmp_path: Path
) -> None:
    path = tmp_path / "mail.log"
    client.log_file_name = path
    assert client.log_file_name == str(path)
    with client_of(server) as other:
        other.noop()
        assert not path.exists(), "nothing is written before it is switched on"
        client.enable_logger = True
        client.select_folder("INBOX")
        other.create_folder("elsewhere")
    text = "\n".join(lines_of(path))
    assert "SELECT INBOX" in text
    assert re.search(r"^< \S+ OK ", text, re.MULTILINE)
    assert "***" in text
    assert "secret" not in text
    assert "dXNlcgBzZWNyZXQ" not in text, "nor in base64"
    assert "elsewhere" not in text


def test_logging_ends_when_it_is_switched_off_reset_or_disposed(
    server: AutoImapServer, client: ImapClient, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.log", tmp_path / "second.log"
    client.enable_logger = True
    client.log_file_name = str(first)
    client.noop()
    client.enable_logger = False
    size = first.stat().st_size
    client.noop()
    assert first.stat().st_size == size > 0
    client.enable_logger = True
    client.log_file_name = str(second)
    client.noop()
    assert first.stat().st_size == size
    assert [line.rpartition(" ")[2] for line in lines_of(second) if line.startswith(">")] == ["NOOP"]
    client.reset_log_settings()
    assert (client.enable_logger, client.log_file_name, client.use_date_in_log_file_name) == (False, "", False)
    client.noop()
    assert len(lines_of(second)) == 2
    client.log_file_name, client.enable_logger = str(second), True
    client.noop()
    file = client._journal._file
    assert file is not None
    client.dispose()
    assert file.closed
    ended = second.stat().st_size
    client._journal.write("connection 1 too late")
    assert second.stat().st_size == ended


def test_each_day_has_its_log_file_where_that_is_wanted(
    client: ImapClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_714_521_600.0]  # noon would do as well: local days are what counts
    monkeypatch.setattr(journals, "now", lambda: now[0])
    client.log_file_name, client.use_date_in_log_file_name = str(tmp_path / "mail.log"), True
    client.enable_logger = True
    client.noop()
    client.noop()
    now[0] += timedelta(days=1).total_seconds()
    client.noop()
    names = sorted(os.listdir(tmp_path))
    assert len(names) == 2
    assert all(re.fullmatch(r"mail-2024-0[45]-\d\d\.log", name) for name in names)
    assert len(lines_of(tmp_path / names[1])) == 2


def test_a_log_file_that_cannot_be_written_ends_the_log_and_not_the_mail(
    client: ImapClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    directory = tmp_path / "logs"
    directory.mkdir()
    client.log_file_name, client.enable_logger = str(directory / "mail.log"), True
    directory.rmdir()
    client.noop()
    client.noop()
    told = [record.getMessage() for record in caplog.records if "is not written any more" in record.getMessage()]
    assert len(told) == 1


def test_a_log_file_name_has_to_be_one(client: Any, tmp_path: Path) -> None:
    for wrong in (str(tmp_path), str(tmp_path / "none" / "mail.log"), "a\0b"):
        with pytest.raises(AsposeArgumentException, match="log_file_name"):
            client.log_file_name = wrong
    with pytest.raises(AsposeArgumentNullException):
        client.log_file_name = None
    for value in (5, b"mail.log"):
        with pytest.raises(ArgumentTypeError):
            client.log_file_name = value
    assert client.log_file_name == ""


def test_a_client_that_is_disposed_unused_leaves_no_open_log_file(tmp_path: Path) -> None:
    client = ImapClient()
    client.log_file_name, client.enable_logger = str(tmp_path / "mail.log"), True
    client._journal.write("connection 1 > NOOP")
    file = client._journal._file
    assert file is not None
    client.dispose()
    assert file.closed
