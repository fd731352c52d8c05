"""Arguments of commands: what is sent, decoded again as a server would, and what is refused."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailclients.errors import ArgumentTypeError, AsposeArgumentException, AsposeArgumentNullException
from mailclients.wire.imap_strings import (
    Encoded,
    Literal,
    decode_mailbox,
    decode_modified_utf7,
    encode_astring,
    encode_flag,
    encode_flags,
    encode_mailbox,
    encode_modified_utf7,
    encode_nstring,
    encode_string,
    format_date,
    format_datetime,
    format_set,
    id_ranges,
    parse_datetime,
    split_set,
)

# What an atom may consist of by RFC 9051, written down apart from the code under test.
ATOM = re.compile(rb"[!#$&'+,\-./0-9:;<=>?@A-Z\[\]^_`a-z|}~]+")


def decoded(sent: Encoded) -> bytes:
    """What a strict server understands."""
    if isinstance(sent, Literal):
        return sent.data
    if sent[:1] == b'"':
        content = sent[1:-1]
        assert sent[-1:] == b'"'
        assert re.fullmatch(rb'(?:[^"\\\r\n\0]|\\["\\])*', content)
        return re.sub(rb"\\(.)", rb"\1", content)
    assert ATOM.fullmatch(sent)
    assert sent.upper() != b"NIL"
    assert sent[:1] not in (b"+", b"~")
    return sent


@pytest.mark.parametrize("bad", ["a\rb", "a\nb", "a\0b", "\r\nA1 LOGOUT\r\n", "\n", "\ud800"])
def test_H_F1_line_ends_nul_and_surrogates_are_refused(bad: str) -> None:
    for encode in (
        encode_string,
        encode_astring,
        encode_nstring,
        encode_mailbox,
        encode_flag,
        encode_modified_utf7,
    ):
        with pytest.raises(AsposeArgumentException) as caught:
            encode(bad)
        assert bad not in str(caught.value)
        assert caught.value.__cause__ is None
        for utf8 in (True, False):
            with pytest.raises(AsposeArgumentException):
                encode_mailbox(bad, utf8)
            with pytest.raises(AsposeArgumentException):
                encode_astring(bad, utf8)
    if bad.isascii():
        with pytest.raises(AsposeArgumentException):
            encode_mailbox(bad.encode())


@pytest.mark.parametrize("bad", [5, b"x", ["x"], 1.5, True])
def test_H_F1_other_types_are_refused(bad: Any) -> None:
    with pytest.raises(ArgumentTypeError):
        encode_astring(bad)
    with pytest.raises(AsposeArgumentNullException):
        encode_astring(None)  # type: ignore[arg-type]


F2 = [
    '"',
    "\\",
    '\\"',
    "%",
    "*",
    "{5}",
    "{5+}",
    "(",
    ")",
    "()",
    "+x",
    "+",
    "~",
    "~{5}",
    "NIL",
    "nil",
    "",
    " ",
    "a b",
    "INBOX",
    "a]b",
    "[x]",
    "user@example.org",
    "-x",
    "1:*",
    "\\Seen",
]


@pytest.mark.parametrize("text", F2)
def test_H_F2_syntax_arrives_as_data(text: str) -> None:
    for encode in (encode_string, encode_astring, encode_nstring, encode_mailbox):
        assert decoded(encode(text)) == text.encode()


def test_H_F2_only_none_is_nil() -> None:
    assert encode_nstring(None) == b"NIL"
    assert encode_nstring("NIL") == b'"NIL"'
    assert encode_astring("abc") == b"abc"
    assert encode_string("abc") == b'"abc"'


@pytest.mark.parametrize("name", ["a\tb", "\x01", "a\x7fb", "\x1b[0m"])
def test_H_F3_controls_in_folder_names_are_quoted(name: str) -> None:
    raw = name.encode()
    assert decode_mailbox(raw) == name
    assert encode_mailbox(name) == b'"' + raw + b'"'
    assert encode_mailbox(raw) == b'"' + raw + b'"'
    assert encode_astring(name) == b'"' + raw + b'"'


@pytest.mark.parametrize("text", ["é", "日本語", "a\u00a0b", "😀", "\u202e"])
def test_H_F4_text_beyond_ascii(text: str) -> None:
    assert encode_astring(text) == Literal(text.encode())
    assert encode_string(text) == Literal(text.encode())
    assert encode_astring(text, utf8=True) == b'"' + text.encode() + b'"'
    assert encode_mailbox(text, utf8=True) == b'"' + text.encode() + b'"'
    sent = encode_mailbox(text)
    assert isinstance(sent, bytes)
    assert sent.isascii()
    assert decode_modified_utf7(decoded(sent)) == text
    # Raw names with 8-bit bytes, as some servers list them.
    assert encode_mailbox(text.encode()) == Literal(text.encode())


@pytest.mark.parametrize("text", ["{10+}", "x{10+}", "find {10+}", "{10}", "~{10+}", 'a"{1}'])
def test_H_F5_what_looks_like_a_literal_is_quoted(text: str) -> None:
    for encode in (encode_string, encode_astring, encode_mailbox):
        sent = encode(text)
        assert isinstance(sent, bytes)
        assert sent.endswith(b'"')
        assert decoded(sent) == text.encode()


def test_long_text_is_a_literal() -> None:
    assert isinstance(encode_astring("a" * 4096), bytes)
    assert encode_astring("a" * 4097) == Literal(b"a" * 4097)
    assert encode_mailbox("a" * 4097) == Literal(b"a" * 4097)


def test_literal() -> None:
    literal = Literal(b"secret", binary=True)
    assert literal.header() == b"~{6}\r\n"
    assert literal.header(synchronizing=False) == b"~{6+}\r\n"
    assert Literal(b"").header() == b"{0}\r\n"
    assert len(literal) == 6
    assert "secret" not in repr(literal)
    assert literal != Literal(b"secret")
    assert len({literal, Literal(b"secret", binary=True)}) == 1


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]), max_size=40), st.booleans())
def test_any_text_arrives(text: str, utf8: bool) -> None:
    for encode in (encode_astring, encode_string, encode_nstring):
        assert decoded(encode(text, utf8)) == text.encode()
    sent = decoded(encode_mailbox(text, utf8))
    assert decode_mailbox(sent, utf8) == text


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=30) | st.text("&-,+/AaBb0\u00e9", max_size=20).map(str.encode))
def test_any_folder_name_decodes(raw: bytes) -> None:
    name = decode_modified_utf7(raw)
    if name is not None:
        assert encode_modified_utf7(name) == raw
    assert isinstance(decode_mailbox(raw), str)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("INBOX", b"INBOX"),
        ("~peter/mail/台北/日本語", b"~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
        ("Entwürfe", b"Entw&APw-rfe"),
        ("Tom & Jerry", b"Tom &- Jerry"),
        ("&&é", b"&-&-&AOk-"),
        ("😀", b"&2D3eAA-"),
    ],
)
def test_modified_utf7(name: str, raw: bytes) -> None:
    assert encode_modified_utf7(name) == raw
    assert decode_modified_utf7(raw) == name


@pytest.mark.parametrize("flag", ["\\Seen", "\\Deleted", "$Forwarded", "NonJunk", "a.b", "work+home", "&x"])
def test_flags(flag: str) -> None:
    assert encode_flag(flag) == flag.encode()


@pytest.mark.parametrize(
    "flag",
    [
        "",
        "\\",
        "\\*",
        "a b",
        "\\Seen)",
        "\\Seen) X",
        "a(b",
        "a{3}",
        'a"b',
        "a\\b",
        "\\\\Seen",
        "a%",
        "a*",
        "a]",
        "é",
        "\t",
        "a\x7f",
    ],
)
def test_flags_that_are_none(flag: str) -> None:
    with pytest.raises(AsposeArgumentException):
        encode_flag(flag)
    with pytest.raises(AsposeArgumentException):
        encode_flags(["\\Seen", flag])


def test_flag_lists() -> None:
    assert encode_flags(["\\Seen", "x"]) == b"(\\Seen x)"
    assert encode_flags([]) == b"()"
    with pytest.raises(ArgumentTypeError):
        encode_flags("\\Seen")


def test_dates() -> None:
    zone = timezone(timedelta(hours=-5, minutes=-30))
    moment = datetime(2016, 10, 2, 17, 28, 5, tzinfo=zone)
    assert format_datetime(moment) == b'"02-Oct-2016 17:28:05 -0530"'
    assert parse_datetime(format_datetime(moment)[1:-1]) == moment
    assert format_date(moment) == b"2-Oct-2016"
    assert format_date(date(1, 2, 3)) == b"3-Feb-0001"
    assert parse_datetime(b" 2-oct-2016 17:28:60 +0000") == datetime(2016, 10, 2, 17, 28, 59, tzinfo=timezone.utc)
    assert parse_datetime(None) is None
    naive = datetime(2020, 6, 1, 12)
    assert parse_datetime(format_datetime(naive)[1:-1]) == naive.astimezone()


def test_sets() -> None:
    assert format_set([1, 2, 3, 7]) == b"1:3,7"
    assert format_set([7, 1, 2, 2]) == b"7,1:2,2"
    assert list(id_ranges([])) == []
    with pytest.raises(AsposeArgumentException):
        format_set([])
    for bad in (0, -1, 4294967296, True, 1.5, "1", None):
        with pytest.raises(AsposeArgumentException):
            format_set([5, bad])  # type: ignore[list-item]


def test_H_F7_long_sets_are_split_in_order() -> None:
    ids = list(range(4_000_000_000, 4_000_200_000, 2))
    pieces = list(split_set(ids, 8000))
    assert all(len(piece) <= 8000 for piece in pieces)
    assert b",".join(pieces) == b",".join(b"%d" % n for n in ids)
    assert len(pieces) < len(ids) * 11 / 7900 + 1
    assert list(split_set(range(1, 100_001), 21)) == [b"1:100000"]
    assert list(split_set([], 100)) == []
    with pytest.raises(AsposeArgumentException):
        list(split_set([1], 20))
