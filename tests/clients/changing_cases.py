"""What the operations that copy, move, delete and append do, against whichever server a test module gives.

As `imap_cases`: inherited by one class for each server, which provides the fixture `mail`; folders are filled and
looked at through imaplib.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mailclients import (
    AppendMessagesFromMessageObjectResult,
    AsposeInvalidOperationException,
    ImapClient,
    ImapException,
    ImapMessageFlags,
    MailMessage,
    MessageError,
    MessageNotFoundError,
    MultiConnectionMode,
)
from mailclients.imap.operations import appending, changing, copying, fetching
from tests.clients.imap_cases import BEGUN, Mail, run
from tests.support.autoimap import make_message

EXPLICIT = pytest.mark.parametrize("explicit", [False, True], ids=["main", "explicit"])


def subjects(client: ImapClient, folder: str) -> list[str]:
    """The subjects of a folder in its order."""
    client.noop()  # what came in over another connection is told now
    return [info.subject for info in client.list_messages(folder)]


class ChangingCases:
    """The cases; see the module."""

    @pytest.fixture
    def mail(self) -> Mail:
        """An account with empty folders that no other test uses."""
        raise NotImplementedError

    @pytest.fixture
    def client(self, mail: Mail) -> Iterator[ImapClient]:
        """A client of that account."""
        with mail.client() as client:
            yield client

    def head(self, client: ImapClient, explicit: bool) -> tuple[Any, ...]:
        """The first argument of a call, where it is to have a connection of its own."""
        return (client.create_connection(False),) if explicit else ()

    # -- copying ------------------------------------------------------------

    @BEGUN
    @EXPLICIT
    def test_copy_message_in_every_form(self, mail: Mail, client: ImapClient, begun: bool, explicit: bool) -> None:
        mail.fill("INBOX", *(make_message(number) for number in range(1, 6)))
        mail.store("4", "+FLAGS", "(\\Flagged)")
        mail.fill("Sent")
        head = self.head(client, explicit)
        assert run(client, begun, "copy_message", *head, 2, "Sent") == "1"
        assert run(client, begun, "copy_message", *head, sequence_number=3, folder_name="Sent") == "2"
        assert run(client, begun, "copy_message", *head, "4", "Sent") == "3"
        assert run(client, begun, "copy_message", *head, unique_id="5", folder_name="Sent") == "4"
        assert subjects(client, "Sent") == ["Message 2", "Message 3", "Message 4", "Message 5"]
        assert mail.flags("Sent")["3"] == {"\\flagged"}
        assert set(mail.flags()) == {"1", "2", "3", "4", "5"}

    def sets(self, client: ImapClient) -> dict[str, tuple[dict[str, Any], list[int]]]:
        """The forms in which several messages are named, and which of ten they name."""
        infos = [info for info in client.list_messages("INBOX") if info.unique_id in ("2", "5", "9")]
        return {
            "sequence range": ({"start_sequence": 2, "end_sequence": 4}, [2, 3, 4]),
            "uid range": ({"start_uid": "2", "end_uid": "4"}, [2, 3, 4]),
            "range beyond the end": ({"start_uid": "8", "end_uid": "4294967295"}, [8, 9, 10]),
            "sequence set": ({"sequence_set": [7, 2]}, [2, 7]),
            "uid set": ({"uid_set": ["7", "2", "3"]}, [2, 3, 7]),
            "with what is gone": ({"uid_set": ["99", "4"]}, [4]),
            "infos": ({"message_info_set": infos}, [2, 5, 9]),
            "nothing": ({"uid_set": []}, []),
        }

    @BEGUN
    @EXPLICIT
    def test_copy_messages_in_every_form(self, mail: Mail, client: ImapClient, begun: bool, explicit: bool) -> None:
        mail.fill("INBOX", *(make_message(number) for number in range(1, 11)))
        head = self.head(client, explicit)
        for name, (named, hit) in self.sets(client).items():
            for by_name in (False, True):
                folder = f"{name} {by_name}"
                mail.fill(folder)
                if by_name:
                    assert run(client, begun, "copy_messages", *head, **named, folder_name=folder) is None
                else:
                    assert run(client, begun, "copy_messages", *head, *named.values(), folder) is None
                assert subjects(client, folder) == [f"Message {number}" for number in hit]
        assert len(mail.flags()) == 10

    @BEGUN
    def test_copy_messages_with_commit_deletions_expunges_what_was_marked(
        self, mail: Mail, client: ImapClient, begun: bool
    ) -> None:
        mail.fill("INBOX", *(make_message(number) for number in range(1, 5)))
        mail.fill("Sent")
        mail.store("1", "+FLAGS", "(\\Deleted)")
        run(client, begun, "copy_messages", [2, 3], "Sent", False)
        assert len(mail.flags()) == 4
        run(client, begun, "copy_messages", [2, 3], "Sent", True)
        assert set(mail.flags()) == {"2", "3", "4"}
        assert len(mail.flags("Sent")) == 4
        mail.store("4", "+FLAGS", "(\\Deleted)")
        run(client, begun, "copy_messages", (), "Sent", commit_deletions=True)  # nothing was copied: nothing to commit
        assert set(mail.flags()) == {"2", "3", "4"}

    @BEGUN
    @pytest.mark.parametrize("name", ["copy", "move"])
    def test_what_cannot_be_copied_or_moved(self, mail: Mail, client: ImapClient, begun: bool, name: str) -> None:
        mail.fill("INBOX", make_message(1), make_message(2))
        for one, several in (("1", ["1", "2"]), (1, [1, 2])):
            for method, given in ((f"{name}_message", one), (f"{name}_messages", several)):
                with pytest.raises(ImapException) as caught:
                    run(client, begun, method, given, "Nowhere")
                assert caught.value.code == "TRYCREATE"
        mail.fill("Sent")
        for gone in ("99", 99):
            with pytest.raises(MessageNotFoundError):
                run(client, begun, f"{name}_message", gone, "Sent")
        with pytest.raises(MessageNotFoundError):
            run(client, begun, f"{name}_messages", [1, 99], "Sent")
        run(client, begun, f"{name}_messages", ["98", "99"], "Sent")  # by unique id what is gone is left out
        assert set(mail.flags()) == {"1", "2"}
        assert mail.flags("Sent") == {}

    # -- moving ------------------------------------------------------------

    @BEGUN
    @EXPLICIT
    def test_move_message_in_every_form(self, mail: Mail, client: ImapClient, begun: bool, explicit: bool) -> None:
        mail.fill("INBOX", *(make_message(number) for number in range(1, 10)))
        mail.store("9", "+FLAGS", "(\\Deleted)")  # somebody else's
        mail.fill("Sent")
        head = self.head(client, explicit)
        forms: list[tuple[tuple[Any, ...], dict[str, Any], int]] = [
            ((1, "Sent"), {}, 1),
            ((1, "Sent", True), {}, 2),
            ((), {"sequence_number": 1, "folder_name": "Sent", "commit_deletions": False}, 3),
            (("5", "Sent"), {}, 5),
            (("6", "Sent", False), {}, 6),
            ((), {"unique_id": "7", "folder_name": "Sent", "commit_deletions": True}, 7),
        ]
        for step, (arguments, keywords, _) in enumerate(forms, 1):
            assert run(client, begun, "move_message", *head, *arguments, **keywords) == str(step)
            run(client, False, "noop", *head)  # numbers mean what the session has been told of
        assert subjects(client, "Sent") == [f"Message {number}" for _, _, number in forms]
        assert mail.flags() == {"4": set(), "8": set(), "9": {"\\deleted"}}

    @BEGUN
    @EXPLICIT
    def test_move_messages_in_every_form(self, mail: Mail, client: ImapClient, begun: bool, explicit: bool) -> None:
        head = self.head(client, explicit)
        mail.fill("INBOX", *(make_message(number) for number in range(1, 11)))
        for index, name in enumerate(self.sets(client)):
            source = f"from {index}"
            mail.fill(source, *(make_message(number) for number in range(1, 11)))
            run(client, False, "select_folder", *head, source)
            named, hit = self.sets(client)[name]
            folder = f"to {index}"
            mail.fill(folder)
            commit: tuple[bool, ...] = ((), (False,), (True,))[index % 3]
            assert run(client, begun, "move_messages", *head, *named.values(), folder, *commit) is None
            assert subjects(client, folder) == [f"Message {number}" for number in hit]
            assert set(mail.flags(source)) == {str(number) for number in range(1, 11) if number not in hit}

    @BEGUN
    def test_move_from_a_read_only_folder_moves_nothing(self, mail: Mail, client: ImapClient, begun: bool) -> None:
        mail.fill("INBOX", make_message(1), make_message(2))
        mail.fill("Sent")
        client.read_only = True
        client.select_folder("INBOX")
        for method, given in (("move_message", "1"), ("move_messages", [1, 2])):
            with pytest.raises(AsposeInvalidOperationException):
                run(client, begun, method, given, "Sent")
        assert len(mail.flags()) == 2
        assert mail.flags("Sent") == {}

    # -- deleting ------------------------------------------------------------

    @BEGUN
    @EXPLICIT
    def test_delete_messages_in_every_form(self, mail: Mail, client: ImapClient, begun: bool, explicit: bool) -> None:
        head = self.head(client, explicit)
        mail.fill("INBOX", *(make_message(number) for number in range(1, 11)))
        condstore = "CONDSTORE" in client.get_capabilities()
        for index, (name, (named, hit)) in enumerate(self.sets(client).items()):
            source = f"Box {index}"
            mail.fill(source, *(make_message(number) for number in range(1, 11)))
            run(client, False, "select_folder", *head, source)
            assert run(client, begun, "delete_messages", *head, *named.values()) is None
            marked = {uid for uid, flags in mail.flags(source).items() if "\\deleted" in flags}
            assert marked == {str(number) for number in hit}
            left = set(mail.flags(source))
            if condstore and hit:
                with pytest.raises(ImapException) as caught:
                    run(client, begun, "delete_messages", *head, **named, modification_sequence=1)
                assert caught.value.code == "MODIFIED"
                run(client, begun, "delete_messages", *head, *named.values(), 2**40)
            if "sequence" not in name:
                run(client, begun, "delete_messages", *head, *named.values(), True)
                left -= marked
            assert set(mail.flags(source)) == left

    @BEGUN
    @EXPLICIT
    def test_undelete_message_in_every_form(self, mail: Mail, client: ImapClient, begun: bool, explicit: bool) -> None:
        head = self.head(client, explicit)
        mail.fill("INBOX", *(make_message(number) for number in range(1, 7)))
        run(client, False, "delete_messages", *head, [str(number) for number in range(1, 7)])
        condstore = "CONDSTORE" in client.get_capabilities()
        assert run(client, begun, "undelete_message", *head, 1) is None
        run(client, begun, "undelete_message", *head, sequence_number=2)
        run(client, begun, "undelete_message", *head, "3")
        run(client, begun, "undelete_message", *head, unique_id="4", modification_sequence=0)
        if condstore:
            run(client, begun, "undelete_message", *head, "5", 2**40)
            with pytest.raises(ImapException) as caught:
                run(client, begun, "undelete_message", *head, "6", 1)
            assert caught.value.code == "MODIFIED"
        marked = {uid for uid, flags in mail.flags().items() if "\\deleted" in flags}
        assert marked == ({"6"} if condstore else {"5", "6"})

    @BEGUN
    def test_auto_commit_knows_ranges_and_what_was_undeleted(self, mail: Mail, client: ImapClient, begun: bool) -> None:
        mail.fill("INBOX", *(make_message(number) for number in range(1, 8)))
        mail.fill("Sent")
        mail.store("7", "+FLAGS", "(\\Deleted)")  # somebody else's
        client.auto_commit = True
        client.select_folder("INBOX")
        run(client, begun, "delete_messages", ["1", "2"])
        run(client, begun, "delete_messages", "4", "6")
        run(client, begun, "undelete_message", "5")
        client.select_folder("Sent")
        assert mail.flags() == {"3": set(), "5": set(), "7": {"\\deleted"}}

    # -- large sets ------------------------------------------------------------

    @BEGUN
    def test_sets_beyond_one_command_are_split_and_keep_their_order(
        self, mail: Mail, client: ImapClient, begun: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for room in (changing, copying):
            monkeypatch.setattr(room, "SET_BYTES", 30)  # about ten numbers in one command
        count = 60
        mail.fill("INBOX", *(b"Subject: m%d\r\n\r\nx\r\n" % number for number in range(1, count + 1)))
        mail.fill("Sent")
        client.select_folder("INBOX")
        odd = [str(number) for number in range(1, count, 2)]
        run(client, begun, "copy_messages", odd, "Sent")
        expected = [f"m{number}" for number in range(1, count, 2)]
        assert subjects(client, "Sent") == expected
        run(client, begun, "add_message_flags", odd, ImapMessageFlags.flagged)
        assert {uid for uid, flags in mail.flags().items() if "\\flagged" in flags} == set(odd)
        run(client, begun, "delete_messages", odd, True)
        assert set(mail.flags()) == {str(number) for number in range(2, count + 1, 2)}
        client.select_folder("Sent")
        run(client, begun, "move_messages", [str(number) for number in (*range(1, 21, 2), *range(22, 31))], "INBOX")
        assert set(mail.flags("Sent")) == {str(number) for number in (*range(2, 21, 2), 21)}
        moved = [expected[number - 1] for number in (*range(1, 21, 2), *range(22, 31))]
        assert subjects(client, "INBOX") == [f"m{number}" for number in range(2, count + 1, 2)] + moved

    # -- appending ------------------------------------------------------------

    @BEGUN
    @EXPLICIT
    def test_append_messages_in_every_form(self, mail: Mail, client: ImapClient, begun: bool, explicit: bool) -> None:
        mail.fill("Sent")
        head = self.head(client, explicit)
        run(client, False, "select_folder", *head, "Sent")
        given = [MailMessage.from_bytes(make_message(number)) for number in range(1, 8)]
        forms: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
            ((given,), {}, "Sent"),
            ((), {"messages": iter(given)}, "Sent"),
            (("INBOX", given), {}, "INBOX"),
            ((), {"folder_name": "INBOX", "messages": tuple(given)}, "INBOX"),
        ]
        count = {"Sent": 0, "INBOX": 0}
        for arguments, keywords, folder in forms:
            result = run(client, begun, "append_messages", *head, *arguments, **keywords)
            assert isinstance(result, AppendMessagesFromMessageObjectResult)
            first = count[folder] + 1
            count[folder] += len(given)
            uids = [str(uid) for uid in range(first, first + len(given))]
            assert list(result.succeeded.items()) == list(zip(given, uids, strict=True))
            assert (result.failed, result.not_handled) == ({}, [])
        for folder in count:
            assert subjects(client, folder) == [f"Message {number}" for number in range(1, 8)] * 2
            assert client.fetch_message("3").as_bytes() == make_message(3)

    @BEGUN
    def test_append_messages_tells_of_each_message(self, mail: Mail, client: ImapClient, begun: bool) -> None:
        mail.fill("INBOX")
        good = [MailMessage.from_bytes(make_message(number)) for number in range(1, 4)]
        bad = MailMessage.from_bytes(b"Subject: nul\r\n\r\na\0b\r\n")
        result = run(client, begun, "append_messages", [good[0], bad, good[1], good[2]])
        assert list(result.succeeded.items()) == list(zip(good, ["1", "2", "3"], strict=True))
        assert list(result.failed) == [bad]
        assert isinstance(result.failed[bad], MessageError)
        assert subjects(client, "INBOX") == ["Message 1", "Message 2", "Message 3"]
        empty = run(client, begun, "append_messages", [])
        assert (empty.succeeded, empty.failed, empty.not_handled) == ({}, {}, [])

    @BEGUN
    def test_append_messages_to_no_folder(self, mail: Mail, client: ImapClient, begun: bool) -> None:
        given = [MailMessage.from_bytes(make_message(number)) for number in range(1, 4)]
        with pytest.raises(ImapException) as caught:
            run(client, begun, "append_messages", "Nowhere", given)
        assert caught.value.code == "TRYCREATE"

    @BEGUN
    def test_append_messages_in_groups_of_bounded_size(
        self, mail: Mail, client: ImapClient, begun: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(appending, "GROUP_BYTES", 3000)
        monkeypatch.setattr(appending, "AT_ONCE_BYTES", 8000)
        bodies = [make_message(number, 200 + 700 * (number % 7)) for number in range(1, 41)]
        given = [MailMessage.from_bytes(body) for body in bodies]
        result = run(client, begun, "append_messages", "INBOX", given)
        assert list(result.succeeded.values()) == [str(number) for number in range(1, 41)]
        fetched = client.fetch_messages([str(number) for number in range(1, 41)])
        assert [message.as_bytes() for message in fetched] == bodies

    # -- over several connections ------------------------------------------------------------

    @BEGUN
    def test_T14_the_result_is_the_same_over_several_connections(
        self, mail: Mail, client: ImapClient, begun: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fetching, "FETCH_CHUNK", 2)
        monkeypatch.setattr(appending, "LEAST_APART", 2)
        monkeypatch.setattr(appending, "GROUP_MESSAGES", 2)
        mail.fill("INBOX")
        for folder in ("Box/a", "Box/b", "Box/c"):
            mail.fill(folder, make_message(1), make_message(2))
        mail.fill("Box", make_message(3))
        client.use_multi_connection = MultiConnectionMode.ENABLE
        client.connections_quantity = 3
        given = [MailMessage.from_bytes(make_message(number)) for number in range(1, 17)]
        result = run(client, begun, "append_messages", "INBOX", given)
        assert list(result.succeeded) == given
        uids = list(result.succeeded.values())
        assert sorted(uids, key=int) == [str(number) for number in range(1, 17)]
        fetched = run(client, begun, "fetch_messages", uids)
        assert [message.as_bytes() for message in fetched] == [make_message(number) for number in range(1, 17)]
        client.select_folder("Box")
        results = []
        for mode in MultiConnectionMode:
            client.use_multi_connection = mode
            found = run(client, begun, "list_messages", "Box", True)
            results.append([(info.parent_folder, info.unique_id, info.subject) for info in found])
        assert results[0] == results[1]
        assert len(results[0]) == 7
        assert client.pool.peak <= 4

    # -- the same message twice ------------------------------------------------------------

    @BEGUN
    def test_append_messages_tells_equal_messages_apart(self, mail: Mail, client: ImapClient, begun: bool) -> None:
        client.create_folder("Twice")
        one, other = (MailMessage.from_bytes(make_message(1)) for _ in range(2))
        result = run(client, begun, "append_messages", "Twice", [one, other])
        assert list(result.succeeded) == [one, other]
        assert len(set(result.succeeded.values())) == (2 if client.uid_plus_supported else 1)
        result = run(client, begun, "append_messages", "Twice", [one, one])
        assert list(result.succeeded) == [one]
        assert not result.not_handled
        infos = client.list_messages("Twice")
        assert len(infos) == 4
        if client.uid_plus_supported:
            assert result.succeeded[one] == infos[3].unique_id, "of the last time"
