"""Every documented overload of ImapClient, plain and begun, on accounts that are filled alike.

What is walked is the documented surface itself, so a method that nobody gave a value for one of its parameters fails.
`EveryOverload` is inherited by one class for each server, as `ImapCases` is; accounts are filled and looked at
through imaplib. The plain call goes by position, the begun one by name.
"""

from __future__ import annotations

import imaplib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from mailclients import (
    AppendMessagesResult,
    AsposeNotSupportedException,
    Attachment,
    BackupSettings,
    ImapClient,
    ImapException,
    ImapFolderInfo,
    ImapFolderInfoCollection,
    ImapIdentificationInfo,
    ImapListFields,
    ImapMessageFlags,
    ImapMessageInfo,
    ImapMonitoringState,
    ImapPageInfo,
    ListFoldersOptions,
    ListFoldersReturnOptions,
    MailMessage,
    MailQuery,
    Out,
    PageInfo,
    PageSettings,
    PersonalStorage,
    RestoreSettings,
    SortConditions,
    ThreadSearchConditions,
)
from tests.clients.imap_cases import ATTACHED, Mail, plain, run
from tests.conformance.documented import IMAP, Overload, names_of, only_by_name
from tests.support.autoimap import make_message

# What is left on the server differs after these, and after no other method.
CHANGES = frozenset(
    (
        *("add_message_flags", "append_message", "append_messages", "change_message_flags", "commit_deletes"),
        *("copy_message", "copy_messages", "create_folder", "delete_folder", "delete_message", "delete_messages"),
        *("fetch_message", "fetch_messages", "move_folder", "move_message", "move_messages", "remove_message_flags"),
        *("rename_folder", "restore", "save_message", "subscribe_folder", "undelete_message", "unselect_folder"),
        "unsubscribe_folder",
    )
)
MARKED = ("commit_deletes", "undelete_message")  # whose messages are among those that are marked as deleted
FOLDERS = {
    "append_message": "Target",
    "append_messages": "Target",
    "copy_message": "Target",
    "copy_messages": "Target",
    "create_folder": "New",
    "delete_folder": "Work/inner",
    "list_messages_by_page": "Work",
    "move_folder": "Work/inner",
    "move_message": "Target",
    "move_messages": "Target",
    "rename_folder": "Target",
    "start_monitoring": "INBOX",
    "stop_monitoring": "INBOX",
    "subscribe_folder": "Target",
}
INFOS = [ImapMessageInfo(sequence_number=2, unique_id="2"), ImapMessageInfo(sequence_number=4, unique_id="4")]
MESSAGE, OTHER = (MailMessage.from_bytes(make_message(number)) for number in (20, 21))


def handled(_sender: object, _args: object) -> None:
    """A handler of a monitor; nothing happens in the folder."""


def fixed(value: Any) -> Callable[[str, Path], Any]:
    return lambda operation, directory: value


def among(usual: Any, marked: Any) -> Callable[[str, Path], Any]:
    return lambda operation, directory: marked if operation in MARKED else usual


def file_name(operation: str, directory: Path) -> Any:
    path = directory / ("written.zip" if operation == "backup" else "message.eml")
    if operation == "append_message":
        path.write_bytes(MESSAGE.as_bytes())
    return str(path)


def storage(_operation: str, directory: Path) -> Any:
    return PersonalStorage.from_file(directory.parent / "archive.zip")


def flags(operation: str, _directory: Path) -> Any:
    return ImapMessageFlags.FLAGGED if operation.startswith("remove") else ImapMessageFlags.ANSWERED


