"""`ImapQueryBuilder` and its fields: what only IMAP servers know of messages.

A builder and its fields belong to one thread at a time; sets and options are values.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
    AsposeInvalidOperationException,
)
from mailclients.imap.models.flags import ImapMessageFlags
from mailclients.names import HintedABCMeta, NamesChecked
from mailclients.search.builder import MailQueryBuilder
from mailclients.search.fields import CollectedField, IntComparisonField, QueryField, checked_integer
from mailclients.search.imap_keys import checked_criteria
from mailclients.search.queries import MailQuery
from mailclients.search.tree import (
    EVERYTHING,
    HEADER,
    MAX_MODSEQ,
    MAX_NUMBER,
    FlagTest,
    How,
    IdTest,
    ModSeqTest,
    Raw,
    TextTest,
    all_of,
    checked_header_name,
    checked_text,
    compacted,
    id_ranges,
    negated,
)

__all__ = [
    "ESearchOptions",
    "ImapQueryBuilder",
    "ModificationSequenceField",
    "RangeSeqSet",
    "SequenceSetBaseValue",
    "SequenceSetField",
    "SimpleSeqSet",
]


class SequenceSetBaseValue(NamesChecked, metaclass=HintedABCMeta):
    """Some unique ids (.NET: ``SequenceSetBaseValue``): one, or a range."""

    @abstractmethod
    def to_string(self) -> str:
        """Give them as IMAP writes them."""

    def __str__(self) -> str:
        return self.to_string()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


def _one_id(value: object, what: str) -> str:
    if value is None:
        raise AsposeArgumentNullException(f"{what} is None: pass a str such as '5' or '*'")
    text = value.value if isinstance(value, SimpleSeqSet) else value
    if not isinstance(text, str):
        raise ArgumentTypeError(f"{what} must be a str such as '5' or '*', not {type(value).__name__}")
    if ":" in text or "," in text or id_ranges(text) is None:
        raise AsposeArgumentOutOfRangeException(
            f"{what} is {text[:40]!r}: pass 1 to {MAX_NUMBER}, or '*' for the largest"
        )
    return text


class SimpleSeqSet(SequenceSetBaseValue):
    """One unique id (.NET: ``SimpleSeqSet``).

    Args:
        value: its digits, or ``*`` for the largest that there is; to be set before it is used if None.

    Raises:
        ArgumentTypeError: `value` is no str.
        AsposeArgumentOutOfRangeException: it is no unique id.
    """

    def __init__(self, value: str | None = None) -> None:
        self._value = "" if value is None else _one_id(value, "value")

    @property
    def value(self) -> str:
        """The unique id, or an empty string until it is set (.NET: ``Value``)."""
        return self._value

    @value.setter
    def value(self, value: str) -> None:
        self._value = _one_id(value, "value")

    def to_string(self) -> str:
        """Give the unique id (.NET: ``ToString``).

        Raises:
            AsposeInvalidOperationException: it was not set.
        """
        if not self._value:
            raise AsposeInvalidOperationException("SimpleSeqSet: value was not set")
        return self._value


class RangeSeqSet(SequenceSetBaseValue):
    """The unique ids from one to another (.NET: ``RangeSeqSet``).

    Args:
        start_range: the first; to be set before it is used if None.
        end_range: the last; up to the largest that there is if None.

    Raises:
        ArgumentTypeError: an argument is neither a SimpleSeqSet nor a str.
        AsposeArgumentOutOfRangeException: one is no unique id.
    """

    def __init__(
        self, start_range: SimpleSeqSet | str | None = None, end_range: SimpleSeqSet | str | None = None
    ) -> None:
        self._start = None if start_range is None else SimpleSeqSet(_one_id(start_range, "start_range"))
        self._end = SimpleSeqSet("*" if end_range is None else _one_id(end_range, "end_range"))

    @property
    def start_range(self) -> SimpleSeqSet | None:
        """The first, or None until it is set (.NET: ``StartRange``)."""
        return self._start

    @start_range.setter
    def start_range(self, value: SimpleSeqSet | str) -> None:
        self._start = SimpleSeqSet(_one_id(value, "start_range"))

    @property
    def end_range(self) -> SimpleSeqSet:
        """The last (.NET: ``EndRange``)."""
        return self._end

    @end_range.setter
    def end_range(self, value: SimpleSeqSet | str) -> None:
        self._end = SimpleSeqSet(_one_id(value, "end_range"))

    def to_string(self) -> str:
        """Give the range as IMAP writes it, ``5:9`` (.NET: ``ToString``).

        Raises:
            AsposeInvalidOperationException: the first was not set.
        """
        if self._start is None:
            raise AsposeInvalidOperationException("RangeSeqSet: start_range was not set")
        return f"{self._start}:{self._end}"


class SequenceSetField(CollectedField):
    """The unique ids of messages (.NET: ``SequenceSetField``); what is added counts for the builder's query."""

    __slots__ = ("_values",)

    def __init__(self, builder: MailQueryBuilder) -> None:
        super().__init__(builder)
        self._values: list[SequenceSetBaseValue] = []

    @property
    def values(self) -> list[SequenceSetBaseValue]:
        """What was added (.NET: ``Values``)."""
        return list(self._values)

    def add(self, value: SequenceSetBaseValue | str) -> None:
        """Find these messages as well (.NET: ``Add``).

        Args:
            value: one unique id or a range; text is taken as a `SimpleSeqSet`.

        Raises:
            ArgumentTypeError: it is neither.
            AsposeArgumentOutOfRangeException: the text is no unique id.
            AsposeInvalidOperationException: nothing was set in it yet.
        """
        if not isinstance(value, SequenceSetBaseValue):
            value = SimpleSeqSet(_one_id(value, "value"))
        text = compacted([*map(str, self._values), str(value)])
        self._values.append(value)
        self._tests(IdTest(text))

    def to_string(self) -> str:
        """Give the set as IMAP writes it, empty for none (.NET: ``ToString``)."""
        return compacted(map(str, self._values))

    def __str__(self) -> str:
        return self.to_string()


