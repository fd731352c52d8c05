"""How a query is answered by a server and, where it allows that, by looking at messages here.

The server is asked for everything that may meet the query; what it cannot tell is then tried on what it says of each
of these. Values and bodies of operations: no lock, any thread.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final, NamedTuple

from mailclients.engine.commands import Command
from mailclients.errors import AsposeArgumentException, AsposeNotSupportedException
from mailclients.imap.commands import SET_BYTES, Search, results_of
from mailclients.imap.criteria import Criteria
from mailclients.imap.folders import Selection
from mailclients.imap.models import ImapMessageFlags, ImapMessageInfo, parse_internal_date
from mailclients.imap.protocol import FetchCommand, ImapCore, content_of
from mailclients.imap.search_keys import criteria_of_tree
from mailclients.mime.headers import HeaderCollection
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
from mailclients.search.grammar import Order, write_expression
from mailclients.search.imap_keys import read_criteria
from mailclients.search.tree import (
    ADDRESSES,
    EVERYTHING,
    HEADER,
    And,
    DateTest,
    FlagTest,
    How,
    IdTest,
    ModSeqTest,
    Node,
    Not,
    Or,
    Raw,
    ServerTest,
    TextTest,
    all_of,
    any_of,
    compacted,
    id_ranges,
    leaves,
    negated,
)

__all__ = ["Plan", "plan_of_query"]

# Messages looked at in one command: whole ones, and what is small of them.
CONTENTS_AT_ONCE: Final = 16
OTHERS_AT_ONCE: Final = 500

_CONTENT: Final = ("Body", "Text")
_MAILBOX: Final = re.compile(r"<([^<>]+)>\s*\Z")
# What is fetched to know something of a message, and what that is called in the answer.
_ITEMS: Final = {
    Fact.HEADER: (b"BODY.PEEK[HEADER]", "BODY[HEADER]"),
    Fact.CONTENT: (b"BODY.PEEK[]", "BODY[]"),
    Fact.FLAGS: (b"FLAGS", "FLAGS"),
    Fact.SIZE: (b"RFC822.SIZE", "RFC822.SIZE"),
    Fact.RECEIVED: (b"INTERNALDATE", "INTERNALDATE"),
    Fact.MODSEQ: (b"MODSEQ", "MODSEQ"),
}


class Plan(NamedTuple):
    """How a query is answered: what the server is asked, and what is left to be looked at.

    Attributes:
        criteria: for the server; all that meet the query meet them.
        test: what tells which of these meet the query; None where all do.
        facts: what the test has to know of each.
        with_deleted: messages flagged as deleted are found as well, since the query asks for that flag.
        ends: which of those that are found are wanted: 1 the first, 2 the last, 3 both, 0 all.
        order: the order in which a listing has them.
    """

    criteria: Criteria
    test: Test | None = None
    facts: frozenset[Fact] = frozenset()
    with_deleted: bool = False
    ends: int = 0
    order: Order = ()

    def arranged(self, infos: Iterable[ImapMessageInfo]) -> list[ImapMessageInfo]:
        """What is listed in the order that is wanted."""
        return ordered(list(infos), self.order, lambda info: info.internal_date)

    def uids(self, selection: Selection) -> Generator[Command | list[Command], Any, Sequence[int]]:
        """The unique ids of the messages that meet a query, in ascending order."""
        uids: Sequence[int] = yield Search(selection, self.criteria)
        if self.test is None:
            return ends_of(uids, self.ends)
        facts = self.facts - {Fact.HEADER} if Fact.CONTENT in self.facts else self.facts
        asked = [_ITEMS[fact] for fact in sorted(facts, key=_by_value) if fact in _ITEMS]
        if not asked:  # the unique id tells
            return ends_of([uid for uid in uids if self.test(Candidate(unique_id=str(uid)))], self.ends)
        items = b"(UID " + b" ".join(item for item, _ in asked) + b")"
        needs = frozenset(("UID", *(name for _, name in asked)))
        found: list[int] = []
        step = CONTENTS_AT_ONCE if Fact.CONTENT in facts else OTHERS_AT_ONCE
        for start in range(0, len(uids), step):
            fetch = FetchCommand(items, needs, selection, uids=uids[start : start + step])
            answered: list[Command] = yield [fetch]
            for result in results_of(answered):
                found += (told["UID"] for number, told in result if self.test(_candidate(number, told)))
        return ends_of(sorted(found), self.ends)


def plan_of_query(query: MailQuery, core: ImapCore, operation: str) -> Plan:
    """How to find the messages that a query asks for, without those flagged as deleted unless it asks for these.

    Raises:
        AsposeNotSupportedException: the server cannot search for a part of it, and the query does not allow the
            client to look; or the client cannot tell either.
        AsposeArgumentException: what the client would have to look for cannot be read.
    """
    node = query._node
    with_deleted = _refuse_unknown(node, core, operation)
    needed: list[Node] = []
    left: list[Node] = []
    for part in node.parts if isinstance(node, And) else (node,):
        wider, exact = _widened(part)
        needed.append(wider)
        if not exact:
            left.append(part)
    criteria = criteria_of_tree(all_of(needed), query._charset, with_deleted=with_deleted)
    if not left:
        return Plan(criteria, with_deleted=with_deleted, ends=query._ends, order=query._order)
    rest = with_criteria_read(all_of(left))
    facts = facts_of(rest)
    if not query.client_filter and not facts <= {Fact.IDENTITY}:
        raise AsposeNotSupportedException(
            f"{operation}: no IMAP server can search for {write_expression(rest)};"
            " query.with_client_filter() has the client look at the messages that may meet it"
        )
    return Plan(criteria, compiled(rest, {}), facts, with_deleted, query._ends, query._order)


def _refuse_unknown(node: Node, core: ImapCore, operation: str) -> bool:
    """Refuses what needs an extension that the server does not have; whether the deleted flag is asked for."""
    deleted = False
    for leaf in leaves(node):
        if isinstance(leaf, Raw):
            try:
                leaf = read_criteria(leaf.criteria)
            except AsposeArgumentException:
                continue  # the server may know more search keys
        for test in leaves(leaf):
            needs = "CONDSTORE" if isinstance(test, ModSeqTest) else test.needs if isinstance(test, ServerTest) else ""
            if needs and not core.has(needs):
                name = test.key if isinstance(test, ServerTest) else "a modification sequence"
                raise AsposeNotSupportedException(f"{operation}: a query for {name} needs a server with {needs}")
            deleted = deleted or (isinstance(test, FlagTest) and test.flag.lower() == "\\deleted")
    return deleted


def _widened(node: Node) -> tuple[Node, bool]:
    """What a server can search for and finds at least the same; whether it finds exactly the same."""
    if isinstance(node, Not):
        wider, exact = _widened(node.part)
        return (negated(wider), True) if exact else (EVERYTHING, False)
    if isinstance(node, (And, Or)):
        parts = [_widened(part) for part in node.parts]
        exact = all(exact for _, exact in parts)
        if isinstance(node, And):
            return all_of(wider for wider, _ in parts), exact
        return (EVERYTHING if any(wider == EVERYTHING for wider, _ in parts) else any_of(w for w, _ in parts)), exact
    if isinstance(node, TextTest):
        return _widened_text(node)
    if isinstance(node, DateTest) and isinstance(node.moment, datetime):
        return _widened_date(node, node.moment), False
    if isinstance(node, IdTest):
        if id_ranges(node.members) is None:
            raise AsposeNotSupportedException(
                f"query: {node.members[:40]!r} is no set of unique ids as IMAP has them, such as '1:3,7'"
            )
        members = compacted((node.members,))
        if len(members) > SET_BYTES and "*" not in members:
            ranges = id_ranges(members) or [(1, 1)]
            return IdTest(f"{ranges[0][0]}:{ranges[-1][1]}"), False  # too long for a command
        return IdTest(members), True
    return node, True


def _widened_text(test: TextTest) -> tuple[Node, bool]:
    if test.how is How.ABSENT:
        if test.field in _CONTENT:
            return EVERYTHING, False
        name = test.field.removeprefix(HEADER)
        return Not(TextTest(HEADER + name, How.CONTAINS)), True
    text = test.text
    if test.how is How.EQUALS:
        mailbox = _MAILBOX.search(text) if test.field in ADDRESSES else None
        text = mailbox[1] if mailbox is not None else text.strip()
    exact = test.how is How.CONTAINS and not test.match_case
    return TextTest(test.field, How.CONTAINS, text), exact


def _widened_date(test: DateTest, moment: datetime) -> Node:
    """The days on which it can be that moment anywhere: zones are less than a day away from each other's day."""
    day = moment.astimezone(timezone.utc).date() if date.min < moment.date() < date.max else moment.date()
    try:
        first, last = day - timedelta(days=1), day + timedelta(days=1)
    except OverflowError:
        return EVERYTHING
    since, until = DateTest(test.field, ">=", first), DateTest(test.field, "<=", last)
    if test.sign == "=":
        return all_of((since, until))
    return until if test.sign[0] == "<" else since


# Looking


def _candidate(number: int, items: dict[str, Any]) -> Candidate:
    """A message as the server tells of it."""
    whole = "BODY[]" in items
    content = content_of(items, "BODY[]" if whole else "BODY[HEADER]") if whole or "BODY[HEADER]" in items else b""
    return Candidate(
        header=HeaderCollection.parse(content),
        content=content,
        flags=ImapMessageFlags.from_server(items.get("FLAGS", ())),
        size=items.get("RFC822.SIZE", 0),
        received=parse_internal_date(items.get("INTERNALDATE")),
        unique_id=str(items["UID"]),
        number=number,
        modification_sequence=items.get("MODSEQ", 0),
    )


def _by_value(fact: Fact) -> str:
    return fact.value
