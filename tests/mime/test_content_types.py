"""Media types and their parameters."""

from __future__ import annotations

import pytest

from mailclients.errors import AsposeArgumentException
from mailclients.message import ContentType


def test_content_types() -> None:
    kind = ContentType('Text/Plain; charset="utf-8"; name="=?utf-8?q?=C3=BC?="; x=1; x=2')
    assert (kind.media_type, kind.char_set, kind.name, kind.boundary) == ("text/plain", "utf-8", "ü", None)
    assert kind.parameters["x"] == "1"
    kind.name = 'a "b".txt'
    kind.char_set = None
    kind.boundary = "b"
    again = ContentType(kind.to_string())
    assert again == kind
    assert again.equals(kind)
    assert again.name == 'a "b".txt'
    kind.name = "ü.txt"
    assert ContentType(str(kind)).name == "ü.txt"
    for bad in ("", "text", "text/", "a/b/c", "ü/x", "a/b\r\nX: y"):
        with pytest.raises(AsposeArgumentException):
            ContentType(bad)
        with pytest.raises(AsposeArgumentException):
            kind.media_type = bad
    with pytest.raises(AsposeArgumentException):
        kind.name = "a\r\nb"
