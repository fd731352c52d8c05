"""What ImapClient's operations do, in every documented form, against whichever server a test module gives.

`ImapCases` is inherited by one class for each server; the class provides the fixture `mail`. Folders are
filled and looked at through imaplib, so that the client is never its own witness.
"""

from __future__ import annotations

import imaplib
import io
import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeInvalidOperationException,
    AsposeNotSupportedException,
    AutoResetEvent,
    BackupOptions,
    BackupSettings,
    CompressionType,
    ConnectionState,
    ImapClient,
    ImapException,
    ImapFolderInfo,
    ImapFolderInfoCollection,
    ImapIdentificationInfo,
    ImapKnownAuthenticationType,
    ImapListFields,
    ImapMessageFlags,
    ImapMessageInfo,
    ImapMessageInfoCollection,
    ImapNamespace,
    ImapNamespaceType,
    ImapQuota,
    ImapSpecialFolderTypes,
    ListFoldersOptions,
    ListFoldersReturnOptions,
    MailMessage,
    MailQuery,
    MessageNotFoundError,
    MessageThreadResult,
    ObjectDisposedException,
    Out,
    PageInfo,
    PageSettings,
    PersonalStorage,
    RestoreOptions,
    RestoreSettings,
    RestoreSettingsAsync,
    SecurityOptions,
    SortConditions,
    SortingKey,
    ThreadSearchConditions,
)
from mailclients.wire.imap_strings import encode_mailbox
from tests.support.autoimap import make_message

ATTACHED = b"".join(
    [
        b"From: a@example.org\r\nTo: b@example.org\r\nSubject: with attachment\r\nMIME-Version: 1.0\r\n",
        b'Content-Type: multipart/mixed; boundary="outer"\r\n\r\npreamble\r\n',
        b'--outer\r\nContent-Type: multipart/alternative; boundary="inner"\r\n\r\n',
        b"--inner\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nplain text\r\n",
        b"--inner\r\nContent-Type: text/html\r\n\r\n<b>text</b>\r\n--inner--\r\n\r\n",
        b'--outer\r\nContent-Type: application/octet-stream; name="big.bin"\r\n',
        b'Content-Disposition: attachment; filename="big.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n',
        (b"QUJD" * 18 + b"\r\n") * 500,
        b"--outer--\r\n",
    ]
)
ODD = {
    "8-bit": b"Subject: caf\xe9\r\nX-Raw: \xff\xfe\r\n\r\nna\xefve \x80\x81\x01\x1b\r\n",
    "long line": b"Subject: long\r\n\r\n" + b"x" * 100_000 + b"\r\n" + b"y" * 5000,
    "empty body": b"Subject: nothing\r\n\r\n",
    "header only": b"Subject: no blank line\r\n",
    "no header": b"\r\nbody only\r\n",
    "dots": b"Subject: dots\r\n\r\n.\r\n..\r\n.x\r\n",
    "literal look-alike": b"Subject: {5}\r\n\r\n{5}\r\n* 1 FETCH (UID 9)\r\nA1 OK done {3}\r\n",
    "no end of line": b"Subject: end\r\n\r\nno end",
    "blank lines": b"Subject: blank\r\n\r\n\r\n\r\n\r\n",
}
NAMES = [
    "two words",
    'with "quotes"',
    "100%",
    "a*b",
    "Entwürfe",
    "A & B",
    "&AOk-",
    "台北",
    "\U0001f600 smile",
    "back\\slash",
    "(parens) {5} [x]",
    "deep/er/folder",
]
# Properties that tell whether the server has an extension.
SUPPORTED = {
    "annotate_supported": "ANNOTATE-EXPERIMENT-1",
    "children_supported": "CHILDREN",
    "compress_supported": "COMPRESS",
    "condstore_supported": "CONDSTORE",
    "e_search_supported": "ESEARCH",
    "enable_supported": "ENABLE",
    "extended_list_supported": "LIST-EXTENDED",
    "gm_ext_1_supported": "X-GM-EXT-1",
    "id_supported": "ID",
    "move_supported": "MOVE",
    "namespace_supported": "NAMESPACE",
    "qresync_supported": "QRESYNC",
    "quota_supported": "QUOTA",
    "sasl_ir_supported": "SASL-IR",
    "sort_supported": "SORT",
    "special_use_supported": "SPECIAL-USE",
    "thread_supported": "THREAD",
    "uid_plus_supported": "UIDPLUS",
    "unselect_supported": "UNSELECT",
}


@dataclass
class Mail:
    """An account on a server, seen from outside of the client."""

    host: str
    port: int
    user: str
    password: str

    def client(self, **keywords: Any) -> ImapClient:
        """A client of this account, nothing connected yet."""
        return ImapClient(self.host, self.port, self.user, self.password, SecurityOptions.NONE, **keywords)

    def ask(self, work: Callable[[imaplib.IMAP4], Any]) -> Any:
        """What `work` gives on a signed-in imaplib connection."""
        with imaplib.IMAP4(self.host, self.port, timeout=30) as session:
            session.login(self.user, self.password)
            return work(session)

    def fill(self, folder: str, *bodies: bytes) -> list[str]:
        """Appends messages; their unique ids. The folder is made if it does not exist."""

        def work(session: imaplib.IMAP4) -> list[str]:
            name = _raw(folder)
            session.create(name)
            before = int(session.status(name, "(UIDNEXT)")[1][0].rsplit(b" ", 1)[1].rstrip(b")"))
            for body in bodies:
                status, text = session.append(name, "", "", body)
                assert status == "OK", text
            return [str(before + index) for index in range(len(bodies))]

        found: list[str] = self.ask(work)
        return found

    def flags(self, folder: str = "INBOX") -> dict[str, set[str]]:
        """The flags of each message by unique id, without \\Recent."""

        def work(session: imaplib.IMAP4) -> dict[str, set[str]]:
            session.select(_raw(folder), readonly=True)
            found = {}
            for line in session.uid("FETCH", "1:*", "(FLAGS)")[1]:
                if line is not None:
                    text = line.decode()
                    uid = text.split("UID ")[1].split(" ")[0].rstrip(")")
                    flags = text.split("FLAGS (")[1].split(")")[0].split()
                    found[uid] = {flag.lower() for flag in flags} - {"\\recent"}
            return found

        result: dict[str, set[str]] = self.ask(work)
        return result

    def store(self, uid: str, change: str, flags: str, folder: str = "INBOX") -> None:
        """Changes flags behind the client's back."""

        def work(session: imaplib.IMAP4) -> None:
            session.select(_raw(folder))
            assert session.uid("STORE", uid, change, flags)[0] == "OK"

        self.ask(work)

    def expunge(self, *uids: str, folder: str = "INBOX") -> None:
        """Removes messages behind the client's back."""

        def work(session: imaplib.IMAP4) -> None:
            session.select(_raw(folder))
            session.uid("STORE", ",".join(uids), "+FLAGS", "(\\Deleted)")
            session.expunge()

        self.ask(work)


def _raw(folder: str) -> str:
    encoded = encode_mailbox(folder, False)
    assert isinstance(encoded, bytes)
    text = encoded.decode("ascii")
    return text if text.startswith('"') else f'"{text}"'


def plain(value: Any) -> Any:
    """A result as something that can be compared."""
    if isinstance(value, ImapMessageInfo):
        return (
            value.sequence_number,
            value.unique_id,
            value.subject,
            tuple(sorted(flag.lower() for flag in value.flags if flag != "\\Recent")),
            value.size,
            value.internal_date,
            value.modification_sequence,
            value.parent_folder,
            dict(value.extra_parameters),
        )
    if isinstance(value, ImapFolderInfoCollection):
        return sorted(plain(item) for item in value)  # Dovecot gives them in another order once it has cached them
    if isinstance(value, (ImapMessageInfoCollection, list)):
        return [plain(item) for item in value]
    if isinstance(value, MailMessage):
        return value.as_bytes()
    if isinstance(value, MessageThreadResult):
        return value.use_u_id, str(value)
    if isinstance(value, ImapFolderInfo):
        told = {attribute for attribute in value.attributes if attribute.lower() not in ("\\marked", "\\unmarked")}
        return repr(value.updated(recent_message_count=0, highest_mod_sequence=0, attributes=tuple(sorted(told))))
    return value


def run(client: ImapClient, begun: bool, name: str, *args: Any, **keywords: Any) -> Any:
    """One call, plain or as a pair of begin and end."""
    if not begun:
        return getattr(client, name)(*args, **keywords)
    handle = getattr(client, f"begin_{name}")(*args, **keywords)
    return getattr(client, f"end_{name}")(handle)


def every_form(client: ImapClient, name: str, arguments: Mapping[str, Any], *, positional: bool = True) -> Any:
    """The result of an operation that changes nothing, which has to be the same in all its forms: plain and
    begun, by position and by name, with and without an explicit connection."""
    connection = client.create_connection(False)
    try:
        results = {}
        for begun in (False, True):
            for explicit in (False, True):
                if positional:
                    first = (connection,) if explicit else ()
                    results[begun, explicit, "position"] = run(client, begun, name, *first, *arguments.values())
                named = {"connection": connection} if explicit else {}
                results[begun, explicit, "name"] = run(client, begun, name, **named, **arguments)
    finally:
        connection.dispose()
    expected = results[False, False, "name"]
    for form, result in results.items():
        assert plain(result) == plain(expected), f"{form}: {plain(result)} instead of {plain(expected)}"
    return expected


def state(client: ImapClient) -> ConnectionState:
    """The state now: type checkers take a property to stay what it was."""
    return client.connection_state


def folder(client: ImapClient) -> ImapFolderInfo | None:
    """The current folder now."""
    return client.current_folder


