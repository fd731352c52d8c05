"""SmtpClient against a server that keeps what it is sent: sending, forwarding, events, results, cancelling, limits."""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailclients import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeInvalidOperationException,
    AsposeNotSupportedException,
    AuthenticationError,
    DeliveryUnknownError,
    FailedMailMessageEventArgs,
    IAsyncResultExt,
    LimitReachedError,
    MailAddressCollection,
    MailClientError,
    MailMessage,
    MailMessageCollection,
    MailMessageEventArgs,
    NetworkException,
    OperationCanceledException,
    PipeliningMode,
    PipeliningStatus,
    RemoteProtocolError,
    SecurityError,
    SecurityOptions,
    SmtpClient,
    SmtpException,
    SmtpFailedRecipientException,
    SmtpFailedRecipientsException,
    SmtpKnownAuthenticationType,
    SmtpStatusCode,
    TimeoutException,
)
from mailclients.smtp.commands import SendMessage
from mailclients.smtp.protocol import SmtpCore
from mailclients.wire.smtp import CHUNK, Envelope, envelope_address, hello_argument
from tests.support.autosmtp import CHUNKING, KEYWORDS, OLD, Session, SmtpServer, smtp_client
from tests.support.certs import Certificates
from tests.support.scripted import PATIENCE


def message(number: int = 1, body: str = "hello", to: str = "bob@example.org") -> MailMessage:
    return MailMessage("ann@example.com", to, f"message {number}", body)


@pytest.fixture(params=[KEYWORDS, OLD, CHUNKING, [word for word in CHUNKING if word != "PIPELINING"]])
def server(request: pytest.FixtureRequest) -> Iterator[SmtpServer]:
    """With and without PIPELINING, with DATA and with BDAT."""
    with SmtpServer(keywords=request.param) as server:
        yield server


@pytest.fixture
def client(server: SmtpServer) -> Iterator[SmtpClient]:
    with smtp_client(server) as client:
        yield client


def contents(server: SmtpServer) -> list[bytes]:
    return [one.content.split(b"\r\n\r\n", 1)[1] for one in server.accepted]


# --- what arrives ------------------------------------------------------------------------------------------


def test_a_message_arrives_as_it_was_with_the_envelope_of_its_header(server: SmtpServer, client: SmtpClient) -> None:
    sent = message(body="a\n.\n..b\r\nend", to="bob@example.org, Carl <carl@example.org>")
    sent.cc = "bob@example.org"
    sent.bcc = "dora@example.org"
    client.send(sent)
    (one,) = server.accepted
    assert one.sender == "ann@example.com"
    assert one.recipients == ["bob@example.org", "carl@example.org", "dora@example.org"]
    assert contents(server) == [b"a\r\n.\r\n..b\r\nend\r\n"]
    received = MailMessage.from_bytes(one.content)
    assert received.subject == "message 1"
    assert received.message_id == sent.message_id
    assert received.date is not None
    assert b"dora" not in one.content


@pytest.mark.parametrize("body", ["", ".", "\n", ".\n.\n", "x" * 300_000, "line\n" * 50_000])
def test_bodies_of_all_kinds_arrive(server: SmtpServer, client: SmtpClient, body: str) -> None:
    sent = message(body=body)
    whole = sent.as_bytes()
    client.forward("ann@example.com", "bob@example.org", sent)
    assert server.accepted[0].content == whole


@pytest.mark.parametrize(
    "tail", [b"\n.\nMAIL FROM:<x@y>\n", b"\r.\rDATA\r", b"\n.\r\nx", b"\r\n.\r\nx", b"\r\r\n.\r\n.\n", b"\r"]
)
def test_H_G3_no_command_is_smuggled(server: SmtpServer, client: SmtpClient, tail: bytes) -> None:
    client.forward(
        "ann@example.com", MailAddressCollection("bob@example.org"), io.BytesIO(b"Subject: x\r\n\r\ny" + tail)
    )
    client.noop()
    assert len(server.accepted) == 1
    got = server.accepted[0].content
    assert got.replace(b"\r\n", b"").count(b"\r") == got.replace(b"\r\n", b"").count(b"\n") == 0
    assert server.verbs.count("MAIL") == 1
    if "DATA" in server.verbs:
        assert bytes(server.sessions[0].received).count(b"\r\n.\r\n") == 1


