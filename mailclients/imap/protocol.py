"""IMAP as the engine sees it: the core that matches answers to commands, and the commands it knows by type.

Answers are matched by tag and by what they name (UID, number, mailbox), never by position: servers
work on pipelined commands side by side. `ImapCore` is one connection's protocol state and is only
entered under the lock of its connection. Commands are made by the operations, sent once or, after
a connection was lost, again; those that need nothing special of the core are in `commands`.
"""

from __future__ import annotations

import logging
import random
import string
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, TypeVar, cast

from mailclients.engine.commands import GO_AHEAD, Command, Segment, State
from mailclients.engine.deadlines import Deadline
from mailclients.errors import (
    AsposeInvalidOperationException,
    ConnectionLostError,
    FolderChangedError,
    ImapException,
    LimitReachedError,
    MailClientError,
    MessageNotFoundError,
    RemoteProtocolError,
    ServerRefusedError,
    escape,
)
from mailclients.imap.folders import Number, Numbering, NumbersBehind, Selection
from mailclients.imap.models import ImapFolderInfo
from mailclients.journal import Journal, note
from mailclients.saving import FileSink as LiteralSink
from mailclients.wire.imap_parser import ImapLimits, ResponseParser
from mailclients.wire.imap_pipelining import traits
from mailclients.wire.imap_responses import (
    CapabilityResponse,
    Continuation,
    EnabledResponse,
    ESearchResponse,
    ExistsResponse,
    ExpungeResponse,
    FetchResponse,
    FlagsResponse,
    RecentResponse,
    Response,
    ResponseCode,
    SearchResponse,
    StatusItems,
    StatusResponse,
    StreamedLiteral,
    TaggedResponse,
    VanishedResponse,
)
from mailclients.wire.imap_sets import NumberSet
from mailclients.wire.imap_strings import Literal, decode_mailbox, encode_astring, encode_mailbox, format_set
from mailclients.wire.sasl import SaslExchange, SaslMechanism, hide

__all__ = ["CLEAR_PHASE_BUDGET", "Declined", "ImapCommand", "ImapCore", "LiteralSink"]

log = logging.getLogger("mailclients.connection")

CLEAR_PHASE_BUDGET: Final = 16 * 1024  # bytes accepted before TLS: a greeting and two lists of capabilities
READ_SIZE: Final = 64 * 1024
LITERAL_MINUS: Final = 4096  # RFC 7888: with LITERAL- only literals up to this size need no go-ahead

NUMBER: Final = ""  # key of a message's sequence number among its items

# What one command may be told, beyond what it asked for, before the server counts as broken.
UNASKED_BYTES: Final = 64 * 1024 * 1024  # of messages' content that nobody asked for, on one connection
MOST_CODES: Final = 1000  # codes of one SELECT
SPARE_ITEMS: Final = 32  # items kept of one message beside those that were asked for
SPARE_MESSAGES: Final = 1000  # messages told of beside those that were ever in the folder

# Two bits beside those of the pipelining table: answers to FETCH commands that name single messages
# are told apart by these; answers to one that names a range, or streams, need the wire to themselves.
FETCH_NAMED: Final = 1 << 25
FETCH_RANGE: Final = 1 << 26

# Texts by which servers without response codes refuse a connection for their limits.
_LIMIT_TEXTS: Final = (
    "maximum number of connections",  # Dovecot 2.x, mail_max_userip_connections
    "too many simultaneous connections",  # Gmail
    "maximum connection limit reached",  # Courier, MAXPERIP
    "too many connections",  # Cyrus, Zimbra
)
_LIMIT_CODES: Final = frozenset(("LIMIT", "UNAVAILABLE", "IN-USE", "INUSE"))

# What a server has without naming it, by the capability that brings it (RFC 9051 appendix E, RFC 7162 section 3.2.3).
_BROUGHT_BY: Final = {
    **dict.fromkeys(
        (
            "CHILDREN",
            "ENABLE",
            "ESEARCH",
            "IDLE",
            "LIST-EXTENDED",
            "LIST-STATUS",
            "LITERAL-",
            "MOVE",
            "NAMESPACE",
            "SASL-IR",
            "SEARCHRES",
            "SPECIAL-USE",
            "STATUS=SIZE",
            "UIDPLUS",
            "UNSELECT",
        ),
        "IMAP4REV2",
    ),
    "CONDSTORE": "QRESYNC",
}
# No extensions: what a connection is opened with.
_GROUND: Final = frozenset(("AUTH", "IMAP4REV1", "IMAP4REV2", "LOGINDISABLED", "STARTTLS"))

Encoded = bytes | Literal
_Refused = TypeVar("_Refused", bound=ServerRefusedError)


def refused_for_limits(code: ResponseCode | None, text: str) -> bool:
    """Whether the server says that it takes no further connection now."""
    if code is not None and code.name in _LIMIT_CODES:
        return True
    text = text.lower()
    return any(known in text for known in _LIMIT_TEXTS)


def refusal(what: str, response: StatusResponse) -> ImapException:
    """The error for a command that was answered NO or BAD."""
    bracket = f"[{response.code.name}] " if response.code is not None else ""
    text = f"the server refused {what}: {response.status} {bracket}{what_was_said(response)}"
    return error_of(ImapException, text, response)


def error_of(kind: type[_Refused], text: str, response: StatusResponse) -> _Refused:
    """An error that keeps what the server answered."""
    code = response.code.name if response.code is not None else None
    return kind(text, status=response.status, code=code, server_text=what_was_said(response))


def what_was_said(response: StatusResponse) -> str:
    """The text of an answer for a person; a referral is part of it, as text: it is never followed."""
    code = response.code
    if code is not None and code.name == "REFERRAL" and code.raw:
        return f"{escape(code.raw)} {escape(response.text)}".rstrip()
    return escape(response.text)


