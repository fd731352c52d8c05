"""What is signed or encrypted (RFC 1847, RFC 8551): told by its media type, and taken out of a signature.

Functions of their arguments alone: no state, no lock, any thread. Nothing is verified or decrypted.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from mailclients.errors import AsposeNotSupportedException
from mailclients.mime.content_types import ContentType
from mailclients.mime.headers import HeaderCollection
from mailclients.mime.parts import Part
from mailclients.mime.serializing import serialize_headers

__all__ = ["Seal", "seal_of", "without_signature"]

_OPAQUE: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})


class Seal(Enum):
    """What a message says of all its content."""

    NONE = auto()
    SIGNED = auto()
    ENCRYPTED = auto()


def seal_of(content_type: bytes | str | None) -> Seal:
    """What the Content-Type of a message says, as received or set."""
    whole = ContentType._received(content_type)
    kind = whole.media_type
    if kind == "multipart/signed" or (kind in _OPAQUE and whole.parameters.get("smime-type") == "signed-data"):
        return Seal.SIGNED
    return Seal.ENCRYPTED if kind == "multipart/encrypted" or kind in _OPAQUE else Seal.NONE


def without_signature(data: bytes) -> bytes:
    """A signed message as what was signed, byte for byte, below the message's other fields.

    Raises:
        AsposeNotSupportedException: the content is inside the signature.
    """
    whole = Part(data, 0, len(data))
    places = whole.split()
    if not places:
        raise AsposeNotSupportedException(
            "remove_signature: the content is inside the signature, where only S/MIME tools get it out"
        )
    inner = Part(data, *places[0])
    fields = HeaderCollection()
    fields._fields = [field for field in whole.headers._fields if not field[0].lower().startswith("content-")]
    fields._fields += [field for field in inner.headers._fields if field[0].lower().startswith("content-")]
    return serialize_headers(fields, {}) + b"\r\n" + data[inner.start : inner.end]
