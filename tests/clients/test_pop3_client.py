"""Pop3Client against a server that is told what to do: sessions, numbers, deletions (T6), sign-in, hostile answers."""

from __future__ import annotations

import io
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    AsposeArgumentException,
    AsposeNotSupportedException,
    AuthenticationError,
    ConnectionLostError,
    DeletionsLostError,
    LimitReachedError,
    MailQuery,
    MessageNotFoundError,
    NumbersChangedError,
    OperationCanceledException,
    OutcomeUnknownError,
    PipeliningMode,
    Pop3Client,
    Pop3Exception,
    Pop3KnownAuthenticationType,
    Pop3ListFields,
    RemoteProtocolError,
    SecurityError,
    SecurityOptions,
)
from mailclients.wire.pop3 import Pop3Limits
from tests.clients.hostile import far as far  # noqa: PLC0414 - a fixture
from tests.support.autopop3 import AutoPop3Server, make_message, stuffed
from tests.support.certs import Certificates
from tests.support.scripted import PATIENCE, Command, Conn
from tests.support.waiting import until


def client_of(server: AutoPop3Server, limit: int = 10, **settings: Any) -> Pop3Client:
    client = Pop3Client(server.host, server.port, "user", "secret")
    client.max_connections_per_server = limit
    client.timeout = int(PATIENCE * 1000)
    for name, value in settings.items():
        setattr(client, name, value)
    return client


def cut(conn: Conn, cmd: Command) -> bool:
    conn.close()
    return True


def answer(text: str | bytes) -> Any:
    def hook(conn: Conn, cmd: Command) -> bool:
        conn.send(text)
        return True

    return hook


def drop_main(server: AutoPop3Server, client: Pop3Client) -> None:
    """The server ends all connections, and the client has noticed."""
    for conn in server.connections:
        conn.close()
    connection = client._main.connection
    assert connection is not None
    server.wait_for(lambda: not connection.alive(), what="the end of the connection")


# -- T6: numbers -----------------------------------------------------------------------------------------------


def test_T6_work_by_number_stays_in_one_session_and_is_pipelined() -> None:
    with AutoPop3Server(40) as server, client_of(server) as client:
        handles = [client.begin_fetch_message(number) for number in range(1, 41)]
        for number, handle in enumerate(handles, 1):
            assert client.end_fetch_message(handle).as_bytes() == make_message(number)
        assert server.sign_ins == 1
        assert server.sent("RETR") == [f"RETR {number}" for number in range(1, 41)]


@pytest.mark.parametrize("begun", [False, True])
def test_T6_commands_are_pipelined_where_the_server_says_so(begun: bool) -> None:
    with AutoPop3Server(8) as server, client_of(server) as client:
        client.noop()
        waiting: list[Command] = []

        def answer_all_when_all_are_here(conn: Conn, cmd: Command) -> bool:
            waiting.append(cmd)
            if len(waiting) == 8:
                for each in waiting:
                    server.do_retr(conn, conn.data, each.raw.decode().split()[1:])
            return True

        server.on("RETR", answer_all_when_all_are_here)
        assert client.use_pipelining.supported_by_server
        if begun:
            messages = [client.end_fetch_message(h) for h in [client.begin_fetch_message(n) for n in range(1, 9)]]
        else:
            messages = client.fetch_messages(range(1, 9))
        assert [message.subject for message in messages] == [f"Message {n}" for n in range(1, 9)]


@pytest.mark.parametrize("capabilities", [("TOP", "UIDL", "USER"), None])
def test_T6_one_command_at_a_time_where_the_server_does_not_pipeline(capabilities: Any) -> None:
    behind: list[str] = []

    def look_behind(conn: Conn, cmd: Command) -> bool:
        if conn.buffered:
            behind.append(cmd.name)
        return False

    with AutoPop3Server(20, capabilities=capabilities) as server, client_of(server) as client:
        server.on("RETR", look_behind)
        handles = [client.begin_fetch_message(number) for number in range(1, 21)]
        for number, handle in enumerate(handles, 1):
            assert client.end_fetch_message(handle).subject == f"Message {number}"
        assert client.fetch_messages(list(range(1, 21)))[19].subject == "Message 20"
        assert not client.use_pipelining.pipelining_enabled
        assert behind == []


