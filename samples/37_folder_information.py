"""Walk through all folders and show what each of them holds.

Shows: ListFolders with loadFullInfo, GetFolderInfo, BeginGetFolderInfo; ImapFolderInfo with TotalMessageCount,
NewMessageCount, HasChildren, Selectable, UidNext and ValidityId; DefaultFolder.
"""

from _server import mail_server

from mailclients import ImapClient

with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    print(f"{'folder':<12}{'all':>5}{'new':>5}  children")
    for folder in client.list_folders(True):
        children = "yes" if folder.has_children else "no"
        if folder.selectable:
            print(f"{folder.name:<12}{folder.total_message_count:>5}{folder.new_message_count:>5}  {children}")
        else:
            print(f"{folder.name:<12} only has others below it")

    # Several at once: each begin returns at once, and the answers come in one round trip.
    handles = [client.begin_get_folder_info(name) for name in ("INBOX", "Archive")]
    for handle in handles:
        info = client.end_get_folder_info(handle)
        print(f"{info.name}: the next message gets unique id {info.uid_next} or more, under {info.validity_id}")
