"""Whatever the network does: each click counts once and in order, and every page ends with the server's tree.

One daemon view that several pages of one browser show. Things happen to it from all sides: clicks that a procedure awaits and
clicks that handlers take (fast and slow ones), typing, messages of a channel, a task of its own, calls from outside. Between the
pages and the server lies a network with every fault that `client.network` knows, by plan and by chance, in virtual time. Queues,
logs and windows are small, so that all of them are full at times.

A click carries a number in the place of its x coordinate, by which the view's ledger tells it from others.
"""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from lona_sync import Channel
from lona_sync.testing import Client, Page, structure_of
from tests.views.apps import app_of
from tests.views.ledger import Ledger

PICK = st.integers(0, 1000)
POINTS = ("before_frame", "after_frame", "before_event", "after_event")
TRICKS = ("", "", "duplicate", "reorder")
BUTTONS = ("awaited", "other", "handled", "slow")
#: What the settings are chosen from: the smallest that can work, and their defaults.
LIMITS = st.fixed_dictionaries({
    "EVENT_QUEUE": st.sampled_from([1, 3, 1000]),
    "EVENT_BURST": st.sampled_from([2, 10, 1000]),
    "WINDOW": st.sampled_from([200, 2000, 64 * 1024]),
    "LOG_FRAMES": st.sampled_from([1, 5, 4096]),
    "LOG_BYTES": st.sampled_from([300, 8 * 1024 * 1024]),
})


class Watched(Ledger):
    """The one that all pages of a run show."""

    last: Watched

    def handle_request(self, request: object) -> None:
        type(self).last = self
        self.is_daemon = True
        super().handle_request(request)


class FaultMachine(RuleBasedStateMachine):
    """A user with up to four tabs, and a bad network."""

    @initialize(limits=LIMITS)
    def begin(self, limits: dict[str, Any]) -> None:
        # Nobody is away for so long that he is forgotten: what he did meanwhile would be, too.
        self.app = app_of(Watched, RESUME_TIMEOUT=1e9, UNJOINED_SECONDS=1e9, **limits)
        self.client = Client(self.app)
        self.client.clock.stop()
        self.pages = [self.client.open("/")]
        self.view = Watched.last
        self.clicks: dict[Page, dict[str, list[int]]] = {}
        self.closed: list[Page] = []
        self.number = 0
        self.sent = 0

    def page(self, pick: int) -> Page:
        return self.pages[pick % len(self.pages)]

    # Few rules, each of many kinds: with one for each fault most runs would have hardly a click.

    @rule(pick=PICK, name=st.sampled_from(BUTTONS), times=st.integers(1, 5), trick=st.sampled_from(TRICKS))
    def click(self, pick: int, name: str, times: int, trick: str) -> None:
        page = self.page(pick)
        if trick:
            getattr(self.client.network, trick)(page=page)
        for button in page.find_all("#" + name) * times if not page.loading else []:
            self.number += 1
            self.clicks.setdefault(page, {name: [] for name in BUTTONS})[name].append(self.number)
            page._send_event("click", button, [self.number, 1, 10, 10, 0, button.id])

    @rule(pick=PICK, text=st.text("ab", max_size=3))
    def type(self, pick: int, text: str) -> None:
        page = self.page(pick)
        if not page.loading and page.find_all("#typed"):
            page.type("#typed", text)

    @rule(pick=PICK, what=st.sampled_from(["open", "paint", "close", "look away", "look again"]))
    def use_tabs(self, pick: int, what: str) -> None:
        page = self.page(pick)
        if what == "open" and len(self.pages) < 4:
            self.pages.append(self.client.open("/"))
        elif what == "paint" and len(self.pages) < 4:
            self.pages.append(self.client.join(self.client.paint("/")))
        elif what == "close" and len(self.pages) > 1:
            self.pages.remove(page)
            self.closed.append(page)
            page.close()
        elif what == "look away":
            page.reading = False
        elif what == "look again":
            page.resume_reading()

    @rule(pick=PICK, how=st.sampled_from(["message", "call"]))
    def change(self, pick: int, how: str) -> None:
        if how == "call":
            self.view.call_soon(self.view.change, pick)
        else:
            self.sent += 1
            Channel("faults").send(self.sent)

    @rule(seconds=st.sampled_from([0.01, 0.1, 0.3, 1, 3, 45]))
    def wait(self, seconds: float) -> None:
        self.client.clock.advance(seconds=seconds)

    @rule(pick=PICK, how=st.sampled_from(["drop", "vanish"]), ahead=st.integers(0, 5), point=st.sampled_from(POINTS))
    def lose(self, pick: int, how: str, ahead: int, point: str) -> None:
        page = self.page(pick)
        now = page._frame if point.endswith("frame") else page._number
        getattr(self.client.network, how)(page=page, **({point: now + ahead} if ahead else {}))

    @rule(
        delay=st.sampled_from([0, 0, 0.05, 0.5, 3]), speed=st.sampled_from([None, None, 50, 2000]),
        rate=st.sampled_from([0, 0, 0.02, 0.1, 0.3]), seed=PICK,
    )
    def weather(self, delay: float, speed: float | None, rate: float, seed: int) -> None:
        self.client.network.delay(delay)
        self.client.network.throttle(speed)
        self.client.network.chaos(seed=seed, rate=rate)

    @rule(up=st.booleans())
    def outage(self, up: bool) -> None:
        if up:
            self.client.network.up()
        else:
            self.client.network.down()

    # What is promised.

    @rule()
    def heal(self) -> None:
        self.client.network.heal()
        for page in self.pages:
            page.resume_reading()
        # The slowest handler, for each click; and until so many events may be sent again.
        self.client.clock.advance(seconds=10 + self.number * 0.4)
        self.view.show()
        for page in self.pages:
            page.settle()
        self.check()

    def check(self) -> None:
        for page in self.pages:
            assert page.connected
            assert page.unacknowledged == 0
            assert page.dom.to_structure() == structure_of(self.view.tree)
        for page, clicks in self.clicks.items():
            for name, made in clicks.items():
                seen = [number for number in self.view.seen[name] if number in made]
                # The last ones of a tab that was closed may have gone with it.
                assert seen == (made[:len(seen)] if page in self.closed else made)
        assert len({number for seen in self.view.seen.values() for number in seen}) == sum(map(len, self.view.seen.values()))
        assert self.view.messages == list(range(1, self.sent + 1))

    def teardown(self) -> None:
        if hasattr(self, "view"):
            self.heal()
            assert self.app.stats()["views"] == 1
            self.app.stop()
            assert self.app.stats()["views"] == 0


TestFaults = FaultMachine.TestCase
TestFaults.settings = settings(max_examples=100, stateful_step_count=40)
