"""The embedded server as a process: it starts, ends, and leaves nothing, whatever happens to its parent."""

from __future__ import annotations

import imaplib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import typing_extensions

import mailclients
from mailclients.errors import AsposeInvalidOperationException, AsposeNotSupportedException
from mailclients.testing import Folder, MailServer, Message, MissingExtraError, ServerProcessError

ROOT = Path(mailclients.__file__).resolve().parent.parent

needs_twisted = pytest.mark.skipif(find_spec("twisted") is None, reason="the extra 'testing' is not installed")


@contextmanager
def connected(host: str, port: int) -> Generator[socket.socket, None, None]:
    """A connection that has been greeted."""
    with socket.create_connection((host, port), timeout=20) as raw:
        assert raw.recv(4096).startswith(b"* OK")
        yield raw


def is_refused(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=20).close()
    except ConnectionRefusedError:
        return True
    return False


@needs_twisted
def test_one_object_serves_twice_each_time_anew() -> None:
    server = MailServer({"anna": "secret"}, {"anna": [b"Subject: 1\r\n\r\n"]})
    pids: list[int | None] = []
    for _ in range(2):
        with server as entered:
            assert entered is server
            pids.append(server.pid)
            assert server.deliver("anna", b"Subject: 2\r\n\r\n") == 2
            assert len(server.messages("anna")) == 2
            place = server.host, server.imap_port
        assert is_refused(*place)
        assert server.pid is None
    assert pids[0] != pids[1]


@needs_twisted
def test_two_servers_at_once_know_nothing_of_each_other() -> None:
    with MailServer({"anna": "one"}) as first, MailServer({"anna": "two"}) as second:
        assert first.imap_port != second.imap_port
        first.deliver("anna", b"Subject: 1\r\n\r\n")
        assert second.messages("anna") == []
        connection = imaplib.IMAP4(second.host, second.imap_port, timeout=20)
        with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
            connection.login("anna", "one")
        connection.logout()


@needs_twisted
def test_start_and_stop_without_a_block() -> None:
    server = MailServer({"anna": "secret"}).start()
    try:
        with pytest.raises(AsposeInvalidOperationException, match="runs already"):
            server.start()
        with connected(server.host, server.imap_port) as raw:
            server.stop()
            assert raw.recv(4096) == b""  # clients are not kept waiting
    finally:
        server.stop()
    with pytest.raises(AsposeInvalidOperationException, match="does not run"):
        _ = server.imap_port
    with pytest.raises(AsposeInvalidOperationException, match="does not run"):
        server.messages("anna")


@needs_twisted
def test_connections_are_counted_and_dropped() -> None:
    with MailServer({"anna": "secret"}) as server, connected(server.host, server.imap_port) as raw:
        assert server.connection_count() == 1
        assert server.connection_count("anna") == 0
        assert server.drop_connections() == 1
        # an abort arrives in one of two forms
        with suppress(ConnectionResetError):
            assert raw.recv(4096) == b""
        with connected(server.host, server.imap_port):
            assert server.connection_count() == 1


@needs_twisted
def test_requests_from_many_threads_are_kept_apart() -> None:
    users = {f"user{n}": "p" for n in range(8)}
    with MailServer(users) as server:
        errors: list[BaseException] = []

        def work(user: str) -> None:
            try:
                for n in range(1, 11):
                    assert server.deliver(user, f"Subject: {user} {n}\r\n\r\n".encode()) == n
                    assert len(server.messages(user)) == n
            except BaseException as error:  # noqa: BLE001 - shown by the main thread
                errors.append(error)

        threads = [threading.Thread(target=work, args=(user,)) for user in users]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []


@needs_twisted
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_a_killed_server_is_reported_not_waited_for() -> None:
    with MailServer({"anna": "secret"}) as server:
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(ServerProcessError, match="exit status -9"):
            server.messages("anna")
    with server:  # and the object can be used again
        assert server.messages("anna") == []


@needs_twisted
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), signal.SIGKILL)", "sys.exit()"])
def test_the_server_ends_with_its_parent_however_that_ends(end: str) -> None:
    script = (
        "import os, signal, sys\n"
        "from mailclients.testing import MailServer\n"
        "server = MailServer({'anna': 'secret'}).start()\n"
        "print(server.imap_port, flush=True)\n"
        f"sys.stdin.readline()\n{end}\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        port = int(parent.stdout.readline())
        with connected("127.0.0.1", port) as raw:
            parent.stdin.write(b"\n")
            parent.stdin.flush()
            assert raw.recv(4096) == b""


@needs_twisted
@pytest.mark.skipif(sys.platform == "win32", reason="a console interrupt would reach the tests themselves")
def test_interrupting_the_process_group_leaves_ending_to_the_parent() -> None:
    with MailServer({"anna": "secret"}) as server:
        assert server.pid is not None
        os.kill(server.pid, signal.SIGINT)
        assert server.messages("anna") == []


@needs_twisted
def test_a_port_in_use_is_reported_with_its_reason() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = MailServer({"anna": "secret"}, port=taken.getsockname()[1])
        with pytest.raises(ServerProcessError, match="could not start: CannotListenError"):
            server.start()
        assert server.pid is None


@needs_twisted
def test_warnings_made_errors_do_not_reach_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    with MailServer({"anna": "secret"}) as server:
        assert server.folders("anna") == ["INBOX"]


def test_the_parent_does_not_import_twisted() -> None:
    script = "import sys, mailclients.testing; print('twisted' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("what", ["MailServer({'anna': 'x'}).start()", "runpy"])
def test_without_twisted_the_extra_is_named(tmp_path: Path, what: str) -> None:
    assert typing_extensions.__file__ is not None
    shutil.copy(typing_extensions.__file__, tmp_path)
    script = f"import runpy, sys\nsys.path[:0] = [{str(ROOT)!r}, {str(tmp_path)!r}]\n"
    if what == "runpy":
        script += "sys.argv[1:] = []\nrunpy.run_module('mailclients.testing', run_name='__main__')\n"
    else:
        script += f"from mailclients.testing import MailServer\n{what}\n"
    # -S leaves out site-packages, so that nothing but the standard library and the above can be found
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True)
    assert done.returncode == 1
    assert 'pip install ".[testing]"' in done.stderr
    assert "twisted" in done.stderr
    assert issubclass(MissingExtraError, ImportError)
    assert issubclass(MissingExtraError, AsposeNotSupportedException)


