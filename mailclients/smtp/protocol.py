"""SMTP for the engine: the state of a connection, and the commands that bring it about.

SMTP answers in the order of the commands and names none, so every reply belongs to the oldest command that awaits
one. The commands about messages are in `commands`. Everything here is entered under the lock of the connection.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable
from typing import Final

from mailclients.engine.commands import Command, Segment, injected
from mailclients.errors import (
    ConnectionLostError,
    LimitReachedError,
    MailClientError,
    RemoteProtocolError,
    SecurityError,
)
from mailclients.journal import Journal, note
from mailclients.options import PipeliningStatus
from mailclients.smtp.extensions import Offer
from mailclients.smtp.models import (
    SmtpException,
    status_code_of,
)
from mailclients.wire.sasl import SaslExchange, SaslMechanism
from mailclients.wire.smtp import (
    Reply,
    ReplyParser,
    parse_keywords,
)

__all__ = [
    "Authenticate",
    "Ehlo",
    "Greeting",
    "SignInRefused",
    "SmtpCommand",
    "SmtpCore",
    "StartTls",
    "refusal",
]

log = logging.getLogger("mailclients.connection")

CLEAR_PHASE_BUDGET: Final = 64 * 1024  # bytes that a server may send before TLS
TURNED_AWAY: Final = 421  # the server closes the connection
IDLE_TIMEOUT: Final = "4.4.2"  # with 421: because nothing was said for so long (RFC 3463 section 3.5)
CHALLENGE: Final = 334  # a step of a sign-in (RFC 4954 section 4)
MAX_COMMAND: Final = 512  # bytes of a command with its line end (RFC 5321 section 4.5.3.1.4)


def refusal(what: str, reply: Reply) -> SmtpException:
    """The error for a command that was refused."""
    return SmtpException(
        f"the server refused {what}: {reply.words}",
        status_code=status_code_of(reply.code),
        status=str(reply.code),
        code=reply.enhanced or None,
        server_text=reply.text,
    )


def not_so_many(reply: Reply) -> bool:
    """Whether the server means that there are too many connections, not what it was asked for.

    432 is Exchange's, with 4.3.2; without that it wants another password (RFC 4954 section 6).
    """
    return reply.code == TURNED_AWAY or (reply.code == 432 and reply.enhanced == "4.3.2")


def limit_reached(reply: Reply) -> LimitReachedError:
    """The error for a connection that the server does not want, or not yet."""
    return LimitReachedError(
        f"the server takes no further connection now: {reply.words}",
        status=str(reply.code),
        code=reply.enhanced or None,
        server_text=reply.text,
    )


class SmtpCommand(Command):
    """A command of SMTP; unless a subclass says otherwise it shares the wire with nothing and may be repeated."""

    __slots__ = ()

    def __init__(self, name: str, *, idempotent: bool = True, cost: int = 256, per_item: bool = False) -> None:
        super().__init__(name, idempotent=idempotent, barrier=True, cost=cost, per_item=per_item)

    def prepare(self, core: SmtpCore) -> None:
        """Called just before the command is sent; raises what forbids it."""

    def lines(self, core: SmtpCore) -> bytes | Iterable[Segment]:
        """What to send."""
        return self.name.encode("ascii") + b"\r\n"

    def awaits(self, code: int) -> bool:
        """Whether a reply of 3yz is what comes next; without this it would mean that the server waits for nothing."""
        return False

    def reply(self, reply: Reply, core: SmtpCore) -> bool:
        """Takes a reply, of 3yz only what it `awaits`; whether the command has ended."""
        if reply.positive:
            self.finish(reply)
        else:
            self.fail(refusal(self.name, reply))
        return True

    def closing(self, reply: Reply, core: SmtpCore) -> bool:
        """Takes a reply that is `not_so_many`, after which the connection is closed.

        False if the command is none of its concern: it was not carried out, and is handed back.
        """
        return False


class SmtpCore:
    """The protocol state of one connection.

    Attributes:
        keywords: what the server offers, upper-case keyword to its parameters. encrypted: whether TLS is up.
        number: of the connection, for logs. signed_in_as: with which version of the client's credentials.
        taken: messages that the server has taken on it. journal: where the client writes down what is said, too.
        limit: why the connection is given up, where the server wants fewer of them.
    """

    def __init__(self, pipelining: PipeliningStatus, *, clear: bool = False) -> None:
        self.finished: list[Command] = []
        self.progressed: list[Command] = []
        self.replies: list[bytes] = []
        self.go_ahead = False
        self.goodbye: str | None = None
        self.transferred = 0
        self.incoming = 0
        self.keywords: dict[str, str] = {}
        self.encrypted = not clear
        self.number = 0
        self.signed_in_as = 0
        self.starting_tls = False
        self.journal: Journal | None = None
        self.limit: LimitReachedError | None = None
        self.taken = 0
        self.refused_behind = False  # a message was refused at its end, after the next one's envelope had gone out
        self._parser = ReplyParser()
        self._pipelining = pipelining
        self._budget = CLEAR_PHASE_BUDGET if clear else None
        self._awaiting: deque[SmtpCommand] = deque()

    @property
    def offer(self) -> Offer:
        """What the connection has for messages."""
        return Offer(self.keywords, self.encrypted)

    def has(self, keyword: str) -> bool:
        """Whether the server offers an extension."""
        return keyword in self.keywords

    @property
    def pipelines(self) -> bool:
        """Whether commands go out before those ahead of them are answered."""
        return "PIPELINING" in self.keywords and self._pipelining.pipelining_enabled

    @property
    def buffered(self) -> bool:
        """Whether something came that was not asked for."""
        return self._parser.buffered

    def end_clear_phase(self) -> None:
        """The connection stays in the clear, as it was meant."""
        self._budget = None

    # -- what the connection asks ------------------------------------------------------------

    def prerequisite(self, command: Command) -> Command | None:
        if isinstance(command, SmtpCommand):
            command.prepare(self)
        return None

    def send(self, command: Command) -> bytes | Iterable[Segment]:
        assert isinstance(command, SmtpCommand)
        self._awaiting.append(command)
        return command.lines(self)

    def farewell(self) -> bytes:
        return b"QUIT\r\n"

    def buffer(self) -> memoryview:
        return self._parser.get_write_buffer()

    def received(self, count: int) -> None:
        if self.starting_tls:
            raise injected("STARTTLS")
        if self._budget is not None:
            self._budget -= count
            if self._budget < 0:
                raise SecurityError(f"the server sent more than {CLEAR_PHASE_BUDGET} bytes before TLS")
        parser = self._parser
        parser.bytes_written(count)
        while (reply := parser.next_reply()) is not None:
            self._take(reply)
        if self.goodbye is not None:
            raise self.limit or ConnectionLostError(f'the server ended the connection, saying "{self.goodbye}"')
        if self._begins_tls() and parser.buffered:
            raise injected("STARTTLS")

    def _begins_tls(self) -> bool:
        return self.starting_tls

    def _take(self, reply: Reply) -> None:
        if self.starting_tls:
            raise injected("STARTTLS")
        command = self._awaiting[0] if self._awaiting else None
        challenge = reply.code == CHALLENGE  # taken as it came: it is bytes in base64, and shown nowhere
        if isinstance(command, Authenticate) and not challenge:
            reply = command.hidden(reply)
        if log.isEnabledFor(logging.DEBUG) or (self.journal is not None and self.journal.on):
            said = f"{CHALLENGE} ({sum(map(len, reply.lines))} bytes)" if challenge else reply.words[:200]
            note(log, self.journal, "connection %d < %s", self.number, said)
        if not_so_many(reply):
            self.goodbye = self.goodbye or reply.words
            if command is None:
                return
            if not command.closing(reply, self):
                # A server that hangs up after so many messages, or a time of silence, wants another connection; one
                # that takes nothing on this one, or says so by 432, wants fewer.
                if reply.code != TURNED_AWAY or not (self.taken or reply.enhanced == IDLE_TIMEOUT):
                    self.limit = self.limit or limit_reached(reply)
                return
        elif command is None:
            raise RemoteProtocolError(f"the server sent a reply to nothing: {reply.words}")
        elif self.goodbye is not None:
            return
        elif 300 <= reply.code < 400 and not command.awaits(reply.code):
            raise RemoteProtocolError(f"the server answered {command.name} with {reply.words}")
        elif not command.reply(reply, self):
            if command.per_item:
                self.progressed.append(command)
            return
        self._awaiting.popleft()
        self.finished.append(command)


# -- connecting and signing in ------------------------------------------------------------


class Greeting(SmtpCommand):
    """Awaits the server's greeting; nothing is sent for it."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("greeting")

    def lines(self, core: SmtpCore) -> bytes:
        return b""

    def reply(self, reply: Reply, core: SmtpCore) -> bool:
        if reply.code == 220:
            self.finish(reply)
        elif reply.positive:
            error = RemoteProtocolError(f"the server greeted with {reply.words}")
            self.fail(error)
            raise error
        else:
            self.fail(refusal("the connection", reply))
        return True

    def closing(self, reply: Reply, core: SmtpCore) -> bool:
        self.fail(limit_reached(reply))
        return True


