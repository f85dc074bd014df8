"""What views of one process tell each other."""

from __future__ import annotations

import copy
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from .calls import Calls
from .outcomes import Outcomes

logger = logging.getLogger("lona_sync.views")


class ViewEvent(NamedTuple):
    """`name` and `data` are the sender's; each view gets a copy of `data`. `view_classes`: who was meant; None: all."""
    name: str
    data: Any                                          # Any: the application's own
    view_classes: tuple[type, ...] | None

    def copy(self) -> ViewEvent:
        """For one receiver. Raises what `copy.deepcopy` does."""
        return ViewEvent(self.name, copy.deepcopy(self.data), self.view_classes)


class Hearer(Protocol):
    """A view."""

    @property
    def view_event_hook(self) -> Callable[[ViewEvent], object] | None:
        """What it does with one; None: nothing."""


class Host(Protocol):
    """The runtime of the view that hears them."""

    @property
    def view(self) -> Hearer: ...

    @property
    def stopped(self) -> bool: ...


class ViewEvents:
    """Those that one view is to handle: as its `calls`, and within their limit."""

    __slots__ = ("_calls", "_counters", "_host", "_outcomes")

    def __init__(self, *, host: Host, calls: Calls, outcomes: Outcomes, counters: Counter[str]) -> None:
        self._host = host
        self._calls = calls
        self._outcomes = outcomes
        self._counters = counters

    def receive(self, event: ViewEvent) -> None:
        """Let the view handle it in its turn. Never waits; what exceeds `CALL_SOON_QUEUE` is dropped and counted."""
        if not self._host.stopped and not self._calls.put(self._handle, (event,)):
            self._counters["view_events.dropped"] += 1

    def _handle(self, event: ViewEvent) -> None:
        hook = self._host.view.view_event_hook
        if hook is None:
            return
        try:
            answer = hook(event)
        except Exception:
            logger.exception("%r: error in on_view_event(%r)", self._host, event.name)
            return
        self._outcomes.execute(answer)                            # what cannot be shown ends the view
