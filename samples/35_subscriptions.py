"""Choose which folders mail programs show.

Shows: SubscribeFolder, UnsubscribeFolder, ListFolders with ListFoldersOptions.Subscribed; with
ListFoldersReturnOptions where ExtendedListSupported says so.
"""

from _server import mail_server

from mailclients import ImapClient, ListFoldersOptions, ListFoldersReturnOptions

with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    client.create_folder("Sample")
    for subscribe in (client.subscribe_folder, client.unsubscribe_folder):
        subscribe("Sample")
        shown = client.list_folders("", False, ListFoldersOptions.SUBSCRIBED, ListFoldersReturnOptions.NONE)
        print(f"Mail programs show {', '.join(sorted(folder.name for folder in shown))}.")

    if client.extended_list_supported:
        every = client.list_folders("", False, ListFoldersOptions.NONE, ListFoldersReturnOptions.SUBSCRIBED)
        print(f"Not shown: {[folder.name for folder in every if not folder.subscribed]}")
    else:
        print("This server lists either all folders or those that are subscribed to, not both in one answer.")
    client.delete_folder("Sample")