def test_T6_pipelining_can_be_switched_off() -> None:
    behind: list[str] = []
    with AutoPop3Server(20) as server, client_of(server) as client:
        client.use_pipelining.client_mode = PipeliningMode.DISABLED

        def look_behind(conn: Conn, cmd: Command) -> bool:
            if conn.buffered:
                behind.append(cmd.name)
            return False

        server.on("RETR", look_behind)
        assert len(client.fetch_messages(list(range(1, 21)))) == 20
        assert behind == []


def test_T6_a_number_of_a_lost_session_counts_where_UIDL_says_that_it_means_the_same() -> None:
    with AutoPop3Server(5) as server, client_of(server) as client:
        client.list_messages(Pop3ListFields.ID_ONLY)
        drop_main(server, client)
        assert client.fetch_message(4).as_bytes() == make_message(4)
        assert server.sign_ins == 2
        assert server.sent("UIDL") == ["UIDL", "UIDL"]


def test_T6_a_number_of_a_lost_session_never_hits_another_message() -> None:
    with AutoPop3Server(5) as server, client_of(server) as client:
        client.list_messages(Pop3ListFields.ID_ONLY)
        drop_main(server, client)
        with server.changed:
            del server.drop["u1"]  # number 4 is the fifth message from now on
        with pytest.raises(NumbersChangedError, match=r"number 4.*'u4'"):
            client.fetch_message(4)
        # Who has been told begins anew: numbers are those of the present session.
        assert client.fetch_message(4).as_bytes() == make_message(5)


def test_T6_a_number_of_which_nothing_is_known_dies_with_its_session() -> None:
    with AutoPop3Server(5) as server, client_of(server) as client:
        assert client.get_message_count() == 5
        drop_main(server, client)
        with pytest.raises(NumbersChangedError, match="nothing is known"):
            client.fetch_message(4)
        assert client.fetch_message(4).as_bytes() == make_message(4)


@pytest.mark.parametrize("same", [True, False])
def test_T6_begun_work_by_number_survives_a_lost_connection_only_with_the_same_meaning(same: bool) -> None:
    with AutoPop3Server(6) as server, client_of(server) as client:
        client.list_messages(Pop3ListFields.ID_ONLY)

        def lose(conn: Conn, cmd: Command) -> bool:
            remove()
            if not same:
                with server.changed:
                    del server.drop["u1"]
            return cut(conn, cmd)

        remove = server.on("RETR", lose)
        handles = [client.begin_fetch_message(number) for number in range(1, 7)]
        for number, handle in enumerate(handles, 1):
            if same:
                assert client.end_fetch_message(handle).as_bytes() == make_message(number)
            else:
                with pytest.raises(NumbersChangedError):
                    client.end_fetch_message(handle)


# -- T6: unique ids --------------------------------------------------------------------------------------------


def test_T6_work_by_unique_id_may_use_further_sessions() -> None:
    with AutoPop3Server(30) as server, client_of(server, 4) as client:
        client.list_messages(Pop3ListFields.ID_ONLY)
        handles = [client.begin_fetch_message(f"u{number}") for number in range(1, 31)]
        for number, handle in enumerate(handles, 1):
            assert client.end_fetch_message(handle).as_bytes() == make_message(number)
        assert 2 <= server.sign_ins <= 4


def test_T6_where_one_session_is_admitted_the_client_learns_that_and_stays_with_it() -> None:
    with AutoPop3Server(30, locks=True) as server, client_of(server, 4) as client:
        client.list_messages(Pop3ListFields.ID_ONLY)
        for _ in range(3):
            handles = [client.begin_fetch_message(f"u{number}") for number in range(1, 31)]
            for number, handle in enumerate(handles, 1):
                assert client.end_fetch_message(handle).as_bytes() == make_message(number)
        assert server.sign_ins == 1
        assert 1 <= server.refused <= 3
        assert client.pool.effective_limit == 1
        assert client.pool._grow is None  # nor is it tried again later


def test_T6_a_server_that_wants_pauses_between_sign_ins_has_one_session() -> None:
    capabilities = ("TOP", "UIDL", "USER", "PIPELINING", "LOGIN-DELAY 900")
    with AutoPop3Server(20, capabilities=capabilities) as server, client_of(server) as client:
        client.noop()
        handles = [client.begin_fetch_message(f"u{number}") for number in range(1, 21)]
        assert [client.end_fetch_message(handle).subject for handle in handles][19] == "Message 20"
        client.delete_message("u1")
        client.commit_deletes()
        assert server.sign_ins == 1  # the next operation signs in, not the commit
        assert client.get_message_count() == 19


