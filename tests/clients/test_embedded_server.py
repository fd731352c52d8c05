"""The embedded server at its public surface: driven with imaplib and with raw sockets."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, timezone
from importlib.util import find_spec

import pytest

from mailclients.testing import Folder, MailServer, Message, MessageLike, sample_messages

pytestmark = pytest.mark.skipif(find_spec("twisted") is None, reason="the extra 'testing' is not installed")

ODD = b"".join(
    [
        b"From nobody Thu Feb  1 08:30:00 2024\r\n",
        b"subject :  spaced \xe9\r\n",
        b"X-Folded: one\r\n\ttwo\r\n  three\r\n",
        b"x-folded: again\r\n",
        b"no colon here\r\n",
        b"Content-Type: text/plain; charset=iso-8859-1\r\n",
        b"\r\n",
        b"Caf\xe9\nbare line feed\r\n.\r\n..\r\nnul \x00 and no end",
    ]
)
INNER = b"".join(
    [
        b"Subject: inner\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n",
        b"--in\r\n\r\nplain\r\n--in\r\nContent-Type: text/html\r\n\r\n<b>html</b>\r\n--in--",
    ]
)
NESTED = b"".join(
    [
        b"Subject: outer\r\n",
        b'Content-Type: multipart/mixed; boundary="a b"\r\n\r\n',
        b"preamble\r\n",
        b"--a b\r\nContent-Type: text/plain\r\n\r\nfirst\r\n",
        b"--a b\r\nContent-Type: message/rfc822\r\n\r\n",
        INNER,
        b"\r\n--a b--\r\nepilogue\r\n",
    ]
)


class Wire:
    """A raw connection that reads whole lines and literals."""

    def __init__(self, server: MailServer, *, login: bool = True) -> None:
        self.socket = socket.create_connection((server.host, server.imap_port), timeout=20)
        self._file = self.socket.makefile("rb")
        self.greeting = self.line()
        if login:
            assert b"OK" in self.command(b"LOGIN anna secret")[-1]

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def line(self) -> bytes:
        """One response, the literals in it included."""
        data = b""
        while True:
            data += self._file.readline()
            literal = re.search(rb"\{(\d+)\}\r\n\Z", data)
            if literal is None:
                return data
            data += self._file.read(int(literal[1]))

    def until(self, tag: bytes) -> list[bytes]:
        lines = [self.line()]
        while lines[-1] and not lines[-1].startswith(tag + b" "):
            lines.append(self.line())
        return lines

    def command(self, command: bytes, tag: bytes = b"t") -> list[bytes]:
        self.send(tag + b" " + command + b"\r\n")
        return self.until(tag)

    def close(self) -> None:
        self._file.close()
        self.socket.close()


@contextmanager
def wire(server: MailServer, *, login: bool = True) -> Generator[Wire, None, None]:
    opened = Wire(server, login=login)
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture(scope="module")
def shared() -> Iterator[MailServer]:
    """A server whose mail no test changes."""
    folders: dict[str, Folder | list[MessageLike]] = {
        "INBOX": [ODD, NESTED, *sample_messages(8)],
        "Archive": Folder([b"Subject: kept\r\n\r\nkept\r\n"], read_only=True, uid_validity=77),
        "Entwürfe/& mehr": [b"Subject: d\r\n\r\n"],
        "Sent": Folder(subscribed=False),
    }
    with MailServer({"anna": "secret", "bea": 'with "quote" \\ and é'}, {"anna": folders}) as server:
        yield server


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A server of this test alone."""
    contents = {"INBOX": [b"Subject: %d\r\n\r\nbody %d\r\n" % (n, n) for n in range(1, 6)], "Box": []}
    with MailServer({"anna": "secret"}, {"anna": contents}) as started:
        yield started


def imap(server: MailServer, user: str = "anna", password: str = "secret") -> imaplib.IMAP4:
    connection = imaplib.IMAP4(server.host, server.imap_port, timeout=20)
    connection.login(user, password)
    return connection


# -- signing in


