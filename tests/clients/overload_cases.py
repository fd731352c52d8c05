"""Every documented overload of Pop3Client and SmtpClient, in all its forms, on whichever server a test module gives.

What is called comes from the tables of the reference, and what an operation has to come to stands in one dictionary
a client: an operation or a parameter that nobody has written down here fails. `Pop3Overloads` and `SmtpOverloads` are
inherited by one class for each server; it provides the fixture `drop`, or `post`.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    HeaderCollection,
    MailAddressCollection,
    MailMessage,
    MailMessageCollection,
    MailQuery,
    OperationCanceledException,
    Pop3ListFields,
    Pop3MailboxInfo,
    Pop3MessageInfo,
    SecurityOptions,
    SmtpClient,
)
from tests.clients.pop3_cases import MESSAGES, Drop
from tests.conformance.documented import POP3, SMTP, Documented, Overload, names_of
from tests.support.waiting import until


@dataclass(frozen=True)
class Call:
    """One overload in one form: called or begun, its arguments by position or by name."""

    client: Documented
    operation: str
    overload: Overload
    begun: bool
    named: bool

    def __str__(self) -> str:
        forms = ("begun" if self.begun else "plain", "by name" if self.named else "by position")
        return f"{self.operation}({', '.join(names_of(self.overload))}) {' '.join(forms)}"

    def run(self, client: Any, value: Callable[[str, str], Any]) -> Any:
        given = {name: value(name, type_) for name, type_ in self.overload}
        variadic = bool(self.overload) and self.overload[-1][1].startswith("params ")
        args: list[Any] = list(given.values())
        if variadic:
            args[-1:] = args[-1]
        args, kwargs = ([], given) if self.named else (args, {})
        if not self.begun:
            return getattr(client, self.operation)(*args, **kwargs)
        handle = getattr(client, f"begin_{self.operation}")(*args, **kwargs)
        return getattr(client, self.client.end_name(self.operation))(handle)


def calls(client: Documented, operation: str) -> Iterator[Call]:
    for overload in client.overloads(operation):
        for begun in [False] * client.is_synchronous(operation) + [True] * client.has_pair(operation):
            for named in (False, True):
                yield Call(client, operation, overload, begun, named)


# --- POP3 --------------------------------------------------------------------------------------------------

ONE, SEVERAL = 7, [9, 2, 5]  # numbers of messages
SIZES = [len(message) for message in MESSAGES]


def told(value: Any) -> Any:
    """A result as something that can be compared."""
    if isinstance(value, MailMessage):
        return value.as_bytes()
    if isinstance(value, HeaderCollection):
        return value["Subject"]
    if isinstance(value, Pop3MessageInfo):
        return value.sequence_number, value.unique_id, value.size, value.subject
    if isinstance(value, Pop3MailboxInfo):
        return value.message_count, value.occupied_size
    return value if value is None or isinstance(value, (str, int)) else [told(one) for one in value]


class Pop3Call:
    """The values for a call's parameters and what has to come of it, in one maildrop."""

    def __init__(self, client: Any, uids: Sequence[str], call: Call, own: Any, folder: Path) -> None:
        self.client, self.uids, self.call = client, uids, call
        self.names = names_of(call.overload)
        self.where: tuple[Any, ...] = (own,) if "connection" in self.names else ()
        self.path, self.stream = folder / "saved.eml", io.BytesIO()
        several = [uids[number - 1] for number in SEVERAL]
        self.values: dict[str, Any] = {
            "connection": own,
            "close_transaction": True,
            "fields": Pop3ListFields.ID_ONLY,
            "file_name": str(self.path),
            "message_info_list": [Pop3MessageInfo(unique_id=uid) for uid in several],
            "output_stream": self.stream,
            "query": MailQuery('SUBJECT "message 1"'),
            "sequence_number": ONE,
            "sequence_number_list": SEVERAL,
            "sequence_number_lst": SEVERAL,
            "sequence_numbers": SEVERAL,
            "sleep": 0,
            "uids": several,
            "unique_id": uids[ONE - 1],
            "unique_id_lst": several,
        }

    def value(self, name: str, type_: str) -> Any:
        return self.values[name]

    def infos(self, *numbers: int) -> list[Any]:
        subjects = [MailMessage.from_bytes(message).subject for message in MESSAGES]
        with_headers = "fields" not in self.names
        return [(n, self.uids[n - 1], SIZES[n - 1], subjects[n - 1] if with_headers else "") for n in numbers]

    def listed(self) -> list[Any]:
        if "query" in self.names:
            return self.infos(1, 10)
        several = {"unique_id_lst", "sequence_number_lst"} & set(self.names)
        return self.infos(*(SEVERAL if several else range(1, len(MESSAGES) + 1)))

    def count(self) -> int:
        found: int = self.client.get_message_count(*self.where)
        return found

    def saved(self) -> bytes:
        return self.path.read_bytes() if "file_name" in self.names else self.stream.getvalue()


