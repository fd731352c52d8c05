"""Connecting, TLS and waiting: what goes wrong there and how it is said (hostile rows A10, B7, C1, C3, C4)."""

from __future__ import annotations

import contextlib
import errno
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mailclients import (
    ConnectionLostError,
    ImapClient,
    NetworkException,
    ObjectDisposedException,
    SecurityError,
    SecurityOptions,
    TimeoutException,
)
from mailclients.engine import transport as transport_module
from mailclients.engine.deadlines import Deadline
from mailclients.engine.transport import Transport, connect, default_tls_context
from tests.support.autoimap import AutoImapServer, make_message
from tests.support.certs import Certificates
from tests.support.scripted import PATIENCE, Command, Conn, ScriptedServer


@contextlib.contextmanager
def pair() -> Iterator[tuple[Transport, socket.socket]]:
    """A transport and the other end of its socket."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(PATIENCE)
    transport = Transport(ours, ("127.0.0.1", 1))
    try:
        yield transport, theirs
    finally:
        transport.close()
        theirs.close()


@contextlib.contextmanager
def secured(server: ScriptedServer, context: ssl.SSLContext) -> Iterator[tuple[Transport, Conn]]:
    """A transport with TLS to a scripted server, and the server's side of it."""
    transport = connect("127.0.0.1", server.port, Deadline(PATIENCE))
    try:
        transport.start_tls(context, "127.0.0.1", Deadline(PATIENCE))
        yield transport, server.accept()
    finally:
        transport.close()


def read_all(transport: Transport, size: int) -> bytes:
    data = bytearray()
    room = memoryview(bytearray(4096))
    while len(data) < size:
        count = transport.read_into(room)
        if count is None:
            transport.wait(write=False, timeout=PATIENCE)
            continue
        if count == 0:
            break
        data += room[:count]
    return bytes(data)


# -- waiting ------------------------------------------------------------


