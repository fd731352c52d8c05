"""Messages: bytes kept, lazy and bounded reading, safe names, building."""

from __future__ import annotations

import email
import email.policy
import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
    MessageError,
)
from mailclients.message import (
    Attachment,
    ContentType,
    HeaderCollection,
    MailAddress,
    MailAddressCollection,
    MailMessage,
    MailPriority,
    MailSensitivity,
    ParticipationStatus,
    TransferEncoding,
    decode_header_text,
    parse_addresses,
    parse_mail_date,
    safe_file_name,
)

RICH = (
    b"Return-Path: <bounce@example.org>\r\n"
    b"Received: from a\r\n\tby b; Mon, 1 Jan 2024 00:00:00 +0000\r\n"
    b"Received: from c\r\n"
    b"From: =?iso-8859-1?Q?Andr=E9?= <andre@example.org>\r\n"
    b'To: a@example.org, "B, C" <bc@example.org>,\r\n Team: d@example.org, e@example.org;\r\n'
    b"Cc: (nobody)\r\n"
    b"Subject: =?utf-8?Q?Gr=C3=BC?= =?utf-8?Q?=C3=9Fe?= an\r\n alle\r\n"
    b"Date: Mon, 1 Jan 2024 12:30:00 +0100\r\n"
    b"Message-ID: <1@example.org>\r\n"
    b"X-Priority: 1 (Highest)\r\n"
    b"Sensitivity: Private\r\n"
    b"MIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="out er"\r\n'
    b"\r\n"
    b"preamble\r\n"
    b"--out er\r\n"
    b"Content-Type: multipart/alternative; boundary=in\r\n"
    b"\r\n"
    b"--in\r\n"
    b"Content-Type: text/plain; charset=iso-8859-1\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n"
    b"\r\n"
    b"Hall=F6 =\r\nda\r\n"
    b"--in\r\n"
    b"Content-Type: text/html; charset=utf-8\r\n"
    b"\r\n"
    b"<p>Hall\xc3\xb6</p>\r\n"
    b"--in--\r\n"
    b"--out er\r\n"
    b'Content-Type: application/pdf; name="x.pdf"\r\n'
    b"Content-Disposition: attachment; filename*0*=utf-8''r%C3%A9; filename*1=\"sum\xc3\xa9.pdf\"\r\n"
    b"Content-Transfer-Encoding: base64\r\n"
    b"Content-ID: <part1@example.org>\r\n"
    b"\r\n"
    b"JVBE\r\nRi0x\r\nLg==\r\n"
    b"--out er\r\n"
    b"Content-Type: message/rfc822\r\n"
    b"\r\n"
    b"Subject: inner\r\n\r\ntext\r\n"
    b"--out er--\r\n"
    b"epilogue\r\n"
)


def addresses(value: bytes | str) -> list[tuple[str, str]]:
    return [(one.display_name, one.address) for one in parse_addresses(value)]


