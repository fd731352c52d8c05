"""The parameters of ImapClient's operations: which values each takes, and what the body is given for them.

What has the right type and cannot be used all the same is refused here, so that it never reaches the wire. Settings
that the caller may change later are copied. Values only: no lock, any thread.
"""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentOutOfRangeException,
    MessageError,
)
from mailclients.imap.models import (
    BackupOptions,
    BackupSettings,
    BaseSearchConditions,
    IImapMonitoringState,
    ImapFolderInfo,
    ImapMessageFlags,
    ImapMessageInfo,
    ListFoldersOptions,
    MessageSet,
    PageInfo,
    PersonalStorage,
    RestoreOptions,
    RestoreSettings,
    SortConditions,
    XGMThreadSearchConditions,
)
from mailclients.imap.models.backup import backup_format
from mailclients.imap.models.searching import text_for_search
from mailclients.message import MailMessage
from mailclients.parameters import (
    BOOL,
    CONNECTION,
    NAME,
    PATH,
    STR_TYPE,
    STREAM,
    STRINGS,
    TEXT,
    Kind,
    Parameter,
    Refusal,
    Type,
    TypeRef,
    collection,
    each,
    instance,
    integer,
    is_integer,
    member,
    milliseconds,
    optional,
    out,
)

__all__ = ["OTHER_FORMS", "PARAMETERS"]

HIGHEST_NUMBER: Final = 0xFFFFFFFF  # of uids and sequence numbers (RFC 9051 section 9, nz-number)
HIGHEST_MODSEQ: Final = 2**63 - 1

_MODELS: Final = "mailclients.imap.models"
MAIL_MESSAGE: Final = TypeRef("mailclients.message", "MailMessage")
MAIL_QUERY: Final = TypeRef("mailclients.search", "MailQuery")
FOLDER_INFO: Final = TypeRef(_MODELS, "ImapFolderInfo")
MESSAGE_INFO: Final = TypeRef(_MODELS, "ImapMessageInfo")
FLAGS: Final = TypeRef(_MODELS, "ImapMessageFlags")


# Messages, in the seven ways in which they are named


def _uid_number(value: str) -> int:
    # The length is looked at first: int() takes quadratic time, and no uid is longer.
    if len(value) > 10 or not (value.isascii() and value.isdigit()):
        raise Refusal("must be a unique id: 1 to 4294967295 in ASCII digits")
    number = int(value)
    if not 0 < number <= HIGHEST_NUMBER:
        raise Refusal("must be a unique id between 1 and 4294967295", AsposeArgumentOutOfRangeException)
    return number


def _sequence_number(value: int) -> int:
    if not 0 < value <= HIGHEST_NUMBER:
        raise Refusal("must be between 1 and 4294967295", AsposeArgumentOutOfRangeException)
    return value


def _one_uid(value: str) -> MessageSet:
    return MessageSet(by_uid=True, ids=(_uid_number(value),))


def _one_sequence_number(value: int) -> MessageSet:
    return MessageSet(by_uid=False, ids=(_sequence_number(value),))


def _uids(items: Sequence[str]) -> MessageSet:
    return MessageSet(by_uid=True, ids=each(items, _uid_number))


def _sequence_numbers(items: Sequence[int]) -> MessageSet:
    return MessageSet(by_uid=False, ids=each(items, _sequence_number))


def _uid_of_info(info: ImapMessageInfo) -> int:
    uid = info.unique_id
    if not uid:
        raise Refusal("has no unique id; list the messages again", AsposeArgumentException)
    return _uid_number(uid)


def _infos(items: Sequence[ImapMessageInfo]) -> MessageSet:
    return MessageSet(by_uid=True, ids=each(items, _uid_of_info))


def _range(by_uid: bool) -> Callable[[int, int], MessageSet]:
    def combine(start: int, end: int) -> MessageSet:
        if start > end:
            raise Refusal("must not be below the start of the range", AsposeArgumentOutOfRangeException)
        return MessageSet(by_uid=by_uid, ranges=(start, end))

    return combine


