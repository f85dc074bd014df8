"""The network between a test's browser and the server, and what can go wrong in it.

    client.network.drop(after_frame=3)             # the socket dies when the page has read frame 3
    client.network.delay(0.2)                      # from now on each message takes 0.2 s, in either direction
    client.network.chaos(seed=1, rate=0.05)        # one message in twenty meets with a fault
    client.network.heal()                          # all is well again, and the page is back

What it models is a WebSocket. That is TCP: messages arrive whole, in order and once, until the socket ends; then the last ones of
each direction are lost, and neither side knows which. So `drop`, `vanish`, `delay` and `throttle` are what networks do, and half a
message is a lost one. `duplicate` and `reorder` are what one socket never does to the events of a page; they stand for a page that
is odd or hostile. A server counts each event once and in order all the same. Frames are never sent twice or in another order: no
client is asked to survive that.

A page whose socket was lost comes back by itself as a browser does: after `RECONNECT` seconds, doubled with each failure, of
`client.clock`. `page.reconnect()` and `heal()` do not wait for that.

What they do to one socket is `wire.py`.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypedDict, get_args

from ..settings import Settings
from .clock import VirtualClock, rest
from .wire import End, Message, Wire

if TYPE_CHECKING:
    from typing_extensions import Unpack

Fault = Literal["drop", "vanish", "delay", "duplicate", "reorder"]
Trick = Literal["duplicate", "reorder"]

LONGEST_DELAY = 0.5              # seconds that chaos lets one message wait


class When(TypedDict, total=False):
    """The moment of a fault, once: before or after the frame or event with this number, or the first one beyond it, since frames
    are merged. Without any: now.

    A frame is numbered by its view, and has arrived when the page has read it; an event is numbered by its page, and has arrived
    when the server has it. `before`: it is on its way, and lost with the socket. `page`: only this one's count, and only its
    socket is meant.
    """
    page: End
    before_frame: int
    after_frame: int
    before_event: int
    after_event: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to happen at a moment."""
    point: str
    number: int
    page: End | None
    act: Callable[[Wire], None]