REFUSED: list[tuple[Any, dict[str, Any], str]] = [
    (({},), {}, "at least one user"),
    (({"anna": "x"}, {"ben": {}}), {}, "'ben', who is not among users"),
    (({"anna": "x"}, {"anna": {"a\r\nb": []}}), {}, "name of a folder"),
    (({"anna": "x"}, {"anna": {"INBOX": b"Subject: 1\r\n\r\n"}}), {}, "collection of messages"),
    (({"anna": "x"}, {"anna": ["text"]}), {}, "must be bytes, not str"),
    (({"anna": "x"}, {"anna": [b""]}), {}, "empty"),
    (({"anna": 1},), {}, "must be a string"),
    (({"anna": "x"},), {"protocols": ["gopher"]}, "gopher"),
    (({"anna": "x"},), {"protocols": "imap"}, "not a string"),
    (({"anna": "x"},), {"max_connections_per_user": 0}, "at least 1"),
    (({"anna": "x"},), {"require_tls": True}, "needs tls=True"),
]


@pytest.mark.parametrize(("arguments", "options", "message"), REFUSED)
def test_contents_that_cannot_be_served_are_refused_at_once(
    arguments: tuple[Any, ...], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        MailServer(*arguments, **options)


def test_messages_and_folders_check_what_they_are_given() -> None:
    for wrong in (["two words"], ["\\Unknown"], [""], ["é"]):
        with pytest.raises(ValueError, match="flag"):
            Message(b"x", wrong)
    with pytest.raises(ValueError, match="uid_validity"):
        Folder(uid_validity=0)


def test_no_password_in_a_repr() -> None:
    server = MailServer({"anna": "hidden-word"})
    assert repr(server) == "<MailServer not running users=['anna']>"
    assert "hidden-word" not in repr(vars(server))


@needs_twisted
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process there")
def test_the_demo_server_says_where_it_is(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    # A job in the background of a shell is started with Ctrl-C ignored, and so would be its children.
    run = (
        "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        " runpy.run_module('mailclients.testing', run_name='__main__')"
    )
    command = [sys.executable, "-c", run, "--user", "ben", "--password", "word"]
    command += ["--messages", "3", "--tls", "--ca-file", str(authority)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as demo:
        try:
            assert demo.stdout is not None
            lines = [demo.stdout.readline() for _ in range(6)]
            imap = re.fullmatch(r"imap  127\.0\.0\.1:(\d+)  user ben  password word\n", lines[0])
            assert imap is not None
            assert re.fullmatch(r"imaps  127\.0\.0\.1:\d+  user ben  password word\n", lines[1])
            assert re.fullmatch(r"pop3  127\.0\.0\.1:\d+  user ben  password word\n", lines[2])
            assert re.fullmatch(r"pop3s  127\.0\.0\.1:\d+  user ben  password word\n", lines[3])
            assert authority.read_text(encoding="ascii").startswith("-----BEGIN CERTIFICATE-----")
            connection = imaplib.IMAP4("127.0.0.1", int(imap[1]), timeout=20)
            connection.login("ben", "word")
            assert connection.select()[1] == [b"3"]
            assert connection.select("Archive")[1] == [b"12"]
            connection.logout()
            demo.send_signal(signal.SIGINT)
            assert demo.wait(timeout=60) == 0
        finally:
            demo.kill()  # where it has not ended by itself


@needs_twisted
def test_the_pytest_plugin_in_a_suite_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "test_user.py").write_text(
        "import imaplib\n"
        "import pytest\n"
        "def count(server, user, password):\n"
        "    connection = imaplib.IMAP4(server.host, server.imap_port)\n"
        "    connection.login(user, password)\n"
        "    found = int(connection.select()[1][0])\n"
        "    connection.logout()\n"
        "    return found\n"
        "def test_default(mail_server):\n"
        "    assert count(mail_server, 'anna', 'secret') == 8\n"
        "@pytest.mark.mail_server({'ben': 'b'}, {'ben': [b'Subject: 1\\r\\n\\r\\n']})\n"
        "def test_marked(mail_server):\n"
        "    assert count(mail_server, 'ben', 'b') == 1\n"
        "def test_factory(mail_server_factory):\n"
        "    one, two = mail_server_factory({'x': 'y'}), mail_server_factory({'x': 'z'})\n"
        "    assert count(one, 'x', 'y') == count(two, 'x', 'z') == 0\n",
        encoding="ascii",
    )
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "--strict-markers"]
    command += ["-p", "no:cacheprovider", "-p", "mailclients.testing.pytest_plugin", str(tmp_path)]
    # no other plugin, and this one by its name only, whether or not the package is installed
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment.pop("PYTEST_ADDOPTS", None)
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert "3 passed" in done.stdout, done.stdout + done.stderr
