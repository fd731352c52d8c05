"""The programs that are compared, each a process of its own.

`python programs.py NAME PORT USER COUNT CONNECTIONS [CPU]`: every program fetches the messages with UIDs 1 to
COUNT whole, one command a message, over at most CONNECTIONS connections, and prints one line of JSON: seconds
by the clock and by the processor, messages and bytes. Imports are outside the time; connecting and signing in
are inside.
"""

from __future__ import annotations

import imaplib
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

HOST, PASSWORD = "127.0.0.1", "secret"
Program = Callable[[int, str, int, int], tuple[int, int]]


def with_imaplib(port: int, user: str, count: int, connections: int) -> tuple[int, int]:
    """The standard library's imaplib: one thread and one connection for each share of the messages."""
    results: list[list[bytes]] = [[] for _ in range(connections)]

    def share(index: int) -> None:
        client = imaplib.IMAP4(HOST, port)
        client.login(user, PASSWORD)
        client.select("INBOX", readonly=True)
        for uid in range(index + 1, count + 1, connections):
            status, data = client.uid("FETCH", str(uid), "(BODY.PEEK[])")
            assert status == "OK", data
            assert isinstance(data[0], tuple), data
            results[index].append(data[0][1])
        client.logout()

    threads = [threading.Thread(target=share, args=(index,)) for index in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bodies = [body for part in results for body in part]
    return len(bodies), sum(map(len, bodies))


def load_mailclients(*, compression: bool = False) -> Program:
    """mailclients: every fetch begun at once from one thread, then every one ended."""
    from mailclients import ImapClient, SecurityOptions

    def program(port: int, user: str, count: int, connections: int) -> tuple[int, int]:
        client = ImapClient(HOST, port, user, PASSWORD, SecurityOptions.NONE)
        client.max_connections_per_server = connections
        client.compression = compression
        client.select_folder("INBOX", True)
        handles = [client.begin_fetch_message(str(uid)) for uid in range(1, count + 1)]
        found = [client.end_fetch_message(handle) for handle in handles]
        size = sum(len(message.as_bytes()) for message in found)
        client.dispose()
        return len(found), size

    return program


def main() -> None:
    """Run one program and print what it took."""
    name, port, user, count, connections = sys.argv[1], *sys.argv[2:6]
    if len(sys.argv) > 6 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(sys.argv[6])})
    program = with_imaplib if name == "imaplib" else load_mailclients(compression=name == "compressed")
    cpu, wall = time.process_time(), time.perf_counter()
    found, size = program(int(port), user, int(count), int(connections))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({"wall": wall, "cpu": cpu, "messages": found, "bytes": size}), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main()
