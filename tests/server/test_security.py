"""Headers that every answer has, and which host we are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from lona_sync import App, HtmlResponse, JsonResponse, NotFoundError, Request, Response, View

STRICT = "default-src 'self'; script-src 'self' 'nonce-{nonce}'; base-uri 'none'; object-src 'none'"


class Plain(View):
    def handle_request(self, request: Request) -> object:
        if request.path == "/missing":
            raise NotFoundError
        if request.path == "/json":
            return JsonResponse(1)
        if request.path == "/own":
            return HtmlResponse("x", headers={"content-security-policy": "own", "X-Frame-Options": "DENY"})
        return f'<script nonce="{request.nonce}"></script>'


class Pieces(View):
    def handle_request(self, request: Request) -> Iterator[str]:
        yield "<p></p>"
        yield f'<script nonce="{request.nonce}"></script>'


def app_of(**settings: object) -> App:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, **settings})
    app.route("/page")(View)
    app.route("/pieces", interactive=False)(Pieces)
    app.route("/<path:rest>", interactive=False)(Plain)
    return app


def get(path: str, settings: dict[str, object] | None = None, **options: Any) -> TestResponse:
    return Client(app_of(**settings or {})).get(path, **options)


@pytest.mark.parametrize("path", ["/page", "/plain", "/json", "/missing", "/_lona_sync/nothing", "/own"])
def test_every_answer_says_how_far_it_is_to_be_trusted(path: str):
    headers = get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == ("DENY" if path == "/own" else "SAMEORIGIN")
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"
    assert headers["Cache-Control"] == "no-store"
    assert not any("python" in value.lower() or "werkzeug" in value.lower() for value in headers.values())


@pytest.mark.parametrize(("path", "policy"), [
    ("/page", "base-uri 'self'; object-src 'none'"), ("/plain", "base-uri 'self'; object-src 'none'"), ("/json", None),
    ("/missing", "base-uri 'self'; object-src 'none'"), ("/own", "own"),
])
def test_html_says_what_it_may_load(path: str, policy: str | None):
    assert get(path).headers.getlist("Content-Security-Policy") == ([] if policy is None else [policy])


@pytest.mark.parametrize("path", ["/page", "/plain"])
def test_a_nonce_stands_in_the_policy_and_in_the_page_and_is_new_each_time(path: str):
    app = app_of(CONTENT_SECURITY_POLICY=STRICT)
    nonces = set()

    for _ in range(2):
        response = Client(app).get(path)
        [nonce] = re.findall(r"'nonce-([\w-]{20,})'", response.headers["Content-Security-Policy"])
        assert set(re.findall(r'nonce="([^"]*)"', response.text)) == {nonce}
        nonces.add(nonce)

    assert len(nonces) == 2


def test_a_nonce_that_is_asked_for_behind_the_first_piece_of_an_answer_stands_in_its_policy():
    response = get("/pieces", {"CONTENT_SECURITY_POLICY": STRICT})

    [nonce] = re.findall(r"'nonce-([\w-]{20,})'", response.headers["Content-Security-Policy"])
    assert response.text == f'<p></p><script nonce="{nonce}"></script>'


def test_without_a_nonce_in_the_policy_none_stands_in_the_page():
    assert "nonce" not in get("/page").text


def test_a_page_of_an_error_has_a_policy_without_a_placeholder():
    response = get("/missing", {"CONTENT_SECURITY_POLICY": STRICT})

    assert "{nonce}" not in response.headers["Content-Security-Policy"]


def test_headers_may_be_added_changed_and_left_out():
    settings = {
        "SECURITY_HEADERS": {
            "strict-transport-security": "max-age=31536000", "x-frame-options": "", "Referrer-Policy": "no-referrer",
        },
        "CONTENT_SECURITY_POLICY": "",
    }

    headers = get("/page", settings).headers

    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "X-Frame-Options" not in headers
    assert "Content-Security-Policy" not in headers


@pytest.mark.parametrize("settings", [
    {"SECURITY_HEADERS": {"X-A": "a\r\nX-B: b"}}, {"SECURITY_HEADERS": {"X A": "a"}}, {"CONTENT_SECURITY_POLICY": "a\nb"},
])
def test_headers_that_no_server_could_send_fail_at_the_start(settings: dict[str, object]):
    with pytest.raises(ValueError, match="a header must be"):
        _ = app_of(**settings).parts


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nSet-Cookie: b=c", "\x00"])
def test_no_value_becomes_a_header_of_its_own(value: str, caplog: pytest.LogCaptureFixture):
    class Injected(View):
        def handle_request(self, request: Request) -> object:
            return Response(text="x", headers={"X-Own": request.GET["value"]}, content_type="text/" + request.GET["value"])

    app = app_of()
    app.routes.clear()
    app.route("/", interactive=False)(Injected)

    response = Client(app).get("/", query_string={"value": value})

    assert response.status_code == 500
    assert not {"X-Evil", "X-Own"} & set(response.headers.keys())
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(("allowed", "host", "status"), [
    ((), "anything.example", 200),
    (("example.org",), "example.org", 200),
    (("example.org",), "EXAMPLE.org:8080", 200),
    (("example.org",), "evil.example", 400),
    (("example.org",), "example.org.evil.example", 400),
    (("example.org",), "evil-example.org", 400),
    (("example.org",), "example.org@evil.example", 400),
    (("example.org",), "", 400),
    ((".example.org",), "a.example.org", 200),
    ((".example.org",), "aexample.org", 400),
    (("localhost", "127.0.0.1"), "127.0.0.1:8080", 200),
])
@pytest.mark.parametrize("path", ["/page", "/plain", "/_lona_sync/socket"])
def test_who_asks_for_another_host_gets_no_answer_of_ours(allowed: tuple[str, ...], host: str, status: int, path: str):
    app = app_of(ALLOWED_HOSTS=allowed)

    response = Client(app).get(path, headers={"Host": host})

    assert response.status_code == (426 if path.endswith("socket") and status == 200 else status)
    assert app.stats().get("requests.foreign_host", 0) == (status == 400)


@pytest.mark.parametrize(("host", "status"), [
    ("localhost:8080", 200), ("127.0.0.1", 200), ("[::1]:8080", 200), ("192.168.1.5:8080", 200), ("mymachine", 200),
    ("a.localhost", 200), ("evil.example", 400), ("localhost.evil.example", 400), ("127.0.0.1.evil.example", 400),
])
def test_in_debug_mode_no_name_of_others_is_answered(host: str, status: int):
    response = get("/page", {"DEBUG": True}, headers={"Host": host})

    assert response.status_code == status


def test_in_debug_mode_allowed_hosts_are_answered():
    response = get("/page", {"DEBUG": True, "ALLOWED_HOSTS": ["dev.example.org"]}, headers={"Host": "dev.example.org"})

    assert response.status_code == 200


def test_the_host_that_a_trusted_proxy_tells_counts():
    settings = {"ALLOWED_HOSTS": ("example.org",), "TRUSTED_PROXIES": ("127.0.0.1",)}
    options: dict[str, Any] = {
        "headers": {"Host": "backend:8080", "X-Forwarded-Host": "example.org"}, "environ_base": {"REMOTE_ADDR": "127.0.0.1"},
    }

    assert get("/page", settings, **options).status_code == 200
    assert get("/page", {**settings, "TRUSTED_PROXIES": ()}, **options).status_code == 400


@pytest.mark.parametrize("path", ["/page", "/plain", "/missing"])
def test_no_answer_repeats_the_host(path: str):
    response = get(path, headers={"Host": "evil.example"})

    assert "evil.example" not in response.text + str(response.headers)


@pytest.mark.parametrize("path", ["/%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "/page?x=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
                                  "/%3Cscript%3Ealert(1)%3C%2Fscript%3E/../x", "/missing?%3Cscript%3Ealert(1)%3C/script%3E"])
@pytest.mark.parametrize("cookie", [False, True])
def test_no_address_runs_as_script_for_whoever_comes_with_or_without_a_cookie(path: str, cookie: bool):
    client = Client(app_of())
    if cookie:
        client.get("/page")

    response = client.get(path)

    assert "<script>alert" not in response.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "PURGE"])
def test_a_page_takes_no_other_methods(method: str):
    response = Client(app_of()).open("/page", method=method)

    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}
