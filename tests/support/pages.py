"""The pages of the documentation: where they are, the programs in them, and how one is run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("samples/*.md")])


def name_of(page: Path) -> str:
    """A page's name from the root, with slashes."""
    return page.relative_to(ROOT).as_posix()


def programs(page: Path, language: str = "python") -> list[str]:
    """The blocks of one language in a page, in order."""
    return re.findall(rf"^```{language}\n(.+?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def run_python(*arguments: str, cwd: Path | None = None, **more: str) -> str:
    """Runs Python as a program of its own, warnings as errors; what it printed.

    Args:
        arguments: of the interpreter. cwd: where, this process's directory if None. more: environment variables.
    """
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONWARNINGS": "error", "PYTHONPATH": path, **more}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "Warning" not in done.stdout, done.stdout
    return done.stdout


def run(program: str, cwd: Path | None = None, **more: str) -> str:
    """Runs a program as if it were pasted into the interpreter."""
    return run_python("-c", program, cwd=cwd, **more)
