"""SASL mechanisms without I/O: PLAIN, XOAUTH2 and OAUTHBEARER.

A mechanism object serves one sign-in: `initial` gives the first message, `respond` answers the
server's challenges. All messages are raw; the protocol around them does the base64. Arguments
are checked when the object is made, before any byte. The objects hide their secrets in `repr`.
One thread at a time, the one that signs in.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from typing import ClassVar, Final, TypeAlias, cast

from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
    RemoteProtocolError,
    escape,
)

__all__ = ["MAX_CHALLENGE", "Mechanism", "OAuthBearer", "Plain", "SaslMechanism", "XOAuth2", "hide"]

# Bytes of one decoded challenge: the longest honest ones are error reports of some hundred bytes.
MAX_CHALLENGE: Final = 16 * 1024
# Challenges in one exchange. None of these mechanisms needs more than one.
_MAX_ROUNDS: Final = 2
_SHOWN: Final = 200
_STATUS: Final = re.compile(r"[0-9A-Za-z_.-]{1,64}\Z")


class SaslMechanism:
    """Base of the mechanisms.

    Attributes:
        name: as in ``AUTH=name``.
        error_status: what the server's error challenge gave as status (``"401"``,
            ``"invalid_token"``), or None.
        error_scope: the scope named there, made printable, or None.
    """

    name: ClassVar[str] = ""
    __slots__ = ("_rounds", "error_scope", "error_status")

    def __init__(self) -> None:
        self.error_status: str | None = None
        self.error_scope: str | None = None
        self._rounds = 0

    def initial(self) -> bytes:
        """The client's first message, without base64."""
        raise NotImplementedError

    def respond(self, challenge: bytes) -> bytes:
        """The answer to a decoded challenge, without base64.

        An empty challenge before anything was sent (no initial response) is the caller's to
        answer with `initial`.

        Raises:
            RemoteProtocolError: the challenge is too long, one too many, or none was due. The
                caller then cancels the exchange with ``*``.
        """
        self._rounds += 1
        if self._rounds > _MAX_ROUNDS:
            raise RemoteProtocolError(f"the server sent more than {_MAX_ROUNDS} challenges in one sign-in")
        if len(challenge) > MAX_CHALLENGE:
            raise RemoteProtocolError(f"the server sent a sign-in challenge of {len(challenge)} bytes")
        return self._answer(challenge)

    def _answer(self, challenge: bytes) -> bytes:
        raise RemoteProtocolError(f"the server sent a challenge where {self.name} has none")

    def _read_error(self, challenge: bytes) -> None:
        """Keep status and scope of an error challenge; it is JSON, or of no use."""
        try:
            report = json.loads(challenge.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return
        if not isinstance(report, dict):
            return
        fields = cast("dict[str, object]", report)
        # Only the two fields meant for this: a server may echo the token in others.
        status = fields.get("status")
        scope = fields.get("scope")
        if isinstance(status, int) and abs(status) < 1000:
            status = str(status)
        if isinstance(status, str) and _STATUS.match(status) is not None and not self._is_secret(status):
            self.error_status = status
        if isinstance(scope, str) and not self._is_secret(scope):
            self.error_scope = escape(scope[:_SHOWN])

    def hide(self, text: str) -> str:
        """The text with the secret left out, for what a server repeats of a sign-in."""
        return hide(text, self._secret(), b64encode(self.initial()).decode("ascii"))

    def _secret(self) -> str:
        raise NotImplementedError

    def _is_secret(self, text: str) -> bool:
        return self._secret() in text

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce__(self) -> str:
        raise TypeError(f"{type(self).__name__} holds secrets and is not to be stored")


def hide(text: str, *secrets: str) -> str:
    """`text` with every secret in it replaced, as it stands and as it is printed."""
    for secret in secrets:
        for form in (secret, escape(secret)):
            if form and form in text:
                text = text.replace(form, "***")
    return text


def _checked(value: object, what: str, forbidden: str) -> str:
    if value is None:
        raise AsposeArgumentNullException(f"{what} is None")
    if not isinstance(value, str):
        raise ArgumentTypeError(f"{what} is {type(value).__name__}; a str is needed")
    if any(character in value for character in forbidden):
        raise AsposeArgumentException(f"{what} contains a control character that would end it; nothing was sent")
    # Looked for by hand: the error of an encoder would carry the value.
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise AsposeArgumentException(f"{what} contains half of a surrogate pair")
    return value


class Plain(SaslMechanism):
    """PLAIN (RFC 4616).

    Args:
        user: who signs in (authentication identity).
        password: the password; must not be empty.
        authorize_as: whom to act for, or empty for the same.

    Raises:
        AsposeArgumentException: NUL, CR or LF in an argument, or an empty user or password.
    """

    name = "PLAIN"
    __slots__ = ("_authorize_as", "_password", "_user")

    def __init__(self, user: str, password: str, authorize_as: str = "") -> None:
        super().__init__()
        self._user = _checked(user, "the user name", "\0\r\n")
        self._password = _checked(password, "the password", "\0\r\n")
        self._authorize_as = _checked(authorize_as, "the authorization identity", "\0\r\n")
        if not user or not password:
            raise AsposeArgumentException("user name and password must not be empty")

    def initial(self) -> bytes:
        """``[authorize_as] NUL user NUL password``."""
        return f"{self._authorize_as}\0{self._user}\0{self._password}".encode()

    def _secret(self) -> str:
        return self._password


class XOAuth2(SaslMechanism):
    """XOAUTH2, as Google and Microsoft define it.

    Args:
        user: the account's address.
        token: the access token.

    Raises:
        AsposeArgumentException: NUL, CR, LF or 0x01 in an argument, or an empty one.
    """

    name = "XOAUTH2"
    __slots__ = ("_token", "_user")

    def __init__(self, user: str, token: str) -> None:
        super().__init__()
        self._user = _checked(user, "the user name", "\0\r\n\x01")
        self._token = _checked(token, "the access token", "\0\r\n\x01")
        if not user or not token:
            raise AsposeArgumentException("user name and access token must not be empty")

    def initial(self) -> bytes:
        """``user=... auth=Bearer ...``, the fields ended by 0x01."""
        return f"user={self._user}\x01auth=Bearer {self._token}\x01\x01".encode()

    def _answer(self, challenge: bytes) -> bytes:
        """An error report comes as a challenge; an empty line lets the server send its NO."""
        self._read_error(challenge)
        return b""

    def _secret(self) -> str:
        return self._token


class OAuthBearer(SaslMechanism):
    """OAUTHBEARER (RFC 7628).

    Args:
        user: whom to act for; may be empty where the token says it.
        token: the access token.
        host, port: where the client is connected to; left out where empty or 0.

    Raises:
        AsposeArgumentException: NUL, CR, LF or 0x01 in an argument, or an empty token.
    """

    name = "OAUTHBEARER"
    __slots__ = ("_host", "_port", "_token", "_user")

    def __init__(self, user: str, token: str, host: str = "", port: int = 0) -> None:
        super().__init__()
        self._user = _checked(user, "the user name", "\0\r\n\x01")
        self._token = _checked(token, "the access token", "\0\r\n\x01")
        self._host = _checked(host, "the host", "\0\r\n\x01")
        if not token:
            raise AsposeArgumentException("the access token must not be empty")
        if isinstance(port, bool) or not isinstance(port, int):
            raise ArgumentTypeError(f"the port is {type(port).__name__}; an int is needed")
        if not 0 <= port <= 65535:
            raise AsposeArgumentOutOfRangeException(f"the port {port} lies outside 0 to 65535")
        self._port = port

    def initial(self) -> bytes:
        """The GS2 header, then key-value pairs, each ended by 0x01 (RFC 7628 section 3.1)."""
        # RFC 5801 section 4: "=" and "," in the name are escaped.
        name = self._user.replace("=", "=3D").replace(",", "=2C")
        header = f"n,a={name}," if name else "n,,"
        host = f"host={self._host}\x01" if self._host else ""
        port = f"port={self._port}\x01" if self._port else ""
        return f"{header}\x01{host}{port}auth=Bearer {self._token}\x01\x01".encode()

    def _answer(self, challenge: bytes) -> bytes:
        """An error report comes as a challenge; a lone 0x01 ends it (RFC 7628 section 3.2.3)."""
        self._read_error(challenge)
        return b"\x01"

    def _secret(self) -> str:
        return self._token


Mechanism: TypeAlias = Plain | XOAuth2 | OAuthBearer
