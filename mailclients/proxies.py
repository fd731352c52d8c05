"""Proxies that connections go through: `HttpProxy` and `SocksProxy`.

Values with setters that check: plain attributes, no lock, any thread. A client asks for a new conversation for each
connection, so one proxy object may serve any number of clients and threads.
"""

from __future__ import annotations

import socket
from abc import abstractmethod
from typing import TypeVar

from mailclients.dotnet import IDisposable
from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
    AsposeInvalidOperationException,
    MailClientError,
    NetworkException,
)
from mailclients.names import HintedABCMeta, NamesChecked
from mailclients.options import HttpAuthenticationMethods, SocksAuthenticationMethods, SocksVersion
from mailclients.wire.proxy import Conversation, http_connect, socks4, socks5

T = TypeVar("T")

__all__ = ["HttpProxy", "Proxy", "SocksProxy"]


class Proxy(NamesChecked, IDisposable, metaclass=HintedABCMeta):
    """A host that passes connections on (.NET: ``Proxy``); also a context manager, which has nothing to do.

    Args:
        address: name or address of the proxy. port: 1 to 65535.
        username, password: to sign in with there; empty for none.
    """

    def __init__(self, address: str, port: int, username: str = "", password: str = "") -> None:
        self.address = address
        self.port = port
        self.username = username
        self.password = password

    @property
    def address(self) -> str:
        """Name or address of the proxy (.NET: ``Address``)."""
        return self._address

    @address.setter
    def address(self, value: str) -> None:
        if not _text(value, "address"):
            raise AsposeArgumentException("the address of a proxy must not be empty")
        self._address = value

    @property
    def port(self) -> int:
        """Port of the proxy, 1 to 65535 (.NET: ``Port``)."""
        return self._port

    @port.setter
    def port(self, value: int) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ArgumentTypeError(f"port must be an int, not {type(value).__name__}")
        if not 1 <= value <= 65535:
            raise AsposeArgumentOutOfRangeException(f"port must be 1 to 65535, not {value}")
        self._port = value

    @property
    def username(self) -> str:
        """Name to sign in with, or an empty string (.NET: ``Username``)."""
        return self._username

    @username.setter
    def username(self, value: str) -> None:
        self._username = _text(value, "username")

    @property
    def password(self) -> str:
        """Password to sign in with, or an empty string (.NET: ``Password``)."""
        return self._password

    @password.setter
    def password(self, value: str) -> None:
        self._password = _text(value, "password")

    @abstractmethod
    def conversation(self, address: str, port: int) -> Conversation:
        """What is said to the proxy to be connected with a server; nothing is sent by this call alone."""

    def get_stream(self, address: str, port: int) -> socket.socket:
        """A socket that is connected with a server through the proxy (.NET: ``GetStream``). Waits as long as the
        system does, or `socket.getdefaulttimeout()`.

        Raises:
            NetworkException: there is no connection; the text says whether to the proxy or behind it.
        """
        try:
            stream = socket.create_connection((self._address, self._port))
        except OSError as error:
            raise NetworkException(f"no connection to the proxy {self._address}:{self._port}: {error}") from error
        try:
            self.set_up_stream(stream, address, port)
        except BaseException:
            stream.close()
            raise
        return stream

    def set_up_stream(self, stream: socket.socket, address: str, port: int) -> None:
        """Has the proxy, to which a blocking socket is connected, connect it with a server (.NET: ``SetUpStream``).

        Raises:
            NetworkException: the proxy refuses, or the connection broke.
        """
        conversation = self.conversation(address, port)
        try:
            step = next(conversation)
            while True:
                stream.sendall(step.data)
                answer = b""
                while len(answer) < step.read:
                    more = stream.recv(step.read - len(answer))
                    if not more:
                        raise NetworkException("the proxy closed the connection before it made one to the server")
                    answer += more
                step = conversation.send(answer)
        except StopIteration:
            return
        except MailClientError as error:
            # Without the frames of the conversation: they hold the password, and some tools print local variables.
            raise error.with_traceback(None) from error.__cause__
        except OSError as error:
            raise NetworkException(f"the connection to the proxy broke: {error}") from error

    def dispose(self) -> None:
        """Without effect: a proxy holds nothing open (.NET: ``Dispose``)."""

    def __repr__(self) -> str:
        user = f"{self._username}@" if self._username else ""
        return f"<{type(self).__name__} {user}{self._address}:{self._port}>"


