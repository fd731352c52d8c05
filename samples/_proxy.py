"""A small HTTP proxy on this machine, for the sample that goes through one: it knows CONNECT and nothing else."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer


class _Tunnel(StreamRequestHandler):
    """One connection. The client sends nothing behind its request before it has the answer."""

    def handle(self) -> None:
        target = self.rfile.readline().decode("ascii").split()[1]
        while self.rfile.readline().strip():
            pass  # header fields: who signs in would stand there
        host, _, port = target.rpartition(":")
        with socket.create_connection((host, int(port))) as server:
            self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            print(f"The proxy connects with {host}.")
            other = {self.connection: server, server: self.connection}
            while True:
                for source in select.select(list(other), [], [])[0]:
                    try:
                        data = source.recv(1 << 16)
                    except ConnectionError:
                        return  # hung up without a word
                    if not data:
                        return
                    other[source].sendall(data)


@contextmanager
def http_proxy() -> Generator[tuple[str, int], None, None]:
    """Address and port of a proxy that lives as long as the block."""
    host = "127.0.0.1"
    with ThreadingTCPServer((host, 0), _Tunnel) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield host, proxy.server_address[1]
        finally:
            proxy.shutdown()
            thread.join()