PIECES = [b"\r", b"\n", b"\r\n", b".", b"a", b"\xff", b"MAIL FROM:<x@y>", b"\r\n.\r\n", b"QUIT\r\n", b"x" * 1100]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=30), fill=st.sampled_from([0, CHUNK - 30, CHUNK, 2 * CHUNK - 4])
)
def test_H_G3_what_arrives_is_what_was_sent_whatever_it_is(
    server: SmtpServer, client: SmtpClient, pieces: list[bytes], fill: int
) -> None:
    body = b"y" * fill + b"".join(pieces)
    whole = b"Subject: x\r\n\r\n" + body
    before = len(server.accepted)
    client.forward("ann@example.com", MailAddressCollection("bob@example.org"), io.BytesIO(whole))
    expected = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    assert len(server.accepted) == before + 1
    assert server.accepted[-1].content == expected + (b"" if expected.endswith(b"\r\n") else b"\r\n")
    assert {*server.verbs} <= {"EHLO", "AUTH", "MAIL", "RCPT", "DATA", "BDAT"}


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=20)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(local=NAMES, domain=NAMES, hello=NAMES)
def test_H_G1_whatever_a_name_is_no_second_command_leaves_the_client(local: str, domain: str, hello: str) -> None:
    """The names go into the envelope, into EHLO and into reports, or are refused."""
    for address in (f"{local}@{domain}", f'"{local}"@d.example', f"a@[{domain}]", local):
        envelope = Envelope(None, ())
        with contextlib.suppress(AsposeArgumentException):
            one = envelope_address(address, "recipient")
            envelope = Envelope(one, (one,), ("SUCCESS",))
        for message_id in (f"<{address}>", address):
            core = SmtpCore(PipeliningStatus())
            core.keywords = dict.fromkeys(("PIPELINING", "DSN", "SMTPUTF8", "SIZE"), "")
            lines = next(iter(SendMessage(envelope, b"x", message_id).lines(core)))
            assert isinstance(lines, bytes)
            commands = lines.split(b"\r\n")
            verbs = [b"MAIL", *[b"RCPT"] * len(envelope.recipients), b"DATA", b""]
            assert [line[:4] for line in commands] == verbs
            assert not any(c in lines.replace(b"\r\n", b"") for c in (b"\r", b"\n", b"\0"))
    with contextlib.suppress(AsposeArgumentException):
        assert not set(b"\r\n\0 ") & set(hello_argument(hello))


def test_forward_sends_the_bytes_as_they_are_to_others(server: SmtpServer, client: SmtpClient) -> None:
    raw = b"From: x@example.com\r\nTo: y@example.com\r\nBcc: z@example.com\r\n\r\nbody\r\n"
    client.forward("", MailAddressCollection("q@example.org, r@example.org"), io.BytesIO(raw))
    client.end_forward(client.begin_forward("s@example.org", "t@example.org", MailMessage.from_bytes(raw)))
    assert [(one.sender, one.recipients) for one in server.accepted] == [
        ("", ["q@example.org", "r@example.org"]),
        ("s@example.org", ["t@example.org"]),
    ]
    assert {one.content for one in server.accepted} == {raw.replace(b"Bcc: z@example.com\r\n", b"")}


def test_the_forms_of_send(server: SmtpServer, client: SmtpClient) -> None:
    client.send("ann@example.com", "bob@example.org; carl@example.org", "subject", "text")
    client.send(body="text", subject="subject", recipients="bob@example.org", from_address="ann@example.com")
    client.send([message(1), message(2)])
    client.send(message(3), message(4))
    client.send(MailMessageCollection([message(5)]))
    client.send(one for one in [message(6)])
    client.send([])
    with client.exclusive():
        client.send(message(7))
    assert [MailMessage.from_bytes(one.content).subject for one in server.accepted] == [
        "subject",
        "subject",
        *(f"message {number}" for number in range(1, 8)),
    ]
    assert server.accepted[0].recipients == ["bob@example.org", "carl@example.org"]


def test_T1_a_message_is_sent_as_it_was_at_the_begin(server: SmtpServer, client: SmtpClient) -> None:
    release = threading.Event()
    server.on["EHLO"] = lambda session, rest: "250 late" if not release.wait(PATIENCE) else None
    sent = message(body="before")
    handle = client.begin_send(sent)
    sent.body = "after"
    release.set()
    client.end_send(handle)
    assert contents(server) == [b"before\r\n"]


