"""Writes what is documented into data/: surface.json of the clients and their types, query_surface.json of queries and
message_surface.json of messages; and of these docs/members.md, after the anchors of docs/deviations.md.

    python -m tests.support.surface [--check]

The facts come from the reference tables, which lie beside the checkout where the library is developed; the file
is committed, so that the tests and the table need nothing else. Names are written as Python has them, types as .NET
has them. What a client inherits stands with `EmailClient` alone.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.support import differences, members_page

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT.parent / "shared" / "reference" / "api.json"
PAGE = ROOT / "docs" / "members.md"
DATA = ROOT / "tests" / "data" / "surface.json"
QUERY_DATA = ROOT / "tests" / "data" / "query_surface.json"
MESSAGE_DATA = ROOT / "tests" / "data" / "message_surface.json"

BASE = "EmailClient"
PROTOCOLS = {"ImapClient": "imap", "Pop3Client": "pop3", "SmtpClient": "smtp"}
# Types that belong to other parts of the library, which test them themselves.
ELSEWHERE = {
    "Aspose.Email": "messages",
    "Aspose.Email.Mime": "messages",
    "Aspose.Email.Tools.Search": "queries",
    "System": "what every client shares",
}
# Those of them that are of one protocol all the same.
OF_A_PROTOCOL = {
    "ImapException": "imap",
    "MailMessageCollection": "smtp",
    "Pop3Exception": "pop3",
    "SmtpException": "smtp",
}
# Types of .NET itself that the library has by that name.
OF_DOTNET = {"EventHandler", "X509CertificateCollection"}
# Types of other libraries that are not carried over, and with them the properties that give them.
UNKNOWN_HERE = {"MapiPropertyCollection"}
# Types that no member names, but that stand behind one that does.
BEHIND = (
    "AppendMessagesFromFileResult",
    "AppendMessagesFromMessageObjectResult",
    "HttpProxy",
    "IAsyncResultExt",
    "IMailTransferAgent",
    "ImapCommandResult",
    "ImapException",
    "ImapStatusCode",
    "PageSettingsAsync",
    "Pop3Exception",
    "RestoreSettingsAsync",
    "SmtpFailedRecipientsException",
    "SocksProxy",
    "ThreadSearchConditions",
    "XGMThreadSearchConditions",
)
# What queries are made of, beside all types of the namespace of queries.
OF_QUERIES = (
    "ESearchOptions",
    "ImapQueryBuilder",
    "ModificationSequenceField",
    "RangeSeqSet",
    "SequenceSetBaseValue",
    "SequenceSetField",
    "SimpleSeqSet",
)
# Where the types of messages are, and what of it other tests hold: what listings and clients give.
OF_MESSAGES = ("Aspose.Email", "Aspose.Email.Mime", "Aspose.Email.Mapi")
NOT_OF_MESSAGES = {"ElementProcessingException", "MailboxInfo"}
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

    def __init__(self, api: dict[str, Any]) -> None:
        self.api = api
        self.legacy: list[dict[str, Any]] = api["_meta"]["legacy_members_in_samples"]
        self.naming = api["_meta"]["naming"]

    def parameter_name(self, name: str) -> str:
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        return str(self.naming["parameter_overrides"].get(name, snake.replace("_i_d", "_id")))

    def enum_name(self, name: str) -> str:
        whole = WHOLE.get(name) or self.naming["overrides"].get(name, "").upper()
        return whole or re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).upper()

    def member_name(self, net: str) -> str:
        return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", net).lower()

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

    def operation(self, client: str, net: str, facts: dict[str, Any]) -> dict[str, Any]:
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
        if facts.get("begin_only"):
            made["begin_only"] = True
        if "end" in facts:
            made["end"] = [[each["returns"], self.parameters(each["params"][1:])] for each in facts["end"]]
            (name,) = {each.get("name", f"End{net}") for each in facts["end"]}
            if name != f"End{net}":
                made["end_name"] = self.member_name(name)
        legacy = [each for each in self.legacy if each["member"] == f"{client}.{net}"]
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

    def properties(self, type_: str) -> dict[str, Any]:
        return {
            facts["py"]: [net, facts["type"], *(word for word in ("set", "static") if facts.get(word))]
            for net, facts in self.api[type_]["properties"].items()
            if facts["type"] not in UNKNOWN_HERE
        }

    def events(self, client: str) -> dict[str, list[str]]:
        """The events, without those that only older code has (docs/deviations.md)."""
        return {self.member_name(net): [net, handler] for net, handler in self.api[client]["events"].items()}

    def client(self, name: str) -> dict[str, Any]:
        facts = self.api[name]
        made: dict[str, Any] = {}
        if facts["constructors"]:
            made["constructors"] = [self.parameters(shape) for shape in facts["constructors"]]
        made["operations"] = {each["py"]: self.operation(name, net, each) for net, each in facts["methods"].items()}
        return {**made, "properties": self.properties(name), "events": self.events(name)}

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

    def package(self, name: str) -> str:
        """The protocol whose package has a type, "" where it is of several, "elsewhere" where it is of no client."""
        if name in OF_A_PROTOCOL:
            return OF_A_PROTOCOL[name]
        info = self.api["_enum_info"].get(name) or self.api["_delegates"].get(name) or self.api[name]
        namespace = str(info["namespace"])
        if namespace in ELSEWHERE and name not in self.api["_delegates"]:
            return "elsewhere"
        last = namespace.rpartition(".")[2].lower()
        return last if last in PROTOCOLS.values() else ""

    def reached(self) -> set[str]:
        """Every type that is named on the way from the clients, and its kin."""
        found: set[str] = set()
        waiting = [*PROTOCOLS, *BEHIND]
        while waiting:
            name = waiting.pop()
            known = name in self.api["enums"] or name in self.api["_delegates"] or name in self.api
            if name in found or not known:
                continue
            found.add(name)
            if name in self.api["_delegates"]:
                waiting += self.words(*(each["type"] for each in self.api["_delegates"][name]["params"]))
            elif name not in self.api["enums"] and self.package(name) != "elsewhere":
                waiting += self.types_of(name)
        return {name for name in found - {*PROTOCOLS, BASE} if self.package(name) != "elsewhere"}

    def named_elsewhere(self) -> set[str]:
        """The types of other parts of the library that the clients' own members name."""
        named = {word for client in (BASE, *PROTOCOLS) for word in self.types_of(client)}
        others: set[str] = OF_DOTNET | self.api["_external_types"].keys() - UNKNOWN_HERE
        known = {name for name in named if name in self.api and self.package(name) == "elsewhere"}
        return known | named & others

    def type(self, name: str) -> dict[str, Any]:
        facts = self.api[name]
        made: dict[str, Any] = {"kind": "abstract class" if facts.get("abstract") else facts["kind"]}
        if facts.get("base"):
            made["base"] = facts["base"]
        if facts["constructors"]:
            made["constructors"] = [self.parameters(shape) for shape in facts["constructors"]]
        if facts["properties"]:
            made["properties"] = self.properties(name)
        methods: dict[str, list[Any]] = {}
        nets: dict[str, str] = {}
        for net, each in facts["methods"].items():  # two may have one name here: Add and Add_ of HeaderCollection
            nets.setdefault(each["py"], net)
            forms = methods.setdefault(each["py"], [])
            found = ([one["returns"], self.parameters(one["params"])] for one in each["overloads"])
            forms += [form for form in found if form not in forms]
        if methods:
            made.update(methods=methods, net=nets)
        if facts.get("fields"):
            made["fields"] = {self.enum_name(net): [net, each["type"]] for net, each in facts["fields"].items()}
        if facts.get("operators"):
            made["operators"] = [
                [each["op"], each["returns"], *(one["type"] for one in each["params"])] for each in facts["operators"]
            ]
        if facts.get("indexers"):
            made["indexers"] = [each["params"][0]["type"] for each in facts["indexers"]]
        return made

    def enums(self, names: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The members of enums with their values, and under which names .NET has them."""
        found = {name: self.api["enums"][name] for name in sorted(names)}
        return {
            "enums": {
                name: {self.enum_name(member): value for member, value in members.items()}
                for name, members in found.items()
            },
            "enum_names": {
                name: {self.enum_name(member): member for member in members} for name, members in found.items()
            },
        }

    def surface(self) -> dict[str, Any]:
        reached = self.reached()
        enums = self.api["enums"]
        delegates = sorted(reached & set(self.api["_delegates"]))
        of_protocol = {name: self.package(name) for name in sorted(reached)} | PROTOCOLS
        return {
            "clients": {name: self.client(name) for name in (BASE, *PROTOCOLS)},
            "types": {name: self.type(name) for name in sorted(reached - set(enums) - set(delegates))},
            "delegates": delegates,
            **self.enums(reached & set(enums)),
            "elsewhere": sorted(self.named_elsewhere()),
            "packages": {
                protocol: [name for name, package in of_protocol.items() if package == protocol]
                for protocol in PROTOCOLS.values()
            },
        }

    def queries(self) -> dict[str, Any]:
        """The types of queries, which no client names but `MailQuery`."""
        space = "Aspose.Email.Tools.Search"
        classes = [name for name, facts in self.api.items() if facts.get("namespace") == space]
        enums = [name for name, facts in self.api["_enum_info"].items() if facts["namespace"] == space]
        return {
            "types": {name: self.type(name) for name in sorted([*classes, *OF_QUERIES])},
            **self.enums(enums),
        }

    def messages(self) -> dict[str, Any]:
        """The types of messages, without the errors."""
        classes = [
            name
            for name, facts in self.api.items()
            if facts.get("namespace") in OF_MESSAGES and name not in NOT_OF_MESSAGES and not name.endswith("Exception")
        ]
        enums = [name for name, facts in self.api["_enum_info"].items() if facts["namespace"] in OF_MESSAGES]
        return {"types": {name: self.type(name) for name in sorted(classes)}, **self.enums(enums)}


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


def reference() -> Reference:
    """The reference tables, where they lie beside the checkout."""
    return Reference(json.loads(REFERENCE.read_text("utf-8")))


def generated() -> str:
    """The file of facts as the reference tables say."""
    return render(reference().surface())


def generated_queries() -> str:
    """The file of queries as the reference tables say."""
    return render(reference().queries())


def generated_messages() -> str:
    """The file of messages as the reference tables say."""
    return render(reference().messages())


def committed(path: Path) -> dict[str, Any]:
    """A committed file of facts."""
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def facts() -> dict[str, Any]:
    """The committed facts of the clients."""
    return committed(DATA)


def documented() -> members_page.Documented:
    """All that is documented, as the committed facts say."""
    return members_page.Documented(facts(), committed(MESSAGE_DATA), committed(QUERY_DATA))


def generated_members() -> str:
    """The page as the committed facts and the pages of differences say."""
    return members_page.render(documented(), differences.rows(), differences.left_out())


def main(check: bool) -> int:
    """Writes what has to be in the files, or compares them; 1 if one differs."""
    stale = 0
    # The page of members links to the anchors, and so comes last.
    files: tuple[tuple[Path, Callable[[], str]], ...] = (
        (DATA, generated),
        (QUERY_DATA, generated_queries),
        (MESSAGE_DATA, generated_messages),
        (differences.DEVIATIONS, differences.anchored),
        (PAGE, generated_members),
    )
    for path, text in files:
        if path.suffix == ".json" and not REFERENCE.exists():
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
