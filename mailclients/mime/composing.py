"""The content of a message as bytes to be sent: its texts, what they show, and attachments, as MIME parts.

Functions of their arguments alone: no state, no lock, any thread. A part that was received and not changed is put in
byte for byte, so that a signature over it holds.
"""

from __future__ import annotations

import binascii
import os
import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from mailclients.mime.attachments import Attachment, AttachmentBase
from mailclients.mime.charsets import encode_exactly
from mailclients.mime.content_types import ContentDisposition, ContentType
from mailclients.mime.file_names import safe_file_name
from mailclients.mime.headers import HeaderCollection
from mailclients.mime.line_ends import to_crlf
from mailclients.mime.parameters import write_parameter
from mailclients.mime.serializing import serialize_headers
from mailclients.mime.transfer_encodings import TransferEncoding, encode_base64
from mailclients.mime.views import AlternateView, LinkedResource

__all__ = ["Around", "serialize_content"]

MAX_TEXT_LINE: Final = 990  # bytes of a line of text that is sent unencoded

_NAMES: Final = {
    TransferEncoding.SEVEN_BIT: "7bit",
    TransferEncoding.EIGHT_BIT: "8bit",
    TransferEncoding.QUOTED_PRINTABLE: "quoted-printable",
    TransferEncoding.BASE64: "base64",
}
# These fields follow the properties of a part; whatever else its header has is kept.
_DERIVED: Final = frozenset(
    {
        "content-type",
        "content-disposition",
        "content-id",
        "content-location",
        "content-transfer-encoding",
        "mime-version",
    }
)
_BARE: Final = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_TEXT_LINE_END: Final = re.compile(r"\r\n?|\n")


class Around(NamedTuple):
    """What stands around the parts of a multipart, for programs that know no MIME."""

    preamble: str = ""
    epilogue: str = ""


class _Entity(NamedTuple):
    """One part: its fields, each with its line end, and its content."""

    fields: HeaderCollection
    content: bytes

    def to_bytes(self) -> bytes:
        return serialize_headers(self.fields, {}) + b"\r\n" + self.content


def serialize_content(
    views: Sequence[AlternateView],
    linked: Sequence[LinkedResource] = (),
    attachments: Sequence[Attachment] = (),
    charset: str | None = None,
    around: Around | None = None,
) -> bytes:
    """The content as one part with its own fields, all that follows the fields of the message.

    Args:
        views: the forms of the text, in order; the plain one goes first wherever it stands.
        linked: what the text in HTML shows.
        attachments: the files.
        charset: of texts that name none; US-ASCII or UTF-8 if it is None or has not all the characters.
        around: what stands before and behind the parts, if there are several.
    """
    plain = [view for view in views if view._media_type() == "text/plain"]
    ordered = [*plain, *(view for view in views if view not in plain)] or [AlternateView._of_text("", "text/plain")]
    html = next((view for view in ordered if view._media_type() == "text/html"), None)
    forms: list[_Entity] = []
    for view in ordered:
        shown = list(view._linked or ())
        if view is html:
            shown += [one for one in linked if not any(one is other for other in shown)]
        form = _text_entity(view, charset)
        forms.append(_related(form, view._media_type(), shown))
    whole = forms[0] if len(forms) == 1 else _multipart("alternative", forms)
    if html is None and linked:
        whole = _related(whole, _media_type(whole), linked)
    if attachments:
        whole = _multipart("mixed", [whole, *map(_part_entity, attachments)])
    if around is not None and _media_type(whole).startswith("multipart/"):
        before, after = (_text_bytes(text, "utf-8") for text in around)
        whole = whole._replace(content=before + whole.content + after)
    # Nothing but these may become a field of the message, whatever the header of a received part says.
    fields = HeaderCollection()
    fields._fields = [field for field in whole.fields._fields if field[0].lower().startswith("content-")]
    return b"MIME-Version: 1.0\r\n" + _Entity(fields, whole.content).to_bytes()


def _media_type(entity: _Entity) -> str:
    return ContentType._received(entity.fields.get_raw("Content-Type")).media_type


def _fields(*fields: tuple[str, str], more: HeaderCollection | None = None) -> HeaderCollection:
    """Fields that are sent as they stand here, and those of a part's header that follow no property."""
    found = HeaderCollection()
    found._fields = [(name, b" " + value.encode("ascii", "replace")) for name, value in fields if value]
    if more is not None:
        found._fields += [field for field in more._fields if field[0].lower() not in _DERIVED]
    return found


def _multipart(subtype: str, parts: Iterable[_Entity], *parameters: tuple[str, str]) -> _Entity:
    boundary = "=_" + os.urandom(15).hex()  # no line of base64 or quoted-printable begins so
    delimiter = b"--" + boundary.encode()
    content = b"".join(b"%s\r\n%s\r\n" % (delimiter, part.to_bytes()) for part in parts) + delimiter + b"--\r\n"
    further = "".join(write_parameter(name, value) for name, value in parameters)
    return _Entity(_fields(("Content-Type", f'multipart/{subtype}{further};\r\n boundary="{boundary}"')), content)


def _related(text: _Entity, kind: str, shown: Sequence[LinkedResource]) -> _Entity:
    if not shown:
        return text
    return _multipart("related", [text, *map(_part_entity, shown)], ("type", kind))


