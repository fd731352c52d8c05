"""Messages and their parts: `MailMessage`, addresses, headers, attachments.

Owns nothing but the bytes it was given. Every part is read when it is first asked for, by code that is
linear in its input, never recurses over it and gives up at stated limits, because a message is written
by strangers; the received bytes stay available whatever cannot be read. There is no lock: what is read
lazily is computed by any thread that asks and kept with one atomic dictionary operation, so all threads
see the same object. Changing one message in several threads at once needs a lock of the caller's.
"""

from __future__ import annotations

import binascii
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from encodings.aliases import aliases as _codec_aliases
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast, overload

from mailclients.dotnet import IDisposable
from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
    escape,
)

if TYPE_CHECKING:
    pass

__all__ = [
    "Collection",
    "HeaderCollection",
    "MailAddress",
    "MailAddressCollection",
    "MessageInfoBase",
    "ParticipationStatus",
    "decode_header_text",
    "parse_addresses",
    "parse_mail_date",
]

MAX_HEADER_VALUE: Final = 1024 * 1024  # bytes of one field that are read; real ones stay far below 100 KB
MAX_DATE_LENGTH: Final = 200  # characters; a date with comments has about 60
MAX_PARAMETERS: Final = 200  # of one Content-Type or Content-Disposition
MAX_NESTING: Final = 40  # multiparts within multiparts; mail programs stop near ten
MAX_PARTS: Final = 10_000  # of one message
MAX_FILE_NAME: Final = 150  # bytes of UTF-8; file systems take 255, and a suffix may be added

_T = TypeVar("_T")


# --- text: charsets, encoded words, dates -------------------------------------------------------

