"""See which files hang on messages, and load only the one that is wanted.

Shows: ListAttachments with Name, MediaType and Size; FetchAttachment; BeginFetchAttachment; Attachment with Save and
ContentStream.
"""

import tempfile
from pathlib import Path

from _server import mail_server

from mailclients import ImapClient, MailQuery

with (
    tempfile.TemporaryDirectory() as directory,
    mail_server() as server,
    ImapClient(server.host, server.port, server.user, server.password) as client,
):
    client.select_folder("INBOX", True)
    # Nothing of the messages themselves is loaded for this.
    infos = client.list_messages(MailQuery("'Subject' Contains 'figures'"), 2)
    for info in infos:
        print(f"{info.sequence_number}: {info.subject}")
        for attachment in client.list_attachments(info.sequence_number):
            print(f"    {attachment.name}, {attachment.media_type}, {attachment.size} bytes")
            handle = client.begin_fetch_attachment(info.sequence_number, attachment.name)
            fetched = client.end_fetch_attachment(handle)
            print(f"    is written to {Path(fetched.save_to_directory(directory)).name}")

    table = client.fetch_attachment(infos[-1].sequence_number, "figures.csv")
    table.save(Path(directory) / "last.csv")
    print(f"{table.content_stream.read().decode('utf-8').splitlines()[0]!r} is its first line.")
