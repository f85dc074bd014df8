"""What pages are given so that they follow the source, and who is told anything."""

from __future__ import annotations

import gevent
import pytest
from werkzeug.test import Client, TestResponse

from lona_sync.server.process.live_reload import PATH, SCRIPT, LiveReload, Numbers

LOOPBACK = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost:8080"}


class Page:
    """An application that answers `body` and notes whether its answer was closed."""

    def __init__(
        self, body: bytes = b"<p>x</p>", kind: str = "text/html; charset=utf-8", status: str = "200 OK", **headers: str,
    ) -> None:
        self.body = body
        self.status = status
        self.headers = [("Content-Type", kind), ("Content-Length", str(len(body))), *headers.items()]
        self.closed = False

    def __call__(self, environ, start_response):
        start_response(self.status, self.headers)
        return self

    def __iter__(self):
        yield self.body

    def close(self):
        self.closed = True


def get(reload: LiveReload, path: str = "/", method: str = "GET", **environ: str) -> TestResponse:
    return Client(reload).open(path, method=method, environ_overrides={**LOOPBACK, **environ})


def of(application: Page | None = None, **options: object) -> LiveReload:
    return LiveReload(application or Page(), **{"numbers": Numbers(3, 4, 5), "networks": ("127.0.0.0/8",), **options})


def query(run: int = 3, page: int = 4, styles: int = 5, broken: int = 0) -> str:
    return f"run={run}&page={page}&styles={styles}&broken={broken}"


def test_a_page_gets_the_script_with_the_numbers_that_it_was_made_by():
    page = Page(b"<p>x</p>")

    response = get(of(page))

    assert response.text == f'<p>x</p><script type="module" src="{SCRIPT}?{query().replace("&", "&amp;")}"></script>\n'
    assert "Content-Length" not in response.headers
    assert page.closed


def test_the_script_has_the_nonce_of_the_page():
    page = Page(**{"Content-Security-Policy": "script-src 'self' 'nonce-abc+/='"})

    assert ' nonce="abc+/="></script>' in get(of(page)).text


@pytest.mark.parametrize("page", [
    Page(kind="application/json"), Page(status="304 Not Modified"), Page(**{"Content-Encoding": "gzip"}),
], ids=["JSON", "nothing new", "compressed"])
def test_what_is_no_plain_page_stays_as_it_is(page: Page):
    response = get(of(page))

    assert response.data == page.body
    assert response.headers["Content-Length"] == str(len(page.body))


@pytest.mark.parametrize("change", [
    {"REMOTE_ADDR": "192.168.0.1"}, {"HTTP_X_FORWARDED_FOR": "1.2.3.4"}, {"HTTP_HOST": "evil.example"},
    {"HTTP_ORIGIN": "https://evil.example"}, {"REMOTE_ADDR": ""},
], ids=str)
@pytest.mark.parametrize("path", ["/", PATH, SCRIPT])
def test_a_browser_elsewhere_gets_nothing_of_it(path: str, change: dict[str, str]):
    reload = of(error="a traceback")

    assert get(reload, path, **change).text == "<p>x</p>"


@pytest.mark.parametrize(("environ", "method"), [({"HTTP_UPGRADE": "websocket"}, "GET"), ({}, "POST"), ({}, "HEAD")], ids=str)
def test_what_loads_no_page_is_passed_on(environ: dict[str, str], method: str):
    response = get(of(), "/_lona_sync/socket", method, **environ)

    assert "script" not in response.text


def test_networks_may_be_others():
    assert "script" in get(of(networks=("10.0.0.0/8",)), REMOTE_ADDR="10.1.2.3").text


def test_a_page_of_ours_may_name_itself_as_the_origin():
    response = get(of(), SCRIPT, HTTP_ORIGIN="http://localhost:8080")

    assert response.content_type.startswith("text/javascript")


def test_a_network_that_is_none_fails_at_the_start():
    with pytest.raises(ValueError, match="LIVE_RELOAD_NETWORKS holds"):
        of(networks=("localhost",))


def test_the_script_is_served_and_never_kept():
    response = get(of(), SCRIPT)

    assert "export" not in response.text
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("asked", ["", query(run=2), query(page=1), query(styles=1), query(broken=1), "nonsense"])
def test_who_has_other_numbers_is_told_at_once(asked: str):
    response = get(of(), f"{PATH}?{asked}")

    assert response.json == {"run": "3", "page": "4", "styles": "5", "broken": "0", "error": None}


def test_who_has_the_numbers_waits_until_they_change():
    reload = of()
    asking = gevent.spawn(get, reload, f"{PATH}?{query()}")
    gevent.sleep(0)
    assert not asking.ready()

    reload.now(Numbers(3, 4, 6))

    assert asking.get(timeout=10).json["styles"] == "6"


def test_nobody_waits_for_a_process_that_ends():
    reload = of()
    asking = gevent.spawn(get, reload, f"{PATH}?{query()}")
    gevent.sleep(0)

    reload.end()

    assert asking.get(timeout=10).json["run"] == "3"
    assert get(reload, f"{PATH}?{query()}").json["run"] == "3", "nor does who comes later"


def test_an_error_is_told():
    told = get(of(error="a traceback"), f"{PATH}?{query()}").json

    assert (told["broken"], told["error"]) == ("1", "a traceback")
