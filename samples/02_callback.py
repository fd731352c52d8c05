"""Be called back when a message has arrived, while the main thread waits for an event.

Shows: BeginFetchMessage with a sequence number, an AsyncCallback and a state; AsyncState;
AutoResetEvent with Set and WaitOne.
"""

from _server import mail_server

from mailclients import AutoResetEvent, IAsyncResultExt, ImapClient, ImapFolderInfo, MailMessage

arrived = AutoResetEvent(False)
subjects: list[str] = []


def message_arrived(result: IAsyncResultExt[MailMessage]) -> None:
    """Runs on a thread of the client. The state is whatever was given to the begin: here, the client."""
    client: ImapClient = result.async_state
    try:
        subjects.append(client.end_fetch_message(result).subject)
    finally:
        arrived.set()


with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    client.select_folder(ImapFolderInfo.IN_BOX)
    handle = client.begin_fetch_message(1, message_arrived, client)

    print("The main thread is free for other work, and then waits.")
    if not arrived.wait_one(30_000):
        raise SystemExit("No message within thirty seconds.")
    if handle.error_info is not None:
        raise SystemExit(f"Message 1 did not arrive: {handle.error_info}")
    print(f"Message 1 is {subjects[0]!r}.")