def test_L1_a_pause_between_sign_ins_lowers_nothing_and_the_work_goes_on_where_it_can() -> None:
    with AutoPop3Server(30) as server, client_of(server, 4) as client:
        client.noop()

        def not_yet(conn: Conn, cmd: Command) -> bool:
            conn.send("-ERR [LOGIN-DELAY] not yet\r\n")
            return True

        remove = server.on("AUTH", not_yet)
        handles = [client.begin_fetch_message(f"u{number}") for number in range(1, 31)]
        for number, handle in enumerate(handles, 1):
            assert client.end_fetch_message(handle).as_bytes() == make_message(number)
        assert client.pool.get_stats()["refused_total"]
        assert client.pool.effective_limit == 4
        remove()
        with client.create_connection(False) as own:
            assert client.get_message_count(own) == 30


def test_T2_begun_work_on_a_new_client_shares_the_first_connection() -> None:
    with AutoPop3Server(40) as server, client_of(server) as client:
        handles = [client.begin_fetch_message(f"u{number}") for number in range(1, 41)]
        assert [client.end_fetch_message(handle).subject for handle in handles][39] == "Message 40"
        assert server.sign_ins == 1


def test_Q5_begun_work_by_unique_id_survives_lost_connections() -> None:
    with AutoPop3Server(40) as server, client_of(server, 3) as client:
        lost: list[Conn] = []

        def half(conn: Conn, cmd: Command) -> bool:
            if len(server.sent("RETR")) % 10 or len(lost) >= 4:
                return False
            lost.append(conn)
            conn.send_and_close(b"+OK\r\nSubject: half of it\r\n")
            return True

        server.on("RETR", half)
        handles = [client.begin_fetch_message(f"u{number}") for number in range(1, 41)]
        for number, handle in enumerate(handles, 1):
            assert client.end_fetch_message(handle).as_bytes() == make_message(number)
        assert lost


def test_I1_many_threads_share_one_session() -> None:
    with AutoPop3Server(30) as server, client_of(server, 1) as client:
        client.list_messages(Pop3ListFields.ID_ONLY)

        def work(index: int) -> None:
            number = index % 30 + 1
            assert client.fetch_message(number).as_bytes() == make_message(number)
            assert client.get_message_size(f"u{number}") == len(make_message(number))
            assert client.end_fetch_message(client.begin_fetch_message(f"u{number}")).subject == f"Message {number}"
            assert client.get_message_unique_id(number) == f"u{number}"

        with ThreadPoolExecutor(20) as threads:
            list(threads.map(work, range(60)))
        assert server.sign_ins == 1


def test_T10_a_deletion_that_was_not_sent_can_be_cancelled_and_one_that_was_sent_completes() -> None:
    with AutoPop3Server(3) as server, client_of(server) as client:
        client.noop()
        held: list[Conn] = []

        def hold(conn: Conn, cmd: Command) -> bool:
            held.append(conn)
            with server.changed:
                server.changed.notify_all()
            return True

        remove = server.on("DELE", hold)
        sent = client.begin_delete_message(1)
        server.wait_for(lambda: bool(held), what="DELE")
        client.cancel_async_operation(sent)
        assert not sent.is_canceled
        remove()
        held[0].data.deleted.add(1)
        held[0].send("+OK\r\n")
        client.end_delete_message(sent)
        assert client.get_message_count() == 2


def test_C9_dispose_ends_begun_work_on_a_silent_server() -> None:
    with AutoPop3Server(3) as server:
        client = client_of(server)
        client.noop()
        server.on("RETR", lambda conn, cmd: True)
        handles = [client.begin_fetch_message(number) for number in (1, 2)]
        server.wait_for(lambda: bool(server.sent("RETR")), what="RETR")
        client.dispose(0)
        for handle in handles:
            with pytest.raises(OperationCanceledException):
                client.end_fetch_message(handle)


def test_Q4_a_block_has_the_session_to_itself() -> None:
    with AutoPop3Server(5) as server, client_of(server) as client:
        with client.exclusive():
            client.delete_message("u1")
            assert client.end_fetch_message(client.begin_fetch_message("u2")).subject == "Message 2"
            client.undelete_messages()
        assert server.sign_ins == 1


