"""An SMTP server for tests that answers by itself and keeps what it is sent, byte for byte.

`SmtpServer` owns a listening socket, a thread that accepts and one for each connection (`Session`). `server.changed`
guards everything that tests look at and is told of each change. A hook in `server.on`, by verb, may answer in the
server's place; whatever goes wrong on a thread is raised by `close()`.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from mailclients import SecurityOptions, SmtpClient

from .scripted import PATIENCE

__all__ = ["KEYWORDS", "Accepted", "Session", "SmtpServer", "smtp_client"]

KEYWORDS = ("PIPELINING", "SIZE 10000000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN XOAUTH2")
OLD = [word for word in KEYWORDS if word != "PIPELINING"]
CHUNKING = [*KEYWORDS, "CHUNKING", "BINARYMIME"]

# Given the session and what follows the verb; the answer, "" if that has been given, or None for the usual one.
Hook = Callable[["Session", str], "str | None"]


class Ended(Exception):
    """The connection is over."""


@dataclass
class Accepted:
    """A message that the server took."""

    sender: str
    recipients: list[str]
    content: bytes
    session: int
    parameters: str = ""


@dataclass
class Session:
    """One connection.

    Attributes:
        verbs: the commands so far, upper case. lines: the whole lines. received: every byte, decrypted.
        clear: every byte outside TLS. reads: what each read of the socket brought, for tests of pipelining.
    """

    server: SmtpServer
    sock: socket.socket
    index: int
    verbs: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    received: bytearray = field(default_factory=bytearray)
    clear: bytearray = field(default_factory=bytearray)
    reads: list[bytes] = field(default_factory=list)
    ended: bool = False
    sender: str | None = None
    parameters: str = ""
    recipients: list[str] = field(default_factory=list)
    taken: int = 0
    buffer: bytes = b""

    def send(self, text: str | bytes) -> None:
        """Send bytes as they stand, a line end added where a str has none."""
        data = text if isinstance(text, bytes) else text.encode() + (b"" if text.endswith("\r\n") else b"\r\n")
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise Ended from error

    def drop(self) -> None:
        """Cut the connection."""
        raise Ended

    def _more(self) -> None:
        try:
            data = self.sock.recv(1 << 16)
        except OSError as error:
            raise Ended from error
        if not data:
            raise Ended
        with self.server.changed:
            self.received += data
            self.reads.append(data)
            if not isinstance(self.sock, ssl.SSLSocket):
                self.clear += data
            self.buffer += data
            self.server.changed.notify_all()

    def line(self) -> str:
        while b"\r\n" not in self.buffer:
            self._more()
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line.decode()

    def exactly(self, count: int) -> bytes:
        while len(self.buffer) < count:
            self._more()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def dotted(self) -> bytes:
        """What follows DATA, up to the final dot."""
        content = bytearray()
        while True:
            while b"\r\n" not in self.buffer:
                self._more()
            line, _, self.buffer = self.buffer.partition(b"\r\n")
            if line == b".":
                return bytes(content)
            content += (line[1:] if line.startswith(b".") else line) + b"\r\n"


class SmtpServer:
    """A server on loopback.

    Args:
        keywords: what EHLO offers; STARTTLS is added where there is a certificate and no TLS yet.
        users: passwords by name; AUTH is checked against them.
        tls: the context for STARTTLS, or for TLS from the start with `implicit`.
        refused: replies to RCPT, by address.
    """

    def __init__(
        self,
        *,
        keywords: Iterable[str] = KEYWORDS,
        users: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        greeting: str | Callable[[Session], str] = "220 mx.example ESMTP",
        refused: Mapping[str, str] | None = None,
    ) -> None:
        self.keywords = list(keywords)
        self.users = dict(users or {"user": "secret"})
        self.tls, self.implicit, self.greeting = tls, implicit, greeting
        self.refused = dict(refused or {})
        self.on: dict[str, Hook] = {}
        self.changed = threading.Condition()
        self.sessions: list[Session] = []
        self.accepted: list[Accepted] = []
        self.errors: list[BaseException] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, name="smtp-accept", daemon=True)
        self._accepting.start()

    def __enter__(self) -> SmtpServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(raise_errors=error is None)

    def close(self, *, raise_errors: bool = True) -> None:
        """End everything and raise what went wrong on a thread."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(PATIENCE)
        for session in self.sessions:
            with contextlib.suppress(OSError):
                session.sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()
        if raise_errors and self.errors:
            raise self.errors[0]

    def wait_for(self, condition: Callable[[], Any]) -> None:
        """Wait until the condition holds; an assertion fails if it never does."""
        with self.changed:
            assert self.changed.wait_for(lambda: bool(condition()), PATIENCE)

    @property
    def verbs(self) -> list[str]:
        """The commands of all connections, one connection after the other."""
        return [verb for session in self.sessions for verb in session.verbs]

    # -- threads

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # several replies to one packet
            session = Session(self, sock, len(self.sessions))
            thread = threading.Thread(target=self._serve, args=(session,), name="smtp-session", daemon=True)
            with self.changed:
                self.sessions.append(session)
                self._threads.append(thread)
            thread.start()

    def _serve(self, session: Session) -> None:
        try:
            if self.implicit:
                self._secure(session)
            session.send(self.greeting if isinstance(self.greeting, str) else self.greeting(session))
            while True:
                self._command(session, session.line())
        except Ended:
            pass
        except BaseException as error:  # noqa: BLE001 - raised by `close`
            self.errors.append(error)
        finally:
            with self.changed:
                session.ended = True
                session.sock.close()
                self.changed.notify_all()

    def _secure(self, session: Session) -> None:
        assert self.tls is not None
        try:
            session.sock = self.tls.wrap_socket(session.sock, server_side=True)
        except OSError as error:
            raise Ended from error

    def _command(self, session: Session, line: str) -> None:
        verb, _, rest = line.partition(" ")
        verb = verb.upper()
        with self.changed:
            session.verbs.append(verb)
            session.lines.append(line)
            self.changed.notify_all()
        hook = self.on.get(verb)
        answer = hook(session, rest) if hook is not None else None
        if answer is None:
            answer = getattr(self, f"_on_{verb.lower()}", self._unknown)(session, rest)
        if answer:  # else the hook has said all there is to say
            session.send(answer)
        if verb == "QUIT":
            raise Ended

    # -- commands

    def _unknown(self, session: Session, rest: str) -> str:
        return "500 5.5.1 what?"

    def _on_ehlo(self, session: Session, rest: str) -> str:
        keywords = list(self.keywords)
        if self.tls is not None and not isinstance(session.sock, ssl.SSLSocket):
            keywords.append("STARTTLS")
        lines = ["mx.example", *keywords]
        return "".join(f"250{' ' if line is lines[-1] else '-'}{line}\r\n" for line in lines)

    def _on_helo(self, session: Session, rest: str) -> str:
        return "250 mx.example"

    def _on_starttls(self, session: Session, rest: str) -> str:
        session.send("220 2.0.0 go on")
        self._secure(session)
        return ""

    def _on_auth(self, session: Session, rest: str) -> str:
        mechanism, _, initial = rest.partition(" ")
        if mechanism == "PLAIN":
            _, user, password = base64.b64decode(initial).decode().split("\0")
        elif mechanism == "LOGIN":
            session.send("334 VXNlcm5hbWU6")
            user = base64.b64decode(session.line()).decode()
            session.send("334 UGFzc3dvcmQ6")
            password = base64.b64decode(session.line()).decode()
        else:
            return "504 5.5.4 no such mechanism"
        if hmac.compare_digest(self.users.get(user, ""), password):
            return "235 2.7.0 welcome"
        return "535 5.7.8 wrong"

    def _on_noop(self, session: Session, rest: str) -> str:
        return "250 2.0.0 ok"

    def _on_quit(self, session: Session, rest: str) -> str:
        return "221 2.0.0 bye"

    def _on_rset(self, session: Session, rest: str) -> str:
        session.sender, session.recipients = None, []
        return "250 2.0.0 ok"

    def _on_mail(self, session: Session, rest: str) -> str:
        if session.sender is not None:
            return "503 5.5.1 nested MAIL"
        assert rest.startswith("FROM:<")
        session.sender, _, session.parameters = rest[6:].partition(">")
        return "250 2.1.0 ok"

    def _on_rcpt(self, session: Session, rest: str) -> str:
        if session.sender is None:
            return "503 5.5.1 MAIL first"
        assert rest.startswith("TO:<")
        address = rest[4:].partition(">")[0]
        if address in self.refused:
            return self.refused[address]
        session.recipients.append(address)
        return "250 2.1.5 ok"

    def _on_data(self, session: Session, rest: str) -> str:
        if not session.recipients:
            return "554 5.5.1 no valid recipients"
        session.send("354 go on")
        return self.take(session, session.dotted())

    def _on_bdat(self, session: Session, rest: str) -> str:
        count, last = rest.split()
        assert last == "LAST"
        content = session.exactly(int(count))
        if not session.recipients:
            return "554 5.5.1 no valid recipients"
        return self.take(session, content)

    def take(self, session: Session, content: bytes) -> str:
        """Keep a message that has come whole; the hook "END" is asked before that, the hook "TAKEN" after it."""
        hook = self.on.get("END")
        answer = hook(session, "") if hook is not None else None
        if answer is None:
            with self.changed:
                session.taken += 1
                self.accepted.append(
                    Accepted(
                        session.sender or "", session.recipients, content, session.index, session.parameters.strip()
                    )
                )
                self.changed.notify_all()
            hook = self.on.get("TAKEN")
            answer = hook(session, "") if hook is not None else None
        session.sender, session.recipients = None, []
        return answer or "250 2.0.0 queued"


def smtp_client(server: SmtpServer, limit: int = 10, **settings: Any) -> SmtpClient:
    """A client of `server` with at most `limit` connections and other settings by their names."""
    client = SmtpClient("127.0.0.1", server.port, "user", "secret", SecurityOptions.NONE)
    client.max_connections_per_server = limit
    client.timeout = int(PATIENCE * 1000)
    for name, value in settings.items():
        setattr(client, name, value)
    return client
