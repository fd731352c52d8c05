"""Decide yourself whether a server's certificate is the right one: only the one that is known is accepted.

Shows: the constructor with a UserCertificateValidationCallback, SecurityOptions.SSLExplicit.

The callback alone decides, so it has to look. Here the fingerprint of the certificate is compared; the first connection
only tells what it is.
"""

import hashlib

from _server import mail_server

from mailclients import ImapClient, SecurityError, SecurityOptions

known: set[str] = set()


def is_known(sender: object, certificate: bytes, chain: object, errors: object) -> bool:
    """Called with the certificate as DER bytes, before anything secret is sent."""
    fingerprint = hashlib.sha256(certificate).hexdigest()
    print(f"The certificate is {fingerprint[:16]}...")
    accepted = fingerprint in known
    known.add(fingerprint)  # in earnest: ask a human
    return accepted


with mail_server("starttls") as server:
    for _ in range(2):
        login = (server.host, server.port, server.user, server.password)
        with ImapClient(*login, is_known, SecurityOptions.SSL_EXPLICIT) as client:
            try:
                client.login()
                print("Accepted, and signed in.")
            except SecurityError as error:
                print(f"Refused: {error}")
