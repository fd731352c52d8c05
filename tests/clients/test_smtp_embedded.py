"""SmtpClient with the embedded server, which delivers what it is sent into its mailboxes."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from mailclients import MailAddressCollection, MailMessage, SecurityOptions, SmtpClient, SmtpFailedRecipientException
from mailclients.testing import MailServer
from tests.clients.overload_cases import Post, SmtpOverloads

pytest.importorskip("twisted")

USERS = {"ann": "secret", "bob@example.org": "secret"}
WITHOUT = {"all": (), "DATA": ("CHUNKING",), "one by one": ("CHUNKING", "PIPELINING")}


@pytest.fixture(scope="module", params=WITHOUT.values(), ids=list(WITHOUT))
def server(request: pytest.FixtureRequest) -> Iterator[MailServer]:
    with MailServer(USERS, tls=True, without=request.param) as server:
        yield server


def client_of(server: MailServer, *, implicit: bool = False) -> SmtpClient:
    port = server.smtps_port if implicit else server.smtp_port
    client = SmtpClient(server.host, port, "ann", "secret")
    if implicit:
        client.security_options = SecurityOptions.SSL_IMPLICIT
    client.ca_file = server.ca_file
    return client


class TestOverloads(SmtpOverloads):
    @pytest.fixture
    def post(self) -> Iterator[Post]:
        with MailServer(USERS, tls=True) as server:

            def inbox(count: int) -> list[bytes]:
                return [message.content for message in server.messages("ann")]

            yield Post(server.host, server.smtp_port, "ann", "secret", "ann@example.org", server.ca_file, inbox)


@pytest.mark.parametrize("implicit", [False, True], ids=["STARTTLS", "TLS"])
def test_messages_arrive_byte_for_byte(server: MailServer, implicit: bool) -> None:
    before = len(server.messages("ann"))
    bodies = [b"", b".\r\n..\r\n", "äöü\r\n".encode(), b"x" * 30_000 + b"\r\n", b"line\r\n" * 20_000]
    sent = [b"From: x@example.com\r\nSubject: y\r\n\r\n" + body for body in bodies]
    with client_of(server, implicit=implicit) as client:
        for content in sent:
            client.forward("x@example.com", MailAddressCollection("ann@example.org"), io.BytesIO(content))
        assert client.validate_credentials()
    assert [message.content for message in server.messages("ann")[before:]] == sent


def test_a_message_goes_to_all_its_recipients_and_unknown_ones_are_refused(server: MailServer) -> None:
    before = len(server.messages("bob@example.org"))
    with client_of(server) as client, pytest.raises(SmtpFailedRecipientException) as caught:
        client.send("ann@example.org", "bob@example.org, nobody@example.org", "partly", "text")
    assert caught.value.code == "5.1.1"
    assert caught.value.delivered_to == ("bob@example.org",)
    assert len(server.messages("bob@example.org")) == before + 1


def test_many_begun_messages_arrive_once(server: MailServer) -> None:
    before = len(server.messages("ann"))
    with client_of(server) as client:
        message = MailMessage("x@example.com", "ann@example.org", "", "text")
        handles = []
        for number in range(100):
            message.subject = str(number)
            handles.append(client.begin_send(message))
        for handle in handles:
            client.end_send(handle)
    subjects = [MailMessage.from_bytes(one.content).subject for one in server.messages("ann")[before:]]
    assert sorted(subjects, key=int) == [str(number) for number in range(100)]


def test_a_wrong_password_is_refused(server: MailServer) -> None:
    with client_of(server) as client:
        client.password = "wrong"
        assert not client.validate_credentials()
