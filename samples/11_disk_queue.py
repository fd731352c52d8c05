"""Leave thirty messages in a folder, have them sent in the background, and count what becomes of them.

Shows: SmtpQueueLocation, SendToQueue, BeginSendQueue and EndBeginSendQueue, the events SucceededSending and
FailedSending, CancelAsyncOperation. Messages outlive the program: whatever it leaves, the next one sends.
"""

import tempfile
import threading
from pathlib import Path

from _server import mail_server

from mailclients import (
    FailedMailMessageEventArgs,
    MailMessage,
    MailMessageEventArgs,
    ManualResetEvent,
    OperationCanceledException,
    SmtpClient,
)

COUNT = 30
sent = failed = 0
counting = threading.Lock()  # events come from several threads
all_told = ManualResetEvent(False)


def count(*, good: bool) -> None:
    global sent, failed
    with counting:
        sent, failed = sent + good, failed + (not good)
        if sent + failed == COUNT:
            all_told.set()


def count_sent(sender: SmtpClient, args: MailMessageEventArgs) -> None:
    count(good=True)


def count_failed(sender: SmtpClient, args: FailedMailMessageEventArgs) -> None:
    print(f"{args.message.subject}: {args.operation_error}")
    count(good=False)


with (
    tempfile.TemporaryDirectory() as folder,
    mail_server("smtp") as server,
    SmtpClient(server.host, server.port, server.user, server.password) as client,
):
    client.smtp_queue_location = folder
    client.succeeded_sending += count_sent
    client.failed_sending += count_failed

    # No server is needed for this, and when it returns the messages are safe.
    client.send_to_queue(
        MailMessage("ann@example.com", server.address, f"Message {number}", "One of thirty.") for number in range(20)
    )
    sending = client.begin_send_queue()
    # What comes later is sent as well, until the sending is cancelled.
    client.send_to_queue(
        [MailMessage("ann@example.com", server.address, f"Message {number}", "Late.") for number in range(20, COUNT)]
    )
    if not all_told.wait_one(30_000):
        raise SystemExit("No answer within thirty seconds.")

    client.cancel_async_operation(sending)
    try:
        client.end_begin_send_queue(sending)
    except OperationCanceledException:
        left = len(list(Path(folder).glob("*.eml")))
        print(f"{sent} messages sent, {failed} failed; {left} are left in the queue.")
