"""IMAP's models: flags, folders, message infos, sets of messages, enums."""

from __future__ import annotations

import copy
import json
import pickle
import re
import threading
from datetime import datetime, timedelta, timezone
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
    ElementProcessingException,
)
from mailclients.imap import models
from mailclients.imap.models import (
    ImapFolderInfo,
    ImapFolderInfoCollection,
    ImapKnownAuthenticationType,
    ImapMessageFlags,
    ImapMessageInfo,
    ImapMessageInfoCollection,
    ImapSpecialFolderTypes,
    MessageSet,
    parse_internal_date,
)

SEEN, FLAGGED, EMPTY = ImapMessageFlags.IS_READ, ImapMessageFlags.FLAGGED, ImapMessageFlags.EMPTY

flag_names = st.from_regex(r"[A-Za-z0-9$_.\-]{1,20}", fullmatch=True)
flag_sets = st.lists(st.one_of(flag_names, st.sampled_from(["\\Seen", "\\Draft", "\\Flagged"])), max_size=6).map(
    ImapMessageFlags.from_server
)


# --- enums --------------------------------------------------------------------------------------


def test_enums_have_the_documented_values() -> None:
    source = Path(__file__).parents[2] / "shared" / "reference" / "api.json"
    if not source.exists():
        pytest.skip("the reference tables are not here")
    api = json.loads(source.read_text())
    overrides = api["_meta"]["naming"]["overrides"]
    whole = {"OAUTH2": "OAUTH2", "KerberosV4": "KERBEROS_V4"}
    checked = 0
    for name in models.__all__:
        documented = api["enums"].get(name)
        if documented is None:
            continue
        enum: Any = getattr(models, name)
        for member, value in documented.items():
            upper = whole.get(member) or overrides.get(member, "").upper()
            if not upper:
                upper = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", member).upper()
            assert int(enum[upper]) == value, (name, member)
            checked += 1
    assert checked > 80


def test_authentication_types_combine() -> None:
    both = ImapKnownAuthenticationType.PLAIN | ImapKnownAuthenticationType.OAUTH2
    assert both == 10
    assert ImapKnownAuthenticationType["SCRAM_SHA_256"] is ImapKnownAuthenticationType.SCRAM_SHA256
    assert issubclass(models.CompressionType, IntEnum)


# --- flags --------------------------------------------------------------------------------------


def test_flag_constants_exist_in_both_spellings() -> None:
    for name, text in {
        "answered": "\\Answered",
        "deleted": "\\Deleted",
        "draft": "\\Draft",
        "empty": "",
        "flagged": "\\Flagged",
        "is_read": "\\Seen",
        "recent": "\\Recent",
    }.items():
        lower, upper = getattr(ImapMessageFlags, name), getattr(ImapMessageFlags, name.upper())
        assert lower is upper
        assert str(lower) == lower.to_string() == text


def test_flags_combine_with_flags_and_text() -> None:
    three = SEEN | FLAGGED | "$Forwarded"
    assert three.to_imap() == ("\\Seen", "\\Flagged", "$Forwarded")
    assert three == ("$Forwarded" | SEEN | FLAGGED)
    assert hash("$forwarded" | FLAGGED | SEEN) == hash(three) == three.get_hash_code()
    assert (three & (SEEN | "$Other")) == SEEN
    assert ("\\seen" & three) == SEEN
    assert ImapMessageFlags.bitwise_or("\\Seen", FLAGGED) == SEEN | FLAGGED
    assert ImapMessageFlags.bitwise_and(three, FLAGGED) == FLAGGED
    assert three.has_flag(SEEN | FLAGGED)
    assert not SEEN.has_flag(three)
    assert three.split() == [SEEN, FLAGGED, ImapMessageFlags.keyword("$Forwarded")]
    assert EMPTY.is_empty()
    assert not three.is_empty()
    assert EMPTY.split() == []
    assert "\\SEEN" in three
    assert FLAGGED in three
    assert 3 not in three
    assert three.equals(three | SEEN)
    assert three != "x"
    assert list(three) == list(three.to_imap())
    assert pickle.loads(pickle.dumps(three)) == copy.deepcopy(three) == three


def test_flags_are_immutable() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        SEEN._flags = {}
    with pytest.raises(AttributeError, match="immutable"):
        del SEEN._flags
    before = str(SEEN)
    assert SEEN | "x" != SEEN
    assert str(SEEN) == before


