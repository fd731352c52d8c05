"""Waiting for a state of the client's that tells nobody when it is reached."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 20.0  # seconds; only a failing test waits so long


def until(condition: Callable[[], object], what: str = "the condition") -> None:
    """Returns as soon as `condition()` is true; fails if that takes too long."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"no sign of {what} after {PATIENCE} s")
        time.sleep(0.001)
