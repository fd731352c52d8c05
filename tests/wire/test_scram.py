"""SCRAM, CRAM-MD5 and LOGIN: the vectors of the standards, servers that lie, and which mechanism is chosen."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from mailclients.errors import AsposeArgumentException, RemoteProtocolError, SecurityError
from mailclients.wire.sasl import CramMd5, Login, Plain, ScramKeys, ScramSha1, ScramSha256, choose, saslprep

# RFC 5802 section 5 and RFC 7677 section 3
VECTORS: list[tuple[Any, str, bytes, bytes, bytes, bytes]] = [
    (
        ScramSha1,
        "fyko+d2lbbFgONRv9qkxdawL",
        b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
        b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
        b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
    ),
    (
        ScramSha256,
        "rOprNGfwEbeRWgbNEkqO",
        b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
        b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
    ),
]


@pytest.mark.parametrize("vector", VECTORS, ids=["RFC5802", "RFC7677"])
def test_the_vectors_of_the_standards(vector: tuple[Any, str, bytes, bytes, bytes, bytes]) -> None:
    kind, nonce, first, challenge, final, signature = vector
    mechanism = kind("user", "pencil", nonce=nonce)
    assert mechanism.initial() == first
    assert mechanism.respond(challenge) == final
    assert mechanism.respond(signature) == b""
    mechanism.verify()


def test_the_vector_of_CRAM_MD5() -> None:
    # RFC 2195 section 2
    mechanism = CramMd5("tim", "tanstaaftanstaaf")
    challenge = b"<1896.697170952@postoffice.reston.mci.net>"
    assert mechanism.respond(challenge) == b"tim b913a602c7eda7a495b4e6e7334d3890"
    assert not CramMd5.client_first
    with pytest.raises(RemoteProtocolError):
        mechanism.respond(challenge)


def test_LOGIN_gives_the_name_and_then_the_password() -> None:
    mechanism = Login("tim", "wörd")
    assert mechanism.respond(b"User Name\0") == b"tim"
    assert mechanism.respond(b"Password\0") == "wörd".encode()
    assert mechanism.hide("no d8O2cmQ= for wörd") == "no *** for ***"
    with pytest.raises(RemoteProtocolError):
        mechanism.respond(b"And more?")


def scram(nonce: str = "abc") -> ScramSha256:
    return ScramSha256("user", "pencil", nonce=nonce)


@pytest.mark.parametrize(
    "challenge",
    [
        b"",
        b"r=abcdef",
        b"r=abcdef,s=QSXCR+Q6sek8bf92",
        b"r=abc,s=QSXCR+Q6sek8bf92,i=4096",  # nothing of the server's own
        b"r=xyzdef,s=QSXCR+Q6sek8bf92,i=4096",
        b"r=abcdef,s=QSXCR+Q6sek8bf92,i=4095",
        b"r=abcdef,s=QSXCR+Q6sek8bf92,i=1",
        b"r=abcdef,s=QSXCR+Q6sek8bf92,i=10000001",
        b"r=abcdef,s=QSXCR+Q6sek8bf92,i=99999999999999999999",
        b"r=abcdef,s=QSXCR+Q6sek8bf92,i=-4096",
        b"r=abcdef,s=QSXCR+Q6sek8bf92,i=4_096",
        "r=abcdef,s=QSXCR+Q6sek8bf92,i=４０９６".encode(),
        b"r=abcdef,s=,i=4096",
        b"r=abcdef,s=!!,i=4096",
        b"m=ext,r=abcdef,s=QSXCR+Q6sek8bf92,i=4096",
        b"rubbish",
        b"\xff\xfe",
    ],
)
def test_H_D2_a_first_message_that_SCRAM_does_not_allow(challenge: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        scram().respond(challenge)


def test_H_D2_iterations_are_bounded_before_anything_is_derived(monkeypatch: pytest.MonkeyPatch) -> None:
    def derive(*arguments: Any) -> bytes:
        raise AssertionError("a key was derived")

    monkeypatch.setattr(hashlib, "pbkdf2_hmac", derive)
    for count in (4095, 10_000_001):
        with pytest.raises(RemoteProtocolError, match=r"4096 to 10000000"):
            scram().respond(b"r=abcdef,s=QSXCR+Q6sek8bf92,i=%d" % count)
    with pytest.raises(AssertionError):
        scram().respond(b"r=abcdef,s=QSXCR+Q6sek8bf92,i=10000000")


@pytest.mark.parametrize("final", [b"v=", b"v=AAAA", b"x=AAAA", b"v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="])
def test_H_D2_a_server_that_does_not_know_the_password_is_found_out(final: bytes) -> None:
    mechanism = scram("rOprNGfwEbeRWgbNEkqO")
    mechanism.respond(VECTORS[1][3])
    with pytest.raises(SecurityError, match="does not know the password"):
        mechanism.respond(final)
    with pytest.raises(SecurityError):
        mechanism.verify()


def test_H_D2_a_server_that_says_yes_too_early_is_found_out() -> None:
    mechanism = scram("rOprNGfwEbeRWgbNEkqO")
    with pytest.raises(SecurityError):
        mechanism.verify()
    mechanism.respond(VECTORS[1][3])
    with pytest.raises(SecurityError):
        mechanism.verify()


def test_an_error_of_the_server_is_kept_and_waits_for_its_no() -> None:
    mechanism = scram("rOprNGfwEbeRWgbNEkqO")
    mechanism.respond(VECTORS[1][3])
    assert mechanism.respond(b"e=invalid-proof") == b""
    assert mechanism.error_status == "invalid-proof"
    with pytest.raises(SecurityError):
        mechanism.verify()


def test_a_key_is_derived_once_for_many_sign_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    derived: list[bytes] = []
    derive = hashlib.pbkdf2_hmac

    def counting(digest: str, password: bytes, salt: bytes, iterations: int) -> bytes:
        derived.append(password)
        return derive(digest, password, salt, iterations)

    monkeypatch.setattr(hashlib, "pbkdf2_hmac", counting)
    keys = ScramKeys()
    for password in ("pencil", "pencil", "other", "pencil"):
        mechanism = ScramSha256("user", password, keys)
        nonce = mechanism.initial().partition(b"r=")[2]
        mechanism.respond(b"r=%sX,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096" % nonce)
    assert derived == [b"pencil", b"other"]


def test_nonces_are_fresh() -> None:
    assert len({ScramSha1("user", "pencil").initial() for _ in range(20)}) == 20


def test_names_are_escaped() -> None:
    assert ScramSha1("a=b,c", "word", nonce="n").initial() == b"n,,n=a=3Db=2Cc,r=n"


@pytest.mark.parametrize(
    ("text", "prepared"),
    [  # RFC 4013 section 3
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
    ],
)
def test_SASLprep_prepares_as_its_examples_say(text: str, prepared: str) -> None:
    assert saslprep(text, "the text") == prepared


@pytest.mark.parametrize("text", ["\u0007", "\u0627\u0031", "\u00ad", "a\ue000", "a\u0627"])
def test_SASLprep_refuses_what_its_examples_refuse(text: str) -> None:
    with pytest.raises(AsposeArgumentException, match="the text"):
        saslprep(text, "the text")
    with pytest.raises(AsposeArgumentException, match="the password"):
        ScramSha1("user", text)


@pytest.mark.parametrize(
    ("offered", "encrypted", "chosen"),
    [
        ("PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256", True, ScramSha256),
        ("PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1", True, ScramSha1),
        ("PLAIN LOGIN CRAM-MD5", True, Plain),
        ("PLAIN LOGIN CRAM-MD5", False, CramMd5),
        ("PLAIN LOGIN", False, Plain),
        ("LOGIN CRAM-MD5", True, Login),
        ("CRAM-MD5", True, CramMd5),
        ("SCRAM-SHA-256-PLUS DIGEST-MD5 GSSAPI", True, None),
    ],
)
def test_the_best_mechanism_is_chosen(offered: str, encrypted: bool, chosen: Any) -> None:
    found = choose(offered.split(), "user", "word", encrypted=encrypted)
    assert found is None if chosen is None else type(found) is chosen


def test_a_password_that_SCRAM_cannot_carry_is_used_as_it_is() -> None:
    assert type(choose(["SCRAM-SHA-256", "PLAIN"], "user", "a\ue000", encrypted=True)) is Plain
    with pytest.raises(AsposeArgumentException, match="must not be empty"):
        choose(["SCRAM-SHA-256", "PLAIN"], "user", "", encrypted=True)


def test_secrets_stay_out_of_what_is_printed() -> None:
    for shown in (ScramSha256("user", "pencil"), ScramKeys(), CramMd5("user", "pencil"), Login("user", "pencil")):
        assert "pencil" not in repr(shown)
