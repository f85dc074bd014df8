"""What a view may return: the objects themselves. What becomes of them over HTTP is tested in tests/server/test_responses.py."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lona_sync import (
    App,
    FileResponse,
    HtmlResponse,
    HttpRedirectResponse,
    InputEvent,
    JsonResponse,
    RedirectResponse,
    Request,
    Response,
    TemplateResponse,
    TemplateStringResponse,
    View,
    local_url,
)
from lona_sync.html import Button, Node, P, RawHTML
from lona_sync.testing import Client
from lona_sync.views.responses import response_of


@pytest.mark.parametrize(("html", "body"), [
    ("<p>\ud800</p>", b"<p>?</p>"), (P("\ud800"), "<p>\ufffd</p>".encode()), (RawHTML("\udc00"), b"<div>?</div>"),
])
def test_a_lone_surrogate_does_not_end_in_an_error(html, body):
    # A browser may send one as the text of a field.
    assert HtmlResponse(html).render() == body and Response(text="\ud800").body == b"?"


@pytest.mark.parametrize(("response", "body", "content_type"), [
    (Response(text="ü"), "ü".encode(), "text/html; charset=utf-8"),
    (Response("ü"), "ü".encode(), "text/html; charset=utf-8"),
    (Response(text="ü", charset="latin-1"), b"\xfc", "text/html; charset=latin-1"),
    (Response(text="ü", content_type="text/plain"), "ü".encode(), "text/plain; charset=utf-8"),
    (Response(text="{}", content_type="application/json"), b"{}", "application/json"),
    (Response(b"\xff"), b"\xff", "text/html; charset=utf-8"),
    (Response(b"\xff", content_type="text/csv"), b"\xff", "text/csv"),
    (Response(bytearray(b"x"), content_type="text/x; charset=ascii"), b"x", "text/x; charset=ascii"),
    (Response(), b"", "text/html; charset=utf-8"),
    (JsonResponse({"ü": 1}), b'{"\\u00fc": 1}', "application/json"),
])
def test_a_response_has_a_body_and_its_type(response: Response, body: bytes, content_type: str):
    assert (response.body, response.content_type) == (body, content_type)


def test_body_and_text_at_once_are_refused():
    with pytest.raises(ValueError, match="not both"):
        Response(b"x", text="x")


@pytest.mark.parametrize("body", [5, {"a": 1}, P("x"), object()])
def test_what_is_no_body_is_refused(body: Any):
    with pytest.raises(TypeError, match="body is bytes"):
        Response(body)


@pytest.mark.parametrize("html", [None, 5, [P("x")], b"x"])
def test_what_is_no_html_is_refused(html: Any):
    with pytest.raises(TypeError, match="a node or a string"):
        HtmlResponse(html)


@pytest.mark.parametrize("status", [0, 99, 600, "200", None, True])
def test_what_is_no_status_is_refused(status: Any):
    with pytest.raises(ValueError, match="status"):
        Response(text="x", status=status)


@pytest.mark.parametrize(("response", "text"), [
    (RedirectResponse("/a"), "RedirectResponse('/a')"), (HttpRedirectResponse("b"), "HttpRedirectResponse('b')"),
    (JsonResponse(1, 201), "<JsonResponse 201 application/json>"), (FileResponse(__file__), f"<FileResponse 200 {__file__!r}>"),
], ids=["redirect", "http redirect", "json", "file"])
def test_a_response_says_what_it_is(response: object, text: str):
    assert repr(response) == text


@pytest.mark.parametrize("data", [float("nan"), object(), {1, 2}])
def test_what_json_cannot_hold_fails_where_the_response_is_made(data: object):
    with pytest.raises((TypeError, ValueError)):
        JsonResponse(data)


def test_a_date_is_to_be_made_a_text():
    with pytest.raises(TypeError, match=r"datetime is not JSON serializable: convert a date by isoformat\(\)"):
        JsonResponse({"at": datetime(2030, 1, 2)})


def test_a_file_that_is_not_there_fails_where_the_response_is_made(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        FileResponse(tmp_path / "nothing")
    with pytest.raises(FileNotFoundError):
        FileResponse(tmp_path)


@pytest.mark.parametrize("kind", [RedirectResponse, HttpRedirectResponse])
@pytest.mark.parametrize("url", [
    "javascript:alert(1)", " JavaScript:alert(1)", "java\nscript:alert(1)", "\x01vbscript:x", "data:text/html,<script>", "/a\r\nb",
])
def test_a_redirect_to_a_script_is_refused(kind: Any, url: str):
    with pytest.raises(ValueError, match="leads to no script"):
        kind(url)


@pytest.mark.parametrize("url", ["/", "/a/b?c=d#e", "/javascript:", "/%2F%2Fevil.example"])
def test_a_place_on_this_site_is_gone_to(url: str):
    assert local_url(url) == url


@pytest.mark.parametrize("url", [
    None, "", "a", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example",
    " //evil.example", "https://evil.example", "https:evil.example", "javascript:alert(1)", "\x00/a", "//", "///evil.example",
    "evil.example", "@evil.example",
])
def test_whatever_leads_elsewhere_is_not_gone_to(url: str | None):
    assert local_url(url, "/home") == "/home"


@pytest.mark.parametrize(("answer", "kind", "attributes"), [
    ({"text": "x", "status": 201}, Response, {"body": b"x", "status": 201}),
    ({"body": b"x", "content_type": "image/png"}, Response, {"body": b"x", "content_type": "image/png"}),
    ({"text": "ü", "charset": "latin-1"}, Response, {"body": b"\xfc"}),
    ({"redirect": "/a"}, RedirectResponse, {"url": "/a"}),
    ({"http_redirect": "/a", "headers": {"X": "1"}}, HttpRedirectResponse, {"url": "/a", "headers": {"X": "1"}}),
    ({"template": "a.html", "n": "x", "status": 404}, TemplateResponse, {"name": "a.html", "context": {"n": "x"}, "status": 404}),
    ({"template": "a.html", "context": {"b": 1}, "c": 2}, TemplateResponse, {"context": {"b": 1}}),
    ({"template_string": "{{ a }}", "a": 1}, TemplateStringResponse, {"string": "{{ a }}", "context": {"a": 1}}),
    ({"json": [1], "status": 400}, JsonResponse, {"body": b"[1]", "status": 400}),
    ({"file": __file__}, FileResponse, {"path": Path(__file__)}),
])
def test_a_dict_stands_for_a_response_and_warns(answer: dict[str, Any], kind: type, attributes: dict[str, Any]):
    with pytest.warns(DeprecationWarning, match="instead of a dict"):
        response = response_of(answer)

    assert type(response) is kind
    assert {name: getattr(response, name) for name in attributes} == attributes


@pytest.mark.parametrize("answer", [{}, {"status": 200}, {"text": "x", "json": 1}, {"redirect": "/", "http_redirect": "/"}])
def test_a_dict_that_says_nothing_or_two_things_is_refused(answer: dict[str, Any]):
    with pytest.raises(RuntimeError, match="one of the keys text, body, redirect"):
        response_of(answer)


def shown(answer: Any) -> str:
    """What a window shows when an interactive view returns this."""

    class Shown(View):
        def handle_request(self, request: Request) -> object:
            return answer

    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2})
    app.route("/")(Shown)
    page = Client(app).open("/")
    html = page.html()
    page.close()
    return html


@pytest.mark.parametrize("answer", [
    P("x"), "<p>x</p>", HtmlResponse(P("x")), HtmlResponse("<p>x</p>"), Response(text="<p>x</p>"),
    TemplateStringResponse("<p>{{ x }}</p>", {"x": "x"}),
], ids=["node", "string", "html of a node", "html of a string", "text", "template"])
def test_a_window_shows_what_is_html_alone(answer: object):
    assert "<p>x</p>" in shown(answer)


MESSAGE = "JSON, binary and file responses and headers are only available in non-interactive mode: " \
    "declare the route with interactive=False, or offer a file by download()"


@pytest.mark.parametrize("answer", [
    JsonResponse(1), Response(b"x"), Response(text="x", status=201), Response(text="x", headers={"A": "1"}), FileResponse(__file__),
    HtmlResponse("x", headers={"A": "1"}), HtmlResponse("x", status=404), HtmlResponse("x", content_type="text/plain"),
    TemplateStringResponse("x", status=404), Response(iter(["x"])),
], ids=[
    "json", "bytes", "status", "headers", "file", "html with headers", "html with status", "html with type", "template", "stream",
])
def test_a_window_shows_nothing_that_is_for_plain_http(answer: object, caplog: pytest.LogCaptureFixture):
    html = shown(answer)

    assert "500" in html
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == [MESSAGE]


@pytest.mark.parametrize(("answer", "message"), [
    (5, "expected string, Node or response object. Got 5"), ({}, "one of the keys"), (object, "expected string, Node or response"),
    ([P("a"), P("b")], "Several nodes are returned as one: HTML(a, b)"),
])
def test_a_window_shows_no_nonsense(answer: object, message: str, caplog: pytest.LogCaptureFixture):
    html = shown(answer)

    assert "500" in html
    assert [message in str(record.exc_info[1]) for record in caplog.records if record.exc_info] == [True]


@pytest.mark.parametrize("redirect", [RedirectResponse("/there"), {"redirect": "/there"}])
def test_a_handler_may_return_a_redirect(redirect: object):
    class Here(View):
        def handle_request(self, request: Request) -> Node:
            return Button("go", handle_click=self.go)

        def go(self, event: InputEvent) -> object:
            return redirect

    class There(View):
        def handle_request(self, request: Request) -> str:
            return "there"

    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2})
    app.route("/")(Here)
    app.route("/there")(There)
    page = Client(app).open("/")

    if isinstance(redirect, dict):
        with pytest.warns(DeprecationWarning):
            page.click("button")
    else:
        page.click("button")

    assert page.text() == "there"
    page.close()


