"""Writes the public classes from the tables of signatures.

A developer's tool: nothing imports it at run time. ``python -m mailclients._generate`` writes the files,
``--check`` only compares them, whole and byte for byte, and fails where one differs. What it writes needs no
formatter afterwards, so that the comparison does not depend on one.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mailclients.imap import signatures as imap
from mailclients.pop3 import signatures as pop3
from mailclients.signatures import Operation, Parameter, Shape, Type, TypeRef
from mailclients.smtp import signatures as smtp

__all__ = ["main", "render_all"]

WIDTH: Final = 120
ROOT: Final = Path(__file__).resolve().parent
SIGNATURES: Final = "mailclients.signatures"
HANDLES: Final = "mailclients.handles"

ASYNC_RESULT: Final = Type("IAsyncResult", TypeRef(HANDLES, "IAsyncResult"))
ASYNC_RESULT_EXT: Final = TypeRef(HANDLES, "IAsyncResultExt")
CALLBACK: Final = TypeRef(SIGNATURES, "Callback")


@dataclass(frozen=True)
class Client:
    """One public class: where it goes and what it is made of."""

    path: str
    name: str
    base: TypeRef
    module_doc: str
    table: str
    constructor: Operation
    operations: dict[str, Operation]


CLIENTS: Final = (
    Client(
        path="imap/client.py",
        name="ImapClient",
        base=TypeRef("mailclients.imap.base", "ImapClientBase"),
        module_doc="The public IMAP client: every documented overload, for callers and type checkers.",
        table="mailclients.imap.signatures",
        constructor=imap.CONSTRUCTOR,
        operations={name: each for name, each in imap.OPERATIONS.items() if name not in imap.STILL_TO_COME},
    ),
    Client(
        path="pop3/client.py",
        name="Pop3Client",
        base=TypeRef("mailclients.pop3.base", "Pop3ClientBase"),
        module_doc="The public POP3 client: every documented overload, for callers and type checkers.",
        table="mailclients.pop3.signatures",
        constructor=pop3.CONSTRUCTOR,
        operations={name: each for name, each in pop3.OPERATIONS.items() if name not in pop3.STILL_TO_COME},
    ),
    Client(
        path="smtp/client.py",
        name="SmtpClient",
        base=TypeRef("mailclients.smtp.base", "SmtpClientBase"),
        module_doc="The public SMTP client: every documented overload, for callers and type checkers.",
        table="mailclients.smtp.signatures",
        constructor=smtp.CONSTRUCTOR,
        operations={name: each for name, each in smtp.OPERATIONS.items() if name not in smtp.STILL_TO_COME},
    ),
)


class Writer:
    """Collects the lines of one file and the names that its annotations need."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.uses: set[TypeRef] = set()

    def add(self, *lines: str) -> None:
        self.lines.extend(lines)

    def type(self, type_: Type) -> str:
        self.uses.update(type_.uses)
        return type_.text

    def signature(self, name: str, parameters: Sequence[str], returns: str, ending: str) -> None:
        """A def line, broken as the formatter breaks it."""
        one = f"    def {name}({', '.join(parameters)}) -> {returns}:{ending}"
        inner = f"        {', '.join(parameters)}"
        if len(one) <= WIDTH:
            self.add(one)
        elif len(inner) <= WIDTH:
            self.add(f"    def {name}(", inner, f"    ) -> {returns}:{ending}")
        else:
            self.add(f"    def {name}(", *(f"        {parameter}," for parameter in parameters))
            self.add(f"    ) -> {returns}:{ending}")

    def docstring(
        self,
        paragraph: str,
        *sections: tuple[str, Iterable[tuple[str, str]]],
        net: str,
        forms: Sequence[str] = (),
    ) -> None:
        """A docstring. Several forms are written out: `help` shows of overloads nothing but ``*args``."""
        indent = " " * 8
        first, *rest = textwrap.wrap(f'"""{paragraph}', WIDTH - 8)
        self.add(*(f"{indent}{line}" for line in (first, *rest)))
        self.add("", f"{indent}.NET: ``{net}``.")
        if forms:
            self.add("", f"{indent}Forms:")
            for form in forms:
                wrapped = textwrap.wrap(form, WIDTH - 12, subsequent_indent="    ", break_long_words=False)
                self.add(*(f"{indent}    {line}" for line in wrapped))
        for title, entries in sections:
            entries = list(entries)
            if not entries:
                continue
            self.add("", f"{indent}{title}:")
            for name, text in entries:
                wrapped = textwrap.wrap(
                    f"{name}: {text}.", WIDTH - 12, subsequent_indent="    ", break_long_words=False
                )
                self.add(*(f"{indent}    {line}" for line in wrapped))
        self.add(f'{indent}"""')


