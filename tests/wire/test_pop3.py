"""POP3 without I/O: texts without their dots, however the bytes come in, and what answers hold."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mailclients.errors import RemoteProtocolError, SecurityError
from mailclients.wire.pop3 import (
    Continuation,
    Pop3Limits,
    Pop3Reader,
    Status,
    capabilities_of,
    drop_listing,
    number_and_size,
    number_and_uid,
    octets_announced,
    parse_answer,
    sizes_of,
    timestamp_of,
    uids_of,
)

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "transcripts" / "pop3"


def stuffed(content: bytes) -> bytes:
    """A text as servers send it."""
    assert not content or content.endswith(b"\r\n")
    lines = content.split(b"\r\n")[:-1]
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines) + b".\r\n"


def read(data: bytes, step: int) -> tuple[list[bytes], bytes, bytes]:
    """A status line, the text behind it, and the status line behind that; fed `step` bytes at a time."""
    reader = Pop3Reader()
    lines: list[bytes] = []
    pieces: list[bytes] = []
    inside = False
    for start in range(0, len(data), step):
        reader.feed(data[start : start + step])
        while True:
            if inside:
                if not reader.text(pieces.append):
                    break
                inside = False
            line = reader.line()
            if line is None:
                break
            lines.append(line)
            inside = len(lines) == 1
    return lines, b"".join(pieces), b"" if reader.buffered else b"done"


CONTENTS = [
    b"",
    b"\r\n",
    b"\r\n\r\n",
    b".\r\n",
    b"..\r\n",
    b"...\r\n.\r\n..a\r\n",
    b"Subject: x\r\n\r\n.\r\n.",
    b"a\r.\rb\r\n",
    b"a\n.\nb\r\n",
    b"\r.\r\n",
    b"\n.\r\n.\r\n",
    b"\r\r\n.\r\r\n",
    b"x" * 3000 + b"\r\n." + b"y" * 3000 + b"\r\n",
    bytes(range(256)).replace(b"\r\n", b"") + b"\r\n",
]


@pytest.mark.parametrize(
    "content", [each if each.endswith(b"\r\n") or not each else each + b"\r\n" for each in CONTENTS]
)
@pytest.mark.parametrize("step", [1, 2, 3, 5, 7, 4096])
def test_H_H3_dots_are_taken_away_once_and_exactly(content: bytes, step: int) -> None:
    data = b"+OK here it comes\r\n" + stuffed(content) + b"+OK next\r\n"
    assert read(data, step) == ([b"+OK here it comes", b"+OK next"], content, b"done")


def test_H_H3_random_texts_come_through_in_random_pieces() -> None:
    chance = random.Random(5)
    for _ in range(300):
        content = (
            b"".join(chance.choice([b".", b"\r", b"\n", b"\r\n", b"a", b"..", b"\r\n."]) for _ in range(40)) + b"\r\n"
        )
        data = b"+OK\r\n" + stuffed(content) + b"+OK\r\n"
        assert read(data, chance.randrange(1, 12)) == ([b"+OK", b"+OK"], content, b"done")


def test_a_dot_alone_at_the_front_of_a_line_is_taken_away_even_where_nobody_stuffed_it() -> None:
    assert read(b"+OK\r\n.a\r\nb\r\n.c\r\n.\r\n+OK\r\n", 3)[1] == b"a\r\nb\r\nc\r\n"


def test_H_H1_a_line_without_an_end_is_given_up() -> None:
    reader = Pop3Reader(Pop3Limits(line=100))
    reader.feed(b"+OK " + b"<" * 97)
    with pytest.raises(RemoteProtocolError, match="100 bytes"):
        reader.line()


def test_H_H1_bytes_are_looked_at_once_however_they_come() -> None:
    reader = Pop3Reader(Pop3Limits(line=1 << 22))
    for _ in range(1 << 12):
        reader.feed(b"a" * 256)
        assert reader.line() is None  # quadratic work would take minutes
    reader.feed(b"\r\n")
    line = reader.line()
    assert line is not None
    assert len(line) == 1 << 20


def test_a_line_ends_with_CRLF() -> None:
    reader = Pop3Reader()
    reader.feed(b"+OK\n")
    with pytest.raises(RemoteProtocolError, match="without CR"):
        reader.line()


def test_H_A_what_comes_before_TLS_is_bounded() -> None:
    reader = Pop3Reader(clear_phase_budget=100)
    reader.bytes_written(100)
    with pytest.raises(SecurityError):
        reader.bytes_written(1)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"+OK", Status(True, None, "")),
        (b"+OK 2 320", Status(True, None, "2 320")),
        (b"+ok ready", Status(True, None, "ready")),
        (b"-ERR", Status(False, None, "")),
        (
            b"-ERR [IN-USE] Do you have another POP session running?",
            Status(False, "IN-USE", "Do you have another POP session running?"),
        ),
        (b"-ERR [sys/temp] later", Status(False, "SYS/TEMP", "later")),
        (b"-ERR [not a code] no", Status(False, None, "[not a code] no")),
        (b"+", Continuation(b"")),
        (b"+ dGVzdA==", Continuation(b"dGVzdA==")),
    ],
)
def test_answers(line: bytes, answer: Status | Continuation) -> None:
    assert parse_answer(line) == answer


@pytest.mark.parametrize("line", [b"", b"OK", b"* OK", b"+OKAY then", b"-ERROR", b"1 1024", b"220 smtp"])
def test_H_H2_what_begins_no_answer_is_an_error(line: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        parse_answer(line)


@pytest.mark.parametrize(
    "line",
    [b"1", b"7 -1", b"0 10", b"-1 10", b"a 10", b"1 ten", b"99999999999 1", b"1 " + b"9" * 20, b""],
)
def test_H_H4_a_size_that_is_none_is_an_error_that_names_the_line(line: bytes) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        number_and_size(line)
    assert line.decode()[:20] in str(caught.value)


@pytest.mark.parametrize("line", [b"1", b"0 a", b"1 " + b"u" * 500, b"1 \xff", b"1 a\x07"])
def test_H_H4_a_unique_id_that_is_none_is_an_error(line: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        number_and_uid(line)


def test_H_H4_numbers_and_ids_do_not_come_twice() -> None:
    assert sizes_of(b"1 10\r\n2 20 more\r\n") == {1: 10, 2: 20}
    assert uids_of(b"1 a\r\n3 b\r\n") == {1: "a", 3: "b"}
    for read_lines, text in (
        (sizes_of, b"1 10\r\n1 11\r\n"),
        (uids_of, b"1 a\r\n1 b\r\n"),
        (uids_of, b"1 a\r\n2 a\r\n"),
    ):
        with pytest.raises(RemoteProtocolError, match="twice"):
            read_lines(text)


def test_listings_of_drops() -> None:
    assert drop_listing("7 1800662") == (7, 1800662)
    for text in ("7", "seven 1800662", "7 #octets", "-1 5", ""):
        with pytest.raises(RemoteProtocolError):
            drop_listing(text)


def test_capabilities() -> None:
    found = capabilities_of(b"TOP\r\nsasl PLAIN LOGIN\r\nEXPIRE 31 USER\r\n\r\n")
    assert found == {"TOP": (), "SASL": ("PLAIN", "LOGIN"), "EXPIRE": ("31", "USER")}


def test_H_H5_timestamps_are_found_in_linear_time() -> None:
    assert timestamp_of("POP3 server ready <1896.697170952@dbc.mtview.ca.us>") == "<1896.697170952@dbc.mtview.ca.us>"
    assert timestamp_of("ready <no at sign> <nor.this>") is None
    assert timestamp_of("<" * 1_000_000) is None
    assert timestamp_of("<a" * 500_000) is None
    assert timestamp_of("<" + "a@" * 500_000) is None


def test_announced_sizes() -> None:
    assert octets_announced("120 octets") == 120
    assert octets_announced("(120 bytes)") == 120
    assert octets_announced("77") == 77
    assert octets_announced("message 7 follows") is None
    assert octets_announced("") is None


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded sessions are not here")
@pytest.mark.parametrize(
    "path", sorted(RECORDED.rglob("*.txt")) if RECORDED.exists() else [], ids=lambda path: path.name
)
def test_recorded_answers_are_read_without_losing_a_byte(path: Path) -> None:
    data = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    several = data.endswith(b"\r\n.\r\n")
    lines: list[bytes] = []
    for step in (1, 3, 1000):
        lines, text, done = read(data if several else data + b".\r\n", step)
        parse_answer(lines[0])
        assert done == b"done"
        assert lines[0] + b"\r\n" + stuffed(text) == (data if several else data + b".\r\n")
    name = path.name
    if name.startswith("stat"):
        if "error" not in name:
            assert drop_listing(lines[0][4:].decode()) == (7, 1800662)
            return
        with pytest.raises(RemoteProtocolError):
            drop_listing(lines[0][4:].decode())
