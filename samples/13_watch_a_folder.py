"""Be told when messages come to a folder, and go, while the program does something else.

Shows: StartMonitoring with a callback, an error callback and a folder; ImapMonitoringEventArgs with
NewMessages and DeletedMessages; StopMonitoring.

The folder is watched over a connection of its own, by IDLE where the server has it. Callbacks run on
threads of the client, so they may fetch, block and raise.
"""

import time

from _server import mail_server

from mailclients import (
    AutoResetEvent,
    ImapClient,
    ImapMonitoringErrorEventArgs,
    ImapMonitoringEventArgs,
    MailMessage,
)

told = AutoResetEvent(False)
came: list[str] = []
went: list[str] = []


def changed(sender: object, event: ImapMonitoringEventArgs) -> None:
    """The sender is the client. Whatever came and went since the last time is in one event."""
    assert isinstance(sender, ImapClient)
    came.extend(info.unique_id for info in event.new_messages)
    went.extend(info.unique_id for info in event.deleted_messages)
    for info in event.new_messages:
        print(f"New in {event.folder_name}: {info.subject!r}, {info.size} bytes.")
    for info in event.deleted_messages:
        print(f"Gone from {event.folder_name}: the message with unique id {info.unique_id}.")
    told.set()


def failed(sender: object, event: ImapMonitoringErrorEventArgs) -> None:
    """Called once, when the folder cannot be watched any more; short outages are mended without a word."""
    print(f"{event.folder_name} is no longer watched: {event.error}")


def wait_until(unique_id: str, seen: list[str]) -> None:
    """Waits for the event that tells of a message; on a busy account there may be others before it."""
    deadline = time.monotonic() + 60
    while unique_id not in seen:
        if not told.wait_one(max(0, int(1000 * (deadline - time.monotonic())))):
            raise SystemExit("Nothing was told within a minute.")


with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    client.start_monitoring(changed, failed, "Archive")
    print("Archive is watched; meanwhile another program stores a message there, and deletes it.")

    with ImapClient(server.host, server.port, server.user, server.password) as other:
        message = MailMessage("me@example.com", "you@example.com", "Are you watching?", "You will be told.")
        unique_id = other.append_message("Archive", message)
        wait_until(unique_id, came)

        other.select_folder("Archive")
        other.delete_message(unique_id)
        other.commit_deletes()
        wait_until(unique_id, went)

    client.stop_monitoring("Archive")
    print("Archive is not watched any more.")
