"""What a view leaves to the one that is started anew in its place."""

from __future__ import annotations

import copy
import hashlib
import time
from typing import Any

import pytest

from lona_sync import App, View
from lona_sync.errors import UserAbort
from lona_sync.html import HTML, Button, P
from lona_sync.server.entry import Doorway
from lona_sync.testing import Client, Page
from lona_sync.views.runtime import ViewRuntime
from lona_sync.views.visitor import Visitor
from tests.views.apps import app_of, open_view


class Counter(View):
    """Counts on where the one before has ended."""

    def handle_request(self, request: Any) -> None:
        type(self).restored.append(copy.deepcopy(request.restored))
        state = request.restored or {"clicks": 0}
        text, button = P(state["clicks"]), Button("+1")
        self.show(HTML(text, button))
        while True:
            self.await_click(button)
            state["clicks"] += 1
            self.state_to_keep = state
            text.set_text(state["clicks"])
            self.show()

    restored: list[object]


@pytest.fixture(autouse=True)
def fresh() -> None:
    Counter.restored = []


def fail_over(page: Page, app: App) -> None:
    """The server dies without a word; the page comes back to another one."""
    page.lose_connection()
    page.client.app = app
    page.reconnect()


def counters(number: int) -> list[App]:
    return [app_of(Counter) for _ in range(number)]


def test_a_view_goes_on_where_it_was_when_its_server_was_replaced() -> None:
    first, second = counters(2)
    page = Client(first).open("/")
    page.click("button")
    page.click("button")

    fail_over(page, second)
    page.click("button")

    assert page.text("p") == "3"
    assert Counter.restored == [None, {"clicks": 2}]
    assert second.stats()["states.restored"] == 1


def test_it_goes_on_too_when_that_happens_once_more_before_anything_else() -> None:
    apps = counters(3)
    page = Client(apps[0]).open("/")
    page.click("button")

    fail_over(page, apps[1])
    fail_over(page, apps[2])

    assert page.text("p") == "1"


def test_what_is_kept_is_what_the_page_shows() -> None:
    class Careless(Counter):
        def handle_request(self, request: Any) -> None:
            type(self).restored.append(request.restored)
            self.state_to_keep = {"shown": 1}
            button = Button("x")
            self.show(HTML(button))
            self.await_click(button)
            button.set_text("y")
            self.state_to_keep = {"shown": 2}
            self.sleep(1000)                                      # without a show()

    first, second = app_of(Careless), app_of(Careless)
    page = Client(first).open("/")
    page.click("button")

    fail_over(page, second)

    assert Counter.restored == [None, {"shown": 1}]


def test_it_is_kept_at_once_when_all_is_shown() -> None:
    class Late(Counter):
        def handle_request(self, request: Any) -> None:
            type(self).restored.append(request.restored)
            button = Button("x")
            self.show(HTML(button))
            self.state_to_keep = {"a": 1}
            self.await_click(button)

    first, second = app_of(Late), app_of(Late)
    page = Client(first).open("/")

    fail_over(page, second)

    assert Counter.restored == [None, {"a": 1}]


def test_a_window_that_joins_later_keeps_it_too() -> None:
    class Daemon(Counter):
        def handle_request(self, request: Any) -> None:
            self.is_daemon = True
            super().handle_request(request)

    first, second = app_of(Daemon), app_of(Daemon)
    client = Client(first)
    client.open("/").click("button")
    late = client.open("/")

    fail_over(late, second)

    assert late.text("p") == "1"


def test_who_loads_the_page_again_or_goes_elsewhere_begins_anew() -> None:
    app = app_of(Counter, Counter)
    client = Client(app)
    page = client.open("/")
    page.click("button")

    client.open("/").close()
    page.lose_connection()
    for runtime in app.parts.registry:
        runtime.stop(UserAbort())
    page.reconnect()
    at_home = list(Counter.restored)
    page.go("/1")

    assert at_home == [None, None, {"clicks": 1}]
    assert Counter.restored[-1] is None


def test_nothing_is_kept_any_more_after_none() -> None:
    class Forgetting(Counter):
        def handle_request(self, request: Any) -> None:
            type(self).restored.append(request.restored)
            self.state_to_keep = {"a": 1}
            self.show(HTML(P("x")))
            self.state_to_keep = None
            self.show()

    first, second = app_of(Forgetting), app_of(Forgetting)
    page = Client(first).open("/")

    fail_over(page, second)

    assert Counter.restored == [None, None]


