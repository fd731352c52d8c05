"""How many tasks a connection takes, and when another connection is worth opening.

Pure functions and numbers, kept in one place because they belong together; what was measured stands in
docs/performance.md.

- A new connection costs several round trips (TCP, greeting, sign-in, select) and a process on many servers; a
  pipelined one takes dozens of small reads in a single round trip. So tasks fill the windows of the connections that
  are there before another is opened. Where opening is quick, three are opened at a time, so that the first ones can
  show that no more are needed; where it takes long, waiting for that would cost more than it could save.
- A connection begins with a window of 64. Once it has answered as many, it takes its share of all that waits, up to
  256 and 8 MiB by the size that answers have had: fewer turns, and no pauses of a round trip between them. It is
  asked in turns of a quarter window. Where less than a window waits for each, 64 remains, which keeps the last
  tasks of a job from all standing behind one another.
- Where each task takes a round trip however many are sent at once, as a message by SMTP does, a connection takes
  few: what it takes beyond those that a new connection costs in round trips would be done sooner on another.
- Tasks that wait behind such a window may share lines. The server and this side save most of what a command costs
  besides its bytes.
- No task waits behind a transfer of more than 256 KiB if there is, or can be, another connection.
"""

from __future__ import annotations

from typing import Final

WINDOW: Final = 64  # tasks that a connection carries at once while another one might take the next
DEEPEST: Final = 256  # tasks that it carries at most, where there are that many for every connection
IN_TURN: Final = 4  # tasks that a connection carries at once where one has to wait for the other's round trip
WINDOW_BYTES: Final = 8 * 1024 * 1024  # expected bytes unanswered at which no more is sent
TOGETHER: Final = 32  # commands that go on one line at most
WORTH_JOINING: Final = 12  # fewer that would join a command are sent by themselves: little would be saved
LARGE: Final = 256 * 1024  # bytes; no task waits behind a transfer of this size if it can be helped
OPENING_AT_ONCE: Final = 3  # connections, where opening one is quick
SLOW_SETUP: Final = 0.025  # seconds from which on opening a connection is slow
NEVER: Final = 1 << 62  # more tasks than there ever are
IDLE_SECONDS: Final = 30.0  # a task connection without work is disposed after this long


def opening_at_once(setup: float) -> int:
    """How many connections may be on their way at the same time.

    Where one opens quickly, the first ones soon show whether more are needed. Where it takes several long round
    trips, opening in turns of a few costs more time than all the work that a mistake could save.

    Args:
        setup: seconds that opening the latest connection took; 0 while unknown.
    """
    return OPENING_AT_ONCE if setup < SLOW_SETUP else NEVER


def enough(places: int, opening: int, window: int, setup: float) -> int:
    """How many tasks may be ready before another connection is worth opening for them.

    Args:
        places: how many more tasks the open connections would take right now.
        opening: connections being opened; each will take `window` tasks.
        window: how many tasks a connection carries at once; 1 without pipelining.
        setup: seconds that opening the latest connection took; 0 while unknown.
    """
    if opening >= opening_at_once(setup) and window > 1:
        return NEVER
    return places + opening * window


def capacity(window: int, tasks: int, connections: int, mean: float) -> int:
    """How many tasks a connection carries at once.

    Where all connections have enough to do, each takes its share: the fewer turns of asking and answering, the
    fewer pauses in which the wire is empty, and the fewer times two threads change places.

    Args:
        window: what it carries in any case; 1 without pipelining.
        tasks: those that are ready, and those that are being carried; 0 where the connection has not shown its pace.
        connections: how many may share them, those included that could still be opened.
        mean: bytes that an answer had so far.
    """
    if window <= 1:
        return window
    share = min(tasks // max(connections, 1), deepest(window))
    return max(1, min(max(window, share), int(WINDOW_BYTES // max(mean, 1.0))))


def deepest(window: int) -> int:
    """How many commands of tasks a connection carries at most."""
    return window if window <= 1 or window < WINDOW else max(window, DEEPEST)


def worth_asking(room: int, carries: int) -> bool:
    """Whether a connection that carries so many tasks at most should take more of them now.

    A quarter of the window at a time: what is left of it keeps the server busy meanwhile, and each turn costs a
    system call and a change of threads, however few tasks it brings.
    """
    return room * 4 >= carries


def backoff(attempt: int, jitter: float) -> float:
    """Seconds before a connection is tried again after the server refused one for its limits.

    Args:
        attempt: 1 for the first refusal in a row. jitter: 0 to 1, random.
    """
    return float(min(0.25 * 2 ** min(attempt - 1, 7), 30.0)) * (0.5 + jitter)
