"""What a listing tells about a message: values decoded once, caches that stay small."""

from __future__ import annotations

from mailclients.imap.models import ImapMessageInfo
from mailclients.message import MailAddress
from mailclients.mime import message_infos

ADDRESS = (b"=?utf-8?q?J=C3=BCrgen?=", None, b"j", b"example.org")


def info_of(*addresses: object) -> ImapMessageInfo:
    return ImapMessageInfo(
        envelope=(b"date", b"subject", addresses, addresses, None, addresses, None, None, None, b"<i>")
    )


def test_each_field_has_addresses_of_its_own() -> None:
    first, second = info_of(ADDRESS, ADDRESS), info_of(ADDRESS)
    for address in (first.from_address, first.sender, first.to[0], first.to[1], second.from_address):
        assert isinstance(address, MailAddress)
        assert (address.address, address.display_name) == ("j@example.org", "Jürgen")
        assert address.original_address_string == "Jürgen <j@example.org>"
        address.display_name = "changed"
    assert info_of(ADDRESS).to[0].display_name == "Jürgen"
    first.to.clear()
    assert second.to.count == 1
    assert first.to.count == 0


def test_odd_entries_of_address_lists_are_left_out() -> None:
    group = (None, None, b"group", None), (None, None, None, None)
    entries = (*group, (1, 2, 3), "text", [b"", None, b"a\r\nb", "host"], (None, b"@route", b"c", b""), None, (b"n",))
    found = info_of(*entries)
    assert [address.address for address in found.to] == ["ab@host", "c"]
    assert str(found.from_address) == "ab@host"
    assert info_of(*group).from_address is None
    assert info_of((b"name", None, b"a", 5)).to[0].address == "a"
    assert ImapMessageInfo(envelope=(b"date",)).to.count == 0
    assert ImapMessageInfo(envelope=(b"date",)).message_id == ""


def test_H_J1_texts_that_are_kept_are_bounded_in_number_and_size() -> None:
    for number in range(3 * message_infos._CACHE_ENTRIES):
        address = (None, None, b"a%d" % number, b"example.org")
        assert info_of(address).to[0].address == f"a{number}@example.org"
        assert len(message_infos._texts) <= message_infos._CACHE_ENTRIES
    for part in range(4):
        long = [b"n", None, b"u", b"h"]
        long[part] = b"x" * (message_infos._CACHED + 1)
        assert info_of(tuple(long)).to.count == 1
        assert tuple(long) not in message_infos._texts
