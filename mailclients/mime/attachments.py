"""The parts of a message as programs use them, `AttachmentBase`, and the files among them, `Attachment`.

Each belongs to its callers: there is no lock, and changing one in several threads at once needs one of theirs.
Reading and saving block on the disk. What was received and not changed keeps its bytes: it is sent on as it came.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias, TypeVar, overload

from typing_extensions import Self

from mailclients.dotnet import IDisposable
from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeNotSupportedException,
    escape,
)
from mailclients.mime.arguments import bind, path_of
from mailclients.mime.charsets import codec_for_writing
from mailclients.mime.collection import Collection
from mailclients.mime.content_types import ContentDisposition, ContentType
from mailclients.mime.file_names import safe_file_name
from mailclients.mime.files import SupportsReadBytes, SupportsWriteBytes, create_file, read_all, replace_file
from mailclients.mime.headers import HeaderCollection
from mailclients.mime.line_ends import refuse_line_breaks
from mailclients.mime.parts import Part
from mailclients.mime.transfer_encodings import TransferEncoding
from mailclients.names import HintedABCMeta, NamesChecked

__all__ = [
    "Attachment",
    "AttachmentBase",
    "AttachmentCollection",
    "Bytes",
    "Path",
    "bytes_of",
    "kind_of",
    "named",
    "read_file",
    "text_given",
]

_Item = TypeVar("_Item", bound="AttachmentBase")
Path: TypeAlias = str | os.PathLike[str]
Bytes: TypeAlias = SupportsReadBytes | bytes | bytearray | memoryview

_UNSUITABLE: Final = {
    TransferEncoding.UNKNOWN: "BASE64",
    TransferEncoding.BINARY: "BASE64, which keeps every byte",
    TransferEncoding.UU_ENCODE: "BASE64",
    TransferEncoding.BIN_HEX: "BASE64",
}


class AttachmentBase(NamesChecked, IDisposable, metaclass=HintedABCMeta):
    """A part of a message (.NET: ``AttachmentBase``): one that was received, or one that is to be sent."""

    __slots__ = (
        "_changed",
        "_content",
        "_content_id",
        "_content_type",
        "_disposition",
        "_encoding",
        "_headers",
        "_location",
        "_noted",
        "_part",
    )

    _content: bytes | None
    _content_id: str | None
    _content_type: ContentType | None
    _disposition: ContentDisposition | None
    _encoding: TransferEncoding | None
    _headers: HeaderCollection | None
    _location: str | None
    _noted: tuple[object, ...] | None  # what its header said when that was first looked at, or when it was written
    _part: Part | None

    def __new__(cls, *args: object, **kwargs: object) -> Self:
        """Refuse to make one that is neither an attachment, nor a view, nor a linked resource."""
        if cls is AttachmentBase:
            raise ArgumentTypeError("AttachmentBase is abstract: make an Attachment, AlternateView or LinkedResource")
        return object.__new__(cls)

    def _setup(self, data: bytes, kind: ContentType, disposition: str) -> None:
        self._content = data
        self._content_type = kind
        self._disposition = ContentDisposition(disposition)
        self._content_id = self._location = self._encoding = self._headers = self._part = self._noted = None
        self._changed = False

    @classmethod
    def _received(cls, part: Part) -> Self:
        self = cls.__new__(cls)
        put = object.__setattr__  # these names need no check, and a message may have very many parts
        for name in ("_content", "_content_type", "_disposition", "_encoding", "_headers", "_noted"):
            put(self, name, None)
        put(self, "_part", part)
        put(self, "_changed", False)
        put(self, "_content_id", part.content_id)
        put(self, "_location", part.headers.get("Content-Location"))
        return self

    def _note(self) -> None:
        if self._noted is None:
            self._noted = self._facts()

    def _facts(self) -> tuple[object, ...]:
        kind, disposition, headers = self._content_type, self._disposition, self._headers
        return (
            kind and kind._facts(),
            disposition and disposition._facts(),
            None if headers is None else tuple(headers._fields),
        )

    def _is_changed(self) -> bool:
        """Whether it differs from what was received or written last."""
        if self._changed:
            return True
        return self._noted is not None and self._noted != self._facts()

    def _written(self) -> None:
        self._changed = False
        self._noted = self._facts()

    def _media_type(self) -> str:
        """The media type, without making the header of a received part changeable."""
        kind = self._content_type
        if kind is None:
            assert self._part is not None  # received, or given a type when it was made
            kind = self._part.content_type
        return kind.media_type

    def _looked_at(self) -> None:
        """Make what the header says changeable, and remember it."""
        if self._content_type is None:
            assert self._part is not None  # received, or given a type when it was made
            self._headers = self._part.headers
            self._disposition = ContentDisposition._received(self._part.headers.get_raw("Content-Disposition"))
            self._content_type = self._part.content_type
            self._note()

    @property
    def content_id(self) -> str | None:
        """What HTML refers to the part by (``cid:``), without angle brackets, or None."""
        if self._content_id is None:
            self._content_id = self._new_content_id()
        return self._content_id

    @content_id.setter
    def content_id(self, value: str | None) -> None:
        self._content_id = None if value is None else refuse_line_breaks(value, "content_id").strip("<> ")
        self._changed = True

    def _new_content_id(self) -> str | None:
        """One for a part that has none and needs one."""
        return None

    def _content_disposition(self) -> ContentDisposition:
        self._looked_at()
        assert self._disposition is not None
        return self._disposition

    @property
    def content_type(self) -> ContentType:
        """The media type and its parameters; changes to it change the part."""
        self._looked_at()
        assert self._content_type is not None
        return self._content_type

    @content_type.setter
    def content_type(self, value: ContentType) -> None:
        if not isinstance(value, ContentType):
            raise ArgumentTypeError(f"content_type must be a ContentType, not {type(value).__name__}")
        self._looked_at()
        self._content_type = value
        self._changed = True

    @property
    def transfer_encoding(self) -> TransferEncoding:
        """How the content is encoded in the message (RFC 2045 section 6).

        Content that the encoding would not bring over unchanged is sent in base64: 7BIT and 8BIT are for short lines
        with CRLF, the former for ASCII alone.

        Raises:
            AsposeNotSupportedException: an encoding was assigned that is not for sending.
        """
        if self._encoding is not None:
            return self._encoding
        return self._default_encoding() if self._part is None else self._part.encoding

    @transfer_encoding.setter
    def transfer_encoding(self, value: TransferEncoding) -> None:
        encoding = TransferEncoding(value)
        if encoding in _UNSUITABLE:
            raise AsposeNotSupportedException(
                f"transfer_encoding {encoding.name} is not for sending: use {_UNSUITABLE[encoding]}"
            )
        self._encoding = encoding
        self._changed = True

    def _default_encoding(self) -> TransferEncoding:
        return TransferEncoding.BASE64

    @property
    def headers(self) -> HeaderCollection:
        """The part's header fields. Further ones may be added; those with properties here follow the properties."""
        self._looked_at()
        if self._headers is None:
            self._headers = HeaderCollection()
        return self._headers

    @property
    def content_stream(self) -> io.BytesIO:
        """The decoded content as a new stream, positioned at its begin."""
        return io.BytesIO(self.content())

    @content_stream.setter
    def content_stream(self, value: Bytes) -> None:
        self._looked_at()
        self._set_content(bytes_of(value, "content_stream"))
        self._changed = True

    def _set_content(self, data: bytes) -> None:
        self._content = data

    def content(self) -> bytes:
        """Give the decoded content; what cannot be decoded is left out or stays as it is."""
        if self._content is not None:
            return self._content
        assert self._part is not None  # received, or given content when it was made
        return self._part.content()

    @overload
    def save(self, file_name: str | os.PathLike[str], *, overwrite: bool = False) -> None: ...
    @overload
    def save(self, stream: SupportsWriteBytes) -> None: ...
    def save(self, *args: Any, overwrite: bool = False, **kwargs: Any) -> None:
        """Write the decoded content to a file or stream (.NET: ``Save``).

        Args:
            file_name: a path.
            stream: takes bytes.
            overwrite: replace a file that is there; a symbolic link is replaced, never followed.

        Raises:
            FileExistsError: the file is there; say ``overwrite=True``, or use `save_to_directory`.
            OSError: it cannot be written.
        """
        given = bind("save", args, kwargs, ("file_name",), ("stream",))
        if "stream" in given:
            given["stream"].write(self.content())
        elif overwrite:
            replace_file(path_of(given), self.content())
        else:
            create_file(path_of(given), self.content())

    def dispose(self) -> None:
        """Do nothing: a part holds memory only."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {escape(self._media_type())}>"


def bytes_of(source: Bytes, what: str) -> bytes:
    """The bytes, or what a stream gives."""
    if isinstance(source, (bytes, bytearray)):
        return bytes(source)
    return source.tobytes() if isinstance(source, memoryview) else read_all(source, what)


def kind_of(given: dict[str, Any], name: str | None, default: str) -> ContentType:
    """The content type among the arguments, or one that the name stands for."""
    kind = given.get("content_type")
    if isinstance(kind, ContentType):
        return ContentType._received(kind.to_string(), kind.media_type)  # several parts may be given the same one
    if given.get("media_type") is not None:
        return ContentType(given["media_type"])
    if name:
        import mimetypes

        default = mimetypes.guess_type(name)[0] or default
    return ContentType(default)


def read_file(given: dict[str, Any]) -> bytes:
    """What is in the file among the arguments."""
    with open(path_of(given), "rb") as file:
        return file.read()


def _encoded(text: str, charset: str) -> bytes:
    codec = codec_for_writing(charset)
    if codec is None:
        raise AsposeArgumentException(f"no charset {charset[:40]!r}")
    try:
        return text.encode(codec)
    except UnicodeEncodeError as exc:
        raise AsposeArgumentException(f"the text cannot be written in {charset}") from exc


def text_given(
    what: str, args: tuple[Any, ...], kwargs: dict[str, Any], *forms: tuple[str, ...]
) -> tuple[dict[str, Any], bytes, ContentType]:
    """What parts made of text have in common: the arguments, the bytes, and the type with the charset."""
    given = bind(what, args, kwargs, *forms)
    kind = kind_of(given, None, "text/plain")
    charset = given.get("content_encoding") or kind.char_set or "utf-8"
    data = _encoded(given["content"], charset)
    kind.char_set = charset
    return given, data, kind


class Attachment(AttachmentBase):
    """A file within a message (.NET: ``Attachment``).

    ``Attachment(file_name[, media_type or content_type])``, ``Attachment(content_stream, name[, media_type])`` or
    ``Attachment(content_stream, content_type)``. Files and streams are read at once.

    Args:
        file_name: the path of a file.
        content_stream: a stream that gives bytes, or bytes.
        name: the file's name.
        media_type: such as ``"image/png"``; guessed from the name if left out.
        content_type: a `ContentType`; may have the name.

    Raises:
        ArgumentTypeError, AsposeArgumentException: an argument cannot be used.
        OSError: the file cannot be read.
    """

    __slots__ = ()

    @overload
    def __init__(self, file_name: Path, media_type: str | ContentType | None = None) -> None: ...
    @overload
    def __init__(self, file_name: Path, content_type: ContentType) -> None: ...
    @overload
    def __init__(self, content_stream: Bytes, name: str, media_type: str | None = None) -> None: ...
    @overload
    def __init__(self, content_stream: Bytes, content_type: ContentType) -> None: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = bind(
            "Attachment", args, kwargs,
            ("file_name",), ("file_name", "media_type"), ("file_name", "content_type"),
            ("content_stream", "name"), ("content_stream", "name", "media_type"), ("content_stream", "content_type"),
        )  # fmt: skip
        if "file_name" in given:
            name: str | None = os.path.basename(path_of(given))
            data = read_file(given)
        else:
            name = given["name"] if "name" in given else given["content_type"].name
            data = bytes_of(given["content_stream"], "content_stream")
        self._setup(data, kind_of(given, name, "application/octet-stream"), "attachment")
        self.content_disposition.file_name = name

    @overload
    @staticmethod
    def create_attachment_from_string(
        content: str, name: str, content_encoding: str | None = "utf-8", media_type: str = "text/plain"
    ) -> Attachment: ...
    @overload
    @staticmethod
    def create_attachment_from_string(content: str, content_type: ContentType) -> Attachment: ...
    @staticmethod
    def create_attachment_from_string(*args: Any, **kwargs: Any) -> Attachment:
        """Make an attachment of text (.NET: ``CreateAttachmentFromString``).

        Args:
            content: the text.
            name: the file's name.
            content_encoding: the charset to send it in; UTF-8 if it is None or left out.
            media_type: ``text/plain`` if it is left out.
            content_type: a `ContentType` with name and charset instead.

        Raises:
            AsposeArgumentException: an argument cannot be used, or the charset has not all the characters.
        """
        given, data, kind = text_given(
            "create_attachment_from_string", args, kwargs,
            ("content", "name"), ("content", "name", "content_encoding"),
            ("content", "name", "content_encoding", "media_type"), ("content", "content_type"),
        )  # fmt: skip
        made = Attachment(data, kind)
        if "name" in given:
            made.content_disposition.file_name = given["name"]
        return made

    @property
    def content_disposition(self) -> ContentDisposition:
        """How the file is meant to be shown, and what it is called; changes to it change the attachment."""
        return self._content_disposition()

    @property
    def name(self) -> str:
        """A file name that is safe to use in a directory of one's own; see `safe_file_name`."""
        return safe_file_name(self.raw_name)

    @name.setter
    def name(self, value: str) -> None:
        self.content_disposition.file_name = refuse_line_breaks(value, "name")

    @property
    def raw_name(self) -> str | None:
        """The name as the message gives it, decoded but not made safe, or None."""
        name = self.content_disposition.file_name
        return self.content_type.name if name is None else name

    @property
    def is_inline(self) -> bool:
        """Whether the part is meant to be shown within the message."""
        return self.content_disposition.inline

    @is_inline.setter
    def is_inline(self, value: bool) -> None:
        self.content_disposition.inline = value

    @property
    def is_embedded_message(self) -> bool:
        """Whether the content is a message; `MailMessage.load` reads it from `content_stream`."""
        return self.content_type.media_type in {"message/rfc822", "message/global"}

    @property
    def is_tnef(self) -> bool:
        """Whether the file is one of Outlook's containers (``winmail.dat``), which stay closed here."""
        return self.content_type.media_type in {"application/ms-tnef", "application/vnd.ms-tnef"}

    def save_to_directory(self, directory: str | os.PathLike[str]) -> str:
        """Write the decoded content into a directory, under the safe name or one with a number.

        Args:
            directory: an existing directory. Nothing in it is overwritten, no link followed.

        Returns:
            The path of the new file.

        Raises:
            OSError: it cannot be written.
        """
        data = self.content()
        stem, suffix = os.path.splitext(self.name)
        for number in range(200):
            extra = "" if not number else f" ({number})" if number < 100 else f" ({os.urandom(4).hex()})"
            path = os.path.join(os.fspath(directory), stem + extra + suffix)
            try:
                create_file(path, data)
            except FileExistsError:
                continue
            return path
        raise FileExistsError(f"no free name like {self.name!r} in the directory")


def named(items: Iterable[_Item], wanted: str, names: Callable[[_Item], Iterable[str | None]]) -> _Item:
    """Give the first item that has this name among its names.

    Raises:
        KeyError: none has it.
    """
    for item in items:
        if wanted in names(item):
            return item
    raise KeyError(wanted)


class AttachmentCollection(Collection[Attachment], IDisposable, metaclass=HintedABCMeta):
    """Attachments in order, found by position, name or content id (.NET: ``AttachmentCollection``)."""

    __slots__ = ()

    _kind = Attachment

    def dispose(self) -> None:
        """Do nothing: attachments hold memory only."""

    @overload
    def __getitem__(self, index: int | str) -> Attachment: ...
    @overload
    def __getitem__(self, index: slice) -> list[Attachment]: ...
    def __getitem__(self, index: int | str | slice) -> Attachment | list[Attachment]:
        if isinstance(index, str):
            return named(self._items, index, lambda item: (item.name, item.raw_name, item.content_id))
        return self._items[index]
