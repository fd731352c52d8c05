"""Messages made of several texts, pictures and files: what is sent, read by the standard library, and kept."""

from __future__ import annotations

import copy
import email
import email.policy
import gc
import io
import weakref
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentOutOfRangeException,
    AsposeNotSupportedException,
    MessageError,
)
from mailclients.message import (
    AlternateView,
    Attachment,
    BodyContentType,
    ContentDisposition,
    ContentType,
    DeliveryNotificationOptions,
    LinkedResource,
    MailAddress,
    MailMessage,
    MediaTypeNames,
    TransferEncoding,
)
from tests.mime.messages import RICH, SIGNED, nested

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def rich() -> MailMessage:
    message = MailMessage("ann@example.com", "bob@example.com", "Plan", "As text.")
    message.html_body = '<p>Hé <img alt="x" src="cid:plan"> <img src=cid:other></p>'
    picture = LinkedResource(PICTURE, MediaTypeNames.Image.PNG)
    picture.content_id = "plan"
    message.linked_resources.add(picture)
    message.attachments.add(Attachment(b"1;2\r\n", "n.csv"))
    return message


def outline(part: Any) -> Any:
    """A part of the standard library's as nested lists of media types."""
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        return [part.get_content_subtype(), *map(outline, part.iter_parts())]
    return part.get_content_type()


def standard(message: MailMessage) -> EmailMessage:
    parsed = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    assert not any(part.defects for part in parsed.walk())
    return parsed


def test_texts_pictures_and_files_stand_where_mail_programs_look_for_them() -> None:
    parsed = standard(rich())
    assert outline(parsed) == [
        "mixed",
        ["alternative", "text/plain", ["related", "text/html", "image/png"]],
        "text/csv",
    ]
    html = parsed.get_body(("html",))
    assert html is not None
    assert "Hé" in html.get_content()
    related = next(part for part in parsed.walk() if part.get_content_subtype() == "related")
    assert related.get_param("type") == "text/html"
    picture = next(part for part in parsed.walk() if part.get_content_type() == "image/png")
    assert (picture["Content-ID"], picture.get_content_disposition(), picture.get_content()) == (
        "<plan>",
        "inline",
        PICTURE,
    )


def test_what_was_built_is_read_back() -> None:
    again = MailMessage.load(rich().as_bytes())
    assert again.body == "As text.\r\n"
    assert again.is_body_html
    assert again.body_type is BodyContentType.HTML
    assert [view.content_type.media_type for view in again.alternate_views] == ["text/plain", "text/html"]
    assert again.alternate_views["text/html"].linked_resources is again.linked_resources
    assert again.linked_resources["plan"].content() == PICTURE
    assert again.attachments["n.csv"] is again.attachments[0]
    assert (again.alternate_views.count, again.linked_resources.count, again.attachments.count) == (2, 1, 1)
    with pytest.raises(KeyError):
        again.attachments["none"]
    assert again.as_bytes() is again.as_bytes()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["text/plain", "text/html"], ["alternative", "text/plain", "text/html"]),
        (["text/html", "text/plain"], ["alternative", "text/plain", "text/html"]),
        (["text/html", "text/calendar"], ["alternative", "text/html", "text/calendar"]),
        (["text/html"], "text/html"),
        ([], "text/plain"),
    ],
)
def test_views_alone_make_a_message(names: list[str], expected: Any) -> None:
    message = MailMessage("a@b.example", "c@d.example", "s", "")
    for name in names:
        message.add_alternate_view(AlternateView.create_alternate_view_from_string("x", None, name))
    assert outline(standard(message)) == expected
    assert message.body == ("x" if "text/plain" in names else "")
    assert message.html_body == ("x" if "text/html" in names else None)
    assert message.get_alternate_view_content("text/calendar") == ("x" if "text/calendar" in names else "")


