"""The parts of a message (RFC 2045, RFC 2046): where each lies in the bytes, and what its header says of it.

Parts are made once and never changed, so any thread may read them. Multiparts are walked with a stack of our
own, and their depth and number are limited.
"""

from __future__ import annotations

from typing import Final

from mailclients.errors import MessageError
from mailclients.mime.charsets import decode_text
from mailclients.mime.content_types import ContentType
from mailclients.mime.headers import HeaderCollection
from mailclients.mime.parameters import read_parameters
from mailclients.mime.transfer_encodings import TransferEncoding, decode_content, encoding_named

__all__ = ["Part", "around", "leaf_parts", "places_within"]

MAX_NESTING: Final = 40  # multiparts within multiparts; mail programs stop near ten
MAX_PARTS: Final = 10_000  # of one message
MAX_BOUNDARY: Final = 200  # characters; the standard allows 70


# What is signed or encrypted keeps its meaning only byte for byte (RFC 1847).
_SEALED: Final = frozenset({"multipart/signed", "multipart/encrypted"})


class Part:
    """One part of a message, with its header read and its content where it lies.

    Args:
        data: the message.
        begin, end: where the part lies in it.
        default: its media type where it names none.
        within: the subtype of the multipart that decides what the part is for: ``alternative``, ``related`` for all
            but the first part of one, or another.
        sealed: whether it lies within something signed or encrypted.
    """

    __slots__ = (
        "begin",
        "content_type",
        "data",
        "default",
        "disposition",
        "end",
        "file_name",
        "headers",
        "sealed",
        "start",
        "within",
    )

    def __init__(
        self, data: bytes, begin: int, end: int, default: str = "text/plain", within: str = "", sealed: bool = False
    ) -> None:
        self.data = data
        self.begin = begin
        self.headers, self.start = HeaderCollection._received(data, begin, end)
        self.end = end
        self.default = default
        self.content_type = ContentType._received(self.headers.get_raw("Content-Type"), default)
        self.disposition, parameters = read_parameters(self.headers.get_raw("Content-Disposition"))
        self.file_name = parameters.get("filename")  # as the disposition gives it
        self.within = within
        self.sealed = sealed or self.content_type.media_type in _SEALED

    @property
    def content_id(self) -> str | None:
        """What other parts refer to this one by, without angle brackets, or None."""
        return (self.headers.get_decoded_value("Content-ID") or "").strip("<> ") or None

    @property
    def encoding(self) -> TransferEncoding:
        """How the content is encoded."""
        return encoding_named(self.headers.get("Content-Transfer-Encoding"))

    def content(self) -> bytes:
        """The content with its transfer encoding undone, as far as it can be."""
        return decode_content(self.data[self.start : self.end], self.encoding)

    def text(self) -> str:
        """The content as text by its charset."""
        return decode_text(self.content(), self.content_type.char_set)

    def split(self) -> list[tuple[int, int]]:
        """Where the parts of a multipart lie (RFC 2046 section 5.1.1); none if it is no multipart.

        Reading ends with the first part that is more than `MAX_PARTS`.
        """
        boundary = self.content_type.boundary
        if not self.content_type.media_type.startswith("multipart/") or not boundary or len(boundary) > MAX_BOUNDARY:
            return []
        delimiter = b"--" + boundary.rstrip().encode("utf-8", "replace")
        data, end = self.data, self.end
        found: list[tuple[int, int]] = []
        begin = -1
        position = self.start
        while len(found) <= MAX_PARTS:
            at = data.find(delimiter, position, end)
            if at < 0:
                break
            position = at + len(delimiter)
            if at > self.start and data[at - 1] != 10:
                continue
            line_end = data.find(b"\n", position, end)
            line_end = end if line_end < 0 else line_end
            closing = data.startswith(b"--", position)
            # No other boundary is much longer, so the rest of the line need not be read.
            if not closing and data[position : min(line_end, position + MAX_BOUNDARY)].strip():
                continue
            if begin >= 0:
                found.append((begin, _without_line_end(data, begin, at)))
            if closing:
                begin = -1
                break
            begin = position = min(line_end + 1, end)
        if 0 <= begin < end:
            found.append((begin, end))  # the closing line is missing
        return found


def _without_line_end(data: bytes, begin: int, end: int) -> int:
    """Where a part ends: the line end before a delimiter belongs to the delimiter."""
    if end > begin:
        end -= 1
        if end > begin and data[end - 1] == 13:
            end -= 1
    return end


def leaf_parts(data: bytes) -> list[Part]:
    """The parts of a message that are no multiparts, in order.

    Raises:
        MessageError: more than `MAX_NESTING` levels or `MAX_PARTS` parts.
    """
    leaves: list[Part] = []
    pending = [(Part(data, 0, len(data)), 0)]  # a stack: the next part is last
    count = 1
    while pending:
        part, depth = pending.pop()
        places = part.split()
        if not places:
            leaves.append(part)
            continue
        count += len(places)
        if depth >= MAX_NESTING or count > MAX_PARTS:
            raise MessageError(
                f"the message has more than {MAX_NESTING} levels or {MAX_PARTS} parts; as_bytes() still gives it"
            )
        kind = part.content_type.media_type
        default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        inside = places_within(kind.removeprefix("multipart/"), part.within, len(places))
        children = zip(reversed(places), reversed(inside), strict=True)
        pending.extend(
            (Part(data, begin, end, default, within, part.sealed), depth + 1) for (begin, end), within in children
        )
    return leaves


def places_within(subtype: str, within: str, count: int) -> list[str]:
    """What decides about the parts of a multipart, one by one.

    Args:
        subtype: of the multipart. within: what decides about itself. count: how many parts it has.
    """
    inside = [subtype] * count
    if subtype == "related" and inside:  # its first part is the text, which stands where all of it stands
        inside[0] = within
    return inside


def around(data: bytes) -> tuple[bytes, bytes]:
    """What stands before the first and behind the last part of a message that is a multipart."""
    whole = Part(data, 0, len(data))
    places = whole.split()
    if not places:
        return b"", b""
    first, last = places[0][0], places[-1][1]
    before = data[whole.start : data.rfind(b"\n", 0, max(first - 1, 0)) + 1]
    closing = data.find(b"--", last)
    line_end = data.find(b"\n", closing) if closing >= 0 else -1
    return before, data[line_end + 1 :] if line_end >= 0 else b""