class ImapCommand(Command):
    """A command of IMAP.

    Attributes:
        parts: the command line without tag, as bytes and literals.
        selection: the folder it needs, or None. writes: it changes that folder.
        listens: kinds of untagged answers that are for it. sent: what its last line was made of.
    """

    __slots__ = ("listens", "parts", "selection", "sent", "tag", "writes")

    outside: ClassVar[bool] = False  # it may have to leave the selected folder first

    def __init__(
        self,
        kind: str,
        parts: Sequence[Encoded],
        *,
        idempotent: bool,
        selection: Selection | None = None,
        writes: bool = False,
        listens: tuple[Hashable, ...] = (),
        subject: int | str | None = None,
        keys: Iterable[Hashable] = (),
        cost: int = 256,
        per_item: bool = False,
    ) -> None:
        trait = traits(kind, subject=subject)
        super().__init__(
            kind,
            idempotent=idempotent,
            behaviour=trait.behaviour,
            excludes=trait.excludes,
            barrier=trait.barrier,
            keys=keys,
            cost=cost,
            per_item=per_item,
        )
        self.parts = parts
        self.selection = selection
        self.writes = writes
        self.listens = listens
        self.sent: Sequence[Encoded] = parts
        self.tag = ""

    def before(self, core: ImapCore) -> Command | None:
        """What leaves the selected folder, of a command that is `outside`; None where it need not be left."""
        return None

    def ready(self, core: ImapCore) -> None:
        """Called just before the command is sent; raises what forbids it."""

    def line(self, core: ImapCore) -> Sequence[Encoded]:
        """The command line without tag."""
        return self.parts

    def untagged(self, response: Any, core: ImapCore) -> None:
        """Takes an untagged answer of a kind it listens for."""

    def answer(self, response: TaggedResponse, core: ImapCore) -> Any:
        """Makes the result of an OK."""
        return None

    def tagged(self, response: TaggedResponse, core: ImapCore) -> None:
        """Takes the end of the command."""
        if response.status == "OK":
            try:
                self.finish(self.answer(response, core))
            except RemoteProtocolError as error:
                self.fail(error)
                raise  # the connection has to go as well
            except MailClientError as error:
                self.fail(error)
        else:
            self.fail(self.refused(response))

    def hide(self, text: str) -> str:
        """Server text without the secrets that this command sent."""
        return text

    def refused(self, response: TaggedResponse) -> MailClientError:
        """The error for a NO or BAD."""
        return refusal(self.name, response)

    def log_line(self) -> str:
        text = b" ".join(p if isinstance(p, bytes) else b"{%d}" % len(p) for p in self.sent)
        return f"{self.tag} {escape(text[:200])}"


@dataclass(slots=True)
class Declined:
    """Extensions that the client leaves alone even where the server has them; one for all connections of a client.

    Attributes:
        names: upper-case, without what stands behind ``=``, or with it for one variety alone. Any thread may add and
        remove. everything: all extensions, whatever their names.
    """

    names: set[str] = field(default_factory=set[str])
    everything: bool = False

    def covers(self, capability: str) -> bool:
        """Whether the capability is one of those."""
        family = capability.partition("=")[0]
        if self.everything:
            return family not in _GROUND
        names = self.names
        return bool(names) and (capability in names or family in names)