WRITABLE: Final = ("True", "False", "None")


def annotated(writer: Writer, parameter: Parameter, *, default: bool = False) -> str:
    """A parameter as an overload writes it."""
    text = f"{parameter.name}: {writer.type(parameter.kind.type)}"
    if default:
        # A default that is a name of the library would have to be imported at run time.
        known = parameter.default if parameter.default in WRITABLE else "..."
        text += f" = {known}"
    return text


def overload_parameters(
    writer: Writer, shape: Shape, own: Sequence[Parameter], optionals: int, tail: Sequence[str], star: bool
) -> list[str]:
    """The parameters of one overload; `optionals` of them, at the end, have defaults, and `tail` follows."""
    parameters = ["self"]
    starred = False
    for index, parameter in enumerate(own):
        if shape.variadic and index == len(own) - 1:
            parameters.append(f"*{parameter.name}: {writer.type(parameter.kind.type)}")
            starred = True
            continue
        if parameter.name in shape.by_name and not starred:
            parameters.append("*")
            starred = True
        parameters.append(annotated(writer, parameter, default=index >= len(own) - optionals))
    if tail and star and not starred:
        parameters.append("*")
    return [*parameters, *tail]


def call_overloads(writer: Writer, operation: Operation) -> Iterator[list[str]]:
    """The overloads of the method itself: what may be left out at the end has a default."""
    extras = [annotated(writer, parameter, default=True) for parameter in operation.extras]
    if len(operation.shapes) == 1 and not operation.shapes[0].front and not extras:
        # One overload alone is none: a default that cannot be written makes two of it.
        (shape,) = operation.shapes
        if any(parameter.default not in WRITABLE for parameter in shape.parameters[shape.needed :]):
            for own in shape.without_optionals():
                yield overload_parameters(writer, shape, own, 0, extras, star=True)
            return
    for shape in operation.shapes:
        for start in range(shape.front + 1):
            own = shape.parameters[start:]
            optionals = len(shape.parameters) - max(shape.needed, start)
            yield overload_parameters(writer, shape, own, optionals, extras, star=True)


def begin_overloads(writer: Writer, operation: Operation) -> Iterator[list[str]]:
    """The overloads of the begin method: what may be left out makes two, since the callback follows it."""
    callback = f"callback: Callback[{writer.type(end_type(operation))}] = None"
    writer.uses.add(CALLBACK)
    for own, shape in operation.overloads(begin=True):
        yield overload_parameters(writer, shape, own, 0, [callback, "state: object = None"], star=False)


def end_type(operation: Operation) -> Type:
    return operation.end_returns or operation.returns


def constant(operation: Operation) -> str:
    return f"_{operation.name.upper()}"


def argument_docs(shapes: Iterable[Shape], extras: Iterable[Parameter] = ()) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for shape in shapes:
        for parameter in shape.parameters:
            found.setdefault(parameter.name, parameter.doc)
    found.update((parameter.name, parameter.doc) for parameter in extras)
    return list(found.items())


ARGUMENTS_WRONG: Final = ("AsposeArgumentException", "the arguments fit no form, or a value cannot be used")
NETWORK_FAILED: Final = ("NetworkException", "the connection cannot be made or is lost")
TIMED_OUT: Final = ("TimeoutException", "the operation takes longer than the client's `timeout`")


def write_overloads(writer: Writer, name: str, overloads: Sequence[Sequence[str]], returns: str) -> None:
    """The overloads and the first line of the method behind them."""
    if len(overloads) == 1:
        # A lone overload is refused by type checkers; the documented parameters are then taken as written.
        overloads = [*overloads, overloads[0]]
    for parameters in overloads:
        writer.add("    @overload")
        writer.signature(name, parameters, returns, " ...")
    writer.signature(name, ["self", "*args: Any", "**kwargs: Any"], "None" if name == "__init__" else "Any", "")


