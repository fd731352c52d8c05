"""Queries as values: built, written, read, put into the words of SEARCH, and tried on messages.

What the builders are documented to have is in data/query_surface.json. Servers are asked in
`servers/test_dovecot_queries`, and what a client sends for a query is in `clients/test_querying`.
"""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mailclients
from mailclients import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
    AsposeInvalidOperationException,
    AsposeNotSupportedException,
    DateComparisonType,
    ESearchOptions,
    ImapMessageFlags,
    ImapQueryBuilder,
    MailQuery,
    MailQueryBuilder,
    RangeSeqSet,
    SimpleSeqSet,
)
from mailclients.imap.criteria import Criteria
from mailclients.imap.search_keys import criteria_of_tree
from mailclients.search.evaluation import compiled, with_criteria_read
from mailclients.search.tree import (
    EVERYTHING,
    FLAGS,
    HEADER,
    MAX_DEPTH,
    DateTest,
    FlagTest,
    How,
    IdTest,
    ModSeqTest,
    Node,
    Raw,
    SizeTest,
    TextTest,
    all_of,
    any_of,
    compacted,
    negated,
)
from mailclients.wire.imap_strings import Literal
from tests.support import surface as documented

SURFACE: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "query_surface.json").read_text("utf-8"))
PRECISE = DateComparisonType.BY_DATE_TIME
MOMENT = datetime(2024, 2, 10, 14, 3, 5, 999, tzinfo=timezone(timedelta(hours=-5)))
DAY = date(2024, 2, 10)

# Fields that only queries for Exchange servers have, and how .NET keeps objects as XML.
LEFT_OUT = {
    "BinaryComparisonField",
    "BoolComparisonField",
    "DoubleComparisonField",
    "EnumComparisonField",
    "LongComparisonField",
}
LEFT_OUT_METHODS = {("MailQuery", name) for name in ("get_schema", "read_xml", "write_xml")}


# --- the documented surface ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(SURFACE["types"].keys() - LEFT_OUT))
def test_a_type_of_queries_has_its_documented_members(name: str) -> None:
    facts = SURFACE["types"][name]
    found = getattr(mailclients, name)
    assert name in mailclients.__all__
    if "base" in facts:
        assert issubclass(found, getattr(mailclients, facts["base"]))
    assert inspect.isabstract(found) == facts["kind"].startswith("abstract")
    for member, (_, _, *words) in facts.get("properties", {}).items():
        if "static" in words:
            assert isinstance(getattr(found, member), found)
            assert getattr(found, member.upper()) is getattr(found, member)
        else:
            assert (getattr(found, member).fset is not None) == ("set" in words), member
    for member, overloads in facts.get("methods", {}).items():
        if (name, member) in LEFT_OUT_METHODS:
            assert not hasattr(found, member)
            continue
        signature = inspect.signature(getattr(found, member))
        for _, parameters in overloads:
            names = [each for each, _ in parameters]
            signature.bind(None, *names)
            if member != "equals" or name.endswith("Field"):  # which everything has, under one name
                signature.bind(None, **dict.fromkeys(names))
    for shape in facts.get("constructors", ()):
        inspect.signature(found).bind(*(each for each, _ in shape))
        inspect.signature(found).bind(**{each: None for each, _ in shape})


def test_enums_of_queries_have_their_documented_values() -> None:
    for name, members in SURFACE["enums"].items():
        assert {each.name: each.value for each in getattr(mailclients, name)} == members


def test_the_facts_are_those_of_the_reference() -> None:
    if not documented.REFERENCE.exists():
        pytest.skip("the reference tables are not here")
    assert documented.QUERY_DATA.read_text("utf-8") == documented.generated_queries()


def test_net_names_are_explained() -> None:
    builder = ImapQueryBuilder()
    with pytest.raises(AttributeError, match="it is 'get_query'"):
        builder.GetQuery()  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="it is 'not_contains'"):
        builder.subject.NotContains("x")  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="it is 'message_size'"):
        builder.MessageSize  # type: ignore[attr-defined]  # noqa: B018


# --- every comparison: as an expression, and in the words of SEARCH -----------------------------------------


def sent(criteria: Criteria, utf8: bool = False) -> str:
    """What stands behind SEARCH, literals as {text}."""
    pieces = ["{" + p.data.decode() + "}" if isinstance(p, Literal) else p.decode() for p in criteria.for_search(utf8)]
    return re.sub(r" (?=\))", "", " ".join(pieces))


