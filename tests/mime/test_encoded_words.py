"""Text of all scripts in header fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailclients.message import decode_header_text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        (b" a\r\n b ", "a b"),
        (b"=?utf-8?q?=C3=BC?=", "ü"),
        (b"=?UTF-8*de?Q?a_b?= c", "a b c"),
        (b"=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "ü"),
        (b"=?utf-8?b?w7w?=", "ü"),
        (b"=?utf-8?b?w7w=?= =?iso-8859-1?q?=FC?=", "üü"),
        (b"x=?utf-8?q?a?=y", "xay"),
        (b"=?gb2312?b?xOO6ww==?=", "你好"),
        (b"=?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        (b"=?unknown-charset?q?=FC?=", "ü"),
        (b"=?zlib?b?eJwDAAAAAAE=?=", None),
        (b"=?punycode?q?a?= =?idna?q?b?= =?unicode_escape?q?=5Cx41?=", "ab\\x41"),
        (b"=?utf-7?q?+2AA-?=", "\ufffd"),
        (b"=?utf-8?q?unfinished", "=?utf-8?q?unfinished"),
        (b"caf\xc3\xa9", "café"),
        (b"caf\xe9", "café"),
        (b"=?utf-8?b?" + b"!" * 9 + b"?=", ""),
    ],
)
def test_header_text(raw: bytes, text: str | None) -> None:
    found = decode_header_text(raw)
    assert found is not None
    assert text is None or found == text
    found.encode()


@given(st.binary(max_size=300))
def test_H_J1_any_header_text_is_decoded_to_one_line(data: bytes) -> None:
    for raw in (data, b"=?utf-8?q?" + data + b"?=", b"=?utf-7?b?" + data + b"?=", b"=?" + data + b"?b?AA?="):
        found = decode_header_text(raw)
        assert found is not None
        found.encode()
        assert not set(found) & set("\r\n\0")


def test_H_J1_unknown_charsets_are_not_looked_up() -> None:
    import encodings

    known = len(encodings._cache)
    for number in range(100):
        decode_header_text(b"=?made-up-%d?q?a?=" % number)
    assert len(encodings._cache) == known
