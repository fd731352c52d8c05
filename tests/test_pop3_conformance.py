"""Everything that Pop3Client is documented to have is there and takes what it is documented to take, and nothing else.

The facts are in data/pop3_surface.json: names, types and overloads. As in `test_conformance` what a body receives is
worked out by name and type, without a look at the tables under test, and nothing is connected.
"""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import mailclients
from mailclients import MailQuery, Pop3Client, Pop3ListFields, Pop3MessageInfo, _generate
from mailclients.dotnet import Event, HandlerList
from mailclients.pop3.models import MessageNames
from mailclients.pop3.signatures import CONSTRUCTOR, OPERATIONS, STILL_TO_COME
from tests.support import surface
from tests.support.binding import Binding
from tests.support.examples import CONNECTED, PROVIDER, STREAM, told, validate_certificate

SURFACE: dict[str, Any] = json.loads(surface.POP3_DATA.read_text("utf-8"))
Documented = list[tuple[str, str]]
PLAIN = [name for name in SURFACE["operations"] if name not in OPERATIONS]

QUERY = MailQuery("SUBJECT x")
INFOS = [Pop3MessageInfo(1, "u7"), Pop3MessageInfo(2, "u9")]
EXAMPLES: dict[str, tuple[Any, dict[str, Any]]] = {
    "connection": (CONNECTED, {}),
    "unique_id": ("u12", {"messages": MessageNames(uids=["u12"])}),
    "sequence_number": (3, {"messages": MessageNames(numbers=[3])}),
    "uids": (["u1", "u2"], {"messages": MessageNames(uids=["u1", "u2"])}),
    "unique_id_lst": ({"u1": 0}.keys(), {"messages": MessageNames(uids=["u1"])}),
    "sequence_numbers": ((4, 2, 2), {"messages": MessageNames(numbers=[4, 2, 2])}),
    "sequence_number_lst": (range(1, 4), {"messages": MessageNames(numbers=[1, 2, 3])}),
    "sequence_number_list": ([5], {"messages": MessageNames(numbers=[5])}),
    "message_info_list": (INFOS, {"messages": MessageNames(uids=["u7", "u9"])}),
    "fields": (Pop3ListFields.ID_ONLY, {"fields": Pop3ListFields.ID_ONLY}),
    "close_transaction": (True, {"close_transaction": True}),
    "query": (QUERY, {"query": QUERY}),
    "file_name": ("some.eml", {"file_name": "some.eml"}),
    "output_stream": (STREAM, {"stream": STREAM}),
    "sleep": (42, {"sleep": 42}),
}
SETTINGS: dict[str, Any] = {
    "host": "pop.example.org",
    "port": 995,
    "username": "user",
    "password": "word",
    "security_options": mailclients.SecurityOptions.SSL_IMPLICIT,
    "token_provider": PROVIDER,
    "auth_info": "token",
    "use_o_auth": True,
    "user_certificate_validation_callback": validate_certificate,
}


def overloads(operation: str) -> list[Documented]:
    return [[tuple(entry) for entry in overload] for overload in SURFACE["operations"][operation]["overloads"]]


def names_of(overload: Documented) -> tuple[str, ...]:
    return tuple(name for name, _ in overload)


EVERY = [
    pytest.param(name, overload, id=f"{name}-{'-'.join(names_of(overload))}")
    for name in OPERATIONS
    for overload in overloads(name)
]


# --- the facts ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(not surface.REFERENCE.exists(), reason="the reference tables are not here")
def test_the_facts_are_those_of_the_reference() -> None:
    assert surface.POP3_DATA.read_text("utf-8") == surface.generated("Pop3Client"), "run: python run.py generate"


def test_the_facts_are_complete() -> None:
    own = [facts for name, facts in SURFACE["operations"].items() if name in OPERATIONS]
    assert len(own) == sum(facts["pair"] for facts in own) == 20
    assert sum(len(facts["overloads"]) for facts in own) == 77 + 2  # Login and Logout have no form in the tables
    assert len(SURFACE["constructors"]) == 13
    assert len(SURFACE["properties"]["Pop3Client"]) == 3


# --- what is there -----------------------------------------------------------------------------------------


def is_settable(name: str) -> bool:
    member = inspect.getattr_static(Pop3Client, name)
    return member.fset is not None if isinstance(member, property) else hasattr(type(member), "__set__")


