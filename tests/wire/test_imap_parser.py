"""What each response of RFC 3501, RFC 9051 and the extensions in use turns into."""

from __future__ import annotations

from typing import Any

import pytest

from mailclients.errors import RemoteProtocolError, SecurityError
from mailclients.wire.buffer import ImapLimits
from mailclients.wire.imap_parser import ResponseParser
from mailclients.wire.imap_responses import (
    CapabilityResponse,
    Continuation,
    EnabledResponse,
    Envelope,
    ESearchResponse,
    ExistsResponse,
    ExpungeResponse,
    FetchResponse,
    FlagsResponse,
    IdResponse,
    ListResponse,
    LsubResponse,
    NamespaceResponse,
    QuotaResponse,
    QuotaRootResponse,
    RecentResponse,
    SearchResponse,
    SortResponse,
    StatusItems,
    StatusResponse,
    StreamedLiteral,
    TaggedResponse,
    ThreadResponse,
    UnknownResponse,
    VanishedResponse,
    body_part,
)
from mailclients.wire.imap_sets import NumberSet
from tests.wire.parsing import described, drain, parse, parse_one, parse_pieces, refused


def numbers(text: str) -> NumberSet:
    return NumberSet.from_text(text)


STATUS_LINES: list[tuple[bytes, type, str, str]] = [
    (b"* OK ready\r\n", StatusResponse, "OK", "ready"),
    (b"* ok ready\r\n", StatusResponse, "OK", "ready"),
    (b"* NO  two spaces\r\n", StatusResponse, "NO", " two spaces"),
    (b"* BAD what?\r\n", StatusResponse, "BAD", "what?"),
    (b"* BYE see you\r\n", StatusResponse, "BYE", "see you"),
    (b"* PREAUTH welcome\r\n", StatusResponse, "PREAUTH", "welcome"),
    (b"* OK\r\n", StatusResponse, "OK", ""),
    (b"* OK \r\n", StatusResponse, "OK", ""),
    (b"A1 OK\r\n", TaggedResponse, "OK", ""),
    (b"A1 OK \r\n", TaggedResponse, "OK", ""),
    (b"A1 NO not now\r\n", TaggedResponse, "NO", "not now"),
    (b"A1 bad syntax\r\n", TaggedResponse, "BAD", "syntax"),
    (
        b"* OK text that ends like a literal {5}\r\n",
        StatusResponse,
        "OK",
        "text that ends like a literal {5}",
    ),
    (b"* NO [ALERT] full {12}\r\n", StatusResponse, "NO", "full {12}"),
    (b"A1 OK done {3}\r\n", TaggedResponse, "OK", "done {3}"),
    (b"* OK [never closed\r\n", StatusResponse, "OK", "[never closed"),
    (b"* OK gr\xc3\xbc\xc3\x9fe\r\n", StatusResponse, "OK", "grüße"),
]


@pytest.mark.parametrize(("line", "kind", "status", "text"), STATUS_LINES)
def test_status_lines(line: bytes, kind: type, status: str, text: str) -> None:
    response = parse_one(line)
    assert isinstance(response, StatusResponse)
    assert type(response) is kind
    assert (response.status, response.text) == (status, text)


