"""Threads that run users' callbacks, so that no callback ever runs on a thread that drives a connection.

One `CallbackThreads` belongs to one client; its condition guards everything. A callback may block
for as long as it likes, even on what another callback will do, so the number of threads has no
small bound: a few start at once, and one more whenever callbacks wait while no thread gets free.
Threads are daemons, start with the first callback and end when they find nothing to do for a while.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Final
from weakref import WeakMethod

from mailclients.engine.deadlines import Deadline, now
from mailclients.engine.timers import Timer, call_later

log = logging.getLogger("mailclients.callbacks")

AT_ONCE: Final = 4  # threads that are started without waiting
PATIENCE: Final = 0.1  # seconds without progress after which one more is started
LINGER: Final = 5.0  # seconds a thread waits for more work
MAXIMUM: Final = 1000  # more blocked callbacks than this are a program's mistake


class CallbackThreads:
    """Runs ``function(argument)`` for each pair put in, in order, each once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._changed = threading.Condition()
        self._items: deque[tuple[Callable[[Any], object], Any]] = deque()
        self._threads: set[threading.Thread] = set()
        self._ended: deque[threading.Thread] = deque()  # so that `close` can see them really gone
        self._idle = 0
        self._started = 0  # callbacks ever taken up: tells the timer whether there was progress
        self._serial = 0
        self._timer: Timer | None = None
        self._closed = False

    def put(self, function: Callable[[Any], object], argument: Any) -> None:
        """Queues a call; returns at once."""
        with self._changed:
            self._items.append((function, argument))
            if self._idle >= len(self._items):
                self._changed.notify()
            elif len(self._threads) < AT_ONCE and self._start():
                pass
            elif self._timer is None:
                self._watch()

    def close(self, deadline: Deadline) -> None:
        """Waits until what is queued has run and the threads are gone, but not for the calling thread."""
        me = threading.current_thread()
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            while self._threads - {me}:
                left = deadline.remaining()
                if left is not None and left <= 0:
                    break
                self._changed.wait(left)
            abandoned = self._threads - {me}
            threads = tuple(self._ended)
            self._ended.clear()
        for thread in threads:
            thread.join()
        if abandoned:
            log.warning(
                "%d callback(s) did not return and are abandoned: %s",
                len(abandoned),
                ", ".join(sorted(thread.name for thread in abandoned)),
            )

    @property
    def thread_count(self) -> int:
        return len(self._threads)

    def contains_current_thread(self) -> bool:
        return threading.current_thread() in self._threads

    def _start(self) -> bool:
        self._serial += 1
        thread = threading.Thread(target=self._run, name=f"{self._name}-callback-{self._serial}", daemon=True)
        self._threads.add(thread)
        try:
            thread.start()
        except RuntimeError:
            # Whoever completes a handle must not fail for it: the timer tries again.
            self._threads.discard(thread)
            log.warning("no further callback thread can be started; %d go on", len(self._threads))
            return False
        return True

    def _watch(self) -> None:
        seen, look = self._started, WeakMethod(self._look_again)

        def look_again() -> None:
            method = look()
            if method is not None:
                method(seen)

        try:
            self._timer = call_later(PATIENCE, look_again)
        except RuntimeError:
            log.warning("no thread can be started: %d callback(s) wait for the next one", len(self._items))

    def _look_again(self, seen: int) -> None:
        with self._changed:
            self._timer = None
            if self._items and not self._idle:
                if self._started == seen and len(self._threads) < MAXIMUM:
                    self._start()
                self._watch()

    def _run(self) -> None:
        me = threading.current_thread()
        while True:
            with self._changed:
                item = self._take()
                if item is None:
                    self._threads.discard(me)
                    self._ended.append(me)
                    if len(self._ended) > AT_ONCE and not self._closed:
                        self._ended.popleft()
                    self._changed.notify_all()
                    return
            function, argument = item
            try:
                function(argument)
            except BaseException:
                log.exception("a callback failed: %s", _name_of(function))
            del item, function, argument

    def _take(self) -> tuple[Callable[[Any], object], Any] | None:
        until = now() + LINGER
        while not self._items:
            left = until - now()
            if self._closed or left <= 0:
                return None
            self._idle += 1
            try:
                self._changed.wait(left)
            finally:
                self._idle -= 1
        self._started += 1
        return self._items.popleft()


def _name_of(function: Any) -> str:
    """The name to look for in one's own program: what a `partial` was given to call, not what calls it."""
    while isinstance(function, partial):
        function = function.args[0] if function.args and callable(function.args[0]) else function.func
    return str(getattr(function, "__qualname__", type(function).__name__))
