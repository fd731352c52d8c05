"""Copying, moving, deleting and appending against Dovecot."""

from __future__ import annotations

import pytest

from tests.clients.changing_cases import ChangingCases
from tests.clients.imap_cases import Mail
from tests.servers.dovecot import Dovecot


class TestDovecot(ChangingCases):
    """The cases on Dovecot."""

    @pytest.fixture
    def mail(self, dovecot: Dovecot) -> Mail:
        """A user that no other test has."""
        return Mail(dovecot.host, dovecot.imap_port, dovecot.new_user(), dovecot.password)
