"""What a broken or hostile IMAP server may send, row by row of the checklist."""

from __future__ import annotations

import contextlib
import tracemalloc
from itertools import chain, repeat

import pytest

from mailclients.errors import AsposeArgumentException, RemoteProtocolError
from mailclients.wire.buffer import DEFAULT_LIMITS, ImapLimits, ReceiveBuffer
from mailclients.wire.imap_parser import ResponseParser
from mailclients.wire.imap_responses import Envelope, FetchResponse, SearchResponse, body_part
from mailclients.wire.imap_sets import NumberSet
from mailclients.wire.imap_strings import (
    decode_mailbox,
    decode_modified_utf7,
    encode_mailbox,
    encode_modified_utf7,
    parse_datetime,
)
from tests.wire.parsing import calls, described, drain, parse, parse_one, parse_pieces, refused


@pytest.mark.parametrize(
    "data",
    [
        b"* 1 FETCH (BODYSTRUCTURE " + b"(" * 10_000,
        b"* 1 FETCH " + b"(" * 10_000,
        b"* 1 FETCH (ENVELOPE " + b"(" * 10_000,
        b'* LIST () "/" a ' + b"(" * 10_000,
        b"* THREAD " + b"(" * 10_000,
        b"* OK [PERMANENTFLAGS " + b"(" * 10_000 + b"] x",
        b"* ESEARCH " + b"(" * 10_000,
    ],
)
def test_H_E1_nesting_is_limited_without_recursion(data: bytes) -> None:
    for line in (data + b"\r\n", data + b")" * 10_000 + b"\r\n"):
        parser = ResponseParser()
        parser.feed(line)
        if data.startswith(b"* OK"):
            # A malformed code costs its value, not the connection.
            (response,) = drain(parser)
            code = getattr(response, "code", None)
            assert code is None or code.value is None
        else:
            with pytest.raises(RemoteProtocolError):
                parser.next_response()


def test_H_E1_nesting_up_to_the_limit_is_read() -> None:
    depth = DEFAULT_LIMITS.depth
    value = parse_one(b"* 1 FETCH (X " + b"(" * depth + b")" * depth + b")\r\n").items["X"]
    for _ in range(depth - 1):
        (value,) = value
    assert value == ()
    threads = parse_one(b"* THREAD " + b"(1 " * depth + b")" * depth + b"\r\n").threads
    assert len(threads) == 1
    assert "deeper than" in refused(b"* 1 FETCH (X " + b"(" * (depth + 1) + b")" * (depth + 1) + b")\r\n")


def test_H_E1_a_deep_structure_has_a_view() -> None:
    limits = ImapLimits(depth=20_000)
    part = b'("text" "plain" NIL NIL NIL "7bit" 1 1)'
    data = b"(" * 9_000 + part + b' "mixed")' * 9_000
    parser = ResponseParser(limits)
    parser.feed(b"* 1 FETCH (BODYSTRUCTURE " + data + b")\r\n")
    (response,) = drain(parser)
    assert isinstance(response, FetchResponse)
    top = body_part(response.items["BODYSTRUCTURE"])
    assert top is not None
    assert sum(1 for _ in top.walk()) == 9_001


@pytest.mark.parametrize(
    "announcement",
    [
        b"{99999999999}",
        b"{-1}",
        b"{1e9}",
        b"{}",
        b"{5+}",
        b"{ 5}",
        b"{5 }",
        b"{+5}",
        b"{0x5}",
        b"{" + b"9" * 5000 + b"}",
    ],
)
def test_H_E2_bad_literal_sizes(announcement: bytes) -> None:
    refused(b"* 1 FETCH (BODY[] " + announcement + b"\r\nhello)\r\n")


