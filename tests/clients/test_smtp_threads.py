"""SmtpClient between threads: where handlers run, and what an interruption leaves of a message."""

from __future__ import annotations

import threading

import pytest

from mailclients import (
    DeliveryUnknownError,
    FailedMailMessageEventArgs,
    MailMessage,
    MailMessageEventArgs,
    NetworkException,
    OutcomeUnknownError,
    SmtpClient,
)
from mailclients.engine import scheduling
from mailclients.engine.connection import Connection
from tests.support.autosmtp import Session, SmtpServer, smtp_client
from tests.support.scripted import PATIENCE
from tests.support.waiting import until


def message(number: int = 1) -> MailMessage:
    return MailMessage("alice@example.org", "bob@example.org", f"message {number}", "hello")


@pytest.mark.parametrize("count", [1, 40])
def test_T8_T11_a_handler_of_what_lost_its_connection_for_good_holds_up_no_driver(count: int) -> None:
    told: list[str] = []
    with SmtpServer() as server, smtp_client(server, 1) as client:
        client.noop()

        def on_failure(sender: SmtpClient, args: FailedMailMessageEventArgs) -> None:
            # The task that this waits for needs the very driver whose connection could not be made again.
            with pytest.raises(NetworkException):
                sender.end_noop(sender.begin_noop())
            told.append(args.message.subject)

        def mail(session: Session, rest: str) -> str:
            server._listener.close()
            session.drop()
            return ""

        client.failed_sending += on_failure
        server.on["MAIL"] = mail
        handle = client.begin_send([message(number) for number in range(count)] if count > 1 else message(0))
        assert handle.async_wait_handle.wait_one(int(PATIENCE * 1000)), "the handler and the driver wait for each other"
        with pytest.raises(Exception, match="no connection"):
            client.end_send(handle)
        assert told == [f"message {number}" for number in range(count)]


@pytest.mark.parametrize("at", ["in the line", "on the wire"])
def test_Q7_an_interrupted_send_raises_the_interruption(at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with SmtpServer() as server, smtp_client(server) as client:
        client.noop()
        told: list[object] = []
        client.failed_sending += lambda sender, args: told.append(args)

        def interrupted(*_: object) -> None:
            if at == "on the wire":
                until(lambda: "MAIL" in server.verbs)
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(Connection, "submit" if at == "in the line" else "wait", interrupted)
            with pytest.raises(KeyboardInterrupt):
                client.send(message())
        client.send(message(2))
        assert [b"message 2" in each.content for each in server.accepted] == [True]
        assert not told


def test_C9_Q5_dispose_calls_no_message_cancelled_that_may_have_been_delivered() -> None:
    taken, answer = threading.Event(), threading.Event()

    def end(session: Session, rest: str) -> None:
        taken.set()
        assert answer.wait(PATIENCE)

    with SmtpServer() as server:
        client = smtp_client(server)
        server.on["END"] = end
        handle = client.begin_send(message())
        assert taken.wait(PATIENCE)
        client.dispose(0)
        assert handle.is_completed
        with pytest.raises(DeliveryUnknownError):
            client.end_send(handle)
        answer.set()


def test_C9_dispose_leaves_no_operation_open_whose_handler_does_not_return() -> None:
    entered, leave = threading.Event(), threading.Event()

    def on_success(sender: SmtpClient, args: MailMessageEventArgs) -> None:
        entered.set()
        leave.wait(PATIENCE)

    with SmtpServer() as server:
        client = smtp_client(server)
        client.succeeded_sending += on_success
        handle = client.begin_send(message())
        assert entered.wait(PATIENCE)
        client.dispose(0)
        assert handle.is_completed
        with pytest.raises(OutcomeUnknownError):  # and not that it was cancelled: the server has it
            client.end_send(handle)
        leave.set()


def test_T2_messages_begun_at_once_go_out_on_all_connections_side_by_side() -> None:
    side_by_side = threading.Barrier(3, timeout=PATIENCE)
    seen: set[int] = set()

    def end(session: Session, rest: str) -> None:
        if session.index not in seen:
            seen.add(session.index)
            side_by_side.wait()  # its first message is not answered before the others have theirs

    with SmtpServer() as server, smtp_client(server, 4) as client:
        server.on["END"] = end
        handles = [client.begin_send(message(number)) for number in range(3 * scheduling.IN_TURN)]
        for handle in handles:
            client.end_send(handle)
        assert len(server.accepted) == len(handles)
        assert seen == {0, 1, 2}
