"""The parameters of Pop3Client's operations: which values each takes, and what the body is given for them.

What has the right type and cannot be used all the same is refused here, so that it never reaches the wire. Values
only: no lock, any thread.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from mailclients.errors import AsposeArgumentOutOfRangeException
from mailclients.parameters import (
    BOOL,
    CONNECTION,
    PATH,
    STR_TYPE,
    STREAM,
    Kind,
    Parameter,
    Refusal,
    Type,
    TypeRef,
    collection,
    each,
    instance,
    is_integer,
    member,
    milliseconds,
)
from mailclients.pop3.models import MessageNames, Pop3MessageInfo

__all__ = ["PARAMETERS"]

HIGHEST_NUMBER: Final = 2**31 - 1
_MODELS: Final = "mailclients.pop3.models"
MESSAGE_INFO: Final = TypeRef(_MODELS, "Pop3MessageInfo")
# RFC 1939 section 7: printable ASCII without spaces. It has up to 70 characters there, and more on some servers.
_UID_TEXT: Final = re.compile(r"[!-~]{1,250}")


def _uid(value: str) -> str:
    if not _UID_TEXT.fullmatch(value):
        raise Refusal("must be a unique id: 1 to 250 printable ASCII characters without spaces")
    return value


def _number(value: int) -> int:
    if not 0 < value <= HIGHEST_NUMBER:
        raise Refusal(f"must be between 1 and {HIGHEST_NUMBER}", AsposeArgumentOutOfRangeException)
    return value


def _one_uid(value: str) -> MessageNames:
    return MessageNames(uids=(_uid(value),))


def _one_number(value: int) -> MessageNames:
    return MessageNames(numbers=(_number(value),))


def _uids(items: Sequence[str]) -> MessageNames:
    return MessageNames(uids=each(items, _uid))


def _numbers(items: Sequence[int]) -> MessageNames:
    return MessageNames(numbers=each(items, _number))


def _uid_of_info(info: Pop3MessageInfo) -> str:
    if not info.unique_id:
        raise Refusal("has no unique id; give the sequence number")
    return _uid(info.unique_id)


def _infos(items: Sequence[Pop3MessageInfo]) -> MessageNames:
    return MessageNames(uids=each(items, _uid_of_info))


_UID: Final = Kind(STR_TYPE, "a unique id in a str", lambda value: isinstance(value, str), _one_uid)
_NUMBER: Final = Kind(Type("int"), "an int", is_integer, _one_number)
_UIDS: Final = collection("str", _uids, lambda item: isinstance(item, str), "a unique id in a str")
_NUMBERS: Final = collection("int", _numbers, is_integer, "an int")
_INFOS: Final = collection(
    "Pop3MessageInfo", _infos, lambda item: isinstance(item, Pop3MessageInfo), "a Pop3MessageInfo", MESSAGE_INFO
)


def _parameters() -> dict[str, Parameter]:
    messages = "messages"
    found = [
        CONNECTION,
        Parameter("sequence_number", _NUMBER, "number of the message in its session", messages),
        Parameter("unique_id", _UID, "unique id of the message (UIDL)", messages),
        Parameter("sequence_numbers", _NUMBERS, "numbers of the messages in their session", messages),
        Parameter("uids", _UIDS, "unique ids of the messages", messages),
        Parameter("unique_id_lst", _UIDS, "unique ids of the messages", messages),
        Parameter("sequence_number_lst", _NUMBERS, "numbers of the messages in their session", messages),
        Parameter("sequence_number_list", _NUMBERS, "numbers of the messages in their session", messages),
        Parameter("message_info_list", _INFOS, "the messages as a listing gave them; their unique ids count", messages),
        Parameter(
            "fields",
            member(TypeRef(_MODELS, "Pop3ListFields")),
            "MAIN also asks for the header of each message; ID_ONLY for number, unique id and size alone",
            default="Pop3ListFields.MAIN",
        ),
        Parameter(
            "close_transaction",
            BOOL,
            "whether the session ends afterwards, with QUIT, which makes its deletions; the next operation sees what"
            " has arrived since",
            default="False",
        ),
        Parameter("query", instance(TypeRef("mailclients.search", "MailQuery")), "criteria the messages have to meet"),
        Parameter("file_name", PATH, "path of the file"),
        Parameter("output_stream", STREAM, "binary stream that receives the message", "stream"),
        Parameter("sleep", milliseconds(-1), "time to wait after the commit, in milliseconds; -1 for none"),
    ]
    return {parameter.name: parameter for parameter in found}


PARAMETERS: Final = _parameters()
