"""Messages as bytes to be sent: header fields encoded and folded, texts and attachments as MIME parts.

Functions of their arguments alone: no state, no lock, any thread.
"""

from __future__ import annotations

import binascii
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from mailclients.mime.address_lists import read_address_list
from mailclients.mime.addresses import ADDRESS_FIELDS, MailAddress, MailAddressCollection, parse_addresses
from mailclients.mime.attachments import Attachment
from mailclients.mime.content_types import ContentType
from mailclients.mime.encoded_words import encode_words
from mailclients.mime.headers import HeaderCollection, unfolded_lines
from mailclients.mime.line_ends import to_crlf
from mailclients.mime.parameters import write_parameter
from mailclients.mime.transfer_encodings import encode_base64

__all__ = ["serialize_content", "serialize_headers", "without_bcc"]

MAX_LINE: Final = 76  # characters of a line that can be folded; 78 are recommended (RFC 5322 section 2.1.1)
MAX_WORD: Final = 900  # characters of a word that stays as it is; lines end at 998
MAX_TEXT_LINE: Final = 990  # bytes of a line of text that is sent unencoded
MAX_PLAIN_NAME: Final = 200  # characters of a display name that is sent unencoded

_SIMPLE_ADDRESS: Final = re.compile(r'[^\s()<>@,;:\\"\[\]]+@[^\s()<>@,;:\\"\[\]]+')
_BCC: Final = re.compile(rb"[ \t\r]*(?:resent-)?bcc[ \t\r\n]*(?::|[\r\n]|\Z)", re.IGNORECASE)


def serialize_headers(headers: HeaderCollection, addresses: Mapping[str, MailAddressCollection]) -> bytes:
    """The fields as they are sent: received ones as they were, set ones encoded and folded.

    Args:
        headers: the fields.
        addresses: collections by lower-case field name; where a field says what its collection says, the
            collection is sent, which knows the charsets of the names.
    """
    return b"".join(_field(name, value, addresses.get(name.lower())) for name, value in headers._fields)


def _field(name: str, value: bytes | str, addresses: MailAddressCollection | None) -> bytes:
    if isinstance(value, bytes):
        return name.encode() + b":" + value + b"\r\n"
    if name.lower() in ADDRESS_FIELDS:
        same = addresses is not None and addresses.to_string() == value
        mailboxes = list(addresses) if addresses is not None and same else parse_addresses(value)
        texts = [_mailbox_text(one) for one in mailboxes]
        return _fold(name, [*(text + "," for text in texts[:-1]), *texts[-1:]])
    words = value.split(" ")
    if value and not (_is_plain(value) and all(words) and all(len(word) < MAX_WORD for word in words)):
        words = encode_words(value)
    return _fold(name, words)


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and "=?" not in text


def _mailbox_text(one: MailAddress) -> str:
    name = one.display_name
    if not name and not _reads_as_itself(one.address):
        return f"<{one.address}>"  # a stranger's: it stays one, whatever commas are in it
    if not name or (_is_plain(name) and len(name) < MAX_PLAIN_NAME):
        return one.to_string()
    return "\r\n ".join(encode_words(name, one._encoding)) + f" <{one.address}>"


def _reads_as_itself(address: str) -> bool:
    if _SIMPLE_ADDRESS.fullmatch(address):
        return True
    return [(mailbox.address, mailbox.name) for mailbox in read_address_list(address)] == [(address, "")]


def _fold(name: str, words: Iterable[str]) -> bytes:
    """A field of words that may stand on lines of their own, at most `MAX_LINE` characters where they allow it."""
    lines: list[str] = []
    line = name + ":"
    for word in words:
        if len(line) + 1 + len(word) > MAX_LINE and line != name + ":":
            lines.append(line)
            line = ""
        line += " " + word
    lines.append(line)
    return "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n"


def serialize_content(text: str, html: str | None, attachments: Sequence[Attachment]) -> bytes:
    """The content as one part with its own fields, all that follows the fields of the message."""
    content = _text_part("plain", text) if text or html is None else b""
    if html is not None:
        rich = _text_part("html", html)
        content = _multipart("alternative", [content, rich]) if content else rich
    if attachments:
        content = _multipart("mixed", [content, *map(_attachment_part, attachments)])
    return b"MIME-Version: 1.0\r\n" + content


def _part(fields: Sequence[str], content: bytes) -> bytes:
    return "\r\n".join((*fields, "", "")).encode() + content


def _text_part(subtype: str, text: str) -> bytes:
    data = to_crlf(text.encode("utf-8", "replace"))
    if data and not data.endswith(b"\n"):
        data += b"\r\n"
    charset, encoding = "us-ascii", "7bit"
    if not data.isascii() or b"\0" in data or any(len(line) > MAX_TEXT_LINE for line in data.split(b"\n")):
        charset, encoding = "utf-8", "quoted-printable"
        data = binascii.b2a_qp(data, istext=True)
    fields = f"Content-Type: text/{subtype}; charset={charset}", f"Content-Transfer-Encoding: {encoding}"
    return _part(fields, data)


def _multipart(subtype: str, parts: Sequence[bytes]) -> bytes:
    boundary = "=_" + os.urandom(15).hex()  # no line of base64 or quoted-printable begins so
    delimiter = b"--" + boundary.encode()
    content = b"".join(b"%s\r\n%s\r\n" % (delimiter, part) for part in parts) + delimiter + b"--\r\n"
    return _part([f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"'], content)


def _attachment_part(one: Attachment) -> bytes:
    kind = ContentType._received(one.content_type.to_string(), "application/octet-stream")
    if kind.media_type.startswith("multipart/"):  # received without parts; base64 is not for multiparts
        kind = ContentType()
    kind.parameters.pop("name", None)
    kind.parameters.pop("boundary", None)
    disposition = "inline" if one.is_inline else "attachment"
    if one.raw_name:
        disposition += ";\r\n " + write_parameter("filename", one.name)[2:]
    fields = [f"Content-Type: {kind.to_string()}", f"Content-Disposition: {disposition}"]
    if one.content_id and one.content_id.isascii():
        fields.append(f"Content-ID: <{one.content_id}>")
    content = one.content()
    if kind.media_type.startswith("message/"):  # RFC 2046 section 5.2.1 allows no other encoding
        encoding = "7bit" if content.isascii() else "8bit"
        content = to_crlf(content)
    else:
        encoding = "base64"
        content = encode_base64(content)
    return _part([*fields, f"Content-Transfer-Encoding: {encoding}"], content)


def without_bcc(data: bytes) -> bytes:
    """The message without Bcc fields, whatever else is odd about them; the very same object if there are none."""
    return without_fields(data, _BCC)


def without_fields(data: bytes, fields: re.Pattern[bytes]) -> bytes:
    """The message without the header fields whose beginnings match; the very same object if there are none."""
    kept: list[bytes] = []
    position = 0
    for start, _, following in unfolded_lines(data, 0, len(data))[0]:
        if fields.match(data, start, following):
            kept.append(data[position:start])
            position = following
    return b"".join((*kept, data[position:])) if kept else data
