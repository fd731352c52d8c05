"""Everything that messages are documented to have is there, but for what docs/messages.md says is left out.

The facts are in data/message_surface.json. What is left out, and why, stands in the table of docs/messages.md alone.
"""

from __future__ import annotations

import enum
import inspect
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mailclients
from mailclients import (
    AsposeNotSupportedException,
    ContentType,
    EmlSaveOptions,
    HeaderCollection,
    MailAddress,
    MailMessageSaveType,
    TransferEncoding,
)
from mailclients.dotnet import ClassValue
from mailclients.mime.collection import Collection
from tests.support import differences, surface

# Formats that are not read or written: their options refuse to be made, and so have no members.
REFUSED = {"HtmlLoadOptions", "HtmlSaveOptions", "MhtSaveOptions", "MsgLoadOptions", "MsgSaveOptions"}
SURFACE = surface.committed(surface.MESSAGE_DATA)
TYPES: dict[str, Any] = SURFACE["types"]


LEFT_OUT = differences.left_out()


def is_left_out(type_: str, member: str = "") -> bool:
    return bool({type_, f"{type_}.{member}", f"*.{member}"} & LEFT_OUT.keys())


HELD = [name for name in TYPES if not is_left_out(name) and name not in REFUSED]


@pytest.mark.skipif(not surface.REFERENCE.exists(), reason="the reference tables are not here")
def test_the_facts_are_those_of_the_reference() -> None:
    assert surface.MESSAGE_DATA.read_text("utf-8") == surface.generated_messages(), "run: python run.py generate"


def test_the_facts_are_complete() -> None:
    assert len(TYPES) == 39
    assert sum(len(each.get("properties", ())) for each in TYPES.values()) == 177
    assert len(SURFACE["enums"]) == 13


def test_what_is_left_out_is_documented_and_not_there() -> None:
    documented = {*TYPES, *SURFACE["enums"]}
    for name, reason in LEFT_OUT.items():
        assert len(reason) > 15, f"{name}: no reason"
        type_, _, member = name.removesuffix("[]").partition(".")
        if type_ == "*":
            assert any(member in each.get("methods", {}) for each in TYPES.values()), name
            assert not any(hasattr(getattr(mailclients, one), member) for one in HELD), name
            continue
        assert type_ in documented, f"{name} is nothing that is documented"
        if member:
            assert member in {**TYPES[type_].get("methods", {}), **TYPES[type_].get("properties", {})}, name
            assert not hasattr(getattr(mailclients, type_), member), f"{name} is there"
        elif not name.endswith("[]"):
            assert not hasattr(mailclients, type_), f"{name} is there"


@pytest.mark.parametrize("name", HELD)
def test_every_documented_member_is_there(name: str) -> None:
    cls = getattr(mailclients, name)
    for member, (_, _, *words) in TYPES[name].get("properties", {}).items():
        if is_left_out(name, member):
            continue
        found = inspect.getattr_static(cls, member, None)
        assert found is not None, f"{name}.{member}"
        if "static" in words:
            assert isinstance(found, (ClassValue, cls)), f"{name}.{member}"
        elif isinstance(found, property):
            assert (found.fset is not None) == ("set" in words), f"{name}.{member}: {words}"
        else:
            assert member == "item_id", f"{name}.{member} is no property"
    for member, forms in TYPES[name].get("methods", {}).items():
        if is_left_out(name, member):
            continue
        found = inspect.getattr_static(cls, member)
        signature = inspect.signature(getattr(cls, member))
        own = 0 if isinstance(found, staticmethod) else 1
        for _, parameters in forms:
            signature.bind(*(object() for _ in range(len(parameters) + own)))
    base = TYPES[name].get("base") or ""
    if base.startswith("Collection<"):
        assert issubclass(cls, Collection)
    elif base:
        assert issubclass(cls, getattr(mailclients, base))


# Each form has another name for the same argument, or the name that every collection has.
BY_POSITION = {"add", "add_range", "equals", "get"}


@pytest.mark.parametrize("name", HELD)
def test_methods_take_their_documented_names(name: str) -> None:
    cls = getattr(mailclients, name)
    for member, forms in TYPES[name].get("methods", {}).items():
        if is_left_out(name, member) or member in BY_POSITION:
            continue
        parameters = inspect.signature(getattr(cls, member)).parameters
        if any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
            continue  # bound by form: see the constructors and test_documented_forms_are_taken_by_name
        for _, documented in forms:
            for parameter, _ in documented:
                assert parameter in parameters, f"{name}.{member} has no {parameter}"


