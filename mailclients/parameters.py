"""What the parameters of a documented method look like: their types, which values each takes, what becomes of them.

A `Kind` says it once for all parameters whose values are alike, and a `Parameter` adds a name and a sentence. What a
single protocol needs stands in its own ``parameters`` module, made of what is here. What has the right type and cannot
be used all the same is refused here, so that it never reaches the wire.

Values only: no lock, any thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from importlib import import_module
from typing import Any, Final, TypeVar

from mailclients.arguments import IConnection, Out
from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
)

__all__ = [
    "CALLBACK",
    "CLIENT_PARAMETERS",
    "CONNECTION",
    "STATE",
    "Kind",
    "Parameter",
    "Refusal",
    "Type",
    "TypeRef",
]

T = TypeVar("T")


class Refusal(Exception):
    """Raised by a kind's `convert`: a value has the right type and still cannot be used.

    Args:
        text: what is wrong, to stand behind the parameter's name ("must not be empty").
        error: class of the error to raise in its place.
    """

    def __init__(
        self, text: str, error: type[AsposeArgumentException] = AsposeArgumentException, path: str = ""
    ) -> None:
        super().__init__(text)
        self.text = text
        self.error = error
        self.name = ""  # of the parameter, where it is known better than by the plan
        self.path = path  # "[3]" when an element of the argument is meant


@dataclass(frozen=True)
class TypeRef:
    """A class by module and name, so that a table costs no import before it is used."""

    module: str
    name: str

    def resolve(self) -> type[Any]:
        found: type[Any] = getattr(import_module(self.module), self.name)
        return found


class Type:
    """An annotation as it is written, and what has to be imported for it."""

    __slots__ = ("text", "uses")

    def __init__(self, text: str, *uses: TypeRef) -> None:
        self.text = text
        self.uses = uses


NOTHING: Final = Type("None")
BOOL_TYPE: Final = Type("bool")
STR_TYPE: Final = Type("str")


def _unchanged(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Kind:
    """What the values of a parameter look like and what becomes of them.

    Attributes:
        type: the annotation.
        noun: what is expected, for error messages ("an int").
        accepts: whether a value has the right type. It looks at the type alone: the answer is kept for it.
        convert: checks the value and normalises it; raises `Refusal`.
        element: for collections: whether a first element belongs to this kind. It tells shapes apart that
            differ only in what a collection holds.
        combine: makes one argument of the converted values of several parameters with the same target.
        nullable: None is a value, too.
        out: the value is an `Out`, filled with the result; `convert` gives the body's argument in its place.
        advice: for values of some types that are not accepted: what to do with them instead.
    """

    type: Type
    noun: str
    accepts: Callable[[Any], bool]
    convert: Callable[[Any], Any] = _unchanged
    element: Callable[[Any], bool] | None = None
    combine: Callable[..., Any] | None = None
    nullable: bool = False
    out: bool = False
    advice: tuple[tuple[Any, str], ...] = ()


@dataclass(frozen=True)
class Parameter:
    """One documented parameter.

    Attributes:
        name: as callers write it.
        kind: its values.
        doc: one sentence with units, for the docstring; begins in lower case, ends without a full stop.
        target: keyword under which the body receives it; `name` when left out.
        default: the documented default as source text, where there is one.
        carries_callback: the value may have attributes `callback` and `state` that a begin_ call uses.
        carries_connection: the value has an attribute `connection`, the one to use unless it is None.
    """

    name: str
    kind: Kind
    doc: str
    target: str = ""
    default: str = ""
    carries_callback: bool = False
    carries_connection: bool = False

    @property
    def key(self) -> str:
        return self.target or self.name


def is_integer(value: Any) -> bool:
    """Whether value is an int as .NET means it: neither a bool nor a member of an enum."""
    return isinstance(value, int) and not isinstance(value, (bool, Enum))


def is_collection(value: Any) -> bool:
    """Whether value holds several things: str and bytes, though iterable, are one."""
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, bytearray, memoryview))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def check_framing(value: str) -> str:
    """The value itself, if no part of it can end a line of the protocol."""
    if "\r" in value or "\n" in value or "\0" in value:
        raise Refusal("must not contain CR, LF or NUL")
    return value


def check_text(value: str) -> str:
    """The value itself, if it can be sent."""
    if "\r" in value or "\n" in value or "\0" in value:
        raise Refusal("must not contain CR, LF or NUL")
    if not (value.isascii() or _encodable(value)):
        raise Refusal("contains a lone surrogate, which no encoding can carry")
    return value


def _encodable(value: str) -> bool:
    # The error is not passed on as a cause: it carries the whole value, which may be a password.
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def check_name(value: str) -> str:
    """The value itself, if it can be sent and is not empty."""
    if not value:
        raise Refusal("must not be empty")
    return check_text(value)


def _path(value: str | os.PathLike[str] | os.PathLike[bytes]) -> str:
    path = os.fspath(value)
    if not isinstance(path, str):
        raise Refusal("must be a path in text, not bytes", ArgumentTypeError)
    if not path:
        raise Refusal("must not be empty")
    return check_framing(path)


def _is_path(value: Any) -> bool:
    return isinstance(value, (str, os.PathLike))


def _is_writable(value: Any) -> bool:
    return callable(getattr(value, "write", None)) and not isinstance(value, type)


def integer(low: int, high: int | None, noun: str = "an int") -> Kind:
    """An int from low to high, both included; None as high sets no bound."""

    def convert(value: int) -> int:
        if value < low or (high is not None and value > high):
            bounds = f"at least {low}" if high is None else f"between {low} and {high}"
            raise Refusal(f"must be {bounds}", AsposeArgumentOutOfRangeException)
        return value

    return Kind(Type("int"), noun, is_integer, convert)


def milliseconds(low: int) -> Kind:
    """A time: an int of milliseconds, at least low, or a timedelta."""

    def convert(value: int | timedelta) -> int:
        if isinstance(value, timedelta):
            value = -(-value // timedelta(milliseconds=1))  # rounded up: nobody waits less than asked
        if value < low:
            raise Refusal(f"must be at least {low} milliseconds", AsposeArgumentOutOfRangeException)
        return value

    def accepts(value: Any) -> bool:
        return is_integer(value) or isinstance(value, timedelta)

    return Kind(
        Type("int | timedelta", TypeRef("datetime", "timedelta")),
        "an int of milliseconds or a timedelta",
        accepts,
        convert,
    )


def instance(ref: TypeRef, *, text: str = "", article: str = "a") -> Kind:
    """An object of a class, taken as it is."""
    return Kind(Type(text or ref.name, ref), f"{article} {ref.name}", lambda value: isinstance(value, ref.resolve()))


def member(ref: TypeRef) -> Kind:
    """A member of one of the library's enums; a bare int is none."""
    return replace(instance(ref), noun=f"a member of {ref.name}")


