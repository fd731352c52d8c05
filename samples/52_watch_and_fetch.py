"""Watch two folders at once, and have each new message fetched by the callback itself.

Shows: StartMonitoring of several folders, with the client as sender; FetchMessage and ListMessages inside a
callback over a connection of its own; StopMonitoring without a folder.
"""

from _server import mail_server

from mailclients import (
    AutoResetEvent,
    ImapClient,
    ImapMonitoringErrorEventArgs,
    ImapMonitoringEventArgs,
    MailMessage,
    WaitHandle,
)

NAMES = ("Sample one", "Sample two")
arrived = {name: AutoResetEvent(False) for name in NAMES}


def changed(sender: object, event: ImapMonitoringEventArgs) -> None:
    """Runs on a thread of the client, so a connection can be created here."""
    assert isinstance(sender, ImapClient)
    with sender.create_connection(False) as connection:
        sender.select_folder(connection, event.folder_name, True)
        for info in event.new_messages:
            message = sender.fetch_message(connection, info.unique_id)
            print(f"{event.folder_name}: {message.body.strip()}")
    arrived[event.folder_name].set()


def failed(sender: object, event: ImapMonitoringErrorEventArgs) -> None:
    print(f"{event.folder_name} is no longer watched: {event.error}")


with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    for name in NAMES:
        client.create_folder(name)
        client.start_monitoring(changed, failed, name)
    for name in NAMES:
        client.append_message(name, MailMessage("ann@example.com", "bob@example.com", "Hello", f"I am in {name}."))
    if not WaitHandle.wait_all(arrived.values(), 60_000):
        raise SystemExit("Nothing was told within a minute.")
    for name in NAMES:
        client.stop_monitoring(name)
        client.delete_folder(name)
    print("Both have arrived.")
