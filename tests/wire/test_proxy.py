"""Conversations with proxies, byte by byte: what is sent, how much is read, and what a wrong answer comes to."""

from __future__ import annotations

import random

import pytest

from mailclients.errors import AsposeArgumentException, NetworkException
from mailclients.wire.proxy import LONGEST_HEAD, Conversation, http_connect, socks4, socks5


def play(conversation: Conversation, answers: bytes) -> tuple[bytes, int]:
    """What was sent, and how many bytes of the answers are left at the end; ConnectionError when they run out."""
    sent = b""
    at = 0
    try:
        step = next(conversation)
        while True:
            sent += step.data
            if at + step.read > len(answers):
                raise EOFError
            answer = answers[at : at + step.read]
            at += step.read
            step = conversation.send(answer)
    except StopIteration:
        return sent, len(answers) - at


def five(host: str = "imap.example", user: str = "", password: str = "", *, anonymous: bool = True) -> Conversation:
    return socks5(host, 993, user, password, anonymous=anonymous, by_password=bool(user))


GREETING = b"* OK hello\r\n"


@pytest.mark.parametrize(
    ("conversation", "answers", "sent"),
    [
        (five, b"\5\0" + b"\5\0\0\1\0\0\0\0\0\0", b"\5\1\0" + b"\5\1\0\3\x0cimap.example\x03\xe1"),
        (lambda: five("192.0.2.7"), b"\5\0" + b"\5\0\0\3\2ab\0\0", b"\5\1\0" + b"\5\1\0\1\xc0\0\2\7\x03\xe1"),
        (
            lambda: five("2001:db8::1"),
            b"\5\0" + b"\5\0\0\4" + bytes(18),
            b"\5\1\0\5\1\0\4\x20\x01\x0d\xb8" + bytes(11) + b"\1\x03\xe1",
        ),
        (
            lambda: five("a", "me", "pw"),
            b"\5\2" + b"\1\0" + b"\5\0\0\1\0\0\0\0\0\0",
            b"\5\2\0\2" + b"\1\2me\2pw" + b"\5\1\0\3\1a\x03\xe1",
        ),
        (lambda: five("a", "me", "pw"), b"\5\0" + b"\5\0\0\1\0\0\0\0\0\0", b"\5\2\0\2" + b"\5\1\0\3\1a\x03\xe1"),
        (lambda: socks4("192.0.2.7", 143, "me"), b"\0\x5a" + bytes(6), b"\4\1\0\x8f\xc0\0\2\7me\0"),
        (lambda: socks4("imap.example", 143, ""), b"\0\x5a" + bytes(6), b"\4\1\0\x8f\0\0\0\1\0imap.example\0"),
        (
            lambda: http_connect("bücher.example", 993, "", ""),
            b"HTTP/1.1 200 OK\r\n\r\n",
            b"CONNECT xn--bcher-kva.example:993 HTTP/1.1\r\nHost: xn--bcher-kva.example:993\r\n\r\n",
        ),
        (
            lambda: http_connect("2001:db8::1", 993, "me", "pä:w"),
            b"HTTP/1.0 200\r\nX: y\r\n\r\n",
            b"CONNECT [2001:db8::1]:993 HTTP/1.1\r\nHost: [2001:db8::1]:993\r\nProxy-Authorization: Basic bWU6cMOkOnc="
            + b"\r\n" * 2,
        ),
    ],
)
def test_a_conversation_sends_what_it_should_and_leaves_the_servers_bytes(
    conversation: object, answers: bytes, sent: bytes
) -> None:
    assert callable(conversation)
    assert play(conversation(), answers + GREETING) == (sent, len(GREETING))


@pytest.mark.parametrize(
    ("conversation", "answers", "text"),
    [
        (five, b"\4\0", "no SOCKS 5 proxy"),
        (five, b"HT", "no SOCKS 5 proxy"),
        (five, b"\5\xff", "anybody without username"),
        (lambda: five("a", "me", "pw"), b"\5\xff", "ways to sign in"),
        (five, b"\5\2", "was not offered: 2"),
        (lambda: five("a", "me", "pw", anonymous=False), b"\5\0", "was not offered: 0"),
        (lambda: five("a", "me", "pw"), b"\5\2\1\1", "refused the username or the password"),
        (lambda: five("a", "me", "pw"), b"\5\2\5\0", "no SOCKS 5 proxy"),
        (five, b"\5\0\5\5\0\1", "no connection to imap.example:993: the connection was refused"),
        (five, b"\5\0\5\x63\0\1", "imap.example:993: 99"),
        (five, b"\5\0\5\0\0\7", "no SOCKS 5 proxy"),
        (five, b"\5\0\4\0\0\1", "no SOCKS 5 proxy"),
        (lambda: socks4("a", 1, ""), b"\0\x5b" + bytes(6), "refused or failed"),
        (lambda: socks4("a", 1, ""), b"\5\x5a" + bytes(6), "no SOCKS 4 proxy"),
        (lambda: http_connect("a", 1, "", ""), b"HTTP/1.1 407 Who\r\n\r\n", "wants a username"),
        (lambda: http_connect("a", 1, "me", "pw"), b"HTTP/1.1 407 Who\r\n\r\n", "refused the username"),
        (lambda: http_connect("a", 1, "", ""), b"HTTP/1.1 502 Bad \x1b[2J\r\n\r\n", r"a:1: 502 Bad \\x1b"),
        (lambda: http_connect("a", 1, "", ""), b"* OK IMAP ready\r\n\r\n", "no HTTP proxy"),
        (lambda: http_connect("a", 1, "", ""), b"HTTP/1.1 2x0 OK\r\n\r\n", "no HTTP proxy"),
        (lambda: http_connect("a", 1, "", ""), b"HTTP/1.1\r\n\r\n", "no HTTP proxy"),
        (lambda: http_connect("a", 1, "", ""), b"HTTP/" + b"x" * LONGEST_HEAD, "does not end within"),
    ],
)
def test_a_wrong_answer_is_a_network_error(conversation: object, answers: bytes, text: str) -> None:
    assert callable(conversation)
    with pytest.raises(NetworkException, match=text) as caught:
        play(conversation(), answers)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    "conversation",
    [
        lambda: five("a" * 256),
        lambda: five(""),
        lambda: five("a b"),
        lambda: five("a", "u" * 256),
        lambda: five("a", "u", "p" * 256),
        lambda: five("ü" * 80),
        lambda: socks4("2001:db8::1", 1, ""),
        lambda: http_connect("a", 1, "me:you", "pw"),
        lambda: http_connect("a\tb", 1, "", ""),
    ],
)
def test_what_cannot_be_sent_is_refused_before_a_byte_is(conversation: object) -> None:
    assert callable(conversation)
    with pytest.raises(AsposeArgumentException):
        next(conversation())


def test_random_answers_end_or_fail_as_they_should() -> None:
    dice = random.Random(5)
    kinds = (five, lambda: five("a", "u", "p"), lambda: socks4("a", 1, ""), lambda: http_connect("a", 1, "", ""))
    starts = (b"", b"\5", b"\5\0", b"\5\2\1\0", b"\0", b"HTTP/1.1 ", b"HTTP/1.1 200")
    ended = 0
    for _ in range(3000):
        answers = dice.choice(starts) + dice.randbytes(dice.randrange(40))
        try:
            play(dice.choice(kinds)(), answers)
            ended += 1
        except (NetworkException, EOFError):
            continue
    assert ended
