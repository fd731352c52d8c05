"""The fields of a query builder: each comparison makes a query, records it in the builder, and gives it back.

A field belongs to its builder, and that to one thread at a time.
"""

from __future__ import annotations

from abc import abstractmethod
from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING

from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
    AsposeInvalidOperationException,
    AsposeNotSupportedException,
)
from mailclients.names import HintedABCMeta, HintedEnumMeta, NamesHinted
from mailclients.parameters import is_integer
from mailclients.search.grammar import ORDERED
from mailclients.search.queries import MailQuery
from mailclients.search.tree import (
    MAX_NUMBER,
    DateTest,
    How,
    Node,
    SizeTest,
    TextTest,
    checked_moment,
    checked_text,
    negated,
)

if TYPE_CHECKING:
    from mailclients.search.builder import MailQueryBuilder

__all__ = [
    "CollectedField",
    "ComparisonField",
    "DateComparisonField",
    "DateComparisonType",
    "IntComparisonField",
    "QueryField",
    "StringComparisonField",
]


class DateComparisonType(IntEnum, metaclass=HintedEnumMeta):
    """How precisely dates are compared (.NET: ``DateComparisonType``).

    BY_DATE: by the day alone, each message's in the time zone in which it names it. BY_DATE_TIME: to the second.
    """

    BY_DATE = 0
    BY_DATE_TIME = 1


def checked_integer(value: int, what: str, highest: int) -> int:
    """The value, if it is an int from 0 to `highest`.

    Raises:
        AsposeArgumentNullException: it is None.
        ArgumentTypeError: it is no int, or a bool.
        AsposeArgumentOutOfRangeException: it lies outside.
    """
    if value is None:
        raise AsposeArgumentNullException(f"{what} is None: pass an int")
    if not is_integer(value):
        raise ArgumentTypeError(f"{what} must be an int, not {type(value).__name__}")
    if not 0 <= value <= highest:
        raise AsposeArgumentOutOfRangeException(f"{what} is {value}: pass 0 to {highest}")
    return value


class QueryField(NamesHinted, metaclass=HintedABCMeta):
    """A field of messages that a query is about (.NET: ``QueryField``)."""

    __slots__ = ()

    @abstractmethod
    def __init__(self) -> None: ...


class CollectedField(QueryField):
    """A field that is one test, whatever is added to it: the builder has one query of it at a time."""

    __slots__ = ("_builder", "_query")

    @abstractmethod
    def __init__(self, builder: MailQueryBuilder) -> None:
        self._builder = builder
        self._query: MailQuery | None = None

    def _tests(self, node: Node) -> None:
        self._query = self._builder._record(node, instead_of=self._query)

    def create_query(self) -> MailQuery:
        """Give the query that is recorded for what was asked of this field so far (.NET: ``CreateQuery``).

        Raises:
            AsposeInvalidOperationException: nothing was asked.
        """
        if self._query is None:
            raise AsposeInvalidOperationException(f"{type(self).__name__}: there is no query before anything is added")
        return self._query


class ComparisonField(QueryField):
    """A field that is compared with a value (.NET: ``ComparisonField``); query builders have them."""

    __slots__ = ("_builder", "_name")

    @abstractmethod
    def __init__(self, builder: MailQueryBuilder, name: str) -> None:
        self._builder = builder
        self._name = name

    def order_by(self, ascending: bool) -> None:
        """Have the messages that are found in the order of this field, behind those that were named before it.

        Args:
            ascending: whether the smallest comes first.

        Raises:
            ArgumentTypeError: `ascending` is no bool.
            AsposeNotSupportedException: a listing does not tell this field: of the body, and of the whole text.
        """
        if not isinstance(ascending, bool):
            raise ArgumentTypeError(f"ascending must be a bool, not {type(ascending).__name__}")
        if self._name not in ORDERED:
            raise AsposeNotSupportedException(f"order_by: a listing has no {self._name} to order messages by")
        self._builder._order_by(self._name, ascending)

    def _test(self, node: Node, *, denied: bool = False) -> MailQuery:
        return self._builder._record(negated(node) if denied else node)


class StringComparisonField(ComparisonField):
    """A text, such as the subject (.NET: ``StringComparisonField``).

    Case does not count unless `ignore_case` is False, which IMAP servers cannot search for: see
    `MailQuery.with_client_filter`. The same goes for `equals`, `not_equals` and, of the body, `empty`. A field of
    addresses equals one of its mailboxes in full (``Anna <anna@example.org>``), its address or its display name.
    """

    __slots__ = ()

    def __init__(self, builder: MailQueryBuilder, name: str) -> None:
        super().__init__(builder, name)

    def contains(self, value: str, ignore_case: bool = True) -> MailQuery:
        """Find messages whose field holds the text; the empty text, those that have the field (.NET: ``Contains``).

        Args:
            value: any text in one line.
            ignore_case: whether upper and lower case are alike.

        Raises:
            ArgumentTypeError: an argument has another type.
            AsposeArgumentException: `value` has CR, LF, NUL or half of a surrogate pair, or the builder's encoding
                does not have its characters.
        """
        return self._test(self._text(How.CONTAINS, value, ignore_case))

    def not_contains(self, value: str, ignore_case: bool = True) -> MailQuery:
        """Find the messages that `contains` does not find (.NET: ``NotContains``)."""
        return self._test(self._text(How.CONTAINS, value, ignore_case), denied=True)

    def equals(self, value: str, ignore_case: bool = True) -> MailQuery:
        """Find messages whose field is the text; the empty text as `empty` does (.NET: ``Equals``).

        Takes and raises what `contains` does.
        """
        return self._test(self._text(How.EQUALS, value, ignore_case))

    def not_equals(self, value: str, ignore_case: bool = True) -> MailQuery:
        """Find the messages that `equals` does not find (.NET: ``NotEquals``)."""
        return self._test(self._text(How.EQUALS, value, ignore_case), denied=True)

    def empty(self) -> MailQuery:
        """Find messages without this field, or with an empty body (.NET: ``Empty``).

        A header field with nothing in it is there, as IMAP sees it.
        """
        return self._test(TextTest(self._name, How.ABSENT))

    def not_empty(self) -> MailQuery:
        """Find the messages that `empty` does not find (.NET: ``NotEmpty``)."""
        return self._test(TextTest(self._name, How.ABSENT), denied=True)

    def _text(self, how: How, value: str, ignore_case: bool) -> TextTest:
        if not isinstance(ignore_case, bool):
            raise ArgumentTypeError(f"ignore_case must be a bool, not {type(ignore_case).__name__}")
        text = self._builder._encodable(checked_text(value, "value"), "value")
        if how is How.EQUALS and not text:
            return TextTest(self._name, How.ABSENT)
        return TextTest(self._name, how, text, not ignore_case)


