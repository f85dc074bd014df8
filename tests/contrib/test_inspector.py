"""The page that lists running views: what it shows, and to whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lona_sync import App, View
from lona_sync.contrib.inspector import inspector
from lona_sync.html import Button
from lona_sync.siblings import Siblings
from lona_sync.testing import Client, Page
from lona_sync.views.visitor import Visitor
from tests.views.apps import app_of


class Shop(View):
    def handle_request(self, request: object) -> None:
        self.spawn(self.sleep, 1000)
        button = Button("Pay")
        self.await_click(button, html=button)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    site = app_of(Shop, RUNTIME_DIRECTORY=str(tmp_path / "run"))
    site.route("/_views")(inspector(site, allowed=lambda request: "secret" not in request.GET))
    site.parts.siblings.enlist()
    yield site
    site.stop()


def rows(page: Page) -> list[str]:
    return [row.text for row in page.find_all(".lona-virtual-row")]


def test_each_view_is_a_row_with_its_user_place_and_wait(app: App):
    Client(app).open("/")
    page = Client(app).open("/_views")

    page.wait_for(lambda: len(rows(page)) == 2)

    shop = next(row for row in rows(page) if "Pay" in row)
    assert "waiting, anonymous-" in shop
    assert "click of Button 'Pay'" in shop
    assert f"{Path(__file__).name}:" in shop
    assert "2 views in 1 process: " in page.text()


def test_it_is_read_anew(app: App):
    client = Client(app)
    page = client.open("/_views")
    page.wait_for(lambda: len(rows(page)) == 1)
    Client(app).open("/")
    client.clock.advance(seconds=3)

    page.wait_for(lambda: len(rows(page)) == 2)


def test_a_click_on_a_row_shows_the_rest(app: App):
    Client(app).open("/")
    page = Client(app).open("/_views")
    page.wait_for(lambda: len(rows(page)) == 2)

    page.click(next(row for row in page.find_all(".lona-virtual-row") if "Pay" in row.text))

    assert page.text("h2") == f"{__name__}.Shop at /"
    assert "waits for sleep of 1000 s" in page.text("dl")
    assert "1 show it, 0 are lost" in page.text("dl")


def test_who_is_not_allowed_sees_nothing(app: App):
    Client(app).open("/")

    page = Client(app).open("/_views?secret=1")

    assert "403" in page.text()
    assert "Pay" not in page.text()


def test_who_is_not_allowed_any_more_sees_nothing_from_then_on(tmp_path: Path):
    site = app_of(Shop)
    admins = [True]
    site.route("/_views")(inspector(site, allowed=lambda request: admins[0]))
    client = Client(site)
    page = client.open("/_views")
    page.wait_for(lambda: len(rows(page)) == 1)

    admins[0] = False
    client.clock.advance(seconds=3)
    page.settle()

    assert "403" in page.text()
    site.stop()


@pytest.mark.parametrize("act", [
    lambda page: page.click(page.find_all(".lona-virtual-row")[0]), lambda page: page.type("input", "shop"),
], ids=["row", "search"])
def test_nor_does_he_by_a_click_before_the_next_look(tmp_path: Path, act: Callable[[Page], None]):
    site = app_of(Shop)
    admins = [True]
    site.route("/_views")(inspector(site, allowed=lambda request: admins[0]))
    page = Client(site).open("/_views")
    page.wait_for(lambda: len(rows(page)) == 1)

    admins[0] = False
    act(page)
    page.settle()

    assert "403" in page.text()
    assert page.find_all("dl") == []
    site.stop()


def test_it_does_not_look_while_nobody_sees_it(app: App, monkeypatch: pytest.MonkeyPatch):
    looks: list[object] = []
    everywhere = app.parts.listing.everywhere
    monkeypatch.setattr(app.parts.listing, "everywhere", lambda: looks.append(1) or everywhere())
    client = Client(app)
    page = client.open("/_views")
    page.wait_for(lambda: len(rows(page)) == 1)

    page.lose_connection()
    client.clock.advance(seconds=30)
    meanwhile = len(looks)
    page.reconnect()
    client.clock.advance(seconds=3)
    page.settle()

    assert meanwhile == 1
    assert len(looks) > 1


@pytest.mark.parametrize("allowed", [None, True, "admin"])
def test_without_somebody_who_decides_there_is_no_page(app: App, allowed: object):
    with pytest.raises(TypeError, match="allowed is a function of the request"):
        inspector(app, allowed=allowed)


def test_it_cannot_be_made_without_saying_who_may_see_it(app: App):
    with pytest.raises(TypeError, match="allowed"):
        inspector(app)


def test_what_users_have_written_is_text(app: App):
    app.parts.entry.open("/?a=<b>x</b>", None, Visitor("<i>ann</i>"))
    page = Client(app).open("/_views")

    page.wait_for(lambda: "<i>ann</i>" in page.text())

    assert page.find_all("i") == page.find_all("b") == []


def test_views_of_other_processes_are_among_them_and_those_that_do_not_answer_are_named(app: App):
    class Elsewhere(View):
        def handle_request(self, request: object) -> None:
            self.await_message("prices")

    theirs = app_of(Elsewhere, RUNTIME_DIRECTORY=app.settings.RUNTIME_DIRECTORY)
    theirs.parts.siblings.enlist()
    Client(theirs).open("/")
    broken = Siblings(app.parts.siblings._directory, timeout=5, counters=Counter())
    broken.enlist()
    page = Client(app).open("/_views")

    page.wait_for(lambda: len(rows(page)) == 2 and page.find("p.trouble").text)

    assert any("message on 'prices'" in row for row in rows(page))
    assert "2 views in 3 processes" in page.text()
    broken.leave()
    theirs.stop()
