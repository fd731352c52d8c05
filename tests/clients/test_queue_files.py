"""The disk queue as files: what is written, what a crash at any point leaves, who may have what, files of others."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailclients import MailMessage
from mailclients.disk import TEMPORARY
from mailclients.smtp import queue as module
from mailclients.smtp.pickup import drop
from mailclients.smtp.queue import FAILED, UNKNOWN, Claim, DiskQueue, Record, Refused, new_name
from mailclients.wire.smtp import Envelope, envelope_address, normalized

CONTENT = b"Subject: x\r\nMessage-ID: <1@b.example>\r\n\r\nhello\r\n"
NOW = 1_800_000_000.0


def envelope(*recipients: str, sender: str | None = "ann@example.com") -> Envelope:
    return Envelope(
        None if sender is None else envelope_address(sender, "sender"),
        tuple(envelope_address(each, "recipient") for each in recipients or ("bob@example.org",)),
    )


@pytest.fixture
def queue(tmp_path: Path) -> DiskQueue:
    return DiskQueue(str(tmp_path / "queue"))


def put(queue: DiskQueue, content: bytes = CONTENT, *recipients: str, at: float = NOW) -> str:
    (name,) = queue.put([(envelope(*recipients), content, "<1@b.example>")], at)
    return name


def claimed(queue: DiskQueue, name: str) -> Claim:
    claim = queue.claim(name)
    assert claim is not None
    return claim


def files(queue: DiskQueue) -> list[str]:
    root = Path(queue.folder)
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


# --- what is written ---------------------------------------------------------------------------------------


def test_D1_a_message_is_a_file_that_mail_programs_can_open(queue: DiskQueue) -> None:
    name = put(queue, CONTENT, "bob@example.org", "jörg@bücher.example")
    path = Path(queue.folder, name + ".eml")
    first, second, rest = path.read_bytes().split(b"\r\n", 2)
    assert first == b"X-Mailclients-Queue: 1 waiting 0000"
    assert json.loads(second.removeprefix(b"X-Mailclients-Envelope: ")) == {
        "sender": "ann@example.com",
        "recipients": ["bob@example.org", "jörg@bücher.example"],
        "message_id": "<1@b.example>",
        "notify": [],
        "require_tls": False,
        "queued": "2027-01-15T08:00:00+00:00",
        "size": len(CONTENT),
    }
    assert rest == CONTENT
    assert MailMessage.load(str(path)).subject == "x"
    assert files(queue) == [name + ".eml"]


@pytest.mark.skipif(os.name == "nt", reason="permissions of Windows are others")
def test_D1_the_queue_is_private(queue: DiskQueue) -> None:
    name = put(queue)
    claimed(queue, name).set_aside(FAILED, "no")
    for path in (queue.folder, os.path.join(queue.folder, FAILED), os.path.join(queue.folder, UNKNOWN)):
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o700
    for path in files(queue):
        assert stat.S_IMODE(os.stat(os.path.join(queue.folder, path)).st_mode) == 0o600


def test_names_are_unique_sort_by_time_and_cannot_be_guessed() -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.extend([new_name(NOW) for _ in range(100)])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 400
    assert len({name.partition("Z-")[0] for name in found}) == 400
    later = [new_name(at) for at in (NOW, NOW + 1, NOW - 5)]
    assert later == sorted(later)
    assert len({name.partition("Z-")[2] for name in found}) == 400


def test_D1_nothing_is_found_before_all_are_written(queue: DiskQueue) -> None:
    def messages() -> Iterator[tuple[Envelope, bytes, str]]:
        yield envelope(), CONTENT, ""
        assert files(queue) == [path for path in files(queue) if path.startswith(TEMPORARY)] != []
        yield envelope(), CONTENT, ""

    names = queue.put(messages(), NOW)
    assert queue.names(()) == names
    assert len(names) == 2


def test_D1_what_cannot_be_written_leaves_nothing(queue: DiskQueue) -> None:
    def messages() -> Iterator[tuple[Envelope, bytes, str]]:
        yield envelope(), CONTENT, ""
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        queue.put(messages(), NOW)
    assert files(queue) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a limit on the size of files")
def test_D1_a_file_that_does_not_fit_leaves_nothing(tmp_path: Path) -> None:
    program = (
        "import resource, signal, sys\n"
        "from tests.clients.test_queue_files import CONTENT, DiskQueue, envelope\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "queue = DiskQueue(sys.argv[1])\n"
        "try:\n"
        "    queue.put([(envelope(), CONTENT, ''), (envelope(), CONTENT * 10_000, '')], 1.0)\n"
        "except OSError as error:\n"
        "    print('refused', error.errno)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("refused"), done.stderr
    assert files(DiskQueue(str(tmp_path))) == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden to this user")
def test_a_folder_that_must_not_be_written_is_an_error(queue: DiskQueue) -> None:
    queue.prepare()
    os.chmod(queue.folder, 0o500)
    with pytest.raises(PermissionError):
        put(queue)


ADDRESSES = st.from_regex(r"[a-zäöü]{1,20}@[a-zß]{1,20}\.example", fullmatch=True)


@settings(max_examples=60, deadline=None)
@given(
    content=st.binary(max_size=3000).map(normalized),
    recipients=st.lists(ADDRESSES, min_size=1, max_size=20),
    sender=st.none() | ADDRESSES,
    message_id=st.text(max_size=50),
    notify=st.sampled_from([(), ("NEVER",), ("SUCCESS", "FAILURE", "DELAY")]),
    require_tls=st.booleans(),
    at=st.floats(min_value=0, max_value=4e9),
)
def test_D1_what_is_put_in_comes_out(
    content: bytes,
    recipients: list[str],
    sender: str | None,
    message_id: str,
    notify: tuple[str, ...],
    require_tls: bool,
    at: float,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        queue = DiskQueue(folder)
        sent = envelope(*recipients, sender=sender)._replace(notify=notify)
        (name,) = queue.put([(sent, content, message_id)], at, require_tls=require_tls)
        claim = claimed(queue, name)
        try:
            assert (claim.envelope, claim.content(), claim.message_id) == (sent, content, message_id)
            assert (claim.damage, claim.uncertain, claim.record.left) == (None, False, recipients)
            assert claim.require_tls is require_tls
            assert abs(claim.queued - at) < 1e-3
        finally:
            claim.let_go()


@settings(max_examples=60, deadline=None)
@given(
    record=st.builds(
        Record,
        left=st.lists(st.text(max_size=20)),
        attempts=st.integers(0, 10**6),
        due=st.floats(0, 4e9),
        delivered=st.lists(st.text(max_size=20)),
        refused=st.lists(st.builds(Refused, *[st.text(max_size=20)] * 4)),
        reason=st.text(max_size=100),
        outcome=st.sampled_from(["", FAILED, UNKNOWN]),
    )
)
def test_records_come_back_as_they_were(record: Record) -> None:
    back = Record.from_json(record.to_json("<1@b.example>"))
    assert abs(back.due - record.due) < 1e-3
    back.due = record.due
    assert back == record


# --- claims ------------------------------------------------------------------------------------------------


def test_D7_a_claimed_message_is_nobody_elses(queue: DiskQueue) -> None:
    name = put(queue)
    mine = claimed(queue, name)
    assert queue.claim(name) is None
    assert DiskQueue(queue.folder).claim(name) is None
    mine.release()
    again = claimed(queue, name)
    again.remove()
    assert queue.claim(name) is None
    assert files(queue) == []


def test_D7_a_claim_ends_with_its_process(queue: DiskQueue) -> None:
    name = put(queue)
    program = (
        "import sys\nfrom mailclients.smtp.queue import DiskQueue\n"
        "claim = DiskQueue(sys.argv[1]).claim(sys.argv[2])\nprint(claim is not None, flush=True)\nsys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, queue.folder, name]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "True\n"
        assert queue.claim(name) is None
        child.kill()
    claim = claimed(queue, name)
    assert not claim.uncertain
    claim.release()


def test_D7_a_message_that_was_moved_while_it_was_opened_is_not_had(queue: DiskQueue) -> None:
    name = put(queue)
    path = Path(queue.folder, name + ".eml")
    with path.open("rb") as opened:
        path.rename(path.with_suffix(".other"))
        assert not module._is_at(opened, str(path))
        path.write_bytes(b"another one")
        assert not module._is_at(opened, str(path))


def test_the_oldest_come_first_and_only_so_many_at_once(queue: DiskQueue) -> None:
    names = queue.put([(envelope(), CONTENT, "")] * (module.AT_ONCE + 5), NOW)
    assert queue.names(()) == names[: module.AT_ONCE]
    assert queue.names(set(names[:10])) == names[10 : module.AT_ONCE + 10][: module.AT_ONCE]


# --- what a crash leaves -----------------------------------------------------------------------------------


def test_D3_an_end_that_was_about_to_be_sent_is_known_afterwards(queue: DiskQueue) -> None:
    name = put(queue)
    claim = claimed(queue, name)
    claim.about_to_end()
    claim.let_go()  # as when its process is killed
    again = claimed(queue, name)
    assert again.uncertain
    again.set_aside(UNKNOWN, "who knows")
    assert files(queue) == [f"unknown/{name}.eml", f"unknown/{name}.json"]
    record = json.loads(Path(queue.folder, UNKNOWN, name + ".json").read_text())
    assert (record["outcome"], record["message_id"], record["reason"]) == ("unknown", "<1@b.example>", "who knows")


def test_D2_before_its_end_a_message_is_as_if_nobody_had_tried(queue: DiskQueue) -> None:
    name = put(queue)
    claimed(queue, name).let_go()
    again = claimed(queue, name)
    assert not again.uncertain
    again.about_to_end()
    again.release()  # it was withdrawn
    last = claimed(queue, name)
    assert not last.uncertain
    last.let_go()


def test_D4_pauses_and_recipients_are_kept(queue: DiskQueue) -> None:
    name = put(queue, CONTENT, "a@b.example", "c@d.example", "e@f.example")
    claim = claimed(queue, name)
    claim.about_to_end()
    claim.record.delivered, claim.record.left = ["a@b.example"], ["e@f.example"]
    claim.record.refused = [Refused("c@d.example", "550", "5.1.1", "who?")]
    claim.try_later(NOW + 60, "busy")
    again = claimed(DiskQueue(queue.folder), name)
    assert not again.uncertain
    assert (again.record.attempts, again.record.due, again.record.reason) == (1, NOW + 60, "busy")
    assert [each.text for each in again.envelope.recipients] == ["e@f.example"]
    assert again.record.refused == [Refused("c@d.example", "550", "5.1.1", "who?")]
    again.about_to_end()
    again.let_go()
    last = claimed(queue, name)
    assert last.uncertain
    last.let_go()


@pytest.mark.parametrize("steps", range(4))
@pytest.mark.parametrize("outcome", ["sent", FAILED, UNKNOWN, "later"])
def test_D2_an_answer_is_kept_wherever_its_writing_is_interrupted(
    queue: DiskQueue, steps: int, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each operation on the disk after the answer may be the last one of the process."""

    class Killed(BaseException):
        pass

    name = put(queue)
    claim = claimed(queue, name)
    claim.record.delivered = ["z@y.example"]  # earlier
    queue.write_record(name, claim.record.to_json(""))
    claim.about_to_end()
    left = [steps]

    def counted(function: Any) -> Any:
        def call(*arguments: Any, **more: Any) -> Any:
            if not left[0]:
                raise Killed
            left[0] -= 1
            return function(*arguments, **more)

        return call

    with monkeypatch.context() as patch:
        for step in ("unlink", "replace"):
            patch.setattr(os, step, counted(getattr(os, step)))
        try:
            if outcome == "sent":
                claim.remove()
            elif outcome == "later":
                claim.try_later(NOW, "busy")
            else:
                claim.set_aside(outcome, "refused")
        except Killed:
            pass
        claim.let_go()
    again = queue.claim(name)
    if again is not None and outcome == "later" and steps:
        assert not again.uncertain
        assert again.record.attempts == 1
    elif again is not None:
        # Only before the first step had been done, and then it is known that nothing is known.
        assert steps == 0
        assert again.uncertain
        assert outcome != "sent"
    elif outcome in (FAILED, UNKNOWN):
        assert f"{outcome}/{name}.eml" in files(queue)
        assert f"{name}.eml" not in files(queue)
        if steps:
            assert f"{outcome}/{name}.json" in files(queue)
    else:
        assert files(queue) == []
    if again is not None:
        again.let_go()


