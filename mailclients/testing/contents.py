"""What an embedded server holds, as plain data, and its journey to the child process as JSON.

Owns `Message`, `Folder` and `ServerConfig`. Everything here is immutable once made and takes no lock;
the parent process writes the JSON, the child reads it. Arguments are checked in the parent, so that a
mistake is reported where it was made.
"""

from __future__ import annotations

import base64
import email.message
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Final, TypeAlias, Union

from mailclients.errors import ArgumentTypeError, AsposeArgumentException

__all__ = ["PROTOCOLS", "SYSTEM_FLAGS", "Folder", "Message", "MessageLike", "ServerConfig"]

# What the server can speak. A further protocol is a name here and an entry in serving.SERVICES.
PROTOCOLS: Final = ("imap", "pop3")

SYSTEM_FLAGS: Final = ("\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft")

_ATOM_SPECIALS = frozenset('(){ %*"\\]')


@dataclass(frozen=True)
class Message:
    """One message in a folder of the embedded server.

    Args:
        content: the message, byte for byte as the server gives it back. Line ends are not touched;
            real servers hold CRLF.
        flags: system flags (``"\\\\Seen"``) and keywords (``"$Forwarded"``).
        internal_date: what the server reports as INTERNALDATE, to the second; a naive value is UTC.
            None takes the time at which the server gets the message.
        uid: filled in by `MailServer.messages`; ignored when messages are given to a server.

    Raises:
        ArgumentTypeError: ``content`` is not bytes.
        AsposeArgumentException: ``content`` is empty, or a flag is not one.
    """

    content: bytes
    flags: Sequence[str] = ()
    internal_date: datetime | None = None
    uid: int | None = None

    def __post_init__(self) -> None:
        content: object = self.content
        if not isinstance(content, (bytes, bytearray, memoryview)):
            raise ArgumentTypeError(f"Message: content must be bytes, not {type(content).__name__}")
        if not content:
            raise AsposeArgumentException("Message: content is empty")
        object.__setattr__(self, "content", bytes(content))
        flags: object = self.flags
        if isinstance(flags, (str, bytes)):
            raise ArgumentTypeError('Message: flags must be a sequence of strings, such as ["\\\\Seen"]')
        object.__setattr__(self, "flags", tuple(_checked_flag(flag) for flag in self.flags))

    @classmethod
    def of(cls, value: MessageLike) -> Message:
        """A `Message` from bytes, from a message of the standard ``email`` package, or from itself."""
        if isinstance(value, Message):
            return value
        if isinstance(value, email.message.Message):
            return cls(value.as_bytes(policy=value.policy.clone(linesep="\r\n")))
        return cls(value)

    def to_json(self) -> dict[str, Any]:
        return {
            "content": base64.b64encode(self.content).decode("ascii"),
            "flags": list(self.flags),
            "internal_date": None if self.internal_date is None else _aware(self.internal_date).isoformat(),
            "uid": self.uid,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Message:
        date = data["internal_date"]
        return cls(
            content=base64.b64decode(data["content"]),
            flags=tuple(data["flags"]),
            internal_date=None if date is None else datetime.fromisoformat(date),
            uid=data["uid"],
        )


MessageLike: TypeAlias = Union[bytes, Message, "email.message.Message[Any, Any]"]


@dataclass(frozen=True)
class Folder:
    """A folder with more to say about it than its messages.

    Args:
        messages: as in `MailServer`.
        uid_validity: the folder's UIDVALIDITY, 1 to 4294967295; None lets the server choose.
        read_only: SELECT answers READ-ONLY, and nothing in the folder can be changed.
        subscribed: whether LSUB lists it.
    """

    messages: Iterable[MessageLike] = ()
    uid_validity: int | None = None
    read_only: bool = False
    subscribed: bool = True

    def __post_init__(self) -> None:
        messages: object = self.messages
        if isinstance(messages, (str, bytes)) or not isinstance(messages, Iterable):
            raise ArgumentTypeError(f"Folder: messages must be a collection of messages, not {type(messages).__name__}")
        object.__setattr__(self, "messages", tuple(Message.of(each) for each in self.messages))
        if self.uid_validity is not None and not 1 <= self.uid_validity <= 0xFFFFFFFF:
            raise AsposeArgumentException("Folder: uid_validity must be 1 to 4294967295")

    def to_json(self) -> dict[str, Any]:
        return {
            "messages": [Message.of(each).to_json() for each in self.messages],
            "uid_validity": self.uid_validity,
            "read_only": self.read_only,
            "subscribed": self.subscribed,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Folder:
        return cls(
            messages=[Message.from_json(each) for each in data["messages"]],
            uid_validity=data["uid_validity"],
            read_only=data["read_only"],
            subscribed=data["subscribed"],
        )


@dataclass(frozen=True)
class ServerConfig:
    """Everything a child process is told before it listens. Its repr leaves the passwords out."""

    users: Mapping[str, str] = field(repr=False)
    folders: Mapping[str, Mapping[str, Folder]] = field(default_factory=dict[str, Mapping[str, Folder]], repr=False)
    host: str = "127.0.0.1"
    port: int = 0
    protocols: tuple[str, ...] = PROTOCOLS
    tls: bool = False
    require_tls: bool = False
    max_connections_per_user: int | None = None
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, secret in self.users.items():
            if not name or any(c in "\r\n\0" for c in name):
                raise AsposeArgumentException(f"MailServer: {name!r} cannot be the name of a user")
            if not isinstance(secret, str):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise ArgumentTypeError(f"MailServer: the password of user {name!r} must be a string")
        for user, folders in self.folders.items():
            if user not in self.users:
                raise AsposeArgumentException(f"MailServer: folders are given for {user!r}, who is not among users")
            for folder in folders:
                if not folder or any(c in "\r\n\0" for c in folder) or folder.strip("/") != folder:
                    raise AsposeArgumentException(f"MailServer: {folder!r} cannot be the name of a folder")
        unknown = sorted(set(self.protocols) - set(PROTOCOLS))
        if unknown or not self.protocols:
            raise AsposeArgumentException(
                f"MailServer: protocols may be of {', '.join(PROTOCOLS)}; given: {', '.join(unknown) or 'none'}"
            )
        if self.require_tls and not self.tls:
            raise AsposeArgumentException("MailServer: require_tls needs tls=True")
        limit = self.max_connections_per_user
        if limit is not None and limit < 1:
            raise AsposeArgumentException("MailServer: max_connections_per_user must be at least 1, or None")

    def to_json(self) -> dict[str, Any]:
        return {
            "users": dict(self.users),
            "folders": {
                user: {name: folder.to_json() for name, folder in folders.items()}
                for user, folders in self.folders.items()
            },
            "host": self.host,
            "port": self.port,
            "protocols": list(self.protocols),
            "tls": self.tls,
            "require_tls": self.require_tls,
            "max_connections_per_user": self.max_connections_per_user,
            "without": list(self.without),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ServerConfig:
        given: dict[str, dict[str, Any]] = data["folders"]
        folders: dict[str, dict[str, Folder]] = {}
        for user, each in given.items():
            folders[user] = {name: Folder.from_json(folder) for name, folder in each.items()}
        return cls(
            users=data["users"],
            folders=folders,
            host=data["host"],
            port=data["port"],
            protocols=tuple(data["protocols"]),
            tls=data["tls"],
            require_tls=data["require_tls"],
            max_connections_per_user=data["max_connections_per_user"],
            without=tuple(data["without"]),
        )


def _aware(value: datetime) -> datetime:
    return (value if value.tzinfo is not None else value.replace(tzinfo=timezone.utc)).replace(microsecond=0)


def _checked_flag(flag: object) -> str:
    if not isinstance(flag, str):
        raise ArgumentTypeError(f"Message: a flag must be a string, not {type(flag).__name__}")
    for system in SYSTEM_FLAGS:
        if flag.lower() == system.lower():
            return system
    if not flag or any(c in _ATOM_SPECIALS or not "!" <= c <= "~" for c in flag):
        raise AsposeArgumentException(f"Message: {flag!r} is neither a system flag nor a keyword")
    return flag
