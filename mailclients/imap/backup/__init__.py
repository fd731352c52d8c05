"""Backups on disk: Maildir, mbox and zip, written and read without any client.

`target_for` and `open_source` choose the format; what a store is asked to do is in `stores`, what it keeps of a
message in `items`. Stores do file work and may block on it: the operations use them aside, never on a driver. Level 0:
they know no server.
"""

from __future__ import annotations

import os
from typing import IO, Any, cast

from mailclients.imap.backup.maildirs import MaildirSource, MaildirTarget
from mailclients.imap.backup.mboxes import MboxTarget, open_mbox
from mailclients.imap.backup.stores import Source, Target, unreadable
from mailclients.imap.backup.zips import ZipStreamTarget, ZipTarget, open_zip
from mailclients.imap.models.backup import backup_format

__all__ = ["open_source", "target_for"]


def target_for(file_name: str | None, stream: Any) -> Target:
    """The store that a name or a stream means. Nothing is opened yet.

    Args:
        file_name: as `backup_format` takes it.
        stream: gets a zip archive; only looked at when `file_name` is None.

    Raises:
        AsposeArgumentException: the name means none of these.
    """
    if file_name is None:
        return ZipStreamTarget(stream)
    kind = backup_format(file_name)
    if kind == "maildir":
        return MaildirTarget(file_name)
    return ZipTarget(file_name) if kind == "zip" else MboxTarget(file_name)


def open_source(file_name: str | None, stream: Any) -> Source:
    """The backup at a path or in a stream, whoever wrote it.

    Raises:
        MailException: it is no backup in any of these formats.
        OSError: it cannot be read.
    """
    if file_name is None:
        return open_zip(cast("IO[bytes]", stream), "the stream", owned=False)
    if os.path.isdir(file_name):
        return MaildirSource(file_name)
    file = open(file_name, "rb")  # noqa: SIM115 - the source closes it
    try:
        beginning = file.read(5)
        # What was killed before it came to anything is a backup as well, with nothing in it.
        if beginning.startswith(b"PK") or (b"PK".startswith(beginning) and file_name.lower().endswith(".zip")):
            return open_zip(file, file_name, owned=True)
    except BaseException:
        file.close()
        raise
    file.close()
    if b"From ".startswith(beginning) and (len(beginning) == 5 or file_name.lower().endswith((".mbox", ".mbx"))):
        return open_mbox(file_name)
    raise unreadable(file_name, "it is no zip archive, no file in mbox format and no folder")
