"""Search criteria as the list and search operations take them.

Values only: nothing here talks to a server, and everything may be shared between threads.
"""

from __future__ import annotations

import re
from typing import Final

from mailclients.errors import ArgumentTypeError, AsposeArgumentException

__all__ = ["MailQuery"]

_LITERAL_ANNOUNCEMENT: Final = re.compile(r"\{[0-9]+\+?\}\Z")
# The text of a quoted string (RFC 9051 section 9, quoted); criteria hold no line ends.
QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')

# How expressions of .NET's MailQuery begin, such as ('Subject' Contains 'invoice'); no search key begins so.
_NET_EXPRESSION: Final = re.compile(r"[\s(!]*'[A-Za-z]+'\s")


def _fault(criteria: str) -> str:
    """What makes the criteria no command line, to stand behind their name; empty if nothing does."""
    if any("\ud800" <= character <= "\udfff" for character in criteria):
        return "contain a lone surrogate, which no encoding can carry"
    if _NET_EXPRESSION.match(criteria):
        return f'are an expression of .NET; IMAP search criteria are needed, such as SUBJECT "invoice": {criteria!r}'
    outside = QUOTED.sub(" ", criteria)
    if '"' in outside:
        return f"have a quote without its partner: {criteria!r}"
    if not outside.isascii():
        return 'have text beyond ASCII outside quotes; it has to stand in quotes ("...")'
    if not outside.isprintable():
        return "have a control character outside quotes"
    depth = 0
    for character in outside:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            break
    return f"have a parenthesis without its partner: {criteria!r}" if depth else ""


class MailQuery:
    """Criteria for finding messages (.NET: ``MailQuery``).

    Args:
        criteria: IMAP search criteria as RFC 9051 section 6.4.4 writes them, for example
            ``'UNSEEN SUBJECT "invoice"'``. They are sent as they are; text beyond ASCII, which has to
            stand in quotes, as literals in UTF-8.

    Raises:
        ArgumentTypeError: criteria is not a str.
        AsposeArgumentException: criteria is empty, holds CR, LF or NUL, or ends like the announcement of
            a literal (``{5}``), behind which the server would wait for more; a quote or parenthesis has
            no partner; outside quotes stands something that is not printable ASCII; they are an expression
            of .NET, such as ``('Subject' Contains 'invoice')``.
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
        fault = _fault(criteria)
        if fault:
            raise AsposeArgumentException(f"MailQuery(): criteria {fault}")
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