def test_greeting_announces_capabilities(shared: MailServer) -> None:
    with wire(shared, login=False) as w:
        assert w.greeting.startswith(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN ")
        lines = w.command(b"CAPABILITY")
        for name in (b"IDLE", b"LITERAL+", b"MOVE", b"NAMESPACE", b"SASL-IR", b"UIDPLUS", b"UNSELECT"):
            assert name in lines[0].split()


def test_quotas_limit_all_folders_together() -> None:
    contents = {"Work": [b"Subject: a\r\n\r\n" + b"x" * 1500]}
    with MailServer({"ben": "secret"}, {"ben": contents}) as server, imap(server, "ben") as connection:
        assert connection.getquotaroot("Work") == ("OK", [[b'"Work" ""'], [b'"" ()']])
        assert connection.setquota('""', "(STORAGE 2 MESSAGE 2)") == ("OK", [b'"" (STORAGE 2 2 MESSAGE 1 2)'])
        connection.select("Work")
        assert b"[OVERQUOTA] There is no room: STORAGE" in connection.copy("1", "INBOX")[1][0]
        assert connection.append("INBOX", "", "", b"small")[0] == "OK"
        assert b"[OVERQUOTA] There is no room: MESSAGE" in connection.append("Work", "", "", b"small")[1][0]
        assert connection._simple_command("MOVE", "1", "INBOX")[0] == "OK", "moving takes no room"
        assert connection.getquota('""') == ("OK", [b'"" (STORAGE 2 2 MESSAGE 2 2)'])
        assert b"[NONEXISTENT]" in connection.getquota("other")[1][0]
    with MailServer({"ben": "secret"}, without=["QUOTA", "ENABLE"]) as server, imap(server, "ben") as connection:
        assert not {"QUOTA", "ENABLE"} & set(connection.capabilities)
        with pytest.raises(imaplib.IMAP4.error, match="not a command"):
            connection.getquota('""')


def test_ENABLE_is_for_sessions_without_a_folder(shared: MailServer) -> None:
    with wire(shared) as w:
        assert w.command(b"ENABLE UTF8=ACCEPT X-OTHER")[0] == b"* ENABLED\r\n"
        w.command(b"EXAMINE INBOX")
        assert w.command(b"ENABLE CONDSTORE")[-1].startswith(b"t BAD")


def test_wrong_password_and_unknown_user_are_refused_alike(shared: MailServer) -> None:
    with wire(shared, login=False) as w:
        wrong = w.command(b"LOGIN anna wrong")
        assert wrong[-1].startswith(b"t NO [AUTHENTICATIONFAILED]")
        assert w.command(b"LOGIN nobody secret") == wrong
        assert w.command(b"SELECT INBOX")[-1].startswith(b"t BAD")


def test_login_reads_quoted_strings_and_literals(shared: MailServer) -> None:
    secret = 'with "quote" \\ and é'.encode()
    with wire(shared, login=False) as w:
        w.send(b"a LOGIN {3}\r\n")
        assert w.line().startswith(b"+ ")
        w.send(b"bea {%d}\r\n" % len(secret))
        assert w.line().startswith(b"+ ")
        w.send(secret + b"\r\n")
        assert w.until(b"a")[-1].startswith(b"a OK [CAPABILITY ")
    with wire(shared, login=False) as w:
        assert b" OK " in w.command(b"LOGIN bea {%d+}\r\n" % len(secret) + secret)[-1]


def test_authenticate_plain_with_and_without_initial_response(shared: MailServer) -> None:
    with wire(shared, login=False) as w:
        assert b"t OK" in w.command(b"AUTHENTICATE PLAIN AGFubmEAc2VjcmV0")[-1]
    connection = imaplib.IMAP4(shared.host, shared.imap_port, timeout=20)
    assert connection.authenticate("PLAIN", lambda _: b"\0anna\0secret")[0] == "OK"
    connection.logout()
    with wire(shared, login=False) as w:
        assert w.command(b"AUTHENTICATE PLAIN AGFubmEAd3Jvbmc=")[-1].startswith(b"t NO [AUTHENTICATIONFAILED]")
        assert w.command(b"AUTHENTICATE PLAIN AAAA!")[-1].startswith(b"t BAD")
        w.send(b"u AUTHENTICATE PLAIN\r\n")
        assert w.line() == b"+ \r\n"
        w.send(b"*\r\n")
        assert w.line().startswith(b"u BAD")
        assert b"t OK" in w.command(b"LOGIN anna secret")[-1]


def test_connections_beyond_the_limit_are_refused_until_one_ends() -> None:
    with (
        MailServer({"anna": "secret", "ben": "b"}, max_connections_per_user=2) as server,
        ExitStack() as open_,
    ):
        first = imap(server)
        open_.callback(imap(server).logout)
        assert server.connection_count("anna") == 2
        with wire(server, login=False) as w:
            assert w.command(b"LOGIN anna secret")[-1].startswith(b"t NO [LIMIT] ")
            assert b"t NO [AUTHENTICATIONFAILED]" in w.command(b"LOGIN anna wrong")[-1]
            first.logout()
            assert server.connection_count("anna") == 1
            assert b"t OK" in w.command(b"LOGIN ben b")[-1]
        open_.callback(imap(server).logout)


# -- folders


def test_folder_names_cross_in_modified_utf7(shared: MailServer) -> None:
    with wire(shared) as w:
        lines = w.command(b'LIST "" "*"')
        assert lines[0] == b'* LIST (\\HasNoChildren) "/" "INBOX"\r\n'
        assert b'* LIST (\\HasChildren) "/" "Entw&APw-rfe"\r\n' in lines
        assert b'* LIST (\\HasNoChildren) "/" "Entw&APw-rfe/&- mehr"\r\n' in lines
        assert b'* LIST (\\HasNoChildren \\Sent) "/" "Sent"\r\n' in lines
        assert b'"Entw&APw-rfe/&- mehr"' not in b"".join(w.command(b'LIST "" %'))
        assert b"1 EXISTS" in b"".join(w.command(b'EXAMINE "Entw&APw-rfe/&- mehr"'))
        assert w.command(b"EXAMINE Entw&AP")[-1].startswith(b"t BAD")
        assert w.command(b'LIST "" ""')[0] == b'* LIST (\\Noselect) "/" ""\r\n'
        assert b'"Sent"' not in b"".join(w.command(b'LSUB "" *'))
        assert b'* NAMESPACE (("" "/")) NIL NIL\r\n' in w.command(b"NAMESPACE")


def test_folders_are_made_renamed_and_deleted(server: MailServer) -> None:
    connection = imap(server)
    assert connection.create("Work/2024/Q1")[0] == "OK"
    assert connection.create("Work")[0] == "NO"
    assert connection.rename("Work/2024", "Old")[0] == "OK"
    assert server.folders("anna") == ["INBOX", "Box", "Old", "Old/Q1", "Work"]
    assert connection.delete("Old")[0] == "OK"  # it stays as a name above Old/Q1
    assert connection.select("Old")[0] == "NO"
    assert connection.delete("Old/Q1")[0] == "OK"
    assert connection.delete("INBOX")[0] == "NO"
    assert connection.rename("inbox", "Before")[0] == "OK"
    assert connection.select("INBOX") == ("OK", [b"0"])
    assert connection.select("Before") == ("OK", [b"5"])
    assert connection.unsubscribe("INBOX")[0] == "OK"
    assert connection.lsub()[1] == [b'() "/" "Box"']
    connection.logout()


def test_select_tells_everything_and_examine_is_read_only(shared: MailServer) -> None:
    with wire(shared) as w:
        text = b"".join(w.command(b"EXAMINE inbox"))
        assert b"* 10 EXISTS\r\n" in text
        assert b"[UIDNEXT 11]" in text
        assert re.search(rb"\[UIDVALIDITY [1-9]\d*\]", text)
        assert b"[PERMANENTFLAGS ()]" in text
        assert b"t OK [READ-ONLY]" in text
        w.command(b"FETCH 1 BODY[]")
        assert w.command(b"FETCH 1 FLAGS")[0] == b"* 1 FETCH (FLAGS (\\Recent))\r\n"
        assert w.command(b"STORE 1 FLAGS (\\Seen)")[-1].startswith(b"t NO")
        assert w.command(b"EXPUNGE")[-1].startswith(b"t NO")
        text = b"".join(w.command(b"SELECT Archive"))
        assert b"[UIDVALIDITY 77]" in text
        assert b"t OK [READ-ONLY]" in text
        assert w.command(b"SELECT Nowhere")[-1].startswith(b"t NO [NONEXISTENT]")
        assert w.command(b"FETCH 1 FLAGS")[-1].startswith(b"t BAD")  # a failed SELECT leaves none selected


def test_status_and_unselect(server: MailServer) -> None:
    connection = imap(server)
    connection.select()
    connection.store("1:2", "+FLAGS", "(\\Seen \\Deleted)")
    assert connection.unselect()[0] == "OK"
    found = connection.status("INBOX", "(MESSAGES UNSEEN UIDNEXT RECENT)")
    assert found == ("OK", [b'"INBOX" (MESSAGES 5 UNSEEN 3 UIDNEXT 6 RECENT 0)'])
    with pytest.raises(imaplib.IMAP4.error, match="BAD"):
        connection.status("INBOX", "(COLOUR)")
    connection.select()
    assert connection.close()[0] == "OK"
    assert [message.uid for message in server.messages("anna")] == [3, 4, 5]
    connection.logout()


# -- messages


def test_bodies_come_back_byte_for_byte(shared: MailServer) -> None:
    with wire(shared) as w:
        w.command(b"EXAMINE INBOX")
        for number, content in enumerate([ODD, NESTED, *(each.content for each in sample_messages(8))], 1):
            for name in (b"BODY[]", b"RFC822"):
                response = w.command(b"FETCH %d %b" % (number, name))[0]
                assert response == b"* %d FETCH (%b {%d}\r\n%b)\r\n" % (number, name, len(content), content)
            response = w.command(b"FETCH %d (RFC822.SIZE BODY.PEEK[HEADER] BODY.PEEK[TEXT])" % number)[0]
            literals = re.match(rb"\* \d+ FETCH \(RFC822.SIZE %d BODY\[HEADER\] \{(\d+)\}\r\n" % len(content), response)
            assert literals is not None
            size = int(literals[1])
            header = response[literals.end() : literals.end() + size]
            assert content.startswith(header)
            assert response.endswith(b"\r\n" + content[size:] + b")\r\n")


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        (b"1", b"first"),
        (b"1.MIME", b"Content-Type: text/plain\r\n\r\n"),
        (b"2.HEADER", b"Subject: inner\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n"),
        (b"2.HEADER.FIELDS (SUBJECT)", b"Subject: inner\r\n\r\n"),
        (b"2.TEXT", b"--in\r\n\r\nplain\r\n--in\r\nContent-Type: text/html\r\n\r\n<b>html</b>\r\n--in--"),
        (b"2.1", b"plain"),
        (b"2.2", b"<b>html</b>"),
        (b"2.2.MIME", b"Content-Type: text/html\r\n\r\n"),
        (b"3", None),
        (b"1.1", None),
        (b"2.2.1", None),
        (b"1.HEADER", None),
    ],
)
def test_sections_of_a_nested_message(shared: MailServer, section: bytes, expected: bytes | None) -> None:
    with wire(shared) as w:
        w.command(b"EXAMINE INBOX")
        value = b"NIL" if expected is None else b"{%d}\r\n%b" % (len(expected), expected)
        assert w.command(b"FETCH 2 BODY.PEEK[%b]" % section)[0] == (b"* 2 FETCH (BODY[%b] %b)\r\n" % (section, value))


