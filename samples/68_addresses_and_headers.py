"""Read and write addresses, header fields and dates of a message, without a server.

Shows: MailAddress with Address, DisplayName, User and Host; MailAddressCollection; HeaderCollection with Add, Set,
GetValues and its indexers; Date, TimeZoneOffset, MessageId, XMailer.
"""

from datetime import datetime, timedelta, timezone

from mailclients import MailAddress, MailMessage

RECEIVED = b"""Received: by b.example.com; Thu, 2 May 2024 09:00:05 +0000
Received: by a.example.com; Thu, 2 May 2024 09:00:00 +0000
From: =?utf-8?q?J=C3=B6rg_M=C3=BCller?= <joerg@example.com>
To: "Stone, Ann" <ann@example.com>, team: bob@example.com, carl@example.com;
Date: Thu, 2 May 2024 11:00:00 +0200
Subject: =?iso-8859-1?q?Gr=FC=DFe?=

Hello.
"""

message = MailMessage.from_bytes(RECEIVED.replace(b"\n", b"\r\n"))
sender = message.from_address or MailAddress("nobody@example.com")
print(f"{sender.display_name!r}, {sender.user!r} at {sender.host!r}, writes {message.subject!r}")
for address in message.to:
    print(f"    to {address.address}")
print(f"It came by {len(message.headers.get_values('received'))} servers, at {message.date}.")

message.to.add("Dora <dora@example.com>, emil@example.com")
message.headers.set("Subject", "Greetings")
message.headers.add("X-Tag", "one")
message.headers.add("X-Tag", "two")
message.date = datetime(2024, 5, 3, 8, 30, tzinfo=timezone(timedelta(hours=2)))
message.x_mailer = "sample"
print(f"{message.headers['X-Tag']!r}, {message.headers.get_values('X-Tag')}, {message.headers['Date']!r}")
print(f"{message.to.count} addresses; what was not changed goes out as it came: {message.headers.get_key(0)}")
