"""Days and moments as queries have them: ``10-Feb-2009`` and ``10-Feb-2009 14:03:05 +0100``.

Functions of their arguments alone, whatever the locale: no lock, any thread.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final

from mailclients.mime.dates import MONTH_NAMES, MONTHS, zone_of

__all__ = ["read_date", "write_date"]

_DATE: Final = re.compile(
    r"(?P<day>[0-9]{1,2})-(?P<month>[A-Za-z]{3})-(?P<year>[0-9]{4})"
    r"(?: (?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(?: (?P<zone>[+-][0-9]{2}[0-5][0-9]))?)?"
)


def read_date(text: str) -> date | None:
    """A day, or with a time an aware datetime (local where no zone is named); None if it is no date."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    try:
        day = date(int(match["year"]), MONTHS[match["month"].lower()], int(match["day"]))
        if match["time"] is None:
            return day
        moment = datetime.fromisoformat(f"{day.isoformat()}T{match['time']}")
        zone = match["zone"]
        return moment.astimezone() if zone is None else moment.replace(tzinfo=zone_of(zone))
    except (KeyError, OverflowError, OSError, ValueError):
        return None


def write_date(moment: date) -> str:
    """The day or the moment as `read_date` reads it."""
    day = f"{moment.day}-{MONTH_NAMES[moment.month - 1]}-{moment.year:04d}"
    if not isinstance(moment, datetime):
        return day
    minutes = (moment.utcoffset() or timedelta()) // timedelta(minutes=1)
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return f"{day} {moment:%H:%M:%S} {sign}{minutes // 60:02d}{minutes % 60:02d}"
