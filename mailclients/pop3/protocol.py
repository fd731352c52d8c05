"""POP3 as the engine sees it: the core that gives each answer to its command, and what a session of the server is.

Answers come in the order of the commands, so no command excludes another; where the server has no PIPELINING the
client's window is one. `Pop3Core` is one connection's protocol state and is only entered under the lock of its
connection. A `Maildrop` is what message numbers and deletions belong to: one signed-in connection. `DropMemory` is what
a client's session remembers of them beyond one connection; its lock guards it and is taken inside the connection's.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import ClassVar, Final

from mailclients.engine.commands import Command, injected
from mailclients.errors import (
    ConnectionLostError,
    DeletionsLostError,
    LimitReachedError,
    MailClientError,
    MessageNotFoundError,
    NumbersChangedError,
    Pop3Exception,
    RemoteProtocolError,
    SecurityError,
    escape,
)
from mailclients.journal import Journal, note
from mailclients.wire.pop3 import (
    DEFAULT_POP3_LIMITS,
    Continuation,
    Pop3Limits,
    Pop3Reader,
    Status,
    parse_answer,
    uids_of,
)
from mailclients.wire.sasl import SaslExchange, SaslMechanism, hide

__all__ = ["DropMemory", "Maildrop", "Meant", "Pop3Command", "Pop3Core", "Target"]

log = logging.getLogger("mailclients.connection")

CLEAR_PHASE_BUDGET: Final = 16 * 1024  # bytes accepted before TLS: a greeting and two lists of capabilities
READ_SIZE: Final = 64 * 1024
AUTH_LINE: Final = 255  # bytes of an AUTH command with its initial response (RFC 5034 section 4)

# Codes of RFC 2449 and RFC 3206 that say: not now.
_LIMIT_CODES: Final = frozenset(("IN-USE", "LOGIN-DELAY", "SYS/TEMP"))
# Texts by which servers without response codes say that the maildrop is in use, or that there are enough connections.
_IN_USE_TEXTS: Final = (
    "maildrop already locked",  # RFC 1939 section 5
    "unable to lock maildrop",
    "mailbox is locked",
    "already in use",
    "pop lock",  # Qpopper
)
_LIMIT_TEXTS: Final = (
    "maximum number of connections",  # Dovecot 2.x, mail_max_userip_connections
    "too many connections",
    "too many simultaneous connections",
)


def limit_of(status: Status) -> LimitReachedError | None:
    """The error for a server that says it takes no further session now, or None if it says something else."""
    text = status.text.lower()
    in_use = any(known in text for known in _IN_USE_TEXTS)
    if status.code not in _LIMIT_CODES and not in_use and not any(known in text for known in _LIMIT_TEXTS):
        return None
    error = LimitReachedError(
        f"the server takes no further session now: {said(status)}",
        status="-ERR",
        code=status.code,
        server_text=escape(status.text),
    )
    error.lasting = status.code == "IN-USE" or (status.code is None and in_use)
    error.postponed = status.code == "LOGIN-DELAY"
    return error


def said(status: Status) -> str:
    """The answer for a person."""
    bracket = f"[{status.code}] " if status.code else ""
    return f"{'+OK' if status.ok else '-ERR'} {bracket}{escape(status.text)}".rstrip()


# -- what numbers and deletions belong to ------------------------------------------------------------


class Maildrop:
    """The messages as one session of the server numbers them.

    Attributes:
        uids: unique ids by number, once they were listed. numbers: the same the other way round.
        deleted: numbers marked for deletion.
    """

    __slots__ = ("deleted", "numbers", "uids")

    def __init__(self) -> None:
        self.uids: dict[int, str] | None = None
        self.numbers: dict[str, int] = {}
        self.deleted: set[int] = set()

    def learn(self, uids: dict[int, str]) -> None:
        """All unique ids that the server lists: those of messages marked for deletion it leaves out."""
        kept = {number: uid for number, uid in (self.uids or {}).items() if number in self.deleted}
        self.numbers = {uid: number for number, uid in uids.items()}
        self.uids = {**kept, **uids}


class DropMemory:
    """What a session remembers of its maildrop.

    Attributes:
        numbered: the maildrop that numbers refer to that the caller has, or None if he was told none.
        deleting: the maildrop in which deletions wait for their commit, or None. All are guarded by `lock`.
    """

    __slots__ = ("deleting", "lock", "numbered")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.numbered: Maildrop | None = None
        self.deleting: Maildrop | None = None

    def told(self, drop: Maildrop) -> None:
        """The caller is told numbers of this maildrop: those he had before mean nothing any more."""
        with self.lock:
            self.numbered = drop

    def told_some(self, drop: Maildrop) -> None:
        """The caller is told how many there are, which says nothing about numbers that he has already."""
        with self.lock:
            if self.numbered is None:
                self.numbered = drop

    def marked(self, drop: Maildrop, number: int) -> None:
        """A message was marked for deletion."""
        with self.lock:
            drop.deleted.add(number)
            self.deleting = drop

    def unmarked(self, drop: Maildrop) -> None:
        """All marks are gone: taken back, or made."""
        with self.lock:
            drop.deleted.clear()
            self.deleting = None

    def lost_deletions(self, drop: Maildrop | None) -> DeletionsLostError | None:
        """The error for deletions that stood in another maildrop than this one; told once."""
        with self.lock:
            lost = self.deleting
            if lost is None or lost is drop or not lost.deleted:
                return None
            self.deleting = None
            return deletions_lost(len(lost.deleted))

    @property
    def pending(self) -> int:
        """How many deletions wait for their commit."""
        deleting = self.deleting
        return len(deleting.deleted) if deleting is not None else 0


def deletions_lost(count: int) -> DeletionsLostError:
    """The error for deletions whose session is gone."""
    what = "1 deletion was not made: its" if count == 1 else f"{count} deletions were not made: their"
    return DeletionsLostError(
        f"{what} session ended without QUIT, by which a server makes them (RFC 1939 section 6); delete again"
    )


class Meant:
    """The maildrop that the numbers of one call refer to; none before the first of them is used."""

    __slots__ = ("_drop", "memory")

    def __init__(self, memory: DropMemory, drop: Maildrop | None = None) -> None:
        self.memory = memory
        self._drop = drop if drop is not None else memory.numbered

    def drop(self, current: Maildrop) -> Maildrop:
        """It, or the current one if the caller had no numbers of another."""
        if self._drop is None:
            self.memory.told_some(current)
            self._drop = self.memory.numbered or current
        return self._drop

    def refused(self) -> None:
        """The caller is going to be told that his numbers mean nothing: those he uses next are new ones."""
        with self.memory.lock:
            if self.memory.numbered is self._drop:
                self.memory.numbered = None


class Target:
    """The message that a command is about: by unique id, or by a number of a certain maildrop."""

    __slots__ = ("_meant", "name")

    def __init__(self, name: str | int, meant: Meant) -> None:
        self.name = name
        self._meant = meant

    def number_in(self, core: Pop3Core) -> int | Pop3Command:
        """The message's number on this connection, or the command that has to be answered first to know it.

        Raises:
            MessageNotFoundError: there is no message with this unique id.
            NumbersChangedError: it is a number of another maildrop, and not proven to mean the same here.
        """
        drop = core.drop
        if isinstance(self.name, str):
            if drop.uids is None:
                return ListUids()
            number = drop.numbers.get(self.name)
            if number is None:
                raise MessageNotFoundError(f"there is no message with unique id {self.name!r} (any more)")
            return number
        meant = self._meant.drop(drop)
        if meant is drop:
            return self.name
        uid = (meant.uids or {}).get(self.name)
        if uid is None:
            raise self._changed("nothing is known of the message but its number")
        if drop.uids is None:
            return ListUids()
        if drop.uids.get(self.name) != uid:
            raise self._changed(f"in the present one it is not the message with unique id {uid!r}")
        return self.name

    def _changed(self, why: str) -> NumbersChangedError:
        self._meant.refused()
        return NumbersChangedError(
            f"message number {self.name} belongs to a session that is gone, and {why}; list the messages again, or"
            " name them by unique id"
        )

    def __str__(self) -> str:
        return f"with unique id {self.name!r}" if isinstance(self.name, str) else f"number {self.name}"


# -- commands ------------------------------------------------------------


class Pop3Command(Command):
    """A command of POP3.

    Attributes:
        text: the line, without its end. has_text: whether a text follows ``+OK``.
        limit: how many bytes that text may have. pieces: of the text, as far as it has come. size: their bytes.
        ends_session: nothing may be sent once it is answered.
    """

    ends_session: ClassVar[bool] = False

    __slots__ = ("has_text", "limit", "pieces", "size", "text")

    def __init__(
        self,
        name: str,
        text: bytes | None = None,
        *,
        idempotent: bool = True,
        has_text: bool = False,
        barrier: bool = False,
        cost: int = 128,
        per_item: bool = False,
    ) -> None:
        super().__init__(name, idempotent=idempotent, barrier=barrier, cost=cost, per_item=per_item)
        self.text = name.encode("ascii") if text is None else text
        self.has_text = has_text
        self.limit = 0
        self.pieces: list[bytes] = []
        self.size = 0

    def ready(self, core: Pop3Core) -> Pop3Command | None:
        """Called before the command is sent: what has to be answered first, or None; raises what forbids it."""
        return None

    def line(self, core: Pop3Core) -> bytes:
        """The command line without its end."""
        self.pieces = []
        self.size = 0
        self.limit = core.limits.listing
        return self.text

    def begins(self, status: Status) -> int:
        """The text begins; how many bytes the server says it has, 0 if it does not say."""
        return 0

    def take(self, piece: bytes) -> None:
        """Takes a piece of the text."""
        self.size += len(piece)
        if self.size > self.limit:
            raise RemoteProtocolError(f"the server sent more than {self.limit} bytes in answer to {self.name}")
        if not self.abandoned:
            self.keep(piece)

    def keep(self, piece: bytes) -> None:
        """Does with a piece what is to be done with it."""
        self.pieces.append(piece)

    @property
    def whole(self) -> bytes:
        """The text."""
        return b"".join(self.pieces)

    def answer(self, status: Status, core: Pop3Core) -> object:
        """Makes the result of ``+OK``, the text being there."""
        return None

    def refused(self, status: Status) -> MailClientError:
        """The error for ``-ERR``."""
        return refusal(self.name, status)

    def challenged(self, data: bytes) -> bytes:
        """The reply to a ``+`` line, with its end."""
        raise RemoteProtocolError("the server asked for more where nothing was to be sent")

    def hide(self, text: str) -> str:
        """Server text without the secrets that this command sent."""
        return text

    def ended(self, status: Status, core: Pop3Core) -> None:
        """Takes the end of the answer."""
        if not status.ok:
            self.fail(self.refused(status))
            return
        try:
            self.finish(self.answer(status, core))
        except RemoteProtocolError as error:
            self.fail(error)
            raise  # the connection has to go as well
        except MailClientError as error:
            self.fail(error)
        finally:
            self.pieces = []

    def log_line(self) -> str:
        return escape(self.text[:200])


def refusal(what: str, status: Status) -> Pop3Exception:
    """The error for a command that was answered -ERR."""
    return Pop3Exception(
        f"the server refused {what}: {said(status)}",
        status="-ERR",
        code=status.code,
        server_text=escape(status.text),
    )


class ListUids(Pop3Command):
    """UIDL of the whole maildrop, for numbers and ids to be known. Result: unique ids by number.

    Attributes:
        drop: the maildrop that was listed.
    """

    __slots__ = ("drop",)

    def __init__(self) -> None:
        super().__init__("UIDL", has_text=True, cost=16 * 1024)
        self.drop: Maildrop | None = None

    def answer(self, status: Status, core: Pop3Core) -> dict[int, str]:
        uids = uids_of(self.whole)
        self.drop = core.drop
        core.drop.learn(uids)
        return uids


class Greeting(Pop3Command):
    """Waits for the server's greeting; sends nothing. Result: its text."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("greeting", barrier=True)

    def answer(self, status: Status, core: Pop3Core) -> str:
        return status.text

    def refused(self, status: Status) -> MailClientError:
        return limit_of(status) or refusal("the connection", status)

    def log_line(self) -> str:
        return "(waits for the greeting)"


