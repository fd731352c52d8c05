"""How the arguments of a call are told apart, checked and normalised, and what errors about them say.

That every documented overload is taken, and nothing else, is shown in tests/conformance.
"""

from __future__ import annotations

import inspect
import pathlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailclients.arguments import Out
from mailclients.errors import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeArgumentNullException,
    AsposeArgumentOutOfRangeException,
)
from mailclients.imap.models import (
    ImapFolderInfo,
    ImapListFields,
    ImapMessageFlags,
    ImapMessageInfo,
    PageSettings,
)
from mailclients.imap.signatures import CONSTRUCTOR, OPERATIONS
from mailclients.message import MailMessage
from mailclients.parameters import BOOL, CONNECTION, NOTHING, STRINGS, TEXT, Kind, Parameter, Type, integer
from mailclients.search import MailQuery
from mailclients.signatures import PLANS_KEPT, Operation, Shape, one_form, table
from tests.support.examples import CONNECTED, MESSAGE, told
from tests.support.examples.imap import INFOS, by_number, by_uid


def begun(name: str, *args: Any, **kwargs: Any) -> tuple[dict[str, Any], Any, Any]:
    bound, callback, state = OPERATIONS[name].bind_begin(args, kwargs)
    return bound.arguments, callback, state


def bound(name: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return OPERATIONS[name].bind(args, kwargs).arguments


def test_N2_a_bare_integer_is_max_number_of_messages() -> None:
    assert bound("list_messages", 5) == {"max_number_of_messages": 5}
    assert bound("list_messages", CONNECTED, 5) == {"max_number_of_messages": 5}
    assert bound("list_messages", modification_sequence=5) == {"modification_sequence": 5}
    assert bound("list_messages", CONNECTED, modification_sequence=5) == {"modification_sequence": 5}
    assert bound("list_messages", True) == {"retrieve_recursively": True}
    assert begun("list_messages", 5, told) == ({"max_number_of_messages": 5}, told, None)


def test_N2_none_between_arguments_and_state_is_the_callback() -> None:
    state = object()
    assert begun("list_messages", None, state) == ({}, None, state)
    assert begun("list_messages", "Archive", None, 5) == ({"folder_name": "Archive"}, None, 5)
    assert begun("delete_message", "5", None, 7) == ({"messages": by_uid(5)}, None, 7)
    assert begun("select_folder", "Archive", None, told) == ({"folder_name": "Archive"}, None, told)
    assert begun("select_folder", "Archive", None, told, 3) == (
        {"folder_name": "Archive", "read_only": None},
        told,
        3,
    )
    with pytest.raises(AsposeArgumentNullException):
        OPERATIONS["fetch_message"].bind_begin((None, told, state), {})


def test_state_may_be_anything_and_callback_only_a_callable() -> None:
    assert begun("fetch_message", 5, told, "5") == ({"messages": by_number(5)}, told, "5")
    for wrong in (5, "5", [told]):
        with pytest.raises(ArgumentTypeError, match="callback"):
            OPERATIONS["fetch_message"].bind_begin(("5", wrong), {})
    with pytest.raises(ArgumentTypeError, match="callback"):
        OPERATIONS["fetch_message"].bind((), {"unique_id": "5", "callback": told})


def test_N2_bool_and_enum_members_are_no_ints_and_text_is_no_collection() -> None:
    no_ints: list[Any] = [True, 5.0, ImapListFields.MAIN, "5", b"5"]
    for wrong in no_ints:
        with pytest.raises(ArgumentTypeError):
            bound("fetch_message", sequence_number=wrong)
    no_collections: list[Any] = ["123", b"123", bytearray(b"123"), memoryview(b"123")]
    for wrong in no_collections:
        with pytest.raises(ArgumentTypeError):
            bound("fetch_messages", wrong)
        with pytest.raises(ArgumentTypeError):
            bound("fetch_messages", uids=wrong)
    with pytest.raises(ArgumentTypeError, match=r"sequence_numbers\[1\] must be an int, not bool"):
        bound("fetch_messages", [1, True])
    with pytest.raises(ArgumentTypeError, match=r"uids\[2\] must be a unique id in a str, not int"):
        bound("fetch_messages", ["1", "2", 3])
    with pytest.raises(ArgumentTypeError, match=r"uids\[0\]"):
        bound("fetch_messages", uids=[1])
    with pytest.raises(AsposeArgumentNullException, match=r"uids\[1\]"):
        bound("fetch_messages", ["1", None])
    with pytest.raises(ArgumentTypeError, match="its first element is float"):
        bound("fetch_messages", [1.5])
    with pytest.raises(ArgumentTypeError):
        bound("fetch_messages", INFOS)


def test_collections_and_iterators_of_ids() -> None:
    assert bound("fetch_messages", range(3, 6)) == {"messages": by_number(3, 4, 5)}
    assert bound("fetch_messages", (str(number) for number in (9, 7))) == {"messages": by_uid(9, 7)}
    assert bound("fetch_messages", {"7": 1}.keys()) == {"messages": by_uid(7)}
    assert bound("add_message_flags", iter(INFOS), "x") == {
        "messages": by_uid(7, 9),
        "flags": ImapMessageFlags("x"),
    }
    assert bound("fetch_messages", [])["messages"].ids == ()
    assert bound("fetch_messages", sequence_numbers=()) == {"messages": by_number()}
    with pytest.raises(AsposeArgumentException, match=r"message_info_set\[1\] has no unique id"):
        bound("add_message_flags", [INFOS[0], ImapMessageInfo(sequence_number=4)], "x")


@pytest.mark.parametrize("uid", ["", "0", "-1", "1 ", "1\r\n", "1:*", "*", "1,2", "4294967296", "٣", "1e3", "9" * 5000])
def test_H_F6_uids_are_digits_from_1_to_4294967295(uid: str) -> None:
    calls: list[tuple[str, tuple[Any, ...]]] = [
        ("fetch_message", (uid,)),
        ("fetch_messages", (["1", uid],)),
        ("add_message_flags", ("1", uid, "x")),
        ("add_message_flags", (uid, "7", "x")),
    ]
    for name, args in calls:
        with pytest.raises(AsposeArgumentException):
            bound(name, *args)


def test_numbers_have_ranges() -> None:
    calls: list[tuple[str, dict[str, Any]]] = [
        ("fetch_message", {"sequence_number": 0}),
        ("fetch_message", {"sequence_number": 2**32}),
        ("fetch_messages", {"sequence_numbers": [1, -1]}),
        ("list_messages", {"max_number_of_messages": -1}),
        ("list_messages", {"modification_sequence": -1}),
        ("list_messages", {"modification_sequence": 2**63}),
        ("commit_deletes", {"sleep": -2}),
        ("add_message_flags", {"start_uid": "8", "end_uid": "7", "flags": "x"}),
        ("add_message_flags", {"start_sequence": 2, "end_sequence": 1, "flags": "x"}),
    ]
    for name, kwargs in calls:
        with pytest.raises(AsposeArgumentOutOfRangeException):
            bound(name, **kwargs)
    with pytest.raises(AsposeArgumentOutOfRangeException):
        CONSTRUCTOR.bind(("h", 65536), {})
    assert bound("list_messages", modification_sequence=2**63 - 1) == {"modification_sequence": 2**63 - 1}


def test_milliseconds_and_timedelta() -> None:
    assert bound("commit_deletes", 250) == {"sleep": 250}
    assert bound("commit_deletes", timedelta(seconds=1.5)) == {"sleep": 1500}
    assert bound("commit_deletes", timedelta(microseconds=1)) == {"sleep": 1}


def test_flags_and_paths_are_converted(tmp_path: pathlib.Path) -> None:
    assert bound("change_message_flags", 1, "\\Seen")["flags"] == ImapMessageFlags.IS_READ
    with pytest.raises(AsposeArgumentException) as caught:
        bound("add_message_flags", "5", "\\Seen) X")
    assert isinstance(caught.value.__cause__, AsposeArgumentException)
    path = tmp_path / "message.eml"
    assert bound("save_message", "5", path) == {"messages": by_uid(5), "file_name": str(path)}
    assert bound("append_message", path) == {"file_name": str(path)}
    assert bound("append_message", "Sent", path) == {"folder_name": "Sent", "file_name": str(path)}
    with (tmp_path / "out").open("wb") as stream:
        assert bound("save_message", 5, stream) == {"messages": by_number(5), "stream": stream}


TEXT_PARAMETERS = [
    ("select_folder", "folder_name"),
    ("get_folder_info", "folder_name"),
    ("exist_folder", "folder_name"),
    ("create_folder", "folder_name"),
    ("delete_folder", "folder_name"),
    ("list_folders", "parent_folder"),
    ("list_messages", "folder_name"),
    ("append_message", "file_name"),
]


@pytest.mark.parametrize("bad", ["\r", "\n", "\0"])
@pytest.mark.parametrize(("name", "parameter"), TEXT_PARAMETERS)
def test_H_F1_line_breaks_and_nul_are_refused(name: str, parameter: str, bad: str) -> None:
    with pytest.raises(AsposeArgumentException, match=f"{parameter} must not contain CR, LF or NUL"):
        bound(name, **{parameter: f"a{bad}b"})


@pytest.mark.parametrize("bad", ["\r", "\n", "\0"])
def test_H_F1_line_breaks_and_nul_elsewhere(bad: str) -> None:
    text = f"a{bad}b"
    calls: list[Callable[[], object]] = [
        lambda: bound("add_message_flags", "5", text),
        lambda: bound("list_message", "5", [text]),
        lambda: bound("list_messages", [text]),
        lambda: bound("append_message", text, MESSAGE),
        lambda: bound("save_message", "5", text),
        lambda: MailQuery(text),
        lambda: CONSTRUCTOR.bind((text,), {}),
        lambda: CONSTRUCTOR.bind(("h", text, "p"), {}),
        lambda: CONSTRUCTOR.bind(("h", "u", text, False), {}),
    ]
    for call in calls:
        with pytest.raises(AsposeArgumentException):
            call()


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), min_size=1))
def test_H_F2_F3_other_text_arrives_unchanged(text: str) -> None:
    assert bound("select_folder", text) == {"folder_name": text}


