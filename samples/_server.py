"""What the samples share: their arguments, and an embedded mail server where no other is named.

    with mail_server("imap") as server:
        client.host, client.port = server.host, server.port

Run as a program it starts the embedded servers, prints where they listen as one line of JSON, and stops when its
input ends. Each sample has an account of its own there, so that any number may run at once, in any order.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mailclients.testing import Folder, MailServer, sample_messages

PASSWORD: Final = "sample password"

# The option for the port of each service, the service of `MailServer` that it is, and the port where servers have it.
PLAIN: Final = {"imap": ("port", "imap", 143), "pop3": ("pop3-port", "pop3", 110), "smtp": ("smtp-port", "smtp", 25)}
TLS: Final = {
    "starttls": ("starttls-port", "imap", 143),
    "imaps": ("imaps-port", "imaps", 993),
    "pop3s": ("pop3s-port", "pop3s", 995),
    "smtps": ("smtps-port", "smtps", 465),
}


@dataclass(frozen=True)
class Server:
    """Where a sample finds its mail. `ca_file` is None where the system's authorities know the server."""

    host: str
    port: int
    user: str
    password: str
    ports: Mapping[str, int]
    ca_file: str | None

    @property
    def address(self) -> str:
        """Where mail for the user goes."""
        return self.user if "@" in self.user else f"{self.user}@example.com"


def account_of(sample: str) -> str:
    """The user name of a sample on the embedded servers."""
    return f"{Path(sample).stem}@example.com"


@contextmanager
def embedded_server(users: Collection[str], *, tls: bool = False) -> Generator[MailServer, None, None]:
    """A server on this machine: forty messages in each inbox, twelve in each Archive, and the usual empty folders."""
    folders = {name: Folder() for name in ("Drafts", "Junk", "Sent", "Trash")}
    folders |= {"INBOX": Folder(sample_messages(40)), "Archive": Folder(sample_messages(12))}
    with MailServer(dict.fromkeys(users, PASSWORD), dict.fromkeys(users, folders), tls=tls) as server:
        yield server


@contextmanager
def mail_server(service: str = "imap") -> Generator[Server, None, None]:
    """The server named by --host, its ports, --user and --password, or else an embedded one.

    `service` is what the sample speaks, or the first of several, and decides which port is `port`.
    """
    services = TLS if service in TLS else PLAIN
    parser = argparse.ArgumentParser(description="Runs against an embedded mail server if no --host is given.")
    parser.add_argument("--host", help="a server with an inbox of twenty messages or more and a folder Archive")
    parser.add_argument("--port", type=int, help="of IMAP, or of the only protocol that a sample speaks")
    for option in [option for option, _, _ in (PLAIN | TLS).values() if option != "port"]:
        parser.add_argument(f"--{option}", type=int, help="for the samples that use it")
    parser.add_argument("--ca-file", help="by which the server's certificate is verified, if the system cannot do so")
    parser.add_argument("--user", default=account_of(sys.argv[0]))
    parser.add_argument("--password", default=PASSWORD)
    given = parser.parse_args()
    if given.host:
        named = {name: getattr(given, option.replace("-", "_")) for name, (option, _, _) in services.items()}
        ports = {name: named[name] or services[name][2] for name in services}
        ports[service] = named[service] or given.port or ports[service]
        yield Server(given.host, ports[service], given.user, given.password, ports, given.ca_file)
        return
    tls = services is TLS
    user = account_of(sys.argv[0])
    with embedded_server([user], tls=tls) as server:
        ports = {name: server.ports[port] for name, (_, port, _) in services.items()}
        yield Server(server.host, ports[service], user, PASSWORD, ports, server.ca_file if tls else None)


def serve() -> None:
    """Run the embedded servers for all samples until the input ends."""
    users = [account_of(path.name) for path in Path(__file__).parent.glob("[0-9]*.py")]
    with ExitStack() as stack:
        plain = stack.enter_context(embedded_server(users))
        secure = stack.enter_context(embedded_server(users, tls=True))
        told: dict[str, str | int] = {"host": plain.host}
        for server, services in ((plain, PLAIN), (secure, TLS)):
            told |= {option: server.ports[port] for option, port, _ in services.values()}
        print(json.dumps({**told, "ca-file": secure.ca_file}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    serve()
