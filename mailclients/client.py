"""CredentialsByHostClient: life cycle, session context, and how plain, begin_ and end_ calls work.

Any thread may call anything at any time. A plain call runs its operation's body on the caller's own
thread through the command queue of its session; a begun one becomes a task. Which session a call
belongs to is decided here: the explicit connection, else the thread's, else the main one. What the
client is told stands in `ClientSettings`; the engine's lock guards the rest. The main connection,
the pool and the task queue come into being with the client, connections, threads and executor only
when they are needed.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import ssl
import threading
import warnings
import weakref
from abc import abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from typing_extensions import Self

from mailclients.dotnet import EventArgs, EventSlot, IDisposable, to_seconds
from mailclients.engine.callbacks import CallbackThreads
from mailclients.engine.commands import Aside, Command, Pause
from mailclients.engine.connection import Connection
from mailclients.engine.deadlines import Deadline, Interruptible, now
from mailclients.engine.drivers import ATTEMPTS
from mailclients.engine.pool import Pool, Slot, SlotKind
from mailclients.engine.sessions import Session, SignInGate
from mailclients.engine.task_queue import TaskQueue
from mailclients.engine.tasks import Body, Task
from mailclients.engine.timers import Timer, call_later, weakly
from mailclients.engine.transport import Transport, connect
from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeInvalidOperationException,
    MailClientError,
    NetworkException,
    ObjectDisposedException,
    OutcomeUnknownError,
)
from mailclients.handles import AsyncOperation, HandleOwner, IAsyncResult, LocalWork
from mailclients.journal import Journal
from mailclients.names import HintedABCMeta, NamesChecked, place_of_caller
from mailclients.options import DEFAULT_MAX_CONNECTIONS, ConnectionAsgmtType, ConnectionState
from mailclients.settings import ClientSettings
from mailclients.signatures import one_form

if TYPE_CHECKING:
    from mailclients.arguments import Out
    from mailclients.engine.observer import Observer
    from mailclients.signatures import Bound, Operation

__all__ = ["ClientConnection", "CredentialsByHostClient", "EmailClient"]

log = logging.getLogger("mailclients.client")

INTERRUPTED_TIMEOUT: Final = 1000  # milliseconds for what is running when Ctrl-C ends a `with` block

_client_numbers = itertools.count(1)
_clients: weakref.WeakSet[CredentialsByHostClient] = weakref.WeakSet()


class ThreadToken:
    """Stands for a thread as long as it lives; idents are reused by the system, tokens are not."""

    __slots__ = ("__weakref__", "name")

    def __init__(self) -> None:
        self.name = threading.current_thread().name

    def __repr__(self) -> str:
        return f"<thread {self.name}>"


class _Local(threading.local):
    token: ThreadToken | None = None


_local = _Local()


def thread_token() -> ThreadToken:
    """The calling thread's token."""
    token = _local.token
    if token is None:
        token = _local.token = ThreadToken()
    return token


class ClientConnection(NamesChecked, IDisposable, metaclass=HintedABCMeta):
    """A connection that `create_connection` made (.NET: ``IConnection``); also a context manager.

    It stays usable when the server drops it: the next use opens another in its place, signed in,
    with the same folder selected.
    """

    def __init__(self, client: CredentialsByHostClient, session: Session) -> None:
        self._client = client
        self._session = session

    @property
    def connection_id(self) -> int:
        """A number that tells connections apart (.NET: ``IConnection.ConnectionId``)."""
        return self._session.number

    @property
    def is_disposed(self) -> bool:
        """Whether the connection was disposed (.NET: ``IConnection.IsDisposed``)."""
        return self._session.disposed

    @one_form
    def dispose(self) -> None:
        """Gives the connection back; the thread's next operations use the main connection.

        Raises:
            AsposeInvalidOperationException: it is the connection of another thread, and stays usable.
        """
        self._client._dispose_connection(self._session)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._session!r}>"


class OperationContext:
    """What an operation's body knows of its surroundings.

    Attributes:
        client: whose operation it is. session: the session it belongs to, or None for a task that
        runs on any task connection. selection: the folder a task was begun in.
        connection: where it runs now. numbers: sequence numbers captured when it was called.
        owner: token of the thread that called it. memo: what the protocol keeps of the call.
    """

    __slots__ = ("client", "connection", "memo", "numbers", "owner", "selection", "session")

    def __init__(self, client: Any, session: Session | None) -> None:
        self.client = client
        self.session = session
        self.selection: Any = None
        self.owner: ThreadToken | None = None
        self.numbers: Any = None
        self.memo: Any = None
        self.connection: Connection | None = None

    @property
    def core(self) -> Any:
        """The protocol state of the connection."""
        assert self.connection is not None
        return self.connection.core


