"""What the documentation shows is what happens."""

from __future__ import annotations

import doctest
import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import lona_sync.html
from lona_sync import App, Channel, RedirectResponse, Request, View
from lona_sync.html import H1, P
from lona_sync.testing import Client

DOCS = Path(__file__).parent.parent / "docs"


def test_the_examples_of_the_page_on_html_are_true():
    options = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL

    failed, tried = doctest.testfile(str(DOCS / "html.md"), module_relative=False, optionflags=options)

    assert tried > 20
    assert failed == 0


# The one in a browser is run by tests/browser/test_live_server.py.
@pytest.mark.parametrize("name", re.findall(r"^def (test_(?!in_a_browser)\w+)", (DOCS / "testing.md").read_text(), re.MULTILINE))
def test_the_tests_on_the_page_on_testing_pass(name: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest):
    program, *tests = re.findall(r"```python\n(.*?)```", (DOCS / "testing.md").read_text(), re.DOTALL)
    shop = ModuleType("shop")
    shop.__file__ = str(DOCS / "shop.py")
    exec(compile(program, "testing.md", "exec"), shop.__dict__)
    shop.app.settings.SECRET_KEY = "k" * 32
    monkeypatch.setitem(sys.modules, "shop", shop)
    names: dict[str, Any] = {}

    for test in tests:
        exec(compile(test, "testing.md", "exec"), names)
    test = names[name]

    test(**{wanted: request.getfixturevalue(wanted) for wanted in inspect.signature(test).parameters})


TUTORIAL = re.findall(r"```python\n(.*?)```", (DOCS / "tutorial.md").read_text(), re.DOTALL)


def lunch(program: str) -> ModuleType:
    """The module that this program of the tutorial is."""
    module = ModuleType("lunch")
    module.__file__ = str(DOCS / "lunch.py")
    exec(compile(program, "tutorial.md", "exec"), module.__dict__)
    module.app.settings.SECRET_KEY = "k" * 32
    return module


def test_the_tutorial_begins_with_a_page():
    page = Client(lunch(TUTORIAL[0]).app).open("/")

    assert page.text("p") == "Nobody is hungry yet."


def test_the_tutorial_adds_by_a_click():
    page = Client(lunch(TUTORIAL[1]).app).open("/")

    page.type("input", "Soup")
    page.click("button")

    assert (page.text("li"), page.text("p")) == ("Soup", "1 wanted")


def test_the_tutorial_adds_by_a_form():
    page = Client(lunch(TUTORIAL[2]).app).open("/")

    page.type("[name=dish]", "Soup")
    page.type("[name=count]", "2")
    page.submit("form")

    assert (page.text("li"), page.text("p")) == ("2 × Soup", "1 wishes")


def test_the_tutorial_ends_with_a_page_for_many_and_its_test(monkeypatch: pytest.MonkeyPatch):
    module = lunch(TUTORIAL[3])
    monkeypatch.setitem(sys.modules, "lunch", module)
    names: dict[str, Any] = {}
    exec(compile(TUTORIAL[5], "tutorial.md", "exec"), names)

    names["test_everybody_sees_a_wish"]()
    buyer = Client(module.app).open("/")
    buyer.click("button")

    assert buyer.text("p") == "Nobody is hungry yet."
    assert module.wishes == []
    compile(TUTORIAL[4], "tutorial.md", "exec")


def test_each_program_of_the_page_on_examples_is_there_with_its_picture_and_short():
    page = (DOCS / "examples.md").read_text()
    programs = re.findall(r"^\| \[([a-z_]+\.py)\]", page, re.MULTILINE)
    pictures = re.findall(r'<img src="([^"]+)"', page)

    lengths = {name: len((DOCS.parent / "examples" / name).read_text().splitlines()) for name in programs}

    assert len(programs) == len(pictures) >= 9
    assert all((DOCS / picture).is_file() for picture in pictures)
    assert max(lengths.values()) < 120, lengths


def test_the_program_on_the_page_on_templates_runs(tmp_path: Path):
    [program] = re.findall(r"```python\n(.*?)```", (DOCS / "templates.md").read_text(), re.DOTALL)
    module = ModuleType("company")
    module.__file__ = str(tmp_path / "company.py")
    exec(compile(program, "templates.md", "exec"), module.__dict__)
    module.app.settings.SECRET_KEY = "k" * 32
    client = Client(module.app)

    invoice, admin = client.open("/invoice/5"), client.open("/admin")
    admin.click("button")

    assert invoice.text("h1") == "Invoice 5" and invoice.text("p") == "5 < 6"
    assert admin.text("h1") == "Not implemented"
    assert "<header>My company</header>" in client.http.get("/invoice/5").text