@pytest.mark.parametrize(
    ("announcement", "size"), [(b"{007}", 7), (b"~{5}", 5), (b"{5}", 5), (b"{0}", 0), (b"~{0}", 0)]
)
def test_H_E2_good_literal_sizes(announcement: bytes, size: int) -> None:
    response = parse_one(b"* 1 FETCH (BODY[] " + announcement + b"\r\n" + b"\0" * size + b")\r\n")
    assert response.items == {"BODY[]": b"\0" * size}


def test_H_E2_memory_follows_what_arrived_not_what_was_announced() -> None:
    tracemalloc.start()
    try:
        parser = ResponseParser()
        parser.feed(b"* 1 FETCH (BODY[] {1073741824}\r\n" + b"x" * 100_000)
        assert parser.next_response() is None
        parser.get_write_buffer(parser.literal_missing)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000
    assert parser.memory < 2_000_000


def test_H_E2_all_literals_of_a_response_share_the_limit() -> None:
    limits = ImapLimits(literal=100)
    assert parse(b"* 1 FETCH (A {60}\r\n" + b"x" * 60 + b" B {40}\r\n" + b"x" * 40 + b")\r\n", limits)
    assert "literal" in refused(b"* 1 FETCH (A {60}\r\n" + b"x" * 60 + b" B {41}\r\n", limits)
    assert "3 literals" in refused(b"* 1 FETCH (A" + b" {0}\r\n" * 4 + b")\r\n", ImapLimits(literals=3))


def test_H_E4_a_short_literal_is_never_complete() -> None:
    parser = ResponseParser()
    parser.feed(b"* 1 FETCH (BODY[] {10}\r\n123456789")
    assert parser.next_response() is None
    assert parser.mid_literal
    assert parser.literal_missing == 1


@pytest.mark.parametrize("start", [b"* OK ", b"", b"* 1 FETCH (BODY[] {1}\r\nx"])
def test_H_E5_a_line_without_end(start: bytes) -> None:
    limits = ImapLimits(line=1024 * 1024)
    parser = ResponseParser(limits)
    fed = 0

    def run() -> None:
        nonlocal fed
        for piece in chain([start], repeat(b"x" * 65536)):
            parser.feed(piece)
            fed += len(piece)
            assert parser.next_response() is None

    with pytest.raises(RemoteProtocolError, match="1048576 bytes of text"):
        run()
    assert fed <= limits.line + 2 * 65536
    assert parser.memory <= 4 * limits.line
    refused(b"* OK " + b"x" * 2000 + b"\r\n", ImapLimits(line=1000))
    refused(b"* 1 FETCH (" + b"X {1}\r\nx " * 200 + b")\r\n", ImapLimits(line=1000))


def test_H_E5_memory_shrinks_after_a_long_line() -> None:
    parser = ResponseParser()
    before = parser.memory
    parser.feed(b"* OK " + b"x" * 5_000_000 + b"\r\n")
    assert len(drain(parser)) == 1
    parser.get_write_buffer()
    assert parser.memory == before


def work_of(data: bytes, size: int) -> int:
    pieces = [data[i : i + size] for i in range(0, len(data), size)]
    return calls(lambda: parse_pieces(pieces, ImapLimits(literals=10**6)))


@pytest.mark.parametrize("size", [1, 7, 1000, 10**9])
@pytest.mark.parametrize(
    "make",
    [
        lambda n: b"* 1 FETCH (" + b"X {1}\r\nx " * n + b")\r\n",
        lambda n: b"* 1 FETCH (BODY[] {1}\r\nx)\r\n" * n,
        lambda n: b"* 1 EXISTS\r\n" * n,
        lambda n: b"* 1 FETCH (BODY[] {%d}\r\n" % (50 * n) + b"x" * (50 * n) + b")\r\n",
        lambda n: b"* OK " + b"x" * (50 * n) + b"\r\n",
    ],
    ids=["literals", "fetches", "lines", "one literal", "one line"],
)
def test_H_E6_work_grows_with_the_input_only(make: object, size: int) -> None:
    assert callable(make)
    once, twice = work_of(make(400), size), work_of(make(800), size)
    assert twice <= 2.2 * once + 50


