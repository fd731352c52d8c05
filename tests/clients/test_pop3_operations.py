"""Pop3Client's operations against the embedded server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mailclients.testing import MailServer
from tests.clients.overload_cases import Pop3Overloads
from tests.clients.pop3_cases import MESSAGES, Drop, Pop3Cases


class TestEmbedded(Pop3Cases):
    @pytest.fixture
    def drop(self) -> Iterator[Drop]:
        with MailServer({"anna": "secret"}, {"anna": MESSAGES}, protocols=["pop3"], tls=True) as server:
            yield Drop(server.host, server.pop3_port, server.pop3s_port, "anna", "secret", server.ca_file)


class TestOverloads(Pop3Overloads):
    @pytest.fixture
    def drop(self) -> Iterator[Drop]:
        with MailServer({"anna": "secret"}, {"anna": MESSAGES}, protocols=["pop3"]) as server:
            yield Drop(server.host, server.pop3_port, 0, "anna", "secret", "")


def test_one_mailbox_is_served_by_both_protocols() -> None:
    with MailServer({"anna": "secret"}, {"anna": MESSAGES}) as server:
        drop = Drop(server.host, server.pop3_port, 0, "anna", "secret", "")
        assert len(drop.uids()) == len(MESSAGES)
        with drop.client() as client:
            client.delete_message(1)
            client.commit_deletes()
        assert [message.content for message in server.messages("anna")] == MESSAGES[1:]


def test_what_the_server_shall_not_have_it_has_not() -> None:
    withheld = ["TOP", "UIDL", "PIPELINING"]
    with MailServer({"anna": "secret"}, {"anna": MESSAGES}, protocols=["pop3"], without=withheld) as server:
        drop = Drop(server.host, server.pop3_port, 0, "anna", "secret", "")
        with drop.client() as client:
            assert client.get_capabilities() == ["RESP-CODES", "USER"]
            found = client.list_messages()
            assert [(info.unique_id, info.subject) for info in found][:2] == [("", "Message 1"), ("", "Message 2")]


def test_L1_the_limit_of_the_server_is_kept() -> None:
    with MailServer({"anna": "secret"}, {"anna": MESSAGES}, max_connections_per_user=2) as server:
        drop = Drop(server.host, server.pop3_port, 0, "anna", "secret", "")
        with drop.client(max_connections_per_server=6) as client:
            infos = client.list_messages()
            handles = [client.begin_fetch_message(info.unique_id) for info in list(infos) * 20]
            assert [client.end_fetch_message(handle).as_bytes() for handle in handles] == MESSAGES * 20
