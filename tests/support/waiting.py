"""Waiting for what happens inside a client, for which no server can tell.

`Watch` is an observer that keeps the engine's events; one condition guards them, any thread may tell or wait.
`until` is for what nobody tells of. `SeenWarnings` collects the warnings of every thread, late ones too.
"""

from __future__ import annotations

import re
import threading
import time
import warnings
from collections.abc import Callable
from types import TracebackType
from typing import Any, TextIO, TypeVar

from mailclients.client import CredentialsByHostClient
from mailclients.engine.connection import Connection

from .scripted import PATIENCE

__all__ = ["SeenWarnings", "Watch", "until", "with_time_enough"]

_LOOK_AGAIN = 0.002  # seconds
T = TypeVar("T")


class Watch:
    """The events of a client's engine from now on, those of its open connections included."""

    def __init__(self, client: CredentialsByHostClient) -> None:
        self.events: list[tuple[str, Any]] = []
        self.changed = threading.Condition()
        client._observer = client._pool.observer = client._tasks.observer = self
        for slot in client._pool.slots:
            if isinstance(slot.connection, Connection):
                slot.connection.observer = self

    def __call__(self, event: str, subject: Any, /) -> None:
        with self.changed:
            self.events.append((event, subject))
            self.changed.notify_all()

    def seen(self, event: str, name: str | None = None) -> list[Any]:
        """The subjects of an event so far; with `name`, those called so."""
        with self.changed:
            told = [subject for kind, subject in self.events if kind == event]
        return told if name is None else [subject for subject in told if getattr(subject, "name", "") == name]

    def wait_for(self, event: str, count: int = 1, *, name: str | None = None) -> list[Any]:
        """Waits until the event has come `count` times (about something called `name`); its subjects."""
        with self.changed:
            enough = self.changed.wait_for(lambda: len(self.seen(event, name)) >= count, PATIENCE)
            assert enough, f"no {count} x {event} {name or ''}: {self.events}"
            return self.seen(event, name)


def until(condition: Callable[[], object], what: str = "the condition") -> None:
    """Waits for a state that nobody tells of, by looking at it again and again."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"no sign of {what} after {PATIENCE} s"
        time.sleep(_LOOK_AGAIN)


def with_time_enough(call: Callable[[int], T], reached: Callable[[], object]) -> T:
    """What `call(milliseconds)` returns when it got as far as `reached()` before its time was over.

    For calls that are to run out of time at a certain point: a slow machine needs more of it to get there.
    """
    for milliseconds in (200, 1000, 5000):
        result = call(milliseconds)
        if reached():
            return result
    result = call(25_000)
    assert reached(), "the call did not get as far as it should"
    return result


class SeenWarnings:
    """Collects the warnings that are given inside the block, on whatever thread, and waits for them.

    `pytest.warns` looks when its block is left, which may be before another thread has warned.
    """

    def __init__(self) -> None:
        self.seen: list[tuple[type[Warning], str]] = []
        self._changed = threading.Condition()
        self._catching = warnings.catch_warnings()

    def __enter__(self) -> SeenWarnings:
        self._catching.__enter__()
        warnings.simplefilter("always")
        warnings.showwarning = self._show
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._catching.__exit__(kind, error, trace)

    def _show(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        with self._changed:
            self.seen.append((category, str(message)))
            self._changed.notify_all()

    def wait_for(self, category: type[Warning], pattern: str, count: int = 1) -> None:
        """Waits until `count` warnings were given whose text has the pattern (a regular expression)."""

        def enough() -> bool:
            return (
                sum(issubclass(kind, category) and bool(re.search(pattern, text)) for kind, text in self.seen) >= count
            )

        with self._changed:
            assert self._changed.wait_for(enough, PATIENCE), f"no {count} x {category.__name__} {pattern}: {self.seen}"
