"""Choose which connection the calls of a thread go over.

Shows: ConnectionAsgmtMode with UseMainOrDefault, UseMain and UseDefault; CurrentConnection, CreateConnection.

UseMainOrDefault, the mode that clients start in: the thread's own connection, else the main one. UseMain: the main one
for every thread. UseDefault: each thread gets a connection of its own when it first needs one, until it ends.
"""

import threading

from _server import mail_server

from mailclients import AsposeInvalidOperationException, ConnectionAsgmtType, ImapClient


def name_of_used(client: ImapClient) -> str:
    client.noop()
    return "the main connection" if client.current_connection.connection_id == main else "one of its own"


def try_mode(client: ImapClient) -> None:
    """Runs in a thread of its own: the one that made the client has the main connection."""
    print(f"    a thread that asks for nothing uses {name_of_used(client)}")
    try:
        with client.create_connection():
            print(f"    a thread that creates a connection uses {name_of_used(client)}")
    except AsposeInvalidOperationException as error:
        print(f"    a thread that creates a connection: {error}")


with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    client.noop()
    main = client.current_connection.connection_id
    for mode in ConnectionAsgmtType:
        client.connection_asgmt_mode = mode
        print(f"{mode.name}:")
        thread = threading.Thread(target=try_mode, args=(client,))
        thread.start()
        thread.join()
