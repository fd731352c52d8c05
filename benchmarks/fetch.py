"""Fetching a mailbox of whole messages: mailclients with begin/end beside imaplib with ten threads.

`python benchmarks/fetch.py [--messages N] [--pairs N] [--rtt MS ...]` starts a private Dovecot on loopback,
fills a mailbox, and runs the programs alternately, each as a process of its own, directly and through a proxy
that adds a round trip. A pair is one run of each, back to back; the ratio is imaplib's time over ours in the
same pair, so above 1 ours is faster. Prints a Markdown table of medians. Where there are two processors,
server and client get one each.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.corpus import messages  # noqa: E402 - needs the path above
from tests.servers.dovecot import Dovecot, ServerUnavailable, find_dovecot  # noqa: E402

OURS, PEER, COMPRESSED = "mailclients", "imaplib", "compressed"  # the last is ours over compressed connections
RUN_SECONDS = 600


class Failed(Exception):
    """A program did not do its work; the message says what it printed."""


@contextlib.contextmanager
def distance(port: int, round_trip: float) -> Iterator[int]:
    """A port that leads to `port` over `round_trip` milliseconds."""
    if round_trip <= 0:
        yield port
        return
    process = subprocess.Popen(
        [sys.executable, str(HERE / "delay_proxy.py"), str(port), str(round_trip)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def measure(
    name: str, port: int, user: str, count: int, size: int, connections: int, cpu: int | None
) -> dict[str, Any]:
    """Run one program once and check that it did all the work."""
    command = [sys.executable, str(HERE / "programs.py"), name]
    command += [str(port), user, str(count), str(connections)]
    if cpu is not None:
        command.append(str(cpu))
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
    if done.returncode != 0:
        raise Failed(f"{name} failed:\n{done.stderr.strip()[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout)
    if (result["messages"], result["bytes"]) != (count, size):
        raise Failed(f"{name} fetched {result['messages']} messages, {result['bytes']} bytes; {count}, {size} wanted")
    return result


def version_of_dovecot() -> str:
    """What Dovecot says of itself."""
    program = find_dovecot()
    assert program is not None
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[0]


def version_of_ours() -> str:
    """The version of the library."""
    import mailclients

    return str(getattr(mailclients, "__version__", "unreleased"))


def split_processors() -> int | None:
    """Keep this process and the servers it starts off one processor; returns that one, for the clients."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    processors = sorted(os.sched_getaffinity(0))
    if len(processors) < 2:
        return None
    os.sched_setaffinity(0, set(processors[:-1]))
    return processors[-1]


def row(round_trip: float, runs: dict[str, list[dict[str, Any]]]) -> str:
    """A line of the table."""
    cells = [f"{round_trip:g} ms"]
    for results in runs.values():
        wall = statistics.median(result["wall"] for result in results)
        cpu = statistics.median(result["cpu"] for result in results)
        cells += [f"{wall:.3f} s", f"{cpu:.3f} s"]
    if len(runs) == 2:
        ours, peer = runs[OURS], runs[PEER]
        ratios = [b["wall"] / a["wall"] for a, b in zip(ours, peer, strict=True)]
        cells += [f"{statistics.median(ratios):.2f}", f"{min(ratios):.2f} to {max(ratios):.2f}"]
    return "| " + " | ".join(cells) + " |"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=2000, help="in the mailbox (default: %(default)s)")
    parser.add_argument("--pairs", type=int, default=5, help="runs of each program (default: %(default)s)")
    parser.add_argument("--rtt", type=float, nargs="+", default=[0.0, 20.0], help="round trips, milliseconds")
    parser.add_argument("--connections", type=int, default=10, help="at most (default: %(default)s)")
    parser.add_argument("--only", choices=[OURS, PEER, COMPRESSED], help="run one program alone, without ratios")
    options = parser.parse_args()
    if min(options.messages, options.pairs, options.connections) < 1 or min(options.rtt) < 0:
        parser.error("--messages, --pairs and --connections start at 1, --rtt at 0")
    names = [options.only] if options.only else [OURS, PEER]
    cpu = split_processors()
    try:
        with Dovecot() as server:
            user, bodies = server.new_user("bench"), list(messages(options.messages))
            server.fill(user, "INBOX", bodies)
            size = sum(map(len, bodies))
            print(f"{len(bodies):,} messages, {size / 1e6:.1f} MB, {options.connections} connections, ", end="")
            print(f"medians of {options.pairs} pairs, server and client ", end="")
            print("on one processor each." if cpu is not None else "on the same processors.")
            print(f"Python {platform.python_version()}, mailclients {version_of_ours()}, ", end="")
            print(f"Dovecot {version_of_dovecot()}, {platform.system()} {platform.machine()}.\n")
            header = ["Round trip", *(part for name in names for part in (name, "its CPU"))]
            header += ["imaplib / mailclients", "range"] if len(names) == 2 else []
            print("| " + " | ".join(header) + " |\n|" + " --: |" * len(header), flush=True)
            for round_trip in options.rtt:
                runs: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
                with distance(server.imap_port, round_trip) as port:
                    for pair in range(-1, options.pairs):  # the first pair only warms the caches
                        for name in names if pair % 2 else reversed(names):
                            result = measure(name, port, user, len(bodies), size, options.connections, cpu)
                            if pair >= 0:
                                runs[name].append(result)
                print(row(round_trip, runs), flush=True)
    except (ServerUnavailable, Failed) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
