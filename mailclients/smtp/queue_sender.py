"""Sends what is in a disk queue until it is stopped: what `begin_send_queue` begins.

A `QueueSender` has a daemon thread of its own, and this thread alone touches the queue's files: it claims messages,
puts each into the client's task queue as a task of its own, notes that an end is about to be sent before it lets that
go, and does with a message what its answer says. So what the disk takes its time for holds up no connection, and what
many connections wait for is done in one go. The condition guards the line of what has happened (`_happened`) and the
wish to stop, which any thread may add to; what it tells the thread in that line is all that others do. No user's code
runs on the thread: events go to the client's callback threads.

Which senders of this process look at a folder is kept in a table of the module, guarded by a lock of its own, so that
`wake` can tell them of new messages. Those of other processes are found by looking every `Pace.scan` seconds.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple, cast

from mailclients.engine.commands import State
from mailclients.engine.deadlines import Deadline, now
from mailclients.engine.task_queue import TaskQueue
from mailclients.engine.tasks import Body, Context, Task
from mailclients.errors import MailClientError, MessageError, OutcomeUnknownError, SecurityError
from mailclients.handles import AsyncOperation
from mailclients.message import MailMessage
from mailclients.smtp.commands import Delivery, SendMessage, refused_recipients
from mailclients.smtp.models import (
    DeliveryUnknownError,
    FailedMailMessageEventArgs,
    MailMessageEventArgs,
    SmtpException,
    SmtpFailedRecipientException,
    SmtpFailedRecipientsException,
    status_code_of,
)
from mailclients.smtp.protocol import SmtpCore
from mailclients.smtp.queue import AT_ONCE as NAMES_AT_ONCE
from mailclients.smtp.queue import FAILED, UNKNOWN, Claim, DiskQueue, Refused

__all__ = ["Pace", "QueueSender", "wake"]

log = logging.getLogger("mailclients.smtp")

AT_ONCE: Final = 100  # messages that are on their way, or whose handlers run, at the same time
BYTES_AT_ONCE: Final = 16 * 1024 * 1024  # of their contents, unless one alone has more
SYNC_AFTER: Final = 1.0  # seconds after which removed files are gone even after a loss of power

_senders: weakref.WeakSet[QueueSender] = weakref.WeakSet()
_senders_lock = threading.Lock()


class Pace(NamedTuple):
    """When what is tried again; times in seconds.

    Attributes:
        first: until a message is tried for the second time; each further pause is twice as long.
        longest: no pause is longer. give_up: a message that has been in the queue for so long is not tried again.
        scan: after which the folder is looked at. trouble: before another connection is tried when one failed; grows
            like the others, up to `first`.
        clock: the time in seconds since the epoch.
    """

    first: float = 60.0
    longest: float = 3600.0
    give_up: float = 5 * 24 * 3600.0
    scan: float = 5.0
    trouble: float = 1.0
    clock: Callable[[], float] = time.time

    def pause(self, attempts: int) -> float:
        """Seconds after the so many-th attempt."""
        return min(self.first * 2.0 ** min(attempts - 1, 40), self.longest)


def wake(folder: str) -> None:
    """There is something new in the queue: its senders in this process look at once."""
    folder = os.path.realpath(folder)
    with _senders_lock:
        found = [sender for sender in _senders if sender.folder == folder]
    for sender in found:
        sender.look()


class Flight:
    """A message on its way.

    Attributes:
        let_end: its end has been let go, and may have been sent. withdrawn: it was to be stopped before that.
    """

    __slots__ = ("claim", "command", "context", "handle", "let_end", "size", "task", "withdrawn")

    def __init__(self, claim: Claim, command: SendMessage, context: Context, handle: AsyncOperation[Any]) -> None:
        self.claim = claim
        self.command = command
        self.context = context
        self.handle = handle
        self.task: Task | None = None
        self.let_end = self.withdrawn = False
        self.size = claim.size


def _deliver(command: SendMessage, context: Context) -> Body:
    yield command


class QueueSender:
    """One begun sending of a queue.

    Args:
        host: the client, whose tasks, events and callback threads are used.
        handle: of the operation; completed when nothing is on its way any more.
        context: makes what a body sees of the world.
    """

    def __init__(
        self,
        host: Any,
        handle: AsyncOperation[Any],
        folder: str,
        pace: Pace,
        context: Callable[[], Context],
    ) -> None:
        self.folder = os.path.realpath(folder)
        self._host = host
        self._handle = handle
        self._pace = pace
        self._context = context
        self.thread = threading.Thread(target=self._run, name=f"mailclients-{host._number}-queue", daemon=True)
        self._changed = threading.Condition()
        self._happened: deque[Callable[[], None]] = deque()
        self._stop = False
        self._look = True
        self._hurried = False
        # The thread's own.
        self._queue = DiskQueue(self.folder)
        self._flights: set[Flight] = set()
        self._names: deque[str] = deque()  # found, and not looked at yet
        self._more = False  # there were more than these
        self._later: dict[str, float] = {}  # when messages are due that are not yet, by name
        self._bytes = 0
        self._untold = 0  # messages whose handlers have not returned
        self._scan_at = 0.0
        self._unsynced: float | None = None  # since when something was removed
        self._level = 0  # connections that failed in a row
        self._resume_at = 0.0
        self._failure: BaseException | None = None
        self._ending = False  # nothing more is begun

    # -- any thread ------------------------------------------------------------

    def prepare(self) -> None:
        """Makes the folder if it has to.

        Raises:
            OSError: the folder cannot be made.
        """
        self._queue.prepare()

    def start(self) -> None:
        """Begins."""
        with _senders_lock:
            _senders.add(self)
        self._handle.add_waiter(self.stop)
        self.thread.start()

    def stop(self) -> None:
        """Nothing more is begun; returns at once. What was sent gets its answer, what was not stays in the queue."""
        with self._changed:
            self._stop = True
            self._changed.notify()

    def cancel(self) -> bool:
        """Stops for whoever has the handle: it completes, as cancelled, when nothing is on its way any more."""
        self.stop()
        return self._handle.is_canceled

    def describe(self) -> str:
        """For people: what it is at."""
        return f"sending from {self.folder}, {len(self._flights)} on their way"

    def hurry(self) -> None:
        """A thread is about to wait for the end; it may be the only one of the client's executor."""
        self._hurried = True
        for flight in tuple(self._flights):
            self._hurry(flight)

    def _hurry(self, flight: Flight) -> None:
        self._host._tasks.hurry(flight.task, holding=True)

    def look(self) -> None:
        """There may be something new."""
        with self._changed:
            self._look = True
            self._changed.notify()

    def join(self, deadline: Deadline) -> None:
        """Waits until its thread is gone."""
        if self.thread.ident is not None and self.thread is not threading.current_thread():
            self.thread.join(deadline.remaining())

    def abandon_in_child(self) -> None:
        """After a fork: the child keeps no message locked."""
        for flight in tuple(self._flights):
            with contextlib.suppress(OSError):
                flight.claim.let_go()

    def _post(self, what: Callable[[], None]) -> None:
        with self._changed:
            self._happened.append(what)
            self._changed.notify()

    # -- the thread ------------------------------------------------------------

    def _run(self) -> None:
        try:
            while True:
                self._await()
                try:
                    while self._happened:
                        self._happened.popleft()()
                    if not self._ending and self._failure is None:
                        self._fill()
                    self._sync()
                except (OSError, MailClientError) as error:
                    self._fail(error)
                if self._stop or self._failure is not None:
                    self._ending = True
                    self._withdraw()
                    if not self._flights:
                        break
        except BaseException as error:
            log.exception("sending from the queue in %s failed", self.folder)
            self._failure = error
        finally:
            self._end()

    def _await(self) -> None:
        """Waits until there is something to do."""
        with self._changed:
            # At the end only what is on its way is waited for.
            self._changed.wait_for(
                lambda: self._happened or (not self._ending and (self._look or self._stop)), self._until()
            )
            if self._look:
                self._look = False
                self._scan_at = 0.0

    def _until(self) -> float | None:
        """Seconds until there is something to do of itself."""
        if self._ending:
            return None
        moments = [self._scan_at]
        if self._unsynced is not None:
            moments.append(self._unsynced + SYNC_AFTER)
        if self._resume_at > now():
            moments = [self._resume_at]
        elif self._full():
            moments = moments[1:]
        elif self._later:
            moments.append(now() + min(self._later.values()) - self._pace.clock())
        return max(0.0, min(moments) - now()) if moments else None

    def _full(self) -> bool:
        most = 1 if self._level else AT_ONCE
        return len(self._flights) + self._untold >= most or self._bytes >= BYTES_AT_ONCE

    def _end(self) -> None:
        with _senders_lock:
            _senders.discard(self)
        for flight in tuple(self._flights):  # only when something went wrong in here
            flight.claim.let_go()
        try:
            self._queue.sync()
        except OSError as error:
            log.warning("%s: %s", self.folder, error)
        if self._failure is not None:
            self._handle.fail(self._failure)
        else:
            self._handle.cancel("it was ended")

    def _sync(self) -> None:
        if self._unsynced is not None and (not self._flights or now() >= self._unsynced + SYNC_AFTER):
            self._queue.sync()
            self._unsynced = None

    # -- beginning ------------------------------------------------------------

    def _fill(self) -> None:
        """Claims messages and begins to send them, as many as may be on their way."""
        if now() < self._resume_at:
            return
        taken = 0
        while not self._full():
            if not self._names:
                again = self._more and taken
                if now() < self._scan_at and not again and not self._some_are_due():
                    return
                self._scan()
                taken = 0
                if not self._names:
                    return
            taken += self._take(self._names.popleft())

    def _some_are_due(self) -> bool:
        moment = self._pace.clock()
        due = [name for name, at in self._later.items() if at <= moment]
        for name in due:
            del self._later[name]
        return bool(due)

    def _scan(self) -> None:
        self._some_are_due()
        self._queue.clean(self._pace.clock())
        busy = {flight.claim.name for flight in self._flights}
        found = self._queue.names(busy | self._later.keys())
        self._names.extend(found)
        self._more = len(found) == NAMES_AT_ONCE
        self._scan_at = now() + self._pace.scan

    def _take(self, name: str) -> bool:
        """Claims a message and begins to send it; whether that was so."""
        moment = self._pace.clock()
        try:
            claim = self._queue.claim(name)
        except OSError as error:
            log.error("%s in %s cannot be read, and is left for later: %s", name, self.folder, error)
            self._later[name] = moment + self._pace.first
            return False
        if claim is None:
            return False
        # Nothing is put off for longer than the longest pause, whatever the clock was when it was put off.
        due = min(claim.record.due, moment + self._pace.longest)
        if claim.damage is not None:
            log.error("%s in %s is damaged: %s", name, self.folder, claim.damage)
            self._set_aside(claim, FAILED, MessageError(f"the file of the queued message {name}: {claim.damage}"))
        elif claim.uncertain:
            self._set_aside(claim, UNKNOWN, _unknown(claim))
        elif due > moment:
            self._later[name] = due
            claim.let_go()
        else:
            try:
                self._launch(claim)
            except BaseException:
                claim.let_go()
                raise
            return True
        return False

    def _launch(self, claim: Claim) -> None:
        handle: AsyncOperation[Any] = AsyncOperation(self._host, "message of send_queue", None, None)
        flight: Flight
        command = SendMessage(
            claim.envelope,
            claim.content(),
            claim.message_id,
            require_tls=claim.require_tls,
            per_item=True,
            before_end=lambda: self._post(partial(self._about_to_end, flight)),
        )
        flight = Flight(claim, command, self._context(), handle)
        tasks: TaskQueue = self._host._tasks
        flight.task = Task(
            handle,
            tasks.ticket(),
            partial(_deliver, command),
            flight.context,
            Deadline(tasks.timeout(), started=False),
            self,
        )
        self._flights.add(flight)
        self._bytes += flight.size
        handle.add_waiter(lambda: self._post(partial(self._landed, flight)))
        tasks.put(flight.task)
        if self._hurried:
            self._hurry(flight)

    def _about_to_end(self, flight: Flight) -> None:
        """Everything of a message but its end has been handed to a connection."""
        flight.let_end = False  # it is a connection's first, or the one before broke without having sent the end
        connection = flight.context.connection
        if flight not in self._flights or self._stop or self._failure is not None:
            return  # it is going to be withdrawn, if it was not
        assert connection is not None
        try:
            flight.claim.about_to_end()
        except OSError as error:
            self._fail(error)
            return
        flight.let_end = True
        connection.interject(partial(flight.command.let_end, cast("SmtpCore", connection.core)))

    def _withdraw(self) -> None:
        """Stops what has not been sent."""
        # Those behind first: the connection of one that is cut off in its middle takes them with it.
        for flight in sorted(self._flights, key=lambda flight: flight.claim.name, reverse=True):
            if not flight.let_end and not flight.withdrawn:
                flight.withdrawn = True
                self._host._tasks.cancel(flight.task)

    def _fail(self, error: BaseException) -> None:
        """The operation ends with this error."""
        if self._failure is None:
            self._failure = error

    # -- what became of it ------------------------------------------------------------

    def _landed(self, flight: Flight) -> None:
        self._flights.discard(flight)
        self._bytes -= flight.size
        try:
            self._settle(flight)
        finally:
            flight.claim.let_go()

    def _settle(self, flight: Flight) -> None:
        claim, command, error = flight.claim, flight.command, flight.handle.error_info
        # What a server says that a connection cannot be made for is not about the message.
        about_message = command.state is State.DONE and not command.may_repeat
        retryable = getattr(error, "retryable", False)
        if flight.handle.is_canceled and not flight.withdrawn:
            self.stop()  # by whoever disposes the client, or the connection that was to be used
        if flight.handle.is_canceled and not flight.let_end:
            claim.release()
        elif flight.handle.is_canceled:
            self._set_aside(claim, UNKNOWN, _unknown(claim))
        elif error is None:
            delivery: Delivery = command.result
            self._steady()
            self._answered(claim, delivery.accepted, delivery.refused)
        elif isinstance(error, OutcomeUnknownError):
            self._set_aside(claim, UNKNOWN, error)
        elif about_message and isinstance(error, SmtpFailedRecipientException):
            self._steady()
            several = error.inner_exceptions if isinstance(error, SmtpFailedRecipientsException) else (error,)
            self._answered(claim, (), several)
        elif about_message and isinstance(error, SmtpException):
            self._steady()
            if error.status.startswith("4"):
                self._try_later(claim, error)
            else:
                self._set_aside(claim, FAILED, error)
        elif about_message and isinstance(error, MailClientError) and not retryable:
            self._set_aside(claim, FAILED, error)  # the server has not what the message needs
        elif isinstance(error, SecurityError) or not (
            retryable or command.may_repeat or isinstance(error, SmtpException)
        ):
            claim.release()  # nothing can be sent at all, and no message is to blame
            self._fail(error)
        else:
            self._trouble(error)
            self._try_later(claim, error)

    def _answered(self, claim: Claim, accepted: Sequence[str], refused: Sequence[SmtpFailedRecipientException]) -> None:
        """The server has said of each recipient what becomes of it."""
        record = claim.record
        put_off = [one for one in refused if one.status.startswith("4")]
        record.delivered += accepted
        record.refused += [
            Refused(one.failed_recipient, one.status, one.code or "", one.server_text)
            for one in refused
            if one not in put_off
        ]
        record.left = [one.failed_recipient for one in put_off]
        if put_off:
            self._try_later(claim, refused_recipients(put_off, tuple(record.delivered)))
        elif record.refused:
            refusals = [_refusal(one) for one in record.refused]
            self._set_aside(claim, FAILED, refused_recipients(refusals, tuple(record.delivered)))
        else:
            content = self._content_for(claim, None)
            claim.remove()
            self._unsynced = self._unsynced or now()
            self._tell(content, None)

    def _try_later(self, claim: Claim, error: BaseException) -> None:
        moment = self._pace.clock()
        if moment - claim.queued >= self._pace.give_up:
            self._set_aside(claim, FAILED, error)
            return
        due = moment + self._pace.pause(claim.record.attempts + 1)
        log.info("%s is tried again in %.0f s: %s", claim.name, due - moment, error)
        claim.try_later(due, str(error))
        self._later[claim.name] = due

    def _set_aside(self, claim: Claim, where: str, error: BaseException) -> None:
        log.warning("%s is not tried again: %s", claim.name, error)
        content = self._content_for(claim, error)
        claim.set_aside(where, str(error))
        self._unsynced = self._unsynced or now()
        self._tell(content, error)

    def _steady(self) -> None:
        """Something was answered: connections can be made, and used."""
        self._level = 0

    def _trouble(self, error: BaseException) -> None:
        """A connection failed. One message is tried after a while, and when that goes well all others."""
        if now() < self._resume_at:
            return  # with another of the same time
        pause = min(self._pace.trouble * 2.0 ** min(self._level, 40), self._pace.first)
        self._level += 1
        self._resume_at = now() + pause
        log.warning("nothing can be sent from %s; tried again in %.0f s: %s", self.folder, pause, error)

    # -- telling ------------------------------------------------------------

    def _content_for(self, claim: Claim, error: BaseException | None) -> bytes | None:
        """The message, if anybody wants to be told of it."""
        event = self._host.succeeded_sending if error is None else self._host.failed_sending
        return claim.content() if event else None

    def _tell(self, content: bytes | None, error: BaseException | None) -> None:
        if content is None:
            return
        self._untold += 1  # so that handlers which take their time do not let messages pile up in memory
        self._host._run_aside(partial(self._fire, content), error)

    def _fire(self, content: bytes, error: BaseException | None) -> None:
        """On a callback thread."""
        host = self._host
        try:
            message = MailMessage.from_bytes(content)
            if error is None:
                host.succeeded_sending.fire(host, MailMessageEventArgs(message))
            elif isinstance(error, Exception):
                host.failed_sending.fire(host, FailedMailMessageEventArgs(message, error))
        finally:
            self._post(self._told)

    def _told(self) -> None:
        self._untold -= 1


def _unknown(claim: Claim) -> DeliveryUnknownError:
    named = f"the message {claim.message_id}" if claim.message_id else "a message without Message-ID"
    return DeliveryUnknownError(
        f"whether {named} was delivered is unknown: its end was about to be sent, or had been, when whoever sent it was"
        " ended. It is not sent again; look before you do.",
        claim.message_id,
    )


def _refusal(refused: Refused) -> SmtpFailedRecipientException:
    words = " ".join(part for part in (refused.status, refused.code, refused.text) if part)
    return SmtpFailedRecipientException(
        f"the server refused the recipient {refused.recipient}: {words}",
        refused.recipient,
        status_code=status_code_of(int(refused.status) if refused.status.isdecimal() else 0),
        status=refused.status,
        code=refused.code or None,
        server_text=refused.text,
    )
