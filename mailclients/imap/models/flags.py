"""The flags of messages, as an immutable set; any thread may use it.

Nothing here raises over what a server said: odd flags are kept as they came, and only sending them is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, ClassVar, Final

from mailclients.errors import ArgumentTypeError, AsposeArgumentException, AsposeArgumentNullException, escape
from mailclients.names import NamesHinted

__all__ = [
    "ImapMessageFlags",
]

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
