"""What every store can do, in whatever format it writes; and files that are one record after another.

A file of records is its own manifest: each record says how long it is and what it holds, so the whole ones are
known after a glance at their heads, and the one that was being written when its process was killed is cut off before
the next is added. Nothing else has to be kept in step with it.

A store belongs to the operation that opened it and is entered by one thread at a time; other processes and
operations are kept out by a lock on its file.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterator
from functools import partial
from hashlib import blake2b
from typing import IO, Final, NamedTuple

from mailclients.errors import AsposeInvalidOperationException, MailException, MessageError
from mailclients.imap.backup.items import COPIED_AT_ONCE, Item, Record, Sink
from mailclients.imap.backup.locks import lock
from mailclients.imap.backup.names import Levels
from mailclients.imap.backup.uid_sets import UidSet

__all__ = ["Entry", "FileSource", "FileTarget", "Source", "Target", "digest_of", "not_ours"]

DIGEST: Final = 16  # bytes


class Target(ABC):
    """A store that is being written."""

    @abstractmethod
    def open(self) -> None:
        """Makes the store, or goes on with what is there.

        Raises:
            AsposeInvalidOperationException: somebody else is writing it, or it holds something else.
            OSError: it cannot be written.
        """

    @abstractmethod
    def folder(self, levels: Levels, uid_validity: int) -> UidSet:
        """Sees to it that the store has the folder; which messages it has of it, as `add` keeps it up to date."""

    @abstractmethod
    def add(self, record: Record, content: IO[bytes]) -> None:
        """Stores a message: all of it, or nothing when this raises. The content is read from the file's beginning."""

    @abstractmethod
    def source(self) -> Source | None:
        """The same store for reading, or None where what is written cannot be read."""

    def is_stale(self, levels: Levels, uid_validity: int) -> bool:
        """Whether there are messages of the folder from before it got this UIDVALIDITY."""
        return False

    def digests(self, levels: Levels) -> set[bytes]:
        """What all messages of the folder contain."""
        found: set[bytes] = set()
        source = self.source()
        if source is None:
            return found
        with source:
            for item in source.items(levels):
                digest = _Digest()
                try:
                    item.copy_to(digest)
                except MessageError:
                    continue  # what is damaged is fetched once more
                found.add(digest.value())
        return found

    @abstractmethod
    def commit(self) -> None:
        """Makes what was added safe from a loss of power."""

    @abstractmethod
    def finish(self) -> None:
        """Everything is added."""

    @abstractmethod
    def close(self) -> None:
        """Lets the store go, finished or not. May be called again, and without `open`."""


class Source(ABC):
    """A store that is being read."""

    @abstractmethod
    def folders(self) -> list[Levels]:
        """Its folders, those above others first."""

    @abstractmethod
    def items(self, levels: Levels) -> Iterator[Item]:
        """The messages of a folder, in the order in which they were stored."""

    @abstractmethod
    def close(self) -> None:
        """Lets the store go."""

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Digest:
    """Looks like a file that takes a content; keeps its digest."""

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=DIGEST)

    def write(self, data: bytes, /) -> int:
        self._hash.update(data)
        return len(data)

    def value(self) -> bytes:
        return self._hash.digest()


def digest_of(content: IO[bytes]) -> bytes:
    """The digest of a file's content, which is read from its beginning."""
    digest = _Digest()
    content.seek(0)
    while chunk := content.read(COPIED_AT_ONCE):
        digest.write(chunk)
    return digest.value()


def not_ours(place: str) -> AsposeInvalidOperationException:
    """The error for a place that holds something else: nothing of it is touched."""
    return AsposeInvalidOperationException(
        f"{place} exists and is no backup that this library has written; nothing in it was changed. Choose another"
        " name, or remove it first"
    )


# -- files of records ------------------------------------------------------------


class Entry(NamedTuple):
    """A record in a file: from `start` to `end`. `record` is None for what only the format needs."""

    start: int
    end: int
    record: Record | None