def test_what_was_being_written_by_whoever_is_gone_is_removed_after_a_day(queue: DiskQueue) -> None:
    queue.prepare()
    old, new = (Path(queue.folder, TEMPORARY + each) for each in ("old", "new"))
    old.write_bytes(b"x")
    new.write_bytes(b"x")
    os.utime(old, (NOW - 90_000, NOW - 90_000))
    os.utime(new, (NOW - 60, NOW - 60))
    queue.clean(NOW)
    assert files(queue) == [new.name]


# --- damage, and what is not ours --------------------------------------------------------------------------


def test_D5_a_torn_file_is_known_as_such_wherever_it_is_torn(queue: DiskQueue) -> None:
    name = put(queue)
    path = Path(queue.folder, name + ".eml")
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        claim = claimed(queue, name)
        assert claim.damage is not None
        assert not claim.uncertain
        assert claim.content() == whole[:length]
        claim.let_go()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_D5_no_bytes_make_the_queue_fail(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        queue = DiskQueue(folder)
        name = put(queue)
        for ending in (".eml", ".json"):
            path = Path(folder, name + ending)
            whole = path.read_bytes() if path.exists() else Record(["bob@example.org"]).to_json("")
            at = data.draw(st.integers(0, len(whole)))
            path.write_bytes(
                whole[:at] + data.draw(st.binary(max_size=20)) + whole[at + data.draw(st.integers(0, 9)) :]
            )
        claim = queue.claim(name)
        if claim is not None:
            assert claim.damage is not None or claim.envelope.recipients is not None
            claim.content()
            claim.let_go()


@pytest.mark.parametrize(
    "change",
    [
        {"recipients": []},
        {"recipients": ["bob@example.org\r\nRCPT TO:<eve@example.org>"]},
        {"recipients": "bob@example.org"},
        {"sender": "a@b.example> BODY=8BITMIME"},
        {"sender": 7},
        {"notify": ["NEVER ORCPT=rfc822;eve@example.org"]},
        {"require_tls": 1},
        {"queued": "yesterday"},
        {"size": None},
    ],
    ids=lambda change: "-".join(f"{key}={value}" for key, value in change.items()),
)
def test_D5_an_envelope_that_no_server_may_see_is_damage(queue: DiskQueue, change: dict[str, Any]) -> None:
    name = put(queue)
    path = Path(queue.folder, name + ".eml")
    first, second, rest = path.read_bytes().split(b"\r\n", 2)
    members = {**json.loads(second.partition(b" ")[2]), **change}
    path.write_bytes(first + b"\r\nX-Mailclients-Envelope: " + json.dumps(members).encode() + b"\r\n" + rest)
    claim = claimed(queue, name)
    assert claim.damage is not None
    claim.set_aside(FAILED, claim.damage)
    assert files(queue) == [f"failed/{name}.eml", f"failed/{name}.json"]


def test_D5_line_ends_that_were_changed_never_reach_a_server(queue: DiskQueue) -> None:
    name = put(queue)
    path = Path(queue.folder, name + ".eml")
    path.write_bytes(path.read_bytes().replace(b"hello\r\n", b"h\n.\n\ro\n"))
    claim = claimed(queue, name)
    assert b"\n.\n" not in claim.content()
    claim.let_go()


def test_the_files_of_others_are_left_alone(queue: DiskQueue) -> None:
    queue.prepare()
    names = ("README", "x.eml", "20270115T080000.000000Z-0123456789abcdef.eml.bak", "20270115T080000.000000Z-XY.eml")
    for name in names:
        Path(queue.folder, name).write_bytes(b"not ours")
    (Path(queue.folder) / f"{new_name(NOW)}.eml").mkdir()
    if os.name != "nt":
        os.symlink("/etc/passwd", os.path.join(queue.folder, f"{new_name(NOW)}.eml"))
        os.mkfifo(os.path.join(queue.folder, f"{new_name(NOW)}.eml"))
    before = sorted(os.listdir(queue.folder))
    assert queue.names(()) == []
    queue.clean(NOW)
    assert sorted(os.listdir(queue.folder)) == before


# --- pickup folders ----------------------------------------------------------------------------------------


def test_a_pickup_file_has_its_envelope_in_front_and_no_other(tmp_path: Path) -> None:
    content = b"x-receiver: eve@example.org\r\nSubject: x\r\nX-Sender : eve@example.org\r\n\r\nX-Receiver: body\r\n"
    path = drop(str(tmp_path), envelope("bob@example.org", "jörg@example.org"), content, NOW)
    assert (
        Path(path).read_bytes()
        == (
            "X-Sender: ann@example.com\r\nX-Receiver: bob@example.org\r\nX-Receiver: jörg@example.org\r\n"
            "Subject: x\r\n\r\nX-Receiver: body\r\n"
        ).encode()
    )
    path = drop(str(tmp_path), envelope(sender=None), content, NOW)
    assert Path(path).read_bytes().startswith(b"X-Sender: <>\r\nX-Receiver: bob@example.org\r\nSubject: x\r\n")
    assert all(name.endswith(".eml") for name in os.listdir(tmp_path))
