"""Sessions from login to logout, in views over WebSockets and over plain HTTP, and who tries to get into somebody else's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest
import werkzeug.test
from werkzeug.test import TestResponse

from lona_sync import App, Request, View
from lona_sync.html import HTML, Button, P
from lona_sync.server.people.session_store import MemoryStore, SessionStore, StoreUnavailable
from lona_sync.server.people.tickets import TICKET_SECONDS, Ticket, Tickets
from lona_sync.testing import Client, Page
from lona_sync.views.session import Session
from lona_sync.views.users import AnonymousUser, User, id_of, identity_of

COOKIE = "lona_sync_session"


class Nobody:
    """Keeps nothing."""

    def check(self, data: dict[str, Any], *, live: bool) -> None:
        """All is well."""


class Own:
    """A store with nothing but what is asked of one."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def load(self, key: str) -> dict[str, Any] | None:
        return self.kept.get(key)

    def save(self, key: str, data: dict[str, Any], seconds: float) -> None:
        self.kept[key] = data

    def delete(self, key: str) -> None:
        self.kept.pop(key, None)


class Home(View):
    """Tells who is there; buttons log in and out."""

    def handle_request(self, request: Request) -> object:
        sign_in, sign_out, count = Button("in", _id="in"), Button("out", _id="out"), Button("count", _id="count")
        self.show(HTML(P(str(request.user), _id="user"), P(str(self.session.get("n", 0)), _id="n"), sign_in, sign_out, count))
        clicked = self.await_click(sign_in, sign_out, count).node
        if clicked is sign_in:
            return self.session.login(request.GET.get("as", "ann"), next=request.GET.get("next", "/"))
        if clicked is sign_out:
            return self.session.logout()
        self.session["n"] = self.session.get("n", 0) + 1
        return P(str(self.session["n"]), _id="n")


class Daemon(View):
    def handle_request(self, request: Request) -> object:
        self.is_daemon = True
        self.show(P(str(request.user)))
        self.sleep(1e6)
        return None


def make_app(**settings: Any) -> App:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, **settings})
    app.route("/")(Home)
    app.route("/daemon")(Daemon)

    @app.route("/in", interactive=False)
    class In(View):
        def handle_request(self, request: Request) -> object:
            return self.session.login(request.GET.get("as", "ann"), next=request.GET.get("next", "/who"))

    @app.route("/out", interactive=False)
    class Out(View):
        def handle_request(self, request: Request) -> object:
            return self.session.logout("/who")

    @app.route("/count", interactive=False)
    class Count(View):
        def handle_request(self, request: Request) -> object:
            self.session["n"] = self.session.get("n", 0) + 1
            return str(self.session["n"])

    @app.route("/who", interactive=False)
    class Who(View):
        def handle_request(self, request: Request) -> object:
            return str(request.user)

    return app


@pytest.fixture(params=["cookie:", "memory:"])
def app(request: pytest.FixtureRequest) -> Iterator[App]:
    app = make_app(SESSION_STORE=request.param)
    yield app
    app.stop()


def cookie(client: Client | werkzeug.test.Client) -> str:
    http = client.http if isinstance(client, Client) else client
    found = http.get_cookie(COOKIE)
    return "" if found is None else found.value


def steal(client: Client) -> werkzeug.test.Client:
    """Somebody else who has this browser's cookie as it is now."""
    thief = werkzeug.test.Client(client.app)
    thief.set_cookie(COOKIE, cookie(client))
    return thief


def who(http: werkzeug.test.Client) -> str:
    return str(http.get("/who").text)


def press(page: Page, button: str) -> None:
    page.click(f"#{button}")
    page.wait_for(lambda: page.text("#in") == "in")


# In a view.


def test_a_view_logs_its_browser_in(app: App):
    page = Client(app).open("/?as=bob")
    before = page.text("#user")

    press(page, "in")

    assert (before, page.text("#user"), page.url) == ("<AnonymousUser>", "bob", "/")
    page.close()


