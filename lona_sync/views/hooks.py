"""What stands around a view: the application's middlewares, as far as a view meets them."""

from __future__ import annotations

import enum
from typing import Any, Final, Protocol

from .request import Request


class GoOn(enum.Enum):
    """Nobody has handled it."""
    GO_ON = enum.auto()


GO_ON: Final = GoOn.GO_ON


class Hooks(Protocol):
    """Each runs in a greenlet of the view, and may wait."""

    @property
    def see_ends(self) -> bool:
        """Whether `view_stops` or `view_leaves` tells anybody."""

    def handle_request(self, request: Request, view: Any) -> object:         # Any: a `View`, which is made above this file
        """What is to be shown instead of the view, as if its `handle_request` had returned it; `GO_ON`: the view itself."""

    def view_stops(self, request: Request, view: Any, reason: BaseException | None) -> None:
        """Before `View.on_stop`. Raises nothing of the application's."""

    def view_leaves(self, request: Request, view: Any) -> None:
        """Before `View.on_cleanup`. Raises nothing of the application's."""


class NoHooks:
    """An application without middlewares."""
    see_ends = False

    def handle_request(self, request: Request, view: Any) -> object:
        return GO_ON

    def view_stops(self, request: Request, view: Any, reason: BaseException | None) -> None:
        """Nobody is told."""

    def view_leaves(self, request: Request, view: Any) -> None:
        """Nobody is told."""
