"""Uploads of file inputs over HTTP: what may be interrupted, what is refused, and who may."""

from __future__ import annotations

import io
import json
import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest
from werkzeug.test import Client as HTTPClient
from werkzeug.test import TestResponse

from lona_sync import App, Request, View
from lona_sync.html import HTML, FileInput
from lona_sync.testing import Client, Page
from lona_sync.testing.uploads import Upload
from lona_sync.views.files import FILES


class Site:
    """An application with one page that has one file input."""

    def __init__(self, folder: Path, settings: dict[str, Any], accept: tuple[str, ...] = ()) -> None:
        self.app = app = App(__file__)
        app.settings.update({
            "SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, "RUNTIME_DIRECTORY": str(folder / "run"), **settings,
        })
        site = self

        @app.route("/")
        class Uploading(View):
            def handle_request(self, request: Request) -> object:
                site.input = FileInput(multiple=True, accept=accept)          # of the page that was opened last
                return HTML(site.input)

        self.page = Client(app).open("/")
        self.http = self.page.client.http

    def choose(self, *files: tuple[str, bytes]) -> Upload:
        return self.page.choose("input", *files)

    def address(self, page: Page | None = None) -> str:
        """Where files are announced."""
        return f"{FILES}{(page or self.page)._view}/{self.input.secret}"

    def announce(self, data: object, http: HTTPClient | None = None, **environ: Any) -> TestResponse:
        text = data if isinstance(data, (str, bytes)) else json.dumps(data)
        return (http or self.http).post(self.address(), data=text, **{"content_type": "application/json", **environ})


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    made: list[Site] = []

    def make(accept: tuple[str, ...] = (), **settings: Any) -> Site:
        made.append(Site(tmp_path, settings, accept))
        return made[-1]

    yield make
    for each in made:
        each.app.stop()


# Interruptions.


def test_a_file_comes_in_pieces_each_of_which_says_where_it_belongs(site: Callable[..., Site]):
    shop = site()
    sending = shop.choose(("a", b"0123456789"))
    [number] = sending.ids

    first = sending.patch(number, 0, b"01234")
    asked = sending.ask(number)
    last = sending.patch(number, 5, b"56789")

    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "5")
    assert "Upload-Complete" not in first.headers
    assert (asked.headers["Upload-Offset"], asked.headers["Upload-Length"]) == ("5", "10")
    assert last.headers["Upload-Complete"] == "?1"
    assert shop.input.files[0].read() == b"0123456789"


@pytest.mark.parametrize("offset", [0, 3, 7])
def test_a_piece_that_does_not_belong_there_counts_not(site: Callable[..., Site], offset: int):
    shop = site()
    sending = shop.choose(("a", b"0123456789"))
    [number] = sending.ids
    sending.patch(number, 0, b"01234")

    response = sending.patch(number, offset, b"01234"[:3])

    assert (response.status_code, response.headers["Upload-Offset"]) == (409, "5")


def test_the_last_piece_may_come_twice(site: Callable[..., Site]):
    shop = site()
    sending = shop.choose(("a", b"01234"))
    [number] = sending.ids
    sending.patch(number, 0, b"01234")

    again = sending.patch(number, 0, b"01234")
    asked = sending.ask(number)

    assert (again.status_code, again.headers["Upload-Offset"]) == (409, "5")
    assert asked.headers["Upload-Offset"] == "5"


def test_what_has_come_of_a_piece_that_breaks_off_counts(site: Callable[..., Site]):
    shop = site()
    sending = shop.choose(("a", b"0123456789"))
    [number] = sending.ids

    response = shop.http.patch(
        f"{FILES}{shop.page._view}/{number}", input_stream=io.BytesIO(b"01234"), headers={"Upload-Offset": "0"},
        environ_overrides={"CONTENT_LENGTH": "10"},
    )

    assert response.status_code == 400
    assert sending.ask(number).headers["Upload-Offset"] == "5"
    sending.patch(number, 5, b"56789")
    assert shop.input.files[0].read() == b"0123456789"


def test_who_is_too_slow_is_cut_off_and_may_go_on(site: Callable[..., Site]):
    shop = site(UPLOAD_TIMEOUT=0.05)
    sending = shop.choose(("a", b"x" * 200_000))
    [number] = sending.ids

    response = shop.http.patch(
        f"{FILES}{shop.page._view}/{number}", input_stream=Slow(100_000), headers={"Upload-Offset": "0"},
        environ_overrides={"CONTENT_LENGTH": "200000"},
    )

    assert response.status_code == 408
    assert shop.app.stats()["uploads.slow"] == 1
    assert int(sending.ask(number).headers["Upload-Offset"]) == 65_536
    assert shop.app.parts.store.open == 1