def test_T6_a_message_that_a_task_connection_does_not_know_yet_is_fetched_in_the_session() -> None:
    with AutoPop3Server(3) as server, client_of(server, 3) as client:
        assert client.end_fetch_message(client.begin_fetch_message("u1")).subject == "Message 1"
        with server.changed:
            server.drop["new"] = make_message(9)
        # The task connection is older than the message, the main one is opened only now.
        assert client.end_fetch_message(client.begin_fetch_message("new")).as_bytes() == make_message(9)
        found = client.end_fetch_messages(client.begin_fetch_messages(["new", "gone", "u2"]))
        assert [message.subject for message in found] == ["Message 9", "Message 2"]


def test_T6_a_unique_id_that_is_gone_is_an_error() -> None:
    with AutoPop3Server(3) as server, client_of(server) as client:
        with pytest.raises(MessageNotFoundError, match="'u9'") as caught:
            client.fetch_message("u9")
        assert isinstance(caught.value, (Pop3Exception, LookupError))
        with pytest.raises(MessageNotFoundError):
            client.end_fetch_message(client.begin_fetch_message("u9"))


# -- T6: deletions ---------------------------------------------------------------------------------------------


def test_T6_deletions_stay_in_the_session_and_commit_makes_them() -> None:
    with AutoPop3Server(5) as server, client_of(server) as client:
        for handle in [client.begin_delete_message("u2"), client.begin_delete_message(4)]:
            client.end_delete_message(handle)
        assert client.get_message_count() == 3
        assert set(server.drop) == {"u1", "u2", "u3", "u4", "u5"}
        client.commit_deletes()
        assert set(server.drop) == {"u1", "u3", "u5"}
        assert server.sign_ins == 2  # signed in again at once
        assert [info.unique_id for info in client.list_messages()] == ["u1", "u3", "u5"]
        client.end_delete_messages(client.begin_delete_messages())
        client.end_commit_deletes(client.begin_commit_deletes(0))
        assert client.get_message_count() == 0


def test_T6_undelete_messages_takes_all_marks_back() -> None:
    with AutoPop3Server(3) as server, client_of(server) as client:
        client.delete_messages()
        client.undelete_messages()
        assert server.sent("RSET") == ["RSET"]
        client.commit_deletes()
        assert len(server.drop) == 3


@pytest.mark.parametrize("way", ["dispose", "logout"])
def test_T6_what_is_not_committed_is_not_made(way: str) -> None:
    with AutoPop3Server(3) as server, client_of(server) as client:
        client.delete_message(1)
        getattr(client, way)()
        server.wait_for(lambda: server.sessions == 0, what="the end of the session")
        assert len(server.drop) == 3
        assert server.sent()[-2:] == ["RSET", "QUIT"]


def test_H_H6_deletions_of_a_lost_session_are_reported_as_not_made() -> None:
    with AutoPop3Server(5) as server, client_of(server) as client:
        client.delete_message("u1")
        client.delete_message("u2")
        drop_main(server, client)
        assert client.fetch_message("u1").subject == "Message 1"  # reading goes on
        with pytest.raises(DeletionsLostError, match="2 deletions were not made") as caught:
            client.commit_deletes()
        assert isinstance(caught.value, ConnectionLostError)
        assert not caught.value.retryable
        client.commit_deletes()  # told once
        assert len(server.drop) == 5


def test_H_H6_a_deletion_after_a_lost_session_tells_that_others_were_lost() -> None:
    with AutoPop3Server(5) as server, client_of(server) as client:
        client.delete_message("u1")
        drop_main(server, client)
        with pytest.raises(DeletionsLostError, match="1 deletion was not made"):
            client.delete_message("u2")
        client.delete_message("u2")
        client.commit_deletes()
        assert set(server.drop) == {"u1", "u3", "u4", "u5"}


@pytest.mark.parametrize("begun", [False, True])
def test_H_H6_a_deletion_whose_answer_is_lost_was_not_made(begun: bool) -> None:
    with AutoPop3Server(3) as server, client_of(server) as client:
        client.delete_message("u1")
        server.on("DELE", cut)
        delete: Any = client.delete_message
        if begun:
            delete = lambda uid: client.end_delete_message(client.begin_delete_message(uid))  # noqa: E731
        with pytest.raises(DeletionsLostError, match="2 deletions were not made"):
            delete("u2")
        assert len(server.sent("DELE")) == 2
        client.commit_deletes()
        assert len(server.drop) == 3


