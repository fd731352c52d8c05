"""Back up a folder into a zip archive, and restore it under another name.

Shows: Backup with folders, a file name and BackupSettings; PersonalStorage.FromFile; Restore with
RestoreSettings, whose callback decides where things go; beyond .NET, `progress` and `skip_duplicates`.

The archive has each message as an EML file that any mail program opens. `BackupSettings(BackupOptions.RECURSIVE)`
takes subfolders along, and a name that ends in .mbox, or is a folder's, gives the other two formats.
"""

import tempfile
import zipfile
from pathlib import Path

from _server import mail_server

from mailclients import (
    BackupProgress,
    BackupSettings,
    ImapClient,
    ImapFolderInfo,
    ItemCallbackArgs,
    PersonalStorage,
    RestoreSettings,
)

RESTORED = "Archive restored"


def show(progress: BackupProgress) -> None:
    """Told with each message; what it raises ends the operation."""
    if progress.messages_done == progress.messages_total:
        print(f"{progress.folder_name}: {progress.messages_done} messages, {progress.bytes_done} bytes.")


def elsewhere(args: ItemCallbackArgs) -> None:
    """Called before each folder and each message; what is assigned to `this` takes its place."""
    if isinstance(args.this, ImapFolderInfo) and args.this.name == "Archive":
        args.this = ImapFolderInfo(name=RESTORED)


with (
    mail_server() as server,
    ImapClient(server.host, server.port, server.user, server.password) as client,
    tempfile.TemporaryDirectory() as directory,
):
    file_name = Path(directory) / "archive.zip"

    saving = BackupSettings()
    saving.progress = show
    client.backup([client.get_folder_info("Archive")], file_name, saving)
    with zipfile.ZipFile(file_name) as archive:
        print(f"{file_name.name} has {len(archive.namelist())} entries, such as {archive.namelist()[-1]}.")

    bringing_back = RestoreSettings()
    bringing_back.before_item_callback = elsewhere
    bringing_back.skip_duplicates = True  # restoring once more adds nothing twice
    for _ in range(2):
        client.restore(PersonalStorage.from_file(file_name), bringing_back)
        print(f"{RESTORED!r} has {client.get_folder_info(RESTORED).total_message_count} messages.")

    client.delete_folder(RESTORED)