CODES: list[tuple[bytes, str, Any]] = [
    (b"ALERT", "ALERT", None),
    (b"alert", "ALERT", None),
    (b"READ-ONLY", "READ-ONLY", None),
    (b"TRYCREATE", "TRYCREATE", None),
    (b"CLOSED", "CLOSED", None),
    (b"NOMODSEQ", "NOMODSEQ", None),
    (b"LIMIT", "LIMIT", None),
    (b"UNAVAILABLE", "UNAVAILABLE", None),
    (b"AUTHENTICATIONFAILED", "AUTHENTICATIONFAILED", None),
    (b"CAPABILITY IMAP4rev1 IDLE", "CAPABILITY", ("IMAP4rev1", "IDLE")),
    (b"PERMANENTFLAGS (\\Seen $x \\*)", "PERMANENTFLAGS", ("\\Seen", "$x", "\\*")),
    (b"PERMANENTFLAGS ()", "PERMANENTFLAGS", ()),
    (b"UIDNEXT 9", "UIDNEXT", 9),
    (b"UIDVALIDITY 4294967295", "UIDVALIDITY", 4294967295),
    (b"UNSEEN 12", "UNSEEN", 12),
    (b"HIGHESTMODSEQ 9223372036854775807", "HIGHESTMODSEQ", 2**63 - 1),
    (b"APPENDUID 38505 3955", "APPENDUID", (38505, numbers("3955"))),
    (b"APPENDUID 38505 3955:3957", "APPENDUID", (38505, numbers("3955:3957"))),
    (
        b"COPYUID 38505 304,319:320 3956:3958",
        "COPYUID",
        (38505, numbers("304,319:320"), numbers("3956:3958")),
    ),
    (b"MODIFIED 7,9", "MODIFIED", numbers("7,9")),
    (b'BADCHARSET (UTF-8 "US]ASCII")', "BADCHARSET", ("UTF-8", "US]ASCII")),
    (b"BADCHARSET", "BADCHARSET", ()),
    (b"MAILBOXID (F2212ea87-6097)", "MAILBOXID", b"F2212ea87-6097"),
    (b"REFERRAL imap://user@other/", "REFERRAL", b"imap://user@other/"),
    (b"METADATA LONGENTRIES 2199", "METADATA", b"LONGENTRIES 2199"),
    (b'X-NEW "odd [brackets" 1', "X-NEW", b'"odd [brackets" 1'),
    # Malformed arguments cost their value only.
    (b"UIDNEXT", "UIDNEXT", None),
    (b"UIDNEXT 0", "UIDNEXT", None),
    (b"UIDNEXT 4294967296", "UIDNEXT", None),
    (b"UIDVALIDITY x", "UIDVALIDITY", None),
    (b"COPYUID 1 2", "COPYUID", None),
    (b"APPENDUID 1 0", "APPENDUID", None),
    (b"PERMANENTFLAGS (\\Seen", "PERMANENTFLAGS", None),
    (b"MODIFIED", "MODIFIED", None),
]


@pytest.mark.parametrize(("code", "name", "value"), CODES)
def test_response_codes(code: bytes, name: str, value: object) -> None:
    for line in (b"* OK [" + code + b"] text [x]\r\n", b"T9 NO [" + code + b"] text [x]\r\n"):
        response = parse_one(line)
        assert response.code.name == name
        assert response.code.value == value
        assert response.code.raw == code.partition(b" ")[2]
        assert response.text == "text [x]"


def test_response_code_with_a_literal() -> None:
    response = parse_one(b"A1 NO [BADCHARSET ({5}\r\nUTF-8 x)] no\r\n")
    assert response.code.value == ("UTF-8", "x")


def test_code_alone_on_its_line_as_exchange_sends_it() -> None:
    response = parse_one(b"[COPYUID 55 31 6]\r\n")
    assert type(response) is StatusResponse
    assert response.code is not None
    assert response.code.value == (55, numbers("31"), numbers("6"))


@pytest.mark.parametrize(
    ("line", "data"),
    [
        (b"+ \r\n", b""),
        (b"+\r\n", b""),
        (b"+ say [x {5}\r\n", b"say [x {5}"),
        (b"+ idling\r\n", b"idling"),
        (b"+ eyJzIjo=\r\n", b"eyJzIjo="),
    ],
)
def test_continuation(line: bytes, data: bytes) -> None:
    response = parse_one(line)
    assert type(response) is Continuation
    assert response.data == data


