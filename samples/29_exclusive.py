"""Let several threads share the main connection, and keep steps together that depend on each other.

Shows: SelectFolder, ListMessages and FetchMessages from several threads; beyond .NET, `exclusive()`.

Without it another thread may select its folder between the two steps of one.
"""

import threading

from _server import mail_server

from mailclients import ImapClient

found: dict[str, int] = {}


def count_letters(client: ImapClient, folder: str) -> None:
    with client.exclusive():
        client.select_folder(folder)
        numbers = [info.sequence_number for info in client.list_messages()]
        found[folder] = sum(len(message.body) for message in client.fetch_messages(numbers))


with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    threads = [threading.Thread(target=count_letters, args=(client, folder)) for folder in ("INBOX", "Archive")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for folder, letters in sorted(found.items()):
        print(f"{folder}: texts of {letters} characters")
    print(f"Two threads, {client.pool.peak} connection.")