def elements(value: Iterable[Any]) -> Sequence[Any]:
    """The elements, read once: an iterator gives them only then."""
    return value if isinstance(value, (list, tuple)) else tuple(value)


def collection(
    of: str,
    convert: Callable[[Sequence[Any]], Any],
    element: Callable[[Any], bool],
    noun: str,
    *uses: TypeRef,
) -> Kind:
    """A collection or iterator; `convert` is given its elements, each of which passed `element`."""

    def convert_all(value: Iterable[Any]) -> Any:
        items = elements(value)
        for index, item in enumerate(items):
            if not element(item):
                error = AsposeArgumentNullException if item is None else ArgumentTypeError
                given = "None" if item is None else type(item).__name__
                raise Refusal(f"must be {noun}, not {given}", error, f"[{index}]")
        return convert(items)

    return Kind(
        Type(f"IdCollection[{of}]", ID_COLLECTION, *uses),
        f"a collection of {of}",
        is_collection,
        convert_all,
        element,
    )


def each(items: Sequence[Any], convert: Callable[[Any], T]) -> tuple[T, ...]:
    """The elements converted; a refusal tells which one it was."""
    index = 0

    def counted() -> Iterator[T]:
        nonlocal index
        for index, item in enumerate(items):  # noqa: B007 - read when a conversion fails
            yield convert(item)

    try:
        return tuple(counted())
    except Refusal as refusal:
        refusal.path = f"[{index}]"
        raise


def checked_strings(items: Sequence[Any]) -> tuple[str, ...]:
    """The strings as a tuple, each fit to be sent."""
    return each(items, check_name)


