"""Makes docs/members.md of the facts in data/: every documented member by its .NET name and its Python name.

What differs comes from the pages that say so (`differences`): a row of docs/deviations.md belongs to the members that
its first cell names.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.support.differences import Row

WIDTH = 118
FIRST = "0.1"
SINCE: dict[str, str] = {}
"""The version of each documented member, as ``Type.member``, that came after the first version."""

HEAD = """\
# Members

Generated from the documented surface; `python3 run.py generate` writes it anew. Types keep their .NET names and are
imported from `mailclients`. A method is taken in all its documented forms, by position and by name; `begin_` methods
take `callback` and `state` at the end. "Differs" links to what [deviations.md](deviations.md) says of the member;
[porting.md](porting.md) has the rule of the names.
"""
COLUMNS = (".NET", "Python", "Kind", "Type", "Pair", "Since", "Differs")

GONE = ("left out", "refused when made")
"""With what a row of docs/deviations.md begins to say what is here, where that is nothing."""


def is_gone(differs: str) -> bool:
    """Whether there is nothing of a member here."""
    return any(f"[{words}]" in differs for words in GONE)


def python_type(type_: str) -> str:
    """A documented type as signatures have it."""
    if type_.endswith("[]"):
        return f"list[{python_type(type_[:-2])}]"
    if type_.startswith(("List<", "IList<")):
        return f"list[{python_type(type_.partition('<')[2][:-1])}]"
    known = {"void": "None", "string": "str", "long": "int"}
    return known.get(type_, type_)


@dataclass(frozen=True)
class Member:
    """A documented member; `pair` are the Python names of its begin and end, `spelt` what may stand for it."""

    net: str
    python: str
    kind: str
    type_: str
    pair: tuple[str, ...] = ()
    pair_note: str = ""

    @property
    def spelt(self) -> frozenset[str]:
        return frozenset((self.net, self.python, *self.pair))


@dataclass(frozen=True)
class Type:
    """A documented type."""

    kind: str
    members: tuple[Member, ...] = ()
    base: str = ""
    constructors: int = 0
    notes: tuple[str, ...] = field(default=())


def _forms(count: int) -> str:
    return f", {count} forms" if count > 1 else ""


def _operations(operations: dict[str, Any]) -> Iterator[Member]:
    for name, each in operations.items():
        pair = (f"begin_{name}", str(each.get("end_name", f"end_{name}"))) if each["pair"] else ()
        ends = {python_type(end) for end, _ in each.get("end", ())} - {python_type(each["returns"])}
        note = "".join(f", which gives `{end}`" for end in sorted(ends))
        forms = _forms(len(each["overloads"]) + len(each.get("legacy", ())))
        kind = f"only begun{forms}" if each.get("begin_only") else f"method{forms}"
        yield Member(each["net"], name, kind, python_type(each["returns"]), pair, note)


def _properties(declared: dict[str, Any]) -> Iterator[Member]:
    for name, (net, type_, *words) in declared.items():
        static = "static " if "static" in words else ""
        kind = "property" if "set" in words else "property, read"
        yield Member(net, name, static + kind, python_type(type_))


def _client(facts: dict[str, Any]) -> Type:
    events = (Member(net, name, "event", python_type(handler)) for name, (net, handler) in facts["events"].items())
    members = (*_operations(facts["operations"]), *_properties(facts["properties"]), *events)
    return Type("client", members, constructors=len(facts.get("constructors", ())))


def _class(facts: dict[str, Any]) -> Type:
    methods = (
        Member(facts["net"][name], name, f"method{_forms(len(forms))}", python_type(forms[0][0]))
        for name, forms in facts.get("methods", {}).items()
    )
    constants = (
        Member(net, name, "constant", python_type(type_)) for name, (net, type_) in facts.get("fields", {}).items()
    )
    operators = facts.get("operators", ())
    symbols = dict.fromkeys(f"`{op}`" for op, *_ in operators if op != "implicit")
    notes = [f"{python_type(type_)} in `[]`" for type_ in facts.get("indexers", ())]
    if symbols:
        notes.append(f"operators {', '.join(symbols)}")
    members = (*methods, *_properties(facts.get("properties", {})), *constants)
    return Type(facts["kind"], members, facts.get("base", ""), len(facts.get("constructors", ())), tuple(notes))


class Documented:
    """All documented types, from the facts of the clients, of messages and of queries."""

    def __init__(self, clients: dict[str, Any], messages: dict[str, Any], queries: dict[str, Any]) -> None:
        self.clients = {name: _client(facts) for name, facts in clients["clients"].items()}
        found: dict[str, Type] = {name: Type("delegate") for name in clients["delegates"]}
        for facts in (clients, messages, queries):
            found.update((name, _class(each)) for name, each in facts["types"].items())
            for name, members in facts["enums"].items():
                nets = facts["enum_names"][name]
                values = tuple(Member(nets[each], each, "value", str(value)) for each, value in members.items())
                found[name] = Type("enum", values)
        self.types = dict(sorted(found.items()))
        self.of_messages = messages["types"].keys()
        self.all = {**self.clients, **self.types}
        self.without_facts = [name for name in clients["elsewhere"] if name not in self.all]
        self.packages = {name: package for package, names in clients["packages"].items() for name in names}

    def _bases(self, name: str) -> Iterator[str]:
        """A type and what it has its members from."""
        while name in self.all:
            yield name
            name = self.all[name].base or ("EmailClient" if name in self.clients and name != "EmailClient" else "")

    def _having(self, member: str, types: Iterable[str]) -> list[tuple[str, str]]:
        return [(name, each.python) for name in types for each in self.all[name].members if member in each.spelt]

    def named_by(self, row: Row) -> dict[str, list[tuple[str, str]]]:
        """What each name of a row stands for: documented members, as type and Python name, "" for a type itself.

        A name behind that of another type's member is of the same type where this has it; a row about POP3 is about
        its client.
        """
        found: dict[str, list[tuple[str, str]]] = {}
        owner = "Pop3Client" if "POP3" in row.what else ""
        for name in row.names:
            type_, _, member = name.rpartition(".")
            if name in self.all:
                found[name] = [(name, "")]
                continue
            owner = type_ or owner
            found[name] = self._having(member, self._bases(owner))[:1]
            if not found[name] and not type_:
                found[name] = self._having(member, self.all)
        return found

    @cached_property
    def members(self) -> frozenset[tuple[str, str]]:
        return frozenset((name, each.python) for name, type_ in self.all.items() for each in type_.members)


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


class _Page:
    def __init__(self, documented: Documented, rows: Iterable[Row], left_out: Mapping[str, str]) -> None:
        self._documented = documented
        self._left_out = left_out
        self._links: dict[tuple[str, str], list[str]] = {}
        for each in rows:
            here = each.rest.split("|")[1].strip()
            verdict = next((words for words in GONE if here.startswith(words)), "differs")
            for name, named in documented.named_by(each).items():
                for one in named:
                    # With arguments it is about one form alone.
                    words = verdict if f"`{name}`" in each.what else "differs"
                    self._links.setdefault(one, []).append(f"[{words}](deviations.md#{each.anchor})")

    def _differs(self, type_: str, member: str = "") -> str:
        any_type = "*" if type_ in self._documented.of_messages else type_
        names = {f"{type_}.{member}", f"{any_type}.{member}"} if member else {type_}
        out = ["[left out](messages.md#what-is-left-out)"] if names & self._left_out.keys() else []
        return ", ".join(dict.fromkeys(out + self._links.get((type_, member), [])))

    def _member(self, type_: str, member: Member, of_type: str) -> str:
        differs = self._differs(type_, member.python) or of_type
        since = "" if is_gone(differs) else SINCE.get(f"{type_}.{member.python}", FIRST)
        pair = ", ".join(f"`{name}`" for name in member.pair) + member.pair_note
        return row(member.net, f"`{member.python}`", member.kind, f"`{member.type_}`", pair, since, differs)

    def _type(self, name: str, type_: Type) -> Iterator[str]:
        yield from ("", f"### {name}", "")
        said = [f"{'An' if type_.kind[0] in 'aei' else 'A'} {type_.kind}"]
        if type_.base:
            said.append(f"based on `{type_.base}`")
        if type_.constructors:
            said.append(f"made in {type_.constructors} forms" if type_.constructors > 1 else "made in one form")
        said += type_.notes
        if name in self._documented.packages:
            said.append(f"also in `mailclients.{self._documented.packages[name]}`")
        differs = self._differs(name)
        yield "; ".join([*said, *([differs] * bool(differs))]) + "."
        if type_.members:
            yield from ("", row(*COLUMNS), row(*["---"] * len(COLUMNS)))
            gone = differs if is_gone(differs) else ""
            for member in type_.members:
                yield self._member(name, member, gone)

    def lines(self) -> Iterator[str]:
        documented = self._documented
        yield from HEAD.splitlines()
        yield from ("", "## Clients", "")
        yield "Each has the members of `EmailClient`, whose older name is `CredentialsByHostClient`, and its own."
        for name, type_ in documented.clients.items():
            yield from self._type(name, type_)
        yield from ("", "## Types")
        for name, type_ in documented.types.items():
            yield from self._type(name, type_)
        yield from ("", "## Of .NET itself", "", "Types that documented members name, without any of their own.", "")
        named = (f"`{name}`" for name in documented.without_facts)
        yield from textwrap.wrap(", ".join(named) + ".", WIDTH)


def render(documented: Documented, rows: Iterable[Row], left_out: Mapping[str, str]) -> str:
    """The page.

    Args:
        documented: the facts. rows: of docs/deviations.md, with their anchors. left_out: of messages, and why.
    """
    return "\n".join(_Page(documented, rows, left_out).lines()) + "\n"
