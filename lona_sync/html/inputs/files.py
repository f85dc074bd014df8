"""`FileInput`: files that the user chooses, or drops."""

from __future__ import annotations

import mimetypes
import os
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, BinaryIO, ClassVar, NamedTuple, Protocol, TypeVar, cast

from ..properties import Value
from .field import REQUIRED, Field
from .label import Label


class File(Protocol):
    """A file that has come, whole; see `lona_sync.UploadedFile`."""

    @property
    def name(self) -> str: ...
    @property
    def client_name(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def content_type(self) -> str: ...
    @property
    def path(self) -> os.PathLike[str]: ...
    def open(self) -> BinaryIO: ...
    def read(self) -> bytes: ...
    def save_to(self, target: str | os.PathLike[str]) -> os.PathLike[str]: ...


class Intake(Protocol):
    """Whoever takes in the files of an input."""

    def cancel(self) -> None:
        """Drop what is on its way. Never waits."""


class UploadProgress(NamedTuple):
    """How far the files of an input have come, all together, in bytes."""
    received: int
    size: int

    @property
    def ratio(self) -> float:
        """From 0 to 1."""
        return self.received / self.size if self.size else 1.0


Progressed = Callable[[UploadProgress], object]
M = TypeVar("M", bound=Callable[..., object])


class _Replaceable:
    """`handle_progress`, which can be replaced on one input by assignment, although nodes have no `__dict__`."""

    def __init__(self, method: Callable[..., object]) -> None:
        self._method = method

    def __get__(self, node: FileInput | None, node_class: type) -> Callable[..., object]:
        if node is None:
            return self._method
        found: Callable[..., object] = node._progressed or self._method.__get__(node, node_class)
        return found

    def __set__(self, node: FileInput, function: Progressed) -> None:
        if not callable(function):
            raise TypeError(f"handle_progress must be a function that takes an UploadProgress, not {function!r}")
        node._progressed = function


def _replaceable(method: M) -> M:
    """A `_Replaceable` that type checkers take for the method, so that subclasses may override it."""
    return cast(M, _Replaceable(method))


class FileInput(Field):
    """Files. `files` are those that have come, whole; `value` is the file, or None; with `multiple` it is all of them.

        upload = FileInput(accept=[".csv", "text/csv"], max_size=10_000_000)
        …
        file = self.await_upload(upload)

    `accept`: endings, and types as `image/*`. `max_size`: bytes of one file; `max_files`: how many at one time.

    What the user has chosen is uploaded at once; inside of a `Form` that is handled here, when the form is submitted, which then
    waits for it. A change (`handle_change`, `View.await_change`) is when all that was chosen has come, and not before; choosing
    others takes the place of those that were there. `progress` and `handle_progress` tell how far it is. Files that are dropped
    on a node around it with the attribute `data-lona-drop-zone` (a `DropZone`) are as good as chosen.

    On a route that is not interactive `Form.fill(request.POST, request.files)` does it.

    What a browser says of a file is not to be trusted: its type is a claim, and an ending says nothing. See docs/files.md.
    """

    __slots__ = ("_files", "_intake", "_max_files", "_max_size", "_progress", "_progressed")
    TAG_NAME = "input"
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"type": "file"}
    WIDGET = "lona-uploads"
    HTML_HAS_READONLY = False

    def __init__(
        self, *, multiple: bool = False, accept: str | Iterable[str] = (), max_size: int | None = None,
        max_files: int | None = None, handle_progress: Progressed | None = None, **kwargs: Any,
    ) -> None:                                                # Any: as for Node
        self._files: tuple[File, ...] = ()
        self._intake: Intake | None = None
        self._progress: UploadProgress | None = None
        self._progressed: Progressed | None = None
        super().__init__(**kwargs)
        # Who finds it by its number has to know the rest, too.
        self.widget_data = {"input": f"{self.id}.{secrets.token_urlsafe(16)}", "run": 0, "now": False}
        if multiple is not False:
            self.multiple = multiple
        if accept:
            self.accept = accept
        for name, limit in (("max_size", max_size), ("max_files", max_files)):
            if limit is not None and (type(limit) is not int or limit < 1):
                raise ValueError(f"{name} must be a whole number greater than 0, or None, not {limit!r}")
        if handle_progress is not None:
            self.handle_progress = handle_progress            # type: ignore[method-assign, assignment]  # as other handlers
        self._max_size = max_size
        self._max_files = max_files

    # Its files.

    @property
    def files(self) -> tuple[File, ...]:
        """Those that have come. One that nobody holds any more is removed from the disk."""
        return self._files

    @property
    def value(self) -> Any:                                   # Any: one file or all of them, as `multiple` says
        """The file, or None; with `multiple` a tuple of them. May be set to None or (): it is empty then."""
        return self._files if self.multiple else next(iter(self._files), None)

    @value.setter
    def value(self, value: Sequence[File] | None) -> None:
        if value is not None and (isinstance(value, str) or len(value)):
            raise TypeError(f"only its user can choose the files of a FileInput; it can be made empty by None, not {value!r:.80}")
        self.clear()

    @property
    def multiple(self) -> bool:
        """True: several files may be chosen."""
        return self._flag("multiple")

    @multiple.setter
    def multiple(self, value: bool) -> None:
        self._set_flag("multiple", value)

    @property
    def accept(self) -> tuple[str, ...]:
        """Endings (`.pdf`) and types (`image/png`, `image/*`) that may be chosen; (): all."""
        return tuple(part for part in (part.strip() for part in self._raw("accept").split(",")) if part)

    @accept.setter
    def accept(self, accept: str | Iterable[str]) -> None:
        parts = accept.split(",") if isinstance(accept, str) else list(accept)
        for part in parts:
            if not isinstance(part, str) or not (part.strip().startswith(".") or "/" in part) or "," in part:
                raise ValueError(f"accept holds endings and types, as '.pdf', 'image/png' or 'image/*', not {part!r}")
        self.attributes["accept"] = ",".join(part.strip() for part in parts)

    @property
    def max_size(self) -> int | None:
        """Bytes of one file; None: the settings limit it alone."""
        return self._max_size

    @property
    def max_files(self) -> int | None:
        """How many files may be chosen at one time; None: as many as the settings allow."""
        return self._max_files if self.multiple else 1

    @property
    def progress(self) -> UploadProgress | None:
        """How far it is; None: nothing is on its way."""
        return self._progress

    def cancel(self) -> None:
        """Drop what is on its way; the browser forgets what was chosen. What has come whole before stays. Never waits."""
        if self._intake is not None:
            self._intake.cancel()
        self._end_run()

    def clear(self) -> None:
        """Be empty: no files, none on their way, nothing chosen."""
        self.cancel()
        self._files = ()
        self._refusal = ""

    @_replaceable
    def handle_progress(self, progress: UploadProgress) -> object:
        """Called while files are on their way, at most ten times a second, in the view's turn, and followed by `show()`."""
        return None

    @property
    def tells_progress(self) -> bool:
        """Whether anybody wants to be called."""
        return self._progressed is not None or self._is_overridden("handle_progress")

    # What a browser wants to send.

    def problem_of(self, name: str, size: int, content_type: str) -> str:
        """Why a file cannot be taken of which this is said, as a sentence; '': it can."""
        if self._max_size is not None and size > self._max_size:
            return f"This file is too large: {_in_words(self._max_size)} at most."
        if self.accept and not any(_fits(pattern, name, content_type) for pattern in self.accept):
            return f"Files of this kind are not taken, but {', '.join(self.accept)}."
        return ""

    def receive(self, data: object, client: int) -> None:
        raise ValueError("the files of an input come over HTTP, and no message brings them")

    def issues(self, event_name: str) -> bool:
        return event_name == "change" or super().issues(event_name)           # the server does, when they have come

    def set_handler(self, event_name: str, handler: Callable[[Any], Any]) -> None:
        super().set_handler(event_name, handler)
        if event_name == "change":
            self.events = [event for event in self.events if event.name != "change"]      # else browsers would report it, too

    # What whoever takes the files in tells it.

    @property
    def secret(self) -> str:
        """What a browser has to know of it to send it files."""
        return str(self.widget_data["input"])

    def starts(self, intake: Intake, size: int) -> None:
        """Files of so many bytes are on their way, in place of those that were before."""
        self._intake = intake
        self._refusal = ""
        self._progress = UploadProgress(0, size)

    def moves(self, received: int) -> None:
        if self._progress is not None:
            self._progress = UploadProgress(received, self._progress.size)

    def refuses(self, sentence: str) -> None:
        """What was chosen cannot be taken."""
        self._files = ()
        self._refusal = sentence
        self._progress = self._intake = None

    def takes(self, files: Sequence[File]) -> None:
        """All that was chosen has come."""
        self._files = tuple(files)
        self._refusal = ""
        self._progress = self._intake = None

    def stops(self) -> None:
        """What was on its way does not come."""
        self._progress = self._intake = None

    def send_at_once(self) -> None:
        """Do not wait for a form to be submitted."""
        if not self.widget_data["now"]:
            self.widget_data["now"] = True

    def fill_files(self, files: Sequence[File]) -> None:
        """Take over what a browser has posted under this input's name. What cannot be taken is remembered as the `error`."""
        if self.is_disabled or self.is_readonly:
            return
        problems = filter(None, [self.problem_of(file.name, file.size, file.content_type) for file in files])
        problem = next(problems, "")
        if self.max_files is not None and len(files) > self.max_files:
            problem = "These are too many files."
        if problem:
            self.refuses(problem)
        else:
            self.takes(files)

    def _fill(self, texts: Sequence[str]) -> str:
        return self._refusal                                  # a text under its name is no file

    def _problem(self) -> str:
        return REQUIRED if self.required and not self._files else ""

    def _end_run(self) -> None:
        self._progress = self._intake = None
        self.widget_data["run"] += 1


def _fits(pattern: str, name: str, content_type: str) -> bool:
    pattern = pattern.lower()
    if pattern.startswith("."):
        return name.lower().endswith(pattern)
    kind = (content_type or mimetypes.guess_type(name)[0] or "").partition(";")[0].strip().lower()
    return kind == pattern or (pattern.endswith("/*") and kind.startswith(pattern[:-1]))


def _in_words(size: int) -> str:
    power = min(3, (len(str(size)) - 1) // 3)
    return f"{size / 1000**power:.4g} {('bytes', 'kB', 'MB', 'GB')[power]}"


class DropZone(Label):
    """What is dropped on it goes to the `FileInput` inside; a click on it opens the browser's dialog for that.

        DropZone("Drop files here, or click", FileInput(multiple=True))

    While something is dragged over it, it has the attribute `data-lona-over`.
    """

    __slots__ = ()
    ATTRIBUTES: ClassVar[Mapping[str, Value]] = {"data-lona-drop-zone": True}
