"""Feeds bytes to the IMAP parser in several ways and compares what comes out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

import pytest

from mailclients.errors import RemoteProtocolError
from mailclients.wire.buffer import DEFAULT_LIMITS, ImapLimits
from mailclients.wire.imap_parser import ResponseParser
from mailclients.wire.imap_responses import Response, ResponseCode, StreamedLiteral


def drain(parser: ResponseParser) -> list[Response]:
    responses: list[Response] = []
    while (response := parser.next_response()) is not None:
        responses.append(response)
    return responses


def parse_pieces(pieces: Iterable[bytes], limits: ImapLimits = DEFAULT_LIMITS) -> tuple[ResponseParser, list[Response]]:
    parser = ResponseParser(limits)
    responses: list[Response] = []
    for piece in pieces:
        parser.feed(piece)
        responses += drain(parser)
    return parser, responses


def received(data: bytes, limits: ImapLimits = DEFAULT_LIMITS) -> tuple[ResponseParser, list[Response]]:
    """The same by the other door: written into the parser's own memory, in pieces of odd sizes."""
    parser = ResponseParser(limits)
    responses: list[Response] = []
    position, size = 0, 1
    while position < len(data):
        view = parser.get_write_buffer(parser.literal_missing)
        count = min(size, len(view), len(data) - position)
        view[:count] = data[position : position + count]
        parser.bytes_written(count)
        position += count
        size = size * 3 % 4099 + 1
        responses += drain(parser)
    return parser, responses


def described(value: Any) -> Any:
    """A response as plain values that can be compared."""
    if isinstance(value, (Response, ResponseCode)):
        slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
        return type(value).__name__, {name: described(getattr(value, name)) for name in sorted(slots)}
    if isinstance(value, StreamedLiteral):
        return "streamed", value.size
    if isinstance(value, dict):
        return {key: described(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(described(inner) for inner in value)
    return value


def parse(data: bytes, limits: ImapLimits = DEFAULT_LIMITS) -> list[Response]:
    """The responses in `data`, read whole, byte by byte and through the write buffer."""
    parser, whole = parse_pieces([data], limits)
    _, single = parse_pieces([data[i : i + 1] for i in range(len(data))], limits)
    _, written = received(data, limits)
    assert described(tuple(whole)) == described(tuple(single)) == described(tuple(written))
    assert b"".join(response.raw for response in whole) == data
    assert not parser.mid_response
    return whole


def parse_one(data: bytes, limits: ImapLimits = DEFAULT_LIMITS) -> Any:
    responses = parse(data, limits)
    assert len(responses) == 1
    return responses[0]


def refused(data: bytes, limits: ImapLimits = DEFAULT_LIMITS) -> str:
    """Asserts that `data` breaks the protocol, whole and byte by byte; returns the message."""
    messages: list[str] = []
    for pieces in ([data], [data[i : i + 1] for i in range(len(data))]):
        parser = ResponseParser(limits)

        def run(parser: ResponseParser = parser, pieces: list[bytes] = pieces) -> None:
            for piece in pieces:
                parser.feed(piece)
                drain(parser)

        with pytest.raises(RemoteProtocolError) as caught:
            run()
        messages.append(str(caught.value))
        for again in (
            parser.next_response,
            lambda p=parser: p.feed(b""),
            lambda p=parser: p.get_write_buffer(),
        ):
            with pytest.raises(RemoteProtocolError):
                again()
    assert messages[0] == messages[1]
    return messages[0]


def calls(work: Callable[[], object]) -> int:
    """How many functions, Python's and C's, `work` calls: a measure of work without a clock."""
    count = 0

    def counter(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counter)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count