def measure(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


# --- received messages --------------------------------------------------------------------------


def test_received_message_is_read_part_by_part() -> None:
    message = MailMessage.from_bytes(RICH)
    assert message.subject == "Grüße an alle"
    assert message.from_address == MailAddress("andre@example.org", "André")
    assert [(one.display_name, one.address) for one in message.to] == [
        ("", "a@example.org"),
        ("B, C", "bc@example.org"),
        ("", "d@example.org"),
        ("", "e@example.org"),
    ]
    assert message.cc.count == message.bcc.count == message.reply_to.count == 0
    assert message.sender is None
    assert message.date == datetime(2024, 1, 1, 12, 30, tzinfo=timezone(timedelta(hours=1)))
    assert message.message_id == "<1@example.org>"
    assert message.priority is MailPriority.HIGH
    assert message.sensitivity is MailSensitivity.PRIVATE
    assert message.body == "Hallö da"
    assert message.html_body == "<p>Hallö</p>"
    assert message.is_body_html
    pdf, inner = message.attachments
    assert (pdf.name, pdf.raw_name, pdf.content_type.media_type) == ("résumé.pdf",) * 2 + ("application/pdf",)
    assert pdf.content_stream.read() == pdf.content() == b"%PDF-1."
    assert (pdf.content_id, pdf.transfer_encoding) == ("part1@example.org", TransferEncoding.BASE64)
    assert not pdf.is_inline
    assert inner.is_embedded_message
    assert MailMessage.load(inner.content_stream).subject == "inner"
    assert message.headers.get_values("received") == [
        "from a\tby b; Mon, 1 Jan 2024 00:00:00 +0000",
        "from c",
    ]
    assert message.as_bytes() is message.as_bytes()
    assert message.as_bytes() == bytes(message) == RICH


def test_as_bytes_gives_the_object_that_was_received() -> None:
    for data in (RICH, b"", b"\r\n", b"no header at all", b"\xff\x00" * 50, RICH.replace(b"\r\n", b"\n")):
        message = MailMessage.from_bytes(data)
        assert message.as_bytes() is data
        _ = message.subject, message.to, message.body, message.attachments, message.date, message.headers
        assert message.as_bytes() is data


def test_bare_line_feeds_are_understood() -> None:
    message = MailMessage.from_bytes(RICH.replace(b"\r\n", b"\n"))
    assert message.body == "Hallö da"
    assert len(message.attachments) == 2


def test_making_one_reads_and_imports_nothing() -> None:
    code = (
        "import sys; from mailclients.message import MailMessage;"
        "m = MailMessage.from_bytes(b'Subject: x\\r\\n\\r\\n'); assert not m._cache;"
        "assert m.subject == 'x'; assert 'email' not in sys.modules, 'email'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])
    assert not hasattr(MailMessage.from_bytes(b""), "__dict__")


def test_repr_tells_size_and_source_and_no_content() -> None:
    message = MailMessage.from_bytes(RICH, "INBOX uid 5\n")
    assert repr(message) == f"<MailMessage {len(RICH)} bytes from INBOX uid 5\\n>"
    assert "andre" not in repr(message.headers) + repr(message.to) + repr(message.attachments[0])


def test_load_and_save_go_through_paths_and_streams(tmp_path: Path) -> None:
    path = tmp_path / "one.eml"
    MailMessage.load(RICH).save(path)
    assert path.read_bytes() == RICH
    assert MailMessage.load(str(path)).as_bytes() == RICH
    assert MailMessage.load(bytearray(RICH)).as_bytes() == RICH
    MailMessage(from_address="a@b.c", to="d@e.f").save(path)  # replaced, as in .NET
    assert MailMessage.load(path).to[0].address == "d@e.f"
    assert os.listdir(tmp_path) == ["one.eml"]
    out = io.BytesIO()
    MailMessage.load(io.BytesIO(RICH)).save(out)
    assert out.getvalue() == RICH
    wrong: Any = io.StringIO("x")
    with pytest.raises(ArgumentTypeError, match="binary"):
        MailMessage.load(wrong)
    wrong = 3
    with pytest.raises(ArgumentTypeError):
        MailMessage.load(wrong)


def test_threads_see_the_same_objects() -> None:
    message = MailMessage.from_bytes(RICH)
    begin = threading.Barrier(6)
    seen: list[tuple[int, ...]] = []

    def read() -> None:
        begin.wait(10)
        seen.append((id(message.to), id(message.headers), id(message.attachments), hash(message.body)))

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(seen) == 6
    assert len(set(seen)) == 1
    assert message.as_bytes() is RICH


# --- changing and building ----------------------------------------------------------------------


def test_header_changes_leave_every_other_byte_alone() -> None:
    message = MailMessage.from_bytes(RICH)
    message.subject = "Neu: ü"
    message.to.add("z@example.org")
    changed = message.as_bytes()
    assert changed is message.as_bytes()
    head, _, body = changed.partition(b"\r\n\r\n")
    old_head, _, old_body = RICH.partition(b"\r\n\r\n")
    assert body == old_body
    kept = [line for line in old_head.split(b"\r\n") if line[:4] in {b"Rece", b"From", b"Date", b"MIME", b"Cont"}]
    assert all(line in head for line in kept)
    again = MailMessage.from_bytes(changed)
    assert again.subject == "Neu: ü"
    assert [one.address for one in again.to][-1] == "z@example.org"
    assert again.to.count == 5
    assert again.attachments[0].content() == b"%PDF-1."


def test_content_changes_rebuild_the_message() -> None:
    message = MailMessage.from_bytes(RICH)
    message.body = "anders"
    message.add_attachment(Attachment(io.BytesIO(b"abc"), "c.txt"))
    again = MailMessage.from_bytes(message.as_bytes())
    assert again.body.rstrip() == "anders"
    assert again.html_body is not None
    assert again.html_body.rstrip() == "<p>Hallö</p>"
    assert [one.content() for one in again.attachments] == [b"%PDF-1.", b"Subject: inner\r\n\r\ntext", b"abc"]
    assert again.headers.get_values("Content-Type") == [again.headers.get("content-type")]
    assert again.message_id == "<1@example.org>"
    again.attachments.clear()
    assert MailMessage.from_bytes(again.as_bytes()).attachments.count == 0


def test_new_message_is_valid_and_stays_the_same() -> None:
    message = MailMessage("Jörg <j@example.org>", "a@b.c", "Grüße " * 30, "Zeile\nzwei ü\n.")
    message.cc = 'D <d@e.f>, "F, G" <f@g.h>'
    message.bcc.add("secret@b.c")
    message.html_body = "<p>" + "x" * 2000 + "</p>"
    message.priority = MailPriority.LOW
    message.sensitivity = MailSensitivity.PERSONAL
    message.x_mailer = "tests"
    message.reply_to = MailAddress("r@b.c")
    data = message.as_bytes()
    assert data is message.as_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert max(map(len, data.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 78
    parsed = email.message_from_bytes(data, policy=email.policy.default)
    assert not parsed.defects
    assert parsed["subject"].strip() == ("Grüße " * 30).strip()
    assert [one.addr_spec for one in parsed["cc"].addresses] == ["d@e.f", "f@g.h"]
    assert parsed["from"].addresses[0].display_name == "Jörg"
    plain = parsed.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().splitlines() == ["Zeile", "zwei ü", "."]
    again = MailMessage.load(data)
    assert again.cc == message.cc
    assert (again.priority, again.sensitivity, again.x_mailer) == (
        MailPriority.LOW,
        MailSensitivity.PERSONAL,
        "tests",
    )
    assert again.message_id == message.message_id
    assert again.date == message.date
    assert again.date is not None
    assert abs(again.date - datetime.now(timezone.utc)) < timedelta(hours=1)
    assert again.body == "Zeile\r\nzwei ü\r\n.\r\n"
    assert message.message_id.endswith("@example.org>")


def test_H_G2_bcc_is_left_out_for_sending() -> None:
    message = MailMessage("a@b.c", "d@e.f", "s", "Bcc: stays in the text")
    message.bcc = "secret@b.c, " + ", ".join(f"secret{n}@b.c" for n in range(20))
    data = message.as_bytes(without_bcc=True)
    assert b"secret" not in data
    assert b"Bcc: stays" in data
    assert b"secret" in message.as_bytes()
    for head in (b"bcc : secret\r\n", b"BCC:\r\n\tsecret\r\n", b"Bcc" + b" " * 99 + b": secret\n secret\n"):
        raw = b"A: 1\r\n" + head + b"B: 2\r\n" + head + b"\r\nBcc: text"
        assert MailMessage.from_bytes(raw).as_bytes(without_bcc=True) == b"A: 1\r\nB: 2\r\n\r\nBcc: text"
    assert MailMessage.from_bytes(RICH).as_bytes(without_bcc=True) is RICH
    assert MailMessage.from_bytes(b"Bcc: secret").as_bytes(without_bcc=True) == b""


def test_H_G2_header_values_with_newlines_are_refused() -> None:
    message = MailMessage("a@b.c", "d@e.f")
    for bad in ("x\r\nBcc: y", "x\ny", "x\ry", "x\0"):
        with pytest.raises(AsposeArgumentException):
            message.subject = bad
        with pytest.raises(AsposeArgumentException):
            message.headers.add("X", bad)
        with pytest.raises(AsposeArgumentException):
            message.headers.add(bad, "x")
        with pytest.raises(AsposeArgumentException):
            message.to.add(bad + "@b.c")
        with pytest.raises(AsposeArgumentException):
            MailAddress("a@b.c", bad)
        with pytest.raises(AsposeArgumentException):
            MailAddress("a@b.c").address = bad
        with pytest.raises(AsposeArgumentException):
            message.message_id = bad
    assert b"Bcc" not in message.as_bytes()


def test_constructor_shapes() -> None:
    assert MailMessage().from_address is None
    both = MailMessage(MailAddress("a@b.c"), MailAddress("d@e.f"))
    assert (str(both.from_address), str(both.to)) == ("a@b.c", "d@e.f")
    with pytest.raises(AsposeArgumentNullException):
        MailMessage("a@b.c")
    wrong: Any = None
    with pytest.raises(AsposeArgumentNullException):
        both.body = wrong
    wrong = b"x"
    with pytest.raises(ArgumentTypeError):
        both.html_body = wrong
    with pytest.raises(ArgumentTypeError):
        both.date = wrong
    both.date = datetime(2020, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))
    assert both.headers["date"] == "Mon, 03 Feb 2020 04:05:06 -0330"
    assert both.clone().as_bytes() == both.as_bytes()
    with both as same:
        assert same is both


@given(st.text(max_size=300), st.text(max_size=200))
def test_any_subject_and_text_come_through(subject: str, text: str) -> None:
    message = MailMessage("a@b.c", "d@e.f")
    try:
        message.subject = subject
    except AsposeArgumentException:
        assert any(c in subject for c in "\r\n\0")
        subject = ""
    message.body = text
    data = message.as_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    assert data.isascii()
    again = MailMessage.load(data)
    lossless = subject.encode("utf-8", "replace").decode()
    assert again.subject.split() == lossless.split()
    assert again.to[0].address == "d@e.f"
    lines = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    assert again.body.replace("\r\n", "\n").removesuffix("\n") == lines.removesuffix("\n")


# --- addresses ----------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    "text",
    [
        b"(" * 2000,
        b"(" * 500_000,
        b'"' * 500_001,
        b"<" * 500_000,
        b"<," * 250_000,
        b"[" * 500_000,
        b":" * 500_000,
        b"\\" * 500_001,
        b"a" * 500_000,
        b" " * 500_000,
        b"(a" * 250_000 + b")" * 9,
        b"@" * 500_000,
        b"<a@b>" * 100_000,
        b"\\(" * 250_000,
        b'"\\' * 250_000,
        b"a " * 250_000,
        b". " * 250_000,
    ],
)
def test_H_J1_crafted_addresses_take_linear_time(text: bytes) -> None:
    message = MailMessage.from_bytes(b"From: " + text + b"\r\n\r\n")
    assert measure(lambda: message.from_address) < 5
    assert message.as_bytes().endswith(b"\r\n\r\n")


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


# --- header text --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        (b" a\r\n b ", "a b"),
        (b"=?utf-8?q?=C3=BC?=", "ü"),
        (b"=?UTF-8*de?Q?a_b?= c", "a b c"),
        (b"=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "ü"),
        (b"=?utf-8?b?w7w?=", "ü"),
        (b"=?utf-8?b?w7w=?= =?iso-8859-1?q?=FC?=", "üü"),
        (b"x=?utf-8?q?a?=y", "xay"),
        (b"=?gb2312?b?xOO6ww==?=", "你好"),
        (b"=?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        (b"=?unknown-charset?q?=FC?=", "ü"),
        (b"=?zlib?b?eJwDAAAAAAE=?=", None),
        (b"=?punycode?q?a?= =?idna?q?b?= =?unicode_escape?q?=5Cx41?=", "ab\\x41"),
        (b"=?utf-7?q?+2AA-?=", "\ufffd"),
        (b"=?utf-8?q?unfinished", "=?utf-8?q?unfinished"),
        (b"caf\xc3\xa9", "café"),
        (b"caf\xe9", "café"),
        (b"=?utf-8?b?" + b"!" * 9 + b"?=", ""),
    ],
)
def test_header_text(raw: bytes, text: str | None) -> None:
    found = decode_header_text(raw)
    assert found is not None
    assert text is None or found == text
    found.encode()


@pytest.mark.parametrize(
    "text",
    [
        b"=?utf-8?q?a?= " * 20_000,
        b"=?a?q?" * 80_000,
        b"=?" * 250_000,
        b"=?utf-8?q?" + b"=" * 500_000 + b"?=",
        b"=?utf-8?b?" + b"A" * 500_000,
        b"\r\n " * 150_000,
        b"=?x\xff?q?a?= " * 20_000,
        b"=?utf-8?b?w7w=?=" * 20_000,
    ],
)
def test_H_J1_crafted_header_text_takes_linear_time(text: bytes) -> None:
    message = MailMessage.from_bytes(b"Subject: " + text + b"\r\nTo: a@b.c\r\n\r\n")
    assert measure(lambda: message.subject) < 5
    assert message.to[0].address == "a@b.c"


@given(st.binary(max_size=300))
def test_H_J1_any_header_text_is_decoded_to_one_line(data: bytes) -> None:
    for raw in (data, b"=?utf-8?q?" + data + b"?=", b"=?utf-7?b?" + data + b"?=", b"=?" + data + b"?b?AA?="):
        found = decode_header_text(raw)
        assert found is not None
        found.encode()
        assert not set(found) & set("\r\n\0")


def test_H_J1_unknown_charsets_are_not_looked_up() -> None:
    import encodings

    known = len(encodings._cache)
    for number in range(100):
        decode_header_text(b"=?made-up-%d?q?a?=" % number)
    assert len(encodings._cache) == known


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "Mon, 99 Foo 2024",
        "1" * 500,
        "Mon, 1 Jan 99999 00:00:00 +0000",
        "1 Jan 2024 00:00 +999999",
        "(" * 150,
    ],
)
def test_H_E17_invalid_dates_are_none(text: str) -> None:
    assert parse_mail_date(text) is None
    assert MailMessage.from_bytes(b"Date: " + text.encode() + b"\r\n\r\n").date is None


