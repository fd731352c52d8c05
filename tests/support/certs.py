"""Certificates made at test time: an authority, and servers that are right or wrong in one way each.

Owns no state; `make_certificates` writes PEM files into a directory that its caller owns.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ["Certificate", "Certificates", "make_certificates"]

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Certificate:
    """A server's certificate and key as PEM files."""

    certificate: Path
    key: Path

    def server_context(self, **limits: ssl.TLSVersion) -> ssl.SSLContext:
        """A server-side context; `limits` may set minimum_version and maximum_version."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        for name, version in limits.items():
            setattr(context, name, version)
        return context


@dataclass(frozen=True)
class Certificates:
    """What `make_certificates` made. All but `self_signed` and `stranger` are signed by the authority in
    `ca`."""

    ca: Path
    good: Certificate  # for localhost and 127.0.0.1
    expired: Certificate  # right names, ended yesterday
    wrong_host: Certificate  # for mail.example.org alone
    no_address: Certificate  # for localhost alone: not for 127.0.0.1
    self_signed: Certificate
    stranger: Certificate  # right names, signed by an authority nobody knows

    def client_context(self) -> ssl.SSLContext:
        """A verifying client-side context that trusts the authority and nobody else."""
        return ssl.create_default_context(cafile=str(self.ca))


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class _Authority:
    def __init__(self, common: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name(common)
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        self.certificate = (
            _builder(self.name, self.name, self.key, -_DAY, 30 * _DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    begin: dt.timedelta,
    end: dt.timedelta,
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begin)
        .not_valid_after(now + end)
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _server(
    directory: Path,
    name: str,
    authority: _Authority | None,
    hosts: Sequence[str],
    *,
    begin: dt.timedelta = -_DAY,
    end: dt.timedelta = 30 * _DAY,
) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(hosts[0])
    issuer = subject if authority is None else authority.name
    names = [_general_name(host) for host in hosts]
    issuer_key = key if authority is None else authority.key
    certificate = (
        _builder(subject, issuer, key, begin, end)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    made = Certificate(directory / f"{name}.crt", directory / f"{name}.key")
    made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    made.key.chmod(0o600)
    return made


def make_certificates(directory: Path) -> Certificates:
    """Make an authority and its servers in `directory`; takes some ten milliseconds."""
    authority, unknown = _Authority("mailclients test authority"), _Authority("unknown authority")
    ca = directory / "ca.crt"
    ca.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
    names = ["localhost", "127.0.0.1"]
    return Certificates(
        ca,
        good=_server(directory, "good", authority, names),
        expired=_server(directory, "expired", authority, names, begin=-30 * _DAY, end=-_DAY),
        wrong_host=_server(directory, "wrong_host", authority, ["mail.example.org"]),
        no_address=_server(directory, "no_address", authority, ["localhost"]),
        self_signed=_server(directory, "self_signed", None, names),
        stranger=_server(directory, "stranger", unknown, names),
    )
