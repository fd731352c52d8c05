"""Bodies of the operations about attachments that stay on the server: the message itself is never fetched."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any, Final

from mailclients.engine.commands import Command
from mailclients.engine.tasks import Body
from mailclients.errors import AsposeArgumentException, escape
from mailclients.imap.models import ImapAttachmentInfo, ImapAttachmentInfoCollection, MessageSet
from mailclients.imap.operations.fetching import fetch_one
from mailclients.imap.protocol import content_of
from mailclients.message import Attachment
from mailclients.mime.bodies import Role, Sorter
from mailclients.mime.content_types import ContentType
from mailclients.mime.encoded_words import decode_header_text
from mailclients.mime.file_names import safe_file_name
from mailclients.mime.parameters import read_parameters
from mailclients.mime.parts import Part, places_within
from mailclients.wire.imap_responses import BodyPart, body_part

if TYPE_CHECKING:
    from mailclients.client import OperationContext

_Found = list[tuple[BodyPart, str | None]]
_NEEDS: Final = frozenset(("UID", "BODYSTRUCTURE"))
_SHOWN: Final = 10  # names in an error


def list_attachments(context: OperationContext, *, messages: MessageSet) -> Body:
    """What the attachments of a message are called, and how large they are."""
    _, _, found, _ = yield from _attachments(context, messages)
    return ImapAttachmentInfoCollection(
        ImapAttachmentInfo(
            "" if name is None else safe_file_name(name), f"{part.type}/{part.subtype}", part.size or 0, part.section
        )
        for part, name in found
    )


def fetch_attachment(context: OperationContext, *, messages: MessageSet, attachment_name: str) -> Body:
    """The first attachment of that name, or else what the text shows under it: header and content of one part."""
    uid, structure, attached, linked = yield from _attachments(context, messages)
    found = attached + linked
    names = [safe_file_name(name) for _, name in found]
    if attachment_name in names:
        part = found[names.index(attachment_name)][0]
    else:
        named = next((part for part, name in found if name == attachment_name), None)
        if named is None:
            known = ", ".join(repr(name) for name in names[:_SHOWN]) or "none"
            raise AsposeArgumentException(
                f"fetch_attachment: the message has no attachment {escape(attachment_name[:80])!r}; it has {known}"
            )
        part = named
    # A message that is no multipart has no part whose header could be asked for: its own is that.
    sections = ("HEADER", "TEXT") if part is structure else (f"{part.section}.MIME", part.section)
    asked = " ".join(f"BODY.PEEK[{section}]" for section in sections)
    wanted = frozenset(f"BODY[{section}]" for section in sections)
    items = yield from fetch_one(context, MessageSet(True, (uid,)), f"(UID {asked})".encode("ascii"), wanted)
    header, content = (content_of(items, f"BODY[{section}]") for section in sections)
    header = header.rstrip(b"\r\n") + b"\r\n\r\n"
    return Attachment._received(Part(header + content, 0, len(header) + len(content)))


def _attachments(
    context: OperationContext, messages: MessageSet
) -> Generator[Command | list[Command], Any, tuple[int, BodyPart | None, _Found, _Found]]:
    """The message's UID and structure, its attachments with their names, and likewise its linked resources.

    They are the same as those of `MailMessage`.
    """
    items = yield from fetch_one(context, messages, b"(UID BODYSTRUCTURE)", _NEEDS)
    structure = body_part(items["BODYSTRUCTURE"])
    attached: _Found = []
    linked: _Found = []
    sorter = Sorter()
    for part, within in _leaves(structure):
        file_name = read_parameters(_field(b"x", part.disposition_parameters))[1].get("filename")
        role = sorter.role(
            f"{part.type}/{part.subtype}",
            within,
            said=part.disposition == "attachment",
            named=file_name is not None,
            content_id=bool((part.content_id or b"").strip(b"<> ")),
        )
        if role not in (Role.ATTACHED, Role.LINKED):
            continue
        name = decode_header_text(file_name)
        if name is None:
            name = ContentType._received(_field(b"x/x", part.parameters)).name
        (attached if role is Role.ATTACHED else linked).append((part, name))
    return items["UID"], structure, attached, linked


def _leaves(structure: BodyPart | None) -> list[tuple[BodyPart, str]]:
    """The parts that are no multiparts, in order, and what they are within; an enclosed message is one part."""
    leaves: list[tuple[BodyPart, str]] = []
    waiting = [] if structure is None else [(structure, "")]
    while waiting:
        part, within = waiting.pop()
        if part.type == "multipart":
            inside = places_within(part.subtype, within, len(part.children))
            waiting.extend(zip(reversed(part.children), reversed(inside), strict=True))
        else:
            leaves.append((part, within))
    return leaves


def _field(value: bytes, parameters: Mapping[str, bytes]) -> bytes:
    """Parameters as a header field has them, where names in segments and charsets (RFC 2231) are read."""
    pieces = [value]
    for name, content in parameters.items():
        quoted = content.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        pieces.append(b'; %b="%b"' % (name.encode("ascii", "replace"), quoted))
    return b"".join(pieces)
