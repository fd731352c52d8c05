"""What TLS connections are made of beside the server's certificate: own certificates and protocol versions.

A collection of certificates is guarded by its own lock and may be changed by any thread at any moment; connections that
are opened afterwards use what is in it then. The functions here have no state.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias, cast

from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeInvalidOperationException,
    AsposeNotSupportedException,
)
from mailclients.names import NamesChecked
from mailclients.options import EncryptionProtocols

__all__ = ["X509CertificateCollection", "check_protocols", "limit_protocols"]

Path: TypeAlias = "str | os.PathLike[str]"
Certificate: TypeAlias = "Path | tuple[Path, Path] | tuple[Path, Path, str]"


_WANTED: Final = (
    "a client certificate is a path of a PEM file, or a tuple of the paths of certificate and key, and the key's"
    " password if it has one"
)


class _Files(NamedTuple):
    certificate: str
    key: str | None
    password: str

    def load_into(self, context: ssl.SSLContext) -> None:
        # Always with a password: without one OpenSSL would ask for it at the terminal.
        context.load_cert_chain(self.certificate, self.key, lambda: self.password)

    def __repr__(self) -> str:
        return repr(self.certificate if self.key is None else (self.certificate, self.key))


class X509CertificateCollection(NamesChecked):
    """Certificates by which a client shows a server who it is (.NET: ``X509CertificateCollection``).

    Each is a PEM file with a certificate, those that lead to its authority, and its private key; or a tuple of the
    file with the certificates and the one with the key, and the key's password if it has one. Of several with the same
    kind of key (RSA, EC) the first is used.
    """

    __slots__ = ("_files", "_lock")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: tuple[_Files, ...] = ()

    def add(self, value: Certificate) -> int:
        """Adds a certificate and returns its position (.NET: ``Add``).

        Raises:
            AsposeArgumentException: there is no such file, or it cannot be used; the text says why.
        """
        files = _files(value)
        with self._lock:
            self._files = (*self._files, files)
            return len(self._files) - 1

    def append(self, value: Certificate) -> None:
        """`add`, as Python's lists have it."""
        self.add(value)

    def add_range(self, value: Iterable[Certificate]) -> None:
        """Adds several certificates, or none if one of them cannot be used (.NET: ``AddRange``)."""
        more = tuple(_files(each) for each in value)
        with self._lock:
            self._files = (*self._files, *more)

    def clear(self) -> None:
        """Takes all certificates out (.NET: ``Clear``)."""
        with self._lock:
            self._files = ()

    def __iter__(self) -> Iterator[str]:
        """The names of the files with the certificates."""
        return iter([each.certificate for each in self._files])

    def __len__(self) -> int:
        return len(self._files)

    def __repr__(self) -> str:
        return f"<X509CertificateCollection {list(self._files)!r}>"

    def load_into(self, context: ssl.SSLContext) -> None:
        """Has a context show these certificates to servers that ask for one.

        Raises:
            AsposeInvalidOperationException: a file has changed since it was added, and cannot be used any more.
        """
        try:
            for files in reversed(self._files):  # of several with one kind of key OpenSSL keeps the last
                files.load_into(context)
        except (OSError, ValueError) as error:
            raise AsposeInvalidOperationException(f"client_certificates cannot be used any more: {error}") from error


def _files(value: object) -> _Files:
    parts = cast("tuple[object, ...]", value) if isinstance(value, tuple) else (value,)
    match parts:
        case (certificate, key, str(password)):
            paths = [_path(certificate), _path(key)]
        case (certificate, key):
            paths, password = [_path(certificate), _path(key)], ""
        case (both,):
            paths, password = [_path(both)], ""
        case _:
            raise ArgumentTypeError(_WANTED)
    files = _Files(paths[0], paths[1] if len(paths) > 1 else None, password)
    try:
        files.load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    except (OSError, ValueError) as error:
        hint = ""
        if paths[0].lower().endswith((".pfx", ".p12")):
            hint = "; PKCS #12 has to be made PEM first: openssl pkcs12 -in FILE -out FILE.pem"
        elif isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
            hint = "; the key belongs to another certificate"
        elif files.key is None:
            hint = "; does it have the private key in it, too, and is that without a password?"
        raise AsposeArgumentException(f"the client certificate {paths[0]!r} cannot be used: {error}{hint}") from error
    return files


