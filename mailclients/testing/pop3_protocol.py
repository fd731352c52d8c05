"""The POP3 connection: Twisted's `POP3` with answers that real servers give.

Entered by the child process's reactor thread alone. From Twisted come the reading of lines, the greeting, the states
before and after sign-in, sign-in through cred, and timeouts. Replaced is what it answers about messages: it writes
their line ends anew, leaves the number out of UIDL, and announces capabilities by names of its own. Each session has
the messages of INBOX that were there as it signed in; what it marks as deleted goes at its QUIT.
"""

# POP3 is not annotated: what is inherited from it is untyped in this module.
# mypy: disable-error-code="no-untyped-call,misc"
# ruff: noqa: N802 - the names are Twisted's
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportIncompatibleMethodOverride=false, reportUntypedBaseClass=false

from __future__ import annotations

from typing import Any, Final

from twisted.cred import credentials, error
from twisted.cred.portal import Portal
from twisted.internet import defer, interfaces, protocol
from twisted.mail import pop3
from twisted.python.failure import Failure

from mailclients.testing.signin import TooManyConnections
from mailclients.testing.store import Account, StoredFolder, StoredMessage

__all__ = ["Pop3Factory", "Pop3Protocol"]

# In the order in which they are shown. Whatever a server is told to be `without` is left out.
CAPABILITIES: Final = ("TOP", "UIDL", "RESP-CODES", "PIPELINING")


class Maildrop:
    """What one session sees of INBOX: the messages of the moment it signed in, by number from 1."""

    def __init__(self, account: Account) -> None:
        self._inbox: StoredFolder = account.get("INBOX")
        self._messages = list(self._inbox.messages)
        self.deleted: set[int] = set()

    def there(self) -> list[tuple[int, StoredMessage]]:
        """Messages that are not marked for deletion, with their numbers."""
        return [(n, message) for n, message in enumerate(self._messages, 1) if n not in self.deleted]

    def find(self, number: bytes) -> tuple[int, StoredMessage] | None:
        """The message of that number, or None."""
        wanted = int(number) if number.isdigit() and len(number) < 10 else 0
        return next((entry for entry in self.there() if entry[0] == wanted), None)

    def uid(self, message: StoredMessage) -> bytes:
        """What UIDL says of it."""
        return b"%d.%d" % (self._inbox.uid_validity, message.uid)

    def commit(self) -> None:
        """The session ends as it should: what is marked goes."""
        self._inbox.expunge(self._messages[number - 1] for number in self.deleted)


