"""A backup as a Maildir with subfolders (Maildir++), as `mailbox.Maildir` and mail servers read it.

The root is the INBOX, each other folder a directory ".Level.Level" in it. A file's name says which message it is
(UIDVALIDITY and UID) and its flags, its time of modification is the internal date, and keywords are letters whose
meaning is in "dovecot-keywords", as Dovecot does it. So the directory is its own manifest: a message is written under
"tmp" and renamed into "cur" whole, and whoever goes on after a crash looks at the names there.

The root's "mailclients-backup.json" says whose it is, each folder's "mailclients-folder.json" what its name is, and
"mailclients-flags.jsonl" has the flags for which there is no letter. Symbolic links are never followed, and nothing
but plain files is read.
"""

from __future__ import annotations

import contextlib
import heapq
import json
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import IO, Final, cast

from mailclients.disk import PLAIN, TEMPORARY, open_plain, replace_durably, sync_folder
from mailclients.errors import AsposeInvalidOperationException, MessageError
from mailclients.imap.backup.items import COPIED_AT_ONCE, MOST_RECORD, Item, Record, Sink, fitting_flags
from mailclients.imap.backup.locks import lock
from mailclients.imap.backup.names import INBOX, Labels, Levels, decode_level
from mailclients.imap.backup.stores import Source, Target, not_ours, unreadable
from mailclients.imap.backup.uid_sets import UidSet

__all__ = ["MaildirSource", "MaildirTarget"]

AT_ONCE: Final = 10_000  # names that are sorted in memory together
MOST_NAME: Final = 240  # bytes of a directory's name; file systems take 255

_MARK: Final = "mailclients-backup.json"
_LOCK: Final = "mailclients.lock"
_FOLDER: Final = "mailclients-folder.json"
_FLAGS: Final = "mailclients-flags.jsonl"
_KEYWORDS: Final = "dovecot-keywords"
_MARK_TEXT: Final = b'{"format": 1}\n'
_COLON: Final = "!" if os.name == "nt" else ":"  # as `mailbox` advises where a name cannot have a colon
_OURS: Final = re.compile(r"(-?[0-9]+)\.V([0-9]{1,10})U([0-9]{1,10})\.mailclients")
_LETTERS: Final = {
    "\\draft": "D",
    "\\flagged": "F",
    "$forwarded": "P",
    "\\answered": "R",
    "\\seen": "S",
    "\\deleted": "T",
}
_MEANING: Final = {
    "D": "\\Draft",
    "F": "\\Flagged",
    "P": "$Forwarded",
    "R": "\\Answered",
    "S": "\\Seen",
    "T": "\\Deleted",
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)