def test_each_view_brings_what_it_shows() -> None:
    message = MailMessage("a@b.example", "c@d.example", "s", "text")
    view = AlternateView(io.BytesIO(b"<img src='cid:a'>"), "text/html")
    view.linked_resources.add(LinkedResource(b"gif", ContentType("image/gif")))
    message.alternate_views.add(view)
    message.linked_resources.add(LinkedResource(b"jpg", "image/jpeg"))
    assert outline(standard(message)) == [
        "alternative",
        "text/plain",
        ["related", "text/html", "image/gif", "image/jpeg"],
    ]
    message.linked_resources.add(view.linked_resources[0])  # the same one: it is sent once
    assert message.as_bytes().count(b"image/gif") == 1
    message.linked_resources.remove_at(1)
    first = message.as_bytes()
    view.linked_resources[0].content_stream = b"new"
    second = message.as_bytes()
    assert second != first
    view.linked_resources.clear()
    assert outline(standard(message)) == ["alternative", "text/plain", ["related", "text/html", "image/jpeg"]]
    assert b"@mailclients>" in message.as_bytes()  # a content id is made where none was set


def test_links_go_with_what_they_show() -> None:
    message = rich()
    message.linked_resources.remove_at(0, remove_html_link=True)
    assert message.html_body == "<p>Hé  <img src=cid:other></p>"
    received = MailMessage.load(rich().as_bytes())
    received.linked_resources.clear(remove_html_links=True)
    assert received.html_body is not None
    assert "cid:plan" not in received.html_body
    assert outline(standard(received))[1] == ["alternative", "text/plain", "text/html"]
    with pytest.raises(AsposeArgumentOutOfRangeException):
        message.linked_resources.remove_at(0, True)
    view = AlternateView.create_alternate_view_from_string("<IMG SRC='cid:a.b'><img src='cid:axb'>", None, "text/html")
    one = LinkedResource(b"x", "image/png")
    one.content_id = "<a.b>"
    view.linked_resources.add(one)
    view.linked_resources.clear(True)
    assert view.content() == b"<img src='cid:axb'>"


@pytest.mark.parametrize("make", [rich, lambda: MailMessage.load(rich().as_bytes())], ids=["built", "received"])
def test_a_message_goes_away_with_its_last_name(make: Callable[[], MailMessage]) -> None:
    gc.disable()
    try:
        message = make()
        assert message.linked_resources.count == 1
        assert message.alternate_views[1].linked_resources.count <= 1
        message.body = "other"
        message.as_bytes()
        gone = weakref.ref(message)
        del message
        assert gone() is None
    finally:
        gc.enable()


def test_parts_that_were_not_changed_keep_their_bytes() -> None:
    message = MailMessage.from_bytes(RICH)
    message.attachments.add(Attachment(b"new", "new.txt"))
    built = message.as_bytes()
    for part in (
        b"Hall=F6 =\r\nda",
        b"JVBE\r\nRi0x\r\nLg==",
        b"filename*0*=utf-8''r%C3%A9; filename*1=",
        b"<p>Hall\xc3\xb6</p>",
    ):
        assert part in RICH
        assert part in built
    assert b"preamble" in built
    assert b"epilogue" in built
    message.attachments[0].name = "other.pdf"
    again = MailMessage.load(message.as_bytes())
    assert b"JVBE\r\nRi0x" not in again.as_bytes()
    assert [one.name for one in again.attachments] == ["other.pdf", "attachment", "new.txt"]
    assert again.attachments[0].content() == b"%PDF-1."