class Ehlo(SmtpCommand):
    """EHLO, or HELO for servers that know no extensions (RFC 5321 section 4.1.1.1)."""

    __slots__ = ("_argument",)

    def __init__(self, argument: bytes, word: str = "EHLO") -> None:
        super().__init__(word)
        self._argument = argument

    def lines(self, core: SmtpCore) -> bytes:
        core.keywords = {}
        return self.name.encode("ascii") + b" " + self._argument + b"\r\n"

    def reply(self, reply: Reply, core: SmtpCore) -> bool:
        if reply.positive:
            core.keywords = parse_keywords(reply.lines) if self.name == "EHLO" else {}
            self.finish(reply)
        else:
            self.fail(refusal(self.name, reply))
        return True

    def closing(self, reply: Reply, core: SmtpCore) -> bool:
        self.fail(limit_reached(reply))
        return True


class StartTls(SmtpCommand):
    """STARTTLS (RFC 3207)."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("STARTTLS")

    def reply(self, reply: Reply, core: SmtpCore) -> bool:
        if reply.code == 220:
            core.starting_tls = True  # whatever comes now is not from whom TLS will show us
            self.finish(reply)
        else:
            self._refused(reply)
        return True

    def closing(self, reply: Reply, core: SmtpCore) -> bool:
        self._refused(reply)
        return True

    def _refused(self, reply: Reply) -> None:
        self.fail(
            SecurityError(
                "the server does not start TLS, and nothing secret is sent without it; whoever answered said, in the"
                f" clear: {reply.words}"
            )
        )


class SignInRefused(MailClientError):
    """A refused sign-in, kept with its reply until it is clear what it means."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.words)
        self.reply = reply


