"""What a session remembers of its folder: the selection, and the numbering of its messages.

A `Selection` is one SELECT or EXAMINE as its caller meant it; commands and begun tasks refer to it,
so that they reach the same folder on whatever connection they run. A `Numbering` is what sequence
numbers mean in one session. Both are changed under the lock of the connection that has the folder
selected and read by any thread; a selection's outcome is guarded by the module's lock. A `Number` is
what a call meant by sequence numbers; it is brought up to date under the same connection's lock.
"""

from __future__ import annotations

import os
import threading
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Sequence
from copy import copy
from typing import Final, NoReturn, Protocol

from mailclients.errors import FolderChangedError, MailClientError, MessageNotFoundError
from mailclients.imap.models import ImapFolderInfo
from mailclients.wire.imap_sets import NumberSet

_LOG_LIMIT: Final = 100_000  # expunges that are remembered at least
_FEW: Final = 64  # so many UIDs are looked up one by one among those of a folder
_MOST_LEARNED: Final = 4_000_000  # messages of a folder whose UIDs are remembered; a server may claim any number

# Re-entrant: the garbage collector may run somebody's `__del__` in the middle, which may end other operations.
_lock = threading.RLock()


class Numbering:
    """Sequence numbers of one session: how many messages there are, and which UIDs are known.

    Expunges are kept in a log, so that a number that was captured earlier can be brought up to
    date. `lost` is set when the session ended and another may not have the same numbers.
    `capture` may be called by any thread without the connection's lock: it reads one counter.
    What moves messages takes the module's lock as well: `agree` compares two sessions under it.
    """

    __slots__ = ("_count", "_log", "exact", "exists", "lost", "tries", "uid_next", "uids")

    def __init__(self, exists: int, uid_next: int = 0) -> None:
        self.exists = exists
        self.uid_next = uid_next  # at least this much; 0 when unknown
        self.exact = uid_next > 0  # the last message's UID tells it, or the server did and nothing has come since
        self.uids: list[int] | None = None  # 0 where unknown
        self.lost = False
        self.tries = 3  # how often the server may be asked for all UIDs, while they change all the time
        self._log: list[int] = []
        self._count = 0  # of all expunges, those that are no longer in the log included

    def learn(self, number: int, uid: int) -> None:
        """The server told the UID of a message."""
        if not 0 < number <= self.exists or self.exists > _MOST_LEARNED:
            return
        if self.uids is None:
            self.uids = [0] * self.exists
        elif len(self.uids) < self.exists:
            self.uids.extend([0] * (self.exists - len(self.uids)))
        self.uids[number - 1] = uid
        if self.uid_next and uid + 1 >= self.uid_next:
            with _lock:
                self.exact = number == self.exists
                self.uid_next = uid + 1

    def uid_of(self, number: int) -> int:
        """The UID of a message, 0 when it is not known."""
        uids = self.uids
        return uids[number - 1] if uids is not None and 0 < number <= len(uids) else 0

    def uids_of(self, numbers: Collection[int]) -> tuple[int, ...] | None:
        """The UIDs of messages as they are numbered at one moment, None when one is not known; for any thread."""
        with _lock:
            uids = tuple(map(self.uid_of, numbers)) if len(numbers) <= self.exists else (0,)
        return uids if all(uids) else None

    def arrived(self, exists: int) -> None:
        """The server announced how many messages there are."""
        with _lock:
            if exists > self.exists:
                self.uid_next += exists - self.exists if self.uid_next else 0
                self.exact = False
            elif exists < self.exists and self.uids is not None:
                del self.uids[exists:]  # some servers announce a smaller number without an EXPUNGE
            self.exists = exists

    def expunged(self, number: int) -> None:
        """The server announced that a message is gone; those behind it move up."""
        with _lock:
            self.exists -= 1
            if self.uids is not None and number <= len(self.uids):
                del self.uids[number - 1]
            self._note((number,))

    def vanished(self, gone: NumberSet) -> bool:
        """The server announced by UID which messages are gone (RFC 7162).

        Returns False, and changes nothing, if it is not known which numbers those messages have. The set may name
        any number of messages; it is never expanded.
        """
        uids = self.uids
        if uids is None or len(gone) > len(uids):
            return False
        if len(gone) <= _FEW:
            numbers = sorted({uids.index(uid) + 1 for uid in gone if uid in uids})  # it may name one twice
        else:
            numbers = [number for number, uid in enumerate(uids, 1) if uid in gone]
        if len(numbers) != len(gone):
            return False
        with _lock:
            self.uids = [uid for uid in uids if uid not in gone]
            self.exists -= len(numbers)
            self._note(numbers)
        return True

    def without(self, count: int) -> Numbering:
        """What is left when so many messages are gone, nobody knows which; their numbers mean something else now."""
        left = Numbering(self.exists - count, self.uid_next if self.exact else 0)
        left._count = self._count + count  # whoever compares moments sees that something has happened
        return left

    def _note(self, numbers: Sequence[int]) -> None:
        """Under the module's lock: messages with these numbers, ascending, are gone all at once."""
        self._log.extend(reversed(numbers))
        self._count += len(numbers)
        if len(self._log) > 2 * _LOG_LIMIT:
            del self._log[:-_LOG_LIMIT]

    @property
    def complete(self) -> bool:
        """Whether the UIDs of all messages are known."""
        uids = self.uids
        return uids is not None and len(uids) == self.exists and 0 not in uids

    def learn_all(self, uids: list[int]) -> None:
        """The server told the UIDs of all messages, ascending."""
        self.uids = uids

    def number_of(self, uid: int) -> int:
        """The number of a message, 0 when it is not known."""
        uids = self.uids or []
        return uids.index(uid) + 1 if uid in uids else 0

    def fill(self, later: Sequence[int]) -> None:
        """Finds out UIDs that are not known by those that the folder had later, ascending and all of them.

        Unique ids only ever ascend: between two messages that are known there are those that were there, or fewer.
        Where as many are left as there were, they are the same ones.
        """
        uids = list(self.uids or ())
        uids += [0] * (self.exists - len(uids))
        place = at = 0  # behind the last message that is known, here and in `later`
        for number, uid in enumerate(uids, 1):
            if uid:
                found = bisect_left(later, uid, at)
                if found - at == number - 1 - place:
                    uids[place : number - 1] = later[at:found]
                at = found + (later[found : found + 1] == [uid])
                place = number
        if self.exact:  # behind the last one that is known, what is below the next UID of then was there then
            found = bisect_left(later, self.uid_next, at)
            if found - at == len(uids) - place:
                uids[place:] = later[at:found]
        self.uids = uids

    def goes_on(self, exists: int, uid_next: int) -> bool:
        """Takes over the figures of a new session if its numbers mean the same; True if they do.

        Every arrival takes a unique id. When there are as many more messages as ids were taken at
        most, each id stands for a message that is there, and none of those before is gone.
        """
        if not self.uid_next or exists - self.exists != uid_next - self.uid_next or exists < self.exists:
            return False
        self.exists, self.uid_next, self.exact = exists, uid_next, True
        return True

    def agrees_with(self, other: Numbering) -> bool:
        """Under the module's lock: whether numbers of the other session mean the same messages here.

        Expunges and arrivals come to all sessions in one order. Where the next unique id is exact, it tells which
        arrivals a session has been told of; the same ones and as many messages are the same messages. Where one
        session is ahead, it must have a message for each id that was taken since, as in `goes_on`.
        """
        if self.lost or not (self.exact and other.exact):
            return False
        return other.exists - self.exists == other.uid_next - self.uid_next

    def learn_from(self, other: Numbering) -> None:
        """Under the module's lock: takes over the UIDs that a session which agrees has been told."""
        theirs = list(other.uids or ())[: self.exists]
        if theirs:
            mine = list(self.uids or ()) + [0] * self.exists
            theirs += [0] * (self.exists - len(theirs))
            self.uids = [told or known for told, known in zip(theirs, mine, strict=False)]

    def copy(self) -> Numbering:
        """The same as it is now, for a session of its own."""
        twin = Numbering(self.exists, self.uid_next if self.exact else 0)
        twin.uids = None if self.uids is None else list(self.uids)
        return twin

    def numbers(self) -> dict[int, int] | None:
        """The number of each message whose UID is known, by UID; None if none is."""
        uids = self.uids
        return None if uids is None else {uid: number for number, uid in enumerate(tuple(uids), 1) if uid}

    def capture(self) -> int:
        """Marks this moment; numbers of now can be brought up to date with it later."""
        return self._count

    def exists_since(self, moment: int) -> int:
        """How many messages there have been at most since a moment."""
        return self.exists + self._count - moment

    def now(self, number: int, moment: int) -> int:
        """What the number of an earlier moment is today.

        Raises:
            MessageNotFoundError: the message was expunged meanwhile.
            FolderChangedError: the session it was a number of is gone.
        """
        if self.lost:
            raise FolderChangedError(
                f"message number {number} belongs to a session that is gone; list the folder again"
            )
        start = len(self._log) - (self._count - moment)
        if start < 0:
            raise FolderChangedError(
                f"message number {number} is older than the last {len(self._log)} expunges; list the folder again"
            )
        for expunged in self._log[start:]:
            if expunged == number:
                raise MessageNotFoundError(f"message number {number} was expunged meanwhile")
            if expunged < number:
                number -= 1
        return number


