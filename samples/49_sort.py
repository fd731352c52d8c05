"""List messages by sender and size: sorted by the server where it can, by the client elsewhere.

Shows: SortSupported, SortMessageThreads with SortConditions and SortingKey, MailQuery with an order, ListMessages.
"""

from _server import mail_server

from mailclients import ImapClient, MailQuery, SortConditions, SortingKey

with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    client.select_folder("INBOX")
    if client.sort_supported:
        conditions = SortConditions()
        conditions.sort_by = SortingKey.FROM | SortingKey.SIZE
        conditions.reverse_by = SortingKey.SIZE
        conditions.use_u_id = True
        ids = [result.unique_id for result in client.sort_message_threads(conditions)]
        infos = client.list_messages("INBOX", ids)
        messages = [infos[unique_id] for unique_id in ids]
        print("Sorted by the server:")
    else:
        query = MailQuery("'Seen' = 'False'", "'From' OrderBy 'ASC' & 'MessageSize' OrderBy 'DESC'")
        messages = list(client.list_messages(query))
        print(f"The server has no SORT ({' '.join(client.get_capabilities())}); sorted by the client:")
    for info in messages[:8]:
        print(f"    {info.from_address!s:<36.36}{info.size:>6}  {info.subject}")
    print(f"{len(messages)} messages in order.")