class ImapCore:
    """The protocol state of one connection.

    Attributes:
        capabilities: upper-case names. selected: the selection in force on this connection.
        numbering: what sequence numbers mean here now. read_only: as the server granted.
        declined: extensions that are not used even where the server has them.
        owns_numbers: whether this is a session's connection, whose numbers users see.
        switching: makes the error for bytes that come before the layer below has been put in place, or None.
        number: of the connection, for logs. journal: where the client writes down what is said, too.
    """

    def __init__(self, limits: ImapLimits, *, clear: bool = False, declined: Declined | None = None) -> None:
        self.declined = declined if declined is not None else Declined()
        self.parser = ResponseParser(limits, clear_phase_budget=CLEAR_PHASE_BUDGET if clear else None)
        self.finished: list[Command] = []
        self.progressed: list[Command] = []
        self.replies: list[bytes] = []
        self.go_ahead = False
        self.goodbye: str | None = None
        self.goodbye_code: ResponseCode | None = None
        self.transferred = 0
        self.incoming = 0
        self.capabilities: frozenset[str] = frozenset()
        self.enabled: set[str] = set()
        self.sign_in_capabilities: frozenset[str] = frozenset()  # as they were then: servers name AUTH= no longer
        self.delimiter: str | None = None  # between the levels of folders' names, once it was asked for
        self.selected: Selection | None = None
        self.selected_as = ""  # the name it was selected by; the folder may have got another one since
        self.numbering: Numbering | None = None
        self.read_only = False
        self.switching: Callable[[], MailClientError] | None = None
        self.number = 0
        self.journal: Journal | None = None
        self.signed_in_as = 0  # which version of the client's credentials the connection was opened with
        self.owns_numbers = True  # False on task connections: their numbers mean nothing to anybody
        self._prefix = "".join(random.choices(string.ascii_uppercase, k=3))
        self._tags = 0
        self._by_tag: dict[str, ImapCommand] = {}
        self._by_uid: dict[int, FetchCommand] = {}
        self._by_number: dict[int, FetchCommand] = {}
        self._fetch_range: FetchCommand | None = None
        self._listeners: dict[Hashable, ImapCommand] = {}
        self._greeting: Greeting | None = None
        self._awaits_go_ahead: ImapCommand | None = None
        self._interactive: Authenticate | None = None
        self._idle: Idle | None = None
        self._signing_in: ImapCommand | None = None
        self._leaving = False
        self._unasked = 0

    def has(self, capability: str) -> bool:
        """Whether the server has a capability, by its name or by one that brings it, and the client may use it."""
        if capability not in self.capabilities:
            bringer = _BROUGHT_BY.get(capability)
            # IMAP4rev2 brings what it has only where it is spoken; ENABLE is how it comes to be.
            if not (self.rev2 if bringer == "IMAP4REV2" and capability != "ENABLE" else bringer in self.capabilities):
                return False
        return not self.declined.covers(capability)

    def varieties(self, family: str) -> list[str]:
        """What stands behind ``=`` in the capabilities of a family, such as ``"THREAD"``, in order."""
        prefix = family + "="
        return sorted(name[len(prefix) :] for name in self.capabilities if name.startswith(prefix) and self.has(name))

    @property
    def rev2(self) -> bool:
        """Whether the connection speaks IMAP4rev2: beside IMAP4rev1 it has to be enabled (RFC 9051 section 6.3.1)."""
        alone = "IMAP4REV2" in self.capabilities and "IMAP4REV1" not in self.capabilities
        return alone or "IMAP4REV2" in self.enabled

    @property
    def utf8(self) -> bool:
        """Whether strings are UTF-8 on this connection (RFC 9755, RFC 9051)."""
        return "UTF8=ACCEPT" in self.enabled or self.rev2

    @property
    def buffered(self) -> int:
        """Bytes received that no response has been made of."""
        return self.parser.buffered

    # -- sending ------------------------------------------------------------

    def prerequisite(self, command: Command) -> Command | None:
        if not isinstance(command, ImapCommand):
            return None
        if command.outside and self.selected is not None and (first := command.before(self)) is not None:
            return first
        selection = command.selection
        if selection is not None and (self.selected is not selection or self.selected_as != selection.name):
            selection.check()
            if not self._adopt(selection):
                return Select(selection)
        if command.writes and self.read_only and selection is not None:
            raise AsposeInvalidOperationException(
                f"{command.name}: the folder {selection.name!r} is selected read-only; select it for writing first"
            )
        try:
            command.ready(self)
        except NumbersBehind as behind:
            return CatchUp(behind.selection)
        if not command.barrier:
            for part in command.parts:
                if not isinstance(part, bytes) and self._waits(part):
                    command.barrier = True
        return None

    def _adopt(self, selection: Selection) -> bool:
        """Whether the folder that is selected here will do for another selection of it."""
        here = self.selected
        if here is None or selection.pending or here.name != selection.name or self.selected_as != selection.name:
            return False
        if here.uid_validity != selection.uid_validity or self.read_only != selection.read_only:
            return False
        self.selected = selection
        return True

    def _waits(self, part: Encoded) -> bool:
        """Whether the server has to be asked before the literal is sent."""
        if isinstance(part, bytes) or self.has("LITERAL+"):
            return False
        return not self.has("LITERAL-") or len(part) > LITERAL_MINUS

    def send(self, command: Command) -> bytes | Iterable[Segment]:
        assert isinstance(command, ImapCommand)
        if isinstance(command, Greeting):
            self._greeting = command
            return b""
        self._tags += 1
        tag = command.tag = f"{self._prefix}{self._tags}"
        self._by_tag[tag] = command
        if isinstance(command, FetchCommand):
            return b"%s %s\r\n" % (tag.encode("ascii"), self._fetch_line(command))
        for kind in command.listens:
            self._listeners[kind] = command
        if isinstance(command, Authenticate):
            self._interactive = command
        if isinstance(command, (Authenticate, Login)):
            self._signing_in = command
        elif isinstance(command, Logout):
            self._leaving = True
        elif isinstance(command, Idle):
            self._idle = command
        parts = command.sent = command.line(self)
        head = tag.encode("ascii") + b" "
        for part in parts:
            if not isinstance(part, bytes):
                return self._segments(command, head, parts)
        return head + b" ".join(cast("Sequence[bytes]", parts)) + b"\r\n"

    def _fetch_line(self, command: FetchCommand) -> bytes:
        companions, command.companions = command.companions, ()
        command.register(self._by_uid, self._by_number)
        if companions:
            together = command.group = dict.fromkeys((command, *companions))
            for other in companions:
                other.tag = command.tag
                other.register(self._by_uid, self._by_number)
                other.group = together
            uids = [uid for one in together for uid in one.named or ()]
            command.sent = (b"UID FETCH " + format_set(uids), command.asked)
        else:
            command.sent = command.parts
            if command.streams or command.named is None:
                self._fetch_range = command
                self.parser.literal_router = command.route if command.streams else None
        return b" ".join(cast("Sequence[bytes]", command.sent))

    def _segments(self, command: ImapCommand, head: bytes, parts: Sequence[Encoded]) -> Iterator[Segment]:
        line = bytearray(head)
        for index, part in enumerate(parts):
            if index and not (isinstance(part, bytes) and part.startswith(b")")):
                line += b" "
            if isinstance(part, bytes):
                line += part
                continue
            waits = self._waits(part)
            line += part.header(synchronizing=waits)
            yield bytes(line)
            line.clear()
            if waits:
                self._awaits_go_ahead = command
                yield GO_AHEAD
            yield from part.pieces()
        yield bytes(line) + b"\r\n"

    def farewell(self) -> bytes:
        return f"{self._prefix}0 LOGOUT\r\n".encode("ascii")

    # -- receiving ------------------------------------------------------------

    def buffer(self) -> memoryview:
        incoming = self.incoming
        return self.parser.get_write_buffer(READ_SIZE if incoming <= READ_SIZE else min(incoming, 1 << 20))

    def received(self, count: int) -> None:
        parser = self.parser
        if self.switching is not None:
            raise self.switching()
        parser.bytes_written(count)
        wanted = self._fetch_range is not None or bool(self._by_uid) or bool(self._by_number)
        useful = False
        while (response := parser.next_response()) is not None:
            kind = type(response)
            if kind is FetchResponse:
                useful = self._fetch(response) or useful  # type: ignore[arg-type]  # by its exact type
            elif kind is TaggedResponse:
                self._tagged(response)  # type: ignore[arg-type]
            else:
                self._other(response)
        # What nobody asked for keeps no transfer alive, however fast it comes.
        if wanted and (useful or parser.mid_message):
            self.transferred += count
        self.incoming = parser.literal_missing if parser.mid_literal else 0
        if self.goodbye is not None and not self._leaving:
            raise ConnectionLostError(f'the server ended the connection, saying "{escape(self.goodbye)}"')

    def _fetch(self, response: FetchResponse) -> bool:
        """Whether the response brought something that was asked for."""
        number, items = response.sequence_number, response.items
        numbering = self.numbering
        if numbering is None or number > numbering.exists:
            if numbering is None:
                return False  # nothing is selected: said by a server that is late
            raise RemoteProtocolError(
                f"the server told of message number {number}, but the folder has {numbering.exists}"
            )
        uid = items.get("UID")
        command: FetchCommand | None = None
        if uid is not None:
            numbering.learn(number, uid)
            command = self._by_uid.get(uid)
        if command is None:
            command = self._by_number.get(number) or self._fetch_range
        if command is None or not command.take(number, uid, items):
            if len(response.parts) > 1:
                self._unasked += sum(len(part) for part in response.parts if isinstance(part, bytes))
                if self._unasked > UNASKED_BYTES:
                    raise RemoteProtocolError(
                        f"the server sent more than {UNASKED_BYTES} bytes of messages that were not asked for"
                    )
            return False
        if command.told > numbering.exists_since(0) + SPARE_MESSAGES:
            raise RemoteProtocolError(
                f"the server told of {command.told} messages in answer to one {command.name}, but the folder has"
                f" {numbering.exists}"
            )
        if command.per_item:
            self.progressed.append(command)
        group = command.group
        if group is not None and len(group) > 1 and command.is_whole:
            # The last one waits for the end of the line: until then the server may announce what it likes.
            del group[command]
            command.unregister(self._by_uid, self._by_number)
            command.finish(command.result_of_one())
            self.finished.append(command)
        return True

    def _tagged(self, response: TaggedResponse) -> None:
        told = self._by_tag.pop(response.tag, None)
        if told is None:
            raise RemoteProtocolError(f"the server answered a command that was not sent ({escape(response.tag)})")
        command: ImapCommand = told
        if command is self._signing_in:
            response.text = command.hide(response.text)
        self._log_answer(response.tag, response)
        if command is self._signing_in:
            self._signing_in = None
        if response.code is not None:
            self._code(response.code)
        if isinstance(command, FetchCommand):
            if command.group is not None:
                self._group_ended(command.group, response)
                return
            command.unregister(self._by_uid, self._by_number)
            if self._fetch_range is command:
                self._fetch_range = None
                self.parser.literal_router = None
        for kind in command.listens:
            if self._listeners.get(kind) is command:
                del self._listeners[kind]
        if command is self._awaits_go_ahead:
            self._awaits_go_ahead = None
        if command is self._interactive:
            self._interactive = None
        if command is self._idle:
            self._idle = None
        self.finished.append(command)
        if command.per_item:
            self.progressed.append(command)  # its operation goes on with the next item
        command.tagged(response, self)
        if self.switching is not None and self.parser.buffered:
            command.fail(error := self.switching())
            raise error

    def _group_ended(self, group: dict[FetchCommand, None], response: TaggedResponse) -> None:
        """The end of a line that several commands shared: a refusal says nothing of any one of them."""
        for command in group:
            command.unregister(self._by_uid, self._by_number)
            command.group = None
            self.finished.append(command)
            if response.status == "OK":
                command.tagged(response, self)
            else:
                command.alone = True
                command.state = State.QUEUED

    def _log_answer(self, tag: str, response: StatusResponse) -> None:
        if log.isEnabledFor(logging.DEBUG) or (self.journal is not None and self.journal.on):
            code = response.code
            bracket = "" if code is None else f"[{code.name}{' ' if code.raw else ''}{escape(code.raw[:200])}] "
            if self._signing_in is not None:
                bracket = self._signing_in.hide(bracket)
            text = escape(response.text[:200])
            told = (self.number, escape(tag), response.status, bracket, text)
            note(log, self.journal, "connection %d < %s %s %s%s", *told)

    def _other(self, response: Response) -> None:
        if isinstance(response, StatusResponse):
            if self._signing_in is not None:
                response.text = self._signing_in.hide(response.text)
            self._log_answer("*", response)
        if self._greeting is not None:
            greeting, self._greeting = self._greeting, None
            greeting.greeted(response, self)
            self.finished.append(greeting)
            return
        kind = type(response)
        if kind is Continuation:
            self._continue(response)  # type: ignore[arg-type]
        elif kind is StatusResponse:
            self._status(response)  # type: ignore[arg-type]
        elif kind is CapabilityResponse:
            self.capabilities = _upper(response.capabilities)  # type: ignore[attr-defined]
        elif kind is EnabledResponse:
            asking = self._listeners.get(EnabledResponse)
            if asking is None:
                raise RemoteProtocolError("the server enabled an extension that was not asked for")
            asking.untagged(response, self)
            self.enabled |= _upper(response.capabilities)  # type: ignore[attr-defined]
        elif kind is ExpungeResponse:
            self._expunge(response.sequence_number)  # type: ignore[attr-defined]
        elif kind is ExistsResponse:
            selecting = self._listeners.get(ExistsResponse)
            if selecting is not None:
                selecting.untagged(response, self)
            elif self.numbering is not None:
                before = self.numbering.exists
                self.numbering.arrived(response.count)  # type: ignore[attr-defined]
                if self.numbering.exists != before:
                    self._tell_idle()
        elif kind is VanishedResponse:
            self._vanished(response)  # type: ignore[arg-type]
        else:
            key: Hashable = cast("Hashable", kind)
            if isinstance(response, StatusItems):
                key = (StatusItems, folder_key(decode_mailbox(response.mailbox, self.utf8)))
            listener = self._listeners.get(key) or self._listeners.get(cast("Hashable", kind))
            if listener is not None:
                listener.untagged(response, self)

    def _expunge(self, number: int) -> None:
        numbering = self.numbering
        if numbering is None:
            return
        if not 0 < number <= numbering.exists:
            raise RemoteProtocolError(f"the server expunged message number {number} of {numbering.exists}")
        if self._by_number:
            raise RemoteProtocolError("the server expunged a message while sequence numbers were on the wire")
        numbering.expunged(number)
        self._tell_idle()

    def _vanished(self, response: VanishedResponse) -> None:
        if response.earlier:  # an answer to a SELECT that asked for it (RFC 7162), before there are numbers
            selecting = self._listeners.get(VanishedResponse)
            if selecting is not None:
                selecting.untagged(response, self)
            return
        numbering, uids = self.numbering, response.uids
        if numbering is None or not uids:
            return
        if len(uids) > numbering.exists:
            raise RemoteProtocolError(f"the server says that {len(uids)} of {numbering.exists} messages have vanished")
        if self._by_number:
            raise RemoteProtocolError("messages vanished while sequence numbers were on the wire")
        if not numbering.vanished(uids):
            # How many are left is known; which numbers they have is found out by unique ids when it matters.
            self.numbering = numbering.without(len(uids))
        self._tell_idle()

    def _tell_idle(self) -> None:
        """Messages came or went: whoever idles is woken."""
        if self._idle is not None:
            self.progressed.append(self._idle)

    def _continue(self, response: Continuation) -> None:
        note(log, self.journal, "connection %d < + (%d bytes)", self.number, len(response.data))
        if self._awaits_go_ahead is not None:
            self._awaits_go_ahead = None
            self.go_ahead = True
        elif self._interactive is not None:
            self.replies.append(self._interactive.respond(response.data))
        elif self._idle is not None:
            self._idle.begun(self)
        else:
            raise RemoteProtocolError("the server asked for more where nothing was to be sent")

    def _status(self, response: StatusResponse) -> None:
        if response.status == "BYE":
            if self.goodbye is None:
                self.goodbye = response.text
                self.goodbye_code = response.code
            return
        if response.status == "PREAUTH":
            raise RemoteProtocolError("the server greeted twice")
        if response.code is not None:
            self._code(response.code)
            listener = self._listeners.get(ResponseCode)
            if listener is not None:
                listener.untagged(response.code, self)

    def _code(self, code: ResponseCode) -> None:
        if code.name == "CAPABILITY" and code.value:
            self.capabilities = _upper(code.value)

    def deselect(self) -> None:
        """No folder is selected any more."""
        self.selected = None
        self.numbering = None
        self.read_only = False