def write_single(writer: Writer, name: str, parameters: Sequence[str], returns: str) -> str:
    """A method with one form: its own signature instead of overloads. Returns how it passes its arguments."""
    writer.signature(name, parameters, returns, "")
    names = [text.split(":")[0] for text in parameters[1:] if text != "*"]
    positional = "".join(f"{name}, " for name in names)
    return f"({positional.rstrip() if len(names) == 1 else positional.rstrip(', ')}), {{}}"


def is_single(overloads: Sequence[Sequence[str]]) -> bool:
    """Whether a method has one form, which can be its signature."""
    return len(overloads) == 1 and not any("..." in text or text.startswith("*") for text in overloads[0])


def write_method(
    writer: Writer, name: str, overloads: Sequence[Sequence[str]], returns: str, passed_to: str
) -> Iterator[str]:
    """The def lines of a method; gives its last lines, which pass its arguments on."""
    if not is_single(overloads):
        write_overloads(writer, name, overloads, returns)
        yield f"        return {passed_to.format('args, kwargs')}"
        return
    result = passed_to.format(write_single(writer, name, overloads[0], returns))
    if returns == "None":
        yield f"        {result}"
    else:
        line = f"        result: {returns} = {result}"
        if len(line) > WIDTH:
            call, _, arguments = result[:-1].partition("(")
            line = f"        result: {returns} = {call}(\n            {arguments}\n        )"
        yield from line.split("\n")
        yield "        return result"


def write_operation(writer: Writer, operation: Operation) -> None:
    returns = writer.type(operation.returns)
    if operation.synchronous:
        passed_to = f"self._call({constant(operation)}, {{}})"
        calls = list(call_overloads(writer, operation))
        ending = list(write_method(writer, operation.name, calls, returns, passed_to))
        writer.docstring(
            operation.summary,
            ("Args", argument_docs(operation.shapes)),
            ("Raises", [ARGUMENTS_WRONG, *operation.raises, NETWORK_FAILED, TIMED_OUT]),
            net=operation.net,
            forms=() if is_single(calls) else [f"{operation.name}{shape}" for shape in operation.shapes],
        )
        writer.add(*ending, "")
    if not operation.has_pair:
        return
    writer.uses.add(ASYNC_RESULT_EXT)
    ended = writer.type(end_type(operation))
    handle = f"IAsyncResultExt[{ended}]"
    owner, _, member = operation.net.partition(".")
    begin = f"{owner}.Begin{member}"
    end_words = operation.end_name.split("_")
    end = f"{owner}.{''.join(word.capitalize() for word in end_words)}"
    passed_to = f"self._begin({constant(operation)}, {{}})"
    overloads = list(begin_overloads(writer, operation))
    ending = list(write_method(writer, operation.begin_name, overloads, handle, passed_to))
    shapes = (*operation.shapes, *operation.begin_shapes)
    in_signature = not operation.synchronous or is_single(overloads)  # they have names there, so they are explained
    writer.docstring(
        f"Begins `{operation.name}` and returns at once; `{operation.end_name}` gives the result.",
        (
            "Args",
            [
                *(argument_docs(shapes) if in_signature else []),
                *(
                    [("and", f"the arguments of `{operation.name}` come first")]
                    if not in_signature and any(shape.parameters for shape in shapes)
                    else []
                ),
                ("callback", "called once with the handle when the operation is complete, or None"),
                ("state", "any object; the handle's `async_state`"),
            ],
        ),
        (
            "Raises",
            [ARGUMENTS_WRONG, ("ObjectDisposedException", "the client was disposed")],
        ),
        net=begin,
    )
    writer.add(*ending, "")
    parameters = ["self", f"async_result: {writer.type(ASYNC_RESULT)}"]
    passed = "async_result"
    documented = [("async_result", f"what `{operation.begin_name}` returned")]
    if operation.end_out is not None:
        holder = operation.end_out
        parameters.append(f"{holder.name}: {writer.type(holder.kind.type)} | None = None")
        passed += f", {holder.name}"
        documented.append((holder.name, holder.doc))
    writer.signature(operation.end_name, parameters, ended, "")
    writer.docstring(
        f"Waits for the operation that `{operation.begin_name}` began and gives its result or raises its error,"
        " the same each time it is called.",
        ("Args", documented),
        (
            "Raises",
            [
                ("AsposeArgumentException", "the handle is of another client or another operation"),
                ("OperationCanceledException", "the operation was cancelled"),
                *operation.raises,
                NETWORK_FAILED,
                TIMED_OUT,
            ],
        ),
        net=end,
    )
    result = f"self._end({constant(operation)}, {passed})"
    if ended == "None":
        writer.add(f"        {result}", "")
    else:
        writer.add(f"        result: {ended} = {result}", "        return result", "")


