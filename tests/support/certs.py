"""Certificates made at test time: an authority, and servers that are right or wrong in one way each.

Owns no state; `make_certificates` writes PEM files into a directory that its caller owns.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from mailclients.testing.certificates import Authority, Issued, self_signed

__all__ = ["Certificate", "Certificates", "make_certificates"]


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


def _server(directory: Path, name: str, issued: Issued) -> Certificate:
    made = Certificate(directory / f"{name}.crt", directory / f"{name}.key")
    made.certificate.write_bytes(issued.certificate)
    made.key.write_bytes(issued.private_key)
    made.key.chmod(0o600)
    return made


def make_certificates(directory: Path) -> Certificates:
    """Make an authority and its servers in `directory`; takes some ten milliseconds."""
    authority, unknown = Authority("mailclients test authority"), Authority("unknown authority")
    ca = directory / "ca.crt"
    ca.write_bytes(authority.certificate)
    names = ["localhost", "127.0.0.1"]
    day = timedelta(days=1)
    return Certificates(
        ca,
        good=_server(directory, "good", authority.issue(names)),
        expired=_server(directory, "expired", authority.issue(names, begin=-30 * day, end=-day)),
        wrong_host=_server(directory, "wrong_host", authority.issue(["mail.example.org"])),
        no_address=_server(directory, "no_address", authority.issue(["localhost"])),
        self_signed=_server(directory, "self_signed", self_signed(names)),
        stranger=_server(directory, "stranger", unknown.issue(names)),
    )
