"""SASL mechanisms without I/O: SCRAM, PLAIN, LOGIN, CRAM-MD5, XOAUTH2 and OAUTHBEARER.

A mechanism object serves one sign-in: `initial` gives the first message, `respond` answers the
server's challenges, `verify` is asked once the server has said that all is well. Its messages are raw;
a `SaslExchange` puts them into the base64 lines that all protocols share. Arguments are checked when the
object is made, before any byte. The objects hide their secrets in `repr`. One thread at a time, the one
that signs in.

There is no SCRAM with channel binding (``-PLUS``): of TLS 1.3 Python's ssl module gives no binding, and
tls-unique, which it gives of older versions, is not what servers announce.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import re
import secrets
import stringprep
import unicodedata
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Collection
from typing import ClassVar, Final, TypeAlias, cast

from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
    RemoteProtocolError,
    SecurityError,
    escape,
)

__all__ = [
    "MAX_CHALLENGE",
    "CramMd5",
    "Login",
    "Mechanism",
    "OAuthBearer",
    "Plain",
    "SaslExchange",
    "SaslMechanism",
    "ScramKeys",
    "ScramSha1",
    "ScramSha256",
    "XOAuth2",
    "choose",
    "hide",
    "saslprep",
]

# Bytes of one decoded challenge: the longest honest ones are error reports of some hundred bytes.
MAX_CHALLENGE: Final = 16 * 1024
# Challenges in one exchange. None of these mechanisms needs more.
_MAX_ROUNDS: Final = 2
# What a server may ask for in SCRAM: RFC 7677 section 4 names 4096 as the least, below which a password could be
# guessed from what is sent; ten million take some seconds, and more is an attack on this machine.
ITERATIONS: Final = range(4096, 10_000_000 + 1)
_SHOWN: Final = 200
_STATUS: Final = re.compile(r"[0-9A-Za-z_.-]{1,64}\Z")


class SaslMechanism:
    """Base of the mechanisms.

    Attributes:
        name: as in ``AUTH=name``.
        client_first: whether the client speaks first, so that `initial` may ride with the command.
        error_status: what the server's error challenge gave as status (``"401"``,
            ``"invalid_token"``), or None.
        error_scope: the scope named there, made printable, or None.
    """

    name: ClassVar[str] = ""
    client_first: ClassVar[bool] = True
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

    def verify(self) -> None:
        """The server says that the sign-in has succeeded: may it be believed?

        Raises:
            SecurityError: it has not shown that it knows the password, where the mechanism has it do so.
        """

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


class SaslExchange:
    """A mechanism's messages as lines: base64, and ``*`` for an exchange that makes no sense.

    The same for IMAP (RFC 9051 section 6.2.2), POP3 (RFC 5034 section 4) and SMTP (RFC 4954 section 4).

    Attributes:
        mechanism: whose messages they are. given_up: why the exchange was cancelled, or None.
    """

    __slots__ = ("_initial_due", "given_up", "mechanism")

    def __init__(self, mechanism: SaslMechanism) -> None:
        self.mechanism = mechanism
        self.given_up: RemoteProtocolError | None = None
        self._initial_due = False

    def begin(self, room: int | None) -> bytes | None:
        """The command is being sent: what rides with it, or None.

        Args:
            room: bytes there are for it, 0 where nothing may ride, None for as many as it needs. What does not fit
                answers the first challenge.
        """
        self._initial_due = self.mechanism.client_first
        if not self._initial_due or room == 0:
            return None
        encoded = b64encode(self.mechanism.initial()) or b"="
        if room is not None and len(encoded) > room:
            return None
        self._initial_due = False
        return encoded

    def respond(self, challenge: bytes) -> bytes:
        """The reply to a challenge as it came, line end included.

        Raises:
            RemoteProtocolError: the exchange was cancelled already, and only its end may come.
        """
        if self.given_up is not None:
            raise self.given_up
        try:
            return b64encode(self._reply(challenge.strip())) + b"\r\n"
        except RemoteProtocolError as error:
            self.given_up = error
            return b"*\r\n"

    def _reply(self, data: bytes) -> bytes:
        if self._initial_due:
            self._initial_due = False
            if data:
                raise RemoteProtocolError("the server sent a challenge before the client has begun")
            return self.mechanism.initial()
        try:
            challenge = b64decode(data, validate=True)
        except (Base64Error, ValueError) as error:
            raise RemoteProtocolError("the server sent a sign-in challenge that is not base64") from error
        return self.mechanism.respond(challenge)


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


class _WithPassword(SaslMechanism):
    """Base of those in which the server speaks first or is challenged itself.

    Args:
        user: who signs in. password: the password; must not be empty.

    Raises:
        AsposeArgumentException: NUL, CR or LF in an argument, or an empty one.
    """

    __slots__ = ("_password", "_user")

    def __init__(self, user: str, password: str) -> None:
        super().__init__()
        self._user = _checked(user, "the user name", "\0\r\n")
        self._password = _checked(password, "the password", "\0\r\n")
        if not user or not password:
            raise AsposeArgumentException("user name and password must not be empty")

    def _secret(self) -> str:
        return self._password


class Login(_WithPassword):
    """LOGIN, as servers have it that know no PLAIN: asks for the name, then for the password, whatever the text."""

    name = "LOGIN"
    client_first = False
    __slots__ = ()

    def initial(self) -> bytes:
        """Nothing: the server asks first."""
        return b""

    def _answer(self, challenge: bytes) -> bytes:
        return (self._user if self._rounds == 1 else self._password).encode()

    def hide(self, text: str) -> str:
        """The text without the password, as it is and as it was sent."""
        return hide(text, self._password, b64encode(self._password.encode()).decode("ascii"))


class CramMd5(_WithPassword):
    """CRAM-MD5 (RFC 2195): the password is the key of a digest. Not for use where TLS allows better."""

    name = "CRAM-MD5"
    client_first = False
    __slots__ = ()

    def initial(self) -> bytes:
        """Nothing: the server's challenge comes first."""
        return b""

    def _answer(self, challenge: bytes) -> bytes:
        if self._rounds > 1 or not challenge:
            raise RemoteProtocolError("the server sent a challenge that CRAM-MD5 does not have")
        digest = hmac.new(self._password.encode(), challenge, "md5").hexdigest()
        return f"{self._user} {digest}".encode()


