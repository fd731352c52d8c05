"""Input crafted against parsers.

Where a loop of ours could go wrong, calls are counted: twice the input must not make much more than twice the
calls. What happens inside the regular expressions and the functions of the interpreter is covered by size:
quadratic work on a megabyte would not end within the time that a test has.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from mailclients.errors import MessageError
from mailclients.message import (
    AlternateView,
    HeaderCollection,
    MailAddress,
    MailAddressCollection,
    MailMessage,
    decode_header_text,
    parse_addresses,
)
from mailclients.mime.composing import serialize_content
from mailclients.mime.parts import leaf_parts
from mailclients.mime.serializing import serialize_headers, without_bcc
from tests.mime.messages import nested
from tests.mime.steps import calls_made_by

pytestmark = pytest.mark.timeout(60)


@pytest.mark.parametrize(
    "text",
    [
        b"(" * 2000,
        b"(" * 500_000,
        b'"' * 500_001,
        b"<" * 500_000,
        b"<," * 250_000,
        b"[" * 500_000,
        b":" * 500_000,
        b"\\" * 500_001,
        b"a" * 500_000,
        b" " * 500_000,
        b"(a" * 250_000 + b")" * 9,
        b"@" * 500_000,
        b"<a@b>" * 100_000,
        b"\\(" * 250_000,
        b'"\\' * 250_000,
        b"a " * 250_000,
        b". " * 250_000,
    ],
)
def test_H_J1_crafted_addresses_take_linear_time(text: bytes) -> None:
    message = MailMessage.from_bytes(b"From: " + text + b"\r\n\r\n")
    assert message.from_address is None or message.from_address.to_string()
    assert message.as_bytes().endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "text",
    [
        b"=?utf-8?q?a?= " * 20_000,
        b"=?a?q?" * 80_000,
        b"=?" * 250_000,
        b"=?utf-8?q?" + b"=" * 500_000 + b"?=",
        b"=?utf-8?b?" + b"A" * 500_000,
        b"\r\n " * 150_000,
        b"=?x\xff?q?a?= " * 20_000,
        b"=?utf-8?b?w7w=?=" * 20_000,
        b"=?utf-8?q?" * 105_000,
        b"=?utf-8*" * 130_000,
        b"=?utf-8?q?a?= \t" * 70_000,
    ],
)
def test_H_J1_crafted_header_text_takes_linear_time(text: bytes) -> None:
    message = MailMessage.from_bytes(b"Subject: " + text + b"\r\nTo: a@b.c\r\n\r\n")
    message.subject.encode()
    assert message.to[0].address == "a@b.c"


@pytest.mark.parametrize(
    "body",
    [
        b"-" * 500_000,
        b"--b" * 150_000,
        b"--bx\r\n" * 80_000,
        b"\n" * 500_000,
        b"--b\r\n" + b"a: b\r\n" * 80_000,
        b"--b " + b" " * 500_000,
        b"--b\r\nContent-Type: a/b" + b";" * 500_000,
        b"--b\r\nContent-Type: a/b" + b"; " * 250_000,
        b"--b\r\nContent-Disposition: attachment" + b'; filename*0="x"' * 30_000,
        b"--b\r\nContent-Type: a/b; a" + b" " * 500_000,
        b'--b\r\nContent-Type: a/b; a="' + b"\\" * 500_000,
        b"--b\r\nContent-Type: a/b; " + b"a*0*='" * 170_000,
        b"--b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"=A" * 500_000,
        b"--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=" * 1_000_000,
        b"--b\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\n" + b"\x20\r" * 500_000,
        b"--b\r\n" + b": \r\n" * 250_000,
        b"--b\r\n" + b"a:\r\n \r\n" * 120_000,
    ],
)
def test_H_J1_crafted_structures_take_linear_time(body: bytes) -> None:
    message = MailMessage.from_bytes(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + body)
    for attachment in message.attachments:
        attachment.content()
    assert message.as_bytes().endswith(body)


def multipart(parts: bytes) -> bytes:
    return b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts


def crowd(number: int) -> MailAddressCollection:
    return MailAddressCollection(MailAddress._received(f"u{n}@example.org", f"Ü {n}", "") for n in range(number))


def header_with(name: str, value: str) -> HeaderCollection:
    headers = HeaderCollection()
    headers.add(name, value)
    return headers


def write_recipients(to: MailAddressCollection) -> bytes:
    return serialize_headers(header_with("To", to.to_string()), {"to": to})


WORK: dict[str, Callable[[int], Callable[[], object]]] = {
    "unfinished encoded words": lambda n: lambda: decode_header_text(b"=?utf-8?q?" * n),
    "encoded words": lambda n: lambda: decode_header_text(b"=?utf-8?q?=C3?= =?latin1?q?a?= " * n),
    "addresses": lambda n: lambda: parse_addresses(b"A B <a@b.c>, " * n),
    "open angles": lambda n: lambda: parse_addresses(b"<a," * n),
    "open comments": lambda n: lambda: parse_addresses(b"((" * n),
    "colons": lambda n: lambda: parse_addresses(b"a@b:" * n),
    "many fields": lambda n: lambda: HeaderCollection.parse(b"To: a@b.c\r\n x\r\n" * n).all_keys,
    "fields to take out": lambda n: lambda: without_bcc(b"Bcc: a@b.c\r\n" * n),
    "parts": lambda n: lambda: leaf_parts(multipart(b"--b\r\na: b\r\n\r\nx\r\n" * n)),
    "delimiters that are none": lambda n: lambda: leaf_parts(multipart(b"x--b\r\n--bx\r\n" * n)),
    "lines of uuencode": lambda n: (
        lambda: leaf_parts(b"Content-Transfer-Encoding: x-uue\r\n\r\nbegin 644 x\n" + b"#86)C\n" * n)[0].content()
    ),
    "recipients to write": lambda n: partial(write_recipients, crowd(n)),
    "text to write": lambda n: lambda: serialize_content([AlternateView._of_text("ü\r\n" * n, "text/plain")]),
    "subject to write": lambda n: lambda: serialize_headers(header_with("Subject", "ü " * n), {}),
}


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_H_J1_twice_the_input_is_twice_the_work(work: Callable[[int], Callable[[], object]]) -> None:
    work(1)()  # what is made once for the process
    once, twice = calls_made_by(work(400)), calls_made_by(work(800))
    assert twice <= 2.2 * once + 50


def test_H_J1_nesting_costs_nothing_beyond_its_limit() -> None:
    def read(data: bytes) -> None:
        with pytest.raises(MessageError, match="levels"):
            leaf_parts(data)

    few, many = nested(100), nested(10_000)
    read(few)
    assert calls_made_by(lambda: read(many)) <= calls_made_by(lambda: read(few)) * 1.1
    message = MailMessage.from_bytes(nested(10_000))
    with pytest.raises(MessageError, match="as_bytes"):
        message.body  # noqa: B018
    assert message.as_bytes() == nested(10_000)


def test_H_J1_parts_beyond_the_limit_are_not_looked_for() -> None:
    def read(data: bytes) -> None:
        with pytest.raises(MessageError, match="parts"):
            leaf_parts(data)

    some, more = multipart(b"--b\r\n" * 20_000), multipart(b"--b\r\n" * 40_000)
    assert calls_made_by(lambda: read(more)) <= calls_made_by(lambda: read(some)) * 1.1


def test_a_hundred_thousand_recipients_come_through() -> None:
    message = MailMessage("a@b.c", "d@e.f")
    message.to = ", ".join(f"Somebody {n} <somebody-{n}@example.org>" for n in range(100_000))
    assert message.to.count == 100_000
    head = message.as_bytes().partition(b"\r\n\r\n")[0]
    assert head.count(b"<somebody-") == 100_000
    message.cc = "x@y.z"
    assert message.as_bytes().partition(b"\r\n\r\n")[0].count(b"<somebody-") == 100_000


def test_content_fields_by_the_thousand_are_replaced_in_one_go() -> None:
    message = MailMessage.from_bytes(b"".join(b"Content-X%d: 1\r\n" % n for n in range(50_000)) + b"\r\ntext")
    message.body = "other"
    assert b"Content-X" not in message.as_bytes()


def test_a_field_beyond_the_limit_is_cut_between_characters_and_mailboxes() -> None:
    size = 1024 * 1024
    for ahead in range(4):
        data = b"a" * ahead + "ü\u20ac\U0001f600".encode() * (size // 9 + 9)
        text = decode_header_text(data)
        assert text is not None
        assert size - 4 <= len(text.encode()) <= size
        assert set(text) <= set("aü\u20ac\U0001f600")
    found = parse_addresses(b"someone@example.org, " * (size // 21 + 2))
    assert {one.address for one in found} == {"someone@example.org"}
    assert len(found) == size // 21