def value(type_: str, path: Path) -> Any:
    if type_ == "string":
        return "a@b.example"
    made: dict[str, Callable[[], Any]] = {
        "Stream": lambda: io.BytesIO(b"content"),
        "file": lambda: str(path),
        "media": lambda: "text/x-test",
        "bool": lambda: True,
        "Encoding": lambda: "utf-8",
        "ContentType": lambda: ContentType("text/plain; name=a.txt"),
        "MailAddress": lambda: MailAddress("a@b.example"),
        "HeaderCollection": HeaderCollection,
        "MailMessageSaveType": lambda: MailMessageSaveType.eml_format,
        "TransferEncoding": lambda: TransferEncoding.BASE64,
    }
    return made[type_]()


def arguments(shape: list[list[str]], path: Path) -> dict[str, Any]:
    special = {
        "file_name": "file",
        "media_type": "media",
        "content_type": "media",
        "disposition": "media",
    }
    return {name: value(special.get(name, type_) if type_ == "string" else type_, path) for name, type_ in shape}


def shapes() -> list[Any]:
    return [
        pytest.param(name, shape, id=f"{name}-{'-'.join(one for one, _ in shape)}")
        for name in HELD
        if TYPES[name]["kind"] == "class"
        for shape in TYPES[name].get("constructors", ())
    ]


@pytest.mark.parametrize(("name", "shape"), shapes())
def test_every_documented_constructor_is_taken_by_position_and_by_name(
    name: str, shape: list[list[str]], tmp_path: Path
) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(b"content")
    cls = getattr(mailclients, name)
    if name == "ContentDisposition" and shape:
        assert cls("inline").inline
        assert cls(disposition="inline").inline
        return
    by_position = cls(*arguments(shape, path).values())
    by_name = cls(**arguments(shape, path))
    assert type(by_position) is type(by_name) is cls
    for member in ("name", "content_type", "address", "display_name", "subject", "body", "media_type"):
        if isinstance(inspect.getattr_static(cls, member, None), property):
            assert getattr(by_position, member) == getattr(by_name, member), member


@pytest.mark.parametrize("name", ["AttachmentBase", "SaveOptions", "LoadOptions"])
def test_an_abstract_type_makes_no_object(name: str) -> None:
    assert TYPES[name]["kind"] == "abstract class"
    with pytest.raises(TypeError, match="abstract"):
        getattr(mailclients, name)()


STRING_FACTORIES = ("Attachment", "AlternateView", "LinkedResource")


@pytest.mark.parametrize("name", STRING_FACTORIES)
def test_documented_forms_are_taken_by_name(name: str, tmp_path: Path) -> None:
    cls = getattr(mailclients, name)
    ((member, forms),) = [one for one in TYPES[name]["methods"].items() if one[0].startswith("create_")]
    for _, shape in forms:
        given = arguments(shape, tmp_path)
        made = getattr(cls, member)(*given.values())
        again = getattr(cls, member)(**arguments(shape, tmp_path))
        assert made.content() == again.content() == b"a@b.example"
        assert made.content_type == again.content_type


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_options_for_formats_that_are_not_there_are_refused_by_name(name: str) -> None:
    (shape,) = TYPES[name]["constructors"]
    with pytest.raises(AsposeNotSupportedException, match=r"(?i)(html|msg|mhtml)"):
        getattr(mailclients, name)(*(MailMessageSaveType.outlook_message_format for _ in shape))


def test_indexers_take_what_they_are_documented_to_take() -> None:
    documented = {name: each["indexers"] for name, each in TYPES.items() if "indexers" in each}
    headers = HeaderCollection()
    headers.add("Subject", "x")
    assert documented["HeaderCollection"] == ["string", "int"]
    assert headers["subject"] == headers[0] == "x"
    assert documented.keys() == {"HeaderCollection", "MailAddress", "TrackingStringDictionary"}


@pytest.mark.parametrize("name", [name for name in SURFACE["enums"] if not is_left_out(name)])
def test_an_enum_has_the_documented_members_and_values(name: str) -> None:
    found: type[enum.IntEnum] = getattr(mailclients, name)
    documented = SURFACE["enums"][name]
    assert {member: int(each) for member, each in found.__members__.items()} == documented


def test_static_defaults_are_new_each_time() -> None:
    first, second = mailclients.SaveOptions.default_eml, mailclients.SaveOptions.default_eml
    assert isinstance(first, EmlSaveOptions)
    first.preserve_signed_content = False
    assert second.preserve_signed_content
    for name in ("default_html", "default_mhtml", "default_msg", "default_msg_unicode", "default_oft"):
        with pytest.raises(AsposeNotSupportedException, match="EML"):
            getattr(mailclients.SaveOptions, name)
