"""Which parts of a message are its text, in which forms, what these show, and which are attached.

Functions of their arguments alone: no state, no lock, any thread. What the server tells of a message's structure
is sorted by the same rules.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from mailclients.mime.parts import Part, leaf_parts

__all__ = ["Bodies", "Role", "Sorter", "find_bodies"]


class Role(Enum):
    """What a part is for."""

    TEXT = auto()
    HTML = auto()
    VIEW = auto()  # another form of the text
    LINKED = auto()
    ATTACHED = auto()


class Sorter:
    """Tells what the parts of one message are for. They are asked for in order."""

    __slots__ = ("_html", "_text")

    def __init__(self) -> None:
        self._text = self._html = False

    def role(self, kind: str, within: str, *, said: bool, named: bool, content_id: bool) -> Role:
        """What a part is for.

        Args:
            kind: its media type.
            within: the subtype of the multipart that decides what it is: ``alternative``, ``related``, or another.
            said: whether its disposition says that it is attached.
            named: whether its disposition gives a file name.
            content_id: whether it has one, so that the text may show it.
        """
        if not (said or named):
            if kind == "text/plain" and not self._text:
                self._text = True
                return Role.TEXT
            if kind == "text/html" and not self._html:
                self._html = True
                return Role.HTML
            if within == "alternative":
                return Role.VIEW
        return Role.LINKED if within == "related" and content_id and not said else Role.ATTACHED


class Bodies(NamedTuple):
    """The parts of a message by what they are for, each in order."""

    views: list[Part]  # the text, the HTML and further forms
    linked: list[Part]
    attached: list[Part]  # everything else
    html: Part | None
    sealed: bool  # whether anything is signed or encrypted as a multipart


def find_bodies(data: bytes) -> Bodies:
    """Take the first text and the first HTML that are no files as the bodies of a message.

    Raises:
        MessageError: the structure goes beyond the limits of `leaf_parts`.
    """
    found = Bodies([], [], [], None, False)
    sorter = Sorter()
    for part in leaf_parts(data):
        role = sorter.role(
            part.content_type.media_type,
            part.within,
            said=part.disposition == "attachment",
            named=part.file_name is not None,
            content_id=part.content_id is not None,
        )
        if role is Role.LINKED:
            found.linked.append(part)
        elif role is Role.ATTACHED:
            found.attached.append(part)
        else:
            found.views.append(part)
            if role is Role.HTML:
                found = found._replace(html=part)
        if part.sealed:
            found = found._replace(sealed=True)
    return found
