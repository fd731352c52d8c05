"""ENVELOPE by its three ways through the code: taken apart by the listing's match, by its own, or value by value."""

from __future__ import annotations

import itertools

import pytest

from mailclients.wire import imap_responses
from mailclients.wire.imap_parser import ResponseParser
from mailclients.wire.imap_responses import Envelope, FetchResponse

STRINGS = {
    b"NIL": None,
    b'""': b"",
    b'"text"': b"text",
    b'"NIL"': b"NIL",
    b'"(NIL NIL) \xc3\xa4 {3}"': b"(NIL NIL) \xc3\xa4 {3}",
    b'"a \\"b\\" \\\\"': b'a "b" \\',
}
LISTS = {
    b"NIL": None,
    b'((NIL NIL "a" "b"))': ((None, None, b"a", b"b"),),
    b'((NIL NIL "a" "b")("" "" "" ""))': ((None, None, b"a", b"b"), (b"", b"", b"", b"")),
    b'(("x) (y" NIL "NIL" "b") ("(" "@r" "a" NIL))': ((b"x) (y", None, b"NIL", b"b"), (b"(", b"@r", b"a", None)),
    b'(("a \\"b\\"" NIL "c" "d"))': ((b'a "b"', None, b"c", b"d"),),
}
CASES = [
    ([string, other, *[addresses] * 3, *[more] * 3, other, string], [STRINGS[string], STRINGS[other], *values])
    for string, other, addresses, more in itertools.product(STRINGS, STRINGS, LISTS, LISTS)
    for values in [[*[LISTS[addresses]] * 3, *[LISTS[more]] * 3, STRINGS[other], STRINGS[string]]]
]


def parsed(data: bytes) -> Envelope:
    parser = ResponseParser()
    parser.feed(data)
    response = parser.next_response()
    assert isinstance(response, FetchResponse)
    assert parser.next_response() is None
    envelope = response.items["ENVELOPE"]
    assert isinstance(envelope, Envelope)
    return envelope


@pytest.mark.parametrize("before", [b"UID 7 ENVELOPE ", b"ENVELOPE ", b"X 1 ENVELOPE "])
def test_every_shape_gives_its_values(before: bytes) -> None:
    for pieces, values in CASES:
        text = b"(" + b" ".join(pieces) + b")"
        envelope = parsed(b"* 1 FETCH (" + before + text + b")\r\n")
        assert tuple(envelope) == tuple(values), text
        assert envelope[2:8] == tuple(values[2:8])
        assert envelope[-1] == values[-1]
        assert envelope[-8] == values[2]
        assert envelope.defects == ()


def test_H_E22_every_way_gives_the_same_envelope() -> None:
    for pieces, _ in CASES:
        text = b"(" + b" ".join(pieces) + b")"
        listed = parsed(b"* 1 FETCH (UID 7 ENVELOPE " + text + b")\r\n")
        with_literal = parsed(b"* 1 FETCH (ENVELOPE " + text + b" X {1}\r\na)\r\n")
        by_value = parsed(b"* 1 FETCH (ENVELOPE " + text.replace(b'"text"', b"{4}\r\ntext") + b")\r\n")
        assert listed == with_literal == by_value


def test_H_E6_lists_that_are_kept_are_bounded_in_number_and_size() -> None:
    for number in range(3 * imap_responses._CACHE_ENTRIES):
        address = b'((NIL NIL "a%d" "b"))' % number
        text = b'("" "" ' + b" ".join([address] * 6) + b' "" "")'
        assert parsed(b"* 1 FETCH (UID 7 ENVELOPE " + text + b")\r\n")[2] == ((None, None, b"a%d" % number, b"b"),)
        assert len(imap_responses._lists) <= imap_responses._CACHE_ENTRIES
    long = b"x" * (imap_responses._CACHED + 1)
    text = b'("" "" ((NIL NIL "%b" "b")) NIL NIL NIL NIL NIL "" "")' % long
    assert parsed(b"* 1 FETCH (UID 7 ENVELOPE " + text + b")\r\n")[2] == ((None, None, long, b"b"),)
    assert not any(long in kept for kept in imap_responses._lists)
