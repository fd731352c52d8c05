"""The commands that stand for themselves: folders, flags, searching, storing.

What a connection's state has to know by its type (signing in, selecting, fetching) is in `protocol`. A command
belongs to the operation that made it; while it is on its way it is entered under the lock of its connection.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, Final, NamedTuple, cast

from mailclients.engine.commands import Command, injected
from mailclients.errors import ImapException, MailClientError, RemoteProtocolError, SecurityError, escape
from mailclients.imap.criteria import Criteria
from mailclients.imap.folders import Number, Numbering, Selection, rename_all, renamed
from mailclients.imap.protocol import (
    Encoded,
    ImapCommand,
    ImapCore,
    Select,
    error_of,
    folder_key,
    found_in,
    not_compressed,
    refusal,
    refuse_more,
    what_was_said,
)
from mailclients.wire.imap_responses import (
    ESearchResponse,
    ListResponse,
    LsubResponse,
    Response,
    ResponseCode,
    SearchResponse,
    SortResponse,
    StatusItems,
    TaggedResponse,
    ThreadResponse,
)
from mailclients.wire.imap_sets import NumberSet
from mailclients.wire.imap_strings import (
    Literal,
    decode_mailbox,
    encode_flags,
    encode_mailbox,
    format_datetime,
    format_set,
)

SET_BYTES: Final = 6000  # of one command's message set; servers take at least 8,000 bytes a line

# What one command may be told before the server counts as broken.
MOST_LISTED: Final = 500_000  # folders in the answers to one LIST
MOST_FOUND: Final = 16 * 1024 * 1024  # numbers in the answers to one SEARCH
MOST_ITEMS: Final = 1000  # items of one STATUS


def results_of(commands: Sequence[Command]) -> list[Any]:
    """The results of a list of commands; the first error is raised."""
    for command in commands:
        if command.error is not None:
            raise command.error
    return [command.result for command in commands]


class Simple(ImapCommand):
    """A command of one word, which may be repeated and whose OK is all there is to say."""

    __slots__ = ()

    def __init__(self, kind: str, *, selection: Selection | None = None) -> None:
        super().__init__(kind, (kind.encode("ascii"),), idempotent=True, selection=selection)


class StartTls(ImapCommand):
    """STARTTLS (RFC 9051 section 6.2.1)."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("STARTTLS", (b"STARTTLS",), idempotent=True)

    def answer(self, response: TaggedResponse, core: ImapCore) -> None:
        core.switching = partial(injected, "STARTTLS")  # whatever comes now is not from whom TLS will show us

    def refused(self, response: TaggedResponse) -> MailClientError:
        return SecurityError(
            f"the server does not start TLS, and nothing secret is sent without it; whoever answered said, in the"
            f" clear: {response.status} {what_was_said(response)}"
        )


class Compress(ImapCommand):
    """COMPRESS DEFLATE (RFC 4978): when it is answered, both sides compress what they send."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("COMPRESS", (b"COMPRESS DEFLATE",), idempotent=True)

    def answer(self, response: TaggedResponse, core: ImapCore) -> None:
        core.switching = not_compressed


class Deselect(ImapCommand):
    """CLOSE or UNSELECT."""

    __slots__ = ()

    def __init__(self, kind: str, selection: Selection) -> None:
        super().__init__(kind, (kind.encode("ascii"),), idempotent=True, selection=selection)

    def answer(self, response: TaggedResponse, core: ImapCore) -> None:
        core.deselect()


def leaving(core: ImapCore) -> ImapCommand:
    """What leaves the selected folder and removes nothing, or the first step to it."""
    selection = core.selected
    assert selection is not None
    if core.has("UNSELECT"):
        return Deselect("UNSELECT", selection)
    # RFC 3691: without UNSELECT, a CLOSE after EXAMINE leaves the folder and removes nothing.
    return Deselect("CLOSE", selection) if core.read_only else Select(Selection(selection.name, True))


# -- folders ------------------------------------------------------------


class FolderCommand(ImapCommand):
    """CREATE, DELETE, SUBSCRIBE and their like: a word and a folder."""

    __slots__ = ("_folder",)

    def __init__(self, kind: str, folder: str, *, idempotent: bool = False) -> None:
        super().__init__(kind, (), idempotent=idempotent)
        self._folder = folder

    def line(self, core: ImapCore) -> Sequence[Encoded]:
        """The command with the folder's name as this connection writes it."""
        return (self.name.encode("ascii"), encode_mailbox(self._folder, core.utf8))

    def refused(self, response: TaggedResponse) -> MailClientError:
        return refusal(f"{self.name} of the folder {escape(self._folder)!r}", response)


