"""Send two messages in the background, and think better of the second.

Shows: BeginSend with an AsyncCallback and a state; IsCanceled and ErrorInfo in the callback; CancelAsyncOperation;
ManualResetEvent and WaitHandle.WaitAll.
"""

from _server import mail_server

from mailclients import IAsyncResultExt, MailMessage, ManualResetEvent, SmtpClient, WaitHandle


class Sending:
    """What the callback is told: what the message is about, and the event to set."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.ended = ManualResetEvent(False)


def sending_ended(result: IAsyncResultExt[None]) -> None:
    """Runs on a thread of the client. The state is whatever was given to the begin."""
    sending: Sending = result.async_state
    if result.is_canceled:
        print(f"{sending.what}: cancelled, nobody has it.")
    elif result.error_info is not None:
        print(f"{sending.what}: not sent: {result.error_info}")
    else:
        print(f"{sending.what}: sent.")
    sending.ended.set()


with mail_server("smtp") as server, SmtpClient(server.host, server.port, server.user, server.password) as client:
    first, second = Sending("The invitation"), Sending("The joke")
    invitation = MailMessage("ann@example.com", server.address, "Lunch", "Today at noon?")
    client.begin_send(invitation, sending_ended, first)
    joke = client.begin_send(MailMessage("ann@example.com", server.address, "Ha", "ha " * 1000), sending_ended, second)

    # Until its last byte has gone a message can be kept back. One that has been sent is sent.
    client.cancel_async_operation(joke)
    if not WaitHandle.wait_all([first.ended, second.ended], 30_000):
        raise SystemExit("No answer within thirty seconds.")
