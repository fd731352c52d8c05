"""Signing in to real servers: each way that SmtpClient knows, and access tokens with every client."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from mailclients import ImapClient, Pop3Client, SecurityOptions, SmtpClient, SmtpKnownAuthenticationType
from mailclients.signing_in import AccessToken
from mailclients.wire.sasl import SaslMechanism
from tests.servers.conftest import required
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.postfix import Postfix
from tests.support.certs import Certificates

Known = SmtpKnownAuthenticationType
BOTH = pytest.mark.parametrize("security", [SecurityOptions.NONE, SecurityOptions.SSL_EXPLICIT])


@pytest.fixture(scope="module")
def postfix(dovecot: Dovecot, certificates: Certificates) -> Iterator[Postfix]:
    good = certificates.good
    with required(lambda: Postfix(dovecot, good.certificate, good.key)) as server:
        yield server


@BOTH
@pytest.mark.parametrize(
    ("way", "name"),
    [
        (Known.SCRAM_SHA_256, "SCRAM-SHA-256"),
        (Known.SCRAM_SHA_1, "SCRAM-SHA-1"),
        (Known.CRAM_MD5, "CRAM-MD5"),
        (Known.PLAIN, "PLAIN"),
        (Known.LOGIN, "LOGIN"),
    ],
)
def test_each_way_to_sign_in_to_Postfix(
    postfix: Postfix,
    user: str,
    certificates: Certificates,
    caplog: pytest.LogCaptureFixture,
    way: Known,
    name: str,
    security: SecurityOptions,
) -> None:
    caplog.set_level(logging.DEBUG, "mailclients.connection")
    with SmtpClient(postfix.host, postfix.port, user, PASSWORD, security) as client:
        client.ca_file = str(certificates.ca)
        client.allowed_authentication = way
        client.noop()
        assert f"AUTH {name}" in caplog.text
        client.password = "wrong"
        assert client.validate_credentials() is False


class OnlyXOAuth2:
    """A client that takes XOAUTH2 where a server offers OAUTHBEARER as well."""

    def _token_mechanism(self, token: AccessToken, *, bearer: bool) -> SaslMechanism:
        found: SaslMechanism = super()._token_mechanism(token, bearer=False)  # type: ignore[misc]
        return found


@BOTH
@pytest.mark.parametrize("bearer", [False, True], ids=["XOAUTH2", "OAUTHBEARER"])
@pytest.mark.parametrize("cls", [ImapClient, Pop3Client, SmtpClient])
def test_an_access_token_signs_in(
    postfix: Postfix,
    dovecot: Dovecot,
    user: str,
    certificates: Certificates,
    caplog: pytest.LogCaptureFixture,
    cls: Any,
    bearer: bool,
    security: SecurityOptions,
) -> None:
    caplog.set_level(logging.DEBUG, "mailclients.connection")
    port = {ImapClient: dovecot.imap_port, Pop3Client: dovecot.pop3_port, SmtpClient: postfix.port}[cls]
    made = cls if bearer else type(cls.__name__, (OnlyXOAuth2, cls), {})
    with made("127.0.0.1", port, security) as client:
        client.ca_file = str(certificates.ca)
        client.username, client.access_token = user, dovecot.token(user)
        client.noop()
        name = "OAUTHBEARER" if bearer else "XOAUTH2"
        assert f"AUTH {name}" in caplog.text or f"AUTHENTICATE {name}" in caplog.text
        assert client.validate_credentials() is True
        client.access_token = dovecot.token("somebody-else")
        assert client.validate_credentials() is False
        assert dovecot.token(user)[:20] not in caplog.text
