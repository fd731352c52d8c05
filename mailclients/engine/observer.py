"""The one seam for watching the engine: tests, logging and counters hang on it.

The engine calls the observer with a short event name and what it is about. Without an observer a
check for None is all that happens. Observers are called on whatever thread the event happens on,
some under a lock of the engine: they must be quick and must not call back into it.
"""

from __future__ import annotations

from typing import Any, Protocol


class Observer(Protocol):
    """Told of what happens inside.

    Events and their subject: ``task_queued``, ``task_started``, ``task_done`` (a task),
    ``command_queued``, ``command_sent``, ``command_done`` (a command), ``connection_opening``,
    ``connection_opened``, ``connection_closed``, ``connection_broken`` (a connection or slot),
    ``waiter_queued``, ``waiter_served`` (a waiter for a connection), ``limit_lowered``,
    ``limit_raised`` (the pool), ``callback_done`` (a handle).
    """

    def __call__(self, event: str, subject: Any, /) -> None: ...
