"""Sample mail: a small correspondence in several scripts, the same bytes on every machine.

Pure functions; no lock, any thread. The messages are written out by hand rather than by the standard
``email`` package, whose folding differs between Python versions.
"""

# ruff: noqa: RUF001 - letters of other scripts are the point

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Final

from mailclients.errors import AsposeArgumentException
from mailclients.testing.contents import Message

__all__ = ["sample_messages"]

_START: Final = datetime(2024, 2, 1, 8, 30, tzinfo=timezone.utc)
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_PEOPLE: Final = (
    "Anna Berg <anna@example.com>",
    '"Stone, Ben" <ben@example.org>',
    "=?utf-8?b?zpXOu86tzr3Otw==?= <eleni@example.gr>",
    "=?iso-8859-1?q?Bj=F6rn_=C5s?= <bjorn@example.se>",
    "dora@example.net",
)

# One pixel; small, and yet a file that can be looked at.
_PNG: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg=="
)


def sample_messages(count: int) -> list[Message]:
    """Sample messages, always the same ones; the first so many of an endless row.

    They come in eight kinds, in turn: plain ASCII; UTF-8 in quoted-printable; ISO-8859-1 with bare 8-bit
    bytes; KOI8-R in base64; text with an HTML alternative; text with two attachments; ISO-2022-JP; and a
    forwarded message. Some are read, answered or flagged. Line ends are CRLF.

    Args:
        count: how many, 0 or more.

    Raises:
        AsposeArgumentException: `count` is negative.
    """
    if count < 0:
        raise AsposeArgumentException("sample_messages: count must not be negative")
    return [_sample(index) for index in range(count)]


def _sample(index: int) -> Message:
    date = _START + timedelta(hours=7 * index, minutes=11 * index)
    flags: list[str] = []
    if index % 3 == 1:
        flags.append("\\Seen")
    if index % 5 == 4:
        flags.append("\\Flagged")
    if index % 9 == 7:
        flags += ["\\Answered", "$Work"]
    content = _KINDS[index % len(_KINDS)](index, date)
    return Message(content.replace(b"\n", b"\r\n"), flags, date)


def _header(index: int, date: datetime, subject: str, *more: str) -> bytes:
    day = f"{_DAYS[date.weekday()]}, {date.day:02d} {_MONTHS[date.month - 1]} {date:%Y %H:%M:%S} +0000"
    lines = [
        f"From: {_PEOPLE[index % len(_PEOPLE)]}",
        f"To: {_PEOPLE[(index + 1) % len(_PEOPLE)]}",
        f"Subject: {subject}",
        f"Date: {day}",
        f"Message-ID: <sample-{index}@example.com>",
    ]
    if index % 4 == 3:
        lines.insert(2, f"Cc: {_PEOPLE[(index + 2) % len(_PEOPLE)]}, dora@example.net")
    if index >= len(_KINDS):
        lines.append(f"In-Reply-To: <sample-{index - len(_KINDS)}@example.com>")
    return "\n".join([*lines, "MIME-Version: 1.0", *more]).encode("ascii") + b"\n"


def _text(charset: str, encoding: str) -> tuple[str, str]:
    return f"Content-Type: text/plain; charset={charset}", f"Content-Transfer-Encoding: {encoding}"


def _quoted(text: str) -> bytes:
    return quopri.encodestring(text.encode("utf-8"))


def _word(text: str, charset: str) -> str:
    return f"=?{charset}?b?{base64.b64encode(text.encode(charset)).decode('ascii')}?="


def _plain(index: int, date: datetime) -> bytes:
    return (
        _header(index, date, f"Minutes of meeting {index}", *_text("us-ascii", "7bit"))
        + b"\nHello,\n\nplease find the minutes below.\n\n1. Budget\n2. Holidays\n\n.\nRegards\n"
    )


def _greek(index: int, date: datetime) -> bytes:
    subject = _word(f"Καλημέρα {index}", "utf-8")
    head = _header(index, date, subject, *_text("utf-8", "quoted-printable"))
    return head + b"\n" + _quoted("Καλημέρα σας,\n\nτο ταξίδι ήταν υπέροχο — 20 € το εισιτήριο.\n")