def not_compressed() -> RemoteProtocolError:
    """The error for bytes that stand between the answer to COMPRESS and the compressed stream."""
    return RemoteProtocolError("the server sent something between its answer to COMPRESS and the compressed stream")


def _upper(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.upper() for name in names)


def folder_key(name: str) -> str:
    """A folder's name for comparing: INBOX in any case is the same folder."""
    return "INBOX" if name.upper() == "INBOX" else name


# -- connecting and signing in ------------------------------------------------------------


class Greeting(ImapCommand):
    """Waits for the server's greeting; sends nothing. Result: the greeting."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("GREETING", (), idempotent=True)

    def greeted(self, response: Response, core: ImapCore) -> None:
        """Takes the first thing the server says."""
        if not isinstance(response, StatusResponse) or response.status not in ("OK", "PREAUTH", "BYE"):
            raise RemoteProtocolError("the server did not begin with a greeting; is this an IMAP port?")
        if response.status == "BYE":
            self.fail(turned_away("the server turned the connection away", response))
            return
        if response.code is not None and response.code.name == "CAPABILITY" and response.code.value:
            core.capabilities = _upper(response.code.value)
        self.finish(response)

    def log_line(self) -> str:
        return "(waits for the greeting)"


def turned_away(what: str, response: StatusResponse) -> MailClientError:
    """The error for a connection that the server does not want."""
    kind = LimitReachedError if refused_for_limits(response.code, response.text) else ImapException
    return error_of(kind, f"{what}: {what_was_said(response)}", response)


class Login(ImapCommand):
    """LOGIN (RFC 9051 section 6.2.3)."""

    __slots__ = ("_password",)

    def __init__(self, username: str, password: str) -> None:
        parts = (b"LOGIN", encode_astring(username, what="username"), encode_astring(password, what="password"))
        super().__init__("LOGIN", parts, idempotent=True)
        self._password = password

    def hide(self, text: str) -> str:
        return hide(text, self._password)

    def refused(self, response: TaggedResponse) -> MailClientError:
        return SignInRefused(response)

    def log_line(self) -> str:
        return f"{self.tag} LOGIN ***"


class SignInRefused(MailClientError):
    """A NO or BAD to a sign-in, kept with its response until it is clear what it means."""

    def __init__(self, response: TaggedResponse) -> None:
        super().__init__(f"{response.status} {what_was_said(response)}")
        self.response = response


class Authenticate(ImapCommand):
    """AUTHENTICATE with a SASL mechanism (RFC 9051 section 6.2.2, SASL-IR of RFC 4959)."""

    __slots__ = ("_exchange",)

    def __init__(self, mechanism: SaslMechanism) -> None:
        super().__init__("AUTHENTICATE", (), idempotent=True)
        self._exchange = SaslExchange(mechanism)

    def hide(self, text: str) -> str:
        return self._exchange.mechanism.hide(text)

    def line(self, core: ImapCore) -> Sequence[Encoded]:
        head = b"AUTHENTICATE " + self._exchange.mechanism.name.encode("ascii")
        initial = self._exchange.begin(None if core.has("SASL-IR") else 0)
        return (head,) if initial is None else (head, initial)

    def respond(self, data: bytes) -> bytes:
        """The reply to a challenge, base64 and line end included."""
        return self._exchange.respond(data)

    def tagged(self, response: TaggedResponse, core: ImapCore) -> None:
        given_up = self._exchange.given_up
        if given_up is not None:
            self.fail(given_up)
            raise given_up
        super().tagged(response, core)

    def answer(self, response: TaggedResponse, core: ImapCore) -> None:
        self._exchange.mechanism.verify()

    def refused(self, response: TaggedResponse) -> MailClientError:
        return SignInRefused(response)

    def log_line(self) -> str:
        return f"{self.tag} AUTHENTICATE {self._exchange.mechanism.name} ***"


class Logout(ImapCommand):
    """LOGOUT; the server says BYE first."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("LOGOUT", (b"LOGOUT",), idempotent=True)


