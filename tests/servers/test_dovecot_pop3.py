"""Pop3Client against Dovecot, plain and with TLS."""

from __future__ import annotations

import pytest

from mailclients import Pop3KnownAuthenticationType
from tests.clients.overload_cases import Pop3Overloads
from tests.clients.pop3_cases import MESSAGES, Drop, Pop3Cases
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.support.certs import Certificates


def drop_of(server: Dovecot, user: str, certificates: Certificates) -> Drop:
    server.fill(user, "INBOX", MESSAGES)
    return Drop(server.host, server.pop3_port, server.pop3s_port, user, PASSWORD, str(certificates.ca))


class TestDovecot(Pop3Cases, Pop3Overloads):
    @pytest.fixture
    def drop(self, dovecot: Dovecot, user: str, certificates: Certificates) -> Drop:
        return drop_of(dovecot, user, certificates)


Known = Pop3KnownAuthenticationType


@pytest.mark.parametrize(
    "way",
    [Known.SCRAM_SHA_256, Known.SCRAM_SHA_1, Known.CRAM_MD5, Known.PLAIN, Known.LOGIN, Known.USER, Known.APOP],
    ids=lambda way: str(way.name),
)
def test_each_way_to_sign_in(dovecot: Dovecot, user: str, certificates: Certificates, way: Known) -> None:
    drop = drop_of(dovecot, user, certificates)
    with drop.client(allowed_authentication=way) as client:
        assert client.get_message_count() == len(MESSAGES)
        assert way in client.supported_authentication
        client.password = "wrong"
        assert client.validate_credentials() is False


def test_L1_a_server_with_a_lower_limit_is_a_pool_event(limited_dovecot: Dovecot, certificates: Certificates) -> None:
    drop = drop_of(limited_dovecot, limited_dovecot.new_user("limited"), certificates)
    with drop.client(max_connections_per_server=8) as client:
        infos = client.list_messages()
        handles = [client.begin_fetch_message(info.unique_id) for info in list(infos) * 30]
        assert [client.end_fetch_message(handle).as_bytes() for handle in handles] == MESSAGES * 30
        assert client.pool.peak <= 8
