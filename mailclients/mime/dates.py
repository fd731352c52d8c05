"""Dates of header fields (RFC 5322 section 3.3), read leniently and written exactly.

Functions of their arguments alone, apart from a small cache of time zones: no lock, any thread.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Final

__all__ = ["MONTHS", "MONTH_NAMES", "format_mail_date", "parse_mail_date", "zone_of"]

MAX_DATE_LENGTH: Final = 200  # characters; a date with comments has about 60

# Written here, since strftime asks the locale.
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTH_NAMES: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS: Final = {name.lower(): number for number, name in enumerate(MONTH_NAMES, 1)}

# As nearly all programs write it; the standard library reads everything else, ten times slower.
_USUAL: Final = re.compile(
    r"(?:[A-Za-z]{3}, )?([0-9]{1,2}) ([A-Za-z]{3}) ([12][0-9]{3}) ([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r" ([+-][0-9]{2}[0-5][0-9])(?: \([A-Za-z]{1,5}\))?"
)


@lru_cache(maxsize=128)
def zone_of(offset: str) -> timezone:
    """The time zone of an offset such as ``+0530``.

    Raises:
        ValueError: it is a day or more.
    """
    distance = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:5]))
    if not distance:
        return timezone.utc
    return timezone(-distance if offset[0] == "-" else distance)


def parse_mail_date(value: bytes | str | None) -> datetime | None:
    """Read the date of a header field (RFC 5322 section 3.3, obsolete forms included).

    Args:
        value: the field's value as received, or None.

    Returns:
        An aware `datetime`; UTC where the zone is missing or unknown. None if it is no date.
    """
    if not value or len(value) > MAX_DATE_LENGTH:
        return None
    text = value if isinstance(value, str) else value.decode("ascii", "replace")
    usual = _USUAL.fullmatch(text)
    if usual is not None:
        day, name, year, hour, minute, second, offset = usual.groups()
        try:
            month = MONTHS[name.lower()]
            return datetime(
                int(year), month, int(day), int(hour), int(minute), min(int(second), 59), tzinfo=zone_of(offset)
            )
        except (KeyError, ValueError):
            pass  # the long way decides
    from email.utils import parsedate_tz

    try:
        fields = parsedate_tz(text)
        if fields is None:
            return None
        year, month, day, hour, minute, second = fields[:6]
        moment = datetime(year, month, day, hour, minute, min(second, 59))
        offset = fields[9]
        if not offset:
            return moment.replace(tzinfo=timezone.utc)
        return moment.replace(tzinfo=timezone(timedelta(seconds=offset)))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def format_mail_date(value: datetime) -> str:
    """Write a date as a header field has it, whatever the locale. Naive values are local time."""
    if value.tzinfo is None:
        value = value.astimezone()
    minutes = int((value.utcoffset() or timedelta()).total_seconds() // 60)
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return (
        f"{_DAYS[value.weekday()]}, {value.day:02d} {MONTH_NAMES[value.month - 1]} {value.year:04d}"
        f" {value:%H:%M:%S} {sign}{minutes // 60:02d}{minutes % 60:02d}"
    )
