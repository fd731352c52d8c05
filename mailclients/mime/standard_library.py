"""Messages of the standard library's ``email`` package, from and to bytes. It is imported when it is asked for.

Functions of their arguments alone: no state, no lock, any thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailclients.errors import ArgumentTypeError, MessageError

if TYPE_CHECKING:
    from email.message import EmailMessage, Message

__all__ = ["bytes_of_standard", "standard_of_bytes"]


def bytes_of_standard(message: Message) -> bytes:
    """The bytes of a message of that package, with CRLF.

    Raises:
        ArgumentTypeError: it is none.
        MessageError: the package cannot write it.
    """
    from email.message import Message as StandardMessage

    if not isinstance(message, StandardMessage):
        raise ArgumentTypeError(f"message must be an EmailMessage, not {type(message).__name__}")
    try:
        return message.as_bytes(policy=message.policy.clone(linesep="\r\n", max_line_length=78))
    except Exception as exc:  # the package raises whatever comes up
        raise MessageError(f"the email package cannot write the message: {type(exc).__name__}") from exc


def standard_of_bytes(data: bytes) -> EmailMessage:
    """A message of that package.

    Raises:
        MessageError: the package cannot read it.
    """
    from email import message_from_bytes
    from email.policy import SMTP

    try:
        return message_from_bytes(data, policy=SMTP)
    except Exception as exc:  # the package raises whatever comes up, RecursionError among it
        raise MessageError(f"the email package cannot read the message: {type(exc).__name__}") from exc
