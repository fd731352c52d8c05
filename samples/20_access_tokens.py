"""Sign in with an access token of OAuth 2.0 in place of a password, and renew it when it has run out.

Shows: ITokenProvider, the constructor with one, OAuthToken with Expired, AccessToken.

The embedded server takes passwords only, and the sample shows how the client says so. For one that takes tokens give
--host, --user, and the token as --password.
"""

from datetime import datetime, timedelta, timezone

from _server import mail_server

from mailclients import ImapClient, MailClientError, OAuthToken, SecurityOptions


class Provider:
    """Asked at every sign-in, from any thread; asked for a new token when the server has refused one."""

    def __init__(self, token: str) -> None:
        self._token = OAuthToken(token, datetime.now(timezone.utc) + timedelta(hours=1))

    def get_access_token(self, ignore_existing_token: bool = False) -> OAuthToken:
        if ignore_existing_token or self._token.expired:
            print("Here a new token would be fetched with the refresh token.")
        return self._token


with mail_server("imaps") as server:
    provider = Provider(server.password)
    with ImapClient(server.host, server.port, server.user, provider, SecurityOptions.SSL_IMPLICIT) as client:
        client.ca_file = server.ca_file
        try:
            client.login()
            print("Signed in with a token of the provider.")
        except MailClientError as error:
            print(f"Not signed in: {error}")

    # A token that is at hand needs no provider.
    with ImapClient(server.host, server.port, SecurityOptions.SSL_IMPLICIT) as client:
        client.ca_file = server.ca_file
        client.username, client.access_token = server.user, server.password
        try:
            client.login()
            print("Signed in with the token.")
        except MailClientError as error:
            print(f"Nor with a token of its own: {error}")
