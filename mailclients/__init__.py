"""Threaded IMAP, POP3 and SMTP clients with begin/end pairs. The public names are gathered here."""

__version__ = "0.1.0"
