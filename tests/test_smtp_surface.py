"""Everything that SmtpClient is documented to have is there and takes what it is documented to take.

The facts are in data/smtp_surface.json, written from the reference tables by ``python -m tests.test_smtp_surface``
where these lie beside the checkout. What is documented and not built yet stands in `STILL_TO_COME` and nowhere else.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

import mailclients
from mailclients import MailAddressCollection, MailMessage, MailMessageCollection, SmtpClient
from mailclients.dotnet import Event
from mailclients.options import SecurityOptions
from mailclients.smtp import models
from mailclients.smtp.signatures import CONSTRUCTOR, OPERATIONS, STILL_TO_COME
from tests.support import surface
from tests.support.examples import FakeConnection

DATA = Path(__file__).parent / "data" / "smtp_surface.json"
ENUMS = ("SmtpDeliveryMethod", "SmtpKnownAuthenticationType", "SmtpStatusCode")
TYPES = (
    "FailedMailMessageEventArgs",
    "IMailTransferAgent",
    "MailMessageCollection",
    "MailMessageEventArgs",
    "SendMessagesResult",
    "SmtpException",
    "SmtpFailedRecipientException",
    "SmtpFailedRecipientsException",
)


def facts() -> dict[str, Any]:
    """What the reference says of SmtpClient and its types, by Python names."""
    reference = surface.Reference(json.loads(surface.REFERENCE.read_text("utf-8")))
    client = reference.api["SmtpClient"]
    return {
        "operations": {
            each["py"]: [reference.parameters(one["params"]) for one in each["overloads"]]
            for each in client["methods"].values()
        },
        # Whether there is the method itself, whether a pair, and where it is not by the rule, what its end is called.
        "pairs": {
            each["py"]: [
                not each.get("begin_only", False),
                each["begin"],
                *(reference.parameter_name(end["name"]) for end in each.get("end", ())),
            ]
            for each in client["methods"].values()
        },
        "constructors": [reference.parameters(each) for each in client["constructors"]],
        "properties": {
            each["py"]: bool(each["set"])
            for type_ in ("SmtpClient", *TYPES)
            for each in reference.api[type_]["properties"].values()
            if type_ == "SmtpClient"
        },
        "types": {type_: [each["py"] for each in reference.api[type_]["properties"].values()] for type_ in TYPES},
        "events": ["failed_sending", "succeeded_sending"],
        "enums": {
            enum: {reference.enum_name(name): value for name, value in reference.api["enums"][enum].items()}
            for enum in ENUMS
        },
    }


def text_of(found: dict[str, Any]) -> str:
    return json.dumps(found, indent=1, sort_keys=True) + "\n"


SURFACE: dict[str, Any] = json.loads(DATA.read_text("utf-8")) if DATA.exists() else {}


@pytest.mark.skipif(not surface.REFERENCE.exists(), reason="the reference tables are not here")
def test_the_facts_are_those_of_the_reference() -> None:
    assert DATA.read_text("utf-8") == text_of(facts()), "run: python -m tests.test_smtp_surface"


def test_the_facts_are_complete() -> None:
    assert len(SURFACE["operations"]) == 6
    assert sum(map(len, SURFACE["operations"].values())) == 21
    assert len(SURFACE["constructors"]) == 18
    assert len(SURFACE["properties"]) == 9


def test_everything_documented_is_there_but_for_what_is_still_to_come() -> None:
    names = {*SURFACE["properties"], *SURFACE["events"]}
    for name, (plain, pair, *end) in SURFACE["pairs"].items():
        made = {name: plain, f"begin_{name}": pair, **dict.fromkeys(end or [f"end_{name}"], pair)}
        assert {each for each in made if hasattr(SmtpClient, each)} == {each for each, there in made.items() if there}
    missing = {name for name in names if not hasattr(SmtpClient, name)}
    missing |= {name for name in (*SURFACE["types"], *SURFACE["enums"]) if not hasattr(mailclients, name)}
    assert missing == STILL_TO_COME
    assert set(OPERATIONS) == set(SURFACE["pairs"])


def test_properties_can_be_set_as_documented() -> None:
    for name, settable in SURFACE["properties"].items():
        member = getattr(SmtpClient, name, None)
        if member is not None:
            assert (member.fset is not None) == settable, name


def test_events_take_handlers() -> None:
    with SmtpClient("localhost") as client:
        assert all(isinstance(getattr(client, name), Event) for name in SURFACE["events"])


@pytest.mark.parametrize("name", [name for name in ENUMS if name not in STILL_TO_COME])
def test_enums_have_the_documented_members_and_values(name: str) -> None:
    enum = getattr(models, name)
    assert {member: int(enum[member]) for member in SURFACE["enums"][name]} == SURFACE["enums"][name]


@pytest.mark.parametrize("name", TYPES)
def test_types_have_the_documented_properties(name: str) -> None:
    sent = MailMessage("a@b.example", "c@d.example", "s", "b")
    made: dict[str, Any] = {
        "FailedMailMessageEventArgs": lambda: models.FailedMailMessageEventArgs(sent, ValueError()),
        "MailMessageEventArgs": lambda: models.MailMessageEventArgs(sent),
        "IMailTransferAgent": lambda: models.IMailTransferAgent,
    }
    value = made.get(name, getattr(models, name))()
    for member in SURFACE["types"][name]:
        assert hasattr(value, member), member


def example(type_: str) -> Any:
    sent = MailMessage("a@b.example", "c@d.example", "s", "b")
    return {
        "IConnection": FakeConnection(),
        "string": "a@b.example",
        "int": 25,
        "bool": True,
        "MailMessage": sent,
        "params MailMessage[]": sent,
        "MailMessageCollection": MailMessageCollection([sent]),
        "IEnumerable<MailMessage>": [sent],
        "MailAddressCollection": MailAddressCollection("c@d.example"),
        "Stream": io.BytesIO(b"Subject: x\r\n\r\n"),
        "SecurityOptions": SecurityOptions.AUTO,
        "ITokenProvider": type("Provider", (), {"get_access_token": lambda self, fresh=False: "t"})(),
        "RemoteCertificateValidationCallback": lambda *args: True,
    }[type_]


OVERLOADS = [
    pytest.param(name, overload, id=f"{name}-{'-'.join(each for each, _ in overload)}")
    for name, overloads in SURFACE.get("operations", {}).items()
    if name in OPERATIONS
    for overload in overloads
]


@pytest.mark.parametrize(("name", "overload"), OVERLOADS)
def test_every_documented_overload_is_taken_by_position_and_by_name(name: str, overload: list[list[str]]) -> None:
    values = [example(type_) for _, type_ in overload]
    operation = OPERATIONS[name]
    bound = operation.bind(tuple(values), {})
    assert (bound.connection is not None) == any(type_ == "IConnection" for _, type_ in overload)
    if operation.has_pair:
        begun, callback, state = operation.bind_begin((*values, print, "state"), {})
        assert begun.arguments.keys() == bound.arguments.keys()
        assert (callback, state) == (print, "state")
    if not any(type_.startswith("params") for _, type_ in overload):
        named = {parameter: example(type_) for parameter, type_ in overload}
        for given in (named, dict(reversed(named.items()))):
            assert operation.bind((), given).arguments.keys() == bound.arguments.keys()


@pytest.mark.parametrize("overload", SURFACE.get("constructors", []), ids=lambda each: "-".join(n for n, _ in each))
def test_every_documented_constructor_is_taken(overload: list[list[str]]) -> None:
    bound = CONSTRUCTOR.bind(tuple(example(type_) for _, type_ in overload), {})
    assert set(bound.arguments) == {name for name, _ in overload}


if __name__ == "__main__":
    DATA.write_text(text_of(facts()), "utf-8")