RESPONSES: list[tuple[bytes, type, dict[str, Any]]] = [
    (
        b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
        CapabilityResponse,
        {"capabilities": ("IMAP4rev1", "AUTH=PLAIN")},
    ),
    (b"* ENABLED QRESYNC CONDSTORE\r\n", EnabledResponse, {"capabilities": ("QRESYNC", "CONDSTORE")}),
    (b"* ENABLED\r\n", EnabledResponse, {"capabilities": ()}),
    (
        b'* LIST (\\Noinferiors \\HasNoChildren) "\\\\" Inbox\r\n',
        ListResponse,
        {"attributes": ("\\Noinferiors", "\\HasNoChildren"), "delimiter": "\\", "mailbox": b"Inbox"},
    ),
    (b"* LIST () NIL {3}\r\na b\r\n", ListResponse, {"attributes": (), "delimiter": None, "mailbox": b"a b"}),
    (b'* LIST () "." NIL\r\n', ListResponse, {"mailbox": b"NIL"}),
    (
        b'* LIST () "." New ("OLDNAME" ("Old") CHILDINFO ("SUBSCRIBED"))\r\n',
        ListResponse,
        {"mailbox": b"New", "extended": {"OLDNAME": (b"Old",), "CHILDINFO": (b"SUBSCRIBED",)}},
    ),
    (b'* LSUB (\\Noselect) "/" "a \\"b\\""\r\n', LsubResponse, {"mailbox": b'a "b"'}),
    (
        b"* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292 MAILBOXID (F1))\r\n",
        StatusItems,
        {"mailbox": b"blurdybloop", "items": {"MESSAGES": 231, "UIDNEXT": 44292, "MAILBOXID": (b"F1",)}},
    ),
    (b"* STATUS NIL ()\r\n", StatusItems, {"mailbox": b"NIL", "items": {}}),
    (b"* SEARCH\r\n", SearchResponse, {"numbers": NumberSet(), "modseq": None}),
    (b"* SEARCH 2 3 6\r\n", SearchResponse, {"numbers": numbers("2:3,6"), "modseq": None}),
    (
        b"* SEARCH 2 84 (MODSEQ 917162500)\r\n",
        SearchResponse,
        {"numbers": numbers("2,84"), "modseq": 917162500},
    ),
    (b"* SORT 5 3 4 1\r\n", SortResponse, {"numbers": numbers("5,3:4,1")}),
    (
        b'* ESEARCH (TAG "A282") UID MIN 2 COUNT 3 ALL 2,10:11 MODSEQ 7\r\n',
        ESearchResponse,
        {"tag": "A282", "uid": True, "items": {"MIN": 2, "COUNT": 3, "ALL": numbers("2,10:11"), "MODSEQ": 7}},
    ),
    (b'* ESEARCH (TAG "a")\r\n', ESearchResponse, {"tag": "a", "uid": False, "items": {}}),
    (b"* ESEARCH UID COUNT 0\r\n", ESearchResponse, {"tag": None, "uid": True, "items": {"COUNT": 0}}),
    (
        b'* ESEARCH (TAG "a") UID PARTIAL (-1:-3 NIL) RELEVANCY (4 5)\r\n',
        ESearchResponse,
        {"items": {"PARTIAL": ("-1:-3", None), "RELEVANCY": (b"4", b"5")}},
    ),
    (
        b'* ESEARCH (TAG "a" MAILBOX "x" UIDVALIDITY 1) UID ALL 4\r\n',
        ESearchResponse,
        {"correlator": {"TAG": b"a", "MAILBOX": b"x", "UIDVALIDITY": b"1"}},
    ),
    (
        b"* THREAD (2)(3 6 (4 23)(44 7 96))\r\n",
        ThreadResponse,
        {"threads": ((2,), (3, 6, (4, 23), (44, 7, 96)))},
    ),
    (b"* THREAD\r\n", ThreadResponse, {"threads": ()}),
    (b"* THREAD ((3)(5))\r\n", ThreadResponse, {"threads": (((3,), (5,)),)}),
    (b"* FLAGS (\\Answered $MDNSent)\r\n", FlagsResponse, {"flags": ("\\Answered", "$MDNSent")}),
    (b"* FLAGS ()\r\n", FlagsResponse, {"flags": ()}),
    (b"* 23 EXISTS\r\n", ExistsResponse, {"count": 23}),
    (b"* 0 EXISTS\r\n", ExistsResponse, {"count": 0}),
    (b"* 5 RECENT\r\n", RecentResponse, {"count": 5}),
    (b"* 44 EXPUNGE\r\n", ExpungeResponse, {"sequence_number": 44}),
    (b"* VANISHED 405,407:410\r\n", VanishedResponse, {"uids": numbers("405,407:410"), "earlier": False}),
    (b"* VANISHED (EARLIER) 41\r\n", VanishedResponse, {"uids": numbers("41"), "earlier": True}),
    (
        b'* NAMESPACE (("" "/")("#mh/" "/" "X-PARAM" ("F1" "F2"))) NIL (("Shared\\\\" NIL))\r\n',
        NamespaceResponse,
        {
            "personal": ((b"", "/", {}), (b"#mh/", "/", {"X-PARAM": (b"F1", b"F2")})),
            "other_users": (),
            "shared": ((b"Shared\\", None, {}),),
        },
    ),
    (b'* ID ("name" "Cyrus" "os" NIL)\r\n', IdResponse, {"fields": {"name": "Cyrus", "os": None}}),
    (b"* ID NIL\r\n", IdResponse, {"fields": {}}),
    (
        b'* QUOTA "" (STORAGE 10 512 MESSAGE 1 9)\r\n',
        QuotaResponse,
        {"root": b"", "resources": {"STORAGE": (10, 512), "MESSAGE": (1, 9)}},
    ),
    (b'* QUOTAROOT INBOX "" b\r\n', QuotaRootResponse, {"mailbox": b"INBOX", "roots": (b"", b"b")}),
    (b'* METADATA INBOX (/private/comment "x")\r\n', UnknownResponse, {"name": "METADATA", "number": None}),
    (b"* 5 XNEW {3}\r\n\r\n) tail\r\n", UnknownResponse, {"name": "XNEW", "number": 5}),
    (b"* XNEW what {ever}\r\n", UnknownResponse, {"name": "XNEW", "number": None}),
]


