"""Bodies of the operations that back folders up and bring them back.

What is asked of the server, and in which order; the stores on disk are in `backup`. Memory stays bounded whatever
there is: unique ids are asked for in windows, small messages come and go in batches of half a megabyte, large ones
one by one through a file. All work on disk is done aside, so a begun backup holds up no driver.

One item that cannot be handled does not keep the others back: the operation goes on and raises a `BackupError` at
its end that tells of it. What ends it at once is what would be no better with the next item.
"""

from __future__ import annotations

import io
import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import IO, TYPE_CHECKING, Any, Final

from mailclients.engine.commands import Aside, Command, Pause
from mailclients.engine.tasks import Body
from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeNotSupportedException,
    BackupError,
    ConnectionLostError,
    FolderChangedError,
    ImapException,
    MailException,
    MessageNotFoundError,
    OperationCanceledException,
    OutcomeUnknownError,
    PartlyDone,
    RemoteProtocolError,
    escape,
)
from mailclients.imap.commands import SET_BYTES, Expunge, FolderCommand, ListFolders, Search, Status, Store
from mailclients.imap.folders import Selection
from mailclients.imap.models import (
    BackupProgress,
    BackupSettings,
    ImapFolderInfo,
    ItemCallbackArgs,
    PersonalStorage,
    RestoreSettings,
)
from mailclients.imap.operations.folders import delimiter_of, folder_info, is_below, pattern_of
from mailclients.imap.protocol import FetchCommand, ImapCore, LiteralSink, Select, content_of, folder_key
from mailclients.imap.uploads import FileLiteral, Upload
from mailclients.message import MailMessage
from mailclients.wire.imap_responses import ListResponse
from mailclients.wire.imap_sets import NumberSet
from mailclients.wire.imap_strings import Literal, encode_mailbox, parse_datetime, split_set

if TYPE_CHECKING:
    from mailclients.client import OperationContext
    from mailclients.imap.backup.contents import Content, Keys, KeySet
    from mailclients.imap.backup.items import Item
    from mailclients.imap.backup.names import Levels
    from mailclients.imap.backup.stores import Source, Target
    from mailclients.imap.backup.uid_sets import UidSet

Steps = Generator["Command | list[Command]", Any, Any]

SMALL: Final = 256 * 1024  # bytes; larger messages go through a file, one at a time
BATCH_BYTES: Final = 512 * 1024  # of small messages that are in memory together
BATCH: Final = 64  # messages
WINDOW: Final = 16 * 1024  # unique ids that are asked for at first; more where they lie far apart
ASKED_AT_ONCE: Final = 500  # messages whose sizes are asked for together
MOST_FAILURES: Final = 1000
MOST_LANDED: Final = 2000  # messages that are remembered for the case that an upload's outcome is unknown

# What will be refused again however often it is tried.
_FINAL_CODES: Final = frozenset(
    ("ALREADYEXISTS", "BADCHARSET", "CANNOT", "CLIENTBUG", "NONEXISTENT", "NOPERM", "OVERQUOTA", "TOOBIG", "TRYCREATE")
)
_CONTENT: Final = b"(UID FLAGS INTERNALDATE BODY.PEEK[])"
_CONTENT_NEEDS: Final = frozenset(("UID", "FLAGS", "BODY[]"))
_KEY_ITEMS: Final = b"(UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"


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


def restore(context: OperationContext, *, pst: PersonalStorage, settings: RestoreSettings) -> Body:
    """Appends what a store has."""
    return _Restore(context, settings).run(pst)


class _Transfer:
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