def test_and_out_again(app: App):
    page = Client(app).open("/")
    press(page, "in")

    press(page, "out")

    assert page.text("#user") == "<AnonymousUser>"
    page.close()


def test_the_browser_goes_on_to_the_page_that_was_asked_for(app: App):
    client = Client(app)
    page = client.open("/?next=/who?a=b")

    page.click("#in")
    page.wait_for(lambda: "ann" in page.html())

    assert page.url == "/who?a=b"


@pytest.mark.parametrize("path", [
    "https://example.org/", "//example.org/", "/\\example.org", "\\\\example.org", "/\t/example.org", "/\n/example.org",
    "javascript:x", "", "relative", " /", "/\x00",
])
def test_it_is_led_nowhere_else(path: str):
    session = Session(keeper=Nobody())

    assert session.login("ann", next=path).url == "/"


@pytest.mark.parametrize("path", ["/", "/a/b?c=//example.org#d", "/%2f%2fexample.org", "/ü", "/a b"])
def test_paths_of_our_own_are_taken_as_they_are(path: str):
    session = Session(keeper=Nobody())

    assert session.logout(path).url == path


def test_other_tabs_learn_of_the_logout_at_once(app: App):
    client = Client(app)
    page = client.open("/")
    press(page, "in")
    other = client.open("/")

    press(page, "out")
    other.wait_for(lambda: other.text("#user") == "<AnonymousUser>")        # it has come back by itself

    assert app.stats()["connections.dismissed"] >= 1
    page.close()
    other.close()


def test_daemon_views_wait_for_their_user(app: App):
    client = Client(app)
    page = client.open("/")
    press(page, "in")
    client.open("/daemon")
    view = app.parts.facade.get_views(url="/daemon")[0]

    press(page, "out")
    press(page, "in")
    client.open("/daemon")

    assert app.parts.facade.get_views(url="/daemon") == [view]
    page.close()


def test_a_daemon_is_joined_by_the_same_user_in_another_browser(app: App):
    first, second = Client(app), Client(app)
    for client in (first, second):
        press(client.open("/"), "in")

    first.open("/daemon")
    second.open("/daemon")

    assert len(app.parts.facade.get_views(url="/daemon")) == 1


# Over plain HTTP.


def test_plain_views_log_in_and_out(app: App):
    http = werkzeug.test.Client(app)

    texts = [http.get(path, follow_redirects=True).text for path in ("/who", "/in", "/who", "/out", "/who")]

    assert texts == ["<AnonymousUser>", "ann", "ann", "<AnonymousUser>", "<AnonymousUser>"]


def test_a_login_over_http_holds_for_views(app: App):
    client = Client(app)
    client.http.get("/in")

    page = client.open("/")

    assert page.text("#user") == "ann"
    page.close()


def test_a_plain_request_gets_no_cookie_unless_something_is_put_into_its_session(app: App):
    http = werkzeug.test.Client(app)

    answers = [http.get(path) for path in ("/who", "/count", "/who", "/count")]

    assert ["Set-Cookie" in answer.headers for answer in answers] == [False, True, False, True]
    assert answers[3].text == "2"
    assert "Cookie" in answers[1].headers["Vary"]


def test_data_comes_back_with_the_next_visit_and_in_views(app: App):
    client = Client(app)
    client.http.get("/count")
    client.http.get("/count")

    page = client.open("/")

    assert page.text("#n") == "2"
    page.close()


def test_data_survives_a_login(app: App):
    client = Client(app)
    client.http.get("/count")
    page = client.open("/")

    press(page, "in")

    assert page.text("#n") == "1"
    page.close()


def test_a_logout_forgets_it(app: App):
    http = werkzeug.test.Client(app)
    for path in ("/in", "/count", "/out"):
        http.get(path)

    assert http.get("/count").text == "1"


