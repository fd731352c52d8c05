"""Backup and restoring against scripted servers: interrupted, refused, lied to, cancelled, and told what happens."""

from __future__ import annotations

import io
import threading
import tracemalloc
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeInvalidOperationException,
    AsposeNotSupportedException,
    BackupError,
    BackupOptions,
    BackupProgress,
    BackupSettings,
    ConnectionLostError,
    ImapFolderInfo,
    ImapFolderInfoCollection,
    ItemCallbackArgs,
    MailException,
    MailMessage,
    MessageError,
    OperationCanceledException,
    OutcomeUnknownError,
    PersonalStorage,
    RestoreOptions,
    RestoreSettings,
)
from mailclients.imap.backup import open_source, target_for
from mailclients.imap.backup.items import Record
from tests.clients.imap_cases import run
from tests.clients.test_imap_client import client_of, without
from tests.support.autoimap import AutoImapServer, make_message
from tests.support.waiting import until

BEGUN = pytest.mark.parametrize("begun", [False, True], ids=["plain", "begun"])
FORMATS = pytest.mark.parametrize("name", ["backup.zip", "backup.mbox", "backup"])
INBOX = ImapFolderInfoCollection(ImapFolderInfo(name="INBOX"))
MESSAGES = [make_message(number, 200 + number) for number in range(1, 31)]


def quick(settings: Any, **values: Any) -> Any:
    """Settings that do not wait between attempts."""
    settings.timeout_between_attempts = 0
    for name, value in values.items():
        setattr(settings, name, value)
    return settings


def line(cmd: Any) -> str:
    """A command without its tag."""
    text: str = cmd.raw.decode("latin-1")
    return text.partition(" ")[2]


def stored(path: Path) -> dict[tuple[str, ...], list[bytes]]:
    found: dict[tuple[str, ...], list[bytes]] = {}
    with open_source(str(path), None) as source:
        for levels in source.folders():
            found[levels] = []
            for item in source.items(levels):
                out = io.BytesIO()
                item.copy_to(out)
                found[levels].append(out.getvalue())
    return found


def put(path: Path, folders: dict[tuple[str, ...], list[bytes]]) -> str:
    """A backup, made without any server."""
    target = target_for(str(path), None)
    try:
        target.open()
        for levels, contents in folders.items():
            target.folder(levels, 1)
            for uid, content in enumerate(contents, 1):
                target.add(Record(levels, 1, uid, ("\\Seen",), None, len(content)), io.BytesIO(content))
        target.finish()
    finally:
        target.close()
    return str(path)


def bodies(server: AutoImapServer, folder: str = "INBOX") -> list[bytes]:
    with server.store:
        return [message.body for message in server.folders[folder].messages.values()]


# -- backup ------------------------------------------------------------


@BEGUN
@FORMATS
def test_an_interrupted_backup_goes_on_where_it_stopped(begun: bool, name: str, tmp_path: Path) -> None:
    large = make_message(31, 600_000)
    with AutoImapServer(folders={"INBOX": [*MESSAGES, large]}) as server, client_of(server) as client:
        path = tmp_path / name

        def cut(conn: Any, cmd: Any) -> bool:
            if "BODY.PEEK[]" not in line(cmd) or "UID FETCH 31 " not in line(cmd):
                return False
            conn.send(b"* 31 FETCH (UID 31 FLAGS () BODY[] {%d}\r\n" % len(large) + large[:100_000])
            conn.flush()
            conn.close()
            return True

        remove = server.on("UID FETCH", cut)
        with pytest.raises(ConnectionLostError):
            run(client, begun, "backup", INBOX, path, quick(BackupSettings(), number_of_attempts_to_rrepeat=2))
        assert stored(path)["INBOX",] == MESSAGES
        remove()
        server.commands.clear()
        seen: list[BackupProgress] = []
        run(client, begun, "backup", INBOX, path, quick(BackupSettings(), progress=seen.append))
        assert stored(path)["INBOX",] == [*MESSAGES, large]
        fetched = [line(cmd) for cmd in server.commands if "BODY.PEEK[]" in line(cmd)]
        assert len(fetched) == 1
        assert "UID FETCH 31 " in fetched[0]
        assert (seen[-1].messages_done, seen[-1].messages_total, seen[-1].messages_skipped) == (31, 31, 30)


