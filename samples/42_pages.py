"""Go through a folder page by page, newest messages first.

Shows: ListMessagesByPage with PageSettings, ImapPageInfo with Items, TotalCount, LastPage and NextPage; the same with a
query, and begun.
"""

from _server import mail_server

from mailclients import ImapClient, MailQuery, PageInfo, PageSettings, PageSettingsAsync

with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    settings = PageSettings()
    settings.folder_name = "INBOX"
    page = client.list_messages_by_page(15, settings)
    while True:
        print(f"Page {page.page_offset + 1} of {page.total_count} messages:")
        for info in list(page.items)[:2]:
            print(f"    {info.date:%Y-%m-%d} {info.subject}")
        print(f"    and {max(page.items.count - 2, 0)} more")
        if page.last_page:
            break
        page = client.list_messages_by_page(page.next_page, settings)

    # The oldest first, of those that are found, in the background.
    begun = PageSettingsAsync()
    begun.folder_name = "INBOX"
    begun.ascending_sorting = True
    handle = client.begin_list_messages_by_page(MailQuery("'Subject' Contains 'Minutes'"), PageInfo(3), begun)
    found = client.end_list_messages_by_page(handle)
    print(f"The first {found.items.count} of {found.total_count} found: {[info.subject for info in found.items]}")
