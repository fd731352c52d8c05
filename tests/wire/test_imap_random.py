"""Random splits and random damage: typed responses or RemoteProtocolError, nothing else."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailclients.errors import RemoteProtocolError
from mailclients.wire.buffer import ImapLimits
from mailclients.wire.imap_parser import ResponseParser
from mailclients.wire.imap_responses import Envelope, FetchResponse, Response, body_part
from tests.wire.parsing import described, drain, parse_pieces
from tests.wire.test_imap_parser import BODYSTRUCTURE, CODES, ENVELOPE, FETCHES, RESPONSES

SAMPLES: list[bytes] = [
    *[data for data, _, _ in RESPONSES],
    *[b"* 9 FETCH " + text + b"\r\n" for text, _ in FETCHES],
    *[b"* OK [" + code + b"] text\r\n" for code, _, _ in CODES],
    b"* 1 FETCH (BODYSTRUCTURE " + BODYSTRUCTURE + b" UID 4)\r\n",
    b'* 2 FETCH (UID 4 FLAGS () INTERNALDATE "" RFC822.SIZE 1 ENVELOPE ' + ENVELOPE + b")\r\n",
    b"A1 OK [READ-WRITE] done\r\n",
    b"+ go on\r\n",
]
LIMITS = ImapLimits(line=20_000, literal=10_000, depth=40, items=2_000, literals=50)
PIECES = st.sampled_from(
    [
        b"(",
        b")",
        b'"',
        b"\\",
        b"{1}\r\n",
        b"~{2}\r\n",
        b"{",
        b"}\r\n",
        b"\r\n",
        b"\n",
        b"\0",
        b" ",
        b"NIL",
        b"UID ",
        b"0",
        b"99999999999",
        b"1:*",
        b"[",
        b"]",
        b"<0>",
        b"BODY[",
        b"ENVELOPE ",
        b"\xff",
        b"* ",
        b"+ ",
        b"MODSEQ (",
    ]
)


def outcome(pieces: list[bytes]) -> tuple[list[Response], str]:
    parser = ResponseParser(LIMITS)
    responses: list[Response] = []
    try:
        for piece in pieces:
            parser.feed(piece)
            while (response := parser.next_response()) is not None:
                responses.append(response)
    except RemoteProtocolError as error:
        with pytest.raises(RemoteProtocolError, match=re.escape(str(error))):
            parser.next_response()
        return responses, str(error)
    assert parser.buffered <= LIMITS.line + LIMITS.literal
    return responses, ""


def use(responses: list[Response]) -> None:
    """Looks at everything that is read lazily."""
    for response in responses:
        repr(response)
        if isinstance(response, FetchResponse):
            for value in response.items.values():
                if isinstance(value, Envelope):
                    assert len(tuple(value)) == 10
                elif isinstance(value, (tuple, bytes)) or value is None:
                    body_part(value)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(SAMPLES), max_size=5), st.lists(st.integers(0, 2000), max_size=8))
def test_any_split_gives_the_same(samples: list[bytes], cuts: list[int]) -> None:
    data = b"".join(samples)
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    pieces = [data[a:b] for a, b in itertools.pairwise(places)]
    parser, split = parse_pieces(pieces)
    _, whole = parse_pieces([data])
    assert described(tuple(split)) == described(tuple(whole))
    assert b"".join(response.raw for response in split) == data
    assert not parser.mid_response


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from(SAMPLES), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, 600), st.integers(0, 5), PIECES), min_size=1, max_size=4),
    st.integers(1, 50),
)
def test_damage_gives_responses_or_a_protocol_error(
    samples: list[bytes], damages: list[tuple[int, int, bytes]], size: int
) -> None:
    data = b"".join(samples)
    for place, removed, inserted in damages:
        place %= len(data) + 1
        data = data[:place] + inserted + data[place + removed :]
    whole, error = outcome([data])
    split, split_error = outcome([data[i : i + size] for i in range(0, len(data), size)])
    assert described(tuple(whole)) == described(tuple(split))
    assert error == split_error
    use(whole)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(PIECES | st.binary(max_size=4), max_size=40),
    st.sampled_from([b"", b"* 1 FETCH (", b"* LIST ", b"* OK ["]),
)
def test_noise_gives_responses_or_a_protocol_error(noise: list[bytes], start: bytes) -> None:
    data = start + b"".join(noise) + b")\r\n"
    whole, error = outcome([data])
    single, single_error = outcome([data[i : i + 1] for i in range(len(data))])
    assert described(tuple(whole)) == described(tuple(single))
    assert error == single_error
    use(whole)
    assert drain(ResponseParser()) == []
