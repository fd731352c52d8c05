"""The jobs that speed is measured by: mailclients, its peers and each job's floor, alternating in one run.

`python benchmarks/jobs.py [JOB ...] [--rounds N] [--rtt MS ...] [--svg FILE]` starts a private Dovecot and Postfix's
sink on loopback, and runs the programs of each job in turn, each as a process of its own, directly and through a
proxy that adds a round trip. A round is one run of each; the ratio is a program's time over that of mailclients in
the same round, so above 1 mailclients is faster, and `floor` is the least that a Python program can do. Medians in
Markdown, and with `--svg` a chart. Where there are two processors, servers and clients get one each. What cannot be
run because it is not installed is named.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.corpus import messages  # noqa: E402 - needs the path above
from benchmarks.programs import FLOOR, OURS, PROGRAMS  # noqa: E402
from tests.servers.dovecot import Dovecot, find_dovecot  # noqa: E402
from tests.servers.process import HOST, ServerUnavailable, free_port  # noqa: E402
from tests.support.certs import make_certificates  # noqa: E402

RUN_SECONDS = 120
ON_REQUEST = ("compressed",)
PEERS = ("imapclient", "imap_tools", "aioimaplib", "aiosmtplib")


class Failed(Exception):
    """A program did not do its work; the message says what it printed."""


@dataclass(frozen=True)
class Job:
    """What is done, how often, over how many connections at most.

    Attributes:
        port: the server's, of those that are running. rtt: round trips in milliseconds it is measured at.
    """

    title: str
    count: int
    connections: int
    port: Callable[[Servers], int]
    rtt: tuple[float, ...]


@dataclass
class Servers:
    """What is running, and the user whose mailbox is filled."""

    imap: int
    imaps: int
    pop3: int
    smtp: int
    user: str


JOBS = {
    "fetch": Job("messages one by one", 2000, 10, lambda on: on.imap, (0.0, 20.0)),
    "tls": Job("messages one by one over TLS", 2000, 10, lambda on: on.imaps, (0.0, 20.0)),
    "bulk": Job("messages in one call", 2000, 1, lambda on: on.imap, (0.0,)),
    "noop": Job("NOOPs, one after the other", 500, 2, lambda on: on.imap, (0.0,)),
    "pop3": Job("messages by POP3, one connection", 1000, 1, lambda on: on.pop3, (20.0,)),
    "smtp": Job("messages sent", 500, 10, lambda on: on.smtp, (20.0,)),
}


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
        ended(process)
        process.stdout.close()


def ended(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def dovecot() -> Iterator[Dovecot]:
    """A private Dovecot that speaks TLS as well."""
    with tempfile.TemporaryDirectory() as folder:
        own = make_certificates(Path(folder)).good
        with Dovecot(own.certificate, own.key) as server:
            yield server


@contextlib.contextmanager
def sink() -> Iterator[int]:
    """The port of Postfix's sink, which takes mail and drops it; 0 where it is not installed."""
    program = shutil.which("smtp-sink", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
    if program is None:
        yield 0
        return
    port = free_port()
    as_user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([program, *as_user, f"{HOST}:{port}", "200"])
    try:
        until_it_listens(port, process)
        yield port
    finally:
        process.terminate()
        ended(process)


def until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    import socket

    end = time.monotonic() + 10
    while True:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), 5):
            return
        if process.poll() is not None or time.monotonic() > end:
            raise ServerUnavailable("smtp-sink did not start")