# Codecs that an alias table does not name. Everything else by that table: looking up any other name
# would import modules and grow a cache of the interpreter at a stranger's wish.
_FURTHER_CODECS: Final = frozenset(
    {
        "cp720",
        "cp737",
        "cp856",
        "cp874",
        "cp875",
        "cp1006",
        "koi8_r",
        "koi8_u",
        "koi8_t",
        "mac_arabic",
        "mac_croatian",
        "mac_farsi",
        "mac_romanian",
        "utf_8_sig",
        "ptcp154",
        "kz1048",
        "tis_620",
        "hp_roman8",
        "big5hkscs",
        "johab",
    }
)
# No charsets, or slow ones: these take quadratic time or read escapes.
_REFUSED_CODECS: Final = frozenset(
    {
        "punycode",
        "idna",
        "undefined",
        "unicode_escape",
        "raw_unicode_escape",
        "base64_codec",
        "bz2_codec",
        "hex_codec",
        "quopri_codec",
        "rot_13",
        "uu_codec",
        "zlib_codec",
        "mbcs",
        "oem",
    }
)
# Names that senders use for a larger set than they say.
_WIDER: Final = {"gb2312": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932", "ascii": "utf_8"}


def _codec(charset: str) -> str | None:
    """The codec for a charset named in a message, or None for unknown and unsuitable ones."""
    if len(charset) > 40:
        return None
    name = charset.strip().lower().replace("-", "_").replace(" ", "_")
    name = _codec_aliases.get(name, name)
    if name in _REFUSED_CODECS or not (name in _FURTHER_CODECS or name in _known_codecs()):
        return None
    return _WIDER.get(name, name)


_codec_names: list[frozenset[str]] = []


def _known_codecs() -> frozenset[str]:
    if not _codec_names:
        _codec_names.append(frozenset(_codec_aliases.values()))
    return _codec_names[0]


def _decode(data: bytes, charset: str | None) -> str:
    """Bytes as text: by the charset if it is usable, else UTF-8, else Windows-1252. Never raises."""
    codec = _codec(charset) if charset else None
    if codec is not None and codec != "utf_8":
        try:
            text = data.decode(codec, "replace")
        except (LookupError, UnicodeError, ValueError):  # codecs that ignore "replace"
            codec = None
        else:
            if codec in {"utf_7", "utf_16", "utf_16_le", "utf_16_be"}:  # these can make half a pair
                text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            return text
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("utf-8" if codec == "utf_8" and charset else "cp1252", "replace")


# Bounded and without nested repetition, so that a failed match costs no more than it read.
_ENCODED_WORD: Final = re.compile(r"=\?([^?\s*]{1,75})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?\r\n]*)\?=")
_BREAKING: Final = re.compile(r"[\r\n\0]+")
_FOLD: Final = re.compile(r"\r?\n(?=[ \t])|[\r\n\0]+")
_BASE64_JUNK: Final = bytes(
    c for c in range(256) if c not in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
)


def _unbase64(data: bytes) -> bytes:
    """Decode base64 as leniently as mail needs: junk skipped, a truncated end decoded as far as it goes."""
    data = data.translate(None, _BASE64_JUNK)
    end = data.find(b"=")
    if end >= 0 and not data[end:].strip(b"="):
        data = data[:end]
    rest = len(data) % 4
    if rest == 1:
        data = data[:-1]
    elif rest:
        data += b"=" * (4 - rest)
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        return b""


def decode_header_text(value: bytes | str | None) -> str | None:
    """Decode the text of a header field: unfolding and encoded words (RFC 2047 section 6).

    Args:
        value: the field's value as received, or None.

    Returns:
        The text in one line, or None for None. What cannot be decoded stays as it is; values over
        1 MiB are cut. Never raises.
    """
    if value is None:
        return None
    if len(value) > MAX_HEADER_VALUE:
        value = value[:MAX_HEADER_VALUE]
    text = value if isinstance(value, str) else _decode(value, None)
    if "=?" not in text:
        return _FOLD.sub("", text).strip() if "\n" in text or "\r" in text or "\0" in text else text.strip()
    text = _FOLD.sub("", text)
    out: list[str] = []
    pending: list[bytes] = []  # a character may be split over words of one charset
    charset = ""
    position = 0
    for match in _ENCODED_WORD.finditer(text):
        between = text[position : match.start()]
        position = match.end()
        name = match.group(1).lower()
        if (pending and name != charset) or between.strip():
            if pending:
                out.append(_decode(b"".join(pending), charset))
                pending = []
            if between.strip():
                out.append(between)
        elif not pending:
            out.append(between)
        charset = name
        data = match.group(3).encode("utf-8", "replace")
        if match.group(2) in "bB":
            pending.append(_unbase64(data))
        else:
            pending.append(binascii.a2b_qp(data, header=True))
    if pending:
        out.append(_decode(b"".join(pending), charset))
    out.append(text[position:])
    return _BREAKING.sub(" ", "".join(out)).strip()


def parse_mail_date(value: bytes | str | None) -> datetime | None:
    """Read the date of a header field (RFC 5322 section 3.3, obsolete forms included).

    Args:
        value: the field's value as received, or None.

    Returns:
        An aware `datetime`; UTC where the zone is missing or unknown. None if it is no date.
    """
    if not value or len(value) > MAX_DATE_LENGTH:
        return None
    text = value if isinstance(value, str) else value.decode("ascii", "replace")
    from email.utils import parsedate_tz

    try:
        fields = parsedate_tz(text)
        if fields is None:
            return None
        year, month, day, hour, minute, second = fields[:6]
        moment = datetime(year, month, day, hour, minute, min(second, 59))
        offset = fields[9]
        if not offset:
            return moment.replace(tzinfo=timezone.utc)
        return moment.replace(tzinfo=timezone(timedelta(seconds=offset)))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _refuse_breaks(value: str, what: str) -> str:
    if value is None:
        raise AsposeArgumentNullException(f"{what} is None: pass a str")
    if not isinstance(value, str):
        raise ArgumentTypeError(f"{what} must be a str, not {type(value).__name__}")
    if _BREAKING.search(value):
        raise AsposeArgumentException(f"{what} contains CR, LF or NUL, which a header field cannot carry")
    return value


# --- collections --------------------------------------------------------------------------------


class Collection(Generic[_T]):
    """A list with the members of .NET's ``Collection<T>``: `count` is a number, `remove` gives a bool.

    Args:
        items: what it holds at first.
    """

    __slots__ = ("__weakref__", "_items", "_sync_root")

    def __init__(self, items: Iterable[_T] = ()) -> None:
        self._items: list[_T] = list(items)
        self._sync_root: object = None

    @property
    def count(self) -> int:
        """How many items there are."""
        return len(self._items)

    @property
    def sync_root(self) -> object:
        """An object to hold while several threads change the collection; a re-entrant lock."""
        if self._sync_root is None:
            made = threading.RLock()
            with _sync_roots:
                if self._sync_root is None:
                    self._sync_root = made
        return self._sync_root

    def add(self, item: _T) -> None:
        """Append an item."""
        self._items.append(item)

    append = add

    def add_range(self, items: Iterable[_T]) -> None:
        """Append items."""
        self._items.extend(items)

    extend = add_range

    def insert(self, index: int, item: _T) -> None:
        """Put an item before the one at `index`."""
        self._items.insert(index, item)

    def remove(self, item: _T) -> bool:
        """Remove the first equal item; False if there is none."""
        try:
            self._items.remove(item)
        except ValueError:
            return False
        return True

    def remove_at(self, index: int) -> None:
        """Remove the item at `index`.

        Raises:
            AsposeArgumentOutOfRangeException: there is none.
        """
        if not 0 <= index < len(self._items):
            raise AsposeArgumentOutOfRangeException(f"index {index} of {len(self._items)} items")
        del self._items[index]

    def clear(self) -> None:
        """Remove all items."""
        self._items.clear()

    def contains(self, item: object) -> bool:
        """Tell whether an equal item is there."""
        return item in self._items

    def index_of(self, item: _T) -> int:
        """Give the position of the first equal item, or -1."""
        try:
            return self._items.index(item)
        except ValueError:
            return -1

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[_T]:
        return iter(self._items)

    def __reversed__(self) -> Iterator[_T]:
        return reversed(self._items)

    def __contains__(self, item: object) -> bool:
        return item in self._items

    @overload
    def __getitem__(self, index: int) -> _T: ...
    @overload
    def __getitem__(self, index: slice) -> list[_T]: ...
    def __getitem__(self, index: int | slice) -> _T | list[_T]:
        return self._items[index]

    def __setitem__(self, index: int, item: _T) -> None:
        self._items[index] = item

    def __delitem__(self, index: int) -> None:
        del self._items[index]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Collection):
            return self._items == list(cast("Collection[object]", other))
        if isinstance(other, list):
            return self._items == other
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"<{type(self).__name__} count={len(self._items)}>"


