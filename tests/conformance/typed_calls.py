"""Every documented call as a line for the type checkers, with the type that it gives, and wrong ones beside them.

The values are parameters of a function each, annotated with the documented type, so that nothing is said twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.conformance.documented import CLIENTS, FACTS, Documented, Overload, names_of, only_by_name
from tests.conformance.types import annotation

MARK = "# type: ignore"

_HEAD = """\
from collections.abc import Callable
from datetime import datetime
from io import BytesIO

from typing_extensions import assert_type

from mailclients import *
from mailclients import {names}


class Wrong: ...


def done(result: IAsyncResult) -> None: ...

"""
_PLAIN = {
    "DateTime": "datetime",
    "RemoteCertificateValidationCallback": "Callable[..., bool]",
    "Stream": "BytesIO",
    "bool?": "bool | None",
}


def written(type_: str) -> str:
    """A documented type as a caller's value has it."""
    if type_.startswith("IEnumerable<"):
        return f"list[{annotation(type_[12:-1])}]"
    if type_.startswith("params "):
        return annotation(type_.removeprefix("params ").removesuffix("[]"))
    if type_.startswith("out "):
        return f"Out[{type_[4:]}]"
    return _PLAIN.get(type_, annotation(type_))


def function(client: Documented, number: int, overload: Overload, lines: Sequence[str]) -> str:
    parameters = "".join(f", {name}: {written(type_)}" for name, type_ in overload)
    body = "".join(f"    {line}\n" for line in lines)
    return f"def {client.name}_{number}(client: {client.name}, wrong: Wrong{parameters}) -> None:\n{body}\n"


def arguments(overload: Overload) -> tuple[list[str], list[str]]:
    """The arguments of a call by position and by name."""
    position = [name for name, _ in overload]
    named = [f"{name}={f'[{name}]' if type_.startswith('params ') else name}" for name, type_ in overload]
    return (named if only_by_name(overload) else position), named


def right(client: Documented, operation: str, overload: Overload) -> Iterator[str]:
    """The documented calls of one overload."""
    facts = client.operations[operation]
    result = annotation(facts["returns"])
    position, named = arguments(overload)
    if client.is_synchronous(operation):
        for given in (position, named):
            yield f"assert_type(client.{operation}({', '.join(given)}), {result})"
    if not client.has_pair(operation) or any(type_.startswith("out ") for _, type_ in overload):
        return
    (ended,) = {annotation(end) for end, _ in facts.get("end", [[facts["returns"], []]])}
    by_name_after = position is named or any(type_.startswith("params ") for _, type_ in overload)
    tail = ["callback=done", "state=1"] if by_name_after else ["done", "1"]
    for given in (position, named, [*position, *tail], [*named, "callback=done", "state=1"], [*named, "state=1"]):
        yield f"assert_type(client.begin_{operation}({', '.join(given)}), IAsyncResultExt[{ended}])"
    handle = f"client.begin_{operation}({', '.join(named)})"
    yield f"assert_type(client.{client.end_name(operation)}({handle}), {ended})"


def wrong(client: Documented, operation: str, seen: set[str], overload: Overload) -> Iterator[str]:
    """Calls with one argument of a wrong type, each parameter once, and such as have one argument too many."""
    _, named = arguments(overload)
    for method in client.methods_of(operation):
        if method != operation and any(type_.startswith("out ") for _, type_ in overload):
            continue
        if method not in seen:
            seen.add(method)
            yield f"client.{method}({', '.join([*named, 'surplus=1'])})  {MARK}"
            if method != operation:
                yield f"client.{method}({', '.join([*named, 'callback=wrong'])})  {MARK}"
        for place, name in enumerate(names_of(overload)):
            if f"{method} {name}" not in seen:
                seen.add(f"{method} {name}")
                given = [*named[:place], f"{name}=wrong", *named[place + 1 :]]
                yield f"client.{method}({', '.join(given)})  {MARK}"


def head() -> str:
    return _HEAD.format(names=", ".join(sorted({*FACTS["elsewhere"], "Out"})))


def render_right() -> str:
    found = [head()]
    for client in CLIENTS:
        overloads = [(name, overload) for name in client.table for overload in client.overloads(name)]
        for number, (name, overload) in enumerate(overloads):
            found.append(function(client, number, overload, list(right(client, name, overload))))
        for number, shape in enumerate(client.constructors, len(overloads)):
            position, named = arguments(shape)
            lines = [f"assert_type({client.name}({', '.join(given)}), {client.name})" for given in (position, named)]
            found.append(function(client, number, shape, lines))
    return "\n".join(found)


def render_wrong() -> str:
    found = [head()]
    for client in CLIENTS:
        number = 0
        seen: set[str] = set()
        for name in client.table:
            for overload in client.overloads(name):
                lines = list(wrong(client, name, seen, overload))
                if lines:
                    found.append(function(client, number, overload, lines))
                    number += 1
        for shape in client.constructors:
            _, named = arguments(shape)
            places = range(len(shape))
            calls = [[*named[:at], f"{shape[at][0]}=wrong", *named[at + 1 :]] for at in places]
            lines = [f"{client.name}({', '.join(given)})  {MARK}" for given in [*calls, [*named, "surplus=1"]]]
            found.append(function(client, number, shape, lines))
            number += 1
    return "\n".join(found)
