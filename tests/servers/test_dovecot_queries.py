"""The same queries, answered by Dovecot and by the client on the same messages."""

from __future__ import annotations

import imaplib
import random
from collections.abc import Iterator

import pytest

from mailclients import AsposeNotSupportedException, ImapClient, MailQuery, Pop3Client, SecurityOptions
from mailclients.mime.headers import HeaderCollection
from mailclients.search.evaluation import Candidate, compiled, with_criteria_read
from mailclients.search.tree import FlagTest, leaves
from tests.servers.dovecot import Dovecot
from tests.support.query_corpus import CORPUS, QUERIES

EXACT = [text for text, needs_client in QUERIES if not needs_client]
ROUGH = [text for text, needs_client in QUERIES if needs_client]


@pytest.fixture(scope="module")
def account(dovecot: Dovecot) -> str:
    user = dovecot.new_user()
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port, timeout=30) as session:
        session.login(user, dovecot.password)
        for mail in CORPUS:
            flags = f"({' '.join(mail.flags)})"
            done, _ = session.append("INBOX", flags, mail.received, mail.content)
            assert done == "OK"
    return user


@pytest.fixture(scope="module")
def client(dovecot: Dovecot, account: str) -> Iterator[ImapClient]:
    with ImapClient(dovecot.host, dovecot.imap_port, account, dovecot.password, SecurityOptions.NONE) as client:
        client.timeout = 60_000
        yield client


@pytest.fixture(scope="module")
def candidates(client: ImapClient) -> list[Candidate]:
    infos = client.list_messages(MailQuery("'Deleted' = 'True' | 'Deleted' = 'False'"))
    assert [info.size for info in infos] == [len(mail.content) for mail in CORPUS]
    return [
        Candidate(
            header=HeaderCollection.parse(mail.content),
            content=mail.content,
            flags=info.flags,
            size=info.size,
            received=info.internal_date,
            unique_id=info.unique_id,
            number=info.sequence_number,
        )
        for info, mail in zip(infos, CORPUS, strict=True)
    ]


def evaluated(query: MailQuery, candidates: list[Candidate]) -> list[str]:
    """Unique ids of what the client finds; deleted messages are listed only where a query asks for them."""
    node = with_criteria_read(query._node)
    test = compiled(node, {})
    deleted = any(isinstance(leaf, FlagTest) and leaf.flag == "\\Deleted" for leaf in leaves(node))
    return [c.unique_id for c in candidates if test(c) and (deleted or "\\Deleted" not in c.flags)]


@pytest.mark.parametrize("text", EXACT)
def test_the_server_finds_what_the_client_finds(client: ImapClient, candidates: list[Candidate], text: str) -> None:
    query = MailQuery(text)
    found = [info.unique_id for info in client.list_messages(query)]
    assert found == evaluated(query, candidates)


@pytest.mark.parametrize("text", ROUGH)
def test_what_a_server_cannot_search_for_is_refused_or_looked_at(
    client: ImapClient, candidates: list[Candidate], text: str
) -> None:
    query = MailQuery(text)
    with pytest.raises(AsposeNotSupportedException, match="with_client_filter"):
        client.list_messages(query)
    found = [info.unique_id for info in client.list_messages(query.with_client_filter())]
    assert found == evaluated(query, candidates)


def test_queries_about_something_find_some_and_not_all(candidates: list[Candidate]) -> None:
    """The table would prove nothing if its queries found nothing."""
    counts = [len(evaluated(MailQuery(text), candidates)) for text, _ in QUERIES]
    assert sum(0 < count < len(CORPUS) - 1 for count in counts) > len(QUERIES) * 3 // 4


def test_combinations_find_the_same(client: ImapClient, candidates: list[Candidate]) -> None:
    chance = random.Random(20240210)
    for _ in range(150):
        queries = [MailQuery(text) for text in chance.choices(EXACT + ROUGH, k=3)]
        first, second, third = (~query if chance.random() < 0.3 else query for query in queries)
        query = chance.choice([(first & second) | third, (first | second) & third, ~(first & second) & third])
        found = [info.unique_id for info in client.list_messages(query.with_client_filter())]
        assert found == evaluated(query, candidates), str(query)


def test_pop3_finds_the_same(dovecot: Dovecot, account: str, client: ImapClient) -> None:
    """By number, since all messages are there; flags are left out, and dates of receipt, which POP3 has not."""
    known = {info.unique_id: info.sequence_number for info in client.list_messages(MailQuery("OR DELETED UNDELETED"))}
    with Pop3Client(dovecot.host, dovecot.pop3_port, account, dovecot.password, SecurityOptions.NONE) as pop3:
        pop3.timeout = 60_000
        words = ("Seen", "Flagged", "Answered", "Deleted", "InternalDate", "UniqueId", "CustomSearch", "Keyword")
        for text, _ in QUERIES:
            if any(word in text for word in words):
                continue
            query = MailQuery(text).with_client_filter()
            anyhow = query & MailQuery("'Deleted' = 'True' | 'Deleted' = 'False'")
            expected = [known[info.unique_id] for info in client.list_messages(anyhow)]
            assert [info.sequence_number for info in pop3.list_messages(query)] == expected, text
