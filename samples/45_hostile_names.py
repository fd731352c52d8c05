"""Save attachments that strangers have named, in a directory that they cannot leave.

Shows: MailMessage.Load from a stream, Attachments, Attachment.Name; beyond .NET, `raw_name`, `save_to_directory` and
`safe_file_name`.
"""

import io
import tempfile
from pathlib import Path

from _server import mail_server

from mailclients import ImapClient, MailMessage, safe_file_name

PARAMETERS = [
    'filename="../../.bashrc"',
    'filename="C:\\\\Windows\\\\win.ini"',
    'filename="con.txt"',
    "filename*=utf-8''invoice.pdf%E2%80%AEtxt.exe",
    'filename="report.pdf"',
    'filename="report.pdf"',
]
PARTS = "".join(f"--x\r\nContent-Disposition: attachment; {parameter}\r\n\r\n...\r\n" for parameter in PARAMETERS)
HOSTILE = f"From: mallory@example.com\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n{PARTS}--x--\r\n"

with (
    tempfile.TemporaryDirectory() as directory,
    mail_server() as server,
    ImapClient(server.host, server.port, server.user, server.password) as client,
):
    client.create_folder("Sample")
    unique_id = client.append_message("Sample", MailMessage.load(io.BytesIO(HOSTILE.encode("ascii"))))
    client.select_folder("Sample")

    for attachment in client.fetch_message(unique_id).attachments:
        saved = Path(attachment.save_to_directory(directory))
        assert saved.parent.samefile(directory)
        print(f"{attachment.raw_name!a:<30} is called {attachment.name!a} and saved as {saved.name!a}")
    print(f"{len(list(Path(directory).iterdir()))} files, all of them in the directory.")
    print(f"Names from elsewhere, too: {safe_file_name('../etc/passwd')!r}")
    client.delete_folder("Sample")