# A value for every documented parameter, by its name, and by its type where one name has several.
VALUES: dict[str, Callable[[str, Path], Any]] = {
    "attachment_name": fixed("big.bin"),
    "callback": fixed(handled),
    "capability_names": fixed(["CONDSTORE"]),
    "client_identification_info": fixed(ImapIdentificationInfo.default_value),
    "commit_deletions": fixed(True),
    "commit_now": fixed(True),
    "conditions BaseSearchConditions": lambda operation, directory: ThreadSearchConditions(),
    "conditions SortConditions": lambda operation, directory: SortConditions(),
    "do_not_expunge": fixed(True),
    "end_sequence": fixed(4),
    "end_uid": among("4", "6"),
    "error_callback": fixed(handled),
    "fields_list": fixed(ImapListFields.ID_ONLY),
    "file_name": file_name,
    "flags": flags,
    "folder_info": lambda operation, directory: Out[ImapFolderInfo](),
    "folder_name": lambda operation, directory: FOLDERS.get(operation, "Work"),
    "folders": fixed(ImapFolderInfoCollection(ImapFolderInfo(name="INBOX"), ImapFolderInfo(name="Work"))),
    "ignore_attachment": fixed(True),
    "items_per_page": fixed(2),
    "load_full_info": fixed(True),
    "mailbox_name": fixed("INBOX"),
    "max_number_of_messages": fixed(3),
    "message": fixed(MESSAGE),
    "message_extra_fields": fixed(["Message-ID"]),
    "message_info_set": fixed(INFOS),
    "messages": fixed([MESSAGE, OTHER]),
    "modification_sequence": lambda operation, directory: 1 if operation == "list_messages" else 2**40,
    "monitoring_state": fixed(ImapMonitoringState(folder_name="INBOX")),
    "new_folder_name": fixed("Renamed"),
    "new_parent_folder": fixed("Target"),
    "options BackupSettings": lambda operation, directory: BackupSettings(),
    "options ListFoldersOptions": fixed(ListFoldersOptions.SUBSCRIBED),
    "page_info": fixed(PageInfo(2, 1)),
    "page_offset": fixed(1),
    "parent_folder": fixed("Work"),
    "pst": storage,
    "query": fixed(MailQuery("FLAGGED")),
    "quota_root_name": fixed(None),  # the server's own
    "read_only": fixed(True),
    "resource_limit": fixed(1000),
    "resource_name": fixed("MESSAGE"),
    "result_stream": lambda operation, directory: io.BytesIO(),
    "retrieve_recursively": fixed(True),
    "return_options": fixed(ListFoldersReturnOptions.CHILDREN),
    "sequence_number": among(2, 5),
    "sequence_number_lst": fixed([4, 2]),
    "sequence_numbers": fixed([4, 2]),
    "sequence_set": fixed([4, 2]),
    "settings PageSettings": lambda operation, directory: PageSettings(),
    "settings RestoreSettings": lambda operation, directory: RestoreSettings(),
    "sleep": fixed(1),
    "start_sequence": fixed(2),
    "start_uid": among("2", "5"),
    "stream": lambda operation, directory: io.BytesIO(),
    "uid_set": among(["4", "2"], ["6", "5"]),
    "uids": fixed(["4", "2"]),
    "unique_id": among("2", "5"),
    "unique_id_lst": fixed(["4", "2"]),
}


def overloads() -> Iterator[Any]:
    for name in IMAP.table:
        for number, overload in enumerate(IMAP.overloads(name)):
            yield pytest.param(name, overload, id="-".join((name, str(number), *names_of(overload))))


def fill(session: imaplib.IMAP4) -> None:
    """Six messages in INBOX, all flagged, the second with an attachment, the last two marked as deleted."""
    for folder in ("Work", "Work/inner", "Target"):
        session.create(folder)
    session.subscribe("Work")
    for folder, count in (("INBOX", 6), ("Work", 4), ("Work/inner", 1)):
        for number in range(1, count + 1):
            body = ATTACHED if number == 2 else make_message(number)
            text = r"(\Flagged \Deleted)" if number > 4 else r"(\Flagged)"
            assert session.append(folder, text, '"03-Feb-2001 04:05:06 +0000"', body)[0] == "OK"


def filled(mail: Mail) -> Mail:
    mail.ask(fill)
    return mail


def left(session: imaplib.IMAP4) -> dict[str, Any]:
    """What stands on the server: subscriptions, and of each folder the messages with their flags."""
    found: dict[str, Any] = {"subscribed": sorted(session.lsub()[1], key=repr)}
    for line in session.list()[1]:
        assert isinstance(line, bytes)
        name = line.decode().rsplit(" ", 1)[1].strip('"')
        session.select(name, readonly=True)
        lines = session.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[])")[1]
        found[name] = [
            item
            if isinstance(item, bytes)
            else tuple(each.replace(b"\\Recent", b"").replace(b" )", b")") for each in item)
            for item in lines
            if item is not None
        ]
    return found


def given(value: Any) -> Any:
    """What a call has written into one of its arguments."""
    if isinstance(value, io.BytesIO):
        return value.getvalue()
    if not isinstance(value, Out):
        return None
    holder: Out[Any] = value  # pyright: ignore[reportUnknownVariableType]
    return plain(holder.value)