def test_a_view_over_a_websocket_puts_something_into_a_store():
    app = make_app(SESSION_STORE="memory:")
    client = Client(app)
    page = client.open("/")

    page.click("#count")

    assert page.text("#n") == "1"
    assert client.http.get("/count").text == "2"
    app.stop()


def test_and_is_told_that_a_cookie_cannot_take_it(caplog: pytest.LogCaptureFixture):
    app = make_app()
    page = Client(app).open("/")

    page.click("#count")

    assert "500" in page.text()
    assert "over a WebSocket no cookie can be set" in caplog.text
    app.stop()


def test_what_is_too_large_is_refused_where_it_is_put_in(app: App, caplog: pytest.LogCaptureFixture):
    @app.route("/large", interactive=False)
    class Large(View):
        def handle_request(self, request: Request) -> object:
            self.session["text"] = "x" * 5000

    status = werkzeug.test.Client(app).get("/large").status_code

    assert status == 500
    assert "may have 2,800" in caplog.text


@pytest.mark.parametrize(("name", "value", "error"), [
    ("_user", "root", ValueError), (3, "x", ValueError), ("x", object(), (TypeError, ValueError)),
    ("x", {1, 2}, (TypeError, ValueError)),
])
def test_what_cannot_be_in_a_session(app: App, name: Any, value: Any, error: Any):
    session = app.parts.visitors.of(werkzeug.test.EnvironBuilder("/").get_environ()).session

    with pytest.raises(error):
        session[name] = value


def test_values_are_copied_both_ways(app: App):
    session = app.parts.visitors.of(werkzeug.test.EnvironBuilder("/").get_environ()).session
    cart = ["a"]
    session["cart"] = cart
    cart.append("b")
    session["cart"].append("c")

    assert session["cart"] == ["a"]
    assert list(session) == ["cart"] and len(session) == 1 and "_user" not in session


def test_without_sessions_nobody_can_log_in(caplog: pytest.LogCaptureFixture):
    http = werkzeug.test.Client(make_app(SESSIONS=False))

    status = http.get("/in").status_code

    assert status == 500
    assert "the setting SESSIONS is False" in caplog.text


def test_without_reuse_each_connection_is_another_visitor():
    app = make_app(SESSIONS_REUSE=False)
    client = Client(app)

    for _ in range(2):
        client.open("/daemon")

    assert len(app.parts.facade.get_views(url="/daemon")) == 2
    assert cookie(client) == ""
    app.stop()


def test_a_test_may_begin_with_somebody_who_has_logged_in(app: App):
    client = Client(app)

    client.log_in("bob")

    page = client.open("/")
    assert (page.text("#user"), who(client.http)) == ("bob", "bob")
    page.close()


# Who the user is.


def test_the_applications_own_users_are_loaded():
    app = make_app()

    @app.load_user
    def load(number: int) -> object:
        return {7: User("seven")}.get(number)

    client = Client(app)
    client.http.get("/in?as=7")                                      # '7' is none of its ids, which are numbers
    strings = who(client.http)

    app.user_loader = lambda name: User("seven") if name == "7" else None
    loaded = who(client.http)

    assert (strings, loaded) == ("<AnonymousUser>", "seven")


def test_while_a_user_cannot_be_loaded_he_is_neither_himself_nor_anybody_else(caplog: pytest.LogCaptureFixture):
    app = make_app()

    @app.load_user
    def load(name: str) -> object:
        raise ConnectionError("no database")

    client = Client(app)
    client.log_in("ann")

    statuses = [client.http.get(path).status_code for path in ("/who", "/")]

    assert statuses == [503, 503]
    assert "no database" in caplog.text


class Django:
    pk = 5


class FlaskLogin:
    id = 1

    def get_id(self) -> str:
        return "six"


@pytest.mark.parametrize(("user", "found"), [("ann", "ann"), (3, 3), (User("bob"), "bob"), (Django(), 5), (FlaskLogin(), "six")])
def test_a_user_is_known_by_his_id(user: object, found: object):
    assert id_of(user) == found
    assert identity_of(user) == f"user {found}"


