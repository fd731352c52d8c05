"""Quoted strings of header fields (RFC 5322 section 3.2.4), read and written.

Functions of their arguments alone: no state, no lock, any thread.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["quote", "read_quoted_string"]

_MARK: Final = re.compile(r'\\.|"', re.DOTALL)
_QUOTED_PAIR: Final = re.compile(r"\\(.)", re.DOTALL)


def quote(text: str) -> str:
    """The text as a quoted string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def read_quoted_string(text: str, begin: int) -> tuple[str, int]:
    """The content of the quoted string that begins at `begin`, behind its quote; and where what follows begins.

    Without a closing quote everything belongs to it.
    """
    position = begin
    while True:
        match = _MARK.search(text, position)
        if match is None:
            return _QUOTED_PAIR.sub(r"\1", text[begin:]), len(text)
        position = match.end()
        if match.group() == '"':
            return _QUOTED_PAIR.sub(r"\1", text[begin : position - 1]), position
