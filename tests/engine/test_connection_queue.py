"""The command queue by itself: order, windows, barriers, go-aheads, exclusive blocks (rules Q1 to Q4)."""

from __future__ import annotations

import threading

import pytest

from mailclients.engine.commands import Waiter
from mailclients.engine.connection import HIGH_WATER
from mailclients.engine.deadlines import Deadline
from mailclients.errors import ConnectionLostError, ImapException, TimeoutException
from tests.engine.wires import LineCommand, Wire
from tests.support.scripted import PATIENCE


def command(name: str, **traits: object) -> LineCommand:
    return LineCommand(name, **traits)  # type: ignore[arg-type]


# -- Q1 ------------------------------------------------------------


def test_Q1_commands_of_many_threads_leave_in_the_order_they_entered() -> None:
    with Wire(window=1000) as wire:
        start = threading.Barrier(8)

        def work(number: int) -> None:
            start.wait(PATIENCE)
            for step in range(10):
                wire.connection.execute([command(f"{number}-{step}-{i}") for i in range(3)], Deadline(PATIENCE))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        sent = []
        for _ in range(240):
            tag, _, name = wire.line().partition(" ")
            sent.append(name)
            wire.say(f"{tag} OK {name}")
        for thread in threads:
            thread.join(PATIENCE)
        assert sent == [subject.name for event, subject in wire.events if event == "command_queued"]
        assert all(c.result == c.name for event, c in wire.events if event == "command_done")


def test_Q1_answers_in_any_order_reach_whoever_asked() -> None:
    with Wire() as wire:
        commands = [command(f"c{number}") for number in range(6)]
        calls = [wire.start(c) for c in commands]
        assert wire.lines(6) == [c.name for c in commands]
        for c, call in zip(reversed(commands), reversed(calls), strict=True):
            wire.ok(c)
            call.join()
            assert c.result == c.name
        assert not any(call.running for call in calls)


def test_Q1_the_thread_that_reads_hands_the_role_on_when_its_answer_is_in() -> None:
    with Wire() as wire:
        first, second, third = command("first"), command("second"), command("third")
        call = wire.start(first)
        wire.pumped()
        others = [wire.start(second), wire.start(third)]
        wire.lines(3)
        wire.ok(first)
        call.join()
        wire.pumped()  # one of the others reads now
        wire.ok(third)
        wire.ok(second)
        for other in others:
            other.join()


# -- Q2 ------------------------------------------------------------


def test_Q2_the_window_is_bounded_by_count() -> None:
    with Wire(window=3) as wire:
        commands = [command(f"c{number}") for number in range(5)]
        call = wire.start(*commands)
        assert wire.lines(3) == ["c0", "c1", "c2"]
        assert wire.silent()
        wire.ok(commands[1])
        assert wire.lines(1) == ["c3"]
        assert wire.silent()
        wire.ok(commands[0], commands[2], commands[3])
        assert wire.lines(1) == ["c4"]
        wire.ok(commands[4])
        call.join()


def test_Q2_the_window_is_bounded_by_the_bytes_awaited() -> None:
    with Wire(window_bytes=1000) as wire:
        commands = [command(f"c{number}", cost=400) for number in range(3)]
        large = command("large", cost=5000)
        call = wire.start(*commands, large)
        assert wire.lines(2) == ["c0", "c1"]
        assert wire.silent()
        wire.ok(commands[0])
        assert wire.lines(1) == ["c2"]
        wire.ok(commands[1])
        wire.ok(commands[2])
        assert wire.lines(1) == ["large"]  # alone, though larger than the window
        wire.ok(large)
        call.join()


def test_Q2_a_window_of_one_sends_one_at_a_time() -> None:
    with Wire(window=1) as wire:
        commands = [command(f"c{number}") for number in range(4)]
        call = wire.start(*commands)
        for c in commands:
            assert wire.lines(1) == [c.name]
            assert wire.silent()
            wire.ok(c)
        call.join()


def test_Q2_a_barrier_shares_the_wire_with_nothing_before_or_behind_it() -> None:
    with Wire() as wire:
        before, barrier, behind = command("before"), command("barrier", barrier=True), command("behind")
        call = wire.start(before, barrier, behind)
        assert wire.lines(1) == ["before"]
        assert wire.silent()
        wire.ok(before)
        assert wire.lines(1) == ["barrier"]
        assert wire.silent()
        wire.ok(barrier)
        assert wire.lines(1) == ["behind"]
        wire.ok(behind)
        call.join()


