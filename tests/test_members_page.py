"""docs/members.md has every documented member once, under both names, and links to what differs.

The rule of the names is tried here as somebody would who ports a program: by guessing.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

import mailclients
from tests.support import differences, surface
from tests.support.differences import Row
from tests.support.members_page import FIRST, SINCE, render

DOCUMENTED = surface.documented()
PAGE = surface.PAGE.read_text("utf-8")
ROWS = differences.rows()
GUIDE = (surface.ROOT / "docs" / "porting.md").read_text("utf-8")

Sections = dict[str, dict[str, list[str]]]


def sections() -> Sections:
    """The page as a reader finds it: of each type its rows by Python name, as cells."""
    found: Sections = {}
    for section in PAGE.split("\n### ")[1:]:
        name, _, text = section.partition("\n")
        table = re.findall(r"^\| (?!---|\.NET)(.+) \|$", text, re.MULTILINE)
        found[name] = {cells[1].strip("`"): cells for cells in (each.split(" | ") for each in table)}
        found[name][""] = [text.strip().partition("\n")[0]]
    return found


SECTIONS = sections()


def test_every_documented_member_is_on_the_page() -> None:
    assert {(name, member) for name, each in SECTIONS.items() for member in each if member} == DOCUMENTED.members
    assert len(DOCUMENTED.members) > 900
    assert SECTIONS.keys() == DOCUMENTED.all.keys()


def test_the_page_has_pairs_with_their_odd_names() -> None:
    pairs = {name: cells[4] for name, cells in SECTIONS["SmtpClient"].items() if name}
    assert pairs["send"] == "`begin_send`, `end_send`"
    assert pairs["send_queue"] == "`begin_send_queue`, `end_begin_send_queue`"
    assert SECTIONS["ImapClient"]["select_folder"][4].endswith("which gives `ImapFolderInfo`")


def test_members_came_with_a_version() -> None:
    for name, section in SECTIONS.items():
        for member, cells in section.items():
            if member:
                gone = re.search("left out|refused when made", cells[6])
                assert cells[5] == ("" if gone else SINCE.get(f"{name}.{member}", FIRST))
    changes = (surface.ROOT / "CHANGELOG.md").read_text("utf-8")
    for name, version in SINCE.items():
        assert tuple(name.rsplit(".", 1)) in DOCUMENTED.members, name
        assert f"## [{version}" in changes, version


# --- the rows of deviations.md -------------------------------------------------------------------------------


def test_every_row_has_an_anchor_of_its_own() -> None:
    anchors = [row.anchor for row in ROWS]
    assert len(ROWS) > 100
    assert all(re.fullmatch(r"[a-z0-9-]+", anchor) for anchor in anchors)
    assert len(set(anchors)) == len(anchors)
    assert differences.anchored() == differences.DEVIATIONS.read_text("utf-8"), "run: python run.py generate"


def test_an_anchor_stays_when_the_words_change() -> None:
    table = "| What | There | Here | Why |\n|---|---|---|---|\n"
    first = differences.anchored(table + "| `send` of one | a | b | c |\n| `send` of one | d | e | f |\n")
    assert re.findall(r'id="(.+?)"', first) == ["send-of-one", "send-of-one-2"]
    again = differences.anchored(first.replace("`send` of one |", "`send` of several |"))
    assert re.findall(r'id="(.+?)"', again) == ["send-of-one", "send-of-one-2"]


@pytest.mark.parametrize("row", ROWS, ids=[row.anchor for row in ROWS])
def test_a_row_that_names_a_member_is_linked_from_it(row: Row) -> None:
    linked = {
        (name, member)
        for name, section in SECTIONS.items()
        for member, cells in section.items()
        if f"(deviations.md#{row.anchor})" in cells[-1]
    }
    named = DOCUMENTED.named_by(row)
    assert linked >= {one for each in named.values() for one in each}
    # What inherits a type's being left out is linked as well, and nothing else.
    types = {name for name, member in linked if not member}
    assert all(one in {each for found in named.values() for each in found} or one[0] in types for one in linked)
    for name, found in named.items():
        assert found or is_ours(name), f"{name} is nothing that is documented, and nothing that is here"


# Names in rows that stand for more than one, or for what is not here and is said so.
WORDS = {"end_x", "this", "ignoreCase", "SucceededQueueSending", "FailedQueueSending"}
CLIENTS = (mailclients.ImapClient, mailclients.Pop3Client, mailclients.SmtpClient)
OWNERS = ("ImapClient", "Pop3Client", "SmtpClient", "MailQuery", "ImapFolderInfo", "MailClientError", "IAsyncResultExt")


def is_ours(name: str) -> bool:
    """Whether a name is here without being documented, or a word."""
    type_, _, member = name.rpartition(".")
    owners = (type_,) if type_ and type_ != "handle" else OWNERS
    if name in WORDS or name in mailclients.__all__:
        return True
    found: list[Any] = [getattr(mailclients, owner) for owner in owners]
    return any(hasattr(each, member) or member in getattr(each, "__dataclass_fields__", ()) for each in found)


def test_a_new_row_changes_the_page() -> None:
    row = Row("dispose-too", "`dispose`", " x | y | z |")
    page = render(DOCUMENTED, [*ROWS, row], differences.left_out())
    assert "| Dispose | `dispose` | method | `None` |  | 0.1 | [differs](deviations.md#dispose-too) |" in page


def test_what_is_left_out_is_not_here_and_all_else_is() -> None:
    for name, section in SECTIONS.items():
        gone = "left out" in section[""][0]
        assert hasattr(mailclients, name) != gone, name
        for member, cells in section.items():
            if member and not gone and re.search("left out|refused when made", cells[6]):
                assert not is_there(name, member), f"{name}.{member}"


# --- guessing -------------------------------------------------------------------------------------------------


def guessed(net: str) -> str:
    """The rule as docs/porting.md gives it: a new word begins at a capital letter behind a small one or a digit, and at
    the last of several capitals when a small letter follows."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", net).lower()


