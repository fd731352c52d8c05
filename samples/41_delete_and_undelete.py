"""Delete messages in two steps, think better of some, and delete others at once.

Shows: DeleteMessage, DeleteMessages, UndeleteMessage, CommitDeletes, DeleteMessage with commitNow; AutoCommit.
"""

from _server import mail_server

from mailclients import ImapClient, ImapMessageFlags, ImapQueryBuilder

with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    client.create_folder("Sample")
    client.select_folder("Archive", True)
    client.copy_messages(1, 10, "Sample")
    client.select_folder("Sample")
    unique_ids = [info.unique_id for info in client.list_messages()]

    client.delete_message(unique_ids[0], True)
    print(f"One is gone at once; {client.list_messages().count} are left.")

    client.delete_messages(unique_ids[1:6])
    client.undelete_message(unique_ids[5])
    marked = ImapQueryBuilder()
    marked.has_flags(ImapMessageFlags.DELETED)
    print(f"{client.list_messages(marked.get_query()).count} are marked, listings leave them out:", end=" ")
    print(f"{client.list_messages().count} are shown.")

    # Only now are they gone; with AutoCommit each deletion would have been so by itself.
    client.commit_deletes()
    print(f"Committed; marked: {client.list_messages(marked.get_query()).count}, left: {client.list_messages().count}.")

    client.delete_folder("Sample")