def test_dates_of_several_programs() -> None:
    utc = timezone.utc
    assert parse_mail_date("Mon, 1 Jan 2024 12:30:00 -0000") == datetime(2024, 1, 1, 12, 30, tzinfo=utc)
    assert parse_mail_date(b"1 Jan 24 12:30 GMT") == datetime(2024, 1, 1, 12, 30, tzinfo=utc)
    assert parse_mail_date("Sat, 31 Dec 2016 23:59:60 +0000") == datetime(2016, 12, 31, 23, 59, 59, tzinfo=utc)
    assert parse_mail_date(None) is None


# --- header fields ------------------------------------------------------------------------------


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


@given(st.binary(max_size=300))
def test_H_J1_any_bytes_are_a_message(data: bytes) -> None:
    message = MailMessage.from_bytes(data)
    assert isinstance(message.subject, str)
    assert message.to.count >= 0
    assert message.date is None or message.date.tzinfo is not None
    assert isinstance(message.body, str)
    for attachment in message.attachments:
        assert isinstance(attachment.content(), bytes)
    assert message.as_bytes() is data


# --- structure ----------------------------------------------------------------------------------


def nested(levels: int) -> bytes:
    each = (b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels))
    return b"MIME-Version: 1.0\r\n" + b"".join(each) + b"\r\ninner"