CHANGES = ("content_type", "content_disposition", "headers", "transfer_encoding", "content_id")


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_a_part_is_sent_whenever_it_was_made(change: str) -> None:
    for message in (MailMessage.load(rich().as_bytes()), rich()):
        before = message.as_bytes()
        one = message.attachments[0]
        assert message.as_bytes() is before
        if change == "content_type":
            one.content_type.media_type = "a/b"
        elif change == "content_disposition":
            one.content_disposition.size = 5
        elif change == "headers":
            one.headers.add("Content-Description", "Zähler")
        elif change == "transfer_encoding":
            one.transfer_encoding = TransferEncoding.QUOTED_PRINTABLE
        else:
            one.content_id = "other"
        after = message.as_bytes()
        assert after != before
        assert message.as_bytes() is after
        (again,) = MailMessage.load(after).attachments
        assert again.content() == b"1;2\r\n"
        assert {
            "content_type": again.content_type.media_type == "a/b",
            "content_disposition": again.content_disposition.size == 5,
            "headers": again.headers.get_decoded_value("Content-Description") == "Zähler",
            "transfer_encoding": again.transfer_encoding is TransferEncoding.QUOTED_PRINTABLE,
            "content_id": again.content_id == "other",
        }[change]


def test_fields_of_a_part_never_become_fields_of_the_message() -> None:
    raw = (
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        b"Bcc: victim@example.com\r\nSubject: other\r\nContent-Type: text/plain\r\n\r\ntext\r\n--b\r\n"
        b"Content-Type: a/b\r\n\r\nx\r\n--b--\r\n"
    )
    message = MailMessage.from_bytes(raw)
    message.attachments.clear()
    again = MailMessage.load(message.as_bytes())
    assert again.body == "text"
    assert {"bcc", "subject"}.isdisjoint(name.lower() for name in again.headers)


@pytest.mark.parametrize("name", SIGNED)
def test_what_is_signed_or_encrypted_is_never_broken_silently(name: str) -> None:
    raw = SIGNED[name]
    message = MailMessage.from_bytes(raw)
    assert message.is_signed == ("signed" in name)
    assert message.is_encrypted == ("encrypted" in name)
    assert message.as_bytes() is raw
    body = raw.partition(b"\r\n\r\n")[2]
    message.subject = "other"
    assert message.as_bytes().endswith(b"\r\n\r\n" + body)
    message.attachments.add(Attachment(b"x", "x.txt"))
    with pytest.raises(MessageError, match="signed or encrypted"):
        message.as_bytes()


def test_a_signature_can_be_taken_away() -> None:
    message = MailMessage.from_bytes(SIGNED["signed"])
    bare = message.remove_signature()
    assert not bare.is_signed
    assert (bare.body, bare.subject, bare.attachments.count) == ("signed text", "s", 0)
    bare.body = "other"
    assert MailMessage.load(bare.as_bytes()).body == "other\r\n"
    assert message.is_signed
    assert bare.remove_signature().as_bytes() == bare.as_bytes()
    with pytest.raises(AsposeNotSupportedException, match="S/MIME"):
        MailMessage.from_bytes(SIGNED["opaque signed"]).remove_signature()
    within = MailMessage.from_bytes(SIGNED["within, neither"])
    assert within.body == "signed text"


