"""The formats that messages are loaded from and saved in, and the options for both.

EML is the bytes of a message; EMLX, as Apple's programs keep messages, is their number in a line, the bytes, and a
property list. The other documented formats are refused by name. Options belong to their callers: there is no lock.
"""

from __future__ import annotations

import re
from enum import IntFlag
from typing import Any, ClassVar, Final

from mailclients.dotnet import ClassValue
from mailclients.errors import ArgumentTypeError, AsposeNotSupportedException
from mailclients.mime.arguments import flag
from mailclients.mime.charsets import known_charset
from mailclients.names import HintedEnumMeta, NamesChecked, NamesHinted

__all__ = [
    "EmlLoadOptions",
    "EmlSaveOptions",
    "FileCompatibilityMode",
    "HtmlLoadOptions",
    "HtmlSaveOptions",
    "LoadOptions",
    "MailMessageSaveType",
    "MessageFormat",
    "MhtSaveOptions",
    "MhtmlLoadOptions",
    "MsgLoadOptions",
    "MsgSaveOptions",
    "SaveOptions",
    "bytes_to_save",
    "loaded_bytes",
]

_EMLX_BEGIN: Final = re.compile(rb"([0-9]{1,12})[ \t]*\r?\n")
_EMLX_END: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">\n<dict>\n</dict>\n</plist>\n'  # says nothing
)
_SAVE_INSTEAD: Final = "save it as EML, with SaveOptions.default_eml, which mail programs open"


def loaded_bytes(data: bytes) -> bytes:
    """The message in the bytes of a file: themselves, the very same object, unless they are EMLX."""
    begin = _EMLX_BEGIN.match(data)
    if begin is not None:
        end = begin.end() + int(begin.group(1))
        if data[end : end + 100].lstrip().startswith((b"<?xml", b"<plist", b"<!DOCTYPE plist")):
            return data[begin.end() : end]
    return data


def bytes_to_save(data: bytes, options: object) -> bytes:
    """The bytes of a file with a message.

    Raises:
        ArgumentTypeError: the options are none.
        AsposeNotSupportedException: they ask for a format that is not written.
    """
    if options is None:
        return data
    if not isinstance(options, SaveOptions):
        raise ArgumentTypeError(
            f"options must be SaveOptions such as SaveOptions.default_eml, not {type(options).__name__}"
        )
    kind = options.mail_message_save_type
    if kind is MailMessageSaveType.emlx_format:
        return b"%d\n" % len(data) + data + _EMLX_END
    return data


class FileCompatibilityMode(IntFlag, metaclass=HintedEnumMeta):
    """What a file is made fit for (.NET: ``FileCompatibilityMode``)."""

    NONE = 0
    ALLOW_CR_ONLY = 1
    PRESERVE_TNEF_ATTACHMENTS = 2


class _Named(NamesHinted):
    """A format: one object for each, compared by identity."""

    __slots__ = ("_name", "_written")

    def __init__(self, name: str, written: bool = False) -> None:
        self._name = name
        self._written = written

    def equals(self, obj: object) -> bool:
        """Compare as ``==`` does."""
        return self == obj

    def to_string(self) -> str:
        """Give the format's name."""
        return self._name

    def __str__(self) -> str:
        return self._name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name}>"

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self


class MailMessageSaveType(_Named):
    """A format that messages are saved in (.NET: ``MailMessageSaveType``); EML and EMLX are written."""

    __slots__ = ()

    eml_format: ClassVar[MailMessageSaveType]
    emlx_format: ClassVar[MailMessageSaveType]
    html_format: ClassVar[MailMessageSaveType]
    m_html_format: ClassVar[MailMessageSaveType]
    outlook_message_format: ClassVar[MailMessageSaveType]
    outlook_message_format_unicode: ClassVar[MailMessageSaveType]
    outlook_template_format: ClassVar[MailMessageSaveType]


MailMessageSaveType.eml_format = MailMessageSaveType("EML", written=True)
MailMessageSaveType.emlx_format = MailMessageSaveType("EMLX", written=True)
MailMessageSaveType.html_format = MailMessageSaveType("HTML")
MailMessageSaveType.m_html_format = MailMessageSaveType("MHTML")
MailMessageSaveType.outlook_message_format = MailMessageSaveType("MSG")
MailMessageSaveType.outlook_message_format_unicode = MailMessageSaveType("MSG (Unicode)")
MailMessageSaveType.outlook_template_format = MailMessageSaveType("OFT")


class MessageFormat(_Named):
    """A format that messages are loaded from (.NET: ``MessageFormat``); EML, EMLX and MHT are read."""

    __slots__ = ()

    eml: ClassVar[MessageFormat]
    emlx: ClassVar[MessageFormat]
    html: ClassVar[MessageFormat]
    mht: ClassVar[MessageFormat]
    msg: ClassVar[MessageFormat]
    tnef: ClassVar[MessageFormat]