def test_H_H6_a_commit_whose_answer_is_lost_has_an_unknown_outcome() -> None:
    with AutoPop3Server(3) as server, client_of(server) as client:
        client.delete_message(1)
        remove = server.on("QUIT", cut)
        with pytest.raises(OutcomeUnknownError):
            client.commit_deletes()
        remove()
        client.commit_deletes()


def test_T6_a_commit_that_the_server_refuses_says_so() -> None:
    with AutoPop3Server(3) as server, client_of(server) as client:
        client.delete_message(1)
        remove = server.on("QUIT", answer("-ERR some deleted messages not removed\r\n"))
        with pytest.raises(Pop3Exception, match="may not have been deleted"):
            client.commit_deletes()
        remove()
        assert client.get_message_count() == 3


def test_T6_close_transaction_ends_the_session() -> None:
    with AutoPop3Server(3) as server, client_of(server) as client:
        client.delete_message(1)
        assert client.get_message_count(True) == 2
        assert len(server.drop) == 2
        with server.changed:
            server.drop["new"] = make_message(9)
        assert [info.unique_id for info in client.list_messages()] == ["u2", "u3", "new"]
        assert client.end_get_mailbox_info(client.begin_get_mailbox_info(True)).message_count == 3
        assert server.sessions == 0


# -- what listings tell ----------------------------------------------------------------------------------------


def test_listings_tell_headers_sizes_and_ids() -> None:
    with AutoPop3Server(3) as server, client_of(server) as client:
        found = client.list_messages()
        assert [(i.sequence_number, i.unique_id, i.subject, i.size) for i in found] == [
            (n, f"u{n}", f"Message {n}", len(make_message(n))) for n in (1, 2, 3)
        ]
        assert server.sent("TOP") == ["TOP 1 0", "TOP 2 0", "TOP 3 0"]
        assert str(found[0].from_address) == "sender1@example.org"
        ids = client.list_messages(Pop3ListFields.ID_ONLY)
        assert [(i.unique_id, i.subject) for i in ids] == [("u1", ""), ("u2", ""), ("u3", "")]
        assert len(server.sent("TOP")) == 3
        assert [i.unique_id for i in client.list_messages(["u3", "gone", "u1"])] == ["u3", "u1"]
        assert [i.sequence_number for i in client.list_messages([2, 9])] == [2]
        assert [i.subject for i in client.load_message_info_list(ids)] == ["Message 1", "Message 2", "Message 3"]
        assert client.get_message_info("u2", Pop3ListFields.ID_ONLY).size == len(make_message(2))
        assert client.get_message_info(2).message_id == "<2@example.org>"
        one = client.list_messages().get_message("u2")
        assert one is not None
        assert one.sequence_number == 2
        assert client.list_messages().get_message(9) is None


def test_a_query_is_evaluated_on_headers() -> None:
    with AutoPop3Server(12) as server, client_of(server) as client:

        def found(criteria: str) -> list[int]:
            infos = client.end_list_messages(client.begin_list_messages(MailQuery(criteria)))
            return [info.sequence_number for info in infos]

        assert found('SUBJECT "message 1"') == [1, 10, 11, 12]
        assert found("FROM sender3 OR SUBJECT 3 SUBJECT 4") == [3]
        assert found("NOT (OR SUBJECT 1 SUBJECT 2)") == [3, 4, 5, 6, 7, 8, 9]
        assert found("SENTON 03-Feb-2009") == [2]
        assert found("SENTSINCE 12-Feb-2009") == [11, 12]
        early = client.list_messages(Pop3ListFields.ID_ONLY, False, MailQuery("SENTBEFORE 4-Feb-2009"))
        assert [(info.sequence_number, info.subject) for info in early] == [(1, ""), (2, "")]
        assert found(f"LARGER {len(make_message(1))}") == [10, 11, 12]
        assert found("HEADER Message-ID <7@") == [7]
        assert found("UID u5") == [5]
        assert found("ALL") == list(range(1, 13))
        for criteria in ("UNSEEN", 'BODY "x"', "X-GM-RAW x"):
            with pytest.raises(AsposeNotSupportedException):
                client.list_messages(MailQuery(criteria))
        for criteria in ("SENTON 31-Feb-2009", "SUBJECT", "LARGER many", '"text"'):
            with pytest.raises(AsposeArgumentException):
                client.list_messages(MailQuery(criteria))