def test_one_session_serves_many_messages_and_threads(server: SmtpServer, client: SmtpClient) -> None:
    client.max_connections_per_server = 2
    handles = [client.begin_send(message(number)) for number in range(100)]
    threads = [threading.Thread(target=client.send, args=(message(number),)) for number in range(100, 110)]
    for thread in threads:
        thread.start()
    for handle in handles:
        client.end_send(handle)
    for thread in threads:
        thread.join(PATIENCE)
    subjects = [MailMessage.from_bytes(one.content).subject for one in server.accepted]
    assert sorted(subjects) == sorted(f"message {number}" for number in range(110))
    assert len(server.sessions) <= 2


def test_Q2_the_next_envelope_rides_behind_the_end_of_a_message() -> None:
    with SmtpServer() as server, smtp_client(server, 1) as client:
        client.noop()
        client.send([message(number) for number in range(5)])
        reads = server.sessions[0].reads
        assert sum(b"\r\n.\r\nMAIL FROM" in read for read in reads) == 4
        assert sum(read.startswith(b"MAIL FROM") and read.endswith(b"DATA\r\n") for read in reads) == 1


def test_Q2_nothing_is_sent_ahead_when_pipelining_is_off() -> None:
    with SmtpServer() as server, smtp_client(server, 1) as client:
        client.use_pipelining.client_mode = PipeliningMode.DISABLED
        client.send([message(number) for number in range(3)])
        assert not any(read.count(b"\r\n") > 1 and b"MAIL" in read for read in server.sessions[0].reads)
        assert len(server.accepted) == 3


# --- what the server can do --------------------------------------------------------------------------------


def test_H_G4_what_the_server_cannot_carry_is_refused_before_anything_is_sent() -> None:
    eight_bit = MailMessage.from_bytes(b"From: a@b.example\r\nTo: c@d.example\r\n\r\n\xe4\r\n")
    header = MailMessage.from_bytes("From: a@b.example\r\nTo: c@d.example\r\nSubject: ä\r\n\r\n".encode())
    null = MailMessage.from_bytes(b"From: a@b.example\r\nTo: c@d.example\r\n\r\n\0\r\n")
    with SmtpServer(keywords=["PIPELINING"]) as server, smtp_client(server, username="", password="") as client:
        for one in (eight_bit, header, null, message(to="ä@example.org")):
            with pytest.raises(AsposeNotSupportedException):
                client.send(one)
        client.forward("ann@example.com", "bob@bücher.example", message())
        assert server.accepted[0].recipients == ["bob@xn--bcher-kva.example"]
        assert server.verbs.count("MAIL") == 1


def test_extensions_are_named_where_the_message_needs_them() -> None:
    with SmtpServer(keywords=CHUNKING) as server, smtp_client(server) as client:
        for content in ("x", "ä", "\0"):
            whole = f"Subject: x\r\n\r\n{content}\r\n".encode()
            client.forward("ann@example.com", "bob@example.org", MailMessage.from_bytes(whole))
        client.forward("ann@example.com", "ä@example.org", message())
        parameters = [one.parameters.partition(" ")[2] for one in server.accepted]
        assert parameters == ["", "BODY=8BITMIME", "BODY=BINARYMIME", "SMTPUTF8"]
        assert server.accepted[2].content == b"Subject: x\r\n\r\n\0\r\n"
        assert server.accepted[3].recipients == ["ä@example.org"]


def test_H_G10_a_message_beyond_the_size_limit_is_not_sent() -> None:
    with SmtpServer(keywords=["PIPELINING", "SIZE 1000"]) as server, smtp_client(server, username="") as client:
        with pytest.raises(SmtpException) as caught:
            client.send(message(body="x" * 2000))
        assert caught.value.status_code is SmtpStatusCode.EXCEEDED_STORAGE_ALLOCATION
        client.send(message())
        assert server.verbs.count("MAIL") == 1


@pytest.mark.parametrize("limit", ["SIZE junk", "SIZE", "SIZE 0", "SIZE -1"])
def test_H_G10_a_limit_that_is_none_is_ignored(limit: str) -> None:
    with SmtpServer(keywords=[limit]) as server, smtp_client(server, username="") as client:
        client.send(message())
        assert len(server.accepted) == 1


