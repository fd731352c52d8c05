"""Folders as the server described them. The infos are immutable, the collections are the caller's own.

Nothing here raises over what a server said: what is missing is None, 0 or empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, overload

from mailclients.imap.models.enums import ImapSpecialFolderTypes
from mailclients.mime.collection import Collection
from mailclients.names import NamesHinted

__all__ = [
    "ImapFolderInfo",
    "ImapFolderInfoCollection",
    "ImapMailboxInfo",
]

_SPECIAL_USES: Final = {
    "\\all": ImapSpecialFolderTypes.ALL,
    "\\archive": ImapSpecialFolderTypes.ARCHIVE,
    "\\drafts": ImapSpecialFolderTypes.DRAFTS,
    "\\flagged": ImapSpecialFolderTypes.FLAGGED,
    "\\junk": ImapSpecialFolderTypes.JUNK,
    "\\sent": ImapSpecialFolderTypes.SENT,
    "\\trash": ImapSpecialFolderTypes.TRASH,
    "\\important": ImapSpecialFolderTypes.IMPORTANT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapFolderInfo(NamesHinted):
    """A folder as the server described it (.NET: ``ImapFolderInfo``). Counts are 0 while not loaded.

    Attributes:
        name: the decoded name, full path.
        raw_name: the name as the server sent it; empty if it was not sent.
        delimiter: the character between levels of the name, or None for a flat one.
        attributes: of LIST, such as ``"\\\\HasChildren"``, as sent (RFC 9051 section 7.3.1).
        total_message_count: messages in the folder.
        new_message_count: messages not read yet.
        recent_message_count: messages flagged as recent.
        uid_next: the unique id the next message will get at least.
        validity_id: UIDVALIDITY; unique ids are worth nothing under another one.
        highest_mod_sequence: the highest modification sequence (RFC 7162 section 3.1.2.1).
        no_mod_seq: whether the folder keeps no modification sequences.
        uid_not_sticky: whether unique ids are lost with the session (RFC 4315 section 2).
        read_only: whether the folder is open for reading only.
        size: bytes of all messages together, where the server counts them (STATUS=SIZE, RFC 8438).
        mailbox_id: what the folder keeps whatever its name, where the server tells it (OBJECTID, RFC 8474).
    """

    IN_BOX: ClassVar[str] = "INBOX"

    name: str
    raw_name: bytes = b""
    delimiter: str | None = None
    attributes: tuple[str, ...] = ()
    total_message_count: int = 0
    new_message_count: int = 0
    recent_message_count: int = 0
    uid_next: int = 0
    validity_id: int = 0
    highest_mod_sequence: int = 0
    no_mod_seq: bool = False
    uid_not_sticky: bool = False
    read_only: bool = False
    size: int = 0
    mailbox_id: str = ""

    def updated(self, **changes: Any) -> ImapFolderInfo:
        """Give a copy with other values, by attribute name."""
        return replace(self, **changes)

    def _has(self, *attributes: str) -> bool:
        return any(attribute.lower() in attributes for attribute in self.attributes)

    @property
    def folder_type(self) -> ImapSpecialFolderTypes:
        """What the folder is for (RFC 6154)."""
        for attribute in self.attributes:
            use = _SPECIAL_USES.get(attribute.lower())
            if use is not None:
                return use
        return ImapSpecialFolderTypes.NOT_SPECIFIED

    @property
    def has_children(self) -> bool:
        """Whether the server said that there are folders below."""
        return self._has("\\haschildren")

    @property
    def marked(self) -> bool:
        """Whether the server marked the folder as interesting."""
        return self._has("\\marked")

    @property
    def no_inferiors(self) -> bool:
        """Whether no folder can be made below."""
        return self._has("\\noinferiors")

    @property
    def non_existent(self) -> bool:
        """Whether the name stands for no existing folder (RFC 5258 section 3)."""
        return self._has("\\nonexistent")

    @property
    def remote(self) -> bool:
        """Whether the folder is on another server (RFC 5258 section 3)."""
        return self._has("\\remote")

    @property
    def selectable(self) -> bool:
        """Whether the folder can be selected."""
        return not self._has("\\noselect", "\\nonexistent")

    @property
    def subscribed(self) -> bool:
        """Whether the server said that the folder is subscribed to."""
        return self._has("\\subscribed")

    def to_string(self) -> str:
        """Give the name."""
        return self.name

    def __str__(self) -> str:
        return self.name


class ImapFolderInfoCollection(Collection[ImapFolderInfo]):
    """Folders in the order of the server (.NET: ``ImapFolderInfoCollection``); also found by name.

    Args:
        folders: folders, or one iterable of them.
    """

    __slots__ = ()

    def __init__(self, *folders: ImapFolderInfo | Iterable[ImapFolderInfo]) -> None:
        super().__init__()
        for one in folders:
            if isinstance(one, ImapFolderInfo):
                self._items.append(one)
            else:
                self._items.extend(one)

    @overload
    def __getitem__(self, index: int | str) -> ImapFolderInfo: ...
    @overload
    def __getitem__(self, index: slice) -> list[ImapFolderInfo]: ...
    def __getitem__(self, index: int | str | slice) -> ImapFolderInfo | list[ImapFolderInfo]:
        if isinstance(index, str):
            for folder in self._items:
                if folder.name == index or (index.upper() == "INBOX" == folder.name.upper()):
                    return folder
            raise KeyError(index)
        return self._items[index]


class ImapMailboxInfo(NamesHinted):
    """The folders of an account that have a purpose (.NET: ``ImapMailboxInfo``; RFC 6154).

    Args:
        folders: those the server lists; of several with one purpose the first counts.
    """

    __slots__ = ("_by_type", "_inbox")

    def __init__(self, folders: Iterable[ImapFolderInfo] = ()) -> None:
        self._inbox: ImapFolderInfo | None = None
        self._by_type: dict[ImapSpecialFolderTypes, ImapFolderInfo] = {}
        for folder in folders:
            if self._inbox is None and folder.name.upper() == ImapFolderInfo.IN_BOX:
                self._inbox = folder
            if folder.folder_type is not ImapSpecialFolderTypes.NOT_SPECIFIED:
                self._by_type.setdefault(folder.folder_type, folder)

    @property
    def inbox(self) -> ImapFolderInfo | None:
        """Where messages arrive (.NET: ``Inbox``)."""
        return self._inbox

    @property
    def all_messages(self) -> ImapFolderInfo | None:
        """All messages, or None where the server names no such folder (.NET: ``AllMessages``)."""
        return self._by_type.get(ImapSpecialFolderTypes.ALL)

    @property
    def archived_messages(self) -> ImapFolderInfo | None:
        """The archive, or None where the server names no such folder (.NET: ``ArchivedMessages``)."""
        return self._by_type.get(ImapSpecialFolderTypes.ARCHIVE)

    @property
    def draft_messages(self) -> ImapFolderInfo | None:
        """Unfinished messages, or None where the server names no such folder (.NET: ``DraftMessages``)."""
        return self._by_type.get(ImapSpecialFolderTypes.DRAFTS)

    @property
    def flagged_messages(self) -> ImapFolderInfo | None:
        """Messages marked as important, or None where the server names no such folder (.NET: ``FlaggedMessages``)."""
        return self._by_type.get(ImapSpecialFolderTypes.FLAGGED)

    @property
    def junk_messages(self) -> ImapFolderInfo | None:
        """Unwanted messages, or None where the server names no such folder (.NET: ``JunkMessages``)."""
        return self._by_type.get(ImapSpecialFolderTypes.JUNK)

    @property
    def sent_messages(self) -> ImapFolderInfo | None:
        """Messages that were sent, or None where the server names no such folder (.NET: ``SentMessages``)."""
        return self._by_type.get(ImapSpecialFolderTypes.SENT)

    @property
    def trash(self) -> ImapFolderInfo | None:
        """Messages that were thrown away, or None where the server names no such folder (.NET: ``Trash``)."""
        return self._by_type.get(ImapSpecialFolderTypes.TRASH)

    @property
    def important(self) -> ImapFolderInfo | None:
        """Messages that matter to the user, or None where the server names no such folder (.NET: ``Important``)."""
        return self._by_type.get(ImapSpecialFolderTypes.IMPORTANT)

    def to_array(self) -> list[ImapFolderInfo]:
        """Give the folders there are, the inbox first (.NET: ``ToArray``)."""
        inbox = [] if self._inbox is None else [self._inbox]
        return inbox + [folder for folder in self._by_type.values() if folder is not self._inbox]

    def __repr__(self) -> str:
        return f"<ImapMailboxInfo of {len(self.to_array())} folders>"