@pytest.fixture(params=["poll", "select"])
def waiting(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Systems without poll wait with select."""
    if request.param == "select":
        monkeypatch.delattr(select, "poll")
    return str(request.param)


@pytest.mark.usefixtures("waiting")
def test_a_wait_ends_with_bytes_with_a_wake_or_with_its_time() -> None:
    with pair() as (transport, theirs):
        assert transport.wait(write=False, timeout=0.001) is False
        assert not transport.readable()
        theirs.send(b"x")
        assert transport.wait(write=False, timeout=None) is True
        assert transport.readable()
        assert read_all(transport, 1) == b"x"
        transport.wake()
        transport.wake()
        assert transport.wait(write=False, timeout=None) is True
        assert transport.wait(write=False, timeout=0) is False  # both wake-ups ended one wait
        assert transport.wait(write=True, timeout=None) is True


@pytest.mark.usefixtures("waiting")
def test_a_wake_from_another_thread_ends_the_wait() -> None:
    with pair() as (transport, _):
        for _ in range(50):
            thread = threading.Thread(target=transport.wake)
            thread.start()
            assert transport.wait(write=False, timeout=PATIENCE)
            thread.join(PATIENCE)


def test_an_interruption_does_not_make_wake_deaf() -> None:
    with pair() as (transport, _):
        receive = transport._wake_receive

        class Interrupted:
            def fileno(self) -> int:
                return receive.fileno()

            def recv(self, size: int) -> bytes:
                receive.recv(size)
                raise KeyboardInterrupt

        transport._wake_receive = Interrupted()  # type: ignore[assignment]
        transport.wake()
        with pytest.raises(KeyboardInterrupt):
            transport.wait(write=False, timeout=None)
        transport._wake_receive = receive
        transport.wake()
        assert transport.wait(write=False, timeout=0) is True


def test_a_wait_of_months_is_possible() -> None:
    with pair() as (transport, _):
        transport.wake()
        assert transport.wait(write=False, timeout=90 * 24 * 3600.0)


def test_wake_and_interrupt_after_the_end_do_nothing() -> None:
    with pair() as (transport, _):
        transport.close()
        transport.wake()
        transport.interrupt()
        transport.close()
        assert transport.closed


def test_an_interrupted_transport_is_at_its_end() -> None:
    with pair() as (transport, theirs):
        transport.interrupt()
        assert transport.wait(write=False, timeout=None)
        assert transport.read_into(memoryview(bytearray(8))) == 0
        assert theirs.recv(1) == b""


def test_a_write_takes_what_fits() -> None:
    with pair() as (transport, theirs):
        data = b"d" * 10_000_000
        sent = transport.write(data)
        assert 0 < sent < len(data)
        assert transport.write(data) == 0
        assert transport.wait(write=True, timeout=0) is False
        theirs.recv(1_000_000)
        assert transport.wait(write=True, timeout=PATIENCE)


# -- connecting ------------------------------------------------------------


def test_a_refused_connection_is_said_in_words() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        port = taken.getsockname()[1]
        with pytest.raises(NetworkException, match=rf"no connection to 127.0.0.1:{port}: Connection refused") as info:
            connect("127.0.0.1", port, Deadline(PATIENCE))
    assert isinstance(info.value.__cause__, OSError)
    assert info.value.__cause__.errno == errno.ECONNREFUSED


def test_a_name_that_does_not_resolve_is_an_error_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(NetworkException, match="the host name 'nowhere' cannot be resolved"):
        connect("nowhere", 143, Deadline(PATIENCE))


def test_Q6_a_look_up_that_never_ends_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()

    def hang(*_: Any, flags: int = 0, **__: Any) -> Any:
        if not flags:
            let_go.wait(PATIENCE)
        raise socket.gaierror(socket.EAI_NONAME, "no")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    try:
        with pytest.raises(TimeoutException, match="name look-up did not end within 20 ms"):
            connect("somewhere", 143, Deadline(0.02))
    finally:
        let_go.set()


def silent_address() -> tuple[socket.socket, list[socket.socket]]:
    """A listener whose backlog is full: connecting to it hangs."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    fillers = []
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
        fillers.append(filler)
    return listener, fillers


@pytest.fixture
def silence() -> Iterator[int]:
    """A port to which connecting hangs."""
    listener, fillers = silent_address()
    yield listener.getsockname()[1]
    for sock in (listener, *fillers):
        sock.close()


def info(*addresses: tuple[str, int], family: int = socket.AF_INET) -> list[Any]:
    return [(family, socket.SOCK_STREAM, 6, "", address) for address in addresses]


def test_Q6_connecting_is_bounded(silence: int) -> None:
    with pytest.raises(TimeoutException, match=f"connecting to 127.0.0.1:{silence} did not end within 30 ms"):
        connect("127.0.0.1", silence, Deadline(0.03))


def test_one_address_that_does_not_answer_leaves_time_for_the_next(
    silence: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_module, "_ADDRESS_SECONDS", 0.02)
    with ScriptedServer() as server:
        addresses = info(("127.0.0.1", silence), ("127.0.0.1", server.port))
        monkeypatch.setattr(transport_module, "_resolve", lambda *_: addresses)
        transport = connect("both", 143, Deadline(PATIENCE))
        assert transport.remote_address() == "127.0.0.1"
        transport.close()


def test_a_family_that_this_system_does_not_have_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer() as server:
        addresses = [*info(("127.0.0.1", 1), family=9999), *info(("127.0.0.1", server.port))]
        monkeypatch.setattr(transport_module, "_resolve", lambda *_: addresses)
        connect("both", 143, Deadline(PATIENCE)).close()
        monkeypatch.setattr(transport_module, "_resolve", lambda *_: addresses[:1])
        with pytest.raises(NetworkException):
            connect("one", 143, Deadline(PATIENCE))
        monkeypatch.setattr(transport_module, "_resolve", lambda *_: [])
        with pytest.raises(NetworkException, match="the name has no address"):
            connect("none", 143, Deadline(PATIENCE))


def test_a_local_address_can_be_given_and_a_wrong_one_is_an_error_of_the_network() -> None:
    with ScriptedServer() as server:
        seen: list[tuple[str, int]] = []

        def bind(remote: tuple[str, int]) -> tuple[str, int] | None:
            seen.append(remote)
            return ("127.0.0.1", 0)

        connect("127.0.0.1", server.port, Deadline(PATIENCE), bind=bind).close()
        assert seen == [("127.0.0.1", server.port)]
        with pytest.raises(NetworkException):
            connect("127.0.0.1", server.port, Deadline(PATIENCE), bind=lambda _: ("192.0.2.1", 0))


def test_C9_connecting_can_be_interrupted(silence: int) -> None:
    made: list[Any] = []

    def created(transport: Any) -> None:
        made.append(transport)
        threading.Thread(target=transport.interrupt).start()

    with pytest.raises(ObjectDisposedException):
        connect("127.0.0.1", silence, Deadline(None), created=created)
    assert made[0].closed


def test_Q7_a_keyboard_interrupt_while_connecting_closes_the_socket(
    silence: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []

    def interrupted(self: Transport, **_: Any) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(Transport, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        connect("127.0.0.1", silence, Deadline(PATIENCE), created=made.append)
    assert made[0].closed


def test_C9_dispose_ends_an_opening_that_hangs(silence: int) -> None:
    client = ImapClient("127.0.0.1", silence, "user", "secret", SecurityOptions.NONE)
    failed: list[BaseException] = []

    def call() -> None:
        try:
            client.noop()
        except ObjectDisposedException as error:
            failed.append(error)

    thread = threading.Thread(target=call)
    opening = threading.Event()
    client._observer = lambda event, _: opening.set() if event == "connection_opening" else None
    thread.start()
    assert opening.wait(PATIENCE)
    client.dispose(100)
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert len(failed) == 1
    assert not client._opening


def test_failed_openings_leave_nothing_behind() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with ImapClient("127.0.0.1", taken.getsockname()[1], "user", "secret", SecurityOptions.NONE) as client:
            for _ in range(3):
                with pytest.raises(NetworkException):
                    client.noop()
            assert not client._opening
            assert client.pool.size == 0


# -- TLS ------------------------------------------------------------


def test_the_default_context_verifies_and_refuses_old_versions() -> None:
    context = default_tls_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_tls_carries_both_ways_more_than_fits(certificates: Certificates) -> None:
    with (
        ScriptedServer(tls=certificates.good.server_context(), implicit_tls=True, tagged=False) as server,
        secured(server, certificates.client_context()) as (transport, conn),
    ):
        assert transport.encrypted
        assert transport.peer_certificate() is not None
        assert read_all(transport, 12) == b"* OK ready\r\n"
        data = bytes(range(256)) * 20_000
        sender = threading.Thread(target=conn.send, args=(data,))
        sender.start()
        assert read_all(transport, len(data)) == data
        sender.join(PATIENCE)
        line = b"l" * 3_000_000 + b"\r\n"
        left = memoryview(line)
        while left:
            sent = transport.write(left)
            left = left[sent:]
            if not sent:
                transport.wait(write=True, timeout=PATIENCE)
        assert conn.expect().raw == line


def test_tls_bytes_that_were_decrypted_already_count_as_readable(certificates: Certificates) -> None:
    with (
        ScriptedServer(tls=certificates.good.server_context(), implicit_tls=True) as server,
        secured(server, certificates.client_context()) as (transport, conn),
    ):
        read_all(transport, 12)
        conn.send(b"0123456789")
        assert transport.wait(write=False, timeout=PATIENCE)
        room = memoryview(bytearray(4))
        while transport.read_into(room) is None:
            transport.wait(write=False, timeout=PATIENCE)
        assert transport.readable()  # six bytes wait inside the TLS layer: the system knows nothing of them
        assert read_all(transport, 6) == b"456789"


@contextlib.contextmanager
def tls_client(server: ScriptedServer, certificates: Certificates, *, explicit: bool = False) -> Iterator[ImapClient]:
    options = SecurityOptions.SSL_EXPLICIT if explicit else SecurityOptions.SSL_IMPLICIT
    with ImapClient("127.0.0.1", server.port, "user", "secret", options) as client:
        client.ca_file = str(certificates.ca)
        client.timeout = 30_000
        yield client


@pytest.mark.parametrize("explicit", [False, True])
@pytest.mark.parametrize(
    ("which", "said"),
    [
        ("self_signed", "self.signed"),
        ("stranger", "unable to get local issuer|unable to verify|unknown"),
        ("expired", "expired"),
        ("wrong_host", "mismatch"),
        ("no_address", "mismatch"),
    ],
)
def test_H_C1_a_wrong_certificate_is_refused_with_its_reason(
    which: str, said: str, explicit: bool, certificates: Certificates
) -> None:
    context = getattr(certificates, which).server_context()
    with (
        AutoImapServer(tls=context, implicit_tls=not explicit) as server,
        tls_client(server, certificates, explicit=explicit) as client,
    ):
        with pytest.raises(
            SecurityError, match=f"(?i)the certificate of 127.0.0.1 is not accepted: .*({said})"
        ) as info:
            client.noop()
        assert "ca_file" in str(info.value)
        assert isinstance(info.value.__cause__, ssl.SSLCertVerificationError)
        handle = client.begin_list_messages()
        with pytest.raises(SecurityError):
            client.end_list_messages(handle)
        assert not any(b"secret" in bytes(conn.received) or conn.lines for conn in server.connections)
        names = {cmd.name for cmd in server.commands}
        assert names <= {"CAPABILITY", "STARTTLS"}


def test_H_C1_every_connection_is_verified_for_itself(certificates: Certificates) -> None:
    with (
        AutoImapServer(tls=certificates.good.server_context(), implicit_tls=True) as server,
        tls_client(server, certificates) as client,
    ):
        client.noop()
        server.tls = certificates.stranger.server_context()
        with pytest.raises(SecurityError):
            client.create_connection(False)
        client.noop()


def test_H_C3_old_versions_are_refused(certificates: Certificates) -> None:
    context = certificates.good.server_context()
    try:
        with pytest.warns(DeprecationWarning, match="TLS"):
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    except ValueError:
        pytest.skip("this OpenSSL has no TLS 1.1")
    with (
        AutoImapServer(tls=context, implicit_tls=True) as server,
        tls_client(server, certificates) as client,
        pytest.raises(SecurityError, match=r"the TLS handshake with 127.0.0.1 failed"),
    ):
        client.noop()


def test_H_A10_a_port_that_begins_in_the_clear_is_named_as_the_likely_mistake(certificates: Certificates) -> None:
    with (
        AutoImapServer() as server,
        tls_client(server, certificates) as client,
    ):
        server.expect_malformed = True  # it takes the handshake for a command
        with pytest.raises(SecurityError, match="is this a port that begins in the clear"):
            client.noop()


def test_H_A10_a_port_where_tls_begins_at_once_is_named_as_the_likely_mistake(certificates: Certificates) -> None:
    with (
        AutoImapServer(tls=certificates.good.server_context(), implicit_tls=True) as server,
        tls_client(server, certificates, explicit=True) as client,
    ):
        client.greeting_timeout = 50
        with pytest.raises(TimeoutException, match="is this a port where TLS begins at once"):
            client.noop()


def hang_in_handshake(conn: Conn, cmd: Command) -> bool:
    conn.reply(cmd, "OK begin")
    conn.pause_reading()  # and then nothing more
    return True


def close_in_handshake(conn: Conn, cmd: Command) -> bool:
    conn.reply(cmd, "OK begin")
    conn.close()
    return True


def alert_in_handshake(conn: Conn, cmd: Command) -> bool:
    conn.reply(cmd, "OK begin")
    conn.read_exactly(int.from_bytes(conn.read_exactly(5)[3:], "big"))  # the first record of the handshake
    conn.send(b"\x15\x03\x03\x00\x02\x02\x28")  # the alert "handshake failure"
    return True


@pytest.mark.parametrize(
    ("hook", "error", "said"),
    [
        (hang_in_handshake, TimeoutException, "the TLS handshake with 127.0.0.1 did not end within 300 ms"),
        (close_in_handshake, SecurityError, "the server closed the connection in the middle of it"),
        (alert_in_handshake, SecurityError, "(?i)handshake.failure"),
    ],
)
def test_H_B7_a_handshake_that_fails_or_stalls_is_not_followed_by_clear_text(
    hook: Callable[[Conn, Command], bool], error: type[Exception], said: str, certificates: Certificates
) -> None:
    with (
        AutoImapServer(tls=certificates.good.server_context()) as server,
        tls_client(server, certificates, explicit=True) as client,
    ):
        server.on("STARTTLS", hook)
        client.timeout = 300 if error is TimeoutException else 10_000
        with pytest.raises(error, match=said):
            client.noop()
        assert len(server.connections) == 1
        assert not any(
            b"AUTHENTICATE" in conn.clear_bytes or b"LOGIN" in conn.clear_bytes for conn in server.connections
        )


def test_B7_a_reset_in_the_handshake_is_an_error_of_the_network() -> None:
    with pair() as (transport, theirs):
        theirs.close()
        with pytest.raises((NetworkException, SecurityError)) as info:
            transport.start_tls(default_tls_context(), "127.0.0.1", Deadline(PATIENCE))
        assert "127.0.0.1" in str(info.value)


@pytest.mark.parametrize("notify", [False, True])
def test_H_C4_a_connection_cut_inside_a_literal_gives_no_message(notify: bool, certificates: Certificates) -> None:
    body = make_message(1, size=5000)

    def half(conn: Conn, cmd: Command) -> bool:
        conn.send_and_close(b"* 1 FETCH (UID 1 BODY[] {%d}\r\n" % len(body) + body[:2000], notify=notify)
        return True

    with (
        AutoImapServer({"INBOX": [body]}, tls=certificates.good.server_context(), implicit_tls=True) as server,
        tls_client(server, certificates) as client,
    ):
        client.select_folder("INBOX")
        server.on("UID FETCH", half)
        with pytest.raises(ConnectionLostError):
            client.fetch_message("1")


def test_Q3_many_pipelined_fetches_over_tls_in_pieces_of_any_size(certificates: Certificates) -> None:
    with (
        AutoImapServer(
            {"INBOX": [make_message(number, 3000) for number in range(1, 31)]},
            tls=certificates.good.server_context(),
            implicit_tls=True,
            side_by_side=4,
            split=701,
        ) as server,
        tls_client(server, certificates) as client,
    ):
        client.select_folder("INBOX")
        handles = {uid: client.begin_fetch_message(str(uid)) for uid in range(1, 31)}
        for uid, handle in handles.items():
            assert client.end_fetch_message(handle).subject == f"Message {uid}"


def test_Q2_a_large_upload_over_tls_while_answers_come_in(certificates: Certificates) -> None:
    from mailclients import MailMessage

    with (
        AutoImapServer({"INBOX": 20}, tls=certificates.good.server_context(), implicit_tls=True) as server,
        tls_client(server, certificates) as client,
    ):
        client.max_connections_per_server = 1
        client.select_folder("INBOX")
        large = MailMessage.load(make_message(99, 4_000_000))
        append = client.begin_append_message("INBOX", large)
        fetches = {uid: client.begin_fetch_message(str(uid)) for uid in range(1, 21)}
        client.end_append_message(append)
        for uid, handle in fetches.items():
            assert client.end_fetch_message(handle).subject == f"Message {uid}"
        assert server.folders["INBOX"].messages[21].body.endswith(b"\r\n")
        assert len(server.folders["INBOX"].messages[21].body) > 4_000_000
        assert len(server.connections) == 1
