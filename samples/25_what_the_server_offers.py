"""Find out what a server can do, who it is, and where its folders begin.

Shows: GetCapabilities, MoveSupported and its like, SupportedAuthentication, ThreadAlgorithms, IntroduceClient with an
ImapIdentificationInfo, GetNamespaces, Delimiter.
"""

from _server import mail_server

from mailclients import ImapClient, ImapIdentificationInfo, ImapKnownAuthenticationType

with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    print("Capabilities:", " ".join(client.get_capabilities()))
    extensions = {
        "MOVE": client.move_supported,
        "UIDPLUS": client.uid_plus_supported,
        "QUOTA": client.quota_supported,
        "SORT": client.sort_supported,
        "THREAD": client.thread_supported,
        "COMPRESS": client.compress_supported,
    }
    for name, supported in extensions.items():
        print(f"    {name}: {'yes' if supported else 'no'}")
    ways = [way.name for way in ImapKnownAuthenticationType if way and way in client.supported_authentication]
    print(f"Ways to sign in: {', '.join(map(str, ways))}; threads by: {client.thread_algorithms or 'nothing'}")

    if client.id_supported:
        own = ImapIdentificationInfo()
        own.name = "sample"
        print(f"The server says of itself: {client.introduce_client(own)}")
    for namespace in client.get_namespaces():
        kind, delimiter = namespace.namespace_type.name, namespace.hierarchy_delimiter
        print(f"{kind} folders begin with {namespace.prefix!r}, and {delimiter!r} stands between levels.")
    client.move_supported = False  # the client does without from now on
    print(f"MOVE, once it is declined: {client.move_supported}")
