"""What a client and a proxy say to each other before the proxy passes bytes on: SOCKS 4, 4a and 5, and HTTP CONNECT.

Each conversation is a generator. It yields a `Say`: bytes to be sent, and how many bytes of the answer it needs, which
it is sent then. Never one byte more is asked for than belongs to the proxy, since the server's own bytes come right
behind. No input and output, no state beyond a conversation, no lock.
"""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Generator
from typing import Final, NamedTuple, TypeAlias

from mailclients.errors import AsposeArgumentException, NetworkException, escape

__all__ = ["Conversation", "Say", "http_connect", "socks4", "socks5"]

LONGEST_HEAD: Final = 16 * 1024  # bytes of an answer of HTTP, with all its header fields


class Say(NamedTuple):
    """What is to be sent, maybe nothing, and how many bytes are to be read then, maybe none."""

    data: bytes
    read: int


Conversation: TypeAlias = Generator[Say, bytes, None]

# RFC 1928 section 6.
_SOCKS5_REPLIES: Final = {
    1: "general failure",
    2: "its rules do not allow the connection",
    3: "the network is unreachable",
    4: "the host is unreachable",
    5: "the connection was refused",
    6: "the time to live expired",
    7: "it does not know the command",
    8: "it does not know this type of address",
}
# The SOCKS 4 protocol's reply codes; 90 is success.
_SOCKS4_REPLIES: Final = {
    91: "the request was refused or failed",
    92: "it cannot reach the identd of this machine",
    93: "the identd of this machine tells another user",
}
_NO_SIGN_IN: Final = 0
_PASSWORD: Final = 2
_NONE_OF_THESE: Final = 0xFF


def socks5(host: str, port: int, username: str, password: str, *, anonymous: bool, by_password: bool) -> Conversation:
    """SOCKS 5 (RFC 1928), with username and password (RFC 1929) where the proxy wants them.

    Args:
        host: name or address to be connected to; names are left to the proxy. port: 1 to 65535.
        anonymous: whether to offer to go without a sign-in. by_password: whether to offer username and password.

    Raises:
        NetworkException: the proxy refuses, or does not keep to the protocol.
        AsposeArgumentException: name, username or password is longer than the protocol can carry.
    """
    target = _socks5_address(host) + port.to_bytes(2, "big")
    words = _short(username, "username"), _short(password, "password")
    methods = bytes([_NO_SIGN_IN] * anonymous + [_PASSWORD] * by_password)
    version, method = yield Say(bytes([5, len(methods)]) + methods, 2)
    if version != 5:
        raise _no_proxy("SOCKS 5")
    if method == _NONE_OF_THESE:
        how = "the ways to sign in that it was offered" if by_password else "anybody without username and password"
        raise NetworkException(f"the proxy does not take {how}")
    if method not in methods:
        raise NetworkException(f"the proxy chose a way to sign in that it was not offered: {method}")
    if method == _PASSWORD:
        version, status = yield Say(b"\x01" + words[0] + words[1], 2)
        if version != 1:
            raise _no_proxy("SOCKS 5")
        if status != 0:
            raise NetworkException("the proxy refused the username or the password")
    version, reply, _, kind = yield Say(b"\x05\x01\x00" + target, 4)
    if version != 5:
        raise _no_proxy("SOCKS 5")
    if reply != 0:
        raise NetworkException(f"the proxy made no connection to {host}:{port}: {_SOCKS5_REPLIES.get(reply, reply)}")
    if kind == 3:
        (length,) = yield Say(b"", 1)
    else:
        length = {1: 4, 4: 16}.get(kind, -1)
    if length < 0:
        raise _no_proxy("SOCKS 5")
    yield Say(b"", length + 2)


