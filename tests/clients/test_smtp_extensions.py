"""What SmtpClient says of a message in MAIL and RCPT, and what it refuses to send: SIZE, DSN, REQUIRETLS, contents."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest

from mailclients import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeNotSupportedException,
    DeliveryNotificationOptions,
    MailAddressCollection,
    MailMessage,
    SecurityError,
    SecurityOptions,
    SmtpClient,
    SmtpException,
)
from tests.support.autosmtp import SmtpServer, smtp_client
from tests.support.certs import Certificates

Options = DeliveryNotificationOptions
DSN = ("PIPELINING", "DSN", "SMTPUTF8", "8BITMIME")


def message(to: str = "bob@example.org", options: Options = Options.NONE) -> MailMessage:
    made = MailMessage("ann@example.com", to, "subject", "text")
    made.delivery_notification_options = options
    made.message_id = "<a+b=c@example.com>"
    return made


def said(server: SmtpServer, verb: str) -> list[str]:
    """What followed the path in the commands of this verb."""
    lines = (line for session in server.sessions for line in session.lines if line.startswith(verb))
    return [line.partition(">")[2].strip() for line in lines]


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer(keywords=DSN) as server:
        yield server


@pytest.fixture
def client(server: SmtpServer) -> Iterator[SmtpClient]:
    with smtp_client(server, username="") as client:
        yield client


# --- reports of delivery -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (Options.ON_SUCCESS, "SUCCESS"),
        (Options.ON_FAILURE, "FAILURE"),
        (Options.DELAY, "DELAY"),
        (Options.DELAY | Options.ON_SUCCESS | Options.ON_FAILURE, "SUCCESS,FAILURE,DELAY"),
    ],
)
def test_reports_are_asked_for_in_the_envelope(
    server: SmtpServer, client: SmtpClient, options: Options, words: str
) -> None:
    client.send(message("bob@example.org, b+c=d@example.org", options))
    client.end_forward(client.begin_forward("x@example.com", "y@example.org", message(options=options)))
    assert said(server, "MAIL") == ["RET=HDRS ENVID=a+2Bb+3Dc@example.com"] * 2
    assert said(server, "RCPT") == [
        f"NOTIFY={words} ORCPT=rfc822;bob@example.org",
        f"NOTIFY={words} ORCPT=rfc822;b+2Bc+3Dd@example.org",
        f"NOTIFY={words} ORCPT=rfc822;y@example.org",
    ]


def test_never_and_nothing(server: SmtpServer, client: SmtpClient) -> None:
    client.send(message(options=Options.NEVER), message())
    assert said(server, "MAIL") == ["", ""]
    assert said(server, "RCPT") == ["NOTIFY=NEVER", ""]


def test_T1_reports_are_those_wanted_at_the_begin(server: SmtpServer, client: SmtpClient) -> None:
    sent = message(options=Options.ON_FAILURE)
    with client.exclusive():
        handle = client.begin_send(sent)
        sent.delivery_notification_options = Options.NEVER
        client.end_send(handle)
    assert said(server, "RCPT") == ["NOTIFY=FAILURE ORCPT=rfc822;bob@example.org"]


def test_a_server_without_DSN_is_not_told_and_gets_the_message() -> None:
    with SmtpServer(keywords=["PIPELINING"]) as server, smtp_client(server, username="") as client:
        for options in (Options.ON_SUCCESS, Options.NEVER):
            client.send(message(options=options))
        assert len(server.accepted) == 2
        assert said(server, "MAIL") == said(server, "RCPT") == ["", ""]


def test_addresses_beyond_ASCII_are_named_in_reports(server: SmtpServer, client: SmtpClient) -> None:
    client.send(message("\u00e4+=\U0001f600@example.org", Options.ON_FAILURE))
    client.send(message("bob@b\u00fccher.example", Options.ON_FAILURE))
    assert said(server, "RCPT") == [
        r"NOTIFY=FAILURE ORCPT=utf-8;\x{E4}\x{2B}\x{3D}\x{1F600}@example.org",
        r"NOTIFY=FAILURE ORCPT=utf-8;bob@b\x{FC}cher.example",
    ]


@pytest.mark.parametrize("name", ["<x y\u00e4@b>", "<" + "x" * 101 + ">", "<a\tb>"])
def test_H_G1_a_message_id_that_no_parameter_carries_is_left_out(
    server: SmtpServer, client: SmtpClient, name: str
) -> None:
    stranger = MailMessage.from_bytes(f"Message-ID: {name}\r\n\r\n".encode())
    stranger.delivery_notification_options = Options.ON_FAILURE
    client.forward("ann@example.com", "bob@example.org", stranger)
    assert said(server, "MAIL")[0].split()[-1] == "RET=HDRS"


def test_options_that_contradict_each_other_are_refused() -> None:
    sent = message()
    with pytest.raises(AsposeArgumentException):
        sent.delivery_notification_options = Options.NEVER | Options.DELAY
    assert sent.delivery_notification_options is Options.NONE


# --- REQUIRETLS --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("implicit", [False, True], ids=["STARTTLS", "TLS"])
def test_require_tls_goes_with_every_message(certificates: Certificates, implicit: bool) -> None:
    context = certificates.good.server_context()
    with SmtpServer(keywords=["PIPELINING", "REQUIRETLS", "AUTH PLAIN"], tls=context, implicit=implicit) as server:
        security = SecurityOptions.SSL_IMPLICIT if implicit else SecurityOptions.SSL_EXPLICIT
        with smtp_client(server, 1, security_options=security, ca_file=str(certificates.ca)) as client:
            assert client.require_tls is False
            client.send(message())
            client.require_tls = True
            client.send([message(), message()])
            handle = client.begin_send(message())
            client.require_tls = False  # taken at the begin
            client.end_send(handle)
            client.send(message())
        assert said(server, "MAIL") == ["", "REQUIRETLS", "REQUIRETLS", "REQUIRETLS", ""]


def test_require_tls_is_refused_where_it_cannot_be_had(certificates: Certificates) -> None:
    with SmtpServer(keywords=["REQUIRETLS"]) as server, smtp_client(server, username="", require_tls=True) as client:
        with pytest.raises(SecurityError, match="no TLS"):
            client.send(message())
        with pytest.raises(SecurityError, match="no TLS"):
            client.end_send(client.begin_send(message()))
        client.require_tls = False
        client.send(message())
        assert server.verbs.count("MAIL") == 1
    context = certificates.good.server_context()
    with SmtpServer(keywords=["PIPELINING"], tls=context) as server:
        with smtp_client(server, username="", security_options=SecurityOptions.SSL_EXPLICIT) as client:
            client.ca_file, client.require_tls = str(certificates.ca), True
            with pytest.raises(SecurityError, match="REQUIRETLS"):
                client.send(message())
        assert "MAIL" not in server.verbs


def test_require_tls_is_a_bool() -> None:
    with SmtpClient("localhost") as client:
        wrong: Any
        for wrong in (1, None, "yes"):
            with pytest.raises(ArgumentTypeError):
                client.require_tls = wrong


# --- contents ----------------------------------------------------------------------------------------------

CONTENTS = {
    "plain": (b"x\r\n", "", []),
    "8-bit": ("\u00e4\r\n".encode(), "BODY=8BITMIME", ["8BITMIME"]),
    "NUL": (b"\0\r\n", "BODY=BINARYMIME", ["BINARYMIME", "CHUNKING"]),
    "long": (b"x" * 999 + b"\r\n", "BODY=BINARYMIME", []),
    "as long as may be": (b"x" * 998 + b"\r\n", "", []),
}
ALL = ["8BITMIME", "SMTPUTF8", "BINARYMIME", "CHUNKING", "SIZE"]


@pytest.mark.parametrize("name", CONTENTS)
def test_H_G4_what_is_named_is_what_the_content_needs(name: str) -> None:
    body, parameter, needs = CONTENTS[name]
    whole = b"Subject: x\r\n\r\n" + body

    def forward(client: SmtpClient) -> None:
        client.forward("ann@example.com", MailAddressCollection("bob@example.org"), io.BytesIO(whole))

    with SmtpServer(keywords=ALL) as server, smtp_client(server, username="") as client:
        forward(client)
        assert said(server, "MAIL") == [f"SIZE={len(whole)} {parameter}".strip()]
        assert server.accepted[0].content == whole
    for missing in needs:
        keywords = [word for word in ALL if word != missing]
        with SmtpServer(keywords=keywords) as server, smtp_client(server, username="") as client:
            with pytest.raises(AsposeNotSupportedException, match=needs[0]):
                forward(client)
            assert "MAIL" not in server.verbs


def test_lines_that_are_too_long_go_as_they_are_where_there_is_no_other_way() -> None:
    whole = b"Subject: x\r\n\r\n" + b"x" * 100_000 + b"\r\n"
    with SmtpServer(keywords=["PIPELINING"]) as server, smtp_client(server, username="") as client:
        client.forward("ann@example.com", MailAddressCollection("bob@example.org"), io.BytesIO(whole))
        assert server.accepted[0].content == whole


@pytest.mark.parametrize(("room", "fits"), [(0, True), (1, True), (-1, False)])
def test_H_G10_the_size_is_counted_as_it_is_sent(room: int, fits: bool) -> None:
    whole = b"Subject: x\r\n\r\n.\n.\n"  # with CRLF, and without the dots that are doubled on the way
    sent = whole.replace(b"\n", b"\r\n").replace(b"\r\r", b"\r")
    with SmtpServer(keywords=[f"SIZE {len(sent) + room}"]) as server, smtp_client(server, username="") as client:
        recipients = MailAddressCollection("bob@example.org")
        if fits:
            client.forward("ann@example.com", recipients, io.BytesIO(whole))
            assert said(server, "MAIL") == [f"SIZE={len(sent)}"]
        else:
            with pytest.raises(SmtpException, match=f"has {len(sent)} bytes.*takes {len(sent) + room}") as caught:
                client.forward("ann@example.com", recipients, io.BytesIO(whole))
            assert caught.value.status == "552"
            assert "MAIL" not in server.verbs


@pytest.mark.parametrize("reply", ["550 5.1.1 who?", "550 who?", "550-5.1.1 one\r\n550 5.1.1 two", "550 4.1.1 odd"])
def test_the_enhanced_code_is_told_where_there_is_one(reply: str) -> None:
    with SmtpServer(refused={"bob@example.org": reply}) as server, smtp_client(server) as client:
        with pytest.raises(SmtpException) as caught:
            client.send(message())
        expected = "5.1.1" if "5.1.1" in reply else None
        assert (caught.value.status, caught.value.code) == ("550", expected)
        assert "5.1.1" not in caught.value.server_text
