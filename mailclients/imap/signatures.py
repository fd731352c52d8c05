"""The documented call shapes of ImapClient as one table, and what its bodies receive.

Which shapes exist and how the methods are described is written here, what the arguments become in `parameters`, and
neither anywhere else; the generator makes the public class of it. Values only: no lock, any thread.

What the body of an operation receives
--------------------------------------

Keywords only, normalised. A keyword in brackets is absent when the caller left it out; the body's own default
then applies, which is the value given here. The explicit connection, or the one in settings, is
`Bound.connection`, never an argument.

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
introduce_client        [client_identification_info: ImapIdentificationInfo] (a copy)
client_capabilities     capability_names: tuple[str, ...] (atoms)
request_checkpoint,
get_namespaces          nothing
rename_folder           folder_name: str, new_folder_name: str
move_folder             new_parent_folder: str (may be empty: the top level), folder_name: str
subscribe_folder,
unsubscribe_folder      folder_name: str
get_quota               quota_root_name: str (may be empty)
get_quota_root          mailbox_name: str
set_quota               quota_root_name: str (may be empty), resource_name: str (an atom),
                        resource_limit: int
list_messages_by_page   page: PageInfo (a copy), [settings: PageSettings] (a copy), [query: MailQuery],
                        [folder_name: str]
get_message_threads     conditions: BaseSearchConditions (a copy)
sort_message_threads    conditions: SortConditions (a copy)
list_attachments        messages: MessageSet (one)
fetch_attachment        messages: MessageSet (one), attachment_name: str
append_messages         messages: tuple[MailMessage, ...], [folder_name: str]
copy_message,
copy_messages,
move_message,
move_messages           messages: MessageSet, destination: str, [commit_deletions: bool = False] (not for
                        copy_message); `destination` because `folder_name` is where the messages are
delete_messages         as delete_message
undelete_message        messages: MessageSet (one), [modification_sequence: int = 0] (0: no condition)
backup                  folders: tuple[ImapFolderInfo, ...], file_name: str or stream (never both),
                        options: BackupSettings (a copy)
restore                 pst: PersonalStorage, settings: RestoreSettings (a copy)
start_monitoring        callback, [error_callback], [folder_name: str = "Inbox"]
resume_monitoring       callback, error_callback, monitoring_state: IImapMonitoringState
stop_monitoring         [folder_name: str] (all folders when absent)
======================  ===============================================================================

A MessageSet made of an empty collection has no ids: a result without messages, or nothing to do. Text holds
no CR, LF or NUL; folder names are not empty. Modification sequences are 0 to 2**63 - 1 (RFC 7162).
The constructor's keywords go to `ImapClientBase._configure`: host, port, username, password, auth_info,
use_o_auth, token_provider, security_options, user_certificate_validation_callback, executor, ssl_context,
each absent when left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mailclients.arguments import Out
from mailclients.imap.parameters import FOLDER_INFO, MAIL_MESSAGE, MESSAGE_INFO, OTHER_FORMS, PARAMETERS
from mailclients.parameters import BOOL_TYPE, CLIENT_PARAMETERS, NOTHING, STR_TYPE, Parameter, Type, TypeRef
from mailclients.signatures import Operation, Shape, table

__all__ = ["CONSTRUCTOR", "OPERATIONS"]

_MODELS: Final = "mailclients.imap.models"
FOLDER_INFO_TYPE: Final = Type("ImapFolderInfo", FOLDER_INFO)
FOLDERS_TYPE: Final = Type("ImapFolderInfoCollection", TypeRef(_MODELS, "ImapFolderInfoCollection"))
INFO_TYPE: Final = Type("ImapMessageInfo", MESSAGE_INFO)
INFOS_TYPE: Final = Type("ImapMessageInfoCollection", TypeRef(_MODELS, "ImapMessageInfoCollection"))
MESSAGE_TYPE: Final = Type("MailMessage", MAIL_MESSAGE)


def _model(name: str, text: str = "{}") -> Type:
    return Type(text.format(name), TypeRef(_MODELS, name))


def _shapes(*texts: str, parameters: Mapping[str, Parameter] = PARAMETERS, other: str = "") -> tuple[Shape, ...]:
    known = {**parameters, **OTHER_FORMS[other]} if other else parameters
    return tuple(Shape.parse(text, known) for text in texts)


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
_COPY_SHAPES: Final = _shapes(
    "connection? start_sequence end_sequence folder_name",
    "connection? start_uid end_uid folder_name",
    "connection? sequence_set folder_name",
    "sequence_set folder_name commit_deletions",
    "connection? uid_set folder_name",
    "connection? message_info_set folder_name",
    other="copying",
)
_MOVE_SHAPES: Final = _shapes(
    "connection? uid_set folder_name commit_deletions?",
    "connection? message_info_set folder_name commit_deletions?",
    "connection? start_sequence end_sequence folder_name commit_deletions?",
    "connection? sequence_set folder_name commit_deletions?",
    "connection? start_uid end_uid folder_name commit_deletions?",
    other="copying",
)

_UNSEARCHABLE: Final = ("AsposeNotSupportedException", "no server, or not this one, can search for what the query asks")
_REFUSED: Final = ("ImapException", "the server refuses")
_MISSING: Final = ("MessageNotFoundError", "there is no such message")
_READ_ONLY: Final = ("AsposeInvalidOperationException", "the folder is selected read-only")
_UNSUPPORTED: Final = ("AsposeNotSupportedException", "the server does not have the extension")
_UNKNOWN: Final = ("OutcomeUnknownError", "the connection is lost before the answer")
_NO_MONITOR: Final = (
    "AsposeInvalidOperationException",
    "the folder is watched already, or the client may have one connection only",
)
_FILE: Final = ("OSError", "a file cannot be read or written")
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
            " are left out unless a query asks for them; with an order the listing is in that order. A bare int is"
            " `max_number_of_messages`; give `modification_sequence` by name.",
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
            raises=(_UNSEARCHABLE, _REFUSED),
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
                _UNKNOWN,
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
        Operation(
            "introduce_client",
            "ImapClient.IntroduceClient",
            "Tells the server which program this is, and gives what the server says of itself (ID, RFC 2971).",
            _shapes("connection? client_identification_info?"),
            _model("ImapIdentificationInfo"),
            raises=(_UNSUPPORTED, _REFUSED),
        ),
        Operation(
            "client_capabilities",
            "ImapClient.ClientCapabilities",
            "Enables extensions of the server for the connection, and gives those that it has enabled (ENABLE,"
            " RFC 9051 section 6.3.1). Names come one by one or as a collection.",
            _shapes("connection? each...", "connection? capability_names", other="capabilities"),
            Type("list[str]"),
            raises=(_UNSUPPORTED, _REFUSED),
        ),
        Operation(
            "request_checkpoint",
            "ImapClient.RequestCheckpoint",
            "Asks the server to put its house in order (CHECK, RFC 3501 section 6.4.1).",
            _PLAIN_SHAPES,
            NOTHING,
            raises=(_REFUSED,),
        ),
        Operation(
            "get_namespaces",
            "ImapClient.GetNamespaces",
            "Tells where folders are: those of the user, of others, and shared ones (NAMESPACE, RFC 9051 section"
            " 6.3.10).",
            _PLAIN_SHAPES,
            _model("ImapNamespace", "list[{}]"),
            raises=(_UNSUPPORTED, _REFUSED),
        ),
        Operation(
            "rename_folder",
            "ImapClient.RenameFolder",
            "Gives a folder another name (RENAME, RFC 9051 section 6.3.6).",
            _shapes("connection? folder_name new_folder_name"),
            NOTHING,
            raises=(_REFUSED, _UNKNOWN),
        ),
        Operation(
            "move_folder",
            "ImapClient.MoveFolder",
            "Puts a folder into another one (RENAME, RFC 9051 section 6.3.6).",
            _shapes("connection? new_parent_folder folder_name"),
            NOTHING,
            raises=(_REFUSED, _UNKNOWN),
        ),
        Operation(
            "subscribe_folder",
            "ImapClient.SubscribeFolder",
            "Adds a folder to the subscribed ones (RFC 9051 section 6.3.7).",
            _FOLDER_SHAPES,
            NOTHING,
            raises=(_REFUSED,),
        ),
        Operation(
            "unsubscribe_folder",
            "ImapClient.UnsubscribeFolder",
            "Takes a folder from the subscribed ones (RFC 9051 section 6.3.8).",
            _FOLDER_SHAPES,
            NOTHING,
            raises=(_REFUSED,),
        ),
        Operation(
            "get_quota",
            "ImapClient.GetQuota",
            "Tells what is used and allowed under a quota root (GETQUOTA, RFC 9208 section 4.1.1).",
            _shapes("connection? quota_root_name"),
            _model("ImapQuota", "list[{}]"),
            raises=(_UNSUPPORTED, _REFUSED),
        ),
        Operation(
            "get_quota_root",
            "ImapClient.GetQuotaRoot",
            "Tells which quota roots limit a folder, and their quotas (GETQUOTAROOT, RFC 9208 section 4.1.2).",
            _shapes("connection? mailbox_name"),
            _model("ImapQuotaRoot", "list[{}]"),
            raises=(_UNSUPPORTED, _REFUSED),
        ),
        Operation(
            "set_quota",
            "ImapClient.SetQuota",
            "Sets the limit of one resource and gives the quotas of the root (SETQUOTA, RFC 9208 section 4.1.3)."
            " Limits of its other resources are dropped: the command sets all limits of a root.",
            _shapes("connection? quota_root_name resource_name resource_limit"),
            _model("ImapQuota", "list[{}]"),
            raises=(_UNSUPPORTED, _REFUSED),
        ),
        Operation(
            "list_messages_by_page",
            "ImapClient.ListMessagesByPage",
            "Lists one page of the messages that meet the criteria: envelope, flags, size and dates, not their"
            " contents.",
            _shapes(
                "items_per_page settings",
                "items_per_page page_offset settings",
                "page_info settings",
                "query page_info settings",
                "folder_name query items_per_page",
                "folder_name query page_info",
            ),
            _model("ImapPageInfo"),
            raises=(_UNSEARCHABLE, _REFUSED),
        ),
        Operation(
            "get_message_threads",
            "ImapClient.GetMessageThreads",
            "Finds messages, and which answers which (THREAD, RFC 5256; conversations of Gmail).",
            _shapes("connection? conditions"),
            _model("MessageThreadResult", "list[{}]"),
            raises=(_UNSUPPORTED, _REFUSED),
        ),
        Operation(
            "sort_message_threads",
            "ImapClient.SortMessageThreads",
            "Finds messages in an order that the server makes (SORT, RFC 5256).",
            _shapes("connection? conditions", other="sorting"),
            _model("MessageThreadResult", "list[{}]"),
            raises=(_UNSUPPORTED, _REFUSED),
        ),
        Operation(
            "list_attachments",
            "ImapClient.ListAttachments",
            "Tells which attachments a message has, without fetching them.",
            _shapes("sequence_number"),
            _model("ImapAttachmentInfoCollection"),
            raises=(_MISSING, _REFUSED),
        ),
        Operation(
            "fetch_attachment",
            "ImapClient.FetchAttachment",
            "Fetches one attachment of a message, and nothing else of it.",
            _shapes("connection? sequence_number attachment_name"),
            Type("Attachment", TypeRef("mailclients.message", "Attachment")),
            raises=(_MISSING, _REFUSED),
        ),
        Operation(
            "append_messages",
            "ImapClient.AppendMessages",
            "Adds messages to a folder, the current one by default, several in one command where the server takes that"
            " (MULTIAPPEND, RFC 3502). What became of each is in the result; an error is raised only when it concerns"
            " all of them and none was added.",
            _shapes("connection? messages", "connection? folder_name messages"),
            Type("AppendMessagesResult[MailMessage]", TypeRef(_MODELS, "AppendMessagesResult"), MAIL_MESSAGE),
            raises=(_REFUSED,),
        ),
        Operation(
            "copy_message",
            "ImapClient.CopyMessage",
            "Copies one message to another folder and returns the copy's unique id, empty where the server does"
            " not tell it (COPY, RFC 9051 section 6.4.7).",
            _shapes(
                "connection? sequence_number folder_name",
                "connection? unique_id folder_name",
                other="copying",
            ),
            STR_TYPE,
            raises=(_MISSING, _REFUSED, _UNKNOWN),
        ),
        Operation(
            "copy_messages",
            "ImapClient.CopyMessages",
            "Copies messages to another folder (COPY, RFC 9051 section 6.4.7). `commit_deletions` then expunges all"
            " that is marked as deleted in the current one. The error of a part says in `partly_done` how far it came.",
            _COPY_SHAPES,
            NOTHING,
            raises=(_REFUSED, _UNKNOWN),
        ),
        Operation(
            "move_message",
            "ImapClient.MoveMessage",
            "Moves one message to another folder and returns its unique id there, empty where the server does not"
            " tell it (MOVE, RFC 9051 section 6.4.8). Where the server cannot move, the message is copied, then marked"
            " as deleted and removed by its unique id (UIDPLUS, RFC 4315); without that it stays marked, unless"
            " `commit_deletions` has all that is marked in the folder expunged.",
            _shapes(
                "connection? sequence_number folder_name commit_deletions?",
                "connection? unique_id folder_name commit_deletions?",
                other="copying",
            ),
            STR_TYPE,
            raises=(_MISSING, _REFUSED, _READ_ONLY, _UNKNOWN),
        ),
        Operation(
            "move_messages",
            "ImapClient.MoveMessages",
            "Moves messages to another folder (MOVE, RFC 9051 section 6.4.8). Where the server cannot move, they"
            " are copied, then marked as deleted and removed by their unique ids (UIDPLUS, RFC 4315); without that they"
            " stay marked, unless `commit_deletions` has all that is marked in the folder expunged. The error of a"
            " part says in `partly_done` how far it came.",
            _MOVE_SHAPES,
            NOTHING,
            raises=(_REFUSED, _READ_ONLY, _UNKNOWN),
        ),
        Operation(
            "delete_messages",
            "ImapClient.DeleteMessages",
            "Marks messages as deleted. They go with the next commit, at once with `commit_now`.",
            _shapes(
                "connection? sequence_set modification_sequence?",
                "connection? start_sequence end_sequence modification_sequence?",
                "connection? uid_set modification_sequence?",
                "connection? uid_set commit_now",
                "connection? uid_set modification_sequence commit_now",
                "connection? start_uid end_uid modification_sequence?",
                "connection? start_uid end_uid commit_now",
                "connection? start_uid end_uid modification_sequence commit_now",
                "connection? message_info_set modification_sequence?",
                "connection? message_info_set commit_now",
                "connection? message_info_set modification_sequence commit_now",
            ),
            NOTHING,
            raises=(_REFUSED, _READ_ONLY),
        ),
        Operation(
            "undelete_message",
            "ImapClient.UndeleteMessage",
            "Takes the mark of deletion from one message that was not expunged yet.",
            _shapes(
                "connection? sequence_number modification_sequence?",
                "connection? unique_id modification_sequence?",
                other="undeleting",
            ),
            NOTHING,
            raises=(_REFUSED, _READ_ONLY),
        ),
        Operation(
            "backup",
            "ImapClient.Backup",
            "Writes folders with their messages, flags and dates to a zip archive, a file in mbox format or a"
            " folder with Maildirs.",
            _shapes(
                "connection? folders file_name options",
                "connection? folders stream options",
                other="backup",
            ),
            NOTHING,
            raises=(_REFUSED, _FILE),
        ),
        Operation(
            "restore",
            "ImapClient.Restore",
            "Brings a backup back to the account.",
            _shapes("pst settings", other="restoring"),
            NOTHING,
            raises=(_REFUSED, _FILE),
        ),
        Operation(
            "start_monitoring",
            "ImapClient.StartMonitoring",
            "Watches a folder on a connection of its own and tells when messages come and go, by IDLE (RFC 9051"
            " section 6.3.13) or, where the server has none, by asking now and then. Returns when whatever comes or"
            " goes from now on will be told.",
            _shapes("callback", "callback error_callback folder_name?", other="monitoring"),
            NOTHING,
            has_pair=False,
            raises=(_REFUSED, _NO_MONITOR),
        ),
        Operation(
            "resume_monitoring",
            "ImapClient.ResumeMonitoring",
            "Goes on watching a folder after a failure, and tells first what has changed meanwhile.",
            _shapes("callback error_callback monitoring_state"),
            NOTHING,
            has_pair=False,
            raises=(
                _REFUSED,
                _NO_MONITOR,
                ("FolderChangedError", "the folder is not the one that the state tells of: its UIDVALIDITY is another"),
            ),
        ),
        Operation(
            "stop_monitoring",
            "ImapClient.StopMonitoring",
            "Ends the watching of a folder, or of all of them. Waits for nothing, so a callback may call it; what"
            " nobody watches is no error.",
            _shapes("folder_name?"),
            NOTHING,
            has_pair=False,
            raises=(("ObjectDisposedException", "the client was disposed"),),
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
