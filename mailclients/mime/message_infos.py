"""What a listing tells about a message, `MessageInfoBase`: envelopes and headers, decoded at access.

Infos are not changed after they are made, so any thread may read them. One module lock is held for the moment
in which an info gets the dictionary for what it decoded. Several threads may decode a value at once; all are given
the one that was kept first. People write often, so the texts of their addresses are kept in a small cache.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeVar

from mailclients.dotnet import IDisposable
from mailclients.mime.addresses import MailAddress, MailAddressCollection, parse_addresses
from mailclients.mime.charsets import decode_text
from mailclients.mime.dates import parse_mail_date
from mailclients.mime.encoded_words import decode_header_text
from mailclients.mime.headers import HeaderCollection
from mailclients.mime.line_ends import one_line, plain_text
from mailclients.names import HintedABCMeta, NamesHinted

__all__ = ["MessageInfoBase"]

_T = TypeVar("_T")

_DATE, _SUBJECT, _FROM, _SENDER, _REPLY_TO, _TO, _CC, _BCC, _MESSAGE_ID = 0, 1, 2, 3, 4, 5, 6, 7, 9
_Texts: TypeAlias = tuple[str, str, str]  # address, display name, and both as a header field has them
# The same people write and are written to: what their entries in envelopes say is kept, within these bounds.
_CACHED: Final = 256  # bytes of an entry
_CACHE_ENTRIES: Final = 1024
_texts: Final[dict[tuple[Any, ...], _Texts]] = {}
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

    def _kept(self, name: str, read: Callable[[str, int], _T], index: int = -1) -> _T:
        """What `read` made of the field when it was first asked for."""
        cache = self._cache
        if cache is None:
            with _info_lock:
                cache = self._cache
                if cache is None:
                    cache = self._cache = {}
        elif name in cache:
            return cache[name]  # type: ignore[no-any-return]  # by its name
        return cache.setdefault(name, read(name, index))  # type: ignore[no-any-return]

    def _raw(self, name: str, index: int) -> Any:
        """One value of the envelope, or else of the header block; None if there is none."""
        envelope = self._envelope
        if envelope is not None:
            try:
                return envelope[index]
            except IndexError:
                return None
        return self.headers.get_raw(name) if self._header is not None else None

    def _text(self, name: str, index: int) -> str:
        value = self._raw(name, index)
        return decode_header_text(value) or "" if isinstance(value, (bytes, str)) else ""

    def _addresses(self, name: str, index: int) -> MailAddressCollection:
        return MailAddressCollection._received(_addresses_of(self._raw(name, index)))

    def _first(self, name: str, index: int) -> MailAddress | None:
        found = _addresses_of(self._raw(name, index))
        return found[0] if found else None

    def _moment(self, name: str, index: int) -> datetime | None:
        value = self._raw(name, index)
        return parse_mail_date(value) if isinstance(value, (bytes, str)) else None

    def _fields(self, name: str, index: int) -> HeaderCollection:
        return HeaderCollection.parse(self._header or b"")

    @property
    def subject(self) -> str:
        """The subject, or an empty string."""
        return self._kept("Subject", self._text, _SUBJECT)

    @property
    def date(self) -> datetime | None:
        """The date the sender gave, or None if there is none that can be read."""
        return self._kept("Date", self._moment, _DATE)

    @property
    def message_id(self) -> str:
        """The Message-ID with its angle brackets, or an empty string."""
        return self._kept("Message-ID", self._text, _MESSAGE_ID)

    @property
    def from_address(self) -> MailAddress | None:
        """The first author, or None."""
        return self._kept("From", self._first, _FROM)

    @property
    def sender(self) -> MailAddress | None:
        """Who sent the message in fact, or None."""
        return self._kept("Sender", self._first, _SENDER)

    @property
    def reply_to(self) -> MailAddressCollection:
        """Where answers go."""
        return self._kept("Reply-To", self._addresses, _REPLY_TO)

    @property
    def to(self) -> MailAddressCollection:
        """The recipients."""
        return self._kept("To", self._addresses, _TO)

    @property
    def cc(self) -> MailAddressCollection:
        """The recipients of copies."""
        return self._kept("Cc", self._addresses, _CC)

    @property
    def bcc(self) -> MailAddressCollection:
        """The recipients of blind copies."""
        return self._kept("Bcc", self._addresses, _BCC)

    @property
    def headers(self) -> HeaderCollection:
        """The header fields, empty unless the header was asked for."""
        return self._kept("headers", self._fields)

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


def _addresses_of(value: Any) -> list[MailAddress]:
    """Mailboxes from an IMAP address list or from a header value."""
    entries: Any = value
    if not isinstance(value, (tuple, list)):
        return parse_addresses(value) if isinstance(value, (bytes, str)) else []
    found: list[MailAddress] = []
    for entry in entries:
        texts = _texts.get(entry) if entry.__class__ is tuple else None
        if texts is None:
            texts = _read_entry(entry)
            if texts is None:
                continue
        found.append(MailAddress._received(*texts))
    return found


def _read_entry(entry: Any) -> _Texts | None:
    """What (name, route, mailbox, host) says; None for the marks of groups and for odd shapes."""
    fields: Any = entry
    if not isinstance(entry, (tuple, list)) or len(fields) < 4:
        return None
    name, route, mailbox, host = fields[:4]
    if not isinstance(mailbox, (bytes, str)) or host is None:
        return None  # a group begins (mailbox is its name) or ends
    if not isinstance(host, (bytes, str)):
        host = b""
    if not isinstance(name, (bytes, str)):
        name = b""
    address = _envelope_text(mailbox)
    if host and (domain := _envelope_text(host)):
        address = f"{address}@{domain}"
    display = decode_header_text(name) if name else ""
    texts = address, display or "", f"{display} <{address}>" if display else address
    if route is None and fields.__class__ is tuple and len(name) + len(mailbox) + len(host) <= _CACHED:
        if len(_texts) >= _CACHE_ENTRIES:
            _texts.clear()
        _texts[fields] = texts
    return texts


def _envelope_text(value: bytes | str) -> str:
    if isinstance(value, str):
        return one_line(value, "")
    plain = plain_text(value)
    return plain if plain is not None else one_line(decode_text(value), "")