def test_H_F4_text_that_no_encoding_can_carry_is_refused() -> None:
    with pytest.raises(AsposeArgumentException, match="lone surrogate"):
        bound("select_folder", "a\ud800")


def test_H_F5_a_query_cannot_announce_a_literal() -> None:
    for criteria in ("TEXT {10}", "TEXT {10+} ", "{0}"):
        with pytest.raises(AsposeArgumentException, match="literal"):
            MailQuery(criteria)
    assert str(MailQuery('TEXT "{10}"')) == 'TEXT "{10}"'


@pytest.mark.parametrize(
    ("criteria", "fault"),
    [
        ('SUBJECT "invoice', "quote"),
        ('SUBJECT "in"voice"', "quote"),
        ('SUBJECT "invoice\\"', "quote"),
        ("(SEEN", "parenthesis"),
        ("SEEN)", "parenthesis"),
        (")SEEN(", "parenthesis"),
        ('(SUBJECT ")"', "parenthesis"),
        ("SUBJECT Größe", "beyond ASCII"),
        ('SUBJECT "Größe" FROM ü', "beyond ASCII"),
        ("SEEN\tUNSEEN", "control character"),
        ("SEEN \x7f", "control character"),
        ('SUBJECT "\ud800"', "surrogate"),
    ],
)
def test_T1_a_query_that_is_no_command_line_is_refused_where_it_is_made(criteria: str, fault: str) -> None:
    with pytest.raises(AsposeArgumentException, match=fault):
        MailQuery(criteria)


