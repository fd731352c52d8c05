"""Begin in clear text and go on encrypted, before the password is sent.

Shows: SecurityOptions.SSLExplicit (STARTTLS), SupportedEncryption; beyond .NET, `ca_file`, which names the authority of
a server that the system does not know.

A server that cannot do it is an error and gets no password.
"""

from _server import mail_server

from mailclients import EncryptionProtocols, ImapClient, SecurityError, SecurityOptions

with mail_server("starttls") as server:
    with ImapClient(server.host, server.port, server.user, server.password) as client:
        client.security_options = SecurityOptions.SSL_EXPLICIT
        client.supported_encryption = EncryptionProtocols.TLS_12 | EncryptionProtocols.TLS_13
        client.ca_file = server.ca_file
        client.select_folder("INBOX")
        print(f"Encrypted; the inbox has {client.list_messages().count} messages.")

    if server.ca_file is not None:
        with ImapClient(server.host, server.port, server.user, server.password) as client:
            client.security_options = SecurityOptions.SSL_EXPLICIT
            try:
                client.login()
            except SecurityError as error:
                print(f"Without the authority's certificate: {error}")
