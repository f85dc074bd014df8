"""Those windows of one connection that have sent more events than its browser may, until they may go on.

An event that is too much is not accepted, so nothing is lost: the browser keeps it and what follows, and is told when to send it
again. To its owner each relayed window is a connection of its own; how much all send together is known only here.
"""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from ...views.client import Client
from ...views.clock import Clock, Timer
from ...wire import protocol
from ...wire.protocol import Ack, Event
from .allowance import Allowance
from .remote import Remote


class Host(Protocol):
    """What the throttle needs of the connection whose windows it holds back."""

    def resend(self, client: Client) -> None:
        """Tell this window that it may send again."""

    def relay(self, window: int, remote: Remote, message: bytes) -> None:
        """A message for the window, if `remote` still has its view."""


class Throttle:
    """Who finds `allowance` used up is held back until half of `burst` can be taken."""

    __slots__ = ("_allowance", "_burst", "_clients", "_clock", "_counters", "_host", "_remotes", "_timer")

    def __init__(self, *, host: Host, allowance: Allowance, burst: int, clock: Clock, counters: Counter[str]) -> None:
        self._host = host
        self._allowance = allowance
        self._burst = burst
        self._clock = clock
        self._counters = counters
        self._clients: set[Client] = set()                 # held back
        self._remotes: dict[Remote, Ack] = {}              # these, too; and what they have acknowledged since
        self._timer: Timer | None = None                   # runs while there are any

    def hold(self, client: Client) -> None:
        """Too many events: the window may not go on. Never waits."""
        self._clients.add(client)
        self._wait()

    def holds(self, client: Client) -> bool:
        """Whether the window is to be told later that it may send again."""
        return client in self._clients

    def forward(self, remote: Remote, message: Event) -> None:
        """Let an event pass to the process that has the view, or hold its window back. Never waits."""
        held = self._remotes.get(remote)
        if held is None:
            if message.number <= remote.accepted or self._allowance.take():
                remote.forward(message)
                return
            self._wait()
        # None that follows may pass: its number is not the next one, and the owner would have this one sent again at once.
        if held is None or message.frame > held.frame:
            self._remotes[remote] = Ack(message.window, message.frame)
            remote.forward(self._remotes[remote])

    def forget(self, client: Client) -> None:
        """The window shows something else."""
        self._clients.discard(client)

    def forget_remote(self, remote: Remote) -> None:
        """All that was held back comes again by itself."""
        self._remotes.pop(remote, None)

    def close(self) -> None:
        """Nobody goes on any more."""
        if self._timer is not None:
            self._timer.close()

    def _wait(self) -> None:
        self._counters["events.throttled"] += 1
        if self._timer is None:
            # Half of a burst at a time, or each of those that follow would be sent again and again before it is taken.
            wait = self._allowance.seconds_until(max(1.0, self._burst / 2))
            self._timer = self._clock.idle_timer(wait, self._go_on)

    def _go_on(self) -> None:
        """Who was held back may send again."""
        if self._timer is not None:
            self._timer.close()
            self._timer = None
        clients, self._clients = self._clients, set()
        for client in clients:
            self._host.resend(client)
        remotes, self._remotes = self._remotes, {}
        for remote, ack in remotes.items():
            self._host.relay(ack.window, remote, protocol.resend(ack.window, remote.accepted))
