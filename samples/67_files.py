"""Save messages as files and load them again, without a server.

Shows: MailMessage.Save with a path, a stream and SaveOptions; EmlSaveOptions, MailMessageSaveType, MailMessage.Load
with LoadOptions; the refusal of a format that is not written.
"""

import io
import tempfile
from pathlib import Path

from mailclients import (
    AsposeNotSupportedException,
    EmlLoadOptions,
    EmlSaveOptions,
    MailMessage,
    MailMessageSaveType,
    SaveOptions,
)

with tempfile.TemporaryDirectory() as directory:
    message = MailMessage("ann@example.com", "bob@example.com", "Kept", "For later.")
    eml, emlx = Path(directory) / "kept.eml", Path(directory) / "kept.emlx"
    message.save(eml, SaveOptions.default_eml)
    message.save(emlx, EmlSaveOptions(MailMessageSaveType.emlx_format))
    stream = io.BytesIO()
    message.save(stream)
    print(f"{eml.name}: {eml.stat().st_size} bytes, {emlx.name}: {emlx.stat().st_size}, stream: {stream.tell()}")

    stream.seek(0)
    for loaded in (MailMessage.load(eml), MailMessage.load(emlx, EmlLoadOptions()), MailMessage.load(stream)):
        print(f"Loaded {loaded.subject!r}, the same bytes: {loaded.as_bytes() == message.as_bytes()}")
    try:
        message.save(Path(directory) / "kept.msg", SaveOptions.default_msg)
    except AsposeNotSupportedException as error:
        print(f"Not written: {error}")
