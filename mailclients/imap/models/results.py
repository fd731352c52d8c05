"""What appending several messages and looking at attachments give. The collections are the caller's own."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from typing_extensions import Self

from mailclients.errors import ArgumentTypeError
from mailclients.message import MailMessage
from mailclients.mime.collection import Collection
from mailclients.names import NamesHinted

__all__ = [
    "AppendMessagesFromFileResult",
    "AppendMessagesFromMessageObjectResult",
    "AppendMessagesResult",
    "ImapAttachmentInfo",
    "ImapAttachmentInfoCollection",
]

_T = TypeVar("_T", bound=Hashable)


class AppendMessagesResult(NamesHinted, Generic[_T]):
    """What became of each message that was to be added (.NET: ``AppendMessagesResult``).

    Messages with the same content are two messages. One object that was given several times is added as often, and
    has one entry in a dictionary, of the last time; `failed` and `succeeded` may both have it.
    """

    __slots__ = ("_failed", "_not_handled", "_succeeded")

    def __new__(cls) -> Self:
        if cls is AppendMessagesResult:
            raise ArgumentTypeError("AppendMessagesResult is abstract")
        return super().__new__(cls)

    def __init__(self) -> None:
        self._succeeded: dict[_T, str] = {}
        self._failed: dict[_T, Exception] = {}
        self._not_handled: list[_T] = []

    @property
    def succeeded(self) -> dict[_T, str]:
        """The new unique id of each message that was added, empty where the server does not tell it
        (.NET: ``Succeeded``)."""
        return self._succeeded

    @property
    def failed(self) -> dict[_T, Exception]:
        """The error of each message that was not added (.NET: ``Failed``)."""
        return self._failed

    @property
    def not_handled(self) -> list[_T]:
        """The messages that were not tried (.NET: ``NotHandled``)."""
        return self._not_handled

    def __repr__(self) -> str:
        counts = f"succeeded={len(self._succeeded)} failed={len(self._failed)} not_handled={len(self._not_handled)}"
        return f"<{type(self).__name__} {counts}>"


class AppendMessagesFromMessageObjectResult(AppendMessagesResult[MailMessage]):
    """What became of messages in memory (.NET: ``AppendMessagesFromMessageObjectResult``)."""

    __slots__ = ()


class AppendMessagesFromFileResult(AppendMessagesResult[str]):
    """What became of messages in files, by path (.NET: ``AppendMessagesFromFileResult``)."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ImapAttachmentInfo(NamesHinted):
    """An attachment that stayed on the server (.NET: ``ImapAttachmentInfo``).

    Attributes:
        name: its file name, or an empty string.
        media_type: such as ``"image/png"``, in lower case.
        size: in bytes, as it is encoded for transfer (RFC 9051 section 7.5.2).
        section: where it is in the message, such as ``"2.1"``.
    """

    name: str
    media_type: str
    size: int
    section: str = ""


class ImapAttachmentInfoCollection(Collection[ImapAttachmentInfo]):
    """The attachments of a message in order (.NET: ``ImapAttachmentInfoCollection``)."""

    __slots__ = ()