def test_header_fields_keep_their_form(shared: MailServer) -> None:
    with wire(shared) as w:
        w.command(b"EXAMINE INBOX")
        chosen = b"X-Folded: one\r\n\ttwo\r\n  three\r\nx-folded: again\r\n\r\n"
        assert w.command(b"FETCH 1 BODY.PEEK[HEADER.FIELDS (x-folded)]")[0] == (
            b"* 1 FETCH (BODY[HEADER.FIELDS (x-folded)] {%d}\r\n%b)\r\n" % (len(chosen), chosen)
        )
        others = w.command(b"FETCH 1 BODY.PEEK[HEADER.FIELDS.NOT (X-FOLDED)]")[0]
        assert b"subject :  spaced \xe9\r\n" in others
        assert b"olded: " not in others


def test_partial_fetch(shared: MailServer) -> None:
    with wire(shared) as w:
        w.command(b"EXAMINE INBOX")
        assert w.command(b"FETCH 2 BODY.PEEK[]<3.7>")[0] == b"* 2 FETCH (BODY[]<3> {7}\r\nject: o)\r\n"
        assert w.command(b"FETCH 2 BODY.PEEK[]<99999.7>")[0] == b"* 2 FETCH (BODY[]<99999> {0}\r\n)\r\n"


def test_body_structure_and_envelope(shared: MailServer) -> None:
    with wire(shared) as w:
        w.command(b"EXAMINE INBOX")
        assert w.command(b"FETCH 2 BODY")[0] == (
            b'* 2 FETCH (BODY (("TEXT" "PLAIN" ("CHARSET" "us-ascii") NIL NIL "7BIT" 5 0)'
            b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" %d (NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL)'
            b' (("TEXT" "PLAIN" ("CHARSET" "us-ascii") NIL NIL "7BIT" 5 0)'
            b'("TEXT" "HTML" ("CHARSET" "us-ascii") NIL NIL "7BIT" 11 0) "ALTERNATIVE") %d) "MIXED"))\r\n'
            % (len(INNER), INNER.count(b"\n"))
        )
        assert b"ENVELOPE (NIL {8}\r\nspaced \xe9 NIL" in w.command(b"FETCH 1 ENVELOPE")[0]


