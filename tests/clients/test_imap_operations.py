"""ImapClient's operations against the embedded server."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from mailclients.testing import MailServer
from tests.clients.imap_cases import ImapCases, Mail

pytestmark = pytest.mark.skipif(find_spec("twisted") is None, reason="the extra 'testing' is not installed")

USERS = 600
_numbers = itertools.count()


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    """One server with a user for each test."""
    names = [f"user{number}" for number in range(USERS)]
    folders: dict[str, dict[str, list[bytes]]] = {name: {"INBOX": [], "Sent": []} for name in names}
    with MailServer(dict.fromkeys(names, "secret"), folders) as started:
        yield started


class TestEmbedded(ImapCases):
    """The cases on the embedded server."""

    full_server = False

    @pytest.fixture
    def mail(self, server: MailServer) -> Mail:
        """A user that no other test has."""
        return Mail(server.host, server.imap_port, f"user{next(_numbers)}", "secret")
