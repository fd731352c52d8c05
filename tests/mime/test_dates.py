"""Dates of header fields."""

from __future__ import annotations

from datetime import datetime, timezone

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
