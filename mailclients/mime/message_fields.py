"""The header of a message as properties: `MessageFields`, and the enums that they take.

There is no lock: what is read lazily is computed by any thread that asks and kept with one atomic dictionary
operation, so all threads see the same object. Changing one message in several threads at once needs a lock of
the caller's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from enum import IntEnum, IntFlag
from typing import Any, Final, TypeVar, cast

from mailclients.errors import ArgumentTypeError, AsposeArgumentException, AsposeArgumentOutOfRangeException
from mailclients.mime.addresses import (
    ADDRESS_FIELDS,
    MailAddress,
    MailAddressCollection,
    addresses_from,
    parse_addresses,
)
from mailclients.mime.arguments import flag
from mailclients.mime.charsets import known_charset
from mailclients.mime.dates import format_mail_date, parse_mail_date
from mailclients.mime.headers import HeaderCollection
from mailclients.mime.lazily import once
from mailclients.names import HintedEnumMeta, NamesChecked

__all__ = ["BodyContentType", "DeliveryNotificationOptions", "MailPriority", "MailSensitivity", "MessageFields"]

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


class BodyContentType(IntEnum, metaclass=HintedEnumMeta):
    """In which form a message has its text (.NET: ``BodyContentType``)."""

    PLAIN_TEXT = 0
    HTML = 1
    RTF = 2


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
_DAY: Final = timedelta(days=1)
# What is no part of the message itself, by its key among what is kept.
SETTINGS: Final = ("delivery_notification_options", "subject_encoding", "body_encoding", "preferred_text_encoding")


class MessageFields(NamesChecked):
    """What the header of a message says.

    `_raw` has the bytes of the message as they were received or built last, or None; `_cache` what was read of them.
    """

    __slots__ = ("_cache", "_raw")

    _cache: dict[str, Any]
    _raw: bytes | None

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
    def time_zone_offset(self) -> timedelta:
        """How far the zone of `date` is from UTC; assigning another tells the same moment in that zone.

        Raises:
            AsposeArgumentOutOfRangeException: a day or more, or no whole minutes.
        """
        date = self.date
        return timedelta() if date is None else date.utcoffset() or timedelta()

    @time_zone_offset.setter
    def time_zone_offset(self, value: timedelta) -> None:
        if not isinstance(value, timedelta):
            raise ArgumentTypeError(f"time_zone_offset must be a timedelta, not {type(value).__name__}")
        if not -_DAY < value < _DAY or value % timedelta(minutes=1):
            raise AsposeArgumentOutOfRangeException(
                f"time_zone_offset must be whole minutes of less than a day: {value}"
            )
        date = self.date
        if date is not None:
            self.date = date.astimezone(timezone(value))

    @property
    def reverse_path(self) -> MailAddress | None:
        """Where reports about delivery go, as the Return-Path field says, or None."""
        found = parse_addresses(self.headers.get_raw("Return-Path"))
        return found[0] if found and found[0].address else None

    @reverse_path.setter
    def reverse_path(self, value: MailAddress | str | None) -> None:
        address = MailAddress(value) if isinstance(value, str) else value
        if address is not None and not isinstance(address, MailAddress):
            raise ArgumentTypeError(f"reverse_path must be a MailAddress or text, not {type(value).__name__}")
        self._put("Return-Path", None if address is None else f"<{address.address}>")

    @property
    def is_draft(self) -> bool:
        """Whether mail programs shall open the message for writing (X-Unsent)."""
        return self._get("X-Unsent") == "1"

    @is_draft.setter
    def is_draft(self, value: bool) -> None:
        self._put("X-Unsent", "1" if flag(value, "is_draft") else None)

    # settings

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

    def _charset(self, name: str) -> str | None:
        return cast("str | None", self._cache.get(name))

    def _set_charset(self, name: str, value: str | None) -> None:
        self._cache[name] = known_charset(value, name)

    @property
    def subject_encoding(self) -> str | None:
        """The charset that the subject is sent in when it is set; None for UTF-8 where ASCII does not do."""
        return self._charset("subject_encoding")

    @subject_encoding.setter
    def subject_encoding(self, value: str | None) -> None:
        self._set_charset("subject_encoding", value)
        subject = self.headers.get_raw("Subject")
        if isinstance(subject, str):
            self.subject = subject

    @property
    def preferred_text_encoding(self) -> str | None:
        """The charset of texts that name none, and of what is set where nothing else is said, or None."""
        return self._charset("preferred_text_encoding")

    @preferred_text_encoding.setter
    def preferred_text_encoding(self, value: str | None) -> None:
        self._set_charset("preferred_text_encoding", value)
