"""Files and streams that messages and attachments come from and go to: never overwritten or followed by accident.

Functions of their arguments alone: no state, no lock, any thread. They block on the disk.
"""

from __future__ import annotations

import contextlib
import os
from typing import Final, Protocol

from mailclients.errors import ArgumentTypeError

__all__ = ["SupportsReadBytes", "SupportsWriteBytes", "create_file", "read_all", "replace_file"]


class SupportsWriteBytes(Protocol):
    """Anything with a ``write`` that takes bytes."""

    def write(self, data: bytes, /) -> object:
        """Take bytes."""
        ...


class SupportsReadBytes(Protocol):
    """Anything with a ``read`` that gives bytes."""

    def read(self) -> bytes:
        """Give all bytes."""
        ...


_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)


def create_file(path: str, data: bytes) -> None:
    """Write a file that must not exist; nothing of it stays if that fails."""
    descriptor = os.open(path, _CREATE, 0o666)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise


def replace_file(path: str, data: bytes) -> None:
    """Write a file in one step, in place of one that may be there; a link is replaced, not followed."""
    temporary = os.path.join(
        os.path.dirname(path), f".{os.urandom(12).hex()}.tmp"
    )  # the name may be as long as allowed
    create_file(temporary, data)
    try:
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def read_all(stream: SupportsReadBytes, what: str) -> bytes:
    """Read a stream to its end.

    Raises:
        ArgumentTypeError: it gives something else than bytes.
    """
    data: object = stream.read()
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise ArgumentTypeError(f"{what} must give bytes, not {type(data).__name__}: open files in binary mode")
    return bytes(data)