class Pop3Protocol(pop3.POP3):
    """One connection of a POP3 client."""

    AUTH_CMDS = [*pop3.POP3.AUTH_CMDS, b"STLS"]  # noqa: RUF012 - as Twisted has it
    MAX_LENGTH = 64 * 1024
    factory: Any  # annotated as None there, like the portal
    portal: Any
    transport: Any
    mbox: Maildrop | None

    def connectionMade(self) -> None:
        self.factory.connections.add(self)
        self.portal = self.factory.portal
        super().connectionMade()

    def connectionLost(self, reason: Any = protocol.connectionDone) -> None:
        self.factory.connections.discard(self)
        super().connectionLost(reason)

    def state_COMMAND(self, line: bytes) -> None:
        words = line.split(b" ")
        name = words[0].upper()
        action = getattr(self, "do_" + name.decode("ascii", "replace"), None)
        if name.decode("ascii", "replace") in self.factory.withheld or action is None:
            self.failResponse(b"I do not know that command")
        elif self.mbox is None and name not in self.AUTH_CMDS:
            self.failResponse(b"Sign in first")
        else:
            try:
                action(*words[1:])
            except (TypeError, ValueError):  # the wrong number of arguments, or of a kind that it does not take
                self.failResponse(b"I do not understand the arguments")

    # -- before the sign-in

    def do_CAPA(self) -> None:
        names = [name for name in CAPABILITIES if name not in self.factory.withheld]
        secure = not self.factory.require_tls or self._secured()
        if secure and "USER" not in self.factory.withheld:
            names.append("USER")
        if self._may_start_tls():
            names.append("STLS")
        self._answer("Capability list follows", [name.encode("ascii") for name in names])

    def _secured(self) -> bool:
        return interfaces.ISSLTransport.providedBy(self.transport)  # type: ignore[no-any-return]

    def _may_start_tls(self) -> bool:
        return self.factory.tls_context is not None and not self._secured() and "STLS" not in self.factory.withheld

    def do_STLS(self) -> None:
        if not self._may_start_tls() or self.mbox is not None:
            self.failResponse(b"TLS cannot begin here")
            return
        self._ok(b"Begin TLS")
        self.transport.startTLS(self.factory.tls_context)

    def do_AUTH(self, *words: bytes) -> None:
        self.failResponse(b"Use USER and PASS")

    def do_PASS(self, password: bytes, *words: bytes) -> None:
        if self.factory.require_tls and not self._secured():
            self.failResponse(b"[AUTH] Start TLS first")
            return
        super().do_PASS(password, *words)

    def authenticateUserPASS(self, user: bytes, password: bytes) -> defer.Deferred[Any]:
        given = credentials.UsernamePassword(user, password)
        signed_in: defer.Deferred[Any] = self.portal.login(given, None, pop3.IMailbox)
        return signed_in.addCallback(lambda found: (found[0], Maildrop(found[1]), found[2]))

    def _ebMailbox(self, failure: Failure) -> None:
        if failure.check(TooManyConnections):
            self.failResponse(b"[SYS/TEMP] " + failure.getErrorMessage().encode())
            return
        failure.trap(error.LoginFailed, error.LoginDenied)
        self.failResponse(b"[AUTH] The user name or the password is wrong")

    # -- in the session

    def _ok(self, text: bytes) -> None:
        self.transport.write(b"+OK " + text + b"\r\n")

    def _answer(self, text: str, lines: list[bytes]) -> None:
        self.transport.write(b"".join((b"+OK ", text.encode(), b"\r\n", *(line + b"\r\n" for line in lines), b".\r\n")))

    def _found(self, number: bytes) -> tuple[int, StoredMessage] | None:
        assert self.mbox is not None
        found = self.mbox.find(number)
        if found is None:
            self.failResponse(b"There is no such message")
        return found

    def do_STAT(self) -> None:
        assert self.mbox is not None
        there = self.mbox.there()
        self._ok(b"%d %d" % (len(there), sum(len(message.content) for _, message in there)))

    def do_LIST(self, number: bytes | None = None) -> None:
        assert self.mbox is not None
        if number is None:
            lines = [b"%d %d" % (n, len(message.content)) for n, message in self.mbox.there()]
            self._answer(f"{len(lines)} messages", lines)
        elif (found := self._found(number)) is not None:
            self._ok(b"%d %d" % (found[0], len(found[1].content)))

    def do_UIDL(self, number: bytes | None = None) -> None:
        assert self.mbox is not None
        if number is None:
            self._answer("Unique ids follow", [b"%d %s" % (n, self.mbox.uid(m)) for n, m in self.mbox.there()])
        elif (found := self._found(number)) is not None:
            self._ok(b"%d %s" % (found[0], self.mbox.uid(found[1])))

    def do_RETR(self, number: bytes) -> None:
        found = self._found(number)
        if found is not None:
            self._send(found[1].content, f"{len(found[1].content)} octets")

    def do_TOP(self, number: bytes, count: bytes) -> None:
        found, lines = self._found(number), int(count)
        if found is not None:
            header, separator, body = found[1].content.partition(b"\r\n\r\n")
            top = b"".join(line + b"\r\n" for line in body.split(b"\r\n")[: max(0, lines)])
            self._send(header + separator + top, "The top follows")

    def _send(self, content: bytes, text: str) -> None:
        if content and not content.endswith(b"\r\n"):
            content += b"\r\n"  # RFC 1939, 3: a text ends with a line
        stuffed = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:]
        self.transport.write(b"+OK " + text.encode() + b"\r\n" + stuffed + b".\r\n")

    def do_DELE(self, number: bytes) -> None:
        found = self._found(number)
        if found is not None:
            assert self.mbox is not None
            self.mbox.deleted.add(found[0])
            self._ok(b"Marked for deletion")

    def do_RSET(self) -> None:
        assert self.mbox is not None
        self.mbox.deleted.clear()
        self._ok(b"Nothing is marked for deletion")

    def do_QUIT(self) -> None:
        if self.mbox is not None:
            self.mbox.commit()
        self._ok(b"Bye")
        self.transport.loseConnection()


class Pop3Factory(protocol.ServerFactory):
    """Makes the connections of one listening port and knows those that are open.

    Args:
        portal: who may sign in.
        tls_context: offers STLS when given; not for a port that is TLS from the start.
        require_tls: refuse to sign in before TLS.
        withheld: capabilities not to have.
    """

    noisy = False
    protocol: Any = Pop3Protocol

    def __init__(
        self,
        portal: Portal,
        *,
        tls_context: interfaces.IOpenSSLContextFactory | None,
        require_tls: bool,
        withheld: frozenset[str],
    ) -> None:
        self.portal = portal
        self.tls_context = tls_context
        self.require_tls = require_tls
        self.withheld = withheld
        self.connections: set[Pop3Protocol] = set()
