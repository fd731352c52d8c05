"""The clients have the documented members, their tables the documented overloads, and nothing is left over."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from typing import Any

import pytest

import mailclients
from mailclients.client import CredentialsByHostClient
from mailclients.dotnet import Event, HandlerList
from mailclients.errors import AsposeInvalidOperationException
from mailclients.options import SecurityOptions
from tests.conformance.documented import (
    CLIENTS,
    FACTS,
    IMAP,
    POP3,
    SMTP,
    Documented,
    each_client,
    each_operation,
    names_of,
)
from tests.conformance.types import annotation, is_settable
from tests.support import surface

EVENTS: tuple[type[Any], ...] = (Event, HandlerList)
# Properties that are documented otherwise; docs/deviations.md says why.
NOT_STATIC = {"default_folder"}


# --- the facts ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(not surface.REFERENCE.exists(), reason="the reference tables are not here")
def test_the_facts_are_those_of_the_reference() -> None:
    assert surface.DATA.read_text("utf-8") == surface.generated(), "run: python -m tests.support.surface"


def test_the_page_of_members_is_what_the_facts_say() -> None:
    assert surface.PAGE.read_text("utf-8") == surface.generated_members(), "run: python run.py generate"


@pytest.mark.parametrize(
    ("client", "operations", "pairs", "overloads", "constructors", "properties", "events"),
    [
        ("EmailClient", 8, 0, 10, 0, 26, 2),
        ("ImapClient", 51, 47, 335 + 1 + 3, 19, 34, 0),  # one with a default, three that older code uses
        ("Pop3Client", 20, 20, 77 + 2, 13, 3, 0),  # Login and Logout have no form in the tables
        ("SmtpClient", 6, 5, 21 + 1, 18, 9, 2),  # nor has SendQueue
    ],
)
def test_the_facts_are_complete(
    client: str, operations: int, pairs: int, overloads: int, constructors: int, properties: int, events: int
) -> None:
    facts = json.loads(surface.DATA.read_text("utf-8"))["clients"][client]
    found = facts["operations"].values()
    assert len(found) == operations
    assert sum(each["pair"] for each in found) == pairs
    assert sum(len(each["overloads"]) + len(each.get("legacy", ())) for each in found) == overloads
    assert len(facts.get("constructors", ())) == constructors
    assert (len(facts["properties"]), len(facts["events"])) == (properties, events)


# --- what is there -----------------------------------------------------------------------------------------


@each_client
def test_everything_documented_is_there_and_nothing_else(client: Documented) -> None:
    documented = {*client.properties, *client.events}
    for name in client.operations:
        documented.update(client.methods_of(name))
        documented.update([client.end_name(name)] * client.has_pair(name))
    there = {name for name in dir(client.cls) if not name.startswith("_")}
    assert there - documented == client.added
    assert documented - there == set()


@each_client
def test_what_is_there_besides_is_explained(client: Documented) -> None:
    page = (surface.ROOT / "docs" / "deviations.md").read_text("utf-8")
    assert [name for name in client.added if f"`{name}" not in page] == []


def test_the_base_class_has_both_its_names() -> None:
    assert mailclients.EmailClient is mailclients.CredentialsByHostClient is CredentialsByHostClient
    assert all(issubclass(client.cls, CredentialsByHostClient) for client in CLIENTS)


@each_client
def test_the_table_has_exactly_the_documented_operations(client: Documented) -> None:
    assert set(client.table) | set(client.plain) == set(client.operations)
    base = FACTS["clients"][surface.BASE]["operations"]
    overridden = set(base) & set(FACTS["clients"][client.name]["operations"]) - {"dispose"}
    assert set(client.plain) == set(base) - overridden
    in_table = [tuple(parameter.name for parameter in own) for own, _ in client.constructor.overloads()]
    assert sorted(in_table) == sorted(map(names_of, client.constructors))


@each_operation
def test_the_table_has_exactly_the_documented_overloads(client: Documented, name: str) -> None:
    operation = client.table[name]
    documented: dict[tuple[str, ...], int] = {}
    for overload in client.overloads(name):
        names = names_of(overload)
        documented[names] = documented.get(names, 0) + 1
    for overload in client.overloads(name):
        if any(type_.startswith("params ") for _, type_ in overload):
            # Any number of arguments is taken one by one, and as a collection of whatever kind.
            documented[names_of(overload)] = 2

    def in_table(*, begin: bool) -> list[tuple[str, ...]]:
        return sorted(tuple(parameter.name for parameter in own) for own, _ in operation.overloads(begin))

    if client.is_synchronous(name):
        assert in_table(begin=False) == sorted(names for names, count in documented.items() for _ in range(count))
    if operation.has_pair:
        # A begun call could fill nothing before its end.
        begun = {names: count for names, count in documented.items() if "folder_info" not in names}
        assert in_table(begin=True) == sorted(names for names, count in begun.items() for _ in range(count))


@each_operation
def test_an_operation_has_its_pair(client: Documented, name: str) -> None:
    operation, net = client.table[name], client.operations[name]["net"]
    pair = client.has_pair(name)
    assert operation.has_pair == pair
    assert operation.synchronous == hasattr(client.cls, name) == client.is_synchronous(name)
    assert hasattr(client.cls, f"begin_{name}") == hasattr(client.cls, client.end_name(name)) == pair
    assert operation.end_name == client.end_name(name)
    assert operation.net == f"{client.name}.{net}"


# --- properties and events ---------------------------------------------------------------------------------


def properties() -> Iterator[Any]:
    for client in CLIENTS:
        for name, (net, type_, *words) in client.properties.items():
            yield pytest.param(client, name, net, type_, words, id=f"{client.name}-{name}")


@pytest.mark.parametrize(("client", "name", "net", "type_", "words"), list(properties()))
def test_a_property_can_be_read_and_set_as_documented(
    client: Documented, name: str, net: str, type_: str, words: list[str]
) -> None:
    member = inspect.getattr_static(client.cls, name)
    assert f".NET: ``{net}``" in " ".join((member.__doc__ or "").split())
    assert is_settable(client.cls, name) == ("set" in words)
    assert isinstance(member, property) == ("static" not in words or name in NOT_STATIC)
    if isinstance(member, property) and member.fget is not None:
        written = member.fget.__annotations__["return"]
        plain = {"IConnection": "ClientConnection"}.get(type_, annotation(type_))
        assert written in {plain, f"{plain} | None"}


@pytest.mark.parametrize(
    ("client", "name"),
    [pytest.param(client, name, id=f"{client.name}-{name}") for client in CLIENTS for name in client.events],
)
def test_an_event_takes_and_gives_up_handlers(client: Documented, name: str) -> None:
    def handler(*_: object) -> None:
        raise AssertionError("nothing happens here")

    with client.cls() as made:
        event: Any = getattr(made, name)
        assert isinstance(event, EVENTS)
        event += handler
        setattr(made, name, event)
        assert list(getattr(made, name)) == [handler]
        event -= handler
        assert not getattr(made, name)
        with pytest.raises(AsposeInvalidOperationException, match=f"{name} cannot be replaced"):
            setattr(made, name, handler)


@pytest.mark.parametrize(("client", "plain", "implicit"), [(IMAP, 143, 993), (POP3, 110, 995), (SMTP, 25, 465)])
def test_ports_are_those_of_the_protocol(client: Documented, plain: int, implicit: int) -> None:
    with client.cls() as made:
        assert (made.port, made.default_port) == (plain, plain)
        made.security_options = SecurityOptions.SSL_IMPLICIT
        assert made.port == implicit
