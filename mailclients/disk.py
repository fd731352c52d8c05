"""Files that survive: written whole or not at all, safe from a loss of power, locked by the system, never links.

Functions of their arguments alone: no state, no lock of their own, any thread. They block on the disk.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import tempfile
from typing import IO, Final

__all__ = ["PLAIN", "TEMPORARY", "open_plain", "replace_durably", "sync_folder", "try_lock"]

TEMPORARY: Final = ".mailclients-"  # how the names of files begin that are still being written
# Flags of `os.open` with which no link is followed and no pipe waited for.
PLAIN: Final = (
    getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_HELD: Final = (errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK)


def open_plain(path: str, flags: int = os.O_RDONLY) -> IO[bytes]:
    """Opens a plain file, for reading unless the flags (`os.O_RDWR`) say otherwise; without a buffer then.

    Raises:
        OSError: it is a link, a device or a pipe, or cannot be opened.
    """
    handle = os.open(path, flags | PLAIN)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode) or stat.S_ISLNK(os.lstat(path).st_mode):
            raise OSError(f"{path!r} is no plain file")
        return os.fdopen(handle, "rb") if flags == os.O_RDONLY else os.fdopen(handle, "r+b", buffering=0)
    except BaseException:
        os.close(handle)
        raise


def replace_durably(path: str, content: bytes) -> None:
    """Writes a small file so that it has its old content or the new one at any time."""
    handle, temporary = tempfile.mkstemp(prefix=TEMPORARY, suffix=".tmp", dir=os.path.dirname(path))
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def sync_folder(path: str) -> None:
    """Makes the names in a folder safe from a loss of power."""
    if os.name == "nt":
        return  # directories cannot be opened there
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def try_lock(file: IO[bytes]) -> bool:
    """Locks an open file until it is closed, or its process ends; False if somebody has it.

    Raises:
        OSError: the file system knows no locks.
    """
    try:
        _lock(file)
    except OSError as error:
        if error.errno in _HELD:
            return False
        raise
    return True


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        place = file.tell()
        os.lseek(file.fileno(), 0x7FFFFFFE, os.SEEK_SET)  # a byte that is not there: the others can be read
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        finally:
            file.seek(place)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)  # between operations of one process, too
        fcntl.lockf(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)  # what mailbox.mbox and mail programs look at
