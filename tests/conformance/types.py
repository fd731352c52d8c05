"""Documented types as Python has them."""

from __future__ import annotations

import inspect

_PLAIN = {
    "AppendMessagesResult": "AppendMessagesResult[MailMessage]",
    "long": "int",
    "string": "str",
    "void": "None",
}


def annotation(type_: str) -> str:
    """What a documented type is written as in a signature."""
    if type_.endswith("[]"):
        return f"list[{annotation(type_[:-2])}]"
    if type_.startswith(("List<", "IList<")):
        return f"list[{annotation(type_.partition('<')[2][:-1])}]"
    return _PLAIN.get(type_, type_)


def is_settable(cls: type, name: str) -> bool:
    """Whether a member can be assigned: a property with a setter, or what a class has of its own to take values."""
    member = inspect.getattr_static(cls, name)
    return member.fset is not None if isinstance(member, property) else hasattr(type(member), "__set__")
