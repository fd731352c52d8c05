"""The one timer thread of the process: it calls short functions later and never blocks on a server.

Entered by any thread through `call_later`; the heap is guarded by the module's condition. The
thread is a daemon, starts with the first timer and goes to sleep for good when none is left.
What it calls must not block: it marks, submits or closes, and leaves the rest to others.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import os
import threading
from collections.abc import Callable

from mailclients.engine.deadlines import now

log = logging.getLogger("mailclients.timers")

THREAD_NAME = "mailclients-timer"


class Timer:
    """A call that is due later; `cancel` makes it not happen."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[[], object]) -> None:
        self._function: Callable[[], object] | None = function

    def cancel(self) -> None:
        self._function = None

    @property
    def pending(self) -> bool:
        return self._function is not None

    def fire(self) -> None:
        function, self._function = self._function, None
        if function is not None:
            function()


class _Clockwork:
    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._running = False

    def add(self, at: float, timer: Timer) -> None:
        with self._condition:
            heapq.heappush(self._heap, (at, next(self._order), timer))
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name=THREAD_NAME, daemon=True).start()
            elif self._heap[0][2] is timer:
                self._condition.notify()

    def _run(self) -> None:
        while True:
            timer = self._next()
            if timer is None:
                return
            try:
                timer.fire()
            except Exception:
                log.exception("a timer's function failed")
            del timer  # its function may hold what should be free while this thread sleeps

    def _next(self) -> Timer | None:
        with self._condition:
            while True:
                while self._heap and not self._heap[0][2].pending:
                    heapq.heappop(self._heap)
                if not self._heap:
                    self._running = False
                    return None
                wait = self._heap[0][0] - now()
                if wait <= 0:
                    return heapq.heappop(self._heap)[2]
                self._condition.wait(wait)


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
