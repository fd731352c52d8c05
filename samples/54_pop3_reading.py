"""Look over a POP3 maildrop, then load headers, whole messages and files.

Shows: Pop3Client with GetMailboxInfo, GetMessageCount, GetMailboxSize, ListMessages, GetMessageInfo, GetMessageSize,
GetMessageUniqueId, GetMessageHeaders, FetchMessage, FetchMessages and SaveMessage.
"""

import tempfile
from pathlib import Path

from _server import mail_server

from mailclients import Pop3Client, Pop3ListFields

with mail_server("pop3") as server, Pop3Client(server.host, server.port, server.user, server.password) as client:
    mailbox = client.get_mailbox_info()
    print(f"{mailbox.message_count} messages of {mailbox.occupied_size} bytes.")

    unique_id = client.get_message_unique_id(1)
    print(f"Message 1 is called {unique_id} and has {client.get_message_size(1)} bytes.")
    headers = client.get_message_headers(unique_id)
    print(f"Its Message-ID is {headers['Message-ID']}.")
    info = client.get_message_info(2)
    print(f"Message 2: {info.subject!r} from {info.from_address}")

    ids = client.list_messages(Pop3ListFields.ID_ONLY)  # unique ids and sizes, without a look at the messages
    messages = client.fetch_messages([each.unique_id for each in ids][:5])
    for message in messages:
        print(f"    {message.date:%Y-%m-%d} {message.subject}")

    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "first.eml"
        client.save_message(1, str(file))
        print(f"Saved {file.stat().st_size} bytes.")
