"""The disk queue of SmtpClient as files; knows no server. docs/queue.md describes the format for people.

A message is one file from its first moment to its last: two lines of ours, which make it a message with two more
header fields, then what is sent. The first line has a field of fixed length that says how far the message is, and is
written over in place: this is how an end about to be sent is known after a crash. Beside a message that has been tried
lies a record, which says what became of each recipient. Whoever works on a message has its file locked by the system,
so a claim ends with its process.

`put` may be called by any thread and process. A `Claim` belongs to the one thread that made it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import threading
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from heapq import nsmallest
from typing import IO, Any, Final, cast

from mailclients.disk import PLAIN, TEMPORARY, open_plain, replace_durably, sync_folder, try_lock
from mailclients.errors import AsposeArgumentException, AsposeNotSupportedException, MessageError, escape
from mailclients.wire.smtp import NOTIFY, Envelope, EnvelopeAddress, envelope_address, normalized

__all__ = ["FAILED", "UNKNOWN", "Claim", "DiskQueue", "Record", "Refused", "new_name"]

log = logging.getLogger("mailclients.smtp")

FAILED: Final = "failed"  # the folder of messages that are not tried again, and their state
UNKNOWN: Final = "unknown"  # of those of which nobody knows whether they were delivered
AT_ONCE: Final = 1000  # names that one look at the folder gives at most
STALE: Final = 24 * 3600.0  # seconds after which a file that is still being written counts as forgotten
MOST_HEAD: Final = 4 * 1024 * 1024  # bytes of our two lines
MOST_RECORD: Final = 16 * 1024 * 1024

_WAITING: Final = "waiting"  # nobody has it, or somebody is on the way to its end
_ENDING: Final = "ending"  # its end was about to be sent
_SENT: Final = "sent"  # nothing is left to do but to remove it
_STATES: Final = (_WAITING, _ENDING, _SENT, FAILED, UNKNOWN)
_BEFORE_STATE: Final = b"X-Mailclients-Queue: 1 "
_STATE_LENGTH: Final = 12
_FIRST: Final = re.compile(rb"X-Mailclients-Queue: 1 ([a-z]+) *([0-9]{4})\r\n")
_FIRST_LENGTH: Final = len(_BEFORE_STATE) + _STATE_LENGTH + 2
_ENVELOPE: Final = b"X-Mailclients-Envelope: "
_NAME: Final = re.compile(r"[0-9]{8}T[0-9]{6}\.[0-9]{6}Z-[0-9a-f]{16}")
_MESSAGE: Final = ".eml"
_RECORD: Final = ".json"

_naming = threading.Lock()
_last_stamp = 0


def new_name(at: float) -> str:
    """A name that no other has and nobody guesses; those of one process sort by their time.

    Args:
        at: seconds since the epoch.
    """
    global _last_stamp
    with _naming:
        _last_stamp = stamp = max(_last_stamp + 1, int(at * 1e6))
    when = datetime.fromtimestamp(stamp // 1_000_000, timezone.utc)
    return f"{when:%Y%m%dT%H%M%S}.{stamp % 1_000_000:06}Z-{os.urandom(8).hex()}"


@dataclass(frozen=True)
class Refused:
    """A recipient that the server will not have, and its words."""

    recipient: str
    status: str = ""
    code: str = ""
    text: str = ""


@dataclass
class Record:
    """What is known of a message that has been tried.

    Attributes:
        attempts: those whose outcome is known. due: not to be tried before this time, in seconds since the epoch.
        left: recipients that are still to be served. delivered: those for whom the server took it.
        refused: those it refused for good. reason: why it is not everybody's yet.
        outcome: `FAILED` or `UNKNOWN` once it is not tried again, else empty.
    """

    left: list[str]
    attempts: int = 0
    due: float = 0.0
    delivered: list[str] = field(default_factory=list[str])
    refused: list[Refused] = field(default_factory=list[Refused])
    reason: str = ""
    outcome: str = ""

    def to_json(self, message_id: str) -> bytes:
        """The record as its file has it, with the Message-ID of its message for whoever reads it."""
        members = {
            "format": 1,
            "outcome": self.outcome,
            "message_id": message_id,
            "attempts": self.attempts,
            "due": _moment(self.due),
            "reason": self.reason,
            "left": self.left,
            "delivered": self.delivered,
            "refused": [vars(one) for one in self.refused],
        }
        return json.dumps(members, indent=1).encode("ascii") + b"\n"

    @classmethod
    def from_json(cls, content: bytes) -> Record:
        """Reads a record.

        Raises:
            MessageError: it is none.
        """
        try:
            members = json.loads(content)
            record = cls(
                left=_texts(members["left"]),
                attempts=members["attempts"],
                due=datetime.fromisoformat(members["due"]).timestamp(),
                delivered=_texts(members["delivered"]),
                refused=[Refused(**{key: _text(value) for key, value in one.items()}) for one in members["refused"]],
                reason=_text(members["reason"]),
                outcome=_text(members["outcome"]),
            )
            if (
                members["format"] != 1
                or record.outcome not in ("", FAILED, UNKNOWN)
                or type(record.attempts) is not int
                or record.attempts < 0
            ):
                raise ValueError("its format is not known")
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            raise MessageError(f"the record of a queued message cannot be read: {escape(str(error)[:200])}") from error
        return record


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, timezone.utc).isoformat()


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a {type(value).__name__} instead of a text")
    return value


def _texts(value: object) -> list[str]:
    if not isinstance(value, list):
        raise TypeError(f"a {type(value).__name__} instead of a list")
    return [_text(one) for one in cast("list[object]", value)]


@dataclass(frozen=True)
class _Head:
    """What stands in front of the content."""

    envelope: Envelope
    message_id: str
    require_tls: bool
    queued: float
    size: int
    offset: int


def _head_of(file: IO[bytes]) -> _Head:
    """Reads our second line.

    Raises:
        MessageError: it is not whole.
    """
    file.seek(_FIRST_LENGTH)
    line = b""
    while not line.endswith(b"\n") and len(line) < MOST_HEAD and (piece := file.read(64 * 1024)):
        line, end, _ = (line + piece).partition(b"\n")
        line += end
    if not line.startswith(_ENVELOPE) or not line.endswith(b"\r\n"):
        raise MessageError("its envelope is missing")
    try:
        members: dict[str, Any] = json.loads(line[len(_ENVELOPE) :])
        sender, recipients = members["sender"], _texts(members["recipients"])
        notify = tuple(_texts(members["notify"]))
        if not NOTIFY.issuperset(notify) or type(members["require_tls"]) is not bool:
            raise ValueError("what is wanted of the server is not known")
        head = _Head(
            Envelope(
                None if sender is None else envelope_address(_text(sender), "sender"), _addresses(recipients), notify
            ),
            _text(members["message_id"]),
            members["require_tls"],
            datetime.fromisoformat(members["queued"]).timestamp(),
            int(members["size"]),
            _FIRST_LENGTH + len(line),
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise MessageError(f"its envelope cannot be read: {escape(str(error)[:200])}") from error
    if not recipients:
        raise MessageError("it has no recipients")
    return head


def _addresses(texts: Iterable[str]) -> tuple[EnvelopeAddress, ...]:
    return tuple(envelope_address(text, "recipient") for text in texts)


class Claim:
    """A message that is this thread's until it is given up; nobody else works on it.

    Attributes:
        name: of its file, without the ending. envelope: with those recipients only that are left.
        message_id: with its angle brackets, or empty. require_tls: whether it goes with REQUIRETLS or not at all.
        queued: when it was put there, in seconds since the epoch.
        size: bytes of its content. record: what became of it so far.
        uncertain: its end was about to be sent when its process ended, and nobody knows more.
        damage: why it cannot be sent at all, or None. state: how far it is, as far as its files tell.
    """

    def __init__(self, queue: DiskQueue, name: str, file: IO[bytes]) -> None:
        self._queue = queue
        self._file = file
        self.name = name
        self.message_id = ""
        self.require_tls = False
        self.envelope = Envelope(None, ())
        self.queued = 0.0
        self.size = self._offset = 0
        self.record = Record([])
        self.damage: str | None = None
        state, attempt = _state_of(file)
        try:
            self._read()
        except MessageError as error:
            self.damage = str(error)
        self.uncertain = state == _ENDING and self.record.attempts < attempt and self.damage is None
        self.state = self.record.outcome or state

    def _read(self) -> None:
        head = _head_of(self._file)
        self.queued = head.queued
        self.message_id = head.message_id
        self.require_tls = head.require_tls
        self.envelope = head.envelope
        self.size = head.size
        self._offset = head.offset
        if os.fstat(self._file.fileno()).st_size != head.offset + head.size:
            raise MessageError("its length is not what it was")
        content = self._queue.read_record(self.name)
        if content is None:
            self.record = Record([address.text for address in head.envelope.recipients])
            return
        self.record = record = Record.from_json(content)
        try:
            self.envelope = head.envelope._replace(recipients=_addresses(record.left))
        except AsposeArgumentException as error:
            raise MessageError(f"its record cannot be used: {error}") from error

    def content(self) -> bytes:
        """What is to be sent, with CRLF line ends; what there is of it if it is damaged."""
        if self.damage is not None:
            self._file.seek(0)
            return self._file.read()
        self._file.seek(self._offset)
        pieces: list[bytes] = []
        while piece := self._file.read(1 << 20):  # a file without buffer may give less than it is asked for
            pieces.append(piece)
        return normalized(b"".join(pieces))

    # -- how far it is ------------------------------------------------------------

    def about_to_end(self) -> None:
        """Its end is sent next: when this returns, a crash will not make it be sent twice."""
        self._write_state(_ENDING, self.record.attempts + 1)
        _sync(self._file)

    def release(self) -> None:
        """Nothing of it was sent, and anybody may have it."""
        if not self._file.closed:
            self._write_state(_WAITING, self.record.attempts)
            self._file.close()

    def let_go(self) -> None:
        """Closes the file as it is."""
        self._file.close()

    def try_later(self, due: float, reason: str) -> None:
        """It is not to be tried before a time, and then for those who are left in the record."""
        record = self.record
        record.attempts += 1
        record.due, record.reason = due, reason
        try:
            self._queue.write_record(self.name, record.to_json(self.message_id))
        except OSError:
            # A full disk, perhaps. To try it too early does no harm unless somebody has it.
            if not record.delivered:
                self.release()
            raise
        self.release()

    def remove(self) -> None:
        """Everybody has it."""
        self._write_state(_SENT, self.record.attempts + 1)
        self._file.close()
        self._queue.tidy(self.name, _SENT)

    def set_aside(self, where: str, reason: str) -> None:
        """It is not tried again.

        Args:
            where: `FAILED` or `UNKNOWN`.
        """
        record = self.record
        record.attempts += 1
        record.reason, record.outcome = reason, where
        try:
            self._queue.write_record(self.name, record.to_json(self.message_id))
        finally:  # on a full disk it has no record, and is not tried again for that
            self._write_state(where, record.attempts)
            _sync(self._file)
            self._file.close()
        self._queue.tidy(self.name, where)

    def _write_state(self, state: str, attempt: int) -> None:
        self._file.seek(len(_BEFORE_STATE))
        self._file.write(b"%-7s %04d" % (state.encode("ascii"), min(attempt, 9999)))


def _sync(file: IO[bytes]) -> None:
    getattr(os, "fdatasync", os.fsync)(file.fileno())


def _state_of(file: IO[bytes]) -> tuple[str, int]:
    """How far a message is; what is not known counts as about to be sent for the last time."""
    file.seek(0)
    first = _FIRST.fullmatch(file.read(_FIRST_LENGTH))
    state = first[1].decode("ascii") if first is not None else ""
    return (state, int(first[2])) if first is not None and state in _STATES else (_ENDING, 9999)


class DiskQueue:
    """The files of one queue.

    Args:
        folder: where they are; made, for its owner alone, when somebody puts a message there or looks for one.
    """

    def __init__(self, folder: str) -> None:
        self.folder = os.path.abspath(folder)

    def prepare(self) -> None:
        """Makes the folders."""
        for folder in (self.folder, self._inside(FAILED), self._inside(UNKNOWN)):
            os.makedirs(folder, mode=0o700, exist_ok=True)

    def clean(self, at: float) -> None:
        """Removes what others began to write and, a day later, have not finished."""
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.name.startswith(TEMPORARY):
                    with contextlib.suppress(FileNotFoundError):
                        if entry.stat(follow_symlinks=False).st_mtime < at - STALE:
                            os.unlink(entry.path)

    def _inside(self, *names: str) -> str:
        return os.path.join(self.folder, *names)

    # -- putting in ------------------------------------------------------------

    def put(
        self, messages: Iterable[tuple[Envelope, bytes, str]], at: float, *, require_tls: bool = False
    ) -> list[str]:
        """Writes messages, each whole or not at all; nothing of any is found before the last one has been written.

        When this returns they outlive a loss of power.

        Args:
            messages: envelope, content with CRLF line ends, and Message-ID. at: the time, in seconds since the epoch.
            require_tls: send them with REQUIRETLS, or not at all.

        Returns:
            Their names.
        """
        self.prepare()
        written: dict[str, str] = {}
        try:
            for envelope, content, message_id in messages:
                name = new_name(at)
                written[name] = temporary = self._inside(f"{TEMPORARY}{name}.tmp")
                handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | PLAIN, 0o600)
                with open(handle, "wb") as file:
                    file.write(_first_lines(envelope, content, message_id, at, require_tls))
                    file.write(content)
                    file.flush()
                    os.fsync(handle)
            for name, temporary in written.items():
                os.rename(temporary, self._inside(name + _MESSAGE))
        except BaseException:
            for temporary in written.values():
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
            raise
        if written:
            sync_folder(self.folder)
        return list(written)

    # -- taking out ------------------------------------------------------------

    def names(self, without: Container[str]) -> list[str]:
        """The messages that are there, the oldest `AT_ONCE` of them in order.

        Args:
            without: names that are left out.
        """
        return nsmallest(AT_ONCE, (name for name in self._messages() if name not in without))

    def _messages(self) -> Iterator[str]:
        with os.scandir(self.folder) as entries:
            for entry in entries:
                name, ending = os.path.splitext(entry.name)
                if ending == _MESSAGE and _NAME.fullmatch(name) and entry.is_file(follow_symlinks=False):
                    yield name

    def claim(self, name: str) -> Claim | None:
        """Takes a message; None if somebody else has it, or nothing is left to do for it.

        Raises:
            OSError: its files cannot be read. AsposeNotSupportedException: nothing can be locked in this folder.
        """
        path = self._inside(name + _MESSAGE)
        try:
            file = open_plain(path, os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            if not self._locked(file) or not _is_at(file, path):
                file.close()
                return None
            claim = Claim(self, name, file)
        except BaseException:
            file.close()
            raise
        if claim.state in (_SENT, FAILED, UNKNOWN):
            claim.let_go()
            self.tidy(name, claim.state)  # whoever had it was interrupted in the middle of that
            return None
        return claim

    def _locked(self, file: IO[bytes]) -> bool:
        try:
            return try_lock(file)
        except OSError as error:
            raise AsposeNotSupportedException(
                f"no file can be locked in {self.folder}, so two processes might send the same message: {error}."
                " Put the queue on a disk of this machine"
            ) from error

    # -- what a claim asks ------------------------------------------------------------

    def read_record(self, name: str) -> bytes | None:
        """The record of a message, or None."""
        try:
            with open_plain(self._inside(name + _RECORD)) as file:
                return file.read(MOST_RECORD)
        except FileNotFoundError:
            return None

    def write_record(self, name: str, content: bytes) -> None:
        """Writes the record of a message; it outlives a loss of power."""
        replace_durably(self._inside(name + _RECORD), content)
        sync_folder(self.folder)

    def tidy(self, name: str, state: str) -> None:
        """Does with the files of a message what its state says. Whoever finds them next does what is left of it."""
        message, record = self._inside(name + _MESSAGE), self._inside(name + _RECORD)
        steps: list[Callable[[], object]]
        if state == _SENT:
            steps = [lambda: os.unlink(record), lambda: os.unlink(message)]
        else:
            steps = [
                lambda: os.replace(record, self._inside(state, name + _RECORD)),
                lambda: os.replace(message, self._inside(state, name + _MESSAGE)),
            ]
        try:
            for step in steps:
                with contextlib.suppress(FileNotFoundError):
                    step()
        except OSError as error:
            log.warning("%s stays in the queue's folder although it is %s: %s", message, state, error)

    def sync(self) -> None:
        """What was removed and moved outlives a loss of power."""
        sync_folder(self.folder)


def _first_lines(envelope: Envelope, content: bytes, message_id: str, at: float, require_tls: bool) -> bytes:
    members = {
        "sender": None if envelope.sender is None else envelope.sender.text,
        "recipients": [recipient.text for recipient in envelope.recipients],
        "message_id": message_id,
        "notify": envelope.notify,
        "require_tls": require_tls,
        "queued": _moment(at),
        "size": len(content),
    }
    line = _ENVELOPE + json.dumps(members).encode("ascii") + b"\r\n"
    return _BEFORE_STATE + b"%-7s %04d" % (_WAITING.encode("ascii"), 0) + b"\r\n" + line


def _is_at(file: IO[bytes], path: str) -> bool:
    """Whether the open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.lstat(path))
    except FileNotFoundError:
        return False
