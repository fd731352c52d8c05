"""A program that sends from a disk queue until its input ends, for tests that kill it: folder, port, connections.

It says "begun" on its output, and at its end how many messages its events told of. Nothing here is shared; the
process belongs to the test that started it (`QueueChild`).
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType

from mailclients import OperationCanceledException, SecurityOptions, SmtpClient
from mailclients.smtp.queue_sender import Pace

__all__ = ["QueueChild"]

ROOT = Path(__file__).resolve().parent.parent.parent


class QueueChild:
    """The program, running; killed at the end of the block unless it has ended."""

    def __init__(self, folder: Path, port: int, connections: int = 10) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.queue_child", str(folder), str(port), str(connections)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def __enter__(self) -> QueueChild:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def wait_until_begun(self) -> None:
        """Waits until it looks at the folder."""
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "begun\n"

    def kill(self) -> None:
        """Ends it at once, whatever it is at (SIGKILL), and waits until it is gone."""
        process = self._process
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()

    def end(self) -> int:
        """Has it cancel its sending; how many messages it told of as sent."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        told = self._process.stdout.read().split()
        assert self._process.wait() == 0
        return int(told[-1])


def main(folder: str, port: str, connections: str) -> None:
    """Sends until the input ends."""
    sent = 0
    counting = threading.Lock()

    def count(*_: object) -> None:
        nonlocal sent
        with counting:
            sent += 1

    with SmtpClient("127.0.0.1", int(port), "user", "secret", SecurityOptions.NONE) as client:
        client.max_connections_per_server = int(connections)
        client.smtp_queue_location = folder
        client._queue_pace = Pace(scan=0.05, first=0.05, trouble=0.01)
        client.succeeded_sending += count
        handle = client.begin_send_queue()
        print("begun", flush=True)
        sys.stdin.read()
        client.cancel_async_operation(handle)
        with contextlib.suppress(OperationCanceledException):
            client.end_begin_send_queue(handle)
    print(sent)


if __name__ == "__main__":
    main(*sys.argv[1:])