def exceptions() -> dict[str, str]:
    """The table of the guide: .NET names and what they are here."""
    table = GUIDE.partition("### Exceptions")[2].partition("\n#")[0]
    rows: list[tuple[str, str]] = re.findall(r"^\| (`.+?`) \| (`.+) \|$", table, re.MULTILINE)
    return {
        net: python
        for nets, pythons in rows
        for net, python in zip(re.findall(r"`(.+?)`", nets), re.findall(r"`(.+?)`", pythons), strict=True)
    }


EXCEPTIONS = exceptions()


def is_there(name: str, member: str) -> bool:
    """Whether a type has a member: as a class, as an object where it is an error, or field of a dataclass.

    What `EmailClient` has in another form for each protocol, the three clients have."""
    owners = CLIENTS if name == "EmailClient" else (getattr(mailclients, name),)
    made = [owner() if name.endswith("Exception") else owner for owner in owners]
    return all(
        member in getattr(each, "__dataclass_fields__", ())
        or inspect.getattr_static(each, member, None) is not None  # reading some of them is refused
        or hasattr(each, member)
        for each in made
    )


HERE = [name for name in DOCUMENTED.all if not re.search("left out|refused when made", SECTIONS[name][""][0])]


@pytest.mark.parametrize("name", HERE)
def test_N2_the_name_that_the_rule_gives_is_there(name: str) -> None:
    for member in DOCUMENTED.all[name].members:
        if "left out" in SECTIONS[name][member.python][6]:
            continue
        wanted = EXCEPTIONS.get(member.net, guessed(member.net))
        if member.kind in ("value", "constant"):
            wanted = wanted.upper()
        assert wanted == member.python, member.net
        begin, end = (f"begin_{wanted}", f"end_{wanted}")
        if member.kind.startswith("only begun"):
            end = f"end_{begin}"
        else:
            assert is_there(name, wanted), f"{name}.{member.net} is no {wanted}"
        if member.pair:
            assert (begin, end) == member.pair
            assert is_there(name, begin)
            assert is_there(name, end)


def test_N2_exceptions_of_the_rule_are_ones() -> None:
    nets = {member.net for name in HERE for member in DOCUMENTED.all[name].members}
    assert EXCEPTIONS.keys() <= nets
    assert len(EXCEPTIONS) > 8
    assert [net for net, python in EXCEPTIONS.items() if guessed(net) == python] == []
