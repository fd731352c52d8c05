"""Every Python program in the documentation runs, and every link in it leads somewhere."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.support.pages import PAGES, ROOT, name_of, programs, run

# What the programs of these print is looked at by tests of their own.
ELSEWHERE = {"README.md": "test_readme.py", "docs/queries.md": "test_query_guide.py"}
# Pages whose programs stand alone; those of all others go on from one another.
ALONE = {"docs/messages.md"}


def together() -> list[object]:
    """The programs: a page's, or one of a page whose programs stand alone."""
    found: list[object] = []
    for page in PAGES:
        texts, name = programs(page), name_of(page)
        if name in ELSEWHERE or not texts:
            continue
        if name in ALONE:
            found += [pytest.param(text, id=f"{name}-{number}") for number, text in enumerate(texts)]
        else:
            found.append(pytest.param("\n".join(texts), id=name))
    return found


PROGRAMS = together()


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_programs_of_a_page_run(program: str, tmp_path: Path) -> None:
    run(program, tmp_path)


def test_no_program_is_forgotten() -> None:
    pages = {name_of(page): len(programs(page)) for page in PAGES}
    having = {name for name, count in pages.items() if count}
    assert {"docs/messages.md", "docs/porting.md", "docs/threads.md", *ELSEWHERE} <= having
    assert len(PROGRAMS) == sum(pages[name] if name in ALONE else 1 for name in having - ELSEWHERE.keys())
    for test in ELSEWHERE.values():
        assert (ROOT / "tests" / test).exists()
    for page in PAGES:
        # A block that is opened in another way would be overlooked.
        opened = [line for line in page.read_text("utf-8").splitlines() if line.lstrip().startswith("```")]
        assert len(opened) % 2 == 0, page
        assert set(opened) <= {"```", "```python", "```csharp", "```text", "```console"}, page


# --- links ----------------------------------------------------------------------------------------------------


def without_code(text: str) -> str:
    """A page without what is shown as it is: blocks, and code in lines."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def anchors(page: Path) -> Counter[str]:
    """What a link into a page may name: its headings, as GitHub makes anchors of them, and ids."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    made: list[str] = [re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings]
    return Counter([*made, *re.findall(r'<a id="([^"]+)">', text)])


def links(page: Path) -> list[str]:
    text = without_code(page.read_text("utf-8"))
    return [*re.findall(r"\]\(([^()\s]+)\)", text), *re.findall(r'(?:src|href)="([^"]+)"', text)]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        if re.match(r"https?://", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / unquote(path)).resolve() if path else page
        assert target.is_relative_to(ROOT), f"{link} leads out of the project"
        assert target.exists(), f"there is no {link}"
        if anchor:
            assert anchors(target)[anchor] == 1, f"{path} has no one place named {anchor}"


def test_links_are_found() -> None:
    assert "docs/engine.md" in links(ROOT / "README.md")
    assert "what-is-left-out" in anchors(ROOT / "docs" / "messages.md")
    assert len(links(ROOT / "docs" / "members.md")) > 100


def test_the_index_has_every_page() -> None:
    named = {link for link in links(ROOT / "docs" / "README.md") if not link.startswith("..")}
    assert named == {page.name for page in ROOT.glob("docs/*.md")} - {"README.md"}
