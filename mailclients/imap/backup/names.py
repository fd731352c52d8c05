"""Names of folders as names of files, on any platform and back again.

A folder is a tuple of levels here, so that no delimiter of any server matters. What a server calls a folder never
becomes a path by itself: each level is written in a form that every file system takes as one plain name.
Functions of their arguments alone, but for `Labels`, which belongs to its store.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b
from typing import Final

from mailclients.errors import AsposeArgumentException

__all__ = ["INBOX", "Labels", "Levels", "check_levels", "decode_level", "encode_level", "levels_of", "name_of"]

Levels = tuple[str, ...]

INBOX: Final[Levels] = ("INBOX",)
MOST_LEVELS: Final = 200
MOST_CHARACTERS: Final = 2000  # of a folder's whole name
MOST_BYTES: Final = 180  # of one encoded level; file systems take 255, and some of them go to what stands beside it

# Forbidden in names somewhere (separators, wildcards, streams of NTFS), control characters, and what escapes.
_UNSAFE: Final = re.compile(r'[%/\\<>:"|?*\x00-\x1f\x7f-\x9f\ud800-\udfff]')
# Names of devices on Windows, with any extension.
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)", re.IGNORECASE)
_ESCAPES: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_AGAIN: Final = re.compile(r"%=[0-9]+\Z")  # behind a name that differs from another one in case only


def _percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


def encode_level(level: str, also: str = "") -> str:
    """One level of a folder's name as the name of a file.

    Args:
        level: any text.
        also: further characters that are escaped.
    """
    if not level:
        return "%00"  # no folder's name has NUL, so this is free
    text = _UNSAFE.sub(lambda match: _percent(match[0]), level)
    for character in also:
        text = text.replace(character, _percent(character))
    if text[0] in ". ~-" or _DEVICES.match(text):
        text = _percent(text[0]) + text[1:]
    if text[-1] in ". ":
        text = text[:-1] + _percent(text[-1])
    raw = text.encode("utf-8")
    if len(raw) > MOST_BYTES:
        # Too long to be turned back; the store keeps the whole name beside it.
        digest = blake2b(level.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        text = raw[: MOST_BYTES - 20].decode("utf-8", "ignore") + "%~" + digest
    return text


def decode_level(label: str) -> str:
    """The level that a file's name stands for; names that were not made by `encode_level` stand for themselves."""
    text = _AGAIN.sub("", label)
    if text == "%00":
        return ""

    def decoded(match: re.Match[str]) -> str:
        try:
            return bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return match[0]

    return _ESCAPES.sub(decoded, text)


def levels_of(name: str, delimiter: str | None) -> Levels:
    """A folder's name, as a server gives it, in levels; INBOX is written in one way."""
    levels = tuple(name.split(delimiter)) if delimiter else (name,)
    return (*INBOX, *levels[1:]) if levels[0].upper() == INBOX[0] else levels


def check_levels(levels: Levels) -> Levels:
    """The levels, if a store can keep them.

    Raises:
        AsposeArgumentException: there are too many, or they are too long.
    """
    if not 0 < len(levels) <= MOST_LEVELS or sum(map(len, levels)) > MOST_CHARACTERS:
        raise AsposeArgumentException(
            f"the folder's name is too long for a backup: {MOST_LEVELS} levels and {MOST_CHARACTERS} characters at most"
        )
    return levels


def name_of(levels: Levels, delimiter: str) -> str:
    """What a server with this delimiter calls the folder. Where a level has the delimiter in it, "_" stands for it.

    Raises:
        AsposeArgumentException: the server has no levels, or the name is too long.
    """
    check_levels(levels)
    if not delimiter:
        if len(levels) > 1:
            raise AsposeArgumentException(f"the server has no folders below others, as {'/'.join(levels)!r} would be")
        return "".join(levels)
    return delimiter.join(level.replace(delimiter, "_") for level in levels)


class Labels:
    """The names of files that stand for folders in one store: no two are the same on any file system.

    Args:
        also: characters that are escaped besides.
    """

    def __init__(self, also: str = "") -> None:
        self._also = also
        self._by_levels: dict[Levels, tuple[str, ...]] = {(): ()}
        self._taken: dict[tuple[str, ...], Levels] = {}

    def keep(self, levels: Levels, labels: tuple[str, ...]) -> None:
        """Takes over what the store has already."""
        for depth in range(1, min(len(levels), len(labels)) + 1):
            self._by_levels.setdefault(levels[:depth], labels[:depth])
            self._taken.setdefault(_folded(labels[:depth]), levels[:depth])

    def of(self, levels: Levels) -> tuple[str, ...]:
        """The labels of a folder, one for each level."""
        known = self._by_levels.get(levels)
        if known is not None:
            return known
        above = self.of_parent(levels)
        plain = encode_level(levels[-1], self._also)
        labels, again = (*above, plain), 1
        while self._taken.get(_folded(labels), levels) != levels:
            again += 1
            labels = (*above, f"{plain}%={again}")
        self.keep(levels, labels)
        return labels

    def of_parent(self, levels: Levels) -> tuple[str, ...]:
        """The labels of the levels above the last."""
        for depth in range(1, len(levels)):
            self.of(levels[:depth])
        return self._by_levels[levels[:-1]]


def _folded(labels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(unicodedata.normalize("NFC", label).casefold() for label in labels)
