"""Received messages: bytes kept, parts read when asked for, the same objects for every thread."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from mailclients.errors import ArgumentTypeError, MessageError
from mailclients.message import MailAddress, MailMessage, MailPriority, MailSensitivity, TransferEncoding
from tests.mime.messages import RICH, nested


def test_received_message_is_read_part_by_part() -> None:
    message = MailMessage.from_bytes(RICH)
    assert message.subject == "Grüße an alle"
    assert message.from_address == MailAddress("andre@example.org", "André")
    assert [(one.display_name, one.address) for one in message.to] == [
        ("", "a@example.org"),
        ("B, C", "bc@example.org"),
        ("", "d@example.org"),
        ("", "e@example.org"),
    ]
    assert message.cc.count == message.bcc.count == message.reply_to.count == 0
    assert message.sender is None
    assert message.date == datetime(2024, 1, 1, 12, 30, tzinfo=timezone(timedelta(hours=1)))
    assert message.message_id == "<1@example.org>"
    assert message.priority is MailPriority.HIGH
    assert message.sensitivity is MailSensitivity.PRIVATE
    assert message.body == "Hallö da"
    assert message.html_body == "<p>Hallö</p>"
    assert message.is_body_html
    pdf, inner = message.attachments
    assert (pdf.name, pdf.raw_name, pdf.content_type.media_type) == ("résumé.pdf",) * 2 + ("application/pdf",)
    assert pdf.content_stream.read() == pdf.content() == b"%PDF-1."
    assert (pdf.content_id, pdf.transfer_encoding) == ("part1@example.org", TransferEncoding.BASE64)
    assert not pdf.is_inline
    assert inner.is_embedded_message
    assert MailMessage.load(inner.content_stream).subject == "inner"
    assert message.headers.get_values("received") == [
        "from a\tby b; Mon, 1 Jan 2024 00:00:00 +0000",
        "from c",
    ]
    assert message.as_bytes() is message.as_bytes()
    assert message.as_bytes() == bytes(message) == RICH


def test_as_bytes_gives_the_object_that_was_received() -> None:
    for data in (RICH, b"", b"\r\n", b"no header at all", b"\xff\x00" * 50, RICH.replace(b"\r\n", b"\n")):
        message = MailMessage.from_bytes(data)
        assert message.as_bytes() is data
        _ = message.subject, message.to, message.body, message.attachments, message.date, message.headers
        assert message.as_bytes() is data


def test_bare_line_feeds_are_understood() -> None:
    message = MailMessage.from_bytes(RICH.replace(b"\r\n", b"\n"))
    assert message.body == "Hallö da"
    assert len(message.attachments) == 2


def test_making_one_reads_and_imports_nothing() -> None:
    code = (
        "import sys; from mailclients.message import MailMessage;"
        "m = MailMessage.from_bytes(b'Subject: x\\r\\n\\r\\n'); assert not m._cache;"
        "assert m.subject == 'x'; assert 'email' not in sys.modules, 'email'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
    assert not hasattr(MailMessage.from_bytes(b""), "__dict__")


def test_repr_tells_size_and_source_and_no_content() -> None:
    message = MailMessage.from_bytes(RICH, "INBOX uid 5\n")
    assert repr(message) == f"<MailMessage {len(RICH)} bytes from INBOX uid 5\\n>"
    assert "andre" not in repr(message.headers) + repr(message.to) + repr(message.attachments[0])


def test_load_and_save_go_through_paths_and_streams(tmp_path: Path) -> None:
    path = tmp_path / "one.eml"
    MailMessage.load(RICH).save(path)
    assert path.read_bytes() == RICH
    assert MailMessage.load(str(path)).as_bytes() == RICH
    assert MailMessage.load(bytearray(RICH)).as_bytes() == RICH
    MailMessage(from_address="a@b.c", to="d@e.f").save(path)  # replaced, as in .NET
    assert MailMessage.load(path).to[0].address == "d@e.f"
    assert os.listdir(tmp_path) == ["one.eml"]
    out = io.BytesIO()
    MailMessage.load(io.BytesIO(RICH)).save(out)
    assert out.getvalue() == RICH
    wrong: Any = io.StringIO("x")
    with pytest.raises(ArgumentTypeError, match="binary"):
        MailMessage.load(wrong)
    wrong = 3
    with pytest.raises(ArgumentTypeError):
        MailMessage.load(wrong)


def test_threads_see_the_same_objects() -> None:
    message = MailMessage.from_bytes(RICH)
    begin = threading.Barrier(6)
    seen: list[tuple[int, ...]] = []

    def read() -> None:
        begin.wait(10)
        seen.append((id(message.to), id(message.headers), id(message.attachments), hash(message.body)))

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(seen) == 6
    assert len(set(seen)) == 1
    assert message.as_bytes() is RICH


def test_H_J2_one_bad_message_among_many_is_its_own_trouble() -> None:
    messages = [MailMessage.from_bytes(RICH) for _ in range(20)]
    messages.insert(7, MailMessage.from_bytes(nested(100)))
    bodies: list[str] = []
    errors: list[MessageError] = []
    for one in messages:
        try:
            bodies.append(one.body)
        except MessageError as exc:  # noqa: PERF203 - this is what users write
            errors.append(exc)
    assert (len(bodies), len(errors)) == (20, 1)


def test_attachments_read_by_two_threads_at_once_are_no_change() -> None:
    message = MailMessage.from_bytes(RICH)
    others: list[object] = []

    class Shared(dict[str, Any]):
        def setdefault(self, key: str, default: Any = None) -> Any:
            kept = super().setdefault(key, default)
            if key == "attachments as read" and not others:  # here the other thread comes first
                others.append(None)
                others.append(message.attachments)
            return kept

    message._cache = Shared()
    assert message.attachments is others[1]
    assert message.as_bytes() is RICH
