"""A POP3 server over `ScriptedServer` that answers by itself, for tests of sessions, numbers and deletions.

One maildrop for all users; each signed-in connection has its own view of it, as RFC 1939 has it. The maildrop is
guarded by `changed`, the condition of the scripted server; each connection's view belongs to its reader thread.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable
from typing import Any

from .scripted import Command, Conn, ScriptedServer

__all__ = ["AutoPop3Server", "make_message", "stuffed"]

CAPABILITIES = ("TOP", "UIDL", "USER", "RESP-CODES", "PIPELINING", "SASL PLAIN")
Hook = Callable[[Conn, Command], bool]


def make_message(number: int, size: int = 0) -> bytes:
    """A message that differs from every other one, with dots where they hurt."""
    head = f"From: sender{number}@example.org\r\nTo: reader@example.org\r\nSubject: Message {number}\r\n"
    head += f"Date: {number % 28 + 1:02d} Feb 2009 10:00:00 +0000\r\nMessage-ID: <{number}@example.org>\r\n"
    body = f".line of {number}\r\n..\r\n.\r\nend\r\n".encode()
    return head.encode() + b"\r\n" + body + b"x" * max(0, size) + (b"\r\n" if size else b"")


def stuffed(text: bytes) -> bytes:
    """A text as it is sent behind +OK."""
    return (b"\r\n" + text).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


class View:
    """What one session sees: the messages of the moment it signed in."""

    def __init__(self, drop: dict[str, bytes]) -> None:
        self.messages = list(drop.items())
        self.deleted: set[int] = set()


class AutoPop3Server(ScriptedServer):
    """Answers for itself.

    Args:
        messages: how many there are at first, by unique ids ``u1``, ``u2``, ...; or the messages.
        capabilities: lines of CAPA; None refuses CAPA.
        locks: one session at a time; another one is refused with [IN-USE].
        password: what is accepted; sign_ins counts those that were.
    """

    def __init__(
        self,
        messages: int | Iterable[bytes] = 3,
        *,
        capabilities: Iterable[str] | None = CAPABILITIES,
        locks: bool = False,
        password: str = "secret",
        greeting: Any = "+OK ready <1896.697170952@dbc.mtview.ca.us>\r\n",
        **settings: Any,
    ) -> None:
        given = (make_message(n) for n in range(1, messages + 1)) if isinstance(messages, int) else messages
        self.drop = {f"u{number}": message for number, message in enumerate(given, 1)}
        self.capabilities = None if capabilities is None else tuple(capabilities)
        self.locks = locks
        self.password = password
        self.sign_ins = 0
        self.refused = 0
        self.challenge = b"<1896.697170952@postoffice.reston.mci.net>"
        self._hooks: list[tuple[str, Hook]] = []
        super().__init__(tagged=False, greeting=greeting, **settings)

    def on(self, name: str, hook: Hook) -> Callable[[], None]:
        """Call `hook` before a command is answered; True keeps the answer back. Returns what takes it away again."""
        entry = (name.upper(), hook)
        with self.changed:
            self._hooks.append(entry)

        def remove() -> None:
            with self.changed:
                self._hooks.remove(entry)

        return remove

    def sent(self, name: str = "") -> list[str]:
        """The command lines received so far, in order, or those that begin with a word."""
        with self.changed:
            lines = [cmd.raw.decode().strip() for cmd in self.commands]
        return [line for line in lines if line.startswith(name)]

    @property
    def sessions(self) -> int:
        """How many connections are signed in."""
        with self.changed:
            return sum(isinstance(conn.data, View) and conn.open for conn in self.connections)

    def dispatch(self, conn: Conn, cmd: Command) -> None:
        """Answers one command; on the reader thread."""
        with self.changed:
            hooks = [hook for name, hook in self._hooks if name == cmd.name]
        if any(hook(conn, cmd) for hook in hooks):
            return
        words = cmd.raw.decode().split()
        action = getattr(self, f"do_{cmd.name.lower()}", None)
        if action is None:
            conn.send("-ERR unknown\r\n")
        elif cmd.name in ("CAPA", "STLS", "UTF8", "AUTH", "USER", "PASS", "APOP", "QUIT"):
            action(conn, words[1:])
        elif not isinstance(conn.data, View):
            conn.send("-ERR sign in first\r\n")
        else:
            action(conn, conn.data, words[1:])

    # -- before the sign-in --------------------------------------------------------------------------

    def do_capa(self, conn: Conn, words: list[str]) -> None:
        if self.capabilities is None:
            conn.send("-ERR unknown\r\n")
        else:
            conn.send("+OK\r\n", "".join(f"{line}\r\n" for line in self.capabilities), ".\r\n")

    def do_stls(self, conn: Conn, words: list[str]) -> None:
        conn.start_tls(clear="+OK begin\r\n")

    def do_utf8(self, conn: Conn, words: list[str]) -> None:
        conn.send("-ERR not now\r\n" if isinstance(conn.data, View) else "+OK\r\n")

    def do_user(self, conn: Conn, words: list[str]) -> None:
        conn.send("+OK\r\n")

    def do_pass(self, conn: Conn, words: list[str]) -> None:
        self._sign_in(conn, " ".join(words) == self.password)

    def do_apop(self, conn: Conn, words: list[str]) -> None:
        digest = hashlib.md5(f"<1896.697170952@dbc.mtview.ca.us>{self.password}".encode()).hexdigest()
        self._sign_in(conn, words[1:] == [digest])

    def do_auth(self, conn: Conn, words: list[str]) -> None:
        kind = words[0].upper()
        if kind == "PLAIN":
            given = words[1].encode() if len(words) > 1 else conn.challenge("")
            self._sign_in(conn, base64.b64decode(given).split(b"\0")[2:] == [self.password.encode()])
        elif kind == "LOGIN":
            conn.challenge(base64.b64encode(b"Username:"))
            given = conn.challenge(base64.b64encode(b"Password:"))
            self._sign_in(conn, base64.b64decode(given) == self.password.encode())
        elif kind == "CRAM-MD5":
            given = base64.b64decode(conn.challenge(base64.b64encode(self.challenge)))
            digest = hmac.new(self.password.encode(), self.challenge, "md5").hexdigest()
            self._sign_in(conn, given.split()[-1:] == [digest.encode()])
        elif kind in ("XOAUTH2", "OAUTHBEARER"):
            given = words[1].encode() if len(words) > 1 else conn.challenge("")
            self._sign_in(conn, f"Bearer {self.password}\x01".encode() in base64.b64decode(given))
        else:
            conn.send("-ERR no such mechanism\r\n")

    def _sign_in(self, conn: Conn, good: bool) -> None:
        if not good:
            conn.send("-ERR [AUTH] not accepted\r\n")
            return
        with self.changed:
            if self.locks and self.sessions:
                self.refused += 1
                conn.send("-ERR [IN-USE] the maildrop is in use\r\n")
                return
            self.sign_ins += 1
            conn.data = View(self.drop)
        conn.send("+OK\r\n")

    # -- in the session --------------------------------------------------------------------------

    def do_quit(self, conn: Conn, words: list[str]) -> None:
        view = conn.data
        if isinstance(view, View):
            with self.changed:
                for number in view.deleted:
                    self.drop.pop(view.messages[number - 1][0], None)
                conn.data = None
                self.changed.notify_all()
        conn.send("+OK bye\r\n")
        conn.close()

    def _there(self, view: View) -> list[tuple[int, str, bytes]]:
        return [(n, uid, text) for n, (uid, text) in enumerate(view.messages, 1) if n not in view.deleted]

    def _one(self, conn: Conn, view: View, words: list[str]) -> tuple[int, str, bytes] | None:
        for entry in self._there(view):
            if words and words[0] == str(entry[0]):
                return entry
        conn.send("-ERR no such message\r\n")
        return None

    def do_stat(self, conn: Conn, view: View, words: list[str]) -> None:
        there = self._there(view)
        conn.send(f"+OK {len(there)} {sum(len(text) for _, _, text in there)}\r\n")

    def do_list(self, conn: Conn, view: View, words: list[str]) -> None:
        if not words:
            lines = "".join(f"{n} {len(text)}\r\n" for n, _, text in self._there(view))
            conn.send(f"+OK\r\n{lines}.\r\n")
        elif (entry := self._one(conn, view, words)) is not None:
            conn.send(f"+OK {entry[0]} {len(entry[2])}\r\n")

    def do_uidl(self, conn: Conn, view: View, words: list[str]) -> None:
        if not words:
            lines = "".join(f"{n} {uid}\r\n" for n, uid, _ in self._there(view))
            conn.send(f"+OK\r\n{lines}.\r\n")
        elif (entry := self._one(conn, view, words)) is not None:
            conn.send(f"+OK {entry[0]} {entry[1]}\r\n")

    def do_retr(self, conn: Conn, view: View, words: list[str]) -> None:
        if (entry := self._one(conn, view, words)) is not None:
            conn.send(f"+OK {len(entry[2])} octets\r\n", stuffed(entry[2]))

    def do_top(self, conn: Conn, view: View, words: list[str]) -> None:
        if (entry := self._one(conn, view, words)) is not None:
            conn.send("+OK\r\n", stuffed(entry[2].partition(b"\r\n\r\n")[0] + b"\r\n\r\n"))

    def do_dele(self, conn: Conn, view: View, words: list[str]) -> None:
        if (entry := self._one(conn, view, words)) is not None:
            view.deleted.add(entry[0])
            conn.send("+OK\r\n")

    def do_rset(self, conn: Conn, view: View, words: list[str]) -> None:
        view.deleted.clear()
        conn.send("+OK\r\n")

    def do_noop(self, conn: Conn, view: View, words: list[str]) -> None:
        conn.send("+OK\r\n")
