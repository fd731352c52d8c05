"""Stores of backups without any client: what goes in comes out, whatever kills the writer, whoever wrote it."""

from __future__ import annotations

import contextlib
import io
import mailbox
import os
import signal
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from mailclients import AsposeArgumentException, AsposeInvalidOperationException, MailException, MessageError
from mailclients.imap.backup import open_source, target_for
from mailclients.imap.backup.contents import Content, Keys, KeySet
from mailclients.imap.backup.items import Item, Record, fitting_flags
from mailclients.imap.backup.names import Labels, decode_level, encode_level, levels_of, name_of
from mailclients.imap.backup.uid_sets import UidSet

ROOT = Path(__file__).resolve().parents[2]
FORMATS = pytest.mark.parametrize("name", ["backup.zip", "backup.mbox", "backup"])
FOLDERS: list[tuple[str, ...]] = [
    ("INBOX",),
    ("INBOX", "below"),
    ("CON",),
    ("aux.txt", "LPT1"),
    ("trailing.", "trailing "),
    (" leading", ".hidden", "~home"),
    ("a/b", "c\\d", 'e:f*g?h|i<j>k"l'),
    ("Entwürfe", "台北", "\U0001f600"),
    ("", "x"),
    ("work",),
    ("Work",),
    ("..", "..", "etc"),
    ("%41", "a%=2", "%~"),
    ("cur", "new", "tmp"),
    ("tab\tand\x7fmore", "half \ud800 pair"),
    ("y" * 300, "台" * 200),
]
CONTENTS = [
    b"Subject: plain\r\nMessage-ID: <1@x>\r\n\r\nbody\r\n",
    b"",
    b"\r\n",
    b"From the first line\r\n",
    b"Subject: x\r\n\r\nFrom here\r\n>From there\r\n>>From everywhere\r\n> From\r\nfrom\r\n",
    b"no end of line",
    b"mixed\nline\r\nends\rhere\r",
    b"ends in CR\r",
    b"8-bit \xff\xfe\x80 and \x00 too\r\n",
    b"X-Mailclients: {}\r\nStatus: RO\r\n\r\nlooks like ours\r\n",
    b"\n\nFrom mailclients@localhost Thu Jan  1 00:00:00 1970\nX-Mailclients: {}\n",
    b"PK\x03\x04PK\x01\x02PK\x05\x06" * 3,
    b">" * 59_999 + b"From \r\n",
    b">" * 60_000 + b"From \r\n",
    b">" * 60_001 + b"From \r\n",
    b">" * 60_002 + b"\r\n",
    b">" * 70_000 + b"From \r\n",
    b"x" * 65_535 + b"\r\n" + b"x" * 65_536 + b"\r\nFrom \r\n",
    b"Subject: large\r\n\r\n" + b"line of a large message\r\n" * 200_000,
]
DATE = datetime(2001, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=-7)))
SMALL = [b"Subject: %d\r\n\r\nFrom me\r\n%s" % (number, b"x" * number * 40) for number in range(1, 6)]


def flags_of(uid: int) -> tuple[str, ...]:
    return ("\\Seen", "\\Flagged", "$Forwarded", f"key{uid % 40}", "Another") if uid % 2 else ()


def write(path: Path, folders: list[tuple[str, ...]], contents: list[bytes], validity: int = 7) -> int:
    """A backup of all folders, each with all contents, gone on with where it is; how many messages were added."""
    target, added = target_for(str(path), None), 0
    try:
        target.open()
        for levels in folders:
            have = target.folder(levels, validity)
            for uid, content in enumerate(contents, 1):
                if uid not in have:
                    record = Record(levels, validity, uid, flags_of(uid), DATE, len(content))
                    target.add(record, io.BytesIO(content))
                    added += 1
            target.commit()
        target.finish()
    finally:
        target.close()
    return added


def content_of(item: Item) -> bytes:
    out = io.BytesIO()
    item.copy_to(out)
    return out.getvalue()


def read(path: Path) -> dict[tuple[str, ...], list[tuple[Record, bytes]]]:
    with open_source(str(path), None) as source:
        return {levels: [(i.record, content_of(i)) for i in source.items(levels)] for levels in source.folders()}


