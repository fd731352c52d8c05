"""Read a folder with four threads of your own, each over a connection of its own.

Shows: CreateConnection as a `using` block in threads, CurrentConnection, MaxConnectionsPerServer, FetchMessage.

A connection belongs to the thread that made it: whatever that thread calls goes over it, until it is disposed there.
"""

import threading

from _server import mail_server

from mailclients import ImapClient

THREADS = 4
read: dict[str, list[str]] = {}


def read_some(client: ImapClient, unique_ids: list[str]) -> None:
    with client.create_connection() as connection:
        client.select_folder("Archive", True)
        subjects = [client.fetch_message(unique_id).subject for unique_id in unique_ids]
        assert client.current_connection.connection_id == connection.connection_id
        read[threading.current_thread().name] = subjects


with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    client.max_connections_per_server = THREADS + 1  # and the main one
    unique_ids = [info.unique_id for info in client.list_messages("Archive")]
    threads = [
        threading.Thread(target=read_some, args=(client, unique_ids[number::THREADS]), name=f"reader {number + 1}")
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, subjects in sorted(read.items()):
        print(f"{name} has read {len(subjects)} messages, the first is {subjects[0]!r}.")
    print(f"{sum(map(len, read.values()))} messages over {client.pool.peak} connections.")
