"""What a listing tells about a message, `MessageInfoBase`: envelopes and headers, decoded at access.

Infos are not changed after they are made, so any thread may read them. One module lock is held for the moment
in which an info gets the dictionary for what it decoded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar, cast

from mailclients.dotnet import IDisposable
from mailclients.mime.addresses import MailAddress, MailAddressCollection, parse_addresses
from mailclients.mime.charsets import decode_text
from mailclients.mime.dates import parse_mail_date
from mailclients.mime.encoded_words import decode_header_text
from mailclients.mime.headers import HeaderCollection
from mailclients.mime.lazily import once
from mailclients.mime.line_ends import one_line
from mailclients.names import HintedABCMeta, NamesHinted

__all__ = ["MessageInfoBase"]

_T = TypeVar("_T")

_DATE, _SUBJECT, _FROM, _SENDER, _REPLY_TO, _TO, _CC, _BCC, _MESSAGE_ID = 0, 1, 2, 3, 4, 5, 6, 7, 9
_info_lock: Final = threading.Lock()  # held while an info gets the dictionary for what it decoded


class MessageInfoBase(NamesHinted, IDisposable, metaclass=HintedABCMeta):
    """What a listing tells about a message (.NET: ``MessageInfoBase``); decoded at access.

    Subclasses set `_envelope`, `_header`, `_size` and `_cache` (None). An envelope is a sequence of ten
    raw values as IMAP orders them; without one, the header block serves. No property raises over what
    a server said: what is missing or unreadable is None or empty.
    """

    __slots__ = ("_cache", "_envelope", "_header", "_size")

    _envelope: Sequence[Any] | None
    _header: bytes | None
    _size: int
    _cache: dict[str, Any] | None

    def _lazy(self, key: str, make: Callable[[], _T]) -> _T:
        cache = self._cache
        if cache is None:
            with _info_lock:
                cache = self._cache
                if cache is None:
                    cache = self._cache = {}
        return once(cache, key, make)

    def _raw(self, index: int, name: str) -> Any:
        """One value of the envelope, or else of the header block; None if there is none."""
        envelope = self._envelope
        if envelope is not None:
            return envelope[index] if index < len(envelope) else None
        return self.headers.get_raw(name) if self._header is not None else None

    def _string(self, index: int, name: str) -> str | None:
        value = self._raw(index, name)
        return decode_header_text(value) if isinstance(value, (bytes, str)) else None

    def _addresses(self, key: str, index: int, name: str) -> MailAddressCollection:
        return self._lazy(key, lambda: _address_collection(self._raw(index, name)))

    def _first(self, key: str, index: int, name: str) -> MailAddress | None:
        found = self._addresses(key, index, name)
        return found[0] if found.count else None

    @property
    def subject(self) -> str:
        """The subject, or an empty string."""
        return self._lazy("subject", lambda: self._string(_SUBJECT, "Subject") or "")

    @property
    def date(self) -> datetime | None:
        """The date the sender gave, or None if there is none that can be read."""
        return self._lazy("date", self._read_date)

    def _read_date(self) -> datetime | None:
        value = self._raw(_DATE, "Date")
        return parse_mail_date(value) if isinstance(value, (bytes, str)) else None

    @property
    def message_id(self) -> str:
        """The Message-ID with its angle brackets, or an empty string."""
        return self._lazy("message_id", lambda: self._string(_MESSAGE_ID, "Message-ID") or "")

    @property
    def from_address(self) -> MailAddress | None:
        """The first author, or None."""
        return self._first("from", _FROM, "From")

    @property
    def sender(self) -> MailAddress | None:
        """Who sent the message in fact, or None."""
        return self._first("sender", _SENDER, "Sender")

    @property
    def reply_to(self) -> MailAddressCollection:
        """Where answers go."""
        return self._addresses("reply_to", _REPLY_TO, "Reply-To")

    @property
    def to(self) -> MailAddressCollection:
        """The recipients."""
        return self._addresses("to", _TO, "To")

    @property
    def cc(self) -> MailAddressCollection:
        """The recipients of copies."""
        return self._addresses("cc", _CC, "Cc")

    @property
    def bcc(self) -> MailAddressCollection:
        """The recipients of blind copies."""
        return self._addresses("bcc", _BCC, "Bcc")

    @property
    def headers(self) -> HeaderCollection:
        """The header fields, empty unless the header was asked for."""
        return self._lazy("headers", lambda: HeaderCollection.parse(self._header or b""))

    @property
    def list_unsubscribe(self) -> str:
        """The List-Unsubscribe field, or an empty string."""
        return self.headers.get("List-Unsubscribe") or ""

    @property
    def size(self) -> int:
        """The size of the whole message in bytes."""
        return self._size

    def dispose(self) -> None:
        """Do nothing: an info holds memory only."""

    def to_string(self) -> str:
        """Give the subject."""
        return self.subject

    def __str__(self) -> str:
        return self.to_string()


def _address_collection(value: Any) -> MailAddressCollection:
    """Mailboxes from an IMAP address list or from a header value."""
    if isinstance(value, (bytes, str)):
        return MailAddressCollection(parse_addresses(value))
    found = MailAddressCollection()
    if isinstance(value, (tuple, list)):
        for entry in cast("Sequence[Any]", value):
            address = _envelope_address(entry)
            if address is not None:
                found.add(address)
    return found


def _envelope_address(entry: Any) -> MailAddress | None:
    """A mailbox from (name, route, mailbox, host); None for the marks of groups and for odd shapes."""
    if not isinstance(entry, (tuple, list)) or len(cast("Sequence[Any]", entry)) < 4:
        return None
    name, _, mailbox, host = cast("Sequence[Any]", entry)[:4]
    if not isinstance(mailbox, (bytes, str)) or host is None:
        return None  # a group begins (mailbox is its name) or ends
    user = _envelope_text(mailbox)
    domain = _envelope_text(host) if isinstance(host, (bytes, str)) else ""
    address = f"{user}@{domain}" if domain else user
    display = decode_header_text(name) or "" if isinstance(name, (bytes, str)) else ""
    return MailAddress._received(address, display, f"{display} <{address}>" if display else address)


def _envelope_text(value: bytes | str) -> str:
    return one_line(value if isinstance(value, str) else decode_text(value), "")
