"""`MailQueryBuilder`: a query put together comparison by comparison.

A builder keeps what was asked of it until `get_query` joins it; it belongs to one thread at a time.
"""

from __future__ import annotations

from mailclients.errors import ArgumentTypeError, AsposeArgumentException, AsposeArgumentNullException, escape
from mailclients.mime.charsets import codec_for_writing
from mailclients.names import NamesChecked
from mailclients.search.fields import CollectedField, DateComparisonField, StringComparisonField
from mailclients.search.grammar import combined_order
from mailclients.search.queries import MailQuery
from mailclients.search.tree import Node, all_of

__all__ = ["MailQueryBuilder"]

_UTF8 = "utf-8"


class MailQueryBuilder(NamesChecked):
    """Puts a query together (.NET: ``MailQueryBuilder``).

    Every comparison of a field is both recorded here and given back: ``builder.subject.contains("x")`` on a line of
    its own counts for `get_query`, which joins all that were recorded by and. `either` takes two of them out again
    and records that one of them is enough.

    Args:
        default_encoding: the charset in which a server is sent text beyond ASCII; UTF-8 if None.

    Raises:
        ArgumentTypeError: `default_encoding` is neither a str nor None.
        AsposeArgumentException: there is no such charset, or commands cannot be written in it.
    """

    def __init__(self, default_encoding: str | None = None) -> None:
        if default_encoding is not None and not isinstance(default_encoding, str):
            raise ArgumentTypeError(f"default_encoding must be a str, not {type(default_encoding).__name__}")
        self._charset = default_encoding or _UTF8
        codec = codec_for_writing(self._charset)
        if codec is None or "a".encode(codec) != b"a":  # commands are ASCII around it
            raise AsposeArgumentException(
                f"default_encoding: no charset for searching is {escape(self._charset[:40])!r}"
            )
        self._codec = codec
        self._recorded: list[MailQuery] = []
        self._order: list[tuple[str, bool]] = []
        self._bcc = StringComparisonField(self, "Bcc")
        self._body = StringComparisonField(self, "Body")
        self._cc = StringComparisonField(self, "Cc")
        self._from = StringComparisonField(self, "From")
        self._internal_date = DateComparisonField(self, "InternalDate")
        self._sent_date = DateComparisonField(self, "SentDate")
        self._subject = StringComparisonField(self, "Subject")
        self._text = StringComparisonField(self, "Text")
        self._to = StringComparisonField(self, "To")

    # what fields tell

    def _query(self, node: Node) -> MailQuery:
        return MailQuery._of(node, charset=None if self._codec == "utf_8" else self._charset)

    def _record(self, node: Node, instead_of: MailQuery | None = None) -> MailQuery:
        """Records a query, in the place of an older one if that still counts."""
        query = self._query(node)
        for index, each in enumerate(self._recorded):
            if each is instead_of:
                self._recorded[index] = query
                return query
        self._recorded.append(query)
        return query

    def _order_by(self, name: str, ascending: bool) -> None:
        self._order.append((name, ascending))

    def _encodable(self, text: str, what: str) -> str:
        try:
            text.encode(self._codec)
        except UnicodeEncodeError:
            pass  # its error would carry the text
        else:
            return text
        raise AsposeArgumentException(f"{what}: it cannot be written in the charset {self._charset}")

    # fields

    @property
    def bcc(self) -> StringComparisonField:
        """The recipients of blind copies (.NET: ``Bcc``)."""
        return self._bcc

    @property
    def body(self) -> StringComparisonField:
        """The text of the message without its header (.NET: ``Body``)."""
        return self._body

    @property
    def cc(self) -> StringComparisonField:
        """The recipients of copies (.NET: ``Cc``)."""
        return self._cc

    @property
    def default_encoding(self) -> str:
        """The charset of text beyond ASCII (.NET: ``DefaultEncoding``)."""
        return self._charset

    @property
    def from_address(self) -> StringComparisonField:
        """The authors (.NET: ``From``)."""
        return self._from

    @property
    def internal_date(self) -> DateComparisonField:
        """When the server took the message (.NET: ``InternalDate``)."""
        return self._internal_date

    @property
    def sent_date(self) -> DateComparisonField:
        """The date that the sender gave (.NET: ``SentDate``)."""
        return self._sent_date

    @property
    def subject(self) -> StringComparisonField:
        """The subject (.NET: ``Subject``)."""
        return self._subject

    @property
    def text(self) -> StringComparisonField:
        """Header and body together (.NET: ``Text``)."""
        return self._text

    @property
    def to(self) -> StringComparisonField:
        """The recipients (.NET: ``To``)."""
        return self._to

    # queries

    def get_query(self) -> MailQuery:
        """Give what was recorded so far, joined by and; everything if there is nothing (.NET: ``GetQuery``)."""
        found = self._query(all_of([query._node for query in self._recorded]))
        ends = 0
        for query in self._recorded:
            ends |= query._ends
        allowed = any(query._client_filter for query in self._recorded)
        return MailQuery._of(found._node, combined_order(self._order), ends, found._charset, allowed)

    def either(self, query1: MailQuery | CollectedField, query2: MailQuery | CollectedField) -> MailQuery:
        """Record that one of two queries is enough, and give that back (.NET: ``Or``).

        Args:
            query1: a query, or a field of sets; where this builder recorded it, it no longer counts for itself.
            query2: another one, likewise.

        Raises:
            ArgumentTypeError: an argument is no query.
        """
        first, second = _query_of(query1, "query1"), _query_of(query2, "query2")
        both = first | second
        self._recorded = [each for each in self._recorded if each is not first and each is not second]
        self._recorded.append(both)
        return both

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.get_query()}>"


def _query_of(value: object, what: str) -> MailQuery:
    """The query that is meant.

    Raises:
        AsposeArgumentNullException: it is None.
        ArgumentTypeError: it is something else.
        AsposeInvalidOperationException: it is a field, and nothing was added to it.
    """
    if isinstance(value, CollectedField):
        return value.create_query()
    if value is None:
        raise AsposeArgumentNullException(f"{what} is None: pass a MailQuery")
    if not isinstance(value, MailQuery):
        raise ArgumentTypeError(f"{what} must be a MailQuery, not {type(value).__name__}")
    return value
