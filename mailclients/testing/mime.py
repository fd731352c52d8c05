"""MIME structure by offsets: what FETCH needs to know of a message without changing a byte of it.

Pure functions and immutable values; no lock, any thread. The standard ``email`` package is not asked for
structure, because what it writes out again is not always what it read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias, Union

__all__ = ["Entity", "Wire", "addresses", "envelope"]

# A value as IMAP writes it: NIL, a number, a string, an atom (str), or a parenthesised list.
Wire: TypeAlias = Union[int, bytes, str, "list[Wire]", None]

MAX_DEPTH: Final = 100

_HEADER_END = re.compile(rb"\A\r?\n|\r?\n\r?\n")
_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:(.*(?:\n[ \t].*)*(?:\n|\Z))", re.MULTILINE)
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_PARAMETER = re.compile(rb';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]*))', re.DOTALL)
_COMMENT = re.compile(rb"\((?:[^()\\]|\\.)*\)")


@dataclass(frozen=True, eq=False)
class Entity:
    """A message or body part: its bytes, where its header ends, and what is inside.

    Attributes:
        content: header and body.
        header: the header with the empty line that ends it, if there is one.
        body: what follows; ``header + body == content``.
    """

    content: bytes
    header: bytes
    body: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    main_type: bytes
    sub_type: bytes
    parameters: tuple[tuple[bytes, bytes], ...]
    children: tuple[Entity, ...] = field(default=())

    @classmethod
    def parse(cls, content: bytes, *, default: bytes = b"text/plain", depth: int = 0) -> Entity:
        ending = _HEADER_END.search(content)
        split = ending.end() if ending else len(content)
        header, body = content[:split], content[split:]
        fields = tuple((m[1], m[0]) for m in _FIELD.finditer(header))
        kind = _value(fields, b"content-type") or default
        main, _, sub = _COMMENT.sub(b"", kind.partition(b";")[0]).strip().lower().partition(b"/")
        parameters = _parameters(kind)
        if not main or not sub:
            main, _, sub = default.partition(b"/")
            parameters = ()
        children: tuple[Entity, ...] = ()
        if depth < MAX_DEPTH:
            if main == b"multipart":
                inner = b"message/rfc822" if sub == b"digest" else b"text/plain"
                boundary = dict(parameters).get(b"boundary", b"")
                children = tuple(cls.parse(part, default=inner, depth=depth + 1) for part in _split(body, boundary))
            elif main == b"message" and sub == b"rfc822" and _is_identity(fields):
                children = (cls.parse(body, depth=depth + 1),)
        if main == b"multipart" and not children:
            # no part could be found: it is described as the text that it looks like
            main, sub, parameters = b"text", b"plain", ()
        return cls(content, header, body, fields, main, sub, parameters, children)

    @property
    def is_multipart(self) -> bool:
        return self.main_type == b"multipart"

    @property
    def is_message(self) -> bool:
        return self.main_type == b"message" and bool(self.children)

    def value(self, name: bytes) -> bytes | None:
        """The first header field of this name, unfolded and stripped; None when there is none."""
        return _value(self.fields, name.lower())

    def section(self, numbers: tuple[int, ...], text: str) -> bytes | None:
        """The bytes of ``BODY[1.2.TEXT]`` (RFC 3501, 6.4.5); None when there is no such part.

        Args:
            numbers: the part's numbers, empty for the message itself.
            text: ``""``, ``"HEADER"``, ``"TEXT"`` or ``"MIME"``.
        """
        if not numbers:
            return {"": self.content, "HEADER": self.header, "TEXT": self.body}.get(text)
        part = self._part(numbers)
        if part is None:
            return None
        if text == "":
            return part.body
        if text == "MIME":
            return part.header
        if not part.is_message:
            return None
        return part.children[0].header if text == "HEADER" else part.children[0].body

    def holder(self, numbers: tuple[int, ...]) -> Entity | None:
        """The message whose header ``BODY[<numbers>.HEADER...]`` means."""
        if not numbers:
            return self
        part = self._part(numbers)
        return part.children[0] if part is not None and part.is_message else None

    def _part(self, numbers: tuple[int, ...]) -> Entity | None:
        part = self
        whole = True  # `part` is a message, and the numbers left are of parts in its body
        for number in numbers:
            if not whole and part.is_message:
                part, whole = part.children[0], True
            if part.is_multipart:
                if not 1 <= number <= len(part.children):
                    return None
                part, whole = part.children[number - 1], False
            elif whole and number == 1:
                whole = False  # a body that is not multipart is its own part 1
            else:
                return None
        return part

    def selected_fields(self, names: list[bytes], *, negate: bool) -> bytes:
        """The header fields asked for, as they stand, and the empty line."""
        wanted = {name.lower() for name in names}
        lines = [raw for name, raw in self.fields if (name.lower() in wanted) is not negate]
        return b"".join(lines) + b"\r\n"

    def structure(self, *, extended: bool) -> list[Wire]:
        """BODYSTRUCTURE, or BODY when not `extended` (RFC 3501, 7.4.2)."""
        disposition = self.value(b"content-disposition")
        about: list[Wire] = [
            _disposition(disposition) if disposition else None,
            _languages(self.value(b"content-language")),
            self.value(b"content-location"),
        ]
        if self.is_multipart:
            whole: list[Wire] = [child.structure(extended=extended) for child in self.children]
            # body parts stand side by side without spaces; see how the session writes "" atoms
            result: list[Wire] = ["", whole, self.sub_type.upper()]
            return [*result, _pairs(self.parameters), *about] if extended else result
        parameters = self.parameters
        if self.main_type == b"text" and b"charset" not in dict(parameters):
            parameters = ((b"charset", b"us-ascii"), *parameters)
        single: list[Wire] = [
            self.main_type.upper(),
            self.sub_type.upper(),
            _pairs(parameters),
            self.value(b"content-id"),
            self.value(b"content-description"),
            (self.value(b"content-transfer-encoding") or b"7bit").upper(),
            len(self.body),
        ]
        if self.is_message:
            inner = self.children[0]
            single += [envelope(inner), inner.structure(extended=extended), self.body.count(b"\n")]
        elif self.main_type == b"text":
            single.append(self.body.count(b"\n"))
        return [*single, self.value(b"content-md5"), *about] if extended else single

    def walk(self) -> Iterator[Entity]:
        """This entity and all inside it."""
        waiting: list[Entity] = [self]
        while waiting:
            entity = waiting.pop()
            yield entity
            waiting.extend(reversed(entity.children))


def envelope(entity: Entity) -> list[Wire]:
    """ENVELOPE of a message (RFC 3501, 7.4.2)."""
    author = addresses(entity.value(b"from"))

    def people(name: bytes, default: Wire = None) -> Wire:
        return addresses(entity.value(name)) or default

    return [
        entity.value(b"date"),
        entity.value(b"subject"),
        author,
        people(b"sender", author),
        people(b"reply-to", author),
        people(b"to"),
        people(b"cc"),
        people(b"bcc"),
        entity.value(b"in-reply-to"),
        entity.value(b"message-id"),
    ]


_ADDRESS_TOKEN = re.compile(
    rb'\s+|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<comment>\()|(?P<special>[<>,:;])|(?P<atom>[^\s"(<>,:;]+|["])',
    re.DOTALL,
)


def addresses(value: bytes | None) -> list[Wire] | None:
    """An address list as ENVELOPE gives it, groups included; None when there is no address."""
    if not value:
        return None
    found: list[Wire] = []
    words: list[bytes] = []  # of the display name, or of a bare address
    angle: list[bytes] | None = None
    comment = b""
    in_group = False

    def close() -> None:
        nonlocal words, angle, comment
        spec = b"".join(words) if angle is None else b"".join(angle)
        name = comment if angle is None else b" ".join(words)
        if spec or name:
            route = b""
            if angle is not None and spec.startswith(b"@") and b":" in spec:
                route, _, spec = spec.partition(b":")
            local, at, host = spec.rpartition(b"@")
            if not at:
                local, host = spec, b""
            found.append([name or None, route or None, local, host])
        words, angle, comment = [], None, b""

    place = 0
    inside = False
    while place < len(value):
        token = _ADDRESS_TOKEN.match(value, place)
        if token is None:
            break
        place = token.end()
        text: bytes | None = None
        if token["quoted"] is not None:
            text = re.sub(rb"\\(.)", rb"\1", token["quoted"], flags=re.DOTALL)
        elif token["atom"] is not None:
            text = token["atom"]
        elif token["comment"] is not None:
            start, place = place, _comment_end(value, place)
            comment = value[start : place - 1]
        elif token["special"] is not None:
            special = token["special"]
            if inside and special in b",:;":
                (angle if angle is not None else words).append(special)
            elif special == b"<":
                angle, inside = [], True
            elif special == b">":
                inside = False
            elif special == b":" and not in_group:
                found.append([None, None, b" ".join(words), None])
                words, angle, comment, in_group = [], None, b"", True
            elif special == b";" and in_group:
                close()
                found.append([None, None, None, None])
                in_group = False
            else:
                close()
        if text is not None:
            (angle if inside and angle is not None else words).append(text)
    close()
    if in_group:
        found.append([None, None, None, None])
    return found or None


def _comment_end(value: bytes, place: int) -> int:
    depth = 1
    while place < len(value) and depth:
        char = value[place : place + 1]
        if char == b"\\":
            place += 1
        else:
            depth += (char == b"(") - (char == b")")
        place += 1
    return place


def _value(fields: tuple[tuple[bytes, bytes], ...], name: bytes) -> bytes | None:
    for key, raw in fields:
        if key.lower() == name:
            return _FOLD.sub(b"", raw.partition(b":")[2]).strip()
    return None


def _is_identity(fields: tuple[tuple[bytes, bytes], ...]) -> bool:
    encoding = (_value(fields, b"content-transfer-encoding") or b"").lower()
    return encoding in (b"", b"7bit", b"8bit", b"binary")


def _parameters(value: bytes) -> tuple[tuple[bytes, bytes], ...]:
    found: list[tuple[bytes, bytes]] = []
    for match in _PARAMETER.finditer(value):
        text = match[3] if match[2] is None else re.sub(rb"\\(.)", rb"\1", match[2], flags=re.DOTALL)
        found.append((match[1].lower(), text))
    return tuple(found)


def _pairs(parameters: tuple[tuple[bytes, bytes], ...]) -> Wire:
    flat: list[Wire] = []
    for name, value in parameters:
        flat += [name.upper(), value]
    return flat or None


def _disposition(value: bytes) -> list[Wire]:
    return [value.partition(b";")[0].strip().upper(), _pairs(_parameters(value))]


def _languages(value: bytes | None) -> Wire:
    languages: list[Wire] = [each.strip() for each in (value or b"").split(b",") if each.strip()]
    return languages or None


def _split(body: bytes, boundary: bytes) -> list[bytes]:
    """The parts between the delimiter lines of a multipart body (RFC 2046, 5.1.1)."""
    if not boundary:
        return []
    line = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    parts: list[bytes] = []
    start: int | None = None
    for match in line.finditer(body):
        if start is not None:
            parts.append(body[min(start, match.start()) : match.start()])
        if match[1]:
            return parts
        newline = body.find(b"\n", match.end())
        # the line end that closes one delimiter line may open the next one: an empty part
        start = len(body) if newline < 0 else newline + 1
    if start is not None:
        parts.append(body[start:])
    return parts
