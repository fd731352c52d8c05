"""What SEARCH, SORT and THREAD look for: from conditions to the words of a command. For queries see `search_keys`.

Values only: no lock, any thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from mailclients.imap.models import BaseSearchConditions, XGMThreadSearchConditions
from mailclients.imap.models.searching import text_for_search
from mailclients.wire.imap_strings import Literal, encode_astring, encode_string, format_date

__all__ = ["ASCII", "UNDELETED", "UTF8", "Criteria", "criteria_of_conditions"]

Encoded = bytes | Literal

ASCII: Final = b"US-ASCII"
UTF8: Final = b"UTF-8"


class Criteria(NamedTuple):
    """Search keys and the charset of the text in them.

    Attributes:
        keys: with text as literals or quoted. charset: as a command names it.
        in_utf8: the keys again for connections on which strings are UTF-8 and no other charset may be named
            (RFC 6855 section 3); the same ones where there is no difference.
    """

    keys: Sequence[Encoded]
    charset: Encoded = ASCII
    in_utf8: Sequence[Encoded] | None = None

    def for_search(self, utf8: bool) -> Sequence[Encoded]:
        """What stands behind SEARCH; a charset is named where one is needed and allowed."""
        if utf8 or self.charset == ASCII:
            return self._keys(utf8)
        return (b"CHARSET", self.charset, *self.keys)

    def for_sort(self, utf8: bool) -> Sequence[Encoded]:
        """What stands behind the keys of SORT or the algorithm of THREAD (RFC 5256): charset and keys."""
        charset = UTF8 if utf8 and self.charset != ASCII else self.charset
        return (charset, *self._keys(utf8))

    def _keys(self, utf8: bool) -> Sequence[Encoded]:
        return self.in_utf8 if utf8 and self.in_utf8 is not None else self.keys


UNDELETED: Final = Criteria((b"UNDELETED",))


def criteria_of_conditions(conditions: BaseSearchConditions) -> Criteria:
    """The messages that meet conditions: all of them where none is set.

    Raises:
        AsposeArgumentException: the text cannot be written in the charset.
    """
    keys: list[Encoded] = []
    day = conditions.since
    if day is not None:
        keys.append(b"SINCE " + format_date(day))
    if isinstance(conditions, XGMThreadSearchConditions) and conditions.conversation_id is not None:
        keys.append(b"X-GM-THRID %b" % conditions.conversation_id.encode("ascii"))
    named = conditions.charset
    text = conditions.text
    if text is None:
        return Criteria(keys or (b"ALL",), ASCII if named is None else encode_astring(named, what="charset"))
    raw = text_for_search(conditions)
    plain = raw.isascii() and raw == text.encode("utf-8", "replace")
    charset: Encoded = ASCII if plain else UTF8
    if named is not None:
        charset = encode_astring(named, what="charset")
    own = encode_string(text, what="text") if plain else Literal(raw)
    return Criteria((*keys, b"TEXT", own), charset, (*keys, b"TEXT", encode_string(text, what="text")))
