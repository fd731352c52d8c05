"""The child process: a reactor, its listening ports, and the pipe to the parent.

The main thread runs the reactor and owns everything; one daemon thread reads standard input and hands
each request over to the reactor. Standard input carries one line of JSON with the configuration, then one
line for each request; standard output answers each with a line. End of input means that the parent is
gone or done: the process ends. Nothing else is written to standard output.
"""

# The reactor is a module attribute that Twisted fills in at run time; it has no static type.
# mypy: disable-error-code="no-untyped-call"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from twisted.internet import interfaces
from twisted.logger import (
    FilteringLogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    globalLogBeginner,
    textFileLogObserver,
)

from mailclients.testing.contents import Message, ServerConfig
from mailclients.testing.imap_protocol import ImapFactory
from mailclients.testing.signin import build_portal
from mailclients.testing.store import MailStore, StoreError

if TYPE_CHECKING:
    from mailclients.testing.pop3_protocol import Pop3Factory

__all__ = ["Service", "run_child", "run_foreground"]


Factory: TypeAlias = "ImapFactory | Pop3Factory"


@dataclass(frozen=True)
class Listener:
    """A port to open: its name (``imap``, ``imaps``), its factory, and whether it is TLS at once."""

    name: str
    factory: Factory
    implicit_tls: bool


def _imap_listeners(
    config: ServerConfig, store: MailStore, tls: interfaces.IOpenSSLContextFactory | None
) -> Iterator[Listener]:
    portal = build_portal(store)
    withheld = frozenset(name.upper() for name in config.without)
    factory = ImapFactory(portal, tls_context=tls, require_tls=config.require_tls, withheld=withheld)
    yield Listener("imap", factory, implicit_tls=False)
    if tls is not None:
        secure = ImapFactory(portal, tls_context=None, require_tls=False, withheld=withheld)
        yield Listener("imaps", secure, implicit_tls=True)


def _pop3_listeners(
    config: ServerConfig, store: MailStore, tls: interfaces.IOpenSSLContextFactory | None
) -> Iterator[Listener]:
    # Twisted's POP3 brings the reactor with it, which is for the server's process alone.
    from mailclients.testing.pop3_protocol import Pop3Factory

    portal = build_portal(store)
    withheld = frozenset(name.upper() for name in config.without)
    factory = Pop3Factory(portal, tls_context=tls, require_tls=config.require_tls, withheld=withheld)
    yield Listener("pop3", factory, implicit_tls=False)
    if tls is not None:
        secure = Pop3Factory(portal, tls_context=None, require_tls=False, withheld=withheld)
        yield Listener("pop3s", secure, implicit_tls=True)


# One entry for each protocol that ServerConfig.protocols may name.
SERVICES: Final[
    Mapping[
        str,
        Callable[[ServerConfig, MailStore, interfaces.IOpenSSLContextFactory | None], Iterator[Listener]],
    ]
] = {"imap": _imap_listeners, "pop3": _pop3_listeners}


