"""The body that backs folders up, and what bringing them back (`restoring`) has in common with it.

What is asked of the server, and in which order; the stores on disk are in `backup`. Memory stays bounded whatever
there is: unique ids are asked for in windows, small messages come and go in batches of half a megabyte, large ones
one by one through a file. All work on disk is done aside, so a begun backup holds up no driver.

One item that cannot be handled does not keep the others back: the operation goes on and raises a `BackupError` at
its end that tells of it. What ends it at once is what would be no better with the next item.
"""

from __future__ import annotations

import io
import tempfile
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from itertools import takewhile
from typing import IO, TYPE_CHECKING, Any, Final, TypeAlias

from mailclients.engine.commands import Aside, Command, Pause
from mailclients.engine.tasks import Body
from mailclients.errors import (
    AsposeArgumentException,
    AsposeNotSupportedException,
    BackupError,
    ConnectionLostError,
    FolderChangedError,
    ImapException,
    MailException,
    MessageNotFoundError,
    RemoteProtocolError,
    escape,
)
from mailclients.imap.commands import SET_BYTES, ListFolders, Search
from mailclients.imap.folders import Selection
from mailclients.imap.models import (
    BackupProgress,
    BackupSettings,
    ImapFolderInfo,
    RestoreSettings,
)
from mailclients.imap.operations.folders import delimiter_of, folder_info, is_below, pattern_of
from mailclients.imap.operations.parts import connections_for, first_error, spread
from mailclients.imap.protocol import FetchCommand, ImapCore, LiteralSink, Select, content_of, folder_key
from mailclients.wire.imap_responses import ListResponse
from mailclients.wire.imap_strings import Literal, parse_datetime, split_set

if TYPE_CHECKING:
    from mailclients.client import OperationContext
    from mailclients.imap.backup.names import Levels
    from mailclients.imap.backup.stores import Target

Steps: TypeAlias = Generator[Command | list[Command], Any, Any]

SMALL: Final = 256 * 1024  # bytes; larger messages go through a file, one at a time
BATCH_BYTES: Final = 512 * 1024  # of small messages that are in memory together
BATCH: Final = 64  # messages
LOADS_EACH: Final = 2  # batches, or large messages, for each of several connections between two visits to the disk
WINDOW: Final = 16 * 1024  # unique ids that are asked for at first; more where they lie far apart
ASKED_AT_ONCE: Final = 500  # messages whose sizes are asked for together
MOST_FAILURES: Final = 1000

# What will be refused again however often it is tried.
_FINAL_CODES: Final = frozenset(
    ("ALREADYEXISTS", "BADCHARSET", "CANNOT", "CLIENTBUG", "NONEXISTENT", "NOPERM", "OVERQUOTA", "TOOBIG", "TRYCREATE")
)
_CONTENT: Final = b"(UID FLAGS INTERNALDATE BODY.PEEK[])"
_CONTENT_NEEDS: Final = frozenset(("UID", "FLAGS", "BODY[]"))


def backup(
    context: OperationContext,
    *,
    folders: tuple[ImapFolderInfo, ...],
    options: BackupSettings,
    file_name: str | None = None,
    stream: Any = None,
) -> Body:
    """Writes folders to a store; what the store has of them is not asked for again."""
    from mailclients.imap.backup import target_for

    return _Backup(context, options, target_for(file_name, stream)).run(folders)