def out(text: str, ref: TypeRef) -> Kind:
    """A holder for an ``out`` parameter; the body is told True."""
    return Kind(
        Type(f"Out[{text}]", OUT, ref),
        f"an Out[{text}]",
        lambda value: isinstance(value, Out),
        lambda value: True,
        out=True,
    )


def optional(kind: Kind) -> Kind:
    """The same values, and None."""

    def convert(value: Any) -> Any:
        return None if value is None else kind.convert(value)

    return replace(
        kind,
        type=Type(f"{kind.type.text} | None", *kind.type.uses),
        noun=f"{kind.noun} or None",
        convert=convert,
        nullable=True,
    )


_ARGUMENTS: Final = "mailclients.arguments"
ID_COLLECTION: Final = TypeRef(_ARGUMENTS, "IdCollection")
OUT: Final = TypeRef(_ARGUMENTS, "Out")


TEXT: Final = Kind(STR_TYPE, "a str", _is_text, check_text)
NAME: Final = Kind(STR_TYPE, "a str", _is_text, check_name)
BOOL: Final = Kind(BOOL_TYPE, "a bool", lambda value: isinstance(value, bool))
PATH: Final = Kind(Type("str | os.PathLike[str]", TypeRef("os", "")), "a path (str or os.PathLike)", _is_path, _path)
STREAM: Final = Kind(
    Type("SupportsWrite", TypeRef(_ARGUMENTS, "SupportsWrite")), "a binary stream with write()", _is_writable
)
FUNCTION: Final = Kind(Type("Callable[..., bool]", TypeRef("collections.abc", "Callable")), "a callable", callable)
STRINGS: Final = collection("str", checked_strings, _is_text, "a str")

CONNECTION: Final = Parameter(
    "connection",
    Kind(
        Type("IConnection", TypeRef(_ARGUMENTS, "IConnection")),
        "an IConnection",
        lambda value: isinstance(value, IConnection) and not isinstance(value, type),
    ),
    "the connection to use, made by `create_connection`; without it the calling thread's own or the main one",
)
CALLBACK: Final = Parameter(
    "callback",
    Kind(Type("Callback"), "a callable or None", callable, nullable=True),
    "called once with the handle when the operation is complete, on a callback thread of the client, or None",
)
STATE: Final = Parameter(
    "state",
    Kind(Type("object"), "any object", lambda value: True, nullable=True),
    "any object; the handle's `async_state`",
)

# The constructors of the three clients share these.
CLIENT_PARAMETERS: Final = {
    "host": Parameter("host", TEXT, "name or address of the server"),
    "port": Parameter("port", integer(1, 65535), "port of the server, 1 to 65535"),
    "username": Parameter("username", TEXT, "name to sign in with"),
    "password": Parameter("password", TEXT, "password to sign in with"),
    "auth_info": Parameter("auth_info", TEXT, "an OAuth 2.0 access token when `use_o_auth` is true, else the password"),
    "use_o_auth": Parameter("use_o_auth", BOOL, "whether `auth_info` is an access token"),
    "token_provider": Parameter(
        "token_provider",
        Kind(
            Type("ITokenProvider", TypeRef(_ARGUMENTS, "ITokenProvider")),
            "an ITokenProvider with get_access_token()",
            lambda value: callable(getattr(value, "get_access_token", None)) and not isinstance(value, type),
        ),
        "asked for an access token at every sign-in",
    ),
    "security_options": Parameter(
        "security_options",
        member(TypeRef("mailclients.options", "SecurityOptions")),
        "how the connection is protected",
        default="SecurityOptions.AUTO",
    ),
    "user_certificate_validation_callback": Parameter(
        "user_certificate_validation_callback",
        FUNCTION,
        "decides whether the server's certificate is accepted",
    ),
    "executor": Parameter(
        "executor",
        optional(
            Kind(
                Type("Executor", TypeRef("concurrent.futures", "Executor")),
                "a concurrent.futures.Executor",
                lambda value: isinstance(value, Executor),
            )
        ),
        "thread executor that runs begun operations; the client's own when None",
        default="None",
    ),
    "ssl_context": Parameter(
        "ssl_context",
        optional(
            Kind(
                Type("ssl.SSLContext", TypeRef("ssl", "")),
                "an ssl.SSLContext",
                lambda value: isinstance(value, TypeRef("ssl", "SSLContext").resolve()),
            )
        ),
        "TLS settings, used as they are; a verifying default when None",
        default="None",
    ),
}