def test_a_server_without_TOP_and_UIDL_is_listed_all_the_same() -> None:
    with AutoPop3Server(3, capabilities=("USER",)) as server, client_of(server) as client:
        found = client.list_messages()
        assert [(info.unique_id, info.subject) for info in found] == [("", f"Message {n}") for n in (1, 2, 3)]
        assert b"".join(client.get_message_headers(2).get_raw("Subject").split()) == b"Message2"  # type: ignore[union-attr,arg-type]
        assert not server.sent("TOP") + server.sent("UIDL")


def test_sizes_counts_and_ids() -> None:
    with AutoPop3Server(3) as server, client_of(server) as client:
        total = sum(len(make_message(n)) for n in (1, 2, 3))
        assert client.get_mailbox_size() == total
        info = client.get_mailbox_info()
        assert (info.message_count, info.occupied_size) == (3, total)
        assert client.get_message_size("u2") == client.get_message_size(2) == len(make_message(2))
        assert client.get_message_unique_id(3) == "u3"
        assert client.get_message_headers("u3")["Subject"].strip() == "Message 3"  # type: ignore[union-attr]
        assert server.sign_ins == 1


def test_save_message_streams_and_keeps_half_a_message_away(tmp_path: Path) -> None:
    big = make_message(1, 3_000_000)
    with AutoPop3Server([big, make_message(2)]) as server, client_of(server) as client:
        target = tmp_path / "one.eml"
        client.save_message("u1", target)
        assert target.read_bytes() == big
        stream = io.BytesIO()
        client.end_save_message(client.begin_save_message(1, stream))
        assert stream.getvalue() == big

        def half(conn: Conn, cmd: Command) -> bool:
            conn.send_and_close(b"+OK\r\n" + stuffed(big)[:100_000])
            return True

        server.on("RETR", half)
        with pytest.raises(ConnectionLostError):
            client.save_message("u1", tmp_path / "two.eml")
        assert [path.name for path in tmp_path.iterdir()] == ["one.eml"]


# -- signing in ------------------------------------------------------------------------------------------------

Known = Pop3KnownAuthenticationType


@pytest.mark.parametrize(
    ("sasl", "allowed", "used"),
    [
        ("SASL PLAIN CRAM-MD5 LOGIN", None, "AUTH CRAM-MD5"),
        ("SASL PLAIN LOGIN", None, "AUTH PLAIN"),
        ("SASL LOGIN", None, "USER user"),
        ("SASL LOGIN", Known.LOGIN, "AUTH LOGIN"),
        ("SASL PLAIN", Known.USER, "USER user"),
        ("SASL PLAIN", Known.APOP | Known.PLAIN, "APOP user 04dd70ac"),
        ("SASL CRAM-MD5", Known.APOP | Known.CRAM_MD5, "AUTH CRAM-MD5"),
        ("TOP", None, "USER user"),
    ],
)
def test_the_way_to_sign_in(sasl: str, allowed: Any, used: str) -> None:
    with AutoPop3Server(1, capabilities=(sasl, "USER", "UIDL")) as server, client_of(server) as client:
        if allowed is not None:
            client.allowed_authentication = allowed
        assert client.get_message_count() == 1
        first = next(line for line in server.sent() if line.split()[0] in ("AUTH", "USER", "APOP"))
        assert first.startswith(used.rsplit(" ", 1)[0] if used.startswith("APOP") else used)
        supported = client.supported_authentication
        assert Known.APOP in supported
        assert Known.USER in supported


def test_H_H5_APOP_is_off_until_it_is_allowed() -> None:
    with AutoPop3Server(1, capabilities=("UIDL",)) as server, client_of(server) as client:
        with pytest.raises(AsposeNotSupportedException):
            client.noop()
        client.allowed_authentication |= Known.APOP
        client.noop()
        assert len(server.sent("APOP")) == 1


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_an_access_token_signs_in(mechanism: str) -> None:
    server = AutoPop3Server(1, capabilities=(f"SASL {mechanism}", "UIDL"))
    with server, Pop3Client(server.host, server.port, "user", "secret", True, SecurityOptions.NONE) as client:
        client.noop()
        assert server.sent("AUTH")[0].startswith(f"AUTH {mechanism}")


