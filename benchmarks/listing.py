"""Listing a mailbox with all fields read: mailclients beside imapclient, by processor time of the client.

`python benchmarks/listing.py [--messages N] [--pairs N]` starts a private Dovecot on loopback, fills a mailbox,
and runs the two programs alternately, each as a process of its own. Both ask for UID, FLAGS, INTERNALDATE,
RFC822.SIZE and ENVELOPE of every message and then read each of these fields once: imapclient's as it gives them
(bytes, with dates decoded), ours decoded to text, addresses and dates. A pair is one run of each, back to back;
the ratio is our processor time over imapclient's in the same pair, so 0.5 is half. Imports are outside the
time; connecting, signing in and selecting are inside. `--only mailclients` runs ours alone, for mailboxes of
any size; the memory is the process's highest.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HOST, PASSWORD = "127.0.0.1", "secret"
OURS, PEER = "mailclients", "imapclient"
RUN_SECONDS = 600
STEP = 10_000
HERE = Path(__file__).resolve().parent

Program = Callable[[int, str], int]

_NAMES = ("Ada Lovelace", "Grace Hopper", "=?utf-8?q?J=C3=BCrgen_M=C3=BCller?=", '"Doe, Jane"', "", "Alan Turing")
_TOPICS = (
    "Minutes of the meeting",
    "=?utf-8?q?Bericht_=C3=BCber_Thema?=",
    "Invoice",
    "=?utf-8?B?5Y+w5YyX5Lya6K2w6K6w5b2V?=",
    "Re: Your order has been shipped",
    "[list] release plan for the next version of the library",
)


def messages(count: int) -> Iterator[bytes]:
    """`count` small messages: a quarter with encoded words, one to five recipients, some with copies."""
    source = random.Random(20240317)

    def mailbox() -> str:
        name, number = source.choice(_NAMES), source.randrange(500)
        address = f"person{number}@example{number % 7}.org"
        return f"{name} <{address}>" if name else address

    for number in range(1, count + 1):
        head = [
            f"From: {mailbox()}",
            "To: " + ",\r\n ".join(mailbox() for _ in range(source.choice((1, 1, 1, 2, 5)))),
            f"Subject: {source.choice(_TOPICS)} {number}",
            f"Date: {1 + number % 28:02d} Mar 2024 {number % 24:02d}:{number % 60:02d}:00 +0{number % 3}00",
            f"Message-ID: <{number}.{source.getrandbits(64):x}@example.org>",
        ]
        if number % 4 == 0:
            head.append("Cc: " + ", ".join(mailbox() for _ in range(2)))
        if number % 3 == 0:
            head.append(f"In-Reply-To: <{number - 1}@example.org>")
        yield "\r\n".join([*head, "", "text", ""]).encode()


# -- the programs, each in a process of its own ------------------------------------------------------------


def load_imapclient() -> Program:
    """The peer: the library that decodes ENVELOPE."""
    import imapclient

    def program(port: int, user: str) -> int:
        with imapclient.IMAPClient(HOST, port, ssl=False, use_uid=True) as client:
            client.login(user, PASSWORD)
            end = client.select_folder("INBOX", readonly=True)[b"UIDNEXT"]
            found = {}
            for first in range(1, end, STEP):  # it names every UID, and a command line has its limit
                uids = range(first, min(first + STEP, end))
                found.update(client.fetch(uids, ["UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"]))
            fields = 0
            for uid, items in found.items():
                envelope = items[b"ENVELOPE"]
                for value in (uid, items[b"SEQ"], items[b"FLAGS"], items[b"INTERNALDATE"], items[b"RFC822.SIZE"]):
                    fields += value is not None
                for value in (envelope.date, envelope.subject, envelope.message_id, envelope.in_reply_to):
                    fields += value is not None
                for people in (envelope.from_, envelope.sender, envelope.reply_to, envelope.to, envelope.cc):
                    for person in people or ():
                        fields += person.name is not None or bool(person.mailbox) or bool(person.host)
            return len(found) if fields > len(found) else 0

    return program


def load_mailclients() -> Program:
    """Ours: a listing, then every property of every message."""
    from mailclients import ImapClient, SecurityOptions

    def program(port: int, user: str) -> int:
        with ImapClient(HOST, port, user, PASSWORD, SecurityOptions.NONE) as client:
            client.select_folder("INBOX", True)
            found = client.list_messages()
            fields = 0
            for info in found:
                for value in (info.unique_id, info.sequence_number, info.flags, info.internal_date, info.size):
                    fields += value is not None
                fields += info.is_read + info.answered + info.flagged + info.deleted + info.draft + info.recent
                for text in (info.date, info.subject, info.message_id, info.from_address, info.sender):
                    fields += text is not None
                for people in (info.reply_to, info.to, info.cc, info.bcc):
                    for person in people:
                        fields += bool(person.display_name) or bool(person.address)
            return len(found) if fields > len(found) else 0

    return program


def run_program(name: str, port: int, user: str) -> None:
    """Run one program in this process and print what it took."""
    program = load_mailclients() if name == OURS else load_imapclient()
    cpu, wall = time.process_time(), time.perf_counter()
    count = program(port, user)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    try:
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    except ImportError:  # Windows
        memory = 0
    print(json.dumps({"wall": wall, "cpu": cpu, "messages": count, "memory": memory}), flush=True)


# -- measuring ------------------------------------------------------------


class Failed(Exception):
    """A program did not do its work; the message says what it printed."""


def measure(name: str, port: int, user: str, count: int) -> dict[str, Any]:
    """Run one program once and check that it listed everything."""
    command = [sys.executable, str(HERE / "listing.py"), "--program", name, str(port), user]
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
    if done.returncode != 0:
        raise Failed(f"{name} failed:\n{done.stderr.strip()[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout)
    if result["messages"] != count:
        raise Failed(f"{name} listed {result['messages']} messages; {count} wanted")
    return result


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=10_000, help="in the mailbox (default: %(default)s)")
    parser.add_argument("--pairs", type=int, default=5, help="runs of each program (default: %(default)s)")
    parser.add_argument("--only", choices=[OURS, PEER], help="run one program alone, without ratios")
    parser.add_argument("--program", nargs=3, metavar=("NAME", "PORT", "USER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.program:
        name, port, user = options.program
        run_program(name, int(port), user)
        return 0
    if min(options.messages, options.pairs) < 1:
        parser.error("--messages and --pairs start at 1")
    from tests.servers.dovecot import Dovecot
    from tests.servers.process import ServerUnavailable

    names = [options.only] if options.only else [OURS, PEER]
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    try:
        with Dovecot() as server:
            user = server.new_user("bench")
            server.fill(user, "INBOX", messages(options.messages))
            print(f"{options.messages:,} messages, {options.pairs} pairs, Python {platform.python_version()}.\n")
            header = [f"{name} {what}" for name in names for what in ("CPU", "time", "memory")]
            header += ["CPU ratio"] if len(names) == 2 else []
            print("| " + " | ".join(header) + " |\n|" + " --: |" * len(header), flush=True)
            for pair in range(-1, options.pairs):  # the first pair only warms the caches
                results = {
                    name: measure(name, server.imap_port, user, options.messages)
                    for name in (names if pair % 2 else reversed(names))
                }
                if pair < 0:
                    continue
                cells: list[str] = []
                for name in names:
                    result = results[name]
                    runs[name].append(result)
                    cells += [f"{result['cpu']:.3f} s", f"{result['wall']:.3f} s", f"{result['memory'] / 1e6:.0f} MB"]
                if len(names) == 2:
                    cells.append(f"{results[OURS]['cpu'] / results[PEER]['cpu']:.3f}")
                print("| " + " | ".join(cells) + " |", flush=True)
    except (ServerUnavailable, Failed) as error:
        print(error, file=sys.stderr)
        return 1
    if len(names) == 2:
        ratios = [ours["cpu"] / peer["cpu"] for ours, peer in zip(runs[OURS], runs[PEER], strict=True)]
        print(f"\nCPU, mailclients / imapclient: median {statistics.median(ratios):.3f}, ", end="")
        print(f"{min(ratios):.3f} to {max(ratios):.3f}")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))
    sys.exit(main())