@BEGUN
def test_what_came_since_is_added_and_what_went_stays(begun: bool, tmp_path: Path) -> None:
    with AutoImapServer(folders={"INBOX": MESSAGES[:5]}) as server, client_of(server) as client:
        path = tmp_path / "backup.zip"
        run(client, begun, "backup", INBOX, path, BackupOptions.NONE)
        server.expunge("INBOX", 2)
        server.deliver("INBOX", MESSAGES[7])
        run(client, begun, "backup", INBOX, path, BackupOptions.NONE)
        assert stored(path)["INBOX",] == [*MESSAGES[:5], MESSAGES[7]]


@BEGUN
@FORMATS
def test_H_E12_a_new_uidvalidity_brings_no_message_twice(begun: bool, name: str, tmp_path: Path) -> None:
    with AutoImapServer(folders={"INBOX": MESSAGES[:5]}) as server, client_of(server) as client:
        path = tmp_path / name
        run(client, begun, "backup", INBOX, path, BackupOptions.NONE)
        server.replace_folder("INBOX")
        for body in (MESSAGES[6], *MESSAGES[:5]):
            server.deliver("INBOX", body)
        client.logout()
        run(client, begun, "backup", INBOX, path, BackupOptions.NONE)
        assert Counter(stored(path)["INBOX",]) == Counter([*MESSAGES[:5], MESSAGES[6]])


@BEGUN
def test_H_J2_a_message_that_cannot_be_had_does_not_keep_the_others_back(begun: bool, tmp_path: Path) -> None:
    with AutoImapServer(folders={"INBOX": MESSAGES[:6], "Sent": MESSAGES[:2]}) as server, client_of(server) as client:

        def refuse(conn: Any, cmd: Any) -> bool:
            if "BODY.PEEK[]" not in line(cmd) or not {"UID FETCH 3 ", "UID FETCH 1:6 "} & {
                line(cmd)[:12],
                line(cmd)[:14],
            }:
                return False
            conn.reply(cmd, "NO [SERVERBUG] message 3 is broken")
            return True

        server.on("UID FETCH", refuse)
        folders = [ImapFolderInfo(name="INBOX"), ImapFolderInfo(name="Gone"), ImapFolderInfo(name="Sent")]
        path = tmp_path / "backup.zip"
        with pytest.raises(BackupError, match="message 3 of 'INBOX'") as caught:
            run(client, begun, "backup", folders, path, quick(BackupSettings(), number_of_attempts_to_rrepeat=2))
        assert [what for what, _ in caught.value.failures] == ["message 3 of 'INBOX'", "the folder 'Gone'"]
        found = stored(path)
        assert found["INBOX",] == [*MESSAGES[:2], *MESSAGES[3:6]]
        assert found["Sent",] == MESSAGES[:2]


@BEGUN
def test_a_message_that_the_server_keeps_to_itself_is_told_of(begun: bool, tmp_path: Path) -> None:
    with AutoImapServer(folders={"INBOX": MESSAGES[:3]}) as server, client_of(server) as client:

        def forget(conn: Any, cmd: Any) -> bool:
            if "BODY.PEEK[]" not in line(cmd):
                return False
            conn.reply(cmd, "OK done", ["* 1 FETCH (UID 1 FLAGS () BODY[] {1}\r\nx)"])
            return True

        server.on("UID FETCH", forget)
        with pytest.raises(BackupError) as caught:
            run(client, begun, "backup", INBOX, tmp_path / "b.zip", BackupOptions.NONE)
        assert [what for what, _ in caught.value.failures] == ["message 2 of 'INBOX'", "message 3 of 'INBOX'"]
        assert stored(tmp_path / "b.zip")["INBOX",] == [b"x"]


