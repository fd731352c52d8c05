"""What the generated Pop3Client stands on: settings, opening sessions, and where an operation runs (rule T6).

The life of connections and tasks is `CredentialsByHostClient`'s, TLS and tokens are `SigningIn`'s; here is how POP3
greets and signs in, and which operations need the session whose numbers and deletions they are about. Entered by any
thread; each session's `DropMemory` has a lock of its own.
"""

from __future__ import annotations

import hashlib
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from mailclients.client import OperationContext, thread_token
from mailclients.engine.connection import Connection
from mailclients.engine.deadlines import Deadline
from mailclients.engine.pool import Slot
from mailclients.engine.sessions import Session
from mailclients.engine.tasks import Task
from mailclients.engine.transport import Transport
from mailclients.errors import (
    ArgumentTypeError,
    AsposeInvalidOperationException,
    AsposeNotSupportedException,
    AuthenticationError,
    MailClientError,
    Pop3Exception,
    escape,
)
from mailclients.handles import AsyncOperation
from mailclients.pop3 import operations
from mailclients.pop3.commands import Capabilities
from mailclients.pop3.models import MessageNames, Pop3KnownAuthenticationType
from mailclients.pop3.protocol import (
    Authenticate,
    DropMemory,
    Greeting,
    Meant,
    Pop3Command,
    Pop3Core,
    Secret,
    SignInRefused,
    StartTls,
    limit_of,
    refusal,
    said,
)
from mailclients.pop3.signatures import OPERATIONS
from mailclients.signatures import one_form
from mailclients.signing_in import AccessToken, SigningIn, known_mechanisms
from mailclients.wire.pop3 import DEFAULT_POP3_LIMITS, Pop3Limits, timestamp_of
from mailclients.wire.sasl import SaslMechanism

if TYPE_CHECKING:
    from mailclients.signatures import Bound, Operation

__all__ = ["Pop3ClientBase"]

log = logging.getLogger("mailclients.pop3")

_Known = Pop3KnownAuthenticationType
_MECHANISMS: Final = known_mechanisms(_Known)
_OF_SERVERS: Final = {
    **_MECHANISMS,
    "NTLM": _Known.NTLM,
    "GSSAPI": _Known.GSSAPI,
    "EXTERNAL": _Known.EXTERNAL,
    "KERBEROS_V4": _Known.KERBEROS_V4,
    "ANONYMOUS": _Known.ANONYMOUS,
    "DIGEST-MD5": _Known.DIGEST_MD5,
    "GSS-SPNEGO": _Known.GSSSPNEGO,
    "SCRAM-SHA-1-PLUS": _Known.SCRAM_SHA_1_PLUS,
    "SCRAM-SHA-256-PLUS": _Known.SCRAM_SHA_256_PLUS,
    "SCRAM-SHA-512": _Known.SCRAM_SHA_512,
    "SCRAM-SHA-512-PLUS": _Known.SCRAM_SHA_512_PLUS,
}
# APOP is not among them: it is MD5 over what the server says, and has to be asked for.
_ALLOWED: Final = (
    _Known.SCRAM_SHA_256
    | _Known.SCRAM_SHA_1
    | _Known.CRAM_MD5
    | _Known.PLAIN
    | _Known.LOGIN
    | _Known.USER
    | _Known.OAUTH2
)


