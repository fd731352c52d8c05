"""The documented call shapes of Pop3Client as one table, and what its bodies receive.

Which shapes exist and how the methods are described is written here, what the arguments become in `parameters`, and
neither anywhere else; the generator makes the public class of it. Values only: no lock, any thread.

What the body of an operation receives
--------------------------------------

Keywords only, normalised. A keyword in brackets is absent when the caller left it out; the body's own default then
applies, which is the value given here. The explicit connection is `Bound.connection`, never an argument.

======================  ===============================================================================
login, logout, noop,
validate_credentials,
undelete_messages,
delete_messages,
get_mailbox_size        nothing
commit_deletes          [sleep: int = -1] (milliseconds)
delete_message,
fetch_message,
get_message_headers,
get_message_size        messages: MessageNames (one)
get_message_unique_id   messages: MessageNames (one number)
get_message_info        messages: MessageNames (one), [fields: Pop3ListFields = MAIN]
fetch_messages,
load_message_info_list  messages: MessageNames
get_message_count,
get_mailbox_info        [close_transaction: bool = False]
list_messages           [messages: MessageNames], [fields: Pop3ListFields = MAIN],
                        [close_transaction: bool = False], [query: MailQuery]
save_message            messages: MessageNames (one), file_name: str or stream (never both)
======================  ===============================================================================

The constructor's keywords go to `Pop3ClientBase._configure`, each absent when left out.
"""

from __future__ import annotations

from typing import Final

from mailclients.parameters import BOOL_TYPE, CLIENT_PARAMETERS, NOTHING, STR_TYPE, Type, TypeRef
from mailclients.pop3.parameters import MESSAGE_INFO, PARAMETERS
from mailclients.signatures import Operation, Shape, table

__all__ = ["CONSTRUCTOR", "OPERATIONS"]

_MODELS: Final = "mailclients.pop3.models"
_MESSAGE: Final = TypeRef("mailclients.message", "MailMessage")
INFO_TYPE: Final = Type("Pop3MessageInfo", MESSAGE_INFO)
INFOS_TYPE: Final = Type("Pop3MessageInfoCollection", TypeRef(_MODELS, "Pop3MessageInfoCollection"))
INT_TYPE: Final = Type("int")


def _shapes(*texts: str) -> tuple[Shape, ...]:
    return tuple(Shape.parse(text, PARAMETERS) for text in texts)


_PLAIN_SHAPES: Final = _shapes("connection?")
_ONE: Final = _shapes("connection? unique_id", "connection? sequence_number")
_REFUSED: Final = ("Pop3Exception", "the server refuses")
_MISSING: Final = ("MessageNotFoundError", "there is no such message")
_NUMBERS: Final = (
    "NumbersChangedError",
    "the number belongs to a session that is gone, and is not proven to mean the same",
)
_LOST: Final = ("DeletionsLostError", "the session with the deletions was lost before its QUIT: none of them was made")
_CREDENTIALS: Final = ("AuthenticationError", "the server does not accept the credentials")
_UNKNOWN: Final = ("OutcomeUnknownError", "the connection is lost before the answer")

