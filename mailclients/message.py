"""Messages and their parts: `MailMessage`, addresses, headers, attachments.

Owns nothing but the bytes it was given. Every part is read when it is first asked for, by code that is
linear in its input, never recurses over it and gives up at stated limits, because a message is written
by strangers; the received bytes stay available whatever cannot be read. There is no lock: what is read
lazily is computed by any thread that asks and kept with one atomic dictionary operation, so all threads
see the same object. Changing one message in several threads at once needs a lock of the caller's.
"""

from __future__ import annotations

import binascii
import contextlib
import io
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from encodings.aliases import aliases as _codec_aliases
from enum import IntEnum
from typing import Any, Final, Generic, Protocol, TypeVar, cast, overload

from mailclients.dotnet import IDisposable
from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
    MessageError,
    escape,
)

__all__ = [
    "Attachment",
    "AttachmentCollection",
    "Collection",
    "ContentType",
    "HeaderCollection",
    "MailAddress",
    "MailAddressCollection",
    "MailMessage",
    "MailPriority",
    "MailSensitivity",
    "MessageInfoBase",
    "ParticipationStatus",
    "TransferEncoding",
    "decode_header_text",
    "parse_addresses",
    "parse_mail_date",
    "safe_file_name",
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
            if (
                len(found) != 1
                or not (user and at and host)
                or re.search(r"[\s<>,;]", host)
                or (user[0] != '"' and re.search(r"[\s<>,;]", user))
            ):
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
            name = _requote(name)
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
            elif first in ")>":
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
        content, self.position = _quoted_string(self.text, self.position)
        self.words.append((content, True))

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
            if any(quoted for _, quoted in self.words):
                address = "".join(_requote(word) if quoted else word.strip() for word, quoted in self.words)
            else:
                # Spaces count for nothing around dots and the at sign; elsewhere they stay, and no
                # address is made of words that were none.
                address = " ".join("".join(word for word, _ in self.words).split())
                address = _LOOSE.sub(r"\1", address)
            if address:
                self._keep(address, " ".join(c.strip() for c in self.comments), original)
        self._begin()

    def _keep(self, address: str, name: str, original: str) -> None:
        if not address and not name:
            return
        display = decode_header_text(name) or "" if name else ""
        self.found.append(MailAddress._received(address, display, original))


def _requote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_LOOSE: Final = re.compile(r" ?([@.]) ?")
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
        self._items.extend([MailAddress(one.address, one.display_name) for one in found])  # all or none

    append = add

    def add_range(self, items: Iterable[MailAddress]) -> None:
        """Append mailboxes."""
        found = list(items)
        for item in found:
            if not isinstance(item, MailAddress):
                raise ArgumentTypeError(
                    f"add_range takes mailboxes, not {type(item).__name__}; use add for a text with addresses"
                )
        self._items.extend(found)

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
        return cls._scan(block, 0, len(block))[0]

    @classmethod
    def _scan(cls, block: bytes, position: int, size: int) -> tuple[HeaderCollection, int]:
        """Read the fields from `position` on, at most up to `size`; also where the body begins."""
        self = cls()
        fields = self._fields
        name = ""
        start = end = -1
        while position < size:
            line_end = block.find(b"\n", position, size)
            next_line = size if line_end < 0 else line_end + 1
            stop = size if line_end < 0 else line_end
            if stop > position and block[stop - 1] == 13:
                stop -= 1
            if stop == position:
                position = next_line
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
        return self, position

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


# --- content types ------------------------------------------------------------------------------

_SEPARATORS: Final = re.compile(r"[\s;]*")
_PARAMETER_NAME: Final = re.compile(r'([^\s=;"]{1,80})\s*=\s*')
_SEGMENT: Final = re.compile(r"(.+?)(?:\*([0-9]{1,4}))?(\*)?", re.DOTALL)
_PERCENT: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+")
_MEDIA_TYPE: Final = re.compile(r"[!#$&\-^_.+0-9A-Za-z]+/[!#$&\-^_.+0-9A-Za-z]+")


def _parse_parameters(value: bytes | str | None) -> tuple[str, dict[str, str]]:
    """Read ``value; name=value; ...`` (RFC 2045 section 5.1, RFC 2231). Never raises; linear."""
    text = "" if value is None else _text(value)
    end = len(text)
    position = text.find(";")
    if position < 0:
        position = end
    main = text[:position].partition("(")[0].strip().lower()
    plain: dict[str, str] = {}
    segments: dict[str, dict[int, tuple[str, bool]]] = {}
    for _ in range(MAX_PARAMETERS):
        separators = _SEPARATORS.match(text, position)
        position = separators.end() if separators else position
        if position >= end:
            break
        match = _PARAMETER_NAME.match(text, position)
        if match is None:
            position = text.find(";", position)
            if position < 0:
                break
            continue
        position = match.end()
        if text.startswith('"', position):
            content, position = _quoted_string(text, position + 1)
        else:
            stop = text.find(";", position)
            stop = end if stop < 0 else stop
            content, position = text[position:stop].strip(), stop
        name = match.group(1).lower()
        split = _SEGMENT.fullmatch(name)
        if split is not None and (split.group(2) or split.group(3)):
            number = int(split.group(2) or 0)
            segments.setdefault(split.group(1), {}).setdefault(number, (content, bool(split.group(3))))
        else:
            plain.setdefault(name, content)
    for name, pieces in segments.items():
        plain[name] = _join_segments(pieces)
    return main, plain


def _quoted_string(text: str, position: int) -> tuple[str, int]:
    """The content of a quoted string whose text begins at `position`, and where it ends."""
    begin = position
    while True:
        match = _QUOTE_MARK.search(text, position)
        if match is None:
            return _ESCAPED.sub(r"\1", text[begin:]), len(text)
        position = match.end()
        if match.group() == '"':
            return _ESCAPED.sub(r"\1", text[begin : position - 1]), position


def _join_segments(pieces: Mapping[int, tuple[str, bool]]) -> str:
    charset = ""
    data: list[bytes] = []
    for number in sorted(pieces):
        text, encoded = pieces[number]
        if encoded:
            if number == 0 and text.count("'") >= 2:
                charset, _, text = text.split("'", 2)
            raw = text.encode("utf-8", "replace")
            data.append(_PERCENT.sub(lambda match: bytes([int(match.group(1), 16)]), raw))
        else:
            data.append(text.encode("utf-8", "replace"))
    return _decode(b"".join(data), charset or "utf-8")


class ContentType:
    """A media type with its parameters (.NET: ``ContentType``; RFC 2045 section 5).

    Args:
        content_type: such as ``"text/plain; charset=utf-8"``.

    Raises:
        AsposeArgumentException: CR, LF or NUL, or no ``type/subtype``.
    """

    __slots__ = ("_media_type", "_parameters")

    def __init__(self, content_type: str = "application/octet-stream") -> None:
        media_type, self._parameters = _parse_parameters(_refuse_breaks(content_type, "content_type"))
        self.media_type = media_type

    @classmethod
    def _received(cls, value: bytes | str | None, default: str = "text/plain") -> ContentType:
        self = cls.__new__(cls)
        media_type, self._parameters = _parse_parameters(value)
        self._media_type = media_type if _MEDIA_TYPE.fullmatch(media_type) else default
        return self

    @property
    def media_type(self) -> str:
        """Type and subtype in lower case."""
        return self._media_type

    @media_type.setter
    def media_type(self, value: str) -> None:
        if not _MEDIA_TYPE.fullmatch(_refuse_breaks(value, "media_type")):
            raise AsposeArgumentException(f"media_type {value[:60]!r} is not of the form type/subtype")
        self._media_type = value.lower()

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters by lower-case name."""
        return self._parameters

    @property
    def boundary(self) -> str | None:
        """What separates the parts of a multipart, or None."""
        return self._parameters.get("boundary")

    @boundary.setter
    def boundary(self, value: str | None) -> None:
        self._set("boundary", value)

    @property
    def char_set(self) -> str | None:
        """The charset, or None."""
        return self._parameters.get("charset")

    @char_set.setter
    def char_set(self, value: str | None) -> None:
        self._set("charset", value)

    @property
    def name(self) -> str | None:
        """The name parameter, decoded, or None."""
        return decode_header_text(self._parameters.get("name"))

    @name.setter
    def name(self, value: str | None) -> None:
        self._set("name", value)

    def _set(self, name: str, value: str | None) -> None:
        if value is None:
            self._parameters.pop(name, None)
        else:
            self._parameters[name] = _refuse_breaks(value, name)

    def to_string(self) -> str:
        """Give the value as a header field carries it."""
        return self._media_type + "".join(_parameter(name, value) for name, value in self._parameters.items())

    def equals(self, obj: object) -> bool:
        """Compare as ``==`` does."""
        return self == obj

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ContentType):
            return (self._media_type, self._parameters) == (other._media_type, other._parameters)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __str__(self) -> str:
        return self.to_string()

    def __repr__(self) -> str:
        return f"ContentType({escape(self._media_type)!r})"


def _parameter(name: str, value: str) -> str:
    """``; name=value`` as it is sent (RFC 2231 for what is not ASCII)."""
    value = _BREAKING.sub(" ", value)
    if not _TOKEN.fullmatch(name):
        return ""
    if not value.isascii():
        from urllib.parse import quote

        return f"; {name}*=utf-8''{quote(value, safe='', errors='replace')}"
    if _TOKEN.fullmatch(value):
        return f"; {name}={value}"
    return f"; {name}={_requote(value)}"


# --- file names ---------------------------------------------------------------------------------

# Controls, marks that reverse or hide text, and what file systems refuse.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff\ud800-\udfff]"
)
_FORBIDDEN: Final = re.compile(r'[<>:"|?*]')
_RESERVED: Final = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])"
    r"\s*(?:\..*)?",
    re.IGNORECASE | re.DOTALL,
)


def safe_file_name(name: str | None, default: str = "attachment") -> str:
    """Make a file name that stays in its directory on every system from whatever a message says.

    Args:
        name: the name as sent: may have paths, drive letters, controls, reserved names, any length.
        default: given when nothing is left.

    Returns:
        A name without separators and controls, at most 150 bytes of UTF-8, neither hidden nor reserved.
    """
    text = (name or "")[-4096:]
    text = _UNSAFE.sub("", text)
    text = text.replace("\\", "/").rpartition("/")[2]
    if len(text) > 1 and text[1] == ":" and text[0].isalpha():
        text = text[2:]
    text = _FORBIDDEN.sub("_", " ".join(text.split())).strip(" .")
    stem, dot, suffix = text.rpartition(".")
    if not dot or len(suffix.encode()) > 20:
        stem, dot, suffix = text, "", ""
    room = MAX_FILE_NAME - len((dot + suffix).encode())
    stem = stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .")
    text = (stem + dot + suffix).strip(" .")
    if not text:
        return default
    return "_" + text if _RESERVED.fullmatch(text) else text


class SupportsWriteBytes(Protocol):
    """Anything with a ``write`` that takes bytes."""

    def write(self, data: bytes, /) -> object:
        """Take bytes."""
        ...


class SupportsReadBytes(Protocol):
    """Anything with a ``read`` that gives bytes."""

    def read(self) -> bytes:
        """Give all bytes."""
        ...


_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)


def _create_file(path: str, data: bytes) -> None:
    """Write a file that must not exist; nothing of it stays if that fails."""
    descriptor = os.open(path, _CREATE, 0o666)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise


def _replace_file(path: str, data: bytes) -> None:
    """Write a file in one step, in place of one that may be there; a link is replaced, not followed."""
    directory, name = os.path.split(path)
    temporary = os.path.join(directory, f".{name[:60]}.{os.urandom(6).hex()}.tmp")
    _create_file(temporary, data)
    try:
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _read_all(stream: SupportsReadBytes, what: str) -> bytes:
    data: object = stream.read()
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise ArgumentTypeError(f"{what} must give bytes, not {type(data).__name__}: open files in binary mode")
    return bytes(data)


# --- structure ----------------------------------------------------------------------------------


class TransferEncoding(IntEnum):
    """How a part's content is encoded (.NET: ``TransferEncoding``; RFC 2045 section 6)."""

    UNKNOWN = -1
    QUOTED_PRINTABLE = 0
    BASE64 = 1
    SEVEN_BIT = 2
    EIGHT_BIT = 3
    BINARY = 4
    UU_ENCODE = 5
    BIN_HEX = 6


_ENCODINGS: Final = {
    "": TransferEncoding.SEVEN_BIT,
    "7bit": TransferEncoding.SEVEN_BIT,
    "8bit": TransferEncoding.EIGHT_BIT,
    "binary": TransferEncoding.BINARY,
    "base64": TransferEncoding.BASE64,
    "quoted-printable": TransferEncoding.QUOTED_PRINTABLE,
    "uuencode": TransferEncoding.UU_ENCODE,
    "x-uuencode": TransferEncoding.UU_ENCODE,
    "x-uue": TransferEncoding.UU_ENCODE,
    "mac-binhex40": TransferEncoding.BIN_HEX,
}


class _Part:
    """One part of a message: where it lies in the bytes, and its header."""

    __slots__ = ("children", "content_type", "data", "end", "headers", "start")

    def __init__(self, data: bytes, begin: int, end: int, default: str = "text/plain") -> None:
        self.data = data
        self.headers, self.start = HeaderCollection._scan(data, begin, end)
        self.end = end
        self.content_type = ContentType._received(self.headers.get_raw("Content-Type"), default)
        self.children: list[_Part] | None = None

    @property
    def encoding(self) -> TransferEncoding:
        value = self.headers.get("Content-Transfer-Encoding") or ""
        return _ENCODINGS.get(value.partition(";")[0].strip().lower(), TransferEncoding.UNKNOWN)

    @property
    def disposition(self) -> tuple[str, dict[str, str]]:
        return _parse_parameters(self.headers.get_raw("Content-Disposition"))

    def content(self) -> bytes:
        """The content with its transfer encoding undone, as far as it can be."""
        data = self.data[self.start : self.end]
        encoding = self.encoding
        if encoding is TransferEncoding.BASE64:
            return _unbase64(data)
        if encoding is TransferEncoding.QUOTED_PRINTABLE:
            return binascii.a2b_qp(data)
        if encoding is TransferEncoding.UU_ENCODE:
            return _unuu(data)
        return data

    def text(self) -> str:
        return _decode(self.content(), self.content_type.char_set)

    def split(self) -> list[tuple[int, int]]:
        """Where the parts of a multipart lie (RFC 2046 section 5.1.1); none if it is no multipart."""
        boundary = self.content_type.boundary
        if not self.content_type.media_type.startswith("multipart/") or not boundary or len(boundary) > 200:
            return []
        mark = b"--" + boundary.rstrip().encode("utf-8", "replace")
        data, end = self.data, self.end
        found: list[tuple[int, int]] = []
        begin = -1
        position = self.start
        while True:
            at = data.find(mark, position, end)
            if at < 0:
                break
            position = at + len(mark)
            if at > self.start and data[at - 1] != 10:
                continue
            line_end = data.find(b"\n", position, end)
            line_end = end if line_end < 0 else line_end
            closing = data.startswith(b"--", position)
            # No other boundary is much longer, so the rest of the line need not be read.
            if not closing and data[position : min(line_end, position + 200)].strip():
                continue
            if begin >= 0:
                stop = at - 1 if at > begin else at
                if stop > begin and data[stop - 1] == 13:
                    stop -= 1
                found.append((begin, max(stop, begin)))
            if closing:
                begin = -1
                break
            begin = position = min(line_end + 1, end)
        if 0 <= begin < end:
            found.append((begin, end))  # the closing line is missing
        return found


def _unuu(data: bytes) -> bytes:
    out: list[bytes] = []
    inside = False
    for line in data.splitlines():
        if not inside:
            inside = line.startswith(b"begin ")
        elif line.strip() == b"end":
            break
        elif line:
            length = (((line[0] - 32) & 63) * 4 + 5) // 3  # some encoders append a checksum
            try:
                out.append(binascii.a2b_uu(line[: length + 1]))
            except binascii.Error:
                break
    return b"".join(out)


def _structure(data: bytes) -> list[_Part]:
    """The parts that are no multiparts, in order.

    Raises:
        MessageError: more than `MAX_NESTING` levels or `MAX_PARTS` parts.
    """
    leaves: list[_Part] = []
    pending = [(_Part(data, 0, len(data)), 0)]  # a stack: the next part is last
    count = 1
    while pending:
        part, depth = pending.pop()
        places = part.split()
        if not places:
            leaves.append(part)
            continue
        count += len(places)
        if depth >= MAX_NESTING or count > MAX_PARTS:
            raise MessageError(
                f"the message has more than {MAX_NESTING} levels or {MAX_PARTS} parts; as_bytes() still gives it"
            )
        digest = part.content_type.media_type == "multipart/digest"
        default = "message/rfc822" if digest else "text/plain"
        pending.extend((_Part(data, begin, end, default), depth + 1) for begin, end in reversed(places))
    return leaves


# --- attachments --------------------------------------------------------------------------------


class Attachment(IDisposable):
    """A file within a message (.NET: ``Attachment``).

    ``Attachment(file_name[, media_type])``, ``Attachment(stream, name[, media_type])`` or
    ``Attachment(stream, content_type)``. Files and streams are read at once.

    Args:
        content: the path of a file, or a stream that gives bytes.
        name: for a stream the name, or a `ContentType`; for a path the media type.
        media_type: such as ``"image/png"``; guessed from the name if left out.

    Raises:
        ArgumentTypeError, AsposeArgumentException: an argument cannot be used.
        OSError: the file cannot be read.
    """

    __slots__ = ("_changed", "_content", "_content_id", "_content_type", "_inline", "_part", "_raw_name")

    @overload
    def __init__(self, content: str | os.PathLike[str], name: str | ContentType | None = None) -> None: ...
    @overload
    def __init__(self, content: SupportsReadBytes, name: str | ContentType, media_type: str | None = None) -> None: ...
    def __init__(
        self,
        content: str | os.PathLike[str] | SupportsReadBytes,
        name: str | ContentType | None = None,
        media_type: str | None = None,
    ) -> None:
        raw_name: str | None
        given: str | ContentType | None
        if isinstance(content, (str, os.PathLike)):
            path = os.fspath(content)
            raw_name, given = os.path.basename(path), name
            if media_type is not None:
                raise ArgumentTypeError("an attachment from a file is made of (file_name[, media_type])")
            with open(path, "rb") as file:
                data = file.read()
        else:
            if not hasattr(content, "read"):
                raise ArgumentTypeError(f"content must be a path or a stream, not {type(content).__name__}")
            if isinstance(name, ContentType):
                raw_name, given = name.name, name
            else:
                raw_name, given = _refuse_breaks(cast("str", name), "name"), media_type
            data = _read_all(content, "content")
        self._setup(data, raw_name, given)

    def _setup(self, data: bytes, raw_name: str | None, given: str | ContentType | None) -> None:
        if given is None:
            import mimetypes

            given = mimetypes.guess_type(raw_name or "")[0] or "application/octet-stream"
        self._content_type: ContentType | None = given if isinstance(given, ContentType) else ContentType(given)
        self._content: bytes | None = data
        self._raw_name: str | None = raw_name
        self._content_id: str | None = None
        self._inline = False
        self._part: _Part | None = None
        self._changed = False

    @classmethod
    def _received(cls, part: _Part) -> Attachment:
        self = cls.__new__(cls)
        self._part = part
        self._content = self._content_type = None
        self._changed = False
        disposition, parameters = part.disposition
        self._inline = disposition == "inline"
        name = parameters.get("filename")
        self._raw_name = part.content_type.name if name is None else decode_header_text(name)
        self._content_id = (part.headers.get_decoded_value("Content-ID") or "").strip("<> ") or None
        return self

    @staticmethod
    def create_attachment_from_string(
        content: str, name: str | ContentType, content_encoding: str = "utf-8", media_type: str = "text/plain"
    ) -> Attachment:
        """Make an attachment of text (.NET: ``CreateAttachmentFromString``).

        Args:
            content: the text.
            name: the file's name, or a `ContentType` with name and charset.
            content_encoding: the charset to send it in.
            media_type: used with a name.
        """
        if isinstance(name, ContentType):
            charset = name.char_set or "utf-8"
            kind = name
        else:
            charset = content_encoding
            kind = ContentType(media_type)
            kind.name = name
        codec = _codec(charset)
        if codec is None:
            raise AsposeArgumentException(f"no charset {charset[:40]!r}")
        try:
            data = content.encode(codec)
        except UnicodeEncodeError as exc:
            raise AsposeArgumentException(f"the text cannot be written in {charset}") from exc
        kind.char_set = "utf-8" if codec == "utf_8" else charset
        return Attachment(io.BytesIO(data), kind)

    @property
    def name(self) -> str:
        """A file name that is safe to use in a directory of one's own; see `safe_file_name`."""
        return safe_file_name(self._raw_name)

    @name.setter
    def name(self, value: str) -> None:
        self._raw_name = _refuse_breaks(value, "name")
        self._changed = True

    @property
    def raw_name(self) -> str | None:
        """The name as the message gives it, decoded but not made safe, or None."""
        return self._raw_name

    @property
    def content_id(self) -> str | None:
        """What HTML refers to the part by (``cid:``), without angle brackets, or None."""
        return self._content_id

    @content_id.setter
    def content_id(self, value: str | None) -> None:
        self._content_id = None if value is None else _refuse_breaks(value, "content_id").strip("<> ")
        self._changed = True

    @property
    def is_inline(self) -> bool:
        """Whether the part is meant to be shown within the message."""
        return self._inline

    @is_inline.setter
    def is_inline(self, value: bool) -> None:
        self._inline = bool(value)
        self._changed = True

    @property
    def is_embedded_message(self) -> bool:
        """Whether the content is a message; `MailMessage.load` reads it from `content_stream`."""
        return self.content_type.media_type in {"message/rfc822", "message/global"}

    @property
    def content_type(self) -> ContentType:
        """The media type and its parameters."""
        if self._content_type is not None:
            return self._content_type
        assert self._part is not None  # received, or given a type when it was made
        return self._part.content_type

    @content_type.setter
    def content_type(self, value: ContentType) -> None:
        self._content_type = value
        self._changed = True

    @property
    def transfer_encoding(self) -> TransferEncoding:
        """How the content was encoded in the message; base64 for one that is still to be sent."""
        return TransferEncoding.BASE64 if self._part is None else self._part.encoding

    @property
    def headers(self) -> HeaderCollection:
        """The part's header fields; empty for one that is still to be sent."""
        return HeaderCollection() if self._part is None else self._part.headers

    @property
    def content_stream(self) -> io.BytesIO:
        """The decoded content as a new stream, positioned at its begin."""
        return io.BytesIO(self.content())

    @content_stream.setter
    def content_stream(self, value: SupportsReadBytes) -> None:
        self._content = _read_all(value, "content_stream")
        self._changed = True

    def content(self) -> bytes:
        """Give the decoded content; what cannot be decoded is left out or stays as it is."""
        if self._content is not None:
            return self._content
        assert self._part is not None  # received, or given content when it was made
        return self._part.content()

    def save(self, target: str | os.PathLike[str] | SupportsWriteBytes, *, overwrite: bool = False) -> None:
        """Write the decoded content to a file or stream (.NET: ``Save``).

        Args:
            target: a path, or a stream that takes bytes.
            overwrite: replace a file that is there; a symbolic link is replaced, never followed.

        Raises:
            FileExistsError: the file is there; say ``overwrite=True``, or use `save_to_directory`.
            OSError: it cannot be written.
        """
        if not isinstance(target, (str, os.PathLike)):
            target.write(self.content())
        elif overwrite:
            _replace_file(os.fspath(target), self.content())
        else:
            _create_file(os.fspath(target), self.content())

    def save_to_directory(self, directory: str | os.PathLike[str]) -> str:
        """Write the decoded content into a directory, under the safe name or one with a number.

        Args:
            directory: an existing directory. Nothing in it is overwritten, no link followed.

        Returns:
            The path of the new file.

        Raises:
            OSError: it cannot be written.
        """
        data = self.content()
        stem, suffix = os.path.splitext(self.name)
        for number in range(200):
            extra = "" if not number else f" ({number})" if number < 100 else f" ({os.urandom(4).hex()})"
            path = os.path.join(os.fspath(directory), stem + extra + suffix)
            try:
                _create_file(path, data)
            except FileExistsError:
                continue
            return path
        raise FileExistsError(f"no free name like {self.name!r} in the directory")

    def dispose(self) -> None:
        """Do nothing: an attachment holds memory only."""

    def __repr__(self) -> str:
        return f"<Attachment {escape(self.content_type.media_type)}>"


class AttachmentCollection(Collection[Attachment]):
    """Attachments in order (.NET: ``AttachmentCollection``)."""

    __slots__ = ()


# --- messages -----------------------------------------------------------------------------------


class MailPriority(IntEnum):
    """How urgent a message is (.NET: ``MailPriority``)."""

    NORMAL = 0
    LOW = 1
    HIGH = 2


class MailSensitivity(IntEnum):
    """How private a message is (.NET: ``MailSensitivity``)."""

    NONE = 0
    NORMAL = 1
    PERSONAL = 2
    PRIVATE = 3
    COMPANY_CONFIDENTIAL = 4


_SENSITIVITIES: Final = {
    MailSensitivity.PERSONAL: "Personal",
    MailSensitivity.PRIVATE: "Private",
    MailSensitivity.COMPANY_CONFIDENTIAL: "Company-Confidential",
}
_ADDRESS_FIELDS: Final = {
    "from": "From",
    "sender": "Sender",
    "reply-to": "Reply-To",
    "to": "To",
    "cc": "Cc",
    "bcc": "Bcc",
    "disposition-notification-to": "Disposition-Notification-To",
}
_Addresses = MailAddressCollection | MailAddress | str


class MailMessage(IDisposable):
    """A message (.NET: ``MailMessage``): bytes as received, read lazily; or one to be sent.

    ``MailMessage()``, ``MailMessage(from_address, to)`` or ``MailMessage(from_address, to, subject,
    body)`` make a message; `load` and `from_bytes` take one. As long as nothing was changed `as_bytes`
    gives exactly the bytes received; after changes to header fields only, the body's bytes stay as they
    are.

    Args:
        from_address: the author.
        to: the recipients; text may hold several addresses separated by commas.
        subject: the subject.
        body: the text.

    Raises:
        ArgumentTypeError, AsposeArgumentException: an argument cannot be used.
    """

    __slots__ = ("__weakref__", "_cache", "_raw", "_source", "item_id")

    def __init__(
        self,
        from_address: MailAddress | str | None = None,
        to: MailAddress | str | None = None,
        subject: str | None = None,
        body: str | None = None,
    ) -> None:
        self._raw: bytes | None = None
        self._source = "new"
        self.item_id: object = None
        headers = HeaderCollection()
        headers.set("Date", _format_date(datetime.now(timezone.utc).astimezone()))
        self._cache: dict[str, Any] = {"headers": headers, "body": "", "html": None, "content_changed": True}
        self._cache["attachments"] = AttachmentCollection()
        if (from_address is None) != (to is None):
            raise AsposeArgumentNullException("a message is made of nothing, (from, to) or (from, to, subject, body)")
        if from_address is not None and to is not None:
            self.from_address = from_address
            self.to = to
        if subject is not None:
            self.subject = subject
        if body is not None:
            self.body = body

    @classmethod
    def from_bytes(cls, data: bytes, source: str = "bytes") -> MailMessage:
        """Take a message as received. Nothing is read now and nothing is copied.

        Args:
            data: the whole message.
            source: where it is from, shown by `repr` (``"INBOX uid 5"``).
        """
        self = cls.__new__(cls)
        self._raw = data
        self._source = source
        self.item_id = None
        self._cache = {}
        return self

    @staticmethod
    def load(
        source: str | os.PathLike[str] | bytes | bytearray | memoryview | SupportsReadBytes,
    ) -> MailMessage:
        """Take a message from a file, a stream or bytes (.NET: ``Load``).

        Args:
            source: the path of an EML file, a stream that gives bytes, or the bytes.

        Raises:
            ArgumentTypeError: it is none of these.
            OSError: the file cannot be read.
        """
        if isinstance(source, (bytes, bytearray, memoryview)):
            return MailMessage.from_bytes(bytes(source))
        if isinstance(source, (str, os.PathLike)):
            with open(source, "rb") as file:
                return MailMessage.from_bytes(file.read(), "file")
        if not hasattr(source, "read"):
            raise ArgumentTypeError(f"source must be a path, bytes or a stream, not {type(source).__name__}")
        return MailMessage.from_bytes(_read_all(source, "source"), "stream")

    def save(self, target: str | os.PathLike[str] | SupportsWriteBytes) -> None:
        """Write the message as EML (.NET: ``Save``).

        Args:
            target: a path, whose file is replaced in one step, or a stream that takes bytes.

        Raises:
            OSError: it cannot be written.
        """
        if isinstance(target, (str, os.PathLike)):
            _replace_file(os.fspath(target), self.as_bytes())
        else:
            target.write(self.as_bytes())

    def clone(self) -> MailMessage:
        """Give an independent message with the same bytes (.NET: ``Clone``)."""
        return MailMessage.from_bytes(self.as_bytes(), self._source)

    def dispose(self) -> None:
        """Do nothing: a message holds memory only."""

    # header fields

    def _lazy(self, key: str, make: Callable[[], _T]) -> _T:
        cache = self._cache
        if key in cache:
            return cast("_T", cache[key])
        return cast("_T", cache.setdefault(key, make()))

    @property
    def headers(self) -> HeaderCollection:
        """The header fields; changes to them change the message."""
        return self._lazy("headers", lambda: HeaderCollection.parse(self._raw or b""))

    def _get(self, name: str) -> str:
        return self.headers.get_decoded_value(name) or ""

    def _put(self, name: str, value: str | None) -> None:
        if value is None:
            self.headers.remove(name)
        else:
            self.headers.set(name, value)

    def _addresses(self, key: str) -> MailAddressCollection:
        name = _ADDRESS_FIELDS[key]
        found = self._cache.get(key)
        if found is None:
            parsed = MailAddressCollection()
            for field, value in list(self.headers._fields):
                if field.lower() == key:
                    parsed.add_range(parse_addresses(value))
            # What the collection says now is kept beside it: a difference later is a change.
            found, _ = self._cache.setdefault(name + " as read", (parsed, parsed.to_string()))
            found = self._cache.setdefault(key, found)
        return cast("MailAddressCollection", found)

    def _set_addresses(self, key: str, value: _Addresses | None) -> None:
        addresses = addresses_from(value)
        self._cache[_ADDRESS_FIELDS[key] + " as read"] = (addresses, None)
        self._cache[key] = addresses

    def _first(self, key: str) -> MailAddress | None:
        found = self._addresses(key)
        return found[0] if found.count else None

    @property
    def subject(self) -> str:
        """The subject, decoded, or an empty string."""
        return self._get("Subject")

    @subject.setter
    def subject(self, value: str) -> None:
        self._put("Subject", value)

    @property
    def from_address(self) -> MailAddress | None:
        """The first author, or None."""
        return self._first("from")

    @from_address.setter
    def from_address(self, value: MailAddress | str | None) -> None:
        self._set_addresses("from", MailAddress(value) if isinstance(value, str) else value)

    @property
    def sender(self) -> MailAddress | None:
        """Who sends for the author, or None."""
        return self._first("sender")

    @sender.setter
    def sender(self, value: MailAddress | str | None) -> None:
        self._set_addresses("sender", MailAddress(value) if isinstance(value, str) else value)

    @property
    def to(self) -> MailAddressCollection:
        """The recipients; text with addresses may be assigned."""
        return self._addresses("to")

    @to.setter
    def to(self, value: _Addresses) -> None:
        self._set_addresses("to", value)

    @property
    def cc(self) -> MailAddressCollection:
        """The recipients of copies; text with addresses may be assigned."""
        return self._addresses("cc")

    @cc.setter
    def cc(self, value: _Addresses) -> None:
        self._set_addresses("cc", value)

    @property
    def bcc(self) -> MailAddressCollection:
        """The recipients of blind copies; text with addresses may be assigned."""
        return self._addresses("bcc")

    @bcc.setter
    def bcc(self, value: _Addresses) -> None:
        self._set_addresses("bcc", value)

    @property
    def reply_to_list(self) -> MailAddressCollection:
        """Where answers go; text with addresses may be assigned."""
        return self._addresses("reply-to")

    @reply_to_list.setter
    def reply_to_list(self, value: _Addresses) -> None:
        self._set_addresses("reply-to", value)

    @property
    def reply_to(self) -> MailAddressCollection:
        """Another name of `reply_to_list`, as message infos have it."""
        return self._addresses("reply-to")

    @reply_to.setter
    def reply_to(self, value: _Addresses) -> None:
        self._set_addresses("reply-to", value)

    @property
    def read_receipt_to(self) -> MailAddressCollection:
        """Who wants to be told when the message is read."""
        return self._addresses("disposition-notification-to")

    @read_receipt_to.setter
    def read_receipt_to(self, value: _Addresses) -> None:
        self._set_addresses("disposition-notification-to", value)

    @property
    def date(self) -> datetime | None:
        """The date, aware, or None if the field is missing or no date. Naive values are local time."""
        return parse_mail_date(self.headers.get_raw("Date"))

    @date.setter
    def date(self, value: datetime) -> None:
        if not isinstance(value, datetime):
            raise ArgumentTypeError(f"date must be a datetime, not {type(value).__name__}")
        self._put("Date", _format_date(value if value.tzinfo is not None else value.astimezone()))

    @property
    def message_id(self) -> str:
        """The Message-ID with its angle brackets; one is made for a new message when it is asked for."""
        found = self._get("Message-ID")
        if not found and self._raw is None:
            author = self.from_address
            host = author.host if author is not None and author.host.isascii() else ""
            found = f"<{os.urandom(16).hex()}@{host if _HOST.fullmatch(host) else 'localhost'}>"
            self._put("Message-ID", found)
        return found

    @message_id.setter
    def message_id(self, value: str) -> None:
        self._put("Message-ID", value)

    @property
    def x_mailer(self) -> str:
        """The program that made the message, or an empty string."""
        return self._get("X-Mailer")

    @x_mailer.setter
    def x_mailer(self, value: str) -> None:
        self._put("X-Mailer", value)

    @property
    def priority(self) -> MailPriority:
        """How urgent the message is, from X-Priority or Importance."""
        mark = self._get("X-Priority")[:1]
        importance = self._get("Importance").lower()
        if mark in {"1", "2"} or (not mark and importance == "high"):
            return MailPriority.HIGH
        if mark in {"4", "5"} or (not mark and importance == "low"):
            return MailPriority.LOW
        return MailPriority.NORMAL

    @priority.setter
    def priority(self, value: MailPriority) -> None:
        mark = {MailPriority.HIGH: ("1", "high"), MailPriority.LOW: ("5", "low")}.get(MailPriority(value))
        self._put("X-Priority", mark and mark[0])
        self._put("Importance", mark and mark[1])

    @property
    def sensitivity(self) -> MailSensitivity:
        """How private the message is (RFC 2156 section 2.3.1)."""
        found = self._get("Sensitivity").lower()
        for value, text in _SENSITIVITIES.items():
            if found == text.lower():
                return value
        return MailSensitivity.NONE

    @sensitivity.setter
    def sensitivity(self, value: MailSensitivity) -> None:
        self._put("Sensitivity", _SENSITIVITIES.get(MailSensitivity(value)))

    # content

    def _parts(self) -> tuple[_Part | None, _Part | None, list[_Part]]:
        """The text, the HTML, and everything else."""
        return self._lazy("parts", self._read_parts)

    def _read_parts(self) -> tuple[_Part | None, _Part | None, list[_Part]]:
        text: _Part | None = None
        html: _Part | None = None
        others: list[_Part] = []
        for part in _structure(self._raw or b""):
            disposition, parameters = part.disposition
            kind = part.content_type.media_type
            shown = disposition != "attachment" and "filename" not in parameters
            if shown and text is None and kind == "text/plain":
                text = part
            elif shown and html is None and kind == "text/html":
                html = part
            else:
                others.append(part)
        return text, html, others

    def _read_text(self, index: int) -> str | None:
        part = self._parts()[index]
        return None if part is None else cast("_Part", part).text()

    @property
    def body(self) -> str:
        """The plain text, or an empty string if the message has none.

        Raises:
            MessageError: the structure goes beyond the limits.
        """
        return self._lazy("body", lambda: self._read_text(0) or "")

    @body.setter
    def body(self, value: str) -> None:
        self._set_content("body", value)

    @property
    def html_body(self) -> str | None:
        """The HTML text, or None if the message has none.

        Raises:
            MessageError: the structure goes beyond the limits.
        """
        return self._lazy("html", lambda: self._read_text(1))

    @html_body.setter
    def html_body(self, value: str | None) -> None:
        self._set_content("html", value)

    @property
    def is_body_html(self) -> bool:
        """Whether the message has HTML text."""
        return self.html_body is not None

    def _set_content(self, key: str, value: str | None) -> None:
        if value is None and key == "body":
            raise AsposeArgumentNullException("body is None: pass a str")
        if value is not None and not isinstance(value, str):
            raise ArgumentTypeError(f"{key} must be a str, not {type(value).__name__}")
        self._cache[key] = value
        self._cache["content_changed"] = True

    @property
    def attachments(self) -> AttachmentCollection:
        """Every part that is neither the text nor the HTML, in order, inline ones included.

        Raises:
            MessageError: the structure goes beyond the limits.
        """
        return self._lazy("attachments", self._read_attachments)

    def _read_attachments(self) -> AttachmentCollection:
        found = AttachmentCollection(Attachment._received(part) for part in self._parts()[2])
        self._cache.setdefault("attachments as read", tuple(found))
        return found

    def add_attachment(self, attachment: Attachment) -> None:
        """Append an attachment (.NET: ``AddAttachment``)."""
        self.attachments.add(attachment)

    # bytes

    def as_bytes(self, *, without_bcc: bool = False) -> bytes:
        """Give the message as bytes: those received, unless something was changed.

        Args:
            without_bcc: leave out Bcc fields, as for sending.

        Raises:
            MessageError: the content was changed and the rest of it cannot be read.
        """
        changed_header = self._flush_addresses() or ("headers" in self._cache and self.headers._changed)
        if self._raw is None or self._content_changed():
            self._raw = self._build()
        elif changed_header:
            self._raw = (
                _render(self.headers) + b"\r\n" + self._raw[HeaderCollection._scan(self._raw, 0, len(self._raw))[1] :]
            )
        else:
            return _without_bcc(self._raw) if without_bcc else self._raw
        self.headers._changed = False
        self._cache.pop("parts", None)
        return _without_bcc(self._raw) if without_bcc else self._raw

    def _flush_addresses(self) -> bool:
        """Bring changed address collections into the header; whether there were any."""
        changed = False
        for key, name in _ADDRESS_FIELDS.items():
            addresses = self._cache.get(key)
            if addresses is None:
                continue
            text = cast("MailAddressCollection", addresses).to_string()
            before = self._cache[name + " as read"][1]
            if text != before:
                self._put(name, text or None)
                self._cache[name + " as read"] = (addresses, text)
                changed = True
        return changed

    def _content_changed(self) -> bool:
        cache = self._cache
        if cache.get("content_changed"):
            return True
        attachments = cache.get("attachments")
        if attachments is None:
            return False
        now = tuple(cast("AttachmentCollection", attachments))
        return now != cache.get("attachments as read") or any(one._changed for one in now)

    def _build(self) -> bytes:
        text, html, attachments = self.body, self.html_body, tuple(self.attachments)
        self.message_id  # noqa: B018 - makes one for a new message
        headers = self.headers
        for name in headers.all_keys:
            if name.lower().startswith("content-") or name.lower() == "mime-version":
                headers.remove(name)
        content = _text_part("plain", text) if text or html is None else b""
        if html is not None:
            rich = _text_part("html", html)
            content = _multipart("alternative", [content, rich]) if content else rich
        if attachments:
            content = _multipart("mixed", [content, *map(_attachment_part, attachments)])
        for one in attachments:
            one._changed = False
        self._cache["attachments as read"] = attachments
        self._cache["content_changed"] = False
        return _render(headers) + b"MIME-Version: 1.0\r\n" + content

    def __bytes__(self) -> bytes:
        return self.as_bytes()

    def __repr__(self) -> str:
        size = "not built" if self._raw is None else f"{len(self._raw)} bytes"
        return f"<MailMessage {size} from {escape(self._source)}>"


_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.\-]{0,250}[A-Za-z0-9])?")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTH_NAMES: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _format_date(value: datetime) -> str:
    """An aware date as RFC 5322 section 3.3 writes it, whatever the locale."""
    minutes = int((value.utcoffset() or timedelta()).total_seconds() // 60)
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return (
        f"{_DAYS[value.weekday()]}, {value.day:02d} {_MONTH_NAMES[value.month - 1]} {value.year:04d}"
        f" {value:%H:%M:%S} {sign}{minutes // 60:02d}{minutes % 60:02d}"
    )


def _encoded_words(text: str) -> list[str]:
    """The text as encoded words of at most 75 characters (RFC 2047 section 2)."""
    words: list[str] = []
    data = text.encode("utf-8", "replace")
    position = 0
    while position < len(data):
        stop = min(position + 36, len(data))  # 60 characters: room for the name of the field
        while stop < len(data) and data[stop] & 0xC0 == 0x80:  # never within a character
            stop -= 1
        words.append("=?utf-8?B?" + binascii.b2a_base64(data[position:stop], newline=False).decode() + "?=")
        position = stop
    return words


def _fold(name: str, words: Iterable[str]) -> bytes:
    """A field of words that may stand on lines of their own, at most 76 characters where they allow it."""
    lines: list[str] = []
    line = name + ":"
    for word in words:
        if len(line) + 1 + len(word) > 76 and line != name + ":":
            lines.append(line)
            line = ""
        line += " " + word
    lines.append(line)
    return "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n"


def _render(headers: HeaderCollection) -> bytes:
    """The fields as they are sent: received ones as they were, set ones encoded and folded."""
    out: list[bytes] = []
    for name, value in headers._fields:
        if isinstance(value, bytes):
            out.append(name.encode() + b":" + value + b"\r\n")
        elif name.lower() in _ADDRESS_FIELDS:
            mailboxes = parse_addresses(value)
            last = len(mailboxes) - 1
            words = [_address_text(one) + ("," if index < last else "") for index, one in enumerate(mailboxes)]
            out.append(_fold(name, words))
        else:
            words = value.split(" ")
            plain = value.isascii() and value.isprintable() and "=?" not in value
            if value and not (plain and all(words) and all(len(word) < 900 for word in words)):
                words = _encoded_words(value)
            out.append(_fold(name, words))
    return b"".join(out)


def _address_text(one: MailAddress) -> str:
    name = one.display_name
    if name and not (name.isascii() and name.isprintable() and "=?" not in name and len(name) < 200):
        return "\r\n ".join(_encoded_words(name)) + f" <{one.address}>"
    return one.to_string()


def _text_part(subtype: str, text: str) -> bytes:
    data = re.sub(r"\r\n?", "\n", text).encode("utf-8", "replace")
    if data and not data.endswith(b"\n"):
        data += b"\n"
    simple = data.isascii() and b"\0" not in data and all(len(line) <= 990 for line in data.split(b"\n"))
    if simple:
        charset, encoding = "us-ascii", "7bit"
    else:
        charset, encoding = "utf-8", "quoted-printable"
        data = binascii.b2a_qp(data, istext=True)
    head = f"Content-Type: text/{subtype}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + data.replace(b"\n", b"\r\n")


def _multipart(subtype: str, parts: Sequence[bytes]) -> bytes:
    boundary = b"=_" + os.urandom(15).hex().encode()  # no line of base64 or quoted-printable begins so
    head = b'Content-Type: multipart/%s;\r\n boundary="%s"\r\n\r\n' % (subtype.encode(), boundary)
    body = b"".join(b"--%s\r\n%s\r\n" % (boundary, part) for part in parts)
    return head + body + b"--%s--\r\n" % boundary


def _attachment_part(one: Attachment) -> bytes:
    kind = ContentType._received(one.content_type.to_string(), "application/octet-stream")
    kind.parameters.pop("name", None)
    kind.parameters.pop("boundary", None)
    data = one.content()
    head = "Content-Type: " + kind.to_string()
    head += "\r\nContent-Disposition: " + ("inline" if one.is_inline else "attachment")
    if one.raw_name:
        head += ";\r\n " + _parameter("filename", one.name)[2:]
    if one.content_id and one.content_id.isascii():
        head += f"\r\nContent-ID: <{one.content_id}>"
    if kind.media_type.startswith("message/"):  # RFC 2046 section 5.2.1 allows no other encoding
        encoding = "7bit" if data.isascii() else "8bit"
        content = re.sub(rb"\r\n?|\n", b"\r\n", data)
    else:
        encoding = "base64"
        content = b"".join(
            binascii.b2a_base64(data[at : at + 57], newline=False) + b"\r\n" for at in range(0, len(data), 57)
        )
    return head.encode() + f"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + content


def _without_bcc(data: bytes) -> bytes:
    """The bytes without Bcc fields; the very same object if there are none."""
    out: list[bytes] = []
    kept_from = position = 0
    size = len(data)
    dropping = False
    while position < size:
        line_end = data.find(b"\n", position)
        next_line = size if line_end < 0 else line_end + 1
        line = data[position : min(next_line, position + 40)]
        if line in {b"\n", b"\r\n"}:
            break
        if line[:1] not in b" \t":
            hidden = line.partition(b":")[0].strip().lower() in {b"bcc", b"resent-bcc"}
            if hidden and not dropping:
                out.append(data[kept_from:position])
            elif dropping and not hidden:
                kept_from = position
            dropping = hidden
        position = next_line
    if dropping:
        kept_from = position
    if not out:
        return data
    out.append(data[kept_from:])
    return b"".join(out)


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