_UID: Final = Kind(STR_TYPE, "a unique id in a str", lambda value: isinstance(value, str), _one_uid)
_SEQUENCE_NUMBER: Final = Kind(Type("int"), "an int", is_integer, _one_sequence_number)
_UID_BOUND: Final = replace(_UID, convert=_uid_number, combine=_range(True))
_SEQUENCE_BOUND: Final = replace(_SEQUENCE_NUMBER, convert=_sequence_number, combine=_range(False))
_UID_SET: Final = collection("str", _uids, lambda item: isinstance(item, str), "a unique id in a str")
_SEQUENCE_SET: Final = collection("int", _sequence_numbers, is_integer, "an int")
_INFO_SET: Final = collection(
    "ImapMessageInfo",
    _infos,
    lambda item: isinstance(item, ImapMessageInfo),
    "an ImapMessageInfo",
    MESSAGE_INFO,
)


def _flags(value: ImapMessageFlags | str) -> ImapMessageFlags:
    if isinstance(value, ImapMessageFlags):
        return value
    try:
        return ImapMessageFlags(value)
    except (ArgumentTypeError, AsposeArgumentException) as error:
        raise Refusal(f"cannot be used: {error}") from error


_FLAGS: Final = Kind(
    Type("ImapMessageFlags | str", FLAGS),
    "ImapMessageFlags or a str with one flag",
    lambda value: isinstance(value, (ImapMessageFlags, str)),
    _flags,
)


# Names of header fields (RFC 5322 section 3.6.8) as far as IMAP can write them without quoting.
_FIELD_NAME: Final = re.compile(r"[!#$&'+,\-./0-9;<=>?@A-Z^_`a-z|~]+")


def _field_name(value: str) -> str:
    if not _FIELD_NAME.fullmatch(value):
        raise Refusal("must be the name of a header field or FETCH item", AsposeArgumentException)
    return value


def _field_names(items: Any) -> Any:
    return each(items, _field_name)


_EXTRA_FIELDS: Final = replace(STRINGS, convert=_field_names)


# Copies of what the caller may change


def _copied(ref: TypeRef, article: str = "a") -> Kind:
    return replace(instance(ref, article=article), convert=copy.copy)


_CONVERSATION: Final = re.compile("[0-9]{1,20}")


def _conditions(value: BaseSearchConditions) -> BaseSearchConditions:
    try:
        text_for_search(value)
    except AsposeArgumentException as error:
        raise Refusal(f"cannot be sent: {error}") from error
    return copy.copy(value)


def _thread_conditions(value: BaseSearchConditions) -> BaseSearchConditions:
    if isinstance(value, SortConditions):
        raise Refusal("must not be SortConditions; sort_message_threads takes those")
    thread = value.conversation_id if isinstance(value, XGMThreadSearchConditions) else None
    if thread is not None and not _CONVERSATION.fullmatch(thread):
        raise Refusal("must have a number as its conversation_id: the digits of X-GM-THRID")
    return _conditions(value)


def _backup_settings(value: BackupSettings | BackupOptions) -> BackupSettings:
    return BackupSettings(value) if isinstance(value, BackupOptions) else copy.copy(value)


def _restore_settings(value: RestoreSettings | RestoreOptions) -> RestoreSettings:
    if isinstance(value, RestoreOptions):
        settings = RestoreSettings()
        settings.options = value
        return settings
    return copy.copy(value)


def _either(first: TypeRef, second: TypeRef, convert: Callable[[Any], Any]) -> Kind:
    return Kind(
        Type(f"{first.name} | {second.name}", first, second),
        f"{first.name} or {second.name}",
        lambda value: isinstance(value, (first.resolve(), second.resolve())),
        convert,
    )


_BACKUP: Final = _either(TypeRef(_MODELS, "BackupSettings"), TypeRef(_MODELS, "BackupOptions"), _backup_settings)
_RESTORE: Final = _either(TypeRef(_MODELS, "RestoreSettings"), TypeRef(_MODELS, "RestoreOptions"), _restore_settings)


