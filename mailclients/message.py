"""A whole message, `MailMessage`, and the door to its parts, which live in `mailclients.mime`.

A message owns nothing but the bytes it was given. Every part is read when it is first asked for, by code that
is linear in its input, never recurses over it and gives up at stated limits, because a message is written
by strangers; the received bytes stay available whatever cannot be read. There is no lock: what is read
lazily is computed by any thread that asks and kept with one atomic dictionary operation, so all threads
see the same object. Changing one message in several threads at once needs a lock of the caller's.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast, overload

from mailclients.dotnet import IDisposable
from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentNullException,
    MessageError,
    escape,
)
from mailclients.mime.addresses import (
    ADDRESS_FIELDS,
    MailAddress,
    MailAddressCollection,
    ParticipationStatus,
    parse_addresses,
)
from mailclients.mime.arguments import bind, flag, path_of
from mailclients.mime.attachments import Attachment, AttachmentBase, AttachmentCollection, Bytes, Path, bytes_of
from mailclients.mime.bodies import Bodies, find_bodies
from mailclients.mime.charsets import decode_text
from mailclients.mime.collection import Collection
from mailclients.mime.composing import Around, serialize_content
from mailclients.mime.content_types import ContentDisposition, ContentType, MediaTypeNames
from mailclients.mime.dates import format_mail_date, parse_mail_date
from mailclients.mime.encoded_words import decode_header_text
from mailclients.mime.file_names import safe_file_name
from mailclients.mime.files import SupportsReadBytes, SupportsWriteBytes, read_all, replace_file
from mailclients.mime.headers import HeaderCollection
from mailclients.mime.message_fields import (
    SETTINGS,
    BodyContentType,
    DeliveryNotificationOptions,
    MailPriority,
    MailSensitivity,
    MessageFields,
)
from mailclients.mime.message_infos import MessageInfoBase
from mailclients.mime.parts import around
from mailclients.mime.sealing import Seal, seal_of, without_signature
from mailclients.mime.serializing import serialize_headers
from mailclients.mime.serializing import without_bcc as without_bcc_fields
from mailclients.mime.standard_library import bytes_of_standard, standard_of_bytes
from mailclients.mime.transfer_encodings import TransferEncoding
from mailclients.mime.views import (
    AlternateView,
    AlternateViewCollection,
    LinkedResource,
    LinkedResourceCollection,
    without_links,
)
from mailclients.names import HintedABCMeta

if TYPE_CHECKING:
    from email.message import EmailMessage, Message

    from mailclients.mime.formats import LoadOptions, SaveOptions

__all__ = [
    "AlternateView",
    "AlternateViewCollection",
    "Attachment",
    "AttachmentBase",
    "AttachmentCollection",
    "BodyContentType",
    "Collection",
    "ContentDisposition",
    "ContentType",
    "DeliveryNotificationOptions",
    "HeaderCollection",
    "LinkedResource",
    "LinkedResourceCollection",
    "MailAddress",
    "MailAddressCollection",
    "MailMessage",
    "MailPriority",
    "MailSensitivity",
    "MediaTypeNames",
    "MessageInfoBase",
    "ParticipationStatus",
    "TransferEncoding",
    "decode_header_text",
    "parse_addresses",
    "parse_mail_date",
    "safe_file_name",
]

_Items = TypeVar("_Items", bound="Collection[Any]")
_put: Final = object.__setattr__  # for names that need no check: clients make very many messages
_META_CHARSET: Final = re.compile(
    r"<meta\b[^<>]{0,300}?\bcharset\s*=\s*[\"']?\s*([A-Za-z0-9._:\-]{1,40})", re.IGNORECASE
)


class MailMessage(MessageFields, IDisposable, metaclass=HintedABCMeta):
    """A message (.NET: ``MailMessage``): bytes as received, read lazily; or one to be sent.

    ``MailMessage()``, ``MailMessage(from_address, to)`` or ``MailMessage(from_address, to, subject,
    body)`` make a message; `load`, `from_bytes` and `from_email_message` take one. As long as nothing was changed
    `as_bytes` gives exactly the bytes received; after changes to header fields only, the body's bytes stay as they
    are, and after others each part that was not changed.

    Two messages are equal if they are the same object, so that a message may be a key while it changes.

    Args:
        from_address: the author.
        to: the recipients; text may hold several addresses separated by commas.
        subject: the subject.
        body: the text.

    Raises:
        ArgumentTypeError, AsposeArgumentException: an argument cannot be used.
    """

    __slots__ = ("__weakref__", "_source", "item_id")

    def __init__(
        self,
        from_address: MailAddress | str | None = None,
        to: MailAddress | MailAddressCollection | str | None = None,
        subject: str | None = None,
        body: str | None = None,
    ) -> None:
        self._raw: bytes | None = None
        self._source = "new"
        self.item_id: object = None
        headers = HeaderCollection()
        headers.set("Date", format_mail_date(datetime.now(timezone.utc).astimezone()))
        self._cache: dict[str, Any] = {
            "headers": headers,
            "views": AlternateViewCollection(),
            "linked": LinkedResourceCollection(unlink=self._remove_links),
            "attachments": AttachmentCollection(),
        }
        if (from_address is None) != (to is None):
            raise AsposeArgumentNullException("a message is made of nothing, (from, to) or (from, to, subject, body)")
        if from_address is not None and to is not None:
            self.from_address = from_address
            self.to = to
        if subject is not None:
            self.subject = subject
        if body is not None:
            self.body = body

    @classmethod
    def from_bytes(cls, data: bytes, source: str = "bytes") -> MailMessage:
        """Take a message as received. Nothing is read now and nothing is copied.

        Args:
            data: the whole message.
            source: where it is from, shown by `repr` (``"INBOX uid 5"``).
        """
        self = cls.__new__(cls)
        _put(self, "_raw", data)
        _put(self, "_source", source)
        _put(self, "item_id", None)
        _put(self, "_cache", {})
        return self

    @overload
    @staticmethod
    def load(file_name: Path, options: LoadOptions | None = None) -> MailMessage: ...
    @overload
    @staticmethod
    def load(stream: Bytes, options: LoadOptions | None = None) -> MailMessage: ...
    @staticmethod
    def load(*args: Any, **kwargs: Any) -> MailMessage:
        """Take a message from a file, a stream or bytes (.NET: ``Load``).

        Args:
            file_name: the path of an EML or EMLX file.
            stream: a stream that gives the bytes of one, or these bytes.
            options: an `EmlLoadOptions`.

        Raises:
            ArgumentTypeError: an argument is none of these.
            OSError: the file cannot be read.
        """
        from mailclients.mime.formats import LoadOptions, loaded_bytes

        forms = ("file_name",), ("file_name", "options"), ("stream",), ("stream", "options")
        given = bind("load", args, kwargs, *forms)
        if "file_name" in given:
            with open(path_of(given), "rb") as file:
                data, place = file.read(), "file"
        else:
            data, place = bytes_of(given["stream"], "stream"), "stream" if hasattr(given["stream"], "read") else "bytes"
        message = MailMessage.from_bytes(loaded_bytes(data), place)
        options = given.get("options")
        if options is None:
            return message
        if not isinstance(options, LoadOptions):
            raise ArgumentTypeError(
                f"options must be LoadOptions such as EmlLoadOptions(), not {type(options).__name__}"
            )
        if options.preferred_text_encoding is not None:
            message.preferred_text_encoding = options.preferred_text_encoding
        return message.remove_signature() if options.remove_signature and message.is_signed else message

    @overload
    def save(self, file_name: Path, options: SaveOptions | None = None) -> None: ...
    @overload
    def save(self, stream: SupportsWriteBytes, options: SaveOptions | None = None) -> None: ...
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the message as EML, or as the options say (.NET: ``Save``).

        Args:
            file_name: a path, whose file is replaced in one step.
            stream: takes bytes.
            options: such as `SaveOptions.default_emlx`.

        Raises:
            AsposeNotSupportedException: the options ask for a format that is not written.
            OSError: it cannot be written.
        """
        from mailclients.mime.formats import bytes_to_save

        forms = ("file_name",), ("file_name", "options"), ("stream",), ("stream", "options")
        given = bind("save", args, kwargs, *forms)
        data = bytes_to_save(self.as_bytes(), given.get("options"))
        if "file_name" in given:
            replace_file(path_of(given), data)
        else:
            given["stream"].write(data)

    def import_from_stream(self, stream: SupportsReadBytes) -> None:
        """Become the message that a stream gives (.NET: ``Import``).

        Args:
            stream: gives the bytes of a message.

        Raises:
            ArgumentTypeError: it gives something else.
        """
        from mailclients.mime.formats import loaded_bytes

        data = loaded_bytes(read_all(stream, "stream"))
        self._raw, self._source, self._cache = data, "stream", {}

    @classmethod
    def from_email_message(cls, message: Message) -> MailMessage:
        """Take a message of the standard library's ``email`` package.

        Args:
            message: an ``email.message.EmailMessage`` or ``Message``.

        Raises:
            ArgumentTypeError: it is none.
            MessageError: that package cannot write it.
        """
        return cls.from_bytes(bytes_of_standard(message), "email message")

    def to_email_message(self) -> EmailMessage:
        """Give the message as one of the standard library's ``email`` package.

        Raises:
            MessageError: that package cannot read it; `as_bytes` still gives it.
        """
        return standard_of_bytes(self.as_bytes())

    def clone(self) -> MailMessage:
        """Give an independent message with the same bytes (.NET: ``Clone``)."""
        made = MailMessage.from_bytes(self.as_bytes(), self._source)
        made.item_id = self.item_id
        made._cache.update((name, self._cache[name]) for name in SETTINGS if name in self._cache)
        return made

    def __copy__(self) -> MailMessage:
        return self.clone()

    def __deepcopy__(self, memo: dict[int, Any]) -> MailMessage:
        return self.clone()

    def equals(self, obj: object) -> bool:
        """Compare as ``==`` does."""
        return self == obj

    def dispose(self) -> None:
        """Do nothing: a message holds memory only."""

    # content

    def _bodies(self) -> Bodies:
        return self._lazy("bodies", lambda: find_bodies(self._raw or b""))

    @property
    def alternate_views(self) -> AlternateViewCollection:
        """The forms of the text, in order, `body` and `html_body` among them; more may be added.

        Raises:
            MessageError: the structure goes beyond the limits.
        """
        return self._lazy("views", self._read_views)

    def _read_views(self) -> AlternateViewCollection:
        bodies = self._bodies()
        found = AlternateViewCollection()
        for part in bodies.views:
            view = AlternateView._received(part)
            if part is bodies.html and bodies.linked:
                view._linked = self.linked_resources
            found.add(view)
        return self._as_read("views", found)

    @property
    def linked_resources(self) -> LinkedResourceCollection:
        """What the text in HTML shows and does not contain, such as pictures.

        Raises:
            MessageError: the structure goes beyond the limits.
        """
        return self._lazy("linked", self._read_linked)

    def _read_linked(self) -> LinkedResourceCollection:
        parts = self._bodies().linked
        items = (LinkedResource._received(part) for part in parts)
        return self._as_read("linked", LinkedResourceCollection(items, self._remove_links))

    @property
    def attachments(self) -> AttachmentCollection:
        """Every part that is neither a form of the text nor a resource of it, in order, inline ones included.

        Raises:
            MessageError: the structure goes beyond the limits.
        """
        return self._lazy("attachments", self._read_attachments)

    def _read_attachments(self) -> AttachmentCollection:
        return self._as_read(
            "attachments", AttachmentCollection(Attachment._received(part) for part in self._bodies().attached)
        )

    def _as_read(self, key: str, found: _Items) -> _Items:
        # The collection and what was in it are kept by one operation, so that they are of the same thread.
        return cast("_Items", self._cache.setdefault(key + " as read", (found, tuple(found)))[0])

    def add_attachment(self, attachment: Attachment) -> None:
        """Append an attachment (.NET: ``AddAttachment``)."""
        self.attachments.add(attachment)

    def add_alternate_view(self, view: AlternateView) -> None:
        """Append a form of the text (.NET: ``AddAlternateView``)."""
        self.alternate_views.add(view)

    def _view(self, media_type: str) -> AlternateView | None:
        for view in self.alternate_views:
            if view._media_type() == media_type:
                return view
        return None

    def _text_of(self, media_type: str) -> str | None:
        view = self._view(media_type)
        return None if view is None else view._read(self.preferred_text_encoding)

    def _set_text(self, name: str, media_type: str, value: str | None) -> None:
        if value is not None and not isinstance(value, str):
            raise ArgumentTypeError(f"{name} must be a str, not {type(value).__name__}")
        views, old = self.alternate_views, self._view(media_type)
        position = (0 if media_type == "text/plain" else views.count) if old is None else views.index_of(old)
        if old is not None:
            views.remove_at(position)
        if value is not None:
            new = AlternateView._of_text(value, media_type)
            new._linked = None if old is None else old._linked
            views.insert(position, new)

    @property
    def body(self) -> str:
        """The plain text, or an empty string if the message has none.

        Raises:
            MessageError: the structure goes beyond the limits.
        """
        plain = self._text_of("text/plain")
        if plain is None and self._body_is_html():
            return self.html_body or ""
        return plain or ""

    @body.setter
    def body(self, value: str) -> None:
        if value is None:
            raise AsposeArgumentNullException("body is None: pass a str")
        if value and self._cache.get("body is html") and (self.html_body is None or self._body_is_html()):
            self.html_body = value
            self._cache["body is html"] = self._view("text/html")
            return
        self._set_text("body", "text/plain", None if value == "" else value)

    def _body_is_html(self) -> bool:
        """Whether the HTML was assigned as `body`."""
        html = self._view("text/html")
        return html is not None and self._cache.get("body is html") is html

    @property
    def html_body(self) -> str | None:
        """The HTML text, or None if the message has none.

        Raises:
            MessageError: the structure goes beyond the limits.
        """
        return self._text_of("text/html")

    @html_body.setter
    def html_body(self, value: str | None) -> None:
        self._set_text("html_body", "text/html", value)

    @property
    def is_body_html(self) -> bool:
        """Whether the message has HTML text.

        Assigning True makes a plain text the HTML, and `body` takes HTML from then on; False makes the HTML the
        plain text where there is none, and takes it out otherwise.
        """
        return bool(self._cache.get("body is html")) or self.html_body is not None

    @is_body_html.setter
    def is_body_html(self, value: bool) -> None:
        flag(value, "is_body_html")
        plain, html = self._text_of("text/plain"), self.html_body
        if not (value and self._body_is_html()):
            self._cache["body is html"] = value
        if value and html is None and plain:
            self._set_text("body", "text/plain", None)
            self.body = plain
        elif not value and html is not None:
            self.html_body = None
            self.body = plain or html

    def set_html_body(self, value: str, detect_encoding: bool = False) -> None:
        """Set the HTML text (.NET: ``SetHtmlBody``).

        Args:
            value: the text.
            detect_encoding: send it in the charset that its ``<meta>`` names, where it can be sent so.
        """
        self.html_body = value
        named = _META_CHARSET.search(value[:4096]) if detect_encoding else None
        if named is not None:
            view = self._view("text/html")
            assert view is not None
            view.content_type.char_set = named.group(1)

    @property
    def body_type(self) -> BodyContentType:
        """In which form the message has its text."""
        return BodyContentType.HTML if self.is_body_html else BodyContentType.PLAIN_TEXT

    def get_alternate_view_content(self, media_type: str) -> str:
        """Give the text in one form (.NET: ``GetAlternateViewContent``).

        Args:
            media_type: such as ``"text/html"``.

        Returns:
            The text, or an empty string if the message has it not in this form.
        """
        return self._text_of(ContentType(media_type).media_type) or ""

    def _remove_links(self, content_id: str) -> None:
        html = self.html_body
        if html is not None:
            self.html_body = without_links(html, content_id)

    @property
    def body_encoding(self) -> str | None:
        """The charset that texts are sent in when they are set; else that of the received text, or None.

        None means ASCII or UTF-8, whichever does.
        """
        found = self._charset("body_encoding")
        if found is None and self.alternate_views.count:
            found = self.alternate_views[0].content_type.char_set
        return found

    @body_encoding.setter
    def body_encoding(self, value: str | None) -> None:
        self._set_charset("body_encoding", value)
        for view in self.alternate_views:
            if view._text is not None:
                view._changed = True

    @property
    def preamble(self) -> str:
        """What stands before the parts, for programs that know no MIME. Sent if there are several parts."""
        return self._around().preamble

    @preamble.setter
    def preamble(self, value: str) -> None:
        self._set_around(self._around()._replace(preamble=_text(value, "preamble")))

    @property
    def epilogue(self) -> str:
        """What stands behind the parts. Sent if there are several parts."""
        return self._around().epilogue

    @epilogue.setter
    def epilogue(self, value: str) -> None:
        self._set_around(self._around()._replace(epilogue=_text(value, "epilogue")))

    def _around(self) -> Around:
        return self._lazy("around", lambda: Around(*map(decode_text, around(self._raw or b""))))

    def _set_around(self, value: Around) -> None:
        self._cache["around"] = value
        self._cache["content_changed"] = True

    # signatures

    def _seal(self) -> Seal:
        return seal_of(self.headers.get_raw("Content-Type"))

    @property
    def is_signed(self) -> bool:
        """Whether the message says that all of it is signed (S/MIME or PGP/MIME); nothing is verified."""
        return self._seal() is Seal.SIGNED

    @property
    def is_encrypted(self) -> bool:
        """Whether the message says that all of it is encrypted (S/MIME or PGP/MIME)."""
        return self._seal() is Seal.ENCRYPTED

    def remove_signature(self) -> MailMessage:
        """Give a message with what was signed, without the signature (.NET: ``RemoveSignature``).

        Raises:
            AsposeNotSupportedException: the content is inside the signature (``application/pkcs7-mime``).
        """
        made = self.clone()
        if self.is_signed:
            made._raw = without_signature(self.as_bytes())
        return made

    # bytes

    def as_bytes(self, *, without_bcc: bool = False) -> bytes:
        """Give the message as bytes: those received, unless something was changed.

        Args:
            without_bcc: leave out Bcc fields, as for sending.

        Raises:
            MessageError: the content was changed, and the rest of it cannot be read, or is signed or encrypted.
        """
        raw, cache = self._raw, self._cache
        if raw is None or cache:  # nothing that was never looked at has changed
            raw = self._raw = self._current(raw)
        return without_bcc_fields(raw) if without_bcc else raw

    def _current(self, raw: bytes | None) -> bytes:
        fields_changed = self._flush_addresses() or ("headers" in self._cache and self.headers._changed)
        if raw is None or self._content_changed():
            raw = self._build()
        elif fields_changed:
            body = HeaderCollection._received(raw, 0, len(raw))[1]
            raw = self._serialized_headers() + b"\r\n" + raw[body:]
        else:
            return raw
        self.headers._changed = False
        self._cache.pop("bodies", None)
        return raw

    def _flush_addresses(self) -> bool:
        """Bring changed address collections into the header; whether there were any."""
        changed = False
        if not self._cache:
            return False
        for key, name in ADDRESS_FIELDS.items():
            addresses = self._cache.get(key)
            if addresses is None:
                continue
            text = cast("MailAddressCollection", addresses).to_string()
            before = self._cache[name + " as read"][1]
            if text != before:
                self._put(name, text or None)
                self._cache[name + " as read"] = (addresses, text)
                changed = True
        return changed

    def _content_changed(self) -> bool:
        cache = self._cache
        if cache.get("content_changed"):
            return True
        for key in ("views", "linked", "attachments"):
            items = cache.get(key)
            if items is not None:
                now = tuple(cast("Collection[AttachmentBase]", items))
                _, before = cache.get(key + " as read", (None, None))
                if now != before or any(one._is_changed() for one in now):
                    return True
        return False

    def _serialized_headers(self) -> bytes:
        charsets = {"subject": self.subject_encoding or "", "": self.preferred_text_encoding or ""}
        addresses = {key: self._cache[key] for key in ADDRESS_FIELDS if key in self._cache}
        return serialize_headers(self.headers, addresses, charsets)

    def _build(self) -> bytes:
        views, linked, attachments = self.alternate_views, self.linked_resources, self.attachments
        if self._raw is not None and (self._bodies().sealed or self._seal() is not Seal.NONE):
            raise MessageError(
                "the content is signed or encrypted, and would not be any more with another one: change header"
                " fields only, or what remove_signature() gives"
            )
        self.message_id  # noqa: B018 - makes one for a new message
        self.headers._remove_where(lambda name: name.startswith("content-") or name == "mime-version")
        charset = self._charset("body_encoding") or self.preferred_text_encoding
        content = serialize_content(tuple(views), tuple(linked), tuple(attachments), charset, self._around())
        for key, items in (("views", views), ("linked", linked), ("attachments", attachments)):
            now: tuple[AttachmentBase, ...] = tuple(items)
            for one in now:
                one._written()
            self._cache[key + " as read"] = (items, now)
        self._cache["content_changed"] = False
        return self._serialized_headers() + content

    def to_string(self) -> str:
        """Tell size and source, never contents."""
        return repr(self)

    def __bytes__(self) -> bytes:
        return self.as_bytes()

    def __repr__(self) -> str:
        size = "not built" if self._raw is None else f"{len(self._raw)} bytes"
        return f"<MailMessage {size} from {escape(self._source)}>"


def _text(value: str, what: str) -> str:
    if not isinstance(value, str):
        raise ArgumentTypeError(f"{what} must be a str, not {type(value).__name__}")
    return value
