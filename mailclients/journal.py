"""Journal: what goes over the wire of one client, written into a file of its own, without secrets.

It owns at most one open file, which its lock guards; any thread may write, and all connections of a client do. What
cannot be written is lost: mail is more important than its log.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from time import time as now
from typing import TextIO

from mailclients.errors import AsposeArgumentException

__all__ = ["Journal", "note"]

_log = logging.getLogger("mailclients.client")


class Journal:
    """Lines with time and thread, appended to a file while it is switched on and has a name.

    Attributes:
        on: whether lines are written now; to be looked at before a line is made.
    """

    __slots__ = ("_closed", "_dated", "_enabled", "_file", "_lock", "_name", "_path", "on")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file: TextIO | None = None
        self._path: str = ""  # of the open file
        self._closed = False
        self._enabled = False
        self._dated = False
        self._name = ""
        self.on = False

    @property
    def enabled(self) -> bool:
        return self._enabled

    @property
    def dated(self) -> bool:
        """Whether each day has a file of its own: ``mail.log`` becomes ``mail-2024-05-01.log``."""
        return self._dated

    @property
    def name(self) -> str:
        """The file's name; what is relative counts from the directory that was the current one."""
        return self._name

    def configure(self, *, enabled: bool | None = None, dated: bool | None = None, name: str | None = None) -> None:
        """Changes what is given, from the next line on.

        Raises:
            AsposeArgumentException: there is no such directory, or the name is that of one.
        """
        if name:
            name = os.path.abspath(name)
            if os.path.isdir(name) or not os.path.isdir(os.path.dirname(name)):
                raise AsposeArgumentException(f"log_file_name: {name!r} is not the name of a file in a directory")
        with self._lock:
            self._enabled = self._enabled if enabled is None else enabled
            self._dated = self._dated if dated is None else dated
            self._name = self._name if name is None else name
            self._end_file()
            self.on = self._enabled and bool(self._name) and not self._closed

    def write(self, line: str) -> None:
        """Appends a line; without effect while the journal is off."""
        at = now()
        moment = time.localtime(at)
        with self._lock:
            if not self.on:
                return
            try:
                path = self._path_at(moment)
                if path != self._path:
                    self._end_file()
                if self._file is None:
                    self._file = open(path, "a", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115 - kept open
                    self._path = path
                stamp = time.strftime("%Y-%m-%d %H:%M:%S", moment)
                self._file.write(f"{stamp}.{int(at % 1 * 1000):03d} [{threading.current_thread().name}] {line}\n")
                self._file.flush()
            except OSError as error:
                self.on = False
                self._end_file()
                _log.warning("the log file %r is not written any more: %s", self._name, error)

    def close(self) -> None:
        """Closes the file for good; lines that come later are lost."""
        with self._lock:
            self._closed = True
            self.on = False
            self._end_file()

    def _path_at(self, moment: time.struct_time) -> str:
        if not self._dated:
            return self._name
        stem, ending = os.path.splitext(self._name)
        return f"{stem}-{time.strftime('%Y-%m-%d', moment)}{ending}"

    def _end_file(self) -> None:
        file, self._file = self._file, None
        self._path = ""
        if file is not None:
            try:
                file.close()
            except OSError as error:
                _log.warning("the log file %r could not be closed: %s", self._name, error)

    def __del__(self) -> None:
        if getattr(self, "_file", None) is not None:
            self._end_file()


def note(log: logging.Logger, journal: Journal | None, text: str, *values: object) -> None:
    """A line for the log at level DEBUG and for the journal, as far as they are switched on."""
    log.debug(text, *values)
    if journal is not None and journal.on:
        journal.write(text % values)