def test_it_is_copied_when_it_is_set_and_when_it_is_read() -> None:
    seen = []

    class Copying(View):
        def handle_request(self, request: Any) -> None:
            state = {"list": [1]}
            self.state_to_keep = state
            state["list"].append(2)
            read = self.state_to_keep
            assert read is not None
            read["list"].append(3)
            seen.append(self.state_to_keep)

    open_view(Copying)

    assert seen == [{"list": [1]}]


@pytest.mark.parametrize(("state", "error", "words"), [
    ([1], TypeError, "a dict of what JSON can say, or None, not list"), ("x", TypeError, "not str"),
    ({"a": object()}, ValueError, "expected what JSON can say"), ({1: 2}, ValueError, "a key must be a str"),
    ({"a": float("nan")}, ValueError, "JSON"),
    ({"a": "x" * 9000}, ValueError, "KEPT_SIZE allows 8,192"),
])
def test_what_cannot_be_kept_is_refused_on_the_line_that_sets_it(state: Any, error: type[Exception], words: str) -> None:
    caught = []

    class Wrong(View):
        def handle_request(self, request: Any) -> None:
            self.state_to_keep = {"good": 1}
            with pytest.raises(error, match=words):
                self.state_to_keep = state
            caught.append(self.state_to_keep)

    open_view(Wrong)

    assert caught == [{"good": 1}]


def test_the_limit_is_the_size_of_the_json() -> None:
    seen = []

    class Full(View):
        def handle_request(self, request: Any) -> None:
            for length in (8192 - len('{"a": ""}'), 8193 - len('{"a": ""}')):
                try:
                    self.state_to_keep = {"a": "x" * length}
                    seen.append(True)
                except ValueError:
                    seen.append(False)

    open_view(Full)

    assert seen == [True, False]


def test_a_view_without_a_browser_keeps_nothing() -> None:
    app = app_of()

    @app.route("/plain", interactive=False)
    class Plain(View):
        def handle_request(self, request: Any) -> str:
            with pytest.raises(RuntimeError, match="it has no browser to keep it"):
                self.state_to_keep = {"a": 1}
            return "fine"

    assert Client(app).http.get("/plain").get_data(as_text=True) == "fine"


@pytest.mark.parametrize("spoil", [
    # Not the last character, of whose six bits two mean nothing.
    lambda token: token[:-2] + ("a" if token[-2] != "a" else "b") + token[-1],
    lambda token: "x", lambda token: token.partition(".")[0],
    lambda token: "ü" * 100, lambda token: token * 20, lambda token: "x" * 65_537,
], ids=["changed", "nonsense", "unsigned", "not ASCII", "long", "too long"])
def test_what_was_not_sealed_here_is_worth_nothing(spoil: Any) -> None:
    first, second = counters(2)
    page = Client(first).open("/")
    page.click("button")

    page.dom.kept = spoil(page.dom.kept)
    fail_over(page, second)

    assert page.text("p") == "0"
    assert second.stats()["states.refused"] == 1


def test_what_another_user_keeps_or_what_is_of_another_address_is_worth_nothing() -> None:
    app = app_of(Counter, Counter)
    page, other = Client(app).open("/"), Client(app).open("/")
    page.click("button")
    token = page.dom.kept

    other.dom.kept = token
    other._start()
    other.settle()
    page.go("/1")
    page.dom.kept = token
    page._start()
    page.settle()

    assert Counter.restored == [None] * 5
    assert app.stats()["states.refused"] == 2


def test_it_is_believed_for_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = counters(2)
    page = Client(first).open("/")
    page.click("button")
    later = time.time() + 8 * 24 * 3600

    monkeypatch.setattr(time, "time", lambda: later)
    fail_over(page, second)

    assert page.text("p") == "0"


class Account(Counter):
    """Finds out who its user is, and says so."""

    def handle_request(self, request: Any) -> None:
        request.user = ("user", "ann")
        super().handle_request(request)


def test_a_view_that_names_its_user_is_found_again_by_who_opened_it() -> None:
    page = open_view(Account)
    page.click("button")
    page.click("button")

    page.lose_connection()
    page.reconnect()

    assert page.text("p") == "2"
    assert Counter.restored == [None]
    assert page.client.app.stats()["resumes"] == 1


def test_what_a_view_that_names_its_user_keeps_is_for_who_opened_it() -> None:
    first, second, third = app_of(Account), app_of(Account), app_of(Account)
    page, stranger = Client(first).open("/"), Client(third).open("/")
    page.click("button")
    token = page.dom.kept

    fail_over(page, second)
    stranger.dom.kept = token
    fail_over(stranger, third)

    assert page.text("p") == "1"
    assert stranger.text("p") == "0"