@pytest.mark.parametrize("text", ["", "\\", "a b", "\\Seen)", "\\Seen) X", "a(b", "x\r\nA1 NOOP", "a\0", "ü", "{5}"])
@pytest.mark.parametrize("make", [ImapMessageFlags, ImapMessageFlags.keyword, SEEN.__or__, SEEN.has_flag])
def test_H_F6_text_that_is_no_flag_is_refused(make: Any, text: str) -> None:
    with pytest.raises(AsposeArgumentException):
        make(text)


def test_H_F6_wrong_types_are_refused() -> None:
    wrong: Any
    for wrong in (3, 1.5, True, b"\\Seen", ["\\Seen"]):
        with pytest.raises(ArgumentTypeError):
            ImapMessageFlags(wrong)
        with pytest.raises(TypeError):
            SEEN | wrong
    wrong = None
    with pytest.raises(AsposeArgumentNullException):
        ImapMessageFlags.keyword(wrong)
    with pytest.raises(AsposeArgumentException, match="backslash"):
        ImapMessageFlags.keyword("\\Seen")


def test_H_E17_odd_flags_of_a_server_are_kept_but_not_sent() -> None:
    odd = ImapMessageFlags.from_server([b"\\seen", "with space", b"\xff"])
    assert odd.has_flag(SEEN)
    assert list(odd) == ["\\Seen", "with space", "\ufffd"]
    with pytest.raises(AsposeArgumentException):
        odd.to_imap()
    assert "\\n" in repr(ImapMessageFlags.from_server(["a\nb"]))


def test_H_E17_ten_thousand_flags() -> None:
    many = ImapMessageFlags.from_server([f"k{n}" for n in range(10_000)])
    assert len(many) == 10_000
    assert len(many & (SEEN | "k77")) == 1
    assert len(repr(many)) < 500


@given(flag_sets, flag_sets)
def test_flags_are_sets(a: ImapMessageFlags, b: ImapMessageFlags) -> None:
    assert a | b == b | a
    assert a & b == b & a
    assert (a | b).has_flag(a)
    assert a.has_flag(a & b)
    assert (a == b) == (a.has_flag(b) and b.has_flag(a))
    assert a != b or hash(a) == hash(b)
    assert ImapMessageFlags.from_server(a.to_imap()) == a
    union = EMPTY
    for one in a.split():
        union |= one
    assert union == a


@given(st.text(max_size=12))
def test_a_flag_is_refused_or_goes_out_as_one_atom(text: str) -> None:
    try:
        flag = ImapMessageFlags(text)
    except AsposeArgumentException:
        return
    (out,) = flag.to_imap()
    assert out.lower() == text.lower()
    assert re.fullmatch(r"\\?[^\x00-\x20\x7f-\U0010ffff(){%*\"\\\]]+", out)


# --- folders ------------------------------------------------------------------------------------


def test_folder_properties_come_from_the_attributes() -> None:
    folder = ImapFolderInfo(
        name="Bin",
        raw_name=b"Bin",
        delimiter="/",
        attributes=("\\HasChildren", "\\TRASH", "\\Subscribed", "\\Remote", "\\Marked", "\\NoInferiors"),
    )
    assert folder.folder_type is ImapSpecialFolderTypes.TRASH
    assert folder.has_children
    assert folder.subscribed
    assert folder.remote
    assert folder.marked
    assert folder.no_inferiors
    assert folder.selectable
    assert not folder.non_existent
    assert str(folder) == folder.to_string() == "Bin"
    gone = ImapFolderInfo(name="x", attributes=("\\NonExistent",))
    assert gone.non_existent
    assert not gone.selectable
    assert not ImapFolderInfo(name="x", attributes=("\\Noselect",)).selectable
    plain = ImapFolderInfo(name="x", attributes=("\\HasNoChildren", "\\Unmarked"))
    assert not plain.has_children
    assert not plain.marked
    assert plain.folder_type is ImapSpecialFolderTypes.NOT_SPECIFIED
    assert plain.updated(total_message_count=3, read_only=True).total_message_count == 3
    assert plain.total_message_count == 0
    assert ImapFolderInfo.IN_BOX == "INBOX"


def test_folder_collection_finds_by_name() -> None:
    inbox, other = ImapFolderInfo(name="Inbox"), ImapFolderInfo(name="a/b")
    folders = ImapFolderInfoCollection(inbox, [other])
    assert folders.count == len(folders) == 2
    assert folders["INBOX"] is inbox
    assert folders["a/b"] is folders[1] is other
    assert folders[:1] == [inbox]
    with pytest.raises(KeyError):
        folders["A/B"]
    folders.add_range([inbox])
    folders.remove_at(0)
    assert list(folders) == [other, inbox]
    assert folders.sync_root is folders.sync_root
    with pytest.raises(AsposeArgumentOutOfRangeException):
        folders.remove_at(5)


