"""SMTP: the public client, what its methods take and give, and the operations behind it.

Owns the table of the names of this protocol and nothing else; it has no lock, and any thread may enter it. As in
`mailclients` itself a name is loaded from its module when it is first asked for (PEP 562), so that a module of this
package brings in what it needs and no more.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailclients.smtp.client import SmtpClient
    from mailclients.smtp.models import (
        DeliveryUnknownError,
        FailedMailMessageEventArgs,
        IMailTransferAgent,
        MailMessageCollection,
        MailMessageEventArgs,
        SendMessagesResult,
        SmtpDeliveryMethod,
        SmtpException,
        SmtpFailedRecipientException,
        SmtpFailedRecipientsException,
        SmtpKnownAuthenticationType,
        SmtpStatusCode,
    )

__all__ = [
    "DeliveryUnknownError",
    "FailedMailMessageEventArgs",
    "IMailTransferAgent",
    "MailMessageCollection",
    "MailMessageEventArgs",
    "SendMessagesResult",
    "SmtpClient",
    "SmtpDeliveryMethod",
    "SmtpException",
    "SmtpFailedRecipientException",
    "SmtpFailedRecipientsException",
    "SmtpKnownAuthenticationType",
    "SmtpStatusCode",
]

if not TYPE_CHECKING:  # a type checker shall go on to report names that do not exist

    def __getattr__(name):
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        home = {"SmtpClient": "mailclients.smtp.client"}
        value = getattr(import_module(home.get(name, "mailclients.smtp.models")), name)
        globals()[name] = value
        return value

    def __dir__():
        return sorted({*globals(), *__all__})
