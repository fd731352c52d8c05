"""The generated classes are what the tables say, byte for byte, and only hand their arguments on."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mailclients import _generate
from mailclients.arguments import Out
from mailclients.client import CredentialsByHostClient
from mailclients.handles import IAsyncResult
from mailclients.imap import client as generated
from mailclients.imap import signatures as imap
from mailclients.imap.models import ImapFolderInfo
from mailclients.parameters import CONNECTION, NOTHING, STRINGS, TEXT, Kind, Parameter, Type, TypeRef
from mailclients.pop3 import signatures as pop3
from mailclients.pop3.client import Pop3Client
from mailclients.signatures import Operation, Shape, table
from mailclients.smtp import signatures as smtp
from mailclients.smtp.client import SmtpClient


@pytest.mark.parametrize(
    ("path", "text"),
    [pytest.param(path, text, id=path.parent.name) for path, text in _generate.render_all().items()],
)
def test_generated_files_are_what_the_tables_say(path: Path, text: str) -> None:
    assert path.read_bytes() == text.encode("utf-8"), "run: python run.py generate"


def test_check_finds_a_changed_byte_and_generate_repairs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_generate, "ROOT", tmp_path / "mailclients")
    for protocol in ("imap", "pop3", "smtp"):
        (tmp_path / "mailclients" / protocol).mkdir(parents=True)
    assert _generate.main(check=True) == 1
    assert _generate.main() == 0
    assert _generate.main(check=True) == 0
    path = tmp_path / "mailclients" / "imap" / "client.py"
    written = path.read_bytes()
    path.write_bytes(written + b"\n")
    assert _generate.main(check=True) == 1
    assert path.read_bytes() == written + b"\n"
    assert "imap" in capsys.readouterr().out
    assert _generate.main() == 0
    assert path.read_bytes() == written


def test_the_generator_is_not_imported_at_run_time() -> None:
    code = "import sys, mailclients.imap.client; sys.exit('mailclients._generate' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


class Recorded(CredentialsByHostClient):
    """Notes what the generated methods hand on."""

    def _configure(self, **settings: Any) -> None:
        self.settings = settings
        self.handed: list[tuple[Any, ...]] = []

    def _call(self, operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self.handed.append(("call", operation.name, args, kwargs))
        return "called"

    def _begin(self, operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self.handed.append(("begin", operation.name, args, kwargs))
        return "begun"

    def _end(self, operation: Operation, async_result: IAsyncResult, out: Out[Any] | None = None) -> Any:
        self.handed.append(("end", operation.name, async_result, out))
        return "ended"


class RecordedClient(Recorded, generated.ImapClient):
    """The generated methods above the recording ones."""


class RecordedPop3Client(Recorded, Pop3Client):
    """The same for POP3."""


class RecordedSmtpClient(Recorded, SmtpClient):
    """The same for SMTP."""


def test_the_constructor_hands_normalised_settings_on() -> None:
    client = RecordedClient("imap.example.org", 993, "user", password="word")
    assert client.settings == {
        "host": "imap.example.org",
        "port": 993,
        "username": "user",
        "password": "word",
    }


MADE: dict[str, tuple[Any, Any, Any]] = {
    "imap": (generated.ImapClient, RecordedClient, imap),
    "pop3": (Pop3Client, RecordedPop3Client, pop3),
    "smtp": (SmtpClient, RecordedSmtpClient, smtp),
}
BUILT = [
    pytest.param(protocol, name, id=f"{protocol}-{name}")
    for protocol, (_, _, module) in MADE.items()
    for name in module.OPERATIONS
]


@pytest.mark.parametrize(("protocol", "name"), BUILT)
def test_methods_hand_on_their_arguments_under_their_own_operation(protocol: str, name: str) -> None:
    _, recorded, module = MADE[protocol]
    client: Any = recorded()
    operation: Operation = module.OPERATIONS[name]
    handle = object()
    # Methods with a single form have that form as their signature; all others take whatever the table takes.
    call = len(list(operation.overloads())) > 1
    begin = len(list(operation.overloads(begin=True))) > 1
    values = [object() for _ in next(iter(operation.overloads()))[0]]
    expected: list[tuple[Any, ...]] = []
    if operation.synchronous:
        gives = "called" if call or operation.returns is not NOTHING else None
        assert (getattr(client, name)(1, two=2) if call else getattr(client, name)(*values)) == gives
        expected += [("call", name, (1,), {"two": 2}) if call else ("call", name, tuple(values), {})]
    if operation.has_pair:
        started = getattr(client, f"begin_{name}")
        assert (started(3, four=4) if begin else started(*values, None, 4)) == "begun"
        ended = getattr(client, operation.end_name)(handle)
        assert ended == (None if (operation.end_returns or operation.returns) is NOTHING else "ended")
        expected += [("begin", name, (3,), {"four": 4}) if begin else ("begin", name, (*values, None, 4), {})]
        expected += [("end", name, handle, None)]
    assert client.handed == expected


def test_end_exist_folder_hands_its_holder_on() -> None:
    client = RecordedClient()
    handle: Any = object()
    holder = Out[ImapFolderInfo]()
    assert client.end_exist_folder(handle, holder)
    assert client.handed == [("end", "exist_folder", handle, holder)]


@pytest.mark.parametrize(("protocol", "name"), BUILT)
def test_docstrings_name_net_member_parameters_and_errors(protocol: str, name: str) -> None:
    client, _, module = MADE[protocol]
    operation: Operation = module.OPERATIONS[name]
    owner, member = operation.net.split(".")
    if operation.synchronous:
        text = getattr(client, name).__doc__
        assert operation.net in text
        assert "Raises:" in text
        for own, _ in operation.overloads():
            for parameter in own:
                assert f"{parameter.name}: " in text
        several = "*args" in str(inspect.signature(getattr(client, name)))
        assert ("Forms:" in text) == several
        if several:  # nothing else in `help` shows them
            unbroken = " ".join(text.split())
            assert all(f"{name}{shape}" in unbroken for shape in operation.shapes)
    if not operation.has_pair:
        assert not hasattr(client, f"begin_{name}")
        return
    by_rule = operation.end_name == f"end_{name}"
    ended = f"End{member}" if by_rule else operation.end_name.title().replace("_", "")
    assert f"{owner}.Begin{member}" in getattr(client, f"begin_{name}").__doc__
    assert f"{owner}.{ended}" in getattr(client, operation.end_name).__doc__


# Kinds of operations that the present tables do not have yet.

PARAMETERS = {
    "connection": CONNECTION,
    "each": Parameter(
        "capability_names",
        Kind(Type("str"), "a str", TEXT.accepts, TEXT.convert, combine=lambda *names: names),
        "what the client can do",
    ),
    "capability_names": Parameter("capability_names", STRINGS, "what the client can do"),
    "number": Parameter("number", TEXT, "which one"),
}


def _operation(name: str, net: str, *shapes: str, returns: Type = NOTHING, **rest: Any) -> Operation:
    parsed = tuple(Shape.parse(shape, PARAMETERS) for shape in shapes)
    return Operation(name, f"DemoClient.{net}", "Does something.", parsed, returns, **rest)


def test_shapes_that_come_later_can_be_generated() -> None:
    operations = table(
        [
            _operation(
                "client_capabilities",
                "ClientCapabilities",
                "connection? each...",
                "connection? capability_names",
                returns=Type("list[str]"),
            ),
            _operation("list_attachments", "ListAttachments", "number", returns=Type("str")),
            _operation("dispose", "Dispose", "", has_pair=False),
            _operation("stop_monitoring", "StopMonitoring", "number?", has_pair=False),
            _operation("send_queue", "SendQueue", "", synchronous=False, end_name="end_begin_send_queue"),
        ]
    )
    text = _generate.render(
        _generate.Client(
            path="demo.py",
            name="DemoClient",
            base=TypeRef("demo", "Base"),
            module_doc="A demo.",
            table="demo.signatures",
            constructor=_operation("DemoClient", "DemoClient", "", "number", has_pair=False),
            operations=operations,
        )
    )
    tree = ast.parse(text)
    (class_,) = (node for node in tree.body if isinstance(node, ast.ClassDef))
    methods: dict[str, list[str]] = {}
    for node in class_.body:
        if isinstance(node, ast.FunctionDef):
            methods.setdefault(node.name, []).append(ast.unparse(node.args))
    tail = "callback: Callback[list[str]]=None, state: object=None"
    assert methods["client_capabilities"] == [
        "self, connection: IConnection, *capability_names: str",
        "self, *capability_names: str",
        "self, connection: IConnection, capability_names: IdCollection[str]",
        "self, capability_names: IdCollection[str]",
        "self, *args: Any, **kwargs: Any",
    ]
    assert methods["begin_client_capabilities"][1] == f"self, *capability_names: str, {tail}"
    assert methods["begin_client_capabilities"][3] == f"self, capability_names: IdCollection[str], {tail}"
    assert methods["list_attachments"] == ["self, number: str"]
    assert methods["begin_list_attachments"] == ["self, number: str, callback: Callback[str]=None, state: object=None"]
    assert "result: str = self._call(_LIST_ATTACHMENTS, (number,), {})" in text
    assert "result: IAsyncResultExt[str] = self._begin(_LIST_ATTACHMENTS, (number, callback, state), {})" in text
    assert "        self._call(_DISPOSE, (), {})" in text
    assert methods["stop_monitoring"] == ["self", "self, number: str", "self, *args: Any, **kwargs: Any"]
    assert "send_queue" not in methods
    assert "end_begin_send_queue" in methods
    assert "begin_dispose" not in methods
