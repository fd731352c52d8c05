"""Messages as a listing gives them, decoded when a property is first asked for.

Infos do not change but for what they have decoded, which is kept with one atomic dictionary operation; any
thread may use them. Nothing here raises over what a server said: it becomes None, an empty value or the raw text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, overload

from mailclients.errors import ElementProcessingException
from mailclients.imap.models.flags import ImapMessageFlags
from mailclients.mime.collection import Collection
from mailclients.mime.dates import MONTHS, zone_of
from mailclients.mime.message_infos import MessageInfoBase

__all__ = [
    "ImapMessageInfo",
    "ImapMessageInfoCollection",
    "MessageInfoBase",
    "parse_internal_date",
]

_INTERNAL_DATE: Final = re.compile(
    r'\s*"?\s*([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4}) ([0-9]{1,2}):([0-9]{2}):([0-9]{2})'
    r'(?: ([+-][0-9]{4}))?"?\s*'
)


def parse_internal_date(value: bytes | str | None) -> datetime | None:
    """Read an IMAP date-time (RFC 9051 section 9), such as ``17-Jul-1996 02:44:25 -0700``.

    Args:
        value: as the server sent it, with or without quotes, or None.

    Returns:
        An aware `datetime`, UTC if the zone is missing; None if it is no date.
    """
    if not value or len(value) > 40:
        return None
    match = _INTERNAL_DATE.fullmatch(value if isinstance(value, str) else bytes(value).decode("ascii", "replace"))
    if match is None:
        return None
    day, name, year, hour, minute, second, offset = match.groups("+0000")
    month = MONTHS.get(name.lower())
    if month is None:
        return None
    try:
        zone = zone_of(offset)
        return datetime(int(year), month, int(day), int(hour), int(minute), min(int(second), 59), tzinfo=zone)
    except (ValueError, OverflowError):
        return None


_NOTHING: Final[Mapping[str, str]] = {}


class ImapMessageInfo(MessageInfoBase):
    """A message as a listing gave it (.NET: ``ImapMessageInfo``); decoded at access.

    Args:
        sequence_number: the message's number in the session that listed it, from 1.
        unique_id: the UID as a number or its text; 0 if it was not asked for.
        flags: as a server listed them, or made up.
        size: in bytes.
        internal_date: when the server received the message, as sent (RFC 9051 date-time).
        envelope: ten raw values (date, subject, from, sender, reply-to, to, cc, bcc, in-reply-to,
            message-id), addresses as sequences of (name, route, mailbox, host), all bytes or None.
        modification_sequence: MODSEQ (RFC 7162), 0 if unknown.
        parent_folder: the folder's name.
        extra_parameters: further items that were asked for, by name.
        conversation_id: what the server groups conversations by, or empty.
        header: the header block as received, if it was asked for.
    """

    __slots__ = (
        "_conversation_id",
        "_extra",
        "_flags",
        "_internal_date",
        "_modification_sequence",
        "_parent_folder",
        "_sequence_number",
        "_unique_id",
    )

    def __init__(
        self,
        sequence_number: int = 0,
        unique_id: int | str = 0,
        flags: ImapMessageFlags | Iterable[str | bytes] = (),
        size: int = 0,
        internal_date: bytes | str | None = None,
        envelope: Sequence[Any] | None = None,
        modification_sequence: int = 0,
        parent_folder: str = "",
        extra_parameters: Mapping[str, str] | None = None,
        conversation_id: str = "",
        header: bytes | None = None,
    ) -> None:
        self._envelope = envelope
        self._header = header
        self._size = size
        self._cache = None
        self._sequence_number = sequence_number
        self._unique_id = unique_id
        self._flags = flags
        self._internal_date = internal_date
        self._modification_sequence = modification_sequence
        self._parent_folder = parent_folder
        self._extra = extra_parameters
        self._conversation_id = conversation_id

    @property
    def sequence_number(self) -> int:
        """The message's number when it was listed; expunges of others change it since."""
        return self._sequence_number

    @property
    def unique_id(self) -> str:
        """The unique id as text, or an empty string if it was not listed."""
        uid = self._unique_id
        return uid if isinstance(uid, str) else str(uid) if uid else ""

    @property
    def flags(self) -> ImapMessageFlags:
        """All flags."""
        flags = self._flags
        if not isinstance(flags, ImapMessageFlags):
            flags = self._flags = ImapMessageFlags.from_server(flags)
        return flags

    @property
    def answered(self) -> bool:
        """Whether the message was answered."""
        return "\\answered" in self.flags._flags

    @property
    def deleted(self) -> bool:
        """Whether the message is marked for deletion."""
        return "\\deleted" in self.flags._flags

    @property
    def draft(self) -> bool:
        """Whether the message is not finished."""
        return "\\draft" in self.flags._flags

    @property
    def flagged(self) -> bool:
        """Whether the message is marked as important."""
        return "\\flagged" in self.flags._flags

    @property
    def is_read(self) -> bool:
        """Whether the message was read."""
        return "\\seen" in self.flags._flags

    @property
    def recent(self) -> bool:
        """Whether the message arrived since the folder was selected before."""
        return "\\recent" in self.flags._flags

    def contains_keyword(self, flag: str) -> bool:
        """Tell whether the message has this flag, in any case (.NET: ``ContainsKeyword``)."""
        return flag in self.flags

    @property
    def internal_date(self) -> datetime | None:
        """When the server received the message, or None if it said nothing that is a date."""
        return parse_internal_date(self._internal_date)

    @property
    def modification_sequence(self) -> int:
        """The modification sequence (RFC 7162), 0 if unknown."""
        return self._modification_sequence

    @property
    def parent_folder(self) -> str:
        """The name of the folder the message is in."""
        return self._parent_folder

    @property
    def extra_parameters(self) -> Mapping[str, str]:
        """Further items that were asked for, by name."""
        return _NOTHING if self._extra is None else self._extra

    @property
    def conversation_id(self) -> str:
        """What the server groups conversations by, or an empty string."""
        return self._conversation_id

    def __repr__(self) -> str:
        return (
            f"<ImapMessageInfo sequence_number={self._sequence_number} unique_id={self.unique_id!r} size={self._size}>"
        )


class ImapMessageInfoCollection(Collection[ImapMessageInfo]):
    """Message infos in order (.NET: ``ImapMessageInfoCollection``); indexed by position or by unique id.

    Args:
        message_infos: what it holds at first.
    """

    __slots__ = ("_exceptions",)

    def __init__(self, message_infos: Iterable[ImapMessageInfo] = ()) -> None:
        super().__init__(message_infos)
        self._exceptions: list[ElementProcessingException] = []

    @property
    def exceptions(self) -> list[ElementProcessingException]:
        """What went wrong with single messages of the listing."""
        return self._exceptions

    @overload
    def __getitem__(self, index: int | str) -> ImapMessageInfo: ...
    @overload
    def __getitem__(self, index: slice) -> list[ImapMessageInfo]: ...
    def __getitem__(self, index: int | str | slice) -> ImapMessageInfo | list[ImapMessageInfo]:
        if isinstance(index, str):
            for info in self._items:
                if info.unique_id == index:
                    return info
            raise KeyError(index)
        return self._items[index]
