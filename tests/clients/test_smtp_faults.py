"""SmtpClient where the server says not now, says it early, or says too little: what is sent again, and what is not."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from mailclients import (
    DeliveryUnknownError,
    FailedMailMessageEventArgs,
    LimitReachedError,
    MailMessage,
    NetworkException,
    OperationCanceledException,
    PipeliningMode,
    SecurityOptions,
    SmtpClient,
    SmtpException,
    SmtpFailedRecipientException,
    SmtpStatusCode,
)
from tests.support.autosmtp import CHUNKING, KEYWORDS, OLD, Session, SmtpServer, smtp_client
from tests.support.certs import Certificates
from tests.support.scripted import PATIENCE
from tests.support.waiting import until

WAYS = {"DATA": KEYWORDS, "BDAT": CHUNKING, "DATA, one by one": OLD, "BDAT, one by one": [*OLD, "CHUNKING"]}


def message(number: int = 1, body: str = "hello", to: str = "bob@example.org") -> MailMessage:
    return MailMessage("ann@example.com", to, f"message {number}", body)


@pytest.fixture(params=WAYS)
def server(request: pytest.FixtureRequest) -> Iterator[SmtpServer]:
    with SmtpServer(keywords=WAYS[request.param]) as server:
        yield server


@pytest.fixture
def client(server: SmtpServer) -> Iterator[SmtpClient]:
    with smtp_client(server) as client:
        yield client


def subjects(server: SmtpServer) -> list[str]:
    return [MailMessage.from_bytes(one.content).subject for one in server.accepted]


def numbered(count: int) -> list[str]:
    return sorted(f"message {number}" for number in range(count))


# --- not so many -------------------------------------------------------------------------------------------

LIMIT = "432 4.3.2 Concurrent connections limit exceeded"  # Exchange Online


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "BDAT", "END"])
def test_L1_a_432_in_the_middle_is_a_matter_for_the_pool(server: SmtpServer, client: SmtpClient, verb: str) -> None:
    limits = iter([LIMIT])

    def limited(session: Session, rest: str) -> str | None:
        if verb == "BDAT" and (answer := next(limits, None)):
            session.exactly(int(rest.split(maxsplit=1)[0]))
            return answer
        return next(limits, None)

    if verb not in ("MAIL", "RCPT", "END"):
        verb = "BDAT" if "CHUNKING" in server.keywords else "DATA"
    server.on[verb] = limited
    client.end_send(client.begin_send(message(0)))
    client.send(message(1))
    assert subjects(server) == ["message 0", "message 1"]
    assert client.pool.get_stats()["refused_total"] == 1


def test_L1_what_is_refused_with_432_lowers_the_limit_and_everything_arrives_once() -> None:
    with SmtpServer() as server, smtp_client(server) as client:
        sending: set[int] = set()

        def limited(session: Session, rest: str) -> str | None:
            with server.changed:
                gone = {index for index in sending if server.sessions[index].ended}
                sending.difference_update(gone)
                if session.index not in sending and len(sending) == 3:
                    return LIMIT
                sending.add(session.index)
            return None

        server.on["MAIL"] = limited
        client.use_pipelining.client_mode = PipeliningMode.DISABLED  # so that every message wants a connection
        handles = [client.begin_send(message(number)) for number in range(100)]
        for handle in handles:
            client.end_send(handle)
        assert sorted(subjects(server)) == numbered(100)


def test_L1_a_432_for_ever_is_a_limit_in_the_end_and_the_server_is_not_stormed() -> None:
    with SmtpServer() as server, smtp_client(server) as client:
        server.on["MAIL"] = lambda session, rest: LIMIT
        client.noop()
        client.timeout = 1500
        with pytest.raises(LimitReachedError, match="Concurrent") as caught:
            client.send(message())
        assert (caught.value.status, caught.value.code) == ("432", "4.3.2")
        with pytest.raises(LimitReachedError):
            client.end_send(client.begin_send(message()))
        assert server.verbs.count("MAIL") < 12
        assert not server.accepted


@pytest.mark.parametrize("reply", ["421 4.7.0 too busy", "421 4.3.2 not now"])
def test_L1_a_421_before_any_message_is_a_matter_for_the_pool(
    server: SmtpServer, client: SmtpClient, reply: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailclients.engine.pool.backoff", lambda *_: 0.01)

    def busy(session: Session, rest: str) -> str | None:
        if session.index < 4:  # more often than a message may break a connection by its own fault
            session.send(reply)
            session.drop()
        return None

    server.on["MAIL"] = busy
    client.end_send(client.begin_send(message()))
    assert len(server.accepted) == 1
    assert client.pool.get_stats()["refused_total"] == 4


@pytest.mark.parametrize("reply", ["421 4.7.0 that is enough", "421 4.4.2 timeout exceeded"])
def test_L1_a_421_after_messages_lowers_nothing(server: SmtpServer, client: SmtpClient, reply: str) -> None:
    def enough(session: Session, rest: str) -> str | None:
        if session.taken == 2:
            session.send(reply)
            session.drop()
        return None

    server.on["MAIL"] = enough
    client.send([message(number) for number in range(20)])
    assert subjects(server) == [f"message {number}" for number in range(20)]
    assert client.pool.get_stats()["refused_total"] == 0


def test_a_421_for_silence_is_no_limit() -> None:
    with SmtpServer() as server, smtp_client(server) as client:

        def idle(session: Session, rest: str) -> str | None:
            if session.index == 0:
                session.send("421 4.4.2 timeout exceeded")
                session.drop()
            return None

        server.on["MAIL"] = idle
        client.send(message())
        assert client.pool.get_stats()["refused_total"] == 0
        assert len(server.accepted) == 1


@pytest.mark.parametrize("verb", ["NOOP", "RSET", "MAIL", "RCPT"])
@pytest.mark.parametrize("reply", ["334 ", "354 go on", "300 hm"])
def test_H_G9_a_reply_that_waits_for_more_where_nothing_follows_costs_the_connection(verb: str, reply: str) -> None:
    with SmtpServer(refused={"bad@example.org": "550 no"}) as server, smtp_client(server) as client:
        client.noop()
        server.on[verb] = lambda session, rest: reply if session.index == 0 else None
        with contextlib.suppress(SmtpException):  # or carried out on another connection
            client.noop() if verb == "NOOP" else client.send(message(to="bad@example.org", body="the content"))
        client.send(message(2))
        assert subjects(server) == ["message 2"]
        assert server.accepted[0].session == 1
    assert b"the content" not in server.sessions[0].received


# --- several messages --------------------------------------------------------------------------------------


@pytest.mark.parametrize("begun", [False, True], ids=["plain", "begun"])
def test_H_G6_of_several_messages_the_error_says_which_were_sent(
    server: SmtpServer, client: SmtpClient, begun: bool
) -> None:
    told: list[tuple[str, str]] = []
    driving: list[bool] = []

    def on_failure(sender: SmtpClient, args: FailedMailMessageEventArgs) -> None:
        told.append((args.message.subject, type(args.operation_error).__name__))
        driving.append(sender._tasks.driving())

    def third(session: Session, rest: str) -> str | None:
        if len(server.accepted) == 2:
            server._listener.shutdown(socket.SHUT_RDWR)  # nobody will be there to try again with
            session.drop()
        return None

    client.failed_sending += on_failure
    server.on["END"] = third
    sent = [message(number) for number in range(20)]
    with pytest.raises(SmtpException, match="18 of 20") as caught:
        client.end_send(client.begin_send(sent)) if begun else client.send(sent)
    details = caught.value.operation_details
    assert details is not None
    assert details.succeeded == sent[:2]
    assert list(details.failed) == sent[2:16]
    assert details.not_handled == sent[16:]
    kinds = [type(details.failed[one]) for one in sent[2:16]]
    assert kinds[0] is DeliveryUnknownError
    assert all(issubclass(kind, NetworkException) and kind is not DeliveryUnknownError for kind in kinds[1:])
    assert subjects(server) == ["message 0", "message 1"]
    until(lambda: len(told) == 18)
    assert told[0] == ("message 2", "DeliveryUnknownError")
    assert [subject for subject, _ in told] == [one.subject for one in sent[2:]]
    assert not any(driving)


@pytest.mark.parametrize("begun", [False, True], ids=["plain", "begun"])
def test_of_several_messages_those_that_were_sent_are_not_sent_again(
    server: SmtpServer, client: SmtpClient, begun: bool
) -> None:
    """The server hangs up in the middle of an envelope, behind an end that it has answered."""
    refused = message(7, to="bad@example.org")
    server.refused["bad@example.org"] = "550 5.1.1 nobody"

    def now_and_then(session: Session, rest: str) -> str | None:
        if session.taken == 3:
            session.drop()
        return None

    server.on["RCPT"] = now_and_then
    sent = [refused if number == 7 else message(number) for number in range(40)]
    with pytest.raises(SmtpException, match="1 of 40") as caught:
        client.end_send(client.begin_send(sent)) if begun else client.send(sent)
    details = caught.value.operation_details
    assert details is not None
    assert (len(details.succeeded), list(details.failed), details.not_handled) == (39, [refused], [])
    assert Counter(subjects(server)) == Counter(one.subject for one in sent if one is not refused)


# --- replies, early and late -------------------------------------------------------------------------------

TURNS = {"DATA": 6, "BDAT": 6, "DATA, one by one": 20, "BDAT, one by one": 15}


@pytest.mark.parametrize("way", WAYS)
def test_Q2_with_PIPELINING_a_message_costs_one_round_trip(way: str) -> None:
    with SmtpServer(keywords=WAYS[way]) as server, smtp_client(server, 1) as client:
        client.noop()
        before = len(server.sessions[0].reads)
        client.send([message(number) for number in range(5)])
        assert len(server.sessions[0].reads) - before == TURNS[way]
        assert len(server.accepted) == 5


@pytest.mark.parametrize("reply", ["450 4.2.1 try again", "452 4.5.3 too many recipients", "550 5.1.1 nobody"])
def test_H_G5_every_refused_recipient_is_told_and_the_others_have_the_message(
    server: SmtpServer, client: SmtpClient, reply: str
) -> None:
    server.refused["bad@example.org"] = reply
    with pytest.raises(SmtpFailedRecipientException) as some:
        client.send(message(to="bad@example.org, bob@example.org"))
    assert (some.value.status, some.value.delivered_to) == (reply[:3], ("bob@example.org",))
    with pytest.raises(SmtpFailedRecipientException) as none:
        client.end_send(client.begin_send(message(to="bad@example.org")))
    assert (none.value.status, none.value.code) == (reply[:3], reply[4:9])
    assert none.value.delivered_to == ()
    assert len(server.accepted) == 1


@pytest.mark.parametrize("reply", ["451 4.3.0 not now", "554 5.5.1 no"])
def test_a_refused_DATA_is_the_error_and_no_content_is_sent(reply: str) -> None:
    for keywords in (KEYWORDS, OLD):
        with SmtpServer(keywords=keywords) as server, smtp_client(server) as client:
            client.noop()
            server.on["DATA"] = lambda session, rest: reply
            with pytest.raises(SmtpException, match=reply[4:9]):
                client.send(message(body="the content"))
            server.on.clear()
            client.send(message(2))
            assert len(server.sessions) == 1
            assert len(server.accepted) == 1
            assert b"the content" not in server.sessions[0].received


@pytest.mark.parametrize("keywords", [CHUNKING, [*OLD, "CHUNKING"]], ids=["pipelined", "one by one"])
def test_a_BDAT_refused_in_the_middle_costs_the_session_only(keywords: list[str]) -> None:
    with SmtpServer(keywords=keywords) as server, smtp_client(server) as client:

        def early(session: Session, rest: str) -> str | None:
            if session.index:
                return None
            count = int(rest.split(maxsplit=1)[0])
            session.exactly(1000)
            session.send("552 5.3.4 too much")
            session.exactly(count - 1000)  # or until the client has hung up
            session.drop()
            return None

        server.on["BDAT"] = early
        with pytest.raises(SmtpException, match="too much") as caught:
            client.send(message(1, body="x\n" * 3_000_000))
        assert caught.value.status_code is SmtpStatusCode.EXCEEDED_STORAGE_ALLOCATION
        client.send(message(2))
        assert subjects(server) == ["message 2"]
        assert server.accepted[0].session == 1


@pytest.mark.parametrize("reply", ["552 5.3.4 too much", "451 4.3.0 not now"])
def test_a_message_refused_at_its_end_leaves_the_one_behind_alone(
    server: SmtpServer, client: SmtpClient, reply: str
) -> None:
    replies = iter([reply])
    server.on["END"] = lambda session, rest: next(replies, None)
    client.max_connections_per_server = 1
    handles = [client.begin_send(message(number)) for number in range(5)]
    with pytest.raises(SmtpException, match=reply[4:9]):
        client.end_send(handles[0])
    for handle in handles[1:]:
        client.end_send(handle)
    assert subjects(server) == [f"message {number}" for number in range(1, 5)]


# --- cancelling, in the clear and under TLS ----------------------------------------------------------------


@pytest.fixture(params=["DATA in the clear", "BDAT in the clear", "DATA with TLS", "BDAT with STARTTLS"])
def secured(request: pytest.FixtureRequest, certificates: Certificates) -> Iterator[tuple[SmtpServer, SmtpClient]]:
    """A server and a client with one connection."""
    way, _, security = request.param.partition(" ")
    tls = certificates.good.server_context() if "TLS" in security else None
    implicit = security == "with TLS"
    with SmtpServer(keywords=WAYS[way], tls=tls, implicit=implicit) as server, smtp_client(server, 1) as client:
        if tls is not None:
            client.ca_file = str(certificates.ca)
            client.security_options = SecurityOptions.SSL_IMPLICIT if implicit else SecurityOptions.SSL_EXPLICIT
        yield server, client


def begins_content(server: SmtpServer) -> str:
    """The command behind which the content comes."""
    return "BDAT" if "CHUNKING" in server.keywords else "DATA"


def test_T10_a_message_cancelled_before_its_start_is_never_sent(secured: tuple[SmtpServer, SmtpClient]) -> None:
    server, client = secured
    release = threading.Event()

    def late(session: Session, rest: str) -> str | None:
        release.wait(PATIENCE)
        return None

    server.on["EHLO"] = late
    handles = [client.begin_send(message(number)) for number in range(5)]
    for handle in handles[1::2]:
        client.cancel_async_operation(handle)
        assert handle.is_canceled
    release.set()
    for handle in handles[::2]:
        client.end_send(handle)
    for handle in handles[1::2]:
        with pytest.raises(OperationCanceledException):
            client.end_send(handle)
    client.noop()
    assert subjects(server) == ["message 0", "message 2", "message 4"]
    assert server.verbs.count("MAIL") == 3


def test_T10_a_message_cancelled_in_the_middle_never_has_its_end(secured: tuple[SmtpServer, SmtpClient]) -> None:
    server, client = secured
    begun, release = threading.Event(), threading.Event()

    def stall(session: Session, rest: str) -> str | None:
        if session.index == 0:
            if session.verbs[-1] == "DATA":
                session.send("354 go on")
            begun.set()
            release.wait(PATIENCE)
            session.exactly(64 * 1024 * 1024)  # to the end of the connection: there is not so much
        return None

    server.on[begins_content(server)] = stall
    handle = client.begin_send(message(1, body="x\n" * 3_000_000))
    assert begun.wait(PATIENCE)
    client.cancel_async_operation(handle)
    assert handle.is_canceled
    release.set()
    with pytest.raises(OperationCanceledException):
        client.end_send(handle)
    server.wait_for(lambda: server.sessions[0].ended)
    assert not server.sessions[0].received.endswith(b"\r\n.\r\n")
    assert len(server.sessions[0].received) < 9_000_000
    assert not server.accepted
    client.send(message(2))
    assert subjects(server) == ["message 2"]


def test_T10_a_message_that_has_been_sent_completes(secured: tuple[SmtpServer, SmtpClient]) -> None:
    server, client = secured
    whole, release = threading.Event(), threading.Event()

    def late(session: Session, rest: str) -> str | None:
        whole.set()
        release.wait(PATIENCE)
        return None

    server.on["END"] = late
    handle = client.begin_send(message())
    assert whole.wait(PATIENCE)
    client.cancel_async_operation(handle)
    assert not handle.is_canceled
    release.set()
    client.end_send(handle)
    assert subjects(server) == ["message 1"]
    assert len(server.sessions) == 1
