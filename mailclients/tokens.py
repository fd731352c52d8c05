"""Access tokens as providers give them. Immutable values; any thread."""

from __future__ import annotations

from datetime import datetime, timezone
from enum import IntEnum
from typing import Any, Final, overload

from mailclients.names import HintedEnumMeta, NamesHinted
from mailclients.parameters import NAME, NOTHING, Kind, Parameter, Type, TypeRef, member
from mailclients.signatures import Operation, Shape

__all__ = ["OAuthToken", "TokenType"]


class TokenType(IntEnum, metaclass=HintedEnumMeta):
    """What a token is good for (.NET: ``TokenType``)."""

    ACCESS_TOKEN = 0
    REFRESH_TOKEN = 1


def _aware(value: datetime) -> datetime:
    return value.astimezone(timezone.utc)  # a naive one is local time, as in .NET


_PARAMETERS: Final = {
    parameter.name: parameter
    for parameter in (
        Parameter("token", NAME, "the token"),
        Parameter("token_type", member(TypeRef(__name__, "TokenType")), "what it is good for"),
        Parameter(
            "expiration_date",
            Kind(Type("datetime"), "a datetime", lambda value: isinstance(value, datetime), _aware),
            "when it ends",
        ),
    )
}
_TOKEN: Final = Operation(
    "OAuthToken",
    "OAuthToken",
    "A token.",
    tuple(Shape.parse(shape, _PARAMETERS) for shape in ("token expiration_date?", "token token_type expiration_date")),
    NOTHING,
    has_pair=False,
)


class OAuthToken(NamesHinted):
    """A token of OAuth 2.0 (.NET: ``OAuthToken``).

    Args:
        token: the token as text.
        token_type: what it is good for; an access token when left out.
        expiration_date: when it ends, local time if it names no zone; never when left out.

    Raises:
        AsposeArgumentException: the arguments fit no form, or a value cannot be used.
    """

    __slots__ = ("_expiration_date", "_token", "_token_type")

    @overload
    def __init__(self, token: str, expiration_date: datetime = ...) -> None: ...
    @overload
    def __init__(self, token: str, token_type: TokenType, expiration_date: datetime) -> None: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = _TOKEN.bind(args, kwargs).arguments
        self._token: str = given["token"]
        self._token_type: TokenType = given.get("token_type", TokenType.ACCESS_TOKEN)
        self._expiration_date: datetime = given.get("expiration_date", datetime.max.replace(tzinfo=timezone.utc))

    @property
    def token(self) -> str:
        """The token as text (.NET: ``Token``)."""
        return self._token

    @property
    def token_type(self) -> TokenType:
        """What the token is good for (.NET: ``TokenType``)."""
        return self._token_type

    @property
    def expiration_date(self) -> datetime:
        """When the token ends, in UTC (.NET: ``ExpirationDate``)."""
        return self._expiration_date

    @property
    def expired(self) -> bool:
        """Whether the token has ended (.NET: ``Expired``)."""
        return datetime.now(timezone.utc) >= self._expiration_date

    def equals(self, obj: object) -> bool:
        """Compare as ``==`` does (.NET: ``Equals``)."""
        return self == obj

    def get_hash_code(self) -> int:
        """Give the hash (.NET: ``GetHashCode``)."""
        return hash(self)

    def to_string(self) -> str:
        """Tell about the token, but not the token itself (.NET: ``ToString``)."""
        return repr(self)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, OAuthToken):
            mine = (self._token, self._token_type, self._expiration_date)
            return mine == (other._token, other._token_type, other._expiration_date)
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self._token, self._token_type, self._expiration_date))

    def __repr__(self) -> str:
        return f"<OAuthToken {self._token_type.name} until {self._expiration_date:%Y-%m-%d %H:%M:%S} UTC>"