def ids(infos: ImapMessageInfoCollection) -> list[str]:
    """The unique ids of a listing, in its order."""
    return [info.unique_id for info in infos]


BEGUN = pytest.mark.parametrize("begun", [False, True], ids=["plain", "begun"])


class ImapCases:
    """The cases; see the module."""

    full_server = True  # has everything, not only what is needed

    @pytest.fixture
    def mail(self) -> Mail:
        """An account with empty folders that no other test uses."""
        raise NotImplementedError

    @pytest.fixture
    def client(self, mail: Mail) -> Iterator[ImapClient]:
        """A client of that account."""
        with mail.client() as client:
            yield client

    # -- the session ------------------------------------------------------------

    @BEGUN
    def test_login_noop_validate_logout(self, client: ImapClient, begun: bool) -> None:
        assert state(client) is ConnectionState.BROKEN
        assert run(client, begun, "login") is None
        assert state(client) is ConnectionState.OPEN
        assert run(client, begun, "noop") is None
        assert run(client, begun, "validate_credentials") is True
        run(client, begun, "select_folder", "INBOX")
        assert run(client, begun, "logout") is None
        assert state(client) is ConnectionState.BROKEN
        assert folder(client) is None
        run(client, begun, "noop")  # connects again by itself
        assert state(client) is ConnectionState.OPEN

    @BEGUN
    def test_session_operations_on_an_explicit_connection(self, client: ImapClient, begun: bool) -> None:
        with client.create_connection(False) as connection:
            for name in ("login", "noop", "validate_credentials"):
                assert run(client, begun, name, connection) is (True if name == "validate_credentials" else None)
                run(client, begun, name, connection=connection)
            assert state(client) is ConnectionState.BROKEN, "main was used although a connection was given"
            run(client, begun, "select_folder", connection, "Sent")
            assert ids(client.list_messages(connection)) == []
            run(client, begun, "logout", connection)
            run(client, begun, "noop", connection)

    @BEGUN
    def test_validate_credentials_with_a_wrong_password(self, mail: Mail, begun: bool) -> None:
        with mail.client() as client:
            client.password = "wrong"
            assert run(client, begun, "validate_credentials") is False
            client.password = mail.password
            assert run(client, begun, "validate_credentials") is True

    def test_properties_of_the_session(self, mail: Mail, client: ImapClient) -> None:
        assert folder(client) is None
        capabilities = client.get_capabilities()
        assert "IMAP4REV1" in capabilities
        assert "UIDPLUS" in capabilities
        main = client.current_connection
        assert client.current_connection is main
        client.select_folder("Sent", True)
        assert client.current_folder is not None
        assert (client.current_folder.name, client.current_folder.read_only) == ("Sent", True)
        seen: list[Any] = []

        def work() -> None:
            with client.create_connection() as own:
                seen.extend((client.current_connection is own, client.current_folder))
                client.select_folder("INBOX")
                assert client.current_folder is not None
                seen.extend((client.current_folder.name, client.current_folder.read_only))
            seen.append(client.current_connection is main)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert seen == [True, None, "INBOX", False, True]
        assert client.current_folder.name == "Sent"

    def test_after_dispose(self, client: ImapClient) -> None:
        client.noop()
        client.dispose()
        assert state(client) is ConnectionState.BROKEN
        with pytest.raises(ObjectDisposedException):
            client.noop()
        with pytest.raises(ObjectDisposedException):
            client.begin_noop()

    @BEGUN
    @pytest.mark.parametrize("read_only", [None, False, True])
    def test_select_folder(self, mail: Mail, client: ImapClient, begun: bool, read_only: bool | None) -> None:
        mail.fill("Work", make_message(1), make_message(2))
        arguments = {"folder_name": "Work"} if read_only is None else {"folder_name": "Work", "read_only": read_only}
        for keywords in ({}, {"connection": client.create_connection(False)}):
            by_name = run(client, begun, "select_folder", **keywords, **arguments)
            by_position = run(client, begun, "select_folder", *keywords.values(), *arguments.values())
            for given in (by_name, by_position):
                if begun:
                    assert (given.name, given.total_message_count, given.read_only) == ("Work", 2, bool(read_only))
                    assert given.uid_next == 3
                    assert given.validity_id > 0
                else:
                    assert given is None
            assert ids(client.list_messages(*keywords.values())) == ["1", "2"]
        assert client.current_folder is not None
        assert client.current_folder.name == "Work"

    @BEGUN
    def test_select_folder_that_does_not_exist(self, mail: Mail, client: ImapClient, begun: bool) -> None:
        client.select_folder("Sent")
        with pytest.raises(ImapException) as caught:
            run(client, begun, "select_folder", "Nowhere")
        assert caught.value.status == "NO"
        assert "Nowhere" in str(caught.value)
        assert folder(client) is None
        client.select_folder("Sent")
        assert client.current_folder is not None

    @BEGUN
    def test_read_only_property_selects_for_reading(self, mail: Mail, client: ImapClient, begun: bool) -> None:
        uid = mail.fill("INBOX", make_message(1))[0]
        client.read_only = True
        run(client, begun, "select_folder", "INBOX", None)
        assert client.current_folder is not None
        assert client.current_folder.read_only
        run(client, begun, "fetch_message", uid)
        assert mail.flags() == {uid: set()}
        run(client, begun, "select_folder", "INBOX", False)
        run(client, begun, "fetch_message", uid)
        assert mail.flags() == {uid: {"\\seen"}}

    @BEGUN
    def test_T13_default_folder_is_selected_and_fetching_marks_as_read(
        self, mail: Mail, client: ImapClient, begun: bool
    ) -> None:
        uid = mail.fill("INBOX", make_message(1))[0]
        assert plain(run(client, begun, "fetch_message", uid)) == make_message(1)
        assert mail.flags() == {uid: {"\\seen"}}

    @BEGUN
    def test_read_only_folder_refuses_writes_without_asking_the_server(
        self, mail: Mail, client: ImapClient, begun: bool
    ) -> None:
        uid = mail.fill("INBOX", make_message(1))[0]
        client.select_folder("INBOX", True)
        for name, *arguments in (
            ("add_message_flags", uid, ImapMessageFlags.flagged),
            ("remove_message_flags", 1, ImapMessageFlags.flagged),
            ("change_message_flags", [uid], ImapMessageFlags.flagged),
            ("delete_message", uid),
            ("delete_message", 1),
            ("delete_message", uid, True),
            ("commit_deletes",),
            ("commit_deletes", uid),
        ):
            with pytest.raises(AsposeInvalidOperationException, match="read-only"):
                run(client, begun, name, *arguments)
        assert mail.flags() == {uid: set()}

    @BEGUN
    @pytest.mark.parametrize("elsewhere", [False, True], ids=["selected", "another folder on the wire"])
    @pytest.mark.parametrize("keep", [None, False, True])
    def test_unselect_folder_expunges_unless_told_not_to(
        self, mail: Mail, client: ImapClient, begun: bool, keep: bool | None, elsewhere: bool
    ) -> None:
        first, second = mail.fill("INBOX", make_message(1), make_message(2))
        client.select_folder("INBOX")
        client.delete_message(first)
        if elsewhere:
            client.list_messages("Sent")
        run(client, begun, "unselect_folder", *([] if keep is None else [keep]))
        assert folder(client) is None
        assert list(mail.flags()) == ([first, second] if keep else [second])

    @BEGUN
    def test_unselect_folder_on_an_explicit_connection(self, mail: Mail, client: ImapClient, begun: bool) -> None:
        first, second = mail.fill("INBOX", make_message(1), make_message(2))
        client.select_folder("INBOX", True)
        with client.create_connection(False) as connection:
            client.select_folder(connection, "INBOX")
            client.delete_message(connection, first)
            run(client, begun, "unselect_folder", connection=connection, do_not_expunge=False)
            client.select_folder(connection, "INBOX")
            client.delete_message(connection, second)
            run(client, begun, "unselect_folder", connection, True)
        assert mail.flags() == {second: {"\\deleted"}}
        assert client.current_folder is not None
        run(client, begun, "unselect_folder")  # a read-only folder is left without a word
        run(client, begun, "unselect_folder")  # and none at all, too
        assert mail.flags() == {second: {"\\deleted"}}

    # -- folders ------------------------------------------------------------

    def test_list_folders_in_every_form(self, mail: Mail, client: ImapClient) -> None:
        mail.fill("Work", make_message(1))
        mail.fill("Work/Done", make_message(1), make_message(2))
        mail.fill("Work/Done/Old")
        top = every_form(client, "list_folders", {})
        assert {"INBOX", "Work"} <= {info.name for info in top}
        assert not any("/" in info.name for info in top)
        assert top["Work"].has_children
        assert top["Work"].delimiter == "/"
        full = every_form(client, "list_folders", {"load_full_info": True})
        assert full["Work"].total_message_count == 1
        assert full["Work"].new_message_count == 1
        assert top["Work"].total_message_count == 0
        below = every_form(client, "list_folders", {"parent_folder": "Work"})
        assert [info.name for info in below] == ["Work/Done"]
        counted = every_form(client, "list_folders", {"parent_folder": "Work", "load_full_info": True})
        assert counted[0].total_message_count == 2
        root = every_form(client, "list_folders", {"parent_folder": ""})
        assert {info.name for info in root} == {info.name for info in top}
        assert len(client.list_folders("Work/Done/Old")) == 0

    def test_list_folders_with_options(self, mail: Mail, client: ImapClient) -> None:
        mail.fill("Work/Done")
        mail.ask(lambda session: (session.subscribe("Work/Done"), session.unsubscribe("Sent")))
        if "LIST-EXTENDED" not in client.get_capabilities():
            pytest.skip("the server has no LIST-EXTENDED")
        arguments: dict[str, Any] = {
            "parent_folder": "Work",
            "load_full_info": False,
            "options": ListFoldersOptions.SUBSCRIBED,
            "return_options": ListFoldersReturnOptions.CHILDREN,
        }
        listed = every_form(client, "list_folders", arguments)
        assert [(info.name, info.subscribed) for info in listed] == [("Work/Done", True)]
        arguments.update(parent_folder="", options=ListFoldersOptions.SUBSCRIBED | ListFoldersOptions.RECURSIVE_MATCH)
        assert "Work" in {info.name for info in client.list_folders(**arguments)}
        told = client.list_folders("", False, ListFoldersOptions.NONE, ListFoldersReturnOptions.SUBSCRIBED)
        assert not told["Sent"].subscribed

    @pytest.mark.parametrize("name", NAMES)
    def test_folder_names(self, mail: Mail, client: ImapClient, name: str) -> None:
        client.create_folder(name)
        assert client.exist_folder(name)
        uid = client.append_message(name, MailMessage.from_bytes(make_message(7)))
        client.select_folder(name)
        assert client.current_folder is not None
        assert client.current_folder.name == name
        assert plain(client.fetch_message(uid)) == make_message(7)
        assert client.get_folder_info(name).total_message_count == 1
        client.select_folder("INBOX")
        listed = client.list_messages(name)
        assert ids(listed) == [uid]
        assert listed[0].parent_folder == name
        parent, _, _ = name.rpartition("/")
        assert name in {info.name for info in client.list_folders(parent)}
        client.create_folder(name + "/ü & %")
        assert [info.name for info in client.list_folders(name)] == [name + "/ü & %"]
        client.delete_folder(name + "/ü & %")
        client.delete_folder(name)
        assert not client.exist_folder(name)

    @BEGUN
    def test_wildcards_in_folder_names_match_nothing_else(self, mail: Mail, client: ImapClient, begun: bool) -> None:
        for name in ("50%", "50x", "a*b", "a-c-b"):
            mail.fill(name, make_message(1))
            mail.fill(name + "/below", make_message(2))
        for name in ("50%", "a*b"):
            assert [info.name for info in run(client, begun, "list_folders", name)] == [name + "/below"]
            found = run(client, begun, "list_messages", name, True)
            assert [info.parent_folder for info in found] == [name, name + "/below"]
            assert run(client, begun, "get_folder_info", name).name == name
        assert not client.exist_folder("5%")
        assert not client.exist_folder("*")

    def test_get_and_exist_folder_in_every_form(self, mail: Mail, client: ImapClient) -> None:
        first, _ = mail.fill("Work", make_message(1), make_message(2))
        mail.store(first, "+FLAGS", "(\\Seen)", "Work")
        info = every_form(client, "get_folder_info", {"folder_name": "Work"})
        assert (info.name, info.total_message_count, info.new_message_count, info.uid_next) == ("Work", 2, 1, 3)
        assert info.validity_id > 0
        assert info.delimiter == "/"
        assert info.selectable
        assert every_form(client, "exist_folder", {"folder_name": "Work"}) is True
        assert every_form(client, "exist_folder", {"folder_name": "Nowhere"}) is False
        assert client.exist_folder("inbox")
        assert client.get_folder_info("inbox").selectable
        with pytest.raises(ImapException, match="Nowhere"):
            client.get_folder_info("Nowhere")

    def test_exist_folder_with_its_out_parameter(self, mail: Mail, client: ImapClient) -> None:
        mail.fill("Work", make_message(1))
        with client.create_connection(False) as connection:
            both: tuple[tuple[Any, ...], ...] = ((), (connection,))
            for first in both:
                out: Any = Out[ImapFolderInfo]()
                assert run(client, False, "exist_folder", *first, "Work", out) is True
                assert out.value is not None
                assert out.value.total_message_count == 1
                assert run(client, False, "exist_folder", *first, "Nowhere", out) is False
                assert out.value is None
                begin: Any = client.begin_exist_folder
                handle = begin(*first, "Work")
                told: Any = Out[ImapFolderInfo]()
                assert client.end_exist_folder(handle, told) is True
                assert told.value.total_message_count == 1

    @BEGUN
    def test_create_and_delete_folder(self, mail: Mail, client: ImapClient, begun: bool) -> None:
        with client.create_connection(False) as connection:
            both: tuple[tuple[Any, ...], ...] = ((), (connection,))
            for index, first in enumerate(both):
                name = f"New {index}"
                assert run(client, begun, "create_folder", *first, name) is None
                assert client.exist_folder(name)
                with pytest.raises(ImapException):
                    run(client, begun, "create_folder", *first, name)
                assert run(client, begun, "delete_folder", *first, name) is None
                assert not client.exist_folder(name)
                with pytest.raises(ImapException):
                    run(client, begun, "delete_folder", *first, folder_name=name)

    # -- listing ------------------------------------------------------------

    @pytest.fixture
    def filled(self, mail: Mail) -> Mail:
        """The account with six messages in INBOX, the third one deleted and the fourth one read, and folders."""
        mail.fill("INBOX", *(make_message(number, 300) for number in range(1, 7)))
        mail.store("3", "+FLAGS", "(\\Deleted)")
        mail.store("4", "+FLAGS", "(\\Seen $Odd)")
        mail.fill("INBOX/Below", make_message(11))
        mail.fill("Work", make_message(21), make_message(22), make_message(23))
        mail.fill("Work/Done", make_message(31))
        mail.fill("Work/Done/Old", make_message(41))
        return mail

    def test_list_messages_of_the_current_folder_in_every_form(self, filled: Mail, client: ImapClient) -> None:
        infos = every_form(client, "list_messages", {})
        assert [(i.sequence_number, i.unique_id) for i in infos] == [(1, "1"), (2, "2"), (4, "4"), (5, "5"), (6, "6")]
        one = infos["4"]
        assert one.subject == "Message 4"
        assert one.is_read
        assert one.contains_keyword("$odd")
        assert not one.deleted
        assert one.size == len(make_message(4, 300))
        assert one.internal_date is not None
        assert str(one.from_address) == "Sender 4 <s4@example.org>"
        assert one.message_id == "<m4@example.org>"
        assert one.parent_folder == "INBOX"
        assert ids(every_form(client, "list_messages", {"max_number_of_messages": 2})) == ["5", "6"]
        assert ids(every_form(client, "list_messages", {"max_number_of_messages": 0})) == ids(infos)
        assert ids(every_form(client, "list_messages", {"max_number_of_messages": 99})) == ids(infos)
        query = MailQuery('SUBJECT "Message" NOT SUBJECT "Message 5"')
        assert ids(every_form(client, "list_messages", {"query": query})) == ["1", "2", "4", "6"]
        limited = every_form(client, "list_messages", {"query": query, "max_number_of_messages": 2})
        assert ids(limited) == ["4", "6"]
        assert ids(client.list_messages(MailQuery('SUBJECT "nothing of the kind"'))) == []
        everything = every_form(client, "list_messages", {"retrieve_recursively": True})
        assert [(i.parent_folder, i.unique_id) for i in everything] == [
            *(("INBOX", uid) for uid in ids(infos)),
            ("INBOX/Below", "1"),
        ]
        assert ids(every_form(client, "list_messages", {"retrieve_recursively": False})) == ids(infos)
        for begun in (False, True):
            extra = run(client, begun, "list_messages", ["Message-ID", "x-nothing"])
            assert ids(extra) == ids(infos)
            assert extra["4"].extra_parameters == {"Message-ID": "<m4@example.org>"}
            named = run(client, begun, "list_messages", message_extra_fields=("Subject", "Date"))
            assert named[0].extra_parameters["Subject"] == "Message 1"

    def test_list_messages_of_a_named_folder_in_every_form(self, filled: Mail, client: ImapClient) -> None:
        client.select_folder("INBOX")
        infos = every_form(client, "list_messages", {"folder_name": "Work"})
        assert [(i.unique_id, i.subject, i.parent_folder) for i in infos] == [
            ("1", "Message 21", "Work"),
            ("2", "Message 22", "Work"),
            ("3", "Message 23", "Work"),
        ]
        below = every_form(client, "list_messages", {"folder_name": "Work", "retrieve_recursively": True})
        assert [i.parent_folder for i in below] == ["Work"] * 3 + ["Work/Done", "Work/Done/Old"]
        query = MailQuery('OR SUBJECT "21" SUBJECT "23"')
        for limit, expected in ((0, ["1", "3"]), (1, ["3"])):
            arguments = {"folder_name": "Work", "query": query, "max_number_of_messages": limit}
            assert ids(every_form(client, "list_messages", arguments)) == expected
        for fields in ImapListFields:
            for limit, expected in ((0, ["1", "2", "3"]), (2, ["2", "3"])):
                arguments = {"folder_name": "Work", "fields_list": fields, "max_number_of_messages": limit}
                assert ids(every_form(client, "list_messages", arguments)) == expected
        bare = client.list_messages("Work", ImapListFields.ID_ONLY, 0)
        assert bare[0].size == 0
        assert not bare[0].subject
        uids = every_form(client, "list_messages", {"folder_name": "Work", "unique_id_lst": ["3", "99", "1"]})
        assert [(i.unique_id, i.sequence_number) for i in uids] == [("3", 3), ("1", 1)]
        numbers = every_form(client, "list_messages", {"folder_name": "Work", "sequence_number_lst": [3, 1]})
        assert ids(numbers) == ["3", "1"]
        assert ids(client.list_messages(folder_name="Work", unique_id_lst=[])) == []
        assert ids(client.list_messages(folder_name="Work", sequence_number_lst=[])) == []
        for begun in (False, True):
            extra = run(client, begun, "list_messages", "Work", True, ["Subject"])
            assert [i.extra_parameters for i in extra][-1] == {"Subject": "Message 41"}
        assert client.current_folder is not None
        assert client.current_folder.name == "INBOX"
        assert client.fetch_message("1").subject == "Message 1", "another folder stayed selected"

    def test_id_only_leaves_deleted_messages_out_too(self, filled: Mail, client: ImapClient) -> None:
        assert ids(client.list_messages("INBOX", ImapListFields.ID_ONLY, 0)) == ["1", "2", "4", "5", "6"]
        assert ids(client.list_messages("INBOX", ImapListFields.ID_ONLY, 1)) == ["6"]

    def test_listing_since_a_modification_sequence(self, filled: Mail, client: ImapClient) -> None:
        if "CONDSTORE" not in client.get_capabilities():
            pytest.skip("the server has no CONDSTORE")
        highest = client.get_folder_info("INBOX").highest_mod_sequence
        assert ids(every_form(client, "list_messages", {"modification_sequence": highest}, positional=False)) == []
        filled.store("5", "+FLAGS", "(\\Flagged)")
        changed = every_form(client, "list_messages", {"modification_sequence": highest}, positional=False)
        assert ids(changed) == ["5"]
        assert changed[0].flagged
        assert changed[0].modification_sequence > highest
        with client.create_connection(False) as connection:
            everything = client.list_messages(connection, "INBOX", highest, True, ["Subject"])
            assert next((i.parent_folder, i.extra_parameters["Subject"]) for i in everything) == ("INBOX", "Message 5")

    @pytest.mark.parametrize(
        ("criteria", "found"),
        [
            ('SUBJECT "Übergrößen"', ["7"]),
            ('(SUBJECT "Übergrößen")', ["7"]),
            ('OR (SUBJECT "Message 1") (BODY "größe")', ["1", "7"]),
            ('FROM "s2@example.org"', ["2"]),
            ("SEEN", ["4"]),
            ("KEYWORD $Odd", ["4"]),
            ("UID 2:4", ["2", "4"]),
            ('HEADER Message-ID "<m5@example.org>"', ["5"]),
            ("LARGER 100000", []),
        ],
    )
    def test_queries(self, filled: Mail, client: ImapClient, criteria: str, found: list[str]) -> None:
        head = "Subject: =?utf-8?q?=C3=9Cbergr=C3=B6=C3=9Fen?=\r\nContent-Type: text/plain; charset=utf-8\r\n"
        filled.fill("INBOX", f"{head}\r\nKleidergröße\r\n".encode())
        if not self.full_server and not criteria.isascii():
            pytest.skip("the server's search knows no encoded words")
        for begun in (False, True):
            assert ids(run(client, begun, "list_messages", MailQuery(criteria))) == found

    def test_list_message_in_every_form(self, filled: Mail, client: ImapClient) -> None:
        by_uid = every_form(client, "list_message", {"unique_id": "5"})
        by_number = every_form(client, "list_message", {"sequence_number": 5})
        assert plain(by_uid) == plain(by_number)
        assert (by_uid.unique_id, by_uid.sequence_number, by_uid.subject) == ("5", 5, "Message 5")
        for first in ({"unique_id": "5"}, {"sequence_number": 5}):
            info = every_form(client, "list_message", {**first, "message_extra_fields": ["subject", "X-None"]})
            assert info.extra_parameters == {"subject": "Message 5"}
        for begun in (False, True):
            for missing in ("99", 99):
                with pytest.raises(MessageNotFoundError, match="99"):
                    run(client, begun, "list_message", missing)

    @BEGUN
    def test_sequence_numbers_follow_expunges(self, filled: Mail, client: ImapClient, begun: bool) -> None:
        client.select_folder("INBOX")
        assert client.current_folder is not None
        assert client.current_folder.total_message_count == 6
        filled.expunge("2")  # and 3, which was flagged already
        client.noop()
        found = run(client, begun, "list_messages", "INBOX", [4, 1, 2, 4])
        assert [(i.sequence_number, i.unique_id) for i in found] == [(4, "6"), (1, "1"), (2, "4"), (4, "6")]
        got = run(client, begun, "fetch_messages", [3, 1])
        assert [message.subject for message in got] == ["Message 5", "Message 1"]
        assert run(client, begun, "list_message", 4).unique_id == "6"

    @BEGUN
    def test_number_of_a_message_the_session_was_not_told_of(self, mail: Mail, client: ImapClient, begun: bool) -> None:
        mail.fill("INBOX", make_message(1))
        client.select_folder("INBOX")
        mail.fill("INBOX", make_message(2), make_message(3))
        assert run(client, begun, "fetch_message", 3).subject == "Message 3"
        assert [i.unique_id for i in run(client, begun, "list_messages", "INBOX", [3, 2])] == ["3", "2"]
        with pytest.raises(MessageNotFoundError):
            run(client, begun, "fetch_message", 4)

    @BEGUN
    def test_listing_another_folder_keeps_the_numbers_of_this_one(
        self, filled: Mail, client: ImapClient, begun: bool
    ) -> None:
        client.select_folder("INBOX")
        client.list_messages("Work")
        assert client.fetch_message(6).subject == "Message 6"
        client.list_messages("Work")
        uid = client.append_message(MailMessage.from_bytes(make_message(70)))
        assert run(client, begun, "fetch_message", 7).subject == "Message 70"
        assert uid == "7"

    # -- fetching ------------------------------------------------------------

    def test_fetch_message_in_every_form(self, filled: Mail, client: ImapClient) -> None:
        for arguments in (
            {"unique_id": "5"},
            {"sequence_number": 5},
            {"sequence_number": 5, "ignore_attachment": False},
        ):
            message = every_form(client, "fetch_message", arguments)
            assert message.as_bytes() == make_message(5, 300)
        for begun in (False, True):
            for missing in ("99", 99):
                with pytest.raises(MessageNotFoundError, match="99"):
                    run(client, begun, "fetch_message", missing)

    @BEGUN
    def test_ignore_attachment(self, mail: Mail, client: ImapClient, begun: bool) -> None:
        mail.fill("INBOX", ATTACHED, make_message(2))
        client.select_folder("INBOX")
        with client.create_connection(False) as connection:
            both: tuple[tuple[Any, ...], ...] = ((), (connection,))
            for first in both:
                light = run(client, begun, "fetch_message", *first, 1, True)
                assert light.subject == "with attachment"
                assert len(light.as_bytes()) < 1000
                assert b"plain text" in light.as_bytes()
                assert b"<b>text</b>" in light.as_bytes()
                assert b"big.bin" not in light.as_bytes()
                assert list(light.attachments) == []
                assert light.body.strip() == "plain text"
                whole = run(client, begun, "fetch_message", *first, 2, ignore_attachment=True)
                assert whole.as_bytes() == make_message(2)
        assert mail.flags() == {"1": {"\\seen"}, "2": {"\\seen"}}

    def test_fetch_messages_in_every_form(self, filled: Mail, client: ImapClient) -> None:
        for arguments in ({"uids": ["6", "1", "99", "4", "6"]}, {"sequence_numbers": [6, 1, 4, 6]}):
            found = every_form(client, "fetch_messages", arguments)
            assert [message.subject for message in found] == ["Message 6", "Message 1", "Message 4", "Message 6"]
        assert every_form(client, "fetch_messages", {"uids": []}) == []
        assert every_form(client, "fetch_messages", {"sequence_numbers": ()}) == []
        assert [m.subject for m in client.fetch_messages(iter(["2", "1"]))] == ["Message 2", "Message 1"]

    @BEGUN
    def test_mail_message_gives_what_was_fetched(self, filled: Mail, client: ImapClient, begun: bool) -> None:
        message = run(client, begun, "fetch_message", "4")
        assert message.subject == "Message 4"
        assert message.message_id == "<m4@example.org>"
        assert message.from_address.address == "s4@example.org"
        assert [a.address for a in message.to] == ["user@example.org"]
        assert message.date.year == 2023
        assert message.headers["Subject"] == "Message 4"
        assert message.body.startswith("line of message 4")
        assert len(message.attachments) == 0

    @BEGUN
    @pytest.mark.parametrize("name", list(ODD))
    def test_odd_messages_go_there_and_back(
        self, mail: Mail, client: ImapClient, begun: bool, name: str, tmp_path: Path
    ) -> None:
        odd = ODD[name]
        source = tmp_path / "source.eml"
        source.write_bytes(odd)
        for given in (source, MailMessage.from_bytes(odd)):
            uid = run(client, begun, "append_message", "INBOX", given if isinstance(given, MailMessage) else str(given))
            assert run(client, begun, "fetch_message", uid).as_bytes() == odd
            target, stream = tmp_path / f"{uid}.eml", io.BytesIO()
            run(client, begun, "save_message", uid, str(target))
            run(client, begun, "save_message", uid, stream)
            assert target.read_bytes() == stream.getvalue() == odd

    @BEGUN
    def test_lone_line_ends_become_crlf(self, mail: Mail, client: ImapClient, begun: bool) -> None:
        message = MailMessage.from_bytes(b"Subject: bare\n\none\ntwo\rthree\r\n")
        uid = run(client, begun, "append_message", message)
        expected = b"Subject: bare\r\n\r\none\r\ntwo\r\nthree\r\n"
        assert run(client, begun, "fetch_message", uid).as_bytes() == expected

    def test_save_message_in_every_form(self, filled: Mail, client: ImapClient, tmp_path: Path) -> None:
        client.select_folder("INBOX")
        for first in ({"unique_id": "2"}, {"sequence_number": 2}):
            path = tmp_path / "saved.eml"
            every_form(client, "save_message", {**first, "file_name": path})
            assert path.read_bytes() == make_message(2, 300)
            assert path.stat().st_mode & 0o777 & ~0o644 == 0
            stream = io.BytesIO()
            every_form(client, "save_message", {**first, "result_stream": stream})
            assert stream.getvalue() == make_message(2, 300) * 8
        assert sorted(entry.name for entry in tmp_path.iterdir()) == ["saved.eml"]

    @BEGUN
    def test_save_message_that_does_not_exist_leaves_no_file(
        self, filled: Mail, client: ImapClient, begun: bool, tmp_path: Path
    ) -> None:
        kept = tmp_path / "kept.eml"
        kept.write_bytes(b"as it was")
        for missing in ("99", 99):
            with pytest.raises(MessageNotFoundError):
                run(client, begun, "save_message", missing, str(kept))
        assert kept.read_bytes() == b"as it was"
        assert list(tmp_path.iterdir()) == [kept]
        nowhere = str(tmp_path / "no" / "folder.eml")
        with pytest.raises(FileNotFoundError) as caught:
            run(client, begun, "save_message", "1", nowhere)
        assert caught.value.filename == nowhere
        run(client, begun, "noop")

    @BEGUN
    def test_save_message_to_a_stream_that_fails(self, filled: Mail, client: ImapClient, begun: bool) -> None:
        class Full(io.RawIOBase):
            def writable(self) -> bool:
                return True

            def write(self, data: Any, /) -> int:
                raise OSError(28, "no space left")

        class Short(io.RawIOBase):
            """Takes seven bytes at a time, as raw streams may."""

            taken = b""

            def writable(self) -> bool:
                return True

            def write(self, data: Any, /) -> int:
                self.taken += bytes(data[:7])
                return min(7, len(data))

        class Keeper:
            """Keeps what it is given, and says nothing about it."""

            def __init__(self) -> None:
                self.pieces: list[Any] = []

            def write(self, data: Any) -> None:
                self.pieces.append(data)

        with pytest.raises(OSError, match="no space left"):
            run(client, begun, "save_message", "1", Full())
        short, keeper = Short(), Keeper()
        run(client, begun, "save_message", "1", short)
        run(client, begun, "save_message", "1", keeper)
        assert short.taken == b"".join(keeper.pieces) == make_message(1, 300)
        assert client.pool.opened_total <= 2, "the connection was thrown away"

    # -- appending ------------------------------------------------------------

    @BEGUN
    def test_append_message_in_every_form(self, mail: Mail, client: ImapClient, begun: bool, tmp_path: Path) -> None:
        path = tmp_path / "given.eml"
        path.write_bytes(make_message(9))
        message = MailMessage.from_bytes(make_message(8))
        client.select_folder("Sent")
        expected: dict[str, int] = {"INBOX": 0, "Sent": 0}
        with client.create_connection(False) as connection:
            client.select_folder(connection, "Sent")
            for given in (message, str(path), path):
                for explicit in (False, True):
                    for folder in (None, "INBOX"):
                        by_position = [*([connection] if explicit else []), *([folder] if folder else []), given]
                        name = "message" if given is message else "file_name"
                        by_name: dict[str, Any] = {"connection": connection} if explicit else {}
                        by_name.update({"folder_name": folder} if folder else {})
                        by_name[name] = given
                        for uid in (
                            run(client, begun, "append_message", *by_position),
                            run(client, begun, "append_message", **by_name),
                        ):
                            expected[folder or "Sent"] += 1
                            assert uid == str(expected[folder or "Sent"])
        for folder, count in expected.items():
            assert len(mail.flags(folder)) == count
        assert expected == {"INBOX": 12, "Sent": 12}

    @BEGUN
    def test_append_message_that_cannot_be(self, mail: Mail, client: ImapClient, begun: bool, tmp_path: Path) -> None:
        message = MailMessage.from_bytes(make_message(8))
        with pytest.raises(ImapException) as caught:
            run(client, begun, "append_message", "Nowhere", message)
        assert caught.value.code == "TRYCREATE"
        with pytest.raises(FileNotFoundError):
            run(client, begun, "append_message", str(tmp_path / "none.eml"))
        client.noop()

    # -- flags and deleting ------------------------------------------------------------

    SETS: tuple[tuple[Mapping[str, Any], set[str]], ...] = (
        ({"sequence_number": 2}, {"2"}),
        ({"unique_id": "2"}, {"2"}),
        ({"start_uid": "2", "end_uid": "4"}, {"2", "3", "4"}),
        ({"start_sequence": 2, "end_sequence": 4}, {"2", "3", "4"}),
        ({"uid_set": ["4", "2"]}, {"2", "4"}),
        ({"sequence_set": [4, 2]}, {"2", "4"}),
        ({"uid_set": []}, set()),
        ({"sequence_set": ()}, set()),
    )

    @BEGUN
    @pytest.mark.parametrize("explicit", [False, True], ids=["main", "explicit"])
    @pytest.mark.parametrize("index", range(len(SETS) + 1))
    def test_flag_operations_in_every_form(
        self, mail: Mail, client: ImapClient, begun: bool, explicit: bool, index: int
    ) -> None:
        mail.fill("INBOX", *(make_message(number) for number in range(1, 6)))
        flagged, both = ImapMessageFlags.flagged, ImapMessageFlags.flagged | "$Odd"
        if index < len(self.SETS):
            named, hit = self.SETS[index]
        else:
            named, hit = {"message_info_set": [i for i in client.list_messages() if i.unique_id in "25"]}, {"2", "5"}
        connection = client.create_connection(False) if explicit else None
        head: tuple[Any, ...] = () if connection is None else (connection,)
        keyword = {} if connection is None else {"connection": connection}

        def flags() -> dict[str, set[str]]:
            return {uid: flags for uid, flags in mail.flags().items() if flags}

        assert run(client, begun, "add_message_flags", *head, *named.values(), both) is None
        assert flags() == {uid: {"\\flagged", "$odd"} for uid in hit}
        assert run(client, begun, "remove_message_flags", **keyword, **named, flags=flagged) is None
        assert flags() == {uid: {"$odd"} for uid in hit}
        assert run(client, begun, "change_message_flags", *head, *named.values(), "\\Answered") is None
        assert flags() == {uid: {"\\answered"} for uid in hit}
        run(client, begun, "change_message_flags", **keyword, **named, flags=ImapMessageFlags.empty)
        assert flags() == {}
        if "CONDSTORE" in client.get_capabilities():
            run(client, begun, "add_message_flags", *head, *named.values(), both, 2**40)
            assert flags() == {uid: {"\\flagged", "$odd"} for uid in hit}
            for name in ("remove_message_flags", "change_message_flags", "add_message_flags"):
                if hit:
                    with pytest.raises(ImapException) as caught:
                        run(client, begun, name, **keyword, **named, flags="\\Draft", modification_sequence=1)
                    assert caught.value.code == "MODIFIED"
            assert flags() == {uid: {"\\flagged", "$odd"} for uid in hit}

    @BEGUN
    def test_flags_of_what_does_not_exist(self, filled: Mail, client: ImapClient, begun: bool) -> None:
        before = filled.flags()
        run(client, begun, "add_message_flags", "99", "\\Flagged")  # UID STORE is OK with that
        run(client, begun, "add_message_flags", ["99", "98"], "\\Flagged")
        for numbers in ((99,), ([1, 99],), (99, 4_000_000_000), (2, 4_000_000_000)):
            with pytest.raises(MessageNotFoundError):
                run(client, begun, "add_message_flags", *numbers, ImapMessageFlags.flagged)
        assert filled.flags() == before

    @BEGUN
    @pytest.mark.parametrize("explicit", [False, True], ids=["main", "explicit"])
    def test_delete_message_in_every_form(self, mail: Mail, client: ImapClient, begun: bool, explicit: bool) -> None:
        mail.fill("INBOX", *(make_message(number) for number in range(1, 10)))
        connection = client.create_connection(False) if explicit else None
        head: tuple[Any, ...] = () if connection is None else (connection,)
        condstore = "CONDSTORE" in client.get_capabilities()
        assert run(client, begun, "delete_message", *head, 1) is None
        run(client, begun, "delete_message", *head, sequence_number=2)
        run(client, begun, "delete_message", *head, "3")
        run(client, begun, "delete_message", *head, unique_id="4")
        run(client, begun, "delete_message", *head, "5", False)
        if condstore:
            run(client, begun, "delete_message", *head, 6, 2**40)
            run(client, begun, "delete_message", *head, "7", 2**40)
        marked = {uid for uid, flags in mail.flags().items() if "\\deleted" in flags}
        assert marked == {"1", "2", "3", "4", "5"} | ({"6", "7"} if condstore else set())
        run(client, begun, "delete_message", *head, "8", True)
        assert "8" not in mail.flags()
        assert marked <= set(mail.flags())
        if condstore:
            run(client, begun, "delete_message", *head, "9", 2**40, True)
            assert "9" not in mail.flags()
            assert marked <= set(mail.flags())

    @BEGUN
    @pytest.mark.parametrize("explicit", [False, True], ids=["main", "explicit"])
    def test_commit_deletes_in_every_form(self, mail: Mail, client: ImapClient, begun: bool, explicit: bool) -> None:
        mail.fill("INBOX", *(make_message(number) for number in range(1, 11)))
        connection = client.create_connection(False) if explicit else None
        head: tuple[Any, ...] = () if connection is None else (connection,)
        for uid in map(str, range(1, 10)):
            run(client, False, "delete_message", *head, uid)
        left = set(map(str, range(1, 11)))

        def commit(gone: set[str], *arguments: Any, **keywords: Any) -> None:
            assert run(client, begun, "commit_deletes", *head, *arguments, **keywords) is None
            left.difference_update(gone)
            assert set(mail.flags()) == left

        commit({"1"}, "1")
        commit({"2", "3"}, "2", "3")
        commit({"5", "7"}, ["7", "5"])
        commit({"6"}, unique_id="6")
        commit(set(), uid_set=[])
        commit(set(), "10")  # not flagged
        commit({"4", "8", "9"})
        run(client, False, "delete_message", *head, "10")
        commit({"10"}, 1)

    @BEGUN
    def test_auto_commit_when_the_folder_is_left(self, mail: Mail, client: ImapClient, begun: bool) -> None:
        client.auto_commit = True
        for step, leave in enumerate(("select_folder", "unselect_folder", "logout")):
            folder = f"Box {step}"
            mail.fill(folder, *(make_message(number) for number in range(1, 5)))
            client.select_folder(folder)
            run(client, begun, "delete_message", "2")
            run(client, begun, "delete_message", 3)
            client.list_messages("INBOX")
            assert set(mail.flags(folder)) == {"1", "2", "3", "4"}
            given: dict[str, list[Any]] = {"select_folder": ["INBOX"], "unselect_folder": [True], "logout": []}
            run(client, begun, leave, *given[leave])
            expected = {"1", "2", "3", "4"} if leave == "unselect_folder" else {"1", "4"}
            assert set(mail.flags(folder)) == expected, leave

    @BEGUN
    def test_C9_auto_commit_at_dispose(self, mail: Mail, client: ImapClient, begun: bool) -> None:
        mail.fill("INBOX", make_message(1), make_message(2), make_message(3))
        mail.store("3", "+FLAGS", "(\\Deleted)")  # somebody else's
        client.auto_commit = True
        run(client, begun, "delete_message", "2")
        client.dispose()
        assert mail.flags() == {"1": set(), "3": {"\\deleted"}}

    @BEGUN
    def test_no_commit_without_auto_commit(self, mail: Mail, client: ImapClient, begun: bool) -> None:
        mail.fill("INBOX", make_message(1), make_message(2))
        client.select_folder("INBOX")
        run(client, begun, "delete_message", "2")
        run(client, begun, "select_folder", "Sent")
        client.dispose()
        assert mail.flags() == {"1": set(), "2": {"\\deleted"}}

    # -- callbacks and states ------------------------------------------------------------

    def test_begin_with_callback_and_state(self, filled: Mail, client: ImapClient) -> None:
        done, seen = AutoResetEvent(False), list[Any]()

        def callback(handle: Any) -> None:
            seen.append((handle.async_state, client.end_fetch_message(handle).subject))
            done.set()

        handle = client.begin_fetch_message("5", callback, "the state")
        assert done.wait_one(20_000)
        assert seen == [("the state", "Message 5")]
        assert client.end_fetch_message(handle).subject == "Message 5"
        handle = client.begin_fetch_message(4, callback=callback, state=7)
        assert done.wait_one(20_000)
        assert seen[1] == (7, "Message 4")
        assert handle.is_completed
        assert not handle.completed_synchronously

    # -- folders and server ------------------------------------------------------------

    @BEGUN
    @pytest.mark.parametrize("explicit", [False, True], ids=["main", "explicit"])
    def test_rename_and_move_folder_in_every_form(
        self, mail: Mail, client: ImapClient, begun: bool, explicit: bool
    ) -> None:
        mail.fill("Old/Below", make_message(2))
        mail.fill("Old", make_message(1))
        mail.fill("Archive & Co")
        connection = client.create_connection(False) if explicit else None
        head: tuple[Any, ...] = () if connection is None else (connection,)
        keyword = {} if connection is None else {"connection": connection}

        def names() -> set[str]:
            found = {
                info.name for parent in ("", "Old", "Neu ü", "Archive & Co") for info in client.list_folders(parent)
            }
            return {name for name in found if name.startswith(("Old", "Neu", "Archive &", "Below"))}

        assert run(client, begun, "rename_folder", *head, "Old", "Neu ü") is None
        assert names() == {"Neu ü", "Neu ü/Below", "Archive & Co"}
        run(client, begun, "rename_folder", **keyword, folder_name="Neu ü", new_folder_name="Old")
        assert names() == {"Old", "Old/Below", "Archive & Co"}
        assert run(client, begun, "move_folder", *head, "Archive & Co", "Old") is None
        assert names() == {"Archive & Co", "Archive & Co/Old"}
        assert ids(client.list_messages("Archive & Co/Old/Below")) == ["1"]
        run(client, begun, "move_folder", **keyword, new_parent_folder="", folder_name="Archive & Co/Old")
        assert names() == {"Old", "Old/Below", "Archive & Co"}
        run(client, begun, "move_folder", *head, "", "Old/Below/")
        assert names() == {"Old", "Below", "Archive & Co"}
        for name, *arguments in (("rename_folder", "Nowhere", "New"), ("move_folder", "Old", "Nowhere")):
            with pytest.raises(ImapException, match="Nowhere"):
                run(client, begun, name, *head, *arguments)

    @BEGUN
    def test_whoever_has_a_renamed_folder_selected_goes_on_in_it(
        self, mail: Mail, client: ImapClient, begun: bool
    ) -> None:
        mail.fill("Work", *(make_message(number) for number in range(1, 6)))
        mail.fill("Work/Done", make_message(11), make_message(12))
        mail.fill("Workshop", make_message(21))
        client.auto_commit = True
        below, beside = client.create_connection(False), client.create_connection(False)
        client.select_folder("Work")
        client.select_folder(below, "Work/Done")
        client.select_folder(beside, "Workshop")
        assert client.end_fetch_message(client.begin_fetch_message("1")).subject == "Message 1"
        client.delete_message("5")
        run(client, begun, "rename_folder", "Work", "Büro")
        info = folder(client)
        assert info is not None
        assert (info.name, info.total_message_count) == ("Büro", 5)
        assert client.fetch_message(2).subject == "Message 2"
        client.add_message_flags("3", "\\Flagged")
        assert client.end_fetch_message(client.begin_fetch_message("4")).subject == "Message 4"
        assert ids(client.list_messages(below)) == ["1", "2"]
        assert client.fetch_message(below, "2").subject == "Message 12"
        assert client.fetch_message(beside, "1").subject == "Message 21"
        assert "\\flagged" in mail.flags("Büro")["3"]
        client.select_folder("INBOX")
        assert list(mail.flags("Büro")) == ["1", "2", "3", "4"], "the deletion was not committed under the new name"
        client.create_folder("Work")
        client.select_folder("Work")
        assert ids(client.list_messages()) == []

    @BEGUN
    def test_rename_of_INBOX_moves_its_messages_and_leaves_it(
        self, mail: Mail, client: ImapClient, begun: bool
    ) -> None:
        mail.fill("INBOX", make_message(1), make_message(2))
        client.select_folder("Sent")
        run(client, begun, "rename_folder", "inbox", "Saved")
        assert len(mail.flags("Saved")) == 2
        client.select_folder("INBOX")
        assert ids(client.list_messages()) == []

    @BEGUN
    @pytest.mark.parametrize("explicit", [False, True], ids=["main", "explicit"])
    def test_subscribe_and_unsubscribe_folder(
        self, mail: Mail, client: ImapClient, begun: bool, explicit: bool
    ) -> None:
        for name in ("Plain", "Büro/Ablage"):
            mail.fill(name)
        mail.ask(lambda session: [session.unsubscribe(_raw(name)) for name in ("Plain", "Büro/Ablage")])
        connection = client.create_connection(False) if explicit else None
        head: tuple[Any, ...] = () if connection is None else (connection,)
        keyword = {} if connection is None else {"connection": connection}

        def subscribed() -> set[str]:
            lines = mail.ask(lambda session: session.lsub('""', "*"))[1]
            text = b" ".join(line for line in lines if line is not None)
            return {name for name in ("Plain", "B&APw-ro/Ablage") if name.encode() in text}

        assert subscribed() == set()
        assert run(client, begun, "subscribe_folder", *head, "Plain") is None
        run(client, begun, "subscribe_folder", **keyword, folder_name="Büro/Ablage")
        run(client, begun, "subscribe_folder", *head, "Plain")
        assert subscribed() == {"Plain", "B&APw-ro/Ablage"}
        assert run(client, begun, "unsubscribe_folder", *head, "Plain") is None
        assert subscribed() == {"B&APw-ro/Ablage"}
        run(client, begun, "unsubscribe_folder", **keyword, folder_name="Büro/Ablage")
        assert subscribed() == set()

    def test_get_namespaces_in_every_form(self, client: ImapClient) -> None:
        expected = [ImapNamespace("", "/", ImapNamespaceType.PERSONAL)]
        assert every_form(client, "get_namespaces", {}) == expected
        assert str(expected[0]) == ""

    def test_quotas_in_every_form(self, mail: Mail) -> None:
        mail.user = f"quota-{mail.user}" if self.full_server else mail.user  # whom the server limits
        with mail.client() as client:
            self.quotas_in_every_form(mail, client)

    def quotas_in_every_form(self, mail: Mail, client: ImapClient) -> None:
        """What the case does."""
        mail.fill("Büro", *(make_message(number, 5000) for number in range(4)))
        (found,) = every_form(client, "get_quota_root", {"mailbox_name": "Büro"})
        root = found.quota_root_name
        assert (found.mailbox_name, root) == ("Büro", "Root" if self.full_server else "")
        assert every_form(client, "get_quota", {"quota_root_name": root}) == found.quotas
        setting = {"quota_root_name": root, "resource_name": "MESSAGE", "resource_limit": 5}
        if self.full_server:
            assert [quota.resource_name for quota in found.quotas] == ["STORAGE", "MESSAGE"]
            assert found.quotas[0].used >= 20
            assert found.quotas[1] == ImapQuota(root, "MESSAGE", 4, 100_000_000)
            with client.create_connection(False) as connection:
                keywords: tuple[dict[str, Any], ...] = ({}, {"connection": connection})
                for begun, keyword in itertools.product((False, True), keywords):
                    for args, named in (([*keyword.values(), *setting.values()], {}), ([], {**keyword, **setting})):
                        with pytest.raises(ImapException, match="SETQUOTA of the quota root 'Root'") as caught:
                            run(client, begun, "set_quota", *args, **named)  # for administrators only
                        assert caught.value.status == "NO"
        else:
            assert found.quotas == []
            assert every_form(client, "set_quota", setting) == [ImapQuota(root, "MESSAGE", 4, 5)]
            message = MailMessage.from_bytes(make_message(9))
            client.append_message("Büro", message)
            for folder_name in ("Büro", "INBOX"):
                with pytest.raises(ImapException) as caught:
                    client.append_message(folder_name, message)
                assert caught.value.code == "OVERQUOTA"
            assert client.set_quota(root, "STORAGE", 2**40)[0].limit == 2**40
            client.append_message("Büro", message)
            with pytest.raises(ImapException) as caught:
                client.set_quota(root, "X-OTHER", 1)
            assert caught.value.code == "CANNOT"
        with pytest.raises(ImapException, match="'No such root'"):
            client.get_quota("No such root")

    def test_introduce_client_in_every_form(self, client: ImapClient) -> None:
        told = every_form(client, "introduce_client", {})
        assert told.name
        assert client.server_identification_info == told
        info = ImapIdentificationInfo()
        for name, value in (("name", "tests"), ("vendor", 'Büro "& Co" \\'), ("version", ""), ("os", "x" * 1024)):
            setattr(info, name, value)
        assert every_form(client, "introduce_client", {"client_identification_info": info}) == told
        assert every_form(client, "introduce_client", {"client_identification_info": ImapIdentificationInfo()}) == told

    @BEGUN
    def test_client_capabilities_in_every_form(self, mail: Mail, client: ImapClient, begun: bool) -> None:
        first, _ = mail.fill("Work", make_message(1), make_message(2))
        offered = set(client.get_capabilities())
        names = ["CONDSTORE", "QRESYNC"] if {"CONDSTORE", "QRESYNC"} <= offered else ["ID", "UIDPLUS"]
        expected = set(names) - {"ID", "UIDPLUS"}  # which need no enabling
        forms: list[tuple[list[Any], dict[str, Any]]] = [
            ([*names], {}),
            ([names], {}),
            ([tuple(names)], {}),
            ([], {"capability_names": names}),
        ]
        for args, keywords in forms:
            for explicit in (False, True):
                with client.create_connection(False) as connection:
                    head: list[Any] = [connection] if explicit else []
                    run(client, False, "select_folder", *head, "Work", True)
                    assert set(run(client, begun, "client_capabilities", *head, *args, **keywords)) <= expected
                    fetched = run(client, False, "fetch_message", *head, first)
                    assert fetched.subject == "Message 1", "the folder is no longer the current one"
        assert set(client._enabled_by_caller) == expected
        assert run(client, begun, "client_capabilities", []) == []
        with pytest.raises(AsposeNotSupportedException, match="X-NOTHING"):
            run(client, begun, "client_capabilities", names[0], "x-nothing")
        for wrong in ("two words", "a)\r\nX", ""):
            with pytest.raises(AsposeArgumentException):
                run(client, begun, "client_capabilities", wrong)

    def test_request_checkpoint_in_every_form(self, client: ImapClient) -> None:
        assert every_form(client, "request_checkpoint", {}) is None
        client.select_folder("Sent", True)
        assert every_form(client, "request_checkpoint", {}) is None
        assert folder(client) is not None

    def test_what_a_folder_is_for_and_what_is_below_it(self, mail: Mail, client: ImapClient) -> None:
        mail.fill("Work/Done", make_message(1, 700), make_message(2, 800))
        mail.fill("Drafts")
        info = client.mailbox_info
        assert info.inbox is not None
        assert info.inbox.name == "INBOX"
        assert info.draft_messages is not None
        assert (info.draft_messages.name, info.draft_messages.folder_type) == ("Drafts", ImapSpecialFolderTypes.DRAFTS)
        assert info.archived_messages is None
        full = every_form(client, "list_folders", {"load_full_info": True})
        assert full["Drafts"].folder_type is ImapSpecialFolderTypes.DRAFTS
        assert full["Work"].has_children
        assert not full["Sent"].has_children
        assert client.list_folders("Work", True)[0].total_message_count == 2
        assert client.get_folder_info("Drafts").folder_type is ImapSpecialFolderTypes.DRAFTS
        size = len(make_message(1, 700)) + len(make_message(2, 800))
        counted = "STATUS=SIZE" in client.get_capabilities()
        assert client.get_folder_info("Work/Done").size == (size if counted else 0)

    def test_properties_of_the_server(self, mail: Mail, client: ImapClient) -> None:
        assert client.delimiter == "/"
        offered = set(client.get_capabilities())
        for name, capability in SUPPORTED.items():
            known = {word.partition("=")[0] for word in offered} if capability in ("THREAD", "COMPRESS") else offered
            assert getattr(client, name) == (capability in known), name
        assert client.thread_algorithms == sorted(word[7:] for word in offered if word.startswith("THREAD="))
        deflate = "COMPRESS=DEFLATE" in offered
        assert client.server_supported_compression is (CompressionType.DEFLATE if deflate else CompressionType.NONE)
        ways = client.supported_authentication
        assert ways & ImapKnownAuthenticationType.PLAIN
        assert ways & ImapKnownAuthenticationType.IMAP_LOGIN
        with imaplib.IMAP4(mail.host, mail.port) as other:  # ways are told before the sign-in, and often only then
            tokens = not {"AUTH=XOAUTH2", "AUTH=OAUTHBEARER"}.isdisjoint(other.capabilities)
        assert bool(ways & ImapKnownAuthenticationType.OAUTH2) is tokens

    def test_extensions_that_are_declined_are_not_used(self, mail: Mail, client: ImapClient) -> None:
        first, second = mail.fill("INBOX", make_message(1), make_message(2))
        assert client.uid_plus_supported
        client.uid_plus_supported = client.namespace_supported = False
        with pytest.raises(AsposeNotSupportedException, match="UIDPLUS"):
            client.commit_deletes(first)
        with pytest.raises(AsposeNotSupportedException, match="NAMESPACE"):
            client.end_get_namespaces(client.begin_get_namespaces())
        client.uid_plus_supported = client.namespace_supported = True
        client.commit_deletes(first)
        client.support_old_server = True
        assert not client.enable_supported
        client.select_folder("INBOX")
        client.delete_message(second)
        client.unselect_folder(True)
        assert {info.name for info in client.list_folders()} >= {"INBOX", "Sent"}
        assert mail.flags() == {first: set(), second: {"\\deleted"}}
        client.support_old_server = False
        assert client.enable_supported

    @BEGUN
    def test_current_folder_can_be_assigned(self, mail: Mail, client: ImapClient, begun: bool) -> None:
        first, _ = mail.fill("Work", make_message(1), make_message(2))
        client.current_folder = client.get_folder_info("Work")
        info = folder(client)
        assert info is not None
        assert (info.name, info.read_only) == ("Work", False)
        run(client, begun, "delete_message", first)
        client.current_folder = info.updated(read_only=True)
        assert client.current_folder is not None
        assert client.current_folder.read_only
        client.current_folder = None
        assert folder(client) is None
        assert first in mail.flags("Work")
        with pytest.raises(ArgumentTypeError):
            client.current_folder = "Work"  # type: ignore[assignment]

    # -- pages, threads and attachments ------------------------------------------------------------

    def test_pages_both_ways(self, filled: Mail, client: ImapClient) -> None:
        for ascending, expected in ((False, ["6", "5", "4", "2", "1"]), (True, ["1", "2", "4", "5", "6"])):
            for begun in (False, True):
                settings = PageSettings()
                settings.ascending_sorting = ascending
                page, found, numbers = PageInfo(2), list[str](), list[int]()
                while not page.last_page:
                    asked = page.next_page if found else page
                    page = run(client, begun, "list_messages_by_page", asked, settings)
                    assert (page.total_count, page.items_per_page, page.page_offset) == (5, 2, len(found) // 2)
                    found += ids(page.items)
                    numbers += [info.sequence_number for info in page.items]
                assert found == expected
                assert numbers == [int(uid) for uid in expected]
                behind = run(client, begun, "list_messages_by_page", page.next_page, settings)
                assert (ids(behind.items), behind.last_page, behind.total_count) == ([], True, 5)

    @BEGUN
    def test_every_form_of_a_page(self, filled: Mail, client: ImapClient, begun: bool) -> None:
        settings, query = PageSettings(), MailQuery('SUBJECT "Message" NOT SUBJECT "Message 5"')
        call = partial(run, client, begun, "list_messages_by_page")
        assert ids(call(2, settings).items) == ["6", "5"]
        assert ids(call(items_per_page=2, settings=settings).items) == ["6", "5"]
        assert ids(call(2, 1, settings).items) == ["4", "2"]
        assert ids(call(items_per_page=2, page_offset=1, settings=settings).items) == ["4", "2"]
        assert ids(call(page_info=PageInfo(3), settings=settings).items) == ["6", "5", "4"]
        assert ids(call(query, PageInfo(3), settings).items) == ["6", "4", "2"]
        assert call(query, PageInfo(3), settings).total_count == 4
        assert ids(call("Work", query, 2).items) == ["3", "2"]
        assert ids(call(folder_name="Work", query=query, page_info=PageInfo(2, 1)).items) == ["1"]
        settings.folder_name = "Work/Done"
        assert [info.parent_folder for info in call(9, settings).items] == ["Work/Done"]
        settings.connection = client.create_connection(False)
        assert [info.subject for info in call(9, settings).items] == ["Message 31"]

    def test_threads_and_sorted_listings(self, mail: Mail, client: ImapClient) -> None:
        def message(number: int, subject: str, answers: int = 0) -> bytes:
            more = f"References: <{answers}@example.org>\r\n" if answers else ""
            head = f"From: a@example.org\r\nSubject: {subject}\r\nMessage-ID: <{number}@example.org>\r\n{more}"
            return f"{head}Date: {10 - number} Mar 2024 10:00:00 +0000\r\n\r\ntext \u00fc {number}\r\n".encode()

        subjects = ["b", "a", "Re: b", "c", "Re: b", "gone", "Re: b"]
        answers = {3: 1, 5: 3, 7: 1}
        mail.fill("INBOX", *(message(n, subject, answers.get(n, 0)) for n, subject in enumerate(subjects, 1)))
        mail.expunge("6")
        if not self.full_server:
            for begun in (False, True):
                with pytest.raises(AsposeNotSupportedException, match="SORT"):
                    run(client, begun, "sort_message_threads", SortConditions())
                with pytest.raises(AsposeNotSupportedException, match="THREAD"):
                    run(client, begun, "get_message_threads", ThreadSearchConditions())
            return
        for by_uid, last in ((False, "6"), (True, "7")):
            threads = ThreadSearchConditions()
            threads.use_u_id = by_uid
            found = every_form(client, "get_message_threads", {"conditions": threads})
            assert sorted(map(str, found)) == [f"1 ({last} 3 (5))", "2", "4"]
            threads.algorithm = "orderedsubject"
            if "THREAD=ORDEREDSUBJECT" in client.get_capabilities():
                found = every_form(client, "get_message_threads", {"conditions": threads})
                assert sorted(map(str, found)) == ["2", "4", f"{last} (5 3 1)"]
            else:
                with pytest.raises(AsposeNotSupportedException, match="ORDEREDSUBJECT"):
                    client.get_message_threads(threads)
            asked = SortConditions()
            asked.use_u_id = by_uid
            assert str(every_form(client, "sort_message_threads", {"conditions": asked})[-1]) == last
            asked.sort_by = SortingKey.DATE
            found = every_form(client, "sort_message_threads", {"conditions": asked})
            assert [str(each) for each in found] == [last, "5", "4", "3", "2", "1"]
            asked.reverse_by, asked.text = SortingKey.DATE, "\u00fc 4"
            found = every_form(client, "sort_message_threads", {"conditions": asked})
            assert [str(each) for each in found] == ["4"]

    @BEGUN
    def test_attachments_stay_on_the_server(self, mail: Mail, client: ImapClient, begun: bool) -> None:
        single = b"Subject: one\r\nContent-Type: a/b; name=only.bin\r\n\r\ncontent"
        mail.fill("INBOX", make_message(1), ATTACHED, single)
        assert list(run(client, begun, "list_attachments", 1)) == []
        (info,) = run(client, begun, "list_attachments", sequence_number=2)
        assert (info.name, info.media_type) == ("big.bin", "application/octet-stream")
        assert 500 * 74 - 2 <= info.size <= 500 * 74
        connection = client.create_connection(False)
        for first in ((), (connection,)):
            found = run(client, begun, "fetch_attachment", *first, 2, "big.bin")
            assert (found.name, found.content()) == ("big.bin", b"ABC" * 18 * 500)
            assert found.content_type.media_type == "application/octet-stream"
        (info,) = run(client, begun, "list_attachments", 3)
        assert info.name == "only.bin"
        found = run(client, begun, "fetch_attachment", sequence_number=3, attachment_name="only.bin")
        assert (found.name, found.content()) == ("only.bin", b"content")
        with pytest.raises(AsposeArgumentException, match=r"no attachment 'other'.*big\.bin"):
            run(client, begun, "fetch_attachment", 2, "other")
        with pytest.raises(MessageNotFoundError):
            run(client, begun, "list_attachments", 9)
        assert mail.flags() == {"1": set(), "2": set(), "3": set()}

    # -- backup and restoring ------------------------------------------------------------

    @BEGUN
    @pytest.mark.parametrize("name", ["mail.zip", "mail.mbox", "mail"])
    def test_a_tree_with_odd_names_comes_back_as_it_was(
        self, mail: Mail, client: ImapClient, begun: bool, name: str, tmp_path: Path
    ) -> None:
        names = ["INBOX", *ODD_FOLDERS]
        for folder_name in names:
            mail.fill(folder_name, *ARCHIVED)
            mail.ask(partial(_dated, folder_name))
        mail.fill("100%", make_message(9, 5_000_000))
        path = tmp_path / name
        run(client, begun, "backup", client.list_folders(), path, BackupOptions.RECURSIVE)
        before = {folder_name: _archived(client, folder_name) for folder_name in names}
        listed = {info.name for info in client.list_folders()}
        for folder_name in sorted(ODD_FOLDERS, key=len, reverse=True):
            client.delete_folder(folder_name)
        inbox = client.list_messages("INBOX")
        client.select_folder("INBOX")
        for info in inbox:
            client.delete_message(info.unique_id)
        client.commit_deletes()
        settings = RestoreSettings()
        settings.skip_duplicates = True
        for _ in range(2):  # the second time there is nothing to do
            run(client, begun, "restore", path, settings)
            assert {folder_name: _archived(client, folder_name) for folder_name in names} == before
        assert {info.name for info in client.list_folders()} == listed

    @BEGUN
    def test_backup_and_restore_in_every_form(
        self, mail: Mail, client: ImapClient, begun: bool, tmp_path: Path
    ) -> None:
        mail.fill("INBOX", make_message(1))
        mail.fill("Work", make_message(2))
        folders = ImapFolderInfoCollection(ImapFolderInfo(name="INBOX"), ImapFolderInfo(name="Work"))
        options: list[BackupSettings | BackupOptions] = [BackupSettings(), BackupOptions.NONE]
        path, by_name, stream = tmp_path / "none.zip", tmp_path / "none", io.BytesIO()
        with client.create_connection(False) as connection:
            for number, settings in enumerate(options):
                for explicit in (False, True):
                    first = (connection,) if explicit else ()
                    named = {"connection": connection} if explicit else {}
                    path = tmp_path / f"{number}{explicit}.zip"
                    stream, other = io.BytesIO(), io.BytesIO()
                    assert run(client, begun, "backup", *first, folders, path, settings) is None
                    run(client, begun, "backup", *first, list(folders), stream, settings)
                    run(client, begun, "backup", **named, folders=folders, stream=other, options=settings)
                    by_name = tmp_path / f"{number}{explicit}"
                    run(client, begun, "backup", **named, folders=folders, file_name=by_name, options=settings)
                    assert stream.getvalue() == other.getvalue() == path.read_bytes()
            restoring = RestoreSettings()
            restoring.connection = connection
            forms: list[tuple[Any, Any]] = [
                (path, RestoreOptions.NONE),
                (str(by_name), restoring),
                (PersonalStorage.from_file(path), RestoreSettings()),
                (PersonalStorage.from_stream(stream), RestoreSettings()),
            ]
            for number, (storage, settings) in enumerate(forms):
                assert run(client, begun, "restore", storage, settings) is None
                run(client, begun, "restore", pst=storage, settings=settings)
                assert len(mail.flags("INBOX")) == 1 + 2 * (number + 1)

    def test_begin_restore_with_callback_and_state_in_the_settings(
        self, mail: Mail, client: ImapClient, tmp_path: Path
    ) -> None:
        mail.fill("INBOX", make_message(1))
        client.backup([ImapFolderInfo(name="INBOX")], tmp_path / "b.mbox", BackupOptions.NONE)
        settings, called = RestoreSettingsAsync(), AutoResetEvent(False)
        states: list[Any] = []

        def done(handle: Any) -> None:
            client.end_restore(handle)
            states.append(handle.async_state)
            called.set()

        settings.callback, settings.state = done, "here"
        client.begin_restore(tmp_path / "b.mbox", settings)
        assert called.wait_one(60_000)
        assert states == ["here"]
        assert client.list_messages("INBOX").count == 2


ODD_FOLDERS = [
    "CON",
    "aux.txt",
    "trailing.",
    " leading",
    "100%",
    "a*b",
    "back\\slash",
    "Entwürfe/台北",
    "deep/er/folder",
]
ARCHIVED = [make_message(1), b"Subject: nothing\r\n\r\n", b"Subject: quoted\r\n\r\nFrom me\r\n>From you\r\n"]


def _dated(folder_name: str, session: imaplib.IMAP4) -> None:
    date = '"03-Feb-2001 04:05:06 +0200"'
    message = make_message(4)
    status, text = session.append(_raw(folder_name), "(\\Seen \\Flagged $Label1 Work)", date, message)
    assert status == "OK", text


def _archived(client: ImapClient, folder_name: str) -> list[Any]:
    """What a backup keeps of the messages of a folder."""
    client.select_folder(folder_name, True)
    found = client.list_messages()
    contents = [message.as_bytes() for message in client.fetch_messages([info.unique_id for info in found])]
    return [
        (info.internal_date, {flag.lower() for flag in info.flags} - {"\\recent"}, content)
        for info, content in zip(found, contents, strict=True)
    ]
