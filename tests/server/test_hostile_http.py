"""Requests that are made up at random: none of them is an error of ours, or leaves anything behind."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

import gevent
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request as HTTPRequest

from lona_sync import App, FileResponse, JsonResponse, RedirectResponse, Request, Response, View, local_url

RAW = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=40)
PIECES = st.sampled_from([
    "", "/", "//", "..", ".", "%2e%2e", "%2F", "%00", "%ff", "\xff", "a", "page", "file", "form", "json", "next", "stream",
    "wsgi", "function", "_lona_sync", "static", "client", "socket", "1", "-1", "9" * 50, "?", "#", ";", ":", "@", "\\", "~",
    "<script>", "x" * 300, "é",
])
TARGETS = st.one_of(
    st.sampled_from(["/page", "/file", "/form", "/json", "/next", "/stream", "/wsgi", "/function", "/number/5"]),
    st.lists(PIECES, max_size=5).map(lambda pieces: "/" + "/".join(pieces)),
)
HEADERS: dict[str, Any] = {
    "HTTP_RANGE": st.one_of(RAW, st.sampled_from(["bytes=0-0", "bytes=5-1", "bytes=-", "bytes=,", "bytes=0-9,5-", "bytes=99999-"])),
    "HTTP_IF_RANGE": RAW,
    "HTTP_IF_NONE_MATCH": RAW,
    "HTTP_IF_MODIFIED_SINCE": st.one_of(RAW, st.just("Thu, 99 Jan 99999 00:00:00 GMT")),
    "HTTP_COOKIE": st.one_of(RAW, RAW.map(lambda text: f"lona_sync_session={text}")),
    "HTTP_ORIGIN": st.one_of(RAW, st.sampled_from(["null", "http://localhost", "http://[", "https://a:99999"])),
    "HTTP_SEC_FETCH_SITE": st.one_of(RAW, st.sampled_from(["same-origin", "cross-site", "none"])),
    "HTTP_SEC_PURPOSE": RAW,
    "HTTP_X_CSRF_TOKEN": RAW,
    "HTTP_X_FORWARDED_FOR": st.one_of(RAW, st.sampled_from(["::1", ",,,", "[::1]:5", "unknown", "1.2.3.4, 127.0.0.1"])),
    "HTTP_X_FORWARDED_PROTO": RAW,
    "HTTP_X_FORWARDED_HOST": RAW,
    "HTTP_HOST": st.one_of(RAW, st.sampled_from(["", "[", "[::1]:x", "a:b:c", "localhost:0"])),
    "HTTP_ACCEPT_LANGUAGE": RAW,
    "HTTP_ACCEPT_ENCODING": RAW,
    "HTTP_UPGRADE": RAW,
    "HTTP_CONNECTION": RAW,
    "HTTP_AUTHORIZATION": st.one_of(RAW, st.sampled_from(["Basic", "Basic =", "Digest x", "Bearer "])),
    "HTTP_REFERER": RAW,
    "CONTENT_TYPE": st.one_of(RAW, st.sampled_from([
        "application/json", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x",
        "multipart/form-data; boundary=" + "y" * 300, "text/plain; charset=nonsense",
    ])),
    "QUERY_STRING": st.one_of(RAW, st.sampled_from(["a=b&a=c", "next=//evil.example", "&&&", "=", "%", "a" * 3000])),
    "SCRIPT_NAME": st.sampled_from(["", "/prefix", "/\xff", "/<script>"]),
    "REMOTE_ADDR": st.one_of(RAW, st.sampled_from(["127.0.0.1", "::1", "", "/run/sock"])),
}
BODIES = st.one_of(
    st.binary(max_size=200),
    st.sampled_from([
        b"a=b&c=%ff&" + b"d&" * 50, b"{", b'{"a": NaN}', b"[" * 5000, b"null", b"\xff\xfe",
        b"--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"../b\"\r\n\r\nc\r\n--x--\r\n",
        b"--x\r\nContent-Disposition: form-data; name=\"a\r\n\r\n", b"--x\r\n" * 30,
    ]),
)


class Page(View):
    def handle_request(self, request: Request) -> None:
        self.show(f"<p>{request.match_info.get('n', '')}</p>")


class Plain(View):
    def handle_request(self, request: Request) -> object:
        _ = (request.headers, dict(request.cookies), request.remote_addr, request.host, request.is_secure, request.csrf_token)
        _ = (request.http_request.accept_languages, request.http_request.authorization, request.http_request.user_agent)
        kind = request.path.rpartition("/")[2]
        if kind == "file":
            return FileResponse(__file__, download_name=request.GET.get("name", ""))
        if kind == "form":
            return Response(repr((list(request.POST.lists()), list(request.files))), content_type="text/plain")
        if kind == "json":
            return JsonResponse(request.json is None)
        if kind == "stream":
            return Response(iter(["a", "b"]))
        return RedirectResponse(local_url(request.GET.get("next")))


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [b"x"]


def function(request: HTTPRequest) -> str:
    return str(len(request.get_data()))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    app = App(tmp_path_factory.mktemp("app") / "app.py")
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, "TRUSTED_PROXIES": ["127.0.0.1", "unix"]})
    app.route("/page")(Page)
    app.route("/number/<int:n>")(Page)
    for name in ("file", "form", "json", "next", "stream"):
        app.route(f"/{name}", interactive=False)(Plain)
    app.route("/wsgi", http_pass_through=True)(application)
    app.route("/function", http_pass_through=True)(function)
    yield app
    app.stop()


@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "X"]), TARGETS,
    st.fixed_dictionaries({}, optional=HEADERS), BODIES,
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
def test_no_request_is_an_error_of_ours(
    app: App, caplog: pytest.LogCaptureFixture, method: str, target: str, headers: dict[str, str], body: bytes,
):
    caplog.clear()
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": target.encode().decode("latin-1"), "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "QUERY_STRING": "",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(), "wsgi.version": (1, 0),
        "REMOTE_ADDR": "127.0.0.1", "CONTENT_LENGTH": str(len(body)), **headers,
    }

    with gevent.Timeout(20):
        pieces, status, answered = run_wsgi_app(app, environ, buffered=True)
        text = b"".join(pieces)

    assert int(status[:3]) < 500
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert "text/html" not in answered.get("Content-Type", "") or b"<script>" not in text
    assert local_url(answered.get("Location", "/"), "") != ""


def test_nothing_is_left_behind(app: App):
    with gevent.Timeout(20):
        while app.stats()["views"] > 0 and any(not runtime.is_interactive for runtime in app.parts.registry):
            gevent.sleep(0.01)

    assert [runtime for runtime in app.parts.registry if not runtime.is_interactive] == []
