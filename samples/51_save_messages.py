"""Save messages as files and into streams, byte for byte as the server has them.

Shows: SaveMessage with a file name and with a stream, BeginSaveMessage and EndSaveMessage, FetchMessages.
"""

import io
import tempfile
from pathlib import Path

from _server import mail_server

from mailclients import ImapClient, MailMessage

with (
    tempfile.TemporaryDirectory() as name,
    mail_server() as server,
    ImapClient(server.host, server.port, server.user, server.password) as client,
):
    directory = Path(name)
    client.select_folder("INBOX", True)
    infos = list(client.list_messages())[:20]

    stream = io.BytesIO()
    client.save_message(infos[0].unique_id, stream)
    print(f"{stream.tell()} bytes in a stream; the server said {infos[0].size}.")

    # Large messages never have to fit into memory.
    handles = [client.begin_save_message(each.unique_id, str(directory / f"{each.unique_id}.eml")) for each in infos]
    for handle in handles:
        client.end_save_message(handle)
    files = sorted(directory.iterdir())
    print(f"{len(files)} files, {sum(file.stat().st_size for file in files)} bytes.")
    print(f"{files[0].name} is {MailMessage.load(files[0]).subject!r}.")
