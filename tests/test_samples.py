"""Every sample runs to its end against the embedded servers that all of them share, as a program of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from mailclients import ImapClient, MailMessage
from mailclients.testing import MailServer, sample_messages
from tests.support.pages import run_python

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
AT_ONCE = 3  # starting the interpreter takes most of a sample's time

# What each of them prints towards its end.
EXPECTED = {
    "01_begin_and_end.py": "The inbox has 40 messages.",
    "02_callback.py": "Message 1 is ",
    "03_work_item.py": "12 messages, ",
    "04_own_connection.py": "Archive has 12 messages",
    "05_waiting.py": "All 20 are here:",
    "06_more_work_than_connections.py": "200 operations fetched ",
    "07_futures_and_asyncio.py": "awaited: ",
    "08_pop3_callback.py": "Message 1 is ",
    "09_pop3_query.py": " messages speak of minutes in their subject.",
    "10_smtp_callback.py": "The invitation: sent.",
    "11_disk_queue.py": "30 messages sent, 0 failed; 0 are left in the queue.",
    "12_thousand_messages.py": "1000 messages sent, 0 failed, ",
    "13_watch_a_folder.py": "Gone from Archive: the message ",
    "14_back_up_and_restore.py": "'Archive restored' has 12 messages.",
    "15_queries.py": " messages are from Dora and nobody else.",
    "16_sign_in_and_out.py": "Disposed is for good: ",
    "17_starttls.py": "Without the authority's certificate: the certificate of 127.0.0.1 is not accepted",
    "18_implicit_tls.py": "SMTP: PLAIN, which TLS makes safe, is offered.",
    "19_judge_a_certificate.py": "Accepted, and signed in.",
    "20_access_tokens.py": "the server takes no access token: it offers AUTH=PLAIN",
    "21_proxy.py": "Without the authority's certificate: the certificate of 127.0.0.1 is not accepted",
    "22_check_credentials.py": "Nobody to ask: ",
    "23_settings.py": "[READ-WRITE] SELECT completed",
    "24_read_only.py": "Archive is open for reading only: True",
    "25_what_the_server_offers.py": "MOVE, once it is declined: False",
    "26_threads_with_connections.py": "12 messages over 5 connections.",
    "27_independent_connection.py": "Its connection is disposed: True",
    "28_connection_modes.py": "    a thread that creates a connection uses one of its own",
    "29_exclusive.py": "Two threads, 1 connection.",
    "30_cancel.py": "The one that was left alone: 'Minutes of meeting 0'",
    "31_errors_of_handles.py": "The server says: There is no such folder",
    "32_executor.py": "20 futures are done, 0 are not.",
    "33_several_connections.py": "Without pipelining: 5 messages.",
    "34_folders.py": "Deleted; it exists: False",
    "35_subscriptions.py": "Mail programs show Archive, Drafts, INBOX, Junk, Sent, Trash.",
    "36_special_folders.py": "A draft is in Drafts with unique id 1.",
    "37_folder_information.py": "Archive: the next message gets unique id 13 or more",
    "38_quota.py": " of 100000 KiB are in use",
    "39_recursive_listing.py": "10 messages altogether, 1 of them in Sample itself.",
    "40_flags.py": "1 message has been answered.",
    "41_delete_and_undelete.py": "Committed; marked: 0, left: 5.",
    "42_pages.py": "The first 3 of 10 found: ",
    "43_headers_only.py": "The whole message has 2 attachments.",
    "44_attachments.py": "'Month;Sum' is its first line.",
    "45_hostile_names.py": "6 files, all of them in the directory.",
    "46_copy_and_move.py": "Sample moved: 5",
    "47_append.py": "    3: Minutes, corrected again",
    "48_append_many.py": "Sample has 120 messages.",
    "49_sort.py": "27 messages in order.",
    "50_threads.py": "    5 messages: Fwd: Minutes 7 ... Fwd: Minutes 39",
    "51_save_messages.py": "1.eml is 'Minutes of meeting 0'.",
    "52_watch_and_fetch.py": "Both have arrived.",
    "53_mbox_and_maildir.py": "Restored: 5 messages.",
    "54_pop3_reading.py": "Saved 358 bytes.",
    "55_pop3_deleting.py": "And another in the background: 40 messages.",
    "56_pop3_to_imap.py": "Sample has 40 messages.",
    "57_send.py": "Sent 3 at once, and again.",
    "58_alternate_views.py": "    text/calendar: BEGIN:VCALENDAR",
    "59_embedded_images.py": "Attached: ['logo.png']",
    "60_send_attachments.py": "    all.bin: application/octet-stream, 256 bytes, by BASE64",
    "61_delivery_notifications.py": "Sent another that nobody reports about.",
    "62_bulk.py": "198 were sent, 2 not, 0 not tried:",
    "63_forward.py": "    'Καλημέρα 1', still from ",
    "64_refused_recipients.py": "    no-one@elsewhere.invalid: MAILBOX_UNAVAILABLE",
    "65_pickup_folder.py": "2 files wait for the service.",
    "66_mail_merge_in_threads.py": "6 letters over ",
    "67_files.py": "Not written: ",
    "68_addresses_and_headers.py": "5 addresses; what was not changed goes out as it came: Received",
    "69_standard_library.py": "'Forwarded: Grüße aus Köln'",
}


def run_sample(name: str, *arguments: str) -> str:
    printed = run_python(str(SAMPLES / name), *arguments)
    assert "Traceback" not in printed, printed
    return printed


@pytest.fixture(scope="module")
def shared() -> Iterator[list[str]]:
    """The servers that a demo starts, as arguments for a sample."""
    command = [sys.executable, str(SAMPLES / "_server.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as running:
        assert running.stdin is not None
        assert running.stdout is not None
        try:
            told = json.loads(running.stdout.readline())
            yield [part for key, value in told.items() for part in (f"--{key}", str(value))]
        finally:
            running.stdin.close()


@pytest.fixture(scope="module")
def outcomes(shared: list[str], request: pytest.FixtureRequest) -> dict[str, Future[str]]:
    """What the samples print whose tests are to run; they run a few at a time, and have all ended."""
    chosen = {item.name.partition("[")[2].removesuffix("]") for item in request.session.items}
    with ThreadPoolExecutor(AT_ONCE) as executor:
        return {name: executor.submit(run_sample, name, *shared) for name in EXPECTED if name in chosen}


@pytest.mark.timeout(600)  # the first one waits for all
@pytest.mark.parametrize("name", EXPECTED)
def test_sample(outcomes: dict[str, Future[str]], name: str) -> None:
    assert EXPECTED[name] in outcomes[name].result()


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    folders = {"INBOX": sample_messages(40), "Archive": sample_messages(12)}
    with MailServer({"anna": "secret"}, {"anna": folders}) as running:
        yield running


def own_account(server: MailServer, port: int) -> list[str]:
    return ["--host", server.host, "--port", str(port), "--user", "anna", "--password", "secret"]


def test_a_sample_takes_an_account_of_yours(server: MailServer) -> None:
    assert "Archive has 12 messages" in run_sample("04_own_connection.py", *own_account(server, server.imap_port))
    assert "Message 1 is " in run_sample("08_pop3_callback.py", *own_account(server, server.pop3_port))
    assert "The invitation: sent." in run_sample("10_smtp_callback.py", *own_account(server, server.smtp_port))


def test_the_queries_find_something_where_other_samples_have_read_everything(server: MailServer) -> None:
    with ImapClient(server.host, server.imap_port, "anna", "secret") as client:
        client.fetch_messages([info.unique_id for info in client.list_messages()])
        assert all(info.is_read for info in client.list_messages())
    assert run_sample("15_queries.py", *own_account(server, server.imap_port)).startswith("11 messages meet ")


@pytest.mark.parametrize("name", ["01_begin_and_end.py", "18_implicit_tls.py"])
def test_a_sample_starts_a_server_of_its_own(name: str) -> None:
    assert EXPECTED[name] in run_sample(name)


def test_no_sample_message_shows_a_broken_character() -> None:
    for sample in sample_messages(40):
        message = MailMessage.from_bytes(sample.content)
        shown = f"{message.subject} {message.from_address} {message.to} {message.body}"
        assert "\ufffd" not in shown, shown


def test_no_sample_is_left_out() -> None:
    assert list(EXPECTED) == sorted(path.name for path in SAMPLES.glob("[0-9]*.py"))
