"""Bodies of the operations about the server and the account: namespaces, quotas, who is who, extensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailclients.engine.tasks import Body
from mailclients.errors import AsposeNotSupportedException
from mailclients.imap.commands import Simple
from mailclients.imap.models import ImapIdentificationInfo, ImapQuota
from mailclients.imap.protocol import ImapCore
from mailclients.imap.server_commands import Enable, GetQuota, GetQuotaRoot, Identify, Namespaces, SetQuota

if TYPE_CHECKING:
    from mailclients.client import OperationContext


def _require(core: ImapCore, operation: str, capability: str, rfc: int) -> None:
    if not core.has(capability):
        raise AsposeNotSupportedException(f"{operation}: needs a server with {capability} (RFC {rfc})")


def get_namespaces(context: OperationContext) -> Body:
    """NAMESPACE (RFC 9051 section 6.3.10): those of the user, of others and shared ones, in this order."""
    _require(context.core, "get_namespaces", "NAMESPACE", 2342)
    return (yield Namespaces())


def get_quota(context: OperationContext, *, quota_root_name: str) -> Body:
    """GETQUOTA (RFC 9208 section 4.1.1)."""
    _require(context.core, "get_quota", "QUOTA", 9208)
    return (yield GetQuota(quota_root_name))


def get_quota_root(context: OperationContext, *, mailbox_name: str) -> Body:
    """GETQUOTAROOT (RFC 9208 section 4.1.2)."""
    _require(context.core, "get_quota_root", "QUOTA", 9208)
    return (yield GetQuotaRoot(mailbox_name))


def set_quota(context: OperationContext, *, quota_root_name: str, resource_name: str, resource_limit: int) -> Body:
    """SETQUOTA (RFC 9208 section 4.1.3)."""
    core: ImapCore = context.core
    _require(core, "set_quota", "QUOTA", 9208)
    if core.varieties("QUOTA") and not core.has("QUOTASET"):
        # Servers of RFC 2087 name no resources, and all of them have SETQUOTA.
        raise AsposeNotSupportedException("set_quota: needs a server with QUOTASET (RFC 9208)")
    told: list[ImapQuota] = yield SetQuota(quota_root_name, resource_name, resource_limit)
    return told or (yield GetQuota(quota_root_name))


def introduce_client(
    context: OperationContext, *, client_identification_info: ImapIdentificationInfo | None = None
) -> Body:
    """ID (RFC 2971); the client keeps what the server says of itself."""
    _require(context.core, "introduce_client", "ID", 2971)
    info = client_identification_info
    client = context.client
    told: ImapIdentificationInfo = yield Identify(client.client_identification_info if info is None else info)
    client._server_said(told)
    return told


def client_capabilities(context: OperationContext, *, capability_names: tuple[str, ...]) -> Body:
    """ENABLE (RFC 9051 section 6.3.1); the client remembers what is on, for connections that are opened later."""
    core: ImapCore = context.core
    _require(core, "client_capabilities", "ENABLE", 5161)
    names = list(dict.fromkeys(name.upper() for name in capability_names))
    missing = [name for name in names if not core.has(name)]
    if missing:
        raise AsposeNotSupportedException(f"client_capabilities: the server does not offer {', '.join(missing)}")
    if not names:
        return []
    enabled: list[str] = yield Enable(names)
    context.client._remember_enabled(name for name in names if name in context.core.enabled)
    return enabled


def request_checkpoint(context: OperationContext) -> Body:
    """CHECK (RFC 3501 section 6.4.1); IMAP4rev2 has NOOP in its place."""
    core: ImapCore = context.core
    yield Simple("NOOP" if core.rev2 else "CHECK", selection=context.selection)