def _swedish(index: int, date: datetime) -> bytes:
    subject = f"=?iso-8859-1?q?Sm=F6rg=E5s_{index}?="
    head = _header(index, date, subject, *_text("iso-8859-1", "8bit"))
    return head + "\nHej på dig,\n\nvi ses på måndag. Ta med smörgås och öl!\n".encode("iso-8859-1")


def _russian(index: int, date: datetime) -> bytes:
    subject = _word(f"Отчёт {index}", "koi8-r")
    head = _header(index, date, subject, *_text("koi8-r", "base64"))
    return head + b"\n" + base64.encodebytes("Здравствуйте!\r\n\r\nОтчёт готов.\r\n".encode("koi8-r"))


def _alternative(index: int, date: datetime) -> bytes:
    boundary = f"alternative-{index}"
    html = "<html><body><h1>Newsletter</h1><p>Caf\u00e9 opening, <b>free cake</b> for all.</p></body></html>\n"
    return b"".join(
        [
            _header(
                index,
                date,
                f"Newsletter {index}",
                f'Content-Type: multipart/alternative; boundary="{boundary}"',
            ),
            b"\nThis is a message in MIME format.\n",
            _part(boundary, *_text("utf-8", "quoted-printable")),
            _quoted("Café opening, free cake for all.\n"),
            _part(
                boundary,
                "Content-Type: text/html; charset=utf-8",
                "Content-Transfer-Encoding: quoted-printable",
            ),
            _quoted(html),
            _closing(boundary),
        ]
    )


def _attachments(index: int, date: datetime) -> bytes:
    boundary = f"mixed-{index}"
    table = "Month;Sum\nJanuary;100\nFebruary;250\n"
    return b"".join(
        [
            _header(
                index,
                date,
                f"Figures for quarter {index}",
                f'Content-Type: multipart/mixed; boundary="{boundary}"',
            ),
            _part(boundary, *_text("utf-8", "quoted-printable")),
            _quoted("The figures are attached – a table and its picture.\n"),
            _part(
                boundary,
                'Content-Type: text/csv; charset=utf-8; name="figures.csv"',
                'Content-Disposition: attachment; filename="figures.csv"',
                "Content-Transfer-Encoding: base64",
            ),
            base64.encodebytes(table.encode("utf-8")),
            _part(
                boundary,
                "Content-Type: image/png",
                "Content-Disposition: attachment;\n filename*=utf-8''%C3%9Cbersicht.png",
                "Content-Transfer-Encoding: base64",
            ),
            base64.encodebytes(_PNG),
            _closing(boundary),
        ]
    )


def _japanese(index: int, date: datetime) -> bytes:
    subject = _word(f"会議 {index}", "iso-2022-jp")
    head = _header(index, date, subject, *_text("iso-2022-jp", "7bit"))
    return head + b"\n" + "こんにちは。\n\n会議は月曜日です。\n".encode("iso-2022-jp")


def _forwarded(index: int, date: datetime) -> bytes:
    boundary = f"forward-{index}"
    return b"".join(
        [
            _header(index, date, f"Fwd: Minutes {index}", f'Content-Type: multipart/mixed; boundary="{boundary}"'),
            _part(boundary, *_text("us-ascii", "7bit")),
            b"For your information.\n",
            _part(boundary, "Content-Type: message/rfc822", "Content-Disposition: inline"),
            _plain(index - 7, date - timedelta(days=2)),
            _closing(boundary),
        ]
    )


def _part(boundary: str, *lines: str) -> bytes:
    return "\n".join(["", f"--{boundary}", *lines, "", ""]).encode("ascii")


def _closing(boundary: str) -> bytes:
    return f"\n--{boundary}--\n".encode("ascii")


_KINDS: Final[tuple[Callable[[int, datetime], bytes], ...]] = (
    _plain,
    _greek,
    _swedish,
    _russian,
    _alternative,
    _attachments,
    _japanese,
    _forwarded,
)
