"""The body that brings folders back from a backup: which messages are sent, and what became of them.

The stores on disk are in `backup`, what is common to both directions in `archiving`. Messages go in the order in which
they were stored, over one connection: that is the order that the restored folder has, and nobody else's uploads are
taken for its own where the outcome of one is not known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mailclients.engine.commands import Aside, Command
from mailclients.engine.tasks import Body
from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeNotSupportedException,
    ImapException,
    MailException,
    OperationCanceledException,
    OutcomeUnknownError,
    PartlyDone,
    escape,
)
from mailclients.imap.commands import SET_BYTES, Expunge, FolderCommand, Status, Store
from mailclients.imap.folders import Selection
from mailclients.imap.models import (
    ImapFolderInfo,
    ItemCallbackArgs,
    PersonalStorage,
    RestoreSettings,
)
from mailclients.imap.operations.archiving import BATCH, BATCH_BYTES, SMALL, Steps, Transfer
from mailclients.imap.operations.folders import delimiter_of, pattern_of
from mailclients.imap.protocol import FetchCommand, folder_key
from mailclients.imap.uploads import FileLiteral, Upload
from mailclients.message import MailMessage
from mailclients.wire.imap_sets import NumberSet
from mailclients.wire.imap_strings import Literal, encode_mailbox, parse_datetime, split_set

if TYPE_CHECKING:
    from mailclients.client import OperationContext
    from mailclients.imap.backup.contents import Content, Keys, KeySet
    from mailclients.imap.backup.items import Item
    from mailclients.imap.backup.names import Levels
    from mailclients.imap.backup.stores import Source
    from mailclients.imap.backup.uid_sets import UidSet


HEADERS_AT_ONCE: Final = 64  # of messages without a Message-ID
MOST_LANDED: Final = 2000  # messages that are remembered for the case that an upload's outcome is unknown

_HEADER: Final = b"(UID BODY.PEEK[HEADER])"
_KEY_ITEMS: Final = b"(UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"


def restore(context: OperationContext, *, pst: PersonalStorage, settings: RestoreSettings) -> Body:
    """Appends what a store has."""
    return _Restore(context, settings).run(pst)


class _Restore(Transfer):
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
                yield from self._each_key(selection, 1, end, lambda _, key, undated: there.update((key, undated)))
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
        from mailclients.imap.backup.contents import message_id

        asked = frozenset(("UID", "RFC822.SIZE"))

        def portion(uids: list[int]) -> Steps:
            found = yield from self._ask(lambda: FetchCommand(_KEY_ITEMS, asked, selection, uids=uids, per_item=True))
            headers = {items["UID"]: _header_of(items) for _, items in found}
            nameless = [uid for uid, header in headers.items() if not message_id(header)]
            for start in range(0, len(nameless), HEADERS_AT_ONCE):
                some = nameless[start : start + HEADERS_AT_ONCE]
                whole = yield from self._ask(partial(_headers, selection, some))
                headers.update((items["UID"], _header_of(items)) for _, items in whole)
            for _, items in found:
                header, size = headers[items["UID"]], items["RFC822.SIZE"] or 0
                date = parse_datetime(items.get("INTERNALDATE"))
                take(items["UID"], self._keys.of(header, size, date), self._keys.of(header, size, None))

        yield from self._uids(selection, first, end, portion)

    def _remove_items(self, end: int) -> Steps:
        """Removes what the backup does not have from among the messages that were there before."""
        selection, wanted = Selection(self._name, False), self._wanted
        assert wanted is not None
        doomed: list[int] = []

        def take(uid: int, key: int, undated: int) -> None:
            if key not in wanted and undated not in wanted:
                doomed.append(uid)

        yield from self._each_key(selection, 1, end, take)
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

        attempt = 1
        left: list[Content] = batch
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
                again.extend((yield from self._not_landed(unknown, done)))
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
        return Upload(self._name, literal, record.flags, content.date)

    def _not_landed(self, unknown: list[Content], done: list[Content]) -> Steps:
        """Those of the uploads nobody knows the outcome of that the folder does not have."""
        arrived: Counter[int] = Counter()

        def count(_: int, key: int, undated: int) -> None:
            arrived.update({key, undated})

        selection, info = yield from self._selected(self._name)
        yield from self._each_key(selection, self._since, info.uid_next or 1 << 32, count)
        missing: list[Content] = []
        # The server has dated those that came without a date: they are looked for among what is not one of the others.
        for content in sorted(unknown, key=_is_undated):
            if arrived[content.key] > self._landed[content.key]:
                self._landed.update({content.key, content.undated})
                self._arrived(content)
                done.append(content)
            else:
                missing.append(content)
        return missing


def _is_undated(content: Content) -> bool:
    return content.date is None


def _headers(selection: Selection, uids: list[int]) -> Command:
    return FetchCommand(_HEADER, frozenset(("UID",)), selection, uids=uids, per_item=True)


def _header_of(items: dict[str, Any]) -> bytes:
    return next((v for k, v in items.items() if k.startswith("BODY[HEADER") and v is not None), b"")
