"""The programs that are compared, each run as a process of its own.

`python programs.py JOB NAME PORT USER COUNT CONNECTIONS [CPU]`: carries the job out and prints one line of JSON:
seconds by the clock and by the processor, messages and bytes, and of `noop` the median of one in microseconds.
Imports are outside the time; connecting and signing in are inside. What a job is stands in `jobs.py`.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl

HOST, PASSWORD = "127.0.0.1", "secret"
OURS, FLOOR = "mailclients", "floor"
SENDER, READER = "a@example.org", "b@example.org"

Result = tuple[int, int]  # messages and their bytes
Program = Callable[[int, str, int, int], Any]


def shared_out(work: Callable[[Sequence[int]], Result], count: int, threads: int) -> Result:
    """The numbers 1 to `count`, a share for each thread; the sum of what they did."""
    results: list[Result] = []

    def share(index: int) -> None:
        results.append(work(range(index + 1, count + 1, threads)))

    workers = [threading.Thread(target=share, args=(index,)) for index in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(messages for messages, _ in results), sum(size for _, size in results)


def sizes(bodies: Sequence[bytes]) -> Result:
    return len(bodies), sum(map(len, bodies))


@cache
def letters(count: int) -> list[bytes]:
    """What is sent; made before the time is taken."""
    from benchmarks.corpus import messages

    return list(messages(count))


# -- IMAP: one command a message ------------------------------------------------------------


def context() -> ssl.SSLContext:
    """For TLS on both sides alike; who the server is does not matter on loopback."""
    import ssl

    made = ssl.create_default_context()
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made


def fetch_mailclients(*, compression: bool = False, tls: bool = False) -> Program:
    """Every fetch begun at once from one thread, then every one ended."""
    from mailclients import ImapClient, SecurityOptions

    def program(port: int, user: str, count: int, connections: int) -> Result:
        with ImapClient(
            HOST, port, user, PASSWORD, SecurityOptions.SSL_IMPLICIT if tls else SecurityOptions.NONE
        ) as client:
            if tls:
                client.ssl_context = context()
            client.max_connections_per_server = connections
            client.compression = compression
            client.select_folder("INBOX", True)
            handles = [client.begin_fetch_message(str(uid)) for uid in range(1, count + 1)]
            return sizes([client.end_fetch_message(handle).as_bytes() for handle in handles])

    return program


def fetch_imaplib(*, tls: bool = False) -> Program:
    import imaplib

    def work(port: int, user: str, uids: Sequence[int]) -> Result:
        client = imaplib.IMAP4_SSL(HOST, port, ssl_context=context()) if tls else imaplib.IMAP4(HOST, port)
        client.login(user, PASSWORD)
        client.select("INBOX", readonly=True)
        found: list[bytes] = []
        for uid in uids:
            status, data = client.uid("FETCH", str(uid), "(BODY.PEEK[])")
            assert status == "OK", data
            assert isinstance(data[0], tuple), data
            found.append(data[0][1])
        client.logout()
        return sizes(found)

    return lambda port, user, count, connections: shared_out(partial(work, port, user), count, connections)


def fetch_imapclient() -> Program:
    import imapclient

    def work(port: int, user: str, uids: Sequence[int]) -> Result:
        with imapclient.IMAPClient(HOST, port, ssl=False) as client:
            client.login(user, PASSWORD)
            client.select_folder("INBOX", readonly=True)
            return sizes([client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"] for uid in uids])

    return lambda port, user, count, connections: shared_out(partial(work, port, user), count, connections)


def fetch_aioimaplib() -> Program:
    import asyncio

    import aioimaplib

    async def share(port: int, user: str, uids: Sequence[int]) -> list[bytes]:
        client = aioimaplib.IMAP4(HOST, port)
        await client.wait_hello_from_server()
        await client.login(user, PASSWORD)
        await client.select("INBOX")  # after EXAMINE it refuses to fetch
        found: list[bytes] = []
        for uid in uids:
            answer = await client.uid("fetch", str(uid), "(BODY.PEEK[])")
            found.append(bytes(answer.lines[1]))
        await client.logout()
        return found

    async def all_of_them(port: int, user: str, count: int, connections: int) -> Result:
        shares = [share(port, user, range(first, count + 1, connections)) for first in range(1, connections + 1)]
        return sizes([body for part in await asyncio.gather(*shares) for body in part])

    return lambda port, user, count, connections: asyncio.run(all_of_them(port, user, count, connections))


def fetch_floor() -> Program:
    """All commands of a share at once over a socket, the answers counted and dropped."""
    import socket

    def until(sock: socket.socket, end: bytes) -> int:
        room, seen, count = memoryview(bytearray(1 << 18)), b"", 0
        while end not in seen:
            read = sock.recv_into(room)
            assert read, "the server has hung up"
            count += read
            seen = seen[-2000:] + bytes(room[max(0, read - 2000) : read])
        return count

    def work(port: int, user: str, uids: Sequence[int]) -> Result:
        with socket.create_connection((HOST, port)) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            until(sock, b"\r\n")
            for tag, line in enumerate((f"LOGIN {user} {PASSWORD}", "EXAMINE INBOX")):
                sock.sendall(f"s{tag} {line}\r\n".encode())
                until(sock, b"s%d OK" % tag)
            sock.sendall(b"".join(b"f%d UID FETCH %d BODY.PEEK[]\r\n" % (uid, uid) for uid in uids))
            return len(uids), until(sock, b"\r\nf%d OK" % uids[-1])

    return lambda port, user, count, connections: shared_out(partial(work, port, user), count, connections)


# -- IMAP: all messages in one call ------------------------------------------------------------


def bulk_mailclients() -> Program:
    from mailclients import ImapClient, SecurityOptions

    def program(port: int, user: str, count: int, connections: int) -> Result:
        with ImapClient(HOST, port, user, PASSWORD, SecurityOptions.NONE) as client:
            client.select_folder("INBOX", True)
            return sizes([message.as_bytes() for message in client.fetch_messages(list(map(str, range(1, count + 1))))])

    return program


def bulk_imap_tools() -> Program:
    import imap_tools

    def program(port: int, user: str, count: int, connections: int) -> Result:
        with imap_tools.MailBoxUnencrypted(HOST, port).login(user, PASSWORD) as box:
            return sizes([message.obj.as_bytes() for message in box.fetch(bulk=True, mark_seen=False)])

    return program


# -- IMAP: a NOOP ------------------------------------------------------------


def repeated(once: Callable[[], object], count: int) -> tuple[int, int, float]:
    """How long one takes: the median, in microseconds."""
    taken: list[float] = []
    for _ in range(count):
        begun = time.perf_counter()
        once()
        taken.append((time.perf_counter() - begun) * 1e6)
    return count, 0, median(taken)


def noop_mailclients(*, begun: bool = False) -> Program:
    from mailclients import ImapClient, SecurityOptions

    def program(port: int, user: str, count: int, connections: int) -> tuple[int, int, float]:
        with ImapClient(HOST, port, user, PASSWORD, SecurityOptions.NONE) as client:
            client.select_folder("INBOX", True)
            return repeated((lambda: client.end_noop(client.begin_noop())) if begun else client.noop, count)

    return program


def noop_imaplib() -> Program:
    import imaplib

    def program(port: int, user: str, count: int, connections: int) -> tuple[int, int, float]:
        with imaplib.IMAP4(HOST, port) as client:
            client.login(user, PASSWORD)
            client.select("INBOX", readonly=True)
            return repeated(client.noop, count)

    return program


# -- POP3 ------------------------------------------------------------


def pop3_mailclients() -> Program:
    from mailclients import Pop3Client, SecurityOptions

    def program(port: int, user: str, count: int, connections: int) -> Result:
        with Pop3Client(HOST, port, user, PASSWORD, SecurityOptions.NONE) as client:
            client.max_connections_per_server = connections
            handles = [client.begin_fetch_message(number) for number in range(1, count + 1)]
            return sizes([client.end_fetch_message(handle).as_bytes() for handle in handles])

    return program


def pop3_poplib() -> Program:
    import poplib

    def program(port: int, user: str, count: int, connections: int) -> Result:
        client = poplib.POP3(HOST, port)
        client.user(user)
        client.pass_(PASSWORD)
        found = [b"\r\n".join([*client.retr(number)[1], b""]) for number in range(1, count + 1)]
        client.quit()
        return sizes(found)

    return program


def pop3_floor() -> Program:
    import socket

    def program(port: int, user: str, count: int, connections: int) -> Result:
        with socket.create_connection((HOST, port)) as sock, sock.makefile("rb") as answers:
            answers.readline()
            for line in (f"USER {user}", f"PASS {PASSWORD}"):
                sock.sendall(line.encode() + b"\r\n")
                answers.readline()
            sock.sendall(b"".join(b"RETR %d\r\n" % number for number in range(1, count + 1)))
            ended = size = 0
            while ended < count:
                answer = answers.readline()
                size += len(answer)
                ended += answer == b".\r\n"
            return ended, size

    return program


# -- SMTP ------------------------------------------------------------


def smtp_mailclients() -> Program:
    from mailclients import MailMessage, SecurityOptions, SmtpClient

    def program(port: int, user: str, count: int, connections: int) -> Result:
        sent = [MailMessage.from_bytes(letter) for letter in letters(count)]
        with SmtpClient(HOST, port, SecurityOptions.NONE) as client:
            client.max_connections_per_server = connections
            handles = [client.begin_forward(SENDER, READER, message) for message in sent]
            for handle in handles:
                client.end_forward(handle)
        return sizes([message.as_bytes() for message in sent])

    return program


def smtp_smtplib() -> Program:
    import smtplib

    def work(port: int, sent: Sequence[bytes], numbers: Sequence[int]) -> Result:
        mine = [sent[number - 1] for number in numbers]
        with smtplib.SMTP(HOST, port) as client:
            for letter in mine:
                client.sendmail(SENDER, [READER], letter)
        return sizes(mine)

    return lambda port, user, count, connections: shared_out(partial(work, port, letters(count)), count, connections)


def smtp_aiosmtplib() -> Program:
    import asyncio

    import aiosmtplib

    async def share(port: int, mine: Sequence[bytes]) -> None:
        async with aiosmtplib.SMTP(HOST, port) as client:
            for letter in mine:
                await client.sendmail(SENDER, [READER], letter)

    async def all_of_them(port: int, sent: Sequence[bytes], connections: int) -> None:
        await asyncio.gather(*(share(port, sent[first::connections]) for first in range(connections)))

    def program(port: int, user: str, count: int, connections: int) -> Result:
        sent = letters(count)
        asyncio.run(all_of_them(port, sent, connections))
        return sizes(sent)

    return program


def smtp_floor() -> Program:
    """The envelope of each message behind the end of the one before it; so a message takes one round trip."""
    import socket

    def work(port: int, sent: Sequence[bytes], numbers: Sequence[int]) -> Result:
        envelope = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{READER}>\r\nDATA\r\n".encode()
        mine = [sent[number - 1] for number in numbers]
        with socket.create_connection((HOST, port)) as sock, sock.makefile("rb") as answers:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            answers.readline()
            sock.sendall(b"EHLO client.example.org\r\n")
            while answers.readline()[3:4] == b"-":
                pass
            sock.sendall(envelope)
            for place, letter in enumerate(mine, 1):
                while not (answer := answers.readline()).startswith(b"354"):
                    assert answer.startswith(b"250"), answer
                ended = letter.replace(b"\r\n.", b"\r\n..") + b".\r\n"
                sock.sendall(ended + envelope if place < len(mine) else ended)
            assert answers.readline().startswith(b"250")
        return sizes(mine)

    return lambda port, user, count, connections: shared_out(partial(work, port, letters(count)), count, connections)


PROGRAMS: dict[str, dict[str, Callable[[], Program]]] = {
    "fetch": {
        OURS: fetch_mailclients,
        "compressed": partial(fetch_mailclients, compression=True),
        "imaplib": fetch_imaplib,
        "imapclient": fetch_imapclient,
        "aioimaplib": fetch_aioimaplib,
        FLOOR: fetch_floor,
    },
    "tls": {OURS: partial(fetch_mailclients, tls=True), "imaplib": partial(fetch_imaplib, tls=True)},
    "bulk": {OURS: bulk_mailclients, "imap_tools": bulk_imap_tools},
    "noop": {OURS: noop_mailclients, "begin_end": partial(noop_mailclients, begun=True), "imaplib": noop_imaplib},
    "pop3": {OURS: pop3_mailclients, "poplib": pop3_poplib, FLOOR: pop3_floor},
    "smtp": {OURS: smtp_mailclients, "smtplib": smtp_smtplib, "aiosmtplib": smtp_aiosmtplib, FLOOR: smtp_floor},
}


def main() -> None:
    """Run one program and print what it took."""
    job, name, user = sys.argv[1], sys.argv[2], sys.argv[4]
    port, count, connections = int(sys.argv[3]), int(sys.argv[5]), int(sys.argv[6])
    if len(sys.argv) > 7 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(sys.argv[7])})
    program = PROGRAMS[job][name]()
    if job == "smtp":
        letters(count)
    cpu, wall = time.process_time(), time.perf_counter()
    found, size, *one = program(port, user, count, connections)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    figures = {"wall": wall, "cpu": cpu, "messages": found, "bytes": size, "one": one[0] if one else 0.0}
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main()