@pytest.mark.parametrize(
    "criteria",
    ['SUBJECT "("', 'SUBJECT "a \\"b\\" (c"', 'OR (SEEN) (NOT (SUBJECT "Größe"))', 'SUBJECT ""', 'BODY "\\\\"'],
)
def test_queries_with_quotes_and_parentheses_are_taken(criteria: str) -> None:
    assert str(MailQuery(criteria)) == criteria


@pytest.mark.parametrize(
    "criteria",
    ["('Subject' Contains 'invoice')", "'From' Contains 'anna@'", "(('Seen' = 'True') & ('MessageSize' > '5'))"],
)
def test_criteria_and_expressions_are_told_apart_by_how_they_begin(criteria: str) -> None:
    query = MailQuery(criteria)
    assert str(query).startswith("(")
    assert MailQuery(str(query)) == query
    assert str(MailQuery("SUBJECT 'Subject'")) == "SUBJECT 'Subject'"


def test_queries_are_values() -> None:
    with pytest.raises(AsposeArgumentException):
        MailQuery(" ")
    with pytest.raises(ArgumentTypeError):
        MailQuery(None)  # type: ignore[arg-type]
    assert MailQuery("ALL") == MailQuery("ALL")
    assert MailQuery("ALL") != "ALL"
    assert len({MailQuery("ALL"), MailQuery("ALL")}) == 1


def test_secrets_are_in_no_error_and_no_repr() -> None:
    secret = "correct horse"
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
        (("h", "u", f"{secret}\n"), {}),
        (("h", "u", f"{secret}\ud800"), {}),
        (("h", "u", secret, 5), {}),
        (("h", 1, "u", secret, "?"), {}),
        (("h", "u", secret), {"passwort": secret}),
        (("h", "u", [secret]), {}),
        ((secret, secret), {}),
    ]
    for args, kwargs in calls:
        with pytest.raises(AsposeArgumentException) as caught:
            CONSTRUCTOR.bind(args, kwargs)
        error: BaseException | None = caught.value
        while error is not None:
            assert secret not in f"{error!r} {error}"
            error = error.__cause__ or error.__context__
    assert secret not in repr(CONSTRUCTOR.bind(("h", "u", secret), {}))