class Rename(ImapCommand):
    """RENAME (RFC 9051 section 6.3.6).

    A connection that has the folder selected, or one below it, leaves it first: servers make little of a selected
    folder that has moved (Dovecot 2.3 takes its messages for lost). `followers` are then selected by their new names.
    """

    __slots__ = ("_delimiter", "_folder", "_followers", "_new")

    outside: ClassVar[bool] = True

    def __init__(self, folder: str, new: str, followers: Iterable[Selection], delimiter: str) -> None:
        super().__init__("RENAME", (), idempotent=False)
        self._folder = folder
        self._new = new
        self._followers = followers
        self._delimiter = delimiter

    def before(self, core: ImapCore) -> Command | None:
        selected = core.selected
        affected = selected is not None and renamed(selected.name, self._folder, self._new, self._delimiter)
        return leaving(core) if affected else None

    def answer(self, response: TaggedResponse, core: ImapCore) -> None:
        # Here, and not where the operation goes on: the next command may be sent before that.
        rename_all(self._followers, self._folder, self._new, self._delimiter)

    def line(self, core: ImapCore) -> Sequence[Encoded]:
        return (b"RENAME", encode_mailbox(self._folder, core.utf8), encode_mailbox(self._new, core.utf8))

    def refused(self, response: TaggedResponse) -> MailClientError:
        return refusal(f"to rename the folder {escape(self._folder)!r} to {escape(self._new)!r}", response)


class ListFolders(ImapCommand):
    """LIST or LSUB. Result: the responses in order.

    Attributes:
        statuses: where STATUS items are asked for as well (LIST-STATUS, RFC 5819), these items by `folder_key`.
    """

    __slots__ = ("_found", "_items", "_kind", "statuses")

    def __init__(self, kind: str, parts: Sequence[Encoded], *, items: bytes = b"") -> None:
        super().__init__("LIST-STATUS" if items else kind, (kind.encode("ascii"), *parts), idempotent=True)
        self._kind: type[ListResponse] = LsubResponse if kind == "LSUB" else ListResponse
        self.listens = (cast("Hashable", self._kind), *((cast("Hashable", StatusItems),) if items else ()))
        self._items = items.decode("ascii").strip("()").split()
        self._found: list[ListResponse] = []
        self.statuses: dict[str, dict[str, Any]] = {}

    def line(self, core: ImapCore) -> Sequence[Encoded]:
        self._found = []
        self.statuses = {}
        return self.parts

    def untagged(self, response: Any, core: ImapCore) -> None:
        if isinstance(response, StatusItems):
            told = {name: response.items[name] for name in self._items if name in response.items}
            self.statuses.setdefault(folder_key(decode_mailbox(response.mailbox, core.utf8)), {}).update(told)
            refuse_more(len(self.statuses), MOST_LISTED, "folders in answer to LIST")
            return
        self._found.append(response)
        refuse_more(len(self._found), MOST_LISTED, "folders in answer to LIST")

    def answer(self, response: TaggedResponse, core: ImapCore) -> list[ListResponse]:
        return self._found


class Status(ImapCommand):
    """STATUS of one folder. Result: items by name."""

    __slots__ = ("_folder", "_items")

    def __init__(self, name: str, items: bytes) -> None:
        folder = folder_key(name)
        key = (StatusItems, folder)
        super().__init__("STATUS", (items,), idempotent=True, listens=(key,), subject=folder, keys=(key,))
        self._folder = name
        self._items: dict[str, Any] = {}

    def line(self, core: ImapCore) -> Sequence[Encoded]:
        self._items = {}
        return (b"STATUS", encode_mailbox(self._folder, core.utf8), *self.parts)

    def untagged(self, response: Any, core: ImapCore) -> None:
        self._items.update(response.items)
        refuse_more(len(self._items), MOST_ITEMS, "items in answer to STATUS")

    def refused(self, response: TaggedResponse) -> MailClientError:
        return refusal(f"to tell about the folder {escape(self._folder)!r}", response)

    def answer(self, response: TaggedResponse, core: ImapCore) -> dict[str, Any]:
        return self._items


