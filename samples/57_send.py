"""Send a message, in every form of the call.

Shows: SmtpClient.Send with four strings, with a message and with several; MailMessage with To, CC, Bcc, ReplyToList,
Priority, Sensitivity and Headers; MailAddress.
"""

from _server import mail_server

from mailclients import MailAddress, MailMessage, MailPriority, MailSensitivity, SmtpClient

with mail_server("smtp") as server, SmtpClient(server.host, server.port, server.user, server.password) as client:
    client.send("ann@example.com", server.address, "Four strings", "From, to, subject and text.")
    print("Sent from four strings.")

    message = MailMessage()
    message.from_address = MailAddress("ann@example.com", "Ann Stone")
    message.to = server.address
    message.to.add(MailAddress(server.address, "Reader, the"))
    message.cc.add(f"Somebody <{server.address}>, {server.address}")
    message.bcc.add(server.address)  # nobody sees it
    message.reply_to_list.add("office@example.com")
    message.subject = "Grüße"
    message.body = "With everything.\r\n"
    message.priority = MailPriority.HIGH
    message.sensitivity = MailSensitivity.PERSONAL
    message.headers.add("X-Sample", "57")
    client.send(message)
    print(f"Sent {message.message_id} to {message.to.count + message.cc.count + message.bcc.count} addresses.")

    several = [MailMessage("ann@example.com", server.address, f"Number {number}", "Hello.") for number in range(3)]
    client.send(several)
    client.send(*several)
    print(f"Sent {len(several)} at once, and again.")