WHOLE = len(MESSAGES)
DELETING = ("delete_message", "delete_messages", "undelete_messages", "commit_deletes")
RESULTS: dict[str, Callable[[Pop3Call], Any]] = {
    **dict.fromkeys(
        ["login", "logout", "noop", "save_message", *DELETING],
        lambda call: None,
    ),
    "validate_credentials": lambda call: True,
    "get_message_count": lambda call: WHOLE,
    "get_mailbox_size": lambda call: sum(SIZES),
    "get_mailbox_info": lambda call: (WHOLE, sum(SIZES)),
    "get_message_unique_id": lambda call: call.uids[ONE - 1],
    "get_message_size": lambda call: SIZES[ONE - 1],
    "get_message_headers": lambda call: f"Message {ONE}",
    "get_message_info": lambda call: call.infos(ONE)[0],
    "list_messages": Pop3Call.listed,
    "load_message_info_list": lambda call: call.infos(*SEVERAL),
    "fetch_message": lambda call: MESSAGES[ONE - 1],
    "fetch_messages": lambda call: [MESSAGES[number - 1] for number in SEVERAL],
}
EFFECTS: dict[str, Callable[[Pop3Call], bool]] = {
    "login": lambda call: call.client._main.connection is not None,
    "logout": lambda call: call.client._main.connection is None,
    "save_message": lambda call: call.saved() == MESSAGES[ONE - 1],
    "delete_message": lambda call: call.count() == WHOLE - 1,
    "delete_messages": lambda call: call.count() == 0,
    "undelete_messages": lambda call: call.count() == WHOLE,
}
MARKED_BEFORE = DELETING[2:]


class Pop3Overloads:
    """A subclass gives `drop`."""

    @pytest.mark.parametrize("operation", POP3.table)
    def test_every_overload_comes_to_the_same_in_every_form(self, drop: Drop, operation: str, tmp_path: Path) -> None:
        uids, gone = drop.uids(), 0
        for call in calls(POP3, operation):
            with drop.client() as client, contextlib.ExitStack() as held:
                if operation != "login":
                    client.login()
                own = None
                if "connection" in names_of(call.overload):
                    own = held.enter_context(client.create_connection(False))
                one = Pop3Call(client, uids, call, own, tmp_path)
                one.path.unlink(missing_ok=True)
                if operation in MARKED_BEFORE:
                    one.client.delete_message(*one.where, 1)
                session = client._main.connection
                assert told(call.run(client, one.value)) == RESULTS[operation](one), call
                if "close_transaction" in one.names and not one.where:
                    assert client._main.connection is not session, call  # it was ended
                if operation == "commit_deletes":
                    gone += 1
                    assert drop.uids() == uids[gone:], call
                    assert one.count() == WHOLE - gone, call
                else:
                    assert operation not in EFFECTS or EFFECTS[operation](one), call
                    if one.where:  # and not on the main connection, where nothing was done
                        assert client.get_message_count() == WHOLE, call
        assert drop.uids() == uids[gone:]


# --- SMTP --------------------------------------------------------------------------------------------------


@dataclass
class Post:
    """An account, the server that takes its mail, and a look into its mailbox, which waits for so many messages."""

    host: str
    port: int
    user: str
    password: str
    address: str
    ca_file: str
    inbox: Callable[[int], list[bytes]]

    def client(self) -> SmtpClient:
        client = SmtpClient(self.host, self.port, self.user, self.password, SecurityOptions.SSL_EXPLICIT)
        client.ca_file = self.ca_file
        client.timeout = 60_000
        return client


