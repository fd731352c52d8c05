"""Mailboxes and lists of them, as programs use them: `MailAddress` and `MailAddressCollection`.

An address or a list belongs to its callers: there is no lock, and changing one in several threads at once
needs one of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from mailclients.errors import ArgumentTypeError, AsposeArgumentException, escape
from mailclients.mime.address_lists import Mailbox, read_address_list
from mailclients.mime.charsets import known_charset
from mailclients.mime.collection import Collection
from mailclients.mime.encoded_words import decode_header_text
from mailclients.mime.line_ends import MAX_FIELD_SIZE, refuse_line_breaks, unfold
from mailclients.mime.quoted_strings import quote
from mailclients.names import HintedEnumMeta, NamesChecked

__all__ = [
    "ADDRESS_FIELDS",
    "MailAddress",
    "MailAddressCollection",
    "ParticipationStatus",
    "addresses_from",
    "parse_addresses",
]

# The fields of a message that are lists of addresses here, by lower-case name.
ADDRESS_FIELDS: Final = {
    "from": "From",
    "sender": "Sender",
    "reply-to": "Reply-To",
    "to": "To",
    "cc": "Cc",
    "bcc": "Bcc",
    "disposition-notification-to": "Disposition-Notification-To",
}


class ParticipationStatus(IntEnum, metaclass=HintedEnumMeta):
    """What an attendee answered (.NET: ``ParticipationStatus``)."""

    NEEDS_ACTION = 0
    ACCEPTED = 1
    DECLINED = 2
    TENTATIVE = 3
    DELEGATED = 4


_NEEDS_ACTION: Final = ParticipationStatus.NEEDS_ACTION  # looked up once: listings make very many addresses
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]"
_PLAIN_PHRASE: Final = re.compile(rf"(?:{_ATOM}+ )*{_ATOM}+")
_NOT_IN_ADDRESS: Final = re.compile(r"[\s<>,;]")


class MailAddress(NamesChecked):
    """A mailbox: address and display name (.NET: ``MailAddress``).

    Args:
        address: ``"user@host"`` or ``"Name <user@host>"``.
        display_name: the name shown; wins over one inside `address`.
        display_name_encoding: the charset for the name when it is sent; UTF-8 if None.
        ignore_smtp_check: take an address that SMTP could not use, such as one without a host.

    The two bool overloads of .NET work too: ``(address, True)`` and ``(address, name, True)``.

    Raises:
        ArgumentTypeError: a value has the wrong type.
        AsposeArgumentException: CR, LF or NUL, or no ``user@host``.
    """

    __slots__ = ("_address", "_display_name", "_encoding", "_original", "_status")

    def __init__(
        self,
        address: str,
        display_name: str | bool | None = None,
        display_name_encoding: str | bool | None = None,
        ignore_smtp_check: bool = False,
    ) -> None:
        if isinstance(display_name, bool):
            ignore_smtp_check, display_name = display_name, None
        if isinstance(display_name_encoding, bool):
            ignore_smtp_check, display_name_encoding = display_name_encoding, None
        self._original: str = refuse_line_breaks(address, "address")
        self._address: str = address.strip()
        self._display_name: str = ""
        self._encoding = known_charset(display_name_encoding, "display_name_encoding")
        self._status = ParticipationStatus.NEEDS_ACTION
        found = parse_addresses(address)
        if len(found) == 1:
            self._address = found[0]._address
            self._display_name = found[0]._display_name
        if display_name is not None:
            self._display_name = refuse_line_breaks(display_name, "display_name").strip()
        if not ignore_smtp_check:
            user, at, host = self._address.rpartition("@")
            usable = len(found) == 1 and user and at and host and not _NOT_IN_ADDRESS.search(host)
            if not usable or (user[0] != '"' and _NOT_IN_ADDRESS.search(user)):
                raise AsposeArgumentException(
                    "address is not of the form user@host; pass ignore_smtp_check=True to keep it as it is"
                )

    @classmethod
    def _received(cls, address: str, display_name: str, original: str) -> MailAddress:
        """Make one from what a message or server said, unchecked."""
        self = cls.__new__(cls)
        put = object.__setattr__  # these names need no check, and listings make very many
        put(self, "_address", address)
        put(self, "_display_name", display_name)
        put(self, "_original", original)
        put(self, "_encoding", None)
        put(self, "_status", _NEEDS_ACTION)
        return self

    @property
    def address(self) -> str:
        """The address, ``user@host``."""
        return self._address

    @address.setter
    def address(self, value: str) -> None:
        self._address = refuse_line_breaks(value, "address").strip()

    @property
    def display_name(self) -> str:
        """The name shown, or an empty string."""
        return self._display_name

    @display_name.setter
    def display_name(self, value: str) -> None:
        self._display_name = refuse_line_breaks(value, "display_name").strip()

    @property
    def user(self) -> str:
        """What stands before the last at sign."""
        user, at, host = self._address.rpartition("@")
        return user if at else host

    @property
    def host(self) -> str:
        """What stands after the last at sign, or an empty string."""
        return self._address.rpartition("@")[2] if "@" in self._address else ""

    @property
    def original_address_string(self) -> str:
        """The text this was made from."""
        return self._original

    @property
    def participation_status(self) -> ParticipationStatus:
        """What the person answered to an invitation."""
        return self._status

    @participation_status.setter
    def participation_status(self, value: ParticipationStatus) -> None:
        self._status = ParticipationStatus(value)

    def to_string(self) -> str:
        """Give ``Name <user@host>``, quoted where needed, not encoded."""
        if not self._display_name:
            return self._address
        name = self._display_name
        if not (_PLAIN_PHRASE.fullmatch(name) and "=?" not in name):
            name = quote(name)
        return f"{name} <{self._address}>"

    def equals(self, obj: object) -> bool:
        """Compare as ``==`` does."""
        return self == obj

    def __eq__(self, other: object) -> bool:
        if isinstance(other, MailAddress):
            return self.to_string().casefold() == other.to_string().casefold()
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.to_string().casefold())

    def __str__(self) -> str:
        return self.to_string()

    def __repr__(self) -> str:
        return f"MailAddress({escape(self.to_string())!r})"


def parse_addresses(value: bytes | str | None) -> list[MailAddress]:
    """Read an address list (RFC 5322 section 3.4): groups are flattened, comments read as names.

    Args:
        value: the field's value as received, or None.

    Returns:
        The mailboxes in order; what is no mailbox is left out or kept as it is. Never raises; linear
        in its input. Of received values (bytes) 1 MiB is read; a mailbox cut there is left out.
    """
    if not value:
        return []
    complete = isinstance(value, str) or len(value) <= MAX_FIELD_SIZE
    return [_from_mailbox(each) for each in read_address_list(unfold(value), complete=complete)]


def _from_mailbox(mailbox: Mailbox) -> MailAddress:
    return MailAddress._received(mailbox.address, decode_header_text(mailbox.name) or "", mailbox.text)


class MailAddressCollection(Collection[MailAddress]):
    """Mailboxes in order (.NET: ``MailAddressCollection``).

    Args:
        addresses: mailboxes, or text with addresses separated by commas.
    """

    __slots__ = ()

    def __init__(self, addresses: Iterable[MailAddress] | str = ()) -> None:
        super().__init__()
        if isinstance(addresses, str):
            self.add(addresses)
        else:
            self.add_range(addresses)

    def add(self, item: MailAddress | str) -> None:
        """Append a mailbox, or those in a text such as ``"a@example.org, B <b@example.org>"``.

        Raises:
            ArgumentTypeError: it is neither.
            AsposeArgumentException: CR, LF or NUL, or a part is not of the form ``user@host``.
        """
        if isinstance(item, MailAddress):
            self._items.append(item)
            return
        found = parse_addresses(refuse_line_breaks(item, "addresses"))
        if not found and item.strip():
            raise AsposeArgumentException("addresses: no address of the form user@host in the text")
        self._items.extend([MailAddress(one.address, one.display_name) for one in found])  # all or none

    append = add

    @classmethod
    def _received(cls, addresses: list[MailAddress]) -> MailAddressCollection:
        """Make one of mailboxes that a message or server said; the list becomes its own."""
        self = cls.__new__(cls)
        self._items = addresses
        self._sync_root = None
        return self

    def add_range(self, items: Iterable[MailAddress]) -> None:
        """Append mailboxes."""
        found = list(items)
        for item in found:
            if not isinstance(item, MailAddress):
                raise ArgumentTypeError(
                    f"add_range takes mailboxes, not {type(item).__name__}; use add for a text with addresses"
                )
        self._items.extend(found)

    extend = add_range

    def copy(self) -> MailAddressCollection:
        """Give another collection with the same mailboxes."""
        return MailAddressCollection(self._items)

    def to_string(self) -> str:
        """Give the mailboxes separated by comma and space."""
        return ", ".join(item.to_string() for item in self._items)

    def __str__(self) -> str:
        return self.to_string()


def addresses_from(
    value: MailAddressCollection | MailAddress | str | Iterable[MailAddress] | None,
) -> MailAddressCollection:
    """Turn whatever an address property may be given into a collection."""
    if isinstance(value, MailAddressCollection):
        return value
    if isinstance(value, MailAddress):
        return MailAddressCollection([value])
    if value is None:
        return MailAddressCollection()
    return MailAddressCollection(value)
