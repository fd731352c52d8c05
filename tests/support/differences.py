"""What is otherwise than documented: the rows of docs/deviations.md with their anchors, and what docs/messages.md and
docs/queries.md say is left out. The pages are the source; nothing of it is written down a second time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).resolve().parents[2] / "docs"
DEVIATIONS = DOCS / "deviations.md"
LEFT_OUT = DOCS / "messages.md"
LONGEST = 48  # characters of an anchor that is made here

_ROW = re.compile(r'^\| (?:<a id="(?P<anchor>[^"]+)"></a>)?(?P<what>.+?) \|(?P<rest>.*)$')
_RULE = re.compile(r"^\|[ -]+\|")
_IN_QUOTES = re.compile(r"`([^`]+)`")


class Row(NamedTuple):
    """One deviation: its anchor ("" where it has none yet), what it is about, and the other cells."""

    anchor: str
    what: str
    rest: str

    @property
    def names(self) -> list[str]:
        """What it names as code, without arguments: ``create_connection(timeout=...)`` is about the method."""
        found = (re.sub(r"\(.*\)$", "", name) for name in _IN_QUOTES.findall(self.what))
        return [name for name in found if re.fullmatch(r"[A-Za-z_][\w.]*", name)]


def _parsed(text: str) -> Iterator[tuple[str, Row | None]]:
    """Each line, and the row that it is."""
    in_body = False
    for line in text.splitlines():
        found = _ROW.match(line) if in_body else None
        yield line, Row(found["anchor"] or "", found["what"], found["rest"]) if found else None
        in_body = line.startswith("|") and (in_body or _RULE.match(line) is not None)


def rows() -> list[Row]:
    """The rows of the page."""
    return [row for _, row in _parsed(DEVIATIONS.read_text("utf-8")) if row is not None]


def slug(what: str) -> str:
    """An anchor for a row: its first words."""
    words = re.findall(r"[a-z0-9]+", what.lower())
    while len("-".join(words)) > LONGEST and len(words) > 1:
        del words[-1]
    return "-".join(words)


def anchored(text: str | None = None) -> str:
    """The page with an anchor in each row. One that is there stays, whatever becomes of the row's words."""
    lines = list(_parsed(DEVIATIONS.read_text("utf-8") if text is None else text))
    taken = {row.anchor for _, row in lines if row is not None}
    written: list[str] = []
    for line, row in lines:
        if row is not None and not row.anchor:
            wanted = slug(row.what)
            anchor = next(one for one in (wanted, *(f"{wanted}-{n}" for n in range(2, 99))) if one not in taken)
            taken.add(anchor)
            line = f'| <a id="{anchor}"></a>{row.what} |{row.rest}'
        written.append(line)
    return "\n".join(written) + "\n"


def left_out() -> dict[str, str]:
    """What of messages is left out: type, ``Type.member`` or ``*.member``, and why."""
    table = LEFT_OUT.read_text("utf-8").partition("## What is left out")[2]
    found: list[tuple[str, str]] = re.findall(r"^\| (`.+?`) \| (.+) \|$", table, re.MULTILINE)
    return {name: reason for names, reason in found for name in _IN_QUOTES.findall(names)}