def _is_directory(path: str) -> bool:
    """Whether it is a directory, and no link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _read(path: str, most: int) -> bytes:
    """The content of a small file, empty when there is none or it is too large."""
    try:
        with open_plain(path) as file:
            content = file.read(most + 1)
    except OSError:
        return b""
    return content if len(content) <= most else b""


def _names(path: str) -> Iterator[str]:
    """The plain files of a directory that is no link, in whatever order."""
    if not _is_directory(path):
        return
    with os.scandir(path) as entries:
        for entry in entries:
            if not entry.name.startswith(".") and entry.is_file(follow_symlinks=False):
                yield entry.name


def _keywords(directory: str) -> dict[str, str]:
    """The keywords that letters stand for, by letter (Dovecot: "0 name")."""
    found: dict[str, str] = {}
    for line in _read(os.path.join(directory, _KEYWORDS), 64 * 1024).decode("utf-8", "replace").splitlines():
        number, _, name = line.partition(" ")
        if number.isascii() and number.isdigit() and len(number) <= 2 and int(number) < 26 and fitting_flags((name,)):
            found[chr(ord("a") + int(number))] = name
    return found


class _Folder:
    """A directory that is being written, and what is known of it."""

    def __init__(self, path: str, levels: Levels) -> None:
        self.path = path
        self.levels = levels
        self.keywords = _keywords(path)
        self.have: dict[int, UidSet] = {}
        self.dirty = False

    def uids(self, uid_validity: int) -> UidSet:
        return self.have.setdefault(uid_validity, UidSet())

    def letters_of(self, flags: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        """The letters for the flags, sorted, and the flags for which there is none."""
        letters: set[str] = set()
        rest: list[str] = []
        known = {name.lower(): letter for letter, name in self.keywords.items()}
        for flag in flags:
            letter = _LETTERS.get(flag.lower()) or known.get(flag.lower())
            if letter is None and not flag.startswith("\\"):
                free = (chr(ord("a") + number) for number in range(26))
                letter = next((each for each in free if each not in self.keywords), None)
                if letter is not None:
                    self.keywords[letter] = flag
                    known[flag.lower()] = letter
                    lines = "".join(f"{ord(k) - ord('a')} {name}\n" for k, name in sorted(self.keywords.items()))
                    replace_durably(os.path.join(self.path, _KEYWORDS), lines.encode("ascii"))
            if letter is None:
                rest.append(flag)
            else:
                letters.add(letter)
        return "".join(sorted(letters)), tuple(rest)


class MaildirTarget(Target):
    """A directory that is being written.

    Args:
        path: its name; made, with the directories above it, when it does not exist.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock: IO[bytes] | None = None
        self._labels = Labels(also=".")
        self._folders: dict[Levels, _Folder] = {}

    def open(self) -> None:
        os.makedirs(self._path, mode=0o700, exist_ok=True)
        mark = os.path.join(self._path, _MARK)
        if not os.path.lexists(mark):
            with os.scandir(self._path) as entries:
                unknown = [e.name for e in entries if e.name != _LOCK and not e.name.startswith(TEMPORARY)]
            if unknown:
                raise not_ours(self._path)
        elif _read(mark, 1000) != _MARK_TEXT:
            raise not_ours(self._path)
        flags = os.O_RDWR | os.O_CREAT | PLAIN
        self._lock = os.fdopen(os.open(os.path.join(self._path, _LOCK), flags, 0o600), "r+b")
        lock(self._lock, self._path)
        replace_durably(mark, _MARK_TEXT)
        for label, levels in _directories(self._path):
            self._labels.keep(levels, tuple(label[1:].split(".")))
        self._prepare(self._path)

    def folder(self, levels: Levels, uid_validity: int) -> UidSet:
        return self._folder(levels).uids(uid_validity)

    def is_stale(self, levels: Levels, uid_validity: int) -> bool:
        return any(validity != uid_validity and len(uids) for validity, uids in self._folder(levels).have.items())

    def _folder(self, levels: Levels) -> _Folder:
        known = self._folders.get(levels)
        if known is not None:
            return known
        # One at a time: what is known of a large folder is not kept when the next one is at hand.
        self._folders.clear()
        path = self._path
        if levels != INBOX:
            name = "." + ".".join(self._labels.of(levels))
            if len(os.fsencode(name)) > MOST_NAME:
                name = self._short(levels)
            path = os.path.join(self._path, name)
            if os.path.lexists(path) and not _is_directory(path):
                raise AsposeInvalidOperationException(f"{path} is in the way of a folder: it is no directory")
            os.makedirs(path, mode=0o700, exist_ok=True)
        self._prepare(path)
        described = os.path.join(path, _FOLDER)
        text = Record(levels, uid=-1).to_json() + b"\n"
        if _read(described, MOST_RECORD) != text:
            replace_durably(described, text)
            if levels != INBOX:
                replace_durably(os.path.join(path, "maildirfolder"), b"")
            sync_folder(self._path)
        made = self._folders[levels] = _Folder(path, levels)
        for name in _names(os.path.join(path, "cur")):
            match = _OURS.match(name)
            if match is not None:
                made.uids(int(match[2])).add(int(match[3]))
        return made

    def _short(self, levels: Levels) -> str:
        """A name for a folder whose own would be too long for a directory."""
        from hashlib import blake2b

        digest = blake2b("\0".join(levels).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        return f".{self._labels.of(levels[:1])[0][:40]}.%~{digest}"

    def _prepare(self, path: str) -> None:
        for name in ("tmp", "new", "cur"):
            inner = os.path.join(path, name)
            if not _is_directory(inner):
                os.mkdir(inner, 0o700)  # fails where a link or a file stands in the way
        # What a backup that was killed was at is fetched again.
        for name in _names(os.path.join(path, "tmp")):
            if _OURS.match(name):
                os.unlink(os.path.join(path, "tmp", name))

    def add(self, record: Record, content: IO[bytes]) -> None:
        folder = self._folder(record.levels)
        letters, rest = folder.letters_of(record.flags)
        moment = _seconds(record.date)
        name = f"{moment}.V{record.uid_validity}U{record.uid}.mailclients,S={record.size}"
        if rest:
            # Before the message is there: a line too much does no harm, one too few would.
            self._write_flags(folder, record, rest)
        temporary = os.path.join(folder.path, "tmp", name)
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | PLAIN, 0o600)
            with os.fdopen(handle, "wb") as file:
                content.seek(0)
                while chunk := content.read(COPIED_AT_ONCE):
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(OSError, OverflowError):  # a date that this file system cannot have
                os.utime(temporary, (moment, moment))
            os.rename(temporary, os.path.join(folder.path, "cur", f"{name}{_COLON}2,{letters}"))
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
        folder.dirty = True
        folder.uids(record.uid_validity).add(record.uid)

    def _write_flags(self, folder: _Folder, record: Record, flags: tuple[str, ...]) -> None:
        line = json.dumps([record.uid_validity, record.uid, list(flags)]).encode("ascii")
        handle = os.open(os.path.join(folder.path, _FLAGS), os.O_WRONLY | os.O_CREAT | os.O_APPEND | PLAIN, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write(b"\n" + line + b"\n")  # the line before may be torn
            file.flush()
            os.fsync(file.fileno())

    def source(self) -> Source | None:
        return MaildirSource(self._path)

    def commit(self) -> None:
        for folder in self._folders.values():
            if folder.dirty:
                sync_folder(os.path.join(folder.path, "cur"))
                folder.dirty = False

    def finish(self) -> None:
        self.commit()

    def close(self) -> None:
        held, self._lock = self._lock, None
        if held is not None:
            held.close()


def _seconds(date: datetime | None) -> int:
    return int(time.time()) if date is None else (date - _EPOCH) // timedelta(seconds=1)


def _directories(root: str) -> list[tuple[str, Levels]]:
    """The folders below the root: names of their directories and of what they stand for."""
    found: list[tuple[str, Levels]] = []
    with os.scandir(root) as entries:
        for entry in entries:
            name = entry.name
            if not name.startswith(".") or name in (".", "..") or not entry.is_dir(follow_symlinks=False):
                continue
            if not _is_directory(os.path.join(entry.path, "cur")):
                continue
            told = Record.from_json(_read(os.path.join(entry.path, _FOLDER), MOST_RECORD))
            levels = tuple(map(decode_level, name[1:].split("."))) if told is None else told[0].levels
            found.append((name, levels))
    return sorted(found)


class MaildirSource(Source):
    """A directory, ours or anybody's.

    Args:
        path: its name.

    Raises:
        MailException: it is no Maildir.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._paths: dict[Levels, str] = {}
        if _is_directory(os.path.join(path, "cur")):
            self._paths[INBOX] = path
        for name, levels in _directories(path):
            self._paths.setdefault(levels, os.path.join(path, name))
        if not self._paths:
            raise unreadable(path, 'there is no Maildir (no directory "cur") in it')

    def folders(self) -> list[Levels]:
        mine = os.path.lexists(os.path.join(self._path, _MARK))
        found = sorted(self._paths, key=lambda levels: (len(levels), levels))
        if mine and not os.path.lexists(os.path.join(self._path, _FOLDER)):
            found.remove(INBOX)  # the root is there for the others' sake
        return found

    def items(self, levels: Levels) -> Iterator[Item]:
        path = self._paths.get(levels)
        if path is None:
            return
        keywords, more = _keywords(path), _more_flags(path)
        for inner in ("cur", "new"):
            directory = os.path.join(path, inner)
            last: tuple[int, int, str] | None = None
            while batch := heapq.nsmallest(AT_ONCE, _keys(directory, last)):
                last = batch[-1]
                for validity, uid, name in batch:
                    found = _item(levels, os.path.join(directory, name), keywords, more.get((validity, uid), ()))
                    if found is not None:
                        yield found
                if len(batch) < AT_ONCE:
                    break

    def close(self) -> None:
        """Nothing is open between two messages."""


def _keys(directory: str, last: tuple[int, int, str] | None) -> Iterator[tuple[int, int, str]]:
    """What the files are sorted by, those behind `last`."""
    for name in _names(directory):
        match = _OURS.match(name)
        key = (int(match[2]), int(match[3]), name) if match is not None else (0, 0, name)
        if last is None or key > last:
            yield key


def _more_flags(path: str) -> dict[tuple[int, int], tuple[str, ...]]:
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    try:
        file = open_plain(os.path.join(path, _FLAGS))
    except OSError:
        return found
    with file:
        while line := file.readline(MOST_RECORD):
            told = _flags_in(line)
            if told is not None:
                found[told[0]] = told[1]
    return found


def _flags_in(line: bytes) -> tuple[tuple[int, int], tuple[str, ...]] | None:
    """A message and its flags; None of a line that is torn."""
    try:
        validity, uid, flags = json.loads(line)
    except (TypeError, ValueError, RecursionError):
        return None
    if type(validity) is not int or type(uid) is not int or not isinstance(flags, list):
        return None
    return (validity, uid), fitting_flags(flag for flag in cast("list[object]", flags) if isinstance(flag, str))


def _item(levels: Levels, path: str, keywords: dict[str, str], more: tuple[str, ...]) -> Item | None:
    try:
        status = os.lstat(path)
    except OSError:
        return None  # another program has just moved it
    name = os.path.basename(path)
    match = _OURS.match(name)
    letters = re.split("[:!;]2,", name)[-1] if re.search("[:!;]2,", name) else ""
    flags = [_MEANING.get(letter) or keywords.get(letter) or "" for letter in letters]
    date: datetime | None = None
    with contextlib.suppress(OverflowError):
        date = _EPOCH + timedelta(seconds=int(match[1]) if match is not None else int(status.st_mtime))
    validity, uid = (int(match[2]), int(match[3])) if match is not None else (0, 0)
    record = Record(levels, validity, uid, fitting_flags((*flags, *more)), date, status.st_size)
    return Item(record, path, _copier(path))


def _copier(path: str) -> Callable[[Sink], None]:
    return partial(_copy, path)


def _copy(path: str, out: Sink) -> None:
    try:
        file = open_plain(path)
    except OSError as error:
        raise MessageError(f"{path} cannot be read: {error}") from error
    with file:
        while chunk := file.read(COPIED_AT_ONCE):
            out.write(chunk)
