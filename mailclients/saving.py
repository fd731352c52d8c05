"""Saving a message to a file or a stream while it comes in, whatever the protocol: memory stays small.

A body of the protocol's (`Fetch`) brings the message into a file of our own, through a `FileSink`, which is entered
under the lock of its connection. Everything of the caller's is touched outside of that: the file's name at the end,
the stream by an `Aside`.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Generator
from functools import partial
from typing import IO, Any, Final

from mailclients.engine.commands import Aside, Command
from mailclients.engine.tasks import Body
from mailclients.errors import MailClientError, OperationCanceledException

__all__ = ["COPIED_AT_ONCE", "SPOOLED", "Fetch", "FileSink", "save"]

SPOOLED: Final = 256 * 1024  # bytes of a message on its way to a stream that are kept in memory, not on disk
COPIED_AT_ONCE: Final = 64 * 1024  # bytes of it that the stream is given in one write

Fetch = Callable[[IO[bytes]], Generator["Command | list[Command]", Any, None]]
"""Brings one message into a file."""


class FileSink:
    """Puts a message that is streamed into a file of our own, never into anything of a user's: this is under the lock.

    Attributes:
        written: bytes of the message so far. error: why the file has not got them all, or None.
    """

    __slots__ = ("_file", "error", "written")

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.written = 0
        self.error: Exception | None = None

    def begin_again(self) -> None:
        """Throws away what was written: the message is asked for once more."""
        if self.written:
            self.written, self.error = 0, None
            self._keep(self._file.seek, 0)
            self._keep(self._file.truncate)

    def disown(self) -> None:
        """Nobody waits for the message any more: whoever made the file closes it now."""
        if self.error is None:
            self.error = OperationCanceledException("nobody waits for the message any more")

    def write(self, data: memoryview, /) -> None:
        """Takes a piece. After an error the rest is read and dropped: the connection stays in step."""
        self._keep(self._file.write, data)
        self.written += len(data)

    def _keep(self, step: Callable[..., object], *arguments: Any) -> None:
        """A full disk is the matter of whoever wanted the message, not of the connection."""
        if self.error is None:
            try:
                step(*arguments)
            except Exception as error:  # noqa: BLE001 - handed to the owner of the file, whatever it is
                self.error = error


def save(fetch: Fetch, file_name: str | None, stream: Any) -> Body:
    """One message to a file or stream, of which one is given."""
    if file_name is not None:
        yield from _save_to_file(fetch, file_name)
        return
    # A stream's `write` may take for ever, or call the client: it is called when the message is here, whole, and
    # neither the connection nor its driver is needed. So it gets nothing twice, nor any of a message that is lost.
    with tempfile.SpooledTemporaryFile(SPOOLED) as spool:
        yield from _fetch_into(spool, tempfile.gettempdir(), fetch)
        spool.seek(0)
        yield Aside(partial(_copy, spool, stream))


def _save_to_file(fetch: Fetch, file_name: str) -> Body:
    # Beside its final place and renamed at the end: no half a message is ever found under its name.
    folder = os.path.dirname(os.path.abspath(file_name))
    try:
        handle, temporary = tempfile.mkstemp(prefix=".mailclients-", suffix=".tmp", dir=folder)
    except OSError as error:
        error.filename = file_name  # the name that the caller knows
        raise
    try:
        with open(handle, "wb") as target:
            yield from _fetch_into(target, file_name, fetch)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, file_name)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _fetch_into(file: IO[bytes], place: str, fetch: Fetch) -> Generator[Command | list[Command], Any, None]:
    """Args: place: what an error of the file names."""
    try:
        yield from fetch(file)
        file.flush()
    except OSError as error:
        if not isinstance(error, MailClientError):
            error.filename = place
        raise


def _copy(source: IO[bytes], stream: Any, aside: Aside) -> None:
    while aside.wanted() and (chunk := source.read(COPIED_AT_ONCE)):
        _write_to(stream, chunk)


def _write_to(stream: Any, rest: bytes) -> None:
    """Writes all of it: raw streams may take a part only."""
    while rest:
        taken = stream.write(rest)
        if not isinstance(taken, int) or taken >= len(rest):
            return
        if taken <= 0:
            raise OSError("the stream takes no more bytes")
        rest = rest[taken:]


def _umask() -> int:
    # There is no way to ask for it without setting it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