def test_errors_name_operation_parameter_and_shapes() -> None:
    with pytest.raises(ArgumentTypeError) as caught:
        bound("fetch_message", 5.5)
    assert str(caught.value) == (
        "fetch_message(): argument 1 must be an int (sequence_number) or a unique id in a str (unique_id),"
        " not float; accepted: fetch_message([connection,] sequence_number: int[, ignore_attachment: bool]);"
        " fetch_message([connection,] unique_id: str)"
    )
    with pytest.raises(ArgumentTypeError, match="has no parameter uid"):
        bound("fetch_message", uid="5")
    with pytest.raises(ArgumentTypeError, match="needs arguments") as caught:
        bound("fetch_message")
    assert str(caught.value) == (
        "fetch_message() needs arguments: ([connection,] sequence_number: int[, ignore_attachment: bool])"
        " or ([connection,] unique_id: str)"
    )
    with pytest.raises(ArgumentTypeError, match=r"login\(\[connection\]\)"):
        bound("login", 5)
    with pytest.raises(ArgumentTypeError, match=r"\[connection,\] modification_sequence=int\)"):
        bound("list_messages", unknown=5)
    with pytest.raises(ArgumentTypeError, match=r"not bytes; MailMessage\.from_bytes makes a message of bytes;"):
        bound("append_message", b"Subject: x")


def test_results_of_exist_folder_and_select_folder() -> None:
    exist, select = OPERATIONS["exist_folder"], OPERATIONS["select_folder"]
    info = ImapFolderInfo(name="Archive")
    holder = Out[ImapFolderInfo]()
    call = exist.bind(("Archive", holder), {})
    assert exist.finish_call(info, call) is True
    assert holder.value is info
    other = Out[ImapFolderInfo]()
    other.value = info
    assert exist.finish_call(None, exist.bind(("Archive", other), {})) is False
    assert str(other) == "Out(None)"
    assert exist.finish_call(info, exist.bind(("Archive",), {})) is True
    assert exist.finish_end(info, holder) is True
    assert holder.value is info
    assert exist.finish_end(None) is False
    with pytest.raises(ArgumentTypeError, match="end_exist_folder"):
        exist.finish_end(info, info)  # type: ignore[arg-type]
    assert select.finish_call(info, select.bind(("Archive",), {})) is None
    assert select.finish_end(info) is info
    assert repr(holder) == f"Out({info!r})"


def test_remembered_plans_stay_few_and_right() -> None:
    operation = OPERATIONS["append_message"]
    for number in range(PLANS_KEPT + 10):
        kind = type(f"Text{number}", (str,), {})
        assert operation.bind((kind("a.eml"),), {}).arguments == {"file_name": "a.eml"}
    assert len(operation._call_plans) <= PLANS_KEPT
    assert operation.bind(("Sent", "a.eml"), {}).arguments == {"folder_name": "Sent", "file_name": "a.eml"}


def test_an_object_that_claims_another_class_is_looked_at_each_time() -> None:
    class Proxy:
        def __init__(self, claimed: type) -> None:
            self.claimed = claimed

        @property  # type: ignore[misc]
        def __class__(self) -> Any:
            return self.claimed

        def as_bytes(self) -> bytes:
            return b"of a proxy\r\n"

    proxy = Proxy(MailMessage)
    assert bound("append_message", proxy) == {"content": b"of a proxy\r\n"}
    with pytest.raises(ArgumentTypeError):
        bound("append_message", Proxy(dict))


# What this round's operations do not need and the others will.


def _sum_up(*names: str) -> tuple[str, ...]:
    return names


EACH = Parameter(
    "capability_names",
    Kind(Type("str"), "a str", TEXT.accepts, TEXT.convert, combine=_sum_up),
    "what the client can do",
)


class Settings:
    def __init__(self) -> None:
        self.callback = told
        self.state = "state of the settings"


OTHER_PARAMETERS = {
    "connection": CONNECTION,
    "each": EACH,
    "capability_names": Parameter("capability_names", STRINGS, "what the client can do"),
    "items_per_page": Parameter("items_per_page", integer(1, None), "messages on a page"),
    "settings": Parameter(
        "settings",
        Kind(Type("Settings"), "Settings", lambda value: isinstance(value, Settings)),
        "how to list",
        carries_callback=True,
    ),
    "commit": Parameter("commit", BOOL, "at once", default="False"),
}