class Idle(ImapCommand):
    """IDLE (RFC 9051 section 6.3.13): the server tells what happens in the folder until it is told to stop.

    Wakes its waiter when messages have come or gone. Its deadline counts until the server has agreed, and
    again from `end` on. Result: whether it ended because it was asked to.
    """

    __slots__ = ("_agreed", "_ending")

    def __init__(self, deadline: Deadline) -> None:
        super().__init__("IDLE", (b"IDLE",), idempotent=True)
        self.wakes = True
        self.deadline = deadline
        self._agreed = False
        self._ending = False

    def begun(self, core: ImapCore) -> None:
        """The server has agreed; from now on it is silent for as long as nothing happens."""
        if self._agreed:
            return
        self._agreed = True
        if self._ending:
            core.replies.append(b"DONE\r\n")
        else:
            self.deadline = None

    def end(self, core: ImapCore, deadline: Deadline) -> None:
        """Has the server told to stop, by the connection's `interject`; it has until the deadline to answer.

        Called again, it may shorten the time.
        """
        if self.state is State.DONE:
            return
        if self._ending:
            if self.deadline is None or deadline.at < self.deadline.at:
                self.deadline = deadline
            return
        self._ending = True
        self.deadline = deadline
        if self._agreed:
            core.replies.append(b"DONE\r\n")

    def answer(self, response: TaggedResponse, core: ImapCore) -> bool:
        return self._ending


