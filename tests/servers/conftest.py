"""Real servers, started for a test run on loopback ports of their own and stopped after it.

Where a server is not installed its tests are skipped; with MAILCLIENTS_REQUIRE_SERVERS=1 or CI set they
fail instead. Another server comes in the same way: a class in a module of its own here, and a fixture that goes
through `required`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from tests.servers.dovecot import Dovecot
from tests.servers.process import ServerUnavailable
from tests.support.certs import Certificates

Server = TypeVar("Server")
_FALSE = ("", "0", "false", "no")


def servers_required() -> bool:
    """Whether a missing server fails the tests that need it."""
    names = ("MAILCLIENTS_REQUIRE_SERVERS", "CI")
    return any(os.environ.get(name, "").lower() not in _FALSE for name in names)


def required(start: Callable[[], Server]) -> Server:
    """The server that `start` gives; where there is none the test is skipped, or fails."""
    try:
        return start()
    except ServerUnavailable as error:
        if servers_required():
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error).splitlines()[0])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses a server, so that `-m "not servers"` leaves it out."""
    for item in items:
        if {"dovecot", "limited_dovecot", "postfix"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.servers)


@pytest.fixture(scope="session")
def dovecot(certificates: Certificates) -> Iterator[Dovecot]:
    """Dovecot with TLS (certificate for localhost and 127.0.0.1) and 200 connections a user."""
    good = certificates.good
    with required(lambda: Dovecot(good.certificate, good.key)) as server:
        yield server


@pytest.fixture(scope="session")
def limited_dovecot(certificates: Certificates) -> Iterator[Dovecot]:
    """Dovecot that allows three connections a user and protocol."""
    good = certificates.good
    with required(lambda: Dovecot(good.certificate, good.key, max_userip_connections=3)) as server:
        yield server


@pytest.fixture
def user(dovecot: Dovecot) -> str:
    """A user of `dovecot` with empty folders."""
    return dovecot.new_user()