class Service:
    """A mail store and the ports that serve it.

    Args:
        config: what to serve.

    Attributes:
        ports: port numbers by name, such as ``{"imap": 40123}``.
        authority: the PEM text of the certificate authority, or None without TLS.
    """

    def __init__(self, config: ServerConfig) -> None:
        from twisted.internet import reactor

        untyped: Any = reactor
        self.reactor = untyped
        self.config = config
        self.store = MailStore(config)
        self.ports: dict[str, int] = {}
        self.authority: str | None = None
        self._factories: list[Factory] = []
        tls = self._tls_context() if config.tls else None
        for protocol in config.protocols:
            for listener in SERVICES[protocol](config, self.store, tls):
                # a fixed port number is that of the first port; two cannot share it
                number = 0 if self.ports else config.port
                if listener.implicit_tls:
                    port = self.reactor.listenSSL(number, listener.factory, tls, interface=config.host)
                else:
                    port = self.reactor.listenTCP(number, listener.factory, interface=config.host)
                self.ports[listener.name] = port.getHost().port
                self._factories.append(listener.factory)

    def _tls_context(self) -> interfaces.IOpenSSLContextFactory:
        from twisted.internet import ssl

        from mailclients.testing.certificates import make_certificates

        made = make_certificates(self.config.host)
        self.authority = made.authority.decode("ascii")
        # that options() implements the interface is known to zope at run time and to no type checker
        context: Any = ssl.PrivateCertificate.loadPEM(made.certificate + made.private_key).options()
        return cast(interfaces.IOpenSSLContextFactory, context)

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out one request of the parent."""
        try:
            return {"ok": getattr(self, "_on_" + str(request["do"]))(request)}
        except StoreError as refused:
            return {"error": str(refused)}

    def _on_deliver(self, request: Mapping[str, Any]) -> int:
        folder = self.store.account(request["user"]).get(request["folder"])
        return folder.add([Message.from_json(request["message"])])[0].uid

    def _on_messages(self, request: Mapping[str, Any]) -> list[dict[str, Any]]:
        folder = self.store.account(request["user"]).get(request["folder"])
        return [message.as_message().to_json() for message in folder.messages]

    def _on_folders(self, request: Mapping[str, Any]) -> list[str]:
        return list(self.store.account(request["user"]).names())

    def _on_connections(self, request: Mapping[str, Any]) -> int:
        if request["user"] is None:
            return sum(len(factory.connections) for factory in self._factories)
        return self.store.account(request["user"]).connections

    def _on_drop(self, request: Mapping[str, Any]) -> int:
        connections = [each for factory in self._factories for each in factory.connections]
        for connection in connections:
            connection.transport.abortConnection()
        return len(connections)


def _log_errors() -> None:
    """Twisted's errors go to standard error; what it merely does goes nowhere."""
    # which interfaces these implement is known to zope at run time and to no type checker
    errors_only: Any = LogLevelFilterPredicate(defaultLogLevel=LogLevel.error)
    everything: Any = textFileLogObserver(sys.stderr)
    observer: Any = FilteringLogObserver(everything, [errors_only])
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False)


def run_child() -> int:
    """Serve what the parent asks for until the parent is gone; the process's exit status."""
    # Ctrl-C reaches the whole process group; when to end is for the parent to say
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = os.dup(1)
    os.dup2(2, 1)  # a stray print must not look like an answer
    lines = _lines(0)
    _log_errors()
    try:
        service = Service(ServerConfig.from_json(json.loads(next(lines))))
    except Exception as error:  # noqa: BLE001 - whatever it was, the parent is the one to report it
        _reply(out, {"error": f"{type(error).__name__}: {error}", "missing": getattr(error, "name", None)})
        return 1
    _reply(out, {"ports": service.ports, "authority": service.authority})

    def obey(request: Mapping[str, Any]) -> None:
        try:
            _reply(out, service.answer(request))
        except OSError:  # the parent closed its end
            service.reactor.stop()

    def listen_to_parent() -> None:
        for line in lines:
            service.reactor.callFromThread(obey, json.loads(line))
        service.reactor.callFromThread(service.reactor.stop)

    # started by the reactor: a stop that comes before it runs would be lost
    watcher = threading.Thread(target=listen_to_parent, name="parent-watch", daemon=True)
    service.reactor.callWhenRunning(watcher.start)
    service.reactor.run(installSignalHandlers=False)
    return 0


def run_foreground(config: ServerConfig, announce: Callable[[Service], None]) -> int:
    """Serve until interrupted; `announce` is called once the ports are open."""
    _log_errors()
    service = Service(config)
    announce(service)
    service.reactor.run()
    return 0


def _lines(descriptor: int) -> Iterator[bytes]:
    """Lines of a pipe, read past Python's buffered files: their locks outlive a daemon thread badly."""
    waiting = b""
    while True:
        line, newline, rest = waiting.partition(b"\n")
        if newline:
            waiting = rest
            yield line
            continue
        chunks = [waiting]
        while b"\n" not in chunks[-1]:
            chunk = os.read(descriptor, 1 << 16)
            if not chunk:
                return
            chunks.append(chunk)
        waiting = b"".join(chunks)


def _reply(descriptor: int, answer: Mapping[str, Any]) -> None:
    data = memoryview(json.dumps(answer).encode("ascii") + b"\n")
    while data:
        data = data[os.write(descriptor, data) :]
