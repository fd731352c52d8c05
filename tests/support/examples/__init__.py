"""A value for every documented parameter of the clients, and what an operation's body is told for it.

Worked out by name and type, without a look at the tables under test; each protocol has its module. Nothing here may
be used by binding alone.
"""

from __future__ import annotations

import inspect
import io
from collections.abc import Mapping
from typing import Any

from mailclients.message import MailMessage
from mailclients.options import SecurityOptions

Told = dict[str, Any]


class Wrong:
    """Of no type that anything is documented to take."""


class FakeConnection:
    """As much of a connection as a caller can see."""

    connection_id = 1
    is_disposed = False

    def dispose(self) -> None:
        raise AssertionError("binding arguments uses no connection")

    def __enter__(self) -> FakeConnection:
        raise AssertionError("binding arguments uses no connection")

    def __exit__(self, *exc_info: object) -> None:
        raise AssertionError("binding arguments uses no connection")


class FakeProvider:
    def get_access_token(self, ignore_existing_token: bool = False) -> str:
        raise AssertionError("binding arguments asks for no token")


def validate_certificate(*_: object) -> bool:
    return True


def told(_: object) -> None:
    raise AssertionError("binding arguments calls no callback")


CONNECTED = FakeConnection()
PROVIDER = FakeProvider()
STREAM = io.BytesIO()
MESSAGE = MailMessage.from_bytes(b"Subject: example\r\n\r\nbody\r\n")

# What the constructors of all clients take.
SETTINGS: Mapping[str, Any] = {
    "host": "mail.example.org",
    "port": 4711,
    "username": "user",
    "password": "secret word",
    "auth_info": "secret token",
    "use_o_auth": True,
    "token_provider": PROVIDER,
    "security_options": SecurityOptions.SSL_IMPLICIT,
    "user_certificate_validation_callback": validate_certificate,
}


def comparable(arguments: Told, copied: tuple[type[Any], ...] = ()) -> Told:
    """Arguments of a body as they can be compared: of settings there are copies, equal in what they hold."""

    def held(value: Any) -> Any:
        if not isinstance(value, copied):
            return value
        members = (name for name in dir(type(value)) if hasattr(inspect.getattr_static(value, name), "__set__"))
        return type(value), {name: getattr(value, name) for name in members if name not in OF_THE_CLASS}

    return {name: held(value) for name, value in arguments.items()}


OF_THE_CLASS = {"__class__", "__dict__", "__weakref__", "default", "next_page"}
