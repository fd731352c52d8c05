"""Queries: which messages are looked for, whoever looks.

`queries` has `MailQuery`, `builder` and `imap` the builders with their `fields`. What a query says is a tree of `tree`;
it is written as an expression by `grammar`, read from IMAP search criteria by `imap_keys`, and tried on messages by
`evaluation`. Compiling it for a server is the server's protocol's business. Everything but the builders is immutable;
a builder belongs to one thread at a time.
"""

from mailclients.search.queries import MailQuery

__all__ = ["MailQuery"]
