"""Fetch two messages at the same time: begin both, then end both.

Shows: Host, Port, Username, Password, SecurityOptions, SelectFolder, ListMessages,
BeginFetchMessage and EndFetchMessage with unique ids.
"""

from _server import mail_server

from mailclients import ImapClient, ImapFolderInfo, SecurityOptions

with mail_server() as server, ImapClient() as client:
    client.host = server.host
    client.port = server.port
    client.username = server.user
    client.password = server.password
    client.security_options = SecurityOptions.AUTO

    # The first operation connects and signs in.
    client.select_folder(ImapFolderInfo.IN_BOX)
    messages = client.list_messages()
    print(f"The inbox has {len(messages)} messages.")

    # Neither begin waits for the server.
    first = client.begin_fetch_message(messages[0].unique_id)
    second = client.begin_fetch_message(messages[1].unique_id)

    # Each end waits for its message, in whatever order they arrive.
    for handle in (first, second):
        message = client.end_fetch_message(handle)
        print(f"{message.subject!r} from {message.from_address}")
