"""Copy and move messages between folders, one and many.

Shows: CopyMessage, CopyMessages with message infos and a set of unique ids, MoveMessage, MoveMessages,
BeginMoveMessages and EndMoveMessages, MoveSupported.
"""

from _server import mail_server

from mailclients import ImapClient

with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    print(f"The server moves by itself: {client.move_supported}; else the client copies and deletes.")
    for name in ("Sample", "Sample moved"):
        client.create_folder(name)
    client.select_folder("Archive")
    infos = client.list_messages()

    there = client.copy_message(infos[0].unique_id, "Sample")
    print(f"Message {infos[0].unique_id} of Archive has become message {there} of Sample.")
    client.copy_messages(list(infos)[1:6], "Sample")
    client.copy_messages({infos[6].unique_id, infos[7].unique_id}, "Sample")

    client.select_folder("Sample")
    moved = client.move_message(there, "Sample moved")
    print(f"Message {there} of Sample has become message {moved} of Sample moved.")
    handle = client.begin_move_messages([info.unique_id for info in client.list_messages()][:4], "Sample moved")
    client.end_move_messages(handle)
    for name in ("Archive", "Sample", "Sample moved"):
        print(f"{name}: {client.get_folder_info(name).total_message_count}")
        if name != "Archive":
            client.delete_folder(name)
