"""Attach files, streams, bytes and text, and take the answer apart with the reader's eyes.

Shows: Attachments, AddAttachment, Attachment with a path, a stream and a media type, CreateAttachmentFromString,
ContentDisposition, TransferEncoding.
"""

import io
import tempfile
from pathlib import Path

from _server import mail_server

from mailclients import Attachment, ImapClient, MailMessage, SmtpClient

with tempfile.TemporaryDirectory() as directory, mail_server("smtp") as server:
    file = Path(directory) / "Übersicht 2024.csv"
    file.write_text("Month;Sum\r\n", "utf-8")

    message = MailMessage("ann@example.com", server.address, "Four files", "See below.")
    message.add_attachment(Attachment(file))
    message.attachments.add(Attachment(io.BytesIO(b"%PDF-1.7 ..."), "report.pdf"))
    message.attachments.add(Attachment(bytes(range(256)), "all.bin", "application/octet-stream"))
    message.attachments.add(Attachment.create_attachment_from_string("Привет", "greeting.txt"))
    with SmtpClient(server.host, server.port, server.user, server.password) as client:
        client.send(message)
    print(f"Sent with {message.attachments.count} files.")

    with ImapClient(server.host, server.ports["imap"], server.user, server.password) as reader:
        received = reader.fetch_message(reader.list_messages("INBOX")[-1].unique_id)
    for attachment in received.attachments:
        size, encoding = len(attachment.content()), attachment.transfer_encoding.name
        print(f"    {attachment.name}: {attachment.content_type.media_type}, {size} bytes, by {encoding}")
