"""A proxy on loopback that makes a connection as slow as a distant one.

`python delay_proxy.py TARGET_PORT RTT_MS`. Every piece of data is held back for half the round trip in each
direction, without limiting the rate, and a new connection costs one round trip before anything is passed on.
Prints its port, then serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

HOST = "127.0.0.1"


class Side(asyncio.Protocol):
    """One of the two sockets of a proxied connection."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.other: Side | None = None
        self.transport: asyncio.Transport | None = None
        self.early: list[bytes] = []  # data for the other side, which is not connected yet

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(1 << 26)

    def data_received(self, data: bytes) -> None:
        asyncio.get_running_loop().call_later(self.delay, self.forward, data)

    def forward(self, data: bytes) -> None:
        if self.other is None or self.other.transport is None:
            self.early.append(data)
        elif not self.other.transport.is_closing():
            self.other.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        asyncio.get_running_loop().call_later(self.delay, self.close_other)

    def close_other(self) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()


class Front(Side):
    """The side of the client: connects to the target after the round trip that a distant handshake takes."""

    def __init__(self, delay: float, target: int) -> None:
        super().__init__(delay)
        self.target = target
        self.dialling: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.dialling = asyncio.get_running_loop().create_task(self.dial())

    async def dial(self) -> None:
        await asyncio.sleep(2 * self.delay)
        back = Side(self.delay)
        back.other = self
        try:
            await asyncio.get_running_loop().create_connection(lambda: back, HOST, self.target)
        except OSError:
            if self.transport is not None:
                self.transport.abort()
            return
        self.other = back
        for data in self.early:
            self.forward(data)
        self.early.clear()
        if self.transport is None or self.transport.is_closing():
            self.close_other()


async def serve(target: int, round_trip: float) -> None:
    """Serve until standard input ends; `round_trip` is in milliseconds."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Front(round_trip / 2000, target), HOST, 0, backlog=200)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
