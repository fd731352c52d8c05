"""ImapClient's operations against the embedded server."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import ClassVar

import pytest

from mailclients.testing import MailServer
from tests.clients.every_overload import EveryOverload
from tests.clients.imap_cases import ImapCases, Mail

pytestmark = pytest.mark.skipif(find_spec("twisted") is None, reason="the extra 'testing' is not installed")

USERS = 1300
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


class TestEveryOverload(EveryOverload):
    """All documented calls on the embedded server."""

    lacks: ClassVar[dict[str, str]] = {
        "client_capabilities": "CONDSTORE",  # offered by those that have it
        "get_message_threads": "THREAD",
        "sort_message_threads": "SORT",
        "modification_sequence": "CONDSTORE",
    }
    quota_root = ""

    @pytest.fixture
    def new_account(self, server: MailServer) -> Callable[[], Mail]:
        """Users of the server."""
        return lambda: Mail(server.host, server.imap_port, f"user{next(_numbers)}", "secret")
