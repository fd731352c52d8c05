"""List the messages of a POP3 account that meet a query, and fetch them all at once.

Shows: BeginListMessages with a MailQuery and EndListMessages; BeginFetchMessage with unique ids, which several
connections may serve; WaitHandle.WaitAll. A POP3 server does not search: the client asks for the headers and looks.
"""

from _server import mail_server

from mailclients import MailQuery, Pop3Client, WaitHandle

with mail_server("pop3") as server, Pop3Client(server.host, server.port, server.user, server.password) as client:
    client.max_connections_per_server = 3
    listing = client.begin_list_messages(MailQuery("SUBJECT minutes LARGER 10"))
    found = client.end_list_messages(listing)
    print(f"{len(found)} messages speak of minutes in their subject.")

    handles = [client.begin_fetch_message(info.unique_id) for info in found]
    if not WaitHandle.wait_all([handle.async_wait_handle for handle in handles], 30_000):
        raise SystemExit("Not all of them came within thirty seconds.")
    for info, handle in zip(found, handles, strict=True):
        message = client.end_fetch_message(handle)
        print(f"{info.sequence_number:3} {info.size:6} bytes, {message.subject!r} from {message.from_address}")
