"""Wait for begun operations in every way .NET has: polling, any of them, all of them.

Shows: IsCompleted, AsyncWaitHandle.WaitOne with milliseconds, WaitHandle.WaitAny and
WaitHandle.WaitAll over twenty handles.
"""

from _server import mail_server

from mailclients import ImapClient, ImapFolderInfo, WaitHandle

with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    client.select_folder(ImapFolderInfo.IN_BOX)
    messages = list(client.list_messages())[:20]

    # Polling: look, wait at most 50 milliseconds, look again.
    handle = client.begin_fetch_message(messages[0].unique_id)
    looks = 1
    while not handle.is_completed:
        looks += 1
        handle.async_wait_handle.wait_one(50)
    print(f"Looked {looks} times, then got {client.end_fetch_message(handle).subject!r}.")

    # Twenty at once. An index comes back, as in .NET.
    handles = [client.begin_fetch_message(info.unique_id) for info in messages]
    wait_handles = [each.async_wait_handle for each in handles]
    index = WaitHandle.wait_any(wait_handles, 30_000)
    if index == WaitHandle.WAIT_TIMEOUT:
        raise SystemExit("Nothing arrived within thirty seconds.")
    print(f"One of the first was number {index}: {client.end_fetch_message(handles[index]).subject!r}.")

    if not WaitHandle.wait_all(wait_handles, 60_000):
        raise SystemExit("Not everything arrived within a minute.")
    print(f"All {len(handles)} are here:")
    for each in handles:
        print(f"    {client.end_fetch_message(each).subject}")
