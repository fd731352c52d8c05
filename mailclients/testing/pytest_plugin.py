"""Fixtures for test suites that need a mail server: `mail_server` and `mail_server_factory`.

No lock; pytest enters from one thread. Registered by the package's ``pytest11`` entry point.

    def test_counts(mail_server):
        client = ImapClient(mail_server.host, mail_server.imap_port, "anna", "secret")

The marker gives the server other contents; it takes what `MailServer` takes:

    @pytest.mark.mail_server(users={"ben": "hidden"}, folders={"ben": [b"Subject: 1\\r\\n\\r\\n"]})
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Protocol

import pytest

from mailclients.testing.samples import sample_messages
from mailclients.testing.server import MailServer

__all__ = ["MailServerFactory", "mail_server", "mail_server_factory"]

_DEFAULT_MESSAGES = 8  # one of each kind


class MailServerFactory(Protocol):
    """Starts a server that ends with the test; arguments as of `MailServer`."""

    def __call__(self, *args: Any, **kwargs: Any) -> MailServer: ...


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "mail_server(users, folders, ...): contents and options of the mail_server fixture"
    )


@pytest.fixture
def mail_server_factory() -> Iterator[MailServerFactory]:
    """A function that starts embedded servers; all of them end with the test."""
    with ExitStack() as running:

        def start(*args: Any, **kwargs: Any) -> MailServer:
            return running.enter_context(MailServer(*args, **kwargs))

        yield start


@pytest.fixture
def mail_server(request: pytest.FixtureRequest, mail_server_factory: MailServerFactory) -> MailServer:
    """A running server; user ``anna`` with password ``secret`` and eight sample messages in INBOX."""
    node: pytest.Item = request.node  # pyright: ignore[reportUnknownMemberType] - annotated only as Any
    marker = node.get_closest_marker("mail_server")
    if marker is not None:
        return mail_server_factory(*marker.args, **marker.kwargs)
    return mail_server_factory({"anna": "secret"}, {"anna": {"INBOX": sample_messages(_DEFAULT_MESSAGES)}})
