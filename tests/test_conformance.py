"""Everything that ImapClient is documented to have is there and takes what it is documented to take, and nothing else.

The facts are in data/imap_surface.json: names, types and overloads. What a body has to receive for the arguments of a
call is worked out by name and type (`tests.support.examples`), without a look at the tables under test. Nothing is
connected: arguments are bound, which is all that is left of the many shapes of a call before a body runs.

What is documented and not built yet is named in `STILL_TO_COME` and nowhere else; here it is held against what is
missing indeed.
"""

from __future__ import annotations

import ast
import concurrent.futures
import dataclasses
import importlib
import inspect
import json
import ssl
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import mailclients
from mailclients import _generate
from mailclients.dotnet import HandlerList
from mailclients.errors import ArgumentTypeError, AsposeArgumentNullException, AsposeInvalidOperationException
from mailclients.imap.client import ImapClient
from mailclients.imap.models import PageSettings, PageSettingsAsync, RestoreSettings, RestoreSettingsAsync
from mailclients.imap.signatures import CONSTRUCTOR, OPERATIONS, STILL_TO_COME
from mailclients.signatures import Bound, Out
from tests.support import surface
from tests.support.binding import Binding
from tests.support.examples import CONNECTED, FakeConnection, comparable, example, told

SURFACE: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "imap_surface.json").read_text("utf-8"))
Documented = list[tuple[str, str]]

# Members that no table of signatures has: they begin nothing, and the base class writes them out.
PLAIN = [name for name in SURFACE["operations"] if name not in OPERATIONS]
# Properties that are documented otherwise; docs/deviations.md says why.
NOT_STATIC = {"default_folder"}


def overloads(operation: str) -> list[Documented]:
    facts = SURFACE["operations"][operation]
    return [[tuple(entry) for entry in overload] for overload in [*facts["overloads"], *facts.get("legacy", ())]]


def names_of(overload: Documented) -> tuple[str, ...]:
    return tuple(name for name, _ in overload)


def every_overload(begun: bool = False) -> Iterator[Any]:
    for operation in OPERATIONS:
        if begun and not SURFACE["operations"][operation]["pair"]:
            continue
        for number, overload in enumerate(overloads(operation)):
            yield pytest.param(operation, overload, id=f"{operation}-{number}-{'-'.join(names_of(overload))}")


# --- the facts ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(not surface.REFERENCE.exists(), reason="the reference tables are not here")
def test_the_facts_are_those_of_the_reference() -> None:
    assert surface.DATA.read_text("utf-8") == surface.generated(), "run: python -m tests.support.surface"


def test_the_page_of_members_is_what_the_facts_say() -> None:
    assert surface.PAGE.read_text("utf-8") == surface.generated_members(), "run: python run.py generate"


def test_the_facts_are_complete() -> None:
    operations = SURFACE["operations"]
    imap = [name for name, facts in operations.items() if name in OPERATIONS or name == "dispose"]
    assert len(imap) == 51
    assert sum(facts["pair"] for facts in operations.values()) == 47
    assert len(SURFACE["constructors"]) == 19
    assert [len(SURFACE["properties"][client]) for client in ("ImapClient", "EmailClient")] == [34, 26]
    assert len(SURFACE["events"]) == 2


# --- what is there -----------------------------------------------------------------------------------------


def is_settable(cls: type, name: str) -> bool:
    member = inspect.getattr_static(cls, name)
    return member.fset is not None if isinstance(member, property) else hasattr(type(member), "__set__")


def missing() -> set[str]:
    """What is documented and not there: members of the client, setters as "set name", and types."""
    found = {name for name in SURFACE["operations"] if not hasattr(ImapClient, name)}
    for client in SURFACE["properties"].values():
        for name, (_, _, *words) in client.items():
            if not hasattr(ImapClient, name):
                found.add(name)
            elif "set" in words and not is_settable(ImapClient, name):
                found.add(f"set {name}")
    found |= {name for name in SURFACE["events"] if not hasattr(ImapClient, name)}
    types = [*SURFACE["types"], *SURFACE["enums"], *SURFACE["delegates"]]
    return found | {name for name in types if not hasattr(mailclients, name)}


