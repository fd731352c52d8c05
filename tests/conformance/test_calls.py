"""Every documented call is bound to what the body has to receive, and wrong ones are argument errors."""

from __future__ import annotations

from typing import Any

import pytest

from mailclients.arguments import Out
from mailclients.errors import ArgumentTypeError, AsposeArgumentException, AsposeArgumentNullException
from mailclients.imap.models import PageSettings, PageSettingsAsync, RestoreSettings, RestoreSettingsAsync
from tests.conformance.documented import (
    CLIENTS,
    IMAP,
    Documented,
    Overload,
    each_client,
    each_operation,
    each_overload,
    names_of,
    only_by_name,
)
from tests.support.examples import CONNECTED, Told, Wrong, told

Call = tuple[tuple[Any, ...], dict[str, Any]]


# Parameters that None is a value of.
NULLABLE = {"read_only"}


def spread(overload: Overload, values: list[Any]) -> list[Any]:
    """The values as they are given by position: those of any number of arguments one by one."""
    if overload and overload[-1][1].startswith("params "):
        return [*values[:-1], *values[-1]]
    return values


# --- what is taken -----------------------------------------------------------------------------------------


@each_overload()
def test_a_documented_call_is_taken(client: Documented, name: str, overload: Overload) -> None:
    values, expected, connection = client.prepared(name, overload)
    names = names_of(overload)
    calls: list[Call] = [
        (tuple(values[:count]), dict(zip(names[count:], values[count:], strict=True)))
        for count in range(len(values) + (not only_by_name(overload)))
    ]
    calls.append(((), dict(reversed(list(zip(names, values, strict=True))))))
    if spread(overload, values) is not values:
        calls.append((tuple(spread(overload, values)), {}))
    for args, kwargs in calls:
        bound = client.bound(name, args, kwargs)
        assert client.comparable(bound.arguments) == expected
        assert bound.connection is connection
        holders = [value for value in values if isinstance(value, Out)]
        assert bound.out is (holders[0] if holders else None)


@each_overload(begun=True)
def test_a_documented_begin_is_taken(client: Documented, name: str, overload: Overload) -> None:
    values, expected, connection = client.prepared(name, overload)
    method = f"begin_{name}"
    if any(type_.startswith("out ") for _, type_ in overload):
        with pytest.raises(ArgumentTypeError):
            client.bound(method, tuple(values), {})
        return
    expected |= client.table[name].begin_arguments
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
    names = list(named)
    calls += [
        (tuple(values[:count]), {**{each: named[each] for each in names[count:]}, "callback": told}, told, None)
        for count in range(1, len(values))
    ]
    for args, kwargs, callback, state_given in calls:
        bound, callback_bound, state_bound = client.bound(method, args, kwargs)
        assert client.comparable(bound.arguments) == expected
        assert bound.connection is connection
        assert callback_bound is callback
        assert state_bound is state_given


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
    def begin(*args: Any) -> tuple[Any, Any, Any]:
        found: tuple[Any, Any, Any] = IMAP.bound(f"begin_{name}", args, {})
        return found

    settings = kind()
    settings.connection = CONNECTED
    first = IMAP.example("pst", "PersonalStorage", name)[0] if name == "restore" else 10
    assert IMAP.bound(name, (first, settings), {}).connection is CONNECTED
    if hasattr(settings, "callback"):
        settings.callback, settings.state = told, "of the settings"
        assert begin(first, settings)[1:] == (told, "of the settings")
        assert begin(first, settings, None, 5)[1:] == (None, 5)
    bound, callback, state = begin(first, settings, handled, 5)
    assert (bound.connection, callback, state) == (CONNECTED, handled, 5)
    settings.connection = None
    assert bound.arguments["settings"].connection is CONNECTED, "settings are copied when the call is made"


def handled(_: object) -> None:
    raise AssertionError("binding arguments calls no callback")


# --- what is refused ---------------------------------------------------------------------------------------


def refused(client: Documented, method: str, args: tuple[Any, ...], kwargs: Told, match: str | None = None) -> None:
    """Rule N3: an argument error, which is a TypeError and a ValueError both."""
    with pytest.raises(ArgumentTypeError, match=match) as caught:
        client.bound(method, args, kwargs)
    assert method in str(caught.value)


