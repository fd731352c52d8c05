"""Writes data/imap_surface.json and data/pop3_surface.json, what the clients and their types are documented to have,
and docs/members.md.

    python -m tests.support.surface [--check]

The facts come from the reference tables, which lie beside the checkout where the library is developed; the file
is committed, so that the tests and the table need nothing else. Names are written as Python has them, types as .NET
has them.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from mailclients.imap.signatures import STILL_TO_COME
from mailclients.pop3.signatures import STILL_TO_COME as STILL_TO_COME_FOR_POP3

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT.parent / "shared" / "reference" / "api.json"
PAGE = ROOT / "docs" / "members.md"
DATA = ROOT / "tests" / "data" / "imap_surface.json"
POP3_DATA = ROOT / "tests" / "data" / "pop3_surface.json"

# Types that belong to other parts of the library, which test them themselves.
ELSEWHERE = {
    "Aspose.Email": "messages",
    "Aspose.Email.Mime": "messages",
    "Aspose.Email.Tools.Search": "queries",
    "System": "what every client shares",
}
# Types of other libraries that are not carried over, and with them the properties that give them.
UNKNOWN_HERE = {"MapiPropertyCollection"}
# Types that no member names, but that stand behind one that does.
BEHIND = (
    "AppendMessagesFromFileResult",
    "AppendMessagesFromMessageObjectResult",
    "HttpProxy",
    "IAsyncResultExt",
    "PageSettingsAsync",
    "RestoreSettingsAsync",
    "SocksProxy",
    "ThreadSearchConditions",
    "XGMThreadSearchConditions",
)
# Enum members that the rule would tear apart.
WHOLE = {"OAUTH2": "OAUTH2", "KerberosV4": "KERBEROS_V4"}

Parameters = list[list[str]]


def with_and_without(given: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """What a parameter list with defaults at its end stands for."""
    needed = len(given)
    while needed and "default" in given[needed - 1]:
        needed -= 1
    for count in range(needed, len(given) + 1):
        yield given[:count]


class Reference:
    """The reference tables, read."""

    def __init__(self, api: dict[str, Any], client: str = "ImapClient") -> None:
        self.api = api
        self.client = client
        self.naming = api["_meta"]["naming"]

    def parameter_name(self, name: str) -> str:
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        return str(self.naming["parameter_overrides"].get(name, snake.replace("_i_d", "_id")))

    def enum_name(self, name: str) -> str:
        whole = WHOLE.get(name) or self.naming["overrides"].get(name, "").upper()
        return whole or re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).upper()

    def parameters(self, given: Iterable[dict[str, Any]]) -> Parameters:
        words = ("out", "params")
        return [
            [
                self.parameter_name(each["name"]),
                " ".join([*(word for word in words if each.get(word)), each["type"]]),
            ]
            for each in given
        ]

    # The clients

    def operation(self, net: str, facts: dict[str, Any]) -> dict[str, Any]:
        # What the tables have no form of takes nothing (Login and Logout of Pop3Client).
        forms = facts["overloads"] or [{"params": []}]
        overloads = [self.parameters(each) for one in forms for each in with_and_without(one["params"])]
        returns = {each["returns"] for each in facts["overloads"]}
        made: dict[str, Any] = {
            "net": net,
            "returns": returns.pop() if returns else "void",
            "pair": facts["begin"],
            "overloads": overloads,
        }
        assert not returns, f"{net} returns several types"
        if "end" in facts:
            made["end"] = [[each["returns"], self.parameters(each["params"][1:])] for each in facts["end"]]
        legacy = [
            each for each in self.api["_meta"]["legacy_members_in_samples"] if each["member"] == f"{self.client}.{net}"
        ]
        if legacy:
            made["legacy"] = [
                self.parameters(
                    {"name": name, "type": type_} for type_, name in (param.split() for param in each["params"])
                )
                for each in legacy
            ]
        extra = facts.get("java_begin_delta", {}).get("extra_overloads", ())
        stays_out = [self.parameters(each) for each in extra]
        stays_out = [each for each in stays_out if each not in made.get("legacy", ()) and each not in overloads]
        if stays_out:
            made["begin_left_out"] = stays_out
        return made

    def operations(self) -> dict[str, Any]:
        """Whatever is called, of the client and of what it inherits; the client's own has more overloads."""
        found: dict[str, Any] = {}
        for client in (self.client, "EmailClient"):
            for net, facts in self.api[client]["methods"].items():
                found.setdefault(facts["py"], self.operation(net, facts))
        return found

    def properties(self, type_: str) -> dict[str, Any]:
        return {
            facts["py"]: [net, facts["type"], *(word for word in ("set", "static") if facts.get(word))]
            for net, facts in self.api[type_]["properties"].items()
            if facts["type"] not in UNKNOWN_HERE
        }

    # Types

    def words(self, *types: str | None) -> Iterator[str]:
        for type_ in types:
            yield from re.findall(r"[A-Za-z_][A-Za-z0-9_]*", type_ or "")

    def types_of(self, type_: str) -> Iterator[str]:
        """The types that the members of one type name."""
        facts = self.api[type_]
        yield from self.words(facts.get("base"))
        for method in facts["methods"].values():
            for overload in method["overloads"]:
                yield from self.words(overload["returns"], *(each["type"] for each in overload["params"]))
        for shape in facts["constructors"]:
            yield from self.words(*(each["type"] for each in shape))
        yield from self.words(*(each["type"] for each in facts["properties"].values()), *facts["events"].values())

    def reached(self) -> set[str]:
        """Every type that is named on the way from the client, and its kin."""
        found: set[str] = set()
        waiting = [self.client, *(BEHIND if self.client == "ImapClient" else ())]
        while waiting:
            name = waiting.pop()
            known = name in self.api["enums"] or name in self.api["_delegates"] or name in self.api
            if name in found or not known:
                continue
            found.add(name)
            if name in self.api["_delegates"]:
                waiting += self.words(*(each["type"] for each in self.api["_delegates"][name]["params"]))
            elif name not in self.api["enums"] and self.api[name]["namespace"] not in ELSEWHERE:
                waiting += self.types_of(name)
        found -= {self.client, "EmailClient"}
        if self.client == "ImapClient":
            return found
        # What the clients share is looked at with ImapClient.
        package = self.api[self.client]["namespace"]
        spaces = {name: facts["namespace"] for name, facts in self.api["_enum_info"].items()}
        return {name for name in found if spaces.get(name, self.api.get(name, {}).get("namespace")) == package}

    def type(self, name: str) -> dict[str, Any]:
        facts = self.api[name]
        made: dict[str, Any] = {"kind": "abstract class" if facts.get("abstract") else facts["kind"]}
        if facts.get("base"):
            made["base"] = facts["base"]
        if facts["constructors"]:
            made["constructors"] = [self.parameters(shape) for shape in facts["constructors"]]
        if facts["properties"]:
            made["properties"] = self.properties(name)
        methods = {
            each["py"]: [[overload["returns"], self.parameters(overload["params"])] for overload in each["overloads"]]
            for each in facts["methods"].values()
        }
        if methods:
            made["methods"] = methods
        return made

    def surface(self) -> dict[str, Any]:
        reached = self.reached()
        enums = self.api["enums"]
        delegates = sorted(reached & set(self.api["_delegates"]))
        classes = sorted(reached - set(enums) - set(delegates))
        return {
            "constructors": [self.parameters(shape) for shape in self.api[self.client]["constructors"]],
            "operations": self.operations(),
            "properties": {client: self.properties(client) for client in (self.client, "EmailClient")},
            "events": {
                re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", net).lower(): [net, handler]
                for net, handler in self.api["EmailClient"]["events"].items()
            },
            "types": {name: self.type(name) for name in classes if self.api[name]["namespace"] not in ELSEWHERE},
            "delegates": delegates,
            "enums": {
                name: {self.enum_name(member): value for member, value in enums[name].items()}
                for name in sorted(reached & set(enums))
            },
        }


