"""ImapClient against Dovecot beyond single operations: TLS, many threads, many tasks, large messages.

That no thread, socket or file is left after `dispose` is checked after every test by the fixtures of the suite.
"""

from __future__ import annotations

import contextlib
import imaplib
import io
import random
import shutil
import subprocess
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    AsposeInvalidOperationException,
    AuthenticationError,
    ImapClient,
    ImapMessageFlags,
    MailMessage,
    MessageNotFoundError,
    PipeliningMode,
    SecurityError,
    SecurityOptions,
)
from tests.clients.imap_cases import Mail, ids, run
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.support.autoimap import make_message
from tests.support.certs import Certificates

THREADS = 50


@pytest.fixture
def mail(dovecot: Dovecot, user: str) -> Mail:
    """An account with empty folders."""
    return Mail(dovecot.host, dovecot.imap_port, user, PASSWORD)


def secured(server: Dovecot, user: str, security: SecurityOptions, **keywords: Any) -> ImapClient:
    """A client by the port that belongs to the way of securing the connection."""
    port = server.imaps_port if security is SecurityOptions.SSL_IMPLICIT else server.imap_port
    return ImapClient(server.host, port, user, PASSWORD, security, **keywords)


def encrypted(client: ImapClient) -> bool:
    """Whether the main connection is."""
    connection = client._main.connection
    assert connection is not None
    return connection.encrypted


