"""What the client asks of a server about the account, against scripted servers that say unusual things."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mailclients import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeNotSupportedException,
    AuthenticationError,
    CompressionType,
    ImapClient,
    ImapException,
    ImapIdentificationInfo,
    ImapKnownAuthenticationType,
    ImapNamespace,
    ImapNamespaceType,
    ImapQuota,
    ImapQuotaRoot,
    ImapSpecialFolderTypes,
    ListFoldersOptions,
    ListFoldersReturnOptions,
    OutcomeUnknownError,
    RemoteProtocolError,
    SecurityOptions,
)
from mailclients.imap import server_commands
from mailclients.imap.protocol import Declined, ImapCore
from mailclients.wire.buffer import DEFAULT_LIMITS
from tests.clients.hostile import HostileServer, client_of, nothing_secret_is_logged
from tests.clients.imap_cases import BEGUN, SUPPORTED, run
from tests.support.autoimap import make_message
from tests.support.scripted import Command, Conn

__all__ = ["nothing_secret_is_logged"]

BASE = "IMAP4rev1 SASL-IR LITERAL+ UIDPLUS UNSELECT AUTH=PLAIN"


@pytest.fixture
def start() -> Iterator[Callable[..., tuple[HostileServer, ImapClient]]]:
    """Starts a server with the extensions named beside the usual ones, and makes a client for it."""
    running: list[HostileServer] = []
    clients: list[ImapClient] = []

    def begin(*extensions: str, capabilities: str = BASE, **options: Any) -> tuple[HostileServer, ImapClient]:
        options.setdefault("folders", {"INBOX": 3, "Work": 4, "Work/Done": 2})
        offered = " ".join([capabilities, *extensions])
        server = HostileServer(clear_is_meant=True, capabilities=offered, **options)
        running.append(server.__enter__())
        clients.append(client_of(server, SecurityOptions.NONE))
        return server, clients[-1]

    yield begin
    for client in clients:
        client.dispose()
    for server in running:
        server.__exit__(None, None, None)


Start = Callable[..., tuple[HostileServer, ImapClient]]


def saying(*lines: str | bytes, status: str = "OK done") -> Callable[[Conn, Command], bool]:
    """A hook that answers with these untagged lines."""

    def hook(conn: Conn, cmd: Command) -> bool:
        conn.reply(cmd, status, [f"* {line}" if isinstance(line, str) else b"* " + line for line in lines])
        return True

    return hook


def cut(conn: Conn, cmd: Command) -> bool:
    """A hook that ends the connection."""
    conn.close()
    return True


def sent(server: HostileServer, since: int = 0) -> list[str]:
    """The commands that arrived, without tags, but those of signing in."""
    lines = [cmd.raw.decode().partition(" ")[2].strip() for cmd in server.commands[since:]]
    return [line for line in lines if not line.startswith(("AUTHENTICATE", "LOGIN", "CAPABILITY"))]


# -- capabilities ------------------------------------------------------------


def core_with(*capabilities: str) -> ImapCore:
    """The state of a connection whose server has said this."""
    core = ImapCore(DEFAULT_LIMITS)
    core.capabilities = frozenset(capabilities)
    return core


BUILT_IN = (
    *("CHILDREN", "ENABLE", "ESEARCH", "IDLE", "LIST-EXTENDED", "LIST-STATUS", "LITERAL-", "MOVE", "NAMESPACE"),
    *("SASL-IR", "SEARCHRES", "SPECIAL-USE", "STATUS=SIZE", "UIDPLUS", "UNSELECT"),
)


@pytest.mark.parametrize("capability", BUILT_IN)
def test_IMAP4rev2_has_its_built_in_extensions(capability: str) -> None:
    assert core_with("IMAP4REV2").has(capability)
    assert core_with("IMAP4REV1", capability).has(capability)
    assert not core_with("IMAP4REV1").has(capability)


@pytest.mark.parametrize(
    "capability", ["QUOTA", "SORT", "THREAD=REFERENCES", "ID", "CONDSTORE", "QRESYNC", "MULTIAPPEND", "LITERAL+"]
)
def test_IMAP4rev2_has_nothing_else_unsaid(capability: str) -> None:
    assert not core_with("IMAP4REV2").has(capability)


def test_QRESYNC_brings_CONDSTORE() -> None:
    assert core_with("IMAP4REV1", "QRESYNC").has("CONDSTORE")
    assert not core_with("IMAP4REV1", "CONDSTORE").has("QRESYNC")


def test_declined_extensions_are_not_there() -> None:
    offered = ("IMAP4REV1", "IMAP4REV2", "AUTH=PLAIN", "THREAD=REFERENCES", "THREAD=REFS", "QUOTA", "QUOTA=RES-STORAGE")
    declined = Declined()
    core = ImapCore(DEFAULT_LIMITS, declined=declined)
    core.capabilities = frozenset(offered)
    core.enabled.add("IMAP4REV2")
    assert core.varieties("THREAD") == ["REFERENCES", "REFS"]
    declined.names.update(("THREAD", "MOVE"))
    assert [name for name in (*offered, "MOVE") if core.has(name)] == [
        name for name in offered if not name.startswith("THREAD")
    ]
    assert core.varieties("THREAD") == []
    declined.names.clear()
    declined.everything = True
    assert [name for name in (*offered, "MOVE") if core.has(name)] == ["IMAP4REV1", "IMAP4REV2", "AUTH=PLAIN"]
    declined.everything = False
    assert all(core.has(name) for name in (*offered, "MOVE"))


# -- ENABLE ------------------------------------------------------------


@BEGUN
@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("unselect", [True, False], ids=["UNSELECT", "no UNSELECT"])
def test_ENABLE_comes_before_any_folder_which_is_selected_again(
    start: Start, unselect: bool, read_only: bool, begun: bool
) -> None:
    server, client = start("ENABLE", "X-ONE", capabilities=BASE if unselect else BASE.replace(" UNSELECT", ""))
    client.select_folder("Work", read_only)
    client.delete_message("1") if not read_only else client.noop()
    before = len(server.commands)
    assert run(client, begun, "client_capabilities", "x-one") == ["X-ONE"]
    assert client.fetch_message("2").as_bytes() == make_message(2)
    select = "EXAMINE" if read_only else "SELECT"
    leaving = ["UNSELECT"] if unselect else ["CLOSE"] if read_only else ["EXAMINE Work", "CLOSE"]
    assert sent(server, before)[:-1] == [*leaving, "ENABLE X-ONE", f"{select} Work"]
    assert len(server.folders["Work"].messages) == 4, "leaving the folder has expunged it"
    assert client._enabled_by_caller == ("X-ONE",)


def test_ENABLE_asks_once_for_each_name_and_remembers_what_is_on(start: Start) -> None:
    server, client = start("ENABLE", "X-ONE", "X-TWO", "X-THREE")
    server.on("ENABLE", saying("ENABLED X-Two", "ENABLED x-one X-TWO"), times=1)
    assert client.client_capabilities("x-two", "X-TWO", "x-three", "X-One") == ["X-Two", "x-one"]
    assert [line for line in sent(server) if "ENABLE" in line] == ["ENABLE X-TWO X-THREE X-ONE"]
    assert list(client._enabled_by_caller) == ["X-TWO", "X-ONE"]
    server.on("ENABLE", saying("ENABLED"), times=1)
    assert client.client_capabilities(["X-THREE"]) == []
    assert client.client_capabilities("X-THREE", "X-ONE") == ["X-THREE", "X-ONE"]
    assert list(client._enabled_by_caller) == ["X-TWO", "X-ONE", "X-THREE"]


def test_names_of_folders_are_UTF8_where_the_server_takes_it(start: Start) -> None:
    server, client = start("ENABLE", "UTF8=ACCEPT")
    client.create_folder("Büro")
    assert client.client_capabilities("utf8=accept") == ["UTF8=ACCEPT"]
    client.rename_folder("INBOX", "Straße")
    assert sent(server)[-3:] == ['CREATE "Büro"', "ENABLE UTF8=ACCEPT", 'RENAME INBOX "Straße"']


@pytest.mark.parametrize("told", ["UTF8=ACCEPT", "X-ONE IMAP4rev2", "X-ONE CONDSTORE", "X-ONE " + "X" * 5000])
def test_H_E20_an_extension_that_comes_unasked_costs_the_connection(start: Start, told: str) -> None:
    server, client = start("ENABLE", "X-ONE")
    remove = server.on("ENABLE", saying(f"ENABLED {told}"))
    with pytest.raises(RemoteProtocolError, match="not asked for"):
        client.client_capabilities("X-ONE")
    remove()
    assert server.connections[0].wait_closed() == "peer"
    assert client._enabled_by_caller == ()
    assert client.client_capabilities("X-ONE") == ["X-ONE"]


def test_H_E20_CONDSTORE_may_come_with_QRESYNC(start: Start) -> None:
    server, client = start("ENABLE", "QRESYNC")
    server.on("ENABLE", saying("ENABLED CONDSTORE QRESYNC"))
    assert client.client_capabilities("QRESYNC") == ["CONDSTORE", "QRESYNC"]
    assert len(server.connections) == 1


# -- RENAME ------------------------------------------------------------


@BEGUN
def test_a_selected_folder_is_left_before_it_is_renamed_and_selected_by_its_new_name(start: Start, begun: bool) -> None:
    server, client = start()
    client.select_folder("Work/Done", True)
    elsewhere = client.create_connection(False)
    client.select_folder(elsewhere, "Work")
    before = len(server.commands)
    run(client, begun, "rename_folder", elsewhere, "Work", "Play")
    client.noop(elsewhere)
    assert client.fetch_message(elsewhere, "4").as_bytes() == make_message(4)
    assert sent(server, before)[:-1] == ['LIST "" ""', "UNSELECT", "RENAME Work Play", "NOOP", "SELECT Play"]
    before = len(server.commands)
    assert client.fetch_message("1").as_bytes() == make_message(1)
    assert sent(server, before)[0] == "EXAMINE Play/Done"


@BEGUN
def test_nobody_sees_a_folder_between_its_two_names(start: Start, begun: bool) -> None:
    server, client = start()
    client.select_folder("Work")
    gate = server.hold("RENAME")
    handle = client.begin_rename_folder(client.create_connection(False), "Work", "Play")
    gate.wait_for(1)
    client.select_folder("Work")  # the server has not renamed it yet
    gate.release_all()
    client.end_rename_folder(handle)
    assert run(client, begun, "fetch_message", "4").as_bytes() == make_message(4)
    # On one connection: what comes behind the RENAME waits for it, and uses the new name.
    main: list[Any] = []
    thread = threading.Thread(target=lambda: main.append(client.rename_folder("Play", "Fun")))
    thread.start()
    gate.wait_for(1)
    asked = client.begin_fetch_message(client.current_connection, 3)
    gate.release_all()
    assert client.end_fetch_message(asked).as_bytes() == make_message(3)
    thread.join()
    assert main == [None]
    assert client.current_folder is not None
    assert client.current_folder.name == "Fun"


def test_a_folder_that_is_renamed_while_another_connection_selects_it(start: Start) -> None:
    server, client = start()
    client.select_folder("Work")
    gate = server.hold("SELECT")
    handle = client.begin_fetch_message("4")
    (select,) = gate.wait_for(1)
    client.rename_folder("Work", "Play")
    gate.open()
    assert client.end_fetch_message(handle).as_bytes() == make_message(4)
    names = [cmd.text() for cmd in server.commands if cmd.name == "SELECT" and cmd.conn is select.conn]
    assert names == ["Work", "Play"]


def test_a_refused_rename_changes_nothing(start: Start) -> None:
    server, client = start()
    client.select_folder("Work")
    with pytest.raises(ImapException, match="'Work' to 'INBOX'") as caught:
        client.rename_folder("Work", "INBOX")
    assert caught.value.code == "ALREADYEXISTS"
    assert client.fetch_message("4").as_bytes() == make_message(4)
    assert sent(server)[-2] == "SELECT Work"


def test_a_rename_without_an_answer_is_not_repeated(start: Start) -> None:
    server, client = start()
    server.on("RENAME", cut, times=1)
    with pytest.raises(OutcomeUnknownError, match="RENAME"):
        client.rename_folder("Work", "Play")
    assert sum(cmd.name == "RENAME" for cmd in server.commands) == 1


@pytest.mark.parametrize("delimiter", ["/", ".", "\\"])
def test_move_folder_uses_the_delimiter_of_the_server(start: Start, delimiter: str) -> None:
    d = delimiter
    server, client = start(folders={f"One{d}Two": 1, "Three": 0}, delimiter=delimiter)
    shown = 'LIST (\\Noselect) "{}" ""'.format(d.replace("\\", "\\\\"))
    server.on("LIST", lambda conn, cmd: not cmd.text(1) and saying(shown)(conn, cmd))
    assert client.delimiter == delimiter
    client.move_folder("Three", f"One{d}Two")
    client.move_folder(f"INBOX{d}", f"Three{d}Two{d}")
    client.move_folder("", f"INBOX{d}Two")
    names = [(cmd.text(0), cmd.text(1)) for cmd in server.commands if cmd.name == "RENAME"]
    assert names == [(f"One{d}Two", f"Three{d}Two"), (f"Three{d}Two", f"INBOX{d}Two"), (f"INBOX{d}Two", "Two")]
    assert sum(cmd.name == "LIST" for cmd in server.commands) == 1, "the delimiter is asked for once"


def test_a_delimiter_that_was_set_is_not_asked_for(start: Start) -> None:
    server, client = start()
    client.delimiter = ">"
    client.move_folder("INBOX", "Work")
    assert sent(server) == ['RENAME Work "INBOX>Work"']
    client.delimiter = ""
    with pytest.raises(AsposeNotSupportedException, match="no levels"):
        client.move_folder("INBOX", "Work")
    for wrong in ("//", "\r"):
        with pytest.raises(AsposeArgumentException):
            client.delimiter = wrong
    with pytest.raises(ArgumentTypeError):
        client.delimiter = 5  # type: ignore[assignment]


def test_folders_without_levels_cannot_be_moved(start: Start) -> None:
    server, client = start()
    server.on("LIST", saying('LIST (\\Noselect) NIL ""'))
    assert client.delimiter == ""
    with pytest.raises(AsposeNotSupportedException, match="no levels"):
        client.move_folder("INBOX", "Work")
    assert "RENAME" not in {cmd.name for cmd in server.commands}


# -- LIST and STATUS ------------------------------------------------------------

EXTENDED = ("LIST-EXTENDED", "CHILDREN", "SPECIAL-USE")
LISTED = (
    'LIST (\\HasChildren) "/" Work',
    'LIST (\\HasNoChildren \\Drafts) "/" "Entw&APw-rfe"',
    'LIST (\\NonExistent) "/" Ghost',
)


@BEGUN
def test_counts_come_with_LIST_where_the_server_can(start: Start, begun: bool) -> None:
    server, client = start(*EXTENDED, "LIST-STATUS", "CONDSTORE", "OBJECTID")
    server.on(
        "LIST",
        saying(
            "STATUS inbox (MESSAGES 9)",
            *LISTED,
            "STATUS Elsewhere (MESSAGES 5)",
            "STATUS Work (MESSAGES 4 UNSEEN 3 UIDNEXT 8 UIDVALIDITY 7 HIGHESTMODSEQ 99 MAILBOXID (F1) SIZE 5)",
            'STATUS "Entw&APw-rfe" (MESSAGES many UNSEEN () UIDNEXT NIL MAILBOXID NIL)',
        ),
    )
    found = run(client, begun, "list_folders", True)
    items = "MESSAGES UIDNEXT UIDVALIDITY UNSEEN RECENT HIGHESTMODSEQ MAILBOXID"
    assert sent(server) == [f'LIST "" "%" RETURN (CHILDREN SPECIAL-USE STATUS ({items}))']
    assert [info.name for info in found] == ["Work", "Entwürfe", "Ghost"]
    work, drafts, ghost = found
    assert (work.total_message_count, work.new_message_count, work.uid_next, work.validity_id) == (4, 3, 8, 7)
    assert (work.highest_mod_sequence, work.mailbox_id, work.size, work.has_children) == (99, "F1", 0, True)
    assert (drafts.total_message_count, drafts.new_message_count, drafts.uid_next, drafts.mailbox_id) == (0, 0, 0, "")
    assert drafts.folder_type is ImapSpecialFolderTypes.DRAFTS
    assert (ghost.non_existent, ghost.total_message_count) == (True, 0)


def test_counts_that_LIST_leaves_out_are_asked_for(start: Start) -> None:
    server, client = start(*EXTENDED, "LIST-STATUS")
    found = client.list_folders(True)  # this server knows no RETURN and leaves all of them out
    assert [(info.name, info.total_message_count) for info in found] == [("INBOX", 3), ("Work", 4)]
    assert [cmd.name for cmd in server.commands if cmd.name in ("LIST", "STATUS")] == ["LIST", "STATUS", "STATUS"]


@pytest.mark.parametrize(
    ("extensions", "arguments", "line"),
    [
        ((), (), 'LIST "" "%"'),
        (("CHILDREN", "SPECIAL-USE"), (), 'LIST "" "%"'),
        (("LIST-EXTENDED",), (), 'LIST "" "%"'),
        (("LIST-EXTENDED", "CHILDREN"), (), 'LIST "" "%" RETURN (CHILDREN)'),
        (EXTENDED, (), 'LIST "" "%" RETURN (CHILDREN SPECIAL-USE)'),
        ((), (ListFoldersOptions.SUBSCRIBED, ListFoldersReturnOptions.NONE), 'LSUB "" "%"'),
        (("CHILDREN",), (ListFoldersOptions.NONE, ListFoldersReturnOptions.CHILDREN), 'LIST "" "%"'),
        ((), (ListFoldersOptions.NONE, ListFoldersReturnOptions.CHILDREN), None),
        (("CHILDREN",), (ListFoldersOptions.NONE, ListFoldersReturnOptions.SUBSCRIBED), None),
        ((), (ListFoldersOptions.REMOTE, ListFoldersReturnOptions.NONE), None),
        (
            ("LIST-EXTENDED",),
            (ListFoldersOptions.NONE, ListFoldersReturnOptions.CHILDREN),
            'LIST "" "%" RETURN (CHILDREN)',
        ),
        (
            EXTENDED,
            (ListFoldersOptions.SUBSCRIBED | ListFoldersOptions.RECURSIVE_MATCH, ListFoldersReturnOptions.SUBSCRIBED),
            'LIST (SUBSCRIBED RECURSIVEMATCH) "" "%" RETURN (SUBSCRIBED CHILDREN SPECIAL-USE)',
        ),
    ],
)
def test_what_LIST_asks_for(
    start: Start, extensions: tuple[str, ...], arguments: tuple[Any, ...], line: str | None
) -> None:
    server, client = start(*extensions)
    server.on("LIST", saying(*LISTED))
    server.on("LSUB", saying())
    given: tuple[Any, ...] = ("", False, *arguments) if arguments else ()
    if line is None:
        with pytest.raises(AsposeNotSupportedException, match="LIST-EXTENDED"):
            run(client, False, "list_folders", *given)
        assert sent(server) == []
    else:
        run(client, False, "list_folders", *given)
        assert sent(server) == [line]


@pytest.mark.parametrize("extended", [True, False])
def test_mailbox_info_finds_the_folders_with_a_purpose(start: Start, extended: bool) -> None:
    server, client = start(*(EXTENDED if extended else ("SPECIAL-USE",)))
    inbox = 'LIST () "/" inbox'
    lines = [inbox, *LISTED, 'LIST (\\Drafts) "/" Second', 'LIST (\\junk \\Trash) "/" Both']
    server.on("LIST", lambda conn, cmd: saying(*([inbox] if cmd.text(1) == "INBOX" else lines))(conn, cmd))
    info = client.mailbox_info
    asked = ['LIST "" "INBOX" RETURN (CHILDREN SPECIAL-USE)', 'LIST (SPECIAL-USE) "" "*" RETURN (CHILDREN SPECIAL-USE)']
    assert sent(server) == (asked if extended else ['LIST "" "*"'])
    assert info.inbox is not None
    assert info.draft_messages is not None
    assert info.junk_messages is not None
    assert (info.inbox.name, info.draft_messages.name, info.junk_messages.name) == ("inbox", "Entwürfe", "Both")
    assert info.trash is None
    assert [folder.name for folder in info.to_array()] == ["inbox", "Entwürfe", "Both"]


@BEGUN
def test_size_and_identity_of_a_folder(start: Start, begun: bool) -> None:
    server, client = start("STATUS=SIZE", "OBJECTID")
    server.on("STATUS", saying("STATUS Work (SIZE 5000000000 MAILBOXID (F7-_x) MESSAGES 3)"))
    info = run(client, begun, "get_folder_info", "Work")
    assert (info.size, info.mailbox_id, info.total_message_count) == (5_000_000_000, "F7-_x", 3)
    status = next(line for line in sent(server) if line.startswith("STATUS"))
    assert status == "STATUS Work (MESSAGES UIDNEXT UIDVALIDITY UNSEEN RECENT MAILBOXID SIZE)"

    def identify(conn: Conn, cmd: Command) -> None:
        conn.send("* OK [MAILBOXID (F8)] here\r\n")

    server.on("SELECT", identify)
    client.select_folder("Work")
    assert client.current_folder is not None
    assert client.current_folder.mailbox_id == "F8"


# -- namespaces ------------------------------------------------------------


@BEGUN
def test_namespaces_in_the_order_of_the_answer(start: Start, begun: bool) -> None:
    server, client = start("NAMESPACE")
    server.on(
        "NAMESPACE",
        saying(
            'NAMESPACE (("" "/")("Pers&APY-nlich." "." "X-PARAM" ("FLAG1" ((("deep") NIL)) "FLAG2")))'
            ' (("~" NIL)) (("Public Folders/" "/")("#news" ""))'
        ),
    )
    assert run(client, begun, "get_namespaces") == [
        ImapNamespace("", "/", ImapNamespaceType.PERSONAL),
        ImapNamespace("Persönlich.", ".", ImapNamespaceType.PERSONAL),
        ImapNamespace("~", None, ImapNamespaceType.OTHER_USERS),
        ImapNamespace("Public Folders/", "/", ImapNamespaceType.SHARED),
        ImapNamespace("#news", None, ImapNamespaceType.SHARED),
    ]
    server.on("NAMESPACE", saying("NAMESPACE NIL NIL NIL"))
    assert run(client, begun, "get_namespaces") == []
    assert all(conn.ended is None for conn in server.connections)


JUNK = {
    "no answer": "OK nothing",
    "too few lists": 'NAMESPACE (("" "/")) NIL',
    "text for a list": 'NAMESPACE "" NIL NIL',
    "a list for a prefix": 'NAMESPACE ((("") "/")) NIL NIL',
    "no delimiter": 'NAMESPACE (("")) NIL NIL',
    "half an extension": 'NAMESPACE (("" "/" "X")) NIL NIL',
    "nesting": "NAMESPACE " + "(" * 10_000 + ")" * 10_000 + " NIL NIL",
}


@pytest.mark.parametrize("line", JUNK.values(), ids=JUNK)
def test_H_E1_E8_namespaces_that_cannot_be_read_cost_the_connection(start: Start, line: str) -> None:
    server, client = start("NAMESPACE")
    remove = server.on("NAMESPACE", saying(line))
    with pytest.raises(RemoteProtocolError):
        client.get_namespaces()
    remove()
    assert server.connections[0].wait_closed() == "peer"
    assert len(client.get_namespaces()) == 1


# -- quotas ------------------------------------------------------------


@BEGUN
def test_H_E9_quotas_of_other_roots_and_folders_count_for_nobody(start: Start, begun: bool) -> None:
    server, client = start("QUOTA")
    stray = ('QUOTA "other" (STORAGE 1 2)', "QUOTAROOT Elsewhere other", 'QUOTA "" (MESSAGE 1 2)')
    server.on("NOOP", saying(*stray))
    client.noop()  # nobody has asked
    server.on("GETQUOTA", saying(*stray, "QUOTA mine (STORAGE 10 512 message 3 9223372036854775807)", 'QUOTA "m" ()'))
    expected = [ImapQuota("mine", "STORAGE", 10, 512), ImapQuota("mine", "MESSAGE", 3, 2**63 - 1)]
    assert run(client, begun, "get_quota", "mine") == expected
    server.on("GETQUOTA", saying("QUOTA mine (STORAGE 1 5)", "QUOTA mine (STORAGE 2 6)", 'QUOTA "" (X 1 2)'))
    assert run(client, begun, "get_quota", "mine") == [ImapQuota("mine", "STORAGE", 2, 6)]
    assert run(client, begun, "get_quota", "") == [ImapQuota("", "X", 1, 2)]
    server.on("GETQUOTA", saying(*stray))
    assert run(client, begun, "get_quota", "mine") == []
    server.on(
        "GETQUOTAROOT",
        saying(
            *stray,
            'QUOTA "second" (STORAGE 3 4)',
            'QUOTAROOT inbox first "second" "" first',
            "QUOTA first (STORAGE 1 2 MESSAGE 3 4)",
            "QUOTAROOT INBOX third",
        ),
    )
    assert run(client, begun, "get_quota_root", "INBOX") == [
        ImapQuotaRoot("INBOX", "first", [ImapQuota("first", "STORAGE", 1, 2), ImapQuota("first", "MESSAGE", 3, 4)]),
        ImapQuotaRoot("INBOX", "second", [ImapQuota("second", "STORAGE", 3, 4)]),
        ImapQuotaRoot("INBOX", "", [ImapQuota("", "MESSAGE", 1, 2)]),
        ImapQuotaRoot("INBOX", "third", []),
    ]
    server.on("GETQUOTAROOT", saying("QUOTAROOT INBOX"))
    assert run(client, begun, "get_quota_root", "INBOX") == []
    assert all(conn.ended is None for conn in server.connections)


@BEGUN
def test_set_quota_gives_what_the_server_then_tells(start: Start, begun: bool) -> None:
    server, client = start("QUOTA")
    server.on("SETQUOTA", saying('QUOTA "user quota" (STORAGE 10 512)', "QUOTA other (STORAGE 1 1)"))
    expected = [ImapQuota("user quota", "STORAGE", 10, 512)]
    assert run(client, begun, "set_quota", "user quota", "STORAGE", 512) == expected
    server.on("SETQUOTA", saying())
    server.on("GETQUOTA", saying('QUOTA "" (STORAGE 1 9223372036854775807)'))
    assert run(client, begun, "set_quota", "", "X-Y", 2**63 - 1) == [ImapQuota("", "STORAGE", 1, 2**63 - 1)]
    assert sent(server) == [
        'SETQUOTA "user quota" (STORAGE 512)',
        'SETQUOTA "" (X-Y 9223372036854775807)',
        'GETQUOTA ""',
    ]
    server.on("SETQUOTA", saying(status="NO [NOPERM] not you"))
    with pytest.raises(ImapException, match="'Straße'") as caught:
        run(client, begun, "set_quota", "Straße", "STORAGE", 0)
    assert caught.value.code == "NOPERM"
    assert server.commands[-1].args[0].data == "Straße".encode()


def test_set_quota_is_refused_where_the_server_lacks_it(start: Start) -> None:
    server, client = start("QUOTA", "QUOTA=RES-STORAGE")
    with pytest.raises(AsposeNotSupportedException, match="QUOTASET"):
        client.set_quota("", "STORAGE", 1)
    assert sent(server) == []


QUOTA_JUNK = ["QUOTA r (STORAGE 1)", "QUOTA r (STORAGE -1 2)", "QUOTA r (STORAGE 1 9223372036854775808)", "QUOTA r NIL"]


@pytest.mark.parametrize("line", [*QUOTA_JUNK, "QUOTA (r) ()", "QUOTAROOT", "QUOTA r (STORAGE x y)"])
def test_H_E8_quotas_that_cannot_be_read_cost_the_connection(start: Start, line: str) -> None:
    server, client = start("QUOTA")
    server.on("GETQUOTA", saying(line))
    with pytest.raises(RemoteProtocolError):
        client.get_quota("r")
    assert server.connections[0].wait_closed() == "peer"
    server.on("GETQUOTA", saying())
    assert client.get_quota("r") == []


@pytest.mark.parametrize(("name", "argument"), [("get_quota", "r"), ("get_quota_root", "INBOX")])
def test_H_E6_a_flood_of_quotas_ends(start: Start, monkeypatch: pytest.MonkeyPatch, name: str, argument: str) -> None:
    monkeypatch.setattr(server_commands, "MOST_RESOURCES", 50)
    monkeypatch.setattr(server_commands, "MOST_ROOTS", 50)
    server, client = start("QUOTA")

    def flood(conn: Conn, cmd: Command) -> bool:
        while True:  # ends with the error that tells that the client has closed the connection
            flood_numbers.append(len(flood_numbers))
            root = "r" if name == "get_quota" else f"r{len(flood_numbers)}"
            conn.send(f"* QUOTA {root} (R{len(flood_numbers)} 1 2)\r\n")

    flood_numbers: list[int] = []
    server.on("GETQUOTA" if name == "get_quota" else "GETQUOTAROOT", flood)
    with pytest.raises(RemoteProtocolError, match="more than 50"):
        run(client, False, name, argument)


# -- ID ------------------------------------------------------------


@BEGUN
def test_ID_says_what_is_set_and_takes_what_comes(start: Start, begun: bool) -> None:
    server, client = start("ID")
    assert client.server_identification_info is None
    many = " ".join(f'"field{number}" "{number}"' for number in range(1000))
    server.on("ID", saying(f'ID ("NAME" "Cyrus" {many} "version" NIL "OS" "Linux\\\\")'))
    told = run(client, begun, "introduce_client")
    assert told.to_fields() == {"name": "Cyrus", "os": "Linux\\"}
    assert client.server_identification_info == told
    for line in ("ID NIL", "OK nothing at all", "ID ()"):
        server.on("ID", saying(line))
        assert run(client, begun, "introduce_client").to_fields() == {}
    server.on("ID", saying('ID ("name" "' + "x" * 100_000 + '")'))
    assert len(run(client, begun, "introduce_client").name) == 100_000
    info = client.client_identification_info
    assert info == ImapIdentificationInfo.default_value
    fields = " ".join(f'"{name}" "{value}"' for name, value in info.to_fields().items())
    assert set(sent(server)) == {f"ID ({fields})"}
    run(client, begun, "introduce_client", ImapIdentificationInfo())
    assert sent(server)[-1] == "ID NIL"
    info.name, info.version = "other", None
    run(client, begun, "introduce_client")
    assert sent(server)[-1] == 'ID ("name" "other")'


@pytest.mark.parametrize("line", ["ID", 'ID "name"', 'ID ("name")', 'ID (("name") "x")', 'ID ("name" ("x"))'])
def test_H_E8_an_ID_that_cannot_be_read_costs_the_connection(start: Start, line: str) -> None:
    server, client = start("ID")
    remove = server.on("ID", saying(line))
    with pytest.raises(RemoteProtocolError):
        client.introduce_client()
    assert client.server_identification_info is None
    remove()
    assert client.introduce_client().name == "scripted"
    assert [conn.ended is None for conn in server.connections][-1:] == [True]


@pytest.mark.parametrize("literals", ["LITERAL+", "LITERAL-", ""])
def test_ID_with_text_that_needs_literals(start: Start, literals: str) -> None:
    server, client = start("ID", literals, capabilities=BASE.replace(" LITERAL+", ""))
    info = ImapIdentificationInfo()
    info.name, info.version, info.vendor, info.environment = "Büro", 'a "b" \\', "Straße", ""
    client.client_identification_info = info
    assert client.introduce_client().name == "scripted"
    (args,) = next(cmd for cmd in server.commands if cmd.name == "ID").args
    decoded = [arg.data.decode() if hasattr(arg, "data") else str(arg) for arg in args]
    assert decoded == ["name", "Büro", "version", 'a "b" \\', "vendor", "Straße", "environment", ""]
    with pytest.raises(ArgumentTypeError):
        client.client_identification_info = {"name": "x"}  # type: ignore[assignment]


@pytest.mark.parametrize("refused", [False, True])
def test_ID_at_each_sign_in_when_that_is_wanted(start: Start, refused: bool) -> None:
    server, client = start("ID")
    if refused:
        server.on("ID", saying(status="NO not today"))
    client.noop()
    assert "ID" not in {cmd.name for cmd in server.commands}
    client.exchange_id_automatically = True
    with client.create_connection(False) as connection:
        client.noop(connection)
    client.logout()
    client.noop()
    assert sum(cmd.name == "ID" for cmd in server.commands) == 2
    told = client.server_identification_info
    assert (told is None) if refused else (told is not None and told.name == "scripted")
    client.id_supported = False
    client.logout()
    client.noop()
    assert sum(cmd.name == "ID" for cmd in server.commands) == 2
    with pytest.raises(ArgumentTypeError):
        client.exchange_id_automatically = 1  # type: ignore[assignment]


# -- CHECK, subscriptions ------------------------------------------------------------


@pytest.mark.parametrize(
    ("capabilities", "enabled", "kind"),
    [
        ("IMAP4rev1", False, "CHECK"),
        ("IMAP4rev2", False, "NOOP"),
        ("IMAP4rev1 IMAP4rev2", False, "CHECK"),
        ("IMAP4rev1 IMAP4rev2", True, "NOOP"),
    ],
)
@BEGUN
def test_a_checkpoint_is_CHECK_or_NOOP(start: Start, capabilities: str, enabled: bool, kind: str, begun: bool) -> None:
    server, client = start("ENABLE", capabilities=f"{capabilities} AUTH=PLAIN SASL-IR")
    if enabled:
        client.client_capabilities("IMAP4rev2")
    assert run(client, begun, "request_checkpoint") is None
    assert sent(server)[-2:] == ["SELECT INBOX", kind]


def test_subscriptions_may_be_repeated_on_another_connection(start: Start) -> None:
    server, client = start()
    for name in ("subscribe", "unsubscribe"):
        server.on(name, cut, times=1)
        assert run(client, False, f"{name}_folder", "Work") is None
    assert [cmd.name for cmd in server.commands if "SUB" in cmd.name] == [*["SUBSCRIBE"] * 2, *["UNSUBSCRIBE"] * 2]


# -- what is not there ------------------------------------------------------------

NEEDS: dict[str, tuple[tuple[Any, ...], str]] = {
    "get_namespaces": ((), "NAMESPACE"),
    "get_quota": (("",), "QUOTA"),
    "get_quota_root": (("INBOX",), "QUOTA"),
    "set_quota": (("", "STORAGE", 1), "QUOTA"),
    "introduce_client": ((), "ID"),
    "client_capabilities": (("X",), "ENABLE"),
}


@BEGUN
@pytest.mark.parametrize("name", NEEDS)
def test_an_operation_without_its_extension_is_refused_by_name(start: Start, name: str, begun: bool) -> None:
    server, client = start()
    arguments, capability = NEEDS[name]
    with pytest.raises(AsposeNotSupportedException, match=rf"^{name}: needs a server with {capability} \(RFC \d+\)$"):
        run(client, begun, name, *arguments)
    assert sent(server) == []


@pytest.mark.parametrize("name", SUPPORTED)
def test_a_supported_property_tells_and_takes(start: Start, name: str) -> None:
    capability = SUPPORTED[name]
    offered = capability + {"THREAD": "=REFS", "COMPRESS": "=DEFLATE"}.get(capability, "")
    base = " ".join(word for word in BASE.split() if word != capability)
    _, client = start(capabilities=base)
    assert getattr(client, name) is False
    setattr(client, name, True)
    assert getattr(client, name) is False, "it is the server that has it or not"
    _, client = start(offered, capabilities=base)
    assert getattr(client, name) is True
    setattr(client, name, False)
    assert getattr(client, name) is False
    assert client.thread_algorithms == []
    assert client.server_supported_compression is CompressionType.NONE
    setattr(client, name, True)
    assert getattr(client, name) is True
    assert client.thread_algorithms == (["REFS"] if capability == "THREAD" else [])
    deflate = CompressionType.DEFLATE if capability == "COMPRESS" else CompressionType.NONE
    assert client.server_supported_compression is deflate
    for wrong in (None, 1, "yes"):
        with pytest.raises(ArgumentTypeError, match=name):
            setattr(client, name, wrong)


def test_an_old_server_is_asked_for_nothing_new(start: Start) -> None:
    server, client = start(*EXTENDED, "LIST-STATUS", "MOVE", "IMAP4rev2")
    client.support_old_server = True
    client.list_folders(True)
    client.select_folder("Work")
    client.unselect_folder(True)
    assert [line for line in sent(server) if not line.startswith("STATUS")] == [
        'LIST "" "%"',
        "SELECT Work",
        "EXAMINE Work",
        "CLOSE",
    ]
    with pytest.raises(ArgumentTypeError):
        client.support_old_server = None  # type: ignore[assignment]


# -- signing in ------------------------------------------------------------

Ways = ImapKnownAuthenticationType


@pytest.mark.parametrize(
    ("offered", "allowed", "used"),
    [
        ("AUTH=PLAIN", Ways.PLAIN | Ways.LOGIN, "AUTHENTICATE"),
        ("AUTH=PLAIN", Ways.IMAP_LOGIN, "LOGIN"),
        ("AUTH=PLAIN", Ways.LOGIN, "LOGIN"),
        ("", Ways.PLAIN | Ways.IMAP_LOGIN, "LOGIN"),
        ("", Ways.PLAIN, None),
        ("AUTH=PLAIN", Ways.NONE, None),
        ("AUTH=PLAIN", Ways.CRAM_MD5, None),
        ("AUTH=PLAIN LOGINDISABLED", Ways.LOGIN, None),
    ],
)
def test_only_allowed_ways_to_sign_in_are_used(start: Start, offered: str, allowed: Ways, used: str | None) -> None:
    server, client = start(capabilities=f"IMAP4rev1 SASL-IR {offered}")
    client.allowed_authentication = allowed
    if used is None:
        with pytest.raises(AsposeNotSupportedException):
            client.noop()
        assert not {"LOGIN", "AUTHENTICATE"} & {cmd.name for cmd in server.commands}
    else:
        client.noop()
        assert [cmd.name for cmd in server.commands if cmd.name in ("LOGIN", "AUTHENTICATE")] == [used]


def test_tokens_need_OAUTH2_to_be_allowed(start: Start) -> None:
    server, client = start("AUTH=XOAUTH2")
    client.access_token = "some token"
    client.allowed_authentication = Ways.PLAIN
    with pytest.raises(AsposeNotSupportedException, match="OAUTH2"):
        client.noop()
    assert "AUTHENTICATE" not in {cmd.name for cmd in server.commands}
    client.allowed_authentication = Ways.OAUTH2
    with pytest.raises(AuthenticationError):
        client.noop()  # it is not a good one
    with pytest.raises(ArgumentTypeError):
        client.allowed_authentication = 8  # type: ignore[assignment]


MECHANISMS = (
    "LOGINDISABLED AUTH=PLAIN AUTH=LOGIN AUTH=CRAM-MD5 AUTH=SCRAM-SHA-1 AUTH=SCRAM-SHA-256-PLUS AUTH=X-NEW"
    " AUTH=GSS-SPNEGO AUTH=KERBEROS_V4 AUTH="
)


@pytest.mark.parametrize(
    ("offered", "ways"),
    [
        ("AUTH=PLAIN", Ways.PLAIN | Ways.IMAP_LOGIN),
        ("AUTH=PLAIN LOGINDISABLED", Ways.PLAIN),
        ("AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER LOGINDISABLED", Ways.PLAIN | Ways.OAUTH2),
        (
            MECHANISMS,
            Ways.PLAIN
            | Ways.LOGIN
            | Ways.CRAM_MD5
            | Ways.SCRAM_SHA1
            | Ways.SCRAM_SHA_256_PLUS
            | Ways.GSSSPNEGO
            | Ways.KERBEROS_V4,
        ),
    ],
)
def test_supported_authentication_is_of_before_the_sign_in(start: Start, offered: str, ways: Ways) -> None:
    server, client = start(capabilities=f"IMAP4rev1 SASL-IR {offered}")
    server.on("NOOP", saying("CAPABILITY IMAP4rev1"))
    client.allowed_authentication = Ways.PLAIN  # the only one that this server really speaks
    client.noop()
    assert client.supported_authentication == ways
    assert client.get_capabilities() == ["IMAP4REV1"]