class NewMessage(NamedTuple):
    """A message as APPEND takes it.

    Attributes:
        content: its bytes, with CRLF line ends and without NUL.
        flags: such as ``"\\Seen"``. date: its internal date, with a time zone; the server's time when None.
    """

    content: bytes
    flags: Sequence[str] = ()
    date: datetime | None = None

    def parts(self) -> Iterator[Encoded]:
        """What stands for it in the command (RFC 9051 section 6.3.12)."""
        if self.flags:
            yield encode_flags(self.flags)
        if self.date is not None:
            yield b'"' + format_datetime(self.date).strip(b'"') + b'"'
        yield Literal(self.content)


class Append(ImapCommand):
    """APPEND of one message, or of several with MULTIAPPEND (RFC 3502), which adds all of them or none.

    Result: the unique id of each as text, empty where the server does not tell it.
    """

    __slots__ = ("_count", "_folder")

    def __init__(self, folder: str, *messages: NewMessage) -> None:
        # Nothing waits behind a large upload either.
        cost = sum(256 + len(message.content) for message in messages)
        parts = tuple(part for message in messages for part in message.parts())
        super().__init__("APPEND", parts, idempotent=False, cost=cost)
        self._folder = folder
        self._count = len(messages)

    def line(self, core: ImapCore) -> Sequence[Encoded]:
        return (b"APPEND", encode_mailbox(self._folder, core.utf8), *self.parts)

    def tagged(self, response: TaggedResponse, core: ImapCore) -> None:
        core.progressed.append(self)  # the next one has its own time
        super().tagged(response, core)

    def refused(self, response: TaggedResponse) -> MailClientError:
        what = "a message" if self._count == 1 else f"{self._count} messages"
        return refusal(f"{what} for the folder {escape(self._folder)!r}", response)

    def answer(self, response: TaggedResponse, core: ImapCore) -> list[str]:
        code = response.code
        uids: NumberSet | None = None
        if code is not None and code.name == "APPENDUID" and code.value is not None:
            uids = code.value[1]
        # One too many or too few, and nobody knows whose they are.
        return [str(uid) for uid in uids] if uids is not None and len(uids) == self._count else [""] * self._count

    def log_line(self) -> str:
        return f"{self.tag} APPEND {escape(self._folder)!r} {' '.join(repr(part) for part in self.parts[:10])}"


# -- messages ------------------------------------------------------------


class Store(ImapCommand):
    """UID STORE or STORE of flags, silent. Result: the UIDs that CONDSTORE reported as modified."""

    __slots__ = ("_number", "_rest")

    def __init__(
        self,
        action: bytes,
        flags: bytes,
        selection: Selection,
        *,
        set_text: bytes = b"",
        subject: int | None = None,
        numbers: Number | None = None,
        unchanged_since: int | None = None,
        by_uid: bool = True,
    ) -> None:
        super().__init__(
            "UID STORE" if by_uid else "STORE",
            (),
            idempotent=False,
            selection=selection,
            writes=True,
            subject=subject,
        )
        condition = b"" if unchanged_since is None else b" (UNCHANGEDSINCE %d)" % unchanged_since
        self._rest = condition + b" " + action + b".SILENT " + flags
        self._number = numbers
        self.parts = (self.name.encode("ascii") + b" " + set_text + self._rest,)

    def ready(self, core: ImapCore) -> None:
        if self._number is not None:
            self.parts = (b"STORE " + format_set(self._number.today(core)) + self._rest,)

    def answer(self, response: TaggedResponse, core: ImapCore) -> Any:
        code = response.code
        return code.value if code is not None and code.name == "MODIFIED" else None


