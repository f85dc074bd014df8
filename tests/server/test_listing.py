"""The views of all processes: what one process tells another, and what people read of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lona_sync import Activity, App, RunningView, View
from lona_sync.html import Button
from lona_sync.server.watching.listing import LINE_ITEMS, ProcessViews, elsewhere
from lona_sync.server.watching.view_table import age, lines, rows
from lona_sync.siblings import Siblings
from lona_sync.siblings.siblings import siblings_in
from lona_sync.testing import Client
from lona_sync.views.places import Place
from lona_sync.views.visitor import Visitor
from tests.views.apps import app_of


class Shop(View):
    def handle_request(self, request: object) -> None:
        for _ in range(int(request.GET.get("spawn", 0))):
            self.spawn(self.sleep, 1000)
        self.await_click(html=Button("Pay"))


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    site = app_of(Shop, RUNTIME_DIRECTORY=str(tmp_path / "run"), MAX_VIEWS_PER_USER=5000)
    site.parts.siblings.enlist()
    yield site
    site.stop()


def asker(app: App) -> Siblings:
    """A command on the same machine."""
    return siblings_in(app.parts.siblings._directory.path, timeout=20)


def test_another_process_is_told_what_this_one_would_say_itself(app: App):
    Client(app).open("/?spawn=2")

    [process] = elsewhere(asker(app))

    [view] = app.views()
    assert (process.application, process.trouble) == (str(app.script_path), "")
    assert [replace(each, started=0, procedure=None, others=()) for each in process.views] == [
        replace(view, started=0, procedure=None, others=())
    ]
    assert process.views[0].procedure is not None and view.procedure is not None
    assert process.views[0].procedure.place == view.procedure.place
    assert [each.waits_for for each in process.views[0].others] == ["sleep of 1000 s"] * 2


def test_more_views_than_fit_into_a_line_are_told_of_in_several(app: App):
    for number in range(2 * LINE_ITEMS + 1):
        app.parts.entry.open("/", None, Visitor(f"user {number}"))

    [process] = elsewhere(asker(app))

    assert {view.user for view in process.views} == {f"user {number}" for number in range(2 * LINE_ITEMS + 1)}


def test_a_view_with_thousands_of_greenlets_does_not_make_a_line_too_long(app: App):
    for _ in range(3):
        Client(app).open("/?spawn=3000")

    [process] = elsewhere(asker(app))

    assert [(len(view.others), view.greenlets) for view in process.views] == [(100, 3001)] * 3


def test_a_process_of_another_version_is_named_and_hides_nobody(app: App):
    Client(app).open("/")
    other = Siblings(app.parts.siblings._directory, timeout=5, counters=Counter())
    other.on("views", lambda request, talk: talk.send({"views": [{"id": "x"}]}))
    other.enlist()
    found = app.parts.listing.everywhere()
    other.leave()

    assert [(len(process.views), bool(process.trouble)) for process in found] == [(1, False), (0, True)]
    assert "another version" in found[1].trouble


def test_a_process_that_does_not_know_the_question_is_named(app: App):
    other = Siblings(app.parts.siblings._directory, timeout=5, counters=Counter())
    other.enlist()
    found = app.parts.listing.everywhere()
    other.leave()

    assert found[0].trouble == ""
    assert found[1].trouble.startswith("process ")


VIEW = RunningView(
    id="x", view="shop.Shop", user="ann", route="/", url="/cart?x=1", state="waiting", is_daemon=False, started=1000.0,
    procedure=Activity("procedure", Place("/srv/shop/views/cart.py", 41, "Cart.pay"), "click of Button 'Pay'", 1988.0),
    others=(), greenlets=1, clients=2, lost=0, queued=1, kept=2, messages=3, calls=4, log_frames=0, log_bytes=0,
)


def shown(*views: RunningView) -> list[str]:
    return lines(rows([ProcessViews(77, "/srv/shop/app.py", views)]), now=2000.0)


def test_a_line_tells_who_waits_where_for_what_and_how_long():
    header, line = shown(VIEW)

    assert header.split() == ["PID", "URL", "USER", "STATE", "FOR", "WAITS", "FOR", "AT", "WINDOWS", "QUEUED"]
    assert line.split() == "77 /cart?x=1 ann waiting 12 s click of Button 'Pay' views/cart.py:41 in Cart.pay 2 10".split()


def test_columns_stand_below_their_titles():
    header, line = shown(VIEW)

    assert header.index("WAITS FOR") == line.index("click of")
    assert header.index(" AT ") + 1 == line.index("views/cart.py")


def test_who_has_waited_longest_is_the_first():
    activity = VIEW.procedure
    assert activity is not None
    old, new = replace(activity, since=1500.0), replace(activity, since=1900.0)

    found = shown(replace(VIEW, user="new", procedure=new), replace(VIEW, user="old", procedure=old))

    assert [line.split()[2] for line in found[1:]] == ["old", "new"]


def test_one_whose_procedure_has_ended_waits_for_nothing_since_its_start():
    [row] = rows([ProcessViews(77, "", [replace(VIEW, procedure=None, state="finished")])])

    assert (row.since, row.waits_for, row.place) == (1000.0, "", "")


def test_lost_windows_are_told_apart():
    assert " 1+2 " in shown(replace(VIEW, clients=1, lost=2))[1]


def test_what_users_have_typed_does_not_reach_the_terminal_as_commands():
    [_, line] = shown(replace(VIEW, user="\x1b[2J\r\nann"))

    assert line.isprintable()


@pytest.mark.parametrize(("seconds", "expected"), [
    (-1, "0 s"), (0, "0 s"), (1.9, "1 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (172_799, "47 h"),
    (172_800, "2 d"),
])
def test_an_age_has_one_unit(seconds: float, expected: str):
    assert age(seconds) == expected