# -- folders ------------------------------------------------------------


class Select(ImapCommand):
    """SELECT or EXAMINE. Result: the folder's info.

    Sent by name once for each `Selection`, and again whenever a connection needs the folder.
    """

    __slots__ = ("_codes", "_exists", "_name", "_recent", "_unseen", "target")

    def __init__(self, selection: Selection) -> None:
        super().__init__(
            "EXAMINE" if selection.read_only else "SELECT",
            (),
            idempotent=True,
            listens=(ExistsResponse, RecentResponse, FlagsResponse, ResponseCode),
        )
        self.target = selection
        self._name = selection.name
        self._clear()

    def _clear(self) -> None:
        self._exists = 0
        self._recent = 0
        self._codes: dict[str, Any] = {}

    def line(self, core: ImapCore) -> Sequence[Encoded]:
        self._clear()
        core.deselect()
        self._name = self.target.name
        return (self.name.encode("ascii"), encode_mailbox(self._name, core.utf8))

    def untagged(self, response: Any, core: ImapCore) -> None:
        if isinstance(response, RecentResponse):
            self._recent = response.count
        elif isinstance(response, ExistsResponse):
            self._exists = response.count
        elif isinstance(response, ResponseCode):
            self._codes[response.name] = response.value
            refuse_more(len(self._codes), MOST_CODES, "codes in answer to SELECT")

    def tagged(self, response: TaggedResponse, core: ImapCore) -> None:
        if response.status != "OK" and not self.target.pending and self._name != self.target.name:
            self.finish(None)  # renamed on another connection: whoever needs it now selects it by its new name
        else:
            super().tagged(response, core)

    def refused(self, response: TaggedResponse) -> MailClientError:
        error = refusal(f"to select the folder {escape(self.target.name)!r}", response)
        if self.target.pending:
            self.target.failed(error)
        return error

    def answer(self, response: TaggedResponse, core: ImapCore) -> ImapFolderInfo:
        target, codes = self.target, self._codes
        read_only = self.name == "EXAMINE" or (response.code is not None and response.code.name == "READ-ONLY")
        info = ImapFolderInfo(
            name=target.name,
            total_message_count=self._exists,
            recent_message_count=self._recent,
            uid_next=codes.get("UIDNEXT") or 0,
            validity_id=codes.get("UIDVALIDITY") or 0,
            highest_mod_sequence=codes.get("HIGHESTMODSEQ") or 0,
            no_mod_seq="NOMODSEQ" in codes,
            uid_not_sticky="UIDNOTSTICKY" in codes,
            read_only=read_only,
            mailbox_id=(codes.get("MAILBOXID") or b"").decode("ascii", "replace"),
        )
        core.read_only = read_only
        core.selected_as = self._name
        core.numbering = Numbering(self._exists, info.uid_next)
        if target.pending:
            core.selected = target
            if core.owns_numbers:
                core.numbering = target.take_over(core.numbering)
            target.succeeded(info)
            return info
        if info.validity_id != target.uid_validity:
            core.numbering = None
            raise FolderChangedError(
                f"the folder {target.name!r} is not the one that was selected: its UIDVALIDITY was"
                f" {target.uid_validity} and is {info.validity_id}, so every unique id has lost its meaning;"
                " select the folder again and list it anew"
            )
        core.selected = target
        if core.owns_numbers:
            core.numbering = target.take_over(core.numbering)
        return info


