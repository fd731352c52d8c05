"""SMTP's commands about messages: sending one, and what became of it for each recipient.

Sending a message is one command of the engine: its segments are the envelope, a pause until the server has answered
it, and the content. The envelope of the next message may ride behind the end of the content (RFC 2920), so with
PIPELINING a message costs one round trip. What a connection's state has to know by its type (greeting, TLS, signing
in) is in `protocol`. Everything here is entered under the lock of the connection.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from mailclients.engine.commands import GO_AHEAD, NOT_YET, Segment
from mailclients.errors import (
    ConnectionLostError,
    LimitReachedError,
    MailClientError,
    OutcomeUnknownError,
    RemoteProtocolError,
)
from mailclients.smtp.extensions import Wanted
from mailclients.smtp.models import (
    DeliveryUnknownError,
    SmtpFailedRecipientException,
    SmtpFailedRecipientsException,
    status_code_of,
)
from mailclients.smtp.protocol import TURNED_AWAY, SmtpCommand, SmtpCore, refusal
from mailclients.wire.smtp import CHUNK, Envelope, EnvelopeAddress, Reply, stuffed

__all__ = ["Delivery", "Noop", "SendMessage", "refused_recipients"]

GO_ON: Final = 354  # the content may come (RFC 5321 section 4.1.1.4)


class Noop(SmtpCommand):
    """NOOP."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("NOOP")


@dataclass(frozen=True)
class Delivery:
    """What the server made of a message that it has taken.

    Attributes:
        accepted: recipients' addresses. refused: the error of each other one. reply: the server's last word.
    """

    accepted: tuple[str, ...]
    refused: tuple[SmtpFailedRecipientException, ...]
    reply: Reply


