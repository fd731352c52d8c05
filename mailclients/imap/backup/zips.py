"""A backup as a zip archive of EML files, a folder of the account being a folder in it.

Archives are written here and not by `zipfile`, which keeps the whole index in memory (half a kilobyte for each
message) and cannot go on with an archive whose index was never written. Each local header is complete before its data
follows, what IMAP knows of the message stands in an extra field of it, and the index is gathered in a temporary
file. So an archive is read, and gone on with, from its beginning, whether its index has been written or not. Other
programs need the index: an archive whose backup was killed is in order for them once the backup was resumed.

Archives of other programs are read by `zipfile`. Nothing is ever unpacked to a place that an archive names.
"""

from __future__ import annotations

import contextlib
import os
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import IO, Any, Final, NamedTuple

from mailclients.errors import MessageError
from mailclients.imap.backup.items import COPIED_AT_ONCE, MOST_SIZE, Item, Record, Sink
from mailclients.imap.backup.names import INBOX, Labels, Levels, decode_level
from mailclients.imap.backup.stores import Entry, FileSource, FileTarget, Source, not_ours, unreadable
from mailclients.imap.backup.uid_sets import UidSet

__all__ = ["ZipSource", "ZipStreamTarget", "ZipTarget", "open_zip"]

SPOOLED: Final = 256 * 1024  # bytes of one compressed message, or of the index, that are kept in memory
BOMB_SIZE: Final = 100 * 1024 * 1024  # a message of this size that was this much smaller when packed is no message
BOMB_RATIO: Final = 200
MOST_INDEX: Final = 128 * 1024 * 1024  # bytes of another program's index, all of which `zipfile` keeps

_LOCAL: Final = struct.Struct("<4sHHHHHLLLHH")
_CENTRAL: Final = struct.Struct("<4sHHHHHHLLLHHHHHLL")
_END: Final = struct.Struct("<4sHHHHLLH")
_END64: Final = struct.Struct("<4sQHHLLQQQQ")
_LOCATOR: Final = struct.Struct("<4sLQL")
_LOCAL_MARK: Final = b"PK\x03\x04"
_CENTRAL_MARK: Final = b"PK\x01\x02"
_INDEX_MARKS: Final = (_CENTRAL_MARK, b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07")
_FULL: Final = 0xFFFFFFFF  # says that the true number stands in the extra field of zip64
_ZIP64: Final = 1
_OURS: Final = 0x434D  # "MC": our extra field
_UTF8: Final = 0x800
_STORED, _DEFLATED = 0, 8

_FIRST_NAME: Final = b"mailclients-backup.json"
_FIRST_TEXT: Final = b'{"format": 1}\n'


class _Head(NamedTuple):
    """A local header."""

    version: int
    method: int
    stamp: tuple[int, int]  # time and date
    crc: int
    packed: int
    size: int
    name: bytes
    record: bytes  # what stands in our extra field

    def to_bytes(self) -> bytes:
        large = self.size >= _FULL or self.packed >= _FULL
        extra = struct.pack("<HHQQ", _ZIP64, 16, self.size, self.packed) if large else b""
        extra += struct.pack("<HH", _OURS, len(self.record)) + self.record if self.record else b""
        sizes = (_FULL, _FULL) if large else (self.packed, self.size)
        fixed = (_LOCAL_MARK, self.version, _UTF8, self.method, *self.stamp, self.crc, *sizes)
        return _LOCAL.pack(*fixed, len(self.name), len(extra)) + self.name + extra

    def in_index(self, offset: int) -> bytes:
        """The header of the index."""
        large = [number for number in (self.size, self.packed, offset) if number >= _FULL]
        extra = struct.pack(f"<HH{len(large)}Q", _ZIP64, 8 * len(large), *large) if large else b""
        extra += struct.pack("<HH", _OURS, len(self.record)) + self.record if self.record else b""
        mode = (0o40700 << 16) | 0x10 if self.name.endswith(b"/") else 0o100600 << 16
        fixed = (_CENTRAL_MARK, 3 << 8 | 45, self.version, _UTF8, self.method, *self.stamp, self.crc)
        sizes = [min(number, _FULL) for number in (self.packed, self.size)]
        lengths = (len(self.name), len(extra), 0, 0, 0)
        return _CENTRAL.pack(*fixed, *sizes, *lengths, mode, min(offset, _FULL)) + self.name + extra


_EARLIEST: Final = (0, 1 << 5 | 1)  # 1980-01-01


def _stamp(date: datetime | None) -> tuple[int, int]:
    if date is None or not 1980 <= date.year < 2108:
        return _EARLIEST
    return date.hour << 11 | date.minute << 5 | date.second // 2, date.year - 1980 << 9 | date.month << 5 | date.day


_FIRST_HEAD: Final = _Head(
    20, _STORED, _EARLIEST, zlib.crc32(_FIRST_TEXT), len(_FIRST_TEXT), len(_FIRST_TEXT), _FIRST_NAME, b""
)
_FIRST: Final = _FIRST_HEAD.to_bytes() + _FIRST_TEXT


def _head_at(file: IO[bytes], start: int, size: int) -> tuple[_Head, int] | None:
    """The whole entry at an offset and where its data begins; None where the entries end, or the last one is torn.

    Raises:
        ValueError: there is something else.
    """
    file.seek(start)
    fixed = file.read(min(_LOCAL.size, size - start))
    if not fixed or fixed[:4] in _INDEX_MARKS:
        return None
    if len(fixed) < _LOCAL.size:
        if _LOCAL_MARK.startswith(fixed[:4]) or any(mark.startswith(fixed[:4]) for mark in _INDEX_MARKS):
            return None
        raise ValueError("no entry")
    mark, version, flags, method, time, date, crc, packed, unpacked, of_name, of_extra = _LOCAL.unpack(fixed)
    if mark != _LOCAL_MARK or flags != _UTF8 or method not in (_STORED, _DEFLATED):
        raise ValueError("no entry")
    name, extra = file.read(of_name), file.read(of_extra)
    record = b""
    fields = dict(_fields(extra))
    if _ZIP64 in fields and len(fields[_ZIP64]) == 16:
        unpacked, packed = struct.unpack("<QQ", fields[_ZIP64])
    record = fields.get(_OURS, b"")
    data = start + _LOCAL.size + of_name + of_extra
    if data + packed > size:
        return None
    return _Head(version, method, (time, date), crc, packed, unpacked, name, record), data


def _fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, place)
        yield kind, extra[place + 4 : place + 4 + length]
        place += 4 + length


