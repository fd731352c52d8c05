"""Begin a thousand messages at once and count what becomes of them.

Shows: BeginSend for many messages, the events SucceededSending and FailedSending, MaxConnectionsPerServer; a few
connections carry them all, each message sent once.
"""

import threading
import time

from _server import mail_server

from mailclients import FailedMailMessageEventArgs, IAsyncResultExt, MailMessage, MailMessageEventArgs, SmtpClient

COUNT = 1000
sent = failed = 0
counting = threading.Lock()  # events come from several threads


def count_sent(sender: SmtpClient, args: MailMessageEventArgs) -> None:
    global sent
    with counting:
        sent += 1


def count_failed(sender: SmtpClient, args: FailedMailMessageEventArgs) -> None:
    global failed
    with counting:
        failed += 1
    print(f"{args.message.subject}: {args.operation_error}")


with mail_server("smtp") as server, SmtpClient(server.host, server.port, server.user, server.password) as client:
    client.max_connections_per_server = 4
    client.succeeded_sending += count_sent
    client.failed_sending += count_failed

    message = MailMessage("ann@example.com", server.address, "", "One of many.")
    begun = time.monotonic()
    handles: list[IAsyncResultExt[None]] = []
    for number in range(COUNT):
        message.subject = f"Message {number}"  # each is sent as it is at its begin
        handles.append(client.begin_send(message))
    for handle in handles:
        client.end_send(handle)
    seconds = time.monotonic() - begun
    print(f"{sent} messages sent, {failed} failed, in {seconds:.1f} s over {client.pool.peak} connections at most.")
