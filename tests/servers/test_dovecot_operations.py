"""ImapClient's operations against Dovecot."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import pytest

from tests.clients.every_overload import EveryOverload
from tests.clients.imap_cases import ImapCases, Mail
from tests.servers.dovecot import Dovecot


class TestDovecot(ImapCases):
    """The cases on Dovecot."""

    @pytest.fixture
    def mail(self, dovecot: Dovecot) -> Mail:
        """A user that no other test has."""
        return Mail(dovecot.host, dovecot.imap_port, dovecot.new_user(), dovecot.password)


class TestEveryOverload(EveryOverload):
    """All documented calls on Dovecot."""

    refuses: ClassVar[dict[str, str]] = {"set_quota": "SETQUOTA of the quota root 'Root'"}  # for administrators only

    @pytest.fixture
    def new_account(self, dovecot: Dovecot) -> Callable[[], Mail]:
        """Users whom the server limits, since quotas are asked for, too."""
        return lambda: Mail(dovecot.host, dovecot.imap_port, dovecot.new_user("quota-walk"), dovecot.password)