def _path(value: object) -> str:
    path: object = os.fspath(cast("os.PathLike[str]", value)) if isinstance(value, os.PathLike) else value
    if not isinstance(path, str):
        raise ArgumentTypeError(_WANTED)
    if not os.path.isfile(path):
        raise AsposeArgumentException(f"client certificate: there is no file {path!r}")
    return os.path.abspath(path)


# Oldest first. The library's name of each, whether it was built with it, and whether it is still thought safe.
_VERSIONS: Final = (
    (EncryptionProtocols.SSL_2, None, False),
    (EncryptionProtocols.SSL_3, ssl.TLSVersion.SSLv3 if ssl.HAS_SSLv3 else None, False),
    (EncryptionProtocols.TLS, ssl.TLSVersion.TLSv1 if ssl.HAS_TLSv1 else None, False),
    (EncryptionProtocols.TLS_11, ssl.TLSVersion.TLSv1_1 if ssl.HAS_TLSv1_1 else None, False),
    (EncryptionProtocols.TLS_12, ssl.TLSVersion.TLSv1_2 if ssl.HAS_TLSv1_2 else None, True),
    (EncryptionProtocols.TLS_13, ssl.TLSVersion.TLSv1_3 if ssl.HAS_TLSv1_3 else None, True),
)


def check_protocols(value: object, *, unsafe: bool) -> EncryptionProtocols:
    """The value itself if connections can be limited to these versions.

    Raises:
        AsposeNotSupportedException: a version is broken and `unsafe` is false, or the TLS library does not have it.
        AsposeArgumentException: the versions do not follow one upon the other.
    """
    if not isinstance(value, EncryptionProtocols):
        raise ArgumentTypeError(f"supported_encryption must be an EncryptionProtocols, not {type(value).__name__}")
    known = 0
    places: list[int] = []
    for place, (protocol, version, safe) in enumerate(_VERSIONS):
        known |= int(protocol)
        if not value & protocol:
            continue
        places.append(place)
        if version is None:
            raise AsposeNotSupportedException(f"{_name(protocol)} is not in this Python's TLS ({ssl.OPENSSL_VERSION})")
        if not safe and not unsafe:
            raise AsposeNotSupportedException(
                f"{_name(protocol)} can be broken by others on the way; set_supported_encryption_unsafe takes it if"
                " that is meant"
            )
        if value & protocol != protocol:
            raise AsposeArgumentException(f"supported_encryption has a part of {_name(protocol)} only")
    if int(value) & ~known:
        raise AsposeArgumentException(f"supported_encryption has a version that nobody knows: {int(value) & ~known}")
    if places and places[-1] - places[0] + 1 != len(places):
        raise AsposeArgumentException("supported_encryption leaves out a version between two that it has")
    if unsafe and value:
        limit_protocols(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), value)  # what Python warns of, it warns of here
    return value


def limit_protocols(context: ssl.SSLContext, value: EncryptionProtocols) -> None:
    """Has a context speak these versions and no others; NOT_SPECIFIED leaves it as it is."""
    chosen = [version for protocol, version, _ in _VERSIONS if value & protocol and version is not None]
    if not chosen:
        return
    context.minimum_version, context.maximum_version = chosen[0], chosen[-1]
    if chosen[0] < ssl.TLSVersion.TLSv1_2:
        # OpenSSL 3 knows nothing of these versions' signatures at its usual level of security.
        context.set_ciphers("DEFAULT:@SECLEVEL=0")


def _name(protocol: EncryptionProtocols) -> str:
    return next(name for name, member in EncryptionProtocols.__members__.items() if member is protocol)
