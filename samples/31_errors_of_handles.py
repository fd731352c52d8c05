"""Meet errors of begun operations: in the handle, at the end, and in a callback.

Shows: ErrorInfo, EndFetchMessage and EndSelectFolder raising, an AsyncCallback with a lambda, CompletedSynchronously.
"""

from _server import mail_server

from mailclients import IAsyncResult, ImapClient, ImapException, ManualResetEvent, MessageNotFoundError


def try_to_end(client: ImapClient, handle: IAsyncResult) -> None:
    try:
        client.end_fetch_message(handle)
    except MessageNotFoundError as error:
        print(f"The end raises: {error}")


with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    client.select_folder("INBOX")

    # It is raised where the result is asked for, as often as that is done.
    handle = client.begin_fetch_message("999999")
    try_to_end(client, handle)
    try_to_end(client, handle)

    # Or looked at without raising.
    if not handle.async_wait_handle.wait_one(30_000):
        raise SystemExit("No answer within thirty seconds.")
    print(f"The handle has a {type(handle.error_info).__name__}; synchronous: {handle.completed_synchronously}")

    # A callback is called either way.
    called = ManualResetEvent(False)
    missing = client.begin_select_folder("No such folder", lambda _: called.set())
    if not called.wait_one(30_000):
        raise SystemExit("No answer within thirty seconds.")
    try:
        client.end_select_folder(missing)
    except ImapException as error:
        print(f"The server says: {error.server_text}")
