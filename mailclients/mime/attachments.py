"""Files within messages: `Attachment` and `AttachmentCollection`.

An attachment belongs to its callers: there is no lock, and changing one in several threads at once needs one
of theirs. Reading and saving block on the disk.
"""

from __future__ import annotations

import io
import os
from typing import cast, overload

from mailclients.dotnet import IDisposable
from mailclients.errors import ArgumentTypeError, AsposeArgumentException, escape
from mailclients.mime.charsets import codec_for_writing
from mailclients.mime.collection import Collection
from mailclients.mime.content_types import ContentType
from mailclients.mime.encoded_words import decode_header_text
from mailclients.mime.file_names import safe_file_name
from mailclients.mime.files import SupportsReadBytes, SupportsWriteBytes, create_file, read_all, replace_file
from mailclients.mime.headers import HeaderCollection
from mailclients.mime.line_ends import refuse_line_breaks
from mailclients.mime.parts import Part
from mailclients.mime.transfer_encodings import TransferEncoding
from mailclients.names import HintedABCMeta, NamesChecked

__all__ = ["Attachment", "AttachmentCollection"]


class Attachment(NamesChecked, IDisposable, metaclass=HintedABCMeta):
    """A file within a message (.NET: ``Attachment``).

    ``Attachment(file_name[, media_type])``, ``Attachment(stream, name[, media_type])`` or
    ``Attachment(stream, content_type)``. Files and streams are read at once.

    Args:
        content: the path of a file, or a stream that gives bytes.
        name: for a stream the name, or a `ContentType`; for a path the media type.
        media_type: such as ``"image/png"``; guessed from the name if left out.

    Raises:
        ArgumentTypeError, AsposeArgumentException: an argument cannot be used.
        OSError: the file cannot be read.
    """

    __slots__ = ("_changed", "_content", "_content_id", "_content_type", "_inline", "_part", "_raw_name")

    @overload
    def __init__(self, content: str | os.PathLike[str], name: str | ContentType | None = None) -> None: ...
    @overload
    def __init__(self, content: SupportsReadBytes, name: str | ContentType, media_type: str | None = None) -> None: ...
    def __init__(
        self,
        content: str | os.PathLike[str] | SupportsReadBytes,
        name: str | ContentType | None = None,
        media_type: str | None = None,
    ) -> None:
        raw_name: str | None
        given: str | ContentType | None
        if isinstance(content, (str, os.PathLike)):
            path = os.fspath(content)
            raw_name, given = os.path.basename(path), name
            if media_type is not None:
                raise ArgumentTypeError("an attachment from a file is made of (file_name[, media_type])")
            with open(path, "rb") as file:
                data = file.read()
        else:
            if not hasattr(content, "read"):
                raise ArgumentTypeError(f"content must be a path or a stream, not {type(content).__name__}")
            if isinstance(name, ContentType):
                raw_name, given = name.name, name
            else:
                raw_name, given = refuse_line_breaks(cast("str", name), "name"), media_type
            data = read_all(content, "content")
        self._setup(data, raw_name, given)

    def _setup(self, data: bytes, raw_name: str | None, given: str | ContentType | None) -> None:
        if given is None:
            import mimetypes

            given = mimetypes.guess_type(raw_name or "")[0] or "application/octet-stream"
        self._content_type: ContentType | None = given if isinstance(given, ContentType) else ContentType(given)
        self._content: bytes | None = data
        self._raw_name: str | None = raw_name
        self._content_id: str | None = None
        self._inline = False
        self._part: Part | None = None
        self._changed = False

    @classmethod
    def _received(cls, part: Part) -> Attachment:
        self = cls.__new__(cls)
        self._part = part
        self._content = self._content_type = None
        self._changed = False
        self._inline = part.disposition == "inline"
        name = part.file_name
        self._raw_name = part.content_type.name if name is None else decode_header_text(name)
        self._content_id = (part.headers.get_decoded_value("Content-ID") or "").strip("<> ") or None
        return self

    @staticmethod
    def create_attachment_from_string(
        content: str, name: str | ContentType, content_encoding: str = "utf-8", media_type: str = "text/plain"
    ) -> Attachment:
        """Make an attachment of text (.NET: ``CreateAttachmentFromString``).

        Args:
            content: the text.
            name: the file's name, or a `ContentType` with name and charset.
            content_encoding: the charset to send it in.
            media_type: used with a name.
        """
        if isinstance(name, ContentType):
            charset = name.char_set or "utf-8"
            kind = name
        else:
            charset = content_encoding
            kind = ContentType(media_type)
            kind.name = name
        codec = codec_for_writing(charset)
        if codec is None:
            raise AsposeArgumentException(f"no charset {charset[:40]!r}")
        try:
            data = content.encode(codec)
        except UnicodeEncodeError as exc:
            raise AsposeArgumentException(f"the text cannot be written in {charset}") from exc
        kind.char_set = charset
        return Attachment(io.BytesIO(data), kind)

    @property
    def name(self) -> str:
        """A file name that is safe to use in a directory of one's own; see `safe_file_name`."""
        return safe_file_name(self._raw_name)

    @name.setter
    def name(self, value: str) -> None:
        self._raw_name = refuse_line_breaks(value, "name")
        self._changed = True

    @property
    def raw_name(self) -> str | None:
        """The name as the message gives it, decoded but not made safe, or None."""
        return self._raw_name

    @property
    def content_id(self) -> str | None:
        """What HTML refers to the part by (``cid:``), without angle brackets, or None."""
        return self._content_id

    @content_id.setter
    def content_id(self, value: str | None) -> None:
        self._content_id = None if value is None else refuse_line_breaks(value, "content_id").strip("<> ")
        self._changed = True

    @property
    def is_inline(self) -> bool:
        """Whether the part is meant to be shown within the message."""
        return self._inline

    @is_inline.setter
    def is_inline(self, value: bool) -> None:
        self._inline = bool(value)
        self._changed = True

    @property
    def is_embedded_message(self) -> bool:
        """Whether the content is a message; `MailMessage.load` reads it from `content_stream`."""
        return self.content_type.media_type in {"message/rfc822", "message/global"}

    @property
    def content_type(self) -> ContentType:
        """The media type and its parameters."""
        if self._content_type is not None:
            return self._content_type
        assert self._part is not None  # received, or given a type when it was made
        return self._part.content_type

    @content_type.setter
    def content_type(self, value: ContentType) -> None:
        self._content_type = value
        self._changed = True

    @property
    def transfer_encoding(self) -> TransferEncoding:
        """How the content was encoded in the message; base64 for one that is still to be sent."""
        return TransferEncoding.BASE64 if self._part is None else self._part.encoding

    @property
    def headers(self) -> HeaderCollection:
        """The part's header fields; empty for one that is still to be sent."""
        return HeaderCollection() if self._part is None else self._part.headers

    @property
    def content_stream(self) -> io.BytesIO:
        """The decoded content as a new stream, positioned at its begin."""
        return io.BytesIO(self.content())

    @content_stream.setter
    def content_stream(self, value: SupportsReadBytes) -> None:
        self._content = read_all(value, "content_stream")
        self._changed = True

    def content(self) -> bytes:
        """Give the decoded content; what cannot be decoded is left out or stays as it is."""
        if self._content is not None:
            return self._content
        assert self._part is not None  # received, or given content when it was made
        return self._part.content()

    def save(self, target: str | os.PathLike[str] | SupportsWriteBytes, *, overwrite: bool = False) -> None:
        """Write the decoded content to a file or stream (.NET: ``Save``).

        Args:
            target: a path, or a stream that takes bytes.
            overwrite: replace a file that is there; a symbolic link is replaced, never followed.

        Raises:
            FileExistsError: the file is there; say ``overwrite=True``, or use `save_to_directory`.
            OSError: it cannot be written.
        """
        if not isinstance(target, (str, os.PathLike)):
            target.write(self.content())
        elif overwrite:
            replace_file(os.fspath(target), self.content())
        else:
            create_file(os.fspath(target), self.content())

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

    def dispose(self) -> None:
        """Do nothing: an attachment holds memory only."""

    def __repr__(self) -> str:
        return f"<Attachment {escape(self.content_type.media_type)}>"


class AttachmentCollection(Collection[Attachment]):
    """Attachments in order (.NET: ``AttachmentCollection``)."""

    __slots__ = ()