def test_everything_documented_is_there_but_for_what_is_still_to_come() -> None:
    assert missing() == STILL_TO_COME


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_has_its_pair(name: str) -> None:
    built = name not in STILL_TO_COME
    assert (
        hasattr(ImapClient, f"begin_{name}")
        == hasattr(ImapClient, f"end_{name}")
        == (built and SURFACE["operations"][name]["pair"])
    )
    assert OPERATIONS[name].has_pair == SURFACE["operations"][name]["pair"]
    assert OPERATIONS[name].net == f"ImapClient.{SURFACE['operations'][name]['net']}"


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_table_has_exactly_the_documented_overloads(name: str) -> None:
    in_table = [tuple(parameter.name for parameter in own) for own, _ in OPERATIONS[name].overloads()]
    documented = [names_of(overload) for overload in overloads(name)]
    variadic = any(type_.startswith("params ") for overload in overloads(name) for _, type_ in overload)
    # Any number of arguments is taken one by one and as a collection, which makes two of one.
    assert sorted(in_table) == sorted(documented * 2 if variadic else documented)
    if OPERATIONS[name].has_pair:
        begun = {tuple(parameter.name for parameter in own) for own, _ in OPERATIONS[name].overloads(begin=True)}
        assert begun == {names for names in documented if "folder_info" not in names}


def test_the_table_has_exactly_the_documented_operations() -> None:
    assert set(OPERATIONS) | set(PLAIN) == set(SURFACE["operations"])
    assert set(PLAIN) == {
        "cancel_async_operation",
        "create_connection",
        "dispose",
        "get_capabilities",
        "reset_log_settings",
        "set_supported_encryption_unsafe",
    }
    in_table = [tuple(parameter.name for parameter in own) for own, _ in CONSTRUCTOR.overloads()]
    assert sorted(in_table) == sorted(tuple(name for name, _ in shape) for shape in SURFACE["constructors"])


# --- calls -------------------------------------------------------------------------------------------------


class BindingClient(Binding, ImapClient):
    """The public methods above the binding ones."""


