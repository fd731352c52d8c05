"""The disk queue when its process is killed (SIGKILL) at every point that matters, and when several share a folder.

The server is the test's own, so a hook in it knows how far the child has come. What is left is then sent by another
client; what the server has taken must be there once, and what is missing must be in `unknown`, where D3 allows it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from mailclients import MailMessage, SmtpClient
from mailclients.disk import TEMPORARY
from tests.support.autosmtp import KEYWORDS, Session, SmtpServer
from tests.support.queue_child import ROOT, QueueChild
from tests.support.scripted import PATIENCE
from tests.support.waiting import until

CHUNKING = [*KEYWORDS, "CHUNKING"]


def put(folder: Path, count: int, body: str = "hello", to: str = "bob@example.org") -> list[str]:
    """Puts messages into the queue; their Message-IDs."""
    client = SmtpClient()
    client.smtp_queue_location = str(folder)
    messages = [MailMessage("ann@example.com", to, f"message {number}", body) for number in range(count)]
    client.send_to_queue(messages)
    return [one.message_id for one in messages]


def taken(server: SmtpServer) -> Counter[str]:
    """How often the server has taken each message, by Message-ID."""
    return Counter(MailMessage.from_bytes(one.content).message_id for one in server.accepted)


def unknown(folder: Path) -> set[str]:
    return {json.loads(path.read_bytes())["message_id"] for path in (folder / "unknown").glob("*.json")}


def drain(folder: Path, server: SmtpServer) -> None:
    """Another process sends what is left."""
    with QueueChild(folder, server.port) as child:
        child.wait_until_begun()
        until(lambda: not list(folder.glob("*.eml")), "an empty queue")
        child.end()


class Stop:
    """A point at which the child is held: a hook that says it was reached and waits until the child is gone."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.gone = threading.Event()

    def __call__(self, session: Session, rest: str) -> str | None:
        if not self.gone.is_set():
            self.reached.set()
            assert self.gone.wait(PATIENCE)
            session.drop()
        return None

    def kill(self, child: QueueChild) -> None:
        assert self.reached.wait(PATIENCE)
        child.kill()
        self.gone.set()