class Selection:
    """A folder, selected by somebody for reading or for reading and writing.

    Attributes:
        name: the folder. explicit: somebody called select_folder, which sees to it that it settles.
        owner: gives the token of the thread that called it, while that lives.
        begun: by begin_select_folder; what follows a failure fails too, as nobody need have seen it yet.
        asked_read_only: as asked for. read_only: as asked for, then as the server granted it.
        uid_validity: 0 while unknown. info: what the server said of the folder when it was selected.
        numbering: what sequence numbers mean to the session that made the selection.
    """

    __slots__ = (
        "__weakref__",
        "_waiters",
        "asked_read_only",
        "begun",
        "error",
        "explicit",
        "info",
        "name",
        "numbering",
        "owner",
        "pending",
        "read_only",
        "uid_validity",
    )

    def __init__(self, name: str, read_only: bool, *, explicit: bool = False) -> None:
        self.name = name
        self.explicit = explicit
        self.begun = False
        self.owner: Callable[[], object] = type(None)
        self.asked_read_only = read_only
        self.read_only = read_only
        self.uid_validity = 0
        self.info: ImapFolderInfo | None = None
        self.numbering: Numbering | None = None
        self.pending = True
        self.error: BaseException | None = None
        self._waiters: list[Callable[[], object]] = []

    def when_settled(self, function: Callable[[], object]) -> None:
        """Has `announce` call `function`; calls it at once if the selection has succeeded or failed."""
        with _lock:
            if self.pending:
                self._waiters.append(function)
                return
        function()

    def succeeded(self, info: ImapFolderInfo) -> None:
        """The server selected the folder for the first time."""
        self.info = info
        self.uid_validity = info.validity_id
        self.read_only = info.read_only
        self._settle()  # on the connection's thread, under its lock: nobody is told from here

    def failed(self, error: BaseException) -> None:
        """The folder could not be selected."""
        self.error = error
        self._settle()

    def renamed(self, name: str) -> None:
        """The server has given the folder another name; it is the same folder, selected by that name from now on."""
        self.name = name
        if self.info is not None:
            self.info = self.info.updated(name=name, raw_name=b"")

    def check(self) -> None:
        """Raises what the selection failed with, if it failed."""
        if self.error is not None:
            error = MailClientError(f"the folder {self.name!r} could not be selected: {self.error}")
            raise (self.error if isinstance(self.error, MailClientError) else error) from self.error

    def take_over(self, numbering: Numbering) -> Numbering:
        """A connection of the session has selected the folder; gives what its numbers go by from now on."""
        with _lock:
            before = self.numbering
            if before is None:
                self.numbering = numbering
            elif not before.lost and numbering.exact and before.goes_on(numbering.exists, numbering.uid_next):
                return before  # nothing was expunged while another folder was selected
            return numbering

    def agree(self, told: Numbering) -> bool:
        """Whether the numbers that another connection has told mean the same in this selection's session.

        If so, or if the session has not been told of any yet, it knows the messages' UIDs from now on.
        """
        with _lock:
            own = self.numbering
            if own is None:
                self.numbering = told.copy()
                return True
            if own is not told and not own.agrees_with(told):
                return False
            own.learn_from(told)
            return True

    def told(self, numbering: Numbering, *, anew: bool) -> None:
        """The caller is being told the folder's numbers by a connection of the session itself.

        Where they are not those that he knows, they replace them (`anew`) or, as nobody can tell any more what he
        means by a number, none means anything until the folder is listed again.
        """
        with _lock:
            if self.numbering is numbering:
                return
            if not anew and self.numbering is not None:
                numbering = Numbering(0)
                numbering.lost = True
            self.numbering = numbering

    def number_for(self, number: int, uid: int, here: Numbering | None) -> int:
        """The number by which this selection's session knows a message that has another number on a later connection.

        0 where the session has not been told of the message. `here` is the later one's, where it has the folder
        selected still.
        """
        with _lock:
            own = self.numbering
            if own is None or own is here:
                return number
            if here is not None and not own.uids and not own.lost:
                self.numbering = here  # it has not been told of any message
                return number
            return own.number_of(uid)

    def _settle(self) -> None:
        with _lock:
            self.pending = False

    def announce(self) -> None:
        """Lets go on what waited for the outcome; called without any lock when the selecting call has ended."""
        with _lock:
            waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            waiter()

    def __repr__(self) -> str:
        state = "pending" if self.pending else "failed" if self.error is not None else "selected"
        return f"<Selection {self.name!r} {state}{' read-only' if self.read_only else ''}>"