def told(value: Any) -> Any:
    """A result as something that can be compared."""
    if isinstance(value, AppendMessagesResult):
        appended = cast("AppendMessagesResult[MailMessage]", value)
        succeeded = [(message.as_bytes(), uid) for message, uid in appended.succeeded.items()]
        return succeeded, appended.failed, appended.not_handled
    if isinstance(value, ImapPageInfo):
        return plain(value.items), value.total_count, value.page_offset, value.absolute_offset, value.last_page
    if isinstance(value, Attachment):
        return value.name, value.content_stream.read()
    return plain(value)


class EveryOverload:
    """The walk; see the module."""

    lacks: ClassVar[dict[str, str]] = {}  # what the server does not have, by the operation or the parameter it is for
    quota_root = "Root"
    refuses: ClassVar[dict[str, str]] = {}  # what the server does not allow, and what the error says

    kept: ClassVar[Mail | None] = None  # for all calls that leave everything as it is

    @pytest.fixture
    def new_account(self) -> Callable[[], Mail]:
        """Makes accounts with an empty INBOX that no other test uses."""
        raise NotImplementedError

    @pytest.fixture
    def accounts(self, new_account: Callable[[], Mail], name: str) -> tuple[Mail, Mail]:
        """One for the plain call, one for the begun one."""
        if name in CHANGES:
            return filled(new_account()), filled(new_account())
        walk = type(self)
        if walk.kept is None:
            walk.kept = filled(new_account())
        return walk.kept, walk.kept

    def outcome(self, mail: Mail, begun: bool, name: str, overload: Overload, directory: Path) -> dict[str, Any]:
        """All that a call comes to: what it gives, what it writes, and what stands on the server afterwards."""
        directory.mkdir()
        with mail.client() as client:
            if name == "restore":
                client.backup([ImapFolderInfo(name="Work")], directory.parent / "archive.zip", BackupSettings())
            client.select_folder("INBOX")
            if name in MARKED:
                client.delete_messages(["5", "6"], False)
            before = mail.ask(left)
            values: dict[str, Any] = {}
            for parameter, type_ in overload:
                if parameter == "connection":
                    values[parameter] = client.create_connection(False)
                    client.select_folder(values[parameter], "INBOX")
                else:
                    one = VALUES.get(parameter) or VALUES[f"{parameter} {type_}"]
                    values[parameter] = self.quota_root if parameter == "quota_root_name" else one(name, directory)
            found = {"result": self.called(client, begun, name, overload, values)}
            selected = client.current_folder if name != "dispose" else None
            found["selected"] = selected and selected.name
            if "connection" in values and name != "logout":
                values["connection"].dispose()
        found["written"] = {key: given(value) for key, value in values.items()}
        found["files"] = {path.name: path.read_bytes() for path in directory.iterdir()}
        found["left"] = mail.ask(left)
        found["changed"] = found["left"] != before
        return found

    def called(self, client: ImapClient, begun: bool, name: str, overload: Overload, values: dict[str, Any]) -> Any:
        lacking = [self.lacks[word] for word in (name, *names_of(overload)) if word in self.lacks]

        def call() -> Any:
            if begun or only_by_name(overload):
                return run(client, begun, name, **values)
            return run(client, begun, name, *values.values())

        if lacking:
            with pytest.raises(AsposeNotSupportedException, match=lacking[0]) as caught:
                call()
            return str(caught.value)
        if name in self.refuses:
            with pytest.raises(ImapException, match=self.refuses[name]) as refused:
                call()
            return str(refused.value)
        result = told(call())
        return None if name == "select_folder" else result  # whose end alone gives the folder's info, as documented

    @pytest.mark.parametrize(("name", "overload"), list(overloads()))
    def test_every_overload_comes_to_the_same_in_both_forms(
        self, accounts: tuple[Mail, Mail], name: str, overload: Overload, tmp_path: Path
    ) -> None:
        names = names_of(overload)
        here = self.outcome(accounts[0], False, name, overload, tmp_path / "plain")
        possible = not {name, *names} & {*self.lacks, *self.refuses}
        assert here["changed"] == (possible and name in CHANGES and "do_not_expunge" not in names)
        if IMAP.has_pair(name) and "folder_info" not in names:
            assert self.outcome(accounts[1], True, name, overload, tmp_path / "begun") == here
