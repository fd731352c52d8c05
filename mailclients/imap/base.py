"""What the generated ImapClient stands on: settings, opening connections, and the session's folder.

The life of connections and tasks is `CredentialsByHostClient`'s; here is what IMAP adds: how a
connection is secured and signed in, and which folder a call refers to. Entered by any thread; each
session's `FolderMemory` has a lock of its own.
"""

from __future__ import annotations

import logging
import threading
import weakref
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from mailclients.client import OperationContext, ThreadToken, thread_token
from mailclients.dotnet import to_seconds
from mailclients.engine.commands import Command
from mailclients.engine.connection import Connection
from mailclients.engine.deadlines import Deadline
from mailclients.engine.pool import Slot, SlotKind
from mailclients.engine.sessions import Session
from mailclients.engine.tasks import Task
from mailclients.engine.transport import Transport
from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentOutOfRangeException,
    AsposeInvalidOperationException,
    AsposeNotSupportedException,
    AuthenticationError,
    ImapException,
    LimitReachedError,
    MailClientError,
    OperationCanceledException,
    SecurityError,
    escape,
)
from mailclients.handles import AsyncOperation
from mailclients.imap import operations
from mailclients.imap.commands import Compress, Simple, StartTls
from mailclients.imap.folders import Number, Selection, rename_all
from mailclients.imap.models import IImapMonitoringState, ImapFolderInfo, ImapKnownAuthenticationType, MessageSet
from mailclients.imap.monitoring import Monitors, MonitorSettings
from mailclients.imap.numbers import RESOLVING, NumberResolver
from mailclients.imap.protocol import (
    Authenticate,
    Greeting,
    ImapCommand,
    ImapCore,
    Login,
    SignInRefused,
    error_of,
    folder_key,
    refused_for_limits,
    what_was_said,
)
from mailclients.imap.server_commands import Enable, Identify
from mailclients.imap.server_properties import ImapServerProperties
from mailclients.imap.signatures import OPERATIONS
from mailclients.options import (
    DEFAULT_IDLE_RENEWAL,
    DEFAULT_MONITORING_ATTEMPTS,
    DEFAULT_POLL_INTERVAL,
    LONGEST_IDLE,
)
from mailclients.settings import bool_setting, text_setting
from mailclients.signing_in import AccessToken, known_mechanisms
from mailclients.wire.buffer import DEFAULT_LIMITS, ImapLimits
from mailclients.wire.sasl import SaslMechanism

if TYPE_CHECKING:
    from mailclients.signatures import Bound, Operation

__all__ = ["ImapClientBase"]

log = logging.getLogger("mailclients.imap")

_MECHANISMS: Final = known_mechanisms(ImapKnownAuthenticationType)
_MONITORING: Final = frozenset(("start_monitoring", "resume_monitoring", "stop_monitoring"))