COMPARISONS: list[tuple[Callable[[ImapQueryBuilder], object], str, str | None]] = [
    (lambda b: b.subject.contains("x"), "'Subject' Contains 'x'", 'SUBJECT "x"'),
    (lambda b: b.subject.contains("x", True), "'Subject' Contains 'x'", 'SUBJECT "x"'),
    (lambda b: b.subject.contains("x", False), "'Subject' Contains 'x' MatchCase", None),
    (lambda b: b.subject.not_contains("x"), "'Subject' NotContains 'x'", 'NOT SUBJECT "x"'),
    (lambda b: b.subject.not_contains("x", False), "'Subject' NotContains 'x' MatchCase", None),
    (lambda b: b.subject.equals("x"), "'Subject' = 'x'", None),
    (lambda b: b.subject.equals("x", ignore_case=False), "'Subject' = 'x' MatchCase", None),
    (lambda b: b.subject.not_equals("x"), "'Subject' <> 'x'", None),
    (lambda b: b.subject.not_equals("x", False), "'Subject' <> 'x' MatchCase", None),
    (lambda b: b.subject.empty(), "'Subject' = ''", None),
    (lambda b: b.subject.not_empty(), "'Subject' <> ''", None),
    (lambda b: b.subject.equals(""), "'Subject' = ''", None),
    (lambda b: b.from_address.contains("a b"), "'From' Contains 'a b'", 'FROM "a b"'),
    (lambda b: b.to.contains('say "x\\'), "'To' Contains 'say \"x\\'", 'TO "say \\"x\\\\"'),
    (lambda b: b.cc.contains("it's"), "'Cc' Contains 'it''s'", 'CC "it\'s"'),
    (lambda b: b.bcc.contains("{5}"), "'Bcc' Contains '{5}'", 'BCC "{5}"'),
    (lambda b: b.body.contains("("), "'Body' Contains '('", 'BODY "("'),
    (lambda b: b.text.contains(""), "'Text' Contains ''", 'TEXT ""'),
    (lambda b: b.internal_date.on(DAY), "'InternalDate' = '10-Feb-2024'", "ON 10-Feb-2024"),
    (lambda b: b.internal_date.not_on(DAY), "'InternalDate' <> '10-Feb-2024'", "NOT ON 10-Feb-2024"),
    (lambda b: b.internal_date.before(DAY), "'InternalDate' < '10-Feb-2024'", "BEFORE 10-Feb-2024"),
    (
        lambda b: b.internal_date.before_or_equal(DAY),
        "'InternalDate' <= '10-Feb-2024'",
        "OR BEFORE 10-Feb-2024 ON 10-Feb-2024",
    ),
    (lambda b: b.internal_date.since(DAY), "'InternalDate' >= '10-Feb-2024'", "SINCE 10-Feb-2024"),
    (
        lambda b: b.internal_date.greater(DAY),
        "'InternalDate' > '10-Feb-2024'",
        "(SINCE 10-Feb-2024 NOT ON 10-Feb-2024)",
    ),
    (lambda b: b.sent_date.on(MOMENT), "'SentDate' = '10-Feb-2024'", "SENTON 10-Feb-2024"),
    (lambda b: b.sent_date.since(date(99, 1, 2)), "'SentDate' >= '2-Jan-0099'", "SENTSINCE 2-Jan-0099"),
    (
        lambda b: b.sent_date.greater(date.max),
        "'SentDate' > '31-Dec-9999'",
        "(SENTSINCE 31-Dec-9999 NOT SENTON 31-Dec-9999)",
    ),
    (lambda b: b.sent_date.on(MOMENT, PRECISE), "'SentDate' = '10-Feb-2024 14:03:05 -0500'", None),
    (lambda b: b.sent_date.not_on(MOMENT, PRECISE), "'SentDate' <> '10-Feb-2024 14:03:05 -0500'", None),
    (lambda b: b.sent_date.before(MOMENT, PRECISE), "'SentDate' < '10-Feb-2024 14:03:05 -0500'", None),
    (lambda b: b.sent_date.before_or_equal(MOMENT, PRECISE), "'SentDate' <= '10-Feb-2024 14:03:05 -0500'", None),
    (lambda b: b.sent_date.since(MOMENT, PRECISE), "'SentDate' >= '10-Feb-2024 14:03:05 -0500'", None),
    (lambda b: b.sent_date.greater(MOMENT, PRECISE), "'SentDate' > '10-Feb-2024 14:03:05 -0500'", None),
    (lambda b: b.message_size.equals(7), "'MessageSize' = '7'", "(LARGER 6 SMALLER 8)"),
    (lambda b: b.message_size.equals(0), "'MessageSize' = '0'", "SMALLER 1"),
    (lambda b: b.message_size.not_equals(7), "'MessageSize' <> '7'", "NOT (LARGER 6 SMALLER 8)"),
    (lambda b: b.message_size.less(7), "'MessageSize' < '7'", "SMALLER 7"),
    (lambda b: b.message_size.less_or_equal(7), "'MessageSize' <= '7'", "SMALLER 8"),
    (lambda b: b.message_size.less_or_equal(2**32 - 1), "'MessageSize' <= '4294967295'", "ALL"),
    (lambda b: b.message_size.greater(7), "'MessageSize' > '7'", "LARGER 7"),
    (lambda b: b.message_size.greater_or_equal(7), "'MessageSize' >= '7'", "LARGER 6"),
    (lambda b: b.message_size.greater_or_equal(0), "'MessageSize' >= '0'", "ALL"),
    (lambda b: b.has_flags(ImapMessageFlags.IS_READ), "'Seen' = 'True'", "SEEN"),
    (
        lambda b: b.has_flags(ImapMessageFlags.FLAGGED | "$Work"),
        "'Flagged' = 'True' & 'Keyword:$Work' = 'True'",
        "FLAGGED KEYWORD $Work",
    ),
    (
        lambda b: b.has_no_flags(ImapMessageFlags.ANSWERED | ImapMessageFlags.DRAFT),
        "'Answered' = 'False' & 'Draft' = 'False'",
        "NOT ANSWERED NOT DRAFT",
    ),
    (lambda b: b.has_no_flags("\\Recent"), "'Recent' = 'False'", "NOT RECENT"),
    (lambda b: b.has_flags(ImapMessageFlags.EMPTY), "", "ALL"),
    (lambda b: b.has_header("X-Spam", "yes"), "'Header:X-Spam' Contains 'yes'", 'HEADER X-Spam "yes"'),
    (lambda b: b.has_header("Message-ID", ""), "'Header:Message-ID' Contains ''", 'HEADER Message-ID ""'),
    (lambda b: b.has_header('X"{', "y"), "'Header:X\"{' Contains 'y'", 'HEADER "X\\"{" "y"'),
    (
        lambda b: (b.custom_search('X-GM-RAW "has:attachment"'), b.to.contains("x")),
        "'CustomSearch' = 'X-GM-RAW \"has:attachment\"' & 'To' Contains 'x'",
        '(X-GM-RAW "has:attachment") TO "x"',
    ),
    (lambda b: b.unique_id.add("5"), "'UniqueId' = '5'", "UID 5"),
    (lambda b: b.unique_id.add(RangeSeqSet("7", SimpleSeqSet("*"))), "'UniqueId' = '7:*'", "UID 7:*"),
    (lambda b: b.mod_seq.greater_or_equal_to(2**40), "'ModSeq' >= '1099511627776'", "MODSEQ 1099511627776"),
    (lambda b: None, "", "ALL"),
]


