"""``python -m mailclients.testing``: a mail server in the foreground, with sample mail in it, to play with.

With ``--child`` it is the process behind `MailServer` and takes its orders from standard input.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mailclients.errors import AsposeArgumentException
from mailclients.testing.contents import Folder, ServerConfig
from mailclients.testing.samples import sample_messages

if TYPE_CHECKING:
    from mailclients.testing.serving import Service


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server until it is interrupted; the process's exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        from mailclients.testing import serving
    except ImportError as error:
        if given == ["--child"]:
            os.write(1, json.dumps({"error": str(error), "missing": error.name}).encode("ascii") + b"\n")
        else:
            print(
                f"the embedded mail server needs {error.name}: install the extra 'testing'"
                ' (in a clone: pip install ".[testing]")',
                file=sys.stderr,
            )
        return 1
    if given == ["--child"]:
        return serving.run_child()

    parser = argparse.ArgumentParser(
        prog="python -m mailclients.testing",
        description="Run an IMAP, POP3 and SMTP server with sample mail on this machine.",
    )
    parser.add_argument("--user", default="anna", help="user name (default: %(default)s)")
    parser.add_argument("--password", default="secret", help="password (default: %(default)s)")
    parser.add_argument(
        "--messages", type=int, default=20, metavar="N", help="sample messages in INBOX (default: %(default)s)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="IMAP port (default: a free one)")
    parser.add_argument(
        "--tls", action="store_true", help="offer STARTTLS, and all three protocols over TLS on other ports"
    )
    parser.add_argument("--ca-file", metavar="PATH", help="with --tls: write the certificate authority here")
    parser.add_argument("--max-connections", type=int, metavar="N", help="refuse a user's sign-in beyond N connections")
    options = parser.parse_args(given)
    if options.ca_file and not options.tls:
        parser.error("--ca-file needs --tls")

    try:
        inbox = Folder(sample_messages(options.messages))
        archive = Folder(sample_messages(12))  # the samples read this folder too
        others = {"Archive": archive, **{name: Folder() for name in ("Drafts", "Junk", "Sent", "Trash")}}
        config = ServerConfig(
            users={options.user: options.password},
            folders={options.user: {"INBOX": inbox, **others}},
            host=options.host,
            port=options.port,
            tls=options.tls,
            max_connections_per_user=options.max_connections,
        )
    except AsposeArgumentException as error:
        parser.error(str(error))

    def announce(service: Service) -> None:
        for name, number in service.ports.items():
            print(f"{name}  {options.host}:{number}  user {options.user}  password {options.password}", flush=True)
        if options.ca_file and service.authority is not None:
            with open(options.ca_file, "w", encoding="ascii", newline="\n") as file:
                file.write(service.authority)
            print(f"certificate authority in {options.ca_file}", flush=True)
        print("Ctrl-C ends the server.", flush=True)

    return serving.run_foreground(config, announce)


if __name__ == "__main__":
    sys.exit(main())
