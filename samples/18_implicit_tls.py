"""Speak TLS from the first byte, with all three protocols.

Shows: the constructors of ImapClient, Pop3Client and SmtpClient with SecurityOptions.SSLImplicit; GetMessageCount,
SupportedAuthentication.
"""

from _server import mail_server

from mailclients import ImapClient, Pop3Client, SecurityOptions, SmtpClient, SmtpKnownAuthenticationType

IMPLICIT = SecurityOptions.SSL_IMPLICIT

with mail_server("imaps") as server:
    user = (server.user, server.password)
    with ImapClient(server.host, server.ports["imaps"], *user, IMPLICIT) as imap:
        imap.ca_file = server.ca_file
        print(f"IMAP: {imap.get_folder_info('INBOX').total_message_count} messages in the inbox.")
    with Pop3Client(server.host, server.ports["pop3s"], *user, IMPLICIT) as pop3:
        pop3.ca_file = server.ca_file
        print(f"POP3: {pop3.get_message_count()} messages in the maildrop.")
    with SmtpClient(server.host, server.ports["smtps"], *user, IMPLICIT) as smtp:
        smtp.ca_file = server.ca_file
        smtp.noop()
        offered = SmtpKnownAuthenticationType.PLAIN in smtp.supported_authentication
        print(f"SMTP: PLAIN, which TLS makes safe, is {'' if offered else 'not '}offered.")
