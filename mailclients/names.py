"""What was probably meant by a name that does not exist: for those who carry programs over from .NET.

`client.Host = ...` would otherwise make an attribute that nobody reads, and `client.FetchMessage` would
fail without a word about `fetch_message`. Nothing here runs for names that exist, but for one look at
the class when a public attribute of a `NamesChecked` is assigned. Near misses that are nobody's .NET name
get Python's own suggestion when they are read. Its only state is what was looked up once; no lock, any
thread may enter.
"""

from __future__ import annotations

import sys
from abc import ABCMeta
from collections.abc import Iterable
from enum import EnumMeta
from types import FrameType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from mailclients.errors import UnknownMemberError

__all__ = ["HintedABCMeta", "HintedEnumMeta", "HintedMeta", "NamesChecked", "NamesHinted", "place_of_caller"]

_PACKAGE = __name__.partition(".")[0]
_RENAMED = {"from": "from_address", "or": "either"}  # what cannot be a name in Python (rule N2)


def squeezed(name: str) -> str:
    """What a name's spellings in .NET and here have in common: MaxConnections, max_connections."""
    return name.replace("_", "").lower()


def hint(name: str, known: Iterable[str]) -> str:
    """What was meant by a name, to stand behind an error's text; empty when nothing comes near."""
    names = sorted(set(known))
    wanted = squeezed(_RENAMED.get(squeezed(name), name))
    same = [each for each in names if squeezed(each) == wanted]
    if same:
        return f"; it is {same[0]!r}"
    longer = [each for each in names if len(wanted) > 3 and squeezed(each).startswith(wanted)]
    if len(longer) == 1:
        return f"; did you mean {longer[0]!r}?"
    from difflib import get_close_matches  # only who misspells pays for it

    by_squeezed = {squeezed(each): each for each in names if 4 * abs(len(each) - len(name)) <= len(each)}
    close = get_close_matches(wanted, by_squeezed, 1, 0.75)
    return f"; did you mean {by_squeezed[close[0]]!r}?" if close else ""


def _hidden(cls: type) -> set[str]:
    return {name for base in cls.__mro__ for name, member in vars(base).items() if isinstance(member, _DotNetName)}


def _members(cls: type) -> set[str]:
    return {name for base in cls.__mro__ for name in vars(base) if not name.startswith("_")} - _hidden(cls)


def _is_ours(cls: type) -> bool:
    return cls.__module__.partition(".")[0] == _PACKAGE


# By a program's own class, whose instances assign all the time.
_our_spellings: WeakKeyDictionary[type, frozenset[str]] = WeakKeyDictionary()


def _spellings_of_ours(cls: type) -> frozenset[str]:
    """The members that a class has from the library, squeezed."""
    found = _our_spellings.get(cls)
    if found is None:
        found = frozenset(squeezed(member) for base in cls.__mro__ if _is_ours(base) for member in _members(base))
        _our_spellings[cls] = found
    return found


def _settable(cls: type) -> set[str]:
    """The members that can be assigned: a property with a setter, an event, a slot."""
    found: set[str] = set()
    for name in _members(cls):
        member: object = next(vars(base)[name] for base in cls.__mro__ if name in vars(base))
        if (member.fset is not None) if isinstance(member, property) else hasattr(member, "__set__"):
            found.add(name)
    return found


def _check_assigned(instance: object, name: str) -> None:
    """Raises for a public name that is no member, unless it is the business of a user's own class."""
    cls = type(instance)
    own = not _is_ours(cls)  # a program's own class may have what it likes, but for other spellings of ours
    if own and (name in getattr(instance, "__dict__", ()) or squeezed(name) not in _spellings_of_ours(cls)):
        return
    text = hint(name, _settable(cls))
    if not text.startswith("; it is"):
        text = hint(name, [each for each in _members(cls) if squeezed(each) == squeezed(name)]) or text
    raise UnknownMemberError(f"{cls.__name__} has no attribute {name!r}{text}", name=name)


