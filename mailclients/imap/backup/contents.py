"""A message on its way from a store to a server: as IMAP carries it, and by what it is known again.

Contents are spooled: large ones are on disk, never in memory. Belongs to the operation that made it; no lock.
"""

from __future__ import annotations

import heapq
import os
import re
import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b
from typing import IO, Any, Final

from mailclients.errors import MessageError
from mailclients.imap.backup.items import Item, Sink

__all__ = ["SPOOLED", "Content", "KeySet", "Keys"]

SPOOLED: Final = 256 * 1024  # bytes of a message that are kept in memory, not on disk
MOST_HEADER: Final = 256 * 1024  # bytes in which the Message-ID is looked for
_MERGED: Final = 4096  # keys that are kept unsorted at least

_LONE_LINE_END: Final = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_MESSAGE_ID: Final = re.compile(rb"^Message-ID[ \t]*:((?:[^\n]|\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_BODY: Final = re.compile(rb"^\r?\n", re.MULTILINE)


def sendable_date(date: datetime | None) -> datetime | None:
    """A date that APPEND can carry: its zone has no seconds, and nobody's year is before 1; else None."""
    if date is None or date.utcoffset() is None or not 1900 <= date.year <= 9998:
        return None
    return date


def _fields(header: bytes) -> bytes:
    """The header of a message that begins so."""
    header = header[:MOST_HEADER]
    body = _BODY.search(header)
    return header if body is None else header[: body.start()]


def message_id(header: bytes) -> bytes:
    """The Message-ID in the beginning of a message, or in some of its header fields; empty if there is none."""
    match = _MESSAGE_ID.search(_fields(header))
    return b" ".join(match[1].split()) if match is not None else b""


class Keys:
    """What a message is known by: its size, and its Message-ID, else its date, else its header.

    Nobody outside can foresee a key.
    """

    def __init__(self) -> None:
        self._secret = os.urandom(16)

    def of(self, header: bytes, size: int, date: datetime | None) -> int:
        """The key of a message; 64 bits.

        Args:
            header: the beginning of the message, with its header; where it has a Message-ID, that field will do.
            size: of the message in bytes, line ends being CRLF.
            date: its internal date, or None for who does not know it.
        """
        name = message_id(header)
        if name:
            name = b"id " + name
        elif date is not None:
            name = b"date %d" % int(date.timestamp())
        else:
            name = b"header " + blake2b(_fields(header).rstrip(b"\r\n")).digest()
        digest = blake2b(b"%d %s" % (size, name), digest_size=8, key=self._secret)
        return int.from_bytes(digest.digest(), "big")


class KeySet:
    """Keys of very many messages, eight bytes each."""

    def __init__(self) -> None:
        self._sorted = array("Q")
        self._recent: set[int] = set()

    def add(self, key: int) -> None:
        """Takes a key in."""
        self._recent.add(key)
        if len(self._recent) > max(_MERGED, len(self._sorted) // 8):
            self._sorted = array("Q", heapq.merge(self._sorted, sorted(self._recent)))
            self._recent.clear()

    def update(self, keys: Iterable[int]) -> None:
        """Takes keys in."""
        for key in keys:
            self.add(key)

    def __contains__(self, key: int) -> bool:
        if key in self._recent:
            return True
        place = bisect_left(self._sorted, key)
        return place < len(self._sorted) and self._sorted[place] == key


class _Sendable:
    """Passes on what IMAP can carry: line ends become CRLF, NUL is refused (RFC 9051 section 9, CHAR8)."""

    def __init__(self, out: Sink, name: str) -> None:
        self._out = out
        self._name = name
        self._held = b""

    def write(self, data: bytes, /) -> None:
        if b"\0" in data:
            raise MessageError(f"{self._name}: it contains NUL bytes, which IMAP cannot carry")
        data = self._held + data
        self._held = b""
        if data.endswith(b"\r"):
            data, self._held = data[:-1], b"\r"
        self._out.write(_LONE_LINE_END.sub(b"\r\n", data))

    def end(self) -> None:
        if self._held:
            self._out.write(b"\r\n")
            self._held = b""


class Content:
    """A message that can be sent.

    Attributes:
        item: where it came from. file: its bytes. size: how many. date: what it is sent with, or None.
        key: what it is known by. undated: the same for who does not know its date.
    """

    __slots__ = ("date", "file", "item", "key", "size", "undated")

    def __init__(self, item: Item, keys: Keys, replacement: bytes | None = None) -> None:
        """Args: replacement: what is sent in place of the item's content.

        Raises:
            MessageError: it cannot be read, or not be sent.
        """
        self.item = item
        spool: Any = tempfile.SpooledTemporaryFile(SPOOLED)  # noqa: SIM115 - closed by whoever takes the content
        self.file: IO[bytes] = spool
        try:
            sendable = _Sendable(spool, item.name)
            if replacement is None:
                item.copy_to(sendable)
            else:
                sendable.write(replacement)
            sendable.end()
            self.size: int = spool.tell()
            spool.seek(0)
            header = spool.read(MOST_HEADER)
            self.date = sendable_date(item.record.date)
            self.key = keys.of(header, self.size, self.date)
            self.undated = keys.of(header, self.size, None)
        except BaseException:
            spool.close()
            raise

    def read(self) -> bytes:
        """All of it."""
        self.file.seek(0)
        return self.file.read()