def contents(path: Path) -> dict[tuple[str, ...], list[bytes]]:
    return {levels: [content for _, content in messages] for levels, messages in read(path).items()}


# -- what goes in comes out ------------------------------------------------------------


@FORMATS
def test_a_store_gives_back_what_it_was_given(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    assert write(path, FOLDERS, CONTENTS) == len(FOLDERS) * len(CONTENTS)
    found = read(path)
    assert set(found) == set(FOLDERS)
    for levels, messages in found.items():
        assert [content for _, content in messages] == CONTENTS
        for uid, (record, content) in enumerate(messages, 1):
            assert (record.levels, record.uid_validity, record.uid, record.size) == (levels, 7, uid, len(content))
            assert set(record.flags) == set(flags_of(uid))
            assert record.date == DATE


@FORMATS
def test_a_folder_without_messages_is_kept(name: str, tmp_path: Path) -> None:
    write(tmp_path / name, [("Empty",), ("Empty", "too")], [])
    assert read(tmp_path / name) == {("Empty",): [], ("Empty", "too"): []}


@FORMATS
def test_a_store_is_gone_on_with_and_takes_nothing_twice(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    write(path, FOLDERS[:3], SMALL[:2])
    assert write(path, FOLDERS[:4], SMALL) == 3 * 3 + 5
    assert write(path, FOLDERS[:4], SMALL) == 0
    assert {levels: [c for _, c in messages] for levels, messages in read(path).items()} == dict.fromkeys(
        FOLDERS[:4], SMALL
    )


@FORMATS
def test_messages_of_another_uidvalidity_are_told_apart(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    write(path, [("INBOX",)], SMALL, validity=1)
    target = target_for(str(path), None)
    try:
        target.open()
        assert 1 not in target.folder(("INBOX",), 2)
        assert target.is_stale(("INBOX",), 2)
        assert not target.is_stale(("INBOX",), 1)
        assert len(target.digests(("INBOX",))) == len(SMALL)
    finally:
        target.close()


def test_other_programs_read_what_is_written(tmp_path: Path) -> None:
    for name in ("b.zip", "b.mbox", "b"):
        write(tmp_path / name, FOLDERS, SMALL)
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(set(names)) == len(names) == 1 + len(FOLDERS) * (1 + len(SMALL))
        assert archive.read("%43ON/7.1.eml") == SMALL[0]
    box = mailbox.mbox(str(tmp_path / "b.mbox"), create=False)
    try:
        messages = list(box)
        assert len(messages) == len(FOLDERS) * (1 + len(SMALL))
        assert messages[1].get_flags() == "ROF"
        assert messages[1]["Subject"] == "1"
    finally:
        box.close()
    directory = mailbox.Maildir(str(tmp_path / "b"), create=False)
    assert len(directory) == len(SMALL)
    folders = directory.list_folders()
    assert len(folders) == len(FOLDERS) - 1
    below = directory.get_folder("%43ON")
    assert sorted(message["Subject"] for message in below) == ["1", "2", "3", "4", "5"]
    first = next(message for message in below if message["Subject"] == "1")
    assert {"F", "P", "S"} <= set(first.get_flags())
    assert first.get_date() == DATE.timestamp()


def test_a_stream_gets_an_archive_that_is_read_back_without_a_look_back_while_writing() -> None:
    class Forward:
        def __init__(self) -> None:
            self.data = bytearray()

        def write(self, data: bytes) -> int:
            part = data[:1000]  # as raw streams may
            self.data += part
            return len(part)

    stream = Forward()
    target = target_for(None, stream)
    target.open()
    target.folder(("INBOX",), 1)
    for uid, content in enumerate(CONTENTS, 1):
        target.add(Record(("INBOX",), 1, uid, (), DATE, len(content)), io.BytesIO(content))
    target.finish()
    target.close()
    kept = io.BytesIO(bytes(stream.data))
    with zipfile.ZipFile(kept) as archive:
        assert archive.testzip() is None
    with open_source(None, kept) as source:
        assert [content_of(item) for item in source.items(("INBOX",))] == CONTENTS
    assert not kept.closed


def test_an_archive_of_more_than_65535_entries_has_an_index_of_zip64(tmp_path: Path) -> None:
    target = target_for(str(tmp_path / "many.zip"), None)
    target.open()
    target.folder(("INBOX",), 1)
    for uid in range(1, 66_001):
        target.add(Record(("INBOX",), 1, uid, (), None, 1), io.BytesIO(b"x"))
    target.finish()
    target.close()
    with zipfile.ZipFile(tmp_path / "many.zip") as archive:
        assert len(archive.infolist()) == 66_002
        assert archive.read("INBOX/1.66000.eml") == b"x"


# -- interrupted writers ------------------------------------------------------------


@pytest.mark.parametrize("name", ["backup.zip", "backup.mbox"])
def test_cut_off_at_any_byte_a_file_is_read_and_gone_on_with(name: str, tmp_path: Path) -> None:
    whole = tmp_path / name
    folders = [("INBOX",), ("Entwürfe", "台北")]
    write(whole, folders, SMALL)
    content = whole.read_bytes()
    for length in sorted({*range(0, len(content), 13), *range(len(content) - 40, len(content))}):
        path = tmp_path / f"{length}-{name}"
        path.write_bytes(content[:length])
        before = contents(path)
        assert all(messages == SMALL[: len(messages)] for messages in before.values())
        kept = sum(map(len, before.values()))
        assert write(path, folders, SMALL) == 2 * len(SMALL) - kept
        assert {levels: [c for _, c in messages] for levels, messages in read(path).items()} == dict.fromkeys(
            folders, SMALL
        )
        path.unlink()


WRITER = """
import io, sys
from mailclients.imap.backup import target_for
from mailclients.imap.backup.items import Record
target = target_for(sys.argv[1], None)
target.open()
have = target.folder(("INBOX",), 7)
for uid in range(1, 1_000_000):
    if uid not in have:
        content = b"Subject: %d\\r\\n\\r\\n" % uid + b"x" * (uid * 7919 % 20000)
        target.add(Record(("INBOX",), 7, uid, ("\\\\Seen", "key"), None, len(content)), io.BytesIO(content))
        print(uid, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@FORMATS
def test_a_writer_that_is_killed_leaves_a_store_that_is_read_and_gone_on_with(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    told, uids = 0, list[int]()
    for killed_after in (30, 1, 25):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as process:
            assert process.stdout is not None
            lines = [int(process.stdout.readline()) for _ in range(killed_after)]
            assert lines[0] <= told + 1, "it left out some"
            assert not told or lines[0] > 1, "it did not go on"
            process.send_signal(signal.SIGKILL)
            lines += [int(line) for line in process.stdout if line.endswith(b"\n")]
            process.wait()
        told = lines[-1]
        messages = read(path).get(("INBOX",), [])  # nothing, if it was killed that soon
        uids = [record.uid for record, _ in messages]
        assert uids == list(range(1, len(uids) + 1)), "a message is there twice, or one is missing"
        for record, content in messages:
            assert content == b"Subject: %d\r\n\r\n" % record.uid + b"x" * (record.uid * 7919 % 20000)
            assert set(record.flags) == {"\\Seen", "key"}
    target = target_for(str(path), None)  # its lock has died with it
    try:
        target.open()
        assert len(target.folder(("INBOX",), 7)) == len(uids)
        target.finish()
    finally:
        target.close()
    if name.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None


@FORMATS
def test_a_message_that_could_not_be_written_leaves_nothing_behind(name: str, tmp_path: Path) -> None:
    class Breaks(io.BytesIO):
        def read(self, *args: Any) -> bytes:
            raise OSError("the disk is gone")

        readline = read

    path = tmp_path / name
    target = target_for(str(path), None)
    try:
        target.open()
        have = target.folder(("INBOX",), 7)
        target.add(Record(("INBOX",), 7, 1, (), DATE, 1), io.BytesIO(b"1"))
        with pytest.raises(OSError, match="gone"):
            target.add(Record(("INBOX",), 7, 2, (), DATE, 1), Breaks())
        assert 2 not in have
        target.add(Record(("INBOX",), 7, 3, (), DATE, 1), io.BytesIO(b"3"))
        target.finish()
    finally:
        target.close()
    assert [(record.uid, content) for record, content in read(path)[("INBOX",)]] == [(1, b"1"), (3, b"3")]


@FORMATS
def test_two_writers_are_one_too_many(name: str, tmp_path: Path) -> None:
    first, second = (target_for(str(tmp_path / name), None) for _ in range(2))
    try:
        first.open()
        with pytest.raises(AsposeInvalidOperationException, match="another backup"):
            second.open()
        second.close()
        with pytest.raises(AsposeInvalidOperationException, match="another backup"):
            second.open()
        second.close()
        first.close()
        second.open()
    finally:
        first.close()
        second.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no flock")
def test_mailbox_cannot_write_a_file_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "backup.mbox"
    target = target_for(str(path), None)
    try:
        target.open()
        code = f"import mailbox; mailbox.mbox({str(path)!r}, create=False).lock()"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
        assert "ExternalClashError" in done.stderr
    finally:
        target.close()


@FORMATS
def test_what_is_something_else_is_left_alone(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name == "backup":
        path.mkdir()
        (path / "photo.jpg").write_bytes(b"precious")
    else:
        path.write_bytes(b"precious, and nothing that this library has written\n" * 10)
    target = target_for(str(path), None)
    with pytest.raises(AsposeInvalidOperationException, match="no backup"):
        target.open()
    target.close()
    if name == "backup":
        assert os.listdir(path) == ["photo.jpg"]
    else:
        assert path.read_bytes().count(b"precious") == 10
    with pytest.raises(MailException):
        open_source(str(path), None)


@pytest.mark.parametrize("name", ["backup.zip", "backup.mbox"])
def test_a_file_that_somebody_has_changed_is_not_written_to(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    write(path, [("INBOX",)], SMALL)
    content = path.read_bytes()
    place = content.rindex(b"Status") if name.endswith(".mbox") else content.index(b"7.3.eml")
    path.write_bytes(content[:place] + b"something else\n" + content[place:])
    changed = path.read_bytes()
    target = target_for(str(path), None)
    with pytest.raises(AsposeInvalidOperationException):
        target.open()
    target.close()
    assert path.read_bytes() == changed


def test_an_mbox_that_a_mail_program_has_changed_is_read_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "backup.mbox"
    write(path, [("INBOX",), ("Sent", "2024")], SMALL)
    text = path.read_bytes().replace(b"Status: RO\nX-Status: F\n", b"Status: O\nX-Status: AF\nX-Other: yes\n")
    path.write_bytes(text)
    found = read(path)
    assert set(found) == {("INBOX",), ("Sent", "2024")}
    messages = found["Sent", "2024"]
    assert len(messages) == len(SMALL)
    assert {"\\Answered", "\\Flagged", "key1"} <= set(messages[0][0].flags)
    assert "\\Seen" not in messages[0][0].flags
    assert b"Subject: 1" in messages[0][1]
    assert b"X-Mailclients" not in messages[0][1]


# -- backups of others, and of enemies ------------------------------------------------------------


def test_maildirs_and_mboxes_of_mailbox_are_read(tmp_path: Path) -> None:
    box = mailbox.Maildir(str(tmp_path / "dir"))
    message = mailbox.MaildirMessage(b"Subject: one\n\nbody\n")
    message.set_flags("FRS")
    message.set_subdir("cur")
    message.set_date(1_000_000_000)
    box.add(message)
    box.add_folder("Sent.2024").add(b"Subject: two\n\nbody\n")
    found = read(tmp_path / "dir")
    assert set(found) == {("INBOX",), ("Sent", "2024")}
    record = found["INBOX",][0][0]
    assert set(record.flags) == {"\\Seen", "\\Answered", "\\Flagged"}
    assert record.date == datetime(2001, 9, 9, 1, 46, 40, tzinfo=timezone.utc)
    assert found["Sent", "2024"][0][1] == b"Subject: two\n\nbody\n"

    file = mailbox.mbox(str(tmp_path / "Drafts.mbox"))
    other = mailbox.mboxMessage(b"Subject: three\n\nFrom me\n")
    other.set_flags("RAD")
    other.set_from("somebody@example.org", (2003, 4, 5, 6, 7, 8, 5, 95, 0))
    file.add(other)
    file.close()
    ((record, content),) = read(tmp_path / "Drafts.mbox")["Drafts",]
    assert set(record.flags) == {"\\Seen", "\\Answered", "\\Deleted"}
    assert record.date == datetime(2003, 4, 5, 6, 7, 8, tzinfo=timezone.utc)
    assert content.endswith(b"\n\n>From me\n")


def archive_with(path: Path, *entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def test_archives_of_others_are_read(tmp_path: Path) -> None:
    path = archive_with(
        tmp_path / "a.zip",
        ("top.eml", b"1"),
        ("Work/2024/b.EML", b"2"),
        ("Windows\\c.eml", b"3"),
        ("Work/notes.txt", b"no message"),
        ("Empty/", b""),
    )
    found = {levels: [content for _, content in messages] for levels, messages in read(path).items()}
    assert found == {("INBOX",): [b"1"], ("Work", "2024"): [b"2"], ("Windows",): [b"3"]}


@pytest.mark.parametrize(
    "name", ["../../x.eml", "/etc/x.eml", "a/../../x.eml", "C:\\x.eml", "..\\x.eml", "a//x.eml", "./x.eml"]
)
def test_H_J3_an_entry_that_names_a_path_to_somewhere_else_is_refused(name: str, tmp_path: Path) -> None:
    path = archive_with(tmp_path / "slip.zip", ("good/a.eml", b"good"), (name, b"evil"))
    with open_source(str(path), None) as source:
        assert source.folders() == [("INBOX",), ("good",)]
        (item,) = source.items(("INBOX",))
        with pytest.raises(MessageError, match="somewhere else"):
            content_of(item)
        assert [content_of(item) for item in source.items(("good",))] == [b"good"]
    assert os.listdir(tmp_path) == ["slip.zip"]


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x/bomb.eml", "w") as entry:
        for _ in range(120):
            entry.write(bytes(1024 * 1024))
    with open_source(str(path), None) as source:
        (item,) = source.items(("x",))
        with pytest.raises(MessageError, match="claim"):
            content_of(item)


def test_an_entry_of_ours_never_gives_more_than_it_claims(tmp_path: Path) -> None:
    path = tmp_path / "lie.zip"
    write(path, [("INBOX",)], [b"x" * 50_000])
    raw = path.read_bytes()
    size, lie = (50_000).to_bytes(4, "little"), (49_000).to_bytes(4, "little")
    assert raw.count(size) == 2
    path.write_bytes(raw.replace(size, lie))
    with open_source(str(path), None) as source:
        (item,) = source.items(("INBOX",))
        with pytest.raises(MessageError, match="larger"):
            content_of(item)
    path.write_bytes(raw.replace(zlib.crc32(b"x" * 50_000).to_bytes(4, "little"), b"abcd"))
    with open_source(str(path), None) as source:
        (item,) = source.items(("INBOX",))
        with pytest.raises(MessageError, match="checksum"):
            content_of(item)


@pytest.mark.parametrize("name", ["backup.zip", "backup.mbox", "foreign.zip"])
def test_damaged_files_give_errors_of_ours_or_messages_and_nothing_else(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name.startswith("foreign"):
        archive_with(path, *((f"INBOX/{number}.eml", content) for number, content in enumerate(SMALL)))
    else:
        write(path, [("INBOX",)], SMALL)
    content = path.read_bytes()
    for place in range(0, len(content), 3):
        for change in (b"\x00", b"\xff", b"\n"):
            path.write_bytes(content[:place] + change + content[place + 1 :])
            for _, item in damaged_items(path):
                with contextlib.suppress(MessageError):
                    content_of(item)


def damaged_items(path: Path) -> Iterator[tuple[tuple[str, ...], Item]]:
    try:
        source = open_source(str(path), None)
    except MailException:
        return
    with source:
        for levels in source.folders():
            for item in source.items(levels):
                yield levels, item


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_and_pipes_in_a_maildir_are_not_followed(tmp_path: Path) -> None:
    secret, outside = tmp_path / "secret", tmp_path / "outside"
    secret.write_bytes(b"secret")
    for name in ("cur", "new", "tmp"):
        (outside / name).mkdir(parents=True)
    (outside / "cur" / "1.x:2,").write_bytes(b"outside")
    box = tmp_path / "box"
    for name in ("cur", "new", "tmp", ".Other/new", ".Other/tmp"):
        (box / name).mkdir(parents=True)
    (box / "cur" / "1.good:2,S").write_bytes(b"good")
    (box / "cur" / "2.link:2,S").symlink_to(secret)
    os.mkfifo(box / "cur" / "3.pipe:2,S")
    (box / ".Linked").symlink_to(outside)
    (box / ".Other" / "cur").symlink_to(outside / "cur")
    (box / "dovecot-keywords").symlink_to(secret)
    assert {levels: [c for _, c in messages] for levels, messages in read(box).items()} == {("INBOX",): [b"good"]}

    target = target_for(str(tmp_path / "new") + os.sep, None)
    target.open()
    try:
        (tmp_path / "new" / ".Work").symlink_to(outside)
        with pytest.raises(AsposeInvalidOperationException, match="in the way"):
            target.folder(("Work",), 1)
    finally:
        target.close()


def test_a_record_that_lies_is_no_record() -> None:
    good = Record(("INBOX",), 1, 2, ("\\Seen",), DATE, 3)
    assert Record.from_json(good.to_json(stored=5)) == (good, {"stored": 5})
    for old, new in [
        (b'["INBOX"]', b"[]"),
        (b'["INBOX"]', b'"INBOX"'),
        (b'["INBOX"]', b"[" + b'"x",' * 300 + b'"x"]'),
        (b'"uid":2', b'"uid":-5'),
        (b'"uid":2', b'"uid":true'),
        (b'"uid":2', b'"uid":4294967296'),
        (b'"size":3', b'"size":1e3'),
        (b'"flags":["\\\\Seen"]', b'"flags":[1]'),
        (b"2001-02-03", b"2001-99-03"),
        (b"-07:00", b""),
        (b"{", b"[" * 20_000),
    ]:
        changed = good.to_json().replace(old, new)
        assert changed != good.to_json()
        assert Record.from_json(changed) is None
    lie = good.to_json().replace(b'"\\\\Seen"', b'"\\\\Seen) evil","fine","a b","\\\\Recent"')
    told = Record.from_json(lie)
    assert told is not None
    assert told[0].flags == ("fine",)


# -- names, sets, contents ------------------------------------------------------------


@pytest.mark.parametrize("level", sorted({level for levels in FOLDERS for level in levels if len(level) < 100}))
def test_an_encoded_name_is_plain_everywhere_and_can_be_turned_back(level: str) -> None:
    encoded = encode_level(level, ".")
    assert decode_level(encoded) == level
    assert encoded
    assert not set(encoded) & set('/\\<>:"|?*.')
    assert encoded.isprintable()
    assert not encoded.startswith((" ", "~"))
    assert not encoded.endswith(" ")
    assert encoded.split(".")[0].upper() not in ("CON", "AUX", "LPT1")
    encoded.encode("utf-8")


def test_labels_differ_on_file_systems_that_know_no_case() -> None:
    labels = Labels()
    found = [labels.of((name,)) for name in ("work", "Work", "WORK", "é", "e\u0301")]
    assert found[:3] == [("work",), ("Work%=2",), ("WORK%=3",)]
    assert found[4] == ("e\u0301%=2",)
    assert [decode_level(label[0]) for label in found] == ["work", "Work", "WORK", "é", "e\u0301"]
    assert labels.of(("Work", "x")) == ("Work%=2", "x")


def test_names_of_servers_become_levels_and_names_again() -> None:
    assert levels_of("inbox/Sub", "/") == ("INBOX", "Sub")
    assert levels_of("a.b/c", ".") == ("a", "b/c")
    assert levels_of("flat", None) == ("flat",)
    assert name_of(("a", "b/c"), ".") == "a.b/c"
    assert name_of(("a", "b/c"), "/") == "a/b_c"
    assert name_of(("a",), "") == "a"
    with pytest.raises(AsposeArgumentException):
        name_of(("a", "b"), "")
    with pytest.raises(AsposeArgumentException):
        name_of(("x" * 3000,), "/")


def test_a_set_of_uids_keeps_runs() -> None:
    found, order = UidSet(), [5, 1, 2, 4294967295, 3, 9, 7, 8, 4, 1, 5]
    added = [found.add(uid) for uid in order]
    assert added == [True] * 9 + [False] * 2
    assert [uid for uid in range(12) if uid in found] == [1, 2, 3, 4, 5, 7, 8, 9]
    assert 4294967295 in found
    assert len(found) == 9
    assert repr(found) == "<UidSet of 9 in 3 runs>"


def test_a_set_of_keys_finds_them_all() -> None:
    found = KeySet()
    values = [number * 2654435761 % (1 << 64) for number in range(20_000)]
    for value in values:
        found.add(value)
    assert all(value in found for value in values)
    assert not any(value + 1 in found for value in set(values) - {value - 1 for value in values})


def test_a_message_is_known_by_its_id_and_size() -> None:
    keys = Keys()
    one = keys.of(b"A: b\r\nMessage-ID:\r\n <1@x>\r\n\r\nbody", 10, None)
    assert one == keys.of(b"message-id: <1@x> \r\n\r\n", 10, DATE)
    assert one != keys.of(b"Message-ID: <1@x>\r\n\r\n", 11, None)
    assert one != keys.of(b"A: b\r\n\r\nMessage-ID: <1@x>\r\n", 10, None)
    assert keys.of(b"", 10, DATE) != keys.of(b"", 10, DATE + timedelta(seconds=1))
    assert one != Keys().of(b"Message-ID: <1@x>\r\n", 10, None)


def test_H_F8_a_content_is_made_sendable_however_it_is_split() -> None:
    text = b"a\nb\r\nc\rd\r\r\n\n\re\r"
    expected = b"a\r\nb\r\nc\r\nd\r\n\r\n\r\n\r\ne\r\n"
    for size in (1, 2, 3, 100):

        def copy(out: Any, size: int = size) -> None:
            for start in range(0, len(text), size):
                out.write(text[start : start + size])

        content = Content(Item(Record(("INBOX",)), "it", copy), Keys())
        assert (content.read(), content.size) == (expected, len(expected))
        content.file.close()
    with pytest.raises(MessageError, match="NUL"):
        Content(Item(Record(("INBOX",)), "it", has_nul), Keys())


def has_nul(out: Any) -> None:
    out.write(b"a\0b")


def test_flags_that_fit() -> None:
    given = ("\\Seen", "\\seen", "\\Recent", "key", "a b", "", "ümlaut", "\\*", "x)")
    assert fitting_flags(given) == ("\\Seen", "key")
    many = fitting_flags(f"keyword{number}" for number in range(10_000))
    assert 100 < len(many) < 1000
    assert Record.from_json(Record(("台" * 2000,), 1, 1, many, DATE, 1).to_json()) is not None


@FORMATS
def test_memory_does_not_grow_with_the_store(name: str, tmp_path: Path) -> None:
    count = 3000
    target = target_for(str(tmp_path / name), None)
    tracemalloc.start()
    try:
        target.open()
        target.folder(("INBOX",), 1)
        for uid in range(1, count):
            target.add(Record(("INBOX",), 1, uid, ("\\Seen",), DATE, 10), io.BytesIO(b"0123456789"))
        target.add(Record(("INBOX",), 1, count, (), DATE, 1 << 24), io.BytesIO(bytes(1 << 24)))
        target.finish()
        target.close()
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        with open_source(str(tmp_path / name), None) as source:
            found = 0
            for item in source.items(("INBOX",)):
                item.copy_to(Nowhere())
                found += 1
        assert found == count
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
        target.close()
    assert peak < 3 * 1024 * 1024


class Nowhere:
    def write(self, data: bytes, /) -> None:
        """Takes it."""