def test_a_server_without_EHLO_is_spoken_to_with_HELO() -> None:
    with SmtpServer() as server, smtp_client(server, username="") as client:
        server.on["EHLO"] = lambda session, rest: "502 5.5.1 what?"
        client.send(message())
        assert server.sessions[0].verbs[:3] == ["EHLO", "HELO", "MAIL"]


# --- refusals ----------------------------------------------------------------------------------------------


def test_H_G5_some_recipients_refused_are_told_with_those_who_have_the_message(
    server: SmtpServer, client: SmtpClient
) -> None:
    server.refused["bad@example.org"] = "550 5.1.1 no such user"
    server.refused["full@example.org"] = "452 4.2.2 full"
    with pytest.raises(SmtpFailedRecipientException) as one:
        client.send(message(to="bad@example.org, bob@example.org"))
    assert one.value.failed_recipient == "bad@example.org"
    assert one.value.status_code is SmtpStatusCode.MAILBOX_UNAVAILABLE
    assert one.value.code == "5.1.1"
    assert one.value.server_text == "no such user"
    assert one.value.delivered_to == ("bob@example.org",)
    with pytest.raises(SmtpFailedRecipientsException) as several:
        client.send(message(to="bad@example.org, bob@example.org, full@example.org"))
    assert [error.status for error in several.value.inner_exceptions] == ["550", "452"]
    assert several.value.delivered_to == ("bob@example.org",)
    assert [accepted.recipients for accepted in server.accepted] == [["bob@example.org"]] * 2


def test_H_G5_when_all_recipients_are_refused_nothing_is_sent(server: SmtpServer, client: SmtpClient) -> None:
    server.refused["bad@example.org"] = "550 5.1.1 no such user"
    with pytest.raises(SmtpFailedRecipientException) as caught:
        client.send(message(to="bad@example.org"))
    assert caught.value.delivered_to == ()
    client.send(message())
    assert len(server.accepted) == 1
    assert "RSET" in server.verbs
    assert len(server.sessions) == 1


def test_H_G5_a_server_that_lets_data_come_for_nobody_gets_a_lone_dot() -> None:
    with SmtpServer(refused={"bad@example.org": "550 no"}) as server, smtp_client(server) as client:

        def anyway(session: Session, rest: str) -> str | None:
            if session.recipients:
                return None
            session.send("354 go on")
            assert session.dotted() == b""
            return "554 5.5.1 no valid recipients"

        server.on["DATA"] = anyway
        with pytest.raises(SmtpFailedRecipientException):
            client.send(message(to="bad@example.org"))
        client.send(message())
        assert len(server.accepted) == 1
        assert len(server.sessions) == 1


@pytest.mark.parametrize("verb", ["MAIL", "END"])
def test_a_refusal_is_the_error_and_the_session_goes_on(server: SmtpServer, client: SmtpClient, verb: str) -> None:
    refusals = iter(["552 5.3.4 too large", None, None])
    server.on[verb] = lambda session, rest: next(refusals)
    with pytest.raises(SmtpException, match=r"552 5\.3\.4 too large") as caught:
        client.send(message())
    assert caught.value.status_code is SmtpStatusCode.EXCEEDED_STORAGE_ALLOCATION
    client.send(message())
    assert len(server.accepted) == 1
    assert len(server.sessions) == 1


@pytest.mark.parametrize("answer", ["250 fine", "220 hm"])
def test_H_G11_no_content_is_sent_without_354(answer: str) -> None:
    with SmtpServer() as server, smtp_client(server) as client:
        server.on["DATA"] = lambda session, rest: answer
        with pytest.raises(RemoteProtocolError, match="DATA"):
            client.send(message(body="secret content"))
        assert not any(b"secret content" in session.received for session in server.sessions)


def test_of_several_messages_all_are_tried(server: SmtpServer, client: SmtpClient) -> None:
    server.refused["bad@example.org"] = "550 5.1.1 no such user"
    sent = [message(1), message(2, to="bad@example.org"), message(3)]
    with pytest.raises(SmtpException) as caught:
        client.send(sent)
    details = caught.value.operation_details
    assert details is not None
    assert details.succeeded == [sent[0], sent[2]]
    assert list(details.failed) == [sent[1]]
    assert details.not_handled == []
    assert isinstance(details.failed[sent[1]], SmtpFailedRecipientException)
    handle = client.begin_send(sent)
    with pytest.raises(SmtpException, match="1 of 3"):
        client.end_send(handle)
    assert len(server.accepted) == 4


