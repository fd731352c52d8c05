"""The values that further operations take and return: settings, pages, conditions, threads, quotas, backups, tokens."""

from __future__ import annotations

import copy
import io
import pickle
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

import mailclients
from mailclients import (
    AppendMessagesFromFileResult,
    AppendMessagesFromMessageObjectResult,
    AppendMessagesResult,
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
    BackupOptions,
    BackupSettings,
    BaseSearchConditions,
    EncryptionProtocols,
    ImapFolderInfo,
    ImapFolderInfoCollection,
    ImapIdentificationInfo,
    ImapMailboxInfo,
    ImapMessageInfo,
    ImapMessageInfoCollection,
    ImapMonitoringErrorEventArgs,
    ImapMonitoringEventArgs,
    ImapMonitoringState,
    ImapNamespace,
    ImapNamespaceType,
    ImapPageInfo,
    MailMessage,
    MessageThreadResult,
    OAuthToken,
    PageInfo,
    PageSettings,
    PersonalStorage,
    RestoreOptions,
    RestoreSettings,
    SortConditions,
    SortingKey,
    ThreadSearchConditions,
    TokenType,
)
from mailclients.imap.signatures import OPERATIONS
from tests.support.examples import CONNECTED, MESSAGE
from tests.support.examples.imap import INFOS


@pytest.mark.parametrize(
    ("settings", "name", "wrong"),
    [
        (PageSettings, "folder_name", 5),
        (PageSettings, "connection", "main"),
        (PageSettings, "connection", mailclients.IConnection),
        (PageSettings, "ascending_sorting", 1),
        (PageSettings, "ignore_exceptions", None),
        (mailclients.PageSettingsAsync, "callback", "later"),
        (BackupSettings, "execute_recursively", 1),
        (BackupSettings, "number_of_attempts_to_rrepeat", True),
        (BackupSettings, "timeout_between_attempts", 1.5),
        (RestoreSettings, "options", 1),
        (RestoreSettings, "folders", "INBOX"),
        (RestoreSettings, "folders", ["INBOX"]),
        (RestoreSettings, "recursive", 1),
        (RestoreSettings, "before_item_callback", 5),
        (SortConditions, "sort_by", "DATE"),
        (SortConditions, "since", "yesterday"),
        (SortConditions, "use_u_id", 1),
        (ThreadSearchConditions, "algorithm", 5),
        (ImapIdentificationInfo, "name", b"program"),
        (MessageThreadResult, "conversation_id", 5),
    ],
)
def test_settings_refuse_other_types_and_name_themselves(settings: type[Any], name: str, wrong: object) -> None:
    made = settings()
    before = getattr(made, name)
    with pytest.raises(ArgumentTypeError, match=name):
        setattr(made, name, wrong)
    assert getattr(made, name) == before


@pytest.mark.parametrize(
    ("settings", "name", "wrong"),
    [
        (PageSettings, "folder_name", "a\r\nb"),
        (ThreadSearchConditions, "text", "a\0b"),
        (ThreadSearchConditions, "charset", "utf-8\n"),
        (ImapIdentificationInfo, "vendor", "\r"),
        (ImapIdentificationInfo, "vendor", "x" * 1025),
        (ImapIdentificationInfo, "vendor", "ü" * 513),
    ],
)
def test_H_F1_settings_refuse_text_that_cannot_be_sent(settings: type[Any], name: str, wrong: str) -> None:
    with pytest.raises(AsposeArgumentException, match=name):
        setattr(settings(), name, wrong)


@pytest.mark.parametrize(
    ("settings", "name", "lowest"),
    [
        (BackupSettings, "number_of_attempts_to_rrepeat", 1),
        (BackupSettings, "timeout_between_attempts", 0),
        (RestoreSettings, "number_of_attempts_to_rrepeat", 1),
        (lambda: PageInfo(10), "items_per_page", 1),
        (lambda: PageInfo(10), "page_offset", 0),
    ],
)
def test_numbers_in_settings_have_a_lowest_value(settings: Any, name: str, lowest: int) -> None:
    made = settings()
    setattr(made, name, lowest)
    assert getattr(made, name) == lowest
    with pytest.raises(AsposeArgumentOutOfRangeException, match=f"{name} must be at least {lowest}"):
        setattr(made, name, lowest - 1)


