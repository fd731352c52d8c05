"""Dates of header fields."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from mailclients.message import MailMessage, parse_mail_date


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


def test_the_usual_form_means_what_the_standard_library_reads() -> None:
    for text, moment, minutes in (
        ("Mon, 01 Jan 2024 12:30:05 +0530", datetime(2024, 1, 1, 12, 30, 5), 330),
        ("1 jan 2024 12:30:05 -0730 (PST)", datetime(2024, 1, 1, 12, 30, 5), -450),
        ("Thu, 29 FEB 2024 23:59:60 +0000 (UTC)", datetime(2024, 2, 29, 23, 59, 59), 0),
        ("1 Jan 2024 12:30:05 -0000", datetime(2024, 1, 1, 12, 30, 5), 0),
        ("1 Jan 2024 12:30:05 +0190", datetime(2024, 1, 1, 12, 30, 5), 150),
    ):
        zone = timezone(timedelta(minutes=minutes))
        for value in (text, text.encode(), text.replace(" ", "  ")):  # two spaces take the other way
            found = parse_mail_date(value)
            assert found == moment.replace(tzinfo=zone)
            assert found.utcoffset() == timedelta(minutes=minutes)
    for text in ("31 Feb 2024 12:00:00 +0000", "1 Jan 2024 24:00:00 +0000", "1 Jan 2024 12:00:00 +2400"):
        assert parse_mail_date(text) is None
