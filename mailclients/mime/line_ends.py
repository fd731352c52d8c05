"""Line ends: what may stand in a header field, how folded lines become one, how text gets CRLF.

Functions of their arguments alone: no state, no lock, any thread.
"""

from __future__ import annotations

import re
from typing import Final

from mailclients.errors import ArgumentTypeError, AsposeArgumentException, AsposeArgumentNullException
from mailclients.mime.charsets import decode_text

__all__ = ["MAX_FIELD_SIZE", "one_line", "plain_text", "refuse_line_breaks", "to_crlf", "unfold"]

MAX_FIELD_SIZE: Final = 1024 * 1024  # bytes of one received field that are read; real ones stay far below 100 KB

_BREAKS: Final = re.compile(r"[\r\n\0]+")
_FOLDS: Final = re.compile(r"\r?\n(?=[ \t])|[\r\n\0]+")
_LINE_END: Final = re.compile(rb"\r\n?|\n")


def refuse_line_breaks(value: str, what: str) -> str:
    """Give the value back if a header field can carry it.

    Raises:
        AsposeArgumentNullException: it is None.
        ArgumentTypeError: it is no str.
        AsposeArgumentException: it has CR, LF or NUL.
    """
    if value is None:
        raise AsposeArgumentNullException(f"{what} is None: pass a str")
    if not isinstance(value, str):
        raise ArgumentTypeError(f"{what} must be a str, not {type(value).__name__}")
    if _BREAKS.search(value):
        raise AsposeArgumentException(f"{what} contains CR, LF or NUL, which a header field cannot carry")
    return value


def unfold(value: bytes | str) -> str:
    """The value of a field as text without line ends (RFC 5322 section 2.2.3).

    Of a received value (bytes) `MAX_FIELD_SIZE` bytes are read, and no half character.
    """
    if not isinstance(value, str):
        if len(value) > MAX_FIELD_SIZE:
            end = MAX_FIELD_SIZE
            while end > MAX_FIELD_SIZE - 3 and value[end] & 0xC0 == 0x80:  # a character of UTF-8 goes on here
                end -= 1
            value = value[:end]
        value = decode_text(value)
    return _FOLDS.sub("", value)


def plain_text(value: bytes) -> str | None:
    """The value as text if it is nothing but printable ASCII, as most are; else None."""
    if value.isascii():
        text = value.decode("ascii")
        if text.isprintable():
            return text
    return None


def one_line(text: str, replacement: str = " ") -> str:
    """The text with each run of CR, LF and NUL replaced: what was decoded may contain them."""
    return _BREAKS.sub(replacement, text)


def to_crlf(data: bytes) -> bytes:
    """The bytes with CRLF for each line end, bare CR and bare LF included."""
    return _LINE_END.sub(b"\r\n", data)