def test_unique_ids_far_apart_are_found_in_few_steps(tmp_path: Path) -> None:
    with AutoImapServer(folders={"INBOX": []}) as server, client_of(server) as client:
        with server.store:
            box = server.folders["INBOX"]
            for uid in (5, 6, 70_000, 3_000_000_000, 4_294_967_290):
                box.uid_next = uid
                box.add(make_message(uid % 1000))
        client.backup(INBOX, tmp_path / "b", BackupOptions.NONE)
        assert len(stored(tmp_path / "b")["INBOX",]) == 5
        assert sum(cmd.name == "UID SEARCH" for cmd in server.commands) < 20


@BEGUN
def test_memory_stays_bounded_while_a_folder_is_backed_up(begun: bool, tmp_path: Path) -> None:
    size = 12 * 1024 * 1024
    with AutoImapServer(folders={"INBOX": [make_message(1, size), *MESSAGES]}) as server, client_of(server) as client:
        client.noop()
        before = bodies(server)
        tracemalloc.start()
        try:
            run(client, begun, "backup", INBOX, tmp_path / "backup.zip", BackupOptions.NONE)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert stored(tmp_path / "backup.zip")["INBOX",] == before
    # The server is in this process, too: it makes an answer of the message, and sends that.
    assert peak < 4 * size


@BEGUN
def test_what_the_progress_callback_raises_ends_the_backup(begun: bool, tmp_path: Path) -> None:
    with AutoImapServer(folders={"INBOX": MESSAGES}) as server, client_of(server) as client:

        def told(progress: BackupProgress) -> None:
            if progress.messages_done == 7:
                raise LookupError("enough")

        path = tmp_path / "backup.mbox"
        with pytest.raises(LookupError, match="enough"):
            run(client, begun, "backup", INBOX, path, quick(BackupSettings(), progress=told))
        assert stored(path)["INBOX",] == MESSAGES[:7]


def test_T10_a_begun_backup_is_cancelled_and_gone_on_with(tmp_path: Path) -> None:
    with AutoImapServer(folders={"INBOX": MESSAGES}) as server, client_of(server) as client:
        reached, go_on = threading.Event(), threading.Event()

        def told(progress: BackupProgress) -> None:
            if progress.messages_done == 7:
                reached.set()
                go_on.wait(30)

        path = tmp_path / "backup.zip"
        handle = client.begin_backup(INBOX, str(path), quick(BackupSettings(), progress=told))
        assert reached.wait(30)
        assert client.list_messages().count == 30, "nobody else is held up meanwhile"
        client.cancel_async_operation(handle)
        with pytest.raises(OperationCanceledException):
            client.end_backup(handle)
        with pytest.raises(AsposeInvalidOperationException, match="another backup"):
            client.backup(INBOX, str(path), BackupOptions.NONE)
        go_on.set()

        def free() -> bool:
            try:
                client.backup(INBOX, str(path), BackupOptions.NONE)
            except AsposeInvalidOperationException:
                return False
            return True

        until(free)
        assert stored(path)["INBOX",] == MESSAGES


@pytest.mark.parametrize("name", ["mail.pst", "mail.tar.gz", "mail.eml"])
def test_a_name_that_means_no_format_is_refused_at_the_call(name: str, tmp_path: Path) -> None:
    with AutoImapServer(folders={"INBOX": 0}) as server, client_of(server) as client:
        for method in (client.backup, client.begin_backup):
            with pytest.raises(AsposeArgumentException, match=r"\.zip"):
                method(INBOX, tmp_path / name, BackupOptions.NONE)
        assert not server.commands
        (tmp_path / name).mkdir()
        client.backup(INBOX, tmp_path / name, BackupOptions.NONE)  # a folder it is
        assert stored(tmp_path / name) == {("INBOX",): []}


@BEGUN
def test_a_stream_that_breaks_is_the_operations_error(begun: bool) -> None:
    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            if self.tell() > 1000:
                raise OSError("no space left")
            return super().write(data)

    with AutoImapServer(folders={"INBOX": MESSAGES}) as server, client_of(server) as client:
        with pytest.raises(OSError, match="no space"):
            run(client, begun, "backup", INBOX, Full(), BackupOptions.NONE)
        assert client.list_messages().count == 30


# -- restore ------------------------------------------------------------


