"""Users, folders and messages in memory, as every protocol of the embedded server sees them.

Owned by the child process's reactor thread, which alone enters it; there is no lock. Messages keep
their bytes exactly as given. A folder tells its listeners (sessions that have it open) that something
changed; each of them finds out what, when its protocol allows it to say so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timezone
from functools import cached_property
from typing import Final

from mailclients.testing.contents import Message, ServerConfig
from mailclients.testing.mime import Entity

__all__ = ["DELIMITER", "RESOURCES", "Account", "MailStore", "StoreError", "StoredFolder", "StoredMessage"]

DELIMITER: Final = "/"
INBOX: Final = "INBOX"

RESOURCES: Final = ("STORAGE", "MESSAGE")  # what can be limited

# RFC 6154: folders by these names tell their purpose
SPECIAL_USE: Final = {
    "Archive": "\\Archive",
    "Drafts": "\\Drafts",
    "Junk": "\\Junk",
    "Sent": "\\Sent",
    "Trash": "\\Trash",
}


class StoreError(Exception):
    """A request that the store refuses; `code` is the response code for it (RFC 5530), or None."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class StoredMessage:
    """A message in a folder. `expunged` stays readable for sessions that have not been told yet."""

    def __init__(self, uid: int, message: Message) -> None:
        self.uid = uid
        self.content = message.content
        self.internal_date = message.internal_date or datetime.now(timezone.utc).replace(microsecond=0)
        self.expunged = False
        self._flags: dict[str, str] = {}
        self.set_flags(message.flags)

    @property
    def flags(self) -> tuple[str, ...]:
        return tuple(self._flags.values())

    def has_flag(self, flag: str) -> bool:
        return flag.lower() in self._flags

    def set_flags(self, flags: Iterable[str]) -> bool:
        """Replace the flags; whether that changed anything."""
        before = set(self._flags)
        self._flags = {flag.lower(): flag for flag in flags}
        return set(self._flags) != before

    def add_flags(self, flags: Iterable[str]) -> bool:
        return self.set_flags({flag.lower(): flag for flag in (*flags, *self.flags)}.values())

    def remove_flags(self, flags: Iterable[str]) -> bool:
        gone = {flag.lower() for flag in flags}
        return self.set_flags(flag for key, flag in self._flags.items() if key not in gone)

    @cached_property
    def entity(self) -> Entity:
        return Entity.parse(self.content)

    def as_message(self) -> Message:
        return Message(self.content, self.flags, self.internal_date, self.uid)


class StoredFolder:
    """A folder: its messages in UID order, and the sessions to tell when it changes."""

    def __init__(self, name: str, uid_validity: int, *, read_only: bool = False) -> None:
        self.name = name
        self.uid_validity = uid_validity
        self.uid_next = 1
        self.read_only = read_only
        self.selectable = True
        self.messages: list[StoredMessage] = []
        self.first_recent_uid = 1
        self.version = 0
        self._listeners: dict[Callable[[frozenset[StoredMessage]], None], None] = {}

    def listen(self, listener: Callable[[frozenset[StoredMessage]], None]) -> None:
        """Have `listener` called after every change, with the messages whose flags changed."""
        self._listeners[listener] = None

    def unlisten(self, listener: Callable[[frozenset[StoredMessage]], None]) -> None:
        self._listeners.pop(listener, None)

    def changed(self, flags_of: Iterable[StoredMessage] = ()) -> None:
        self.version += 1
        changed = frozenset(flags_of)
        for listener in list(self._listeners):
            listener(changed)

    def add(self, messages: Iterable[Message]) -> list[StoredMessage]:
        added: list[StoredMessage] = []
        for message in messages:
            added.append(StoredMessage(self.uid_next, message))
            self.uid_next += 1
        self.messages.extend(added)
        if added:
            self.changed()
        return added

    def expunge(self, doomed: Iterable[StoredMessage]) -> None:
        gone = set(doomed)
        for message in gone:
            message.expunged = True
        if gone:
            self.messages = [message for message in self.messages if message not in gone]
            self.changed()

    def keywords(self) -> list[str]:
        """Keywords in use in the folder, sorted."""
        return sorted({flag for message in self.messages for flag in message.flags if flag[0] != "\\"})


