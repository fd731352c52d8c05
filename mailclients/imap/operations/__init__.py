"""The bodies of ImapClient's operations: the single source of what they do, by rooms.

A body is a generator. It yields a command, or a list of commands that may be pipelined, and receives
the answer: the result of a single command (or its error, thrown in), or the list back, each command
with `result` or `error`. It does no I/O with the server itself and knows no thread: a plain call
drives it on the caller's thread, a driver runs dozens of them on one task connection. Arguments are
normalised by the binder (see `signatures`); what the call meant by "the folder" is taken down in the
context at the moment of the call.

The bodies stand in the rooms beside this module; the one table of them, and what the client has to
know of each before it runs, stands here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from mailclients.engine.tasks import Body
from mailclients.imap.operations import (
    appending,
    archiving,
    attachments,
    changing,
    copying,
    fetching,
    folders,
    listing,
    restoring,
    searching,
    server,
    session,
)
from mailclients.imap.operations.changing import commit_pending
from mailclients.imap.operations.folders import delimiter_of, mailbox_info
from mailclients.imap.operations.session import noop

__all__ = ["BODIES", "FOLDERLESS", "SESSION_OPERATIONS", "commit_pending", "delimiter_of", "mailbox_info", "noop"]


class Entry(NamedTuple):
    """An operation.

    Attributes:
        body: makes the generator.
        folder: a folder has to be selected for it.
        session: it is about the session itself, so begun calls of it run on the main connection.
    """

    body: Callable[..., Body]
    folder: bool = True
    session: bool = False


_TABLE: Final[dict[str, Entry]] = {
    "login": Entry(session.login, folder=False, session=True),
    "logout": Entry(session.logout, folder=False, session=True),
    "noop": Entry(session.noop, folder=False, session=True),
    "validate_credentials": Entry(session.validate_credentials, folder=False, session=True),
    "select_folder": Entry(session.select_folder, folder=False, session=True),
    "unselect_folder": Entry(session.unselect_folder, folder=False, session=True),
    "list_folders": Entry(folders.list_folders, folder=False),
    "get_folder_info": Entry(folders.get_folder_info, folder=False),
    "exist_folder": Entry(folders.exist_folder, folder=False),
    "create_folder": Entry(folders.create_folder, folder=False),
    "delete_folder": Entry(folders.delete_folder, folder=False),
    "rename_folder": Entry(folders.rename_folder, folder=False),
    "move_folder": Entry(folders.move_folder, folder=False),
    "subscribe_folder": Entry(folders.subscribe_folder, folder=False),
    "unsubscribe_folder": Entry(folders.unsubscribe_folder, folder=False),
    "get_namespaces": Entry(server.get_namespaces, folder=False),
    "get_quota": Entry(server.get_quota, folder=False),
    "get_quota_root": Entry(server.get_quota_root, folder=False),
    "set_quota": Entry(server.set_quota, folder=False),
    "introduce_client": Entry(server.introduce_client, folder=False),
    "client_capabilities": Entry(server.client_capabilities, folder=False, session=True),
    "request_checkpoint": Entry(server.request_checkpoint, session=True),
    "list_messages": Entry(listing.list_messages),
    "list_message": Entry(listing.list_message),
    "list_messages_by_page": Entry(listing.list_messages_by_page),
    "sort_message_threads": Entry(searching.sort_message_threads),
    "get_message_threads": Entry(searching.get_message_threads),
    "list_attachments": Entry(attachments.list_attachments),
    "fetch_attachment": Entry(attachments.fetch_attachment),
    "fetch_message": Entry(fetching.fetch_message),
    "fetch_messages": Entry(fetching.fetch_messages),
    "save_message": Entry(fetching.save_message),
    "append_message": Entry(changing.append_message, folder=False),
    "append_messages": Entry(appending.append_messages, folder=False),
    "add_message_flags": Entry(changing.flag_change(b"+FLAGS")),
    "remove_message_flags": Entry(changing.flag_change(b"-FLAGS")),
    "change_message_flags": Entry(changing.flag_change(b"FLAGS")),
    "delete_message": Entry(changing.delete_messages),
    "delete_messages": Entry(changing.delete_messages),
    "undelete_message": Entry(changing.undelete_message),
    "copy_message": Entry(copying.copy_message),
    "copy_messages": Entry(copying.copy_messages),
    "move_message": Entry(copying.move_message),
    "move_messages": Entry(copying.move_messages),
    "backup": Entry(archiving.backup, folder=False),
    "restore": Entry(restoring.restore, folder=False),
    "commit_deletes": Entry(changing.commit_deletes, session=True),
}

BODIES: Final[dict[str, Callable[..., Body]]] = {name: entry.body for name, entry in _TABLE.items()}
SESSION_OPERATIONS: Final = frozenset(name for name, entry in _TABLE.items() if entry.session)
FOLDERLESS: Final = frozenset(name for name, entry in _TABLE.items() if not entry.folder)