class Transfer:
    """What both directions need: trying again, noting what failed, telling how far it is."""

    verb = ""

    def __init__(self, context: OperationContext, settings: BackupSettings | RestoreSettings) -> None:
        self._context = context
        self._settings = settings
        self._failures: list[tuple[str, Exception]] = []
        self._failed = 0
        self._delimiter = ""
        self._progress = BackupProgress("")

    @property
    def _core(self) -> ImapCore:
        core: ImapCore = self._context.core
        return core

    def _ask(self, make: Callable[[], Command]) -> Steps:
        """The result of a command, tried as often as the settings say."""
        attempt = 1
        while True:
            try:
                return (yield make())
            except Exception as error:
                if not self._may_repeat(error, attempt):
                    raise
            attempt += 1
            yield self._pause()

    def _pause(self) -> Command:
        return Pause(self._settings.timeout_between_attempts / 1000)

    def _may_repeat(self, error: Exception, attempt: int) -> bool:
        if attempt >= self._settings.number_of_attempts_to_rrepeat:
            return False
        if isinstance(error, (ConnectionLostError, RemoteProtocolError)):
            return self._settings.restore_connection
        if isinstance(error, (FolderChangedError, MessageNotFoundError)) or not isinstance(error, ImapException):
            return False
        return error.status == "NO" and error.code not in _FINAL_CODES

    @staticmethod
    def _is_of_item(error: Exception) -> bool:
        """Whether the next item may fare better."""
        kinds = (ImapException, MailException, AsposeArgumentException, RemoteProtocolError)
        return isinstance(error, kinds) and not isinstance(error, (FolderChangedError, AsposeNotSupportedException))

    def _fail(self, what: str, error: Exception) -> None:
        if not self._is_of_item(error):
            raise error
        self._failed += 1
        if len(self._failures) < MOST_FAILURES:
            self._failures.append((what, error.with_traceback(None)))  # frames would hold what they were at

    def _raise_failures(self) -> None:
        if not self._failures:
            return
        first, error = self._failures[0]
        more = f"; and {self._failed - 1} more" if self._failed > 1 else ""
        text = f"{self._failed} items were not {self.verb}, all others were: {first}: {error}{more}"
        raise BackupError(text, self._failures) from error

    def _tell(self, *, skipped: bool = False, size: int = 0) -> None:
        """Aside: one message more is done."""
        known = self._progress
        known.messages_done += 1
        known.messages_skipped += skipped
        known.bytes_done += size
        self._tell_now()

    def _tell_now(self) -> None:
        told, known = self._settings.progress, self._progress
        if told is not None:
            values = [getattr(known, name) for name in BackupProgress.__slots__]
            told(BackupProgress(**dict(zip(BackupProgress.__slots__, values, strict=True))))

    def _windows(self, selection: Selection, first: int, end: int) -> Iterator[tuple[int, Search]]:
        """Searches that find the unique ids from `first` on, below `end`, not too many at a time.

        Each is to have its result before the next is taken.
        """
        span = WINDOW
        while first < end:
            last = min(first + span, end) - 1
            search = Search(selection, (b"UID %d:%d" % (first, last),))
            search.per_item = True
            yield last, search
            count = len(search.result or ())
            if count < WINDOW // 16:
                span = min(span * 4, 1 << 32)
            elif count > WINDOW:
                span = max(span // 4, WINDOW)
            first = last + 1

    def _uids(self, selection: Selection, first: int, end: int, take: Callable[[list[int]], Steps]) -> Steps:
        """Hands the unique ids of a folder on, in portions."""
        for _, search in self._windows(selection, first, end):
            found: list[int] = yield from self._search(search)
            for start in range(0, len(found), ASKED_AT_ONCE):
                yield from take(found[start : start + ASKED_AT_ONCE])

    def _search(self, search: Search) -> Steps:
        def again() -> Search:
            search.reset()
            return search

        return (yield from self._ask(again))

    def _selected(self, name: str) -> Steps:
        """The folder, selected for reading anew, and what the server says of it."""
        made: list[Selection] = []

        def select() -> Command:
            made[:] = [Selection(name, True)]
            command = Select(made[0])
            command.per_item = True
            return command

        info: ImapFolderInfo = yield from self._ask(select)
        return made[0], info

    def _list(self, pattern: bytes | Literal) -> Steps:
        found: list[ListResponse] = yield from self._ask(lambda: ListFolders("LIST", (b'""', pattern)))
        return [folder_info(entry, self._core) for entry in found]


class _Load:
    """Messages that are fetched together: small ones, or a single large one.

    Attributes:
        uids: in order. size: of all, in bytes. large: a single one goes through a file, `spool`.
        done: whether it has been dealt with: `found` has the items of those that came, `failures` why others did not.
    """

    __slots__ = ("done", "failures", "found", "large", "size", "spool", "uids")

    def __init__(self, uid: int, size: int) -> None:
        self.uids = [uid]
        self.size = size
        self.large = size > SMALL
        self.done = False
        self.found: dict[int, dict[str, Any]] = {}
        self.failures: list[tuple[int, Exception]] = []
        self.spool: IO[bytes] | None = None

    def takes(self, size: int) -> bool:
        """Whether a message of this size may come along."""
        return not self.large and size <= SMALL and self.size + size <= BATCH_BYTES and len(self.uids) < BATCH

    def close(self) -> None:
        """Lets go what is in memory and on disk."""
        self.found.clear()
        if self.spool is not None:
            self.spool.close()


def _loads(messages: Iterable[tuple[int, int]]) -> Iterator[_Load]:
    """Messages, by unique id and size, in loads; the order is kept."""
    load: _Load | None = None
    for uid, size in messages:
        if load is not None and load.takes(size):
            load.uids.append(uid)
            load.size += size
            continue
        if load is not None:
            yield load
        load = _Load(uid, size)
    if load is not None:
        yield load


class _Backup(Transfer):
    """One backup."""

    verb = "backed up"

    def __init__(self, context: OperationContext, settings: BackupSettings, target: Target) -> None:
        super().__init__(context, settings)
        self._recursive = settings.execute_recursively
        self._target = target
        self._selection: Selection | None = None
        self._levels: Levels = ()
        self._validity = 0
        self._digests: set[bytes] | None = None

    def run(self, folders: Sequence[ImapFolderInfo]) -> Body:
        target = self._target
        try:
            yield Aside(lambda _: target.open())
            names = yield from self._all(folders)
            self._progress.folders_total = len(names)
            for number, (name, delimiter) in enumerate(names.items()):
                self._progress.folder_name, self._progress.folders_done = name, number
                try:
                    yield from self._folder(name, delimiter)
                except Exception as error:  # noqa: BLE001 - sorted out there
                    self._fail(f"the folder {escape(name)!r}", error)
            yield Aside(lambda _: target.finish())
            self._raise_failures()
        finally:
            target.close()

    def _all(self, folders: Sequence[ImapFolderInfo]) -> Steps:
        """The delimiters of all folders that are backed up, by name, in order."""
        self._delimiter = yield from delimiter_of(self._context)
        names: dict[str, str] = {}
        for folder in folders:
            delimiter = folder.delimiter or self._delimiter
            if not folder.attributes or folder.selectable:
                names.setdefault(folder_key(folder.name), delimiter)
            if not self._recursive or not delimiter:
                continue
            prefix = folder.name + delimiter
            for info in (yield from self._list(pattern_of(prefix, "*", self._core))):
                if info.selectable and is_below(info.name, prefix) and folder_key(info.name) != folder_key(folder.name):
                    names.setdefault(folder_key(info.name), info.delimiter or delimiter)
        return names

    def _folder(self, name: str, delimiter: str) -> Steps:
        from mailclients.imap.backup.names import check_levels, levels_of

        self._levels = levels = check_levels(levels_of(name, delimiter))
        selection, info = yield from self._selected(name)
        self._selection, self._validity = selection, info.validity_id
        progress, target = self._progress, self._target
        progress.messages_done = progress.messages_skipped = 0
        progress.messages_total = info.total_message_count

        def begin(_: Aside) -> Any:
            have = target.folder(levels, info.validity_id)
            stale = target.is_stale(levels, info.validity_id)
            # Unique ids from before mean nothing now. What the messages contain tells which of them are here already.
            self._digests = target.digests(levels) if stale else None
            self._tell_now()
            return have

        have = yield Aside(begin)
        if not info.total_message_count:
            return
        end = info.uid_next or (yield from self._next_uid(selection))

        def take(found: list[int]) -> Steps:
            missing = [uid for uid in found if uid not in have]
            progress.messages_done += len(found) - len(missing)
            progress.messages_skipped += len(found) - len(missing)
            yield from self._fetch(selection, missing)

        yield from self._uids(selection, 1, end, take)
        yield Aside(lambda _: target.commit())

    def _next_uid(self, selection: Selection) -> Steps:
        """One more than the highest unique id: of a server that does not tell it."""
        last: list[int] = yield from self._search(Search(selection, (b"UID *",)))
        return max(last, default=0) + 1

    def _fetch(self, selection: Selection, uids: list[int]) -> Steps:
        """Backs up messages; the order is kept."""
        if not uids:
            return
        asked = frozenset(("UID", "RFC822.SIZE"))
        found = yield from self._ask(
            lambda: FetchCommand(b"(UID RFC822.SIZE)", asked, selection, uids=uids, per_item=True)
        )
        sizes: dict[int, int] = {items["UID"]: items["RFC822.SIZE"] or 0 for _, items in found}
        loads = list(_loads((uid, sizes[uid]) for uid in uids if uid in sizes))  # others are gone since the search
        connections = connections_for(self._context, len(loads))
        at_once = 1 if connections == 1 else connections * LOADS_EACH
        for start in range(0, len(loads), at_once):
            yield from self._bring(selection, loads[start : start + at_once], connections)

    def _bring(self, selection: Selection, loads: list[_Load], connections: int) -> Steps:
        """Fetches loads, side by side if there are several connections, and then stores them in order."""
        error: BaseException | None = None
        try:
            if connections == 1:
                yield from self._take(self._context, selection, deque(loads))
            else:
                body = partial(self._take, selection=selection, waiting=deque(loads))
                error = first_error((yield from spread(self._context, connections, "backup", body)))
            whole = list(takewhile(lambda load: load.done, loads))  # what is behind one that failed comes another time
            for load in whole:
                for uid, failure in load.failures:
                    self._fail(self._name(uid), failure)
            yield Aside(partial(self._keep, whole))
        finally:
            for load in loads:
                load.close()
        if error is not None:
            raise error

    def _take(self, context: OperationContext, selection: Selection, waiting: deque[_Load]) -> Body:
        """Fetches loads that several connections share, one at a time."""
        while waiting:
            try:
                load = waiting.popleft()
            except IndexError:  # another connection has taken the last one
                return
            try:
                yield from self._large(selection, load) if load.large else self._batch(selection, load, load.uids)
            except BaseException:
                waiting.clear()  # the others need not go on
                raise
            load.done = True

    def _batch(self, selection: Selection, load: _Load, uids: list[int]) -> Steps:
        cost = 16 * 1024 + load.size * len(uids) // len(load.uids)
        try:
            found = yield from self._ask(
                lambda: FetchCommand(_CONTENT, _CONTENT_NEEDS, selection, uids=uids, cost=cost, per_item=True)
            )
        except (ImapException, RemoteProtocolError) as error:
            if not self._is_of_item(error):
                raise
            if len(uids) == 1:
                load.failures.append((uids[0], error))
                return
            for uid in uids:  # which one is it?
                yield from self._batch(selection, load, [uid])
            return
        load.found.update((items["UID"], items) for _, items in found if items["UID"] in uids)
        missing = [uid for uid in uids if uid not in load.found]
        if missing:
            # Expunged meanwhile, unless the server has them and does not give them out.
            sets = tuple(split_set(missing, SET_BYTES))
            for uid in (yield from self._search(Search(selection, (b"UID " + sets[0],)))):
                load.failures.append((uid, ImapException("the server has the message, but did not send it")))

    def _large(self, selection: Selection, load: _Load) -> Steps:
        spool: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the load
        load.spool = spool
        (uid,) = load.uids

        def fetch() -> Command:
            spool.seek(0)
            spool.truncate()
            return FetchCommand(
                _CONTENT,
                _CONTENT_NEEDS,
                selection,
                uids=load.uids,
                single=True,
                sink=LiteralSink(spool),
                cost=16 * 1024 + load.size,
                per_item=True,
            )

        try:
            items = yield from self._ask(fetch)
        except MessageNotFoundError:
            return  # gone since it was searched for
        except (ImapException, RemoteProtocolError) as error:
            if not self._is_of_item(error):
                raise
            load.failures.append((uid, error))
            return
        if isinstance(items["BODY[]"], bytes):  # a short one after all, which is not streamed
            spool.write(items["BODY[]"])
        load.found[uid] = items

    def _name(self, uid: int) -> str:
        assert self._selection is not None
        return f"message {uid} of {escape(self._selection.name)!r}"

    def _keep(self, loads: list[_Load], aside: Aside) -> None:
        """Aside: stores what was fetched."""
        for load in loads:
            for uid in load.uids:
                if not aside.wanted():
                    return
                items = load.found.pop(uid, None)
                if items is not None:
                    self._add(uid, items, load.spool or io.BytesIO(content_of(items)))

    def _add(self, uid: int, items: dict[str, Any], content: IO[bytes]) -> None:
        """Aside: stores one message."""
        from mailclients.imap.backup.items import Record, fitting_flags
        from mailclients.imap.backup.stores import digest_of

        size = content.seek(0, io.SEEK_END)
        known = self._digests is not None and digest_of(content) in self._digests
        if not known:
            date = parse_datetime(items.get("INTERNALDATE"))
            flags = fitting_flags(items["FLAGS"])
            self._target.add(Record(self._levels, self._validity, uid, flags, date, size), content)
        self._tell(skipped=known, size=size)
