"""Rules of the house that no single module can keep: who imports whom, the public names, the packaging.

The level test reads every import with `ast`, those inside functions and under TYPE_CHECKING too: a module
that needs a type from above sits on the wrong level. What is excused stands in `EXCUSED` with its reason.
"""

from __future__ import annotations

import ast
import configparser
import importlib
import inspect
import re
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple, get_origin

import pytest

import mailclients
from tests.conformance.documented import Documented, each_client

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "mailclients"

# The longest matching prefix decides; docs/architecture.md has the same table for people.
LEVELS = {
    "mailclients": 5,
    "mailclients._generate": 5,
    "mailclients.imap.client": 5,
    "mailclients.pop3.client": 5,
    "mailclients.smtp.client": 5,
    "mailclients.testing": 5,
    "mailclients.client": 4,
    "mailclients.saving": 4,
    "mailclients.settings": 4,
    "mailclients.signing_in": 4,
    "mailclients.connecting": 4,
    "mailclients.proxies": 4,
    "mailclients.imap.base": 4,
    "mailclients.imap.commands": 4,
    "mailclients.imap.criteria": 4,
    "mailclients.imap.folders": 4,
    "mailclients.imap.monitoring": 4,
    "mailclients.imap.numbers": 4,
    "mailclients.imap.operations": 4,
    "mailclients.imap.operations.appending": 4,
    "mailclients.imap.operations.archiving": 4,
    "mailclients.imap.operations.restoring": 4,
    "mailclients.imap.operations.changing": 4,
    "mailclients.imap.operations.copying": 4,
    "mailclients.imap.operations.fetching": 4,
    "mailclients.imap.operations.folders": 4,
    "mailclients.imap.operations.listing": 4,
    "mailclients.imap.operations.parts": 4,
    "mailclients.imap.operations.server": 4,
    "mailclients.imap.operations.searching": 4,
    "mailclients.imap.operations.attachments": 4,
    "mailclients.imap.operations.session": 4,
    "mailclients.imap.protocol": 4,
    "mailclients.imap.querying": 4,
    "mailclients.imap.search_keys": 4,
    "mailclients.imap.server_commands": 4,
    "mailclients.imap.server_properties": 4,
    "mailclients.imap.uploads": 4,
    "mailclients.pop3.base": 4,
    "mailclients.pop3.commands": 4,
    "mailclients.pop3.operations": 4,
    "mailclients.pop3.operations.deleting": 4,
    "mailclients.pop3.operations.fetching": 4,
    "mailclients.pop3.operations.listing": 4,
    "mailclients.pop3.operations.session": 4,
    "mailclients.pop3.protocol": 4,
    "mailclients.pop3.querying": 4,
    "mailclients.smtp.base": 4,
    "mailclients.smtp.commands": 4,
    "mailclients.smtp.operations": 4,
    "mailclients.smtp.protocol": 4,
    "mailclients.smtp.queue_sender": 4,
    "mailclients.engine.drivers": 3,
    "mailclients.engine.task_queue": 3,
    "mailclients.engine.tasks": 3,
    "mailclients.engine.pool": 2,
    "mailclients.engine.connection": 2,
    "mailclients.engine.commands": 2,
    "mailclients.engine.callbacks": 2,
    "mailclients.engine.sessions": 2,
    "mailclients.wire": 1,
    "mailclients.smtp.extensions": 1,
    "mailclients.smtp.parameters": 1,  # an address is checked by the rules of the wire
    "mailclients.smtp.pickup": 1,
    "mailclients.smtp.queue": 1,
    "mailclients.smtp.signatures": 1,
    "mailclients.engine.transport": 1,
    "mailclients.engine.compression": 0,
    "mailclients.errors": 0,
    "mailclients.certificates": 0,
    "mailclients.disk": 0,
    "mailclients.journal": 0,
    "mailclients.names": 0,
    "mailclients.options": 0,
    "mailclients.handles": 0,
    "mailclients._futures": 0,
    "mailclients.dotnet": 0,
    "mailclients.message": 0,
    "mailclients.mime": 0,
    "mailclients.search": 0,
    "mailclients.arguments": 0,
    "mailclients.parameters": 0,
    "mailclients.signatures": 0,
    "mailclients.tokens": 0,
    "mailclients.imap.backup": 0,
    "mailclients.imap.models": 0,
    "mailclients.pop3.models": 0,
    "mailclients.pop3.parameters": 0,
    "mailclients.pop3.signatures": 0,
    "mailclients.imap.parameters": 0,
    "mailclients.imap.signatures": 0,
    "mailclients.smtp.models": 0,
    "mailclients.engine.deadlines": 0,
    "mailclients.engine.observer": 0,
    "mailclients.engine.scheduling": 0,
    "mailclients.engine.timers": 0,
    # Names that are loaded when they are asked for, from everywhere in the protocol's package.
    "mailclients.imap": 5,
    "mailclients.pop3": 5,
    "mailclients.smtp": 5,
    # Packages that only hold others: importing them brings in nothing.
    "mailclients.engine": 0,
}
FLAT = (
    "mailclients.wire",
    "mailclients.mime",
    "mailclients.imap.models",
    "mailclients.imap.backup",
    "mailclients.search",
)  # all their modules are on one level
HOLDERS = ("mailclients.engine", "mailclients.wire", "mailclients.mime")

