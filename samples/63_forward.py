"""Pass a message on to somebody else as it is, signature and all.

Shows: Forward with a message and with a stream, MailAddressCollection, BeginForward and EndForward;
FetchMessage and SaveMessage.

The message is not changed: sender and recipients of the call are those of the envelope.
"""

import io

from _server import mail_server

from mailclients import ImapClient, MailAddressCollection, SmtpClient

with mail_server("smtp") as server:
    login = (server.user, server.password)
    with ImapClient(server.host, server.ports["imap"], *login) as reader:
        reader.select_folder("Archive", True)
        message = reader.fetch_message(1)
        stream = io.BytesIO()
        reader.save_message(2, stream)
    stream.seek(0)

    with SmtpClient(server.host, server.port, *login) as client:
        client.forward("postmaster@example.com", server.address, message)
        recipients = MailAddressCollection()
        recipients.add(f"{server.address}, Reader <{server.address}>")
        client.forward("postmaster@example.com", recipients, stream)
        client.end_forward(client.begin_forward("postmaster@example.com", server.address, message))
    print("Forwarded three times.")

    with ImapClient(server.host, server.ports["imap"], *login) as reader:
        for info in list(reader.list_messages("INBOX"))[-3:]:
            print(f"    {info.subject!r}, still from {info.from_address} to {info.to}")