def measure(job: str, name: str, port: int, user: str, cpu: int | None) -> dict[str, Any]:
    """Run one program once and check that it did all the work."""
    what = JOBS[job]
    command = [sys.executable, str(HERE / "programs.py"), job, name]
    command += [str(port), user, str(what.count), str(what.connections)]
    if cpu is not None:
        command.append(str(cpu))
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
    if done.returncode != 0:
        raise Failed(f"{job}, {name}: {done.stderr.strip()[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout)
    if result["messages"] != what.count:
        raise Failed(f"{job}, {name}: {result['messages']} of {what.count}")
    return result


def split_processors() -> int | None:
    """Keep this process and the servers it starts off one processor; returns that one, for the clients."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    processors = sorted(os.sched_getaffinity(0))
    if len(processors) < 2:
        return None
    os.sched_setaffinity(0, set(processors[:-1]))
    return processors[-1]


def versions() -> str:
    """Of everything that takes part."""
    import mailclients

    parts = [f"Python {platform.python_version()}", f"mailclients {mailclients.__version__}"]
    for name in PEERS:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            parts.append(f"{name} {importlib.metadata.version(name)}")
    program = find_dovecot()
    assert program is not None
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return ", ".join([*parts, f"Dovecot {told.split()[0]}", f"{platform.system()} {platform.machine()}"])


def installed(name: str) -> bool:
    return name not in PEERS or importlib.util.find_spec(name) is not None


@dataclass(frozen=True)
class Line:
    """One program's figures in one job: medians, and its time over that of mailclients, round by round."""

    job: str
    round_trip: float
    name: str
    wall: float
    cpu: float
    one: float
    ratio: float
    least: float
    most: float

    def cells(self) -> list[str]:
        job = JOBS[self.job]
        title = f"{job.count:,} {job.title}" + (f", {self.round_trip:g} ms" if self.round_trip else ", loopback")
        time_taken = f"{self.one:.0f} us each" if self.one else f"{self.wall:.3f} s"
        ratio = "" if self.name == OURS else f"{self.ratio:.2f} ({self.least:.2f} to {self.most:.2f})"
        return [title, self.name, time_taken, f"{self.cpu / job.count * 1e6:.0f} us", ratio]


def lines_of(job: str, round_trip: float, runs: dict[str, list[dict[str, Any]]]) -> list[Line]:
    lines: list[Line] = []
    key = "one" if runs[OURS][0]["one"] else "wall"
    for name, results in runs.items():
        ratios = [theirs[key] / ours[key] for theirs, ours in zip(results, runs[OURS], strict=True)]
        wall, cpu, one = (statistics.median(result[which] for result in results) for which in ("wall", "cpu", "one"))
        ratio = statistics.median(ratios)
        lines.append(Line(job, round_trip, name, wall, cpu, one, ratio, min(ratios), max(ratios)))
    return lines


def chart(lines: Sequence[Line]) -> str:
    """Bars of the times as multiples of mailclients' in the same job, as SVG."""
    row, left, width = 18, 330, 900
    most = max(line.ratio for line in lines)
    bars: list[str] = []
    for place, line in enumerate(lines):
        y = 10 + place * row
        length = (width - left - 70) * line.ratio / most
        colour = {OURS: "#2a6f97", FLOOR: "#a3a3a3"}.get(line.name, "#d08c60")
        title = f"{line.cells()[0]}: {line.name}"
        bars.append(f'<text x="{left - 6}" y="{y + 12}" text-anchor="end">{title}</text>')
        bars.append(f'<rect x="{left}" y="{y + 2}" width="{length:.1f}" height="{row - 5}" fill="{colour}"/>')
        bars.append(f'<text x="{left + length + 5:.1f}" y="{y + 12}">{line.ratio:.2f}</text>')
    size = f'width="{width}" height="{20 + row * len(lines)}"'
    style = 'font-family="sans-serif" font-size="11"'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>', *bars, "</svg>", ""])


def rounds(job: str, names: Sequence[str], on: Servers, count: int, cpu: int | None, rtt: float) -> list[Line]:
    """Run the programs of a job in turn; the first round only warms the caches."""
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    with distance(JOBS[job].port(on), rtt) as port:
        for number in range(-1, count):
            for name in names if number % 2 else reversed(names):
                result = measure(job, name, port, on.user, cpu)
                if number >= 0:
                    runs[name].append(result)
    return lines_of(job, rtt, runs)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("jobs", nargs="*", metavar="JOB", help=f"of {', '.join(JOBS)} (default: all)")
    parser.add_argument("--rounds", type=int, default=15, help="runs of each program (default: %(default)s)")
    parser.add_argument("--rtt", type=float, nargs="+", help="round trips, milliseconds (default: the job's)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="programs that run beside mailclients")
    parser.add_argument("--svg", type=Path, help="where to draw a chart")
    options = parser.parse_args()
    unknown = [name for name in options.jobs if name not in JOBS]
    if unknown or options.rounds < 1 or (options.rtt and min(options.rtt) < 0):
        parser.error(f"no such job: {', '.join(unknown)}" if unknown else "--rounds starts at 1, --rtt at 0")
    cpu = split_processors()
    lines: list[Line] = []
    try:
        with dovecot() as server, sink() as smtp:
            bodies = list(messages(max(job.count for job in JOBS.values())))
            on = Servers(server.imap_port, server.imaps_port, server.pop3_port, smtp, server.new_user("bench"))
            server.fill(on.user, "INBOX", bodies)
            apart = "one processor each" if cpu is not None else "the same processors"
            print(
                f"{len(bodies):,} messages, {sum(map(len, bodies)) / 1e6:.1f} MB; medians of {options.rounds} rounds,"
            )
            print(f"servers and clients on {apart}. {versions()}.\n")
            print(
                "| Job | Program | Time | CPU each | Time / mailclients |\n| :-- | :-- | --: | --: | --: |", flush=True
            )
            for job in options.jobs or JOBS:
                asked = [name for name in PROGRAMS[job] if name in (options.only or set(PROGRAMS[job]) - {*ON_REQUEST})]
                names = [OURS, *(name for name in asked if name != OURS and installed(name))]
                if JOBS[job].port(on) == 0:
                    print(f"| {JOBS[job].title} | not measured: smtp-sink is not installed | | | |", flush=True)
                    continue
                for round_trip in options.rtt or JOBS[job].rtt:
                    found = rounds(job, names, on, options.rounds, cpu, round_trip)
                    lines += found
                    for line in found:
                        print("| " + " | ".join(line.cells()) + " |", flush=True)
                for name in asked:
                    if not installed(name):
                        print(f"| {JOBS[job].title} | {name}: not installed | | | |", flush=True)
    except (ServerUnavailable, Failed) as error:
        print(error, file=sys.stderr)
        return 1
    if options.svg is not None:
        options.svg.write_text(chart(lines), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
