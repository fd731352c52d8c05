"""Monitoring folders of Dovecot, which has QRESYNC."""

from __future__ import annotations

import pytest

from tests.clients.imap_cases import Mail
from tests.clients.monitoring_cases import MonitoringCases
from tests.servers.dovecot import Dovecot


class TestDovecot(MonitoringCases):
    """The cases on Dovecot."""

    @pytest.fixture
    def mail(self, dovecot: Dovecot) -> Mail:
        """A user that no other test has."""
        return Mail(dovecot.host, dovecot.imap_port, dovecot.new_user(), dovecot.password)
