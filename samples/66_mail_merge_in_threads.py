"""Let several threads send with one client, each over a connection of its own.

Shows: SmtpClient.CreateConnection in threads and Send inside of it; MailMessage.Clone; MaxConnectionsPerServer.
"""

import threading

from _server import mail_server

from mailclients import MailMessage, SmtpClient

NAMES = ["Anna", "Ben", "Carla", "David", "Elena", "Filip"]
sent: list[str] = []


def send_to(client: SmtpClient, template: MailMessage, names: list[str]) -> None:
    with client.create_connection():
        for name in names:
            letter = template.clone()  # threads share the template and change none of it
            letter.subject = f"For {name}"
            letter.body = template.body.replace("NAME", name)
            client.send(letter)
            sent.append(f"{letter.subject}: {letter.body}")


with mail_server("smtp") as server, SmtpClient(server.host, server.port, server.user, server.password) as client:
    client.max_connections_per_server = 4
    template = MailMessage("ann@example.com", server.address, "", "Dear NAME, you are invited.")
    threads = [threading.Thread(target=send_to, args=(client, template, NAMES[start::3])) for start in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for line in sorted(sent):
        print(line)
    print(f"{len(sent)} letters over {client.pool.peak} connections at most.")
