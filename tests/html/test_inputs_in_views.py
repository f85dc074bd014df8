"""Inputs as a view has them: what a browser sends comes by the wire."""

from __future__ import annotations

from datetime import date

from lona_sync import View
from lona_sync.html import DateInput, Div, P, RadioGroup
from tests.views.apps import open_view


def opened(handle_request):
    class Shown(View):
        pass

    Shown.handle_request = handle_request
    return open_view(Shown)


def test_a_date_comes_as_a_date_and_a_false_one_is_marked_without_an_error():
    field = DateInput(handle_change=lambda event: shown.set_text(f"{field.value!r} {field.error}"))
    shown = P()

    def handle_request(self, request):
        self.show(Div(field, shown))
        self.await_click()

    page = opened(handle_request)

    page.type("input", "2026-01-02")
    assert page.text("p") == f"{date(2026, 1, 2)!r} "
    page.type("input", "2026-02-30")
    assert page.text("p") == "None This is no date."
    page.type("input", "9" * 1001)

    assert field.raw_value == "2026-02-30"


def test_c15_a_view_waits_for_a_group_and_gets_its_value():
    group = RadioGroup()
    for value in (1, 2):
        group.add_button(f"Button {value}", value)

    def handle_request(self, request):
        self.show(group)
        while True:
            event = self.await_change(group)
            self.show(title=f"{event.node is group} {event.data!r}")

    page = opened(handle_request)

    page.check("[value='2']")
    assert page.title == "True 2"
    page.check("[value='1']")

    assert page.title == "True 1" and [button.checked for button in group.radio_buttons] == [True, False]
    assert not page.find("[value='2']").checked


def test_c15_a_change_goes_beyond_a_group_only_with_bubble_up():
    seen = []
    group = RadioGroup(handle_change=lambda event: seen.append(event.data) or event)
    group.add_button("a", "a")
    group.add_button("b", "b")
    outside = Div(group, handle_change=lambda event: seen.append(event.node))

    def handle_request(self, request):
        self.show(outside)
        self.await_click()

    page = opened(handle_request)

    page.check("[value=a]")
    group.bubble_up = True
    page.check("[value=b]")

    assert seen == ["a", "b", group]