class FileTarget(Target):
    """A file to which records are added.

    Args:
        path: its name; made when it does not exist.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._end = 0
        self._have: dict[tuple[Levels, int], UidSet] = {}
        self._folders: set[Levels] = set()

    def open(self) -> None:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        # Mail is private: nobody else may read it unless its owner says so.
        self._file = file = os.fdopen(os.open(self._path, flags, 0o600), "r+b")
        lock(file, self._path)
        size = file.seek(0, os.SEEK_END)
        for entry in self.scan(file, size):
            self._end = entry.end
            self._note(entry)
        file.seek(self._end)
        file.truncate()
        if not self._end:
            self.begin()

    def _note(self, entry: Entry) -> None:
        record = entry.record
        if record is None:
            return
        self._folders.add(record.levels)
        if not record.of_folder:
            self._uids(record.levels, record.uid_validity).add(record.uid)

    def _uids(self, levels: Levels, uid_validity: int) -> UidSet:
        return self._have.setdefault((levels, uid_validity), UidSet())

    @abstractmethod
    def scan(self, file: IO[bytes], size: int) -> Iterator[Entry]:
        """The whole records there are. Raises what `not_ours` gives when there is something else."""

    @abstractmethod
    def begin(self) -> None:
        """Writes what stands before the first record."""

    def folder(self, levels: Levels, uid_validity: int) -> UidSet:
        return self._uids(levels, uid_validity)

    def is_stale(self, levels: Levels, uid_validity: int) -> bool:
        return any(key[0] == levels and key[1] != uid_validity and len(uids) for key, uids in self._have.items())

    def write(self, *pieces: bytes | IO[bytes]) -> int:
        """Adds pieces, or contents of files from their beginnings, as one record; where it began.

        Whatever goes wrong, no half a record is left.
        """
        assert self._file is not None
        start = self._end
        try:
            for piece in pieces:
                if isinstance(piece, bytes):
                    self._file.write(piece)
                    self._end += len(piece)
                    continue
                piece.seek(0)
                while chunk := piece.read(COPIED_AT_ONCE):
                    self._file.write(chunk)
                    self._end += len(chunk)
        except BaseException:
            self._end = start
            self.undo(start)
            raise
        return start

    def undo(self, start: int) -> None:
        """Forgets what was written from there on."""
        assert self._file is not None
        self._file.seek(start)
        self._file.truncate()

    def commit(self) -> None:
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())

    def finish(self) -> None:
        self.commit()

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()


class FileSource(Source):
    """A file of records, being read: it keeps where the runs of each folder are, not what is in them.

    Args:
        file: seekable. place: its name, for errors. owned: it is closed with the source.
    """

    def __init__(self, file: IO[bytes], place: str, *, owned: bool) -> None:
        self._file = file
        self._place = place
        self._owned = owned
        self._runs: dict[Levels, tuple[array[int], array[int]]] = {}
        self._size = file.seek(0, os.SEEK_END) or file.tell()
        last: Levels | None = None
        for entry in self.scan(file, 0, self._size):
            if entry.record is None:
                continue
            levels = entry.record.levels
            starts, ends = self._runs.setdefault(levels, (array("Q"), array("Q")))
            if levels == last:
                ends[-1] = entry.end
            else:
                starts.append(entry.start)
                ends.append(entry.end)
            last = levels

    @abstractmethod
    def scan(self, file: IO[bytes], start: int, size: int) -> Iterator[Entry]:
        """The whole records from `start` on; it may stop where something else begins."""

    @abstractmethod
    def copy(self, entry: Entry, name: str, out: Sink) -> None:
        """Writes the message of a record; `name` is what errors call it."""

    def folders(self) -> list[Levels]:
        return sorted(self._runs, key=lambda levels: (len(levels), levels))

    def items(self, levels: Levels) -> Iterator[Item]:
        for start, end in zip(*self._runs.get(levels, ((), ())), strict=True):
            for entry in self.scan(self._file, start, end):
                if entry.record is not None and not entry.record.of_folder:
                    record = entry.record
                    name = f"message {record.uid} of {'/'.join(record.levels)} in {self._place}"
                    yield Item(record, name, partial(self.copy, entry, name))

    def close(self) -> None:
        if self._owned:
            self._file.close()


def unreadable(place: str, why: str) -> MailException:
    """The error for a backup that cannot be read at all."""
    return MailException(f"{place} cannot be read as a backup: {why}")
