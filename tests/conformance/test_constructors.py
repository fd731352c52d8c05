"""Every documented form of the clients' constructors is taken, and wrong ones are argument errors."""

from __future__ import annotations

import concurrent.futures
import ssl
from typing import Any

import pytest

from mailclients.errors import ArgumentTypeError, AsposeArgumentNullException
from tests.conformance.documented import CLIENTS, Documented, Overload, names_of
from tests.support.examples import SETTINGS, Wrong

CONTEXT = ssl.create_default_context()
READ = ("host", "port", "username", "password", "token_provider", "security_options")


@pytest.mark.parametrize(
    ("client", "shape"),
    [
        pytest.param(client, shape, id=f"{client.name}-{'-'.join(names_of(shape))}")
        for client in CLIENTS
        for shape in client.constructors
    ],
)
def test_a_documented_constructor_is_taken(client: Documented, shape: Overload) -> None:
    names = names_of(shape)
    expected: dict[str, Any] = {name: SETTINGS[name] for name in names}
    values = list(expected.values())
    with concurrent.futures.ThreadPoolExecutor(1) as executor:
        extras = {"executor": executor, "ssl_context": CONTEXT}
        for count in range(len(values) + 1):
            named = dict(zip(names[count:], values[count:], strict=True))
            assert client.constructor.bind(tuple(values[:count]), named).arguments == expected
            bound = client.constructor.bind(tuple(values[:count]), {**named, **extras})
            assert bound.arguments == {**expected, **extras}
    cls: Any = client.cls
    with cls(*values) as made, cls(**expected) as other:
        for each in (made, other):
            for name in READ:
                if name in names:
                    assert getattr(each, name) == SETTINGS[name]
            assert each.access_token == (SETTINGS["auth_info"] if "auth_info" in names else None)
        for name in READ:
            assert getattr(made, name) == getattr(other, name)
    for args, kwargs in (
        (tuple(values), {"executor": 4}),
        (tuple(values), {"surplus": 1}),
        ((*values, Wrong()), {}),
    ):
        with pytest.raises(ArgumentTypeError):
            cls(*args, **kwargs)
    shapes = {frozenset(names_of(each)) for each in client.constructors}
    for place, name in enumerate(names):
        with pytest.raises(ArgumentTypeError):
            cls(*values[:place], Wrong(), *values[place + 1 :])
        with pytest.raises(ArgumentTypeError, match=name):
            cls(**{**expected, name: Wrong()})
        with pytest.raises(AsposeArgumentNullException, match=name):
            cls(**{**expected, name: None})
        without = {key: value for key, value in expected.items() if key != name}
        if frozenset(without) not in shapes:
            with pytest.raises(ArgumentTypeError):
                cls(**without)