@pytest.mark.parametrize(("data", "kind", "attributes"), RESPONSES)
def test_untagged_responses(data: bytes, kind: type, attributes: dict[str, Any]) -> None:
    response = parse_one(data)
    assert type(response) is kind
    assert {name: getattr(response, name) for name in attributes} == attributes


ENVELOPE = (
    b'("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 \\"WG\\" minutes"'
    b' (("Terry Gray" NIL "gray" "cac.example")) NIL NIL'
    b' ((NIL NIL "imap" "cac.example")("J" NIL "k" "M.EDU"))'
    b' NIL NIL NIL "<B27397@cac.example>")'
)
FIELDS = (
    b"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)",
    b'IMAP4rev2 "WG" minutes',
    ((b"Terry Gray", None, b"gray", b"cac.example"),),
    None,
    None,
    ((None, None, b"imap", b"cac.example"), (b"J", None, b"k", b"M.EDU")),
    None,
    None,
    None,
    b"<B27397@cac.example>",
)

FETCHES: list[tuple[bytes, dict[str, Any]]] = [
    (b"()", {}),
    (b"(UID 7)", {"UID": 7}),
    (b"(uid 7 flags (\\Seen))", {"UID": 7, "FLAGS": ("\\Seen",)}),
    (b"(FLAGS ())", {"FLAGS": ()}),
    (
        b"(FLAGS (\\Seen Nonjunk $Label1 a]b) UID 1)",
        {"UID": 1, "FLAGS": ("\\Seen", "Nonjunk", "$Label1", "a]b")},
    ),
    (
        b'(UID 4 FLAGS (\\Seen) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286 ENVELOPE ' + ENVELOPE + b")",
        {
            "UID": 4,
            "FLAGS": ("\\Seen",),
            "INTERNALDATE": b"17-Jul-1996 02:44:25 -0700",
            "RFC822.SIZE": 4286,
            "ENVELOPE": FIELDS,
        },
    ),
    (b"(ENVELOPE " + ENVELOPE + b" RFC822.SIZE 1 UID 4)", {"ENVELOPE": FIELDS, "RFC822.SIZE": 1, "UID": 4}),
    (b"(MODSEQ (65402) UID 4)", {"MODSEQ": 65402, "UID": 4}),
    (
        b'(X-GM-MSGID 1278455344230334865 X-GM-LABELS ("\\\\Important" foo))',
        {"X-GM-MSGID": 1278455344230334865, "X-GM-LABELS": (b"\\Important", b"foo")},
    ),
    (
        b"(EMAILID (M6d99) THREADID NIL SAVEDATE NIL)",
        {"EMAILID": b"M6d99", "THREADID": None, "SAVEDATE": None},
    ),
    (b"(BODY[] NIL)", {"BODY[]": None}),
    (b'(BODY[TEXT]<0> "quoted")', {"BODY[TEXT]<0>": b"quoted"}),
    (b"(body[header.fields (From To)] {4}\r\na\r\nb)", {"BODY[HEADER.FIELDS (FROM TO)]": b"a\r\nb"}),
    (b'(BODY[HEADER.FIELDS ("X]")] "")', {'BODY[HEADER.FIELDS ("X]")]': b""}),
    (b'(BODY[HEADER.FIELDS ({2}\r\nTo)] "v")', {"BODY[HEADER.FIELDS (TO)]": b"v"}),
    (b"(BINARY[1] ~{3}\r\n\0\r\n BINARY.SIZE[1] 3)", {"BINARY[1]": b"\0\r\n", "BINARY.SIZE[1]": 3}),
    (b"(BODY[] {0}\r\n)", {"BODY[]": b""}),
    (b"(BODY[1] {2}\r\n{9 BODY[2] {3}\r\n)\r\n)", {"BODY[1]": b"{9", "BODY[2]": b")\r\n"}),
    (b"(RFC822 {1}\r\nx UID 9)", {"RFC822": b"x", "UID": 9}),
    (
        b"(XAOL.SPAM.REASON 0 XAOL-LIST (A {2}\r\nbc (D)))",
        {"XAOL.SPAM.REASON": b"0", "XAOL-LIST": (b"A", b"bc", (b"D",))},
    ),
    (b"(UID 1 (ENVELOPE " + ENVELOPE + b") RFC822.SIZE 5)", {"UID": 1, "ENVELOPE": FIELDS, "RFC822.SIZE": 5}),
]


