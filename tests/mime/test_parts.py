"""The parts of a message and their content."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailclients.errors import MessageError
from mailclients.message import MailMessage
from tests.mime.messages import nested


@given(st.binary(max_size=300))
def test_H_J1_any_bytes_are_a_message(data: bytes) -> None:
    message = MailMessage.from_bytes(data)
    assert isinstance(message.subject, str)
    assert message.to.count >= 0
    assert message.date is None or message.date.tzinfo is not None
    assert isinstance(message.body, str)
    for attachment in message.attachments:
        assert isinstance(attachment.content(), bytes)
    assert message.as_bytes() is data


def test_H_J1_nesting_and_number_of_parts_are_limited() -> None:
    assert MailMessage.from_bytes(nested(30)).body == "inner"
    for data in (
        nested(5000),
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 20_000,
    ):
        message = MailMessage.from_bytes(b"Subject: still there\r\n" + data)
        for name in ("body", "html_body", "attachments"):
            with pytest.raises(MessageError, match="as_bytes"):
                getattr(message, name)
        assert message.subject == "still there"
        assert message.as_bytes().endswith(data)


@pytest.mark.parametrize(
    ("head", "content", "text"),
    [
        (b"Content-Type: text/plain; charset=zlib", b"x\x9c\x03\x00", None),
        (b"Content-Type: text/plain; charset=hex", b"abc", "abc"),
        (b"Content-Type: text/plain; charset=" + b"a" * 5000, b"\xc3\xbc", "ü"),
        (b"Content-Type: text/plain; charset=", b"\xfc", "ü"),
        (b"Content-Type: nonsense", b"abc", "abc"),
        (b"Content-Transfer-Encoding: base64", b"!!YWJj!!", "abc"),
        (b"Content-Transfer-Encoding: base64", b"YWJjZ", "abc"),
        (b"Content-Transfer-Encoding: base64", b"=", ""),
        (b"Content-Transfer-Encoding: quoted-printable", b"a=ZZ=\xff=", None),
        (b"Content-Transfer-Encoding: x-uuencode", b"begin 644 x\n#86)C\n`\nend\n", "abc"),
        (b"Content-Transfer-Encoding: x-uuencode", b"begin 644 x\n\xff\xff\xff\nend\n", None),
        (b"Content-Transfer-Encoding: rot13", b"abc", "abc"),
        (b"Content-Type: multipart/mixed", b"no boundary", None),
        (b"Content-Type: text/plain; charset=utf-16", b"a", None),
    ],
)
def test_H_J1_odd_content_gives_text_and_never_raises(head: bytes, content: bytes, text: str | None) -> None:
    message = MailMessage.from_bytes(head + b"\r\n\r\n" + content)
    if text is None:
        message.body.encode()
        assert all(isinstance(one.content(), bytes) for one in message.attachments)
    else:
        assert message.body == text
