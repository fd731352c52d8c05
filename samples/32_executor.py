"""Have callbacks and begun operations use an executor of your own, and mix the client with other futures.

Shows: BeginListMessages and BeginFetchMessage; beyond .NET, the constructor's `executor`, `handle.future`, and plain
calls from the threads of a `ThreadPoolExecutor`.
"""

from concurrent.futures import ThreadPoolExecutor, wait

from _server import mail_server

from mailclients import ImapClient

with ThreadPoolExecutor(4, "of-mine") as executor, mail_server() as server:
    login = (server.host, server.port, server.user, server.password)
    with ImapClient(*login, executor=executor) as client:
        client.select_folder("INBOX")
        infos = client.end_list_messages(client.begin_list_messages())

        # Begun operations give futures, and so do plain calls in threads of the executor.
        begun = [client.begin_fetch_message(info.unique_id).future for info in list(infos)[:10]]
        called = [executor.submit(client.fetch_message, info.unique_id) for info in list(infos)[10:20]]
        done, not_done = wait(begun + called, timeout=60)
        for future in (begun + called)[::5]:
            print(f"    {future.result().subject}")
        print(f"{len(done)} futures are done, {len(not_done)} are not.")
