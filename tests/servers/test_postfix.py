"""SmtpClient against Postfix, which delivers into Dovecot: what was sent is fetched back over IMAP."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mailclients import (
    AlternateView,
    AsposeNotSupportedException,
    Attachment,
    ImapClient,
    LimitReachedError,
    LinkedResource,
    MailAddress,
    MailAddressCollection,
    MailMessage,
    OperationCanceledException,
    SecurityOptions,
    SmtpClient,
    SmtpException,
    SmtpFailedRecipientException,
    TransferEncoding,
)
from tests.clients.overload_cases import Post, SmtpOverloads
from tests.servers.conftest import required
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.postfix import DOMAIN, REFUSED, Postfix, SessionLimit
from tests.support.certs import Certificates
from tests.support.waiting import until

WITHOUT = {"all": "", "no CHUNKING": "chunking", "neither": "chunking, pipelining"}


@pytest.fixture(scope="module", params=WITHOUT.values(), ids=list(WITHOUT))
def postfix(request: pytest.FixtureRequest, dovecot: Dovecot, certificates: Certificates) -> Iterator[Postfix]:
    good = certificates.good
    discard = request.param
    with required(lambda: Postfix(dovecot, good.certificate, good.key, discard=discard, size=5_000_000)) as server:
        yield server


def smtp(server: Postfix, user: str, certificates: Certificates, implicit: bool = False) -> SmtpClient:
    port = server.tls_port if implicit else server.port
    security = SecurityOptions.SSL_IMPLICIT if implicit else SecurityOptions.SSL_EXPLICIT
    client = SmtpClient(server.host, port, user, PASSWORD, security)
    client.ca_file = str(certificates.ca)
    client.timeout = 60_000
    return client


def delivered(server: Dovecot, user: str, count: int) -> list[bytes]:
    """The messages of INBOX, once there are so many."""
    until(lambda: server.count(user) >= count)
    with ImapClient(server.host, server.imap_port, user, PASSWORD, SecurityOptions.NONE) as client:
        client.select_folder("INBOX")
        return [client.fetch_message(info.unique_id).as_bytes() for info in client.list_messages()]


class TestOverloads(SmtpOverloads):
    @pytest.fixture
    def post(self, postfix: Postfix, dovecot: Dovecot, certificates: Certificates) -> Post:
        user = dovecot.new_user("mail")
        return Post(
            postfix.host,
            postfix.port,
            user,
            PASSWORD,
            f"{user}@{DOMAIN}",
            str(certificates.ca),
            lambda count: delivered(dovecot, user, count),
        )


HEAD = (
    b"Subject: x\r\nFrom: ann@example.com\r\nMessage-ID: <1@a.example>\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\n"
)
BODIES = {
    "dots": b".\r\n..\r\n.a\r\nb.\r\n",
    "empty": b"",
    "no end": b"no line end",
    "bare ends": b"a\n.\nb\r.\rc\r\n.\rMAIL FROM:<x@y>\r\n",
    "long lines": b"x" * 5000 + b"\r\n" + b"y" * 998 + b"\r\n",
    "8-bit": "äöü \U0001f600\r\n".encode() * 50,
    "large": b"0123456789abcdef\r\n" * 100_000,
    "only dots": b".\r\n" * 5000,
    "every byte": bytes(range(1, 256)) * 3 + b"\r\n",
    "ends in CR": b"x\r",
    "ends in a dot": b"x\r\n.",
    "a final dot inside": b"x\r\n.\r\nMAIL FROM:<x@y>\r\nRCPT TO:<x@y>\r\nDATA\r\n",
    "dots where pieces meet": (b"y" * 62 + b"\r\n") * 1023 + b"z" * 60 + b"\r\n.\r\n..\r\n",
}


@pytest.mark.parametrize("implicit", [False, True], ids=["STARTTLS", "TLS"])
def test_what_arrives_is_what_was_sent(
    postfix: Postfix, dovecot: Dovecot, certificates: Certificates, implicit: bool
) -> None:
    user = dovecot.new_user("mail")
    recipients = MailAddressCollection(f"{user}@{DOMAIN}")
    with smtp(postfix, user, certificates, implicit) as client:
        for body in BODIES.values():
            client.forward("ann@example.com", recipients, io.BytesIO(HEAD + body))
        assert client.pool.get_stats()["size"] == 1
    got = delivered(dovecot, user, len(BODIES))
    contents = {message.partition(b"\r\n\r\n")[2] for message in got}
    for name, body in BODIES.items():
        sent = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
        sent += b"" if sent.endswith(b"\r\n") or not sent else b"\r\n"
        assert sent in contents, name
    assert len(got) == len(BODIES)


def test_a_message_of_views_pictures_and_files_comes_back_byte_for_byte(
    postfix: Postfix, dovecot: Dovecot, certificates: Certificates
) -> None:
    user = dovecot.new_user("mail")
    message = MailMessage(MailAddress("ann@example.com", "Änn"), f"{user}@{DOMAIN}", "Grüße " * 20, "Text ü\n.\n..\n")
    message.html_body = '<img src="cid:logo">' + "x" * 2000
    message.preamble = "For programs without MIME."
    logo = LinkedResource(bytes(range(256)) * 50, "image/png")
    logo.content_id = "logo"
    message.linked_resources.add(logo)
    message.alternate_views.add(
        AlternateView.create_alternate_view_from_string("BEGIN:VCALENDAR", None, "text/calendar")
    )
    message.attachments.add(Attachment(bytes(range(256)) * 1000, "größe.bin"))
    for encoding, content in (
        (TransferEncoding.SEVEN_BIT, b".\r\nFrom x\r\n"),
        (TransferEncoding.EIGHT_BIT, "é\r\n.\r\n".encode()),
        (TransferEncoding.QUOTED_PRINTABLE, b"\x00\n\r \xff"),
    ):
        one = Attachment(content, f"{encoding.name}.txt")
        one.transfer_encoding = encoding
        message.attachments.add(one)
    message.bcc = f"{user}@{DOMAIN}"
    with smtp(postfix, user, certificates) as client:
        client.send(message)
    (got,) = delivered(dovecot, user, 1)
    assert got.endswith(message.as_bytes(without_bcc=True))
    again = MailMessage.from_bytes(got)
    assert (again.body, again.html_body) == ("Text ü\r\n.\r\n..\r\n", f"{message.html_body}\r\n")
    assert again.linked_resources["logo"].content() == logo.content()
    assert again.alternate_views["text/calendar"].content() == b"BEGIN:VCALENDAR"
    assert [(one.name, one.content()) for one in again.attachments] == [
        (one.name, one.content()) for one in message.attachments
    ]


def test_refusals_have_the_servers_words(postfix: Postfix, dovecot: Dovecot, certificates: Certificates) -> None:
    user = dovecot.new_user("mail")
    with smtp(postfix, user, certificates) as client:
        with pytest.raises(SmtpFailedRecipientException) as caught:
            client.send("ann@example.com", f"{REFUSED}, {user}@{DOMAIN}", "partly", "text")
        assert caught.value.failed_recipient == REFUSED
        assert caught.value.status == "554"
        assert caught.value.delivered_to == (f"{user}@{DOMAIN}",)
        with pytest.raises(SmtpFailedRecipientException):
            client.send("ann@example.com", REFUSED, "to nobody", "text")
        with pytest.raises(AsposeNotSupportedException, match="BINARYMIME"):  # which Postfix does not have
            client.forward("ann@example.com", MailAddressCollection(f"{user}@{DOMAIN}"), io.BytesIO(HEAD + b"a\0b"))
        with pytest.raises(SmtpException, match="5000000"):
            client.send("ann@example.com", f"{user}@{DOMAIN}", "too large", "text\n" * 1_000_000)
        client.send("ann@example.com", f"{user}@{DOMAIN}", "last", "text")
        assert client.validate_credentials()
    assert sorted(MailMessage.from_bytes(one).subject for one in delivered(dovecot, user, 2)) == ["last", "partly"]


def test_a_wrong_password_is_no_credential(postfix: Postfix, dovecot: Dovecot, certificates: Certificates) -> None:
    with smtp(postfix, dovecot.new_user("mail"), certificates) as client:
        client.password = "wrong"
        assert not client.validate_credentials()


def send_two_hundred(server: Postfix, dovecot: Dovecot, certificates: Certificates, connections: int) -> None:
    """Begun at once; each is delivered exactly once, and nothing else is in the queue any more."""
    user = dovecot.new_user("mail")
    with smtp(server, user, certificates) as client:
        client.max_connections_per_server = 8
        message = MailMessage("ann@example.com", f"{user}@{DOMAIN}", "", "text")
        handles = []
        for number in range(200):
            message.subject = f"message {number}"
            message.message_id = f"<{number}@a.example>"
            handles.append(client.begin_send(message))
        # Connections of the user's own as well, so that the server's limit is met whatever the tasks need.
        with ThreadPoolExecutor(6) as pool:
            for done in [pool.submit(noop_on_its_own, client) for _ in range(connections)]:
                done.result()
        for handle in handles:
            client.end_send(handle)
        assert client.pool.peak <= 8
    got = delivered(dovecot, user, 200)
    until(server.is_empty)
    assert len(got) == dovecot.count(user) == 200
    subjects = sorted(MailMessage.from_bytes(one).subject for one in got)
    assert subjects == sorted(f"message {number}" for number in range(200))


def noop_on_its_own(client: SmtpClient) -> None:
    with contextlib.suppress(LimitReachedError), client.create_connection():
        client.noop()


def test_L1_a_postfix_with_three_connections_gets_everything_once(dovecot: Dovecot, certificates: Certificates) -> None:
    good = certificates.good
    with required(lambda: Postfix(dovecot, good.certificate, good.key, connections=3)) as server:
        send_two_hundred(server, dovecot, certificates, 6)
        assert "concurrency limit exceeded" in server.log()


def test_L1_a_postfix_that_hangs_up_after_five_messages_gets_everything_once(
    dovecot: Dovecot, certificates: Certificates
) -> None:
    good = certificates.good
    with (
        SessionLimit(5) as limit,
        required(lambda: Postfix(dovecot, good.certificate, good.key, session=limit)) as server,
    ):
        send_two_hundred(server, dovecot, certificates, 0)
        assert limit.hung_up >= 200 / 5 - 8  # each connection but the last ones


@pytest.mark.parametrize("implicit", [False, True], ids=["STARTTLS", "TLS"])
def test_T10_what_is_cancelled_before_its_end_is_not_delivered(
    postfix: Postfix, dovecot: Dovecot, certificates: Certificates, implicit: bool
) -> None:
    user = dovecot.new_user("mail")
    with smtp(postfix, user, certificates, implicit) as client:
        client.max_connections_per_server = 1
        handles = [
            client.begin_send("ann@example.com", f"{user}@{DOMAIN}", f"message {number}", "text\n" * 400_000)
            for number in range(6)
        ]
        for handle in handles[1::2]:
            client.cancel_async_operation(handle)
        sent: list[str] = []
        for number, handle in enumerate(handles):
            if not handle.is_canceled:
                client.end_send(handle)
                sent.append(f"message {number}")
        assert len(sent) >= 3
        client.send("ann@example.com", f"{user}@{DOMAIN}", "last", "text")
    got = delivered(dovecot, user, len(sent) + 1)
    until(postfix.is_empty)
    assert sorted(MailMessage.from_bytes(one).subject for one in got) == sorted([*sent, "last"])
    assert dovecot.count(user) == len(got)


def test_D2_the_disk_queue_delivers_everything_once(
    postfix: Postfix, dovecot: Dovecot, certificates: Certificates, tmp_path: Path
) -> None:
    user = dovecot.new_user("mail")
    told: list[str] = []
    with smtp(postfix, user, certificates) as one, smtp(postfix, user, certificates, implicit=True) as other:
        for client in (one, other):
            client.smtp_queue_location = tmp_path
            client.succeeded_sending += lambda sender, args: told.append("sent")
            client.failed_sending += lambda sender, args: told.append(str(args.operation_error))
        one.send_to_queue(MailMessage("ann@example.com", f"{user}@{DOMAIN}", f"{n}", ".\ntext\n") for n in range(50))
        handles = [one.begin_send_queue(), other.begin_send_queue()]
        other.send_to_queue([MailMessage("ann@example.com", f"{user}@{DOMAIN}, {REFUSED}", "50", "text")])
        until(lambda: len(told) == 51)
        for client, handle in zip((one, other), handles, strict=True):
            client.cancel_async_operation(handle)
            with pytest.raises(OperationCanceledException):
                client.end_begin_send_queue(handle)
    assert told.count("sent") == 50
    assert [path.name for path in tmp_path.glob("*.eml")] == []
    (record,) = (json.loads(path.read_bytes()) for path in (tmp_path / "failed").glob("*.json"))
    assert (record["delivered"], record["refused"][0]["recipient"]) == ([f"{user}@{DOMAIN}"], REFUSED)
    got = delivered(dovecot, user, 51)
    assert sorted(int(MailMessage.from_bytes(message).subject) for message in got) == list(range(51))