OPERATIONS: Final = table(
    [
        Operation(
            "login",
            "Pop3Client.Login",
            "Connects and signs in. Every operation does so by itself when it is needed; after a refused sign-in this"
            " tries again.",
            _shapes(""),
            NOTHING,
            raises=(_CREDENTIALS,),
        ),
        Operation(
            "logout",
            "Pop3Client.Logout",
            "Ends the session; what was marked for deletion and not committed stays. The next operation signs in.",
            _shapes(""),
            NOTHING,
        ),
        Operation(
            "noop",
            "Pop3Client.Noop",
            "Asks the server for nothing, which shows that the connection works (RFC 1939 section 5).",
            _PLAIN_SHAPES,
            NOTHING,
        ),
        Operation(
            "validate_credentials",
            "Pop3Client.ValidateCredentials",
            "Signs in to see whether the server accepts the credentials: True or False.",
            _PLAIN_SHAPES,
            BOOL_TYPE,
        ),
        Operation(
            "get_message_count",
            "Pop3Client.GetMessageCount",
            "Tells how many messages there are, those marked for deletion left out (STAT, RFC 1939 section 5).",
            _shapes("connection? close_transaction?"),
            INT_TYPE,
            raises=(_REFUSED,),
        ),
        Operation(
            "get_mailbox_size",
            "Pop3Client.GetMailboxSize",
            "Tells how many bytes the messages have together (STAT, RFC 1939 section 5).",
            _PLAIN_SHAPES,
            INT_TYPE,
            raises=(_REFUSED,),
        ),
        Operation(
            "get_mailbox_info",
            "Pop3Client.GetMailboxInfo",
            "Tells how many messages there are and their size (STAT, RFC 1939 section 5).",
            _shapes("connection? close_transaction?"),
            Type("Pop3MailboxInfo", TypeRef(_MODELS, "Pop3MailboxInfo")),
            raises=(_REFUSED,),
        ),
        Operation(
            "get_message_unique_id",
            "Pop3Client.GetMessageUniqueId",
            "Tells the unique id of a message (UIDL, RFC 1939 section 7).",
            _shapes("connection? sequence_number"),
            STR_TYPE,
            raises=(_MISSING, _NUMBERS, _REFUSED),
        ),
        Operation(
            "get_message_size",
            "Pop3Client.GetMessageSize",
            "Tells the size of a message in bytes (LIST, RFC 1939 section 5).",
            _ONE,
            INT_TYPE,
            raises=(_MISSING, _NUMBERS, _REFUSED),
        ),
        Operation(
            "get_message_headers",
            "Pop3Client.GetMessageHeaders",
            "Fetches the header of a message and nothing of its body (TOP, RFC 1939 section 7).",
            _ONE,
            Type("HeaderCollection", TypeRef("mailclients.message", "HeaderCollection")),
            raises=(_MISSING, _NUMBERS, _REFUSED),
        ),
        Operation(
            "get_message_info",
            "Pop3Client.GetMessageInfo",
            "Describes one message as a listing does.",
            _shapes("connection? unique_id fields?", "connection? sequence_number fields?"),
            INFO_TYPE,
            raises=(_MISSING, _NUMBERS, _REFUSED),
        ),
        Operation(
            "list_messages",
            "Pop3Client.ListMessages",
            "Lists messages with their sizes, and their headers unless `fields` is ID_ONLY. A query is evaluated here,"
            " on the headers, so it costs one command for each message; what needs bodies takes"
            " ``query.with_client_filter()``. Unique ids that are gone are left out.",
            _shapes(
                "connection?",
                "connection? close_transaction",
                "connection? query",
                "connection? fields",
                "connection? fields close_transaction query",
                "connection? unique_id_lst",
                "connection? sequence_number_lst",
            ),
            INFOS_TYPE,
            raises=(
                (
                    "AsposeNotSupportedException",
                    "it asks for flags, or for bodies and does not allow to load them",
                ),
                _NUMBERS,
                _REFUSED,
            ),
        ),
        Operation(
            "load_message_info_list",
            "Pop3Client.LoadMessageInfoList",
            "Describes messages that are known by number or from a listing, with their headers. Those that are gone"
            " are left out.",
            _shapes("connection? sequence_number_list", "connection? message_info_list"),
            INFOS_TYPE,
            raises=(_NUMBERS, _REFUSED),
        ),
        Operation(
            "fetch_message",
            "Pop3Client.FetchMessage",
            "Fetches one message (RETR, RFC 1939 section 5).",
            _ONE,
            Type("MailMessage", _MESSAGE),
            raises=(_MISSING, _NUMBERS, _REFUSED),
        ),
        Operation(
            "fetch_messages",
            "Pop3Client.FetchMessages",
            "Fetches several messages, in the order in which they are named; unique ids that are gone are left out.",
            _shapes("connection? sequence_numbers", "connection? uids"),
            Type("list[MailMessage]", _MESSAGE),
            raises=(_MISSING, _NUMBERS, _REFUSED),
        ),
        Operation(
            "save_message",
            "Pop3Client.SaveMessage",
            "Fetches one message into a file or stream, byte for byte as the server sends it; memory stays small. A"
            " file has the message or is left alone; a stream is written once the whole message is here.",
            _shapes(
                "connection? unique_id output_stream",
                "connection? unique_id file_name",
                "connection? sequence_number output_stream",
                "connection? sequence_number file_name",
            ),
            NOTHING,
            raises=(_MISSING, _NUMBERS, _REFUSED, ("OSError", "the file, or a temporary one, cannot be written")),
        ),
        Operation(
            "delete_message",
            "Pop3Client.DeleteMessage",
            "Marks one message for deletion in its session (DELE, RFC 1939 section 5); `commit_deletes` makes it.",
            _ONE,
            NOTHING,
            raises=(_MISSING, _NUMBERS, _LOST, _REFUSED),
        ),
        Operation(
            "delete_messages",
            "Pop3Client.DeleteMessages",
            "Marks all messages of the session for deletion; `commit_deletes` makes it.",
            _PLAIN_SHAPES,
            NOTHING,
            raises=(_LOST, _REFUSED),
        ),
        Operation(
            "undelete_messages",
            "Pop3Client.UndeleteMessages",
            "Takes all marks of deletion back (RSET, RFC 1939 section 5).",
            _PLAIN_SHAPES,
            NOTHING,
            raises=(_REFUSED,),
        ),
        Operation(
            "commit_deletes",
            "Pop3Client.CommitDeletes",
            "Makes the deletions of the session: ends it with QUIT (RFC 1939 section 6) and signs in again. Message"
            " numbers are other ones afterwards.",
            _shapes("sleep", "connection?"),
            NOTHING,
            raises=(_LOST, _REFUSED, _UNKNOWN),
        ),
    ]
)


def _constructor_shapes(*texts: str) -> tuple[Shape, ...]:
    return tuple(Shape.parse(text, CLIENT_PARAMETERS) for text in texts)


CONSTRUCTOR: Final = Operation(
    "Pop3Client",
    "Pop3Client",
    "A client for one POP3 account. Nothing is connected before the first operation.",
    _constructor_shapes(
        "",
        "host security_options?",
        "host port security_options?",
        "host username password security_options?",
        "host port username password security_options?",
        "host port username auth_info use_o_auth security_options",
        "host port username token_provider security_options",
        "host port username password user_certificate_validation_callback security_options?",
    ),
    NOTHING,
    has_pair=False,
    extras=(CLIENT_PARAMETERS["executor"], CLIENT_PARAMETERS["ssl_context"]),
)
