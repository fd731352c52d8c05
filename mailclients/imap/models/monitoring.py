"""What monitoring a folder tells, and what is needed to go on with it. Immutable values; any thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from mailclients.dotnet import EventArgs
from mailclients.imap.models.messages import ImapMessageInfo
from mailclients.names import NamesHinted

if TYPE_CHECKING:
    from typing import TypeAlias

__all__ = [
    "IImapMonitoringState",
    "ImapMonitoringErrorEventArgs",
    "ImapMonitoringErrorEventHandler",
    "ImapMonitoringEventArgs",
    "ImapMonitoringEventHandler",
    "ImapMonitoringState",
]


@runtime_checkable
class IImapMonitoringState(Protocol):
    """What resuming a monitoring needs (.NET: ``IImapMonitoringState``)."""

    @property
    def folder_name(self) -> str:
        """The folder that was monitored (.NET: ``FolderName``)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapMonitoringState(NamesHinted):
    """The state of a folder that was monitored (.NET: ``IImapMonitoringState``); it can be pickled.

    Attributes:
        folder_name: the folder that was monitored.
        uid_validity: UIDVALIDITY when it was last seen; 0 if it was not.
        uid_next: UIDNEXT when it was last seen; 0 if it is not known.
        highest_mod_sequence: HIGHESTMODSEQ when it was last seen (RFC 7162); 0 without CONDSTORE.
        uids: the unique ids that were in it, ascending.
    """

    folder_name: str
    uid_validity: int = 0
    uid_next: int = 0
    highest_mod_sequence: int = 0
    uids: tuple[int, ...] = ()


class ImapMonitoringEventArgs(EventArgs):
    """Which messages came and went (.NET: ``ImapMonitoringEventArgs``).

    Args:
        folder_name: the folder that is monitored.
        new_messages: those that came.
        deleted_messages: those that went; of these little more than the unique id is known.
    """

    __slots__ = ("_deleted_messages", "_folder_name", "_new_messages")

    def __init__(
        self, folder_name: str, new_messages: Iterable[ImapMessageInfo], deleted_messages: Iterable[ImapMessageInfo]
    ) -> None:
        self._folder_name = folder_name
        self._new_messages = list(new_messages)
        self._deleted_messages = list(deleted_messages)

    @property
    def folder_name(self) -> str:
        """The folder that is monitored (.NET: ``FolderName``)."""
        return self._folder_name

    @property
    def new_messages(self) -> list[ImapMessageInfo]:
        """The messages that came (.NET: ``NewMessages``)."""
        return self._new_messages

    @property
    def deleted_messages(self) -> list[ImapMessageInfo]:
        """The messages that went (.NET: ``DeletedMessages``)."""
        return self._deleted_messages

    def __repr__(self) -> str:
        counts = f"new={len(self._new_messages)} deleted={len(self._deleted_messages)}"
        return f"<ImapMonitoringEventArgs {self._folder_name!r} {counts}>"


class ImapMonitoringErrorEventArgs(EventArgs):
    """Why monitoring a folder has ended (.NET: ``ImapMonitoringErrorEventArgs``).

    Args:
        folder_name: the folder that was monitored.
        error: what went wrong.
        monitoring_state: hand it to `resume_monitoring` to go on from there.
    """

    __slots__ = ("_error", "_folder_name", "_monitoring_state")

    def __init__(self, folder_name: str, error: Exception, monitoring_state: IImapMonitoringState) -> None:
        self._folder_name = folder_name
        self._error = error
        self._monitoring_state = monitoring_state

    @property
    def folder_name(self) -> str:
        """The folder that was monitored (.NET: ``FolderName``)."""
        return self._folder_name

    @property
    def error(self) -> Exception:
        """What went wrong (.NET: ``Error``)."""
        return self._error

    @property
    def monitoring_state(self) -> IImapMonitoringState:
        """What `resume_monitoring` needs to go on from there (.NET: ``MonitoringState``)."""
        return self._monitoring_state

    def __repr__(self) -> str:
        return f"<ImapMonitoringErrorEventArgs {self._folder_name!r} {self._error!r}>"


ImapMonitoringEventHandler: TypeAlias = Callable[[Any, ImapMonitoringEventArgs], object]
"""Told about messages that came and went: takes the client and the arguments (.NET: ``ImapMonitoringEventHandler``)."""

ImapMonitoringErrorEventHandler: TypeAlias = Callable[[Any, ImapMonitoringErrorEventArgs], object]
"""Told that monitoring has ended: takes the client and the arguments (.NET: ``ImapMonitoringErrorEventHandler``)."""
