"""What the client asks of a server about the account, against scripted servers that say unusual things."""

from __future__ import annotations

import pytest

from mailclients.imap.protocol import Declined, ImapCore
from mailclients.wire.buffer import DEFAULT_LIMITS

# -- capabilities ------------------------------------------------------------


def core_with(*capabilities: str) -> ImapCore:
    """The state of a connection whose server has said this."""
    core = ImapCore(DEFAULT_LIMITS)
    core.capabilities = frozenset(capabilities)
    return core


BUILT_IN = (
    *("CHILDREN", "ENABLE", "ESEARCH", "IDLE", "LIST-EXTENDED", "LIST-STATUS", "LITERAL-", "MOVE", "NAMESPACE"),
    *("SASL-IR", "SEARCHRES", "SPECIAL-USE", "STATUS=SIZE", "UIDPLUS", "UNSELECT"),
)


@pytest.mark.parametrize("capability", BUILT_IN)
def test_IMAP4rev2_has_its_built_in_extensions(capability: str) -> None:
    assert core_with("IMAP4REV2").has(capability)
    assert core_with("IMAP4REV1", capability).has(capability)
    assert not core_with("IMAP4REV1").has(capability)


@pytest.mark.parametrize(
    "capability", ["QUOTA", "SORT", "THREAD=REFERENCES", "ID", "CONDSTORE", "QRESYNC", "MULTIAPPEND", "LITERAL+"]
)
def test_IMAP4rev2_has_nothing_else_unsaid(capability: str) -> None:
    assert not core_with("IMAP4REV2").has(capability)


def test_QRESYNC_brings_CONDSTORE() -> None:
    assert core_with("IMAP4REV1", "QRESYNC").has("CONDSTORE")
    assert not core_with("IMAP4REV1", "CONDSTORE").has("QRESYNC")


def test_declined_extensions_are_not_there() -> None:
    offered = ("IMAP4REV1", "IMAP4REV2", "AUTH=PLAIN", "THREAD=REFERENCES", "THREAD=REFS", "QUOTA", "QUOTA=RES-STORAGE")
    declined = Declined()
    core = ImapCore(DEFAULT_LIMITS, declined=declined)
    core.capabilities = frozenset(offered)
    assert core.varieties("THREAD") == ["REFERENCES", "REFS"]
    declined.names.update(("THREAD", "MOVE"))
    assert [name for name in (*offered, "MOVE") if core.has(name)] == [
        name for name in offered if not name.startswith("THREAD")
    ]
    assert core.varieties("THREAD") == []
    declined.names.clear()
    declined.everything = True
    assert [name for name in (*offered, "MOVE") if core.has(name)] == ["IMAP4REV1", "IMAP4REV2", "AUTH=PLAIN"]
    declined.everything = False
    assert all(core.has(name) for name in (*offered, "MOVE"))