@pytest.mark.parametrize(("first", "second"), [((1, 2), (2, 0)), ((2, 0), (1, 2))])
def test_Q2_neither_of_two_commands_may_do_what_the_other_excludes(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    with Wire() as wire:
        one = command("one", behaviour=first[0], excludes=first[1])
        harmless = command("harmless", behaviour=4)
        two = command("two", behaviour=second[0], excludes=second[1])
        late = command("late", behaviour=4)
        call = wire.start(one, harmless, two, late)
        assert wire.lines(2) == ["one", "harmless"]
        assert wire.silent()  # what comes behind does not overtake
        wire.ok(harmless)
        assert wire.silent()
        wire.ok(one)
        assert wire.lines(2) == ["two", "late"]
        wire.ok(two, late)
        call.join()


def test_Q2_an_exclusion_ends_with_the_last_command_that_brings_it() -> None:
    with Wire() as wire:
        ones = [command(f"one{number}", behaviour=1, excludes=2) for number in range(2)]
        two = command("two", behaviour=2)
        call = wire.start(*ones, two)
        wire.lines(2)
        wire.ok(ones[0])
        wire.wait_event("command_done", ones[0])
        assert wire.silent()
        wire.ok(ones[1])
        assert wire.lines(1) == ["two"]
        wire.ok(two)
        call.join()


def test_Q2_a_literal_waits_for_the_go_ahead_and_what_is_behind_it_too() -> None:
    with Wire() as wire:
        upload, behind = command("upload", literal=b"x" * 10, barrier=True), command("behind")
        call = wire.start(upload, behind)
        assert wire.lines(1) == ["upload 10"]
        assert wire.silent()
        wire.say("+ go on")
        assert wire.exactly(12) == b"x" * 10 + b"\r\n"
        assert wire.silent()
        wire.ok(upload)
        assert wire.lines(1) == ["behind"]
        wire.ok(behind)
        call.join()


def test_Q2_a_refused_literal_is_not_sent_and_the_connection_stays_in_step() -> None:
    with Wire() as wire:
        upload, behind = command("upload", literal=b"secret", barrier=True), command("behind")
        call = wire.start(upload, behind)
        wire.line()
        wire.say(f"{upload.tag} NO too large")
        assert wire.lines(1) == ["behind"]
        wire.ok(behind)
        call.join()
        assert isinstance(upload.error, ImapException)
        assert upload.broken is None


def test_Q2_an_upload_goes_on_while_the_server_sends() -> None:
    # The server takes nothing before all its own bytes are taken: reading must not wait for writing.
    with Wire(buffers=4096) as wire:
        literal = bytes(range(256)) * 8192  # 2 MiB, far above the high-water mark
        assert len(literal) > HIGH_WATER
        reader, upload = command("reader"), command("upload", literal=literal, waits=False)
        calls = [wire.start(reader), wire.start(upload)]
        wire.say("* " + reader.tag + " " + "y" * 1_000_000)
        assert wire.lines(2) == ["reader", f"upload {len(literal)}"]
        wire.ok(reader)
        calls[0].join()
        assert wire.exactly(len(literal) + 2) == literal + b"\r\n"
        wire.ok(upload)
        calls[1].join()


def test_Q2_what_does_not_fit_now_is_sent_when_there_is_room_though_the_reader_slept_before() -> None:
    with Wire(buffers=4096) as wire:
        quiet, upload = command("quiet"), command("upload", literal=b"z" * 500_000, waits=False)
        calls = [wire.start(quiet)]
        wire.pumped()  # it waits for reading only
        calls.append(wire.start(upload))
        assert wire.lines(2) == ["quiet", "upload 500000"]
        wire.exactly(500_002)
        wire.ok(upload, quiet)
        for call in calls:
            call.join()


def test_Q2_commands_with_a_common_key_wait_for_each_other() -> None:
    with Wire() as wire:
        first, other, again = command("first", keys=(7,)), command("other", keys=(8,)), command("again", keys=(7,))
        calls = [wire.start(first), wire.start(other), wire.start(again)]
        assert wire.lines(2) == ["first", "other"]
        assert wire.silent()
        wire.ok(first)
        assert wire.lines(1) == ["again"]
        wire.ok(again, other)
        for call in calls:
            call.join()


def test_Q2_a_command_prepared_by_another_is_sent_behind_its_answer() -> None:
    with Wire() as wire:
        prepared = [False]

        def first() -> LineCommand | None:
            if prepared[0]:
                return None
            prepared[0] = True
            return command("select", barrier=True)

        fetch = command("fetch", after=first)
        call = wire.start(fetch)
        tag, _, name = wire.line().partition(" ")
        assert name == "select"
        assert wire.silent()
        wire.say(f"{tag} OK selected")
        assert wire.lines(1) == ["fetch"]
        wire.ok(fetch)
        call.join()
        assert fetch.result == "fetch"


def test_Q2_a_command_whose_preparation_is_refused_fails_with_it_and_is_not_prepared_again() -> None:
    with Wire() as wire:
        fetch = command("fetch", after=lambda: command("select", barrier=True))
        noop = command("noop")
        calls = [wire.start(fetch), wire.start(noop)]
        tag, _, name = wire.line().partition(" ")
        assert name == "select"
        wire.say(f"{tag} NO there is no such folder")
        calls[0].join()
        assert isinstance(fetch.error, ImapException)
        assert str(fetch.error) == "there is no such folder"
        assert wire.lines(1) == ["noop"]
        wire.ok(noop)
        calls[1].join()


def test_Q2_a_preparation_that_cannot_be_sent_fails_its_command() -> None:
    with Wire() as wire:
        wire.core.refuse_to_send = ImapException("not a name")
        fetch = command("fetch", after=lambda: command("select", barrier=True))
        wire.start(fetch).join()
        assert fetch.error is wire.core.refuse_to_send
        assert wire.silent()


# -- Q4 ------------------------------------------------------------


def test_Q4_an_exclusive_block_keeps_others_out_until_it_ends() -> None:
    with Wire() as wire:
        me = object()
        wire.connection.hold(me, Deadline(PATIENCE))
        other = command("other")
        waiting = wire.start(other, owner=object())
        mine = [command("mine1"), command("mine2")]
        calls = [wire.start(c, owner=me) for c in mine]
        assert wire.lines(2) == ["mine1", "mine2"]
        assert wire.silent()
        wire.ok(*mine)
        for call in calls:
            call.join()
        assert wire.connection.held
        wire.connection.release_hold(me)
        assert wire.lines(1) == ["other"]
        wire.ok(other)
        waiting.join()


def test_Q4_an_exclusive_block_can_be_entered_again_by_its_owner() -> None:
    with Wire() as wire:
        me = object()
        for _ in range(3):
            wire.connection.hold(me, Deadline(PATIENCE))
        other = command("other")
        waiting = wire.start(other, owner=object())
        for _ in range(2):
            wire.connection.release_hold(me)
            assert wire.silent()
        wire.connection.release_hold(object())  # not his
        assert wire.silent()
        wire.connection.release_hold(me)
        assert wire.lines(1) == ["other"]
        wire.ok(other)
        waiting.join()


def test_Q4_who_waits_for_a_block_enters_it_when_the_other_leaves_and_nothing_is_on_the_wire() -> None:
    # The waiting thread is the reader, asleep in the system; no byte comes from the server to wake it.
    with Wire() as wire:
        me, you = object(), object()
        wire.connection.hold(me, Deadline(PATIENCE))
        entered = threading.Event()

        def enter() -> None:
            wire.connection.hold(you, Deadline(None))
            entered.set()

        thread = threading.Thread(target=enter)
        thread.start()
        wire.pumped()
        assert not entered.is_set()
        wire.connection.release_hold(me)
        assert entered.wait(PATIENCE)
        thread.join(PATIENCE)
        wire.connection.release_hold(you)


def test_Q4_a_command_that_fails_unsent_when_a_block_ends_is_reported_at_once() -> None:
    with Wire() as wire:
        me = object()
        wire.connection.hold(me, Deadline(PATIENCE))
        other = command("other")
        call = wire.start(other, owner=object(), seconds=None)
        wire.pumped()
        wire.core.refuse_to_send = ImapException("not now")
        wire.connection.release_hold(me)
        call.join()
        assert other.error is wire.core.refuse_to_send


def test_Q4_waiting_for_a_block_ends_with_its_deadline_and_leaves_no_hold_behind() -> None:
    with Wire() as wire:
        me = object()
        wire.connection.hold(me, Deadline(PATIENCE))
        with pytest.raises(TimeoutException):
            wire.connection.hold(object(), Deadline(0.02))
        wire.connection.release_hold(me)
        noop = command("noop")
        call = wire.start(noop)
        assert wire.lines(1) == ["noop"]
        wire.ok(noop)
        call.join()


def test_Q4_a_block_waits_for_its_turn_in_the_queue() -> None:
    with Wire(window=1) as wire:
        first, second, mine = command("first"), command("second"), command("mine")
        me = object()
        calls = [wire.start(first), wire.start(second)]
        entered = threading.Event()

        def block() -> None:
            wire.connection.hold(me, Deadline(PATIENCE))
            entered.set()
            wire.connection.execute([mine], Deadline(PATIENCE), me)
            wire.connection.release_hold(me)

        thread = threading.Thread(target=block)
        thread.start()
        assert wire.lines(1) == ["first"]
        wire.ok(first)
        assert wire.lines(1) == ["second"]
        wire.ok(second)
        assert entered.wait(PATIENCE)
        assert wire.lines(1) == ["mine"]
        wire.ok(mine)
        thread.join(PATIENCE)
        for call in calls:
            call.join()


def test_Q4_lent_commands_enter_the_block_when_nudged() -> None:
    with Wire() as wire:
        me = object()
        wire.connection.hold(me, Deadline(PATIENCE))
        lent = command("lent")
        waiter = Waiter()
        wire.connection.submit([lent], waiter)
        assert wire.silent()
        lent.owner = me
        wire.connection.nudge()
        assert wire.lines(1) == ["lent"]
        wire.ok(lent)
        wire.settle(waiter, lent)
        wire.connection.release_hold(me)


def test_Q4_a_lost_connection_ends_the_waiting_for_a_block() -> None:
    with Wire() as wire:
        wire.connection.hold(object(), Deadline(PATIENCE))
        failed: list[BaseException] = []

        def enter() -> None:
            try:
                wire.connection.hold(object(), Deadline(None))
            except ConnectionLostError as error:
                failed.append(error)

        thread = threading.Thread(target=enter)
        thread.start()
        wire.pumped()
        wire.peer.close()
        thread.join(PATIENCE)
        assert len(failed) == 1