# -- SCRAM ------------------------------------------------------------


_PROHIBITED: Final[tuple[Callable[[str], bool], ...]] = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def saslprep(text: str, what: str) -> str:
    """The text as SASLprep (RFC 4013) prepares a query: code points that Unicode 3.2 does not assign stay.

    Args:
        what: the text's name, for errors.

    Raises:
        AsposeArgumentException: it has characters that cannot be used, mixes directions, or becomes empty.
    """
    if text.isascii():
        prepared = text
    else:
        spaced = ("" if stringprep.in_table_b1(c) else " " if stringprep.in_table_c12(c) else c for c in text)
        prepared = unicodedata.ucd_3_2_0.normalize("NFKC", "".join(spaced))
    if any(prohibited(character) for character in prepared for prohibited in _PROHIBITED):
        raise AsposeArgumentException(f"{what} contains a character that SCRAM cannot carry (RFC 4013 section 2.3)")
    if any(map(stringprep.in_table_d1, prepared)) and (
        any(map(stringprep.in_table_d2, prepared))
        or not stringprep.in_table_d1(prepared[0])
        or not stringprep.in_table_d1(prepared[-1])
    ):
        raise AsposeArgumentException(f"{what} mixes directions of writing as SCRAM cannot carry it (RFC 3454)")
    if not prepared:
        raise AsposeArgumentException(f"{what} is empty once it is prepared for SCRAM (RFC 4013)")
    return prepared


class ScramKeys:
    """Keys derived from one password, which take the time; kept for the sign-ins that follow, the last few of them.

    Entered by any thread: two that derive the same key at the same time store equal ones.
    """

    __slots__ = ("_keys",)

    _KEPT: Final = 4  # a server gives each user one salt for each hash

    def __init__(self) -> None:
        self._keys: dict[tuple[str, bytes, int, bytes], bytes] = {}

    def salted(self, digest: str, password: bytes, salt: bytes, iterations: int) -> bytes:
        """Hi() of RFC 5802 section 2.2."""
        # The password is part of what the key is found by: another one may have been set meanwhile.
        key = (digest, salt, iterations, hashlib.sha256(password).digest())
        known = self._keys.get(key)
        if known is None:
            known = hashlib.pbkdf2_hmac(digest, password, salt, iterations)
            if len(self._keys) >= self._KEPT:
                self._keys = {}
            self._keys[key] = known
        return known

    def __repr__(self) -> str:
        return "<ScramKeys>"

    def __reduce__(self) -> str:
        raise TypeError("ScramKeys holds secrets and is not to be stored")


