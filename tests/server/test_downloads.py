"""Downloads tied to a view: what browsers get, who may, and how they end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest
from werkzeug.test import Client as HTTPClient

from lona_sync import App, Request, View
from lona_sync.html import HTML, A, FileInput, P
from lona_sync.testing import Client, Page, VirtualClock
from lona_sync.views.downloads import DOWNLOADS


class Site:
    """An application with one page; `view` is its view."""

    def __init__(self, folder: Path, settings: dict[str, Any], clock: VirtualClock | None) -> None:
        self.app = app = App(__file__)
        app.settings.update({
            "SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, "RUNTIME_DIRECTORY": str(folder / "run"), **settings,
        })
        self.folder = folder
        self.may = True
        self.asked: list[Request] = []
        site = self

        @app.route("/")
        class Offering(View):
            def handle_request(self, request: Request) -> object:
                site.view = self
                site.upload = FileInput()
                return HTML(P("page"), site.upload)

            def may_download(self, request: Request) -> bool:
                site.asked.append(request)
                return site.may

        self.page: Page = Client(app, clock=clock).open("/")
        self.http = self.page.client.http

    def file(self, name: str, data: bytes = b"0123456789") -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    made: list[Site] = []

    def make(clock: VirtualClock | None = None, **settings: Any) -> Site:
        made.append(Site(tmp_path, settings, clock))
        return made[-1]

    yield make
    for each in made:
        each.app.stop()


def test_a_file_has_an_address(site: Callable[..., Site]):
    shop = site()

    url = shop.view.download_url(shop.file("report ä.pdf"))
    response = shop.http.get(url)

    assert url.startswith(f"{DOWNLOADS}{shop.page._view}/")
    assert url.endswith("/report%20%C3%A4.pdf")
    assert response.status_code == 200
    assert response.data == b"0123456789"
    assert response.content_type == "application/pdf"
    assert response.headers["Content-Disposition"] == (
        "attachment; filename=\"report _.pdf\"; filename*=UTF-8''report%20%C3%A4.pdf"
    )
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert shop.http.get(url).data == b"0123456789"


@pytest.mark.parametrize(("source", "data"), [
    (b"bytes", b"bytes"),
    (bytearray(b"more"), b"more"),
    (lambda: [b"a", b"", b"b" * 600_000], b"a" + b"b" * 600_000),
    (lambda: iter([b"made"]), b"made"),
    (lambda: [], b""),
])
def test_what_is_no_file_has_one_too(site: Callable[..., Site], source: Any, data: bytes):
    shop = site()

    url = shop.view.download_url(source, name="x.bin")

    assert shop.http.get(url).data == data
    assert shop.http.get(url).data == data


def test_an_iterator_can_be_read_once(site: Callable[..., Site]):
    shop = site()
    url = shop.view.download_url((f"{number}\n".encode() for number in range(3)), name="numbers.txt")

    first, second = shop.http.get(url), shop.http.get(url)

    assert first.data == b"0\n1\n2\n"
    assert second.status_code == 404


def test_to_look_at_an_iterator_does_not_read_it(site: Callable[..., Site]):
    shop = site()
    url = shop.view.download_url(iter([b"x"]), name="x")

    assert shop.http.head(url).status_code == 200
    assert shop.http.get(url).data == b"x"


def test_what_was_uploaded_can_be_downloaded_and_stays_for_that(site: Callable[..., Site]):
    shop = site()
    shop.page.upload("input", ("a.txt", b"hello"))
    url = shop.view.download_url(shop.upload.value)
    shop.upload.clear()

    response = shop.http.get(url)

    assert response.data == b"hello"
    assert "a.txt" in response.headers["Content-Disposition"]


def test_a_part_can_be_asked_for(site: Callable[..., Site]):
    shop = site()
    url = shop.view.download_url(shop.file("a"))

    response = shop.http.get(url, headers={"Range": "bytes=-3"})

    assert (response.status_code, response.data, response.headers["Content-Range"]) == (206, b"789", "bytes 7-9/10")


def test_a_large_file_comes_whole(site: Callable[..., Site]):
    shop = site()
    data = bytes(range(256)) * 4000
    url = shop.view.download_url(shop.file("a", data))

    assert shop.http.get(url).data == data
    assert shop.http.get(url, headers={"Range": "bytes=300000-900000"}).data == data[300_000:900_001]


def test_inline_is_shown_and_has_no_scripts(site: Callable[..., Site]):
    shop = site()
    url = shop.view.download_url(shop.file("a.html", b"<script>"), inline=True)

    headers = shop.http.get(url).headers

    assert headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(("kind", "sandboxed"), [
    ("application/pdf", False), ("image/png", False), ("text/plain; charset=utf-8", False), ("image/svg+xml", True),
    ("text/html", True), ("application/xml", True),
])
def test_what_is_shown_stands_in_a_sandbox_if_it_could_have_scripts(site: Callable[..., Site], kind: str, sandboxed: bool):
    shop = site()

    shown = shop.http.get(shop.view.download_url(b"x", name="x", content_type=kind, inline=True)).headers
    saved = shop.http.get(shop.view.download_url(b"x", name="x", content_type=kind)).headers

    assert ("sandbox" in shown["Content-Security-Policy"]) is sandboxed
    assert "default-src 'none'" in shown["Content-Security-Policy"]
    assert "sandbox" in saved["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["../x", "a\r\nX: y", 'a"b', "a;b", "\u202egnp.exe", ""])
def test_names_are_safe(site: Callable[..., Site], name: str):
    shop = site()

    header = shop.http.get(shop.view.download_url(b"x", name=name)).headers["Content-Disposition"]

    assert "\r" not in header
    assert "/" not in header
    assert header.count('"') == 2


@pytest.mark.parametrize(("source", "error"), [("/there/is/none", FileNotFoundError), ("/", FileNotFoundError), (3, TypeError)])
def test_what_cannot_be_offered_is_told_at_once(site: Callable[..., Site], source: Any, error: type[Exception]):
    shop = site()

    with pytest.raises(error):
        shop.view.download_url(source)


# The browser is told.


def test_a_view_has_its_browser_download(site: Callable[..., Site]):
    shop = site()

    shop.view.download(b"hello", "a.txt")
    shop.page.settle()

    assert shop.http.get(shop.page.downloads[0]).data == b"hello"
    assert shop.page.text("p") == "page"


def test_one_after_the_other_each_is_downloaded(site: Callable[..., Site]):
    shop = site()

    shop.view.download(shop.file("a"))
    shop.view.download(shop.file("b"))
    shop.page.settle()

    assert [url.rpartition("/")[2] for url in shop.page.downloads] == ["a", "b"]


def test_it_has_to_begin_in_time(site: Callable[..., Site]):
    clock = VirtualClock()
    shop = site(clock, DOWNLOAD_TIMEOUT=60)
    shop.view.download(shop.file("a"))
    shop.page.settle()
    url = shop.page.downloads[0]

    assert shop.http.get(url).status_code == 200
    clock.advance(seconds=61)
    assert shop.http.get(url).status_code == 404


def test_a_view_that_shows_nothing_has_nobody_to_download(tmp_path: Path):
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "RUNTIME_DIRECTORY": str(tmp_path / "run")})

    @app.route("/", interactive=False)
    class Plain(View):
        def handle_request(self, request: Request) -> object:
            try:
                self.download(b"x")
            except RuntimeError as error:
                return str(error)
            return None

    assert "download() needs a browser" in HTTPClient(app).get("/").text
    app.stop()


def test_a_link_may_stand_in_the_page(site: Callable[..., Site]):
    shop = site()
    link = A("Report", href=shop.view.download_url(b"x", name="x.txt"), download="x.txt")

    assert shop.http.get(str(link.attributes["href"])).data == b"x"


# Who may.


def test_the_view_is_asked(site: Callable[..., Site]):
    shop = site()
    url = shop.view.download_url(shop.file("a"))

    shop.may = False
    assert shop.http.get(url).status_code == 403
    shop.may = True
    assert shop.http.get(url).status_code == 200

    assert shop.asked[0].path == url
    assert shop.asked[0].user == shop.view.request.user
    assert shop.app.stats()["downloads.forbidden"] == 1


def test_a_view_of_several_users_is_told_who_wants_it(tmp_path: Path):
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, "RUNTIME_DIRECTORY": str(tmp_path / "run")})
    urls: list[str] = []
    asked: list[Any] = []

    @app.route("/")
    class Shared(View):
        def handle_request(self, request: Request) -> object:
            self.is_daemon = True
            urls.append(self.download_url(b"x", name="x"))
            self.show(P("shared"))
            self.sleep(3600)
            return None

        def may_join(self, request: Request) -> bool:
            return True

        def may_download(self, request: Request) -> bool:
            asked.append(request.user)
            return True

    ada, grace = Client(app), Client(app)
    for client in (ada, grace):
        client.open("/").wait_for("p")                       # the disk is written by a thread

    assert [client.http.get(urls[0]).data for client in (ada, grace)] == [b"x", b"x"]
    assert asked[0] != asked[1]
    app.stop()


def test_a_hook_that_fails_allows_nothing(site: Callable[..., Site], caplog: pytest.LogCaptureFixture):
    shop = site()
    url = shop.view.download_url(shop.file("a"))
    shop.view.may_download = lambda request: 1 / 0            # type: ignore[assignment, method-assign, return-value]

    with caplog.at_level(logging.ERROR):
        response = shop.http.get(url)

    assert response.status_code == 500
    assert "error in may_download" in caplog.text


def test_another_visitor_gets_nothing(site: Callable[..., Site]):
    shop = site()
    url = shop.view.download_url(shop.file("a"))
    stranger = HTTPClient(shop.app)
    stranger.get("/")                                        # gets a cookie

    assert stranger.get(url).status_code == 404
    assert HTTPClient(shop.app).get(url).status_code == 404
    assert shop.asked == []


def test_an_offer_of_one_view_is_none_of_another(site: Callable[..., Site]):
    shop = site()
    url = shop.view.download_url(shop.file("a"))
    other = shop.page.client.open("/")

    assert shop.http.get(url.replace(shop.page._view, other._view)).status_code == 404


@pytest.mark.parametrize("path", ["", "x", "x/y", "x/y/z", "../../etc/passwd"])
def test_other_addresses_are_not_found(site: Callable[..., Site], path: str):
    assert site().http.get(f"{DOWNLOADS}{path}").status_code == 404


def test_a_link_in_the_place_of_the_file_is_not_followed(site: Callable[..., Site]):
    shop = site()
    path = shop.file("a")
    url = shop.view.download_url(path)

    path.unlink()
    path.symlink_to("/etc/hostname")

    assert shop.http.get(url).status_code == 404


# How they end.


def test_it_ends_with_the_view(site: Callable[..., Site]):
    shop = site()
    urls = [shop.view.download_url(source, name="x") for source in (shop.file("a"), b"x", iter([b"x"]))]

    shop.page.close()

    assert [shop.http.get(url).status_code for url in urls] == [404, 404, 404]


def test_what_is_made_ends_in_the_middle_when_the_view_does(site: Callable[..., Site]):
    shop = site()
    ended: list[bool] = []

    def endless() -> Iterator[bytes]:
        try:
            while True:
                yield b"x" * 1000
        finally:
            ended.append(True)

    url = shop.view.download_url(endless, name="x")
    response = shop.http.get(url, buffered=False)
    pieces = iter(response.response)
    next(pieces)
    shop.page.close()

    with pytest.raises(OSError, match="ended"):
        for _ in pieces:
            pass
    response.close()
    assert ended == [True]


def test_what_is_made_ends_when_the_browser_does(site: Callable[..., Site]):
    shop = site()
    ended: list[bool] = []

    def endless() -> Iterator[bytes]:
        try:
            while True:
                yield b"x" * 1000
        finally:
            ended.append(True)

    response = shop.http.get(shop.view.download_url(endless, name="x"), buffered=False)
    next(iter(response.response))
    response.close()
    del response
    shop.page.wait_for(lambda: ended)

    assert shop.app.stats()["downloads.broken"] == 1


def test_it_is_made_no_faster_than_it_is_taken(site: Callable[..., Site]):
    shop = site()
    made = 0

    def counting() -> Iterator[bytes]:
        nonlocal made
        while True:
            made += 1
            yield b"x" * 100_000

    response = shop.http.get(shop.view.download_url(counting, name="x"), buffered=False)
    next(iter(response.response))
    gevent.sleep(0)
    shop.page.settle()

    assert made < 30
    response.close()


def test_what_fails_on_the_way_is_logged_and_cut(site: Callable[..., Site], caplog: pytest.LogCaptureFixture):
    shop = site()

    def failing() -> Iterator[bytes]:
        yield b"x"
        raise ValueError("broken")

    with caplog.at_level(logging.ERROR), pytest.raises(OSError, match="ended"):
        _ = shop.http.get(shop.view.download_url(failing, name="x.csv")).data

    assert "the download of 'x.csv' has failed" in caplog.text
    assert shop.page.text("p") == "page"


def test_only_so_many_are_made_at_once(site: Callable[..., Site]):
    shop = site()

    def endless() -> Iterator[bytes]:
        while True:
            yield b"x"

    url = shop.view.download_url(endless, name="x")
    responses = [shop.http.get(url, buffered=False) for _ in range(17)]

    assert [response.status_code for response in responses] == [200] * 16 + [404]
    for response in responses:
        response.close()
