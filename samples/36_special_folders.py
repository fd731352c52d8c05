"""Find the folders for sent mail, drafts and junk, whatever they are called on this server.

Shows: MailboxInfo with Inbox, SentMessages, DraftMessages, JunkMessages, Trash, ArchivedMessages;
ImapFolderInfo.FolderType, ImapSpecialFolderTypes, SpecialUseSupported.
"""

from _server import mail_server

from mailclients import ImapClient, ImapSpecialFolderTypes, MailMessage

with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    print(f"The server tells what folders are for: {client.special_use_supported}")
    for folder in client.list_folders():
        if folder.folder_type != ImapSpecialFolderTypes.NOT_SPECIFIED:
            print(f"    {folder.name} is for {folder.folder_type.name}")

    drafts = client.mailbox_info.draft_messages
    if drafts is None:
        raise SystemExit("There is no folder for drafts.")
    draft = MailMessage("me@example.com", "you@example.com", "Not finished", "Dear ...")
    unique_id = client.append_message(drafts.name, draft)
    print(f"A draft is in {drafts.name} with unique id {unique_id}.")
    client.select_folder(drafts.name)
    client.delete_message(unique_id, True)
