"""The commands about the server and the account: NAMESPACE, QUOTA, ID, ENABLE.

As those of `commands`: a command belongs to the operation that made it, and while it is on its way it is entered under
the lock of its connection. An answer counts for a command only if it names what the command asked about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from mailclients.engine.commands import Command
from mailclients.errors import MailClientError, RemoteProtocolError, escape
from mailclients.imap.commands import leaving
from mailclients.imap.models import ImapIdentificationInfo, ImapNamespace, ImapNamespaceType, ImapQuota, ImapQuotaRoot
from mailclients.imap.protocol import Encoded, ImapCommand, ImapCore, folder_key, refusal, refuse_more
from mailclients.wire.imap_responses import (
    EnabledResponse,
    IdResponse,
    NamespaceResponse,
    QuotaResponse,
    QuotaRootResponse,
    TaggedResponse,
)
from mailclients.wire.imap_strings import Literal, decode_mailbox, encode_astring, encode_mailbox, encode_string

__all__ = ["Enable", "GetQuota", "GetQuotaRoot", "Identify", "Namespaces", "SetQuota"]

# What one command may be told before the server counts as broken.
MOST_RESOURCES: Final = 10_000  # limits in the answers to one command about quotas
MOST_ROOTS: Final = 10_000

# Comes with an extension that was asked for (RFC 7162 section 3.2.3); servers may name it or not.
_COMES_WITH: Final = {"CONDSTORE": "QRESYNC"}


class Namespaces(ImapCommand):
    """NAMESPACE (RFC 9051 section 6.3.10). Result: a list of `ImapNamespace`."""

    __slots__ = ("_told",)

    def __init__(self) -> None:
        super().__init__("NAMESPACE", (b"NAMESPACE",), idempotent=True, listens=(NamespaceResponse,))
        self._told: NamespaceResponse | None = None

    def line(self, core: ImapCore) -> Sequence[Encoded]:
        self._told = None
        return self.parts

    def untagged(self, response: Any, core: ImapCore) -> None:
        self._told = response

    def answer(self, response: TaggedResponse, core: ImapCore) -> list[ImapNamespace]:
        told = self._told
        if told is None:
            raise RemoteProtocolError("the server answered NAMESPACE without telling any")
        groups = (
            (told.personal, ImapNamespaceType.PERSONAL),
            (told.other_users, ImapNamespaceType.OTHER_USERS),
            (told.shared, ImapNamespaceType.SHARED),
        )
        return [
            ImapNamespace(decode_mailbox(prefix, core.utf8), delimiter, kind)
            for group, kind in groups
            for prefix, delimiter, _ in group
        ]


# -- quotas ------------------------------------------------------------


def _root_text(root: bytes) -> str:
    return root.decode("utf-8", "replace")


def _quotas(root: str, resources: Mapping[str, tuple[int, int]]) -> list[ImapQuota]:
    return [ImapQuota(root, name, used, limit) for name, (used, limit) in resources.items()]


class GetQuota(ImapCommand):
    """GETQUOTA (RFC 9208 section 4.1.1). Result: a list of `ImapQuota`, one for each resource of the root."""

    __slots__ = ("_resources", "_root")

    def __init__(self, root: str) -> None:
        super().__init__("GETQUOTA", (), idempotent=True, listens=(QuotaResponse,))
        self._root = root
        self._resources: dict[str, tuple[int, int]] = {}

    def ready(self, core: ImapCore) -> None:
        self.parts = (b"GETQUOTA", encode_astring(self._root, core.utf8, "quota_root_name"))

    def line(self, core: ImapCore) -> Sequence[Encoded]:
        self._resources = {}
        return self.parts

    def untagged(self, response: Any, core: ImapCore) -> None:
        if _root_text(response.root) == self._root:
            self._resources.update(response.resources)
            refuse_more(len(self._resources), MOST_RESOURCES, f"resources in answer to {self.name}")

    def refused(self, response: TaggedResponse) -> MailClientError:
        return refusal(f"{self.name} of the quota root {escape(self._root)!r}", response)

    def answer(self, response: TaggedResponse, core: ImapCore) -> list[ImapQuota]:
        return _quotas(self._root, self._resources)


class SetQuota(GetQuota):
    """SETQUOTA (RFC 9208 section 4.1.3). Result: the quotas that the server then tells of the root."""

    __slots__ = ("_limit",)

    def __init__(self, root: str, resource: str, limit: int) -> None:
        ImapCommand.__init__(self, "SETQUOTA", (), idempotent=True, listens=(QuotaResponse,))
        self._root = root
        self._resources = {}
        self._limit = b"(%b %d)" % (resource.encode("ascii"), limit)

    def ready(self, core: ImapCore) -> None:
        self.parts = (b"SETQUOTA", encode_astring(self._root, core.utf8, "quota_root_name"), self._limit)


class GetQuotaRoot(ImapCommand):
    """GETQUOTAROOT (RFC 9208 section 4.1.2). Result: a list of `ImapQuotaRoot`."""

    __slots__ = ("_folder", "_resources", "_roots")

    def __init__(self, folder: str) -> None:
        super().__init__("GETQUOTAROOT", (), idempotent=True, listens=(QuotaRootResponse, QuotaResponse))
        self._folder = folder
        self._roots: dict[bytes, None] = {}
        self._resources: dict[bytes, dict[str, tuple[int, int]]] = {}

    def ready(self, core: ImapCore) -> None:
        self.parts = (b"GETQUOTAROOT", encode_mailbox(self._folder, core.utf8))

    def line(self, core: ImapCore) -> Sequence[Encoded]:
        self._roots, self._resources = {}, {}
        return self.parts

    def untagged(self, response: Any, core: ImapCore) -> None:
        if isinstance(response, QuotaRootResponse):
            if folder_key(decode_mailbox(response.mailbox, core.utf8)) == folder_key(self._folder):
                self._roots.update(dict.fromkeys(response.roots))
        else:  # of which roots it is asked may be told only afterwards
            self._resources.setdefault(response.root, {}).update(response.resources)
            told = sum(map(len, self._resources.values()))
            refuse_more(told, MOST_RESOURCES, "resources in answer to GETQUOTAROOT")
        refuse_more(len(self._roots) + len(self._resources), MOST_ROOTS, "quota roots in answer to GETQUOTAROOT")

    def refused(self, response: TaggedResponse) -> MailClientError:
        return refusal(f"to tell the quota of the folder {escape(self._folder)!r}", response)

    def answer(self, response: TaggedResponse, core: ImapCore) -> list[ImapQuotaRoot]:
        found: list[ImapQuotaRoot] = []
        for raw in self._roots:
            root = _root_text(raw)
            found.append(ImapQuotaRoot(self._folder, root, _quotas(root, self._resources.get(raw, {}))))
        return found


# -- who is who, and what is on ------------------------------------------------------------


class Identify(ImapCommand):
    """ID (RFC 2971). Result: what the server says of itself, an `ImapIdentificationInfo`."""

    __slots__ = ("_fields", "_told")

    def __init__(self, info: ImapIdentificationInfo) -> None:
        super().__init__("ID", (), idempotent=True, listens=(IdResponse,))
        self._fields = info.to_fields()
        self._told: dict[str, str | None] = {}

    def ready(self, core: ImapCore) -> None:
        parts: list[Encoded] = [b"ID"]
        text = b"("
        for name, value in self._fields.items():
            text += b'"%b"' % name.encode("ascii")
            encoded = encode_string(value, core.utf8, f"the field {name}")
            if isinstance(encoded, Literal):
                parts += (text, encoded)
                text = b""
            else:
                text += b" " + encoded
            text += b" " if text else b""
        text = text.rstrip(b" ")
        self.parts = (*parts, text + b")") if self._fields else (b"ID NIL",)

    def line(self, core: ImapCore) -> Sequence[Encoded]:
        self._told = {}
        return self.parts

    def untagged(self, response: Any, core: ImapCore) -> None:
        self._told = response.fields

    def answer(self, response: TaggedResponse, core: ImapCore) -> ImapIdentificationInfo:
        return ImapIdentificationInfo.from_fields(self._told)


class Enable(ImapCommand):
    """ENABLE (RFC 9051 section 6.3.1), which is for connections without a selected folder: it is left first.

    Result: the names that the server says it has enabled, as it spells them.
    """

    __slots__ = ("_asked", "_told")

    outside: ClassVar[bool] = True

    def __init__(self, names: Sequence[str]) -> None:
        words = [name.encode("ascii") for name in names]
        super().__init__("ENABLE", (b" ".join([b"ENABLE", *words]),), idempotent=True, listens=(EnabledResponse,))
        self._asked = frozenset(name.upper() for name in names)
        self._told: dict[str, str] = {}

    def before(self, core: ImapCore) -> Command:
        return leaving(core)

    def line(self, core: ImapCore) -> Sequence[Encoded]:
        self._told = {}
        return self.parts

    def untagged(self, response: Any, core: ImapCore) -> None:
        for name in response.capabilities:
            key = name.upper()
            # Some change what the bytes mean that come next.
            if key not in self._asked and _COMES_WITH.get(key) not in self._asked:
                raise RemoteProtocolError(f"the server enabled an extension that was not asked for: {escape(name)}")
            self._told.setdefault(key, name)

    def answer(self, response: TaggedResponse, core: ImapCore) -> list[str]:
        return list(self._told.values())
