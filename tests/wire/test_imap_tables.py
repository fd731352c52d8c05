"""The tables of states and of pipelining."""

from __future__ import annotations

from itertools import product

import pytest

from mailclients.wire.imap_pipelining import Traits, compatible, traits
from mailclients.wire.imap_states import COMMAND_STATES, ImapState, is_legal, next_state

BARRIERS = [
    "STARTTLS",
    "AUTHENTICATE",
    "LOGIN",
    "ENABLE",
    "COMPRESS",
    "IDLE",
    "LOGOUT",
    "SELECT",
    "EXAMINE",
    "CLOSE",
    "UNSELECT",
    "UNAUTHENTICATE",
    "NOTIFY",
    "XNEW",
    "UID XNEW",
    "",
]
SHARING = sorted(set(COMMAND_STATES) - set(BARRIERS) - {"REPLACE", "UID REPLACE", "XLIST"})


@pytest.mark.parametrize("kind", BARRIERS)
def test_barriers_share_with_nothing(kind: str) -> None:
    barrier = traits(kind)
    assert barrier.barrier
    for other in [*SHARING, *BARRIERS]:
        assert not compatible(barrier, traits(other))
        assert not compatible(traits(other), barrier)
        # The masks alone say it as well.
        assert traits(other).behaviour & barrier.excludes
        assert barrier.behaviour & traits(other).excludes


def test_every_other_known_command_has_traits() -> None:
    for kind in SHARING:
        assert not traits(kind).barrier, kind
        assert traits(kind.lower()) == traits(kind)


def test_sharing_is_mutual() -> None:
    for first, second in product(SHARING, repeat=2):
        a, b = traits(first), traits(second)
        assert compatible(a, b) == compatible(b, a)


# RFC 9051 section 7.5.1: while these are answered no EXPUNGE is sent.
QUIET = {"FETCH", "STORE", "SEARCH"}
BY_NUMBER = ["FETCH", "STORE", "SEARCH", "SORT", "THREAD", "COPY", "MOVE"]


@pytest.mark.parametrize("kind", BY_NUMBER)
def test_H_E13_sequence_numbers_never_meet_an_expunge(kind: str) -> None:
    numbered = traits(kind)
    for other in SHARING:
        if other not in QUIET:
            assert not compatible(numbered, traits(other)), other
    assert not compatible(traits("UID SEARCH", by_sequence=True), traits("UID FETCH"))
    assert not compatible(traits("UID SEARCH", by_sequence=True), traits("NOOP"))


TOGETHER = [
    ("UID FETCH", "UID FETCH"),
    ("FETCH", "FETCH"),
    ("UID FETCH", "NOOP"),
    ("UID FETCH", "APPEND"),
    ("UID FETCH", "LIST"),
    ("UID SEARCH", "UID FETCH"),
    ("UID SEARCH", "UID SORT"),
    ("LIST", "LSUB"),
    ("APPEND", "APPEND"),
    ("APPEND", "LIST"),
    ("UID COPY", "UID COPY"),
    ("NOOP", "NOOP"),
    ("GETQUOTA", "GETACL"),
]
APART = [
    ("UID SEARCH", "UID SEARCH"),
    ("UID SORT", "UID SORT"),
    ("UID THREAD", "UID THREAD"),
    ("LIST", "LIST"),
    ("LSUB", "LSUB"),
    ("STATUS", "STATUS"),
    ("UID MOVE", "UID MOVE"),
    ("UID STORE", "UID FETCH"),
    ("UID STORE", "UID STORE"),
    ("UID STORE", "UID SEARCH"),
    ("UID STORE", "EXPUNGE"),
    ("UID EXPUNGE", "UID FETCH"),
    ("EXPUNGE", "UID COPY"),
    ("UID MOVE", "UID FETCH"),
    ("CREATE", "LIST"),
    ("RENAME", "APPEND"),
    ("DELETE", "STATUS"),
    ("CREATE", "CREATE"),
    ("APPEND", "STATUS"),
    ("GETQUOTA", "GETQUOTAROOT"),
    ("SETACL", "GETACL"),
    ("FETCH", "UID FETCH"),
]


@pytest.mark.parametrize(("first", "second"), TOGETHER)
def test_commands_that_go_together(first: str, second: str) -> None:
    assert compatible(traits(first), traits(second))


@pytest.mark.parametrize(("first", "second"), APART)
def test_commands_that_wait_for_each_other(first: str, second: str) -> None:
    assert not compatible(traits(first), traits(second))


