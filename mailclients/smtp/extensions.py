"""What a message needs of a server, and what MAIL and RCPT say for it: SIZE, 8BITMIME, SMTPUTF8, DSN, REQUIRETLS.

Functions of their arguments: no state, no lock, any thread. A message that the server cannot carry, or not as it was
asked for, is refused here, before anything is sent of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mailclients.errors import AsposeNotSupportedException, SecurityError
from mailclients.smtp.models import SmtpException, status_code_of
from mailclients.wire.smtp import (
    Envelope,
    EnvelopeAddress,
    envelope_id,
    has_long_lines,
    original_recipient,
    size_limit,
)

__all__ = ["Offer", "Wanted"]


@dataclass(frozen=True)
class Offer:
    """What a connection has.

    Attributes:
        keywords: of the answer to EHLO, upper case, with their parameters. encrypted: whether TLS is up.
    """

    keywords: Mapping[str, str]
    encrypted: bool

    def has(self, keyword: str) -> bool:
        """Whether the server offers an extension."""
        return keyword in self.keywords


@dataclass(frozen=True)
class Wanted:
    """A message with what is to be told of it.

    Attributes:
        content: with CRLF line ends. message_id: with its angle brackets, or empty; reports give it back.
        require_tls: whether it is sent with REQUIRETLS (RFC 8689).
    """

    envelope: Envelope
    content: bytes
    message_id: str = ""
    require_tls: bool = False

    def check_size(self, offer: Offer) -> None:
        """Whether the server takes so much (RFC 1870 section 4).

        Raises:
            SmtpException: it has said that it does not; as if it had answered 552.
        """
        limit, size = size_limit(offer.keywords), len(self.content)
        if limit is not None and size > limit:
            raise SmtpException(
                f"the message has {size} bytes, and the server takes {limit} at most; nothing was sent",
                status_code=status_code_of(552),
                status="552",
            )

    def needs_utf8(self) -> bool:
        """Whether an address or the header has characters beyond ASCII (RFC 6531)."""
        return self._has_utf8_address() or not self._head().isascii()

    def _has_utf8_address(self) -> bool:
        sender = self.envelope.sender
        addresses = (*self.envelope.recipients, *([sender] if sender is not None else []))
        return any(address.ascii is None for address in addresses)

    def _head(self) -> bytes:
        end = self.content.find(b"\r\n\r\n")
        return self.content if end < 0 else self.content[:end]

    def mail_parameters(self, offer: Offer) -> bytes:
        """What follows the sender in MAIL.

        Raises:
            AsposeNotSupportedException: the server does not offer what the message cannot be sent without.
            SecurityError: it was to be sent with REQUIRETLS, which cannot be had here.
        """
        found = b" SIZE=%d" % len(self.content) if offer.has("SIZE") else b""
        if self.needs_utf8():
            if not offer.has("SMTPUTF8"):
                what = "an address" if self._has_utf8_address() else "a header field"
                raise AsposeNotSupportedException(
                    f"{what} has characters beyond ASCII, and the server offers no SMTPUTF8 (RFC 6531)"
                )
            found += b" SMTPUTF8"
        return found + self._body_parameter(offer) + self._tls_parameter(offer) + self._report_parameters(offer)

    def _body_parameter(self, offer: Offer) -> bytes:
        binary = offer.has("BINARYMIME") and offer.has("CHUNKING")
        if b"\0" in self.content:
            if not binary:
                raise AsposeNotSupportedException(
                    "the message contains NUL, and the server offers no BINARYMIME (RFC 3030); encode that part as"
                    " base64"
                )
            return b" BODY=BINARYMIME"
        if binary and has_long_lines(self.content):
            return b" BODY=BINARYMIME"  # elsewhere it goes as it is, and a server may break the lines
        if self.content.isascii():
            return b""
        if not offer.has("8BITMIME"):
            raise AsposeNotSupportedException(
                "the message has bytes beyond ASCII, and the server offers no 8BITMIME (RFC 6152); encode it as"
                " quoted-printable or base64"
            )
        return b" BODY=8BITMIME"

    def _tls_parameter(self, offer: Offer) -> bytes:
        if not self.require_tls:
            return b""
        if not (offer.encrypted and offer.has("REQUIRETLS")):
            what = "the server offers no REQUIRETLS (RFC 8689)" if offer.encrypted else "the connection has no TLS"
            raise SecurityError(f"require_tls is set, and {what}; nothing was sent")
        return b" REQUIRETLS"

    # -- reports of delivery (RFC 3461); nothing of them goes to a server without DSN

    def _wants_reports(self, offer: Offer) -> bool:
        return offer.has("DSN") and self.envelope.notify not in ((), ("NEVER",))

    def _report_parameters(self, offer: Offer) -> bytes:
        if not self._wants_reports(offer):
            return b""
        name = envelope_id(self.message_id)
        return b" RET=HDRS" + (b" ENVID=" + name if name else b"")

    def rcpt_parameters(self, address: EnvelopeAddress, offer: Offer) -> bytes:
        """What follows a recipient in RCPT."""
        if not (offer.has("DSN") and self.envelope.notify):
            return b""
        found = b" NOTIFY=" + ",".join(self.envelope.notify).encode("ascii")
        return found + b" ORCPT=" + original_recipient(address) if self._wants_reports(offer) else found