class Authenticate(SmtpCommand):
    """AUTH with a SASL mechanism (RFC 4954)."""

    __slots__ = ("_exchange",)

    def __init__(self, mechanism: SaslMechanism) -> None:
        super().__init__("AUTH")
        self._exchange = SaslExchange(mechanism)

    def lines(self, core: SmtpCore) -> bytes:
        head = b"AUTH " + self._exchange.mechanism.name.encode("ascii")
        initial = self._exchange.begin(max(0, MAX_COMMAND - len(head) - 3))
        return (head if initial is None else head + b" " + initial) + b"\r\n"

    def hidden(self, reply: Reply) -> Reply:
        """The reply without what the server repeats of a secret."""
        hide = self._exchange.mechanism.hide
        return reply._replace(
            lines=tuple(
                hide(line.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape") for line in reply.lines
            )
        )

    def awaits(self, code: int) -> bool:
        return code == CHALLENGE

    def reply(self, reply: Reply, core: SmtpCore) -> bool:
        exchange = self._exchange
        if reply.code == CHALLENGE:
            # A challenge is one line; what several make together is not base64, and so refused as such.
            core.replies.append(exchange.respond(b" ".join(reply.lines)))
            return False
        if exchange.given_up is not None:
            raise exchange.given_up
        if reply.code == 235:
            try:
                exchange.mechanism.verify()
            except SecurityError as error:
                self.fail(error)
            else:
                self.finish(reply)
        elif reply.positive:
            raise RemoteProtocolError(f"the server answered AUTH with {reply.words}")
        else:
            self.fail(SignInRefused(reply))
        return True

    def closing(self, reply: Reply, core: SmtpCore) -> bool:
        self.fail(SignInRefused(reply))
        return True

    def log_line(self) -> str:
        return f"AUTH {self._exchange.mechanism.name} ***"
