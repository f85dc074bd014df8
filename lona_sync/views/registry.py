"""All views that run in this process."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator
from typing import Any

from ..errors import ServerStop, UserAbort
from .accounts import Accounts
from .clock import Clock
from .crowd import Crowd
from .joining import Claims, Joinable
from .request import Request
from .runtime import ViewRuntime
from .surroundings import Surroundings
from .view import View
from .view_events import ViewEvent

#: Each view, for `--debug-mode views`.
event_log = logging.getLogger("lona_sync.view_events")
view_log = logging.getLogger("lona_sync.view_runtime")


class Full(Exception):
    """`MAX_VIEWS` views run already, or the server is stopping."""


class Ending(Full):
    """The process is to end, and another one takes its place."""


class TooMany(Full):
    """As many views run for this user as one may have."""


class Registry:
    """Starts views and finds them again: by id, or, for daemons, by user and address."""

    def __init__(self, claims: Claims, surroundings: Surroundings) -> None:
        self._settings = surroundings.settings
        self._counters = surroundings.counters
        self._surroundings = surroundings
        self._claims = claims
        self._runtimes: dict[str, ViewRuntime] = {}
        self._accounts = Accounts[str](surroundings.settings)
        #: Who looks for views of somebody, or of a class, asks it.
        self.crowd = Crowd()
        self._joinable = Joinable(claims)
        self._suspended: OrderedDict[str, ViewRuntime] = OrderedDict()      # the one that waits longest first
        self._stopping = False
        self._draining = False

    def __len__(self) -> int:
        return len(self._runtimes)

    def __iter__(self) -> Iterator[ViewRuntime]:
        """Those that run at this moment; the set may change while you look."""
        return iter(list(self._runtimes.values()))

    def start(self, view_class: type[View], request: Request, clock: Clock | None = None) -> ViewRuntime:
        """A new running view. `clock`: another one than this registry's. Raises `Full`."""
        if self._draining and request.has_window:
            raise Ending
        if self._stopping or len(self._runtimes) >= self._settings.MAX_VIEWS:
            self._counters["views.refused"] += 1
            raise Full
        user = request.opened_by
        if self._accounts.is_full(user):
            self._make_room(user)
        runtime = ViewRuntime(
            view_class, request, id=self._claims.view_id(), roster=self,
            surroundings=self._surroundings if clock is None else self._surroundings._replace(clock=clock),
        )
        self._runtimes[runtime.id] = runtime
        self._accounts.enter(user, runtime.id)
        self.crowd.enter(runtime)
        self._counters["views.started"] += 1
        view_log.debug("started %r, %s", runtime, runtime.id)
        runtime.start()
        return runtime

    def find(self, view_id: str) -> ViewRuntime | None:
        """The view with this id, while it runs."""
        return self._runtimes.get(view_id)

    def lives(self, view_id: str) -> bool:
        """Whether it runs, and has not been told to end."""
        runtime = self._runtimes.get(view_id)
        return runtime is not None and not runtime.leaving

    def fire_view_event(self, name: str, data: Any, view_classes: type[View] | Iterable[type[View]] | None) -> None:
        """See `Server.fire_view_event`. The data is copied now, so what cannot be fails at the sender."""
        if not isinstance(name, str):
            raise TypeError(f"a view event is named by a str, not {name!r}")
        classes = (view_classes,) if isinstance(view_classes, type) else None if view_classes is None else tuple(view_classes)
        event = ViewEvent(name, data, classes).copy()
        event_log.debug("fired %.1000r", event)
        for runtime in self if classes is None else [each for one in dict.fromkeys(classes) for each in self.crowd.of_class(one)]:
            if runtime.view.view_event_hook is not None:
                runtime.view_events.receive(event.copy())

    def find_daemon(self, request: Request) -> ViewRuntime | None:
        """The daemon view that this visit joins: see `Joinable`."""
        return self._joinable.find(request)

    @property
    def ending(self) -> bool:
        """Whether this process is to end."""
        return self._draining or self._stopping

    def drain(self) -> None:
        """From now on no view starts for a browser: another process has to do that. Plain HTTP is still answered."""
        self._draining = True

    def stop_all(self, timeout: float) -> None:
        """Stop every view with `ServerStop` and wait until they have left, for at most `timeout` seconds."""
        self._stopping = True
        running = list(self._runtimes.values())
        for runtime in running:
            runtime.stop(ServerStop())
        deadline = time.monotonic() + timeout
        for runtime in running:
            runtime.wait(max(0.0, deadline - time.monotonic()))

    def _make_room(self, user: Hashable) -> None:
        """End one of the user's own views that wait for a browser: it may have crashed, and now opens all its tabs anew.

        Raises `TooMany`.
        """
        waiting = next((each for each in self._accounts.own(user) if each in self._suspended), None)
        if waiting is None:
            self._counters["views.refused.user"] += 1
            raise TooMany
        self._counters["views.evicted.user"] += 1
        self._accounts.strike_off(waiting)               # at once: it has left only when it has cleaned up
        self._suspended[waiting].stop(UserAbort())

    # What its runtimes tell it (`runtime.Roster`).

    def replaced(self, runtime: ViewRuntime) -> None:
        self.crowd.enter(runtime)

    def left(self, runtime: ViewRuntime) -> None:
        if self._runtimes.pop(runtime.id, None) is not None:
            self._counters["views.left"] += 1
            view_log.debug("left: %r, %s, stopped by %r", runtime, runtime.id, runtime.stop_reason)
        self._accounts.strike_off(runtime.id)
        self.crowd.leave(runtime)
        self._suspended.pop(runtime.id, None)

    def suspended(self, runtime: ViewRuntime) -> None:
        self._suspended[runtime.id] = runtime
        view_log.debug("waits for its browser: %r, %s", runtime, runtime.id)
        if len(self._suspended) > self._settings.MAX_SUSPENDED_VIEWS:
            _, longest = self._suspended.popitem(last=False)
            self._counters["views.evicted"] += 1
            longest.stop(UserAbort())

    def resumed(self, runtime: ViewRuntime) -> None:
        if self._suspended.pop(runtime.id, None) is not None:
            view_log.debug("its browser is back: %r, %s", runtime, runtime.id)

    def joinable(self, runtime: ViewRuntime, yes: bool) -> None:
        if yes:
            self._joinable.offer(runtime)
        else:
            self._joinable.withdraw(runtime)
