"""What holds for every input: bytes stay, reading never raises, and what is written is read back."""

from __future__ import annotations

import email
import email.policy
from datetime import datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from mailclients.errors import MessageError
from mailclients.message import (
    Attachment,
    ContentType,
    HeaderCollection,
    LinkedResource,
    MailAddress,
    MailAddressCollection,
    MailMessage,
    decode_header_text,
    parse_addresses,
    parse_mail_date,
)
from mailclients.mime.charsets import codec_for_writing, decode_text
from mailclients.mime.dates import format_mail_date
from mailclients.mime.encoded_words import encode_words
from mailclients.mime.line_ends import to_crlf, unfold
from mailclients.mime.parameters import read_parameters, write_parameter
from mailclients.mime.quoted_strings import quote, read_quoted_string
from mailclients.mime.serializing import serialize_headers, without_bcc
from mailclients.mime.transfer_encodings import TransferEncoding, decode_base64, decode_content, encode_base64

# Pieces of which a message is made, in an order that makes no sense.
pieces = st.sampled_from(
    [
        b"\r\n", b"\n", b"\r", b"\r\n\r\n", b" ", b"\t", b":", b";", b",", b"=", b"@", b"<", b">", b"(", b")", b'"',
        b"\\", b"[", b"]", b"\0", b"\xff", b"\xc3\xbc", b"=?", b"?=", b"?q?", b"?b?", b"utf-8", b"utf-7", b"utf-16",
        b"iso-2022-jp", b"hz", b"From", b"To: ", b"Bcc", b"bcc:", b"Subject: ", b"Date: ", b"Mon, 1 Jan 2024",
        b"Content-Type: multipart/mixed; boundary=b", b"Content-Type: multipart/digest; boundary=c", b"--b", b"--c--",
        b"\r\n--b\r\n", b"\n--c\n", b"Content-Type: text/plain; charset=", b"Content-Type: text/html",
        b"Content-Disposition: attachment; filename", b"*0*=", b'*1="', b"utf-8''%C3%BC", b"../x",
        b"Content-Transfer-Encoding: base64", b"quoted-printable", b"x-uuencode", b"begin 644 x\n#86)C\n`\nend\n",
        b"YWJj", b"a@b.c", b"=C3", b"X-Priority: 1", b"Sensitivity: ", b"Message-ID: <a@b>",
    ]
)  # fmt: skip
messages = st.lists(pieces | st.binary(max_size=8), max_size=60).map(b"".join)
charsets = st.sampled_from(
    ["utf-8", "utf-7", "utf-16", "utf-32", "iso-8859-1", "iso-2022-jp", "gb2312", "euc-kr", "hz"]
)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
line = text.map(lambda value: "".join(c for c in value if c not in "\r\n\0"))
field_names = st.from_regex(r"[!-9;-~]{1,40}", fullmatch=True)


@given(messages)
def test_H_J1_reading_never_raises_and_changes_no_byte(data: bytes) -> None:
    message = MailMessage.from_bytes(data)
    shown = [message.subject, message.message_id, message.body, message.html_body or "", message.x_mailer]
    collections = (message.to, message.cc, message.bcc, message.reply_to, message.read_receipt_to)
    shown += [addresses.to_string() for addresses in collections]
    for name, value in message.headers.items():
        shown += [name, value, message.headers.get_decoded_value(name) or ""]
    for attachment in message.attachments:
        shown += [attachment.name, attachment.raw_name or "", attachment.content_id or "", str(attachment.content_type)]
        assert isinstance(attachment.content(), bytes)
    "".join(shown).encode()
    assert message.date is None or message.date.tzinfo is not None
    assert message.priority in {0, 1, 2}
    assert message.sensitivity in {0, 2, 3, 4}
    assert message.from_address is None or message.from_address.to_string()
    repr(message).encode()
    assert message.as_bytes() is data


