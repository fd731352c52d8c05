"""Monitoring folders of Dovecot, which has QRESYNC."""

from __future__ import annotations

from typing import Any

import pytest

from mailclients import ImapClient
from tests.clients.imap_cases import Mail
from tests.clients.monitoring_cases import MonitoringCases, Watcher, monitor_connections
from tests.servers.dovecot import Dovecot
from tests.support.autoimap import make_message


class TestDovecot(MonitoringCases):
    """The cases on Dovecot."""

    @pytest.fixture
    def mail(self, dovecot: Dovecot) -> Mail:
        """A user that no other test has."""
        return Mail(dovecot.host, dovecot.imap_port, dovecot.new_user(), dovecot.password)

    def test_M5_qresync_is_used(self, mail: Mail, client: ImapClient) -> None:
        uids = mail.fill("INBOX", make_message(1), make_message(2))
        seen = Watcher()
        client.start_monitoring(seen, seen.failed)
        core: Any = monitor_connections(client)[0].core
        assert "QRESYNC" in core.enabled
        mail.expunge(uids[0])
        seen.wait_for_deleted(uids[0])
        assert seen.errors == []