def _backup_path(value: str | os.PathLike[str]) -> str:
    path: str = PATH.convert(value)
    backup_format(path)
    return path


def _storage(value: Any) -> PersonalStorage:
    return value if isinstance(value, PersonalStorage) else PersonalStorage.from_file(PATH.convert(value))


_STORAGE: Final = Kind(
    Type("PersonalStorage | str | os.PathLike[str]", TypeRef(_MODELS, "PersonalStorage"), TypeRef("os", "")),
    "a PersonalStorage or a path (str or os.PathLike)",
    lambda value: isinstance(value, PersonalStorage) or PATH.accepts(value),
    _storage,
)


def _page(items_per_page: int, page_offset: int = 0) -> PageInfo:
    return PageInfo(items_per_page, page_offset)


_ITEMS_PER_PAGE: Final = replace(integer(1, None), combine=_page)
_PAGE_OFFSET: Final = replace(integer(0, None), combine=_page)


# Collections, names, and what is called


def _is_folder(value: Any) -> bool:
    return isinstance(value, ImapFolderInfo)


_FOLDERS: Final = collection("ImapFolderInfo", tuple, _is_folder, "an ImapFolderInfo", FOLDER_INFO)
_MESSAGES: Final = collection(
    "MailMessage", tuple, lambda item: isinstance(item, MailMessage), "a MailMessage", MAIL_MESSAGE
)

_ATOM: Final = re.compile(r"[!#$&'+,\-./0-9:;<=>?@A-Z\[^_`a-z|}~]+")


def _atom(value: str) -> str:
    if not _ATOM.fullmatch(value):
        raise Refusal("must be an atom: ASCII without spaces, quotes, parentheses and wildcards")
    return value


def _atoms(items: Sequence[str]) -> tuple[str, ...]:
    return each(items, _atom)


def _listed(*names: str) -> tuple[str, ...]:
    return names


_ATOM_NAME: Final = replace(NAME, convert=_atom)
_ATOM_NAMES: Final = collection("str", _atoms, TEXT.accepts, "a str")


def _handler(name: str) -> Kind:
    return Kind(Type(name, TypeRef(_MODELS, name)), "a callable that takes the sender and the arguments", callable)


_MONITORING_STATE: Final = Kind(
    Type("IImapMonitoringState", TypeRef(_MODELS, "IImapMonitoringState")),
    "an IImapMonitoringState",
    lambda value: isinstance(value, IImapMonitoringState) and not isinstance(value, type),
)


def _list_options(value: ListFoldersOptions) -> ListFoldersOptions:
    if value & ListFoldersOptions.RECURSIVE_MATCH and not value & ListFoldersOptions.SUBSCRIBED:
        raise Refusal("must have SUBSCRIBED where it has RECURSIVE_MATCH (RFC 5258 section 3)")
    return value


_LONE_LINE_END: Final = re.compile(rb"\r(?!\n)|(?<!\r)\n")


def sendable(content: bytes) -> bytes:
    """A message as the protocol carries it: its line ends are CRLF; a NUL cannot be sent (RFC 9051 section 9, CHAR8).

    Raises:
        MessageError: it contains NUL.
    """
    if b"\0" in content:
        raise MessageError("the message contains NUL bytes, which IMAP cannot carry; encode that part as base64")
    return _LONE_LINE_END.sub(b"\r\n", content)


def _content(message: MailMessage) -> bytes:
    # Taken down at the call: it may be changed, or thrown away, before a task gets to it.
    return sendable(message.as_bytes())


_BYTES_ADVICE: Final = "MailMessage.from_bytes makes a message of bytes"
_MESSAGE: Final = replace(
    instance(MAIL_MESSAGE),
    convert=_content,
    advice=((bytes, _BYTES_ADVICE), (bytearray, _BYTES_ADVICE), (memoryview, _BYTES_ADVICE)),
)


