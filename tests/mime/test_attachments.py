"""Attachments: made, read and saved."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest

from mailclients.errors import ArgumentTypeError, AsposeArgumentException, AsposeArgumentNullException
from mailclients.message import Attachment, AttachmentCollection, ContentType, MailMessage


def attached(name: bytes) -> Attachment:
    raw = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/x\r\n"
    raw += b"Content-Disposition: attachment; filename=" + name + b"\r\n\r\ndata\r\n--b--\r\n"
    return MailMessage.from_bytes(raw).attachments[0]


def test_H_J3_saving_stays_in_the_directory_and_overwrites_nothing(tmp_path: Path) -> None:
    directory = tmp_path / "in"
    directory.mkdir()
    victim = tmp_path / "victim"
    victim.write_bytes(b"old")
    (directory / "link.txt").symlink_to(victim)
    (directory / "dangling.txt").symlink_to(tmp_path / "made")
    one = attached(b'"../x.txt"')
    assert one.raw_name == "../x.txt"
    paths = [one.save_to_directory(directory) for _ in range(3)]
    assert [os.path.basename(path) for path in paths] == ["x.txt", "x (1).txt", "x (2).txt"]
    assert os.path.basename(attached(b"link.txt").save_to_directory(directory)) == "link (1).txt"
    assert os.path.basename(attached(b"dangling.txt").save_to_directory(directory)) == "dangling (1).txt"
    assert victim.read_bytes() == b"old"
    assert sorted(os.listdir(tmp_path)) == ["in", "victim"]
    for existing in ("x.txt", "link.txt", "dangling.txt"):
        with pytest.raises(FileExistsError):
            one.save(directory / existing)
    one.save(directory / "link.txt", overwrite=True)
    assert not (directory / "link.txt").is_symlink()
    assert (directory / "link.txt").read_bytes() == b"data"
    assert victim.read_bytes() == b"old"
    assert not [name for name in os.listdir(directory) if name.endswith(".tmp")]
    out = io.BytesIO()
    one.save(out)
    assert out.getvalue() == b"data"


def test_H_J3_a_failed_write_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise OSError("no")

    one = attached(b"x.txt")
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="no"):
        one.save(tmp_path / "x.txt", overwrite=True)
    assert os.listdir(tmp_path) == []


def test_attachment_shapes(tmp_path: Path) -> None:
    path = tmp_path / "pic.png"
    path.write_bytes(b"png")
    from_file = Attachment(path)
    assert (from_file.name, from_file.content_type.media_type, from_file.content()) == (
        "pic.png",
        "image/png",
        b"png",
    )
    assert Attachment(str(path), "image/x").content_type.media_type == "image/x"
    assert Attachment(path, ContentType("a/b")).content_type.media_type == "a/b"
    stream = Attachment(io.BytesIO(b"x"), "n.txt", "text/y")
    assert (stream.name, stream.content_type.media_type) == ("n.txt", "text/y")
    assert Attachment(io.BytesIO(b"x"), "n.unknowntype").content_type.media_type == "application/octet-stream"
    text = Attachment.create_attachment_from_string("ü", "t.txt", "iso-8859-1")
    assert (text.content(), text.content_type.char_set) == (b"\xfc", "iso-8859-1")
    stream.name = "z.txt"
    stream.content_stream = io.BytesIO(b"new")
    stream.content_id = "<cid@x>"
    stream.is_inline = True
    message = MailMessage("a@b.c", "d@e.f", "s", "b")
    message.attachments.add(stream)
    message.attachments.add(text)
    again = MailMessage.load(message.as_bytes()).attachments
    assert [(one.name, one.content(), one.is_inline, one.content_id) for one in again] == [
        ("z.txt", b"new", True, "cid@x"),
        ("t.txt", b"\xfc", False, None),
    ]
    before = message.as_bytes()
    stream.name = "again.txt"
    assert message.as_bytes() != before
    wrong: Any = 3
    with pytest.raises(ArgumentTypeError):
        Attachment(wrong)
    wrong = None
    with pytest.raises(AsposeArgumentNullException):
        Attachment(io.BytesIO(b""), wrong)
    with pytest.raises(AsposeArgumentException):
        Attachment(io.BytesIO(b""), "a\r\nb")
    wrong = io.StringIO("x")
    with pytest.raises(ArgumentTypeError, match="binary"):
        Attachment(wrong, "x")
    with pytest.raises(AsposeArgumentException, match="iso-8859-1"):
        Attachment.create_attachment_from_string("\u20ac", "t.txt", "iso-8859-1")
    with pytest.raises(FileNotFoundError):
        Attachment(tmp_path / "none")


def test_a_name_as_long_as_the_file_system_takes_can_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / ("ü" * 125 + ".txt")
    path.write_bytes(b"old")
    attached(b"x.txt").save(path, overwrite=True)
    assert path.read_bytes() == b"data"
    MailMessage.from_bytes(b"A: 1\r\n\r\n").save(path)
    assert path.read_bytes() == b"A: 1\r\n\r\n"


@pytest.mark.parametrize(
    ("charset", "text", "content"),
    [
        ("us-ascii", "a", b"a"),
        ("utf-8", "ü", b"\xc3\xbc"),
        ("gb2312", "你", b"\xc4\xe3"),
        ("utf-16-le", "a", b"a\0"),
    ],
)
def test_text_is_attached_in_the_charset_it_is_said_to_be_in(charset: str, text: str, content: bytes) -> None:
    one = Attachment.create_attachment_from_string(text, "t.txt", charset)
    assert (one.content(), one.content_type.char_set) == (content, charset)


@pytest.mark.parametrize(("charset", "text"), [("us-ascii", "ü"), ("gb2312", "\U0001f600"), ("no-such", "a")])
def test_text_that_its_charset_has_not_is_refused(charset: str, text: str) -> None:
    with pytest.raises(AsposeArgumentException, match=charset):
        Attachment.create_attachment_from_string(text, "t.txt", charset)


def test_a_multipart_without_parts_is_not_sent_on_as_one() -> None:
    message = MailMessage.from_bytes(b"Content-Type: multipart/mixed\r\n\r\nno boundary")
    assert message.attachments[0].content_type.media_type == "multipart/mixed"
    message.body = "text"
    again = MailMessage.load(message.as_bytes()).attachments
    assert [(one.content_type.media_type, one.content()) for one in again] == [
        ("application/octet-stream", b"no boundary")
    ]


@pytest.mark.parametrize("wrong", ["report.pdf", b"...", None, 5])
def test_a_collection_of_parts_takes_nothing_else(wrong: Any) -> None:
    message = MailMessage("ann@example.com", "bob@example.com", "Report", "See below.")
    message.add_attachment(Attachment(b"1", "1.txt"))
    every: tuple[Any, ...] = (message.attachments, message.linked_resources, message.alternate_views)
    for parts in every:
        before = list(parts)
        for change, argument in (
            (parts.add, wrong),
            (parts.append, wrong),
            (parts.add_range, [*before, wrong]),
            (parts.extend, [wrong]),
        ):
            with pytest.raises(ArgumentTypeError, match=rf"Collection takes \w+, not {type(wrong).__name__}"):
                change(argument)
        with pytest.raises(ArgumentTypeError, match=rf"Collection takes \w+, not {type(wrong).__name__}"):
            parts.insert(0, wrong)
        assert list(parts) == before
    with pytest.raises(ArgumentTypeError, match="AttachmentCollection takes Attachment, not"):
        message.attachments[0] = wrong
    with pytest.raises(ArgumentTypeError, match="AttachmentCollection takes Attachment, not"):
        AttachmentCollection([wrong])
    assert [each.name for each in MailMessage.from_bytes(message.as_bytes()).attachments] == ["1.txt"]
