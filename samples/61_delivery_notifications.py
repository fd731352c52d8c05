"""Ask to be told of delivery, of failure, and of reading.

Shows: DeliveryNotificationOptions with OnSuccess, OnFailure and Delay; ReadReceiptTo; GetCapabilities.

Reports come from servers that have DSN, as messages to the sender; a message is sent whether they can be had or not.
"""

from _server import mail_server

from mailclients import DeliveryNotificationOptions, MailMessage, SmtpClient

WANTED = DeliveryNotificationOptions.ON_SUCCESS | DeliveryNotificationOptions.ON_FAILURE

with mail_server("smtp") as server, SmtpClient(server.host, server.port, server.user, server.password) as client:
    has_dsn = any(name.upper() == "DSN" for name in client.get_capabilities())
    print(f"The server {'sends reports' if has_dsn else 'has no DSN and sends no reports'}.")

    message = MailMessage("ann@example.com", server.address, "Important", "Please tell me when you have it.")
    message.delivery_notification_options = WANTED | DeliveryNotificationOptions.DELAY
    message.read_receipt_to = "ann@example.com"  # that is for the reader's program, and the reader, to decide
    client.send(message)
    print(f"Sent {message.message_id}; a report names it.")

    quiet = MailMessage("ann@example.com", server.address, "Not important", "No report, please.")
    quiet.delivery_notification_options = DeliveryNotificationOptions.NEVER
    client.send(quiet)
    print("Sent another that nobody reports about.")
