"""What a store keeps of a message beside its content, and how that is written down.

Records come back from files that anybody may have written: what they say is checked here, once, and nothing of it
is used as a path. Immutable values and functions of their arguments; no lock.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, cast

from mailclients.errors import MessageError
from mailclients.imap.backup.names import INBOX, MOST_LEVELS, Levels

__all__ = ["COPIED_AT_ONCE", "Item", "Record", "Sink", "fitting_flags"]

COPIED_AT_ONCE: Final = 64 * 1024  # bytes
MOST_RECORD: Final = 60 * 1024  # bytes of a record; a field of a zip archive takes 64 KiB
MOST_FLAG_TEXT: Final = 8 * 1024  # characters of all flags of a message together; what is beyond is not kept
MOST_SIZE: Final = 64 * 1024 * 1024 * 1024  # bytes of a message

_FLAG: Final = re.compile(r'\\?[^\x00-\x20\x7f-\U0010ffff(){%*"\\\]]+\Z')


def fitting_flags(flags: Iterable[str]) -> tuple[str, ...]:
    r"""The flags that can be stored again: no ``\Recent``, none that is no flag, each once, and not without end."""
    found: dict[str, str] = {}
    left = MOST_FLAG_TEXT
    for flag in flags:
        if flag.lower() == "\\recent" or flag.lower() in found or _FLAG.match(flag) is None:
            continue
        left -= len(flag) + 4
        if left < 0:
            break
        found[flag.lower()] = flag
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Record:
    """A message, or a folder, in a store.

    Attributes:
        levels: the folder.
        uid_validity, uid: the message's; both 0 when they are not known. uid -1: the record is of the folder itself.
        flags: as IMAP has them. date: INTERNALDATE, or None. size: of the content, in bytes.
    """

    levels: Levels
    uid_validity: int = 0
    uid: int = 0
    flags: tuple[str, ...] = ()
    date: datetime | None = None
    size: int = 0

    @property
    def of_folder(self) -> bool:
        return self.uid < 0

    def to_json(self, **more: int | str) -> bytes:
        """One line of ASCII."""
        known: dict[str, Any] = {
            "folder": list(self.levels),
            "validity": self.uid_validity,
            "uid": self.uid,
            "flags": list(self.flags),
            "date": None if self.date is None else self.date.isoformat(),
            "size": self.size,
        }
        return json.dumps({**known, **more}, separators=(",", ":")).encode("ascii")

    @staticmethod
    def from_json(raw: bytes) -> tuple[Record, dict[str, Any]] | None:
        """The record and what else the line says; None if it is no record."""
        if len(raw) > MOST_RECORD:
            return None
        try:
            told = json.loads(raw)
            if not isinstance(told, dict):
                return None
            known = cast("dict[str, Any]", told)
            levels, flags, date = known.pop("folder"), known.pop("flags"), known.pop("date")
            numbers = [known.pop(name) for name in ("validity", "uid", "size")]
            if not _is_texts(levels) or not _is_texts(flags) or not 0 < len(levels) <= MOST_LEVELS:
                return None
            if any(type(number) is not int for number in numbers):
                return None
            validity, uid, size = numbers
            if not (0 <= validity < 1 << 32 and -1 <= uid < 1 << 32 and 0 <= size <= MOST_SIZE):
                return None
            moment = None if date is None else datetime.fromisoformat(date)
            if moment is not None and moment.tzinfo is None:
                return None
            folder = (*INBOX, *levels[1:]) if levels[0].upper() == INBOX[0] else tuple(levels)
            return Record(folder, validity, uid, fitting_flags(flags), moment, size), known
        except (KeyError, TypeError, ValueError, RecursionError):
            return None


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)  # pyright: ignore[reportUnknownVariableType]


class Sink(Protocol):
    """Takes a content piece by piece, as files do."""

    def write(self, data: bytes, /) -> object: ...


class Item:
    """A message in a store that is being read. Valid until the next one is asked for.

    Args:
        record: what is known of it.
        name: where it is, for people.
        copy: writes its content to a file.
    """

    __slots__ = ("_copy", "name", "record")

    def __init__(self, record: Record, name: str, copy: Callable[[Sink], None]) -> None:
        self.record = record
        self.name = name
        self._copy = copy

    def copy_to(self, file: Sink) -> None:
        """Writes the content, as it was received, to a file.

        Raises:
            MessageError: the content is damaged, or not what a message can be.
            OSError: it cannot be read or written.
        """
        self._copy(file)

    def damaged(self, why: str) -> MessageError:
        """The error for content that is no use."""
        return MessageError(f"{self.name}: {why}")
