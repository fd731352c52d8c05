"""What large jobs take: memory of a large message saved and of handles that wait, and processor time as jobs grow.

`python benchmarks/scale.py [--rounds N]` starts a private Dovecot on loopback; each measurement is a process of its
own. `save` is a message of 200 MB written to a file, `handles` 100,000 begun operations that nobody serves yet, and
`growth` 10,000 and 50,000 small messages fetched one by one in turn, whose processor time for each message is
compared round by round.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

HOST, PASSWORD = "127.0.0.1", "secret"
RUN_SECONDS = 300
LARGE = 200 * 1000 * 1000  # bytes of the message that is saved
HANDLES = 100_000
GROWTH = (10_000, 50_000)  # messages
HERE = Path(__file__).resolve().parent

Figures = dict[str, float]
Rows = Iterator[tuple[str, str]]  # what was measured, and the figure


def highest() -> int:
    """The most memory this process has had so far, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # what follows counts, on Linux, the process that this one was started from as well
        (peak,) = [line.split()[1] for line in status.read_text("ascii", "replace").splitlines() if "VmHWM" in line]
        return int(peak) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def connected(port: int, user: str) -> Any:
    from mailclients import ImapClient, SecurityOptions

    client = ImapClient(HOST, port, user, PASSWORD, SecurityOptions.NONE)
    client.select_folder("INBOX", True)
    return client


def save(port: int, user: str, count: int) -> Figures:
    """Memory that saving the only message takes beyond what the client had before."""
    with connected(port, user) as client, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "message.eml"
        before, begun = highest(), time.perf_counter()
        client.save_message("1", str(file))
        seconds = time.perf_counter() - begun
        assert file.stat().st_size >= count
        return {"memory": highest() - before, "seconds": seconds}


def handles(port: int, user: str, count: int) -> Figures:
    """Memory that handles take, and how long a begin takes, with a server that does not say a word."""
    import socket

    from mailclients import ImapClient, SecurityOptions

    with socket.create_server((HOST, 0)) as silent:
        client = ImapClient(HOST, silent.getsockname()[1], user, PASSWORD, SecurityOptions.NONE)
        taken = [0.0] * count
        begun: list[Any] = [None] * count
        before = highest()
        for place in range(count):
            at = time.perf_counter()
            begun[place] = client.begin_fetch_message("1")
            taken[place] = time.perf_counter() - at
        figures = {"memory": float(highest() - before), "one": statistics.median(taken) * 1e6}
        client.dispose(0)
    return figures


def growth(port: int, user: str, count: int) -> Figures:
    """Processor time for each message of a job."""
    begun = time.process_time()
    with connected(port, user) as client:
        waiting = [client.begin_fetch_message(str(uid)) for uid in range(1, count + 1)]
        size = sum(len(client.end_fetch_message(handle).as_bytes()) for handle in waiting)
    assert size > 0
    return {"one": (time.process_time() - begun) / count * 1e6}


PROGRAMS: dict[str, Callable[[int, str, int], Figures]] = {"save": save, "handles": handles, "growth": growth}


class Failed(Exception):
    """A program did not do its work; the message says what it printed."""


def measure(name: str, port: int, user: str, count: int) -> Figures:
    """Run one program once."""
    command = [sys.executable, str(HERE / "scale.py"), "--program", name, str(port), user, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
    if done.returncode != 0:
        raise Failed(f"{name} failed:\n{done.stderr.strip()[-2000:]}")
    figures: Figures = json.loads(done.stdout)
    return figures


def spread(values: Sequence[float], unit: str) -> str:
    return f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g}) {unit}".strip()


def rows_of_save(port: int, server: Any, rounds: int) -> Rows:
    user, line = server.new_user("one"), b"0123456789" * 7 + b"\r\n"
    server.fill(user, "INBOX", [b"Subject: large\r\n\r\n" + line * (LARGE // len(line) + 1)])
    runs = [measure("save", port, user, LARGE) for _ in range(rounds)]
    yield f"save_message of {LARGE // 1_000_000} MB: memory", spread([run["memory"] / 1e6 for run in runs], "MB")


def rows_of_handles(port: int, server: Any, rounds: int) -> Rows:
    runs = [measure("handles", port, "nobody", HANDLES) for _ in range(rounds)]
    yield f"{HANDLES:,} queued handles: memory", spread([run["memory"] / 1e6 for run in runs], "MB")
    yield "the same: one begin", spread([run["one"] for run in runs], "us")


def rows_of_growth(port: int, server: Any, rounds: int) -> Rows:
    from benchmarks.listing import messages

    user = server.new_user("many")
    server.fill(user, "INBOX", messages(GROWTH[-1]))
    grown = [[measure("growth", port, user, count)["one"] for count in GROWTH] for _ in range(rounds)]
    for count, runs in zip(GROWTH, zip(*grown, strict=True), strict=True):
        yield f"{count:,} messages one by one: CPU of each", spread(runs, "us")
    ratios = [last / first for first, last in grown]
    yield f"CPU of each, {GROWTH[-1]:,} over {GROWTH[0]:,}", spread(ratios, "")


ROWS: dict[str, Callable[[int, Any, int], Rows]] = {
    "save": rows_of_save,
    "handles": rows_of_handles,
    "growth": rows_of_growth,
}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="runs of each program (default: %(default)s)")
    parser.add_argument("--only", nargs="+", choices=sorted(PROGRAMS), default=sorted(PROGRAMS), help="what to measure")
    parser.add_argument("--program", nargs=4, metavar=("NAME", "PORT", "USER", "COUNT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.program:
        name, port, user, count = options.program
        print(json.dumps(PROGRAMS[name](int(port), user, int(count))), flush=True)
        return 0
    if options.rounds < 1:
        parser.error("--rounds starts at 1")
    from tests.servers.dovecot import Dovecot
    from tests.servers.process import ServerUnavailable

    try:
        with Dovecot() as server:
            port = server.imap_port
            print("| Job | Median, least and greatest |\n| :-- | --: |", flush=True)
            for what, rows in ROWS.items():
                if what in options.only:
                    for title, figure in rows(port, server, options.rounds):
                        print(f"| {title} | {figure} |", flush=True)
    except (ServerUnavailable, Failed) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))
    sys.exit(main())
