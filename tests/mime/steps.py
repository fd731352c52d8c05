"""Counting what a piece of work does, so that a test can tell linear from quadratic without a clock."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def calls_made_by(work: Callable[[], object]) -> int:
    """How many functions are called, those written in C included. What happens inside one of these is not seen."""
    count = 0

    def count_calls(frame: FrameType, event: str, arg: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count_calls)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
