"""Sign in and out by hand, keep the connection awake, and look at its state.

Shows: the constructor with host, port, user name and password, Login, Noop, Logout, ConnectionState,
CurrentConnection with its ConnectionId, Dispose.

None of it is needed: the first operation signs in, and the end of a `with` block signs out and disposes. Clear text is
for this machine only, unless SecurityOptions.NONE asks for it by name.
"""

from _server import mail_server

from mailclients import ConnectionState, ImapClient, ObjectDisposedException

with mail_server() as server:
    client = ImapClient(server.host, server.port, server.user, server.password)
    client.login()
    client.noop()
    print(f"Signed in over connection {client.current_connection.connection_id}.")
    print(f"Its state is {ConnectionState(client.connection_state).name}.")

    client.logout()
    print("Signed out; the next operation signs in again.")
    print(f"The inbox has {client.get_folder_info('INBOX').total_message_count} messages.")

    client.dispose()
    try:
        client.noop()
    except ObjectDisposedException as error:
        print(f"Disposed is for good: {error}")
