"""Messages that are changed or built: what is sent, and what is not."""

from __future__ import annotations

import email
import email.policy
import io
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailclients.errors import ArgumentTypeError, AsposeArgumentException, AsposeArgumentNullException
from mailclients.message import Attachment, MailAddress, MailMessage, MailPriority, MailSensitivity
from tests.mime.messages import RICH


def test_header_changes_leave_every_other_byte_alone() -> None:
    message = MailMessage.from_bytes(RICH)
    message.subject = "Neu: ü"
    message.to.add("z@example.org")
    changed = message.as_bytes()
    assert changed is message.as_bytes()
    head, _, body = changed.partition(b"\r\n\r\n")
    old_head, _, old_body = RICH.partition(b"\r\n\r\n")
    assert body == old_body
    kept = [line for line in old_head.split(b"\r\n") if line[:4] in {b"Rece", b"From", b"Date", b"MIME", b"Cont"}]
    assert all(line in head for line in kept)
    again = MailMessage.from_bytes(changed)
    assert again.subject == "Neu: ü"
    assert [one.address for one in again.to][-1] == "z@example.org"
    assert again.to.count == 5
    assert again.attachments[0].content() == b"%PDF-1."


def test_content_changes_rebuild_the_message() -> None:
    message = MailMessage.from_bytes(RICH)
    message.body = "anders"
    message.add_attachment(Attachment(io.BytesIO(b"abc"), "c.txt"))
    again = MailMessage.from_bytes(message.as_bytes())
    assert again.body.rstrip() == "anders"
    assert again.html_body is not None
    assert again.html_body.rstrip() == "<p>Hallö</p>"
    assert [one.content() for one in again.attachments] == [b"%PDF-1.", b"Subject: inner\r\n\r\ntext", b"abc"]
    assert again.headers.get_values("Content-Type") == [again.headers.get("content-type")]
    assert again.message_id == "<1@example.org>"
    again.attachments.clear()
    assert MailMessage.from_bytes(again.as_bytes()).attachments.count == 0


def test_new_message_is_valid_and_stays_the_same() -> None:
    message = MailMessage("Jörg <j@example.org>", "a@b.c", "Grüße " * 30, "Zeile\nzwei ü\n.")
    message.cc = 'D <d@e.f>, "F, G" <f@g.h>'
    message.bcc.add("secret@b.c")
    message.html_body = "<p>" + "x" * 2000 + "</p>"
    message.priority = MailPriority.LOW
    message.sensitivity = MailSensitivity.PERSONAL
    message.x_mailer = "tests"
    message.reply_to = MailAddress("r@b.c")
    data = message.as_bytes()
    assert data is message.as_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert max(map(len, data.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 78
    parsed = email.message_from_bytes(data, policy=email.policy.default)
    assert not parsed.defects
    assert parsed["subject"].strip() == ("Grüße " * 30).strip()
    assert [one.addr_spec for one in parsed["cc"].addresses] == ["d@e.f", "f@g.h"]
    assert parsed["from"].addresses[0].display_name == "Jörg"
    plain = parsed.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().splitlines() == ["Zeile", "zwei ü", "."]
    again = MailMessage.load(data)
    assert again.cc == message.cc
    assert (again.priority, again.sensitivity, again.x_mailer) == (
        MailPriority.LOW,
        MailSensitivity.PERSONAL,
        "tests",
    )
    assert again.message_id == message.message_id
    assert again.date == message.date
    assert again.date is not None
    assert abs(again.date - datetime.now(timezone.utc)) < timedelta(hours=1)
    assert again.body == "Zeile\r\nzwei ü\r\n.\r\n"
    assert message.message_id.endswith("@example.org>")


def test_H_G2_bcc_is_left_out_for_sending() -> None:
    message = MailMessage("a@b.c", "d@e.f", "s", "Bcc: stays in the text")
    message.bcc = "secret@b.c, " + ", ".join(f"secret{n}@b.c" for n in range(20))
    data = message.as_bytes(without_bcc=True)
    assert b"secret" not in data
    assert b"Bcc: stays" in data
    assert b"secret" in message.as_bytes()
    for head in (b"bcc : secret\r\n", b"BCC:\r\n\tsecret\r\n", b"Bcc" + b" " * 99 + b": secret\n secret\n"):
        raw = b"A: 1\r\n" + head + b"B: 2\r\n" + head + b"\r\nBcc: text"
        assert MailMessage.from_bytes(raw).as_bytes(without_bcc=True) == b"A: 1\r\nB: 2\r\n\r\nBcc: text"
    assert MailMessage.from_bytes(RICH).as_bytes(without_bcc=True) is RICH
    assert MailMessage.from_bytes(b"Bcc: secret").as_bytes(without_bcc=True) == b""


def test_H_G2_header_values_with_newlines_are_refused() -> None:
    message = MailMessage("a@b.c", "d@e.f")
    for bad in ("x\r\nBcc: y", "x\ny", "x\ry", "x\0"):
        with pytest.raises(AsposeArgumentException):
            message.subject = bad
        with pytest.raises(AsposeArgumentException):
            message.headers.add("X", bad)
        with pytest.raises(AsposeArgumentException):
            message.headers.add(bad, "x")
        with pytest.raises(AsposeArgumentException):
            message.to.add(bad + "@b.c")
        with pytest.raises(AsposeArgumentException):
            MailAddress("a@b.c", bad)
        with pytest.raises(AsposeArgumentException):
            MailAddress("a@b.c").address = bad
        with pytest.raises(AsposeArgumentException):
            message.message_id = bad
    assert b"Bcc" not in message.as_bytes()


def test_constructor_shapes() -> None:
    assert MailMessage().from_address is None
    both = MailMessage(MailAddress("a@b.c"), MailAddress("d@e.f"))
    assert (str(both.from_address), str(both.to)) == ("a@b.c", "d@e.f")
    with pytest.raises(AsposeArgumentNullException):
        MailMessage("a@b.c")
    wrong: Any = None
    with pytest.raises(AsposeArgumentNullException):
        both.body = wrong
    wrong = b"x"
    with pytest.raises(ArgumentTypeError):
        both.html_body = wrong
    with pytest.raises(ArgumentTypeError):
        both.date = wrong
    both.date = datetime(2020, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))
    assert both.headers["date"] == "Mon, 03 Feb 2020 04:05:06 -0330"
    assert both.clone().as_bytes() == both.as_bytes()
    with both as same:
        assert same is both


@given(st.text(max_size=300), st.text(max_size=200))
def test_any_subject_and_text_come_through(subject: str, text: str) -> None:
    message = MailMessage("a@b.c", "d@e.f")
    try:
        message.subject = subject
    except AsposeArgumentException:
        assert any(c in subject for c in "\r\n\0")
        subject = ""
    message.body = text
    data = message.as_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    assert data.isascii()
    again = MailMessage.load(data)
    lossless = subject.encode("utf-8", "replace").decode()
    assert again.subject.split() == lossless.split()
    assert again.to[0].address == "d@e.f"
    lines = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    assert again.body.replace("\r\n", "\n").removesuffix("\n") == lines.removesuffix("\n")
