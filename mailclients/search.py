"""Search criteria as the list and search operations take them.

Values only: nothing here talks to a server, and everything may be shared between threads.
"""

from __future__ import annotations

import re
from typing import Final

from mailclients.errors import ArgumentTypeError, AsposeArgumentException

__all__ = ["MailQuery"]

_LITERAL_ANNOUNCEMENT: Final = re.compile(r"\{[0-9]+\+?\}\Z")


class MailQuery:
    """Criteria for finding messages (.NET: ``MailQuery``).

    Args:
        criteria: IMAP search criteria as RFC 9051 section 6.4.4 writes them, for example
            ``'UNSEEN SUBJECT "invoice"'``. They are sent as they are.

    Raises:
        ArgumentTypeError: criteria is not a str.
        AsposeArgumentException: criteria is empty, holds CR, LF or NUL, or ends like the
            announcement of a literal (``{5}``), behind which the server would wait for more.
    """

    __slots__ = ("_criteria",)

    def __init__(self, criteria: str) -> None:
        if not isinstance(criteria, str):
            raise ArgumentTypeError(f"MailQuery(): criteria must be a str, not {type(criteria).__name__}")
        if not criteria or criteria.isspace():
            raise AsposeArgumentException("MailQuery(): criteria must not be empty; ALL finds every message")
        if "\r" in criteria or "\n" in criteria or "\0" in criteria:
            raise AsposeArgumentException("MailQuery(): criteria must not contain CR, LF or NUL")
        if _LITERAL_ANNOUNCEMENT.search(criteria.rstrip()):
            raise AsposeArgumentException(
                "MailQuery(): criteria must not end like the announcement of a literal; quote the text"
            )
        self._criteria = criteria

    @property
    def criteria(self) -> str:
        """The criteria as they are sent."""
        return self._criteria

    def __eq__(self, other: object) -> bool:
        if isinstance(other, MailQuery):
            return self._criteria == other._criteria
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._criteria)

    def __str__(self) -> str:
        return self._criteria

    def __repr__(self) -> str:
        return f"MailQuery({self._criteria!r})"