def missing() -> set[str]:
    found = {name for name in SURFACE["operations"] if not hasattr(Pop3Client, name)}
    for client in SURFACE["properties"].values():
        for name, (_, _, *words) in client.items():
            if not hasattr(Pop3Client, name):
                found.add(name)
            elif "set" in words and not is_settable(name):
                found.add(f"set {name}")
    found |= {name for name in SURFACE["events"] if not hasattr(Pop3Client, name)}
    return found | {name for name in (*SURFACE["types"], *SURFACE["enums"]) if not hasattr(mailclients, name)}


def test_everything_documented_is_there_but_for_what_is_still_to_come() -> None:
    types = {"Proxy", "BindIPEndPointHandler"}  # of all clients: looked at with ImapClient
    assert missing() == STILL_TO_COME - types


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_table_has_exactly_the_documented_overloads(name: str) -> None:
    operation = OPERATIONS[name]
    documented = sorted(map(names_of, overloads(name)))
    for begin in (False, True):
        assert sorted(tuple(p.name for p in own) for own, _ in operation.overloads(begin)) == documented
    assert operation.net == f"Pop3Client.{SURFACE['operations'][name]['net']}"
    assert operation.has_pair
    assert hasattr(Pop3Client, f"begin_{name}")
    assert hasattr(Pop3Client, f"end_{name}")


def test_the_table_has_exactly_the_documented_operations_and_constructors() -> None:
    assert set(OPERATIONS) | set(PLAIN) == set(SURFACE["operations"])
    in_table = [tuple(parameter.name for parameter in own) for own, _ in CONSTRUCTOR.overloads()]
    assert sorted(in_table) == sorted(tuple(name for name, _ in shape) for shape in SURFACE["constructors"])


# --- calls -------------------------------------------------------------------------------------------------


class BindingClient(Binding, Pop3Client):
    """The public methods above the binding ones."""


