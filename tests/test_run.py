"""`run.py` as far as it can be tried without making an environment or installing a package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import run

ROOT = Path(run.__file__).resolve().parent


def run_py(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(ROOT / "run.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_help_lists_the_commands() -> None:
    done = run_py("--help")
    assert done.returncode == 0
    for name in ("demo", "test", "check", "bench", "generate"):
        assert name in done.stdout


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [((), "required"), (("dmeo",), "invalid choice"), (("demo", "--port", "1"), "demo takes no arguments")],
)
def test_a_mistaken_call_is_explained(arguments: tuple[str, ...], complaint: str) -> None:
    done = run_py(*arguments)
    assert done.returncode == 2
    assert complaint in done.stderr


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """An imaginary `.venv`; gives the commands that would have been run."""
    commands: list[list[str]] = []

    def pretend(command: list[str | Path], what: str, **_: object) -> None:
        commands.append([str(part) for part in command])
        if "venv" in commands[-1]:
            run.PYTHON.parent.mkdir(parents=True, exist_ok=True)
            run.PYTHON.touch()

    venv = tmp_path / ".venv"
    monkeypatch.setattr(run, "VENV", venv)
    monkeypatch.setattr(run, "STAMP", venv / run.STAMP.name)
    monkeypatch.setattr(run, "PYTHON", venv / run.PYTHON.name)
    monkeypatch.setattr(run, "run_quietly", pretend)
    return commands


def test_an_environment_is_made_once_and_extras_are_added(environment: list[list[str]]) -> None:
    for extra in ("testing", "testing", "dev", "testing"):
        run.prepare(extra)
    assert [command[-1].rpartition("[")[2] for command in environment if "pip" in command] == [
        "testing]",
        "dev]",
    ]
    assert sum("venv" in command for command in environment) == 1


def test_an_environment_is_made_anew_when_it_no_longer_fits(
    environment: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    run.prepare("testing")
    monkeypatch.setattr(run, "environment_key", lambda: "another")
    run.prepare("dev")
    assert ["venv" in command for command in environment] == [True, False, True, False]
    assert run.installed_extras("another") == {"dev"}


def test_an_environment_that_was_not_finished_is_made_anew(
    environment: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend = run.run_quietly

    def fail_to_install(command: list[str | Path], what: str) -> None:
        pretend(command, what)
        if "pip" in [str(part) for part in command]:
            raise run.Failure(what)

    with monkeypatch.context() as patch:
        patch.setattr(run, "run_quietly", fail_to_install)
        with pytest.raises(run.Failure):
            run.prepare("testing")
    run.prepare("testing")
    assert sum("venv" in command for command in environment) == 2


def test_the_environment_depends_on_what_is_declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "ROOT", tmp_path)
    (tmp_path / "mailclients").mkdir()
    files = [tmp_path / "setup.cfg", tmp_path / "pyproject.toml", tmp_path / "mailclients" / "__init__.py"]
    for path in files:
        path.write_text('__version__ = "1"\n', "utf-8")
    keys = {run.environment_key()}
    for path in files:
        path.write_text('__version__ = "2"\n', "utf-8")
        keys.add(run.environment_key())
    assert len(keys) == 4
    files[-1].write_text('__version__ = "2"\nanother = "line"\n', "utf-8")
    assert run.environment_key() in keys


def test_a_failed_command_shows_what_it_said(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(run.Failure, match=r"what it said\n\nCould not do it \(exit code 3\)\."):
        run.run_quietly([sys.executable, "-c", "print('what it said'); raise SystemExit(3)"], "do it")
    assert capfd.readouterr().out == ""


@pytest.mark.skipif(os.name == "nt", reason="Debian packages")
@pytest.mark.parametrize("before", [None, "#!/bin/sh\nexit 0\n"])
def test_services_are_kept_from_starting(before: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(run, "POLICY", policy)
    if before is not None:
        policy.write_text(before, "ascii")

    def fail_to_install() -> None:
        with run.services_stay_stopped():
            assert subprocess.run([policy], check=False).returncode == 101
            raise run.Failure("the installation failed")

    with pytest.raises(run.Failure, match="the installation failed"):
        fail_to_install()
    assert [path.read_text("ascii") for path in tmp_path.iterdir()] == ([] if before is None else [before])


def test_in_ci_a_missing_server_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, str]] = []

    def pretend(command: object, *, env: dict[str, str]) -> int:
        seen.append(env)
        return 0

    monkeypatch.setattr(run, "prepare", lambda extra: extra)
    monkeypatch.setattr(run, "install_servers", lambda: None)
    monkeypatch.setattr(run, "run", pretend)
    monkeypatch.delenv("MAILCLIENTS_REQUIRE_SERVERS", raising=False)
    for value in ("true", ""):
        monkeypatch.setenv("CI", value)
        assert run.test([]) == 0
    assert [env.get("MAILCLIENTS_REQUIRE_SERVERS") for env in seen] == ["1", None]


@pytest.mark.skipif(os.name == "nt", reason="Debian packages")
def test_only_what_is_missing_is_installed_and_kept_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(run, "ON_DEBIAN", True)
    monkeypatch.setattr(run, "POLICY", tmp_path / "policy-rc.d")
    monkeypatch.setattr(run, "missing_servers", lambda: ["dovecot-pop3d", "postfix"])
    monkeypatch.setattr(run, "find_program", lambda name: None if name == "postfix" else f"/usr/sbin/{name}")
    monkeypatch.setattr(run, "run_quietly", lambda command, what, **_: commands.append(command))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(Path, "is_dir", lambda _: True)
    monkeypatch.delenv("MAILCLIENTS_INSTALL_SERVERS", raising=False)
    run.install_servers()
    assert [command[-2:] for command in commands[1:]] == [
        ["dovecot-pop3d", "postfix"],
        ["disable", "postfix"],
    ]
    assert commands[0][-1] == "update"


@pytest.mark.skipif(os.name == "nt", reason="Debian packages")
@pytest.mark.parametrize(("user", "wanted"), [(1000, "1"), (0, "0")])
def test_nothing_is_installed_for_others_or_against_the_wish(
    user: int, wanted: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands: list[object] = []
    monkeypatch.setattr(run, "ON_DEBIAN", True)
    monkeypatch.setattr(run, "missing_servers", lambda: ["postfix"])
    monkeypatch.setattr(run, "run_quietly", lambda command, what, **_: commands.append(command))
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setenv("MAILCLIENTS_INSTALL_SERVERS", wanted)
    run.install_servers()
    assert not commands
    assert "skipped" in capsys.readouterr().out
