"""Make, rename, move and delete folders, in any script.

Shows: CreateFolder, ExistFolder with an `out` parameter, RenameFolder, MoveFolder, DeleteFolder, ListFolders below a
parent, Delimiter.
"""

from _server import mail_server

from mailclients import ImapClient, ImapFolderInfo, Out

with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    level = client.delimiter
    print(f"{level!r} stands between the levels of a name.")
    client.create_folder("Sample")
    client.create_folder(f"Sample{level}Ταξίδι")
    client.create_folder("Sample elsewhere")

    client.rename_folder(f"Sample{level}Ταξίδι", f"Sample{level}Voyage")
    client.move_folder("Sample elsewhere", f"Sample{level}Voyage")
    for name in ("Sample", "Sample elsewhere"):
        print(f"Below {name}: {[folder.name for folder in client.list_folders(name)]}")

    voyage = f"Sample elsewhere{level}Voyage"
    found = Out[ImapFolderInfo]()
    if client.exist_folder(voyage, found) and found.value is not None:
        print(f"{found.value.name} exists, with {found.value.total_message_count} messages.")

    for name in (voyage, "Sample elsewhere", "Sample"):
        client.delete_folder(name)
    print(f"Deleted; it exists: {client.exist_folder(voyage)}")