def _entries(
    file: IO[bytes], start: int, size: int, tell: Callable[[int, _Head], None] | None = None
) -> Iterator[Entry]:
    """The entries of an archive of ours. Raises ValueError where there is something else."""
    while start < size:
        found = _head_at(file, start, size)
        if found is None:
            return
        head, data = found
        record = Record.from_json(head.record) if head.record else None
        if record is None and (start or head.name != _FIRST_NAME):
            raise ValueError("no entry")
        if tell is not None:
            tell(start, head)
        entry = Entry(start, data + head.packed, record[0] if record is not None else None)
        start = entry.end
        yield entry


class ZipTarget(FileTarget):
    """A zip archive that is being written.

    Args:
        path: its name; an archive that is there is gone on with.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._labels = Labels()
        self._index: Any = None  # a temporary file: `tempfile` has no one type for them
        self._count = 0

    def open(self) -> None:
        self._index = tempfile.SpooledTemporaryFile(SPOOLED)  # noqa: SIM115 - closed with the target
        super().open()

    def scan(self, file: IO[bytes], size: int) -> Iterator[Entry]:
        file.seek(0)
        beginning = file.read(len(_FIRST))
        if not _FIRST.startswith(beginning):
            raise not_ours(self._path)
        if len(beginning) < len(_FIRST):
            return
        try:
            for entry in _entries(file, 0, size, self._list):
                if entry.record is not None:
                    self._labels.of(entry.record.levels)  # in the order in which they were given
                yield entry
        except ValueError as error:
            raise not_ours(self._path) from error

    def begin(self) -> None:
        self._list(self.write(_FIRST), _FIRST_HEAD)

    def _list(self, offset: int, head: _Head) -> None:
        self._index.write(head.in_index(offset))
        self._count += 1

    def folder(self, levels: Levels, uid_validity: int) -> UidSet:
        if levels not in self._folders:
            name = "/".join(self._labels.of(levels)) + "/"
            record = Record(levels, uid_validity, -1).to_json()
            head = _Head(20, _STORED, _EARLIEST, 0, 0, 0, name.encode("utf-8"), record)
            self._list(self.write(head.to_bytes()), head)
            self._folders.add(levels)
        return super().folder(levels, uid_validity)

    def add(self, record: Record, content: IO[bytes]) -> None:
        with tempfile.SpooledTemporaryFile(SPOOLED) as packed:
            pack = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
            crc = size = 0
            content.seek(0)
            while chunk := content.read(COPIED_AT_ONCE):
                crc, size = zlib.crc32(chunk, crc), size + len(chunk)
                packed.write(pack.compress(chunk))
            packed.write(pack.flush())
            length = packed.tell()
            version = 45 if max(size, length) >= _FULL else 20
            labels = (*self._labels.of(record.levels), f"{record.uid_validity}.{record.uid}.eml")
            name = "/".join(labels).encode("utf-8")
            head = _Head(version, _DEFLATED, _stamp(record.date), crc, length, size, name, record.to_json())
            start = self.write(head.to_bytes(), packed)
        self._list(start, head)
        self._uids(record.levels, record.uid_validity).add(record.uid)

    def source(self) -> Source | None:
        self.commit()
        return ZipSource(open(self._path, "rb"), self._path, owned=True)

    def finish(self) -> None:
        """Writes the index."""
        start, size = self._end, self._index.tell()
        end = b""
        if max(start, size) >= _FULL or self._count >= 0xFFFF:
            end = _END64.pack(b"PK\x06\x06", 44, 3 << 8 | 45, 45, 0, 0, self._count, self._count, size, start)
            end += _LOCATOR.pack(b"PK\x06\x07", 0, start + size, 1)
        count = min(self._count, 0xFFFF)
        end += _END.pack(b"PK\x05\x06", 0, 0, count, count, min(size, _FULL), min(start, _FULL), 0)
        self.write(self._index, end)
        self.commit()

    def close(self) -> None:
        super().close()
        index, self._index = self._index, None
        if index is not None:
            index.close()


class ZipStreamTarget(ZipTarget):
    """A zip archive that goes to a stream, from its beginning to its end, without a look back.

    Args:
        stream: what has `write`; it is not closed.
    """

    def __init__(self, stream: Any) -> None:
        super().__init__("the stream")
        self._stream = stream

    def open(self) -> None:
        self._index = tempfile.SpooledTemporaryFile(SPOOLED)  # noqa: SIM115 - closed with the target
        self._file = _Writer(self._stream)  # type: ignore[assignment]  # of a file, `write` alone is used
        self.begin()

    def undo(self, start: int) -> None:
        """What a stream has taken it has."""

    def source(self) -> Source | None:
        return None

    def commit(self) -> None:
        flush = getattr(self._stream, "flush", None)
        if callable(flush):
            flush()

    def close(self) -> None:
        self._file = None  # it is the caller's
        super().close()


class _Writer:
    """Writes all of what it is given: raw streams may take a part only."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, data: bytes) -> int:
        rest = data
        while rest:
            taken = self._stream.write(rest)
            if not isinstance(taken, int) or taken >= len(rest):
                break
            if taken <= 0:
                raise OSError("the stream takes no more bytes")
            rest = rest[taken:]
        return len(data)