def test_subjects_tell_commands_apart() -> None:
    def fetch(uid: int | list[int] | None, *, marks_seen: bool = False) -> Traits:
        return traits("UID FETCH", subject=uid, marks_seen=marks_seen)

    def store(uid: int | list[int] | None) -> Traits:
        return traits("UID STORE", subject=uid)

    assert not compatible(fetch(5), fetch(5))
    assert compatible(fetch(5), fetch(6))
    assert compatible(fetch(5, marks_seen=True), fetch(6, marks_seen=True))
    assert compatible(fetch(None, marks_seen=True), fetch(None, marks_seen=True))
    assert not compatible(fetch(5, marks_seen=True), traits("UID SEARCH"))
    assert compatible(fetch(5), traits("UID SEARCH"))
    assert not compatible(fetch([1, 2, 3]), fetch([3, 4]))
    assert compatible(fetch([1, 2]), fetch([3, 4]))
    assert compatible(store(5), fetch(6))
    assert not compatible(store(5), fetch(5))
    assert not compatible(store(5), fetch(None))
    assert not compatible(store(None), fetch(5))
    assert compatible(store(5), store(6))
    assert not compatible(store(5), store(5))
    assert not compatible(store(5), traits("UID SEARCH"))
    assert not compatible(fetch(list(range(1, 5000))), fetch(123456))
    assert not compatible(traits("STATUS", subject="a"), traits("STATUS", subject="a"))
    assert compatible(traits("STATUS", subject="a"), traits("STATUS", subject=b"b"))
    assert not compatible(traits("STATUS", subject="inbox"), traits("STATUS", subject="INBOX"))
    assert not compatible(traits("STATUS", subject="a"), traits("STATUS"))
    assert traits("UID FETCH", subject="5") == traits("UID FETCH", subject=5)
    with pytest.raises(ValueError, match="no UID"):
        traits("UID FETCH", subject=0)


def test_a_window_is_checked_by_two_masks() -> None:
    window = [traits("UID FETCH", subject=uid) for uid in range(1, 41)]
    behaviour = excludes = 0
    for one in window:
        assert not (behaviour & one.excludes)
        assert not (excludes & one.behaviour)
        behaviour |= one.behaviour
        excludes |= one.excludes
    again = traits("UID FETCH", subject=17)
    assert behaviour & again.excludes
    assert excludes & again.behaviour


def test_a_synchronizing_literal_is_a_barrier() -> None:
    assert traits("APPEND", synchronizing_literal=True).barrier


@pytest.mark.parametrize(
    ("kind", "legal"),
    [
        ("NOOP", "NAS"),
        ("CAPABILITY", "NAS"),
        ("LOGOUT", "NAS"),
        ("LOGIN", "N"),
        ("STARTTLS", "N"),
        ("AUTHENTICATE", "N"),
        ("ENABLE", "A"),
        ("SELECT", "AS"),
        ("APPEND", "AS"),
        ("LIST", "AS"),
        ("idle", "AS"),
        ("FETCH", "S"),
        ("uid fetch", "S"),
        ("CLOSE", "S"),
        ("UNSELECT", "S"),
        ("EXPUNGE", "S"),
        ("XNEW", "NAS"),
    ],
)
def test_states(kind: str, legal: str) -> None:
    states = zip("NAS", (ImapState.NOT_AUTHENTICATED, ImapState.AUTHENTICATED, ImapState.SELECTED), strict=True)
    assert "".join(letter for letter, state in states if is_legal(kind, state)) == legal
    assert not is_legal(kind, ImapState.LOGOUT)


N, A, S = ImapState.NOT_AUTHENTICATED, ImapState.AUTHENTICATED, ImapState.SELECTED


@pytest.mark.parametrize(
    ("kind", "state", "status", "after"),
    [
        ("LOGIN", N, "OK", A),
        ("LOGIN", N, "NO", N),
        ("AUTHENTICATE", N, "OK", A),
        ("SELECT", A, "OK", S),
        ("SELECT", A, "NO", A),
        ("examine", S, "OK", S),
        ("SELECT", S, "NO", A),
        ("SELECT", S, "BAD", S),
        ("CLOSE", S, "OK", A),
        ("CLOSE", S, "NO", S),
        ("UNSELECT", S, "OK", A),
        ("LOGOUT", S, "OK", ImapState.LOGOUT),
        ("UNAUTHENTICATE", S, "OK", N),
        ("NOOP", S, "OK", S),
        ("STARTTLS", N, "OK", N),
    ],
)
def test_transitions(kind: str, state: ImapState, status: str, after: ImapState) -> None:
    assert next_state(kind, state, status) is after
