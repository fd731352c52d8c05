"""Queries evaluated here, on what a listing has of a message, since a POP3 server does not search.

What needs flags is refused before anything is fetched, and what needs bodies unless the query allows the client to
load whole messages. Pure functions over values: no lock, any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from mailclients.mime.dates import parse_mail_date
from mailclients.pop3.models import Pop3MessageInfo
from mailclients.search import MailQuery
from mailclients.search.evaluation import (
    Candidate,
    Fact,
    Test,
    compiled,
    ends_of,
    facts_of,
    ordered,
    with_criteria_read,
)
from mailclients.search.grammar import Order
from mailclients.search.tree import And, Node, all_of

__all__ = ["Plan", "plan_of_query"]

_UNKNOWN: Final = {
    Fact.FLAGS: "and POP3 has none",
    Fact.MODSEQ: "and POP3 has none",
    Fact.SERVER: "and POP3 servers do not search",
}
_NO_CONTENT: Final = {
    **_UNKNOWN,
    Fact.CONTENT: "and a listing has headers only; query.with_client_filter() has the client load whole messages",
}


class Plan(NamedTuple):
    """How a query is answered.

    Attributes:
        by_listing: what tells by a listing whether a message may meet it.
        by_content: what tells by the whole message whether it does; None where the listing says it all.
        ends: which of those that are found are wanted: 1 the first, 2 the last, 3 both, 0 all.
        order: the order in which a listing has them.
    """

    by_listing: Callable[[Pop3MessageInfo], bool]
    by_content: Callable[[Pop3MessageInfo, bytes], bool] | None
    ends: int
    order: Order

    def arranged(self, found: Sequence[Pop3MessageInfo]) -> list[Pop3MessageInfo]:
        """What is wanted of what was found, in the order that is wanted."""
        return ordered(ends_of(found, self.ends), self.order, _received)


def plan_of_query(query: MailQuery) -> Plan:
    """How to find the messages that a query asks for.

    Raises:
        AsposeNotSupportedException: it asks for flags, contents or other things that are not to be had.
        AsposeArgumentException: its criteria cannot be read.
    """
    node = with_criteria_read(query._node)
    unknown = _UNKNOWN if query.client_filter else _NO_CONTENT
    listed: list[Node] = []
    loaded: list[Node] = []
    for part in node.parts if isinstance(node, And) else (node,):
        (loaded if Fact.CONTENT in facts_of(part) else listed).append(part)
    by_listing = compiled(all_of(listed), unknown)
    by_content = compiled(all_of(loaded), unknown) if loaded else None
    return Plan(_listed(by_listing), None if by_content is None else _loaded(by_content), query._ends, query._order)


def _listed(test: Test) -> Callable[[Pop3MessageInfo], bool]:
    return lambda info: test(_candidate(info))


def _loaded(test: Test) -> Callable[[Pop3MessageInfo, bytes], bool]:
    return lambda info, content: test(_candidate(info, content))


def _candidate(info: Pop3MessageInfo, content: bytes = b"") -> Candidate:
    return Candidate(
        header=info.headers,
        content=content,
        size=info.size,
        received=_received(info),
        unique_id=info.unique_id,
        number=info.sequence_number,
    )


def _received(info: Pop3MessageInfo) -> datetime | None:
    """When the last server took the message, by the trace at the top of it; else the date of the sender."""
    for value in info.headers.get_values("Received")[:1]:
        found = parse_mail_date(value.rpartition(";")[2].strip())
        if found is not None:
            return found
    return info.date