@BEGUN
def test_duplicates_are_skipped_when_asked(begun: bool, tmp_path: Path) -> None:
    path = put(tmp_path / "b.zip", {("INBOX",): MESSAGES[:6], ("New",): [MESSAGES[0], MESSAGES[0]]})
    with AutoImapServer(folders={"INBOX": MESSAGES[1:3]}) as server, client_of(server) as client:
        seen: list[BackupProgress] = []
        run(client, begun, "restore", path, quick(RestoreSettings(), skip_duplicates=True, progress=seen.append))
        assert Counter(bodies(server)) == Counter(MESSAGES[:6])
        assert bodies(server, "New") == [MESSAGES[0]]
        assert [(p.folder_name, p.messages_done, p.messages_skipped) for p in seen if p.messages_done == 6] == [
            ("INBOX", 6, 2)
        ]
        run(client, begun, "restore", path, quick(RestoreSettings()))
        assert len(bodies(server)) == 12, "nobody asked this time"


@BEGUN
def test_an_upload_whose_outcome_is_unknown_is_looked_for(begun: bool, tmp_path: Path) -> None:
    path = put(tmp_path / "b.zip", {("INBOX",): [MESSAGES[0], *MESSAGES[:6]]})
    with AutoImapServer(folders={"INBOX": []}) as server, client_of(server) as client:
        arrived = threading.Event()

        def cut(conn: Any, cmd: Any) -> bool:
            with server.store:
                count = len(server.folders["INBOX"].messages)
            if count == 2 and not arrived.is_set():
                server.carry_out(conn, cmd)  # it takes effect, and nobody is told
                arrived.set()
                conn.close()
                return True
            return False

        server.on("APPEND", cut)
        run(client, begun, "restore", path, quick(RestoreSettings()))
        assert arrived.is_set()
        assert Counter(bodies(server)) == Counter([MESSAGES[0], *MESSAGES[:6]])


@BEGUN
def test_without_restore_connection_an_unknown_outcome_is_an_error(begun: bool, tmp_path: Path) -> None:
    path = put(tmp_path / "b.zip", {("INBOX",): MESSAGES[:2]})
    with AutoImapServer(folders={"INBOX": []}) as server, client_of(server) as client:

        def cut(conn: Any, cmd: Any) -> bool:
            conn.close()
            return True

        server.on("APPEND", cut)
        with pytest.raises(OutcomeUnknownError):
            run(client, begun, "restore", path, quick(RestoreSettings(), restore_connection=False))


@BEGUN
def test_items_that_the_server_or_imap_cannot_take_are_told_of(begun: bool, tmp_path: Path) -> None:
    contents = [MESSAGES[0], b"with \0 NUL", MESSAGES[1], MESSAGES[2]]
    path = put(tmp_path / "b.mbox", {("INBOX",): contents, ("line\nfeed",): MESSAGES[:1]})
    with AutoImapServer(folders={"INBOX": []}) as server, client_of(server) as client:

        def refuse(conn: Any, cmd: Any) -> bool:
            if len(bodies(server)) != 1:
                return False
            conn.reply(cmd, "NO [TOOBIG] too large")
            server.folders["INBOX"].add(b"something else")
            return True

        server.on("APPEND", refuse)
        with pytest.raises(BackupError) as caught:
            run(client, begun, "restore", path, quick(RestoreSettings()))
        kinds = [type(error) for _, error in caught.value.failures]
        assert MessageError in kinds
        assert AsposeArgumentException in kinds
        assert len(kinds) == 3
        assert bodies(server) == [MESSAGES[0], b"something else", MESSAGES[2]]
        assert set(server.folders) == {"INBOX"}