MessageFormat.eml = MessageFormat("EML", written=True)
MessageFormat.emlx = MessageFormat("EMLX", written=True)
MessageFormat.html = MessageFormat("HTML")
MessageFormat.mht = MessageFormat("MHT")
MessageFormat.msg = MessageFormat("MSG")
MessageFormat.tnef = MessageFormat("TNEF")


def _refuse(kind: MailMessageSaveType) -> None:
    if not kind._written:
        raise AsposeNotSupportedException(f"a message is not written as {kind} here: {_SAVE_INSTEAD}")


class SaveOptions(NamesChecked):
    """How a message is saved (.NET: ``SaveOptions``): `EmlSaveOptions`, or one of the defaults here.

    Raises:
        ArgumentTypeError: it is abstract.
        AsposeNotSupportedException: a default of a format was asked for that is not written.
    """

    __slots__ = ("_save_type",)

    _save_type: MailMessageSaveType

    def __init__(self) -> None:
        raise ArgumentTypeError("SaveOptions is abstract: use EmlSaveOptions or SaveOptions.default_eml")

    @staticmethod
    def create_save_options(save_type: MailMessageSaveType) -> SaveOptions:
        """Give options for a format (.NET: ``CreateSaveOptions``).

        Args:
            save_type: the format.

        Raises:
            ArgumentTypeError: it is none.
            AsposeNotSupportedException: it is not written.
        """
        return EmlSaveOptions(save_type)

    @property
    def mail_message_save_type(self) -> MailMessageSaveType:
        """The format; EML and EMLX are written.

        Raises:
            AsposeNotSupportedException: another one was assigned.
        """
        return self._save_type

    @mail_message_save_type.setter
    def mail_message_save_type(self, value: MailMessageSaveType) -> None:
        if not isinstance(value, MailMessageSaveType):
            raise ArgumentTypeError(f"save_type must be a MailMessageSaveType, not {type(value).__name__}")
        _refuse(value)
        self._save_type = value

    default_eml = ClassValue(lambda: EmlSaveOptions(MailMessageSaveType.eml_format), "Options for EML.")
    default_emlx = ClassValue(lambda: EmlSaveOptions(MailMessageSaveType.emlx_format), "Options for EMLX.")
    default_html = ClassValue(lambda: HtmlSaveOptions(), "Refused: HTML is not written.")  # noqa: PLW0108 - defined below
    default_mhtml = ClassValue(lambda: MhtSaveOptions(), "Refused: MHTML is not written.")  # noqa: PLW0108 - defined below
    default_msg = ClassValue(
        lambda: MsgSaveOptions(MailMessageSaveType.outlook_message_format), "Refused: MSG is not written."
    )
    default_msg_unicode = ClassValue(
        lambda: MsgSaveOptions(MailMessageSaveType.outlook_message_format_unicode), "Refused: MSG is not written."
    )
    default_oft = ClassValue(
        lambda: MsgSaveOptions(MailMessageSaveType.outlook_template_format), "Refused: OFT is not written."
    )


class EmlSaveOptions(SaveOptions):
    """How a message is saved as EML or EMLX (.NET: ``EmlSaveOptions``).

    Its switches are kept as they are set. What they are for holds in any case: parts that were not changed are saved
    byte for byte, embedded messages, signed content and Outlook's containers (TNEF) among them, and what was changed
    is encoded as its content needs.

    Args:
        save_type: EML or EMLX.

    Raises:
        ArgumentTypeError: it is no format.
        AsposeNotSupportedException: it is not written.
    """

    __slots__ = ("_check_body", "_compatibility", "_embedded", "_signed")

    def __init__(self, save_type: MailMessageSaveType) -> None:
        self.mail_message_save_type = save_type
        self._check_body = self._embedded = self._signed = True
        self._compatibility = FileCompatibilityMode.NONE

    @property
    def check_body_content_encoding(self) -> bool:
        """Whether the text's transfer encoding is checked against the text: always so."""
        return self._check_body

    @check_body_content_encoding.setter
    def check_body_content_encoding(self, value: bool) -> None:
        self._check_body = flag(value, "check_body_content_encoding")

    @property
    def file_compatibility_mode(self) -> FileCompatibilityMode:
        """What the file is made fit for; containers of Outlook (TNEF) always stay as they are."""
        return self._compatibility

    @file_compatibility_mode.setter
    def file_compatibility_mode(self, value: FileCompatibilityMode) -> None:
        self._compatibility = FileCompatibilityMode(value)

    @property
    def preserve_embedded_message_format(self) -> bool:
        """Whether embedded messages stay as they are: always so."""
        return self._embedded

    @preserve_embedded_message_format.setter
    def preserve_embedded_message_format(self, value: bool) -> None:
        self._embedded = flag(value, "preserve_embedded_message_format")

    @property
    def preserve_signed_content(self) -> bool:
        """Whether signed content stays as it is: always so."""
        return self._signed

    @preserve_signed_content.setter
    def preserve_signed_content(self, value: bool) -> None:
        self._signed = flag(value, "preserve_signed_content")


