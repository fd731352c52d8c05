"""The receive buffer and the limits of the IMAP core.

Owns the bytes that were received and not yet understood. No lock: the connection that owns the
parser calls it under its own lock, one thread at a time. Nothing here does I/O: a transport
either hands bytes to `feed` or receives straight into `get_write_buffer` and says how many
arrived with `bytes_written`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["DEFAULT_LIMITS", "ImapLimits", "ReceiveBuffer"]

# Large enough that one system call brings several messages, small enough to stay in a
# processor's second-level cache, from where literals are copied out.
_CAPACITY: Final = 256 * 1024


@dataclass(frozen=True)
class ImapLimits:
    """What a server may send before it counts as broken or hostile. Sizes in bytes."""

    # All lines of one response together, literals not counted. The longest honest ones are
    # SEARCH answers: 1.5 million ten-digit UIDs.
    line: int = 16 * 1024 * 1024
    # All literals of one response together, kept in memory. Larger than any message a mail
    # server takes today; it bounds what a lie can cost, and only as far as bytes arrive.
    literal: int = 1024 * 1024 * 1024
    # The same for literals that go to a sink.
    streamed_literal: int = 64 * 1024 * 1024 * 1024
    # Literals in one response. Asking for every part of a large multipart needs hundreds.
    literals: int = 10_000
    # Nested parentheses. Servers stop at about 100 nested MIME parts, each worth two levels.
    depth: int = 256
    # Tokens in the lists of one response. A BODYSTRUCTURE of 10,000 parts needs about 200,000.
    items: int = 500_000
    # Numbers that a set from the server may be expanded into. More stays a set of ranges.
    expansion: int = 16 * 1024 * 1024


DEFAULT_LIMITS: Final = ImapLimits()


class ReceiveBuffer:
    """Bytes between `start` and `end` of `data` are unread; up to `scanned` no line end was seen.

    Every byte is copied in once, moved at most twice on average (see `_make_room`) and looked at
    once, however the input is split. The memory never shrinks below one fixed capacity and grows
    beyond it only while a single unread piece needs it.
    """

    __slots__ = ("copied", "data", "end", "scanned", "start", "view")

    def __init__(self) -> None:
        self.data = bytearray(_CAPACITY)
        self.view = memoryview(self.data)
        self.start = 0
        self.end = 0
        self.scanned = 0
        self.copied = 0  # bytes moved to make room, for tests of linear work

    def __len__(self) -> int:
        return self.end - self.start

    @property
    def capacity(self) -> int:
        """Bytes of memory held."""
        return len(self.data)

    def get_write_buffer(self, hint: int = 0) -> memoryview:
        """Free space to receive into, valid until the next call of any method.

        Args:
            hint: bytes that would be welcome, 0 for no wish. At least a quarter of the usual
                capacity is always free; a hint beyond that is honoured up to the capacity.
        """
        if self.start == self.end and len(self.data) == _CAPACITY:
            self.start = self.end = self.scanned = 0  # all of it has been read: there is room for any wish
            return self.view
        wanted = min(max(hint, _CAPACITY // 4), _CAPACITY)
        if self.start == self.end or len(self.data) - self.end < wanted:
            self._make_room(wanted)
        return self.view[self.end :]

    def bytes_written(self, count: int) -> None:
        """Say that `count` bytes were received into the view of `get_write_buffer`."""
        if not 0 <= count <= len(self.data) - self.end:
            raise ValueError(f"{count} bytes cannot have been written into {len(self.data) - self.end}")
        self.end += count

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Append a copy of `data`."""
        count = len(data)
        if self.start == self.end or len(self.data) - self.end < count:
            self._make_room(count)
        end = self.end + count
        self.view[self.end : end] = data
        self.end = end

    def _make_room(self, wanted: int) -> None:
        """Make at least `wanted` bytes free behind `end`.

        Unread bytes are moved only when they fill at most half of the memory, so that a move of
        n bytes is paid for by n bytes received since the last one; otherwise memory doubles.
        """
        start, used, capacity = self.start, self.end - self.start, len(self.data)
        if not used and capacity > _CAPACITY and wanted <= _CAPACITY:
            capacity = _CAPACITY
            self.data = bytearray(capacity)
            self.view = memoryview(self.data)
        elif used + wanted <= capacity and used <= capacity // 2:
            if used and start:
                self.view[:used] = self.view[start : self.end]
                self.copied += used
        else:
            data = bytearray(max(2 * capacity, used + wanted))
            data[:used] = self.view[start : self.end]
            self.data, self.view = data, memoryview(data)
            self.copied += used
        self.scanned -= start
        self.start, self.end = 0, used
        self.scanned = max(self.scanned, 0)
