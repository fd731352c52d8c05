"""SigningIn: how a connection is secured and signed in, as far as every protocol does it alike.

A protocol's base class says in `_establish` in which commands it greets, starts TLS and authenticates; what stands
here is what is the same everywhere: when TLS begins, what may not come before it and whether a clear connection will
do, certificates, mechanisms, access tokens and their providers, refused credentials, and what happens when a
connection is ready. Entered by any thread that opens a connection; it has no lock of its own, but `SignInGate` lets
one thread at a time try credentials that are not known to be good.
"""

from __future__ import annotations

import ipaddress
import logging
import random
import ssl
from abc import abstractmethod
from collections.abc import Callable, Collection
from enum import IntFlag
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast

from mailclients.client import CredentialsByHostClient
from mailclients.dotnet import EventArgs
from mailclients.engine import scheduling
from mailclients.engine.commands import Command, ProtocolCore, injected
from mailclients.engine.connection import Connection
from mailclients.engine.deadlines import Deadline, call_within
from mailclients.engine.pool import Slot
from mailclients.engine.sessions import SignInAttempt
from mailclients.engine.transport import Transport
from mailclients.errors import (
    AsposeInvalidOperationException,
    AuthenticationError,
    ConnectionLostError,
    LimitReachedError,
    MailClientError,
    RemoteProtocolError,
    SecurityError,
    ServerRefusedError,
    TimeoutException,
)
from mailclients.handles import IAsyncResult
from mailclients.options import SecurityOptions
from mailclients.wire.sasl import OAuthBearer, SaslMechanism, ScramKeys, XOAuth2, choose

if TYPE_CHECKING:
    from mailclients.arguments import ITokenProvider, Out
    from mailclients.journal import Journal
    from mailclients.signatures import Operation

__all__ = ["AccessToken", "Core", "SigningIn", "known_mechanisms"]

log = logging.getLogger("mailclients.signing_in")


# The mechanisms that are known here, and what the documented enum of every protocol calls them.
_MECHANISMS: Final = {
    "SCRAM-SHA-256": "SCRAM_SHA_256",
    "SCRAM-SHA-1": "SCRAM_SHA_1",
    "CRAM-MD5": "CRAM_MD5",
    "PLAIN": "PLAIN",
    "LOGIN": "LOGIN",
    "XOAUTH2": "OAUTH2",
    "OAUTHBEARER": "OAUTH2",
}
_F = TypeVar("_F", bound=IntFlag)


def known_mechanisms(types: type[_F]) -> dict[str, _F]:
    """The SASL mechanisms that are known here, by their upper-case names, as a protocol's documented enum has them."""
    return {name: types[member] for name, member in _MECHANISMS.items()}


class Core(ProtocolCore, Protocol):
    """A protocol's state, as whoever opens its connection sees it.

    Attributes:
        number: of the connection, for logs. journal: where the client writes down what is said, too.
        signed_in_as: which version of the client's credentials the connection was opened with.
    """

    number: int
    journal: Journal | None
    signed_in_as: int

    @property
    def buffered(self) -> int:
        """Bytes received that no answer has been made of, or whether there are any."""
        ...


class AccessToken:
    """An access token that does not show itself where local variables are printed.

    Raises:
        AsposeInvalidOperationException: it is none.
    """

    __slots__ = ("text",)

    def __init__(self, text: object) -> None:
        if not isinstance(text, str) or not text:
            raise AsposeInvalidOperationException("the token provider gave no access token")
        self.text = text

    def __repr__(self) -> str:
        return "<access token>"


class _HungUpAfterRefusal(Exception):
    """The server refused a token and closed the connection before it took the refreshed one."""

    def __init__(self, refusal: AuthenticationError, refreshed: AccessToken) -> None:
        super().__init__(str(refusal))
        self.refreshed = refreshed


