"""A private Dovecot on loopback: its configuration, its start, its end, and how mailboxes are filled.

`Dovecot` owns a directory under the system's temporary one and a master process in the foreground; whoever
made it stops it. No lock: one thread starts and stops it, any thread may call `fill` and `new_user`. It knows
nothing of pytest, so that measurements use it as well.
"""

from __future__ import annotations

import base64
import contextlib
import grp
import hmac
import itertools
import json
import os
import pwd
import re
import shutil
import socket
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tests.servers.process import HOST, ServerProcess, ServerUnavailable, free_port

__all__ = ["PASSWORD", "Dovecot", "find_dovecot"]

PASSWORD = "secret"  # of every user
_BATCH = 100

_CONFIGURATION = """
base_dir = {directory}/run
state_dir = {directory}/run
instance_name = {instance}
log_path = {directory}/dovecot.log
protocols = imap pop3
listen = {host}
{identity}
first_valid_uid = 1
first_valid_gid = 1
mail_location = sdbox:{directory}/mail/%u
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5 apop scram-sha-1 scram-sha-256 xoauth2 oauthbearer
auth_failure_delay = 0
mail_max_userip_connections = {limit}
mail_fsync = never
mail_plugins = quota
protocol imap {{
  mail_plugins = quota imap_quota imap_zlib
}}
plugin {{
  quota_vsizes = yes
  quota_rule = *:storage=100G:messages=100000000
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {directory}/oauth2.conf
}}
# Only users whose names begin so: counting has been seen to crash under many connections of one user (2.3.19).
passdb {{
  driver = static
  username_filter = quota*
  args = password={password} userdb_quota=count:Root userdb_uid={mail_uid} userdb_gid={mail_gid} {home}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = prefetch
}}
userdb {{
  driver = static
  args = uid={mail_uid} gid={mail_gid} home={directory}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    special_use = \\Drafts
    auto = create
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = create
  }}
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
  mailbox Trash {{
    special_use = \\Trash
    auto = create
  }}
}}
service imap-login {{
  chroot = {login_chroot}
  client_limit = 500
  process_min_avail = 1
  service_count = 0
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  chroot = {login_chroot}
  client_limit = 500
  service_count = 0
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service imap {{
  process_limit = 300
}}
service pop3 {{
  process_limit = 100
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
  chroot =
}}
service auth {{
  unix_listener auth-userdb {{
    mode = 0666
  }}
  unix_listener auth-client {{
    mode = 0666
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""
_OAUTH2 = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={directory}/keys/
username_attribute = sub
"""
_TOKEN_KEY = b"the key that tokens are signed with, of 32 bytes or more"


def find_dovecot() -> str | None:
    """The master program, or None."""
    return shutil.which("dovecot", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))


def _web_base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


