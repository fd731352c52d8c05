"""Set what a client waits for, write its log, and be told when it connects.

Shows: Timeout, GreetingTimeout, ConnectionCheckupPeriod, MaxConnectionsPerServer, EnableLogger, LogFileName,
ResetLogSettings, the events OnConnect and BindIPEndPoint.

Times are milliseconds; a `timedelta` will do as well.
"""

import tempfile
from datetime import timedelta
from pathlib import Path

from _server import mail_server

from mailclients import EventArgs, ImapClient


def connected(sender: ImapClient, args: EventArgs) -> None:
    print(f"Connected with {sender.host}.")


def choose_own_address(remote: tuple[str, int]) -> tuple[str, int] | None:
    """Asked for each address that is tried; None leaves the choice to the system."""
    return ("127.0.0.1", 0) if remote[0] == "127.0.0.1" else None


with (
    tempfile.TemporaryDirectory() as directory,
    mail_server() as server,
    ImapClient(server.host, server.port, server.user, server.password) as client,
):
    client.timeout = timedelta(seconds=30)
    client.greeting_timeout = 10_000
    client.connection_checkup_period = timedelta(minutes=2)
    client.max_connections_per_server = 2
    client.on_connect += connected
    client.bind_ip_end_point += choose_own_address

    log = Path(directory) / "mail.log"
    client.log_file_name = log
    client.enable_logger = True
    client.select_folder("INBOX")
    client.reset_log_settings()

    print("The log, which never has a password:")
    for line in log.read_text("utf-8").splitlines()[-4:]:
        print(f"    {line}")
