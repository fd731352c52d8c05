"""Let a thread of your own read another folder over the main connection.

Shows: ThreadPool.QueueUserWorkItem, SelectFolder, ListMessages and FetchMessage called from a
thread that has no connection of its own.

All threads without a connection share the main one and the folder selected there. Steps that
belong together are held together with `exclusive()`, so no other thread selects a folder in between.
"""

from _server import mail_server

from mailclients import AutoResetEvent, ImapClient, ThreadPool

finished = AutoResetEvent(False)
sizes: list[int] = []


def read_archive(state: object) -> None:
    """The work item: reads all of one folder."""
    assert isinstance(state, ImapClient)
    try:
        with state.exclusive():
            state.select_folder("Archive")
            for info in state.list_messages():
                message = state.fetch_message(info.unique_id)
                sizes.append(info.size)
                print(f"{info.sequence_number:3} {message.subject}")
    finally:
        finished.set()


with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    ThreadPool.queue_user_work_item(read_archive, client)
    if not finished.wait_one(60_000):
        raise SystemExit("The folder was not read within a minute.")
    if not sizes:
        raise SystemExit("No message was read: the folder is empty, or a traceback says what failed.")
    print(f"{len(sizes)} messages, {sum(sizes)} bytes, over {client.pool.size} connection.")