class SmtpCall:
    """The values for a call's parameters, and the subjects of the messages that have to arrive."""

    def __init__(self, post: Post, call: Call, number: int, own: Any) -> None:
        self.post, self.call, self.own = post, call, own
        self.subject = f"{call.operation} {number}"
        several = "messages" in names_of(call.overload)
        self.sent = [self.subject, f"{self.subject} again"] if several else [self.subject]
        if call.operation not in ("send", "forward", "send_to_queue"):
            self.sent = []

    def message(self, subject: str) -> MailMessage:
        # Who gets a message that is forwarded, its header does not say.
        to = "somebody@elsewhere.example" if self.call.operation == "forward" else self.post.address
        return MailMessage("ann@example.com", to, subject, "text")

    def value(self, name: str, type_: str) -> Any:
        if name == "messages":
            found = [self.message(subject) for subject in self.sent]
            return MailMessageCollection(found) if type_ == "MailMessageCollection" else found
        made: dict[str, Callable[[], Any]] = {
            "connection": lambda: self.own,
            "body": lambda: "text",
            "from_address": lambda: "ann@example.com",
            "message": lambda: self.message(self.subject),
            "message_stream": lambda: io.BytesIO(self.message(self.subject).as_bytes()),
            "recipient": lambda: self.post.address,
            "recipients": lambda: self.post.address if type_ == "string" else MailAddressCollection(self.post.address),
            "sender": lambda: "bounces@example.com",
            "subject": lambda: self.subject,
        }
        return made[name]()


def _same_length(one: Sequence[object], other: Sequence[object]) -> bool:
    return len(one) == len(other)


class SmtpOverloads:
    """A subclass gives `post`."""

    @pytest.mark.parametrize("operation", ["send", "forward", "noop", "validate_credentials"])
    def test_every_overload_comes_to_the_same_in_every_form(self, post: Post, operation: str) -> None:
        expected: list[str] = []
        told_of: list[str] = []
        with post.client() as client, contextlib.ExitStack() as held:
            client.succeeded_sending += lambda sender, args: told_of.append(args.message.subject)
            own = held.enter_context(client.create_connection(False))
            for number, call in enumerate(calls(SMTP, operation)):
                one = SmtpCall(post, call, number, own)
                assert call.run(client, one.value) is (True if operation == "validate_credentials" else None), call
                expected += one.sent
                assert sorted(told_of) == sorted(expected), call
        got = [MailMessage.from_bytes(content) for content in post.inbox(len(expected))]
        assert sorted(message.subject for message in got) == sorted(expected)
        assert {message.body for message in got} <= {"text\r\n"}

    def test_the_queue_takes_and_sends_in_every_form(self, post: Post, tmp_path: Path) -> None:
        expected: list[str] = []
        told_of: list[str] = []
        queue = [SmtpCall(post, call, number, None) for number, call in enumerate(calls(SMTP, "send_to_queue"))]
        for sending in calls(SMTP, "send_queue"):
            with post.client() as client:
                client.smtp_queue_location = str(tmp_path)
                client.succeeded_sending += lambda sender, args: told_of.append(args.message.subject)
                for one in queue:
                    assert one.call.run(client, one.value) is None
                    expected += one.sent
                begin = getattr(client, f"begin_{sending.operation}")
                handle = begin(callback=None, state=1) if sending.named else begin(None, 1)
                until(partial(_same_length, told_of, expected))
                client.cancel_async_operation(handle)
                with pytest.raises(OperationCanceledException):
                    getattr(client, SMTP.end_name(sending.operation))(handle)
                assert handle.async_state == 1
        assert sorted(told_of) == sorted(expected)
        assert sorted(MailMessage.from_bytes(one).subject for one in post.inbox(len(expected))) == sorted(expected)

    def test_no_operation_is_left_out(self) -> None:
        assert set(SMTP.table) == {"send", "forward", "noop", "validate_credentials", "send_to_queue", "send_queue"}
        assert set(POP3.table) == set(RESULTS)