class ModificationSequenceField(CollectedField):
    """When messages were changed, as the server counts (.NET: ``ModificationSequenceField``; RFC 7162)."""

    __slots__ = ("_value",)

    def __init__(self, builder: MailQueryBuilder) -> None:
        super().__init__(builder)
        self._value = 0

    @property
    def modification_sequence(self) -> int:
        """What was asked for last, or 0 (.NET: ``ModificationSequence``)."""
        return self._value

    def greater_or_equal_to(self, modification_sequence: int) -> None:
        """Find messages of this modification sequence and later ones (.NET: ``GreaterOrEqualTo``).

        Raises:
            ArgumentTypeError: it is no int.
            AsposeArgumentOutOfRangeException: it lies outside 0 to 2**63 - 1.
        """
        self._value = checked_integer(modification_sequence, "modification_sequence", MAX_MODSEQ)
        self._tests(ModSeqTest(self._value))

    def to_string(self) -> str:
        """Give the search key, empty where nothing was asked for (.NET: ``ToString``)."""
        return f"MODSEQ {self._value}" if self._query is not None else ""

    def __str__(self) -> str:
        return self.to_string()


class ESearchOptions(QueryField):
    """Which of the messages that were found are wanted (.NET: ``ESearchOptions``; RFC 4731).

    ``ESearchOptions.MIN + ESearchOptions.MAX``: the oldest and the newest alone; NOT_DEFINED: all. The constants
    exist under their documented names in lower case, too.
    """

    __slots__ = ("_ends",)

    min: ClassVar[ESearchOptions]
    max: ClassVar[ESearchOptions]
    not_defined: ClassVar[ESearchOptions]
    MIN: ClassVar[ESearchOptions]
    MAX: ClassVar[ESearchOptions]
    NOT_DEFINED: ClassVar[ESearchOptions]

    _ends: int  # 1 the first, 2 the last

    def __init__(self) -> None:
        self._ends = 0

    @classmethod
    def _of(cls, ends: int) -> ESearchOptions:
        self = cls()
        self._ends = ends
        return self

    def create_query(self, owner: MailQueryBuilder | None = None) -> MailQuery:
        """Give the query for these messages of all, and record it in a builder (.NET: ``CreateQuery``).

        Args:
            owner: the builder, if there is one.

        Raises:
            ArgumentTypeError: `owner` is no builder.
        """
        query = MailQuery._of(EVERYTHING, ends=self._ends)
        if owner is not None:
            if not isinstance(owner, MailQueryBuilder):
                raise ArgumentTypeError(f"owner must be a MailQueryBuilder, not {type(owner).__name__}")
            owner._recorded.append(query)
        return query

    def equals(self, obj: object) -> bool:
        """Compare as ``==`` does (.NET: ``Equals``)."""
        return self == obj

    def to_string(self) -> str:
        """Give the words of IMAP (.NET: ``ToString``)."""
        return " ".join(name for end, name in ((1, "MIN"), (2, "MAX")) if self._ends & end)

    def __add__(self, other: ESearchOptions) -> ESearchOptions:
        if not isinstance(other, ESearchOptions):
            return NotImplemented
        return self._of(self._ends | other._ends)

    def __sub__(self, other: ESearchOptions) -> ESearchOptions:
        if not isinstance(other, ESearchOptions):
            return NotImplemented
        return self._of(self._ends & ~other._ends)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ESearchOptions):
            return self._ends == other._ends
        return NotImplemented

    def __hash__(self) -> int:
        return hash((ESearchOptions, self._ends))

    def __str__(self) -> str:
        return self.to_string()

    def __repr__(self) -> str:
        return f"<ESearchOptions {self.to_string() or 'NOT_DEFINED'}>"