@pytest.mark.parametrize(("text", "items"), FETCHES)
def test_fetch(text: bytes, items: dict[str, Any]) -> None:
    response = parse_one(b"* 12 FETCH " + text + b"\r\n")
    assert type(response) is FetchResponse
    assert response.sequence_number == 12
    assert response.items == items


def test_literals_are_shared_not_copied() -> None:
    response = parse_one(b"* 1 FETCH (UID 2 BODY[] {5}\r\nhello)\r\n")
    assert response.parts[1] is response.items["BODY[]"]
    assert response.parts == (b"* 1 FETCH (UID 2 BODY[] {5}\r\n", b"hello", b")\r\n")
    response = parse_one(b"* 1 FETCH (X {1}\r\na BODY[] {70000}\r\n" + b"m" * 70000 + b")\r\n")
    assert response.parts[3] is response.items["BODY[]"]


def test_envelope_is_a_plain_sequence() -> None:
    envelope = parse_one(b"* 1 FETCH (ENVELOPE " + ENVELOPE + b")\r\n").items["ENVELOPE"]
    assert isinstance(envelope, Envelope)
    assert len(envelope) == 10
    assert tuple(envelope) == FIELDS
    assert envelope[-1] == FIELDS[9]
    assert envelope[1:3] == FIELDS[1:3]
    assert envelope == FIELDS
    assert hash(envelope) == hash(FIELDS)
    assert FIELDS[9] in envelope
    with pytest.raises(IndexError):
        envelope[10]
    # The same with literals, which takes another way through the code.
    data = b"* 1 FETCH (ENVELOPE " + ENVELOPE.replace(b'"gray"', b"{4}\r\ngray") + b")\r\n"
    assert parse_one(data).items["ENVELOPE"] == envelope