def test_envelope_addresses() -> None:
    message = (
        b'From: "Berg, \\"A\\"" <anna@example.com>, ben@example.org (Ben)\r\n'
        b"To: Team: c@example.net, D <d@example.net>;, undisclosed:;\r\n"
        b"Cc: <@relay.example:e@example.net>\r\n\r\n"
    )
    with MailServer({"anna": "secret"}, {"anna": [message]}) as server, wire(server) as w:
        w.command(b"EXAMINE INBOX")
        author = b'(("Berg, \\"A\\"" NIL "anna" "example.com")("Ben" NIL "ben" "example.org"))'
        to = (
            b'((NIL NIL "Team" NIL)(NIL NIL "c" "example.net")("D" NIL "d" "example.net")(NIL NIL NIL NIL)'
            b'(NIL NIL "undisclosed" NIL)(NIL NIL NIL NIL))'
        )
        cc = b'((NIL "@relay.example" "e" "example.net"))'
        assert w.command(b"FETCH 1 ENVELOPE")[0] == (
            b"* 1 FETCH (ENVELOPE (NIL NIL %b %b %b %b %b NIL NIL NIL))\r\n" % (author, author, author, to, cc)
        )


def test_append_keeps_bytes_flags_and_date(server: MailServer) -> None:
    with wire(server) as w:
        w.command(b"SELECT INBOX")
        head = b'APPEND inbox (\\seen $Work) "05-Mar-2021 10:11:12 -0330" '
        lines = w.command(head + b"{%d+}\r\n%b" % (len(ODD), ODD))
        assert b"* 6 EXISTS\r\n" in lines
        assert re.match(rb"t OK \[APPENDUID \d+ 6\]", lines[-1])
        w.send(b"u APPEND Box {3}\r\n")
        assert w.line().startswith(b"+ ")
        w.send(b"a:b\r\n")
        assert re.match(rb"u OK \[APPENDUID \d+ 1\]", w.until(b"u")[-1])
        assert w.command(b"APPEND Nowhere {3+}\r\na:b")[-1].startswith(b"t NO [TRYCREATE]")
        assert w.command(b'APPEND Box "31-Feb-2021 10:11:12 +0000" {3+}\r\na:b')[-1].startswith(b"t BAD")
        assert b'INTERNALDATE "05-Mar-2021 10:11:12 -0330"' in w.command(b"UID FETCH 6 INTERNALDATE")[0]
    stored = server.messages("anna")[-1]
    assert stored.content == ODD
    assert stored.flags == ("\\Seen", "$Work")
    assert stored.internal_date == datetime(2021, 3, 5, 13, 41, 12, tzinfo=timezone.utc)


