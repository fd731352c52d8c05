"""Fetch a message over POP3: a callback ends the fetch and sets the event for which the main thread waits.

Shows: Pop3Client, GetMessageCount, BeginFetchMessage with a message number, an AsyncCallback and a state;
AsyncState; AutoResetEvent with Set and WaitOne; ErrorInfo.
"""

from _server import mail_server

from mailclients import AutoResetEvent, IAsyncResultExt, MailMessage, Pop3Client

arrived = AutoResetEvent(False)
subjects: list[str] = []


def message_arrived(result: IAsyncResultExt[MailMessage]) -> None:
    """Runs on a thread of the client. The state is whatever was given to the begin: here, the client."""
    client: Pop3Client = result.async_state
    try:
        subjects.append(client.end_fetch_message(result).subject)
    finally:
        arrived.set()


with mail_server("pop3") as server, Pop3Client(server.host, server.port, server.user, server.password) as client:
    print(f"The maildrop has {client.get_message_count()} messages.")
    handle = client.begin_fetch_message(1, message_arrived, client)

    print("The main thread is free for other work, and then waits.")
    if not arrived.wait_one(30_000):
        raise SystemExit("No message within thirty seconds.")
    if handle.error_info is not None:
        raise SystemExit(f"Message 1 did not arrive: {handle.error_info}")
    print(f"Message 1 is {subjects[0]!r}.")
