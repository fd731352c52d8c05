"""What threads and sorted listings are asked for, and what comes back.

Conditions belong to whoever makes them; results are the caller's own.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from typing_extensions import Self

from mailclients.errors import ArgumentTypeError, AsposeArgumentException, escape
from mailclients.imap.models.enums import SortingKey
from mailclients.imap.models.settings import Setting, boolean, instance_of, sendable
from mailclients.mime.charsets import codec_for_writing
from mailclients.names import NamesChecked

__all__ = [
    "BaseSearchConditions",
    "MessageThreadResult",
    "SortConditions",
    "ThreadSearchConditions",
    "XGMThreadSearchConditions",
]


def _day(name: str, value: Any) -> date | None:
    if value is not None and not isinstance(value, date):
        raise ArgumentTypeError(f"{name} must be a date, a datetime or None, not {type(value).__name__}")
    return value


class BaseSearchConditions(NamesChecked):
    """Which messages are looked for, whatever is done with them (.NET: ``BaseSearchConditions``)."""

    charset = Setting[str | None](
        None, sendable(), "Charset of the search; chosen by the text when None (.NET: ``Charset``)."
    )
    since = Setting[date | None](
        None, _day, "First day, in the server's time zone, that messages were received on (.NET: ``Since``)."
    )
    text = Setting[str | None](None, sendable(), "What occurs in header or body of the messages (.NET: ``Text``).")
    use_u_id = Setting(False, boolean, "Whether the results name messages by unique id (.NET: ``UseUId``).")

    def __new__(cls) -> Self:
        if cls is BaseSearchConditions:
            raise ArgumentTypeError(
                "BaseSearchConditions is abstract: use SortConditions, ThreadSearchConditions or its kin"
            )
        return super().__new__(cls)


def text_for_search(conditions: BaseSearchConditions) -> bytes:
    """The text that is looked for in the charset that is named, else in UTF-8.

    Raises:
        AsposeArgumentException: it cannot be written in that charset.
    """
    text, charset = conditions.text or "", conditions.charset
    if text.isascii():
        return text.encode("ascii")
    codec = "utf_8" if charset is None else codec_for_writing(charset)
    if codec is None or "a".encode(codec) != b"a":  # commands are ASCII around it
        raise AsposeArgumentException(
            f"charset: text beyond ASCII cannot be looked for in {escape((charset or '')[:40])!r}; None is UTF-8"
        )
    try:
        return text.encode(codec)
    except UnicodeEncodeError:
        pass  # its error would carry the text
    raise AsposeArgumentException(f"text: it cannot be written in the charset {charset or 'UTF-8'}")


class SortConditions(BaseSearchConditions):
    """Which messages, and in which order (.NET: ``SortConditions``; RFC 5256 section 3).

    Several keys count in the order ARRIVAL, CC, DATE, FROM, SIZE, SUBJECT, TO. A key of `reverse_by` need not be in
    `sort_by`; where only `reverse_by` was set, nothing but its keys counts.
    """

    sort_by = Setting(
        SortingKey.ARRIVAL, instance_of(SortingKey), "Keys to sort by, combined with ``|`` (.NET: ``SortBy``)."
    )
    reverse_by = Setting(
        SortingKey(0), instance_of(SortingKey), "Keys to sort by in descending order (.NET: ``ReverseBy``)."
    )


class ThreadSearchConditions(BaseSearchConditions):
    """Which messages, threaded by the server (.NET: ``ThreadSearchConditions``; RFC 5256 section 3)."""

    algorithm = Setting[str | None](
        None,
        sendable(),
        "Such as ``REFERENCES`` or ``ORDEREDSUBJECT``; the server's best when None (.NET: ``Algorithm``).",
    )


class XGMThreadSearchConditions(BaseSearchConditions):
    """Which messages, of one conversation of Gmail (.NET: ``XGMThreadSearchConditions``)."""

    conversation_id = Setting[str | None](
        None, sendable(), "What X-GM-THRID calls the conversation; all when None (.NET: ``ConversationId``)."
    )


class MessageThreadResult(NamesChecked):
    """A message in a thread or a sorted listing (.NET: ``MessageThreadResult``).

    Args:
        unique_id: the message's unique id, or an empty string where it is not known.
        sequence_number: the message's number when it was found, 0 where it is not known or the message is missing.
        use_u_id: whether it was found by unique id.
        conversation_id: what the server calls the conversation, or an empty string.
    """

    __slots__ = ("_child_messages", "_conversation_id", "_sequence_number", "_unique_id", "_use_u_id")

    def __init__(
        self, *, unique_id: str = "", sequence_number: int = 0, use_u_id: bool = False, conversation_id: str = ""
    ) -> None:
        self._unique_id = unique_id
        self._sequence_number = sequence_number
        self._use_u_id = use_u_id
        self._conversation_id = conversation_id
        self._child_messages: list[MessageThreadResult] = []

    @property
    def child_messages(self) -> list[MessageThreadResult]:
        """The answers to the message (.NET: ``ChildMessages``)."""
        return self._child_messages

    @property
    def conversation_id(self) -> str:
        """What the server calls the conversation, or an empty string (.NET: ``ConversationId``)."""
        return self._conversation_id

    @conversation_id.setter
    def conversation_id(self, value: str) -> None:
        if not isinstance(value, str):
            raise ArgumentTypeError(f"conversation_id must be a str, not {type(value).__name__}")
        self._conversation_id = value

    @property
    def sequence_number(self) -> int:
        """The message's number when it was found, or 0 (.NET: ``SequenceNumber``)."""
        return self._sequence_number

    @property
    def unique_id(self) -> str:
        """The message's unique id, or an empty string (.NET: ``UniqueId``)."""
        return self._unique_id

    @property
    def use_u_id(self) -> bool:
        """Whether the message was found by unique id (.NET: ``UseUId``)."""
        return self._use_u_id

    def to_string(self) -> str:
        """Give the message's unique id or number, with those below it in parentheses (.NET: ``ToString``)."""
        pieces: list[str] = []
        waiting: list[MessageThreadResult | str] = [self]
        while waiting:  # a thread may be deeper than Python's stack
            each = waiting.pop()
            if isinstance(each, str):
                pieces.append(each)
                continue
            pieces.append(each._unique_id if each._use_u_id else str(each._sequence_number))
            if each._child_messages:
                waiting.append(")")
                for index, child in enumerate(reversed(each._child_messages)):
                    waiting += [" ", child] if index else [child]
                waiting.append(" (")
        return "".join(pieces)

    def __str__(self) -> str:
        return self.to_string()

    def __repr__(self) -> str:
        name = f"unique_id={self._unique_id!r}" if self._use_u_id else f"sequence_number={self._sequence_number}"
        return f"<MessageThreadResult {name} with {len(self._child_messages)} below>"
