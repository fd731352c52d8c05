"""What Pop3Client's operations do, in both forms, against whichever server a test module gives.

`Pop3Cases` is inherited by one class for each server; the class provides the fixture `drop`. Maildrops are looked at
through poplib, so that the client is never its own witness.
"""

from __future__ import annotations

import contextlib
import io
import poplib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    MailQuery,
    MessageNotFoundError,
    Pop3Client,
    Pop3ListFields,
    SecurityOptions,
)
from tests.support.autopop3 import make_message

MESSAGES = [
    *(make_message(number) for number in range(1, 11)),
    b"Subject: caf\xe9\r\nX-Raw: \xff\xfe\r\n\r\nna\xefve \x80\x81\x01\x1b\r\n",
    b"Subject: long\r\n\r\n" + b"x" * 100_000 + b"\r\n",
    b"Subject: nothing\r\n\r\n",
    b"Subject: dots\r\n\r\n.\r\n..\r\n...\r\n.a\r\n \r\n.\r\n",
]


@dataclass
class Drop:
    """An account whose maildrop holds `MESSAGES`."""

    host: str
    port: int
    tls_port: int
    user: str
    password: str
    ca_file: str

    def client(self, **settings: Any) -> Pop3Client:
        client = Pop3Client(self.host, self.port, self.user, self.password, SecurityOptions.NONE)
        client.timeout = 60_000
        for name, value in settings.items():
            setattr(client, name, value)
        return client

    @contextlib.contextmanager
    def witness(self) -> Iterator[poplib.POP3]:
        session = poplib.POP3(self.host, self.port, timeout=30)
        try:
            session.user(self.user)
            session.pass_(self.password)
            yield session
        finally:
            session.quit()

    def uids(self) -> list[str]:
        with self.witness() as session:
            return [line.split()[1].decode() for line in session.uidl()[1]]


def run(client: Pop3Client, begun: bool, name: str, *args: Any) -> Any:
    """Calls an operation in one of its forms."""
    if not begun:
        return getattr(client, name)(*args)
    return getattr(client, f"end_{name}")(getattr(client, f"begin_{name}")(*args))


BOTH = pytest.mark.parametrize("begun", [False, True], ids=["plain", "begun"])


