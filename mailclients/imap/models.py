"""What the IMAP methods take and return: flags, folders, message infos, sets of messages, enums.

Plain values that know nothing of the wire. They are immutable but for the collections, so any thread may
use them; a message info decodes its envelope at the first access to a property and keeps the result with
one atomic dictionary operation. One module lock is held for the moment in which an info gets that
dictionary. Nothing here raises over what a server said: it becomes None, an empty value or the raw text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from enum import IntEnum, IntFlag
from functools import lru_cache
from typing import Any, ClassVar, Final, overload

from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
    ElementProcessingException,
    escape,
)
from mailclients.mime.collection import Collection
from mailclients.mime.message_infos import MessageInfoBase
from mailclients.names import HintedEnumMeta, NamesHinted

__all__ = [
    "CompressionType",
    "ImapCommandResult",
    "ImapFolderInfo",
    "ImapFolderInfoCollection",
    "ImapKnownAuthenticationType",
    "ImapListFields",
    "ImapMessageFlags",
    "ImapMessageInfo",
    "ImapMessageInfoCollection",
    "ImapNamespaceType",
    "ImapSpecialFolderTypes",
    "ImapStatusCode",
    "ListFoldersOptions",
    "ListFoldersReturnOptions",
    "MessageInfoBase",
    "MessageSet",
    "SortingKey",
    "parse_internal_date",
]


# --- enums --------------------------------------------------------------------------------------


class CompressionType(IntEnum, metaclass=HintedEnumMeta):
    """Compression of a connection (.NET: ``CompressionType``)."""

    NOT_DEFINED = -1
    NONE = 0
    DEFLATE = 1


class ImapCommandResult(IntEnum, metaclass=HintedEnumMeta):
    """How a command ended (.NET: ``ImapCommandResult``)."""

    UNDETERMINED = 0
    SUCCESS = 1
    FAILURE = 2
    ERROR = 3
    CONTINUATION_REQUEST = 4


class ImapKnownAuthenticationType(IntFlag, metaclass=HintedEnumMeta):
    """Ways to sign in (.NET: ``ImapKnownAuthenticationType``).

    The SHA mechanisms without channel binding have a second name, spelled like those with it.
    """

    NONE = 0
    LOGIN = 1
    OAUTH2 = 2
    NTLM = 4
    PLAIN = 8
    GSSAPI = 16
    CRAM_MD5 = 32
    EXTERNAL = 64
    KERBEROS_V4 = 128
    ANONYMOUS = 256
    DIGEST_MD5 = 512
    GSSSPNEGO = 1024
    OTP_MD4 = 2048
    OTP_MD5 = 4096
    OTP_SHA1 = 8192
    SKEY = 16384
    PASS_DSS_SHA_3_DES_1 = 32768
    SCRAM_SHA1 = 65536
    SCRAM_SHA_1_PLUS = 131072
    SCRAM_SHA224 = 262144
    SCRAM_SHA_224_PLUS = 524288
    SCRAM_SHA256 = 1048576
    SCRAM_SHA_256_PLUS = 2097152
    SCRAM_SHA384 = 4194304
    SCRAM_SHA_384_PLUS = 8388608
    SCRAM_SHA512 = 16777216
    SCRAM_SHA_512_PLUS = 33554432
    IMAP_LOGIN = 268435456
    SCRAM_SHA_1 = 65536
    SCRAM_SHA_224 = 262144
    SCRAM_SHA_256 = 1048576
    SCRAM_SHA_384 = 4194304
    SCRAM_SHA_512 = 16777216


class ImapListFields(IntEnum, metaclass=HintedEnumMeta):
    """What a listing loads of each message (.NET: ``ImapListFields``)."""

    ID_ONLY = 0
    MAIN = 1


class ImapNamespaceType(IntEnum, metaclass=HintedEnumMeta):
    """Whose folders a namespace holds (.NET: ``ImapNamespaceType``)."""

    PERSONAL = 0
    OTHER_USERS = 1
    SHARED = 2


class ImapSpecialFolderTypes(IntEnum, metaclass=HintedEnumMeta):
    """What a folder is for (.NET: ``ImapSpecialFolderTypes``; RFC 6154, RFC 8457)."""

    NOT_SPECIFIED = 0
    ALL = 1
    ARCHIVE = 2
    DRAFTS = 3
    FLAGGED = 4
    JUNK = 5
    SENT = 6
    TRASH = 7
    IMPORTANT = 8


class ImapStatusCode(IntFlag, metaclass=HintedEnumMeta):
    """Status words and response codes (.NET: ``ImapStatusCode``)."""

    NOT_DEFINED = 0
    OK = 1
    NO = 2
    BAD = 4
    PREAUTH = 8
    BYE = 16
    ALERT = 32
    BAD_CHARSET = 64
    CAPABILITY = 128
    PARSE = 256
    PERMANENT_FLAGS = 512
    READ_ONLY = 1024
    READ_WRITE = 2048
    TRY_CREATE = 4096
    UID_NEXT = 8192
    UID_VALIDITY = 16384
    UNSEEN = 32768
    UNSOLICITED = 65536


class ListFoldersOptions(IntFlag, metaclass=HintedEnumMeta):
    """Which folders are listed (.NET: ``ListFoldersOptions``; RFC 5258 section 3)."""

    NONE = 0
    SUBSCRIBED = 1
    REMOTE = 2
    RECURSIVE_MATCH = 4


class ListFoldersReturnOptions(IntFlag, metaclass=HintedEnumMeta):
    """What is told about listed folders (.NET: ``ListFoldersReturnOptions``; RFC 5258 section 3)."""

    NONE = 0
    SUBSCRIBED = 1
    CHILDREN = 2


class SortingKey(IntFlag, metaclass=HintedEnumMeta):
    """What SORT sorts by (.NET: ``SortingKey``; RFC 5256 section 3).

    `FROM` and `FROM_ADDRESS` are the same member: the naming rule gives the longer name.
    """

    ARRIVAL = 1
    CC = 2
    DATE = 4
    FROM = 8
    FROM_ADDRESS = 8
    SIZE = 16
    SUBJECT = 32
    TO = 64


# --- flags --------------------------------------------------------------------------------------

# An atom (RFC 9051 section 9) with an optional backslash before it.
_FLAG: Final = re.compile(r"\\?[!#$&'+,\-./0-9:;<=>?@A-Z\[^_`a-z|}~]+")
_SYSTEM_FLAGS: Final = {
    name.lower(): name for name in ("\\Answered", "\\Deleted", "\\Draft", "\\Flagged", "\\Recent", "\\Seen")
}


def _checked_flag(flag: str, what: str = "flag") -> str:
    if flag is None:
        raise AsposeArgumentNullException(f"{what} is None: pass a str such as '\\Seen' or '$Forwarded'")
    if not isinstance(flag, str):
        raise ArgumentTypeError(f"{what} must be a str, not {type(flag).__name__}")
    if not _FLAG.fullmatch(flag):
        raise AsposeArgumentException(
            f"{what} {escape(flag[:40])!r} is no IMAP flag: ASCII without spaces, controls,"
            r" quotes, parentheses and any of {%*]\ ; a backslash only in front"
        )
    return flag


def _meant_flag(flag: str) -> str:
    """The flag as IMAP writes it; refuses what is no flag of RFC 9051 and can only be a slip."""
    _checked_flag(flag)
    key = flag.lower()
    if flag.startswith("\\"):
        if key not in _SYSTEM_FLAGS:
            raise AsposeArgumentException(
                f"there is no system flag {flag[:40]!r}; there are {', '.join(_SYSTEM_FLAGS.values())},"
                " and keywords, which have no backslash"
            )
        return _SYSTEM_FLAGS[key]
    system = _SYSTEM_FLAGS.get("\\" + key)
    if system is not None:
        raise AsposeArgumentException(
            f"flag {flag!r} could be the system flag {system} or a keyword of that name:"
            f" write {system!r} or ImapMessageFlags.keyword({flag!r})"
        )
    return flag


class ImapMessageFlags(NamesHinted):
    """A set of message flags, immutable (.NET: ``ImapMessageFlags``; RFC 9051 section 2.3.2).

    ``ImapMessageFlags.is_read | ImapMessageFlags.flagged | "$Forwarded"``. The constants exist under
    their documented names in lower case and, as Python writes constants, in upper case. Flags compare
    without regard to case, and their order does not matter.

    Args:
        flag: one flag as IMAP writes it, such as ``"\\\\Seen"`` or ``"$Forwarded"``; none if left out.

    Raises:
        ArgumentTypeError: it is no str.
        AsposeArgumentException: it cannot be a flag (spaces, parentheses, CR, LF, ...), is no system flag
            (``"\\\\Sen"``), or has the name of one without its backslash: `keyword` makes such a keyword.
    """

    __slots__ = ("_flags",)

    answered: ClassVar[ImapMessageFlags]
    deleted: ClassVar[ImapMessageFlags]
    draft: ClassVar[ImapMessageFlags]
    empty: ClassVar[ImapMessageFlags]
    flagged: ClassVar[ImapMessageFlags]
    is_read: ClassVar[ImapMessageFlags]
    recent: ClassVar[ImapMessageFlags]
    ANSWERED: ClassVar[ImapMessageFlags]
    DELETED: ClassVar[ImapMessageFlags]
    DRAFT: ClassVar[ImapMessageFlags]
    EMPTY: ClassVar[ImapMessageFlags]
    FLAGGED: ClassVar[ImapMessageFlags]
    IS_READ: ClassVar[ImapMessageFlags]
    RECENT: ClassVar[ImapMessageFlags]

    _flags: dict[str, str]  # lower case to the flag as written, in the order given

    def __init__(self, flag: str | ImapMessageFlags | None = None) -> None:
        if flag is None:
            flags: dict[str, str] = {}
        elif isinstance(flag, ImapMessageFlags):
            flags = flag._flags
        else:
            meant = _meant_flag(flag)
            flags = {meant.lower(): meant}
        object.__setattr__(self, "_flags", flags)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("ImapMessageFlags are immutable: combine them with |")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("ImapMessageFlags are immutable: combine them with |")

    @classmethod
    def _of(cls, flags: dict[str, str]) -> ImapMessageFlags:
        self = cls.__new__(cls)
        object.__setattr__(self, "_flags", flags)
        return self

    @staticmethod
    def from_server(flags: Iterable[str | bytes]) -> ImapMessageFlags:
        """Take flags as a server listed them, odd ones included.

        Args:
            flags: such as ``("\\\\Seen", "$Forwarded")``.
        """
        return _received_flags(tuple(flags))

    def to_imap(self) -> tuple[str, ...]:
        """Give the flags as a command can carry them.

        Raises:
            AsposeArgumentException: one came from a server in a form that cannot be sent.
        """
        return tuple(_checked_flag(flag) for flag in self._flags.values())

    @staticmethod
    def keyword(flag: str) -> ImapMessageFlags:
        """Make a flag of the user's own (.NET: ``Keyword``).

        Args:
            flag: an atom such as ``"$Forwarded"``.

        Raises:
            ArgumentTypeError: it is no str.
            AsposeArgumentException: it cannot be a keyword; a backslash begins system flags only.
        """
        if _checked_flag(flag, "keyword").startswith("\\"):
            raise AsposeArgumentException(f"keyword {flag[:40]!r} begins with a backslash, as only system flags do")
        return ImapMessageFlags._of({flag.lower(): flag})

    @staticmethod
    def bitwise_or(a: ImapMessageFlags | str, b: ImapMessageFlags | str) -> ImapMessageFlags:
        """Give the flags that are in either (.NET: ``BitwiseOr``)."""
        return _flags(a, "a") | _flags(b, "b")

    @staticmethod
    def bitwise_and(a: ImapMessageFlags | str, b: ImapMessageFlags | str) -> ImapMessageFlags:
        """Give the flags that are in both (.NET: ``BitwiseAnd``)."""
        return _flags(a, "a") & _flags(b, "b")

    def has_flag(self, what: ImapMessageFlags | str) -> bool:
        """Tell whether all flags of `what` are set (.NET: ``HasFlag``)."""
        return _flags(what, "what")._flags.keys() <= self._flags.keys()

    def is_empty(self) -> bool:
        """Tell whether no flag is set (.NET: ``IsEmpty``)."""
        return not self._flags

    def split(self) -> list[ImapMessageFlags]:
        """Give each flag on its own (.NET: ``Split``)."""
        return [ImapMessageFlags._of({key: flag}) for key, flag in self._flags.items()]

    def equals(self, other: object) -> bool:
        """Compare as ``==`` does (.NET: ``Equals``)."""
        return self == other

    def get_hash_code(self) -> int:
        """Give the hash (.NET: ``GetHashCode``)."""
        return hash(self)

    def to_string(self) -> str:
        """Give the flags as IMAP writes them, separated by spaces (.NET: ``ToString``)."""
        return " ".join(self._flags.values())

    def __or__(self, other: ImapMessageFlags | str) -> ImapMessageFlags:
        if not isinstance(other, (ImapMessageFlags, str)):
            return NotImplemented
        return ImapMessageFlags._of({**self._flags, **_flags(other, "flag")._flags})

    def __ror__(self, other: str) -> ImapMessageFlags:
        if not isinstance(other, str):
            return NotImplemented
        return _flags(other, "flag") | self

    def __and__(self, other: ImapMessageFlags | str) -> ImapMessageFlags:
        if not isinstance(other, (ImapMessageFlags, str)):
            return NotImplemented
        kept = _flags(other, "flag")._flags
        return ImapMessageFlags._of({key: flag for key, flag in self._flags.items() if key in kept})

    __rand__ = __and__

    def __contains__(self, flag: object) -> bool:
        if isinstance(flag, str):
            return flag.lower() in self._flags
        return isinstance(flag, ImapMessageFlags) and self.has_flag(flag)

    def __iter__(self) -> Iterator[str]:
        return iter(self._flags.values())

    def __len__(self) -> int:
        return len(self._flags)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ImapMessageFlags):
            return self._flags.keys() == other._flags.keys()
        return NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self._flags))

    def __reduce__(self) -> tuple[Any, ...]:
        return ImapMessageFlags.from_server, (tuple(self._flags.values()),)

    def __str__(self) -> str:
        return self.to_string()

    def __repr__(self) -> str:
        return f"ImapMessageFlags({escape(' '.join(list(self._flags.values())[:20]))!r})"


def _flags(value: ImapMessageFlags | str, what: str) -> ImapMessageFlags:
    if isinstance(value, ImapMessageFlags):
        return value
    _checked_flag(value, what)
    return ImapMessageFlags(value)


@lru_cache(maxsize=512)  # most messages of a folder share a few combinations
def _received_flags(flags: tuple[str | bytes, ...]) -> ImapMessageFlags:
    found: dict[str, str] = {}
    for flag in flags:
        text = flag if isinstance(flag, str) else bytes(flag).decode("utf-8", "replace")
        key = text.lower()
        found.setdefault(key, _SYSTEM_FLAGS.get(key, text))
    return ImapMessageFlags._of(found)


def _constants() -> None:
    for name, flags in {
        "answered": ImapMessageFlags("\\Answered"),
        "deleted": ImapMessageFlags("\\Deleted"),
        "draft": ImapMessageFlags("\\Draft"),
        "empty": ImapMessageFlags(),
        "flagged": ImapMessageFlags("\\Flagged"),
        "is_read": ImapMessageFlags("\\Seen"),
        "recent": ImapMessageFlags("\\Recent"),
    }.items():
        setattr(ImapMessageFlags, name, flags)
        setattr(ImapMessageFlags, name.upper(), flags)


_constants()


# --- folders ------------------------------------------------------------------------------------

_SPECIAL_USES: Final = {
    "\\all": ImapSpecialFolderTypes.ALL,
    "\\archive": ImapSpecialFolderTypes.ARCHIVE,
    "\\drafts": ImapSpecialFolderTypes.DRAFTS,
    "\\flagged": ImapSpecialFolderTypes.FLAGGED,
    "\\junk": ImapSpecialFolderTypes.JUNK,
    "\\sent": ImapSpecialFolderTypes.SENT,
    "\\trash": ImapSpecialFolderTypes.TRASH,
    "\\important": ImapSpecialFolderTypes.IMPORTANT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapFolderInfo(NamesHinted):
    """A folder as the server described it (.NET: ``ImapFolderInfo``). Counts are 0 while not loaded.

    Attributes:
        name: the decoded name, full path.
        raw_name: the name as the server sent it; empty if it was not sent.
        delimiter: the character between levels of the name, or None for a flat one.
        attributes: of LIST, such as ``"\\\\HasChildren"``, as sent (RFC 9051 section 7.3.1).
        total_message_count: messages in the folder.
        new_message_count: messages not read yet.
        recent_message_count: messages flagged as recent.
        uid_next: the unique id the next message will get at least.
        validity_id: UIDVALIDITY; unique ids are worth nothing under another one.
        highest_mod_sequence: the highest modification sequence (RFC 7162 section 3.1.2.1).
        no_mod_seq: whether the folder keeps no modification sequences.
        uid_not_sticky: whether unique ids are lost with the session (RFC 4315 section 2).
        read_only: whether the folder is open for reading only.
    """

    IN_BOX: ClassVar[str] = "INBOX"

    name: str
    raw_name: bytes = b""
    delimiter: str | None = None
    attributes: tuple[str, ...] = ()
    total_message_count: int = 0
    new_message_count: int = 0
    recent_message_count: int = 0
    uid_next: int = 0
    validity_id: int = 0
    highest_mod_sequence: int = 0
    no_mod_seq: bool = False
    uid_not_sticky: bool = False
    read_only: bool = False

    def updated(self, **changes: Any) -> ImapFolderInfo:
        """Give a copy with other values, by attribute name."""
        return replace(self, **changes)

    def _has(self, *attributes: str) -> bool:
        return any(attribute.lower() in attributes for attribute in self.attributes)

    @property
    def folder_type(self) -> ImapSpecialFolderTypes:
        """What the folder is for (RFC 6154)."""
        for attribute in self.attributes:
            use = _SPECIAL_USES.get(attribute.lower())
            if use is not None:
                return use
        return ImapSpecialFolderTypes.NOT_SPECIFIED

    @property
    def has_children(self) -> bool:
        """Whether the server said that there are folders below."""
        return self._has("\\haschildren")

    @property
    def marked(self) -> bool:
        """Whether the server marked the folder as interesting."""
        return self._has("\\marked")

    @property
    def no_inferiors(self) -> bool:
        """Whether no folder can be made below."""
        return self._has("\\noinferiors")

    @property
    def non_existent(self) -> bool:
        """Whether the name stands for no existing folder (RFC 5258 section 3)."""
        return self._has("\\nonexistent")

    @property
    def remote(self) -> bool:
        """Whether the folder is on another server (RFC 5258 section 3)."""
        return self._has("\\remote")

    @property
    def selectable(self) -> bool:
        """Whether the folder can be selected."""
        return not self._has("\\noselect", "\\nonexistent")

    @property
    def subscribed(self) -> bool:
        """Whether the server said that the folder is subscribed to."""
        return self._has("\\subscribed")

    def to_string(self) -> str:
        """Give the name."""
        return self.name

    def __str__(self) -> str:
        return self.name


class ImapFolderInfoCollection(Collection[ImapFolderInfo]):
    """Folders in the order of the server (.NET: ``ImapFolderInfoCollection``); also found by name.

    Args:
        folders: folders, or one iterable of them.
    """

    __slots__ = ()

    def __init__(self, *folders: ImapFolderInfo | Iterable[ImapFolderInfo]) -> None:
        super().__init__()
        for one in folders:
            if isinstance(one, ImapFolderInfo):
                self._items.append(one)
            else:
                self._items.extend(one)

    @overload
    def __getitem__(self, index: int | str) -> ImapFolderInfo: ...
    @overload
    def __getitem__(self, index: slice) -> list[ImapFolderInfo]: ...
    def __getitem__(self, index: int | str | slice) -> ImapFolderInfo | list[ImapFolderInfo]:
        if isinstance(index, str):
            for folder in self._items:
                if folder.name == index or (index.upper() == "INBOX" == folder.name.upper()):
                    return folder
            raise KeyError(index)
        return self._items[index]


# --- message infos ------------------------------------------------------------------------------

_INTERNAL_DATE: Final = re.compile(
    r'\s*"?\s*([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4}) ([0-9]{1,2}):([0-9]{2}):([0-9]{2})'
    r'(?: ([+-])([0-9]{2})([0-9]{2}))?"?\s*'
)
_MONTHS: Final = "janfebmaraprmayjunjulaugsepoctnovdec"


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
    day, month_name, year, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
    place = _MONTHS.find(month_name.lower())
    if place % 3:  # -1, not found, has a rest too
        return None
    try:
        offset = timedelta(hours=int(zone_hours or 0), minutes=int(zone_minutes or 0))
        zone = timezone(-offset if sign == "-" else offset)
        return datetime(int(year), place // 3 + 1, int(day), int(hour), int(minute), min(int(second), 59), tzinfo=zone)
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


# --- sets of messages ---------------------------------------------------------------------------


class MessageSet:
    """Which messages a call is about: ids in the order given, or one range. Not to be changed.

    Attributes:
        by_uid: whether the numbers are unique ids; else they are sequence numbers.
        ids: the numbers, duplicates kept; None for a range.
        ranges: first and last number of a range, both included; None for ids.
    """

    __slots__ = ("by_uid", "ids", "ranges")

    def __init__(self, by_uid: bool, ids: tuple[int, ...] | None = None, ranges: tuple[int, int] | None = None) -> None:
        if (ids is None) == (ranges is None):
            raise AsposeArgumentException("a MessageSet has either ids or a range")
        if ranges is not None and not 0 < ranges[0] <= ranges[1]:
            raise AsposeArgumentOutOfRangeException(f"a range goes upwards from 1, not {ranges}")
        self.by_uid = by_uid
        self.ids = ids
        self.ranges = ranges

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MessageSet):
            return NotImplemented
        return (self.by_uid, self.ids, self.ranges) == (other.by_uid, other.ids, other.ranges)

    def __hash__(self) -> int:
        return hash((self.by_uid, self.ids, self.ranges))

    def __repr__(self) -> str:
        kind = "uid" if self.by_uid else "sequence"
        return f"<MessageSet {kind} {self.compact() if len(self) < 20 else f'of {len(self)}'}>"

    @property
    def is_range(self) -> bool:
        """Whether this is a range."""
        return self.ranges is not None

    @property
    def single(self) -> int | None:
        """The number, if there is exactly one."""
        if self.ids is not None:
            return self.ids[0] if len(self.ids) == 1 else None
        first, last = self._range()
        return first if first == last else None

    @property
    def numbers(self) -> Sequence[int]:
        """The numbers in the order given; of a range without counting it out."""
        if self.ids is not None:
            return self.ids
        first, last = self._range()
        return range(first, last + 1)

    def compact(self) -> str:
        """Give the set as IMAP writes it, sorted and joined: ``"1:3,7"``; empty for no ids."""
        return ",".join(self._pieces())

    def chunks(self, max_bytes: int) -> Iterator[str]:
        """Give the set in several texts (RFC 9051 section 9, sequence-set).

        Args:
            max_bytes: how long a text may be; at least 21, which any single piece fits in.

        Raises:
            AsposeArgumentOutOfRangeException: `max_bytes` is below 21.
        """
        if max_bytes < 21:
            raise AsposeArgumentOutOfRangeException(f"max_bytes is {max_bytes}: pass 21 or more")
        return self._chunks(max_bytes)

    def _chunks(self, max_bytes: int) -> Iterator[str]:
        pieces: list[str] = []
        length = 0
        for piece in self._pieces():
            if pieces and length + 1 + len(piece) > max_bytes:
                yield ",".join(pieces)
                pieces, length = [], 0
            length += len(piece) + (1 if pieces else 0)
            pieces.append(piece)
        if pieces:
            yield ",".join(pieces)

    def _pieces(self) -> Iterator[str]:
        if self.ids is None:
            first, last = self._range()
            yield _piece(first, last)
            return
        first = last = 0
        for number in sorted(set(self.ids)):
            if first and number == last + 1:
                last = number
                continue
            if first:
                yield _piece(first, last)
            first = last = number
        if first:
            yield _piece(first, last)

    def _range(self) -> tuple[int, int]:
        assert self.ranges is not None  # __post_init__: ids or a range
        return self.ranges

    def __len__(self) -> int:
        if self.ids is not None:
            return len(self.ids)
        first, last = self._range()
        return last - first + 1

    def __bool__(self) -> bool:
        return self.ids is None or bool(self.ids)

    def __iter__(self) -> Iterator[int]:
        if self.ids is not None:
            return iter(self.ids)
        first, last = self._range()
        return iter(range(first, last + 1))

    def __contains__(self, number: object) -> bool:
        if self.ids is not None:
            return number in self.ids
        first, last = self._range()
        return isinstance(number, int) and first <= number <= last


def _piece(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}:{last}"