# (who, whom): why an arrow may point up.
EXCUSED: dict[tuple[str, str], str] = {}

# What a module outside the standard library may be imported for, by prefix of the importing module.
THIRD_PARTY = {
    "mailclients": {"typing_extensions"},
    "mailclients.testing": {
        "typing_extensions",
        "cryptography",
        "OpenSSL",
        "pytest",
        "twisted",
        "zope",
    },
}


class Import(NamedTuple):
    importer: str
    imported: str
    line: int
    lazy: bool  # inside a function
    typing_only: bool  # under `if TYPE_CHECKING:`


def sources() -> dict[str, Path]:
    """The library's modules by name."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


SOURCES = sources()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def imports_of(module: str) -> Iterator[Import]:
    """Every import of a module; `from package import name` names the submodule where there is one."""
    path = SOURCES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]

    def targets(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
            return
        base = node.module or ""
        if node.level:
            parts = package.split(".")
            base = ".".join([*parts[: len(parts) - node.level + 1], *([base] if base else [])])
        for alias in node.names:
            full = f"{base}.{alias.name}"
            yield full if full in SOURCES else base

    def walk(node: ast.AST, lazy: bool, typing_only: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.Import, ast.ImportFrom)):
                for target in targets(child):
                    yield Import(module, target, child.lineno, lazy, typing_only)
            elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
                for statement in child.body:
                    yield from walk(ast.Module([statement], []), lazy, True)
                for statement in child.orelse:
                    yield from walk(ast.Module([statement], []), lazy, typing_only)
            else:
                function = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
                yield from walk(child, lazy or function, typing_only)

    yield from walk(tree_of(path), lazy=False, typing_only=False)


def lookup(module: str, table: dict[str, int]) -> int | None:
    """The level of a module: its own entry, or that of a package above it other than the root."""
    name = module
    while name:
        if name in table and (name == module or name in {"mailclients.testing", *FLAT}):
            return table[name]
        name = name.rpartition(".")[0]
    return None


def own_imports(module: str) -> list[Import]:
    return [each for each in imports_of(module) if each.imported.partition(".")[0] == "mailclients"]


# --- who may see whom --------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", SOURCES)
def test_imports_point_downwards(module: str) -> None:
    level = lookup(module, LEVELS)
    assert level is not None, f"{module} has no level: enter it in LEVELS and in docs/architecture.md"
    wrong: list[str] = []
    for each in own_imports(module):
        target = lookup(each.imported, LEVELS)
        assert target is not None, f"{each.imported}, imported in line {each.line}, has no level"
        if target > level and (module, each.imported) not in EXCUSED:
            wrong.append(f"line {each.line}: {each.imported} (level {target})")
    assert not wrong, f"{module} (level {level}) imports from above: {'; '.join(wrong)}"


def test_excuses_are_needed() -> None:
    arrows = {(each.importer, each.imported) for module in SOURCES for each in own_imports(module)}
    assert set(EXCUSED) <= arrows


def test_the_protocol_core_and_the_transport_do_not_see_each_other() -> None:
    for module in SOURCES:
        seen = {each.imported for each in own_imports(module)}
        if module.startswith("mailclients.wire"):
            assert not {name for name in seen if name.startswith("mailclients.engine")}, module
        if module.startswith("mailclients.engine.transport"):
            assert not {name for name in seen if name.startswith("mailclients.wire")}, module


def test_wire_does_no_input_or_output() -> None:
    forbidden = {"socket", "ssl", "threading", "time", "logging", "select", "selectors", "asyncio"}
    for module in SOURCES:
        if module.startswith("mailclients.wire"):
            found = {each.imported.partition(".")[0] for each in imports_of(module)} & forbidden
            assert not found, f"{module} imports {', '.join(sorted(found))}"


def test_the_rooms_of_mime_know_each_other_and_the_errors() -> None:
    for module in SOURCES:
        if module.startswith("mailclients.mime"):
            found = {each.imported for each in own_imports(module) if not each.imported.startswith("mailclients.mime.")}
            allowed = {"mailclients.errors", "mailclients.dotnet", "mailclients.names"}
            assert found <= allowed, f"{module} imports {', '.join(sorted(found))}"


def test_the_rooms_of_mime_are_stacked_as_drawn() -> None:
    drawing = (ROOT / "docs" / "architecture.md").read_text("utf-8").partition("message (MailMessage)")[2]
    floors: dict[str, int] = {}
    for number, line in enumerate(drawing.partition("```")[0].splitlines()):
        words = re.findall(r"[a-z_]+", line)
        floors |= {f"mailclients.mime.{word}": number for word in words if f"mailclients.mime.{word}" in SOURCES}
    rooms = {module for module in SOURCES if module.startswith("mailclients.mime.")}
    assert floors.keys() == rooms
    for module in rooms:
        above = [each.imported for each in own_imports(module) if floors.get(each.imported, 99) < floors[module]]
        assert not above, f"{module} imports from above: {', '.join(above)}"


def test_pool_and_tasks_know_no_protocol() -> None:
    protocols = ("mailclients.wire", "mailclients.imap", "mailclients.pop3", "mailclients.smtp")
    for module in ("pool", "drivers", "task_queue", "tasks"):
        imports = own_imports(f"mailclients.engine.{module}")
        found = [each.imported for each in imports if each.imported.startswith(protocols)]
        assert not found, f"{module} imports {', '.join(found)}"


def test_packages_that_hold_others_import_nothing() -> None:
    for module in HOLDERS:
        assert not list(imports_of(module)), f"{module} is loaded with each of its modules: keep it empty"


def test_no_cycle_among_imports_that_run() -> None:
    arrows = {
        module: {each.imported for each in own_imports(module) if not each.lazy and not each.typing_only}
        for module in SOURCES
    }
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, f"imports go round: {' -> '.join((*way, module))}"
        if module not in done:
            for target in sorted(arrows.get(module, ())):
                visit(target, (*way, module))
            done.add(module)

    for module in SOURCES:
        visit(module, ())


@pytest.mark.parametrize("module", SOURCES)
def test_nothing_but_the_declared_dependencies_is_imported(module: str) -> None:
    testing = module.startswith("mailclients.testing")
    allowed = THIRD_PARTY["mailclients.testing" if testing else "mailclients"]
    for each in imports_of(module):
        top = each.imported.partition(".")[0]
        known = top == "mailclients" or top in sys.stdlib_module_names or top in allowed
        assert known, f"{module}, line {each.line}: {top} is not a declared dependency"


def test_the_level_test_sees_every_kind_of_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "probe.py"
    path.write_text(
        "from __future__ import annotations\n"
        "from typing import TYPE_CHECKING\n"
        "import mailclients.errors\n"
        "from mailclients.engine import transport\n"
        "if TYPE_CHECKING:\n    from mailclients.engine.tasks import TaskQueue\n"
        "else:\n    from mailclients import options\n"
        "def f():\n    from . import client\n    from ..handles import IAsyncResult\n",
        "utf-8",
    )
    names = ("mailclients.engine.transport", "mailclients.options", "mailclients.imap.client")
    monkeypatch.setattr(
        sys.modules[__name__], "SOURCES", {"mailclients.imap.probe": path, **dict.fromkeys(names, path)}
    )
    found = {(each.imported, each.lazy, each.typing_only) for each in own_imports("mailclients.imap.probe")}
    assert found == {
        ("mailclients.errors", False, False),
        ("mailclients.engine.transport", False, False),
        ("mailclients.engine.tasks", False, True),
        ("mailclients.options", False, False),
        ("mailclients.imap.client", True, False),
        ("mailclients.handles", True, False),
    }


# --- modules -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", SOURCES)
def test_a_module_says_what_it_is_for(module: str) -> None:
    assert ast.get_docstring(tree_of(SOURCES[module])), f"{module} has no docstring"


# Importing these makes Twisted's reactor, whose descriptors stay: they are loaded in the server's process alone.
WITH_REACTOR = {"mailclients.testing.pop3_protocol"}


@pytest.mark.parametrize("module", [name for name in SOURCES if not name.endswith("__main__")])
def test_all_names_exist(module: str) -> None:
    if module in WITH_REACTOR:
        code = f"import {module} as loaded; print([n for n in loaded.__all__ if not hasattr(loaded, n)])"
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[]"
        return
    loaded = importlib.import_module(module)
    missing = [name for name in getattr(loaded, "__all__", ()) if not hasattr(loaded, name)]
    assert not missing, f"{module}.__all__ names {', '.join(missing)}"


@pytest.mark.parametrize(
    "path",
    [*SOURCES.values(), *sorted((ROOT / "samples").glob("*.py")), ROOT / "run.py"],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_source_is_python_3_10(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ast.parse(path.read_text("utf-8"), str(path), feature_version=(3, 10))


# --- the public names --------------------------------------------------------------------------------------


def names_for_type_checkers(package: Path = PACKAGE) -> dict[str, str]:
    """Name to module, as imported under TYPE_CHECKING."""
    found: dict[str, str] = {}
    for node in tree_of(package / "__init__.py").body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for statement in node.body:
                assert isinstance(statement, ast.ImportFrom)
                assert statement.module is not None
                found |= {alias.asname or alias.name: statement.module for alias in statement.names}
    return found


def test_public_names_agree() -> None:
    homes: dict[str, str] = mailclients._HOMES
    assert homes == names_for_type_checkers()
    assert sorted([*homes, "__version__"]) == sorted(mailclients.__all__)


@pytest.mark.parametrize(
    ("protocol", "errors"),
    [
        ("imap", {"ImapException"}),
        ("pop3", {"DeletionsLostError", "NumbersChangedError", "Pop3Exception"}),
        ("smtp", set[str]()),
    ],
)
def test_the_names_of_a_protocol_are_those_of_its_package_and_of_the_library(protocol: str, errors: set[str]) -> None:
    package = importlib.import_module(f"mailclients.{protocol}")
    assert set(names_for_type_checkers(PACKAGE / protocol)) == set(package.__all__)
    ours = {name for name, home in mailclients._HOMES.items() if home.startswith(f"mailclients.{protocol}.")}
    assert ours | errors == set(package.__all__)
    for name in package.__all__:
        assert getattr(package, name) is getattr(mailclients, name)
        assert name in dir(package)
    with pytest.raises(AttributeError, match=rf"'mailclients\.{protocol}' has no attribute 'ImapCleint'"):
        package.ImapCleint  # noqa: B018
    loaded = loaded_after(f"import mailclients.{protocol}")
    expected = {"mailclients", f"mailclients.{protocol}"}
    assert {name for name in loaded if name.startswith("mailclients")} == expected


def test_each_name_has_one_home() -> None:
    names = [name for module in mailclients._NAMES.values() for name in module]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", mailclients.__all__)
def test_public_name_resolves(name: str) -> None:
    value = getattr(mailclients, name)
    home = mailclients._HOMES.get(name)
    if home is not None:
        assert value is getattr(importlib.import_module(home), name)
    assert name in dir(mailclients)


def test_errors_are_all_public() -> None:
    errors = importlib.import_module("mailclients.errors")
    public = {name for name in errors.__all__ if isinstance(getattr(errors, name), type)}
    assert public <= set(mailclients.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'mailclients' has no attribute 'ImapCleint'"):
        mailclients.ImapCleint  # type: ignore[attr-defined]  # noqa: B018


def loaded_after(statement: str) -> set[str]:
    """The modules that a fresh interpreter holds after a statement, beyond those it starts with."""
    program = (
        "import sys; sys.path.append({site!r}); sys.path.insert(0, {root!r}); before = set(sys.modules)\n"
        "{statement}\n"
        "print(*(set(sys.modules) - before))"
    )
    site = str(Path(importlib.import_module("typing_extensions").__file__ or "").parent)
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", program.format(site=site, root=str(ROOT), statement=statement)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return set(done.stdout.split())


def test_importing_the_package_loads_none_of_it() -> None:
    loaded = loaded_after("import mailclients")
    assert {name for name in loaded if name.startswith("mailclients")} == {"mailclients"}
    heavy = {
        "asyncio",
        "concurrent.futures",
        "email",
        "http",
        "logging",
        "socket",
        "ssl",
        "threading",
        "twisted",
    }
    assert not loaded & heavy


def public_classes() -> list[type]:
    found = [getattr(mailclients, name) for name in mailclients.__all__]
    return [each for each in found if isinstance(each, type) and get_origin(each) is None]


def members_of(cls: type) -> Iterator[tuple[str, object, str]]:
    """Public methods and properties with their docstrings, inherited from the nearest that has one."""
    for name in sorted(dir(cls)):
        member = inspect.getattr_static(cls, name)
        if isinstance(member, (classmethod, staticmethod)):
            member = member.__func__
        function = member.fget if isinstance(member, property) else member
        ours = inspect.isfunction(function) and function.__module__.startswith("mailclients")
        if ours and not name.startswith("_"):
            yield name, member, inspect.getdoc(getattr(cls, name)) or ""


@pytest.mark.parametrize("cls", public_classes(), ids=lambda cls: cls.__name__)
def test_a_public_class_and_its_members_are_documented(cls: type) -> None:
    assert (cls.__doc__ or "").strip()
    for name, _, text in members_of(cls):
        assert text.strip(), f"{cls.__name__}.{name} has no docstring"


@pytest.mark.parametrize("cls", public_classes(), ids=lambda cls: cls.__name__)
def test_a_public_class_names_where_it_comes_from(cls: type) -> None:
    # Errors with a name of ours end in Error; the others carry their .NET name as it is (rule N3).
    if not issubclass(cls, BaseException) and cls not in (mailclients.Blame, mailclients.PartlyDone):
        assert ".NET" in (cls.__doc__ or ""), f"{cls.__name__} does not say what it is called in .NET"


@each_client
def test_the_members_of_a_client_name_their_net_member(client: Documented) -> None:
    silent = {name for name, _, text in members_of(client.cls) if ".NET" not in text}
    assert silent == client.added


@each_client
def test_operations_document_their_arguments_and_errors(client: Documented) -> None:
    for name, member, text in members_of(client.cls):
        if not inspect.isfunction(member) or name in client.added | {"dispose", "cancel_async_operation"}:
            continue
        code = ast.parse(textwrap.dedent(inspect.getsource(member))).body[-1]
        assert isinstance(code, ast.FunctionDef)
        for argument in [*code.args.args[1:], *code.args.kwonlyargs]:
            assert re.search(rf"\b{argument.arg}: ", text), f"{name} does not document {argument.arg}"
        if name != "get_capabilities":
            assert "Raises:" in text, f"{name} does not say which errors it raises"


def test_times_and_sizes_have_units() -> None:
    for cls in public_classes():
        for name, member, text in members_of(cls):
            names = {name}
            if inspect.isfunction(member):
                names |= set(inspect.signature(member).parameters)
            if names & {"timeout", "greeting_timeout", "connection_checkup_period", "milliseconds_timeout"}:
                assert "milliseconds" in text.lower(), f"{cls.__name__}.{name} does not give the unit"
            if names & {"size", "max_size"} and cls.__name__ != "Pool":
                assert "byte" in text, f"{cls.__name__}.{name} does not give the unit"


def test_no_thread_exists_before_there_is_work() -> None:
    program = (
        "import sys, threading\n"
        "sys.path.insert(0, {root!r})\n"
        "from mailclients import ImapClient\n"
        "client = ImapClient('127.0.0.1', 1, 'anna', 'secret')\n"
        "client.max_connections_per_server = 3\n"
        "print(threading.enumerate(), client.executor)\n"
        "client.dispose()\n"
        "print(threading.active_count())"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program.format(root=str(ROOT))],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    first, second = done.stdout.splitlines()
    assert re.fullmatch(r"\[<_MainThread\(.+\)>\] None", first), first
    assert second == "1"


def test_the_client_loads_nothing_it_rarely_needs() -> None:
    loaded = loaded_after("from mailclients import ImapClient")
    rarely = {"asyncio", "email", "http", "multiprocessing", "pydoc", "unittest", "urllib.request", "xml"}
    assert not loaded & rarely


def test_star_import_gives_the_public_names() -> None:
    names: dict[str, object] = {}
    exec("from mailclients import *", names)
    assert set(mailclients.__all__) <= set(names)


# --- packaging and the files around it ---------------------------------------------------------------------


def configuration() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "setup.cfg", "utf-8")
    return parser


def test_the_version_stands_in_one_place() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+(?:\.dev\d+|(?:a|b|rc)\d+)?", mailclients.__version__)
    assert configuration()["metadata"]["version"] == "attr: mailclients.__version__"
    for name in ("setup.cfg", "pyproject.toml", "run.py"):
        assert mailclients.__version__ not in re.findall(r"\d+\.\d+\.\d+", (ROOT / name).read_text("utf-8"))


def test_building_needs_no_import() -> None:
    """The version is read from the source, so that the package can be built where nothing is installed."""
    assignments = [
        node
        for node in tree_of(PACKAGE / "__init__.py").body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__version__"
    ]
    assert [ast.literal_eval(node.value) for node in assignments] == [mailclients.__version__]


def test_the_library_needs_typing_extensions_and_nothing_else() -> None:
    needed = configuration()["options"]["install_requires"].split()
    assert [re.split(r"[<>=~!\[;]", each)[0] for each in needed] == ["typing_extensions"]


def test_types_are_shipped() -> None:
    assert (PACKAGE / "py.typed").exists()
    assert "py.typed" in configuration()["options.package_data"]["*"]


def test_entry_points_exist_and_load_nothing_extra() -> None:
    entries = configuration()["options.entry_points"]["pytest11"].split("\n")
    targets = [entry.partition("=")[2].strip() for entry in entries if entry.strip()]
    assert targets
    for target in targets:
        loaded = {name.partition(".")[0] for name in loaded_after(f"import pytest, {target}")}
        assert not loaded & {"twisted", "OpenSSL", "cryptography"}, (
            f"{target} is loaded in every pytest run of everybody who has the library installed"
        )


def test_the_changelog_covers_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    sections = re.findall(r"^## \[(.+?)\]", text, re.MULTILINE)
    assert sections[0] in {"Unreleased", mailclients.__version__}
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        kinds = re.findall(r"^### (.+)$", section, re.MULTILINE)
        assert set(kinds) <= {"Security", "Added", "Changed", "Deprecated", "Removed", "Fixed"}
        assert "Security" not in kinds[1:], "Security comes first"


def samples() -> list[Path]:
    return sorted(path for path in (ROOT / "samples").glob("*.py") if not path.name.startswith("_"))


@pytest.mark.parametrize("sample", samples(), ids=lambda path: path.stem)
def test_a_sample_is_listed_and_says_what_it_shows(sample: Path) -> None:
    docstring = ast.get_docstring(tree_of(sample))
    assert docstring is not None
    row = f"| [{sample.name}]({sample.name}) | {docstring.splitlines()[0].removesuffix('.')} |"
    assert row in (ROOT / "samples" / "README.md").read_text("utf-8").splitlines(), row
    assert "Shows:" in docstring
    assert sample.read_text("utf-8").splitlines()[0] == f'"""{docstring.splitlines()[0]}'