def render(surface: dict[str, Any], indent: str = "") -> str:
    """JSON with a line for each fact: lists of parameters and of single values stay on one line."""

    def flat(value: Any) -> bool:
        return not isinstance(value, dict) and not (isinstance(value, list) and len(json.dumps(value)) > 100)

    def lines(value: Any, depth: int) -> str:
        space = "  " * (depth + 1)
        if isinstance(value, dict) and value and not all(isinstance(each, (int, str)) for each in value.values()):
            inner = (f"{space}{json.dumps(key)}: {lines(each, depth + 1)}" for key, each in value.items())
            return "{\n" + ",\n".join(inner) + "\n" + "  " * depth + "}"
        if isinstance(value, list) and value and not flat(value) and all(isinstance(each, list) for each in value):
            inner = (f"{space}{json.dumps(each)}" for each in value)
            return "[\n" + ",\n".join(inner) + "\n" + "  " * depth + "]"
        return json.dumps(value)

    return lines(surface, 0) + "\n"


def generated(client: str = "ImapClient") -> str:
    """The file of a client as the reference tables say."""
    return render(Reference(json.loads(REFERENCE.read_text("utf-8")), client).surface())


def python_type(type_: str) -> str:
    """A documented type as signatures have it."""
    if type_.endswith("[]"):
        return f"list[{python_type(type_[:-2])}]"
    if type_.startswith(("List<", "IList<")):
        return f"list[{python_type(type_.partition('<')[2][:-1])}]"
    known = {"void": "None", "string": "str", "long": "int"}
    return known.get(type_, type_)