@given(messages)
def test_a_message_that_was_read_can_be_changed_and_read_again(data: bytes) -> None:
    message = MailMessage.from_bytes(data)
    message.subject = "new ü"
    message.body = "new text ü"
    try:
        built = message.as_bytes()
    except MessageError:
        return
    again = MailMessage.from_bytes(built)
    assert again.subject == "new ü"
    assert again.body.rstrip() == "new text ü"
    assert again.attachments.count == message.attachments.count
    email.message_from_bytes(built, policy=email.policy.compat32)


media_types = st.sampled_from(
    ["text/plain", "text/html", "text/calendar", "application/pdf", "image/png", "message/rfc822"]
)
encodings = st.sampled_from(["SEVEN_BIT", "EIGHT_BIT", "QUOTED_PRINTABLE", "BASE64"]).map(TransferEncoding.__getitem__)
contents = st.binary(max_size=200) | st.text(max_size=60).map(lambda value: value.encode("utf-8", "replace"))
files = st.lists(st.tuples(line, media_types, encodings, contents), max_size=4)


@given(text, st.none() | text, files, st.lists(contents, max_size=3), st.none() | charsets)
def test_what_is_built_is_read_back_by_us_and_by_the_standard_library(
    body: str,
    html: str | None,
    attached: list[tuple[str, str, TransferEncoding, bytes]],
    shown: list[bytes],
    charset: str | None,
) -> None:
    message = MailMessage("a@b.example", "c@d.example", "s", body)
    message.html_body = html
    message.body_encoding = charset
    for name, kind, encoding, content in attached:
        one = Attachment(content, name, kind)
        one.transfer_encoding = encoding
        message.attachments.add(one)
    for content in shown:
        message.linked_resources.add(LinkedResource(content, "image/png"))
    data = message.as_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    assert all(len(each) <= 998 for each in data.split(b"\r\n"))
    again = MailMessage.load(data)
    assert again.body.removesuffix("\r\n") == _crlf(body).removesuffix("\r\n")
    assert html is None or (again.html_body or "").removesuffix("\r\n") == _crlf(html).removesuffix("\r\n")
    wanted = [to_crlf(content) if kind == "message/rfc822" else content for _, kind, _, content in attached]
    assert [one.content() for one in again.attachments] == wanted
    assert [one.content() for one in again.linked_resources] == shown
    assert [one.name for one in again.attachments] == [one.name for one in message.attachments]
    assert again.to_email_message()["To"] == "c@d.example"
    parsed = email.message_from_bytes(data, policy=email.policy.compat32)
    pictures = [part.get_payload(decode=True) for part in parsed.walk() if part["Content-ID"]]
    assert pictures == shown
    again.subject = "other"
    assert MailMessage.load(again.as_bytes()).attachments.count == len(attached)


