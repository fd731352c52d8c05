"""Begin far more operations than there may be connections, and watch the pool work them off.

Shows: MaxConnectionsPerServer and many BeginFetchMessage calls; beyond .NET, `client.pool`, which
counts the client's connections and names who has them.
"""

from _server import mail_server

from mailclients import ImapClient, ImapFolderInfo

with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    client.max_connections_per_server = 3
    client.select_folder(ImapFolderInfo.IN_BOX)
    ids = [info.unique_id for info in client.list_messages()]

    handles = [client.begin_fetch_message(unique_id) for unique_id in ids * 5]
    print(f"{len(handles)} operations begun, at most {client.max_connections_per_server} connections:")

    while unfinished := [handle for handle in handles if not handle.is_completed]:
        now = client.pool.get_stats()
        print(f"    {len(unfinished):3} unfinished, connections: {now['open']} open, {now['opening']} being opened")
        unfinished[len(unfinished) // 2].async_wait_handle.wait_one(1_000)

    subjects = {client.end_fetch_message(handle).subject for handle in handles}
    print("All done. Who has the connections:")
    for holder in client.pool.holders:
        print(f"    {holder}")
    print(f"{len(handles)} operations fetched {len(subjects)} different subjects.")
