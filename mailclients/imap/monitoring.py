"""Monitoring: folders that are watched on connections of their own (rules M1 to M7).

A client's `Monitors` knows who watches which folder; its lock guards that table. A `Monitor` watches one
folder on a daemon thread of its own: the thread waits in IDLE, or asks with NOOP now and then, finds out by
unique ids what came and went, and opens its connection again when that is lost. Only this thread uses the
connection, and no user's code runs on it: what is found goes into the monitor's line, from which the client's
callback threads take one event after the other. The monitor's lock guards that line and what `stop`, which
any thread may call, has to know. The client is known weakly, so that a forgotten one can go.
"""

from __future__ import annotations

import contextlib
import logging
import os
import random
import threading
import weakref
from collections import deque
from collections.abc import Callable, Generator, Sequence
from functools import partial
from operator import lt
from typing import Any, Final, NamedTuple, Protocol, TypeVar, cast

from mailclients.engine.commands import Command, Waiter
from mailclients.engine.connection import Connection
from mailclients.engine.deadlines import Deadline, now
from mailclients.engine.pool import PARTING
from mailclients.engine.scheduling import backoff
from mailclients.engine.sessions import Session
from mailclients.engine.timers import call_later
from mailclients.errors import (
    AsposeArgumentException,
    AsposeInvalidOperationException,
    FolderChangedError,
    ImapException,
    MailClientError,
    ObjectDisposedException,
    OperationCanceledException,
    RemoteProtocolError,
    escape,
)
from mailclients.imap.commands import SET_BYTES, Search, Simple
from mailclients.imap.folders import Numbering, Selection, renamed
from mailclients.imap.models import (
    IImapMonitoringState,
    ImapFolderInfo,
    ImapListFields,
    ImapMessageInfo,
    ImapMonitoringErrorEventArgs,
    ImapMonitoringErrorEventHandler,
    ImapMonitoringEventArgs,
    ImapMonitoringEventHandler,
    ImapMonitoringState,
)
from mailclients.imap.operations.listing import Listing
from mailclients.imap.protocol import FetchCommand, Idle, ImapCore, Select, folder_key, refuse_more
from mailclients.imap.server_commands import Enable
from mailclients.wire.imap_responses import TaggedResponse, VanishedResponse
from mailclients.wire.imap_sets import NumberSet
from mailclients.wire.imap_strings import split_set

__all__ = ["MonitorSettings", "Monitors"]

log = logging.getLogger("mailclients.imap")

STEADY: Final = 60.0  # seconds a connection has to last before the pauses between attempts begin anew
MOST_IN_LINE: Final = 100  # events that wait for a callback; what comes then is told with the last of them
MOST_VANISHED: Final = 100_000  # answers that tell what vanished, to one EXAMINE
# Refusals of a folder that may be over soon (RFC 5530); any other ends its monitoring.
_SOON_OVER: Final = frozenset(("UNAVAILABLE", "SERVERBUG", "INUSE", "LIMIT"))

_Mark = tuple[int, int]  # how many messages there are, and how many expunges there have been
_Event = tuple[Callable[[Any, Any], object], Any]
_C = TypeVar("_C", bound=Command)


class MonitorSettings(NamedTuple):
    """The client's settings as they are now, times in seconds.

    Attributes:
        timeout: of one command, None for none. poll: between two NOOPs. renewal: after which IDLE begins anew.
        attempts: to reopen a lost connection, in a row; negative for no end.
    """

    timeout: float | None
    poll: float
    renewal: float
    attempts: int


class Host(Protocol):
    """What monitors need of their client."""

    _number: int

    def _monitor_settings(self) -> MonitorSettings: ...
    def _monitor_session(self) -> Session: ...
    def _run_aside(self, function: Callable[[Any], object], argument: Any) -> None: ...
    def _run_callback(self, callback: Callable[[Any], object], handle: Any) -> None: ...


class _Stopped(Exception):
    """The monitor was stopped; its thread has nothing more to do."""


