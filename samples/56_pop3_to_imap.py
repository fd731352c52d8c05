"""Bring new mail from POP3 into a folder of an IMAP account, and remember what has been brought.

Shows: two clients at once; Pop3Client.ListMessages with Pop3ListFields.IdOnly and BeginFetchMessage with unique ids,
ImapClient.AppendMessages.
"""

from _server import mail_server

from mailclients import ImapClient, MailMessage, Pop3Client, Pop3ListFields

brought: set[str] = set()  # in earnest: kept on disk


def bring(pop3: Pop3Client, imap: ImapClient, folder: str) -> int:
    new = [info.unique_id for info in pop3.list_messages(Pop3ListFields.ID_ONLY) if info.unique_id not in brought]
    handles = [pop3.begin_fetch_message(unique_id) for unique_id in new]
    messages: dict[MailMessage, str] = {}
    for unique_id, handle in zip(new, handles, strict=True):
        messages[pop3.end_fetch_message(handle)] = unique_id
    if messages:
        result = imap.append_messages(folder, list(messages))
        brought.update(messages[message] for message in result.succeeded)
    return len(new)


with mail_server("pop3") as server:
    login = (server.user, server.password)
    with (
        Pop3Client(server.host, server.port, *login) as pop3,
        ImapClient(server.host, server.ports["imap"], *login) as imap,
    ):
        imap.create_folder("Sample")
        for attempt in ("At first", "Once more"):
            print(f"{attempt}: {bring(pop3, imap, 'Sample')} new messages.")
        print(f"Sample has {imap.get_folder_info('Sample').total_message_count} messages.")
        imap.delete_folder("Sample")