def test_the_page_on_templates_of_ones_own_shows_a_view(tmp_path: Path):
    [page] = re.findall(r"```html\n(.*?)```", (DOCS / "templates.md").read_text(), re.DOTALL)
    app = App(tmp_path / "company.py")
    app.settings.update({"SECRET_KEY": "k" * 32, "FRONTEND_TEMPLATE": "page.html"})
    app.add_template("page.html", string=page)

    @app.route("/")
    class Hello(View):
        def handle_request(self, request: Request) -> object:
            return H1("Hello")

    assert Client(app).open("/").text("h1") == "Hello"


PROCEDURES = "\n".join(re.findall(r"```python\n(.*?)```", (DOCS / "procedures.md").read_text(), re.DOTALL))


@pytest.fixture
def procedures(lona_client: Callable[..., Client]) -> Client:
    """A browser for the program that the page on procedures shows; its time stands still."""
    module = ModuleType("procedures")
    module.__file__ = str(DOCS / "procedures.py")
    exec(compile(PROCEDURES, "procedures.md", "exec"), module.__dict__)
    client = lona_client(module.app)
    client.clock.stop()
    return client


def test_an_order_of_the_page_on_procedures_is_told_what_comes(procedures: Client):
    page = procedures.open("/order")

    page.type("input", "Ann")
    name = page.text("p")
    Channel("prices").send(5)
    page.settle()
    price = page.text("p")
    procedures.clock.advance(5)
    stock = page.text("p")
    page.click("button")

    assert (name, price, stock, page.text("p")) == ("for Ann", "The price is 5 now.", "7 left.", "Ordered.")


def test_the_race_of_the_page_on_procedures_ends_in_its_order(procedures: Client):
    page = procedures.open("/race")

    procedures.clock.advance(3)

    assert page.text("p") == "1 2 3 "


def test_the_prices_of_the_page_on_procedures_have_their_time(procedures: Client):
    page = procedures.open("/prices")

    procedures.clock.advance(30)

    assert page.text("p") == "[('A', 10), ('B', 20)]"


def test_the_prices_of_the_page_on_procedures_are_stopped_by_a_click(procedures: Client):
    page = procedures.open("/prices")
    procedures.clock.advance(1)

    page.click("button")

    assert page.text("p") == "[('A', 10)]"


def test_the_dialogs_of_the_page_on_procedures_return_their_answers(procedures: Client):
    page = procedures.open("/delete")

    page.click("div > button")
    page.click("dialog button:first-of-type")
    question = page.text("dialog p")
    page.click("dialog button:last-of-type")
    open_ones = len(page.find_all("dialog"))
    for target in ("div > button", "dialog button", "dialog button"):
        page.click(target)

    assert (question, open_ones, page.text("p")) == ("Really?", 0, "It is gone.")


def test_the_login_and_the_middleware_on_the_page_on_users_work():
    programs = re.findall(r"```python\n(.*?)```", (DOCS / "users.md").read_text(), re.DOTALL)
    login = next(program for program in programs if "class Login" in program)
    guard = next(program for program in programs if "class MembersOnly" in program)
    app = App(DOCS / "users.py")
    app.settings.SECRET_KEY = "k" * 32
    names: dict[str, Any] = {name: getattr(lona_sync.html, name) for name in lona_sync.html.__all__}
    names.update(app=app, View=View, RedirectResponse=RedirectResponse, is_right=lambda name, password: password == "lion")
    exec(compile(login + guard, "users.md", "exec"), names)

    @app.route("/members")
    class Members(View):
        def handle_request(self, request: Request) -> object:
            return P(f"members, {request.user}")

    page = Client(app).open("/members")
    page.type("[name=name]", "ann")
    page.type("[name=password]", "tiger")
    page.submit()
    told = page.text("[role=alert]")
    page.type("[name=password]", "lion")
    page.submit()
    page.go("/members")

    assert told == "That is not right."
    page.wait_for(lambda: page.text("p") == "members, ann")
    app.stop()