class _Examine(Select):
    """EXAMINE, asking what has vanished since an earlier session (RFC 7162 section 3.2.5).

    Attributes:
        vanished: the unique ids that the server says are gone.
    """

    __slots__ = ("_ranges", "_since", "vanished")

    def __init__(self, selection: Selection, since: tuple[int, int] | None) -> None:
        super().__init__(selection)
        self.listens = (*self.listens, VanishedResponse)
        self._since = since
        self._ranges: list[tuple[int, int]] = []
        self.vanished = NumberSet()

    def line(self, core: ImapCore) -> Sequence[Any]:
        self._ranges = []
        parts = super().line(core)
        return parts if self._since is None else (*parts, b"(QRESYNC (%d %d))" % self._since)

    def untagged(self, response: Any, core: ImapCore) -> None:
        if isinstance(response, VanishedResponse):
            self._ranges.extend(response.uids.ranges)
            refuse_more(len(self._ranges), MOST_VANISHED, "ranges of vanished messages")
        else:
            super().untagged(response, core)

    def answer(self, response: TaggedResponse, core: ImapCore) -> ImapFolderInfo:
        self.vanished = NumberSet(self._ranges)
        return super().answer(response, core)


class _AllIds(Search):
    """UID SEARCH of all messages, which tells what sequence numbers stand for.

    Attributes:
        mark: where the folder was when it was sent.
    """

    __slots__ = ("mark",)

    def __init__(self, selection: Selection) -> None:
        super().__init__(selection, (b"ALL",))
        self.mark: _Mark = (0, 0)

    def ready(self, core: ImapCore) -> None:
        if core.numbering is not None:
            self.mark = _mark_of(core.numbering)

    def answer(self, response: TaggedResponse, core: ImapCore) -> list[int]:
        found = super().answer(response, core)
        numbering = core.numbering
        if numbering is not None:
            # Without an expunge in between these are the first messages, whatever has come since.
            _align(numbering, found if numbering.capture() == self.mark[1] else None)
        return found


def _mark_of(numbering: Numbering) -> _Mark:
    return numbering.exists, numbering.capture()


def _align(numbering: Numbering, uids: Sequence[int] | None) -> None:
    """Has the first messages be those with these unique ids, as far as that can be."""
    if uids is None or len(uids) > numbering.exists:
        numbering.uids = None
    else:
        numbering.uids = [*uids, *[0] * (numbering.exists - len(uids))]


def _complete(numbering: Numbering) -> list[int] | None:
    """The unique ids of all messages, or None if they are not known for certain."""
    uids = numbering.uids or []
    if len(uids) != numbering.exists or (uids and not uids[0]) or not all(map(lt, uids, uids[1:])):
        return None
    return list(uids)