# --- bad input ---------------------------------------------------------------------------------------------


def test_H_G1_bad_input_is_refused_before_any_byte() -> None:
    with SmtpServer() as server, smtp_client(server) as client:
        tricky = MailMessage.from_bytes(b'From: "a\r\n b"@c.example\r\nTo: <x@y.example> SIZE=1\r\n\r\n')
        tricky.from_address = None
        wrong: list[Callable[[], Any]] = [
            lambda: client.send(MailMessage()),
            lambda: client.send(MailMessage("a@b.example", "", "no recipients", "")),
            lambda: client.send(tricky),
            lambda: client.send("a@b.example", "c@d.example\r\nDATA", "s", "b"),
            lambda: client.send("a@b.example", "c@d.example", "s\r\nBcc: x@y", "b"),
            lambda: client.forward("a b@c.example", "d@e.example", message()),
            lambda: client.forward("a@c.example\r\nDATA", "d@e.example", message()),
            lambda: client.forward("a@c.example", "d@e.example>\r\nDATA", message()),
            lambda: client.forward("a@c.example", "", message()),
            lambda: client.forward("a@c.example", MailAddressCollection(), message()),
            lambda: client.forward("a@c.example", MailAddressCollection("d@e.example"), io.StringIO("text")),  # type: ignore[call-overload]
            lambda: client.send([message(), None]),  # type: ignore[list-item]
            lambda: client.send(b"bytes"),  # type: ignore[call-overload]
            lambda: setattr(client, "hello_message", "x\r\nMAIL"),
            lambda: setattr(client, "hello_message", "two words"),
            lambda: setattr(client, "allowed_authentication", 1),
            lambda: setattr(client, "allowed_authentication", SmtpKnownAuthenticationType.NTLM),
            lambda: setattr(client, "use_tnef", True),
            lambda: setattr(client, "use_default_credentials", True),
        ]
        for call in wrong:
            with pytest.raises((AsposeArgumentException, AsposeNotSupportedException)):
                call()
        assert server.sessions == []


# --- signing in --------------------------------------------------------------------------------------------


def test_credentials_are_checked(server: SmtpServer, client: SmtpClient) -> None:
    assert client.validate_credentials()
    client.password = "wrong"
    assert not client.validate_credentials()
    with pytest.raises(AuthenticationError) as caught:
        client.send(message())
    assert caught.value.status == "535"
    client.password = "secret"
    assert client.end_validate_credentials(client.begin_validate_credentials())
    client.username = ""
    with pytest.raises(AsposeInvalidOperationException):
        client.validate_credentials()


def test_only_what_is_allowed_is_used() -> None:
    with SmtpServer() as server, smtp_client(server) as client:
        client.allowed_authentication = SmtpKnownAuthenticationType.LOGIN
        client.noop()
        assert server.sessions[0].lines[1] == "AUTH LOGIN"
        client.allowed_authentication = SmtpKnownAuthenticationType.CRAM_MD5
        handle = client.begin_send(message())  # on a connection of its own, which has to sign in
        with pytest.raises(AsposeNotSupportedException):
            client.end_send(handle)
        known = SmtpKnownAuthenticationType
        assert client.supported_authentication == known.PLAIN | known.LOGIN | known.OAUTH2


def test_L2_an_AUTH_that_is_only_put_off_is_no_wrong_password() -> None:
    with SmtpServer() as server, smtp_client(server, timeout=300) as client:
        server.on["AUTH"] = lambda session, rest: "454 4.7.0 temporary failure"
        with pytest.raises(LimitReachedError):
            client.noop()
        server.on.clear()
        client.timeout = int(PATIENCE * 1000)
        client.noop()


# --- events ------------------------------------------------------------------------------------------------


