"""IMAP: the public client, its models, and the operations behind it."""