@pytest.mark.parametrize(
    ("encoding", "content", "sent"),
    [
        (TransferEncoding.SEVEN_BIT, b"a\r\n", TransferEncoding.SEVEN_BIT),
        (TransferEncoding.SEVEN_BIT, b"\xff\r\n", TransferEncoding.BASE64),
        (TransferEncoding.SEVEN_BIT, b"a\nb", TransferEncoding.BASE64),
        (TransferEncoding.SEVEN_BIT, b"a\rb", TransferEncoding.BASE64),
        (TransferEncoding.SEVEN_BIT, b"a\0b", TransferEncoding.BASE64),
        (TransferEncoding.SEVEN_BIT, b"a" * 991, TransferEncoding.BASE64),
        (TransferEncoding.SEVEN_BIT, b"a" * 990 + b"\r\nb", TransferEncoding.SEVEN_BIT),
        (TransferEncoding.EIGHT_BIT, b"\xff\r\n", TransferEncoding.EIGHT_BIT),
        (TransferEncoding.QUOTED_PRINTABLE, b"\xff=\n.\r \r\n \n" * 30, TransferEncoding.QUOTED_PRINTABLE),
        (TransferEncoding.BASE64, b"a", TransferEncoding.BASE64),
    ],
)
def test_content_comes_through_in_whatever_encoding(
    encoding: TransferEncoding, content: bytes, sent: TransferEncoding
) -> None:
    message = MailMessage("a@b.example", "c@d.example", "s", "b")
    for one in (Attachment(content, "x.bin"), AlternateView(content, "a/b")):
        one.transfer_encoding = encoding
        assert one.transfer_encoding is encoding
        (message.attachments if isinstance(one, Attachment) else message.alternate_views).add(one)  # type: ignore[arg-type]
    data = message.as_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    again = MailMessage.load(data)
    for received in (again.attachments[0], again.alternate_views["a/b"]):
        assert (received.transfer_encoding, received.content()) == (sent, content)
    parsed = email.message_from_bytes(data, policy=email.policy.default)
    assert [part.get_payload(decode=True) for part in parsed.walk() if part.get_filename()] == [content]


@pytest.mark.parametrize("name", ["UNKNOWN", "BINARY", "UU_ENCODE", "BIN_HEX"])
def test_encodings_that_are_not_for_sending_are_refused_by_name(name: str) -> None:
    one = Attachment(b"x", "x")
    with pytest.raises(AsposeNotSupportedException, match=f"{name}.*BASE64"):
        one.transfer_encoding = TransferEncoding[name]


@pytest.mark.parametrize(
    ("charset", "text", "sent"),
    [
        ("iso-8859-1", "Grüße", "iso-8859-1"),
        ("iso-8859-1", "\u20ac", "utf-8"),
        ("iso-2022-jp", "日本", "iso-2022-jp"),
        ("utf-16", "Grüße", "utf-16"),
        (None, "Grüße", "utf-8"),
        (None, "plain", "us-ascii"),
    ],
)
def test_texts_and_subjects_are_sent_in_the_charset_that_was_asked_for(
    charset: str | None, text: str, sent: str
) -> None:
    message = MailMessage("a@b.example", "c@d.example", text, text)
    message.html_body = text
    message.body_encoding = message.subject_encoding = charset
    parsed = standard(message)
    for part in (parsed.get_body(("plain",)), parsed.get_body(("html",))):
        assert part is not None
        assert (part.get_content_charset(), part.get_content().strip()) == (sent, text)
    assert parsed["Subject"] == text
    subject = MailMessage.load(message.as_bytes()).headers["Subject"] or ""
    assert subject == "plain" or sent == "utf-16" or subject.lower().startswith(f"=?{sent}?b?")
    assert message.body_encoding == charset or charset is None
    message.body_encoding = "utf-8"
    assert message.as_bytes().count(b"charset=utf-8") == 2
    for name in ("body_encoding", "subject_encoding", "preferred_text_encoding"):
        with pytest.raises(AsposeArgumentException, match=name):
            setattr(message, name, "zlib")


def test_the_preferred_charset_reads_and_writes_what_names_none() -> None:
    message = MailMessage.from_bytes(b"Subject: x\r\n\r\n\xce\xe5\xeb\xfe")
    message.preferred_text_encoding = "iso-8859-7"
    assert message.body == b"\xce\xe5\xeb\xfe".decode("iso-8859-7")
    message.body = "Ξέ"
    message.subject = "Ξέ"
    data = message.as_bytes()
    assert b"charset=iso-8859-7" in data
    assert b"=?iso-8859-7?" in data
    assert MailMessage.load(data).subject == "Ξέ"