@pytest.mark.parametrize(("compare", "expression", "words"), COMPARISONS, ids=[each[1] for each in COMPARISONS])
def test_a_comparison_as_text_and_as_words_of_SEARCH(
    compare: Callable[[ImapQueryBuilder], object], expression: str, words: str | None
) -> None:
    builder = ImapQueryBuilder()
    given_back = compare(builder)
    query = builder.get_query()
    if isinstance(given_back, MailQuery):
        assert given_back == query
    assert str(query) == query.to_string() == f"({expression})"
    assert MailQuery(str(query)) == query
    if words is not None:  # the others need the client to look
        assert sent(criteria_of_tree(query._node, with_deleted=True)) == words


def test_text_beyond_ascii_is_a_literal_in_its_charset() -> None:
    query = MailQueryBuilder().subject.contains("Größe")
    assert sent(criteria_of_tree(query._node)) == "CHARSET UTF-8 UNDELETED SUBJECT {Größe}"
    assert sent(criteria_of_tree(query._node), utf8=True) == "UNDELETED SUBJECT {Größe}"
    latin = MailQueryBuilder("iso-8859-1")
    assert latin.default_encoding == "iso-8859-1"
    query = latin.subject.contains("Größe") & latin.to.contains("x")
    plan = criteria_of_tree(query._node, query._charset)
    keys = plan.for_search(utf8=False)
    assert [key.data if isinstance(key, Literal) else key for key in keys] == [
        *(b"CHARSET", b"iso-8859-1", b"UNDELETED SUBJECT", "Größe".encode("latin-1"), b'TO "x"'),
    ]
    assert sent(plan, utf8=True) == 'UNDELETED SUBJECT {Größe} TO "x"'
    with pytest.raises(AsposeArgumentException, match="iso-8859-1") as caught:
        latin.subject.contains("secret 台")
    assert "secret" not in str(caught.value)
    for name in ("nothing", "utf-16", "x" * 99):
        with pytest.raises(AsposeArgumentException, match="default_encoding"):
            MailQueryBuilder(name)
    mixed = query & MailQuery('SUBJECT "台"')
    assert sent(criteria_of_tree(mixed._node, mixed._charset)).startswith("CHARSET UTF-8 ")