@pytest.mark.parametrize("user", ["", True, None, 1.5, object(), AnonymousUser("key")])
def test_others_cannot_log_in(user: object):
    with pytest.raises(TypeError, match="a user to log in is"):
        id_of(user)


# Attacks.


def test_a_session_that_was_planted_is_not_the_users_after_his_login(app: App):
    victim = Client(app)
    victim.open("/").close()
    attacker = steal(victim)                                           # he has put his own session into the victim's browser
    page = victim.open("/")

    press(page, "in")

    assert page.text("#user") == "ann"
    assert who(attacker) == "<AnonymousUser>"
    page.close()


def test_the_same_over_plain_http(app: App):
    victim = Client(app)
    victim.http.get("/count")
    attacker = steal(victim)

    victim.http.get("/in")

    assert (who(victim.http), who(attacker)) == ("ann", "<AnonymousUser>")


def test_a_cookie_of_before_the_logout_is_worth_nothing(app: App):
    client = Client(app)
    page = client.open("/")
    press(page, "in")
    thief = steal(client)
    before = who(thief)

    press(page, "out")

    assert (before, who(thief)) == ("ann", "<AnonymousUser>")
    page.close()


@pytest.fixture
def machines() -> Iterator[tuple[App, App]]:
    """Two that share a store, and otherwise know nothing of each other."""
    apps = make_app(), make_app()
    apps[0].session_store = apps[1].session_store = MemoryStore()
    yield apps
    for app in apps:
        app.stop()


def test_a_daemon_of_who_has_logged_out_does_not_bring_his_session_back(machines: tuple[App, App]):
    here, there = machines
    client = Client(here)
    client.http.get("/in")
    page = client.open("/daemon")
    thief = steal(client)
    client.http.get("/out")

    with pytest.raises(RuntimeError, match="has ended"):
        here.parts.facade.get_views(url="/daemon")[0].session["n"] = 1

    thief.application = there
    assert who(thief) == "<AnonymousUser>"
    page.close()


def test_nor_does_one_on_another_machine(machines: tuple[App, App]):
    here, there = machines
    client = Client(here)
    client.http.get("/in")
    page = client.open("/daemon")
    thief = steal(client)
    thief.application = there
    thief.get("/out")

    with pytest.raises(RuntimeError, match="has ended"):
        here.parts.facade.get_views(url="/daemon")[0].session["n"] = 1

    assert who(steal(client)) == "<AnonymousUser>"
    page.close()


@pytest.mark.parametrize("machine", [0, 1], ids=["here", "there"])
@pytest.mark.parametrize("change", [
    lambda session: session.__setitem__("n", 1), lambda session: session.rotate(), lambda session: setattr(session, "is_old", True),
], ids=["data", "key", "cookie"])
def test_a_request_that_is_under_way_while_he_logs_out_does_not_either(machines: tuple[App, App], change: Any, machine: int):
    here, there = machines
    client = Client(here)

    @here.middleware
    class Late:
        def handle_connection(self, data: Any) -> object:
            if data.connection.http_request.path != "/late":
                return data
            leaving = steal(client)
            leaving.application = machines[machine]
            leaving.get("/out")
            change(data.connection.session)
            return "done"

    client.http.get("/in")
    thief = steal(client)

    answer = client.http.get("/late")
    thief.application = there

    assert (answer.text, "Set-Cookie" in answer.headers) == ("done", False)
    assert (who(client.http), who(thief)) == ("<AnonymousUser>", "<AnonymousUser>")


@pytest.mark.parametrize("keeper", [MemoryStore, Own])
def test_data_can_be_changed_as_long_as_he_is_logged_in(keeper: Callable[[], SessionStore]):
    app = make_app()
    app.session_store = keeper()
    client = Client(app)
    client.http.get("/in")

    for _ in range(3):
        client.http.get("/count")

    assert client.http.get("/count").text == "4"
    assert who(client.http) == "ann"
    app.stop()


