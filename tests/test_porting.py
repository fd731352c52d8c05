"""What ported programs lean on without noticing, tried as they are written: operators, conversions, indexers, shapes.

Members and their names are `test_members_page`'s; here is how .NET's values behave between them.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

import mailclients
from mailclients import (
    AsyncCallback,
    Attachment,
    AttachmentCollection,
    AutoResetEvent,
    BackupOptions,
    BackupSettings,
    ESearchOptions,
    HeaderCollection,
    IAsyncResult,
    IDisposable,
    ImapClient,
    ImapFolderInfo,
    ImapFolderInfoCollection,
    ImapMessageFlags,
    ImapMessageInfoCollection,
    ImapQueryBuilder,
    MailAddress,
    MailAddressCollection,
    MailMessage,
    MailMessageCollection,
    MailMessageEventArgs,
    MailQuery,
    MailQueryBuilder,
    ManualResetEvent,
    PersonalStorage,
    PipeliningMode,
    PipeliningStatus,
    RangeSeqSet,
    RestoreOptions,
    RestoreSettings,
    SimpleSeqSet,
    SmtpClient,
    ThreadPool,
    WaitHandle,
)
from mailclients.dotnet import _pool
from mailclients.imap.signatures import OPERATIONS
from mailclients.mime.collection import Collection
from mailclients.testing import MailServer, sample_messages
from tests.support import surface

CLIENTS, MESSAGES, QUERIES = map(surface.committed, (surface.DATA, surface.MESSAGE_DATA, surface.QUERY_DATA))
TYPES: dict[str, Any] = {**CLIENTS["types"], **MESSAGES["types"], **QUERIES["types"]}
HERE = {name: each for name, each in TYPES.items() if hasattr(mailclients, name)}
LONG = 30_000  # ms; nothing here takes so long


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    folders = {"INBOX": sample_messages(8), "Archive": sample_messages(3)}
    with MailServer({"anna": "secret"}, {"anna": folders}) as running:
        yield running


@pytest.fixture
def client(server: MailServer) -> Iterator[ImapClient]:
    with ImapClient(server.host, server.imap_port, "anna", "secret") as client:
        yield client


# --- operators and conversions --------------------------------------------------------------------------------

READ, FLAGGED = ImapMessageFlags.IS_READ, ImapMessageFlags.FLAGGED
MIN, MAX = ESearchOptions.MIN, ESearchOptions.MAX
INFOS = ImapMessageInfoCollection()
ADDRESS = MailAddress("ann@example.com")
RANGE, ONE = RangeSeqSet("3", "5"), SimpleSeqSet("7")


def pipelining(value: PipeliningStatus | PipeliningMode | bool) -> PipeliningStatus:
    with ImapClient() as client:
        client.use_pipelining = value
        return client.use_pipelining


def found_by(value: Any) -> str:
    builder = ImapQueryBuilder()
    builder.unique_id.add(value)
    return str(builder.get_query())


def joined(value: str) -> MailQuery:
    builder = ImapQueryBuilder()
    builder.unique_id.add(value)
    return builder.either(builder.subject.contains("x"), builder.unique_id)


def sent_from(value: Any) -> MailAddress | None:
    message = MailMessage()
    message.from_address = value
    return message.from_address


def sent_to(value: Any) -> list[str]:
    message = MailMessage()
    message.to = value
    return [one.address for one in message.to]


def restored(options: RestoreOptions) -> RestoreSettings:
    """What a call makes of options where settings stand."""
    with PersonalStorage.from_stream(io.BytesIO(b"PK")) as storage:
        made: RestoreSettings = OPERATIONS["restore"].bind((storage, options), {}).arguments["settings"]
    return made


# What each documented operator and conversion comes to: type, operator, result, operands.
OPERATORS: dict[tuple[str, ...], Callable[[], bool]] = {
    ("BackupSettings", "implicit", "BackupSettings", "BackupOptions"): lambda: (
        BackupSettings(BackupOptions.RECURSIVE).execute_recursively
    ),
    ("ESearchOptions", "!=", "bool", "ESearchOptions", "ESearchOptions"): lambda: MIN != MAX,
    ("ESearchOptions", "+", "ESearchOptions", "ESearchOptions", "ESearchOptions"): lambda: MIN + MAX == MAX + MIN,
    ("ESearchOptions", "-", "ESearchOptions", "ESearchOptions", "ESearchOptions"): lambda: MIN + MAX - MIN == MAX,
    ("ESearchOptions", "==", "bool", "ESearchOptions", "ESearchOptions"): lambda: MIN == ESearchOptions.MIN,
    ("ImapMessageFlags", "!=", "bool", "ImapMessageFlags", "ImapMessageFlags"): lambda: READ != FLAGGED,
    ("ImapMessageFlags", "&", "ImapMessageFlags", "ImapMessageFlags", "ImapMessageFlags"): lambda: (
        (READ | FLAGGED) & READ == READ
    ),
    ("ImapMessageFlags", "==", "bool", "ImapMessageFlags", "ImapMessageFlags"): lambda: (
        ImapMessageFlags.is_read == READ
    ),
    ("ImapMessageFlags", "implicit", "ImapMessageFlags", "string"): lambda: ImapMessageFlags("\\Seen") == READ,
    ("ImapMessageFlags", "|", "ImapMessageFlags", "ImapMessageFlags", "ImapMessageFlags"): lambda: (
        READ | FLAGGED
    ).has_flag(FLAGGED),
    ("ImapMessageFlags", "|", "ImapMessageFlags", "ImapMessageFlags", "string"): lambda: (READ | "$Work").has_flag(
        ImapMessageFlags("$Work")
    ),
    ("ImapMessageFlags", "|", "ImapMessageFlags", "string", "ImapMessageFlags"): lambda: ("$Work" | READ).has_flag(
        ImapMessageFlags("$Work")
    ),
    ("ImapMessageInfoCollection", "implicit", "ImapMessageInfoCollection", "ImapMessageInfo[]"): lambda: (
        ImapMessageInfoCollection([]).count == 0
    ),
    ("ImapMessageInfoCollection", "implicit", "ImapMessageInfoCollection", "List<ImapMessageInfo>"): lambda: (
        ImapMessageInfoCollection(()).count == 0
    ),
    ("ImapMessageInfoCollection", "implicit", "ImapMessageInfo[]", "ImapMessageInfoCollection"): lambda: (
        list(INFOS) == []
    ),
    ("ImapMessageInfoCollection", "implicit", "List<ImapMessageInfo>", "ImapMessageInfoCollection"): lambda: (
        [*INFOS] == []
    ),
    ("MailAddress", "implicit", "MailAddress", "MailAddressCollection"): lambda: (
        sent_from(MailAddressCollection("ann@example.com")) == ADDRESS
    ),
    ("MailAddress", "implicit", "MailAddress", "string"): lambda: sent_from("ann@example.com") == ADDRESS,
    ("MailAddressCollection", "implicit", "MailAddressCollection", "MailAddress"): lambda: (
        sent_to(ADDRESS) == ["ann@example.com"]
    ),
    ("MailAddressCollection", "implicit", "MailAddressCollection", "string"): lambda: (
        sent_to("a@example.com, B <b@example.com>") == ["a@example.com", "b@example.com"]
    ),
    ("PipeliningStatus", "implicit", "PipeliningMode", "PipeliningStatus"): lambda: (
        pipelining(PipeliningMode.ENABLED).client_mode is PipeliningMode.ENABLED
    ),
    ("PipeliningStatus", "implicit", "PipeliningStatus", "PipeliningMode"): lambda: (
        not pipelining(PipeliningMode.DISABLED).pipelining_enabled
    ),
    ("PipeliningStatus", "implicit", "PipeliningStatus", "bool"): lambda: (
        pipelining(True).client_mode is PipeliningMode.ENABLED and not pipelining(False).pipelining_enabled
    ),
    ("PipeliningStatus", "implicit", "bool", "PipeliningStatus"): lambda: (
        bool(pipelining(True)) and not pipelining(PipeliningMode.DISABLED)
    ),
    ("RangeSeqSet", "implicit", "string", "RangeSeqSet"): lambda: str(RANGE) == "3:5",
    ("RestoreSettings", "implicit", "RestoreSettings", "RestoreOptions"): lambda: (
        restored(RestoreOptions.RECURSIVE).options is RestoreOptions.RECURSIVE
    ),
    ("SequenceSetBaseValue", "implicit", "string", "SequenceSetBaseValue"): lambda: found_by(RANGE).count("3:5") == 1,
    ("SequenceSetField", "implicit", "MailQuery", "SequenceSetField"): lambda: (
        str(joined("7")) == "('Subject' Contains 'x' | 'UniqueId' = '7')"
    ),
    ("SimpleSeqSet", "implicit", "SimpleSeqSet", "string"): lambda: found_by("7") == found_by(ONE),
    ("SimpleSeqSet", "implicit", "string", "SimpleSeqSet"): lambda: str(ONE) == "7",
}


def documented_operators() -> list[tuple[str, ...]]:
    return [(name, *each) for name, facts in TYPES.items() for each in facts.get("operators", ())]


def test_every_documented_operator_is_tried() -> None:
    assert OPERATORS.keys() == set(documented_operators())


@pytest.mark.parametrize("operator", OPERATORS, ids="-".join)
def test_an_operator_does_what_it_does_in_net(operator: tuple[str, ...]) -> None:
    assert OPERATORS[operator]()


# --- collections, indexers, constants ---------------------------------------------------------------------------


def collections() -> list[str]:
    return [name for name, facts in HERE.items() if str(facts.get("base", "")).startswith("Collection<")]


def test_there_are_collections() -> None:
    assert len(collections()) == 9


@pytest.mark.parametrize("name", [*collections(), "HeaderCollection"])
def test_a_collection_has_count_beside_len_and_is_a_sequence(name: str) -> None:
    made = getattr(mailclients, name)()
    assert made.count == len(made) == 0
    assert list(made) == []
    if name != "HeaderCollection":
        assert issubclass(type(made), Collection)
        for member in ("add", "add_range", "clear", "contains", "index_of", "insert", "remove", "remove_at"):
            assert callable(getattr(made, member)), member


def test_indexers_take_positions_names_and_ids(client: ImapClient) -> None:
    headers = HeaderCollection()
    headers.add("Subject", "Plan")
    assert headers["subject"] == headers[0] == "Plan"
    folders = client.list_folders()
    assert isinstance(folders, ImapFolderInfoCollection)
    assert folders["Archive"] is next(folder for folder in folders if folder.name == "Archive")
    infos = client.list_messages("INBOX")
    assert infos[infos[2].unique_id] is infos[2]
    attachments = AttachmentCollection()
    attachments.add(Attachment(b"1;2", "numbers.csv"))
    assert attachments["numbers.csv"] is attachments[0]
    assert MailAddressCollection("a@b.example, c@d.example")[1].address == "c@d.example"


def test_N2_folder_constants_are_names() -> None:
    constants = CLIENTS["types"]["ImapFolderInfo"]["fields"]
    assert constants == {"IN_BOX": ["InBox", "string"]}
    assert ImapFolderInfo.IN_BOX == "INBOX"


ADDRESSES = [
    (name, type_)
    for name, (_, type_, *words) in HERE["MailMessage"]["properties"].items()
    if type_ in ("MailAddress", "MailAddressCollection") and "set" in words
]


def test_there_are_addresses() -> None:
    assert {"from_address", "sender", "to", "cc", "bcc", "reply_to_list"} <= {name for name, _ in ADDRESSES}


@pytest.mark.parametrize(("member", "type_"), ADDRESSES)
def test_a_string_stands_for_an_address_or_a_collection(member: str, type_: str) -> None:
    message = MailMessage()
    setattr(message, member, "Ann <ann@example.com>")
    value: Any = getattr(message, member)
    first: MailAddress = value if type_ == "MailAddress" else value[0]
    assert first.address == "ann@example.com"
    assert first.display_name == ("" if member == "reverse_path" else "Ann"), "a Return-Path has addresses alone"


def test_add_takes_addresses_separated_by_commas() -> None:
    message = MailMessage()
    message.to.add('a@example.com, "Doe, Jane" <jane@example.com>,c@example.com')
    assert [one.address for one in message.to] == ["a@example.com", "jane@example.com", "c@example.com"]
    assert message.to[1].display_name == "Doe, Jane"


FLAGS_ENUMS = (
    "DeliveryNotificationOptions",
    "EncryptionProtocols",
    "ImapKnownAuthenticationType",
    "ListFoldersOptions",
    "ListFoldersReturnOptions",
    "Pop3KnownAuthenticationType",
    "RestoreOptions",
    "SmtpKnownAuthenticationType",
)


@pytest.mark.parametrize("name", FLAGS_ENUMS)
def test_flags_combine_and_stay_of_their_type(name: str) -> None:
    first, second = [one for one in getattr(mailclients, name).__members__.values() if int(one)][:2]
    both = first | second
    assert type(both) is type(first)
    assert both & first == first
    assert both & ~first == second & ~first


def test_methods_of_a_builder_record_and_return() -> None:
    builder = MailQueryBuilder()
    one, two = builder.subject.contains("plan"), builder.from_address.contains("ann")
    assert str(builder.get_query()) == "('Subject' Contains 'plan' & 'From' Contains 'ann')"
    either = builder.either(one, two)
    assert either == one | two == builder.get_query()


# --- handles, waiting, threads -----------------------------------------------------------------------------------


def test_N1_a_callback_is_any_callable_and_gets_the_state(client: ImapClient) -> None:
    told: list[object] = []
    done = AutoResetEvent(False)

    def callback(result: IAsyncResult) -> None:
        told.append(result.async_state)
        done.set()

    class Program:
        def finished(self, result: IAsyncResult) -> None:
            callback(result)

    shapes: list[Callable[[IAsyncResult], object]] = [callback, lambda result: callback(result), Program().finished]
    shapes.append(AsyncCallback(callback))
    for number, shape in enumerate(shapes):
        handle = client.begin_fetch_message(1, shape, number)
        assert done.wait_one(LONG)
        assert client.end_fetch_message(handle).subject
    assert told == [0, 1, 2, 3]


def test_N1_threads_and_work_items_meet_at_events(client: ImapClient) -> None:
    total = 0
    gate = threading.RLock()
    finished = [ManualResetEvent(False), ManualResetEvent(False)]

    def work(state: tuple[str, ManualResetEvent]) -> None:
        nonlocal total
        folder, done = state
        with client.create_connection():
            client.select_folder(folder)
            with gate:
                total += client.list_messages().count
        done.set()

    ThreadPool.queue_user_work_item(work, ("INBOX", finished[0]))
    thread = threading.Thread(target=work, args=(("Archive", finished[1]),))
    thread.start()
    assert WaitHandle.wait_all(finished, timedelta(milliseconds=LONG))
    thread.join()
    assert _pool.retire(LONG // 1000)
    assert total == 11
    assert WaitHandle.wait_any(finished, 0) == 0
    assert WaitHandle.wait_any([AutoResetEvent(False)], timedelta(0)) == WaitHandle.WAIT_TIMEOUT


def test_N1_events_take_and_give_up_bound_methods(server: MailServer) -> None:
    class Program:
        def __init__(self) -> None:
            self.sent: list[str] = []

        def on_sent(self, sender: SmtpClient, args: MailMessageEventArgs) -> None:
            self.sent.append(args.message.subject)

    program = Program()
    with SmtpClient(server.host, server.smtp_port, "anna", "secret") as smtp:
        smtp.succeeded_sending += program.on_sent
        smtp.send(MailMessage("ann@example.com", "anna@example.com", "One", "text"))
        smtp.succeeded_sending -= program.on_sent
        smtp.send(MailMessageCollection([MailMessage("ann@example.com", "anna@example.com", "Two", "text")]))
    assert program.sent == ["One"]


def disposable() -> list[str]:
    """The types that are IDisposable in .NET, of what a program gets from the library."""
    return ["ImapClient", "Pop3Client", "SmtpClient", "MailMessage", "AttachmentCollection", "AutoResetEvent"]


@pytest.mark.parametrize("name", disposable())
def test_what_is_disposable_is_a_context_manager(name: str) -> None:
    cls = getattr(mailclients, name)
    made = cls(False) if name == "AutoResetEvent" else cls()
    with made as entered:
        assert entered is made
    made.dispose()


def test_connections_are_disposable(client: ImapClient) -> None:
    with client.create_connection(False) as connection:
        assert isinstance(connection, IDisposable)
        client.noop(connection)


def test_times_are_milliseconds_or_timedelta(client: ImapClient) -> None:
    client.timeout = 90_000
    client.connection_checkup_period = timedelta(minutes=2)
    assert (client.timeout, client.connection_checkup_period) == (90_000, 120_000)