def test_H_J1_nesting_and_number_of_parts_are_limited() -> None:
    assert MailMessage.from_bytes(nested(30)).body == "inner"
    for data in (
        nested(5000),
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 20_000,
    ):
        message = MailMessage.from_bytes(b"Subject: still there\r\n" + data)
        for name in ("body", "html_body", "attachments"):
            with pytest.raises(MessageError, match="as_bytes"):
                getattr(message, name)
        assert message.subject == "still there"
        assert message.as_bytes().endswith(data)


@pytest.mark.parametrize(
    "body",
    [
        b"-" * 500_000,
        b"--b" * 150_000,
        b"--bx\r\n" * 80_000,
        b"\n" * 500_000,
        b"--b\r\n" + b"a: b\r\n" * 80_000,
        b"--b " + b" " * 500_000,
        b"--b\r\nContent-Type: a/b" + b";" * 500_000,
        b"--b\r\nContent-Type: a/b" + b"; " * 250_000,
        b"--b\r\nContent-Disposition: attachment" + b'; filename*0="x"' * 30_000,
        b"--b\r\nContent-Type: a/b; a" + b" " * 500_000,
        b'--b\r\nContent-Type: a/b; a="' + b"\\" * 500_000,
    ],
)
def test_H_J1_crafted_structures_take_linear_time(body: bytes) -> None:
    message = MailMessage.from_bytes(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + body)
    assert measure(lambda: message.attachments) < 5
    assert message.as_bytes().endswith(body)


