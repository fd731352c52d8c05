"""The forms of a message's text, `AlternateView`, and what they show without containing it, `LinkedResource`.

Each belongs to its callers: there is no lock, and changing one in several threads at once needs one of theirs.
Reading files blocks on the disk.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterable
from typing import Any, Final, overload
from weakref import WeakMethod

from mailclients.dotnet import IDisposable
from mailclients.mime.arguments import bind, path_of
from mailclients.mime.attachments import AttachmentBase, Bytes, Path, bytes_of, kind_of, named, read_file, text_given
from mailclients.mime.charsets import codec_for_writing, decode_text
from mailclients.mime.collection import Collection
from mailclients.mime.content_types import ContentDisposition, ContentType
from mailclients.mime.line_ends import refuse_line_breaks
from mailclients.mime.parts import Part
from mailclients.mime.transfer_encodings import TransferEncoding
from mailclients.names import HintedABCMeta

__all__ = ["AlternateView", "AlternateViewCollection", "LinkedResource", "LinkedResourceCollection", "without_links"]

_PICTURE: Final = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)


class LinkedResource(AttachmentBase):
    """What a text in HTML shows and does not contain, such as a picture (.NET: ``LinkedResource``).

    ``LinkedResource(file_name[, media_type or content_type])`` or
    ``LinkedResource(content_stream[, media_type or content_type])``. Files and streams are read at once. The text
    refers to it by ``cid:`` and its `content_id`, which is made when it is first asked for unless it is set.

    Args:
        file_name: the path of a file.
        content_stream: a stream that gives bytes, or bytes.
        media_type: such as ``"image/png"``; guessed from the file's name if left out.
        content_type: a `ContentType`.

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
    def __init__(self, content_stream: Bytes, media_type: str | ContentType | None = None) -> None: ...
    @overload
    def __init__(self, content_stream: Bytes, content_type: ContentType) -> None: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        data, kind, name = _file_or_stream("LinkedResource", args, kwargs, "application/octet-stream")
        self._setup(data, kind, "inline")
        self.content_disposition.file_name = name

    @overload
    @staticmethod
    def create_linked_resource_from_string(
        content: str, content_encoding: str | None = "utf-8", media_type: str = "text/plain"
    ) -> LinkedResource: ...
    @overload
    @staticmethod
    def create_linked_resource_from_string(content: str, content_type: ContentType) -> LinkedResource: ...
    @staticmethod
    def create_linked_resource_from_string(*args: Any, **kwargs: Any) -> LinkedResource:
        """Make a resource of text, such as a style sheet (.NET: ``CreateLinkedResourceFromString``).

        Args:
            content: the text.
            content_encoding: the charset to send it in; UTF-8 if it is None or left out.
            media_type: ``text/plain`` if it is left out.
            content_type: a `ContentType`, which may name the charset, instead.

        Raises:
            AsposeArgumentException: an argument cannot be used, or the charset has not all the characters.
        """
        _, data, kind = text_given(
            "create_linked_resource_from_string", args, kwargs,
            ("content",), ("content", "content_type"), ("content", "content_encoding"),
            ("content", "content_encoding", "media_type"),
        )  # fmt: skip
        return LinkedResource(data, kind)

    def _new_content_id(self) -> str | None:
        return f"{os.urandom(12).hex()}@mailclients" if self._part is None else None

    @property
    def content_disposition(self) -> ContentDisposition:
        """How the resource is meant to be shown; changes to it change the resource."""
        return self._content_disposition()

    @property
    def content_link(self) -> str | None:
        """The address that HTML may refer to instead of ``cid:`` (Content-Location, RFC 2557), or None."""
        return self._location

    @content_link.setter
    def content_link(self, value: str | None) -> None:
        self._location = None if value is None else refuse_line_breaks(value, "content_link")
        self._changed = True


def _file_or_stream(
    what: str, args: tuple[Any, ...], kwargs: dict[str, Any], default: str
) -> tuple[bytes, ContentType, str | None]:
    """Content, type and name of what is made of a file or a stream and a type."""
    given = bind(
        what, args, kwargs,
        ("file_name",), ("file_name", "media_type"), ("file_name", "content_type"),
        ("content_stream",), ("content_stream", "media_type"), ("content_stream", "content_type"),
    )  # fmt: skip
    if "file_name" in given:
        name = os.path.basename(path_of(given))
        return read_file(given), kind_of(given, name, default), name
    kind = kind_of(given, None, default)
    return bytes_of(given["content_stream"], "content_stream"), kind, kind.name


