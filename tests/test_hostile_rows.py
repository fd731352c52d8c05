"""The page of hostile cases has no gaps, and every test it names exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.hostile_rows import LATER, ROWS, SIZES

TESTS = Path(__file__).parent
ALL_ROWS = [f"{letter}{number}" for letter, size in SIZES.items() for number in range(1, size + 1)]


@cache
def names_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name.startswith("test_"))


def test_the_page_has_every_row_once() -> None:
    assert list(ROWS) == ALL_ROWS
    assert len(ROWS) == 102
    assert ROWS.keys() >= LATER.keys()


@pytest.mark.parametrize("row", ALL_ROWS)
def test_every_row_is_proven_or_says_why_not(row: str) -> None:
    what, named = ROWS[row]
    assert what
    assert bool(named) != bool(LATER.get(row)), "a row has tests, or a reason why they come later"
    for test in named:
        path, _, name = test.partition("::")
        assert name in names_in(TESTS / path), f"{row}: there is no {test}"


def test_names_of_tests_refer_to_rows() -> None:
    """A test that says that it proves a row is looked at under a row that exists."""
    unknown: list[str] = []
    for path in TESTS.rglob("test_*.py"):
        for name in names_in(path):
            match = re.match(r"test_H((?:_[A-J][0-9]+)+)_", name)
            if match is not None:
                unknown += [f"{path.name}: {row}" for row in match[1].split("_")[1:] if row not in ROWS]
    assert unknown == []
