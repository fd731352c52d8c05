"""Broken connections, time that runs out, interruptions, and the end (rules Q5 to Q7)."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from mailclients.engine import connection as connection_module
from mailclients.engine.commands import Command, Waiter
from mailclients.engine.connection import ABANDON_BELOW, RATE_WINDOW, READ_BUDGET
from mailclients.engine.deadlines import Deadline
from mailclients.errors import (
    ConnectionLostError,
    ObjectDisposedException,
    OutcomeUnknownError,
    RemoteProtocolError,
    TimeoutException,
)
from mailclients.options import MINIMUM_TRANSFER_RATE
from tests.engine.wires import Call, EngineClock, LineCommand, Wire, engine_clock
from tests.support.scripted import PATIENCE

__all__ = ["engine_clock"]  # the fixture is used by its name


def reading(name: str, **traits: object) -> LineCommand:
    return LineCommand(name, **traits)  # type: ignore[arg-type]


def changing(name: str, **traits: object) -> LineCommand:
    return LineCommand(name, idempotent=False, **traits)  # type: ignore[arg-type]


def round_trip(wire: Wire, owner: object = None) -> None:
    """A command of another thread is answered: everything said so far has been read, and the connection works."""
    last = reading("last")
    call = wire.start(last, owner=owner)
    assert wire.lines(1) == ["last"]
    wire.ok(last)
    call.join()


def joined(thread: threading.Thread) -> bool:
    """Whether the thread ends."""
    thread.join(PATIENCE)
    return not thread.is_alive()


# -- Q5 ------------------------------------------------------------


def test_Q5_what_a_cut_connection_leaves_is_told_apart() -> None:
    with Wire() as wire:
        fetch, store = reading("fetch"), changing("store")
        barrier, append = reading("barrier", barrier=True), changing("append")
        call = wire.start(fetch, store, barrier, append)
        assert wire.lines(2) == ["fetch", "store"]
        wire.peer.close()
        call.join()
        assert fetch.may_repeat
        assert isinstance(fetch.error, ConnectionLostError)
        assert not store.may_repeat
        assert isinstance(store.error, OutcomeUnknownError)
        assert "unknown" in str(store.error)
        assert "store" in str(store.error)
        assert append.may_repeat  # never sent
        assert barrier.may_repeat
        assert wire.connection.broken
        assert wire.transport.closed


def test_Q5_only_the_oldest_counts_as_what_the_connection_broke_on() -> None:
    with Wire() as wire:
        commands = [reading("a"), reading("b"), reading("c", barrier=True)]
        call = wire.start(*commands)
        wire.lines(2)
        wire.peer.close()
        call.join()
        assert [c.was_oldest for c in commands] == [True, False, False]


def test_Q5_a_connection_that_breaks_on_the_preparation_counts_for_the_command_behind_it() -> None:
    with Wire() as wire:
        fetch, other = reading("fetch", after=lambda: reading("select", barrier=True)), reading("other")
        call = wire.start(fetch, other)
        assert wire.lines(1) == ["select"]
        wire.peer.close()
        call.join()
        assert fetch.may_repeat
        assert [fetch.was_oldest, other.was_oldest] == [True, False]


def test_Q5_a_half_sent_change_has_not_happened_and_may_be_sent_again() -> None:
    with Wire(buffers=4096) as wire:
        append = changing("append", literal=b"m" * 1_000_000, waits=False)
        call = wire.start(append)
        wire.line()
        wire.peer.close()
        call.join()
        assert append.may_repeat
        assert isinstance(append.error, ConnectionLostError)


def test_Q5_a_change_whose_go_ahead_never_came_may_be_sent_again() -> None:
    with Wire() as wire:
        append = changing("append", literal=b"message", barrier=True)
        call = wire.start(append)
        wire.line()
        wire.peer.close()
        call.join()
        assert append.may_repeat


def test_Q5_a_server_that_breaks_the_protocol_costs_this_connection_and_is_blamed() -> None:
    with Wire() as wire:
        good, fetch = reading("good"), reading("fetch")
        call = wire.start(good, fetch)
        wire.lines(2)
        wire.say(f"{good.tag} OK good", "never OK what")
        call.join()
        assert good.result == "good"  # what was answered before is answered
        assert good.error is None
        assert isinstance(fetch.broken, RemoteProtocolError)
        assert isinstance(fetch.error, RemoteProtocolError)
        assert wire.connection.broken


def test_Q5_commands_given_to_a_broken_connection_come_straight_back() -> None:
    with Wire() as wire:
        wire.connection.close()
        noop, store = reading("noop"), changing("store")
        wire.connection.execute([noop, store], Deadline(PATIENCE))
        assert noop.may_repeat
        assert store.may_repeat


def test_Q5_the_goodbye_of_the_server_is_in_the_error() -> None:
    with Wire() as wire:
        noop = reading("noop")
        call = wire.start(noop)
        wire.line()
        wire.say("BYE going down\x07 now")
        wire.peer.close()
        call.join()
        assert "going down\\x07 now" in str(noop.error)


def test_Q5_all_waiting_threads_are_told() -> None:
    with Wire() as wire:
        calls = [wire.start(reading(f"c{number}")) for number in range(10)]
        wire.pumped()
        wire.peer.close()
        for call in calls:
            call.join()
            assert call.commands[0].may_repeat


def test_Q5_an_idle_connection_that_was_dropped_is_noticed_before_it_is_used() -> None:
    with Wire() as wire:
        assert wire.connection.alive()
        wire.peer.sendall(b"BYE idle for too long\r\n")
        wire.peer.close()
        assert not wire.connection.alive()
        assert wire.connection.broken
        assert wire.transport.closed


# -- Q6 ------------------------------------------------------------


def test_Q6_an_unsent_command_is_withdrawn_when_its_time_is_over(engine_clock: EngineClock) -> None:
    with Wire(window=1) as wire:
        engine_clock.watch(wire)
        first, second, third = reading("first"), changing("second"), reading("third")
        calls = [wire.start(first, seconds=100), wire.start(second, seconds=10), wire.start(third, seconds=100)]
        assert wire.lines(1) == ["first"]
        engine_clock.advance(10)
        calls[1].join()
        assert isinstance(second.error, TimeoutException)
        assert "10000 ms" in str(second.error)
        assert not second.may_repeat
        assert not wire.connection.broken
        wire.ok(first)
        assert wire.lines(1) == ["third"]
        wire.ok(third)
        for call in calls:
            call.join()


def test_Q6_what_stood_behind_a_withdrawn_command_is_sent_at_once(engine_clock: EngineClock) -> None:
    with Wire() as wire:
        engine_clock.watch(wire)
        first, barrier, third = reading("first"), reading("barrier", barrier=True), reading("third")
        calls = [wire.start(first, seconds=100), wire.start(barrier, seconds=10), wire.start(third, seconds=100)]
        assert wire.lines(1) == ["first"]
        engine_clock.advance(10)
        calls[1].join()
        assert wire.lines(1) == ["third"]
        wire.ok(third, first)
        for call in calls:
            call.join()


def test_Q6_a_sent_command_that_is_not_the_oldest_fails_alone(engine_clock: EngineClock) -> None:
    with Wire() as wire:
        engine_clock.watch(wire)
        oldest, fetch, store = reading("oldest"), reading("fetch"), changing("store")
        calls = [wire.start(oldest, seconds=100), wire.start(fetch, seconds=10), wire.start(store, seconds=10)]
        wire.lines(3)
        engine_clock.advance(10)
        calls[1].join()
        calls[2].join()
        assert isinstance(fetch.error, TimeoutException)
        assert isinstance(store.error, OutcomeUnknownError)
        assert isinstance(store.error.__cause__, TimeoutException)
        assert fetch.disowned_times == 1
        assert calls[0].running
        assert not wire.connection.broken
        # Its answer is thrown away, and the connection stays in step.
        wire.ok(fetch, store, oldest)
        calls[0].join()
        assert oldest.result == "oldest"
        round_trip(wire)


def test_Q6_the_oldest_closes_the_connection_and_the_others_may_go_elsewhere(engine_clock: EngineClock) -> None:
    with Wire() as wire:
        engine_clock.watch(wire)
        oldest, fetch = reading("oldest"), reading("fetch")
        calls = [wire.start(oldest, seconds=10), wire.start(fetch, seconds=100)]
        wire.lines(2)
        engine_clock.advance(9.9)
        assert all(call.running for call in calls)
        engine_clock.advance(0.1)
        for call in calls:
            call.join()
        assert isinstance(oldest.error, TimeoutException)
        assert not oldest.may_repeat
        assert fetch.may_repeat
        assert wire.connection.broken


def test_Q6_an_operation_that_runs_out_of_time_while_it_is_prepared_reports_the_time(
    engine_clock: EngineClock,
) -> None:
    with Wire() as wire:
        engine_clock.watch(wire)
        fetch = reading("fetch", after=lambda: reading("select", barrier=True))
        call = wire.start(fetch, seconds=10)
        wire.lines(1)
        engine_clock.advance(10)
        call.join()
        assert isinstance(fetch.error, TimeoutException)
        assert not fetch.may_repeat


def test_Q6_an_abandoned_command_that_becomes_the_oldest_gets_its_time_and_no_more(engine_clock: EngineClock) -> None:
    with Wire() as wire:
        engine_clock.watch(wire)
        oldest, late, patient = reading("oldest"), reading("late"), reading("patient")
        calls = [wire.start(oldest, seconds=1000), wire.start(late, seconds=10), wire.start(patient, seconds=1000)]
        wire.lines(3)
        engine_clock.advance(10)
        calls[1].join()
        wire.ok(oldest)
        calls[0].join()
        engine_clock.advance(9.9)
        assert not wire.connection.broken
        engine_clock.advance(0.1)
        calls[2].join()
        assert patient.may_repeat
        assert wire.connection.broken


def test_Q6_a_transfer_that_keeps_its_rate_is_not_cut_off(engine_clock: EngineClock) -> None:
    with Wire() as wire:
        engine_clock.watch(wire)
        fetch = reading("fetch")
        call = wire.start(fetch, seconds=10)
        wire.line()
        for _ in range(30):
            wire.say(f"* {fetch.tag} " + "d" * MINIMUM_TRANSFER_RATE)
            round_trip(wire)
            engine_clock.advance(1)
            assert not wire.connection.broken
        wire.ok(fetch)
        call.join()
        assert fetch.error is None


def test_Q6_bytes_that_drip_in_extend_nothing(engine_clock: EngineClock) -> None:
    with Wire() as wire:
        engine_clock.watch(wire)
        fetch = reading("fetch")
        call = wire.start(fetch, seconds=10)
        wire.line()
        for _ in range(9):
            wire.say(f"* {fetch.tag} " + "d" * (MINIMUM_TRANSFER_RATE // 2))
            round_trip(wire)
            engine_clock.advance(1)
        assert not wire.connection.broken
        engine_clock.advance(1)
        call.join()
        assert isinstance(fetch.error, TimeoutException)


def test_Q6_a_fast_start_pays_for_no_endless_stall(engine_clock: EngineClock) -> None:
    with Wire() as wire:
        engine_clock.watch(wire)
        fetch = reading("fetch")
        call = wire.start(fetch, seconds=10)
        wire.line()
        wire.say(f"* {fetch.tag} " + "d" * 3_000_000)
        round_trip(wire)
        engine_clock.advance(10 + RATE_WINDOW + 1)
        call.join()
        assert isinstance(fetch.error, TimeoutException)


def test_Q6_an_upload_that_keeps_its_rate_is_not_cut_off(engine_clock: EngineClock) -> None:
    with Wire(buffers=4096) as wire:
        engine_clock.watch(wire)
        append = changing("append", literal=b"m" * 2_000_000, waits=False)
        call = wire.start(append, seconds=10)
        wire.line()
        for _ in range(20):
            wire.exactly(64 * 1024)
            engine_clock.advance(1)
            assert not wire.connection.broken
        wire.exactly(2_000_002 - 20 * 64 * 1024)
        wire.ok(append)
        call.join()
        assert append.error is None


def test_Q6_what_a_stalled_transfer_of_others_takes_does_not_keep_a_call_beyond_its_time(
    engine_clock: EngineClock,
) -> None:
    # The oldest is abandoned and comes in at a fair rate for minutes; the call behind it has ten seconds.
    with Wire() as wire:
        engine_clock.watch(wire)
        abandoned, mine = reading("abandoned"), reading("mine")
        waiter = Waiter(Deadline(10))
        wire.connection.submit([abandoned], waiter)
        assert not wire.connection.abandon(abandoned)
        engine_clock.advance(1)
        call = wire.start(mine, seconds=10)
        wire.lines(2)
        for _ in range(10):
            wire.say(f"* {abandoned.tag} " + "d" * MINIMUM_TRANSFER_RATE * 2)
            round_trip(wire)
            engine_clock.advance(1)
        call.join()
        assert isinstance(mine.error, TimeoutException)
        assert not wire.connection.broken


def test_Q6_operations_over_many_messages_count_per_message(engine_clock: EngineClock) -> None:
    with Wire() as wire:
        engine_clock.watch(wire)
        listing = reading("listing", per_item=True)
        call = wire.start(listing, seconds=10)
        wire.line()
        for _ in range(5):
            engine_clock.advance(9)
            wire.say(f"* {listing.tag} one")
            round_trip(wire)
            assert not wire.connection.broken
        engine_clock.advance(10)
        call.join()
        assert isinstance(listing.error, TimeoutException)


def drive(wire: Wire, waiter: Waiter) -> threading.Thread:
    """A driver: it waits, whatever comes, until the connection is gone."""

    def run() -> None:
        while not wire.connection.broken:
            wire.connection.wait(waiter)
            waiter.ready.clear()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def of_task(name: str, seconds: float, **traits: object) -> LineCommand:
    command = reading(name, **traits)
    command.deadline = Deadline(seconds, started=False)
    return command


def test_Q6_the_clock_of_a_task_starts_when_it_is_the_oldest(engine_clock: EngineClock) -> None:
    with Wire() as wire:
        engine_clock.watch(wire)
        first, second = of_task("first", 10), of_task("second", 10)
        waiter = Waiter()
        wire.connection.submit([first, second], waiter)
        wire.lines(2)
        thread = drive(wire, waiter)
        engine_clock.advance(9)
        wire.ok(first)
        wire.wait_event("command_done", first)
        engine_clock.advance(9)
        assert not wire.connection.broken
        engine_clock.advance(1)
        assert joined(thread)
        assert isinstance(second.error, TimeoutException)
        assert first.error is None


def test_Q6_a_task_whose_clock_runs_and_that_is_not_the_oldest_fails_alone(engine_clock: EngineClock) -> None:
    with Wire(window=2) as wire:
        engine_clock.watch(wire)
        waiter = Waiter()
        oldest = of_task("oldest", 100)
        sent, unsent = reading("sent"), reading("unsent")
        for command in (sent, unsent):
            command.deadline = Deadline(10)  # the second command of an operation: the clock runs already
        wire.connection.submit([oldest, sent, unsent], waiter)
        wire.lines(2)
        thread = drive(wire, waiter)
        wire.pumped()
        engine_clock.advance(10)
        wire.wait_event("command_done", unsent)
        assert isinstance(unsent.error, TimeoutException)
        assert isinstance(sent.error, TimeoutException)
        assert not wire.connection.broken
        wire.ok(oldest)
        wire.wait_event("command_done", oldest)
        assert oldest.error is None
        wire.connection.close()
        assert joined(thread)


def test_Q6_a_task_that_another_threads_step_sends_has_its_time_too(engine_clock: EngineClock) -> None:
    # The driver sleeps without an end in sight, as its task waits for an exclusive block to end.
    with Wire() as wire:
        engine_clock.watch(wire)
        me = object()
        wire.connection.hold(me, Deadline(PATIENCE))
        waiter = Waiter()
        task = of_task("task", 0.05)
        wire.connection.submit([task], waiter)
        thread = drive(wire, waiter)
        wire.pumped()
        wire.connection.release_hold(me)
        assert wire.lines(1) == ["task"]
        wire.pumped()  # woken, it looks again, now with a deadline
        engine_clock.advance(0.05)
        assert joined(thread)
        assert isinstance(task.error, TimeoutException)


# -- abandoning ------------------------------------------------------------


def test_T10_an_abandoned_answer_is_read_and_thrown_away_and_the_neighbours_live() -> None:
    with Wire() as wire:
        left, neighbour = reading("left"), reading("neighbour")
        waiter = Waiter()
        wire.connection.submit([left], waiter)
        call = wire.start(neighbour)
        wire.lines(2)
        assert wire.connection.abandon(left) is False
        assert left.disowned_times == 1
        wire.say(f"* {left.tag} " + "d" * 100_000)
        wire.ok(left, neighbour)
        call.join()
        assert neighbour.result == "neighbour"
        assert not waiter.ready


def test_T10_the_connection_is_closed_only_if_too_much_would_be_read_for_nothing() -> None:
    with Wire() as wire:
        large = reading("large", cost=ABANDON_BELOW + 1)
        wire.connection.submit([large], Waiter())
        assert wire.connection.abandon(large) is True
        assert wire.connection.broken
    with Wire() as wire:
        large = reading("turned out to be large")
        wire.connection.submit([large], Waiter())
        wire.core.incoming = ABANDON_BELOW + 1
        assert wire.connection.abandon(large) is True


def test_T10_an_unsent_command_is_withdrawn_and_what_is_behind_it_goes() -> None:
    with Wire() as wire:
        first, barrier, behind = reading("first"), reading("barrier", barrier=True), reading("behind")
        waiter = Waiter()
        wire.connection.submit([first, barrier, behind], waiter)
        assert wire.lines(1) == ["first"]
        assert wire.connection.withdraw(barrier)
        assert not wire.connection.withdraw(barrier)
        assert not wire.connection.withdraw(first)
        assert wire.lines(1) == ["behind"]


# -- Q7 ------------------------------------------------------------


class Interruption:
    """One KeyboardInterrupt for the main thread, sent from another thread at a moment that the test chooses."""

    def __init__(self) -> None:
        self.raised = threading.Event()
        self._before = signal.signal(signal.SIGINT, self._handle)
        self._thread: threading.Thread | None = None

    def _handle(self, *_: object) -> None:
        if not self.raised.is_set():
            self.raised.set()
            raise KeyboardInterrupt

    def send(self, when: Callable[[], object] = lambda: None) -> None:
        """After `when()` has returned on a thread of its own; again until it was noticed.

        A signal that arrives just before a thread goes to sleep on a lock does not wake it.
        """

        def run() -> None:
            when()
            while not self.raised.wait(0.02):
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

        self._thread = threading.Thread(target=run)
        self._thread.start()

    def end(self) -> None:
        self.raised.set()
        if self._thread is not None:
            self._thread.join(PATIENCE)
        signal.signal(signal.SIGINT, self._before)


@pytest.fixture
def interruption() -> Iterator[Interruption]:
    """Whatever the test run does with SIGINT otherwise."""
    made = Interruption()
    yield made
    made.end()


def test_Q7_an_interrupted_reader_passes_its_duties_on(interruption: Interruption) -> None:
    with Wire() as wire:
        mine, other = reading("mine"), reading("other")
        others: list[Call] = []

        def join_in() -> None:
            wire.transport.on_wait = None
            others.append(wire.start(other))  # it sleeps: this thread is the reader
            interruption.send()

        wire.transport.on_wait = join_in
        with pytest.raises(KeyboardInterrupt):
            wire.connection.execute([mine], Deadline(PATIENCE))
        assert wire.lines(2) == ["mine", "other"]
        assert not wire.connection.broken
        wire.ok(mine, other)  # the answer that nobody wants is thrown away
        others[0].join()
        assert other.result == "other"


def test_Q7_an_interrupted_sleeper_leaves_the_line_and_its_unsent_command_is_withdrawn(
    interruption: Interruption,
) -> None:
    with Wire(window=1) as wire:
        first, mine, last = reading("first"), reading("mine"), reading("last")
        calls = [wire.start(first)]
        wire.pumped()
        calls.append(wire.start(last))

        interruption.send(lambda: wire.wait_event("command_queued", mine))
        with pytest.raises(KeyboardInterrupt):
            wire.connection.execute([mine], Deadline(PATIENCE))
        assert wire.lines(1) == ["first"]
        wire.ok(first)
        assert wire.lines(1) == ["last"]
        wire.ok(last)
        for call in calls:
            call.join()
        assert not wire.connection._sleepers
        assert wire.silent()


def fail_once(method: Callable[..., object], error: BaseException) -> Callable[..., object]:
    """`method`, interrupted the first time it is called, in the middle."""
    first = [True]

    def wrapper(data: bytes) -> object:
        if first[0]:
            first[0] = False
            method(data[:3])
            raise error
        return method(data)

    return wrapper


def test_Q7_a_half_written_command_closes_that_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    with Wire() as wire, Wire() as neighbour:
        fetch, store = reading("fetch"), changing("store")
        write = wire.transport.write
        monkeypatch.setattr(type(wire.transport), "write", lambda _, data: fail_once(write, KeyboardInterrupt())(data))
        with pytest.raises(KeyboardInterrupt):
            wire.connection.execute([store], Deadline(PATIENCE))
        monkeypatch.undo()
        assert wire.connection.broken
        assert isinstance(store.error, OutcomeUnknownError)  # as much as that may have left before the interruption
        noop = reading("noop")
        call = neighbour.start(fetch, noop)
        neighbour.lines(2)
        neighbour.ok(fetch, noop)
        call.join()


def test_Q7_an_interruption_while_reading_gives_the_connection_up_and_tells_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Wire() as wire:
        mine, other = reading("mine"), reading("other")
        received = wire.core.received

        def interrupted(count: int) -> None:
            raise KeyboardInterrupt

        call = None

        def join_in() -> None:
            nonlocal call
            wire.transport.on_wait = None
            call = wire.start(other)
            wire.core.received = interrupted  # type: ignore[method-assign]
            wire.say("* something")

        wire.transport.on_wait = join_in
        with pytest.raises(KeyboardInterrupt):
            wire.connection.execute([mine], Deadline(PATIENCE))
        wire.core.received = received  # type: ignore[method-assign]
        assert call is not None
        call.join()
        assert other.may_repeat
        assert "KeyboardInterrupt" in str(other.error)


def test_Q7_a_block_granted_in_the_moment_of_an_interruption_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with Wire() as wire:
        execute = type(wire.connection).execute

        def granted_then_interrupted(self: object, commands: list[Command], *rest: object) -> None:
            execute(self, commands, *rest)  # type: ignore[arg-type]
            raise KeyboardInterrupt

        monkeypatch.setattr(connection_module.Connection, "execute", granted_then_interrupted)
        with pytest.raises(KeyboardInterrupt):
            wire.connection.hold(object(), Deadline(PATIENCE))
        monkeypatch.undo()
        round_trip(wire, owner=object())


# -- reading much, the end ------------------------------------------------------------


def test_Q1_others_get_a_turn_while_one_thread_reads_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "READ_BUDGET", 8192)
    assert READ_BUDGET > 8192
    with Wire() as wire:
        fetch = reading("fetch")
        call = wire.start(fetch)
        wire.line()
        body = f"* {fetch.tag} " + "d" * 400_000
        sender = threading.Thread(target=wire.say, args=(body, f"{fetch.tag} OK fetch"))
        sender.start()
        call.join()
        sender.join(PATIENCE)
        assert fetch.result == "fetch"
        # What was left to read when the role changed hands is read first, without waiting for more.
        round_trip(wire)


def test_C9_closing_wakes_the_reader_which_closes_the_descriptors_itself() -> None:
    with Wire() as wire:
        calls = [wire.start(reading(f"c{number}"), seconds=None) for number in range(3)]
        wire.pumped()
        wire.connection.close()
        for call in calls:
            call.join()
            assert isinstance(call.commands[0].broken, ObjectDisposedException)
        assert wire.transport.closed


def test_C9_parting_from_a_connection_in_use_leaves_the_descriptors_to_the_reader() -> None:
    for _ in range(20):
        with Wire() as wire:
            call = wire.start(reading("noop"), seconds=None)
            wire.pumped()
            wire.connection.part(Deadline(PATIENCE))
            assert wire.transport.closed  # the place is free only when it is
            call.join()
            assert call.commands[0].may_repeat


def test_C9_parting_says_goodbye_and_waits_for_the_server_to_close() -> None:
    with Wire() as wire:
        thread = threading.Thread(target=wire.connection.part, args=(Deadline(PATIENCE),))
        thread.start()
        assert wire.line() == "t0 LOGOUT"
        wire.pumped()
        assert thread.is_alive()
        wire.say("BYE", "t0 OK")
        wire.peer.shutdown(socket.SHUT_WR)
        assert joined(thread)
        assert wire.transport.closed


def test_C9_a_command_that_comes_while_a_connection_parts_goes_elsewhere() -> None:
    with Wire() as wire:
        thread = threading.Thread(target=wire.connection.part, args=(Deadline(PATIENCE),))
        thread.start()
        wire.pumped()
        store = changing("store")
        wire.start(store).join()
        assert store.may_repeat
        wire.connection.close()  # and an impatient thread ends the goodbye
        assert joined(thread)
        assert wire.line() == "t0 LOGOUT"


def test_C9_parting_does_not_wait_for_ever(engine_clock: EngineClock) -> None:
    with Wire() as wire:
        engine_clock.watch(wire)
        thread = threading.Thread(target=wire.connection.part, args=(Deadline(2),))
        thread.start()
        wire.pumped()
        engine_clock.advance(2)
        assert joined(thread)
        assert wire.transport.closed


def test_poke_ends_a_wait_now_or_the_next_one() -> None:
    with Wire() as wire:
        waiter = Waiter()
        wire.connection.poke(waiter)
        wire.connection.wait(waiter)  # returns at once
        thread = threading.Thread(target=wire.connection.wait, args=(waiter,))
        thread.start()
        wire.pumped()
        wire.connection.poke(waiter)
        assert joined(thread)
        call = wire.start(reading("noop"))
        wire.pumped()
        thread = threading.Thread(target=wire.connection.wait, args=(waiter,))
        thread.start()  # asleep behind the reader, or not there yet: either way
        wire.connection.poke(waiter)
        assert joined(thread)
        assert call.running


def test_stress_many_threads_some_of_which_give_up() -> None:
    """Pumps, sleepers and those who walk away race; every call ends, and with its own answer."""
    with Wire(window=16) as wire:
        wrong: list[object] = []

        def work(number: int) -> None:
            for step in range(40):
                commands = [reading(f"{number}-{step}-{i}", keys=(step % 7,)) for i in range(2)]
                if step % 4 == 0:
                    wire.connection.submit(commands, Waiter(Deadline(PATIENCE)))
                    wire.connection.forsake(commands)
                    continue
                wire.connection.execute(commands, Deadline(PATIENCE))
                wrong.extend(c for c in commands if c.error is not None or c.result != c.name)

        def serve() -> None:
            held: list[str] = []
            with contextlib.suppress(OSError, AssertionError):
                while True:
                    tag, _, name = wire.line().partition(" ")
                    held.append(f"{tag} OK {name}")
                    if len(held) >= 3 or wire.silent():
                        wire.say(*reversed(held))
                        held.clear()

        server = threading.Thread(target=serve)
        server.start()
        threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in threads)
        assert not wrong
        assert not wire.connection.broken
        wire.connection.close()
        server.join(PATIENCE)
