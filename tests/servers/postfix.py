"""A private Postfix on loopback that delivers into a Dovecot: its configuration, its start and its end.

`Postfix` owns a directory under the system's temporary one and a master process in the foreground; whoever made it
stops it. No lock: one thread starts and stops it. It knows nothing of pytest.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import threading
from functools import partial
from pathlib import Path
from types import TracebackType

from tests.servers.dovecot import Dovecot
from tests.servers.process import HOST, ServerProcess, ServerUnavailable, free_port

__all__ = ["DOMAIN", "REFUSED", "Postfix", "SessionLimit"]

DOMAIN = "example.org"  # its users are those of the Dovecot
REFUSED = f"nobody@{DOMAIN}"
_PROGRAMS = Path("/usr/lib/postfix/sbin")
_DELIVERY = Path("/usr/lib/dovecot/dovecot-lda")

_MAIN = """
compatibility_level = 3.6
queue_directory = {directory}/queue
data_directory = {directory}/data
daemon_directory = {programs}
mail_owner = postfix
maillog_file = {directory}/postfix.log
maillog_file_prefixes = {directory}
myhostname = mx.{domain}
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = {host}
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = static:all
virtual_transport = dovecot
dovecot_destination_recipient_limit = 1
message_size_limit = {size}
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_recipient_restrictions = {policy} check_recipient_access inline:{{ {refused}=REJECT }}, permit_mynetworks, reject
smtpd_client_connection_count_limit = {connections}
smtpd_client_event_limit_exceptions =
smtpd_discard_ehlo_keywords = {discard}
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {sasl}
smtpd_tls_security_level = {tls}
smtpd_tls_cert_file = {directory}/server.crt
smtpd_tls_key_file = {directory}/server.key
smtpd_tls_mandatory_protocols = >=TLSv1.2
"""

_MASTER = """
{host}:{port} inet n - n - - smtpd
{host}:{tls_port} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
dovecot unix - n n - 8 pipe
  user={user} argv={delivery} -c {dovecot}/dovecot.conf -o log_path={dovecot}/mail/delivery.log -d ${{user}}
"""


class SessionLimit:
    """A policy server for Postfix that has it answer 421, and hang up, when a session brings one message too many.

    Attributes:
        port: where Postfix asks. hung_up: how many sessions were ended. `_lock` guards it and what is counted.
    """

    def __init__(self, messages: int) -> None:
        self.hung_up = 0
        self._messages = messages
        self._lock = threading.Lock()
        self._seen: dict[str, set[str]] = {}
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, name="policy-accept", daemon=True)
        self._accepting.start()

    def __enter__(self) -> SessionLimit:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.append(sock)
            thread = threading.Thread(target=self._serve, args=(sock,), name="policy", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError), sock.makefile("rw", encoding="utf-8", newline="\n") as stream:
            asked: dict[str, str] = {}
            for line in stream:
                if line != "\n":
                    name, _, value = line.strip().partition("=")
                    asked[name] = value
                    continue
                stream.write(f"action={self._decide(asked)}\n\n")
                stream.flush()
                asked = {}

    def _decide(self, asked: dict[str, str]) -> str:
        with self._lock:
            messages = self._seen.setdefault(asked.get("client_port", ""), set())
            messages.add(asked.get("instance", ""))
            if len(messages) <= self._messages:
                return "DUNNO"
            self.hung_up += 1
            del self._seen[asked["client_port"]]
            return "421 4.7.0 enough messages for one session"


class Postfix(ServerProcess):
    """A running Postfix.

    Parameters:
        dovecot: where it delivers, by the part of an address before the at sign, and who knows the passwords.
        certificate, key: PEM files for STARTTLS and implicit TLS.
        connections: how many one client may have.
        discard: keywords that EHLO does not offer.
        size: the largest message, in bytes.
        session: what decides how many messages a session may have, or None for no limit.
    """

    name = "Postfix"

    def __init__(
        self,
        dovecot: Dovecot,
        certificate: Path,
        key: Path,
        *,
        connections: int = 100,
        discard: str = "",
        size: int = 50_000_000,
        session: SessionLimit | None = None,
    ) -> None:
        if not (_PROGRAMS / "master").exists() or not _DELIVERY.exists():
            raise ServerUnavailable("Postfix is not installed (Debian: postfix dovecot-core)")
        if os.geteuid() != 0:
            raise ServerUnavailable("Postfix can only be started by root")
        super().__init__()
        try:
            self.directory.chmod(0o755)
            self._prepare(certificate, key)
            policy = "" if session is None else f"check_policy_service inet:{HOST}:{session.port},"
            self._start(partial(self._configure, dovecot, connections, discard, size, policy))
        except BaseException:
            self.stop()
            raise

    def __repr__(self) -> str:
        return f"<Postfix smtp={self.port} smtps={self.tls_port}>"

    def _prepare(self, certificate: Path, key: Path) -> None:
        self._copy_certificate(certificate, key)
        data = self.directory / "data"
        data.mkdir(mode=0o700)
        shutil.chown(data, "postfix")
        queue = self.directory / "queue"
        queue.mkdir(mode=0o755)
        (queue / "pid").mkdir(mode=0o755)
        owned = "active bounce corrupt defer deferred flush hold incoming private saved trace maildrop public"
        for name in owned.split():
            part = queue / name
            part.mkdir(mode=0o700)
            shutil.chown(part, "postfix")
        for name, mode in (("maildrop", 0o730), ("public", 0o710)):
            shutil.chown(queue / name, group="postdrop")
            (queue / name).chmod(mode)

    def _configure(self, dovecot: Dovecot, connections: int, discard: str, size: int, policy: str) -> list[str]:
        self.port, self.tls_port = free_port(), free_port()
        main = _MAIN.format(
            directory=self.directory,
            programs=_PROGRAMS,
            host=HOST,
            domain=DOMAIN,
            refused=REFUSED,
            connections=connections,
            discard=discard,
            size=size,
            policy=policy,
            sasl=dovecot.auth_socket,
            tls="may",
        )
        master = _MASTER.format(
            host=HOST,
            port=self.port,
            tls_port=self.tls_port,
            user=dovecot.mail_user,
            delivery=_DELIVERY,
            dovecot=dovecot.directory,
        )
        (self.directory / "main.cf").write_text(main)
        (self.directory / "master.cf").write_text(master)
        return [str(_PROGRAMS / "master"), "-d", "-c", str(self.directory)]

    def _greets(self) -> bool:
        with socket.create_connection((HOST, self.port), 5) as sock, sock.makefile("rwb") as stream:
            if not stream.readline().startswith(b"220"):
                return False
            stream.write(b"QUIT\r\n")
            stream.flush()
            stream.read()
            return True

    def is_empty(self) -> bool:
        """Whether nothing that was taken waits for its delivery."""
        waiting = (self.directory / "queue" / name for name in ("incoming", "active", "deferred", "maildrop"))
        return not any(path.is_file() for queue in waiting for path in queue.rglob("*"))
