"""Store a hundred messages with one call, and learn the unique id of each.

Shows: AppendMessages, AppendMessagesResult with Succeeded, Failed and NotHandled; BeginAppendMessages.

Where the server has MULTIAPPEND several go in one command, else the commands are pipelined.
"""

from _server import mail_server

from mailclients import AppendMessagesResult, ImapClient, MailMessage


def show(result: AppendMessagesResult[MailMessage]) -> None:
    print(f"{len(result.succeeded)} stored, {len(result.failed)} refused, {len(result.not_handled)} not tried.")
    for message, error in result.failed.items():
        print(f"    {message.subject}: {error}")


def page(number: int) -> MailMessage:
    return MailMessage("ann@example.com", "bob@example.com", f"Page {number}", f"This is page {number}.")


with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    print(f"The server has MULTIAPPEND: {'MULTIAPPEND' in client.get_capabilities()}")
    client.create_folder("Sample")
    pages = [page(number) for number in range(100)]
    result = client.append_messages("Sample", pages)
    show(result)
    print(f"{pages[99].subject!r} has unique id {result.succeeded[pages[99]]}.")

    handle = client.begin_append_messages("Sample", [page(number) for number in range(100, 120)])
    show(client.end_append_messages(handle))
    print(f"Sample has {client.get_folder_info('Sample').total_message_count} messages.")
    client.delete_folder("Sample")