class CatchUp(ImapCommand):
    """Asks for the unique ids of all messages: sequence numbers of an earlier session are translated by them.

    QRESYNC would tell what was expunged meanwhile, and would then have later expunges reported without the numbers
    that a session's users go by. Result: None.
    """

    __slots__ = ("_found", "_moment", "_numbering")

    def __init__(self, selection: Selection) -> None:
        super().__init__(
            "UID SEARCH", (), idempotent=True, selection=selection, listens=(SearchResponse, ESearchResponse)
        )
        self.barrier = True  # what stands behind it is what it is sent for
        self._found: list[int] = []
        self._numbering: Numbering | None = None
        self._moment = 0

    def line(self, core: ImapCore) -> Sequence[Encoded]:
        self._found = []
        self._numbering = core.numbering
        self._moment = core.numbering.capture() if core.numbering is not None else 0
        return (b"UID SEARCH RETURN (ALL) ALL" if core.has("ESEARCH") else b"UID SEARCH ALL",)

    def untagged(self, response: Any, core: ImapCore) -> None:
        numbers = found_in(response, self.tag)
        most = (core.numbering.exists_since(self._moment) if core.numbering is not None else 0) + SPARE_MESSAGES
        refuse_more(len(self._found) + len(numbers), most, "numbers in answer to SEARCH ALL")
        self._found.extend(numbers)

    def answer(self, response: TaggedResponse, core: ImapCore) -> None:
        here = core.numbering
        assert here is not None
        uids = sorted(set(self._found))
        if len(uids) == here.exists and here is self._numbering and here.capture() == self._moment:
            here.learn_all(uids)
        else:
            here.tries -= 1  # something came or went in the middle of it: asked again

    def tagged(self, response: TaggedResponse, core: ImapCore) -> None:
        if response.status == "OK":
            super().tagged(response, core)
            return
        if core.numbering is not None:
            core.numbering.tries = 0
        self.finish()  # the command that it was sent for knows what to do without


def found_in(response: SearchResponse | ESearchResponse, tag: str) -> NumberSet | tuple[()]:
    """The numbers in an answer to the search with this tag; none where it answers another one."""
    if isinstance(response, SearchResponse):
        return response.numbers
    if response.tag is not None and response.tag != tag:
        return ()
    found = response.items.get("ALL")
    return found if isinstance(found, NumberSet) else ()


def refuse_more(count: int, most: int, what: str) -> None:
    if count > most:
        raise RemoteProtocolError(f"the server sent more than {most} {what}")


# -- messages ------------------------------------------------------------


