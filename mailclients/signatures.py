"""How documented call shapes are written down, recognised and turned into normalised arguments.

A client's table (``imap/signatures.py``) describes each operation once, as an `Operation`: its shapes, the
kinds of its parameters, what it returns. From that one description the generator writes the overloads of the
public class, and `Operation.bind` turns the arguments of a call into the keywords that the operation's body
takes. Bodies never see the shapes.

A shape is written as the names of its parameters, separated by spaces::

    connection? unique_id flags modification_sequence?

``name?`` may be left out: at the front for itself, at the end together with everything behind it. ``*name``
is taken by name only. ``name...`` stands for any number of positional arguments.

No lock is needed: tables do not change once made. The plans that `bind` remembers are kept in a dict; two
threads that work out the same plan at the same time store equal ones. Any thread may enter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final, TypeVar, cast

from mailclients.arguments import Out
from mailclients.errors import ArgumentTypeError, AsposeArgumentException, AsposeArgumentNullException
from mailclients.parameters import CALLBACK, CONNECTION, STATE, Parameter, Refusal, Type, elements

__all__ = ["Bound", "Operation", "Shape", "one_form", "table"]

F = TypeVar("F", bound=Callable[..., Any])

PLANS_KEPT: Final = 256  # a operation; real programs use a handful, so more means types made at run time


@dataclass(frozen=True, eq=False)
class Shape:
    """One documented parameter list, as the table writes it.

    Attributes:
        parameters: all of them, in order.
        front: how many at the front may be left out (0 or 1: the connection).
        needed: how many, counted from the front, must be there unless left out by `front`.
        by_name: those taken by name only.
        variadic: the last one takes any number of positional arguments.
    """

    parameters: tuple[Parameter, ...]
    front: int
    needed: int
    by_name: frozenset[str]
    variadic: bool

    @classmethod
    def parse(cls, text: str, parameters: Mapping[str, Parameter]) -> Shape:
        found: list[Parameter] = []
        by_name: set[str] = set()
        front = needed = 0
        variadic = False
        for position, word in enumerate(text.split()):
            name = word.strip("*?.")
            parameter = parameters[name]
            found.append(parameter)
            variadic = word.endswith("...")
            if word.startswith("*"):
                by_name.add(parameter.name)
            if not word.endswith("?"):
                needed = len(found)
            elif position == 0 and name == CONNECTION.name:
                front = needed = 1
        return cls(tuple(found), front, needed, frozenset(by_name), variadic)

    def without_optionals(self) -> Iterator[tuple[Parameter, ...]]:
        """The documented overloads it stands for, the ones with `connection` first."""
        for start in range(self.front + 1):
            for end in range(self.needed, len(self.parameters) + 1):
                yield self.parameters[start:end]

    def __str__(self) -> str:
        text = ""
        last = len(self.parameters) - 1
        for index, parameter in enumerate(self.parameters):
            kind = parameter.kind.type.text.replace("IdCollection[", "Collection[")  # known to type checkers alone
            word = f"{parameter.name}{'=' if parameter.name in self.by_name else ': '}{kind}"
            if self.variadic and index == last:
                word = f"*{word}"
            if index < self.front:
                text += f"[{parameter.name},] " if index < last else f"[{parameter.name}]"
            elif index >= self.needed:
                text += f"[, {word}]" if index else f"[{word}]"
            else:
                text += f", {word}" if index > self.front else word
        return f"({text})"


class Bound:
    """A call's arguments, normalised.

    Attributes:
        connection: the explicit connection, or None.
        arguments: keywords for the operation's body. What was left out is not in it.
        out: the holder of an ``out`` parameter, or None.
    """

    __slots__ = ("arguments", "connection", "out")

    def __init__(self, connection: Any, arguments: dict[str, Any], out: Out[Any] | None) -> None:
        self.connection = connection
        self.arguments = arguments
        self.out = out

    def __repr__(self) -> str:
        # Values may be secrets: names are enough to see which shape was called.
        return f"<Bound connection={self.connection!r} arguments={sorted(self.arguments)}>"


class _Plan:
    """What to do with arguments of certain types at certain places: the remembered part of `bind`."""

    __slots__ = ("callback", "carrier", "connection", "constants", "groups", "holder", "out", "state", "steps")

    def __init__(
        self,
        slots: Sequence[Parameter],
        converters: Sequence[Callable[[Any], Any]],
        constants: Mapping[str, Any],
        shape: Shape,
    ) -> None:
        self.connection = self.holder = self.callback = self.state = self.carrier = self.out = -1
        self.constants = dict(constants)
        by_target: dict[str, list[tuple[Parameter, Callable[[Any], Any], int]]] = {}
        combine: dict[str, Callable[..., Any]] = {}
        for index, (parameter, convert) in enumerate(zip(slots, converters, strict=True)):
            if parameter is CONNECTION:
                self.connection = index
            elif parameter is CALLBACK:
                self.callback = index
            elif parameter is STATE:
                self.state = index
            else:
                if parameter.kind.out:
                    self.out = index
                if parameter.carries_callback:
                    self.carrier = index
                if parameter.carries_connection:
                    self.holder = index
                by_target.setdefault(parameter.key, []).append((parameter, convert, index))
                if parameter.kind.combine is not None:
                    combine[parameter.key] = parameter.kind.combine
        self.steps: list[tuple[str, Callable[[Any], Any], int, Parameter]] = []
        self.groups: list[tuple[str, Callable[..., Any], list[tuple[Parameter, Callable[[Any], Any], int]]]] = []
        for target, parts in by_target.items():
            if target in combine:
                # As they are documented, whatever the order in which they were given by name.
                parts.sort(key=lambda part: shape.parameters.index(part[0]) if part[0] in shape.parameters else 0)
                self.groups.append((target, combine[target], parts))
            else:
                ((parameter, convert, index),) = parts
                self.steps.append((target, convert, index, parameter))
        for parameter in shape.parameters[-1:] if shape.variadic else ():
            if parameter.key not in by_target and parameter.kind.combine is not None:
                self.groups.append((parameter.key, parameter.kind.combine, []))


@dataclass(frozen=True)
class _Choice:
    """A collection whose elements decide between several documented parameters."""

    parameters: tuple[Parameter, ...]

    def convert(self, value: Iterable[Any]) -> Any:
        items = elements(value)
        chosen = self.parameters[0]
        if items:
            first = items[0]
            for chosen in self.parameters:
                if chosen.kind.element is not None and chosen.kind.element(first):
                    break
            else:
                error = AsposeArgumentNullException if first is None else ArgumentTypeError
                nouns = _alternatives([parameter.kind.noun for parameter in self.parameters])
                refusal = Refusal(f"must be {nouns}; its first element is {_given(first)}", error)
                refusal.name = _alternatives([parameter.name for parameter in self.parameters])
                raise refusal
        try:
            return chosen.kind.convert(items)
        except Refusal as refusal:
            refusal.name = chosen.name
            raise


def _alternatives(words: Sequence[str]) -> str:
    unique = list(dict.fromkeys(words))
    return unique[0] if len(unique) == 1 else f"{', '.join(unique[:-1])} or {unique[-1]}"


def _given(value: Any) -> str:
    return "None" if value is None else type(value).__name__


# Operations


@dataclass(eq=False)
class Operation:
    """One documented operation: the single source of its overloads, its docstring and its checks.

    Attributes:
        name: Python name of the synchronous method.
        net: documented .NET name, for the docstring ("ImapClient.FetchMessage").
        summary: one short paragraph for the docstring.
        shapes: the documented overloads.
        returns: what the synchronous method gives.
        begin_shapes: documented overloads that only the begin_ method has.
        synchronous: whether the method itself exists.
        has_pair: whether begin_ and end_ methods exist.
        end_name: name of the end method, where it is not ``end_`` and the name.
        end_returns: what the end method gives, where that differs.
        end_out: an ``out`` parameter of a second form of the end method.
        begin_arguments: what the body of a begun operation is told besides.
        call_result, end_result: make what the method gives of what the body gave and the holder of the
            ``out`` parameter, which they fill.
        raises: the errors worth naming: class and when.
        extras: optional parameters by name that every shape takes.
    """

    name: str
    net: str
    summary: str
    shapes: tuple[Shape, ...]
    returns: Type
    begin_shapes: tuple[Shape, ...] = ()
    synchronous: bool = True
    has_pair: bool = True
    end_name: str = ""
    end_returns: Type | None = None
    end_out: Parameter | None = None
    begin_arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    call_result: Callable[[Any, Out[Any] | None], Any] | None = None
    end_result: Callable[[Any, Out[Any] | None], Any] | None = None
    raises: tuple[tuple[str, str], ...] = ()
    extras: tuple[Parameter, ...] = ()

    def __post_init__(self) -> None:
        self.end_name = self.end_name or f"end_{self.name}"
        self.begin_name = f"begin_{self.name}"
        self._call_plans: dict[Any, _Plan] = {}
        self._begin_plans: dict[Any, _Plan] = {}

    def __repr__(self) -> str:
        return f"<Operation {self.net}>"

    def overloads(self, begin: bool = False) -> Iterator[tuple[tuple[Parameter, ...], Shape]]:
        """Every documented parameter list, with or without callback and state still to follow.

        A begin method takes no ``out`` parameter: nothing could be stored before the end method is called.
        """
        for shape in (*self.shapes, *self.begin_shapes) if begin else self.shapes:
            for own in shape.without_optionals():
                if not (begin and any(parameter.kind.out for parameter in own)):
                    yield own, shape

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Bound:
        """The arguments of a synchronous call, checked and normalised.

        Raises:
            ArgumentTypeError: no documented shape takes these arguments.
            AsposeArgumentNullException: one is None that must not be.
            AsposeArgumentOutOfRangeException: a number is out of its range.
            AsposeArgumentException: a value cannot be used, for example text with a line break.
        """
        if kwargs:
            values = (*args, *kwargs.values())
            plan = self._call_plans.get((tuple(map(type, values)), *kwargs))
        else:
            values = args
            plan = self._call_plans.get(tuple(map(type, values)))
        if plan is None:
            plan = self._plan(args, kwargs, begin=False)
        return self._run(plan, values, self.name)

    def bind_begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Bound, Any, Any]:
        """The arguments of a begin_ call: what `bind` gives, the callback or None, and the state.

        A None between the arguments and the state is the callback. Raises what `bind` raises.
        """
        if kwargs:
            values = (*args, *kwargs.values())
            plan = self._begin_plans.get((tuple(map(type, values)), *kwargs))
        else:
            values = args
            plan = self._begin_plans.get(tuple(map(type, values)))
        if plan is None:
            plan = self._plan(args, kwargs, begin=True)
        bound = self._run(plan, values, self.begin_name)
        callback = values[plan.callback] if plan.callback >= 0 else None
        state = values[plan.state] if plan.state >= 0 else None
        if plan.carrier >= 0 and callback is None and state is None:
            carrier = values[plan.carrier]
            callback = getattr(carrier, "callback", None)
            state = getattr(carrier, "state", None)
        return bound, callback, state

    def finish_call(self, result: Any, bound: Bound) -> Any:
        """What the synchronous method returns when its body gave `result`; fills an ``out`` holder."""
        return result if self.call_result is None else self.call_result(result, bound.out)

    def finish_end(self, result: Any, out: Out[Any] | None = None) -> Any:
        """What the end method returns when the body gave `result`; fills an ``out`` holder.

        Raises:
            ArgumentTypeError: `out` is not an `Out`.
        """
        holder: object = out
        if holder is not None and not isinstance(holder, Out):
            name = self.end_out.name if self.end_out is not None else "out"
            raise ArgumentTypeError(f"{self.end_name}(): {name} must be an Out, not {_given(holder)}")
        return result if self.end_result is None else self.end_result(result, out)

    # The common path: everything was worked out before

    def _run(self, plan: _Plan, values: tuple[Any, ...], method: str) -> Bound:
        arguments = plan.constants.copy()
        parameter = CONNECTION
        try:
            # The loops leave the parameter they were at for the message.
            for target, convert, index, parameter in plan.steps:  # noqa: B007
                arguments[target] = convert(values[index])
            for target, combine, parts in plan.groups:
                converted: list[Any] = []
                for parameter, convert, index in parts:  # noqa: B007
                    converted.append(convert(values[index]))
                arguments[target] = combine(*converted)
        except Refusal as refusal:
            cause = refusal.__cause__
            text = f"{method}(): {refusal.name or parameter.name}{refusal.path} {refusal.text}"
            raise refusal.error(text) from cause
        connection = values[plan.connection] if plan.connection >= 0 else None
        if plan.holder >= 0 and connection is None:
            connection = getattr(values[plan.holder], "connection", None)
        return Bound(connection, arguments, values[plan.out] if plan.out >= 0 else None)

    # The first call with arguments of these types

    def _candidates(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], begin: bool
    ) -> Iterator[tuple[list[Parameter], int, Shape]]:
        """Every way in which names and number of the arguments fit: a parameter for each value.

        The ways that take most arguments for the operation's own come first.
        """
        tails: tuple[tuple[Parameter, ...], ...] = ((), (CALLBACK,), (CALLBACK, STATE)) if begin else ((),)
        extras = {parameter.name: parameter for parameter in self.extras}
        flat = list(self.overloads(begin))
        for tail in tails:
            for own, shape in flat:
                own_positional = len(args) - len(tail)
                if own_positional < 0:
                    continue
                if shape.variadic:
                    fixed, many = own[:-1], own[-1]
                    if own_positional < len(fixed):
                        continue
                    own = (*fixed, *[many] * (own_positional - len(fixed)))
                positional, rest = own[:own_positional], own[own_positional:]
                # What follows the arguments by position can only follow all of them.
                if len(positional) < own_positional or (tail and rest):
                    continue
                if any(parameter.name in shape.by_name for parameter in positional):
                    continue
                named = {parameter.name: parameter for parameter in rest}
                optionals = dict(extras)
                if begin:
                    for parameter in (CALLBACK, STATE)[len(tail) :]:
                        optionals[parameter.name] = parameter
                slots = [*positional, *tail]
                for name in kwargs:
                    found = named.pop(name, None) or optionals.pop(name, None)
                    if found is None:
                        break
                    slots.append(found)
                else:
                    if not named:
                        yield slots, len(own), shape

    def _plan(self, args: tuple[Any, ...], kwargs: dict[str, Any], begin: bool) -> _Plan:
        values = (*args, *kwargs.values())
        candidates = list(self._candidates(args, kwargs, begin))
        for none_for_own in (not begin, True):
            fits = [
                candidate
                for candidate in candidates
                if all(
                    self._accepts(parameter, value, none_for_own or index >= len(args))
                    for index, (parameter, value) in enumerate(zip(candidate[0], values, strict=True))
                )
            ]
            if fits:
                break
        else:
            raise self._refused(args, kwargs, values, candidates, begin)
        slots, own, shape = fits[0]
        columns = [slots, *(other for other, count, _ in fits[1:] if count == own)]
        plan = _Plan(
            slots,
            [self._converter(columns, index) for index in range(len(slots))],
            self.begin_arguments if begin else {},
            shape,
        )
        # Objects that claim another class than their type are looked at every time.
        if all(value.__class__ is type(value) for value in values):
            plans = self._begin_plans if begin else self._call_plans
            if len(plans) >= PLANS_KEPT:
                plans.clear()
            types = tuple(map(type, values))
            plans[(types, *kwargs) if kwargs else types] = plan
        return plan

    @staticmethod
    def _accepts(parameter: Parameter, value: Any, none_for_own: bool) -> bool:
        if value is None:
            return parameter.kind.nullable and (none_for_own or parameter in (CALLBACK, STATE))
        return parameter.kind.accepts(value)

    @staticmethod
    def _converter(columns: Sequence[Sequence[Parameter]], index: int) -> Callable[[Any], Any]:
        """How one argument is converted: by its elements where the fitting shapes differ in those alone."""
        parameters = {column[index].name: column[index] for column in columns}
        choices = tuple(parameter for parameter in parameters.values() if parameter.kind.element is not None)
        return columns[0][index].kind.convert if len(choices) < 2 else _Choice(choices).convert

    # Errors

    def _shapes_text(self, shapes: Iterable[Shape], begin: bool) -> str:
        method = self.begin_name if begin else self.name
        text = "; ".join(f"{method}{shape}" for shape in shapes)
        return f"accepted: {text}; then callback and state" if begin else f"accepted: {text}"

    def _refused(
        self,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        values: tuple[Any, ...],
        candidates: Sequence[tuple[Sequence[Parameter], int, Shape]],
        begin: bool,
    ) -> AsposeArgumentException:
        """The error for arguments that no shape takes. It tells their types and never a value."""
        method = self.begin_name if begin else self.name
        if not candidates:
            shapes = (*self.shapes, *self.begin_shapes) if begin else self.shapes
            accepted = self._shapes_text(shapes, begin)
            known = {parameter.name for shape in shapes for parameter in shape.parameters}
            known.update(parameter.name for parameter in self.extras)
            if begin:
                known.update((CALLBACK.name, STATE.name))
            unknown = [name for name in kwargs if name not in known]
            if unknown:
                return ArgumentTypeError(f"{method}() has no parameter {_alternatives(unknown)}; {accepted}")
            if not values:
                return ArgumentTypeError(f"{method}() needs arguments: {' or '.join(map(str, shapes))}")
            given = [_given(value) for value in args] + [f"{name}={_given(value)}" for name, value in kwargs.items()]
            return ArgumentTypeError(f"{method}() does not take ({', '.join(given)}); {accepted}")
        wrong = [
            [
                index
                for index, (parameter, value) in enumerate(zip(slots, values, strict=True))
                if not self._accepts(parameter, value, True)
            ]
            for slots, _, _ in candidates
        ]
        fewest = min(map(len, wrong))
        best = [
            (slots, shape, where)
            for (slots, _, shape), where in zip(candidates, wrong, strict=True)
            if len(where) == fewest
        ]
        # Where the ways differ, the argument that fits furthest to the right is the one that was meant.
        place = max(where[0] for _, _, where in best)
        parameters = [slots[place] for slots, _, where in best if where[0] == place]
        accepted = self._shapes_text(dict.fromkeys(shape for _, shape, where in best if where[0] == place), begin)
        names = _alternatives([parameter.name for parameter in parameters])
        if values[place] is None:
            return AsposeArgumentNullException(f"{method}(): {names} must not be None; {accepted}")
        nouns = _alternatives([f"{parameter.kind.noun} ({parameter.name})" for parameter in parameters])
        what = f"argument {place + 1}" if place < len(args) else list(kwargs)[place - len(args)]
        kinds = [parameter.kind for parameter in parameters]
        advice = [f"; {text}" for kind in kinds for of, text in kind.advice if isinstance(values[place], of)]
        return ArgumentTypeError(
            f"{method}(): {what} must be {nouns}, not {_given(values[place])}{''.join(advice[:1])}; {accepted}"
        )


def one_form(method: F) -> F:
    """Makes an argument error of a call that does not fit the signature of a method with one form (rule N3).

    Methods with several forms need none of it: `Operation.bind` looks at their arguments.
    """

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except TypeError as error:
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                raise  # the method was entered: the error is its own
        raise _misfit(method, args[1:], kwargs)

    return cast("F", call)


def _misfit(method: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> ArgumentTypeError:
    """The error for arguments that a method's own signature does not take. It tells types and never a value."""
    from inspect import signature  # only who errs pays for it

    name = method.__name__
    parameters = list(signature(method).parameters.values())[1:]
    form = ", ".join(str(parameter.replace(annotation=parameter.empty)) for parameter in parameters)
    accepted = f"accepted: {name}({form})"
    unknown = [each for each in kwargs if each not in {parameter.name for parameter in parameters}]
    if unknown:
        return ArgumentTypeError(f"{name}() has no parameter {_alternatives(unknown)}; {accepted}")
    given = [*map(_given, args), *(f"{each}={_given(value)}" for each, value in kwargs.items())]
    return ArgumentTypeError(f"{name}() does not take ({', '.join(given)}); {accepted}")


def table(operations: Iterable[Operation]) -> dict[str, Operation]:
    """The operations by name."""
    return {operation.name: operation for operation in operations}
