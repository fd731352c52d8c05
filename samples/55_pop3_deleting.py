"""Mark messages as deleted over POP3, take it back, and make it so.

Shows: Pop3Client.DeleteMessage, UndeleteMessages, CommitDeletes, GetMessageCount, BeginDeleteMessage and
BeginCommitDeletes with their ends.

Nothing is deleted until CommitDeletes, which ends the session; the next call begins another.
"""

from _server import mail_server

from mailclients import Pop3Client, SmtpClient

with mail_server("pop3") as server:
    # Two messages of our own to delete.
    with SmtpClient(server.host, server.ports["smtp"], server.user, server.password) as smtp:
        for number in (1, 2):
            smtp.send("ann@example.com", server.address, f"Delete me {number}", "Now.")

    with Pop3Client(server.host, server.port, server.user, server.password) as client:
        before = client.get_message_count()
        newest = client.get_message_unique_id(before)

        client.delete_message(before)
        print(f"{before} messages, one of them marked.")
        client.undelete_messages()
        print(f"All marks are taken away: {client.get_message_count()} messages.")

        client.delete_message(newest)
        client.commit_deletes()
        print(f"Committed: {client.get_message_count()} messages.")

        client.end_delete_message(client.begin_delete_message(before - 1))
        client.end_commit_deletes(client.begin_commit_deletes())
        print(f"And another in the background: {client.get_message_count()} messages.")
