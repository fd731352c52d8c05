"""What users pass in by mistake or on behalf of somebody hostile. Rows F, and wrong use of handles and connections."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
    AsposeInvalidOperationException,
    ImapClient,
    ImapException,
    ImapFolderInfo,
    ImapMessageFlags,
    ImapMessageInfo,
    MailClientError,
    MailMessage,
    MailQuery,
    MessageError,
    ObjectDisposedException,
    SecurityOptions,
)
from mailclients.arguments import Out
from mailclients.imap.models import (
    BackupSettings,
    ImapIdentificationInfo,
    ImapListFields,
    ImapMonitoringState,
    ListFoldersOptions,
    ListFoldersReturnOptions,
    PageInfo,
    PageSettings,
    RestoreSettings,
    SortConditions,
)
from mailclients.imap.signatures import CONSTRUCTOR, OPERATIONS
from mailclients.parameters import Parameter
from mailclients.signatures import Operation
from mailclients.wire.imap_strings import decode_mailbox, encode_modified_utf7
from tests.clients.hostile import (
    PASSWORD,
    HostileServer,
    answering,
    client,
    client_of,
    nothing_secret_is_logged,
    server,
)
from tests.support.autoimap import make_message
from tests.support.scripted import Command, Conn, Literal, NonSyncLiteral, Quoted

__all__ = ["client", "nothing_secret_is_logged", "server"]  # the fixtures

BAD_CHARACTERS = ["\r", "\n", "\0", "\r\nX1 DELETE INBOX", "\ud800"]

# One good value for each parameter of the table.
GOOD: dict[str, Any] = {
    "sequence_number": 1,
    "unique_id": "1",
    "start_uid": "1",
    "end_uid": "2",
    "start_sequence": 1,
    "end_sequence": 2,
    "uid_set": ["1"],
    "sequence_set": [1],
    "message_info_set": [ImapMessageInfo(1, 1)],
    "uids": ["1"],
    "sequence_numbers": [1],
    "unique_id_lst": ["1"],
    "sequence_number_lst": [1],
    "flags": ImapMessageFlags.IS_READ,
    "modification_sequence": 5,
    "folder_name": "INBOX",
    "read_only": True,
    "do_not_expunge": True,
    "parent_folder": "",
    "load_full_info": True,
    "options": ListFoldersOptions.NONE,
    "return_options": ListFoldersReturnOptions.NONE,
    "folder_info": Out[ImapFolderInfo](),
    "query": MailQuery("ALL"),
    "max_number_of_messages": 3,
    "retrieve_recursively": False,
    "message_extra_fields": ["X-Spam"],
    "fields_list": ImapListFields.MAIN,
    "ignore_attachment": True,
    "file_name": "nowhere/at/all",
    "result_stream": BytesIO(),
    "message": MailMessage.from_bytes(make_message(1)),
    "commit_now": True,
    "sleep": 1,
    "new_folder_name": "new",
    "new_parent_folder": "parent",
    "quota_root_name": "",
    "mailbox_name": "INBOX",
    "resource_name": "STORAGE",
    "resource_limit": 512,
    "client_identification_info": ImapIdentificationInfo(),
    "capability_names": ["CONDSTORE"],
    "commit_deletions": True,
    "messages": [MailMessage.from_bytes(make_message(1))],
    "attachment_name": "a.png",
    "items_per_page": 10,
    "page_offset": 1,
    "page_info": PageInfo(10),
    "conditions": SortConditions(),
    "folders": [ImapFolderInfo(name="INBOX")],
    "stream": BytesIO(),
    "pst": "mail.zip",
    "callback": print,
    "error_callback": print,
    "monitoring_state": ImapMonitoringState(folder_name="INBOX"),
}
# Those that mean something else in one operation.
GOOD_IN: dict[tuple[str, str], Any] = {
    ("list_messages_by_page", "settings"): PageSettings(),
    ("restore", "settings"): RestoreSettings(),
    ("backup", "options"): BackupSettings(),
}


def good(operation: Operation, parameter: Parameter) -> Any:
    found = GOOD_IN.get((operation.name, parameter.name))
    return GOOD[parameter.name] if found is None else found


def operation_of(client: ImapClient, operation: Operation, prefix: str) -> Callable[..., object]:
    """The public method."""
    found: Callable[..., object] = getattr(client, f"{prefix}{operation.name}")
    return found


def takes_text(parameter: Parameter) -> bool:
    return parameter.kind.accepts("x")


def takes_texts(parameter: Parameter) -> bool:
    element = parameter.kind.element
    return element is not None and element("x")


def text_places() -> list[tuple[Operation, tuple[Parameter, ...], Parameter]]:
    """Every place of every documented overload where text can be passed."""
    found: list[tuple[Operation, tuple[Parameter, ...], Parameter]] = []
    for operation in OPERATIONS.values():
        for shape in operation.shapes:
            for overload in shape.without_optionals():
                parameters = tuple(p for p in overload if p.name != "connection")
                found += [(operation, parameters, p) for p in parameters if takes_text(p) or takes_texts(p)]
    return found


def test_H_F1_the_sweep_covers_every_parameter_that_takes_text() -> None:
    names = {parameter.name for _, _, parameter in text_places()}
    assert {
        "folder_name",
        "parent_folder",
        "unique_id",
        "uid_set",
        "flags",
        "file_name",
        "message_extra_fields",
    } <= names
    every = {(o.name, p.name) for o in OPERATIONS.values() for s in o.shapes for p in s.parameters}
    assert {name for _, name in every - GOOD_IN.keys()} - {"connection"} == GOOD.keys()


@pytest.mark.parametrize("bad", BAD_CHARACTERS)
def test_H_F1_line_ends_in_any_argument_send_nothing(server: HostileServer, client: ImapClient, bad: str) -> None:
    places = text_places()
    for operation, parameters, place in places:
        if bad == "\ud800" and place.name in ("file_name", "pst"):
            continue  # a path may hold what the file system holds
        text = f"a{bad}b"
        values = [good(operation, p) for p in parameters]
        values[parameters.index(place)] = text if takes_text(place) else [text]
        calls: list[Callable[..., object]] = [operation_of(client, operation, "")]
        if operation.has_pair and not any(p.name == "folder_info" for p in parameters):
            calls.append(operation_of(client, operation, "begin_"))
        for call in calls:
            with pytest.raises(AsposeArgumentException) as caught:
                call(*values)
            assert isinstance(caught.value, ValueError)
            assert caught.value.blame.value == "caller"
    assert server.connections == [], "something went out"
    client.noop()


@pytest.mark.parametrize("bad", BAD_CHARACTERS)
def test_H_F1_line_ends_in_any_setting_send_nothing(server: HostileServer, client: ImapClient, bad: str) -> None:
    text = f"{PASSWORD}{bad}b"
    for name in ("host", "username", "password", "access_token", "default_folder"):
        with pytest.raises(AsposeArgumentException, match=name) as caught:
            setattr(client, name, text)
        assert PASSWORD not in str(caught.value)
    for shape in CONSTRUCTOR.shapes:
        for parameters in shape.without_optionals():
            for place in parameters:
                if place.kind.accepts("x"):
                    good = {
                        "host": "h",
                        "port": 1,
                        "username": "u",
                        "password": "p",
                        "auth_info": "a",
                        "use_o_auth": True,
                    }
                    given = {p.name: good[p.name] for p in parameters if p.name in good}
                    with pytest.raises(AsposeArgumentException):
                        CONSTRUCTOR.bind((), {**given, place.name: text})
    with pytest.raises(AsposeArgumentException):
        MailQuery(f'SUBJECT "{text}"')
    assert server.connections == []


DATA = [
    'a"b',
    "a\\b",
    "a%b",
    "a*b",
    "{5}",
    "a {5+}",
    "x{10+}",
    "(a b)",
    "+a",
    "~a",
    "~{5}",
    "NIL",
    "nil",
    " ",
    "a b",
    "&",
    "&AOQ-",
    "\t",
    "\x1b[2J",
    "\x7f",
    "inbox/../../etc",
    "Größe",
    "日本語",
    "😀",
    "a" * 5000,
]


def received_name(cmd: Command, index: int = 0) -> str:
    return decode_mailbox(cmd.args[index].data)


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", "IMAP4rev1 LITERAL-", "IMAP4rev1 LITERAL+"])
def test_H_F2_F3_F4_folder_names_arrive_as_data(capabilities: str) -> None:
    with (
        HostileServer(clear_is_meant=True, capabilities=capabilities) as server,
        client_of(server, SecurityOptions.NONE) as client,
    ):
        ok = answering("OK done")

        for name in ("CREATE", "DELETE", "SELECT", "APPEND", "STATUS"):
            server.on(name, ok)
        message = MailMessage.from_bytes(make_message(1))
        for name in DATA:
            client.create_folder(name)
            client.delete_folder(name)
            client.append_message(name, message)
            client.get_folder_info(name)
            client.select_folder(name)
            sent = [cmd for cmd in server.commands if cmd.name in ("CREATE", "DELETE", "SELECT", "APPEND", "STATUS")][
                -5:
            ]
            assert [received_name(cmd) for cmd in sent] == [name] * 5
            assert all(len(cmd.args) == count for cmd, count in zip(sent, (1, 1, 2, 2, 1), strict=True))
        nonsync = [arg for cmd in server.commands for arg in cmd.args if isinstance(arg, NonSyncLiteral)]
        if "LITERAL+" not in capabilities:
            assert all(len(arg.data) <= 4096 for arg in nonsync)
        assert bool(nonsync) == ("LITERAL" in capabilities)


@pytest.mark.parametrize("secret", [text for text in DATA if text.strip()])
@pytest.mark.parametrize("capabilities", ["IMAP4rev1", "IMAP4rev1 AUTH=PLAIN SASL-IR", "IMAP4rev1 AUTH=PLAIN"])
def test_H_F2_F4_names_and_passwords_arrive_as_data(secret: str, capabilities: str) -> None:
    user = f"{secret[:20]}@x"
    with HostileServer(clear_is_meant=True, users={user: secret}, capabilities=capabilities) as server:
        with ImapClient("127.0.0.1", server.port, user, secret, SecurityOptions.NONE) as client:
            client.login()
        assert server.sign_ins == 1


def test_H_F3_folders_with_controls_that_list_returned_work(server: HostileServer, client: ImapClient) -> None:
    odd = ["a\tb", "esc\x1b[2J", "del\x7f", 'q"uote', "back\\slash", "Entw&APw-rfe", "..", "a*b%c"]
    for name in odd:
        server.folders[name] = server.folders["Archive"]
    listed = {folder.name for folder in client.list_folders()}
    assert {decode_mailbox(name.encode()) for name in odd} <= listed
    for name in odd:
        folder = decode_mailbox(name.encode())
        client.select_folder(folder)
        assert client.fetch_message("1").as_bytes() == make_message(1)
        assert client.exist_folder(folder)
        assert encode_modified_utf7(folder) == name.encode()


def test_H_F4_search_text_beyond_ascii_is_sent_as_a_literal(server: HostileServer, client: ImapClient) -> None:
    server.on("UID SEARCH", answering("OK done", "SEARCH"))
    client.list_messages(MailQuery('SUBJECT "Größe {10+}" FROM "x"'))
    cmd = next(cmd for cmd in server.commands if cmd.name == "UID SEARCH")
    assert cmd.args[:2] == ["RETURN", ["ALL"]]
    assert cmd.args[2:] == ["CHARSET", "UTF-8", "UNDELETED", "SUBJECT", "Größe {10+}", "FROM", "x"]
    assert isinstance(cmd.args[6], Literal)


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", "IMAP4rev1 LITERAL+"])
def test_H_F5_a_search_term_that_looks_like_a_literal_is_quoted(capabilities: str) -> None:
    with (
        HostileServer(clear_is_meant=True, capabilities=capabilities) as server,
        client_of(server, SecurityOptions.NONE) as client,
    ):
        server.on("UID SEARCH", answering("OK done", "SEARCH"))
        client.list_messages(MailQuery('SUBJECT "{10+}"'))
        cmd = next(cmd for cmd in server.commands if cmd.name == "UID SEARCH")
        term = cmd.args[1][1]
        assert term == "{10+}"
        assert isinstance(term, Quoted)
        with pytest.raises(AsposeArgumentException):
            MailQuery("SUBJECT {10+}")


WRONG: list[tuple[str, tuple[Any, ...]]] = [
    ("add_message_flags", ("1", "\\Seen) X")),
    ("add_message_flags", ("1", 5)),
    ("add_message_flags", ("1", None)),
    ("add_message_flags", ("1:*", "\\Seen")),
    ("add_message_flags", ("1,2)", "\\Seen")),
    ("fetch_message", ("1:*\r\n",)),
    ("fetch_message", ("0",)),
    ("fetch_message", ("-1",)),
    ("fetch_message", ("4294967296",)),
    ("fetch_message", ("9" * 100_000,)),
    ("fetch_message", ("١",)),
    ("fetch_message", (0,)),
    ("fetch_message", (-1,)),
    ("fetch_message", (1.0,)),
    ("fetch_message", (True,)),
    ("fetch_message", (None,)),
    ("fetch_message", (b"1",)),
    ("fetch_message", ()),
    ("fetch_message", ("1", "2", "3", "4", "5", "6")),
    ("fetch_messages", (["1", 2],)),
    ("fetch_messages", ([None],)),
    ("fetch_messages", ("1",)),
    ("select_folder", ("",)),
    ("select_folder", (b"INBOX",)),
    ("select_folder", (None,)),
    ("select_folder", (5,)),
    ("list_messages", (-1,)),
    ("list_messages", (1.5,)),
    ("append_message", ("INBOX", b"bytes")),
    ("append_message", (None,)),
    ("save_message", ("1", None)),
    ("list_folders", (object(),)),
    ("list_folders", ("", False, ListFoldersOptions.RECURSIVE_MATCH, ListFoldersReturnOptions.NONE)),
    (
        "list_folders",
        ("", False, ListFoldersOptions.RECURSIVE_MATCH | ListFoldersOptions.REMOTE, ListFoldersReturnOptions.NONE),
    ),
    ("noop", ("connection",)),
]


@pytest.mark.parametrize(("name", "values"), WRONG)
def test_H_F6_wrong_arguments_are_refused_at_once(
    server: HostileServer, client: ImapClient, name: str, values: tuple[Any, ...]
) -> None:
    for method in (getattr(client, name), getattr(client, f"begin_{name}")):
        with pytest.raises(AsposeArgumentException) as caught:
            method(*values)
        assert isinstance(caught.value, ValueError)
        assert len(str(caught.value)) < 3000
    assert server.connections == []
    assert client.pool.size == 0


def test_H_F7_a_hundred_thousand_ids_in_commands_that_servers_take(server: HostileServer, client: ImapClient) -> None:
    sets: list[str] = []

    def stored(conn: Conn, cmd: Command) -> bool:
        assert len(cmd.raw) <= 8000
        sets.append(cmd.text())
        conn.reply(cmd, "NO [LIMIT] not these" if len(sets) == 3 else "OK done")
        return True

    client.select_folder("INBOX")
    server.on("UID STORE", stored)
    uids = [str(uid) for uid in range(1, 200_000, 2)]
    with pytest.raises(ImapException, match="not these"):
        client.add_message_flags(uids, "\\Seen")
    assert [uid for text in sets for uid in text.split(",")] == uids
    assert client.fetch_message("1").as_bytes() == make_message(1)


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", "IMAP4rev1 LITERAL+"])
def test_H_F8_an_appended_message_is_normalised_once_and_counted_afterwards(tmp_path: Path, capabilities: str) -> None:
    path = tmp_path / "m.eml"
    path.write_bytes(b"Subject: x\n\nbare\nlone\rboth\r\n\xff\xfe 8 bit\n.\n")
    with (
        HostileServer(clear_is_meant=True, capabilities=capabilities) as server,
        client_of(server, SecurityOptions.NONE) as client,
    ):
        client.append_message("INBOX", path)
        stored = server.folders["INBOX"].messages[4].body
        assert stored == b"Subject: x\r\n\r\nbare\r\nlone\r\nboth\r\n\xff\xfe 8 bit\r\n.\r\n"
        path.write_bytes(b"Subject: x\r\n\r\nnul \0 here\r\n")
        with pytest.raises(MessageError, match="NUL"):
            client.append_message("INBOX", path)
        assert sum(cmd.name == "APPEND" for cmd in server.commands) == 1
        client.noop()


def test_T1_a_message_is_taken_down_at_the_begin(server: HostileServer, client: ImapClient) -> None:
    for method in (client.append_message, client.begin_append_message):
        with pytest.raises(MessageError, match="NUL"):
            method("INBOX", MailMessage.from_bytes(b"Subject: x\r\n\r\nnul \0 here\r\n"))
    assert server.connections == []
    gate = server.hold("APPEND")
    message = MailMessage.from_bytes(b"Subject: before\r\n\r\nbody\r\n")
    handle = client.begin_append_message("INBOX", message)
    message.subject = "afterwards"
    gate.open()
    appended = client.end_append_message(handle)
    assert server.folders["INBOX"].messages[int(appended)].body == b"Subject: before\r\n\r\nbody\r\n"
    missing = client.begin_append_message("INBOX", "no such file.eml")  # files are the operation's own business
    with pytest.raises(FileNotFoundError):
        client.end_append_message(missing)


@pytest.mark.parametrize("status", ["NO [TOOBIG] too big", "NO [OVERQUOTA] full", "BAD no literal here"])
@pytest.mark.parametrize("begun", [False, True])
def test_H_F9_a_refused_literal_leaves_the_connection_in_step(status: str, begun: bool) -> None:
    with (
        HostileServer(clear_is_meant=True, capabilities="IMAP4rev1") as server,
        client_of(server, SecurityOptions.NONE) as client,
    ):
        client.select_folder("INBOX")
        client.max_connections_per_server = 1
        server.literal_policy = lambda conn, so_far, size: status if b"APPEND" in so_far else None
        message = MailMessage.from_bytes(make_message(9))
        with pytest.raises(ImapException) as caught:
            client.end_append_message(client.begin_append_message(message)) if begun else client.append_message(message)
        assert caught.value.status == status.split(maxsplit=1)[0]
        assert client.fetch_message("1").as_bytes() == make_message(1)
        server.literal_policy = None
        client.append_message(message)
        assert server.folders["INBOX"].messages[4].body == make_message(9)
        assert len(server.connections) == 1


# -- settings of the wrong type or value ------------------------------------------------------------

SETTINGS: list[tuple[str, Any, type[BaseException]]] = [
    ("max_connections_per_server", 0, AsposeArgumentOutOfRangeException),
    ("max_connections_per_server", -1, AsposeArgumentOutOfRangeException),
    ("max_connections_per_server", True, ArgumentTypeError),
    ("max_connections_per_server", 2.0, ArgumentTypeError),
    ("max_connections_per_server", "2", ArgumentTypeError),
    ("max_connections_per_server", None, ArgumentTypeError),
    ("port", 0, AsposeArgumentOutOfRangeException),
    ("port", 65536, AsposeArgumentOutOfRangeException),
    ("port", "143", ArgumentTypeError),
    ("timeout", 0, AsposeArgumentOutOfRangeException),
    ("timeout", -2, AsposeArgumentException),
    ("timeout", "5", ArgumentTypeError),
    ("timeout", None, ArgumentTypeError),
    ("timeout", timedelta(seconds=-5), AsposeArgumentException),
    ("greeting_timeout", -1, AsposeArgumentOutOfRangeException),
    ("connection_checkup_period", 0, AsposeArgumentOutOfRangeException),
    ("host", None, AsposeArgumentNullException),
    ("host", 5, ArgumentTypeError),
    ("username", b"user", ArgumentTypeError),
    ("password", b"secret", ArgumentTypeError),
    ("access_token", 5, ArgumentTypeError),
    ("token_provider", "token", ArgumentTypeError),
    ("security_options", 2, ArgumentTypeError),
    ("security_options", None, ArgumentTypeError),
    ("ssl_context", "x", ArgumentTypeError),
    ("ca_file", "/nowhere/at/all", AsposeArgumentException),
    ("ca_file", 0, ArgumentTypeError),
    ("ca_file", b"/nowhere/at/all", ArgumentTypeError),
    ("connection_asgmt_mode", 1, ArgumentTypeError),
    ("executor", "x", ArgumentTypeError),
    ("auto_commit", 1, ArgumentTypeError),
    ("read_only", None, ArgumentTypeError),
    ("allow_preauth", "yes", ArgumentTypeError),
    ("default_folder", "", AsposeArgumentException),
    ("default_folder", None, AsposeArgumentNullException),
]


@pytest.mark.parametrize(("name", "value", "kind"), SETTINGS)
def test_settings_are_checked_when_they_are_made(
    client: ImapClient, name: str, value: Any, kind: type[BaseException]
) -> None:
    before = getattr(client, name)
    with pytest.raises(kind, match=re.escape(name) if "timeout" not in name else ".") as caught:
        setattr(client, name, value)
    assert isinstance(caught.value, (MailClientError, ValueError))
    assert getattr(client, name) == before


# -- handles and connections of somebody else ------------------------------------------------------------


def test_ending_what_is_not_ones_own(server: HostileServer, client: ImapClient) -> None:
    with client_of(server, SecurityOptions.NONE) as other:
        handle = client.begin_noop()
        with pytest.raises(AsposeArgumentException, match=r"end_fetch_message.*begin_noop"):
            client.end_fetch_message(handle)
        for wrong in (other.end_noop, other.cancel_async_operation):
            with pytest.raises(AsposeArgumentException, match="belongs to another client"):
                wrong(handle)
        with pytest.raises(AsposeArgumentNullException):
            client.end_noop(None)  # type: ignore[arg-type]
        for wrong_type in ("handle", object(), 5, threading.Event()):
            with pytest.raises(ArgumentTypeError):
                client.end_noop(wrong_type)  # type: ignore[arg-type]
        client.end_noop(handle)
        client.end_noop(handle)


def test_connections_in_the_wrong_place(server: HostileServer, client: ImapClient) -> None:
    with pytest.raises(AsposeInvalidOperationException, match="create_as_default_connection=False"):
        client.create_connection()
    with pytest.raises(ArgumentTypeError):
        client.create_connection("yes")  # type: ignore[arg-type]
    assert server.connections == []
    connection = client.create_connection(create_as_default_connection=False)
    with client_of(server, SecurityOptions.NONE) as other:
        with pytest.raises(AsposeArgumentException, match="another client"):
            other.noop(connection)
        with pytest.raises(AsposeArgumentException, match="another client"):
            other.begin_noop(connection)
    connection.dispose()
    with pytest.raises(ObjectDisposedException):
        client.noop(connection)
    client.max_connections_per_server = 1
    with pytest.raises(AsposeInvalidOperationException, match="max_connections_per_server is 1"):
        client.create_connection(create_as_default_connection=False)
    assert len(server.connections) == 1


def test_a_client_without_host_or_name_says_so() -> None:
    with ImapClient() as client:
        with pytest.raises(AsposeInvalidOperationException, match="host"):
            client.noop()
        with pytest.raises(AsposeInvalidOperationException, match="host"):
            client.begin_noop()
    with HostileServer(clear_is_meant=True) as server:
        with ImapClient("127.0.0.1", server.port, SecurityOptions.NONE) as client:
            with pytest.raises(AsposeInvalidOperationException, match="username"):
                client.noop()
            client.username = "user"
            with pytest.raises(MailClientError, match="empty"):
                client.noop()
        assert not [cmd for cmd in server.commands if cmd.name in ("LOGIN", "AUTHENTICATE")]


def test_a_disposed_client_says_so(server: HostileServer) -> None:
    client = client_of(server, SecurityOptions.NONE)
    client.dispose()
    for call in (client.noop, client.begin_noop, client.create_connection, client.get_capabilities):
        with pytest.raises(ObjectDisposedException):
            call()
    assert server.connections == []
