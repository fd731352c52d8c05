"""See how full an account is, and set a limit where that is allowed.

Shows: QuotaSupported, GetQuotaRoot, GetQuota, SetQuota, ImapQuota with ResourceName, Used and Limit.
"""

from _server import mail_server

from mailclients import ImapClient, MailClientError

with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    if not client.quota_supported:
        raise SystemExit("The server says nothing about quota.")
    for root in client.get_quota_root("INBOX"):
        print(f"{root.mailbox_name} belongs to the root {root.quota_root_name!r}, limits: {len(root.quotas)}")
        try:
            # In units of 1,024 bytes. Most servers leave this to their administrators.
            client.set_quota(root.quota_root_name, "STORAGE", 100_000)
        except MailClientError as error:
            print(f"Limits are not ours to set: {error}")
        for quota in client.get_quota(root.quota_root_name):
            percent = 100 * quota.used / quota.limit
            print(f"{quota.resource_name}: {quota.used} of {quota.limit} KiB are in use, {percent:.1f} percent.")