def test_groups_behind_literals_close_where_they_should() -> None:
    query = MailQuery("!('Subject' Contains 'ä' & 'To' Contains 'ö') | 'CustomSearch' = 'UNSEEN BODY \"ü\"'")
    assert sent(criteria_of_tree(query._node)) == (
        "CHARSET UTF-8 UNDELETED OR NOT (SUBJECT {ä} TO {ö}) (UNSEEN BODY {ü})"
    )


def test_many_choices_are_not_nested_as_deep_as_they_are_many() -> None:
    query = MailQuery("'From' Contains '0'")
    for number in range(1, 1000):
        query |= MailQuery(f"'From' Contains '{number}'")
    words = sent(criteria_of_tree(query._node))
    assert words.count("OR ") == 999
    depth = deepest = 0
    waiting: list[int] = []  # how many keys each OR that is open still takes
    for word in re.findall(r'OR|FROM "\d+"', words):
        if word == "OR":
            waiting.append(2)
            deepest = max(deepest, len(waiting))
            continue
        while waiting:
            waiting[-1] -= 1
            if waiting[-1]:
                break
            waiting.pop()
    assert not waiting
    assert depth <= deepest <= 10


def test_F7_unique_ids_are_sorted_and_joined() -> None:
    builder = ImapQueryBuilder()
    for value in ("9", "3", RangeSeqSet("5", "4"), "4", RangeSeqSet("100"), SimpleSeqSet("*")):
        builder.unique_id.add(value)
    assert str(builder.unique_id) == builder.unique_id.to_string() == "3:5,9,100:*,*"
    assert [str(value) for value in builder.unique_id.values] == ["9", "3", "5:4", "4", "100:*", "*"]
    assert str(builder.get_query()) == "('UniqueId' = '3:5,9,100:*,*')"


# --- builders -----------------------------------------------------------------------------------------------


def test_what_is_compared_on_a_line_of_its_own_counts() -> None:
    builder = MailQueryBuilder()
    builder.subject.contains("x")
    builder.from_address.contains("y")
    assert str(builder.get_query()) == "('Subject' Contains 'x' & 'From' Contains 'y')"
    assert builder.get_query() == builder.get_query(), "asking takes nothing away"


def test_either_takes_the_place_of_both() -> None:
    builder = ImapQueryBuilder()
    builder.to.contains("t")
    either = builder.either(builder.subject.contains("x"), builder.from_address.contains("y"))
    assert str(either) == "('Subject' Contains 'x' | 'From' Contains 'y')"
    assert str(builder.get_query()) == "('To' Contains 't' & ('Subject' Contains 'x' | 'From' Contains 'y'))"
    builder.either(either, builder.has_flags(ImapMessageFlags.IS_READ))
    assert str(builder.get_query()) == (
        "('To' Contains 't' & ('Subject' Contains 'x' | 'From' Contains 'y' | 'Seen' = 'True'))"
    )
    builder = ImapQueryBuilder()
    builder.unique_id.add("1")
    builder.unique_id.add("2")
    builder.mod_seq.greater_or_equal_to(5)
    builder.mod_seq.greater_or_equal_to(6)
    assert (builder.mod_seq.modification_sequence, str(builder.mod_seq)) == (6, "MODSEQ 6")
    builder.either(builder.unique_id, builder.mod_seq.create_query())
    assert str(builder.get_query()) == "('UniqueId' = '1:2' | 'ModSeq' >= '6')"
    same = builder.subject.contains("same")
    builder.subject.contains("same")
    builder.either(same, MailQuery("UNSEEN"))
    assert str(builder.get_query()).count("same") == 2, "equal comparisons are not the same one"


