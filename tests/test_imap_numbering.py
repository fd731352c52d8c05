"""Sequence numbers of two sessions: when they are taken to mean the same messages (rule T5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailclients import FolderChangedError, MessageNotFoundError
from mailclients.imap.folders import Number, Numbering, NumbersBehind, Selection
from mailclients.imap.models import ImapFolderInfo
from mailclients.wire.imap_sets import NumberSet


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


# -- numbers of a session that is gone ------------------------------------------------------------


class OfSession:
    """A connection's protocol state, as far as numbers are concerned."""

    def __init__(self, numbering: Numbering | None) -> None:
        self.numbering = numbering


@given(
    st.integers(1, 12),
    st.lists(st.tuples(st.sampled_from(["arrive", "expunge"]), st.integers(0, 9)), max_size=8),
    st.sets(st.integers(1, 20)),
    st.booleans(),
    st.lists(st.tuples(st.sampled_from(["arrive", "expunge"]), st.integers(0, 9)), max_size=8),
)
def test_T5_a_number_of_a_session_that_is_gone_never_becomes_another_message(
    messages: int,
    before: list[tuple[str, int]],
    known: set[int],
    tells_next: bool,
    missed: list[tuple[str, int]],
) -> None:
    folder = Folder(messages)
    view = View(folder)
    if not tells_next:
        view.numbering = Numbering(messages)
    for what, argument in before:
        getattr(folder, what)(argument)
        view.hear(1)
    for number in known:
        if number <= len(view.uids):
            view.numbering.learn(number, view.uids[number - 1])
    then = list(view.uids)
    told = [number for number in range(1, len(then) + 1) if view.numbering.uid_of(number)]
    exact = view.numbering.exact
    selection = Selection("INBOX", False)
    selection.numbering = view.numbering
    for what, argument in missed:
        getattr(folder, what)(argument)
    here = Numbering(len(folder.uids), folder.uid_next if tells_next else 0)
    gone = [uid for uid in then if uid not in folder.uids]
    for number, uid in enumerate(then, 1):
        core = OfSession(here)
        asked = Number(selection, [number])
        try:
            try:
                (today,) = asked.today(core)
            except NumbersBehind:
                here.learn_all(list(folder.uids))
                (today,) = asked.today(core)
        except MessageNotFoundError:
            assert uid in gone
        except FolderChangedError:
            # Refused where nobody can tell: never when this message's unique id was known.
            assert number not in told
            assert gone or not (told and exact), "all are still there, and that could be found out"
        else:
            assert folder.uids[today - 1] == uid


@given(st.lists(st.integers(1, 60), unique=True, max_size=30), st.sets(st.integers(1, 30)), st.data())
def test_T5_vanished_messages_are_taken_out_or_it_is_said_that_they_cannot_be(
    uids: list[int], known: set[int], data: st.DataObject
) -> None:
    uids.sort()
    numbering = Numbering(len(uids), 61)
    for number in known:
        if number <= len(uids):
            numbering.learn(number, uids[number - 1])
    captured = numbering.capture()
    gone = data.draw(st.sets(st.sampled_from(uids))) if uids else set[int]()
    told = [numbering.uid_of(number) for number in range(1, len(uids) + 1)]
    if not gone:
        return
    taken = numbering.vanished(NumberSet((uid, uid) for uid in sorted(gone)))
    assert taken == gone.issubset(told)
    if not taken:
        assert [numbering.uid_of(number) for number in range(1, len(uids) + 1)] == told
        return
    left = [uid for uid in uids if uid not in gone]
    assert numbering.exists == len(left)
    for number, uid in enumerate(uids, 1):
        if uid in gone:
            with pytest.raises(MessageNotFoundError):
                numbering.now(number, captured)
        else:
            assert left[numbering.now(number, captured) - 1] == uid
    for number, uid in enumerate(left, 1):
        assert numbering.uid_of(number) in (0, uid)


def test_H_E11_a_message_that_is_said_to_have_vanished_twice_is_not_counted_twice() -> None:
    numbering = Numbering(3, 4)
    for number in (1, 2, 3):
        numbering.learn(number, number)
    assert not numbering.vanished(NumberSet([(1, 2), (2, 2)]))
    assert numbering.exists == 3
    assert numbering.vanished(NumberSet([(2, 2), (1, 1)]))
    assert (numbering.exists, numbering.uids) == (1, [3])
