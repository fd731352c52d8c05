"""The messages that measurements use: the same ones every time, of mixed sizes, 17 KB on average."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator

__all__ = ["messages"]

_WORDS = (
    "queue",
    "thread",
    "lease",
    "mailbox",
    "answer",
    "literal",
    "deadline",
    "envelope",
    "Straße",
    "naïve",
)
# (share in per mille, least and greatest size of the content in bytes)
_SIZES = ((550, 600, 3_000), (300, 3_000, 14_000), (100, 14_000, 60_000), (50, 90_000, 270_000))


def _lines(data: bytes) -> str:
    text = base64.b64encode(data).decode()
    return "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))


def _message(number: int, size: int, source: random.Random) -> bytes:
    head = [
        f"From: =?utf-8?q?Absender_{number}?= <sender{number % 89}@example.org>",
        "To: reader@example.org",
        f"Subject: =?utf-8?q?Bericht_{number}_=C3=BCber_Thema_{number % 17}?=",
        f"Date: {1 + number % 28:02d} Mar 2024 {number % 24:02d}:{number % 60:02d}:00 +0100",
        f"Message-ID: <fetch-{number}@example.org>",
        "MIME-Version: 1.0",
    ]
    text: list[str] = []
    length = 0
    while length < (size if size <= 20_000 else 1_500):
        text.append(" ".join(source.choices(_WORDS, k=9)))
        length += len(text[-1]) + 2
    plain = ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", *text]
    if size <= 20_000:
        return "\r\n".join([*head, *plain, ""]).encode()
    file = _lines(source.randbytes((size - length) * 3 // 4))
    parts = ['Content-Type: multipart/mixed; boundary="part"', "", "--part", *plain, "--part"]
    parts += ["Content-Type: application/octet-stream", "Content-Transfer-Encoding: base64"]
    parts += [f'Content-Disposition: attachment; filename="file{number}.bin"', "", file, "--part--", ""]
    return "\r\n".join([*head, *parts]).encode()


def messages(count: int) -> Iterator[bytes]:
    """`count` messages with CRLF line ends."""
    source = random.Random(20240317)
    weights = [share for share, _, _ in _SIZES]
    for number in range(1, count + 1):
        _, least, greatest = source.choices(_SIZES, weights)[0]
        yield _message(number, source.randint(least, greatest), source)


if __name__ == "__main__":
    sizes = sorted(map(len, messages(2_000)))
    mean, median = sum(sizes) // len(sizes), sizes[len(sizes) // 2]
    print(f"{len(sizes)} messages, {sum(sizes)} bytes, mean {mean}, median {median}")
