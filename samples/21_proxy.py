"""Reach the server through a proxy.

Shows: Proxy with HttpProxy and its Address and Port, SecurityOptions.SSLImplicit; SocksProxy with SocksVersion is
assigned in the same way.

A proxy on this machine may lead anywhere: clear text would have to be asked for by name, whatever the host is called.
"""

from _proxy import http_proxy
from _server import mail_server

from mailclients import HttpProxy, ImapClient, SecurityError, SecurityOptions

with mail_server("imaps") as server, http_proxy() as (address, port):
    with ImapClient(server.host, server.port, server.user, server.password) as client:
        client.security_options = SecurityOptions.SSL_IMPLICIT
        client.ca_file = server.ca_file
        client.proxy = HttpProxy(address, port)  # and a user name and a password, where it wants them
        client.select_folder("INBOX", True)
        print(f"The inbox has {client.list_messages().count} messages.")

    # The name of the server is looked up by the proxy; its certificate is verified here all the same.
    if server.ca_file is not None:
        with ImapClient(server.host, server.port, server.user, server.password) as client:
            client.security_options = SecurityOptions.SSL_IMPLICIT
            client.proxy = HttpProxy(address, port)
            try:
                client.login()
            except SecurityError as error:
                print(f"Without the authority's certificate: {error}")