def test_a_daemon_that_names_its_user_is_joined_by_who_opened_it() -> None:
    class Daemon(Account):
        def handle_request(self, request: Any) -> None:
            self.is_daemon = True
            super().handle_request(request)

    class Late(Account):
        def handle_request(self, request: Any) -> None:
            request.user = ("user", "ann")
            self.is_daemon = True
            super().handle_request(request)

    app = app_of(Daemon, Late)
    client, stranger = Client(app), Client(app)
    client.open("/").click("button")
    client.open("/1").click("button")

    assert [client.open(url).text("p") for url in ("/", "/1")] == ["1", "1"]
    assert [stranger.open(url).text("p") for url in ("/", "/1")] == ["0", "0"]


def start(page: Page, token: str) -> None:
    """The page asks for its view anew, and says that this is what it keeps."""
    page.dom.kept = token
    page._start()
    page.settle()


def test_what_is_kept_of_one_query_is_worth_nothing_for_another() -> None:
    first, second = counters(2)
    page, other = Client(first).open("/?order=1"), Client(second).open("/?order=2")
    page.click("button")

    start(other, page.dom.kept)

    assert other.text("p") == "0"
    assert second.stats()["states.refused"] == 1


def test_what_another_view_had_kept_at_this_address_is_worth_nothing() -> None:
    class Successor(Counter):
        pass

    first, second = app_of(Counter), app_of(Successor)
    page = Client(first).open("/")
    page.click("button")

    fail_over(page, second)

    assert page.text("p") == "0"
    assert second.stats()["states.refused"] == 1


def test_what_is_kept_where_an_application_is_mounted_is_worth_nothing_beside_it() -> None:
    entry = (app := app_of(Counter)).parts.entry
    first, second = Doorway(entry, "/one"), Doorway(entry, "/two")
    runtime = first.open("/one/", None, Visitor("ann"))
    assert isinstance(runtime, ViewRuntime)
    runtime.view.state_to_keep = {"clicks": 5}
    token = runtime.document._kept
    runtime.stop(UserAbort())

    first.open("/one/", None, Visitor("ann"), token)
    second.open("/two/", None, Visitor("ann"), token)
    stats = app.stats()

    assert (stats["states.restored"], stats["states.refused"]) == (1, 1)


def test_what_a_view_keeps_that_still_runs_is_worth_nothing() -> None:
    app = app_of(Counter)
    client = Client(app)
    page, other = client.open("/"), client.open("/")
    page.click("button")

    start(other, page.dom.kept)

    assert (page.text("p"), other.text("p")) == ("1", "0")
    assert app.stats()["states.refused"] == 1


def test_a_view_that_is_joined_restores_nothing() -> None:
    class Daemon(Counter):
        def handle_request(self, request: Any) -> None:
            self.is_daemon = True
            super().handle_request(request)

    first, second = app_of(Daemon), app_of(Daemon)
    client = Client(first)
    page, late = client.open("/"), client.open("/")
    page.click("button")

    fail_over(page, second)
    page.click("button")
    fail_over(late, second)

    assert late.text("p") == "2"
    assert second.stats()["states.restored"] == 1


def test_what_was_restored_is_the_view_s_to_change() -> None:
    seen = []

    class Changing(Counter):
        def handle_request(self, request: Any) -> None:
            if request.restored is not None:
                request.restored["clicks"] += 100
                seen.append(self.state_to_keep)
            super().handle_request(request)

    first, second = app_of(Changing), app_of(Changing)
    page = Client(first).open("/")
    page.click("button")

    fail_over(page, second)

    assert seen == [{"clicks": 1}]


def test_what_is_too_long_for_browsers_to_bring_back_is_refused_whatever_the_setting_says() -> None:
    caught = []

    class Large(View):
        def handle_request(self, request: Any) -> None:
            self.state_to_keep = {"a": "x" * 200_000}             # compressed it is nothing
            noise = hashlib.shake_256(b"").hexdigest(60_000)
            with pytest.raises(ValueError, match="no browser may bring back more than 65,536, whatever KEPT_SIZE allows"):
                self.state_to_keep = {"a": noise}
            caught.append(len(self.state_to_keep["a"]))

    open_view(Large, KEPT_SIZE=1_000_000)

    assert caught == [200_000]