class Pop3Cases:
    """The operations; a subclass gives `drop`."""

    @BOTH
    def test_messages_come_as_they_are(self, drop: Drop, begun: bool) -> None:
        with drop.client() as client:
            assert [run(client, begun, "fetch_message", n).as_bytes() for n in range(1, 15)] == MESSAGES
            uids = [run(client, begun, "get_message_unique_id", n) for n in range(1, 15)]
            assert uids == drop.uids()
            found = run(client, begun, "fetch_messages", [uids[13], "not-there", uids[0]])
            assert [message.as_bytes() for message in found] == [MESSAGES[13], MESSAGES[0]]
            assert [m.as_bytes() for m in run(client, begun, "fetch_messages", [12, 3])] == [MESSAGES[11], MESSAGES[2]]
            assert run(client, begun, "fetch_message", uids[10]).as_bytes() == MESSAGES[10]

    def test_begun_fetches_of_all_kinds_at_once(self, drop: Drop) -> None:
        with drop.client(max_connections_per_server=3) as client:
            infos = client.list_messages(Pop3ListFields.ID_ONLY)
            handles = [client.begin_fetch_message(info.unique_id) for info in infos]
            handles += [client.begin_fetch_message(info.sequence_number) for info in infos]
            assert [client.end_fetch_message(handle).as_bytes() for handle in handles] == MESSAGES * 2
            assert client.pool.peak <= 3

    @BOTH
    def test_listings(self, drop: Drop, begun: bool) -> None:
        with drop.client() as client:
            infos = run(client, begun, "list_messages")
            assert [info.subject for info in infos][:10] == [f"Message {n}" for n in range(1, 11)]
            assert [info.size for info in infos] == [len(message) for message in MESSAGES]
            assert [info.unique_id for info in infos] == drop.uids()
            assert [info.sequence_number for info in infos] == list(range(1, 15))
            ids = run(client, begun, "list_messages", Pop3ListFields.ID_ONLY)
            assert [(info.unique_id, info.subject) for info in ids] == [(info.unique_id, "") for info in infos]
            found = run(client, begun, "list_messages", MailQuery('SUBJECT "message 1"'))
            assert [info.sequence_number for info in found] == [1, 10]
            loaded = run(client, begun, "load_message_info_list", [ids[4], ids[1]])
            assert [info.subject for info in loaded] == ["Message 5", "Message 2"]
            one = run(client, begun, "get_message_info", ids[6].unique_id)
            assert (one.subject, one.sequence_number) == ("Message 7", 7)
            headers = run(client, begun, "get_message_headers", 14)
            assert headers.keys[-1] == "Subject" or "Subject" in headers

    @BOTH
    def test_counts_and_sizes(self, drop: Drop, begun: bool) -> None:
        with drop.client() as client:
            total = sum(map(len, MESSAGES))
            assert run(client, begun, "get_message_count") == 14
            assert run(client, begun, "get_mailbox_size") == total
            assert run(client, begun, "get_mailbox_info").occupied_size == total
            assert run(client, begun, "get_message_size", 12) == len(MESSAGES[11])

    @BOTH
    def test_saving(self, drop: Drop, begun: bool, tmp_path: Path) -> None:
        with drop.client() as client:
            uid = client.get_message_unique_id(14)
            for name in (12, uid):
                stream = io.BytesIO()
                run(client, begun, "save_message", name, stream)
                run(client, begun, "save_message", name, tmp_path / "saved.eml")
                assert stream.getvalue() == (tmp_path / "saved.eml").read_bytes()
            assert (tmp_path / "saved.eml").read_bytes() == MESSAGES[13]

    @BOTH
    def test_T6_deletions_are_made_by_the_commit(self, drop: Drop, begun: bool) -> None:
        before = drop.uids()
        with drop.client() as client:
            run(client, begun, "delete_message", 2)
            run(client, begun, "delete_message", before[4])
            assert run(client, begun, "get_message_count") == 12
            run(client, begun, "undelete_messages")
            assert run(client, begun, "get_message_count") == 14
            run(client, begun, "delete_message", before[0])
            run(client, begun, "commit_deletes")
            assert drop.uids() == before[1:]
            assert run(client, begun, "fetch_message", 1).as_bytes() == MESSAGES[1]
            run(client, begun, "delete_message", 1)
        assert drop.uids() == before[1:]  # what was not committed is not made
        with drop.client() as client:
            run(client, begun, "delete_messages")
            run(client, begun, "commit_deletes", 0)
            assert run(client, begun, "get_message_count") == 0
        assert drop.uids() == []

    @BOTH
    def test_what_is_not_there(self, drop: Drop, begun: bool) -> None:
        with drop.client() as client:
            for name in (99, "not-there"):
                with pytest.raises(MessageNotFoundError):
                    run(client, begun, "fetch_message", name)
            assert run(client, begun, "get_message_count") == 14

    @BOTH
    def test_the_session(self, drop: Drop, begun: bool) -> None:
        with drop.client() as client:
            run(client, begun, "login")
            run(client, begun, "noop")
            run(client, begun, "logout")
            run(client, begun, "noop")
            assert run(client, begun, "validate_credentials") is True
            client.password = "wrong"
            assert run(client, begun, "validate_credentials") is False

    @pytest.mark.parametrize("security", [SecurityOptions.SSL_EXPLICIT, SecurityOptions.SSL_IMPLICIT])
    def test_TLS(self, drop: Drop, security: SecurityOptions) -> None:
        port = drop.tls_port if security is SecurityOptions.SSL_IMPLICIT else drop.port
        with Pop3Client(drop.host, port, drop.user, drop.password, security) as client:
            client.ca_file = drop.ca_file
            assert client.fetch_message(14).as_bytes() == MESSAGES[13]
            connection = client._main.connection
            assert connection is not None
            assert connection.encrypted

    def test_a_connection_of_ones_own(self, drop: Drop) -> None:
        with drop.client() as client:
            client.noop()
            with client.create_connection(False) as own:
                assert client.get_message_count(own) == 14
                client.delete_message(own, 1)
                assert client.get_message_count(own) == 13
                assert client.get_message_count() == 14  # marks of deletion are a session's own
