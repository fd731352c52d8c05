"""Copying, moving, deleting and appending against the embedded server, whole and without some extensions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from mailclients.testing import MailServer
from tests.clients.changing_cases import ChangingCases
from tests.clients.imap_cases import Mail

pytestmark = pytest.mark.skipif(find_spec("twisted") is None, reason="the extra 'testing' is not installed")

USERS = 100
_numbers = itertools.count()


def _server(*without: str) -> MailServer:
    names = [f"user{number}" for number in range(USERS)]
    folders: dict[str, dict[str, list[bytes]]] = {name: {"INBOX": []} for name in names}
    return MailServer(dict.fromkeys(names, "secret"), folders, without=without)


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    """One server with a user for each test."""
    with _server() as started:
        yield started


@pytest.fixture(scope="module")
def plain_server() -> Iterator[MailServer]:
    """The same without MOVE, MULTIAPPEND and LITERAL+."""
    with _server("MOVE", "MULTIAPPEND", "LITERAL+") as started:
        yield started


class TestEmbedded(ChangingCases):
    """The cases on the embedded server."""

    @pytest.fixture
    def mail(self, server: MailServer) -> Mail:
        """A user that no other test has."""
        return Mail(server.host, server.imap_port, f"user{next(_numbers) % USERS}", "secret")


class TestEmbeddedWithoutMove(ChangingCases):
    """The cases on a server that cannot move: nobody sees a difference."""

    @pytest.fixture
    def mail(self, plain_server: MailServer) -> Mail:
        """A user that no other test has."""
        return Mail(plain_server.host, plain_server.imap_port, f"user{next(_numbers) % USERS}", "secret")
