"""ClientSettings: what a client is told before and while it works, each value checked as it is assigned.

Settings are plain attributes under the interpreter's own atomicity: no lock, any thread may read and
assign them. What is assigned counts from the next connection or operation on.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from mailclients.certificates import limit_protocols
from mailclients.connecting import ConnectionSettings
from mailclients.dotnet import to_seconds
from mailclients.engine import scheduling
from mailclients.engine.pool import Pool
from mailclients.engine.sessions import SignInGate
from mailclients.engine.transport import default_tls_context
from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
    AsposeInvalidOperationException,
)
from mailclients.options import (
    DEFAULT_CHECKUP_PERIOD,
    DEFAULT_GREETING_TIMEOUT,
    DEFAULT_TIMEOUT,
    ConnectionAsgmtType,
    MultiConnectionMode,
    SecurityOptions,
)

if TYPE_CHECKING:
    from mailclients.arguments import ITokenProvider

__all__ = ["ClientSettings", "bool_setting", "text_setting"]


class ClientSettings(ConnectionSettings):
    """The settings that the IMAP, POP3 and SMTP clients share."""

    _default_port: ClassVar[int] = 0
    _implicit_port: ClassVar[int] = 0

    _pool: Pool  # made with the client

    def __init__(self) -> None:
        super().__init__()
        self._host = ""
        self._port: int | None = None
        self._username = ""
        self._password = ""
        self._access_token: str | None = None
        self._token_provider: ITokenProvider | None = None
        self._security = SecurityOptions.AUTO
        self._ssl_context: ssl.SSLContext | None = None
        self._ca_file: str | None = None
        self._certificate_callback: Callable[..., bool] | None = None
        self._timeout: float | None = DEFAULT_TIMEOUT / 1000
        self._greeting_timeout = DEFAULT_GREETING_TIMEOUT / 1000
        self._checkup_period = DEFAULT_CHECKUP_PERIOD / 1000
        self._mode = ConnectionAsgmtType.USE_MAIN_OR_DEFAULT
        self._quantity: int | None = None
        self._multi = MultiConnectionMode.DISABLE
        self._given_executor: Executor | None = None
        self._own_executor: ThreadPoolExecutor | None = None  # made by the client when it is first needed
        self._gate = SignInGate()
        self._credentials_version = 0

    @property
    def host(self) -> str:
        """Name or address of the server (.NET: ``Host``)."""
        return self._host

    @host.setter
    def host(self, value: str) -> None:
        self._host = text_setting(value, "host")
        self._credentials_changed()

    @property
    def default_port(self) -> int:
        """The protocol's port when nothing else is set (.NET: ``DefaultPort``)."""
        return self._default_port

    @property
    def port(self) -> int:
        """Port of the server, 1 to 65535 (.NET: ``Port``)."""
        if self._port is not None:
            return self._port
        implicit = self._security & SecurityOptions.AUTO == SecurityOptions.SSL_IMPLICIT
        return self._implicit_port if implicit else self._default_port

    @port.setter
    def port(self, value: int) -> None:
        self._port = _integer(value, "port", 1, 65535)
        self._credentials_changed()

    @property
    def username(self) -> str:
        """Name to sign in with (.NET: ``Username``)."""
        return self._username

    @username.setter
    def username(self, value: str) -> None:
        self._username = text_setting(value, "username")
        self._credentials_changed()

    @property
    def password(self) -> str:
        """Password to sign in with (.NET: ``Password``)."""
        return self._password

    @password.setter
    def password(self, value: str) -> None:
        self._password = text_setting(value, "password")
        self._credentials_changed()

    @property
    def access_token(self) -> str | None:
        """OAuth 2.0 access token to sign in with, or None (.NET: ``AccessToken``)."""
        return self._access_token

    @access_token.setter
    def access_token(self, value: str | None) -> None:
        self._access_token = None if value is None else text_setting(value, "access_token")
        self._credentials_changed()

    @property
    def token_provider(self) -> ITokenProvider | None:
        """Asked for an access token at every sign-in (.NET: ``TokenProvider``)."""
        return self._token_provider

    @token_provider.setter
    def token_provider(self, value: ITokenProvider | None) -> None:
        if value is not None and not callable(getattr(value, "get_access_token", None)):
            raise ArgumentTypeError("token_provider needs a method get_access_token(ignore_existing_token)")
        self._token_provider = value
        self._credentials_changed()

    @property
    def security_options(self) -> SecurityOptions:
        """How connections are protected (.NET: ``SecurityOptions``).

        AUTO uses TLS wherever the server offers it, and never sends a password in the clear except
        to a loopback address; NONE is clear on purpose.
        """
        return self._security

    @security_options.setter
    def security_options(self, value: SecurityOptions) -> None:
        if not isinstance(value, SecurityOptions):
            raise ArgumentTypeError(f"security_options must be a SecurityOptions, not {type(value).__name__}")
        self._security = value
        self._credentials_changed()

    @property
    def ssl_context(self) -> ssl.SSLContext | None:
        """The TLS settings used as they are, or None for a verifying default."""
        return self._ssl_context

    @ssl_context.setter
    def ssl_context(self, value: ssl.SSLContext | None) -> None:
        if value is not None and not isinstance(value, ssl.SSLContext):
            raise ArgumentTypeError(f"ssl_context must be an ssl.SSLContext, not {type(value).__name__}")
        self._ssl_context = value

    @property
    def ca_file(self) -> str | None:
        """File with certificates of authorities to trust beside the system's (PEM), or None."""
        return self._ca_file

    @ca_file.setter
    def ca_file(self, value: str | os.PathLike[str] | None) -> None:
        if value is not None and not isinstance(value, (str, os.PathLike)):
            raise ArgumentTypeError(f"ca_file must be a path or None, not {type(value).__name__}")
        if value is not None and not os.path.isfile(value):
            raise AsposeArgumentException(f"ca_file: there is no file {os.fspath(value)!r}")
        self._ca_file = None if value is None else os.fspath(value)

    @property
    def timeout(self) -> int:
        """Milliseconds an operation may take, -1 for ever; 100,000 by default (.NET: ``Timeout``)."""
        return -1 if self._timeout is None else round(self._timeout * 1000)

    @timeout.setter
    def timeout(self, value: int | timedelta) -> None:
        seconds = to_seconds(value)
        if seconds is not None and seconds <= 0:
            raise AsposeArgumentOutOfRangeException("timeout must be positive, or -1 for no end")
        self._timeout = seconds

    @property
    def greeting_timeout(self) -> int:
        """Milliseconds to wait for the server's greeting; not infinite (.NET: ``GreetingTimeout``)."""
        return round(self._greeting_timeout * 1000)

    @greeting_timeout.setter
    def greeting_timeout(self, value: int | timedelta) -> None:
        seconds = to_seconds(value)
        if seconds is None or seconds <= 0:
            raise AsposeArgumentOutOfRangeException("greeting_timeout must be positive and may not be infinite")
        self._greeting_timeout = seconds

    @property
    def connection_checkup_period(self) -> int:
        """Milliseconds of rest after which the main connection is checked with a NOOP
        (.NET: ``ConnectionCheckupPeriod``)."""
        return round(self._checkup_period * 1000)

    @connection_checkup_period.setter
    def connection_checkup_period(self, value: int | timedelta) -> None:
        seconds = to_seconds(value)
        if seconds is None or seconds <= 0:
            raise AsposeArgumentOutOfRangeException("connection_checkup_period must be positive")
        self._checkup_period = seconds
        self._checkup_period_changed()

    @property
    def max_connections_per_server(self) -> int:
        """How many connections the client may have, at least 1 (.NET: ``MaxConnectionsPerServer``)."""
        return self._pool.limit

    @max_connections_per_server.setter
    def max_connections_per_server(self, value: int) -> None:
        self._pool.resize(_integer(value, "max_connections_per_server", 1, 10_000))

    @property
    def connection_asgmt_mode(self) -> ConnectionAsgmtType:
        """How a call finds its connection (.NET: ``ConnectionAsgmtMode``)."""
        return self._mode

    @connection_asgmt_mode.setter
    def connection_asgmt_mode(self, value: ConnectionAsgmtType) -> None:
        if not isinstance(value, ConnectionAsgmtType):
            raise ArgumentTypeError(f"connection_asgmt_mode must be a ConnectionAsgmtType, not {type(value).__name__}")
        self._mode = value

    @property
    def connections_quantity(self) -> int:
        """How many connections one operation may be spread over, at most `max_connections_per_server`, which it
        follows until it is set (.NET: ``ConnectionsQuantity``). See `use_multi_connection`."""
        limit = self._pool.limit
        return limit if self._quantity is None else min(self._quantity, limit)

    @connections_quantity.setter
    def connections_quantity(self, value: int) -> None:
        quantity = _integer(value, "connections_quantity", 1, 10_000)
        if quantity > self._pool.limit:
            raise AsposeArgumentOutOfRangeException(
                f"connections_quantity must be at most max_connections_per_server, which is {self._pool.limit}, not"
                f" {quantity}; raise that first"
            )
        self._quantity = quantity

    @property
    def use_multi_connection(self) -> MultiConnectionMode:
        """Whether one call of an operation on many messages is spread over several task connections; DISABLE by
        default (.NET: ``UseMultiConnection``)."""
        return self._multi

    @use_multi_connection.setter
    def use_multi_connection(self, value: MultiConnectionMode) -> None:
        if not isinstance(value, MultiConnectionMode):
            raise ArgumentTypeError(f"use_multi_connection must be a MultiConnectionMode, not {type(value).__name__}")
        self._multi = value

    @property
    def executor(self) -> Executor | None:
        """The executor that drives task connections; None until the client has made its own."""
        return self._given_executor or self._own_executor

    @executor.setter
    def executor(self, value: Executor | None) -> None:
        self._given_executor = None if value is None else _thread_executor(value)

    def _checkup_period_changed(self) -> None:
        """Called when the main connection is to be looked after at another pace."""

    def _credentials_changed(self) -> None:
        self._credentials_version += 1
        self._gate.forget()

    # -- what the engine makes of them ------------------------------------------------------------

    def _timeout_seconds(self) -> float | None:
        return self._timeout

    def _window(self) -> int:
        return scheduling.WINDOW if self._pipelining.pipelining_enabled else 1

    def _check_tls_settings(self) -> None:
        """Raises for settings that contradict each other; before anything is sent."""
        if self._ssl_context is not None and (self._client_certificates or self._encryption):
            raise AsposeInvalidOperationException(
                "ssl_context is used as it is: it, and not client_certificates or supported_encryption, has to say"
                " which certificates are shown and which versions are spoken"
            )

    def _tls_context(self) -> ssl.SSLContext:
        if self._ssl_context is not None:
            return self._ssl_context
        context = default_tls_context()
        limit_protocols(context, self._encryption)
        self._client_certificates.load_into(context)
        if self._ca_file is not None:
            context.load_verify_locations(self._ca_file)
        if self._certificate_callback is not None:
            # The callback decides in the library's place, after the handshake.
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def text_setting(value: object, name: str) -> str:
    """The value itself, if it is text that can be sent."""
    if value is None:
        raise AsposeArgumentNullException(f"{name} is None")
    if not isinstance(value, str):
        raise ArgumentTypeError(f"{name} must be a str, not {type(value).__name__}")
    if any(c in value for c in "\r\n\0"):
        raise AsposeArgumentException(f"{name} must not contain CR, LF or NUL")
    # Looked for by hand: the error of an encoder would carry the value, which may be a password.
    if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        raise AsposeArgumentException(f"{name} contains a lone surrogate, which no encoding can carry")
    return value


def bool_setting(value: object, name: str) -> bool:
    """The value if it is a bool; raises if not."""
    if not isinstance(value, bool):
        raise ArgumentTypeError(f"{name} must be a bool, not {type(value).__name__}")
    return value


def _integer(value: object, name: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ArgumentTypeError(f"{name} must be an int, not {type(value).__name__}")
    if not low <= value <= high:
        raise AsposeArgumentOutOfRangeException(f"{name} must be {low} to {high}, not {value}")
    return value


def _thread_executor(value: object) -> Executor:
    if not isinstance(value, Executor):
        raise ArgumentTypeError(f"executor must be a concurrent.futures.Executor, not {type(value).__name__}")
    if any(base.__name__ in ("ProcessPoolExecutor", "InterpreterPoolExecutor") for base in type(value).__mro__):
        raise ArgumentTypeError(
            f"executor must run work on threads of this process: a {type(value).__name__} cannot share connections"
        )
    return value
