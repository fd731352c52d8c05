"""One backup at a time in a place: a lock of the system on a file, which ends with the process that has it.

Lock files that merely exist would outlive a process that was killed, and keep its backup from being resumed.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import IO

from mailclients.errors import AsposeInvalidOperationException

__all__ = ["lock"]

_HELD = (errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK)


def lock(file: IO[bytes], place: str) -> None:
    """Locks an open file until it is closed.

    Raises:
        AsposeInvalidOperationException: somebody has it.
    """
    try:
        _lock(file)
    except OSError as error:
        if error.errno in _HELD:
            raise AsposeInvalidOperationException(
                f"{place} is being written by another backup, or locked by another program; try again when that is done"
            ) from error
        # A file system without locks: whoever starts two backups into one place there is on his own.


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
