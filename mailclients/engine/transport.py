"""A byte stream to a server: connecting, TLS, compression, reads and writes that never block, and waiting.

Owns one socket, its TLS and compression layers and a wake-up pair. It has no lock: the connection above calls
`read`, `write` and `close` under its own lock, one thread at a time (a TLS object must not be
entered by two), and `wait` outside of it. `wake` may be called from any thread at any moment.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import ssl
from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import Any, Final

from mailclients.engine.compression import Compression
from mailclients.engine.deadlines import Deadline, Interruptible, call_within
from mailclients.errors import (
    NetworkException,
    ObjectDisposedException,
    SecurityError,
    TimeoutException,
    escape,
)

__all__ = ["Transport", "connect", "default_tls_context"]

_AGAIN: Final = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_LONGEST_POLL: Final = 2**31 - 1  # milliseconds; more does not fit into what the system takes
_UNSENT_AT_MOST: Final = 128 * 1024  # bytes the system takes ahead of what it sends
_ADDRESS_SECONDS: Final = 5.0  # for one address of a host, while it has others

Bytes = bytes | bytearray | memoryview


def default_tls_context() -> ssl.SSLContext:
    """A context that verifies certificates and host names and refuses TLS below 1.2."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class Transport:
    """One connected socket. `encrypted` tells whether TLS is up, `compressed` whether DEFLATE is, `proxied` whether
    the other end of the socket is not the server but a proxy."""

    __slots__ = (
        "_closed",
        "_compression",
        "_poll",
        "_registered",
        "_socket",
        "_tls",
        "_wake_receive",
        "_wake_send",
        "_woken",
        "interrupted",
        "peer",
        "proxied",
        "want_read_to_write",
        "want_write_to_read",
    )

    def __init__(self, sock: socket.socket, peer: tuple[str, int]) -> None:
        sock.setblocking(False)
        if sock.family != getattr(socket, "AF_UNIX", None):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if hasattr(socket, "TCP_NOTSENT_LOWAT"):
                # Else megabytes of an upload could wait in the system, and its progress would not be seen.
                with contextlib.suppress(OSError):
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_AT_MOST)
        self._socket: socket.socket = sock
        self._tls: ssl.SSLSocket | None = None
        self._compression: Compression | None = None
        self._wake_receive, self._wake_send = socket.socketpair()
        self._wake_receive.setblocking(False)
        self._wake_send.setblocking(False)
        self._woken = False
        self._closed = False
        self._poll: select.poll | None = select.poll() if hasattr(select, "poll") else None
        self._registered = 0
        self.interrupted = False
        self.peer = peer
        self.proxied = False
        self.want_write_to_read = False
        self.want_read_to_write = False
        if self._poll is not None:
            self._poll.register(self._wake_receive.fileno(), select.POLLIN)

    @property
    def encrypted(self) -> bool:
        return self._tls is not None

    @property
    def compressed(self) -> bool:
        return self._compression is not None

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def unsent(self) -> bool:
        """Whether bytes that `write` has taken still wait for the system; `flush` hands them on."""
        return self._compression is not None and bool(self._compression.unsent)

    def fileno(self) -> int:
        return self._socket.fileno()

    # -- waiting: outside the owner's lock --------------------------------------------------

    def wait(self, *, write: bool, timeout: float | None) -> bool:
        """Waits until there is something to do, `wake` was called, or `timeout` seconds are over.

        Returns False when only the time is over. One thread at a time may wait.
        """
        write = self.want_write_to_read or ((write or self.unsent) and not self.want_read_to_write)
        wake = self._wake_receive.fileno()
        if self._poll is not None:
            events = select.POLLIN | select.POLLOUT if write else select.POLLIN
            if events != self._registered:
                self._poll.register(self._socket.fileno(), events)
                self._registered = events
            # Rounded up: a wait that ends a moment early would only be repeated.
            limit = None if timeout is None else min(int(timeout * 1000) + 1, _LONGEST_POLL)
            ready: list[Any] = self._poll.poll(limit)
            woken = len(ready) > 1 or (bool(ready) and ready[0][0] == wake)
        else:
            sock = self._socket.fileno()
            found = select.select([sock, wake], [sock] if write else [], [], timeout)
            ready = found[0] + found[1]
            woken = wake in ready
        if woken:
            # First the byte, then the flag: the other way round a later `wake` could be swallowed.
            try:
                with contextlib.suppress(BlockingIOError):
                    self._wake_receive.recv(64)
            finally:
                self._woken = False  # an interruption between the two would make `wake` deaf for ever
        return bool(ready)

    def wake(self) -> None:
        """Ends a `wait` that is under way, or the next one."""
        if not self._woken:
            self._woken = True
            # A full pair holds enough wake-ups already; a closed one needs none.
            with contextlib.suppress(BlockingIOError, OSError):
                self._wake_send.send(b"\0")

    # -- bytes: under the owner's lock -------------------------------------------------------

    def read_into(self, buffer: memoryview) -> int | None:
        """Reads what is there: the number of bytes, 0 at the end of the stream, None when empty.

        Raises:
            RemoteProtocolError: the compressed stream is broken.
            SecurityError: the other side refuses the certificate of this one.
        """
        layer = self._compression
        if layer is None:
            return self._receive_into(buffer)
        while True:
            if layer.holds_back and (count := layer.read_into(buffer)):
                return count
            if layer.ended:
                return 0
            received = self._receive_into(layer.room)
            if not received:
                return received
            layer.feed(received)

    def _receive_into(self, buffer: memoryview) -> int | None:
        self.want_write_to_read = False
        try:
            return self._socket.recv_into(buffer)
        except ssl.SSLWantWriteError:
            self.want_write_to_read = True
            return None
        except _AGAIN:
            return None
        except ssl.SSLEOFError:
            return 0
        except ssl.SSLError as error:
            if _refuses_client(error):
                # With TLS 1.3 a server says so behind the handshake, which has succeeded for this side.
                raise SecurityError(
                    f"{self.peer[0]} refuses the client's certificate, or the lack of one: {error.reason or error}."
                    " Pass an ssl_context that has loaded a certificate which the server accepts."
                ) from error
            raise

    def write(self, data: Bytes) -> int:
        """Sends as much as goes without blocking and returns how many bytes that were.

        After a short write under TLS the same bytes have to be offered first in the next call. With compression
        bytes count once they are taken: see `unsent`.
        """
        layer = self._compression
        if layer is None:
            return self._send(data)
        if not self.flush():
            return 0
        taken = layer.write(data)
        self.flush()
        return taken

    def flush(self) -> bool:
        """Sends what `write` has taken and not sent, as far as that goes without blocking; True if nothing is left."""
        layer = self._compression
        while layer is not None and layer.unsent:
            sent = self._send(layer.unsent)
            if sent == 0:
                return False
            layer.unsent = layer.unsent[sent:]
        return True

    def _send(self, data: Bytes) -> int:
        self.want_read_to_write = False
        try:
            return self._socket.send(data)
        except ssl.SSLWantReadError:
            self.want_read_to_write = True
            return 0
        except _AGAIN:
            return 0

    def readable(self) -> bool:
        """Whether a read would give something now (bytes, or the end of the stream)."""
        if self._compression is not None and self._compression.holds_back:
            return True
        if self._tls is not None and self._tls.pending():
            return True
        if self._poll is None:
            return bool(select.select([self._socket], [], [], 0)[0])
        poll = select.poll()
        poll.register(self._socket.fileno(), select.POLLIN)
        return bool(poll.poll(0))

    # -- TLS --------------------------------------------------------------------------------

    def start_tls(self, context: ssl.SSLContext, host: str, deadline: Deadline) -> None:
        """Performs the handshake. Only while no other thread knows this transport.

        Raises:
            SecurityError: the certificate is not good, or the other side does not speak TLS.
            TimeoutException: the handshake did not end in time.
            NetworkException: the connection broke.
        """
        try:
            tls = context.wrap_socket(
                self._socket,
                server_hostname=host if context.check_hostname or ssl.HAS_SNI else None,
                do_handshake_on_connect=False,
                suppress_ragged_eofs=False,
            )
        except (ssl.SSLError, ValueError) as error:
            raise SecurityError(f"TLS to {host} could not be started: {error}") from error
        except OSError as error:
            raise NetworkException(f"the connection to {host} broke before the TLS handshake: {error}") from error
        self._socket = self._tls = tls
        while True:
            try:
                tls.do_handshake()
                return
            except ssl.SSLWantReadError:  # noqa: PERF203 - a handshake takes a handful of turns
                self.wait_or_fail(deadline, f"the TLS handshake with {host}", write=False)
            except ssl.SSLWantWriteError:
                self.wait_or_fail(deadline, f"the TLS handshake with {host}", write=True)
            except ssl.SSLCertVerificationError as error:
                raise SecurityError(
                    f"the certificate of {host} is not accepted: {error.verify_message}."
                    " Pass an ssl_context (or ca_file) that trusts the server's authority."
                ) from error
            except ssl.SSLEOFError as error:
                raise SecurityError(
                    f"the TLS handshake with {host} failed: the server closed the connection in the middle of it"
                ) from error
            except ssl.SSLError as error:
                hint = " (is this a port that begins in the clear?)" if _is_no_tls(error) else ""
                raise SecurityError(f"the TLS handshake with {host} failed: {error.reason or error}{hint}") from error
            except OSError as error:
                raise NetworkException(f"the connection to {host} broke in the TLS handshake: {error}") from error

    def start_compression(self) -> None:
        """From now on both sides send DEFLATE (RFC 4978). Only while no other thread knows this transport."""
        self._compression = Compression()

    def wait_or_fail(self, deadline: Deadline, what: str, *, write: bool) -> None:
        """Waits while the connection is being made: an interruption or the deadline is an error."""
        if not self.interrupted:
            self.wait(write=write, timeout=deadline.remaining())
        if self.interrupted:
            raise ObjectDisposedException(f"{what} was given up: the client is being disposed")
        if deadline.expired():
            raise TimeoutException(f"{what} did not end within {deadline.milliseconds()} ms")

    def converse(self, conversation: Generator[tuple[bytes, int], bytes, None], deadline: Deadline, what: str) -> None:
        """Says what a conversation yields and gives it as many bytes of the answer as it asks for, not one more.
        Only while no other thread knows this transport.

        Raises:
            NetworkException: the connection broke, or what the conversation raises.
            TimeoutException: it did not end in time.
        """
        answer: bytes | None = None
        while True:
            try:
                data, count = next(conversation) if answer is None else conversation.send(answer)
            except StopIteration:
                return
            try:
                while data:
                    data = data[self._send(data) :]
                    if data:
                        self.wait_or_fail(deadline, what, write=True)
                answer = self._exactly(count, deadline, what)
            except (TimeoutException, NetworkException):
                raise
            except OSError as error:
                raise NetworkException(f"{what} broke: {error}") from error

    def _exactly(self, count: int, deadline: Deadline, what: str) -> bytes:
        found = bytearray(count)
        rest = memoryview(found)
        while rest:
            received = self._receive_into(rest)
            if received is None:
                self.wait_or_fail(deadline, what, write=False)
            elif received:
                rest = rest[received:]
            elif self.interrupted:
                raise ObjectDisposedException(f"{what} was given up: the client is being disposed")
            else:
                raise NetworkException(f"{what} broke: the other side closed it before it answered")
        return bytes(found)

    def peer_certificate(self) -> bytes | None:
        """The other side's certificate (DER), or None."""
        return self._tls.getpeercert(binary_form=True) if self._tls is not None else None

    def remote_address(self) -> str:
        """The address at the other end, or an empty string."""
        try:
            return str(self._socket.getpeername()[0])
        except OSError:
            return ""

    def local_address(self) -> str:
        """The address at this end, or an empty string."""
        try:
            return str(self._socket.getsockname()[0])
        except OSError:
            return ""

    # -- the end ----------------------------------------------------------------------------

    def interrupt(self) -> None:
        """Makes whoever waits on this transport see the end of the stream; closes nothing yet."""
        self.interrupted = True
        with contextlib.suppress(OSError):
            # The socket's own method: the TLS layer would throw its state away under a reader.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        self.wake()

    def close(self) -> None:
        """Closes the descriptors. Nobody may be inside `wait`."""
        if not self._closed:
            self._closed = True
            self._socket.close()
            self._wake_receive.close()
            self._wake_send.close()

    def abandon(self) -> None:
        """Closes the descriptors in a forked child: not one byte is written, no lock is taken."""
        self.close()


