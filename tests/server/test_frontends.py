"""The page around interactive views: by a template, or by a view of the application's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import werkzeug.test
from werkzeug.exceptions import Gone

from lona_sync import (
    App,
    ForbiddenError,
    HttpRedirectResponse,
    JsonResponse,
    NotFoundError,
    Request,
    TemplateResponse,
    View,
)
from lona_sync.html import H1
from lona_sync.static_files import StyleSheet
from lona_sync.testing import Client
from lona_sync.views.default_views import Error404View, FrontendView

PAGE = """<!doctype html>
<title>{{ request.path }} {{ request.frontend }} {{ request.interactive }}</title>
{{ Lona.load_stylesheets() }}{{ Lona.load_scripts() }}{{ Lona.start(target='#here') }}
<nav>mine</nav><main id="here">{{ Lona.body }}</main>
"""


class Hello(View):
    def handle_request(self, request: Request) -> object:
        return H1("hello")


class Mine(View):
    def handle_request(self, request: Request) -> object:
        return TemplateResponse("mine.html", {"request": request})


def app_of(**settings: Any) -> App:
    app = App(__file__)
    app.settings.update({"SECRET_KEY": "k" * 32, "STOP_TIMEOUT": 0.5, **settings})
    app.add_template("mine.html", string=PAGE)
    app.route("/")(Hello)
    return app


def get(app: App, path: str = "/", **options: Any) -> werkzeug.test.TestResponse:
    return werkzeug.test.Client(app).get(path, **options)


def test_a_frontend_view_makes_the_page_of_every_route():
    response = get(app_of(FRONTEND_VIEW=Mine))

    assert "<title>/ True False</title>" in response.text
    assert "<nav>mine</nav>" in response.text
    assert '"target": "#here"' in response.text
    assert "Set-Cookie" in response.headers


def test_the_view_is_shown_in_such_a_page():
    page = Client(app_of(FRONTEND_VIEW=Mine)).open()

    assert page.text("h1") == "hello"


@pytest.mark.parametrize("parentheses", [False, True])
def test_a_frontend_view_is_named_by_a_decorator_that_returns_the_class(parentheses: bool):
    app = app_of()

    @app.frontend_view() if parentheses else app.frontend_view
    class Decorated(Mine):
        pass

    assert isinstance(Decorated, type)
    assert "<nav>mine</nav>" in get(app).text


def test_a_frontend_view_is_named_by_an_import_string():
    assert "<nav>mine</nav>" in get(app_of(FRONTEND_VIEW=f"{__file__}::Mine")).text


def test_a_route_may_have_one_of_its_own():
    class Other(View):
        def handle_request(self, request: Request) -> object:
            return "<title>other</title>"

    app = app_of(FRONTEND_VIEW=Mine)
    app.route("/other", frontend_view=Other)(Hello)
    app.route("/imported", frontend_view=f"{__file__}::Mine")(Hello)

    assert "<title>other</title>" in get(app, "/other").text
    assert "<nav>mine</nav>" in get(app, "/imported").text


def test_a_frontend_view_may_answer_with_something_else():
    class Away(View):
        def handle_request(self, request: Request) -> object:
            if request.GET.get("json"):
                return JsonResponse({"a": 1})
            return HttpRedirectResponse("/login")

    app = app_of(FRONTEND_VIEW=Away)

    assert get(app).headers["Location"] == "/login"
    assert get(app, "/?json=1").json == {"a": 1}


def test_a_frontend_view_that_fails_leaves_the_page_to_the_template(caplog: pytest.LogCaptureFixture):
    class Failing(View):
        def handle_request(self, request: Request) -> object:
            raise ValueError("in the frontend")

    response = get(app_of(FRONTEND_VIEW=Failing))

    assert response.status_code == 200
    assert '<div id="lona">' in response.text
    assert "in the frontend" in caplog.text


@pytest.mark.parametrize(("error", "status"), [(ForbiddenError(), 403), (NotFoundError(), 404), (Gone(), 410)])
def test_a_frontend_view_may_refuse(error: Exception, status: int):
    class Refusing(View):
        def handle_request(self, request: Request) -> object:
            raise error

    response = get(app_of(FRONTEND_VIEW=Refusing))

    assert response.status_code == status
    assert "hello" not in response.text


def test_the_template_of_the_page_is_a_setting():
    response = get(app_of(FRONTEND_TEMPLATE="mine.html"), base_url="http://localhost/tools/")

    assert "<title>/ False False</title>" in response.text
    assert 'src="/tools/_lona_sync/client/' in response.text


@pytest.mark.parametrize("part", ["header", "footer"])
def test_a_page_has_a_head_and_a_foot_of_the_applications(part: str):
    app = app_of()
    app.add_template(f"lona/{part}.html", string="<b>{{ Lona.settings.TITLE }} {{ request.path }}</b>")

    text = get(app).text

    assert "<b>lona_sync /</b>" in text
    assert (text.index("<b>") < text.index('<div id="lona">')) is (part == "header")


def test_scripts_of_the_page_are_a_template_too():
    app = app_of()
    app.add_template("lona/frontend.js", string="lona_context.add_disconnect_hook(() => {});")

    text = get(app).text

    assert re.search(r"<script type=\"module\"[^>]*>[^<]*lona_context\.add_disconnect_hook", text)
    assert "/context.js" in text


def test_a_page_made_by_hand_starts_the_client_itself():
    app = app_of(FRONTEND_TEMPLATE="by_hand.html")
    app.add_template("by_hand.html", string="""<!doctype html><title>x</title>
        {{ Lona.load_scripts() }}
        <div id="lona"></div>
        <script nonce="{{ Lona.nonce }}">
          window.addEventListener('load', () => { new Lona.LonaContext({target: '#lona'}).setup(); });
        </script>""")

    text = get(app).text

    assert "/context.js" in text
    assert 'id="lona-sync"' not in text


@pytest.mark.parametrize(("view", "setting", "path", "text"), [
    (FrontendView, "FRONTEND_VIEW", "/", '<div id="lona">'),
    (Error404View, "ERROR_404_VIEW", "/nowhere", "<h1>404 Not Found</h1>"),
])
def test_the_frameworks_views_are_there_to_be_subclassed(view: type[View], setting: str, path: str, text: str):
    class Own(view):                                              # type: ignore[valid-type, misc]
        pass

    assert text in get(app_of(**{setting: Own}), path).text


def test_files_that_frontend_and_error_views_declare_are_named_on_pages():
    class WithFiles(Mine):
        STATIC_FILES = (StyleSheet("of the frontend", Path(__file__).name, url="frontend.css"),)

    class Refused(View):
        STATIC_FILES = (StyleSheet("of the error", Path(__file__).name, url="error.css"),)

        def handle_request(self, request: Request) -> object:
            return "x"

    text = get(app_of(FRONTEND_VIEW=WithFiles, ERROR_403_VIEW=Refused)).text

    assert re.search(r'href="/static/frontend\.[0-9a-f]{16}\.css"', text)
    assert re.search(r'href="/static/error\.[0-9a-f]{16}\.css"', text)