@pytest.mark.parametrize("size", [1, 1000, 4096, 100_000, 300_000])
def test_H_E6_bytes_are_moved_a_bounded_number_of_times(size: int) -> None:
    buffer = ReceiveBuffer()
    fed = 0
    while fed < 3_000_000:
        # Nothing is read until much has gathered, the worst case for moving.
        buffer.feed(b"x" * size)
        fed += size
        if len(buffer) > 700_000 or size < 1000:
            buffer.start = buffer.end - 1
            buffer.scanned = buffer.end
        if size == 1 and fed > 600_000:
            break
    assert buffer.copied <= 2 * fed


def test_H_E6_patterns_find_a_mismatch_in_linear_time() -> None:
    # The longer, the closer to the shape of an envelope, with the mistake at the very end.
    def line(n: int) -> bytes:
        address = b'("' + b"a" * 50 + b'" NIL "b\\"c" NIL)'
        return b"* 1 FETCH (ENVELOPE (NIL NIL (" + address * n + b") NIL NIL NIL NIL NIL NIL NIL NIL))\r\n"

    parser = ResponseParser()
    parser.feed(line(5_000))  # 350 KB: seconds, were it quadratic; the test's own limit would end it
    (response,) = drain(parser)
    assert isinstance(response, FetchResponse)
    assert len(response.items["ENVELOPE"][2]) == 5_000


REPEATED: dict[str, tuple[bytes, bytes, bytes]] = {
    "escapes": (b'* 1 FETCH (BODY[] "', b"\\\\", b'")\r\n'),
    "quotes in a code": (b"* OK [X ", b'""', b"] x\r\n"),
    "quotes in an open code": (b"* OK [X ", b'""', b"\r\n"),
    "code": (b"* OK [X ", b"a", b"] x\r\n"),
    "addresses": (b"* 1 FETCH (ENVELOPE (NIL NIL (", b"(NIL NIL NIL NIL)", b") NIL))\r\n"),
    "section": (b"* 1 FETCH (BODY[", b"a", b"] NIL)\r\n"),
    "quotes in a section": (b"* 1 FETCH (BODY[", b'""', b"] NIL)\r\n"),
    "numbers": (b"* SEARCH", b" 1", b"\r\n"),
    "text": (b"* OK ", b"a", b"\r\n"),
}


@pytest.mark.parametrize("name", REPEATED)
def test_H_E5_memory_for_reading_a_long_answer(name: str) -> None:
    start, unit, end = REPEATED[name]
    data = start + unit * (2_000_000 // len(unit)) + end
    parser = ResponseParser()
    parser.feed(data)
    tracemalloc.start()
    try:
        # Read or refused, it must not cost memory out of proportion to what was received.
        with contextlib.suppress(RemoteProtocolError):
            assert len(repr(parser.next_response())) < 2_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * len(data)


@pytest.mark.parametrize(
    "data",
    [
        b"* OK hello\nA1 OK\r\n",
        b"* 1 FETCH (BODY[] {1}\r\nx\n",
        b"* OK hello\n",
        b"* OK hel\rlo\r\n",
        b"* OK hello\r\r\n",
        b"\n",
        b"* 1 FETCH (BODY[] {3}\nabc)\r\n",
        b'* LIST () "/" "a\nb"\r\n',
        b'* LIST () "/" "a\rb"\r\n',
        b'* LIST () "/" "a\0b"\r\n',
        b'* LIST () "/" a\0b\r\n',
    ],
)
def test_H_E7_bare_line_ends_and_nul_in_data(data: bytes) -> None:
    refused(data)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"a\0b", "a\\x00b"),
        (b"\x1b[31mred", "\\x1b[31mred"),
        (b"caf\xe9", "caf\ufffd"),
        ("caf\u00e9 \u202e".encode(), "caf\u00e9 \\u202e"),
        (b"tab\there", "tab\\there"),
    ],
)
def test_H_E7_odd_bytes_in_status_text(raw: bytes, text: str) -> None:
    for line in (b"* NO " + raw + b"\r\n", b"A1 NO [ALERT] " + raw + b"\r\n"):
        response = parse_one(line)
        assert response.text == text
        assert raw in response.raw