# --- message infos ------------------------------------------------------------------------------

ENVELOPE = (
    b"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)",
    b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=",
    ((b"Terry Gray", None, b"gray", b"cac.washington.edu"),),
    ((None, None, b"sender", b"example.org"),),
    None,
    ((None, None, b"group", None), (None, None, b"a", b"b.c"), (None, None, None, None)),
    ((b"=?utf-8?b?w4Q=?=", None, b"c", b"d.e"), (None, None, b"f", b"g.h")),
    None,
    None,
    b"<B27397-0100000@cac.washington.edu>",
)


def test_info_decodes_its_envelope() -> None:
    info = ImapMessageInfo(
        12,
        3333,
        ("\\Seen", "$Junk"),
        4286,
        b"17-Jul-1996 02:44:25 -0700",
        ENVELOPE,
        7,
        "INBOX",
        {"X": "y"},
        "t1",
    )
    pacific = timezone(timedelta(hours=-7))
    assert info.subject == str(info) == "Grüße"
    assert info.date == datetime(1996, 7, 17, 2, 23, 25, tzinfo=pacific)
    assert info.internal_date == datetime(1996, 7, 17, 2, 44, 25, tzinfo=pacific)
    assert info.from_address is not None
    assert (info.from_address.display_name, info.from_address.address) == (
        "Terry Gray",
        "gray@cac.washington.edu",
    )
    assert info.sender is not None
    assert info.sender.host == "example.org"
    assert [one.address for one in info.to] == ["a@b.c"]
    assert [one.display_name for one in info.cc] == ["Ä", ""]
    assert info.bcc.count == info.reply_to.count == 0
    assert info.message_id == "<B27397-0100000@cac.washington.edu>"
    assert (info.sequence_number, info.unique_id, info.size) == (12, "3333", 4286)
    assert (info.modification_sequence, info.parent_folder, info.conversation_id) == (7, "INBOX", "t1")
    assert dict(info.extra_parameters) == {"X": "y"}
    assert info.is_read
    assert not any((info.answered, info.deleted, info.draft, info.flagged, info.recent))
    assert info.contains_keyword("$junk")
    assert info.flags is info.flags
    assert info.to is info.to
    assert "Grüße" not in repr(info)
    assert not hasattr(info, "__dict__")
    info.dispose()


def test_info_reads_the_header_where_there_is_no_envelope() -> None:
    header = b"From: a@b.c\r\nSubject: x\r\n y\r\nTo: d@e.f, g@h.i\r\nList-Unsubscribe: <mailto:u@l.s>\r\n\r\n"
    info = ImapMessageInfo(1, "77", header=header)
    assert info.unique_id == "77"
    assert info.subject == "x y"
    assert info.to.count == 2
    assert info.list_unsubscribe == "<mailto:u@l.s>"
    assert info.headers["subject"] == "x y"
    assert ImapMessageInfo().headers.count == 0
    assert ImapMessageInfo().unique_id == ""


@pytest.mark.parametrize(
    "envelope",
    [
        None,
        (),
        (None,) * 10,
        (b"not a date", b"\xff\xfe", b"x", 3, (3,), ((),), ((b"a",),), (None,), None, b"\0"),
        (3,) * 10,
        (
            b"Mon, 99 Foo 99999 99:99:99 +9999",
            b"=?x?q?=",
            ((3, 3, 3, 3),),
            ((b"", b"", b"", b""),),
            *[((b"a\r\nb",) * 4,)] * 6,
        ),
        (b"1" * 10_000, b"=?utf-8?q?" + b"a" * 3000, *[()] * 8),
    ],
)
def test_H_E8_odd_envelopes_give_none_or_empty(envelope: Any) -> None:
    info = ImapMessageInfo(1, 1, (), 0, b"\xff", envelope)
    assert info.date is None
    assert info.internal_date is None
    assert isinstance(info.subject, str)
    assert isinstance(info.message_id, str)
    for addresses in (info.to, info.cc, info.bcc, info.reply_to):
        assert "\n" not in addresses.to_string()
    assert info.from_address is None or info.from_address.address is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "17-Jul-1996",
        "32-Jul-1996 02:44:25 -0700",
        "17-Xxx-1996 02:44:25 -0700",
        "17-anf-1996 02:44:25 -0700",
        "17-Jul-0000 02:44:25 -0700",
        "17-Jul-1996 25:44:25 -0700",
        "17-Jul-1996 02:44:25 -9900",
        " " * 1000,
    ],
)
def test_H_E17_invalid_internal_dates_are_none(text: str) -> None:
    assert parse_internal_date(text) is None
    assert parse_internal_date(text.encode()) is None


