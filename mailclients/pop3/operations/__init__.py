"""The bodies of Pop3Client's operations: the single source of what they do, by rooms.

A body is a generator that yields commands and receives their answers; it does no I/O with the server and knows no
thread. The bodies stand in the rooms beside this module; the one table of them stands here, with what the client has
to know of each before it runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from mailclients.engine.tasks import Body
from mailclients.pop3.operations import deleting, fetching, listing, session
from mailclients.pop3.operations.session import noop

__all__ = ["ANYWHERE", "BODIES", "noop"]


class Entry(NamedTuple):
    """An operation.

    Attributes:
        body: makes the generator.
        anywhere: about messages that are named by unique id, it may run in any session of the server's.
    """

    body: Callable[..., Body]
    anywhere: bool = False


_TABLE: Final[dict[str, Entry]] = {
    "login": Entry(session.login),
    "logout": Entry(session.logout),
    "noop": Entry(session.noop),
    "validate_credentials": Entry(session.validate_credentials),
    "get_message_count": Entry(session.get_message_count),
    "get_mailbox_size": Entry(session.get_mailbox_size),
    "get_mailbox_info": Entry(session.get_mailbox_info),
    "get_message_unique_id": Entry(fetching.get_message_unique_id),
    "get_message_size": Entry(fetching.get_message_size, anywhere=True),
    "get_message_headers": Entry(fetching.get_message_headers, anywhere=True),
    "get_message_info": Entry(listing.get_message_info),
    "list_messages": Entry(listing.list_messages),
    "load_message_info_list": Entry(listing.load_message_info_list),
    "fetch_message": Entry(fetching.fetch_message, anywhere=True),
    "fetch_messages": Entry(fetching.fetch_messages, anywhere=True),
    "save_message": Entry(fetching.save_message, anywhere=True),
    "delete_message": Entry(deleting.delete_message),
    "delete_messages": Entry(deleting.delete_messages),
    "undelete_messages": Entry(deleting.undelete_messages),
    "commit_deletes": Entry(deleting.commit_deletes),
}

BODIES: Final[dict[str, Callable[..., Body]]] = {name: entry.body for name, entry in _TABLE.items()}
ANYWHERE: Final = frozenset(name for name, entry in _TABLE.items() if entry.anywhere)
