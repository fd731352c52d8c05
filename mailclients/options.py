"""Settings shared by all clients: enums with their documented values, limits and defaults."""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Final

from mailclients.names import HintedEnumMeta, NamesChecked

__all__ = [
    "ConnectionAsgmtType",
    "ConnectionState",
    "EncryptionProtocols",
    "HttpAuthenticationMethods",
    "MultiConnectionMode",
    "PipeliningMode",
    "PipeliningStatus",
    "SecurityOptions",
    "SocksAuthenticationMethods",
    "SocksVersion",
]

DEFAULT_TIMEOUT: Final = 100_000  # milliseconds for one operation
DEFAULT_GREETING_TIMEOUT: Final = 15_000  # milliseconds from connect to the server's greeting
DEFAULT_MAX_CONNECTIONS: Final = 10
DEFAULT_CHECKUP_PERIOD: Final = 300_000  # milliseconds; documented as five minutes
DEFAULT_POLL_INTERVAL: Final = 60_000  # milliseconds between two looks at a monitored folder without IDLE
DEFAULT_IDLE_RENEWAL: Final = 540_000  # milliseconds; many routers forget a silent connection after ten minutes
LONGEST_IDLE: Final = 29 * 60_000  # milliseconds; RFC 9051 section 6.3.13
DEFAULT_MONITORING_ATTEMPTS: Final = 10  # in a row, to reopen a monitor's connection: about a minute and a half
MINIMUM_TRANSFER_RATE: Final = 16 * 1024  # bytes a second that keep a transfer alive


class ConnectionAsgmtType(IntEnum, metaclass=HintedEnumMeta):
    """How a call finds its connection (.NET: ``ConnectionAsgmtType``)."""

    USE_MAIN_OR_DEFAULT = 0
    USE_MAIN = 1
    USE_DEFAULT = 2


class ConnectionState(IntEnum, metaclass=HintedEnumMeta):
    """State of the main connection (.NET: ``ConnectionState``)."""

    OPEN = 1
    BROKEN = 16


class SecurityOptions(IntFlag, metaclass=HintedEnumMeta):
    """How a connection is protected (.NET: ``SecurityOptions``)."""

    NONE = 1
    SSL_EXPLICIT = 2
    SSL_IMPLICIT = 4
    SSL_AUTO = 6
    AUTO = 7


class MultiConnectionMode(IntEnum, metaclass=HintedEnumMeta):
    """Whether heavy operations spread over several connections (.NET: ``MultiConnectionMode``)."""

    ENABLE = 0
    DISABLE = 1


class PipeliningMode(IntEnum, metaclass=HintedEnumMeta):
    """Whether commands are sent while earlier ones are unanswered (.NET: ``PipeliningMode``)."""

    AUTO = 0
    ENABLED = 1
    DISABLED = 2


class PipeliningStatus(NamesChecked):
    """Pipelining as the client wants it and as the server allows it (.NET: ``PipeliningStatus``)."""

    __slots__ = ("_client_mode", "_supported_by_server")

    def __init__(self, supported_by_server: bool = True) -> None:
        self._client_mode = PipeliningMode.AUTO
        self._supported_by_server = supported_by_server

    @property
    def client_mode(self) -> PipeliningMode:
        """What the client wants; assign `PipeliningMode.DISABLED` to send one command at a time."""
        return self._client_mode

    @client_mode.setter
    def client_mode(self, value: PipeliningMode) -> None:
        self._client_mode = PipeliningMode(value)

    @property
    def supported_by_server(self) -> bool:
        """Whether the server takes a command while earlier ones are unanswered."""
        return self._supported_by_server

    @property
    def pipelining_enabled(self) -> bool:
        """Whether commands are pipelined now."""
        if self._client_mode is PipeliningMode.DISABLED:
            return False
        return self._supported_by_server or self._client_mode is PipeliningMode.ENABLED

    def __bool__(self) -> bool:
        """What `pipelining_enabled` says, as the conversion of .NET does."""
        return self.pipelining_enabled

    def to_string(self) -> str:
        """Tell both sides' settings (.NET: ``ToString``)."""
        return repr(self)

    def __repr__(self) -> str:
        return (
            f"<PipeliningStatus client_mode={self._client_mode.name} supported_by_server={self._supported_by_server}>"
        )


class EncryptionProtocols(IntFlag, metaclass=HintedEnumMeta):
    """TLS versions by their documented values, each under two spellings (.NET: ``EncryptionProtocols``)."""

    NOT_SPECIFIED = 0
    SSL_2 = 12
    SSL_3 = 48
    TLS = 192
    TLS_11 = 768
    TLS_12 = 3072
    TLS_13 = 12288
    SSL2 = 12
    SSL3 = 48
    TLS11 = 768
    TLS12 = 3072
    TLS13 = 12288


class SocksVersion(IntEnum, metaclass=HintedEnumMeta):
    """Versions of the SOCKS protocol (.NET: ``SocksVersion``)."""

    SOCKS_V4 = 4
    SOCKS_V5 = 5


class SocksAuthenticationMethods(IntFlag, metaclass=HintedEnumMeta):
    """How to sign in to a SOCKS proxy (.NET: ``SocksAuthenticationMethods``)."""

    NO_AUTHENTICATION = 1
    PLAIN_TEXT = 2


class HttpAuthenticationMethods(IntFlag, metaclass=HintedEnumMeta):
    """How to sign in to an HTTP proxy (.NET: ``HttpAuthenticationMethods``)."""

    NO_AUTHENTICATION = 1
    BASIC = 2
