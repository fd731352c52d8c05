"""The parameters of SmtpClient's methods, and what becomes of their values.

A message is taken down at the call, with its envelope: it may be changed, or thrown away, before it is sent. Values
only: no lock, any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any, Final

from mailclients.errors import AsposeArgumentException, MailClientError
from mailclients.message import DeliveryNotificationOptions, MailAddress, MailAddressCollection, MailMessage
from mailclients.mime.dates import format_mail_date
from mailclients.mime.files import read_all
from mailclients.mime.headers import HeaderCollection
from mailclients.mime.serializing import without_bcc
from mailclients.parameters import CONNECTION, TEXT, Kind, Parameter, Refusal, Type, TypeRef, collection, each, instance
from mailclients.wire.smtp import Envelope, EnvelopeAddress, envelope_address, normalized

__all__ = ["PARAMETERS", "SEVERAL", "Content", "Outgoing", "outgoing"]

MAIL_MESSAGE: Final = TypeRef("mailclients.message", "MailMessage")
_STREAM: Final = TypeRef("mailclients.mime.files", "SupportsReadBytes")


# The words of NOTIFY (RFC 3461 section 4.1).
_NOTIFY: Final = {
    DeliveryNotificationOptions.ON_SUCCESS: "SUCCESS",
    DeliveryNotificationOptions.ON_FAILURE: "FAILURE",
    DeliveryNotificationOptions.DELAY: "DELAY",
    DeliveryNotificationOptions.NEVER: "NEVER",
}


@dataclass(frozen=True)
class Content:
    """What is sent of a message.

    Attributes:
        data: its bytes, with CRLF line ends and without Bcc. message_id: with its angle brackets, or empty.
        source: the message as the caller knows it, for events and results.
        notify: what the message says for the envelope about reports of delivery.
    """

    data: bytes
    message_id: str
    source: MailMessage
    notify: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outgoing:
    """A message on its way, as it was at the call."""

    envelope: Envelope
    content: Content


def _address(text: str, what: str) -> EnvelopeAddress:
    try:
        return envelope_address(text, what)
    except AsposeArgumentException as error:
        raise Refusal(f"cannot be sent: {error}") from None


def _recipients(addresses: Iterable[MailAddress]) -> tuple[EnvelopeAddress, ...]:
    found = dict.fromkeys(_address(one.address, "recipient") for one in addresses)
    if not found:
        raise Refusal("has no recipients: nobody would get it")
    return tuple(found)


def _taken_down(message: MailMessage, *, complete: bool) -> Content:
    """The message as it is now.

    Args:
        complete: give it a Date and a Message-ID where it has none (RFC 5322 section 3.6).
    """
    try:
        data = normalized(message.as_bytes(without_bcc=True))
    except MailClientError as error:
        raise Refusal(f"cannot be sent: {error}") from error
    headers = HeaderCollection.parse(data) if complete else message.headers
    message_id = message.message_id
    if complete and not message_id:
        message_id = MailMessage().message_id
        data = b"Message-ID: " + message_id.encode("ascii") + b"\r\n" + data
    if complete and headers.get_raw("Date") is None:
        data = b"Date: " + format_mail_date(datetime.now(timezone.utc)).encode("ascii") + b"\r\n" + data
    options = message.delivery_notification_options
    return Content(data, message_id, message, tuple(word for option, word in _NOTIFY.items() if option in options))


def outgoing(message: MailMessage) -> Outgoing:
    """A message with the envelope that its header names.

    Raises:
        Refusal: it names no sender or no recipient, or one that no envelope carries.
    """
    author = message.sender or message.from_address
    if author is None:
        raise Refusal("has no sender: set from_address")
    recipients = _recipients((*message.to, *message.cc, *message.bcc))
    content = _taken_down(message, complete=True)
    return Outgoing(Envelope(_address(author.address, "sender"), recipients, content.notify), content)


def _several(items: Sequence[Any]) -> tuple[Outgoing, ...]:
    return each(items, outgoing)


# One message made of its parts: the values come in whatever order they were given by name, so each brings its own.


def _part(name: str) -> Callable[[str], tuple[str, str]]:
    def convert(value: str) -> tuple[str, str]:
        return name, value if name == "body" else TEXT.convert(value)

    return convert


def _composed(*parts: tuple[str, str]) -> Outgoing:
    given = dict(parts)
    try:
        message = MailMessage(
            given["from_address"], given["recipients"].replace(";", ","), given["subject"], given["body"]
        )
    except AsposeArgumentException as error:
        raise Refusal(f"do not make a message: {error}") from None
    return outgoing(message)


def _text_part(name: str, doc: str) -> Parameter:
    kind = Kind(TEXT.type, TEXT.noun, TEXT.accepts, _part(name), combine=_composed)
    return Parameter(name, kind, doc, "message")


# Forwarding


def _sender(value: str) -> EnvelopeAddress | None:
    return _address(TEXT.convert(value), "sender") if value else None


def _one_recipient(value: str) -> tuple[EnvelopeAddress, ...]:
    return _recipients(MailAddressCollection(TEXT.convert(value)))


def _as_it_is(message: MailMessage) -> Content:
    return _taken_down(message, complete=False)


def _of_stream(stream: Any) -> Content:
    try:
        data = read_all(stream, "message_stream")
    except OSError as error:
        raise Refusal(f"cannot be read: {error}") from error
    message = MailMessage.from_bytes(data, "stream")
    return Content(normalized(without_bcc(data)), message.message_id, message)


def _is_readable(value: Any) -> bool:
    return callable(getattr(value, "read", None)) and not isinstance(value, type)


def _is_message(value: Any) -> bool:
    return isinstance(value, MailMessage)


def _listed(*items: Outgoing) -> tuple[Outgoing, ...]:
    return items


_MESSAGE: Final = replace(instance(MAIL_MESSAGE), convert=outgoing)
_MESSAGES: Final = collection("MailMessage", _several, _is_message, "a MailMessage", MAIL_MESSAGE)

PARAMETERS: Final[Mapping[str, Parameter]] = {
    parameter.name: parameter
    for parameter in (
        CONNECTION,
        Parameter("message", _MESSAGE, "the message; its header names sender and recipients"),
        Parameter("messages", _MESSAGES, "the messages"),
        _text_part("from_address", "address of the author"),
        _text_part("recipients", "addresses, separated by commas or semicolons"),
        _text_part("subject", "the subject"),
        _text_part("body", "the text"),
    )
}

# The parameter `messages` where each is an argument of its own.
SEVERAL: Final[Mapping[str, Parameter]] = {
    "connection": CONNECTION,
    "messages": Parameter("messages", replace(_MESSAGE, combine=_listed), "the messages"),
}

FORWARDING: Final[Mapping[str, Parameter]] = {
    parameter.name: parameter
    for parameter in (
        CONNECTION,
        Parameter(
            "sender",
            replace(TEXT, convert=_sender),
            "address that the server is told, for reports of failed delivery; may be empty: no reports",
        ),
        Parameter(
            "recipient",
            replace(TEXT, convert=_one_recipient),
            "address, or addresses separated by commas",
            "recipients",
        ),
        Parameter(
            "recipients",
            replace(instance(TypeRef("mailclients.message", "MailAddressCollection")), convert=_recipients),
            "whom to send it to, whatever its header says",
        ),
        Parameter(
            "message", replace(instance(MAIL_MESSAGE), convert=_as_it_is), "the message, sent as it is", "content"
        ),
        Parameter(
            "message_stream",
            Kind(Type("SupportsReadBytes", _STREAM), "a binary stream with read()", _is_readable, _of_stream),
            "gives the message, which is sent as it is; read to its end at the call",
            "content",
        ),
    )
}