def test_a_cancelled_upload_stops_in_the_middle_of_a_piece(site: Callable[..., Site]):
    shop = site()
    sending = shop.choose(("a", b"x" * 2_000_000))
    [number] = sending.ids
    body = Meanwhile(2_000_000, 600_000, shop.input.cancel)

    response = shop.http.patch(
        f"{FILES}{shop.page._view}/{number}", input_stream=body, headers={"Upload-Offset": "0"},
        environ_overrides={"CONTENT_LENGTH": "2000000"},
    )

    assert response.status_code == 404
    assert body.left > 0
    assert shop.app.parts.store.quota.total == 0


# Limits.


def test_more_than_was_announced_is_refused_unread(site: Callable[..., Site]):
    shop = site()
    sending = shop.choose(("a", b"01234"))

    response = sending.patch(sending.ids[0], 0, b"0123456789")

    assert response.status_code == 413
    assert sending.ask(sending.ids[0]).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize("offset", ["", "-1", "1.0", "x", "²", "9" * 30, "0x5"])
def test_an_offset_is_a_number(site: Callable[..., Site], offset: str):
    shop = site()
    sending = shop.choose(("a", b"01234"))

    response = shop.http.patch(
        f"{FILES}{shop.page._view}/{sending.ids[0]}", data=b"01234", headers={"Upload-Offset": offset.encode().decode("latin-1")},
    )

    assert response.status_code == 400


def test_a_body_without_length_is_not_read(site: Callable[..., Site]):
    shop = site()
    sending = shop.choose(("a", b"01234"))

    response = shop.http.patch(
        f"{FILES}{shop.page._view}/{sending.ids[0]}", data=b"01234", headers={"Upload-Offset": "0"},
        environ_overrides={"HTTP_TRANSFER_ENCODING": "chunked"},
    )

    assert response.status_code == 411


@pytest.mark.parametrize("data", [
    "", "{", "null", "{}", "[1]", "[[]]", '[["a", -1, "", 0]]', '[["a", "1", "", 0]]', '[["a", true, "", 0]]',
    '[["a", 1.5, "", 0]]', '[["a", 1, ""]]', '[[null, 1, "", 0]]', '[["a", 1e400, "", 0]]', "[" * 100_000, b"\xff\xfe",
    json.dumps([["a" * 1001, 1, "", 0]]), json.dumps([["a", 2**60, "", 0]]), json.dumps([["a", 1, "", 0]] * 1001),
])
def test_a_list_that_is_none_is_a_bad_request(site: Callable[..., Site], data: str | bytes):
    shop = site()

    assert shop.announce(data).status_code == 400
    assert shop.app.parts.store.open == 0


def test_a_list_without_end_is_not_read(site: Callable[..., Site]):
    shop = site()

    assert shop.announce(b" " * 600_000).status_code == 413


def test_a_file_of_a_kind_that_is_not_taken_is_refused_by_its_name(site: Callable[..., Site]):
    shop = site(accept=(".bin",))

    response = shop.announce([["a.txt", 6, "text/plain", 0]])

    assert response.status_code == 415
    assert ".bin" in response.text


def test_one_visitor_has_so_much_room_and_is_told(site: Callable[..., Site]):
    shop = site(UPLOAD_BYTES_PER_SESSION=10)

    response = shop.announce([["a", 6, "", 0], ["b", 5, "", 0]])

    assert response.status_code == 507
    assert "as much as you may" in response.text
    assert shop.app.parts.store.open == 0
    assert shop.app.parts.store.quota.declared(shop.page) == 0


def test_the_server_has_so_much_room_and_tells(site: Callable[..., Site]):
    shop = site(UPLOAD_BYTES=10)

    response = shop.announce([["a", 11, "", 0]])

    assert response.status_code == 507
    assert response.headers["Retry-After"]


def test_only_so_many_may_be_open(site: Callable[..., Site]):
    shop = site(UPLOADS_OPEN=2)

    assert shop.announce([[name, 1, "", 0] for name in "abc"]).status_code == 507
    assert shop.announce([[name, 1, "", 0] for name in "ab"]).status_code == 200


def test_only_so_many_requests_may_be_under_way(site: Callable[..., Site]):
    shop = site(UPLOADS_AT_ONCE=1)
    sending = shop.choose(("a", b"1"), ("b", b"1"))
    store = shop.app.parts.store
    busy = store.find(sending.ids[0])
    busy.shelf.begin(busy, 0)

    response = sending.patch(sending.ids[1], 0, b"1")

    assert response.status_code == 429
    assert shop.app.stats()["uploads.refused.busy"] == 1


def test_a_disk_that_is_full_is_told(site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch):
    shop = site()
    sending = shop.choose(("a", b"01234"))

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    response = sending.patch(sending.ids[0], 0, b"01234")
    monkeypatch.undo()

    assert response.status_code == 507
    assert sending.patch(sending.ids[0], 0, b"01234").status_code == 204


