"""A whole message, `MailMessage`, and the door to its parts, which live in `mailclients.mime`.

A message owns nothing but the bytes it was given. Every part is read when it is first asked for, by code that
is linear in its input, never recurses over it and gives up at stated limits, because a message is written
by strangers; the received bytes stay available whatever cannot be read. There is no lock: what is read
lazily is computed by any thread that asks and kept with one atomic dictionary operation, so all threads
see the same object. Changing one message in several threads at once needs a lock of the caller's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import datetime, timezone
from enum import IntEnum, IntFlag
from typing import Any, Final, TypeVar, cast

from mailclients.dotnet import IDisposable
from mailclients.errors import ArgumentTypeError, AsposeArgumentException, AsposeArgumentNullException, escape
from mailclients.mime.addresses import (
    ADDRESS_FIELDS,
    MailAddress,
    MailAddressCollection,
    ParticipationStatus,
    addresses_from,
    parse_addresses,
)
from mailclients.mime.attachments import Attachment, AttachmentCollection
from mailclients.mime.bodies import Bodies, find_bodies
from mailclients.mime.collection import Collection
from mailclients.mime.content_types import ContentType
from mailclients.mime.dates import format_mail_date, parse_mail_date
from mailclients.mime.encoded_words import decode_header_text
from mailclients.mime.file_names import safe_file_name
from mailclients.mime.files import SupportsReadBytes, SupportsWriteBytes, read_all, replace_file
from mailclients.mime.headers import HeaderCollection
from mailclients.mime.lazily import once
from mailclients.mime.message_infos import MessageInfoBase
from mailclients.mime.serializing import serialize_content, serialize_headers
from mailclients.mime.serializing import without_bcc as without_bcc_fields
from mailclients.mime.transfer_encodings import TransferEncoding
from mailclients.names import HintedABCMeta, HintedEnumMeta, NamesChecked

__all__ = [
    "Attachment",
    "AttachmentCollection",
    "Collection",
    "ContentType",
    "DeliveryNotificationOptions",
    "HeaderCollection",
    "MailAddress",
    "MailAddressCollection",
    "MailMessage",
    "MailPriority",
    "MailSensitivity",
    "MessageInfoBase",
    "ParticipationStatus",
    "TransferEncoding",
    "decode_header_text",
    "parse_addresses",
    "parse_mail_date",
    "safe_file_name",
]

_T = TypeVar("_T")


class MailPriority(IntEnum, metaclass=HintedEnumMeta):
    """How urgent a message is (.NET: ``MailPriority``)."""

    NORMAL = 0
    LOW = 1
    HIGH = 2


class MailSensitivity(IntEnum, metaclass=HintedEnumMeta):
    """How private a message is (.NET: ``MailSensitivity``)."""

    NONE = 0
    NORMAL = 1
    PERSONAL = 2
    PRIVATE = 3
    COMPANY_CONFIDENTIAL = 4


class DeliveryNotificationOptions(IntFlag, metaclass=HintedEnumMeta):
    """What the sender wants to be told about delivery (.NET: ``DeliveryNotificationOptions``; RFC 3461)."""

    NONE = 0
    ON_SUCCESS = 1
    ON_FAILURE = 2
    DELAY = 4
    NEVER = 134217728


_SENSITIVITIES: Final = {
    MailSensitivity.PERSONAL: "Personal",
    MailSensitivity.PRIVATE: "Private",
    MailSensitivity.COMPANY_CONFIDENTIAL: "Company-Confidential",
}
_Addresses = MailAddressCollection | MailAddress | str
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.\-]{0,250}[A-Za-z0-9])?")


class MailMessage(NamesChecked, IDisposable, metaclass=HintedABCMeta):
    """A message (.NET: ``MailMessage``): bytes as received, read lazily; or one to be sent.

    ``MailMessage()``, ``MailMessage(from_address, to)`` or ``MailMessage(from_address, to, subject,
    body)`` make a message; `load` and `from_bytes` take one. As long as nothing was changed `as_bytes`
    gives exactly the bytes received; after changes to header fields only, the body's bytes stay as they
    are.

    Args:
        from_address: the author.
        to: the recipients; text may hold several addresses separated by commas.
        subject: the subject.
        body: the text.

    Raises:
        ArgumentTypeError, AsposeArgumentException: an argument cannot be used.
    """

    __slots__ = ("__weakref__", "_cache", "_raw", "_source", "item_id")

    def __init__(
        self,
        from_address: MailAddress | str | None = None,
        to: MailAddress | str | None = None,
        subject: str | None = None,
        body: str | None = None,
    ) -> None:
        self._raw: bytes | None = None
        self._source = "new"
        self.item_id: object = None
        headers = HeaderCollection()
        headers.set("Date", format_mail_date(datetime.now(timezone.utc).astimezone()))
        self._cache: dict[str, Any] = {"headers": headers, "body": "", "html": None, "content_changed": True}
        self._cache["attachments"] = AttachmentCollection()
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
        put = super(NamesChecked, self).__setattr__  # these names are right
        put("_raw", data)
        put("_source", source)
        put("item_id", None)
        put("_cache", {})
        return self

    @staticmethod
    def load(
        source: str | os.PathLike[str] | bytes | bytearray | memoryview | SupportsReadBytes,
    ) -> MailMessage:
        """Take a message from a file, a stream or bytes (.NET: ``Load``).

        Args:
            source: the path of an EML file, a stream that gives bytes, or the bytes.

        Raises:
            ArgumentTypeError: it is none of these.
            OSError: the file cannot be read.
        """
        if isinstance(source, (bytes, bytearray, memoryview)):
            return MailMessage.from_bytes(bytes(source))
        if isinstance(source, (str, os.PathLike)):
            with open(source, "rb") as file:
                return MailMessage.from_bytes(file.read(), "file")
        if not hasattr(source, "read"):
            raise ArgumentTypeError(f"source must be a path, bytes or a stream, not {type(source).__name__}")
        return MailMessage.from_bytes(read_all(source, "source"), "stream")

    def save(self, target: str | os.PathLike[str] | SupportsWriteBytes) -> None:
        """Write the message as EML (.NET: ``Save``).

        Args:
            target: a path, whose file is replaced in one step, or a stream that takes bytes.

        Raises:
            OSError: it cannot be written.
        """
        if isinstance(target, (str, os.PathLike)):
            replace_file(os.fspath(target), self.as_bytes())
        else:
            target.write(self.as_bytes())

    def clone(self) -> MailMessage:
        """Give an independent message with the same bytes (.NET: ``Clone``)."""
        return MailMessage.from_bytes(self.as_bytes(), self._source)

    def dispose(self) -> None:
        """Do nothing: a message holds memory only."""

    # header fields

    def _lazy(self, key: str, make: Callable[[], _T]) -> _T:
        return once(self._cache, key, make)

    @property
    def headers(self) -> HeaderCollection:
        """The header fields; changes to them change the message."""
        return self._lazy("headers", lambda: HeaderCollection.parse(self._raw or b""))

    def _get(self, name: str) -> str:
        return self.headers.get_decoded_value(name) or ""

    def _put(self, name: str, value: str | None) -> None:
        if value is None:
            self.headers.remove(name)
        else:
            self.headers.set(name, value)

    def _addresses(self, key: str) -> MailAddressCollection:
        name = ADDRESS_FIELDS[key]
        found = self._cache.get(key)
        if found is None:
            parsed = MailAddressCollection()
            for field, value in list(self.headers._fields):
                if field.lower() == key:
                    parsed.add_range(parse_addresses(value))
            # What the collection says now is kept beside it: a difference later is a change.
            found, _ = self._cache.setdefault(name + " as read", (parsed, parsed.to_string()))
            found = self._cache.setdefault(key, found)
        return cast("MailAddressCollection", found)

    def _set_addresses(self, key: str, value: _Addresses | None) -> None:
        addresses = addresses_from(value)
        self._cache[ADDRESS_FIELDS[key] + " as read"] = (addresses, None)
        self._cache[key] = addresses

    def _first(self, key: str) -> MailAddress | None:
        found = self._addresses(key)
        return found[0] if found.count else None

    @property
    def subject(self) -> str:
        """The subject, decoded, or an empty string."""
        return self._get("Subject")

    @subject.setter
    def subject(self, value: str) -> None:
        self._put("Subject", value)

    @property
    def from_address(self) -> MailAddress | None:
        """The first author, or None."""
        return self._first("from")

    @from_address.setter
    def from_address(self, value: MailAddress | str | None) -> None:
        self._set_addresses("from", MailAddress(value) if isinstance(value, str) else value)

    @property
    def sender(self) -> MailAddress | None:
        """Who sends for the author, or None."""
        return self._first("sender")

    @sender.setter
    def sender(self, value: MailAddress | str | None) -> None:
        self._set_addresses("sender", MailAddress(value) if isinstance(value, str) else value)

    @property
    def to(self) -> MailAddressCollection:
        """The recipients; text with addresses may be assigned."""
        return self._addresses("to")

    @to.setter
    def to(self, value: _Addresses) -> None:
        self._set_addresses("to", value)

    @property
    def cc(self) -> MailAddressCollection:
        """The recipients of copies; text with addresses may be assigned."""
        return self._addresses("cc")

    @cc.setter
    def cc(self, value: _Addresses) -> None:
        self._set_addresses("cc", value)

    @property
    def bcc(self) -> MailAddressCollection:
        """The recipients of blind copies; text with addresses may be assigned."""
        return self._addresses("bcc")

    @bcc.setter
    def bcc(self, value: _Addresses) -> None:
        self._set_addresses("bcc", value)

    @property
    def reply_to_list(self) -> MailAddressCollection:
        """Where answers go; text with addresses may be assigned."""
        return self._addresses("reply-to")

    @reply_to_list.setter
    def reply_to_list(self, value: _Addresses) -> None:
        self._set_addresses("reply-to", value)

    @property
    def reply_to(self) -> MailAddressCollection:
        """Another name of `reply_to_list`, as message infos have it."""
        return self._addresses("reply-to")

    @reply_to.setter
    def reply_to(self, value: _Addresses) -> None:
        self._set_addresses("reply-to", value)

    @property
    def read_receipt_to(self) -> MailAddressCollection:
        """Who wants to be told when the message is read."""
        return self._addresses("disposition-notification-to")

    @read_receipt_to.setter
    def read_receipt_to(self, value: _Addresses) -> None:
        self._set_addresses("disposition-notification-to", value)

    @property
    def date(self) -> datetime | None:
        """The date, aware, or None if the field is missing or no date. Naive values are local time."""
        return parse_mail_date(self.headers.get_raw("Date"))

    @date.setter
    def date(self, value: datetime) -> None:
        if not isinstance(value, datetime):
            raise ArgumentTypeError(f"date must be a datetime, not {type(value).__name__}")
        self._put("Date", format_mail_date(value))

    @property
    def message_id(self) -> str:
        """The Message-ID with its angle brackets; one is made for a new message when it is asked for."""
        found = self._get("Message-ID")
        if not found and self._raw is None:
            author = self.from_address
            host = author.host if author is not None and author.host.isascii() else ""
            found = f"<{os.urandom(16).hex()}@{host if _HOST.fullmatch(host) else 'localhost'}>"
            self._put("Message-ID", found)
        return found

    @message_id.setter
    def message_id(self, value: str) -> None:
        self._put("Message-ID", value)

    @property
    def x_mailer(self) -> str:
        """The program that made the message, or an empty string."""
        return self._get("X-Mailer")

    @x_mailer.setter
    def x_mailer(self, value: str) -> None:
        self._put("X-Mailer", value)

    @property
    def priority(self) -> MailPriority:
        """How urgent the message is, from X-Priority or Importance."""
        mark = self._get("X-Priority")[:1]
        importance = self._get("Importance").lower()
        if mark in {"1", "2"} or (not mark and importance == "high"):
            return MailPriority.HIGH
        if mark in {"4", "5"} or (not mark and importance == "low"):
            return MailPriority.LOW
        return MailPriority.NORMAL

    @priority.setter
    def priority(self, value: MailPriority) -> None:
        mark = {MailPriority.HIGH: ("1", "high"), MailPriority.LOW: ("5", "low")}.get(MailPriority(value))
        self._put("X-Priority", mark and mark[0])
        self._put("Importance", mark and mark[1])

    @property
    def sensitivity(self) -> MailSensitivity:
        """How private the message is (RFC 2156 section 2.3.1)."""
        found = self._get("Sensitivity").lower()
        for value, text in _SENSITIVITIES.items():
            if found == text.lower():
                return value
        return MailSensitivity.NONE

    @sensitivity.setter
    def sensitivity(self, value: MailSensitivity) -> None:
        self._put("Sensitivity", _SENSITIVITIES.get(MailSensitivity(value)))

    @property
    def delivery_notification_options(self) -> DeliveryNotificationOptions:
        """What the sender wants to be told about delivery: a matter of sending, no field of the header has it."""
        return cast(
            "DeliveryNotificationOptions",
            self._cache.get("delivery_notification_options", DeliveryNotificationOptions.NONE),
        )

    @delivery_notification_options.setter
    def delivery_notification_options(self, value: DeliveryNotificationOptions) -> None:
        options = DeliveryNotificationOptions(value)
        never = DeliveryNotificationOptions.NEVER
        if options & never and options != never:
            raise AsposeArgumentException("delivery_notification_options: NEVER goes with nothing else")
        self._cache["delivery_notification_options"] = options

    # content

    def _bodies(self) -> Bodies:
        return self._lazy("bodies", lambda: find_bodies(self._raw or b""))

    def _read_body(self) -> str:
        part = self._bodies().text
        return "" if part is None else part.text()

    def _read_html_body(self) -> str | None:
        part = self._bodies().html
        return None if part is None else part.text()

    @property
    def body(self) -> str:
        """The plain text, or an empty string if the message has none.

        Raises:
            MessageError: the structure goes beyond the limits.
        """
        return self._lazy("body", self._read_body)

    @body.setter
    def body(self, value: str) -> None:
        self._set_content("body", value)

    @property
    def html_body(self) -> str | None:
        """The HTML text, or None if the message has none.

        Raises:
            MessageError: the structure goes beyond the limits.
        """
        return self._lazy("html", self._read_html_body)

    @html_body.setter
    def html_body(self, value: str | None) -> None:
        self._set_content("html", value)

    @property
    def is_body_html(self) -> bool:
        """Whether the message has HTML text."""
        return self.html_body is not None

    def _set_content(self, key: str, value: str | None) -> None:
        if value is None and key == "body":
            raise AsposeArgumentNullException("body is None: pass a str")
        if value is not None and not isinstance(value, str):
            raise ArgumentTypeError(f"{key} must be a str, not {type(value).__name__}")
        self._cache[key] = value
        self._cache["content_changed"] = True

    @property
    def attachments(self) -> AttachmentCollection:
        """Every part that is neither the text nor the HTML, in order, inline ones included.

        Raises:
            MessageError: the structure goes beyond the limits.
        """
        return self._lazy("attachments", self._read_attachments)

    def _read_attachments(self) -> AttachmentCollection:
        found = AttachmentCollection(Attachment._received(part) for part in self._bodies().attached)
        # The collection and what was in it are kept by one operation, so that they are of the same thread.
        return cast("AttachmentCollection", self._cache.setdefault("attachments as read", (found, tuple(found)))[0])

    def add_attachment(self, attachment: Attachment) -> None:
        """Append an attachment (.NET: ``AddAttachment``)."""
        self.attachments.add(attachment)

    # bytes

    def as_bytes(self, *, without_bcc: bool = False) -> bytes:
        """Give the message as bytes: those received, unless something was changed.

        Args:
            without_bcc: leave out Bcc fields, as for sending.

        Raises:
            MessageError: the content was changed and the rest of it cannot be read.
        """
        fields_changed = self._flush_addresses() or ("headers" in self._cache and self.headers._changed)
        if self._raw is None or self._content_changed():
            self._raw = self._build()
        elif fields_changed:
            body = HeaderCollection._received(self._raw, 0, len(self._raw))[1]
            self._raw = self._serialized_headers() + b"\r\n" + self._raw[body:]
        else:
            return without_bcc_fields(self._raw) if without_bcc else self._raw
        self.headers._changed = False
        self._cache.pop("bodies", None)
        return without_bcc_fields(self._raw) if without_bcc else self._raw

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
        attachments = cache.get("attachments")
        if attachments is None:
            return False
        now = tuple(cast("AttachmentCollection", attachments))
        _, before = cache.get("attachments as read", (None, None))
        return now != before or any(one._changed for one in now)

    def _serialized_headers(self) -> bytes:
        return serialize_headers(self.headers, {key: self._cache[key] for key in ADDRESS_FIELDS if key in self._cache})

    def _build(self) -> bytes:
        text, html, attachments = self.body, self.html_body, tuple(self.attachments)
        self.message_id  # noqa: B018 - makes one for a new message
        self.headers._remove_where(lambda name: name.startswith("content-") or name == "mime-version")
        content = serialize_content(text, html, attachments)
        for one in attachments:
            one._changed = False
        self._cache["attachments as read"] = (self.attachments, attachments)
        self._cache["content_changed"] = False
        return self._serialized_headers() + content

    def __bytes__(self) -> bytes:
        return self.as_bytes()

    def __repr__(self) -> str:
        size = "not built" if self._raw is None else f"{len(self._raw)} bytes"
        return f"<MailMessage {size} from {escape(self._source)}>"
