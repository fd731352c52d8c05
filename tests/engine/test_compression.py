"""The compressed stream below a connection (RFC 4978): its bounds, its end, and what is hostile about it (row E20)."""

from __future__ import annotations

import contextlib
import random
import socket
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest

from mailclients import RemoteProtocolError
from mailclients.engine.compression import EMPTY_AT_MOST, PIECE, Compression
from mailclients.engine.transport import Transport

PATIENCE = 10.0


@contextlib.contextmanager
def pair() -> Iterator[tuple[Transport, socket.socket]]:
    """A transport that compresses, and the other end of its socket."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(PATIENCE)
    transport = Transport(ours, ("127.0.0.1", 1))
    transport.start_compression()
    try:
        yield transport, theirs
    finally:
        transport.close()
        theirs.close()


def packed(data: bytes, *, end: bool = False) -> bytes:
    """A raw DEFLATE stream, flushed, or finished."""
    deflate = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    return deflate.compress(data) + deflate.flush(zlib.Z_FINISH if end else zlib.Z_SYNC_FLUSH)


def read(transport: Transport, room: int = 4096) -> bytes:
    """The next bytes, of which there are some or an end."""
    buffer = memoryview(bytearray(room))
    while (count := transport.read_into(buffer)) is None:
        assert transport.wait(write=False, timeout=PATIENCE)
    return bytes(buffer[:count])


@pytest.mark.parametrize("room", [1, 7, 4096, 1 << 20])
@pytest.mark.parametrize("split", [1, 13, 1 << 20])
def test_what_was_sent_is_read_however_it_is_split(room: int, split: int) -> None:
    text = b"".join(b"* %d FETCH (FLAGS ())\r\n" % number for number in range(200))
    stream = packed(text)
    with pair() as (transport, theirs):
        got, buffer = bytearray(), memoryview(bytearray(room))
        for start in range(0, len(stream), split):
            theirs.sendall(stream[start : start + split])
            while (count := transport.read_into(buffer)) is not None:
                got += buffer[:count]
        assert got == text
        assert transport.read_into(memoryview(bytearray(room))) is None
        assert not transport.readable()
        theirs.close()
        assert read(transport) == b""


def test_each_write_can_be_understood_at_once() -> None:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    with pair() as (transport, theirs):
        for number in range(5):
            line = b"A%d NOOP\r\n" % number
            assert transport.write(line) == len(line)
            assert not transport.unsent
            assert inflate.decompress(theirs.recv(4096)) == line


def test_the_same_answers_cost_fewer_bytes_each_time() -> None:
    """One stream for the whole connection: what was sent before need not be sent again."""
    sizes: list[int] = []
    layer = Compression()
    for _ in range(3):
        layer.write(b'A1 UID FETCH 1:100 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE "x")\r\n')
        sizes.append(len(layer.unsent))
        layer.unsent = memoryview(b"")
    assert sizes[1] < sizes[0] / 2


def _read_until_it_ends(transport: Transport) -> None:
    while read(transport):
        pass


# -- sending ------------------------------------------------------------


def test_what_the_system_does_not_take_is_bounded_and_goes_out_before_anything_else() -> None:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    data = random.Random(5).randbytes(8 * 1024 * 1024)
    received = bytearray()
    with pair() as (transport, theirs):
        at = 0
        while (taken := transport.write(memoryview(data)[at:])) > 0:
            assert taken <= PIECE
            at += taken
        assert at < len(data)
        assert transport.unsent
        assert transport._compression is not None
        assert len(transport._compression.unsent) < PIECE + 1024
        assert transport.write(b"later") == 0  # nothing is taken while something waits

        def waiting() -> bool:
            return transport.unsent

        while at < len(data) or waiting():
            received += inflate.decompress(theirs.recv(1 << 20))
            # Whoever waits for an answer and has nothing to write waits for room for what was taken, too.
            assert not waiting() or transport.wait(write=False, timeout=PATIENCE)
            if transport.flush() and at < len(data):
                at += transport.write(memoryview(data)[at:])
        while len(received) < len(data):
            received += inflate.decompress(theirs.recv(1 << 20))
        assert received == data


# -- hostile servers ------------------------------------------------------------


def test_H_E20_no_more_is_inflated_than_there_is_room_for() -> None:
    bomb = packed(bytes(256 * 1024 * 1024))
    assert len(bomb) < 300 * 1024
    with pair() as (transport, theirs):
        theirs.setblocking(False)
        theirs.send(bomb[: 32 * 1024])
        buffer = memoryview(bytearray(4096))
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            for _ in range(500):
                assert transport.read_into(buffer) == 4096
                assert transport.readable()
            grown = tracemalloc.get_traced_memory()[1] - before
        finally:
            tracemalloc.stop()
        assert grown < 512 * 1024


@pytest.mark.parametrize(
    ("stream", "why"),
    [
        (b"* OK in the clear\r\n", "not compressed"),
        (packed(b"* OK\r\n")[:-1] + b"\x07\xff\xff\xff\xff", "not compressed"),
        (zlib.compress(b"* OK with a header\r\n"), "not compressed"),
        (packed(b"* BYE\r\n", end=True) + b"more", "behind the end"),
    ],
)
def test_H_E20_a_broken_stream_is_an_error_of_the_server(stream: bytes, why: str) -> None:
    with pair() as (transport, theirs):
        theirs.sendall(stream)
        with pytest.raises(RemoteProtocolError, match=why):
            _read_until_it_ends(transport)


def test_H_E20_emptiness_without_end_is_refused() -> None:
    nothing = packed(b"")
    with pair() as (transport, theirs):
        theirs.sendall(nothing * 100)
        buffer = memoryview(bytearray(4096))
        assert transport.read_into(buffer) is None  # now and then it is no fault
        theirs.sendall(packed(b"x"))
        assert read(transport) == b"x"
        theirs.sendall(nothing * (EMPTY_AT_MOST // len(nothing) + 1))
        with pytest.raises(RemoteProtocolError, match="hold nothing"):
            read(transport)


def test_a_stream_that_the_server_has_finished_is_at_its_end() -> None:
    with pair() as (transport, theirs):
        theirs.sendall(packed(b"* BYE done\r\n", end=True))
        assert read(transport) == b"* BYE done\r\n"
        assert read(transport) == b""
