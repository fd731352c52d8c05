"""The one timer thread of the process: it calls short functions later and never blocks on a server.

Entered by any thread through `call_later`, finalizers included: what is handed over travels through
a `SimpleQueue`, whose `put` may even interrupt itself. The heap belongs to the timer thread alone.
The thread is a daemon and starts with the first timer. What it calls must not block: it marks,
submits or closes, and leaves the rest to others.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import os
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any
from weakref import WeakMethod

from mailclients.engine.deadlines import now

log = logging.getLogger("mailclients.timers")

THREAD_NAME = "mailclients-timer"


class Timer:
    """A call that is due later; `cancel` makes it not happen."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[[], object]) -> None:
        self._function: Callable[[], object] | None = function

    def cancel(self) -> None:
        """Forgets the call; harmless when it has happened."""
        self._function = None

    @property
    def pending(self) -> bool:
        """Whether the call has neither happened nor been cancelled."""
        return self._function is not None

    def fire(self) -> None:
        """Makes the call, once."""
        function, self._function = self._function, None
        if function is not None:
            function()


class _Clockwork:
    def __init__(self) -> None:
        self._inbox: SimpleQueue[tuple[float, int, Timer]] = SimpleQueue()
        self._order = itertools.count()
        self._starting = threading.RLock()
        self._running = False

    def add(self, at: float, timer: Timer) -> None:
        self._inbox.put((at, next(self._order), timer))
        if not self._running:
            with self._starting:
                if not self._running:
                    self._running = True
                    try:
                        threading.Thread(target=self._run, name=THREAD_NAME, daemon=True).start()
                    except BaseException:
                        self._running = False  # the next timer tries again
                        raise

    def _run(self) -> None:
        heap: list[tuple[float, int, Timer]] = []
        while True:
            while heap and not heap[0][2].pending:
                heapq.heappop(heap)
            try:
                heapq.heappush(heap, self._inbox.get(timeout=max(0.0, heap[0][0] - now()) if heap else None))
                continue
            except Empty:
                timer = heapq.heappop(heap)[2]
            try:
                timer.fire()
            except Exception:
                log.exception("a timer's function failed")
            del timer  # its function may hold what should be free while this thread sleeps


_clockwork = _Clockwork()


def call_later(seconds: float, function: Callable[[], object]) -> Timer:
    """Calls `function` on the timer thread after `seconds`; returns a `Timer` that can be cancelled."""
    timer = Timer(function)
    _clockwork.add(now() + seconds, timer)
    return timer


def _forget_after_fork() -> None:
    global _clockwork
    _clockwork = _Clockwork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)


def weakly(method: Callable[[], None]) -> Callable[[], None]:
    """A timer must not keep a forgotten client alive."""
    reference: WeakMethod[Any] = WeakMethod(method)

    def call() -> None:
        target = reference()
        if target is not None:
            target()

    return call
