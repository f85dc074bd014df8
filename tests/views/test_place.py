"""Where a view is: addresses that change while it goes on, and "back" and "forward" among them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import SplitResult

import gevent
import pytest

from lona_sync import App, Channel, RedirectResponse, Request, View
from lona_sync.errors import UserAbort
from lona_sync.html import HTML, Button, P
from lona_sync.server.entry import Doorway
from lona_sync.testing import Client, Page
from lona_sync.views.place import Place
from lona_sync.views.runtime import ViewRuntime
from lona_sync.views.visitor import Visitor


class Pages(View):
    """Shows a page of many, by its query."""

    def handle_request(self, request: Request) -> None:
        self.text, self.button = P(), Button("next")
        self.fill()
        while True:
            self.await_click(self.button, html=HTML(self.text, self.button))
            self.push_url(f"?page={self.number + 1}")
            self.fill()
            self.show()

    @property
    def number(self) -> int:
        return int(self.request.GET.get("page", "1"))

    def fill(self) -> None:
        self.text.set_text(f"page {self.number}")

    def on_url_change(self, url: SplitResult) -> object:
        self.fill()
        return None


class Deaf(View):
    """Changes its address, and does not hear of "back"."""

    def handle_request(self, request: Request) -> None:
        text, button = P(f"began at {request.url.geturl()}"), Button("go")
        self.await_click(button, html=HTML(text, button))
        self.push_url("?a=2")
        text.set_text("went on")
        self.show()


def app_of(*views: type[View]) -> App:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2})
    for view in views:
        app.route(f"/{view.__name__.lower()}")(view)
    return app


def opened(view: type[View], url: str = "") -> tuple[App, Page]:
    app = app_of(view)
    return app, Client(app).open(url or f"/{view.__name__.lower()}")


def started(app: App) -> float:
    return app.stats()["views.started"]


def going(url: str, *, replace: bool = False) -> Page:
    """The page of a view that goes there at once."""

    class Goes(View):
        def handle_request(self, request: Request) -> None:
            self.show(P("x"))
            (self.replace_url if replace else self.push_url)(url)
            self.show(P(request.url.geturl()))

    return opened(Goes, "/goes")[1]


def test_a_view_changes_the_address_and_goes_on():
    app, page = opened(Pages)

    page.click("button")

    assert (page.url, page.text("p"), started(app)) == ("/pages?page=2", "page 2", 1)


def test_back_and_forward_are_told_to_the_view():
    app, page = opened(Pages)
    page.click("button")
    page.click("button")

    page.back()
    first = page.url, page.text("p")
    page.back()
    page.forward()

    assert first == ("/pages?page=2", "page 2")
    assert (page.url, page.text("p"), started(app)) == ("/pages?page=2", "page 2", 1)


def test_a_deep_link_begins_there():
    _, page = opened(Pages, "/pages?page=7")

    page.click("button")

    assert page.text("p") == "page 8"


def test_a_view_that_does_not_hear_is_started_anew():
    app, page = opened(Deaf)
    page.click("button")
    assert page.text("p") == "went on"

    page.back()

    assert (page.text("p"), started(app)) == ("began at /deaf", 2)


def test_back_to_another_view_starts_it():
    app = app_of(Pages, Deaf)
    page = Client(app).open("/deaf")
    page.go("/pages")
    page.click("button")

    page.back()
    page.back()

    assert page.text("p") == "began at /deaf"


def test_a_replaced_entry_is_not_gone_back_to():
    class Replaces(Pages):
        def push_url(self, url: str) -> None:
            self.replace_url(url)

    _, page = opened(Replaces, "/replaces")
    page.click("button")

    with pytest.raises(LookupError):
        page.back()

    assert page.url == "/replaces?page=2"


def test_a_joiner_is_where_the_view_is():
    class Daemon(Pages):
        def handle_request(self, request: Request) -> None:
            self.is_daemon = True
            super().handle_request(request)

    app = app_of(Daemon)
    client = Client(app)
    page = client.open("/daemon")
    page.click("button")

    other = client.open("/daemon")

    assert other.url == "/daemon?page=2"


def test_the_other_windows_of_the_view_follow_and_the_one_that_went_is_left_alone():
    class Daemon(Pages):
        def handle_request(self, request: Request) -> None:
            self.is_daemon = True
            super().handle_request(request)

    app = app_of(Daemon)
    client = Client(app)
    page, other = client.open("/daemon"), client.open("/daemon")
    page.click("button")
    other.settle()
    together = page.url, other.url

    page.back()
    other.settle()

    assert together == ("/daemon?page=2", "/daemon?page=2")
    assert (page.url, other.url) == ("/daemon", "/daemon")


def test_a_lost_socket_does_not_lose_the_address():
    class Later(Pages):
        def handle_request(self, request: Request) -> None:
            self.show(P("x"))
            self.await_message("go")
            self.push_url("?page=9")
            self.sleep(1000)

    app, page = opened(Later, "/later")
    page.lose_connection()
    [runtime] = app.parts.registry
    Channel("go").send()
    page.reconnect()

    assert page.url == "/later?page=9"
    assert runtime.request.GET["page"] == "9"


def test_a_view_that_begins_anew_does_so_where_it_was():
    app, page = opened(Pages)
    page.click("button")
    page.lose_connection()
    [runtime] = app.parts.registry
    runtime.stop(UserAbort())

    page.reconnect()

    assert (page.url, page.text("p"), started(app)) == ("/pages?page=2", "page 2", 2)


def test_what_is_kept_is_for_the_new_address():
    class Keeps(View):
        def handle_request(self, request: Request) -> None:
            self.state_to_keep = {"n": 1}
            self.show(P(f"restored {request.restored}"))
            self.push_url("?a=2")
            self.sleep(1000)

    app, page = opened(Keeps, "/keeps")
    page.lose_connection()
    [runtime] = app.parts.registry
    runtime.stop(UserAbort())

    page.reconnect()

    assert page.text("p") == "restored {'n': 1}"


@pytest.mark.parametrize(("url", "is_at"), [
    ("?a=1", "/goes?a=1"), ("/other?b=2", "/other?b=2"), ("other", "/other"), ("#here", "/goes#here"),
    ("?q=ä b", "/goes?q=%C3%A4%20b"),
    ("?q=%20", "/goes?q=%20"), ("../x", "/x"),
])
def test_addresses_may_be_relative_and_are_quoted(url: str, is_at: str):
    assert going(url).url == is_at


@pytest.mark.parametrize("url", [
    "https://example.org/", "//example.org/", "/\\example.org", "\\\\example.org", "javascript:alert(1)", "/a\nb", "/" + "x" * 9000,
    "///example.org", "data:text/html,x",
])
def test_addresses_of_others_are_refused(url: str):
    page = going(url)

    assert page.url == "/goes"
    assert "500" in page.text()


@pytest.mark.parametrize("url", [7, None, b"/x"])
def test_an_address_is_a_str(url: Any):
    assert "500" in going(url).text()


@pytest.mark.parametrize("data", [None, 7, "", "x", "//example.org/", "/\\x", "/a\nb", "/" + "x" * 9000, ["/"], "/?" + "&a" * 2000])
def test_what_no_browser_says_of_an_address_is_dropped(data: Any):
    app, page = opened(Pages)

    page._send_event("@url", None, data)
    page.settle()

    assert page.text("p") == "page 1"
    assert app.stats()["events.malformed"] == 1


def test_the_hook_may_redirect():
    class Sends(Pages):
        def on_url_change(self, url: SplitResult) -> object:
            return RedirectResponse("/deaf")

    app = app_of(Sends, Deaf)
    page = Client(app).open("/sends")
    page.click("button")

    page.back()

    assert page.text("p") == "began at /deaf"


def test_a_hook_that_fails_ends_the_view_as_any_handler():
    class Fails(Pages):
        def on_url_change(self, url: SplitResult) -> object:
            raise ValueError("x")

    app = app_of(Fails)
    page = Client(app).open("/fails")
    page.click("button")

    page.back()

    assert "500" in page.text()


def test_a_mounted_view_names_addresses_below_its_mount():
    class Goes(View):
        def handle_request(self, request: Request) -> None:
            self.show(P("x"))
            self.push_url("?page=2")
            self.sleep(1000)

    app = app_of(Goes)
    runtime = Doorway(app.parts.entry, "/my app").open("/my%20app/goes", None, Visitor("somebody"))
    assert isinstance(runtime, ViewRuntime)
    gevent.sleep(0.01)

    told = json.loads(b"[%b]" % runtime.document.snapshot().body)

    assert told[-1] == [1, "/my%20app/goes?page=2", 0]
    assert runtime.request.url.geturl() == "/goes?page=2"


@pytest.mark.parametrize(("data", "address"), [
    ("/my%20app/goes?a", "/goes?a"), ("/my app/goes", "/goes"), ("/other/goes", None), ("/my%20app", "/"),
])
def test_what_a_browser_says_is_read_below_the_mount(data: str, address: str | None):
    app = app_of(Deaf)
    runtime = Doorway(app.parts.entry, "/my app").open("/my%20app/deaf", None, Visitor("somebody"))
    assert isinstance(runtime, ViewRuntime)
    place = Place(request=runtime.request, document=runtime.document, hears=True)

    assert place.read(data) == address