def in_threads(count: int, work: Callable[[int], None]) -> None:
    """Runs `work` in threads of its own, which begin together; the first error is raised."""
    start, errors = threading.Barrier(count), list[BaseException]()

    def body(index: int) -> None:
        start.wait()
        try:
            work(index)
        except BaseException as error:  # noqa: BLE001 - raised again in the test's thread
            errors.append(error)

    threads = [threading.Thread(target=body, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


class Watch:
    """Counts, as the server sees them, the connections of a user while a block runs."""

    def __init__(self, server: Dovecot, user: str) -> None:
        program = shutil.which("doveadm")
        if program is None:
            pytest.skip("doveadm is not installed")
        self._command = [program, "-c", str(server.directory / "dovecot.conf"), "who", "-1", user]
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look_often)
        self.most = 0

    def look(self) -> None:
        """Counts now."""
        answer = subprocess.run(self._command, capture_output=True, text=True, timeout=20, check=False).stdout
        self.most = max(self.most, len(answer.splitlines()) - 1)

    def _look_often(self) -> None:
        while not self._done.wait(0.1):
            self.look()

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


# -- securing ------------------------------------------------------------


@pytest.mark.parametrize("begun", [False, True], ids=["plain", "begun"])
@pytest.mark.parametrize("trust", ["ca_file", "ssl_context"])
@pytest.mark.parametrize("security", [SecurityOptions.SSL_IMPLICIT, SecurityOptions.SSL_EXPLICIT, SecurityOptions.AUTO])
def test_tls_with_dovecot(
    dovecot: Dovecot, user: str, certificates: Certificates, security: SecurityOptions, trust: str, begun: bool
) -> None:
    dovecot.fill(user, "INBOX", [make_message(1)])
    with secured(dovecot, user, security) as client:
        if trust == "ca_file":
            client.ca_file = str(certificates.ca)
        else:
            client.ssl_context = certificates.client_context()
        run(client, begun, "login")
        assert encrypted(client)
        assert "STARTTLS" not in client.get_capabilities()
        assert run(client, begun, "fetch_message", "1").as_bytes() == make_message(1)
        tasks = [slot.connection for slot in client.pool.slots if slot.connection is not None]
        assert tasks
        assert all(getattr(connection, "encrypted", False) for connection in tasks)


@pytest.mark.parametrize("security", [SecurityOptions.SSL_IMPLICIT, SecurityOptions.SSL_EXPLICIT, SecurityOptions.AUTO])
def test_an_unknown_authority_is_refused(dovecot: Dovecot, user: str, security: SecurityOptions) -> None:
    before = dovecot.log().count("Login: user")
    with secured(dovecot, user, security) as client:
        with pytest.raises(SecurityError, match="certificate"):
            client.noop()
        with pytest.raises(SecurityError, match="certificate"):
            client.end_list_messages(client.begin_list_messages())
    assert dovecot.log().count("Login: user") == before


def test_none_is_clear_on_purpose(dovecot: Dovecot, user: str) -> None:
    with secured(dovecot, user, SecurityOptions.NONE) as client:
        assert "IMAP4REV1" in client.get_capabilities()
        assert not encrypted(client)


def test_L2_a_wrong_password_is_reported_to_all_and_tried_once(dovecot: Dovecot, user: str) -> None:
    with secured(dovecot, user, SecurityOptions.NONE) as client:
        client.password = "wrong"
        handles = [client.begin_list_messages() for _ in range(20)]
        for handle in handles:
            with pytest.raises(AuthenticationError):
                client.end_list_messages(handle)
        log = [line for line in dovecot.log().splitlines() if f"user=<{user}>" in line]
        assert not [line for line in log if "Login:" in line]
        client.password = PASSWORD
        assert ids(client.list_messages()) == []


# -- extensions ------------------------------------------------------------


@pytest.mark.parametrize("security", [SecurityOptions.NONE, SecurityOptions.SSL_IMPLICIT])
def test_a_compressed_connection(
    dovecot: Dovecot, user: str, certificates: Certificates, security: SecurityOptions
) -> None:
    bodies = [make_message(number, 5000) for number in range(1, 101)]
    dovecot.fill(user, "INBOX", bodies)
    upload = b"Subject: up\r\n\r\n" + random.Random(4).randbytes(2_000_000).hex().encode() + b"\r\n"
    with secured(dovecot, user, security) as client:
        client.ca_file = str(certificates.ca)
        client.compression = True
        handles = [client.begin_fetch_message(str(uid)) for uid in range(1, 101)]
        assert [client.end_fetch_message(handle).as_bytes() for handle in handles] == bodies
        assert len(client.list_messages()) == 100
        uid = client.append_message("INBOX", MailMessage.from_bytes(upload))
        assert client.fetch_message(uid).as_bytes() == upload
        in_threads(8, lambda index: client.add_message_flags(str(index + 1), ImapMessageFlags.FLAGGED))
        flagged = [info.unique_id for info in client.list_messages() if info.flagged]
        assert flagged == [str(index + 1) for index in range(8)]
        connections: list[Any] = [slot.connection for slot in client.pool.slots if slot.connection is not None]
        assert connections
        assert all(connection.transport.compressed for connection in connections)


def test_T5_numbers_where_the_caller_has_enabled_qresync(mail: Mail) -> None:
    mail.fill("INBOX", *(make_message(number) for number in range(1, 10)))
    with mail.client() as client, mail.client() as other:
        client._enabled_by_caller = ("QRESYNC",)
        client.select_folder("INBOX")
        assert len(client.list_messages()) == 9
        for uid in ("2", "3", "7"):
            other.delete_message(uid)
        other.commit_deletes()
        client.noop()
        core: Any = client._main.connection.core  # type: ignore[union-attr]
        assert core.enabled >= {"QRESYNC"}
        assert core.numbering.exists == 6
        left = [1, 4, 5, 6, 8, 9]
        assert [client.fetch_message(n).as_bytes() for n in range(1, 7)] == [make_message(n) for n in left]


def test_T5_numbers_go_on_when_the_connection_is_made_again(mail: Mail) -> None:
    mail.fill("INBOX", *(make_message(number) for number in range(1, 10)))
    with mail.client() as client, mail.client() as other:
        client.select_folder("INBOX")
        assert [info.sequence_number for info in client.list_messages(3)] == [7, 8, 9]
        assert client._main.connection is not None
        client._main.connection.close()
        other.delete_message("8")
        other.commit_deletes()
        mail.fill("INBOX", make_message(10))
        assert client.fetch_message(3).as_bytes() == make_message(3)  # whose unique id has never been told
        assert client.fetch_message(9).as_bytes() == make_message(9)
        with pytest.raises(MessageNotFoundError):
            client.fetch_message(8)


# -- large messages ------------------------------------------------------------


@pytest.fixture(scope="module")
def large(dovecot: Dovecot) -> tuple[Mail, bytes]:
    """An account whose INBOX holds one message of 50 MB."""
    user = dovecot.new_user("large")
    head = b"Subject: large\r\n\r\n"
    line = bytes(range(33, 127)) * 10 + b"\r\n"
    body = head + line * (50_000_000 // len(line) + 1)
    dovecot.fill(user, "INBOX", [body])
    return Mail(dovecot.host, dovecot.imap_port, user, PASSWORD), body


@pytest.mark.parametrize("begun", [False, True], ids=["plain", "begun"])
@pytest.mark.parametrize("target", ["path", "stream"])
def test_saving_50_mb_takes_little_memory(large: tuple[Mail, bytes], begun: bool, target: str, tmp_path: Path) -> None:
    mail, body = large
    path = tmp_path / "large.eml"
    with mail.client() as client:
        client.select_folder("INBOX", True)
        client.end_noop(client.begin_noop())
        tracemalloc.start()
        try:
            if target == "path":
                run(client, begun, "save_message", "1", str(path))
            else:
                with path.open("wb") as stream:
                    run(client, begun, "save_message", 1, stream)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 8 * 1024 * 1024
    assert path.read_bytes() == body


def test_small_fetches_pass_a_large_one(large: tuple[Mail, bytes]) -> None:
    mail, body = large
    uid = mail.fill("Small", make_message(1))[0]
    with mail.client() as client:
        client.select_folder("INBOX", True)
        big = client.begin_fetch_message("1")
        client.select_folder("Small")
        small = client.begin_fetch_message(uid)
        assert client.end_fetch_message(small).as_bytes() == make_message(1)
        assert client.end_fetch_message(big).as_bytes() == body


# -- large sets ------------------------------------------------------------


def test_large_sets_are_split(dovecot: Dovecot, mail: Mail) -> None:
    count = 6000
    dovecot.fill(mail.user, "INBOX", [b"Subject: %d\r\n\r\n" % number for number in range(1, count + 1)])
    odd = list(range(1, count + 1, 2))
    with mail.client() as client:
        client.select_folder("INBOX")
        client.add_message_flags([str(uid) for uid in odd], ImapMessageFlags.flagged)
        client.add_message_flags(odd, "$Odd")  # by numbers whose unique ids the session does not know
        client.end_remove_message_flags(client.begin_remove_message_flags(odd[:1000], "$Odd"))
        infos = client.list_messages()
        assert [info.sequence_number for info in infos] == list(range(1, count + 1))
        assert [int(info.unique_id) for info in infos if info.flagged] == odd
        assert [int(info.unique_id) for info in infos if info.contains_keyword("$odd")] == odd[1000:]
        asked = [str(uid) for uid in odd]
        random.Random(5).shuffle(asked)
        assert ids(client.list_messages("INBOX", asked)) == asked
        numbers = [int(uid) for uid in asked]
        assert ids(client.list_messages("INBOX", numbers)) == asked
        handle = client.begin_fetch_messages(asked[:1500])
        assert [message.subject for message in client.end_fetch_messages(handle)] == asked[:1500]
        client.change_message_flags(infos[100:], ImapMessageFlags.deleted)
        client.commit_deletes([info.unique_id for info in infos[100:5000]])
        assert len(client.list_messages()) == 100
        client.commit_deletes()
    assert len(mail.flags()) == 100


def test_sequence_numbers_of_an_unlisted_folder_in_large_sets(dovecot: Dovecot, mail: Mail) -> None:
    dovecot.fill(mail.user, "INBOX", [b"Subject: %d\r\n\r\n" % number for number in range(1, 2001)])
    mail.expunge("1", "2", "3")
    numbers = list(range(1997, 0, -2))
    with mail.client() as client:
        for begun in (False, True):
            client.select_folder("INBOX", True)
            found = run(client, begun, "fetch_messages", numbers)
            assert [int(message.subject) for message in found] == [number + 3 for number in numbers]


# -- rules, again with a real server ------------------------------------------------------------


def test_Q3_pipelined_fetches_reach_whoever_asked_dovecot(dovecot: Dovecot, mail: Mail) -> None:
    dovecot.fill(mail.user, "INBOX", [make_message(number, number * 37 % 4000) for number in range(1, 101)])
    with mail.client() as client:
        client.max_connections_per_server = 2
        client.select_folder("INBOX", True)
        order = list(range(1, 101)) * 5
        random.Random(1).shuffle(order)
        handles = [(number, client.begin_fetch_message(str(number))) for number in order]
        for number, handle in handles:
            assert client.end_fetch_message(handle).as_bytes() == make_message(number, number * 37 % 4000)

        def work(index: int) -> None:
            for number in range(index + 1, 101, 10):
                assert client.fetch_message(str(number)).as_bytes() == make_message(number, number * 37 % 4000)
                assert client.list_message(str(number)).unique_id == str(number)

        in_threads(10, work)


def test_T4_begun_work_keeps_the_folder_of_its_begin_dovecot(mail: Mail) -> None:
    for index in range(4):
        mail.fill(f"Box {index}", make_message(100 + index), make_message(200 + index))
    for limit in (1, 2, 10):
        with mail.client() as client:
            client.max_connections_per_server = limit
            handles = []
            for index in (0, 1, 2, 3, 1, 0):
                client.begin_select_folder(f"Box {index}", True)
                handles.append((index, client.begin_fetch_message("1"), client.begin_fetch_message(2)))
                handles.append((index, client.begin_fetch_message("1"), client.begin_fetch_message("2")))
            last = client.begin_select_folder("Box 0", True)
            assert client.end_select_folder(last).name == "Box 0"
            for index, first, second in handles:
                assert client.end_fetch_message(first).as_bytes() == make_message(100 + index)
                assert client.end_fetch_message(second).as_bytes() == make_message(200 + index)


def test_C5_a_thread_with_a_connection_of_its_own_dovecot(dovecot: Dovecot, mail: Mail) -> None:
    for index in range(3):
        mail.fill(f"Box {index}", make_message(100 + index))
    dovecot.fill(mail.user, "INBOX", [make_message(1)])
    with mail.client() as client:
        client.select_folder("INBOX", True)
        with pytest.raises(AsposeInvalidOperationException):
            client.create_connection()

        def work(index: int) -> None:
            assert client.current_folder is not None
            assert client.current_folder.name == "INBOX"
            with client.create_connection() as own:
                assert client.current_connection is own
                client.select_folder(f"Box {index}")
                assert client.fetch_message("1").as_bytes() == make_message(100 + index)
                handle = client.begin_fetch_message(1)
                assert client.end_fetch_message(handle).as_bytes() == make_message(100 + index)
            assert client.fetch_message("1").as_bytes() == make_message(1)

        in_threads(3, work)
        assert client.fetch_message("1").as_bytes() == make_message(1)


# -- the documented ways to work with many threads ------------------------------------------------------------


def test_begin_and_end_from_many_threads_dovecot(dovecot: Dovecot, mail: Mail) -> None:
    dovecot.fill(mail.user, "INBOX", [make_message(number) for number in range(1, 101)])
    with mail.client() as client, ThreadPoolExecutor(10) as users:
        client.select_folder("INBOX")
        begun = list(users.map(lambda uid: (uid, client.begin_fetch_message(str(uid))), range(1, 101)))
        ended = users.map(lambda pair: (pair[0], client.end_fetch_message(pair[1]).as_bytes()), reversed(begun))
        assert dict(ended) == {uid: make_message(uid) for uid in range(1, 101)}
        assert client.pool.peak <= 10


def test_own_threads_on_the_main_connection_dovecot(dovecot: Dovecot, mail: Mail) -> None:
    dovecot.fill(mail.user, "INBOX", [make_message(number) for number in range(1, 101)])
    with Watch(dovecot, mail.user) as watch, mail.client() as client:
        client.select_folder("INBOX")

        def work(index: int) -> None:
            for uid in range(index + 1, 101, 10):
                assert client.fetch_message(str(uid)).as_bytes() == make_message(uid)
                client.add_message_flags(str(uid), ImapMessageFlags.keyword(f"$T{index}"))
                assert client.list_message(uid).contains_keyword(f"$t{index}")

        in_threads(10, work)
        watch.look()
        assert client.pool.peak == 1
    assert watch.most == 1
    assert all(f"$t{(int(uid) - 1) % 10}" in flags for uid, flags in mail.flags().items())


def mixed_work(client: ImapClient, limit: int) -> Callable[[int], None]:
    """What each of many threads does: every answer can be told from every other thread's."""

    def work(index: int) -> None:
        uid = str(index + 1)
        own = make_message(index + 1)
        box = index % 3
        first, second = client.begin_fetch_message(uid), client.begin_list_messages(f"Box {box}")
        assert client.fetch_message(uid).as_bytes() == own
        assert [info.subject for info in client.list_messages(f"Box {box}")] == [f"Message {100 + box}"]
        assert client.end_fetch_message(first).as_bytes() == own
        assert [info.parent_folder for info in client.end_list_messages(second)] == [f"Box {box}"]
        client.add_message_flags(uid, ImapMessageFlags.keyword(f"$T{index}"))
        third = client.begin_append_message("Sent", MailMessage.from_bytes(make_message(1000 + index)))
        assert client.list_message(uid).contains_keyword(f"$T{index}")
        stream = io.BytesIO()
        fourth = client.begin_save_message(uid, stream)
        if limit > 1 and index % 10 == 0:
            with client.create_connection():
                client.select_folder(f"Box {box}", True)
                assert client.fetch_message("1").as_bytes() == make_message(100 + box)
                client.noop()
        assert client.exist_folder(f"Box {box}")
        assert not client.exist_folder(f"None {index}")
        appended = client.end_append_message(third)
        client.end_save_message(fourth)
        assert stream.getvalue() == own
        with client.create_connection(False) if limit > 3 and index % 25 == 1 else client.exclusive():
            client.noop()
        assert client.list_messages("Sent", [appended])[0].subject == f"Message {1000 + index}"

    return work


def fill_for_mixed_work(mail: Mail, server: Dovecot) -> None:
    """What `mixed_work` expects."""
    server.fill(mail.user, "INBOX", [make_message(number) for number in range(1, THREADS + 1)])
    for box in range(3):
        mail.fill(f"Box {box}", make_message(100 + box))


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_C1_mixed_work_of_fifty_threads_stays_within_the_limit_dovecot(
    dovecot: Dovecot, mail: Mail, limit: int
) -> None:
    fill_for_mixed_work(mail, dovecot)
    with Watch(dovecot, mail.user) as watch, mail.client() as client:
        client.max_connections_per_server = limit
        client.select_folder("INBOX")
        in_threads(THREADS, mixed_work(client, limit))
        watch.look()
        assert client.pool.peak <= limit
        assert client.pool.refused_total == 0
    assert 1 <= watch.most <= limit
    assert Counter(tuple(sorted(flags)) for flags in mail.flags().values()) == Counter(
        ("\\seen", f"$t{index}") if f"$t{index}" > "\\seen" else (f"$t{index}", "\\seen") for index in range(THREADS)
    )
    assert len(mail.flags("Sent")) == THREADS


def test_C1_a_server_with_the_same_limit_never_refuses_dovecot(limited_dovecot: Dovecot) -> None:
    server = limited_dovecot
    mail = Mail(server.host, server.imap_port, server.new_user(), PASSWORD)
    fill_for_mixed_work(mail, server)
    with mail.client() as client:
        client.max_connections_per_server = server.max_userip_connections
        client.select_folder("INBOX")
        in_threads(THREADS, mixed_work(client, 3))
        assert client.pool.refused_total == 0
    assert f"exceeded (mail_max_userip_connections): user=<{mail.user}>" not in server.log()


def test_L1_a_server_with_a_lower_limit_is_a_pool_event_dovecot(limited_dovecot: Dovecot) -> None:
    server = limited_dovecot
    mail = Mail(server.host, server.imap_port, server.new_user(), PASSWORD)
    server.fill(mail.user, "INBOX", [make_message(number, 20_000) for number in range(1, 101)])
    with contextlib.ExitStack() as others, mail.client() as client:
        for _ in range(server.max_userip_connections - 1):  # somebody else has all connections but one
            others.enter_context(imaplib.IMAP4(mail.host, mail.port, timeout=30)).login(mail.user, mail.password)
        client.use_pipelining.client_mode = PipeliningMode.DISABLED
        client.select_folder("INBOX", True)
        handles = [client.begin_fetch_message(str(uid)) for uid in range(1, 101)]
        for uid, handle in enumerate(handles, 1):
            assert client.end_fetch_message(handle).as_bytes() == make_message(uid, 20_000)
        assert client.pool.refused_total >= 1
        assert client.pool.effective_limit == 1


@pytest.fixture(scope="module")
def thousand(dovecot: Dovecot) -> Mail:
    """An account with a thousand tiny messages."""
    user = dovecot.new_user("thousand")
    dovecot.fill(user, "INBOX", [b"Subject: %d\r\n\r\n%d\r\n" % (number, number) for number in range(1, 1001)])
    return Mail(dovecot.host, dovecot.imap_port, user, PASSWORD)


@pytest.mark.parametrize("limit", [1, 2, 10])
def test_T8_ten_thousand_begun_fetches_complete_once_each_dovecot(thousand: Mail, limit: int) -> None:
    count = 10_000
    called: Counter[int] = Counter()
    all_called = threading.Semaphore(0)
    began = time.monotonic()

    def callback(handle: Any) -> None:
        called[handle.async_state] += 1
        all_called.release()

    with thousand.client() as client:
        client.max_connections_per_server = limit
        client.select_folder("INBOX", True)
        handles = [client.begin_fetch_message(str(index % 1000 + 1), callback, index) for index in range(count)]
        for index, handle in enumerate(handles):
            number = index % 1000 + 1
            assert client.end_fetch_message(handle).as_bytes() == b"Subject: %d\r\n\r\n%d\r\n" % (number, number)
        for _ in range(count):
            assert all_called.acquire(timeout=20)
        assert client.pool.peak <= limit
    assert time.monotonic() - began < 50
    assert called == Counter(range(count))
