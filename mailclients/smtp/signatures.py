"""The documented call shapes of SmtpClient as one table, and what its bodies receive.

Values only: no lock, any thread. The bodies receive keywords, normalised; one in brackets is absent when the caller
left it out:

======================  ===============================================================================
noop, send_queue,
validate_credentials    nothing
send                    message: Outgoing, or messages: tuple[Outgoing, ...] (never both)
send_to_queue           messages: tuple[Outgoing, ...]
forward                 sender: EnvelopeAddress | None, recipients: tuple[EnvelopeAddress, ...],
                        content: Content
======================  ===============================================================================

The constructor's keywords go to `SmtpClientBase._configure`, each absent when left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mailclients.parameters import BOOL_TYPE, CLIENT_PARAMETERS, NOTHING, Parameter
from mailclients.signatures import Operation, Shape, table
from mailclients.smtp.parameters import FORWARDING, PARAMETERS, SEVERAL

__all__ = ["CONSTRUCTOR", "OPERATIONS"]


def _shapes(*texts: str, parameters: Mapping[str, Parameter] = PARAMETERS) -> tuple[Shape, ...]:
    return tuple(Shape.parse(text, parameters) for text in texts)


_REFUSED: Final = ("SmtpException", "the server refuses the message")
_RECIPIENTS: Final = (
    "SmtpFailedRecipientException",
    "the server refuses a recipient; `delivered_to` names those for whom it took the message",
)
_UNKNOWN: Final = (
    "DeliveryUnknownError",
    "the connection ended between the last byte of the message and the answer; it may have been delivered",
)
_NO_FOLDER: Final = ("AsposeInvalidOperationException", "`smtp_queue_location` is not set")
_UNSUITED: Final = ("AsposeNotSupportedException", "the server does not offer what the message cannot be sent without")
_UNSAFE: Final = ("SecurityError", "TLS, or REQUIRETLS where `require_tls` is set, cannot be had")

OPERATIONS: Final = table(
    [
        Operation(
            "send",
            "SmtpClient.Send",
            "Sends a message, or several in order. Of several all are tried; when some were not sent to everybody, the"
            " error's `operation_details` tells what became of each. What is sent is the message as it is at the call,"
            " without Bcc. The message's `delivery_notification_options` go to a server that offers DSN (RFC 3461);"
            " another one gets the message alone.",
            (
                *_shapes("connection? message"),
                *_shapes("connection? messages"),
                *_shapes("connection? messages...", parameters=SEVERAL),
                *_shapes("connection? from_address recipients subject body"),
            ),
            NOTHING,
            raises=(_REFUSED, _RECIPIENTS, _UNKNOWN, _UNSUITED, _UNSAFE),
        ),
        Operation(
            "forward",
            "SmtpClient.Forward",
            "Sends a message as it is to other recipients: the envelope is what is given here, whatever the header"
            " says.",
            _shapes(
                "connection? sender recipient message",
                "connection? sender recipients message",
                "connection? sender recipients message_stream",
                parameters=FORWARDING,
            ),
            NOTHING,
            raises=(_REFUSED, _RECIPIENTS, _UNKNOWN, _UNSUITED, _UNSAFE),
        ),
        Operation(
            "send_to_queue",
            "SmtpClient.SendToQueue",
            "Writes messages, each with its envelope, to the folder `smtp_queue_location`; `begin_send_queue`, of"
            " this client or of another process, sends them. When it returns they outlive a crash.",
            _shapes("messages"),
            NOTHING,
            has_pair=False,
            raises=(_NO_FOLDER, ("OSError", "the folder cannot be written; nothing was put there")),
        ),
        Operation(
            "send_queue",
            "SmtpClient.SendQueue",
            "Sends what is in the folder `smtp_queue_location` and what is put there later, until it is cancelled;"
            " `docs/queue.md` says what becomes of each message.",
            _shapes(""),
            NOTHING,
            synchronous=False,
            end_name="end_begin_send_queue",
            raises=(
                _NO_FOLDER,
                ("OSError", "the folder cannot be used"),
                ("AuthenticationError", "the server refuses the sign-in; the messages stay in the queue"),
                ("SecurityError", "TLS cannot be had; the messages stay in the queue"),
            ),
        ),
        Operation(
            "noop",
            "SmtpClient.Noop",
            "Asks the server for nothing, which shows that the connection works (RFC 5321 section 4.1.1.9).",
            _shapes("connection?"),
            NOTHING,
        ),
        Operation(
            "validate_credentials",
            "SmtpClient.ValidateCredentials",
            "Signs in to see whether the server accepts the credentials: True or False.",
            _shapes("connection?"),
            BOOL_TYPE,
        ),
    ]
)

CONSTRUCTOR: Final = Operation(
    "SmtpClient",
    "SmtpClient",
    "A client that sends messages through one server. Nothing is connected before the first operation.",
    _shapes(
        "",
        "host security_options?",
        "host port security_options?",
        "host username password security_options?",
        "host username token_provider security_options?",
        "host username auth_info use_o_auth security_options?",
        "host port username password security_options?",
        "host port username token_provider security_options?",
        "host port username auth_info use_o_auth security_options?",
        "host port username password user_certificate_validation_callback",
        parameters=CLIENT_PARAMETERS,
    ),
    NOTHING,
    has_pair=False,
    extras=(CLIENT_PARAMETERS["executor"], CLIENT_PARAMETERS["ssl_context"]),
)