class LinkedResourceCollection(Collection[LinkedResource], IDisposable, metaclass=HintedABCMeta):
    """Linked resources in order, found by position or content id (.NET: ``LinkedResourceCollection``)."""

    __slots__ = ("_noted", "_unlink")

    _kind = LinkedResource

    def __init__(self, items: Iterable[LinkedResource] = (), unlink: Callable[[str], None] | None = None) -> None:
        super().__init__(items)
        # Takes the pictures with a content id out of the text; the message or view that it belongs to has this
        # collection, and shall not wait for the garbage collector.
        self._unlink = None if unlink is None else WeakMethod(unlink)
        self._noted = tuple(self._items)  # as they were received or written last

    def _is_changed(self) -> bool:
        return tuple(self._items) != self._noted or any(item._is_changed() for item in self._items)

    def _written(self) -> None:
        self._noted = tuple(self._items)
        for item in self._items:
            item._written()

    def clear(self, remove_html_links: bool = False) -> None:
        """Remove all resources.

        Args:
            remove_html_links: take the pictures out of the text, too.
        """
        if remove_html_links:
            for item in self._items:
                self._take_out(item)
        super().clear()

    def remove_at(self, index: int, remove_html_link: bool = False) -> None:
        """Remove the resource at `index`.

        Args:
            index: its position.
            remove_html_link: take the picture out of the text, too.

        Raises:
            AsposeArgumentOutOfRangeException: there is none.
        """
        item = self._items[index] if 0 <= index < len(self._items) else None
        super().remove_at(index)
        if remove_html_link and item is not None:
            self._take_out(item)

    def _take_out(self, item: LinkedResource) -> None:
        unlink = None if self._unlink is None else self._unlink()
        if unlink is not None and item.content_id:
            unlink(item.content_id)

    def dispose(self) -> None:
        """Do nothing: resources hold memory only."""

    @overload
    def __getitem__(self, index: int | str) -> LinkedResource: ...
    @overload
    def __getitem__(self, index: slice) -> list[LinkedResource]: ...
    def __getitem__(self, index: int | str | slice) -> LinkedResource | list[LinkedResource]:
        if isinstance(index, str):
            return named(self._items, index, lambda item: (item.content_id,))
        return self._items[index]