def test_a_folder_that_cannot_be_used_is_told_in_the_log(
    site: Callable[..., Site], tmp_path: Path, caplog: pytest.LogCaptureFixture,
):
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    shop = site(UPLOAD_DIRECTORY=str(tmp_path / "open"))

    with caplog.at_level(logging.ERROR):
        response = shop.announce([["a", 1, "", 0]])

    assert response.status_code == 507
    assert "must belong to user" in caplog.text


def test_files_come_to_the_folder_that_the_settings_name(site: Callable[..., Site], tmp_path: Path):
    shop = site(UPLOAD_DIRECTORY=str(tmp_path / "disk"))

    shop.page.upload("input", ("a", b"1"))

    assert shop.input.files[0].path.is_relative_to(tmp_path / "disk")     # type: ignore[attr-defined]


# Who may.


def test_another_visitor_can_neither_announce_nor_send_nor_ask_nor_cancel(site: Callable[..., Site]):
    shop = site()
    sending = shop.choose(("a", b"01234"))
    mine = f"{FILES}{shop.page._view}/{sending.ids[0]}"
    address = shop.address()
    stranger = Client(shop.app)
    stranger.http.get("/")                                   # gets a cookie of its own

    for http in (stranger.http, HTTPClient(shop.app)):
        assert http.post(address, data="[]", content_type="application/json").status_code == 404
        assert http.patch(mine, data=b"01234", headers={"Upload-Offset": "0"}).status_code == 404
        assert http.head(mine).status_code == 404
        assert http.delete(mine).status_code == 404
    assert sending.ask(sending.ids[0]).status_code == 200


def test_an_upload_of_one_view_is_none_of_another(site: Callable[..., Site]):
    shop = site()
    sending = shop.choose(("a", b"01234"))
    other = shop.page.client.open("/")

    assert shop.http.head(f"{FILES}{other._view}/{sending.ids[0]}").status_code == 404


@pytest.mark.parametrize("secret", ["", "1", "1.x", "x.y", ".", "99999999999999999999.x", "٣.x"])
def test_an_input_has_to_be_known(site: Callable[..., Site], secret: str):
    shop = site()
    number = shop.input.secret.partition(".")[0]

    for each in (secret, f"{number}.{secret}", f"{number}.", shop.input.secret[:-1]):
        response = shop.http.post(f"{FILES}{shop.page._view}/{each}", data="[]", content_type="application/json")
        assert response.status_code == 404


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
])
def test_pages_of_others_can_do_nothing(site: Callable[..., Site], headers: dict[str, str]):
    shop = site()
    sending = shop.choose(("a", b"01234"))
    mine = f"{FILES}{shop.page._view}/{sending.ids[0]}"

    assert shop.announce([], headers=headers).status_code == 403
    assert shop.http.patch(mine, data=b"01234", headers={"Upload-Offset": "0", **headers}).status_code == 403
    assert shop.http.delete(mine, headers=headers).status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])
def test_what_a_form_of_somebody_else_could_send_is_refused(site: Callable[..., Site], kind: str):
    shop = site()

    assert shop.announce([], content_type=kind).status_code == 415


@pytest.mark.parametrize("path", ["", "x", "x/", "x/y/z", "../../etc/passwd"])
def test_other_addresses_are_not_found(site: Callable[..., Site], path: str):
    shop = site()

    assert shop.http.patch(f"{FILES}{path}", data=b"", headers={"Upload-Offset": "0"}).status_code == 404


def test_other_methods_are_none(site: Callable[..., Site]):
    shop = site()

    response = shop.http.get(f"{FILES}x/y")

    assert response.status_code == 405
    assert response.headers["Allow"] == "POST, HEAD, PATCH, DELETE"


# What it costs others.


def test_nothing_is_held_up_while_the_disk_is_slow(site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch):
    shop = site()
    sending = shop.choose(("a", b"01234"))
    go = threading.Event()
    real = os.pwrite

    def slow(*args: Any) -> int:
        go.wait(10)
        return real(*args)

    monkeypatch.setattr(os, "pwrite", slow)
    writing = gevent.spawn(sending.patch, sending.ids[0], 0, b"01234")
    gevent.sleep(0)
    assert shop.http.get(f"{FILES}x/y").status_code == 405
    assert not writing.dead
    go.set()

    assert writing.get(timeout=10).status_code == 204


class Slow(io.BytesIO):
    """Brings so many bytes, and then nothing any more."""

    def __init__(self, count: int) -> None:
        super().__init__(b"x" * count)

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        if not data or len(data) < (size or 0):
            gevent.sleep(60)
        return data


class Meanwhile(io.BytesIO):
    """Calls a function after so many bytes."""

    def __init__(self, count: int, when: int, action: Callable[[], object]) -> None:
        super().__init__(b"x" * count)
        self.left = count
        self._when = count - when
        self._action = action

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        if self.left > self._when >= self.left - len(data):
            self._action()
        self.left -= len(data)
        return data