def connect(
    host: str,
    port: int,
    deadline: Deadline,
    *,
    bind: Callable[[tuple[str, int]], tuple[str, int] | None] | None = None,
    created: Callable[[Interruptible], object] | None = None,
) -> Transport:
    """Opens a TCP connection, trying the host's addresses in turn.

    Args:
        host: name or address. port: 1 to 65535.
        deadline: ends name look-up and connecting alike.
        bind: given the remote address, returns the local address to use, or None.
        created: told of each transport before it is connected, so that it can be interrupted.

    Raises:
        NetworkException: no address answered; TimeoutException: not in time.
    """
    addresses = _resolve(host, port, deadline, created)
    problem: OSError | None = None
    for position, (family, kind, protocol, _, address) in enumerate(addresses, 1):
        others = len(addresses) - position
        # An address that does not answer must not use up the time of those that would.
        limit = deadline.within(_ADDRESS_SECONDS) if others else deadline
        try:
            sock = socket.socket(family, kind, protocol)
        except OSError as error:  # a family that this system does not have, or no descriptor left
            problem = error
            continue
        try:
            return _connect_to(sock, address, host, port, limit, bind, created)
        except TimeoutException as error:
            if deadline.expired() or not others:
                raise
            problem = error
        except OSError as error:
            problem = error
    why = (problem.strerror or str(problem)) if problem is not None else "the name has no address"
    raise NetworkException(f"no connection to {host}:{port}: {why}") from problem