@pytest.mark.parametrize("point", ["greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
def test_D2_killed_before_the_content_everything_is_sent_once(tmp_path: Path, point: str) -> None:
    stop = Stop()
    with SmtpServer() as server:
        if point == "greeting":
            server.greeting = lambda session: stop(session, "") or "220 mx.example ESMTP"
        else:
            server.on[point] = stop
        sent = put(tmp_path, 30)
        with QueueChild(tmp_path, server.port) as child:
            stop.kill(child)
        assert server.accepted == []
        drain(tmp_path, server)
        assert taken(server) == Counter(sent)
        assert unknown(tmp_path) == set()


@pytest.mark.parametrize("keywords", [KEYWORDS, CHUNKING], ids=["DATA", "BDAT"])
def test_D2_killed_in_the_middle_of_the_content_a_message_is_sent_again(tmp_path: Path, keywords: list[str]) -> None:
    stop = Stop()

    def some_of_it(session: Session, rest: str) -> str | None:
        if stop.gone.is_set():
            return None
        if session.verbs[-1] == "DATA":
            session.send("354 go on")
        session.exactly(100_000)
        return stop(session, rest)

    with SmtpServer(keywords=keywords) as server:
        server.on["DATA"] = server.on["BDAT"] = some_of_it
        sent = put(tmp_path, 2, ("x" * 900 + "\n") * 7000)
        with QueueChild(tmp_path, server.port, 1) as child:
            stop.kill(child)
        drain(tmp_path, server)
        assert taken(server) == Counter(sent)
        assert unknown(tmp_path) == set()


@pytest.mark.parametrize("keywords", [KEYWORDS, CHUNKING], ids=["DATA", "BDAT"])
@pytest.mark.parametrize("point", ["END", "TAKEN"])
def test_D3_killed_between_the_end_and_the_answer_a_message_is_put_aside(
    tmp_path: Path, keywords: list[str], point: str
) -> None:
    """Whether the server has it cannot be known: here it has not, and it has."""
    stop = Stop()
    with SmtpServer(keywords=keywords) as server:
        server.on[point] = stop
        sent = put(tmp_path, 3)
        with QueueChild(tmp_path, server.port, 1) as child:
            stop.kill(child)
        drain(tmp_path, server)
        assert unknown(tmp_path) == {sent[0]}
        assert taken(server) == Counter(sent if point == "TAKEN" else sent[1:])


def test_D3_killed_when_the_answer_comes_a_message_is_sent_once_or_put_aside(tmp_path: Path) -> None:
    stop = Stop()

    def answered(session: Session, rest: str) -> str | None:
        if not stop.gone.is_set():
            session.send("250 2.0.0 queued")
        return stop(session, rest)

    with SmtpServer() as server:
        server.on["TAKEN"] = answered
        sent = put(tmp_path, 3)
        with QueueChild(tmp_path, server.port, 1) as child:
            stop.kill(child)
        drain(tmp_path, server)
        assert taken(server) == Counter(sent)
        assert unknown(tmp_path) <= {sent[0]}


def test_D2_killed_when_the_answer_has_been_noted_nothing_is_left(tmp_path: Path) -> None:
    stop = Stop()

    def next_one(session: Session, rest: str) -> str | None:
        if not session.taken:
            return None
        until(lambda: len(list(tmp_path.glob("*.eml"))) == 1, "the note of the first")
        return stop(session, rest)

    with SmtpServer() as server:
        server.on["END"] = next_one
        sent = put(tmp_path, 2)
        with QueueChild(tmp_path, server.port, 1) as child:
            stop.kill(child)
        server.on.clear()
        drain(tmp_path, server)
        assert taken(server) == Counter(sent[:1])
        assert unknown(tmp_path) == {sent[1]}


def test_D1_killed_while_messages_are_put_in_no_half_of_them_is_found(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from tests.clients.test_queue_files import CONTENT, DiskQueue, envelope\n"
        "def messages():\n"
        "    yield envelope(), CONTENT, '<1@b.example>'\n"
        "    print('written', flush=True)\n"
        "    sys.stdin.read()\n"
        "DiskQueue(sys.argv[1]).put(messages(), 1.0)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "written\n"
        child.kill()
    assert [path.name.startswith(TEMPORARY) for path in tmp_path.iterdir() if path.is_file()] == [True]
    with SmtpServer() as server:
        sent = put(tmp_path, 1)
        drain(tmp_path, server)
        assert taken(server) == Counter(sent)


def test_D6_killed_between_two_tries_those_who_have_it_do_not_get_it_again(tmp_path: Path) -> None:
    with SmtpServer(refused={"later@example.org": "450 4.2.0 later"}) as server:
        put(tmp_path, 1, to="bob@example.org, later@example.org")
        with QueueChild(tmp_path, server.port) as child:
            until(lambda: list(tmp_path.glob("*.json")), "the record")
            child.kill()
        server.refused.clear()
        drain(tmp_path, server)
        assert [one.recipients for one in server.accepted] == [["bob@example.org"], ["later@example.org"]]


def _so_far(server: SmtpServer, enough: int, folder: Path) -> bool:
    return len(server.accepted) >= enough or not list(folder.glob("*.eml"))


@pytest.mark.parametrize("step", [1, 7])
def test_D2_killed_again_and_again_nothing_is_lost_and_nothing_doubled(tmp_path: Path, step: int) -> None:
    """Killed when the server has taken so many more messages: at no special point, and at many."""
    with SmtpServer() as server:
        sent = put(tmp_path, 60)
        kills = 0
        while list(tmp_path.glob("*.eml")):
            with QueueChild(tmp_path, server.port, 3) as child:
                enough = len(server.accepted) + step * (kills + 1)
                until(partial(_so_far, server, enough, tmp_path), "so many messages")
                child.kill()
            kills += 1
            assert kills < 60
        assert kills > 2
        found = taken(server)
        assert set(found.values()) == {1}
        assert set(found) | unknown(tmp_path) == set(sent)
        assert len(unknown(tmp_path)) <= 3 * kills  # at most one for each connection


# --- several processes -------------------------------------------------------------------------------------


def test_D7_two_processes_on_one_folder_send_everything_once(tmp_path: Path) -> None:
    with (
        SmtpServer() as server,
        QueueChild(tmp_path, server.port, 2) as one,
        QueueChild(tmp_path, server.port, 2) as other,
    ):
        one.wait_until_begun()
        other.wait_until_begun()
        sent = [name for _ in range(10) for name in put(tmp_path, 10)]
        server.wait_for(lambda: len(server.accepted) >= 100)
        until(lambda: not list(tmp_path.glob("*.eml")), "an empty queue")
        assert one.end() + other.end() == 100
        assert taken(server) == Counter(sent)
        assert unknown(tmp_path) == set()


def test_D7_what_a_killed_process_had_claimed_another_sends(tmp_path: Path) -> None:
    stop = Stop()
    with SmtpServer() as server:
        server.on["MAIL"] = stop
        sent = put(tmp_path, 20)
        with QueueChild(tmp_path, server.port) as one:
            assert stop.reached.wait(PATIENCE)
            with QueueChild(tmp_path, server.port) as other:
                other.wait_until_begun()
                more = put(tmp_path, 1)
                stop.kill(one)
                until(lambda: not list(tmp_path.glob("*.eml")), "an empty queue")
                assert other.end() == 21
        assert taken(server) == Counter([*sent, *more])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_C10_a_forked_child_does_not_keep_messages_locked(tmp_path: Path) -> None:
    program = (
        "import os, sys\n"
        "from tests.clients.test_send_queue import queue_client, sender_of, until\n"
        "from tests.support.autosmtp import SmtpServer\n"
        "from tests.clients.test_queue_crashes import put, threading\n"
        "from pathlib import Path\n"
        "server = SmtpServer()\n"
        "server.on['MAIL'] = lambda session, rest: None if threading.Event().wait(60) else None\n"
        "client = queue_client(server, Path(sys.argv[1]))\n"
        "client.begin_send_queue()\n"
        "until(lambda: sender_of(client)._flights and 'MAIL' in server.verbs)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    sys.stdin.read()\n"
        "    os._exit(0)\n"
        "print('forked', flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    sent = put(tmp_path, 2)
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", program, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "forked\n"
        parent.wait()  # its child lives on
        with SmtpServer() as server:
            drain(tmp_path, server)
            assert taken(server) == Counter(sent)
