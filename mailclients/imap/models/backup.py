"""How folders are backed up and brought back: settings, options, and where a backup is.

Settings belong to whoever makes them. Nothing here opens a file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from enum import IntFlag
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast, overload

from mailclients.arguments import IConnection
from mailclients.dotnet import ClassValue, IDisposable
from mailclients.errors import ArgumentTypeError, AsposeArgumentException
from mailclients.imap.models.folders import ImapFolderInfo, ImapFolderInfoCollection
from mailclients.imap.models.paging import connection_or_none
from mailclients.imap.models.settings import Setting, at_least, boolean, function, instance_of
from mailclients.names import HintedABCMeta, HintedEnumMeta, NamesChecked, NamesHinted
from mailclients.parameters import BOOL, NOTHING, PATH, Parameter, TypeRef, integer, member
from mailclients.signatures import Operation, Shape

if TYPE_CHECKING:
    from typing import TypeAlias


__all__ = [
    "BackupOptions",
    "BackupProgress",
    "BackupSettings",
    "BeforeItemCallback",
    "ItemCallbackArgs",
    "PersonalStorage",
    "RestoreOptions",
    "RestoreSettings",
    "RestoreSettingsAsync",
]

ATTEMPTS: Final = 3
PAUSE: Final = 1000  # milliseconds between attempts


class BackupOptions(IntFlag, metaclass=HintedEnumMeta):
    """What a backup takes along (.NET: ``BackupOptions``)."""

    NONE = 0
    RECURSIVE = 1


class RestoreOptions(IntFlag, metaclass=HintedEnumMeta):
    """What is brought back, and what is removed (.NET: ``RestoreOptions``)."""

    NONE = 0
    RECURSIVE = 1
    REMOVE_NONEXISTENT_FOLDERS = 2
    REMOVE_NONEXISTENT_ITEMS = 4


class ItemCallbackArgs(NamesChecked):
    """What is about to be restored (.NET: ``ItemCallbackArgs``).

    Args:
        item: the message or folder.
    """

    def __init__(self, item: object) -> None:
        self._item = item

    @property
    def this(self) -> object:
        """The message or folder; what is assigned takes its place (.NET: ``this``)."""
        return self._item

    @this.setter
    def this(self, value: object) -> None:
        self._item = value


BeforeItemCallback: TypeAlias = Callable[[ItemCallbackArgs], object]
"""Told before each item is restored (.NET: ``BeforeItemCallback``)."""


class BackupProgress:
    """How far a backup or restoring is, in the folder that it is at (no member of the .NET library).

    Attributes:
        folder_name: full name of the folder on the server.
        folders_done, folders_total: folders before this one, and of all.
        messages_done: of this folder, those included that were there already or could not be handled.
        messages_total: of this folder; 0 when it is not known.
        messages_skipped: how many of those that are done were there already.
        bytes_done: of the contents of all folders, in bytes.
    """

    __slots__ = (
        "bytes_done",
        "folder_name",
        "folders_done",
        "folders_total",
        "messages_done",
        "messages_skipped",
        "messages_total",
    )

    def __init__(
        self,
        folder_name: str,
        folders_done: int = 0,
        folders_total: int = 0,
        messages_done: int = 0,
        messages_total: int = 0,
        messages_skipped: int = 0,
        bytes_done: int = 0,
    ) -> None:
        self.folder_name = folder_name
        self.folders_done = folders_done
        self.folders_total = folders_total
        self.messages_done = messages_done
        self.messages_total = messages_total
        self.messages_skipped = messages_skipped
        self.bytes_done = bytes_done

    def __repr__(self) -> str:
        return (
            f"<BackupProgress {self.folder_name!r} ({self.folders_done + 1} of {self.folders_total}):"
            f" {self.messages_done} of {self.messages_total or '?'} messages>"
        )


class PersonalStorage(NamesHinted, IDisposable, metaclass=HintedABCMeta):
    """Where a backup is: a file, a folder or a stream (.NET: ``PersonalStorage``).

    `from_file` and `from_stream` make one. It holds no open file; a stream stays the caller's.
    """

    __slots__ = ("_file_name", "_stream")

    def __init__(self) -> None:
        self._file_name: str | None = None
        self._stream: BinaryIO | None = None

    @staticmethod
    def from_file(file_name: str | os.PathLike[str]) -> PersonalStorage:
        """Name a backup by its path (.NET: ``FromFile``).

        Args:
            file_name: path of a zip archive, a file in mbox format, or a folder with Maildirs.

        Raises:
            AsposeArgumentException: it is no path, or empty.
        """
        made = PersonalStorage()
        made._file_name = _FROM_FILE.bind((file_name,), {}).arguments["file_name"]
        return made

    @staticmethod
    def from_stream(stream: BinaryIO) -> PersonalStorage:
        """Name a backup by a stream that holds it (.NET: ``FromStream``).

        Args:
            stream: a binary stream that can be read and moved in, with a zip archive.

        Raises:
            ArgumentTypeError: it is no such stream.
        """
        if isinstance(stream, type) or not all(callable(getattr(stream, name, None)) for name in ("read", "seek")):
            raise ArgumentTypeError(
                f"stream must be a binary stream with read() and seek(), not {type(stream).__name__}"
            )
        made = PersonalStorage()
        made._stream = stream
        return made

    @property
    def file_name(self) -> str | None:
        """Path of the backup, or None when it is in a stream."""
        return self._file_name

    @property
    def stream(self) -> BinaryIO | None:
        """The stream that holds the backup, or None when it has a path."""
        return self._stream

    def dispose(self) -> None:
        """Does nothing: what is not opened needs no closing (.NET: ``Dispose``)."""

    def __repr__(self) -> str:
        return f"<PersonalStorage {self._file_name if self._file_name is not None else 'in a stream'}>"


def backup_format(file_name: str) -> str:
    """What a backup with this name is: "zip", "mbox", or "maildir" for a folder.

    A folder is what exists as one, ends with a separator, or has no extension.

    Raises:
        AsposeArgumentException: the name means none of these.
    """
    extension = os.path.splitext(file_name)[1].lower()
    separators = tuple(each for each in (os.sep, os.altsep) if each)
    if not extension or file_name.endswith(separators) or os.path.isdir(file_name):
        return "maildir"
    if extension == ".zip":
        return "zip"
    if extension in (".mbox", ".mbx"):
        return "mbox"
    raise AsposeArgumentException(
        f"file_name must end with .zip or .mbox, or name a folder (end it with {os.sep!r}), not with {extension!a}"
    )


_HERE: Final = __name__
_PARAMETERS: Final = {
    parameter.name: parameter
    for parameter in (
        Parameter("file_name", PATH, "path of the backup"),
        Parameter("options", member(TypeRef(_HERE, "BackupOptions")), "what is taken along"),
        Parameter("execute_recursively", BOOL, "whether subfolders are taken along"),
        Parameter("restore_connection", BOOL, "whether a lost connection is made again"),
        Parameter("number_of_attempts", integer(1, None), "how often an item is tried"),
        Parameter("timeout_between_attempts", integer(0, None), "pause in milliseconds"),
    )
}


def _constructor(name: str, *shapes: str) -> Operation:
    parsed = tuple(Shape.parse(shape, _PARAMETERS) for shape in shapes)
    return Operation(name, name, "Makes one.", parsed, NOTHING, has_pair=False)


_FROM_FILE: Final = _constructor("from_file", "file_name")
_BACKUP: Final = _constructor(
    "BackupSettings",
    "",
    "options",
    "execute_recursively restore_connection number_of_attempts timeout_between_attempts",
)


def _default_settings() -> BackupSettings:
    return BackupSettings()


class BackupSettings(NamesChecked):
    """How a backup is made (.NET: ``BackupSettings``). `BackupOptions` will do in their place.

    Args:
        options: what is taken along.
        execute_recursively: whether subfolders are taken along.
        restore_connection: whether a lost connection is made again.
        number_of_attempts: how often an item is tried, at least 1.
        timeout_between_attempts: pause in milliseconds.

    Raises:
        AsposeArgumentException: the arguments fit no form, or a value cannot be used.
    """

    execute_recursively = Setting(False, boolean, "Whether subfolders are taken along (.NET: ``ExecuteRecursively``).")
    restore_connection = Setting(
        True, boolean, "Whether a lost connection is made again (.NET: ``RestoreConnection``)."
    )
    number_of_attempts_to_rrepeat = Setting(
        ATTEMPTS, at_least(1), "How often an item is tried (.NET: ``NumberOfAttemptsToRrepeat``)."
    )
    timeout_between_attempts = Setting(
        PAUSE, at_least(0, " milliseconds"), "Pause in milliseconds (.NET: ``TimeoutBetweenAttempts``)."
    )

    progress = Setting[Callable[[BackupProgress], object] | None](
        None,
        function,
        "Told with each message how far it is, or None; what it raises ends the operation (not in .NET).",
    )

    default = ClassValue["BackupSettings"](_default_settings, "Settings as they are at first (.NET: ``Default``).")

    @overload
    def __init__(self) -> None: ...
    @overload
    def __init__(self, options: BackupOptions) -> None: ...
    @overload
    def __init__(
        self,
        execute_recursively: bool,
        restore_connection: bool,
        number_of_attempts: int,
        timeout_between_attempts: int,
    ) -> None: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = _BACKUP.bind(args, kwargs).arguments
        options = given.pop("options", None)
        if options is not None:
            self.execute_recursively = bool(options & BackupOptions.RECURSIVE)
        for name, value in given.items():
            setattr(self, "number_of_attempts_to_rrepeat" if name == "number_of_attempts" else name, value)


def _folders(name: str, value: Any) -> ImapFolderInfoCollection | None:
    if value is None or isinstance(value, ImapFolderInfoCollection):
        return value
    given = cast("Sequence[Any]", value)
    if type(value) not in (list, tuple) or not all(isinstance(each, ImapFolderInfo) for each in given):
        raise ArgumentTypeError(f"{name} must be an ImapFolderInfoCollection or None, not {type(value).__name__}")
    return ImapFolderInfoCollection(given)


class RestoreSettings(NamesChecked):
    """How a backup is brought back (.NET: ``RestoreSettings``). `RestoreOptions` will do in their place."""

    options = Setting(
        RestoreOptions.NONE,
        instance_of(RestoreOptions),
        "What is brought back, and what is removed; the three attributes below are its parts (.NET: ``Options``).",
    )
    folders = Setting[ImapFolderInfoCollection | None](
        None, _folders, "Folders to bring back; all when None (.NET: ``Folders``)."
    )
    connection = Setting[IConnection | None](
        None, connection_or_none, "Connection to use; as in calls without one when None (.NET: ``Connection``)."
    )
    before_item_callback = Setting[BeforeItemCallback | None](
        None, function, "Called before each item, or None (.NET: ``BeforeItemCallback``)."
    )
    restore_connection = Setting(
        True, boolean, "Whether a lost connection is made again (.NET: ``RestoreConnection``)."
    )
    number_of_attempts_to_rrepeat = Setting(
        ATTEMPTS, at_least(1), "How often an item is tried (.NET: ``NumberOfAttemptsToRrepeat``)."
    )
    timeout_between_attempts = Setting(
        PAUSE, at_least(0, " milliseconds"), "Pause in milliseconds (.NET: ``TimeoutBetweenAttempts``)."
    )

    skip_duplicates = Setting(
        False,
        boolean,
        "Whether a message is left out when its folder has one with the same Message-ID and size, or, where there is no"
        " Message-ID, the same date and size; the same header and size, where there is no date either that IMAP can"
        " carry (not in .NET).",
    )
    progress = Setting[Callable[[BackupProgress], object] | None](
        None,
        function,
        "Told with each message how far it is, or None; what it raises ends the operation (not in .NET).",
    )

    @property
    def recursive(self) -> bool:
        """Whether subfolders are brought back, too (.NET: ``Recursive``)."""
        return bool(self.options & RestoreOptions.RECURSIVE)

    @recursive.setter
    def recursive(self, value: bool) -> None:
        self._switch("recursive", RestoreOptions.RECURSIVE, value)

    @property
    def remove_nonexistent_folders(self) -> bool:
        """Whether folders that the backup does not have are deleted (.NET: ``RemoveNonexistentFolders``)."""
        return bool(self.options & RestoreOptions.REMOVE_NONEXISTENT_FOLDERS)

    @remove_nonexistent_folders.setter
    def remove_nonexistent_folders(self, value: bool) -> None:
        self._switch("remove_nonexistent_folders", RestoreOptions.REMOVE_NONEXISTENT_FOLDERS, value)

    @property
    def remove_nonexistent_items(self) -> bool:
        """Whether messages that the backup does not have are deleted (.NET: ``RemoveNonexistentItems``)."""
        return bool(self.options & RestoreOptions.REMOVE_NONEXISTENT_ITEMS)

    @remove_nonexistent_items.setter
    def remove_nonexistent_items(self, value: bool) -> None:
        self._switch("remove_nonexistent_items", RestoreOptions.REMOVE_NONEXISTENT_ITEMS, value)

    def _switch(self, name: str, part: RestoreOptions, value: bool) -> None:
        self.options = self.options | part if boolean(name, value) else self.options & ~part


class RestoreSettingsAsync(RestoreSettings):
    """How a backup is brought back, with what a begun call is told besides (.NET: ``RestoreSettingsAsync``)."""

    callback = Setting[Callable[[Any], object] | None](
        None, function, "Called with the handle when the operation is complete (.NET: ``Callback``)."
    )
    state = Setting[object](None, lambda _, value: value, "The handle's `async_state` (.NET: ``State``).")
