"""From the text of one complete response to its object.

Everything here is a pure function of its arguments, apart from two small caches of names and
flag lists whose worst race is to do the same work twice; any thread.

Tolerances towards servers name the server whose recorded answer needs them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeAlias

from mailclients.errors import RemoteProtocolError, escape
from mailclients.wire.buffer import ImapLimits
from mailclients.wire.imap_lexer import (
    QUOTED,
    Literals,
    StreamedLiteral,
    Value,
    excerpt,
    read_value,
    read_values,
    take_literal,
)
from mailclients.wire.imap_responses import (
    CLEAN_ENVELOPE,
    PLAIN_ENVELOPE,
    CapabilityResponse,
    Continuation,
    EnabledResponse,
    Envelope,
    ESearchResponse,
    ExistsResponse,
    ExpungeResponse,
    FetchResponse,
    FlagsResponse,
    IdResponse,
    ListResponse,
    LsubResponse,
    Namespace,
    NamespaceResponse,
    Part,
    QuotaResponse,
    QuotaRootResponse,
    RecentResponse,
    Response,
    ResponseCode,
    SearchResponse,
    SortResponse,
    StatusItems,
    StatusResponse,
    TaggedResponse,
    ThreadResponse,
    UnknownResponse,
    VanishedResponse,
)
from mailclients.wire.imap_sets import MAX_NUMBER, NumberSet

__all__ = ["body_fetch", "decode", "listing", "plain_ok", "printable", "simple_fetch", "takes_literals"]

Parts: TypeAlias = "tuple[Part, ...]"

# Longest text for patterns with repeated groups, whose memory grows with each repetition; longer
# text is read token by token.
_FAST: Final = 64 * 1024
_MAX_MODSEQ: Final = 2**63 - 1  # RFC 7162 section 7
_MAX_SIZE: Final = 2**63 - 1  # RFC 9051 section 9, number64

_UNTAGGED: Final = re.compile(rb"\* (?:([0-9]{1,10}) )?([A-Za-z][A-Za-z0-9.-]*)(?=[ \r])")
_TAGGED: Final = re.compile(rb'([^\x00-\x20\x7f(){%*"\\+]+) (OK|NO|BAD)(?=[ \r])', re.IGNORECASE)
_STATUS_WORD: Final = re.compile(rb"\* (?:OK|NO|BAD|BYE|PREAUTH)(?=[ \r])", re.IGNORECASE)
# A code's argument ends at the first bracket outside quotes, or, if quotes do not pair up, at
# the first bracket.
_CODE: Final = re.compile(rb"\[([^\x00-\x20\x7f\]]+)(?: ([^\]\r\n]*))?\] ?")
_QUOTING_CODE: Final = re.compile(rb"\[([^\x00-\x20\x7f\]]+) ([^\]\"\r\n]*(?:" + QUOTED + rb"[^\]\"\r\n]*)*)\] ?")
_CODE_UNTIL_LITERAL: Final = re.compile(rb"[^ ]+ [^ ]+ \[[^\]]*\Z")


def _malformed(what: str, text: bytes) -> NoReturn:
    raise RemoteProtocolError(f"the server sent {what}: {excerpt(text)}")


_PLAIN_OK: Final = re.compile(rb"([A-Za-z0-9]+) OK ([^\[\x00-\x1f\x7f-\xff][\x20-\x7e]*)\r\n\Z")


def plain_ok(line: bytes, parts: Parts) -> TaggedResponse | None:
    """The answer if it is a tagged OK with nothing but plain text behind it, as nearly all are; else None."""
    match = _PLAIN_OK.match(line)
    if match is None:
        return None
    tag, human = match.groups()
    return TaggedResponse(tag.decode("ascii"), "OK", None, human.decode("ascii"), parts)


def takes_literals(line: bytes) -> bool:
    """Whether ``{n}`` at the end of this first line of a response announces a literal.

    Text for people may end in anything; only data, and a response code not yet closed, can
    announce a literal.
    """
    if line.startswith(b"* ") and _STATUS_WORD.match(line) is None:
        return True
    return not line.startswith(b"+") and _CODE_UNTIL_LITERAL.match(line) is not None


def printable(raw: bytes) -> str:
    """Server text for people: decoded with replacement, control characters as escapes."""
    text = raw.decode("utf-8", "replace")
    return text if text.isprintable() else escape(text)


def decode(text: bytes, literals: Literals, parts: Parts, limits: ImapLimits) -> Response:
    """Make the object for one complete response.

    Args:
        text: all of it, CRLF included, with literals cut out (see `imap_lexer`).
        literals: their values, in reverse order; used up.
        parts: what was read, for `Response.parts`.

    Raises:
        RemoteProtocolError: the server broke the protocol or a limit.
    """
    if text.startswith(b"* "):
        match = _UNTAGGED.match(text)
        if match is None:
            _malformed("an untagged response without a name", text)
        number, word = match.groups()
        if number is not None:
            numbered = _NUMBERED.get(word) or _NUMBERED.get(word.upper())
            if numbered is not None:
                return numbered(int(number), text, match.end(), literals, parts, limits)
        else:
            plain = _PLAIN.get(word) or _PLAIN.get(word.upper())
            if plain is not None:
                response = plain(text, match.end(), literals, parts, limits)
                if literals:
                    _malformed("a literal that belongs to nothing", text)
                return response
        return UnknownResponse(word.decode("ascii").upper(), None if number is None else int(number), parts)
    if text.startswith(b"+"):
        if text[1] not in b" \r":
            _malformed("a continuation request without a space", text)
        data = text[2:-2] if text[1] == 0x20 else b""
        return Continuation(data, printable(data), parts)
    match = _TAGGED.match(text)
    if match is not None:
        code, human = _resp_text(text, match.end(), literals, limits)
        tag, status = match.groups()
        return TaggedResponse(tag.decode("ascii", "replace"), status.decode("ascii").upper(), code, human, parts)
    if text.startswith(b"["):
        # Exchange, answering MOVE: "[COPYUID 55 31 6]" on a line of its own, without "* OK".
        code, human = _resp_text(b" " + text, 0, literals, limits)
        if code is not None and not human:
            return StatusResponse("OK", code, "", parts)
    _malformed("a line that is no IMAP response", text)


# --- status responses ------------------------------------------------------------------------


def _resp_text(text: bytes, position: int, literals: Literals, limits: ImapLimits) -> tuple[ResponseCode | None, str]:
    """The code and the text behind a status word; both may be missing (`* OK` CRLF)."""
    position += 1  # the space; where the line ends at once, both pieces come out empty
    if text[position : position + 1] != b"[":
        return None, printable(text[position:-2]) if position < len(text) - 2 else ""
    if literals:
        # Only BADCHARSET can carry literals, in theory: put them back in as quoted strings.
        pieces = re.split(rb"~?\{[0-9]+\}\r\n", text[position:])
        if len(pieces) != len(literals) + 1 or not all(isinstance(value, bytes) for value in literals):
            _malformed("a response code that cannot be read", text)
        line = pieces[0]
        for piece in pieces[1:]:
            value = literals.pop()
            line += b'"%s"' % re.sub(rb'[\x00\r\n"\\]', b"?", value if isinstance(value, bytes) else b"") + piece
        text, position = line, 0
    match = _CODE.match(text, position)
    if match is not None and b'"' in match[0]:
        match = _QUOTING_CODE.match(text, position, position + _FAST) or match
    if match is None:
        return None, printable(text[position:-2])
    name = match[1].decode("ascii", "replace").upper()
    raw: bytes = match[2] or b""
    reader = _CODES.get(name)
    argument: Any
    try:
        argument = reader(raw, limits) if reader is not None else raw or None
    except RemoteProtocolError:
        # A malformed argument costs its value, not the connection: the code is advice.
        argument = None
    return ResponseCode(name, argument, raw), printable(text[match.end() : -2])


def _code_number(raw: bytes, limits: ImapLimits) -> int:
    return _number(raw, 1, MAX_NUMBER)


def _code_modseq(raw: bytes, limits: ImapLimits) -> int:
    return _number(raw, 0, _MAX_MODSEQ)


def _code_words(raw: bytes, limits: ImapLimits) -> tuple[str, ...]:
    return tuple([printable(word) for word in raw.split()])


def _code_list(raw: bytes, limits: ImapLimits) -> tuple[str, ...]:
    if not raw:
        return ()
    values = read_values(raw + b"\r\n", 0, [], limits)
    if len(values) != 1 or not isinstance(values[0], tuple):
        raise RemoteProtocolError("no list")
    return _strings(values[0])


def _code_sets(count: int) -> Callable[[bytes, ImapLimits], tuple[Any, ...]]:
    def read(raw: bytes, limits: ImapLimits) -> tuple[Any, ...]:
        words = raw.split()
        if len(words) != count + 1:
            raise RemoteProtocolError("wrong number of arguments")
        return (_number(words[0], 1, MAX_NUMBER), *[NumberSet.from_text(word) for word in words[1:]])

    return read


def _code_mailbox_id(raw: bytes, limits: ImapLimits) -> bytes:
    values = read_values(raw + b"\r\n", 0, [], limits)
    identifier = _item_object_id(values[0]) if len(values) == 1 else None
    if identifier is None:
        raise RemoteProtocolError("no object identifier")
    return identifier


_CODES: Final[dict[str, Callable[[bytes, ImapLimits], Any]]] = {
    "APPENDUID": _code_sets(1),
    "BADCHARSET": _code_list,
    "CAPABILITY": _code_words,
    "COPYUID": _code_sets(2),
    "HIGHESTMODSEQ": _code_modseq,
    "MAILBOXID": _code_mailbox_id,
    "MODIFIED": lambda raw, limits: NumberSet.from_text(raw),
    "PERMANENTFLAGS": _code_list,
    "UIDNEXT": _code_number,
    "UIDVALIDITY": _code_number,
    "UNSEEN": _code_number,
}


def _status(text: bytes, position: int, literals: Literals, parts: Parts, limits: ImapLimits) -> Response:
    code, human = _resp_text(text, position, literals, limits)
    return StatusResponse(text[2:position].decode("ascii").upper(), code, human, parts)


# --- single values ---------------------------------------------------------------------------


def _number(value: Value, low: int, high: int) -> int:
    if isinstance(value, bytes) and value.isdigit() and len(value) <= 20:
        number = int(value)
        if low <= number <= high:
            return number
    shown = excerpt(value) if isinstance(value, bytes) else "something else"
    raise RemoteProtocolError(f"the server sent {shown} where a number from {low} to {high} belongs")


def _string(value: Value) -> bytes:
    """A string; a bare NIL counts as the text it looks like.

    Dovecot lists a folder called NIL as ``LIST (...) "." NIL``.
    """
    if value is None:
        return b"NIL"
    if isinstance(value, bytes):
        return value
    raise RemoteProtocolError("the server sent a list where a string belongs")


def _strings(values: tuple[Value, ...]) -> tuple[str, ...]:
    return tuple([printable(_string(value)) for value in values])


def _list(value: Value, what: str) -> tuple[Value, ...]:
    if isinstance(value, tuple):
        return value
    raise RemoteProtocolError(f"the server sent a {what} answer without the list that belongs there")


def _pairs(values: tuple[Value, ...], what: str) -> dict[str, Value]:
    if len(values) % 2:
        raise RemoteProtocolError(f"the server sent a {what} answer with a name that has no value")
    return {printable(_string(name)).upper(): value for name, value in zip(values[::2], values[1::2], strict=True)}


def _delimiter(value: Value) -> str | None:
    return None if value is None or value == b"" else printable(_string(value))


# --- untagged responses without a number -----------------------------------------------------


def _capability(text: bytes, position: int, literals: Literals, parts: Parts, limits: ImapLimits) -> Response:
    return CapabilityResponse(_strings(read_values(text, position, literals, limits)), parts)


def _enabled(text: bytes, position: int, literals: Literals, parts: Parts, limits: ImapLimits) -> Response:
    return EnabledResponse(_strings(read_values(text, position, literals, limits)), parts)


def _flags(text: bytes, position: int, literals: Literals, parts: Parts, limits: ImapLimits) -> Response:
    values = read_values(text, position, literals, limits)
    if len(values) != 1:
        _malformed("FLAGS without one list", text)
    return FlagsResponse(_strings(_list(values[0], "FLAGS")), parts)


def _list_of(kind: type[ListResponse]) -> Callable[[bytes, int, Literals, Parts, ImapLimits], Response]:
    def read(text: bytes, position: int, literals: Literals, parts: Parts, limits: ImapLimits) -> Response:
        values = read_values(text, position, literals, limits)
        if not 3 <= len(values) <= 4:
            _malformed("a LIST answer that is not attributes, delimiter and name", text)
        attributes = _strings(_list(values[0], "LIST"))
        extended = _pairs(_list(values[3], "LIST"), "LIST") if len(values) == 4 else {}
        return kind(attributes, _delimiter(values[1]), _string(values[2]), extended, parts)

    return read


def _status_items(text: bytes, position: int, literals: Literals, parts: Parts, limits: ImapLimits) -> Response:
    values = read_values(text, position, literals, limits)
    if len(values) != 2:
        _malformed("a STATUS answer that is not a name and a list", text)
    items: dict[str, Any] = {}
    for name, value in _pairs(_list(values[1], "STATUS"), "STATUS").items():
        items[name] = int(value) if isinstance(value, bytes) and value.isdigit() and len(value) <= 20 else value
    return StatusItems(_string(values[0]), items, parts)


_SEARCH: Final = re.compile(rb"((?: +[0-9]+)*) *(?:\(MODSEQ ([0-9]{1,20})\) *)?\r\n\Z", re.IGNORECASE)


def _search_of(kind: type[SearchResponse]) -> Callable[[bytes, int, Literals, Parts, ImapLimits], Response]:
    def read(text: bytes, position: int, literals: Literals, parts: Parts, limits: ImapLimits) -> Response:
        end, modseq = len(text) - 2, None
        opened = text.find(b"(", position)
        if opened >= 0:
            match = _SEARCH.match(text, opened)
            if match is None:
                _malformed("a list of message numbers that cannot be read", text)
            end, modseq = opened, _number(match[2], 0, _MAX_MODSEQ)
        return kind(NumberSet.from_numbers(text[position:end]), modseq, parts)

    return read


def _esearch(text: bytes, position: int, literals: Literals, parts: Parts, limits: ImapLimits) -> Response:
    values = read_values(text, position, literals, limits)
    index, uid, correlator = 0, False, {}
    if values and isinstance(values[0], tuple):
        correlator, index = _pairs(values[0], "ESEARCH"), 1
    if index < len(values):
        word = values[index]
        if isinstance(word, bytes) and word.upper() == b"UID":
            uid, index = True, index + 1
    items: dict[str, Any] = {}
    for name, value in _pairs(values[index:], "ESEARCH").items():
        if name in ("MIN", "MAX"):
            items[name] = _number(value, 1, MAX_NUMBER)
        elif name == "COUNT":
            items[name] = _number(value, 0, MAX_NUMBER)
        elif name == "MODSEQ":
            items[name] = _number(value, 0, _MAX_MODSEQ)
        elif name == "ALL":
            items[name] = NumberSet.from_text(_string(value))
        elif name == "PARTIAL":
            partial = _list(value, "ESEARCH")
            if len(partial) != 2:
                _malformed("an ESEARCH answer whose PARTIAL is not a range and a set", text)
            found = partial[1]
            items[name] = (
                printable(_string(partial[0])),
                None if found is None else NumberSet.from_text(_string(found)),
            )
        else:
            items[name] = value
    tag = correlator.get("TAG")
    return ESearchResponse(
        tag.decode("ascii", "replace") if isinstance(tag, bytes) else None, uid, correlator, items, parts
    )


_THREAD_TOKEN: Final = re.compile(rb" *(\(|\)|[0-9]{1,10}|\r\n|[\s\S])")


def _thread(text: bytes, position: int, literals: Literals, parts: Parts, limits: ImapLimits) -> Response:
    # Numbers, not strings, and many of them: built directly, with an explicit stack.
    stack: list[list[Any]] = []
    current: list[Any] = []
    left = limits.items
    for match in _THREAD_TOKEN.finditer(text, position):
        token = match[1]
        left -= 1
        if left < 0:
            raise RemoteProtocolError(f"the server sent more than {limits.items} items in one answer")
        if token == b"(":
            if len(stack) >= limits.depth:
                raise RemoteProtocolError(f"the server sent lists nested deeper than {limits.depth} levels")
            stack.append(current)
            current = []
        elif token == b")" and stack:
            closed = tuple(current)
            current = stack.pop()
            current.append(closed)
        elif stack and token.isdigit():
            current.append(_number(token, 1, MAX_NUMBER))
        elif token == b"\r\n" and not stack and match.end() == len(text):
            return ThreadResponse(tuple(current), parts)
        else:
            break
    _malformed("a THREAD answer that cannot be read", text)


def _vanished(text: bytes, position: int, literals: Literals, parts: Parts, limits: ImapLimits) -> Response:
    values = read_values(text, position, literals, limits)
    earlier = False
    if values and isinstance(values[0], tuple):
        match values[0]:
            case (bytes() as word,) if word.upper() == b"EARLIER":
                earlier = True
            case _:
                _malformed("a VANISHED answer that cannot be read", text)
        values = values[1:]
    if len(values) != 1:
        _malformed("a VANISHED answer without one set of UIDs", text)
    return VanishedResponse(NumberSet.from_text(_string(values[0])), earlier, parts)


def _namespace(text: bytes, position: int, literals: Literals, parts: Parts, limits: ImapLimits) -> Response:
    values = read_values(text, position, literals, limits)
    if len(values) != 3:
        _malformed("a NAMESPACE answer that has not three lists", text)
    groups: list[tuple[Namespace, ...]] = []
    for group in values:
        spaces: list[Namespace] = []
        for space in () if group is None else _list(group, "NAMESPACE"):
            fields = _list(space, "NAMESPACE")
            if len(fields) < 2:
                _malformed("a namespace without prefix and delimiter", text)
            extension = _pairs(fields[2:], "NAMESPACE")
            spaces.append((_string(fields[0]), _delimiter(fields[1]), extension))
        groups.append(tuple(spaces))
    return NamespaceResponse(groups[0], groups[1], groups[2], parts)


def _id(text: bytes, position: int, literals: Literals, parts: Parts, limits: ImapLimits) -> Response:
    values = read_values(text, position, literals, limits)
    if len(values) != 1:
        _malformed("an ID answer that is not one list", text)
    listed = () if values[0] is None else _list(values[0], "ID")
    if len(listed) % 2:
        _malformed("an ID answer with a name that has no value", text)
    return IdResponse(
        {
            printable(_string(name)): None if value is None else printable(_string(value))
            for name, value in zip(listed[::2], listed[1::2], strict=True)
        },
        parts,
    )


def _quota(text: bytes, position: int, literals: Literals, parts: Parts, limits: ImapLimits) -> Response:
    values = read_values(text, position, literals, limits)
    if len(values) != 2:
        _malformed("a QUOTA answer that is not a root and a list", text)
    listed = _list(values[1], "QUOTA")
    if len(listed) % 3:
        _malformed("a QUOTA answer whose list is not names with two numbers each", text)
    resources = {
        printable(_string(listed[i])).upper(): (
            _number(listed[i + 1], 0, _MAX_SIZE),
            _number(listed[i + 2], 0, _MAX_SIZE),
        )
        for i in range(0, len(listed), 3)
    }
    return QuotaResponse(_string(values[0]), resources, parts)


def _quota_root(text: bytes, position: int, literals: Literals, parts: Parts, limits: ImapLimits) -> Response:
    values = read_values(text, position, literals, limits)
    if not values:
        _malformed("a QUOTAROOT answer without a name", text)
    return QuotaRootResponse(_string(values[0]), tuple([_string(root) for root in values[1:]]), parts)


_Reader: TypeAlias = Callable[[bytes, int, "Literals", "Parts", ImapLimits], Response]
_PLAIN: Final[dict[bytes, _Reader]] = {
    b"BAD": _status,
    b"BYE": _status,
    b"CAPABILITY": _capability,
    b"ENABLED": _enabled,
    b"ESEARCH": _esearch,
    b"FLAGS": _flags,
    b"ID": _id,
    b"LIST": _list_of(ListResponse),
    b"LSUB": _list_of(LsubResponse),
    b"NAMESPACE": _namespace,
    b"NO": _status,
    b"OK": _status,
    b"PREAUTH": _status,
    b"QUOTA": _quota,
    b"QUOTAROOT": _quota_root,
    b"SEARCH": _search_of(SearchResponse),
    b"SORT": _search_of(SortResponse),
    b"STATUS": _status_items,
    b"THREAD": _thread,
    b"VANISHED": _vanished,
}


# --- untagged responses with a number --------------------------------------------------------


def _ends(text: bytes, position: int) -> None:
    if text[position:].strip(b" ") != b"\r\n":
        _malformed("an answer with something behind its end", text)


def _exists(number: int, text: bytes, position: int, literals: Literals, parts: Parts, limits: ImapLimits) -> Response:
    _ends(text, position)
    if number > MAX_NUMBER:
        _malformed("a number of messages out of range", text)
    return ExistsResponse(number, parts)


def _recent(number: int, text: bytes, position: int, literals: Literals, parts: Parts, limits: ImapLimits) -> Response:
    _ends(text, position)
    if number > MAX_NUMBER:
        _malformed("a number of messages out of range", text)
    return RecentResponse(number, parts)


def _expunge(number: int, text: bytes, position: int, literals: Literals, parts: Parts, limits: ImapLimits) -> Response:
    _ends(text, position)
    if not 1 <= number <= MAX_NUMBER:
        _malformed("a sequence number out of range", text)
    return ExpungeResponse(number, parts)


# The items of a listing, read by one match each; whatever looks different takes the long way,
# longer flag lists too, because that way counts.
_COMMON_ITEM: Final = re.compile(
    rb" ?(?:UID ([1-9][0-9]{0,9})"
    rb'|FLAGS (\([^()"{}\r\n\x00]{0,4096}\))'
    rb'|INTERNALDATE ("[^"\\\r\n\x00]*")'
    rb"|RFC822\.SIZE ([0-9]{1,18})"
    rb"|ENVELOPE (" + PLAIN_ENVELOPE + rb")"
    rb"|MODSEQ \(([0-9]{1,18})\))(?=[ )])"
)
_NO_ITEM: Final = re.compile(rb"(?!)")
_UID, _FLAGS, _DATE, _SIZE, _ENVELOPE = 1, 2, 3, 4, 5
_ITEM_NAME: Final = re.compile(
    rb"[A-Za-z][^\x00-\x20\x7f()\[\]{\"<>]*"
    rb'(?:\[[^\]"{\r\n\x00]*(?:(?:"[^"\\\r\n\x00]*"|\{[0-9]+\}\r\n)[^\]"{\r\n\x00]*){0,1000}\]'
    rb"(?:<[0-9]+>)?)?"
)
_PLACE: Final = re.compile(rb"~?\{[0-9]+\}\r\n")
_OPEN_ITEMS: Final = re.compile(rb" *\(")
_SPACES: Final = re.compile(rb" *")

# Flag lists repeat; small ones are read once. Bounded in number and, by _CACHED, in size.
_flag_lists: dict[bytes, tuple[str, ...]] = {}
_item_names: dict[bytes, str] = {}
_CACHED: Final = 128
_CACHE_ENTRIES: Final = 1024


def _flag_list(raw: bytes) -> tuple[str, ...]:
    flags = tuple([printable(flag) for flag in raw[1:-1].split(b" ") if flag])
    if len(raw) <= _CACHED and len(_flag_lists) < _CACHE_ENTRIES:
        _flag_lists[raw] = flags
    return flags


def _item_name(raw: bytes) -> str:
    name = raw.decode("ascii", "replace").upper()
    if len(raw) <= _CACHED and len(_item_names) < _CACHE_ENTRIES:
        _item_names[raw] = name
    return name


def _fetch(number: int, text: bytes, position: int, literals: Literals, parts: Parts, limits: ImapLimits) -> Response:
    if not 1 <= number <= MAX_NUMBER:
        _malformed("a sequence number out of range", text)
    match = _OPEN_ITEMS.match(text, position)
    if match is None:
        _malformed("a FETCH answer without a list", text)
    position = match.end()
    items: dict[str, Any] = {}
    common = _COMMON_ITEM.match if len(text) <= _FAST else _NO_ITEM.match
    extra = 0
    while True:
        match = common(text, position)
        if match is not None:
            kind = match.lastindex
            if kind == _UID:
                uid = int(match[1])
                if uid > MAX_NUMBER:
                    _malformed("a UID out of range", text)
                items["UID"] = uid
            elif kind == _FLAGS:
                raw = match[2]
                items["FLAGS"] = _flag_lists.get(raw) or _flag_list(raw)
            elif kind == _DATE:
                items["INTERNALDATE"] = match[3][1:-1]
            elif kind == _SIZE:
                items["RFC822.SIZE"] = int(match[4])
            elif kind == _ENVELOPE:
                items["ENVELOPE"] = Envelope(match[5])
            else:
                items["MODSEQ"] = int(match[6])
            position = match.end()
            continue
        while text[position] == 0x20:
            position += 1
        first = text[position]
        if first == 0x29:  # )
            position += 1
            if not extra:
                break
            extra -= 1
            continue
        if first == 0x28:  # (
            # Domino puts items in parentheses of their own: "(UID 1 (ENVELOPE (...)) BODYSTRUCTURE ...".
            extra += 1
            if extra > limits.depth:
                _malformed("too many parentheses", text)
            position += 1
            continue
        position = _other_item(text, position, literals, items, limits)
    _ends(text, position)
    if literals:
        _malformed("a literal that belongs to nothing", text)
    return FetchResponse(number, items, parts)


def _other_item(text: bytes, position: int, literals: Literals, items: dict[str, Any], limits: ImapLimits) -> int:
    """Read one item of a FETCH answer into `items`; returns the position behind it."""
    match = _ITEM_NAME.match(text, position)
    if match is None:
        raise RemoteProtocolError(
            f"the server's answer {excerpt(text)} breaks the IMAP syntax at {excerpt(text, position)}"
        )
    raw = match[0]
    if len(raw) > _FAST:
        raise RemoteProtocolError(f"the server named an item of a FETCH answer with {len(raw)} bytes")
    if b"{" in raw:  # a header field name sent as a literal
        raw = _PLACE.sub(lambda _: _string(take_literal(literals)), raw)
    name = _item_names.get(raw) or _item_name(raw)
    if len(items) >= limits.items:
        raise RemoteProtocolError(f"the server sent more than {limits.items} items in one answer")
    value, end = read_value(text, match.end(), literals, limits)
    reader = _ITEMS.get(name)
    bracket = name.find("[")
    if bracket > 0:
        if name.startswith("BINARY.SIZE["):
            reader = _item_size
        elif name.startswith(("BODY[", "BINARY[")):
            reader = _item_content
    if reader is _item_content and name in items:
        raise RemoteProtocolError(f"the server sent {escape(name)} twice in one answer")
    try:
        items[name] = reader(value) if reader is not None else value
    except RemoteProtocolError as error:
        raise RemoteProtocolError(f"in {escape(name[:80])} of a FETCH answer {error}") from error
    return end


def _item_content(value: Value) -> bytes | StreamedLiteral | None:
    if isinstance(value, tuple):
        raise RemoteProtocolError("the server sent a list where content belongs")
    return value


def _item_size(value: Value) -> int:
    return _number(value, 0, _MAX_SIZE)


def _item_uid(value: Value) -> int:
    return _number(value, 1, MAX_NUMBER)


def _item_number(value: Value) -> int:
    return _number(value, 0, 2**64 - 1)


def _item_flags(value: Value) -> tuple[str, ...]:
    return _strings(_list(value, "FLAGS"))


def _item_modseq(value: Value) -> int:
    inner = value[0] if isinstance(value, tuple) and len(value) == 1 else value
    return _number(inner, 0, _MAX_MODSEQ)


def _item_object_id(value: Value) -> bytes | None:
    if value is None:
        return None
    inner = value[0] if isinstance(value, tuple) and len(value) == 1 else value
    if isinstance(inner, bytes):
        return inner
    raise RemoteProtocolError("the server sent something else where an object identifier belongs")


def _item_envelope(value: Value) -> Envelope:
    # A short or odd ENVELOPE costs its fields, not the message: see `Envelope.defects`.
    return Envelope.from_values(value if isinstance(value, tuple) else ())


_ITEMS: Final[dict[str, Callable[[Value], Any]]] = {
    "EMAILID": _item_object_id,
    "ENVELOPE": _item_envelope,
    "FLAGS": _item_flags,
    "INTERNALDATE": _item_content,
    "MODSEQ": _item_modseq,
    "PREVIEW": _item_content,
    "RFC822": _item_content,
    "RFC822.HEADER": _item_content,
    "RFC822.SIZE": _item_size,
    "RFC822.TEXT": _item_content,
    "SAVEDATE": _item_content,
    "THREADID": _item_object_id,
    "UID": _item_uid,
    "X-GM-MSGID": _item_number,
    "X-GM-THRID": _item_number,
}

_NUMBERED: Final[dict[bytes, Callable[[int, bytes, int, Literals, Parts, ImapLimits], Response]]] = {
    b"EXISTS": _exists,
    b"EXPUNGE": _expunge,
    b"FETCH": _fetch,
    b"RECENT": _recent,
}

# A listing as most servers send it, read by one match; any other order takes the long way, and so do escapes.
_LISTING: Final = re.compile(
    rb"\* ([1-9][0-9]{0,9}) FETCH \((?:UID ([1-9][0-9]{0,9}) ?)?"
    rb'(?:FLAGS (\([^()"{}\r\n\x00]{0,4096}\)) ?)?'
    rb'(?:INTERNALDATE "([^"\\\r\n\x00]*)" ?)?'
    rb"(?:RFC822\.SIZE ([0-9]{1,18}) ?)?"
    rb"(?:MODSEQ \(([0-9]{1,18})\) ?)?"
    rb"(?:ENVELOPE ()" + CLEAN_ENVELOPE + rb")?\)\r\n\Z"
)


def listing(text: bytes, parts: Parts) -> FetchResponse | None:
    """The answer if it is a FETCH with the usual items in the usual order, else None."""
    match = _LISTING.match(text) if len(text) <= _FAST else None
    if match is None:
        return None
    number, uid, flags, date, size, modseq, envelope, *fields = match.groups()
    sequence_number = int(number)
    items: dict[str, Any] = {}
    if uid is not None:
        items["UID"] = number = int(uid)
        if number > MAX_NUMBER:
            return None
    if sequence_number > MAX_NUMBER:
        return None
    if flags is not None:
        items["FLAGS"] = _flag_lists.get(flags) or _flag_list(flags)
    if date is not None:
        items["INTERNALDATE"] = date
    if size is not None:
        items["RFC822.SIZE"] = int(size)
    if modseq is not None:
        items["MODSEQ"] = int(modseq)
    if envelope is not None:
        items["ENVELOPE"] = Envelope.from_clean(fields)
    return FetchResponse(sequence_number, items, parts)


_BODY_FETCH: Final = re.compile(
    rb"\* ([1-9][0-9]{0,9}) FETCH \((?:UID ([1-9][0-9]{0,9}) )?"
    rb"(?:FLAGS (\([^()\"{}\r\n\x00]{0,4096}\)) )?(BODY\[[A-Z0-9.]*\]) (?:\{([0-9]{1,9})\})\r\n\Z"
)
body_fetch: Final = _BODY_FETCH.match


def simple_fetch(match: re.Match[bytes], literal: bytes, parts: Parts) -> FetchResponse | None:
    """The answer whose only line before the literal is `match`, and after it ``)``.

    None where its numbers are out of range: the long way says so.
    """
    number, uid, flags, name, _ = match.groups()
    sequence_number = int(number)
    items: dict[str, Any] = {}
    if uid is not None:
        items["UID"] = value = int(uid)
        if value > MAX_NUMBER:
            return None
    if sequence_number > MAX_NUMBER:
        return None
    if flags is not None:
        items["FLAGS"] = _flag_lists.get(flags) or _flag_list(flags)
    items[_item_names.get(name) or _item_name(name)] = literal
    return FetchResponse(sequence_number, items, parts)