def test_listed_samples_exist_once_and_stand_in_order_in_their_groups() -> None:
    groups = re.split(r"^## ", (ROOT / "samples" / "README.md").read_text("utf-8"), flags=re.MULTILINE)
    listed = [re.findall(r"^\| \[(.+?)\]", group, re.MULTILINE) for group in groups]
    assert sorted(name for names in listed for name in names) == [path.name for path in samples()]
    assert all(names == sorted(names) for names in listed)


def test_links_between_documents_lead_somewhere() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "samples" / "README.md"]
    for document in documents:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_the_level_table_for_people_is_the_one_that_is_enforced() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    for level, modules in re.findall(r"^\| ([0-5]) \| (.+?) \|", text, re.MULTILINE):
        for name in re.findall(r"`([\w/]+?)/?`", modules):
            module = "mailclients" if name == "mailclients" else f"mailclients.{name.replace('/', '.')}"
            assert LEVELS.get(module) == int(level), f"docs/architecture.md has {name} on level {level}"
    for module in LEVELS.keys() - set(HOLDERS) | set(FLAT):
        short = module.removeprefix("mailclients.").replace(".", "/")
        assert re.search(rf"`{short}/?`", text), f"docs/architecture.md does not place {module}"


def test_run_needs_the_standard_library_only() -> None:
    for node in ast.walk(tree_of(ROOT / "run.py")):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def own_files() -> list[Path]:
    kinds = {".py", ".md", ".cfg", ".toml", ".txt", ""}
    folders = [ROOT / name for name in ("mailclients", "tests", "samples", "docs", "benchmarks", ".ci")]
    inside = [path for folder in folders for path in folder.rglob("*")]
    found = [path for path in [*ROOT.iterdir(), *inside] if path.is_file() and path.suffix in kinds]
    return [path for path in found if "__pycache__" not in path.parts and path.name != ".git"]


