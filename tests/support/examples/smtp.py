"""A value for every documented parameter of SmtpClient's operations, and what the body is told for it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from mailclients.message import MailAddressCollection, MailMessage
from mailclients.smtp.models import MailMessageCollection
from mailclients.smtp.parameters import Content, Outgoing
from mailclients.wire.smtp import Envelope, EnvelopeAddress
from tests.support.examples import CONNECTED, Told

ANNA = EnvelopeAddress("anna@example.org", b"anna@example.org")
BERT = EnvelopeAddress("bert@example.org", b"bert@example.org")
CARL = EnvelopeAddress("carl@example.org", b"carl@example.org")


def _raw(subject: str) -> bytes:
    lines = (
        "From: anna@example.org",
        "To: bert@example.org",
        "Cc: carl@example.org",
        f"Subject: {subject}",
        "Date: Wed, 02 Jan 2030 03:04:05 +0000",
        f"Message-ID: <{subject}@example.org>",
        "",
        "text",
        "",
    )
    return "\r\n".join(lines).encode("ascii")


def _content(message: MailMessage) -> Content:
    return Content(_raw(message.subject), f"<{message.subject}@example.org>", message)


def _outgoing(message: MailMessage) -> Outgoing:
    return Outgoing(Envelope(ANNA, (BERT, CARL)), _content(message))


class Rereadable(io.BytesIO):
    """A stream that begins anew when it was read to its end, so that several calls can be given it."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.seek(0)
        return data


@dataclass(eq=False)
class Composed:
    """Equal to a message on its way that was made of these parts, whatever its Message-ID and Date."""

    sender: str
    recipients: tuple[EnvelopeAddress, ...]
    subject: str
    body: str

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Outgoing):
            return NotImplemented
        made = MailMessage.from_bytes(other.content.data)
        return (
            other.envelope == Envelope(ANNA, self.recipients)
            and (made.subject, (made.body or "").rstrip()) == (self.subject, self.body)
            and made.from_address is not None
            and made.from_address.address == self.sender
            and [one.address.encode("ascii") for one in made.to] == [one.ascii for one in self.recipients]
            and made.headers.get_raw("Date") is not None
            and other.content.message_id == made.message_id != ""
            and other.content.source.message_id == made.message_id
        )


@dataclass(eq=False)
class Read:
    """Equal to a message as it is in a stream."""

    data: bytes
    message_id: str

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Content):
            return NotImplemented
        found = (other.data, other.message_id, other.source.as_bytes())
        return found == (self.data, self.message_id, self.data)


FIRST, SECOND = (MailMessage.from_bytes(_raw(subject)) for subject in ("first", "second"))
BOTH = (_outgoing(FIRST), _outgoing(SECOND))
PARTS = {
    "from_address": "anna@example.org",
    "recipients": "bert@example.org; carl@example.org",
    "subject": "some subject",
    "body": "some text",
}
_NAMED: dict[tuple[str, str], tuple[Any, Told]] = {
    ("connection", "IConnection"): (CONNECTED, {}),
    **{(name, "string"): (text, {}) for name, text in PARTS.items()},
    ("body", "string"): (
        PARTS["body"],
        {"message": Composed(PARTS["from_address"], (BERT, CARL), PARTS["subject"], PARTS["body"])},
    ),
    ("messages", "params MailMessage[]"): ([FIRST, SECOND], {"messages": BOTH}),
    ("messages", "MailMessageCollection"): (MailMessageCollection([FIRST, SECOND]), {"messages": BOTH}),
    ("messages", "IEnumerable<MailMessage>"): ((FIRST, SECOND), {"messages": BOTH}),
    ("sender", "string"): ("anna@example.org", {"sender": ANNA}),
    ("recipient", "string"): ("bert@example.org", {"recipients": (BERT,)}),
    ("recipients", "MailAddressCollection"): (
        MailAddressCollection("bert@example.org, carl@example.org"),
        {"recipients": (BERT, CARL)},
    ),
    ("message_stream", "Stream"): (Rereadable(_raw("read")), {"content": Read(_raw("read"), "<read@example.org>")}),
}


def example(name: str, type_: str, operation: str = "") -> tuple[Any, Told]:
    """A value for a documented parameter, and what the body is told for it."""
    if name == "message":
        return FIRST, {"content": _content(FIRST)} if operation == "forward" else {"message": _outgoing(FIRST)}
    return _NAMED[name, type_]
