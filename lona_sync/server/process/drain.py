"""A process that is to end lets its views go, each at a moment that suits it. This is what a deploy consists of.

    told to end ─ new connections and views go to others ─┬─ a view at rest is released: frozen, its browsers are sent away
                                                          │  (GONE, 1012), and when they have heard it, it ends: `ServerStop`
                                                          └─ a view in the middle of something goes on, up to `DRAIN_TIMEOUT`

At rest is a view of which all that was begun is done, or waits for its browser or a message (`ViewRuntime.at_rest`). One that gets
more to do than it can would never be, so in the second half of `DRAIN_TIMEOUT` no event is accepted any more. Whatever
was accepted has had its effect, and that effect has been sent, with `state_to_keep`, before the close frame. What the browser sends
from then on is not accepted and stays with it; the next view may get it. All of that happens without a switch, so there is no
moment in which an event is neither here nor there.

Whether the browser has got it, its answer to the close frame tells. When none comes, or the socket was lost before, the view stays,
still frozen, up to `DRAIN_TIMEOUT`: a browser that comes back, by whatever process, is told the rest and which of its events were
taken, and is let go again.

What is let go together is whatever hangs together: all windows of a view, since one that goes on would change what another one has
taken along; and all views of a connection, since it has one socket.

Real time: this belongs to the process and to sockets, not to what views live by.
"""

from __future__ import annotations

import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import gevent

from ...errors import ServerStop
from ...settings import Settings
from ...siblings.talk import Trouble
from ...views.runtime import ViewRuntime
from ..sockets.connection import Connection

logger = logging.getLogger("lona_sync.server.drain")

KIND = "accepting"
#: Seconds after its signal in which a worker of gunicorn still accepts connections: it looks once a second.
_STILL_ACCEPTING = 1.1
#: Seconds that a worker which takes this one's place has to come up. After that browsers try again by themselves.
_SUCCESSOR = 3.0
#: Seconds between two looks at the views that are to go. A moment at rest may be short; a look costs microseconds.
_LOOK = 0.02


class Registry(Protocol):
    """The views of this process: `registry.Registry`."""

    def drain(self) -> None:
        """From now on none starts for a browser."""

    def __iter__(self) -> Iterator[ViewRuntime]: ...


class Others(Protocol):
    """Who reaches the other processes: `siblings.Siblings`."""

    @property
    def enlisted(self) -> bool: ...

    def ask_all(self, kind: str) -> dict[str, dict[str, object] | Trouble]: ...


class Drain:
    """Once for each process. `close_door`: no connection is accepted any more. `jitter`: from 0 to 1."""

    def __init__(
        self, *, registry: Registry, close_door: Callable[[], None], others: Others, settings: Settings, counters: Counter[str],
        jitter: Callable[[], float] = random.random, clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._registry = registry
        self._close_door = close_door
        self._others = others
        self._settings = settings
        self._counters = counters
        self._jitter = jitter
        self._clock = clock
        self._begun = False
        self._moments: dict[str, float] = {}            # when each view may go, by its id

    def answer(self, *_: object) -> dict[str, object]:
        """What another process is told that looks for one which takes connections."""
        return {KIND: not self._begun}

    def run(self, *, is_worker: bool = False) -> None:
        """Wait until all views with a browser have gone, or `DRAIN_TIMEOUT` is over. `is_worker`: others accept at its socket."""
        self._begun = True
        self._registry.drain()
        self._close_door()
        if not self._views():
            return
        if is_worker:
            self._await_successor()
        begin = self._clock()
        end = begin + self._settings.DRAIN_TIMEOUT
        while (views := self._views()) and (now := self._clock()) < end:
            if now - begin >= self._settings.DRAIN_TIMEOUT / 2:
                for view in views:
                    view.hold()
            self._look_at(views)
            gevent.sleep(_LOOK)
        late = [view for view in views if not view.released]
        if late:
            self._counters["views.cut"] += len(late)
            logger.warning("%d views did not come to rest within %s s and are cut off", len(late), self._settings.DRAIN_TIMEOUT)

    def _await_successor(self) -> None:
        """Until this worker's own door is closed, and another process is open. Views go on as ever meanwhile."""
        now = self._clock()
        while True:
            passed = self._clock() - now
            if passed >= _SUCCESSOR or (passed >= _STILL_ACCEPTING and self._has_successor()):
                return
            gevent.sleep(0.1)

    def _has_successor(self) -> bool:
        if not self._others.enlisted:
            return True                                 # nobody knows
        said = self._others.ask_all(KIND).values()
        return any(not isinstance(each, Trouble) and each.get(KIND) is True for each in said)

    def _views(self) -> list[ViewRuntime]:
        return [runtime for runtime in self._registry if runtime.is_interactive and not runtime.leaving]

    def _look_at(self, views: list[ViewRuntime]) -> None:
        now = self._clock()
        seen: set[ViewRuntime] = set()
        for runtime in views:
            if runtime.id not in self._moments:
                self._moments[runtime.id] = now + self._jitter() * self._settings.DRAIN_JITTER
            if now < self._moments[runtime.id] or runtime in seen or runtime.leaving:
                continue
            together, connections = _around(runtime)
            seen |= together
            if all(each.released or each.at_rest for each in together) and all(each.has_sent_all for each in connections):
                self._let_go(together, connections)
                gevent.sleep(0)                         # others than those who are sent away want to be served, too

    def _let_go(self, views: Iterable[ViewRuntime], connections: Iterable[Connection]) -> None:
        """Without a switch."""
        for runtime in views:
            if not runtime.released:
                runtime.release()
                self._counters["views.moved"] += 1
        for connection in connections:
            connection.let_go()
        for runtime in views:
            if not len(runtime.clients):                # a daemon at which nobody looks
                runtime.stop(ServerStop())


def _around(runtime: ViewRuntime) -> tuple[set[ViewRuntime], set[Connection]]:
    """What hangs together with this view: the connections that show it, the other views of these, and so on."""
    views, connections, look_at = {runtime}, set[Connection](), [runtime]
    while look_at:
        for client in look_at.pop().clients:
            if isinstance(client.link, Connection) and client.link not in connections:
                connections.add(client.link)
                new = set(client.link.runtimes) - views
                views |= new
                look_at += new
    return views, connections