# Written in two parts, so that this file does not contain them.
UNWANTED = [
    (first + last, reason)
    for first, last, reason in (
        ("py", "pi.org", "names a package index"),
        ("pythonhosted", ".org", "names a package index"),
        ("npmjs", ".org", "names a package index"),
        ("TO", "DO", "is unfinished"),
        ("FIX", "ME", "is unfinished"),
        ("XX", "X:", "is unfinished"),
        ("/ro", "ot/", "names a place on one machine"),
        ("/wo", "rk/", "names a place on one machine"),
        ("/ho", "me/", "names a place on one machine"),
        ("/tmp/", "plan", "names a place on one machine"),
    )
]


def test_files_speak_of_the_project_alone() -> None:
    for path in own_files():
        text = path.read_text("utf-8", errors="replace")
        for word, reason in UNWANTED:
            assert word not in text, f"{path.relative_to(ROOT)} {reason}: {word!r}"


def test_no_text_has_two_versions_of_a_line() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode != 0:
        pytest.skip("not a git checkout")
    marks = ("<" * 7 + " ", ">" * 7 + " ")
    for name in filter(None, tracked.stdout.split("\0")):
        text = (ROOT / name).read_text(encoding="utf-8") if (ROOT / name).is_file() else ""
        assert not any(line.startswith(marks) for line in text.splitlines()), name
