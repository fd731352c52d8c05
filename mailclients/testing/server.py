"""The parent's side of the embedded server: starts the child process, talks to it, ends it.

`MailServer` may be used from any thread; `_lock` guards the process and the pipe to it, on which one
request at a time is asked and answered. No thread is left behind: a timer that ends a child which does
not answer lives only while somebody waits for that answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Collection, Generator, Iterable, Mapping
from importlib.util import find_spec
from types import TracebackType
from typing import Any, Final, TypeAlias, cast

from typing_extensions import Self

from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeInvalidOperationException,
    AsposeNotSupportedException,
    Blame,
    MailClientError,
)
from mailclients.testing.contents import PROTOCOLS, Folder, Message, MessageLike, ServerConfig

__all__ = ["MailServer", "MissingExtraError", "ServerProcessError"]

START_TIMEOUT: Final = 60.0  # seconds; starting takes well under one, a loaded machine takes longer
ANSWER_TIMEOUT: Final = 30.0  # seconds

FolderContents: TypeAlias = Folder | Iterable[MessageLike]


class MissingExtraError(AsposeNotSupportedException, ImportError):
    """The embedded server needs packages that are not installed."""

    blame = Blame.CALLER


class ServerProcessError(MailClientError, RuntimeError):
    """The child process of an embedded server did not start, or ended before it was told to."""


class MailServer:
    """A mail server in a child process, on an ephemeral port of the loopback interface.

    It starts with `start` or on entering a ``with`` block, each time anew with the contents given here,
    and ends with `stop`, with the block, or with this process.

    Args:
        users: passwords by user name.
        folders: for each user, folders by name; ``/`` stands between the levels of a name. A folder is a
            collection of messages (bytes, `Message`, or ``email`` messages) or a `Folder`. Every user has
            an INBOX. A list in place of the names is the contents of INBOX.
        protocols: what to speak; ``("imap", "pop3")``. POP3 serves INBOX.
        tls: also serve TLS, with a certificate made for the occasion: IMAP on `imaps_port`, POP3 on `pop3s_port`,
            and STARTTLS on `imap_port` and `pop3_port`. Clients verify it with `ca_file`.
        require_tls: refuse to sign in on `imap_port` and `pop3_port` before STARTTLS.
        max_connections_per_user: a sign-in beyond so many is refused with ``NO [LIMIT]``, in POP3 with
            ``-ERR [SYS/TEMP]``; None for no limit. All protocols count together.
        without: capabilities that the server shall not have, such as ``["IDLE", "UIDPLUS"]``.
        host: the address to listen on.
        port: the first port's number; 0 lets the system choose.

    Raises:
        AsposeArgumentException: something given cannot be served.
    """

    def __init__(
        self,
        users: Mapping[str, str],
        folders: Mapping[str, Mapping[str, FolderContents] | Iterable[MessageLike]] | None = None,
        *,
        protocols: Collection[str] = PROTOCOLS,
        tls: bool = False,
        require_tls: bool = False,
        max_connections_per_user: int | None = None,
        without: Collection[str] = (),
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        if isinstance(protocols, str) or isinstance(without, str):
            raise ArgumentTypeError("MailServer: protocols and without take collections of names, not a string")
        if not users:
            raise AsposeArgumentException("MailServer: at least one user is needed")
        self._config = ServerConfig(
            users=dict(users),
            folders={user: _folders(given) for user, given in (folders or {}).items()},
            host=host,
            port=port,
            protocols=tuple(protocols),
            tls=tls,
            require_tls=require_tls,
            max_connections_per_user=max_connections_per_user,
            without=tuple(without),
        )
        self._lock = threading.RLock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ports: dict[str, int] = {}
        self._ca_file: str | None = None

    # -- life

    def start(self) -> Self:
        """Start the server and return it; the ports are open then.

        Raises:
            MissingExtraError: Twisted, or for TLS a package it needs, is not installed.
            ServerProcessError: the child process did not start.
            AsposeInvalidOperationException: the server runs already.
        """
        with self._lock:
            if self._process is not None:
                raise AsposeInvalidOperationException("MailServer: the server runs already")
            _require(("twisted", "zope.interface"), "testing")
            if self._config.tls:
                _require(("OpenSSL", "cryptography", "service_identity"), "testing")
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mailclients.testing", "--child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=_environment(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
            try:
                ready = self._ask(self._config.to_json(), START_TIMEOUT)
                if "error" in ready:
                    if ready.get("missing"):
                        raise _missing(ready["missing"], "testing")
                    raise ServerProcessError(f"MailServer: the server could not start: {ready['error']}")
                self._ports = ready["ports"]
                if ready["authority"] is not None:
                    self._ca_file = _write_temporary(ready["authority"])
            except BaseException:
                self.stop()
                raise
            return self

    def stop(self) -> None:
        """End the server and wait until it is gone. Stopping a server that does not run is no error."""
        with self._lock:
            process, self._process = self._process, None
            self._ports = {}
            if process is not None:
                with _ended_after(process, ANSWER_TIMEOUT):
                    # ending its input asks the child to go; closing may fail if it has gone by itself
                    with contextlib.suppress(OSError):
                        _pipe(process.stdin).close()
                    process.wait()
                _pipe(process.stdout).close()
            if self._ca_file is not None:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self._ca_file)
                self._ca_file = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        ports = " ".join(f"{name}={number}" for name, number in self._ports.items())
        state = f"{self._config.host} {ports}" if ports else "not running"
        return f"<MailServer {state} users={sorted(self._config.users)}>"

    # -- where it is

    @property
    def host(self) -> str:
        """The address the server listens on."""
        return self._config.host

    @property
    def ports(self) -> Mapping[str, int]:
        """Port numbers by name: ``imap``, ``pop3``, and with TLS ``imaps``, ``pop3s``. Empty unless the server runs."""
        return dict(self._ports)

    @property
    def imap_port(self) -> int:
        """The port for IMAP, with STARTTLS when the server has TLS."""
        return self._port("imap")

    @property
    def imaps_port(self) -> int:
        """The port for IMAP over TLS."""
        return self._port("imaps")

    @property
    def pop3_port(self) -> int:
        """The port for POP3, with STLS when the server has TLS."""
        return self._port("pop3")

    @property
    def pop3s_port(self) -> int:
        """The port for POP3 over TLS."""
        return self._port("pop3s")

    @property
    def ca_file(self) -> str:
        """Path of the PEM file by which clients verify the server's certificate."""
        if self._ca_file is None:
            raise AsposeInvalidOperationException(
                "MailServer: there is a ca_file only while a server with tls=True runs"
            )
        return self._ca_file

    @property
    def pid(self) -> int | None:
        """The process id of the child, or None unless the server runs."""
        process = self._process
        return None if process is None else process.pid

    def _port(self, name: str) -> int:
        try:
            return self._ports[name]
        except KeyError:
            if self._ports:
                reason = f"the server has no {name} port; it has {', '.join(self._ports)}"
            else:
                reason = "the server does not run; call start() or use it in a with block"
            raise AsposeInvalidOperationException(f"MailServer: {reason}") from None

    # -- what is in it

    def deliver(self, user: str, message: MessageLike, folder: str = "INBOX") -> int:
        """Put a message into a folder, as if it had just arrived; its UID.

        Sessions that have the folder selected are told, as the protocol allows.
        """
        request = {"do": "deliver", "user": user, "folder": folder, "message": Message.of(message).to_json()}
        return int(self._request(request))

    def messages(self, user: str, folder: str = "INBOX") -> list[Message]:
        """What a folder holds now, in UID order."""
        found = self._request({"do": "messages", "user": user, "folder": folder})
        return [Message.from_json(each) for each in found]

    def folders(self, user: str) -> list[str]:
        """The names of a user's folders, INBOX first."""
        return list(self._request({"do": "folders", "user": user}))

    def connection_count(self, user: str | None = None) -> int:
        """How many connections are open; with a user, how many are signed in as that user."""
        return int(self._request({"do": "connections", "user": user}))

    def drop_connections(self) -> int:
        """Cut off every client without a word; how many there were. The server goes on."""
        return int(self._request({"do": "drop"}))

    # -- the pipe

    def _request(self, request: Mapping[str, Any]) -> Any:
        with self._lock:
            if self._process is None:
                raise AsposeInvalidOperationException("MailServer: the server does not run")
            answer = self._ask(request, ANSWER_TIMEOUT)
        if "error" in answer:
            raise AsposeArgumentException(f"MailServer: {answer['error']}")
        return answer["ok"]

    def _ask(self, request: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        process = self._process
        assert process is not None
        line = b""
        with _ended_after(process, timeout) as ran_out:
            # a child that has gone is found by the empty answer
            with contextlib.suppress(OSError):
                stdin = _pipe(process.stdin)
                stdin.write(json.dumps(request).encode("ascii") + b"\n")
                stdin.flush()
            line = _pipe(process.stdout).readline()
        if not line.endswith(b"\n"):
            if ran_out.is_set():
                raise ServerProcessError(f"MailServer: the server did not answer within {timeout:g} seconds")
            raise ServerProcessError(
                f"MailServer: the server process ended by itself (exit status {process.wait()});"
                " what it said is on standard error"
            )
        answer: dict[str, Any] = json.loads(line)
        return answer


def _folders(given: Mapping[str, FolderContents] | Iterable[MessageLike]) -> dict[str, Folder]:
    if isinstance(given, Mapping):
        # a mapping is an iterable too, but not one of messages
        named = cast("Mapping[str, FolderContents]", given)
    else:
        named = {"INBOX": given}
    return {name: folder if isinstance(folder, Folder) else Folder(folder) for name, folder in named.items()}


@contextlib.contextmanager
def _ended_after(process: subprocess.Popen[bytes], timeout: float) -> Generator[threading.Event, None, None]:
    """Kill the child when the block takes longer than `timeout` seconds; the event says so.

    A pipe cannot be read with a timeout on every system, but its end can be made to come.
    """
    ran_out = threading.Event()

    def end() -> None:
        ran_out.set()
        process.kill()

    timer = threading.Timer(timeout, end)
    timer.daemon = True
    timer.start()
    try:
        yield ran_out
    finally:
        timer.cancel()
        timer.join()


def _environment() -> dict[str, str]:
    """The child's environment: it imports what this process would import, from the same places."""
    environment = dict(os.environ)
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    paths = [*(os.path.abspath(path) for path in sys.path if path), root]
    environment["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    environment["PYTHONSAFEPATH"] = "1"
    # warnings made errors for this process are not about the server's own dependencies
    environment.pop("PYTHONWARNINGS", None)
    return environment


def _pipe(pipe: Any) -> Any:
    assert pipe is not None  # Popen was asked for it
    return pipe


def _require(packages: tuple[str, ...], extra: str) -> None:
    for package in packages:
        try:
            present = find_spec(package) is not None
        except ModuleNotFoundError:  # the parent package of a dotted name
            present = False
        if not present:
            raise _missing(package, extra)


def _missing(package: str, extra: str) -> MissingExtraError:
    return MissingExtraError(
        f"MailServer: the embedded mail server needs {package}, which is not installed;"
        f' install the extra {extra!r} (in a clone: pip install ".[{extra}]")'
    )


def _write_temporary(text: str) -> str:
    descriptor, path = tempfile.mkstemp(prefix="mailclients-ca-", suffix=".pem")
    with os.fdopen(descriptor, "w", encoding="ascii", newline="\n") as file:
        file.write(text)
    return path
