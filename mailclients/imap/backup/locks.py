"""One backup at a time in a place: a lock of the system on a file, which ends with the process that has it.

Lock files that merely exist would outlive a process that was killed, and keep its backup from being resumed.
"""

from __future__ import annotations

from typing import IO

from mailclients.disk import try_lock
from mailclients.errors import AsposeInvalidOperationException

__all__ = ["lock"]


def lock(file: IO[bytes], place: str) -> None:
    """Locks an open file until it is closed.

    Raises:
        AsposeInvalidOperationException: somebody has it.
    """
    try:
        free = try_lock(file)
    except OSError:
        return  # A file system without locks: whoever starts two backups into one place there is on his own.
    if not free:
        raise AsposeInvalidOperationException(
            f"{place} is being written by another backup, or locked by another program; try again when that is done"
        )