class Network:
    """Between one `Client` and the server. `happened` counts the faults by name, and `lost` messages."""

    def __init__(self, clock: VirtualClock, settings: Settings) -> None:
        self.clock = clock
        self.happened: Counter[str] = Counter()
        self.is_down = False
        self.latency = 0.0                           # seconds, in either direction
        self.bytes_per_second: float | None = None   # to the pages
        self._settings = settings
        self._wires: list[Wire] = []                 # that have not ended
        self._pages: list[End] = []                  # that have been here and were not closed
        self._plans: list[_Plan] = []
        self._tricks: list[tuple[Trick, End | None]] = []      # for the next event
        self._chance: random.Random | None = None
        self._rate = 0.0
        self._faults: tuple[Fault, ...] = ()

    # What goes wrong.

    def drop(self, **when: Unpack[When]) -> None:
        """The socket ends without a goodbye, and the server learns it. The page comes back, and goes on where it was.

        Nobody notices in the view: what the page has missed is sent again, and so are events that were not acknowledged.
        """
        self._end_sockets("drop", when)

    def vanish(self, **when: Unpack[When]) -> None:
        """The same, and the server does not learn it: it goes on sending to nobody, until the page is back or a ping unanswered."""
        self._end_sockets("vanish", when)

    def leave(self, **when: Unpack[When]) -> None:
        """The page says goodbye, as one does that a browser puts away for its "back" button: its view ends, unless it is a daemon.

        It does not come back by itself; after `page.reconnect()` it shows a new view.
        """
        self._end_sockets("leave", when)

    def down(self, **when: Unpack[When]) -> None:
        """There is no network until `up()`: the sockets end as by `drop`, and nobody can come back. What the user does is kept."""
        if not self._planned(when, lambda wire: self._go_down()):
            self._go_down()
            rest()

    def up(self) -> None:
        """There is a network again, and browsers notice at once."""
        self.is_down = False
        self._come_back()

    def delay(self, seconds: float, **when: Unpack[When]) -> None:
        """From then on each message takes so long in either direction; the order stays. 0 ends it."""
        if seconds < 0:
            raise ValueError(f"a message takes 0 seconds or more, not {seconds!r}")

        if not self._planned(when, lambda wire: self._slow_down(seconds)):
            self._slow_down(seconds)

    def throttle(self, bytes_per_second: float | None) -> None:
        """From now on the pages read no faster than that; None ends it.

        The view is not slowed down: its changes are merged until there is room for them.
        """
        if bytes_per_second is not None and not bytes_per_second > 0:
            raise ValueError(f"a slow page reads more than 0 bytes a second, not {bytes_per_second!r}. Who reads none is down().")
        self.bytes_per_second = bytes_per_second

    def duplicate(self, **when: Unpack[When]) -> None:
        """The next event is sent twice in a row. It counts once (`events.repeated` in `app.stats()`)."""
        self._play("duplicate", when)

    def reorder(self, **when: Unpack[When]) -> None:
        """The next event is overtaken by the one after it, or comes a second later when there is none.

        The server refuses what has left a gap (`events.gap`), and asks for it again.
        """
        self._play("reorder", when)

    def chaos(self, seed: int, rate: float = 0.05, faults: Iterable[Fault] = get_args(Fault)) -> None:
        """Each message meets with one of `faults` with a probability of `rate`, until `heal`. The same seed, the same faults.

        That holds as long as the views do the same, and nothing depends on how fast this machine is: with `client.clock.stop()`.
        """
        chosen = tuple(faults)
        known = get_args(Fault)
        if not 0 <= rate <= 1 or not chosen or not set(chosen) <= set(known):
            raise ValueError(f"chaos takes a rate from 0 to 1 and some of {', '.join(known)}, not {rate!r} and {chosen!r}")
        self._chance = random.Random(seed)
        self._rate = rate
        self._faults = chosen

    def heal(self) -> None:
        """End all faults: what was on its way has arrived, the pages are back, and what they had missed is there."""
        self._chance = None
        self._plans.clear()
        self._tricks.clear()
        self.latency = 0.0
        self.bytes_per_second = None
        self.is_down = False
        for wire in list(self._wires):
            wire.hurry()
        self._come_back()

    # What pages and wires ask.

    def connect(self, page: End) -> Wire | None:
        """A new socket for this page; None: there is no network."""
        if page not in self._pages:
            self._pages.append(page)
        if self.is_down:
            return None
        wire = Wire(self, page)
        self._wires.append(wire)
        return wire

    def forget(self, page: End) -> None:
        """The page was closed."""
        if page in self._pages:
            self._pages.remove(page)

    def ended(self, wire: Wire) -> None:
        """This socket carries no more."""
        if wire in self._wires:
            self._wires.remove(wire)

    @property
    def silence(self) -> float:
        """Seconds after which the server gives up a socket of which it hears nothing."""
        return self._settings.PING_INTERVAL + self._settings.PING_TIMEOUT

    def pass_by(self, wire: Wire, point: str, number: int) -> None:
        """`wire` has come to this point (`after_frame`, …): do what is planned there."""
        for plan in list(self._plans):
            if plan.point == point and number >= plan.number and plan.page in (None, wire.page) and plan in self._plans:
                self._plans.remove(plan)
                plan.act(wire)

    def mischief(self, wire: Wire, message: Message | None) -> tuple[float, Trick | None]:
        """What befalls this message (None: of the server), which may end its socket: seconds it waits, what is done to an event."""
        trick = self._take_trick(wire) if message is not None and message.is_event else None
        fault = self._draw()
        if fault == "delay":
            assert self._chance is not None
            self.happened["delay"] += 1
            return self._chance.uniform(0, LONGEST_DELAY), trick
        if fault in ("duplicate", "reorder"):
            return 0.0, trick or (fault if message is not None and message.is_event else None)
        if fault is not None:
            self._end(wire, fault)
        return 0.0, trick

    def mischief_after(self, wire: Wire) -> None:
        """A message has arrived: its socket may end just now."""
        fault = self._draw()
        if fault in ("drop", "vanish"):
            self._end(wire, fault)

    # Inside.

    def _draw(self) -> Fault | None:
        if self._chance is None or self._chance.random() >= self._rate:
            return None
        return self._chance.choice(self._faults)

    def _planned(self, when: When, act: Callable[[Wire], None]) -> bool:
        """Have it done at that moment; False: that is now."""
        plan = _plan_of(when, act)
        if plan is not None:
            self._plans.append(plan)
        return plan is not None

    def _end_sockets(self, how: str, when: When) -> None:
        page = when.get("page")
        if not self._planned(when, lambda wire: self._end(wire, how)):
            for wire in list(self._wires):
                if page in (None, wire.page):
                    self._end(wire, how)
            rest()

    def _go_down(self) -> None:
        self.is_down = True
        for wire in list(self._wires):
            self._end(wire, "drop")

    def _slow_down(self, seconds: float) -> None:
        self.happened["delay"] += 1
        self.latency = seconds

    def _play(self, trick: Trick, when: When) -> None:
        entry = trick, when.get("page")
        if not self._planned(when, lambda wire: self._tricks.append(entry)):
            self._tricks.append(entry)

    def _take_trick(self, wire: Wire) -> Trick | None:
        for entry in self._tricks:
            trick, page = entry
            if page in (None, wire.page):
                self._tricks.remove(entry)
                return trick
        return None

    def _end(self, wire: Wire, how: str) -> None:
        self.happened[how] += 1
        if how == "vanish":
            wire.vanish()
        elif how == "leave":
            wire.leave()
        else:
            wire.drop()

    def _come_back(self) -> None:
        for page in list(self._pages):
            page.come_back()
        rest()


def _plan_of(when: When, act: Callable[[Wire], None]) -> _Plan | None:
    """None: now. Raises for what is no moment."""
    unknown = set(when) - When.__optional_keys__
    if unknown:
        known = ", ".join(sorted(When.__optional_keys__ - {"page"}))
        raise TypeError(f"a fault comes at {known}, not at {', '.join(sorted(unknown))}")
    points = [(name, number) for name, number in when.items() if name != "page"]
    if len(points) > 1:
        raise ValueError(f"a fault comes at one moment, not at {dict(points)!r}. Call it once for each.")
    if not points:
        return None
    point, number = points[0]
    if type(number) is not int or number < 1:
        raise ValueError(f"frames and events are numbered 1, 2, 3, …; there is none with the number {number!r}")
    return _Plan(point, number, when.get("page"), act)
