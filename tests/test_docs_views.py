"""The programs of docs/views.md and the settings of docs/security.md, as they stand there."""

from __future__ import annotations

import datetime
import io
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from werkzeug.test import Client as HTTPClient

from lona_sync import App, View
from lona_sync.testing import Client

DOCS = Path(__file__).parent.parent / "docs"
PROGRAMS = re.findall(r"```python\n(.*?)```", (DOCS / "views.md").read_text(), re.DOTALL)
KINDS, ROUTES, CONVERTER, BODY, STREAMS, INSIDE, AROUND = PROGRAMS
SETTINGS = re.findall(r"```python\n(.*?)```", (DOCS / "security.md").read_text(), re.DOTALL)


def run(program: str, name: str = "app") -> Any:
    """The module that the program is."""
    module = ModuleType("program")
    module.__file__ = str(DOCS / "program.py")
    exec(compile(program, "views.md", "exec"), module.__dict__)
    getattr(module, name).settings.SECRET_KEY = "k" * 32
    return module


def test_both_kinds_of_views_see_the_same_state() -> None:
    app = run(KINDS).app
    page = Client(app).open("/")
    page.click("button")

    clicks = page.client.http.get("/clicks.json").json

    assert (page.text("p"), clicks) == ("1", {"clicks": 1})
    page.close()


@pytest.mark.parametrize(("path", "found"), [
    ("/", "{}"), ("/about/", "{}"), ("/user/ada", "{'name': 'ada'}"), ("/page/12", "{'number': '12'}"),
    ("/invoice/12", "{'number': 12}"), ("/files/a/b.txt", "{'rest': 'a/b.txt'}"), ("/de/3", "{'language': 'de', 'page': 3}"),
    ("/de/0", "{}"), ("/nothing/of/this", "{}"),
])
def test_the_routes_find_what_is_said_of_them(path: str, found: str) -> None:
    page = Client(run(ROUTES).app).open(path)

    assert page.text() == found
    page.close()


def test_a_converter_of_ones_own_works_both_ways() -> None:
    app = run(CONVERTER).app

    url = app.reverse("diary", day=datetime.date(2026, 5, 1))
    page = Client(app).open(url)

    assert (url, page.text()) == ("/diary/2026-05-01", "01 May")
    assert app.parts.router.resolve("/diary/2026-13-01").matched is False
    page.close()


def test_bodies_are_read() -> None:
    client = HTTPClient(run(BODY).app)

    order = client.post("/orders", json={"dish": "soup"})
    photo = client.post("/photo", data={"photo": (io.BytesIO(b"12345"), "x.png")})

    assert (order.status_code, order.json) == (201, {"got": "soup"})
    assert photo.text == "5 bytes"
    assert [client.get("/orders").status_code, client.post("/orders", data="x").status_code] == [405, 415]


def test_a_report_comes_in_pieces() -> None:
    response = HTTPClient(run(STREAMS).app).get("/report.csv")

    assert response.text == "number,square\n1,1\n2,4\n3,9\n"
    assert response.content_type == "text/csv; charset=utf-8"
    response.close()


def test_lona_sync_lives_inside_of_flask() -> None:
    program = run(INSIDE, "live")
    client = HTTPClient(program.application)

    assert client.get("/").text == '<a href="/live/clock">the live one</a>'
    assert "/live/_lona_sync/socket" in client.get("/live/clock").text


def test_flask_lives_inside_of_lona_sync() -> None:
    client = HTTPClient(run(AROUND).app)

    assert [client.get(path).text for path in ("/legal", "/health")] == ["of Flask", "ok"]
    assert 'id="lona-sync"' in client.get("/").text


@pytest.mark.parametrize("number", range(len(SETTINGS)))
def test_the_settings_can_be_set(number: int) -> None:
    app = App(__file__)
    app.settings.SECRET_KEY = "k" * 32
    app.route("/")(View)
    exec(SETTINGS[number], {"app": app})

    response = HTTPClient(app).get("/")

    assert response.status_code == 200
    assert "{nonce}" not in str(response.headers)