def test_strangers_who_log_out_again_and_again_do_not_bring_it_back(app: App, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lona_sync.server.people.revocations.MAX_REVOCATIONS", 3)
    client = Client(app)
    client.http.get("/in")
    thief = steal(client)
    client.http.get("/out")

    for _ in range(4):
        stranger = werkzeug.test.Client(app)
        stranger.get("/count")
        stranger.get("/out")
        page = Client(app).open("/")
        press(page, "out")
        page.close()

    assert who(thief) == "<AnonymousUser>"
    assert app.stats()["sessions.revocations.dropped"] == 5


def test_but_a_login_counts_whatever_has_ended_before(app: App):
    client = Client(app)

    @app.middleware
    class Again:
        def handle_connection(self, data: Any) -> object:
            if data.connection.http_request.path != "/again":
                return data
            steal(client).get("/out")
            return data.connection.session.login("bob", "/who")

    client.http.get("/in")

    assert client.http.get("/again", follow_redirects=True).text == "bob"


def test_a_session_that_has_ended_gets_its_view_back_no_more(app: App):
    client = Client(app)
    page = client.open("/")
    press(page, "in")
    view = app.parts.facade.get_views(url="/")[0]
    page.lose_connection()
    http = steal(client)

    http.get("/out")
    page.reconnect()

    assert app.parts.facade.get_views(url="/") != [view]
    assert page.text("#user") == "<AnonymousUser>"
    page.close()


def test_a_view_of_somebody_else_is_not_resumed_by_its_id_and_secret(app: App):
    victim, thief = Client(app).open("/"), Client(app).open("/")
    press(victim, "in")
    victim.lose_connection()
    thief.lose_connection()
    thief._view, thief._secret = victim._view, victim._secret

    thief.reconnect()

    assert thief.text("#user") == "<AnonymousUser>"
    victim.reconnect()
    assert victim.text("#user") == "ann"


def test_a_session_is_not_signed_by_who_knows_its_key_alone(app: App):
    client = Client(app)
    client.http.get("/in")
    key = cookie(client).partition(".")[0].partition("~")[0]
    forger = werkzeug.test.Client(app)

    forger.set_cookie(COOKIE, key)

    assert who(forger) == "<AnonymousUser>"


def ticket_of(app: App, key: str, data: dict[str, Any] | None = None) -> str:
    tickets = app.parts.visitors._tickets
    return "/_lona_sync/session/" + tickets.issue(Ticket(key, {"_user": "ann"} if data is None else data, "/who"))


def session_of(http: werkzeug.test.Client) -> str:
    http.get("/count")
    return cookie(http).partition(".")[0].partition("~")[0]


def redeem(http: werkzeug.test.Client, ticket: str, **how: Any) -> TestResponse:
    return http.open(ticket, **{"method": "GET", **how})


def test_a_ticket_works_once(app: App):
    http = werkzeug.test.Client(app)
    ticket = ticket_of(app, session_of(http))

    first, second = redeem(http, ticket), redeem(http, ticket)

    assert (first.status_code, first.location, second.status_code) == (303, "/who", 403)
    assert first.headers["Cache-Control"] == "no-store"
    assert who(http) == "ann"


def test_a_ticket_works_in_its_own_browser_only(app: App):
    owner, other, without = (werkzeug.test.Client(app) for _ in range(3))
    ticket = ticket_of(app, session_of(owner))
    session_of(other)

    statuses = [redeem(http, ticket).status_code for http in (other, without, owner)]

    assert statuses == [403, 403, 303]
    assert (who(other), who(without)) == ("<AnonymousUser>", "<AnonymousUser>")


def test_a_ticket_for_nobody_works_for_nobody(app: App):
    http = werkzeug.test.Client(app)
    ticket = ticket_of(app, "")

    assert redeem(http, ticket).status_code == 403
    session_of(http)
    assert redeem(http, ticket).status_code == 403


@pytest.mark.parametrize("how", [
    {"method": "HEAD"}, {"method": "POST"}, {"headers": {"Sec-Purpose": "prefetch"}},
    {"headers": {"Sec-Purpose": "prefetch;prerender"}},
])
def test_a_ticket_is_not_used_up_by_who_only_looks(app: App, how: dict[str, Any]):
    http = werkzeug.test.Client(app)
    ticket = ticket_of(app, session_of(http))

    status = redeem(http, ticket, **how).status_code

    assert status == 405
    assert redeem(http, ticket).status_code == 303


@pytest.mark.parametrize("name", ["", "x", "a.b", "x" * 5000, "AAAAAAAA.xyz", "..", "%00", "a/b"])
def test_what_is_no_ticket_does_no_harm(app: App, name: str):
    http = werkzeug.test.Client(app)
    session_of(http)

    assert redeem(http, "/_lona_sync/session/" + name).status_code == 403


def test_a_ticket_is_good_for_a_minute(app: App):
    now = [0.0]
    tickets = Tickets(app.parts.siblings, app.parts.counters, clock=lambda: now[0])
    early, late = (tickets.issue(Ticket("key", {}, "/")) for _ in range(2))

    now[0] = TICKET_SECONDS
    found = tickets.redeem(early, "key")
    now[0] += 0.1

    assert found is not None and tickets.redeem(late, "key") is None


def test_tickets_that_nobody_redeems_are_forgotten(app: App, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lona_sync.server.people.tickets.MAX_TICKETS", 3)
    now = [0.0]
    tickets = Tickets(app.parts.siblings, app.parts.counters, clock=lambda: now[0])
    names = [tickets.issue(Ticket("key", {}, "/")) for _ in range(5)]
    full = len(tickets), app.stats()["sessions.tickets.dropped"]

    now[0] = TICKET_SECONDS + 1
    tickets.issue(Ticket("key", {}, "/"))

    assert (full, len(tickets)) == ((3, 2), 1)
    assert tickets.redeem(names[4], "key") is None


# Cookies that are used do not expire.


def test_a_cookie_that_is_used_is_signed_anew(app: App, monkeypatch: pytest.MonkeyPatch):
    client = Client(app)
    client.http.get("/in")
    now, day = time.time(), 24 * 3600.0

    found = []
    for days in (2, 6, 35, 64, 93):                                    # thirty days is what a cookie is good for
        monkeypatch.setattr(time, "time", lambda days=days: now + days * day)
        old = cookie(client)
        # The browser keeps it longer than it says; what counts here is the signature.
        client.http.set_cookie(COOKIE, old)
        client.http.get("/")
        found.append((who(client.http), cookie(client) != old))

    assert found[:4] == [("ann", False), ("ann", True), ("ann", True), ("ann", True)]


def test_a_cookie_that_is_not_used_expires(app: App, monkeypatch: pytest.MonkeyPatch):
    client = Client(app)
    client.http.get("/in")
    thief = steal(client)
    now = time.time()

    monkeypatch.setattr(time, "time", lambda: now + 31 * 24 * 3600)

    assert who(thief) == "<AnonymousUser>"


# Sent away.


def test_who_is_disconnected_loses_all_his_views_and_comes_back_as_who_he_is_then():
    app, banned = make_app(), set()
    app.load_user(lambda name: None if name in banned else User(name))
    ann, bob = Client(app), Client(app)
    for client, name in ((ann, "ann"), (bob, "bob")):
        client.http.get(f"/in?as={name}")
    pages = [client.open(path) for client in (ann, bob) for path in ("/", "/daemon")]
    lost = ann.open("/")
    lost.lose_connection()
    server = app.parts.facade
    before = [server.get_running_views_count(User(name)) for name in ("ann", "bob")]

    banned.add("ann")
    app.disconnect(User("ann"))
    pages[0].wait_for(lambda: server.get_running_views_count(User("ann")) == 0)
    ann.clock.advance(seconds=1)

    pages[0].wait_for(lambda: pages[0].text("#user") == "<AnonymousUser>")
    assert (before, server.get_running_views_count(User("bob")), server.get_connection_count("bob")) == ([3, 2], 2, 2)
    assert server.get_connection_count("ann") == 0
    app.stop()


def test_an_anonymous_user_can_be_disconnected_too(app: App):
    page = Client(app).open("/")
    user = app.parts.facade.get_views(url="/")[0].request.user

    app.disconnect(user)
    page.wait_for(lambda: not page.connected)

    assert app.parts.facade.get_connection_count(user) == 0


def test_who_is_logged_out_has_to_log_in_again_in_all_browsers(app: App):
    first, second, other = (werkzeug.test.Client(app) for _ in range(3))
    for http, name in ((first, "ann"), (second, "ann"), (other, "bob")):
        http.get(f"/in?as={name}")

    app.log_out("ann")

    assert [who(http) for http in (first, second, other)] == ["<AnonymousUser>", "<AnonymousUser>", "bob"]
    first.get("/in?as=ann")
    assert who(first) == "ann"


# Stores.


class Broken(MemoryStore):
    """Does not answer."""

    def load(self, key: str) -> dict[str, Any] | None:
        raise StoreUnavailable("down")


def test_while_the_store_does_not_answer_nobody_is_taken_for_somebody_else():
    app = make_app()
    app.session_store = Broken()
    http = werkzeug.test.Client(app)
    http.set_cookie(COOKIE, app.parts.sessions.new(secure=False, path="")[1].partition(";")[0].partition("=")[2])

    response = http.get("/who")

    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert app.stats()["sessions.unavailable"] == 1


@pytest.mark.parametrize("url", ["", "redis", "http://x", "cookie"])
def test_a_store_that_does_not_exist_is_told_at_the_start(url: str):
    with pytest.raises(ValueError, match="SESSION_STORE is cookie:"):
        werkzeug.test.Client(make_app(SESSION_STORE=url)).get("/who")


def test_a_visitor_who_puts_nothing_into_his_session_costs_the_store_nothing():
    app = make_app(SESSION_STORE="memory:")
    client = Client(app)

    client.open("/").close()

    store = app.parts.sessions.store
    assert isinstance(store, MemoryStore) and len(store) == 0
    gevent.sleep(0)
    app.stop()


# With the first paint.


def test_a_view_that_logs_in_at_once_does_so_for_who_has_never_been_here(app: App):
    @app.route("/magic")
    class Magic(View):
        def handle_request(self, request: Request) -> object:
            return self.session.login("ann", next="/who")

    http = werkzeug.test.Client(app)

    response = http.get("/magic", follow_redirects=True)

    assert (response.text, [hop.status_code for hop in response.history]) == ("ann", [302, 303])


def test_a_page_that_shows_its_view_already_is_its_visitors(app: App):
    client = Client(app)
    painted = client.paint("/")

    page = client.join(painted)
    press(page, "in")

    assert "&lt;AnonymousUser&gt;" in painted.response.text
    assert page.text("#user") == "ann"
    page.close()


def test_a_view_has_the_connection_that_shows_it(app: App):
    client = Client(app)
    page = client.join(client.paint("/"))
    view = app.parts.facade.get_views(url="/")[0]
    first = view.request.connection

    page.lose_connection()
    page.reconnect()

    assert first.interactive and view.request.connection.interactive
    assert view.request.connection is not first and view.request.connection.session.key == first.session.key
    page.close()


def test_a_page_is_not_joined_by_who_has_only_its_secret(app: App):
    victim, thief = Client(app), Client(app)
    victim.http.get("/in")
    painted = victim.paint("/")
    view, secret = painted.join

    page = thief.open("/")
    page.lose_connection()
    page._view, page._secret = view, secret
    page.reconnect()

    assert page.text("#user") == "<AnonymousUser>"
    assert app.stats()["resumes.gone"] == 1
    page.close()