class Monitor:
    """One folder that is watched.

    Args:
        owner: is told when the monitor has ended. host: the client. number: tells its thread apart.
        state: where to go on, or None to begin with the folder as it is.
    """

    def __init__(
        self,
        owner: Monitors,
        host: weakref.ref[Host],
        session: Session,
        number: str,
        folder: str,
        callback: ImapMonitoringEventHandler,
        error_callback: ImapMonitoringErrorEventHandler | None,
        state: ImapMonitoringState | None,
    ) -> None:
        self.folder = folder
        self.thread = threading.Thread(target=self._run, name=f"{number} {folder_key(folder)}", daemon=True)
        self._owner = owner
        self._host = host
        self._session = session
        self._callback = callback
        self._error_callback = error_callback
        # What the folder was like when it was last looked at; the thread's own.
        self._begun = state is not None and state.uid_validity > 0
        self._uid_validity = state.uid_validity if state is not None else 0
        self._uid_next = state.uid_next if state is not None else 0
        self._modification_sequence = state.highest_mod_sequence if state is not None else 0
        self._known: set[int] = set(state.uids) if state is not None else set()
        # The connection and what belongs to it; the thread's own.
        self._connection: Connection | None = None
        self._selection = Selection(folder, True)
        self._listing: Listing | None = None
        self._mark: _Mark | None = None
        self._may_idle = True
        self._must_ask = False  # something has arrived since the last session, even if the count does not show it
        self._level = 0  # how often in a row a connection did not last: the pauses grow with it
        self._opened = 0.0
        self._deadline: Deadline | None = None  # of the call that begins it
        # What `stop` and the callback threads need.
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._stop = threading.Event()
        self._renaming = 0  # calls of this client that are about to give the folder another name
        self._anew = False  # after such a call: the folder is to be looked at by the name that it has now
        self._resting = False  # the thread only waits, and ends the connection itself
        self._sleeper: tuple[Connection, Waiter] | None = None
        self._line: deque[_Event] = deque()
        self._telling = False

    # -- beginning ------------------------------------------------------------

    def begin(self, deadline: Deadline) -> None:
        """Opens the connection and looks at the folder, on the thread of the caller; then the own thread goes on.

        Raises:
            OperationCanceledException: it was stopped meanwhile.
        """
        self._deadline = deadline
        try:
            self._attach()
        except (_Stopped, ObjectDisposedException) as error:
            if not self._stop.is_set() or self._owner.closed:
                raise ObjectDisposedException("the client was disposed") from error
            raise self._given_up() from error
        except MailClientError as error:
            if self._stop.is_set() and not self._owner.closed:
                raise self._given_up() from error
            raise
        self._deadline = None
        self.thread.start()

    def _given_up(self) -> OperationCanceledException:
        return OperationCanceledException(f"monitoring of {self.folder!r} was stopped before it had begun")

    def _attach(self) -> None:
        """Opens the connection and finds what has changed since the folder was last looked at."""
        settings = self._settings()
        self._wait(lambda: not self._renaming)
        self._anew = False
        self._check()
        connection = self._session.ensure(self._deadline or Deadline(settings.timeout))
        self._connection = connection
        self._opened = now()
        core = cast("ImapCore", connection.core)
        since: tuple[int, int] | None = None
        if self._enabled(core) and self._begun and self._modification_sequence:
            since = (self._uid_validity, self._modification_sequence)
        self._selection = Selection(self.folder, True)
        self._listing = Listing(core, ImapListFields.MAIN, ())
        self._may_idle = core.has("IDLE")
        self._mark = None
        examine = self._ask(_Examine(self._selection, since))
        info: ImapFolderInfo = examine.result
        if not self._begun:
            self._begin_with(info)
            return
        if info.validity_id != self._uid_validity:
            before = self._uid_validity
            if self._deadline is None:  # else the caller begins anew if he likes
                self._begin_with(info)
            raise FolderChangedError(
                f"the folder {self.folder!r} is not the one that was monitored: its UIDVALIDITY was {before} and is"
                f" {info.validity_id}, so every unique id has lost its meaning"
            )
        self._compare(core, info, examine.vanished if since is not None else None)
        self._look()
        self._modification_sequence = info.highest_mod_sequence

    def _enabled(self, core: ImapCore) -> bool:
        """Whether the server tells by unique id what vanished (QRESYNC), switched on if it can be."""
        if not core.has("QRESYNC") or not core.has("ENABLE"):
            return False
        if "QRESYNC" not in core.enabled:
            try:
                self._ask(Enable(("QRESYNC",)))
            except ImapException as error:
                log.info("monitoring of %r goes without QRESYNC: %s", self.folder, error)
        return "QRESYNC" in core.enabled

    def _begin_with(self, info: ImapFolderInfo) -> None:
        """The folder as it is now is what later changes are told against."""
        found: list[int] = []
        if info.total_message_count:
            search = self._ask(_AllIds(self._selection))
            found, self._mark = search.result, search.mark
        else:
            _align(self._numbering(), [])
            self._mark = (0, 0)
        self._known = set(found)
        self._uid_validity = info.validity_id
        self._uid_next = max(info.uid_next, found[-1] + 1 if found else 1)
        self._modification_sequence = info.highest_mod_sequence
        self._begun = True

    def _compare(self, core: ImapCore, info: ImapFolderInfo, vanished: NumberSet | None) -> None:
        """Tells what the numbers of a new session stand for, where that is certain without asking."""
        numbering = core.numbering
        assert numbering is not None
        left: list[int] | None = sorted(self._known)
        if vanished is not None:
            left = [uid for uid in self._known if uid not in vanished]
            left.sort()
        elif not info.uid_next or numbering.exists - len(self._known) != info.uid_next - self._uid_next:
            left = None  # as many more as ids were taken means that nothing is gone; this is something else
        _align(numbering, left)
        self._must_ask = info.uid_next != self._uid_next

    # -- the thread ------------------------------------------------------------

    def _run(self) -> None:
        try:
            while True:
                lost = self._watch_once()
                if lost is None or not self._reopen(lost):
                    return
        except _Stopped:
            log.debug("monitoring of %r was stopped", self.folder)
        finally:
            self._owner.forget(self)
            self._session.dispose(Deadline(PARTING))
            self._owner.ended(self)

    def _watch_once(self) -> Exception | None:
        """Watches until the monitor is stopped (None) or the connection is no use any more: why."""
        try:
            self._watch()
        except _Stopped:
            return None
        except Exception as error:  # noqa: BLE001 - whatever it is, the user is told that nobody watches any more
            return None if self._stop.is_set() else error
        return None

    def _watch(self) -> None:
        while not self._stop.is_set():
            if self._unsettled:
                self._attach()
            elif self._mark != _mark_of(self._numbering()):
                self._look()
            elif self._may_idle:
                self._wait_in_idle()
            else:
                if self._rest(self._settings().poll):
                    return
                self._ask(Simple("NOOP"))

    def _wait_in_idle(self) -> None:
        """One IDLE: until messages come or go, it is time to renew it, or the monitor is stopped."""
        connection, settings, waiter = self._connection, self._settings(), Waiter()
        assert connection is not None
        with self._lock:
            if self._stop.is_set() or self._unsettled:
                return
            self._sleeper = connection, waiter
        timer = call_later(settings.renewal, partial(connection.poke, waiter))
        idle = Idle(Deadline(settings.timeout))
        connection.submit([idle], waiter)
        try:
            while not waiter.ready:
                connection.wait(waiter)
                if not waiter.ready:
                    limit = Deadline(PARTING if self._stop.is_set() else self._settings().timeout)
                    connection.interject(partial(idle.end, self._core(), limit))
        finally:
            timer.cancel()
            with self._lock:
                self._sleeper = None
        if isinstance(idle.error, ImapException) or idle.result is False:
            # Asking again at once would go on for ever.
            log.info("monitoring of %r asks now and then: the server ended IDLE itself", self.folder)
            self._may_idle = False
        elif idle.error is not None:
            raise idle.error

    def _look(self) -> None:
        """Finds what came and went since the last look, and puts it in line for the callback."""
        infos: dict[int, ImapMessageInfo] = {}
        uids = self._ids_now(infos)
        current = set(uids)
        gone = sorted(self._known - current)
        came = [uid for uid in uids if uid not in self._known]
        self._fetch_all([uid for uid in came if uid not in infos], infos)
        if self._unsettled:
            return  # servers may take the messages of a folder that has moved for lost
        new = [infos[uid] for uid in came if uid in infos]  # else it is gone again
        self._known.difference_update(gone)
        self._known.update(uid for uid in came if uid in infos)
        self._uid_next = max(self._uid_next, uids[-1] + 1 if uids else 1)
        if new or gone:
            deleted = [ImapMessageInfo(unique_id=uid, parent_folder=self.folder) for uid in gone]
            self._tell(self._callback, ImapMonitoringEventArgs(self.folder, new, deleted))

    def _joined(self, event: ImapMonitoringEventArgs, later: ImapMonitoringEventArgs) -> ImapMonitoringEventArgs:
        """Two events as one: what came in the first and went in the second was never there."""
        gone = {info.unique_id for info in later.deleted_messages}
        came = {info.unique_id for info in event.new_messages}
        new = [info for info in event.new_messages if info.unique_id not in gone]
        deleted = [info for info in later.deleted_messages if info.unique_id not in came]
        return ImapMonitoringEventArgs(self.folder, [*new, *later.new_messages], [*event.deleted_messages, *deleted])

    def _ids_now(self, infos: dict[int, ImapMessageInfo]) -> list[int]:
        """The unique ids of all messages, ascending; what had to be fetched for it goes into `infos`."""
        numbering = self._numbering()
        if self._mark is not None and sum(_mark_of(numbering)) < sum(self._mark):
            numbering.uids = None  # there are fewer than were expunged: nobody knows which are left
        found = _complete(numbering)
        if (found is None or self._must_ask) and numbering.uids is not None:
            try:
                self._fetch(b"%d:*" % max(1, self._uid_next), infos)  # what has arrived stands at the end
            except ImapException as error:
                log.info("monitoring of %r has to look for what has arrived: %s", self.folder, error)
            numbering = self._numbering()
            found = _complete(numbering)
        self._must_ask = False
        self._mark = _mark_of(numbering)
        if found is None:
            search = self._ask(_AllIds(self._selection))
            found, self._mark = cast("list[int]", search.result), search.mark
        return found

    def _fetch_all(self, uids: Sequence[int], infos: dict[int, ImapMessageInfo]) -> None:
        """Fetches what is to be told of each message; of one that the server cannot give, that is the unique id."""
        try:
            for text in split_set(uids, SET_BYTES):
                self._fetch(text, infos)
        except ImapException as error:
            if len(uids) > 1:
                for uid in uids:
                    self._fetch_all([uid], infos)
                return
            log.warning("monitoring of %r cannot tell more of message %d: %s", self.folder, uids[0], error)
            infos[uids[0]] = ImapMessageInfo(unique_id=uids[0], parent_folder=self.folder)

    def _fetch(self, uids: bytes, infos: dict[int, ImapMessageInfo]) -> None:
        listing = self._listing
        assert listing is not None
        command = FetchCommand(listing.items, listing.needs, self._selection, range_text=uids, per_item=True)
        for number, items in self._ask(command).result:
            infos[items["UID"]] = listing.info(number, items, self.folder)

    def _ask(self, command: _C) -> _C:
        """Sends a command and waits for its answer; raises its error."""
        self._check()
        connection = self._connection
        assert connection is not None
        connection.execute([command], self._deadline or Deadline(self._settings().timeout))
        if command.error is not None:
            raise command.error
        return command

    def _check(self) -> None:
        if self._stop.is_set():
            raise _Stopped

    def _settings(self) -> MonitorSettings:
        host = self._host()
        if host is None:
            raise _Stopped
        return host._monitor_settings()

    def _core(self) -> ImapCore:
        assert self._connection is not None
        return cast("ImapCore", self._connection.core)

    def _numbering(self) -> Numbering:
        numbering = self._core().numbering
        if numbering is None:
            raise RemoteProtocolError(f"the server has left the folder {self.folder!r} by itself")
        return numbering

    def _rest(self, seconds: float) -> bool:
        """Waits; True if the monitor was stopped."""
        return self._wait(lambda: self._anew, seconds)

    def _wait(self, condition: Callable[[], bool], seconds: float | None = None) -> bool:
        """Waits for a condition, or so many seconds; True if the monitor was stopped."""
        with self._changed:
            self._resting = True
            try:
                self._changed.wait_for(lambda: self._stop.is_set() or condition(), seconds)
                return self._stop.is_set()
            finally:
                self._resting = False

    # -- another name ------------------------------------------------------------

    @property
    def _unsettled(self) -> bool:
        return bool(self._renaming) or self._anew

    def hold(self) -> None:
        """The folder is about to get another name: nothing that its connection tells counts until that is over."""
        with self._lock:
            self._renaming += 1

    def release(self, name: str) -> None:
        """The folder has this name now, the old one if it could not be renamed."""
        with self._changed:
            self._renaming -= 1
            self.folder = name
            self._anew = True
            self._changed.notify_all()
            sleeper = self._sleeper
        if sleeper is not None:
            connection, waiter = sleeper
            connection.poke(waiter)

    # -- a lost connection ------------------------------------------------------------

    def _reopen(self, error: Exception) -> bool:
        """Opens the connection again; False when that is over, because of a stop or for good."""
        if now() - self._opened >= STEADY:
            self._level = 0
        attempts = 0
        while _passes(error) and (attempts < (allowed := self._settings().attempts) or allowed < 0):
            attempts += 1
            self._level += 1
            connection = self._connection
            if connection is not None:
                connection.close(error if isinstance(error, MailClientError) else None)
            pause = backoff(self._level, random.random())
            log.warning("monitoring of %r is interrupted for %.1f s: %s", self.folder, pause, escape(str(error)))
            if self._rest(pause):
                return False
            try:
                self._attach()
            except _Stopped:
                return False
            except Exception as failed:  # noqa: BLE001 - as in `_watch_once`
                if self._stop.is_set():
                    return False
                error = failed
            else:
                return True
        self._end(error)
        return False

    def _end(self, error: Exception) -> None:
        """Nobody watches the folder any more: the last event in line says so."""
        if isinstance(error, ObjectDisposedException) or self._host() is None:
            return  # the client is gone, which is nobody's fault
        self._owner.forget(self)
        state = ImapMonitoringState(
            folder_name=self.folder,
            uid_validity=self._uid_validity,
            uid_next=self._uid_next,
            highest_mod_sequence=self._modification_sequence,
            uids=tuple(sorted(self._known)),
        )
        level = logging.ERROR if self._error_callback is None else logging.WARNING
        log.log(level, "monitoring of %r has ended: %s", self.folder, escape(str(error)), exc_info=error)
        if self._error_callback is not None:
            self._tell(self._error_callback, ImapMonitoringErrorEventArgs(self.folder, error, state))

    # -- telling ------------------------------------------------------------

    def _tell(self, callback: Callable[[Any, Any], object], event: Any) -> None:
        with self._lock:
            if self._stop.is_set():
                return
            if callback is self._callback and len(self._line) >= MOST_IN_LINE:
                # The callback may never return. All in line are its events: the error's is the last one of all.
                event = self._joined(self._line.pop()[1], event)
                if not event.new_messages and not event.deleted_messages:
                    return
            self._line.append((callback, event))
            if self._telling:
                return
            self._telling = True
        self._tell_next()

    def _tell_next(self) -> None:
        """Has a callback thread take the first event in line; the one behind it comes when that is done."""
        host = self._host()
        with self._lock:
            if host is None or not self._line:
                self._telling = False
                return
            callback, event = self._line[0]
        # The user's function comes first: a log that says which callback failed names that one.
        host._run_aside(partial(host._run_callback, partial(self._call, callback, host)), event)

    def _call(self, callback: Callable[[Any, Any], object], host: Host, event: Any) -> None:
        with self._lock:
            wanted = bool(self._line) and self._line[0][1] is event  # else it was stopped meanwhile
            if wanted:
                self._line.popleft()
        try:
            if wanted:
                callback(host, event)
        finally:
            self._tell_next()

    # -- the end ------------------------------------------------------------

    def stop(self) -> None:
        """Ends it without waiting for anything: no callback begins any more; one under way runs to its end."""
        with self._changed:
            self._stop.set()
            self._changed.notify_all()
            self._line.clear()
            sleeper, resting = self._sleeper, self._resting
        if sleeper is not None:
            connection, waiter = sleeper
            connection.poke(waiter)
        elif not resting and self._connection is not None and not self._connection.broken:
            call_later(PARTING, self.abandon)  # in the middle of a command, which may be answered first
        elif not resting:
            self.abort()

    def abort(self) -> None:
        """Ends it without even a word to the server."""
        self.abandon()
        self._session.dispose(polite=False)

    def abandon(self) -> None:
        """The same for whoever may not wait for a moment; the monitor's thread does the rest."""
        with self._changed:
            self._stop.set()
            self._changed.notify_all()
            self._line.clear()
        connection = self._connection
        if connection is not None:
            connection.close()