_sync_roots: Final = threading.Lock()  # held while a collection gets its lock


# --- addresses ----------------------------------------------------------------------------------


class ParticipationStatus(IntEnum):
    """What an attendee answered (.NET: ``ParticipationStatus``)."""

    NEEDS_ACTION = 0
    ACCEPTED = 1
    DECLINED = 2
    TENTATIVE = 3
    DELEGATED = 4


_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]"
_PLAIN_PHRASE: Final = re.compile(rf"(?:{_ATOM}+ )*{_ATOM}+")


class MailAddress:
    """A mailbox: address and display name (.NET: ``MailAddress``).

    Args:
        address: ``"user@host"`` or ``"Name <user@host>"``.
        display_name: the name shown; wins over one inside `address`.
        display_name_encoding: the charset for the name when it is sent; UTF-8 if None.
        ignore_smtp_check: take an address that SMTP could not use, such as one without a host.

    The two bool overloads of .NET work too: ``(address, True)`` and ``(address, name, True)``.

    Raises:
        ArgumentTypeError: a value has the wrong type.
        AsposeArgumentException: CR, LF or NUL, or no ``user@host``.
    """

    __slots__ = ("_address", "_display_name", "_encoding", "_original", "_status")

    def __init__(
        self,
        address: str,
        display_name: str | bool | None = None,
        display_name_encoding: str | bool | None = None,
        ignore_smtp_check: bool = False,
    ) -> None:
        if isinstance(display_name, bool):
            ignore_smtp_check, display_name = display_name, None
        if isinstance(display_name_encoding, bool):
            ignore_smtp_check, display_name_encoding = display_name_encoding, None
        if display_name_encoding is not None and _codec(display_name_encoding) is None:
            raise AsposeArgumentException(f"display_name_encoding: no charset {display_name_encoding[:40]!r}")
        self._original: str = _refuse_breaks(address, "address")
        self._address: str = address.strip()
        self._encoding = display_name_encoding
        self._status = ParticipationStatus.NEEDS_ACTION
        self._display_name: str = ""
        found = parse_addresses(address)
        if len(found) == 1:
            self._address = found[0]._address
            self._display_name = found[0]._display_name
        if display_name is not None:
            self._display_name = _refuse_breaks(display_name, "display_name").strip()
        if not ignore_smtp_check:
            user, at, host = self._address.rpartition("@")
            if len(found) != 1 or not (user and at and host) or re.search(r"[\s<>,;]", host):
                raise AsposeArgumentException(
                    "address is not of the form user@host; pass ignore_smtp_check=True to keep it as it is"
                )

    @classmethod
    def _received(cls, address: str, display_name: str, original: str) -> MailAddress:
        """Make one from what a message or server said, unchecked."""
        self = cls.__new__(cls)
        self._address = address
        self._display_name = display_name
        self._original = original
        self._encoding = None
        self._status = ParticipationStatus.NEEDS_ACTION
        return self

    @property
    def address(self) -> str:
        """The address, ``user@host``."""
        return self._address

    @address.setter
    def address(self, value: str) -> None:
        self._address = _refuse_breaks(value, "address").strip()

    @property
    def display_name(self) -> str:
        """The name shown, or an empty string."""
        return self._display_name

    @display_name.setter
    def display_name(self, value: str) -> None:
        self._display_name = _refuse_breaks(value, "display_name").strip()

    @property
    def user(self) -> str:
        """What stands before the last at sign."""
        user, at, host = self._address.rpartition("@")
        return user if at else host

    @property
    def host(self) -> str:
        """What stands after the last at sign, or an empty string."""
        return self._address.rpartition("@")[2] if "@" in self._address else ""

    @property
    def original_address_string(self) -> str:
        """The text this was made from."""
        return self._original

    @property
    def participation_status(self) -> ParticipationStatus:
        """What the person answered to an invitation."""
        return self._status

    @participation_status.setter
    def participation_status(self, value: ParticipationStatus) -> None:
        self._status = ParticipationStatus(value)

    def to_string(self) -> str:
        """Give ``Name <user@host>``, quoted where needed, not encoded."""
        if not self._display_name:
            return self._address
        name = self._display_name
        if not (_PLAIN_PHRASE.fullmatch(name) and "=?" not in name):
            name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return f"{name} <{self._address}>"

    def equals(self, obj: object) -> bool:
        """Compare as ``==`` does."""
        return self == obj

    def __eq__(self, other: object) -> bool:
        if isinstance(other, MailAddress):
            return self.to_string().casefold() == other.to_string().casefold()
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.to_string().casefold())

    def __str__(self) -> str:
        return self.to_string()

    def __repr__(self) -> str:
        return f"MailAddress({escape(self.to_string())!r})"


