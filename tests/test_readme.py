"""The Python code in README.md runs as it stands there, but for the name of the server."""

from __future__ import annotations

import re

from mailclients.testing import MailServer, sample_messages
from tests.support.pages import ROOT, programs, run

README = (ROOT / "README.md").read_text("utf-8")
SNIPPETS = programs(ROOT / "README.md")


def test_every_snippet_is_tested() -> None:
    assert len(SNIPPETS) == 2


def test_the_first_ten_lines_work_when_pasted() -> None:
    first = SNIPPETS[0]
    assert len([line for line in first.splitlines() if line.strip()]) <= 10
    assert '"imap.example.com", 993' in first
    with MailServer({"user": "password"}, {"user": sample_messages(3)}, tls=True) as server:
        assert server.ca_file is not None
        here = first.replace('"imap.example.com", 993', f'"{server.host}", {server.imaps_port}')
        # The certificate is verified: its authority is made known to this one process.
        printed = run(here, SSL_CERT_FILE=server.ca_file)
    assert len(printed.splitlines()) == 2
    assert printed.startswith("Minutes of meeting 0\n")


def test_the_lines_that_bring_their_own_server_work_when_pasted() -> None:
    assert len(run(SNIPPETS[1]).splitlines()) == 5


def test_members_named_in_the_table_exist() -> None:
    import mailclients
    from mailclients import IAsyncResult, ImapClient

    rows: list[str] = re.findall(r"^\| `.+ \| (`.+) \|$", README, re.MULTILINE)
    assert len(rows) > 10
    for row in rows:
        for owner, member in re.findall(r"\b(\w+)\.(\w+)", row):
            home: object = {"client": ImapClient, "async_result": IAsyncResult}.get(owner)
            assert hasattr(home or getattr(mailclients, owner, None), member), f"{owner}.{member}"