def test_internal_dates_of_several_servers() -> None:
    assert parse_internal_date(b'" 7-Jul-1996 02:44:25 +0130"') == datetime(
        1996, 7, 7, 2, 44, 25, tzinfo=timezone(timedelta(minutes=90))
    )
    assert parse_internal_date("07-DEC-2020 02:44:60") == datetime(2020, 12, 7, 2, 44, 59, tzinfo=timezone.utc)
    assert parse_internal_date(None) is None


def test_infos_are_read_alike_by_many_threads() -> None:
    info = ImapMessageInfo(1, 1, ("\\Seen",), 0, None, ENVELOPE)
    begin = threading.Barrier(6)
    seen: list[tuple[int, int]] = []

    def read() -> None:
        begin.wait(30)
        seen.append((id(info.to), id(info.cc)))

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(seen) == 6
    assert len(set(seen)) == 1


def test_info_collection_finds_by_unique_id() -> None:
    infos = ImapMessageInfoCollection(ImapMessageInfo(n, 100 + n) for n in range(1, 4))
    assert infos.count == 3
    assert infos["102"] is infos[1]
    with pytest.raises(KeyError):
        infos["1"]
    assert infos.exceptions == []
    infos.exceptions.append(ElementProcessingException(4, ValueError("odd")))
    assert (infos.exceptions[0].element_index, str(infos.exceptions[0])) == (4, "element 4: odd")
    first = infos[0]
    infos.insert(0, first)
    assert infos.remove(first)
    assert infos.remove(first)
    assert not infos.remove(first)
    assert [info.sequence_number for info in infos[-2:]] == [2, 3]


# --- sets of messages ---------------------------------------------------------------------------


def test_message_set_of_ids() -> None:
    ids = MessageSet(by_uid=True, ids=(9, 1, 3, 2, 3))
    assert ids.compact() == "1:3,9"
    assert list(ids) == [9, 1, 3, 2, 3]
    assert len(ids) == 5
    assert ids.single is None
    assert not ids.is_range
    assert 9 in ids
    assert 4 not in ids
    assert MessageSet(by_uid=False, ids=(4,)).single == 4
    nothing = MessageSet(by_uid=True, ids=())
    assert (nothing.compact(), list(nothing.chunks(100)), bool(nothing)) == ("", [], False)


def test_H_E11_a_message_set_of_a_range_is_never_expanded() -> None:
    everything = MessageSet(by_uid=True, ranges=(1, 4294967295))
    assert everything.compact() == "1:4294967295"
    assert list(everything.chunks(21)) == ["1:4294967295"]
    assert everything.is_range
    assert len(everything) == 4294967295
    assert everything
    assert 7 in everything
    assert 0 not in everything
    assert "7" not in everything
    assert MessageSet(by_uid=True, ranges=(5, 5)).compact() == "5"
    assert MessageSet(by_uid=True, ranges=(5, 5)).single == 5
    assert next(iter(everything)) == 1


def test_message_set_refuses_what_is_no_set() -> None:
    arguments: Any
    for arguments in ({}, {"ids": (1,), "ranges": (1, 2)}):
        with pytest.raises(AsposeArgumentException):
            MessageSet(by_uid=True, **arguments)
    with pytest.raises(AsposeArgumentOutOfRangeException):
        MessageSet(by_uid=True, ranges=(5, 4))
    with pytest.raises(AsposeArgumentOutOfRangeException):
        MessageSet(by_uid=True, ids=(1,)).chunks(20)


def expand(text: str) -> list[int]:
    out: list[int] = []
    for piece in text.split(","):
        first, _, last = piece.partition(":")
        out.extend(range(int(first), int(last or first) + 1))
    return out


@given(st.lists(st.integers(1, 4294967295) | st.integers(1, 50), max_size=60), st.integers(21, 60))
def test_H_F7_chunks_hold_every_id_once_and_stay_below_the_limit(ids: list[int], limit: int) -> None:
    chunks = list(MessageSet(by_uid=True, ids=tuple(ids)).chunks(limit))
    assert all(len(chunk) <= limit for chunk in chunks)
    assert [number for chunk in chunks for number in expand(chunk)] == sorted(set(ids))
    assert ",".join(chunks) == MessageSet(by_uid=True, ids=tuple(ids)).compact()


def test_H_F7_a_hundred_thousand_ids() -> None:
    ids = tuple(range(200_000, 0, -2))
    chunks = list(MessageSet(by_uid=True, ids=ids).chunks(8000))
    assert max(map(len, chunks)) <= 8000
    assert sum(chunk.count(",") + 1 for chunk in chunks) == 100_000
