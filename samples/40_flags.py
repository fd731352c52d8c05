"""Mark messages as read, flagged or anything else, one by one and many at once.

Shows: AddMessageFlags, RemoveMessageFlags and ChangeMessageFlags with a unique id, a range of sequence numbers and
message infos; ImapMessageFlags with Keyword and `|`; HasFlag, ContainsKeyword.
"""

from _server import mail_server

from mailclients import ImapClient, ImapMessageFlags

with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    client.create_folder("Sample")
    client.select_folder("Archive", True)
    client.copy_messages(1, 5, "Sample")
    client.select_folder("Sample")
    infos = client.list_messages()

    done = ImapMessageFlags.keyword("$Done")
    client.add_message_flags(infos[0].unique_id, ImapMessageFlags.IS_READ | ImapMessageFlags.FLAGGED | done)
    client.add_message_flags(2, 4, ImapMessageFlags.IS_READ)
    client.remove_message_flags(infos, ImapMessageFlags.FLAGGED)
    client.change_message_flags(infos[4].unique_id, ImapMessageFlags.ANSWERED)  # and no other flag

    for info in client.list_messages():
        read = "read" if info.is_read else "new"
        print(f"{info.sequence_number} {read:<5}{'done' if info.contains_keyword('$Done') else '':<5}{info.flags}")
    answered = [info for info in client.list_messages() if info.flags.has_flag(ImapMessageFlags.ANSWERED)]
    print(f"{len(answered)} message has been answered.")

    client.delete_folder("Sample")
