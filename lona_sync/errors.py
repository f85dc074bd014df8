"""What can go wrong, in words that the user of lona_sync may catch or raise."""

from __future__ import annotations

from greenlet import GreenletExit


class StopReason(GreenletExit):
    """Why a view was stopped from outside.

    It is raised inside of every blocked call of that view, and by each later call. It derives from
    `GreenletExit` and so from `BaseException`: `except Exception` cannot keep a dead view alive.
    """

    def copy(self) -> StopReason:
        """Another one like it: one object thrown into many greenlets would collect all their tracebacks."""
        return type(self)(*self.args)


class UserAbort(StopReason):
    """The last client of the view has left: tab closed, page left, not resumed in time."""


class ServerStop(StopReason):
    """The server is shutting down."""


class SlowSubscriber(StopReason):
    """The queue of a channel subscription ran full, and it was made with `overflow="stop"`."""


class AwaitTimeout(TimeoutError):
    """An `await_…(timeout=)` saw no matching event in time."""


class NotFoundError(Exception):
    """Raise it in a view to answer with the 404 page."""


class ForbiddenError(Exception):
    """Raise it in a view to answer with the 403 page."""


class ClientError(Exception):
    """A script error that a browser reported. `message` is the browser's text: never trust it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BrowserCallError(ClientError):
    """A method that `node.call()` called in the browser has thrown, or is not there. `message` as for a `ClientError`."""


class ProtocolError(Exception):
    """A browser sent what the protocol does not allow; `code` is the close code that answers it."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class ReadOnlyError(ValueError):
    """A browser has changed an input that its user cannot change, and was told the value again."""


class TreeInUseError(RuntimeError):
    """A tree is shown in one view only; this one is shown in another that still runs."""


class TreeTooLargeError(RuntimeError):
    """A tree would have more nodes, or more characters, than one view may show."""


class WrongThreadError(RuntimeError):
    """A shown tree was touched from a real thread; only the hub's thread may change it."""


class ViewCrashed(StopReason):
    """The view has ended with `error`; what still ran of it was stopped."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error