def test_a_field_without_values_has_no_query() -> None:
    builder = ImapQueryBuilder()
    for field in (builder.unique_id, builder.mod_seq):
        assert str(field) == ""
        with pytest.raises(AsposeInvalidOperationException):
            field.create_query()
    for unset in (SimpleSeqSet(), RangeSeqSet()):
        with pytest.raises(AsposeInvalidOperationException):
            builder.unique_id.add(unset)
    assert builder.unique_id.values == []
    one, two = SimpleSeqSet(), RangeSeqSet()
    one.value = "7"
    two.start_range = "8"
    two.end_range = one
    assert (str(one), str(two), two.start_range.value if two.start_range else "") == ("7", "8:7", "8")


def test_the_order_of_a_query() -> None:
    builder = ImapQueryBuilder()
    builder.subject.order_by(True)
    builder.message_size.order_by(False)
    builder.subject.order_by(False)
    query = builder.get_query()
    assert query.order_by_string == "'Subject' OrderBy 'ASC' & 'MessageSize' OrderBy 'DESC'"
    assert MailQuery(str(query), query.order_by_string) == query
    assert MailQuery("ALL", "").order_by_string == MailQuery("ALL").order_by_string == ""
    assert (query | MailQuery("ALL", "'From' orderby 'desc'")).order_by_string.endswith(" & 'From' OrderBy 'DESC'")
    for name in ("body", "text"):
        with pytest.raises(AsposeNotSupportedException, match="order"):
            getattr(builder, name).order_by(True)
    for text in ("'Subject'", "'Subject' OrderBy 'UP'", "'Body' OrderBy 'ASC'", "x", "'To' OrderBy 'ASC' |", "'"):
        with pytest.raises(AsposeArgumentException):
            MailQuery("ALL", text)


def test_ends_of_what_is_found() -> None:
    both = ESearchOptions.MIN + ESearchOptions.MAX
    assert (str(both), both.to_string(), both == ESearchOptions.max + ESearchOptions.min) == (
        "MIN MAX",
        "MIN MAX",
        True,
    )
    assert both - ESearchOptions.MIN == ESearchOptions.MAX != ESearchOptions.NOT_DEFINED
    assert (both - both).equals(ESearchOptions.NOT_DEFINED)
    assert len({both, ESearchOptions.MIN, ESearchOptions.MIN}) == 2
    builder = ImapQueryBuilder()
    assert builder.e_search_parameters == ESearchOptions.NOT_DEFINED
    builder.e_search_parameters = both
    builder.subject.contains("x")
    query = builder.get_query()
    assert str(query) == "('Subject' Contains 'x') & 'ESearch' = 'MIN MAX'"
    assert MailQuery(str(query)) == query
    assert str(ESearchOptions.MAX.create_query()) == "() & 'ESearch' = 'MAX'"
    other = MailQueryBuilder()
    ESearchOptions.MIN.create_query(other)
    assert str(other.get_query()) == "() & 'ESearch' = 'MIN'"
    assert str(MailQuery("UNSEEN") & ESearchOptions.MIN.create_query()).endswith("& 'ESearch' = 'MIN'")


# --- queries are values -------------------------------------------------------------------------------------


def test_queries_combine() -> None:
    one, other = MailQuery("'Seen' = 'True'"), MailQuery("UNSEEN")
    assert str(one & other) == "('Seen' = 'True' & 'CustomSearch' = 'UNSEEN')"
    assert str(one | other) == "('Seen' = 'True' | 'CustomSearch' = 'UNSEEN')"
    assert str(~one) == "('Seen' = 'False')"
    assert ~~one == one
    assert str(~(one & other)) == "(!('Seen' = 'True' & 'CustomSearch' = 'UNSEEN'))"
    assert (one & other) & one == one & (other & one)
    wrong: Any = "UNSEEN"
    with pytest.raises(TypeError):
        one & wrong
    with pytest.raises(TypeError):
        one | wrong
    assert (one | other.with_client_filter()).client_filter
    assert not (one | other).client_filter
    assert one.with_client_filter() != one
    assert one.equals(MailQuery("'seen'='true'"))
    assert one.get_hash_code() == hash(MailQuery(" ( 'SEEN' = 'TRUE' ) "))
    with pytest.raises(AttributeError):
        one.anything = 1  # type: ignore[attr-defined]


def test_queries_can_be_copied_and_pickled() -> None:
    query = MailQuery("'Subject' = 'x' | !('SentDate' > '1-Jan-2020 00:00:00 +0100')", "'From' OrderBy 'ASC'")
    assert pickle.loads(pickle.dumps(query)) == copy.deepcopy(query) == query
    assert eval(repr(query)) == query


