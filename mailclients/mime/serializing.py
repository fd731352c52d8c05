"""The header of a message as bytes to be sent: fields encoded and folded.

Functions of their arguments alone: no state, no lock, any thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from mailclients.mime.address_lists import read_address_list
from mailclients.mime.addresses import ADDRESS_FIELDS, MailAddress, MailAddressCollection, parse_addresses
from mailclients.mime.encoded_words import encode_words
from mailclients.mime.headers import HeaderCollection, unfolded_lines

__all__ = ["serialize_headers", "without_bcc"]

MAX_LINE: Final = 76  # characters of a line that can be folded; 78 are recommended (RFC 5322 section 2.1.1)
MAX_WORD: Final = 900  # characters of a word that stays as it is; lines end at 998
MAX_PLAIN_NAME: Final = 200  # characters of a display name that is sent unencoded

_SIMPLE_ADDRESS: Final = re.compile(r'[^\s()<>@,;:\\"\[\]]+@[^\s()<>@,;:\\"\[\]]+')
_BCC: Final = re.compile(rb"[ \t\r]*(?:resent-)?bcc[ \t\r\n]*(?::|[\r\n]|\Z)", re.IGNORECASE)


def serialize_headers(
    headers: HeaderCollection, addresses: Mapping[str, MailAddressCollection], charsets: Mapping[str, str] | None = None
) -> bytes:
    """The fields as they are sent: received ones as they were, set ones encoded and folded.

    Args:
        headers: the fields.
        addresses: collections by lower-case field name; where a field says what its collection says, the
            collection is sent, which knows the charsets of the names.
        charsets: in which charset text is encoded, by lower-case field name, and for all others by the empty name;
            UTF-8 where nothing is said.
    """
    wanted = charsets or {}
    return b"".join(
        _field(name, value, addresses.get(name.lower()), wanted.get(name.lower()) or wanted.get(""))
        for name, value in headers._fields
    )


def _field(name: str, value: bytes | str, addresses: MailAddressCollection | None, charset: str | None) -> bytes:
    if isinstance(value, bytes):
        return name.encode() + b":" + value + b"\r\n"
    if name.lower() in ADDRESS_FIELDS:
        same = addresses is not None and addresses.to_string() == value
        mailboxes = list(addresses) if addresses is not None and same else parse_addresses(value)
        texts = [_mailbox_text(one, charset) for one in mailboxes]
        return _fold(name, [*(text + "," for text in texts[:-1]), *texts[-1:]])
    words = value.split(" ")
    if value and not (_is_plain(value) and all(words) and all(len(word) < MAX_WORD for word in words)):
        words = encode_words(value, charset)
    return _fold(name, words)


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and "=?" not in text


def _mailbox_text(one: MailAddress, charset: str | None) -> str:
    name = one.display_name
    if not name and not _reads_as_itself(one.address):
        return f"<{one.address}>"  # a stranger's: it stays one, whatever commas are in it
    if not name or (_is_plain(name) and len(name) < MAX_PLAIN_NAME):
        return one.to_string()
    return "\r\n ".join(encode_words(name, one._encoding or charset)) + f" <{one.address}>"


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