def bound(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    client = BindingClient()
    getattr(client, name)(*args, **kwargs)
    return client.bound


def prepared(overload: Documented) -> tuple[list[Any], dict[str, Any], Any]:
    expected: dict[str, Any] = {}
    for name, _ in overload:
        expected.update(EXAMPLES[name][1])
    return [EXAMPLES[name][0] for name, _ in overload], expected, CONNECTED if "connection" in dict(overload) else None


@pytest.mark.parametrize(("name", "overload"), EVERY)
def test_a_documented_call_is_taken_in_both_forms(name: str, overload: Documented) -> None:
    values, expected, connection = prepared(overload)
    names, state = names_of(overload), object()
    for count in range(len(values) + 1):
        args, kwargs = tuple(values[:count]), dict(zip(names[count:], values[count:], strict=True))
        plain = bound(name, args, kwargs)
        assert (plain.arguments, plain.connection) == (expected, connection)
        begun, callback, given = bound(f"begin_{name}", args, {**kwargs, "callback": told, "state": state})
        assert (begun.arguments, begun.connection) == (expected, connection)
        assert (callback, given) == (told, state)
    for tail in ((), (told,), (told, state), (None, state)):
        begun, callback, given = bound(f"begin_{name}", (*values, *tail), {})
        assert begun.arguments == expected
        assert (callback, given) == (*tail, None, None)[:2]


class Wrong:
    """Of no type that anything is documented to take."""


@pytest.mark.parametrize(("name", "overload"), EVERY)
def test_a_wrong_call_is_refused_in_both_forms(name: str, overload: Documented) -> None:
    values, _, _ = prepared(overload)
    named = dict(zip(names_of(overload), values, strict=True))
    documented = {frozenset(names_of(each)) for each in overloads(name)}

    def refused(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        for method in (name, f"begin_{name}"):
            with pytest.raises(TypeError):
                bound(method, args, kwargs)

    refused((), {**named, "surplus": 1})
    for place, parameter in enumerate(named):
        refused((), {**named, parameter: Wrong()})
        refused((), {**named, parameter: None})
        refused((*values[:place], Wrong(), *values[place + 1 :]), {})
        without = {key: value for key, value in named.items() if key != parameter}
        if frozenset(without) not in documented:
            refused((), without)


@pytest.mark.parametrize("shape", SURFACE["constructors"], ids=lambda shape: "-".join(name for name, _ in shape))
def test_a_documented_constructor_is_taken(shape: list[list[str]]) -> None:
    names = [name for name, _ in shape]
    values = [SETTINGS[name] for name in names]
    with Pop3Client(*values) as client, Pop3Client(**dict(zip(names, values, strict=True))) as other:
        for made in (client, other):
            for name in ("host", "port", "username", "password", "security_options", "token_provider"):
                if name in names:
                    assert getattr(made, name) == SETTINGS[name]
            assert made.access_token == ("token" if "auth_info" in names else None)
    with pytest.raises(TypeError):
        Pop3Client(*values, Wrong())  # type: ignore[call-overload]


def test_ports_are_those_of_the_protocol() -> None:
    with Pop3Client() as client:
        assert (client.port, client.default_port) == (110, 110)
        client.security_options = mailclients.SecurityOptions.SSL_IMPLICIT
        assert client.port == 995


# --- annotations -------------------------------------------------------------------------------------------


def annotation(type_: str) -> str:
    known = {
        "void": "None",
        "string": "str",
        "long": "int",
        "Stream": "SupportsWrite",
        "IList<MailMessage>": "list[MailMessage]",
    }
    if type_.startswith("IEnumerable<"):
        return f"IdCollection[{annotation(type_[12:-1])}]"
    return known.get(type_, type_)


def methods() -> Iterator[ast.FunctionDef]:
    (client,) = (each for each in _generate.CLIENTS if each.name == "Pop3Client")
    (class_,) = (node for node in ast.parse(_generate.render(client)).body if isinstance(node, ast.ClassDef))
    return (node for node in class_.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("name", OPERATIONS)
def test_annotations_are_right(name: str) -> None:
    wider = {"file_name": "str | os.PathLike[str]", "sleep": "int | timedelta"}
    result = annotation(SURFACE["operations"][name]["returns"])
    seen: set[tuple[tuple[str, str], ...]] = set()
    for node in methods():
        if node.name not in (name, f"begin_{name}", f"end_{name}"):
            continue
        assert node.returns is not None
        returns = ast.unparse(node.returns)
        if returns == "Any":
            continue  # behind the overloads
        assert returns == (f"IAsyncResultExt[{result}]" if node.name.startswith("begin_") else result)
        if node.name == name:
            arguments = node.args.args[1:]
            seen.add(tuple((each.arg, ast.unparse(each.annotation)) for each in arguments if each.annotation))
    for overload in overloads(name):
        wanted = tuple((parameter, wider.get(parameter, annotation(type_))) for parameter, type_ in overload)
        assert any(each[: len(wanted)] == wanted for each in seen), wanted


@pytest.mark.parametrize("name", SURFACE["properties"]["Pop3Client"])
def test_a_property_can_be_read_and_set_as_documented(name: str) -> None:
    net, type_, *words = SURFACE["properties"]["Pop3Client"][name]
    member = inspect.getattr_static(Pop3Client, name)
    assert f".NET: ``{net}``" in " ".join((member.__doc__ or "").split())
    assert is_settable(name) == ("set" in words)
    assert member.fget.__annotations__["return"] == annotation(type_)


@pytest.mark.parametrize("name", [name for name in SURFACE["events"] if name not in STILL_TO_COME])
def test_an_event_is_one(name: str) -> None:
    with Pop3Client() as client:
        assert isinstance(getattr(client, name), (Event, HandlerList))


@pytest.mark.parametrize("name", SURFACE["types"])
def test_a_type_has_its_members(name: str) -> None:
    cls, facts = getattr(mailclients, name), SURFACE["types"][name]
    for member in (*facts.get("properties", {}), *facts.get("methods", {})):
        assert hasattr(cls, member), f"{name}.{member}"
    if facts.get("constructors"):
        for shape in facts["constructors"]:
            made: Callable[..., Any] = cls
            assert type(made(*(7 for _ in shape))) is cls
            assert type(made(**{parameter: 7 for parameter, _ in shape})) is cls


@pytest.mark.parametrize("name", SURFACE["enums"])
def test_an_enum_has_the_documented_values(name: str) -> None:
    members = getattr(mailclients, name).__members__
    for member, value in SURFACE["enums"][name].items():
        assert members[member] == value


def test_types_of_pop3_are_in_its_package_too() -> None:
    from mailclients import pop3

    for name in (*SURFACE["types"], *SURFACE["enums"], "Pop3Client", "Pop3Exception", "DeletionsLostError"):
        assert getattr(pop3, name) is getattr(mailclients, name)
    assert set(pop3.__all__) <= set(dir(pop3))
    with pytest.raises(AttributeError):
        _ = pop3.nothing  # type: ignore[attr-defined]
