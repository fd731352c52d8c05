"""What the header of a part says of it: `ContentType` (RFC 2045 section 5) and `ContentDisposition` (RFC 2183).

Both belong to their callers: there is no lock, and changing one in several threads at once needs one of theirs.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from mailclients.errors import ArgumentTypeError, AsposeArgumentException, AsposeArgumentOutOfRangeException, escape
from mailclients.mime.dates import format_mail_date, parse_mail_date
from mailclients.mime.encoded_words import decode_header_text
from mailclients.mime.line_ends import refuse_line_breaks
from mailclients.mime.parameters import read_parameters, write_parameter
from mailclients.names import NamesChecked, NamesHinted

__all__ = ["ContentDisposition", "ContentType", "MediaTypeNames"]

_MEDIA_TYPE: Final = re.compile(r"[!#$&\-^_.+0-9A-Za-z]+/[!#$&\-^_.+0-9A-Za-z]+")
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]{1,60}")
MAX_UNFOLDED: Final = 50  # characters of a value that stays in one line, beside the name of its field
MAX_DIGITS: Final = 18  # of a size; more are no size


class MediaTypeNames(NamesHinted):
    """Names of media types (.NET: ``MediaTypeNames``): ``MediaTypeNames.Image.PNG``."""

    class Application:
        """Media types of files for programs (.NET: ``MediaTypeNames.Application``)."""

        JSON = "application/json"
        OCTET = "application/octet-stream"
        PDF = "application/pdf"
        RTF = "application/rtf"
        SOAP = "application/soap+xml"
        XML = "application/xml"
        ZIP = "application/zip"

    class Image:
        """Media types of pictures (.NET: ``MediaTypeNames.Image``)."""

        GIF = "image/gif"
        JPEG = "image/jpeg"
        PNG = "image/png"
        TIFF = "image/tiff"

    class Text:
        """Media types of texts (.NET: ``MediaTypeNames.Text``)."""

        HTML = "text/html"
        PLAIN = "text/plain"
        RICH_TEXT = "text/richtext"
        XML = "text/xml"


class _Parameterized(NamesChecked):
    """A value with parameters, as Content-Type and Content-Disposition have it."""

    __slots__ = ("_parameters", "_value")

    _parameters: dict[str, str]
    _value: str

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters by lower-case name."""
        return self._parameters

    def _set(self, name: str, value: str | None) -> None:
        if value is None:
            self._parameters.pop(name, None)
        else:
            self._parameters[name] = refuse_line_breaks(value, name)

    def to_string(self) -> str:
        """Give the value as a header field carries it."""
        return self._value + "".join(write_parameter(name, value) for name, value in self._parameters.items())

    def _facts(self) -> tuple[object, ...]:
        """What tells two of them apart."""
        return self._value, *self._parameters.items()

    def _folded(self) -> str:
        """The same; what is long has a line for each parameter."""
        text = self.to_string()
        if len(text) <= MAX_UNFOLDED:
            return text
        parameters = (write_parameter(name, value)[2:] for name, value in self._parameters.items())
        return ";\r\n ".join([self._value, *filter(None, parameters)])

    def equals(self, obj: object) -> bool:
        """Compare as ``==`` does."""
        return self == obj

    def __eq__(self, other: object) -> bool:
        if isinstance(other, type(self)):
            return (self._value, self._parameters) == (other._value, other._parameters)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __str__(self) -> str:
        return self.to_string()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({escape(self._value)!r})"


