"""The commands of a signed-in session: messages, sizes, deletions. One belongs to the operation that made it.

While a command is on its way it is entered under the lock of its connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mailclients.engine.commands import Command
from mailclients.errors import (
    MailClientError,
    MessageNotFoundError,
    NumbersChangedError,
    RemoteProtocolError,
    TimeoutException,
)
from mailclients.pop3.protocol import DropMemory, Maildrop, Pop3Command, Pop3Core, Target, deletions_lost, refusal, said
from mailclients.saving import FileSink
from mailclients.wire.pop3 import (
    Status,
    capabilities_of,
    drop_listing,
    number_and_size,
    number_and_uid,
    octets_announced,
    sizes_of,
)


def results_of(commands: Sequence[Command]) -> list[Any]:
    """The results of a list of commands; the first error is raised."""
    for command in commands:
        if command.error is not None:
            raise command.error
    return [command.result for command in commands]


class Capabilities(Pop3Command):
    """CAPA (RFC 2449 section 5). Result: capabilities; the connection keeps them."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("CAPA", has_text=True, barrier=True)

    def answer(self, status: Status, core: Pop3Core) -> dict[str, tuple[str, ...]]:
        core.capabilities = capabilities_of(self.whole)
        return core.capabilities


class Stat(Pop3Command):
    """STAT. Result: number of messages and their bytes."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("STAT")

    def answer(self, status: Status, core: Pop3Core) -> tuple[int, int]:
        return drop_listing(status.text)


class ListSizes(Pop3Command):
    """LIST of the whole maildrop. Result: sizes by number.

    Attributes:
        drop: the maildrop that was listed.
    """

    __slots__ = ("drop",)

    def __init__(self) -> None:
        super().__init__("LIST", has_text=True, cost=16 * 1024)
        self.drop: Maildrop | None = None

    def answer(self, status: Status, core: Pop3Core) -> dict[int, int]:
        self.drop = core.drop
        return sizes_of(self.whole)


class OfMessage(Pop3Command):
    """A command about one message.

    Attributes:
        number: the message's, on the connection where the command was sent last. drop: that connection's maildrop.
    """

    __slots__ = ("_loss", "_rest", "_target", "number")

    def __init__(
        self,
        name: str,
        target: Target,
        rest: bytes = b"",
        *,
        idempotent: bool = True,
        has_text: bool = False,
        cost: int = 128,
        per_item: bool = False,
    ) -> None:
        super().__init__(name, idempotent=idempotent, has_text=has_text, cost=cost, per_item=per_item)
        self._target = target
        self._rest = rest
        self._loss: MailClientError | None = None
        self.number = 0

    def lost(self, reason: MailClientError, *, sent: bool) -> None:
        super().lost(reason, sent=sent)
        self._loss = reason

    def ready(self, core: Pop3Core) -> Pop3Command | None:
        try:
            found = self._target.number_in(core)
        except NumbersChangedError as error:
            raise error from self._loss  # why there is another session now
        if isinstance(found, Pop3Command):
            return found
        self.number = found
        self.text = b"%s %d%s" % (self.name.encode("ascii"), found, self._rest)
        return None

    def refused(self, status: Status) -> MailClientError:
        if status.code is not None:
            return refusal(self.name, status)
        return MessageNotFoundError(
            f"there is no message {self._target} (any more): the server answered {self.name} with {said(status)}",
            status="-ERR",
            server_text=said(status),
        )


class MessageSize(OfMessage):
    """LIST of one message. Result: its size."""

    __slots__ = ()

    def __init__(self, target: Target) -> None:
        super().__init__("LIST", target)

    def answer(self, status: Status, core: Pop3Core) -> int:
        number, size = number_and_size(status.text.encode("utf-8"))
        return size if number == self.number else _other(self, number)


class MessageUid(OfMessage):
    """UIDL of one message. Result: its unique id."""

    __slots__ = ()

    def __init__(self, target: Target) -> None:
        super().__init__("UIDL", target)

    def answer(self, status: Status, core: Pop3Core) -> str:
        number, uid = number_and_uid(status.text.encode("utf-8"))
        return uid if number == self.number else _other(self, number)


def _other(command: OfMessage, number: int) -> Any:
    raise RemoteProtocolError(f"the server was asked for message {command.number} and told of message {number}")


class Retrieve(OfMessage):
    """RETR. Result: the message, or None when it goes into a file.

    Args:
        sink: receives the message instead of memory.
    """

    __slots__ = ("_sink",)

    def __init__(self, target: Target, *, sink: FileSink | None = None, per_item: bool = False) -> None:
        self._sink = sink
        super().__init__("RETR", target, has_text=True, cost=16 * 1024, per_item=per_item)

    def line(self, core: Pop3Core) -> bytes:
        line = super().line(core)
        self.limit = core.limits.streamed if self._sink is not None else core.limits.message
        return line

    def begins(self, status: Status) -> int:
        return octets_announced(status.text) or 0

    def keep(self, piece: bytes) -> None:
        if self._sink is not None:
            self._sink.write(memoryview(piece))
        else:
            super().keep(piece)

    def answer(self, status: Status, core: Pop3Core) -> bytes | None:
        return self.whole if self._sink is None else None

    def ended(self, status: Status, core: Pop3Core) -> None:
        super().ended(status, core)
        if self._sink is not None and self._sink.error is not None and self.error is None:
            self.fail(self._sink.error)

    def disowned(self) -> None:
        if self._sink is not None:
            self._sink.disown()

    def reset(self) -> None:
        super().reset()
        if self._sink is not None:
            self._sink.begin_again()


class Header(OfMessage):
    """TOP with no line of the body, or RETR of which only the header is kept. Result: the header block."""

    __slots__ = ("_last",)

    def __init__(self, target: Target, *, by_top: bool) -> None:
        name = "TOP" if by_top else "RETR"
        super().__init__(name, target, b" 0" if by_top else b"", has_text=True, cost=4 * 1024, per_item=True)
        self._last: bytes | None = b""

    def line(self, core: Pop3Core) -> bytes:
        self._last = b""
        line = super().line(core)
        self.limit = core.limits.message
        return line

    def keep(self, piece: bytes) -> None:
        last = self._last
        if last is None:
            return  # of the body, which servers without TOP send
        joined = last + piece
        if not self.pieces and joined.startswith(b"\r\n"):
            end = 2
        else:
            end = joined.find(b"\r\n\r\n") + 4
        if end < 4 and end != 2:
            self.pieces.append(piece)
            self._last = joined[-3:]
            return
        self.pieces.append(piece[: end - len(last)])
        self._last = None

    def answer(self, status: Status, core: Pop3Core) -> bytes:
        return self.whole


class Delete(OfMessage):
    """DELE: a mark, in this session only, until its QUIT. Without that nothing is deleted, so much is certain."""

    __slots__ = ("_memory",)

    def __init__(self, target: Target, memory: DropMemory) -> None:
        super().__init__("DELE", target, idempotent=False)
        self._memory = memory

    def ready(self, core: Pop3Core) -> Pop3Command | None:
        lost = self._memory.lost_deletions(core.drop)
        if lost is not None:
            raise lost
        return super().ready(core)

    def answer(self, status: Status, core: Pop3Core) -> None:
        self._memory.marked(core.drop, self.number)

    def lost(self, reason: MailClientError, *, sent: bool) -> None:
        super().lost(reason, sent=False)
        if sent:
            error = deletions_lost(self._memory.pending + 1)
            error.__cause__ = reason
            self.error, self.broken = error, None  # told, and not begun again behind the caller's back
            if not isinstance(reason, TimeoutException):  # of a command that ran out of time that is what is told
                self._memory.lost_deletions(None)


class Reset(Pop3Command):
    """RSET: no message is marked for deletion any more. So it is when the connection is lost."""

    __slots__ = ("_memory",)

    def __init__(self, memory: DropMemory) -> None:
        super().__init__("RSET", idempotent=False)
        self._memory = memory

    def answer(self, status: Status, core: Pop3Core) -> None:
        self._memory.unmarked(core.drop)

    def lost(self, reason: MailClientError, *, sent: bool) -> None:
        super().lost(reason, sent=False)
        self._memory.lost_deletions(None)  # what was to be taken back is gone


class Quit(Pop3Command):
    """QUIT: the server makes the deletions and ends the session (RFC 1939 section 6)."""

    ends_session = True
    __slots__ = ("_memory",)

    def __init__(self, memory: DropMemory) -> None:
        super().__init__("QUIT", idempotent=False, barrier=True)
        self._memory = memory

    def ready(self, core: Pop3Core) -> Pop3Command | None:
        lost = self._memory.lost_deletions(core.drop)
        if lost is not None:
            raise lost
        return None

    def answer(self, status: Status, core: Pop3Core) -> None:
        self._memory.unmarked(core.drop)

    def refused(self, status: Status) -> MailClientError:
        return refusal("QUIT, and says that some messages may not have been deleted", status)

    def lost(self, reason: MailClientError, *, sent: bool) -> None:
        super().lost(reason, sent=sent)
        if sent:
            lost = self._memory.lost_deletions(None)
            if lost is None:  # nothing was to be deleted, so nothing is unknown
                self.error = self.broken = None
                self.finish()