class FolderMemory:
    """What a session remembers: its selection, and deletions that `auto_commit` still has to make.

    Attributes:
        selection: the last one entered, by whoever is in no exclusive block. blocks: the selection of
        each exclusive block, which nobody but its owner changes. settled: the one in force before
        `selection`, where that has only been entered. known: all that somebody still refers to. All are guarded
        by `lock`.
    """

    __slots__ = ("blocks", "deleted", "known", "lock", "selection", "settled", "task_selection")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.known: weakref.WeakSet[Selection] = weakref.WeakSet()
        self.selection: Selection | None = None
        self.settled: Selection | None = None
        self.blocks: dict[object, Selection | None] = {}
        self.task_selection: Selection | None = None
        self.deleted: dict[str, tuple[Selection, set[int]]] = {}

    def of(self, owner: object) -> Selection | None:
        """The selection that a call of this thread refers to."""
        return self.blocks.get(owner, self.selection)

    def enter(self, selection: Selection, owner: object) -> Selection | None:
        """Under the lock: what the thread's calls refer to from now on; gives what they referred to."""
        self.known.add(selection)
        if owner not in self.blocks:
            before = self.selection
            if before is not None and before.error is None and not (before.pending and before.explicit):
                self.settled = before
            self.selection = selection
            return before
        before = self.blocks[owner]
        if self.selection is before:  # else somebody has entered one that comes into force after the block
            self.selection = selection
        self.blocks[owner] = selection
        return before

    def leave(self, selection: Selection | None, owner: object) -> None:
        """The thread has left a folder; a selection that was entered since is not touched."""
        with self.lock:
            if self.of(owner) is selection:
                self._enter_none(owner)

    def _enter_none(self, owner: object) -> None:
        """Under the lock: the thread's calls refer to no selection from now on."""
        if owner not in self.blocks or self.selection is self.blocks[owner]:
            self.selection = self.settled = None
        if owner in self.blocks:
            self.blocks[owner] = None

    def withdraw(self, selection: Selection, before: Selection | None) -> None:
        """A selection was cancelled: what was in force before it is so again."""
        with self.lock:
            if self.selection is selection:
                self.selection = before
            for owner, known in self.blocks.items():
                if known is selection:
                    self.blocks[owner] = before

    def names_changed(self) -> None:
        """Selections have other names now: what is kept by their names is put in order again."""
        with self.lock:
            self.deleted = {folder_key(entry[0].name): entry for entry in self.deleted.values()}

    def block_begun(self, owner: object) -> None:
        """The thread has the session to itself: selects that stand in the queue behind it do not count."""
        with self.lock:
            selection = self.selection
            if selection is not None and selection.pending and selection.explicit and selection.owner() is not owner:
                selection = self.settled
            self.blocks.setdefault(owner, selection)

    def block_ended(self, owner: object) -> None:
        """The thread's calls refer to the session's selection again."""
        with self.lock:
            selection = self.blocks.pop(owner, None)
            if selection is not None and selection is not self.selection:
                self.settled = selection


