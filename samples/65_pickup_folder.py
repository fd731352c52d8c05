"""Leave messages as files for a service of this machine, without any server.

Shows: DeliveryMethod with SmtpDeliveryMethod.SpecifiedPickupDirectory, PickupDirectoryLocation, Send, Forward.
"""

import tempfile
from pathlib import Path

from mailclients import MailMessage, SmtpClient, SmtpDeliveryMethod

with tempfile.TemporaryDirectory() as directory, SmtpClient() as client:
    client.delivery_method = SmtpDeliveryMethod.SPECIFIED_PICKUP_DIRECTORY
    client.pickup_directory_location = directory

    message = MailMessage("ann@example.com", "bob@example.com", "Weekly report", "Nothing has happened.")
    message.bcc = "boss@example.com"
    client.send(message)
    client.forward("postmaster@example.com", "carl@example.com", message)

    for file in sorted(Path(directory).glob("*.eml"), key=lambda file: file.stat().st_size):
        written = MailMessage.load(file)
        print(f"{written.subject!r} from {written.headers['X-Sender']}")
        print(f"    goes to {', '.join(written.headers.get_values('X-Receiver'))}")
    print(f"{len(list(Path(directory).iterdir()))} files wait for the service.")
