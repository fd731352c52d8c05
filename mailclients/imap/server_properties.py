"""ImapClient's properties about the server: what it has, what of that is used, and what it says of itself.

Reading one of them asks the server where the answer is not known, on the connection that a call would use. Settings are
plain attributes, as in `client`; extensions that are not to be used stand in one `Declined`, which all connections of
the client look at. Entered by any thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, cast, overload

from mailclients.engine.deadlines import Deadline
from mailclients.errors import ArgumentTypeError, AsposeArgumentException
from mailclients.imap import operations
from mailclients.imap.models import (
    CompressionType,
    ImapIdentificationInfo,
    ImapKnownAuthenticationType,
    ImapMailboxInfo,
)
from mailclients.imap.protocol import Declined, ImapCore
from mailclients.settings import bool_setting, text_setting
from mailclients.signatures import one_form
from mailclients.signing_in import SigningIn

__all__ = ["ImapServerProperties"]

_Ways = ImapKnownAuthenticationType

# Names behind AUTH= that are not spelled like the members of ImapKnownAuthenticationType.
_MECHANISMS: Final = {
    "GSS-SPNEGO": _Ways.GSSSPNEGO,
    "OAUTHBEARER": _Ways.OAUTH2,
    "OTP": _Ways.OTP_MD4 | _Ways.OTP_MD5 | _Ways.OTP_SHA1,
    "PASSDSS-3DES-1": _Ways.PASS_DSS_SHA_3_DES_1,
    "XOAUTH2": _Ways.OAUTH2,
}
_ALL_WAYS: Final = _Ways(sum(way for way in _Ways if way.value & (way.value - 1) == 0))


def ways_to_sign_in(capabilities: Iterable[str]) -> ImapKnownAuthenticationType:
    """What a server offers before the sign-in; mechanisms that have no name here are left out."""
    ways = _Ways.IMAP_LOGIN
    for capability in capabilities:
        if capability == "LOGINDISABLED":
            ways &= ~_Ways.IMAP_LOGIN
        elif capability.startswith("AUTH="):
            mechanism = capability[5:]
            ways |= _MECHANISMS.get(mechanism) or _Ways.__members__.get(mechanism.replace("-", "_"), _Ways.NONE)
    return ways


class Supported(property):
    """A property that tells whether the server has an extension, and takes whether the client may use it."""

    def __init__(self, capability: str, net: str, source: str) -> None:
        def offers(client: ImapServerProperties) -> bool:
            return client._offers(capability)

        def choose(client: ImapServerProperties, value: bool) -> None:
            client._decline(capability, not bool_setting(value, self._name))

        self._name = capability
        doc = (
            f"Whether the server has {capability} ({source}) and the client may use it (.NET: ``{net}``). Assigning"
            " False keeps the client from using it, on connections that are open as well; True leaves it to the server."
        )
        super().__init__(offers, choose)
        self.__doc__ = doc  # on its own, as the class has a text, too

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type, /) -> Supported: ...
        @overload
        def __get__(self, instance: object, owner: type | None = None, /) -> bool: ...
        def __get__(self, instance: object, owner: type | None = None, /) -> Supported | bool: ...
        def __set__(self, instance: object, value: bool, /) -> None: ...


class ImapServerProperties(SigningIn):
    """What the client knows of its server, and what it says of itself."""

    def __init__(self) -> None:
        self._declined = Declined()
        self._chosen_delimiter: str | None = None  # None: the server is asked
        self._allowed_authentication = _ALL_WAYS
        self._identification: ImapIdentificationInfo | None = None
        self._server_identification: ImapIdentificationInfo | None = None
        self._exchange_id = False
        self._enabled_by_caller: tuple[str, ...] = ()
        super().__init__()

    def _core_of_call(self) -> ImapCore:
        """The state of the connection that a call of this thread uses; opened where it is not."""
        self._check_alive()
        return cast("ImapCore", self._context_session(None).ensure(Deadline(self._timeout)).core)

    @one_form
    def get_capabilities(self) -> list[str]:
        """What the server offers, as it says (.NET: ``GetCapabilities``)."""
        return sorted(self._core_of_call().capabilities)

    def _offers(self, capability: str) -> bool:
        """Whether the server has an extension, or one variety of it, and the client may use it."""
        if self._declined.covers(capability):
            return False
        core = self._core_of_call()
        return core.has(capability) or bool(core.varieties(capability))

    def _decline(self, capability: str, declined: bool) -> None:
        """Keeps the client from using an extension, or lets it again."""
        if declined:
            self._declined.names.add(capability)
        else:
            self._declined.names.discard(capability)

    annotate_supported = Supported("ANNOTATE-EXPERIMENT-1", "AnnotateSupported", "RFC 5257")
    children_supported = Supported("CHILDREN", "ChildrenSupported", "RFC 3348")
    compress_supported = Supported("COMPRESS", "CompressSupported", "RFC 4978")
    condstore_supported = Supported("CONDSTORE", "CondstoreSupported", "RFC 7162")
    e_search_supported = Supported("ESEARCH", "ESearchSupported", "RFC 4731")
    enable_supported = Supported("ENABLE", "EnableSupported", "RFC 5161")
    extended_list_supported = Supported("LIST-EXTENDED", "ExtendedListSupported", "RFC 5258")
    gm_ext_1_supported = Supported("X-GM-EXT-1", "GmExt1Supported", "Gmail")
    id_supported = Supported("ID", "IdSupported", "RFC 2971")
    move_supported = Supported("MOVE", "MoveSupported", "RFC 6851")
    namespace_supported = Supported("NAMESPACE", "NamespaceSupported", "RFC 2342")
    qresync_supported = Supported("QRESYNC", "QresyncSupported", "RFC 7162")
    quota_supported = Supported("QUOTA", "QuotaSupported", "RFC 9208")
    sasl_ir_supported = Supported("SASL-IR", "SaslIrSupported", "RFC 4959")
    sort_supported = Supported("SORT", "SortSupported", "RFC 5256")
    special_use_supported = Supported("SPECIAL-USE", "SpecialUseSupported", "RFC 6154")
    thread_supported = Supported("THREAD", "ThreadSupported", "RFC 5256")
    uid_plus_supported = Supported("UIDPLUS", "UidPlusSupported", "RFC 4315")
    unselect_supported = Supported("UNSELECT", "UnselectSupported", "RFC 3691")

    @property
    def support_old_server(self) -> bool:
        """Whether the client keeps to IMAP4rev1 without extensions, whatever the server says it has; False unless it
        is set (.NET: ``SupportOldServer``)."""
        return self._declined.everything

    @support_old_server.setter
    def support_old_server(self, value: bool) -> None:
        self._declined.everything = bool_setting(value, "support_old_server")

    @property
    def thread_algorithms(self) -> list[str]:
        """By which algorithms the server finds threads, such as ``"REFERENCES"`` (RFC 5256; .NET:
        ``ThreadAlgorithms``)."""
        return self._core_of_call().varieties("THREAD")

    @property
    def server_supported_compression(self) -> CompressionType:
        """How the server can compress a connection (RFC 4978; .NET: ``ServerSupportedCompression``)."""
        deflate = self._core_of_call().has("COMPRESS=DEFLATE")
        return CompressionType.DEFLATE if deflate else CompressionType.NONE

    @property
    def supported_authentication(self) -> ImapKnownAuthenticationType:
        """How the server lets users sign in, as it said before the client did (.NET: ``SupportedAuthentication``)."""
        offered = self._core_of_call().sign_in_capabilities
        return ways_to_sign_in(offered) if offered else _Ways.NONE

    @property
    def allowed_authentication(self) -> ImapKnownAuthenticationType:
        """Ways in which the client may sign in; all unless it is set (.NET: ``AllowedAuthentication``). LOGIN and
        IMAP_LOGIN both allow the command LOGIN."""
        return self._allowed_authentication

    @allowed_authentication.setter
    def allowed_authentication(self, value: ImapKnownAuthenticationType) -> None:
        if not isinstance(value, ImapKnownAuthenticationType):
            raise ArgumentTypeError(
                f"allowed_authentication must be an ImapKnownAuthenticationType, not {type(value).__name__}"
            )
        self._allowed_authentication = value

    # -- who is who ------------------------------------------------------------

    @property
    def client_identification_info(self) -> ImapIdentificationInfo:
        """What `introduce_client` says of this program; `ImapIdentificationInfo.default_value` unless it is set
        (.NET: ``ClientIdentificationInfo``)."""
        if self._identification is None:
            self._identification = ImapIdentificationInfo.default_value
        return self._identification

    @client_identification_info.setter
    def client_identification_info(self, value: ImapIdentificationInfo) -> None:
        if not isinstance(value, ImapIdentificationInfo):
            raise ArgumentTypeError(
                f"client_identification_info must be an ImapIdentificationInfo, not {type(value).__name__}"
            )
        self._identification = value

    @property
    def server_identification_info(self) -> ImapIdentificationInfo | None:
        """What the server said of itself when the client introduced itself, or None before
        (.NET: ``ServerIdentificationInfo``)."""
        return self._server_identification

    def _server_said(self, info: ImapIdentificationInfo) -> None:
        """Keeps what a server says of itself."""
        self._server_identification = info

    @property
    def exchange_id_automatically(self) -> bool:
        """Whether client and server introduce themselves at each sign-in, where the server has ID; False unless it is
        set (.NET: ``ExchangeIdAutomatically``)."""
        return self._exchange_id

    @exchange_id_automatically.setter
    def exchange_id_automatically(self, value: bool) -> None:
        self._exchange_id = bool_setting(value, "exchange_id_automatically")

    def _remember_enabled(self, names: Iterable[str]) -> None:
        """Remembers extensions that the caller has enabled, in the order in which they were named first."""
        with self._lock:
            self._enabled_by_caller = tuple(dict.fromkeys((*self._enabled_by_caller, *names)))

    # -- folders ------------------------------------------------------------

    @property
    def mailbox_info(self) -> ImapMailboxInfo:
        """The folders that have a purpose, such as drafts; asks the server each time (RFC 6154; .NET:
        ``MailboxInfo``)."""
        info: ImapMailboxInfo = self._ask_server(operations.mailbox_info)
        return info

    @property
    def delimiter(self) -> str:
        """The character between the levels of folders' names, as the server says unless it is set; empty where names
        have no levels (.NET: ``Delimiter``)."""
        if self._chosen_delimiter is not None:
            return self._chosen_delimiter
        found: str = self._ask_server(operations.delimiter_of)
        return found

    @delimiter.setter
    def delimiter(self, value: str) -> None:
        if len(text_setting(value, "delimiter")) > 1:
            raise AsposeArgumentException("delimiter must be one character, or empty")
        self._chosen_delimiter = value
