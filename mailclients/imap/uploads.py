"""Messages on their way to a server from a file: APPEND that never has the whole of a large one in memory.

An upload belongs to the operation that made it; while it is on its way, its file is read under the lock of its
connection, a piece at a time as the connection has room for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import IO, Final

from mailclients.errors import MailClientError, escape
from mailclients.imap.protocol import Encoded, ImapCommand, ImapCore, refusal
from mailclients.wire.imap_responses import TaggedResponse
from mailclients.wire.imap_strings import Literal, encode_flags, encode_mailbox, format_datetime

__all__ = ["FileLiteral", "Upload"]

PIECE: Final = 64 * 1024  # bytes read at once


class FileLiteral(Literal):
    """A literal whose bytes are in a file.

    Args:
        file: read from its beginning, each time the literal is sent.
        size: how many bytes it has.
    """

    __slots__ = ("_file", "_size")

    def __init__(self, file: IO[bytes], size: int) -> None:
        super().__init__(b"")
        self._file = file
        self._size = size

    def __len__(self) -> int:
        return self._size

    def pieces(self) -> Iterator[bytes]:
        """The content, in pieces. What cannot be read costs the connection: the server waits for so many bytes."""
        left = self._size
        try:
            self._file.seek(0)
            while left:
                piece = self._file.read(min(PIECE, left))
                if not piece:
                    raise MailClientError("the message has become shorter while it was sent")
                left -= len(piece)
                yield piece
        except ValueError as error:  # it was closed: whoever wanted the message sent has given up
            raise MailClientError("the message was given up while it was sent") from error


class Upload(ImapCommand):
    """APPEND of one message (RFC 9051 section 6.3.12). Result: its unique id, or 0 where the server does not tell it.

    Args:
        folder: its full name.
        message: the content, with CRLF line ends and without NUL.
        flags, date: what the message gets; None for the time of the server.
    """

    __slots__ = ("_folder", "_head")

    def __init__(self, folder: str, message: Literal, flags: Sequence[str], date: datetime | None) -> None:
        super().__init__("APPEND", (message,), idempotent=False, cost=256 + len(message), per_item=True)
        self._folder = folder
        self._head: tuple[bytes, ...] = (encode_flags(flags),) if flags else ()
        if date is not None:
            self._head += (format_datetime(date),)

    def line(self, core: ImapCore) -> Sequence[Encoded]:
        return (b"APPEND", encode_mailbox(self._folder, core.utf8), *self._head, *self.parts)

    def refused(self, response: TaggedResponse) -> MailClientError:
        return refusal(f"a message for the folder {escape(self._folder)!r}", response)

    def answer(self, response: TaggedResponse, core: ImapCore) -> int:
        code = response.code
        if code is not None and code.name == "APPENDUID" and code.value is not None:
            return int(next(iter(code.value[1]), 0))
        return 0

    def log_line(self) -> str:
        return f"{self.tag} APPEND {escape(self._folder)!r} {self.parts[0]!r}"
