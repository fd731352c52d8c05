"""What goes out: arguments of IMAP commands, checked and encoded.

Nothing here lets a value become syntax: what cannot be sent as data is refused before any byte.
Error messages name the argument, never its value, which may be a password. Pure functions and
immutable objects; any thread.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Final, TypeAlias

from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
)
from mailclients.wire.imap_sets import MAX_NUMBER

__all__ = [
    "Encoded",
    "Literal",
    "decode_mailbox",
    "decode_modified_utf7",
    "encode_astring",
    "encode_flag",
    "encode_flags",
    "encode_mailbox",
    "encode_modified_utf7",
    "encode_nstring",
    "encode_string",
    "format_date",
    "format_datetime",
    "format_set",
    "id_ranges",
    "parse_datetime",
    "split_set",
]


class Literal:
    """An argument that has to be sent as a literal.

    Attributes:
        data: its bytes.
        binary: whether to announce it as literal8, ``~{n}`` (RFC 3516).
    """

    __slots__ = ("binary", "data")

    def __init__(self, data: bytes, binary: bool = False) -> None:
        self.data = data
        self.binary = binary

    def header(self, *, synchronizing: bool = True) -> bytes:
        """The announcement with its CRLF: ``{n}``, or ``{n+}`` where the server takes that.

        Non-synchronizing literals need LITERAL+, or LITERAL- up to 4,096 bytes (RFC 7888).
        """
        tilde = b"~" if self.binary else b""
        return b"%s{%d%s}\r\n" % (tilde, len(self), b"" if synchronizing else b"+")

    def pieces(self) -> Iterator[bytes]:
        """What is sent for it. One that is kept elsewhere brings it piece by piece."""
        yield self.data

    def __len__(self) -> int:
        return len(self.data)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Literal):
            return NotImplemented
        return self.data == other.data and self.binary == other.binary

    def __hash__(self) -> int:
        return hash((self.data, self.binary))

    def __repr__(self) -> str:
        return f"<Literal of {len(self)} bytes>"  # it may be a password


Encoded: TypeAlias = bytes | Literal

# Sent bare. Fewer characters than the grammar allows: quoting is never wrong, and "{", "*", "%",
# a leading "+" or "~" then need no further thought.
_BARE: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._@/-]*\Z")
_QUOTED_SPECIALS: Final = re.compile(rb'(["\\])')
# Servers bound the length of a command line, some at 8,192 bytes, but not that of its literals.
_MAX_QUOTED: Final = 4096


def _utf8(text: str) -> bytes | None:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return None


def _text(value: object, what: str) -> bytes:
    """`value` as UTF-8, refused where it could end a line or cannot be encoded."""
    if value is None:
        raise AsposeArgumentNullException(f"{what} is None; a str is needed")
    if not isinstance(value, str):
        raise ArgumentTypeError(f"{what} is {type(value).__name__}; a str is needed")
    # The error of the encoder would carry the value, which may be a password: not even its context is kept.
    raw = _utf8(value)
    if raw is None:
        raise AsposeArgumentException(f"{what} contains half of a surrogate pair, which has no encoding")
    _check_line(raw, what)
    return raw


def _check_line(raw: bytes, what: str) -> None:
    if b"\r" in raw or b"\n" in raw or b"\0" in raw:
        raise AsposeArgumentException(f"{what} contains CR, LF or NUL, which would end the command; nothing was sent")


def _quoted(raw: bytes) -> bytes:
    return b'"' + _QUOTED_SPECIALS.sub(rb"\\\1", raw) + b'"'


def encode_string(text: str, utf8: bool = False, what: str = "the argument") -> Encoded:
    """Encode a string that must not be an atom: quoted, or a literal.

    Args:
        text: any text without NUL, CR and LF. Other control characters are quoted.
        utf8: whether ``ENABLE UTF8=ACCEPT`` is in force; if not, non-ASCII text is a literal.
        what: names the argument in errors.

    Raises:
        AsposeArgumentException: the text cannot be sent.
    """
    raw = _text(text, what)
    if len(raw) > _MAX_QUOTED or not (utf8 or raw.isascii()):
        return Literal(raw)
    return _quoted(raw)


def encode_astring(text: str, utf8: bool = False, what: str = "the argument") -> Encoded:
    """Encode an astring: bare where that is plainly safe, else as `encode_string` does."""
    raw = _text(text, what)
    if _BARE.match(raw) is not None and raw.upper() != b"NIL" and len(raw) <= _MAX_QUOTED:
        return raw
    return encode_string(text, utf8, what)


def encode_nstring(text: str | None, utf8: bool = False, what: str = "the argument") -> Encoded:
    """Encode a string or, for None, NIL."""
    return b"NIL" if text is None else encode_string(text, utf8, what)


# --- mailbox names ---------------------------------------------------------------------------

_SHIFTED: Final = re.compile(r"[^\x01-\x7f]+|&")
_BASE64_RUN: Final = re.compile(rb"&([A-Za-z0-9+,]*)-")


def encode_modified_utf7(name: str) -> bytes:
    """A mailbox name in modified UTF-7 (RFC 3501 section 5.1.3).

    ASCII control characters stay as they are: servers list folders with TAB in their names, and
    the same bytes must go back.

    Raises:
        AsposeArgumentException: NUL, CR, LF or half of a surrogate pair.
    """
    _text(name, "the folder name")

    def shift(match: re.Match[str]) -> str:
        run = match[0]
        if run == "&":
            return "&-"
        coded = b2a_base64(run.encode("utf-16-be"), newline=False).rstrip(b"=").replace(b"/", b",")
        return "&" + coded.decode("ascii") + "-"

    return _SHIFTED.sub(shift, name).encode("ascii")


def decode_modified_utf7(raw: bytes) -> str | None:
    """The name for `raw`, or None where it is not valid modified UTF-7.

    Valid means that `encode_modified_utf7` gives `raw` again, so that a decoded name always
    leads back to the folder it came from.
    """
    if not raw.isascii():
        return None
    if b"&" not in raw:
        # Names with NUL, CR or LF cannot be sent back, whatever they look like.
        return None if b"\r" in raw or b"\n" in raw or b"\0" in raw else raw.decode("ascii")
    pieces: list[str] = []
    position = 0
    for match in _BASE64_RUN.finditer(raw):
        pieces.append(raw[position : match.start()].decode("ascii"))
        position = match.end()
        coded = match[1].replace(b",", b"/")
        if not coded:
            pieces.append("&")
            continue
        try:
            pieces.append(a2b_base64(coded + b"=" * (-len(coded) % 4)).decode("utf-16-be"))
        except (Base64Error, UnicodeDecodeError):
            return None
    pieces.append(raw[position:].decode("ascii"))
    name = "".join(pieces)
    try:
        return name if encode_modified_utf7(name) == raw else None
    except AsposeArgumentException:
        return None


def decode_mailbox(raw: bytes, utf8: bool = False) -> str:
    """A mailbox name from the server as text. Keep `raw` to address the folder.

    Args:
        raw: the name as sent.
        utf8: whether ``ENABLE UTF8=ACCEPT`` or IMAP4rev2 is in force: names are UTF-8 then.

    Invalid modified UTF-7 is given back undecoded; 8-bit bytes are read as UTF-8, with
    replacement characters where they are not.
    """
    if not utf8:
        name = decode_modified_utf7(raw)
        if name is not None:
            return name
    return raw.decode("utf-8", "replace")


def encode_mailbox(name: str | bytes, utf8: bool = False) -> Encoded:
    """A mailbox name, or a LIST pattern, as a command argument.

    Args:
        name: text; or the raw bytes that the server sent for a folder, to be sent back unchanged.
        utf8: whether ``ENABLE UTF8=ACCEPT`` or IMAP4rev2 is in force.

    Raises:
        AsposeArgumentException: NUL, CR, LF or half of a surrogate pair in it.
    """
    if isinstance(name, bytes):
        _check_line(name, "the folder name")
        raw = name
    else:
        raw = _text(name, "the folder name") if utf8 else encode_modified_utf7(name)
    if _BARE.match(raw) is not None and raw.upper() != b"NIL" and len(raw) <= _MAX_QUOTED:
        return raw
    if len(raw) > _MAX_QUOTED or not (utf8 or raw.isascii()):
        return Literal(raw)
    return _quoted(raw)


# --- flags -----------------------------------------------------------------------------------

_FLAG: Final = re.compile(r'\\?[^\x00-\x20\x7f-\U0010ffff(){%*"\\\]]+\Z')


def encode_flag(flag: str) -> bytes:
    r"""One flag: a keyword or ``\Name`` (RFC 9051 section 9, flag).

    Raises:
        AsposeArgumentException: it is not one flag: empty, or with spaces, parentheses, quotes,
            wildcards, control or non-ASCII characters.
    """
    _text(flag, "a flag")
    if _FLAG.match(flag) is None:
        raise AsposeArgumentException(
            f"{flag!a} is not a flag: a keyword or \\Name is needed, of ASCII characters without"
            " spaces, parentheses, braces, quotes, brackets, % and *"
        )
    return flag.encode("ascii")


def encode_flags(flags: Iterable[str]) -> bytes:
    r"""A list of flags, ``(\Seen work)``; may be empty.

    Raises:
        AsposeArgumentException: one of them is not a flag, or a single str was given.
    """
    if isinstance(flags, (str, bytes)):
        raise ArgumentTypeError("flags must be a collection of str, not one string")
    return b"(" + b" ".join([encode_flag(flag) for flag in flags]) + b")"


# --- dates -----------------------------------------------------------------------------------

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_NUMBERS: Final = {name.encode().lower(): number for number, name in enumerate(_MONTHS, 1)}
_DATETIME: Final = re.compile(
    rb"[ ]?([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4}) "
    rb"([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})\Z"
)


def format_date(day: date) -> bytes:
    """A date for SEARCH, ``1-Feb-1994`` (of a datetime: its date in its own zone)."""
    return b"%d-%s-%04d" % (day.day, _MONTHS[day.month - 1].encode(), day.year)


def format_datetime(moment: datetime) -> bytes:
    """A date-time with its quotes, as APPEND takes it. Naive times are local, as in Python.

    Raises:
        AsposeArgumentOutOfRangeException: the time has no local equivalent.
    """
    if moment.tzinfo is None:
        try:
            moment = moment.astimezone()
        except (OverflowError, OSError, ValueError) as error:
            raise AsposeArgumentOutOfRangeException("the date lies outside of the local calendar") from error
    offset = moment.utcoffset() or timedelta(0)
    minutes = round(offset.total_seconds() / 60)
    sign = b"-" if minutes < 0 else b"+"
    hours, rest = divmod(abs(minutes), 60)
    return b'"%02d-%s-%04d %02d:%02d:%02d %s%02d%02d"' % (
        moment.day,
        _MONTHS[moment.month - 1].encode(),
        moment.year,
        moment.hour,
        moment.minute,
        moment.second,
        sign,
        hours,
        rest,
    )


def parse_datetime(raw: bytes | None) -> datetime | None:
    """An INTERNALDATE (without quotes) as an aware datetime, or None where it is not a date."""
    match = _DATETIME.match(raw) if raw is not None else None
    if match is None:
        return None
    day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
    number = _MONTH_NUMBERS.get(month.lower())
    if number is None:
        return None
    zone = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
    try:
        return datetime(
            int(year),
            number,
            int(day),
            int(hour),
            int(minute),
            min(int(second), 59),  # a leap second has no datetime
            tzinfo=timezone(-zone if sign == b"-" else zone),
        )
    except ValueError:
        return None


# --- sets of messages ------------------------------------------------------------------------


def id_ranges(ids: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Runs of ascending neighbours among `ids`, in the order given; duplicates stay.

    Raises:
        AsposeArgumentException: something is not an int from 1 to 4294967295.
    """
    first = last = 0
    for number in ids:
        if isinstance(number, bool) or not isinstance(number, int):
            raise ArgumentTypeError(f"a message number is {type(number).__name__}; an int is needed")
        if not 1 <= number <= MAX_NUMBER:
            raise AsposeArgumentOutOfRangeException(f"the message number {number} lies outside 1 to {MAX_NUMBER}")
        if last and number == last + 1:
            last = number
        else:
            if last:
                yield first, last
            first = last = number
    if last:
        yield first, last


def _range_text(first: int, last: int) -> bytes:
    return b"%d" % first if first == last else b"%d:%d" % (first, last)


def format_set(ids: Iterable[int]) -> bytes:
    """`ids` as one sequence set, ``1:3,7``; refuses none at all (there is no empty set)."""
    text = b",".join([_range_text(first, last) for first, last in id_ranges(ids)])
    if not text:
        raise AsposeArgumentException("no message numbers were given")
    return text


def split_set(ids: Iterable[int], max_bytes: int) -> Iterator[bytes]:
    """`ids` as sequence sets of at most `max_bytes` bytes each, in the order given.

    Args:
        ids: message numbers; none at all give no set.
        max_bytes: at least 21, the longest range.
    """
    if max_bytes < 21:
        raise AsposeArgumentOutOfRangeException("max_bytes must be at least 21, the length of one range")
    pieces: list[bytes] = []
    size = 0
    for first, last in id_ranges(ids):
        piece = _range_text(first, last)
        if pieces and size + 1 + len(piece) > max_bytes:
            yield b",".join(pieces)
            pieces, size = [], 0
        size += len(piece) + bool(pieces)
        pieces.append(piece)
    if pieces:
        yield b",".join(pieces)