def test_is_body_html_works_in_either_order() -> None:
    for first in (True, False):
        message = MailMessage("a@b.example", "c@d.example")
        if first:
            message.is_body_html = True
        message.body = "<b>x</b>"
        message.is_body_html = True
        assert (message.body, message.html_body) == ("<b>x</b>", "<b>x</b>")
        message.body = "<b>y</b>"
        assert outline(standard(message)) == "text/html"
        assert MailMessage.load(message.as_bytes()).html_body == "<b>y</b>\r\n"
        message.is_body_html = False
        assert (message.body, message.html_body, message.is_body_html) == ("<b>y</b>", None, False)
        assert outline(standard(message)) == "text/plain"
    both = MailMessage("a@b.example", "c@d.example")
    both.is_body_html = True
    both.html_body = "<b>x</b>"
    both.body = "x"
    assert (both.body, both.html_body) == ("x", "<b>x</b>")
    wrong: Any = 1
    with pytest.raises(ArgumentTypeError):
        both.is_body_html = wrong


def test_html_may_name_its_charset() -> None:
    message = MailMessage("a@b.example", "c@d.example")
    message.set_html_body('<html><meta content="text/html; charset=iso-8859-2">ő', True)
    assert b"charset=iso-8859-2" in message.as_bytes()
    message.set_html_body("<html><meta charset=nonsense>ő", detect_encoding=True)
    assert b"charset=utf-8" in message.as_bytes()
    message.set_html_body('<meta charset="iso-8859-2">ő')
    assert b"charset=utf-8" in message.as_bytes()


def test_preamble_and_epilogue_stand_around_the_parts() -> None:
    message = rich()
    message.preamble, message.epilogue = "für alle\nhier", "ende"
    again = MailMessage.load(message.as_bytes())
    assert (again.preamble, again.epilogue) == ("für alle\r\nhier\r\n", "ende\r\n")
    assert again.body == "As text.\r\n"
    assert email.message_from_bytes(message.as_bytes()).preamble is not None
    received = MailMessage.from_bytes(RICH)
    assert (received.preamble, received.epilogue) == ("preamble\r\n", "epilogue\r\n")
    assert received.as_bytes() is RICH
    assert MailMessage.from_bytes(b"Subject: x\r\n\r\ntext").preamble == ""
    single = MailMessage("a@b.example", "c@d.example", "s", "b")
    single.preamble = "lost"
    assert b"lost" not in single.as_bytes()


def test_other_fields() -> None:
    message = MailMessage("a@b.example", "c@d.example", "s", "b")
    message.date = datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone.utc)
    message.time_zone_offset = timedelta(hours=5, minutes=30)
    assert message.headers["date"] == "Mon, 06 May 2024 12:38:09 +0530"
    assert (message.time_zone_offset, message.date) == (
        timedelta(hours=5, minutes=30),
        datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone.utc),
    )
    for bad in (timedelta(days=1), timedelta(seconds=1), timedelta(days=-1)):
        with pytest.raises(AsposeArgumentOutOfRangeException):
            message.time_zone_offset = bad
    message.is_draft = True
    message.reverse_path = "bounces@b.example"
    again = MailMessage.load(message.as_bytes())
    assert again.is_draft
    assert again.reverse_path == MailAddress("bounces@b.example")
    again.is_draft, again.reverse_path = False, None
    assert {"X-Unsent", "Return-Path"}.isdisjoint(again.headers)
    assert MailMessage.from_bytes(b"Return-Path: <>\r\n\r\n").reverse_path is None
    for bad_path in ("a@b.example\r\nBcc: x@y.example", "no address"):
        with pytest.raises(AsposeArgumentException):
            message.reverse_path = bad_path


def test_delivery_notifications_are_a_matter_of_sending() -> None:
    message = MailMessage("a@b.example", "c@d.example", "s", "b")
    before = message.as_bytes()
    assert message.delivery_notification_options is DeliveryNotificationOptions.NONE
    wanted = DeliveryNotificationOptions.ON_SUCCESS | DeliveryNotificationOptions.DELAY
    message.delivery_notification_options = wanted
    assert message.as_bytes() is before
    assert message.clone().delivery_notification_options == wanted
    with pytest.raises(AsposeArgumentException, match="NEVER"):
        message.delivery_notification_options = DeliveryNotificationOptions.NEVER | DeliveryNotificationOptions.DELAY


