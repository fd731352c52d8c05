#!/usr/bin/env python3
"""The one command of this project, for Linux, macOS and Windows, with nothing but Python 3.10 or newer.

    python3 run.py demo       start a small mail server and run every sample against it
    python3 run.py test       run the tests; whatever follows is handed to pytest
    python3 run.py check      run the linter, the formatter, both type checkers and the drift test
    python3 run.py bench      measure speed beside peers (`listing`, `scale`: jobs apart); whatever follows is handed on
    python3 run.py generate   write the generated classes and tables anew

It makes the folder `.venv` beside this file and installs what a command needs into it. On Debian and its
relatives, as root, `test` and `bench` also install the mail servers that some tests run against, without
starting them (set MAILCLIENTS_INSTALL_SERVERS=0 to prevent that).
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

MINIMUM = (3, 10)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "mailclients-stamp.txt"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
BENCHMARKS = ("jobs", "listing", "scale")
SAMPLE_TIMEOUT = 120  # seconds; a sample takes a few

# Debian's packages, each with its program, which is also the name of its service.
SERVERS = {"dovecot-imapd": "dovecot", "dovecot-pop3d": "dovecot", "postfix": "postfix"}
ON_DEBIAN = Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None
POLICY = Path("/usr/sbin/policy-rc.d")  # asked by Debian before a package starts its service
SYSTEM_PATH = os.pathsep.join(("/usr/sbin", "/usr/local/sbin", "/sbin"))


class Failure(Exception):
    """Something that the person at the keyboard has to know; shown without a traceback."""


def say(text: str = "") -> None:
    print(text, flush=True)


def run(command: Sequence[str | Path], *, env: dict[str, str] | None = None) -> int:
    """Run a command in the project's folder with its output on the screen; gives its exit code."""
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=env, check=False).returncode


def run_quietly(command: Sequence[str | Path], what: str, *, env: dict[str, str] | None = None) -> None:
    """Run a command whose output only matters when it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=env,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        raise Failure(f"{done.stdout.rstrip()}\n\nCould not {what} (exit code {done.returncode}).")


# --- the environment ---------------------------------------------------------------------------------------


def environment_key() -> str:
    """What the environment was made from; another key means that it has to be made anew."""
    parts = [platform.python_implementation(), sys.version, str(ROOT)]
    parts += [(ROOT / name).read_text("utf-8") for name in ("setup.cfg", "pyproject.toml")]
    names = (ROOT / "mailclients" / "__init__.py").read_text("utf-8")
    parts += [line for line in names.splitlines() if line.startswith("__version__")]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def installed_extras(key: str) -> set[str]:
    """The extras already in `.venv`, or nothing where it was made from something else or not finished."""
    try:
        made_from, *extras = STAMP.read_text("ascii").split()
    except (OSError, ValueError):
        return set()
    return set(extras) if made_from == key and PYTHON.exists() else set()


def base_python() -> str:
    """The interpreter to make the environment with: never the environment's own."""
    if Path(sys.prefix).resolve() == VENV.resolve():
        return str(getattr(sys, "_base_executable", sys.executable))
    return sys.executable