def test_a_refused_password_is_not_tried_again() -> None:
    with AutoPop3Server(1, password="other") as server, client_of(server) as client:
        for _ in range(3):
            with pytest.raises(AuthenticationError, match="not accepted"):
                client.noop()
        assert client.validate_credentials() is False
        assert len(server.sent("AUTH")) == 2
        client.password = "other"
        assert client.end_validate_credentials(client.begin_validate_credentials()) is True


@pytest.mark.parametrize("code", ["IN-USE", "LOGIN-DELAY", "SYS/TEMP"])
def test_H_H7_limits_are_tried_again_until_the_time_is_over(code: str) -> None:
    with AutoPop3Server(1) as server, client_of(server) as client:

        def refuse(conn: Conn, cmd: Command) -> bool:
            conn.send(f"-ERR [{code}] not now\r\n")
            return True

        remove = server.on("AUTH", refuse)
        client.timeout = 300
        with pytest.raises(LimitReachedError) as caught:
            client.noop()
        assert caught.value.code == code
        assert caught.value.retryable
        client.timeout = int(PATIENCE * 1000)
        remove()
        client.noop()


def test_secrets_stay_out_of_logs_and_errors(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")

    def repeat(conn: Conn, cmd: Command) -> bool:
        conn.send("-ERR [AUTH] wrong: ", cmd.raw)
        return True

    for capabilities in (("USER",), ("SASL PLAIN",), ("SASL LOGIN",)):
        with AutoPop3Server(1, capabilities=capabilities) as server, client_of(server) as client:
            client.password = "hunter2hunter2"
            server.on("PASS", repeat)
            server.on("AUTH", repeat)
            with pytest.raises(AuthenticationError) as caught:
                client.noop()
            assert "hunter2" not in str(caught.value) + caught.value.server_text
            assert "aHVudGVy" not in str(caught.value) + caught.value.server_text
    assert "hunter2" not in caplog.text
    assert "aHVudGVy" not in caplog.text


# -- TLS -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("implicit", [False, True])
def test_TLS_at_once_and_by_STLS(certificates: Certificates, implicit: bool) -> None:
    server = AutoPop3Server(
        2,
        capabilities=("STLS", "SASL PLAIN", "UIDL", "TOP"),
        tls=certificates.good.server_context(),
        implicit_tls=implicit,
    )
    with server, client_of(server) as client:
        client.ca_file = str(certificates.ca)
        client.security_options = SecurityOptions.SSL_IMPLICIT if implicit else SecurityOptions.SSL_EXPLICIT
        assert client.fetch_message(1).as_bytes() == make_message(1)
        (conn,) = server.connections
        assert b"AUTH" not in conn.clear_bytes


def test_H_A1_no_password_in_the_clear_to_another_machine(far: None) -> None:
    with AutoPop3Server(1) as server, client_of(server) as client:
        with pytest.raises(SecurityError, match="offers no TLS"):
            client.noop()
        assert server.sent("AUTH") + server.sent("USER") == []


def test_H_A3_what_is_said_between_STLS_and_TLS_is_not_believed(certificates: Certificates) -> None:
    context: ssl.SSLContext = certificates.good.server_context()
    with AutoPop3Server(1, capabilities=("STLS", "USER"), tls=context) as server, client_of(server) as client:

        def inject(conn: Conn, cmd: Command) -> bool:
            conn.start_tls(clear="+OK begin\r\n+OK injected\r\n")
            return True

        server.on("STLS", inject)
        client.ca_file = str(certificates.ca)
        with pytest.raises(SecurityError):
            client.noop()
        assert server.sent("USER") == []


# -- hostile answers -------------------------------------------------------------------------------------------


def test_H_H2_a_greeting_that_goes_on_is_an_error() -> None:
    server = AutoPop3Server(1, greeting="+OK ready\r\n1 100\r\n2 200\r\n")
    with server, client_of(server) as client, pytest.raises(RemoteProtocolError):
        client.noop()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("LIST", "+OK\r\n1 1024\r\n2\r\n.\r\n"),
        ("LIST", "+OK\r\n1 10\r\n1 10\r\n.\r\n"),
        ("LIST", "+OK\r\n1 -5\r\n.\r\n"),
        ("LIST", "+OK\r\n1 10\r\n.\r\n"),
        ("UIDL", "+OK\r\n1 a\r\n2 a\r\n3 b\r\n.\r\n"),
        ("UIDL", "+OK\r\n1 " + "u" * 500 + "\r\n.\r\n"),
        ("TOP", "hello\r\n"),
        ("LIST", "+ \r\n"),
    ],
)
def test_H_H4_listings_that_cannot_be_are_errors(name: str, text: str) -> None:
    with AutoPop3Server(3) as server, client_of(server) as client:
        remove = server.on(name, answer(text))
        with pytest.raises(RemoteProtocolError):
            client.list_messages()
        remove()
        assert client.list_messages().count == 3


