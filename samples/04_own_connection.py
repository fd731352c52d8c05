"""Give a thread with much to do a connection of its own.

Shows: CreateConnection as a `using` block in a ThreadPool work item. Inside the block everything
the thread calls goes over its own connection, with its own selected folder; the main connection
is left to the others.
"""

from _server import mail_server

from mailclients import AutoResetEvent, ImapClient, ImapFolderInfo, ThreadPool

finished = AutoResetEvent(False)
used: list[int] = []
subjects: list[str] = []


def read_archive(state: object) -> None:
    """The work item: the connection is taken, used and given back in the same thread."""
    assert isinstance(state, ImapClient)
    try:
        with state.create_connection() as connection:
            used.append(connection.connection_id)
            state.select_folder("Archive")
            subjects.extend(state.fetch_message(info.unique_id).subject for info in state.list_messages())
    finally:
        finished.set()


with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    client.select_folder(ImapFolderInfo.IN_BOX)
    ThreadPool.queue_user_work_item(read_archive, client)

    # The main thread's folder is untouched by what the other thread selects.
    print(f"Meanwhile the main thread sees {len(client.list_messages())} messages in the inbox.")

    if not finished.wait_one(60_000):
        raise SystemExit("The folder was not read within a minute.")
    if not subjects:
        raise SystemExit("No message was read: the folder is empty, or a traceback says what failed.")
    print(f"The work item read Archive over connection {used[0]}.")
    print(f"Archive has {len(subjects)} messages; the first is {subjects[0]!r}.")
