"""Documented types as Python has them."""

from __future__ import annotations

import inspect

from tests.support.members_page import python_type


def annotation(type_: str) -> str:
    """What a documented type is written as in a signature."""
    written = python_type(type_)
    return "AppendMessagesResult[MailMessage]" if written == "AppendMessagesResult" else written


def is_settable(cls: type, name: str) -> bool:
    """Whether a member can be assigned: a property with a setter, or what a class has of its own to take values."""
    member = inspect.getattr_static(cls, name)
    return member.fset is not None if isinstance(member, property) else hasattr(type(member), "__set__")