class _Backup(_Transfer):
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
        batch: list[int] = []
        total = 0
        for uid in uids:
            size = sizes.get(uid)
            if size is None:
                continue  # gone since it was searched for
            if batch and (total + size > BATCH_BYTES or len(batch) >= BATCH or size > SMALL):
                yield from self._batch(selection, batch, total)
                batch, total = [], 0
            if size > SMALL:
                yield from self._large(selection, uid, size)
            else:
                batch.append(uid)
                total += size
        if batch:
            yield from self._batch(selection, batch, total)

    def _batch(self, selection: Selection, uids: list[int], total: int) -> Steps:
        try:
            found = yield from self._ask(
                lambda: FetchCommand(
                    _CONTENT, _CONTENT_NEEDS, selection, uids=uids, cost=16 * 1024 + total, per_item=True
                )
            )
        except (ImapException, RemoteProtocolError) as error:
            if not self._is_of_item(error) or len(uids) == 1:
                self._fail(self._name(uids[0]), error)
                return
            for uid in uids:  # which one is it?
                yield from self._batch(selection, [uid], total // len(uids))
            return
        by_uid: dict[int, dict[str, Any]] = {items["UID"]: items for _, items in found}
        yield Aside(partial(self._keep, [(uid, by_uid[uid]) for uid in uids if uid in by_uid]))
        missing = [uid for uid in uids if uid not in by_uid]
        if missing:
            # Expunged meanwhile, unless the server has them and does not give them out.
            sets = tuple(split_set(missing, SET_BYTES))
            for uid in (yield from self._search(Search(selection, (b"UID " + sets[0],)))):
                self._fail(self._name(uid), ImapException("the server has the message, but did not send it"))

    def _large(self, selection: Selection, uid: int, size: int) -> Steps:
        with tempfile.TemporaryFile() as spool:

            def fetch() -> Command:
                spool.seek(0)
                spool.truncate()
                return FetchCommand(
                    _CONTENT,
                    _CONTENT_NEEDS,
                    selection,
                    uids=(uid,),
                    single=True,
                    sink=LiteralSink(spool),
                    cost=16 * 1024 + size,
                    per_item=True,
                )

            try:
                items = yield from self._ask(fetch)
            except MessageNotFoundError:
                return  # gone since it was searched for
            except (ImapException, RemoteProtocolError) as error:
                self._fail(self._name(uid), error)
                return
            if isinstance(items["BODY[]"], bytes):  # a short one after all, which is not streamed
                spool.write(items["BODY[]"])
            yield Aside(lambda _: self._add(uid, items, spool))

    def _name(self, uid: int) -> str:
        assert self._selection is not None
        return f"message {uid} of {escape(self._selection.name)!r}"

    def _keep(self, found: list[tuple[int, dict[str, Any]]], aside: Aside) -> None:
        for uid, items in found:
            if not aside.wanted():
                return
            self._add(uid, items, io.BytesIO(content_of(items)))

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


class _Restore(_Transfer):
    """One restoring."""

    verb = "restored"

    def __init__(self, context: OperationContext, settings: RestoreSettings) -> None:
        from mailclients.imap.backup.contents import Keys
        from mailclients.imap.backup.uid_sets import UidSet

        super().__init__(context, settings)
        self._restoring = settings
        self._source: Source | None = None
        self._keys: Keys = Keys()
        self._there: KeySet | None = None  # what the folder has, when duplicates are skipped
        self._wanted: KeySet | None = None  # what the backup has of the folder, when everything else is removed
        self._name = ""
        self._restored = 0  # messages, in all
        self._done = UidSet()  # of the folder at work, by the unique ids that they have in the backup
        self._unclear = UidSet()
        self._since = 1  # messages with smaller unique ids were there before the batch
        self._landed: Counter[int] = Counter()  # what arrived since then
        self._left_over: Item | None = None

    def run(self, pst: PersonalStorage) -> Body:
        settings = self._restoring
        if settings.remove_nonexistent_items and not self._core.has("UIDPLUS"):
            raise AsposeNotSupportedException(
                "restore: removing messages that the backup does not have needs a server with UIDPLUS (RFC 4315)"
            )
        try:
            yield Aside(lambda _: self._open(pst))
            self._delimiter = yield from delimiter_of(self._context)
            plan = yield from self._plan()
            self._progress.folders_total = len(plan)
            existing: dict[str, ImapFolderInfo] = {}
            for info in (yield from self._list(b'"*"')):
                existing[folder_key(info.name)] = info
            for number, (levels, name) in enumerate(plan):
                self._progress.folder_name, self._progress.folders_done = name, number
                try:
                    yield from self._folder(levels, name, existing)
                except Exception as error:  # noqa: BLE001 - sorted out there
                    self._fail(f"the folder {escape(name)!r}", error)
            if settings.remove_nonexistent_folders and not self._failed:
                yield from self._remove_folders([name for _, name in plan], existing)
            self._raise_failures()
        except OperationCanceledException as error:
            raise self._stopped(error) from error
        finally:
            if self._source is not None:
                self._source.close()

    def _stopped(self, error: OperationCanceledException) -> OperationCanceledException:
        """The same error with how far it has come."""
        told = OperationCanceledException(
            f"{error}; messages restored: {self._restored}, the last ones to {escape(self._name)!r}; restoring again"
            " with skip_duplicates goes on from there"
        )
        done, unclear = (NumberSet(found.runs()).to_text() for found in (self._done, self._unclear))
        told.partly_done = PartlyDone(done, unclear, "")
        return told

    def _open(self, pst: PersonalStorage) -> None:
        from mailclients.imap.backup import open_source

        self._source = open_source(pst.file_name, pst.stream)

    # -- folders ------------------------------------------------------------

    def _plan(self) -> Steps:
        """The folders of the backup that are restored, and what they are called on this server."""
        from mailclients.imap.backup.names import levels_of, name_of

        assert self._source is not None
        chosen = self._restoring.folders
        plan: list[tuple[Levels, str]] = []
        asked = None if chosen is None else {levels_of(i.name, i.delimiter or self._delimiter) for i in chosen}
        for levels in self._source.folders():
            below = any(levels[:depth] in (asked or ()) for depth in range(1, len(levels)))
            if asked is None or levels in asked or (self._restoring.recursive and below):
                name = "/".join(levels)
                try:
                    name = name_of(levels, self._delimiter)
                    encode_mailbox(name, self._core.utf8)
                except AsposeArgumentException as error:
                    self._fail(f"the folder {escape(name)!r}", error)
                    continue
                plan.append((levels, name))
        told = self._restoring.before_item_callback
        if told is None:
            return plan
        return (yield Aside(lambda _: [(levels, n) for levels, name in plan if (n := self._renamed(name)) is not None]))

    def _renamed(self, name: str) -> str | None:
        """Aside: what the caller makes of a folder; None leaves it out."""
        told = self._restoring.before_item_callback
        assert told is not None
        arguments = ItemCallbackArgs(ImapFolderInfo(name=name, delimiter=self._delimiter or None))
        told(arguments)
        chosen = arguments.this
        if chosen is None:
            return None
        if not isinstance(chosen, ImapFolderInfo):
            raise ArgumentTypeError(f"before_item_callback gave {type(chosen).__name__} in place of a folder")
        encode_mailbox(chosen.name, self._core.utf8)
        return chosen.name

    def _folder(self, levels: Levels, name: str, existing: dict[str, ImapFolderInfo]) -> Steps:
        from mailclients.imap.backup.contents import KeySet
        from mailclients.imap.backup.uid_sets import UidSet

        settings, progress = self._restoring, self._progress
        self._name = name
        self._done, self._unclear = UidSet(), UidSet()
        progress.messages_done = progress.messages_skipped = progress.messages_total = 0
        yield Aside(lambda _: self._tell_now())
        known = existing.get(folder_key(name))
        if known is None or known.non_existent or not known.selectable:
            try:
                yield from self._ask(lambda: FolderCommand("CREATE", name))
            except ImapException as error:
                if error.code != "ALREADYEXISTS":
                    raise
            except OutcomeUnknownError:
                if not (yield from self._list(pattern_of(name, "", self._core))):
                    raise
            existing[folder_key(name)] = ImapFolderInfo(name=name, delimiter=self._delimiter or None)
        self._there = KeySet() if settings.skip_duplicates else None
        self._wanted = KeySet() if settings.remove_nonexistent_items else None
        there, end = self._there, 0
        if there is not None or self._wanted is not None:
            selection, info = yield from self._selected(name)
            end = info.uid_next or (info.total_message_count and (1 << 32))
            if there is not None and info.total_message_count:
                yield from self._each_key(selection, 1, end, lambda _, key, __: there.add(key))
        failed = self._failed
        yield from self._items(levels)
        if self._wanted is not None and self._failed == failed and end:
            yield from self._remove_items(end)

    def _remove_folders(self, names: list[str], existing: dict[str, ImapFolderInfo]) -> Steps:
        """Deletes folders that the backup does not have, those below others first; INBOX never."""
        if not names:
            raise MailException("the backup has none of the folders; nothing was removed")
        delimiter, chosen = self._delimiter, self._restoring.folders
        kept = set(map(folder_key, names))
        for info in sorted(existing.values(), key=lambda each: (-each.name.count(delimiter or "\0"), each.name)):
            key, below = folder_key(info.name), info.name + delimiter
            if key == ImapFolderInfo.IN_BOX or key in kept or not info.selectable:
                continue
            if delimiter and any(name.startswith(below) for name in kept):
                continue
            if chosen is not None:
                above = (folder.name + delimiter for folder in chosen)
                if not (self._restoring.recursive and delimiter and any(info.name.startswith(a) for a in above)):
                    continue
            try:
                yield from self._ask(partial(FolderCommand, "DELETE", info.name))
            except ImapException as error:
                self._fail(f"the folder {escape(info.name)!r} (removing it)", error)

    # -- messages ------------------------------------------------------------

    def _each_key(self, selection: Selection, first: int, end: int, take: Callable[[int, int, int], None]) -> Steps:
        """Tells the key of each message that the folder has, and the one for who does not know its date."""
        asked = frozenset(("UID", "RFC822.SIZE"))

        def portion(uids: list[int]) -> Steps:
            found = yield from self._ask(lambda: FetchCommand(_KEY_ITEMS, asked, selection, uids=uids, per_item=True))
            for _, items in found:
                header = next((v for k, v in items.items() if k.startswith("BODY[HEADER") and v is not None), b"")
                date = parse_datetime(items.get("INTERNALDATE"))
                size = items["RFC822.SIZE"] or 0
                take(items["UID"], self._keys.of(header, size, date), self._keys.of(header, size, None))

        yield from self._uids(selection, first, end, portion)

    def _remove_items(self, end: int) -> Steps:
        """Removes what the backup does not have from among the messages that were there before."""
        selection, wanted = Selection(self._name, False), self._wanted
        assert wanted is not None
        doomed: list[int] = []
        yield from self._each_key(selection, 1, end, lambda uid, key, _: None if key in wanted else doomed.append(uid))
        for text in split_set(doomed, SET_BYTES):
            yield from self._ask(partial(Store, b"+FLAGS", b"(\\Deleted)", selection, set_text=text, subject=None))
            yield from self._ask(partial(self._removal, selection, text))

    @staticmethod
    def _removal(selection: Selection, text: bytes) -> Command:
        command = Expunge(selection, text)
        command.finishing = True  # others may not remove what is marked and meant to go by name
        return command

    def _items(self, levels: Levels) -> Steps:
        assert self._source is not None
        waiting = self._source.items(levels)
        looked = False
        while True:
            batch: list[Content] = []
            try:
                more = yield Aside(lambda aside, batch=batch: self._prepare(waiting, batch, aside))  # type: ignore[misc]
                if batch:
                    if not looked or len(self._landed) > MOST_LANDED:
                        yield from self._look()
                        looked = True
                    yield from self._append(batch)
            finally:
                for content in batch:
                    content.file.close()
            if not more:
                return

    def _look(self) -> Steps:
        """Notes which messages are there before a batch, in case nobody tells how it ended."""
        status: dict[str, Any] = yield from self._ask(self._status)
        self._since = status.get("UIDNEXT") or 1
        self._landed.clear()

    def _status(self) -> Command:
        command = Status(self._name, b"(UIDNEXT)")
        command.per_item = True
        return command

    def _prepare(self, waiting: Iterator[Item], batch: list[Content], aside: Aside) -> bool:
        """Aside: fills a batch; False when there is no more."""
        total = 0
        while True:
            if not aside.wanted():
                raise OperationCanceledException("restore: the operation was cancelled")
            item = self._left_over or next(waiting, None)
            self._left_over = None
            if item is None:
                return False
            if batch and total + item.record.size > BATCH_BYTES:
                self._left_over = item
                return True
            content = self._content(item)
            if content is None:
                continue
            batch.append(content)
            total += content.size
            if total > BATCH_BYTES or len(batch) >= BATCH:
                return True

    def _content(self, item: Item) -> Content | None:
        """Aside: a message as it will be sent; None if it will not."""
        from mailclients.imap.backup.contents import Content

        try:
            content = Content(item, self._keys)
        except MailException as error:
            self._fail(item.name, error)
            self._tell()
            return None
        if self._wanted is not None:
            self._wanted.add(content.key)
        if self._there is not None:
            if content.key in self._there:
                content.file.close()
                self._tell(skipped=True, size=content.size)
                return None
            self._there.add(content.key)
        told = self._restoring.before_item_callback
        return content if told is None else self._replaced(content, told)

    def _replaced(self, content: Content, told: Callable[[ItemCallbackArgs], object]) -> Content | None:
        """Aside: what the caller makes of a message; None leaves it out."""
        from mailclients.imap.backup.contents import Content

        try:
            message = MailMessage.from_bytes(content.read())
            arguments = ItemCallbackArgs(message)
            told(arguments)
            chosen = arguments.this
            if chosen is None:
                content.file.close()
                self._tell(skipped=True)
                return None
            if not isinstance(chosen, MailMessage):
                raise ArgumentTypeError(f"before_item_callback gave {type(chosen).__name__} in place of a message")
            return Content(content.item, self._keys, chosen.as_bytes())
        finally:
            content.file.close()

    def _append(self, batch: list[Content]) -> Steps:
        """Appends messages; one that fails does not keep the others back."""
        from mailclients.imap.backup.uid_sets import UidSet

        attempt, left = 1, batch
        done: list[Content] = []
        while left:
            uploads = [self._upload(content) for content in left]
            answered: list[Command] = yield list[Command](uploads)
            again: list[Content] = []
            unknown: list[Content] = []
            lost: Exception | None = None
            cancelled: OperationCanceledException | None = None
            for content, command in zip(left, answered, strict=True):
                error = command.error
                if error is None:
                    self._landed.update({content.key, content.undated})
                    self._arrived(content)
                    done.append(content)
                elif isinstance(error, OperationCanceledException):
                    cancelled = error  # it was not sent
                elif isinstance(error, OutcomeUnknownError):
                    unknown.append(content)
                    lost = error
                elif not isinstance(error, Exception):
                    raise error
                elif self._may_repeat(error, attempt):
                    again.append(content)
                else:
                    self._fail(content.item.name, error)
                    done.append(content)
            self._note(unknown, self._unclear)
            if cancelled is not None:
                yield Aside(lambda _: self._tell_all(done))
                raise cancelled
            if lost is not None:
                if not self._settings.restore_connection:
                    raise lost
                again += yield from self._not_landed(unknown, done)
                self._unclear = UidSet()
                if again and attempt >= self._settings.number_of_attempts_to_rrepeat:
                    raise lost
            left = [content for content in left if content in again]
            attempt += 1
            if left:
                yield self._pause()
        if done:
            yield Aside(lambda _: self._tell_all(done))

    def _arrived(self, content: Content) -> None:
        self._restored += 1
        self._note([content], self._done)

    @staticmethod
    def _note(contents: Iterable[Content], found: UidSet) -> None:
        for uid in (content.item.record.uid for content in contents):
            if uid:  # of messages that others have stored it is not known
                found.add(uid)

    def _tell_all(self, done: list[Content]) -> None:
        for content in done:
            self._tell(size=content.size)

    def _upload(self, content: Content) -> Upload:
        record = content.item.record
        literal = FileLiteral(content.file, content.size) if content.size > SMALL else Literal(content.read())
        return Upload(self._name, literal, record.flags, self._date(record.date))

    @staticmethod
    def _date(date: datetime | None) -> datetime | None:
        """A date that APPEND can carry: its zone has no seconds, and nobody's year is before 1."""
        if date is None or date.utcoffset() is None or not 1900 <= date.year <= 9998:
            return None
        return date

    def _not_landed(self, unknown: list[Content], done: list[Content]) -> Steps:
        """Those of the uploads nobody knows the outcome of that the folder does not have."""
        arrived: Counter[int] = Counter()

        def count(_: int, key: int, undated: int) -> None:
            arrived.update({key, undated})

        selection, info = yield from self._selected(self._name)
        yield from self._each_key(selection, self._since, info.uid_next or 1 << 32, count)
        missing: list[Content] = []
        # The server has dated those that came without a date: of them only the size is known, if they have no
        # Message-ID, and they are looked for among what is not recognised as one of the others.
        for content in sorted(unknown, key=self._is_undated):
            key = content.undated if self._is_undated(content) else content.key
            if arrived[key] > self._landed[key]:
                self._landed.update({content.key, content.undated})
                self._arrived(content)
                done.append(content)
            else:
                missing.append(content)
        return missing

    def _is_undated(self, content: Content) -> bool:
        return self._date(content.item.record.date) is None
