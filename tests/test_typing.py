"""What both type checkers say about documented and about wrong calls of the public classes.

In the file of wrong calls each line that must be refused carries mypy's own mark. mypy is asked with strict
settings, where an unused mark is an error; pyright is told to overlook the marks, and its errors must be on
exactly the marked lines. Both are given the package as the whole table makes it, with the operations that are
still to come.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mailclients import _generate

ROOT = Path(__file__).resolve().parent.parent
RIGHT = ROOT / "tests" / "typing" / "right_calls.py"
WRONG = ROOT / "tests" / "typing" / "wrong_calls.py"
MARK = "# type: ignore["

# Each of them reads the whole package, which takes a while on a busy machine.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package and the calls; the clients have every operation of their tables."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copytree(ROOT / "mailclients", folder / "mailclients", ignore=shutil.ignore_patterns("__pycache__"))
    for client in _generate.CLIENTS:
        operations = importlib.import_module(client.table).OPERATIONS
        text = _generate.render(dataclasses.replace(client, operations=operations))
        (folder / "mailclients" / client.path).write_text(text, "utf-8")
    for path in (RIGHT, WRONG):
        shutil.copy(path, folder)
    return folder


def needs(checker: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(importlib.util.find_spec(checker) is None, reason=f"{checker} is not installed")


@needs("mypy")
def test_mypy_takes_right_calls_and_refuses_wrong_ones(whole: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", RIGHT.name, WRONG.name]
    # The package beside the calls, not the one that is installed.
    environment = {**os.environ, "MYPYPATH": str(whole)}
    done = subprocess.run(command, cwd=whole, env=environment, check=False, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr


@needs("pyright")
def test_pyright_takes_right_calls_and_refuses_wrong_ones(whole: Path) -> None:
    project = whole / "pyrightconfig.json"
    settings = {
        "include": ["*.py"],
        "pythonVersion": "3.10",
        "typeCheckingMode": "standard",
        "enableTypeIgnoreComments": False,
    }
    project.write_text(json.dumps(settings), "utf-8")
    command = [
        sys.executable,
        "-m",
        "pyright",
        "--outputjson",
        "--pythonpath",
        sys.executable,
        "-p",
        str(project),
    ]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=600)
    assert done.stdout.lstrip().startswith("{"), done.stdout + done.stderr
    report = json.loads(done.stdout)
    refused: dict[str, set[int]] = {RIGHT.name: set(), WRONG.name: set()}
    for entry in report["generalDiagnostics"]:
        if entry["severity"] == "error":
            refused[Path(entry["file"]).name].add(entry["range"]["start"]["line"] + 1)
    marked = {number for number, line in enumerate(WRONG.read_text("utf-8").splitlines(), 1) if MARK in line}
    assert report["summary"]["filesAnalyzed"] == 2
    assert refused == {RIGHT.name: set(), WRONG.name: marked}, report["generalDiagnostics"]
