"""The IMAP connection: Twisted's `IMAP4Server` with what real clients need of a server put right.

Entered by the child process's reactor thread alone. From Twisted come the greeting, capability list,
state tables, sign-in through cred, STARTTLS, LOGOUT and timeouts. Replaced are the reading of commands
(its own mishandles quoted strings with escapes, several literals, LITERAL+ and lines that arrive behind
a literal) and everything after sign-in, which `ImapSession` answers: Twisted's handlers write messages
anew instead of giving back their bytes, know no \\Seen, UIDNEXT, UIDPLUS or partial fetch, and do not
tell one session what another did. Commands are answered to the end one after the other, so pipelined
ones are answered in order.
"""

# IMAP4Server is not annotated: what is inherited from it is untyped in this module.
# mypy: disable-error-code="no-untyped-call"
# ruff: noqa: N802, N815 - the names are Twisted's
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportIncompatibleMethodOverride=false

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any, Final

from twisted.cred import credentials, error
from twisted.cred.portal import Portal
from twisted.internet import interfaces, protocol
from twisted.mail import imap4
from twisted.python.failure import Failure

from mailclients.testing.imap_session import ImapSession
from mailclients.testing.imap_syntax import Scanner, SyntaxFault
from mailclients.testing.signin import TooManyConnections
from mailclients.testing.store import Account

__all__ = ["ImapFactory", "ImapProtocol"]

# In the order in which they are shown. Whatever a server is told to be `without` is left out.
CAPABILITIES: Final = (
    "CHILDREN",
    "ENABLE",
    "ID",
    "IDLE",
    "LITERAL+",
    "MOVE",
    "MULTIAPPEND",
    "NAMESPACE",
    "QUOTA",
    "SASL-IR",
    "SPECIAL-USE",
    "UIDPLUS",
    "UNSELECT",
)

MAX_LITERAL: Final = 64 * 1024 * 1024  # bytes; more than any test needs, less than hurts
MAX_LITERAL_BEFORE_SIGN_IN: Final = 4096

_COMMAND = re.compile(rb'([^\x00-\x20(){%*"\\+\x7f-\xff]+) ([A-Za-z]+)(?= |\Z)')
_LITERAL_AT_END = re.compile(rb"\{(\d{1,10})(\+?)\}\Z")


