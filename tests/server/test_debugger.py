"""The interactive traceback: there in debug mode, for this machine, with a PIN; and for nobody else."""

from __future__ import annotations

import re
from typing import Any

import pytest
import werkzeug.test
from werkzeug.test import TestResponse

from lona_sync import App, Request, View
from lona_sync.server.pages.debugger import PATH
from lona_sync.testing import Client

LOCAL = {"REMOTE_ADDR": "127.0.0.1"}


class Crashing(View):
    def handle_request(self, request: Request) -> object:
        secret_of_the_view = 42
        raise ValueError(f"why <b> {secret_of_the_view}")


def app_of(**settings: Any) -> App:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, "DEBUG": True, **settings})
    app.route("/", interactive=False)(Crashing)
    return app


def browser(app: App, **environ: str) -> Any:
    """Answers requests, as a browser at this machine asks them."""
    client = werkzeug.test.Client(app)

    def get(path: str, **options: Any) -> TestResponse:
        base = {**LOCAL, **environ, **options.pop("environ", {})}
        return client.get(path, environ_overrides=base, buffered=True, **options)

    return get


def address(response: TestResponse) -> str:
    [found] = re.findall(r'<iframe [^>]*src="([^"]*)"', response.text)
    return found


def secret_and_frame(response: TestResponse) -> tuple[str, str]:
    [secret] = re.findall(r'SECRET = "(\w+)"', response.text)
    return secret, re.findall(r'id="frame-(\d+)"', response.text)[-1]


def pin(caplog: pytest.LogCaptureFixture) -> str:
    return re.findall(r"the PIN of the consoles in the traceback is ([\d-]+)", caplog.text)[-1]


def test_a_crash_shows_the_traceback_in_a_frame_of_the_page():
    get = browser(app_of())

    crashed = get("/")
    traceback = get(address(crashed))

    assert crashed.status_code == 500
    assert traceback.status_code == 200
    assert "secret_of_the_view" in traceback.text
    assert "why &lt;b&gt; 42" in traceback.text
    assert traceback.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_a_crash_in_a_window_shows_it_too():
    class Crash(Crashing):
        pass

    app = app_of()
    app.route("/window")(Crash)
    page = Client(app).open("/window")

    assert page.find("iframe").attributes["src"].startswith(PATH)


def test_the_console_of_a_frame_runs_what_is_typed_once_the_pin_was_given(caplog: pytest.LogCaptureFixture):
    get = browser(app_of())
    place = address(get("/"))
    secret, frame = secret_and_frame(get(place))
    command = f"{place}?__debugger__=yes&cmd=secret_of_the_view%2B1&frm={frame}&s={secret}"

    before = get(command).text
    granted = get(f"{place}?__debugger__=yes&cmd=pinauth&pin={pin(caplog)}&s={secret}")
    after = get(command).text

    assert "43" not in before
    assert granted.json == {"auth": True, "exhausted": False}
    assert "HttpOnly" in granted.headers["Set-Cookie"] and "SameSite=Strict" in granted.headers["Set-Cookie"]
    assert "43" in after


def test_a_command_needs_the_secret(caplog: pytest.LogCaptureFixture):
    get = browser(app_of())
    place = address(get("/"))
    secret, frame = secret_and_frame(get(place))
    get(f"{place}?__debugger__=yes&cmd=pinauth&pin={pin(caplog)}&s={secret}")

    for wrong in ("", "x", secret[:-1]):
        assert "43" not in get(f"{place}?__debugger__=yes&cmd=secret_of_the_view%2B1&frm={frame}&s={wrong}").text


def test_what_belongs_to_the_page_is_there():
    get = browser(app_of())

    script = get(f"{address(get('/'))}?__debugger__=yes&cmd=resource&f=debugger.js")

    assert script.status_code == 200
    assert "EVALEX" in script.text


@pytest.mark.parametrize("settings", [{"DEBUG": False}])
def test_outside_of_debug_mode_there_is_nothing(settings: dict[str, Any]):
    app = app_of(**settings)
    get = browser(app)

    crashed = get("/")

    assert "iframe" not in crashed.text and "Traceback" not in crashed.text
    assert app.parts.http._debugger is None


@pytest.mark.parametrize("environ", [
    {"REMOTE_ADDR": "192.168.0.5"}, {"REMOTE_ADDR": "10.0.0.1"}, {"REMOTE_ADDR": "::ffff:8.8.8.8"}, {"REMOTE_ADDR": ""},
    {"REMOTE_ADDR": "/run/app.sock"}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, {"HTTP_FORWARDED": "for=127.0.0.1"},
    {"HTTP_X_REAL_IP": "127.0.0.1"}, {"HTTP_VIA": "1.1 proxy"}, {"HTTP_HOST": "evil.example"}, {"HTTP_HOST": "evil.example:8080"},
    {"HTTP_HOST": "127.0.0.1.evil.example"}, {"HTTP_HOST": ""}, {"HTTP_HOST": "192.168.0.5"},
])
def test_it_is_for_this_machine_alone(environ: dict[str, str], caplog: pytest.LogCaptureFixture):
    get = browser(app_of())
    place = address(get("/"))
    secret, frame = secret_and_frame(get(place))
    get(f"{place}?__debugger__=yes&cmd=pinauth&pin={pin(caplog)}&s={secret}")

    paths = [place, f"{place}?__debugger__=yes&cmd=secret_of_the_view%2B1&frm={frame}&s={secret}"]
    answers = [get(path, environ=environ) for path in paths]

    assert {answer.status_code for answer in answers} <= {400, 404}             # 400: no other host is answered at all
    assert not any("secret_of_the_view" in answer.text or "43" in answer.text for answer in answers)


@pytest.mark.parametrize("peer", ["192.168.0.5", "", "8.8.8.8"])
def test_who_is_elsewhere_is_not_told_where_it_is(peer: str):
    crashed = browser(app_of(), REMOTE_ADDR=peer)("/")

    assert "Traceback" in crashed.text
    assert "iframe" not in crashed.text


def test_behind_a_proxy_the_browsers_address_counts():
    app = app_of(TRUSTED_PROXIES=["127.0.0.1"])

    crashed = browser(app, HTTP_X_FORWARDED_FOR="8.8.8.8")("/")

    assert "iframe" not in crashed.text


@pytest.mark.parametrize("name", ["", "x", "../client/", "%2e%2e", "a" * 300])
def test_there_is_nothing_at_an_address_that_was_guessed(name: str):
    get = browser(app_of())
    get("/")

    assert get(PATH + name).status_code == 404


def test_the_console_is_locked_after_ten_wrong_pins(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("werkzeug.debug.time.sleep", lambda seconds: None)
    get = browser(app_of())
    place = address(get("/"))
    secret, _ = secret_and_frame(get(place))
    ask = f"{place}?__debugger__=yes&cmd=pinauth&s={secret}&pin="

    for _ in range(10):
        get(ask + "000-000-00x")

    assert get(ask + pin(caplog)).json == {"auth": False, "exhausted": True}


def test_two_processes_have_different_pins(caplog: pytest.LogCaptureFixture):
    found = set()
    for _ in range(3):
        browser(app_of())("/")
        found.add(pin(caplog))

    assert len(found) == 3


def test_only_the_last_ones_are_kept():
    get = browser(app_of())
    first = address(get("/"))
    for _ in range(10):
        last = address(get("/"))

    assert get(first).status_code == 404
    assert get(last).status_code == 200
