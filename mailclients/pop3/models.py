"""What the POP3 methods take and return.

Values that know nothing of the wire and may be imported from here. Message infos do not change but for what they have
decoded, which is kept with one atomic dictionary operation; any thread may use them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum, IntFlag
from typing import Any, overload

from mailclients.errors import ArgumentTypeError
from mailclients.mime.collection import Collection
from mailclients.mime.message_infos import MessageInfoBase
from mailclients.names import HintedEnumMeta, NamesHinted

__all__ = [
    "MessageNames",
    "Pop3KnownAuthenticationType",
    "Pop3ListFields",
    "Pop3MailboxInfo",
    "Pop3MessageInfo",
    "Pop3MessageInfoCollection",
]


class Pop3ListFields(IntEnum, metaclass=HintedEnumMeta):
    """How much a listing asks for (.NET: ``Pop3ListFields``).

    ID_ONLY: number, unique id and size, in two commands for the whole maildrop. MAIN: the header of each message as
    well, in one command for each (TOP).
    """

    ID_ONLY = 0
    MAIN = 1


class Pop3KnownAuthenticationType(IntFlag, metaclass=HintedEnumMeta):
    """Ways to sign in (.NET: ``Pop3KnownAuthenticationType``).

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
    USER = 4294967296
    APOP = 8589934592
    SCRAM_SHA_1 = 65536
    SCRAM_SHA_224 = 262144
    SCRAM_SHA_256 = 1048576
    SCRAM_SHA_384 = 4194304
    SCRAM_SHA_512 = 16777216


class Pop3MailboxInfo(NamesHinted):
    """How much there is in a maildrop (.NET: ``Pop3MailboxInfo``).

    Args:
        count: messages. size: their bytes together.
    """

    __slots__ = ("_count", "_size")

    def __init__(self, count: int, size: int) -> None:
        for name, value in (("count", count), ("size", size)):
            if isinstance(value, bool) or not isinstance(value, int):
                raise ArgumentTypeError(f"Pop3MailboxInfo(): {name} must be an int, not {type(value).__name__}")
        self._count = count
        self._size = size

    @property
    def message_count(self) -> int:
        """How many messages there are (.NET: ``MessageCount``)."""
        return self._count

    @property
    def occupied_size(self) -> int:
        """Their bytes together (.NET: ``OccupiedSize``)."""
        return self._size

    def to_string(self) -> str:
        """Tell both (.NET: ``ToString``)."""
        return f"{self._count} messages, {self._size} bytes"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Pop3MailboxInfo):
            return (self._count, self._size) == (other._count, other._size)
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self._count, self._size))

    def __str__(self) -> str:
        return self.to_string()

    def __repr__(self) -> str:
        return f"<Pop3MailboxInfo message_count={self._count} occupied_size={self._size}>"


class Pop3MessageInfo(MessageInfoBase):
    """A message as a listing gave it (.NET: ``Pop3MessageInfo``); decoded at access.

    Args:
        sequence_number: the message's number in the session that listed it, from 1.
        unique_id: as the server gave it; empty where it has none.
        size: in bytes.
        header: the header block as received, or None if it was not asked for.
    """

    __slots__ = ("_sequence_number", "_unique_id")

    def __init__(
        self, sequence_number: int = 0, unique_id: str = "", size: int = 0, header: bytes | None = None
    ) -> None:
        self._envelope = None
        self._header = header
        self._size = size
        self._cache = None
        self._sequence_number = sequence_number
        self._unique_id = unique_id

    @property
    def sequence_number(self) -> int:
        """The message's number; it counts for the session that listed it."""
        return self._sequence_number

    @property
    def unique_id(self) -> str:
        """What the server knows the message by in every session (UIDL), or an empty string."""
        return self._unique_id

    def __repr__(self) -> str:
        return (
            f"<Pop3MessageInfo sequence_number={self._sequence_number} unique_id={self._unique_id!r} size={self._size}>"
        )


class Pop3MessageInfoCollection(Collection[Pop3MessageInfo]):
    """Message infos in order (.NET: ``Pop3MessageInfoCollection``)."""

    __slots__ = ()

    @overload
    def get_message(self, unique_id: str, /) -> Pop3MessageInfo | None: ...
    @overload
    def get_message(self, sequence_number: int, /) -> Pop3MessageInfo | None: ...
    @overload
    def get_message(self, *, unique_id: str) -> Pop3MessageInfo | None: ...
    @overload
    def get_message(self, *, sequence_number: int) -> Pop3MessageInfo | None: ...
    def get_message(self, *args: Any, **kwargs: Any) -> Pop3MessageInfo | None:
        """Find a message by its unique id or its number; None if it is not there (.NET: ``GetMessage``).

        Raises:
            ArgumentTypeError: neither a str nor an int is given.
        """
        values = [*args, *kwargs.values()]
        wanted = values[0] if len(values) == 1 else None
        if isinstance(wanted, str) and "sequence_number" not in kwargs:
            return next((info for info in self._items if info.unique_id == wanted), None)
        if isinstance(wanted, int) and not isinstance(wanted, bool) and "unique_id" not in kwargs:
            return next((info for info in self._items if info.sequence_number == wanted), None)
        raise ArgumentTypeError("get_message() takes a unique_id (str) or a sequence_number (int)")


class MessageNames:
    """Which messages a call is about, in the order given; not to be changed.

    Attributes:
        uids: unique ids, or None. numbers: message numbers, or None.
    """

    __slots__ = ("numbers", "uids")

    def __init__(self, uids: Iterable[str] | None = None, numbers: Iterable[int] | None = None) -> None:
        self.uids = None if uids is None else tuple(uids)
        self.numbers = None if numbers is None else tuple(numbers)

    def __iter__(self) -> Iterator[str | int]:
        return iter(self.uids if self.uids is not None else self.numbers or ())

    def __len__(self) -> int:
        return len(self.uids if self.uids is not None else self.numbers or ())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MessageNames):
            return NotImplemented
        return (self.uids, self.numbers) == (other.uids, other.numbers)

    def __hash__(self) -> int:
        return hash((self.uids, self.numbers))

    def __repr__(self) -> str:
        return f"<MessageNames {'uids' if self.uids is not None else 'numbers'} {len(self)}>"
