"""A clock that only the test moves.

`FakeClock` can be called like `time.monotonic`. One condition guards its time; any thread may read it or
wait on it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["FakeClock"]


class FakeClock:
    """Monotonic seconds that move by `advance` alone.

    Functions given to `on_advance` are called after each step, on the advancing thread, outside the lock: a
    way to wake whatever waits for the time.
    """

    def __init__(self, start: float = 1000.0) -> None:
        self._now = start
        self._changed = threading.Condition()
        self._listeners: list[Callable[[], object]] = []

    def __call__(self) -> float:
        return self.now()

    def __repr__(self) -> str:
        return f"<FakeClock {self._now}>"

    def now(self) -> float:
        """The time in seconds."""
        with self._changed:
            return self._now

    monotonic = now

    def on_advance(self, listener: Callable[[], object]) -> None:
        """Call `listener()` after every step."""
        with self._changed:
            self._listeners.append(listener)

    def advance(self, seconds: float) -> None:
        """Move the time forward; backward is refused."""
        if seconds < 0:
            raise ValueError("monotonic time does not run backward")
        with self._changed:
            self._now += seconds
            listeners = list(self._listeners)
            self._changed.notify_all()
        for listener in listeners:
            listener()

    def wait_until(self, moment: float, real_timeout: float = 30.0) -> bool:
        """Wait until the clock has been moved to `moment`; false after `real_timeout` real seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._now >= moment, real_timeout)
