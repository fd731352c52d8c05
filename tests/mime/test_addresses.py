"""Mailboxes and lists of them, read and made."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailclients.errors import ArgumentTypeError, AsposeArgumentException
from mailclients.message import MailAddress, MailAddressCollection, MailMessage, ParticipationStatus, parse_addresses


def addresses(value: bytes | str) -> list[tuple[str, str]]:
    return [(one.display_name, one.address) for one in parse_addresses(value)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"a@b.c", [("", "a@b.c")]),
        (b"<a@b.c>", [("", "a@b.c")]),
        (b"Joe Q. Public <john.q.public@example.com>", [("Joe Q. Public", "john.q.public@example.com")]),
        (b'"Joe \\"Q\\" , P" <j@e.c>, x@y.z', [('Joe "Q" , P', "j@e.c"), ("", "x@y.z")]),
        (b"a@b.c (Joe (the) Man)", [("Joe (the) Man", "a@b.c")]),
        (b"Pete(A wonderful \\) chap) <pete(his account)@silly.test(his host)>", None),
        (b"Team: a@b.c, D <d@e.f>;, g@h.i", [("", "a@b.c"), ("D", "d@e.f"), ("", "g@h.i")]),
        (b"undisclosed-recipients:;", []),
        (b"<@x.y,@z.w:a@b.c>", [("", "a@b.c")]),
        (b"a @ b . c", [("", "a@b.c")]),
        (b'"a b"@c.d', [("", '"a b"@c.d')]),
        (b"a@[127.0.0.1]", [("", "a@[127.0.0.1]")]),
        (b"=?utf-8?q?a=2C_b=3Cx=40y=3E?= <a@b.c>", [("a, b<x@y>", "a@b.c")]),
        (b"=?utf-8?b?w4Q=?=\r\n =?utf-8?b?w5Y=?= <a@b.c>", [("ÄÖ", "a@b.c")]),
        ("Ünï <ü@ö.de>".encode(), [("Ünï", "ü@ö.de")]),
        (b"\xc4 <a@b.c>", [("Ä", "a@b.c")]),
        (b"John Smith j@k.l", [("", "John Smith j@k.l")]),
        (b",,;, ,", []),
        (b"", []),
        (b"<>", []),
    ],
)
def test_address_lists(text: bytes, expected: list[tuple[str, str]] | None) -> None:
    if expected is None:
        assert len(addresses(text)) == 1
    else:
        assert addresses(text) == expected


def test_address_shapes() -> None:
    one = MailAddress("Joe <j@e.c>")
    assert (one.address, one.display_name, one.user, one.host) == ("j@e.c", "Joe", "j", "e.c")
    assert one.original_address_string == "Joe <j@e.c>"
    assert MailAddress("Joe <j@e.c>", "Jim").display_name == "Jim"
    assert MailAddress("j@e.c", "Dr. J").to_string() == '"Dr. J" <j@e.c>'
    assert MailAddress("J@E.C", "JOE") == one
    assert hash(MailAddress("J@E.C", "JOE")) == hash(one)
    assert one != MailAddress("j@e.c")
    assert MailAddress("local", True).user == "local"
    assert MailAddress("local", "Name", True).host == ""
    assert MailAddress("a@b.c", "N", "utf-8").display_name == "N"
    one.participation_status = ParticipationStatus.ACCEPTED
    assert one.participation_status == 1
    for bad in ("", "x", "a@", "@b", "a b@c.d", "a@b, c@d", "a@b c"):
        with pytest.raises(AsposeArgumentException, match=r"user@host"):
            MailAddress(bad)
    for wrong in (3, b"a@b.c"):
        with pytest.raises(ArgumentTypeError):
            MailAddress(wrong)  # type: ignore[arg-type]
    with pytest.raises(AsposeArgumentException, match="charset"):
        MailAddress("a@b.c", "N", "zlib")


def test_address_collections_take_text() -> None:
    found = MailAddressCollection("a@b.c, D <d@e.f>")
    found.add(MailAddress("g@h.i"))
    found.add_range([MailAddress("j@k.l")])
    assert found.count == 4
    assert found.to_string() == str(found) == "a@b.c, D <d@e.f>, g@h.i, j@k.l"
    assert found.copy() == found
    assert found.contains(MailAddress("G@h.i"))
    assert found.index_of(MailAddress("d@e.f", "D")) == 1
    assert found.index_of(MailAddress("q@q.q")) == -1
    assert found.remove(MailAddress("a@b.c"))
    wrong: Any
    for wrong in ("x", "a@b.c, x"):
        with pytest.raises(AsposeArgumentException):
            found.add(wrong)
    for wrong in ("a@b.c", [3]):
        with pytest.raises(ArgumentTypeError):
            found.add_range(wrong)
    assert found.count == 3


names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)


users = st.from_regex(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9]+)?", fullmatch=True)


@given(st.lists(st.tuples(names, users), min_size=1, max_size=5))
def test_built_address_lists_are_read_back(people: list[tuple[str, str]]) -> None:
    message = MailMessage("a@b.c", "d@e.f")
    message.to = MailAddressCollection(MailAddress(user + "@example.org", name) for name, user in people)
    again = MailMessage.load(message.as_bytes())
    assert [one.address for one in again.to] == [user + "@example.org" for _, user in people]
    assert ["".join(one.display_name.split()) for one in again.to] == ["".join(n.split()) for n, _ in people]


@given(st.binary(max_size=200) | st.text('<>()",;:@\\[] a.=?', max_size=60).map(str.encode))
def test_H_J1_any_address_text_gives_addresses(data: bytes) -> None:
    found = MailAddressCollection(parse_addresses(data))
    assert not set(found.to_string()) & set("\r\n\0")
    message = MailMessage.from_bytes(b"To: x@y.z\r\nTo: 2@y.z\r\nX: 1\r\n\r\nbody")
    message.to = found
    head, _, body = message.as_bytes().partition(b"\r\n\r\n")
    assert body == b"body"
    assert all(line.startswith((b"To:", b"X: 1", b" ")) for line in head.split(b"\r\n") if line)


def test_a_display_name_goes_out_in_the_charset_that_was_asked_for() -> None:
    message = MailMessage("a@b.c", "d@e.f")
    message.to = MailAddress("d@e.f", "Jörg", "iso-8859-1")
    message.cc.add(MailAddress("g@h.i", "山田", "iso-2022-jp"))
    message.reply_to = MailAddress("j@k.l", "山田", "iso-8859-1")  # which it cannot be written in
    data = message.as_bytes()
    assert b"To: =?iso-8859-1?B?SvZyZw==?= <d@e.f>\r\n" in data
    assert b"Cc: =?iso-2022-jp?B?" in data
    assert b"Reply-To: =?utf-8?B?" in data
    again = MailMessage.load(data)
    assert [again.to[0].display_name, again.cc[0].display_name, again.reply_to[0].display_name] == [
        "Jörg",
        "山田",
        "山田",
    ]
    message.headers.set("To", "x@y.z")  # the field wins over the collection that was sent before
    assert b"To: x@y.z\r\n" in message.as_bytes()


def test_an_odd_received_address_stays_one_when_its_field_is_written_again() -> None:
    message = MailMessage.from_bytes(b'To: <a@b.c, evil@x.y>, <d e>, "q r"@s.t\r\n\r\n')
    message.to.add("u@v.w")
    data = message.as_bytes()
    assert b'To: <a@b.c, evil@x.y>, d e, "q r"@s.t, u@v.w\r\n' in data
    assert [one.address for one in MailMessage.load(data).to] == ["a@b.c, evil@x.y", "d e", '"q r"@s.t', "u@v.w"]
