"""The enums of IMAP with their documented values. They never change; any thread."""

from __future__ import annotations

from enum import IntEnum, IntFlag

from mailclients.names import HintedEnumMeta

__all__ = [
    "CompressionType",
    "ImapCommandResult",
    "ImapKnownAuthenticationType",
    "ImapListFields",
    "ImapNamespaceType",
    "ImapSpecialFolderTypes",
    "ImapStatusCode",
    "ListFoldersOptions",
    "ListFoldersReturnOptions",
    "SortingKey",
]


class CompressionType(IntEnum, metaclass=HintedEnumMeta):
    """Compression of a connection (.NET: ``CompressionType``)."""

    NOT_DEFINED = -1
    NONE = 0
    DEFLATE = 1


class ImapCommandResult(IntEnum, metaclass=HintedEnumMeta):
    """How a command ended (.NET: ``ImapCommandResult``)."""

    UNDETERMINED = 0
    SUCCESS = 1
    FAILURE = 2
    ERROR = 3
    CONTINUATION_REQUEST = 4


class ImapKnownAuthenticationType(IntFlag, metaclass=HintedEnumMeta):
    """Ways to sign in (.NET: ``ImapKnownAuthenticationType``).

    The SHA mechanisms without channel binding have a second name, spelled like those with it.
    """

    NONE = 0
    LOGIN = 1
    OAUTH2 = 2
    NTLM = 4
    PLAIN = 8
    GSSAPI = 16
    CRAM_MD5 = 32
    EXTERNAL = 64
    KERBEROS_V4 = 128
    ANONYMOUS = 256
    DIGEST_MD5 = 512
    GSSSPNEGO = 1024
    OTP_MD4 = 2048
    OTP_MD5 = 4096
    OTP_SHA1 = 8192
    SKEY = 16384
    PASS_DSS_SHA_3_DES_1 = 32768
    SCRAM_SHA1 = 65536
    SCRAM_SHA_1_PLUS = 131072
    SCRAM_SHA224 = 262144
    SCRAM_SHA_224_PLUS = 524288
    SCRAM_SHA256 = 1048576
    SCRAM_SHA_256_PLUS = 2097152
    SCRAM_SHA384 = 4194304
    SCRAM_SHA_384_PLUS = 8388608
    SCRAM_SHA512 = 16777216
    SCRAM_SHA_512_PLUS = 33554432
    IMAP_LOGIN = 268435456
    SCRAM_SHA_1 = 65536
    SCRAM_SHA_224 = 262144
    SCRAM_SHA_256 = 1048576
    SCRAM_SHA_384 = 4194304
    SCRAM_SHA_512 = 16777216


class ImapListFields(IntEnum, metaclass=HintedEnumMeta):
    """What a listing loads of each message (.NET: ``ImapListFields``)."""

    ID_ONLY = 0
    MAIN = 1


class ImapNamespaceType(IntEnum, metaclass=HintedEnumMeta):
    """Whose folders a namespace holds (.NET: ``ImapNamespaceType``)."""

    PERSONAL = 0
    OTHER_USERS = 1
    SHARED = 2


class ImapSpecialFolderTypes(IntEnum, metaclass=HintedEnumMeta):
    """What a folder is for (.NET: ``ImapSpecialFolderTypes``; RFC 6154, RFC 8457)."""

    NOT_SPECIFIED = 0
    ALL = 1
    ARCHIVE = 2
    DRAFTS = 3
    FLAGGED = 4
    JUNK = 5
    SENT = 6
    TRASH = 7
    IMPORTANT = 8


class ImapStatusCode(IntFlag, metaclass=HintedEnumMeta):
    """Status words and response codes (.NET: ``ImapStatusCode``)."""

    NOT_DEFINED = 0
    OK = 1
    NO = 2
    BAD = 4
    PREAUTH = 8
    BYE = 16
    ALERT = 32
    BAD_CHARSET = 64
    CAPABILITY = 128
    PARSE = 256
    PERMANENT_FLAGS = 512
    READ_ONLY = 1024
    READ_WRITE = 2048
    TRY_CREATE = 4096
    UID_NEXT = 8192
    UID_VALIDITY = 16384
    UNSEEN = 32768
    UNSOLICITED = 65536


class ListFoldersOptions(IntFlag, metaclass=HintedEnumMeta):
    """Which folders are listed (.NET: ``ListFoldersOptions``; RFC 5258 section 3)."""

    NONE = 0
    SUBSCRIBED = 1
    REMOTE = 2
    RECURSIVE_MATCH = 4


class ListFoldersReturnOptions(IntFlag, metaclass=HintedEnumMeta):
    """What is told about listed folders (.NET: ``ListFoldersReturnOptions``; RFC 5258 section 3)."""

    NONE = 0
    SUBSCRIBED = 1
    CHILDREN = 2


class SortingKey(IntFlag, metaclass=HintedEnumMeta):
    """What SORT sorts by (.NET: ``SortingKey``; RFC 5256 section 3).

    `FROM` and `FROM_ADDRESS` are the same member: the naming rule gives the longer name.
    """

    ARRIVAL = 1
    CC = 2
    DATE = 4
    FROM = 8
    FROM_ADDRESS = 8
    SIZE = 16
    SUBJECT = 32
    TO = 64