BODYSTRUCTURE = (
    b'((("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 2279 48)("TEXT" "HTML" NIL NIL NIL "base64" 9 1)'
    b' "ALTERNATIVE" ("BOUNDARY" "x"))("APPLICATION" "PDF" ("NAME" "a.pdf") "<id>" "desc" "BASE64" 4554 NIL'
    b' ("ATTACHMENT" ("FILENAME" "a.pdf")))("MESSAGE" "RFC822" NIL NIL NIL "8BIT" 300 '
    + ENVELOPE
    + b' ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 3 1) 12) "MIXED" ("BOUNDARY" "y") NIL NIL)'
)


def test_bodystructure_and_its_typed_view() -> None:
    value = parse_one(b"* 1 FETCH (BODYSTRUCTURE " + BODYSTRUCTURE + b")\r\n").items["BODYSTRUCTURE"]
    assert value[0][0][:3] == (b"TEXT", b"PLAIN", (b"CHARSET", b"utf-8"))
    assert value[0][0][6] == b"2279"
    top = body_part(value)
    assert top is not None
    assert [(p.section, f"{p.type}/{p.subtype}", p.size) for p in top.walk()] == [
        ("", "multipart/mixed", None),
        ("1", "multipart/alternative", None),
        ("1.1", "text/plain", 2279),
        ("1.2", "text/html", 9),
        ("2", "application/pdf", 4554),
        ("3", "message/rfc822", 300),
        ("3.1", "text/plain", 3),
    ]
    attachment, message = top.children[1], top.children[2]
    assert (attachment.disposition, attachment.disposition_parameters) == (
        "attachment",
        {"filename": b"a.pdf"},
    )
    assert (attachment.encoding, attachment.content_id, attachment.description) == (
        "base64",
        b"<id>",
        b"desc",
    )
    assert message.envelope == FIELDS


def test_responses_in_one_read_and_what_follows() -> None:
    parser, responses = parse_pieces([b"* 1 EXISTS\r\n* 2 FETCH (BODY[] {3}\r\nabc)\r\nA1 OK\r\n* 3 EX"])
    assert [type(r).__name__ for r in responses] == ["ExistsResponse", "FetchResponse", "TaggedResponse"]
    assert parser.mid_response
    assert parser.buffered == 6
    assert not parser.mid_literal
    assert parser.response_count == 3


