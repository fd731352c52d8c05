"""Sequence numbers of two sessions: when they are taken to mean the same messages (rule T5)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mailclients.imap.folders import Numbering, Selection
from mailclients.imap.models import ImapFolderInfo


class Folder:
    """A folder as the server has it, and all that ever happened to it, in order."""

    def __init__(self, messages: int) -> None:
        self.uids = list(range(1, messages + 1))
        self.uid_next = messages + 1
        self.events: list[tuple[str, int]] = []

    def arrive(self, gap: int) -> None:
        uid = self.uid_next + gap
        self.uid_next = uid + 1
        self.uids.append(uid)
        self.events.append(("arrived", uid))

    def expunge(self, place: int) -> None:
        if self.uids:
            self.events.append(("expunged", self.uids.pop(place % len(self.uids))))


class View:
    """One session: what it has been told so far, and its numbering."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.uids = list(folder.uids)
        self.heard = len(folder.events)
        self.numbering = Numbering(len(self.uids), folder.uid_next)

    def hear(self, most: int) -> None:
        for what, uid in self.folder.events[self.heard : self.heard + most]:
            if what == "arrived":
                self.uids.append(uid)
                self.numbering.arrived(len(self.uids))
            else:
                self.numbering.expunged(self.uids.index(uid) + 1)
                self.uids.remove(uid)
            self.heard += 1

    def list(self) -> None:
        for number, uid in enumerate(self.uids, 1):
            self.numbering.learn(number, uid)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("arrive"), st.integers(0, 2)),
        st.tuples(st.just("expunge"), st.integers(0, 9)),
        st.tuples(st.just("select"), st.integers(0, 1)),
        st.tuples(st.just("hear first"), st.integers(0, 3)),
        st.tuples(st.just("hear second"), st.integers(0, 3)),
        st.tuples(st.just("list first"), st.just(0)),
        st.tuples(st.just("list second"), st.just(0)),
    ),
    max_size=25,
)


@given(st.integers(0, 4), steps)
def test_T5_numberings_that_agree_name_the_same_messages(messages: int, happening: list[tuple[str, int]]) -> None:
    folder = Folder(messages)
    views = [View(folder), View(folder)]
    for what, amount in happening:
        if what == "arrive":
            folder.arrive(amount)
        elif what == "expunge":
            folder.expunge(amount)
        elif what == "select":
            views[amount] = View(folder)
        else:
            view = views["second" in what]
            if what.startswith("hear"):
                view.hear(amount)
            else:
                view.list()
    own, told = views
    told.list()
    if own.numbering.agrees_with(told.numbering):
        both = min(len(own.uids), len(told.uids))
        assert own.uids[:both] == told.uids[:both]
        own.numbering.learn_from(told.numbering)
        assert own.numbering.uids is None or own.numbering.uids[:both] == own.uids[:both]
        assert own.numbering.uids is None or len(own.numbering.uids) == len(own.uids)


@given(st.integers(1, 4), st.lists(st.integers(0, 9), max_size=5))
def test_T5_sessions_that_were_told_the_same_agree(messages: int, expunged: list[int]) -> None:
    folder = Folder(messages)
    first = View(folder)
    for place in expunged:
        folder.expunge(place)
    first.hear(len(expunged))
    second = View(folder)
    assert first.numbering.agrees_with(second.numbering)
    folder.arrive(0)
    third = View(folder)
    assert first.numbering.agrees_with(third.numbering)
    assert third.numbering.agrees_with(first.numbering)


def test_T5_a_server_that_tells_no_next_unique_id_leaves_nothing_to_compare() -> None:
    assert not Numbering(3).agrees_with(Numbering(3))


def test_T5_the_first_numbers_told_are_the_sessions() -> None:
    told = Numbering(2, 9)
    told.learn(1, 5)
    told.learn(2, 7)
    selection = Selection("INBOX", False)
    selection.succeeded(ImapFolderInfo(name="INBOX"))
    assert selection.agree(told)
    told.expunged(1)  # the task connection's own affair from now on
    assert selection.numbering is not None
    assert selection.numbering.uids == [5, 7]
    assert not selection.agree(told)