def _other(name: str, *shapes: str, **rest: Any) -> Operation:
    parsed = tuple(Shape.parse(shape, OTHER_PARAMETERS) for shape in shapes)
    return Operation(name, f"Client.{name}", "Does something.", parsed, NOTHING, **rest)


OTHERS = table(
    [
        _other("client_capabilities", "connection? each...", "connection? capability_names"),
        _other("list_messages_by_page", "items_per_page settings"),
        _other("send_queue", "", synchronous=False, end_name="end_begin_send_queue"),
        _other("list_attachments", "items_per_page commit?", has_pair=False),
    ]
)


def test_any_number_of_arguments() -> None:
    operation = OTHERS["client_capabilities"]
    assert operation.bind((), {}).arguments == {"capability_names": ()}
    assert operation.bind(("A", "B"), {}).arguments == {"capability_names": ("A", "B")}
    assert operation.bind((CONNECTED, "A"), {}).connection is CONNECTED
    assert operation.bind((["A", "B"],), {}).arguments == {"capability_names": ("A", "B")}
    assert operation.bind((), {"capability_names": ["A"]}).arguments == {"capability_names": ("A",)}
    call, callback, state = operation.bind_begin(("A", "B", told, 7), {})
    assert (call.arguments, callback, state) == ({"capability_names": ("A", "B")}, told, 7)
    with pytest.raises(AsposeArgumentException, match="capability_names"):
        operation.bind(("A", "B\n"), {})
    with pytest.raises(ArgumentTypeError, match="argument 2"):
        operation.bind(("A", 5), {})


def test_callback_and_state_inside_the_settings() -> None:
    operation = OTHERS["list_messages_by_page"]
    settings = Settings()
    assert operation.bind_begin((10, settings), {})[1:] == (told, "state of the settings")
    assert operation.bind_begin((10, settings, None, 5), {})[1:] == (None, 5)


def test_an_operation_that_can_only_be_begun() -> None:
    operation = OTHERS["send_queue"]
    assert operation.end_name == "end_begin_send_queue"
    assert operation.bind_begin((told, 1), {})[1:] == (told, 1)


def test_N2_ends_of_a_range_may_be_named_in_any_order() -> None:
    operation = OPERATIONS["add_message_flags"]
    named = {"end_uid": "9", "flags": ImapMessageFlags.flagged, "start_uid": "5"}
    assert list(operation.bind((), named).arguments["messages"]) == [5, 6, 7, 8, 9]
    asked = {"page_offset": 2, "settings": PageSettings(), "items_per_page": 7}
    paged = OPERATIONS["list_messages_by_page"].bind((), asked).arguments["page"]
    assert (paged.items_per_page, paged.page_offset) == (7, 2)


class OneForm:
    """Methods that have a signature of their own."""

    @one_form
    def end(self, async_result: object, folder_info: object = None) -> str:
        """Gives something."""
        return f"{async_result} {folder_info}"

    @one_form
    def fail(self, value: str) -> int:
        return len(value) + value  # type: ignore[operator]


@pytest.mark.parametrize(
    ("args", "kwargs", "text"),
    [
        ((), {}, r"end\(\) does not take \(\); accepted: end\(async_result, folder_info=None\)"),
        ((1, 2, "secret"), {}, r"end\(\) does not take \(int, int, str\)"),
        ((1,), {"async_result": "secret"}, r"end\(\) does not take \(int, async_result=str\)"),
        ((), {"async_result": 1, "surplus": "secret"}, r"end\(\) has no parameter surplus; accepted"),
    ],
)
def test_N3_what_one_form_does_not_take_is_an_argument_error(
    args: tuple[Any, ...], kwargs: dict[str, Any], text: str
) -> None:
    with pytest.raises(ArgumentTypeError, match=text) as caught:
        OneForm().end(*args, **kwargs)
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, ValueError)
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None


def test_one_form_is_called_as_it_is_written() -> None:
    assert OneForm().end(1, folder_info=2) == "1 2"
    assert (
        str(inspect.signature(OneForm.end)) == "(self, async_result: 'object', folder_info: 'object' = None) -> 'str'"
    )
    assert (OneForm.end.__name__, OneForm.end.__doc__) == ("end", "Gives something.")


def test_a_type_error_of_the_method_itself_stays_what_it_is() -> None:
    with pytest.raises(TypeError, match="unsupported operand") as caught:
        OneForm().fail("text")
    assert type(caught.value) is TypeError
