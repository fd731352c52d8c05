"""Keep a folder in the formats of other programs: an mbox file, Maildirs, a stream; in the background, too.

Shows: Backup with a file name and with a stream, BeginBackup and EndBackup, Restore with RestoreSettings.Folders,
PersonalStorage.FromStream.
"""

import io
import mailbox
import tempfile
from pathlib import Path

from _server import mail_server

from mailclients import BackupSettings, ImapClient, ImapFolderInfoCollection, PersonalStorage, RestoreSettings

with (
    tempfile.TemporaryDirectory() as name,
    mail_server() as server,
    ImapClient(server.host, server.port, server.user, server.password) as client,
):
    directory = Path(name)
    client.create_folder("Sample")
    client.select_folder("Archive", True)
    client.copy_messages(1, 5, "Sample")
    folders = ImapFolderInfoCollection(client.get_folder_info("Sample"))

    client.backup(folders, directory / "sample.mbox", BackupSettings())
    box = mailbox.mbox(str(directory / "sample.mbox"))
    subjects = [str(message["Subject"]) for message in box if message["Subject"] is not None]
    box.close()
    print(f"sample.mbox, as the standard library reads it: {len(subjects)} messages, such as {subjects[0]!r}.")

    handle = client.begin_backup(folders, str(directory / "maildirs"), BackupSettings())
    client.end_backup(handle)
    files = [path for path in (directory / "maildirs").rglob("cur/*") if path.is_file()]
    print(f"maildirs has {len(files)} files, one for each message.")

    stream = io.BytesIO()
    client.backup(folders, stream, BackupSettings())
    print(f"The stream has {len(stream.getvalue())} bytes.")

    client.delete_folder("Sample")
    stream.seek(0)
    client.restore(PersonalStorage.from_stream(stream), RestoreSettings())
    print(f"Restored: {client.get_folder_info('Sample').total_message_count} messages.")
    client.delete_folder("Sample")
