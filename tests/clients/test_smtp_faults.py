"""SmtpClient where the server says not now, says it early, or says too little: what is sent again, and what is not."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from mailclients import (
    LimitReachedError,
    MailMessage,
    PipeliningMode,
    SmtpClient,
    SmtpException,
)
from tests.support.autosmtp import KEYWORDS, Session, SmtpServer, smtp_client

OLD = [word for word in KEYWORDS if word != "PIPELINING"]
CHUNKING = [*KEYWORDS, "CHUNKING", "BINARYMIME"]
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
def test_a_reply_that_waits_for_more_where_nothing_follows_costs_the_connection(verb: str, reply: str) -> None:
    with SmtpServer(refused={"bad@example.org": "550 no"}) as server, smtp_client(server) as client:
        client.noop()
        server.on[verb] = lambda session, rest: reply if session.index == 0 else None
        with contextlib.suppress(SmtpException):  # or carried out on another connection
            client.noop() if verb == "NOOP" else client.send(message(to="bad@example.org", body="the content"))
        client.send(message(2))
        assert subjects(server) == ["message 2"]
        assert server.accepted[0].session == 1
    assert b"the content" not in server.sessions[0].received
