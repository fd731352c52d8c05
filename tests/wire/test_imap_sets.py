"""Sets of message numbers from a server."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailclients.errors import RemoteProtocolError
from mailclients.wire.imap_sets import NumberSet


@pytest.mark.parametrize(
    ("text", "again", "numbers"),
    [
        ("1", "1", [1]),
        ("1:3", "1:3", [1, 2, 3]),
        ("3:1", "1:3", [1, 2, 3]),
        ("1,2,3,7", "1:3,7", [1, 2, 3, 7]),
        ("7,1:2", "7,1:2", [7, 1, 2]),
        ("5,5", "5,5", [5, 5]),
        ("0001", "1", [1]),
    ],
)
def test_text(text: str, again: str, numbers: list[int]) -> None:
    found = NumberSet.from_text(text)
    assert found.to_text() == again
    assert list(found) == numbers
    assert len(found) == len(numbers)
    assert all(n in found for n in numbers)
    assert NumberSet.from_text(again) == found
    assert hash(NumberSet.from_text(again)) == hash(found)


@pytest.mark.parametrize(
    "text", ["", ",", "1,", ",1", "1:", ":1", "*", "1:*", "0", "1:4294967296", "a", "1 2", "-1", "\u0661"]
)
def test_text_that_is_no_set(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        NumberSet.from_text(text)


def test_membership_of_other_things() -> None:
    found = NumberSet.from_text("5,1:2,4")
    assert [n for n in range(8) if n in found] == [1, 2, 4, 5]
    assert "1" not in found
    assert None not in found
    assert not NumberSet()
    assert 1 not in NumberSet()
    assert found != "5"


def test_repr_is_short() -> None:
    assert repr(NumberSet.from_text("1:3")) == "NumberSet.from_text('1:3')"
    wide = NumberSet.from_numbers(b" ".join(b"%d" % n for n in range(1, 100, 2)))
    assert repr(wide) == "<NumberSet of 50 in 50 ranges>"


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 4294967295) | st.integers(1, 30), max_size=60))
def test_numbers_keep_their_order(numbers: list[int]) -> None:
    found = NumberSet.from_numbers(b" ".join(b"%d" % n for n in numbers))
    assert list(found) == numbers
    assert sum(last - first + 1 for first, last in found.ranges) == len(found) == len(numbers)
    assert all(n in found for n in numbers)
    if numbers:
        assert list(NumberSet.from_text(found.to_text())) == numbers


def test_long_texts_are_read_in_pieces() -> None:
    numbers = list(range(100_000, 160_000, 2))
    assert list(NumberSet.from_numbers(b" ".join(b"%d" % n for n in numbers))) == numbers
    assert list(NumberSet.from_text(",".join(map(str, numbers)))) == numbers
