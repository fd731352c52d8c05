"""POP3: the public client, its models, and the operations behind it.

Owns the table of the names of this protocol and nothing else; it has no lock, and any thread may enter it. As in
`mailclients` itself a name is loaded from its module when it is first asked for (PEP 562).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailclients.errors import DeletionsLostError, NumbersChangedError, Pop3Exception
    from mailclients.pop3.client import Pop3Client
    from mailclients.pop3.models import (
        Pop3KnownAuthenticationType,
        Pop3ListFields,
        Pop3MailboxInfo,
        Pop3MessageInfo,
        Pop3MessageInfoCollection,
    )

__all__ = [
    "DeletionsLostError",
    "NumbersChangedError",
    "Pop3Client",
    "Pop3Exception",
    "Pop3KnownAuthenticationType",
    "Pop3ListFields",
    "Pop3MailboxInfo",
    "Pop3MessageInfo",
    "Pop3MessageInfoCollection",
]

if not TYPE_CHECKING:  # a type checker shall go on to report names that do not exist

    def __getattr__(name):
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        home = "mailclients.errors" if name.endswith(("Error", "Exception")) else "mailclients.pop3.models"
        value = getattr(import_module("mailclients.pop3.client" if name == "Pop3Client" else home), name)
        globals()[name] = value
        return value

    def __dir__():
        return sorted({*globals(), *__all__})
