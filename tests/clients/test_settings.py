"""Settings and what is said about them: times as they were set, where a client was made, slips in arguments."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import inspect
import os
import pickle
from collections.abc import Iterator
from typing import Any

import pytest

from mailclients import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AutoResetEvent,
    EventResetMode,
    EventWaitHandle,
    ImapClient,
    ImapMessageFlags,
    ManualResetEvent,
    OperationCanceledException,
    SecurityOptions,
    TimeoutException,
)
from mailclients.engine import deadlines
from mailclients.engine.deadlines import Deadline
from tests.support.autoimap import AutoImapServer
from tests.support.clock import FakeClock
from tests.support.scripted import ScriptedServer


def client_of(server: AutoImapServer | ScriptedServer) -> ImapClient:
    return ImapClient(server.host, server.port, "anna", "secret", SecurityOptions.NONE)


# -- times ------------------------------------------------------------


def test_Q6_a_part_of_an_operation_tells_the_time_that_was_set(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "now", clock)
    whole = Deadline(1.5)
    clock.advance(0.2)
    long, short = whole.within(15), whole.within(1)
    assert (long.milliseconds(), short.milliseconds()) == (1500, 1000)
    assert long.remaining() == whole.remaining()
    assert short.remaining() == pytest.approx(1)
    assert Deadline(None).within(2).milliseconds() == 2000
    assert Deadline(1, started=False).within(2).milliseconds() == 2000  # its clock does not run


def test_Q6_the_text_of_a_timeout_has_the_time_that_was_set() -> None:
    with ScriptedServer(greeting=None) as server, client_of(server) as client:
        client.timeout = 153
        with pytest.raises(TimeoutException, match="no greeting within 153 ms"):
            client.noop()


# -- where a client was made ------------------------------------------------------------


def test_C9_the_warning_about_a_forgotten_client_says_where_it_was_made() -> None:
    with AutoImapServer({"INBOX": 1}) as server:
        here = f"{os.path.basename(__file__)}:{inspect.getsourcelines(client_of)[1] + 1}"
        client = client_of(server)
        client.noop()
        assert here in repr(client)
        handle = client.begin_noop()
        client.end_noop(handle)
        del handle
        with pytest.warns(ResourceWarning, match=f"made at .*{here}> was never disposed"):  # noqa: PT031
            del client
            gc.collect()
        server.wait_for(lambda: server.open_connections == 0)


# -- flags ------------------------------------------------------------


@pytest.fixture
def client() -> Iterator[Any]:
    with ImapClient("127.0.0.1", 1, "anna", "secret") as client:
        yield client


@pytest.mark.parametrize("flag", ["\\Sen", "\\Read", "\\IsRead", "\\*", "\\"])
def test_a_system_flag_that_does_not_exist_is_refused(client: Any, flag: str) -> None:
    with pytest.raises(AsposeArgumentException, match=r"system flag|no IMAP flag"):
        ImapMessageFlags(flag)
    with pytest.raises(AsposeArgumentException, match="flags cannot be used: "):
        client.add_message_flags("5", flag)
    with pytest.raises(AsposeArgumentException, match="flags cannot be used: "):
        client.begin_change_message_flags("5", flag)


def test_a_refused_system_flag_names_those_there_are() -> None:
    with pytest.raises(AsposeArgumentException, match=r"\\Answered, \\Deleted, \\Draft, \\Flagged, \\Recent, \\Seen"):
        ImapMessageFlags("\\Sen")


@pytest.mark.parametrize("flag", ["seen", "Seen", "DELETED", "flagged"])
def test_a_system_flag_without_its_backslash_has_to_be_told_from_a_keyword(flag: str) -> None:
    with pytest.raises(AsposeArgumentException, match=rf"ImapMessageFlags\.keyword\('{flag}'\)"):
        ImapMessageFlags(flag)
    keyword = ImapMessageFlags.keyword(flag)
    assert keyword.to_imap() == (flag,)
    assert not keyword.has_flag("\\" + flag)


@pytest.mark.parametrize("flag", ["\\seen", "\\SEEN", "$Forwarded", "NonJunk", "Seen2", "IsRead"])
def test_flags_that_can_be_meant_are_taken(flag: str) -> None:
    assert ImapMessageFlags(flag).to_imap() == ("\\Seen" if flag.startswith("\\") else flag,)


def test_what_a_server_listed_is_kept_whatever_it_is() -> None:
    flags = ImapMessageFlags.from_server(["\\Sen", "seen", "\\Odd"])
    assert flags.to_imap() == ("\\Sen", "seen", "\\Odd")
    assert pickle.loads(pickle.dumps(flags)) == flags
    assert (flags | "$Forwarded").to_imap() == ("\\Sen", "seen", "\\Odd", "$Forwarded")
    assert "\\Odd" in flags


# -- events and handles ------------------------------------------------------------


@pytest.mark.parametrize("kind", [AutoResetEvent, ManualResetEvent])
def test_N1_an_event_needs_its_state(kind: Any) -> None:
    with pytest.raises(AsposeArgumentNullException, match=rf"^{kind.__name__}\(initial_state: bool\)"):
        kind()
    with pytest.raises(ArgumentTypeError, match="initial_state must be a bool, not int"):
        kind(0)
    assert kind(initial_state=True).wait_one(0)
    assert not kind(False).wait_one(0)
    with pytest.raises(AsposeArgumentNullException):
        EventWaitHandle(None, EventResetMode.AUTO_RESET)  # type: ignore[arg-type]


def test_T9_of_a_cancelled_operation_await_and_future_raise_what_the_page_says() -> None:
    with AutoImapServer({"INBOX": 1}) as server, client_of(server) as client:
        gate = server.hold("FETCH")
        handle = client.begin_fetch_message("1")
        future = handle.future
        client.cancel_async_operation(handle)
        gate.open()

        async def wait() -> None:
            await handle

        with pytest.raises(OperationCanceledException):
            asyncio.run(wait())
        with pytest.raises(OperationCanceledException) as caught:
            client.end_fetch_message(handle)
        assert isinstance(caught.value, concurrent.futures.CancelledError)
        with pytest.raises(concurrent.futures.CancelledError):
            future.result(30)
