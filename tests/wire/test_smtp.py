"""SMTP as bytes: replies whole and byte by byte, addresses, and messages that smuggle nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailclients.errors import AsposeArgumentException, MessageError, RemoteProtocolError
from mailclients.wire import smtp
from mailclients.wire.smtp import (
    Reply,
    ReplyParser,
    envelope_address,
    hello_argument,
    parse_keywords,
    size_limit,
    stuffed,
    xtext,
)


def replies_of(data: bytes, *, step: int = 0) -> list[Reply]:
    parser, found = ReplyParser(), []
    for start in range(0, len(data), step or len(data)):
        parser.feed(data[start : start + (step or len(data))])
        while (reply := parser.next_reply()) is not None:
            found.append(reply)
    assert not parser.buffered
    return found


RIGHT = [
    (b"220 mx.example ESMTP\r\n", [Reply(220, (b"mx.example ESMTP",))]),
    (b"250\r\n", [Reply(250, (b"",))]),
    (b"250-mx\r\n250-SIZE 100\r\n250 HELP\r\n", [Reply(250, (b"mx", b"SIZE 100", b"HELP"))]),
    (
        b"550 5.1.1 no such user\r\n421 4.7.0 too many\r\n",
        [Reply(550, (b"5.1.1 no such user",), "5.1.1"), Reply(421, (b"4.7.0 too many",), "4.7.0")],
    ),
    (b"250 5.1.1 of another class\r\n", [Reply(250, (b"5.1.1 of another class",))]),
    (b"550-5.7.1 one\r\n550 5.7.1 two\r\n", [Reply(550, (b"5.7.1 one", b"5.7.1 two"), "5.7.1")]),
]


@pytest.mark.parametrize(("data", "expected"), RIGHT)
@pytest.mark.parametrize("step", [0, 1, 3])
def test_replies_are_read_however_they_are_cut(data: bytes, expected: list[Reply], step: int) -> None:
    assert replies_of(data, step=step) == expected


WRONG = [
    b"250-one\r\n251 two\r\n",
    b"25 short\r\n",
    b"99 two digits\r\n",
    b"099 begins with zero\r\n",
    b"1000 four digits\r\n",
    b"199 below\r\n",
    b"600 above\r\n",
    b"abc letters\r\n",
    b"250_mark\r\n",
    b"\xb2\xb5\xb0 digits of another script\r\n",
    b"\r\n",
    b"250 bare line feed\n",
    b"250 " + b"x" * smtp.MAX_LINE,
    b"250 " + b"x" * smtp.MAX_LINE + b"\r\n",
    b"250-x\r\n" * (smtp.MAX_LINES + 1),
]


@pytest.mark.parametrize("data", WRONG, ids=lambda data: repr(data[:24]))
@pytest.mark.parametrize("step", [0, 1])
def test_H_G8_what_is_no_reply_is_an_error_from_then_on(data: bytes, step: int) -> None:
    with pytest.raises(RemoteProtocolError):
        replies_of(data, step=step)
    parser = ReplyParser()
    parser.feed(data)
    with pytest.raises(RemoteProtocolError):
        list(iter(parser.next_reply, None))
    parser.feed(b"250 fine\r\n")
    with pytest.raises(RemoteProtocolError):
        parser.next_reply()


def test_a_reply_is_text_that_is_safe_to_print() -> None:
    reply = Reply(550, (b"5.1.1 <a\x1b[2J@b>", b"5.1.1 gone"), "5.1.1")
    assert reply.text == "<a\\x1b[2J@b> gone"
    assert reply.words == "550 5.1.1 <a\\x1b[2J@b> gone"
    assert not reply.positive


def test_keywords_are_upper_case_and_junk_is_left_out() -> None:
    lines = (b"mx", b"size 100", b"AUTH PLAIN LOGIN", b"AUTH=LOGIN XX", b"8BITMIME", b"\x1b[2J junk", b"", b"-X")
    assert parse_keywords(lines) == {"SIZE": "100", "AUTH": "PLAIN LOGIN LOGIN XX", "8BITMIME": ""}


@pytest.mark.parametrize(
    ("text", "limit"),
    [("100", 100), ("0", None), ("", None), ("-5", None), ("1e9", None), ("9" * 30, None), ("²", None)],
)
def test_H_G10_a_size_that_makes_no_sense_is_ignored(text: str, limit: int | None) -> None:
    assert size_limit({"SIZE": text}) == limit


@pytest.mark.parametrize(
    ("text", "ascii"),
    [
        ("ann@example.com", b"ann@example.com"),
        ("a.b+c@sub.example.com", b"a.b+c@sub.example.com"),
        ('"a b\\"c"@example.com', b'"a b\\"c"@example.com'),
        ("a@[127.0.0.1]", b"a@[127.0.0.1]"),
        ("a@[IPv6:::1]", b"a@[IPv6:::1]"),
        ("a@bücher.example", b"a@xn--bcher-kva.example"),
        ("Postmaster", b"Postmaster"),
        ("ä@example.com", None),
    ],
)
def test_addresses_are_taken_as_they_are(text: str, ascii: bytes | None) -> None:
    address = envelope_address(text, "recipient")
    assert address == (text, ascii)
    assert address.encoded(utf8=True) == text.encode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "@example.com",
        "ann@",
        "a b@example.com",
        "a@example.com> SIZE=1",
        "a@b>\r\nDATA",
        "a\r\n@b",
        '"a\r\nRCPT TO:<x@y>"@b',
        '"a\0"@b',
        '"a"b"@c',
        "<a@b>",
        "a@b, c@d",
        "a..b@c",
        "a@-b",
        "a@b\n",
        "a\x85@b",
        "\ud800@b",
        "a@[1.2.3.4",
        "a" * 600 + "@b",
    ],
)
def test_H_G1_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(AsposeArgumentException):
        envelope_address(text, "recipient")


@given(st.text(max_size=30), st.text(max_size=30))
def test_H_G1_no_address_carries_a_second_command(local: str, domain: str) -> None:
    for text in (f"{local}@{domain}", f'"{local}"@example.com', f"a@{domain}"):
        try:
            sent = envelope_address(text, "recipient").encoded(utf8=True)
        except AsposeArgumentException:
            continue
        assert not set(sent) & set(b"\r\n\0")
        outside = sent.rpartition(b"@")[2] if sent.startswith(b'"') else sent
        assert not set(outside) & set(b"<> ")


@pytest.mark.parametrize("name", ["mx.example.com", "localhost", "[127.0.0.1]", "[IPv6:::1]"])
def test_names_to_say_hello_with(name: str) -> None:
    assert hello_argument(name) == name.encode()


@pytest.mark.parametrize("name", ["", "a b", "a\r\nMAIL", "a\n", "ä.example", "[x", "a" * 300])
def test_H_G1_a_name_that_is_no_host_is_refused(name: str) -> None:
    with pytest.raises(AsposeArgumentException):
        hello_argument(name)


def test_xtext_escapes_what_would_end_a_parameter() -> None:
    assert xtext("a+b=c d") == b"a+2Bb+3Dc+20d"
    with pytest.raises(AsposeArgumentException):
        xtext("a\r\nb")


# --- messages ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "sent"),
    [
        (b"", b".\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b"a\r\n", b"a\r\n.\r\n"),
        (b".", b"..\r\n.\r\n"),
        (b"..\r\n.a\r\n", b"...\r\n..a\r\n.\r\n"),
        (b"a\n.\nb", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"a\r.\rb", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"a\n.\r\nb", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"a\r\r\n.\r", b"a\r\n\r\n..\r\n.\r\n"),
        (b"\r", b"\r\n.\r\n"),
        (b"x" * 2000, b"x" * 2000 + b"\r\n.\r\n"),
    ],
)
@pytest.mark.parametrize("step", [0, 1, 2, 3])
def test_H_G3_only_one_final_dot_is_sent(content: bytes, sent: bytes, step: int) -> None:
    pieces = [content[start : start + step] for start in range(0, len(content), step)] if step else [content]
    assert b"".join(stuffed(pieces)) == sent


def received(sent: bytes) -> bytes:
    """What a server that keeps to the letter makes of what follows DATA."""
    assert sent.endswith(b".\r\n")
    lines = sent.split(b"\r\n")
    assert lines[-2:] == [b".", b""]
    body = lines[:-2]
    assert b"." not in body
    assert not any(b"\r" in line or b"\n" in line for line in body)
    return b"".join((line[1:] if line.startswith(b".") else line) + b"\r\n" for line in body)


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"a", b"MAIL FROM:<>", b"\xff", b""]), max_size=40))
def test_H_G3_whatever_is_in_a_message_it_arrives_and_nothing_else(pieces: list[bytes]) -> None:
    sent = b"".join(stuffed(pieces))
    whole = b"".join(pieces)
    assert received(sent) == smtp.normalized(whole)
    assert sent == b"".join(stuffed([whole]))


def test_a_message_with_NUL_is_refused() -> None:
    with pytest.raises(MessageError):
        list(stuffed([b"a\0b"]))


def test_long_lines_are_noticed() -> None:
    assert not smtp.has_long_lines(b"x" * 998 + b"\r\n" + b"y" * 998)
    assert smtp.has_long_lines(b"a\r\n" + b"x" * 999)
