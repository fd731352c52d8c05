"""The documented call shapes of ImapClient as one table, and what its bodies receive.

Which shapes exist, what their arguments become and how the methods are described is written here and nowhere
else; the generator makes the public class of it. Values only: no lock, any thread.

What the body of an operation receives
--------------------------------------

Keywords only, normalised. A keyword in brackets is absent when the caller left it out; the body's own default
then applies, which is the value given here. The explicit connection is `Bound.connection`, never an argument.

======================  ===============================================================================
login, logout, noop,
validate_credentials    nothing
select_folder           folder_name: str, [read_only: bool | None = None] (None: as the client's
                        `read_only` says); gives the ImapFolderInfo, which the synchronous call drops
unselect_folder         [do_not_expunge: bool = False]
list_folders            [parent_folder: str = ""] (may be empty: the root), [load_full_info: bool = False],
                        [options: ListFoldersOptions = NONE],
                        [return_options: ListFoldersReturnOptions = NONE]
get_folder_info,
create_folder,
delete_folder           folder_name: str
exist_folder            folder_name: str, [want_folder_info: bool = False] (True when begun or when the
                        caller passed an Out); gives the ImapFolderInfo or None when there is no such
                        folder; without want_folder_info any ImapFolderInfo will do
list_messages           [folder_name: str], [messages: MessageSet], [query: MailQuery],
                        [max_number_of_messages: int = 0] (0: all), [modification_sequence: int = 0],
                        [retrieve_recursively: bool = False], [fields_list: ImapListFields = MAIN],
                        [message_extra_fields: tuple[str, ...] = ()]
list_message            messages: MessageSet (one), [message_extra_fields: tuple[str, ...] = ()]
fetch_message           messages: MessageSet (one), [ignore_attachment: bool = False]
fetch_messages          messages: MessageSet
save_message            messages: MessageSet (one), file_name: str or stream (never both)
append_message          [folder_name: str], content: bytes (of the message as it was at the call; line ends
                        are CRLF) or file_name: str (never both)
add_message_flags,
remove_message_flags,
change_message_flags    messages: MessageSet, flags: ImapMessageFlags, [modification_sequence: int]
delete_message          messages: MessageSet (one), [modification_sequence: int], [commit_now: bool = False]
commit_deletes          [messages: MessageSet] (by uid), [sleep: int = -1] (milliseconds)
======================  ===============================================================================

A MessageSet made of an empty collection has no ids: a result without messages, or nothing to do. Text holds
no CR, LF or NUL; folder names are not empty. Modification sequences are 0 to 2**63 - 1 (RFC 7162).
The constructor's keywords go to `ImapClientBase._configure`: host, port, username, password, auth_info,
use_o_auth, token_provider, security_options, user_certificate_validation_callback, executor, ssl_context,
each absent when left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentOutOfRangeException,
    MessageError,
)
from mailclients.imap.models import ImapMessageFlags, ImapMessageInfo, ListFoldersOptions, MessageSet
from mailclients.signatures import (
    BOOL,
    BOOL_TYPE,
    CLIENT_PARAMETERS,
    CONNECTION,
    NAME,
    NOTHING,
    PATH,
    STR_TYPE,
    STREAM,
    STRINGS,
    TEXT,
    Kind,
    Operation,
    Out,
    Parameter,
    Refusal,
    Shape,
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
    table,
)

if TYPE_CHECKING:
    from mailclients.message import MailMessage

__all__ = ["CONSTRUCTOR", "OPERATIONS"]

HIGHEST_NUMBER: Final = 0xFFFFFFFF  # of uids and sequence numbers (RFC 9051 section 9, nz-number)
HIGHEST_MODSEQ: Final = 2**63 - 1

_MODELS: Final = "mailclients.imap.models"
MAIL_MESSAGE: Final = TypeRef("mailclients.message", "MailMessage")
MAIL_QUERY: Final = TypeRef("mailclients.search", "MailQuery")
FOLDER_INFO: Final = TypeRef(_MODELS, "ImapFolderInfo")
MESSAGE_INFO: Final = TypeRef(_MODELS, "ImapMessageInfo")
FLAGS: Final = TypeRef(_MODELS, "ImapMessageFlags")

FOLDER_INFO_TYPE: Final = Type("ImapFolderInfo", FOLDER_INFO)
FOLDERS_TYPE: Final = Type("ImapFolderInfoCollection", TypeRef(_MODELS, "ImapFolderInfoCollection"))
INFO_TYPE: Final = Type("ImapMessageInfo", MESSAGE_INFO)
INFOS_TYPE: Final = Type("ImapMessageInfoCollection", TypeRef(_MODELS, "ImapMessageInfoCollection"))
MESSAGE_TYPE: Final = Type("MailMessage", MAIL_MESSAGE)


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
    ]
    return {parameter.name: parameter for parameter in found}


PARAMETERS: Final = _parameters()


def _shapes(*texts: str, parameters: Mapping[str, Parameter] = PARAMETERS) -> tuple[Shape, ...]:
    return tuple(Shape.parse(text, parameters) for text in texts)


_FLAG_SHAPES: Final = _shapes(
    "connection? sequence_number flags modification_sequence?",
    "connection? unique_id flags modification_sequence?",
    "connection? start_uid end_uid flags modification_sequence?",
    "connection? start_sequence end_sequence flags modification_sequence?",
    "connection? uid_set flags modification_sequence?",
    "connection? sequence_set flags modification_sequence?",
    "connection? message_info_set flags modification_sequence?",
)
_FOLDER_SHAPES: Final = _shapes("connection? folder_name")
_PLAIN_SHAPES: Final = _shapes("connection?")

_REFUSED: Final = ("ImapException", "the server refuses")
_MISSING: Final = ("MessageNotFoundError", "there is no such message")
_READ_ONLY: Final = ("AsposeInvalidOperationException", "the folder is selected read-only")
_CREDENTIALS: Final = ("AuthenticationError", "the server does not accept the credentials")


def _drop(result: Any, holder: Out[Any] | None) -> None:
    """`SelectFolder` returns nothing where `EndSelectFolder` returns the folder."""


def _found(result: Any, holder: Out[Any] | None) -> bool:
    if holder is not None:
        holder.value = result
    return result is not None


def _flag_operation(name: str, net: str, summary: str) -> Operation:
    return Operation(
        name,
        net,
        f"{summary} (RFC 9051 section 6.4.6). With `modification_sequence` a message changed since then is"
        " left as it is (UNCHANGEDSINCE, RFC 7162).",
        _FLAG_SHAPES,
        NOTHING,
        raises=(_REFUSED, _READ_ONLY),
    )


OPERATIONS: Final = table(
    [
        Operation(
            "login",
            "ImapClient.Login",
            "Connects and signs in. Every operation does so by itself when it is needed; after a refused"
            " sign-in this tries again.",
            _PLAIN_SHAPES,
            NOTHING,
            raises=(_CREDENTIALS,),
        ),
        Operation(
            "logout",
            "ImapClient.Logout",
            "Signs out and closes the connection (RFC 9051 section 6.1.3). The next operation opens it.",
            _PLAIN_SHAPES,
            NOTHING,
        ),
        Operation(
            "noop",
            "ImapClient.Noop",
            "Asks the server for nothing, which shows that the connection works (RFC 9051 section 6.1.2).",
            _PLAIN_SHAPES,
            NOTHING,
        ),
        Operation(
            "validate_credentials",
            "ImapClient.ValidateCredentials",
            "Signs in to see whether the server accepts the credentials: True or False.",
            _PLAIN_SHAPES,
            BOOL_TYPE,
        ),
        Operation(
            "select_folder",
            "ImapClient.SelectFolder",
            "Makes a folder the current one of the connection (SELECT or EXAMINE, RFC 9051 section 6.3.2).",
            _shapes("connection? folder_name read_only?"),
            NOTHING,
            end_returns=FOLDER_INFO_TYPE,
            call_result=_drop,
            raises=(_REFUSED,),
        ),
        Operation(
            "unselect_folder",
            "ImapClient.UnselectFolder",
            "Leaves the current folder. Messages marked as deleted are expunged unless `do_not_expunge` is"
            " true (CLOSE or UNSELECT, RFC 9051 sections 6.4.1 and 6.4.2).",
            _shapes("connection? do_not_expunge?"),
            NOTHING,
            raises=(_REFUSED,),
        ),
        Operation(
            "list_folders",
            "ImapClient.ListFolders",
            "Lists folders (LIST, RFC 9051 section 6.3.9).",
            _shapes(
                "connection?",
                "connection? load_full_info",
                "connection? parent_folder load_full_info?",
                "connection? parent_folder load_full_info options return_options",
            ),
            FOLDERS_TYPE,
            raises=(_REFUSED,),
        ),
        Operation(
            "get_folder_info",
            "ImapClient.GetFolderInfo",
            "Describes a folder without selecting it (STATUS, RFC 9051 section 6.3.11).",
            _FOLDER_SHAPES,
            FOLDER_INFO_TYPE,
            raises=(_REFUSED,),
        ),
        Operation(
            "exist_folder",
            "ImapClient.ExistFolder",
            "Tells whether a folder exists.",
            _shapes("connection? folder_name folder_info?"),
            BOOL_TYPE,
            end_out=PARAMETERS["folder_info"],
            begin_arguments={"want_folder_info": True},
            call_result=_found,
            end_result=_found,
            raises=(_REFUSED,),
        ),
        Operation(
            "create_folder",
            "ImapClient.CreateFolder",
            "Creates a folder (RFC 9051 section 6.3.4).",
            _FOLDER_SHAPES,
            NOTHING,
            raises=(_REFUSED,),
        ),
        Operation(
            "delete_folder",
            "ImapClient.DeleteFolder",
            "Deletes a folder and the messages in it (RFC 9051 section 6.3.5).",
            _FOLDER_SHAPES,
            NOTHING,
            raises=(_REFUSED,),
        ),
        Operation(
            "list_messages",
            "ImapClient.ListMessages",
            "Lists messages: envelope, flags, size and dates, not their contents. Messages marked as deleted"
            " are left out. A bare int is `max_number_of_messages`; give `modification_sequence` by name.",
            _shapes(
                "connection?",
                "connection? retrieve_recursively",
                "connection? max_number_of_messages",
                "connection? *modification_sequence",
                "message_extra_fields",
                "connection? query max_number_of_messages?",
                "connection? folder_name",
                "connection? folder_name retrieve_recursively",
                "folder_name retrieve_recursively message_extra_fields",
                "connection folder_name modification_sequence retrieve_recursively message_extra_fields",
                "connection? folder_name query max_number_of_messages",
                "connection? folder_name fields_list max_number_of_messages",
                "connection? folder_name unique_id_lst",
                "connection? folder_name sequence_number_lst",
            ),
            INFOS_TYPE,
            begin_shapes=_shapes(
                "folder_name query",
                "connection folder_name query max_number_of_messages message_extra_fields",
            ),
            raises=(_REFUSED,),
        ),
        Operation(
            "list_message",
            "ImapClient.ListMessage",
            "Describes one message: envelope, flags, size and dates, not its contents.",
            _shapes(
                "connection? sequence_number message_extra_fields?",
                "connection? unique_id message_extra_fields?",
            ),
            INFO_TYPE,
            raises=(_MISSING, _REFUSED),
        ),
        Operation(
            "fetch_message",
            "ImapClient.FetchMessage",
            "Fetches one message. This marks it as read unless the folder is selected read-only.",
            _shapes("connection? sequence_number ignore_attachment?", "connection? unique_id"),
            MESSAGE_TYPE,
            raises=(_MISSING, _REFUSED),
        ),
        Operation(
            "fetch_messages",
            "ImapClient.FetchMessages",
            "Fetches several messages, in the order in which they are named; unique ids that are gone are left out."
            " This marks them as read unless the folder is selected read-only.",
            _shapes("connection? sequence_numbers", "connection? uids"),
            Type("list[MailMessage]", MAIL_MESSAGE),
            raises=(_MISSING, _REFUSED),
        ),
        Operation(
            "save_message",
            "ImapClient.SaveMessage",
            "Fetches one message into a file or stream, byte for byte as the server sends it; memory stays small. A"
            " file has the message or is left alone; a stream is written once the whole message is here.",
            _shapes(
                "connection? sequence_number result_stream",
                "connection? unique_id result_stream",
                "connection? unique_id file_name",
                "connection? sequence_number file_name",
            ),
            NOTHING,
            raises=(_MISSING, _REFUSED, ("OSError", "the file, or a temporary one, cannot be written")),
        ),
        Operation(
            "append_message",
            "ImapClient.AppendMessage",
            "Adds a message to a folder, the current one by default, and returns its unique id, empty where"
            " the server does not tell it (APPEND, RFC 9051 section 6.3.12). A message is taken as it is at the"
            " call; a file is read when the operation runs.",
            _shapes(
                "connection? message",
                "connection? folder_name message",
                "connection? file_name",
                "connection? folder_name file_name",
            ),
            STR_TYPE,
            raises=(
                _REFUSED,
                ("MessageError", "the message contains NUL or cannot be built"),
                ("OSError", "the file cannot be read"),
                ("OutcomeUnknownError", "the connection is lost before the answer"),
            ),
        ),
        _flag_operation("add_message_flags", "ImapClient.AddMessageFlags", "Adds flags to messages"),
        _flag_operation("remove_message_flags", "ImapClient.RemoveMessageFlags", "Takes flags from messages"),
        _flag_operation("change_message_flags", "ImapClient.ChangeMessageFlags", "Replaces the flags of messages"),
        Operation(
            "delete_message",
            "ImapClient.DeleteMessage",
            "Marks one message as deleted. It goes with the next commit, at once with `commit_now`.",
            _shapes(
                "connection? sequence_number modification_sequence?",
                "connection? unique_id modification_sequence?",
                "connection? unique_id commit_now",
                "connection? unique_id modification_sequence commit_now",
            ),
            NOTHING,
            raises=(_REFUSED, _READ_ONLY),
        ),
        Operation(
            "commit_deletes",
            "ImapClient.CommitDeletes",
            "Removes messages marked as deleted: all of the folder, or only those named (EXPUNGE or UID"
            " EXPUNGE, RFC 9051 sections 6.4.3 and 6.4.9).",
            _shapes(
                "connection?",
                "connection? sleep",
                "connection? unique_id",
                "connection? start_uid end_uid",
                "connection? uid_set",
            ),
            NOTHING,
            raises=(_REFUSED, _READ_ONLY),
        ),
    ]
)

CONSTRUCTOR: Final = Operation(
    "ImapClient",
    "ImapClient",
    "A client for one IMAP account. Nothing is connected before the first operation.",
    _shapes(
        "",
        "host security_options?",
        "host port security_options?",
        "host username password security_options?",
        "host username token_provider security_options?",
        "host username auth_info use_o_auth security_options?",
        "host port username password security_options?",
        "host port username token_provider security_options?",
        "host port username auth_info use_o_auth security_options?",
        "host port username password user_certificate_validation_callback security_options?",
        parameters=CLIENT_PARAMETERS,
    ),
    NOTHING,
    has_pair=False,
    extras=(CLIENT_PARAMETERS["executor"], CLIENT_PARAMETERS["ssl_context"]),
)