def socks4(host: str, port: int, user_id: str) -> Conversation:
    """SOCKS 4, and 4a where `host` is a name, which is left to the proxy then.

    Raises:
        NetworkException: the proxy refuses, or does not keep to the protocol.
        AsposeArgumentException: `host` is an IPv6 address, or holds what the protocol cannot carry.
    """
    address = _address(host)
    if address is not None and address.version == 6:
        raise AsposeArgumentException("SOCKS 4 knows no IPv6 addresses; use SocksVersion.SOCKS_V5")
    user = user_id.encode() + b"\0"
    if address is not None:
        target, name = address.packed, b""
    else:
        target, name = b"\0\0\0\x01", _name(host) + b"\0"  # an address that cannot be: the name stands behind
    answer = yield Say(b"\x04\x01" + port.to_bytes(2, "big") + target + user + name, 8)
    if answer[0] != 0:
        raise _no_proxy("SOCKS 4")
    if answer[1] != 90:
        why = _SOCKS4_REPLIES.get(answer[1], answer[1])
        raise NetworkException(f"the proxy made no connection to {host}:{port}: {why}")


def http_connect(host: str, port: int, username: str, password: str) -> Conversation:
    """CONNECT (RFC 9110 section 9.3.6), with the Basic scheme (RFC 7617) if there is a username.

    Raises:
        NetworkException: the proxy refuses, or does not keep to the protocol.
        AsposeArgumentException: the username holds a colon.
    """
    address = _address(host)
    shown = f"[{address}]" if address is not None and address.version == 6 else host
    target = f"{shown}:{port}".encode() if address is not None else _name(host) + f":{port}".encode()
    request = b"CONNECT " + target + b" HTTP/1.1\r\nHost: " + target + b"\r\n"
    if ":" in username:
        raise AsposeArgumentException("the username for an HTTP proxy must not contain a colon")
    if username:
        request += b"Proxy-Authorization: Basic " + base64.b64encode(f"{username}:{password}".encode()) + b"\r\n"
    head = yield from _head(request + b"\r\n")
    words = head.split(b"\r\n", 1)[0].split(b"\n", 1)[0].split(None, 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or len(words[1]) != 3 or not words[1].isdigit():
        raise _no_proxy("HTTP")
    status = int(words[1])
    if status == 407:
        refused, missing = "the proxy refused the username or the password", "the proxy wants a username and a password"
        raise NetworkException(refused if username else missing)
    if not 200 <= status <= 299:
        said = escape(b" ".join(words[1:]).decode("latin-1")[:200])
        raise NetworkException(f"the proxy made no connection to {host}:{port}: {said}")


def _head(request: bytes) -> Generator[Say, bytes, bytes]:
    """The status line and header fields. Byte by byte: what stands behind them is the server's."""
    head = bytearray((yield Say(request, 1)))
    while not head.endswith((b"\r\n\r\n", b"\n\n")):
        if len(head) >= LONGEST_HEAD:
            raise NetworkException(f"the proxy's answer does not end within {LONGEST_HEAD} bytes")
        if len(head) == 5 and head != b"HTTP/":
            raise _no_proxy("HTTP")
        head += yield Say(b"", 1)
    return bytes(head)


def _no_proxy(kind: str) -> NetworkException:
    return NetworkException(f"what answered is no {kind} proxy")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _name(host: str) -> bytes:
    try:
        name = host.encode("ascii") if host.isascii() else host.encode("idna")
    except UnicodeError as error:
        raise AsposeArgumentException(f"host {escape(host)!r} is no name for a proxy: {error}") from error
    if not 1 <= len(name) <= 255 or any(each <= 0x20 or each == 0x7F for each in name):
        raise AsposeArgumentException(f"host {escape(host)!r} is no name for a proxy")
    return name


def _socks5_address(host: str) -> bytes:
    address = _address(host)
    if address is not None:
        return bytes([1 if address.version == 4 else 4]) + address.packed
    name = _name(host)
    return bytes([3, len(name)]) + name


def _short(text: str, what: str) -> bytes:
    data = text.encode()
    if len(data) > 255:
        raise AsposeArgumentException(f"the {what} for a SOCKS proxy must not be longer than 255 bytes")
    return bytes([len(data)]) + data
