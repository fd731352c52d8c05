"""What clients send for queries, what they refuse, and what they look at themselves, with scripted servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mailclients import (
    AsposeArgumentException,
    AsposeNotSupportedException,
    ESearchOptions,
    ImapClient,
    ImapMessageFlags,
    ImapQueryBuilder,
    MailQuery,
    MailQueryBuilder,
    PageInfo,
    PageSettings,
    Pop3ListFields,
    SecurityOptions,
)
from mailclients.imap import querying
from mailclients.pop3.operations import listing as pop3_listing
from tests.clients.hostile import HostileServer, answering, client_of
from tests.clients.imap_cases import BEGUN, ids, run
from tests.clients.pop3_cases import run as run_pop3
from tests.clients.test_listing import sent
from tests.clients.test_pop3_client import client_of as pop3_client_of
from tests.support.autoimap import DEFAULT_CAPABILITIES, make_message
from tests.support.autopop3 import AutoPop3Server
from tests.support.autopop3 import make_message as pop3_message
from tests.support.commands import Literal

PLAIN = SecurityOptions.NONE


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer(clear_is_meant=True, folders={"INBOX": 9}, capabilities=DEFAULT_CAPABILITIES) as server:
        yield server


@pytest.fixture
def client(server: HostileServer) -> Iterator[ImapClient]:
    with client_of(server, PLAIN) as client:
        client.select_folder("INBOX")
        yield client


def found_as(server: HostileServer, *uids: int) -> None:
    """Has the server find these messages, whatever is looked for."""
    server.on("UID SEARCH", answering("OK done", f"SEARCH {' '.join(map(str, uids))}".rstrip()))


@BEGUN
def test_an_expression_goes_out_as_one_search(server: HostileServer, client: ImapClient, begun: bool) -> None:
    found_as(server, 2, 5)
    builder = ImapQueryBuilder()
    builder.either(builder.subject.contains("a b"), builder.has_flags(ImapMessageFlags.FLAGGED))
    builder.message_size.less(9)
    for query in (builder.get_query(), MailQuery(str(builder.get_query()))):
        assert ids(run(client, begun, "list_messages", query)) == ["2", "5"]
        assert sent(server, "UID SEARCH")[-1].endswith('UNDELETED OR SUBJECT "a b" FLAGGED SMALLER 9')
    assert ids(run(client, begun, "list_messages", query, 1)) == ["5"]


@BEGUN
def test_H_F4_text_is_sent_in_the_charset_of_the_builder(
    server: HostileServer, client: ImapClient, begun: bool
) -> None:
    found_as(server)
    builder = MailQueryBuilder("iso-8859-1")
    builder.subject.contains("Größe")
    run(client, begun, "list_messages", builder.get_query())
    cmd = next(cmd for cmd in server.commands if cmd.name == "UID SEARCH")
    assert cmd.args[-3:-1] == ["UNDELETED", "SUBJECT"]
    assert isinstance(cmd.args[-1], Literal)
    assert b"CHARSET iso-8859-1 UNDELETED SUBJECT {5" in cmd.raw
    assert "Größe".encode("latin-1") in cmd.raw


@BEGUN
def test_messages_marked_as_deleted_are_found_where_a_query_asks_for_them(
    server: HostileServer, client: ImapClient, begun: bool
) -> None:
    run(client, begun, "delete_message", "3")
    found_as(server, 3, 4)
    for query in (MailQuery("'Deleted' = 'True' | 'Seen' = 'False'"), MailQuery("OR DELETED UNSEEN")):
        assert ids(run(client, begun, "list_messages", query)) == ["3", "4"]
        assert "UNDELETED" not in sent(server, "UID SEARCH")[-1]
        page = run(client, begun, "list_messages_by_page", query, PageInfo(5), PageSettings())
        assert sorted(ids(page.items)) == ["3", "4"]
    assert ids(run(client, begun, "list_messages", MailQuery("UNSEEN"))) == ["4"]
    assert "UNDELETED" in sent(server, "UID SEARCH")[-1]


@BEGUN
@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("'ModSeq' >= '5'", "CONDSTORE"),
        ("'Seen' = 'True' & 'CustomSearch' = 'X-GM-RAW \"has:attachment\"'", "X-GM-EXT-1"),
        ("NOT (X-GM-LABELS work)", "X-GM-EXT-1"),
        ("YOUNGER 3600", "WITHIN"),
        ("EMAILID M1", "OBJECTID"),
        ("FUZZY SUBJECT x", "SEARCH=FUZZY"),
        ("SAVEDSINCE 1-Jan-2024", "SAVEDATE"),
        ("MODSEQ 5", "CONDSTORE"),
    ],
)
def test_what_the_server_does_not_have_is_refused_by_name(begun: bool, text: str, needed: str) -> None:
    with (
        HostileServer(clear_is_meant=True, folders={"INBOX": 1}, capabilities="IMAP4rev1 UIDPLUS") as server,
        client_of(server, PLAIN) as client,
    ):
        for query in (MailQuery(text), MailQuery(text).with_client_filter()):
            with pytest.raises(AsposeNotSupportedException, match=f"list_messages: .*{needed}"):
                run(client, begun, "list_messages", query)
        assert not sent(server, "UID SEARCH")


@BEGUN
def test_criteria_that_nobody_knows_here_are_left_to_the_server(
    server: HostileServer, client: ImapClient, begun: bool
) -> None:
    found_as(server, 1)
    assert ids(run(client, begun, "list_messages", MailQuery('X-OWN-KEY "a" UNSEEN'))) == ["1"]
    assert sent(server, "UID SEARCH")[-1].endswith('UNDELETED (X-OWN-KEY "a" UNSEEN)')
    with pytest.raises(AsposeArgumentException, match="X-OWN-KEY is not known"):
        run(client, begun, "list_messages", (MailQuery("X-OWN-KEY") | MailQuery("'To' = 'x'")).with_client_filter())


@BEGUN
def test_the_client_looks_only_where_it_may_and_has_to(server: HostileServer, client: ImapClient, begun: bool) -> None:
    exact = MailQuery("'Subject' = 'message 4' & 'Body' Contains 'x'")
    with pytest.raises(AsposeNotSupportedException, match=r"'Subject' = 'message 4'\); query.with_client_filter\(\)"):
        run(client, begun, "list_messages", exact)
    assert not sent(server, "UID SEARCH")
    found_as(server, 2, 4, 7)
    assert ids(run(client, begun, "list_messages", exact.with_client_filter())) == ["4"]
    assert sent(server, "UID SEARCH")[-1].endswith('UNDELETED SUBJECT "message 4" BODY "x"')
    assert sent(server, "UID FETCH")[0] == "2,4,7 (UID BODY.PEEK[HEADER])", "what the server can tell is not loaded"
    assert not any("BODY[" in line for line in sent(server, "UID FETCH")), "nothing is marked as read"


@BEGUN
def test_each_fact_is_asked_for_once_and_bodies_a_few_at_a_time(
    server: HostileServer, client: ImapClient, begun: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(querying, "CONTENTS_AT_ONCE", 4)
    monkeypatch.setattr(querying, "OTHERS_AT_ONCE", 6)
    found_as(server, *range(1, 10))
    big = len(make_message(1))
    query = MailQuery(f"'Subject' = 'Message 3' | ('MessageSize' <= '{big}' & 'To' = 'x') | 'Seen' = 'True'")
    assert ids(run(client, begun, "list_messages", query.with_client_filter())) == ["3"]
    asked = [line for line in sent(server, "UID FETCH") if "HEADER" in line]
    assert asked == [
        "1:6 (UID FLAGS BODY.PEEK[HEADER] RFC822.SIZE)",
        "7:9 (UID FLAGS BODY.PEEK[HEADER] RFC822.SIZE)",
    ]
    query = MailQuery("'Body' = 'y' | 'Subject' = 'Message 9'").with_client_filter()
    assert ids(run(client, begun, "list_messages", query)) == ["9"]
    asked = [line for line in sent(server, "UID FETCH") if "PEEK[]" in line]
    assert asked == [f"{text} (UID BODY.PEEK[])" for text in ("1:4", "5:8", "9")]


def test_H_F7_a_set_too_long_for_a_command_is_narrowed_down_here(server: HostileServer, client: ImapClient) -> None:
    builder = ImapQueryBuilder()
    for uid in range(2, 9000, 3):
        builder.unique_id.add(str(uid))
    found_as(server, *range(2, 10))
    assert ids(client.list_messages(builder.get_query())) == ["2", "5", "8"]
    assert sent(server, "UID SEARCH")[-1].endswith("UNDELETED UID 2:8999")
    with pytest.raises(AsposeNotSupportedException, match="no set of unique ids"):
        client.list_messages(MailQuery("'UniqueId' = 'abc'"))


@BEGUN
def test_the_ends_of_what_is_found(server: HostileServer, client: ImapClient, begun: bool) -> None:
    found_as(server, 2, 5, 8)
    for options, expected in (
        (ESearchOptions.MIN, ["2"]),
        (ESearchOptions.MAX, ["8"]),
        (ESearchOptions.MIN + ESearchOptions.MAX, ["2", "8"]),
        (ESearchOptions.NOT_DEFINED, ["2", "5", "8"]),
    ):
        builder = ImapQueryBuilder()
        builder.e_search_parameters = options
        assert ids(run(client, begun, "list_messages", builder.get_query())) == expected
    query = MailQuery("'Subject' = 'message 5' & 'ESearch' = 'MIN MAX'").with_client_filter()
    assert ids(run(client, begun, "list_messages", query)) == ["5"]
    found_as(server)
    assert ids(run(client, begun, "list_messages", query)) == []


@BEGUN
def test_a_listing_in_the_order_of_a_query(server: HostileServer, client: ImapClient, begun: bool) -> None:
    found_as(server, 2, 5, 8)
    query = MailQuery("ALL", "'Subject' OrderBy 'DESC'")
    assert ids(run(client, begun, "list_messages", query)) == ["8", "5", "2"]
    assert ids(run(client, begun, "list_messages", query, 2)) == ["8", "5"], "the newest two, in this order"
    query = MailQuery("ALL", "'InternalDate' OrderBy 'ASC' & 'Subject' OrderBy 'DESC'")
    assert len(run(client, begun, "list_messages", query)) == 3
    with pytest.raises(AsposeNotSupportedException, match="list_messages_by_page"):
        run(client, begun, "list_messages_by_page", query, PageInfo(5), PageSettings())


# -- POP3 -------------------------------------------------------------------------------------


@BEGUN
def test_pop3_evaluates_expressions_on_headers(begun: bool) -> None:
    with AutoPop3Server(12) as server, pop3_client_of(server) as client:

        def found(text: str, order: str = "") -> list[int]:
            return [info.sequence_number for info in run_pop3(client, begun, "list_messages", MailQuery(text, order))]

        assert found("'Subject' = 'MESSAGE 1'") == [1]
        assert found("'Subject' Contains 'Message 1' MatchCase & !('Subject' = 'message 1')") == [10, 11, 12]
        assert found("'From' = 'sender3@example.org' | 'UniqueId' = 'u5'") == [3, 5]
        assert found("'MessageSize' > '10' & 'ESearch' = 'MIN MAX'") == [1, 12]
        assert found("'Subject' = 'message 1' & 'ESearch' = 'MIN MAX'") == [1]
        assert found("'MessageSize' > '10' & 'ESearch' = 'MAX'") == [12]
        assert found("3:4") == [3, 4]
        assert found("'Subject' Contains '1'", "'MessageSize' OrderBy 'DESC' & 'Subject' OrderBy 'DESC'") == [
            12,
            11,
            10,
            1,
        ]
        for text, what in (("'Seen' = 'True'", "Seen"), ("'ModSeq' >= '1'", "ModSeq"), ("X-GM-RAW x", "X-GM-RAW")):
            for query in (MailQuery(text), MailQuery(text).with_client_filter()):
                with pytest.raises(AsposeNotSupportedException, match=what):
                    run_pop3(client, begun, "list_messages", query)


@BEGUN
def test_pop3_loads_whole_messages_where_a_query_allows_it(begun: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pop3_listing, "LOADED_AT_ONCE", 2)
    messages = [pop3_message(n) + b"needle\r\n" * (n % 2) for n in range(1, 7)]
    with AutoPop3Server(messages) as server, pop3_client_of(server) as client:
        query = MailQuery("'Body' Contains 'Needle' & 'Subject' NotContains '3'")
        with pytest.raises(AsposeNotSupportedException, match=r"Body asks for contents.*with_client_filter"):
            run_pop3(client, begun, "list_messages", query)
        assert not server.sent("RETR")
        found = run_pop3(client, begun, "list_messages", query.with_client_filter())
        assert [info.sequence_number for info in found] == [1, 5]
        assert server.sent("RETR") == [f"RETR {n}" for n in (1, 2, 4, 5, 6)], "headers tell first"
        found = run_pop3(client, begun, "list_messages", Pop3ListFields.ID_ONLY, False, query.with_client_filter())
        assert [(info.unique_id, info.subject) for info in found] == [("u1", ""), ("u5", "")]