# -- reading ------------------------------------------------------------


# What `zipfile` raises over damaged, encrypted and unknown entries; OSError, where an offset lies before the file.
_UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, EOFError, ValueError, OSError)


def open_zip(file: IO[bytes], place: str, *, owned: bool) -> Source:
    """An archive, ours or anybody's.

    Raises:
        MailException: it is no archive.
    """
    try:
        file.seek(0)
        if _FIRST.startswith(file.read(len(_FIRST))):
            return ZipSource(file, place, owned=owned)
        return ForeignZip(file, place, owned=owned)
    except BaseException:
        if owned:
            file.close()
        raise


class ZipSource(FileSource):
    """An archive of ours, its index written or not."""

    def scan(self, file: IO[bytes], start: int, size: int) -> Iterator[Entry]:
        try:
            yield from _entries(file, start, size)
        except ValueError as error:
            raise unreadable(self._place, "somebody has changed it") from error

    def copy(self, entry: Entry, name: str, out: Sink) -> None:
        found = _head_at(self._file, entry.start, self._size)
        if found is None:
            raise MessageError(f"{name}: it is not there any more")
        head, data = found
        if head.size > MOST_SIZE or (head.size > BOMB_SIZE and head.size > BOMB_RATIO * head.packed):
            raise MessageError(f"{name}: {head.packed} bytes claim to be {head.size}, which no message would be")
        self._file.seek(data)
        unpack = zlib.decompressobj(-zlib.MAX_WBITS) if head.method == _DEFLATED else None
        crc = size = 0
        try:
            for piece in _unpacked(self._chunks(head.packed), unpack):
                crc, size = zlib.crc32(piece, crc), size + len(piece)
                if size > head.size:
                    raise MessageError(f"{name}: it is larger than it claims to be")
                out.write(piece)
        except zlib.error as error:
            raise MessageError(f"{name}: it is damaged ({error})") from error
        if size != head.size or crc != head.crc or (unpack is not None and not unpack.eof):
            raise MessageError(f"{name}: it is damaged (its length or checksum is wrong)")

    def _chunks(self, left: int) -> Iterator[bytes]:
        while left and (chunk := self._file.read(min(left, COPIED_AT_ONCE))):
            left -= len(chunk)
            yield chunk