class ImapProtocol(imap4.IMAP4Server):
    """One connection of an IMAP client."""

    IDENT = b"mailclients.testing ready"
    transport: Any  # Twisted's own annotation leaves out what its transports can do
    portal: Any  # annotated as None there
    _onLogout: Callable[[], None] | None
    MAX_LENGTH = 1024 * 1024  # bytes of one line; a long set of UIDs is one line

    def __init__(self, factory: ImapFactory) -> None:
        super().__init__(contextFactory=factory.tls_context)
        self.portal = factory.portal
        self._require_tls = factory.require_tls
        self._withheld = factory.withheld
        self._session: ImapSession | None = None
        self._command: list[bytes] = []
        self._literal_left = 0
        self._on_line: Callable[[bytes], None] | None = None
        self._idle_tag: bytes | None = None

    # -- capabilities

    def capabilities(self) -> dict[bytes, list[bytes] | None]:
        inherited: dict[bytes, Any] = super().capabilities()
        shown: dict[bytes, list[bytes] | None] = {}
        if b"STARTTLS" in inherited:
            shown[b"STARTTLS"] = None
        if self._sign_in_forbidden(inherited):
            shown[b"LOGINDISABLED"] = None
        else:
            shown[b"AUTH"] = [b"PLAIN"]
        for name in CAPABILITIES:
            if name not in self._withheld:
                shown[name.encode("ascii")] = None
        return shown

    def _sign_in_forbidden(self, inherited: dict[bytes, Any]) -> bool:
        return self._require_tls and b"STARTTLS" in inherited

    # -- reading whole commands

    def lineReceived(self, line: bytes) -> None:
        self.resetTimeout()
        if self._on_line is not None:
            self._on_line(line)
            return
        self._command.append(line)
        literal = _LITERAL_AT_END.search(line)
        if literal is None:
            command, self._command = b"".join(self._command), []
            self.parse_command(command)
            return
        size, unasked = int(literal[1]), bool(literal[2])
        if unasked and "LITERAL+" in self._withheld:
            self._refuse_literal(b"BAD This literal is not known here", unasked)
            return
        taken = sum(len(piece) for piece in self._command)
        if size + taken > (MAX_LITERAL_BEFORE_SIGN_IN if self._session is None else MAX_LITERAL):
            self._refuse_literal(b"NO [TOOBIG] The literal is too large", unasked)
            return
        self._command.append(b"\r\n")
        if not unasked:
            self.sendContinuationRequest(b"Ready for %d bytes" % size)
        self._literal_left = size
        if size:
            self.setRawMode()

    def _refuse_literal(self, answer: bytes, unasked: bool) -> None:
        tag = b"".join(self._command).partition(b" ")[0]
        self._command = []
        if unasked:  # its bytes are on their way and would be taken for commands
            self.sendLine(b"* BYE " + answer.partition(b" ")[2])
            self.transport.loseConnection()
        else:
            self.sendLine(tag + b" " + answer)

    def rawDataReceived(self, data: bytes) -> None:
        self.resetTimeout()
        mine, rest = data[: self._literal_left], data[self._literal_left :]
        self._command.append(mine)
        self._literal_left -= len(mine)
        if not self._literal_left:
            self.setLineMode(rest)

    def lineLengthExceeded(self, line: bytes) -> None:
        self.sendLine(b"* BYE The line is too long")
        self.transport.loseConnection()

    # -- answering them

    def parse_command(self, line: bytes) -> None:
        found = _COMMAND.match(line)
        if found is None:
            tag = line.partition(b" ")[0]
            self.sendBadResponse(tag if _COMMAND.match(tag + b" X") else None, b"That is not a command")
            return
        self.dispatchCommand(found[1], found[2].upper(), line[found.end() :])

    def dispatchCommand(self, tag: bytes, cmd: bytes, rest: bytes, uid: object = None) -> None:
        scanner = Scanner(rest)
        try:
            if cmd in (b"CAPABILITY", b"LOGOUT"):
                scanner.end()
                if cmd == b"LOGOUT":
                    self._leave()  # before the answer: who has it may count on the place being free
                self._inherited(cmd, tag)
            elif self._session is None:
                self._before_sign_in(tag, cmd, scanner)
            elif cmd == b"IDLE" and "IDLE" not in self._withheld:
                scanner.end()
                self._idle(tag)
            else:
                answer = self._session.handle(tag, cmd, scanner)
                if answer is None:
                    self.sendBadResponse(tag, cmd + b" is not a command that can be given now")
                else:
                    self.transport.writeSequence(answer)
        except SyntaxFault as fault:
            self.sendBadResponse(tag, cmd + b": " + str(fault).encode("ascii", "replace"))

    def _before_sign_in(self, tag: bytes, cmd: bytes, scanner: Scanner) -> None:
        if cmd == b"LOGIN":
            scanner.space()
            user = scanner.astring()
            scanner.space()
            password = scanner.astring()
            scanner.end()
            self._sign_in(tag, user, password)
        elif cmd == b"AUTHENTICATE":
            self._authenticate(tag, scanner)
        elif cmd in (b"NOOP", b"STARTTLS"):
            scanner.end()
            if cmd == b"STARTTLS":
                # whatever was sent behind the command in the clear must not count as sent under TLS
                self.clearLineBuffer()
            self._inherited(cmd, tag)
        elif cmd == b"ID" and "ID" not in self._withheld:
            self.sendUntaggedResponse(b'ID ("name" "mailclients.testing")')
            self.sendPositiveResponse(tag, b"ID completed")
        else:
            self.sendBadResponse(tag, cmd + b" is not a command that can be given now")

    def _inherited(self, cmd: bytes, tag: bytes) -> None:
        """Run Twisted's own handler of a command without arguments."""
        state_table_entry: Any = self.lookupCommand(cmd)
        state_table_entry[0](self, tag)

    def _authenticate(self, tag: bytes, scanner: Scanner) -> None:
        scanner.space()
        mechanism = scanner.atom().upper()
        if mechanism != b"PLAIN":
            self.sendNegativeResponse(tag, b"[CANNOT] The mechanism is not offered")
            return
        if not scanner.done:
            scanner.space()
            if "SASL-IR" in self._withheld:
                raise SyntaxFault("an initial response is not known here")
            initial = scanner.match(re.compile(rb"[A-Za-z0-9+/=]+"), "base64")[0]
            scanner.end()
            self._plain(tag, b"" if initial == b"=" else initial)
            return

        def answered(line: bytes) -> None:
            self._on_line = None
            if line == b"*":
                self.sendBadResponse(tag, b"AUTHENTICATE was given up")
            else:
                self._plain(tag, line)

        self._on_line = answered
        self.sendLine(b"+ ")

    def _plain(self, tag: bytes, response: bytes) -> None:
        """PLAIN (RFC 4616): authorisation identity, user, password."""
        try:
            identity, user, password = base64.b64decode(response, validate=True).split(b"\0")
        except ValueError:
            self.sendBadResponse(tag, b"The response is not one of PLAIN")
            return
        if identity not in (b"", user):
            self.sendNegativeResponse(tag, b"[AUTHORIZATIONFAILED] Nobody may act for somebody else")
            return
        self._sign_in(tag, user, password)

    def _sign_in(self, tag: bytes, user: bytes, password: bytes) -> None:
        if self._sign_in_forbidden(super().capabilities()):
            self.sendNegativeResponse(tag, b"[PRIVACYREQUIRED] Sign in after STARTTLS")
            return
        asked = self.portal.login(credentials.UsernamePassword(user, password), None, imap4.IAccount)
        asked.addCallbacks(self._signed_in, self._refused, callbackArgs=(tag,), errbackArgs=(tag,))

    def _signed_in(self, avatar: tuple[object, Account, Callable[[], None]], tag: bytes) -> None:
        _, account, self._onLogout = avatar
        self.account = account
        self.state = "auth"
        self._session = ImapSession(account, self._withheld, self._wake)
        self.setTimeout(self.POSTAUTH_TIMEOUT)
        shown = b" ".join(self.listCapabilities())
        self.sendPositiveResponse(tag, b"[CAPABILITY " + shown + b"] Signed in")

    def _refused(self, failure: Failure, tag: bytes) -> None:
        if failure.check(TooManyConnections):
            text = f"[LIMIT] Too many connections: {failure.value}"
            self.sendNegativeResponse(tag, text.encode("ascii", "replace"))
        elif failure.check(error.UnauthorizedLogin):
            self.sendNegativeResponse(tag, b"[AUTHENTICATIONFAILED] User name or password is wrong")
        else:
            self.sendNegativeResponse(tag, b"[SERVERBUG] The sign-in broke")
            failure.raiseException()

    # -- being told of changes

    def _idle(self, tag: bytes) -> None:
        def done(line: bytes) -> None:
            self._on_line = None
            self._idle_tag = None
            if line.upper() == b"DONE":
                self.sendPositiveResponse(tag, b"IDLE completed")
            else:
                self.sendBadResponse(tag, b"IDLE ends with DONE")

        self._idle_tag = tag
        self._on_line = done
        self.sendContinuationRequest(b"idling")
        self._wake()

    def _wake(self) -> None:
        if self._idle_tag is not None and self._session is not None:
            self.transport.writeSequence(self._session.pending())

    # -- the end

    def _leave(self) -> None:
        if self._session is not None:
            self._session.leave()
            self._session = None
        self._on_line = None
        self._idle_tag = None
        if self._onLogout is not None:
            self._onLogout()
            self._onLogout = None

    def connectionLost(self, reason: Any = protocol.connectionDone) -> None:
        self._leave()
        super().connectionLost(reason)


class ImapFactory(protocol.ServerFactory):
    """Makes the connections of one listening port and knows those that are open.

    Args:
        portal: who may sign in.
        tls_context: offers STARTTLS when given; not for a port that is TLS from the start.
        require_tls: refuse to sign in before TLS.
        withheld: capabilities not to have.
    """

    noisy = False

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
        self.connections: set[ImapProtocol] = set()

    def buildProtocol(self, addr: object) -> ImapProtocol:
        made = _Counted(self)
        made.factory = self
        return made


class _Counted(ImapProtocol):
    def connectionMade(self) -> None:
        self.factory.connections.add(self)
        super().connectionMade()

    def connectionLost(self, reason: Any = protocol.connectionDone) -> None:
        self.factory.connections.discard(self)
        super().connectionLost(reason)
