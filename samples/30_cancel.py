"""Cancel what has been begun, and see which operations were quicker.

Shows: CancelAsyncOperation, IAsyncResultExt.IsCanceled and ErrorInfo, OperationCanceledException, WaitHandle.WaitAll.
"""

from _server import mail_server

from mailclients import ImapClient, OperationCanceledException, WaitHandle

with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    client.select_folder("INBOX")
    handles = [client.begin_fetch_message(info.unique_id) for info in client.list_messages()]

    for handle in handles[1:]:
        client.cancel_async_operation(handle)  # of one that is complete: without effect
    if not WaitHandle.wait_all([handle.async_wait_handle for handle in handles], 30_000):
        raise SystemExit("Not everything has ended within thirty seconds.")

    cancelled = [handle for handle in handles if handle.is_canceled]
    print(f"{len(handles)} fetches begun, {len(handles) - len(cancelled)} done, {len(cancelled)} cancelled.")
    print(f"The one that was left alone: {client.end_fetch_message(handles[0]).subject!r}")
    try:
        for handle in handles:
            client.end_fetch_message(handle)
    except OperationCanceledException as error:
        print(f"The end of a cancelled one raises: {error}")
