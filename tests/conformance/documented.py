"""The facts as the tests walk them: each client with what it inherits, its operations and their overloads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

from mailclients.client import CredentialsByHostClient
from mailclients.imap import signatures as imap
from mailclients.imap.client import ImapClient
from mailclients.pop3 import signatures as pop3
from mailclients.pop3.client import Pop3Client
from mailclients.signatures import Operation
from mailclients.smtp import signatures as smtp
from mailclients.smtp.client import SmtpClient
from tests.support import surface
from tests.support.binding import Binding
from tests.support.examples import CONNECTED, Told, comparable
from tests.support.examples import imap as imap_examples
from tests.support.examples import pop3 as pop3_examples
from tests.support.examples import smtp as smtp_examples

FACTS = surface.facts()
Overload = list[tuple[str, str]]  # name and documented type of each parameter


def names_of(overload: Overload) -> tuple[str, ...]:
    return tuple(name for name, _ in overload)


def only_by_name(overload: Overload) -> bool:
    """A bare integer in list_messages is max_number_of_messages (rule N2)."""
    return [name for name, _ in overload if name != "connection"] == ["modification_sequence"]


@dataclass(frozen=True, eq=False)
class Documented:
    """A client as it is documented, beside what is under test.

    Attributes:
        cls: the public class. table, constructor: what it is generated from.
        example: a value for a documented parameter, and what the body is told for it.
        added: members that .NET does not have; docs/deviations.md says why.
        copied: settings of these types are copied when a call is made.
    """

    cls: type[CredentialsByHostClient]
    table: Mapping[str, Operation]
    constructor: Operation
    example: Callable[[str, str, str], tuple[Any, Told]]
    added: frozenset[str]
    copied: tuple[type[Any], ...] = ()

    @property
    def name(self) -> str:
        return self.cls.__name__

    def _facts(self, kind: str) -> dict[str, Any]:
        """Its own first: what it has in another form than `EmailClient` counts as it is there."""
        own, inherited = FACTS["clients"][self.name][kind], FACTS["clients"][surface.BASE][kind]
        return {**own, **{name: each for name, each in inherited.items() if name not in own}}

    @cached_property
    def operations(self) -> dict[str, Any]:
        return self._facts("operations")

    @cached_property
    def properties(self) -> dict[str, Any]:
        return self._facts("properties")

    @cached_property
    def events(self) -> dict[str, Any]:
        return self._facts("events")

    @property
    def constructors(self) -> list[Overload]:
        return [[(name, type_) for name, type_ in shape] for shape in FACTS["clients"][self.name]["constructors"]]

    @cached_property
    def plain(self) -> list[str]:
        """Methods that no table of signatures has: they begin nothing, and the base class writes them out."""
        return [name for name in self.operations if name not in self.table]

    def overloads(self, operation: str) -> list[Overload]:
        facts = self.operations[operation]
        given = [*facts["overloads"], *facts.get("legacy", ())]
        return [[(name, type_) for name, type_ in overload] for overload in given]

    def has_pair(self, operation: str) -> bool:
        return bool(self.operations[operation]["pair"])

    def is_synchronous(self, operation: str) -> bool:
        return not self.operations[operation].get("begin_only")

    def end_name(self, operation: str) -> str:
        return str(self.operations[operation].get("end_name", f"end_{operation}"))

    def methods_of(self, operation: str) -> list[str]:
        """The names of the methods that take the operation's arguments."""
        plain = [operation] * self.is_synchronous(operation)
        return [*plain, *[f"begin_{operation}"] * self.has_pair(operation)]

    def is_variadic(self, operation: str) -> bool:
        """Whether it takes any number of arguments one by one, and so none at all."""
        return any(type_.startswith("params ") for overload in self.overloads(operation) for _, type_ in overload)

    @cached_property
    def _binding(self) -> Binding:
        made: Binding = type(f"Binding{self.name}", (Binding, self.cls), {})()
        return made

    def bound(self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What a call of a public method comes to."""
        return self._binding.what_comes_of(method, args, kwargs)

    def prepared(self, operation: str, overload: Overload) -> tuple[list[Any], Told, Any]:
        """A value for each parameter, and the arguments and the connection that the body has to receive."""
        values: list[Any] = []
        expected: Told = {}
        for name, type_ in overload:
            value, told_body = self.example(name, type_, operation)
            values.append(value)
            expected.update(told_body)
        return values, self.comparable(expected), CONNECTED if "connection" in names_of(overload) else None

    def comparable(self, arguments: Told) -> Told:
        return comparable(arguments, self.copied)


ADDED = frozenset(("ca_file", "exclusive", "executor", "pool", "ssl_context"))
IMAP = Documented(
    ImapClient,
    imap.OPERATIONS,
    imap.CONSTRUCTOR,
    imap_examples.example,
    ADDED.union(
        ("allow_preauth", "compression", "idle_renewal_period", "monitoring_attempts", "monitoring_poll_interval")
    ),
    imap_examples.COPIED,
)
POP3 = Documented(Pop3Client, pop3.OPERATIONS, pop3.CONSTRUCTOR, pop3_examples.example, ADDED)
SMTP = Documented(SmtpClient, smtp.OPERATIONS, smtp.CONSTRUCTOR, smtp_examples.example, ADDED | {"require_tls"})
CLIENTS = (IMAP, POP3, SMTP)

each_client = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
each_operation = pytest.mark.parametrize(
    ("client", "name"),
    [pytest.param(client, name, id=f"{client.name}-{name}") for client in CLIENTS for name in client.table],
)


def every_overload(*, begun: bool) -> Iterator[Any]:
    """The overloads of the methods themselves, or of those that begin."""
    for client in CLIENTS:
        for operation in client.table:
            if not (client.has_pair(operation) if begun else client.is_synchronous(operation)):
                continue
            for number, overload in enumerate(client.overloads(operation)):
                described = "-".join((client.name, operation, str(number), *names_of(overload)))
                yield pytest.param(client, operation, overload, id=described)


def each_overload(*, begun: bool = False) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("client", "name", "overload"), list(every_overload(begun=begun)))
