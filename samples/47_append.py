"""Store messages in a folder: one that is made here, one from a file, one in the background.

Shows: AppendMessage with a folder, with a message and with a file name; BeginAppendMessage and EndAppendMessage;
ImapClient.DefaultFolder.
"""

import tempfile
from pathlib import Path

from _server import mail_server

from mailclients import ImapClient, MailMessage

with (
    tempfile.TemporaryDirectory() as directory,
    mail_server() as server,
    ImapClient(server.host, server.port, server.user, server.password) as client,
):
    client.create_folder("Sample")
    message = MailMessage("ann@example.com", "bob@example.com", "Minutes", "As agreed.")
    unique_id = client.append_message("Sample", message)
    print(f"Stored with unique id {unique_id}.")

    file = Path(directory) / "minutes.eml"
    message.subject = "Minutes, corrected"
    message.save(file)
    print(f"From a file: {client.append_message('Sample', str(file))}.")

    client.default_folder = "Sample"  # for calls that name no folder
    message.subject = "Minutes, corrected again"
    handle = client.begin_append_message(message)
    message.subject = "changed too late: a begun operation has taken it as it was"
    print(f"In the background: {client.end_append_message(handle)}.")

    for info in client.list_messages("Sample"):
        print(f"    {info.unique_id}: {info.subject}")
    client.delete_folder("Sample")