def test_store_and_seen(server: MailServer) -> None:
    with wire(server) as w:
        w.command(b"SELECT INBOX")
        assert w.command(b"FETCH 1 BODY.PEEK[TEXT]")[0] == b"* 1 FETCH (BODY[TEXT] {8}\r\nbody 1\r\n)\r\n"
        assert w.command(b"FETCH 1 BODY[TEXT]")[0] == (
            b"* 1 FETCH (BODY[TEXT] {8}\r\nbody 1\r\n FLAGS (\\Seen \\Recent))\r\n"
        )
        assert w.command(b"STORE 1 FLAGS (\\Flagged a)")[0] == b"* 1 FETCH (FLAGS (\\Flagged a \\Recent))\r\n"
        assert w.command(b"UID STORE 1:2 +FLAGS \\Draft")[:2] == [
            b"* 1 FETCH (UID 1 FLAGS (\\Draft \\Flagged a \\Recent))\r\n",
            b"* 2 FETCH (UID 2 FLAGS (\\Draft \\Recent))\r\n",
        ]
        assert w.command(b"STORE 1 -FLAGS.SILENT (\\Draft A)") == [b"t OK STORE completed\r\n"]
        assert w.command(b"FETCH 1 FLAGS")[0] == b"* 1 FETCH (FLAGS (\\Flagged \\Recent))\r\n"
        assert w.command(b"STORE 1 +FLAGS (\\Recent)")[-1].startswith(b"t BAD")
        assert w.command(b"STORE 9 +FLAGS (\\Seen)")[-1].startswith(b"t BAD")
        assert w.command(b"UID STORE 99 +FLAGS (\\Seen)") == [b"t OK UID STORE completed\r\n"]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("ALL", "1 2 3 4 5 6 7 8"),
        ("SEEN", "2 5 8"),
        ("UNSEEN UNDELETED", "1 3 4 6 7"),
        ("KEYWORD $Work", "8"),
        ("OR FLAGGED ANSWERED", "5 8"),
        ("NOT (OR SEEN 1:3)", "4 6 7"),
        ("SUBJECT minutes", "1 8"),
        ("FROM anna@", "1 6"),
        ("UID 2:3,8:*", "2 3 8"),
        ("3,*", "3 8"),
        ("ON 2-Feb-2024", "4 5 6"),
        ('SINCE "3-Feb-2024"', "7 8"),
        ("SENTBEFORE 2-Feb-2024", "1 2 3"),
        ("HEADER Message-ID sample-3", "4"),
        ("BODY budget", "1 8"),
        ("TEXT holidays LARGER 400", "8"),
        ("SMALLER 359", "1"),
        ("RECENT", "1 2 3 4 5 6 7 8"),
    ],
)
def test_search(samples_server: MailServer, keys: str, expected: str) -> None:
    with wire(samples_server) as w:
        w.command(b"EXAMINE INBOX")
        found = w.command(b"UID SEARCH " + keys.encode("ascii"))
        assert found[0] == b"* SEARCH" + "".join(f" {n}" for n in expected.split()).encode("ascii") + b"\r\n"