class CredentialsByHostClient(ClientSettings, HandleOwner, metaclass=HintedABCMeta):
    """What the IMAP, POP3 and SMTP clients share (.NET: ``EmailClient``, earlier ``CredentialsByHostClient``).

    Use it as a context manager, or call `dispose` at the end.
    """

    _bodies: ClassVar[Mapping[str, Callable[..., Body]]]
    _operations: ClassVar[Mapping[str, Operation]]
    """The protocol's tables, by the names of operations: what each does, and its call shapes."""

    on_connect: EventSlot[EventArgs] = EventSlot()
    """Raised after a connection was made and signed in (.NET: ``OnConnect``)."""

    def __init__(self) -> None:
        super().__init__()
        self._number = next(_client_numbers)
        self._pid = os.getpid()
        self._made_at = place_of_caller()
        self._creator = weakref.ref(thread_token())
        self._lock = threading.Lock()
        self._observer: Observer | None = None
        self._disposed = False
        self._disposing = threading.Event()
        self._disposer: ThreadToken | None = None
        self._gone = threading.Event()
        self._dispose_lock = threading.Lock()
        self._callbacks = CallbackThreads(f"mailclients-{self._number}")
        self._pool = Pool(DEFAULT_MAX_CONNECTIONS, self._lock)
        self._main = self._new_session(SlotKind.MAIN)
        self._tasks = TaskQueue(
            self._pool,
            self._lock,
            cast("Any", weakref.proxy(self)),
            self._main,
            _weak_method(self, "_executor_for_tasks"),
            _weak_method(self, "_spare_executor"),
            _weak_method(self, "_timeout_seconds"),
            _weak_method(self, "_window"),
        )
        self._thread_sessions: weakref.WeakKeyDictionary[ThreadToken, Session] = weakref.WeakKeyDictionary()
        self._sessions: dict[Session, ClientConnection] = {}
        self._finalizers: dict[Session, weakref.finalize[Any, Any]] = {}
        self._keepalive: Timer | None = None
        self._keepalive_lock = threading.Lock()
        self._opening: set[Interruptible] = set()
        self._calls: set[ThreadToken] = set()  # threads inside a plain call
        self._calls_done = threading.Condition()
        _clients.add(self)

    @property
    def pool(self) -> Pool:
        """Limits, counters, and who holds which connection."""
        return self._pool

    @property
    def connection_state(self) -> ConnectionState:
        """Whether the main connection is open (.NET: ``ConnectionState``)."""
        return ConnectionState.OPEN if self._main.connection is not None else ConnectionState.BROKEN

    @property
    def current_connection(self) -> ClientConnection:
        """The connection that operations of this thread use (.NET: ``CurrentConnection``)."""
        return self._public(self._context_session(None))

    # -- what the engine asks ------------------------------------------------------------

    def _executor_for_tasks(self) -> Executor:
        if self._given_executor is not None:
            return self._given_executor
        return self._executor_of_its_own()

    def _spare_executor(self) -> Executor | None:
        """Threads for work that must not wait for one of a given executor's; None when that is not given."""
        return self._executor_of_its_own() if self._given_executor is not None else None

    def _executor_of_its_own(self) -> ThreadPoolExecutor:
        with self._dispose_lock:
            if self._own_executor is None:
                if self._disposed:
                    raise ObjectDisposedException("the client was disposed")
                # No bound of its own: there is at most one driver for each connection.
                self._own_executor = ThreadPoolExecutor(
                    max_workers=10_000, thread_name_prefix=f"mailclients-{self._number}-tasks"
                )
            return self._own_executor

    def _connected(self, deadline: Deadline) -> Transport:
        """A connection to the server, through the proxy if there is one."""
        bind = self._local_end_point if self._bind_handlers else None
        proxy = self._proxy
        if proxy is None:
            return connect(self._host, self.port, deadline, bind=bind, created=self._opening.add)
        conversation = proxy.conversation(self._host, self.port)
        try:
            transport = connect(proxy.address, proxy.port, deadline, bind=bind, created=self._opening.add)
        except NetworkException as error:
            raise NetworkException(f"the proxy cannot be reached: {error}") from error
        try:
            transport.proxied = True
            transport.peer = (self._host, self.port)
            transport.converse(conversation, deadline, f"the connection to the proxy {proxy.address}:{proxy.port}")
        except BaseException as error:
            transport.close()
            if isinstance(error, MailClientError):
                # Without the frames of the conversation: they hold the password, and some tools print local variables.
                raise error.with_traceback(None) from error.__cause__
            raise
        return transport

    @contextlib.contextmanager
    def _connecting(self, deadline: Deadline) -> Generator[Transport, None, None]:
        """Connects; whatever goes wrong inside the block closes the transport."""
        self._check_host()
        self._check_tls_settings()
        try:
            transport = self._connected(deadline)
        except BaseException:
            self._opening -= {other for other in tuple(self._opening) if other.closed}
            raise
        try:
            if self._disposed:
                raise ObjectDisposedException("the client was disposed")
            yield transport
        except BaseException as error:
            transport.close()
            if transport.interrupted and isinstance(error, (MailClientError, OSError)):
                raise ObjectDisposedException("the client was disposed while it was connecting") from error
            raise
        finally:
            self._opening -= {other for other in tuple(self._opening) if other.closed or other is transport}

    @abstractmethod
    def _open_connection(self, slot: Slot, deadline: Deadline) -> Connection:
        """Connects, secures and signs in; the engine calls this."""

    @abstractmethod
    def _new_memory(self) -> Any:
        """The protocol's state of a new session."""

    def _prepare(self, operation: Operation, bound: Bound, context: OperationContext, *, begun: bool) -> None:
        """Takes down, at the moment of the call, what the operation will need of its session."""

    def _is_session_operation(self, operation: str) -> bool:
        """Whether a begun operation belongs on the main connection because it is about the session."""
        return False

    def _local_work(self, operation: str, bound: Bound) -> Callable[[], Any] | None:
        """What does the operation where it needs no server; None: it has a body, which needs one."""
        return None

    def _begin_beside(self, handle: AsyncOperation[Any]) -> bool:
        """Begins an operation that is no task, but puts tasks of its own into the queue; False for any other."""
        return False

    def _before_call(self, operation: str) -> None:
        """Called for every call and begin, once the arguments are known to be good."""

    def _block_begun(self, session: Session, token: ThreadToken) -> None:
        """Called when a thread has entered an exclusive block."""

    def _block_ended(self, session: Session, token: ThreadToken) -> None:
        """Called when a thread has left its exclusive block."""

    def _is_done_already(self, operation: str, context: OperationContext) -> bool:
        """Whether there is nothing to do for an operation, and no reason to connect."""
        return False

    def _call_ended(self, operation: str, context: OperationContext, error: BaseException | None) -> None:
        """Called when a plain call's body has ended, or could not begin."""

    def _begin_failed(self, operation: str, context: OperationContext, error: BaseException) -> None:
        """Called when a begin call was interrupted and what it began has been cancelled."""

    def _queue_task(self, task: Task, context: OperationContext, session: Session | None) -> None:
        self._tasks.put(task, session)

    def _last_words(self, session: Session, deadline: Deadline) -> None:
        """What a session still has to do before its connection is closed for good."""

    def _end_monitors(self) -> None:
        """Ends what watches on connections of its own; waits for no server."""

    def _join_monitors(self, deadline: Deadline) -> None:
        """Waits until the threads of what watched are gone."""

    # -- sessions ------------------------------------------------------------

    def _new_session(self, kind: SlotKind, ticket: int | None = None) -> Session:
        session = Session(kind, cast("Any", weakref.proxy(self)), self._pool, ticket)
        session.memory = self._new_memory()
        return session

    def _public(self, session: Session) -> ClientConnection:
        public = self._sessions.get(session)
        if public is None:
            public = self._sessions.setdefault(session, ClientConnection(self, session))
        return public

    def _context_session(self, connection: Any) -> Session:
        """The session a call belongs to: the explicit connection, else the thread's, else the main one."""
        if connection is not None:
            if not isinstance(connection, ClientConnection):
                raise ArgumentTypeError(
                    f"connection must come from create_connection, not be a {type(connection).__name__}"
                )
            if connection._client is not self:
                raise AsposeArgumentException("connection belongs to another client")
            if connection.is_disposed:
                raise ObjectDisposedException(f"connection {connection.connection_id} was disposed")
            return connection._session
        if self._mode is ConnectionAsgmtType.USE_MAIN:
            return self._main
        token = thread_token()
        session = self._thread_sessions.get(token)
        if session is not None and not session.disposed:
            if session.kind is SlotKind.IMPLICIT and not session.was_open and self._pool.effective_limit == 1:
                return self._main  # there is no second connection to be had, and nothing of it to be lost
            return session
        if (
            self._mode is ConnectionAsgmtType.USE_DEFAULT
            and self._creator() is not token
            and self._pool.effective_limit > 1
        ):
            return self._implicit_session(token)
        return self._main

    def _implicit_session(self, token: ThreadToken) -> Session:
        session = self._new_session(SlotKind.IMPLICIT)
        with self._lock:
            self._thread_sessions[token] = session
        self._watch(token, session, "")
        return session

    @one_form
    def create_connection(
        self, create_as_default_connection: bool = True, *, timeout: int | timedelta | None = None
    ) -> ClientConnection:
        """Makes a connection for the calling thread, or an independent one (.NET: ``CreateConnection``).

        Waits while the client has no connection left and takes the next that is given back.

        Args:
            create_as_default_connection: True makes it the thread's connection: everything the thread
                does uses it until it is disposed, in the same thread. False makes an independent one,
                used where it is passed as the argument `connection`.
            timeout: milliseconds to wait for it, connecting included; the client's `timeout` when None.

        Raises:
            AsposeInvalidOperationException: this thread may have no connection of its own.
            TimeoutException: none became free in time. LimitReachedError: the server allows no more.
        """
        self._check_alive()
        if not isinstance(create_as_default_connection, bool):
            raise ArgumentTypeError("create_as_default_connection must be a bool")
        token = thread_token()
        if create_as_default_connection:
            self._check_thread(token)
        kind = SlotKind.THREAD if create_as_default_connection else SlotKind.INDEPENDENT
        deadline = Deadline(self._timeout if timeout is None else to_seconds(timeout))
        session = self._new_session(kind, self._tasks.ticket())
        try:
            session.ensure(deadline)
            public = self._public(session)
            if create_as_default_connection:
                session.owner_thread = weakref.ref(token)
                with self._lock:
                    self._thread_sessions[token] = session
                self._watch(token, session, session.created)
        except BaseException:
            # Interrupted at whatever moment, nothing of it stays.
            self._release_session(session, polite=False)
            raise
        return public

    def _check_thread(self, token: ThreadToken) -> None:
        hint = "; pass create_as_default_connection=False for an independent connection"
        if self._mode is ConnectionAsgmtType.USE_MAIN:
            raise AsposeInvalidOperationException(
                f"create_connection: with connection_asgmt_mode USE_MAIN every thread uses the main connection{hint}"
            )
        if self._creator() is token:
            raise AsposeInvalidOperationException(
                "create_connection: the thread that created the client works with the main connection;"
                f" call it in another thread{hint}"
            )
        session = self._thread_sessions.get(token)
        if session is not None and not session.disposed:
            if session.kind is SlotKind.IMPLICIT:
                self._release_session(session)
                return
            where = f" (made at {session.created})" if session.created else ""
            raise AsposeInvalidOperationException(
                f"create_connection: thread {token.name} already has connection {session.number}{where};"
                f" dispose it first{hint}"
            )

    def _watch(self, token: ThreadToken, session: Session, created: str) -> None:
        """Takes the connection back when the thread dies without having disposed it."""
        finalizer = weakref.finalize(token, _orphaned, weakref.ref(self), weakref.ref(session), created, token.name)
        finalizer.atexit = False
        self._finalizers[session] = finalizer

    def _take_back(self, session: Session, created: str, thread: str) -> None:
        """On the timer thread or a callback thread: a connection that its thread forgot."""
        if session.disposed:
            return
        self._release_session(session, polite=False)
        if session.kind is SlotKind.THREAD:
            warnings.warn(
                f"thread {thread} ended without disposing the connection it made at {created};"
                " use `with client.create_connection():`",
                ResourceWarning,
                stacklevel=2,
            )

    def _dispose_connection(self, session: Session) -> None:
        if session.disposed or self._pid != os.getpid():
            return  # a forked child has no part in it
        if session is self._main:
            raise AsposeInvalidOperationException("the main connection lives as long as the client; dispose the client")
        owner = session.owner_thread
        if isinstance(owner, weakref.ref) and owner() is not thread_token():
            raise AsposeInvalidOperationException(
                f"connection {session.number} belongs to another thread ({owner()!r}); dispose it there"
            )
        self._release_session(session)

    def _release_session(self, session: Session, *, polite: bool = True) -> None:
        finalizer = self._finalizers.pop(session, None)
        if finalizer is not None:
            finalizer.detach()
        deadline = Deadline(self._timeout)
        try:
            if polite:
                # Tasks that were begun on it run to their end.
                self._leave_blocks(session)
                self._tasks.drained(session, deadline)
                self._last_words(session, deadline)
        finally:
            self._forget_session(session, polite=polite)

    def _forget_session(self, session: Session, *, polite: bool) -> None:
        with self._lock:
            for token, own in tuple(self._thread_sessions.items()):
                if own is session:
                    del self._thread_sessions[token]
        session.dispose(polite=polite)
        for task in self._tasks.forget_lane(session):
            task.handle.cancel("its connection was disposed")
            task.abandon()
        self._sessions.pop(session, None)

    @contextlib.contextmanager
    @one_form
    def exclusive(self, connection: ClientConnection | None = None) -> Generator[None, None, None]:
        """A block in which no other thread's command comes in between on this thread's connection.

        What is begun and waited for inside the block runs there too. If the connection is lost inside
        the block, its operations raise `ConnectionLostError`; none is repeated on another.
        """
        self._check_alive()
        session = self._context_session(connection)
        token = thread_token()
        outer = session.depth_of(token)
        try:
            session.hold(token, Deadline(self._timeout))
            self._block_begun(session, token)
            yield
        finally:
            try:
                self._leave_block(session, token, outer)
            except BaseException:  # interrupted on the way out
                self._leave_block(session, token, outer)
                raise

    def _leave_block(self, session: Session, token: ThreadToken, outer: int) -> None:
        """Leaves an exclusive block for those around it, of which there are `outer`; or what was entered of it."""
        while session.depth_of(token) > outer:
            session.release_hold(token)
        if not session.held_by(token):
            self._block_ended(session, token)
        if session.kind is SlotKind.IMPLICIT:
            self._pool.rested()

    # -- calls ------------------------------------------------------------

    def _check_process(self) -> None:
        if self._pid != os.getpid():
            raise AsposeInvalidOperationException(
                "this client was made before the process was forked; make a new client in the child"
            )

    def _check_alive(self) -> None:
        self._check_process()
        if self._disposed:
            raise ObjectDisposedException(f"{type(self).__name__} was disposed")

    def _check_host(self) -> None:
        if not self._host:
            raise AsposeInvalidOperationException("host is not set; assign client.host before the first operation")

    def _call(self, operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A plain call: the body runs on this thread, its commands through the session's queue."""
        bound = operation.bind(args, kwargs)
        self._check_alive()
        local = self._local_work(operation.name, bound)
        if local is not None:
            return operation.finish_call(local(), bound)
        self._check_host()
        session = self._context_session(bound.connection)
        self._before_call(operation.name)
        deadline = Deadline(self._timeout)
        context = OperationContext(self, session)
        owner = thread_token()
        outermost = owner not in self._calls
        try:
            self._calls.add(owner)
            self._prepare(operation, bound, context, begun=False)
            result = None
            if not self._is_done_already(operation.name, context):
                result = self._run(self._bodies[operation.name], bound.arguments, context, deadline, owner)
            self._call_ended(operation.name, context, None)
        except BaseException as error:
            self._call_ended(operation.name, context, error)
            raise
        finally:
            self._call_left(session, owner, outermost)
        self._arm_keepalive()
        return operation.finish_call(result, bound)

    def _call_left(self, session: Session, owner: ThreadToken, outermost: bool) -> None:
        if outermost:
            self._calls.discard(owner)
        if self._disposed:
            with self._calls_done:
                self._calls_done.notify_all()
        elif session.kind is SlotKind.IMPLICIT:
            self._pool.rested()

    def _ask_server(self, body: Callable[..., Body]) -> Any:
        """Runs a body that stands for no operation, for a property: as a plain call of this thread."""
        self._check_alive()
        self._check_host()
        session = self._context_session(None)
        context = OperationContext(self, session)
        owner = context.owner = thread_token()
        outermost = owner not in self._calls
        try:
            self._calls.add(owner)
            result = self._run(body, {}, context, Deadline(self._timeout), owner)
        finally:
            self._call_left(session, owner, outermost)
        self._arm_keepalive()
        return result

    def _run(
        self,
        body: Callable[..., Body],
        arguments: dict[str, Any],
        context: OperationContext,
        deadline: Deadline,
        owner: object,
    ) -> Any:
        session = context.session
        assert session is not None
        connection: Connection | None = session.ensure(deadline, owner)
        context.connection = connection
        running = body(context, **arguments)
        value: Any = None
        error: BaseException | None = None
        try:
            while True:
                step = running.send(value) if error is None else running.throw(error)
                if isinstance(step, Aside):
                    connection = None
                    step.run(deadline)
                    value, error = step.result, step.error
                else:
                    commands = [step] if isinstance(step, Command) else list(step)
                    try:
                        self._execute(session, context, commands, deadline, owner, connection)
                    except MailClientError as failure:  # no connection: the body says what that means
                        value, error = None, failure
                        continue
                    finally:
                        connection = None
                    if isinstance(step, Command):
                        value, error = step.result, step.error
                    else:
                        value, error = commands, None
        except StopIteration as stop:
            return stop.value
        finally:
            running.close()

    def _execute(
        self,
        session: Session,
        context: OperationContext,
        commands: list[Command],
        deadline: Deadline,
        owner: object,
        connection: Connection | None,
    ) -> None:
        """Sends commands on the session's connection, again on a fresh one if it breaks and that is safe.

        Args:
            connection: that of the session, where it has only just been looked after.
        """
        pending: Sequence[Command] = commands
        for pause in commands:
            if isinstance(pause, Pause):
                connection = None
                self._disposing.wait(pause.seconds)  # asked for by the caller, so no part of the server's time
                pending = [command for command in pending if command is not pause]
        attempts = 0
        while pending:
            if connection is None:
                connection = context.connection = session.ensure(deadline, owner)
            connection.window = self._window()  # pipelining may have been switched on or off
            connection.execute(pending, deadline, owner)
            connection.last_used = now()
            connection = None
            pending = [command for command in pending if command.broken is not None and command.may_repeat]
            if not pending:
                return
            attempts += any(command.was_oldest for command in pending)
            if attempts >= ATTEMPTS or deadline.expired() or session.held_by(owner):
                return
            for command in pending:
                command.reset()

    def _begin(self, operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A begin call: checks, queues, returns the handle."""
        bound, callback, state = operation.bind_begin(args, kwargs)
        self._check_alive()
        local = self._local_work(operation.name, bound)
        if local is not None:
            begun: AsyncOperation[Any] = AsyncOperation(self, operation.name, callback, state)
            self._run_aside(LocalWork(begun, local).run, None)
            return begun
        self._check_host()
        session = self._context_session(bound.connection)
        self._before_call(operation.name)
        token = thread_token()
        bound_to: Session | None = session
        if (
            session is self._main
            and bound.connection is None
            and not session.held_by(token)
            and not self._is_session_operation(operation.name)
        ):
            bound_to = None
        context = OperationContext(self, bound_to)
        handle: AsyncOperation[Any] = AsyncOperation(self, operation.name, callback, state)
        try:
            self._prepare(operation, bound, context, begun=True)
            if self._is_done_already(operation.name, context):
                handle.complete(None)
                return handle
            if self._begin_beside(handle):
                return handle
            task = Task(
                handle,
                self._tasks.ticket(),
                partial(_start_body, self._bodies[operation.name], bound.arguments),
                context,
                Deadline(self._timeout, started=False),
                token,
            )
            self._queue_task(task, context, bound_to)
        except BaseException as error:
            # Perhaps a Ctrl-C: nobody will ever have this handle, and nothing may wait for what it was to do.
            handle.callback = None
            queued = handle.task  # None as well when it has just completed
            if queued is None:
                handle.cancel("it was interrupted while it was begun")
            else:
                self._cancel_handle(handle)
            if handle.is_completed:
                self._begin_failed(operation.name, context, error)
            raise
        return handle

    def _end(self, operation: Operation, async_result: IAsyncResult, out: Out[Any] | None = None) -> Any:
        """An end call: waits and gives the result, or raises the error."""
        self._check_process()
        handle = self._own_handle(async_result, operation.end_name)
        if handle.operation != operation.name:
            raise AsposeArgumentException(
                f"{operation.end_name} takes a handle of begin_{operation.name}, not of begin_{handle.operation}"
            )
        return operation.finish_end(handle.result(), out)

    def _own_handle(self, async_result: object, method: str) -> AsyncOperation[Any]:
        if async_result is None:
            raise AsposeArgumentNullException(f"{method}: async_result is None")
        if not isinstance(async_result, AsyncOperation):
            raise ArgumentTypeError(
                f"{method}: async_result must be a handle of this client, not {type(async_result).__name__}"
            )
        if async_result.owner is not self:
            raise AsposeArgumentException(
                f"{method}: the handle of begin_{async_result.operation} belongs to another client"
                f" ({async_result.owner!r}), not to this one ({self!r})"
            )
        return async_result  # pyright: ignore[reportUnknownVariableType]  # whatever its result type is

    @one_form
    def cancel_async_operation(self, async_result: IAsyncResult) -> None:
        """Cancels a begun operation if it still can be (.NET: ``CancelAsyncOperation``).

        A queued operation never runs; one that only reads ends at once; what has been sent and changes something
        completes, and its operation ends when it has no more to send, or as cancelled when it has: then
        `partly_done` of the error says what was done. `is_canceled` of the handle tells; the end method of a
        cancelled operation raises `OperationCanceledException`.
        """
        self._check_process()
        self._cancel_handle(self._own_handle(async_result, "cancel_async_operation"))

    # -- what handles ask ------------------------------------------------------------

    def _cancel_handle(self, handle: AsyncOperation[Any]) -> bool:
        work = handle.task
        if work is None:
            return handle.is_canceled
        return self._tasks.cancel(work) if isinstance(work, Task) else bool(work.cancel())

    def _handle_completed(self, handle: AsyncOperation[Any]) -> None:
        callback = handle.callback
        if callback is not None:
            self._callbacks.put(partial(self._run_once, callback), handle)
        self._arm_keepalive()

    def _run_once(self, callback: Callable[[Any], object], handle: AsyncOperation[Any]) -> None:
        """Taken here, where it is run: a thread that is interrupted while it queues a callback queues it again."""
        if handle.take_callback() is not None:
            self._run_callback(callback, handle)

    def _run_callback(self, callback: Callable[[Any], object], handle: AsyncOperation[Any]) -> None:
        try:
            self._as_guest(callback, handle)
        finally:
            if self._observer is not None:
                self._observer("callback_done", handle)

    def _as_guest(self, function: Callable[[Any], object], argument: Any) -> None:
        """On a callback thread: a connection that the function makes and forgets is taken back."""
        try:
            function(argument)
        finally:
            token = thread_token()
            session = self._thread_sessions.get(token)
            if session is not None:
                self._take_back(session, session.created, token.name)

    def _waiting_for(self, handle: AsyncOperation[Any]) -> None:
        """Sees to it that what the thread waits for gets done, whatever the thread holds meanwhile."""
        self._check_process()
        token, task = _local.token, handle.task if isinstance(handle.task, Task) else None
        self._tasks.hurry(task, holding=self._given_executor is not None and self._holds_something(token))
        if token is None:
            return
        # A thread inside an exclusive block lends it to what it waits for.
        if task is not None and (task.owner is not token or task.session is None):
            session = task.session if task.session is not None else self._main
            if session.held_by(token):
                self._lend(task, token)

    def _holds_something(self, token: ThreadToken | None) -> bool:
        """Whether what the threads of an executor are at may wait for this thread."""
        others = self._all_sessions() - {self._main}
        return bool(others) or (token is not None and self._main.held_by(token))

    def _lend(self, task: Task, token: ThreadToken) -> None:
        self._tasks.lend(task, token)

    def _end_of(self, handle: AsyncOperation[Any]) -> Any:
        return self._end(self._operations[handle.operation], handle)

    def _run_aside(self, function: Callable[[Any], object], argument: Any) -> None:
        self._callbacks.put(partial(self._as_guest, function), argument)

    # -- keeping the main connection alive ------------------------------------------------------------

    def _checkup_period_changed(self) -> None:
        with self._keepalive_lock:
            armed, self._keepalive = self._keepalive, None
        if armed is not None:
            armed.cancel()
            self._arm_keepalive()

    def _arm_keepalive(self) -> None:
        if self._keepalive is None and self._main.connection is not None and not self._disposed:
            with self._keepalive_lock:
                if self._keepalive is None:  # one at a time: each goes on for ever
                    self._keepalive = call_later(self._checkup_period, weakly(self._check_main))

    def _check_main(self) -> None:
        """On the timer thread: if the main connection rested for the whole period, a NOOP is begun."""
        with self._keepalive_lock:
            fired = self._keepalive
            if fired is None or fired.pending:
                return  # there is another one by now
            connection = self._main.connection
            if self._disposed or connection is None:
                self._keepalive = None
                return
        rested = now() - connection.last_used
        if rested + 0.001 >= self._checkup_period and connection.idle:
            self._begin_noop_quietly()
            rested = 0.0
        elif not connection.idle:
            rested = 0.0  # something is going on: look again a period later
        left = max(0.001, self._checkup_period - rested)
        with self._keepalive_lock:
            if self._keepalive is fired:
                self._keepalive = call_later(left, weakly(self._check_main))

    def _begin_noop_quietly(self, session: Session | None = None) -> None:
        """Begins a NOOP on a session's connection, the main one unless told otherwise; nobody ends it."""
        session = session if session is not None else self._main
        handle: AsyncOperation[Any] = AsyncOperation(self, "noop", None, None)
        deadline = Deadline(self._timeout, started=False)
        context = OperationContext(self, session)
        self._tasks.put(Task(handle, self._tasks.ticket(), self._bodies["noop"], context, deadline, None), session)

    # -- the end ------------------------------------------------------------

    @one_form
    def dispose(self, timeout: int | timedelta | None = None) -> None:
        """Ends the client: no thread and no socket of it is left afterwards (.NET: ``Dispose``).

        Queued operations end as cancelled; running ones get the timeout to finish. May be called from
        any thread, a callback included, and any number of times.

        Args:
            timeout: milliseconds for what is running; the client's `timeout` when None.
        """
        deadline = Deadline(self._timeout if timeout is None else to_seconds(timeout))
        if self._pid != os.getpid():
            self._disposed = True
            return
        with self._dispose_lock:
            first, self._disposed = not self._disposed, True
            if first:
                self._disposer = thread_token()
        if not first:
            self._wait_until_gone(deadline)
            return
        self._disposing.set()
        try:
            self._dispose_within(deadline)
            self._journal.close()
        except BaseException:  # a Ctrl-C in here: nothing of this client may hold up the end of the program
            _close_all(self._pool, self._tasks, self._own_executor, self._opening)
            self._journal.close()
            raise
        finally:
            self._gone.set()

    def _wait_until_gone(self, deadline: Deadline) -> None:
        """Another thread is disposing the client, and may have to wait for what this one is in the middle of."""
        awaited = self._tasks.driving() or self._callbacks.contains_current_thread()
        if not awaited and self._disposer is not thread_token() and thread_token() not in self._calls:
            self._gone.wait(deadline.remaining())

    def _dispose_within(self, deadline: Deadline) -> None:
        if self._keepalive is not None:
            self._keepalive.cancel()
        slots = self._pool.dispose()
        self._end_monitors()
        for session in self._all_sessions():
            self._leave_blocks(session)
        for task in self._tasks.stop():
            task.handle.cancel("the client was disposed")
            task.abandon()
        self._interrupt_opening()  # nothing that is still to come needs another connection
        if not self._tasks.wait_until_idle(deadline):
            for task in self._tasks.started():
                # What may have taken effect is not cancelled: it learns, as its connection is closed, what it can say.
                self._tasks.cancel(task, "the client was disposed before it ended")
        self._tasks.drop(self._tasks.stop())  # what was running and has no connection left to go on with
        self._wait_for_calls(deadline)
        for session in (*self._sessions, self._main):
            if not deadline.expired():
                try:
                    self._last_words(session, deadline)
                except MailClientError as error:
                    log.warning("what was left to do at the end was not done: %s", error)
        parting = Deadline(1.0)
        if not deadline.expired():
            for connection in [session.connection for session in self._all_sessions()] + [
                slot.connection for slot in {*slots, *self._pool.slots} if slot.kind is SlotKind.TASK
            ]:
                if isinstance(connection, Connection):
                    connection.take_leave()  # from all of them before waiting for any
        for session in self._all_sessions():
            session.dispose(parting, polite=not deadline.expired())
        for slot in {*slots, *self._pool.slots}:
            connection = slot.connection
            if connection is not None:
                if slot.kind is SlotKind.TASK and connection.idle and not parting.expired():
                    self._pool.retire(slot, parting)
                else:
                    connection.close()
        self._interrupt_opening()
        for finalizer in tuple(self._finalizers.values()):
            finalizer.detach()
        self._finalizers.clear()
        ended = self._tasks.wait_until_idle(Deadline(1.0))
        for task in () if ended else self._tasks.started():
            task.handle.fail(OutcomeUnknownError(f"{task.handle.operation}: the client was disposed before it ended"))
        ended = ended or self._tasks.wait_until_idle(Deadline(4.0))
        own = self._own_executor
        if own is not None:
            own.shutdown(wait=ended and not self._tasks.driving())
        if not ended:
            log.warning("%r: work that does not end is abandoned: %r", self, self._tasks.started())
        self._pool.wait_for_closers(Deadline(5.0))
        self._wait_for_calls(Deadline(5.0))
        self._join_monitors(Deadline(5.0))
        self._callbacks.close(deadline if deadline.remaining() != 0 else Deadline(1.0))
        for slot in self._pool.slots:
            if slot.connection is not None:
                slot.connection.close()
            self._pool.release(slot)

    def _all_sessions(self) -> set[Session]:
        with self._lock:
            return {*self._sessions, *self._thread_sessions.values(), self._main}

    @staticmethod
    def _leave_blocks(session: Session) -> None:
        """The calling thread is going to wait for others, who may wait for the end of its exclusive block."""
        token = thread_token()
        while session.held_by(token):
            session.release_hold(token)

    def _interrupt_opening(self) -> None:
        for opening in tuple(self._opening):
            opening.interrupt()

    def _wait_for_calls(self, deadline: Deadline) -> None:
        """Waits until no other thread is inside a plain call."""
        me = thread_token()
        with self._calls_done:
            while self._calls - {me}:
                left = deadline.remaining()
                if left == 0 or not self._calls_done.wait(left):
                    return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Whoever presses Ctrl-C is not made to wait for a server.
        self.dispose(INTERRUPTED_TIMEOUT if isinstance(error, KeyboardInterrupt) else None)

    def __del__(self) -> None:
        if getattr(self, "_disposed", True) or self._pid != os.getpid() or not self._pool.size:
            return
        warnings.warn(f"{self!r} was never disposed", ResourceWarning, stacklevel=2)
        # The garbage collector may come in the middle of anything, so another thread does the work.
        call_later(0.0, partial(_close_all, self._pool, self._tasks, self._own_executor, self._opening))

    def _abandon(self) -> None:
        """Closes everything at once: the interpreter ends."""
        if self._pool.size or self._tasks.queued:
            warnings.warn(f"{self!r} was never disposed", ResourceWarning, stacklevel=2)
        self._disposed = True
        self._disposing.set()
        _close_all(self._pool, self._tasks, self._own_executor, self._opening)
        self._gone.set()

    def _abandon_in_child(self) -> None:
        """After a fork: the child has none of the parent's connections, nor the threads that hold its locks."""
        self._lock = self._pool.forget_after_fork()
        self._journal = Journal()
        self._gate = SignInGate()
        for slot in self._pool.slots:
            connection = slot.connection
            if isinstance(connection, Connection):
                connection.abandon_in_child()
        for opening in tuple(self._opening):
            if isinstance(opening, Transport):
                opening.abandon()

    def __repr__(self) -> str:
        user = f"{self._username}@" if self._username else ""
        state = "disposed" if self._disposed else f"main {'' if self._main.connection else 'not '}open"
        stats = self._pool.get_stats()
        insecure = ""
        if self._ssl_context is not None and self._ssl_context.verify_mode is not ssl.CERT_REQUIRED:
            insecure = " certificates NOT verified"
        made = f" made at {self._made_at}" if self._made_at and not self._disposed else ""
        return (
            f"<{type(self).__name__} {self._number} {user}{self._host}:{self.port}"
            f" {self._security.name or self._security}{insecure} {state}"
            f" connections={stats['size']}/{stats['effective_limit']} waiting={stats['waiting']}"
            f" tasks queued={self._tasks.queued} running={self._tasks.running}{made}>"
        )


EmailClient = CredentialsByHostClient
"""The base class by its newer name (.NET 26.6: ``EmailClient``)."""


def _close_all(pool: Pool, tasks: TaskQueue, executor: Executor | None, opening: set[Interruptible]) -> None:
    for interruptible in tuple(opening):
        interruptible.interrupt()
    for slot in pool.dispose():
        if slot.connection is not None:
            slot.connection.close()
    for task in tasks.stop():
        task.handle.cancel("the client was abandoned")
        task.abandon()
    if executor is not None:
        executor.shutdown(wait=False)


def _start_body(body: Callable[..., Body], arguments: dict[str, Any], context: OperationContext) -> Body:
    return body(context, **arguments)


def _weak_method(client: CredentialsByHostClient, name: str) -> Callable[[], Any]:
    """A bound method that does not keep the client alive."""
    reference = weakref.ref(client)

    def call() -> Any:
        target = reference()
        if target is None:
            raise ObjectDisposedException("the client is gone")
        return getattr(target, name)()

    return call


def _orphaned(
    client: weakref.ref[CredentialsByHostClient], session: weakref.ref[Session], created: str, thread: str
) -> None:
    """A thread died with its connection: may run anywhere, so it only leaves a note for the timer thread."""

    def take_back() -> None:
        owner, orphan = client(), session()
        if owner is not None and orphan is not None:
            owner._take_back(orphan, created, thread)

    call_later(0.0, take_back)


def _at_exit() -> None:
    """Before the interpreter joins the threads of executors: nothing may hold it up."""
    for client in list(_clients):
        if not client._disposed and client._pid == os.getpid():
            client._abandon()


def _after_fork() -> None:
    for client in list(_clients):
        client._abandon_in_child()


# Executors' threads are joined before `atexit` runs, so a driver that waits for a silent server has to be
# ended earlier: by the same hook that concurrent.futures itself uses, called in reverse order.
_register = getattr(threading, "_register_atexit", None)
if _register is not None:
    _register(_at_exit)
else:
    import atexit

    atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