def test_events_tell_of_every_message_before_the_operation_completes(server: SmtpServer, client: SmtpClient) -> None:
    server.refused["bad@example.org"] = "550 5.1.1 no such user"
    told: list[tuple[str, str]] = []
    client.succeeded_sending += lambda sender, args: told.append(("sent", args.message.subject))

    def on_failure(sender: SmtpClient, args: FailedMailMessageEventArgs) -> None:
        assert isinstance(args.operation_error, SmtpException)
        told.append((args.operation_error.status, args.message.subject))

    client.failed_sending += on_failure
    good, bad = message(1), message(2, to="bad@example.org")
    for send in (client.send, lambda *args: client.end_send(client.begin_send(*args))):
        told.clear()
        send(good)
        with pytest.raises(SmtpException):
            send(bad)
        with pytest.raises(SmtpException):
            send([good, bad])
        assert told == [("sent", "message 1"), ("550", "message 2")] * 2


def test_a_failed_connection_is_told_of_for_each_message() -> None:
    with SmtpServer() as server:
        port = server.port
    told: list[FailedMailMessageEventArgs] = []
    with SmtpClient("127.0.0.1", port) as client:
        arrived = threading.Semaphore(0)

        def on_failure(sender: SmtpClient, args: FailedMailMessageEventArgs) -> None:
            told.append(args)
            arrived.release()

        client.failed_sending += on_failure
        with pytest.raises(NetworkException):
            client.send([message(1), message(2)])
        assert [args.message.subject for args in told] == ["message 1", "message 2"]
        handle = client.begin_send(message(3))
        with pytest.raises(NetworkException):
            client.end_send(handle)
        for _ in range(3):
            assert arrived.acquire(timeout=PATIENCE)
        assert told[2].message.subject == "message 3"
        assert isinstance(told[2].operation_error, NetworkException)


def test_a_handler_may_use_the_client_and_may_fail(server: SmtpServer, client: SmtpClient) -> None:
    def on_success(sender: SmtpClient, args: MailMessageEventArgs) -> None:
        if args.message.subject == "message 1":
            sender.send(message(2))
            raise SystemExit

    client.max_connections_per_server = 1
    client.succeeded_sending += on_success
    client.end_send(client.begin_send(message(1)))
    assert len(server.accepted) == 2


# --- lost connections --------------------------------------------------------------------------------------


def test_H_G6_a_connection_lost_after_the_end_is_an_unknown_outcome_and_no_second_message(
    server: SmtpServer, client: SmtpClient
) -> None:
    server.on["END"] = lambda session, rest: session.drop()
    sent = message()
    with pytest.raises(DeliveryUnknownError, match="is unknown") as caught:
        client.send(sent)
    assert caught.value.message_id == sent.message_id
    assert sent.message_id in str(caught.value)
    handle = client.begin_send(sent)
    with pytest.raises(DeliveryUnknownError):
        client.end_send(handle)
    assert server.verbs.count("MAIL") == 2


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("how", ["421 4.3.0 closing", None])
def test_H_G7_a_connection_that_ends_before_the_content_is_made_again(verb: str, how: str | None) -> None:
    with SmtpServer() as server, smtp_client(server) as client:

        def first(session: Session, rest: str) -> str | None:
            if session.index % 2 == 0:
                if how is not None:
                    session.send(how)
                session.drop()
            return None

        server.on[verb] = first
        client.send(message(1))
        client.end_send(client.begin_send(message(2)))
        assert sorted(MailMessage.from_bytes(one.content).subject for one in server.accepted) == [
            "message 1",
            "message 2",
        ]


def test_H_G7_a_421_to_the_whole_message_is_a_refusal(server: SmtpServer, client: SmtpClient) -> None:
    server.on["END"] = lambda session, rest: "421 4.3.2 shutting down" if session.index == 0 else None
    with pytest.raises(SmtpException) as caught:
        client.send(message())
    assert caught.value.status_code is SmtpStatusCode.SERVICE_NOT_AVAILABLE
    client.send(message())
    assert len(server.accepted) == 1


@pytest.mark.parametrize("answer", ["500 what?", "421 4.3.0 closing"])
def test_H_G7_a_refused_RSET_closes_the_session_and_keeps_the_refusal(answer: str) -> None:
    with SmtpServer(refused={"bad@example.org": "550 no"}) as server, smtp_client(server) as client:
        server.on["RSET"] = lambda session, rest: answer if session.index == 0 else None
        with pytest.raises(SmtpFailedRecipientException):
            client.send(message(to="bad@example.org"))
        client.send(message())
        assert [one.session for one in server.accepted] == [1]


