"""The notation of the .NET documentation, ``('Subject' Contains 'invoice' & 'Seen' = 'False')``, read and written.

Functions of their arguments alone: no state, no lock, any thread. Reading keeps a stack of its own, so that no input
is too deep for Python's; it takes time in proportion to the input. Beyond what is documented there are here: ``!`` and
a group, ``NotContains``, the other comparisons, ``'Header:NAME'`` and ``'Keyword:FLAG'``, ``UniqueId``, ``ModSeq``,
``CustomSearch``, ``MatchCase`` behind a value, and a quote within quotes written twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

from mailclients.errors import AsposeArgumentException
from mailclients.search.dates import read_date, write_date
from mailclients.search.imap_keys import checked_criteria
from mailclients.search.tree import (
    EVERYTHING,
    FLAGS,
    HEADER,
    KEYWORD,
    MAX_DEPTH,
    MAX_MODSEQ,
    MAX_NUMBER,
    And,
    DateTest,
    FlagTest,
    How,
    IdTest,
    ModSeqTest,
    Node,
    Not,
    Or,
    Raw,
    ServerTest,
    SizeTest,
    TextTest,
    all_of,
    any_of,
    checked_header_name,
    checked_text,
    negated,
)

__all__ = [
    "ORDERED",
    "Order",
    "combined_order",
    "is_expression",
    "read_expression",
    "read_order",
    "write_expression",
    "write_order",
]

# Fields by which a listing can be ordered: what it tells of each message.
ORDERED: Final = ("Subject", "From", "To", "Cc", "Bcc", "InternalDate", "SentDate", "MessageSize")
Order: TypeAlias = "tuple[tuple[str, bool], ...]"  # fields, each with whether it ascends

_TEXTS: Final = ("Subject", "From", "To", "Cc", "Bcc", "Body", "Text")
_DATES: Final = ("InternalDate", "SentDate")
_SIZE: Final = "MessageSize"
_ID: Final = "UniqueId"
_MODSEQ: Final = "ModSeq"
_RAW: Final = "CustomSearch"
_ENDS: Final = "ESearch"
_MATCH_CASE: Final = "MatchCase"
_FIELDS: Final = {name.lower(): name for name in (*_TEXTS, *_DATES, *FLAGS, _SIZE, _ID, _MODSEQ, _RAW, _ENDS)}
_FLAG_NAMES: Final = {flag.lower(): name for name, flag in FLAGS.items()}
_ENDS_OF: Final = {"min": 1, "max": 2}
_FLAG: Final = re.compile(r"[!#$&'+,\-./0-9:;<=>?@A-Z\[^_`a-z|}~]+")  # a keyword (RFC 9051 section 9)

_TOKEN: Final = re.compile(
    r"'(?P<quoted>[^']*(?:''[^']*)*)'|(?P<sign><=|>=|<>|!=|=|<|>)|(?P<mark>[()&|!])|(?P<word>[A-Za-z]+)|(?P<space>\s+)"
)
# No search key of IMAP begins so.
_EXPRESSION: Final = re.compile(r"[\s(!]*(?:'|\(\s*\))")
_OPPOSITES: Final = {"<>": "=", "!=": "=", "notcontains": "contains"}


class _Token(NamedTuple):
    kind: str  # quoted, sign, mark, word or end
    text: str
    position: int  # of its first character, from 1


def is_expression(text: str) -> bool:
    """Whether the text is of this notation, going by how it begins; else it can only be IMAP search criteria."""
    return _EXPRESSION.match(text) is not None


def _fault(what: str, token: _Token) -> AsposeArgumentException:
    found = "the end" if token.kind == "end" else repr(token.text[:40])
    return AsposeArgumentException(f"MailQuery(): {what} at position {token.position}, not {found}")


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            what = "a quote without its partner" if text[position] == "'" else f"{text[position]!r} has no meaning"
            raise AsposeArgumentException(f"MailQuery(): {what} at position {position + 1} of the expression")
        kind = match.lastgroup
        if kind == "quoted":
            yield _Token(kind, match["quoted"].replace("''", "'"), position + 1)
        elif kind is not None and kind != "space":
            yield _Token(kind, match[0], position + 1)
        position = match.end()
    yield _Token("end", "", len(text) + 1)


class _Group:
    """What stands in one pair of parentheses: terms joined by and, joined by or."""

    def __init__(self, denied: bool) -> None:
        self.denied = denied  # a ! stands before it
        self.terms: list[Node] = []
        self.choices: list[Node] = []

    def next_choice(self) -> None:
        self.choices.append(all_of(self.terms))
        self.terms = []

    def whole(self) -> Node:
        self.next_choice()
        node = any_of(self.choices)
        return negated(node) if self.denied else node


def read_expression(text: str) -> tuple[Node, int]:
    """The tree of an expression, and which ends of what is found are wanted (1 the first, 2 the last, 0 all).

    Raises:
        AsposeArgumentException: it is no such expression; the error says where.
    """
    tokens = _tokens(text)
    groups = [_Group(False)]
    token = next(tokens)
    opened = denied = False
    ends = 0
    while True:
        # here a term begins
        group = groups[-1]
        if token.kind == "mark" and token.text == "!":
            denied, opened, token = not denied, False, next(tokens)
            continue
        if token.kind == "mark" and token.text == "(":
            if len(groups) > MAX_DEPTH:
                raise _fault(f"no more than {MAX_DEPTH} groups inside each other are taken; there is one more", token)
            groups.append(_Group(denied))
            denied, opened, token = False, True, next(tokens)
            continue
        if opened and token.kind == "mark" and token.text == ")":
            pass  # an empty group: everything
        elif token.kind == "quoted":
            wanted, node, after = _term(token, tokens)
            if wanted:
                if len(groups) > 1 or group.choices or denied:
                    raise _fault("'ESearch' stands outside of all groups, joined by & alone,", token)
                ends |= wanted
            group.terms.append(negated(node) if denied else node)
            denied, token = False, after
        else:
            raise _fault("a field in single quotes, ( or ! is needed", token)
        opened = False
        # here a term has ended
        while token.kind == "mark" and token.text == ")":
            if len(groups) == 1:
                raise _fault("a parenthesis without its partner", token)
            whole = groups.pop().whole()
            groups[-1].terms.append(whole)
            token = next(tokens)
        if token.kind == "end":
            if len(groups) > 1:
                raise _fault("the parenthesis that closes a group is needed", token)
            return groups[0].whole(), ends
        if token.kind != "mark" or token.text not in "&|":
            raise _fault("& or | is needed", token)
        if token.text == "|":
            if ends:
                raise _fault("'ESearch' stands outside of all groups, joined by & alone,", token)
            groups[-1].next_choice()
        token = next(tokens)


def _term(name: _Token, tokens: Iterator[_Token]) -> tuple[int, Node, _Token]:
    """One comparison, whose first word was read: the ends that are wanted, what is tested, and the token behind it."""
    sign = next(tokens)
    if sign.kind not in ("sign", "word"):
        raise _fault("a comparison such as Contains or = is needed", sign)
    value = next(tokens)
    if value.kind != "quoted":
        raise _fault("a value in single quotes is needed", value)
    after = next(tokens)
    match_case = after.kind == "word" and after.text.lower() == _MATCH_CASE.lower()
    comparison = _OPPOSITES.get(sign.text.lower(), sign.text.lower())
    try:
        field = _field(name.text)
    except AsposeArgumentException as error:
        raise AsposeArgumentException(f"MailQuery(): {error} at position {name.position}") from error
    if field == _ENDS:
        ends = sum(_ENDS_OF.get(word, 4) for word in set(value.text.lower().split()))
        if comparison != "=" or sign.text != "=" or not 0 < ends < 4:
            raise _fault("'ESearch' = 'MIN', 'MAX' or 'MIN MAX' is needed", value)
        return ends, EVERYTHING, after
    node = _comparison(field, comparison, value, match_case, sign)
    if match_case:
        if not isinstance(node, TextTest):
            raise _fault(f"MatchCase is for texts, and {field} is none; & or | is needed", after)
        after = next(tokens)
    return 0, Not(node) if comparison != sign.text.lower() else node, after


def _field(name: str) -> str:
    """The field's name as it is written here.

    Raises:
        AsposeArgumentException: there is no such field.
    """
    known = _FIELDS.get(name.lower())
    if known is not None:
        return known
    if name.lower().startswith(HEADER.lower()):
        return HEADER + checked_header_name(name[len(HEADER) :], "the name behind Header:")
    if name.lower().startswith(KEYWORD.lower()) and _FLAG.fullmatch(name, len(KEYWORD)):
        return KEYWORD + name[len(KEYWORD) :]
    names = ", ".join((*_FIELDS.values(), HEADER + "NAME", KEYWORD + "FLAG"))
    raise AsposeArgumentException(f"there is no field {name[:40]!r}; there are {names}")


def _comparison(field: str, sign: str, value: _Token, match_case: bool, at: _Token) -> Node:
    text = value.text
    if field in _TEXTS or field.startswith(HEADER):
        _refuse_others(field, sign, ("contains", "="), at)
        if sign == "contains":
            return TextTest(field, How.CONTAINS, _one_line(value), match_case)
        return TextTest(field, How.EQUALS if text else How.ABSENT, _one_line(value), match_case)
    if field in _DATES:
        _refuse_others(field, sign, ("=", "<", "<=", ">", ">="), at)
        moment = read_date(text)
        if moment is None:
            raise _fault("a date such as '10-Feb-2009' or '10-Feb-2009 14:03:05 +0100' is needed", value)
        return DateTest(field, sign, moment)
    if field == _SIZE:
        _refuse_others(field, sign, ("=", "<", "<=", ">", ">="), at)
        return SizeTest(sign, _number(value, MAX_NUMBER, "bytes"))
    if field == _MODSEQ:
        _refuse_others(field, sign, (">=",), at)
        return ModSeqTest(_number(value, MAX_MODSEQ, "modifications"))
    _refuse_others(field, sign, ("=",), at)
    if field == _ID:
        if not text or not text.isprintable() or not text.isascii() or " " in text:
            raise _fault("a set of unique ids such as '1:3,7' is needed", value)
        return IdTest(text)
    if field == _RAW:
        return Raw(checked_criteria(text))
    flag = FlagTest(FLAGS[field] if field in FLAGS else field[len(KEYWORD) :])
    if text.lower() not in ("true", "false"):
        raise _fault("'True' or 'False' is needed", value)
    return flag if text.lower() == "true" else Not(flag)


def _refuse_others(field: str, sign: str, known: Sequence[str], at: _Token) -> None:
    if sign not in known:
        names = ", ".join(_spelled(each) for each in known)
        raise _fault(f"{field} is compared by {names} or the opposite of it; one of them is needed", at)


def _spelled(sign: str) -> str:
    return "Contains" if sign == "contains" else sign


def _one_line(value: _Token) -> str:
    return checked_text(value.text, f"MailQuery(): the value at position {value.position}")


def _number(value: _Token, highest: int, unit: str) -> int:
    if not re.fullmatch(r"[0-9]{1,19}", value.text) or int(value.text) > highest:
        raise _fault(f"a number of {unit} from 0 to {highest} is needed", value)
    return int(value.text)


# Writing


def write_expression(node: Node, ends: int = 0) -> str:
    """The expression for a tree, always in parentheses, as `read_expression` reads it."""
    text = _write(node) if isinstance(node, (And, Or)) else f"({_write(node)})"
    if ends:
        text += f" & 'ESearch' = '{' '.join(name.upper() for name, end in _ENDS_OF.items() if end & ends)}'"
    return text


def _write(node: Node) -> str:
    if isinstance(node, And):
        return f"({' & '.join(map(_write, node.parts))})"
    if isinstance(node, Or):
        return f"({' | '.join(map(_write, node.parts))})"
    if isinstance(node, Not):
        part = node.part
        return f"!{_write(part)}" if isinstance(part, (Not, And, Or)) else _write_test(part, True)
    return _write_test(node, False)


def _write_test(node: Node, denied: bool) -> str:
    equal = "<>" if denied else "="
    if isinstance(node, TextTest):
        sign = ("NotContains" if denied else "Contains") if node.how is How.CONTAINS else equal
        suffix = f" {_MATCH_CASE}" if node.match_case else ""
        return _term_text(node.field, sign, node.text) + suffix
    if isinstance(node, FlagTest):
        name = _FLAG_NAMES.get(node.flag.lower())
        return _term_text(name or KEYWORD + node.flag, "=", str(not denied))
    if isinstance(node, IdTest):
        return _term_text(_ID, equal, node.members)
    if isinstance(node, Raw):
        return _term_text(_RAW, equal, node.criteria)
    if isinstance(node, DateTest):
        text, sign = _term_text(node.field, "{}", write_date(node.moment)), node.sign
    elif isinstance(node, SizeTest):
        text, sign = _term_text(_SIZE, "{}", str(node.size)), node.sign
    elif isinstance(node, ModSeqTest):
        text, sign = _term_text(_MODSEQ, "{}", str(node.value)), ">="
    else:
        assert isinstance(node, ServerTest)  # of search criteria, which are written as they came
        return _term_text(_RAW, equal, node.key)
    if denied and sign == "=":
        return text.format("<>")
    return f"!({text.format(sign)})" if denied else text.format(sign)


def _term_text(field: str, sign: str, value: str) -> str:
    name, quoted = field.replace("'", "''"), value.replace("'", "''")
    return f"'{name}' {sign} '{quoted}'"


# Orders


def read_order(text: str) -> Order:
    """The order in ``'Subject' OrderBy 'ASC' & 'From' OrderBy 'DESC'``; none in an empty text.

    Raises:
        AsposeArgumentException: it is no such order.
    """
    if not text.strip():
        return ()
    tokens = _tokens(text)
    found: list[tuple[str, bool]] = []
    while True:
        name, word, value, after = (next(tokens, _Token("end", "", len(text) + 1)) for _ in range(4))
        known = {each.lower(): each for each in ORDERED}
        if name.kind != "quoted" or name.text.lower() not in known:
            raise _fault(f"one of the fields {', '.join(ORDERED)} in single quotes is needed", name)
        if word.text.lower() != "orderby":
            raise _fault("OrderBy is needed", word)
        if value.kind != "quoted" or value.text.upper() not in ("ASC", "DESC"):
            raise _fault("'ASC' or 'DESC' is needed", value)
        found.append((known[name.text.lower()], value.text.upper() == "ASC"))
        if after.kind == "end":
            return combined_order(found)
        if after.text != "&":
            raise _fault("& is needed", after)


def combined_order(order: Iterable[tuple[str, bool]]) -> Order:
    """The order without the fields that were named before: they cannot tell anything apart again."""
    first: dict[str, bool] = {}
    for name, ascending in order:
        first.setdefault(name, ascending)
    return tuple(first.items())


def write_order(order: Order) -> str:
    """The order as `read_order` reads it."""
    return " & ".join(_term_text(name, "OrderBy", "ASC" if ascending else "DESC") for name, ascending in order)
