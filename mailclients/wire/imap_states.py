"""States of an IMAP connection and what is legal in each, as tables (RFC 9051 section 3).

Tables never change; any thread.
"""

from __future__ import annotations

from enum import IntFlag
from typing import Final

__all__ = ["COMMAND_STATES", "ImapState", "is_legal", "next_state"]


class ImapState(IntFlag):
    """Where a connection stands; a union of them says where a command is legal."""

    NOT_AUTHENTICATED = 1
    AUTHENTICATED = 2
    SELECTED = 4
    LOGOUT = 8


_ANY: Final = ImapState.NOT_AUTHENTICATED | ImapState.AUTHENTICATED | ImapState.SELECTED
_SIGNED_IN: Final = ImapState.AUTHENTICATED | ImapState.SELECTED

COMMAND_STATES: Final[dict[str, ImapState]] = {
    **dict.fromkeys(("CAPABILITY", "ID", "LOGOUT", "NOOP"), _ANY),
    **dict.fromkeys(("AUTHENTICATE", "LOGIN", "STARTTLS"), ImapState.NOT_AUTHENTICATED),
    # RFC 4978: COMPRESS is legal in every state, but of no use before the sign-in.
    "COMPRESS": _ANY,
    # RFC 5161: ENABLE "is only valid in the authenticated state", before any SELECT.
    "ENABLE": ImapState.AUTHENTICATED,
    **dict.fromkeys(
        (
            "APPEND", "CREATE", "DELETE", "DELETEACL", "EXAMINE", "GETACL", "GETMETADATA", "GETQUOTA",
            "GETQUOTAROOT", "IDLE", "LIST", "LISTRIGHTS", "LSUB", "MYRIGHTS", "NAMESPACE", "NOTIFY",
            "RENAME", "SELECT", "SETACL", "SETMETADATA", "SETQUOTA", "STATUS", "SUBSCRIBE",
            "UNAUTHENTICATE", "UNSUBSCRIBE", "XLIST",
        ),
        _SIGNED_IN,
    ),
    **dict.fromkeys(
        (
            "CHECK", "CLOSE", "COPY", "EXPUNGE", "FETCH", "MOVE", "REPLACE", "SEARCH", "SORT", "STORE",
            "THREAD", "UNSELECT",
            "UID COPY", "UID EXPUNGE", "UID FETCH", "UID MOVE", "UID REPLACE", "UID SEARCH", "UID SORT",
            "UID STORE", "UID THREAD",
        ),
        ImapState.SELECTED,
    ),
}  # fmt: skip


def is_legal(kind: str, state: ImapState) -> bool:
    """Whether command `kind` (``"UID FETCH"``) may be sent in `state`.

    Commands that the table does not know are the server's to judge, except after LOGOUT.
    """
    return bool(COMMAND_STATES.get(kind.upper(), _ANY) & state)


_ON_OK: Final[dict[str, ImapState]] = {
    "AUTHENTICATE": ImapState.AUTHENTICATED,
    "CLOSE": ImapState.AUTHENTICATED,
    "EXAMINE": ImapState.SELECTED,
    "LOGIN": ImapState.AUTHENTICATED,
    "LOGOUT": ImapState.LOGOUT,
    "SELECT": ImapState.SELECTED,
    "UNAUTHENTICATE": ImapState.NOT_AUTHENTICATED,
    "UNSELECT": ImapState.AUTHENTICATED,
}


def next_state(kind: str, state: ImapState, status: str) -> ImapState:
    """The state after command `kind` was answered in `state`.

    Args:
        kind: the command.
        state: the state it was sent in.
        status: ``"OK"``, ``"NO"`` or ``"BAD"``.
    """
    kind = kind.upper()
    if status == "OK":
        return _ON_OK.get(kind, state)
    if kind in ("SELECT", "EXAMINE") and state is ImapState.SELECTED and status == "NO":
        # RFC 9051 section 6.3.2: a refused SELECT leaves no mailbox selected. BAD means that
        # the command was not understood, so it did nothing.
        return ImapState.AUTHENTICATED
    return state
