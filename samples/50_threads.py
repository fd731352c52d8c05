"""Show conversations: threaded by the server where it can, by the client elsewhere.

Shows: ThreadSupported, ThreadAlgorithms, GetMessageThreads with ThreadSearchConditions, MessageThreadResult with
ChildMessages; ListMessages with extra fields.
"""

from _server import mail_server

from mailclients import ImapClient, ImapMessageInfo, MessageThreadResult, ThreadSearchConditions


def depth(thread: MessageThreadResult) -> int:
    return 1 + max(map(depth, thread.child_messages), default=0)


with mail_server() as server, ImapClient(server.host, server.port, server.user, server.password) as client:
    client.select_folder("INBOX")
    if client.thread_supported:
        conditions = ThreadSearchConditions()
        conditions.use_u_id = True
        threads = client.get_message_threads(conditions)
        print(f"By the server, which knows {', '.join(client.thread_algorithms)}:")
        for thread in threads[:10]:
            print(f"    {depth(thread)} deep: {thread}")
    else:
        # Each message belongs where the one belongs that it answers.
        conversations: dict[str, list[ImapMessageInfo]] = {}
        for info in client.list_messages("INBOX", False, ["In-Reply-To"]):
            answered = conversations.get(info.extra_parameters.get("In-Reply-To", "").strip())
            conversation = answered if answered is not None else []
            conversation.append(info)
            conversations[info.message_id] = conversation
        print("The server has no THREAD; by the client:")
        threads_here = {id(conversation): conversation for conversation in conversations.values()}
        for conversation in threads_here.values():
            print(f"    {len(conversation)} messages: {conversation[0].subject} ... {conversation[-1].subject}")