def test_static_defaults_are_new_each_time_and_cannot_be_set() -> None:
    BackupSettings.default.execute_recursively = True
    assert not BackupSettings.default.execute_recursively
    ImapIdentificationInfo.default_value.name = "other"
    assert ImapIdentificationInfo.default_value.name == "mailclients"
    assert ImapIdentificationInfo.default_value.version == mailclients.__version__
    with pytest.raises(AttributeError):
        BackupSettings().default = BackupSettings()


def test_a_page_knows_where_it_is() -> None:
    page = PageInfo(10, 2)
    assert (page.items_per_page, page.page_offset, page.absolute_offset) == (10, 2, 20)
    assert (page.total_count, page.last_page) == (0, False)
    counted = PageInfo(45, 10, 3, False)
    following = counted.next_page
    assert (following.page_offset, following.absolute_offset, following.total_count) == (4, 40, 45)
    odd = PageInfo(45, 10, 1, absolute_offset=7, last_page=True)
    assert (odd.absolute_offset, odd.next_page.absolute_offset, odd.last_page) == (7, 17, True)
    assert repr(odd) == "<PageInfo page_offset=1 items_per_page=10 last>"
    infos = ImapMessageInfoCollection(INFOS)
    found = ImapPageInfo(infos, odd)
    assert (found.items, found.total_count, found.absolute_offset) == (infos, 45, 7)
    assert type(found.next_page) is PageInfo


def test_a_page_is_made_by_position_or_by_name() -> None:
    assert vars(PageInfo(total_count=45, items_per_page=10, offset=3, last_page=True)) == vars(
        PageInfo(45, 10, 3, True)
    )
    for wrong in ((), ("10",), (0,), (10, -1), (45, 10, 3), (45, 10, 3, 1), (1, 2, 3, 4, True, 6)):
        with pytest.raises(AsposeArgumentException):
            PageInfo(*wrong)
    with pytest.raises(ArgumentTypeError, match="has no parameter page"):
        PageInfo(page=1)  # type: ignore[call-overload]
    with pytest.raises(AsposeArgumentNullException):
        PageInfo(None)  # type: ignore[call-overload]


def test_restore_options_are_what_their_parts_say() -> None:
    settings = RestoreSettings()
    settings.recursive = settings.remove_nonexistent_items = True
    assert settings.options == RestoreOptions.RECURSIVE | RestoreOptions.REMOVE_NONEXISTENT_ITEMS
    settings.options = RestoreOptions.REMOVE_NONEXISTENT_FOLDERS
    assert (settings.recursive, settings.remove_nonexistent_folders, settings.remove_nonexistent_items) == (
        False,
        True,
        False,
    )
    settings.remove_nonexistent_folders = False
    assert settings.options == RestoreOptions.NONE
    settings.folders = [ImapFolderInfo(name="INBOX")]  # type: ignore[assignment]
    assert isinstance(settings.folders, ImapFolderInfoCollection)


def test_backup_settings_in_all_forms() -> None:
    assert BackupSettings(BackupOptions.RECURSIVE).execute_recursively
    assert not BackupSettings(options=BackupOptions.NONE).execute_recursively
    made = BackupSettings(True, False, 5, 20)
    assert (made.execute_recursively, made.restore_connection) == (True, False)
    assert (made.number_of_attempts_to_rrepeat, made.timeout_between_attempts) == (5, 20)
    for wrong in ((True,), (True, True, 0, 0), (True, True, 1, -1), (1,)):
        with pytest.raises(AsposeArgumentException):
            BackupSettings(*wrong)


def test_options_are_taken_for_settings() -> None:
    bound = OPERATIONS["backup"].bind(([], "a.zip", BackupOptions.RECURSIVE), {})
    assert bound.arguments["options"].execute_recursively
    bound = OPERATIONS["restore"].bind((Path("a.zip"), RestoreOptions.RECURSIVE), {})
    assert bound.arguments["settings"].recursive
    assert bound.arguments["pst"].file_name == "a.zip"
    assert bound.connection is None