def prepare(extra: str) -> Path:
    """The interpreter of an environment in which the package and this extra are installed."""
    key = environment_key()
    have = installed_extras(key)
    if extra in have:
        return PYTHON
    if not have:
        say(f"Making {VENV.name} with Python {platform.python_version()} ...")
        run_quietly(
            [base_python(), "-m", "venv", "--clear", VENV],
            "make a virtual environment (on Debian and Ubuntu: apt-get install python3-venv)",
        )
    say(f"Installing mailclients[{extra}] into {VENV.name} ...")
    pip: list[str | Path] = [PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    run_quietly([*pip, "install", "--editable", f"{ROOT}[{extra}]"], "install what is needed")
    STAMP.write_text("\n".join([key, *sorted(have | {extra})]), "ascii")
    return PYTHON


# --- the mail servers that some tests run against ----------------------------------------------------------


def find_program(name: str) -> str | None:
    """Where a server program is; those of the system are not on everybody's path."""
    return shutil.which(name) or shutil.which(name, path=SYSTEM_PATH)


@contextlib.contextmanager
def services_stay_stopped() -> Generator[None, None, None]:
    """While this lasts, installing a package on Debian starts no service.

    A policy that is already there is put back, one left over from an interrupted run too.
    """
    kept = POLICY.with_name(POLICY.name + ".before-mailclients")
    if POLICY.exists() and not kept.exists():
        POLICY.replace(kept)
    POLICY.write_text("#!/bin/sh\nexit 101\n", "ascii")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        if kept.exists():
            kept.replace(POLICY)
        else:
            POLICY.unlink(missing_ok=True)


def missing_servers() -> list[str]:
    """The Debian packages of the mail servers that are not here; elsewhere the programs in them tell."""
    if not ON_DEBIAN:
        return [package for package, program in SERVERS.items() if find_program(program) is None]
    ask = ["dpkg-query", "--show", "--showformat=${db:Status-Status}"]
    answers = {
        package: subprocess.run([*ask, package], capture_output=True, text=True, check=False).stdout
        for package in SERVERS
    }
    return [package for package, answer in answers.items() if answer != "installed"]


def install_servers() -> None:
    """Install the mail servers that are missing where that can be done, and say so where it cannot."""
    missing = missing_servers()
    if not missing:
        return
    without = "The tests that need a real mail server are skipped."
    by_hand = f"apt-get install {' '.join(missing)}"
    if not ON_DEBIAN:
        programs = " and ".join(sorted({SERVERS[package] for package in missing}))
        say(f"Not found: {programs}. {without} They are run where Dovecot and Postfix are installed.")
        return
    if os.geteuid() != 0:
        say(f"Not installed: {' '.join(missing)}. {without} To run these too: sudo {by_hand}")
        return
    if os.environ.get("MAILCLIENTS_INSTALL_SERVERS") == "0":
        say(f"Not installed, as MAILCLIENTS_INSTALL_SERVERS=0 asks: {' '.join(missing)}. {without}")
        return
    # A server that was here before is somebody's, and stays as it is.
    new_services = {SERVERS[package] for package in missing if find_program(SERVERS[package]) is None}
    say(f"Installing {' '.join(missing)} (they are not started) ...")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt_get = ["apt-get", "--quiet", "--yes", "--no-install-recommends"]
    with services_stay_stopped():
        run_quietly([*apt_get, "update"], "update the list of Debian packages", env=env)
        run_quietly([*apt_get, "install", *missing], f"install the mail servers ({by_hand})", env=env)
    if new_services and Path("/run/systemd/system").is_dir():
        # Nor shall they start with the machine: the tests start private copies with their own settings.
        run_quietly(["systemctl", "disable", *sorted(new_services)], "keep the mail servers from starting")


# --- the commands ------------------------------------------------------------------------------------------


def samples() -> list[Path]:
    return sorted(path for path in (ROOT / "samples").glob("*.py") if not path.name.startswith("_"))


def title_of(sample: Path) -> str:
    """The first line of a sample's docstring."""
    first = sample.read_text("utf-8").splitlines()[0]
    return first.strip().strip('"').rstrip(".")


def run_sample(python: Path, sample: Path, arguments: Sequence[str]) -> tuple[str, bool]:
    """Run one sample; gives what to show of it, its output indented, and whether it went well."""
    try:
        done = subprocess.run(
            [str(python), str(sample), *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=SAMPLE_TIMEOUT,
        )
    except subprocess.TimeoutExpired as error:
        output, outcome = str(error.output or ""), f"FAILED: not finished after {SAMPLE_TIMEOUT} seconds"
    else:
        output, outcome = done.stdout, "ok" if done.returncode == 0 else f"FAILED with {done.returncode}"
    title = f"{sample.relative_to(ROOT)}: {title_of(sample)}"
    return "\n".join(["", title, *(f"    {line}" for line in output.splitlines()), f"  {outcome}"]), outcome == "ok"


def run_samples(python: Path, arguments: Sequence[str]) -> dict[str, bool]:
    """Run all samples, a few at a time, and show them in order; gives which of them went well.

    Each has an account of its own on the server, so none sees what another does.
    """
    results: dict[str, bool] = {}
    with ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as executor:
        running = {path.name: executor.submit(run_sample, python, path, arguments) for path in samples()}
        try:
            for name, future in running.items():
                shown, results[name] = future.result()
                say(shown)
        finally:
            # Interrupted, it waits for those that run and begins no more.
            for future in running.values():
                future.cancel()
    return results


def demo(_: Sequence[str]) -> int:
    python = prepare("testing")
    command = [str(python), str(ROOT / "samples" / "_server.py")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            if not line:
                raise Failure("The embedded mail server did not start; what it said is above.")
            where: dict[str, str] = json.loads(line)
            say(f"A small mail server with some mail in it listens on {where['host']}:{where['port']}.")
            arguments = [part for name, value in where.items() for part in (f"--{name}", str(value))]
            results = run_samples(python, arguments)
        finally:
            # The server runs until its input ends, so it never outlives this command.
            server.stdin.close()
    failed = [name for name, good in results.items() if not good]
    say()
    if failed:
        say(f"{len(failed)} of {len(results)} samples failed: {', '.join(failed)}")
        return 1
    say(f"All {len(results)} samples ran. Each is one short file in samples/: open one and change it.")
    return 0


def test(arguments: Sequence[str]) -> int:
    python = prepare("test")
    install_servers()
    env = dict(os.environ)
    if env.get("CI", "").lower() in {"1", "true", "yes"}:
        # A skipped test proves nothing: in CI the real servers have to be there.
        env.setdefault("MAILCLIENTS_REQUIRE_SERVERS", "1")
    return run([python, "-m", "pytest", *arguments], env=env)


def check(_: Sequence[str]) -> int:
    python = prepare("dev")
    steps: dict[str, list[str | Path]] = {
        "ruff check": ["ruff", "check", "."],
        "ruff format": ["ruff", "format", "--check", "."],
        "mypy": ["mypy"],
        "pyright": ["pyright", "--pythonpath", python],
        "generated files": ["mailclients._generate", "--check"],
        "documented members": ["tests.support.surface", "--check"],
    }
    failed: list[str] = []
    for name, command in steps.items():
        say(f"== {name}")
        if run([python, "-m", *command]):
            failed.append(name)
    say(f"\nFailed: {', '.join(failed)}" if failed else "\nAll checks passed.")
    return 1 if failed else 0


def bench(arguments: Sequence[str]) -> int:
    python = prepare("bench")
    install_servers()
    name, *rest = arguments if arguments and arguments[0] in BENCHMARKS else ["jobs", *arguments]
    return run([python, ROOT / "benchmarks" / f"{name}.py", *rest])


def generate(arguments: Sequence[str]) -> int:
    python = prepare("dev")
    modules = ("mailclients._generate", "tests.support.surface")
    return max(run([python, "-m", module, *arguments]) for module in modules)


COMMANDS = {
    "demo": (demo, "start a small mail server and run every sample against it"),
    "test": (test, "run the tests; whatever follows is handed to pytest"),
    "check": (check, "run the linter, the formatter, both type checkers and the drift test"),
    "bench": (bench, "measure speed beside peers; whatever follows is handed to the benchmark"),
    "generate": (generate, "write the generated classes and tables anew"),
}
TAKES_ARGUMENTS = {"test", "bench", "generate"}


def main(arguments: Sequence[str]) -> int:
    if sys.version_info < MINIMUM:
        say(f"mailclients needs Python 3.10 or newer; this is {platform.python_version()}.")
        return 2
    parser = argparse.ArgumentParser(prog="run.py", description="The one command of this project.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, (_, text) in COMMANDS.items():
        commands.add_parser(name, help=text, add_help=name not in TAKES_ARGUMENTS)
    chosen, rest = parser.parse_known_args(arguments)
    if rest and chosen.command not in TAKES_ARGUMENTS:
        parser.error(f"{chosen.command} takes no arguments, got {' '.join(rest)}")
    try:
        return COMMANDS[chosen.command][0](rest)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