def _passes(error: Exception) -> bool:
    """Whether a connection that was lost by this error, or could not be opened, is worth another attempt."""
    if isinstance(error, ImapException):
        return not isinstance(error, FolderChangedError) and (error.code in _SOON_OVER or error.status == "BYE")
    return isinstance(error, RemoteProtocolError) or (isinstance(error, MailClientError) and error.retryable)


class Monitors:
    """The monitors of one client, by folder."""

    def __init__(self, host: Host) -> None:
        self._lock = threading.Lock()
        self._monitors: dict[str, Monitor] = {}
        self._living: set[Monitor] = set()
        self._threads: list[threading.Thread] = []  # those that may not be gone yet
        self._serial = 0
        self._pid = os.getpid()
        self.closed = False
        self._host = weakref.ref(host, _when_gone(weakref.ref(self)))

    def start(
        self,
        folder: str,
        callback: ImapMonitoringEventHandler,
        error_callback: ImapMonitoringErrorEventHandler | None,
        state: IImapMonitoringState | None,
        deadline: Deadline,
    ) -> None:
        """Begins to watch a folder; returns when what comes and goes from now on is noticed.

        Raises:
            AsposeInvalidOperationException: the folder is watched already.
            AsposeArgumentException: the state is not one of ours.
            FolderChangedError: the folder is not the one that the state tells of.
        """
        if state is not None and not isinstance(state, ImapMonitoringState):
            raise AsposeArgumentException(
                "resume_monitoring: monitoring_state must be one that an error callback was given, not a"
                f" {type(state).__name__}"
            )
        host = self._host()
        assert host is not None
        key = folder_key(folder)
        session = host._monitor_session()
        with self._lock:
            if self.closed:
                raise ObjectDisposedException("the client was disposed")
            if key in self._monitors:
                raise AsposeInvalidOperationException(
                    f"the folder {folder!r} is monitored already; stop_monitoring ends that"
                )
            self._serial += 1
            number = f"mailclients-{host._number}-monitor-{self._serial}"
            monitor = Monitor(self, self._host, session, number, folder, callback, error_callback, state)
            self._monitors[key] = monitor
            self._living.add(monitor)
            self._threads = [*(thread for thread in self._threads if thread.is_alive()), monitor.thread]
        try:
            monitor.begin(deadline)
        except BaseException:
            if not monitor.thread.is_alive():
                self.ended(monitor)
            self.forget(monitor)
            monitor.abort()
            raise

    def stop(self, folder: str | None) -> None:
        """Ends the watching of a folder, or of all; what nobody watches is no error."""
        with self._lock:
            keys = tuple(self._monitors) if folder is None else (folder_key(folder),)
            found = [monitor for key in keys if (monitor := self._monitors.pop(key, None)) is not None]
        for monitor in found:
            monitor.stop()

    def forget(self, monitor: Monitor) -> None:
        """The monitor ends: its folder may be watched by another one."""
        key = folder_key(monitor.folder)
        with self._lock:
            if self._monitors.get(key) is monitor:
                del self._monitors[key]

    @contextlib.contextmanager
    def renaming(self, old: str, new: str, delimiter: str) -> Generator[None, None, None]:
        """Around a RENAME: those who watch the folder, or one below it, go on under its new name."""
        with self._lock:
            found = [(monitor, renamed(monitor.folder, old, new, delimiter)) for monitor in self._monitors.values()]
        held = [(monitor, monitor.folder, name) for monitor, name in found if name is not None]
        for monitor, _, _ in held:
            monitor.hold()
        done = False
        try:
            yield
            done = True
        finally:
            for monitor, before, name in held:
                with self._lock:
                    watched = self._monitors.get(folder_key(before)) is monitor
                    if done and watched and folder_key(name) not in self._monitors:
                        self._monitors[folder_key(name)] = self._monitors.pop(folder_key(before))
                monitor.release(name if done else before)

    def ended(self, monitor: Monitor) -> None:
        """The monitor's connection is gone, and its thread is about to be."""
        with self._lock:
            self._living.discard(monitor)

    def close(self) -> None:
        """The client is being disposed: ends all of them without waiting for the server, and lets none begin."""
        with self._lock:
            self.closed = True
            self._monitors.clear()
            living = tuple(self._living)
        for monitor in living:
            monitor.abort()

    def abandon(self) -> None:
        """As `close`, for whoever may not wait for a moment."""
        with self._lock:
            self.closed = True
            living = tuple(self._living)
        for monitor in living:
            monitor.abandon()

    def join(self, deadline: Deadline) -> None:
        """Waits until the threads of monitors are gone."""
        with self._lock:
            threads = tuple(self._threads)
        for thread in threads:
            if thread.is_alive() and thread is not threading.current_thread():
                thread.join(deadline.remaining())

    @property
    def folders(self) -> list[str]:
        """The folders that are watched."""
        with self._lock:
            return [monitor.folder for monitor in self._monitors.values()]


def _when_gone(monitors: weakref.ref[Monitors]) -> Callable[[object], None]:
    """For a client that was forgotten: the collector may run anywhere, so the timer thread ends its monitors."""
    pid = os.getpid()

    def gone(reference: object) -> None:
        known = monitors()
        if known is not None and not known.closed and os.getpid() == pid:
            call_later(0.0, known.abandon)

    return gone
