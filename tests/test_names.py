"""Names carried over from .NET as they were, and misspelt ones: refused, with what was meant (rule N2)."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Iterator
from typing import Any

import pytest

import mailclients
from mailclients import (
    AutoResetEvent,
    ImapClient,
    ImapFolderInfo,
    ImapMessageFlags,
    MailAddress,
    MailClientError,
    MailMessage,
    Out,
    SecurityOptions,
    ThreadPool,
    UnknownMemberError,
    WaitHandle,
)


@pytest.fixture
def client() -> Iterator[Any]:
    with ImapClient("127.0.0.1", 1, "anna", "secret") as client:
        yield client


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Host", "it is 'host'"),
        ("user_name", "it is 'username'"),
        ("MaxConnectionsPerServer", "it is 'max_connections_per_server'"),
        ("max_connections", "did you mean 'max_connections_per_server'?"),
        ("security_option", "did you mean 'security_options'?"),
        ("OnConnect", "it is 'on_connect'"),
        ("UsePipelining", "it is 'use_pipelining'"),
        ("use_something_else", "has no attribute 'use_something_else'"),
    ],
)
def test_N2_a_misspelt_setting_is_refused(client: Any, name: str, text: str) -> None:
    before = vars(client).copy()
    with pytest.raises(UnknownMemberError, match=text) as caught:
        setattr(client, name, "x")
    assert isinstance(caught.value, AttributeError)
    assert isinstance(caught.value, MailClientError)
    assert str(caught.value).startswith("ImapClient has no attribute")
    assert caught.value.name == name
    assert vars(client) == before


def test_N2_an_event_by_its_net_name_is_refused(client: Any) -> None:
    with pytest.raises(UnknownMemberError, match="it is 'on_connect'"):
        client.OnConnect += print


@pytest.mark.parametrize("name", ["FetchMessage", "BeginFetchMessage", "EndFetchMessage", "Dispose", "CurrentFolder"])
def test_N2_a_net_name_that_is_read_says_what_it_is_here(client: Any, name: str) -> None:
    with pytest.raises(UnknownMemberError, match=f"ImapClient has no attribute '{name}'; it is '"):
        getattr(client, name)
    assert not hasattr(client, name)
    assert getattr(ImapClient, name, None) is None


@pytest.mark.parametrize("name", ["AsyncState", "IsCompleted", "AsyncWaitHandle", "ErrorInfo", "IsCanceled"])
def test_N2_a_handle_says_what_its_members_are_called_here(client: Any, name: str) -> None:
    handle = client.begin_noop()
    with pytest.raises(UnknownMemberError, match=f"has no attribute '{name}'; it is '"):
        getattr(handle, name)
    assert name not in dir(handle)


def test_N2_what_python_says_itself_stays_as_it_is(client: Any) -> None:
    with pytest.raises(AttributeError, match="object has no attribute 'fetch_mesage'"):
        client.fetch_mesage()
    with pytest.raises(AttributeError):
        client.pool = None  # there is no setter
    with pytest.raises(AttributeError, match="_nothing"):
        client._nothing  # noqa: B018


@pytest.mark.parametrize(
    ("owner", "name", "meant"),
    [
        (SecurityOptions, "SslImplicit", "SSL_IMPLICIT"),
        (SecurityOptions, "Auto", "AUTO"),
        (ImapFolderInfo, "InBox", "IN_BOX"),
        (ImapFolderInfo, "Inbox", "IN_BOX"),
        (ImapMessageFlags, "IsRead", "IS_READ"),
        (ThreadPool, "QueueUserWorkItem", "queue_user_work_item"),
        (WaitHandle, "WaitAny", "wait_any"),
        (WaitHandle, "wait_anny", "wait_any"),
        (MailMessage, "Load", "load"),
        (AutoResetEvent(False), "WaitOne", "wait_one"),
        (ImapFolderInfo(name="x"), "TotalMessageCount", "total_message_count"),
        (MailMessage.from_bytes(b""), "HtmlBody", "html_body"),
        (MailMessage.from_bytes(b""), "From", "from_address"),
    ],
)
def test_N2_members_of_other_types_are_found_by_their_net_name(owner: object, name: str, meant: str) -> None:
    with pytest.raises(UnknownMemberError, match=f"'{meant}'"):
        getattr(owner, name)


@pytest.mark.parametrize(
    ("target", "name", "meant"),
    [
        (MailMessage.from_bytes(b""), "Subject", "subject"),
        (MailMessage.from_bytes(b""), "subjekt", "subject"),
        (MailAddress("a@example.com"), "DisplayName", "display_name"),
        (Out[str](), "Value", "value"),
    ],
)
def test_N2_assigning_to_other_types_is_checked(target: object, name: str, meant: str) -> None:
    with pytest.raises(UnknownMemberError, match=f"'{meant}'"):
        setattr(target, name, "x")


def test_N2_the_mode_of_pipelining_by_its_net_name(client: Any) -> None:
    with pytest.raises(UnknownMemberError, match="'client_mode'"):
        client.use_pipelining.ClientMode = 2


class Counting(ImapClient):
    """What a program makes of its own."""

    time_out = 5  # declared: it is theirs, whatever it resembles

    def __init__(self) -> None:
        super().__init__("127.0.0.1", 1, "anna", "secret")
        self.hosts = ["a", "b"]
        self.calls = 0

    def FetchMessage(self) -> str:
        return "theirs"

    @property
    def broken(self) -> object:
        return self.hosts.nothing  # type: ignore[attr-defined]


def test_a_subclass_has_attributes_of_its_own() -> None:
    with Counting() as client:
        client.calls += 1
        client.time_out = 7
        client.whatever = "x"  # type: ignore[attr-defined]
        assert (client.calls, client.time_out, client.hosts, client.FetchMessage()) == (1, 7, ["a", "b"], "theirs")
        for name in ("Host", "user_name", "userName", "MaxConnectionsPerServer"):
            with pytest.raises(UnknownMemberError, match="Counting has no attribute"):
                setattr(client, name, "x")
        with pytest.raises(AttributeError, match="'list' object has no attribute 'nothing'"):
            client.broken  # noqa: B018


@pytest.mark.parametrize(
    ("name", "meant"), [("From", "from_address"), ("from_", "from_address"), ("Or", "either"), ("or_", "either")]
)
def test_N2_what_cannot_be_a_name_in_python_is_pointed_out(name: str, meant: str) -> None:
    builder = mailclients.ImapQueryBuilder()
    with pytest.raises(UnknownMemberError, match=f"ImapQueryBuilder has no attribute '{name}'; it is '{meant}'"):
        getattr(builder, name)
    with pytest.raises(UnknownMemberError, match=f"ImapQueryBuilder has no attribute '{name}'; it is '{meant}'"):
        setattr(builder, name, "x")
    assert name not in dir(builder)


def test_net_names_show_in_no_listing(client: Any) -> None:
    for listed in (dir(client), dir(ImapClient), [name for name, _ in inspect.getmembers(ImapClient)]):
        assert "fetch_message" in listed
        assert "FetchMessage" not in listed
    assert "Subject" not in dir(MailMessage)
    assert "Subject" not in dir(MailMessage.from_bytes(b""))


def test_every_public_member_of_the_client_is_known_by_its_net_name() -> None:
    for name in dir(ImapClient):
        if not name.startswith("_"):
            net = "".join(word.capitalize() for word in name.split("_"))
            with pytest.raises(UnknownMemberError, match=f"it is '{name}'"):
                getattr(ImapClient, net)


def test_enums_work_as_they_did() -> None:
    for name in mailclients.__all__:
        value = getattr(mailclients, name)
        if isinstance(value, type) and issubclass(value, int):
            for member, each in value.__members__.items():  # type: ignore[attr-defined]
                assert getattr(value, member) is each
                assert pickle.loads(pickle.dumps(each)) is each
    assert SecurityOptions.SSL_EXPLICIT | SecurityOptions.SSL_IMPLICIT == SecurityOptions.SSL_AUTO
    assert not hasattr(SecurityOptions, "__wrapped__")


def test_the_error_can_be_copied_and_pickled() -> None:
    error = UnknownMemberError("there is none", name="x")
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(twin) is UnknownMemberError
        assert str(twin) == "there is none"
