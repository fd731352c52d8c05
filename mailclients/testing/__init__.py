"""An embedded mail server for samples and for the tests of those who use this library.

`MailServer` runs a Twisted server in a child process of its own, on an ephemeral port of the loopback
interface, with users, folders and messages given as Python data. It needs the extra ``testing``
(in a clone: ``pip install ".[testing]"``); importing this package does not.
"""

from __future__ import annotations

from mailclients.testing.contents import Folder, Message, MessageLike
from mailclients.testing.samples import sample_messages
from mailclients.testing.server import MailServer, MissingExtraError, ServerProcessError

__all__ = [
    "Folder",
    "MailServer",
    "Message",
    "MessageLike",
    "MissingExtraError",
    "ServerProcessError",
    "sample_messages",
]