class Pop3ClientBase(SigningIn):
    """Runs the operations that the generated class hands to it."""

    _default_port: ClassVar[int] = 110
    _implicit_port: ClassVar[int] = 995
    _bodies = operations.BODIES
    _operations = OPERATIONS

    def __init__(self) -> None:
        self._limits: Pop3Limits = DEFAULT_POP3_LIMITS
        self._allowed = _ALLOWED
        self._supported = _Known.NONE
        self._login_delay = False
        super().__init__()

    def _configure(self, **settings: Any) -> None:
        """Takes the constructor's arguments, each absent when it was left out."""
        Pop3ClientBase.__init__(self)
        super()._configure(**settings)

    # -- settings ------------------------------------------------------------

    @property
    def allowed_authentication(self) -> Pop3KnownAuthenticationType:
        """The ways to sign in that may be used (.NET: ``AllowedAuthentication``): all that are known here but APOP,
        which is MD5 and has to be asked for. The strongest one that the server offers is taken."""
        return self._allowed

    @allowed_authentication.setter
    def allowed_authentication(self, value: Pop3KnownAuthenticationType) -> None:
        if not isinstance(value, Pop3KnownAuthenticationType):
            raise ArgumentTypeError(
                f"allowed_authentication must be a Pop3KnownAuthenticationType, not {type(value).__name__}"
            )
        self._allowed = value
        self._credentials_changed()

    @property
    def supported_authentication(self) -> Pop3KnownAuthenticationType:
        """The ways to sign in that the server offered (.NET: ``SupportedAuthentication``); connects if need be."""
        self._check_alive()
        self._context_session(None).ensure(Deadline(self._timeout))
        return self._supported

    @one_form
    def get_capabilities(self) -> list[str]:
        """What the server offers, as it says (.NET: ``GetCapabilities``); nothing where it has no CAPA."""
        self._check_alive()
        core = cast("Pop3Core", self._context_session(None).ensure(Deadline(self._timeout)).core)
        return sorted(" ".join((name, *words)) for name, words in (core.capabilities or {}).items())

    # -- opening a connection ------------------------------------------------------------

    def _establish(
        self, slot: Slot, transport: Transport, deadline: Deadline, refreshed: AccessToken | None
    ) -> Connection:
        """Greets, secures and signs in; the common opening calls this."""
        clear = not self._begins_with_tls()
        connection, greeting = self._greet(transport, Greeting(), deadline, clear=clear)
        self._ask_capabilities(connection, deadline)
        if clear:
            core = cast("Pop3Core", connection.core)
            if self._starts_tls(lambda: core.has("STLS")):
                connection = self._secured(connection, StartTls(), transport, deadline)
                self._ask_capabilities(connection, deadline)
                greeting = ""  # its timestamp was said in the clear
            else:
                self._check_clear(transport)
                core.reader.end_clear_phase()
        core = cast("Pop3Core", connection.core)
        core.timestamp = timestamp_of(greeting)
        self._supported = _supported(core)
        if self._use_authentication:
            self._enable_utf8(connection, deadline)
            self._sign_in(connection, deadline, refreshed)
        if core.capabilities is not None and not core.capabilities.keys() & {"TOP", "UIDL", "PIPELINING"}:
            self._ask_capabilities(connection, deadline)  # some tell before the sign-in how to sign in, and no more
        self._pipelining._supported_by_server = core.has("PIPELINING")
        self._login_delay = core.has("LOGIN-DELAY") and (core.capabilities or {})["LOGIN-DELAY"][:1] != ("0",)
        connection.window = self._window()
        return connection

    def _new_core(self, *, clear: bool) -> Pop3Core:
        return Pop3Core(self._limits, clear=clear)

    def _connection(self, transport: Transport, *, clear: bool) -> Connection:
        connection = super()._connection(transport, clear=clear)
        connection.window = 1  # until it is known whether the server takes more
        return connection

    def _ask_capabilities(self, connection: Connection, deadline: Deadline) -> None:
        try:
            self._ask(connection, Capabilities(), deadline)
        except Pop3Exception as error:
            log.info("the server does not tell what it offers: %s", error)

    def _enable_utf8(self, connection: Connection, deadline: Deadline) -> None:
        """UTF8 (RFC 6856 section 2), before the sign-in and behind TLS, where the server has it.

        Headers beyond ASCII then come as they are; without it the server may change or withhold them. The language of
        its texts stays the server's.
        """
        if cast("Pop3Core", connection.core).has("UTF8"):
            try:
                self._ask(connection, Pop3Command("UTF8", barrier=True), deadline)
            except Pop3Exception as error:
                log.info("the server does not enable UTF8, though it offers it: %s", error)

    # -- signing in ------------------------------------------------------------

    def _authenticate(self, connection: Connection, deadline: Deadline, refreshed: AccessToken | None) -> None:
        core = cast("Pop3Core", connection.core)
        if not self._uses_token:
            self._authenticate_with_password(connection, core, deadline)
            return
        if not _mechanisms(core) & {"OAUTHBEARER", "XOAUTH2"} or not self._allowed & _Known.OAUTH2:
            raise AsposeNotSupportedException(
                f"no access token can be used: the server offers {_offers(core)}, which has to name OAUTHBEARER or"
                " XOAUTH2, and allowed_authentication OAUTH2"
            )
        self._authenticate_by_token(connection, deadline, refreshed)

    def _authenticate_with_token(self, connection: Connection, deadline: Deadline, token: AccessToken) -> None:
        bearer = "OAUTHBEARER" in _mechanisms(cast("Pop3Core", connection.core))
        mechanism = self._token_mechanism(token, bearer=bearer)
        self._authenticate_by(connection, [Authenticate(mechanism)], mechanism, deadline)

    def _authenticate_with_password(self, connection: Connection, core: Pop3Core, deadline: Deadline) -> None:
        if not self._username:
            raise AsposeInvalidOperationException("username is not set; assign client.username first")
        clear = not connection.encrypted
        offered = {name for name in _mechanisms(core) if _MECHANISMS.get(name, _Known.NONE) & self._allowed}
        # USER and PASS do in fewer steps what LOGIN does; APOP is for those who allow it, where nothing better is.
        strong = {"SCRAM-SHA-256", "SCRAM-SHA-1", *(("CRAM-MD5",) if clear else ())}
        user = bool(self._allowed & _Known.USER) and (core.capabilities is None or core.has("USER"))
        apop = bool(self._allowed & _Known.APOP) and core.timestamp is not None
        mechanism = self._password_mechanism(offered & strong, encrypted=not clear)
        if mechanism is None and not (apop and clear):
            mechanism = self._password_mechanism(offered & {"PLAIN"}, encrypted=not clear)
            if mechanism is None and not user:
                mechanism = self._password_mechanism(offered, encrypted=not clear)
        name, password = self._username, self._password
        if mechanism is not None:
            self._authenticate_by(connection, [Authenticate(mechanism)], mechanism, deadline)
        elif apop and (clear or not user):
            digest = hashlib.md5(f"{core.timestamp}{password}".encode(), usedforsecurity=False).hexdigest()
            command = Secret("APOP", f"{name} {digest}".encode(), digest)
            self._authenticate_by(connection, [command], None, deadline)
        elif user:
            commands = [Secret("USER", name.encode()), Secret("PASS", password.encode(), password)]
            self._authenticate_by(connection, commands, None, deadline)
        else:
            raise AsposeNotSupportedException(
                f"there is no way to sign in with a password: the server offers {_offers(core)}, and"
                f" allowed_authentication is {self._allowed!r}"
            )

    def _authenticate_by(
        self,
        connection: Connection,
        commands: list[Any],
        mechanism: SaslMechanism | None,
        deadline: Deadline,
    ) -> None:
        try:
            for command in commands:
                self._ask(connection, command, deadline)
        except SignInRefused as refused:
            status = refused.status
            limit = limit_of(status)
            if limit is not None:
                raise limit from None
            if status.code is not None and status.code != "AUTH":
                raise refusal(f"the sign-in of {self._username!r}", status) from None  # the server's trouble
            why = f" (status {mechanism.error_status})" if mechanism is not None and mechanism.error_status else ""
            raise AuthenticationError(
                f"{self._host} refused the sign-in of {self._username!r}{why}: {said(status)}",
                status="-ERR",
                code=status.code,
                server_text=escape(status.text),
            ) from None

    # -- operations ------------------------------------------------------------

    def _new_memory(self) -> DropMemory:
        return DropMemory()

    def _is_session_operation(self, operation: str) -> bool:
        return operation not in operations.ANYWHERE

    def _prepare(self, operation: Operation, bound: Bound, context: OperationContext, *, begun: bool) -> None:
        context.owner = thread_token()
        session = context.session if context.session is not None else self._main
        memory: DropMemory = session.memory
        context.numbers = Meant(memory)
        messages = bound.arguments.get("messages")
        by_number = isinstance(messages, MessageNames) and messages.uids is None
        if context.session is None and (by_number or memory.pending or self._login_delay):
            # Numbers and marks of deletion are the session's (T6), and a server that wants pauses between sign-ins
            # has one session only.
            context.session = session

    def _queue_task(self, task: Task, context: OperationContext, session: Session | None) -> None:
        session = session if session is not None else context.session
        if task.handle.operation == "commit_deletes" and session is not None:
            task.handle.add_waiter(partial(self._commit_ended, task.handle, session))
        self._tasks.put(task, session)

    def _commit_ended(self, handle: AsyncOperation[Any], session: Session) -> None:
        """As after a plain one, the session begins anew at once; what is wrong with it is no fault of the commit."""
        if handle.error_info is None and not handle.is_canceled and not self._login_delay:
            self._begin_noop_quietly(session)

    def _is_done_already(self, operation: str, context: OperationContext) -> bool:
        session = context.session
        if operation != "logout" or session is None or session.connection is not None:
            return False
        memory: DropMemory = session.memory
        if self._tasks.ahead(session, self._tasks.ticket()):
            return False
        memory.lost_deletions(None)
        return True

    def _call_ended(self, operation: str, context: OperationContext, error: BaseException | None) -> None:
        if operation != "commit_deletes" or error is not None or context.session is None or self._login_delay:
            return
        try:
            context.session.ensure(Deadline(self._timeout))
        except MailClientError as problem:
            # The deletions are made: that the next session cannot begin yet is for the next operation to say.
            log.warning("not signed in again after the deletions were committed: %s", problem)

    def _last_words(self, session: Session, deadline: Deadline) -> None:
        memory: DropMemory = session.memory
        if memory.pending:
            log.warning("%d deletions were not committed and are not made", memory.pending)


def _mechanisms(core: Pop3Core) -> set[str]:
    """What the server offers for AUTH."""
    return {name.upper() for name in (core.capabilities or {}).get("SASL", ())}


def _offers(core: Pop3Core) -> str:
    names = sorted(_mechanisms(core)) + (["USER"] if core.has("USER") else [])
    return ", ".join(map(escape, names)) or "nothing"


def _supported(core: Pop3Core) -> Pop3KnownAuthenticationType:
    found = _Known.NONE
    for name in _mechanisms(core):
        found |= _OF_SERVERS.get(name, _Known.NONE)
    if core.capabilities is None or core.has("USER"):
        found |= _Known.USER
    return found | _Known.APOP if core.timestamp is not None else found
