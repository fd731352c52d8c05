"""Find messages with a builder, with an expression, and with search criteria.

Shows: ImapQueryBuilder with Subject.Contains, SentDate.Since, HasNoFlags and Either; GetQuery; MailQuery from the text
of an expression, with an order; queries joined by and; a comparison that needs the client to look.
"""

from datetime import date

from _server import mail_server

from mailclients import ImapClient, ImapMessageFlags, ImapQueryBuilder, MailQuery

with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    builder = ImapQueryBuilder()
    builder.sent_date.since(date(2024, 2, 3))
    builder.has_no_flags(ImapMessageFlags.ANSWERED)
    builder.either(builder.subject.contains("minutes"), builder.from_address.contains("dora"))
    query = builder.get_query()
    print(f"{len(client.list_messages(query))} messages meet {query}")

    unanswered = MailQuery("'Subject' Contains 'minutes' & 'Answered' = 'False'", "'SentDate' OrderBy 'DESC'")
    for info in client.list_messages(unanswered & MailQuery("SMALLER 100000"), 3):
        print(f"{info.date:%d %b %H:%M} {info.subject}")

    exact = MailQuery("'From' = 'dora@example.net'").with_client_filter()
    print(f"{len(client.list_messages(exact))} messages are from Dora and nobody else.")