def call(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Bound:
    """What a call of the public method comes to; of one that is not built yet, what the table makes of it."""
    if name in STILL_TO_COME:
        return OPERATIONS[name].bind(args, kwargs)
    client = BindingClient()
    getattr(client, name)(*args, **kwargs)
    bound: Bound = client.bound
    return bound


def begin(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Bound, Any, Any]:
    if name in STILL_TO_COME:
        return OPERATIONS[name].bind_begin(args, kwargs)
    client = BindingClient()
    getattr(client, f"begin_{name}")(*args, **kwargs)
    found: tuple[Bound, Any, Any] = client.bound
    return found


def prepared(operation: str, overload: Documented) -> tuple[list[Any], dict[str, Any], Any]:
    values: list[Any] = []
    expected: dict[str, Any] = {}
    for name, type_ in overload:
        value, told_body = example(name, type_, operation)
        values.append(value)
        expected.update(told_body)
    return values, comparable(expected), CONNECTED if "connection" in names_of(overload) else None


def only_by_name(overload: Documented) -> bool:
    """A bare integer in list_messages is max_number_of_messages (rule N2)."""
    return [name for name, _ in overload if name != "connection"] == ["modification_sequence"]


def spread(overload: Documented, values: list[Any]) -> list[Any]:
    """The values as they are given by position: those of any number of arguments one by one."""
    if overload and overload[-1][1].startswith("params "):
        return [*values[:-1], *values[-1]]
    return values


@pytest.mark.parametrize(("name", "overload"), list(every_overload()))
def test_a_documented_call_is_taken(name: str, overload: Documented) -> None:
    values, expected, connection = prepared(name, overload)
    names = names_of(overload)
    calls = [
        (tuple(values[:count]), dict(zip(names[count:], values[count:], strict=True)))
        for count in range(len(values) + (not only_by_name(overload)))
    ]
    if spread(overload, values) is not values:
        calls.append((tuple(spread(overload, values)), {}))
    for args, kwargs in calls:
        bound = call(name, args, kwargs)
        assert comparable(bound.arguments) == expected
        assert bound.connection is connection
        holders = [value for value in values if isinstance(value, Out)]
        assert bound.out is (holders[0] if holders else None)


@pytest.mark.parametrize(("name", "overload"), list(every_overload(begun=True)))
def test_a_documented_begin_is_taken(name: str, overload: Documented) -> None:
    values, expected, connection = prepared(name, overload)
    if any(type_.startswith("out ") for _, type_ in overload):
        with pytest.raises(ArgumentTypeError):
            begin(name, tuple(values), {})
        return
    expected |= OPERATIONS[name].begin_arguments
    named = dict(zip(names_of(overload), values, strict=True))
    state = object()
    calls: list[tuple[tuple[Any, ...], dict[str, Any], Any, Any]] = [
        ((), named, None, None),
        ((), {**named, "callback": told}, told, None),
        ((), {**named, "callback": told, "state": state}, told, state),
        ((), {**named, "state": state}, None, state),
    ]
    if not only_by_name(overload):
        given = tuple(spread(overload, values))
        calls += [
            (given, {}, None, None),
            ((*given, told), {}, told, None),
            ((*given, told, state), {}, told, state),
            ((*given, None, state), {}, None, state),
            ((*given, None), {}, None, None),
            (given, {"callback": told, "state": state}, told, state),
            ((*given, told), {"state": state}, told, state),
        ]
    for args, kwargs, callback, state_given in calls:
        bound, callback_bound, state_bound = begin(name, args, kwargs)
        assert comparable(bound.arguments) == expected
        assert bound.connection is connection
        assert callback_bound is callback
        assert state_bound is state_given


class Wrong:
    """Of no type that anything is documented to take."""


NULLABLE = {"read_only"}


@pytest.mark.parametrize(("name", "overload"), list(every_overload()))
def test_a_wrong_call_is_refused(name: str, overload: Documented) -> None:
    values, _, _ = prepared(name, overload)
    names = names_of(overload)
    named = dict(zip(names, values, strict=True))
    documented = {frozenset(names_of(each)) for each in overloads(name)}
    pair = SURFACE["operations"][name]["pair"]

    def refused(args: tuple[Any, ...], kwargs: dict[str, Any], match: str | None = None) -> None:
        # A method with a single form has a signature, by which Python itself refuses arguments: a TypeError, too.
        with pytest.raises(TypeError, match=match):
            call(name, args, kwargs)
        if pair:
            with pytest.raises(TypeError, match=match):
                begin(name, args, kwargs)

    refused((), {**named, "surplus": 1}, "surplus")
    refused((*values, Wrong()), {})
    if pair:
        with pytest.raises(TypeError):
            begin(name, (*values, None, 1, Wrong()), {})
    if values and not any(names_of(each)[1:] == names for each in overloads(name)):
        refused((values[0],), named)  # the first argument twice
    for place, parameter in enumerate(names):
        without = {key: value for key, value in named.items() if key != parameter}
        if frozenset(without) not in documented and not (name == "client_capabilities" and "connection" not in without):
            refused((), without)
        refused((), {**named, parameter: Wrong()}, parameter)
        refused((*values[:place], Wrong(), *values[place + 1 :]), {})
        if parameter in NULLABLE:
            assert call(name, (), {**named, parameter: None}).arguments[parameter] is None
        else:
            with pytest.raises(AsposeArgumentNullException, match=parameter):
                call(name, (), {**named, parameter: None})


@pytest.mark.parametrize("name", OPERATIONS)
def test_begin_forms_of_other_languages_stay_out(name: str) -> None:
    for overload in SURFACE["operations"][name].get("begin_left_out", ()):
        if any(parameter in ("page", "file_names") for parameter, _ in overload):
            continue  # names of their own, which no parameter has
        values = {parameter: example(parameter, type_, name)[0] for parameter, type_ in overload if type_ in KNOWN}
        if len(values) == len(overload):
            with pytest.raises(TypeError):
                begin(name, (), values)


KNOWN = {
    *("IConnection", "IEnumerable<string>", "ImapFolderInfoCollection", "MailQuery", "PageInfo", "PersonalStorage"),
    *("Stream", "int", "string"),
}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("list_messages_by_page", PageSettings),
        ("list_messages_by_page", PageSettingsAsync),
        ("restore", RestoreSettings),
        ("restore", RestoreSettingsAsync),
    ],
)
def test_connection_callback_and_state_inside_the_settings(name: str, kind: type[Any]) -> None:
    settings = kind()
    settings.connection = CONNECTED
    first = example("pst", "PersonalStorage")[0] if name == "restore" else 10
    assert call(name, (first, settings), {}).connection is CONNECTED
    if hasattr(settings, "callback"):
        settings.callback, settings.state = told, "of the settings"
        assert begin(name, (first, settings), {})[1:] == (told, "of the settings")
        assert begin(name, (first, settings, None, 5), {})[1:] == (None, 5)
    bound, callback, state = begin(name, (first, settings, handled, 5), {})
    assert (bound.connection, callback, state) == (CONNECTED, handled, 5)
    settings.connection = None
    assert bound.arguments["settings"].connection is CONNECTED, "settings are copied when the call is made"


