"""Look at mail without leaving a trace: nothing is marked as read, nothing can be changed.

Shows: SelectFolder with readOnly, the property ReadOnly, ImapFolderInfo.ReadOnly, CurrentFolder.
"""

from _server import mail_server

from mailclients import ImapClient, ImapMessageFlags, MailClientError


def print_mode(client: ImapClient) -> None:
    if client.current_folder is not None:
        print(f"{client.current_folder.name} is open for reading only: {client.current_folder.read_only}")


with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    client.select_folder("INBOX", True)
    print_mode(client)

    unread = next(info for info in client.list_messages() if not info.is_read)
    client.fetch_message(unread.unique_id)
    print(f"Fetched and still unread: {not client.list_message(unread.unique_id).is_read}")
    try:
        client.add_message_flags(unread.unique_id, ImapMessageFlags.FLAGGED)
    except MailClientError as error:
        print(f"Refused: {error}")

    # For all folders that the client selects from now on.
    client.read_only = True
    client.select_folder("Archive")
    print_mode(client)
