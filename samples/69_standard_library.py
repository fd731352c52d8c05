"""Exchange messages with Python's own `email` package, without a server.

Shows: beyond .NET, `MailMessage.from_email_message` and `to_email_message`.
"""

from email.message import EmailMessage

from mailclients import MailMessage

theirs = EmailMessage()
theirs["From"] = "Ann <ann@example.com>"
theirs["To"] = "bob@example.com"
theirs["Subject"] = "Grüße aus Köln"
theirs.set_content("Hello Bob.\n")
theirs.add_attachment(b"1;2;3\r\n", maintype="text", subtype="csv", filename="zahlen.csv")

ours = MailMessage.from_email_message(theirs)
print(f"{ours.subject!r} from {ours.from_address}: {ours.body.strip()!r}, {ours.attachments[0].name}")

ours.subject = "Forwarded: " + ours.subject
back = ours.to_email_message()
print(f"{back['Subject']!r}, {[part.get_content_type() for part in back.walk()]}")
