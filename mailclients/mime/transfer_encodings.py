"""Content transfer encodings (RFC 2045 section 6): base64, quoted-printable, uuencode; undone leniently, done exactly.

Functions of their arguments alone: no state, no lock, any thread.
"""

from __future__ import annotations

import binascii
from enum import IntEnum
from typing import Final

from mailclients.names import HintedEnumMeta

__all__ = ["TransferEncoding", "decode_base64", "decode_content", "encode_base64", "encoding_named"]


class TransferEncoding(IntEnum, metaclass=HintedEnumMeta):
    """How a part's content is encoded (.NET: ``TransferEncoding``; RFC 2045 section 6)."""

    UNKNOWN = -1
    QUOTED_PRINTABLE = 0
    BASE64 = 1
    SEVEN_BIT = 2
    EIGHT_BIT = 3
    BINARY = 4
    UU_ENCODE = 5
    BIN_HEX = 6


_NAMES: Final = {
    "": TransferEncoding.SEVEN_BIT,
    "7bit": TransferEncoding.SEVEN_BIT,
    "8bit": TransferEncoding.EIGHT_BIT,
    "binary": TransferEncoding.BINARY,
    "base64": TransferEncoding.BASE64,
    "quoted-printable": TransferEncoding.QUOTED_PRINTABLE,
    "uuencode": TransferEncoding.UU_ENCODE,
    "x-uuencode": TransferEncoding.UU_ENCODE,
    "x-uue": TransferEncoding.UU_ENCODE,
    "mac-binhex40": TransferEncoding.BIN_HEX,
}
_NOT_BASE64: Final = bytes(
    c for c in range(256) if c not in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
)
_LINE: Final = 57  # bytes that become a line of 76 characters


def encoding_named(value: str | None) -> TransferEncoding:
    """The encoding that a Content-Transfer-Encoding field names; 7bit without one."""
    return _NAMES.get((value or "").partition(";")[0].strip().lower(), TransferEncoding.UNKNOWN)


def decode_content(data: bytes, encoding: TransferEncoding) -> bytes:
    """The content with its encoding undone as far as it can be; as it is where that means nothing."""
    if encoding is TransferEncoding.BASE64:
        return decode_base64(data)
    if encoding is TransferEncoding.QUOTED_PRINTABLE:
        return binascii.a2b_qp(data)
    if encoding is TransferEncoding.UU_ENCODE:
        return _decode_uu(data)
    return data


def decode_base64(data: bytes) -> bytes:
    """Decode base64 as leniently as mail needs: junk skipped, a truncated end decoded as far as it goes."""
    data = data.translate(None, _NOT_BASE64)
    end = data.find(b"=")
    if end >= 0 and not data[end:].strip(b"="):
        data = data[:end]
    rest = len(data) % 4
    if rest == 1:
        data = data[:-1]
    elif rest:
        data += b"=" * (4 - rest)
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        return b""


def encode_base64(data: bytes) -> bytes:
    """Base64 in lines of 76 characters, each with CRLF."""
    lines = (binascii.b2a_base64(data[at : at + _LINE], newline=False) for at in range(0, len(data), _LINE))
    return b"".join(line + b"\r\n" for line in lines)


def _decode_uu(data: bytes) -> bytes:
    out: list[bytes] = []
    inside = False
    for line in data.splitlines():
        if not inside:
            inside = line.startswith(b"begin ")
        elif line.strip() == b"end":
            break
        elif line:
            length = (((line[0] - 32) & 63) * 4 + 5) // 3  # some encoders append a checksum
            try:
                out.append(binascii.a2b_uu(line[: length + 1]))
            except binascii.Error:
                break
    return b"".join(out)