def _unpacked(chunks: Iterator[bytes], unpack: Any) -> Iterator[bytes]:
    """Args: unpack: what decompresses, or None. However much a chunk unpacks to, it comes in small pieces."""
    for chunk in chunks:
        if unpack is None:
            yield chunk
            continue
        while chunk:
            yield unpack.decompress(chunk, COPIED_AT_ONCE)
            chunk = unpack.unconsumed_tail
    if unpack is not None:
        yield unpack.flush()


class ForeignZip(Source):
    """An archive of another program: the EML files in it, by their folders."""

    def __init__(self, file: IO[bytes], place: str, *, owned: bool) -> None:
        self._file, self._place, self._owned = file, place, owned
        self._check_index()
        try:
            self._zip = zipfile.ZipFile(file)
        except _UNREADABLE as error:
            raise unreadable(place, f"it is no zip archive ({error})") from error
        self._by_folder: dict[Levels, list[zipfile.ZipInfo]] = {}
        for info in self._zip.infolist():
            if not info.is_dir() and info.filename.lower().endswith(".eml"):
                self._by_folder.setdefault(_folder_of(info.filename), []).append(info)

    def _check_index(self) -> None:
        size = self._file.seek(0, os.SEEK_END) or self._file.tell()
        self._file.seek(max(0, size - 65536 - _END.size))
        tail = self._file.read()
        place = tail.rfind(b"PK\x05\x06")
        if place < 0 or len(tail) - place < _END.size:
            raise unreadable(self._place, "it is no zip archive, or was cut off")
        if _END.unpack_from(tail, place)[5] > MOST_INDEX:
            raise unreadable(self._place, f"its index has more than {MOST_INDEX} bytes")

    def folders(self) -> list[Levels]:
        return sorted(self._by_folder, key=lambda levels: (len(levels), levels))

    def items(self, levels: Levels) -> Iterator[Item]:
        for info in self._by_folder.get(levels, ()):
            name = f"{info.filename!a} in {self._place}"
            yield Item(Record(levels, size=info.file_size), name, partial(self._copy, info, name))

    def _copy(self, info: zipfile.ZipInfo, name: str, out: Sink) -> None:
        if not _is_plain(info.filename):
            raise MessageError(f"{name}: that is a path to somewhere else")
        if info.file_size > MOST_SIZE or (
            info.file_size > BOMB_SIZE and info.file_size > BOMB_RATIO * info.compress_size
        ):
            raise MessageError(f"{name}: {info.compress_size} bytes claim to be {info.file_size}")
        for piece in self._pieces(info, name):
            out.write(piece)

    def _pieces(self, info: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(info) as source:
                while piece := source.read(COPIED_AT_ONCE):
                    yield piece
        except _UNREADABLE as error:
            raise MessageError(f"{name}: it cannot be unpacked ({error})") from error

    def close(self) -> None:
        with contextlib.suppress(ValueError):
            self._zip.close()
        if self._owned:
            self._file.close()


def _parts(name: str) -> list[str]:
    return name.replace("\\", "/").split("/")


def _is_plain(name: str) -> bool:
    parts = _parts(name)
    return not (any(part in ("", ".", "..") for part in parts) or ":" in parts[0] or "\0" in name)


def _folder_of(name: str) -> Levels:
    """The folder of an entry. One that names a path to somewhere else makes no folder; it is refused when read."""
    levels = tuple(decode_level(part) for part in _parts(name)[:-1]) if _is_plain(name) else ()
    if not levels or levels[0].upper() == INBOX[0]:
        return (*INBOX, *levels[1:])
    return levels
