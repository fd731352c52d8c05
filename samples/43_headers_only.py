"""Learn about messages without loading them: listings, single header fields, texts without attachments.

Shows: ListMessages with an array of extra fields and with ImapListFields.IdOnly, ListMessage, ImapMessageInfo with
ExtraParameters and Headers, FetchMessage with ignoreAttachment.
"""

from _server import mail_server

from mailclients import ImapClient, ImapListFields, ImapMessageInfo

with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    client.select_folder("INBOX", True)

    ids = client.list_messages("INBOX", ImapListFields.ID_ONLY, 0)
    print(f"{ids.count} unique ids, the last is {ids[-1].unique_id}.")

    info: ImapMessageInfo = client.list_message(ids[5].unique_id, ["In-Reply-To", "Content-Type"])
    print(f"{info.subject!r} from {info.from_address}, {info.size} bytes, {info.date:%d %b %Y %H:%M}")
    for name, value in info.extra_parameters.items():
        print(f"    {name}: {value}")

    # All of the text, and nothing of the files.
    message = client.fetch_message(info.sequence_number, True)
    print(f"Its text: {message.body.strip()!r}; attachments loaded: {message.attachments.count}")
    whole = client.fetch_message(info.unique_id)
    print(f"The whole message has {whole.attachments.count} attachments.")