class Copied(NamedTuple):
    """What COPYUID tells (RFC 4315 section 3): where to, and which message became which."""

    uid_validity: int
    sources: NumberSet
    copies: NumberSet


class Copy(ImapCommand):
    """UID COPY or UID MOVE (RFC 9051 sections 6.4.7 and 6.4.8). Result: what COPYUID told, or None.

    Attributes:
        told: the same, when the command failed as well: a server may have moved some messages before that.
        left: whether any message has left the folder meanwhile.
    """

    __slots__ = ("_expunges", "_folder", "_uids", "left", "told")

    def __init__(self, kind: str, selection: Selection, uids: bytes, destination: str) -> None:
        moves = kind == "UID MOVE"
        super().__init__(
            kind,
            (kind.encode("ascii"), uids),
            idempotent=False,
            selection=selection,
            writes=moves,
            subject=int(uids) if uids.isdigit() else None,
            listens=(cast("Hashable", ResponseCode),) if moves else (),
        )
        self._folder = destination
        self.told: Copied | None = None
        self.left = False
        self._expunges = 0

    def line(self, core: ImapCore) -> Sequence[Encoded]:
        self.told, self.left = None, False
        self._expunges = core.numbering.capture() if core.numbering is not None else 0
        return (*self.parts, encode_mailbox(self._folder, core.utf8))

    def untagged(self, response: Any, core: ImapCore) -> None:
        self._take(response)

    def _take(self, code: ResponseCode | None) -> None:
        if code is not None and code.name == "COPYUID" and code.value is not None and self.told is None:
            self.told = Copied(*code.value)

    def tagged(self, response: TaggedResponse, core: ImapCore) -> None:
        core.progressed.append(self)  # the next part has its own time
        self._take(response.code)
        self.left = core.numbering is not None and core.numbering.capture() != self._expunges
        super().tagged(response, core)

    def refused(self, response: TaggedResponse) -> MailClientError:
        return refusal(f"{self.name} to the folder {escape(self._folder)!r}", response)

    def answer(self, response: TaggedResponse, core: ImapCore) -> Copied | None:
        return self.told


class Expunge(ImapCommand):
    """EXPUNGE or UID EXPUNGE."""

    __slots__ = ()

    def __init__(self, selection: Selection, uids: bytes = b"") -> None:
        kind = "UID EXPUNGE" if uids else "EXPUNGE"
        line = kind.encode("ascii") + (b" " + uids if uids else b"")
        super().__init__(kind, (line,), idempotent=False, selection=selection, writes=True)


def _search_refused(what: str, response: TaggedResponse) -> MailClientError:
    """The error for a refused SEARCH, SORT or THREAD: it names the charsets that the server knows."""
    code = response.code
    if code is None or code.name != "BADCHARSET":
        return refusal(what, response)
    known = ", ".join(map(escape, (code.value or ())[:20]))
    text = f"the server cannot search text in this charset{'; it knows ' if known else ''}{known}"
    text += f": {what_was_said(response)}"
    return error_of(ImapException, text, response)


class Search(ImapCommand):
    """UID SEARCH. Result: the UIDs in ascending order.

    With RETURN the server answers with a set, which is shorter than a list (RFC 4731).
    """

    __slots__ = ("_criteria", "_found")

    def __init__(self, selection: Selection, criteria: Criteria | Sequence[Encoded]) -> None:
        if not isinstance(criteria, Criteria):
            criteria = Criteria(criteria)  # words without text
        super().__init__(
            "UID SEARCH",
            criteria.keys,
            idempotent=True,
            selection=selection,
            listens=(SearchResponse, ESearchResponse),
        )
        self._criteria = criteria
        self._found: list[int] = []

    def line(self, core: ImapCore) -> Sequence[Encoded]:
        self._found = []
        head = b"UID SEARCH RETURN (ALL)" if core.has("ESEARCH") else b"UID SEARCH"
        return (head, *self._criteria.for_search(core.utf8))

    def refused(self, response: TaggedResponse) -> MailClientError:
        return _search_refused(self.name, response)

    def untagged(self, response: Any, core: ImapCore) -> None:
        numbers = found_in(response, self.tag)
        refuse_more(len(self._found) + len(numbers), MOST_FOUND, "numbers in answer to SEARCH")
        self._found.extend(numbers)

    def answer(self, response: TaggedResponse, core: ImapCore) -> list[int]:
        return sorted(set(self._found))