@pytest.mark.parametrize("value", [b"x", 3, None, ["x"], True])
def test_T1_wrong_types_are_refused_where_they_are_given(value: Any) -> None:
    builder = ImapQueryBuilder()
    calls: list[Callable[[], object]] = [
        lambda: MailQuery(value),
        lambda: builder.subject.contains(value),
        lambda: builder.sent_date.on(value),
        lambda: builder.has_header(value, "x"),
        lambda: builder.has_header("x", value),
        lambda: builder.has_flags(value),
        lambda: builder.custom_search(value),
        lambda: builder.unique_id.add(value),
        lambda: builder.either(value, MailQuery("ALL")),
        lambda: builder.sent_date.on(DAY, value),
        lambda: setattr(builder, "e_search_parameters", value),
    ]
    for call in calls:
        with pytest.raises(ArgumentTypeError):
            call()
    for call in (lambda: builder.subject.contains("x", value), lambda: builder.subject.order_by(value)):
        if value is not True:
            with pytest.raises(ArgumentTypeError):
                call()
    if value != 3:
        with pytest.raises(ArgumentTypeError):
            builder.message_size.less(value)
        with pytest.raises(ArgumentTypeError):
            builder.mod_seq.greater_or_equal_to(value)
    if value is not None:
        with pytest.raises(ArgumentTypeError):
            ImapQueryBuilder(value)
        with pytest.raises(ArgumentTypeError):
            RangeSeqSet(value)
    else:
        with pytest.raises(AsposeArgumentNullException):
            builder.subject.contains(None)  # type: ignore[arg-type]
    assert str(builder.get_query()) == "()", "nothing of it was recorded"


def test_numbers_out_of_range_are_refused() -> None:
    builder = ImapQueryBuilder()
    for call in (
        lambda: builder.message_size.less(-1),
        lambda: builder.message_size.less(2**32),
        lambda: builder.mod_seq.greater_or_equal_to(2**63),
        lambda: builder.unique_id.add("0"),
        lambda: builder.unique_id.add("4294967296"),
        lambda: builder.unique_id.add("1:2"),
        lambda: builder.unique_id.add("1,2"),
        lambda: builder.unique_id.add(""),
        lambda: SimpleSeqSet("x"),
        lambda: builder.sent_date.on(datetime.min, PRECISE),
        lambda: RangeSeqSet("0"),
    ):
        with pytest.raises(AsposeArgumentOutOfRangeException):
            call()


# --- expressions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fault", "position"),
    [
        ("'Colour' = 'x'", "no field 'Colour'; there are Subject, From", 1),
        ("'Header:' = 'x'", "header field name", 1),
        ("'Keyword:a b' = 'x'", "no field", 1),
        ("'Subject' Contains 'x", "without its partner", 20),
        ("('Subject' Contains 'x'", "closes", 24),
        ("'Subject' Contains 'x')", "without its partner", 23),
        ("'Subject' Like 'x'", "Contains", 11),
        ("'Subject' Contains x", "value", 20),
        ("'Subject' 'x'", "comparison", 11),
        ("'Subject'", "comparison", 10),
        ("'Seen' = 'maybe'", "'True' or 'False'", 10),
        ("'Seen' > 'True'", "=", 8),
        ("'SentDate' = '31-Feb-2024'", "date", 14),
        ("'SentDate' = '2024-02-10'", "date", 14),
        ("'SentDate' Contains '10-Feb-2024'", "SentDate is compared by", 12),
        ("'MessageSize' < '-1'", "number of bytes", 17),
        ("'MessageSize' < '4294967296'", "number of bytes", 17),
        ("'ModSeq' = '5'", ">=", 10),
        ("'UniqueId' = 'a b'", "set of unique ids", 14),
        ("'Seen' = 'True' MatchCase", "MatchCase", 17),
        ("'Seen' = 'True' 'Seen' = 'True'", "& or |", 17),
        ("'Seen' = 'True' &", "field", 18),
        ("'Seen' = 'True' & )", "field", 19),
        ("'Seen' = 'True' # 'x'", "'#' has no meaning", 17),
        ("('ESearch' = 'MIN')", "outside of all groups", 2),
        ("'ESearch' = 'ALL'", "MIN", 13),
        ("'ESearch' = 'MIN' | 'Seen' = 'True'", "outside of all groups", 19),
        ("!'ESearch' = 'MIN'", "outside of all groups", 2),
        ("'x", "without its partner", 1),
    ],
)
def test_faults_of_expressions_are_told_with_their_place(text: str, fault: str, position: int) -> None:
    with pytest.raises(AsposeArgumentException, match=re.escape(fault)) as caught:
        MailQuery(text)
    assert f"at position {position}" in str(caught.value).replace(f"position {position} of", f"position {position}")