SHAPES = [
    b"()",
    b"NIL",
    b'"text"',
    b"12",
    b"(NIL)",
    b'("date" "subject")',
    b"(NIL NIL ((NIL NIL NIL)) NIL NIL NIL NIL NIL NIL NIL)",
    b"(NIL NIL (NIL) NIL NIL NIL NIL NIL NIL NIL)",
    b"(NIL NIL ((((NIL)))) NIL NIL NIL NIL NIL NIL NIL)",
    b'(NIL NIL "from" NIL NIL NIL NIL NIL NIL NIL)',
    b"((NIL) (NIL) NIL NIL NIL NIL NIL NIL (NIL) (NIL))",
    b"(NIL NIL ((NIL NIL (NIL) NIL)) NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)",
    b"(1 2 ((3 4 5 6)) () () () () () 9 10)",
]


@pytest.mark.parametrize("shape", SHAPES)
def test_H_E8_an_envelope_of_any_shape_has_ten_fields(shape: bytes) -> None:
    envelope = parse_one(b"* 1 FETCH (UID 1 ENVELOPE " + shape + b")\r\n").items["ENVELOPE"]
    assert isinstance(envelope, Envelope)
    assert len(tuple(envelope)) == 10
    for index, field in enumerate(envelope):
        if 2 <= index <= 7:
            assert field is None or isinstance(field, tuple)
            assert field is None or all(len(address) == 4 for address in field)
        else:
            assert field is None or isinstance(field, bytes)


def test_H_E8_fields_that_could_not_be_read_are_named() -> None:
    data = b'* 1 FETCH (ENVELOPE ((NIL) "s" ((NIL NIL NIL)) NIL NIL NIL NIL NIL))\r\n'
    envelope = parse_one(data).items["ENVELOPE"]
    assert envelope.defects == ("date", "from", "in-reply-to", "message-id")
    assert envelope[1] == b"s"
    whole = parse_one(b"* 1 FETCH (ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL))\r\n").items["ENVELOPE"]
    assert whole.defects == ()
    # Numbers where strings are usual keep their digits.
    numbers = parse_one(b"* 1 FETCH (ENVELOPE " + SHAPES[-1] + b")\r\n").items["ENVELOPE"]
    assert (numbers[0], numbers[1], numbers[2]) == (b"1", b"2", ((b"3", b"4", b"5", b"6"),))


@pytest.mark.parametrize(
    "shape",
    [
        *SHAPES,
        b'("text")',
        b'("text" "plain" "x" (a) (b) (c) (d))',
        b"((()))",
        b"(() ())",
        b'((NIL) "mixed" (a))',
        b'("message" "rfc822" NIL NIL NIL NIL 5 (NIL) () 3)',
        b'("message" "rfc822" NIL NIL NIL NIL 5 x y z)',
    ],
)
def test_H_E8_a_body_structure_of_any_shape_is_read(shape: bytes) -> None:
    value = parse_one(b"* 1 FETCH (BODYSTRUCTURE " + shape + b")\r\n").items["BODYSTRUCTURE"]
    part = body_part(value)
    assert part is None or [child.section for child in part.walk()]


@pytest.mark.parametrize("uid", [b"0", b"-1", b"4294967296", b"99999999999", b"1.5", b"*", b"NIL", b'"1"x', b"0x1"])
def test_H_E10_uids_and_numbers_out_of_range(uid: bytes) -> None:
    refused(b"* 1 FETCH (UID " + uid + b")\r\n")
    refused(b"* 1 FETCH (FLAGS () UID " + uid + b" BODY[] {1}\r\nx)\r\n")
    refused(b"* SEARCH 1 " + uid + b"\r\n")
    refused(b"* SORT " + uid + b" 1\r\n")
    refused(b"* VANISHED " + uid + b"\r\n")
    refused(b"* THREAD (" + uid + b")\r\n")
    refused(b'* ESEARCH (TAG "a") ALL ' + uid + b"\r\n")


