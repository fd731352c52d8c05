"""SASL mechanisms: what they send, what they refuse, what they keep to themselves."""

from __future__ import annotations

import base64
import copy
import json
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from mailclients.errors import AsposeArgumentException, AsposeArgumentNullException, RemoteProtocolError
from mailclients.wire.sasl import MAX_CHALLENGE, OAuthBearer, Plain, SaslExchange, SaslMechanism, XOAuth2

TOKEN = "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg=="
MAKERS: list[Callable[[], SaslMechanism]] = [
    lambda: Plain("tim", TOKEN),
    lambda: XOAuth2("someuser@example.com", TOKEN),
    lambda: OAuthBearer("user@example.com", TOKEN, "server.example.com", 143),
]


def test_initial_messages() -> None:
    assert Plain("tim", "tanstaaftanstaaf").initial() == b"\0tim\0tanstaaftanstaaf"
    assert Plain("Kurt", "xipj3plmq", "Ursel").initial() == b"Ursel\0Kurt\0xipj3plmq"
    assert Plain("jürgen", "pässword").initial() == "\0jürgen\0pässword".encode()
    assert XOAuth2("a@b.c", "tok").initial() == b"user=a@b.c\x01auth=Bearer tok\x01\x01"
    assert (
        OAuthBearer("user@example.com", "tok", "server.example.com", 143).initial()
        == b"n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer tok\x01\x01"
    )
    assert OAuthBearer("", "tok").initial() == b"n,,\x01auth=Bearer tok\x01\x01"
    assert OAuthBearer("a=b,c", "tok").initial() == b"n,a=a=3Db=2Cc,\x01auth=Bearer tok\x01\x01"
    assert [make().name for make in MAKERS] == ["PLAIN", "XOAUTH2", "OAUTHBEARER"]


@pytest.mark.parametrize(("index", "answer"), [(1, b""), (2, b"\x01")])
def test_H_D4_error_challenges(index: int, answer: bytes) -> None:
    mechanism = MAKERS[index]()
    report = {"status": "invalid_token", "schemes": "bearer", "scope": "https://mail.example/\x1b"}
    assert mechanism.respond(json.dumps(report).encode()) == answer
    assert mechanism.error_status == "invalid_token"
    assert mechanism.error_scope == "https://mail.example/\\x1b"


@pytest.mark.parametrize(
    "challenge",
    [
        b"",
        b"no json",
        b"[]",
        b"5",
        b'"x"',
        b"{}",
        b"\xff\xfe",
        b"[" * 5000,
        b'{"status": null}',
        b'{"status": {"a": 1}}',
        b'{"status": "with spaces and\\r\\nlines"}',
        b'{"status": 12345678901234567890}',
        b'{"status": "' + b"x" * 5000 + b'"}',
        b'{"status": "%s", "scope": "for %s"}' % (TOKEN.encode(), TOKEN.encode()),
    ],
)
def test_H_D4_useless_error_challenges(challenge: bytes) -> None:
    for make in MAKERS[1:]:
        mechanism = make()
        mechanism.respond(challenge)
        assert mechanism.error_status is None
        assert mechanism.error_scope is None


def test_H_D4_a_number_as_status() -> None:
    mechanism = XOAuth2("u", TOKEN)
    mechanism.respond(b'{"status":"401","schemes":"Bearer","scope":""}')
    assert mechanism.error_status == "401"
    other = XOAuth2("u", TOKEN)
    other.respond(b'{"status":400}')
    assert other.error_status == "400"


def test_H_D3_length_and_rounds_are_limited() -> None:
    for make in MAKERS[1:]:
        mechanism = make()
        with pytest.raises(RemoteProtocolError, match="bytes"):
            mechanism.respond(b"x" * (MAX_CHALLENGE + 1))
        mechanism = make()
        mechanism.respond(b"{}")
        mechanism.respond(b"{}")
        with pytest.raises(RemoteProtocolError, match="more than 2 challenges"):
            mechanism.respond(b"{}")
    with pytest.raises(RemoteProtocolError, match="PLAIN"):
        MAKERS[0]().respond(b"")


@pytest.mark.parametrize("bad", ["a\0b", "a\rb", "a\nb", "a\x01b", "\ud800", ""])
def test_H_D5_control_characters_are_refused(bad: str) -> None:
    makers: list[Callable[[], SaslMechanism]] = [
        lambda: XOAuth2(bad, TOKEN),
        lambda: XOAuth2("user", bad),
        lambda: OAuthBearer("user", bad),
    ]
    if bad:
        makers += [lambda: OAuthBearer(bad, TOKEN), lambda: OAuthBearer("user", TOKEN, bad)]
    if "\x01" not in bad:
        makers += [lambda: Plain(bad, "password"), lambda: Plain("user", bad)]
    for make in makers:
        with pytest.raises(AsposeArgumentException) as caught:
            make()
        assert not bad or bad not in str(caught.value)
        assert TOKEN not in str(caught.value)
        assert caught.value.__cause__ is None


def test_wrong_types_are_refused() -> None:
    wrong: Any
    for wrong in (None, b"x", 5):
        with pytest.raises(AsposeArgumentException):
            Plain("user", wrong)
        with pytest.raises(AsposeArgumentException):
            XOAuth2(wrong, TOKEN)
    with pytest.raises(AsposeArgumentNullException):
        XOAuth2("user", None)  # type: ignore[arg-type]
    for wrong in (-1, 65536, True, "143"):
        with pytest.raises(AsposeArgumentException):
            OAuthBearer("user", TOKEN, "host", wrong)


@pytest.mark.parametrize("make", MAKERS)
def test_H_J6_secrets_do_not_show(make: Callable[[], SaslMechanism]) -> None:
    mechanism = make()

    def fail() -> None:
        held = mechanism
        raise ValueError(f"{held} {held!r}")

    try:
        fail()
    except ValueError as error:
        report = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        assert TOKEN not in report
        assert "tim" not in repr(mechanism)
    else:
        pytest.fail("nothing was raised")
    for store in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="holds secrets"):
            store(mechanism)


# -- the exchange as lines ------------------------------------------------------------------------------


def test_the_initial_response_rides_with_the_command_where_there_is_room() -> None:
    encoded = base64.b64encode(b"\0user\0secret")
    for room, riding in ((None, encoded), (len(encoded), encoded), (len(encoded) - 1, None), (0, None)):
        exchange = SaslExchange(Plain("user", "secret"))
        assert exchange.begin(room) == riding
        if riding is None:
            assert exchange.respond(b" \r\n") == encoded + b"\r\n"
        assert exchange.given_up is None


@pytest.mark.parametrize("challenge", [b"aGVsbG8=", b"not base64!"])
def test_an_exchange_that_makes_no_sense_is_cancelled_once(challenge: bytes) -> None:
    exchange = SaslExchange(Plain("user", "secret"))
    exchange.begin(0)
    assert exchange.respond(challenge) == b"*\r\n"
    assert exchange.given_up is not None
    with pytest.raises(RemoteProtocolError):
        exchange.respond(b"")
