"""Messages that several tests read."""

from __future__ import annotations

RICH = (
    b"Return-Path: <bounce@example.org>\r\n"
    b"Received: from a\r\n\tby b; Mon, 1 Jan 2024 00:00:00 +0000\r\n"
    b"Received: from c\r\n"
    b"From: =?iso-8859-1?Q?Andr=E9?= <andre@example.org>\r\n"
    b'To: a@example.org, "B, C" <bc@example.org>,\r\n Team: d@example.org, e@example.org;\r\n'
    b"Cc: (nobody)\r\n"
    b"Subject: =?utf-8?Q?Gr=C3=BC?= =?utf-8?Q?=C3=9Fe?= an\r\n alle\r\n"
    b"Date: Mon, 1 Jan 2024 12:30:00 +0100\r\n"
    b"Message-ID: <1@example.org>\r\n"
    b"X-Priority: 1 (Highest)\r\n"
    b"Sensitivity: Private\r\n"
    b"MIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="out er"\r\n'
    b"\r\n"
    b"preamble\r\n"
    b"--out er\r\n"
    b"Content-Type: multipart/alternative; boundary=in\r\n"
    b"\r\n"
    b"--in\r\n"
    b"Content-Type: text/plain; charset=iso-8859-1\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n"
    b"\r\n"
    b"Hall=F6 =\r\nda\r\n"
    b"--in\r\n"
    b"Content-Type: text/html; charset=utf-8\r\n"
    b"\r\n"
    b"<p>Hall\xc3\xb6</p>\r\n"
    b"--in--\r\n"
    b"--out er\r\n"
    b'Content-Type: application/pdf; name="x.pdf"\r\n'
    b"Content-Disposition: attachment; filename*0*=utf-8''r%C3%A9; filename*1=\"sum\xc3\xa9.pdf\"\r\n"
    b"Content-Transfer-Encoding: base64\r\n"
    b"Content-ID: <part1@example.org>\r\n"
    b"\r\n"
    b"JVBE\r\nRi0x\r\nLg==\r\n"
    b"--out er\r\n"
    b"Content-Type: message/rfc822\r\n"
    b"\r\n"
    b"Subject: inner\r\n\r\ntext\r\n"
    b"--out er--\r\n"
    b"epilogue\r\n"
)


def nested(levels: int) -> bytes:
    each = (b"Content-Type: multipart/mixed; boundary=b%d_\r\n\r\n--b%d_\r\n" % (n, n) for n in range(levels))
    return b"MIME-Version: 1.0\r\n" + b"".join(each) + b"\r\ninner"


_HEAD = b"From: a@b.example\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
_SIGNED = (
    b'Content-Type: multipart/signed; micalg=pgp-sha1;\r\n protocol="application/pgp-signature"; boundary=s\r\n'
    b"\r\n"
    b"--s\r\nContent-Type: text/plain;  charset=us-ascii\r\n\r\nsigned text\r\n"
    b"--s\r\nContent-Type: application/pgp-signature\r\n\r\n-----BEGIN PGP SIGNATURE-----\r\n--s--\r\n"
)
SIGNED = {
    "signed": _HEAD + _SIGNED,
    "encrypted": (
        _HEAD + b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=e\r\n\r\n'
        b"--e\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
        b"--e\r\nContent-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n--e--\r\n"
    ),
    "opaque signed": (
        _HEAD + b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nMIIB\r\n"
    ),
    "opaque, encrypted": (
        _HEAD + b"Content-Type: application/x-pkcs7-mime; name=smime.p7m\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nMIIB\r\n"
    ),
    "within, neither": (
        _HEAD + b"Content-Type: multipart/mixed; boundary=m\r\n\r\n"
        b"--m\r\n" + _SIGNED + b"\r\n--m\r\n\r\nfooter of a list\r\n--m--\r\n"
    ),
}