def _crlf(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


@given(messages)
def test_a_part_that_was_not_changed_is_sent_as_it_came(data: bytes) -> None:
    message = MailMessage.from_bytes(data)
    message.attachments.add(Attachment(b"new", "new.txt"))
    try:
        built = message.as_bytes()
    except MessageError:
        return
    again = MailMessage.from_bytes(built)
    before, after = message.attachments, again.attachments
    assert [one.content() for one in after] == [one.content() for one in before]
    assert [one.raw_name for one in after][:-1] == [one.raw_name for one in before][:-1]


@given(messages)
def test_H_G2_no_bcc_field_is_left_for_sending(data: bytes) -> None:
    sent = without_bcc(data)
    assert not {name.lower() for name in HeaderCollection.parse(sent).keys} & {"bcc", "resent-bcc"}
    assert without_bcc(sent) == sent
    others = [field for field in HeaderCollection.parse(data)._fields if field[0].lower() not in {"bcc", "resent-bcc"}]
    assert HeaderCollection.parse(sent)._fields == others


@given(st.lists(st.tuples(field_names, line), max_size=8))
def test_header_fields_that_are_written_are_read_back(fields: list[tuple[str, str]]) -> None:
    headers = HeaderCollection()
    for name, value in fields:
        headers.add(name, value)
    data = serialize_headers(headers, {})
    assert data.isascii()
    assert all(len(each) <= 998 for each in data.split(b"\r\n"))
    again = HeaderCollection.parse(data + b"\r\n")
    assert again.keys == [name for name, _ in fields]
    for name, value in fields:
        if name.lower() not in {"from", "sender", "to", "cc", "bcc", "reply-to", "disposition-notification-to"}:
            assert value.strip() in [
                decode_header_text(raw) for key, raw in again._fields if key.lower() == name.lower()
            ]


@given(messages)
def test_received_fields_are_written_as_they_were(data: bytes) -> None:
    headers = HeaderCollection.parse(data)
    assert HeaderCollection.parse(serialize_headers(headers, {}) + b"\r\n")._fields == headers._fields


@given(messages)
def test_H_J1_addresses_stay_as_many_as_they_were(data: bytes) -> None:
    found = MailAddressCollection(one for one in parse_addresses(data) if one.address and one.address[0] != "@")
    headers = HeaderCollection()
    headers.add("To", found.to_string())
    again = parse_addresses(serialize_headers(headers, {"to": found})[3:])
    assert [one.address for one in again] == [one.address for one in found]


@given(line, charsets)
@example("\x1b", "iso-2022-jp")  # an escape is a shift there
def test_encoded_words_are_read_back(value: str, charset: str) -> None:
    words = encode_words(value, charset)
    assert all(len(word) <= 75 and word.isascii() for word in words)
    assert decode_header_text(" ".join(words)) == value.strip()


@given(line, charsets)
def test_a_display_name_is_sent_in_its_charset(value: str, charset: str) -> None:
    message = MailMessage("a@b.c", "d@e.f")
    message.to = MailAddress("d@e.f", value, charset)
    again = MailMessage.load(message.as_bytes())
    assert [one.address for one in again.to] == ["d@e.f"]
    assert "".join(again.to[0].display_name.split()) == "".join(value.split())


@given(st.binary(max_size=400))
def test_base64_and_quoted_printable_are_undone(data: bytes) -> None:
    encoded = encode_base64(data)
    assert decode_base64(encoded) == data
    assert all(len(each) <= 76 for each in encoded.split(b"\r\n"))
    for encoding in TransferEncoding:
        assert isinstance(decode_content(data, encoding), bytes)


@given(line)
def test_quoted_strings_and_parameters_are_read_back(value: str) -> None:
    assert read_quoted_string(quote(value) + "x", 1) == (value, len(quote(value)))
    assert read_parameters("a/b" + write_parameter("name", value))[1]["name"] == value
    kind = ContentType("a/b")
    kind.parameters["x"] = value
    assert ContentType(kind.to_string()) == kind


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.timezones()))
def test_dates_are_read_back(moment: datetime) -> None:
    found = parse_mail_date(format_mail_date(moment))
    assert found is not None
    assert found.replace(tzinfo=None) == moment.replace(tzinfo=None, microsecond=0)
    lost = (moment.utcoffset() or timedelta()) - (found.utcoffset() or timedelta())
    assert timedelta() <= lost < timedelta(minutes=1)  # a field carries whole minutes


@given(st.binary(max_size=100), st.text(max_size=45) | charsets)
def test_H_J1_any_bytes_in_any_charset_are_text(data: bytes, charset: str) -> None:
    decode_text(data, charset).encode()
    codec = codec_for_writing(charset)
    if codec is not None:
        assert "a".encode(codec).decode(codec) == "a"


@given(st.binary(max_size=100))
def test_line_ends_become_one_kind(data: bytes) -> None:
    whole = to_crlf(data)
    assert whole.count(b"\r") == whole.count(b"\n") == whole.count(b"\r\n")
    assert to_crlf(whole) == whole
    assert not set(unfold(data)) & set("\r\n\0")
