"""Who may sign in, as Twisted's cred sees it; the same portal serves every protocol.

Entered by the child process's reactor thread alone. Counts the signed-in connections of each user.
"""

# Twisted annotates little of cred: its calls are untyped here, and nowhere else but in the sibling
# modules that speak to Twisted.
# mypy: disable-error-code="no-untyped-call"
# ruff: noqa: N802, N803, N815 - the names are Twisted's
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUntypedFunctionDecorator=false, reportUntypedClassDecorator=false

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

from twisted.cred import checkers, credentials, error, portal
from twisted.internet import defer
from zope.interface import implementer  # type: ignore[import-untyped]  # has no type information

from mailclients.testing.store import Account, MailStore

__all__ = ["TooManyConnections", "build_portal"]


class TooManyConnections(error.LoginFailed):
    """The user has as many connections as one user may have."""


@implementer(checkers.ICredentialsChecker)
class _Checker:
    credentialInterfaces = (credentials.IUsernamePassword,)

    def __init__(self, store: MailStore) -> None:
        self._store = store

    def requestAvatarId(self, given: Any) -> defer.Deferred[bytes]:
        user: bytes = given.username
        account = self._store.accounts.get(user.decode("utf-8", "replace"))
        expected = b"" if account is None else account.password.encode("utf-8")
        if account is not None and hmac.compare_digest(expected, given.password):
            return defer.succeed(user)
        return defer.fail(error.UnauthorizedLogin())


@implementer(portal.IRealm)
class _Realm:
    def __init__(self, store: MailStore) -> None:
        self._store = store

    def requestAvatar(self, avatarId: bytes, mind: object, *interfaces: Any) -> tuple[Any, Account, Callable[[], None]]:
        account = self._store.account(avatarId.decode("utf-8"))
        limit = self._store.max_connections_per_user
        if limit is not None and account.connections >= limit:
            raise TooManyConnections(f"{limit} connections at most for one user")
        account.connections += 1

        def logout() -> None:
            account.connections -= 1

        return interfaces[0], account, logout


def build_portal(store: MailStore) -> portal.Portal:
    """The portal of a server: passwords compared, connections counted."""
    # which interfaces a class implements is known to zope at run time and to no type checker
    realm: Any = _Realm(store)
    checker: Any = _Checker(store)
    return portal.Portal(realm, [checker])