class ImapClientBase(ImapServerProperties):
    """Runs the operations that the generated class hands to it."""

    _default_port: ClassVar[int] = 143
    _implicit_port: ClassVar[int] = 993
    _bodies = operations.BODIES
    _operations = OPERATIONS

    def __init__(self) -> None:
        self._default_folder: str = ImapFolderInfo.IN_BOX
        self._auto_commit = False
        self._read_only = False
        self._allow_preauth = False
        self._compression = False
        self._limits: ImapLimits = DEFAULT_LIMITS
        self._resolver = NumberResolver()
        self._poll_interval = DEFAULT_POLL_INTERVAL / 1000
        self._idle_renewal = DEFAULT_IDLE_RENEWAL / 1000
        self._monitoring_attempts = DEFAULT_MONITORING_ATTEMPTS
        self._monitors = Monitors(self)
        super().__init__()

    def _configure(self, **settings: Any) -> None:
        """Takes the constructor's arguments, each absent when it was left out."""
        ImapClientBase.__init__(self)
        super()._configure(**settings)

    # -- settings ------------------------------------------------------------

    @property
    def default_folder(self) -> str:
        """Selected by operations that need a folder when none is (.NET: ``DefaultFolder``)."""
        return self._default_folder

    @default_folder.setter
    def default_folder(self, value: str) -> None:
        if not text_setting(value, "default_folder"):
            raise AsposeArgumentException("default_folder must not be empty")
        self._default_folder = value

    @property
    def auto_commit(self) -> bool:
        """Whether deletions are committed when their folder is left: by select_folder,
        unselect_folder, logout or dispose (.NET: ``AutoCommit``)."""
        return self._auto_commit

    @auto_commit.setter
    def auto_commit(self, value: bool) -> None:
        self._auto_commit = bool_setting(value, "auto_commit")

    @property
    def read_only(self) -> bool:
        """Whether folders are selected for reading only unless a call says otherwise (.NET: ``ReadOnly``)."""
        return self._read_only

    @read_only.setter
    def read_only(self, value: bool) -> None:
        self._read_only = bool_setting(value, "read_only")

    @property
    def allow_preauth(self) -> bool:
        """Whether a server may say that the connection is signed in already, as whoever it thinks."""
        return self._allow_preauth

    @allow_preauth.setter
    def allow_preauth(self, value: bool) -> None:
        self._allow_preauth = bool_setting(value, "allow_preauth")

    @property
    def monitoring_poll_interval(self) -> int:
        """Milliseconds between two looks at a monitored folder where the server has no IDLE; 60,000 by default."""
        return round(self._poll_interval * 1000)

    @monitoring_poll_interval.setter
    def monitoring_poll_interval(self, value: int | timedelta) -> None:
        seconds = to_seconds(value)
        if seconds is None or seconds <= 0:
            raise AsposeArgumentOutOfRangeException("monitoring_poll_interval must be positive")
        self._poll_interval = seconds

    @property
    def idle_renewal_period(self) -> int:
        """Milliseconds after which IDLE is begun anew, below 29 minutes (RFC 9051 section 6.3.13); 540,000 by
        default, which also keeps routers from forgetting the connection."""
        return round(self._idle_renewal * 1000)

    @idle_renewal_period.setter
    def idle_renewal_period(self, value: int | timedelta) -> None:
        seconds = to_seconds(value)
        if seconds is None or not 0 < seconds * 1000 <= LONGEST_IDLE:
            raise AsposeArgumentOutOfRangeException(f"idle_renewal_period must be 1 to {LONGEST_IDLE}")
        self._idle_renewal = seconds

    @property
    def monitoring_attempts(self) -> int:
        """How often in a row a monitor tries to reopen its connection before the error callback is called: 10 by
        default, -1 for no end, 0 to be told at once."""
        return self._monitoring_attempts

    @monitoring_attempts.setter
    def monitoring_attempts(self, value: int) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ArgumentTypeError(f"monitoring_attempts must be an int, not {type(value).__name__}")
        if value < -1:
            raise AsposeArgumentOutOfRangeException("monitoring_attempts must be 0 or more, or -1 for no end")
        self._monitoring_attempts = value

    @property
    def compression(self) -> bool:
        """Whether connections opened from now on are compressed where the server offers COMPRESS=DEFLATE (RFC 4978).

        It saves bytes, and time on slow lines; on fast ones its work costs more time than it saves.
        """
        return self._compression

    @compression.setter
    def compression(self, value: bool) -> None:
        self._compression = bool_setting(value, "compression")

    @property
    def current_folder(self) -> ImapFolderInfo | None:
        """The folder selected in this thread's session, or None (.NET: ``CurrentFolder``). Assigning a folder selects
        it, for reading only if its info says so; assigning None leaves the current one and expunges nothing."""
        memory: FolderMemory = self._context_session(None).memory
        selection = memory.of(thread_token())
        return selection.info if selection is not None else None

    @current_folder.setter
    def current_folder(self, value: ImapFolderInfo | None) -> None:
        if value is None:
            self._call(OPERATIONS["unselect_folder"], (True,), {})
        elif isinstance(value, ImapFolderInfo):
            self._call(OPERATIONS["select_folder"], (value.name, value.read_only or None), {})
        else:
            raise ArgumentTypeError(f"current_folder must be an ImapFolderInfo or None, not {type(value).__name__}")

    # -- opening a connection ------------------------------------------------------------

    def _establish(
        self, slot: Slot, transport: Transport, deadline: Deadline, refreshed: AccessToken | None
    ) -> Connection:
        """Greets, secures and signs in; the common opening calls this."""
        clear = not self._begins_with_tls()
        connection, greeting = self._greet(transport, Greeting(), deadline, clear=clear)
        preauth = greeting.status == "PREAUTH"
        if preauth:
            self._check_preauth(clear=clear, trusted=self._trusts_clear(transport))
        if clear:
            if not preauth and self._starts_tls(partial(self._offers_tls, connection, deadline)):
                connection = self._start_tls(connection, transport, deadline)
            else:
                self._check_clear(transport)
                cast("ImapCore", connection.core).parser.end_clear_phase()
                self._ask_capabilities(connection, deadline)
        if not preauth and self._use_authentication:
            self._sign_in(connection, deadline, refreshed)
        core: Any = connection.core
        if not core.capabilities or preauth:
            self._ask(connection, Simple("CAPABILITY"), deadline)
        self._extend(connection, deadline)
        self._exchange_ids(connection, deadline)
        core.owns_numbers = slot.kind is not SlotKind.TASK
        return connection

    def _offers_tls(self, connection: Connection, deadline: Deadline) -> bool:
        self._ask_capabilities(connection, deadline)
        return cast("ImapCore", connection.core).has("STARTTLS")

    def _extend(self, connection: Connection, deadline: Deadline) -> None:
        """Switches on what a signed-in connection is to be used with; what the server refuses is done without."""
        core: ImapCore = cast("ImapCore", connection.core)
        if self._compression and core.has("COMPRESS=DEFLATE"):
            self._compress(connection, core, deadline)
        names = dict.fromkeys(name.upper() for name in self._enabled_by_caller if core.has(name.upper()))
        if core.has("UTF8=ACCEPT") or core.has("UTF8=ONLY"):
            names["UTF8=ACCEPT"] = None
        if names and core.has("ENABLE"):
            try:
                self._ask(connection, Enable(tuple(names)), deadline)
            except ImapException as error:
                log.warning("the server enables no extensions: %s", error)

    def _compress(self, connection: Connection, core: ImapCore, deadline: Deadline) -> None:
        try:
            self._ask(connection, Compress(), deadline)
        except ImapException as error:  # the line may be compressed already, below us
            log.info("the connection is not compressed: %s", error)
            return
        if connection.error is not None:
            raise connection.error
        connection.transport.start_compression()
        core.switching = None

    def _check_preauth(self, *, clear: bool, trusted: bool) -> None:
        if clear and not trusted:
            raise SecurityError(
                "the server says that the connection is signed in already, before TLS: nobody knows as whom"
            )
        if not self._allow_preauth:
            raise SecurityError(
                "the server says that the connection is signed in already; set allow_preauth = True if that is meant"
            )

    def _ask_capabilities(self, connection: Connection, deadline: Deadline) -> None:
        core: Any = connection.core
        if not core.capabilities:
            try:
                self._ask(connection, Simple("CAPABILITY"), deadline)
            except ImapException as error:
                log.info("the server does not tell what it offers: %s", error)

    def _exchange_ids(self, connection: Connection, deadline: Deadline) -> None:
        core: Any = connection.core
        if self._exchange_id and core.has("ID"):
            try:
                self._server_said(self._ask(connection, Identify(self.client_identification_info), deadline))
            except ImapException as error:
                log.info("the server does not say who it is: %s", error)

    def _new_core(self, *, clear: bool) -> ImapCore:
        return ImapCore(self._limits, clear=clear, declined=self._declined)

    def _start_tls(self, connection: Connection, transport: Transport, deadline: Deadline) -> Connection:
        secured = self._secured(connection, StartTls(), transport, deadline)
        self._ask(secured, Simple("CAPABILITY"), deadline)
        return secured

    def _limit_told(self, connection: Connection, command: Command) -> LimitReachedError | None:
        core = cast("ImapCore", connection.core)
        if command.broken is None or core.goodbye is None or not refused_for_limits(core.goodbye_code, core.goodbye):
            return None
        said = escape(core.goodbye)
        return LimitReachedError(f"the server turned the connection away: {said}", server_text=said)

    def _authenticate(self, connection: Connection, deadline: Deadline, refreshed: AccessToken | None) -> None:
        core: ImapCore = cast("ImapCore", connection.core)
        before = core.capabilities  # a server that changes them says so; else they are asked for again
        core.sign_in_capabilities = before
        if not self._uses_token:
            self._authenticate_with_password(connection, deadline)
        elif not self._allowed_authentication & ImapKnownAuthenticationType.OAUTH2:
            raise AsposeNotSupportedException("allowed_authentication does not name OAUTH2, and a token is set")
        elif not core.has("AUTH=OAUTHBEARER") and not core.has("AUTH=XOAUTH2"):
            raise AsposeNotSupportedException(
                f"the server takes no access token: it offers {_mechanisms(core)}, not AUTH=OAUTHBEARER or AUTH=XOAUTH2"
            )
        else:
            self._authenticate_by_token(connection, deadline, refreshed)
        if core.capabilities is before:
            self._ask(connection, Simple("CAPABILITY"), deadline)

    def _authenticate_with_password(self, connection: Connection, deadline: Deadline) -> None:
        core: Any = connection.core
        if not self._username:
            raise AsposeInvalidOperationException("username is not set; assign client.username first")
        allowed = self._allowed_authentication
        by_command = ImapKnownAuthenticationType.LOGIN | ImapKnownAuthenticationType.IMAP_LOGIN
        offered = {name for name, way in _MECHANISMS.items() if core.has(f"AUTH={name}") and allowed & way}
        if not core.has("LOGINDISABLED") and allowed & by_command:
            # LOGIN, the command, does in one step what these do in several.
            offered -= {"LOGIN", "CRAM-MD5"} if connection.encrypted else {"LOGIN"}
        mechanism = self._password_mechanism(offered, encrypted=connection.encrypted)
        if mechanism is not None:
            self._authenticate_by(connection, Authenticate(mechanism), mechanism, deadline)
        elif core.has("LOGINDISABLED"):
            raise AsposeNotSupportedException(
                f"the server takes no password by LOGIN or PLAIN on this connection (it offers {_mechanisms(core)})"
            )
        elif not allowed & by_command:
            raise AsposeNotSupportedException(
                "allowed_authentication leaves no way to sign in with a password: PLAIN needs a server that offers it"
                f" (it offers {_mechanisms(core)}), LOGIN or IMAP_LOGIN does not"
            )
        else:
            self._authenticate_by(connection, Login(self._username, self._password), None, deadline)

    def _authenticate_with_token(self, connection: Connection, deadline: Deadline, token: AccessToken) -> None:
        mechanism = self._token_mechanism(token, bearer=cast("ImapCore", connection.core).has("AUTH=OAUTHBEARER"))
        self._authenticate_by(connection, Authenticate(mechanism), mechanism, deadline)

    def _authenticate_by(
        self,
        connection: Connection,
        command: ImapCommand,
        mechanism: SaslMechanism | None,
        deadline: Deadline,
    ) -> None:
        try:
            self._ask(connection, command, deadline)
        except SignInRefused as refused:
            response = refused.response
            said = what_was_said(response)
            if refused_for_limits(response.code, response.text):
                text = f"the server takes no further connection now: {said}"
                raise error_of(LimitReachedError, text, response) from None
            status = f" (status {mechanism.error_status})" if mechanism is not None and mechanism.error_status else ""
            text = f"{self._host} refused the sign-in of {self._username!r}{status}: {said}"
            raise error_of(AuthenticationError, text, response) from None

    # -- operations ------------------------------------------------------------

    def _new_memory(self) -> FolderMemory:
        return FolderMemory()

    def _block_begun(self, session: Session, token: ThreadToken) -> None:
        cast("FolderMemory", session.memory).block_begun(token)

    def _block_ended(self, session: Session, token: ThreadToken) -> None:
        cast("FolderMemory", session.memory).block_ended(token)

    def _is_session_operation(self, operation: str) -> bool:
        return operation in operations.SESSION_OPERATIONS

    def _call(self, operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if operation.name in _MONITORING:
            return self._call_monitoring(operation, operation.bind(args, kwargs).arguments)
        return super()._call(operation, args, kwargs)

    def _call_monitoring(self, operation: Operation, arguments: dict[str, Any]) -> None:
        """Beginning and ending the watching of folders, which happens on connections and threads of its own."""
        self._check_alive()
        if operation.name == "stop_monitoring":
            self._monitors.stop(arguments.get("folder_name"))
            return
        self._check_host()
        state: IImapMonitoringState | None = arguments.get("monitoring_state")
        folder = arguments.get("folder_name", "Inbox") if state is None else state.folder_name
        owner = thread_token()
        outermost = owner not in self._calls
        try:
            self._calls.add(owner)
            deadline = Deadline(self._timeout)
            self._monitors.start(folder, arguments["callback"], arguments.get("error_callback"), state, deadline)
        finally:
            if outermost:
                self._calls.discard(owner)
            if self._disposed:
                with self._calls_done:
                    self._calls_done.notify_all()

    def _monitor_settings(self) -> MonitorSettings:
        return MonitorSettings(self._timeout, self._poll_interval, self._idle_renewal, self._monitoring_attempts)

    def _monitor_session(self) -> Session:
        return self._new_session(SlotKind.MONITOR, self._tasks.ticket())

    def _end_monitors(self) -> None:
        self._monitors.close()

    def _join_monitors(self, deadline: Deadline) -> None:
        self._monitors.join(deadline)

    def _abandon(self) -> None:
        self._monitors.abandon()
        super()._abandon()

    # -- folders that get another name ------------------------------------------------------------

    def _selections(self) -> set[Selection]:
        """All that are in force, in a session or on the wire, or that a call still refers to."""
        found: set[Selection] = set()
        for session in self._all_sessions():
            memory: FolderMemory = session.memory
            with memory.lock:
                found.update(memory.known)
        for slot in self._pool.slots:
            if isinstance(slot.connection, Connection):
                selected: Selection | None = cast("ImapCore", slot.connection.core).selected
                if selected is not None:
                    found.add(selected)
        return found

    def _folder_renamed(self, old: str, new: str, delimiter: str, followers: set[Selection]) -> None:
        """The server calls a folder, and all below it, otherwise now. `followers` know; others may have come since."""
        rename_all(self._selections() - followers, old, new, delimiter)
        for session in self._all_sessions():
            cast("FolderMemory", session.memory).names_changed()

    def _prepare(self, operation: Operation, bound: Bound, context: OperationContext, *, begun: bool) -> None:
        name, arguments = operation.name, bound.arguments
        session = context.session if context.session is not None else self._main
        memory: FolderMemory = session.memory
        owner = context.owner = thread_token()
        if name == "select_folder":
            read_only = arguments.pop("read_only", None)
            read_only = self._read_only if read_only is None else read_only
            with memory.lock:
                context.selection = Selection(arguments["folder_name"], read_only, explicit=True)
                context.selection.begun = begun
                context.selection.owner = weakref.ref(owner)
                arguments["leaving"] = memory.enter(context.selection, owner)
            return
        messages = arguments.get("messages")
        numbered = isinstance(messages, MessageSet) and not messages.by_uid
        if name in operations.FOLDERLESS and not numbered:
            context.selection = memory.of(owner)
            return
        with memory.lock:
            selection = memory.of(owner)
            if selection is None or (selection.error is not None and not selection.begun):
                selection = self._selection_for_tasks(memory)  # its numbers may have been told to the caller
                if context.session is not None or numbered:
                    memory.enter(selection, owner)
            context.selection = selection
        folder: str | None = arguments.get("folder_name")
        here = folder is None or folder_key(folder) == folder_key(selection.name)
        if numbered and isinstance(messages, MessageSet) and messages and here:
            known = self._known_uids(selection, messages)
            if known is not None:
                arguments["messages"] = MessageSet(True, known)
            else:
                context.numbers = Number(selection, messages.numbers)

    def _selection_for_tasks(self, memory: FolderMemory) -> Selection:
        """The default folder, as tasks select it when the session has selected none."""
        known = memory.task_selection
        if (
            known is None
            or known.error is not None
            or known.name != self.default_folder
            or known.asked_read_only != self._read_only
        ):
            known = memory.task_selection = Selection(self.default_folder, self._read_only)
            memory.known.add(known)
        return known

    @staticmethod
    def _known_uids(selection: Selection, messages: MessageSet) -> tuple[int, ...] | None:
        numbering = selection.numbering
        if numbering is None or not messages:
            return None
        return numbering.uids_of(messages)

    def _queue_task(self, task: Task, context: OperationContext, session: Session | None) -> None:
        selection: Selection | None = context.selection
        if task.handle.operation == "select_folder" and session is not None and selection is not None:
            leaving = task.body.args[1]["leaving"]  # type: ignore[attr-defined]  # as `_begin` made it
            task.handle.add_waiter(partial(self._select_ended, selection, leaving, session.memory, task.handle))
        if session is not None or selection is None:
            self._tasks.put(task, session)
        elif context.numbers is not None:
            self._resolver.put(self, task, context.numbers)
        elif selection.explicit and selection.pending:
            # Begun after a select that is still on its way: it waits for it, and fails with it.
            selection.when_settled(partial(self._tasks.put, task))
        else:
            self._tasks.put(task)

    def _is_done_already(self, operation: str, context: OperationContext) -> bool:
        if operation != "logout" or context.session is None or context.session.connection is not None:
            return False
        memory: FolderMemory = context.session.memory
        if memory.deleted or self._tasks.ahead(context.session, self._tasks.ticket()):
            return False
        memory.leave(context.selection, context.owner)
        return True

    def _call_ended(self, operation: str, context: OperationContext, error: BaseException | None) -> None:
        if operation == "select_folder" and context.selection is not None:
            self._settle(context.selection, error)

    def _begin_failed(self, operation: str, context: OperationContext, error: BaseException) -> None:
        selection = context.selection
        if operation == "select_folder" and isinstance(selection, Selection) and selection.pending:
            session = context.session if context.session is not None else self._main
            memory: FolderMemory = session.memory
            memory.withdraw(selection, memory.settled)
            self._settle(selection, error)

    def _select_ended(
        self, selection: Selection, leaving: Selection | None, memory: FolderMemory, handle: AsyncOperation[Any]
    ) -> None:
        """A begun select has completed, perhaps without having run."""
        if handle.is_canceled:
            memory.withdraw(selection, leaving)
        self._settle(selection, handle.error_info)

    @staticmethod
    def _settle(selection: Selection, error: BaseException | None) -> None:
        if selection.pending:
            if not isinstance(error, MailClientError) or isinstance(error, OperationCanceledException):
                given_up = MailClientError(f"selecting the folder {selection.name!r} was given up")
                given_up.__cause__ = error
                error = given_up
            selection.failed(error)
        selection.announce()

    def _lend(self, task: Task, token: ThreadToken) -> None:
        super()._lend(task, token)
        if task.session is None and task.running is None:
            selection = getattr(task.context, "selection", None)
            # It may wait for a select, or for its sequence numbers, in the session that the thread holds.
            # Whoever came to its place in the line a moment later may have been first in what counts here.
            for other in self._tasks.ahead(self._main, self._tasks.ticket()):
                awaited = other.ticket <= task.ticket or getattr(other.context, "selection", None) is selection
                if other.handle.operation == RESOLVING or (awaited and other.handle.operation == "select_folder"):
                    self._tasks.lend(other, token)
            if isinstance(selection, Selection) and selection.explicit and selection.pending and not selection.begun:
                self._let_in(selection)

    def _let_in(self, selection: Selection) -> None:
        """What is waited for inside an exclusive block waits for a plain select, which waits for the block's end."""
        connection, guest = self._main.connection, selection.owner()
        if connection is not None and guest is not None:
            connection.admit(guest)
            selection.when_settled(partial(connection.dismiss, guest))

    def _last_words(self, session: Session, deadline: Deadline) -> None:
        memory: FolderMemory = session.memory
        if not memory.deleted:
            return
        if session.connection is None and session is self._main:
            self._lend_connection(session)
        if session.connection is None:
            log.warning("deletions were not committed: their connection is gone")
            return
        context = OperationContext(self, session)
        self._run(operations.commit_pending, {}, context, deadline, None)

    def _lend_connection(self, session: Session) -> None:
        """Makes an idle task connection the session's, which has none: the client is being disposed."""
        for slot in self._pool.slots:
            connection = slot.connection
            if slot.kind is SlotKind.TASK and isinstance(connection, Connection) and connection.alive():
                slot.kind = SlotKind.MAIN
                session.slot, session._connection = slot, connection
                return


def _mechanisms(core: ImapCore) -> str:
    return ", ".join(sorted(c for c in core.capabilities if c.startswith("AUTH="))) or "nothing"