def test_copies_are_independent() -> None:
    message = rich()
    message.item_id = "id"
    message.body_encoding = "utf-8"
    for made in (copy.copy(message), copy.deepcopy(message), message.clone()):
        assert made.as_bytes() == message.as_bytes()
        assert (made.item_id, made.body_encoding) == ("id", "utf-8")
        made.to.add("third@example.com")
        made.attachments.clear()
        assert (message.to.count, message.attachments.count) == (1, 1)
        assert not made.equals(message)
        assert message.equals(message)


def test_an_email_message_comes_and_goes() -> None:
    theirs = EmailMessage()
    theirs["From"] = "Jörg <j@example.com>"
    theirs["Subject"] = "Grüße"
    theirs.set_content("Text ü\n")
    theirs.add_alternative("<b>ü</b>", subtype="html")
    theirs.add_attachment(PICTURE, maintype="image", subtype="png", filename="ü.png")
    ours = MailMessage.from_email_message(theirs)
    assert (ours.subject, ours.body, ours.html_body) == ("Grüße", "Text ü\r\n", "<b>ü</b>\r\n")
    assert [(one.name, one.content()) for one in ours.attachments] == [("ü.png", PICTURE)]
    back = ours.to_email_message()
    assert isinstance(back, EmailMessage)
    assert (back["Subject"], back["From"]) == ("Grüße", theirs["From"])
    assert outline(back) == outline(theirs)
    assert outline(rich().to_email_message()) == outline(standard(rich()))
    wrong: Any = "x"
    with pytest.raises(ArgumentTypeError):
        MailMessage.from_email_message(wrong)


def test_H_J1_what_the_email_package_cannot_do_is_a_message_error() -> None:
    with pytest.raises(MessageError, match="email package cannot read"):
        MailMessage.from_bytes(nested(5000)).to_email_message()
    unwritable = email.message.Message()
    unwritable["Subject"] = "x"
    payload: Any = object()
    unwritable.set_payload(payload)
    with pytest.raises(MessageError, match="email package cannot write"):
        MailMessage.from_email_message(unwritable)


def test_import_makes_it_another_message() -> None:
    message = rich()
    message.import_from_stream(io.BytesIO(RICH))
    assert message.as_bytes() == RICH
    assert message.subject == "Grüße an alle"


def test_disposition_has_what_rfc_2183_names(tmp_path: Path) -> None:
    moment = datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone.utc)
    one = Attachment(b"x", "résumé; final.pdf")
    kind = one.content_disposition
    kind.creation_date = kind.modification_date = kind.read_date = moment
    kind.size = 10
    message = MailMessage("a@b.example", "c@d.example", "s", "b")
    message.attachments.add(one)
    data = message.as_bytes()
    assert max(map(len, data.split(b"\r\n"))) <= 78
    read = MailMessage.load(data).attachments[0].content_disposition
    assert read == kind
    assert (read.creation_date, read.modification_date, read.read_date, read.size) == (moment, moment, moment, 10)
    assert read.file_name == "résumé; final.pdf"
    parsed = email.message_from_bytes(data, policy=email.policy.default)
    assert [part.get_filename() for part in parsed.iter_attachments()] == ["résumé; final.pdf"]
    assert ContentDisposition().size == -1
    assert ContentDisposition("INLINE; size=x").size == -1
    assert repr(kind) == "ContentDisposition('attachment')"
    for bad in ("", "a b", "x\r\ny"):
        with pytest.raises(AsposeArgumentException):
            ContentDisposition(bad)
    with pytest.raises(AsposeArgumentOutOfRangeException):
        kind.size = -5
    kind.creation_date = None
    assert kind.creation_date is None
