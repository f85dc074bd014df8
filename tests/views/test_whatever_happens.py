"""Clicks, handlers, locks, timeouts, messages, calls and lost sockets at random: all counts once, and the trees are equal."""

from __future__ import annotations

import random
from collections import Counter

import gevent
import pytest

from lona_sync import Channel, InputEvent, View
from lona_sync.html import HTML, Button, Div, P
from lona_sync.testing import Client, Page, structure_of
from tests.views.apps import app_of

STEPS = 250
CHANNEL = Channel("whatever")


class Busy(View):
    """A view that counts what reaches it, and does something slow every now and then."""

    seed: int
    last: Busy

    def handle_request(self, request: object) -> None:
        type(self).last = self
        self.is_daemon = True
        self.chance = random.Random(self.seed)
        self.counts: Counter[str] = Counter()
        self.list, self.text = Div(), P("0")
        awaited = Button("awaited", _id="awaited")
        self.tree = HTML(
            awaited, Button("handled", _id="handled", handle_click=self.handle),
            Button("passed", _id="passed", handle_click=self.pass_on), Button("last", _id="last"), self.list, self.text,
        )
        self.subscribe("whatever", lambda message: self.count("messages"))
        self.show(self.tree)
        while True:
            self.await_click(awaited)
            self.count("awaited")

    def handle(self, event: InputEvent) -> None:
        self.count("handled")

    def pass_on(self, event: InputEvent) -> InputEvent:
        self.count("passed")
        return event

    def handle_input_event(self, event: InputEvent) -> None:
        self.count("last")

    def count(self, name: str) -> None:
        self.counts[name] += 1
        self.text.set_text(str(dict(self.counts)))
        chance = self.chance.random()
        if chance < 0.3:
            self.list.append(P("x" * self.chance.randrange(50)))
        elif chance < 0.5 and len(self.list.nodes):
            self.list.nodes.pop(self.chance.randrange(len(self.list.nodes)))
        elif chance < 0.6:
            self.show()
        elif chance < 0.7:
            self.sleep(self.chance.random() * 0.003)
        elif chance < 0.75:
            gevent.sleep(self.chance.random() * 0.003)
        elif chance < 0.85:
            with self.text.lock:
                self.list.append(P("half"))
                self.sleep(self.chance.random() * 0.003)
                self.list.append(P("whole"))
        elif chance < 0.9:
            self.run_blocking(int)
        elif chance < 0.95:
            try:
                with gevent.Timeout(0.001):
                    self.sleep(self.chance.random() * 0.002)
            except gevent.Timeout:
                self.list.clear()
        self.show()


@pytest.mark.parametrize("seed", range(15))
def test_everything_counts_once_and_all_trees_are_equal(seed: int) -> None:
    chance = random.Random(seed)
    view_class = type("Seeded", (Busy,), {"seed": seed})
    app = app_of(
        view_class, EVENT_QUEUE=chance.choice([1, 3, 10, 1000]), WINDOW=chance.choice([300, 2000, 64000]),
        LOG_FRAMES=chance.choice([2, 20, 4096]), LOG_BYTES=chance.choice([500, 100_000]), ACK_DELAY=0.003,
    )
    client = Client(app)
    pages = [client.open("/") for _ in range(chance.choice([1, 2, 3]))]
    view: Busy = view_class.last      # type: ignore[attr-defined]
    expected: Counter[str] = Counter()

    for _ in range(STEPS):
        _act(chance, chance.choice(pages), view, expected)
    for page in pages:
        page.reading = True
        if not page.connected:
            page.reconnect()
        page._read()
    pages[0].wait_for(lambda: view.counts == expected, timeout=20.0)
    pages[0].wait_for(lambda: all(_shows(page, view) for page in pages))     # what counted last may be in the middle of its changes

    assert view.counts == expected
    app.stop()
    assert app.stats()["views"] == 0


def _shows(page: Page, view: Busy) -> bool:
    return page.unacknowledged == 0 and page.dom.to_structure() == structure_of(view.tree)


def _act(chance: random.Random, page: Page, view: Busy, expected: Counter[str]) -> None:
    match chance.randrange(20):
        case 0:
            page.reading = False
        case 1 | 2:
            page.reading = True
            page._read()
        case 3:
            page.lose_connection()
        case 4 if not page.connected:
            page.reconnect()
        case 5:
            CHANNEL.send(1)
            expected["messages"] += 1
        case 6:
            view.call_soon(view.count, "calls")
            expected["calls"] += 1
        case 7:
            gevent.sleep(0.002)
        case _:
            name = chance.choice(["awaited", "handled", "passed", "last"])
            if page.dom.find_all("#" + name):
                page.click_quickly("#" + name)
                expected[name] += 1
                expected["last"] += name == "passed"