@pytest.mark.parametrize("size", [10, 65536, 65537, 300_000])
def test_progress_through_a_literal_can_be_seen(size: int) -> None:
    parser = ResponseParser()
    parser.feed(b"* 1 FETCH (BODY[] {%d}\r\n" % size)
    assert parser.next_response() is None
    assert parser.mid_literal
    assert parser.literal_missing == size
    seen = 0
    for start in range(0, size, size // 5):
        parser.feed(b"x" * min(size // 5, size - start))
        assert parser.next_response() is None
        seen += min(size // 5, size - start)
        assert parser.literal_missing == size - seen
    assert seen == size
    parser.feed(b")\r\n")
    (response,) = drain(parser)
    assert isinstance(response, FetchResponse)
    assert response.items == {"BODY[]": b"x" * size}
    assert not parser.mid_response


class Sink:
    def __init__(self) -> None:
        self.data = bytearray()
        self.writes = 0

    def write(self, data: memoryview, /) -> None:
        self.data += data
        self.writes += 1


def test_literals_stream_to_a_sink() -> None:
    asked: list[tuple[bytes, int]] = []
    sink = Sink()

    def route(so_far: bytes, size: int) -> Sink | None:
        asked.append((so_far, size))
        return sink if b"BODY[]" in so_far else None

    data = b"* 7 FETCH (BODY[HEADER] {2}\r\nhh UID 3 BODY[] {10}\r\n0123456789)\r\nA1 OK\r\n"
    for pieces in ([data], [data[i : i + 1] for i in range(len(data))]):
        asked.clear()
        sink = Sink()
        parser = ResponseParser()
        parser.literal_router = route
        responses = []
        for piece in pieces:
            parser.feed(piece)
            responses += drain(parser)
        fetch, _ = responses
        assert isinstance(fetch, FetchResponse)
        assert fetch.items["UID"] == 3
        assert fetch.items["BODY[HEADER]"] == b"hh"
        assert described(fetch.items["BODY[]"]) == ("streamed", 10)
        assert isinstance(fetch.parts[3], StreamedLiteral)
        assert sink.data == b"0123456789"
        assert [size for _, size in asked] == [2, 10]
        assert asked[1][0] == b"* 7 FETCH (BODY[HEADER] {2}\r\n UID 3 BODY[] {10}\r\n"
        assert fetch.wire_size == data.index(b"A1")
    assert sink.writes == 10  # as they arrived, not gathered


def test_a_router_is_asked_with_a_bounded_piece() -> None:
    asked: list[bytes] = []

    def route(so_far: bytes, size: int) -> None:
        asked.append(so_far)

    parser = ResponseParser()
    parser.literal_router = route
    parser.feed(b"* 7 FETCH (UID 3 X " + b"x" * 100_000 + b" Y {0}\r\n BODY[] {0}\r\n)\r\n")
    assert len(drain(parser)) == 1
    for so_far, end in zip(asked, (b" Y {0}\r\n", b" BODY[] {0}\r\n"), strict=True):
        assert so_far.startswith(b"* 7 FETCH (UID 3 X x")
        assert so_far.endswith(end)
        assert len(so_far) <= 8192


def test_only_literals_of_fetch_are_routed() -> None:
    parser = ResponseParser()
    parser.literal_router = lambda so_far, size: pytest.fail("asked for a folder name")
    parser.feed(b'* LIST () "/" {3}\r\nabc\r\n* 1 XNEW {1}\r\na\r\n')
    assert len(drain(parser)) == 2


def test_a_sink_that_raises_makes_the_parser_unusable() -> None:
    class Full:
        def write(self, data: memoryview, /) -> None:
            raise OSError("disk full")

    parser = ResponseParser()
    parser.literal_router = lambda so_far, size: Full()
    parser.feed(b"* 1 FETCH (BODY[] {3}\r\nabc)\r\n")
    with pytest.raises(OSError, match="disk full"):
        parser.next_response()
    with pytest.raises(RemoteProtocolError, match="could not be stored"):
        parser.next_response()


def test_streaming_has_its_own_limit() -> None:
    limits = ImapLimits(literal=10, streamed_literal=100)
    sink = Sink()
    parser = ResponseParser(limits)
    parser.literal_router = lambda so_far, size: sink
    parser.feed(b"* 1 FETCH (BODY[] {50}\r\n" + b"x" * 50 + b")\r\n")
    assert len(drain(parser)) == 1
    assert len(sink.data) == 50
    parser.feed(b"* 1 FETCH (BODY[] {101}\r\n")
    with pytest.raises(RemoteProtocolError, match="101 bytes"):
        parser.next_response()


def test_clear_phase_budget() -> None:
    parser = ResponseParser(clear_phase_budget=100)
    parser.feed(b"* OK hello\r\n")
    assert len(drain(parser)) == 1
    with pytest.raises(SecurityError, match="100 bytes"):
        parser.feed(b"x" * 100)
    with pytest.raises(SecurityError):
        parser.next_response()


def test_clear_phase_budget_counts_announced_literals() -> None:
    parser = ResponseParser(clear_phase_budget=100)
    parser.feed(b'* LIST () "/" {90}\r\n')
    with pytest.raises(SecurityError, match="announced 90 bytes"):
        parser.next_response()


def test_repr_shows_no_content() -> None:
    data = (
        b"* 1 FETCH (UID 1 BODY[] {6}\r\nsecret)\r\n* LIST () NIL secret\r\n* OK [X secret] secret\r\n"
        b"A1 OK secret\r\n+ secret\r\n"
    )
    parser, responses = parse_pieces([data])
    assert "secret" not in repr(responses) + repr(parser)
    assert "secret" not in repr([getattr(r, "code", None) for r in responses])
    assert parse(data)


MALFORMED: list[bytes] = [
    b"\r\n",
    b" \r\n",
    b"*\r\n",
    b"* \r\n",
    b"* 5\r\n",
    b"**\r\n",
    b"A1\r\n",
    b"A1 \r\n",
    b"A1 MAYBE yes\r\n",
    b"+no space\r\n",
    b"* 12345678901 EXISTS\r\n",
    b"* 1 EXISTS 2\r\n",
    b"* 0 EXPUNGE\r\n",
    b"* 0 FETCH (UID 1)\r\n",
    b"* 1 FETCH\r\n",
    b"* 1 FETCH UID 1\r\n",
    b"* 1 FETCH (UID 1\r\n",
    b"* 1 FETCH (UID 1) x\r\n",
    b"* 1 FETCH (UID)\r\n",
    b"* 1 FETCH (UID x)\r\n",
    b"* 1 FETCH (UID (1))\r\n",
    b"* 1 FETCH (FLAGS \\Seen)\r\n",
    b"* 1 FETCH (FLAGS (\\Seen)\r\n",
    b"* 1 FETCH (BODY[] (1))\r\n",
    b"* 1 FETCH (BODY[ {1}\r\nx)\r\n",
    b'* 1 FETCH (BODY[] "a"b" UID 1)\r\n',
    b'* 1 FETCH (BODY[] "open)\r\n',
    b'* 1 FETCH (X "bad \\x escape")\r\n',
    b"* 1 FETCH (BODY[] {1}\r\na BODY[] {1}\r\nb)\r\n",
    b"* 1 FETCH (MODSEQ 1 2)\r\n",
    b"* LIST () NIL\r\n",
    b"* LIST NIL NIL a\r\n",
    b"* LIST () NIL a b\r\n",
    b"* LIST () NIL (a)\r\n",
    b'* LIST () "/" foo{3}\r\n',
    b"* FLAGS \\Seen\r\n",
    b"* STATUS a\r\n",
    b"* STATUS a (MESSAGES)\r\n",
    b"* SEARCH 1 a\r\n",
    b"* SEARCH 1,2\r\n",
    b"* SEARCH -1\r\n",
    b"* SEARCH 1_0\r\n",
    b"* SEARCH 1 (MODSEQ x)\r\n",
    b"* SEARCH 1 (MODSEQ 1) 5\r\n",
    b"* THREAD 1\r\n",
    b"* THREAD (1\r\n",
    b"* THREAD (1))\r\n",
    b"* THREAD (x)\r\n",
    b"* VANISHED\r\n",
    b"* VANISHED (LATER) 1\r\n",
    b"* VANISHED 1:*\r\n",
    b"* NAMESPACE NIL NIL\r\n",
    b"* NAMESPACE ((a)) NIL NIL\r\n",
    b"* ID (a)\r\n",
    b"* QUOTA a (STORAGE 1)\r\n",
    b"* QUOTA a (STORAGE x 1)\r\n",
    b"* QUOTAROOT\r\n",
    b'* ESEARCH (TAG "a") MIN\r\n',
    b'* ESEARCH (TAG "a") MIN 0\r\n',
    b'* ESEARCH (TAG "a") PARTIAL 1\r\n',
    b"* CAPABILITY (a)\r\n",
    b"[UIDNEXT 1\r\n",
]


@pytest.mark.parametrize("data", MALFORMED)
def test_malformed(data: bytes) -> None:
    message = refused(data)
    assert message.isprintable()
    assert len(message) < 400
