"""Listing in portions and pages, sorting, threads and attachments, with servers that do what the test needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from mailclients import (
    AsposeArgumentException,
    AsposeNotSupportedException,
    FolderChangedError,
    ImapClient,
    ImapException,
    MailMessage,
    MailQuery,
    PageSettings,
    PageSettingsAsync,
    RemoteProtocolError,
    SecurityOptions,
    SortConditions,
    SortingKey,
    ThreadSearchConditions,
    XGMThreadSearchConditions,
)
from mailclients.imap.operations import listing
from tests.clients.hostile import HostileServer, answering, client_of
from tests.clients.imap_cases import BEGUN, ids, run
from tests.support.autoimap import DEFAULT_CAPABILITIES, make_message
from tests.support.commands import Literal
from tests.support.scripted import Command, Conn

EXTRA = " SORT THREAD=ORDEREDSUBJECT THREAD=REFERENCES X-GM-EXT-1"


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer(clear_is_meant=True, folders={"INBOX": 9}, capabilities=DEFAULT_CAPABILITIES + EXTRA) as server:
        yield server


@pytest.fixture
def client(server: HostileServer) -> Iterator[ImapClient]:
    with client_of(server, SecurityOptions.NONE) as client:
        client.select_folder("INBOX")
        yield client


def sent(server: HostileServer, name: str) -> list[str]:
    """What stood behind the name of each of these commands, as it was written."""
    lines = [cmd.raw.decode("latin-1") for cmd in server.commands if cmd.name == name]
    return [line.partition(f" {name} ")[2].rstrip("\r\n") for line in lines]


# -- portions ------------------------------------------------------------


@BEGUN
def test_a_large_folder_is_listed_in_portions(
    server: HostileServer, client: ImapClient, begun: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "LISTED_AT_ONCE", 4)
    infos = run(client, begun, "list_messages")
    assert [(info.sequence_number, info.unique_id) for info in infos] == [(n, str(n)) for n in range(1, 10)]
    assert [text.split()[0] for text in sent(server, "UID FETCH")] == ["1:4", "5:8", "9"]
    assert ids(run(client, begun, "list_messages", max_number_of_messages=5)) == ["5", "6", "7", "8", "9"]


@BEGUN
def test_T5_numbers_of_portions_are_those_of_the_end(
    server: HostileServer, client: ImapClient, begun: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "LISTED_AT_ONCE", 4)
    asked = []

    def expunge(conn: Conn, cmd: Command) -> bool:
        asked.append(cmd)
        if len(asked) == 2:
            server.expunge("INBOX", 2)
        return False

    server.on("UID FETCH", expunge)
    infos = run(client, begun, "list_messages")
    assert [(i.sequence_number, i.unique_id) for i in infos] == [(n - 1 or 1, str(n)) for n in (1, *range(3, 10))]
    for info in infos:
        assert client.fetch_message(info.sequence_number).as_bytes() == make_message(int(info.unique_id))


def test_T5_a_connection_lost_between_portions_loses_no_message(
    server: HostileServer, client: ImapClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "LISTED_AT_ONCE", 4)
    asked = []

    def cut(conn: Conn, cmd: Command) -> bool:
        asked.append(cmd)
        if len(asked) == 2:
            server.expunge("INBOX", 1)
            conn.close()
        return len(asked) == 2

    server.on("UID FETCH", cut)
    infos = client.list_messages()
    assert [(info.sequence_number, info.unique_id) for info in infos] == [(n - 1, str(n)) for n in range(2, 10)]


# -- pages ------------------------------------------------------------


@BEGUN
def test_pages_of_a_folder_that_is_not_selected(server: HostileServer, client: ImapClient, begun: bool) -> None:
    server.replace_folder("Other", 5)
    settings = PageSettings()
    settings.folder_name = "Other"
    found = run(client, begun, "list_messages_by_page", 2, settings)
    assert [(info.unique_id, info.parent_folder) for info in found.items] == [("5", "Other"), ("4", "Other")]
    current = client.current_folder
    assert current is not None
    assert current.name == "INBOX"


@BEGUN
@pytest.mark.parametrize("ignore", [False, True])
def test_H_E8_a_message_that_is_not_described_is_an_error_of_its_own(
    server: HostileServer, client: ImapClient, begun: bool, ignore: bool
) -> None:
    def hook(conn: Conn, cmd: Command) -> bool:
        conn.reply(cmd, "OK done", ["9 FETCH (UID 9 FLAGS ())"])
        return True

    server.on("UID FETCH", hook, times=1)
    settings = PageSettings()
    settings.ignore_exceptions = ignore
    if not ignore:
        with pytest.raises(ImapException, match="unique id 9"):
            run(client, begun, "list_messages_by_page", 1, settings)
        return
    page = run(client, begun, "list_messages_by_page", 1, settings)
    assert ids(page.items) == []
    (error,) = page.items.exceptions
    assert error.element_index == 0
    assert isinstance(error.inner_exception, ImapException)


@BEGUN
def test_a_message_that_went_away_is_missing_from_its_page(
    server: HostileServer, client: ImapClient, begun: bool
) -> None:
    def hook(conn: Conn, cmd: Command) -> bool:
        server.expunge("INBOX", 8)
        return False

    server.on("UID FETCH", hook, times=1)
    page = run(client, begun, "list_messages_by_page", 3, PageSettings())
    # The session has not been told, so the begun one starts again there.
    expected = [("9", 8), ("7", 7), ("6", 6)] if begun else [("9", 8), ("7", 7)]
    assert [(info.unique_id, info.sequence_number) for info in page.items] == expected
    assert page.items.exceptions == []
    assert page.total_count == (8 if begun else 9)


def test_settings_are_those_of_the_begin(server: HostileServer, client: ImapClient) -> None:
    settings = PageSettingsAsync()
    settings.ascending_sorting = True
    handle = client.begin_list_messages_by_page(2, settings)
    settings.ascending_sorting = False
    assert ids(client.end_list_messages_by_page(handle).items) == ["1", "2"]


# -- sorting and threads ------------------------------------------------------------


def conditions(kind: Any, **settings: Any) -> Any:
    made = kind()
    for name, value in settings.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({}, "(ARRIVAL) US-ASCII ALL"),
        ({"sort_by": SortingKey.TO | SortingKey.CC}, "(CC TO) US-ASCII ALL"),
        ({"reverse_by": SortingKey.DATE}, "(REVERSE DATE) US-ASCII ALL"),
        (
            {"sort_by": SortingKey.SUBJECT | SortingKey.SIZE, "reverse_by": SortingKey.SIZE},
            "(REVERSE SIZE SUBJECT) US-ASCII ALL",
        ),
        ({"since": dt.date(2024, 2, 3)}, "(ARRIVAL) US-ASCII SINCE 3-Feb-2024"),
        ({"text": 'a "b" \\ {5}'}, '(ARRIVAL) US-ASCII TEXT "a \\"b\\" \\\\ {5}"'),
        ({"text": ""}, '(ARRIVAL) US-ASCII TEXT ""'),
        ({"charset": "utf-8", "text": "a"}, '(ARRIVAL) utf-8 TEXT "a"'),
        ({"charset": 'odd"name', "text": "a"}, '(ARRIVAL) "odd\\"name" TEXT "a"'),
    ],
)
def test_H_F2_conditions_as_they_are_sent(
    server: HostileServer, client: ImapClient, settings: dict[str, Any], line: str
) -> None:
    server.on("UID SORT", answering("OK done", "SORT 3 1 2"))
    found = client.sort_message_threads(conditions(SortConditions, use_u_id=True, **settings))
    assert [(each.unique_id, each.sequence_number, each.use_u_id) for each in found] == [
        ("3", 0, True),
        ("1", 0, True),
        ("2", 0, True),
    ]
    assert sent(server, "UID SORT") == [line]


@pytest.mark.parametrize(
    ("charset", "name", "raw"),
    [(None, "UTF-8", "über".encode()), ("ISO-8859-1", "ISO-8859-1", "über".encode("latin-1"))],
)
def test_H_F4_text_beyond_ascii_is_a_literal_in_its_charset(
    server: HostileServer, client: ImapClient, charset: str | None, name: str, raw: bytes
) -> None:
    server.on("UID THREAD", answering("OK done", "THREAD (1)"))
    client.get_message_threads(conditions(ThreadSearchConditions, use_u_id=True, text="über", charset=charset))
    (command,) = [cmd for cmd in server.commands if cmd.name == "UID THREAD"]
    assert command.args[:3] == ["REFERENCES", name, "TEXT"]
    assert isinstance(command.args[3], Literal)
    assert command.args[3].data == raw


@pytest.mark.parametrize("charset", ["x-nothing", "utf-16", "iso-8859-5"])
def test_T1_text_that_its_charset_cannot_carry_is_refused_at_the_begin(
    server: HostileServer, client: ImapClient, charset: str
) -> None:
    wrong = conditions(SortConditions, text="über", charset=charset)
    for call in (client.sort_message_threads, client.begin_sort_message_threads):
        with pytest.raises(AsposeArgumentException, match="conditions"):
            call(wrong)
    assert sent(server, "SORT") == []


def test_T1_wrong_kinds_of_conditions_are_refused_at_the_begin(client: ImapClient) -> None:
    with pytest.raises(AsposeArgumentException, match="sort_message_threads"):
        client.begin_get_message_threads(SortConditions())
    with pytest.raises(AsposeArgumentException, match="conversation_id"):
        client.begin_get_message_threads(conditions(XGMThreadSearchConditions, conversation_id="1 ALL"))


@BEGUN
def test_threads_are_trees(server: HostileServer, client: ImapClient, begun: bool) -> None:
    server.on("UID THREAD", answering("OK done", "THREAD (2)(3 6 (4)(7 8 (9)(1)))((5)(10 11))", "THREAD (12)"))
    found = run(client, begun, "get_message_threads", conditions(ThreadSearchConditions, use_u_id=True))
    assert [str(each) for each in found] == ["2", "3 (6 (4 7 (8 (9 1))))", " (5 10 (11))", "12"]
    assert found[2].unique_id == ""


def test_H_E1_threads_nested_too_deep_cost_the_connection_and_no_stack(
    server: HostileServer, client: ImapClient
) -> None:
    misbehave = answering("OK done", "THREAD " + "(" * 10_000 + "1" + ")" * 10_000)
    behave = server.on("UID THREAD", misbehave)
    asked = conditions(ThreadSearchConditions, use_u_id=True)
    with pytest.raises(RemoteProtocolError):
        client.get_message_threads(asked)
    behave()
    server.on("UID THREAD", answering("OK done", "THREAD (" + " ".join(map(str, range(1, 50_001))) + ")"))
    (found,) = client.get_message_threads(asked)  # each one the answer to the one before
    assert len(str(found).split()) == 50_000


@BEGUN
@pytest.mark.parametrize("name", ["SORT", "THREAD"])
def test_H_E10_a_number_beyond_the_folder_costs_the_connection(
    server: HostileServer, client: ImapClient, begun: bool, name: str
) -> None:
    server.on(name, answering("OK done", "SORT 1 10" if name == "SORT" else "THREAD (1 (2)(10))"))
    operation, kind = ("sort_message_threads", SortConditions) if name == "SORT" else THREADS
    with pytest.raises(RemoteProtocolError, match="message number 10"):
        run(client, begun, operation, kind())


THREADS = ("get_message_threads", ThreadSearchConditions)


@BEGUN
@pytest.mark.parametrize(
    ("operation", "kind", "answer"),
    [("sort_message_threads", SortConditions, "SORT 9 1 5"), (*THREADS, "THREAD (9)(1)(5)")],
)
def test_T5_sequence_numbers_are_those_of_the_session(
    server: HostileServer, client: ImapClient, begun: bool, operation: str, kind: Any, answer: str
) -> None:
    server.on(answer.split(maxsplit=1)[0], answering("OK done", answer))
    found = run(client, begun, operation, kind())
    assert [(each.sequence_number, each.unique_id, each.use_u_id) for each in found] == [
        (9, "", False),
        (1, "", False),
        (5, "", False),
    ]
    assert [cmd.connection for cmd in server.commands if cmd.name == answer.split(maxsplit=1)[0]] == [0]
    for each in found:
        number = each.sequence_number
        message = client.end_fetch_message(client.begin_fetch_message(number))
        assert message.as_bytes() == make_message(number)


@BEGUN
def test_T5_numbers_that_changed_while_they_were_told_are_asked_for_again(
    server: HostileServer, client: ImapClient, begun: bool
) -> None:
    def move(conn: Conn, cmd: Command) -> bool:
        conn.send(b"* SORT 3 2\r\n* 1 EXPUNGE\r\n", f"{cmd.tag} OK done\r\n")
        return True

    server.on("SORT", answering("OK done", "SORT 2 1"))
    server.on("SORT", move, times=1)
    assert [each.sequence_number for each in run(client, begun, "sort_message_threads", SortConditions())] == [2, 1]
    server.on("SORT", move, times=3)
    with pytest.raises(FolderChangedError, match="use_u_id"):
        run(client, begun, "sort_message_threads", SortConditions())


@BEGUN
def test_a_charset_that_the_server_does_not_know(server: HostileServer, client: ImapClient, begun: bool) -> None:
    for name in ("UID SORT", "UID THREAD", "UID SEARCH"):
        server.on(name, answering("NO [BADCHARSET (US-ASCII UTF-8)] never heard of it"))
    asked = {"use_u_id": True, "text": "ü", "charset": "iso-8859-1"}
    for operation, kind in (("sort_message_threads", SortConditions), THREADS):
        with pytest.raises(ImapException, match="US-ASCII, UTF-8"):
            run(client, begun, operation, conditions(kind, **asked))
    with pytest.raises(ImapException, match="US-ASCII, UTF-8"):
        run(client, begun, "list_messages", MailQuery('TEXT "ü"'))


@BEGUN
def test_what_the_server_does_not_have_is_refused_by_name(begun: bool) -> None:
    with (
        HostileServer(clear_is_meant=True, folders={"INBOX": 1}) as server,
        client_of(server, SecurityOptions.NONE) as client,
    ):
        for operation, kind, needed in (
            ("sort_message_threads", SortConditions, "SORT"),
            (*THREADS, "THREAD"),
            ("get_message_threads", XGMThreadSearchConditions, "X-GM-EXT-1"),
        ):
            with pytest.raises(AsposeNotSupportedException, match=needed):
                run(client, begun, operation, kind())
    with (
        HostileServer(
            clear_is_meant=True, folders={"INBOX": 1}, capabilities=DEFAULT_CAPABILITIES + " THREAD=ORDEREDSUBJECT"
        ) as server,
        client_of(server, SecurityOptions.NONE) as client,
    ):
        with pytest.raises(AsposeNotSupportedException, match="offers ORDEREDSUBJECT"):
            run(client, begun, "get_message_threads", conditions(ThreadSearchConditions, algorithm="references"))
        server.on("THREAD", answering("OK done", "THREAD (1)"))
        assert [str(each) for each in run(client, begun, "get_message_threads", ThreadSearchConditions())] == ["1"]


@BEGUN
@pytest.mark.parametrize("by_uid", [False, True])
def test_conversations_of_gmail(server: HostileServer, client: ImapClient, begun: bool, by_uid: bool) -> None:
    server.on("UID SEARCH", answering("OK done", "SEARCH 2 4 5 7"))
    lines = [f"{n} FETCH (UID {n} X-GM-THRID {thread})" for n, thread in ((2, 70), (4, 80), (5, 70), (7, 70))]
    server.on("UID FETCH", answering("OK done", *lines))
    asked = conditions(XGMThreadSearchConditions, use_u_id=by_uid, conversation_id="70")
    found = run(client, begun, "get_message_threads", asked)
    assert [(str(each), each.conversation_id) for each in found] == [("2 (5 7)", "70"), ("4", "80")]
    assert sent(server, "UID SEARCH") == ["RETURN (ALL) X-GM-THRID 70"]


# -- attachments ------------------------------------------------------------

STRUCTURE = (
    '(("text" "plain" NIL NIL NIL "7bit" 10 1)("text" "html" NIL NIL NIL "7bit" 10 1)'
    '("image" "PNG" ("NAME" "=?utf-8?q?B=C3=BCld.png?=") "<id>" NIL "base64" 400 NIL ("inline" NIL))'
    '("message" "rfc822" NIL NIL NIL "7bit" 99 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)'
    ' (("text" "plain" NIL NIL NIL "7bit" 1 1)("a" "b" ("name" "inner") NIL NIL "7bit" 1) "mixed") 5)'
    '("application" "pdf" NIL NIL NIL "base64" 800 NIL ("attachment" ("FILENAME*0*" "utf-8\'\'..%2F%C3%A4" '
    '"filename*1" ".pdf"))) "mixed")'
)


@BEGUN
def test_H_J3_attachments_have_safe_names_and_are_those_of_the_message(
    server: HostileServer, client: ImapClient, begun: bool
) -> None:
    server.on("UID FETCH", answering("OK done", f"4 FETCH (UID 4 BODYSTRUCTURE {STRUCTURE})"))
    server.on("FETCH", answering("OK done", f"4 FETCH (UID 4 BODYSTRUCTURE {STRUCTURE})"))
    found = run(client, begun, "list_attachments", 4)
    assert [(each.name, each.media_type, each.size, each.section) for each in found] == [
        ("Büld.png", "image/png", 400, "3"),
        ("", "message/rfc822", 99, "4"),
        ("ä.pdf", "application/pdf", 800, "5"),
    ]


# The same message as BODYSTRUCTURE and as bytes: a text in two forms, a picture that it shows, an invitation, files.
SORTED = (
    '((("text" "plain" NIL NIL NIL "7bit" 4 1)'
    '(("text" "html" NIL NIL NIL "7bit" 3 1)'
    '("image" "png" NIL "<p@x>" NIL "7bit" 3 NIL ("inline" ("filename" "p.png")))'
    '("image" "png" NIL "<>" NIL "7bit" 3 NIL ("inline" ("filename" "q.png")))'
    '("image" "png" NIL "<r@x>" NIL "7bit" 3 NIL ("attachment" ("filename" "r.png"))) "related")'
    '("text" "calendar" NIL NIL NIL "7bit" 3 1) "alternative")'
    '("a" "b" NIL NIL NIL "7bit" 4 NIL ("attachment" ("filename" "x.b"))) "mixed")'
)
SORTED_RAW = (
    b"Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
    b"Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\r\ntext\r\n--a\r\n"
    b"Content-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: text/html\r\n\r\n<p>\r\n--r\r\n"
    b"Content-Type: image/png\r\nContent-ID: <p@x>\r\nContent-Disposition: inline; filename=p.png\r\n\r\npng\r\n--r\r\n"
    b"Content-Type: image/png\r\nContent-ID: <>\r\nContent-Disposition: inline; filename=q.png\r\n\r\npng\r\n--r\r\n"
    b"Content-Type: image/png\r\nContent-ID: <r@x>\r\nContent-Disposition: attachment; filename=r.png\r\n\r\npng\r\n"
    b"--r--\r\n--a\r\nContent-Type: text/calendar\r\n\r\nics\r\n--a--\r\n--m\r\n"
    b"Content-Type: a/b\r\nContent-Disposition: attachment; filename=x.b\r\n\r\nfile\r\n--m--\r\n"
)


@BEGUN
def test_what_is_listed_is_what_the_message_calls_attachments(
    server: HostileServer, client: ImapClient, begun: bool
) -> None:
    for name in ("FETCH", "UID FETCH"):
        server.on(name, answering("OK done", f"4 FETCH (UID 4 BODYSTRUCTURE {SORTED})"))
    message = MailMessage.from_bytes(SORTED_RAW)
    found = run(client, begun, "list_attachments", 4)
    assert [each.name for each in found] == [one.name for one in message.attachments] == ["q.png", "r.png", "x.b"]
    assert [one.content_id for one in message.linked_resources] == ["p@x"]
    assert [one.content() for one in message.alternate_views] == [b"text", b"<p>", b"ics"]
    with pytest.raises(AsposeArgumentException, match=r"it has .*'p\.png'"):  # may be fetched, too
        run(client, begun, "fetch_attachment", 4, "none")


@BEGUN
@pytest.mark.parametrize("structure", ["NIL", "()", "(NIL NIL)", '("x")', "((((()))))"])
def test_H_E8_odd_structures_have_no_attachments_or_odd_ones(
    server: HostileServer, client: ImapClient, begun: bool, structure: str
) -> None:
    for name in ("FETCH", "UID FETCH"):
        server.on(name, answering("OK done", f"4 FETCH (UID 4 BODYSTRUCTURE {structure})"))
    found = run(client, begun, "list_attachments", 4)
    assert all(each.name == "" for each in found)
    with pytest.raises(AsposeArgumentException, match="no attachment"):
        run(client, begun, "fetch_attachment", 4, "name")