class ContentType(_Parameterized):
    """A media type with its parameters (.NET: ``ContentType``; RFC 2045 section 5).

    Args:
        content_type: such as ``"text/plain; charset=utf-8"``.

    Raises:
        AsposeArgumentException: CR, LF or NUL, or no ``type/subtype``.
    """

    __slots__ = ()

    def __init__(self, content_type: str = "application/octet-stream") -> None:
        media_type, self._parameters = read_parameters(refuse_line_breaks(content_type, "content_type"))
        self.media_type = media_type

    @classmethod
    def _received(cls, value: bytes | str | None, default: str = "text/plain") -> ContentType:
        self = cls.__new__(cls)
        media_type, self._parameters = read_parameters(value)
        self._value = media_type if _MEDIA_TYPE.fullmatch(media_type) else default
        return self

    @property
    def media_type(self) -> str:
        """Type and subtype in lower case."""
        return self._value

    @media_type.setter
    def media_type(self, value: str) -> None:
        if not _MEDIA_TYPE.fullmatch(refuse_line_breaks(value, "media_type")):
            raise AsposeArgumentException(f"media_type {value[:60]!r} is not of the form type/subtype")
        self._value = value.lower()

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


class ContentDisposition(_Parameterized):
    """How a part is meant to be shown, and what its file is (.NET: ``ContentDisposition``; RFC 2183).

    Args:
        disposition: such as ``'attachment; filename="a.pdf"'``.

    Raises:
        AsposeArgumentException: CR, LF or NUL, or no disposition.
    """

    __slots__ = ()

    def __init__(self, disposition: str = "attachment") -> None:
        kind, self._parameters = read_parameters(refuse_line_breaks(disposition, "disposition"))
        self.disposition_type = kind

    @classmethod
    def _received(cls, value: bytes | str | None) -> ContentDisposition:
        self = cls.__new__(cls)
        kind, self._parameters = read_parameters(value)
        self._value = kind if _TOKEN.fullmatch(kind) else "attachment"
        return self

    @property
    def disposition_type(self) -> str:
        """``attachment`` or ``inline``, or what else the header says, in lower case."""
        return self._value

    @disposition_type.setter
    def disposition_type(self, value: str) -> None:
        if not _TOKEN.fullmatch(refuse_line_breaks(value, "disposition_type")):
            raise AsposeArgumentException(f"disposition_type {value[:60]!r} is no word such as attachment or inline")
        self._value = value.lower()

    @property
    def inline(self) -> bool:
        """Whether the part is meant to be shown within the message."""
        return self._value == "inline"

    @inline.setter
    def inline(self, value: bool) -> None:
        self._value = "inline" if value else "attachment"

    @property
    def file_name(self) -> str | None:
        """The file's name, decoded and not made safe, or None."""
        return decode_header_text(self._parameters.get("filename"))

    @file_name.setter
    def file_name(self, value: str | None) -> None:
        self._set("filename", value)

    @property
    def size(self) -> int:
        """About how many bytes the file has, or -1 where that is not said."""
        text = self._parameters.get("size", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else -1

    @size.setter
    def size(self, value: int) -> None:
        if type(value) is not int:
            raise ArgumentTypeError(f"size must be a number of bytes, not {type(value).__name__}")
        if not 0 <= value < 10**MAX_DIGITS:
            raise AsposeArgumentOutOfRangeException(f"size must be a number of bytes from 0, not {value}")
        self._parameters["size"] = str(value)

    @property
    def creation_date(self) -> datetime | None:
        """When the file was made, aware, or None where that is not said. Naive values are local time."""
        return parse_mail_date(self._parameters.get("creation-date"))

    @creation_date.setter
    def creation_date(self, value: datetime | None) -> None:
        self._set_date("creation-date", value)

    @property
    def modification_date(self) -> datetime | None:
        """When the file was changed, aware, or None where that is not said. Naive values are local time."""
        return parse_mail_date(self._parameters.get("modification-date"))

    @modification_date.setter
    def modification_date(self, value: datetime | None) -> None:
        self._set_date("modification-date", value)

    @property
    def read_date(self) -> datetime | None:
        """When the file was read, aware, or None where that is not said. Naive values are local time."""
        return parse_mail_date(self._parameters.get("read-date"))

    @read_date.setter
    def read_date(self, value: datetime | None) -> None:
        self._set_date("read-date", value)

    def _set_date(self, name: str, value: datetime | None) -> None:
        if value is not None and not isinstance(value, datetime):
            raise ArgumentTypeError(f"{name} must be a datetime, not {type(value).__name__}")
        self._set(name, None if value is None else format_mail_date(value))
