"""Pages of a listing: which one is asked for, and how. Each object belongs to the thread that made it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, overload

from mailclients.arguments import IConnection
from mailclients.errors import ArgumentTypeError
from mailclients.imap.models.settings import Setting, at_least, boolean, function, sendable
from mailclients.names import NamesChecked
from mailclients.parameters import BOOL, NOTHING, Parameter, integer
from mailclients.signatures import Operation, Shape

if TYPE_CHECKING:
    from mailclients.imap.models.messages import ImapMessageInfoCollection

__all__ = ["ImapPageInfo", "PageInfo", "PageSettings", "PageSettingsAsync"]

_PARAMETERS: Final = {
    parameter.name: parameter
    for parameter in (
        Parameter("total_count", integer(0, None), "messages on all pages"),
        Parameter("items_per_page", integer(1, None), "messages on a page"),
        Parameter("offset", integer(0, None), "number of the page, from 0", "page_offset"),
        Parameter("absolute_offset", integer(0, None), "messages before the page"),
        Parameter("last_page", BOOL, "whether no page follows"),
    )
}
_PAGE: Final = Operation(
    "PageInfo",
    "PageInfo",
    "A page.",
    tuple(
        Shape.parse(shape, _PARAMETERS)
        for shape in (
            "items_per_page offset?",
            "total_count items_per_page offset last_page",
            "total_count items_per_page offset absolute_offset last_page",
        )
    ),
    NOTHING,
    has_pair=False,
)


class PageInfo(NamesChecked):
    """One page of a listing (.NET: ``PageInfo``).

    Args:
        total_count: messages on all pages; 0 as long as nobody has counted.
        items_per_page: messages on a page, at least 1.
        offset: number of the page, from 0.
        absolute_offset: messages before the page; those of full pages when left out.
        last_page: whether no page follows.

    Raises:
        AsposeArgumentException: the arguments fit no form, or a value cannot be used.
    """

    total_count = Setting(0, at_least(0), "Messages on all pages (.NET: ``TotalCount``).")
    items_per_page = Setting(1, at_least(1), "Messages on a page (.NET: ``ItemsPerPage``).")
    page_offset = Setting(0, at_least(0), "Number of the page, from 0 (.NET: ``PageOffset``).")
    absolute_offset = Setting(0, at_least(0), "Messages before the page (.NET: ``AbsoluteOffset``).")
    last_page = Setting(False, boolean, "Whether no page follows (.NET: ``LastPage``).")

    @overload
    def __init__(self, items_per_page: int, offset: int = 0) -> None: ...
    @overload
    def __init__(self, total_count: int, items_per_page: int, offset: int, last_page: bool) -> None: ...
    @overload
    def __init__(
        self, total_count: int, items_per_page: int, offset: int, absolute_offset: int, last_page: bool
    ) -> None: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = _PAGE.bind(args, kwargs).arguments
        vars(self).update(given)
        if "absolute_offset" not in given:
            self.absolute_offset = self.page_offset * self.items_per_page

    @property
    def next_page(self) -> PageInfo:
        """The page behind this one; behind the last one there is a page without messages (.NET: ``NextPage``)."""
        following = PageInfo(self.items_per_page, self.page_offset + 1)
        following.total_count = self.total_count
        following.absolute_offset = self.absolute_offset + self.items_per_page
        return following

    def __repr__(self) -> str:
        last = " last" if self.last_page else ""
        return f"<{type(self).__name__} page_offset={self.page_offset} items_per_page={self.items_per_page}{last}>"


class ImapPageInfo(PageInfo):
    """A page with its messages (.NET: ``ImapPageInfo``).

    Args:
        items: the messages of the page.
        page: which page it is, with what is known about all of them.
    """

    def __init__(self, items: ImapMessageInfoCollection, page: PageInfo) -> None:
        super().__init__(page.total_count, page.items_per_page, page.page_offset, page.absolute_offset, page.last_page)
        self._items = items

    @property
    def items(self) -> ImapMessageInfoCollection:
        """The messages of the page (.NET: ``Items``)."""
        return self._items


def connection_or_none(name: str, value: Any) -> IConnection | None:
    """The value, if it is a connection or None."""
    if value is not None and (not isinstance(value, IConnection) or isinstance(value, type)):
        raise ArgumentTypeError(f"{name} must be an IConnection or None, not {type(value).__name__}")
    return value


class PageSettings(NamesChecked):
    """How pages are listed (.NET: ``PageSettings``)."""

    folder_name = Setting[str | None](
        None, sendable(), "Folder to list, or None for the current one (.NET: ``FolderName``)."
    )
    connection = Setting[IConnection | None](
        None, connection_or_none, "Connection to use; as in calls without one when None (.NET: ``Connection``)."
    )
    ascending_sorting = Setting(
        False, boolean, "Whether the oldest message is the first, else the newest (.NET: ``AscendingSorting``)."
    )
    ignore_exceptions = Setting(
        False,
        boolean,
        "Whether errors over single messages go to `exceptions` of the collection (.NET: ``IgnoreExceptions``).",
    )


class PageSettingsAsync(PageSettings):
    """How pages are listed, with what a begun call is told besides (.NET: ``PageSettingsAsync``)."""

    callback = Setting[Callable[[Any], object] | None](
        None, function, "Called with the handle when the operation is complete (.NET: ``Callback``)."
    )
    state = Setting[object](None, lambda _, value: value, "The handle's `async_state` (.NET: ``State``).")