def test_an_answer_about_another_message_is_an_error() -> None:
    with AutoPop3Server(3) as server, client_of(server) as client:
        server.on("LIST", answer("+OK 99 1024\r\n"))
        with pytest.raises(RemoteProtocolError, match="message 99"):
            client.get_message_size(1)


def test_H_H1_a_message_without_an_end_runs_out_of_time() -> None:
    with AutoPop3Server(3) as server, client_of(server) as client:
        client.noop()
        server.on("RETR", answer("+OK\r\nSubject: x\r\n"))
        client.timeout = 300
        with pytest.raises((TimeoutError, ConnectionLostError)):
            client.fetch_message(1)


@pytest.mark.parametrize("name", ["LIST", "TOP", "RETR"])
def test_H_H1_a_text_beyond_the_limit_costs_the_connection(name: str) -> None:
    with AutoPop3Server(3) as server, client_of(server) as client:
        client._limits = Pop3Limits(listing=1000, message=2000)
        server.on(name, answer(b"+OK\r\n" + b"1 10 and more\r\n" * 1000 + b".\r\n"))
        with pytest.raises(RemoteProtocolError, match=r"more than [12]000 bytes"):
            run_of(client, name)()


def run_of(client: Pop3Client, name: str) -> Any:
    if name == "RETR":
        return lambda: client.fetch_message("u1")
    return lambda: client.list_messages(Pop3ListFields.MAIN)


@pytest.mark.parametrize("split", [1, 7])
def test_bytes_come_as_they_like(split: int) -> None:
    with AutoPop3Server(3, split=split) as server, client_of(server) as client:
        assert [info.subject for info in client.list_messages()] == ["Message 1", "Message 2", "Message 3"]
        assert client.fetch_message("u3").as_bytes() == make_message(3)


@pytest.mark.parametrize("bad", ["", "a b", "a\r\nDELE 1", "ä", "\x00", "u" * 251])
def test_H_F1_unique_ids_that_cannot_be_sent_are_refused(bad: str) -> None:
    with AutoPop3Server(1) as server, client_of(server) as client:
        for call in (client.fetch_message, client.begin_fetch_message, client.delete_message, client.get_message_size):
            with pytest.raises(AsposeArgumentException):
                call(bad)
        with pytest.raises(AsposeArgumentException):
            client.list_messages([bad])
        assert server.connections == []


def test_T6_Q5_a_deletion_that_stands_behind_a_commit_is_not_sent_into_the_session_that_it_ends() -> None:
    committing, go_on = threading.Event(), threading.Event()

    def quit_(conn: Conn, cmd: Command) -> bool:
        committing.set()
        assert go_on.wait(PATIENCE)
        return False

    with AutoPop3Server(3) as server, client_of(server) as client, ThreadPoolExecutor(2) as threads:
        client.list_messages()
        client.delete_message("u1")
        remove = server.on("QUIT", quit_)
        commit = threads.submit(client.commit_deletes)
        assert committing.wait(PATIENCE)
        remove()
        connection = client._main.connection
        assert connection is not None
        deletion = threads.submit(client.delete_message, "u3")
        until(lambda: connection.load == 2, "the deletion behind the commit")
        go_on.set()
        commit.result(PATIENCE)
        deletion.result(PATIENCE)
        client.commit_deletes()
        assert list(server.drop) == ["u2"]


def test_T6_while_a_deletion_waits_for_its_commit_fetching_by_unique_id_stays_in_its_session() -> None:
    with AutoPop3Server(3) as server, client_of(server) as client:
        client.delete_message("u1")
        handles = [client.begin_fetch_message(uid) for uid in ("u2", "u3")]
        assert [client.end_fetch_message(handle).subject for handle in handles] == ["Message 2", "Message 3"]
        assert server.sign_ins == 1
        client.commit_deletes()
        client.end_fetch_message(client.begin_fetch_message("u2"))
        assert client.pool.size == 2  # again in a session of its own
