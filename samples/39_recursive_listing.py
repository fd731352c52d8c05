"""List a folder together with all folders below it.

Shows: ListMessages with retrieveRecursively, ImapMessageInfo.ParentFolder.
"""

from collections import Counter

from _server import mail_server

from mailclients import ImapClient, MailMessage

with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    level = client.delimiter
    names = ["Sample", f"Sample{level}2023", f"Sample{level}2024", f"Sample{level}2024{level}May"]
    for count, name in enumerate(names, 1):
        client.create_folder(name)
        for number in range(count):
            message = MailMessage("ann@example.com", "bob@example.com", f"Number {number} of {name}", "Text.")
            client.append_message(name, message)

    messages = client.list_messages("Sample", True)
    for folder, count in Counter(info.parent_folder for info in messages).items():
        print(f"{folder}: {count}")
    print(f"{messages.count} messages altogether, {client.list_messages('Sample').count} of them in Sample itself.")

    for name in reversed(names):
        client.delete_folder(name)
