"""Use the same handles as Python futures, and await them in asyncio.

Shows: BeginFetchMessage without any End; beyond .NET, `handle.future` with
`concurrent.futures.as_completed`, and `await handle`.
"""

import asyncio
from concurrent.futures import as_completed

from _server import mail_server

from mailclients import ImapClient, ImapFolderInfo


async def fetch_all(client: ImapClient, ids: list[str]) -> list[str]:
    """The loop stays free while the client's own threads do the work."""

    async def subject_of(unique_id: str) -> str:
        return (await client.begin_fetch_message(unique_id)).subject

    return await asyncio.gather(*(subject_of(unique_id) for unique_id in ids))


with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    client.select_folder(ImapFolderInfo.IN_BOX)
    ids = [info.unique_id for info in client.list_messages()][:10]

    futures = [client.begin_fetch_message(unique_id).future for unique_id in ids]
    for future in as_completed(futures, timeout=60):
        print(f"as completed: {future.result().subject}")

    for subject in asyncio.run(fetch_all(client, ids[:5])):
        print(f"awaited: {subject}")