def members(facts: dict[str, Any], client: str, still_to_come: frozenset[str]) -> str:
    """The members that a client has, as a part of a page of the documentation."""

    def row(*cells: str) -> str:
        return f"| {' | '.join(cells)} |"

    def built(names: dict[str, Any]) -> dict[str, Any]:
        return {name: each for name, each in names.items() if name not in still_to_come}

    operations = built(facts["operations"])
    lines = [
        f"# Members of {client}",
        "",
        "Generated from the documented surface; `python3 run.py generate` writes it anew. Each method is taken in all",
        "its documented forms, by position and by name; `begin_` methods take `callback` and `state` at the end.",
        "",
        "## Methods",
        "",
        row(".NET", "Python", "Result", "Pair", "Forms"),
        row(*["---"] * 5),
    ]
    for name, each in operations.items():
        pair = f"`begin_{name}`, `end_{name}`" if each["pair"] else ""
        ends = {python_type(end) for end, _ in each.get("end", ())} - {python_type(each["returns"])}
        pair += "".join(f", which gives `{end}`" for end in sorted(ends))
        forms = len(each["overloads"]) + len(each.get("legacy", ()))
        lines.append(row(each["net"], f"`{name}`", f"`{python_type(each['returns'])}`", pair, str(forms)))
    lines += ["", "## Properties", "", row(".NET", "Python", "Type", "Access"), row(*["---"] * 4)]
    listed: set[str] = set()
    for declared in facts["properties"].values():
        for name, (net, type_, *words) in built(declared).items():
            if name in listed:  # overridden further down
                continue
            listed.add(name)
            settable = "set" in words and f"set {name}" not in still_to_come
            access = "read and set" if settable else "read"
            lines.append(row(net, f"`{name}`", f"`{python_type(type_)}`", access))
    lines += ["", "## Events", "", row(".NET", "Python"), row("---", "---")]
    lines += [row(net, f"`{name}`") for name, (net, _) in built(facts["events"]).items()]
    types = sorted({**built(facts["types"]), **built(facts["enums"])} | built(dict.fromkeys(facts["delegates"])))
    lines += ["", "## Types", "", "All of them are imported from `mailclients`.", ""]
    lines += textwrap.wrap(", ".join(f"`{name}`" for name in types) + ".", 118)
    return "\n".join(lines) + "\n"


def generated_members() -> str:
    """The page as the committed facts say."""
    imap = members(json.loads(DATA.read_text("utf-8")), "ImapClient", STILL_TO_COME)
    pop3 = members(json.loads(POP3_DATA.read_text("utf-8")), "Pop3Client", STILL_TO_COME_FOR_POP3)
    return f"{imap}\n{pop3}"


def main(check: bool) -> int:
    """Writes what has to be in the files, or compares them; 1 if one differs."""
    stale = 0
    files: tuple[tuple[Path, Callable[[], str]], ...] = (
        (DATA, generated),
        (POP3_DATA, partial(generated, "Pop3Client")),
        (PAGE, generated_members),
    )
    for path, text in files:
        if path is not PAGE and not REFERENCE.exists():
            continue
        wanted = text()
        if path.exists() and path.read_text("utf-8") == wanted:
            continue
        if check:
            stale = 1
            print(f"{path.relative_to(ROOT)} is not what the facts say: run python run.py generate")
        else:
            path.write_text(wanted, "utf-8", newline="\n")
            print(f"wrote {path.relative_to(ROOT)}")
    return stale


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