@pytest.mark.parametrize(
    ("head", "content", "text"),
    [
        (b"Content-Type: text/plain; charset=zlib", b"x\x9c\x03\x00", None),
        (b"Content-Type: text/plain; charset=hex", b"abc", "abc"),
        (b"Content-Type: text/plain; charset=" + b"a" * 5000, b"\xc3\xbc", "ü"),
        (b"Content-Type: text/plain; charset=", b"\xfc", "ü"),
        (b"Content-Type: nonsense", b"abc", "abc"),
        (b"Content-Transfer-Encoding: base64", b"!!YWJj!!", "abc"),
        (b"Content-Transfer-Encoding: base64", b"YWJjZ", "abc"),
        (b"Content-Transfer-Encoding: base64", b"=", ""),
        (b"Content-Transfer-Encoding: quoted-printable", b"a=ZZ=\xff=", None),
        (b"Content-Transfer-Encoding: x-uuencode", b"begin 644 x\n#86)C\n`\nend\n", "abc"),
        (b"Content-Transfer-Encoding: x-uuencode", b"begin 644 x\n\xff\xff\xff\nend\n", None),
        (b"Content-Transfer-Encoding: rot13", b"abc", "abc"),
        (b"Content-Type: multipart/mixed", b"no boundary", None),
        (b"Content-Type: text/plain; charset=utf-16", b"a", None),
    ],
)
def test_H_J1_odd_content_gives_text_and_never_raises(head: bytes, content: bytes, text: str | None) -> None:
    message = MailMessage.from_bytes(head + b"\r\n\r\n" + content)
    if text is None:
        message.body.encode()
        assert all(isinstance(one.content(), bytes) for one in message.attachments)
    else:
        assert message.body == text


