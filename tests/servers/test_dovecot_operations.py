"""ImapClient's operations against Dovecot."""

from __future__ import annotations

import pytest

from tests.clients.imap_cases import ImapCases, Mail
from tests.servers.dovecot import Dovecot


class TestDovecot(ImapCases):
    """The cases on Dovecot."""

    @pytest.fixture
    def mail(self, dovecot: Dovecot) -> Mail:
        """A user that no other test has."""
        return Mail(dovecot.host, dovecot.imap_port, dovecot.new_user(), dovecot.password)
