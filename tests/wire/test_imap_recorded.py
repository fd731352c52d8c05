"""Recorded answers of real servers: read without losing a byte, whole and byte by byte."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from mailclients.wire.imap_responses import FetchResponse, UnknownResponse, body_part
from mailclients.wire.imap_strings import parse_datetime
from tests.wire.parsing import parse

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "transcripts" / "imap"
FILES = sorted(FOLDER.glob("*/*.txt")) if FOLDER.is_dir() else []

pytestmark = pytest.mark.skipif(not FILES, reason="the recorded server answers are not here")


def load(path: Path) -> bytes:
    data = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return data.replace(b"A########", b"A00000017")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_recorded_answer(path: Path) -> None:
    data = load(path)
    responses = parse(data)
    for response in responses:
        assert not isinstance(response, UnknownResponse) or response.name == "METADATA"
        if isinstance(response, FetchResponse):
            envelope = response.items.get("ENVELOPE")
            assert envelope is None or (len(tuple(envelope)) == 10 and not envelope.defects)
            structure = response.items.get("BODYSTRUCTURE")
            assert structure is None or body_part(structure) is not None
            date = response.items.get("INTERNALDATE")
            assert date is None or parse_datetime(date) is not None
    announced = len(re.findall(rb"(?m)^(?:\*|\+|A00000017|\[)[^\r]*\r$", data))
    assert len(responses) == announced


def test_all_recorded_answers_together() -> None:
    data = b"".join(load(path) for path in FILES)
    kinds = Counter(type(response).__name__ for response in parse(data))
    assert kinds["FetchResponse"] > 100
    assert kinds["TaggedResponse"] > 70
    assert kinds["ESearchResponse"] > 10
