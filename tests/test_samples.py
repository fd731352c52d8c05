"""Every sample runs to its end against the embedded server, as a program of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailclients import ImapClient, MailMessage
from mailclients.testing import MailServer, sample_messages

SAMPLES = Path(__file__).resolve().parent.parent / "samples"


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    folders = {"INBOX": sample_messages(40), "Archive": sample_messages(12)}
    with MailServer({"anna": "secret"}, {"anna": folders}) as running:
        yield running


def run_sample(name: str, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, str(SAMPLES / name), *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "Warning" not in done.stdout, done.stdout
    return done.stdout


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("01_begin_and_end.py", "The inbox has 40 messages."),
        ("02_callback.py", "Message 1 is "),
        ("03_work_item.py", "12 messages, "),
        ("04_own_connection.py", "Archive has 12 messages"),
        ("05_waiting.py", "All 20 are here:"),
        ("06_more_work_than_connections.py", "200 operations fetched "),
        ("07_futures_and_asyncio.py", "awaited: "),
        ("08_pop3_callback.py", "Message 1 is "),
        ("09_pop3_query.py", " messages speak of minutes in their subject."),
        ("10_smtp_callback.py", "The invitation: sent."),
        ("11_disk_queue.py", "30 messages sent, 0 failed; 0 are left in the queue."),
        ("12_thousand_messages.py", "1000 messages sent, 0 failed, "),
        ("13_watch_a_folder.py", "Gone from Archive: the message "),
        ("14_back_up_and_restore.py", "'Archive restored' has 12 messages."),
        ("15_queries.py", " messages are from Dora and nobody else."),
    ],
)
def test_sample(server: MailServer, name: str, expected: str) -> None:
    ports = {"--port": server.imap_port, "--pop3-port": server.pop3_port, "--smtp-port": server.smtp_port}
    where = ("--host", server.host, *(part for option, port in ports.items() for part in (option, str(port))))
    assert expected in run_sample(name, *where, "--user", "anna", "--password", "secret")


@pytest.mark.parametrize("name", ["01_begin_and_end.py", "08_pop3_callback.py", "10_smtp_callback.py"])
def test_every_sample_takes_what_the_shared_server_says_of_itself(name: str) -> None:
    command = [sys.executable, str(SAMPLES / "_server.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as running:
        assert running.stdin is not None
        assert running.stdout is not None
        try:
            told = json.loads(running.stdout.readline())
            run_sample(name, *(part for key, value in told.items() for part in (f"--{key}", str(value))))
        finally:
            running.stdin.close()


def test_a_pop3_sample_takes_its_port_as_any_other(server: MailServer) -> None:
    where = ("--host", server.host, "--port", str(server.pop3_port), "--user", "anna", "--password", "secret")
    assert "Message 1 is " in run_sample("08_pop3_callback.py", *where)


def test_the_queries_find_something_where_other_samples_have_read_everything(server: MailServer) -> None:
    with ImapClient(server.host, server.imap_port, "anna", "secret") as client:
        client.fetch_messages([info.unique_id for info in client.list_messages()])
        assert all(info.is_read for info in client.list_messages())
    where = ("--host", server.host, "--port", str(server.imap_port), "--user", "anna", "--password", "secret")
    assert run_sample("15_queries.py", *where).startswith("11 messages meet ")


def test_a_sample_starts_a_server_of_its_own() -> None:
    assert "The inbox has 40 messages." in run_sample("01_begin_and_end.py")


def test_no_sample_message_shows_a_broken_character() -> None:
    for sample in sample_messages(40):
        message = MailMessage.from_bytes(sample.content)
        shown = f"{message.subject} {message.from_address} {message.to} {message.body}"
        assert "\ufffd" not in shown, shown


def test_no_sample_is_left_out() -> None:
    marks = [mark for mark in test_sample.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]
    tested = [name for name, _ in marks[0].args[1]]
    assert tested == sorted(path.name for path in SAMPLES.glob("[0-9]*.py"))
