"""Threaded IMAP, POP3 and SMTP clients with begin/end pairs. The public names are gathered here."""