def handled(_: object) -> None:
    raise AssertionError("binding arguments calls no callback")


CLIENT_EXAMPLES: dict[str, Any] = {
    "host": "imap.example.org",
    "port": 993,
    "username": "user",
    "password": "secret word",
    "auth_info": "secret word",
}


@pytest.mark.parametrize(
    "shape",
    [pytest.param(shape, id="-".join(name for name, _ in shape)) for shape in SURFACE["constructors"]],
)
def test_a_documented_constructor_is_taken(shape: Documented) -> None:
    names = [name for name, _ in shape]
    values = [CLIENT_EXAMPLES.get(name) or example(name, type_)[0] for name, type_ in shape]
    expected = dict(zip(names, values, strict=True))
    context = ssl.create_default_context()
    with concurrent.futures.ThreadPoolExecutor(1) as executor:
        extras = {"executor": executor, "ssl_context": context}
        for count in range(len(values) + 1):
            named = dict(zip(names[count:], values[count:], strict=True))
            assert CONSTRUCTOR.bind(tuple(values[:count]), named).arguments == expected
            bound = CONSTRUCTOR.bind(tuple(values[:count]), {**named, **extras})
            assert bound.arguments == {**expected, **extras}
    with ImapClient(*values) as client, ImapClient(**expected) as other:
        for name in ("host", "port", "username", "password", "access_token", "token_provider", "security_options"):
            assert getattr(client, name) == getattr(other, name)
    with pytest.raises(ArgumentTypeError):
        CONSTRUCTOR.bind(tuple(values), {"executor": 4})
    with pytest.raises(ArgumentTypeError):
        CONSTRUCTOR.bind((*values, Wrong()), {})
    for place, name in enumerate(names):
        wrong = [*values[:place], Wrong(), *values[place + 1 :]]
        with pytest.raises(ArgumentTypeError):
            ImapClient(*wrong)
        with pytest.raises(ArgumentTypeError, match=name):
            ImapClient(**{**expected, name: Wrong()})


# --- annotations -------------------------------------------------------------------------------------------


def annotation(type_: str) -> str:
    """What a documented type is written as in a signature."""
    simple = {"void": "None", "string": "str", "AppendMessagesResult": "AppendMessagesResult[MailMessage]"}
    if type_.endswith("[]"):
        return f"list[{annotation(type_[:-2])}]"
    if type_.startswith(("List<", "IList<")):
        return f"list[{annotation(type_.partition('<')[2][:-1])}]"
    return simple.get(type_, type_)


# Parameters that are written otherwise than their type alone tells, mostly because more is taken.
WIDER = {
    "file_name": "str | os.PathLike[str]",
    "folders": "IdCollection[ImapFolderInfo]",
    "options": "ListFoldersOptions",
    "pst": "PersonalStorage | str | os.PathLike[str]",
    "sleep": "int | timedelta",
}


def parameter_annotation(operation: str, name: str, type_: str) -> set[str]:
    if operation == "backup" and name == "options":
        return {"BackupSettings | BackupOptions"}
    if operation == "restore" and name == "settings":
        return {"RestoreSettings | RestoreOptions"}
    if name in WIDER:
        return {WIDER[name]}
    if type_.startswith("IEnumerable<"):
        return {f"IdCollection[{annotation(type_[12:-1])}]"}
    if type_.startswith("params "):
        return {"str", "IdCollection[str]"}
    if type_.startswith("out "):
        return {f"Out[{type_[4:]}]"}
    known = {"long": "int", "bool?": "bool | None", "Stream": "SupportsWrite"}
    known["ImapMessageFlags"] = "ImapMessageFlags | str"
    return {known.get(type_, annotation(type_))}


@cache
def methods() -> dict[str, list[ast.FunctionDef]]:
    """The signatures of the generated class with all operations, those to come too: overloads, or the one there is."""
    whole = dataclasses.replace(_generate.CLIENTS[0], operations=OPERATIONS)
    (class_,) = (node for node in ast.parse(_generate.render(whole)).body if isinstance(node, ast.ClassDef))
    found: dict[str, list[ast.FunctionDef]] = {}
    for node in class_.body:
        if isinstance(node, ast.FunctionDef):
            found.setdefault(node.name, []).append(node)
    return {name: nodes[:-1] or nodes for name, nodes in found.items()}


