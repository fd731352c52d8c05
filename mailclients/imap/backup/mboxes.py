r"""A backup as one file in mbox format, for all folders together.

A message begins with a "From " line; then come four header lines of ours, which are taken off again when it is
restored: ``X-Mailclients`` says all that is known of it, ``Status``, ``X-Status`` and ``X-Keywords`` say its flags to
mail programs. A line of the content that begins with "From ", with or without ">" before it, gets one more ">",
which can be undone (``mailbox`` quotes such lines so that it cannot). Line ends are LF, as in any mbox file, where the
content has nothing but CRLF. A folder without messages is a record without content.

Files of other programs are read by `mailbox`; their messages are in a folder with the name of the file.
"""

from __future__ import annotations

import mailbox
import os
import re
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import IO, Any, Final

from mailclients.errors import MailException, MessageError
from mailclients.imap.backup.items import COPIED_AT_ONCE, Item, Record, Sink
from mailclients.imap.backup.names import INBOX, Levels
from mailclients.imap.backup.stores import Entry, FileSource, FileTarget, Source, not_ours, unreadable
from mailclients.imap.backup.uid_sets import UidSet

__all__ = ["MboxSource", "MboxTarget", "open_mbox"]

SPOOLED: Final = 256 * 1024  # bytes of one quoted message that are kept in memory
MOST_HEAD: Final = 128 * 1024  # bytes of our lines before a content
LINE: Final = 65536  # bytes of a line that are looked at together; more than the marks in `_QUOTED`
MOST_HEADER: Final = 256 * 1024  # bytes of another program's message in which its flags are looked for

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FROM: Final = b"From mailclients@localhost "
# A line that begins with more marks than anybody would count is quoted whatever follows them: so it can be undone.
_QUOTED: Final = re.compile(rb"\n(?=>{0,60000}From |>{60001})")
_UNQUOTED: Final = re.compile(rb"\n>(?=>{0,60000}From |>{60001})")
_HEAD: Final = re.compile(
    rb"From mailclients@localhost [^\n]{24}\nX-Mailclients: ([^\n]*)\nStatus: [^\n]*\nX-Status: [^\n]*\n"
    rb"X-Keywords: [^\n]*\n"
)
_NEVER: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_STATUS: Final = {"\\seen": "R"}
_X_STATUS: Final = {"\\answered": "A", "\\flagged": "F", "\\draft": "T", "\\deleted": "D"}
_MEANING: Final = {"R": "\\Seen", "A": "\\Answered", "F": "\\Flagged", "T": "\\Draft", "D": "\\Deleted"}


def _from_line(date: datetime | None) -> bytes:
    try:
        when = (date or _NEVER).astimezone(timezone.utc)
    except OverflowError:
        when = _NEVER  # the record has the true one
    time = f"{when.hour:02}:{when.minute:02}:{when.second:02}"
    text = f"{_DAYS[when.weekday()]} {_MONTHS[when.month - 1]} {when.day:2} {time} {when.year:04}\n"
    return _FROM + text.encode("ascii")


def _head(record: Record, **more: int | str) -> bytes:
    lower = [flag.lower() for flag in record.flags]
    status = "".join(letter for flag, letter in _STATUS.items() if flag in lower) + "O"
    x_status = "".join(letter for flag, letter in _X_STATUS.items() if flag in lower)
    keywords = " ".join(flag for flag in record.flags if not flag.startswith("\\"))
    lines = f"\nStatus: {status}\nX-Status: {x_status}\nX-Keywords: {keywords}\n"
    return _from_line(record.date) + b"X-Mailclients: " + record.to_json(**more) + lines.encode("ascii")


class MboxTarget(FileTarget):
    """A file in mbox format that is being written; one that is there is gone on with.

    Args:
        path: its name.
    """

    def scan(self, file: IO[bytes], size: int) -> Iterator[Entry]:
        try:
            yield from _entries(file, 0, size)
        except ValueError as error:
            raise not_ours(self._path) from error

    def begin(self) -> None:
        """There is nothing before the first message."""

    def folder(self, levels: Levels, uid_validity: int) -> UidSet:
        if levels not in self._folders:
            self.write(_head(Record(levels, uid_validity, -1), stored=0, crc=0) + b"\n")
            self._folders.add(levels)
        return super().folder(levels, uid_validity)

    def add(self, record: Record, content: IO[bytes]) -> None:
        with tempfile.SpooledTemporaryFile(SPOOLED) as quoted:
            crc, lf = _examine(content)
            last = b""
            for piece, begins in _pieces(content):
                text = _quoted(piece.replace(b"\r\n", b"\n") if lf else piece, begins)
                quoted.write(text)
                last = text[-1:]
            if last != b"\n":
                quoted.write(b"\n")
            head = _head(record, stored=quoted.tell(), crc=crc, ends="lf" if lf else "")
            self.write(head, quoted, b"\n")
        self._uids(record.levels, record.uid_validity).add(record.uid)

    def source(self) -> Source | None:
        self.commit()
        return MboxSource(open(self._path, "rb"), self._path, owned=True)


