"""What a server tells about itself and the account: namespaces, quotas, who it is. Plain values; any thread.

An `ImapIdentificationInfo` can be changed by whoever made it; all else is immutable.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from mailclients.dotnet import ClassValue
from mailclients.imap.models.enums import ImapNamespaceType
from mailclients.imap.models.settings import Setting, sendable
from mailclients.names import NamesChecked, NamesHinted

__all__ = ["ImapIdentificationInfo", "ImapNamespace", "ImapQuota", "ImapQuotaRoot"]


@dataclass(frozen=True, slots=True)
class ImapNamespace(NamesHinted):
    """Where folders of one kind are found (.NET: ``ImapNamespace``; RFC 2342).

    Attributes:
        prefix: what the names of these folders begin with; may be empty.
        hierarchy_delimiter: the character between the levels of a name, or None where there are no levels.
        namespace_type: whose folders they are.
    """

    prefix: str
    hierarchy_delimiter: str | None
    namespace_type: ImapNamespaceType

    def to_string(self) -> str:
        """Give the prefix (.NET: ``ToString``)."""
        return self.prefix

    def __str__(self) -> str:
        return self.prefix


@dataclass(frozen=True, slots=True)
class ImapQuota(NamesHinted):
    """What is used and allowed of one resource (.NET: ``ImapQuota``; RFC 9208 section 5).

    Attributes:
        quota_root_name: the root that the limit is set on; may be empty.
        resource_name: such as ``"STORAGE"``, which counts units of 1,024 bytes, or ``"MESSAGE"``.
        used: how much is in use, in units of the resource.
        limit: how much is allowed, in the same units.
    """

    quota_root_name: str
    resource_name: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class ImapQuotaRoot(NamesHinted):
    """One of the roots that limit a folder, with its quotas (.NET: ``ImapQuotaRoot``; RFC 9208 section 4.1.3).

    Attributes:
        mailbox_name: the folder that was asked about.
        quota_root_name: the root; may be empty.
        quotas: one for each resource that the root limits.
    """

    mailbox_name: str
    quota_root_name: str
    quotas: list[ImapQuota] = field(default_factory=list[ImapQuota])


# Fields of RFC 2971 section 3.3 by attribute.
_FIELDS = {
    "name": "name",
    "version": "version",
    "os": "os",
    "os_version": "os-version",
    "vendor": "vendor",
    "support_url": "support-url",
    "address": "address",
    "date": "date",
    "command": "command",
    "arguments": "arguments",
    "environment": "environment",
}
_VALUE = sendable(1024)  # RFC 2971 section 3.3: the most bytes of a value


def _default_identification() -> ImapIdentificationInfo:
    made = ImapIdentificationInfo()
    made.name = "mailclients"
    # The package that this module is in is loaded already; importing it would point upwards.
    made.version = str(sys.modules[__name__.partition(".")[0]].__version__)
    return made


class ImapIdentificationInfo(NamesChecked):
    """What a program says about itself (.NET: ``ImapIdentificationInfo``; RFC 2971 section 3.3).

    Each attribute is a str of at most 1,024 bytes or None, which tells nothing.
    """

    name = Setting[str | None](None, _VALUE, "Name of the program.")
    version = Setting[str | None](None, _VALUE, "Version of the program.")
    os = Setting[str | None](None, _VALUE, "Name of the operating system.")
    os_version = Setting[str | None](None, _VALUE, "Version of the operating system.")
    vendor = Setting[str | None](None, _VALUE, "Who makes the program.")
    support_url = Setting[str | None](None, _VALUE, "Where help is found.")
    address = Setting[str | None](None, _VALUE, "Postal address of the vendor.")
    date = Setting[str | None](None, _VALUE, "When the program was released, as an IMAP date-time.")
    command = Setting[str | None](None, _VALUE, "Command that the program was started with.")
    arguments = Setting[str | None](None, _VALUE, "Arguments that the program was started with.")
    environment = Setting[str | None](None, _VALUE, "Environment that the program runs in.")

    default_value = ClassValue(
        _default_identification, "What this library says when nothing else is set (.NET: ``DefaultValue``): its name."
    )

    @staticmethod
    def from_fields(fields: Mapping[str, str | None]) -> ImapIdentificationInfo:
        """Take what a server said; fields that RFC 2971 does not name are left out.

        Args:
            fields: values by name, the names in any case.
        """
        made = ImapIdentificationInfo()
        said = {name.lower(): value for name, value in fields.items()}
        # What a server says is kept as it is, however long.
        vars(made).update({name: said.get(key) for name, key in _FIELDS.items() if said.get(key) is not None})
        return made

    def to_fields(self) -> dict[str, str]:
        """Give the fields that have a value, under the names that the ID command uses."""
        values = {key: getattr(self, name) for name, key in _FIELDS.items()}
        return {key: value for key, value in values.items() if value is not None}

    def to_string(self) -> str:
        """Give the fields that have a value (.NET: ``ToString``)."""
        return ", ".join(f"{name}: {value}" for name, value in self.to_fields().items())

    def __str__(self) -> str:
        return self.to_string()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ImapIdentificationInfo):
            return self.to_fields() == other.to_fields()
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"<ImapIdentificationInfo {self.to_fields()}>"