@pytest.fixture(scope="module")
def samples_server() -> Iterator[MailServer]:
    with MailServer({"anna": "secret"}, {"anna": sample_messages(8)}) as started:
        yield started


def test_search_in_other_scripts(samples_server: MailServer) -> None:
    with wire(samples_server) as w:
        w.command(b"EXAMINE INBOX")
        for text, number in (("отчёт", 4), ("смörgås", 0), ("smörgås", 3), ("会議", 7), ("καλημέρα", 2)):
            data = text.encode("utf-8")
            line = w.command(b"SEARCH CHARSET UTF-8 TEXT {%d+}\r\n%b" % (len(data), data))[0]
            assert line == (b"* SEARCH %d\r\n" % number if number else b"* SEARCH\r\n")
        assert w.command(b"SEARCH CHARSET KOI8-R TEXT x")[-1].startswith(b"t NO [BADCHARSET (UTF-8 US-ASCII)]")
        assert w.command(b"SEARCH COLOUR red")[-1].startswith(b"t BAD")
        assert w.command(b"SEARCH " + b"(" * 3000 + b"ALL" + b")" * 3000)[-1].startswith(b"t BAD")


def test_copy_move_and_expunge(server: MailServer) -> None:
    with wire(server) as w:
        w.command(b"SELECT INBOX")
        assert re.match(rb"t OK \[COPYUID \d+ 2,4 1,2\]", w.command(b"UID COPY 4,2 Box")[-1])
        assert w.command(b"COPY 1 Nowhere")[-1].startswith(b"t NO [TRYCREATE]")
        lines = w.command(b"MOVE 1 Box")
        assert re.match(rb"\* OK \[COPYUID \d+ 1 3\]", lines[0])
        assert lines[1:] == [b"* 1 EXPUNGE\r\n", b"t OK MOVE completed\r\n"]
        w.command(b"STORE 1:3 +FLAGS.SILENT (\\Deleted)")
        assert w.command(b"UID EXPUNGE 3,5") == [b"* 2 EXPUNGE\r\n", b"t OK UID EXPUNGE completed\r\n"]
        assert w.command(b"EXPUNGE") == [
            b"* 2 EXPUNGE\r\n",
            b"* 1 EXPUNGE\r\n",
            b"t OK EXPUNGE completed\r\n",
        ]
        assert w.command(b"FETCH 1:* UID")[0] == b"* 1 FETCH (UID 5)\r\n"
    assert [m.content[9:10] for m in server.messages("anna", "Box")] == [b"2", b"4", b"1"]


# -- several commands, several sessions


def test_pipelined_fetches_are_answered_in_order() -> None:
    bodies = [b"Subject: %d\r\n\r\n" % n + b"x" * (n * 37) for n in range(1, 201)]
    with MailServer({"anna": "secret"}, {"anna": bodies}) as server, wire(server) as w:
        w.command(b"SELECT INBOX")
        w.send(b"".join(b"a%d UID FETCH %d BODY.PEEK[]\r\n" % (n, n) for n in range(200, 0, -1)))
        for n in range(200, 0, -1):
            body = bodies[n - 1]
            assert w.line() == b"* %d FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (n, n, len(body), body)
            assert w.line() == b"a%d OK UID FETCH completed\r\n" % n


