"""Raw messages: texts between a view and the scripts of its pages, which mean nothing to us."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from ..settings import Settings
from .client import Client
from .clock import Clock
from .screen import Screen
from .turn import Turn

#: Seconds between two looks whether there is room for a message.
_LOOK = 0.02


class Listener(Protocol):
    """A connection."""

    @property
    def user(self) -> Any:                                 # Any: the application's own class, or ours
        """Whose it is."""

    def tell(self, window: int, text: str) -> bool:
        """Send the text; False: it has no room at the moment. One that has ended takes everything. Never waits."""


class RawMessages:
    """What one view says. `connections`: all of this process.

    Nothing is kept: who is not connected at the moment does not hear it. One who does not read keeps the view waiting for
    `SEND_TIMEOUT` at most, then he, too, does not hear it.
    """

    __slots__ = ("_clients", "_clock", "_connections", "_counters", "_screen", "_settings", "_turn")

    def __init__(
        self, *, screen: Screen, clients: Iterable[Client], connections: Iterable[Listener], turn: Turn, clock: Clock,
        settings: Settings, counters: Counter[str],
    ) -> None:
        self._screen = screen
        self._clients = clients
        self._connections = connections
        self._turn = turn
        self._clock = clock
        self._settings = settings
        self._counters = counters

    def send(self, text: str, *, broadcast: bool, accept: Callable[[Listener], object], wait: bool) -> None:
        """See `View.send_str`."""
        self._screen.check_browser("send_str() needs")
        if not isinstance(text, str):
            raise TypeError(f"a message is a str, not {type(text).__name__}: {text!r:.200}. Make one of data by json.dumps(data).")
        if len(text) > self._settings.MESSAGE_BYTES:
            limit = self._settings.MESSAGE_BYTES
            raise ValueError(f"a message has at most {limit:,} characters (MESSAGE_BYTES), not {len(text):,}")
        if broadcast:
            targets = [(connection, 0) for connection in list(self._connections) if accept(connection)]
        else:
            targets = [(client.link, client.window) for client in self._clients if client.link is not None]
        left = [target for target in targets if not target[0].tell(target[1], text)]
        if left and wait:
            left = self._turn.outside("room for a message", lambda: self._insist(left, text))
        self._counters["messages.lost"] += len(left)

    def _insist(self, left: list[tuple[Listener, int]], text: str) -> list[tuple[Listener, int]]:
        end = self._clock.now() + self._settings.SEND_TIMEOUT
        while left and self._clock.now() < end:
            self._clock.sleep(_LOOK)
            left = [target for target in left if not target[0].tell(target[1], text)]
        return left