def _connect_to(
    sock: socket.socket,
    address: tuple[Any, ...],
    host: str,
    port: int,
    deadline: Deadline,
    bind: Callable[[tuple[str, int]], tuple[str, int] | None] | None,
    created: Callable[[Interruptible], object] | None,
) -> Transport:
    try:
        if bind is not None:
            local = bind((str(address[0]), port))
            if local is not None:
                sock.bind(local)
        transport = Transport(sock, (host, port))
    except BaseException:
        sock.close()
        raise
    try:
        if created is not None:
            created(transport)
        code = sock.connect_ex(address)
        if code in (
            errno.EINPROGRESS,
            errno.EWOULDBLOCK,
            getattr(errno, "WSAEWOULDBLOCK", errno.EWOULDBLOCK),
        ):
            connected = False
            while not connected:
                transport.wait_or_fail(deadline, f"connecting to {host}:{port}", write=True)
                code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                connected = code != 0 or _is_connected(sock)
        if code:
            raise OSError(code, os.strerror(code))
        return transport
    except BaseException:
        transport.close()
        raise


def _is_no_tls(error: ssl.SSLError) -> bool:
    """Whether what came was no TLS at all, as different versions of OpenSSL put it."""
    signs = ("WRONG_VERSION", "RECORD_LAYER_FAILURE", "PACKET_LENGTH", "HTTP_REQUEST", "UNKNOWN_PROTOCOL")
    return any(sign in (error.reason or str(error)) for sign in signs)


def _refuses_client(error: ssl.SSLError) -> bool:
    """Whether it is an alert by which a server says that it does not accept who this is (RFC 8446 section 6.2)."""
    reason = error.reason or str(error)
    return "ALERT" in reason and any(sign in reason for sign in ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED"))


def _is_connected(sock: socket.socket) -> bool:
    try:
        sock.getpeername()
    except OSError:
        return False
    return True


def _resolve(
    host: str, port: int, deadline: Deadline, created: Callable[[Interruptible], object] | None
) -> Sequence[tuple[int, int, int, str, tuple[Any, ...]]]:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (socket.gaierror, UnicodeError):
        pass  # not a numeric address: a name, looked up below
    try:
        look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        return call_within(deadline, "name look-up", look_up, created)
    except (socket.gaierror, UnicodeError) as error:
        raise NetworkException(f"the host name {escape(host)!r} cannot be resolved: {error}") from error