class DateComparisonField(ComparisonField):
    """A date (.NET: ``DateComparisonField``).

    Each comparison takes a `date` or `datetime` and how precisely it is meant. By day, the date's own day counts,
    whatever its zone. To the second, naive values are local time; IMAP servers cannot search for that: see
    `MailQuery.with_client_filter`. A message without a date that can be read counts as one of 1 January 1970.
    """

    __slots__ = ()

    def __init__(self, builder: MailQueryBuilder, name: str) -> None:
        super().__init__(builder, name)

    def on(self, value: date, comparison_type: DateComparisonType = DateComparisonType.BY_DATE) -> MailQuery:
        """Find messages of this day or second (.NET: ``On``).

        Args:
            value: the day or moment.
            comparison_type: which of the two counts.

        Raises:
            ArgumentTypeError: an argument has another type.
            AsposeArgumentOutOfRangeException: the moment lies outside of the local calendar.
        """
        return self._test(self._date("=", value, comparison_type))

    def not_on(self, value: date, comparison_type: DateComparisonType = DateComparisonType.BY_DATE) -> MailQuery:
        """Find the messages that `on` does not find (.NET: ``NotOn``)."""
        return self._test(self._date("=", value, comparison_type), denied=True)

    def before(self, value: date, comparison_type: DateComparisonType = DateComparisonType.BY_DATE) -> MailQuery:
        """Find earlier messages; takes and raises what `on` does (.NET: ``Before``)."""
        return self._test(self._date("<", value, comparison_type))

    def before_or_equal(
        self, value: date, comparison_type: DateComparisonType = DateComparisonType.BY_DATE
    ) -> MailQuery:
        """Find messages of this day or second and earlier ones (.NET: ``BeforeOrEqual``)."""
        return self._test(self._date("<=", value, comparison_type))

    def since(self, value: date, comparison_type: DateComparisonType = DateComparisonType.BY_DATE) -> MailQuery:
        """Find messages of this day or second and later ones (.NET: ``Since``)."""
        return self._test(self._date(">=", value, comparison_type))

    def greater(self, value: date, comparison_type: DateComparisonType = DateComparisonType.BY_DATE) -> MailQuery:
        """Find later messages (.NET: ``Greater``)."""
        return self._test(self._date(">", value, comparison_type))

    def _date(self, sign: str, value: date, comparison_type: DateComparisonType) -> DateTest:
        if not isinstance(comparison_type, DateComparisonType):
            raise ArgumentTypeError(
                f"comparison_type must be a DateComparisonType, not {type(comparison_type).__name__}"
            )
        whole_day = comparison_type == DateComparisonType.BY_DATE
        return DateTest(self._name, sign, checked_moment(value, "value", whole_day=whole_day))


class IntComparisonField(ComparisonField):
    """A number (.NET: ``IntComparisonField``): the size of a message, in bytes from 0 to 4294967295.

    Each comparison raises ArgumentTypeError for what is no int, and AsposeArgumentOutOfRangeException for others.
    """

    __slots__ = ()

    def __init__(self, builder: MailQueryBuilder, name: str) -> None:
        super().__init__(builder, name)

    def equals(self, value: int) -> MailQuery:
        """Find messages of this size (.NET: ``Equals``)."""
        return self._test(self._size("=", value))

    def not_equals(self, value: int) -> MailQuery:
        """Find messages of another size (.NET: ``NotEquals``)."""
        return self._test(self._size("=", value), denied=True)

    def less(self, value: int) -> MailQuery:
        """Find smaller messages (.NET: ``Less``)."""
        return self._test(self._size("<", value))

    def less_or_equal(self, value: int) -> MailQuery:
        """Find messages of this size and smaller ones (.NET: ``LessOrEqual``)."""
        return self._test(self._size("<=", value))

    def greater(self, value: int) -> MailQuery:
        """Find larger messages (.NET: ``Greater``)."""
        return self._test(self._size(">", value))

    def greater_or_equal(self, value: int) -> MailQuery:
        """Find messages of this size and larger ones (.NET: ``GreaterOrEqual``)."""
        return self._test(self._size(">=", value))

    def _size(self, sign: str, value: int) -> SizeTest:
        return SizeTest(sign, checked_integer(value, "value", MAX_NUMBER))
