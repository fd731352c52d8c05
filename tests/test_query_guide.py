"""The Python code in docs/queries.md runs as it stands there, one piece after the other."""

from __future__ import annotations

import re

from mailclients.search.fields import DateComparisonField, IntComparisonField, StringComparisonField
from mailclients.search.grammar import _FIELDS
from tests.support.pages import ROOT, programs, run

PAGE = (ROOT / "docs" / "queries.md").read_text("utf-8")
SNIPPETS = programs(ROOT / "docs" / "queries.md")


def test_the_programs_of_the_page_run() -> None:
    marked = [f"print('-- {number}')\n{snippet}" for number, snippet in enumerate(SNIPPETS)]
    told = run("\n".join(marked)).split("-- ")[1:]
    assert len(told) == len(SNIPPETS) == 8
    printed = [text.partition("\n")[2].strip() for text in told]
    assert printed[1].startswith("('Subject' Contains 'minutes' & 'SentDate' >= '2-Feb-2024' & ('From'")
    assert printed[2] == "['5', '20']"
    assert int(printed[3]) > 3
    assert printed[4].startswith("(('CustomSearch' = 'UNSEEN SUBJECT \"minutes\"' & 'From' NotContains 'ben') |")
    names = re.findall(r"<(\w+)@", printed[5])
    assert len(set(names)) > 3
    assert names == sorted(names, key=lambda name: names.index(name)), "those of one author stand together"
    assert printed[6] == "['1']"
    assert len(printed[7].split()) == 2


def test_the_page_names_every_field_and_comparison() -> None:
    for cls in (StringComparisonField, DateComparisonField, IntComparisonField):
        for name in vars(cls):
            if not name.startswith("_") and name.islower():
                assert f"`{name}`" in PAGE, name
    for name in _FIELDS.values():
        assert f"`{name}`" in PAGE, name