class SigningIn(CredentialsByHostClient):
    """Opens connections; the protocol says how it greets, starts TLS and authenticates."""

    def __init__(self) -> None:
        self._scram_keys = ScramKeys()
        super().__init__()

    def _configure(
        self,
        *,
        host: str | None = None,
        port: int | None = None,
        username: str | None = None,
        password: str | None = None,
        auth_info: str | None = None,
        use_o_auth: bool = False,
        token_provider: Any = None,
        security_options: SecurityOptions | None = None,
        user_certificate_validation_callback: Callable[..., bool] | None = None,
        executor: Any = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Takes the constructor's arguments, each absent when it was left out; the settings are there already."""
        if host is not None:
            self.host = host
        if port is not None:
            self.port = port
        if username is not None:
            self.username = username
        if password is not None:
            self.password = password
        if auth_info is not None:
            if use_o_auth:
                self.access_token = auth_info
            else:
                self.password = auth_info
        if token_provider is not None:
            self.token_provider = token_provider
        if security_options is not None:
            self.security_options = security_options
        self._certificate_callback = user_certificate_validation_callback
        self.executor = executor
        self.ssl_context = ssl_context

    # -- what the protocol adds ------------------------------------------------------------

    @abstractmethod
    def _establish(
        self, slot: Slot, transport: Transport, deadline: Deadline, refreshed: AccessToken | None
    ) -> Connection:
        """Greets, secures and signs in (with `_greet`, `_secured` and `_sign_in`) on a transport that is connected."""

    @abstractmethod
    def _new_core(self, *, clear: bool) -> Core:
        """The state of a new connection; `clear`: it begins without TLS."""

    def _limit_told(self, connection: Connection, command: Command) -> LimitReachedError | None:
        """What the server said about limits before it closed the connection under a command, if that is known."""
        return None

    @abstractmethod
    def _authenticate(self, connection: Connection, deadline: Deadline, refreshed: AccessToken | None) -> None:
        """Signs in with what the client has: the refreshed token if there is one, a token, or the password."""

    @abstractmethod
    def _authenticate_with_token(self, connection: Connection, deadline: Deadline, token: AccessToken) -> None:
        """Signs in with an access token."""

    # -- opening a connection ------------------------------------------------------------

    def _open_connection(self, slot: Slot, deadline: Deadline) -> Connection:
        """Connects, secures and signs in; the engine calls this."""
        try:
            return self._open(slot, deadline)
        except _HungUpAfterRefusal as hung_up:
            log.info("the connection was closed, the refreshed token needs another one: %s", hung_up)
            refreshed = hung_up.refreshed
        return self._open(slot, deadline, refreshed)

    def _open(self, slot: Slot, deadline: Deadline, refreshed: AccessToken | None = None) -> Connection:
        self._gate.check()
        if self._observer is not None:
            self._observer("connection_opening", slot)
        version = self._credentials_version
        with self._connecting(deadline) as transport:
            connection = self._establish(slot, transport, deadline, refreshed)
            cast("Core", connection.core).signed_in_as = version
            connection.observer = self._observer
            self._pool.opened(
                slot, connection
            )  # inside: at every moment the transport or the slot is there to be closed
        if self.on_connect:
            # Not on this thread: whoever opens a connection holds what a handler may come to wait for.
            self._callbacks.put(partial(self._run_callback, partial(self.on_connect.fire, self)), EventArgs.EMPTY)
        return connection

    def _connection(self, transport: Transport, *, clear: bool) -> Connection:
        core = self._new_core(clear=clear)
        connection = Connection(
            transport, core, window=self._window(), window_bytes=scheduling.WINDOW_BYTES, journal=self._journal
        )
        core.journal = self._journal
        core.number = connection.number
        return connection

    def _greet(
        self, transport: Transport, greeting: Command, deadline: Deadline, *, clear: bool
    ) -> tuple[Connection, Any]:
        """The connection on a transport, and what `greeting`, which waits for the server's, made of that.

        Args:
            clear: TLS does not begin at once, before the greeting.
        """
        first = deadline.within(self._greeting_timeout)
        if not clear:
            self._secure(transport, deadline)
        connection = self._connection(transport, clear=clear)
        try:
            return connection, self._ask(connection, greeting, first)
        except TimeoutException as error:
            hint = "; is this a port where TLS begins at once (SSL_IMPLICIT)?" if clear else ""
            raise TimeoutException(
                f"{self._host}:{self.port} sent no greeting within {first.milliseconds()} ms{hint}"
            ) from error
        except LimitReachedError:
            raise
        except ServerRefusedError:
            # Turned away: whoever comes next waits a little, so that many do not knock at once.
            self._pool.delay(scheduling.backoff(1, random.random()))
            raise

    def _ask(self, connection: Connection, command: Command, deadline: Deadline) -> Any:
        """The result of a command on a connection that is being opened; raises why there is none."""
        connection.execute([command], deadline)
        if command.error is None:
            return command.result
        cause = command.broken
        if isinstance(cause, (SecurityError, RemoteProtocolError, TimeoutException)):
            raise cause
        raise self._limit_told(connection, command) or command.error

    # -- TLS ------------------------------------------------------------

    def _begins_with_tls(self) -> bool:
        """Whether TLS begins at once, before the greeting."""
        security = self._security & SecurityOptions.AUTO
        return security == SecurityOptions.SSL_IMPLICIT or (
            bool(security & SecurityOptions.SSL_IMPLICIT) and self.port == self._implicit_port
        )

    def _starts_tls(self, offers: Callable[[], bool]) -> bool:
        """Whether a connection that begins in the clear shall go on with TLS.

        Args:
            offers: whether the server offers it; asked only where TLS is a choice.
        """
        security = self._security & SecurityOptions.AUTO
        explicit = bool(security & SecurityOptions.SSL_EXPLICIT)
        return offers() if explicit and security & SecurityOptions.NONE else explicit

    def _trusts_clear(self, transport: Transport) -> bool:
        """Whether what comes in the clear counts: it is from this machine, and the settings allow it."""
        return _is_loopback(transport) and bool(self._security & SecurityOptions.NONE)

    def _check_clear(self, transport: Transport) -> None:
        """Whether a sign-in without TLS is all right.

        Raises:
            SecurityError: it is not: nothing secret is sent in the clear unless that was asked for.
        """
        if self._security & SecurityOptions.AUTO != SecurityOptions.NONE and not _is_loopback(transport):
            raise SecurityError(
                f"{self._host} offers no TLS on port {self.port}, and nothing secret is sent in the clear;"
                " try SSL_IMPLICIT, or set security_options = SecurityOptions.NONE if clear text is meant"
            )

    def _secure(self, transport: Transport, deadline: Deadline) -> None:
        transport.start_tls(self._tls_context(), self._host, deadline)
        callback = self._certificate_callback
        if callback is not None and not callback(self, transport.peer_certificate(), None, None):
            raise SecurityError(f"the certificate of {self._host} was not accepted by the validation callback")

    def _secured(
        self, connection: Connection, command: Command, transport: Transport, deadline: Deadline
    ) -> Connection:
        """Begins TLS with the protocol's command for it; what the server offers from now on has not been asked yet.

        Raises:
            SecurityError: TLS was refused or not established, or something came before it that it does not protect.
        """
        try:
            self._ask(connection, command, deadline)
        except RemoteProtocolError as error:
            raise SecurityError(f"TLS was not established: {error}") from error
        if connection.broken or cast("Core", connection.core).buffered:
            raise injected(command.name)
        self._secure(transport, deadline)
        if not transport.encrypted:
            raise SecurityError("TLS was not established")
        # Nothing that was said in the clear survives: a new connection object, a new protocol state.
        return self._connection(transport, clear=False)

    # -- credentials ------------------------------------------------------------

    def _sign_in(self, connection: Connection, deadline: Deadline, refreshed: AccessToken | None) -> None:
        attempt = SignInAttempt()
        try:
            self._gate.enter(attempt, deadline)
            self._authenticate(connection, deadline, refreshed)
            self._gate.leave(attempt, good=True)
        except AuthenticationError as error:
            self._gate.leave(attempt, refusal=error)
            raise
        except BaseException:
            self._gate.leave(attempt)
            raise

    def _password_mechanism(self, offered: Collection[str], *, encrypted: bool) -> SaslMechanism | None:
        """The best mechanism among those offered (upper-case names) that takes a password, or None."""
        return choose(offered, self._username, self._password, encrypted=encrypted, keys=self._scram_keys)

    @property
    def _uses_token(self) -> bool:
        """Whether an access token is what the client signs in with."""
        return self._token_provider is not None or self._access_token is not None

    def _authenticate_by_token(self, connection: Connection, deadline: Deadline, refreshed: AccessToken | None) -> None:
        """Signs in with the token that was refreshed, or the provider's, or the one that was set."""
        provider = self._token_provider
        if refreshed is not None:
            self._authenticate_with_token(connection, deadline, refreshed)
        elif provider is not None:
            self._authenticate_by_provider(connection, deadline, provider)
        else:
            self._authenticate_with_token(connection, deadline, AccessToken(self._access_token))

    def _authenticate_by_provider(self, connection: Connection, deadline: Deadline, provider: ITokenProvider) -> None:
        token = self._provided_token(provider, deadline, fresh=False)
        try:
            self._authenticate_with_token(connection, deadline, token)
        except AuthenticationError as refusal:
            token = self._provided_token(provider, deadline, fresh=True)
            try:
                self._authenticate_with_token(connection, deadline, token)
            except ConnectionLostError as error:
                raise _HungUpAfterRefusal(refusal, token) from error

    def _token_mechanism(self, token: AccessToken, *, bearer: bool) -> SaslMechanism:
        """The mechanism that carries a token: OAUTHBEARER, or else XOAUTH2."""
        try:
            if bearer:
                return OAuthBearer(self._username, token.text, self._host, self.port)
            return XOAuth2(self._username, token.text)
        except MailClientError as error:
            # Without the frames that made it: they hold the token, and some tools print local variables.
            raise error.with_traceback(None) from error.__cause__

    def _provided_token(self, provider: ITokenProvider, deadline: Deadline, *, fresh: bool) -> AccessToken:
        answer = self._ask_provider(provider, deadline, fresh=fresh)
        return AccessToken(answer if isinstance(answer, str) else getattr(answer, "token", None))

    def _ask_provider(self, provider: ITokenProvider, deadline: Deadline, *, fresh: bool) -> Any:
        """The user's code may raise or block: its error is the cause of ours, and the deadline holds."""

        def ask() -> tuple[Any, BaseException | None]:
            try:
                return provider.get_access_token(fresh), None
            except BaseException as error:  # noqa: BLE001 - whatever it raises is the cause of ours
                return None, error

        answer, error = call_within(deadline, "token provider", ask, self._opening.add)
        if error is not None:
            raise AsposeInvalidOperationException(
                f"the token provider raised {type(error).__name__}; see the cause"
            ) from error
        return answer

    # -- operations about the sign-in ------------------------------------------------------------

    def _before_call(self, operation: str) -> None:
        if operation == "validate_credentials" and not self._use_authentication:
            raise AsposeInvalidOperationException("there is nothing to validate: use_authentication is False")
        if operation in ("login", "validate_credentials"):
            self._gate.forget()  # somebody asks by name: try again
            main = self._main.connection
            if main is not None and cast("Core", main.core).signed_in_as != self._credentials_version:
                main.close(AsposeInvalidOperationException("the credentials have changed"))

    def _call(self, operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if operation.name != "validate_credentials":
            return super()._call(operation, args, kwargs)
        try:
            super()._call(operation, args, kwargs)
        except AuthenticationError as error:
            log.info("the credentials are not valid: %s", error)
            return False
        return True

    def _end(self, operation: Operation, async_result: IAsyncResult, out: Out[Any] | None = None) -> Any:
        if operation.name != "validate_credentials":
            return super()._end(operation, async_result, out)
        try:
            super()._end(operation, async_result, out)
        except AuthenticationError as error:
            log.info("the credentials are not valid: %s", error)
            return False
        return True


def _is_loopback(transport: Transport) -> bool:
    """Whether the other end is this machine."""
    if transport.proxied:  # a proxy on this machine may lead anywhere
        return False
    try:
        return ipaddress.ip_address(transport.remote_address().split("%")[0]).is_loopback
    except ValueError:
        return False
