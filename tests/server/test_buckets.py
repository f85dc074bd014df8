"""Buckets over HTTP: what a browser may do with one, and what nobody may."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client as HTTPClient
from werkzeug.test import TestResponse

from lona_sync import App, Bucket, Request, View
from lona_sync.html import HTML, A, P
from lona_sync.testing import Client

Files = list[tuple[str, bytes]]


class Site:
    """An application with one view that has a bucket; `bucket` is that of the page that was opened last."""

    def __init__(self, folder: Path, settings: dict[str, Any], **options: Any) -> None:
        self.app = app = App(__file__)
        app.settings.update({
            "SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, "RUNTIME_DIRECTORY": str(folder / "run"), **settings,
        })
        self.added: list[list[str]] = []
        self.deleted: list[list[str]] = []
        site = self

        @app.route("/")
        class WithBucket(View):
            def handle_request(self, request: Request) -> object:
                site.bucket = Bucket(
                    request, on_add=site.added.append, on_delete=site.deleted.append, **options,
                )
                return HTML(A("files", href=site.bucket.get_url()))

        self.client = Client(app)
        self.page = self.client.open("/")
        self.http = self.client.http

    def add(self, files: Files, http: HTTPClient | None = None, query: str = "", **environ: Any) -> TestResponse:
        data = {"files": [(io.BytesIO(content), name) for name, content in files]}
        return (http or self.http).post(self.bucket.get_add_url() + query, data=data, **environ)

    def delete(self, name: str, http: HTTPClient | None = None, query: str = "", **environ: Any) -> TestResponse:
        return (http or self.http).post(self.bucket.get_delete_url() + query, data={"name": name}, **environ)

    @property
    def stranger(self) -> HTTPClient:
        """Another visitor, with a cookie of his own."""
        http = Client(self.app).open("/").client.http
        self.page.settle()
        return http


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    made: list[Site] = []

    def make(settings: dict[str, Any] | None = None, **options: Any) -> Site:
        made.append(Site(tmp_path, settings or {}, **options))
        return made[-1]

    yield make
    for each in made:
        each.app.stop()


def test_files_are_added_listed_loaded_and_deleted(site: Callable[..., Site]):
    shop = site()

    assert shop.add([("a.txt", b"hello"), ("b c.txt", b"you")]).status_code == 200
    index = shop.http.get(shop.bucket.get_url())
    loaded = shop.http.get(shop.bucket.get_url("b c.txt"))
    shop.delete("a.txt")

    assert index.status_code == 200
    assert "a.txt" in index.text
    assert loaded.data == b"you"
    assert loaded.headers["Content-Disposition"] == "attachment; filename=\"b c.txt\"; filename*=UTF-8''b%20c.txt"
    assert shop.bucket.get_file_names() == ["b c.txt"]
    assert shop.bucket.get_size() == 3
    assert Path(shop.bucket.get_path("b c.txt")).read_bytes() == b"you"


def test_the_program_is_told_in_the_views_turn(site: Callable[..., Site]):
    shop = site()

    shop.add([("a", b"1"), ("b", b"2")])
    shop.delete("a")
    shop.page.settle()

    assert shop.added == [["a", "b"]]
    assert shop.deleted == [["a"]]


def test_what_the_programs_function_raises_is_logged_and_the_view_goes_on(
    site: Callable[..., Site], caplog: pytest.LogCaptureFixture,
):
    shop = site()
    shop.bucket.on_add = lambda names: 1 / 0                # type: ignore[assignment, return-value]

    with caplog.at_level(logging.ERROR):
        shop.add([("a", b"1")])
        shop.page.settle()

    assert "a bucket's function has failed" in caplog.text
    assert shop.page.text() == "files"


def test_the_address_of_the_index_does_without_its_slash(site: Callable[..., Site]):
    shop = site()

    assert shop.http.get(shop.bucket.get_url().rstrip("/")).status_code == 200


def test_the_index_is_a_template_of_the_applications(site: Callable[..., Site]):
    shop = site()
    shop.add([("a&b", b"1")])
    shop.app.add_template("lona/bucket.html", string="{% for name, size in files %}{{ name }}: {{ size }}{% endfor %}")

    assert shop.http.get(shop.bucket.get_url()).text == "a&amp;b: 1"


def test_fields_that_are_no_files_are_left_alone(site: Callable[..., Site]):
    shop = site()

    response = shop.http.post(shop.bucket.get_add_url(), data={"text": "x" * 1000, "file": (io.BytesIO(b"1"), "a")})

    assert response.status_code == 200
    assert shop.bucket.get_file_names() == ["a"]


def test_what_is_no_multipart_is_a_bad_request(site: Callable[..., Site]):
    shop = site()

    assert shop.http.post(shop.bucket.get_add_url(), data={"text": "x"}).status_code == 400
    assert shop.http.post(shop.bucket.get_add_url(), data=b"x", content_type="multipart/form-data").status_code == 400
    assert shop.http.post(shop.bucket.get_url("other"), data={"text": "x"}).status_code == 400


@pytest.mark.parametrize("name", [None, ""])
def test_who_does_not_say_which_file_deletes_none(site: Callable[..., Site], name: str | None):
    shop = site()

    response = shop.http.post(shop.bucket.get_delete_url(), data={} if name is None else {"name": name})

    assert response.status_code == 400


def test_a_file_that_is_not_there_is_not_found(site: Callable[..., Site]):
    shop = site()

    assert shop.http.get(shop.bucket.get_url("a")).status_code == 404
    assert shop.delete("a").status_code == 404
    assert shop.http.get(shop.bucket.get_url().rstrip("/") + "x/").status_code == 404


def test_without_an_index_nothing_can_be_looked_at(site: Callable[..., Site]):
    shop = site(index=False)

    assert shop.add([("a", b"1")]).status_code == 200
    assert shop.http.get(shop.bucket.get_url()).status_code == 401
    assert shop.http.get(shop.bucket.get_url("a")).status_code == 401
    assert shop.delete("a").status_code == 200


def test_a_form_of_plain_html_can_delete(site: Callable[..., Site]):
    shop = site()
    shop.add([("a b", b"1")])

    response = shop.http.post(shop.bucket.get_delete_url(), data=b"name=a+b", content_type="application/x-www-form-urlencoded")

    assert response.status_code == 200
    assert shop.bucket.get_file_names() == []


def test_it_goes_with_its_view(site: Callable[..., Site]):
    shop = site()
    shop.add([("a", b"1")])
    url, path = shop.bucket.get_url("a"), Path(shop.bucket.get_path())

    shop.page.close()

    assert shop.http.get(url).status_code == 404
    assert not (path / "a").exists()
    assert shop.app.parts.store.quota.total == 0


def test_a_view_that_is_not_interactive_may_have_one(tmp_path: Path):
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "RUNTIME_DIRECTORY": str(tmp_path / "run")})

    @app.route("/", interactive=False)
    class Plain(View):
        def handle_request(self, request: Request) -> object:
            bucket = Bucket(request)
            Path(bucket.get_path("a")).write_text("x")
            return " ".join(bucket.get_file_names())

    assert HTTPClient(app).get("/").text == "a"
    app.stop()


def test_below_a_prefix_its_addresses_are_too(tmp_path: Path):
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "RUNTIME_DIRECTORY": str(tmp_path / "run"), "BUCKETS_URL_PREFIX": "files"})
    urls: list[str] = []

    @app.route("/", interactive=False)
    class Plain(View):
        def handle_request(self, request: Request) -> object:
            urls.append(Bucket(request).get_url("ä b"))
            return P()

    HTTPClient(app).get("/", environ_overrides={"SCRIPT_NAME": "/shop"})

    assert re.fullmatch(r"/shop/files/[\w.-]+/[\w-]+/%C3%A4%20b", urls[0])
    app.stop()


def test_a_part_of_a_file_can_be_asked_for(site: Callable[..., Site]):
    shop = site()
    shop.add([("a", b"0123456789")])
    url = shop.bucket.get_url("a")

    part = shop.http.get(url, headers={"Range": "bytes=3-5"})
    beyond = shop.http.get(url, headers={"Range": "bytes=10-"})
    again = shop.http.get(url, headers={"If-None-Match": part.headers["ETag"]})
    head = shop.http.head(url)

    assert (part.status_code, part.data, part.headers["Content-Range"]) == (206, b"345", "bytes 3-5/10")
    assert beyond.status_code == 416
    assert again.status_code == 304
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", "10")


# Limits.


def test_more_files_than_allowed_are_not_added_at_all(site: Callable[..., Site]):
    shop = site(max_files=2)
    shop.add([("a", b"1")])

    response = shop.add([("b", b"2"), ("c", b"3")])

    assert response.status_code == 400
    assert "too many" in response.text
    assert shop.bucket.get_file_names() == ["a"]
    assert shop.add([("b", b"2")]).status_code == 200
    assert shop.add([("d", b"4")]).status_code == 400              # it is full


def test_more_bytes_than_allowed_are_not_added_at_all(site: Callable[..., Site]):
    shop = site(max_size=10)
    shop.add([("a", b"12345")])

    response = shop.add([("b", b"123"), ("c", b"456")])

    assert response.status_code == 400
    assert shop.bucket.get_file_names() == ["a"]
    assert shop.add([("b", b"12345")]).status_code == 200


def test_what_is_far_too_large_is_refused_before_it_has_come(site: Callable[..., Site]):
    shop = site(max_size=10)
    body = Unreadable()

    response = shop.http.post(
        shop.bucket.get_add_url(), input_stream=body, content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": "5000000"},
    )

    assert response.status_code == 400
    assert not body.was_read


def test_a_length_that_is_not_said_is_asked_for(site: Callable[..., Site]):
    shop = site()

    response = shop.http.post(
        shop.bucket.get_add_url(), input_stream=Unreadable(), content_type="multipart/form-data; boundary=x",
        environ_overrides={"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True},
    )

    assert response.status_code == 411


def test_one_visitor_has_only_so_much_room(site: Callable[..., Site]):
    shop = site({"UPLOAD_BYTES_PER_SESSION": 2000})

    assert shop.add([("a", b"x" * 1500)]).status_code == 200
    assert shop.add([("b", b"x" * 1500)]).status_code == 507
    shop.delete("a")
    assert shop.add([("b", b"x" * 1500)]).status_code == 200


def test_what_breaks_off_leaves_nothing(site: Callable[..., Site]):
    shop = site()
    body = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n' + b"y" * 300_000

    response = shop.http.post(
        shop.bucket.get_add_url(), input_stream=io.BytesIO(body), content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": "1000000"},
    )

    assert response.status_code == 400
    store = shop.app.parts.store
    assert (store.quota.total, store.open, shop.bucket.get_file_names()) == (0, 0, [])
    assert list(shop.bucket.shelf.parts.iterdir()) == []


@pytest.mark.parametrize("headers", [
    b"X: y\r\n" * 100_000,
    b"X: " + b"y" * 400_000 + b"\r\n",
    b"",
])
def test_headers_without_end_are_refused(site: Callable[..., Site], headers: bytes):
    shop = site()
    body = b"--x\r\n" + headers + (b"--x\r\n" * 5000 if not headers else b"")

    response = shop.http.post(
        shop.bucket.get_add_url(), input_stream=io.BytesIO(body), content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(len(body))},
    )

    assert response.status_code in (400, 413)
    assert shop.app.parts.store.open == 0


def test_any_number_of_parts_is_too_many(site: Callable[..., Site]):
    shop = site()

    response = shop.add([(str(number), b"") for number in range(1500)])

    assert response.status_code == 413
    assert shop.bucket.get_file_names() == []


# Names.


@pytest.mark.parametrize("name", [
    "../x", "../../../../tmp/x", "..\\..\\x", "/etc/x", "a/../../x", "%2e%2e%2fx", ".x", "x\0", "x\r\nSet-Cookie: a", "CON",
    "\u202ex", "..", "....//x", "x" * 900,
])
def test_no_name_leads_out_of_the_bucket(site: Callable[..., Site], name: str, tmp_path: Path):
    shop = site()
    before = {path for path in tmp_path.rglob("*") if path.is_file()}

    shop.add([(name, b"evil")])

    after = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert {path.parent for path in after} <= {Path(shop.bucket.get_path())}
    assert all(not each.startswith(".") for each in shop.bucket.get_file_names())


@pytest.mark.parametrize("name", ["../x", "../../secret", "%2e%2e/secret", "..%2fsecret", "/etc/hostname", ".", "..", "a\0"])
def test_no_name_reads_or_deletes_anything_else(site: Callable[..., Site], name: str):
    shop = site()
    secret = Path(shop.bucket.get_path()).parent / "secret"
    secret.write_text("s3cret")
    shop.add([("a", b"1")])

    loaded = shop.http.get(shop.bucket.get_url() + name)
    deleted = shop.delete(name)

    assert loaded.status_code in (200, 404)
    assert "s3cret" not in loaded.text
    assert deleted.status_code == 404
    assert secret.exists()


def test_links_in_a_bucket_are_not_followed(site: Callable[..., Site]):
    shop = site()
    Path(shop.bucket.get_path("link")).symlink_to("/etc/hostname")

    assert shop.http.get(shop.bucket.get_url("link")).status_code == 404


def test_a_file_that_was_replaced_by_a_link_is_not_followed(site: Callable[..., Site]):
    shop = site()
    shop.add([("a", b"1")])
    path = Path(shop.bucket.get_path("a"))

    path.unlink()
    path.symlink_to("/etc/hostname")

    assert shop.http.get(shop.bucket.get_url("a")).status_code == 404


def test_a_name_in_the_index_is_text(site: Callable[..., Site]):
    shop = site()
    name = "<img src=x onerror=alert(1)>&'.txt"
    Path(shop.bucket.get_path(name)).write_text("x")            # as the program may call it; browsers' names have no brackets

    text = shop.http.get(shop.bucket.get_url()).text

    assert "<img" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;&amp;&#39;.txt" in text


def test_the_program_may_call_its_files_what_it_likes(site: Callable[..., Site]):
    shop = site()
    for name in ("a\r\nSet-Cookie: b", 'a"b', "\udcff"):
        Path(shop.bucket.get_path(name)).write_text("x")

    index = shop.http.get(shop.bucket.get_url())
    loaded = shop.http.get(shop.bucket.get_url("a\r\nSet-Cookie: b"))

    assert index.status_code == 200
    assert sorted(shop.bucket.get_file_names()) == ["a\r\nSet-Cookie: b", 'a"b']
    assert loaded.data == b"x"
    assert "Set-Cookie" not in loaded.headers


def test_a_page_that_was_uploaded_is_no_page_of_ours(site: Callable[..., Site]):
    shop = site()
    shop.add([("evil.html", b"<script>alert(document.domain)</script>"), ("evil.svg", b"<svg onload='alert(1)'/>")])

    for name in ("evil.html", "evil.svg"):
        headers = shop.http.get(shop.bucket.get_url(name)).headers
        assert headers["Content-Disposition"].startswith("attachment")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in headers["Content-Security-Policy"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]


# Who may.


def test_another_visitor_who_knows_the_address_gets_nothing(site: Callable[..., Site]):
    shop = site()
    shop.add([("a", b"1")])
    bucket = shop.bucket
    stranger = shop.stranger
    shop.bucket = bucket

    for http in (stranger, HTTPClient(shop.app)):
        assert http.get(bucket.get_url()).status_code == 404
        assert http.get(bucket.get_url("a")).status_code == 404
        assert shop.add([("b", b"2")], http).status_code == 404
        assert shop.delete("a", http).status_code == 404
    assert bucket.get_file_names() == ["a"]


def test_buckets_may_be_for_whoever_knows_the_address(site: Callable[..., Site]):
    shop = site({"BUCKETS_REQUIRE_SESSION": False})
    shop.add([("a", b"1")])

    assert HTTPClient(shop.app).get(shop.bucket.get_url("a")).data == b"1"


def test_addresses_are_not_to_be_guessed(site: Callable[..., Site]):
    shop = site()
    first = shop.bucket.get_url()
    shop.client.open("/")

    second = shop.bucket.get_url()

    assert len(first.split("/")[-2]) >= 22
    assert first.split("/")[-2] != second.split("/")[-2]
    assert first.split("/")[-3] != second.split("/")[-3]


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
])
def test_pages_of_others_can_neither_add_nor_delete(site: Callable[..., Site], headers: dict[str, str]):
    shop = site()
    shop.add([("a", b"1")])

    assert shop.add([("b", b"2")], headers=headers).status_code == 403
    assert shop.delete("a", headers=headers).status_code == 403
    assert shop.bucket.get_file_names() == ["a"]
    assert shop.app.stats()["files.foreign"] == 2


def test_pages_of_ours_can(site: Callable[..., Site]):
    shop = site()

    response = shop.add([("a", b"1")], headers={"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"})

    assert response.status_code == 200


@pytest.mark.parametrize("target", ["/done", "/a/b?c=d&e=%20f"])
def test_it_leads_on_within_the_site(site: Callable[..., Site], target: str):
    shop = site()

    response = shop.http.post(
        shop.bucket.get_add_url(), query_string={"redirect": target}, data={"f": (io.BytesIO(b"1"), "a")},
    )

    assert response.status_code == 302
    assert response.headers["Location"] == target


@pytest.mark.parametrize("target", [
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "evil", "", "javascript:alert(1)",
    "/a\r\nX: y", "/\t/evil.example", " /", "/é",
])
def test_it_leads_nowhere_else(site: Callable[..., Site], target: str):
    shop = site()

    for url in (shop.bucket.get_add_url(), shop.bucket.get_delete_url()):
        response = shop.http.post(url, query_string={"redirect": target}, data={"f": (io.BytesIO(b"1"), "a"), "name": "a"})
        assert response.status_code == 400
        assert "Location" not in response.headers
    assert shop.bucket.get_file_names() == []


class Unreadable(io.BytesIO):
    """A body that nobody may wait for."""

    was_read = False

    def read(self, size: int | None = -1) -> bytes:
        self.was_read = True
        raise AssertionError("nobody was to read this")


def test_a_process_that_is_to_end_waits_for_what_is_on_its_way(site: Callable[..., Site]):
    place = site()
    [runtime] = place.app.parts.registry
    assert runtime.at_rest

    batch = place.bucket.shelf.begin_batch(1000)
    while_it_comes = runtime.at_rest
    place.bucket.shelf.commit(batch, [])

    assert not while_it_comes
    assert runtime.at_rest
