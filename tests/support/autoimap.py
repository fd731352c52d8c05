"""An IMAP server for tests that answers by itself, over mailboxes in memory shared by all its connections.

`AutoImapServer` adds behaviour to `ScriptedServer`; `server.on` overrides single commands and
`server.hold` keeps answers back until the test releases them. One lock, `server.store`, guards every
mailbox; sessions belong to their connection and are touched under the same lock. Untagged EXPUNGE is
sent to other sessions at legal moments only: never as part of the answer to FETCH, STORE or SEARCH by
sequence number (RFC 3501, 7.4.1).
"""

from __future__ import annotations

import base64
import email
import email.message
import email.utils
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .commands import Command
from .scripted import PATIENCE, Conn, ScriptedServer, Text, as_bytes, as_line, as_untagged

__all__ = ["Answer", "AutoImapServer", "Gate", "Mailbox", "Refused", "Stored", "make_message"]

DEFAULT_CAPABILITIES = (
    "IMAP4rev1 SASL-IR LITERAL+ ID ENABLE IDLE UIDPLUS ESEARCH UNSELECT MOVE NAMESPACE SPECIAL-USE"
    " AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER"
)
Hook = Callable[[Conn, Command], Any]


def make_message(number: int, size: int = 200, *, subject: str | None = None) -> bytes:
    """A plain message with CRLF line ends; `size` is that of its body in bytes. The same number gives
    the same bytes."""
    head = (
        f"From: Sender {number} <s{number}@example.org>\r\nTo: user@example.org\r\n"
        f"Subject: {subject or f'Message {number}'}\r\nMessage-ID: <m{number}@example.org>\r\n"
        f"Date: {email.utils.formatdate(1_700_000_000 + number * 61)}\r\n\r\n"
    )
    line = f"line of message {number} ".ljust(70, "x") + "\r\n"
    body = (line * (size // len(line) + 1))[: max(size - 2, 0)].rstrip("\r") + "\r\n"
    return (head + body).encode()


class Refused(Exception):
    """A command's result is NO or BAD; the argument is the tagged text, "NO [TRYCREATE] no such folder"."""


@dataclass(eq=False)
class Stored:
    """A message in a mailbox. `changes` counts flag changes, so that other sessions can be told."""

    uid: int
    body: bytes
    flags: set[str] = field(default_factory=set)
    internal_date: str = "01-Jan-2024 00:00:00 +0000"
    changes: int = 0


@dataclass(eq=False)
class Mailbox:
    """A folder: messages by ascending UID."""

    name: str
    uid_validity: int = 1
    uid_next: int = 1
    messages: dict[int, Stored] = field(default_factory=dict)
    attributes: list[str] = field(default_factory=list)
    read_only: bool = False
    version: int = 0

    def add(self, body: bytes, flags: Iterable[str] = (), internal_date: str | None = None) -> Stored:
        """Append a message and give it the next UID."""
        stored = Stored(self.uid_next, body, set(flags))
        if internal_date is not None:
            stored.internal_date = internal_date
        self.messages[stored.uid] = stored
        self.uid_next += 1
        self.version += 1
        return stored

    def remove(self, uid: int) -> None:
        """A message vanishes."""
        del self.messages[uid]
        self.version += 1

    def set_flags(self, stored: Stored, flags: Iterable[str]) -> None:
        """Replace a message's flags."""
        stored.flags = set(flags)
        stored.changes += 1
        self.version += 1


@dataclass(eq=False)
class Session:
    """What one connection knows: its user, its folder, and the messages it was told of, by sequence
    number."""

    user: str | None = None
    folder: Mailbox | None = None
    read_only: bool = False
    view: list[int] = field(default_factory=list)
    told: dict[int, int] = field(default_factory=dict)
    version: int = -1  # of the folder, when everything was told
    enabled: set[str] = field(default_factory=set)
    idling: bool = False


@dataclass
class Answer:
    """The answer to a command, not sent yet: untagged lines, then the tagged status."""

    untagged: list[bytes]
    status: bytes = b"OK done"


class Gate:
    """Commands whose answers wait for the test.

    `commands` are those held at this moment, in order of arrival. With `blocking` the connection reads
    nothing further until its held command is released; otherwise later commands overtake the held one.
    """

    def __init__(self, server: AutoImapServer, name: str, blocking: bool) -> None:
        self.server, self.name, self.blocking = server, name.upper(), blocking
        self.commands: list[Command] = []
        self.is_open = False
        self._caught = 0

    def __repr__(self) -> str:
        return f"<Gate {self.name} {'open' if self.is_open else 'holding'} {len(self.commands)}>"

    def wait_for(self, count: int = 1, timeout: float = PATIENCE) -> list[Command]:
        """Wait until `count` commands are held, and return all that are."""
        self.server.wait_for(lambda: len(self.commands) >= count, timeout, what=f"{count} held {self.name}")
        with self.server.changed:
            return list(self.commands)

    def release(self, *cmds: Command) -> None:
        """Answer these commands now, in the order given."""
        for cmd in cmds:
            self._take(cmd)
            if not self.blocking:
                self.server.answer(cmd.conn, cmd)

    def release_all(self, *, reverse: bool = False) -> None:
        """Answer everything held, in order of arrival or in reverse."""
        with self.server.changed:
            cmds = list(self.commands)
        self.release(*(reversed(cmds) if reverse else cmds))

    def release_together(self, *cmds: Command) -> None:
        """Answer commands of one connection side by side: first the untagged answers of all, then the
        tagged results."""
        assert not self.blocking, "a blocking gate holds one command a connection"
        assert len({cmd.conn.index for cmd in cmds}) == 1, "side by side means on one connection"
        for cmd in cmds:
            self._take(cmd)
        self.server.answer_together(cmds)

    def refuse(self, cmd: Command, status: Text) -> None:
        """Answer a held command with this tagged status instead of carrying it out."""
        assert not self.blocking, "a blocking gate cannot refuse"
        self._take(cmd)
        cmd.conn.reply(cmd, status)

    def drop(self, cmd: Command) -> None:
        """Forget a held command: it is never answered."""
        self._take(cmd)

    def open(self) -> None:
        """Hold nothing any more, and release everything in order of arrival."""
        with self.server.changed:
            self.is_open = True
            self.server.changed.notify_all()
        self.release_all()

    def _take(self, cmd: Command) -> None:
        with self.server.changed:
            assert cmd in self.commands, f"{cmd!r} is not held here"
            self.commands.remove(cmd)
            self.server.changed.notify_all()

    def _catch(self, cmd: Command) -> bool:
        """Hold `cmd`; tells whether the default behaviour is suspended for it. On the reader thread."""
        server = self.server
        with server.changed:
            if self.is_open:
                return False
            self.commands.append(cmd)
            server.changed.notify_all()
            if not self.blocking:
                return True
            server.changed.wait_for(lambda: cmd not in self.commands or server._stopping)
            return False


class AutoImapServer(ScriptedServer):
    """An IMAP server that works, with seams for tests.

    Parameters (besides those of `ScriptedServer`):
        folders: name -> messages, as a number of generated ones or an iterable of bytes. INBOX always exists.
        users: name -> password or token; None takes any user with the password or token "secret".
        capabilities: words after ``* CAPABILITY``; STARTTLS is added in the clear when `tls` is given.
        max_connections: signed-in connections the server allows; one more is refused with
        `limit_answer`, or at the
            greeting with ``* BYE`` and that text when `limit_at_greeting` is set.
        require_tls: LOGINDISABLED in the clear; a sign-in there is refused.
        side_by_side: answer up to so many pipelined FETCH commands together, as Dovecot does with four.
        What arrives
            in one piece decides, so use a `Gate` where the test needs one certain order.
        greet_with_capabilities: put the capabilities into the greeting.
    """

    def __init__(
        self,
        folders: Mapping[str, int | Iterable[bytes]] | None = None,
        *,
        users: Mapping[str, str] | None = None,
        capabilities: str = DEFAULT_CAPABILITIES,
        max_connections: int | None = None,
        limit_answer: Text = "NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded"
        " (mail_max_userip_connections=10)",
        limit_at_greeting: bool = False,
        require_tls: bool = False,
        side_by_side: int = 1,
        greet_with_capabilities: bool = True,
        delimiter: str = "/",
        **options: Any,
    ) -> None:
        self.store = threading.RLock()
        self.folders: dict[str, Mailbox] = {}
        for number, (name, content) in enumerate({"INBOX": 0, **(folders or {})}.items()):
            box = self.folders[name] = Mailbox(name, 1000 + number)
            bodies = map(make_message, range(1, content + 1)) if isinstance(content, int) else content
            for body in bodies:
                box.add(body)
        self.users = users
        self.capabilities = capabilities
        self.max_connections, self.limit_answer = max_connections, limit_answer
        self.limit_at_greeting, self.require_tls = limit_at_greeting, require_tls
        self.side_by_side, self.greet_with_capabilities = side_by_side, greet_with_capabilities
        self.delimiter = delimiter
        self.sign_ins = 0
        self.failed_sign_ins = 0
        self._next_validity = 2000
        self._hooks: list[tuple[str, Hook, list[int]]] = []
        self._gates: list[Gate] = []
        super().__init__(**options)

    # -- seams -------------------------------------------------------------------------------------

    def on(self, name: str, hook: Hook, *, times: int | None = None) -> Callable[[], None]:
        """Call ``hook(conn, cmd)`` before the default behaviour of `name` ("*" for all commands), the
        newest hook first. It runs on the reader thread. A true result means that the hook has answered
        (or never will). After `times` commands the hook is gone. Returns a function that removes it."""
        entry = (name.upper(), hook, [-1 if times is None else times])
        with self.changed:
            self._hooks.insert(0, entry)

        def remove() -> None:
            with self.changed:
                if entry in self._hooks:
                    self._hooks.remove(entry)

        return remove

    def hold(self, name: str, *, blocking: bool = False) -> Gate:
        """Keep the answers to `name` ("*" for all commands) back until the test releases them; see `Gate`."""
        gate = Gate(self, name, blocking)
        with self.changed:
            self._gates.insert(0, gate)
        return gate

    def session(self, conn: Conn) -> Session:
        """What a connection's session knows."""
        if conn.data is None:
            conn.data = Session()
        assert isinstance(conn.data, Session)
        return conn.data

    def deliver(self, folder: str = "INBOX", body: bytes | None = None, flags: Iterable[str] = ()) -> Stored:
        """A message arrives; sessions that idle there are told at once, others at their next command."""
        with self.store:
            box = self.folders[folder]
            stored = box.add(make_message(box.uid_next) if body is None else body, flags)
        self.tell_idlers()
        return stored

    def expunge(self, folder: str, *uids: int) -> None:
        """Messages vanish, as if another client had removed them."""
        with self.store:
            for uid in uids:
                self.folders[folder].remove(uid)
        self.tell_idlers()

    def replace_folder(self, folder: str, messages: int = 0) -> Mailbox:
        """The folder is deleted and made again: another UIDVALIDITY."""
        with self.store:
            box = self.folders[folder] = Mailbox(folder, self._validity())
            for number in range(1, messages + 1):
                box.add(make_message(number))
            return box

    def tell_idlers(self) -> None:
        """Send pending notifications to the sessions in IDLE."""
        for conn in list(self.connections):
            session = self.session(conn)
            with conn.undisturbed(), self.store:
                if session.idling and conn.open and (lines := self._news(session, True)):
                    conn.send(*lines)

    @property
    def signed_in(self) -> int:
        """Connections signed in at this moment."""
        with self.changed:
            return sum(conn.open and self.session(conn).user is not None for conn in self.connections)

    # -- life of a connection ----------------------------------------------------------------------

    def greet(self, conn: Conn) -> None:
        """Greet, or say BYE when the limit is reached already."""
        if self.greeting != "* OK ready\r\n":
            super().greet(conn)
            return
        limit = self.max_connections if self.limit_at_greeting else None
        if limit is not None and self.open_connections > limit:
            conn.send("* BYE ", as_bytes(self.limit_answer).partition(b" ")[2], "\r\n")
            conn.close()
            return
        code = f"[CAPABILITY {self.capability_text(conn)}] " if self.greet_with_capabilities else ""
        conn.send(f"* OK {code}ready\r\n")

    def capability_text(self, conn: Conn) -> str:
        """The capabilities as they are at this moment of the connection."""
        words = self.capabilities.split()
        if self.tls is not None and conn.phase == "clear":
            words.append("STARTTLS")
        if self.require_tls and conn.phase == "clear":
            words = [word for word in words if not word.startswith("AUTH=")] + ["LOGINDISABLED"]
        return " ".join(words)

    def dispatch(self, conn: Conn, cmd: Command) -> None:
        """Hooks first, then gates, then the default; a run of commands that has arrived is answered in
        few writes."""
        following: Command | None = cmd
        while following is not None:
            following = self._dispatch_run(conn, following)

    def _dispatch_run(self, conn: Conn, cmd: Command) -> Command | None:
        """Deal with `cmd` and what has arrived behind it; returns a command that was read and needs its
        own turn."""
        if self._intercepted(conn, cmd):
            return None
        if cmd.name in _ALONE or not conn.buffered:
            self.answer(conn, cmd)
            return None
        if self.side_by_side > 1 and cmd.name in ("UID FETCH", "FETCH"):
            return self._answer_group(conn, cmd)
        own_turn: Command | None = None
        with conn.corked():
            self.answer(conn, cmd)
            while conn.buffered:
                following = self._read_ahead(conn)
                if following is None:
                    continue
                if self._intercepts(following) or self.side_by_side > 1:
                    own_turn = following
                    break
                self.answer(conn, following)
        return own_turn

    def _answer_group(self, conn: Conn, cmd: Command) -> Command | None:
        group = [cmd]
        other: Command | None = None
        while len(group) < self.side_by_side and conn.buffered:
            following = self._read_ahead(conn)
            if following is None:
                continue
            if following.name != cmd.name or self._intercepts(following):
                other = following
                break
            group.append(following)
        self.answer_together(group)
        return other

    def _read_ahead(self, conn: Conn) -> Command | None:
        cmd = conn._next_command()
        if cmd is not None:
            conn._record(cmd)
            if cmd.refused:
                return None
        return cmd

    def _intercepts(self, cmd: Command) -> bool:
        """Whether a hook or a gate wants this command, or it needs the connection for itself."""
        if cmd.name in _ALONE:
            return True
        with self.changed:
            names = {name for name, _, _ in self._hooks} | {g.name for g in self._gates if not g.is_open}
        return "*" in names or cmd.name in names

    def _intercepted(self, conn: Conn, cmd: Command) -> bool:
        with self.changed:
            hooks = [entry for entry in self._hooks if entry[0] in ("*", cmd.name)]
            gates = [gate for gate in self._gates if gate.name in ("*", cmd.name)]
        for entry in hooks:
            with self.changed:
                left = entry[2]
                if left[0] == 0:
                    continue
                left[0] -= 1
                if left[0] == 0:
                    self._hooks.remove(entry)
            if entry[1](conn, cmd):
                return True
        return any(gate._catch(cmd) for gate in gates)

    # -- answering ---------------------------------------------------------------------------------

    def answer(self, conn: Conn, cmd: Command) -> None:
        """Carry the command out and send its answer; any thread."""
        if cmd.name in _CONVERSE:  # lock nothing meanwhile
            answer = self.carry_out(conn, cmd)
            if answer is not None:
                conn.send(*answer.untagged, cmd.tag, " ", as_line(answer.status))
            return
        with conn.undisturbed():  # what an answer says of sequence numbers holds in the order of sending
            answer = self.carry_out(conn, cmd)
            assert answer is not None
            conn.send(*answer.untagged, cmd.tag, " ", as_line(answer.status))
        if cmd.name == "LOGOUT":
            conn.close()

    def answer_together(self, cmds: Sequence[Command]) -> None:
        """Carry the commands out and send first all untagged lines, then all tagged results."""
        conn = cmds[0].conn
        with conn.undisturbed():
            blob, results = list[bytes](), list[bytes]()
            for cmd in cmds:
                answer = self.carry_out(conn, cmd)
                assert answer is not None, f"{cmd.name} is not answered side by side"
                blob += answer.untagged
                results.append(cmd.tag.encode() + b" " + as_line(answer.status))
            conn.send(*blob, *results)

    def carry_out(self, conn: Conn, cmd: Command) -> Answer | None:
        """Do what the command asks. Returns the answer, or None when it was sent already (STARTTLS, IDLE)."""
        method = getattr(self, "do_" + cmd.name.lower().replace(" ", "_"), None)
        if method is None:
            return Answer([], b"BAD Unknown command " + cmd.name.encode("ascii", "backslashreplace"))
        session = self.session(conn)
        try:
            if cmd.name not in _ALWAYS and session.user is None:
                raise Refused("BAD Please sign in first")
            if cmd.name in _CONVERSE:
                result = method(conn, session, cmd)
            else:
                with self.store:
                    result = method(conn, session, cmd)
                    if result is not None and session.folder is not None:
                        result.untagged += self._news(session, cmd.name not in ("FETCH", "STORE", "SEARCH"))
        except Refused as error:
            return Answer([], str(error).encode())
        except (IndexError, ValueError, KeyError, TypeError, AttributeError) as error:
            return Answer([], b"BAD Bad arguments: " + repr(error).encode("ascii", "backslashreplace"))
        assert result is None or isinstance(result, Answer)
        return result

    def _news(self, session: Session, may_expunge: bool) -> list[bytes]:
        """Untagged lines that bring a session up to date."""
        box, lines = session.folder, list[bytes]()
        assert box is not None
        if session.version == box.version:
            return lines
        if may_expunge:
            session.version = box.version
            gone = [index for index, uid in enumerate(session.view) if uid not in box.messages]
            uids = [session.view[index] for index in gone]
            for index in reversed(gone):
                if "QRESYNC" not in session.enabled:
                    lines.append(b"* %d EXPUNGE\r\n" % (index + 1))
                session.told.pop(session.view.pop(index), None)
            if uids and not lines:
                lines.append(as_untagged("VANISHED " + ",".join(map(str, uids))))
        last = session.view[-1] if session.view else 0
        if box.uid_next - 1 > last:
            fresh = [uid for uid in box.messages if uid > last]
            if fresh:
                session.view += fresh
                session.told.update((uid, box.messages[uid].changes) for uid in fresh)
                lines.append(b"* %d EXISTS\r\n" % len(session.view))
        for number, uid in enumerate(session.view, 1):
            stored = box.messages.get(uid)
            if stored is not None and stored.changes != session.told.get(uid):
                session.told[uid] = stored.changes
                lines.append(b"* %d FETCH (UID %d FLAGS (%s))\r\n" % (number, uid, _flags(stored)))
        return lines

    def _validity(self) -> int:
        self._next_validity += 1
        return self._next_validity

    def _box(self, name: str) -> Mailbox:
        name = "INBOX" if name.upper() == "INBOX" else name
        if name not in self.folders:
            raise Refused(f"NO [NONEXISTENT] Mailbox doesn't exist: {name}")
        return self.folders[name]

    def _chosen(self, session: Session, text: str, by_uid: bool) -> list[tuple[int, Stored | None]]:
        """(sequence number, message) for a sequence set; None for a message expunged meanwhile."""
        box = session.folder
        if box is None:
            raise Refused("BAD No mailbox selected")
        view, chosen = session.view, dict[int, None]()
        if by_uid:
            if text.isdigit():  # the common case, kept fast for thousands of single fetches
                uid = int(text)
                low, high = 0, len(view)
                while low < high:
                    middle = (low + high) // 2
                    low, high = (middle + 1, high) if view[middle] < uid else (low, middle)
                return [(low + 1, box.messages.get(uid))] if low < len(view) and view[low] == uid else []
            spans = list(_spans(text, view[-1] if view else 0))
            for number, uid in enumerate(view, 1):
                if any(low <= uid <= high for low, high in spans):
                    chosen[number] = None
        else:
            for low, high in _spans(text, len(view)):
                if low < 1 or high > len(view):
                    raise Refused("BAD Invalid messageset")
                chosen.update(dict.fromkeys(range(low, high + 1)))
        return [(number, box.messages.get(view[number - 1])) for number in chosen]

    # -- any state ---------------------------------------------------------------------------------

    def do_capability(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        return Answer([as_untagged("CAPABILITY " + self.capability_text(conn))])

    def do_noop(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        return Answer([])

    do_check = do_noop

    def do_id(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        return Answer([b'* ID ("name" "scripted")\r\n'])

    def do_logout(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        session.folder = None
        return Answer([b"* BYE Logging out\r\n"])

    def do_starttls(self, conn: Conn, session: Session, cmd: Command) -> Answer | None:
        if self.tls is None or conn.phase == "tls":
            raise Refused("BAD STARTTLS is not offered")
        conn.reply_starttls(cmd)
        return None

    # -- signing in --------------------------------------------------------------------------------

    def _sign_in(self, conn: Conn, session: Session, user: str, secret: str) -> Answer:
        if session.user is not None:
            raise Refused("BAD Signed in already")
        if self.require_tls and conn.phase == "clear":
            raise Refused("NO [PRIVACYREQUIRED] TLS first")
        wanted = "secret" if self.users is None else self.users.get(user)
        if wanted is None or secret != wanted:
            self.failed_sign_ins += 1
            raise Refused("NO [AUTHENTICATIONFAILED] Authentication failed.")
        if self.max_connections is not None and self.signed_in >= self.max_connections:
            raise Refused(as_bytes(self.limit_answer).decode())
        session.user = user
        self.sign_ins += 1
        return Answer([], f"OK [CAPABILITY {self.capability_text(conn)}] Logged in".encode())

    def do_login(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        return self._sign_in(conn, session, cmd.text(0), cmd.text(1))

    def do_authenticate(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        mechanism = cmd.text(0).upper()
        if f"AUTH={mechanism}" not in self.capability_text(conn).upper().split():
            raise Refused("NO Unsupported authentication mechanism.")
        first = cmd.text(1).encode() if len(cmd.args) > 1 else conn.challenge()
        if first == b"*":
            raise Refused("BAD Authentication aborted by client.")
        response = base64.b64decode(b"" if first == b"=" else first, validate=True).decode()
        if mechanism == "PLAIN":
            _, user, secret = response.split("\0")
        else:
            fields = dict(part.split("=", 1) for part in response.split("\x01") if "=" in part)
            if mechanism == "XOAUTH2":
                user = fields["user"]
            else:
                user = next(part[2:] for part in response.split("\x01")[0].split(",") if part.startswith("a="))
            kind, _, secret = fields["auth"].partition(" ")
            if kind.lower() != "bearer":
                raise Refused("NO [AUTHENTICATIONFAILED] no bearer token")
        with self.store:
            try:
                return self._sign_in(conn, session, user, secret)
            except Refused as error:
                if mechanism == "PLAIN" or "AUTHENTICATIONFAILED" not in str(error):
                    raise
                refusal = error
        conn.challenge(base64.b64encode(b'{"status":"401","schemes":"bearer","scope":"mail"}'))
        raise refusal

    # -- signed in ---------------------------------------------------------------------------------

    def do_enable(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        known = self.capabilities.upper().split()
        granted = [word.upper() for word in map(str, cmd.args) if word.upper() in known]
        session.enabled.update(granted)
        return Answer([as_untagged(" ".join(["ENABLED", *granted]))])

    def do_compress(self, conn: Conn, session: Session, cmd: Command) -> Answer | None:
        if "COMPRESS=DEFLATE" not in self.capabilities.upper().split() or conn.compressed:
            raise Refused("NO [COMPRESSIONACTIVE] DEFLATE active via COMPRESS")
        conn.start_deflate(clear=f"{cmd.tag} OK DEFLATE active\r\n")
        return None

    def is_rev2(self, session: Session) -> bool:
        """Whether a session speaks IMAP4rev2: beside IMAP4rev1 it has to be enabled."""
        known = self.capabilities.upper().split()
        return "IMAP4REV2" in known and ("IMAP4REV1" not in known or "IMAP4REV2" in session.enabled)

    def do_namespace(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        return Answer([as_untagged(f'NAMESPACE (("" "{self.delimiter}")) NIL NIL')])

    def do_list(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        return self._list("LIST", cmd)

    def do_lsub(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        if self.is_rev2(session):
            raise Refused("BAD Unknown command LSUB")
        return self._list("LSUB", cmd)

    def _list(self, verb: str, cmd: Command) -> Answer:
        strings = [arg for arg in cmd.args if isinstance(arg, str)]
        reference, pattern = str(strings[0]), str(strings[1])
        if not pattern:
            return Answer([as_untagged(f'{verb} (\\Noselect) "{self.delimiter}" ""')])
        lines = []
        for name, box in self.folders.items():
            if _matches(reference + pattern, name, self.delimiter):
                inner = any(other.startswith(name + self.delimiter) for other in self.folders)
                words = " ".join(["\\HasChildren" if inner else "\\HasNoChildren", *box.attributes])
                lines.append(f'* {verb} ({words}) "{self.delimiter}" '.encode() + _quoted(name) + b"\r\n")
        return Answer(lines)

    def do_subscribe(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        self._box(cmd.text())
        return Answer([])

    do_unsubscribe = do_subscribe

    def do_create(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        name = cmd.text().rstrip(self.delimiter)
        if name in self.folders or name.upper() == "INBOX":
            raise Refused("NO [ALREADYEXISTS] Mailbox already exists")
        self.folders[name] = Mailbox(name, self._validity())
        return Answer([])

    def do_delete(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        del self.folders[self._box(cmd.text()).name]
        return Answer([])

    def do_rename(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        box, name = self._box(cmd.text()), cmd.text(1)
        if name in self.folders:
            raise Refused("NO [ALREADYEXISTS] Mailbox already exists")
        old = box.name
        for each in [old, *(other for other in self.folders if other.startswith(old + self.delimiter))]:
            box = self.folders.pop(each)
            box.name = name + each[len(old) :]
            self.folders[box.name] = box
        return Answer([])

    def do_status(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        box = self._box(cmd.text())
        values = {
            "MESSAGES": len(box.messages),
            **({} if self.is_rev2(session) else {"RECENT": 0}),
            "UIDNEXT": box.uid_next,
            "UIDVALIDITY": box.uid_validity,
            "UNSEEN": sum("\\Seen" not in stored.flags for stored in box.messages.values()),
            "HIGHESTMODSEQ": 1 + sum(stored.changes for stored in box.messages.values()),
            "SIZE": sum(len(stored.body) for stored in box.messages.values()),
        }
        items = " ".join(f"{item.upper()} {values[item.upper()]}" for item in cmd.args[1])
        return Answer([b"* STATUS " + _quoted(box.name) + f" ({items})\r\n".encode()])

    def do_append(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        if cmd.text().upper() != "INBOX" and cmd.text() not in self.folders:
            raise Refused("NO [TRYCREATE] Mailbox doesn't exist")
        box = self._box(cmd.text())
        flags: list[str] = []
        date: str | None = None
        for arg in cmd.args[1:-1]:
            if isinstance(arg, list):
                flags = [str(flag) for flag in arg]
            else:
                date = str(arg)
        stored = box.add(cmd.args[-1].data, flags, date)
        return Answer([], b"OK [APPENDUID %d %d] Append completed." % (box.uid_validity, stored.uid))

    # -- folders -----------------------------------------------------------------------------------

    def do_select(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        session.folder = None
        session.view, session.told = [], {}
        box = self._box(cmd.text())
        session.folder, session.view = box, list(box.messages)
        session.told = {stored.uid: stored.changes for stored in box.messages.values()}
        session.version = box.version
        session.read_only = cmd.name == "EXAMINE" or box.read_only
        rev2 = self.is_rev2(session)
        lines = [
            "FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)",
            "OK [PERMANENTFLAGS (%s)] Flags" % ("" if session.read_only else "\\Deleted \\Seen \\*"),
            f"{len(session.view)} EXISTS",
            *([] if rev2 else ["0 RECENT"]),
            f"OK [UIDVALIDITY {box.uid_validity}] UIDs valid",
            f"OK [UIDNEXT {box.uid_next}] Predicted next UID",
        ]
        mode = "READ-ONLY" if session.read_only else "READ-WRITE"
        told = [f'* LIST () "{self.delimiter}" '.encode() + _quoted(box.name) + b"\r\n"] if rev2 else []
        return Answer([*map(as_untagged, lines), *told], f"OK [{mode}] Selected".encode())

    do_examine = do_select

    def do_unselect(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        if session.folder is None:
            raise Refused("BAD No mailbox selected")
        session.folder = None
        return Answer([])

    def do_close(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        if session.folder is not None and not session.read_only:
            self._remove(session, None)
        return self.do_unselect(conn, session, cmd)

    def _remove(self, session: Session, among: set[int] | None) -> None:
        box = session.folder
        if box is None:
            raise Refused("BAD No mailbox selected")
        for uid in [uid for uid, stored in box.messages.items() if "\\Deleted" in stored.flags]:
            if among is None or uid in among:
                box.remove(uid)

    def _writable(self, session: Session) -> None:
        if session.read_only:
            raise Refused("NO [READ-ONLY] Mailbox is read-only")

    def do_expunge(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        self._writable(session)
        self._remove(session, None)
        return Answer([])

    def do_uid_expunge(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        self._writable(session)
        among = {stored.uid for _, stored in self._chosen(session, cmd.text(), True) if stored}
        self._remove(session, among)
        return Answer([])

    def do_fetch(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        by_uid = cmd.name == "UID FETCH"
        asked = cmd.args[1] if isinstance(cmd.args[1], list) else [cmd.args[1]]
        items: list[str] = []
        for item in map(str, asked):
            items += _MACROS.get(item.upper(), [item])
        if by_uid and "UID" not in (item.upper() for item in items):
            items.insert(0, "UID")
        lines, missing = list[bytes](), False
        for number, stored in self._chosen(session, cmd.text(), by_uid):
            if stored is None:
                missing = True
                continue
            marks = not session.read_only and any(_marks_seen(item) for item in items)
            if marks and "\\Seen" not in stored.flags:
                assert session.folder is not None
                session.folder.set_flags(stored, {*stored.flags, "\\Seen"})
                session.told[stored.uid] = stored.changes
                if "FLAGS" not in (item.upper() for item in items):
                    items = [*items, "FLAGS"]
            values = b" ".join(_item(stored, item) for item in items)
            lines.append(b"* %d FETCH (" % number + values + b")\r\n")
        if missing and not by_uid:
            return Answer(lines, b"NO [EXPUNGEISSUED] Some of the messages no longer exist.")
        return Answer(lines)

    do_uid_fetch = do_fetch

    def do_store(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        chosen = self._chosen(session, cmd.text(), cmd.name == "UID STORE")
        self._writable(session)
        verb = cmd.text(1).upper()
        flags = {str(f) for arg in cmd.args[2:] for f in (arg if isinstance(arg, list) else [arg])}
        lines = []
        for number, stored in chosen:
            if stored is None:
                continue
            added = verb.startswith("+")
            kept = stored.flags | flags if added else stored.flags - flags if verb.startswith("-") else flags
            assert session.folder is not None
            session.folder.set_flags(stored, kept)
            session.told[stored.uid] = stored.changes
            if not verb.endswith(".SILENT"):
                lines.append(b"* %d FETCH (UID %d FLAGS (%s))\r\n" % (number, stored.uid, _flags(stored)))
        return Answer(lines)

    do_uid_store = do_store

    def do_copy(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        if cmd.text(1).upper() != "INBOX" and cmd.text(1) not in self.folders:
            raise Refused("NO [TRYCREATE] Mailbox doesn't exist")
        target = self._box(cmd.text(1))
        sources = [s for _, s in self._chosen(session, cmd.text(), cmd.name.startswith("UID ")) if s]
        copies = [target.add(s.body, s.flags, s.internal_date) for s in sources]
        if not copies:
            return Answer([])
        pairs = ",".join(str(s.uid) for s in sources), ",".join(str(s.uid) for s in copies)
        code = f"[COPYUID {target.uid_validity} {pairs[0]} {pairs[1]}]"
        if not cmd.name.endswith("MOVE"):
            return Answer([], f"OK {code} Copied".encode())
        assert session.folder is not None
        for source in sources:
            session.folder.remove(source.uid)
        return Answer([as_untagged(f"OK {code} Moved")])

    do_uid_copy = do_copy

    def do_move(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        self._writable(session)
        return self.do_copy(conn, session, cmd)

    do_uid_move = do_move

    def do_search(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        by_uid, args, options = cmd.name == "UID SEARCH", list(cmd.args), None
        if session.folder is None:
            raise Refused("BAD No mailbox selected")
        if args and isinstance(args[0], str) and args[0].upper() == "RETURN":
            options, args = [str(word).upper() for word in args[1]] or ["ALL"], args[2:]
        if options is None and self.is_rev2(session):
            options = ["ALL"]
        if args and isinstance(args[0], str) and args[0].upper() == "CHARSET":
            if "UTF8=ACCEPT" in session.enabled:
                raise Refused("BAD No charset beside UTF8=ACCEPT")
            args = args[2:]
        found = []
        for number, uid in enumerate(session.view, 1):
            stored = session.folder.messages.get(uid)
            if stored is not None and self._fits(session, number, stored, list(args)):
                found.append(uid if by_uid else number)
        if options is None:
            return Answer([as_untagged(" ".join(["SEARCH", *map(str, found)]))])
        parts = [f'(TAG "{cmd.tag}")', *(["UID"] if by_uid else [])]
        if found and "MIN" in options:
            parts.append(f"MIN {found[0]}")
        if found and "MAX" in options:
            parts.append(f"MAX {found[-1]}")
        if "COUNT" in options:
            parts.append(f"COUNT {len(found)}")
        if found and "ALL" in options:
            parts.append("ALL " + ",".join(map(str, found)))
        return Answer([as_untagged("ESEARCH " + " ".join(parts))])

    do_uid_search = do_search

    def _fits(self, session: Session, number: int, stored: Stored, args: list[Any]) -> bool:
        return all(list(self._terms(session, number, stored, args)))

    def _terms(self, session: Session, number: int, stored: Stored, args: list[Any]) -> Iterator[bool]:
        while args:
            yield self._term(session, number, stored, args)

    def _term(self, session: Session, number: int, stored: Stored, args: list[Any]) -> bool:
        key = args.pop(0)
        if isinstance(key, list):
            return self._fits(session, number, stored, list(key))
        word = str(key).upper()
        if word == "ALL":
            return True
        if word == "NOT":
            return not self._term(session, number, stored, args)
        if word == "OR":
            left = self._term(session, number, stored, args)
            return self._term(session, number, stored, args) or left
        if word == "UID":
            last = session.view[-1] if session.view else 0
            return any(low <= stored.uid <= high for low, high in _spans(str(args.pop(0)), last))
        plain = word.removeprefix("UN")
        if plain in ("SEEN", "DELETED", "FLAGGED", "ANSWERED", "DRAFT"):
            return (f"\\{plain.capitalize()}" in stored.flags) != word.startswith("UN")
        if word in ("LARGER", "SMALLER"):
            limit = int(args.pop(0))
            return len(stored.body) > limit if word == "LARGER" else len(stored.body) < limit
        head, _, text = stored.body.partition(b"\r\n\r\n")
        if word in ("TEXT", "BODY"):
            return args.pop(0).data.lower() in (stored.body if word == "TEXT" else text).lower()
        if word in ("SUBJECT", "FROM", "TO", "CC", "BCC", "HEADER"):
            name = str(args.pop(0)) if word == "HEADER" else word
            value = email.message_from_bytes(head + b"\r\n\r\n").get(name)
            return value is not None and str(args.pop(0)).lower() in str(value).lower()
        if word[0].isdigit() or word == "*":
            return any(low <= number <= high for low, high in _spans(word, len(session.view)))
        raise ValueError(f"unknown search key {word}")

    def do_idle(self, conn: Conn, session: Session, cmd: Command) -> Answer:
        conn.flush()
        with conn.undisturbed(), self.store:
            conn.send("+ idling\r\n")
            if session.folder is not None:
                session.idling = True
                conn.send(*self._news(session, True))
        try:
            line = conn.read_line()
        finally:
            with self.store:
                session.idling = False
        if line.upper() != b"DONE":
            raise Refused("BAD Expected DONE.")
        return Answer([])


_ALONE = {"STARTTLS", "COMPRESS", "IDLE", "AUTHENTICATE", "LOGOUT"}  # they need the connection for themselves
_CONVERSE = _ALONE - {"LOGOUT"}
_ALWAYS = {"CAPABILITY", "NOOP", "LOGOUT", "ID", "STARTTLS", "LOGIN", "AUTHENTICATE"}
_MACROS = {
    "FAST": ["FLAGS", "INTERNALDATE", "RFC822.SIZE"],
    "ALL": ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"],
    "FULL": ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"],
}


def _spans(text: str, last: int) -> Iterator[tuple[int, int]]:
    for part in text.split(","):
        low, _, high = part.partition(":")
        start = last if low == "*" else int(low)
        end = start if not high else last if high == "*" else int(high)
        yield min(start, end), max(start, end)


def _matches(pattern: str, name: str, delimiter: str) -> bool:
    """RFC 3501, 6.3.8: "*" matches anything, "%" anything but the delimiter."""
    reachable = {0}
    for char in pattern:
        if char in "*%":
            grown = set(reachable)
            for start in reachable:
                for end in range(start, len(name)):
                    if char == "%" and name[end] == delimiter:
                        break
                    grown.add(end + 1)
            reachable = grown
        else:
            reachable = {at + 1 for at in reachable if at < len(name) and name[at] == char}
    return len(name) in reachable


def _quoted(text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    if any(byte in b"\r\n\0" or byte > 126 for byte in data):
        return b"{%d}\r\n" % len(data) + data
    return b'"' + data.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _string(text: str | None) -> bytes:
    return b"NIL" if text is None else _quoted(text)


def _flags(stored: Stored) -> bytes:
    return " ".join(sorted(stored.flags)).encode()


def _marks_seen(item: str) -> bool:
    word = item.upper()
    return word in ("RFC822", "RFC822.TEXT") or word.startswith("BODY[")


def _item(stored: Stored, item: str) -> bytes:
    """One FETCH item with its value."""
    word = item.upper()
    if word.startswith(("BODY[", "BODY.PEEK[")) or word in ("RFC822", "RFC822.HEADER", "RFC822.TEXT"):
        return _section(stored, item)
    if word == "UID":
        return b"UID %d" % stored.uid
    if word == "MODSEQ":
        return b"MODSEQ (%d)" % (stored.changes + 1)
    if word == "FLAGS":
        return b"FLAGS (" + _flags(stored) + b")"
    if word == "INTERNALDATE":
        return b'INTERNALDATE "' + stored.internal_date.encode() + b'"'
    if word == "RFC822.SIZE":
        return b"RFC822.SIZE %d" % len(stored.body)
    if word == "MODSEQ":
        return b"MODSEQ (%d)" % (stored.changes + 1)
    if word == "ENVELOPE":
        return b"ENVELOPE " + _envelope(email.message_from_bytes(stored.body))
    if word in ("BODY", "BODYSTRUCTURE"):
        return word.encode() + b" " + _structure(email.message_from_bytes(stored.body))
    raise ValueError(f"unknown FETCH item {item}")


def _section(stored: Stored, item: str) -> bytes:
    head, _, text = stored.body.partition(b"\r\n\r\n")
    head += b"\r\n\r\n"
    if "[" not in item:
        value = {"RFC822": stored.body, "RFC822.HEADER": head, "RFC822.TEXT": text}[item.upper()]
        return item.upper().encode() + b" {%d}\r\n" % len(value) + value
    section, _, partial = item.partition("[")[2].partition("]")
    words = section.upper()
    if words == "":
        value = stored.body
    elif words == "HEADER":
        value = head
    elif words == "TEXT":
        value = text
    elif words.startswith("HEADER.FIELDS"):
        names = set(words.partition("(")[2].rstrip(")").split())
        inside = not words.startswith("HEADER.FIELDS.NOT")
        fields = email.message_from_bytes(head).items()
        value = "".join(f"{k}: {v}\r\n" for k, v in fields if (k.upper() in names) == inside).encode()
        value += b"\r\n"
    else:
        value = _part(stored, words)
    label = b"BODY[" + section.encode() + b"]"
    if partial:
        start, _, count = partial.strip("<>").partition(".")
        value = value[int(start) : int(start) + int(count)]
        label += b"<" + start.encode() + b">"
    return label + b" {%d}\r\n" % len(value) + value


def _part(stored: Stored, path: str) -> bytes:
    """The encoded content of a MIME part by its number; MIME headers with a trailing ``MIME``."""
    part: Any = email.message_from_bytes(stored.body)
    numbers = path.split(".")
    mime = numbers[-1] == "MIME"
    for number in map(int, numbers[:-1] if mime else numbers):
        part = part.get_payload()[number - 1] if part.is_multipart() else part
    head, _, content = part.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").partition(b"\r\n\r\n")
    return bytes(head) + b"\r\n\r\n" if mime else bytes(content)


def _envelope(message: email.message.Message) -> bytes:
    def addresses(*names: str) -> bytes:
        for name in names:
            if message[name] is not None:
                out = b""
                for label, address in email.utils.getaddresses([str(message[name])]):
                    local, _, host = address.rpartition("@")
                    words = [_string(label or None), b"NIL", _quoted(local), _quoted(host)]
                    out += b"(" + b" ".join(words) + b")"
                return b"(" + out + b")" if out else b"NIL"
        return b"NIL"

    parts = [_string(message["Date"]), _string(message["Subject"])]
    parts += [addresses("From"), addresses("Sender", "From"), addresses("Reply-To", "From")]
    parts += [addresses("To"), addresses("Cc"), addresses("Bcc")]
    parts += [_string(message["In-Reply-To"]), _string(message["Message-ID"])]
    return b"(" + b" ".join(parts) + b")"


def _structure(message: Any) -> bytes:
    if message.is_multipart() and message.get_content_maintype() == "multipart":
        inner = b"".join(_structure(part) for part in message.get_payload())
        return b"(" + inner + b" " + _quoted(message.get_content_subtype().upper()) + b")"
    content = message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").partition(b"\r\n\r\n")[2]
    params = [(k, v) for k, v in (message.get_params() or [])[1:]]
    listed = b"(" + b" ".join(_quoted(k) + b" " + _quoted(v) for k, v in params) + b")" if params else b"NIL"
    main = message.get_content_maintype().upper()
    encoding = str(message["Content-Transfer-Encoding"] or "7BIT").upper()
    fields = [_quoted(main), _quoted(message.get_content_subtype().upper()), listed, b"NIL", b"NIL"]
    fields += [_quoted(encoding), b"%d" % len(content)]
    if main == "TEXT":
        fields.append(b"%d" % content.count(b"\r\n"))
    return b"(" + b" ".join(fields) + b")"
