"""A server's master process on loopback, in a directory of its own: its start on free ports, its end, its log.

Whoever made a server stops it. No lock: one thread starts and stops it. It knows nothing of pytest.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import ClassVar

from typing_extensions import Self

__all__ = ["HOST", "ServerProcess", "ServerUnavailable", "free_port"]

HOST = "127.0.0.1"
_START_SECONDS = 20.0


class ServerUnavailable(Exception):
    """The server is not installed here, or did not start; the message holds its log."""


def free_port() -> int:
    """A loopback port that is free at this moment."""
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        return int(sock.getsockname()[1])


class ServerProcess:
    """A directory under the system's temporary one, and a master process in the foreground."""

    name: ClassVar[str]
    host = HOST

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        # Neither in pytest's directory nor in one that TMPDIR names: they may be closed to the users that
        # the server runs as, and too long for the paths of its sockets.
        place = "/tmp" if os.access("/tmp", os.W_OK | os.X_OK) else None
        self.directory = Path(tempfile.mkdtemp(prefix=f"mailclients-{self.name.lower()}-", dir=place))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.stop()

    def _copy_certificate(self, certificate: Path, key: Path) -> None:
        for source, name in ((certificate, "server.crt"), (key, "server.key")):
            shutil.copy(source, self.directory / name)
        (self.directory / "server.key").chmod(0o600)

    def _start(self, configure: Callable[[], list[str]]) -> None:
        """Starts the master process; on other ports if somebody else has taken one.

        Parameters:
            configure: chooses ports, writes the configuration and gives the command.
        """
        for attempt in range(3):
            command = configure()
            with (self.directory / "console.log").open("wb") as console:
                self._process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True
                )
            if self._answers(self._process):
                return
            log = self.log()
            self._end_process()
            if "Address already in use" not in log or attempt == 2:
                raise ServerUnavailable(f"{self.name} did not start:\n{log}")

    def _answers(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait until it greets; false when the process ends or the time is up."""
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            if process.poll() is not None:
                return False
            try:
                if self._greets():
                    return True
            except OSError:
                with contextlib.suppress(subprocess.TimeoutExpired):  # looks again, or sees the process end
                    process.wait(0.05)
        return False

    def _greets(self) -> bool:
        """Whether it can be talked to; raises OSError, or is false, while it cannot."""
        raise NotImplementedError

    def log(self) -> str:
        """What the server wrote so far."""
        paths = [self.directory / name for name in ("console.log", f"{self.name.lower()}.log")]
        return "".join(path.read_text(errors="replace") for path in paths if path.exists())

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)  # a session of its own: nobody else is in it
                process.wait(10)

    def stop(self) -> None:
        """End the server and remove its directory."""
        self._end_process()
        shutil.rmtree(self.directory, ignore_errors=True)
