"""Makes docs/members.md of the facts in data/surface.json: what there is, by its .NET name and its Python name."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

WIDTH = 118

HEAD = """\
# Members of the clients

Generated from the documented surface; `python3 run.py generate` writes it anew. Each method is taken in all its
documented forms, by position and by name; `begin_` methods take `callback` and `state` at the end. Types keep their
.NET names; of their members the Python names are given.
"""


def python_type(type_: str) -> str:
    """A documented type as signatures have it."""
    if type_.endswith("[]"):
        return f"list[{python_type(type_[:-2])}]"
    if type_.startswith(("List<", "IList<")):
        return f"list[{python_type(type_.partition('<')[2][:-1])}]"
    known = {"void": "None", "string": "str", "long": "int"}
    return known.get(type_, type_)


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield row(*head)
    yield row(*["---"] * len(head))
    for cells in rows:
        yield row(*cells)


def listed(names: Iterable[str]) -> list[str]:
    return textwrap.wrap(", ".join(f"`{name}`" for name in names) + ".", WIDTH)


def methods(operations: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, each in operations.items():
        pair = f"`begin_{name}`, `{each.get('end_name', f'end_{name}')}`" if each["pair"] else ""
        ends = {python_type(end) for end, _ in each.get("end", ())} - {python_type(each["returns"])}
        pair += "".join(f", which gives `{end}`" for end in sorted(ends))
        forms = len(each["overloads"]) + len(each.get("legacy", ()))
        synchronous = "only begun" if each.get("begin_only") else f"`{name}`"
        yield each["net"], synchronous, f"`{python_type(each['returns'])}`", pair, str(forms)


def properties(declared: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, (net, type_, *words) in declared.items():
        yield net, f"`{name}`", f"`{python_type(type_)}`", "read and set" if "set" in words else "read"


def client(name: str, facts: dict[str, Any]) -> Iterator[str]:
    """The section of one client: its own members, and those that it has in another form than `EmailClient`."""
    yield from ("", f"## {name}", "")
    if "constructors" in facts:
        yield f"{len(facts['constructors'])} forms of the constructor; all members of `EmailClient`, and:"
    else:
        yield "What all clients have; `CredentialsByHostClient` is its older name."
    sections: tuple[tuple[str, str, tuple[str, ...], Iterator[tuple[str, ...]]], ...] = (
        ("Methods", "operations", (".NET", "Python", "Result", "Pair", "Forms"), methods(facts["operations"])),
        ("Properties", "properties", (".NET", "Python", "Type", "Access"), properties(facts["properties"])),
        ("Events", "events", (".NET", "Python"), ((net, f"`{event}`") for event, (net, _) in facts["events"].items())),
    )
    for title, kind, head, rows in sections:
        if facts[kind]:
            yield from ("", f"### {title} of {name}", "", *table(head, rows))


def types(facts: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    found: dict[str, tuple[str, list[str]]] = {
        name: (each["kind"], [*each.get("properties", {}), *each.get("methods", {})])
        for name, each in facts["types"].items()
    }
    found.update((name, ("enum", list(members))) for name, members in facts["enums"].items())
    found.update((name, ("delegate", [])) for name in facts["delegates"])
    packages = {name: package for package, names in facts["packages"].items() for name in names}
    for name, (kind, members) in sorted(found.items()):
        package = f", `mailclients.{packages[name]}`" if name in packages else ""
        yield f"`{name}`", kind, f"`mailclients`{package}", ", ".join(f"`{member}`" for member in members)


def render(facts: dict[str, Any]) -> str:
    """The page."""
    lines = HEAD.splitlines()
    for name, each in facts["clients"].items():
        lines += client(name, each)
    lines += ["", "## Types of the clients", "", *table(("Type", "Kind", "Imported from", "Members"), types(facts))]
    lines += ["", "## Other types that their members name", "", "All of them are imported from `mailclients`.", ""]
    lines += listed(facts["elsewhere"])
    return "\n".join(lines) + "\n"
