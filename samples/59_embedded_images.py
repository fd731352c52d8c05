"""Send HTML that shows a picture which travels with it.

Shows: LinkedResources, LinkedResource with ContentId, HtmlBody with `cid:`, Attachment beside it.
"""

import base64

from _server import mail_server

from mailclients import Attachment, ImapClient, LinkedResource, MailMessage, SmtpClient

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg=="
)

with mail_server("smtp") as server:
    message = MailMessage("ann@example.com", server.address, "Our new logo", "You would need HTML to see it.")
    logo = LinkedResource(PIXEL, "image/png")
    logo.content_id = "logo"
    message.linked_resources.add(logo)
    message.html_body = '<p>This is it: <img src="cid:logo" alt="logo"></p>'
    message.add_attachment(Attachment(PIXEL, "logo.png"))  # for keeping
    with SmtpClient(server.host, server.port, server.user, server.password) as client:
        client.send(message)
    print("Sent.")

    with ImapClient(server.host, server.ports["imap"], server.user, server.password) as reader:
        received = reader.fetch_message(reader.list_messages("INBOX")[-1].unique_id)
    for resource in received.linked_resources:
        shown = f"cid:{resource.content_id}" in (received.html_body or "")
        print(f"{resource.content_id}: {resource.content_type.media_type}, shown by the text: {shown}")
    print(f"Attached: {[attachment.name for attachment in received.attachments]}")
