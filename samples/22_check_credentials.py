"""Ask whether a user name and a password are right, of all three servers.

Shows: ValidateCredentials of ImapClient, Pop3Client and SmtpClient, BeginValidateCredentials and
EndValidateCredentials.

False means a wrong password. A server that cannot be reached is an error: the user needs to hear something else then.
"""

from _server import mail_server

from mailclients import ImapClient, NetworkException, Pop3Client, SmtpClient

with mail_server() as server:
    kinds = {"imap": ImapClient, "pop3": Pop3Client, "smtp": SmtpClient}
    for name, kind in kinds.items():
        with kind(server.host, server.ports[name], server.user, server.password) as client:
            right = client.validate_credentials()
        with kind(server.host, server.ports[name], server.user, "a guess") as client:
            handle = client.begin_validate_credentials()
            wrong = client.end_validate_credentials(handle)
        print(f"{name}: the password is right: {right}; a guess is right: {wrong}")

    with ImapClient("127.0.0.1", 1, server.user, server.password) as client:
        try:
            client.validate_credentials()
        except NetworkException as error:
            print(f"Nobody to ask: {error}")
