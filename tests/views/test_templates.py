"""Templates in views: shown, returned, and over plain HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import werkzeug.test

from lona_sync import App, HtmlResponse, TemplateResponse, TemplateStringResponse, View
from lona_sync.testing import Client


def app_of(view: type[View], *, interactive: bool = True, **settings: Any) -> App:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.2, **settings})
    app.add_template("greeting.html", string="<h1>Hello {{ name }}</h1>")
    app.add_template("broken.html", string="{{ name.of.nobody }}")
    app.route("/", interactive=interactive)(view)
    return app


def returning(answer: object) -> type[View]:
    class Returning(View):
        def handle_request(self, request: object) -> object:
            return answer

    return Returning


def showing(**options: Any) -> type[View]:
    class Showing(View):
        def handle_request(self, request: object) -> object:
            self.show(**options)
            return self.await_click()

    return Showing


def get(view: type[View], **settings: Any) -> werkzeug.test.TestResponse:
    return werkzeug.test.Client(app_of(view, interactive=False, **settings)).get("/")


@pytest.mark.parametrize("options", [
    {"template": "greeting.html", "template_context": {"name": "<you>"}},
    {"template_string": "<h1>Hello {{ name }}</h1>", "template_context": {"name": "<you>"}},
    {"template": "greeting.html", "template_context": {"name": "<you>"}, "title": "x"},
], ids=["file", "string", "title"])
def test_a_view_shows_a_template(options: dict[str, Any]):
    page = Client(app_of(showing(**options))).open()

    assert page.text("h1") == "Hello <you>"
    assert page.title == options.get("title")


def test_a_view_shows_one_template_after_the_other():
    class Wizard(View):
        def handle_request(self, request: object) -> object:
            for name in ("a", "b"):
                self.show(template="greeting.html", template_context={"name": name})
            return None

    page = Client(app_of(Wizard)).open()

    assert page.text("h1") == "Hello b"


@pytest.mark.parametrize("answer", [
    TemplateResponse("greeting.html", {"name": "<you>"}), TemplateStringResponse("<h1>Hello {{ name }}</h1>", {"name": "<you>"}),
], ids=["file", "string"])
def test_a_view_returns_a_template(answer: object):
    page, response = Client(app_of(returning(answer))).open(), get(returning(answer))

    assert page.text("h1") == "Hello <you>"
    assert response.text == "<h1>Hello &lt;you&gt;</h1>"
    assert response.content_type == "text/html; charset=utf-8"


def test_a_template_may_have_a_status_a_type_and_headers_over_plain_http():
    response = get(returning(TemplateResponse("greeting.html", {"name": "x"}, 201, "text/plain", {"X-A": "b"})))

    assert (response.status_code, response.content_type, response.headers["X-A"]) == (201, "text/plain; charset=utf-8", "b")


def test_in_an_interactive_view_there_are_no_headers():
    page = Client(app_of(returning(TemplateResponse("greeting.html", headers={"X-A": "b"})))).open()

    assert page.text("h1") == "500 Internal Error"


@pytest.mark.parametrize("name", ["broken.html", "nowhere.html", "../../etc/hostname"])
def test_a_template_that_fails_is_a_failure_of_the_view(name: str):
    page, response = Client(app_of(returning(TemplateResponse(name)))).open(), get(returning(TemplateResponse(name)))

    assert page.text("h1") == "500 Internal Error"
    assert response.status_code == 500


@pytest.mark.parametrize("options", [
    {"html": "x", "template": "greeting.html"}, {"template": "greeting.html", "template_string": "x"}, {"template_context": {}},
    {"html": "x", "template_context": {}},
])
def test_show_takes_one_thing_to_show(options: dict[str, Any]):
    failures: list[Exception] = []

    class Wrong(View):
        def handle_request(self, request: object) -> object:
            try:
                self.show(**options)
            except TypeError as error:
                failures.append(error)
            return "x"

    Client(app_of(Wrong)).open()

    assert "one of html, template= and template_string=" in str(failures[0])


def test_a_file_of_the_project_is_added_by_its_path(tmp_path: Path):
    (tmp_path / "part.html").write_text("<h1>{{ 1 + 1 }}</h1>")
    app = App(tmp_path / "script.py")
    app.settings.SECRET_KEY = "k" * 32
    app.add_template("/pages/first.html", path="part.html")
    app.route("/")(returning(TemplateResponse("pages/first.html")))

    page = Client(app).open()

    assert page.text("h1") == "2"


def test_a_template_that_was_added_counts_before_all_others(tmp_path: Path):
    (tmp_path / "lona").mkdir()
    (tmp_path / "lona" / "header.html").write_text("<header>from the folder</header>")
    app = app_of(returning(""), TEMPLATE_DIRS=[tmp_path], DEBUG=True)
    client = werkzeug.test.Client(app)
    before = client.get("/").text

    app.add_template("lona/header.html", string="<header>added</header>")

    assert "from the folder" in before
    assert "<header>added</header>" in client.get("/").text


def test_folders_are_relative_to_the_project(tmp_path: Path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "x.html").write_text("here")
    app = App(tmp_path / "script.py")
    app.settings.SECRET_KEY = "k" * 32
    app.settings.TEMPLATE_DIRS.append("templates")
    app.route("/", interactive=False)(returning(TemplateResponse("x.html")))

    assert werkzeug.test.Client(app).get("/").text == "here"


def test_what_is_in_the_folder_of_the_application_is_a_template():
    app = app_of(returning(TemplateResponse("x.html")), interactive=False)

    (app.template_dir / "x.html").write_text("here")

    assert werkzeug.test.Client(app).get("/").text == "here"


@pytest.mark.parametrize("name", ["../x.html", "", "/", "a/../../x", "a//b"])
def test_what_is_added_has_a_name_below_the_folder(name: str):
    app = App(__file__)

    with pytest.raises(ValueError, match="a file is named as"):
        app.add_template(name, string="x")


def test_what_is_added_needs_a_text_or_a_file():
    app = App(__file__)

    with pytest.raises(ValueError, match="needs its text"):
        app.add_static_file("x.css")
    with pytest.raises(FileNotFoundError, match=r"nowhere\.css"):
        app.add_static_file("x.css", path="nowhere.css")


def test_a_path_is_resolved_below_the_project(tmp_path: Path):
    app = App(tmp_path / "script.py")

    assert app.resolve_path("a/../b") == tmp_path / "b"
    assert app.resolve_path("/etc") == Path("/etc")


def test_html_that_a_view_returns_stays_as_it_is():
    response = get(returning(HtmlResponse("{{ 1 + 1 }}")))

    assert response.text == "{{ 1 + 1 }}"