def _examine(content: IO[bytes]) -> tuple[int, bool]:
    """The checksum, and whether every line ends in CRLF and nothing else does."""
    content.seek(0)
    crc, only_crlf, before = 0, True, b""
    while chunk := content.read(COPIED_AT_ONCE):
        crc = zlib.crc32(chunk, crc)
        seen = before + chunk
        if seen.endswith(b"\r"):
            before = b"\r"
            seen = seen[:-1]
        else:
            before = b""
        only_crlf = only_crlf and seen.count(b"\n") == seen.count(b"\r\n") == seen.count(b"\r")
    return crc, only_crlf and not before


def _pieces(content: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The content in pieces, and whether a line begins with the piece.

    Of every line that begins in a piece at least `LINE` bytes are in it, and no CRLF is torn.
    """
    content.seek(0)
    begins = True
    while piece := content.read(LINE) + content.readline(LINE):
        if piece.endswith(b"\r"):
            piece += content.readline(1)
        yield piece, begins
        begins = piece.endswith(b"\n")


def _quoted(piece: bytes, begins: bool) -> bytes:
    if begins:
        return _QUOTED.sub(b"\n>", b"\n" + piece)[1:]
    return _QUOTED.sub(b"\n>", piece)


def _unquoted(piece: bytes, begins: bool) -> bytes:
    if begins:
        return _UNQUOTED.sub(b"\n", b"\n" + piece)[1:]
    return _UNQUOTED.sub(b"\n", piece)


def _head_at(file: IO[bytes], start: int, size: int) -> tuple[Record, dict[str, Any], int] | None:
    """The record at an offset, what else its line says, and where its content begins; None where the file ends or
    its last record is torn.

    Raises:
        ValueError: there is something else.
    """
    file.seek(start)
    raw = file.read(min(MOST_HEAD, size - start))
    match = _HEAD.match(raw)
    if match is None:
        if size - start < MOST_HEAD and (raw.startswith(_FROM) or _FROM.startswith(raw)) and _is_torn(raw):
            return None
        raise ValueError("no record")
    told = Record.from_json(match[1])
    if told is None:
        raise ValueError("no record")
    record, more = told
    stored = more.get("stored")
    if type(stored) is not int or stored < 0 or type(more.get("crc")) is not int:
        raise ValueError("no record")
    data = start + match.end()
    if data + stored + 1 > size:
        return None
    file.seek(data + stored)
    if file.read(1) != b"\n" or file.read(5) not in (b"From ", *(b"From "[:length] for length in range(5))):
        raise ValueError("no record")
    return record, more, data


_HEAD_LINES: Final = (_FROM, b"X-Mailclients: ", b"Status: ", b"X-Status: ", b"X-Keywords: ")


def _is_torn(raw: bytes) -> bool:
    """Whether this is how one of our heads begins."""
    lines = raw.split(b"\n")
    return len(lines) <= len(_HEAD_LINES) and all(
        line.startswith(begin) or (line is lines[-1] and begin.startswith(line))
        for line, begin in zip(lines, _HEAD_LINES, strict=False)
    )


def _entries(file: IO[bytes], start: int, size: int) -> Iterator[Entry]:
    while start < size:
        found = _head_at(file, start, size)
        if found is None:
            return
        record, more, data = found
        entry = Entry(start, data + more["stored"] + 1, record)
        start = entry.end
        yield entry


# -- reading ------------------------------------------------------------


def open_mbox(path: str) -> Source:
    """A file in mbox format, ours or anybody's.

    Raises:
        MailException: it is no such file.
    """
    file = open(path, "rb")  # noqa: SIM115 - the source closes it
    try:
        size = file.seek(0, os.SEEK_END)
        try:
            _head_at(file, 0, size)
            return MboxSource(file, path, owned=True)
        except ValueError:
            pass  # another program's, or one that another program has changed since
    except _Changed:
        pass
    except BaseException:
        file.close()
        raise
    file.close()
    return ForeignMbox(path)


class _Changed(MailException):
    """A file of ours that another program has written to: what our lines say is not where anything is."""


class MboxSource(FileSource):
    """A file of ours."""

    def scan(self, file: IO[bytes], start: int, size: int) -> Iterator[Entry]:
        try:
            yield from _entries(file, start, size)
        except ValueError as error:
            raise _Changed(f"{self._place} has been changed by another program") from error

    def copy(self, entry: Entry, name: str, out: Sink) -> None:
        found = _head_at(self._file, entry.start, self._size)
        if found is None:
            raise MessageError(f"{name}: it is not there any more")
        record, more, data = found
        self._file.seek(data)
        left, crc, size, begins = more["stored"], 0, 0, True
        crlf = more.get("ends") == "lf"
        while left:
            piece = self._file.read(min(LINE, left))
            piece += self._file.readline(min(LINE + 1, left - len(piece)))
            if not piece:
                break
            left -= len(piece)
            ended = piece.endswith(b"\n")
            text = _unquoted(piece, begins)
            begins = ended
            if crlf:
                text = text.replace(b"\n", b"\r\n")
            text = text[: record.size - size]  # a line end that had to be added goes
            crc, size = zlib.crc32(text, crc), size + len(text)
            out.write(text)
        if size != record.size or crc != more["crc"]:
            raise MessageError(f"{name}: it is damaged (its length or checksum is wrong)")


_STATUS_LINE: Final = re.compile(rb"^(?:X-)?Status:[ \t]*([A-Z]*)", re.IGNORECASE | re.MULTILINE)
_OUR_LINE: Final = re.compile(rb"X-Mailclients: ([^\r\n]*)")
_OUR_LINES: Final = re.compile(rb"\AX-Mailclients: [^\r\n]*\r?\n(?:(?:X-Keywords|(?:X-)?Status):[^\r\n]*\r?\n)*")
_DATE: Final = re.compile(
    rb"([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d)(?::(\d\d))?(?: [A-Z]+)? (\d{4})(?: ([+-])(\d\d)(\d\d))?\s*$"
)


class ForeignMbox(Source):
    """A file of another program, or one of ours that another program has written to."""

    def __init__(self, path: str) -> None:
        self._path = path
        with open(path, "rb") as file:
            if file.read(5) != b"From ":
                raise unreadable(path, 'it does not begin with a "From " line')
        self._box = mailbox.mbox(path, create=False)
        self._by_folder: dict[Levels, list[Any]] = {}
        stem = os.path.splitext(os.path.basename(path))[0]
        self._folder = INBOX if stem.upper() in ("", INBOX[0]) else (stem,)
        for key in self._box.iterkeys():
            record = self._record(key)
            keys = self._by_folder.setdefault(record.levels, [])
            if not record.of_folder:
                keys.append(key)

    def _record(self, key: Any) -> Record:
        """What its lines say of a message; its flags are those that a mail program may have changed."""
        with self._box.get_file(key, from_=True) as file:
            line = file.readline(1000)
            header = re.split(rb"\r?\n\r?\n", file.read(MOST_HEADER), maxsplit=1)[0]
        letters = b"".join(_STATUS_LINE.findall(header)).decode("ascii").upper()
        flags = tuple(flag for letter, flag in _MEANING.items() if letter in letters)
        match = _OUR_LINE.match(header)
        told = Record.from_json(match[1]) if match is not None else None
        if told is None:
            return Record(self._folder, flags=flags, date=_date_of(line))
        known = told[0]
        keywords = tuple(flag for flag in known.flags if flag.lower() not in map(str.lower, _MEANING.values()))
        return replace(known, flags=flags + keywords)

    def folders(self) -> list[Levels]:
        return sorted(self._by_folder, key=lambda levels: (len(levels), levels))

    def items(self, levels: Levels) -> Iterator[Item]:
        for key in self._by_folder.get(levels, ()):
            yield Item(self._record(key), f"message {key + 1} in {self._path}", partial(self._copy, key))

    def _copy(self, key: Any, out: Sink) -> None:
        with self._box.get_file(key) as file:
            out.write(_OUR_LINES.sub(b"", file.read(MOST_HEAD)))
            while chunk := file.read(COPIED_AT_ONCE):
                out.write(chunk)

    def close(self) -> None:
        self._box.close()


def _date_of(line: bytes) -> datetime | None:
    match = _DATE.search(line)
    if match is None or match[1].decode() not in _MONTHS:
        return None
    month, day, hour, minute, second, year, sign, hours, minutes = match.groups()
    zone = timezone.utc
    try:
        if sign is not None:
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            zone = timezone(-offset if sign == b"-" else offset)
        number = _MONTHS.index(month.decode()) + 1
        return datetime(int(year), number, int(day), int(hour), int(minute), int(second or 0), tzinfo=zone)
    except ValueError:
        return None
