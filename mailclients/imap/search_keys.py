"""The tree of a query in the words of SEARCH, with text as quoted strings or literals (RFC 9051 section 6.4.4).

Values only: no lock, any thread. Loaded with the first query, as all that knows trees is.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from mailclients.imap.criteria import ASCII, UNDELETED, UTF8, Criteria
from mailclients.mime.charsets import codec_for_writing
from mailclients.search.imap_keys import QUOTED
from mailclients.search.tree import (
    FLAGS,
    HEADER,
    MAX_NUMBER,
    And,
    DateTest,
    FlagTest,
    IdTest,
    ModSeqTest,
    Node,
    Not,
    Or,
    Raw,
    SizeTest,
    TextTest,
)
from mailclients.wire.imap_strings import Encoded, Literal, encode_astring, encode_flag, encode_string, format_date

__all__ = ["criteria_of_tree"]

_FLAG_KEYS: Final = {flag.lower(): name.upper().encode("ascii") for name, flag in FLAGS.items()}


def criteria_of_tree(node: Node, charset: str | None = None, *, with_deleted: bool = False) -> Criteria:
    """The messages that a tree asks for.

    Args:
        node: the tree; servers cannot search for all of its tests (see `querying`), which are taken for the
            ones that they know.
        charset: of text beyond ASCII; UTF-8 if None, or if not all of the text can be written in it.
        with_deleted: whether those flagged as deleted are among them.
    """
    head = () if with_deleted else UNDELETED.keys
    codec = codec_for_writing(charset) if charset is not None else None
    if codec is not None:
        with contextlib.suppress(UnicodeEncodeError):  # criteria that were written by hand may have other characters
            keys = _joined((*head, *_words(node, codec, top=True)))
            if any(isinstance(key, Literal) for key in keys):
                named = encode_astring(charset or "", what="charset")
                return Criteria(keys, named, _joined((*head, *_words(node, "utf-8", top=True))))
    keys = _joined((*head, *_words(node, "utf-8", top=True)))
    beyond = any(isinstance(key, Literal) and not key.data.isascii() for key in keys)
    return Criteria(keys, UTF8 if beyond else ASCII)


def _joined(words: Iterable[Encoded]) -> Sequence[Encoded]:
    """The words with the spaces between them, as few pieces as the literals leave."""
    pieces: list[Encoded] = []
    line = b""
    for word in words:
        if not isinstance(word, bytes):
            pieces += (line, word) if line else (word,)
            line = b""
        elif not line or line.endswith(b"(") or word == b")":
            line += word
        else:
            line += b" " + word
    return [*pieces, line] if line else pieces


def _words(node: Node, codec: str, *, top: bool = False) -> Iterator[Encoded]:
    """One search key; at the top, or as many as have to be met all."""
    if isinstance(node, And):
        if not node.parts:
            yield b"ALL"
            return
        if not top:
            yield b"("
        for part in node.parts:
            yield from _words(part, codec, top=top)
        if not top:
            yield b")"
    elif isinstance(node, Or):
        yield from _either(node.parts, codec)
    elif isinstance(node, Not):
        yield b"NOT"
        yield from _words(node.part, codec)
    elif isinstance(node, Raw):
        grouped = node.criteria.isascii() or not top
        if grouped:
            yield b"("
        yield from _raw_words(node.criteria, codec)
        if grouped:
            yield b")"
    else:
        yield from _test_words(node, codec)


def _either(parts: Sequence[Node], codec: str) -> Iterator[Encoded]:
    """OR takes two keys: halves of halves, so that many choices are not nested as deep as they are many."""
    if len(parts) == 1:
        yield from _words(parts[0], codec)
        return
    yield b"OR"
    half = len(parts) // 2
    yield from _either(parts[:half], codec)
    yield from _either(parts[half:], codec)


def _test_words(node: Node, codec: str) -> Iterator[Encoded]:
    if isinstance(node, TextTest):
        if node.field.startswith(HEADER):
            yield b"HEADER"
            yield encode_astring(node.field.removeprefix(HEADER), what="the header's name")
        else:
            yield node.field.upper().encode("ascii")
        yield _string(node.text, codec)
    elif isinstance(node, DateTest):
        yield from _date_words(node)
    elif isinstance(node, SizeTest):
        yield from _size_words(node)
    elif isinstance(node, FlagTest):
        known = _FLAG_KEYS.get(node.flag.lower())
        yield known if known is not None else b"KEYWORD " + encode_flag(node.flag)
    elif isinstance(node, IdTest):
        yield b"UID " + node.members.encode("ascii")
    elif isinstance(node, ModSeqTest):
        yield b"MODSEQ %d" % node.value


def _string(text: str, codec: str) -> Encoded:
    return encode_string(text, what="text") if text.isascii() else Literal(text.encode(codec))


def _date_words(test: DateTest) -> Iterator[bytes]:
    prefix = b"SENT" if test.field == "SentDate" else b""
    day = format_date(test.moment)
    key = {"<": b"BEFORE", ">=": b"SINCE", "=": b"ON"}.get(test.sign)
    if key is not None:
        yield prefix + key + b" " + day
    elif test.sign == ">":
        yield b"(%bSINCE %b NOT %bON %b)" % (prefix, day, prefix, day)
    else:
        yield b"OR %bBEFORE %b %bON %b" % (prefix, day, prefix, day)


def _size_words(test: SizeTest) -> Iterator[bytes]:
    low = {">": test.size, ">=": test.size - 1, "=": test.size - 1}.get(test.sign)
    high = {"<": test.size, "<=": test.size + 1, "=": test.size + 1}.get(test.sign)
    keys: list[bytes] = []
    if low is not None and low >= 0:
        keys.append(b"LARGER %d" % low)
    if high is not None and high <= MAX_NUMBER:
        keys.append(b"SMALLER %d" % high)
    yield b"ALL" if not keys else keys[0] if len(keys) == 1 else b"(" + b" ".join(keys) + b")"


def _raw_words(criteria: str, codec: str) -> Iterator[Encoded]:
    """Criteria as they came, but quoted strings with text beyond ASCII are literals (RFC 9051 section 6.4.4)."""
    position = 0
    for match in QUOTED.finditer(criteria):
        text = match[1]
        if text.isascii():
            continue
        before = criteria[position : match.start()].strip()
        if before:
            yield before.encode("ascii")
        yield Literal(re.sub(r"\\(.)", r"\1", text).encode(codec))
        position = match.end()
    rest = criteria[position:].strip()
    if rest:
        yield rest.encode("ascii")
