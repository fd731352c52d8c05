"""ConnectionSettings: how a client's connections reach the server, show who they are, and write down what they say.

Settings are plain attributes under the interpreter's own atomicity: no lock, any thread may read and
assign them. What is assigned counts from the next connection on; what concerns the log, from the next line on.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeAlias, TypeVar

from mailclients.certificates import X509CertificateCollection, check_protocols
from mailclients.dotnet import HandlerList
from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeInvalidOperationException,
    AsposeNotSupportedException,
)
from mailclients.journal import Journal
from mailclients.names import NamesChecked
from mailclients.options import EncryptionProtocols, PipeliningMode, PipeliningStatus
from mailclients.proxies import HttpProxy, Proxy, SocksProxy
from mailclients.signatures import one_form

__all__ = ["BindIPEndPointHandler", "ConnectionSettings"]

T = TypeVar("T")

BindIPEndPointHandler: TypeAlias = Callable[[tuple[str, int]], tuple[str, int] | None]
"""Given the address and port of the server, returns the local ones, port 0 for any; or None, which leaves the choice
to the system (.NET: ``BindIPEndPointHandler``)."""


class ConnectionSettings(NamesChecked):
    """The settings of `ClientSettings` that are about the connection itself."""

    def __init__(self) -> None:
        self._pipelining = PipeliningStatus()
        self._bind_handlers: HandlerList[BindIPEndPointHandler] = HandlerList("bind_ip_end_point")
        self._proxy: Proxy | None = None
        self._client_certificates = X509CertificateCollection()
        self._encryption = EncryptionProtocols.NOT_SPECIFIED
        self._use_authentication = True
        self._journal = Journal()

    @property
    def use_pipelining(self) -> PipeliningStatus:
        """Pipelining; set its `client_mode` to DISABLED for one command at a time (.NET: ``UsePipelining``).

        A mode, and a bool for ENABLED and DISABLED, may be assigned in place of a status, as in .NET.
        """
        return self._pipelining

    @use_pipelining.setter
    def use_pipelining(self, value: PipeliningStatus | PipeliningMode | bool) -> None:
        if isinstance(value, bool):
            value = PipeliningMode.ENABLED if value else PipeliningMode.DISABLED
        if isinstance(value, PipeliningMode):
            made = PipeliningStatus(self._pipelining.supported_by_server)
            made.client_mode = value
            value = made
        self._pipelining = _of_type(value, PipeliningStatus, "use_pipelining")

    # -- which way ------------------------------------------------------------

    @property
    def bind_ip_end_point(self) -> HandlerList[BindIPEndPointHandler]:
        """Handlers that choose the local address of each connection (.NET: ``BindIPEndPoint``).

        Each is called with the address and port that are about to be connected to, once for every address that is
        tried; the last one that returns a local address decides. What a handler raises ends the attempt. Handlers
        run on the thread that connects, and must not call the client.
        """
        return self._bind_handlers

    @bind_ip_end_point.setter
    def bind_ip_end_point(self, value: HandlerList[BindIPEndPointHandler]) -> None:
        if value is not self._bind_handlers:
            raise AsposeInvalidOperationException(
                "bind_ip_end_point cannot be replaced: add a handler with += and remove it with -="
            )

    def _local_end_point(self, remote: tuple[str, int]) -> tuple[str, int] | None:
        chosen: object = None
        for handler in self._bind_handlers:
            answer: object = handler(remote)
            chosen = chosen if answer is None else answer
        match chosen:
            case None:
                return None
            case (str(address), int(port)) if not isinstance(port, bool) and 0 <= port <= 65535:
                return address, port
            case _:
                raise ArgumentTypeError(
                    "a handler of bind_ip_end_point must return an address and a port, as in ('192.0.2.1', 0), or None,"
                    f" not {chosen!r}"
                )

    @property
    def proxy(self) -> Proxy | None:
        """The proxy that connections go through, an `HttpProxy` or a `SocksProxy`, or None (.NET: ``Proxy``).

        The proxy looks up the server's name. What is called a loopback address elsewhere, where clear text is safe, is
        none behind a proxy.
        """
        return self._proxy

    @proxy.setter
    def proxy(self, value: Proxy | None) -> None:
        given: object = value
        if given is not None and not isinstance(given, (HttpProxy, SocksProxy)):
            raise ArgumentTypeError(f"proxy must be an HttpProxy, a SocksProxy or None, not {type(given).__name__}")
        self._proxy = given

    # -- who is there ------------------------------------------------------------

    @property
    def client_certificates(self) -> X509CertificateCollection:
        """Certificates that are shown to servers that ask for one (.NET: ``ClientCertificates``).

        ``client.client_certificates.add("anna.pem")``, or ``add(("anna.crt", "anna.key", "password of the key"))``.
        """
        return self._client_certificates

    @property
    def supported_encryption(self) -> EncryptionProtocols:
        """The TLS versions that are spoken; NOT_SPECIFIED, the default, is TLS 1.2 and newer
        (.NET: ``SupportedEncryption``)."""
        return self._encryption

    @supported_encryption.setter
    def supported_encryption(self, value: EncryptionProtocols) -> None:
        self._encryption = check_protocols(value, unsafe=False)

    @one_form
    def set_supported_encryption_unsafe(self, value: EncryptionProtocols) -> None:
        """Sets `supported_encryption` and takes TLS 1.0 and 1.1 as well, which others on the way can break
        (.NET: ``SetSupportedEncryptionUnsafe``).

        Args:
            value: the versions, without a gap between two of them.

        Raises:
            AsposeNotSupportedException: the TLS library of this Python does not have such a version.
        """
        self._encryption = check_protocols(value, unsafe=True)

    @property
    def use_authentication(self) -> bool:
        """Whether connections sign in, as they do by default (.NET: ``UseAuthentication``).

        False is for servers that need no sign-in; one that says that the connection is signed in already (PREAUTH)
        is taken only with `allow_preauth`.
        """
        return self._use_authentication

    @use_authentication.setter
    def use_authentication(self, value: bool) -> None:
        self._use_authentication = _of_type(value, bool, "use_authentication")
        self._credentials_changed()

    @property
    def use_default_credentials(self) -> bool:
        """False: signing in as the user of the operating system is not offered (.NET: ``UseDefaultCredentials``).

        Raises:
            AsposeNotSupportedException: True was assigned.
        """
        return False

    @use_default_credentials.setter
    def use_default_credentials(self, value: bool) -> None:
        if _of_type(value, bool, "use_default_credentials"):
            raise AsposeNotSupportedException(
                "use_default_credentials: signing in as the user of the operating system is not offered; set username"
                " and password, or access_token"
            )

    def _credentials_changed(self) -> None:
        """Called when those who have signed in are to do so again."""

    # -- the log ------------------------------------------------------------

    @property
    def enable_logger(self) -> bool:
        """Whether what this client sends and receives is written into `log_file_name`; False by default
        (.NET: ``EnableLogger``).

        A line for each command and each answer's status, without passwords, tokens and messages: the same that the
        logger ``mailclients.connection`` gets.
        """
        return self._journal.enabled

    @enable_logger.setter
    def enable_logger(self, value: bool) -> None:
        self._journal.configure(enabled=_of_type(value, bool, "enable_logger"))

    @property
    def log_file_name(self) -> str:
        """The file that lines are appended to while `enable_logger` is true, or an empty string
        (.NET: ``LogFileName``)."""
        return self._journal.name

    @log_file_name.setter
    def log_file_name(self, value: str | os.PathLike[str] | None) -> None:
        if value is None:
            raise AsposeArgumentNullException("log_file_name is None; an empty string is for no file")
        name: object = os.fspath(value) if isinstance(value, os.PathLike) else value
        if "\0" in _of_type(name, str, "log_file_name"):
            raise AsposeArgumentException("log_file_name must not contain NUL")
        self._journal.configure(name=str(name))

    @property
    def use_date_in_log_file_name(self) -> bool:
        """Whether each day has a log file of its own, ``mail-2024-05-01.log`` for ``mail.log``; False by default
        (.NET: ``UseDateInLogFileName``)."""
        return self._journal.dated

    @use_date_in_log_file_name.setter
    def use_date_in_log_file_name(self, value: bool) -> None:
        self._journal.configure(dated=_of_type(value, bool, "use_date_in_log_file_name"))

    @one_form
    def reset_log_settings(self) -> None:
        """Ends logging into a file and forgets its name (.NET: ``ResetLogSettings``).

        Raises: nothing, whatever the settings were.
        """
        self._journal.configure(enabled=False, dated=False, name="")


def _of_type(value: object, kind: type[T], name: str) -> T:
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        raise ArgumentTypeError(f"{name} must be {article} {kind.__name__}, not {type(value).__name__}")
    return value
