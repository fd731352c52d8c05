"""What monitoring a folder tells, against whichever server a test module gives.

`MonitoringCases` is inherited by one class for each server, as `ImapCases` is; folders are filled and emptied
through imaplib. `Watcher` is what the tests give as callbacks.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mailclients import (
    ImapClient,
    ImapMonitoringErrorEventArgs,
    ImapMonitoringEventArgs,
    NetworkException,
)
from mailclients.engine.connection import Connection
from mailclients.engine.pool import SlotKind
from mailclients.imap import monitoring
from tests.clients.imap_cases import Mail
from tests.support.autoimap import make_message
from tests.support.scripted import PATIENCE
from tests.support.waiting import until


class Watcher:
    """Keeps what it is told, in order; `wait_for` waits until that is enough."""

    def __init__(self) -> None:
        self.events: list[ImapMonitoringEventArgs] = []
        self.errors: list[ImapMonitoringErrorEventArgs] = []
        self.senders: set[int] = set()
        self.threads: set[str] = set()
        self.changed = threading.Condition()

    def __call__(self, sender: Any, event: ImapMonitoringEventArgs) -> None:
        with self.changed:
            self.events.append(event)
            self.senders.add(id(sender))
            self.threads.add(threading.current_thread().name)
            self.changed.notify_all()

    def failed(self, sender: Any, event: ImapMonitoringErrorEventArgs) -> None:
        with self.changed:
            self.errors.append(event)
            self.senders.add(id(sender))
            self.changed.notify_all()

    @property
    def new(self) -> list[str]:
        """The unique ids of all messages that came."""
        return [info.unique_id for event in self.events for info in event.new_messages]

    @property
    def deleted(self) -> list[str]:
        """The unique ids of all messages that went."""
        return [info.unique_id for event in self.events for info in event.deleted_messages]

    def wait_for(self, condition: Callable[[], object]) -> None:
        with self.changed:
            enough = self.changed.wait_for(condition, PATIENCE)
            assert enough, (self.events, self.errors)

    def wait_for_new(self, *uids: str) -> None:
        """Waits until so many messages came, and sees that it is these, in this order."""
        self.wait_for(lambda: len(self.new) >= len(uids))
        assert self.new == list(uids)

    def wait_for_deleted(self, *uids: str) -> None:
        """Waits until so many messages went, and sees that it is these."""
        self.wait_for(lambda: len(self.deleted) >= len(uids))
        assert sorted(self.deleted, key=int) == list(uids)

    def wait_for_error(self) -> ImapMonitoringErrorEventArgs:
        self.wait_for(lambda: self.errors)
        assert len(self.errors) == 1
        return self.errors[0]


def monitor_connections(client: ImapClient) -> list[Connection]:
    """The open connections of monitors."""
    found = [slot.connection for slot in client.pool.slots if slot.kind is SlotKind.MONITOR]
    return [each for each in found if isinstance(each, Connection) and not each.broken]


def cut(client: ImapClient) -> None:
    """Ends the connection of the one monitor there is, as a network would."""
    (connection,) = monitor_connections(client)
    connection.close()


class MonitoringCases:
    """The tests; a subclass provides the fixture `mail`."""

    @pytest.fixture
    def mail(self) -> Mail:
        """An account of its own for each test."""
        raise NotImplementedError

    @pytest.fixture
    def client(self, mail: Mail) -> Iterator[ImapClient]:
        with mail.client() as client:
            client.timeout = 30_000
            yield client

    def test_M2_what_comes_and_goes_is_told(self, mail: Mail, client: ImapClient) -> None:
        first, second = mail.fill("INBOX", make_message(1), make_message(2))
        seen = Watcher()
        client.start_monitoring(seen)
        (third,) = mail.fill("INBOX", make_message(3))
        seen.wait_for_new(third)
        (info,) = seen.events[0].new_messages
        assert (info.subject, info.parent_folder, info.is_read) == ("Message 3", "Inbox", False)
        assert seen.events[0].folder_name == "Inbox"
        mail.expunge(first, third)
        seen.wait_for_deleted(first, third)
        (fourth,) = mail.fill("INBOX", make_message(4))
        seen.wait_for_new(third, fourth)
        mail.expunge(second)
        seen.wait_for_deleted(first, second, third)
        assert seen.senders == {id(client)}
        assert all("-callback-" in name for name in seen.threads)
        assert mail.flags() == {fourth: set()}  # looking at a folder changes nothing in it

    def test_M2_a_folder_by_name_beside_the_inbox(self, mail: Mail, client: ImapClient) -> None:
        mail.fill("Entwürfe & mehr")
        inbox, other, failed = Watcher(), Watcher(), Watcher()
        client.start_monitoring(inbox, failed.failed)
        client.start_monitoring(callback=other, error_callback=failed.failed, folder_name="Entwürfe & mehr")
        (uid,) = mail.fill("Entwürfe & mehr", make_message(7))
        other.wait_for_new(uid)
        assert other.events[0].folder_name == "Entwürfe & mehr"
        (uid,) = mail.fill("INBOX", make_message(8), make_message(9))[1:]
        inbox.wait_for(lambda: uid in inbox.new)
        client.stop_monitoring("INBOX")
        until(lambda: len(monitor_connections(client)) == 1)
        client.stop_monitoring()
        until(lambda: client.pool.size == 0)
        assert failed.errors == []
        assert not any(event.folder_name == "Inbox" for event in other.events)

    def test_M2_a_monitor_goes_on_when_its_folder_is_renamed(self, mail: Mail, client: ImapClient) -> None:
        mail.fill("Work", make_message(1), make_message(2))
        seen = Watcher()
        client.start_monitoring(seen, seen.failed, "Work")
        mail.fill("Work", make_message(3))
        seen.wait_for(lambda: seen.new)
        client.rename_folder("Work", "Büro")
        mail.fill("Büro", make_message(4))
        seen.wait_for(lambda: len(seen.new) == 2)
        assert [event.folder_name for event in seen.events] == ["Work", "Büro"]
        assert seen.events[1].new_messages[0].subject == "Message 4"
        assert seen.deleted == []
        assert seen.errors == []

    def test_M2_many_at_once_come_in_order(self, mail: Mail, client: ImapClient) -> None:
        seen = Watcher()
        client.start_monitoring(seen)
        uids = mail.fill("INBOX", *(make_message(number) for number in range(1, 41)))
        seen.wait_for_new(*uids)
        mail.expunge(*uids[::2])
        seen.wait_for_deleted(*uids[::2])

    @pytest.mark.parametrize("qresync", [True, False], ids=["as the server is", "by comparison"])
    def test_M5_what_was_missed_is_found_when_the_connection_is_made_again(
        self, mail: Mail, client: ImapClient, monkeypatch: pytest.MonkeyPatch, qresync: bool
    ) -> None:
        uids = mail.fill("INBOX", *(make_message(number) for number in range(1, 7)))
        changes: list[Callable[[], Any]] = [
            lambda: mail.expunge(uids[1], uids[4]),
            lambda: uids.extend(mail.fill("INBOX", make_message(7))),
            lambda: mail.expunge(uids[6], uids[0]),
            lambda: None,
        ]

        def pause(level: int, jitter: float) -> float:
            changes.pop(0)()  # while the monitor has no connection
            return 0.0

        monkeypatch.setattr(monitoring, "backoff", pause)
        if not qresync:
            monkeypatch.setattr(monitoring.Monitor, "_enabled", lambda self, core: False)
        seen = Watcher()
        client.start_monitoring(seen, seen.failed)
        cut(client)
        seen.wait_for_deleted(uids[1], uids[4])
        until(lambda: len(monitor_connections(client)) == 1)
        cut(client)
        seen.wait_for(lambda: seen.new)
        assert seen.new == uids[6:]
        until(lambda: len(monitor_connections(client)) == 1)
        cut(client)
        seen.wait_for_deleted(uids[0], uids[1], uids[4], uids[6])
        until(lambda: len(monitor_connections(client)) == 1)
        cut(client)
        until(lambda: not changes and len(monitor_connections(client)) == 1)
        (last,) = mail.fill("INBOX", make_message(8))
        seen.wait_for_new(uids[6], last)
        assert len(seen.events) == 4
        assert seen.errors == []

    @pytest.mark.parametrize("qresync", [True, False], ids=["as the server is", "by comparison"])
    def test_M6_resuming_tells_first_what_was_missed(
        self, mail: Mail, client: ImapClient, monkeypatch: pytest.MonkeyPatch, qresync: bool
    ) -> None:
        if not qresync:
            monkeypatch.setattr(monitoring.Monitor, "_enabled", lambda self, core: False)
        uids = mail.fill("INBOX", *(make_message(number) for number in range(1, 6)))
        seen, again = Watcher(), Watcher()
        client.monitoring_attempts = 0
        client.start_monitoring(seen, seen.failed)
        uids += mail.fill("INBOX", make_message(6))
        seen.wait_for_new(uids[5])
        cut(client)
        error = seen.wait_for_error()
        assert isinstance(error.error, NetworkException)
        assert error.folder_name == error.monitoring_state.folder_name == "Inbox"
        mail.expunge(uids[0], uids[5])
        uids += mail.fill("INBOX", make_message(7), make_message(8))
        client.resume_monitoring(again, again.failed, pickle.loads(pickle.dumps(error.monitoring_state)))
        again.wait_for_new(*uids[6:])
        assert again.deleted == [uids[0], uids[5]]
        assert len(again.events) == 1
        uids += mail.fill("INBOX", make_message(9))
        again.wait_for_new(*uids[6:])
        assert seen.new == [uids[5]]
        assert again.errors == []
