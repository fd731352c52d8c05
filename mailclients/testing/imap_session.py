"""One signed-in IMAP session: commands in, response bytes out. No I/O.

RFC 3501, 2177, 3502, 3691, 4315, 5161, 6851 and 9208.

Owns what the session has selected: its view of the folder, that is which message has which sequence
number as far as the client has been told. Entered by the child process's reactor thread alone; a change
made by another session only marks the view as stale, and the next command that allows it (or IDLE, at
once) tells the client.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from mailclients.testing.contents import SYSTEM_FLAGS, Message
from mailclients.testing.imap_search import CHARSETS, Candidate, parse_search
from mailclients.testing.imap_syntax import (
    Scanner,
    SequenceSet,
    SyntaxFault,
    astring,
    encode_name,
    format_date_time,
    write,
)
from mailclients.testing.mime import envelope
from mailclients.testing.store import (
    DELIMITER,
    RESOURCES,
    SPECIAL_USE,
    Account,
    StoredFolder,
    StoredMessage,
    StoreError,
)

__all__ = ["ImapSession"]

# Named sequence numbers could change meaning under these (RFC 3501, 7.4.1)
_NO_EXPUNGE_DURING: Final = frozenset({b"FETCH", b"STORE", b"SEARCH"})

_MACROS: Final = {
    b"ALL": (b"FLAGS", b"INTERNALDATE", b"RFC822.SIZE", b"ENVELOPE"),
    b"FAST": (b"FLAGS", b"INTERNALDATE", b"RFC822.SIZE"),
    b"FULL": (b"FLAGS", b"INTERNALDATE", b"RFC822.SIZE", b"ENVELOPE", b"BODY"),
}
_FETCH_NAME = re.compile(rb"[A-Za-z0-9.]+")
_SECTION = re.compile(
    rb"((?:[1-9]\d{0,8}\.)*(?:[1-9]\d{0,8})?\.?)(HEADER\.FIELDS\.NOT|HEADER\.FIELDS|HEADER|TEXT|MIME)?",
    re.IGNORECASE,
)
_LIMIT = re.compile(rb"\d{1,18}")
_PARTIAL = re.compile(rb"<(\d{1,10})\.(\d{1,10})>")

# Commands that are not there without a capability
_NEEDS: Final = {
    **{name: name for name in ("ENABLE", "ID", "MOVE", "NAMESPACE", "UNSELECT")},
    **dict.fromkeys(("GETQUOTA", "GETQUOTAROOT", "SETQUOTA"), "QUOTA"),
}

_STATUS_ITEMS: Final = ("MESSAGES", "RECENT", "UIDNEXT", "UIDVALIDITY", "UNSEEN")


@dataclass(frozen=True)
class FetchItem:
    """One thing asked for of each message: its name on the wire, its value, whether asking reads it."""

    label: bytes
    value: Callable[[StoredMessage], bytes]
    marks_seen: bool = False


class ImapSession:
    """The session of one connection after sign-in.

    Args:
        account: whose session it is.
        withheld: capabilities that the server does not have; their commands are unknown.
        wake: called when the open folder changes; the owner then asks `pending` if it is idling.
    """

    def __init__(self, account: Account, withheld: frozenset[str], wake: Callable[[], None]) -> None:
        self._account = account
        self._withheld = withheld
        self._wake = wake
        self._out: list[bytes] = []
        self._folder: StoredFolder | None = None
        self._writable = False
        self._view: list[StoredMessage] = []
        self._recent: set[int] = set()
        self._last_uid = 0
        self._stale_flags: dict[StoredMessage, None] = {}
        self._seen_version = 0
        self._own_change = False

    # -- what the protocol calls

    @property
    def selected(self) -> bool:
        return self._folder is not None

    def handle(self, tag: bytes, name: bytes, scanner: Scanner) -> list[bytes] | None:
        """Run one command; None when there is no such command in this state.

        Returns:
            the bytes to send, the tagged response last.
        """
        command = self._lookup(name)
        if command is None:
            return None
        self._out = []
        try:
            status = command(scanner)
        except SyntaxFault as fault:
            status = b"BAD " + name + b": " + str(fault).encode("ascii", "replace")
        except StoreError as refused:
            code = f"[{refused.code}] " if refused.code else ""
            status = b"NO " + (code + str(refused)).encode("ascii", "replace")
        self._sync(expunges=name not in _NO_EXPUNGE_DURING, with_uid=name == b"UID")
        self._out.append(tag + b" " + (status or b"OK " + name + b" completed") + b"\r\n")
        out, self._out = self._out, []
        return out

    def pending(self) -> list[bytes]:
        """What the client has not been told yet; asked while it idles."""
        self._out = []
        self._sync(expunges=True, with_uid=False)
        out, self._out = self._out, []
        return out

    def leave(self) -> None:
        """Forget the folder; the connection is gone, or another folder is about to be selected."""
        if self._folder is not None:
            self._folder.unlisten(self._changed)
        self._folder = None
        self._view, self._recent = [], set()
        self._stale_flags = {}

    # -- finding the command

    def _lookup(self, name: bytes) -> Callable[[Scanner], bytes | None] | None:
        text = name.decode("ascii", "replace").upper()
        needs = _NEEDS.get(text)
        if needs in self._withheld or not text.isalpha():
            return None
        command = getattr(self, "_do_" + text.lower(), None)
        if command is None and self._folder is not None:
            command = getattr(self, "_in_" + text.lower(), None)
        found: Callable[[Scanner], bytes | None] | None = command
        return found

    def _in_uid(self, scanner: Scanner) -> bytes:
        scanner.space()
        name = scanner.atom().upper()
        if name == b"EXPUNGE" and "UIDPLUS" not in self._withheld:
            scanner.space()
            doomed = self._pick(scanner.sequence_set(), uids=True)
            scanner.end()
            self._expunge([self._view[place] for place in doomed])
            return b"OK UID EXPUNGE completed"
        command = {
            b"FETCH": self._fetch,
            b"STORE": self._store,
            b"SEARCH": self._search,
            b"COPY": self._copy,
            b"MOVE": self._move,
        }.get(name)
        if command is None or (name == b"MOVE" and "MOVE" in self._withheld):
            raise SyntaxFault(f"{name.decode('ascii', 'replace')} is not a UID command")
        return command(scanner, uids=True) or b"OK UID " + name + b" completed"

    # -- commands of the authenticated state

    def _do_noop(self, scanner: Scanner) -> None:
        scanner.end()

    def _do_id(self, scanner: Scanner) -> None:
        scanner.space()
        if not scanner.take(b"NIL"):
            scanner.expect(b"(")
            while not scanner.take(b")"):
                scanner.take(b" ")
                scanner.string()
                scanner.space()
                if not scanner.take(b"NIL"):
                    scanner.string()
        scanner.end()
        self._say(b'ID ("name" "mailclients.testing")')

    def _do_enable(self, scanner: Scanner) -> None:
        """RFC 5161: what is not known here, or needs no enabling, is passed over."""
        scanner.space()
        scanner.atom()
        while scanner.take(b" "):
            scanner.atom()
        scanner.end()
        if self.selected:
            raise SyntaxFault("only before a folder is selected")
        self._say(b"ENABLED")

    def _do_namespace(self, scanner: Scanner) -> None:
        scanner.end()
        self._say(b'NAMESPACE (("" "%b")) NIL NIL' % DELIMITER.encode("ascii"))

    def _do_getquota(self, scanner: Scanner) -> None:
        scanner.space()
        self._quota_root(scanner)
        scanner.end()
        self._say_quota()

    def _do_getquotaroot(self, scanner: Scanner) -> None:
        folder = self._account.get(self._one_folder(scanner))
        self._say(b'QUOTAROOT %b ""' % write(encode_name(folder.name)))
        self._say_quota()

    def _do_setquota(self, scanner: Scanner) -> None:
        """RFC 9208, 4.1.3: what is not named is no longer limited."""
        scanner.space()
        self._quota_root(scanner)
        scanner.space()
        scanner.expect(b"(")
        limits: dict[str, int] = {}
        while not scanner.take(b")"):
            if limits:
                scanner.space()
            resource = scanner.atom().decode("ascii").upper()
            scanner.space()
            limits[resource] = int(scanner.match(_LIMIT, "a limit")[0])
        scanner.end()
        if not limits.keys() <= set(RESOURCES):
            raise StoreError("Only STORAGE and MESSAGE can be limited", "CANNOT")
        self._account.limits = limits
        self._say_quota()

    def _quota_root(self, scanner: Scanner) -> None:
        if scanner.astring():
            raise StoreError("The only quota root has an empty name", "NONEXISTENT")

    def _say_quota(self) -> None:
        account = self._account
        told = " ".join(f"{name} {account.used(name)} {limit}" for name, limit in account.limits.items())
        self._say(b'QUOTA "" (%b)' % told.encode("ascii"))

    def _do_select(self, scanner: Scanner) -> bytes:
        return self._open(scanner, writable=True)

    def _do_examine(self, scanner: Scanner) -> bytes:
        return self._open(scanner, writable=False)

    def _open(self, scanner: Scanner, *, writable: bool) -> bytes:
        scanner.space()
        name = scanner.folder()
        scanner.end()
        self.leave()
        folder = self._account.get(name)
        self._folder = folder
        self._writable = writable and not folder.read_only
        self._view = list(folder.messages)
        self._last_uid = folder.uid_next - 1
        self._seen_version = folder.version
        self._claim_recent(self._view)
        folder.listen(self._changed)
        flags = " ".join([*SYSTEM_FLAGS, *folder.keywords()]).encode("ascii")
        self._say(b"FLAGS (%b)" % flags)
        permanent = b" ".join([flags, b"\\*"]) if self._writable else b""
        self._say(b"OK [PERMANENTFLAGS (%b)] Flags that are kept" % permanent)
        self._say(b"%d EXISTS" % len(self._view))
        self._say(b"%d RECENT" % len(self._recent))
        for number, message in enumerate(self._view, 1):
            if not message.has_flag("\\Seen"):
                self._say(b"OK [UNSEEN %d] First unseen" % number)
                break
        self._say(b"OK [UIDVALIDITY %d] UIDs are valid" % folder.uid_validity)
        self._say(b"OK [UIDNEXT %d] Predicted next UID" % folder.uid_next)
        if self._writable:
            return b"OK [READ-WRITE] SELECT completed"
        return b"OK [READ-ONLY] %b completed" % (b"SELECT" if writable else b"EXAMINE")

    def _do_create(self, scanner: Scanner) -> None:
        self._account.create(self._one_folder(scanner))

    def _do_delete(self, scanner: Scanner) -> None:
        self._account.delete(self._one_folder(scanner))

    def _do_rename(self, scanner: Scanner) -> None:
        scanner.space()
        old = scanner.folder()
        self._account.rename(old, self._one_folder(scanner))

    def _do_subscribe(self, scanner: Scanner) -> None:
        name = self._account.normal(self._one_folder(scanner))
        if self._account.find(name) is None:
            raise StoreError("There is no such folder", "NONEXISTENT")
        self._account.subscribed.add(name)

    def _do_unsubscribe(self, scanner: Scanner) -> None:
        self._account.subscribed.discard(self._account.normal(self._one_folder(scanner)))

    def _one_folder(self, scanner: Scanner) -> str:
        scanner.space()
        name = scanner.folder()
        scanner.end()
        return name

    def _do_list(self, scanner: Scanner) -> None:
        pattern = self._list_arguments(scanner)
        if pattern is None:
            self._say(b'LIST (\\Noselect) "/" ""')
            return
        for name in self._account.names():
            if pattern.fullmatch(name):
                self._say(self._listed(b"LIST", name, self._attributes(name)))

    def _do_lsub(self, scanner: Scanner) -> None:
        pattern = self._list_arguments(scanner)
        if pattern is None:
            self._say(b'LSUB (\\Noselect) "/" ""')
            return
        shown: dict[str, list[str]] = {}
        for name in sorted(self._account.subscribed):
            if pattern.fullmatch(name):
                shown[name] = []
                continue
            # RFC 3501, 6.3.9: a "%" that hides a subscribed folder shows the parent instead
            parent = name.rpartition(DELIMITER)[0]
            while parent:
                if pattern.fullmatch(parent):
                    shown.setdefault(parent, ["\\Noselect"])
                parent = parent.rpartition(DELIMITER)[0]
        for name, attributes in sorted(shown.items()):
            self._say(self._listed(b"LSUB", name, attributes))

    def _list_arguments(self, scanner: Scanner) -> re.Pattern[str] | None:
        scanner.space()
        reference = scanner.folder()
        scanner.space()
        pattern = scanner.list_pattern()
        scanner.end()
        if not pattern:
            return None
        wild = {"*": ".*", "%": f"[^{re.escape(DELIMITER)}]*"}
        text = "".join(wild.get(char) or re.escape(char) for char in reference + pattern)
        if re.match(r"inbox(?![^/*%])", reference + pattern, re.IGNORECASE):
            text = "(?i:INBOX)" + text[5:]
        return re.compile(re.sub(r"(\.\*)+", ".*", text), re.DOTALL)

    def _attributes(self, name: str) -> list[str]:
        attributes = ["\\HasChildren" if self._account.inferiors(name) else "\\HasNoChildren"]
        if not self._account.folders[name].selectable:
            attributes.append("\\Noselect")
        if name in SPECIAL_USE and "SPECIAL-USE" not in self._withheld:
            attributes.append(SPECIAL_USE[name])
        return attributes

    @staticmethod
    def _listed(kind: bytes, name: str, attributes: list[str]) -> bytes:
        return b'%b (%b) "/" %b' % (kind, " ".join(attributes).encode("ascii"), write(encode_name(name)))

    def _do_status(self, scanner: Scanner) -> None:
        scanner.space()
        folder = self._account.get(scanner.folder())
        scanner.space()
        scanner.expect(b"(")
        names = [scanner.atom().decode("ascii").upper()]
        while scanner.take(b" "):
            names.append(scanner.atom().decode("ascii").upper())
        scanner.expect(b")")
        scanner.end()
        values = {
            "MESSAGES": len(folder.messages),
            "RECENT": sum(message.uid >= folder.first_recent_uid for message in folder.messages),
            "UIDNEXT": folder.uid_next,
            "UIDVALIDITY": folder.uid_validity,
            "UNSEEN": sum(not message.has_flag("\\Seen") for message in folder.messages),
        }
        unknown = [name for name in names if name not in _STATUS_ITEMS]
        if unknown:
            raise SyntaxFault(f"{unknown[0]} is not a status item")
        items = " ".join(f"{name} {values[name]}" for name in names).encode("ascii")
        self._say(b"STATUS %b (%b)" % (write(encode_name(folder.name)), items))

    def _do_append(self, scanner: Scanner) -> bytes | None:
        scanner.space()
        name = scanner.folder()
        scanner.space()
        given = [self._appended(scanner)]
        while "MULTIAPPEND" not in self._withheld and scanner.take(b" "):
            given.append(self._appended(scanner))
        scanner.end()
        folder = self._target(name)
        if not all(message.content for message in given):
            raise StoreError("An empty message is not kept", "CANNOT")
        self._account.make_room(given)
        added = folder.add(given)
        if "UIDPLUS" in self._withheld:
            return None
        uids = f"{added[0].uid}:{added[-1].uid}" if len(added) > 1 else f"{added[0].uid}"
        return b"OK [APPENDUID %d %b] APPEND completed" % (folder.uid_validity, uids.encode("ascii"))

    @staticmethod
    def _appended(scanner: Scanner) -> Message:
        flags: list[str] = []
        if scanner.peek() == b"(":
            flags = scanner.flags()
            scanner.space()
        date = None
        if scanner.peek() == b'"':
            date = scanner.date_time()
            scanner.space()
        return Message(scanner.literal(), flags, date)

    def _target(self, name: str) -> StoredFolder:
        folder = self._account.get(name, code="TRYCREATE")
        if folder.read_only:
            raise StoreError("The folder is read-only", "NOPERM")
        return folder

    # -- commands of the selected state

    def _in_check(self, scanner: Scanner) -> None:
        scanner.end()

    def _in_close(self, scanner: Scanner) -> None:
        scanner.end()
        folder = self._selected()
        doomed = [m for m in self._view if m.has_flag("\\Deleted")] if self._writable else []
        self.leave()
        folder.expunge(doomed)

    def _in_unselect(self, scanner: Scanner) -> None:
        scanner.end()
        self.leave()

    def _in_expunge(self, scanner: Scanner) -> None:
        scanner.end()
        self._expunge(self._view)

    def _expunge(self, candidates: Iterable[StoredMessage]) -> None:
        self._must_be_writable()
        self._selected().expunge([m for m in candidates if m.has_flag("\\Deleted") and not m.expunged])

    def _in_fetch(self, scanner: Scanner) -> bytes | None:
        return self._fetch(scanner, uids=False)

    def _in_store(self, scanner: Scanner) -> bytes | None:
        return self._store(scanner, uids=False)

    def _in_search(self, scanner: Scanner) -> bytes | None:
        return self._search(scanner, uids=False)

    def _in_copy(self, scanner: Scanner) -> bytes | None:
        return self._copy(scanner, uids=False)

    def _in_move(self, scanner: Scanner) -> bytes | None:
        return self._move(scanner, uids=False)

    def _fetch(self, scanner: Scanner, *, uids: bool) -> bytes | None:
        scanner.space()
        places = self._pick(scanner.sequence_set(), uids=uids)
        scanner.space()
        items = self._fetch_items(scanner)
        scanner.end()
        labels = [item.label for item in items]
        if uids and b"UID" not in labels:
            items.insert(0, self._simple_item(b"UID"))
        read = any(item.marks_seen for item in items) and self._writable
        newly_seen = [self._view[p] for p in places if read and self._view[p].add_flags(["\\Seen"])]
        for place in places:
            message = self._view[place]
            wanted = list(items)
            if message in newly_seen and b"FLAGS" not in labels:
                wanted.append(self._simple_item(b"FLAGS"))
            values = b" ".join(item.label + b" " + item.value(message) for item in wanted)
            self._say(b"%d FETCH (%b)" % (place + 1, values))
        self._tell_others(newly_seen)
        return None

    def _fetch_items(self, scanner: Scanner) -> list[FetchItem]:
        if not scanner.take(b"("):
            name = scanner.match(_FETCH_NAME, "a fetch item")[0].upper()
            if name in _MACROS:
                return [self._simple_item(each) for each in _MACROS[name]]
            return [self._fetch_item(name, scanner)]
        items: list[FetchItem] = []
        while not scanner.take(b")"):
            if items:
                scanner.space()
            items.append(self._fetch_item(scanner.match(_FETCH_NAME, "a fetch item")[0].upper(), scanner))
        return items

    def _fetch_item(self, name: bytes, scanner: Scanner) -> FetchItem:
        if name not in (b"BODY", b"BODY.PEEK") or scanner.peek() != b"[":
            return self._simple_item(name)
        scanner.expect(b"[")
        found = scanner.match(_SECTION, "a section")
        path, text = found[1], (found[2] or b"").upper()
        numbers = tuple(int(number) for number in path.split(b".") if number)
        if path.endswith(b".") != bool(numbers and text) or (text == b"MIME" and not numbers):
            raise SyntaxFault("there is no such section")
        label = path + text
        names: list[bytes] = []
        if text.startswith(b"HEADER.FIELDS"):
            scanner.space()
            scanner.expect(b"(")
            names.append(scanner.astring())
            while scanner.take(b" "):
                names.append(scanner.astring())
            scanner.expect(b")")
            label += b" (" + b" ".join(astring(each) for each in names) + b")"
        scanner.expect(b"]")
        start, size = 0, None
        label = b"BODY[" + label + b"]"
        if scanner.peek() == b"<":
            partial = scanner.match(_PARTIAL, "a partial range")
            start, size = int(partial[1]), int(partial[2])
            if not size:
                raise SyntaxFault("a partial range of no bytes")
            label += b"<%d>" % start

        def value(message: StoredMessage) -> bytes:
            data: bytes | None
            if names:
                holder = message.entity.holder(numbers)
                negate = text.endswith(b"NOT")
                data = None if holder is None else holder.selected_fields(names, negate=negate)
            else:
                data = message.entity.section(numbers, text.decode("ascii"))
            if data is None:
                return b"NIL"
            return _literal(data[start:] if size is None else data[start : start + size])

        return FetchItem(label, value, marks_seen=name == b"BODY")

    def _simple_item(self, name: bytes) -> FetchItem:
        values: dict[bytes, Callable[[StoredMessage], bytes]] = {
            b"UID": lambda m: b"%d" % m.uid,
            b"FLAGS": self._flags_of,
            b"INTERNALDATE": lambda m: format_date_time(m.internal_date),
            b"RFC822.SIZE": lambda m: b"%d" % len(m.content),
            b"ENVELOPE": lambda m: write(envelope(m.entity)),
            b"BODYSTRUCTURE": lambda m: write(list(m.entity.structure(extended=True))),
            b"BODY": lambda m: write(list(m.entity.structure(extended=False))),
            b"RFC822": lambda m: _literal(m.content),
            b"RFC822.HEADER": lambda m: _literal(m.entity.header),
            b"RFC822.TEXT": lambda m: _literal(m.entity.body),
        }
        if name not in values:
            raise SyntaxFault(f"{name.decode('ascii', 'replace')} cannot be fetched")
        return FetchItem(name, values[name], marks_seen=name in (b"RFC822", b"RFC822.TEXT"))

    def _flags_of(self, message: StoredMessage) -> bytes:
        recent = ("\\Recent",) if message.uid in self._recent else ()
        return b"(" + " ".join([*message.flags, *recent]).encode("ascii") + b")"

    def _store(self, scanner: Scanner, *, uids: bool) -> bytes | None:
        scanner.space()
        places = self._pick(scanner.sequence_set(), uids=uids)
        scanner.space()
        sign = scanner.peek().decode("ascii") if scanner.peek() in (b"+", b"-") else ""
        if sign:
            scanner.expect(sign.encode("ascii"))
        scanner.expect(b"FLAGS")
        silent = scanner.take(b".SILENT")
        scanner.space()
        flags = scanner.flags()
        scanner.end()
        self._must_be_writable()
        changed: list[StoredMessage] = []
        for place in places:
            message = self._view[place]
            change = {"": message.set_flags, "+": message.add_flags, "-": message.remove_flags}[sign]
            if change(flags):
                changed.append(message)
            if not silent:
                uid = b"UID %d " % message.uid if uids else b""
                self._say(b"%d FETCH (%bFLAGS %b)" % (place + 1, uid, self._flags_of(message)))
        self._tell_others(changed)
        return None

    def _search(self, scanner: Scanner, *, uids: bool) -> bytes | None:
        scanner.space()
        if scanner.take(b"CHARSET "):
            charset = scanner.astring().upper()
            scanner.space()
            if charset not in CHARSETS:
                raise StoreError("That charset is not known", f"BADCHARSET ({b' '.join(CHARSETS).decode()})")
        matches = parse_search(scanner)
        largest_uid = self._view[-1].uid if self._view else 0
        found: list[int] = []
        for number, message in enumerate(self._view, 1):
            recent = message.uid in self._recent
            if matches(Candidate(message, number, len(self._view), largest_uid, recent)):
                found.append(message.uid if uids else number)
        self._say(b" ".join([b"SEARCH", *(b"%d" % number for number in found)]))
        return None

    def _copy(self, scanner: Scanner, *, uids: bool) -> bytes | None:
        code = self._copied(scanner, uids=uids, grows=True)[1]
        return b"OK " + code + b"COPY completed" if code else None

    def _move(self, scanner: Scanner, *, uids: bool) -> bytes | None:
        self._must_be_writable()
        moved, code = self._copied(scanner, uids=uids)
        if code:
            self._say(b"OK " + code + b"Moved")
        self._selected().expunge(moved)
        return None

    def _copied(self, scanner: Scanner, *, uids: bool, grows: bool = False) -> tuple[list[StoredMessage], bytes]:
        scanner.space()
        places = self._pick(scanner.sequence_set(), uids=uids)
        target = self._target(self._one_folder(scanner))
        sources = [self._view[place] for place in places]
        if any(message.expunged for message in sources):
            raise StoreError("Some of the messages were expunged meanwhile", "EXPUNGEISSUED")
        messages = [message.as_message() for message in sources]
        if grows:
            self._account.make_room(messages)
        copies = target.add(messages)
        if not copies or "UIDPLUS" in self._withheld:
            return sources, b""
        there = b",".join(b"%d" % message.uid for message in sources)
        here = b",".join(b"%d" % message.uid for message in copies)
        return sources, b"[COPYUID %d %b %b] " % (target.uid_validity, there, here)

    # -- the view

    def _selected(self) -> StoredFolder:
        if self._folder is None:
            raise SyntaxFault("no folder is selected")
        return self._folder

    def _must_be_writable(self) -> None:
        if not self._writable:
            raise StoreError("The folder is open read-only")

    def _pick(self, numbers: SequenceSet, *, uids: bool) -> list[int]:
        """Places in the view. UIDs that do not exist are no error, sequence numbers are."""
        if uids:
            return numbers.pick([message.uid for message in self._view])
        if any(high > len(self._view) for _, high in numbers.bounds(len(self._view))):
            raise SyntaxFault(f"the folder has {len(self._view)} messages")
        return numbers.pick(range(1, len(self._view) + 1))

    def _say(self, response: bytes) -> None:
        self._out.append(b"* " + response + b"\r\n")

    def _tell_others(self, changed: list[StoredMessage]) -> None:
        """Flags changed here: other sessions are to be told, this one has been."""
        if changed:
            self._own_change = True
            try:
                self._selected().changed(changed)
            finally:
                self._own_change = False

    def _changed(self, flags_of: frozenset[StoredMessage]) -> None:
        if not self._own_change:
            self._stale_flags.update(dict.fromkeys(flags_of))
            self._wake()

    def _claim_recent(self, messages: list[StoredMessage]) -> None:
        folder = self._selected()
        self._recent.update(m.uid for m in messages if m.uid >= folder.first_recent_uid)
        if self._writable and messages:
            folder.first_recent_uid = max(folder.first_recent_uid, messages[-1].uid + 1)

    def _sync(self, *, expunges: bool, with_uid: bool) -> None:
        """Tell the client what has changed since it was last told."""
        folder = self._folder
        if folder is None or (folder.version == self._seen_version and not self._stale_flags):
            return
        complete = True
        for place in range(len(self._view) - 1, -1, -1):
            message = self._view[place]
            if message.expunged:
                self._stale_flags.pop(message, None)
                if not expunges:
                    complete = False
                    continue
                del self._view[place]
                self._recent.discard(message.uid)
                self._say(b"%d EXPUNGE" % (place + 1))
        arrived = [message for message in folder.messages if message.uid > self._last_uid]
        if arrived:
            self._view += arrived
            self._last_uid = arrived[-1].uid
            self._claim_recent(arrived)
            self._say(b"%d EXISTS" % len(self._view))
            self._say(b"%d RECENT" % len(self._recent))
        for place, message in enumerate(self._view):
            if message in self._stale_flags:
                uid = b"UID %d " % message.uid if with_uid else b""
                self._say(b"%d FETCH (%bFLAGS %b)" % (place + 1, uid, self._flags_of(message)))
        self._stale_flags = {}
        if complete:
            self._seen_version = folder.version


def _literal(data: bytes) -> bytes:
    return b"{%d}\r\n%b" % (len(data), data)
