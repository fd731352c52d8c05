"""Encoded words (RFC 2047): text of all scripts in header fields, read and written.

Functions of their arguments alone: no state, no lock, any thread.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import Final

from mailclients.mime.charsets import codec_for_writing, decode_text, encode_exactly
from mailclients.mime.line_ends import MAX_FIELD_SIZE, one_line, plain_text, unfold
from mailclients.mime.transfer_encodings import decode_base64

__all__ = ["decode_header_text", "encode_words"]

MAX_WORD: Final = 75  # characters (RFC 2047 section 2)
_CONTENT: Final = 36  # bytes of text in a word, 48 characters of base64: leaves room for the name of the field

# Bounded and without nested repetition, so that a failed match costs no more than it read.
_ENCODED_WORD: Final = re.compile(r"=\?([^?\s*]{1,75})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?\r\n]*)\?=")


def decode_header_text(value: bytes | str | None) -> str | None:
    """Decode the text of a header field: unfolding and encoded words (RFC 2047 section 6).

    Args:
        value: the field's value as received, or None.

    Returns:
        The text in one line, or None for None. What cannot be decoded stays as it is; of received
        values (bytes) 1 MiB is read. Never raises.
    """
    if value is None:
        return None
    if type(value) is bytes and len(value) <= MAX_FIELD_SIZE and b"=?" not in value:
        plain = plain_text(value)
        if plain is not None:
            return plain.strip()
    text = unfold(value)
    if "=?" not in text:
        return text.strip()
    out: list[str] = []
    pending: list[bytes] = []  # a character may be split over words of one charset
    charset = ""
    position = 0
    for match in _ENCODED_WORD.finditer(text):
        between = text[position : match.start()]
        position = match.end()
        name = match.group(1).lower()
        apart = bool(between.strip())
        if pending and (apart or name != charset):
            out.append(decode_text(b"".join(pending), charset))
            pending = []
            between = between if apart else ""  # white space between encoded words is none
        elif pending:
            between = ""
        out.append(between)
        charset = name
        content = match.group(3).encode("utf-8", "replace")
        pending.append(decode_base64(content) if match.group(2) in "bB" else binascii.a2b_qp(content, header=True))
    if pending:
        out.append(decode_text(b"".join(pending), charset))
    out.append(text[position:])
    return one_line("".join(out)).strip()


def encode_words(text: str, charset: str | None = None) -> list[str]:
    """The text as encoded words of at most 75 characters, none of them with half a character (RFC 2047 section 2).

    Args:
        text: what to encode.
        charset: in which charset; in UTF-8 if it is None, unknown, unlike ASCII, or has not all the characters.
    """
    codec = codec_for_writing(charset) if charset else None
    # No byte order marks, no EBCDIC.
    fit = charset and codec and codec != "utf_8" and "a".encode(codec) == b"a"
    if charset and codec and fit and encode_exactly(text, charset) is not None:
        return list(_words(text, charset.strip().replace(" ", "-"), codec))
    return list(_words(text, "utf-8", "utf-8"))


def _words(text: str, charset: str, codec: str) -> Iterator[str]:
    """One word after the other; each is encoded by itself, as charsets with shifts need it."""
    size = min(_CONTENT, (MAX_WORD - len(f"=?{charset}?B??=")) // 4 * 3)
    errors = "replace" if codec == "utf-8" else "strict"
    begin = used = 0
    for index, character in enumerate(text):
        length = len(character.encode(codec, errors))
        if used + length > size and index > begin:
            yield _word(text[begin:index].encode(codec, errors), charset)
            begin, used = index, 0
        used += length
    if begin < len(text):
        yield _word(text[begin:].encode(codec, errors), charset)


def _word(content: bytes, charset: str) -> str:
    return f"=?{charset}?B?{binascii.b2a_base64(content, newline=False).decode()}?="
