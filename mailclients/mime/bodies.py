"""Which parts of a message are its text and its HTML, and which are attached.

A function of its arguments alone: no state, no lock, any thread.
"""

from __future__ import annotations

from typing import NamedTuple

from mailclients.mime.parts import Part, leaf_parts

__all__ = ["Bodies", "find_bodies"]


class Bodies(NamedTuple):
    """The parts of a message by what they are for."""

    text: Part | None
    html: Part | None
    attached: list[Part]  # everything else, in order


def find_bodies(data: bytes) -> Bodies:
    """Take the first text and the first HTML that are no files as the bodies of a message.

    Raises:
        MessageError: the structure goes beyond the limits of `leaf_parts`.
    """
    text: Part | None = None
    html: Part | None = None
    attached: list[Part] = []
    for part in leaf_parts(data):
        kind = part.content_type.media_type
        shown = part.disposition != "attachment" and part.file_name is None
        if shown and text is None and kind == "text/plain":
            text = part
        elif shown and html is None and kind == "text/html":
            html = part
        else:
            attached.append(part)
    return Bodies(text, html, attached)
