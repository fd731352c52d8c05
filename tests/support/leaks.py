"""Whether a test leaves threads, sockets or files behind.

`Snapshot` is taken before a test and compared after it, on the main thread. Threads that are ending are
joined for a bounded time; descriptors are compared by what they refer to, so that a number used again for
something else does not hide a leak.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time

__all__ = ["STAYING_THREADS", "Snapshot"]

# One timer thread a process and the workers of ThreadPool stay by design; asyncio and pytest keep theirs.
STAYING_THREADS = ("mailclients-timer", "mailclients-threadpool", "asyncio_", "pytest_timeout")
_DESCRIPTORS = "/proc/self/fd"
_JOIN_SECONDS = 5.0


class Snapshot:
    """Threads and descriptors as they are at one moment."""

    def __init__(self) -> None:
        self.threads = set(threading.enumerate())
        self.descriptors = descriptors()

    def leaked_threads(self, patience: float = _JOIN_SECONDS) -> list[threading.Thread]:
        """Threads that are new since the snapshot and do not end within `patience` seconds."""
        end = time.monotonic() + patience
        leaked = []
        for thread in threading.enumerate():
            if thread in self.threads or thread.name.startswith(STAYING_THREADS):
                continue
            if thread is threading.current_thread():
                continue
            thread.join(max(0.0, end - time.monotonic()))
            if thread.is_alive():
                leaked.append(thread)
        return leaked

    def leaked_descriptors(self) -> list[str]:
        """Sockets, pipes and files that are open now and were not; Linux only, empty elsewhere."""
        new = set(descriptors().items()) - set(self.descriptors.items())
        if new:
            gc.collect()  # an unreachable cycle is not a leak the system would see for long
            new = set(descriptors().items()) - set(self.descriptors.items())
        return [f"{number} -> {target}" for number, target in sorted(new)]

    def report(self) -> str | None:
        """What was left behind, for a failure message, or None."""
        threads, files = self.leaked_threads(), self.leaked_descriptors()
        lines = [f"thread left behind: {thread.name} (daemon={thread.daemon})" for thread in threads]
        frames = sys._current_frames()
        for thread in threads:
            frame = frames.get(thread.ident or -1)
            if frame is not None:
                lines.append(f"  at {frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_name}")
        lines += [f"descriptor left behind: {item}" for item in files]
        return "\n".join(lines) or None


def descriptors() -> dict[int, str]:
    """Open descriptors and what they refer to, without the one that reads the list."""
    if not os.path.isdir(_DESCRIPTORS):
        return {}
    found = {}
    for name in os.listdir(_DESCRIPTORS):
        try:
            target = os.readlink(f"{_DESCRIPTORS}/{name}")
        except OSError:  # the descriptor of listdir itself
            continue
        if target.startswith("/dev/urandom"):
            continue  # kept by the interpreter, opened at first use
        found[int(name)] = target
    return found