def test_settings_are_copied_when_a_call_is_made() -> None:
    settings, page, conditions = PageSettings(), PageInfo(10), SortConditions()
    settings.connection = CONNECTED
    bound = OPERATIONS["list_messages_by_page"].bind((page, settings), {})
    threads = OPERATIONS["sort_message_threads"].bind((conditions,), {})
    settings.folder_name, page.items_per_page, conditions.text = "other", 99, "other"
    assert bound.connection is CONNECTED
    assert bound.arguments["settings"].folder_name is None
    assert bound.arguments["page"].items_per_page == 10
    assert threads.arguments["conditions"].text is None


def test_where_a_backup_is(tmp_path: Path) -> None:
    with PersonalStorage.from_file(tmp_path / "mail.zip") as storage:
        assert (storage.file_name, storage.stream) == (str(tmp_path / "mail.zip"), None)
    stream = io.BytesIO()
    assert PersonalStorage.from_stream(stream).stream is stream
    for wrong in ("", "a\nb", 5, None):
        with pytest.raises(AsposeArgumentException):
            PersonalStorage.from_file(wrong)  # type: ignore[arg-type]
    for no_stream in (None, io.BytesIO, "mail.zip"):
        with pytest.raises(ArgumentTypeError):
            PersonalStorage.from_stream(no_stream)  # type: ignore[arg-type]


def test_the_base_of_conditions_and_of_results_makes_no_object() -> None:
    for abstract in (BaseSearchConditions, AppendMessagesResult):
        with pytest.raises(ArgumentTypeError, match="abstract"):
            abstract()


def test_conditions_have_defaults_and_can_be_copied() -> None:
    conditions = SortConditions()
    assert (conditions.sort_by, conditions.reverse_by) == (SortingKey.ARRIVAL, SortingKey(0))
    assert (conditions.charset, conditions.since, conditions.text, conditions.use_u_id) == (None, None, None, False)
    conditions.since = date(2024, 2, 29)
    copied = copy.copy(conditions)
    copied.since = datetime(2024, 3, 1, tzinfo=timezone.utc)
    assert conditions.since == date(2024, 2, 29)


def test_a_thread_tells_its_tree_however_deep() -> None:
    root = MessageThreadResult(unique_id="1", use_u_id=True)
    second, third = (MessageThreadResult(unique_id=uid, use_u_id=True) for uid in "23")
    root.child_messages.extend([second, third])
    second.child_messages.append(MessageThreadResult(unique_id="4", use_u_id=True))
    assert str(root) == "1 (2 (4) 3)"
    deep = top = MessageThreadResult(sequence_number=1)
    for number in range(2, 5000):
        below = MessageThreadResult(sequence_number=number)
        deep.child_messages.append(below)
        deep = below
    assert top.to_string().endswith("4999" + ")" * 4998)
    assert repr(top) == "<MessageThreadResult sequence_number=1 with 1 below>"


def test_what_a_server_says_of_itself_is_kept() -> None:
    said = {"NAME": "Dovecot", "os": None, "Support-URL": "https://example.org", "x-secret": "?", "vendor": "x" * 5000}
    info = ImapIdentificationInfo.from_fields(said)
    assert (info.name, info.os, info.support_url) == ("Dovecot", None, "https://example.org")
    assert info.vendor == "x" * 5000
    assert set(info.to_fields()) == {"name", "support-url", "vendor"}
    made = ImapIdentificationInfo()
    made.name, made.os_version = "program", "1"
    assert str(made) == "name: program, os-version: 1"
    assert made == ImapIdentificationInfo.from_fields({"name": "program", "os-version": "1"})
    assert made != "program"
    made.name = None
    assert made.to_fields() == {"os-version": "1"}


def test_the_folders_with_a_purpose() -> None:
    folders = [
        ImapFolderInfo(name="Sent 1", attributes=("\\Sent",)),
        ImapFolderInfo(name="inbox"),
        ImapFolderInfo(name="Sent 2", attributes=("\\Sent",)),
        ImapFolderInfo(name="Bin", attributes=("\\HasNoChildren", "\\Trash")),
        ImapFolderInfo(name="Work"),
    ]
    mailbox = ImapMailboxInfo(folders)
    assert mailbox.inbox is folders[1]
    assert mailbox.sent_messages is folders[0]
    assert mailbox.trash is folders[3]
    empty = "all_messages", "archived_messages", "draft_messages", "flagged_messages", "junk_messages", "important"
    assert [getattr(mailbox, name) for name in empty] == [None] * 6
    assert mailbox.to_array() == [folders[1], folders[0], folders[3]]
    assert ImapMailboxInfo().to_array() == []


