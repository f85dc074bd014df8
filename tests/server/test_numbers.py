"""`App.stats`: every number has a name, a meaning, and is what it says."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import gevent
import pytest

from lona_sync import App, Channel, View
from lona_sync.html import HTML, Button, P
from lona_sync.server.watching.numbers import BY_NAME, NUMBERS
from lona_sync.testing import Client, Page
from tests.views.apps import app_of, open_view

ROOT = Path(__file__).parents[2]


class Counter(View):
    def handle_request(self, request: object) -> None:
        text, button = P("0"), Button("+1")
        self.show(HTML(text, button))
        for n in range(1, 1000):
            self.await_click(button)
            text.set_text(n)
            self.show()


def counted_names() -> set[str]:
    """Each name that is counted anywhere in the package: `self._counters["name"]`."""
    names: set[str] = set()
    for path in (ROOT / "lona_sync").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Subscript(value=ast.Attribute(attr="_counters") | ast.Attribute(attr="counters"), slice=where):
                    if "channels" not in path.parts:         # a broker's have a page of their own
                        # Not the parts of an f-string: its names are few, and known by what may stand in it.
                        if not isinstance(where, ast.JoinedStr):
                            names |= {each.value for each in ast.walk(where) if isinstance(each, ast.Constant)}
                case _:
                    pass
    return names


def test_each_number_that_is_counted_has_a_meaning():
    found = counted_names()

    assert {"events.stale", "events.gap", "hub.blocked", "siblings.failed"} <= found
    assert found <= BY_NAME.keys()


def test_each_number_is_explained_in_the_documentation():
    text = (ROOT / "docs" / "operations.md").read_text()

    assert [number.name for number in NUMBERS if f"| `{number.name}` | {number.meaning}" not in text] == []


def test_no_name_stands_for_two_numbers():
    assert len(BY_NAME) == len(NUMBERS)


def test_all_numbers_are_there_from_the_beginning():
    assert app_of(Counter).stats().keys() >= BY_NAME.keys()


def test_views_are_counted_by_state():
    class Mixed(View):
        def handle_request(self, request: object) -> None:
            if request.GET.get("crash"):
                raise RuntimeError("broken")
            if request.GET.get("wait"):
                self.sleep(1000)

    client = Client(app_of(Mixed))
    client.open("/?crash=1")
    client.open("/?wait=1")
    client.open("/?wait=1")
    client.open("/?wait=1").lose_connection()
    client.open("/")

    stats = client.app.stats()

    assert stats["views"] == 5
    assert {name: number for name, number in stats.items() if name.startswith("views.state.") and number} == {
        "views.state.crashed": 1, "views.state.waiting": 2, "views.state.suspended": 1, "views.state.finished": 1,
    }
    assert (stats["clients"], stats["clients.lost"]) == (4, 1)
    assert stats["views.crashed"] == 1


def test_what_is_sent_and_received_is_counted_in_bytes():
    page = open_view(Counter)
    before = page.client.app.stats()
    page.click("button")
    after = page.client.app.stats()

    grown = {name: after[name] - before[name] for name in ("messages", "events", "frames")}
    assert grown["events"] == grown["frames"] == 1
    assert grown["messages"] >= 1
    assert after["bytes.in"] - before["bytes.in"] > len("[4,1,1,1,1,2,[]]")
    assert after["bytes.out"] - before["bytes.out"] > len("[3,1,2,1,[]]")


def test_a_text_counts_as_the_bytes_that_it_has_on_the_wire():
    class Nowhere:
        unsent = 0

        def send(self, message: bytes) -> None:
            """It is not looked at."""

        def close(self, code: int, reason: str = "") -> None:
            """It is not looked at."""

    client = Client(app_of(Counter))
    client.connect(Nowhere()).received('[0,"€€€"]')

    assert client.app.stats()["bytes.in"] == len('[0,"€€€"]'.encode())


def lose_and_return(page: Page) -> None:
    page.lose_connection()
    page.reconnect()


def lose_a_lot_and_return(page: Page) -> None:
    page.lose_connection()
    [runtime] = page.client.app.parts.registry
    runtime.document.log.cut()
    page.reconnect()


def return_in_vain(page: Page) -> None:
    page.lose_connection()
    [runtime] = page.client.app.parts.registry
    runtime.clients.dismiss()
    page.reconnect()


@pytest.mark.parametrize(("act", "expected"), [
    (lose_and_return, {"resumes": 1, "resumes.snapshot": 0, "resumes.gone": 0, "connections.lost": 1}),
    (lose_a_lot_and_return, {"resumes": 1, "resumes.snapshot": 1, "resumes.gone": 0, "connections.lost": 1}),
    (return_in_vain, {"resumes": 0, "resumes.snapshot": 0, "resumes.gone": 1, "connections.lost": 1}),
    (Page.close, {"resumes": 0, "resumes.snapshot": 0, "resumes.gone": 0, "connections.lost": 0}),
], ids=["frames", "snapshot", "gone", "goodbye"])
def test_resumes_are_counted_by_what_became_of_them(act: Callable[[Page], None], expected: dict[str, int]):
    page = open_view(Counter)
    page.click("button")
    act(page)
    stats = page.client.app.stats()

    assert {name: stats[name] for name in expected} == expected


def test_queues_are_summed_over_all_views():
    class Busy(View):
        def handle_request(self, request: object) -> None:
            first, second = Button("first", handle_click=lambda event: gevent.sleep(1000)), Button("second")
            self.subscribe("news", lambda message: None)
            self.show(HTML(first, second))
            self.await_click(second)
            self.sleep(1000)

    client = Client(app_of(Busy))
    for page in client.open("/"), client.open("/"):
        for number in 0, 1, 1, 0, 0:
            page.click_quickly(page.find_all("button")[number])
    Channel("news").send(1)
    page.settle()

    stats = client.app.stats()

    assert (stats["events.queued"], stats["events.kept"], stats["channels.queued"]) == (4, 2, 2)
    client.app.stop()


def test_trees_are_summed_over_all_views():
    class Shows(View):
        def handle_request(self, request: object) -> None:
            self.show(HTML(Button("four", events=[]), Button("", title="abc")))
            self.sleep(1000)

    client = Client(app_of(Shows))
    client.open("/"), client.open("/")

    stats = client.app.stats()

    assert (stats["trees.nodes"], stats["trees.characters"]) == (2 * 5, 2 * (4 + 8))
    client.app.stop()


def test_what_is_kept_for_a_browser_that_is_behind_is_counted():
    class Ticker(View):
        def handle_request(self, request: object) -> None:
            text = Button("")
            self.show(text)
            self.await_click(text)
            for n in range(20):
                text.set_text("x" * n * 1000)
                self.show()

    app = App(__file__)
    app.settings.update({"SECRET_KEY": "x" * 32, "WINDOW": 2000})
    app.route("/")(Ticker)
    page = Client(app).open("/")
    page.reading = False
    page.click_quickly("button")
    page.settle()

    assert app.stats()["log.frames"] > 5
    assert app.stats()["log.bytes"] > 10_000
    app.stop()


def test_channels_are_among_the_numbers():
    app = app_of(Counter)
    before = app.stats()["channels.sent"]
    Channel("news").send(1)

    assert app.stats()["channels.sent"] > before
