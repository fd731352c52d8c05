"""Send a text in three forms - plain, HTML and an invitation - and let the reader's program choose.

Shows: Body, HtmlBody, AlternateViews, AlternateView.CreateAlternateViewFromString, AddAlternateView,
GetAlternateViewContent, ContentType.
"""

from _server import mail_server

from mailclients import AlternateView, ImapClient, MailMessage, SmtpClient

CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
METHOD:REQUEST
BEGIN:VEVENT
UID:58@example.com
DTSTART:20240501T120000Z
SUMMARY:Lunch
END:VEVENT
END:VCALENDAR
"""

with mail_server("smtp") as server:
    message = MailMessage("ann@example.com", server.address, "Lunch", "At noon in the café.")
    message.html_body = "<p>At <b>noon</b> in the café.</p>"
    message.add_alternate_view(AlternateView.create_alternate_view_from_string(CALENDAR, "utf-8", "text/calendar"))
    with SmtpClient(server.host, server.port, server.user, server.password) as client:
        client.send(message)
    print(f"Sent in {message.alternate_views.count} forms.")

    with ImapClient(server.host, server.ports["imap"], server.user, server.password) as reader:
        received = reader.fetch_message(reader.list_messages("INBOX")[-1].unique_id)
    for view in received.alternate_views:
        text = received.get_alternate_view_content(view.content_type.media_type)
        print(f"    {view.content_type.media_type}: {text.splitlines()[0]}")