def test_expressions_are_read_without_regard_to_case_and_space() -> None:
    query = MailQuery("(('subject'contains'x'&'SENTDATE'>='1-feb-2024')|!('seen'!='TRUE'))\t")
    assert str(query) == "(('Subject' Contains 'x' & 'SentDate' >= '1-Feb-2024') | 'Seen' = 'True')"
    assert MailQuery("'a' = 'b'".replace("a", "To").replace("b", "x")) == MailQuery("('To' = 'x')")
    assert str(MailQuery("'To' Contains 'x' | 'Cc' Contains 'y' & 'Bcc' Contains 'z'")) == (
        "('To' Contains 'x' | ('Cc' Contains 'y' & 'Bcc' Contains 'z'))"
    ), "and binds closer than or"


def test_dates_of_expressions_have_zones() -> None:
    summer = MailQuery("'SentDate' = '10-Jul-2024 14:00:00 +0530'")
    assert str(summer) == "('SentDate' = '10-Jul-2024 14:00:00 +0530')"
    local = MailQuery("'SentDate' = '10-Jul-2024 14:00:00'")
    expected = MailQueryBuilder().sent_date.on(datetime(2024, 7, 10, 14), PRECISE)
    assert local == expected
    odd = timezone(timedelta(minutes=19, seconds=32))
    assert str(MailQueryBuilder().sent_date.on(datetime(2024, 7, 10, 14, tzinfo=odd), PRECISE)) == (
        "('SentDate' = '10-Jul-2024 13:40:28 +0000')"
    )


@pytest.mark.parametrize("bad", ["\r", "\n", "\0", "\ud800"])
def test_H_F1_F4_what_no_command_can_carry_is_refused(bad: str) -> None:
    builder = ImapQueryBuilder()
    calls: list[Callable[[], object]] = [
        lambda: builder.subject.contains(f"a{bad}b"),
        lambda: builder.has_header("x", f"a{bad}b"),
        lambda: builder.has_header(f"a{bad}b", "x"),
        lambda: builder.custom_search(f'TEXT "a{bad}b"'),
        lambda: builder.has_flags(f"a{bad}b"),
        lambda: builder.unique_id.add(f"1{bad}"),
        lambda: MailQuery(f"'Subject' Contains 'a{bad}b'"),
        lambda: MailQuery(f"'CustomSearch' = 'TEXT \"a{bad}b\"'"),
        lambda: MailQuery(f"'Keyword:a{bad}b' = 'True'"),
        lambda: MailQuery("ALL", f"'Subject'{bad} OrderBy 'ASC'"),
    ]
    for call in calls:
        with pytest.raises(AsposeArgumentException):
            call()
    assert str(builder.get_query()) == "()"


@pytest.mark.parametrize("name", ["", "a b", "a:b", "ä", "x" * 201])
def test_H_F1_header_names_are_checked(name: str) -> None:
    with pytest.raises(AsposeArgumentException, match="header field name"):
        ImapQueryBuilder().has_header(name, "x")


@pytest.mark.parametrize("criteria", ["UNSEEN) (X", "TEXT {5}", 'SUBJECT "x', "", "SUBJECT ü"])
def test_H_F1_custom_criteria_are_checked_wherever_they_stand(criteria: str) -> None:
    with pytest.raises(AsposeArgumentException):
        ImapQueryBuilder().custom_search(criteria)
    with pytest.raises(AsposeArgumentException):
        MailQuery(f"'CustomSearch' = '{criteria}'")


def test_H_F1_text_goes_out_as_one_argument() -> None:
    evil = 'x" ALL (\\") UNSEEN {3+}'
    query = MailQueryBuilder().subject.contains(evil)
    (key,) = criteria_of_tree(query._node, with_deleted=True).keys
    assert isinstance(key, bytes)
    assert key == b'SUBJECT "x\\" ALL (\\\\\\") UNSEEN {3+}"'
    long = MailQueryBuilder().subject.contains("y" * 100_000)
    keys = criteria_of_tree(long._node).keys
    assert isinstance(keys[1], Literal)
    assert len(keys[1]) == 100_000
    assert MailQuery(str(long)) == long