class HintedMeta(type):
    """The same for what is read from the class itself: ``ThreadPool.QueueUserWorkItem``."""

    def __dir__(cls) -> list[str]:
        hidden = _hidden(cls)
        return [name for name in super().__dir__() if name not in hidden]

    if not TYPE_CHECKING:

        def __getattr__(cls, name: str) -> Any:
            if name.startswith("_") or any(name in vars(base) for base in cls.__mro__):
                return type.__getattribute__(cls, name)
            if name in getattr(cls, "__annotations__", ()):
                # Declared, and without a default: dataclasses ask for each field, while programs start.
                raise AttributeError(f"{cls.__name__} has no value for {name!r}", name=name, obj=cls)
            raise UnknownMemberError(f"{cls.__name__} has no member {name!r}{hint(name, _members(cls))}", name=name)


class HintedABCMeta(HintedMeta, ABCMeta):
    """`HintedMeta` for abstract classes and what derives from them."""


class _DotNetName:
    """Stands in a class under the .NET spelling of a member, and says so to whoever reads or assigns it.

    It costs the members themselves nothing, where `__getattr__` would slow down every look at an instance.
    """

    __slots__ = ("meant", "name")

    def __init__(self, name: str, meant: str) -> None:
        self.name = name
        self.meant = meant

    def _error(self, owner: str) -> UnknownMemberError:
        return UnknownMemberError(f"{owner} has no attribute {self.name!r}; it is {self.meant!r}", name=self.name)

    def __get__(self, instance: object, owner: type) -> Any:
        raise self._error(owner.__name__)

    def __set__(self, instance: object, value: object) -> None:
        raise self._error(type(instance).__name__)


def _dot_net_names(member: str) -> Iterable[str]:
    yield "".join(word.capitalize() for word in member.split("_"))
    for name, meant in _RENAMED.items():
        if meant == member:
            yield from (name.capitalize(), f"{name}_")  # .NET's, and how Python programs get around a keyword


class NamesHinted(metaclass=HintedMeta):
    """Reading or assigning a member under its .NET name says what it is called here.

    Raises:
        UnknownMemberError: an AttributeError.
    """

    __slots__ = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if _is_ours(cls):
            # A dataclass with slots is made twice, the second time with the .NET names of the first among its own.
            own = [
                name for name, member in vars(cls).items() if not (name[0] == "_" or isinstance(member, _DotNetName))
            ]
            for member in own:
                for name in _dot_net_names(member):
                    if name not in own:
                        setattr(cls, name, _DotNetName(name, member))

    def __dir__(self) -> Iterable[str]:
        hidden = _hidden(type(self))
        return [name for name in super().__dir__() if name not in hidden]


class NamesChecked(NamesHinted):
    """Assigning an attribute that does not exist is refused, too.

    Subclasses outside the library may assign attributes of their own.

    Raises:
        UnknownMemberError: an AttributeError.
    """

    __slots__ = ()

    if not TYPE_CHECKING:  # a type checker takes any name for good once it sees __setattr__ or __getattr__

        def __setattr__(self, name: str, value: object) -> None:
            if not name.startswith("_"):
                for base in type(self).__mro__:
                    if name in vars(base):
                        break
                else:
                    _check_assigned(self, name)
            super().__setattr__(name, value)


class HintedEnumMeta(EnumMeta):
    """`HintedMeta` for enums: ``SecurityOptions.SslImplicit``."""

    if not TYPE_CHECKING:

        def __getattr__(cls, name: str) -> Any:
            if name.startswith("_"):
                return type.__getattribute__(cls, name)
            known = cls.__dict__.get("_member_map_", {})
            if name in known:  # before Python 3.12 members are found here
                return known[name]
            raise UnknownMemberError(f"{cls.__name__} has no member {name!r}{hint(name, known)}", name=name)


def place_of_caller() -> str:
    """Where outside the library the calling thread comes from, as ``file:line``; empty if nowhere."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] != _PACKAGE:
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back
    return ""
