"""The formats of files with messages, and the options that name them."""

from __future__ import annotations

import copy
import io
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeNotSupportedException,
    EmlLoadOptions,
    EmlSaveOptions,
    FileCompatibilityMode,
    MailMessage,
    MailMessageSaveType,
    MessageFormat,
    MhtmlLoadOptions,
    SaveOptions,
)
from tests.mime.messages import RICH, SIGNED


def test_eml_and_emlx_are_written_and_read(tmp_path: Path) -> None:
    message = MailMessage.from_bytes(RICH)
    for options in (None, SaveOptions.default_eml, EmlSaveOptions(MailMessageSaveType.eml_format)):
        message.save(tmp_path / "one.eml", options)
        assert (tmp_path / "one.eml").read_bytes() == RICH
    emlx: SaveOptions
    for emlx in (SaveOptions.default_emlx, SaveOptions.create_save_options(MailMessageSaveType.emlx_format)):
        stream = io.BytesIO()
        message.save(stream=stream, options=emlx)
        assert stream.getvalue().startswith(b"%d\n" % len(RICH) + RICH[:100])
        assert stream.getvalue().rstrip().endswith(b"</plist>")
        for source in (stream.getvalue(), io.BytesIO(stream.getvalue())):
            assert MailMessage.load(source, EmlLoadOptions()).as_bytes() == RICH
        message.save(file_name=str(tmp_path / "one.emlx"), options=emlx)
        assert MailMessage.load(file_name=str(tmp_path / "one.emlx")).as_bytes() == RICH


@pytest.mark.parametrize(
    "data",
    [
        b"5\n",
        b"5\nA: 1\n",
        b"5\nA: 1\n\n<?xml",
        b"999999999999\n<?xml",
        b"4\nA: 1",
        b"123",
        b"-1\nx<?xml",
        b"\n5\nA: 1\n<?xml",
    ],
)
def test_what_is_no_emlx_stays_as_it_is(data: bytes) -> None:
    inside = data == b"5\nA: 1\n\n<?xml"  # five bytes, and a property list behind an empty line
    assert MailMessage.load(data).as_bytes() == (b"A: 1\n" if inside else data)


@pytest.mark.parametrize("name", ["html_format", "m_html_format", "outlook_message_format", "outlook_template_format"])
def test_other_formats_are_refused_with_what_to_use_instead(name: str) -> None:
    kind = getattr(MailMessageSaveType, name)
    for refused in (EmlSaveOptions, SaveOptions.create_save_options):
        with pytest.raises(AsposeNotSupportedException, match=rf"{kind}.*SaveOptions\.default_eml"):
            refused(kind)
    options = SaveOptions.default_eml
    with pytest.raises(AsposeNotSupportedException):
        options.mail_message_save_type = kind
    assert options.mail_message_save_type is MailMessageSaveType.eml_format
    wrong: Any = "EML"
    with pytest.raises(ArgumentTypeError):
        EmlSaveOptions(wrong)


def test_options_are_options() -> None:
    message = MailMessage.from_bytes(RICH)
    wrong: Any = "eml"
    with pytest.raises(ArgumentTypeError, match="SaveOptions"):
        message.save(io.BytesIO(), wrong)
    with pytest.raises(ArgumentTypeError, match="EmlLoadOptions"):
        MailMessage.load(RICH, wrong)
    options = SaveOptions.default_eml
    for name in ("check_body_content_encoding", "preserve_embedded_message_format", "preserve_signed_content"):
        assert getattr(options, name) is True
        setattr(options, name, False)
        assert getattr(options, name) is False
        with pytest.raises(ArgumentTypeError, match=name):
            setattr(options, name, 1)
    options.file_compatibility_mode = FileCompatibilityMode.PRESERVE_TNEF_ATTACHMENTS
    assert options.file_compatibility_mode == 2
    load = EmlLoadOptions()
    load.preffered_text_encoding = "koi8-r"
    assert load.preferred_text_encoding == "koi8-r"
    load.preserve_tnef_attachments = load.preserve_embedded_message_format = False
    assert MailMessage.load(b"\r\n\xd0\xd2\xc9", load).body == "при"
    with pytest.raises(AsposeArgumentException, match="no charset"):
        load.preferred_text_encoding = "none"
    assert (load.message_format, MhtmlLoadOptions().message_format) == (MessageFormat.eml, MessageFormat.mht)
    assert MailMessage.load(RICH, MhtmlLoadOptions()).as_bytes() is RICH


def test_a_message_can_be_loaded_without_its_signature() -> None:
    options = EmlLoadOptions()
    options.remove_signature = True
    assert not MailMessage.load(SIGNED["signed"], options).is_signed
    assert MailMessage.load(SIGNED["signed"]).is_signed
    assert MailMessage.load(RICH, options).as_bytes() is RICH


def test_formats_are_known_by_name() -> None:
    assert str(MailMessageSaveType.emlx_format) == MailMessageSaveType.emlx_format.to_string() == "EMLX"
    assert repr(MessageFormat.tnef) == "<MessageFormat TNEF>"
    assert MessageFormat.eml.equals(copy.deepcopy(MessageFormat.eml))
    assert MessageFormat.eml != MessageFormat.emlx