def _parameters() -> dict[str, Parameter]:
    """Every parameter of this table by name."""
    messages = "messages"
    found = [
        CONNECTION,
        Parameter("sequence_number", _SEQUENCE_NUMBER, "number of the message in its folder", messages),
        Parameter("unique_id", _UID, "unique id of the message: digits", messages),
        Parameter("start_uid", _UID_BOUND, "first unique id of a range", messages),
        Parameter("end_uid", _UID_BOUND, "last unique id of a range, not below the first", messages),
        Parameter("start_sequence", _SEQUENCE_BOUND, "first sequence number of a range", messages),
        Parameter("end_sequence", _SEQUENCE_BOUND, "last sequence number of a range, not below the first", messages),
        Parameter("uid_set", _UID_SET, "unique ids of the messages", messages),
        Parameter("sequence_set", _SEQUENCE_SET, "sequence numbers of the messages", messages),
        Parameter("message_info_set", _INFO_SET, "the messages as a listing gave them", messages),
        Parameter("uids", _UID_SET, "unique ids of the messages", messages),
        Parameter("sequence_numbers", _SEQUENCE_SET, "sequence numbers of the messages", messages),
        Parameter("unique_id_lst", _UID_SET, "unique ids of the messages", messages),
        Parameter("sequence_number_lst", _SEQUENCE_SET, "sequence numbers of the messages", messages),
        Parameter("flags", _FLAGS, "the flags; a str is one flag or keyword"),
        Parameter(
            "modification_sequence",
            integer(0, HIGHEST_MODSEQ),
            "modification sequence (RFC 7162), 0 to 2**63 - 1",
        ),
        Parameter("folder_name", NAME, "full name of the folder"),
        Parameter(
            "read_only",
            optional(BOOL),
            "whether the folder is opened for reading only; None follows the client's `read_only`",
        ),
        Parameter("do_not_expunge", BOOL, "whether deleted messages stay in the folder", default="False"),
        Parameter("parent_folder", TEXT, "folder whose children are listed; empty for the root"),
        Parameter(
            "load_full_info",
            BOOL,
            "whether message counts are told, too, which is slower",
            default="False",
        ),
        Parameter(
            "options",
            replace(member(TypeRef(_MODELS, "ListFoldersOptions")), convert=_list_options),
            "which folders are listed (RFC 5258)",
        ),
        Parameter(
            "return_options",
            member(TypeRef(_MODELS, "ListFoldersReturnOptions")),
            "what is told about them (RFC 5258)",
        ),
        Parameter(
            "folder_info",
            out("ImapFolderInfo", FOLDER_INFO),
            "an empty `Out`; receives the folder's description, or None when it does not exist",
            "want_folder_info",
        ),
        Parameter("query", instance(MAIL_QUERY), "criteria the messages have to meet"),
        Parameter(
            "max_number_of_messages",
            integer(0, None),
            "most messages to list, the newest; 0 for all",
        ),
        Parameter("retrieve_recursively", BOOL, "whether subfolders are listed, too", default="False"),
        Parameter(
            "message_extra_fields",
            _EXTRA_FIELDS,
            "names of header fields, or of FETCH items that extensions define, such as X-GM-MSGID; what they"
            " hold is in `extra_parameters`",
        ),
        Parameter("fields_list", member(TypeRef(_MODELS, "ImapListFields")), "how much is told about each message"),
        Parameter("ignore_attachment", BOOL, "whether attachments are left out of the transfer", default="False"),
        Parameter("file_name", PATH, "path of the file"),
        Parameter("result_stream", STREAM, "binary stream that receives the message", "stream"),
        Parameter("message", _MESSAGE, "the message", "content"),
        Parameter("commit_now", BOOL, "whether the message is expunged at once", default="False"),
        Parameter("sleep", milliseconds(-1), "time to wait after the commit, in milliseconds; -1 for none"),
        Parameter("new_folder_name", NAME, "full name that the folder gets"),
        Parameter("new_parent_folder", TEXT, "folder that the folder is put into; empty for the top level"),
        Parameter("quota_root_name", TEXT, "the quota root; may be empty"),
        Parameter("mailbox_name", NAME, "full name of the folder"),
        Parameter("resource_name", _ATOM_NAME, "what is limited, such as STORAGE or MESSAGE"),
        Parameter(
            "resource_limit",
            integer(0, HIGHEST_MODSEQ),
            "the limit; STORAGE counts units of 1,024 bytes",
        ),
        Parameter(
            "client_identification_info",
            _copied(TypeRef(_MODELS, "ImapIdentificationInfo"), "an"),
            "what is said about this program; the client's `client_identification_info` when left out",
        ),
        Parameter("capability_names", _ATOM_NAMES, "names of the extensions"),
        Parameter("commit_deletions", BOOL, "whether messages marked as deleted are expunged at once", default="False"),
        Parameter("messages", _MESSAGES, "the messages"),
        Parameter("attachment_name", NAME, "name of the attachment, as `list_attachments` gives it"),
        Parameter("items_per_page", _ITEMS_PER_PAGE, "messages on a page, at least 1", "page"),
        Parameter("page_offset", _PAGE_OFFSET, "number of the page, from 0", "page"),
        Parameter("page_info", _copied(TypeRef(_MODELS, "PageInfo")), "which page: a new one, or `next_page`", "page"),
        Parameter(
            "settings",
            _copied(TypeRef(_MODELS, "PageSettings")),
            "folder, connection and order; a begun call takes callback and state from `PageSettingsAsync`",
            carries_callback=True,
            carries_connection=True,
        ),
        Parameter(
            "conditions",
            replace(_copied(TypeRef(_MODELS, "BaseSearchConditions")), convert=_thread_conditions),
            "which messages, and how",
        ),
        Parameter("folders", _FOLDERS, "the folders to back up"),
        Parameter("stream", STREAM, "binary stream that receives the backup as a zip archive"),
        Parameter("pst", _STORAGE, "where the backup is"),
        Parameter("callback", _handler("ImapMonitoringEventHandler"), "called when messages came or went"),
        Parameter("error_callback", _handler("ImapMonitoringErrorEventHandler"), "called when it has failed"),
        Parameter("monitoring_state", _MONITORING_STATE, "what the error callback was given"),
    ]
    return {parameter.name: parameter for parameter in found}


