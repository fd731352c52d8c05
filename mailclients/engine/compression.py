"""DEFLATE between a connection and its socket: what RFC 4978 puts on the wire, and no I/O.

One `Compression` belongs to one transport and is entered under the lock of that transport's connection. What the
server sends is inflated no further than the room that its reader has, so that a small piece which stands for
gigabytes costs no more memory than any other answer; what has not been inflated yet stays compressed.
"""

from __future__ import annotations

import zlib
from typing import Final

from mailclients.errors import RemoteProtocolError

__all__ = ["Compression"]

RECEIVED_AT_ONCE: Final = 64 * 1024  # compressed bytes
PIECE: Final = 64 * 1024  # bytes compressed at once: what may wait to be sent is hardly more
EMPTY_AT_MOST: Final = 64 * 1024  # compressed bytes in a row that stand for nothing

_RAW: Final = -zlib.MAX_WBITS  # without header and checksum


class Compression:
    """Both directions of a compressed connection.

    Attributes:
        room: where compressed bytes are received into; `feed` says how many.
        unsent: compressed bytes on their way out.
    """

    __slots__ = ("_deflate", "_empty", "_inflate", "_input", "_more", "room", "unsent")

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_RAW)
        self._deflate = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, _RAW)
        self._input = b""
        self._more = False  # the last piece filled its room, so there may be more of it
        self._empty = 0
        self.room = memoryview(bytearray(RECEIVED_AT_ONCE))
        self.unsent = memoryview(b"")

    @property
    def holds_back(self) -> bool:
        """Whether there may be something to read of what was received."""
        return self._more or bool(self._input)

    @property
    def ended(self) -> bool:
        """Whether the server has said, within the compressed stream, that nothing follows."""
        return self._inflate.eof

    def feed(self, count: int) -> None:
        """Takes `count` compressed bytes from `room`; what was fed before has to be read first."""
        self._input = bytes(self.room[:count])

    def read_into(self, buffer: memoryview) -> int:
        """Inflates as much as there is and the buffer takes; gives the number of bytes.

        Raises:
            RemoteProtocolError: what came is no DEFLATE, goes on behind its end, or is nothing but emptiness.
        """
        size = len(self._input)
        try:
            data = self._inflate.decompress(self._input, len(buffer))
        except zlib.error as error:
            raise RemoteProtocolError(
                f"the server sent something that is not compressed with DEFLATE: {error}"
            ) from error
        if self._inflate.unused_data:
            raise RemoteProtocolError("the server sent something behind the end of its compressed stream")
        count = len(data)
        self._input = self._inflate.unconsumed_tail
        self._more = count == len(buffer)
        self._empty = 0 if count else self._empty + size
        if self._empty > EMPTY_AT_MOST:
            raise RemoteProtocolError(f"the server sent more than {EMPTY_AT_MOST} compressed bytes that hold nothing")
        buffer[:count] = data
        return count

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Compresses the beginning of the data into `unsent`, which has to be empty; gives how many bytes that was."""
        piece = memoryview(data)[:PIECE]
        packed = self._deflate.compress(piece)
        # Flushed at once: a command that stays in the compressor would never be answered.
        self.unsent = memoryview(packed + self._deflate.flush(zlib.Z_SYNC_FLUSH))
        return len(piece)
