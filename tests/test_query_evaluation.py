"""Queries tried on messages by the client, against an oracle that works from the expression's text.

What a real server makes of them is in `servers/test_dovecot_queries`.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailclients import (
    AsposeArgumentException,
    AsposeNotSupportedException,
    MailQuery,
)
from mailclients.mime.headers import HeaderCollection
from mailclients.pop3.models import Pop3MessageInfo
from mailclients.search.evaluation import Candidate, compiled, folded, ordered, with_criteria_read
from mailclients.search.tree import (
    EVERYTHING,
    DateTest,
    FlagTest,
    How,
    IdTest,
    Node,
    SizeTest,
    TextTest,
    all_of,
    any_of,
    negated,
)

signs = st.sampled_from(["<", "<=", "=", ">=", ">"])
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_WORDS = ["alpha", "Beta", "GAMMA", "ÄÖ", "äö", "straße", "ς", "σ"]
candidates = st.builds(
    lambda subject, author, moment, received, flags, size, uid: (
        Candidate(
            header=HeaderCollection.parse(
                f"Subject: {subject}\r\nFrom: {author} <{author[:2]}@x.y>\r\n".encode()
                + (f"Date: {moment:%d} {_MONTHS[moment.month - 1]} {moment:%Y %H:%M:%S %z}\r\n".encode())
            ),
            flags=flags,
            received=received,
            size=size,
            unique_id=str(uid),
        ),
        {"Subject": subject, "From": author, "SentDate": moment, "InternalDate": received},
    ),
    st.lists(st.sampled_from(_WORDS), min_size=1, max_size=3).map(" ".join),
    st.sampled_from(["Anna", "anna", "Bob"]),
    st.datetimes(datetime(2024, 2, 9), datetime(2024, 2, 11), timezones=zones).map(lambda m: m.replace(microsecond=0)),
    st.datetimes(datetime(2024, 2, 9), datetime(2024, 2, 11), timezones=zones).map(lambda m: m.replace(microsecond=0)),
    st.sets(st.sampled_from(["\\Seen", "$Work"])),
    st.integers(0, 5),
    st.integers(1, 9),
)
near = st.datetimes(datetime(2024, 2, 9), datetime(2024, 2, 11), timezones=zones).map(
    lambda m: m.replace(microsecond=0)
)
known_tests = st.one_of(
    st.just(EVERYTHING),
    st.builds(
        TextTest, st.just("Subject"), st.just(How.CONTAINS), st.sampled_from([*_WORDS, "a b", "et"]), st.booleans()
    ),
    st.builds(TextTest, st.just("Subject"), st.just(How.EQUALS), st.sampled_from(_WORDS), st.booleans()),
    st.builds(TextTest, st.just("From"), st.just(How.EQUALS), st.sampled_from(["anna", "Anna", "bob"]), st.booleans()),
    st.builds(DateTest, st.sampled_from(["SentDate", "InternalDate"]), signs, near | near.map(lambda m: m.date())),
    st.builds(SizeTest, signs, st.integers(0, 5)),
    st.builds(FlagTest, st.sampled_from(["\\seen", "$Work"])),
    st.builds(IdTest, st.sampled_from(["1", "2:5", "7:6,9"])),
)
known_trees = st.recursive(
    known_tests,
    lambda inner: (
        inner.map(negated)
        | st.lists(inner, min_size=2, max_size=3).map(all_of)
        | st.lists(inner, min_size=2, max_size=3).map(any_of)
    ),
    max_leaves=8,
)


def oracle(expression: str, candidate: Candidate, said: dict[str, Any]) -> bool:
    """What an expression means, worked out from its text: each comparison becomes True or False, Python the rest."""

    def alike(text: str) -> str:
        return text.upper().replace("SS", "ß") if "ß" in text else text.upper()

    def meaning(match: re.Match[str]) -> str:
        field, sign, value, case = match.group(1, 2, 3, 4)
        have: Any
        want: Any
        denied = sign in ("<>", "NotContains")
        if field in ("Subject", "From"):
            same = str if case else alike
            have, want = same(said[field]), same(value)
            result = want in have if "Contains" in sign else want == have
        elif field in ("SentDate", "InternalDate"):
            moment = said[field]
            if len(value) > 12:
                have = (moment - datetime(2000, 1, 1, tzinfo=timezone.utc)).total_seconds()
                want_moment = datetime.strptime(value, "%d-%b-%Y %H:%M:%S %z")
                want = (want_moment - datetime(2000, 1, 1, tzinfo=timezone.utc)).total_seconds()
            else:
                have = (moment.year, moment.month, moment.day)
                wanted = datetime.strptime(value, "%d-%b-%Y")
                want = (wanted.year, wanted.month, wanted.day)
            result = {"<": have < want, "<=": have <= want, ">": have > want, ">=": have >= want}.get(
                sign, have == want
            )
        elif field == "MessageSize":
            size, number = candidate.size, int(value)
            result = {"<": size < number, "<=": size <= number, ">": size > number, ">=": size >= number}.get(
                sign, size == number
            )
        elif field == "UniqueId":
            result = candidate.unique_id in {"1": "1", "2:5": "2345", "7:6,9": "679"}[value]
        else:
            flag = "\\Seen" if field == "Seen" else "$Work"
            result = (flag in candidate.flags) == (value == "True")
        return str(result != denied)

    text = re.sub(r"'([^']*)' (\S+) '([^']*)'( MatchCase)?", meaning, expression)
    text = text.replace("()", "True").replace("!", " not ").replace("&", "and").replace("|", "or")
    return bool(eval(text))


@given(known_trees, candidates)
def test_evaluation_means_what_the_expression_says(node: Node, made: tuple[Candidate, dict[str, Any]]) -> None:
    candidate, said = made
    expression = str(MailQuery._of(node))
    assert compiled(MailQuery(expression)._node, {})(candidate) == oracle(expression, candidate, said), expression


@pytest.mark.parametrize("field", ["SentDate", "InternalDate"])
def test_the_day_of_a_date_is_that_of_its_own_zone(field: str) -> None:
    header = HeaderCollection.parse(b"Date: Sat, 10 Feb 2024 23:30:00 -0500\r\n")
    received = datetime(2024, 2, 10, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    candidate, undated = Candidate(header=header, received=received), Candidate()

    def meets(comparison: str, message: Candidate = candidate) -> bool:
        return compiled(MailQuery(f"'{field}' {comparison}")._node, {})(message)

    assert meets("= '10-Feb-2024'")
    assert not meets("= '11-Feb-2024'")
    assert not meets("> '10-Feb-2024'")
    assert meets("= '11-Feb-2024 04:30:00 +0000'")
    assert not meets("= '11-Feb-2024 04:30:01 +0000'")
    assert meets("= '1-Jan-1970'", undated)
    assert meets("< '10-Feb-2024'", undated)


def test_case_is_folded_as_servers_do() -> None:
    assert folded("Straße") == folded("STRAßE")
    assert len({folded(word) for word in ("Straße", "STRASSE", "strasse")}) == 2
    assert folded("ß") not in folded("SS") + folded("ss") + folded("Ssä") + folded("SSä")
    assert folded("ΟΔΟΣ") == folded("οδος") == folded("οδοσ")
    assert folded("é") == folded("e\u0301") == folded("É")
    assert folded("plain") == "PLAIN"


def test_what_an_evaluation_cannot_know_is_refused_by_name() -> None:
    for text, name in (
        ("X-GM-RAW x", "X-GM-RAW"),
        ("FUZZY SUBJECT x", "FUZZY"),
        ("YOUNGER 5", "YOUNGER"),
        ("UID 5:*", "5:\\*"),
    ):
        with pytest.raises(AsposeNotSupportedException, match=name):
            compiled(with_criteria_read(MailQuery(text)._node), {})
    with pytest.raises(AsposeArgumentException, match="WHATEVER is not known"):
        with_criteria_read(MailQuery("WHATEVER")._node)


@pytest.mark.parametrize(
    ("criteria", "expression"),
    [
        ("UNSEEN NOT FLAGGED", "'Seen' = 'False' & 'Flagged' = 'False'"),
        ("OR (TO a CC b) BCC c", "('To' Contains 'a' & 'Cc' Contains 'b') | 'Bcc' Contains 'c'"),
        ('HEADER X "a \\"b"', "'Header:X' Contains 'a \"b'"),
        ("NEW", "'Recent' = 'True' & 'Seen' = 'False'"),
        ("OLD", "'Recent' = 'False'"),
        ("KEYWORD $a UNKEYWORD $b", "'Keyword:$a' = 'True' & 'Keyword:$b' = 'False'"),
        ("SENTBEFORE 1-Feb-2024 ON 2-feb-2024", "'SentDate' < '1-Feb-2024' & 'InternalDate' = '2-Feb-2024'"),
        ("SMALLER 5 LARGER 4", "'MessageSize' < '5' & 'MessageSize' > '4'"),
        ("UID 1:2 MODSEQ 7", "'UniqueId' = '1:2' & 'ModSeq' >= '7'"),
        ('MODSEQ "/flags/\\\\Draft" all 7', "'ModSeq' >= '7'"),
        ("ALL", "()"),
        ('NOT (TEXT "x" BODY y)', "!('Text' Contains 'x' & 'Body' Contains 'y')"),
    ],
)
def test_criteria_and_expressions_have_the_same_trees(criteria: str, expression: str) -> None:
    assert with_criteria_read(MailQuery(criteria)._node) == MailQuery(expression)._node


def test_H_J1_messages_built_to_exhaust_are_searched_as_they_stand() -> None:
    content = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\nneedle\r\n" * 10_002
    test = compiled(MailQuery("'Body' Contains 'needle'")._node, {})
    assert test(Candidate(content=content))
    inner = b"Subject: inside\r\n\r\nneedle"
    for _ in range(50):
        inner = b"Content-Type: message/rfc822\r\n\r\n" + inner
    assert test(Candidate(content=inner)), "too deep to be read, but there"


def test_infos_are_put_in_order() -> None:
    infos = [
        Pop3MessageInfo(
            1, "a", 30, b"Subject: b\r\nDate: Sat, 10 Feb 2024 10:00:00 +0000\r\nFrom: Zoe <a@x.y>\r\n\r\n"
        ),
        Pop3MessageInfo(2, "b", 10, b"Subject: A\r\nTo: c@x.y\r\n\r\n"),
        Pop3MessageInfo(
            3, "c", 20, b"Subject: B\r\nDate: Sat, 10 Feb 2024 10:30:00 +0100\r\nFrom: a@x.y\r\nCc: d@x\r\n\r\n"
        ),
    ]

    def numbers(text: str) -> list[int]:
        order = MailQuery("ALL", text)._order
        return [info.sequence_number for info in ordered(infos, order, lambda info: info.date)]

    assert numbers("'Subject' OrderBy 'ASC'") == [2, 1, 3]
    assert numbers("'Subject' OrderBy 'DESC' & 'MessageSize' OrderBy 'ASC'") == [3, 1, 2]
    assert numbers("'SentDate' OrderBy 'ASC'") == numbers("'InternalDate' OrderBy 'ASC'") == [2, 3, 1]
    assert numbers("'From' OrderBy 'ASC'") == [2, 3, 1]
    assert numbers("'To' OrderBy 'DESC'") == [2, 1, 3]
    assert numbers("'Cc' OrderBy 'DESC'") == [3, 1, 2]
    assert numbers("'Bcc' OrderBy 'DESC'") == [1, 2, 3]
    assert numbers("") == [1, 2, 3]
