"""Monitoring folders of the embedded server, with IDLE and without."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from mailclients import ImapClient
from mailclients.testing import MailServer
from tests.clients.imap_cases import Mail
from tests.clients.monitoring_cases import MonitoringCases

pytestmark = pytest.mark.skipif(find_spec("twisted") is None, reason="the extra 'testing' is not installed")

USERS = [f"user{number}" for number in range(40)]
_numbers = itertools.count()


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    """One server with a user for each test."""
    with MailServer(dict.fromkeys(USERS, "secret")) as started:
        yield started


@pytest.fixture(scope="module")
def plain_server() -> Iterator[MailServer]:
    """A server without IDLE."""
    with MailServer(dict.fromkeys(USERS, "secret"), without=["IDLE"]) as started:
        yield started


class TestIdle(MonitoringCases):
    """The cases with IDLE."""

    @pytest.fixture
    def mail(self, server: MailServer) -> Mail:
        """A user that no other test has."""
        return Mail(server.host, server.imap_port, USERS[next(_numbers)], "secret")


class TestPolling(MonitoringCases):
    """The cases with NOOP (M3)."""

    @pytest.fixture
    def mail(self, plain_server: MailServer) -> Mail:
        """A user that no other test has."""
        return Mail(plain_server.host, plain_server.imap_port, USERS[next(_numbers)], "secret")

    @pytest.fixture
    def client(self, mail: Mail) -> Iterator[ImapClient]:
        with mail.client() as client:
            client.timeout = 30_000
            client.monitoring_poll_interval = 5
            yield client
