"""The HTML pages: what the templates get, and what they make of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import pytest
from jinja2.exceptions import SecurityError
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.utils import import_string

from lona_sync import App
from lona_sync.html import H1, Div
from lona_sync.server.pages.pages import Pages
from lona_sync.server.pages.template_names import Lona, Page, Sources
from lona_sync.server.pages.templating import CORE, Templates
from lona_sync.server.static.files import LinkedFile
from lona_sync.server.static.folders import Folders
from lona_sync.settings import Settings
from lona_sync.views.request import Request, parse_url


class Browser:
    version = "0123"

    def __init__(self) -> None:
        self.names = ["lona.js", "window.js"]


class Files:
    def stylesheets(self) -> list[LinkedFile]:
        return [LinkedFile("style", "a.css")]

    def scripts(self) -> list[LinkedFile]:
        return [LinkedFile("script", "a.js"), LinkedFile("module", "b.js", True)]

    def url(self, address: str, base: str) -> str | None:
        return None if address == "nowhere.css" else f"{base}/static/{address}"


def reverse(name: str, /, **values: object) -> str:
    return f"/{name}/{values['id']}"


def pages(*folders: Path, context: Mapping[str, Any] | None = None, **values: Any) -> Pages:
    settings = Settings(values)
    templates = Templates(
        Folders([*folders, CORE]), context=context or {}, filters={"shout": lambda text: f"{text}!"},
        debug=True,
    )
    sources = Sources(
        settings=settings, state={"visits": 5}, server=lambda: "the server", reverse=reverse, load=import_string,
        templates=templates, client=Browser(), static=Files(),
    )
    return Pages(settings=settings, templates=templates, names=lambda page, trusted: Lona(page, trusted, sources))


def request(base: str = "", page: Page | None = None) -> Request:
    url, query = parse_url("/")
    return Request(url=url, GET=query, POST=MultiDict(), user="somebody", interactive=False, base=base, page=page)


def config(html: str) -> Mapping[str, Any]:
    [text] = re.findall(r'<script type="application/json" id="lona-sync">(.*?)</script>', html)
    return json.loads(text)


def test_the_first_paint_stands_where_the_view_will_be():
    html = pages().frontend(Page(body=Markup(str(Div(H1("a < b"))))))

    assert re.search(r'<div id="lona"><script src="[^"]*/early\.js"></script><div><h1>a &lt; b</h1></div></div>', html)
    assert "noscript" not in html


def test_a_page_without_a_first_paint_says_that_it_needs_scripts():
    html = pages().frontend(Page())

    assert "<noscript>" in html


def test_the_client_is_told_what_the_page_adds():
    html = pages(TITLE="x").frontend(Page(base="/tools", config={"join": ["view", "</script>"]}))

    assert config(html) == {
        "socket": "/tools/_lona_sync/socket", "target": "#lona", "title": "x", "join": ["view", "</script>"],
    }


def test_each_script_and_style_of_the_page_carries_the_nonce():
    html = pages().frontend(Page(nonce="abc"))

    tags = re.findall(r"<(?:script(?! type=.application/json)|style)[^>]*>", html)

    assert len(tags) >= 4
    assert all('nonce="abc"' in tag for tag in tags)


def test_without_a_nonce_nothing_speaks_of_it():
    assert "nonce" not in pages().frontend(Page())


def test_a_plain_page_brings_no_client():
    html = pages().plain("a < b", H1("x"), request())

    assert "<title>a &lt; b</title>" in html
    assert "<h1>x</h1>" in html
    assert "<script" not in html


def test_a_plain_page_has_the_head_and_foot_of_the_others(tmp_path: Path):
    file(tmp_path, "<header>{{ request.path }}</header>", "lona/header.html")

    html = pages(tmp_path).plain("404", H1("x"), request())

    assert "<header>/</header>" in html
    assert '<link rel="stylesheet" href="/static/a.css">' in html


def test_a_plain_page_is_there_whatever_the_head_does(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    file(tmp_path, "{{ nobody.knows.this }}", "lona/header.html")

    html = pages(tmp_path).plain("a < b", H1("x"), request())

    assert html == "<!doctype html>\n<title>a &lt; b</title>\n<h1>x</h1>"
    assert "has no look" in caplog.text


def file(folder: Path, text: str, name: str = "x.html") -> str:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return name


def filled_in(folder: Path, text: str, **context: object) -> str:
    return pages(folder).template(file(folder, text), context, request())


@pytest.mark.parametrize("name", ["x.html", "x.txt", "x.js", "x"])
def test_whatever_a_template_prints_is_escaped(tmp_path: Path, name: str):
    file(tmp_path, "<p title='{{ text }}'>{{ text }}</p>", name)

    html = pages(tmp_path).template(name, {"text": "<script>'\""}, request())

    assert html == "<p title='&lt;script&gt;&#39;&#34;'>&lt;script&gt;&#39;&#34;</p>"


def test_a_node_in_a_template_is_markup(tmp_path: Path):
    html = filled_in(tmp_path, "<main>{{ node }}</main>", node=Div("a < b", _class="x"))

    assert html == '<main><div class="x">a &lt; b</div></main>'


@pytest.mark.parametrize(("text", "result"), [
    ("{{ Lona.server }}", "the server"),
    ("{{ Lona.settings.TITLE }}", "lona_sync"),
    ("{{ Lona.settings.get('MY_OWN', 'none') }}", "none"),
    ("{{ 'TITLE' in Lona.settings }}", "True"),
    ("{{ Lona.state.visits }}", "5"),
    ("{{ Lona.reverse('user', id=5) }}", "/tools/user/5"),
    ("{{ Lona.import('math.pi') }}", "3.141592653589793"),
    ("{{ Lona.load_static_file('logo.svg') }}", "/tools/static/logo.svg"),
    ("{{ Lona.load_stylesheets() }}", '<link rel="stylesheet" href="/tools/static/a.css">'),
    ("{{ Lona.client_version }}", "2"),
    ("{{ _variables.here }}", "yes"),
    ("{{ len(range(3)) + sum([1, 2]) + max(4, 5) }}", "11"),
    ("{{ 'x'|shout }}", "x!"),
])
def test_a_template_finds_the_names_of_the_framework(tmp_path: Path, text: str, result: str):
    html = pages(tmp_path).template(file(tmp_path, text), {"here": "yes"}, request("/tools"))

    assert html == result


def test_the_settings_of_a_page_are_json_for_its_scripts(tmp_path: Path):
    html = filled_in(tmp_path, "Lona.settings = {{ Lona.get_settings_as_json() }};")

    assert json.loads(html.removeprefix("Lona.settings = ").removesuffix(";"))["PING_INTERVAL"] == 20.0


@pytest.mark.parametrize(("name", "value"), [
    ("SECRET_KEY", "hidden"), ("METRICS_TOKEN", "hidden"), ("CHANNEL_BROKER", "hidden"), ("DATABASE_PASSWORD", "hidden"),
    ("SESSION_STORE", "redis://host:6379/0?password=hidden"), ("DATABASE", "postgresql://me:hidden@host/shop"),
])
def test_a_template_cannot_print_secrets_of_the_settings(tmp_path: Path, name: str, value: str):
    file(tmp_path, "{{ Lona.settings." + name + " }}{{ Lona.settings.get('" + name + "', '') }}{{ Lona.settings|list }}")

    html = pages(tmp_path, **{name: value}).template("x.html", {}, request())

    assert "hidden" not in html
    assert f"&#39;{name}&#39;" not in html


@pytest.mark.parametrize("name", ["open", "eval", "exec", "compile", "__import__", "getattr", "vars", "globals", "type", "input"])
def test_builtins_that_read_or_run_are_no_names_of_templates(tmp_path: Path, name: str):
    assert filled_in(tmp_path, "{{ " + name + " is defined }}") == "False"


def test_an_unknown_static_file_is_said_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    html = filled_in(tmp_path, "[{{ Lona.load_static_file('nowhere.css') }}]")

    assert html == "[]"
    assert "'nowhere.css'" in caplog.text


def test_what_the_application_adds_is_there_in_each_template(tmp_path: Path):
    file(tmp_path, "{{ company }}")

    html = pages(tmp_path, context={"company": "A & B"}).template("x.html", {}, request())

    assert html == "A &amp; B"


def test_the_first_folder_that_has_a_template_counts(tmp_path: Path):
    file(tmp_path / "a", "first")
    file(tmp_path / "b", "second")
    file(tmp_path / "b", "{% include 'x.html' %}, {% include 'lona/header.html' %}", "y.html")

    html = pages(tmp_path / "a", tmp_path / "b").template("y.html", {}, request())

    assert html == "first, "


@pytest.mark.parametrize("name", [
    "../secret.html", "..", "a/../../secret.html", "/../secret.html", "%2e%2e/secret.html", "..\\secret.html", "link.html",
    "inner/secret.html", "x.html\0", "x.html\0.txt", "/etc/hostname", "//etc/hostname", ".hidden", "", ".",
    "a" * 300, "a/" * 3000 + "x",
])
def test_a_template_lies_in_the_folders_and_nowhere_else(tmp_path: Path, name: str):
    folder = tmp_path / "templates"
    file(folder, "x")
    file(folder, "hidden", ".hidden")
    file(tmp_path, "secret", "secret.html")
    (folder / "link.html").symlink_to(tmp_path / "secret.html")
    (folder / "inner").symlink_to(tmp_path)

    with pytest.raises(jinja2.TemplateNotFound):
        pages(folder).template(name, {}, request())


def test_a_changed_template_is_read_anew(tmp_path: Path):
    made = pages(tmp_path)
    first = made.template(file(tmp_path, "first"), {}, request())

    second = made.template(file(tmp_path, "the second"), {}, request())

    assert (first, second) == ("first", "the second")


def test_a_string_is_filled_in_and_escaped(tmp_path: Path):
    html = pages(tmp_path).template_string("{{ text }} {{ Lona.reverse('user', id=1) }}", {"text": "<b>"}, request())

    assert html == "&lt;b&gt; /user/1"


@pytest.mark.parametrize("text", [
    "{{ ''.__class__.__mro__ }}", "{{ Lona.import('os.system') }}", "{{ Lona.server }}", "{{ Lona._sources.settings }}",
    "{{ Lona.reverse.__func__.__globals__ }}", "{{ Lona.import_('os.system') }}", "{{ Lona.settings._settings.SECRET_KEY }}",
    "{% if numbers.append(1) %}{% endif %}", "{{ '{0.__class__.__mro__}'.format(1) }}",
    "{{ map(str.format, ['{0.__class__}'], [1])|list }}", "{{ str.format('{0.__class__.__mro__}', 1) }}",
    "{{ str.format_map('{x.__class__}', {'x': 1}) }}", "{{ Markup.format('{0.__class__.__mro__}', 1) }}",
    "{{ list.append(numbers, 1) }}", "{{ (list|attr('append'))(numbers, 1) }}", "{{ dict.update(words, x=1) }}",
    "{{ request|attr('__class__') }}{{ request.__init__.__globals__ }}", "{% for i in range(10**9) %}{% endfor %}",
    "{% include '../secret.html' %}",
])
def test_a_string_that_somebody_else_has_written_gets_nowhere(tmp_path: Path, text: str):
    context = {"numbers": [], "words": {}, "Markup": Markup, "request": request()}

    with pytest.raises((SecurityError, PermissionError, jinja2.UndefinedError, jinja2.TemplateNotFound, OverflowError)):
        pages(tmp_path).template_string(text, context, request())

    assert (context["numbers"], context["words"]) == ([], {})


@pytest.mark.parametrize("call", ["clear()", "update({'x': 2})", "pop('x')", "popitem()", "x.append(3)"])
def test_a_string_does_not_change_what_all_views_share(tmp_path: Path, call: str):
    app = App(tmp_path / "script.py")
    app.settings.SECRET_KEY = "k" * 32
    app.state["x"] = [1, 2]

    with pytest.raises(SecurityError):
        app.parts.facade.render_string("{{ Lona.state." + call + " }}")

    assert app.parts.facade.render_string("{{ Lona.state.x|sum }}") == "3"


def test_the_server_fills_templates_in_for_mails_and_the_like(tmp_path: Path):
    app = App(tmp_path / "script.py")
    app.settings.update({"SECRET_KEY": "k" * 32, "TEMPLATE_DIRS": ["templates"]})
    file(tmp_path / "templates", "Dear {{ name }}, {{ Lona.settings.TITLE }}", "mail.html")

    server = app.parts.facade

    assert server.render_template("mail.html", {"name": "<x>"}) == "Dear &lt;x&gt;, lona_sync"
    assert server.render_string("{{ name }}", {"name": "<x>"}) == "&lt;x&gt;"
    assert server.get_template("mail.html").name == "mail.html"
    assert server.template_dirs[0] == str(tmp_path / "templates")
    assert server.static_dirs[-1].endswith("lona_sync/static")


def test_a_node_in_markup_that_is_put_together_in_python_is_markup():
    assert Markup("<p>{} {}</p>").format(Div("a < b"), "<i>") == "<p><div>a &lt; b</div> &lt;i&gt;</p>"
    assert Markup("<p>%s</p>") % Div("x") == "<p><div>x</div></p>"
