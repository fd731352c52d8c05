"""A message as a file that a pickup service takes: the service reads the envelope from the fields at its beginning.

The fields are those of the pickup folders of IIS and Exchange, `X-Sender` once and `X-Receiver` for each recipient.
A function of its arguments alone: no state, no lock, any thread. It blocks on the disk.
"""

from __future__ import annotations

import contextlib
import os
import re
from typing import Final

from mailclients.disk import PLAIN, TEMPORARY, sync_folder
from mailclients.mime.serializing import without_fields
from mailclients.smtp.queue import new_name
from mailclients.wire.smtp import Envelope

__all__ = ["drop"]

# Of the message's own none stays: the service would take them for its envelope.
_ENVELOPE: Final = re.compile(rb"X-(?:Sender|Receiver)[ \t]*:", re.IGNORECASE)


def drop(folder: str, envelope: Envelope, content: bytes, at: float) -> str:
    """Puts a message into a pickup folder, whole or not at all. When this returns it outlives a loss of power.

    Args:
        content: with CRLF line ends. at: the time, in seconds since the epoch.

    Returns:
        The path of its file.

    Raises:
        OSError: it cannot be written.
    """
    path = os.path.join(folder, new_name(at) + ".eml")
    # As hidden as can be: a service looks for names that end otherwise.
    temporary = os.path.join(folder, TEMPORARY + os.urandom(12).hex() + ".tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | PLAIN, 0o666)  # the service is another user
    try:
        with open(handle, "wb") as file:
            file.write(_envelope_fields(envelope))
            file.write(without_fields(content, _ENVELOPE))
            file.flush()
            os.fsync(handle)
        os.rename(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    sync_folder(folder)
    return path


def _envelope_fields(envelope: Envelope) -> bytes:
    sender = "<>" if envelope.sender is None else envelope.sender.text
    lines = [f"X-Sender: {sender}", *(f"X-Receiver: {recipient.text}" for recipient in envelope.recipients)]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8")