@pytest.mark.parametrize("surplus", ["250 again", "250-a\r\n251 b", "junk", "1000 x"])
def test_H_G9_a_reply_too_many_ends_the_session(surplus: str) -> None:
    with SmtpServer() as server, smtp_client(server) as client:

        def twice(session: Session, rest: str) -> str | None:
            if session.index:
                return None
            session.send(surplus)
            session.send("250 ok")
            return ""

        server.on["NOOP"] = twice
        with contextlib.suppress(MailClientError):
            client.noop()  # the reply too many may come with the first, or after it
        client.noop()
        client.send(message())
        assert server.accepted[0].session > 0


def test_H_G9_with_a_reply_too_few_nothing_is_sent() -> None:
    with SmtpServer() as server, smtp_client(server) as client:
        client.noop()
        client.timeout = 200

        def silent(session: Session, rest: str) -> str | None:
            session.recipients.append(rest)
            return ""

        server.on["RCPT"] = silent
        with pytest.raises(MailClientError):
            client.send(message(body="the content"))
    assert b"the content" not in server.sessions[0].received


def test_a_message_refused_while_it_is_sent_costs_the_session_only() -> None:
    with SmtpServer() as server, smtp_client(server) as client:

        def early(session: Session, rest: str) -> str | None:
            if session.index:
                return None
            session.send("354 go on")
            session.line()
            session.send("552 5.3.4 too much")
            came = b""
            while b"\r\n.\r\n" not in came:  # or until the client has hung up; more may ride behind it
                came = came[-4:] + session.exactly(1) + session.buffer
                session.buffer = b""
            session.drop()
            return None

        server.on["DATA"] = early
        with pytest.raises(SmtpException, match="too much"):
            client.send(message(body="x\n" * 2_500_000))
        client.send(message())
        assert len(server.accepted) == 1


def test_Q6_a_message_that_is_not_answered_in_time_is_an_unknown_outcome() -> None:
    with SmtpServer() as server, smtp_client(server) as client:
        client.noop()
        client.timeout = 200
        gone = threading.Event()
        server.on["END"] = lambda session, rest: session.drop() if gone.wait(PATIENCE) else None
        with pytest.raises(DeliveryUnknownError):
            client.send(message())
        gone.set()


def test_Q6_an_envelope_that_is_not_answered_in_time_is_a_timeout_and_nothing_was_sent() -> None:
    with SmtpServer() as server, smtp_client(server) as client:
        client.noop()
        client.timeout = 200
        gone = threading.Event()
        server.on["RCPT"] = lambda session, rest: session.drop() if gone.wait(PATIENCE) else None
        with pytest.raises(TimeoutException):
            client.send(message(body="the content"))
        gone.set()
    assert b"the content" not in server.sessions[0].received


# --- cancelling --------------------------------------------------------------------------------------------


def test_T10_a_message_cancelled_before_its_start_is_never_sent() -> None:
    with SmtpServer() as server, smtp_client(server, 1) as client:
        release = threading.Event()
        server.on["END"] = lambda session, rest: None if release.wait(PATIENCE) else "451 late"
        first = client.begin_send(message(1))
        server.wait_for(lambda: "DATA" in server.verbs)
        client.use_pipelining.client_mode = PipeliningMode.DISABLED
        second = client.begin_send(message(2))
        second.future.cancel()
        assert second.is_canceled
        release.set()
        client.end_send(first)
        with pytest.raises(OperationCanceledException):
            client.end_send(second)
        client.send(message(3))
        assert [MailMessage.from_bytes(one.content).subject for one in server.accepted] == ["message 1", "message 3"]


def test_T10_cancelling_the_message_behind_does_not_harm_the_one_ahead() -> None:
    with SmtpServer() as server, smtp_client(server, 1) as client:
        release = threading.Event()

        def late(session: Session, rest: str) -> str | None:
            release.wait(PATIENCE)
            return None

        server.on["END"] = late
        first, second = client.begin_send(message(1)), client.begin_send(message(2))
        server.wait_for(
            lambda: bytes(server.sessions[0].received).count(b"MAIL FROM") == 2 if server.sessions else False
        )
        client.cancel_async_operation(second)
        assert second.is_canceled
        release.set()
        client.end_send(first)
        client.send(message(3))
        assert [MailMessage.from_bytes(one.content).subject for one in server.accepted] == ["message 1", "message 3"]
        assert len(server.sessions) == 2


