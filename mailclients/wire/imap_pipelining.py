"""Which IMAP commands may be unanswered together, as a table of bit masks.

Each kind of command has a *behaviour*, what it or the server's answers to it may do, and
*excludes*, what must not happen while it is unanswered. Two commands may share the wire only if
neither excludes what the other does. A barrier shares it with nothing; commands that the table
does not know are barriers. RFC 9051 section 5.5 is the rule behind it; servers do work on
several commands side by side.

The table never changes; any thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntFlag
from functools import lru_cache
from typing import Final, TypeAlias
from zlib import crc32

from mailclients.wire.imap_sets import MAX_NUMBER

__all__ = ["Does", "Subject", "Traits", "compatible", "traits"]


class Does(IntFlag):
    """What a command, or the server while it answers, may do."""

    MAY_EXPUNGE = 1 << 0  # the server may announce EXPUNGE or VANISHED: numbers move
    USES_NUMBERS = 1 << 1  # sends or is answered with sequence numbers
    READS_MESSAGES = 1 << 2
    READS_FLAGS = 1 << 3  # its result depends on flags
    READS_FLAGS_ANYWHERE = 1 << 4  # ... of messages that are not named by UID
    STORES_FLAGS = 1 << 5
    STORES_FLAGS_ANYWHERE = 1 << 6
    MARKS_SEEN = 1 << 7  # reads bodies without PEEK
    REMOVES = 1 << 8  # takes messages out of the folder
    NAMES_FOLDERS = 1 << 9  # depends on which folders there are
    CHANGES_FOLDERS = 1 << 10
    FILLS_FOLDERS = 1 << 11  # adds messages to a folder
    COUNTS_FOLDERS = 1 << 12  # is answered with numbers about a folder
    # Untagged answers that do not say which command they belong to.
    ANSWERS_SEARCH = 1 << 13
    ANSWERS_SORT = 1 << 14
    ANSWERS_THREAD = 1 << 15
    ANSWERS_LIST = 1 << 16
    ANSWERS_LSUB = 1 << 17
    ANSWERS_STATUS = 1 << 18  # of folders that are not named here
    ANSWERS_MOVE = 1 << 19  # untagged COPYUID
    ANSWERS_QUOTA = 1 << 20
    ANSWERS_ACL = 1 << 21
    ANSWERS_METADATA = 1 << 22
    CHANGES_RIGHTS = 1 << 23
    BARRIER = 1 << 24


# Above the named bits: one bit for each residue of what a command is about, so that two commands
# about the same message or folder find each other in O(1). A chance meeting of two different
# ones only makes the second wait.
_FOLDERS_AT: Final = 32
_FOLDER_BITS: Final = 256
_MESSAGES_AT: Final = _FOLDERS_AT + _FOLDER_BITS
_MESSAGE_BITS: Final = 1024
_ALL_FOLDERS: Final = ((1 << _FOLDER_BITS) - 1) << _FOLDERS_AT
_ALL_MESSAGES: Final = ((1 << _MESSAGE_BITS) - 1) << _MESSAGES_AT

Subject: TypeAlias = int | bytes | str | Iterable[int | bytes | str] | None


@dataclass(frozen=True)
class Traits:
    """What the engine has to know of a command to pipeline it.

    Attributes:
        behaviour: bits of what it may do.
        excludes: bits of what must not happen while it is unanswered.
        barrier: it shares the wire with nothing.
    """

    behaviour: int
    excludes: int
    barrier: bool


_BARRIER: Final = Traits(int(Does.BARRIER), -1, True)

_D: Final = Does
# Ordinary commands: the server may announce expunges with their answers, so nothing with
# sequence numbers may be unanswered beside them (RFC 9051 section 7.5.1).
_PLAIN: Final = _D.MAY_EXPUNGE
_NOTHING: Final = Does(0)
_FOLDER_CHANGE: Final = (
    _PLAIN | _D.CHANGES_FOLDERS,
    _D.CHANGES_FOLDERS | _D.NAMES_FOLDERS | _D.FILLS_FOLDERS | _D.COUNTS_FOLDERS,
)


def _query(answers: Does) -> tuple[Does, Does]:
    return (
        _PLAIN | _D.READS_MESSAGES | _D.READS_FLAGS | _D.READS_FLAGS_ANYWHERE | answers,
        _D.STORES_FLAGS | _D.MARKS_SEEN | _D.REMOVES | answers,
    )


def _alone(answers: Does, excludes: Does = _NOTHING) -> tuple[Does, Does]:
    return _PLAIN | answers, answers | excludes


# (behaviour, excludes) by kind without "UID "; barriers and unknown kinds are not in it.
_TABLE: Final[dict[str, tuple[Does, Does]]] = {
    "NOOP": (_PLAIN, _NOTHING),
    "CHECK": (_PLAIN, _NOTHING),
    "CAPABILITY": (_PLAIN, _NOTHING),
    "ID": (_PLAIN, _NOTHING),
    "NAMESPACE": (_PLAIN, _NOTHING),
    "FETCH": (
        _PLAIN | _D.READS_MESSAGES | _D.READS_FLAGS,
        _D.REMOVES | _D.STORES_FLAGS_ANYWHERE,
    ),
    "STORE": (
        _PLAIN | _D.READS_MESSAGES | _D.STORES_FLAGS,
        _D.REMOVES | _D.STORES_FLAGS_ANYWHERE | _D.READS_FLAGS_ANYWHERE,
    ),
    "SEARCH": _query(_D.ANSWERS_SEARCH),
    "SORT": _query(_D.ANSWERS_SORT),
    "THREAD": _query(_D.ANSWERS_THREAD),
    "COPY": (
        _PLAIN | _D.READS_MESSAGES | _D.READS_FLAGS | _D.FILLS_FOLDERS | _D.NAMES_FOLDERS,
        _D.REMOVES | _D.CHANGES_FOLDERS | _D.COUNTS_FOLDERS | _D.STORES_FLAGS_ANYWHERE,
    ),
    "MOVE": (
        _PLAIN | _D.REMOVES | _D.FILLS_FOLDERS | _D.NAMES_FOLDERS | _D.ANSWERS_MOVE,
        _D.REMOVES | _D.READS_MESSAGES | _D.STORES_FLAGS | _D.CHANGES_FOLDERS | _D.COUNTS_FOLDERS
        | _D.ANSWERS_MOVE,
    ),
    "EXPUNGE": (
        _PLAIN | _D.REMOVES | _D.READS_FLAGS | _D.READS_FLAGS_ANYWHERE,
        _D.REMOVES | _D.READS_MESSAGES | _D.STORES_FLAGS | _D.COUNTS_FOLDERS,
    ),
    "APPEND": (
        _PLAIN | _D.FILLS_FOLDERS | _D.NAMES_FOLDERS,
        _D.CHANGES_FOLDERS | _D.COUNTS_FOLDERS,
    ),
    "LIST": (_PLAIN | _D.ANSWERS_LIST | _D.NAMES_FOLDERS, _D.ANSWERS_LIST | _D.CHANGES_FOLDERS),
    "LSUB": (_PLAIN | _D.ANSWERS_LSUB | _D.NAMES_FOLDERS, _D.ANSWERS_LSUB | _D.CHANGES_FOLDERS),
    "STATUS": (
        _PLAIN | _D.COUNTS_FOLDERS | _D.NAMES_FOLDERS,
        _D.CHANGES_FOLDERS | _D.FILLS_FOLDERS | _D.REMOVES | _D.ANSWERS_STATUS | _D.STORES_FLAGS
        | _D.MARKS_SEEN,
    ),
    # LIST that asks for STATUS items of what it lists (RFC 5819)
    "LIST-STATUS": (
        _PLAIN | _D.ANSWERS_LIST | _D.ANSWERS_STATUS | _D.COUNTS_FOLDERS | _D.NAMES_FOLDERS,
        _D.ANSWERS_LIST | _D.ANSWERS_STATUS | _D.CHANGES_FOLDERS | _D.FILLS_FOLDERS | _D.REMOVES
        | _D.STORES_FLAGS | _D.MARKS_SEEN,
    ),
    "CREATE": _FOLDER_CHANGE,
    "DELETE": _FOLDER_CHANGE,
    "RENAME": _FOLDER_CHANGE,
    "SUBSCRIBE": _FOLDER_CHANGE,
    "UNSUBSCRIBE": _FOLDER_CHANGE,
    "GETQUOTA": _alone(_D.ANSWERS_QUOTA),
    "GETQUOTAROOT": _alone(_D.ANSWERS_QUOTA),
    "GETACL": _alone(_D.ANSWERS_ACL, _D.CHANGES_RIGHTS),
    "LISTRIGHTS": _alone(_D.ANSWERS_ACL, _D.CHANGES_RIGHTS),
    "MYRIGHTS": _alone(_D.ANSWERS_ACL, _D.CHANGES_RIGHTS),
    "SETACL": _alone(_D.CHANGES_RIGHTS, _D.ANSWERS_ACL),
    "DELETEACL": _alone(_D.CHANGES_RIGHTS, _D.ANSWERS_ACL),
    "SETQUOTA": _alone(_D.ANSWERS_QUOTA),
    "GETMETADATA": _alone(_D.ANSWERS_METADATA),
    "SETMETADATA": _alone(_D.ANSWERS_METADATA),
}  # fmt: skip

_NUMBERED: Final = frozenset(("COPY", "FETCH", "MOVE", "SEARCH", "SORT", "STORE", "THREAD"))
# RFC 9051 section 7.5.1: no EXPUNGE while one of these, without UID, is answered.
_QUIET: Final = frozenset(("FETCH", "SEARCH", "STORE"))
_MESSAGE_KINDS: Final = frozenset(("COPY", "FETCH", "STORE"))


def _message_bits(subject: Iterable[int | bytes | str] | int | bytes | str) -> int:
    if isinstance(subject, (int, bytes, str)):
        subject = (subject,)
    bits = 0
    for count, uid in enumerate(subject):
        if count == _MESSAGE_BITS:
            return _ALL_MESSAGES
        number = uid if isinstance(uid, int) else int(uid)
        if not 1 <= number <= MAX_NUMBER:
            raise ValueError(f"{number} is no UID")
        bits |= 1 << (_MESSAGES_AT + number % _MESSAGE_BITS)
    return bits


def _folder_bits(subject: Iterable[int | bytes | str] | int | bytes | str) -> int:
    if isinstance(subject, (int, bytes, str)):
        subject = (subject,)
    bits = 0
    for name in subject:
        raw = name if isinstance(name, bytes) else str(name).encode("utf-8", "surrogatepass")
        if raw.upper() == b"INBOX":
            raw = b"INBOX"
        bits |= 1 << (_FOLDERS_AT + crc32(raw) % _FOLDER_BITS)
    return bits


def traits(
    kind: str,
    *,
    by_sequence: bool | None = None,
    subject: Subject = None,
    marks_seen: bool = False,
    synchronizing_literal: bool = False,
) -> Traits:
    """The traits of one command.

    Args:
        kind: its name, such as ``"UID FETCH"`` or ``"SELECT"``.
        by_sequence: whether it uses sequence numbers; None reads it off `kind` (no ``UID``). For
            SEARCH with UIDs asked for and sequence numbers among its criteria, give True.
        subject: what it is about, where that is known: the UID or UIDs of FETCH, STORE and COPY
            by UID, the folder or folders of STATUS. Commands with a common subject then wait for
            each other, others need not. Without it, FETCH by UID goes with FETCH by UID: the
            caller makes sure that answers can be told apart. STORE without it goes with no
            FETCH and no STORE.
        marks_seen: FETCH reads a body without PEEK.
        synchronizing_literal: it has a literal that waits for the server's go-ahead.
    """
    if subject is None:
        return _traits_of_kind(kind, by_sequence, marks_seen, synchronizing_literal)
    return _traits(kind, by_sequence, subject, marks_seen, synchronizing_literal)


@lru_cache(maxsize=512)
def _traits_of_kind(kind: str, by_sequence: bool | None, marks_seen: bool, synchronizing_literal: bool) -> Traits:
    return _traits(kind, by_sequence, None, marks_seen, synchronizing_literal)


def _traits(
    kind: str, by_sequence: bool | None, subject: Subject, marks_seen: bool, synchronizing_literal: bool
) -> Traits:
    kind = kind.upper()
    uid = kind.startswith("UID ")
    name = kind[4:] if uid else kind
    entry = _TABLE.get(name)
    if entry is None or synchronizing_literal:
        return _BARRIER
    behaviour, excludes = int(entry[0]), int(entry[1])
    excludes |= Does.BARRIER
    numbers = name in _NUMBERED and not uid if by_sequence is None else by_sequence
    if numbers:
        behaviour |= Does.USES_NUMBERS
        excludes |= Does.MAY_EXPUNGE
        if name in _QUIET and not uid:
            behaviour &= ~Does.MAY_EXPUNGE
    if behaviour & Does.MAY_EXPUNGE:
        excludes |= Does.USES_NUMBERS
    if marks_seen and name == "FETCH":
        behaviour |= Does.MARKS_SEEN
    if name in _MESSAGE_KINDS:
        if subject is not None and not numbers:
            bits = _message_bits(subject)
            behaviour |= bits
            excludes |= bits
        elif name == "STORE":
            behaviour |= Does.STORES_FLAGS_ANYWHERE
            excludes |= _ALL_MESSAGES | Does.READS_FLAGS | Does.STORES_FLAGS
        else:
            behaviour |= Does.READS_FLAGS_ANYWHERE
            excludes |= Does.STORES_FLAGS
    elif name in ("STATUS", "LIST-STATUS"):
        if subject is not None:
            bits = _folder_bits(subject)
            behaviour |= bits
            excludes |= bits
        else:
            behaviour |= Does.ANSWERS_STATUS
            excludes |= _ALL_FOLDERS
    # Plain numbers: operators of flags cost a hundred times as much, and these are used for every command.
    return Traits(int(behaviour), int(excludes), False)


def compatible(first: Traits, second: Traits) -> bool:
    """Whether the two may be unanswered together, in whatever order."""
    return not (
        first.barrier or second.barrier or first.behaviour & second.excludes or first.excludes & second.behaviour
    )
