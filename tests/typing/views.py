"""Views: waiting, tasks, handlers, responses."""

from __future__ import annotations

import time
from typing import Any

from typing_extensions import assert_type
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Request as HTTPRequest
from werkzeug.wrappers import Response as HTTPResponse

from lona_sync import (
    MATCH_ALL,
    App,
    AwaitTimeout,
    InputEvent,
    JsonResponse,
    NotFoundError,
    RedirectResponse,
    Request,
    Response,
    Session,
    StopReason,
    User,
    View,
    ViewEvent,
    local_url,
)
from lona_sync.html import H1, HTML, Button, Div, Node, P
from lona_sync.views.tasks import Task

app = App(__file__)
app.settings.TITLE = "Clock"


def count_words(text: str, *, least: int = 1) -> dict[str, int]:
    return {word: text.count(word) for word in text.split() if text.count(word) >= least}


@app.route("/", first_paint=False)
class Clock(View):
    def handle_request(self, request: Request) -> None:
        assert_type(request.GET["zone"], str)
        assert_type(request.user, Any)
        assert_type(request.match_info.get("name"), Any | None)
        assert_type(request.cookies.get("name"), str | None)
        self.label, button = P("0"), Button("Stop", _class="large", _style={"width": "10em"}, disabled=False)
        page = HTML(H1("Clock"), self.label, button)
        assert_type(page, Node)
        assert_type(HTML(self.label), P)
        self.show(page, title="Clock")
        ticker = self.spawn(self.tick, 0.5)
        assert_type(ticker, Task[int])
        event = self.await_click(button, timeout=60)
        assert_type(event, InputEvent)
        assert_type(event.node, Node | None)
        assert_type(event.nodes, tuple[Node, ...])
        ticker.kill()
        assert_type(ticker.get(timeout=1), int)
        words = self.spawn(count_words, "a b a", least=2).get()
        assert_type(words, dict[str, int])
        assert_type(self.run_blocking(count_words, "a b a"), dict[str, int])
        assert_type(self.sleep(1, "later"), str)

    def tick(self, seconds: float) -> int:
        for second in range(100):
            self.label.set_text(second)
            self.show()
            self.sleep(seconds)
        return 100

    def on_stop(self, reason: BaseException | None) -> None:
        if isinstance(reason, StopReason):
            print(reason, time.monotonic())


@app.route("/page/<name>", name="page", interactive=False)
class Page(View):
    def handle_request(self, request: Request) -> str | JsonResponse:
        if "json" in request.GET:
            return JsonResponse({"path": request.path})
        raise NotFoundError


class Tile(Div):
    """A subclass with a handler of its own."""

    CLASS_LIST = ("tile",)
    clicks = 0

    def handle_click(self, event: InputEvent) -> InputEvent | None:
        self.clicks += 1
        return None if event.node is self else event


@app.route(MATCH_ALL)
class Tiles(View):
    def handle_request(self, request: Request) -> RedirectResponse | None:
        self.is_daemon = True
        tiles = [Tile(str(number), handle_click=lambda event: event) for number in range(3)]
        try:
            event = self.await_input_event(tiles, html=Div(tiles), timeout=10)
        except AwaitTimeout:
            return RedirectResponse("/")
        assert_type(event.name, str)
        if isinstance(event.node, Tile):
            assert_type(event.node.clicks, int)
        return None

    def handle_input_event(self, event: InputEvent) -> InputEvent | None:
        return event


@app.route("/health", http_pass_through=True)
def health(request: HTTPRequest) -> HTTPResponse:
    return HTTPResponse("ok")


@app.route("/<int:number>", name="report", interactive=False, csrf_exempt=True)
class Report(View):
    def handle_request(self, request: Request) -> object:
        assert_type(request.files["a"], FileStorage)
        assert_type(request.remote_addr, str)
        assert_type(app.reverse("report", number=1), str)
        if request.method != "POST":
            return RedirectResponse(local_url(request.GET.get("next")))
        return Response((line for line in ("a", "b")), 200, "text/csv", {"X-Own": "1"})


assert_type(Report, type[Report])


@app.load_user
def load(name: str) -> User | None:
    return User(name)


@app.middleware
class Staff:
    def handle_request(self, data: Any) -> object:
        return data


@app.route("/board")
class Board(View):
    STOP_DAEMON_WHEN_VIEW_FINISHES = False

    def may_join(self, request: Request) -> bool:
        return bool(request.user.is_authenticated)

    def handle_request(self, request: Request) -> object:
        assert_type(self.session, Session)
        assert_type(request.session["cart"], Any)
        assert_type(self.server.get_running_views_count(request.user), int)
        assert_type(self.await_click().user, Any)
        self.fire_view_event("moved", {"x": 1})
        return self.session.login(request.user, next="/")

    def on_view_event(self, view_event: ViewEvent) -> object:
        return None


app.disconnect(User("ann"))
