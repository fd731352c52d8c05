"""Values that are computed when they are first asked for and kept.

A function of its arguments: no lock. Several threads may compute a value at once; all are given the one that
was kept first, by one atomic operation of the dictionary.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

__all__ = ["once"]

_T = TypeVar("_T")


def once(kept: dict[str, Any], key: str, make: Callable[[], _T]) -> _T:
    """The value kept under the key, which `make` computes if there is none."""
    if key in kept:
        return cast("_T", kept[key])
    return cast("_T", kept.setdefault(key, make()))