class HtmlSaveOptions(SaveOptions):
    """Refused: HTML is not written (.NET: ``HtmlSaveOptions``).

    Raises:
        AsposeNotSupportedException: always.
    """

    __slots__ = ()

    def __init__(self) -> None:
        raise AsposeNotSupportedException(f"a message is not written as HTML here: take html_body, or {_SAVE_INSTEAD}")


class MhtSaveOptions(SaveOptions):
    """Refused: MHTML is not written (.NET: ``MhtSaveOptions``).

    Raises:
        AsposeNotSupportedException: always.
    """

    __slots__ = ()

    def __init__(self) -> None:
        _refuse(MailMessageSaveType.m_html_format)


class MsgSaveOptions(SaveOptions):
    """Refused: Outlook's MSG and OFT are not written (.NET: ``MsgSaveOptions``).

    Raises:
        AsposeNotSupportedException: always.
    """

    __slots__ = ()

    def __init__(self, save_type: MailMessageSaveType) -> None:
        raise AsposeNotSupportedException(f"a message is not written as MSG or OFT here: {_SAVE_INSTEAD}")


class LoadOptions(NamesChecked):
    """How a message is loaded (.NET: ``LoadOptions``): `EmlLoadOptions`.

    Embedded messages stay as they are whatever `preserve_embedded_message_format` says.

    Raises:
        ArgumentTypeError: it is abstract.
    """

    __slots__ = ("_charset", "_embedded", "_remove_signature", "_tnef")

    _format: ClassVar[MessageFormat]

    def __init__(self) -> None:
        if type(self) is LoadOptions:
            raise ArgumentTypeError("LoadOptions is abstract: use EmlLoadOptions")
        self._charset: str | None = None
        self._embedded = self._tnef = True
        self._remove_signature = False

    @property
    def message_format(self) -> MessageFormat:
        """The format these options are for."""
        return self._format

    @property
    def preferred_text_encoding(self) -> str | None:
        """The charset of texts that name none, or None."""
        return self._charset

    @preferred_text_encoding.setter
    def preferred_text_encoding(self, value: str | None) -> None:
        self._charset = known_charset(value, "preferred_text_encoding")

    @property
    def preffered_text_encoding(self) -> str | None:
        """`preferred_text_encoding`, as the documentation spells it, too."""
        return self.preferred_text_encoding

    @preffered_text_encoding.setter
    def preffered_text_encoding(self, value: str | None) -> None:
        self.preferred_text_encoding = value

    @property
    def preserve_embedded_message_format(self) -> bool:
        """Whether embedded messages stay as they are: always so."""
        return self._embedded

    @preserve_embedded_message_format.setter
    def preserve_embedded_message_format(self, value: bool) -> None:
        self._embedded = flag(value, "preserve_embedded_message_format")

    @property
    def remove_signature(self) -> bool:
        """Whether a signed message is loaded without its signature; see `MailMessage.remove_signature`."""
        return self._remove_signature

    @remove_signature.setter
    def remove_signature(self, value: bool) -> None:
        self._remove_signature = flag(value, "remove_signature")


class EmlLoadOptions(LoadOptions):
    """How a message is loaded from EML or EMLX (.NET: ``EmlLoadOptions``)."""

    __slots__ = ()

    _format = MessageFormat.eml

    @property
    def preserve_tnef_attachments(self) -> bool:
        """Whether Outlook's containers (``winmail.dat``) stay closed: always so."""
        return self._tnef

    @preserve_tnef_attachments.setter
    def preserve_tnef_attachments(self, value: bool) -> None:
        self._tnef = flag(value, "preserve_tnef_attachments")


class MhtmlLoadOptions(EmlLoadOptions):
    """How a message is loaded from an archived web page, which is a message, too (.NET: ``MhtmlLoadOptions``)."""

    __slots__ = ()

    _format = MessageFormat.mht


class HtmlLoadOptions(LoadOptions):
    """Refused: HTML is not made a message by loading (.NET: ``HtmlLoadOptions``).

    Raises:
        AsposeNotSupportedException: always.
    """

    __slots__ = ()

    def __init__(self) -> None:
        raise AsposeNotSupportedException("a message is not loaded from HTML here: make one and set html_body")


class MsgLoadOptions(LoadOptions):
    """Refused: Outlook's MSG is not read (.NET: ``MsgLoadOptions``).

    Raises:
        AsposeNotSupportedException: always.
    """

    __slots__ = ()

    def __init__(self) -> None:
        raise AsposeNotSupportedException("a message is not loaded from MSG here: have Outlook save it as EML")