def write_constructor(writer: Writer, client: Client) -> None:
    write_overloads(writer, "__init__", list(call_overloads(writer, client.constructor)), "None")
    writer.docstring(
        client.constructor.summary,
        ("Args", argument_docs(client.constructor.shapes, client.constructor.extras)),
        ("Raises", [ARGUMENTS_WRONG]),
        net=client.constructor.net,
        forms=[f"{client.name}{shape}" for shape in client.constructor.shapes],
    )
    writer.add("        self._configure(**CONSTRUCTOR.bind(args, kwargs).arguments)", "")


def import_lines(uses: Iterable[TypeRef]) -> list[str]:
    """Import statements in the order of the linter, each section after an empty line."""
    modules = sorted({use.module for use in uses if not use.name})
    names: dict[str, set[str]] = {}
    for use in uses:
        if use.name:
            names.setdefault(use.module, set()).add(use.name)

    def sorted_names(found: Iterable[str]) -> list[str]:
        return sorted(found, key=lambda name: (0 if name.isupper() else 1, name.lower()))

    sections: list[list[str]] = [[], []]
    for module in modules:
        sections[module.startswith("mailclients")].append(f"import {module}")
    for module in sorted(names):
        found = sorted_names(names[module])
        line = f"from {module} import {', '.join(found)}"
        section = sections[module.startswith("mailclients")]
        if len(line) + 4 <= WIDTH:
            section.append(line)
        else:
            section.extend([f"from {module} import (", *(f"    {name}," for name in found), ")"])
    first, second = sections
    return [*first, *([""] if first and second else []), *second]


def render(client: Client) -> str:
    """The text of one generated module."""
    body = Writer()
    write_constructor(body, client)
    for operation in client.operations.values():
        write_operation(body, operation)
    while body.lines and not body.lines[-1]:
        body.lines.pop()
    imports = import_lines(
        [
            TypeRef("typing", "TYPE_CHECKING"),
            TypeRef("typing", "Any"),
            TypeRef("typing", "overload"),
            client.base,
            TypeRef(client.table, "CONSTRUCTOR"),
            TypeRef(client.table, "OPERATIONS"),
        ]
    )
    lines = [
        f'"""{client.module_doc}',
        "",
        f"GENERATED from {client.table} by ``python run.py generate``; do not edit. The methods only hand their",
        "arguments on: what they do is written in the operations module beside this one.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        *imports,
        "",
        "if TYPE_CHECKING:",
        *(f"    {line}" if line else "" for line in import_lines(body.uses)),
        "",
        f'__all__ = ["{client.name}"]',
        "",
        *(f'{constant(operation)} = OPERATIONS["{name}"]' for name, operation in client.operations.items()),
        "",
        "",
        f"class {client.name}({client.base.name}):",
        f'    """{client.constructor.summary}',
        "",
        f"    .NET: ``{client.name}``.",
        "",
        "    Any thread may call any method at any time.",
        '    """',
        "",
        *body.lines,
    ]
    return "\n".join(lines) + "\n"


def render_all() -> dict[Path, str]:
    """The generated files and what has to be in them."""
    return {ROOT / client.path: render(client) for client in CLIENTS}


def main(check: bool = False) -> int:
    """Writes the generated files, or compares them; 1 if one had to be written or differs."""
    stale = 0
    for path, text in render_all().items():
        wanted = text.encode("utf-8")
        if path.exists() and path.read_bytes() == wanted:
            continue
        if check:
            stale += 1
            print(f"{path.relative_to(ROOT.parent)} is not what the table says: run python run.py generate")
        else:
            path.write_bytes(wanted)
            print(f"wrote {path.relative_to(ROOT.parent)}")
    return 1 if stale else 0


def _command_line(arguments: Sequence[str]) -> bool:
    parser = argparse.ArgumentParser(prog="mailclients._generate", description="Write the generated classes.")
    parser.add_argument("--check", action="store_true", help="only compare; fail where a file differs")
    return bool(parser.parse_args(arguments).check)


if __name__ == "__main__":
    sys.exit(main(_command_line(sys.argv[1:])))