def _untouched(one: AttachmentBase) -> _Entity | None:
    """A received part as it came, unless it was changed."""
    part = one._part
    if part is None or one._is_changed() or one._media_type().startswith("multipart/"):
        return None  # a multipart without parts is sent as what it is, bytes
    fields = part.headers
    if part.begin == 0 or (part.default != "text/plain" and fields.get_raw("Content-Type") is None):
        # It was the whole message, or got its media type from a digest around it: these fields are not a part's.
        fields = HeaderCollection()
        fields._fields = [field for field in part.headers._fields if field[0].lower().startswith("content-")]
        if fields.get_raw("Content-Type") is None:
            fields._fields.append(("Content-Type", b" " + part.default.encode()))
    return _Entity(fields, part.data[part.start : part.end])


def _common_fields(one: AttachmentBase) -> tuple[tuple[str, str], ...]:
    content_id = one.content_id or ""
    location = one._location or ""
    return (
        ("Content-ID", f"<{content_id}>" if content_id and content_id.isascii() else ""),
        ("Content-Location", location if location.isascii() else ""),
    )


def _text_entity(view: AlternateView, charset: str | None) -> _Entity:
    found = _untouched(view)
    if found is not None:
        return found
    kind = ContentType._received(view.content_type.to_string())
    kind.parameters.pop("boundary", None)
    if view._text is None:
        return _content_entity(view, kind, view.content(), view._encoding)
    text = _TEXT_LINE_END.sub("\r\n", view._text)
    if text and not text.endswith("\n"):
        text += "\r\n"
    data, kind.char_set = _in_charset(text, kind.char_set or charset)
    return _content_entity(view, kind, data, view._encoding)


def _in_charset(text: str, charset: str | None) -> tuple[bytes, str]:
    data = encode_exactly(text, charset) if charset else None
    if charset and data is not None:
        return data, charset.strip().replace(" ", "-")
    plain = text.isascii() and "\0" not in text and all(len(line) <= MAX_TEXT_LINE for line in text.split("\n"))
    return text.encode("utf-8", "replace"), "us-ascii" if plain else "utf-8"


def _text_bytes(text: str, charset: str) -> bytes:
    data = to_crlf(text.encode(charset, "replace"))
    return data if not data or data.endswith(b"\n") else data + b"\r\n"


def _content_entity(view: AlternateView, kind: ContentType, data: bytes, wanted: TransferEncoding | None) -> _Entity:
    encoding = wanted if wanted is not None else TransferEncoding.SEVEN_BIT
    if not _carries(encoding, data):
        # NULs are those of UTF-16 and its kin, which quoted-printable would make three times as long.
        readable = wanted is None and kind.media_type.startswith("text/") and b"\0" not in data
        encoding = TransferEncoding.QUOTED_PRINTABLE if readable else TransferEncoding.BASE64
    return _Entity(
        _fields(
            ("Content-Type", kind._folded()),
            ("Content-Transfer-Encoding", _NAMES[encoding]),
            *_common_fields(view),
            more=view._headers,
        ),
        _encode(data, encoding),
    )


def _part_entity(one: Attachment | LinkedResource) -> _Entity:
    found = _untouched(one)
    if found is not None:
        return found
    kind = ContentType._received(one.content_type.to_string(), "application/octet-stream")
    if kind.media_type.startswith("multipart/"):  # base64 is not for multiparts
        kind = ContentType()
    kind.parameters.pop("name", None)
    kind.parameters.pop("boundary", None)
    disposition = ContentDisposition._received(one.content_disposition.to_string())
    name = one.raw_name if isinstance(one, Attachment) else disposition.file_name
    disposition.file_name = safe_file_name(name) if name else None
    content = one.content()
    if kind.media_type.startswith("message/"):  # RFC 2046 section 5.2.1 allows no other encoding
        content = to_crlf(content)
        encoding = TransferEncoding.SEVEN_BIT if content.isascii() else TransferEncoding.EIGHT_BIT
        encoded = content
    else:
        wanted = one.transfer_encoding if one._encoding is not None else TransferEncoding.BASE64
        encoding = wanted if _carries(wanted, content) else TransferEncoding.BASE64
        encoded = _encode(content, encoding)
    return _Entity(
        _fields(
            ("Content-Type", kind._folded()),
            ("Content-Disposition", disposition._folded()),
            ("Content-Transfer-Encoding", _NAMES[encoding]),
            *_common_fields(one),
            more=one._headers,
        ),
        encoded,
    )


def _carries(encoding: TransferEncoding, data: bytes) -> bool:
    """Whether content comes through in this encoding as it is."""
    if encoding in (TransferEncoding.BASE64, TransferEncoding.QUOTED_PRINTABLE):
        return True
    if b"\0" in data or _BARE.search(data) or not (data.isascii() or encoding is TransferEncoding.EIGHT_BIT):
        return False
    return all(len(line) <= MAX_TEXT_LINE for line in data.split(b"\r\n"))


def _encode(data: bytes, encoding: TransferEncoding) -> bytes:
    if encoding is TransferEncoding.BASE64:
        return encode_base64(data)
    if encoding is TransferEncoding.QUOTED_PRINTABLE:
        # Line ends are kept as such where all are CRLF; else they are content like everything else.
        return to_crlf(binascii.b2a_qp(data, istext=_BARE.search(data) is None))
    return data