class StartTls(Pop3Command):
    """STLS (RFC 2595 section 4)."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("STLS", barrier=True)

    def answer(self, status: Status, core: Pop3Core) -> None:
        core.starting_tls = True  # whatever comes now is not from whom TLS will show us

    def refused(self, status: Status) -> MailClientError:
        return SecurityError(
            "the server does not start TLS, and nothing secret is sent without it; whoever answered said, in the"
            f" clear: {said(status)}"
        )


class SignInRefused(MailClientError):
    """An -ERR to a sign-in, kept with its status until it is clear what it means."""

    def __init__(self, status: Status) -> None:
        super().__init__(said(status))
        self.status = status


class Secret(Pop3Command):
    """A step of the sign-in whose arguments are nobody's business: USER, PASS, APOP."""

    __slots__ = ("_secrets",)

    def __init__(self, name: str, arguments: bytes, *secrets: str) -> None:
        super().__init__(name, name.encode("ascii") + b" " + arguments, barrier=True)
        self._secrets = secrets

    def hide(self, text: str) -> str:
        return hide(text, *self._secrets)

    def refused(self, status: Status) -> MailClientError:
        return SignInRefused(status)

    def log_line(self) -> str:
        return f"{self.name} ***"


class Authenticate(Pop3Command):
    """AUTH with a SASL mechanism (RFC 5034)."""

    __slots__ = ("_exchange",)

    def __init__(self, mechanism: SaslMechanism) -> None:
        super().__init__("AUTH", barrier=True)
        self._exchange = SaslExchange(mechanism)

    def line(self, core: Pop3Core) -> bytes:
        head = b"AUTH " + self._exchange.mechanism.name.encode("ascii")
        initial = self._exchange.begin(max(0, AUTH_LINE - len(head) - 3))
        return head if initial is None else head + b" " + initial

    def challenged(self, data: bytes) -> bytes:
        return self._exchange.respond(data)

    def ended(self, status: Status, core: Pop3Core) -> None:
        given_up = self._exchange.given_up
        if given_up is not None:
            self.fail(given_up)
            raise given_up
        super().ended(status, core)

    def answer(self, status: Status, core: Pop3Core) -> None:
        self._exchange.mechanism.verify()

    def hide(self, text: str) -> str:
        return self._exchange.mechanism.hide(text)

    def refused(self, status: Status) -> MailClientError:
        return SignInRefused(status)

    def log_line(self) -> str:
        return f"AUTH {self._exchange.mechanism.name} ***"


