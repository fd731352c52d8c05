"""A value for every documented parameter of Pop3Client's operations, and what the body is told for it."""

from __future__ import annotations

from typing import Any

from mailclients.pop3.models import MessageNames, Pop3ListFields, Pop3MessageInfo
from mailclients.search import MailQuery
from tests.support.examples import CONNECTED, STREAM, Told

QUERY = MailQuery("SUBJECT x")
INFOS = [Pop3MessageInfo(1, "u7"), Pop3MessageInfo(2, "u9")]
_NAMED: dict[str, tuple[Any, Told]] = {
    "connection": (CONNECTED, {}),
    "unique_id": ("u12", {"messages": MessageNames(uids=["u12"])}),
    "sequence_number": (3, {"messages": MessageNames(numbers=[3])}),
    "uids": (["u1", "u2"], {"messages": MessageNames(uids=["u1", "u2"])}),
    "unique_id_lst": ({"u1": 0}.keys(), {"messages": MessageNames(uids=["u1"])}),
    "sequence_numbers": ((4, 2, 2), {"messages": MessageNames(numbers=[4, 2, 2])}),
    "sequence_number_lst": (range(1, 4), {"messages": MessageNames(numbers=[1, 2, 3])}),
    "sequence_number_list": ([5], {"messages": MessageNames(numbers=[5])}),
    "message_info_list": (INFOS, {"messages": MessageNames(uids=["u7", "u9"])}),
    "fields": (Pop3ListFields.ID_ONLY, {"fields": Pop3ListFields.ID_ONLY}),
    "close_transaction": (True, {"close_transaction": True}),
    "query": (QUERY, {"query": QUERY}),
    "file_name": ("some.eml", {"file_name": "some.eml"}),
    "output_stream": (STREAM, {"stream": STREAM}),
    "sleep": (42, {"sleep": 42}),
}


def example(name: str, type_: str, operation: str = "") -> tuple[Any, Told]:
    """A value for a documented parameter, and what the body is told for it."""
    return _NAMED[name]