class FetchCommand(ImapCommand):
    """FETCH or UID FETCH. Result: a dict of items for one message, or a list of (number, items).

    Attributes:
        named: the UIDs or numbers it names, or None when it names a range.
        streams: the body goes to a sink instead of into memory.
        numbering, moment: what sequence numbers meant as it was sent.
        asked: the items as they are sent. companions: commands to be sent on the same line. group: the commands on
        that line that are not answered yet, or None. alone: it is not sent on a line with others.
    """

    __slots__ = (
        "_found",
        "_number",
        "_sink",
        "alone",
        "asked",
        "by_uid",
        "companions",
        "group",
        "moment",
        "named",
        "needs",
        "numbering",
        "single",
        "streams",
    )

    def __init__(
        self,
        items: bytes,
        needs: frozenset[str],
        selection: Selection,
        *,
        uids: Sequence[int] | None = None,
        numbers: Number | None = None,
        range_text: bytes = b"",
        by_uid: bool = True,
        marks_seen: bool = False,
        single: bool = False,
        sink: LiteralSink | None = None,
        cost: int = 16 * 1024,
        per_item: bool = False,
    ) -> None:
        self.by_uid = by_uid
        self.named: Sequence[int] | None = uids
        self._number = numbers
        self.streams = sink is not None
        self._sink = sink
        self.needs = needs
        self.asked = items
        self.single = single
        self.alone = not (single and by_uid and uids is not None and sink is None)
        self.companions: Sequence[FetchCommand] = ()
        self.group: dict[FetchCommand, None] | None = None
        self.numbering: Numbering | None = None
        self.moment = 0
        self._found: dict[int, tuple[int, dict[str, Any]]] = {}
        trait = traits("UID FETCH" if by_uid else "FETCH", marks_seen=marks_seen)
        Command.__init__(
            self,
            "UID FETCH" if by_uid else "FETCH",
            idempotent=True,
            behaviour=trait.behaviour,
            excludes=trait.excludes,
            barrier=False,
            keys=(),
            cost=cost,
            per_item=per_item,
        )
        if uids is not None and sink is None:
            self.keys = uids
            self.behaviour |= FETCH_NAMED
            self.excludes |= FETCH_RANGE
        else:
            self.behaviour |= FETCH_RANGE
            self.excludes |= FETCH_NAMED | FETCH_RANGE
        self.selection = selection
        self.writes = False
        self.listens = ()
        self.sent: Sequence[Encoded] = ()
        self.tag = ""
        if uids is not None:
            text = b"%d" % uids[0] if len(uids) == 1 else format_set(uids)
            self.parts = (b"UID FETCH " + text + b" " + items,)
        else:
            self.parts = ((b"UID FETCH " if by_uid else b"FETCH ") + range_text, items)

    def ready(self, core: ImapCore) -> None:
        self.numbering = core.numbering
        self.moment = self.numbering.capture() if self.numbering is not None else 0
        if self._number is not None:
            self.named = self._number.today(core)
            self.keys = tuple(("number", number) for number in self.named)
            self.parts = (b"FETCH " + format_set(self.named), self.parts[-1])

    def joins(self, other: Command) -> bool:
        return (
            isinstance(other, FetchCommand)
            and not (self.alone or other.alone)
            and self.token is not None  # a task's: what threads ask plainly comes one by one
            and other.token is not None
            and other.asked == self.asked
            and other.selection is self.selection
            and other.behaviour == self.behaviour
        )

    def take_along(self, others: Sequence[Command]) -> None:
        self.companions = cast("Sequence[FetchCommand]", others)

    def register(self, by_uid: dict[int, FetchCommand], by_number: dict[int, FetchCommand]) -> None:
        """Makes answers find this command."""
        self._found = {}
        if self.named is not None:
            target = by_uid if self.by_uid else by_number
            for number in self.named:
                target[number] = self

    def unregister(self, by_uid: dict[int, FetchCommand], by_number: dict[int, FetchCommand]) -> None:
        """The command has ended."""
        if self.named is not None:
            target = by_uid if self.by_uid else by_number
            for number in self.named:
                target.pop(number, None)

    def route(self, prefix: bytes, size: int) -> LiteralSink | None:
        """Where the parser puts a literal: bodies go to the sink."""
        return self._sink if prefix.rstrip(b" ").rpartition(b" ")[0].rstrip().endswith(b"]") else None

    @property
    def told(self) -> int:
        """How many messages the server has told of so far."""
        return len(self._found)

    def take(self, number: int, uid: int | None, items: dict[str, Any]) -> bool:
        """Takes a FETCH response; False if it brings nothing that was asked for (an announcement of flags)."""
        key = uid if self.by_uid else number
        if self.streams and (self.named is None or key not in self.named):
            if any(isinstance(value, StreamedLiteral) for value in items.values()):
                raise RemoteProtocolError(f"the server sent the content of message {key}, which was not asked for")
            return False
        if key is None:
            return False
        known = self._found.get(key)
        if known is None:
            if not self.needs.intersection(items):
                return False
            self._found[key] = (number, items)
            return True
        have, news = known[1], False
        for item, value in items.items():
            asked = item in self.needs
            if item not in have:
                if asked or len(have) < len(self.needs) + SPARE_ITEMS:
                    have[item] = value
                news = news or asked
            elif not item.startswith("BODY["):
                have[item] = value
            elif asked:
                raise RemoteProtocolError(f"the server sent the content of message {key} twice")
        return news

    def _streamed(self, sink: LiteralSink) -> None:
        """Sees to it that the sink has the one content that was asked for, whole and nothing else."""
        content = [value for _, items in self._found.values() for key, value in items.items() if key in self.needs]
        size = sum(value.size for value in content if isinstance(value, StreamedLiteral))
        if size != sink.written:
            raise RemoteProtocolError("the server sent other content beside the one that was asked for")
        if sink.error is not None:
            raise sink.error

    def answer(self, response: TaggedResponse, core: ImapCore) -> Any:
        if self._sink is not None:
            self._streamed(self._sink)
        if self.single:
            return self.result_of_one()
        return [entry for entry in self._found.values() if self.needs <= entry[1].keys()]

    @property
    def is_whole(self) -> bool:
        """Whether the server has told all that was asked of its one message."""
        assert self.named is not None
        entry = self._found.get(self.named[0])
        return entry is not None and self.needs <= entry[1].keys()

    def result_of_one(self) -> dict[str, Any]:
        """What was asked of its one message."""
        assert self.named is not None
        entry = self._found.get(self.named[0])
        if entry is None or not self.needs <= entry[1].keys():
            raise self._missing(self.named[0])
        entry[1][NUMBER] = entry[0]
        return entry[1]

    def _missing(self, number: int) -> MessageNotFoundError:
        folder = self.selection.name if self.selection is not None else ""
        what = "with unique id" if self.by_uid else "number"
        return MessageNotFoundError(f"there is no message {what} {number} in {folder!r} (any more)")

    def tagged(self, response: TaggedResponse, core: ImapCore) -> None:
        try:
            super().tagged(response, core)
        except RemoteProtocolError:
            raise
        except Exception as error:  # noqa: BLE001 - what the sink's file raised
            self.fail(error)

    def disowned(self) -> None:
        if self._sink is not None:
            self._sink.disown()

    def reset(self) -> None:
        super().reset()
        self.group = None
        self.companions = ()
        if self._sink is not None:
            self._sink.begin_again()


def content_of(items: dict[str, Any], key: str = "BODY[]") -> bytes:
    """The bytes of a body item; NIL is an empty one."""
    value = items[key]
    if isinstance(value, StreamedLiteral):
        raise RemoteProtocolError("the server sent a body where none was asked for")
    return value if isinstance(value, bytes) else b""