class AlternateView(AttachmentBase):
    """One form of a message's text (.NET: ``AlternateView``): plain, HTML, a calendar's.

    ``AlternateView(file_name[, media_type or content_type])`` or
    ``AlternateView(content_stream[, media_type or content_type])``. Files and streams are read at once.

    Args:
        file_name: the path of a file.
        content_stream: a stream that gives bytes, or bytes.
        media_type: ``text/plain`` if it is left out and no file's name tells.
        content_type: a `ContentType`.

    Raises:
        ArgumentTypeError, AsposeArgumentException: an argument cannot be used.
        OSError: the file cannot be read.
    """

    __slots__ = ("__weakref__", "_decoded", "_linked", "_text")

    _decoded: tuple[str | None, str] | None  # the text by a charset, once it was asked for
    _linked: LinkedResourceCollection | None
    _text: str | None  # a text that becomes bytes when it is sent

    @overload
    def __init__(self, file_name: Path, media_type: str | ContentType | None = None) -> None: ...
    @overload
    def __init__(self, file_name: Path, content_type: ContentType) -> None: ...
    @overload
    def __init__(self, content_stream: Bytes, media_type: str | ContentType | None = None) -> None: ...
    @overload
    def __init__(self, content_stream: Bytes, content_type: ContentType) -> None: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        data, kind, _ = _file_or_stream("AlternateView", args, kwargs, "text/plain")
        self._setup(data, kind, "inline")
        self._decoded = self._linked = self._text = None

    @classmethod
    def _of_text(cls, text: str, media_type: str) -> AlternateView:
        """Make one whose charset is chosen when it is sent."""
        self = cls(b"", media_type)
        self._text = text
        self._content = None
        return self

    @classmethod
    def _received(cls, part: Part) -> AlternateView:
        self = super()._received(part)
        self._decoded = self._linked = self._text = None
        return self

    @overload
    @staticmethod
    def create_alternate_view_from_string(
        content: str, content_encoding: str | None = "utf-8", media_type: str = "text/plain"
    ) -> AlternateView: ...
    @overload
    @staticmethod
    def create_alternate_view_from_string(
        content: str, content_type: ContentType, transferencoding: TransferEncoding = ...
    ) -> AlternateView: ...
    @staticmethod
    def create_alternate_view_from_string(*args: Any, **kwargs: Any) -> AlternateView:
        """Make a form of the text (.NET: ``CreateAlternateViewFromString``).

        Args:
            content: the text.
            content_encoding: the charset to send it in; UTF-8 if it is None or left out.
            media_type: ``text/plain`` if it is left out.
            content_type: a `ContentType`, which may name the charset, instead.
            transferencoding: how to encode it; what is fit for it is chosen if it is left out.

        Raises:
            AsposeArgumentException: an argument cannot be used, or the charset has not all the characters.
        """
        given, data, kind = text_given(
            "create_alternate_view_from_string", args, kwargs,
            ("content",), ("content", "content_type"), ("content", "content_type", "transferencoding"),
            ("content", "content_encoding"), ("content", "content_encoding", "media_type"),
        )  # fmt: skip
        made = AlternateView(data, kind)
        if "transferencoding" in given:
            made.transfer_encoding = given["transferencoding"]
        return made

    def _is_changed(self) -> bool:
        return super()._is_changed() or (self._linked is not None and self._linked._is_changed())

    def _written(self) -> None:
        super()._written()
        if self._linked is not None:
            self._linked._written()

    def _default_encoding(self) -> TransferEncoding:
        return TransferEncoding.QUOTED_PRINTABLE if self._text is None else TransferEncoding.SEVEN_BIT

    def content(self) -> bytes:
        """Give the decoded content; what cannot be decoded is left out or stays as it is."""
        if self._text is not None:
            return self._text.encode("utf-8", "replace")
        return super().content()

    def _set_content(self, data: bytes) -> None:
        super()._set_content(data)
        self._text = self._decoded = None

    def _read(self, preferred: str | None) -> str:
        """The content as text; `preferred` is the charset where it names none."""
        if self._text is not None:
            return self._text
        part = self._part
        kind = part.content_type if part is not None and self._content_type is None else self.content_type
        charset = kind.char_set or preferred
        decoded = self._decoded
        if decoded is None or decoded[0] != charset:
            decoded = self._decoded = charset, decode_text(self.content(), charset)
        return decoded[1]

    @property
    def linked_resources(self) -> LinkedResourceCollection:
        """What this text shows and does not contain."""
        if self._linked is None:
            self._linked = LinkedResourceCollection(unlink=self._remove_links)
        return self._linked

    def _remove_links(self, content_id: str) -> None:
        text = without_links(self._read(None), content_id)
        if self._text is None:
            charset = self.content_type.char_set or "utf-8"
            self.content_stream = io.BytesIO(text.encode(codec_for_writing(charset) or "utf-8", "xmlcharrefreplace"))
        else:
            self._text = text
            self._changed = True

    @property
    def base_uri(self) -> str | None:
        """The address that relative links of the text begin at (Content-Location, RFC 2557), or None."""
        return self._location

    @base_uri.setter
    def base_uri(self, value: str | None) -> None:
        self._location = None if value is None else refuse_line_breaks(value, "base_uri")
        self._changed = True


def without_links(html: str, content_id: str) -> str:
    """The text without pictures that show the resource with this content id; linear in the text."""
    link = re.compile(rf"""["'=\s]cid:{re.escape(content_id)}["'>\s/]""", re.IGNORECASE)
    return _PICTURE.sub(lambda match: "" if link.search(match.group()) else match.group(), html)


class AlternateViewCollection(Collection[AlternateView], IDisposable, metaclass=HintedABCMeta):
    """The forms of a message's text, found by position or media type (.NET: ``AlternateViewCollection``)."""

    __slots__ = ()

    _kind = AlternateView

    def dispose(self) -> None:
        """Do nothing: views hold memory only."""

    @overload
    def __getitem__(self, index: int | str) -> AlternateView: ...
    @overload
    def __getitem__(self, index: slice) -> list[AlternateView]: ...
    def __getitem__(self, index: int | str | slice) -> AlternateView | list[AlternateView]:
        if isinstance(index, str):
            return named(self._items, index, lambda item: (item.content_type.media_type, item.content_id))
        return self._items[index]