# -- the core ------------------------------------------------------------


class Pop3Core:
    """The protocol state of one connection.

    Attributes:
        capabilities: upper-case names with their parameters; None while the server has not told.
        drop: what numbers mean here. limits: how much the server may send. starting_tls: the server has agreed to TLS.
        number: of the connection, for logs. signed_in_as: with which version of the client's credentials.
        timestamp: what APOP makes its digest of, or None. journal: where the client writes down what is said, too.
    """

    def __init__(self, limits: Pop3Limits = DEFAULT_POP3_LIMITS, *, clear: bool = False) -> None:
        self.reader = Pop3Reader(limits, clear_phase_budget=CLEAR_PHASE_BUDGET if clear else None)
        self.limits = limits
        self.finished: list[Command] = []
        self.progressed: list[Command] = []
        self.replies: list[bytes] = []
        self.go_ahead = False
        self.goodbye: str | None = None
        self.transferred = 0
        self.incoming = 0
        self.capabilities: dict[str, tuple[str, ...]] | None = None
        self.drop = Maildrop()
        self.starting_tls = False
        self.number = 0
        self.signed_in_as = 0
        self.timestamp: str | None = None
        self.journal: Journal | None = None
        self._awaited: deque[Pop3Command] = deque()
        self._status: Status | None = None  # of the text that is coming in
        self._announced = 0

    def has(self, capability: str) -> bool:
        """Whether the server offers a capability."""
        return self.capabilities is not None and capability in self.capabilities

    @property
    def buffered(self) -> int:
        """Bytes received that no answer has been made of."""
        return self.reader.buffered

    # -- sending ------------------------------------------------------------

    def prerequisite(self, command: Command) -> Command | None:
        return command.ready(self) if isinstance(command, Pop3Command) else None

    def send(self, command: Command) -> bytes:
        assert isinstance(command, Pop3Command)
        self._awaited.append(command)
        return b"" if isinstance(command, Greeting) else command.line(self) + b"\r\n"

    def farewell(self) -> bytes:
        # Deletions that were not committed are not made by the way.
        return b"RSET\r\nQUIT\r\n" if self.drop.deleted else b"QUIT\r\n"

    # -- receiving ------------------------------------------------------------

    def buffer(self) -> memoryview:
        return self.reader.get_write_buffer(max(READ_SIZE, min(self.incoming, 1 << 20)))

    def received(self, count: int) -> None:
        if self.starting_tls:
            raise injected("STLS")
        self.reader.bytes_written(count)
        if self._awaited:
            self.transferred += count
        while self._status is not None or self._next_answer():
            if self._status is not None and not self._text(self._status):
                break

    def _next_answer(self) -> bool:
        """Takes a status line, if it is there; whether to go on."""
        reader = self.reader
        line = reader.line()
        if line is None:
            return False
        answer = parse_answer(line)
        if not self._awaited:
            if isinstance(answer, Status) and not answer.ok:
                # Said by a server that ends the session, as after a time without commands.
                self.goodbye = said(answer)
                raise ConnectionLostError(f'the server ended the connection, saying "{self.goodbye}"')
            raise RemoteProtocolError("the server sent an answer to nothing")
        command = self._awaited[0]
        if isinstance(answer, Continuation):
            note(log, self.journal, "connection %d < + (%d bytes)", self.number, len(answer.data))
            self.replies.append(command.challenged(answer.data))
            return True
        answer = answer._replace(text=command.hide(answer.text))
        if log.isEnabledFor(logging.DEBUG) or (self.journal is not None and self.journal.on):
            note(log, self.journal, "connection %d < %s", self.number, said(answer)[:200])
        if answer.ok and command.has_text:
            self._status = answer
            self._announced = command.begins(answer)
            self.incoming = self._announced
            return True
        self._end(command, answer)
        return True

    def _text(self, status: Status) -> bool:
        """Takes what there is of a text; whether it has ended."""
        command = self._awaited[0]
        if not self.reader.text(command.take):
            # Where the server did not say how long it is, what has come tells best what is to come.
            self.incoming = max(self._announced - command.size, 0) if self._announced else command.size
            return False
        self._status = None
        self.incoming = 0
        self._end(command, status)
        return True

    def _end(self, command: Pop3Command, status: Status) -> None:
        self._awaited.popleft()
        self.finished.append(command)
        if command.per_item:
            self.progressed.append(command)
        command.ended(status, self)
        if command.ends_session:
            # Here and not by whoever asked for it, before whom the commands in line would have their turn.
            raise ConnectionLostError(f"the session was ended with {command.name}")
        if self.starting_tls and self.reader.buffered:
            command.fail(error := injected("STLS"))
            raise error
