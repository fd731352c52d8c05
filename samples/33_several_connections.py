"""Let one call use several connections: forty messages fetched over three of them.

Shows: UseMultiConnection, ConnectionsQuantity, MaxConnectionsPerServer, UsePipelining with PipeliningStatus.ClientMode,
FetchMessages.
"""

from _server import mail_server

from mailclients import ImapClient, MultiConnectionMode, PipeliningMode

with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    client.max_connections_per_server = 4
    client.select_folder("INBOX")
    unique_ids = [info.unique_id for info in client.list_messages()]
    print(f"One connection: {len(client.fetch_messages(unique_ids))} messages.")

    client.use_multi_connection = MultiConnectionMode.ENABLE
    client.connections_quantity = 3
    messages = client.fetch_messages(unique_ids)
    print(f"Several: {len(messages)} messages over at most {client.pool.peak} connections.")
    print(f"In the order that was asked for: {messages[0].subject!r} is the first.")

    client.use_pipelining.client_mode = PipeliningMode.DISABLED  # one command, one answer
    print(f"Without pipelining: {len(client.fetch_messages(unique_ids[:5]))} messages.")
