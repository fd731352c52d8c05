"""Parameters of Content-Type and Content-Disposition (RFC 2045 section 5.1, RFC 2231), read and written.

Functions of their arguments alone: no state, no lock, any thread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from mailclients.mime.charsets import decode_text
from mailclients.mime.line_ends import one_line, unfold
from mailclients.mime.quoted_strings import quote, read_quoted_string

__all__ = ["read_parameters", "write_parameter"]

MAX_PARAMETERS: Final = 200  # of one field; the rest is not read

_SEPARATORS: Final = re.compile(r"[\s;]*")
_PARAMETER_NAME: Final = re.compile(r'([^\s=;"]{1,80})\s*=\s*')
_SEGMENT: Final = re.compile(r"(.+?)(?:\*([0-9]{1,4}))?(\*)?", re.DOTALL)
_PERCENT: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
_UNENCODED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+")


def read_parameters(value: bytes | str | None) -> tuple[str, dict[str, str]]:
    """Read ``value; name=value; ...`` (RFC 2045 section 5.1, RFC 2231). Never raises; linear."""
    text = "" if value is None else unfold(value).strip()
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
            content, position = read_quoted_string(text, position + 1)
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
    return decode_text(b"".join(data), charset or "utf-8")


def write_parameter(name: str, value: str) -> str:
    """``; name=value`` as it is sent (RFC 2231 for what is not ASCII)."""
    value = one_line(value)
    if not _TOKEN.fullmatch(name):
        return ""
    if not value.isascii():
        encoded = "".join(
            chr(byte) if byte in _UNENCODED else f"%{byte:02X}" for byte in value.encode("utf-8", "replace")
        )
        return f"; {name}*=utf-8''{encoded}"
    if _TOKEN.fullmatch(value):
        return f"; {name}={value}"
    return f"; {name}={quote(value)}"
