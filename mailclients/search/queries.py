"""`MailQuery`: a query as programs have it, from text or from a builder. Immutable; any thread."""

from __future__ import annotations

from typing_extensions import Self

from mailclients.names import NamesHinted
from mailclients.search.grammar import (
    Order,
    combined_order,
    is_expression,
    read_expression,
    read_order,
    write_expression,
    write_order,
)
from mailclients.search.imap_keys import checked_criteria
from mailclients.search.tree import Node, Raw, all_of, any_of, checked_text, negated

__all__ = ["MailQuery"]


class MailQuery(NamesHinted):
    """Which messages are looked for, and in which order they are wanted (.NET: ``MailQuery``).

    Queries combine: ``one & other``, ``one | other``, ``~one``.

    Args:
        query_string: an expression such as ``"('Subject' Contains 'invoice' & 'Seen' = 'False')"``, or IMAP search
            criteria as RFC 9051 section 6.4.4 writes them, such as ``'UNSEEN SUBJECT "invoice"'``. An expression
            begins with a quote, behind any ``(`` and ``!``; no search key does. Criteria are sent as they are; text
            beyond ASCII, which has to stand in double quotes, as literals in UTF-8.
        order_by_string: such as ``"'Subject' OrderBy 'ASC' & 'SentDate' OrderBy 'DESC'"``.

    Raises:
        ArgumentTypeError: an argument is no str.
        AsposeArgumentException: the expression or the order cannot be read: the error says where; or the criteria
            are empty, hold CR, LF or NUL, end like the announcement of a literal (``{5}``), behind which the server
            would wait for more, have a quote or parenthesis without a partner, or something else than printable
            ASCII outside quotes.
    """

    __slots__ = ("_charset", "_client_filter", "_ends", "_node", "_order")

    _node: Node
    _order: Order
    _ends: int  # of what is found: 1 the first, 2 the last, 3 both, 0 everything
    _charset: str | None  # for text beyond ASCII; UTF-8 if None
    _client_filter: bool

    def __init__(self, query_string: str, order_by_string: str | None = None) -> None:
        checked_text(query_string, "MailQuery(): query_string")
        ends = 0
        if is_expression(query_string):
            self._node, ends = read_expression(query_string)
        else:
            self._node = Raw(checked_criteria(query_string))
        order = "" if order_by_string is None else checked_text(order_by_string, "MailQuery(): order_by_string")
        self._order = read_order(order)
        self._ends = ends
        self._charset = None
        self._client_filter = False

    @classmethod
    def _of(
        cls,
        node: Node,
        order: Order = (),
        ends: int = 0,
        charset: str | None = None,
        client_filter: bool = False,
    ) -> Self:
        self = cls.__new__(cls)
        self._node = node
        self._order = order
        self._ends = ends
        self._charset = charset
        self._client_filter = client_filter
        return self

    @property
    def order_by_string(self) -> str:
        """The order in which the messages are wanted, or an empty string (.NET: ``OrderByString``)."""
        return write_order(self._order)

    @property
    def client_filter(self) -> bool:
        """Whether what the server cannot tell is looked at here; see `with_client_filter`."""
        return self._client_filter

    def with_client_filter(self) -> Self:
        """Give the same query, allowing the client to look at messages itself where that is needed.

        A comparison that the server cannot make, such as one with ``=`` or with the time of day, is an error
        otherwise. With it the server is asked for all messages that may meet the query; of these the client loads
        what it takes to tell (flags, dates and header fields, or the whole message for comparisons of bodies).
        """
        return self._of(self._node, self._order, self._ends, self._charset, True)

    def _combined(self, other: MailQuery, node: Node) -> Self:
        return self._of(
            node,
            combined_order((*self._order, *other._order)),
            self._ends | other._ends,
            self._charset if self._charset == other._charset else None,
            self._client_filter or other._client_filter,
        )

    def __and__(self, other: MailQuery) -> Self:
        if not isinstance(other, MailQuery):
            return NotImplemented
        return self._combined(other, all_of((self._node, other._node)))

    def __or__(self, other: MailQuery) -> Self:
        if not isinstance(other, MailQuery):
            return NotImplemented
        return self._combined(other, any_of((self._node, other._node)))

    def __invert__(self) -> Self:
        return self._of(negated(self._node), self._order, self._ends, self._charset, self._client_filter)

    def to_string(self) -> str:
        """Give the query as text that `MailQuery` reads (.NET: ``ToString``).

        IMAP search criteria are given as they came, everything else as an expression. What `with_client_filter`
        allows and a builder's encoding are not in it.
        """
        if isinstance(self._node, Raw) and not self._ends:
            return self._node.criteria
        return write_expression(self._node, self._ends)

    def equals(self, other: object) -> bool:
        """Compare as ``==`` does (.NET: ``Equals``)."""
        return self == other

    def get_hash_code(self) -> int:
        """Give the hash (.NET: ``GetHashCode``)."""
        return hash(self)

    def _key(self) -> tuple[object, ...]:
        return self._node, self._order, self._ends, self._charset, self._client_filter

    def __eq__(self, other: object) -> bool:
        if isinstance(other, MailQuery):
            return self._key() == other._key()
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __str__(self) -> str:
        return self.to_string()

    def __repr__(self) -> str:
        return f"MailQuery({', '.join(repr(text) for text in (str(self), self.order_by_string) if text)})"
