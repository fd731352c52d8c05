"""Arguments of members that are documented in several forms, told apart by names and types.

Functions of their arguments alone: no state, no lock, any thread. For the few members of messages that have such
forms; the clients' hundreds of overloads are bound by `mailclients.signatures`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from mailclients.errors import ArgumentTypeError, AsposeArgumentNullException
from mailclients.mime.content_types import ContentType

__all__ = ["bind", "flag", "path_of"]


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_path(value: object) -> bool:
    return isinstance(value, (str, os.PathLike))


def _is_source(value: object) -> bool:
    return isinstance(value, (bytes, bytearray, memoryview)) or hasattr(value, "read")


def _is_stream(value: object) -> bool:
    return _is_source(value) or hasattr(value, "write")


def _is_content_type(value: object) -> bool:
    return isinstance(value, ContentType)


# What an argument of this name may be. Whatever is not here, its member checks itself.
_MAY_BE: Final[Mapping[str, Callable[[object], bool]]] = {
    "content": _is_text,
    "content_encoding": _is_text_or_none,
    "content_stream": _is_source,
    "content_type": _is_content_type,
    "file_name": _is_path,
    "media_type": _is_text_or_none,
    "name": _is_text,
    "stream": _is_stream,
}


def bind(what: str, args: Sequence[Any], kwargs: Mapping[str, Any], *forms: tuple[str, ...]) -> dict[str, Any]:
    """Give the arguments by name, as the first form has them that fits.

    Args:
        what: the member, for errors.
        args, kwargs: what it was called with.
        forms: the names of each documented form, all of them required.

    Raises:
        AsposeArgumentNullException: no form fits, and an argument is None.
        ArgumentTypeError: no form fits.
    """
    for form in forms:
        given = {**dict(zip(form, args, strict=False)), **kwargs}
        complete = len(args) <= len(form) and set(given) == set(form) and len(args) + len(kwargs) == len(form)
        if complete and all(_MAY_BE[name](value) for name, value in given.items() if name in _MAY_BE):
            return given
    shapes = " or ".join(f"({', '.join(form)})" for form in forms)
    values = [*args, *kwargs.values()]
    if any(value is None for value in values):
        raise AsposeArgumentNullException(f"{what} takes {shapes}, and None is none of these")
    kinds = ", ".join(type(value).__name__ for value in values) or "nothing"
    raise ArgumentTypeError(f"{what} takes {shapes}, not {kinds}")


def path_of(given: Mapping[str, Any]) -> str:
    """The path among the arguments, ``file_name``."""
    return os.fspath(cast("str | os.PathLike[str]", given["file_name"]))


def flag(value: object, what: str) -> bool:
    """Give the value back if it is a bool.

    Raises:
        ArgumentTypeError: it is none.
    """
    if not isinstance(value, bool):
        raise ArgumentTypeError(f"{what} must be a bool, not {type(value).__name__}")
    return value
