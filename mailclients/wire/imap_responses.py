"""What a server can say, as small plain objects.

Made by the parser, never changed afterwards; any thread may read them. `parts` of each response
joins to exactly the bytes that were read for it. Text from the server is decoded with
replacement and its control characters are shown as escapes; raw bytes stay in `parts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from types import EllipsisType
from typing import Any, Final, TypeAlias, cast, overload

from mailclients.wire.imap_lexer import QUOTED, StreamedLiteral, Value, unquote
from mailclients.wire.imap_sets import NumberSet

__all__ = [
    "Address",
    "BodyPart",
    "CapabilityResponse",
    "Continuation",
    "ESearchResponse",
    "EnabledResponse",
    "Envelope",
    "EnvelopeField",
    "ExistsResponse",
    "ExpungeResponse",
    "FetchResponse",
    "FlagsResponse",
    "IdResponse",
    "ListResponse",
    "LsubResponse",
    "Namespace",
    "NamespaceResponse",
    "Part",
    "QuotaResponse",
    "QuotaRootResponse",
    "RecentResponse",
    "Response",
    "ResponseCode",
    "SearchResponse",
    "SortResponse",
    "StatusItems",
    "StatusResponse",
    "StreamedLiteral",
    "TaggedResponse",
    "ThreadResponse",
    "UnknownResponse",
    "Value",
    "VanishedResponse",
    "body_part",
]

Part: TypeAlias = bytes | StreamedLiteral
Address: TypeAlias = "tuple[bytes | None, bytes | None, bytes | None, bytes | None]"
EnvelopeField: TypeAlias = "bytes | tuple[Address, ...] | None"


class Response:
    """Base of everything a server sends.

    Attributes:
        parts: the bytes read for it, in order: text and literals in turn. Literals are the same
            objects as in the parsed values. Where a literal went to a sink, a `StreamedLiteral`.
    """

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Part, ...]) -> None:
        self.parts = parts

    @property
    def raw(self) -> bytes:
        """The bytes read for it, without streamed literals."""
        return b"".join([part for part in self.parts if isinstance(part, bytes)])

    @property
    def wire_size(self) -> int:
        """How many bytes were read for it, streamed literals included."""
        return sum(len(part) if isinstance(part, bytes) else part.size for part in self.parts)

    def __repr__(self) -> str:
        # Names and sizes only: answers carry people's mail.
        return f"<{type(self).__name__} of {self.wire_size} bytes>"


class ResponseCode:
    """The bracketed code of a status response (RFC 9051 section 7.1).

    Attributes:
        name: in upper case, such as ``"UIDNEXT"``.
        value: the argument by its code, None where there is none or it is malformed:
            a tuple of str for CAPABILITY, PERMANENTFLAGS and BADCHARSET; an int for UIDNEXT,
            UIDVALIDITY, UNSEEN and HIGHESTMODSEQ; (uidvalidity, NumberSet) for APPENDUID;
            (uidvalidity, NumberSet, NumberSet) for COPYUID; a NumberSet for MODIFIED; bytes for
            MAILBOXID; the raw bytes for every other code.
        raw: the argument as it was sent, empty if there was none.
    """

    __slots__ = ("name", "raw", "value")

    def __init__(self, name: str, value: Any, raw: bytes) -> None:
        self.name = name
        self.value = value
        self.raw = raw

    def __repr__(self) -> str:
        return f"<ResponseCode {self.name}>"


class Continuation(Response):
    """``+ text``: the server waits for more.

    Attributes:
        data: what stands behind the plus sign, as sent (base64 in a SASL exchange).
        text: the same, made printable.
    """

    __slots__ = ("data", "text")

    def __init__(self, data: bytes, text: str, parts: tuple[Part, ...]) -> None:
        self.data = data
        self.text = text
        self.parts = parts


class StatusResponse(Response):
    """Untagged OK, NO, BAD, BYE or PREAUTH.

    Attributes:
        status: in upper case.
        code: the response code or None.
        text: what is meant for people, made printable.
    """

    __slots__ = ("code", "status", "text")

    def __init__(self, status: str, code: ResponseCode | None, text: str, parts: tuple[Part, ...]) -> None:
        self.status = status
        self.code = code
        self.text = text
        self.parts = parts

    def __repr__(self) -> str:
        code = f" [{self.code.name}]" if self.code is not None else ""
        return f"<{type(self).__name__} {self.status}{code}>"


class TaggedResponse(StatusResponse):
    """The end of a command: OK, NO or BAD under its tag (as sent; case matters)."""

    __slots__ = ("tag",)

    def __init__(self, tag: str, status: str, code: ResponseCode | None, text: str, parts: tuple[Part, ...]) -> None:
        self.tag = tag
        self.status = status
        self.code = code
        self.text = text
        self.parts = parts

    def __repr__(self) -> str:
        code = f" [{self.code.name}]" if self.code is not None else ""
        return f"<TaggedResponse {self.tag} {self.status}{code}>"


class CapabilityResponse(Response):
    """``CAPABILITY``: the names as sent."""

    __slots__ = ("capabilities",)

    def __init__(self, capabilities: tuple[str, ...], parts: tuple[Part, ...]) -> None:
        self.capabilities = capabilities
        self.parts = parts


class EnabledResponse(CapabilityResponse):
    """``ENABLED``: the extensions that are on now (RFC 5161)."""

    __slots__ = ()


class ListResponse(Response):
    """``LIST`` (RFC 9051 section 7.3.1).

    Attributes:
        attributes: such as ``"\\\\HasNoChildren"``, as sent.
        delimiter: between levels, or None for a flat name.
        mailbox: the name as raw bytes; decode with `mailclients.wire.imap_strings.decode_mailbox`.
        extended: extended data by upper-case tag (CHILDINFO, OLDNAME, ...), see `Value`.
    """

    __slots__ = ("attributes", "delimiter", "extended", "mailbox")

    def __init__(
        self,
        attributes: tuple[str, ...],
        delimiter: str | None,
        mailbox: bytes,
        extended: dict[str, Value],
        parts: tuple[Part, ...],
    ) -> None:
        self.attributes = attributes
        self.delimiter = delimiter
        self.mailbox = mailbox
        self.extended = extended
        self.parts = parts


class LsubResponse(ListResponse):
    """``LSUB`` (RFC 3501 section 7.2.3)."""

    __slots__ = ()


class StatusItems(Response):
    """``STATUS``: numbers by upper-case name; MAILBOXID and unknown items as `Value`.

    Attributes:
        mailbox: the name as raw bytes.
        items: such as ``{"MESSAGES": 231, "UIDNEXT": 44292}``.
    """

    __slots__ = ("items", "mailbox")

    def __init__(self, mailbox: bytes, items: dict[str, Any], parts: tuple[Part, ...]) -> None:
        self.mailbox = mailbox
        self.items = items
        self.parts = parts


class SearchResponse(Response):
    """``SEARCH``: the numbers and, with CONDSTORE, the highest MODSEQ among them."""

    __slots__ = ("modseq", "numbers")

    def __init__(self, numbers: NumberSet, modseq: int | None, parts: tuple[Part, ...]) -> None:
        self.numbers = numbers
        self.modseq = modseq
        self.parts = parts


class SortResponse(SearchResponse):
    """``SORT`` (RFC 5256): the numbers in the order of the sort."""

    __slots__ = ()


class ESearchResponse(Response):
    """``ESEARCH`` (RFC 4731, RFC 9394, RFC 7377).

    Attributes:
        tag: of the command it answers, or None.
        uid: whether the numbers are UIDs.
        correlator: everything in the correlator by upper-case name (TAG, MAILBOX, UIDVALIDITY).
        items: MIN, MAX, COUNT and MODSEQ as int, ALL as NumberSet, PARTIAL as
            (range as text, NumberSet or None), everything else as `Value`.
    """

    __slots__ = ("correlator", "items", "tag", "uid")

    def __init__(
        self,
        tag: str | None,
        uid: bool,
        correlator: dict[str, Value],
        items: dict[str, Any],
        parts: tuple[Part, ...],
    ) -> None:
        self.tag = tag
        self.uid = uid
        self.correlator = correlator
        self.items = items
        self.parts = parts


class ThreadResponse(Response):
    """``THREAD`` (RFC 5256).

    Attributes:
        threads: one tuple for each thread: numbers, each the parent of the next, then perhaps
            tuples of the same shape for the branches.
    """

    __slots__ = ("threads",)

    def __init__(self, threads: tuple[Any, ...], parts: tuple[Part, ...]) -> None:
        self.threads = threads
        self.parts = parts


class FlagsResponse(Response):
    """``FLAGS``: the flags that the folder knows, as sent."""

    __slots__ = ("flags",)

    def __init__(self, flags: tuple[str, ...], parts: tuple[Part, ...]) -> None:
        self.flags = flags
        self.parts = parts


class ExistsResponse(Response):
    """``n EXISTS``: how many messages the folder holds."""

    __slots__ = ("count",)

    def __init__(self, count: int, parts: tuple[Part, ...]) -> None:
        self.count = count
        self.parts = parts


class RecentResponse(ExistsResponse):
    """``n RECENT``."""

    __slots__ = ()


class ExpungeResponse(Response):
    """``n EXPUNGE``: this sequence number is gone, higher ones move down by one."""

    __slots__ = ("sequence_number",)

    def __init__(self, sequence_number: int, parts: tuple[Part, ...]) -> None:
        self.sequence_number = sequence_number
        self.parts = parts


class VanishedResponse(Response):
    """``VANISHED`` (RFC 7162): UIDs that are gone; `earlier` if they went before this session."""

    __slots__ = ("earlier", "uids")

    def __init__(self, uids: NumberSet, earlier: bool, parts: tuple[Part, ...]) -> None:
        self.uids = uids
        self.earlier = earlier
        self.parts = parts


class FetchResponse(Response):
    """``n FETCH (...)`` (RFC 9051 section 7.5.2).

    Attributes:
        sequence_number: of the message.
        items: by upper-case name. UID, RFC822.SIZE, MODSEQ, X-GM-MSGID, X-GM-THRID and
            BINARY.SIZE[...] are int; FLAGS a tuple of str; INTERNALDATE the raw bytes or None;
            ENVELOPE an `Envelope`; BODY[...], BINARY[...] and RFC822... bytes, None or a
            `StreamedLiteral`; EMAILID and THREADID bytes or None; BODY, BODYSTRUCTURE and
            everything else a `Value`.
    """

    __slots__ = ("items", "sequence_number")

    def __init__(self, sequence_number: int, items: dict[str, Any], parts: tuple[Part, ...]) -> None:
        self.sequence_number = sequence_number
        self.items = items
        self.parts = parts

    def __repr__(self) -> str:
        names = [name if len(name) <= 40 else name[:40] + "…" for name in islice(self.items, 20)]
        return f"<FetchResponse {self.sequence_number} with {', '.join(names)}>"


Namespace: TypeAlias = "tuple[bytes, str | None, dict[str, Value]]"


class NamespaceResponse(Response):
    """``NAMESPACE`` (RFC 2342): tuples of (raw prefix, delimiter or None, extensions)."""

    __slots__ = ("other_users", "personal", "shared")

    def __init__(
        self,
        personal: tuple[Namespace, ...],
        other_users: tuple[Namespace, ...],
        shared: tuple[Namespace, ...],
        parts: tuple[Part, ...],
    ) -> None:
        self.personal = personal
        self.other_users = other_users
        self.shared = shared
        self.parts = parts


class IdResponse(Response):
    """``ID`` (RFC 2971): field names as sent, values or None."""

    __slots__ = ("fields",)

    def __init__(self, fields: dict[str, str | None], parts: tuple[Part, ...]) -> None:
        self.fields = fields
        self.parts = parts


class QuotaResponse(Response):
    """``QUOTA`` (RFC 9208).

    Attributes:
        root: name of the quota root, raw bytes.
        resources: (usage, limit) by upper-case resource name; STORAGE counts units of 1,024 bytes.
    """

    __slots__ = ("resources", "root")

    def __init__(self, root: bytes, resources: dict[str, tuple[int, int]], parts: tuple[Part, ...]) -> None:
        self.root = root
        self.resources = resources
        self.parts = parts


class QuotaRootResponse(Response):
    """``QUOTAROOT`` (RFC 9208): a mailbox and its quota roots, raw bytes."""

    __slots__ = ("mailbox", "roots")

    def __init__(self, mailbox: bytes, roots: tuple[bytes, ...], parts: tuple[Part, ...]) -> None:
        self.mailbox = mailbox
        self.roots = roots
        self.parts = parts


class UnknownResponse(Response):
    """An untagged response that this library does not know; `parts` and `raw` have its bytes.

    Attributes:
        name: in upper case.
        number: the number before the name, or None.
    """

    __slots__ = ("name", "number")

    def __init__(self, name: str, number: int | None, parts: tuple[Part, ...]) -> None:
        self.name = name
        self.number = number
        self.parts = parts

    def __repr__(self) -> str:
        return f"<UnknownResponse {self.name}>"


_STRING: Final = b"(?:NIL|" + QUOTED + b")"
_ADDRESS: Final = rb"\(" + b" ".join([_STRING] * 4) + rb"\)"
_ADDRESSES: Final = rb"(?:NIL|\((?:" + _ADDRESS + rb" ?)+\))"
_FIELD_PATTERNS: Final = [_STRING] * 2 + [_ADDRESSES] * 6 + [_STRING] * 2
# The usual shape of an ENVELOPE: validated by one match, taken apart only when somebody looks.
PLAIN_ENVELOPE: Final = rb"\(" + b" ".join(_FIELD_PATTERNS) + rb"\)"
_SPLIT_ENVELOPE: Final = re.compile(rb"\((" + b") (".join(_FIELD_PATTERNS) + rb")\)")
_SPLIT_ADDRESS: Final = re.compile(rb"\((" + b") (".join([_STRING] * 4) + rb")\)")
# The same without escapes: one match validates it and takes it apart, into ten groups without quotes, None for
# NIL. Lists of addresses stay whole until somebody looks.
_CLEAN: Final = rb'(?:NIL|"[^"\\\r\n\x00]*")'
_CLEAN_STRING: Final = rb'(?:NIL|"([^"\\\r\n\x00]*)")'
_CLEAN_LIST: Final = rb"(?:NIL|\(((?:\(" + b" ".join([_CLEAN] * 4) + rb"\) ?)+)\))"
CLEAN_ENVELOPE: Final = rb"\(" + b" ".join([_CLEAN_STRING] * 2 + [_CLEAN_LIST] * 6 + [_CLEAN_STRING] * 2) + rb"\)"
_CLEAN_ADDRESS: Final = re.compile(rb"\(" + b" ".join([_CLEAN_STRING] * 4) + rb"\)")
_FIELD_NAMES: Final = (
    "date", "subject", "from", "sender", "reply-to", "to", "cc", "bcc", "in-reply-to", "message-id",
)  # fmt: skip


class Envelope(Sequence[EnvelopeField]):
    """The ten fields of an ENVELOPE (RFC 9051 section 7.5.2): always ten, never decoded.

    In order: date, subject, from, sender, reply-to, to, cc, bcc, in-reply-to, message-id. Strings
    are bytes or None, address lists None or tuples of (name, adl, mailbox, host).
    A field that is missing or has the wrong shape is None and is named in `defects`.

    Attributes:
        defects: names of the fields that could not be read.
    """

    __slots__ = ("_clean", "_fields", "_raw", "defects")

    def __init__(
        self, raw: bytes | None, fields: tuple[EnvelopeField, ...] = (), defects: tuple[str, ...] = ()
    ) -> None:
        self._raw = raw
        self._clean = False
        self._fields: tuple[Any, ...] = fields
        self.defects = defects

    @classmethod
    def from_clean(cls, fields: Sequence[bytes | None]) -> Envelope:
        """Make one from the groups of a match of `CLEAN_ENVELOPE`."""
        self = cls.__new__(cls)
        self._raw = None
        self._clean = True
        self._fields = tuple(fields)
        self.defects = ()
        return self

    @classmethod
    def from_values(cls, values: tuple[Value, ...]) -> Envelope:
        """Make one from a list of any shape."""
        fields: list[EnvelopeField] = []
        defects: list[str] = []
        for index, name in enumerate(_FIELD_NAMES):
            value = values[index] if index < len(values) else ...
            field: EnvelopeField = None
            if value is None:
                pass
            elif 2 <= index <= 7:
                field = _address_list(value)
                if field is None and value != ():
                    defects.append(name)
            elif isinstance(value, bytes):
                field = value
            else:
                defects.append(name)
            fields.append(field)
        return cls(None, tuple(fields), tuple(defects))

    @overload
    def __getitem__(self, index: int) -> EnvelopeField: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[EnvelopeField, ...]: ...
    def __getitem__(self, index: int | slice) -> EnvelopeField | tuple[EnvelopeField, ...]:
        if isinstance(index, slice):
            return tuple([self[i] for i in range(10)[index]])
        if self._clean:
            content: Any = self._fields[index]
            if content is not None and 2 <= index % 10 <= 7:
                return _lists.get(content) or _clean_list(content)
            return content  # type: ignore[no-any-return]  # by its place
        raw = self._raw
        if raw is None:
            field: EnvelopeField = self._fields[index]
            return field
        if not self._fields:
            match = _SPLIT_ENVELOPE.match(raw)
            self._fields = match.groups() if match is not None else ()
        piece: bytes = self._fields[index]
        if piece == b"NIL":
            return None
        if piece[0] == 0x22:
            return unquote(piece)
        return tuple(
            [
                (_nstring(name), _nstring(adl), _nstring(mailbox), _nstring(host))
                for name, adl, mailbox, host in _SPLIT_ADDRESS.findall(piece)
            ]
        )

    def __len__(self) -> int:
        return 10

    def __iter__(self) -> Iterator[EnvelopeField]:
        return (self[i] for i in range(10))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Envelope):
            return tuple(self) == tuple(other)
        return tuple(self) == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return "<Envelope>" if not self.defects else f"<Envelope without {', '.join(self.defects)}>"


# The same lists repeat, three times in most envelopes; short ones are read once. Bounded in number and size.
_lists: dict[bytes, tuple[Address, ...]] = {}
_CACHED: Final = 256
_CACHE_ENTRIES: Final = 512


def _clean_list(content: bytes) -> tuple[Address, ...]:
    if b'""' in content:  # an empty string is not NIL
        found = tuple([cast("Address", match.groups()) for match in _CLEAN_ADDRESS.finditer(content)])
    else:
        each = _CLEAN_ADDRESS.findall(content)
        found = tuple([(name or None, adl or None, mailbox or None, host or None) for name, adl, mailbox, host in each])
    if len(content) <= _CACHED:
        if len(_lists) >= _CACHE_ENTRIES:
            _lists.clear()
        _lists[content] = found
    return found


def _nstring(token: bytes) -> bytes | None:
    return None if token == b"NIL" else unquote(token)


def _address_list(value: Value | EllipsisType) -> tuple[Address, ...] | None:
    if not isinstance(value, tuple) or not value:
        return None
    addresses: list[Address] = []
    for address in value:
        if not isinstance(address, tuple) or len(address) != 4:
            return None
        name, adl, mailbox, host = address
        if (
            (name is not None and not isinstance(name, bytes))
            or (adl is not None and not isinstance(adl, bytes))
            or (mailbox is not None and not isinstance(mailbox, bytes))
            or (host is not None and not isinstance(host, bytes))
        ):
            return None
        addresses.append((name, adl, mailbox, host))
    return tuple(addresses)


class BodyPart:
    """A typed view of BODY or BODYSTRUCTURE (RFC 9051 section 7.5.2); see `body_part`.

    Attributes:
        section: the part number for BODY[...], such as ``"1.2"``; ``""`` for a multipart on top.
        type, subtype: in lower case, such as ``"text"`` and ``"plain"``.
        parameters: content type parameters, raw, by lower-case name.
        content_id, description, encoding: raw or None; encoding in lower case.
        size: bytes in transfer encoding, or None.
        disposition: in lower case, or None; with its `disposition_parameters`.
        children: parts of a multipart, or the one part of a message/rfc822.
        envelope: of a message/rfc822, or None.
    """

    __slots__ = (
        "children", "content_id", "description", "disposition", "disposition_parameters", "encoding",
        "envelope", "parameters", "section", "size", "subtype", "type",
    )  # fmt: skip

    def __init__(self, section: str) -> None:
        self.section = section
        self.type = ""
        self.subtype = ""
        self.parameters: dict[str, bytes] = {}
        self.content_id: bytes | None = None
        self.description: bytes | None = None
        self.encoding: str | None = None
        self.size: int | None = None
        self.disposition: str | None = None
        self.disposition_parameters: dict[str, bytes] = {}
        self.children: list[BodyPart] = []
        self.envelope: Envelope | None = None

    def walk(self) -> Iterator[BodyPart]:
        """This part and all below it, in the order of the message."""
        waiting: list[BodyPart] = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting.extend(reversed(part.children))

    def __repr__(self) -> str:
        return f"<BodyPart {self.section or 'TEXT'} {self.type}/{self.subtype}>"


def body_part(structure: Value) -> BodyPart | None:
    """The typed view of a BODY or BODYSTRUCTURE value; None where it has no usable shape.

    What is missing or of the wrong shape inside stays empty: servers differ too much here to
    refuse a message for it.
    """
    if not isinstance(structure, tuple) or not structure:
        return None
    multipart = isinstance(structure[0], tuple)
    top = BodyPart("" if multipart else "1")
    waiting: list[tuple[BodyPart, tuple[Value, ...], str]] = [(top, structure, "")]
    while waiting:
        part, values, prefix = waiting.pop()
        if isinstance(values[0], tuple):
            count = next((i for i, v in enumerate(values) if not isinstance(v, tuple)), len(values))
            part.type = "multipart"
            part.subtype = _lower(_at(values, count)) or ""
            part.parameters = _parameters(_at(values, count + 1))
            _set_disposition(part, _at(values, count + 2))
            for number, child in enumerate(values[:count], 1):
                section = f"{prefix}{number}"
                part.children.append(BodyPart(section))
                if isinstance(child, tuple) and child:
                    waiting.append((part.children[-1], child, section + "."))
            continue
        part.type = _lower(_at(values, 0)) or ""
        part.subtype = _lower(_at(values, 1)) or ""
        part.parameters = _parameters(_at(values, 2))
        part.content_id = _bytes(_at(values, 3))
        part.description = _bytes(_at(values, 4))
        part.encoding = _lower(_at(values, 5))
        size = _at(values, 6)
        part.size = int(size) if isinstance(size, bytes) and size.isdigit() and len(size) < 20 else None
        extension = 7
        if part.type == "text":
            extension = 8
        elif part.type == "message" and part.subtype in ("rfc822", "global"):
            envelope, inner = _at(values, 7), _at(values, 8)
            extension = 10
            if isinstance(envelope, tuple):
                part.envelope = Envelope.from_values(envelope)
            if isinstance(inner, tuple) and inner:
                dotted = part.section + "."
                nested = isinstance(inner[0], tuple)
                child_part = BodyPart(part.section + ".TEXT" if nested else dotted + "1")
                part.children.append(child_part)
                waiting.append((child_part, inner, dotted))
        _set_disposition(part, _at(values, extension + 1))
    return top


def _at(values: tuple[Value, ...], index: int) -> Value:
    return values[index] if index < len(values) else None


def _bytes(value: Value) -> bytes | None:
    return value if isinstance(value, bytes) else None


def _lower(value: Value) -> str | None:
    return value.decode("ascii", "replace").lower() if isinstance(value, bytes) else None


def _parameters(value: Value) -> dict[str, bytes]:
    if not isinstance(value, tuple):
        return {}
    pairs = zip(value[::2], value[1::2], strict=False)
    return {
        name.decode("ascii", "replace").lower(): content
        for name, content in pairs
        if isinstance(name, bytes) and isinstance(content, bytes)
    }


def _set_disposition(part: BodyPart, value: Value) -> None:
    if isinstance(value, tuple) and value:
        part.disposition = _lower(value[0])
        part.disposition_parameters = _parameters(_at(value, 1))