def test_a_namespace_is_its_prefix() -> None:
    namespace = ImapNamespace("#shared/", "/", ImapNamespaceType.SHARED)
    assert str(namespace) == namespace.to_string() == "#shared/"


def test_what_monitoring_tells() -> None:
    args = ImapMonitoringEventArgs("INBOX", iter(INFOS), [])
    assert (args.folder_name, args.new_messages, args.deleted_messages) == ("INBOX", INFOS, [])
    assert repr(args) == "<ImapMonitoringEventArgs 'INBOX' new=2 deleted=0>"
    state = ImapMonitoringState(folder_name="INBOX", uid_validity=7, uids=(1, 2))
    assert isinstance(state, mailclients.IImapMonitoringState)
    assert not isinstance(ImapMessageInfo(), mailclients.IImapMonitoringState)
    assert pickle.loads(pickle.dumps(state)) == state
    error = ValueError("lost")
    failed = ImapMonitoringErrorEventArgs("INBOX", error, state)
    assert (failed.folder_name, failed.error, failed.monitoring_state) == ("INBOX", error, state)


def test_results_of_appending_start_empty() -> None:
    result = AppendMessagesFromMessageObjectResult()
    result.succeeded[MESSAGE] = "7"
    result.not_handled.append(MailMessage())
    assert repr(result) == "<AppendMessagesFromMessageObjectResult succeeded=1 failed=0 not_handled=1>"
    assert AppendMessagesFromFileResult().failed == {}


def test_a_token_ends() -> None:
    now = datetime.now(timezone.utc)
    assert not OAuthToken("secret").expired
    assert OAuthToken("secret", now - timedelta(seconds=1)).expired
    token = OAuthToken("secret", TokenType.REFRESH_TOKEN, now + timedelta(hours=1))
    assert not token.expired
    assert (token.token, token.token_type) == ("secret", TokenType.REFRESH_TOKEN)
    assert token.equals(OAuthToken("secret", TokenType.REFRESH_TOKEN, now + timedelta(hours=1)))
    assert token.get_hash_code() == hash(token)
    assert token != OAuthToken("other", TokenType.REFRESH_TOKEN, now + timedelta(hours=1))
    naive = datetime(2030, 6, 1, 12, 0)
    assert OAuthToken("secret", naive).expiration_date == naive.astimezone(timezone.utc)


def test_a_token_is_in_no_repr_and_no_error() -> None:
    token = OAuthToken("secret words")
    assert "secret" not in f"{token!r} {token} {token.to_string()}"
    for wrong in (("secret words\n",), ("secret words", 5), ("secret words", TokenType.ACCESS_TOKEN)):
        with pytest.raises(AsposeArgumentException) as caught:
            OAuthToken(*wrong)
        assert "secret" not in str(caught.value)


def test_both_spellings_of_tls_versions_are_one() -> None:
    for name, member in EncryptionProtocols.__members__.items():
        assert EncryptionProtocols[name.replace("_1", "1").replace("_2", "2").replace("_3", "3")] is member


def test_names_of_dot_net_and_misspelt_ones_are_refused() -> None:
    settings = PageSettings()
    with pytest.raises(mailclients.UnknownMemberError, match="ascending_sorting"):
        settings.AscendingSorting = True  # type: ignore[attr-defined]
    with pytest.raises(mailclients.UnknownMemberError, match="folder_name"):
        settings.folder_nam = "INBOX"  # type: ignore[attr-defined]
    with pytest.raises(mailclients.UnknownMemberError, match="last_page"):
        _ = PageInfo(10).LastPage  # type: ignore[attr-defined]
    with pytest.raises(mailclients.UnknownMemberError, match="RECURSIVE"):
        _ = BackupOptions.Recursive  # type: ignore[attr-defined]