def test_H_J2_one_bad_message_among_many_is_its_own_trouble() -> None:
    messages = [MailMessage.from_bytes(RICH) for _ in range(20)]
    messages.insert(7, MailMessage.from_bytes(nested(100)))
    bodies: list[str] = []
    errors: list[MessageError] = []
    for one in messages:
        try:
            bodies.append(one.body)
        except MessageError as exc:  # noqa: PERF203 - this is what users write
            errors.append(exc)
    assert (len(bodies), len(errors)) == (20, 1)


def test_content_types() -> None:
    kind = ContentType('Text/Plain; charset="utf-8"; name="=?utf-8?q?=C3=BC?="; x=1; x=2')
    assert (kind.media_type, kind.char_set, kind.name, kind.boundary) == ("text/plain", "utf-8", "ü", None)
    assert kind.parameters["x"] == "1"
    kind.name = 'a "b".txt'
    kind.char_set = None
    kind.boundary = "b"
    again = ContentType(kind.to_string())
    assert again == kind
    assert again.equals(kind)
    assert again.name == 'a "b".txt'
    kind.name = "ü.txt"
    assert ContentType(str(kind)).name == "ü.txt"
    for bad in ("", "text", "text/", "a/b/c", "ü/x", "a/b\r\nX: y"):
        with pytest.raises(AsposeArgumentException):
            ContentType(bad)
        with pytest.raises(AsposeArgumentException):
            kind.media_type = bad
    with pytest.raises(AsposeArgumentException):
        kind.name = "a\r\nb"


