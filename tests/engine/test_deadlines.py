"""Deadlines, transfer rates and bounded waiting by themselves (rule Q6)."""

from __future__ import annotations

import threading

import pytest

from mailclients.engine import deadlines
from mailclients.engine.deadlines import FOREVER, Deadline, RateMeter, call_within
from mailclients.errors import TimeoutException
from tests.support.clock import FakeClock


@pytest.fixture(autouse=True)
def still(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """The engine's clock stands still but for `advance`."""
    monkeypatch.setattr(deadlines, "now", clock)
    return clock


def test_Q6_a_deadline_runs_from_its_beginning(still: FakeClock) -> None:
    deadline = Deadline(10)
    assert deadline.started
    assert (deadline.remaining(), deadline.expired(), deadline.milliseconds()) == (10, False, 10_000)
    still.advance(9)
    deadline.start(still())  # it runs already
    assert deadline.remaining() == 1
    assert "1.000 s left" in repr(deadline)
    still.advance(1)
    assert deadline.expired()
    still.advance(5)
    assert deadline.remaining() == 0  # never negative


def test_Q6_a_deadline_may_begin_late_and_begin_again(still: FakeClock) -> None:
    deadline = Deadline(10, started=False)
    still.advance(1000)
    assert (deadline.started, deadline.remaining(), deadline.expired()) == (False, None, False)
    assert "not started" in repr(deadline)
    deadline.start(still())
    still.advance(9)
    deadline.restart(still())
    assert deadline.remaining() == 10


def test_a_deadline_without_end_has_none(still: FakeClock) -> None:
    deadline = Deadline(None)
    deadline.start(still())
    deadline.restart(still())
    assert (deadline.at, deadline.remaining(), deadline.milliseconds()) == (FOREVER, None, None)
    still.advance(1e9)
    assert not deadline.expired()


def test_Q6_a_rate_is_measured_over_the_last_window_alone() -> None:
    meter = RateMeter(1000, 5.0)
    assert not meter.keeps_up(10.0, 0.0)
    meter.add(100_000, 0.0)  # a fast start
    for second in range(1, 10):
        meter.add(500, float(second))
    assert not meter.keeps_up(9.0, 0.0)  # does not pay for the rest
    for second in range(10, 16):
        meter.add(1000, float(second))
    assert meter.keeps_up(15.0, 0.0)
    assert not meter.keeps_up(20.5, 0.0)


def test_Q6_what_came_before_an_operation_began_does_not_count_for_it() -> None:
    meter = RateMeter(1000, 5.0)
    meter.add(100_000, 1.0)
    assert meter.keeps_up(3.0, 0.5)
    assert not meter.keeps_up(4.0, 2.0)


def test_Q6_nothing_is_never_enough() -> None:
    meter = RateMeter(1000, 5.0)
    assert not meter.keeps_up(5.0, 5.0)


def test_a_rate_of_many_small_pieces_takes_bounded_memory() -> None:
    meter = RateMeter(1000, 5.0)
    for step in range(10_000):
        meter.add(10, step * 0.01)
    assert len(meter._buckets) <= 20
    assert meter.keeps_up(100.0, 0.0)
    assert not RateMeter(1010 + 100, 5.0).keeps_up(100.0, 0.0)


def test_Q6_a_call_without_a_timeout_of_its_own_is_bounded() -> None:
    let_go = threading.Event()
    try:
        with pytest.raises(TimeoutException, match="the oracle did not end within 20 ms"):
            call_within(Deadline(0.02), "the oracle", lambda: let_go.wait(10))
    finally:
        let_go.set()


def test_a_bounded_call_gives_what_the_function_gives_or_raises() -> None:
    assert call_within(Deadline(10), "sum", lambda: 1 + 1) == 2

    def fail() -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        call_within(Deadline(10), "failure", fail)
