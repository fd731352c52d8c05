"""What the samples share: their arguments, and an embedded mail server where no other is named.

    with mail_server() as server:
        client.host, client.port = server.host, server.port

Run as a program it starts the embedded server, prints where it listens as one line of JSON, and stops
when its input ends.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import NamedTuple

from mailclients.testing import MailServer, sample_messages

USER, PASSWORD = "reader@example.com", "sample password"
STANDARD_PORTS = {"imap": 143, "pop3": 110, "smtp": 25}


class Server(NamedTuple):
    host: str
    port: int
    user: str
    password: str

    @property
    def address(self) -> str:
        """Where mail for the user goes."""
        return self.user if "@" in self.user else f"{self.user}@example.com"


@contextmanager
def embedded_server() -> Generator[MailServer, None, None]:
    """A server on this machine with forty messages in the inbox and twelve in the folder Archive."""
    folders = {"INBOX": sample_messages(40), "Archive": sample_messages(12)}
    with MailServer({USER: PASSWORD}, {USER: folders}) as server:
        yield server


@contextmanager
def mail_server(protocol: str = "imap") -> Generator[Server, None, None]:
    """The server named by --host, --port, --user and --password, or else an embedded one."""
    parser = argparse.ArgumentParser(description="Runs against an embedded mail server if no --host is given.")
    parser.add_argument("--host", help="a server with an inbox of twenty messages or more and a folder Archive")
    parser.add_argument("--port", type=int, help="of IMAP, or of the only protocol that a sample speaks")
    parser.add_argument("--pop3-port", type=int, help="of POP3, for the samples that use it")
    parser.add_argument("--smtp-port", type=int, help="of SMTP, for the samples that use it")
    parser.add_argument("--user", default=USER)
    parser.add_argument("--password", default=PASSWORD)
    given = parser.parse_args()
    if given.host:
        own = {"pop3": given.pop3_port, "smtp": given.smtp_port}.get(protocol)
        port = own or given.port or STANDARD_PORTS[protocol]
        yield Server(given.host, port, given.user, given.password)
    else:
        with embedded_server() as server:
            yield Server(server.host, server.ports[protocol], USER, PASSWORD)


if __name__ == "__main__":
    with embedded_server() as running:
        ports = {"port": running.imap_port, "pop3-port": running.pop3_port, "smtp-port": running.smtp_port}
        print(json.dumps({"host": running.host, **ports, "user": USER, "password": PASSWORD}), flush=True)
        sys.stdin.read()
