"""From a URL to a running view."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import gevent
import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

from lona_sync import App, Request, View
from lona_sync.html import H1
from lona_sync.server.entry import Doorway, Entry, NotFoundView, PageLoad
from lona_sync.server.http.serving import Server
from lona_sync.testing import Client
from lona_sync.views.registry import Full
from lona_sync.views.request import AnonymousUser
from lona_sync.views.runtime import ViewRuntime
from lona_sync.views.visitor import Visitor
from lona_sync.wire.protocol import VERSION
from tests.server.raw_client import HANDSHAKE, RawClient, connect


class Shown(View):
    """Shows what it was asked for."""

    def handle_request(self, request: Request) -> object:
        return H1(request.url.geturl())


class Daemon(View):
    """Goes on by itself."""

    def handle_request(self, request: Request) -> None:
        self.is_daemon = True
        self.show(H1("daemon"))
        self.sleep(60)


def app_of(**settings: object) -> App:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, **settings})
    app.route("/a/<name>")(Shown)
    app.route("/")(Shown)
    app.route("/daemon/<name>")(Daemon)
    app.route("/plain", interactive=False)(Shown)
    return app


def entry_of(**settings: object) -> Entry:
    return app_of(**settings).parts.entry


def opened(url: str, post: dict[str, object] | None = None) -> ViewRuntime:
    """The view that a window gets for `url`."""
    found = entry_of().open(url, post, Visitor("somebody"))
    assert isinstance(found, ViewRuntime)
    return found


def test_a_window_gets_the_view_of_its_url():
    runtime = opened("/a/b%20%C3%BC?x=1&x=%262&y=")

    assert isinstance(runtime.view, Shown)
    assert dict(runtime.request.match_info) == {"name": "b ü"}
    assert runtime.request.GET.getlist("x") == ["1", "&2"]
    assert runtime.request.interactive
    assert runtime.request.method == "GET"
    assert runtime.request.user == "somebody"


def test_the_fields_of_a_posted_form_are_given():
    runtime = opened("/", {"a": "1", "b": ["2", "3"]})

    assert runtime.request.method == "POST"
    assert (runtime.request.POST["a"], runtime.request.POST.getlist("b")) == ("1", ["2", "3"])


@pytest.mark.parametrize("url", ["/nothing", "/a/", "/a/b/c", "/a%2Fb/c", "/%", "/_lona_sync/socket"])
def test_an_address_without_a_route_gets_the_view_that_says_so(url: str):
    runtime = opened(url)

    assert isinstance(runtime.view, NotFoundView)


@pytest.mark.parametrize("url", ["", "a", "?x", "http://example.org/", "https:/a", "javascript:alert(1)", "[", "http://["])
def test_what_is_no_path_is_refused(url: str):
    with pytest.raises(ValueError):
        opened(url)


def test_more_parameters_than_sense_are_refused():
    with pytest.raises(ValueError):
        opened("/?" + "&".join(["a=1"] * 1001))


@pytest.mark.parametrize("url", ["//a/b", "///a/b"])
def test_slashes_at_the_beginning_count_as_one_as_in_plain_http(url: str):
    runtime = opened(url)

    assert isinstance(runtime.view, Shown)


@pytest.mark.parametrize(("url", "loaded"), [("/plain", "/plain"), ("/plain?a=b", "/plain?a=b"), ("//plain", "/plain")])
def test_a_view_that_is_not_interactive_is_to_be_loaded_as_a_page(url: str, loaded: str):
    found = entry_of().open(url, None, Visitor("somebody"))

    assert found == PageLoad(loaded)


def test_two_visits_are_two_views():
    entry = entry_of()

    first, second = entry.open("/", None, Visitor("somebody")), entry.open("/", None, Visitor("somebody"))

    assert first is not second


def test_a_daemon_is_joined_by_its_user_at_its_address():
    entry = entry_of()
    daemon = entry.open("/daemon/x", None, Visitor("somebody"))
    gevent.sleep(0)

    again, elsewhere, foreign = (
        entry.open("/daemon/x?query", None, Visitor("somebody")), entry.open("/daemon/y", None, Visitor("somebody")),
        entry.open("/daemon/x", None, Visitor("somebody else")),
    )

    assert again is daemon
    assert elsewhere is not daemon
    assert foreign is not daemon


def test_more_views_than_may_run_are_refused():
    entry = entry_of(MAX_VIEWS=1)
    entry.open("/", None, Visitor("somebody"))

    with pytest.raises(Full):
        entry.open("/", None, Visitor("somebody"))


def test_a_view_is_found_by_its_id_and_its_user():
    entry = entry_of()
    runtime = entry.open("/", None, Visitor("somebody"))

    own, foreign = Visitor("somebody"), Visitor("somebody else")
    found = [entry.find(runtime.id, own), entry.find(runtime.id, foreign), entry.find("nothing", own)]

    assert found == [runtime, None, None]


def test_a_guest_finds_the_view_of_a_guest_for_its_secret_decides():
    entry = entry_of()
    runtime = entry.open("/", None, Visitor(AnonymousUser.make_guest()))

    found = [entry.find(runtime.id, Visitor(user)) for user in (AnonymousUser.make_guest(), AnonymousUser("a cookie"))]

    assert found == [runtime, None]


def test_a_guest_does_not_find_the_view_of_somebody_with_a_cookie():
    entry = entry_of()
    runtime = entry.open("/", None, Visitor(AnonymousUser("a cookie")))

    found = entry.find(runtime.id, Visitor(AnonymousUser.make_guest()))

    assert found is None


def test_a_guest_does_not_join_the_daemon_of_another_guest():
    entry = entry_of()
    daemon = entry.open("/daemon/x", None, Visitor(AnonymousUser.make_guest()))
    gevent.sleep(0)

    found = entry.open("/daemon/x", None, Visitor(AnonymousUser.make_guest()))

    assert found is not daemon


@pytest.mark.parametrize(("url", "inner"), [
    ("/my%20app/a/b", "/a/b"), ("/my%20app", "/"), ("/my%20app/", "/"), ("/my%20app?x=/", "/?x=/"), ("/my%20app/a/%2F", "/a/%2F"),
])
def test_below_a_prefix_views_do_not_see_the_prefix(url: str, inner: str):
    found = Doorway(entry_of(), "/my app").open(url, None, Visitor("somebody"))

    assert isinstance(found, ViewRuntime)
    assert found.request.url.geturl() == inner


@pytest.mark.parametrize("url", ["/", "/my%20apple", "/other/my%20app/", "/my%20app2/a/b", ""])
def test_what_lies_beside_the_prefix_is_a_page_of_others(url: str):
    found = Doorway(entry_of(), "/my app").open(url, None, Visitor("somebody"))

    assert found == PageLoad(url)


@pytest.mark.parametrize("base", ["", "/my app"])
@pytest.mark.parametrize("url", ["//plain", "/\\plain", "//plain?a=b"])
def test_a_page_to_be_loaded_is_of_this_host_whatever_browsers_make_of_two_slashes(base: str, url: str):
    found = Doorway(entry_of(), base).open(url, None, Visitor("somebody"))

    assert not isinstance(found, PageLoad) or found == PageLoad("/." + url)
    assert isinstance(found, PageLoad) or url[1] != "/"


def test_a_page_to_be_loaded_keeps_its_prefix():
    found = Doorway(entry_of(), "/a/b").open("/a/b/plain?x", None, Visitor("somebody"))

    assert found == PageLoad("/a/b/plain?x")


def test_below_a_prefix_views_are_found_again():
    entry = entry_of()
    runtime = entry.open("/", None, Visitor("somebody"))

    found = Doorway(entry, "/prefix").find(runtime.id, Visitor("somebody"))

    assert found is runtime


@contextmanager
def served(application: object) -> Iterator[RawClient]:
    """A connection to a server of this application."""
    server = Server(application, "127.0.0.1", 0)
    server.start()
    try:
        with RawClient(connect(("127.0.0.1", server.port))) as client:
            yield client
    finally:
        server.stop()


def test_an_application_that_is_mounted_answers_the_url_of_its_page():
    app = app_of()
    head = "".join(f"{name}: {value}\r\n" for name, value in HANDSHAKE.items())

    with served(DispatcherMiddleware(Response(status=404), {"/prefix": app})) as client:
        client.send(f"GET /prefix/_lona_sync/socket HTTP/1.1\r\n{head}\r\n".encode())
        status = client.answer().status
        client.send_text(f"[0,{VERSION}]")
        client.send_text('[1,1,"/prefix/a/b",null]')
        messages = [json.loads(client.receive_text()) for _ in range(3)]
        app.stop()

    assert status == 101
    assert messages[2][7] == [-1, "/a/b"]


def test_an_unknown_address_says_404_in_the_window_too():
    page = Client(app_of()).open("/a/x")

    page.go("/nothing")

    assert page.text("h1") == "404 Not Found"