def signatures(name: str) -> Iterator[dict[str, str]]:
    """Each parameter list that a method's annotations admit: annotations by name."""
    for node in methods()[name]:
        arguments = [*node.args.args[1:], *([node.args.vararg] if node.args.vararg else []), *node.args.kwonlyargs]
        given = {each.arg: ast.unparse(each.annotation) for each in arguments if each.annotation is not None}
        assert len(given) == len(arguments)
        optional = len(node.args.defaults) + sum(default is not None for default in node.args.kw_defaults)
        names = list(given)
        for count in range(len(names) - optional, len(names) + 1):
            yield {each: given[each] for each in names[:count]}


@pytest.mark.parametrize("name", OPERATIONS)
def test_annotations_are_right(name: str) -> None:
    facts = SURFACE["operations"][name]
    returns = annotation(facts["returns"])
    assert {ast.unparse(node.returns) for node in methods()[name] if node.returns} == {returns}
    annotated = list(signatures(name))
    assert {tuple(each) for each in annotated} == {names_of(overload) for overload in overloads(name)}
    kinds = {(parameter, type_) for overload in overloads(name) for parameter, type_ in overload}
    for each in annotated:
        for parameter, written in each.items():
            allowed = {a for n, t in kinds if n == parameter for a in parameter_annotation(name, n, t)}
            assert written in allowed, f"{parameter} of {name}"
    if not facts["pair"]:
        return
    (ended,) = {annotation(end) for end, _ in facts.get("end", [[facts["returns"], []]])}
    for node in methods()[f"begin_{name}"]:
        assert node.returns is not None
        assert ast.unparse(node.returns) == f"IAsyncResultExt[{ended}]"
    begun = {tuple(each) for each in signatures(f"begin_{name}")}
    plain = {names_of(overload) for overload in overloads(name) if "folder_info" not in names_of(overload)}
    assert begun == {(*names, *tail) for names in plain for tail in ((), ("callback",), ("callback", "state"))}
    for node in methods()[f"end_{name}"]:
        assert node.returns is not None
        assert ast.unparse(node.returns) == ended
    ends = {tuple(each) for each in signatures(f"end_{name}")}
    documented = facts.get("end", [[facts["returns"], []]])
    assert ends == {("async_result", *(parameter for parameter, _ in extra)) for _, extra in documented}


@pytest.mark.parametrize("name", [name for name in PLAIN if name not in STILL_TO_COME])
def test_plain_members_take_what_is_documented(name: str) -> None:
    signature = inspect.signature(getattr(ImapClient, name))
    for overload in overloads(name):
        signature.bind(None, *(object() for _ in overload))
        signature.bind(None, **{parameter: object() for parameter, _ in overload})
    expected = annotation(SURFACE["operations"][name]["returns"])
    assert str(signature.return_annotation) in {expected, {"IConnection": "ClientConnection"}.get(expected)}
    most = max(len(overload) for overload in overloads(name))
    extra = len(signature.parameters) - 1 - most
    with pytest.raises(TypeError):
        signature.bind(None, *(object() for _ in range(most + extra + 1)))


# --- properties, events, types -----------------------------------------------------------------------------


def properties() -> Iterator[Any]:
    for client in SURFACE["properties"].values():
        for name, (net, type_, *words) in client.items():
            if name not in STILL_TO_COME:
                yield pytest.param(name, net, type_, words, id=name)


@pytest.mark.parametrize(("name", "net", "type_", "words"), list(properties()))
def test_a_property_can_be_read_and_set_as_documented(name: str, net: str, type_: str, words: list[str]) -> None:
    member = inspect.getattr_static(ImapClient, name)
    assert f".NET: ``{net}``" in " ".join((member.__doc__ or "").split())
    if f"set {name}" not in STILL_TO_COME:
        assert is_settable(ImapClient, name) == ("set" in words)
    assert isinstance(member, property) == ("static" not in words or name in NOT_STATIC)
    if isinstance(member, property) and member.fget is not None:
        written = member.fget.__annotations__["return"]
        plain = {"IConnection": "ClientConnection"}.get(type_, annotation(type_))
        assert written in {plain, f"{plain} | None"}


@pytest.mark.parametrize("name", [name for name in SURFACE["events"] if name not in STILL_TO_COME])
def test_an_event_takes_and_gives_up_handlers(name: str) -> None:
    def handler(*_: object) -> None:
        raise AssertionError("nothing happens here")

    with ImapClient() as client:
        event = getattr(client, name)
        assert isinstance(event, HandlerList)
        event += handler
        setattr(client, name, event)
        assert list(getattr(client, name)) == [handler]
        event -= handler
        assert not getattr(client, name)
        with pytest.raises(AsposeInvalidOperationException, match=f"{name} cannot be replaced"):
            setattr(client, name, handler)


