"""A proxy for tests: it plays one conversation with each client and then passes bytes on in both directions.

Each connection has a thread of its own; `close` ends the sockets and joins the threads.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType

from typing_extensions import Self

__all__ = ["PassingProxy", "http", "socks4a", "socks5"]

Reader = Callable[[int], bytes]
Target = tuple[str, int]


class PassingProxy:
    """Listens on a port of 127.0.0.1; `asked` has what clients wanted to be connected with."""

    def __init__(self, conversation: Callable[[socket.socket, Reader], Target | None]) -> None:
        self.asked: list[Target] = []
        self._conversation = conversation
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._start(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        # Waking the acceptor by a connection: closing a listener does not wake accept() everywhere.
        listener, self._listener = self._listener, socket.socket()
        self._listener.close()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port)).close()
        self._threads[0].join()
        listener.close()
        for sock in tuple(self._sockets):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for sock in self._sockets:
            sock.close()

    def _start(self, function: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=function, args=args)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        listener = self._listener
        while True:
            sock, _ = listener.accept()
            self._sockets.append(sock)
            if self._listener is not listener:
                return
            self._start(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        def read(count: int) -> bytes:
            data = b""
            while len(data) < count:
                more = sock.recv(count - len(data))
                if not more:
                    raise ConnectionError("the client left")
                data += more
            return data

        with contextlib.suppress(OSError):  # the client may leave at any moment
            target = self._conversation(sock, read)
            if target is None:
                sock.shutdown(socket.SHUT_WR)
                return
            self.asked.append(target)
            other = socket.create_connection(target)
            self._sockets.append(other)
            self._start(self._pass_on, other, sock)
            self._pass_on(sock, other)

    @staticmethod
    def _pass_on(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


def socks5(user: str = "", password: str = "") -> Callable[[socket.socket, Reader], Target | None]:
    """SOCKS 5; wants this user if one is named."""

    def conversation(sock: socket.socket, read: Reader) -> Target | None:
        assert read(1) == b"\x05"
        wanted = 2 if user else 0
        if wanted not in read(read(1)[0]):
            sock.sendall(b"\x05\xff")
            return None
        sock.sendall(bytes([5, wanted]))
        if user:
            assert read(1) == b"\x01"
            given = read(read(1)[0]).decode(), read(read(1)[0]).decode()
            sock.sendall(b"\x01\x00" if given == (user, password) else b"\x01\x01")
            if given != (user, password):
                return None
        assert read(3) == b"\x05\x01\x00"
        kind = read(1)[0]
        host = read(read(1)[0]).decode() if kind == 3 else socket.inet_ntoa(read(4))
        port = int.from_bytes(read(2), "big")
        sock.sendall(b"\x05\x00\x00\x03\x04here\x00\x07")
        return host, port

    return conversation


def socks4a(sock: socket.socket, read: Reader) -> Target:
    """SOCKS 4 and 4a, for everybody."""

    def text() -> str:
        found = b""
        while (byte := read(1)) != b"\0":
            found += byte
        return found.decode()

    assert read(2) == b"\x04\x01"
    port, address = int.from_bytes(read(2), "big"), read(4)
    text()
    host = text() if address == b"\0\0\0\x01" else socket.inet_ntoa(address)
    sock.sendall(b"\x00\x5a\x00\x00\x00\x00\x00\x00")
    return host, port


def http(authorization: str = "") -> Callable[[socket.socket, Reader], Target | None]:
    """HTTP CONNECT; wants this Proxy-Authorization if one is given."""

    def conversation(sock: socket.socket, read: Reader) -> Target | None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += read(1)
        lines = head.decode().split("\r\n")
        if authorization and f"Proxy-Authorization: {authorization}" not in lines:
            sock.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return None
        method, target, version = lines[0].split()
        assert (method, version) == ("CONNECT", "HTTP/1.1")
        sock.sendall(b"HTTP/1.1 200 Connection established\r\nVia: here\r\n\r\n")
        host, _, port = target.rpartition(":")
        return host, int(port)

    return conversation
