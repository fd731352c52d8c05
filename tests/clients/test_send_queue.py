"""SmtpClient's disk queue against a server that keeps what it is sent: what goes out, what stays, what is put aside."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    AsposeArgumentException,
    AsposeInvalidOperationException,
    AuthenticationError,
    DeliveryNotificationOptions,
    DeliveryUnknownError,
    FailedMailMessageEventArgs,
    IAsyncResultExt,
    MailMessage,
    MailMessageEventArgs,
    ObjectDisposedException,
    OperationCanceledException,
    SecurityOptions,
    SmtpClient,
    SmtpException,
    SmtpFailedRecipientException,
)
from mailclients.smtp import queue_sender
from mailclients.smtp.queue import Record
from mailclients.smtp.queue_sender import Pace, QueueSender
from tests.support.autosmtp import KEYWORDS, Session, SmtpServer, smtp_client
from tests.support.certs import Certificates
from tests.support.clock import FakeClock
from tests.support.scripted import PATIENCE
from tests.support.waiting import until

CHUNKING = [*KEYWORDS, "CHUNKING"]
SELDOM = 3600.0  # seconds: a folder that is looked at so seldom is looked at when it has to be


def message(number: int = 1, body: str = "hello", to: str = "bob@example.org") -> MailMessage:
    return MailMessage("ann@example.com", to, f"message {number}", body)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "queue"


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def client(server: SmtpServer, folder: Path) -> Iterator[SmtpClient]:
    with queue_client(server, folder) as client:
        yield client


def queue_client(server: SmtpServer, folder: Path, limit: int = 10, **pace: Any) -> SmtpClient:
    client = smtp_client(server, limit, smtp_queue_location=str(folder))
    client._queue_pace = Pace(**{"scan": SELDOM, **pace})
    return client


def subjects(server: SmtpServer) -> list[str]:
    return [MailMessage.from_bytes(one.content).subject for one in server.accepted]


def waiting(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.eml"))


def record_of(folder: Path, outcome: str = "") -> dict[str, Any]:
    (path,) = (folder / outcome).glob("*.json")
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def sender_of(client: SmtpClient) -> QueueSender:
    (sender,) = client._queue_senders
    return sender


def ended(client: SmtpClient, handle: IAsyncResultExt[None]) -> None:
    """Cancels the sending and waits for its end."""
    client.cancel_async_operation(handle)
    with pytest.raises(OperationCanceledException):
        client.end_begin_send_queue(handle)
    assert handle.is_canceled


class Told:
    """What the events of a client have told."""

    def __init__(self, client: SmtpClient) -> None:
        self.changed = threading.Condition()
        self.sent: list[MailMessage] = []
        self.failed: list[FailedMailMessageEventArgs] = []
        client.succeeded_sending += self._succeeded
        client.failed_sending += self._failed

    def _succeeded(self, sender: object, args: MailMessageEventArgs) -> None:
        with self.changed:
            self.sent.append(args.message)
            self.changed.notify_all()

    def _failed(self, sender: object, args: FailedMailMessageEventArgs) -> None:
        with self.changed:
            self.failed.append(args)
            self.changed.notify_all()

    def wait_for(self, sent: int = 0, failed: int = 0) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.sent) >= sent and len(self.failed) >= failed, PATIENCE)


# --- what goes out -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("keywords", [KEYWORDS, CHUNKING, [word for word in KEYWORDS if word != "PIPELINING"]])
def test_D1_what_was_put_in_arrives_as_it_was(folder: Path, keywords: list[str]) -> None:
    with SmtpServer(keywords=keywords) as server, queue_client(server, folder) as client:
        told = Told(client)
        sent = message(body="a\n.\n..b\r\nend", to="bob@example.org, Carl <carl@example.org>")
        sent.bcc = "dora@example.org"
        client.send_to_queue([sent, message(2, body="x" * 300_000)])
        sent.subject = "changed"
        assert len(waiting(folder)) == 2
        assert not server.sessions
        handle = client.begin_send_queue()
        told.wait_for(sent=2)
        first = next(one for one in server.accepted if b"message 1" in one.content)
        assert (first.sender, first.recipients) == (
            "ann@example.com",
            ["bob@example.org", "carl@example.org", "dora@example.org"],
        )
        assert first.content.endswith(b"\r\n\r\na\r\n.\r\n..b\r\nend\r\n")
        assert not any(word in first.content for word in (b"dora", b"changed", b"X-Mailclients"))
        assert sorted(subjects(server)) == ["message 1", "message 2"]
        assert {one.message_id for one in told.sent} >= {sent.message_id}
        ended(client, handle)
        assert waiting(folder) == []


def test_D1_what_was_wanted_of_the_server_is_kept_with_the_message(folder: Path) -> None:
    with SmtpServer(keywords=[*KEYWORDS, "DSN"]) as server, queue_client(server, folder) as client:
        told = Told(client)
        wanted = message(1)
        wanted.delivery_notification_options = DeliveryNotificationOptions.ON_SUCCESS
        client.send_to_queue([wanted, message(2)])
        client.require_tls = True
        client.send_to_queue([message(3)])
        client.require_tls = False  # taken when it is put there
        handle = client.begin_send_queue()
        told.wait_for(sent=2, failed=1)
        lines = [line for session in server.sessions for line in session.lines if line.startswith("RCPT")]
        assert sorted(line.partition(">")[2].partition(" ORCPT")[0] for line in lines) == ["", " NOTIFY=SUCCESS"]
        assert sorted(subjects(server)) == ["message 1", "message 2"]
        assert "require_tls" in record_of(folder, "failed")["reason"]
        ended(client, handle)


@pytest.mark.parametrize("implicit", [False, True], ids=["STARTTLS", "TLS"])
def test_D4_what_was_wanted_of_the_server_is_wanted_at_each_attempt_whoever_makes_it(
    folder: Path, certificates: Certificates, implicit: bool
) -> None:
    clock = FakeClock()
    offered = ["PIPELINING", "DSN", "REQUIRETLS", "AUTH PLAIN"]
    context = certificates.good.server_context()
    with SmtpServer(keywords=offered, tls=context, implicit=implicit) as server:
        security = SecurityOptions.SSL_IMPLICIT if implicit else SecurityOptions.SSL_EXPLICIT

        def secure_client() -> SmtpClient:
            client = queue_client(server, folder, clock=clock)
            client.security_options, client.ca_file = security, str(certificates.ca)
            return client

        server.refused["late@example.org"] = "450 4.2.0 later"
        with secure_client() as client:
            wanted = message(1, to="bob@example.org, late@example.org")
            wanted.delivery_notification_options = DeliveryNotificationOptions.ON_FAILURE
            client.require_tls = True
            client.send_to_queue([wanted])
            handle = client.begin_send_queue()
            until(partial(_tried, folder, 1), "the attempt")
            ended(client, handle)
        server.refused.clear()
        clock.advance(61)
        with secure_client() as client:  # which does not know what was wanted
            assert client.require_tls is False
            told = Told(client)
            handle = client.begin_send_queue()
            told.wait_for(sent=1)
            ended(client, handle)
        assert [one.recipients for one in server.accepted] == [["bob@example.org"], ["late@example.org"]]
        lines = [line for session in server.sessions for line in session.lines]
        assert [" REQUIRETLS" in line for line in lines if line.startswith("MAIL")] == [True, True]
        recipients = [line for line in lines if line.startswith("RCPT")]
        assert ["NOTIFY=FAILURE" in line for line in recipients] == [True, True, True]


def test_D7_what_this_process_puts_in_later_is_sent_at_once(client: SmtpClient, folder: Path) -> None:
    told = Told(client)
    handle = client.begin_send_queue()
    for number in range(1, 4):
        client.send_to_queue([message(number)])
        told.wait_for(sent=number)
    ended(client, handle)


def test_D7_what_another_process_puts_in_is_found(server: SmtpServer, folder: Path) -> None:
    with queue_client(server, folder, scan=0.02) as client:
        told = Told(client)
        handle = client.begin_send_queue()
        other = SmtpClient()
        other.smtp_queue_location = folder  # a path is taken as well
        elsewhere = folder.with_name("elsewhere")
        other.smtp_queue_location = str(elsewhere)
        other.send_to_queue([message()])
        (path,) = waiting(elsewhere)
        path.rename(folder / path.name)
        told.wait_for(sent=1)
        ended(client, handle)


def test_Q2_messages_of_the_queue_are_pipelined_like_all_others(server: SmtpServer, folder: Path) -> None:
    with queue_client(server, folder, 1) as client:
        told = Told(client)
        client.send_to_queue(message(number) for number in range(50))
        handle = client.begin_send_queue()
        told.wait_for(sent=50)
        (session,) = server.sessions
        assert sum(read.startswith(b".\r\nMAIL FROM") for read in session.reads) >= 45
        assert subjects(server) == [f"message {number}" for number in range(50)]
        ended(client, handle)


def test_D8_so_many_and_no_more_are_on_their_way(server: SmtpServer, folder: Path) -> None:
    release = threading.Event()
    server.on["END"] = lambda session, rest: None if release.wait(PATIENCE) else "451 late"
    with queue_client(server, folder, 3) as client:
        told = Told(client)
        client.send_to_queue(message(number) for number in range(queue_sender.AT_ONCE + 50))
        handle = client.begin_send_queue()
        sender = sender_of(client)
        until(lambda: len(sender._flights) == queue_sender.AT_ONCE, "as many as may be on their way")
        server.wait_for(lambda: any(session.verbs[-1:] == ["DATA"] for session in server.sessions))
        assert len(sender._flights) == queue_sender.AT_ONCE
        release.set()
        told.wait_for(sent=queue_sender.AT_ONCE + 50)
        assert len(server.accepted) == queue_sender.AT_ONCE + 50
        ended(client, handle)


def test_D8_one_large_message_goes_alone(server: SmtpServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_sender, "BYTES_AT_ONCE", 1000)
    release = threading.Event()
    server.on["END"] = lambda session, rest: None if release.wait(PATIENCE) else "451 late"
    with queue_client(server, folder) as client:
        told = Told(client)
        client.send_to_queue(message(number, body="x" * 2000) for number in range(3))
        handle = client.begin_send_queue()
        server.wait_for(lambda: server.sessions and server.sessions[0].verbs[-1:] == ["DATA"])
        assert len(sender_of(client)._flights) == 1
        release.set()
        told.wait_for(sent=3)
        ended(client, handle)


def test_D8_a_handler_that_does_not_return_holds_up_nobody_but_itself(
    server: SmtpServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_sender, "AT_ONCE", 3)
    release = threading.Event()
    with queue_client(server, folder) as client:
        told = Told(client)

        def slow(sender: object, args: MailMessageEventArgs) -> None:
            if args.message.subject == "message 0":
                release.wait(PATIENCE)
            if args.message.subject == "message 1":
                raise RuntimeError("a handler of the caller's")

        client.succeeded_sending += slow
        client.send_to_queue(message(number) for number in range(10))
        handle = client.begin_send_queue()
        server.wait_for(lambda: len(server.accepted) == 10)
        release.set()
        told.wait_for(sent=10)
        ended(client, handle)


def test_D8_messages_whose_handlers_do_not_return_are_so_many_and_no_more(
    server: SmtpServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_sender, "AT_ONCE", 3)
    release = threading.Event()
    with queue_client(server, folder) as client:
        client.succeeded_sending += lambda sender, args: release.wait(PATIENCE)
        client.send_to_queue(message(number) for number in range(10))
        handle = client.begin_send_queue()
        sender = sender_of(client)
        until(lambda: sender._untold == 3, "their answers")
        assert not sender._flights
        assert len(server.accepted) == 3
        release.set()
        server.wait_for(lambda: len(server.accepted) == 10)
        until(lambda: not sender._flights and not sender._untold, "the rest")
        ended(client, handle)


def test_C2_with_one_connection_the_queue_shares_it(server: SmtpServer, folder: Path) -> None:
    with queue_client(server, folder, 1) as client:
        told = Told(client)
        client.noop()
        handle = client.begin_send_queue()
        client.send_to_queue(message(number) for number in range(5))
        client.send(message(7))
        told.wait_for(sent=6)
        assert len(server.sessions) == 1
        ended(client, handle)


# --- what is refused ---------------------------------------------------------------------------------------


def test_D5_what_is_refused_for_good_is_put_aside_with_the_reason(
    server: SmtpServer, client: SmtpClient, folder: Path
) -> None:
    told = Told(client)
    server.on["END"] = lambda session, rest: "554 5.6.0 not this" if session.taken == 0 else None
    server.refused["nobody@example.org"] = "550 5.1.1 who?"
    client.send_to_queue([message(1), message(2, to="nobody@example.org")])
    handle = client.begin_send_queue()
    told.wait_for(failed=2)
    errors = {one.message.subject: one.operation_error for one in told.failed}
    assert isinstance(errors["message 1"], SmtpException)
    assert errors["message 1"].status == "554"
    assert isinstance(errors["message 2"], SmtpFailedRecipientException)
    assert errors["message 2"].failed_recipient == "nobody@example.org"
    ended(client, handle)
    assert waiting(folder) == []
    records = [json.loads(path.read_bytes()) for path in (folder / "failed").glob("*.json")]
    assert {one["outcome"] for one in records} == {"failed"}
    assert any("554 5.6.0 not this" in one["reason"] for one in records)
    assert [one["refused"] for one in records if one["refused"]] == [
        [{"recipient": "nobody@example.org", "status": "550", "code": "5.1.1", "text": "who?"}]
    ]
    assert len(list((folder / "failed").glob("*.eml"))) == 2
    assert server.accepted == []


def test_D5_what_the_server_cannot_carry_is_put_aside(folder: Path) -> None:
    raw = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: 8\r\n\r\n\xe4\r\n"
    with SmtpServer(keywords=["PIPELINING", "AUTH PLAIN"]) as server, queue_client(server, folder) as client:
        told = Told(client)
        client.send_to_queue([MailMessage.from_bytes(raw), message(2)])
        handle = client.begin_send_queue()
        told.wait_for(sent=1, failed=1)
        assert "8BITMIME" in record_of(folder, "failed")["reason"]
        ended(client, handle)


def test_D5_a_damaged_file_is_put_aside_and_the_others_go(server: SmtpServer, client: SmtpClient, folder: Path) -> None:
    told = Told(client)
    client.send_to_queue([message(1), message(2)])
    torn = waiting(folder)[0]
    torn.write_bytes(torn.read_bytes()[:-3])
    handle = client.begin_send_queue()
    told.wait_for(sent=1, failed=1)
    assert subjects(server) == ["message 2"]
    assert "length" in record_of(folder, "failed")["reason"]
    assert "length" in str(told.failed[0].operation_error)
    ended(client, handle)


def test_D6_each_recipient_has_a_fate_of_its_own(server: SmtpServer, folder: Path) -> None:
    clock = FakeClock()
    server.refused.update({"no@example.org": "550 5.1.1 no", "later@example.org": "450 4.2.0 later"})
    with queue_client(server, folder, clock=clock) as client:
        clock.on_advance(lambda: queue_sender.wake(str(folder)))
        told = Told(client)
        client.send_to_queue([message(to="bob@example.org, no@example.org, later@example.org")])
        handle = client.begin_send_queue()
        server.wait_for(lambda: len(server.accepted) == 1)
        until(lambda: list(folder.glob("*.json")), "the record")
        record = record_of(folder)
        assert (record["left"], record["delivered"]) == (["later@example.org"], ["bob@example.org"])
        assert [one["recipient"] for one in record["refused"]] == ["no@example.org"]
        assert told.failed == []
        del server.refused["later@example.org"]
        clock.advance(61)
        told.wait_for(failed=1)
        assert [one.recipients for one in server.accepted] == [["bob@example.org"], ["later@example.org"]]
        error = told.failed[0].operation_error
        assert isinstance(error, SmtpFailedRecipientException)
        assert (error.failed_recipient, error.status, error.code) == ("no@example.org", "550", "5.1.1")
        assert error.delivered_to == ("bob@example.org", "later@example.org")
        assert record_of(folder, "failed")["delivered"] == ["bob@example.org", "later@example.org"]
        ended(client, handle)


def test_D4_pauses_grow_and_are_kept_when_another_goes_on(server: SmtpServer, folder: Path) -> None:
    clock = FakeClock()
    server.on["END"] = lambda session, rest: "451 4.3.0 busy"
    clock.on_advance(lambda: queue_sender.wake(str(folder)))
    pause = 0
    for attempt in range(1, 9):
        with queue_client(server, folder, clock=clock) as client:  # each time anew: what counts is on the disk
            if attempt == 1:
                client.send_to_queue([message(1)])
            handle = client.begin_send_queue()
            if attempt > 1:
                for seconds in (0, pause - 1):
                    clock.advance(seconds)
                    _look_at_all(client)
                assert server.verbs.count("MAIL") == attempt - 1
                clock.advance(1.5)
            until(partial(_tried, folder, attempt), "the attempt")
            record = known(folder)
            assert record is not None
            pause = round(record.due - clock.now())
            assert pause == min(60 * 2 ** (attempt - 1), 3600)
            assert "451 4.3.0 busy" in record.reason
            assert server.verbs.count("MAIL") == attempt
            ended(client, handle)


def known(folder: Path) -> Record | None:
    paths = list(folder.glob("*.json"))
    return Record.from_json(paths[0].read_bytes()) if paths else None


def _tried(folder: Path, attempts: int) -> bool:
    record = known(folder)
    return record is not None and record.attempts == attempts


def _look_at_all(client: SmtpClient) -> None:
    """Waits until the sender has looked at its folder, whole, once more."""
    sender = sender_of(client)
    before = sender._scan_at
    sender.look()
    until(lambda: not sender._look and sender._scan_at not in (0.0, before) and not sender._names, "a look")


def test_D4_after_five_days_a_message_is_not_tried_again(server: SmtpServer, folder: Path) -> None:
    server.on["END"] = lambda session, rest: "451 4.3.0 busy"
    clock = FakeClock()
    with queue_client(server, folder, clock=clock) as client:
        clock.on_advance(lambda: queue_sender.wake(str(folder)))
        told = Told(client)
        client.send_to_queue([message()])
        clock.advance(5 * 86400 - 30)
        handle = client.begin_send_queue()
        until(lambda: list(folder.glob("*.json")), "the first attempt")
        assert told.failed == []
        clock.advance(61)
        told.wait_for(failed=1)
        assert "451" in str(told.failed[0].operation_error)
        assert record_of(folder, "failed")["attempts"] == 2
        ended(client, handle)


# --- connections that fail ---------------------------------------------------------------------------------


@pytest.mark.parametrize("keywords", [KEYWORDS, CHUNKING], ids=["DATA", "BDAT"])
def test_D3_a_lost_answer_is_an_unknown_outcome_and_no_second_message(folder: Path, keywords: list[str]) -> None:
    with SmtpServer(keywords=keywords) as server, queue_client(server, folder) as client:
        told = Told(client)

        def lost(session: Session, rest: str) -> str | None:
            return session.drop() if session.index == 0 else None  # type: ignore[func-returns-value]

        server.on["END"] = lost
        sent = message()
        client.send_to_queue([sent])
        handle = client.begin_send_queue()
        told.wait_for(failed=1)
        error = told.failed[0].operation_error
        assert isinstance(error, DeliveryUnknownError)
        assert error.message_id == sent.message_id
        record = record_of(folder, "unknown")
        assert (record["outcome"], record["message_id"]) == ("unknown", sent.message_id)
        client.send_to_queue([message(2)])
        told.wait_for(sent=1)
        assert subjects(server) == ["message 2"]
        ended(client, handle)


@pytest.mark.parametrize("verb", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_D4_a_connection_that_ends_before_the_content_costs_nothing(
    server: SmtpServer, folder: Path, verb: str
) -> None:
    def lost(session: Session, rest: str) -> str | None:
        return session.drop() if session.index < 7 else None  # type: ignore[func-returns-value]

    server.on[verb] = lost
    with queue_client(server, folder, first=0.01, trouble=0.01, scan=0.05) as client:
        told = Told(client)
        client.send_to_queue(message(number) for number in range(20))
        handle = client.begin_send_queue()
        told.wait_for(sent=20)
        assert sorted(subjects(server)) == sorted(f"message {number}" for number in range(20))
        assert told.failed == []
        ended(client, handle)


def test_D4_while_no_connection_can_be_made_one_message_tries_for_all(server: SmtpServer, folder: Path) -> None:
    server.greeting = lambda session: "554 5.3.2 no service here" if session.index < 5 else "220 mx.example ESMTP"
    with queue_client(server, folder, trouble=0.01) as client:
        told = Told(client)
        client.send_to_queue(message(number) for number in range(queue_sender.AT_ONCE + 20))
        handle = client.begin_send_queue()
        told.wait_for(sent=10)
        assert told.failed == []  # what is said of the connection is not said of a message
        put_off = [json.loads(path.read_bytes()) for path in folder.glob("*.json")]
        assert {one["attempts"] for one in put_off} == {1}
        assert len(put_off) < queue_sender.AT_ONCE + 10
        ended(client, handle)


def test_D9_a_refused_sign_in_ends_the_sending_and_loses_nothing(server: SmtpServer, folder: Path) -> None:
    with queue_client(server, folder) as client:
        told = Told(client)
        client.password = "wrong"
        client.send_to_queue(message(number) for number in range(5))
        handle = client.begin_send_queue()
        with pytest.raises(AuthenticationError):
            client.end_begin_send_queue(handle)
        assert not handle.is_canceled
        assert len(waiting(folder)) == 5
        assert list(folder.glob("*.json")) == []
        client.password = "secret"
        handle = client.begin_send_queue()
        told.wait_for(sent=5)
        assert told.failed == []
        ended(client, handle)


def test_D9_a_folder_that_is_gone_ends_the_sending(client: SmtpClient, folder: Path) -> None:
    handle = client.begin_send_queue()
    until(lambda: sender_of(client)._scan_at, "the first look")
    shutil.rmtree(folder)
    queue_sender.wake(str(folder))
    with pytest.raises(FileNotFoundError):
        client.end_begin_send_queue(handle)


# --- the end -----------------------------------------------------------------------------------------------


def test_D9_cancelling_ends_a_sending_that_waits(client: SmtpClient, server: SmtpServer) -> None:
    handle = client.begin_send_queue()
    thread = sender_of(client).thread
    assert "sending from" in repr(handle)
    assert not handle.async_wait_handle.wait_one(0)
    ended(client, handle)
    thread.join(PATIENCE)
    assert not thread.is_alive()
    client.cancel_async_operation(handle)
    assert server.sessions == []
    again = client.begin_send_queue()
    again.future.cancel()
    with pytest.raises(OperationCanceledException):
        client.end_begin_send_queue(again)
    assert again.future.cancelled()


@pytest.mark.parametrize("limit", [1, 10])
def test_D9_cancelling_lets_what_was_sent_be_answered_and_keeps_the_rest(
    server: SmtpServer, folder: Path, limit: int
) -> None:
    release, whole = threading.Event(), threading.Event()

    def late(session: Session, rest: str) -> str | None:
        whole.set()
        release.wait(PATIENCE)
        return None

    server.on["END"] = late
    with queue_client(server, folder, limit) as client:
        told = Told(client)
        client.send_to_queue(message(number) for number in range(20))
        handle = client.begin_send_queue()
        sender = sender_of(client)
        assert whole.wait(PATIENCE)
        client.cancel_async_operation(handle)
        until(lambda: all(flight.let_end for flight in sender._flights), "the end of what was not sent")
        assert not handle.is_completed
        release.set()
        with pytest.raises(OperationCanceledException):
            client.end_begin_send_queue(handle)
        sent = len(server.accepted)
        assert 1 <= sent <= limit
        assert len(waiting(folder)) == 20 - sent
        server.on.clear()
        handle = client.begin_send_queue()
        told.wait_for(sent=20)
        assert sorted(subjects(server)) == sorted(f"message {number}" for number in range(20))
        ended(client, handle)


@pytest.mark.parametrize("keywords", [KEYWORDS, CHUNKING], ids=["DATA", "BDAT"])
def test_D9_a_message_cancelled_in_the_middle_never_has_its_end_and_is_sent_later(
    folder: Path, keywords: list[str]
) -> None:
    begun, release = threading.Event(), threading.Event()

    def stall(session: Session, rest: str) -> str | None:
        if session.index == 0:
            if session.verbs[-1] == "DATA":
                session.send("354 go on")
            begun.set()
            release.wait(PATIENCE)
        return None

    with SmtpServer(keywords=keywords) as server, queue_client(server, folder) as client:
        server.on["DATA"] = server.on["BDAT"] = stall
        told = Told(client)
        client.send_to_queue([message(1, body=("x" * 900 + "\n") * 7000)])
        handle = client.begin_send_queue()
        assert begun.wait(PATIENCE)
        ended(client, handle)
        release.set()
        server.wait_for(lambda: server.sessions[0].ended)
        assert server.accepted == []
        assert waiting(folder)[0].read_bytes().startswith(b"X-Mailclients-Queue: 1 waiting")
        handle = client.begin_send_queue()
        told.wait_for(sent=1)
        assert len(server.accepted) == 1
        ended(client, handle)


def test_C9_dispose_ends_the_sending_and_keeps_what_was_not_sent(server: SmtpServer, folder: Path) -> None:
    release, whole = threading.Event(), threading.Event()

    def late(session: Session, rest: str) -> str | None:
        whole.set()
        release.wait(PATIENCE)
        return None

    server.on["END"] = late
    client = queue_client(server, folder, 1)
    client.send_to_queue(message(number) for number in range(10))
    handle = client.begin_send_queue()
    thread = sender_of(client).thread
    assert whole.wait(PATIENCE)
    disposing = threading.Thread(target=client.dispose)
    disposing.start()
    until(lambda: all(flight.let_end for flight in sender_of(client)._flights), "the end of what was not sent")
    release.set()
    disposing.join(PATIENCE)
    assert not thread.is_alive()
    assert handle.is_canceled
    assert subjects(server) == ["message 0"]
    assert len(waiting(folder)) == 9
    with pytest.raises(ObjectDisposedException):
        client.begin_send_queue()


def test_C9_what_is_not_answered_when_the_time_to_dispose_is_over_is_unknown(server: SmtpServer, folder: Path) -> None:
    release, whole = threading.Event(), threading.Event()

    def late(session: Session, rest: str) -> str | None:
        whole.set()
        release.wait(PATIENCE)
        return None

    server.on["END"] = late
    client = queue_client(server, folder, 1)
    client.send_to_queue([message(1), message(2)])
    handle = client.begin_send_queue()
    assert whole.wait(PATIENCE)
    client.dispose(50)
    release.set()
    assert handle.is_canceled
    assert len(waiting(folder)) == 1
    assert len(list((folder / "unknown").glob("*.eml"))) == 1


def test_C9_a_handler_may_dispose_the_client(server: SmtpServer, folder: Path) -> None:
    client = queue_client(server, folder)
    gone = threading.Event()

    def dispose(sender: object, args: MailMessageEventArgs) -> None:
        client.dispose()
        gone.set()

    client.succeeded_sending += dispose
    client.send_to_queue([message()])
    handle = client.begin_send_queue()
    assert gone.wait(PATIENCE)
    assert handle.is_canceled


def test_T11_a_thread_of_the_executor_may_wait_for_the_end(server: SmtpServer, folder: Path) -> None:
    with ThreadPoolExecutor(1) as executor, queue_client(server, folder) as client:
        client.executor = executor
        told = Told(client)
        handle = client.begin_send_queue()
        waiter = executor.submit(handle.async_wait_handle.wait_one)  # the only thread that drivers would have
        until(waiter.running, "the wait")
        client.send_to_queue(message(number) for number in range(3))
        told.wait_for(sent=3)
        ended(client, handle)
        assert waiter.result(PATIENCE)


def test_D9_an_end_that_takes_its_time_costs_no_processor_time(server: SmtpServer, folder: Path) -> None:
    release, whole = threading.Event(), threading.Event()

    def late(session: Session, rest: str) -> str | None:
        whole.set()
        release.wait(PATIENCE)
        return None

    server.on["END"] = late
    with queue_client(server, folder) as client:
        client.send_to_queue([message()])
        handle = client.begin_send_queue()
        sender = sender_of(client)
        assert whole.wait(PATIENCE)
        client.cancel_async_operation(handle)
        until(lambda: sender._ending, "the beginning of the end")
        looks = 0

        def counted() -> None:
            nonlocal looks
            looks += 1

        withdraw, sender._withdraw = sender._withdraw, counted  # type: ignore[method-assign]
        sender.look()
        sender._post(lambda: None)
        until(lambda: looks, "what it was told")
        sender._withdraw = withdraw  # type: ignore[method-assign]
        assert looks == 1
        release.set()
        with pytest.raises(OperationCanceledException):
            client.end_begin_send_queue(handle)


# --- the pair ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_name", [False, True])
def test_T8_the_callback_is_told_once_with_the_state(client: SmtpClient, by_name: bool) -> None:
    told: list[Any] = []
    done = threading.Event()

    def callback(handle: IAsyncResultExt[None]) -> None:
        told.append((handle.async_state, handle.is_canceled, handle.is_completed))
        done.set()

    begun = (
        client.begin_send_queue(state="state", callback=callback)
        if by_name
        else client.begin_send_queue(callback, "state")
    )
    assert not begun.completed_synchronously
    client.cancel_async_operation(begun)
    assert done.wait(PATIENCE)
    with pytest.raises(OperationCanceledException):
        client.end_begin_send_queue(async_result=begun)
    with pytest.raises(OperationCanceledException):
        client.end_begin_send_queue(begun)
    assert told == [("state", True, True)]


def test_T7_handles_of_others_are_refused(client: SmtpClient, server: SmtpServer, folder: Path) -> None:
    handle, noop = client.begin_send_queue(), client.begin_noop()
    with pytest.raises(AsposeArgumentException, match="begin_send_queue"):
        client.end_noop(handle)
    with pytest.raises(AsposeArgumentException, match="end_begin_send_queue"):
        client.end_begin_send_queue(noop)
    with queue_client(server, folder) as other, pytest.raises(AsposeArgumentException):
        other.end_begin_send_queue(handle)
    client.end_noop(noop)
    ended(client, handle)


def test_D9_what_has_no_folder_is_refused_at_once(server: SmtpServer, tmp_path: Path) -> None:
    with smtp_client(server) as client:
        for call in (lambda: client.send_to_queue([message()]), client.begin_send_queue):
            with pytest.raises(AsposeInvalidOperationException, match="smtp_queue_location"):
                call()
        taken = tmp_path / "file"
        taken.write_bytes(b"")
        client.smtp_queue_location = str(taken)
        calls: tuple[Callable[[], Any], ...] = (lambda: client.send_to_queue([message()]), client.begin_send_queue)
        for call in calls:
            with pytest.raises(OSError, match="file"):
                call()
        client.host = ""
        client.smtp_queue_location = str(tmp_path)
        with pytest.raises(AsposeInvalidOperationException, match="host"):
            client.begin_send_queue()
        client.send_to_queue([message()])  # needs no server
        with pytest.raises(AsposeArgumentException, match="recipients"):
            client.send_to_queue([message(), MailMessage("ann@example.com", "", "s", "b")])
        assert len(waiting(tmp_path)) == 1
        for value in (None, 7, "a\0b"):
            with pytest.raises(AsposeArgumentException):
                client.smtp_queue_location = value  # type: ignore[assignment]


def test_D7_two_clients_on_one_folder_send_everything_once(server: SmtpServer, folder: Path) -> None:
    with queue_client(server, folder) as one, queue_client(server, folder) as other:
        told, too = Told(one), Told(other)
        handles = [one.begin_send_queue(), other.begin_send_queue()]
        for number in range(100):
            (one if number % 2 else other).send_to_queue([message(number)])
        until(lambda: len(told.sent) + len(too.sent) == 100, "the events")
        assert sorted(subjects(server)) == sorted(f"message {number}" for number in range(100))
        for client, handle in zip((one, other), handles, strict=True):
            ended(client, handle)
        assert waiting(folder) == []
