"""Media types with their parameters: `ContentType` (RFC 2045 section 5).

A content type belongs to its callers: there is no lock, and changing one in several threads at once needs
one of theirs.
"""

from __future__ import annotations

import re
from typing import Final

from mailclients.errors import AsposeArgumentException, escape
from mailclients.mime.encoded_words import decode_header_text
from mailclients.mime.line_ends import refuse_line_breaks
from mailclients.mime.parameters import read_parameters, write_parameter
from mailclients.names import NamesChecked

__all__ = ["ContentType"]

_MEDIA_TYPE: Final = re.compile(r"[!#$&\-^_.+0-9A-Za-z]+/[!#$&\-^_.+0-9A-Za-z]+")


class ContentType(NamesChecked):
    """A media type with its parameters (.NET: ``ContentType``; RFC 2045 section 5).

    Args:
        content_type: such as ``"text/plain; charset=utf-8"``.

    Raises:
        AsposeArgumentException: CR, LF or NUL, or no ``type/subtype``.
    """

    __slots__ = ("_media_type", "_parameters")

    def __init__(self, content_type: str = "application/octet-stream") -> None:
        media_type, self._parameters = read_parameters(refuse_line_breaks(content_type, "content_type"))
        self.media_type = media_type

    @classmethod
    def _received(cls, value: bytes | str | None, default: str = "text/plain") -> ContentType:
        self = cls.__new__(cls)
        media_type, self._parameters = read_parameters(value)
        self._media_type = media_type if _MEDIA_TYPE.fullmatch(media_type) else default
        return self

    @property
    def media_type(self) -> str:
        """Type and subtype in lower case."""
        return self._media_type

    @media_type.setter
    def media_type(self, value: str) -> None:
        if not _MEDIA_TYPE.fullmatch(refuse_line_breaks(value, "media_type")):
            raise AsposeArgumentException(f"media_type {value[:60]!r} is not of the form type/subtype")
        self._media_type = value.lower()

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters by lower-case name."""
        return self._parameters

    @property
    def boundary(self) -> str | None:
        """What separates the parts of a multipart, or None."""
        return self._parameters.get("boundary")

    @boundary.setter
    def boundary(self, value: str | None) -> None:
        self._set("boundary", value)

    @property
    def char_set(self) -> str | None:
        """The charset, or None."""
        return self._parameters.get("charset")

    @char_set.setter
    def char_set(self, value: str | None) -> None:
        self._set("charset", value)

    @property
    def name(self) -> str | None:
        """The name parameter, decoded, or None."""
        return decode_header_text(self._parameters.get("name"))

    @name.setter
    def name(self, value: str | None) -> None:
        self._set("name", value)

    def _set(self, name: str, value: str | None) -> None:
        if value is None:
            self._parameters.pop(name, None)
        else:
            self._parameters[name] = refuse_line_breaks(value, name)

    def to_string(self) -> str:
        """Give the value as a header field carries it."""
        return self._media_type + "".join(write_parameter(name, value) for name, value in self._parameters.items())

    def equals(self, obj: object) -> bool:
        """Compare as ``==`` does."""
        return self == obj

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ContentType):
            return (self._media_type, self._parameters) == (other._media_type, other._parameters)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __str__(self) -> str:
        return self.to_string()

    def __repr__(self) -> str:
        return f"ContentType({escape(self._media_type)!r})"