@BEGUN
def test_the_callback_may_change_and_leave_out(begun: bool, tmp_path: Path) -> None:
    path = put(tmp_path / "b", {("INBOX",): MESSAGES[:3], ("Old",): MESSAGES[:1], ("Secret",): MESSAGES[:1]})
    with AutoImapServer(folders={"INBOX": []}) as server, client_of(server) as client:

        def told(item: ItemCallbackArgs) -> None:
            if isinstance(item.this, ImapFolderInfo):
                if item.this.name == "Old":
                    item.this = ImapFolderInfo(name="Renamed")
                elif item.this.name == "Secret":
                    item.this = None
            elif isinstance(item.this, MailMessage):
                assert client.exist_folder("INBOX"), "it may call the client"
                if item.this.subject == "Message 2":
                    item.this = None
                elif item.this.subject == "Message 3":
                    item.this = MailMessage.from_bytes(b"Subject: other\n\nbody\n")

        run(client, begun, "restore", path, quick(RestoreSettings(), before_item_callback=told))
        assert bodies(server) == [MESSAGES[0], b"Subject: other\r\n\r\nbody\r\n"]
        assert bodies(server, "Renamed") == MESSAGES[:1]
        assert set(server.folders) == {"INBOX", "Renamed"}

        def wrong(item: ItemCallbackArgs) -> None:
            item.this = "text"

        with pytest.raises(ArgumentTypeError):
            run(client, begun, "restore", path, quick(RestoreSettings(), before_item_callback=wrong))


@BEGUN
def test_only_the_folders_that_were_named(begun: bool, tmp_path: Path) -> None:
    folders = {("INBOX",): MESSAGES[:1], ("A",): MESSAGES[:1], ("A", "B"): MESSAGES[:1], ("AB",): MESSAGES[:1]}
    path = put(tmp_path / "b.zip", folders)
    for recursive, expected in ((False, {"INBOX", "A"}), (True, {"INBOX", "A", "A/B"})):
        with AutoImapServer(folders={"INBOX": []}) as server, client_of(server) as client:
            chosen = ImapFolderInfoCollection(ImapFolderInfo(name="A"))
            run(client, begun, "restore", path, quick(RestoreSettings(), folders=chosen, recursive=recursive))
            assert set(server.folders) == expected
            assert bodies(server) == []


@BEGUN
def test_what_the_backup_does_not_have_is_removed_when_asked(begun: bool, tmp_path: Path) -> None:
    path = put(tmp_path / "b.zip", {("INBOX",): MESSAGES[:3], ("Keep", "below"): MESSAGES[:1]})
    folders: dict[str, Any] = {"INBOX": MESSAGES[1:6], "Keep": 1, "Keep/below": 0, "Gone": 2, "Gone/deeper": 1}
    options = RestoreOptions.REMOVE_NONEXISTENT_FOLDERS | RestoreOptions.REMOVE_NONEXISTENT_ITEMS
    with AutoImapServer(folders=folders) as server, client_of(server) as client:
        settings = quick(RestoreSettings(), options=options, skip_duplicates=True)
        run(client, begun, "restore", path, settings)
        assert Counter(bodies(server)) == Counter(MESSAGES[:3])
        assert set(server.folders) == {"INBOX", "Keep", "Keep/below"}
    with AutoImapServer(capabilities=without("UIDPLUS")) as server, client_of(server) as client:
        with pytest.raises(AsposeNotSupportedException, match="UIDPLUS"):
            run(client, begun, "restore", path, RestoreOptions.REMOVE_NONEXISTENT_ITEMS)
        assert not [cmd for cmd in server.commands if cmd.name in ("APPEND", "UID STORE", "UID EXPUNGE")]


@BEGUN
def test_nothing_is_removed_where_something_could_not_be_read(begun: bool, tmp_path: Path) -> None:
    path = put(tmp_path / "b.zip", {("INBOX",): [MESSAGES[0], b"\0"]})
    options = RestoreOptions.REMOVE_NONEXISTENT_FOLDERS | RestoreOptions.REMOVE_NONEXISTENT_ITEMS
    with AutoImapServer(folders={"INBOX": MESSAGES[4:6], "Other": 1}) as server, client_of(server) as client:
        with pytest.raises(BackupError):
            run(client, begun, "restore", path, options)
        assert len(bodies(server)) == 3
        assert "Other" in server.folders