class Account:
    """What one user has."""

    def __init__(self, user: str, password: str, new_uid_validity: Callable[[], int]) -> None:
        self.user = user
        self.password = password
        self.connections = 0
        self.folders: dict[str, StoredFolder] = {}
        self.subscribed: set[str] = set()
        self.limits: dict[str, int] = {}  # of all folders together: messages, and units of 1,024 bytes
        self._new_uid_validity = new_uid_validity
        self.create(INBOX)
        self.subscribed.add(INBOX)

    @staticmethod
    def normal(name: str) -> str:
        """INBOX is the one name that is the same in any case (RFC 3501, 5.1)."""
        return INBOX if name.upper() == INBOX else name

    def find(self, name: str) -> StoredFolder | None:
        return self.folders.get(self.normal(name))

    def get(self, name: str, *, code: str = "NONEXISTENT") -> StoredFolder:
        folder = self.find(name)
        if folder is None:
            raise StoreError("There is no such folder", code)
        if not folder.selectable:
            raise StoreError("The folder holds folders only", "NONEXISTENT")
        return folder

    def used(self, resource: str, added: Collection[Message] = ()) -> int:
        """How much of a resource all messages take, with some more among them."""
        sizes = [len(message.content) for folder in self.folders.values() for message in folder.messages]
        sizes += [len(message.content) for message in added]
        return len(sizes) if resource == "MESSAGE" else -(-sum(sizes) // 1024)

    def make_room(self, added: Collection[Message]) -> None:
        """Refuse messages that would not fit into the limits (RFC 9208, 4.3)."""
        for resource, limit in self.limits.items():
            if self.used(resource, added) > limit:
                raise StoreError(f"There is no room: {resource} is limited to {limit}", "OVERQUOTA")

    def inferiors(self, name: str) -> list[str]:
        return [each for each in self.folders if each.startswith(self.normal(name) + DELIMITER)]

    def create(self, name: str, *, uid_validity: int | None = None, read_only: bool = False) -> StoredFolder:
        name = self.normal(name.removesuffix(DELIMITER))
        if not name or any(not part for part in name.split(DELIMITER)):
            raise StoreError("That cannot be the name of a folder", "CANNOT")
        existing = self.folders.get(name)
        if existing is not None and existing.selectable:
            raise StoreError("The folder is there already", "ALREADYEXISTS")
        parent = name.rpartition(DELIMITER)[0]
        if parent and parent not in self.folders:
            self.create(parent)
        folder = StoredFolder(name, uid_validity or self._new_uid_validity(), read_only=read_only)
        self.folders[name] = folder
        return folder

    def delete(self, name: str) -> None:
        name = self.normal(name)
        if name == INBOX:
            raise StoreError("INBOX cannot be deleted", "CANNOT")
        folder = self.folders.get(name)
        if folder is None:
            raise StoreError("There is no such folder", "NONEXISTENT")
        if self.inferiors(name):
            if not folder.selectable:
                raise StoreError("The folder has folders in it", "HASCHILDREN")
            folder.selectable = False
        else:
            del self.folders[name]
        folder.expunge(list(folder.messages))

    def rename(self, old: str, new: str) -> None:
        old, new = self.normal(old), self.normal(new.removesuffix(DELIMITER))
        if old not in self.folders:
            raise StoreError("There is no such folder", "NONEXISTENT")
        if new in self.folders:
            raise StoreError("A folder of the new name is there already", "ALREADYEXISTS")
        if new.startswith(old + DELIMITER):
            raise StoreError("A folder cannot be moved into itself", "CANNOT")
        if old == INBOX:  # RFC 3501, 6.3.5: its messages move, INBOX itself stays
            inbox = self.folders[INBOX]
            target = self.create(new)
            target.add(message.as_message() for message in inbox.messages)
            inbox.expunge(list(inbox.messages))
            return
        parent = new.rpartition(DELIMITER)[0]
        if not new or any(not part for part in new.split(DELIMITER)):
            raise StoreError("That cannot be the name of a folder", "CANNOT")
        if parent and parent not in self.folders:
            self.create(parent)
        for name in [old, *self.inferiors(old)]:
            folder = self.folders.pop(name)
            folder.name = new + name[len(old) :]
            self.folders[folder.name] = folder

    def names(self) -> Iterator[str]:
        """All folder names, INBOX first."""
        return iter(sorted(self.folders, key=lambda name: (name != INBOX, name)))


class MailStore:
    """All users of one server."""

    def __init__(self, config: ServerConfig) -> None:
        self._last_uid_validity = int(time.time())
        self.max_connections_per_user = config.max_connections_per_user
        self.accounts: dict[str, Account] = {}
        for user, password in config.users.items():
            account = self.accounts[user] = Account(user, password, self._new_uid_validity)
            for name, given in config.folders.get(user, {}).items():
                folder = account.find(name)
                if folder is None:
                    folder = account.create(name)
                folder.uid_validity = given.uid_validity or folder.uid_validity
                folder.read_only = given.read_only
                folder.add(Message.of(each) for each in given.messages)
                if given.subscribed:
                    account.subscribed.add(folder.name)
                else:
                    account.subscribed.discard(folder.name)

    def _new_uid_validity(self) -> int:
        self._last_uid_validity += 1
        return self._last_uid_validity

    def account(self, user: str) -> Account:
        try:
            return self.accounts[user]
        except KeyError:
            raise StoreError(f"there is no user {user!r}") from None