# --- attachments --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/etc/cron.d/x", "x"),
        ("C:\\x\\y.exe", "y.exe"),
        ("C:evil.exe", "evil.exe"),
        ("a\0b.txt", "ab.txt"),
        ("a\r\nb.txt", "ab.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\u200b\ufeffx.txt", "x.txt"),
        ("CON", "_CON"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("COM¹.txt", "_COM¹.txt"),
        ("aux .txt", "_aux.txt"),
        ("console.txt", "console.txt"),
        (".bashrc", "bashrc"),
        ("x.txt. . .", "x.txt"),
        ('a<b>c:d"e|f?g*h', "a_b_c_d_e_f_g_h"),
        ("x.txt:stream", "x.txt_stream"),
        ("..", "attachment"),
        (".", "attachment"),
        ("", "attachment"),
        (None, "attachment"),
        ("dir/", "attachment"),
        ("ü.txt", "ü.txt"),
        ("\ud800x", "x"),
        ("~root", "~root"),
        ("-rf", "-rf"),
    ],
)
def test_H_J3_names_are_made_safe(name: str | None, safe: str) -> None:
    assert safe_file_name(name) == safe


def test_H_J3_long_names_keep_their_suffix() -> None:
    for name in ("x" * 4096 + ".pdf", "ü" * 4096 + ".pdf", "/" * 9 + "a." * 3000 + "pdf"):
        safe = safe_file_name(name)
        assert len(safe.encode()) <= 150
        assert safe.endswith(".pdf")
    assert len(safe_file_name("a." + "x" * 4000).encode()) <= 150


@given(st.text(max_size=300) | st.text("./\\: \0\u202eCONcon1", max_size=30))
def test_H_J3_any_name_is_one_path_component(name: str) -> None:
    safe = safe_file_name(name)
    safe.encode()
    assert safe
    assert safe not in {".", ".."}
    assert safe[0] not in ". "
    assert safe[-1] not in ". "
    assert not set(safe) & set('/\\\0\r\n:*?"<>|\u202e')
    assert len(safe.encode()) <= 151
    assert safe_file_name(safe) == safe
    assert os.path.basename(safe) == safe


def attached(name: bytes) -> Attachment:
    raw = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/x\r\n"
    raw += b"Content-Disposition: attachment; filename=" + name + b"\r\n\r\ndata\r\n--b--\r\n"
    return MailMessage.from_bytes(raw).attachments[0]


