"""Attributes of settings objects: each checks what is assigned and names itself in the error.

Settings objects belong to whoever makes them. An operation takes a copy when it is called, so changing one
afterwards does not touch what is under way.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, Generic, TypeVar, overload

from typing_extensions import Self

from mailclients.errors import ArgumentTypeError, AsposeArgumentException, AsposeArgumentOutOfRangeException

__all__ = ["Setting", "at_least", "boolean", "function", "instance_of", "sendable"]

_T = TypeVar("_T")


class Setting(Generic[_T]):
    """A documented attribute that can be read and set.

    Args:
        default: what it is before anything is assigned.
        check: gives the value to keep, or raises; it is told the attribute's name.
        doc: what the attribute is for.
    """

    def __init__(self, default: _T, check: Callable[[str, Any], _T], doc: str) -> None:
        self._default = default
        self._check = check
        self._name = ""
        self.__doc__ = doc

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> _T: ...
    def __get__(self, instance: object | None, owner: type) -> Self | _T:
        if instance is None:
            return self
        value: _T = vars(instance).get(self._name, self._default)
        return value

    def __set__(self, instance: object, value: _T) -> None:
        vars(instance)[self._name] = self._check(self._name, value)


def boolean(name: str, value: Any) -> bool:
    """The value, if it is a bool."""
    if not isinstance(value, bool):
        raise ArgumentTypeError(f"{name} must be a bool, not {type(value).__name__}")
    return value


def at_least(low: int, unit: str = "") -> Callable[[str, Any], int]:
    """A check for ints of at least `low`."""

    def check(name: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, (bool, Enum)):
            raise ArgumentTypeError(f"{name} must be an int, not {type(value).__name__}")
        if value < low:
            raise AsposeArgumentOutOfRangeException(f"{name} must be at least {low}{unit}")
        return value

    return check


def sendable(most: int = 0) -> Callable[[str, Any], str | None]:
    """A check for text that a command can carry, or None; `most` bounds its bytes in UTF-8."""

    def check(name: str, value: Any) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            raise ArgumentTypeError(f"{name} must be a str or None, not {type(value).__name__}")
        if "\r" in value or "\n" in value or "\0" in value:
            raise AsposeArgumentException(f"{name} must not contain CR, LF or NUL")
        length = len(value.encode("utf-8", "surrogatepass"))
        if most and length > most:
            raise AsposeArgumentException(f"{name} has {length} bytes; {most} is the most")
        return value

    return check


def function(name: str, value: Any) -> Any:
    """The value, if it can be called or is None."""
    if value is not None and not callable(value):
        raise ArgumentTypeError(f"{name} must be a callable or None, not {type(value).__name__}")
    return value


def instance_of(cls: type[_T]) -> Callable[[str, Any], _T]:
    """A check for objects of a class."""

    def check(name: str, value: Any) -> _T:
        if not isinstance(value, cls):
            raise ArgumentTypeError(f"{name} must be of {cls.__name__}, not {type(value).__name__}")
        return value

    return check