def null_refused(client: Documented, method: str, kwargs: Told, parameter: str) -> None:
    with pytest.raises(AsposeArgumentNullException, match=parameter):
        client.bound(method, (), kwargs)


def wrong_calls(client: Documented, name: str, overload: Overload, method: str) -> None:
    """What no overload takes, made of one that is documented."""
    values, _, _ = client.prepared(name, overload)
    names = names_of(overload)
    named = dict(zip(names, values, strict=True))
    documented = {frozenset(names_of(each)) for each in client.overloads(name)}
    tail = () if method == name else (None, 1)

    refused(client, method, (), {**named, "surplus": 1}, "surplus")
    refused(client, method, (*values, *tail, Wrong()), {})
    refused(client, method, (*values, Wrong()), {})
    if values and not any(names_of(each)[1:] == names for each in client.overloads(name)):
        refused(client, method, (values[0],), named)  # the first argument twice
    for place, parameter in enumerate(names):
        without = {key: value for key, value in named.items() if key != parameter}
        none_needed = client.is_variadic(name) and without.keys() <= {"connection"}
        if frozenset(without) not in documented and not none_needed:
            refused(client, method, (), without)
        refused(client, method, (), {**named, parameter: Wrong()}, parameter)
        refused(client, method, (*values[:place], Wrong(), *values[place + 1 :]), {})
        if parameter not in NULLABLE:
            null_refused(client, method, {**named, parameter: None}, parameter)
        elif method == name:
            assert client.bound(name, (), {**named, parameter: None}).arguments[parameter] is None


@each_overload()
def test_a_wrong_call_is_refused(client: Documented, name: str, overload: Overload) -> None:
    wrong_calls(client, name, overload, name)


@each_overload(begun=True)
def test_a_wrong_begin_is_refused(client: Documented, name: str, overload: Overload) -> None:
    if not any(type_.startswith("out ") for _, type_ in overload):
        wrong_calls(client, name, overload, f"begin_{name}")
    values, _, _ = client.prepared(name, overload)
    named = dict(zip(names_of(overload), values, strict=True))
    refused(client, f"begin_{name}", (), {**named, "callback": Wrong()}, "callback")


@each_operation
def test_a_wrong_end_is_refused(client: Documented, name: str) -> None:
    if not client.has_pair(name):
        assert not hasattr(client.cls, client.end_name(name))
        return
    method = client.end_name(name)
    refused(client, method, (), {})
    refused(client, method, (), {"surplus": 1}, "surplus")
    refused(client, method, (object(),) * 4, {})
    with client.cls() as made:
        with pytest.raises(ArgumentTypeError, match=f"{method}.*async_result"):
            getattr(made, method)(Wrong())
        with pytest.raises(AsposeArgumentNullException, match=f"{method}.*async_result"):
            getattr(made, method)(None)


@each_client
def test_begin_forms_of_other_languages_stay_out(client: Documented) -> None:
    for name, facts in client.operations.items():
        for overload in facts.get("begin_left_out", ()):
            values = {parameter: left_out(client, parameter, type_, name) for parameter, type_ in overload}
            refused(client, f"begin_{name}", (), values)


def left_out(client: Documented, parameter: str, type_: str, operation: str) -> Any:
    """A value for a parameter, which may be one that no documented form has."""
    try:
        return client.example(parameter, type_, operation)[0]
    except KeyError:
        return object()


def test_there_are_begin_forms_of_other_languages() -> None:
    counted = [sum(len(each.get("begin_left_out", ())) for each in client.operations.values()) for client in CLIENTS]
    assert counted == [26, 0, 2]


# --- methods without a table -------------------------------------------------------------------------------


@each_client
def test_plain_methods_refuse_what_is_not_documented(client: Documented) -> None:
    with client.cls() as made:
        for name in client.plain:
            method = getattr(made, name)
            for args, kwargs in (((Wrong(),) * 5, {}), ((), {"surplus": 1})):
                with pytest.raises(ArgumentTypeError, match=name):
                    method(*args, **kwargs)
            for overload in client.overloads(name):
                for place in range(len(overload)):
                    values = [Wrong() if index == place else None for index in range(len(overload))]
                    with pytest.raises(AsposeArgumentException):
                        method(*values)