class SendMessage(SmtpCommand):
    """MAIL, RCPT and DATA or BDAT of one message. Result: a `Delivery`.

    The content goes out when the whole envelope has been answered and somebody of it accepted. Until its last byte
    has gone nothing is delivered, so the command may be repeated, and cut short; afterwards it is never repeated.

    Args:
        content: with CRLF line ends. message_id: for the error that says that the outcome is unknown, and for reports.
        require_tls: send it with REQUIRETLS (RFC 8689).
        before_end: called under the connection's lock when nothing but the end is left to be sent. The end then waits
            for `let_end`.
    """

    cut_short = True
    __slots__ = (
        "_awaited",
        "_before_end",
        "_content",
        "_core",
        "_data_granted",
        "_failure",
        "_holds_end",
        "_message_id",
        "_refused",
        "_unwanted",
        "_wanted",
        "accepted",
        "envelope",
    )

    def __init__(
        self,
        envelope: Envelope,
        content: bytes,
        message_id: str = "",
        *,
        require_tls: bool = False,
        per_item: bool = False,
        before_end: Callable[[], object] | None = None,
    ) -> None:
        self.envelope = envelope
        self._wanted = Wanted(envelope, content, message_id, require_tls)
        self._before_end = before_end
        self._content = content
        self._message_id = message_id
        self._unwanted = False
        self._begin()
        super().__init__("message", idempotent=False, cost=256 + len(content), per_item=per_item)
        self.barrier = False  # until it is known that the server does not pipeline

    def _begin(self) -> None:
        self._awaited: deque[str | EnvelopeAddress] = deque()
        self._failure: MailClientError | None = None
        self._data_granted = False
        self._core: SmtpCore | None = None
        self._holds_end = False
        self.accepted: list[str] = []
        self._refused: list[SmtpFailedRecipientException] = []

    def reset(self) -> None:
        super().reset()
        self._unwanted = False
        self._begin()

    # -- what is sent ------------------------------------------------------------

    def prepare(self, core: SmtpCore) -> None:
        self._wanted.mail_parameters(core.offer)
        self._wanted.check_size(core.offer)
        self.barrier = not core.pipelines

    def lines(self, core: SmtpCore) -> Iterator[Segment]:
        """The segments; each `GO_AHEAD` waits until what was sent has been answered."""
        self._core = core
        wanted, offer = self._wanted, core.offer
        utf8 = wanted.needs_utf8()
        sender = self.envelope.sender
        path = b"" if sender is None else sender.encoded(utf8=utf8)
        steps: list[tuple[str | EnvelopeAddress, bytes]] = [
            ("MAIL", b"MAIL FROM:<%s>%s\r\n" % (path, wanted.mail_parameters(offer)))
        ]
        steps += [
            (to, b"RCPT TO:<%s>%s\r\n" % (to.encoded(utf8=utf8), wanted.rcpt_parameters(to, offer)))
            for to in self.envelope.recipients
        ]
        chunking = core.has("CHUNKING")
        if core.pipelines:
            if not chunking:
                steps.append(("DATA", b"DATA\r\n"))
            self._awaited.extend(step for step, _ in steps)
            yield b"".join(line for _, line in steps)
            yield GO_AHEAD
        else:
            for step, line in steps:
                self._awaited.append(step)
                yield line
                yield GO_AHEAD
            if not chunking and self.accepted:
                self._awaited.append("DATA")
                yield b"DATA\r\n"
                yield GO_AHEAD
        if self._unwanted:
            raise ConnectionLostError("the connection was closed to cancel a message before its end")
        yield from self._rest(chunking)

    def _rest(self, chunking: bool) -> Iterator[Segment]:
        content = self._content
        if self._failure is None and self.accepted:
            self._awaited.append("end")
            if chunking:
                yield b"BDAT %d LAST\r\n" % len(content)
                yield from self._pieces(
                    memoryview(content)[start : start + CHUNK] for start in range(0, len(content), CHUNK)
                )
            else:
                yield from self._pieces(
                    stuffed(content[start : start + CHUNK] for start in range(0, len(content), CHUNK))
                )
            return
        if self._data_granted:  # although nobody is to have it; the server refuses what has no content
            self._awaited.append("nothing")
            yield b".\r\n"
        self._awaited.append("RSET")
        yield b"RSET\r\n"

    def _pieces(self, pieces: Iterable[Segment]) -> Iterator[Segment]:
        for piece in pieces if self._before_end is None else self._held(pieces, self._before_end):
            if self._unwanted:
                raise ConnectionLostError("the connection was closed to cancel a message before its end")
            yield piece

    def _held(self, pieces: Iterable[Segment], before_end: Callable[[], object]) -> Iterator[Segment]:
        last: Segment = b""
        for piece in pieces:
            yield last
            last = piece
        self._holds_end = True
        before_end()
        yield GO_AHEAD
        self._holds_end = False
        yield last

    def let_end(self, core: SmtpCore) -> None:
        """The end may be sent; a step for the connection's `interject`."""
        if self._holds_end:
            core.go_ahead = True

    # -- what is answered ------------------------------------------------------------

    def awaits(self, code: int) -> bool:
        return code == GO_ON and bool(self._awaited) and self._awaited[0] == "DATA"

    def reply(self, reply: Reply, core: SmtpCore) -> bool:
        if not self._awaited:
            raise RemoteProtocolError(f"the server sent one reply more than there were commands: {reply.words}")
        step = self._awaited.popleft()
        if isinstance(step, EnvelopeAddress):
            self._recipient(step, reply)
        elif step == "MAIL":
            behind, core.refused_behind = core.refused_behind, False
            if not reply.positive:
                if behind and reply.code == 503:
                    raise ConnectionLostError(f"the server has not ended the message before this one: {reply.words}")
                self._failure = refusal("the sender", reply)
                if not core.pipelines:
                    self.fail(self._failure)
                    return True
        elif step == "DATA":
            self._data(reply)
        elif step == "end":
            return self._end(reply, core)
        elif step == "nothing":
            if reply.positive:
                raise RemoteProtocolError(f"the server took a message that has no recipients: {reply.words}")
        else:  # RSET
            if not reply.positive:
                core.goodbye = core.goodbye or reply.words  # a session in no known state is not used again
            self.fail(self._reason())
            return True
        if not self._awaited:
            core.go_ahead = True
        return False

    def _recipient(self, address: EnvelopeAddress, reply: Reply) -> None:
        if reply.code in (250, 251, 252):
            self.accepted.append(address.text)
            return
        if reply.positive:
            raise RemoteProtocolError(f"the server answered RCPT with {reply.words}")
        self._refused.append(
            SmtpFailedRecipientException(
                f"the server refused the recipient {address.text}: {reply.words}",
                address.text,
                status_code=status_code_of(reply.code),
                status=str(reply.code),
                code=reply.enhanced or None,
                server_text=reply.text,
            )
        )

    def _data(self, reply: Reply) -> None:
        if reply.code == GO_ON:
            self._data_granted = True
        elif reply.positive:
            raise RemoteProtocolError(f"the server answered DATA with {reply.words}")
        elif self._failure is None and self.accepted:
            self._failure = refusal("the message", reply)

    def _end(self, reply: Reply, core: SmtpCore) -> bool:
        sent_whole = self.end_offset != NOT_YET
        if reply.positive:
            if not sent_whole or reply.code != 250:
                raise RemoteProtocolError(f"the server answered a message with {reply.words} before it had its end")
            core.taken += 1
            self.finish(Delivery(tuple(self.accepted), tuple(self._refused), reply))
            return True
        self.fail(refusal("the message", reply))
        if sent_whole:
            core.refused_behind = True
        else:
            core.goodbye = core.goodbye or reply.words  # refused in the middle: what follows would not be understood
        return True

    def closing(self, reply: Reply, core: SmtpCore) -> bool:
        sent_whole = list(self._awaited) == ["end"] and self.end_offset != NOT_YET
        if sent_whole and reply.code == TURNED_AWAY:
            self.fail(refusal("the message", reply))
            return True
        if "end" in self._awaited:
            self._awaited.clear()  # answered: it was not taken
        return False

    def _reason(self) -> MailClientError:
        if self._failure is not None:
            return self._failure
        return refused_recipients(self._refused, ())

    # -- the end ------------------------------------------------------------

    def disowned(self) -> None:
        self._unwanted = True

    def lost(self, reason: MailClientError, *, sent: bool) -> None:
        # Before its content has gone out there is nothing that could have been delivered.
        super().lost(reason, sent=sent and "end" in self._awaited)
        if "RSET" in self._awaited:  # it was refused before; only the session was still to be put in order
            self.broken, self.error = None, self._reason()
        if isinstance(reason, LimitReachedError) or (self._core is not None and self._core.taken):
            self.was_oldest = False  # that the server takes no more on this connection is not this message's fault
        if isinstance(self.error, OutcomeUnknownError):
            named = f"the message {self._message_id}" if self._message_id else "a message without Message-ID"
            unknown = DeliveryUnknownError(
                f"whether {named} was delivered is unknown: it was sent, and the connection ended before the answer"
                f" ({reason}). It is not sent again; look before you do.",
                self._message_id,
            )
            unknown.__cause__ = reason
            self.error = unknown

    def log_line(self) -> str:
        return f"MAIL, {len(self.envelope.recipients)} RCPT, message of {len(self._content)} bytes"


def refused_recipients(
    refused: list[SmtpFailedRecipientException] | tuple[SmtpFailedRecipientException, ...], accepted: tuple[str, ...]
) -> SmtpFailedRecipientException:
    """One error for the recipients that were refused, with those who have the message."""
    for one in refused:
        one.delivered_to = accepted
    if len(refused) == 1:
        return refused[0]
    names = ", ".join(one.failed_recipient for one in refused)
    but = f"; it was sent to {', '.join(accepted)}" if accepted else "; nothing was sent"
    return SmtpFailedRecipientsException(
        f"the server refused {len(refused)} recipients: {names}{but}", refused, delivered_to=accepted
    )
