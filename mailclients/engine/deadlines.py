"""Deadlines, transfer rates and bounded waiting. Monotonic time only; no lock, no protocol.

A `Deadline` belongs to one operation and is shared by everything done for it: waiting in a
queue, connecting, signing in, retries. It may start late (a task's clock starts when its command
is the oldest on its connection) and may be restarted by progress (operations over many messages
count per message).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from mailclients.errors import ObjectDisposedException, TimeoutException

T = TypeVar("T")

now: Callable[[], float] = time.monotonic

FOREVER: Final = float("inf")


class Deadline:
    """A point in time by which an operation has to end, in seconds of the monotonic clock."""

    __slots__ = ("at", "seconds")

    def __init__(self, seconds: float | None, *, started: bool = True) -> None:
        self.seconds = FOREVER if seconds is None else seconds
        self.at = now() + self.seconds if started else FOREVER

    def start(self, at: float) -> None:
        """Starts the clock at the time `at` unless it runs already."""
        if self.at == FOREVER:
            self.at = at + self.seconds

    def restart(self, at: float) -> None:
        """Starts the clock anew because the operation made progress."""
        self.at = at + self.seconds

    def within(self, seconds: float) -> Deadline:
        """A deadline for a part: `seconds` from now, but no later than the whole. It tells the time that decides."""
        part = Deadline(seconds)
        if self.at < part.at:
            part.seconds, part.at = self.seconds, self.at
        return part

    @property
    def started(self) -> bool:
        return self.at != FOREVER

    def remaining(self) -> float | None:
        """Seconds left (never negative), or None when there is no end."""
        if self.at == FOREVER:
            return None
        return max(0.0, self.at - now())

    def expired(self) -> bool:
        return now() >= self.at

    def milliseconds(self) -> int | None:
        return None if self.seconds == FOREVER else round(self.seconds * 1000)

    def __repr__(self) -> str:
        left = self.remaining()
        return f"<Deadline {'not started' if left is None else f'{left:.3f} s left'}>"


class RateMeter:
    """Tells whether a transfer keeps a minimum rate, over a window that slides.

    Looking at the whole transfer would let a fast start pay for an endless stall, so only the
    last `window` seconds count, and of these only what lies after the operation's own start.
    """

    __slots__ = ("_buckets", "_grain", "minimum", "window")

    def __init__(self, minimum: int, window: float) -> None:
        self.minimum = minimum
        self.window = window
        self._grain = window / 16
        self._buckets: deque[list[float]] = deque(maxlen=20)  # [start, bytes], newest last

    def add(self, count: int, at: float) -> None:
        buckets = self._buckets
        if buckets and at - buckets[-1][0] < self._grain:
            buckets[-1][1] += count
        else:
            buckets.append([at, count])

    def keeps_up(self, at: float, since: float) -> bool:
        """Whether what came since `since`, but at most in the last window, is enough to let it go on."""
        start = max(at - self.window, since)
        count = sum(size for begun, size in self._buckets if begun >= start - self._grain)
        return count > 0 and count >= self.minimum * (at - start)


class Interruptible(Protocol):
    """Something that a thread waits for while a connection is being opened."""

    @property
    def closed(self) -> bool: ...
    def interrupt(self) -> None:
        """Ends the waiting with an error."""
        ...


class _Call:
    """A call on a thread of its own, as whoever wants to interrupt it sees it."""

    __slots__ = ("_done", "interrupted")

    def __init__(self, done: threading.Event) -> None:
        self._done = done
        self.interrupted = False

    @property
    def closed(self) -> bool:
        return self._done.is_set()

    def interrupt(self) -> None:
        self.interrupted = True
        self._done.set()


def call_within(
    deadline: Deadline,
    what: str,
    function: Callable[[], T],
    created: Callable[[Interruptible], object] | None = None,
) -> T:
    """Calls code that may block without a timeout of its own (name look-up, a token provider).

    It runs on a daemon thread of its own, so that the operation's deadline holds even if it never
    returns; the thread is then left to itself.

    Args:
        created: given an object by which the waiting can be interrupted.
    """
    done = threading.Event()
    call = _Call(done)
    if created is not None:
        created(call)
    outcome: list[tuple[T | None, BaseException | None]] = []

    def run() -> None:
        try:
            outcome.append((function(), None))
        except BaseException as error:  # noqa: BLE001 - handed to the caller below, whatever it is
            outcome.append((None, error))
        finally:
            done.set()

    threading.Thread(target=run, name=f"mailclients-{what.replace(' ', '-')}", daemon=True).start()
    if not done.wait(deadline.remaining()):
        done.set()
        raise TimeoutException(f"{what} did not end within {deadline.milliseconds()} ms")
    if call.interrupted:
        raise ObjectDisposedException(f"{what} was given up: the client is being disposed")
    value, error = outcome[0]
    if error is not None:
        raise error
    return value  # type: ignore[return-value]  # no error, so the value is the function's own