@pytest.mark.parametrize("number", [b"0", b"4294967296", b"9999999999"])
def test_H_E10_sequence_numbers_out_of_range(number: bytes) -> None:
    refused(b"* " + number + b" FETCH (UID 1)\r\n")
    refused(b"* " + number + b" FETCH (BODY[] {1}\r\nx)\r\n")
    refused(b"* " + number + b" EXPUNGE\r\n")


def test_H_E11_a_million_numbers() -> None:
    parser = ResponseParser()
    parser.feed(b"* SEARCH " + b" ".join(b"%d" % n for n in range(1, 1_000_001)) + b"\r\n")
    (response,) = drain(parser)
    assert isinstance(response, SearchResponse)
    assert list(response.numbers.ranges) == [(1, 1_000_000)]
    assert len(response.numbers) == 1_000_000
    assert 1_000_000 in response.numbers
    assert 1_000_001 not in response.numbers


def test_H_E11_the_widest_set_is_never_expanded() -> None:
    for line in (b"* VANISHED 1:4294967295\r\n", b"A1 OK [COPYUID 1 1:4294967295 4294967295:1] x\r\n"):
        response = parse_one(line)
        found = response.uids if hasattr(response, "uids") else response.code.value[2]
        assert len(found) == 4294967295
        assert list(found.ranges) == [(1, 4294967295)]
        assert 4294967295 in found
        for expand in (iter, list, tuple, lambda s: s.iterate(1000)):
            with pytest.raises(RemoteProtocolError, match="4294967295"):
                expand(found)
    assert list(NumberSet.from_text("1:3").iterate(3)) == [1, 2, 3]


def test_H_E11_items_are_limited() -> None:
    limits = ImapLimits(items=100)
    assert parse(b"* CAPABILITY" + b" A" * 99 + b"\r\n", limits)
    assert "more than 100 items" in refused(b"* CAPABILITY" + b" A" * 101 + b"\r\n", limits)
    assert "more than 100 items" in refused(b"* THREAD " + b"(1)" * 50 + b"\r\n", limits)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"a\0b", "a\0b"),
        (b"a\r\nA1 LOGOUT", "a\r\nA1 LOGOUT"),
        (b"../../etc/passwd", "../../etc/passwd"),
        (b"a\x01\x1b", "a\x01\x1b"),
        (b"&", "&"),
        (b"a&b", "a&b"),
        (b"&AA", "&AA"),
        (b"&AGE-", "&AGE-"),  # a letter that must not be encoded
        (b"&AAoADQ-", "&AAoADQ-"),  # LF CR in disguise
        (b"&2AA-", "&2AA-"),  # half a surrogate pair
        (b"&Jjo!", "&Jjo!"),
        (b"&U,BTFw-&ZeVnLIqe-", "&U,BTFw-&ZeVnLIqe-"),  # two runs that should be one
        (b"caf\xc3\xa9", "caf\u00e9"),
        (b"caf\xe9", "caf\ufffd"),
    ],
)
def test_H_E16_odd_folder_names_keep_their_bytes(raw: bytes, name: str) -> None:
    response = parse_one(b'* LIST () "/" {%d}\r\n' % len(raw) + raw + b"\r\n")
    assert response.mailbox == raw
    assert decode_mailbox(raw) == name
    if b"\0" in raw or b"\n" in raw:
        for given in (raw, name):
            with pytest.raises(AsposeArgumentException):
                encode_mailbox(given)
    else:
        sent = encode_mailbox(raw)
        assert raw.replace(b"\\", b"\\\\") in (sent if isinstance(sent, bytes) else sent.data)


