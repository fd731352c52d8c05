"""Header fields in order, with duplicates."""

from __future__ import annotations

import pytest

from mailclients.errors import AsposeArgumentException, AsposeArgumentOutOfRangeException
from mailclients.message import HeaderCollection


def test_header_collection_is_ordered_and_keeps_duplicates() -> None:
    fields = HeaderCollection.parse(b"From x\r\nA: 1\r\n b\r\nnonsense\r\n lost\r\na : 2\nB:\xff\r\n\r\nC: body")
    assert fields.items() == [("A", "1 b"), ("a", "2"), ("B", "ÿ")]
    assert (fields.count, len(fields), fields.keys, list(fields)) == (3, 3, ["A", "a", "B"], ["A", "a", "B"])
    assert fields.all_keys == ["A", "B"]
    assert fields["a"] == fields[0] == fields.get("A") == "1 b"
    assert fields.get_values("A") == ["1 b", "2"]
    assert fields.get("none") is None
    assert fields.get_key(2) == "B"
    assert "b" in fields
    assert 3 not in fields
    assert fields.get_raw("B") == b"\xff"
    fields.set("a", "new")
    fields.add("C: =?utf-8?q?x?=")
    fields.add("D", "4")
    fields.insert("First", "0")
    assert fields.items() == [("First", "0"), ("a", "new"), ("B", "ÿ"), ("C", "=?utf-8?q?x?="), ("D", "4")]
    assert fields.get_decoded_value("c") == "=?utf-8?q?x?="
    assert fields.remove("d")
    assert not fields.remove("d")
    other = HeaderCollection(fields)
    other.add(fields)
    assert other.count == 2 * fields.count
    other.clear()
    assert not other.has_keys()
    with pytest.raises(AsposeArgumentOutOfRangeException):
        fields.get(99)
    for bad in ("", "a b", "a:b", "ü", "x" * 300):
        with pytest.raises(AsposeArgumentException):
            fields.add(bad, "x")
    with pytest.raises(AsposeArgumentException, match="Name: value"):
        fields.add("no colon")


@pytest.mark.parametrize(
    ("block", "fields", "body"),
    [
        (b"", [], b""),
        (b"\r\nA: 1", [], b"A: 1"),
        (b"A: 1", [("A", b" 1")], b""),
        (b"A: 1\n\nbody", [("A", b" 1")], b"body"),
        (b"A: 1\r\n\tx\r\n \r\n\r\nbody", [("A", b" 1\r\n\tx\r\n ")], b"body"),
        (b" first: 1\r\nA:2\r\n", [("A", b"2")], b""),
        (b"nonsense\r\n folded: 1\r\nA:\r\n", [("A", b"")], b""),
        (b": 1\r\n:\r\nA : 2\r\n", [("A", b" 2")], b""),
        (b"\xff: 1\r\nA b: 2\r\nC" + b" " * 500 + b": 3\r\nD: 4", [("D", b" 4")], b""),
    ],
)
def test_fields_and_where_the_body_begins(block: bytes, fields: list[tuple[str, bytes]], body: bytes) -> None:
    found, begin = HeaderCollection._received(block, 0, len(block))
    assert (found._fields, block[begin:]) == (fields, body)