class _Scram(_WithPassword):
    """SCRAM (RFC 5802) without channel binding: the server never sees the password, and proves that it knows it.

    Args:
        user: who signs in. password: must not be empty.
        keys: where derived keys are kept from one sign-in to the next.
        nonce: printable ASCII without a comma; random when left out.

    Raises:
        AsposeArgumentException: an argument is empty or cannot be prepared with SASLprep.
    """

    digest: ClassVar[str] = ""
    __slots__ = ("_bare", "_keys", "_nonce", "_prepared", "_signature", "_verified")

    def __init__(self, user: str, password: str, keys: ScramKeys | None = None, nonce: str = "") -> None:
        super().__init__(user, password)
        self._prepared = saslprep(password, "the password").encode()
        name = saslprep(user, "the user name").replace("=", "=3D").replace(",", "=2C")
        self._nonce = nonce or secrets.token_urlsafe(24)
        self._bare = f"n={name},r={self._nonce}"
        self._keys = keys if keys is not None else ScramKeys()
        self._signature = b""
        self._verified = False

    def initial(self) -> bytes:
        """The GS2 header, which says that there is no channel binding, the name and the nonce."""
        return f"n,,{self._bare}".encode()

    def _answer(self, challenge: bytes) -> bytes:
        if self._rounds == 1:
            return self._proof(challenge)
        fields = _fields(challenge)
        if "e" in fields:
            self.error_status = fields["e"][:_SHOWN] if _STATUS.match(fields["e"]) is not None else None
            return b""  # the server says no next
        if not hmac.compare_digest(_decoded(fields.get("v", ""), "signature"), self._signature):
            raise SecurityError(f"the server does not know the password: its {self.name} signature is wrong")
        self._verified = True
        return b""

    def _proof(self, challenge: bytes) -> bytes:
        fields = _fields(challenge)
        nonce, iterations = fields.get("r", ""), fields.get("i", "")
        if "m" in fields:
            raise RemoteProtocolError(f"the server asks for an extension of {self.name} that is not known here")
        if not nonce.startswith(self._nonce) or len(nonce) == len(self._nonce):
            raise RemoteProtocolError(f"the server's nonce for {self.name} does not go on from this one's")
        if not iterations.isascii() or not iterations.isdigit() or len(iterations) > 8:
            raise RemoteProtocolError(f"the server gave no number of iterations for {self.name}")
        if int(iterations) not in ITERATIONS:
            raise RemoteProtocolError(
                f"the server asks for {int(iterations)} iterations of {self.name}; {ITERATIONS[0]} to"
                f" {ITERATIONS[-1]} are accepted"
            )
        salt = _decoded(fields.get("s", ""), "salt")
        if not salt:
            raise RemoteProtocolError(f"the server gave no salt for {self.name}")
        salted = self._keys.salted(self.digest, self._prepared, salt, int(iterations))
        final = f"c=biws,r={nonce}"  # biws: the GS2 header "n,,"
        message = b",".join((self._bare.encode(), challenge, final.encode()))
        client_key = self._hmac(salted, b"Client Key")
        client_signature = self._hmac(hashlib.new(self.digest, client_key).digest(), message)
        proof = bytes(a ^ b for a, b in zip(client_key, client_signature, strict=True))
        self._signature = self._hmac(self._hmac(salted, b"Server Key"), message)
        return f"{final},p={b64encode(proof).decode('ascii')}".encode()

    def _hmac(self, key: bytes, message: bytes) -> bytes:
        return hmac.new(key, message, self.digest).digest()

    def verify(self) -> None:
        if not self._verified:
            raise SecurityError(
                f"the server ended {self.name} without showing that it knows the password; it may be another one"
            )


class ScramSha1(_Scram):
    """SCRAM-SHA-1 (RFC 5802)."""

    name = "SCRAM-SHA-1"
    digest = "sha1"
    __slots__ = ()


class ScramSha256(_Scram):
    """SCRAM-SHA-256 (RFC 7677)."""

    name = "SCRAM-SHA-256"
    digest = "sha256"
    __slots__ = ()


def _fields(message: bytes) -> dict[str, str]:
    """The attributes of a SCRAM message (RFC 5802 section 5.1); the first of each name counts."""
    found: dict[str, str] = {}
    for part in message.decode("utf-8", "replace").split(","):
        name, equals, value = part.partition("=")
        if len(name) != 1 or not equals:
            raise RemoteProtocolError("the server sent a SCRAM message that is none")
        found.setdefault(name, value)
    return found


def _decoded(text: str, what: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (Base64Error, ValueError) as error:
        raise RemoteProtocolError(f"the server's SCRAM {what} is not base64") from error


Mechanism: TypeAlias = Plain | Login | CramMd5 | ScramSha1 | ScramSha256 | XOAuth2 | OAuthBearer

_SCRAM: Final[tuple[type[_Scram], ...]] = (ScramSha256, ScramSha1)


def choose(
    offered: Collection[str], user: str, password: str, *, encrypted: bool, keys: ScramKeys | None = None
) -> SaslMechanism | None:
    """The best of the mechanisms that take a password, ready for one sign-in; None if there is none.

    SCRAM comes first, because the password then never leaves this machine and the server has to know it, too; what
    that costs in time is spent once for a client (`ScramKeys`). Under TLS PLAIN is next: one message, and the server
    need not keep the password itself, as CRAM-MD5 would have it. In the clear CRAM-MD5 is next, which at least does
    not show the password. A refusal is never followed by a weaker mechanism: that would let whoever refuses choose.

    Args:
        offered: upper-case names. encrypted: whether TLS is up. keys: where derived keys are kept.
    """
    for scram in _SCRAM:
        if scram.name in offered:
            # What SASLprep does not let through is no password of SCRAM's, and may be one of PLAIN's.
            with contextlib.suppress(AsposeArgumentException):
                return scram(user, password, keys)
    order: tuple[type[Plain | Login | CramMd5], ...] = (Plain, Login, CramMd5) if encrypted else (CramMd5, Plain, Login)
    return next((kind(user, password) for kind in order if kind.name in offered), None)