def test_H_E16_a_decoded_name_leads_back_to_its_folder() -> None:
    for raw in (
        b"&Jjo-!",
        b"Entw&APw-rfe",
        b"&-",
        b"&-x&-",
        b"~peter/mail/&U,BTF2XlZyyKng-/&ZeVnLIqe-",
        b"a\tb",
        b"&2D3eAA-",
    ):
        name = decode_modified_utf7(raw)
        assert name is not None
        assert encode_modified_utf7(name) == raw


@pytest.mark.parametrize("delimiter", [b'"ab"', b'"\\\\"', b"x", b'""', b"NIL", b"{1}\r\n/"])
def test_H_E16_odd_delimiters(delimiter: bytes) -> None:
    response = parse_one(b"* LIST () " + delimiter + b" a\r\n")
    assert response.delimiter in ("ab", "\\", "x", None, "/")


@pytest.mark.parametrize(
    "date",
    [
        b"",
        b"yesterday",
        b"31-Feb-2020 10:00:00 +0000",
        b"01-Foo-2020 10:00:00 +0000",
        b"01-Jan-0000 00:00:00 +0000",
        b"01-Jan-2020 25:00:00 +0000",
        b"01-Jan-2020 00:00:00 +9999",
        b"01-Jan-99999 00:00:00 +0000",
        b"\xff",
    ],
)
def test_H_E17_invalid_dates_stay_raw(date: bytes) -> None:
    response = parse_one(b'* 1 FETCH (INTERNALDATE "' + date + b'" UID 1)\r\n')
    assert response.items["INTERNALDATE"] == date
    assert parse_datetime(date) is None


def test_H_E17_flags_of_any_kind() -> None:
    odd = [b"\\", b"\\*", b"a]b", b"%", b"caf\xc3\xa9", b"\\Seen\\", b"[x]", b"NIL", b"1"]
    response = parse_one(b"* 1 FETCH (FLAGS (" + b" ".join(odd) + b"))\r\n")
    assert response.items["FLAGS"] == tuple(flag.decode() for flag in odd)
    response = parse_one(b"* 1 FETCH (FLAGS (\xff \x01))\r\n")
    assert response.items["FLAGS"] == ("\ufffd", "\\x01")


def test_H_E17_many_flags() -> None:
    flags = b" ".join(b"flag%d" % i for i in range(10_000))
    assert len(parse_one(b"* 1 FETCH (FLAGS (" + flags + b"))\r\n").items["FLAGS"]) == 10_000
    assert len(parse_one(b"* FLAGS (" + flags + b")\r\n").flags) == 10_000
    small = ImapLimits(items=5_000)
    refused(b"* FLAGS (" + flags + b")\r\n", small)
    refused(b"* 1 FETCH (FLAGS (" + flags + b"))\r\n", small)


def test_H_E22_split_at_every_byte() -> None:
    data = (
        b"* 3 EXISTS\r\n* 1 FETCH (UID 5 FLAGS (\\Seen) BODY[] {12}\r\nFrom: x\r\n\r\n.)\r\n"
        b'* LIST () "/" {3}\r\na b\r\nA1 OK [UIDNEXT 6] done\r\n+ go\r\n'
    )
    _, whole = parse_pieces([data])
    for cut in range(len(data) + 1):
        for second in range(cut, len(data) + 1, 7):
            _, split = parse_pieces([data[:cut], data[cut:second], data[second:]])
            assert described(tuple(split)) == described(tuple(whole))


def test_H_E22_many_responses_in_one_read() -> None:
    data = b"".join(b"* %d FETCH (UID %d BODY[] {1}\r\nx)\r\n" % (n, n + 7) for n in range(1, 5001))
    parser, responses = parse_pieces([data])
    assert [r.items["UID"] for r in responses if isinstance(r, FetchResponse)] == list(range(8, 5008))
    assert parser.response_count == 5000
