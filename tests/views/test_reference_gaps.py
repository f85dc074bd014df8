"""What goes wrong in Lona 1.16, in its views and documents: each must be right here.

What goes wrong in its nodes is in `tests/html/test_reference_gaps.py`.
"""

from __future__ import annotations

from typing import Any

import pytest

from lona_sync import App, View
from lona_sync.html import Button, Div, Node, P
from lona_sync.testing import Client
from tests.views.apps import app_of, open_view


class Stage(View):
    """Does what the test says."""

    def handle_request(self, request: object) -> None:
        type(self).last = self
        self.tree = Div(P("text"))
        self.show(self.tree, title="first")
        self.sleep(1000)

    last: Any                                                   # the newest one


def test_a_title_alone_is_sent() -> None:
    page = open_view(Stage)

    Stage.last.show(title="second")
    page.settle()

    assert page.title == "second" and page.html() == "<div><p>text</p></div>"


def test_a_title_with_an_unchanged_tree_is_sent() -> None:
    page = open_view(Stage)

    Stage.last.show(Stage.last.tree, title="second")
    page.settle()

    assert page.title == "second"


def test_an_empty_string_clears_the_window() -> None:
    page = open_view(Stage)

    Stage.last.show("")
    page.settle()

    assert page.text() == ""
    assert page.find_all("p") == []


def test_a_tree_that_one_view_shows_is_refused_by_another_and_stays_alive_in_the_first() -> None:
    client = Client(app_of(Stage))
    first_page, first = client.open("/"), Stage.last
    client.open("/")
    second = Stage.last

    with pytest.raises(RuntimeError, match="another view"):
        second.show(first.tree)
    first.tree.append(P("more"))
    first.show()
    first_page.settle()

    assert second is not first and first_page.text("p:last-child") == "more"


def test_a_node_of_a_tree_that_another_view_shows_moves_and_both_views_see_it() -> None:
    client = Client(app_of(Stage))
    first_page, first = client.open("/"), Stage.last
    second_page, second = client.open("/"), Stage.last

    second.tree.append(first.tree[0])
    first.show()
    second.show()
    first_page.settle()
    second_page.settle()

    assert first_page.html() == "<div></div>" and second_page.html() == "<div><p>text</p><p>text</p></div>"


class Counted(Node):
    """Counts how often somebody looks at its children."""

    TAG_NAME = "div"
    asked = 0

    @property
    def children(self) -> Any:
        Counted.asked += 1
        return super().children


class Wide(View):
    def handle_request(self, request: object) -> None:
        button = Button("click")
        self.show(Counted([Counted() for _ in range(500)], button))
        while True:
            self.await_click(button)
            button.set_text("clicked")
            self.show()


def test_an_event_finds_its_node_without_a_look_at_the_tree() -> None:
    page = open_view(Wide)
    Counted.asked = 0

    page.click("button")
    page.wait_for(lambda: page.text("button") == "clicked")

    assert Counted.asked == 0


def test_what_a_decorator_decorates_keeps_its_name() -> None:
    app = App(__file__)

    @app.route("/a")
    @app.route("/b")
    class Decorated(View):
        def handle_request(self, request: object) -> None:
            pass

    assert isinstance(Decorated, type) and [route.view for route in app.routes] == [Decorated, Decorated]


class Printed(View):
    def handle_request(self, request: object) -> None:
        self.show(template_string="<h1>printed</h1>{{ node }}", template_context={"node": Button("click")})
        self.sleep(1000)


def test_a_node_that_a_template_has_printed_issues_nothing_and_harms_nothing() -> None:
    page = open_view(Printed)

    with pytest.raises(LookupError, match="issues no clicks"):
        page.click("button")

    assert page.text("h1") == "printed" and page.closed is None
