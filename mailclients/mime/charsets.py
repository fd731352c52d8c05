"""Charsets: which codec a name in a message stands for, and bytes as text by it, whatever the bytes are.

Owns the list of codecs that are used, and a small cache of names looked up; any thread, and no lock.
"""

from __future__ import annotations

from encodings.aliases import aliases
from functools import lru_cache
from typing import Final

from mailclients.errors import ArgumentTypeError, AsposeArgumentException

__all__ = ["codec_for_reading", "codec_for_writing", "decode_text", "encode_exactly", "known_charset"]

MAX_CHARSET_NAME: Final = 40  # characters; the longest registered names in use have about 20

# Codecs that the table of aliases does not name. Everything else by that table: looking up any other name
# would import modules and grow a cache of the interpreter at a stranger's wish.
_FURTHER: Final = frozenset(
    {
        "cp720",
        "cp737",
        "cp856",
        "cp874",
        "cp875",
        "cp1006",
        "koi8_r",
        "koi8_u",
        "koi8_t",
        "mac_arabic",
        "mac_croatian",
        "mac_farsi",
        "mac_romanian",
        "utf_8_sig",
        "ptcp154",
        "kz1048",
        "tis_620",
        "hp_roman8",
        "big5hkscs",
        "johab",
    }
)
# No charsets, or slow ones: these take quadratic time or read escapes.
_REFUSED: Final = frozenset(
    {
        "punycode",
        "idna",
        "undefined",
        "unicode_escape",
        "raw_unicode_escape",
        "base64_codec",
        "bz2_codec",
        "hex_codec",
        "quopri_codec",
        "rot_13",
        "uu_codec",
        "zlib_codec",
        "mbcs",
        "oem",
    }
)
# Names that senders use for a larger set than they say.
_WIDER: Final = {"gb2312": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932", "ascii": "utf_8"}
# Their decoders can make half of a surrogate pair.
_MAKE_SURROGATES: Final = frozenset({"utf_7", "utf_16", "utf_16_le", "utf_16_be"})


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return (frozenset(aliases.values()) | _FURTHER) - _REFUSED


def codec_for_writing(charset: str) -> str | None:
    """The codec that writes exactly this charset, or None for unknown and unsuitable ones."""
    if len(charset) > MAX_CHARSET_NAME:
        return None
    name = charset.strip().lower().replace("-", "_").replace(" ", "_")
    name = aliases.get(name, name)
    return name if name in _known() else None


def known_charset(value: str | None, what: str) -> str | None:
    """Give the value back if it is None or the name of a charset that can be written.

    Raises:
        ArgumentTypeError: it is no str.
        AsposeArgumentException: there is no such charset.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise ArgumentTypeError(f"{what} must be the name of a charset, not {type(value).__name__}")
    if codec_for_writing(value) is None:
        raise AsposeArgumentException(f"{what}: no charset {value[:40]!r}")
    return value


def codec_for_reading(charset: str) -> str | None:
    """The codec for what senders mean by a charset, or None for unknown and unsuitable ones."""
    return _codec_for_reading(charset) if len(charset) <= MAX_CHARSET_NAME else None


@lru_cache(maxsize=128)  # a mailbox has a handful of them, in every third subject
def _codec_for_reading(charset: str) -> str | None:
    name = codec_for_writing(charset)
    return None if name is None else _WIDER.get(name, name)


def decode_text(data: bytes, charset: str | None = None) -> str:
    """Bytes as text: by the charset if it is usable, else UTF-8, else Windows-1252. Never raises."""
    codec = codec_for_reading(charset) if charset else None
    if codec is not None and codec != "utf_8":
        try:
            text = data.decode(codec, "replace")
        except (LookupError, UnicodeError, ValueError):  # codecs that ignore "replace"
            codec = None
        else:
            if codec in _MAKE_SURROGATES:
                text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            return text
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("utf-8" if codec == "utf_8" else "cp1252", "replace")


def encode_exactly(text: str, charset: str) -> bytes | None:
    """The text in a charset, or None where reading that would give another one, or there is no such charset."""
    codec = codec_for_writing(charset)
    if codec is None:
        return None
    try:
        data = text.encode(codec)
    except UnicodeEncodeError:
        return None
    return data if decode_text(data, charset) == text else None  # some charsets take an ESC for a shift