TYPES = [name for name in SURFACE["types"] if name not in STILL_TO_COME]


def has_member(cls: type[Any], name: str) -> bool:
    return hasattr(cls, name) or name in getattr(cls, "__dataclass_fields__", ())


@pytest.mark.parametrize("name", TYPES)
def test_a_type_has_its_members(name: str) -> None:
    cls = getattr(mailclients, name)
    facts = SURFACE["types"][name]
    for member, (_, _, *words) in facts.get("properties", {}).items():
        assert has_member(cls, member), f"{name}.{member}"
        if "static" in words:
            assert isinstance(getattr(cls, member), cls)
        elif facts["kind"] != "interface" and hasattr(cls, member):
            frozen = member in getattr(cls, "__dataclass_fields__", ())
            assert (not frozen and is_settable(cls, member)) == ("set" in words), f"{name}.{member}"
    for member, forms in facts.get("methods", {}).items():
        signature = inspect.signature(getattr(cls, member))
        static = isinstance(inspect.getattr_static(cls, member), staticmethod)
        for _, parameters in forms:
            signature.bind(*(object() for _ in range(len(parameters) + (not static))))


def given(parameter: str, type_: str) -> Any:
    """A value for a parameter of a constructor."""
    if type_ == "SocksVersion":
        return mailclients.SocksVersion.SOCKS_V4
    return example(parameter, type_)[0] if type_ in TAKEN else list(INFOS)


def constructors() -> Iterator[Any]:
    for name in TYPES:
        facts = SURFACE["types"][name]
        if facts["kind"] == "class":
            for number, shape in enumerate(facts.get("constructors", ())):
                yield pytest.param(name, shape, id=f"{name}-{number}")


@pytest.mark.parametrize(("name", "shape"), list(constructors()))
def test_a_type_is_made_as_documented(name: str, shape: Documented) -> None:
    cls: Callable[..., Any] = getattr(mailclients, name)
    if name == "ImapFolderInfoCollection" and shape:
        folders = list(example("folders", "ImapFolderInfoCollection")[0])
        assert list(cls(*folders)) == list(cls(folders)) == folders
        return
    values = [given(parameter, type_) for parameter, type_ in shape]
    made = cls(*values)
    if not SURFACE["types"][name].get("base", "").startswith("Collection"):
        other = cls(**{parameter: value for (parameter, _), value in zip(shape, values, strict=True)})
        for member in SURFACE["types"][name].get("properties", {}):
            if member not in ("next_page", "default", "default_value"):
                assert getattr(made, member) == getattr(other, member)
    with pytest.raises(TypeError):
        cls(*values, *[Wrong()] * 5)


TAKEN = {"string", "int", "bool", "object", "DateTime", "TokenType", "BackupOptions", "ImapMessageInfo[]"}
INFOS = example("message_info_set", "IEnumerable<ImapMessageInfo>")[0]


def abstract_types() -> list[str]:
    found = [name for name in TYPES if SURFACE["types"][name]["kind"] in ("abstract class", "interface")]
    found.remove("MessageInfoBase")  # listings make very many of its kind, so nothing is asked when one is made
    return found


@pytest.mark.parametrize("name", abstract_types())
def test_an_abstract_type_makes_no_object(name: str) -> None:
    with pytest.raises(TypeError):
        getattr(mailclients, name)()


@pytest.mark.parametrize("name", [name for name in SURFACE["enums"] if name not in STILL_TO_COME])
def test_an_enum_has_the_documented_values(name: str) -> None:
    enum = getattr(mailclients, name)
    documented = SURFACE["enums"][name]
    assert {member: int(enum[member]) for member in documented} == documented
    assert {int(member) for member in enum.__members__.values()} == set(documented.values())


def test_types_of_imap_are_in_its_package_too() -> None:
    package = importlib.import_module("mailclients.imap")
    for name in [*TYPES, *SURFACE["delegates"], "ImapClient"]:
        if name.startswith(("Imap", "IImap")) and name not in STILL_TO_COME:
            assert getattr(package, name) is getattr(mailclients, name)


def test_a_fake_connection_is_one() -> None:
    assert isinstance(FakeConnection(), mailclients.IConnection)