def test_a_conversation_in_one_write_and_in_single_bytes(server: MailServer) -> None:
    talk = (
        b"a LOGIN anna {6+}\r\nsecret\r\nb SELECT INBOX\r\nc APPEND Box (\\Seen) {3+}\r\na:b\r\n"
        b'd NOOP\r\ne STATUS "Box" (MESSAGES)\r\nf LOGOUT\r\n'
    )
    answers: list[list[bytes]] = []
    for step in (len(talk), 1):
        with wire(server, login=False) as w:
            for start in range(0, len(talk), step):
                w.send(talk[start : start + step])
            lines = w.until(b"f")
            answers.append([line.partition(b" ")[0] for line in lines if not line.startswith(b"*")])
            assert w.line() == b""
    assert answers == [[b"a", b"b", b"c", b"d", b"e", b"f"]] * 2
    assert len(server.messages("anna", "Box")) == 2


def test_other_sessions_are_told_when_they_may_be(server: MailServer) -> None:
    with wire(server) as one, wire(server) as two:
        one.command(b"SELECT INBOX")
        two.command(b"SELECT INBOX")
        two.command(b"STORE 2 +FLAGS (\\Deleted)")
        two.command(b"STORE 3 +FLAGS (\\Flagged)")
        two.command(b"EXPUNGE")
        two.command(b"APPEND INBOX {3+}\r\na:b")
        # no EXPUNGE while sequence numbers are in use; the new message comes behind the old ones
        lines = one.command(b"FETCH 4 UID")
        assert lines[0] == b"* 4 FETCH (UID 4)\r\n"
        assert b"* 6 EXISTS\r\n" in lines
        assert not any(b"EXPUNGE" in line for line in lines)
        assert b"* 3 FETCH (FLAGS (\\Flagged \\Recent))\r\n" in lines
        assert one.command(b"FETCH 2 UID")[0] == b"* 2 FETCH (UID 2)\r\n"
        assert one.command(b"NOOP") == [b"* 2 EXPUNGE\r\n", b"t OK NOOP completed\r\n"]
        assert one.command(b"NOOP") == [b"t OK NOOP completed\r\n"]
        assert one.command(b"FETCH 2,5 UID")[:2] == [b"* 2 FETCH (UID 3)\r\n", b"* 5 FETCH (UID 6)\r\n"]


def test_idle_is_told_at_once(server: MailServer) -> None:
    with wire(server) as w:
        w.command(b"SELECT INBOX")
        w.send(b"i IDLE\r\n")
        assert w.line().startswith(b"+ ")
        assert server.deliver("anna", b"Subject: new\r\n\r\n") == 6
        assert w.line() == b"* 6 EXISTS\r\n"
        assert w.line() == b"* 6 RECENT\r\n"
        other = imap(server)
        other.select()
        other.store("1", "+FLAGS", "(\\Seen)")
        assert w.line() == b"* 1 FETCH (FLAGS (\\Seen \\Recent))\r\n"
        w.send(b"DONE\r\n")
        assert w.line() == b"i OK IDLE completed\r\n"
        other.logout()


@pytest.mark.parametrize(
    "line",
    [
        b"t",
        b"t FETCH",
        b"t FETCH 0 FLAGS",
        b"t FETCH 1 (FLAGS",
        b"t FETCH 1 BODY[1.]",
        b"t FETCH 1 BODY[MIME]",
        b"t FETCH 1 BODY[]<0.0>",
        b"t FETCH 99999999999 FLAGS",
        b"t STORE 1 FLAGS",
        b"t SELECT",
        b't SELECT "open',
        b"t SELECT INBOX more",
        b"t NOOP more",
        b"t UID",
        b"t UID NOOP",
        b"t __CLASS__",
        b"t XYZZY",
        b"t LOGIN anna secret",
    ],
)
def test_bad_commands_are_answered_bad_and_harm_nothing(shared: MailServer, line: bytes) -> None:
    with wire(shared) as w:
        w.command(b"EXAMINE INBOX")
        w.send(line + b"\r\n")
        assert re.match(rb"(t|\*) BAD ", w.line())
        assert w.command(b"NOOP") == [b"t OK NOOP completed\r\n"]


def test_literals_beyond_the_limit_are_refused(shared: MailServer) -> None:
    with wire(shared) as w:
        assert w.command(b"APPEND INBOX {4294967295}")[-1].startswith(b"t NO [TOOBIG]")
        assert w.command(b"NOOP")[-1].startswith(b"t OK")
        w.send(b"t APPEND INBOX {4294967295+}\r\n")
        assert w.line().startswith(b"* BYE [TOOBIG]")
        assert w.line() == b""


