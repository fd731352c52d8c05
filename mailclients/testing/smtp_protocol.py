"""The SMTP connection: takes messages and delivers them into the INBOX of the users that they are for.

Entered by the child process's reactor thread alone. From Twisted comes the reading of lines and of counted bytes. A
recipient is known by the whole address or by what stands before the at sign; for somebody else the server refuses.
What was sent is kept byte for byte, without any field of the server's own.
"""

# LineReceiver is not annotated: what is inherited from it is untyped in this module.
# mypy: disable-error-code="no-untyped-call,misc"
# ruff: noqa: N802 - the names are Twisted's
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportIncompatibleMethodOverride=false, reportUntypedBaseClass=false

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from typing import Any, Final

from twisted.cred import credentials, error
from twisted.cred.portal import Portal
from twisted.internet import interfaces, protocol
from twisted.mail.interfaces import IMessageDelivery
from twisted.protocols import basic
from twisted.python.failure import Failure

from mailclients.testing.contents import Message
from mailclients.testing.signin import TooManyConnections
from mailclients.testing.store import Account, MailStore

__all__ = ["SmtpFactory", "SmtpProtocol"]

# In the order in which they are shown. Whatever a server is told to be `without` is left out.
KEYWORDS: Final = ("PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "CHUNKING", "BINARYMIME")
SIZE: Final = 256 * 1024 * 1024  # bytes of one message
RECIPIENTS: Final = 1000  # of one message


class SmtpProtocol(basic.LineReceiver):
    """One connection of an SMTP client."""

    delimiter = b"\r\n"
    MAX_LENGTH = 64 * 1024
    factory: Any
    transport: Any

    def connectionMade(self) -> None:
        self.factory.connections.add(self)
        self._logout: Callable[[], None] | None = None
        self._challenged: Callable[[bytes], None] | None = None
        self._content: list[bytes] | None = None  # lines after DATA
        self._chunks: list[bytes] = []  # after BDAT
        self._missing = 0
        self._last = False
        self._begin()
        self._say(220, "mail server ready")

    def connectionLost(self, reason: Any = protocol.connectionDone) -> None:
        self.factory.connections.discard(self)
        if self._logout is not None:
            self._logout()

    def _begin(self) -> None:
        """A new message."""
        self._sender: bytes | None = None
        self._recipients: list[Account] = []
        self._chunks = []
        self._size = 0

    def _say(self, code: int, *lines: str) -> None:
        """A reply; its first line begins with the enhanced code where there is one."""
        for line in lines[:-1]:
            self.sendLine(f"{code}-{line}".encode())
        self.sendLine(f"{code} {lines[-1]}".encode())

    # -- lines

    def lineReceived(self, line: bytes) -> None:
        if self._content is not None:
            self._take_line(line)
        elif self._challenged is not None:
            answer, self._challenged = self._challenged, None
            answer(line)
        else:
            verb, _, rest = line.partition(b" ")
            action = getattr(self, "_do_" + verb.decode("ascii", "replace").lower(), None)
            if action is None:
                self._say(500, "5.5.1 I do not know that command")
            else:
                action(rest)

    def lineLengthExceeded(self, line: bytes) -> None:
        self._say(500, "5.5.2 The line is too long")
        self.transport.loseConnection()

    def rawDataReceived(self, data: bytes) -> None:
        chunk, rest = data[: self._missing], data[self._missing :]
        self._missing -= len(chunk)
        self._size += len(chunk)
        self._chunks.append(chunk)
        if not self._missing:
            self._end_chunk()
            self.setLineMode(rest)

    # -- the session

    def _secured(self) -> bool:
        return interfaces.ISSLTransport.providedBy(self.transport)  # type: ignore[no-any-return]

    def _may_start_tls(self) -> bool:
        return self.factory.tls_context is not None and not self._secured() and "STARTTLS" not in self.factory.withheld

    def _may_sign_in(self) -> bool:
        clear = self.factory.require_tls and not self._secured()
        return self._logout is None and not clear and "AUTH" not in self.factory.withheld

    def _do_ehlo(self, rest: bytes) -> None:
        self._begin()
        names = [name for name in KEYWORDS if name not in self.factory.withheld]
        names = [f"SIZE {SIZE}" if name == "SIZE" else name for name in names]
        if self._may_sign_in():
            names.append("AUTH PLAIN LOGIN")
        if self._may_start_tls():
            names.append("STARTTLS")
        self._say(250, "localhost", *names)

    def _do_helo(self, rest: bytes) -> None:
        self._begin()
        self._say(250, "localhost")

    def _do_starttls(self, rest: bytes) -> None:
        if not self._may_start_tls():
            self._say(454, "4.7.0 TLS cannot begin here")
            return
        self._say(220, "2.0.0 Begin TLS")
        self._begin()
        self.transport.startTLS(self.factory.tls_context)

    def _do_noop(self, rest: bytes) -> None:
        self._say(250, "2.0.0 Nothing done")

    def _do_rset(self, rest: bytes) -> None:
        self._begin()
        self._say(250, "2.0.0 Begin anew")

    def _do_vrfy(self, rest: bytes) -> None:
        self._say(252, "2.1.5 Send and see")

    def _do_quit(self, rest: bytes) -> None:
        self._say(221, "2.0.0 Bye")
        self.transport.loseConnection()

    # -- signing in

    def _do_auth(self, rest: bytes) -> None:
        mechanism, _, initial = rest.partition(b" ")
        if not self._may_sign_in():
            self._say(503, "5.5.1 No sign-in now")
        elif mechanism.upper() == b"PLAIN":
            if initial:
                self._plain(initial)
            else:
                self._challenge(b"", self._plain)
        elif mechanism.upper() == b"LOGIN":
            self._challenge(b"VXNlcm5hbWU6", self._login_name)
        else:
            self._say(504, "5.5.4 I do not know that mechanism")

    def _challenge(self, text: bytes, answer: Callable[[bytes], None]) -> None:
        self._challenged = answer
        self.sendLine(b"334 " + text)

    def _decoded(self, line: bytes) -> bytes | None:
        try:
            return b64decode(line, validate=True)
        except (Base64Error, ValueError):
            self._say(501, "5.5.2 That is not base64")
            return None

    def _plain(self, line: bytes) -> None:
        words = (self._decoded(line) or b"").split(b"\0")
        if len(words) == 3:
            self._sign_in(words[1], words[2])
        elif line != b"*":
            self._say(535, "5.7.8 That is no sign-in")

    def _login_name(self, line: bytes) -> None:
        name = self._decoded(line)
        if name is not None:
            self._challenge(b"UGFzc3dvcmQ6", lambda line: self._login_password(name, line))

    def _login_password(self, name: bytes, line: bytes) -> None:
        password = self._decoded(line)
        if password is not None:
            self._sign_in(name, password)

    def _sign_in(self, name: bytes, password: bytes) -> None:
        given = credentials.UsernamePassword(name, password)
        found = self.factory.portal.login(given, None, IMessageDelivery)
        found.addCallbacks(self._signed_in, self._refused)

    def _signed_in(self, found: tuple[Any, Account, Callable[[], None]]) -> None:
        self._logout = found[2]
        self._say(235, "2.7.0 Welcome")

    def _refused(self, failure: Failure) -> None:
        if failure.check(TooManyConnections):
            self._say(421, "4.7.0 " + failure.getErrorMessage())
            self.transport.loseConnection()
            return
        failure.trap(error.LoginFailed, error.LoginDenied)
        self._say(535, "5.7.8 The user name or the password is wrong")

    # -- messages

    def _do_mail(self, rest: bytes) -> None:
        path, _, parameters = rest.partition(b">")
        sizes = [word[5:] for word in parameters.split() if word.upper().startswith(b"SIZE=")]
        if self.factory.require_tls and not self._secured():
            self._say(530, "5.7.0 Start TLS first")
        elif self._sender is not None:
            self._say(503, "5.5.1 There is a sender already")
        elif not path.upper().startswith(b"FROM:<"):
            self._say(501, "5.5.4 MAIL FROM:<address>")
        elif sizes and sizes[0].isdigit() and int(sizes[0][:20]) > SIZE:
            self._say(552, "5.3.4 The message is too large")
        else:
            self._sender = path[6:]
            self._say(250, "2.1.0 Go on")

    def _do_rcpt(self, rest: bytes) -> None:
        path = rest.partition(b">")[0]
        if self._sender is None:
            self._say(503, "5.5.1 MAIL first")
        elif not path.upper().startswith(b"TO:<"):
            self._say(501, "5.5.4 RCPT TO:<address>")
        elif len(self._recipients) >= RECIPIENTS:
            self._say(452, "4.5.3 That are too many recipients")
        else:
            account = self.factory.account_of(path[4:].decode("utf-8", "replace"))
            if account is None:
                self._say(550, "5.1.1 There is no such user")
            else:
                self._recipients.append(account)
                self._say(250, "2.1.5 Go on")

    def _do_data(self, rest: bytes) -> None:
        if not self._recipients:
            self._say(554, "5.5.1 There is nobody to send it to")
            return
        self._content = []
        self._say(354, "Go on, and end with a dot")

    def _take_line(self, line: bytes) -> None:
        assert self._content is not None
        if line == b".":
            lines, self._content = self._content, None
            self._deliver(b"".join(line + b"\r\n" for line in lines))
            return
        self._size += len(line) + 2
        if self._size <= SIZE:  # else it is read to its end, and refused then
            self._content.append(line[1:] if line.startswith(b".") else line)

    def _do_bdat(self, rest: bytes) -> None:
        count, _, last = rest.partition(b" ")
        if not count.isdigit() or len(count) > 12 or last.upper() not in (b"", b"LAST"):
            self._say(501, "5.5.4 BDAT count [LAST]")
            self.transport.loseConnection()  # nobody knows what follows
            return
        self._missing, self._last = int(count), bool(last)
        if self._missing:
            self.setRawMode()
        else:
            self._end_chunk()

    def _end_chunk(self) -> None:
        if not self._recipients:
            self._chunks = []
            self._say(554, "5.5.1 There is nobody to send it to")
        elif self._last:
            self._deliver(b"".join(self._chunks))
        else:
            self._say(250, "2.0.0 Go on")

    def _deliver(self, content: bytes) -> None:
        size, recipients = self._size, self._recipients
        self._begin()
        if size > SIZE:
            self._say(552, "5.3.4 The message is too large")
            return
        for account in dict.fromkeys(recipients):
            account.get("INBOX").add([Message(content or b"\r\n")])
        self._say(250, "2.0.0 The message is delivered")


class SmtpFactory(protocol.ServerFactory):
    """Makes the connections of one listening port and knows those that are open.

    Args:
        portal: who may sign in. store: whom there is mail for.
        tls_context: offers STARTTLS when given; not for a port that is TLS from the start.
        require_tls: refuse to sign in, and messages, before TLS.
        withheld: keywords not to have.
    """

    noisy = False
    protocol: Any = SmtpProtocol

    def __init__(
        self,
        portal: Portal,
        store: MailStore,
        *,
        tls_context: interfaces.IOpenSSLContextFactory | None,
        require_tls: bool,
        withheld: frozenset[str],
    ) -> None:
        self.portal = portal
        self.store = store
        self.tls_context = tls_context
        self.require_tls = require_tls
        self.withheld = withheld
        self.connections: set[SmtpProtocol] = set()

    def account_of(self, address: str) -> Account | None:
        """Whose mail this is: the user of that name, or of the name before the at sign."""
        accounts = self.store.accounts
        return accounts.get(address) or accounts.get(address.rpartition("@")[0])