@BEGUN
def test_what_is_no_backup_is_an_error_and_the_client_goes_on(begun: bool, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8 no mail")
    with AutoImapServer(folders={"INBOX": 1}) as server, client_of(server) as client:
        with pytest.raises(MailException, match="cannot be read as a backup"):
            run(client, begun, "restore", tmp_path / "photo.jpg", RestoreOptions.NONE)
        with pytest.raises(FileNotFoundError):
            run(client, begun, "restore", tmp_path / "nowhere.zip", RestoreOptions.NONE)
        storage = PersonalStorage.from_stream(io.BytesIO(b"no zip"))
        with pytest.raises(MailException):
            run(client, begun, "restore", storage, RestoreOptions.NONE)
        assert client.list_messages().count == 1


@pytest.mark.parametrize("capability", ["LITERAL+", "LITERAL-", ""])
def test_a_large_message_is_sent_from_its_file(capability: str, tmp_path: Path) -> None:
    large = make_message(1, 3_000_000)
    path = put(tmp_path / "b.zip", {("INBOX",): [MESSAGES[0], large, MESSAGES[1]]})
    capabilities = f"{without('LITERAL+')} {capability}"
    with AutoImapServer(folders={"INBOX": []}, capabilities=capabilities) as server, client_of(server) as client:
        client.restore(path, RestoreOptions.NONE)
        assert bodies(server) == [MESSAGES[0], large, MESSAGES[1]]


@BEGUN
@pytest.mark.parametrize("date", [None, datetime(1850, 1, 1, tzinfo=timezone.utc)], ids=["no date", "unsendable date"])
def test_an_upload_nobody_answered_is_found_again_though_it_has_neither_message_id_nor_date(
    begun: bool, date: datetime | None, tmp_path: Path
) -> None:
    plain = b"Subject: neither\r\n\r\ntext\r\n"
    other = b"Subject: another\r\n\r\ntext\r\n"  # of the same size
    target = target_for(str(tmp_path / "backup.zip"), None)
    try:
        target.open()
        target.folder(("Restored",), 1)
        for uid, content in enumerate((other, plain), 1):
            target.add(Record(("Restored",), 1, uid, (), date, len(content)), io.BytesIO(content))
        target.finish()
    finally:
        target.close()
    seen: list[bytes] = []

    def cut(conn: Any, cmd: Any) -> bool:
        seen.append(cmd.raw)
        if len(seen) != 2:
            return False
        with server.store:
            server.folders["Restored"].add(plain, (), "01-Jan-2024 00:00:00 +0000")
        conn.close()
        return True

    with AutoImapServer() as server, client_of(server) as client:
        server.on("APPEND", cut)
        run(client, begun, "restore", PersonalStorage.from_file(str(tmp_path / "backup.zip")), quick(RestoreSettings()))
        assert Counter(bodies(server, "Restored")) == Counter((other, plain))


@BEGUN
@pytest.mark.parametrize("date", [None, datetime(1850, 1, 1, tzinfo=timezone.utc)], ids=["no date", "unsendable date"])
def test_what_has_neither_message_id_nor_sendable_date_is_known_again_by_its_header(
    begun: bool, date: datetime | None, tmp_path: Path
) -> None:
    plain = b"Subject: neither\r\n\r\ntext\r\n"
    other = b"Subject: another\r\n\r\ntext\r\n"  # of the same size
    same = b"Subject: neither\r\n\r\nTEXT!!!\r\n"  # of the same header
    target = target_for(str(tmp_path / "backup.zip"), None)
    try:
        target.open()
        target.folder(("Restored",), 1)
        for uid, content in enumerate((plain, same), 1):
            target.add(Record(("Restored",), 1, uid, (), date, len(content)), io.BytesIO(content))
        target.finish()
    finally:
        target.close()
    path = str(tmp_path / "backup.zip")
    with AutoImapServer({"INBOX": 0, "Restored": [other]}) as server, client_of(server) as client:
        for _ in range(2):
            run(client, begun, "restore", path, quick(RestoreSettings(), skip_duplicates=True))
            assert bodies(server, "Restored") == [other, plain, same]
        options = RestoreOptions.REMOVE_NONEXISTENT_ITEMS
        run(client, begun, "restore", path, quick(RestoreSettings(), skip_duplicates=True, options=options))
        assert bodies(server, "Restored") == [plain, same], "what the backup has is not taken for something else"
