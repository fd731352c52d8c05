"""What both type checkers say about documented and about wrong calls of the public classes.

There are calls that somebody thought of, in tests/typing, and all calls that are documented, which are written anew
from the facts. In a file of wrong calls each line that must be refused carries mypy's own mark. mypy is asked with
strict settings, where an unused mark is an error; pyright is told to overlook the marks, and its errors must be on
exactly the marked lines.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance import typed_calls

ROOT = Path(__file__).resolve().parent.parent
THOUGHT_OF = [ROOT / "tests" / "typing" / name for name in ("right_calls.py", "wrong_calls.py")]

# Each of them reads the whole package, which takes a while on a busy machine.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all calls."""
    folder = tmp_path_factory.mktemp("calls")
    for path in THOUGHT_OF:
        shutil.copy(path, folder)
    (folder / "all_right_calls.py").write_text(typed_calls.render_right(), "utf-8")
    (folder / "all_wrong_calls.py").write_text(typed_calls.render_wrong(), "utf-8")
    return folder


def needs(checker: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(importlib.util.find_spec(checker) is None, reason=f"{checker} is not installed")


@needs("mypy")
def test_mypy_takes_right_calls_and_refuses_wrong_ones(calls: Path) -> None:
    files = sorted(path.name for path in calls.glob("*.py"))
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", *files]
    # The package of this checkout, whichever one is installed.
    environment = {**os.environ, "MYPYPATH": str(ROOT)}
    done = subprocess.run(command, cwd=calls, env=environment, check=False, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"no issues found in {len(files)} source files" in done.stdout


@needs("pyright")
def test_pyright_takes_right_calls_and_refuses_wrong_ones(calls: Path) -> None:
    project = calls / "pyrightconfig.json"
    settings = {
        "include": ["*.py"],
        "extraPaths": [str(ROOT)],
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
    refused: dict[str, set[int]] = {path.name: set() for path in calls.glob("*.py")}
    for entry in report["generalDiagnostics"]:
        if entry["severity"] == "error":
            refused[Path(entry["file"]).name].add(entry["range"]["start"]["line"] + 1)
    marked = {path.name: marked_lines(path) for path in calls.glob("*.py")}
    assert report["summary"]["filesAnalyzed"] == len(marked) == 4
    assert refused == marked, report["generalDiagnostics"]
    assert {name for name, lines in marked.items() if lines} == {"wrong_calls.py", "all_wrong_calls.py"}


def marked_lines(path: Path) -> set[int]:
    lines = path.read_text("utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if typed_calls.MARK in line}