class _Arranged(ImapCommand):
    """SORT or THREAD (RFC 5256), by UID or by number.

    Result: what the server told, and whether its numbers still mean the same; UIDs always do.
    """

    __slots__ = ("_by_uid", "_criteria", "_how", "_moment", "_numbering")

    def __init__(
        self, kind: str, how: bytes, criteria: Criteria, selection: Selection, listens: type[Response], *, by_uid: bool
    ) -> None:
        super().__init__(
            f"UID {kind}" if by_uid else kind,
            criteria.keys,
            idempotent=True,
            selection=selection,
            listens=(cast("Hashable", listens),),
        )
        self._how = self.name.encode("ascii") + b" " + how
        self._criteria = criteria
        self._by_uid = by_uid
        self._numbering: Numbering | None = None
        self._moment = 0

    def line(self, core: ImapCore) -> Sequence[Encoded]:
        self._forget()
        self._mark(core)
        return (self._how, *self._criteria.for_sort(core.utf8))

    def _forget(self) -> None:
        """Drops what was told before: the command is sent again."""
        raise NotImplementedError

    def _mark(self, core: ImapCore) -> None:
        """The numbers that are told now are of this moment."""
        self._numbering = core.numbering
        self._moment = 0 if core.numbering is None else core.numbering.capture()

    def _steady(self, core: ImapCore) -> bool:
        here = core.numbering
        return self._by_uid or (here is not None and here is self._numbering and here.capture() == self._moment)

    def refused(self, response: TaggedResponse) -> MailClientError:
        return _search_refused(self.name, response)


class Sort(_Arranged):
    """SORT. Result: the numbers in the server's order, and whether they hold."""

    __slots__ = ("_found",)

    def __init__(self, keys: bytes, criteria: Criteria, selection: Selection, *, by_uid: bool) -> None:
        super().__init__("SORT", keys, criteria, selection, SortResponse, by_uid=by_uid)
        self._found: list[int] = []

    def _forget(self) -> None:
        self._found = []

    def untagged(self, response: Any, core: ImapCore) -> None:
        refuse_more(len(self._found) + len(response.numbers), MOST_FOUND, "numbers in answer to SORT")
        found = list(response.numbers)
        if not self._by_uid and core.numbering is not None:
            refuse_beyond(max(found, default=0), core.numbering)
        self._found += found
        self._mark(core)

    def answer(self, response: TaggedResponse, core: ImapCore) -> tuple[list[int], bool]:
        return self._found, self._steady(core)


class Thread(_Arranged):
    """THREAD. Result: the threads as the parser gives them, and whether their numbers hold."""

    __slots__ = ("_count", "_found")

    def __init__(self, algorithm: bytes, criteria: Criteria, selection: Selection, *, by_uid: bool) -> None:
        super().__init__("THREAD", algorithm, criteria, selection, ThreadResponse, by_uid=by_uid)
        self._found: list[Any] = []
        self._count = 0

    def _forget(self) -> None:
        self._found, self._count = [], 0

    def untagged(self, response: Any, core: ImapCore) -> None:
        waiting: list[Any] = [response.threads]
        highest = 0
        while waiting:
            for each in waiting.pop():
                if isinstance(each, tuple):
                    waiting.append(each)
                else:
                    highest = max(highest, each)
                    self._count += 1
        refuse_more(self._count, MOST_FOUND, "numbers in answer to THREAD")
        if not self._by_uid and core.numbering is not None:
            refuse_beyond(highest, core.numbering)
        self._found += response.threads
        self._mark(core)

    def answer(self, response: TaggedResponse, core: ImapCore) -> tuple[list[Any], bool]:
        return self._found, self._steady(core)


def refuse_beyond(number: int, numbering: Numbering) -> None:
    """Refuses an answer that names a message beyond the last one."""
    if number > numbering.exists:
        raise RemoteProtocolError(f"the server told of message number {number}, but the folder has {numbering.exists}")