_ADDRESS_TOKEN: Final = re.compile(r'[^\s"(),:;<>\[\\]+|\s+|["(),:;<>\[\\]')


def parse_addresses(value: bytes | str | None) -> list[MailAddress]:
    """Read an address list (RFC 5322 section 3.4): groups are flattened, comments read as names.

    Args:
        value: the field's value as received, or None.

    Returns:
        The mailboxes in order; what is no mailbox is left out or kept as it is. Never raises; linear
        in its input, of which 1 MiB is read.
    """
    if not value:
        return []
    if len(value) > MAX_HEADER_VALUE:
        value = value[:MAX_HEADER_VALUE]
    text = value if isinstance(value, str) else _decode(value, None)
    return _AddressReader(_FOLD.sub("", text)).read()


class _AddressReader:
    """Scans an address list once, from left to right, without going back."""

    __slots__ = ("angle", "comments", "found", "no_angle_end", "position", "start", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.found: list[MailAddress] = []
        self.no_angle_end = False
        self._begin()

    def _begin(self) -> None:
        self.start = self.position
        self.words: list[tuple[str, bool]] = []  # text, and whether it was quoted
        self.comments: list[str] = []
        self.angle: str | None = None

    def read(self) -> list[MailAddress]:
        text = self.text
        token_at = _ADDRESS_TOKEN.match
        end = len(text)
        while self.position < end:
            match = token_at(text, self.position)
            if match is None:  # cannot happen: the alternatives cover every character
                break
            self.position = match.end()
            token = match.group()
            first = token[0]
            if first == "(":
                self._comment()
            elif first == '"':
                self._quoted()
            elif first == "<":
                self._angle()
            elif first in ",;":
                self._finish(self.position - 1)
            elif first == ":":
                # The name of a group, unless it stands inside what looks like an address.
                if any("@" in word for word, quoted in self.words[-3:] if not quoted):
                    self.words.append((":", False))
                else:
                    self._begin()
            elif first == "[":
                close = text.find("]", self.position, self.position + 300)
                stop = close + 1 if close >= 0 else self.position
                self.words.append(("[" + text[self.position : stop], False))
                self.position = stop
            elif first == "\\":
                self.words.append((text[self.position : self.position + 1], False))
                self.position += 1
            elif first == ">":
                continue
            else:
                self.words.append((token, False))
        self._finish(end)
        return self.found

    def _comment(self) -> None:
        """Pass a comment; nesting is counted, not recursed into."""
        text, position, depth = self.text, self.position, 1
        begin = position
        while depth:
            match = _COMMENT_MARK.search(text, position)
            if match is None:
                position = len(text)
                break
            position = match.end()
            mark = match.group()
            if mark == "(":
                depth += 1
            elif mark == ")":
                depth -= 1
        self.comments.append(text[begin : position - (0 if depth else 1)])
        self.position = position

    def _quoted(self) -> None:
        text, position = self.text, self.position
        begin = position
        while True:
            match = _QUOTE_MARK.search(text, position)
            if match is None:  # never closed: the rest belongs to it
                position = stop = len(text)
                break
            position = match.end()
            stop = position - 1
            if match.group() == '"':
                break
        self.words.append((_ESCAPED.sub(r"\1", text[begin:stop]), True))
        self.position = position

    def _angle(self) -> None:
        text, begin = self.text, self.position
        close = -1 if self.no_angle_end else text.find(">", begin)
        if close < 0:
            self.no_angle_end = True  # so that many of them cost one search
            close = text.find(",", begin, begin + 1000)
            stop = close if close >= 0 else min(begin + 1000, len(text))
            self.position = stop
        else:
            stop = close
            self.position = close + 1
        inner = text[begin:stop].strip()
        if inner.startswith("@") and ":" in inner:  # an obsolete route
            inner = inner.partition(":")[2]
        if self.angle is None:
            self.angle = inner

    def _finish(self, end: int) -> None:
        original = self.text[self.start : end].strip()
        if self.angle is not None:
            name = " ".join("".join(word for word, _ in self.words).split())
            self._keep(self.angle, name, original)
        else:
            address = "".join(
                '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' if quoted else word.strip()
                for word, quoted in self.words
            )
            if address:
                self._keep(address, " ".join(c.strip() for c in self.comments), original)
        self._begin()

    def _keep(self, address: str, name: str, original: str) -> None:
        if not address and not name:
            return
        display = decode_header_text(name) or "" if name else ""
        self.found.append(MailAddress._received(address, display, original))


_COMMENT_MARK: Final = re.compile(r"\\.|[()]", re.DOTALL)
_QUOTE_MARK: Final = re.compile(r'\\.|"', re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


class MailAddressCollection(Collection[MailAddress]):
    """Mailboxes in order (.NET: ``MailAddressCollection``).

    Args:
        addresses: mailboxes, or text with addresses separated by commas.
    """

    __slots__ = ()

    def __init__(self, addresses: Iterable[MailAddress] | str = ()) -> None:
        super().__init__()
        if isinstance(addresses, str):
            self.add(addresses)
        else:
            self.add_range(addresses)

    def add(self, item: MailAddress | str) -> None:
        """Append a mailbox, or those in a text such as ``"a@example.org, B <b@example.org>"``.

        Raises:
            ArgumentTypeError: it is neither.
            AsposeArgumentException: CR, LF or NUL, or a part is not of the form ``user@host``.
        """
        if isinstance(item, MailAddress):
            self._items.append(item)
            return
        found = parse_addresses(_refuse_breaks(item, "addresses"))
        if not found and item.strip():
            raise AsposeArgumentException("addresses: no address of the form user@host in the text")
        self._items.extend(MailAddress(one.address, one.display_name) for one in found)

    append = add

    def add_range(self, items: Iterable[MailAddress]) -> None:
        """Append mailboxes."""
        for item in items:
            if not isinstance(item, MailAddress):
                raise ArgumentTypeError(
                    f"add_range takes mailboxes, not {type(item).__name__}; use add for a text with addresses"
                )
            self._items.append(item)

    extend = add_range

    def copy(self) -> MailAddressCollection:
        """Give another collection with the same mailboxes."""
        return MailAddressCollection(self._items)

    def to_string(self) -> str:
        """Give the mailboxes separated by comma and space."""
        return ", ".join(item.to_string() for item in self._items)

    def __str__(self) -> str:
        return self.to_string()


def addresses_from(
    value: MailAddressCollection | MailAddress | str | Iterable[MailAddress] | None,
) -> MailAddressCollection:
    """Turn whatever an address property may be given into a collection."""
    if isinstance(value, MailAddressCollection):
        return value
    if isinstance(value, MailAddress):
        return MailAddressCollection([value])
    if value is None:
        return MailAddressCollection()
    return MailAddressCollection(value)


# --- header fields ------------------------------------------------------------------------------

_FIELD_NAME: Final = re.compile(r"[!-9;-~]{1,200}")


class HeaderCollection:
    """Header fields in their order, with duplicates, found by name in any case (.NET: ``HeaderCollection``).

    `get` and the indexers give the value unfolded but still encoded; `get_decoded_value` decodes it.
    Iterating gives the name of every field.

    Args:
        col: fields to begin with.
    """

    __slots__ = ("__weakref__", "_changed", "_fields")

    def __init__(self, col: HeaderCollection | None = None) -> None:
        # name, value as received (without the line end); str values were set by the program
        self._fields: list[tuple[str, bytes | str]] = [] if col is None else list(col._fields)
        self._changed = False

    @classmethod
    def parse(cls, block: bytes) -> HeaderCollection:
        """Read a header block (RFC 5322 section 2.2); lines that are no field are passed over."""
        self = cls()
        fields = self._fields
        name = ""
        start = end = -1
        position, size = 0, len(block)
        while position < size:
            line_end = block.find(b"\n", position)
            next_line = size if line_end < 0 else line_end + 1
            stop = size if line_end < 0 else line_end
            if stop > position and block[stop - 1] == 13:
                stop -= 1
            if stop == position:
                break
            if block[position] in b" \t":
                end = stop
            else:
                if start >= 0:
                    fields.append((name, block[start:end]))
                colon = block.find(b":", position, min(stop, position + 400))
                label = block[position:colon].rstrip(b" \t") if colon > 0 else b""
                if label and not label.translate(None, _NAME_BYTES):
                    name, start, end = label.decode("ascii"), colon + 1, stop
                else:
                    start = -1
            position = next_line
        if start >= 0:
            fields.append((name, block[start:end]))
        return self

    @property
    def count(self) -> int:
        """How many fields there are, duplicates counted."""
        return len(self._fields)

    @property
    def keys(self) -> list[str]:
        """The name of every field in order."""
        return [name for name, _ in self._fields]

    @property
    def all_keys(self) -> list[str]:
        """Each name once, in the order of first appearance."""
        seen: dict[str, str] = {}
        for name, _ in self._fields:
            seen.setdefault(name.lower(), name)
        return list(seen.values())

    @property
    def is_read_only(self) -> bool:
        """False: fields can be changed."""
        return False

    def has_keys(self) -> bool:
        """Tell whether there is any field."""
        return bool(self._fields)

    def items(self) -> list[tuple[str, str]]:
        """Give name and value of every field."""
        return [(name, _text(value)) for name, value in self._fields]

    def get(self, name: str | int) -> str | None:
        """Give a value, unfolded but not decoded.

        Args:
            name: the field's name (the first one counts) or its position.

        Returns:
            The value, or None if no field has that name.

        Raises:
            AsposeArgumentOutOfRangeException: there is no such position.
        """
        if isinstance(name, int):
            return _text(self._at(name)[1])
        value = self.get_raw(name)
        return None if value is None else _text(value)

    def get_raw(self, name: str) -> bytes | str | None:
        """Give the first value of that name exactly as it was received (bytes) or set (str), or None."""
        wanted = name.lower()
        for key, value in self._fields:
            if key.lower() == wanted:
                return value
        return None

    def get_decoded_value(self, name: str) -> str | None:
        """Give the first value of that name with encoded words decoded (RFC 2047), or None."""
        value = self.get_raw(name)
        return value if isinstance(value, str) else decode_header_text(value)

    def get_key(self, index: int) -> str:
        """Give the name of the field at a position."""
        return self._at(index)[0]

    def get_values(self, name: str) -> list[str]:
        """Give all values of that name, unfolded but not decoded."""
        wanted = name.lower()
        return [_text(value) for key, value in self._fields if key.lower() == wanted]

    @overload
    def add(self, name: str, value: str) -> None: ...
    @overload
    def add(self, name: str | HeaderCollection) -> None: ...
    def add(self, name: str | HeaderCollection, value: str | None = None) -> None:
        """Append a field, ``add(name, value)`` or ``add("Name: value")``, or all fields of a collection.

        Raises:
            AsposeArgumentException: the name is no field name, or the value has CR, LF or NUL.
        """
        if isinstance(name, HeaderCollection):
            self._fields.extend(name._fields)
        else:
            if value is None:
                name, colon, value = _refuse_breaks(name, "item").partition(":")
                if not colon:
                    raise AsposeArgumentException('a header field is added as (name, value) or "Name: value"')
                value = value.strip()
            self._fields.append((_field_name(name), _refuse_breaks(value, "value")))
        self._changed = True

    def insert(self, name: str, value: str) -> None:
        """Put a field before all others."""
        self._fields.insert(0, (_field_name(name), _refuse_breaks(value, "value")))
        self._changed = True

    def set(self, name: str, value: str) -> None:
        """Give the first field of that name this value and drop the others; append it if there is none."""
        wanted = _field_name(name).lower()
        entry = (name, _refuse_breaks(value, "value"))
        fields: list[tuple[str, bytes | str]] = []
        placed = False
        for key, old in self._fields:
            if key.lower() != wanted:
                fields.append((key, old))
            elif not placed:
                fields.append(entry)
                placed = True
        if not placed:
            fields.append(entry)
        self._fields = fields
        self._changed = True

    def remove(self, item: str) -> bool:
        """Remove all fields of that name; False if there is none."""
        wanted = item.lower()
        kept = [field for field in self._fields if field[0].lower() != wanted]
        removed = len(kept) != len(self._fields)
        self._fields = kept
        self._changed = self._changed or removed
        return removed

    def clear(self) -> None:
        """Remove all fields."""
        self._changed = self._changed or bool(self._fields)
        self._fields = []

    def contains(self, item: object) -> bool:
        """Tell whether a field has that name."""
        return isinstance(item, str) and self.get_raw(item) is not None

    def _at(self, index: int) -> tuple[str, bytes | str]:
        if not 0 <= index < len(self._fields):
            raise AsposeArgumentOutOfRangeException(f"index {index} of {len(self._fields)} header fields")
        return self._fields[index]

    def __getitem__(self, name: str | int) -> str | None:
        return self.get(name)

    def __setitem__(self, name: str, value: str) -> None:
        self.set(name, value)

    def __contains__(self, item: object) -> bool:
        return self.contains(item)

    def __len__(self) -> int:
        return len(self._fields)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys)

    def __repr__(self) -> str:
        return f"<HeaderCollection count={len(self._fields)}>"


_NAME_BYTES: Final = bytes(c for c in range(33, 127) if c != 58)


def _text(value: bytes | str) -> str:
    """A field's value in one line."""
    if isinstance(value, str):
        return value
    return _FOLD.sub("", _decode(value[:MAX_HEADER_VALUE], None)).strip()


def _field_name(name: str) -> str:
    if not _FIELD_NAME.fullmatch(_refuse_breaks(name, "name")):
        raise AsposeArgumentException("name is no header field name: printable ASCII without colon or space")
    return name


# --- message infos ------------------------------------------------------------------------------

_DATE, _SUBJECT, _FROM, _SENDER, _REPLY_TO, _TO, _CC, _BCC, _MESSAGE_ID = 0, 1, 2, 3, 4, 5, 6, 7, 9
_info_lock: Final = threading.Lock()  # held while an info gets the dictionary for what it decoded


class MessageInfoBase(IDisposable):
    """What a listing tells about a message (.NET: ``MessageInfoBase``); decoded at access.

    Subclasses set `_envelope`, `_header`, `_size` and `_cache` (None). An envelope is a sequence of ten
    raw values as IMAP orders them; without one, the header block serves. No property raises over what
    a server said: what is missing or unreadable is None or empty.
    """

    __slots__ = ("_cache", "_envelope", "_header", "_size")

    _envelope: Sequence[Any] | None
    _header: bytes | None
    _size: int
    _cache: dict[str, Any] | None

    def _lazy(self, key: str, make: Callable[[], _T]) -> _T:
        cache = self._cache
        if cache is None:
            with _info_lock:
                cache = self._cache
                if cache is None:
                    cache = self._cache = {}
        if key in cache:
            return cast("_T", cache[key])
        return cast("_T", cache.setdefault(key, make()))

    def _raw(self, index: int, name: str) -> Any:
        """One value of the envelope, or else of the header block; None if there is none."""
        envelope = self._envelope
        if envelope is not None:
            return envelope[index] if index < len(envelope) else None
        return self.headers.get_raw(name) if self._header is not None else None

    def _string(self, index: int, name: str) -> str | None:
        value = self._raw(index, name)
        return decode_header_text(value) if isinstance(value, (bytes, str)) else None

    def _addresses(self, key: str, index: int, name: str) -> MailAddressCollection:
        return self._lazy(key, lambda: _address_collection(self._raw(index, name)))

    def _first(self, key: str, index: int, name: str) -> MailAddress | None:
        found = self._addresses(key, index, name)
        return found[0] if found.count else None

    @property
    def subject(self) -> str:
        """The subject, or an empty string."""
        return self._lazy("subject", lambda: self._string(_SUBJECT, "Subject") or "")

    @property
    def date(self) -> datetime | None:
        """The date the sender gave, or None if there is none that can be read."""
        return self._lazy("date", self._read_date)

    def _read_date(self) -> datetime | None:
        value = self._raw(_DATE, "Date")
        return parse_mail_date(value) if isinstance(value, (bytes, str)) else None

    @property
    def message_id(self) -> str:
        """The Message-ID with its angle brackets, or an empty string."""
        return self._lazy("message_id", lambda: self._string(_MESSAGE_ID, "Message-ID") or "")

    @property
    def from_address(self) -> MailAddress | None:
        """The first author, or None."""
        return self._first("from", _FROM, "From")

    @property
    def sender(self) -> MailAddress | None:
        """Who sent the message in fact, or None."""
        return self._first("sender", _SENDER, "Sender")

    @property
    def reply_to(self) -> MailAddressCollection:
        """Where answers go."""
        return self._addresses("reply_to", _REPLY_TO, "Reply-To")

    @property
    def to(self) -> MailAddressCollection:
        """The recipients."""
        return self._addresses("to", _TO, "To")

    @property
    def cc(self) -> MailAddressCollection:
        """The recipients of copies."""
        return self._addresses("cc", _CC, "Cc")

    @property
    def bcc(self) -> MailAddressCollection:
        """The recipients of blind copies."""
        return self._addresses("bcc", _BCC, "Bcc")

    @property
    def headers(self) -> HeaderCollection:
        """The header fields, empty unless the header was asked for."""
        return self._lazy("headers", lambda: HeaderCollection.parse(self._header or b""))

    @property
    def list_unsubscribe(self) -> str:
        """The List-Unsubscribe field, or an empty string."""
        return self.headers.get("List-Unsubscribe") or ""

    @property
    def size(self) -> int:
        """The size of the whole message in bytes."""
        return self._size

    def dispose(self) -> None:
        """Do nothing: an info holds memory only."""

    def to_string(self) -> str:
        """Give the subject."""
        return self.subject

    def __str__(self) -> str:
        return self.to_string()


def _address_collection(value: Any) -> MailAddressCollection:
    """Mailboxes from an IMAP address list or from a header value."""
    if isinstance(value, (bytes, str)):
        return MailAddressCollection(parse_addresses(value))
    found = MailAddressCollection()
    if isinstance(value, (tuple, list)):
        for entry in cast("Sequence[Any]", value):
            address = _envelope_address(entry)
            if address is not None:
                found.add(address)
    return found


def _envelope_address(entry: Any) -> MailAddress | None:
    """A mailbox from (name, route, mailbox, host); None for the marks of groups and for odd shapes."""
    if not isinstance(entry, (tuple, list)) or len(cast("Sequence[Any]", entry)) < 4:
        return None
    name, _, mailbox, host = cast("Sequence[Any]", entry)[:4]
    if not isinstance(mailbox, (bytes, str)) or host is None:
        return None  # a group begins (mailbox is its name) or ends
    user = _BREAKING.sub("", mailbox if isinstance(mailbox, str) else _decode(mailbox, None))
    where = host if isinstance(host, (bytes, str)) else ""
    domain = _BREAKING.sub("", where if isinstance(where, str) else _decode(where, None))
    address = f"{user}@{domain}" if domain else user
    display = decode_header_text(name) or "" if isinstance(name, (bytes, str)) else ""
    return MailAddress._received(address, display, f"{display} <{address}>" if display else address)