# --- limits ------------------------------------------------------------------------------------------------


def test_L1_a_server_with_three_connections_gets_everything_once() -> None:
    with SmtpServer() as server, smtp_client(server) as client:

        def greet(session: Session) -> str:
            with server.changed:
                if sum(not other.ended for other in server.sessions) > 3:
                    session.send("421 4.7.0 too many connections")
                    session.drop()
            return "220 mx.example"

        server.greeting = greet
        _all_once(server, client)


def test_L1_a_server_that_hangs_up_after_five_messages_gets_everything_once() -> None:
    with SmtpServer() as server, smtp_client(server) as client:

        def after_five(session: Session, rest: str) -> str | None:
            if session.taken < 5:
                return None
            session.send("421 4.7.0 too many messages")
            session.drop()
            return None

        server.on["MAIL"] = after_five
        _all_once(server, client)


def _all_once(server: SmtpServer, client: SmtpClient) -> None:
    handles: list[IAsyncResultExt[None]] = [client.begin_send(message(number)) for number in range(200)]
    for handle in handles:
        client.end_send(handle)
    subjects = [MailMessage.from_bytes(one.content).subject for one in server.accepted]
    assert sorted(subjects) == sorted(f"message {number}" for number in range(200))


# --- TLS ---------------------------------------------------------------------------------------------------


def test_H_A4_a_server_without_EHLO_is_no_server_for_TLS() -> None:
    with SmtpServer() as server, smtp_client(server, security_options=SecurityOptions.SSL_EXPLICIT) as client:
        server.on["EHLO"] = lambda session, rest: "502 what?"
        with pytest.raises(SecurityError):
            client.send(message())
        assert server.verbs == ["EHLO"]


@pytest.mark.parametrize("answer", ["454 not now", "502 what?", "354 go on", "250 ok", "421 bye"])
def test_H_A2_without_TLS_nothing_secret_is_sent(answer: str) -> None:
    with SmtpServer() as server, smtp_client(server, security_options=SecurityOptions.SSL_EXPLICIT) as client:
        server.on["STARTTLS"] = lambda session, rest: answer
        with pytest.raises(SecurityError):
            client.send(message())
        assert server.verbs == ["EHLO", "STARTTLS"]


@pytest.mark.parametrize("more", ["250 x", "2", "220 again"])
def test_H_B1_what_comes_between_STARTTLS_and_TLS_is_an_attack(more: str) -> None:
    with SmtpServer() as server, smtp_client(server, security_options=SecurityOptions.SSL_EXPLICIT) as client:
        server.on["STARTTLS"] = lambda session, rest: "220 go on\r\n" + more
        with pytest.raises(SecurityError):
            client.send(message())
        assert "AUTH" not in server.verbs


def test_TLS_by_STARTTLS_and_from_the_start(certificates: Certificates) -> None:
    for implicit in (False, True):
        context = certificates.good.server_context()
        with SmtpServer(tls=context, implicit=implicit) as server:
            security = SecurityOptions.SSL_IMPLICIT if implicit else SecurityOptions.AUTO
            with smtp_client(server, security_options=security, ca_file=str(certificates.ca)) as client:
                client.send(message())
            assert len(server.accepted) == 1
            assert not any(word in server.sessions[0].clear for word in (b"AUTH", b"MAIL"))


def test_H_B4_what_was_offered_in_the_clear_is_forgotten(certificates: Certificates) -> None:
    with SmtpServer(tls=certificates.good.server_context()) as server:
        offers = iter(["250-mx\r\n250-STARTTLS\r\n250-PIPELINING\r\n250 AUTH LOGIN", "250-mx\r\n250 AUTH PLAIN"])
        server.on["EHLO"] = lambda session, rest: next(offers)
        with smtp_client(server, security_options=SecurityOptions.AUTO, ca_file=str(certificates.ca)) as client:
            client.noop()
            assert client.get_capabilities() == ["AUTH PLAIN"]
        assert server.sessions[0].verbs[:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]


def test_types_of_wrong_arguments_are_named() -> None:
    with SmtpClient("localhost") as client, pytest.raises(ArgumentTypeError, match="messages"):
        client.send(["text"])  # type: ignore[list-item]
