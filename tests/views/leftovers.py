"""Views that do all that a procedure can do at once, opened and closed by the thousand; and what is left of them."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gevent
import greenlet

from lona_sync import Channel, View
from lona_sync.channels.hub import default_hub
from lona_sync.html import HTML, Button, P
from lona_sync.testing import Client
from lona_sync.views.runtime import ViewRuntime
from lona_sync.waits import after, click, message
from lona_sync.wire import protocol
from tests.views.apps import app_of

PATIENCE = 10.0                  # seconds
AT_ONCE = 100                    # views that are open at the same time


class Busy(View):
    """A group in a group, tasks that wait for all kinds of things, a handler in the middle of its work."""

    buttons: dict[str, int]

    def handle_request(self, request: object) -> None:
        stuck = Button("stuck", handle_click=lambda event: self.sleep(10**6))
        button = Button("x")
        self.show(HTML(button, stuck, P("y")))
        type(self).buttons = {"stuck": stuck.number, "x": button.number}
        with self.group() as group:
            group.spawn(self.sleep, 10**6)
            task = group.spawn(self.inner)
            while True:
                self.await_any(click(button), message("all"), task, after(10**6), timeout=10**6)

    def inner(self) -> None:
        with self.group(timeout=10**6) as group:
            group.spawn(self.await_message, "others")
            group.spawn(self.spawn(self.sleep, 10**6).get)


class Line:
    """A browser that reads nothing."""

    unsent = 0
    backlog = 0

    def send(self, message: bytes) -> None:
        pass

    def close(self, code: int, reason: str = "") -> None:
        pass


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What there is more than before: all of it 0 is nothing."""
    greenlets: int
    runtimes: int
    views: int
    subscriptions: int


def open_and_close(views: int, told: Callable[[int], object] = lambda closed: None) -> Leftovers:
    """Open and close so many views; what is left of them. `told` hears how many have gone, from time to time."""
    client = Client(app_of(Busy, MAX_VIEWS_PER_USER=10 * AT_ONCE, FIRST_PAINT=False))
    client.clock.stop()
    client.http.get("/")                                     # a session
    runtimes: weakref.WeakSet[ViewRuntime] = weakref.WeakSet()
    parts = client.app.parts
    subscriptions, greenlets = default_hub.stats().subscriptions, living()
    for closed in range(0, views, AT_ONCE):
        connections = [client.connect(Line()) for _ in range(min(AT_ONCE, views - closed))]
        for connection in connections:
            connection.received(protocol.encode(protocol.Hello(protocol.VERSION)))
            connection.received(protocol.encode(protocol.Open(1, "/", None, None)))
        rest()
        runtimes.update(parts.registry)
        assert len(parts.registry) == len(connections)
        for number, name in enumerate(("x", "stuck"), 1):
            node = Busy.buttons[name]
            for connection in connections:
                connection.received(protocol.encode(protocol.Event(1, number, 1, "click", node, [0, 0, 1, 1, 0, node])))
        Channel("all").send()
        rest()
        for connection in connections:
            connection.ended(clean=True)
        rest()
        told(closed)
    del connections, connection

    def left() -> Leftovers:
        gc.collect()
        here = default_hub.stats().subscriptions
        return Leftovers(living() - greenlets, len(runtimes), len(parts.registry), here - subscriptions)

    with gevent.Timeout(PATIENCE, False):                    # on a busy machine the last ones are not through yet
        while left() != Leftovers(0, 0, 0, 0):
            gevent.sleep(0.01)
    found = left()
    client.app.stop()
    return found


def living() -> int:
    """Greenlets that have not ended, in the whole process."""
    gc.collect()
    found: list[Any] = [each for each in gc.get_objects() if isinstance(each, greenlet.greenlet)]
    return sum(not each.dead for each in found)


def rest() -> None:
    for _ in range(20):
        gevent.sleep(0)
