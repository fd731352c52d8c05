"""The public methods are annotated as they are documented: every parameter list, every type, every result."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache

import pytest

from mailclients import _generate
from tests.conformance.documented import CLIENTS, IMAP, SMTP, Documented, each_operation, names_of
from tests.conformance.types import annotation

# Parameters that are written otherwise than their type alone tells, mostly because more is taken.
WIDER = {
    "file_name": "str | os.PathLike[str]",
    "folders": "IdCollection[ImapFolderInfo]",
    "options": "ListFoldersOptions",
    "pst": "PersonalStorage | str | os.PathLike[str]",
    "sleep": "int | timedelta",
}
# The same in single operations.
WIDER_IN = {
    (IMAP, "backup", "options"): {"BackupSettings | BackupOptions"},
    (IMAP, "restore", "settings"): {"RestoreSettings | RestoreOptions"},
    # A collection of messages, of whatever kind, or each an argument of its own.
    (SMTP, "send", "messages"): {"MailMessage", "IdCollection[MailMessage]"},
    (SMTP, "send_to_queue", "messages"): {"IdCollection[MailMessage]"},
    (SMTP, "forward", "message_stream"): {"SupportsReadBytes"},
}


def parameter_annotations(client: Documented, operation: str, name: str, type_: str) -> set[str]:
    """What may be written for a documented parameter."""
    if (client, operation, name) in WIDER_IN:
        return WIDER_IN[client, operation, name]
    if name in WIDER:
        return {WIDER[name]}
    if type_.startswith("IEnumerable<"):
        return {f"IdCollection[{annotation(type_[12:-1])}]"}
    if type_.startswith("params "):
        return {"str", "IdCollection[str]"}
    if type_.startswith("out "):
        return {f"Out[{type_[4:]}]"}
    known = {"bool?": "bool | None", "Stream": "SupportsWrite", "ImapMessageFlags": "ImapMessageFlags | str"}
    return {known.get(type_, annotation(type_))}


@cache
def methods(client: Documented) -> dict[str, list[ast.FunctionDef]]:
    """The signatures of the generated class: overloads, or the one there is."""
    (generated,) = (each for each in _generate.CLIENTS if each.name == client.name)
    (class_,) = (node for node in ast.parse(_generate.render(generated)).body if isinstance(node, ast.ClassDef))
    found: dict[str, list[ast.FunctionDef]] = {}
    for node in class_.body:
        if isinstance(node, ast.FunctionDef):
            found.setdefault(node.name, []).append(node)
    return {name: nodes[:-1] or nodes for name, nodes in found.items()}


def signatures(client: Documented, method: str) -> Iterator[dict[str, str]]:
    """Each parameter list that a method's annotations admit: annotations by name."""
    for node in methods(client)[method]:
        arguments = [*node.args.args[1:], *([node.args.vararg] if node.args.vararg else []), *node.args.kwonlyargs]
        given = {each.arg: ast.unparse(each.annotation) for each in arguments if each.annotation is not None}
        assert len(given) == len(arguments)
        optional = len(node.args.defaults) + sum(default is not None for default in node.args.kw_defaults)
        names = list(given)
        for count in range(len(names) - optional, len(names) + 1):
            yield {each: given[each] for each in names[:count]}


def returns(client: Documented, method: str) -> set[str]:
    """What a method's annotations say it gives; each of them has to say it."""
    written = [node.returns for node in methods(client)[method]]
    return {ast.unparse(node) if node is not None else "nothing is written" for node in written}


@each_operation
def test_annotations_are_right(client: Documented, name: str) -> None:
    facts = client.operations[name]
    documented = client.overloads(name)
    result = annotation(facts["returns"])
    ends = facts.get("end", [[facts["returns"], []]])
    (ended,) = {annotation(end) for end, _ in ends}
    if client.is_synchronous(name):
        assert returns(client, name) == {result}
        assert {tuple(each) for each in signatures(client, name)} == set(map(names_of, documented))
    else:
        assert name not in methods(client)
    if client.has_pair(name):
        assert returns(client, f"begin_{name}") == {f"IAsyncResultExt[{ended}]"}
        assert returns(client, client.end_name(name)) == {ended}
        begun = {tuple(each) for each in signatures(client, f"begin_{name}")}
        plain = {names_of(overload) for overload in documented if "folder_info" not in names_of(overload)}
        assert begun == {(*names, *tail) for names in plain for tail in ((), ("callback",), ("callback", "state"))}
        given = {tuple(each) for each in signatures(client, client.end_name(name))}
        assert given == {("async_result", *(parameter for parameter, _ in extra)) for _, extra in ends}
    allowed: dict[str, set[str]] = {"callback": {f"Callback[{ended}]"}, "state": {"object"}}
    for overload in documented:
        for parameter, type_ in overload:
            allowed.setdefault(parameter, set()).update(parameter_annotations(client, name, parameter, type_))
    for method in client.methods_of(name):
        for each in signatures(client, method):
            for parameter, written in each.items():
                assert written in allowed[parameter], f"{parameter} of {method}"


@each_operation
def test_each_documented_overload_has_its_types(client: Documented, name: str) -> None:
    for method in client.methods_of(name):
        written = list(signatures(client, method))
        for overload in client.overloads(name):
            if method != name and "folder_info" in names_of(overload):
                continue
            allowed = {each: parameter_annotations(client, name, each, type_) for each, type_ in overload}
            assert any(
                tuple(each) == names_of(overload) and all(each[parameter] in allowed[parameter] for parameter in each)
                for each in written
            ), overload


@pytest.mark.parametrize(
    ("client", "name"),
    [pytest.param(client, name, id=f"{client.name}-{name}") for client in CLIENTS for name in client.plain],
)
def test_plain_members_take_what_is_documented(client: Documented, name: str) -> None:
    signature = inspect.signature(getattr(client.cls, name))
    for overload in client.overloads(name):
        signature.bind(None, *(object() for _ in overload))
        signature.bind(None, **{parameter: object() for parameter, _ in overload})
    expected = annotation(client.operations[name]["returns"])
    assert str(signature.return_annotation) in {expected, {"IConnection": "ClientConnection"}.get(expected)}
    most = max(len(overload) for overload in client.overloads(name))
    extra = len(signature.parameters) - 1 - most
    with pytest.raises(TypeError):
        signature.bind(None, *(object() for _ in range(most + extra + 1)))