def renamed(name: str, old: str, new: str, delimiter: str) -> str | None:
    """What a folder is called when `old` has become `new`, or None if that does not concern it."""
    if name == old:
        return new
    return new + name[len(old) :] if delimiter and name.startswith(old + delimiter) else None


def rename_all(selections: Iterable[Selection], old: str, new: str, delimiter: str) -> None:
    """A folder and all below it are called otherwise now: selections of them follow.

    Those that are pending keep the name, which was meant as it stood.
    """
    for selection in selections:
        name = None if selection.pending else renamed(selection.name, old, new, delimiter)
        if name is not None:
            selection.renamed(name)


class NumbersBehind(Exception):
    """Before these numbers can be sent, the session has to be asked for the unique ids of its messages."""

    def __init__(self, selection: Selection) -> None:
        super().__init__(selection.name)
        self.selection = selection


class Numbered(Protocol):
    """A connection's protocol state, as far as sequence numbers are concerned."""

    numbering: Numbering | None


class Number:
    """Sequence numbers as they were at one moment of a session, to be sent as they are later.

    Attributes:
        numbers: as the caller gave them. named, error: what `bring_up_to_date` found them to be.
    """

    __slots__ = ("_moment", "_numbering", "error", "named", "numbers", "selection")

    def __init__(self, selection: Selection, numbers: Sequence[int]) -> None:
        self.selection = selection
        self.numbers = numbers
        self.named: Sequence[int] = ()
        self.error: MailClientError | None = None
        self._numbering = selection.numbering
        self._moment = self._numbering.capture() if self._numbering is not None else 0

    @property
    def highest(self) -> int:
        """The highest of the numbers."""
        numbers = self.numbers
        return numbers[-1] if isinstance(numbers, range) else max(numbers, default=0)

    def check(self, core: Numbered) -> None:
        """Refuses numbers beyond the folder, before a range of billions is counted out."""
        here = core.numbering
        then = self._numbering or here
        if here is not None and then is not None and self.highest > then.exists_since(self._moment):
            self._refuse(self.highest, here)

    def parts(self, size: int) -> list[Number]:
        """The same in pieces of at most `size` numbers, all of the same moment."""
        pieces: list[Number] = []
        for start in range(0, len(self.numbers), size):
            piece = copy(self)
            piece.numbers = self.numbers[start : start + size]
            pieces.append(piece)
        return pieces

    def today(self, core: Numbered) -> list[int]:
        """The numbers as they are now on this connection.

        Raises:
            MessageNotFoundError: one was expunged, or there never was one of this number.
            FolderChangedError: the session they belong to is gone.
            NumbersBehind: the unique ids of all messages have to be asked for first.
        """
        here = core.numbering
        assert here is not None
        then = self._numbering
        if then is None:
            # Given before the folder was selected: numbers of the session as it began.
            then = self._numbering = self.selection.numbering or here
        if then is not here:
            if not then.lost and here.exact and then.goes_on(here.exists, here.uid_next):
                core.numbering = here = then  # reconnected, and nothing was expunged
            elif not then.lost and then.uids:
                return self._translated(then, here)
            else:
                then.lost = True
        if not then.lost:
            self.check(core)
        today = [then.now(number, self._moment) for number in self.numbers]
        for number, given in zip(today, self.numbers, strict=True):
            if number > here.exists:
                self._refuse(given, here)
        return today

    def _translated(self, then: Numbering, here: Numbering) -> list[int]:
        """By unique ids: messages are gone, nobody knows which, since the numbers meant what they meant."""
        if not here.complete:
            if here.tries and here.exists <= _MOST_LEARNED:
                raise NumbersBehind(self.selection)
            then.lost = True
        else:
            then.fill(here.uids or ())
        places = here.numbers() or {}
        today: list[int] = []
        for given in self.numbers:
            number = then.now(given, self._moment)
            if number > then.exists:
                self._refuse(given, then)
            uid = then.uid_of(number)
            if not uid:
                raise FolderChangedError(
                    f"message number {given} belongs to a session that is gone, and nobody can tell any more which"
                    " message that was; list the folder again"
                )
            if uid not in places:
                raise MessageNotFoundError(f"message number {given} was expunged meanwhile")
            today.append(places[uid])
        return today

    def bring_up_to_date(self, core: Numbered) -> None:
        """As `today`, for later: sets `named`, or `error`."""
        self.named, self.error = (), None
        try:
            self.named = self.today(core)
        except MailClientError as error:
            self.error = error

    def _refuse(self, number: int, here: Numbering) -> NoReturn:
        raise MessageNotFoundError(
            f"there is no message number {number} in {self.selection.name!r}: it has {here.exists}"
        )


class NumberBatch(Number):
    """Sequence numbers of several callers, given at different moments, asked for in one command.

    Each member keeps its own outcome: `named`, or the `error` for which it is left out.
    """

    __slots__ = ("members",)

    def __init__(self, members: Sequence[Number]) -> None:
        super().__init__(members[0].selection, ())
        self.members = members

    def today(self, core: Numbered) -> list[int]:
        """What all of the numbers are now.

        Raises:
            MailClientError: there is none of them any more.
        """
        together: set[int] = set()
        for member in self.members:
            member.bring_up_to_date(core)
            together.update(member.named)
        if not together:
            raise next(member.error for member in self.members if member.error is not None)
        return sorted(together)


def _forget_after_fork() -> None:
    global _lock
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