def test_what_the_server_is_without_is_neither_shown_nor_done() -> None:
    with (
        MailServer({"anna": "secret"}, {"anna": [ODD]}, without=["idle", "UIDPLUS", "LITERAL+", "MOVE"]) as s,
        wire(s) as w,
    ):
        shown = w.command(b"CAPABILITY")[0].split()
        assert not {b"IDLE", b"UIDPLUS", b"LITERAL+", b"MOVE"} & set(shown)
        w.command(b"SELECT INBOX")
        assert w.command(b"IDLE")[-1].startswith(b"t BAD")
        assert w.command(b"MOVE 1 INBOX")[-1].startswith(b"t BAD")
        assert w.command(b"UID EXPUNGE 1")[-1].startswith(b"t BAD")
        assert w.command(b"COPY 1 INBOX")[-1] == b"t OK COPY completed\r\n"


# -- TLS


@pytest.fixture(scope="module")
def tls_server() -> Iterator[MailServer]:
    with MailServer({"anna": "secret"}, {"anna": [ODD]}, tls=True, require_tls=True) as started:
        yield started


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_tls_from_the_start_is_verified(tls_server: MailServer, name: str) -> None:
    context = ssl.create_default_context(cafile=tls_server.ca_file)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with (
        socket.create_connection((tls_server.host, tls_server.imaps_port), timeout=20) as raw,
        context.wrap_socket(raw, server_hostname=name) as secure,
        secure.makefile("rb") as file,
    ):
        greeting = file.readline()
        assert b"AUTH=PLAIN" in greeting
        assert b"STARTTLS" not in greeting
    with (
        socket.create_connection((tls_server.host, tls_server.imaps_port), timeout=20) as raw,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        ssl.create_default_context().wrap_socket(raw, server_hostname=name)


def test_starttls_protects_the_sign_in(tls_server: MailServer) -> None:
    context = ssl.create_default_context(cafile=tls_server.ca_file)
    connection = imaplib.IMAP4(tls_server.host, tls_server.imap_port, timeout=20)
    assert {"STARTTLS", "LOGINDISABLED"} <= set(connection.capabilities)
    with pytest.raises(imaplib.IMAP4.error, match="PRIVACYREQUIRED"):
        connection.login("anna", "secret")
    assert connection.starttls(context)[0] == "OK"
    assert "LOGINDISABLED" not in connection.capabilities
    assert connection.login("anna", "secret")[0] == "OK"
    connection.logout()


def test_what_is_sent_behind_starttls_in_the_clear_is_forgotten(tls_server: MailServer) -> None:
    context = ssl.create_default_context(cafile=tls_server.ca_file)
    with socket.create_connection((tls_server.host, tls_server.imap_port), timeout=20) as raw:
        assert raw.recv(4096).startswith(b"* OK")
        raw.sendall(b"a STARTTLS\r\nb LOGIN anna secret\r\n")
        assert raw.recv(4096).startswith(b"a OK")
        with context.wrap_socket(raw, server_hostname="localhost") as secure:
            secure.sendall(b"c CAPABILITY\r\n")
            assert secure.recv(4096).startswith(b"* CAPABILITY")
    assert tls_server.connection_count("anna") == 0


# -- messages as data


def test_sample_messages_are_always_the_same() -> None:
    assert sample_messages(20) == sample_messages(20)
    assert sample_messages(20)[:5] == sample_messages(5)
    dates = [each.internal_date for each in sample_messages(3)]
    assert dates[0] is not None
    assert dates[0].utcoffset() == timedelta(0)
    assert not any(re.search(rb"(?<!\r)\n|\r(?!\n)", each.content) for each in sample_messages(8))
    with pytest.raises(ValueError, match="negative"):
        sample_messages(-1)


def test_messages_delivered_through_the_server_object(server: MailServer) -> None:
    from email.message import EmailMessage

    written = EmailMessage()
    written["Subject"] = "built"
    written.set_content("hello\n")
    when = datetime(2020, 5, 6, 7, 8, 9, tzinfo=timezone(timedelta(hours=2)))
    assert server.deliver("anna", written, "Box") == 1
    assert server.deliver("anna", Message(ODD, ["\\seen"], when), "Box") == 2
    first, second = server.messages("anna", "Box")
    assert first.content.startswith(b"Subject: built\r\n")
    assert second == Message(ODD, ("\\Seen",), when, 2)
    with pytest.raises(ValueError, match="There is no such folder"):
        server.deliver("anna", ODD, "Nowhere")
    with pytest.raises(ValueError, match="no user 'zoe'"):
        server.messages("zoe")
