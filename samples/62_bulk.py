"""Send a letter to a list, one message each, and see who could not be reached.

Shows: Send with many messages, MailMessageCollection, SmtpException.OperationDetails, SendMessagesResult with
Succeeded, Failed and NotHandled; BeginSend and EndSend with several messages.
"""

from _server import mail_server

from mailclients import MailMessage, MailMessageCollection, SmtpClient, SmtpException

with mail_server("smtp") as server, SmtpClient(server.host, server.port, server.user, server.password) as client:
    letters = MailMessageCollection()
    for number in range(200):
        # Every hundredth subscriber has left, and the server knows nobody of that name.
        to = server.address if number % 100 else f"gone-{number}@elsewhere.invalid"
        letters.add(MailMessage("news@example.com", to, f"Dear number {number}", "Here are the news."))
    try:
        client.send(letters)
        print(f"All {letters.count} were sent.")
    except SmtpException as error:
        result = error.operation_details
        if result is None:
            raise
        print(f"{len(result.succeeded)} were sent, {len(result.failed)} not, {len(result.not_handled)} not tried:")
        for message, reason in result.failed.items():
            print(f"    {message.to}: {reason}")

    handle = client.begin_send([letter for letter in letters if "gone" not in str(letter.to)][:50])
    client.end_send(handle)
    print("Fifty more in the background.")
