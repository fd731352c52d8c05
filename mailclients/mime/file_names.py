"""Safe file names from whatever a message says.

A function of its arguments alone: no state, no lock, any thread.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["safe_file_name"]

MAX_FILE_NAME: Final = 150  # bytes of UTF-8; file systems take 255, and a suffix may be added

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
