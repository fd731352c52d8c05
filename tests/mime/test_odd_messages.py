"""A corpus of messages as strange programs write them, and what is read in each."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from mailclients.message import MailMessage


class Odd(NamedTuple):
    """A message and what it says: texts, attachments by name and content, linked resources by content id."""

    raw: bytes
    body: str = ""
    html: str | None = None
    attached: tuple[tuple[str, bytes], ...] = ()
    linked: tuple[str, ...] = ()


def mixed(*parts: bytes, kind: bytes = b"mixed", close: bytes = b"--b--\r\n", line: bytes = b"\r\n") -> bytes:
    head = b"Content-Type: multipart/" + kind + b"; boundary=b" + line + line
    return head + b"".join(b"--b" + line + part + line for part in parts) + close


PLAIN = b"\r\ntext"
HTML = b"Content-Type: text/html\r\n\r\n<p>"
FILE = b"Content-Type: a/b\r\nContent-Disposition: attachment; filename=x.b\r\n\r\nfile"
PICTURE = b"Content-Type: image/png\r\nContent-ID: <p@x>\r\nContent-Disposition: inline; filename=p.png\r\n\r\npng"


def inner(data: bytes, boundary: bytes) -> bytes:
    """A multipart within another, with a boundary of its own."""
    return data.replace(b"boundary=b\r\n", b"boundary=" + boundary + b"\r\n").replace(b"--b", b"--" + boundary)


RELATED = inner(mixed(HTML, PICTURE, kind=b"related"), b"rr")
ALTERNATIVE = inner(mixed(PLAIN, RELATED, kind=b"alternative"), b"aa")

CORPUS = {
    "text, picture and file": Odd(
        mixed(ALTERNATIVE, FILE), "text", "<p>", (("x.b", b"file"),), ("p@x",)
    ),
    "related around alternative": Odd(
        mixed(inner(mixed(PLAIN, HTML, kind=b"alternative"), b"aa"), PICTURE, kind=b"related"),
        "text",
        "<p>",
        (),
        ("p@x",),
    ),
    "another form that shows a picture": Odd(
        mixed(PLAIN, HTML, inner(mixed(b"Content-Type: text/x-amp-html\r\n\r\n<a>", PICTURE, kind=b"related"), b"rr"),
              kind=b"alternative"),
        "text", "<p>", (), ("p@x",),
    ),
    "file within related": Odd(mixed(HTML, FILE, kind=b"related"), "", "<p>", (("x.b", b"file"),)),
    "picture without an id": Odd(
        mixed(HTML, b"Content-Type: image/png\r\n\r\npng", kind=b"related"), "", "<p>", (("attachment", b"png"),)
    ),
    "picture outside related": Odd(mixed(PLAIN, PICTURE), "text", None, (("p.png", b"png"),)),
    "no closing line": Odd(mixed(PLAIN, FILE, close=b""), "text", None, (("x.b", b"file\r\n"),)),
    "cut in the middle of a part": Odd(mixed(PLAIN, FILE, close=b"")[:-20], "text", None, (("attachment", b""),)),
    "boundary that never comes": Odd(
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\nlost", "", None, (("attachment", b"lost"),)
    ),
    "no boundary named": Odd(b"Content-Type: multipart/mixed\r\n\r\nlost", "", None, (("attachment", b"lost"),)),
    "the same boundary inside": Odd(
        mixed(b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\ninner\r\n--b--", FILE),
        "inner",
        None,
        (("attachment", b""),),
    ),
    "a boundary that begins like another": Odd(
        mixed(inner(mixed(PLAIN), b"bb"), FILE), "text", None, (("x.b", b"file"),)
    ),
    "bare line feeds": Odd(mixed(PLAIN, FILE).replace(b"\r\n", b"\n"), "text", None, (("x.b", b"file"),)),
    "white space behind the boundary": Odd(
        mixed(PLAIN, FILE).replace(b"--b\r\n", b"--b \t\r\n"), "text", None, (("x.b", b"file"),)
    ),
    "empty parts": Odd(
        mixed(b"", b"\r\n", FILE), "", None, (("attachment", b""), ("x.b", b"file"))
    ),
    "empty multipart": Odd(mixed(), "", None, (("attachment", b"--b--\r\n"),)),
    "enclosed message": Odd(
        mixed(PLAIN, b"Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nx"),
        "text",
        None,
        (("attachment", b"Subject: in\r\n\r\nx"),),
    ),
    "digest": Odd(
        mixed(b"\r\nSubject: in\r\n\r\nx", kind=b"digest"), "", None, (("attachment", b"Subject: in\r\n\r\nx"),)
    ),
    "unknown charset": Odd(b"Content-Type: text/plain; charset=x-none\r\n\r\nGr\xfc\xdfe", "Grüße"),
    "wrong charset": Odd(b"Content-Type: text/plain; charset=us-ascii\r\n\r\nGr\xc3\xbc\xc3\x9fe", "Grüße"),
    "UTF-8 that is none": Odd(b"Content-Type: text/plain; charset=utf-8\r\n\r\na\xff", "a\ufffd"),
    "8-bit in 7bit": Odd(b"Content-Transfer-Encoding: 7bit\r\n\r\n\xfc", "ü"),
    "unknown transfer encoding": Odd(b"Content-Transfer-Encoding: x-none\r\n\r\na=20", "a=20"),
    "NULs": Odd(b"Subject: a\0b\r\n\r\na\0b", "a\0b"),
    "format=flowed": Odd(b"Content-Type: text/plain; format=flowed\r\n\r\none \r\nline\r\n", "one \r\nline\r\n"),
    "charset in quotes and comments": Odd(b'Content-Type: text/plain (x); charset="koi8-r" (y)\r\n\r\n\xd0\xd2', "пр"),
    "two texts": Odd(mixed(PLAIN, b"\r\nfooter"), "text", None, (("attachment", b"footer"),)),
    "a text that is a file": Odd(
        mixed(b"Content-Disposition: attachment\r\n\r\nfile", PLAIN), "text", None, (("attachment", b"file"),)
    ),
    "names in pieces (RFC 2231)": Odd(
        mixed(
            PLAIN,
            b"Content-Type: a/b;\r\n name*1*=%BC.txt; name*0*=utf-8''%C3\r\n"
            b"Content-Disposition: attachment; filename*1=\"b.txt\"; filename*0*=iso-8859-1'de'%FC\r\n\r\nx",
        ),
        "text",
        None,
        (("üb.txt", b"x"),),
    ),
    "names in encoded words (RFC 2047)": Odd(
        mixed(PLAIN, b'Content-Disposition: attachment; filename="=?utf-8?q?=C3=BC?= =?utf-8?b?w7w=?=.txt"\r\n\r\nx'),
        "text",
        None,
        (("üü.txt", b"x"),),
    ),
    "8-bit name": Odd(
        mixed(PLAIN, b"Content-Disposition: attachment; filename=\"\xc3\xbc\xfc.txt\"\r\n\r\nx"),
        "text",
        None,
        (("Ã¼ü.txt", b"x"),),
    ),
    "name that leads elsewhere": Odd(
        mixed(PLAIN, b'Content-Disposition: attachment; filename="..\\\\..\\\\CON"\r\n\r\nx'),
        "text",
        None,
        (("_CON", b"x"),),
    ),
    "mailbox line and junk before the header": Odd(b"From x Mon\r\n>From y\r\nSubject: s\r\n\r\ntext", "text"),
    "no header": Odd(b"\r\ntext", "text"),
    "no body": Odd(b"Subject: s\r\n"),
    "nothing": Odd(b""),
}  # fmt: skip


@pytest.mark.parametrize("name", CORPUS)
def test_an_odd_message_is_read_as_far_as_it_goes(name: str) -> None:
    odd = CORPUS[name]
    message = MailMessage.from_bytes(odd.raw)
    assert message.body == odd.body
    assert message.html_body == odd.html
    assert tuple((one.name, one.content()) for one in message.attachments) == odd.attached
    assert tuple(one.content_id for one in message.linked_resources) == odd.linked
    assert message.as_bytes() is odd.raw


@pytest.mark.parametrize("name", CORPUS)
def test_an_odd_message_is_the_same_after_a_change(name: str) -> None:
    odd = CORPUS[name]
    message = MailMessage.from_bytes(odd.raw)
    message.subject = "new"
    message.html_body = "<b>new</b>"
    again = MailMessage.from_bytes(message.as_bytes())
    assert (again.subject, again.html_body) == ("new", "<b>new</b>\r\n")
    assert again.body.rstrip() == odd.body.rstrip()
    assert tuple(one.content().rstrip() for one in again.attachments) == tuple(one.rstrip() for _, one in odd.attached)
    assert tuple(one.name for one in again.attachments) == tuple(one for one, _ in odd.attached)
    assert tuple(one.content_id for one in again.linked_resources) == odd.linked


def test_a_hundred_thousand_fields_are_read_and_kept() -> None:
    raw = b"".join(b"X-%d: %d\r\n" % (n, n) for n in range(100_000)) + b"Subject: last\r\n\r\ntext"
    message = MailMessage.from_bytes(raw)
    assert (message.headers.count, message.subject, message.body) == (100_001, "last", "text")
    message.body = "new"
    assert MailMessage.from_bytes(message.as_bytes()).headers.count == 100_001 + 3
