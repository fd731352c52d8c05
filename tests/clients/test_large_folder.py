"""A folder of 100,000 messages: what a listing costs grows with the messages and with nothing else."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Iterator

import pytest

from mailclients import ImapClient, SecurityOptions
from mailclients.imap.operations.listing import LISTED_AT_ONCE
from tests.clients.hostile import HostileServer, answering, client_of
from tests.support.scripted import Command, Conn

COUNT = 100_000
BYTES_EACH = (
    1600  # about 850 for what is kept of a message, the rest for the interpreter's version and what is under way
)
SEARCHED_BYTES = COUNT * 60  # the unique ids that the search gave
LINE = (
    '* {0} FETCH (UID {0} FLAGS (\\Seen) INTERNALDATE "03-Feb-2001 04:05:06 +0000" RFC822.SIZE 1234 ENVELOPE '
    '("Sat, 3 Feb 2001 04:05:06 +0000" "Subject {0}" (("Anna" NIL "anna" "example.org")) NIL NIL '
    '(("Ben" NIL "ben" "example.org")) NIL NIL NIL "<{0}@example.org>"))\r\n'
)


@pytest.fixture
def asked() -> list[tuple[int, int]]:
    """The ranges of unique ids that were fetched, in order."""
    return []


@pytest.fixture
def client(asked: list[tuple[int, int]]) -> Iterator[ImapClient]:
    """A client of a server that makes up its messages while it is asked."""

    starts = range(1, COUNT + 1, LISTED_AT_ONCE)
    texts = {first: "".join(map(LINE.format, range(first, first + LISTED_AT_ONCE))).encode() for first in starts}

    def found(conn: Conn, cmd: Command) -> bool:
        conn.reply(cmd, "OK found", [f'* ESEARCH (TAG "{cmd.tag}") UID ALL 1:{COUNT}'])
        return True

    def described(conn: Conn, cmd: Command) -> bool:
        match = re.search(rb"UID FETCH (\d+):(\d+) ", cmd.raw)
        assert match is not None, cmd.raw
        first, last = int(match[1]), int(match[2])
        asked.append((first, last))
        conn.send(texts[first])
        conn.reply(cmd, "OK told")
        return True

    with HostileServer(clear_is_meant=True, folders={"INBOX": 1}) as server:
        codes = [f"* {COUNT} EXISTS", "* OK [UIDVALIDITY 1] same", f"* OK [UIDNEXT {COUNT + 1}] next"]
        server.on("SELECT", answering("OK [READ-WRITE] selected", *codes))
        server.on("UID SEARCH", found)
        server.on("UID FETCH", described)
        with client_of(server, SecurityOptions.NONE) as client:
            client.timeout = 600_000  # whatever else the machine does
            client.select_folder("INBOX")
            yield client


def test_100_000_messages_are_listed_in_one_pass_of_bounded_portions(
    client: ImapClient, asked: list[tuple[int, int]]
) -> None:
    infos = client.list_messages()
    starts = range(1, COUNT + 1, LISTED_AT_ONCE)
    assert asked == [(first, first + LISTED_AT_ONCE - 1) for first in starts], "each message once, in order"
    assert LISTED_AT_ONCE <= 5000
    assert [info.sequence_number for info in infos] == list(range(1, COUNT + 1))
    assert infos[COUNT - 1].subject == f"Subject {COUNT}"


def test_what_a_listing_keeps_of_a_message_is_bounded(client: ImapClient) -> None:
    tracemalloc.start()  # makes everything several times slower, hence fewer messages
    try:
        infos = client.list_messages(4 * LISTED_AT_ONCE)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(infos) == 4 * LISTED_AT_ONCE
    assert peak < len(infos) * BYTES_EACH + SEARCHED_BYTES