class HttpProxy(Proxy):
    """A proxy that is asked with HTTP CONNECT (.NET: ``HttpProxy``). The way to it is not encrypted, and so is the
    password for it; the connection to the server is, if that speaks TLS."""

    def __init__(self, address: str, port: int, username: str = "", password: str = "") -> None:
        super().__init__(address, port, username, password)
        self._methods = HttpAuthenticationMethods.NO_AUTHENTICATION | HttpAuthenticationMethods.BASIC

    @property
    def supported_authentication_methods(self) -> HttpAuthenticationMethods:
        """How to sign in; both ways by default, which is with a username if there is one
        (.NET: ``SupportedAuthenticationMethods``)."""
        return self._methods

    @supported_authentication_methods.setter
    def supported_authentication_methods(self, value: HttpAuthenticationMethods) -> None:
        self._methods = _ways(value, HttpAuthenticationMethods)

    @property
    def credentials(self) -> tuple[str, str] | None:
        """Username and password together, or None without a username (.NET: ``Credentials``)."""
        return (self._username, self._password) if self._username else None

    @credentials.setter
    def credentials(self, value: tuple[str, str] | None) -> None:
        given: object = ("", "") if value is None else value
        match given:
            case (username, password):
                self._username, self._password = _text(username, "username"), _text(password, "password")
            case _:
                raise ArgumentTypeError("credentials must be a tuple of username and password, or None")

    def get_proxy(self, destination: str) -> str:
        """Which proxy leads to a server: always this one (.NET: ``GetProxy``)."""
        _text(destination, "destination")
        host = f"[{self._address}]" if ":" in self._address else self._address
        return f"http://{host}:{self._port}/"

    def is_bypassed(self, host: str) -> bool:
        """Whether a server is reached without the proxy: never (.NET: ``IsBypassed``)."""
        _text(host, "host")
        return False

    def conversation(self, address: str, port: int) -> Conversation:
        by_password = bool(self._methods & HttpAuthenticationMethods.BASIC and self._username)
        if not by_password and not self._methods & HttpAuthenticationMethods.NO_AUTHENTICATION:
            raise AsposeInvalidOperationException("the proxy is to be signed in to by BASIC, and has no username")
        return http_connect(address, port, *((self._username, self._password) if by_password else ("", "")))


class SocksProxy(Proxy):
    """A proxy of SOCKS 5, or 4 and 4a (.NET: ``SocksProxy``). It looks up the names of servers itself.

    ``SocksProxy(address, port)``, ``SocksProxy(address, port, SocksVersion.SOCKS_V4)``,
    ``SocksProxy(address, port, user_id)``, which is SOCKS 4, or ``SocksProxy(address, port, username, password)``.
    """

    def __init__(
        self,
        address: str,
        port: int,
        version: SocksVersion | str | None = None,
        password: str | None = None,
        *,
        user_id: str | None = None,
        username: str | None = None,
    ) -> None:
        name = version if isinstance(version, str) else None
        given = [each for each in (version, user_id, username) if each is not None]
        if len(given) > 1 or (password is not None and name is None and username is None):
            raise ArgumentTypeError(
                "SocksProxy takes an address and a port, and then nothing, or version, or user_id, or username and"
                " password"
            )
        only_id = user_id if user_id is not None else name if password is None else None
        super().__init__(address, port, username or name or only_id or "", password or "")
        self.version = SocksVersion.SOCKS_V4 if only_id is not None else SocksVersion.SOCKS_V5
        if version is not None and name is None:
            self.version = version  # type: ignore[assignment]  # checked there
        self._methods = SocksAuthenticationMethods.NO_AUTHENTICATION | SocksAuthenticationMethods.PLAIN_TEXT

    @property
    def version(self) -> SocksVersion:
        """The protocol's version; 4 includes 4a (.NET: ``Version``)."""
        return self._version

    @version.setter
    def version(self, value: SocksVersion) -> None:
        if not isinstance(value, SocksVersion):
            raise ArgumentTypeError(f"version must be a SocksVersion, not {type(value).__name__}")
        self._version = value

    @property
    def supported_authentication_methods(self) -> SocksAuthenticationMethods:
        """How to sign in with SOCKS 5; both ways by default, the one with a password only if there is a username
        (.NET: ``SupportedAuthenticationMethods``)."""
        return self._methods

    @supported_authentication_methods.setter
    def supported_authentication_methods(self, value: SocksAuthenticationMethods) -> None:
        self._methods = _ways(value, SocksAuthenticationMethods)

    def conversation(self, address: str, port: int) -> Conversation:
        if self._version is SocksVersion.SOCKS_V4:
            return socks4(address, port, self._username)
        by_password = bool(self._methods & SocksAuthenticationMethods.PLAIN_TEXT and self._username)
        anonymous = bool(self._methods & SocksAuthenticationMethods.NO_AUTHENTICATION)
        if not by_password and not anonymous:
            raise AsposeInvalidOperationException("the proxy is to be signed in to by PLAIN_TEXT, and has no username")
        return socks5(address, port, self._username, self._password, anonymous=anonymous, by_password=by_password)


def _ways(value: object, kind: type[T]) -> T:
    if not isinstance(value, kind) or not value:
        raise ArgumentTypeError(f"supported_authentication_methods must be {kind.__name__}, one of them or both")
    return value


def _text(value: object, name: str) -> str:
    if value is None:
        raise AsposeArgumentNullException(f"{name} is None")
    if not isinstance(value, str):
        raise ArgumentTypeError(f"{name} must be a str, not {type(value).__name__}")
    if any(c in value for c in "\r\n\0") or any("\ud800" <= c <= "\udfff" for c in value):
        raise AsposeArgumentException(f"{name} must not contain CR, LF, NUL or lone surrogates")
    return value
