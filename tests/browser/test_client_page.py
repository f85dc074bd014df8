"""The client as a page loads it: a real WebSocket, answered by the test, under a strict content security policy."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, WebSocketRoute, expect

from lona_sync.wire.protocol import VERSION

from .conftest import ORIGIN

pytestmark = pytest.mark.js

POLICY = "default-src 'none'; script-src 'self'; connect-src 'self' ws://lona.test; style-src 'self'"
CONFIG = {"socket": "/_lona_sync/socket", "target": "#lona", "title": "Default"}
HTML = f"""<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<script type="application/json" id="lona-sync">{json.dumps(CONFIG)}</script>
<script type="module" src="/lona_sync/client/lona.js"></script><div id="lona"></div>"""
WELCOME = [0, VERSION, {"window": 65536, "ping": 20}]
#: What a VirtualList of three rows tells its widget.
LIST = {"css": "", "count": 3, "height": 20, "overscan": 0, "target": 0, "jumps": 0}


class Server:
    """Shows one tree to whoever opens a window, and keeps what comes."""

    def __init__(self, stream: list[Any], tags: list[str]) -> None:
        self.stream, self.tags = stream, tags
        self.received: list[list[Any]] = []
        self.sockets: list[WebSocketRoute] = []

    def connected(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        socket.on_message(lambda text: self._answer(socket, json.loads(text)))

    def send(self, *message: Any) -> None:
        self.sockets[-1].send(json.dumps(message))

    def _answer(self, socket: WebSocketRoute, message: list[Any]) -> None:
        self.received.append(message)
        kind, *fields = message
        answers: list[list[Any]] = []
        if kind == 0:
            answers = [WELCOME]
        elif kind == 1:
            answers = [[1, fields[0], "view", "secret", 1, 0], [2, fields[0], 1, 0, None, 1, self.tags, self.stream]]
        elif kind == 2:
            answers = [[1, fields[0], "view", "secret", 1, 1]]
        for answer in answers:
            socket.send(json.dumps(answer))


def show(context: BrowserContext, stream: list[Any], tags: list[str]) -> tuple[Page, Server]:
    def serve(route: Route) -> None:
        route.fulfill(body=HTML, content_type="text/html", headers={"Content-Security-Policy": POLICY})

    server = Server(stream, tags)
    context.route(f"{ORIGIN}/app*", serve)
    context.route_web_socket("**/_lona_sync/socket", server.connected)
    page = context.new_page()
    page.goto(f"{ORIGIN}/app?a=1")
    return page, server


def test_a_page_shows_its_view_and_violates_no_policy(context: BrowserContext) -> None:
    messages: list[str] = []
    context.on("console", lambda message: messages.append(message.text))
    page, server = show(context, [1, {"@on": "click", "style": "color: red"}, "go", 0], ["button"])

    page.get_by_text("go").click()
    expect(page.get_by_text("go")).to_have_css("color", "rgb(255, 0, 0)")
    wait_until(page, lambda: len(server.received) >= 3)

    assert server.received[:2] == [[0, VERSION], [1, 1, "/app?a=1", None]]
    assert server.received[2][:6] == [4, 1, 1, 1, 1, 1]
    assert messages == []
    assert page.title() == "Default"


@pytest.mark.parametrize(("module", "attributes", "patches", "kind"), [
    ("senses", {"@on": "resize"}, [], 18),
    ("calls", {}, [[11, 1, 1, "getAttribute", ["title"]]], 0),
    ("virtual", {"@widget": ["lona-virtual", LIST]}, [], "range"),
    ("widgets", {"@widget": ["lona-virtual", LIST]}, [], "range"),
], ids=["senses", "calls", "virtual", "widgets"])
def test_a_module_that_fails_to_load_is_reported_and_asked_for_again(
    context: BrowserContext, module: str, attributes: dict[str, Any], patches: list[Any], kind: int | str,
) -> None:
    asked: list[str] = []

    def fail_once(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.abort()
        else:
            route.fallback()

    context.route(f"**/client/{module}.js*", fail_once)
    page, server = show(context, [1, attributes, -1, {"role": "rowgroup"}, "x", 0], ["div"])
    expect(page.get_by_text("x")).to_be_visible()
    if patches:
        server.send(3, 1, 2, 0, patches)

    wait_until(page, lambda: any(message[0] == 7 for message in server.received) and len(asked) == 2)
    wait_until(page, lambda: any(message[0] == 4 and message[4] == kind for message in server.received))

    assert [message[2].splitlines()[0].partition(": ")[2] for message in server.received if message[0] == 7] == [
        f"TypeError: Failed to fetch dynamically imported module: {ORIGIN}/lona_sync/client/{module}.js",
    ]


def test_the_global_is_small_and_works(context: BrowserContext) -> None:
    page, server = show(context, [1, "x", 0], ["p"])
    expect(page.get_by_text("x")).to_be_visible()

    fired = page.evaluate("Lona.window.fire(document.querySelector('p'), 'mine', {a: 1})")
    wait_until(page, lambda: server.received[-1][0] == 4)

    assert fired is True
    assert server.received[-1] == [4, 1, 1, 1, "mine", 1, {"a": 1}]
    assert page.evaluate("[Object.keys(Lona), Lona.page.connection.state]") == [
        ["registerWidget", "register_widget_class", "page", "window", "open"], "open",
    ]


def test_a_lost_socket_comes_back_and_the_view_goes_on(context: BrowserContext) -> None:
    page, server = show(context, [1, "x", 0], ["p"])
    expect(page.get_by_text("x")).to_be_visible()

    server.sockets[-1].close(code=4000)
    wait_until(page, lambda: [2, 1, "view", "secret", 1] in server.received)
    server.send(3, 1, 2, 1, [[0, 2, "y"]])

    expect(page.get_by_text("y")).to_be_visible()
    assert len(server.sockets) == 2


def wait_until(page: Page, condition: Callable[[], bool]) -> None:
    """Not `page.wait_for_function`: it evaluates a string, which the policy forbids."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not come within 10 seconds"
        page.wait_for_timeout(10)


@pytest.mark.parametrize("width", [1280, 320], ids=["desktop", "phone"])
def test_the_status_bar_fits_into_the_page(context: BrowserContext, width: int) -> None:
    page, server = show(context, [1, "x", 0], ["p"])
    page.set_viewport_size({"width": width, "height": 480})
    expect(page.get_by_text("x")).to_be_visible()

    server.sockets[-1].close(code=4500)
    bar = page.get_by_role("status")
    expect(bar).to_have_text("The connection has ended. Please reload the page.")

    box = bar.bounding_box()
    assert box is not None
    assert box["x"] >= 8 and box["x"] + box["width"] <= width - 8 and box["y"] + box["height"] <= 480
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_what_is_typed_by_hand_arrives_once_and_whole(context: BrowserContext) -> None:
    stream = [1, 2, {"@on": "change:50", "value": ""}, 0, 3, {"@on": "click"}, "go", 0, 0]
    page, server = show(context, stream, ["form", "input", "button"])
    page.locator("input").press_sequentially("hello", delay=5)

    page.get_by_text("go").click()
    wait_until(page, lambda: any(message[4:6] == [1, 3] for message in server.received))

    events = [message for message in server.received if message[0] == 4]
    assert events[-1][4:6] == [1, 3]
    assert events[-2][6] == "hello"
    assert [event[6] for event in events[:-1]].count("hello") == 1