PARAMETERS: Final = _parameters()

# Parameters that share their name with another of the table: what stands here counts for some operations only.
OTHER_FORMS: Final[dict[str, dict[str, Parameter]]] = {
    "copying": {
        "folder_name": Parameter("folder_name", NAME, "full name of the folder that receives them", "destination"),
    },
    "capabilities": {
        "each": Parameter(
            "capability_names",
            Kind(STR_TYPE, "a str", TEXT.accepts, _atom, combine=_listed),
            "names of the extensions",
        ),
    },
    "undeleting": {
        "modification_sequence": replace(PARAMETERS["modification_sequence"], default="0"),
    },
    "sorting": {
        "conditions": Parameter(
            "conditions",
            replace(_copied(TypeRef(_MODELS, "SortConditions")), convert=_conditions),
            "which messages, and in which order",
        ),
    },
    "backup": {
        "file_name": Parameter(
            "file_name",
            replace(PATH, convert=_backup_path),
            "a zip archive (.zip), a file in mbox format (.mbox), or a folder that will be a Maildir; a backup that is"
            " there is gone on with",
        ),
        "options": Parameter("options", _BACKUP, "how the backup is made"),
    },
    "restoring": {
        "settings": Parameter(
            "settings",
            _RESTORE,
            "how the backup is brought back; a begun call takes callback and state from `RestoreSettingsAsync`",
            carries_callback=True,
            carries_connection=True,
        ),
    },
    "monitoring": {
        "folder_name": Parameter("folder_name", NAME, "full name of the folder", default='"Inbox"'),
    },
}
