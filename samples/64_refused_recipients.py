"""Find out who of several recipients was refused, and for whom the message was taken.

Shows: SmtpFailedRecipientException with FailedRecipient and StatusCode, SmtpFailedRecipientsException with
InnerExceptions, the event FailedSending; beyond .NET, `delivered_to`.
"""

from _server import mail_server

from mailclients import (
    FailedMailMessageEventArgs,
    SmtpClient,
    SmtpFailedRecipientException,
    SmtpFailedRecipientsException,
)


def tell(sender: SmtpClient, args: FailedMailMessageEventArgs) -> None:
    print(f"Event: {args.message.subject!r} failed with a {type(args.operation_error).__name__}.")


with mail_server("smtp") as server, SmtpClient(server.host, server.port, server.user, server.password) as client:
    client.failed_sending += tell
    for strangers in (["nobody@elsewhere.invalid"], ["nobody@elsewhere.invalid", "no-one@elsewhere.invalid"]):
        to = ", ".join([server.address, *strangers])
        try:
            client.send("ann@example.com", to, f"To {len(strangers) + 1}", "Hello.")
            print("The server has taken it for everybody; reports of failure will come as messages.")
        except SmtpFailedRecipientsException as error:
            for each in error.inner_exceptions:
                print(f"    {each.failed_recipient}: {each.status_code.name}, {each.server_text}")
            print(f"    taken for: {', '.join(error.delivered_to)}")
        except SmtpFailedRecipientException as error:
            print(f"    {error.failed_recipient}: {error.status_code.name}; taken for: {', '.join(error.delivered_to)}")
