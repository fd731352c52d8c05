"""File names that are safe, whatever a message says."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailclients.message import safe_file_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/etc/cron.d/x", "x"),
        ("C:\\x\\y.exe", "y.exe"),
        ("C:evil.exe", "evil.exe"),
        ("a\0b.txt", "ab.txt"),
        ("a\r\nb.txt", "ab.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\u200b\ufeffx.txt", "x.txt"),
        ("CON", "_CON"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("COM¹.txt", "_COM¹.txt"),
        ("aux .txt", "_aux.txt"),
        ("console.txt", "console.txt"),
        (".bashrc", "bashrc"),
        ("x.txt. . .", "x.txt"),
        ('a<b>c:d"e|f?g*h', "a_b_c_d_e_f_g_h"),
        ("x.txt:stream", "x.txt_stream"),
        ("..", "attachment"),
        (".", "attachment"),
        ("", "attachment"),
        (None, "attachment"),
        ("dir/", "attachment"),
        ("ü.txt", "ü.txt"),
        ("\ud800x", "x"),
        ("~root", "~root"),
        ("-rf", "-rf"),
    ],
)
def test_H_J3_names_are_made_safe(name: str | None, safe: str) -> None:
    assert safe_file_name(name) == safe


def test_H_J3_long_names_keep_their_suffix() -> None:
    for name in ("x" * 4096 + ".pdf", "ü" * 4096 + ".pdf", "/" * 9 + "a." * 3000 + "pdf"):
        safe = safe_file_name(name)
        assert len(safe.encode()) <= 150
        assert safe.endswith(".pdf")
    assert len(safe_file_name("a." + "x" * 4000).encode()) <= 150


@given(st.text(max_size=300) | st.text("./\\: \0\u202eCONcon1", max_size=30))
def test_H_J3_any_name_is_one_path_component(name: str) -> None:
    safe = safe_file_name(name)
    safe.encode()
    assert safe
    assert safe not in {".", ".."}
    assert safe[0] not in ". "
    assert safe[-1] not in ". "
    assert not set(safe) & set('/\\\0\r\n:*?"<>|\u202e')
    assert len(safe.encode()) <= 151
    assert safe_file_name(safe) == safe
    assert os.path.basename(safe) == safe