class Dovecot(ServerProcess):
    """A running Dovecot.

    Parameters:
        certificate, key: PEM files for implicit TLS and STARTTLS; without them there is no TLS.
        max_userip_connections: connections one user may have, by each protocol.
    """

    name = "Dovecot"
    password = PASSWORD

    def __init__(
        self, certificate: Path | None = None, key: Path | None = None, *, max_userip_connections: int = 200
    ) -> None:
        self._program = find_dovecot()
        if self._program is None:
            raise ServerUnavailable("Dovecot is not installed (Debian: dovecot-imapd dovecot-pop3d)")
        self.max_userip_connections = max_userip_connections
        self._users = itertools.count(1)
        self.imap_port = self.imaps_port = self.pop3_port = self.pop3s_port = 0
        super().__init__()
        try:
            self.directory.chmod(0o755)
            self._prepare(certificate, key)
            self._start(partial(self._configure, self._program, certificate is not None))
        except BaseException:
            self.stop()
            raise

    @property
    def auth_socket(self) -> Path:
        """Where other servers ask about passwords."""
        return self.directory / "run" / "auth-client"

    @property
    def mail_user(self) -> str:
        """The system's user who owns the mailboxes."""
        return pwd.getpwuid(self._mail[0]).pw_name

    def __repr__(self) -> str:
        return f"<Dovecot imap={self.imap_port} imaps={self.imaps_port} pop3={self.pop3_port}>"

    def token(self, user: str) -> str:
        """An access token that lets the user in (RFC 7519, HS256)."""
        now = int(time.time())
        claims = {"sub": user, "iat": now - 60, "nbf": now - 60, "exp": now + 3600}
        parts = [_web_base64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
        signature = hmac.digest(_TOKEN_KEY, b".".join(parts), "sha256")
        return b".".join([*parts, _web_base64(signature)]).decode()

    # -- life --------------------------------------------------------------------------------------

    def _prepare(self, certificate: Path | None, key: Path | None) -> None:
        (self.directory / "run").mkdir(mode=0o755)
        mail = self.directory / "mail"
        mail.mkdir(mode=0o755)
        if os.geteuid() == 0:
            owner = "mail" if _has_user("mail") else "nobody"
            shutil.chown(mail, owner)
            self._mail = (pwd.getpwnam(owner).pw_uid, pwd.getpwnam(owner).pw_gid)
            self._identity = ""
            self._chroot = "login"
        else:
            user = pwd.getpwuid(os.geteuid())
            self._mail = (user.pw_uid, os.getegid())
            self._identity = f"default_internal_user = {user.pw_name}\ndefault_login_user = {user.pw_name}\n"
            self._identity += f"default_internal_group = {grp.getgrgid(os.getegid()).gr_name}"
            self._chroot = ""
        if certificate is not None and key is not None:
            self._copy_certificate(certificate, key)

        key_of_tokens = self.directory / "keys" / "default" / "HS256" / "default"
        key_of_tokens.parent.mkdir(parents=True)
        key_of_tokens.write_bytes(base64.b64encode(_TOKEN_KEY))
        (self.directory / "oauth2.conf").write_text(_OAUTH2.format(directory=self.directory))

    def _configure(self, program: str, tls: bool) -> list[str]:
        self.imap_port, self.imaps_port = free_port(), free_port()
        self.pop3_port, self.pop3s_port = free_port(), free_port()
        self._waiting = [self.imap_port, self.pop3_port]
        path = self.directory / "dovecot.conf"
        path.write_text(self._configuration(tls))
        return [program, "-F", "-c", str(path)]

    def _configuration(self, tls: bool) -> str:
        directory = self.directory
        lines = f"ssl_cert = <{directory}/server.crt\nssl_key = <{directory}/server.key\n"
        lines += "ssl_min_protocol = TLSv1.2"
        return _CONFIGURATION.format(
            directory=directory,
            instance=directory.name,
            host=HOST,
            identity=self._identity,
            ssl="yes" if tls else "no",
            certificate=lines if tls else "",
            limit=self.max_userip_connections,
            home=f"userdb_home={directory}/mail/%u",
            password=PASSWORD,
            mail_uid=self._mail[0],
            mail_gid=self._mail[1],
            login_chroot=self._chroot,
            imap=self.imap_port,
            imaps=self.imaps_port if tls else 0,
            pop3=self.pop3_port,
            pop3s=self.pop3s_port if tls else 0,
        )

    def _greets(self) -> bool:
        """Of IMAP and POP3 one after the other."""
        with socket.create_connection((HOST, self._waiting[0]), 5) as sock:
            if sock.recv(1):
                self._waiting.pop(0)
        return not self._waiting

    # -- use ---------------------------------------------------------------------------------------

    def new_user(self, prefix: str = "user") -> str:
        """A user that nobody has used before, with empty folders; the password is `PASSWORD`."""
        return f"{prefix}{next(self._users)}"

    @contextlib.contextmanager
    def _session(self, user: str) -> Iterator[Any]:
        with socket.create_connection((HOST, self.imap_port), 30) as sock, sock.makefile("rwb") as stream:
            stream.readline()
            _command(stream, b"LOGIN %s %s" % (_quoted(user), _quoted(PASSWORD)))
            yield stream
            stream.write(b"z LOGOUT\r\n")
            stream.flush()
            stream.read()

    def fill(self, user: str, folder: str, messages: Iterable[bytes]) -> list[int]:
        """Append messages (with CRLF line ends) to a folder, which is created when missing. Returns their
        UIDs."""
        uids: list[int] = []
        with self._session(user) as stream:
            if folder.upper() != "INBOX":
                _command(stream, b"CREATE " + _quoted(folder), may_fail=True)
            source = iter(messages)
            while batch := list(itertools.islice(source, _BATCH)):
                parts = b"".join(b" {%d+}\r\n" % len(body) + body for body in batch)
                result = _command(stream, b"APPEND " + _quoted(folder) + parts)
                match = re.search(rb"\[APPENDUID \d+ ([\d:,]+)\]", result)
                assert match is not None, f"no APPENDUID in {result!r}"
                for part in match[1].split(b","):
                    first, _, last = part.partition(b":")
                    uids += range(int(first), int(last or first) + 1)
        return uids

    def count(self, user: str, folder: str = "INBOX") -> int:
        """Messages in a folder, asked on a connection of its own."""
        with self._session(user) as stream:
            result = _command(stream, b"STATUS " + _quoted(folder) + b" (MESSAGES)")
        match = re.search(rb"MESSAGES (\d+)", result)
        assert match is not None, f"no count in {result!r}"
        return int(match[1])


def _quoted(text: str) -> bytes:
    return b'"' + text.encode().replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _command(stream: Any, text: bytes, *, may_fail: bool = False) -> bytes:
    """Send one command; returns its answer lines joined."""
    stream.write(b"a " + text + b"\r\n")
    stream.flush()
    lines = b""
    while True:
        line: bytes = stream.readline()
        lines += line
        if line.startswith(b"a ") or not line:
            if not line.startswith(b"a OK") and not may_fail:
                raise ServerUnavailable(f"{text[:60]!r} failed: {lines!r}")
            return lines
