"""A certificate authority and the certificates it signs, made when a server starts and forgotten with it.

Needs ``cryptography``. No lock: an authority is made and used by one thread, before anything listens.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ["Authority", "Certificates", "Issued", "make_certificates", "self_signed"]

_BEGIN = timedelta(hours=-1)  # for clocks that differ
_END = timedelta(days=7)


@dataclass(frozen=True)
class Certificates:
    """PEM texts: the authority that a client trusts, and what the server shows and keeps."""

    authority: bytes
    certificate: bytes
    private_key: bytes = field(repr=False)


@dataclass(frozen=True)
class Issued:
    """A server's certificate and its key as PEM texts."""

    certificate: bytes
    private_key: bytes = field(repr=False)


class Authority:
    """Signs server certificates with a key that is known to nobody else.

    Attributes:
        certificate: its own certificate as a PEM text, for those who are to trust it.
    """

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        signed = (
            _begun(self._name, self._name, self._key.public_key(), _BEGIN, _END)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.certificate = signed.public_bytes(serialization.Encoding.PEM)

    def issue(
        self, hosts: Sequence[str], *, begin: timedelta = _BEGIN, end: timedelta = _END, client: bool = False
    ) -> Issued:
        """A certificate for a server that is called by these names and addresses.

        Args:
            begin, end: from when to when it is valid, seen from now. client: it is for a client instead.
        """
        return _issue(hosts, self._name, self._key, begin, end, client=client)


def self_signed(hosts: Sequence[str]) -> Issued:
    """A certificate that nobody but the server itself has signed."""
    return _issue(hosts, None, None, _BEGIN, _END)


def make_certificates(host: str) -> Certificates:
    """A fresh authority and a certificate signed by it for ``localhost``, loopback and `host`.

    Valid from an hour ago, for clocks that differ, to a week from now. Two certificates rather than one
    that signs itself: strict verification, the default since Python 3.13, asks for both kinds of usage.
    """
    names = ["localhost", "127.0.0.1", "::1"]
    if host not in (*names, "0.0.0.0", "::"):
        names.append(host)
    authority = Authority("mailclients.testing authority")
    issued = authority.issue(names)
    return Certificates(authority.certificate, issued.certificate, issued.private_key)


def _issue(
    hosts: Sequence[str],
    issuer: x509.Name | None,
    issuer_key: ec.EllipticCurvePrivateKey | None,
    begin: timedelta,
    end: timedelta,
    *,
    client: bool = False,
) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(hosts[0])
    signer = issuer_key or key
    purpose = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
    certificate = (
        _begun(subject, issuer or subject, key.public_key(), begin, end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_alternative(host) for host in hosts]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    return Issued(
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, begin: timedelta, end: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begin)
        .not_valid_after(now + end)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
