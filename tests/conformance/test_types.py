"""The documented types, enums and delegates: their members, how they are made, and where they are imported from."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any, get_origin

import pytest

import mailclients
from mailclients.message import MailMessage
from tests.conformance.documented import CLIENTS, FACTS, Overload
from tests.conformance.types import is_settable
from tests.support.examples import FakeConnection, Wrong
from tests.support.examples import imap as examples

TYPES: dict[str, Any] = FACTS["types"]
ERRORS = [name for name in TYPES if name.endswith("Exception")]
MESSAGE = MailMessage("a@b.example", "c@d.example", "subject", "text")


@pytest.mark.parametrize("name", [*TYPES, *FACTS["enums"], *FACTS["delegates"], *FACTS["elsewhere"]])
def test_a_type_is_public(name: str) -> None:
    assert name in mailclients.__all__
    assert getattr(mailclients, name) is not None


def has_member(cls: type[Any], name: str) -> bool:
    return hasattr(cls, name) or name in getattr(cls, "__dataclass_fields__", ())


@pytest.mark.parametrize("name", TYPES)
def test_a_type_has_its_members(name: str) -> None:
    cls = getattr(mailclients, name)
    facts = TYPES[name]
    # What an error tells are attributes of the object.
    made = cls() if name in ERRORS else None
    for member, (_, _, *words) in facts.get("properties", {}).items():
        if made is not None:
            assert hasattr(made, member), f"{name}.{member}"
            continue
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


# --- making them -------------------------------------------------------------------------------------------


def given(parameter: str, type_: str) -> Any:
    """A value for a parameter of a constructor."""
    known = {
        "Exception": ValueError("reason"),
        "MailMessage": MESSAGE,
        "SocksVersion": mailclients.SocksVersion.SOCKS_V4,
        "long": 1234,
    }
    if type_ in known:
        return known[type_]
    return examples.example(parameter, type_)[0] if type_ in TAKEN else list(INFOS)


TAKEN = {"string", "int", "bool", "object", "DateTime", "TokenType", "BackupOptions", "ImapMessageInfo[]"}
INFOS = examples.INFOS


def constructors() -> Iterator[Any]:
    for name, facts in TYPES.items():
        # Errors are made by the library: the text, and all else by name (docs/deviations.md).
        if facts["kind"] == "class" and name not in ERRORS:
            for number, shape in enumerate(facts.get("constructors", ())):
                yield pytest.param(name, shape, id=f"{name}-{number}")


@pytest.mark.parametrize(("name", "shape"), list(constructors()))
def test_a_type_is_made_as_documented(name: str, shape: Overload) -> None:
    cls: Callable[..., Any] = getattr(mailclients, name)
    if name == "ImapFolderInfoCollection" and shape:
        folders = list(examples.example("folders", "ImapFolderInfoCollection")[0])
        assert list(cls(*folders)) == list(cls(folders)) == folders
        return
    values = [given(parameter, type_) for parameter, type_ in shape]
    made = cls(*values)
    assert type(made) is cls
    if not TYPES[name].get("base", "").startswith("Collection"):
        other = cls(**{parameter: value for (parameter, _), value in zip(shape, values, strict=True)})
        assert type(other) is cls
        for member in TYPES[name].get("properties", {}):
            if member not in ("next_page", "default", "default_value"):
                assert getattr(made, member) == getattr(other, member)
    with pytest.raises(TypeError):
        cls(*values, *[Wrong()] * 5)


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_made_of_its_text(name: str) -> None:
    error = getattr(mailclients, name)("what went wrong")
    assert str(error) == "what went wrong"
    base = getattr(mailclients, TYPES[name]["base"])
    assert isinstance(error, base)


def abstract_types() -> list[str]:
    found = [name for name in TYPES if TYPES[name]["kind"] in ("abstract class", "interface")]
    found.remove("MessageInfoBase")  # listings make very many of its kind, so nothing is asked when one is made
    return found


@pytest.mark.parametrize("name", abstract_types())
def test_an_abstract_type_makes_no_object(name: str) -> None:
    with pytest.raises(TypeError):
        getattr(mailclients, name)()


@pytest.mark.parametrize("name", FACTS["enums"])
def test_an_enum_has_the_documented_values(name: str) -> None:
    enum = getattr(mailclients, name)
    documented = FACTS["enums"][name]
    assert {member: int(enum[member]) for member in documented} == documented
    assert {int(member) for member in enum.__members__.values()} == set(documented.values())


@pytest.mark.parametrize("name", FACTS["delegates"])
def test_a_delegate_stands_for_a_function(name: str) -> None:
    def function(*_: object) -> None:
        raise AssertionError("nothing is called here")

    delegate = getattr(mailclients, name)
    is_class = isinstance(delegate, type) and get_origin(delegate) is None  # Python 3.10 takes list[int] for a type
    made = delegate(function) if is_class else function
    assert callable(made)


# --- where they are imported from --------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", FACTS["packages"])
def test_types_of_a_protocol_are_in_its_package_too(protocol: str) -> None:
    package = importlib.import_module(f"mailclients.{protocol}")
    named = FACTS["packages"][protocol]
    assert [name for name in named if name not in package.__all__] == []
    for name in named:
        assert getattr(package, name) is getattr(mailclients, name)
    assert named[-1] in [client.name for client in CLIENTS]


def test_a_fake_connection_is_one() -> None:
    assert isinstance(FakeConnection(), mailclients.IConnection)