def test_H_depth_is_bounded_and_told() -> None:
    deep = MailQuery("'Seen' = 'True'")
    for _ in range(MAX_DEPTH // 2):
        deep = ~(deep & MailQuery("'Flagged' = 'True'"))
    with pytest.raises(AsposeArgumentException, match=f"more than {MAX_DEPTH} levels"):
        deep & MailQuery("UNSEEN")
    assert MailQuery(str(deep)) == deep
    compiled(with_criteria_read(deep._node), {})
    sent(criteria_of_tree(deep._node))
    for text in (
        "(" * 200_000 + "'Seen' = 'True'",
        "!(" * 200_000 + "'Seen' = 'True'",
        "(" * 101 + "'Seen' = 'True'" + ")" * 101,
    ):
        with pytest.raises(AsposeArgumentException, match=f"no more than {MAX_DEPTH} groups"):
            MailQuery(text)
    with pytest.raises(AsposeArgumentException, match="parenthesis") as caught:
        MailQuery("!(" * 200_000)
    assert len(str(caught.value)) < 500
    assert str(MailQuery("(" * 100 + "'Seen' = 'True'" + ")" * 100)) == "('Seen' = 'True')"
    assert str(MailQuery("!" * 100_001 + "'Seen' = 'True'")) == "('Seen' = 'False')"
    for text in ("NOT " * 200_000 + "SEEN", "(" * 5000 + "SEEN" + ")" * 5000, "OR " * 5000 + "SEEN " * 5001):
        with pytest.raises(AsposeArgumentException, match="levels"):
            with_criteria_read(MailQuery(text)._node)
    wide = MailQuery(" & ".join(["'Seen' = 'True'"] * 20_000))
    assert MailQuery(str(wide)) == wide


# --- read and write, at random ------------------------------------------------------------------------------

line_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=12)
fields = st.sampled_from(["Subject", "From", "To", "Cc", "Bcc", "Body", "Text", HEADER + "X-It's"])
signs = st.sampled_from(["<", "<=", "=", ">=", ">"])
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=zones).map(lambda m: m.replace(microsecond=0))
flags = st.sampled_from([*FLAGS.values(), "$Work", "it's"])
tests = st.one_of(
    st.just(EVERYTHING),
    st.builds(TextTest, fields, st.just(How.CONTAINS), line_text, st.booleans()),
    st.builds(TextTest, fields, st.just(How.EQUALS), line_text.filter(bool), st.booleans()),
    st.builds(TextTest, fields, st.just(How.ABSENT)),
    st.builds(DateTest, st.sampled_from(["SentDate", "InternalDate"]), signs, st.dates() | moments),
    st.builds(SizeTest, signs, st.integers(0, 2**32 - 1)),
    st.builds(FlagTest, flags),
    st.builds(IdTest, st.sampled_from(["1", "1:5", "3,7", "9:*"])),
    st.builds(ModSeqTest, st.integers(0, 2**63 - 1)),
    st.builds(Raw, st.sampled_from(["ALL", "OR SEEN (FLAGGED)", 'SUBJECT "it\'s \\"ä"'])),
)
trees = st.recursive(
    tests,
    lambda inner: (
        inner.map(negated)
        | st.lists(inner, min_size=2, max_size=4).map(all_of)
        | st.lists(inner, min_size=2, max_size=4).map(any_of)
    ),
    max_leaves=12,
)


@given(trees, st.integers(0, 3))
def test_what_is_written_is_read_again(node: Node, ends: int) -> None:
    query = MailQuery._of(node, ends=ends)
    again = MailQuery(str(query))
    assert again == query
    assert str(again) == str(query)


@given(st.text("'()&|!<>= SubjectContainsTrue1-Jan-2024\t\\äx", max_size=60))
def test_any_text_is_a_query_or_an_argument_error(text: str) -> None:
    try:
        query = MailQuery(text)
    except AsposeArgumentException:
        return
    assert str(MailQuery(str(query))) == str(query)


@given(trees)
def test_H_F1_any_tree_gives_words_that_balance(node: Node) -> None:
    for key in criteria_of_tree(node).keys:
        assert isinstance(key, Literal) or (key.isascii() and not set(b"\r\n\0") & set(key))
    words = b" ".join(key if isinstance(key, bytes) else b'""' for key in criteria_of_tree(node).keys)
    outside = re.sub(rb'"(?:[^"\\]|\\.)*"', b"", words)
    assert b'"' not in outside
    assert outside.count(b"(") == outside.count(b")")


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), max_size=12))
def test_compacted_sets_hold_the_same(ranges: list[tuple[int, int]]) -> None:
    def members(text: str) -> set[int]:
        ends = [piece.split(":") for piece in text.split(",") if piece]
        return {n for each in ends for n in range(min(map(int, each)), max(map(int, each)) + 1)}

    texts = [f"{low}:{high}" for low, high in ranges]
    short = compacted(texts)
    assert members(short) == members(",".join(texts))
    assert compacted([short]) == short
