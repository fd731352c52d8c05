"""Keep two folders open at once: the main connection in one, an independent connection in the other.

Shows: CreateConnection(false), which leaves the thread's default alone; the overloads with a connection of
SelectFolder, ListMessages and BeginFetchMessage; IConnection.IsDisposed.
"""

from _server import mail_server

from mailclients import ImapClient

with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    client.select_folder("INBOX")
    with client.create_connection(False) as archive:
        # Used where it is named, and nowhere else.
        client.select_folder(archive, "Archive")
        in_archive = client.list_messages(archive)
        in_inbox = client.list_messages()
        print(f"Archive has {in_archive.count} messages, the inbox {in_inbox.count}.")

        handle = client.begin_fetch_message(archive, in_archive[0].unique_id)
        print(f"From the archive: {client.end_fetch_message(handle).subject!r}")
        print(f"From the inbox: {client.fetch_message(in_inbox[1].unique_id).subject!r}")
    print(f"Its connection is disposed: {archive.is_disposed}; the main one has the inbox still open.")