def test_H_J3_saving_stays_in_the_directory_and_overwrites_nothing(tmp_path: Path) -> None:
    directory = tmp_path / "in"
    directory.mkdir()
    victim = tmp_path / "victim"
    victim.write_bytes(b"old")
    (directory / "link.txt").symlink_to(victim)
    (directory / "dangling.txt").symlink_to(tmp_path / "made")
    one = attached(b'"../x.txt"')
    assert one.raw_name == "../x.txt"
    paths = [one.save_to_directory(directory) for _ in range(3)]
    assert [os.path.basename(path) for path in paths] == ["x.txt", "x (1).txt", "x (2).txt"]
    assert os.path.basename(attached(b"link.txt").save_to_directory(directory)) == "link (1).txt"
    assert os.path.basename(attached(b"dangling.txt").save_to_directory(directory)) == "dangling (1).txt"
    assert victim.read_bytes() == b"old"
    assert sorted(os.listdir(tmp_path)) == ["in", "victim"]
    for existing in ("x.txt", "link.txt", "dangling.txt"):
        with pytest.raises(FileExistsError):
            one.save(directory / existing)
    one.save(directory / "link.txt", overwrite=True)
    assert not (directory / "link.txt").is_symlink()
    assert (directory / "link.txt").read_bytes() == b"data"
    assert victim.read_bytes() == b"old"
    assert not [name for name in os.listdir(directory) if name.endswith(".tmp")]
    out = io.BytesIO()
    one.save(out)
    assert out.getvalue() == b"data"


def test_H_J3_a_failed_write_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise OSError("no")

    one = attached(b"x.txt")
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="no"):
        one.save(tmp_path / "x.txt", overwrite=True)
    assert os.listdir(tmp_path) == []


def test_attachment_shapes(tmp_path: Path) -> None:
    path = tmp_path / "pic.png"
    path.write_bytes(b"png")
    from_file = Attachment(path)
    assert (from_file.name, from_file.content_type.media_type, from_file.content()) == (
        "pic.png",
        "image/png",
        b"png",
    )
    assert Attachment(str(path), "image/x").content_type.media_type == "image/x"
    assert Attachment(path, ContentType("a/b")).content_type.media_type == "a/b"
    stream = Attachment(io.BytesIO(b"x"), "n.txt", "text/y")
    assert (stream.name, stream.content_type.media_type) == ("n.txt", "text/y")
    assert Attachment(io.BytesIO(b"x"), "n.unknowntype").content_type.media_type == "application/octet-stream"
    text = Attachment.create_attachment_from_string("ü", "t.txt", "iso-8859-1")
    assert (text.content(), text.content_type.char_set) == (b"\xfc", "iso-8859-1")
    stream.name = "z.txt"
    stream.content_stream = io.BytesIO(b"new")
    stream.content_id = "<cid@x>"
    stream.is_inline = True
    message = MailMessage("a@b.c", "d@e.f", "s", "b")
    message.attachments.add(stream)
    message.attachments.add(text)
    again = MailMessage.load(message.as_bytes()).attachments
    assert [(one.name, one.content(), one.is_inline, one.content_id) for one in again] == [
        ("z.txt", b"new", True, "cid@x"),
        ("t.txt", b"\xfc", False, None),
    ]
    before = message.as_bytes()
    stream.name = "again.txt"
    assert message.as_bytes() != before
    wrong: Any = 3
    with pytest.raises(ArgumentTypeError):
        Attachment(wrong)
    wrong = None
    with pytest.raises(AsposeArgumentNullException):
        Attachment(io.BytesIO(b""), wrong)
    with pytest.raises(AsposeArgumentException):
        Attachment(io.BytesIO(b""), "a\r\nb")
    wrong = io.StringIO("x")
    with pytest.raises(ArgumentTypeError, match="binary"):
        Attachment(wrong, "x")
    with pytest.raises(AsposeArgumentException, match="iso-8859-1"):
        Attachment.create_attachment_from_string("\u20ac", "t.txt", "iso-8859-1")
    with pytest.raises(FileNotFoundError):
        Attachment(tmp_path / "none")