for _name, _value in {"min": 1, "max": 2, "not_defined": 0}.items():
    setattr(ESearchOptions, _name, ESearchOptions._of(_value))
    setattr(ESearchOptions, _name.upper(), getattr(ESearchOptions, _name))


class ImapQueryBuilder(MailQueryBuilder):
    """Puts a query for an IMAP server together (.NET: ``ImapQueryBuilder``); see `MailQueryBuilder`.

    Args:
        default_encoding: the charset in which a server is sent text beyond ASCII; UTF-8 if None.
    """

    def __init__(self, default_encoding: str | None = None) -> None:
        super().__init__(default_encoding)
        self._message_size = IntComparisonField(self, "MessageSize")
        self._mod_seq = ModificationSequenceField(self)
        self._unique_id = SequenceSetField(self)
        self._options = ESearchOptions.NOT_DEFINED

    @property
    def message_size(self) -> IntComparisonField:
        """The size of the message in bytes (.NET: ``MessageSize``)."""
        return self._message_size

    @property
    def mod_seq(self) -> ModificationSequenceField:
        """The modification sequence, on servers with CONDSTORE (.NET: ``ModSeq``)."""
        return self._mod_seq

    @property
    def unique_id(self) -> SequenceSetField:
        """The unique id (.NET: ``UniqueId``)."""
        return self._unique_id

    @property
    def e_search_parameters(self) -> ESearchOptions:
        """Which of the messages that are found are wanted; all by default (.NET: ``ESearchParameters``)."""
        return self._options

    @e_search_parameters.setter
    def e_search_parameters(self, value: ESearchOptions) -> None:
        if not isinstance(value, ESearchOptions):
            raise ArgumentTypeError(f"e_search_parameters must be ESearchOptions, not {type(value).__name__}")
        self._options = value

    def get_query(self) -> MailQuery:
        """Give what was recorded so far, joined by and; everything if there is nothing (.NET: ``GetQuery``)."""
        found = super().get_query()
        ends = found._ends | self._options._ends
        return MailQuery._of(found._node, found._order, ends, found._charset, found._client_filter)

    def has_flags(self, flags: ImapMessageFlags | str) -> MailQuery:
        """Find messages that have all of these flags (.NET: ``HasFlags``).

        Args:
            flags: such as ``ImapMessageFlags.IS_READ | "$Forwarded"``.

        Raises:
            ArgumentTypeError: they are neither flags nor text.
            AsposeArgumentException: the text is no flag.
        """
        return self._record(all_of([FlagTest(flag) for flag in _flags(flags)]))

    def has_no_flags(self, flags: ImapMessageFlags | str) -> MailQuery:
        """Find messages that have none of these flags (.NET: ``HasNoFlags``).

        Takes and raises what `has_flags` does.
        """
        return self._record(all_of([negated(FlagTest(flag)) for flag in _flags(flags)]))

    def has_header(self, field_name: str, field_value: str) -> MailQuery:
        """Find messages with a header field that holds a text, in any case (.NET: ``HasHeader``).

        Args:
            field_name: its name, such as ``"Message-ID"``.
            field_value: the text; empty to find all messages that have the field.

        Raises:
            ArgumentTypeError: an argument is no str.
            AsposeArgumentException: the name is no field name, or no search can carry the text.
        """
        name = checked_header_name(field_name, "field_name")
        text = self._encodable(checked_text(field_value, "field_value"), "field_value")
        return self._record(TextTest(HEADER + name, How.CONTAINS, text))

    def custom_search(self, field_value: str) -> MailQuery:
        """Find what IMAP search criteria find, extensions included (.NET: ``CustomSearch``).

        Args:
            field_value: such as ``'X-GM-RAW "has:attachment"'``, sent as it is.

        Raises:
            ArgumentTypeError: it is no str.
            AsposeArgumentException: it cannot stand in a command.
        """
        return self._record(Raw(checked_criteria(field_value)))


def _flags(flags: ImapMessageFlags | str) -> tuple[str, ...]:
    if flags is None:
        raise AsposeArgumentNullException("flags is None: pass ImapMessageFlags")
    if not isinstance(flags, (ImapMessageFlags, str)):
        raise ArgumentTypeError(f"flags must be ImapMessageFlags, not {type(flags).__name__}")
    return ImapMessageFlags(flags).to_imap()
